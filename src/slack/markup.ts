import { ORDER_LEFT_OUT } from "../guard/untrusted.ts";
import { cutShort, cutShortWithCode, escapeText, escapeWithCode, inlineCode, lengthOf, link } from "../integrations/slack/mrkdwn.ts";
import type { Point } from "../report/answer.ts";
import { rendered, type Words } from "../report/text.ts";
import { shortenedMarked } from "../report/unverified.ts";
import { clockTime, evidenceMark, minuteTime, quoteSearch } from "../report/words.ts";

/** The report's words as mrkdwn. */

/** Longest sentence and quote from outside, characters: a phone shows about 45 in a line. */
export const LONGEST_SENTENCE = 260;
const LONGEST_QUOTE = 100;
/** A command of the catalog with a commit in it fits: a part of one is another command. */
const LONGEST_CODE = 200;
/** Characters of a quote that are compared: outside text may be of any length. */
const LONGEST_LOOKED_AT = 1_000;
const SHOWN_MARKS = 4;
const SHOWN_STEPS = 5;
/** Longest quote in a link, characters: enough to find its line, and no URL of half a message. */
const LONGEST_SEARCH = 80;
/** So much of a quote in a row within a sentence is the quote again, though either was cut or had its values taken out. */
const SAME_QUOTE = 24;

/** The parts that say something. */
export const joined = (parts: readonly (string | null | false)[], separator = " · "): string =>
  parts.filter((part): part is string => typeof part === "string" && part !== "").join(separator);

/** The first of many, and how many more there are. */
export function listed(items: readonly string[], most: number, separator = "; "): string {
  const more = items.length - most;
  return `${items.slice(0, most).join(separator)}${more > 0 ? `${separator}and ${more} more` : ""}`;
}

/** "1. Open the slowest trace." */
export const numbered = (steps: readonly string[]): string => {
  const more = steps.length - SHOWN_STEPS;
  const lines = steps.slice(0, SHOWN_STEPS).map((step, index) => `${index + 1}. ${step}`);
  return [...lines, ...(more > 0 ? [`and ${more} more on the incident's page`] : [])].join("\n");
};

/** A quote from which something was left out is nowhere as it is. */
const searchFor = (quote: string | null): string =>
  quote === null || quote.trim() === "" || quote.includes(ORDER_LEFT_OUT) ? "" : quoteSearch(quote, LONGEST_SEARCH);

/** Every run of a line that is long enough to be known again; of a short one all of it. */
function runsOf(line: string): string[] {
  const last = Math.max(0, Math.min(line.length, LONGEST_LOOKED_AT) - SAME_QUOTE);
  return Array.from({ length: last + 1 }, (_, at) => line.slice(at, at + SAME_QUOTE));
}

/** whether a text says a line already: all of a short one, or a longer run of it. */
export const tells = (text: string, line: string): boolean => runsOf(line).some((run) => text.includes(run));

/** Where the first part of a line is that a text says already, as places in the line; null for none. */
export function toldSpan(text: string, line: string): { readonly from: number; readonly to: number } | null {
  const runs = runsOf(line);
  const from = runs.findIndex((run) => text.includes(run));
  if (from < 0) return null;
  const end = runs.findIndex((run, at) => at > from && !text.includes(run));
  return { from, to: (end < 0 ? runs.length : end) - 1 + SAME_QUOTE };
}

/** The line that shows a point, as code; "" where the point says that line already. */
export function quoteOf({ text, quotes }: Point): string {
  const quote = quotes[0]?.text.trim();
  return quote === undefined || quote === "" || tells(text, quote) ? "" : inlineCode(cutShort(quote, LONGEST_QUOTE));
}

/** Ends of clauses, outside of code. */
const CLAUSE_END = /`[^`]*`|((?:;|:|,| —)\s)/g;
/** A shorter head than this share of the room says too little. */
const ENOUGH = 1 / 2;
const isClosed = (text: string): boolean => (text.match(/`/g)?.length ?? 0) % 2 === 0;

/** A head that ends with a whole word: half of a name is another name. A word as long as the head is cut. */
function atWord(cut: string, longest: number): string {
  const end = cut.lastIndexOf(" ");
  return end >= longest * ENOUGH ? `${cut.slice(0, end).replace(/[\s:;,]+$/, "")} …` : cut;
}

/**
 * The clauses of a long sentence that fit, else its head; never a part of a code: half a command is another one.
 * @param atColons whether it may end before a colon: of a cause the point comes after it
 */
function headOfSentence(text: string, longest: number, atColons: boolean): string {
  if (lengthOf(text) <= longest) return text;
  const ends = [...text.matchAll(CLAUSE_END)].flatMap(({ 1: mark, index }) =>
    mark === undefined || (!atColons && mark.startsWith(":")) ? [] : [index],
  );
  const end = ends.findLast((at) => lengthOf(text.slice(0, at)) <= longest - 2) ?? 0;
  if (end >= longest * ENOUGH) return `${text.slice(0, end)} …`;
  const cut = cutShort(text, longest);
  if (isClosed(cut)) return atWord(cut, longest);
  const before = cut.slice(0, cut.lastIndexOf("`")).trimEnd();
  return before === "" ? cutShortWithCode(text, longest) : `${before.replace(/[\s:;,]+$/, "")} …`;
}

/**
 * The sentences that fit, at least the first; of one that is too long its head.
 * @param first room of the first alone
 * @param atColons as {@link headOfSentence} takes it
 */
export function wholeSentences(text: string, longest: number, first = longest, atColons = true): string {
  if (lengthOf(text) <= longest) return text;
  let whole = "";
  for (const { segment } of new Intl.Segmenter("en", { granularity: "sentence" }).segment(text)) {
    // A full stop within code ends no sentence.
    if (whole !== "" && isClosed(whole) && lengthOf(whole + segment.trimEnd()) > longest) break;
    whole += segment;
  }
  whole = whole.trimEnd();
  return lengthOf(whole) <= first ? whole : headOfSentence(whole, first, atColons);
}

/** @param page address of the incident's page, or null where there is none: evidence numbers are no links then */
export function slackMarkup(page: string | null) {
  const mark = (number: number, quote: string | null = null) =>
    page === null ? inlineCode(evidenceMark(number)) : link(`${page}/evidence/${number}${searchFor(quote)}`, evidenceMark(number));
  const marks = (numbers: readonly number[], most = SHOWN_MARKS) =>
    [...new Set(numbers)]
      .slice(0, most)
      .map((number) => mark(number))
      .join(" ");
  /** What to look for in an answer that shows a point; null: nothing that is in it word for word. */
  const shownBy = ({ quotes }: Pick<Point, "quotes">, number: number) =>
    quotes.find((one) => one.evidence === null || one.evidence === number)?.text ?? null;
  /** The evidence of points, each opened at the line that shows its point. */
  const proof = (points: readonly Pick<Point, "evidence" | "quotes">[], most = SHOWN_MARKS) => {
    const shown = new Map<number, string | null>();
    for (const one of points) for (const number of one.evidence) shown.set(number, shown.get(number) ?? shownBy(one, number));
    return [...shown]
      .slice(0, most)
      .map(([number, quote]) => mark(number, quote))
      .join(" ");
  };
  /** @param longest of a text from outside, characters */
  const write = (words: Words, longest = LONGEST_SENTENCE): string =>
    rendered(words, {
      own: escapeText,
      outside: (text) => escapeText(cutShort(text, longest)),
      prose: (text) => escapeWithCode(cutShortWithCode(text, longest)),
      strong: (text) => `*${escapeText(cutShort(text, LONGEST_QUOTE))}*`,
      code: (text) => inlineCode(text, LONGEST_CODE),
      link: (text, url) => link(url, cutShort(text, LONGEST_QUOTE)),
      time: (at, to) => (to === "minute" ? minuteTime(at) : clockTime(at)),
    });
  /** As `write`, with only the whole sentences of each text from outside that fit; one that is too long is cut. @param first of the first alone */
  const sentences = (words: Words, longest: number, first = longest): string =>
    write(
      shortenedMarked(words, (text) => wholeSentences(text, longest, first)),
      first,
    );
  return {
    write,
    sentences,
    marks,
    proof,
    /** A point with links to its evidence. @param quote the line that shows it, as {@link quoteOf} has it */
    point({ words, evidence, quotes }: Point, quote = "", longest = LONGEST_SENTENCE): string {
      const numbers = [...new Set([...evidence, ...quotes.flatMap((one) => one.evidence ?? [])])].slice(0, SHOWN_MARKS);
      return joined([sentences(words, longest), quote, ...numbers.map((number) => mark(number, shownBy({ quotes }, number)))], " ");
    },
  };
}

export type SlackMarkup = ReturnType<typeof slackMarkup>;
