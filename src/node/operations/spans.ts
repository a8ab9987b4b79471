import { createHash } from "node:crypto";
import type { OutgoingCall } from "../../guard/outgoing.ts";
import type { IncidentEvent } from "../../incident/event.ts";
import { roles } from "../../integrations/vendors.ts";

/** One value of a span: ids, codes and counts of midwatch's own, never a word of an incident. */
export type Attributes = Readonly<Record<string, string | number>>;

/** A span. Times are epoch milliseconds. */
export interface Span {
  readonly traceId: string;
  readonly spanId: string;
  /** null: it is the root. */
  readonly parent: string | null;
  readonly name: string;
  /** `client`: a call to somebody else. */
  readonly kind: "internal" | "client";
  readonly startedAt: number;
  readonly endedAt: number;
  readonly failed: boolean;
  readonly attributes: Attributes;
}

/** Who works: the step under way of an incident. */
export interface Worker {
  readonly incidentId: string;
  readonly step: string;
}

const hexOf = (text: string, digits: number): string => createHash("sha256").update(text).digest("hex").slice(0, digits);
/** One trace for an incident, the same after a restart. */
const traceOf = (incidentId: string): string => hexOf(`trace ${incidentId}`, 32);
const rootOf = (incidentId: string): string => hexOf(`incident ${incidentId}`, 16);
const stepOf = ({ incidentId, step }: Worker): string => hexOf(`step ${incidentId} ${step}`, 16);
let numbers = 0;
const fresh = (seed: string): string => hexOf(`${seed} ${process.pid} ${performance.timeOrigin} ${++numbers}`, 16);

/** The whole incident, once its investigation has ended. */
export const incidentSpan = (incidentId: string, startedAt: number, endedAt: number): Span => ({
  ...{ traceId: traceOf(incidentId), spanId: rootOf(incidentId), parent: null, name: "incident", kind: "internal" },
  ...{ startedAt, endedAt, failed: false, attributes: { "midwatch.incident": incidentId } },
});

/** One run of a step. Its calls are below the run that did not fail. */
export const stepSpan = (worker: Worker, run: Pick<Span, "startedAt" | "endedAt" | "failed"> & { readonly attempt: number }): Span => ({
  traceId: traceOf(worker.incidentId),
  spanId: run.failed ? fresh(worker.step) : stepOf(worker),
  parent: rootOf(worker.incidentId),
  name: `step ${worker.step.replace(/[:/].*$/, "")}`,
  kind: "internal",
  ...{ startedAt: run.startedAt, endedAt: run.endedAt, failed: run.failed },
  attributes: { "midwatch.step": worker.step, "midwatch.attempt": run.attempt },
});

/**
 * One try of a call to a vendor, by OpenTelemetry's conventions for HTTP clients. The address is the policy's template: a path may hold ids of people.
 * @param worker null: it is for no incident, and a trace of its own
 */
export function callSpan(call: OutgoingCall, worker: Worker | null, endedAt: number): Span {
  const { vendor, method, url, status, outcome, attempt, tookMs, seen } = call;
  const failed = outcome !== "answered" || (status !== null && status >= 400);
  const template = seen?.lane.replace(/^\S+ /, "") ?? "";
  return {
    traceId: worker === null ? hexOf(fresh(vendor), 32) : traceOf(worker.incidentId),
    spanId: fresh(vendor),
    parent: worker === null ? null : stepOf(worker),
    name: `${method} ${template}`.trim(),
    kind: "client",
    ...{ startedAt: endedAt - tookMs, endedAt, failed },
    attributes: {
      "midwatch.vendor": vendor,
      "http.request.method": method,
      ...(template === "" ? {} : { "url.template": template }),
      ...(URL.canParse(url) ? { "server.address": new URL(url).hostname } : {}),
      ...(status === null ? {} : { "http.response.status_code": status }),
      ...(attempt > 1 ? { "http.request.resend_count": attempt - 1 } : {}),
      ...(failed ? { "error.type": status === null ? outcome.replace(" ", "_") : String(status) } : {}),
    },
  };
}

/** One turn of the model, by OpenTelemetry's conventions for generative AI: operation, model and tokens, none of its texts. */
export function turnSpan(event: IncidentEvent, worker: Worker, endedAt: number): Span | null {
  if (event.type !== "model-turn") return null;
  const { model, usage, stopReason, tookMs } = event;
  const { inputTokens, cacheReadTokens, cacheWrite5mTokens, cacheWrite1hTokens, outputTokens } = usage;
  const written = cacheWrite5mTokens + cacheWrite1hTokens;
  return {
    traceId: traceOf(worker.incidentId),
    spanId: fresh(worker.incidentId),
    parent: stepOf(worker),
    name: `chat ${model}`,
    kind: "client",
    ...{ startedAt: endedAt - tookMs, endedAt, failed: false },
    attributes: {
      "gen_ai.operation.name": "chat",
      "gen_ai.provider.name": roles.model.id,
      "gen_ai.request.model": model,
      "gen_ai.response.model": model,
      "gen_ai.usage.input_tokens": inputTokens + cacheReadTokens + written,
      "gen_ai.usage.cache_read.input_tokens": cacheReadTokens,
      "gen_ai.usage.cache_creation.input_tokens": written,
      "gen_ai.usage.output_tokens": outputTokens,
      ...(stopReason === null ? {} : { "midwatch.finish_reason": stopReason }),
    },
  };
}

const KINDS = { internal: 1, client: 3 } as const;
const nanoseconds = (ms: number): string => String(BigInt(Math.round(ms)) * 1_000_000n);
const valueOf = (value: string | number) => (typeof value === "string" ? { stringValue: value } : { intValue: String(Math.round(value)) });
const listOf = (attributes: Attributes) => Object.entries(attributes).map(([key, value]) => ({ key, value: valueOf(value) }));

/** The body of an export. Source: OpenTelemetry Protocol 1.x, JSON encoding (ids in hex, 64-bit numbers as text). */
export const toOtlp = (spans: readonly Span[]): string =>
  JSON.stringify({
    resourceSpans: [
      {
        resource: { attributes: listOf({ "service.name": "midwatch" }) },
        scopeSpans: [
          {
            scope: { name: "midwatch" },
            spans: spans.map(({ traceId, spanId, parent, name, kind, startedAt, endedAt, failed, attributes }) => ({
              ...{ traceId, spanId, name, kind: KINDS[kind] },
              ...(parent === null ? {} : { parentSpanId: parent }),
              startTimeUnixNano: nanoseconds(startedAt),
              endTimeUnixNano: nanoseconds(Math.max(startedAt, endedAt)),
              attributes: listOf(attributes),
              status: failed ? { code: 2 } : {},
            })),
          },
        ],
      },
    ],
  });
