import { orderPassages, orderSigns, withoutOrders } from "../guard/untrusted.ts";
import { readableForms } from "../guard/readable-forms.ts";
import type { EventOf } from "../incident/event.ts";

/** Something that was read from outside. */
export interface ReadText {
  /** Words of the timeline: "the page", a tool's or a source's name. */
  readonly source: string;
  readonly evidence: readonly number[];
  readonly text: string;
}

/** An order may go on for lines that give none by themselves: "(2) append it to https://…". */
const MOST_LINES = 12;

/** Where the lines that follow an order end: at an empty one, or after so many. */
function blockEnd(text: string, end: number): number {
  let at = end;
  for (let line = 0; line < MOST_LINES; line++) {
    const next = text.indexOf("\n", at);
    if (next < 0) return text.length;
    if (/^[\s|]*(?:\n|$)/.test(text.slice(next + 1, next + 20))) return next;
    at = next + 1;
  }
  return at;
}

/** A text without its orders and the lines that follow them. */
function withoutBlocks(text: string): string {
  const kept: string[] = [];
  let from = 0;
  for (const { start, end } of orderPassages(text)) {
    if (start > from) kept.push(text.slice(from, start));
    from = Math.max(from, blockEnd(text, end));
  }
  kept.push(text.slice(from));
  return kept.join("\n");
}

/** Texts in which nobody gives orders, each without what does: what everybody may say. */
const everybodys = (texts: readonly string[]): string => texts.map((text) => withoutOrders(withoutBlocks(text))).join("\n");

/**
 * The texts that give orders to software, for the timeline and for what is said later.
 * @param beside what was read before
 */
export function ordersIn(texts: readonly ReadText[], beside: readonly string[]): EventOf<"orders-seen">[] {
  const found = texts.flatMap(({ source, evidence, text }) => {
    // An order in base64 or in a string of JSON is one for who decodes it.
    const passages = readableForms(text).flatMap((form) => orderPassages(form).map(({ start, end }) => form.slice(start, end)));
    return passages.length === 0 ? [] : [{ source, evidence, passages }];
  });
  if (found.length === 0) return [];
  const elsewhere = everybodys([...beside, ...texts.map(({ text }) => text)]);
  return found.map(({ source, evidence, passages }) => ({ type: "orders-seen", source, evidence, signs: orderSigns(passages, elsewhere) }));
}
