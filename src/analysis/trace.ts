import type { TimeWindow } from "../incident/telemetry.ts";
import { median } from "./baseline.ts";
import type { CallGraph } from "./call-graph.ts";
import type { Clue } from "./clue.ts";
import { slowestRequests } from "./slowest-requests.ts";
import type { SpanForest } from "./span-forest.ts";
import { countBefore, findStep } from "./step.ts";
import { childlessClues, fanoutClues, gapClues, originClues, ownTimeClues, type Question, SURE } from "./trace-clue.ts";
import { readFeatures } from "./trace-feature.ts";
import type { Steps } from "./turns.ts";

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

/** Fewer healthy requests than this are no history to hold slow ones against. */
const MIN_HISTORY = 5;

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
  const { from, to } = suspect;
  const features = yield* readFeatures(forest, graph, graph.canonical(paged));
  const { roots, entryEvidence } = features;
  const typicalMs = roots.value.length > 0 ? Math.exp(median(roots.value)) : 100;
  // A tenth of what a request usually takes.
  const question: Question = { suspect, earlier, material: Math.max(2, typicalMs * 0.1) };
  yield;
  const clues = gapClues(features.gaps, question);
  yield;
  clues.push(...ownTimeClues(features.own, question));
  yield;
  clues.push(...childlessClues(features.childless, question));
  yield;
  clues.push(...fanoutClues(features.fanout, question));
  if (features.knowsErrors) clues.push(...originClues(features.failures, from));
  const late = roots.at.filter((at) => at >= from).length;
  const lately = roots.at.length - countBefore(roots, from);
  // Without a history, or with nothing recent to hold against it, all there is counts.
  if (countBefore(roots, from) < MIN_HISTORY || lately < 2)
    clues.push(...slowestRequests(forest, graph, lately < 2 ? -Infinity : from, to));
  const entry = findStep(features.entry, from, to, 0.3, 5, earlier);
  const failing = findStep(features.entryFails, from, to, 0.05, 3, earlier);
  return {
    clues,
    entry:
      entry !== null && entry.t >= SURE
        ? { before: Math.exp(entry.before), now: Math.exp(entry.now), onset: entry.onset, evidence: entryEvidence }
        : null,
    failing:
      failing !== null && failing.t >= SURE
        ? { before: failing.before, now: failing.now, onset: failing.onset, evidence: entryEvidence }
        : null,
    tracesBefore: roots.at.length - late,
    tracesNow: late,
  };
}
