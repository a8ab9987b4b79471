import { withoutEnd } from "./figures.ts";

/**
 * What the model itself asked, taken out of what came back: tools repeat the query ("no line matches …"), and a figure or a quote that only
 * is there is the model's own.
 */

/** Runs of so many characters of a question are its words everywhere. */
const RUN = 8;
/** Characters of one call's input that are looked at: tools take no more. */
const MOST_ASKED = 40_000;
/** Words with digits in them: figures, shas, instances. */
const WITH_DIGITS = /[\p{L}\p{N}_][\p{L}\p{N}_.,:+-]*/gu;
/** Names of measures, which a query decides: `p95`. */
const MEASURE = /\bp\d{2,3}\b/giu;
/** What is asked for with nothing else: the points of a series bear the times that were asked for. A time in a sentence is a part of that sentence. */
const TIME = /^\s*(?:\d{4}-\d{2}-\d{2}[t ])?\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?z?\s*$/iu;
const NUMBER = /\d+(?:[.,]\d+)*/g;
const ONLY_NUMBER = /^\d+(?:[.,]\d+)*(?=\p{L}{0,3}$)/u;
/** "2h" behind a sign, "2026-03-14T03:00:00Z": when, not how much. */
const WHEN = /^(?:\d{1,5}[smhd](?:in)?|\d{4}-\d{2}-\d{2}.*)$/;

/** Numbers that a word of a question is made of: `share:97.3`. */
function numbersIn(word: string): string[] {
  if (WHEN.test(word)) return [];
  const found = (part: string) => ONLY_NUMBER.exec(part)?.[0];
  return [word, ...word.split(":"), ...word.split(/[:,]/)].flatMap((part) => found(part) ?? []);
}

/** All strings in the input of a tool call. */
export function stringsIn(input: unknown): string[] {
  const found: string[] = [];
  const stack: unknown[] = [input];
  for (let depth = 0; stack.length > 0 && depth < 1_000; depth++) {
    const value = stack.pop();
    if (typeof value === "string") found.push(value);
    else if (typeof value === "object" && value !== null) stack.push(...Object.values(value));
  }
  return found;
}

const escaped = (text: string) => text.replaceAll(/[.*+?^${}()|[\]\\/]/g, String.raw`\$&`);

/**
 * Blanks the words of a question out of texts that came back, of the same length. Names of the catalog stay: a question may choose whom it is about.
 * @param asked strings of the call's input
 * @param names of the catalog, lower case
 * @param cameBack whether there is an answer: then the times that were asked for stay
 */
export function withoutAsked(asked: readonly string[], names: Iterable<string>, cameBack = false): (text: string) => string {
  if (asked.length === 0) return (text) => text;
  const kept = [...names].filter((name) => name !== "").toSorted((one, other) => other.length - one.length);
  const keep =
    kept.length === 0 ? null : new RegExp(String.raw`(?<![\p{L}\p{N}_])(?:${kept.map(escaped).join("|")})(?![\p{L}\p{N}_])`, "giu");
  const runs = new Set<string>();
  const words = new Set<string>();
  let room = MOST_ASKED;
  for (const one of asked) {
    const text = one.slice(0, room).replaceAll(/\s+/g, " ").toLowerCase();
    room -= text.length;
    if (cameBack && TIME.test(text)) continue;
    const pieces = (keep === null ? [text] : text.split(keep)).flatMap((piece) => piece.split(MEASURE));
    // Over what stays too: words of a question are the model's own, however often a name is between them.
    for (let at = 0; at + RUN <= text.length; at++) runs.add(text.slice(at, at + RUN));
    for (const piece of pieces) {
      for (const [found] of piece.matchAll(WITH_DIGITS)) {
        const word = withoutEnd(found, ".,:+-");
        if (!/\d/.test(word)) continue;
        words.add(word);
        for (const number of numbersIn(word)) words.add(number);
      }
    }
  }
  return (text) => {
    const lower = text.toLowerCase();
    // A few letters change their length in lower case; places then no longer fit.
    const folded = lower.length === text.length ? lower : text;
    const blank = new Uint8Array(text.length);
    for (let at = 0; at + RUN <= folded.length; at++) if (runs.has(folded.slice(at, at + RUN))) blank.fill(1, at, at + RUN);
    if (words.size > 0)
      for (const { 0: found, index } of folded.matchAll(WITH_DIGITS)) {
        if (!/\d/.test(found)) continue;
        if (words.has(withoutEnd(found, ".,:+-"))) blank.fill(1, index, index + found.length);
        else
          for (const { 0: number, index: place } of found.matchAll(NUMBER))
            if (words.has(number)) blank.fill(1, index + place, index + place + number.length);
      }
    for (const { 0: name, index } of [MEASURE, ...(keep === null ? [] : [keep])].flatMap((one) => [...folded.matchAll(one)]))
      blank.fill(0, index, index + name.length);
    let out = "";
    for (let at = 0; at < text.length;) {
      let end = at;
      while (end < text.length && blank[end] === blank[at]) end++;
      out += blank[at] === 1 ? " ".repeat(end - at) : text.slice(at, end);
      at = end;
    }
    return out;
  };
}
