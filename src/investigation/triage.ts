import { IntegrationError, RateLimitedError, TimedOutError } from "../guard/errors.ts";
import type { Analysis, CoverageLine } from "../incident/finding.ts";
import { pageTrigger } from "../incident/trigger.ts";
import type { Page } from "../incident/page.ts";
import type { Fact, Question, Source, TelemetryParts, UnconfiguredSource } from "../incident/source.ts";
import type { Call, ChangeEvent, DataKind, Telemetry, TimeWindow } from "../incident/telemetry.ts";
import { lostSources } from "../report/coverage-words.ts";
import { counted } from "../report/tool-view.ts";
import { minuteTime } from "../report/words.ts";

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
}

/** A fact with the number it will have in the ledger. */
export interface NumberedFact {
  readonly evidence: number;
  readonly fact: Fact;
}

export interface Gathered {
  readonly facts: readonly NumberedFact[];
  readonly coverage: readonly CoverageLine[];
  /** The page as the pager reports it when asked, or null when it was not read. */
  readonly page: Page | null;
  /** Kinds of which a source did not answer in full. */
  readonly unread: readonly DataKind[];
}

interface Outcome {
  readonly source: string;
  readonly tools: readonly string[] | undefined;
  readonly facts: readonly Fact[];
  readonly tookMs: number;
  readonly error: unknown;
  readonly timedOut: boolean;
}

async function askOne(source: Source, question: Question, options: GatherOptions, limit: AbortSignal): Promise<Outcome> {
  const startedAt = options.now();
  const facts: Fact[] = [];
  let open = true;
  const ask = source.ask(question, (fact) => void (open && facts.push(fact)), limit);
  // A source may ignore its signal: the deadline holds all the same, and what it says afterwards is not heard.
  const cut = new Promise<"cut">((resolve) => {
    if (limit.aborted) resolve("cut");
    else limit.addEventListener("abort", () => resolve("cut"), { once: true });
  });
  let error: unknown = null;
  let timedOut = false;
  try {
    timedOut = (await Promise.race([ask, cut])) === "cut";
  } catch (cause) {
    error = cause;
    timedOut = limit.aborted;
  }
  open = false;
  ask.catch(() => undefined);
  return { source: source.name, tools: source.tools, facts, tookMs: options.now() - startedAt, error, timedOut };
}

/** By what was asked and not by when the answer came: the later window first, because it is the incident's own. */
const byQuestion = (a: Fact, b: Fact): number =>
  (b.answer.window?.to ?? 0) - (a.answer.window?.to ?? 0) || (a.answer.query < b.answer.query ? -1 : 1);

const isEmpty = (facts: readonly NumberedFact[]) =>
  facts.every(
    ({ fact, evidence }) => Object.values(fact.telemetry(evidence)).every((list) => list.length === 0) && fact.page === undefined,
  );

/** What went wrong, in words; messages of our own errors are written for people, of others the kind is named too. */
function failureWords(error: unknown): string {
  if (error instanceof IntegrationError) return error.message;
  return error instanceof Error ? `${error.name}: ${error.message}` : "failed without a reason";
}

const DAY_MS = 24 * 60 * 60_000;

/** "19:55 to 20:31: ", with the days where it is longer than one. */
const inWindow = ({ from, to }: TimeWindow): string => {
  const words = (at: number) => (to - from < DAY_MS ? minuteTime(at) : new Date(at).toISOString().slice(0, 16).replace("T", " "));
  return `${words(from)} to ${words(to)}: `;
};

/** What was cut; where several answers were, of which window each. */
function cutWords(facts: readonly NumberedFact[]): string {
  const cuts = new Map<string, TimeWindow | null>();
  for (const { answer } of facts.map(({ fact }) => fact))
    if (answer.cut !== null) cuts.set(answer.cut, cuts.has(answer.cut) ? null : answer.window);
  return [...cuts].map(([cut, window]) => (cuts.size < 2 || window === null ? cut : `${inWindow(window)}${cut}`)).join("; ");
}

function coverageLine(outcome: Outcome, facts: readonly NumberedFact[], deadlineMs: number): CoverageLine {
  const { tools } = outcome;
  const base = {
    source: outcome.source,
    tookMs: outcome.tookMs,
    evidence: facts.map((fact) => fact.evidence),
    ...(tools === undefined ? {} : { tools }),
  };
  const part = facts.length > 0 ? " The part that arrived is used." : "";
  if (outcome.timedOut || outcome.error instanceof TimedOutError) {
    return { ...base, status: "timed-out", detail: `no complete answer within ${Math.round(deadlineMs / 1000)} s.${part}` };
  }
  if (outcome.error !== null) {
    const limited = outcome.error instanceof RateLimitedError ? " Rate limit." : "";
    return { ...base, status: "failed", detail: `${failureWords(outcome.error)}${limited}${part}` };
  }
  if (tools !== undefined) return { ...base, status: "not-asked", detail: `ready: ${counted(tools.length, "tool")}` };
  if (isEmpty(facts)) return { ...base, status: "empty", detail: "nothing found" };
  const cut = cutWords(facts);
  return cut === "" ? { ...base, status: "read", detail: null } : { ...base, status: "sampled", detail: cut };
}

/**
 * Asks all sources at once under one deadline. A source that is slow or fails costs only its own line in the coverage.
 * Numbers follow the order of the sources, not of their answers, so a step that runs again numbers alike.
 * @param firstNumber next free number of the ledger
 */
export async function gather(
  sources: readonly Source[],
  unconfigured: readonly UnconfiguredSource[],
  question: Question,
  firstNumber: number,
  options: GatherOptions,
): Promise<Gathered> {
  const limit = AbortSignal.any([AbortSignal.timeout(options.deadlineMs), options.signal]);
  let answered = 0;
  const outcomes = await Promise.all(
    sources.map(async (source) => {
      const outcome = await askOne(source, question, options, limit);
      options.onProgress?.(++answered, sources.length);
      return outcome;
    }),
  );
  options.signal.throwIfAborted();
  let number = firstNumber;
  const all: NumberedFact[] = [];
  const coverage: CoverageLine[] = [];
  for (const outcome of outcomes) {
    const facts: NumberedFact[] = [];
    for (const fact of outcome.facts.toSorted(byQuestion)) {
      // Made once, for the coverage and for the analysis: there may be a hundred thousand items.
      const parts = fact.telemetry(number);
      facts.push({ evidence: number++, fact: { ...fact, telemetry: () => parts } });
      await options.yieldNow?.();
    }
    all.push(...facts);
    coverage.push(coverageLine(outcome, facts, options.deadlineMs));
  }
  for (const { name, missing } of unconfigured) {
    coverage.push({ source: name, status: "not-configured", detail: missing, tookMs: null, evidence: [] });
  }
  const page = all.map(({ fact }) => fact.page ?? null).findLast((found) => found !== null) ?? null;
  const unread = [...new Set(unreadOf(sources, coverage).flatMap(({ brings = [] }) => brings))];
  return { facts: all, coverage, page, unread };
}

/** The sources that did not answer in full, of those that bring what analysis rests on. */
const unreadOf = (sources: readonly Source[], coverage: readonly CoverageLine[]): readonly Source[] =>
  sources.filter(({ name, brings }) => brings !== undefined && lostSources(coverage).some(({ source }) => source === name));

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
    logs: named(all("logs")),
    spans: named(all("spans")),
    changes: mergeChanges(maybeNamed(all("changes"))),
    events: maybeNamed(all("events")),
    monitors: maybeNamed(all("monitors")),
    issues: maybeNamed(all("issues")),
    statements: named(all("statements")),
    sessions: named(all("sessions")),
    earlierIncidents: all("earlierIncidents"),
    unread: gathered.unread,
  };
}

/** Two tellers of one deploy may differ by the time each needs to tell of it. */
const SAME_CHANGE_MS = 2 * 60_000;

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
  const sameCode = (a: ChangeEvent, b: ChangeEvent) =>
    a.sha !== null && b.sha !== null
      ? a.sha.startsWith(b.sha) || b.sha.startsWith(a.sha)
      : a.version === null || b.version === null || a.version === b.version;
  const merged: ChangeEvent[] = [];
  for (const change of changes.toSorted((a, b) => detail(b) - detail(a) || a.at - b.at)) {
    const twin = merged.find(
      (known) =>
        known.kind === change.kind &&
        (known.service === change.service || change.service === null) &&
        Math.abs(known.at - change.at) <= SAME_CHANGE_MS &&
        sameCode(known, change),
    );
    if (twin === undefined) merged.push(change);
  }
  return merged.toSorted((a, b) => a.at - b.at);
}

const measures = ({ brings = [] }: Source) => brings.some((kind) => kind !== "changes");

/**
 * What analysis says, held against what could be read: all is well only where the sources that measure it were read, for no answer is not a good
 * one. Of all else it is kept which sources would have made it surer.
 */
export function temper(analysis: Analysis, sources: readonly Source[], coverage: readonly CoverageLine[]): Analysis {
  const unread = unreadOf(sources, coverage);
  const names = unread.map(({ name }) => name);
  const tempered = names.length === 0 ? analysis : { ...analysis, unread: names };
  if (analysis.verdict !== "nothing-wrong") return tempered;
  const isMeasured = sources.some(measures);
  if (isMeasured && !unread.some(measures)) return tempered;
  const what = isMeasured ? `${names.join(", ")} could not be read` : "nothing that measures the services is configured";
  return {
    ...tempered,
    verdict: "inconclusive",
    // What is too weak to blame in a full reading is no guess worth making from half of one.
    suspects: [],
    because: `${what[0]?.toUpperCase() ?? ""}${what.slice(1)}; what was read shows nothing wrong.`,
  };
}
