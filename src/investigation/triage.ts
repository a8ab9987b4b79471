import type { Analysis, CoverageLine } from "../incident/finding.ts";
import { pageTrigger } from "../incident/trigger.ts";
import type { Page } from "../incident/page.ts";
import type { Question, Source, TelemetryParts, UnconfiguredSource } from "../incident/source.ts";
import type { Call, ChangeEvent, DataKind, Telemetry } from "../incident/telemetry.ts";
import { type Asked, type ReadFact, startAsking } from "./asking.ts";
import { coverageLine, type NumberedFact, type Outcome } from "./coverage-line.ts";

/** How long before the page the time under suspicion starts: monitors fire some minutes after the onset. */
const SUSPICION_MS = 10 * 60_000;
/** Quiet time that the suspicion window is compared with. */
const BASELINE_MS = 4 * 3_600_000;
/** How far back a change may be and still be to blame: a slow leak takes its time. */
export const CHANGES_MS = 24 * 3_600_000;

/** The windows of an incident, from the moment of its page; `asOf` is when triage first ran. */
export function triageWindows(
  pageAt: number,
  asOf: number,
): { window: { from: number; to: number }; baseline: { from: number; to: number } } {
  // A page that reaches us late, or a clock that runs ahead, must not turn the window around.
  const from = Math.min(pageAt, asOf) - SUSPICION_MS;
  return { window: { from, to: asOf }, baseline: { from: from - BASELINE_MS, to: from } };
}

export interface GatherOptions {
  /** Whole time that sources have together, ms. What has not answered by then costs only its own line. */
  readonly deadlineMs: number;
  readonly now: () => number;
  readonly signal: AbortSignal;
  /** Called when a source has ended, well or badly. */
  readonly onProgress?: (answered: number, of: number) => void;
  /** Lets other work in between the answers, which may be large. */
  readonly yieldNow?: () => Promise<void>;
  /** Takes a source that has not answered at the deadline and goes on. Default: it is stopped. */
  readonly goOn?: (asked: Asked) => void;
  /** A source that goes on since an earlier look, or null: then it is asked. */
  readonly underWay?: (source: string) => Asked | null;
  /** Whether somebody will look at those again that may answer later. Default: nobody. */
  readonly readsOn?: boolean;
}

/** What an earlier look has read, and how each source had ended. */
export interface Before {
  readonly facts: readonly NumberedFact[];
  readonly coverage: readonly CoverageLine[];
}

export interface Gathered {
  readonly facts: readonly NumberedFact[];
  readonly coverage: readonly CoverageLine[];
  /** The page as the pager reports it when asked, or null when it was not read. */
  readonly page: Page | null;
  /** Kinds of which a source did not answer in full. */
  readonly unread: readonly DataKind[];
}

/** Waits for a source, and no longer than the limit: a source may ignore its signal, and what it says afterwards is not heard. */
async function waitFor(asked: Asked, limit: AbortSignal): Promise<{ error: unknown } | "cut"> {
  const cut = new Promise<"cut">((resolve) => {
    if (limit.aborted) resolve("cut");
    else limit.addEventListener("abort", () => resolve("cut"), { once: true });
  });
  return Promise.race([asked.ended, cut]);
}

async function askOne(
  source: Source,
  question: Question,
  options: GatherOptions,
  limit: AbortSignal,
): Promise<{ outcome: Outcome; facts: readonly ReadFact[] }> {
  const asked = options.underWay?.(source.name) ?? startAsking(source, question, options.now());
  const ended = await waitFor(asked, limit);
  const facts = [...asked.facts];
  const timedOut = ended === "cut" || (ended.error !== null && limit.aborted);
  if (ended === "cut") {
    if (options.signal.aborted || options.goOn === undefined) asked.stop(limit.reason);
    else options.goOn(asked);
  }
  const tookMs = options.now() - asked.startedAt;
  const error = ended === "cut" ? null : ended.error;
  return { outcome: { source, tookMs, error, timedOut, waitedMs: Math.max(options.deadlineMs, tookMs) }, facts };
}

/** By what was asked and not by when the answer came: the later window first, because it is the incident's own. */
const byQuestion = (a: ReadFact, b: ReadFact): number =>
  (b.answer.window?.to ?? 0) - (a.answer.window?.to ?? 0) || (a.answer.query < b.answer.query ? -1 : 1);

/** By which an answer is known again when its source is asked a second time. */
const questionKey = ({ answer: { source, query, window }, part }: ReadFact): string =>
  part ?? JSON.stringify([source, query, window?.from ?? null, window?.to ?? null]);

/**
 * Asks all sources at once under one deadline. A source that is slow or fails costs only its own line in the coverage.
 * Numbers follow the order of the sources, not of their answers, so a step that runs again numbers alike.
 * @param firstNumber next free number of the ledger
 * @param before of an earlier look: what answered then is not asked again, and keeps its numbers
 */
export async function gather(
  sources: readonly Source[],
  unconfigured: readonly UnconfiguredSource[],
  question: Question,
  firstNumber: number,
  options: GatherOptions,
  before: Before = { facts: [], coverage: [] },
): Promise<Gathered> {
  const limit = AbortSignal.any([AbortSignal.timeout(options.deadlineMs), options.signal]);
  const lineBefore = (name: string) => before.coverage.find((line) => line.source === name && line.pending !== true);
  const asked = sources.filter(({ name }) => lineBefore(name) === undefined);
  let answered = 0;
  const outcomes = await Promise.all(
    asked.map(async (source) => {
      const known = before.facts.filter(({ from }) => from === source.name);
      const parts = new Set(known.flatMap(({ fact: { part } }) => part ?? []));
      const { outcome, facts } = await askOne(source, parts.size === 0 ? question : { ...question, answered: parts }, options, limit);
      options.onProgress?.(++answered, asked.length);
      const keys = new Set(known.map(({ fact }) => questionKey(fact)));
      return { outcome, known, news: facts.filter((fact) => !keys.has(questionKey(fact))) };
    }),
  );
  options.signal.throwIfAborted();
  let number = firstNumber;
  const all: NumberedFact[] = [...before.facts];
  const lines = new Map<string, CoverageLine>();
  for (const { outcome, known, news } of outcomes) {
    const facts: NumberedFact[] = [];
    for (const fact of news.toSorted(byQuestion)) {
      // Made once, for the coverage and for the analysis: there may be a hundred thousand items.
      const parts = fact.telemetry(number);
      facts.push({ evidence: number++, fact: { ...fact, telemetry: () => parts }, from: outcome.source.name });
      await options.yieldNow?.();
    }
    all.push(...facts);
    lines.set(outcome.source.name, coverageLine(outcome, [...known, ...facts], options.readsOn === true));
  }
  const coverage = [
    ...sources.flatMap(({ name }) => lines.get(name) ?? lineBefore(name) ?? []),
    ...unconfigured.map(({ name, missing }): CoverageLine => ({
      source: name,
      status: "not-configured",
      detail: missing,
      tookMs: null,
      evidence: [],
    })),
  ];
  const page = all.map(({ fact }) => fact.page ?? null).findLast((found) => found !== null) ?? null;
  return { facts: all, coverage, page, unread: [...new Set(coverage.flatMap(({ unread = [] }) => unread))] };
}

const unique = <T>(items: readonly T[], key: (item: T) => string): T[] => [...new Map(items.map((item) => [key(item), item])).values()];

/** Joins all parts into what analysis reads, under the catalog's names. @param knownCalls who calls whom by the catalog */
export function toTelemetry(question: Question, gathered: Gathered, knownCalls: readonly Call[]): Telemetry {
  const parts: TelemetryParts[] = gathered.facts.map(({ fact, evidence }) => fact.telemetry(evidence));
  const all = <K extends keyof TelemetryParts>(key: K) =>
    parts.flatMap((part) => (part[key] ?? []) as NonNullable<TelemetryParts[K]>[number][]);
  const names = new Map<string, string>();
  const nameOf = (name: string): string => {
    const known = names.get(name);
    if (known !== undefined) return known;
    const found = question.nameOf(name);
    names.set(name, found);
    return found;
  };
  // Items that already carry the catalog's name are kept as they are: there may be a hundred thousand.
  const named = <T extends { readonly service: string }>(items: readonly T[]): T[] =>
    items.map((item) => (nameOf(item.service) === item.service ? item : { ...item, service: nameOf(item.service) }));
  const maybeNamed = <T extends { readonly service: string | null }>(items: readonly T[]): T[] =>
    items.map((item) =>
      item.service === null || nameOf(item.service) === item.service ? item : { ...item, service: nameOf(item.service) },
    );
  const { title, details, at } = gathered.page === null ? question.trigger : pageTrigger(gathered.page);
  return {
    page: { service: question.service, title, details, at },
    window: question.window,
    baseline: question.baseline,
    services: unique([...question.services.map((service) => service.name), ...all("services").map(nameOf)], String),
    calls: unique(
      [...knownCalls, ...all("calls")].map((call) => ({ from: nameOf(call.from), to: nameOf(call.to) })),
      (call) => `${call.from}\n${call.to}`,
    ),
    series: named(all("series")),
    counts: named(all("counts")),
    history: named(all("history")),
    logs: named(all("logs")),
    spans: named(all("spans")),
    changes: mergeChanges(maybeNamed(all("changes"))),
    events: maybeNamed(all("events")),
    monitors: maybeNamed(all("monitors")),
    issues: maybeNamed(all("issues")),
    statements: named(all("statements")),
    sessions: named(all("sessions")),
    earlierIncidents: all("earlierIncidents"),
    equalPages: all("equalPages"),
    relatedPages: all("relatedPages"),
    pages: all("pages"),
    unread: gathered.unread,
  };
}

/** What reports a change may come so much later than it. */
export const REPORTED_LATE_MS = 2 * 60_000;
/** Two tellers of one deploy may differ by the time each needs to tell of it. */
const SAME_CHANGE_MS = 2 * 60_000;

const isSameCode = (a: ChangeEvent, b: ChangeEvent) =>
  a.sha !== null && b.sha !== null
    ? a.sha.startsWith(b.sha) || b.sha.startsWith(a.sha)
    : a.version === null || b.version === null || a.version === b.version;

/** Whether two reports are of one change. */
export const isOneChange = (known: ChangeEvent, change: ChangeEvent): boolean =>
  known.kind === change.kind &&
  (known.service === change.service || change.service === null) &&
  Math.abs(known.at - change.at) <= SAME_CHANGE_MS &&
  isSameCode(known, change);

/**
 * GitHub, Datadog and PagerDuty report one deploy: the report that says most is kept. The same change is the same kind, service and code
 * at about the same time.
 */
function mergeChanges(changes: readonly ChangeEvent[]): ChangeEvent[] {
  const detail = (change: ChangeEvent) =>
    (change.files?.length ? 4 : 0) +
    (change.sha === null ? 0 : 2) +
    (change.previousSha === null ? 0 : 2) +
    (change.pullRequest === null ? 0 : 1) +
    (change.repository === null ? 0 : 1);
  const merged: ChangeEvent[] = [];
  for (const change of changes.toSorted((a, b) => detail(b) - detail(a) || a.at - b.at)) {
    if (!merged.some((known) => isOneChange(known, change))) merged.push(change);
  }
  return merged.toSorted((a, b) => a.at - b.at);
}

const measures = ({ brings = [] }: Source) => brings.some((kind) => kind !== "changes");
const isMeasure = (kind: DataKind) => kind !== "changes";

/**
 * What analysis says, held against what could be read: all is well only where the sources that measure it were read, for no answer is not a good
 * one. Of all else it is kept which sources would have made it surer.
 */
export function temper(analysis: Analysis, sources: readonly Source[], coverage: readonly CoverageLine[]): Analysis {
  const short = coverage.filter(({ unread = [] }) => unread.length > 0);
  const names = short.map(({ source }) => source);
  const tempered = names.length === 0 ? analysis : { ...analysis, unread: names };
  if (analysis.verdict !== "nothing-wrong") return tempered;
  const isMeasured = sources.some(measures);
  if (isMeasured && !short.some(({ unread = [] }) => unread.some(isMeasure))) return tempered;
  const what = isMeasured ? `${names.join(", ")} could not be read in full` : "nothing that measures the services is configured";
  return {
    ...tempered,
    verdict: "inconclusive",
    // What is too weak to blame in a full reading is no guess worth making from half of one.
    suspects: [],
    because: `${what[0]?.toUpperCase() ?? ""}${what.slice(1)}; what was read shows nothing wrong.`,
  };
}
