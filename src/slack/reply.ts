import type { ModelFinding } from "../incident/finding.ts";
import { type SlackMessage, toMessage } from "../integrations/slack/block-kit.ts";
import { claimPoint } from "../report/answer.ts";
import { prose, say } from "../report/text.ts";
import { joined, listed, quoteOf, slackMarkup } from "./markup.ts";

const SHOWN_CLAIMS = 8;

/** What answers a person's question: claims that code has checked, and what the evidence does not say. */
export interface ReplyParts {
  readonly claims: ModelFinding["claims"];
  readonly unknown: string | null;
}

/** The words of an answer in the thread; a text stays as it is. @param page address of the incident's page, or null */
export function replyMessage(reply: ReplyParts | string, page: string | null): SlackMessage {
  const { write, point } = slackMarkup(page);
  if (typeof reply === "string") return toMessage([{ text: write(say`${reply}`) }]);
  const lines = reply.claims.map(claimPoint).map((claim) => `• ${point(claim, quoteOf(claim))}`);
  const text = joined([listed(lines, SHOWN_CLAIMS, "\n"), reply.unknown !== null && write(say`${prose(reply.unknown)}`)], "\n");
  return toMessage([{ text: text === "" ? "The evidence does not say." : text }]);
}
