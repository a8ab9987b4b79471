import { z } from "zod";
import { type FaultClass, faultClasses } from "../incident/finding.ts";
import { containsGlob, matchesGlob } from "../incident/glob.ts";
import { type RunbookChange, runbookChanges, type RunbookFacts, type TroubleKind, troubleKinds } from "../incident/trouble.ts";
import { parseFrontMatter } from "./front-matter.ts";
import { type PageFacts, pageFacts } from "./page-facts.ts";
import { type Problem, problemLine } from "./problem.ts";
import { SetupError } from "../guard/errors.ts";

/** Most patterns of one field, and longest one: what a page costs to match is bounded by them. */
const MOST_PATTERNS = 50;
const LONGEST_PATTERN = 200;

const pattern = z
  .string({ error: "must be words; put a number in quotes" })
  .max(LONGEST_PATTERN, { error: `may have at most ${LONGEST_PATTERN} characters` })
  .transform((word) => word.trim().toLowerCase());
const oneOrMore = <S extends z.ZodType>(one: S, error: string) =>
  z.union([one.transform((value) => [value]), z.array(one).max(MOST_PATTERNS)], { error }).default([]);
const words = oneOrMore(pattern, `must be words or a list of at most ${MOST_PATTERNS}; a number needs quotes`).transform((list) =>
  list.filter((word) => word !== ""),
);

/** Longest line of what not to do: it is shown whole, on a phone. */
const LONGEST_DO_NOT = 200;

const frontMatterSchema = z.strictObject({
  title: z.string({ error: "is missing; write what the runbook is for" }).trim().min(1, { error: "must not be empty" }),
  /** What people must not do, and why: what follows "Do not". */
  doNot: z
    .string({ error: "must be words; write what follows “Do not”" })
    .trim()
    .min(1, { error: "must not be empty" })
    .max(LONGEST_DO_NOT, { error: `may have at most ${LONGEST_DO_NOT} characters` })
    .regex(/^[^\n]*$/, { error: "must be one line" })
    .refine((line) => !/^(?:do not|don['’]t|never)\b/i.test(line), { error: "is shown after “Do not”; leave these words out" })
    .optional(),
  match: z.strictObject(
    {
      /** Names in the catalog. In every field `*` stands for any run of characters. */
      service: words,
      /** Words or phrases of the page's title or details, or of what speaks for the best suspect. */
      title: words,
      /** Datadog monitors: ids, or words of their names. */
      monitor: oneOrMore(
        z.union([z.int().positive().transform(String), pattern]),
        "must be a monitor's id, words of its name, or a list of them",
      ).transform((list) => list.filter((word) => word !== "")),
      /** Tags of the alert: `team:payments`. */
      tags: words,
      /** true or kinds: only where such a change is likely the cause; false: only where none near the onset may be. */
      change: z
        .union([z.boolean(), z.enum(runbookChanges).transform((kind) => [kind]), z.array(z.enum(runbookChanges)).min(1)], {
          error: `must be true, false, or one or more of ${runbookChanges.join(", ")}`,
        })
        .optional(),
      /** Kinds of fault that analysis found. */
      fault: oneOrMore(z.enum(faultClasses), `must be one or more of ${faultClasses.join(", ")}`),
      /** What goes wrong, by facts of the analysis. */
      trouble: oneOrMore(z.enum(troubleKinds), `must be one or more of ${troubleKinds.join(", ")}`),
      /** Whose fault it is: the paged service's own, or another's that it depends on. */
      suspect: z.enum(["paged", "other"], { error: "must be paged or other" }).optional(),
    },
    {
      error: ({ code, input }) =>
        code === "invalid_type" && input === undefined ? "is missing; write `match:` and below it what it fits" : undefined,
    },
  ),
});

/** Steps that people take, matched to a page. */
export interface Runbook {
  /** File name without its ending. */
  readonly name: string;
  readonly title: string;
  /** What people must not do: what follows "Do not". */
  readonly doNot?: string | undefined;
  readonly match: {
    readonly service: readonly string[];
    readonly title: readonly string[];
    readonly monitor: readonly string[];
    readonly tags: readonly string[];
    readonly fault: readonly FaultClass[];
    readonly trouble: readonly TroubleKind[];
    readonly change?: boolean | readonly RunbookChange[] | undefined;
    readonly suspect?: "paged" | "other" | undefined;
  };
  /** Path of the file, as people name it. */
  readonly file: string;
  /** First numbered list of the text, one step an item, without Markdown's list marks. */
  readonly steps: readonly string[];
  readonly text: string;
}

/** A runbook or skill is wrong: where, and what to write; every problem at once. */
export class RunbookError extends SetupError {
  readonly problems: readonly Problem[];
  constructor(problems: readonly Problem[]) {
    super(problems.map(problemLine).join("\n"));
    this.name = "RunbookError";
    this.problems = problems;
  }
}

const STEP = /^\d{1,9}[.)][ \t]+(\S.*)$/;

/**
 * Items of the first numbered list. Lines that continue an item's first paragraph belong to it; lists and paragraphs below an item do not, and
 * neither do numbers inside code.
 */
export function firstSteps(markdown: string): string[] {
  const steps: string[] = [];
  let inCode = false;
  let continues = false;
  for (const line of markdown.split(/\r?\n/)) {
    const text = line.trim();
    if (/^(?:```|~~~)/.test(text)) {
      // Code at the left edge ends a list; code below an item does not.
      if (!inCode && steps.length > 0 && line === line.trimStart()) break;
      inCode = !inCode;
      continues = false;
    } else if (!inCode) {
      const step = STEP.exec(line)?.[1];
      if (step !== undefined) {
        steps.push(step.trim());
        continues = true;
      } else if (text === "" || /^(?:[-*+>#|]|\d{1,9}[.)][ \t])/.test(text)) {
        if (text !== "" && steps.length > 0 && line === line.trimStart()) break;
        continues = false;
      } else if (continues) steps.push(`${steps.pop() ?? ""} ${text}`);
      else if (steps.length > 0 && line === line.trimStart()) break;
    }
  }
  return steps;
}

/** Reads `runbooks/<name>.md`: YAML front matter, then Markdown for people. Never throws: one with an error is null, and each problem has its line. */
export function readRunbook(file: string, text: string): { runbook: Runbook | null; problems: Problem[] } {
  const head = parseFrontMatter(file, text, frontMatterSchema, { start: "`---`, `title:` and `match:`, then `---`" });
  const problems = [...head.problems];
  if (head.data === null) return { runbook: null, problems };
  const { title, match, doNot } = head.data;
  if (Object.values(match).every((value) => value === undefined || (Array.isArray(value) && value.length === 0)))
    problems.push({
      file,
      line: head.lineOf(["match"]),
      severity: "error",
      message:
        "match is empty, so it would never be shown; name a service, a monitor, a tag, words of a title, a fault, a trouble, a suspect or a change",
    });
  const steps = firstSteps(head.body);
  if (steps.length === 0)
    problems.push({
      file,
      line: head.bodyLine,
      severity: "error",
      message: "has no numbered steps (`1. …`); people need to know what to do first",
    });
  if (problems.some(({ severity }) => severity === "error")) return { runbook: null, problems };
  const name = file.replace(/^.*\//, "").replace(/\.md$/, "");
  return { runbook: { name, title, ...(doNot === undefined ? {} : { doNot }), match, file, steps, text: head.body.trim() }, problems };
}

/** What a runbook is matched with. */
export interface RunbookQuestion {
  /** The paged service and the best suspect, as the catalog names them. */
  readonly services: readonly string[];
  readonly title: string;
  readonly details: string;
  readonly fault: FaultClass | null;
  readonly facts: RunbookFacts;
  /** What is known of the alert beside its text; title and details are searched too. */
  readonly monitors?: readonly string[];
  readonly tags?: readonly string[];
  /** What speaks for the best suspect: words of a title are found there too, and weigh less. */
  readonly reasons?: readonly string[];
}

/** How much a criterion says about a runbook: the more special one outweighs all below it together. */
const WEIGHTS = { monitor: 128, service: 64, title: 32, reasons: 16, tags: 8, change: 4, trouble: 2, fault: 1 } as const;
const LISTS = ["monitor", "service", "title", "tags", "trouble", "fault"] as const;

function changeHolds({ change }: Runbook["match"], { change: blamed, mayBeChange }: RunbookFacts): boolean {
  if (change === undefined) return true;
  if (change === false) return !mayBeChange;
  return blamed !== null && (change === true || change.includes(blamed));
}

/**
 * Runbooks that fit a page, best first: one that names the monitor before one that names the service (of the page or of the best suspect), before
 * one that knows the title, the suspect's reasons, a tag, the change, the trouble, the fault. Every criterion that a runbook names must hold; within
 * one a single hit is enough. One that knows the fault alone is left out where another knows more: it would say less, or something else.
 */
export function matchRunbooks(runbooks: readonly Runbook[], about: RunbookQuestion): Runbook[] {
  // Line by line, so that `*` does not join words that have nothing to do with each other.
  const lines = `${about.title}\n${about.details}`.toLowerCase().split("\n");
  const reasons = (about.reasons ?? []).flatMap((reason) => reason.toLowerCase().split("\n"));
  const services = about.services.map((name) => name.toLowerCase());
  const alert: PageFacts = pageFacts(about.title, about.details);
  const monitors = [...alert.monitors, ...(about.monitors ?? []).map((name) => name.toLowerCase())];
  const tags = [...alert.tags, ...(about.tags ?? []).map((tag) => tag.toLowerCase())];
  const { facts } = about;
  const isNumber = (one: string) => /^\d+$/.test(one);
  const hits = ({ match }: Runbook): Record<keyof typeof WEIGHTS, boolean> => ({
    reasons: match.title.some((one) => reasons.some((line) => containsGlob(one, line))),
    monitor: match.monitor.some((one) => monitors.some((monitor) => (isNumber(one) ? monitor === one : containsGlob(one, monitor)))),
    service: match.service.some((one) => services.some((name) => matchesGlob(one, name))),
    title: match.title.some((one) => lines.some((line) => containsGlob(one, line))),
    tags: match.tags.some((one) => tags.some((tag) => matchesGlob(one, tag))),
    change: match.change !== undefined && match.change !== false,
    trouble: match.trouble.some((kind) => facts.trouble.includes(kind)),
    fault: about.fault !== null && match.fault.includes(about.fault),
  });
  const scored = runbooks.flatMap((runbook) => {
    const { match } = runbook;
    const hit = hits(runbook);
    const isHit = (name: (typeof LISTS)[number]) => hit[name] || (name === "title" && hit.reasons);
    const isSuspect = match.suspect === undefined || (facts.isOwn !== null && (match.suspect === "paged") === facts.isOwn);
    if (!isSuspect || !changeHolds(match, facts) || !LISTS.every((name) => match[name].length === 0 || isHit(name))) return [];
    const named = [...LISTS, "change"] as const;
    const score = named.reduce((sum, name) => sum + (hit[name] ? WEIGHTS[name] : name === "title" && hit.reasons ? WEIGHTS.reasons : 0), 0);
    // Of two troubles the stronger fact comes first.
    return [{ runbook, score: match.trouble.includes(facts.trouble[0] ?? "cpu") ? score : score - (hit.trouble ? 0.5 : 0) }];
  });
  const known = scored.some(({ score }) => score > WEIGHTS.fault);
  return scored
    .filter(({ score }) => !known || score > WEIGHTS.fault)
    .toSorted((a, b) => b.score - a.score || (a.runbook.name < b.runbook.name ? -1 : 1))
    .map(({ runbook }) => runbook);
}

/** Most runbooks that the agent is given whole, and longest text of them together, characters. */
const MOST_READ = 3;
const LONGEST_READING = 9_000;

/**
 * The runbooks that fit a page as the agent reads them before its first question: the best ones whole, the others by name. "" where none fits.
 * @param matched best first, of {@link matchRunbooks}
 */
export function runbookReading(matched: readonly Runbook[]): string {
  let room = LONGEST_READING;
  const whole: string[] = [];
  const named: string[] = [];
  for (const { name, title, file, text } of matched) {
    const part = `Runbook ${name}: ${title} (${file})\n${text}`;
    if (whole.length < MOST_READ && (part.length <= room || whole.length === 0)) {
      const cut = part.length > room ? `${part.slice(0, room)}\n(cut; read_runbook ${name} has the rest)` : part;
      whole.push(cut);
      room -= cut.length;
    } else named.push(`- ${name}: ${title}`);
  }
  if (named.length > 0) whole.push(`Also fit, to be read with read_runbook:\n${named.slice(0, 20).join("\n")}`);
  return whole.join("\n\n");
}
