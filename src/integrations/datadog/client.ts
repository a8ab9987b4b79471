import type { Caller } from "../../guard/outgoing.ts";
import { type Answer, answerOf, type Unnumbered } from "../../incident/answer.ts";
import type { ChangeEvent, MonitorState, PlatformEvent } from "../../incident/telemetry.ts";
import { type CatalogService, toCatalogServices } from "./catalog-service.ts";
import { keyChecks } from "./check-keys.ts";
import { type CountArguments, logCounts, spanCounts } from "./counts.ts";
import { keyRights } from "./key-rights.ts";
import { datadogLibrary, type Library } from "./library.ts";
import { datadogLinks, type Links, siteName } from "./links.ts";
import { metricQueries } from "./metrics.ts";
import { reads } from "./reads.ts";
import { logSampler, spanSampler } from "./sample.ts";
import { activeMetricsSchema, catalogSchema, monitorsSchema, type VendorMonitor } from "./schema.ts";
import { eventPages, logPages, searchAll, type SearchArguments, spanPages } from "./search.ts";
import { isAbout, toMonitorState } from "./to-monitor.ts";
import { createTransport, type Transport } from "./transport.ts";
import { count } from "./words.ts";

export interface DatadogOptions extends Caller {
  /** A proxy, or replay. Answers then have no links to Datadog's web pages. */
  readonly baseUrl?: string | undefined;
  /** "datadoghq.com", "datadoghq.eu", "us5.datadoghq.com", … Default: the first. Not used with `baseUrl`. */
  readonly site?: string | undefined;
  readonly apiKey: string;
  readonly appKey: string;
  /** Lets other work in between pieces of a large answer. Default: reads it in one go. */
  readonly yieldNow?: (() => Promise<void>) | undefined;
  /** Log indexes to search. Default: Datadog's own, all that the key may read. More than needed costs more. */
  readonly logIndexes?: readonly string[] | undefined;
}

export interface DatadogEvents {
  /** What the platform and monitors reported. */
  readonly events: readonly Unnumbered<PlatformEvent>[];
  /** Events that tell of a change. */
  readonly changes: readonly Unnumbered<ChangeEvent>[];
}

const MONITOR_PAGE_SIZE = 1_000;
const MONITOR_PAGES = 3;
const CATALOG_PAGE_SIZE = 100;
const CATALOG_PAGES = 10;

/**
 * Datadog, read only.
 *
 * Functions take their arguments and a signal. They throw ForbiddenError (it names the missing permission), RateLimitedError, TimedOutError,
 * UnexpectedAnswerError, any other IntegrationError, or the signal's reason. `cut` of an answer says what was left out.
 */
export function createDatadogClient(options: DatadogOptions) {
  const { apiKey, appKey, logIndexes, now = Date.now } = options;
  const custom = options.baseUrl?.replace(/\/+$/, "") ?? "";
  const site = siteName(options.site ?? "datadoghq.com");
  const baseUrl = custom === "" ? `https://api.${site}` : custom;
  const library = datadogLibrary({ baseUrl, apiKey, appKey });
  const links = datadogLinks(custom === "" ? site : null);
  const transport = createTransport({ ...options, baseUrl });
  const { send } = transport;

  const readLogs = logPages(library, send, logIndexes);
  const readSpans = spanPages(library, send);
  const readEvents = eventPages(library, send, links.event);
  const aggregateLogs = logCounts(library, send, links.logs, logIndexes);
  const aggregateSpans = spanCounts(library, send, links.spans);
  const checkKeys = keyChecks(library, send, now);

  return {
    /** Time series of many queries. `failed` of the answer names queries that Datadog refused. */
    queryMetrics: metricQueries(library, send, links),

    /**
     * Names of metrics that reported lately.
     * @param args `from`: since when, epoch ms. `tag`: only those with this tag, for example `service:checkout`
     */
    async listActiveMetrics(args: { from: number; tag?: string | undefined }, signal: AbortSignal): Promise<Answer<readonly string[]>> {
      const request = await library.metricNames.listActiveMetrics(Math.floor(args.from / 1000), undefined, args.tag);
      const { text, value } = await send(request, reads.metricNames, activeMetricsSchema, signal);
      const query = args.tag ?? "*";
      const window = { from: args.from, to: now() };
      return answerOf(reads.metricNames.source, { query, window, value: value.metrics, raw: text });
    },

    /** Log lines, each of weight 1; at most `limit` of them, in requests of 1,000. Datadog allows about 300 requests an hour. */
    searchLogs: (args: SearchArguments, signal: AbortSignal) =>
      searchAll(reads.logs, "lines", readLogs, links.logs(args.query, args.window), args, signal),

    /** Counts (or another figure) of log lines per group, and per time bucket when `intervalMs` is given. */
    aggregateLogs: (args: CountArguments, signal: AbortSignal) => aggregateLogs(args, signal),

    /** Log lines of a whole window within at most 16 requests; weighted when they could not all be read. */
    sampleLogs: logSampler({
      counts: aggregateLogs,
      readPage: readLogs,
      remaining: () => transport.remaining(reads.logs),
      atOf: (line) => line.at,
      what: "lines",
    }),

    /** Spans; at most `limit` of them. */
    searchSpans: (args: SearchArguments, signal: AbortSignal) =>
      searchAll(reads.spans, "spans", readSpans, links.spans(args.query, args.window), args, signal),

    /** Counts (or latencies: `compute: { aggregation: "pc95", metric: "@duration" }`, in nanoseconds) of spans per group and time bucket. */
    aggregateSpans: (args: CountArguments, signal: AbortSignal) => aggregateSpans(args, signal),

    /** Spans of a whole window within at most 16 requests; whole stretches of time when they could not all be read. */
    sampleSpans: spanSampler({
      counts: aggregateSpans,
      readPage: readSpans,
      remaining: () => transport.remaining(reads.spans),
      // Datadog orders and filters spans by their end.
      atOf: (span) => span.start + span.durationMs,
      what: "spans",
    }),

    /** Events, split into changes and all others. */
    async searchEvents(args: SearchArguments, signal: AbortSignal): Promise<Answer<DatadogEvents> & { readonly cursor: string | null }> {
      const found = await searchAll(reads.events, "events", readEvents, links.events(args.query, args.window), args, signal);
      const events = found.value.flatMap(({ event }) => (event === undefined ? [] : [event]));
      const changes = found.value.flatMap(({ change }) => (change === undefined ? [] : [change]));
      return { ...found, value: { events, changes } };
    },

    listMonitors: monitorList(library, send, links),

    listCatalogServices: catalogServices(library, send, links),

    /** For `doctor`: what the keys can read, one line each, with what to do. Throws only when aborted. */
    validate: (_args: Record<never, never>, signal: AbortSignal) => checkKeys(signal),

    /** For `doctor`: what the application key could do beyond need, as far as Datadog reports it. @throws IntegrationError, or the signal's reason */
    keyRights: (signal: AbortSignal) => keyRights(library, send, appKey, signal),
  };
}

/** Monitors with their present state; with `service`, those tagged with it or whose query names it. At most 3,000 are looked at. */
function monitorList(library: Library, send: Transport["send"], links: Links) {
  return async (args: { service?: string | undefined }, signal: AbortSignal): Promise<Answer<readonly Unnumbered<MonitorState>[]>> => {
    const { service } = args;
    const all: VendorMonitor[] = [];
    const texts: string[] = [];
    let more = true;
    for (let page = 0; more && page < MONITOR_PAGES; page++) {
      const none = undefined;
      const request = await library.monitors.listMonitors(none, none, none, none, false, none, page, MONITOR_PAGE_SIZE);
      const { text, value } = await send(request, reads.monitors, monitorsSchema, signal);
      all.push(...value);
      texts.push(text);
      more = value.length === MONITOR_PAGE_SIZE;
    }
    const query = service === undefined ? "*" : `service:${service}`;
    return answerOf(reads.monitors.source, {
      query,
      link: links.monitors(service === undefined ? "" : query),
      value: all.filter((monitor) => service === undefined || isAbout(monitor, service)).map(toMonitorState),
      raw: texts.join("\n"),
      cut: more ? `the first ${count(all.length)} monitors` : null,
    });
  };
}

/** Services of the software catalog, with what they call. At most 1,000. */
function catalogServices(library: Library, send: Transport["send"], links: Links) {
  return async (_args: Record<never, never>, signal: AbortSignal): Promise<Answer<readonly CatalogService[]>> => {
    const services: CatalogService[] = [];
    const texts: string[] = [];
    let more = true;
    for (let page = 0; more && page < CATALOG_PAGES; page++) {
      const none = undefined;
      const offset = page * CATALOG_PAGE_SIZE;
      const request = await library.catalog.listCatalogEntity(
        offset,
        CATALOG_PAGE_SIZE,
        none,
        none,
        none,
        "service",
        none,
        none,
        none,
        "schema",
      );
      const { text, value } = await send(request, reads.catalog, catalogSchema, signal);
      services.push(...toCatalogServices(value));
      texts.push(text);
      more = value.data.length === CATALOG_PAGE_SIZE;
    }
    return answerOf(reads.catalog.source, {
      query: "kind:service",
      link: links.catalog(),
      value: services,
      raw: texts.join("\n"),
      cut: more ? `the first ${count(services.length)} services` : null,
    });
  };
}

export type DatadogClient = ReturnType<typeof createDatadogClient>;
