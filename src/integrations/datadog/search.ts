import type { Answer, Unnumbered } from "../../incident/answer.ts";
import type { Span, TimeWindow } from "../../incident/telemetry.ts";
import type { FieldedLine } from "./log-fields.ts";
import type { Library } from "./library.ts";
import { type Read, reads } from "./reads.ts";
import { eventsSchema, logsSchema, spansSchema } from "./schema.ts";
import { type EventOrChange, toEvent } from "./to-event.ts";
import { toLogLine } from "./to-log-line.ts";
import { toSpans } from "./to-span.ts";
import { LONGEST_ANSWER, type Sent, type Transport, type Urgency } from "./transport.ts";
import { count, iso, joinCuts, STOPPED_EARLY } from "./words.ts";

/** Oldest first, or newest first with a minus, as Datadog writes it. */
export type Sort = "timestamp" | "-timestamp";

/** An answer of which more can be had: give `cursor` to the same call. null: that was all. */
export interface Paged<T> extends Answer<readonly T[]> {
  readonly cursor: string | null;
}

export interface SearchArguments {
  readonly query: string;
  readonly window: TimeWindow;
  /** Most items to return; several requests of 1,000 are made for more. */
  readonly limit: number;
  readonly sort: Sort;
  readonly cursor?: string | undefined;
  /** Default: first. */
  readonly urgency?: Urgency | undefined;
}

/** One answer of Datadog. Items carry the vendor's id, by which pages are joined without doubles. */
export interface Page<T> {
  readonly items: readonly { readonly id: string | null; readonly item: T }[];
  readonly cursor: string | null;
  readonly text: string;
  /** Datadog gave up before it had looked at everything. */
  readonly stoppedEarly: boolean;
  /** The answer was too long, and its end is missing. */
  readonly isCut: boolean;
}

export type ReadPage<T> = (args: SearchArguments, signal: AbortSignal) => Promise<Page<T>>;

/** Most items that Datadog gives in one answer. */
export const PAGE_SIZE = 1_000;

type Meta = { page?: { after?: string | null | undefined } | null | undefined; status?: string | null | undefined } | null | undefined;

type Received = Pick<Sent<{ data: readonly unknown[]; meta?: Meta }>, "text" | "value" | "isCut">;

function pageOf<T>(items: Page<T>["items"], { value: { data, meta }, text, isCut }: Received, asked: number): Page<T> {
  const stoppedEarly = meta?.status === "timeout";
  // Datadog gives a cursor with the last page too; following it costs one of few requests and brings an empty page.
  const last = data.length < Math.min(asked, PAGE_SIZE) && !stoppedEarly;
  return { items, text, cursor: last ? null : meta?.page?.after || null, stoppedEarly, isCut };
}

const pageArguments = ({ limit, cursor }: SearchArguments) => ({
  limit: Math.min(limit, PAGE_SIZE),
  ...(cursor === undefined ? {} : { cursor }),
});

export function logPages(library: Library, send: Transport["send"], indexes: readonly string[] | undefined): ReadPage<FieldedLine> {
  return async (args, signal) => {
    const { query, window, sort } = args;
    const filter = { query, from: iso(window.from), to: iso(window.to), ...(indexes === undefined ? {} : { indexes: [...indexes] }) };
    const request = await library.logs.listLogs({ filter, sort, page: pageArguments(args) });
    const sent = await send(request, reads.logs, logsSchema, signal, args.urgency);
    const items = sent.value.data.flatMap((log) => {
      const item = toLogLine(log);
      return item === null ? [] : [{ id: log.id ?? null, item }];
    });
    return pageOf(items, sent, args.limit);
  };
}

export function spanPages(library: Library, send: Transport["send"]): ReadPage<Unnumbered<Span>> {
  return async (args, signal) => {
    const { query, window, sort } = args;
    const attributes = { filter: { query, from: iso(window.from), to: iso(window.to) }, sort, page: pageArguments(args) };
    const request = await library.spans.listSpans({ data: { type: "search_request", attributes } });
    const sent = await send(request, reads.spans, spansSchema, signal, args.urgency);
    const items = toSpans(sent.value.data).map((item) => ({ id: `${item.traceId}/${item.spanId}`, item }));
    return pageOf(items, sent, args.limit);
  };
}

export function eventPages(library: Library, send: Transport["send"], linkTo: (id: string) => string | null): ReadPage<EventOrChange> {
  return async (args, signal) => {
    const { query, window, sort } = args;
    const request = await library.events.searchEvents({
      filter: { query, from: iso(window.from), to: iso(window.to) },
      sort,
      page: pageArguments(args),
    });
    const sent = await send(request, reads.events, eventsSchema, signal, args.urgency);
    const items = sent.value.data.flatMap((event) => {
      const item = toEvent(event, linkTo);
      return item === null ? [] : [{ id: event.id ?? null, item }];
    });
    return pageOf(items, sent, args.limit);
  };
}

/** Items of several pages in their order, each once. */
export function joinPages<T>(pages: readonly Page<T>[]): T[] {
  const seen = new Set<string>();
  return pages.flatMap((page) =>
    page.items.flatMap(({ id, item }) => {
      if (id !== null && seen.has(id)) return [];
      if (id !== null) seen.add(id);
      return [item];
    }),
  );
}

const MEGABYTE = 1024 * 1024;

/** That some answers were too long to be read whole, or null. */
export function cutAnswers(pages: readonly Pick<Page<unknown>, "isCut">[]): string | null {
  const cut = pages.filter(({ isCut }) => isCut).length;
  const longer = `longer than ${LONGEST_ANSWER / MEGABYTE} MB; only the first items of each were read`;
  return cut === 0 ? null : `${count(cut)} of ${count(pages.length)} answers ${cut === 1 ? "was" : "were"} ${longer}`;
}

/**
 * Follows the cursor until `limit` items are read.
 * @param what word for the items in the coverage line: "lines", "spans"
 */
export async function searchAll<T>(
  read: Read,
  what: string,
  readPage: ReadPage<T>,
  link: string | null,
  args: SearchArguments,
  signal: AbortSignal,
): Promise<Paged<T>> {
  const pages: Page<T>[] = [];
  let left = Math.max(1, Math.floor(args.limit));
  let cursor: string | null = args.cursor ?? null;
  do {
    const page: Page<T> = await readPage({ ...args, limit: left, cursor: cursor ?? undefined }, signal);
    pages.push(page);
    left -= page.items.length;
    // An empty page with a cursor would be asked for again and again.
    cursor = page.items.length === 0 ? null : page.cursor;
  } while (left > 0 && cursor !== null);
  const value = joinPages(pages);
  const order = args.sort === "timestamp" ? "oldest" : "newest";
  const more =
    cursor === null
      ? null
      : `the ${order} ${count(value.length)} ${what}; more match: narrow the query or window, or go on from the cursor`;
  return {
    source: read.source,
    query: args.query,
    window: args.window,
    link,
    value,
    raw: pages.map((page) => page.text).join("\n"),
    cut: joinCuts([more, pages.some((page) => page.stoppedEarly) ? STOPPED_EARLY : null, cutAnswers(pages)]),
    cursor,
  };
}
