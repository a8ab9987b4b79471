/**
 * Figures that are not written as one number of ASCII digits: in words ("ninety-seven percent", "half of all users", "tenfold", "a dozen"), or
 * with digits set apart ("18 000 000", "0,18"). Read in a model's text alone: who makes a claim can write the figure as its evidence has it.
 */

/** Its place and its meaning. */
export interface SpelledFigure {
  readonly start: number;
  readonly end: number;
  /** The number in plain digits, before whatever unit follows in the text; null: none that could be looked up. */
  readonly digits: string | null;
  /** What it measures by itself; null: its unit follows. */
  readonly dimension: "percent" | "ratio" | null;
}

const ONES =
  "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen";
const TENS = "twenty thirty forty fifty sixty seventy eighty ninety";
const SMALL: ReadonlyMap<string, number> = new Map([
  ...ONES.split(" ").map((word, index) => [word, index] as const),
  ...TENS.split(" ").map((word, index) => [word, (index + 2) * 10] as const),
]);
const SCALES: ReadonlyMap<string, number> = new Map([
  ["dozen", 12],
  ["hundred", 100],
  ["thousand", 1e3],
  ["million", 1e6],
  ["billion", 1e9],
]);
const WORD = [...SMALL.keys(), ...SCALES.keys()].join("|");
const PART: Readonly<Record<string, number>> = { third: 3, quarter: 4, fifth: 5, sixth: 6, eighth: 8, tenth: 10 };

const LETTER = String.raw`[\p{L}\p{N}_]`;
const word = (source: string) => String.raw`(?<!${LETTER})(?:${source})(?!${LETTER})`;
const NUMBER_WORDS = new RegExp(word(`(?<!\\d ?)(?:${WORD})(?:(?:[ -]|(?<=hundred|thousand) and )(?:${WORD}))*`), "giu");
const FOLD = new RegExp(word(`(${WORD}|\\d+(?:\\.\\d+)?)[ -]?fold`), "giu");
const TIMES_OVER: readonly (readonly [RegExp, string])[] = [
  [new RegExp(word("doubl(?:ed|ing)|(?:twice|doubles?)(?= (?:as|the|its|their|that|what) )"), "giu"), "2"],
  [new RegExp(word("tripl(?:ed|ing)|(?:thrice|triples?)(?= (?:as|the|its|their|that|what) )"), "giu"), "3"],
  [new RegExp(word("quadrupl(?:ed|ing)"), "giu"), "4"],
  [new RegExp(word("halved|halving"), "giu"), "0.5"],
];
const PARTS = new RegExp(
  word(
    `(?:(an?|${ONES.split(" ").join("|")})[ -])?(${Object.keys(PART).join("|")})(s?)(?= of )( of an?(?= (?:second|minute|hour|day)(?:[^a-z]|$)))?`,
  ),
  "giu",
);
const HALF = new RegExp(
  word("(?<!(?:first|second|latter|other|upper|lower|and a) )half(?!-)(?: a dozen| an?(?= (?:second|minute|hour|day)s?(?:[^a-z]|$)))?"),
  "giu",
);
const HALF_SCALE = new RegExp(word("half an? (thousand|million|billion)"), "giu");
const MANY = new RegExp(
  word("(?:dozens|hundreds|thousands|millions|billions|tens)(?= of )|(?:dozens|hundreds|thousands|millions|billions)"),
  "giu",
);
/** Blanks and marks that people set between the digits of one number. */
const APART =
  /(?<![\p{L}\p{N}_.,:#/'’·-])\d+(?:(?:[ \u00a0\u2007\u2009\u202f]\d{3})+(?:[.,]\d+)?|(?:['’·٬⋅]\d+)+|(?:[.,]\d+)*,\d+(?:[.,]\d+)*)(?!\d|:\d)/gu;
const GROUPED = /^[1-9]\d{0,2}(?:,\d{3})+(?:\.\d+)?$/;

/** "ninety-seven" → 97, "three hundred and five thousand" → 305000. */
function valueOf(words: string): number {
  let [total, part] = [0, 0];
  for (const one of words.toLowerCase().split(/[ -]/)) {
    const scale = SCALES.get(one);
    if (scale === undefined) part += SMALL.get(one) ?? 0;
    else if (scale <= 100) part = Math.max(1, part) * scale;
    else {
      total += Math.max(1, part) * scale;
      part = 0;
    }
  }
  return total + part;
}

/** Digits that are set apart as one number; null where no way of writing numbers is this one. */
function joinedDigits(text: string): string | null {
  if (/[ \u00a0\u2007\u2009\u202f]/.test(text)) return text.replaceAll(/[ \u00a0\u2007\u2009\u202f]/g, "").replace(",", ".");
  if (/^\d{1,3}(?:['’٬]\d{3})+$/.test(text)) return text.replaceAll(/['’٬]/g, "");
  if (/^\d+[·⋅]\d+$/.test(text)) return text.replace(/[·⋅]/, ".");
  return /^\d+,\d+$/.test(text) ? text.replace(",", ".") : null;
}

/** All of a text, in order, none within another. */
export function spelledFigures(text: string): SpelledFigure[] {
  const found: SpelledFigure[] = [];
  const add = (start: number, length: number, digits: string | null, dimension: SpelledFigure["dimension"]) => {
    const end = start + length;
    if (!found.some((one) => start < one.end && one.start < end)) found.push({ start, end, digits, dimension });
  };
  for (const { 0: whole, index } of text.matchAll(APART)) if (!GROUPED.test(whole)) add(index, whole.length, joinedDigits(whole), null);
  for (const { 0: whole, 1: amount = "", index } of text.matchAll(FOLD))
    add(index, whole.length, /^\d/.test(amount) ? amount : String(valueOf(amount)), "ratio");
  for (const [pattern, times] of TIMES_OVER)
    for (const { 0: whole, index } of text.matchAll(pattern)) add(index, whole.length, times, "ratio");
  for (const { 0: whole, 1: count = "a", 2: part = "", 4: time, index } of text.matchAll(PARTS)) {
    // "the third of May": what has no number before it is in a row, not a part.
    if (!/ |-/.test(whole)) continue;
    const share = (/^an?$/i.test(count) ? 1 : valueOf(count)) / (PART[part.toLowerCase()] ?? 1);
    // "A quarter of an hour" has the unit that follows.
    if (time === undefined) add(index, whole.length, String(Math.round(100 * share)), "percent");
    else add(index, whole.length, share.toFixed(3), null);
  }
  for (const { 0: whole, 1: scale = "", index } of text.matchAll(HALF_SCALE))
    add(index, whole.length, String((SCALES.get(scale.toLowerCase()) ?? 0) / 2), null);
  for (const { 0: whole, index } of text.matchAll(HALF)) {
    if (/dozen$/i.test(whole)) add(index, whole.length, "6", null);
    else if (/ an?$/i.test(whole)) add(index, whole.length, "0.5", null);
    else add(index, whole.length, "50", "percent");
  }
  for (const { 0: whole, index } of text.matchAll(MANY)) add(index, whole.length, null, null);
  for (const { 0: whole, index } of text.matchAll(NUMBER_WORDS)) {
    if (/^zero$/i.test(whole) && /^-/.test(text.slice(index + whole.length))) continue;
    add(index, whole.length, String(valueOf(whole)), null);
  }
  return found.toSorted((one, other) => one.start - other.start);
}

/** Digits of other scripts, fractions, numerals, signs of percent beside `%`: they look like figures and none is read from them. */
export const foreignFigure = (text: string): string | null => /(?![0-9])\p{N}|[％٪﹪‰‱]/u.exec(text)?.[0] ?? null;
