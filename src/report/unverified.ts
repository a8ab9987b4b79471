import { own, prose, say, type Words } from "./text.ts";

/** A sentence of a model, with a mark of what code found in no evidence: "payments fails 77 % (unverified: 77 %)". */
export function markedWords(text: string, unverified: readonly string[] = []): Words {
  const whole = unverified.some((value) => value === text);
  const values = unverified.slice(0, MOST_VALUES).join(BETWEEN);
  return say`${prose(text)}${unverified.length > 0 && (whole ? own(" (unverified)") : say` (unverified: ${values})`)}`;
}

/** Values that are named; a reader sees which sentence it is. */
const MOST_VALUES = 4;
const BETWEEN = ", ";

/**
 * Words of which a sentence was shortened, with its mark for what is left of it: a value of which nothing is shown needs none.
 * @param shorten what becomes of the sentence: a head of it
 */
export function shortenedMarked(words: Words, shorten: (text: string) => string): Words {
  const shown = words.map((run) => (run.as === "prose" ? prose(shorten(run.text)) : run));
  const [sentence, , values, end, ...more] = words;
  const [short] = shown;
  const isMarked = sentence?.as === "prose" && values?.as === "outside" && end?.as === "own" && more.length === 0;
  if (!isMarked || short?.as !== "prose" || short.text === sentence.text) return shown;
  const left = headLength(sentence.text, short.text);
  return markedWords(
    short.text,
    values.text.split(BETWEEN).filter((value) => sentence.text.indexOf(value.replace(/\s?…$/, "")) < left),
  );
}

/** How much of a text is shown by a shorter form of it, characters. */
function headLength(text: string, short: string): number {
  let same = 0;
  while (same < short.length && text[same] === short[same]) same++;
  return same;
}
