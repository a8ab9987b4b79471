import { cutShort } from "../integrations/slack/mrkdwn.ts";

/** A sentence in fewer characters, by the weight of what goes: first the ends of code, then side remarks, then clauses at its end. Never a part of a word. */

/** A clause shorter than this says too little alone. */
const LEAST_CLAUSE = 15;
/** Longest pieces of code at each step, characters. */
const CODE = [70, 45, 30] as const;

/** Each piece of code of a text with its head alone, where it is longer. */
export const withShortCode = (text: string, longest: number): string =>
  text.replaceAll(/`([^`]*)`/g, (whole, inside: string) => (inside.length <= longest ? whole : `\`${cutShort(inside, longest)}\``));

/** A remark in brackets within a sentence, or a piece of code, in which none is looked for. */
const REMARK = /`[^`]*`| \(([^()`]*)\)/g;

export const withoutRemarks = (text: string): string =>
  text.replaceAll(REMARK, (found, inside?: string) => (inside === undefined ? found : ""));

/** Without its last clause behind a semicolon; the same where it has one clause. */
function withoutTail(text: string): string {
  const ends = [...text.matchAll(/`[^`]*`|(; )/g)].flatMap(({ 1: mark, index }) => (mark === undefined ? [] : [index]));
  const at = ends.at(-1);
  return at === undefined || at < LEAST_CLAUSE ? text : text.slice(0, at);
}

/** What is left of a text at each step of getting shorter. */
export const shortened = {
  whole: (text: string) => text,
  longCode: (text: string) => withShortCode(text, CODE[0]),
  code: (text: string) => withShortCode(text, CODE[1]),
  remarks: (text: string) => withShortCode(withoutRemarks(text), CODE[1]),
  tail: (text: string) => withShortCode(withoutTail(withoutRemarks(text)), CODE[1]),
  shortCode: (text: string) => withShortCode(withoutTail(withoutRemarks(text)), CODE[2]),
  tails: (text: string) => withShortCode(withoutTail(withoutTail(withoutRemarks(text))), CODE[2]),
} as const;

/** Whether a shorter form of a text leaves out more than the ends of code, which is known by its head. */
export function saysLess(text: string, shown: string | null): boolean {
  if (shown === null) return true;
  return ![text, ...CODE.map((longest) => withShortCode(text, longest))].includes(shown);
}

/**
 * The clause of what people must do or not do, without why or how: the same where there is one clause, or where code would be lost.
 * @param least characters that say enough
 */
export function firstClause(text: string, least: number): string {
  const ends = [...text.matchAll(/`[^`]*`|(: |; |[.!] )/g)].flatMap(({ 1: mark, index }) => (mark === undefined ? [] : [index]));
  const at = ends.find((end) => end >= least);
  return at === undefined || text.slice(at).includes("`") ? text : `${text.slice(0, at)}.`;
}

/**
 * Without the clause behind its last comma, and marked as cut: mostly a reason or a remark, which the thread has. The same where what
 * is left says too little, or where code would be lost.
 * @param least characters that say enough
 */
export function withoutLastClause(text: string, least: number): string {
  const ends = [...text.matchAll(/`[^`]*`|(, )/g)].flatMap(({ 1: mark, index }) => (mark === undefined ? [] : [index]));
  const at = ends.at(-1) ?? 0;
  return at < least || text.slice(at).includes("`") ? text : `${text.slice(0, at)} …`;
}
