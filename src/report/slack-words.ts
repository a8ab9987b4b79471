import { minuteTime } from "./words.ts";

/** Slack's mrkdwn as plain text: `<url|label>` becomes its label, escapes and emphasis go. */
export function plainText(mrkdwn: string): string {
  return mrkdwn
    .replace(/<(?:[^<>|]*)\|([^<>]*)>/g, "$1")
    .replace(/<([^<>|]+)>/g, "$1")
    .replace(/(^|[\s(>])([*_~])(\S(?:[^\n]{0,300}?\S)?)\2(?=$|[\s).,:;!?])/gm, "$1$3")
    .replaceAll("&lt;", "<")
    .replaceAll("&gt;", ">")
    .replaceAll("&amp;", "&");
}

/** When a message was sent, as a time of day. */
export const sentAt = (ts: string): string => {
  const at = slackTime(ts);
  return at === null ? "an unknown time" : minuteTime(at);
};
/** The time in a message's `ts`, epoch milliseconds; null where it is none. */
export const slackTime = (ts: string): number | null => (/^\d{9,11}\.\d+$/.test(ts) ? Math.round(Number(ts) * 1000) : null);
