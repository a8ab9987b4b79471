import { z } from "zod";
import { notAsked, windowInput } from "../../../report/compared-windows.ts";
import { composeView, instantOf, outsideLine, TIME_WORDS, utc, windowOf } from "../../../report/tool-view.ts";
import { defineTool } from "../../../incident/tool.ts";
import type { DatadogClient } from "../client.ts";
import type { FieldedLine } from "../log-fields.ts";
import { count } from "../words.ts";
import { foldedWords, type LineRun, runsOf } from "./line-runs.ts";
import { quotedText } from "./quoted-text.ts";
import { scopedSearch, withoutEnd } from "./scope.ts";
import { logSearchInput } from "./search-input.ts";

type Line = FieldedLine;

/** On both sides of a moment, where no window is given. */
const AROUND_MS = 3_600_000;
/** Rows of one line: of a stack trace the first ones say most. */
const MOST_ROWS = 12;

/** What all lines share; it is shown once, above them. null: they differ, or there is but one. */
interface Shared {
  readonly instance: string | null;
  readonly traceId: string | null;
  readonly severity: string | null;
}

function sharedBy(lines: readonly Line[]): Shared {
  const [first] = lines;
  const same = (key: keyof Shared) =>
    first !== undefined && lines.length > 1 && lines.every((line) => line[key] === first[key]) ? first[key] : null;
  return { instance: same("instance"), traceId: same("traceId"), severity: same("severity") };
}

function describe(run: LineRun, nameOf: (service: string) => string, longest: number, shared: Shared): string[] {
  const line = run.first;
  const { rows, cut } = quotedText(line.message, longest, MOST_ROWS);
  const where = line.instance === null || shared.instance !== null ? "" : ` [${outsideLine(line.instance, 80)}]`;
  const trace = line.traceId === null || shared.traceId !== null ? "" : ` trace ${outsideLine(line.traceId, 64)}`;
  const level = shared.severity === null ? `${outsideLine(line.severity ?? "no severity", 20)} ` : "";
  return [
    `- ${new Date(line.at).toISOString()} ${level}${outsideLine(nameOf(line.service), 80)}${where}${trace}`,
    ...rows,
    ...(cut === null ? [] : [`  (line cut: ${cut}; raise longest_line)`]),
    ...(run.rest.length === 0 ? [] : [foldedWords(run)]),
  ];
}

/** Log lines themselves, in order of time. */
export const logLinesTool = (datadog: DatadogClient) =>
  defineTool({
    name: "datadog_log_lines",
    source: "Datadog logs",
    description:
      "Lines of a log search, verbatim and in order of time, repeats of one pattern folded: what happened around a moment, or in one request (query trace_id:<id>). For the overview use datadog_logs first.",
    input: z.object({
      ...logSearchInput,
      ...windowInput,
      around: z.string().max(40).optional().describe(`A moment: half of the lines directly before it, half from it on`),
      order: z
        .enum(["oldest", "newest"])
        .optional()
        .describe("If more than limit match; default oldest with from, else newest. Not with around"),
      limit: z.int().min(1).max(200).default(30).describe("Lines to read, 1 to 200; default 30"),
      longest_line: z.int().min(80).max(6_000).default(500).describe("Characters of a line to show, 80 to 6,000; default 500"),
    }),
    async run(input, { question, signal, now }) {
      const around = input.around === undefined ? null : instantOf(input.around, question.trigger.at, now());
      if (input.around !== undefined && around === null)
        return notAsked(`around: ${JSON.stringify(outsideLine(input.around, 60))} is not a time. Write it as ${TIME_WORDS}.`);
      // The nearest lines may be hours from the moment, wherever that lies.
      const whole = {
        from: Math.min(question.baseline.from, (around ?? Infinity) - AROUND_MS),
        to: Math.max(question.window.to, (around ?? -Infinity) + AROUND_MS),
      };
      const window = windowOf({ from: input.from, to: input.to }, around === null ? question.window : whole, question, now());
      if (typeof window === "string") return notAsked(window);
      const query = scopedSearch(question, input);
      const { limit, order = input.from === undefined ? "newest" : "oldest" } = input;
      const search = (part: { from: number; to: number }, most: number, sort: "timestamp" | "-timestamp") =>
        datadog.searchLogs({ query, window: part, limit: most, sort }, signal);
      if (around !== null && (around <= window.from || around >= window.to))
        return notAsked(`around (${utc(around)}) lies outside of ${utc(window.from)} to ${utc(window.to)}: leave out from and to.`);
      const answers =
        around === null
          ? [await search(window, limit, order === "oldest" ? "timestamp" : "-timestamp")]
          : await Promise.all([
              search(withoutEnd({ from: window.from, to: around }), Math.ceil(limit / 2), "-timestamp"),
              search({ from: around, to: window.to }, Math.max(1, Math.floor(limit / 2)), "timestamp"),
            ]);
      const lines = answers.flatMap(({ value }) => value).toSorted((a, b) => a.at - b.at);
      // What does not fit is dropped at the far end: from the moment, or from the side that was asked for.
      const near = around ?? (order === "oldest" ? -Infinity : Infinity);
      const runs = runsOf(lines, around);
      const apart = ({ first: one, rest }: LineRun) => Math.min(...[one, ...rest].map(({ at }) => Math.abs(at - near)));
      const byNearness = Number.isFinite(near) ? runs.toSorted((a, b) => apart(a) - apart(b)) : near < 0 ? runs : runs.toReversed();
      const more = answers.some(({ cursor }) => cursor !== null);
      const [first, last] = [lines[0], lines.at(-1)];
      const summary =
        lines.length === 0 || first === undefined || last === undefined
          ? `no line matches ${outsideLine(query, 200)} from ${utc(window.from)} to ${utc(window.to)}`
          : `${count(lines.length)} lines of ${outsideLine(query, 200)}, ${new Date(first.at).toISOString()} to ${new Date(last.at).toISOString()}`;
      return {
        answers,
        view: (evidence) => {
          const shared = sharedBy(lines);
          const all = [
            ...(shared.severity === null ? [] : [outsideLine(shared.severity, 20)]),
            ...(shared.instance === null ? [] : [`of ${outsideLine(shared.instance, 80)}`]),
            ...(shared.traceId === null ? [] : [`of trace ${outsideLine(shared.traceId, 64)}`]),
          ];
          const shown = new Set<LineRun>();
          let room = 9_500;
          for (const run of byNearness) {
            const size = describe(run, question.nameOf, input.longest_line, shared).join("\n").length + 1;
            if (size > room && shown.size > 0) break;
            room -= size;
            shown.add(run);
          }
          const left = lines.length - [...shown].reduce((sum, { rest }) => sum + 1 + rest.length, 0);
          return composeView(
            {
              facts: [
                summary,
                `Window asked for: ${utc(window.from)} to ${utc(window.to)}${around === null ? "" : `, around ${utc(around)}`}. Times are UTC.${all.length === 0 ? "" : ` All lines are ${all.join(", ")}.`}`,
              ],
              parts: ["lines before the moment", "lines from it on"],
              items: runs
                .filter((run) => shown.has(run))
                .map((run) => ({ lines: describe(run, question.nameOf, input.longest_line, shared) })),
              rest: (unseen) => `${count(unseen)} more lines do not fit here: lower longest_line or limit.`,
              notes: [
                ...(left > 0
                  ? [
                      `${count(left)} lines that were read do not fit here, those ${around === null ? "at the far end" : "furthest from the moment"}: narrow the query or window, or lower longest_line`,
                    ]
                  : []),
                ...(more
                  ? [`more lines match: raise limit (at most 200), narrow query, from and to, or move from past the last line`]
                  : []),
                ...answers.flatMap(({ cut, cursor }) => (cut === null || cursor !== null ? [] : [cut])),
                ...(lines.length === 0 ? ["for all patterns of a service use datadog_logs; check the spelling of the query"] : []),
              ],
            },
            evidence,
          );
        },
        fact: outsideLine(`Datadog log lines: ${summary}`, 400),
      };
    },
  });
