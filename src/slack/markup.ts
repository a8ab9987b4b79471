import { ORDER_LEFT_OUT } from "../guard/untrusted.ts";
import { cutShort, cutShortWithCode, escapeText, escapeWithCode, inlineCode, lengthOf, link } from "../integrations/slack/mrkdwn.ts";
import type { Point } from "../report/answer.ts";
import { prose, rendered, type Words } from "../report/text.ts";
import { clockTime, evidenceMark, minuteTime, quoteSearch } from "../report/words.ts";

/** The report's words as mrkdwn. */

/** Longest sentence and quote from outside, characters: a phone shows about 45 in a line. */
export const LONGEST_SENTENCE = 260;
const LONGEST_QUOTE = 100;
const SHOWN_MARKS = 4;
const SHOWN_STEPS = 5;
/** Longest quote in a link, characters: enough to find its line, and no URL of half a message. */
const LONGEST_SEARCH = 80;
/** So much of a quote within a sentence is the quote again, though the sentence was cut. */
const SAME_QUOTE = 60;
/** And so is its first sentence, where that is long enough to be its own. */
const FIRST_SENTENCE = /^.{40,60}?(?=\.(?:\s|$))/;

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

/** The line that shows a point, as code; "" where the point says that line already. */
export function quoteOf({ text, quotes }: Point): string {
  const quote = quotes[0]?.text;
  return quote === undefined || text.includes(FIRST_SENTENCE.exec(quote)?.[0] ?? quote.slice(0, SAME_QUOTE))
    ? ""
    : inlineCode(cutShort(quote, LONGEST_QUOTE));
}

/** The sentences that fit, at least the first; where that is too long its head, never with a part of a code: half a command is another one. */
function wholeSentences(text: string, longest: number): string {
  if (lengthOf(text) <= longest) return text;
  let whole = "";
  for (const { segment } of new Intl.Segmenter("en", { granularity: "sentence" }).segment(text)) {
    if (whole !== "" && lengthOf(whole + segment.trimEnd()) > longest) break;
    whole += segment;
  }
  whole = whole.trimEnd();
  if (lengthOf(whole) <= longest) return whole;
  const cut = cutShort(whole, longest);
  if ((cut.match(/`/g)?.length ?? 0) % 2 === 0) return cut;
  const before = cut.slice(0, cut.lastIndexOf("`")).trimEnd();
  return before === "" ? cutShortWithCode(whole, longest) : `${before} …`;
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
  /** @param longest of a text from outside, characters */
  const write = (words: Words, longest = LONGEST_SENTENCE): string =>
    rendered(words, {
      own: escapeText,
      outside: (text) => escapeText(cutShort(text, longest)),
      prose: (text) => escapeWithCode(cutShortWithCode(text, longest)),
      strong: (text) => `*${escapeText(cutShort(text, LONGEST_QUOTE))}*`,
      code: (text) => inlineCode(text, LONGEST_QUOTE),
      link: (text, url) => link(url, cutShort(text, LONGEST_QUOTE)),
      time: (at, to) => (to === "minute" ? minuteTime(at) : clockTime(at)),
    });
  /** As `write`, with only the whole sentences of each text from outside that fit; one that is too long is cut. */
  const sentences = (words: Words, longest: number): string =>
    write(
      words.map((run) => (run.as === "prose" ? prose(wholeSentences(run.text, longest)) : run)),
      longest,
    );
  return {
    write,
    sentences,
    marks,
    /** A point with links to its evidence. @param quote the line that shows it, as {@link quoteOf} has it */
    point({ words, evidence, quotes }: Point, quote = "", longest = LONGEST_SENTENCE): string {
      const numbers = [...new Set([...evidence, ...quotes.flatMap((one) => one.evidence ?? [])])].slice(0, SHOWN_MARKS);
      const search = (number: number) => quotes.find((one) => one.evidence === null || one.evidence === number)?.text ?? null;
      return joined([write(words, longest), quote, ...numbers.map((number) => mark(number, search(number)))], " ");
    },
  };
}

export type SlackMarkup = ReturnType<typeof slackMarkup>;
