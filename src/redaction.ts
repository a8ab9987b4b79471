import { type Config, secretValues } from "./config.ts";
import { IntegrationError } from "./guard/errors.ts";
import { createRedaction, type Redaction, type Redactor } from "./guard/redact.ts";
import { parseRedactionRules } from "./guard/redaction-rules.ts";
import type { IncidentEvent } from "./incident/event.ts";
import type { StoreRedaction } from "./durable/event-log.ts";
import type { ModelRequest } from "./incident/model.ts";
import { recordHidden } from "./durable/hidden-values.ts";

/** Where redaction stands in the way of texts: what is read from vendors, what is kept, what goes to the model. */

/** @param rules text of the operator's file, null where there is none. @throws RedactionRulesError */
export function redactionOf(config: Config, rules: string | null = null): Redaction {
  return createRedaction({
    own: secretValues(config),
    ...(rules === null ? {} : { rules: parseRedactionRules(rules, config.REDACTION_RULES ?? "REDACTION_RULES") }),
    // The webhook's secret is the one that every installation has; a key of its own outlives its rotation.
    labelSecret: config.REDACTION_KEY ?? config.PAGERDUTY_WEBHOOK_SECRET[0] ?? "",
    revealKey: config.REDACTION_KEY,
  });
}

/** Ids and addresses, of which no character may change. */
const ids: ReadonlySet<string> = new Set([
  "id",
  "sha",
  "ts",
  "threadTs",
  "channel",
  "user",
  "userId",
  "branch",
  "headSha",
  "previousSha",
  "traceId",
  "spanId",
  "pseudonym",
]);
const none: ReadonlySet<string> = new Set();
/**
 * What goes back as it came (the model's turns, signed), what is compared with GitHub's own bytes or with what a
 * person released, our own tools' descriptions, and who looked at a hidden value.
 */
const passing: Partial<Record<IncidentEvent["type"], ReadonlySet<string>>> = {
  "model-turn": new Set(["content", "toolUses"]),
  "investigation-started": new Set(["tools"]),
  "fix-proposed": new Set(["files"]),
  "fix-committed": new Set(["files"]),
  "fix-drafted": new Set(["draft"]),
  "approval-requested": new Set(["payload", "hash"]),
  "slack-action-received": new Set(["value"]),
  "slack-action-refused": new Set(["value"]),
  "value-revealed": new Set(["by"]),
};

/** For the store: every text of every event, but for the parts that must stay byte by byte. */
export const storeRedaction = (redaction: Redaction): StoreRedaction => ({
  event(incidentId, event) {
    const parts = passing[event.type] ?? none;
    return redaction.forIncident(incidentId).event(event, (key) => ids.has(key) || parts.has(key));
  },
  text: redaction.plain,
  keep: (sql, incidentId) => recordHidden(sql, incidentId, redaction.forIncident(incidentId).takeSealed()),
});

type AnyFunction = (this: unknown, ...args: unknown[]) => unknown;

const isAnswer = (value: unknown): value is { raw: string; value: unknown; query: string; link: string | null; cut: string | null } =>
  typeof value === "object" && value !== null && "raw" in value && typeof value.raw === "string" && "value" in value && "query" in value;

/**
 * A vendor's client of which every answer comes redacted, the raw text and the parsed value alike, before anything is made of it: views and
 * samples are cut, and a key that was cut is no longer known by its shape. Words of its errors too.
 */
export function redactedClient<C extends object>(client: C, redactor: Redactor): C {
  const clean = (told: unknown): unknown => (isAnswer(told) ? redactor.answer(told) : redactor.deep(told));
  /** Callbacks that are handed answers as they come. */
  const listening = (argument: unknown): unknown => {
    if (typeof argument !== "object" || argument === null || Object.getPrototypeOf(argument) !== Object.prototype) return argument;
    const entries = Object.entries(argument);
    if (!entries.some(([, value]) => typeof value === "function")) return argument;
    return Object.fromEntries(
      entries.map(([name, value]: [string, unknown]) => [
        name,
        typeof value === "function" ? (...given: unknown[]) => (value as AnyFunction).apply(argument, given.map(clean)) : value,
      ]),
    );
  };
  const wrapped = (call: AnyFunction): AnyFunction =>
    function redacted(...args) {
      const told = call.apply(client, args.map(listening));
      if (!(told instanceof Promise)) return told;
      return told.then(clean, (error: unknown) => {
        if (error instanceof IntegrationError) error.message = redactor.text(error.message);
        throw error;
      });
    };
  return Object.fromEntries(
    Object.entries(client).map(([name, part]: [string, unknown]) => [
      name,
      typeof part === "function" ? wrapped(part as AnyFunction) : part,
    ]),
  ) as C;
}

/**
 * The last net before the model: what code says to it. Its own turns go back as they came, for they are signed; it has read nothing that they
 * could repeat.
 */
export const redactedRequest = (request: ModelRequest, { message }: Redaction): ModelRequest => ({
  ...request,
  messages: request.messages.map((one) => (one.role === "user" ? message(one) : one)),
});
