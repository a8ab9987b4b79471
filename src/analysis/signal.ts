import { type Point, type Series, seriesName, type TimeWindow } from "../incident/telemetry.ts";
import { clockTime, figure, quantity } from "../report/words.ts";
import { type Baseline, describeBaseline, median, typicalStep } from "./baseline.ts";
import type { CallGraph } from "./call-graph.ts";
import { type Clue, saturating } from "./clue.ts";
import { datedBack, findShift, type Shift } from "./onset.ts";
import { splitPoints } from "./period.ts";
import { findRamp, type Ramp } from "./ramp.ts";
import type { SameHour } from "./same-hour.ts";
import { stepStart } from "./step-start.ts";
import { readSignal, type SignalMeaning } from "./signal-kind.ts";
import { duration, latencyMs, latencyUnitMs, metricWords, seriesUnit, times } from "./words.ts";

/** One series, what it means, what is normal for it, and how it left that. */
export interface Signal {
  readonly series: Series;
  /** Under the name that the call graph gives it. */
  readonly service: string;
  readonly meaning: SignalMeaning;
  readonly baseline: Baseline;
  /** null where the level is as usual at this hour: see `sameHour`. */
  readonly shift: Shift | null;
  /** It left the range of its last hours, and is as usual at this hour of the week. */
  readonly sameHour?: SameHour;
  /** Last value in the window. */
  readonly latest: number;
  /** History was missing, the window's own beginning replaces it. */
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
  const found = findShift(late, baseline, page, direction, earlier);
  const shift = found === null ? null : datedBack(found, series.points, baseline, earlier);
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

/** The unit of a series, read from its name where the source gives none: people see values by themselves. */
export function shownUnit(signal: Signal): string | null {
  const { series, meaning } = signal;
  const { metric, unit, points } = series;
  // "Percent", and never above one: of that nobody knows whether 0.9 is little or nearly all. A disk or memory is hardly ever used to less.
  const isOccupied = meaning.resource === "disk" || meaning.resource === "memory";
  const saysPercent = unit === null ? /pct|percent/i.test(metric) : isOccupied && /^(?:percent|%)$/i.test(unit);
  if (saysPercent && meaning.isShare && points.every(({ value }) => value <= 1)) return null;
  const shown = seriesUnit(signal.series, meaning);
  // A rate of errors, hits or successes is a share only where no value of it says otherwise.
  const isRate = unit === null && (meaning.kind === "errors" || meaning.kind === "availability") && /rate|ratio/i.test(metric);
  return shown ?? (isRate && points.every(({ value }) => value >= 0 && value <= 1) ? "fraction" : null);
}

/** A value of a series as a person would write it, in the unit of {@link shownUnit}. */
export const valueWords = (signal: Signal, value: number): string => quantity(value, shownUnit(signal));

/** A latency of which nobody says whether it is in seconds, and a share that may run to 1 or to 100: people must know that nobody does. */
export const unitNote = (signal: Signal): string =>
  (signal.meaning.kind === "latency" || signal.meaning.isShare) && shownUnit(signal) === null ? " (no unit)" : "";

/** "CPU usage rate 25.4 % → 81.1 % at 03:54:19". */
function shiftWords(signal: Signal, shift: Shift): string {
  const { metric, tags, points } = signal.series;
  const { before, since } = stepStart(points, { before: shift.before, now: shift.now, since: shift.onset });
  return `${metricWords(metric, tags)}${unitNote(signal)} ${valueWords(signal, before)} → ${valueWords(signal, shift.now)} ${before === shift.before ? "at" : "since"} ${clockTime(since)}`;
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

/** Whole that a share is part of: 100 for percent, 1 for ratios. Where the name says neither, the values do. */
export function wholeOf(signal: Signal): number {
  const { metric, unit } = signal.series;
  if (unit === "fraction") return 1;
  if (unit === "percent" || unit === "%" || /pct|percent/i.test(metric)) return 100;
  return Math.max(signal.baseline.high, signal.latest, signal.shift?.peak ?? 0) > 1.5 ? 100 : 1;
}

/** What distinguishes one step of a series from others. */
export const stepOf = ({ series }: Signal, onset: number): string => `${seriesName(series)} ${Math.floor(onset / 1000)}`;

/** Resources whose levels are counts of whole things. */
const COUNTED: ReadonlySet<string> = new Set(["queue", "connections", "threads", "locks"]);

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
    const base = {
      service: signal.service,
      instance: series.instance,
      onset: shift.onset,
      evidence: [series.evidence],
      quote: null,
      code: "level-moved",
      about: [metricWords(series.metric, series.tags)],
      same: stepOf(signal, shift.onset),
      stepMs: typicalStep(series.points),
    } as const;
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
        // From none to one is no more than from one to two.
        const some = resource !== null && COUNTED.has(resource) ? 1 : 0;
        const doublings = Math.abs(Math.log2(Math.max((shift.now + some) / Math.max(Math.abs(shift.before) + some, 1e-12), 1e-6)));
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
    } else if (meaning.kind === "errors" && (meaning.resource !== null || !meaning.isShare)) {
      // Counts of trouble that no call is behind: restarts, panics, failed look-ups.
      const rise = Math.abs(shift.now - shift.before) / (Math.abs(shift.before) + 10);
      clues.push({ ...base, fault: "error", family: "errors", weight: saturating(rise, 0.2, 3) * sure, text: shiftWords(signal, shift) });
    } else if (meaning.kind === "availability" && meaning.resource !== null) {
      const rise = Math.abs(shift.now - shift.before) / (meaning.isShare ? wholeOf(signal) : Math.max(1e-9, Math.abs(shift.before)));
      clues.push({
        ...base,
        fault: meaning.resource === "cache" ? "config" : "error",
        family: "errors",
        weight: saturating(rise, 0.2, 3.5) * sure,
        text: shiftWords(signal, shift),
      });
    } else if (meaning.kind === "traffic") {
      if (shift.before <= 0 || ratio < 1.3 || meaning.resource === "network" || meaning.resource === "disk") continue;
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

/** Resources that fill up over hours; processors and requests follow the day instead. */
const FILLING: ReadonlySet<string | null> = new Set(["memory", "disk", "queue", "replication", "connections", "threads", "locks"]);
/** A level from here on is trouble or soon will be. */
const NEARLY_FULL = 0.85;

/** Resources of which each request in progress holds one: they follow the day as requests do. */
const IN_USE: ReadonlySet<string | null> = new Set(["connections", "threads"]);
/** So many newest points are a level, and so many around a foot. */
const LEVEL_POINTS = 8;

/** Whether requests grew at least half as much, in logarithms, from the foot of a growth on. */
function isOfRequests({ foot, before, now }: Ramp, requests: Series | undefined): boolean {
  if (requests === undefined) return false;
  const at = requests.points.findIndex((point) => foot === null || point.at >= foot);
  const level = (points: Series["points"]) => median(points.map(({ value }) => value));
  const [then, late] = [
    level(requests.points.slice(Math.max(0, at - LEVEL_POINTS / 2), at + LEVEL_POINTS)),
    level(requests.points.slice(-LEVEL_POINTS)),
  ];
  return then > 0 && late > then && before > 0 && Math.log(late / then) >= 0.5 * Math.log(now / before);
}

/** What grew steadily up to now, dated at its foot: leaks, disks, lags, queues that nobody empties. */
export function growthClues(signals: readonly Signal[]): Clue[] {
  const clues: Clue[] = [];
  const requests = new Map(
    signals.flatMap(({ service, edge, meaning, series }) =>
      edge === null && meaning.kind === "traffic" && meaning.resource === null ? [[service, series] as const] : [],
    ),
  );
  for (const signal of signals) {
    const { meaning, series, service, edge, sameHour } = signal;
    // What fills up at this hour of each day empties again.
    if (sameHour !== undefined || edge !== null || meaning.kind !== "saturation" || !FILLING.has(meaning.resource)) continue;
    const ramp = findRamp(series.points);
    if (ramp === null || (meaning.worse === "up" && ramp.perHour < 0) || (meaning.worse === "down" && ramp.perHour > 0)) continue;
    if (IN_USE.has(meaning.resource) && isOfRequests(ramp, requests.get(service))) continue;
    const isMemory = meaning.resource === "memory";
    const whole = wholeOf(signal);
    const isNearlyFull = meaning.isShare && meaning.worse === "up" && ramp.now / whole >= NEARLY_FULL;
    let weight: number;
    if (meaning.isShare) {
      weight = saturating(Math.abs(ramp.now - ramp.before) / whole, 0.25, 4) * (Math.abs(ramp.now) / whole >= NEARLY_FULL ? 1.5 : 0.6);
    } else weight = saturating(Math.max(0, Math.abs(Math.log2(Math.max(1e-6, ramp.now / Math.max(1e-12, ramp.before)))) - 0.2), 1.5, 4);
    const since = ramp.foot ?? series.points[0]?.at ?? null;
    clues.push({
      service,
      instance: series.instance,
      fault: isMemory ? "memory" : "overload",
      family: "saturation",
      code: "grows",
      isOlder: ramp.foot === null,
      about: [series.metric],
      // The machine below is shared by innocents; what runs full there stops them all.
      weight: (weight + (ramp.falls > 0 ? 1 : 0)) * (!meaning.isNode ? 1 : isNearlyFull ? 0.5 : 0.25),
      onset: since,
      slackMs: ramp.slackMs,
      text:
        `${metricWords(series.metric, series.tags)} ${ramp.falls > 0 ? "grew" : "has grown"} steadily ` +
        `${valueWords(signal, ramp.before)} → ${valueWords(signal, ramp.now)} ` +
        `${ramp.foot === null ? "since our records begin at" : "since"} ${clockTime(since ?? 0)}` +
        `${ramp.falls > 0 ? ` and fell back ${ramp.falls === 1 ? "once" : `${ramp.falls} times`}` : ""}${series.instance === null ? "" : ` in ${series.instance}`}`,
      evidence: [series.evidence],
      quote: null,
    });
  }
  return clues;
}

/** Calls whose time is lost between what the caller and what the callee measure, from series that report one edge from both sides. */
export function edgeClues(signals: readonly Signal[], suspect: TimeWindow, page: number, earlier: readonly TimeWindow[]): Clue[] {
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
    if (source === null || source.edge === null) continue;
    const isTimed = latencyUnitMs(source.series.metric, source.series.unit) !== null;
    const unit = latencyMs(source.series.metric, source.series.unit);
    const other = destination === null ? [] : destination.series.points;
    const lost: Point[] = [];
    let next = 0;
    for (const point of source.series.points) {
      while (next + 1 < other.length && Math.abs((other[next + 1]?.at ?? 0) - point.at) <= Math.abs((other[next]?.at ?? 0) - point.at))
        next += 1;
      const facing = other[next];
      const below = facing !== undefined && Math.abs(facing.at - point.at) <= 30_000 ? facing.value : destination === null ? 0 : null;
      if (below !== null) lost.push({ at: point.at, value: Math.max(0, (point.value - below) * unit) + 1 });
    }
    const split = splitPoints(lost, suspect, earlier);
    if (split.healthy.length === 0) continue;
    const calm = describeBaseline(split.healthy, "latency", false);
    const found = findShift(split.suspect, calm, page, "up", earlier);
    if (found === null) continue;
    const shift = datedBack(found, lost, calm, earlier);
    const added = shift.now - shift.before;
    const doublings = Math.log2(shift.now / Math.max(1, shift.before));
    const usual = Math.max(1, source.baseline.median * unit);
    // Held against what the call usually takes: a millisecond lost on a call of a second is nothing.
    const weight = saturating(doublings, 2, destination === null ? 3 : 7) * (added / (added + 0.5 * usual + 10)) * certainty(source, shift);
    if (weight < 0.3) continue;
    clues.push({
      service: source.edge.to,
      instance: null,
      fault: "network",
      family: "gap",
      code: "time-lost",
      about: [source.edge.from, source.edge.to],
      weight,
      onset: shift.onset,
      text: `network time from ${source.edge.from} to ${source.edge.to}: ${isTimed ? `${duration(shift.before - 1)} → ${duration(shift.now - 1)}` : `${figure((shift.before - 1) / unit)} → ${figure((shift.now - 1) / unit)}`} per call since ${clockTime(shift.onset)}`,
      evidence: [...new Set([source.series.evidence, ...(destination === null ? [] : [destination.series.evidence])])],
      quote: null,
    });
  }
  return clues;
}

/** What calls that stopped say of a page: who ends early answers sooner, and mostly without an error of its own. */
const ENDS_EARLY: Readonly<Record<"latency" | "errors" | "either", number>> = { latency: 0.3, errors: 0.5, either: 1 };

/** Services that are no longer called although their only caller is: the caller left its usual path. */
export function stoppedCalls(
  signals: readonly Signal[],
  graph: CallGraph,
  suspect: TimeWindow,
  page: number,
  earlier: readonly TimeWindow[],
  wanted: "latency" | "errors" | null,
): Clue[] {
  const traffic = new Map<string, Signal>();
  for (const signal of signals) {
    if (signal.meaning.kind !== "traffic" || signal.edge !== null || signal.meaning.resource !== null || signal.meaning.isNode) continue;
    if (/syscall|byte/i.test(signal.series.metric) || signal.sameHour !== undefined) continue;
    const other = traffic.get(signal.service);
    if (other === undefined || signal.baseline.median > other.baseline.median) traffic.set(signal.service, signal);
  }
  const silent = new Map<string, { nats: number; onset: number; callees: { service: string; signal: Signal }[]; evidence: number[] }>();
  const clues: Clue[] = [];
  for (const [service, signal] of traffic) {
    if (!(signal.baseline.median > 0)) continue;
    const { healthy, suspect: late } = splitPoints(signal.series.points, suspect, earlier);
    // The last points without a call, back from the newest.
    let steps = 0;
    while (steps < late.length && (late[late.length - 1 - steps]?.value ?? 1) <= 0.05 * signal.baseline.median) steps += 1;
    const first = late[late.length - steps];
    if (steps < 2 || first === undefined || first.at > page + 60_000) continue;
    // How unlikely so long a silence is, by how often the history was silent as long.
    let longest = 0;
    let run = 0;
    let silentSteps = 0;
    for (const point of healthy) {
      run = point.value <= 0.05 * signal.baseline.median ? run + 1 : 0;
      if (run > 0) silentSteps += 1;
      if (run > longest) longest = run;
    }
    if (longest * 2 >= steps) continue;
    const nats = steps * -Math.log((silentSteps + 1) / (healthy.length + 1)) - Math.log(traffic.size);
    const callers = [...(graph.callers.get(service) ?? [])].filter((caller) => traffic.has(caller));
    const [caller] = callers;
    if (callers.length !== 1 || caller === undefined || nats < 3) continue;
    const above = traffic.get(caller);
    if (above === undefined) continue;
    const going = median(above.series.points.filter((point) => point.at >= first.at && point.at < suspect.to).map((point) => point.value));
    if (!(going >= 0.5 * above.baseline.median) || above.baseline.median <= 0) continue;
    const known = silent.get(caller);
    const evidence = [signal.series.evidence, above.series.evidence];
    if (known === undefined) silent.set(caller, { nats, onset: first.at, callees: [{ service, signal }], evidence });
    else {
      known.nats += nats;
      known.onset = Math.min(known.onset, first.at);
      known.callees.push({ service, signal });
      known.evidence.push(...evidence);
    }
  }
  for (const [caller, { nats, onset, callees, evidence }] of silent) {
    const [one] = callees;
    if (one === undefined) continue;
    const others = callees.slice(1, 4).map(({ service }) => service);
    clues.push({
      service: caller,
      instance: null,
      fault: "code",
      family: "shape",
      code: "calls-stopped",
      about: callees.map(({ service }) => service),
      weight: saturating(nats - 2, 4, 5) * ENDS_EARLY[wanted ?? "either"],
      onset,
      text:
        `${caller} no longer calls ${one.service}${others.length > 0 ? ` nor ${others.join(", ")}` : ""}: ${metricWords(one.signal.series.metric)} ` +
        `${figure(one.signal.baseline.median)} → ${figure(one.signal.latest)} since ${clockTime(onset)}, while the caller's own traffic continues`,
      evidence: [...new Set(evidence)],
      quote: null,
    });
  }
  return clues;
}
