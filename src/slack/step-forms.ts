import { prose, type Words } from "../report/text.ts";
import { wholeSentences } from "./markup.ts";
import { firstClause, withoutLastClause } from "./shorter.ts";

/** The first step as the status shows it, and what of it is left for the thread. */

/** Of a step and what not to do: a first sentence may be longer than what else is said with it. */
export const LONGEST_STEP = 120;
export const LONGEST_FIRST = 150;
/** A shorter clause says too little of a step. */
export const LEAST_STEP = 30;

/** What people must do or not do, in fewer and fewer words. @param least characters that say enough */
export const shorterSteps = (text: string, least: number): readonly [string, string, string] => {
  const clause = firstClause(text, least);
  return [text, clause, withoutLastClause(clause, least)];
};

/** The forms of a step in the status, the longest first. */
const formsOf = (text: string): readonly string[] =>
  shorterSteps(text, LEAST_STEP).map((form) => wholeSentences(form, LONGEST_STEP, LONGEST_FIRST));

/**
 * What a step says beyond what is shown of it: "" where all of it is shown, null where nothing is.
 * @param isShown whether these words are shown
 */
export function leftOfStep(words: Words, isShown: (part: Words) => boolean): string | null {
  if (isShown(words)) return "";
  const [only, ...more] = words;
  if (only?.as !== "prose" || more.length > 0) return null;
  const { text } = only;
  const shown = formsOf(text).find((form) => isShown([prose(form)]));
  if (shown === undefined) return null;
  // A form ends with a mark of its own where it ends within the step.
  const heads = [shown, shown.replace(/\s?(?:…|\.)$/, "")];
  const head = heads.find((one) => text.startsWith(one));
  return head === undefined ? null : text.slice(head.length).replace(/^[\s:;,.]+/, "");
}
