import type { TimeWindow, Span } from "../incident/telemetry.ts";
import { median, MIN_POINTS } from "./baseline.ts";
import type { CallGraph } from "./call-graph.ts";
import { type Clue, saturating } from "./clue.ts";
import { slowestRequests } from "./slowest-requests.ts";
import type { SpanForest } from "./span-forest.ts";
import { borrowHistory, countBefore, findStep, push, type Samples, type Step, surprise, tailOf } from "./step.ts";
import type { Steps } from "./turns.ts";
import { clock, counted, duration, extract, figure, shorten } from "./words.ts";

/** What traces say. */
export interface TraceReading {
  readonly clues: readonly Clue[];
  /** Change of what calls to the paged service take, where there is one. */
  readonly entry: { readonly before: number; readonly now: number; readonly onset: number; readonly evidence: number } | null;
  /** Failing share of those calls. */
  readonly failing: { readonly before: number; readonly now: number; readonly onset: number | null; readonly evidence: number } | null;
  /** Requests that came in from outside, at whatever service. */
  readonly tracesBefore: number;
  readonly tracesNow: number;
}

/** A change of shape is worth little where no healthy run shows which shapes are usual. */
const known = (step: Step): number => (step.history >= MIN_POINTS ? 1 : 0.35);

/** Spans read between two turns: a few milliseconds. */
const SLICE = 2048;
const SMALLEST_MS = 0.5;
/** Student's t that chance reaches in fewer than 1 of 10,000 features. */
const SURE = 4.5;
/** Fewer healthy requests than this are no history to hold slow ones against. */
const MIN_HISTORY = 5;

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
  const roots: Samples = { at: [], value: [] };
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
      children += 1;
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
    if (up < 0 && (kind.service === pagedName || span.parentId === null)) push(roots, span.start, Math.log(span.durationMs + SMALLEST_MS));
    // Only what the paged service answers is its trouble: traces hold those of others too.
    if (kind.service === pagedName && kinds[up]?.service !== pagedName) {
      push(entry, span.start, Math.log(span.durationMs + SMALLEST_MS));
      if (span.error !== null) push(entryFails, span.start, span.error ? 1 : 0);
      entryEvidence = span.evidence;
    }
  }
  const { from, to } = suspect;
  const typicalEntryMs = roots.value.length > 0 ? Math.exp(median([...roots.value])) : 100;
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
        `the way to ${callee} and back takes ${duration(Math.exp(best.step.before))} → ${duration(Math.exp(best.step.now))} of each call since ` +
        `${clock(onset)} (${counted(best.step.countNow, "call")}, seen by ${callers.slice(0, 3).join(", ")}${callers.length > 3 ? " and others" : ""})`,
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
      text: `the way from ${caller} to ${out.shifted} of the ${out.all} services it calls takes longer since ${clock(onset)}`,
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
          `own time of \`${shorten(extract(samples.operation), 80)}\` in ${samples.service} ${duration(Math.exp(step.before))} → ` +
          `${duration(Math.exp(step.now))} since ${clock(step.onset)} (${counted(step.countNow, "span")})`,
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
          `\`${shorten(extract(samples.operation), 80)}\` of ${samples.service} ends early: ${figure(step.before * 100)} % → ${figure(step.now * 100)} % ` +
          `without the ${samples.other === "" ? "steps" : `answer of ${samples.other}`} that follow, since ${clock(step.onset)} (${counted(step.countNow, "span")})`,
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
          `\`${shorten(extract(samples.operation), 80)}\` of ${samples.service} makes ${figure(Math.exp(step.before) - 1)} → ${figure(Math.exp(step.now) - 1)} ` +
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
            `errors begin in \`${shorten(extract(samples.operation), 80)}\` of ${samples.service}: ${late < 5 ? `${failing} of ${counted(late, "span")} ${failing === 1 ? "fails" : "fail"}` : `${figure(rate * 100)} % of ${figure(late)} spans fail`} ` +
            `with no failing call below them, first at ${clock(first)}`,
          evidence: [samples.evidence],
          quote: samples.other === "" ? null : extract(samples.other),
        });
      }
    }
  }

  const lately = roots.at.length - countBefore(roots, from);
  // Without a history, or with nothing recent to hold against it, all there is counts.
  if (countBefore(roots, from) < MIN_HISTORY || lately < 2)
    clues.push(...slowestRequests(forest, graph, lately < 2 ? -Infinity : from, to));
  const entryStep = findStep(entry, from, to, 0.3, 5, earlier);
  const failStep = findStep(entryFails, from, to, 0.05, 3, earlier);
  const late = roots.at.filter((at) => at >= from).length;
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
    tracesBefore: roots.at.length - late,
    tracesNow: late,
  };
}
