import { z } from "zod";
import { comparedInput, comparedWindows, notAsked } from "../../../report/compared-windows.ts";
import { composeView, outsideLine, utc } from "../../../report/tool-view.ts";
import { defineTool } from "../../../incident/tool.ts";
import { clockTime, evidenceMark, figure } from "../../../report/words.ts";
import type { DatadogClient } from "../client.ts";
import { count } from "../words.ts";
import { lateAndEnded, type PatternTally, tallyPatterns } from "./log-patterns.ts";
import type { FieldShare } from "./field-shares.ts";
import { quotedText } from "./quoted-text.ts";
import { minutesFrom, presenceCounts, recordedFrom } from "./recorded-time.ts";
import { scopedSearch, wholeEnvironment, withoutEnd } from "./scope.ts";
import { secondary } from "../../../guard/secondary.ts";
import { logSearchInput } from "./search-input.ts";

/** Datadog allows about 300 requests an hour; a call of this tool makes about a dozen. */
const WINDOW_LINES = 4_000;
const BASELINE_LINES = 3_000;
const SLICES = 5;
const SAMPLE_LENGTH = 400;
/** The line itself, and the error that many loggers put beside it. */
const SAMPLE_ROWS = 2;

const trendWords = {
  new: "NEW",
  surged: "SURGED",
  gone: "GONE",
  fell: "FELL",
  unclear: "too little to tell",
  steady: "as before",
} as const;

const trendOf = ({ trend, perMinuteBefore }: PatternTally) => (perMinuteBefore === null ? "SEEN" : trendWords[trend]);

const percent = (share: number) => `${figure(share * 100)} %`;

/** `client_ip 10.1.2.3 100 %, elsewhere 4 %` */
const shareWords = ({ field, value, share, elsewhere }: FieldShare): string =>
  `${outsideLine(field, 60)} ${outsideLine(value, 80)} ${percent(share)}${elsewhere === null ? "" : `, elsewhere ${percent(elsewhere)}`}`;

function describe(tally: PatternTally, nameOf: (service: string) => string): string[] {
  const { rows, cut } = quotedText(tally.sample.message, SAMPLE_LENGTH, SAMPLE_ROWS);
  const before = tally.perMinuteBefore === null ? "? → " : `${figure(tally.perMinuteBefore)} → `;
  const trace = tally.sample.traceId === null ? "" : `, trace ${outsideLine(tally.sample.traceId, 64)}`;
  const seen = tally.now > 0 ? `${clockTime(tally.first)} to ${clockTime(tally.last)}` : `last at ${utc(tally.last)}`;
  const where = tally.instances > 1 ? `, ${count(tally.instances)} instances` : "";
  return [
    `- ${trendOf(tally)} ${outsideLine(tally.severity ?? "no severity", 20)} ${outsideLine(nameOf(tally.service), 80)}: ${before}${figure(tally.perMinute)} a minute ` +
      `(${tally.perMinuteBefore === null ? "?" : count(tally.before)} → ${count(tally.now)} lines), ${seen}${where}${trace}`,
    ...rows,
    ...(tally.shares.length === 0 ? [] : [`  its lines have ${tally.shares.map(shareWords).join("; ")}`]),
    ...(cut === null ? [] : [`  (line cut: ${cut}; datadog_log_lines has it whole)`]),
  ];
}

/** Log lines as patterns, the window against the quiet time. */
export const logsTool = (datadog: DatadogClient) =>
  defineTool({
    name: "datadog_logs",
    source: "Datadog logs",
    description:
      "What do the logs say, and what in them is new? Lines are grouped into patterns with rates before and now, first and last time, severity, one verbatim line, a trace id. Use it first for any question about logs. Large results are sampled.",
    input: z.object({
      ...logSearchInput,
      ...comparedInput,
      limit: z.int().min(1).max(60).default(20).describe("Most patterns, 1 to 60; default 20"),
    }),
    async run(input, context) {
      const { question, signal } = context;
      const windows = comparedWindows(input, context);
      if (typeof windows === "string") return notAsked(windows);
      const { window, baseline } = windows;
      const query = scopedSearch(question, input);
      const [now, before, presence] = await Promise.all([
        datadog.sampleLogs({ query, window, maxLines: WINDOW_LINES, slices: SLICES }, signal),
        secondary(datadog.sampleLogs({ query, window: withoutEnd(baseline), maxLines: BASELINE_LINES, slices: SLICES }, signal)),
        secondary(datadog.aggregateLogs(presenceCounts(wholeEnvironment(question), withoutEnd(baseline)), signal)),
      ]);
      const from = presence.value === null ? baseline.from : recordedFrom(presence.value.value, baseline);
      const minutes = {
        now: minutesFrom(window.from, window),
        before: before.value === null || from === null ? null : minutesFrom(from, baseline),
        beforeEnds: baseline.to,
        nowEnds: window.to,
      };
      const ends = lateAndEnded(now.value, before.value?.value ?? [], minutes);
      const patterns = tallyPatterns(now.value, before.value?.value ?? [], minutes);
      const ofTrend = (trend: PatternTally["trend"]) => patterns.filter((pattern) => pattern.trend === trend).length;
      const perMinute = (total: number, length: number | null) => (length === null ? "?" : figure(total / length));
      const summary =
        `${count(now.total)} lines match ${outsideLine(query, 160)} (${perMinute(now.total, minutes.now)} a minute; before ` +
        `${before.value === null ? "not read" : `${perMinute(before.value.total, minutes.before)} a minute`}), in ${count(patterns.length)} patterns: ` +
        (minutes.before === null
          ? "nothing to compare with"
          : `${count(ofTrend("new"))} new, ${count(ofTrend("surged"))} surged, ${count(ofTrend("gone") + ofTrend("fell"))} gone or fewer`);
      const [top] = patterns;
      const answers = [
        { answer: now, what: "the window" },
        ...(before.value === null ? [] : [{ answer: before.value, what: "the quiet time" }]),
        ...(presence.value === null ? [] : [{ answer: presence.value, what: "counts of all lines" }]),
      ];
      return {
        answers: answers.map(({ answer }) => answer),
        view: (evidence) =>
          composeView(
            {
              facts: [
                summary,
                `Window ${utc(window.from)} to ${utc(window.to)}, compared with ${utc(baseline.from)} to ${utc(baseline.to)}; times below are UTC. ` +
                  `${answers.map(({ what }, index) => `${evidenceMark(evidence[index] ?? 0)}: ${what}`).join(", ")}.`,
              ],
              items: patterns.slice(0, input.limit).map((pattern) => ({ lines: describe(pattern, question.nameOf) })),
              rest: (left) => `${count(left)} more patterns do not fit here: narrow the query, or name a service.`,
              notes: [
                ...(patterns.length > input.limit
                  ? [`${count(patterns.length - input.limit)} further patterns left out; raise limit, or narrow the query`]
                  : []),
                ...(now.total === 0
                  ? ["nothing matches in the window: check the spelling with a wider query, or another window (from, to)"]
                  : []),
                ...(now.cut === null ? [] : [`window: ${now.cut}. Counts are estimates; for all lines narrow the query or the window`]),
                ...(before.value?.cut == null
                  ? []
                  : [`quiet time: ${before.value.cut}. A rare pattern may only look new; ask for it alone with query to be sure`]),
                ...(before.problem === null ? [] : [`the quiet time could not be read, so nothing is called new: ${before.problem}`]),
                ...(from === null ? ["nothing at all was recorded in the quiet time, so nothing is called new"] : []),
                ...ends
                  .slice(0, 8)
                  .map(({ service, begins, ended }) =>
                    [
                      `logs of ${outsideLine(question.nameOf(service), 80)}`,
                      ...(begins === null ? [] : [`begin ${utc(begins)}; its rates before rest on the time from then on`]),
                      ...(ended === null ? [] : [`end ${utc(ended)}; its rates of the window are thinned by the silence since`]),
                    ].join(" "),
                  ),
                ...(from !== null && from > baseline.from + 60_000
                  ? [`logs are kept from ${utc(from)} on; rates before rest on those ${figure((baseline.to - from) / 60_000)} minutes`]
                  : []),
              ],
            },
            evidence,
          ),
        fact: outsideLine(
          `Datadog logs: ${summary}${top === undefined ? "" : `; first: ${trendOf(top)} in ${question.nameOf(top.service)}, ${outsideLine(top.sample.message, 120)}`}`,
          500,
        ),
      };
    },
  });
