import { evidenceMark } from "../../report/words.ts";
import { cutWords } from "./plain.ts";
import type { SubmittedFinding } from "./submitted-finding.ts";

/** A text of the model in the words of a problem. */
const shown = (text: string) => `“${cutWords(text, 120)}”`;
/** Evidence numbers in the words of a problem. */
const marks = (numbers: readonly number[]) =>
  numbers.length === 0 ? "no evidence" : `${numbers.slice(0, 6).map(evidenceMark).join(", ")}${numbers.length > 6 ? ", …" : ""}`;

/** How much a problem weighs: whether the finding goes back for it, and what happens once it may not come back again. */
export type Weight =
  /** No finding goes back for it: what it is about is marked at most. It is said beside what the finding goes back for. */
  | "hint"
  /** The finding goes back. Then what it is about stays, marked as unverified; or it lowers the confidence. */
  | "open"
  /** The finding goes back. Then what it is about is cut. */
  | "cut";

/** What each kind of problem weighs, says from its data, and what to do about it, in words that the model can act on. */
const WORDS = {
  // Of any part.
  "too-long": (length: number, fix: string) => ["cut", `has ${length} characters`, fix],
  "too-many-entries": (count: number, most: number) => ["cut", `has ${count} entries`, `keep the ${most} that matter most`],
  "too-much": () => [
    "open",
    "it says more than can be looked up in answers of this length, so the last of it was not",
    "say less, and cite fewer and shorter answers",
  ],
  "no-evidence": (fix: string) => ["cut", "cites no evidence that exists", fix],
  "unknown-evidence": (number: number) => [
    "hint",
    `${evidenceMark(number)} does not exist`,
    "cite the number that the tool's answer carried",
  ],
  "too-many-cited": (count: number, most: number) => ["hint", `cites ${count} evidence numbers`, `cite the ${most} that matter most`],
  "too-much-evidence": (most: number) => ["hint", `the finding cites more than ${most} evidence entries`, "cite fewer"],
  unproven: () => ["hint", "nothing in it can be looked up", "add a figure with its unit or a quote, or say what was asked and not found"],
  "value-alone": (values: readonly string[], cited: readonly number[]) => [
    "cut",
    `it says nothing but ${values.slice(0, 3).map(shown).join(", ")}, which ${marks(cited)} does not show, nor any other answer`,
    "use a figure of the evidence, or leave it out",
  ],
  empty: (what: string, fix: string) => ["cut", what, fix],
  // Of quotes.
  "not-verbatim": (quote: string, cited: readonly number[]) => [
    "cut",
    `${shown(quote)} is not word for word in ${marks(cited)}, nor in any other answer`,
    "copy it from one place of an answer, with the words that negate it, or say it without quotation marks",
  ],
  "quote-unseen": (quote: string) => [
    "hint",
    `${shown(quote)} is word for word in no answer`,
    "copy the name or the words as an answer has them, or say it without quotation marks",
  ],
  "is-there": (quote: string, number: number) => [
    "hint",
    `${evidenceMark(number)} has ${shown(quote)}, which is said to be nowhere`,
    "say what was searched and not found",
  ],
  "absence-unread": (quote: string, cited: readonly number[]) => [
    "hint",
    `${marks(cited)} shows no search for ${shown(quote)}, so nothing says that it is nowhere`,
    "search for it, and cite the search",
  ],
  "quote-unreadable": () => ["cut", "nothing readable is left of the quote", "quote words, or leave it out"],
  // Of figures and names in a text.
  "too-many-tokens": (count: number, most: number) => ["hint", `holds ${count} figures and names`, `keep the ${most} that matter`],
  "foreign-figure": (figure: string) => ["open", `“${figure}” is a figure that can't be looked up`, "write figures with the digits 0 to 9"],
  "not-looked-up": (figure: string) => ["open", `“${figure}” was not looked up`, "say less"],
  "figure-unseen": (figure: string, cited: readonly number[]) => [
    "open",
    `“${figure}” is not in ${marks(cited)}, nor computed from it, nor in any other answer`,
    "use a figure of the evidence with its unit, cite the entry that it is in, or leave it out",
  ],
  "not-computed": (figure: string, cited: readonly number[]) => [
    "hint",
    `“${figure}” is not in ${marks(cited)}, nor computed from it, nor in any other answer`,
    "say from which figures it follows, or leave it out",
  ],
  "other-unit": (figure: string, seen: string, number: number) => [
    "cut",
    `“${figure}” has another unit in ${evidenceMark(number)}: ${seen}`,
    "use the unit of the evidence",
  ],
  "of-another": (value: string, owners: readonly string[], number: number) => [
    "hint",
    `“${value}” is of ${owners.join(", ")} in ${evidenceMark(number)}`,
    "say of which service it is",
  ],
  "unknown-mark": (mark: string) => ["open", `${mark} does not exist`, "cite an evidence number that a tool gave you"],
  "unknown-pull-request": (name: string) => ["open", `${name} is in no answer`, "name a pull request that you have seen"],
  "unknown-name": (name: string, cited: readonly number[]) => [
    "open",
    `“${name}” is not in ${marks(cited)}, nor in any other answer`,
    "name only what the evidence names",
  ],
  "service-unseen": (service: string, cited: readonly number[]) => [
    "hint",
    `${marks(cited)} does not name ${service}`,
    "cite evidence of this service",
  ],
  "order-reversed": (first: string, second: string, cited: readonly number[]) => [
    "hint",
    `${marks(cited)} shows “${second}” before “${first}”`,
    "put the earlier figure first",
  ],
  // Of changes.
  "unknown-change": (id: string) => ["cut", `no change ${shown(id)} is known`, "blame a change that a tool listed, by its sha or version"],
  "other-repository": (id: string, repository: string) => [
    "cut",
    `${shown(id)} is not of ${shown(repository)}`,
    "name the repository that the change lists",
  ],
  "never-live": (id: string) => [
    "cut",
    `${shown(id)} was merged; nothing shows that it was deployed`,
    "merged is not live: find its deploy, cite what runs with its lines, or drop it",
  ],
  "live-too-late": (id: string, at: string | null, onset: string) => [
    "cut",
    `${shown(id)} went live${at === null ? "" : ` at ${at}`}, after the onset at ${onset}`,
    "what came later is not the cause",
  ],
  "diff-unread": (id: string) => [
    "cut",
    `the diff of ${shown(id)} was not read`,
    "read it before you blame the change, or do not blame it",
  ],
  "change-of-another": (id: string, said: readonly string[], other: string) => [
    "hint",
    `${said.slice(0, 2).map(shown).join(", ")} is in ${shown(other)}, and not in ${shown(id)}`,
    "name the change that it is in",
  ],
  // Of the finding as a whole.
  "path-elsewhere": (paged: string) => ["open", `does not lead to ${shown(paged)}`, "lead from the cause to the paged service, hop by hop"],
  "service-unsupported": (service: string) => [
    "open",
    `no claim or hop rests on evidence that names ${shown(service)} as something that runs`,
    "blame the service that the evidence names",
  ],
  "instance-unseen": (instance: string) => [
    "cut",
    `${shown(instance)} is in no answer`,
    "name an instance that the evidence names, or null",
  ],
  "paged-unread": (paged: string) => [
    "open",
    `no resolved claim rests on evidence of ${shown(paged)}`,
    "read how the paged service is, and cite it",
  ],
  "no-claim-left": () => [
    "open",
    "none of them resolved",
    "state the facts that the cause rests on, with figures or quotes from the evidence",
  ],
  "alternative-open": (name: string, probability: number, isIncident: boolean) => [
    "open",
    `triage holds ${shown(name)} possible (${probability.toFixed(2)}), and the finding does not speak of it`,
    `say what speaks against it, with evidence${isIncident ? ", or make it the cause" : ": a quiet figure elsewhere does not clear it"}`,
  ],
  // Of steps.
  "rests-on-fallen": (what: string) => ["cut", `it rests on ${what}`, "say what to do without it"],
  "asks-secret": () => ["cut", "it asks for a secret", "no step may make a person hand over a password, token or key"],
  "unwritten-code": (code: string) => [
    "cut",
    `no runbook or skill has the code \`${code.slice(0, 80)}\``,
    "copy code from a runbook or skill that you read, or say the step in words",
  ],
  "holds-command": (command: string) => [
    "cut",
    `it holds a command (${command.slice(0, 40)} …)`,
    "copy code from a runbook or skill, in backticks, or say the step in words",
  ],
  "repeats-outside": (words: string) => [
    "cut",
    `it repeats what was read, ${shown(words)}`,
    "say it in your own words, or put a short message into quotation marks",
  ],
  "unknown-runbook": (runbook: string, matching: readonly string[]) => [
    "cut",
    `there is no runbook ${shown(runbook)}`,
    `${matching.length === 0 ? "none matches this page" : `of this page: ${matching.join(", ")}`}; another of the library counts once you have read it with read_runbook`,
  ],
} satisfies Record<string, (...data: never[]) => readonly [Weight, string, string]>;

export type ProblemCode = keyof typeof WORDS;

/** Where in a finding: its field, and the path to the entry ("claims[2].quotes[0]"). */
export interface Place {
  readonly part: keyof SubmittedFinding | "finding";
  readonly where: string;
}

/** One thing that does not hold, before it is known where. */
export interface Unplaced {
  readonly code: ProblemCode;
  readonly weight: Weight;
  readonly what: string;
  readonly fix: string;
}

export type Problem = Place & Unplaced;

export const placeOf = (part: Place["part"], index: number | null = null, rest = ""): Place => ({
  part,
  where: `${part}${index === null ? "" : `[${index}]`}${rest}`,
});

type Data = { readonly [Code in ProblemCode]: Parameters<(typeof WORDS)[Code]> };
const says: { readonly [Code in ProblemCode]: (...data: Data[Code]) => readonly [Weight, string, string] } = WORDS;

/** A problem with its words. */
export function problemOf<Code extends ProblemCode>(code: Code, ...data: Data[Code]): Unplaced {
  const [weight, what, fix] = says[code](...data);
  return { code, weight, what, fix };
}
