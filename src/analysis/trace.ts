import type { Call, Span, TimeWindow } from "../incident/telemetry.ts";
import { median, MIN_POINTS, sortedQuantile, within } from "./baseline.ts";
import type { CallGraph } from "./call-graph.ts";
import { type Clue, saturating } from "./clue.ts";
import type { Steps } from "./turns.ts";
import { clock, duration, extract, figure, shorten } from "./words.ts";

/** Spans joined to their parents, in order of start. Index `-1` means none. */
export interface SpanForest {
  readonly spans: readonly Span[];
  readonly parent: Int32Array;
  readonly firstChild: Int32Array;
  readonly nextSibling: Int32Array;
  /** Place of a span by its id (the first of that id). */
  readonly placeOf: ReadonlyMap<string, number>;
  /** Calls between services that the spans show. */
  readonly calls: readonly Call[];
}

/** What traces say. */
export interface TraceReading {
  readonly clues: readonly Clue[];
  /** Change of the paged service's own entry operations, where there is one. */
  readonly entry: { readonly before: number; readonly now: number; readonly onset: number; readonly evidence: number } | null;
  /** Failing share of the entry's traces. */
  readonly failing: { readonly before: number; readonly now: number; readonly onset: number | null; readonly evidence: number } | null;
  readonly tracesBefore: number;
  readonly tracesNow: number;
}

/** Joins spans to their parents; doubles are dropped, a parent that is not there or lies in another trace counts as none. */
export function* joinSpans(spans: readonly Span[]): Steps<SpanForest> {
  const seen = new Map<string, number>();
  let sorted: Span[] = [];
  let lastStart = -Infinity;
  let ordered = true;
  for (const span of spans) {
    if (!Number.isFinite(span.start) || !Number.isFinite(span.durationMs)) continue;
    if (span.start < lastStart) ordered = false;
    lastStart = span.start;
    sorted.push(span);
  }
  if (!ordered) sorted.sort((a, b) => a.start - b.start || (a.spanId < b.spanId ? -1 : a.spanId > b.spanId ? 1 : 0));
  yield;
  const unique: Span[] = [];
  for (const span of sorted) {
    if (unique.length % SLICE === SLICE - 1) yield;
    const other = seen.get(span.spanId);
    if (other !== undefined && unique[other]?.traceId === span.traceId) continue;
    if (other === undefined) seen.set(span.spanId, unique.length);
    else seen.set(`${span.traceId}/${span.spanId}`, unique.length);
    unique.push(span);
  }
  sorted = unique;
  const count = sorted.length;
  const parent = new Int32Array(count).fill(-1);
  const firstChild = new Int32Array(count).fill(-1);
  const lastChild = new Int32Array(count).fill(-1);
  const nextSibling = new Int32Array(count).fill(-1);
  const calls = new Map<string, Map<string, Call>>();
  for (let index = 0; index < count; index += 1) {
    const span = sorted[index];
    if (index % SLICE === SLICE - 1) yield;
    if (span === undefined || span.parentId === null || span.parentId === span.spanId) continue;
    let up = seen.get(span.parentId);
    if (up !== undefined && sorted[up]?.traceId !== span.traceId) up = seen.get(`${span.traceId}/${span.parentId}`);
    if (up === undefined) continue;
    const above = sorted[up];
    if (above === undefined) continue;
    parent[index] = up;
    const last = lastChild[up] ?? -1;
    if (last === -1) firstChild[up] = index;
    else nextSibling[last] = index;
    lastChild[up] = index;
    if (above.service !== span.service) {
      let row = calls.get(above.service);
      if (row === undefined) calls.set(above.service, (row = new Map()));
      if (!row.has(span.service)) row.set(span.service, { from: above.service, to: span.service });
    }
  }
  return { spans: sorted, parent, firstChild, nextSibling, placeOf: seen, calls: [...calls.values()].flatMap((row) => [...row.values()]) };
}

/** Values of one feature in order of time. */
interface Samples {
  readonly at: number[];
  readonly value: number[];
}

const push = (samples: Samples, at: number, value: number): void => {
  samples.at.push(at);
  samples.value.push(value);
};

export interface Step {
  readonly onset: number;
  readonly before: number;
  readonly now: number;
  readonly countBefore: number;
  readonly countNow: number;
  /** Healthy values from before the suspect time among {@link Step.countBefore}. */
  readonly history: number;
  /** Distance of the means in standard errors, signed. */
  readonly t: number;
}

/**
 * The split of a feature in the suspect time that parts its values best (largest |t| of Welch's kind with a pooled deviation and a floor on it),
 * as in binary segmentation for one change point. Both sides' values are `map`ped first (logarithm for durations).
 */
export function findStep(
  samples: Samples,
  from: number,
  to: number,
  floor: number,
  minNow: number,
  excluded: readonly TimeWindow[],
): Step | null {
  const { at, value } = samples;
  const total = at.length;
  let first = 0;
  while (first < total && (at[first] ?? 0) < from) first += 1;
  let baseCount = 0;
  let baseSum = 0;
  let baseSquares = 0;
  const takeBase = (skip: boolean): void => {
    baseCount = 0;
    baseSum = 0;
    baseSquares = 0;
    for (let index = 0; index < first; index += 1) {
      if (skip && within(at[index] ?? 0, excluded)) continue;
      const x = value[index] ?? 0;
      baseCount += 1;
      baseSum += x;
      baseSquares += x * x;
    }
  };
  takeBase(excluded.length > 0);
  // Where earlier incidents cover nearly all of the history, a history with them is better than none.
  if (excluded.length > 0 && baseCount * 3 < first) takeBase(false);
  const historyCount = baseCount;
  const historyMean = baseCount > 0 ? baseSum / baseCount : 0;
  const historySquares = baseSquares - baseCount * historyMean * historyMean;
  let afterCount = 0;
  let afterSum = 0;
  let afterSquares = 0;
  for (let index = first; index < total; index += 1) {
    const x = value[index] ?? 0;
    afterCount += 1;
    afterSum += x;
    afterSquares += x * x;
  }
  let best: Step | null = null;
  for (let split = first; split < total; split += 1) {
    const splitAt = at[split] ?? 0;
    if (splitAt >= to || afterCount < minNow) break;
    if (baseCount >= 3) {
      const meanBefore = baseSum / baseCount;
      const meanAfter = afterSum / afterCount;
      const squaresAfter = Math.max(0, afterSquares - afterCount * meanAfter * meanAfter);
      const squaresBefore = Math.max(0, baseSquares - baseCount * meanBefore * meanBefore);
      const sd = Math.max(Math.sqrt((squaresBefore + squaresAfter) / Math.max(1, baseCount + afterCount - 2)), floor);
      let t = (meanAfter - meanBefore) / (sd * Math.sqrt(1 / baseCount + 1 / afterCount));
      if (historyCount >= 5) {
        // The end of an earlier incident is a step too, but one back to what is usual.
        const sdHistory = Math.max(
          Math.sqrt((Math.max(0, historySquares) + squaresAfter) / Math.max(1, historyCount + afterCount - 2)),
          floor,
        );
        const fromHistory = (meanAfter - historyMean) / (sdHistory * Math.sqrt(1 / historyCount + 1 / afterCount));
        t = fromHistory > 0 === t > 0 ? (Math.abs(fromHistory) < Math.abs(t) ? fromHistory : t) : 0;
      }
      if (best === null || Math.abs(t) > Math.abs(best.t)) {
        best = {
          onset: splitAt,
          before: meanBefore,
          now: meanAfter,
          countBefore: baseCount,
          countNow: afterCount,
          history: historyCount,
          t,
        };
      }
    }
    const x = value[split] ?? 0;
    baseCount += 1;
    baseSum += x;
    baseSquares += x * x;
    afterCount -= 1;
    afterSum -= x;
    afterSquares -= x * x;
  }
  return best === null || isOver(samples, best, to) ? null : best;
}

/** Whether the last third of what follows a step is already back: the step belongs to something that ended. */
function isOver(samples: Samples, step: Step, to: number): boolean {
  let end = samples.at.length;
  while (end > 0 && (samples.at[end - 1] ?? 0) >= to) end -= 1;
  const third = Math.floor(step.countNow / 3);
  if (third < 2) return false;
  let sum = 0;
  for (let index = end - third; index < end; index += 1) sum += samples.value[index] ?? 0;
  return (sum / third - step.before) / (step.now - step.before) < 0.5;
}

/** A change of shape is worth little where no healthy run shows which shapes are usual. */
const known = (step: Step): number => (step.history >= MIN_POINTS ? 1 : 0.35);

/** Spans read between two turns: a few milliseconds. */
const SLICE = 2048;
const SMALLEST_MS = 0.5;
/** Student's t that chance reaches in fewer than 1 of 10,000 features. */
const SURE = 4.5;
/** Fewer edges than this do not tell what is usual between services. */
const MIN_EDGES = 5;

interface Tail {
  /** Ascending distances of healthy values from the middle of their own feature. */
  readonly residuals: readonly number[];
  readonly features: number;
}

/** How far healthy values stray from their feature's mean, all features of a kind together: single calls are slow in every system now and then. */
function tailOf(rows: ReadonlyMap<string, ReadonlyMap<string, Feature>>, from: number): Tail {
  const residuals: number[] = [];
  let features = 0;
  for (const row of rows.values()) {
    for (const samples of row.values()) {
      features += 1;
      let count = 0;
      let sum = 0;
      while (count < samples.at.length && (samples.at[count] ?? 0) < from) sum += samples.value[count++] ?? 0;
      if (count < 3) continue;
      const mean = sum / count;
      for (let index = 0; index < count; index += 1) residuals.push((samples.value[index] ?? 0) - mean);
    }
  }
  residuals.sort((a, b) => a - b);
  return { residuals, features };
}

/**
 * How little chance explains the values after a step, 0..1: for each the share of healthy values that strayed as far (Fisher's way of joining
 * them), less what so many features would show by luck.
 */
function surprise(samples: Samples, step: Step, tail: Tail): number {
  const { residuals, features } = tail;
  const total = residuals.length;
  if (total < 50) return 0.7;
  let nats = -Math.log(Math.max(1, features));
  for (let index = samples.at.length - 1; index >= 0 && (samples.at[index] ?? 0) >= step.onset; index -= 1) {
    const distance = (samples.value[index] ?? 0) - step.before;
    let low = 0;
    let high = total;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((residuals[middle] ?? 0) >= distance) high = middle;
      else low = middle + 1;
    }
    nats += Math.log((total + 1) / (total - low + 1)) - 1;
  }
  return nats <= 0 ? 0 : nats / (nats + 5);
}

/** An edge without a history of its own is held against that of the others, as three calls of their usual kind. */
function borrowHistory(rows: ReadonlyMap<string, ReadonlyMap<string, Feature>>, from: number): void {
  const middles: number[] = [];
  const poor: Feature[] = [];
  for (const row of rows.values()) {
    for (const samples of row.values()) {
      const count = countBefore(samples, from);
      if (count >= 3) middles.push(median(samples.value.slice(0, count)));
      else poor.push(samples);
    }
  }
  if (middles.length < MIN_EDGES) return;
  middles.sort((a, b) => a - b);
  for (const samples of poor) {
    for (const share of [0.1, 0.5, 0.9]) {
      samples.at.unshift(from - 1);
      samples.value.unshift(sortedQuantile(middles, share));
    }
  }
}

function countBefore(samples: Samples, from: number): number {
  let count = 0;
  while (count < samples.at.length && (samples.at[count] ?? 0) < from) count += 1;
  return count;
}

/** Fewer healthy requests than this are no history to hold slow ones against. */
const MIN_HISTORY = 5;

/**
 * Where there is no history: who holds the time of the slowest third of the requests. Says nothing about whether they are slower than usual, which
 * the page says.
 */
function slowestRequests(forest: SpanForest, graph: CallGraph, from: number, to: number): Clue[] {
  const { spans, parent, firstChild, nextSibling } = forest;
  const roots: number[] = [];
  for (let index = 0; index < spans.length; index += 1) {
    const span = spans[index];
    // A lone span can't show who holds its time.
    if (span !== undefined && parent[index] === -1 && firstChild[index] !== -1 && span.start >= from && span.start < to) roots.push(index);
  }
  if (roots.length < 2) return [];
  roots.sort((a, b) => (spans[b]?.durationMs ?? 0) - (spans[a]?.durationMs ?? 0));
  const slow = roots.slice(0, Math.max(2, Math.ceil(roots.length / 3)));
  const holders = new Map<string, { service: string; operation: string; statement: string | null; ms: number; evidence: number }>();
  let whole = 0;
  for (const root of slow) {
    whole += spans[root]?.durationMs ?? 0;
    const open = [root];
    for (let index = open.pop(); index !== undefined; index = open.pop()) {
      const span = spans[index];
      if (span === undefined) continue;
      let covered = 0;
      let reached = span.start;
      for (let child = firstChild[index] ?? -1; child >= 0; child = nextSibling[child] ?? -1) {
        const below = spans[child];
        if (below === undefined) continue;
        open.push(child);
        const end = Math.min(below.start + below.durationMs, span.start + span.durationMs);
        if (end > reached) {
          covered += end - Math.max(reached, below.start);
          reached = end;
        }
      }
      const service = graph.canonical(span.service);
      const { operation, statement, evidence } = span;
      const key = `${service}\n${operation}\n${statement ?? ""}`;
      const held = holders.get(key) ?? { service, operation, statement, ms: 0, evidence };
      held.ms += Math.max(0, span.durationMs - covered);
      holders.set(key, held);
    }
  }
  const [first] = [...holders.values()].toSorted((a, b) => b.ms - a.ms);
  if (first === undefined || whole <= 0) return [];
  const share = first.ms / whole;
  if (share < 0.3) return [];
  return [
    {
      service: first.service,
      instance: null,
      fault: "latency",
      family: "own-time",
      weight: 2.5 * share * (slow.length / (slow.length + 1)),
      onset: spans[slow.at(-1) ?? 0]?.start ?? null,
      text:
        `${figure(share * 100)} % of the time of the ${slow.length} slowest requests (${duration(whole / slow.length)} on average) is spent in ` +
        `\`${extract(first.operation).slice(0, 80)}\` of ${first.service}${first.statement === null || first.statement === first.operation ? "" : `: \`${shorten(first.statement.replaceAll("`", ""), 160)}\``}`,
      evidence: [first.evidence],
      quote: null,
    },
  ];
}

interface EdgeStep {
  readonly from: string;
  readonly to: string;
  readonly weight: number;
  readonly step: Step;
  readonly evidence: number;
}

interface Feature extends Samples {
  readonly service: string;
  readonly operation: string;
  /** The callee whose answer follows, or the error that it fails with. */
  other: string;
  readonly evidence: number;
}

/** What is kept of one operation of one service. */
interface Operation {
  /** By the graph's name. */
  readonly service: string;
  readonly isHandler: boolean;
  readonly own: Feature;
  readonly childless: Feature;
  readonly fanout: Feature;
  readonly failures: Feature;
}

/**
 * Reads traces: where own time grew, where calls lose time between caller and callee (charged to the callee unless the caller loses it towards
 * everyone), where errors begin, and where a trace lost its shape.
 */
export function* readTraces(
  forest: SpanForest,
  graph: CallGraph,
  paged: string,
  suspect: TimeWindow,
  earlier: readonly TimeWindow[],
): Steps<TraceReading> {
  const { spans, parent, firstChild, nextSibling } = forest;
  const clues: Clue[] = [];
  const own = new Map<string, Map<string, Feature>>();
  const gaps = new Map<string, Map<string, Feature>>();
  const childless = new Map<string, Map<string, Feature>>();
  const fanout = new Map<string, Map<string, Feature>>();
  const failures = new Map<string, Map<string, Feature>>();
  const entry: Samples = { at: [], value: [] };
  const entryFails: Samples = { at: [], value: [] };
  let entryEvidence = 0;
  const feature = (into: Map<string, Map<string, Feature>>, service: string, operation: string, evidence: number): Feature => {
    let row = into.get(service);
    if (row === undefined) into.set(service, (row = new Map()));
    let found = row.get(operation);
    if (found === undefined) row.set(operation, (found = { service, operation, other: "", evidence, at: [], value: [] }));
    return found;
  };
  // One record an operation, so that each span costs one look-up.
  const operations = new Map<string, Map<string, Operation>>();
  const operationOf = (span: Span): Operation => {
    let row = operations.get(span.service);
    if (row === undefined) operations.set(span.service, (row = new Map()));
    let found = row.get(span.operation);
    if (found === undefined) {
      const service = graph.canonical(span.service);
      found = {
        service,
        isHandler: /error|exception|fallback/i.test(span.operation),
        own: feature(own, service, span.operation, span.evidence),
        childless: feature(childless, service, span.operation, span.evidence),
        fanout: feature(fanout, service, span.operation, span.evidence),
        failures: feature(failures, service, span.operation, span.evidence),
      };
      row.set(span.operation, found);
    }
    return found;
  };
  const kinds: Operation[] = [];
  for (const span of spans) {
    kinds.push(operationOf(span));
    if (kinds.length % SLICE === SLICE - 1) yield;
  }
  const pagedName = graph.canonical(paged);
  let knowsErrors = false;
  for (let index = 0; index < spans.length; index += 1) {
    const span = spans[index];
    const kind = kinds[index];
    if (index % SLICE === SLICE - 1) yield;
    if (span === undefined || kind === undefined) continue;
    const up = parent[index] ?? -1;
    if (up >= 0) {
      const above = spans[up];
      if (above !== undefined && above.service !== span.service) {
        // Clocks of two hosts may differ; the difference of two durations does not mind.
        const gap = Math.max(0, above.durationMs - span.durationMs);
        push(feature(gaps, kinds[up]?.service ?? above.service, kind.service, span.evidence), span.start, Math.log(gap + SMALLEST_MS));
      }
    }
    let covered = 0;
    let children = 0;
    let remote = 0;
    let failingChild = false;
    let reached = span.start;
    for (let child = firstChild[index] ?? -1; child >= 0; child = nextSibling[child] ?? -1) {
      const below = spans[child];
      const belowKind = kinds[child];
      if (below === undefined || belowKind === undefined) continue;
      // A call into an error handler is no step of the work.
      if (!belowKind.isHandler) children += 1;
      if (below.service !== span.service) {
        remote += 1;
        kind.childless.other = belowKind.service;
      }
      if (below.error === true) failingChild = true;
      const end = below.start + below.durationMs;
      if (end > reached) {
        covered += end - Math.max(reached, below.start);
        reached = end;
      }
    }
    if (!(children === 1 && remote === 1)) {
      push(kind.own, span.start, Math.log(Math.max(0, span.durationMs - Math.max(0, covered)) + SMALLEST_MS));
    }
    push(kind.childless, span.start, children === 0 ? 1 : 0);
    push(kind.fanout, span.start, Math.log(children + 1));
    if (span.error !== null) {
      knowsErrors = true;
      push(kind.failures, span.start, span.error && !failingChild ? 1 : 0);
      if (span.error && span.errorMessage !== null && kind.failures.other === "") kind.failures.other = span.errorMessage;
    }
    if (up < 0 && (kind.service === pagedName || span.parentId === null)) {
      push(entry, span.start, Math.log(span.durationMs + SMALLEST_MS));
      if (span.error !== null) push(entryFails, span.start, span.error ? 1 : 0);
      entryEvidence = span.evidence;
    }
  }
  const { from, to } = suspect;
  const typicalEntryMs = entry.value.length > 0 ? Math.exp(median([...entry.value])) : 100;
  // What a tired engineer would notice: a tenth of what a request usually takes.
  const material = Math.max(2, typicalEntryMs * 0.1);
  const timeWeight = (step: Step, cap: number): number => {
    if (step.t < SURE) return 0;
    // Two quiet calls more than were seen: one lone slow call proves little.
    const doublings = (((step.now - step.before) / Math.LN2) * step.countNow) / (step.countNow + 2);
    const added = Math.exp(step.now) - Math.exp(step.before);
    return saturating(doublings, 2, cap) * (added / (added + material));
  };
  yield;
  const gapTail = tailOf(gaps, from);
  const ownTail = tailOf(own, from);

  borrowHistory(gaps, from);
  const edges: EdgeStep[] = [];
  const inbound = new Map<string, { shifted: number; all: number }>();
  const outbound = new Map<string, { shifted: number; all: number }>();
  for (const [caller, row] of gaps) {
    for (const [callee, samples] of row) {
      const step = findStep(samples, from, to, 0.3, 1, earlier);
      const weight = step === null ? 0 : timeWeight(step, 9) * surprise(samples, step, gapTail);
      const into = inbound.get(callee) ?? { shifted: 0, all: 0 };
      const out = outbound.get(caller) ?? { shifted: 0, all: 0 };
      const seenLate = (samples.at.at(-1) ?? 0) >= from;
      if (seenLate) {
        into.all += 1;
        out.all += 1;
      }
      if (step !== null && weight > 0.5) {
        into.shifted += 1;
        out.shifted += 1;
        edges.push({ from: caller, to: callee, weight, step, evidence: samples.evidence });
      }
      inbound.set(callee, into);
      outbound.set(caller, out);
    }
  }
  const byCallee = new Map<string, EdgeStep[]>();
  for (const edge of edges) byCallee.set(edge.to, [...(byCallee.get(edge.to) ?? []), edge]);
  for (const [callee, into] of byCallee) {
    into.sort((a, b) => b.weight - a.weight);
    const best = into[0];
    const breadth = inbound.get(callee);
    if (best === undefined || breadth === undefined) continue;
    const share = breadth.shifted / Math.max(1, breadth.all);
    const onset = Math.min(...into.map((edge) => edge.step.onset));
    const callers = into.map((edge) => edge.from);
    clues.push({
      service: callee,
      instance: null,
      fault: "network",
      family: "gap",
      weight: best.weight * (0.5 + 0.5 * share),
      onset,
      text:
        `calls to ${callee} lose ${duration(Math.exp(best.step.before))} → ${duration(Math.exp(best.step.now))} between caller and callee since ` +
        `${clock(onset)} (${figure(best.step.countNow)} calls, seen by ${callers.slice(0, 3).join(", ")}${callers.length > 3 ? " and others" : ""})`,
      evidence: [...new Set(into.map((edge) => edge.evidence))],
      quote: null,
    });
  }
  for (const [caller, out] of outbound) {
    // A service that loses time towards everyone it calls is itself cut off; two callees at least, or nobody could tell which end it is.
    if (out.shifted < 2 || out.shifted / out.all < 0.75) continue;
    const mine = edges.filter((edge) => edge.from === caller);
    const onset = Math.min(...mine.map((edge) => edge.step.onset));
    const mean = mine.reduce((sum, edge) => sum + edge.weight, 0) / mine.length;
    clues.push({
      service: caller,
      instance: null,
      fault: "network",
      family: "gap",
      weight: mean,
      onset,
      text: `${caller} loses time towards ${out.shifted} of the ${out.all} services it calls since ${clock(onset)}`,
      evidence: [...new Set(mine.map((edge) => edge.evidence))],
      quote: null,
    });
  }

  yield;
  for (const row of own.values()) {
    for (const samples of row.values()) {
      const step = findStep(samples, from, to, 0.3, 3, earlier);
      if (step === null) continue;
      const weight = timeWeight(step, 4) * surprise(samples, step, ownTail);
      if (weight < 0.3) continue;
      clues.push({
        service: samples.service,
        instance: null,
        fault: "latency",
        family: "own-time",
        weight,
        onset: step.onset,
        text:
          `own time of \`${extract(samples.operation).slice(0, 80)}\` in ${samples.service} ${duration(Math.exp(step.before))} → ` +
          `${duration(Math.exp(step.now))} since ${clock(step.onset)} (${figure(step.countNow)} spans)`,
        evidence: [samples.evidence],
        quote: null,
      });
    }
  }

  yield;
  for (const row of childless.values()) {
    for (const samples of row.values()) {
      const step = findStep(samples, from, to, 0.05, 3, earlier);
      if (step === null || step.t < SURE || step.before > 0.5) continue;
      const missing = (step.now - step.before) * step.countNow;
      if (missing < 3 || step.now - step.before < 0.05) continue;
      const blamed = samples.other !== "" ? samples.other : samples.service;
      clues.push({
        service: blamed,
        instance: null,
        fault: "code",
        family: "shape",
        weight: saturating(step.now - step.before, 0.2, 5) * (missing / (missing + 3)) * known(step),
        onset: step.onset,
        text:
          `\`${extract(samples.operation).slice(0, 80)}\` of ${samples.service} ends early: ${figure(step.before * 100)} % → ${figure(step.now * 100)} % ` +
          `without the ${samples.other === "" ? "steps" : `answer of ${samples.other}`} that follow, since ${clock(step.onset)} (${figure(step.countNow)} spans)`,
        evidence: [samples.evidence],
        quote: null,
      });
    }
  }
  yield;
  for (const row of fanout.values()) {
    for (const samples of row.values()) {
      const step = findStep(samples, from, to, 0.1, 5, earlier);
      if (step === null || Math.abs(step.t) < SURE + 1.5) continue;
      const drop = 1 - Math.exp(step.now - step.before);
      if (drop < 0.15) continue;
      clues.push({
        service: samples.service,
        instance: null,
        fault: "code",
        family: "shape",
        weight: saturating(drop, 0.3, 5) * (step.countNow / (step.countNow + 5)) * known(step),
        onset: step.onset,
        text:
          `\`${extract(samples.operation).slice(0, 80)}\` of ${samples.service} makes ${figure(Math.exp(step.before) - 1)} → ${figure(Math.exp(step.now) - 1)} ` +
          `calls each since ${clock(step.onset)}: it ends early`,
        evidence: [samples.evidence],
        quote: null,
      });
    }
  }

  if (knowsErrors) {
    for (const row of failures.values()) {
      for (const samples of row.values()) {
        const late = samples.at.filter((at) => at >= from).length;
        const failing = samples.value.reduce((sum, value, index) => sum + ((samples.at[index] ?? 0) >= from ? value : 0), 0);
        const before = samples.value.reduce((sum, value, index) => sum + ((samples.at[index] ?? 0) < from ? value : 0), 0);
        const calm = samples.at.length - late;
        if (failing < 1) continue;
        const rate = failing / late;
        const usual = (before + 0.5) / (calm + 1);
        if (calm > 0 && rate < 2 * usual) continue;
        const first = samples.at[samples.value.findIndex((value, index) => value === 1 && (samples.at[index] ?? 0) >= from)] ?? from;
        clues.push({
          service: samples.service,
          instance: null,
          fault: "error",
          family: "origin",
          weight: saturating(rate, 0.3, 4) * (failing / (failing + 2)),
          onset: first,
          text:
            `errors begin in \`${extract(samples.operation).slice(0, 80)}\` of ${samples.service}: ${figure(rate * 100)} % of ${figure(late)} spans fail ` +
            `with no failing call below them, first at ${clock(first)}`,
          evidence: [samples.evidence],
          quote: samples.other === "" ? null : extract(samples.other),
        });
      }
    }
  }

  const lately = entry.at.length - countBefore(entry, from);
  // Without a history, or with nothing recent to hold against it, all there is counts.
  if (countBefore(entry, from) < MIN_HISTORY || lately < 2)
    clues.push(...slowestRequests(forest, graph, lately < 2 ? -Infinity : from, to));
  const entryStep = findStep(entry, from, to, 0.3, 5, earlier);
  const failStep = findStep(entryFails, from, to, 0.05, 3, earlier);
  const late = entry.at.filter((at) => at >= from).length;
  return {
    clues,
    entry:
      entryStep !== null && entryStep.t >= SURE
        ? { before: Math.exp(entryStep.before), now: Math.exp(entryStep.now), onset: entryStep.onset, evidence: entryEvidence }
        : null,
    failing:
      failStep !== null && failStep.t >= SURE
        ? { before: failStep.before, now: failStep.now, onset: failStep.onset, evidence: entryEvidence }
        : null,
    tracesBefore: entry.at.length - late,
    tracesNow: late,
  };
}
