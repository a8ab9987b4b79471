import type { z } from "zod";
import { answerOf } from "../../incident/answer.ts";
import { bySchema } from "../read-json.ts";
import type { Call, Told } from "./call.ts";
import { cursorSchema } from "./schema.ts";

/** How answers of the Web API are read: by a schema, page by page, from a time on. */

const SOURCE = "Slack";
const MOST_PAGES = 50;
/** Clocks differ, and Slack's times are its own: a search for what midwatch did starts this much earlier than asked. */
const CLOCK_SLACK_MS = 60_000;

export const parsed = <T>(schema: z.ZodType<T>, told: Told, method: string): T =>
  bySchema(schema, told.data, { vendor: "slack", what: method });

/** Slack's times are seconds with six digits behind the point, as text. */
export const slackTime = (at: number) => (at / 1000).toFixed(6);
/** From when on to look for what midwatch did since then, in Slack's form. */
export const searchedSince = (since: number) => slackTime(Math.max(0, since - CLOCK_SLACK_MS));

export const answer = <T>(query: string, value: T, raw: string, more: { link?: string | null; cut?: string | null } = {}) =>
  answerOf(SOURCE, { query, value, raw, ...more });

/** Pages of a cursored list, until `each` says stop. @returns whether there was more */
export async function pages(
  call: Call,
  method: string,
  parameters: Readonly<Record<string, unknown>>,
  each: (told: Told) => boolean,
  signal?: AbortSignal,
  most = MOST_PAGES,
): Promise<boolean> {
  let cursor: string | null = null;
  for (let page = 0; page < most; page++) {
    const told: Told = await call(method, { ...parameters, ...(cursor === null ? {} : { cursor }) }, signal);
    if (each(told)) return false;
    cursor = parsed(cursorSchema, told, method).response_metadata?.next_cursor ?? null;
    if (cursor === null || cursor === "") return false;
  }
  return true;
}
