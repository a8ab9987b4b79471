import type { CheckContext } from "./check-context.ts";
import { ABOUT_CHANGE, meansChange } from "./blame.ts";
import type { ChangeRules } from "./change-rules.ts";
import type { Evidence } from "./evidence.ts";
import { type Place, placeOf, type Problem, type Unplaced } from "./problem.ts";
import type { SubmittedFinding } from "./submitted-finding.ts";

/** A finding while it is checked. */
export interface FindingCheck {
  /** Plain and bounded. */
  readonly finding: SubmittedFinding;
  readonly context: CheckContext;
  readonly evidence: Evidence;
  readonly changes: ChangeRules;
  readonly problems: Problem[];
  /** How much was given and how much of it resolved: claims, quotes and hops count alike. */
  given: number;
  kept: number;
  /** The most that its confidence may be. */
  highest: number;
  /** The blamed change, where it can't be blamed. */
  fallen: SubmittedFinding["change"];
}

/** A service by the catalog's name. */
export const nameOf = ({ evidence }: FindingCheck, service: string): string => evidence.serviceNames.get(service.toLowerCase()) ?? service;

export function atMost(check: FindingCheck, bound: number): void {
  check.highest = Math.min(check.highest, bound);
}

/** Notes what is wrong at one place; whether nothing is. */
export function holds({ problems }: FindingCheck, at: Place, wrong: readonly (Unplaced | null)[]): boolean {
  const all = wrong.filter((one) => one !== null);
  problems.push(...all.map((one) => ({ ...at, ...one })));
  return all.length === 0;
}

/** Whether a text speaks of the change that can't be blamed: what is said of it falls with it. */
export function namesFallen({ fallen, changes, evidence }: FindingCheck, text: string): boolean {
  return (
    fallen !== null &&
    (ABOUT_CHANGE.test(text) ||
      changes.changesNamed(text).length > 0 ||
      text.includes(fallen.id) ||
      changes.changesOf(fallen.id).some((one) => meansChange(text, one, evidence.serviceNames)))
  );
}

/** Those entries of a list of the finding that hold, in the form in which they are kept. @param keep null: it falls */
export async function keepEach<Part extends "claims" | "causal_path" | "ruled_out" | "do_now" | "missing">(
  { finding }: FindingCheck,
  part: Part,
  keep: (entry: SubmittedFinding[Part][number], at: Place, index: number) => Promise<SubmittedFinding[Part][number] | null>,
): Promise<SubmittedFinding[Part][number][]> {
  const kept: SubmittedFinding[Part][number][] = [];
  for (const [index, entry] of finding[part].entries()) {
    const one = await keep(entry, placeOf(part, index), index);
    if (one !== null) kept.push(one);
  }
  return kept;
}
