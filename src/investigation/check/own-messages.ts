import { OWN_MESSAGE } from "../../report/words.ts";

interface Page {
  readonly messages: readonly unknown[];
}

const pageIn = (line: string): Page | null => {
  try {
    const page: unknown = JSON.parse(line);
    return typeof page === "object" && page !== null && "messages" in page && Array.isArray(page.messages) ? (page as Page) : null;
  } catch {
    return null;
  }
};

function isOwn(message: unknown): boolean {
  if (typeof message !== "object" || message === null || !("metadata" in message)) return false;
  const { metadata } = message;
  return typeof metadata === "object" && metadata !== null && "event_type" in metadata && metadata.event_type === OWN_MESSAGE;
}

/** Slack's answer without midwatch's own messages: what it said itself, a model's words among it, is no evidence. */
export function withoutOwnMessages(raw: string): string {
  if (!raw.includes(OWN_MESSAGE)) return raw;
  return raw
    .split("\n")
    .map((line) => {
      const page = pageIn(line);
      return page === null ? line : JSON.stringify({ ...page, messages: page.messages.filter((message) => !isOwn(message)) });
    })
    .join("\n");
}
