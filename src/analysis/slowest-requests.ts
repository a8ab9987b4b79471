import { figure } from "../report/words.ts";
import { duration, extract, shorten } from "./words.ts";
import type { CallGraph } from "./call-graph.ts";
import type { Clue } from "./clue.ts";
import type { SpanForest } from "./span-forest.ts";

/**
 * Where there is no history: who holds the time of the slowest third of the requests. Says nothing about whether they are slower than usual, which
 * the page says.
 */
export function slowestRequests(forest: SpanForest, graph: CallGraph, from: number, to: number): Clue[] {
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
      code: "slowest-requests",
      about: [first.operation, first.statement ?? ""],
      weight: 2.5 * share * (slow.length / (slow.length + 1)),
      // Nothing says that it was faster before the oldest of them.
      onset: null,
      text:
        `${figure(share * 100)} % of the time of the ${slow.length} slowest requests (${duration(whole / slow.length)} on average) is spent in ` +
        `\`${shorten(extract(first.operation), 80)}\` of ${first.service}${first.statement === null || first.statement === first.operation ? "" : `: \`${shorten(first.statement.replaceAll("`", ""), 160)}\``}; no record shows since when`,
      evidence: [first.evidence],
      quote: null,
    },
  ];
}
