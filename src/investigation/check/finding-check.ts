import type { ModelFinding } from "../../incident/finding.ts";
import type { ChangeEvent } from "../../incident/telemetry.ts";
import type { CheckContext } from "./check-context.ts";
import type { ChangeRules } from "./change-rules.ts";
import { checkText } from "./check-text.ts";
import type { Evidence } from "./evidence.ts";
import { withoutPassages } from "./passages.ts";
import { cutWords } from "./plain.ts";
import { type Place, placeOf, type Problem, problemOf, type Unplaced } from "./problem.ts";
import { LIMITS, type WholeFinding } from "./submitted-finding.ts";

/** A finding while it is checked. */
export interface FindingCheck {
  /** Plain and bounded. */
  readonly finding: WholeFinding;
  readonly context: CheckContext;
  readonly evidence: Evidence;
  readonly changes: ChangeRules;
  readonly problems: Problem[];
  /** The most that its confidence may be. */
  highest: number;
  /** The blamed change, where it can't be blamed. */
  fallen: WholeFinding["change"];
  /** Commits that run without a deployment record. */
  running: readonly ChangeEvent[];
}

/** A service by the catalog's name. */
export const nameOf = ({ evidence }: FindingCheck, service: string): string => evidence.serviceNames.get(service.toLowerCase()) ?? service;

export function atMost(check: FindingCheck, bound: number): void {
  check.highest = Math.min(check.highest, bound);
}

/** Notes what is wrong at one place. */
export function note({ problems }: FindingCheck, at: Place, wrong: readonly (Unplaced | null)[]): void {
  problems.push(...wrong.flatMap((one) => (one === null ? [] : [{ ...at, ...one }])));
}

/** A text as it may be posted. */
export interface Kept {
  readonly text: string;
  readonly evidence: readonly number[];
  readonly unverified: readonly string[];
  /** How many figures, names and quotes of it were found in evidence. */
  readonly resolved: number;
  /** Nothing is wrong with it that a finding goes back for. */
  readonly isSound: boolean;
}

/** What marks a text of which not all was found; nothing where all was. */
export const markOf = ({ unverified }: Pick<Kept, "unverified">): { readonly unverified?: readonly string[] } =>
  unverified.length === 0 ? {} : { unverified };

/** Values of one text that are marked: of more the sentence is worth little anyway. */
const MOST_UNVERIFIED = 6;
const LONGEST_VALUE = 80;

interface Rules {
  /** It falls without evidence, with what is to be done about that. */
  readonly needsEvidence?: string;
  /** Something in it has to be found. */
  readonly needsProof?: boolean;
  readonly isAdvice?: boolean;
  readonly isGap?: boolean;
  /** The service that it is about, where the finding says so beside it. */
  readonly of?: string;
  /** More that is looked through, and not cited by the text. */
  readonly beside?: readonly number[];
  /** Passages that are wrong for reasons of their own. */
  readonly wrong?: readonly (readonly [number, number])[];
  /** Found already: its quotes. */
  readonly resolved?: number;
}

/**
 * Checks one text. What contradicts the evidence is cut out of it, what is nowhere is marked, and entries that show more of it are added.
 * @returns null where nothing may be posted of it
 */
export async function keepText(
  check: FindingCheck,
  at: Place,
  text: string,
  cited: readonly number[],
  rules: Rules = {},
): Promise<Kept | null> {
  const { evidence, problems } = check;
  const { beside = [], wrong = [], resolved = 0, isAdvice = false, isGap = false } = rules;
  const own = evidence.existing(at, cited, problems);
  const found = await checkText(evidence, text, [...new Set([...own, ...beside])], { isAdvice, isGap, of: rules.of ?? null });
  const all = found.resolved + resolved;
  const other = check.changes.ofAnotherChange(text, await evidence.changesSeen());
  const isSound = found.problems.every(({ weight }) => weight === "hint");
  const isAlone =
    rules.needsProof === true &&
    all === 0 &&
    found.unverified.length === 1 &&
    found.wrong.length === 0 &&
    found.problems.some(({ code, weight }) => weight === "open" || code === "not-computed");
  note(check, at, isAlone ? [problemOf("value-alone", found.unverified, own)] : found.problems);
  if (isAlone) return null;
  note(check, at, [other?.problem ?? null]);
  const shown = [...own, ...found.evidence.filter((number) => !own.includes(number) && !beside.includes(number))];
  if (rules.needsEvidence !== undefined && shown.length === 0) {
    note(check, at, [problemOf("no-evidence", rules.needsEvidence)]);
    return null;
  }
  const left = withoutPassages(text, [...found.wrong, ...wrong]);
  if (left === null || left === "") return null;
  const isBare = rules.needsProof === true && all === 0;
  if (isBare && found.problems.length === 0) note(check, at, [problemOf("unproven")]);
  const open = [...found.unverified, ...(other === null ? [] : [other.id])]
    .filter((value) => left.includes(value))
    // By their places: what shows a head of the text, and a few of them, shows those of the head.
    .toSorted((a, b) => left.indexOf(a) - left.indexOf(b))
    .slice(0, MOST_UNVERIFIED);
  const unverified = isBare ? [left] : open.map((value) => cutWords(value, LONGEST_VALUE));
  return { text: left, evidence: shown, unverified, resolved: all, isSound };
}

/** Those entries of a list of the finding that hold, in the form in which they are kept. @param keep null: it falls */
export async function keepEach<Part extends "claims" | "causal_path" | "ruled_out" | "do_now" | "missing", Entry>(
  { finding }: FindingCheck,
  part: Part,
  keep: (entry: WholeFinding[Part][number], at: Place, index: number) => Promise<Entry | null>,
): Promise<Entry[]> {
  const kept: Entry[] = [];
  for (const [index, entry] of finding[part].entries()) {
    const one = await keep(entry, placeOf(part, index), index);
    if (one !== null) kept.push(one);
  }
  return kept;
}

/** Longest text that is kept of a sentence. */
export const LONGEST_SENTENCE = LIMITS.sentence * 1.2;

export type Claim = ModelFinding["claims"][number];
export type Hop = ModelFinding["causal_path"][number];
