import { IntegrationError } from "../../guard/errors.ts";
import type { DatadogRequest, Library } from "./library.ts";
import { type Read, reads } from "./reads.ts";
import { anySchema, validSchema } from "./schema.ts";
import type { Transport } from "./transport.ts";
import { iso } from "./words.ts";

/** What one credential can read; for `doctor`. */
export interface KeyCheck {
  /** Words of the coverage line that this read fills. */
  readonly source: string;
  readonly what: string;
  /** See Read. */
  readonly works?: string | undefined;
  /** Scope that the application key needs, or null where the API key is enough. */
  readonly permission: string | null;
  readonly ok: boolean;
  /** What is wrong and what to do, in words for people; null when it works. */
  readonly problem: string | null;
  /** Datadog knows the key or its right to this not. */
  readonly isRefused: boolean;
}

/** Width of the time that is asked about, ms. */
const LOOK_MS = 5 * 60_000;

/**
 * Makes the smallest request of each kind, all at once, and says for each whether it works.
 * Never throws for a refused read; throws the signal's reason when aborted.
 */
export function keyChecks(library: Library, send: Transport["send"], now: () => number) {
  return async (signal: AbortSignal): Promise<KeyCheck[]> => {
    const to = now();
    const window = { from: iso(to - LOOK_MS), to: iso(to) };
    const filter = { query: "*", ...window };
    const check = async (
      read: Read,
      request: Promise<DatadogRequest>,
      valid: (value: unknown) => string | null = () => null,
    ): Promise<KeyCheck> => {
      const base = { source: read.source, what: read.what, works: read.works, permission: read.permission };
      try {
        const problem = valid((await send(await request, read, anySchema, signal)).value);
        return { ...base, ok: problem === null, problem, isRefused: problem !== null };
      } catch (error) {
        signal.throwIfAborted();
        if (!(error instanceof IntegrationError)) throw error;
        return { ...base, ok: false, problem: error.message, isRefused: error.status === 401 || error.status === 403 };
      }
    };
    const metric = { dataSource: "metrics" as const, name: "q0", query: "avg:datadog.agent.running{*}" };
    const timeseries = { from: to - LOOK_MS, to, formulas: [{ formula: "q0" }], queries: [metric] };
    return Promise.all([
      check(reads.keys, library.authentication.validate(), (value) =>
        validSchema.safeParse(value).data?.valid === true
          ? null
          : "datadog: DD_API_KEY is not valid on this site. Check DD_API_KEY and DD_SITE.",
      ),
      check(reads.metrics, library.metrics.queryTimeseriesData({ data: { type: "timeseries_request", attributes: timeseries } })),
      check(reads.metricNames, library.metricNames.listActiveMetrics(Math.floor((to - LOOK_MS) / 1000))),
      check(reads.logs, library.logs.listLogs({ filter, page: { limit: 1 } })),
      check(reads.spans, library.spans.listSpans({ data: { type: "search_request", attributes: { filter, page: { limit: 1 } } } })),
      check(reads.events, library.events.searchEvents({ filter, page: { limit: 1 } })),
      check(reads.monitors, library.monitors.listMonitors(undefined, undefined, undefined, undefined, undefined, undefined, 0, 1)),
      check(reads.catalog, library.catalog.listCatalogEntity(0, 1)),
    ]);
  };
}
