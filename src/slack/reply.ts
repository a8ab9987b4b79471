import type { ModelFinding } from "../incident/finding.ts";
import { type SlackMessage, toMessage } from "../integrations/slack/block-kit.ts";
import { joined, listed, marksAt, said, toldWithCode } from "./message-words.ts";
import { claimLine } from "./model-finding.ts";

const SHOWN_CLAIMS = 8;

/** What answers a person's question: claims that code has checked, and what the evidence does not tell. */
export interface ReplyParts {
  readonly claims: ModelFinding["claims"];
  readonly unknown: string | null;
}

/** The words of an answer in the thread; a text stands for itself. @param timelineUrl page of the incident, or null */
export function replyMessage(reply: ReplyParts | string, timelineUrl: string | null): SlackMessage {
  if (typeof reply === "string") return toMessage([{ text: said(reply) }]);
  const marks = marksAt(timelineUrl);
  const lines = reply.claims.map((claim) => claimLine(claim, marks));
  const told = joined([listed(lines, SHOWN_CLAIMS, "\n"), reply.unknown !== null && toldWithCode(reply.unknown)], "\n");
  return toMessage([{ text: told === "" ? "The evidence does not tell." : told }]);
}
