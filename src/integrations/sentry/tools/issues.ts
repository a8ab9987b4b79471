import { z } from "zod";
import { secondary } from "../../../guard/secondary.ts";
import { comparedInput, comparedWindows, notAsked } from "../../../report/compared-windows.ts";
import type { Question } from "../../../incident/source.ts";
import type { TimeWindow } from "../../../incident/telemetry.ts";
import { composeView, outsideLine, utc } from "../../../report/tool-view.ts";
import { defineTool } from "../../../incident/tool.ts";
import { evidenceMark, figure } from "../../../report/words.ts";
import type { SentryClient } from "../client.ts";
import type { SentryIssue } from "../to-issue.ts";

const ISSUES = 100;
const MINUTE_MS = 60_000;

type Trend = "NEW" | "REGRESSED" | "RETURNED" | "SURGED" | "ongoing";
const order: readonly Trend[] = ["NEW", "REGRESSED", "RETURNED", "SURGED", "ongoing"];

interface Row {
  readonly issue: SentryIssue;
  readonly trend: Trend;
  /** Events in the quiet time; null: not known. */
  readonly before: number | null;
  /** Sentry counted the issue's whole life and not the window. */
  readonly wholeLife: boolean;
}

const count = (n: number) => n.toLocaleString("en-US");
const minutes = ({ from, to }: TimeWindow) => Math.max(1 / 6, (to - from) / MINUTE_MS);

/** @param known issues of the quiet time by id, or null where they are not known in full */
function toRow(
  issue: SentryIssue,
  known: ReadonlyMap<string, SentryIssue> | null,
  complete: boolean,
  window: TimeWindow,
  quiet: TimeWindow,
): Row {
  const isNew = issue.firstSeen >= window.from;
  const earlier = known?.get(issue.id);
  const before = isNew ? 0 : (earlier?.count ?? (known !== null && complete ? 0 : null));
  // Some servers give one count whatever time is asked for: both windows together would hold more events than there ever were.
  const wholeLife =
    !isNew && earlier !== undefined && issue.lifetimeCount !== undefined && earlier.count + issue.count > issue.lifetimeCount;
  const expected = before === null || wholeLife ? null : (before / minutes(quiet)) * minutes(window);
  const surged = expected !== null && issue.count > expected + 5 * Math.sqrt(expected + 1) && issue.count > 2 * expected;
  const trend = isNew ? "NEW" : issue.regressed === true ? "REGRESSED" : before === 0 ? "RETURNED" : surged ? "SURGED" : "ongoing";
  return { issue, trend, before, wholeLife };
}

function serviceOf(issue: SentryIssue, question: Question): string {
  const known = question.services.find(({ names }) => issue.service !== null && names["sentry"]?.["name"] === issue.service);
  return outsideLine(known?.name ?? issue.service ?? "no project", 80);
}

function describe({ issue, trend, before, wholeLife }: Row, question: Question, window: TimeWindow, quiet: TimeWindow): string[] {
  const rates = `${before === null ? "?" : figure(before / minutes(quiet))} → ${figure(issue.count / minutes(window))} a minute`;
  const counts = wholeLife
    ? `${count(issue.count)} events in its whole life (not counted by window)`
    : `${before === null ? "?" : count(before)} → ${count(issue.count)} events (${rates})`;
  const release = issue.release === null ? "" : `, release ${outsideLine(issue.release, 80)}`;
  return [
    `- ${trend} ${outsideLine(issue.level, 20)} ${serviceOf(issue, question)}, issue ${outsideLine(issue.id, 40)}: ${counts}, first ${utc(issue.firstSeen)}, ` +
      `last ${utc(issue.lastSeen)}${release}`,
    `  | ${outsideLine(issue.title, 300)}`,
    ...(issue.culprit === null ? [] : [`  | at ${outsideLine(issue.culprit, 200)}`]),
  ];
}

/** Grouped errors, new ones first. */
export const issuesTool = (sentry: SentryClient) =>
  defineTool({
    name: "sentry_issues",
    source: "Sentry",
    description:
      "Which errors did the code throw, and which are new? Sentry's grouped exceptions in the window: new, regressed, surged or ongoing, counts before and now, release, where in the code.",
    input: z.object({
      service: z.string().min(1).max(200).optional().describe("Only this service's project. Default: all"),
      query: z
        .string()
        .max(1_000)
        .default("is:unresolved")
        .describe('Sentry issue search: is:unresolved error.type:TypeError, release:shop@1.2. Default "is:unresolved"'),
      ...comparedInput,
      limit: z.int().min(1).max(100).default(20).describe("Most issues, 1 to 100; default 20"),
    }),
    async run(input, context) {
      const { question, signal } = context;
      const windows = comparedWindows(input, context);
      if (typeof windows === "string") return notAsked(windows);
      const { window, baseline } = windows;
      const wanted = input.service?.trim().toLowerCase();
      const service = question.services.find(({ name }) => name.toLowerCase() === wanted);
      const project = service?.names["sentry"]?.["name"] ?? null;
      const search = (part: TimeWindow) =>
        sentry.listIssues(
          { query: input.query, window: part, sort: "freq", limit: ISSUES, ...(project === null ? {} : { projects: [project] }) },
          signal,
        );
      const [now, earlier] = await Promise.all([
        search(window),
        // Without the quiet time the issues still tell what is thrown now.
        secondary(search(baseline)),
      ]);
      const before = earlier.value;
      const known = before === null ? null : new Map(before.value.map((issue) => [issue.id, issue]));
      const rows = now.value
        .map((issue) => toRow(issue, known, before !== null && before.cut === null, window, baseline))
        .toSorted((a, b) => order.indexOf(a.trend) - order.indexOf(b.trend) || b.issue.count - a.issue.count);
      const counts = order.flatMap((trend) => {
        const number = rows.filter((row) => row.trend === trend).length;
        return number === 0 ? [] : [`${count(number)} ${trend.toLowerCase()}`];
      });
      const summary =
        rows.length === 0
          ? `no issues match ${outsideLine(now.query, 160)} in the window`
          : `${count(rows.length)} issues match ${outsideLine(now.query, 160)}: ${counts.join(", ")}`;
      const [top] = rows;
      return {
        answers: before === null ? [now] : [now, before],
        view: (evidence) =>
          composeView(
            {
              facts: [
                summary,
                `Window ${utc(window.from)} to ${utc(window.to)} (${evidenceMark(evidence[0] ?? 0)}), compared with ${utc(baseline.from)} to ` +
                  `${utc(baseline.to)}${before === null ? "" : ` (${evidenceMark(evidence[1] ?? 0)})`}. Times are UTC.`,
              ],
              items: rows.slice(0, input.limit).map((row) => ({ lines: describe(row, question, window, baseline) })),
              rest: (left) => `${count(left)} more issues do not fit here: name a service or narrow the query.`,
              notes: [
                ...(rows.length > input.limit
                  ? [`${count(rows.length - input.limit)} further issues left out; raise limit, or narrow the query`]
                  : []),
                ...(now.cut === null ? [] : [`window: ${now.cut}; narrow the query for others`]),
                ...(before?.cut == null ? [] : [`quiet time: ${before.cut}; counts before are missing ("?") for issues beyond them`]),
                ...(earlier.problem !== null
                  ? [`the quiet time could not be read, so counts before are not known: ${earlier.problem}`]
                  : []),
                ...(input.service !== undefined && project === null
                  ? [`the catalog names no Sentry project for ${outsideLine(input.service, 80)}: issues of all projects are shown`]
                  : []),
              ],
            },
            evidence,
          ),
        fact: outsideLine(`Sentry: ${summary}${top === undefined ? "" : `; first: ${top.trend} ${top.issue.title}`}`, 400),
      };
    },
  });
