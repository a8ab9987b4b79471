import type { SpanForest } from "../../../analysis/span-forest.ts";

/**
 * Own time of each span, milliseconds: its duration without the time in which any of its children ran. Children that run at once count once,
 * what a child runs beyond its parent's end counts not at all.
 */
export function ownTimes({ spans, firstChild, nextSibling }: SpanForest): Float64Array {
  const own = new Float64Array(spans.length);
  for (const [index, span] of spans.entries()) {
    const end = span.start + span.durationMs;
    let reached = span.start;
    let covered = 0;
    // Siblings come in order of their start.
    for (let child = firstChild[index] ?? -1; child !== -1; child = nextSibling[child] ?? -1) {
      const below = spans[child];
      if (below === undefined) break;
      const from = Math.max(reached, below.start);
      const to = Math.min(end, below.start + below.durationMs);
      if (to > from) {
        covered += to - from;
        reached = to;
      }
    }
    own[index] = Math.max(0, span.durationMs - covered);
  }
  return own;
}
