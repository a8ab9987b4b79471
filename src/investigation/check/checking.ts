import type { Evidence, Opened } from "./evidence.ts";
import type { Unplaced } from "./problem.ts";

/** One text with the evidence that it cites, while it is checked. */
export interface Checking {
  readonly text: string;
  readonly evidence: Evidence;
  readonly cited: number[];
  readonly answers: Opened[];
  /** The services of the catalog that the text names. */
  readonly services: readonly string[];
  /** They, and the service that the text is said of. */
  readonly owners: readonly string[];
  /** Steps and wishes: their round figures are advice, not facts, and their code is to be typed, not quoted. */
  readonly isAdvice: boolean;
  /** What is missing: its figures are facts. */
  readonly isGap: boolean;
  /** The text says that something is nowhere. */
  readonly isAbsence: boolean;
  /** To `evidence.words` at first: what is not in the views is looked for in the figures of raw answers before it is looked for elsewhere. */
  readonly open: (number: number) => Promise<Opened>;
  readonly problems: Unplaced[];
  readonly unverified: string[];
  readonly wrong: [number, number][];
  resolved: number;
  /** Words that it says to be nowhere were looked for, in the time that it speaks of. */
  isSearched: boolean;
  /** It puts figures to times, or one before another, and no view says whether that is so: a raw answer may say that it is not. */
  isOrderOpen: boolean;
}

/** Notes a value that was found nowhere. */
export function miss({ problems, unverified }: Checking, problem: Unplaced, value: string): void {
  problems.push(problem);
  unverified.push(value);
}

/** Notes an entry that shows something of the text and was not cited. */
export function cite({ cited, answers }: Checking, opened: Opened): void {
  if (cited.includes(opened.number)) return;
  cited.push(opened.number);
  answers.push(opened);
}
