import type { ModelFinding } from "../../incident/finding.ts";
import { evidenceMark } from "../../incident/words.ts";
import { type SlackMessage, toMessage } from "./block-kit.ts";
import { cutPlain, escapeText, inlineCode, link } from "./mrkdwn.ts";

const SHOWN_CLAIMS = 8;
const LONGEST_QUOTE = 140;

/** What answers a person's question: claims that code has checked, and what the evidence does not tell. */
export interface ReplyParts {
  readonly claims: ModelFinding["claims"];
  readonly unknown: string | null;
}

/** The words of an answer in the thread; a text stands for itself. @param timelineUrl page of the incident, or null */
export function replyMessage(reply: ReplyParts | string, timelineUrl: string | null): SlackMessage {
  if (typeof reply === "string") return toMessage([{ text: escapeText(reply) }]);
  const mark = (number: number) =>
    timelineUrl === null ? inlineCode(evidenceMark(number)) : link(`${timelineUrl}/evidence/${number}`, evidenceMark(number));
  const lines = reply.claims.slice(0, SHOWN_CLAIMS).map(({ text, evidence, quotes }) => {
    const quote = quotes[0]?.text;
    const said = quote === undefined || text.includes(quote) ? "" : ` ${inlineCode(cutPlain(quote, LONGEST_QUOTE))}`;
    const numbers = [...new Set([...evidence, ...quotes.map((one) => one.evidence)])].slice(0, 4);
    return `${reply.claims.length > 1 ? "• " : ""}${escapeText(text)}${said} ${numbers.map(mark).join(" ")}`.trimEnd();
  });
  const open = reply.unknown === null ? [] : [escapeText(reply.unknown)];
  const told = [...lines, ...open];
  return toMessage([{ text: told.length === 0 ? "The evidence does not tell." : told.join("\n") }]);
}
