import { z } from "zod";
import { outsideLine } from "../../report/tool-view.ts";
import { quantity } from "../../report/words.ts";
import { type Html, html, time } from "../html.ts";
import { holds, instantOf } from "./parts.ts";

/** Spans in an answer, and one trace of them as a tree with its time. */

const instant = z.union([z.string(), z.number()]);
const shape = z.object({
  data: z.array(
    z.object({
      attributes: z.object({
        trace_id: z.string(),
        span_id: z.string(),
        parent_id: z.string().nullish(),
        service: z.string().nullish(),
        resource_name: z.string().nullish(),
        status: z.string().nullish(),
        start_timestamp: instant,
        end_timestamp: instant,
        custom: z.object({ duration: z.number().nullish() }).nullish(),
      }),
    }),
  ),
});

interface Span {
  readonly trace: string;
  readonly id: string;
  readonly parent: string | null;
  readonly service: string;
  readonly operation: string;
  readonly failed: boolean;
  readonly start: number;
  readonly tookMs: number;
}

const MOST_SPANS = 120;
const DEEPEST = 6;

export const spansOf = (part: unknown): readonly Span[] =>
  (shape.safeParse(part).data?.data ?? []).map(({ attributes: one }) => {
    const start = instantOf(one.start_timestamp);
    const took = one.custom?.duration;
    return {
      ...{
        trace: one.trace_id,
        id: one.span_id,
        parent: one.parent_id ?? null,
        service: one.service ?? "",
        operation: one.resource_name ?? "",
      },
      failed: one.status === "error",
      start,
      // Nanoseconds where the span says them: its two instants are often whole milliseconds.
      tookMs: typeof took === "number" ? took / 1e6 : Math.max(0, instantOf(one.end_timestamp) - start),
    };
  });

/** The trace that is looked for: by its id, else by what its spans are named, the failed before the slowest. */
function chosen(spans: readonly Span[], query: string): readonly Span[] {
  const traces = Map.groupBy(spans, ({ trace }) => trace);
  const worth = (one: readonly Span[]) => {
    const cited = one.some(
      (span) => span.trace === query || span.service === query || holds(`${span.service} ${span.operation} ${span.id}`, query),
    );
    return (cited ? 1e15 : 0) + (one.some(({ failed }) => failed) ? 1e12 : 0) + Math.max(...one.map(({ tookMs }) => tookMs));
  };
  return [...traces.values()].toSorted((a, b) => worth(b) - worth(a))[0] ?? [];
}

/** In the order of a tree: each span before those that it called, which are in the order of time. */
function inTree(spans: readonly Span[]): { span: Span; depth: number }[] {
  const ids = new Set(spans.map(({ id }) => id));
  const children = Map.groupBy(
    spans.toSorted((a, b) => a.start - b.start),
    ({ parent, id }) => (parent !== null && parent !== id && ids.has(parent) ? parent : ""),
  );
  const out: { span: Span; depth: number }[] = [];
  const seen = new Set<string>();
  const walk = (parent: string, depth: number): void => {
    for (const span of children.get(parent) ?? []) {
      if (seen.has(span.id)) continue;
      seen.add(span.id);
      out.push({ span, depth });
      walk(span.id, depth + 1);
    }
  };
  walk("", 0);
  return out;
}

/** One trace as a tree of bars. null: the answer has no spans. */
export function spanTree(all: readonly Span[], query: string): Html | null {
  const spans = chosen(all, query);
  if (spans.length === 0) return null;
  const from = Math.min(...spans.map(({ start }) => start));
  const length = Math.max(...spans.map(({ start, tookMs }) => start + tookMs)) - from || 1;
  const rows = inTree(spans);
  const traces = new Set(all.map(({ trace }) => trace)).size;
  const item = ({ span, depth }: (typeof rows)[number]): Html => {
    const name = `${outsideLine(span.service, 80)} ${outsideLine(span.operation, 200)}`;
    const cited = span.service === query || holds(name, query);
    const width = Math.max(0.3, (span.tookMs / length) * 100);
    return html`<li class="d${Math.min(depth, DEEPEST)} ${span.failed ? "failed" : ""} ${cited ? "cited" : ""}">
      <span class="op" title="${name}"><b>${outsideLine(span.service, 80)}</b> ${outsideLine(span.operation, 200)}</span>
      <svg aria-hidden="true">
        <rect x="${Math.min(99.7, ((span.start - from) / length) * 100).toFixed(2)}%" width="${width.toFixed(2)}%" height="100%" rx="2" />
      </svg>
      <span class="took">${quantity(span.tookMs, "ms")}${span.failed ? " failed" : ""}</span>
    </li>`;
  };
  return html`<p class="muted card-note">
      One of ${traces.toLocaleString("en-US")} ${traces === 1 ? "trace" : "traces"}: ${spans.length} spans from ${time(from)},
      ${quantity(length, "ms")}. ${rows.length > MOST_SPANS ? `The first ${MOST_SPANS} are shown.` : ""}
    </p>
    <ol class="tree">
      ${rows.slice(0, MOST_SPANS).map(item)}
    </ol>`;
}
