import { orderPassages, orderSigns, withoutOrders } from "../guard/untrusted.ts";
import type { EventOf } from "../incident/event.ts";

/** Something that was read from outside. */
export interface ReadText {
  /** Words of the timeline: "the page", a tool's or a source's name. */
  readonly source: string;
  readonly evidence: readonly number[];
  readonly text: string;
}

/** Texts in which nobody gives orders, each without what does: what everybody may say. */
const everybodys = (texts: readonly string[]): string => texts.map((text) => withoutOrders(text)).join("\n");

/**
 * The texts that give orders to software, for the timeline and for what is said later.
 * @param beside what was read before
 */
export function ordersIn(texts: readonly ReadText[], beside: readonly string[]): EventOf<"orders-seen">[] {
  const found = texts.flatMap(({ source, evidence, text }) => {
    const passages = orderPassages(text).map(({ start, end }) => text.slice(start, end));
    return passages.length === 0 ? [] : [{ source, evidence, passages }];
  });
  if (found.length === 0) return [];
  const elsewhere = everybodys([...beside, ...texts.map(({ text }) => text)]);
  return found.map(({ source, evidence, passages }) => ({ type: "orders-seen", source, evidence, signs: orderSigns(passages, elsewhere) }));
}
