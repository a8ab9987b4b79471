import { z } from "zod";
import { duration } from "../../../analysis/words.ts";
import { comparedInput, comparedWindows, notAsked } from "../../../report/compared-windows.ts";
import type { TimeWindow } from "../../../incident/telemetry.ts";
import { composeView, outsideLine, utc } from "../../../report/tool-view.ts";
import { defineTool } from "../../../incident/tool.ts";
import { clockTime, evidenceMark, figure } from "../../../report/words.ts";
import type { DatadogClient } from "../client.ts";
import type { SpanSample } from "../sample.ts";
import { count } from "../words.ts";
import { FEW_SPANS, type OperationChange, type OperationFigures, operationChanges, type SpanWindow } from "./operation-change.ts";
import { minutesFrom, presenceCounts, recordedFrom } from "./recorded-time.ts";
import { scopedSearch, searchValue, wholeEnvironment, withoutEnd } from "./scope.ts";
import { spanSearchInput } from "./search-input.ts";
import { secondary, type Secondary } from "../../../guard/secondary.ts";

/** Datadog allows about 300 requests an hour; a call of this tool makes about a dozen. */
const WINDOW_SPANS = 4_000;
const BASELINE_SPANS = 3_000;
const SLICES = 4;
/** Traces read whole for the own times of one service: its callees' spans match no search for the service itself. */
const WHOLE_TRACES = 25;
const WHOLE_SPANS = 2_000;
/** A trace that crosses the border of a window. */
const MARGIN_MS = 5 * 60_000;

function spread<T>(items: readonly T[], most: number): T[] {
  return items.length <= most
    ? [...items]
    : Array.from({ length: most }, (_, i) => items[Math.floor((i * items.length) / most)]).filter((item) => item !== undefined);
}

/** All spans of some of the sampled traces. */
function wholeTraces(datadog: DatadogClient, sample: SpanSample, window: TimeWindow, signal: AbortSignal) {
  const ids = spread([...new Set(sample.value.map(({ traceId }) => traceId))], WHOLE_TRACES);
  const query = `trace_id:(${ids.map(searchValue).join(" OR ")})`;
  const around = { from: window.from - MARGIN_MS, to: window.to + MARGIN_MS };
  return datadog.searchSpans({ query, window: around, limit: WHOLE_SPANS, sort: "timestamp" }, signal);
}
type WholeTraces = Awaited<ReturnType<typeof wholeTraces>>;

const share = (value: number | null) => (value === null ? "not recorded" : `${figure(value * 100)} %`);

function compared(change: OperationChange, of: (figures: OperationFigures) => string): string {
  const now = change.now === null ? "none" : of(change.now);
  const before = change.before === null ? now : of(change.before);
  return before === now ? now : `${before} → ${now}`;
}

/** Rates and tails of many spans; of a few their number and the longest. */
function amount(figures: OperationFigures, withRate: boolean): string {
  const { read, spans, perMinute, p50, p95, longest } = figures;
  if (read < FEW_SPANS)
    return `${count(Math.round(spans))} ${Math.round(spans) === 1 ? "span" : "spans"}, p50 ${duration(p50)}, longest ${duration(longest)}`;
  return `${withRate ? `${figure(perMinute)} a minute` : `${count(Math.round(spans))} spans`}, p50 ${duration(p50)}, p95 ${duration(p95)}`;
}

/** @param alone there is nothing to compare with, so nothing is more or only now */
function describe(change: OperationChange, nameOf: (service: string) => string, alone: boolean): string[] {
  const { now, before, service, operation } = change;
  const name = `${outsideLine(nameOf(service), 80)} · ${outsideLine(operation, 160)}`;
  if (now === null && before !== null) {
    const own = before.ownMedian === null ? "" : `, own time p50 ${duration(before.ownMedian)}`;
    return [`- not in the window: ${name}: before ${amount(before, true)}${own}`];
  }
  const state = before === null && !alone ? "only in the window: " : "";
  const own =
    now?.ownMedian == null && before?.ownMedian == null
      ? ""
      : `, own time p50 ${compared(change, ({ ownMedian }) => (ownMedian === null ? "?" : duration(ownMedian)))}`;
  const adds = [
    ...(change.addedMs < 0.5 ? [] : [`${duration(change.addedMs)}`]),
    ...(change.addedFailures < 0.05 ? [] : [`${figure(change.addedFailures)} failures`]),
  ].join(" and ");
  const told = now?.failing != null || before?.failing != null;
  const failing = told ? `failing ${compared(change, ({ failing: part }) => share(part))}` : "";
  const few = Math.max(now?.read ?? 0, before?.read ?? 0) < FEW_SPANS;
  if (few || alone) {
    const amounts = [before, now].flatMap((figures) => (figures === null ? [] : [amount(figures, !alone)])).join(" → ");
    return [`- ${state}${name}: ${[failing, amounts].filter((part) => part !== "").join(", ")}${own}`, ...details(change)];
  }
  return [
    `- ${state}${name}: ${compared(change, ({ perMinute }) => figure(perMinute))} a minute, ` +
      `${failing === "" ? "" : `${failing}, `}p50 ${compared(change, ({ p50 }) => duration(p50))}, ` +
      `p95 ${compared(change, ({ p95 }) => duration(p95))}${own}${adds === "" ? "" : `; adds ${adds} a minute`}`,
    ...details(change),
  ];
}

/** Errors, the statement, and traces to look into. */
function details({ errors, statement, slowest, failed }: OperationChange): string[] {
  return [
    ...errors.slice(0, 3).map(([message, times]) => `  | error ×${count(times)}: ${outsideLine(message, 240)}`),
    ...(errors.length > 3 ? [`  (${count(errors.length - 3)} more error messages)`] : []),
    ...(statement === null ? [] : [`  | statement: ${outsideLine(statement, 240)}`]),
    ...(slowest === null
      ? []
      : [`  slowest ${duration(slowest.durationMs)} at ${clockTime(slowest.start)} in trace ${outsideLine(slowest.traceId, 64)}`]),
    ...(failed === null || failed.traceId === slowest?.traceId
      ? []
      : [`  one that failed at ${clockTime(failed.start)} in trace ${outsideLine(failed.traceId, 64)}`]),
  ];
}

const spanWindow = (sample: SpanSample, whole: readonly SpanSample["value"][number][], minutes: number): SpanWindow => ({
  spans: sample.value,
  wholeTraces: whole,
  weight: sample.value.length === 0 ? 1 : Math.max(1, sample.total / sample.value.length),
  minutes,
});

/** Operations by what they add to time and failures. */
export const spansTool = (datadog: DatadogClient) =>
  defineTool({
    name: "datadog_spans",
    source: "Datadog traces",
    description:
      "Which operations are slower or fail more than before, and where does the time go? By service and operation: calls a minute, failing share, p50 and p95 before and now, own time, error messages, database statements, ids of a slow and a failing trace.",
    input: z.object({
      ...spanSearchInput,
      ...comparedInput,
      limit: z.int().min(1).max(60).default(15).describe("Most operations, 1 to 60; default 15"),
    }),
    async run(input, context) {
      const { question, signal } = context;
      const windows = comparedWindows(input, context);
      if (typeof windows === "string") return notAsked(windows);
      const { window, baseline } = windows;
      const query = scopedSearch(question, input);
      const everything = wholeEnvironment(question);
      const sampled = async (part: TimeWindow, maxSpans: number) => {
        const sample = await datadog.sampleSpans({ query, window: part, maxSpans, slices: SLICES }, signal);
        // What a search for everything reads are whole stretches of time, with traces whole in them.
        const none: Secondary<WholeTraces> = { value: null, problem: "" };
        const whole =
          query === everything || sample.value.length === 0 ? none : await secondary(wholeTraces(datadog, sample, part, signal));
        return { sample, whole };
      };
      const [now, before, presence] = await Promise.all([
        sampled(window, WINDOW_SPANS),
        secondary(sampled(withoutEnd(baseline), BASELINE_SPANS)),
        secondary(datadog.aggregateSpans(presenceCounts(everything, withoutEnd(baseline)), signal)),
      ]);
      const from = presence.value === null ? baseline.from : recordedFrom(presence.value.value, baseline);
      const tracesOf = ({ sample, whole }: typeof now) => (query === everything ? sample.value : (whole.value?.value ?? []));
      const past =
        before.value === null || from === null
          ? null
          : spanWindow(before.value.sample, tracesOf(before.value), minutesFrom(from, baseline));
      const changes = operationChanges(spanWindow(now.sample, tracesOf(now), minutesFrom(window.from, window)), past);
      const failing = now.sample.value.filter(({ error }) => error === true).length;
      const told = now.sample.value.filter(({ error }) => error !== null).length;
      const [top] = changes;
      const summary =
        `${count(now.sample.total)} spans match ${outsideLine(query, 160)}, ${told === 0 ? "failures not recorded" : `${share(failing / told)} of them failing`}, ` +
        `in ${count(changes.filter((change) => change.now !== null).length)} operations` +
        (past === null
          ? "; nothing to compare with"
          : `; before ${figure((before.value?.sample.total ?? 0) / past.minutes)} a minute, now ${figure(now.sample.total / minutesFrom(window.from, window))}`);
      const answers = [
        { answer: now.sample, what: "the window" },
        ...(before.value === null ? [] : [{ answer: before.value.sample, what: "the quiet time" }]),
        ...(now.whole.value === null ? [] : [{ answer: now.whole.value, what: "whole traces of the window" }]),
        ...(before.value?.whole.value == null ? [] : [{ answer: before.value.whole.value, what: "whole traces of the quiet time" }]),
        ...(presence.value === null ? [] : [{ answer: presence.value, what: "counts of all spans" }]),
      ];
      const gone = changes
        .filter((change) => change.now === null && (change.before?.perMinute ?? 0) * minutesFrom(window.from, window) >= 5)
        .toSorted((a, b) => (b.before?.perMinute ?? 0) - (a.before?.perMinute ?? 0));
      const wholeNote =
        query === everything
          ? null
          : now.whole.value === null
            ? now.whole.problem === null || now.whole.problem === ""
              ? null
              : `own times are missing: ${now.whole.problem}`
            : `own times rest on ${count(new Set(now.whole.value.value.map(({ traceId }) => traceId)).size)} traces that were read whole${now.whole.value.cursor === null ? "" : ", the last of them in part"}`;
      return {
        answers: answers.map(({ answer }) => answer),
        view: (evidence) =>
          composeView(
            {
              facts: [
                summary,
                `Window ${utc(window.from)} to ${utc(window.to)}, compared with ${utc(baseline.from)} to ${utc(baseline.to)}; "before → now". Times are UTC. ` +
                  `${answers.map(({ what }, index) => `${evidenceMark(evidence[index] ?? 0)}: ${what}`).join(", ")}.`,
              ],
              items: changes.slice(0, input.limit).map((change) => ({ lines: describe(change, question.nameOf, past === null) })),
              rest: (left) => `${count(left)} more operations do not fit here: name a service or narrow the query.`,
              notes: [
                ...(changes.length > input.limit
                  ? [
                      `${count(changes.length - input.limit)} further operations left out, which add less; raise limit, name a service or narrow the query`,
                    ]
                  : []),
                ...(now.sample.total === 0
                  ? ["nothing matches in the window: check the spelling with a wider query, or another window (from, to)"]
                  : []),
                ...(gone.length === 0
                  ? []
                  : [
                      `${gone.length === 1 ? "1 operation of the quiet time is" : `${count(gone.length)} operations of the quiet time are`} gone: ${gone
                        .slice(0, 4)
                        .map(
                          ({ service, operation, before: earlier }) =>
                            `${outsideLine(question.nameOf(service), 40)} · ${outsideLine(operation, 50)} (${figure(earlier?.perMinute ?? 0)} a minute)`,
                        )
                        .join(", ")}`,
                    ]),
                ...(wholeNote === null ? [] : [wholeNote]),
                ...(now.sample.cut === null
                  ? []
                  : [`window: ${now.sample.cut}; rates are estimates. Narrow the query or the window to read all`]),
                ...(before.value?.sample.cut == null ? [] : [`quiet time: ${before.value.sample.cut}`]),
                ...(before.problem === null ? [] : [`the quiet time could not be read: ${before.problem}`]),
                ...(from !== null && from > baseline.from + 60_000
                  ? [`spans are kept from ${utc(from)} on; rates before rest on that time`]
                  : []),
                ...(from === null ? ["no span at all was recorded in the quiet time"] : []),
              ],
            },
            evidence,
          ),
        fact: outsideLine(
          `Datadog spans: ${summary}${top === undefined ? "" : `; ${past === null ? "first" : "adds most"}: ${describe(top, question.nameOf, past === null)[0]?.slice(2) ?? ""}`}`,
          500,
        ),
      };
    },
  });
