import { defanged } from "../../src/guard/defang.ts";
import { dataWithoutOrders } from "../../src/guard/untrusted.ts";
import { viewOf } from "../../src/incident/view.ts";
import { checkSubmitted, questionOf } from "../../src/investigation/agent/agent-parts.ts";
import { submissionIn } from "../../src/investigation/agent/rounds.ts";
import type { CheckedFinding } from "../../src/investigation/check/check-finding.ts";
import type { Problem } from "../../src/investigation/check/problem.ts";
import type { ModelFinding } from "../../src/incident/finding.ts";
import type { SubmittedFinding } from "../../src/investigation/check/submitted-finding.ts";
import { listEvidence, readEvidence } from "../../src/store/evidence.ts";
import { undecided } from "../end-to-end/agent.ts";
import type { ReplayedCase } from "./replayed-case.ts";
import type { Statement } from "./statement-corpus.ts";

/** What came of a statement that was handed in. */
export interface HandedIn {
  /** Problems that the same finding does not have without it. */
  readonly objections: readonly Problem[];
  /** Whether it would be posted with all that it says, were it handed in again as it is. */
  readonly kept: boolean;
  /** Whether people would see that something of it is in no evidence. */
  readonly marked: boolean;
  /** Of all threads of this process: the clock tells nothing on a machine with other work. */
  readonly cpuMs: number;
}

type Said = Pick<Statement, "text" | "part" | "evidence"> & Partial<Pick<Statement, "service" | "change" | "quotes">>;

/** Stands where a finding needs a sentence and the statement is another one. */
const NEUTRAL = "this was read for the finding";
const MOST_EVIDENCE = 8;
/** Words and figures of an entry that are tried as a claim on it. */
const MOST_TRIED = 12;
const letters = (text: string) => text.replace(/[^\p{L}\p{N}%]+/gu, "").toLowerCase();

/** Numbers of the ledger behind what a statement cites. @throws an Error where it cites nothing, or more than a finding may */
function numbersOf({ running, incidentId, answers }: ReplayedCase, cited: Statement["evidence"]): number[] {
  const entries = listEvidence(running.store.sql, incidentId);
  const read = new Set(answers.flatMap(({ evidence }) => evidence));
  const numbers = cited.flatMap((one) => {
    const found =
      typeof one === "number"
        ? (answers[one]?.evidence ?? [])
        : entries.flatMap(({ number, source }) => (source === one && !read.has(number) ? [number] : []));
    if (found.length === 0) throw new Error(`cites ${JSON.stringify(one)}, which brought no evidence`);
    return found;
  });
  if (numbers.length > MOST_EVIDENCE) throw new Error(`cites ${numbers.length} entries; a finding may cite ${MOST_EVIDENCE}`);
  return [...new Set(numbers)];
}

/** The entry that holds a quote, or the first of those that are cited for it. */
async function entryOf(replayed: ReplayedCase, { text, evidence }: NonNullable<Statement["quotes"]>[number]): Promise<number> {
  const numbers = numbersOf(replayed, [evidence]);
  for (const number of numbers) {
    const raw = (await readEvidence(replayed.running.store.sql, replayed.incidentId, number))?.raw ?? "";
    if (letters(raw).includes(letters(text))) return number;
  }
  return numbers[0] ?? 0;
}

/** What statements are put into, at one case. */
interface Frame {
  readonly paged: string;
  /** A claim on this evidence that holds, or null where there is none. */
  bearer(evidence: number): Promise<SubmittedFinding["claims"][number] | null>;
  /** The last hop of a path, at the paged service; it holds. */
  readonly lastHop: SubmittedFinding["causal_path"];
}

/** A finding without a word on the incident: what each statement is put into. */
async function emptyFinding(replayed: ReplayedCase, { part, evidence: cited, service, change }: Said, { paged, bearer, lastHop }: Frame) {
  const evidence = numbersOf(replayed, cited);
  const blames = part === "cause" || part === "hop";
  return {
    ...undecided,
    cause: NEUTRAL,
    ...{ verdict: blames ? "incident" : "inconclusive", service: blames ? (service ?? paged) : paged },
    // A claim stands for itself; of the other parts claims say on which evidence they rest.
    claims: part === "claim" ? [] : (await Promise.all(evidence.map(bearer))).filter((claim) => claim !== null),
    causal_path: blames ? lastHop : [],
    ...(change === undefined ? {} : { change }),
  };
}

/** The finding with this statement as the part that it is. */
async function findingWith(replayed: ReplayedCase, said: Said, frame: Frame): Promise<object> {
  const { text, part, service = frame.paged } = said;
  const finding = await emptyFinding(replayed, said, frame);
  const evidence = numbersOf(replayed, said.evidence);
  const cited = (said.quotes ?? []).map(async (quote) => ({ text: quote.text, evidence: await entryOf(replayed, quote) }));
  const parts: Readonly<Record<Statement["part"], object>> = {
    claim: { claims: [{ text, evidence, quotes: await Promise.all(cited) }] },
    cause: { cause: text },
    hop: { causal_path: [{ service, what: text, evidence }, ...(service === frame.paged ? [] : frame.lastHop)] },
    impact: { impact: { text, evidence } },
    "ruled-out": { ruled_out: [{ what: service, why: text, evidence }] },
    step: { do_now: [{ step: text, runbook: null }] },
    gap: { missing: [{ what: text, who: null }] },
  };
  return { ...finding, ...parts[part] };
}

const stringsIn = (value: unknown): string[] =>
  typeof value === "string" ? [value] : typeof value === "object" && value !== null ? Object.values(value).flatMap(stringsIn) : [];

/** Claims that might say no more than that an entry was read: some words of it, or a figure. */
function bearingOn(number: number, raw: string, views: string): SubmittedFinding["claims"] {
  let strings = [raw];
  try {
    strings = stringsIn(JSON.parse(raw));
  } catch {
    // Not every answer is JSON.
  }
  const quotes = strings
    .flatMap((text) => text.split("\n"))
    .map((line) => line.trim())
    .filter((line) => line.length >= 15 && line.length <= 200 && line.split(" ").length >= 3);
  const found = (text: string, pattern: RegExp) => [...new Set([...text.matchAll(pattern)].map(([one]) => one))].slice(0, MOST_TRIED);
  const figures = /(?<![\w.:-])(?:\d+\.\d{1,4}|\d{2,8})(?: (?:%|[µm]?s|min|h|[KMGT]iB)(?!\w))?(?![\w.:-])/g;
  return [
    ...quotes.slice(0, MOST_TRIED).map((text) => ({ text: NEUTRAL, evidence: [number], quotes: [{ text, evidence: number }] })),
    ...[...found(views, figures), ...found(raw, figures)].map((figure) => ({
      text: `One figure read is ${figure}`,
      evidence: [number],
      quotes: [],
    })),
  ];
}

/** What a finding says in one of its parts. */
const TEXTS: Readonly<Record<Statement["part"], (finding: ModelFinding) => readonly string[]>> = {
  claim: ({ claims }) => claims.map(({ text }) => text),
  cause: ({ cause }) => [cause],
  hop: ({ causal_path: path }) => path.map(({ what }) => what),
  impact: ({ impact }) => (impact === null ? [] : [impact.text]),
  "ruled-out": ({ ruled_out: out }) => out.map(({ why }) => why),
  step: ({ do_now: steps }) => steps.map(({ step }) => step),
  gap: ({ missing }) => missing.map(({ what }) => what),
};

/** What of one of its parts is marked as unverified. */
const MARKS: Readonly<Record<Statement["part"], (finding: ModelFinding) => readonly (readonly string[] | undefined)[]>> = {
  claim: ({ claims }) => claims.map(({ unverified }) => unverified),
  cause: ({ cause_unverified: unverified }) => [unverified],
  hop: ({ causal_path: path }) => path.map(({ unverified }) => unverified),
  impact: ({ impact }) => [impact?.unverified],
  "ruled-out": ({ ruled_out: out }) => out.map(({ unverified }) => unverified),
  step: ({ do_now: steps }) => steps.map(({ unverified }) => unverified),
  gap: ({ missing }) => missing.map(({ unverified }) => unverified),
};

const keyOf = ({ code, where }: Problem) => `${code} ${where}`;

/** Hands statements in at one case, each by itself, as the model's tool `submit_finding` does it. */
export async function handInAt(replayed: ReplayedCase): Promise<(said: Said) => Promise<HandedIn>> {
  const { running, incidentId, log } = replayed;
  // Steps of runbooks that fit are in the log.
  const deps = { question: running.midwatch.parts.question, hosts: [], runbooks: () => "" };
  const view = viewOf(log);
  const paged = questionOf(deps, log, view).service;
  const check = async (finding: object) => {
    // As the tool's own input is read.
    const input = submissionIn(finding);
    if (input === null) throw new Error("the finding does not fit its schema");
    return checkSubmitted(deps, { sql: running.store.sql, incidentId, log }, input);
  };
  const frame = await frameOf(replayed, paged, check);
  const without = new Map<string, Promise<ReadonlySet<string>>>();
  /** Problems of the finding without the statement; its twin has the same. */
  const usual = (said: Said) => {
    const key = JSON.stringify([said.part, said.evidence, said.service, said.change]);
    const known =
      without.get(key) ?? emptyFinding(replayed, said, frame).then(async (it) => new Set((await check(it)).problems.map(keyOf)));
    without.set(key, known);
    return known;
  };
  return async (said) => {
    const before = await usual(said);
    const finding = await findingWith(replayed, said, frame);
    const began = process.cpuUsage();
    const checked = await check(finding);
    const { user, system } = process.cpuUsage(began);
    const posted = dataWithoutOrders(checked.cleaned, view.orderSigns);
    const texts = TEXTS[said.part](posted).map(letters);
    const quoted = posted.claims.flatMap(({ quotes }) => quotes.map(({ text }) => letters(text)));
    return {
      objections: checked.problems.filter((problem) => !before.has(keyOf(problem))),
      // A link is posted as code without its scheme.
      kept:
        texts.includes(letters(defanged(said.text, deps.hosts))) && (said.quotes ?? []).every(({ text }) => quoted.includes(letters(text))),
      marked: MARKS[said.part](posted).some((values) => values !== undefined),
      cpuMs: (user + system) / 1000,
    };
  };
}

/** Finds what holds by itself: a claim for each entry of the ledger, and a hop. */
async function frameOf(replayed: ReplayedCase, paged: string, check: (finding: object) => Promise<CheckedFinding>): Promise<Frame> {
  const { running, incidentId, log, answers } = replayed;
  const { sql } = running.store;
  const digest = viewOf(log).triage?.digest.split("\n") ?? [];
  const firstAccepted = async (number: number) => {
    const raw = (await readEvidence(sql, incidentId, number))?.raw ?? "";
    const views = [
      ...answers.filter(({ evidence }) => evidence.includes(number)).map((answer) => answer.view),
      ...digest.filter((line) => line.endsWith(`[E${number}]`)),
    ].join("\n");
    for (const claim of bearingOn(number, raw, views))
      if ((await check({ ...undecided, service: paged, claims: [claim] })).ok) return claim;
    // An empty answer bears nothing.
    return null;
  };
  const known = new Map<number, ReturnType<Frame["bearer"]>>();
  const bearer: Frame["bearer"] = (number) => {
    const found = known.get(number) ?? firstAccepted(number);
    known.set(number, found);
    return found;
  };
  for (const { number } of listEvidence(sql, incidentId)) {
    const lastHop = [{ service: paged, what: NEUTRAL, evidence: [number] }];
    const claim = await bearer(number);
    const tried = {
      ...undecided,
      verdict: "incident",
      cause: NEUTRAL,
      service: paged,
      causal_path: lastHop,
      claims: claim === null ? [] : [claim],
    };
    if ((await check(tried)).cleaned.causal_path.length > 0) return { paged, bearer, lastHop };
  }
  throw new Error(`nothing in the ledger names ${paged}`);
}
