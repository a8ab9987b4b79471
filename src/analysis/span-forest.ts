import type { Call, Span } from "../incident/telemetry.ts";
import type { Steps } from "./turns.ts";

/** Spans read between two turns: a few milliseconds. */
const SLICE = 2048;

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
