import type { RuledOut } from "../incident/finding.ts";
import { seriesName, type Telemetry, type TimeWindow } from "../incident/telemetry.ts";
import { breakdownClues } from "./breakdown.ts";
import { buildCallGraph, type CallGraph } from "./call-graph.ts";
import { chronicClues } from "./chronic.ts";
import type { Clue } from "./clue.ts";
import { contributionClues, pagedKind } from "./contribution.ts";
import { withoutCounters } from "./counter.ts";
import { eventClues, issueClues, monitorClues } from "./event-clue.ts";
import type { Shift } from "./onset.ts";
import { type PageClaim, readClaim } from "./page-claim.ts";
import { type Alarm, type HeldBound, isUsuallyBeyond, limitClues, pageHolds } from "./limit.ts";
import { compareLogs } from "./log-change.ts";
import { logClues } from "./log-clue.ts";
import type { LogStretch, PatternChange, PatternRate } from "./log-reading.ts";
import { orderedRest, orderedSeries } from "./order.ts";
import { LOOKBACK_MS, suspectPeriod, suspectSince } from "./period.ts";
import { earlierDays, withSameHour } from "./same-hour.ts";
import { standingSince } from "./standing.ts";
import { byStatus, sumsByStatus } from "./status-tag.ts";
import { certainty, edgeClues, meaningReader, readSeries, growthClues, type Signal, signalClues, stoppedCalls } from "./signal.ts";
import { joinSpans, type SpanForest } from "./span-forest.ts";
import { innocentStatements, statementClues } from "./statement-clue.ts";
import { readTraces, type TraceReading } from "./trace.ts";
import type { Steps } from "./turns.ts";

/** What was read, before it is weighed. */
export interface Reading {
  readonly telemetry: Telemetry;
  readonly graph: CallGraph;
  /** The paged service by the graph's name. */
  readonly paged: string;
  readonly signals: readonly Signal[];
  /** As `signals`, with what is counted by status put together: all requests, all failures. */
  readonly whole: readonly Signal[];
  readonly traces: TraceReading;
  readonly forest: SpanForest;
  readonly patterns: readonly PatternChange[];
  readonly rates: readonly PatternRate[];
  readonly stretches: readonly LogStretch[];
  /** As in `LogReading`. */
  readonly logHole: TimeWindow | null;
  readonly clues: readonly Clue[];
  /** Levels that are in alarm and yet far from their limit. */
  readonly innocent: readonly RuledOut[];
  /** Series (service and metric) whose level was judged against a limit. */
  readonly bounded: ReadonlySet<string>;
  readonly alarms: readonly Alarm[];
  readonly claim: PageClaim;
  /** What the page says of a level, where it is so. */
  readonly held: HeldBound | null;
  /** How sure it is that the paged service shows trouble, 0..1. */
  readonly pagedMoved: number;
  /** Services of which anything was read, by the graph's names. */
  readonly measured: ReadonlySet<string>;
}

/** Reads all telemetry into clues; `analyse` weighs them. */
export function* readTelemetry(given: Telemetry): Steps<Reading> {
  const telemetry: Telemetry = { ...given, ...orderedRest(given) };
  const { page, earlierIncidents } = telemetry;
  const forest = yield* joinSpans(telemetry.spans);
  yield;
  const graph = buildCallGraph(telemetry.services, telemetry.calls, forest.calls);
  const paged = graph.canonical(page.service);
  let suspect = suspectPeriod(telemetry);
  let levels = yield* readLevels(telemetry, graph, suspect);
  // Trouble that began in the quiet time would be its normal: what came before it is the quiet time then.
  const standing = standingSince(levels.whole, paged, suspect, earlierIncidents);
  if (standing !== null) {
    suspect = suspectSince(standing, telemetry, suspect);
    levels = yield* readLevels(telemetry, graph, suspect);
  }
  const { signals, whole } = levels;
  yield;
  const traces = yield* readTraces(forest, graph, paged, suspect, earlierIncidents);
  yield;
  const logs = yield* compareLogs(telemetry.logs, forest, suspect, earlierIncidents);
  const patterns = logs.changes;
  yield;
  const contribution = contributionClues(
    whole,
    graph,
    paged,
    `${page.title} ${page.details}`,
    suspect,
    page.at,
    earlierIncidents,
    traces.tracesNow > 0,
  );
  const claim = readClaim(telemetry, graph, paged);
  const held = pageHolds(signals, paged, `${page.title} ${page.details}`);
  const limits = limitClues(signals, telemetry.monitors, telemetry.events, graph, `${page.title} ${page.details}`);
  const measured = measuredIn(telemetry, graph);
  const clues: Clue[] = [
    ...limits.clues,
    ...breakdownClues(signals),
    ...signalClues(signals),
    ...growthClues(signals),
    ...contribution.clues,
    ...chronicClues(whole, graph, paged, pagedKind(`${page.title} ${page.details}`), logs.rates),
    ...edgeClues(signals, suspect, page.at, earlierIncidents),
    ...stoppedCalls(signals, graph, suspect, page.at, earlierIncidents, pagedKind(`${page.title} ${page.details}`)),
    ...traces.clues,
    ...logClues(patterns, graph, telemetry.services, measured),
    ...eventClues(telemetry.events, graph, paged, { from: Math.min(suspect.from, page.at - LOOKBACK_MS), to: suspect.to }),
    ...issueClues(telemetry.issues, graph, paged, suspect),
    ...monitorClues(telemetry.monitors, graph, paged, suspect),
    ...statementClues(telemetry, graph),
  ];
  return {
    telemetry,
    graph,
    paged,
    signals,
    whole,
    traces,
    forest,
    patterns,
    rates: logs.rates,
    stretches: logs.stretches,
    logHole: logs.hole,
    clues,
    measured,
    innocent: [...limits.ruledOut, ...innocentStatements(telemetry)],
    bounded: limits.bounded,
    alarms: limits.alarms,
    held,
    claim,
    pagedMoved: Math.max(
      contribution.pagedMoved,
      pagedCertainty(signals, paged),
      held === null || isUsuallyBeyond(held.signal, held.level, held.isBeyond) ? 0 : 0.5,
    ),
  };
}

/** The series, held against their quiet time. */
function* readLevels(telemetry: Telemetry, graph: CallGraph, suspect: TimeWindow): Steps<Pick<Reading, "signals" | "whole">> {
  const { page, earlierIncidents } = telemetry;
  const meaning = meaningReader();
  const signals: Signal[] = [];
  let count = 0;
  const history = earlierDays(telemetry);
  const asRead = orderedSeries(telemetry.series);
  const plain = withoutCounters(asRead);
  for (const [index, series] of plain.entries()) {
    const signal = readSeries(...byStatus(series, meaning(series.metric, series.unit)), graph, suspect, page.at, earlierIncidents);
    if (signal !== null) signals.push(withSameHour(signal, asRead[index] ?? series, history.get(seriesName(series)), suspect, page.at));
    count += 1;
    if (count % 100 === 0) yield;
  }
  const { sums, parts } = sumsByStatus(plain, meaning);
  const whole = [
    ...signals.filter(({ series }) => !parts.has(seriesName(series))),
    ...sums.flatMap((sum) => {
      const signal = readSeries(sum.series, sum.meaning, graph, suspect, page.at, earlierIncidents);
      return signal === null ? [] : [asItsParts(signal, signals)];
    }),
  ];
  return { signals, whole };
}

/** A sum by status is as usual at this hour where that is so of all its parts that moved. */
function asItsParts(sum: Signal, signals: readonly Signal[]): Signal {
  const { service, metric } = sum.series;
  const parts = signals.filter(
    ({ series, meaning }) => series.service === service && series.metric === metric && meaning.kind === sum.meaning.kind,
  );
  const hourly = parts.find(({ sameHour }) => sameHour !== undefined)?.sameHour;
  return hourly === undefined || parts.some(({ shift }) => shift !== null) ? sum : { ...sum, shift: null, sameHour: hourly };
}

/** Services that anything was read of. */
function measuredIn({ series, logs, spans }: Telemetry, graph: CallGraph): ReadonlySet<string> {
  return new Set([series, logs, spans].flatMap((rows) => rows.map(({ service }) => graph.canonical(service))));
}

/** From none to one is no trouble yet, however sure the one is. */
const SOME = 5;
const ofCount = ({ before, now }: Shift, grain: number): number => Math.abs(now - before) / (Math.abs(now - before) + SOME * grain);
const isCounted = ({ meaning, series }: Signal): boolean => meaning.kind === "errors" && !meaning.isShare && series.unit !== "fraction";

/** How sure it is that the paged service's latency, errors or availability left its usual range, 0..1. */
function pagedCertainty(signals: readonly Signal[], paged: string): number {
  let most = 0;
  for (const signal of signals) {
    if (signal.service !== paged || signal.shift === null || signal.edge !== null) continue;
    const { kind, isClientSide } = signal.meaning;
    if ((kind === "latency" || kind === "errors" || kind === "availability") && !isClientSide)
      most = Math.max(most, certainty(signal, signal.shift) * (isCounted(signal) ? ofCount(signal.shift, signal.baseline.grain) : 1));
  }
  return most;
}
