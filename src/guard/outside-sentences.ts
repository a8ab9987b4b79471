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
/** A name has fewer words of letters: "pgmain.storage.svc.cluster.local". */
const LONGEST_NAME = SHORTEST_RUN;
/** A quote of so many words may stay: it is marked as one. */
const LONGEST_QUOTE = 15;

/** Stands for what was left out. */
export const OUTSIDE_LEFT_OUT = "(words from outside, left out)";

/** Scripts that put no blanks between words. */
const UNSPACED = String.raw`\p{scx=Han}\p{scx=Hira}\p{scx=Kana}\p{scx=Thai}\p{scx=Laoo}\p{scx=Khmr}\p{scx=Mymr}`;
const LETTER = String.raw`(?:(?![${UNSPACED}])[\p{L}\p{M}\p{N}])`;
/** A word; of a script without blanks one character. */
const WORD = new RegExp(`[${UNSPACED}]|${LETTER}+(?:['’]${LETTER}+)*`, "gu");
const isUnspaced = new RegExp(`^[${UNSPACED}]$`, "u");
/** A word of such a script has about two characters. */
const UNSPACED_SHARE = 1 / 2;

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

/** What parts of one name have between them: no blank, and one sign. */
const JOINS = /^[^\s\p{L}\p{N},;!?"“”|]$/u;
const LETTERS = /^\p{L}{2,}$/u;

/** Words that a reader takes for one each: a name with its parts is one, a character of a script without blanks half a one. */
function countOf(text: string, words: readonly WordPlace[]): number {
  let count = 0;
  for (let at = 0, next = 0; at < words.length; at = next) {
    next = at + 1;
    while (next < words.length && JOINS.test(text.slice(words[next - 1]?.end, words[next]?.start))) next++;
    const parts = words.slice(at, next);
    const letters = parts.filter(({ word }) => LETTERS.test(word)).length;
    count += letters >= LONGEST_NAME ? parts.length : isUnspaced.test(words[at]?.word ?? "") ? UNSPACED_SHARE : 1;
  }
  return count;
}

export interface OutsideWords {
  /** Whether five words in a row are from outside. */
  readonly touches: (text: string) => boolean;
  /** What {@link without} leaves out. */
  readonly repeated: (text: string) => readonly string[];
  /** What {@link quoted} leaves out. */
  readonly leftOut: (text: string) => readonly string[];
  /** The text with runs from outside marked as quotes where they are short, and left out where they are not. A long quote that it marks is cut. */
  readonly quoted: (text: string) => string;
  /** The text without runs from outside, but for short ones that are marked as quotes: for steps that people take. */
  readonly without: (text: string) => string;
}

interface Run {
  readonly start: number;
  readonly end: number;
  readonly words: number;
}

/** Between lines of one text from outside in the view of a tool. */
const NEXT_LINE = /\n {2}\| /g;

const OPENS = /["“”„«「『`]\s{0,2}$/u;
const CLOSES = /^[\s.,;!?…]{0,3}["“”»」』`]/u;

/** Quotes that a text marks as such. */
export const MARKED_QUOTE = /`[^`]*`|“[^”]*”|"[^"]*"|«[^»]*»|„[^“”]*[“”]/g;

/** Words of short quotes that the text itself marks: a reader sees whose they are, and they count for no run. */
const quotedWords = (text: string, words: readonly WordPlace[]): readonly WordPlace[] =>
  Array.from(text.matchAll(MARKED_QUOTE), ({ 0: quote, index }) =>
    words.filter(({ start, end }) => start >= index && end <= index + quote.length),
  )
    .filter((quote) => quote.length <= LONGEST_QUOTE)
    .flat();

/** Every five words in a row of each line. */
function piecesOf(texts: readonly string[]): ReadonlySet<string> {
  const pieces = new Set<string>();
  for (const text of texts)
    for (const line of text.replaceAll(NEXT_LINE, " ").split("\n")) {
      const words = wordsIn(line);
      for (let at = 0; at + PIECE <= words.length; at++) pieces.add(pieceAt(words, at));
    }
  return pieces;
}

/**
 * @param texts as they were read; what they say in JSON, in base64 or in a URL counts as well
 * @param own texts of the team and of midwatch, whose words are nobody else's wherever they were read
 */
export function outsideWords(texts: readonly string[], own: readonly string[] = []): OutsideWords {
  const pieces = piecesOf(texts.flatMap(readableForms));
  const ownPieces = piecesOf(own);
  const runsIn = (text: string): readonly Run[] => {
    const words = wordsIn(text);
    const isOwn = new Set<WordPlace>(quotedWords(text, words));
    for (let at = 0; at + PIECE <= words.length; at++)
      if (ownPieces.has(pieceAt(words, at))) for (const word of words.slice(at, at + PIECE)) isOwn.add(word);
    const runs: Run[] = [];
    let from = -1;
    for (let at = 0; at + PIECE <= words.length + 1; at++) {
      const isOutside = at + PIECE <= words.length && pieces.has(pieceAt(words, at));
      if (isOutside && from < 0) from = at;
      if (isOutside || from < 0) continue;
      const run = words.slice(from, at + PIECE - 1);
      const count = countOf(text, run);
      const strange = countOf(
        text,
        run.filter((word) => !isOwn.has(word)),
      );
      const [first, last] = [run[0], run.at(-1)];
      const least = run.length === words.length ? SHORTEST_WHOLE : SHORTEST_RUN;
      if (first !== undefined && last !== undefined && strange >= least) runs.push({ start: first.start, end: last.end, words: count });
      from = -1;
    }
    return runs;
  };
  const isQuoted = (text: string, { start, end, words }: Run) =>
    words <= LONGEST_QUOTE && OPENS.test(text.slice(Math.max(0, start - 3), start)) && CLOSES.test(text.slice(end, end + 5));
  const unmarked = (text: string): readonly Run[] => runsIn(text).filter((run) => !isQuoted(text, run));
  const cleaned = (text: string, shown: (run: Run, words: string) => string): string => {
    let clean = "";
    let at = 0;
    for (const run of unmarked(text)) {
      clean += text.slice(at, run.start) + shown(run, text.slice(run.start, run.end));
      at = run.end;
    }
    return at === 0 ? text : clean + text.slice(at);
  };
  const touches = (text: string): boolean => {
    const words = wordsIn(text);
    return words.some((_, at) => {
      const piece = at + PIECE <= words.length ? pieceAt(words, at) : "";
      return pieces.has(piece) && !ownPieces.has(piece);
    });
  };
  // A log line that is the cause is worth its beginning.
  const withShortQuotes = (text: string): string =>
    text.replaceAll(MARKED_QUOTE, (quote) => {
      const words = wordsIn(quote);
      const last = words[LONGEST_QUOTE - 1];
      return last === undefined || words.length === LONGEST_QUOTE || !touches(quote)
        ? quote
        : `${quote.slice(0, last.end)} …${quote.slice(-1)}`;
    });
  return {
    touches,
    repeated: (text) => unmarked(text).map(({ start, end }) => text.slice(start, end)),
    leftOut: (text) =>
      unmarked(withShortQuotes(text)).flatMap(({ start, end, words }) => (words <= LONGEST_QUOTE ? [] : [text.slice(start, end)])),
    quoted: (text) => cleaned(withShortQuotes(text), ({ words }, said) => (words <= LONGEST_QUOTE ? `“${said}”` : OUTSIDE_LEFT_OUT)),
    without: (text) => cleaned(text, () => OUTSIDE_LEFT_OUT),
  };
}
