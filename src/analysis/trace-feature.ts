import type { Span } from "../incident/telemetry.ts";
import type { CallGraph } from "./call-graph.ts";
import type { SpanForest } from "./span-forest.ts";
import { push, type Samples } from "./step.ts";
import type { Steps } from "./turns.ts";

/** What spans measure, feature by feature, in order of time. Durations are logarithms of milliseconds, see {@link inLog}. */

/** Spans read between two turns: a few milliseconds. */
const SLICE = 2048;
const SMALLEST_MS = 0.5;

export interface Feature extends Samples {
  /** By the graph's name. */
  readonly service: string;
  readonly operation: string;
  /** The callee whose answer follows, or the error that it fails with. */
  other: string;
  /** Of a gap: calls that the caller's own entry span makes without a span of its own for the call, so that the caller's work is in it too. */
  direct: number;
  readonly evidence: number;
}

/** Features by service and operation; gaps by caller and callee. */
export type Features = Map<string, Map<string, Feature>>;

/** What is kept of one operation of one service, so that each span costs one look-up. */
interface Operation {
  /** By the graph's name. */
  readonly service: string;
  /** Time that no call below covers. */
  readonly own: Feature;
  /** 1 where a span calls nothing. */
  readonly childless: Feature;
  /** How many calls a span makes. */
  readonly fanout: Feature;
  /** 1 where a span fails and none below it does. */
  readonly failures: Feature;
}

export interface TraceFeatures {
  readonly own: Features;
  /** Time lost between caller and callee. */
  readonly gaps: Features;
  readonly childless: Features;
  readonly fanout: Features;
  readonly failures: Features;
  /** What requests from outside take. */
  readonly roots: Samples;
  /** What calls to the paged service take, and 1 for each that failed. */
  readonly entry: Samples;
  readonly entryFails: Samples;
  entryEvidence: number;
  /** Some span says whether it failed. */
  knowsErrors: boolean;
}

const inLog = (ms: number): number => Math.log(ms + SMALLEST_MS);

function featureOf(into: Features, service: string, operation: string, evidence: number): Feature {
  let row = into.get(service);
  if (row === undefined) into.set(service, (row = new Map()));
  let found = row.get(operation);
  if (found === undefined) row.set(operation, (found = { service, operation, other: "", direct: 0, evidence, at: [], value: [] }));
  return found;
}

/** The operation of each span, in their order. */
function* operationsOf(spans: readonly Span[], graph: CallGraph, features: TraceFeatures): Steps<Operation[]> {
  const operations = new Map<string, Map<string, Operation>>();
  const found: Operation[] = [];
  for (const span of spans) {
    let row = operations.get(span.service);
    if (row === undefined) operations.set(span.service, (row = new Map()));
    let known = row.get(span.operation);
    if (known === undefined) {
      const service = graph.canonical(span.service);
      const feature = (into: Features) => featureOf(into, service, span.operation, span.evidence);
      const { own, childless, fanout, failures } = features;
      known = { service, own: feature(own), childless: feature(childless), fanout: feature(fanout), failures: feature(failures) };
      row.set(span.operation, known);
    }
    found.push(known);
    if (found.length % SLICE === SLICE - 1) yield;
  }
  return found;
}

/** What the calls below one span say of it. */
interface Below {
  readonly children: number;
  readonly remote: number;
  readonly failing: boolean;
  readonly coveredMs: number;
}

function readBelow({ spans, firstChild, nextSibling }: SpanForest, kinds: readonly Operation[], index: number, span: Span): Below {
  let covered = 0;
  let children = 0;
  let remote = 0;
  let failing = false;
  let reached = span.start;
  for (let child = firstChild[index] ?? -1; child >= 0; child = nextSibling[child] ?? -1) {
    const below = spans[child];
    const kind = kinds[index];
    if (below === undefined || kind === undefined) continue;
    children += 1;
    if (below.service !== span.service) {
      remote += 1;
      kind.childless.other = kinds[child]?.service ?? below.service;
    }
    if (below.error === true) failing = true;
    const end = below.start + below.durationMs;
    if (end > reached) {
      covered += end - Math.max(reached, below.start);
      reached = end;
    }
  }
  return { children, remote, failing, coveredMs: Math.max(0, covered) };
}

/** Whether a span is the only one that the span above it calls. */
const isOnlyCall = ({ firstChild, nextSibling }: SpanForest, index: number, up: number): boolean =>
  firstChild[up] === index && (nextSibling[index] ?? -1) < 0;

/** Reads all spans into features. @param paged by the graph's name */
export function* readFeatures(forest: SpanForest, graph: CallGraph, paged: string): Steps<TraceFeatures> {
  const { spans, parent } = forest;
  const features: TraceFeatures = {
    own: new Map(),
    gaps: new Map(),
    childless: new Map(),
    fanout: new Map(),
    failures: new Map(),
    roots: { at: [], value: [] },
    entry: { at: [], value: [] },
    entryFails: { at: [], value: [] },
    entryEvidence: 0,
    knowsErrors: false,
  };
  const kinds = yield* operationsOf(spans, graph, features);
  for (let index = 0; index < spans.length; index += 1) {
    const span = spans[index];
    const kind = kinds[index];
    if (index % SLICE === SLICE - 1) yield;
    if (span === undefined || kind === undefined) continue;
    const { start, durationMs, error, evidence } = span;
    const up = parent[index] ?? -1;
    const above = spans[up];
    const isEntry = spans[parent[index] ?? -1]?.service !== span.service;
    // Of a span with several calls, what one of them leaves is the others.
    if (above !== undefined && above.service !== span.service && isOnlyCall(forest, index, up)) {
      // Clocks of two hosts may differ; the difference of two durations does not mind.
      const gap = Math.max(0, above.durationMs - durationMs);
      const feature = featureOf(features.gaps, kinds[up]?.service ?? above.service, kind.service, evidence);
      if (spans[parent[up] ?? -1]?.service !== above.service) feature.direct += 1;
      push(feature, start, inLog(gap));
    }
    const below = readBelow(forest, kinds, index, span);
    if (isEntry || !(below.children === 1 && below.remote === 1)) push(kind.own, start, inLog(Math.max(0, durationMs - below.coveredMs)));
    push(kind.childless, start, below.children === 0 ? 1 : 0);
    push(kind.fanout, start, Math.log(below.children + 1));
    if (error !== null) {
      features.knowsErrors = true;
      push(kind.failures, start, error && !below.failing ? 1 : 0);
      if (error && span.errorMessage !== null && kind.failures.other === "") kind.failures.other = span.errorMessage;
    }
    if (up < 0 && (kind.service === paged || span.parentId === null)) push(features.roots, start, inLog(durationMs));
    // Only what the paged service answers is its trouble: traces hold those of others too.
    if (kind.service === paged && kinds[up]?.service !== paged) {
      push(features.entry, start, inLog(durationMs));
      if (error !== null) push(features.entryFails, start, error ? 1 : 0);
      features.entryEvidence = evidence;
    }
  }
  return features;
}
