import { z } from "zod";
import { duration } from "../../../analysis/words.ts";
import { notAsked, windowInput } from "../../../report/compared-windows.ts";
import type { Answer, Unnumbered } from "../../../incident/answer.ts";
import type { Span, TimeWindow } from "../../../incident/telemetry.ts";
import { composeView, counted, outsideLine, utc, windowOf } from "../../../report/tool-view.ts";
import { defineTool, type ToolResult } from "../../../incident/tool.ts";
import type { DatadogClient } from "../client.ts";
import { count } from "../words.ts";
import { scopedSearch, searchValue } from "./scope.ts";
import { traceTree, type TreeNode } from "./trace-tree.ts";

const MOST_SPANS = 3_000;
/** A request's spans lie near each other; a queue may lie between. */
const MARGIN_MS = 30 * 60_000;
const DEEPEST_INDENT = 12;

function describe({ span, ownMs, depth, skipped, hidden }: TreeNode, start: number, nameOf: (service: string) => string): string[] {
  const indent = "  ".repeat(Math.min(depth, DEEPEST_INDENT));
  const between = skipped > 0 ? `(${count(skipped)} levels between) ` : "";
  const failed = span.error === true ? " FAILED" : "";
  const left = hidden.reduce((sum, { spans }) => sum + spans, 0);
  return [
    `${indent}- +${duration(span.start - start)} ${between}${outsideLine(nameOf(span.service), 80)} · ${outsideLine(span.operation, 140)}: ` +
      `${duration(span.durationMs)}, own ${duration(ownMs)}${failed}`,
    ...(span.errorMessage === null ? [] : [`${indent}  | error: ${outsideLine(span.errorMessage, 240)}`]),
    ...(span.statement === null ? [] : [`${indent}  | statement: ${outsideLine(span.statement, 200)}`]),
    ...(left === 0
      ? []
      : [
          `${indent}  (left out below: ${counted(left, "span")}, own ${duration(hidden.reduce((sum, { ms }) => sum + ms, 0))}; most: ${hidden
            .slice(0, 2)
            .map(({ name, spans, ms }) => `${count(spans)} × ${outsideLine(name, 100)} ${duration(ms)}`)
            .join(", ")})`,
        ]),
  ];
}

type Found = { readonly span: Unnumbered<Span> | null; readonly answers: readonly Answer<unknown>[]; readonly query: string };

/** The slowest span that matches: Datadog sorts by time only, so its longest duration is asked for first. */
async function slowest(datadog: DatadogClient, query: string, window: TimeWindow, signal: AbortSignal): Promise<Found> {
  const compute = { aggregation: "max", metric: "@duration" } as const;
  const longest = await datadog.aggregateSpans({ query, window, groupBy: [], compute }, signal);
  const nanoseconds = longest.value[0]?.total ?? null;
  if (nanoseconds === null || nanoseconds <= 0) return { span: null, answers: [longest], query };
  // The figure may have been rounded on its way.
  const own = `${query === "*" ? "" : `${query} `}@duration:>=${Math.floor(nanoseconds * 0.999)}`;
  const found = await datadog.searchSpans({ query: own, window, limit: 10, sort: "timestamp" }, signal);
  const span = found.value.reduce<Unnumbered<Span> | null>(
    (most, one) => (most === null || one.durationMs > most.durationMs ? one : most),
    null,
  );
  return { span, answers: [longest, found], query: own };
}

async function failing(datadog: DatadogClient, query: string, window: TimeWindow, signal: AbortSignal): Promise<Found> {
  const own = `${query === "*" ? "" : `${query} `}status:error`;
  const found = await datadog.searchSpans({ query: own, window, limit: 10, sort: "-timestamp" }, signal);
  // Of several failing spans the one with a reason says more.
  return { span: found.value.find(({ errorMessage }) => errorMessage !== null) ?? found.value[0] ?? null, answers: [found], query: own };
}

/** One request as a tree. */
export const traceTool = (datadog: DatadogClient) =>
  defineTool({
    name: "datadog_trace",
    source: "Datadog traces",
    description:
      "One request as a tree of its spans with duration, own time, errors and database statements. Give `trace_id`, or a service and operation for its slowest or a failing one.",
    input: z.object({
      trace_id: z.string().min(1).max(128).optional().describe("Id of the trace; then service, operation and pick are not needed"),
      service: z.string().min(1).max(200).optional().describe("Of the catalog. Default: the paged service"),
      operation: z
        .string()
        .min(1)
        .max(500)
        .optional()
        .describe('Operation exactly as datadog_spans names it, for example "GET /cart". Default: any'),
      pick: z
        .enum(["slowest", "failing"])
        .default("slowest")
        .describe("Which request of the operation: the slowest of the window (default), or a late failing one"),
      ...windowInput,
      limit: z.int().min(5).max(150).default(50).describe("Most spans, 5 to 150; default 50: those with most own time or with errors"),
    }),
    async run(input, { question, signal, now }): Promise<ToolResult> {
      const byId = input.trace_id;
      const everything = { from: question.baseline.from, to: Math.max(question.window.to, now()) };
      const window = windowOf(input, byId === undefined ? question.window : everything, question, now());
      if (typeof window === "string") return notAsked(window);
      let traceId = byId;
      let around = window;
      let before: readonly Answer<unknown>[] = [];
      let chosen = "";
      if (traceId === undefined) {
        const operation = input.operation === undefined ? undefined : `resource_name:"${input.operation.replaceAll(/["\\]/g, "\\$&")}"`;
        const query = scopedSearch(question, { service: input.service ?? question.service, query: operation });
        const found = await (input.pick === "slowest" ? slowest : failing)(datadog, query, window, signal);
        if (found.span === null) {
          const nothing = `no ${input.pick === "failing" ? "failing span" : "span"} matches ${outsideLine(found.query, 200)} from ${utc(window.from)} to ${utc(window.to)}`;
          const notes = ["check service and operation against datadog_spans, or give another window (from, to)"];
          return {
            answers: found.answers,
            view: (evidence) =>
              composeView({ facts: [nothing], items: [], rest: () => "", notes, parts: ["longest duration", "its span"] }, evidence),
            fact: outsideLine(`Datadog trace: ${nothing}`, 400),
          };
        }
        const { span } = found;
        traceId = span.traceId;
        before = found.answers;
        around = { from: span.start - MARGIN_MS, to: span.start + span.durationMs + MARGIN_MS };
        chosen = ` (${input.pick} of ${outsideLine(found.query, 160)})`;
      }
      const answer = await datadog.searchSpans(
        { query: `trace_id:${searchValue(traceId)}`, window: around, limit: MOST_SPANS, sort: "timestamp" },
        signal,
      );
      const tree = traceTree(answer.value, input.limit);
      const id = outsideLine(traceId, 128);
      const summary =
        tree === null
          ? `no span of trace ${id} from ${utc(around.from)} to ${utc(around.to)}`
          : `trace ${id}${chosen}: ${duration(tree.to - tree.from)} from ${new Date(tree.from).toISOString()}, ${count(tree.spans)} spans of ` +
            `${count(tree.services.length)} services, ${count(tree.failing)} failed`;
      const busiest =
        tree?.nodes.reduce<TreeNode | null>((most, node) => (most === null || node.ownMs > most.ownMs ? node : most), null) ?? null;
      const busy =
        busiest === null
          ? ""
          : `most own time: ${outsideLine(question.nameOf(busiest.span.service), 80)} · ${outsideLine(busiest.span.operation, 120)}, ${duration(busiest.ownMs)}`;
      return {
        answers: [...before, answer],
        view: (evidence) =>
          composeView(
            {
              facts: [
                summary,
                ...(tree === null
                  ? []
                  : [
                      `${busy}. +time is since the trace's start; "own" is without the spans below; a span beside it may be what it waits for.`,
                    ]),
              ],
              items: (tree?.nodes ?? []).map((node) => ({ lines: describe(node, tree?.from ?? 0, question.nameOf) })),
              rest: (left) =>
                `${count(left)} more of the chosen spans do not fit here: lower limit, so that only the weightiest are shown.`,
              parts: [
                ...before.map((_, index) => (index === before.length - 1 ? "the span it was found by" : "longest duration")),
                "the trace",
              ],
              notes: [
                ...(tree !== null && tree.nodes.length < tree.spans
                  ? [
                      `${count(tree.spans - tree.nodes.length)} of ${count(tree.spans)} spans are not shown, those with least own time; raise limit (at most 150)`,
                    ]
                  : []),
                ...(tree !== null && tree.orphans > 0
                  ? [`${count(tree.orphans)} further spans begin a tree of their own: their parent is missing or was not recorded`]
                  : []),
                ...(tree !== null && tree.circular > 0
                  ? [`${count(tree.circular)} spans name each other as parents and are not shown`]
                  : []),
                ...(answer.cut === null ? [] : [answer.cut]),
                ...(tree === null ? ["the id may be of another time: give from and to, or it was not kept by Datadog's retention"] : []),
              ],
            },
            evidence,
          ),
        fact: outsideLine(`Datadog trace: ${summary}${busy === "" ? "" : `; ${busy}`}`, 450),
      };
    },
  });
