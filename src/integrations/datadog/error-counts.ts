import type { Answer } from "../../incident/answer.ts";
import type { Fact, Question } from "../../incident/source.ts";
import type { Point, TimeWindow } from "../../incident/telemetry.ts";
import type { DatadogClient } from "./client.ts";
import type { CountBucket } from "./counts.ts";
import { datadogName } from "./names.ts";
import { searchValue, scopedSearch } from "./tools/scope.ts";

/** How many error lines or failing spans each service of an open incident had in each minute, in one call: what metrics of failures are elsewhere. */

const MINUTE_MS = 60_000;
/** What comes later than that is the exception. */
const INDEXED_AFTER_MS = MINUTE_MS;
const KINDS = {
  logs: { search: "status:(error OR critical OR alert OR emergency)", metric: "log.error_lines", unit: "line" },
  spans: { search: "status:error", metric: "trace.error_spans", unit: "span" },
} as const;

/** A point for each minute: of a minute without any there is no bucket. */
function everyMinute(points: readonly Point[], { from, to }: TimeWindow): Point[] {
  const counts = new Map(points.map(({ at, value }) => [Math.floor(at / MINUTE_MS), value]));
  const found: Point[] = [];
  for (let minute = Math.ceil(from / MINUTE_MS); (minute + 1) * MINUTE_MS <= to; minute += 1)
    found.push({ at: minute * MINUTE_MS, value: counts.get(minute) ?? 0 });
  return found;
}

export async function errorCounts(
  datadog: Pick<DatadogClient, "aggregateLogs" | "aggregateSpans">,
  kind: keyof typeof KINDS,
  question: Question,
  signal: AbortSignal,
): Promise<Fact> {
  const { search, metric, unit } = KINDS[kind];
  const services = question.services.map((service) => searchValue(datadogName(service)));
  const window = { from: question.baseline.from, to: question.window.to - INDEXED_AFTER_MS };
  const args = {
    ...{ query: scopedSearch(question, { query: `${search} service:(${services.join(" OR ")})` }), window },
    ...{ groupBy: ["service"], intervalMs: MINUTE_MS },
  };
  const answer: Answer<readonly CountBucket[]> = await datadog[kind === "logs" ? "aggregateLogs" : "aggregateSpans"](args, signal);
  return {
    answer,
    ...(answer.cut === null ? {} : { thin: answer.cut }),
    telemetry: (evidence) => ({
      counts: answer.value.flatMap(({ by: { service }, points }) =>
        service === undefined || points.length === 0
          ? []
          : [{ service, instance: null, metric, kind: "errors" as const, unit, tags: {}, points: everyMinute(points, window), evidence }],
      ),
    }),
  };
}
