import { z } from "zod";
import { hmacSha256Matches } from "../guard/hmac.ts";
import { sleepFor, type Sleep } from "../guard/outgoing.ts";
import { retryOf, type Retry, type SlackInbound, toInbound } from "./inbound.ts";
import { cutMrkdwn, escapeLines } from "../integrations/slack/mrkdwn.ts";

export type { SlackInbound } from "./inbound.ts";

/** Slack refuses older requests itself, so that a recorded one can't be sent again later. */
const OLDEST_S = 300;
/** Slack gives up on us after 3 s, and says so to the person. */
const ANSWER_WITHIN_MS = 2_500;
/** Characters of an answer that one person sees. */
export const LONGEST_REPLY = 4_000;

export interface SlackHandlerOptions {
  /**
   * Takes one inbound: stores it and returns; work comes after. What it returns is said to the author of a command, only visible to them:
   * plain text, so that names and titles in it need no escaping.
   * Of a dialog: by field what is wrong, where it stays open.
   * Called again with the same `key` when Slack repeats itself.
   */
  readonly onInbound: (inbound: SlackInbound) => Promise<string | DialogErrors | undefined | void>;
  /** What went wrong in `onInbound`. */
  readonly onError: (error: unknown, inbound: SlackInbound) => void;
  readonly sleep?: Sleep;
  /** Keeps a worker alive until late work is done (`ctx.waitUntil`). */
  readonly waitUntil?: (work: Promise<unknown>) => void;
}

/** What is wrong with a dialog, by the ids of its fields. */
export interface DialogErrors {
  readonly errors: Readonly<Record<string, string>>;
}

export interface SlackReceiverOptions extends SlackHandlerOptions {
  readonly signingSecret: string;
  readonly now?: () => number;
  /**
   * Passes verified bodies on to an app of Slack's Bolt (`createBolt`), which comes back with inbounds. Without it they are read here directly;
   * the answers are the same.
   */
  readonly bolt?: BoltDispatch;
}

/** Hands a body to Bolt. @returns what Bolt acknowledged with; rejects when a listener failed */
export type BoltDispatch = (body: Record<string, unknown>, retry: Retry | null) => Promise<unknown>;

/** What became of an inbound by the time that Slack must be answered. */
export type Outcome =
  | { readonly state: "done"; readonly reply: string | null; readonly errors?: DialogErrors["errors"] }
  | { readonly state: "working" }
  | { readonly state: "failed" };

/**
 * Gives an inbound to its taker, for as long as Slack waits. "failed" means not known to be stored: Slack should send it again.
 * What takes longer goes on after the answer.
 */
export async function deliver(inbound: SlackInbound, options: SlackHandlerOptions): Promise<Outcome> {
  if (inbound.type === "other") return { state: "done", reply: null };
  const { sleep = sleepFor } = options;
  const answered = new AbortController();
  const taken = options.onInbound(inbound).then(
    (reply): Outcome => ({
      ...{ state: "done", reply: typeof reply === "string" && reply !== "" ? reply : null },
      ...(typeof reply === "object" ? { errors: reply.errors } : {}),
    }),
    (error: unknown): Outcome => {
      options.onError(error, inbound);
      return { state: "failed" };
    },
  );
  options.waitUntil?.(taken);
  const late = sleep(ANSWER_WITHIN_MS, answered.signal).then(
    (): Outcome => ({ state: "working" }),
    (): Promise<Outcome> => taken,
  );
  const outcome = await Promise.race([taken, late]);
  answered.abort();
  return outcome;
}

/** The answer to a command's author; for clicks and events there is nothing to say. */
export function commandReply(outcome: Outcome): { response_type: "ephemeral"; text: string } | null {
  if (outcome.state === "failed")
    return { response_type: "ephemeral", text: "midwatch could not take this just now. Please try again in a minute." };
  if (outcome.state === "working") return { response_type: "ephemeral", text: "midwatch is on it …" };
  return outcome.reply === null ? null : { response_type: "ephemeral", text: cutMrkdwn(escapeLines(outcome.reply), LONGEST_REPLY) };
}

/** The answer to a dialog: null closes it. What was not kept in time says so, so that nobody's words are lost in silence. */
export function dialogReply(outcome: Outcome, firstField: string): { response_action: "errors"; errors: DialogErrors["errors"] } | null {
  if (outcome.state === "failed")
    return { response_action: "errors", errors: { [firstField]: "midwatch could not save this just now. Send it again." } };
  return outcome.state === "done" && outcome.errors !== undefined ? { response_action: "errors", errors: outcome.errors } : null;
}

/**
 * Whether a request was signed by Slack within the last five minutes.
 * @param body raw, as it came
 * Source: "Verifying requests from Slack".
 */
function verifySlackSignature(
  request: { readonly body: string; readonly timestamp: string | null; readonly signature: string | null },
  signingSecret: string,
  nowMs: number,
): boolean {
  const { body, timestamp, signature } = request;
  if (timestamp === null || !/^\d{1,12}$/.test(timestamp) || Math.abs(nowMs / 1000 - Number(timestamp)) > OLDEST_S) return false;
  const digest = /^v0=([0-9a-f]{64})$/i.exec(signature ?? "")?.[1];
  return digest !== undefined && hmacSha256Matches([signingSecret], `v0:${timestamp}:${body}`, [digest]);
}

/** One URL takes everything; only the content type separates the kinds. null: not readable. */
function parseBody(raw: string, contentType: string): Record<string, unknown> | null {
  const asObject = (json: string): Record<string, unknown> | null => {
    try {
      return z.record(z.string(), z.unknown()).safeParse(JSON.parse(json)).data ?? null;
    } catch {
      return null;
    }
  };
  if (contentType.includes("json")) return asObject(raw);
  // Slack names the content type; what comes without one is read by its looks.
  if (!contentType.includes("form-urlencoded") && raw.trimStart().startsWith("{")) return asObject(raw);
  const fields = new URLSearchParams(raw);
  const payload = fields.get("payload");
  if (payload !== null) return asObject(payload);
  return fields.has("command") || fields.has("ssl_check") ? Object.fromEntries(fields) : null;
}

/**
 * Answers Slack's one request URL: events, clicks, commands, the handshake, the certificate check.
 * 401: not signed by Slack, or more than five minutes ago. 400: signed, but not readable. 500: not known to be stored, Slack sends it again.
 */
export function createSlackReceiver(options: SlackReceiverOptions): (request: Request) => Promise<Response> {
  const { signingSecret, now = Date.now, bolt } = options;

  async function withoutBolt(inbound: SlackInbound): Promise<unknown> {
    const outcome = await deliver(inbound, options);
    if (inbound.type === "command") return commandReply(outcome);
    if (inbound.type === "submission") return dialogReply(outcome, Object.keys(inbound.values)[0] ?? "");
    if (outcome.state === "failed") throw new NotStored();
    return null;
  }

  return async (request) => {
    if (request.method === "GET") {
      // Slack looks now and then whether the certificate is good; there is nothing to sign.
      return new URL(request.url).searchParams.get("ssl_check") === "1"
        ? new Response("")
        : Response.json({ error: "POST only" }, { status: 405 });
    }
    const raw = await request.text();
    const { headers } = request;
    const signed = { body: raw, timestamp: headers.get("x-slack-request-timestamp"), signature: headers.get("x-slack-signature") };
    if (!verifySlackSignature(signed, signingSecret, now())) {
      return Response.json({ error: "not signed by Slack with SLACK_SIGNING_SECRET within the last five minutes" }, { status: 401 });
    }
    const body = parseBody(raw, headers.get("content-type") ?? "");
    if (body === null) return Response.json({ error: "neither the JSON of an event nor the form of a click or command" }, { status: 400 });
    if (body["type"] === "url_verification") {
      return typeof body["challenge"] === "string"
        ? Response.json({ challenge: body["challenge"] })
        : Response.json({ error: "no challenge" }, { status: 400 });
    }
    if (body["ssl_check"] !== undefined) return new Response("");
    const retry = retryOf(headers.get("x-slack-retry-num"), headers.get("x-slack-retry-reason"));
    const inbound = toInbound(body, retry);
    // What nobody takes is not given to Bolt, which trips over bodies that are not as Slack documents them.
    if (inbound.type === "other") return new Response("");
    const direct = () => withoutBolt(inbound);
    try {
      const reply = await (bolt === undefined
        ? direct()
        : bolt(body, retry).catch((error: unknown) => {
            if (isNotStored(error)) throw error;
            // Bolt failed and not the taker, who knows by the key what it has had.
            options.onError(error, inbound);
            return direct();
          }));
      if (reply === null || reply === undefined || reply === "") return new Response("");
      return typeof reply === "string" ? new Response(reply) : Response.json(reply);
    } catch (error) {
      if (!isNotStored(error)) options.onError(error, inbound);
      return Response.json({ error: "not known to be stored; please send this again" }, { status: 500 });
    }
  };
}

/** The taker failed, and `onError` knows: for Slack that is a reason to send the event again. */
export class NotStored extends Error {}

/** Bolt wraps what its listeners throw. */
const isNotStored = (error: unknown): boolean =>
  error instanceof NotStored || (error instanceof Error && "original" in error && error.original instanceof NotStored);
