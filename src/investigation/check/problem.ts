import { evidenceMark } from "../../report/words.ts";
import { cutWords } from "./plain.ts";
import type { SubmittedFinding } from "./submitted-finding.ts";

/** A text of the model in the words of a problem. */
const shown = (text: string) => `“${cutWords(text, 120)}”`;
/** Evidence numbers in the words of a problem. */
const marks = (numbers: readonly number[]) => (numbers.length === 0 ? "no evidence" : numbers.map(evidenceMark).join(", "));

const FIRST_BEFORE = "say which figure came first: 0.3 % → 18 %";
const CAN_BE_LOOKED_UP = "nothing in it can be looked up";

/** What each kind of problem says from its data, and what to do about it, in words that the model can act on. */
const WORDS = {
  // Of any part.
  "too-long": (length: number, fix: string) => [`has ${length} characters`, fix],
  "too-many-entries": (count: number, most: number) => [`has ${count} entries`, `keep the ${most} that matter most`],
  "too-much": () => [
    "it says more than can be looked up in answers of this length, so the last of it was not",
    "say less, and cite fewer and shorter answers",
  ],
  "no-evidence": (fix: string) => ["cites no evidence that exists", fix],
  "unknown-evidence": (number: number) => [`${evidenceMark(number)} does not exist`, "cite the number that the tool's answer carried"],
  "too-many-cited": (count: number, most: number) => [`cites ${count} evidence numbers`, `cite the ${most} that matter most`],
  "too-much-evidence": (most: number) => [`the finding cites more than ${most} evidence entries`, "cite fewer"],
  unproven: () => [CAN_BE_LOOKED_UP, "add a figure with its unit or a quote, or name the service that the evidence is about"],
  "unproven-claim": () => [CAN_BE_LOOKED_UP, "add a figure with its unit or a line quoted word for word"],
  empty: (what: string, fix: string) => [what, fix],
  // Of quotes.
  "own-form": (quote: string) => [
    `${shown(quote)} is the form of a raw answer, not words`,
    "put the figure into the text, and quote words or leave the quote out",
  ],
  "quote-tells-nothing": (quote: string) => [
    `${shown(quote)} proves nothing: so few words are in any answer`,
    "copy a whole sentence or line from one place of the raw answer, with the words that negate it, cite the entry that it is in, or leave the quote out",
  ],
  "not-verbatim": (quote: string, number: number) => [
    `${shown(quote)} is not word for word in the raw answer ${evidenceMark(number)}`,
    "copy a whole sentence or line from one place of the raw answer, with the words that negate it, cite the entry that it is in, or leave the quote out",
  ],
  "quote-unreadable": () => ["nothing readable is left of the quote", "quote words, or leave it out"],
  "inline-not-verbatim": (quote: string, cited: readonly number[]) => [
    `${shown(quote)} is not word for word in ${marks(cited)}`,
    "copy it from the raw answer, cite the entry that it is in, or say it without quotation marks",
  ],
  // Of figures and names in a text.
  "too-many-tokens": (count: number, most: number) => [`holds ${count} figures and names`, `keep the ${most} that matter`],
  "foreign-figure": (figure: string) => [`“${figure}” is a figure that can't be looked up`, "write figures with the digits 0 to 9"],
  "not-looked-up": (figure: string) => [`“${figure}” was not looked up`, "say less"],
  "figure-unseen": (figure: string, cited: readonly number[]) => [
    `“${figure}” is not in ${marks(cited)}`,
    "use a figure of that evidence with its unit, rounded at most, cite the entry that it is in, or leave it out",
  ],
  "figure-elsewhere": (figure: string, cited: readonly number[], holders: readonly number[]) => [
    `“${figure}” is not in ${marks(cited)}, but in ${marks(holders.slice(0, 3))}`,
    `cite ${marks(holders.slice(0, 1))} for it`,
  ],
  "figure-of-another": (figure: string, cited: readonly number[], services: readonly string[]) => [
    `“${figure}” is in ${marks(cited)}, but not of ${services.join(" or ")}`,
    "say of which service it is",
  ],
  "figure-denied": (words: string) => [
    `“${words}” denies a figure, which nothing can show`,
    "say what the figure is, or quote the line that denies it",
  ],
  "figure-moved": (figure: string, cited: readonly number[]) => [
    `${marks(cited)} shows that “${figure}” did move`,
    "say from where to where: 0.3 % → 18 %",
  ],
  "other-way": (words: string) => [`“${words}” goes the other way than its figures`, FIRST_BEFORE],
  "arrow-other-way": (words: string) => [`“${words}” goes the other way than its sentence says`, "put the earlier figure first"],
  "order-unseen": (words: string, cited: readonly number[]) => [
    `${marks(cited)} does not show “${words}” in this order`,
    "put the earlier figure first, or cite what shows it",
  ],
  "order-reversed": (first: string, second: string, cited: readonly number[]) => [
    `${marks(cited)} shows “${first}” before “${second}”`,
    FIRST_BEFORE,
  ],
  "unknown-mark": (mark: string) => [`${mark} does not exist`, "cite an evidence number that a tool gave you"],
  "unknown-pull-request": (name: string, cited: readonly number[]) => [
    `${name} is not in ${marks(cited)}`,
    "name a pull request that you have seen, and cite where",
  ],
  "unknown-name": (name: string, cited: readonly number[]) => [
    `“${name}” is not in ${marks(cited)}`,
    "name only what the cited evidence names",
  ],
  // Of changes.
  "unknown-change": (id: string) => [`no change ${shown(id)} is known`, "blame a change that a tool listed, by its sha or version"],
  "other-repository": (id: string, repository: string) => [
    `${shown(id)} is not of ${shown(repository)}`,
    "name the repository that the change lists",
  ],
  "never-live": (id: string) => [
    `${shown(id)} was merged; nothing shows that it was deployed`,
    "merged is not live: find its deploy, or drop it",
  ],
  "live-too-late": (id: string, at: string | null, onset: string) => [
    `${shown(id)} went live${at === null ? "" : ` at ${at}`}, after the onset at ${onset}`,
    "what came later is not the cause",
  ],
  "diff-unread": (id: string) => [`the diff of ${shown(id)} was not read`, "read it before you blame the change, or do not blame it"],
  "speaks-of-diff": (id: string) => [`it speaks of the diff of ${shown(id)}, which was not read`, "read the diff, or leave it out"],
  "change-unnamed": () => ["it blames a change without naming one", "fill in `change`, or leave the change out of the sentence"],
  // Of the finding as a whole.
  "path-elsewhere": (paged: string) => [`does not end at ${shown(paged)}`, "lead from the cause to the paged service, hop by hop"],
  "hop-unnamed": (service: string, cited: readonly number[]) => [
    `${marks(cited)} does not name ${shown(service)}`,
    "cite evidence of this service",
  ],
  "service-unsupported": (service: string) => [
    `no resolved claim or hop rests on evidence that names ${shown(service)}`,
    "blame the service that the evidence names",
  ],
  "instance-unseen": (instance: string) => [
    `${shown(instance)} is not in the cited evidence`,
    "name an instance that the evidence names, or null",
  ],
  "paged-unread": (paged: string) => [
    `no resolved claim rests on evidence of ${shown(paged)}`,
    "read how the paged service is, and cite it",
  ],
  "no-claim-left": () => ["none of them resolved", "state the facts that the cause rests on, with figures or quotes from the evidence"],
  "names-person": (person: string) => [`it speaks of a person (${shown(person)})`, "say what happened, not who"],
  "alternative-open": (name: string, probability: number, isIncident: boolean) => [
    `triage holds ${shown(name)} possible (${probability.toFixed(2)}), and the finding does not speak of it`,
    `say what speaks against it, with evidence${isIncident ? ", or make it the cause" : ": a quiet figure elsewhere does not clear it"}`,
  ],
  // Of steps.
  "asks-secret": () => ["it asks for a secret", "no step may make a person hand over a password, token or key"],
  "unwritten-code": (code: string) => [
    `no runbook or skill has the code \`${code.slice(0, 80)}\``,
    "copy code from a runbook or skill that you read, or say the step in words",
  ],
  "holds-command": (command: string) => [
    `it holds a command (${command.slice(0, 40)} …)`,
    "copy code from a runbook or skill, in backticks, or say the step in words",
  ],
  "unknown-runbook": (runbook: string, matching: readonly string[]) => [
    `there is no runbook ${shown(runbook)}`,
    `${matching.length === 0 ? "none matches this page" : `of this page: ${matching.join(", ")}`}; another of the library counts once you have read it with read_runbook`,
  ],
} satisfies Record<string, (...data: never[]) => readonly string[]>;

export type ProblemCode = keyof typeof WORDS;

/** Where in a finding: its field, and the path to the entry ("claims[2].quotes[0]"). */
export interface Place {
  readonly part: keyof SubmittedFinding | "finding";
  readonly where: string;
}

/** One thing that does not hold, before it is known where. */
export interface Unplaced {
  readonly code: ProblemCode;
  readonly what: string;
  readonly fix: string;
}

export type Problem = Place & Unplaced;

export const placeOf = (part: Place["part"], index: number | null = null, rest = ""): Place => ({
  part,
  where: `${part}${index === null ? "" : `[${index}]`}${rest}`,
});

type Data = { readonly [Code in ProblemCode]: Parameters<(typeof WORDS)[Code]> };
const says: { readonly [Code in ProblemCode]: (...data: Data[Code]) => readonly string[] } = WORDS;

/** A problem with its words. */
export function problemOf<Code extends ProblemCode>(code: Code, ...data: Data[Code]): Unplaced {
  const [what = "", fix = ""] = says[code](...data);
  return { code, what, fix };
}
