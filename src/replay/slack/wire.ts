import type { Context } from "hono";
import { isObject, type Json, objectsIn } from "../json.ts";
import { refusalOfMessage } from "./block-kit.ts";
import { slackApp } from "./workspace.ts";

/** Arguments and answers of Web API methods as they are on the wire. */

export type Parameters = Record<string, string>;

export async function parametersOf(c: Context): Promise<Parameters> {
  const parameters: Parameters = Object.fromEntries(new URL(c.req.url).searchParams);
  if (c.req.method === "GET") return parameters;
  const type = c.req.header("content-type") ?? "";
  if (type.includes("application/json")) {
    const body: unknown = await c.req.json().catch(() => null);
    if (isObject(body))
      for (const [name, value] of Object.entries(body)) parameters[name] = typeof value === "string" ? value : JSON.stringify(value);
  } else if (type.includes("multipart/form-data")) {
    for (const [name, value] of await c.req.formData()) if (typeof value === "string") parameters[name] = value;
  } else {
    for (const [name, value] of new URLSearchParams(await c.req.text())) parameters[name] = value;
  }
  return parameters;
}

/** An argument that is JSON inside a form; undefined when absent, null when it is not JSON. */
export function jsonArgument(value: string | undefined): unknown {
  if (value === undefined || value === "") return undefined;
  try {
    return JSON.parse(value);
  } catch {
    return null;
  }
}

export const failed = (error: string, more: Json = {}) => ({ ok: false, error, ...more });
export const isYes = (value: string | undefined) => value === "true" || value === "1";

/** As Slack shows a bot's message: with the bot's profile, and a parent with its thread. */
export function decorated(message: Json, withMetadata: boolean, parentUser: string | null): Json {
  const { metadata, ...rest } = message;
  const byBot = message["user"] === slackApp.botUserId && message["subtype"] === undefined;
  const isParent = typeof message["reply_count"] === "number" && message["reply_count"] > 0;
  return {
    ...rest,
    team: slackApp.teamId,
    ...(byBot
      ? {
          bot_id: slackApp.botId,
          app_id: slackApp.appId,
          bot_profile: {
            id: slackApp.botId,
            app_id: slackApp.appId,
            name: slackApp.botName,
            icons: {},
            deleted: false,
            updated: 1_700_000_000,
            team_id: slackApp.teamId,
          },
        }
      : {}),
    ...(isParent ? { thread_ts: message["ts"], reply_users_count: objectLength(message["reply_users"]) } : {}),
    ...(parentUser !== null && message["thread_ts"] !== message["ts"] && message["thread_ts"] !== undefined
      ? { parent_user_id: parentUser }
      : {}),
    ...(withMetadata && isObject(metadata) && metadata["event_type"] !== undefined ? { metadata } : {}),
  };
}

/** As a method shows a channel: whether it is open is shown for direct messages only, how far it was read only by conversations.info. */
export function asChannel(channel: Json, method: string): Json {
  const { is_open: open, last_read: read, num_members: members, ...rest } = channel;
  const direct = channel["is_im"] === true || channel["is_mpim"] === true;
  return {
    ...rest,
    ...(direct && open !== undefined ? { is_open: open } : {}),
    ...(method === "conversations.info" && read !== undefined ? { last_read: read } : {}),
    ...(method !== "conversations.join" && members !== undefined ? { num_members: members } : {}),
  };
}

const objectLength = (value: unknown): number => (Array.isArray(value) ? value.length : 0);

/** The part of a list of messages (sorted as they are to be answered) that `oldest`, `latest`, `inclusive`, `cursor` and `limit` ask for. */
function pageOf(messages: readonly Json[], parameters: Parameters, defaultLimit: number): Json | { messages: Json[]; next: string | null } {
  const { oldest, latest } = parameters;
  if (oldest !== undefined && !/^\d+(\.\d+)?$/.test(oldest)) return failed("invalid_ts_oldest");
  if (latest !== undefined && latest !== "now" && !/^\d+(\.\d+)?$/.test(latest)) return failed("invalid_ts_latest");
  const inclusive = isYes(parameters["inclusive"]);
  const inRange = messages.filter((message) => {
    const ts = Number(message["ts"]);
    const after = oldest === undefined || ts > Number(oldest) || (inclusive && ts === Number(oldest));
    const before = latest === undefined || latest === "now" || ts < Number(latest) || (inclusive && ts === Number(latest));
    return after && before;
  });
  const cursor = parameters["cursor"];
  const start =
    cursor === undefined || cursor === ""
      ? 0
      : Number(
          Buffer.from(cursor, "base64")
            .toString()
            .replace(/^next:/, ""),
        );
  if (!Number.isInteger(start) || start < 0) return failed("invalid_cursor");
  const limit = Math.min(Math.max(1, Number(parameters["limit"] ?? defaultLimit) || defaultLimit), 999);
  const page = inRange.slice(start, start + limit);
  const next = start + limit < inRange.length ? Buffer.from(`next:${start + limit}`).toString("base64") : null;
  return { messages: page, next };
}

export const refusal = (which: "post" | "update", parameters: Parameters): Json | null => {
  const blocks = jsonArgument(parameters["blocks"]);
  const attachments = jsonArgument(parameters["attachments"]);
  const metadata = jsonArgument(parameters["metadata"]);
  if (parameters["markdown_text"] !== undefined && (parameters["text"] !== undefined || blocks !== undefined))
    return failed("markdown_text_conflict");
  const refused = refusalOfMessage(which, { text: parameters["text"], blocks, attachments, metadata });
  if (refused === null) return null;
  if (refused.messages.length === 0) return failed(refused.error);
  return failed(refused.error, {
    errors: refused.messages,
    response_metadata: { messages: refused.messages.map((message) => `[ERROR] ${message}`) },
  });
};

export const listed = (messages: readonly Json[], parameters: Parameters, defaultLimit: number, parentUser: string | null): Json => {
  const page = pageOf(messages, parameters, defaultLimit);
  if (!("next" in page)) return page;
  const withMetadata = isYes(parameters["include_all_metadata"]);
  return {
    ok: true,
    messages: objectsIn(page.messages).map((message) => decorated(message, withMetadata, parentUser)),
    has_more: page.next !== null,
    ...(page.next === null ? {} : { response_metadata: { next_cursor: page.next } }),
  };
};
