import type { ChartSeries } from "../incident/chart.ts";
import { type Analysis, blamed, type Reason } from "../incident/finding.ts";
import type { LogLine, Point, Telemetry } from "../incident/telemetry.ts";
import { cut } from "../report/cut.ts";

const MINUTE_MS = 60_000;
/** Fewer minutes are no line. */
const LEAST_MINUTES = 3;
const LONGEST_WORDS = 80;
/** Letters by which a pattern is known from others. */
const LEAST_LETTERS = 12;

/** Reasons that are about lines of one pattern, which is the first of their names. */
const ABOUT_LINES: ReadonlySet<string> = new Set(["run-stops", "log-missing", "log-new", "log-surged"]);

/** Lines a minute. A minute of which no line was read is a gap: nobody knows what came in it. The last one is whole only at its end, so it is left out. */
function rate(all: readonly LogLine[], own: readonly LogLine[], end: number): Point[] {
  const minuteOf = ({ at }: LogLine) => Math.floor(at / MINUTE_MS) * MINUTE_MS;
  const counts = new Map(all.map((line) => [minuteOf(line), 0]));
  for (const line of own) counts.set(minuteOf(line), (counts.get(minuteOf(line)) ?? 0) + line.weight);
  return [...counts]
    .filter(([at]) => at + MINUTE_MS <= end)
    .map(([at, value]) => ({ at, value }))
    .toSorted((a, b) => a.at - b.at);
}

/** Finds lines that hold the pattern's fixed words in its order, whatever is between them; null where it has too few to tell its lines from others. */
function matcherOf(template: string): ((line: string) => boolean) | null {
  const words = template
    .split(/<(?:\*|[a-z]+)>|\s+/)
    .map((part) => part.trim())
    .filter((part) => part !== "");
  if (words.reduce((sum, { length }) => sum + length, 0) < LEAST_LETTERS) return null;
  return (line) => {
    let from = 0;
    for (const word of words) {
      const at = line.indexOf(word, from);
      if (at < 0) return false;
      from = at + word.length;
    }
    return true;
  };
}

/**
 * How often the log lines came on which the first suspect rests; null where its first reason is of another kind, or its lines are not among those that
 * were read.
 */
export function decidingLines({ logs, window }: Telemetry, analysis: Analysis): ChartSeries | null {
  const [suspect] = blamed(analysis);
  const reason: Reason | undefined = suspect?.reasons[0];
  const template = reason?.about?.[0];
  if (suspect === undefined || template === undefined || !ABOUT_LINES.has(reason?.code ?? "")) return null;
  const evidence = reason?.evidence[0];
  const all = logs.filter(({ service }) => service === suspect.service);
  const isOwn = matcherOf(template);
  const own = isOwn === null ? [] : all.filter(({ message }) => isOwn(message));
  if (own.length === 0 || evidence === undefined) return null;
  const points = rate(all, own, window.to);
  if (points.length < LEAST_MINUTES) return null;
  const fixed = template.replace(/^(?:<(?:\*|[a-z]+)>\s*)+/, "");
  return {
    service: suspect.service,
    instance: null,
    what: `log lines “${cut(fixed, LONGEST_WORDS)}”`,
    kind: "other",
    unit: "/min",
    points,
    onset: reason?.since ?? suspect.onset,
    evidence,
    decides: true,
  };
}
