import { readableForms } from "./readable-forms.ts";

/**
 * Sentences that somebody outside wrote, known again where a model repeats them as its own. No word of them decides: a run of words as they were
 * read is enough, whether they give an order, beg, or lie about the cause.
 */

/** Words that are looked up at once; a longer run is found by its parts. */
const PIECE = 5;
/** Fewer words in a row are everybody's: names of things, a figure with its unit. */
const SHORTEST_RUN = 8;
/** A text that is wholly from outside counts from so many words on. */
const SHORTEST_WHOLE = 5;
/** A quote of so many words may stay: it is marked as one. */
const LONGEST_QUOTE = 15;

/** Stands for what was left out. */
export const OUTSIDE_LEFT_OUT = "(words from outside, left out)";

const WORD = /[\p{L}\p{N}]+(?:['’][\p{L}]+)*/gu;

interface WordPlace {
  readonly word: string;
  readonly start: number;
  readonly end: number;
}

const wordsIn = (text: string): readonly WordPlace[] =>
  Array.from(text.matchAll(WORD), ({ 0: word, index }) => ({ word: word.toLowerCase(), start: index, end: index + word.length }));

const pieceAt = (words: readonly WordPlace[], at: number): string => {
  let piece = "";
  for (let index = at; index < at + PIECE; index++) piece += ` ${words[index]?.word ?? ""}`;
  return piece;
};

export interface OutsideWords {
  /** Whether five words in a row are from outside. */
  readonly touches: (text: string) => boolean;
  /** The text with runs from outside marked as quotes where they are short, and left out where they are not. */
  readonly quoted: (text: string) => string;
  /** The text without runs from outside, but for short ones that are marked as quotes: for steps that people take. */
  readonly without: (text: string) => string;
}

interface Run {
  readonly start: number;
  readonly end: number;
  readonly words: number;
}

const OPENS = /["“”„«「『`]\s{0,2}$/u;
const CLOSES = /^[\s.,;!?…]{0,3}["“”»」』`]/u;

/** @param texts as they were read; what they say in JSON, in base64 or in a URL counts as well */
export function outsideWords(texts: readonly string[]): OutsideWords {
  const pieces = new Set<string>();
  for (const text of texts.flatMap(readableForms))
    for (const line of text.split("\n")) {
      const words = wordsIn(line);
      for (let at = 0; at + PIECE <= words.length; at++) pieces.add(pieceAt(words, at));
    }
  const runsIn = (text: string): readonly Run[] => {
    const words = wordsIn(text);
    const runs: Run[] = [];
    let from = -1;
    for (let at = 0; at + PIECE <= words.length + 1; at++) {
      const isOutside = at + PIECE <= words.length && pieces.has(pieceAt(words, at));
      if (isOutside && from < 0) from = at;
      if (isOutside || from < 0) continue;
      const last = at + PIECE - 2;
      const count = last - from + 1;
      const [first, end] = [words[from], words[last]];
      if (first !== undefined && end !== undefined && (count >= SHORTEST_RUN || (count === words.length && count >= SHORTEST_WHOLE)))
        runs.push({ start: first.start, end: end.end, words: count });
      from = -1;
    }
    return runs;
  };
  const isQuoted = (text: string, { start, end, words }: Run) =>
    words <= LONGEST_QUOTE && OPENS.test(text.slice(Math.max(0, start - 3), start)) && CLOSES.test(text.slice(end, end + 5));
  const cleaned = (text: string, shown: (run: Run, words: string) => string): string => {
    let clean = "";
    let at = 0;
    for (const run of runsIn(text)) {
      if (isQuoted(text, run)) continue;
      clean += text.slice(at, run.start) + shown(run, text.slice(run.start, run.end));
      at = run.end;
    }
    return at === 0 ? text : clean + text.slice(at);
  };
  return {
    touches(text) {
      const words = wordsIn(text);
      return words.some((_, at) => at + PIECE <= words.length && pieces.has(pieceAt(words, at)));
    },
    quoted: (text) => cleaned(text, ({ words }, said) => (words <= LONGEST_QUOTE ? `“${said}”` : OUTSIDE_LEFT_OUT)),
    without: (text) => cleaned(text, () => OUTSIDE_LEFT_OUT),
  };
}
