import type { Series, TimeWindow } from "../incident/telemetry.ts";
import { type Baseline, describeBaseline } from "./baseline.ts";
import type { CallGraph } from "./call-graph.ts";
import { type Clue, saturating } from "./clue.ts";
import { findShift, type Shift } from "./onset.ts";
import { splitPoints } from "./period.ts";
import { readSignal, type SignalMeaning } from "./signal-kind.ts";
import { clock, figure, latencyUnitMs, metricWords, quantity, times } from "./words.ts";

/** One series, what it means, what is normal for it, and how it left that. */
export interface Signal {
  readonly series: Series;
  /** Under the name that the call graph gives it. */
  readonly service: string;
  readonly meaning: SignalMeaning;
  readonly baseline: Baseline;
  readonly shift: Shift | null;
  /** Last value in the window. */
  readonly latest: number;
  /** History was missing, the window's own beginning stands in for it. */
  readonly borrowed: boolean;
  /** Caller and callee where the series measures one edge. */
  readonly edge: { readonly from: string; readonly to: string; readonly bySource: boolean } | null;
}

/** Reads one series; null where it has no points in the suspect time. */
export function readSeries(
  series: Series,
  meaning: SignalMeaning,
  graph: CallGraph,
  suspect: TimeWindow,
  page: number,
  earlier: readonly TimeWindow[],
): Signal | null {
  const { healthy, suspect: late, borrowed } = splitPoints(series.points, suspect, earlier);
  if (late.length === 0 || healthy.length === 0) return null;
  const baseline = describeBaseline(healthy, series.kind, meaning.isShare);
  if (baseline.count === 0) return null;
  const direction = meaning.worse;
  const shift = findShift(late, baseline, page, direction, earlier);
  return {
    series,
    service: graph.canonical(series.service),
    meaning,
    baseline,
    shift,
    latest: late.at(-1)?.value ?? Number.NaN,
    borrowed,
    edge: edgeOf(series, graph),
  };
}

/** The metric's meaning, remembered per name and unit: thousands of series share a few names. */
export function meaningReader(): (metric: string, unit: string | null) => SignalMeaning {
  const known = new Map<string, SignalMeaning>();
  return (metric, unit) => {
    const key = `${metric}\n${unit ?? ""}`;
    let meaning = known.get(key);
    if (meaning === undefined) known.set(key, (meaning = readSignal(metric, unit)));
    return meaning;
  };
}

function edgeOf(series: Series, graph: CallGraph): Signal["edge"] {
  const { tags } = series;
  const from = tags["caller"] ?? tags["source_workload"] ?? tags["client"];
  const to = tags["callee"] ?? tags["destination_workload"] ?? tags["peer.service"] ?? tags["server"];
  if (from === undefined || to === undefined || from === "" || to === "") return null;
  const reporter = tags["reporter"] ?? (graph.canonical(series.service) === graph.canonical(from) ? "source" : "destination");
  return { from: graph.canonical(from), to: graph.canonical(to), bySource: /source|client|caller/.test(reporter) };
}

const minuteSpan = (shift: Shift): string => clock(shift.onset);

/** "CPU usage rate 25.4 % → 81.1 % at 03:54:19". */
export function shiftWords(signal: Signal, shift: Shift): string {
  const { metric, unit, tags } = signal.series;
  return `${metricWords(metric, tags)} ${quantity(shift.before, unit, metric)} → ${quantity(shift.now, unit, metric)} at ${minuteSpan(shift)}`;
}

/** How sure the away points make it that something changed, 0..1: a shift that was there from the first recorded point may be an old one. */
export function certainty(signal: Signal, shift: Shift): number {
  const size = Math.abs(shift.deviation);
  const firm = size / (size + 3.5);
  const run = shift.points / (shift.points + 0.5);
  const seenBefore = shift.healthyUntil === null ? 0.35 : 1;
  const history = signal.borrowed ? 0.8 : 1;
  return firm * run * seenBefore * history;
}

/** Whole that a share is part of: 100 for percent, 1 for ratios. */
export const wholeOf = (signal: Signal): number => (Math.max(signal.baseline.high, signal.latest, signal.shift?.peak ?? 0) > 1.5 ? 100 : 1);

/** Clues that series give by themselves. Latency and errors are symptoms that callers share: `suspect.ts` takes off what callees explain. */
export function signalClues(signals: readonly Signal[]): Clue[] {
  const clues: Clue[] = [];
  const shares = new Set<string>();
  for (const signal of signals) {
    if (signal.meaning.kind === "saturation" && signal.meaning.isShare && signal.meaning.resource !== null) {
      shares.add(`${signal.service}\n${signal.series.instance ?? ""}\n${signal.meaning.resource}\n${signal.meaning.isNode}`);
    }
  }
  for (const signal of signals) {
    const { shift, meaning, series } = signal;
    if (shift === null || signal.edge !== null) continue;
    const sure = certainty(signal, shift);
    const base = { service: signal.service, instance: series.instance, onset: shift.onset, evidence: [series.evidence], quote: null };
    const ratio = shift.now / Math.max(Math.abs(shift.before), 1e-12);
    if (meaning.kind === "saturation") {
      const { resource } = meaning;
      const fault =
        resource === "cpu" || resource === "load" || resource === "threads" ? "cpu" : resource === "memory" ? "memory" : "overload";
      let weight = 0;
      if (meaning.isShare) {
        const whole = wholeOf(signal);
        const rise = Math.abs(shift.now - shift.before) / whole;
        const level = Math.abs(shift.now) / whole;
        if (rise < 0.05) continue;
        weight = saturating(rise, 0.25, 9) * (meaning.worse === "up" && level >= 0.8 ? 1.2 : 1);
      } else {
        if (resource !== null && shares.has(`${signal.service}\n${series.instance ?? ""}\n${resource}\n${meaning.isNode}`)) continue;
        const doublings = Math.abs(Math.log2(Math.max(ratio, 1e-6)));
        weight = saturating(Math.max(0, doublings - 0.3), 1.5, 4);
      }
      // Memory drifts over hours and with every restart; the machine below is shared by innocents.
      if (resource === "memory" || resource === "disk") weight *= 0.4;
      if (meaning.isNode) weight *= 0.25;
      clues.push({
        ...base,
        fault,
        family: "saturation",
        weight: weight * sure,
        text: `${shiftWords(signal, shift)}${series.instance === null ? "" : ` in ${series.instance}`}`,
      });
    } else if (meaning.kind === "latency") {
      const doublings = Math.log2(Math.max(ratio, 1e-6));
      const addedMs = (shift.now - shift.before) * latencyUnitMs(series.metric, series.unit);
      if (doublings < 0.2) continue;
      const weight = saturating(doublings - 0.1, 1.5, 3) * (addedMs / (addedMs + 5)) * (meaning.isClientSide ? 0.3 : 1);
      clues.push({
        ...base,
        fault: "latency",
        family: "latency",
        weight: weight * sure,
        text: `${shiftWords(signal, shift)} (${times(ratio)})`,
      });
    } else if (meaning.kind === "errors" || meaning.kind === "availability") {
      const rise = meaning.isShare
        ? Math.abs(shift.now - shift.before) / wholeOf(signal)
        : Math.abs(shift.now - shift.before) / (Math.abs(shift.before) + 10);
      const weight = saturating(rise, 0.05, 3.5) * (meaning.isClientSide ? 0.5 : 1);
      clues.push({ ...base, fault: "error", family: "errors", weight: weight * sure, text: shiftWords(signal, shift) });
    } else if (meaning.kind === "traffic") {
      if (ratio < 1.3 || meaning.resource === "network" || meaning.resource === "disk") continue;
      const weight = saturating(Math.log2(ratio) - 0.3, 1.5, 1.5);
      clues.push({
        ...base,
        fault: "overload",
        family: "traffic",
        weight: weight * sure,
        text: `${shiftWords(signal, shift)} (${times(ratio)})`,
      });
    }
  }
  return clues;
}

/** Calls whose time is lost between what the caller and what the callee measure, from series that report one edge from both sides. */
export function edgeClues(signals: readonly Signal[]): Clue[] {
  const pairs = new Map<string, { source: Signal | null; destination: Signal | null }>();
  for (const signal of signals) {
    if (signal.edge === null || signal.meaning.kind !== "latency") continue;
    const key = `${signal.edge.from}\n${signal.edge.to}\n${signal.series.metric}`;
    const pair = pairs.get(key) ?? { source: null, destination: null };
    if (signal.edge.bySource) pair.source = signal;
    else pair.destination = signal;
    pairs.set(key, pair);
  }
  const clues: Clue[] = [];
  for (const { source, destination } of pairs.values()) {
    if (source === null || source.edge === null || source.shift === null) continue;
    const unit = latencyUnitMs(source.series.metric, source.series.unit);
    const addedMs = (source.shift.now - source.shift.before) * unit;
    const explainedMs =
      destination === null ? 0 : Math.max(0, (destination.shift?.now ?? destination.baseline.median) - destination.baseline.median) * unit;
    const gapMs = addedMs - explainedMs;
    if (gapMs <= 0) continue;
    const doublings = Math.log2(1 + gapMs / Math.max(1, source.shift.before * unit));
    const weight = saturating(doublings, 2, destination === null ? 3 : 6) * (gapMs / (gapMs + 20)) * certainty(source, source.shift);
    if (weight < 0.3) continue;
    clues.push({
      service: source.edge.to,
      instance: null,
      fault: "network",
      family: "gap",
      weight,
      onset: source.shift.onset,
      text:
        `${source.edge.from} waits ${quantity(source.shift.before, source.series.unit, source.series.metric)} → ${quantity(source.shift.now, source.series.unit, source.series.metric)} ` +
        `for ${source.edge.to} since ${clock(source.shift.onset)}` +
        (destination === null
          ? ""
          : `, which itself takes ${quantity(destination.shift?.now ?? destination.baseline.median, source.series.unit, source.series.metric)}`),
      evidence: [source.series.evidence, ...(destination === null ? [] : [destination.series.evidence])],
      quote: null,
    });
  }
  return clues;
}

/** Services that are no longer called although their callers are: the caller left its usual path. */
export function stoppedCalls(signals: readonly Signal[], graph: CallGraph): Clue[] {
  const traffic = new Map<string, Signal>();
  for (const signal of signals) {
    if (signal.meaning.kind !== "traffic" || signal.edge !== null || signal.meaning.resource !== null || signal.meaning.isNode) continue;
    if (/syscall|byte|write|read/i.test(signal.series.metric)) continue;
    const other = traffic.get(signal.service);
    if (other === undefined || signal.baseline.median > other.baseline.median) traffic.set(signal.service, signal);
  }
  const clues: Clue[] = [];
  for (const [service, signal] of traffic) {
    const { shift } = signal;
    if (shift === null || shift.now > 0.34 * shift.before || shift.points < 2) continue;
    const callers = [...(graph.callers.get(service) ?? [])].filter((caller) => traffic.has(caller));
    const calm = callers.filter((caller) => (traffic.get(caller)?.shift?.now ?? 1) >= 0.6 * (traffic.get(caller)?.shift?.before ?? 1));
    const [caller] = calm;
    if (calm.length !== 1 || callers.length !== 1 || caller === undefined) continue;
    clues.push({
      service: caller,
      instance: null,
      fault: "code",
      family: "shape",
      weight: saturating(1 - shift.now / shift.before, 0.5, 5) * certainty(signal, shift),
      onset: shift.onset,
      text: `${caller} hardly calls ${service} any more: ${figure(shift.before)} → ${figure(shift.now)} ${metricWords(signal.series.metric)} at ${clock(shift.onset)}, while its own traffic goes on`,
      evidence: [signal.series.evidence, traffic.get(caller)?.series.evidence ?? signal.series.evidence],
      quote: null,
    });
  }
  return clues;
}
