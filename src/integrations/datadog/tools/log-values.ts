import { z } from "zod";
import { sortedQuantile } from "../../../analysis/baseline.ts";
import { defineTool } from "../../../incident/tool.ts";
import type { TimeWindow } from "../../../incident/telemetry.ts";
import { notAsked, windowInput } from "../../../report/compared-windows.ts";
import { composeView, counted, outsideLine, utc, windowOf } from "../../../report/tool-view.ts";
import { clockTime, quantity } from "../../../report/words.ts";
import type { DatadogClient } from "../client.ts";
import type { FieldedLine } from "../log-fields.ts";
import { count } from "../words.ts";
import { inOneUnit, numberIn, textReader } from "./line-values.ts";
import { scopedSearch } from "./scope.ts";
import { logSearchInput } from "./search-input.ts";

const LINES = 4_000;
const SLICES = 5;
const BUCKETS = 12;
const GROUPS = 10;
const MINUTE_MS = 60_000;
/** Widths of a bucket that people read with ease. */
const WIDTHS = [10_000, 30_000, ...[1, 2, 5, 10, 15, 30, 60, 120, 360, 720, 1_440].map((minutes) => minutes * MINUTE_MS)];

interface Measured {
  readonly line: FieldedLine;
  readonly value: number;
}

const widthOf = ({ from, to }: TimeWindow): number =>
  WIDTHS.find((width) => (to - from) / width <= BUCKETS) ?? Math.ceil((to - from) / BUCKETS);

const weightOf = (rows: readonly Measured[]): number => rows.reduce((sum, { line }) => sum + line.weight, 0);

/**
 * `40 lines: median 12 ms, max 3,100 ms at 10:03:20, last 8 ms`
 * @param isSample some minutes were not read at all, so how many lines an interval has is not known
 */
function figuresOf(rows: readonly Measured[], show: (value: number) => string, isSample: boolean): string {
  const [first] = rows;
  const last = rows.at(-1);
  if (first === undefined || last === undefined) return "none";
  const most = rows.reduce((max, row) => (row.value > max.value ? row : max), first);
  const sorted = rows.map(({ value }) => value).toSorted((a, b) => a - b);
  return (
    `${isSample ? `${counted(rows.length, "line")} read` : counted(Math.round(weightOf(rows)), "line")}: min ${show(sorted[0] ?? 0)}, median ${show(sortedQuantile(sorted, 0.5))}, ` +
    `max ${show(most.value)} at ${clockTime(most.line.at)}, last ${show(last.value)}`
  );
}

/** A number that log lines hold, over time and by field. */
export const logValuesTool = (datadog: DatadogClient) =>
  defineTool({
    name: "datadog_log_values",
    source: "Datadog logs",
    description:
      "A number that log lines hold, over time: count, minimum, median, maximum and last per interval, and by a field. For figures that only logs have.",
    input: z.object({
      ...logSearchInput,
      value: z
        .string()
        .min(1)
        .max(200)
        .default("@duration")
        .describe("Which number: a field (@queue.depth), or words of the line with * in the number's place (took * ms). Default @duration"),
      by: z.string().min(1).max(200).optional().describe("Split by: a field (@client_ip, instance), or words with * in its place"),
      ...windowInput,
    }),
    async run(input, { question, signal, now }) {
      const window = windowOf(input, question.window, question, now());
      if (typeof window === "string") return notAsked(window);
      const read = textReader(input.value);
      if (typeof read === "string") return notAsked(`value: ${read}.`);
      const readBy = input.by === undefined ? null : textReader(input.by);
      if (typeof readBy === "string") return notAsked(`by: ${readBy}.`);
      const query = scopedSearch(question, input);
      const answer = await datadog.sampleLogs({ query, window, maxLines: LINES, slices: SLICES }, signal);
      const found = answer.value
        .toSorted((a, b) => a.at - b.at)
        .flatMap((line) => {
          const number = numberIn(read(line) ?? "");
          return number === null ? [] : [{ line, number }];
        });
      const { values, unit } = inOneUnit(found.map(({ number }) => number));
      const rows = found.map(({ line }, index): Measured => ({ line, value: values[index] ?? Number.NaN }));
      const show = (value: number) => quantity(value, unit);
      const isSample = answer.cut !== null;
      const what = outsideLine(input.value, 80);
      const head = `${what} in ${count(rows.length)} of ${count(answer.value.length)} lines read of ${outsideLine(query, 160)}, ${utc(window.from)} to ${utc(window.to)}`;
      const summary = rows.length === 0 ? head : `${head}: ${figuresOf(rows, show, isSample)}${unit === null ? " (no unit)" : ""}`;
      const width = widthOf(window);
      const buckets = [...Map.groupBy(rows, ({ line }) => window.from + Math.floor((line.at - window.from) / width) * width)];
      const groups =
        readBy === null
          ? []
          : [...Map.groupBy(rows, ({ line }) => readBy(line) ?? "(none)")].toSorted(
              ([a, x], [b, y]) => weightOf(y) - weightOf(x) || (a < b ? -1 : 1),
            );
      return {
        answers: [answer],
        view: (evidence) =>
          composeView(
            {
              facts: [summary],
              items: [
                ...buckets.map(([from, of]) => ({
                  lines: [`- ${clockTime(from)} to ${clockTime(Math.min(from + width, window.to))} ${figuresOf(of, show, isSample)}`],
                })),
                ...groups.slice(0, GROUPS).map(([name, of], index) => ({
                  lines: [
                    ...(index === 0 ? [`By ${outsideLine(input.by ?? "", 80)}:`] : []),
                    `- ${outsideLine(name, 120)}: ${figuresOf(of, show, isSample)}`,
                  ],
                })),
              ],
              rest: (left) => `${count(left)} more rows do not fit here: give a shorter window.`,
              notes: [
                ...(groups.length > GROUPS ? [`${count(groups.length - GROUPS)} smaller groups left out; narrow the query`] : []),
                ...(rows.length === 0 && answer.value[0] !== undefined
                  ? [`no line has it; one of them reads: ${outsideLine(answer.value[0].message, 200)}`]
                  : []),
                ...(answer.total === 0 ? ["nothing matches in the window: check the query, or give another window (from, to)"] : []),
                ...(answer.cut === null
                  ? []
                  : [
                      `${answer.cut}. How many lines an interval has is not known, and the true maximum may lie between; narrow the query or the window`,
                    ]),
              ],
            },
            evidence,
          ),
        fact: outsideLine(`Datadog log values: ${summary}`, 400),
      };
    },
  });
