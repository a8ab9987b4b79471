import { joinSpans } from "../../../analysis/span-forest.ts";
import { finish } from "../../../analysis/turns.ts";
import type { Unnumbered } from "../../../incident/answer.ts";
import type { Span } from "../../../incident/telemetry.ts";
import { ownTimes } from "./own-time.ts";

/** One span as it is shown, below the nearest shown span above it. */
export interface TreeNode {
  readonly span: Span;
  /** Milliseconds without the time in which its children ran. */
  readonly ownMs: number;
  /** Shown spans above it. */
  readonly depth: number;
  /** Spans between it and the shown one above it. */
  readonly skipped: number;
  /** Left out below it, with no shown span between: by service and operation, most time first. */
  readonly hidden: readonly { readonly name: string; readonly spans: number; readonly ms: number }[];
}

export interface TraceTree {
  /** In the order of a tree: each span before those below it, siblings by their start. */
  readonly nodes: readonly TreeNode[];
  readonly spans: number;
  readonly services: readonly string[];
  readonly failing: number;
  /** Start of the first and end of the last span. */
  readonly from: number;
  readonly to: number;
  /** Roots beyond the first: spans of which the parent was not read or does not exist. */
  readonly orphans: number;
  /** Spans whose parents form a circle; they are not shown. */
  readonly circular: number;
}

/** Nearest spans above an important one that are shown with it. */
const ANCESTORS = 6;

interface Hidden {
  readonly name: string;
  spans: number;
  ms: number;
}

/**
 * A trace as a tree of at most `most` spans: where time is spent and where errors begin, with the spans above those. The rest is counted below the
 * shown span it belongs to.
 */
export function traceTree(all: readonly Unnumbered<Span>[], most: number): TraceTree | null {
  const forest = finish(joinSpans(all.map((span) => ({ ...span, evidence: 0 }))));
  const { spans, parent, firstChild, nextSibling } = forest;
  if (spans.length === 0) return null;
  const own = ownTimes(forest);
  const roots = [...parent.keys()].filter((index) => parent[index] === -1);
  // Depth first without recursion: a hostile trace may be as deep as it is long.
  const order: number[] = [];
  const open = roots.toReversed();
  while (open.length > 0) {
    const index = open.pop() ?? 0;
    order.push(index);
    const children: number[] = [];
    for (let child = firstChild[index] ?? -1; child !== -1; child = nextSibling[child] ?? -1) children.push(child);
    open.push(...children.toReversed());
  }
  const failingBelow = new Set<number>();
  for (const index of order) if (spans[index]?.error === true) failingBelow.add(parent[index] ?? -1);
  const startsError = (index: number) => spans[index]?.error === true && !failingBelow.has(index);
  const byWorth = order.toSorted((a, b) => Number(startsError(b)) - Number(startsError(a)) || (own[b] ?? 0) - (own[a] ?? 0));
  const shown = new Set<number>();
  const longestRoot = roots.reduce(
    (best, index) => ((spans[index]?.durationMs ?? 0) > (spans[best]?.durationMs ?? 0) ? index : best),
    roots[0] ?? 0,
  );
  if (order.length > 0) shown.add(longestRoot);
  for (const index of byWorth) {
    if (shown.size >= most) break;
    shown.add(index);
    let up = parent[index] ?? -1;
    for (let step = 0; step < ANCESTORS && up !== -1 && shown.size < most; step++) {
      shown.add(up);
      up = parent[up] ?? -1;
    }
  }
  // A span's parent came earlier in `order`, so its nearest shown span is known by then.
  const nearest = new Int32Array(spans.length).fill(-1);
  const skipped = new Int32Array(spans.length);
  const depth = new Int32Array(spans.length);
  const hidden = new Map<number, Map<string, Hidden>>();
  for (const index of order) {
    const up = parent[index] ?? -1;
    if (up !== -1) {
      nearest[index] = shown.has(up) ? up : (nearest[up] ?? -1);
      skipped[index] = shown.has(up) ? 0 : (skipped[up] ?? 0) + 1;
    }
    const above = nearest[index] ?? -1;
    if (shown.has(index)) {
      depth[index] = above === -1 ? 0 : (depth[above] ?? 0) + 1;
      continue;
    }
    const span = spans[index];
    if (span === undefined) continue;
    const name = `${span.service} · ${span.operation}`;
    const row = hidden.get(above) ?? new Map<string, Hidden>();
    const entry = row.get(name) ?? { name, spans: 0, ms: 0 };
    entry.spans += 1;
    entry.ms += own[index] ?? 0;
    row.set(name, entry);
    hidden.set(above, row);
  }
  const nodes = order.flatMap((index): TreeNode[] => {
    const span = spans[index];
    if (span === undefined || !shown.has(index)) return [];
    return [
      {
        span,
        ownMs: own[index] ?? 0,
        depth: depth[index] ?? 0,
        skipped: skipped[index] ?? 0,
        hidden: [...(hidden.get(index)?.values() ?? [])].toSorted((a, b) => b.ms - a.ms),
      },
    ];
  });
  return {
    nodes,
    spans: spans.length,
    services: [...new Set(spans.map(({ service }) => service))],
    failing: spans.filter(({ error }) => error === true).length,
    from: spans.reduce((least, { start }) => Math.min(least, start), Infinity),
    to: spans.reduce((end, span) => Math.max(end, span.start + span.durationMs), -Infinity),
    orphans: Math.max(0, roots.length - 1),
    circular: spans.length - order.length,
  };
}
