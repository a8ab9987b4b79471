import { z } from "zod";
import type { TimeWindow } from "../../incident/telemetry.ts";
import { BadRequestError } from "./errors.ts";

/** Sort, limit and cursor of a search, as logs, spans and events share them. */
export const pagingSchema = z.object({
  sort: z.enum(["timestamp", "-timestamp"]).default("-timestamp"),
  page: z
    .object({ cursor: z.string().optional(), limit: z.number().int().positive().max(1000, "must be at most 1000").default(10) })
    .prefault({}),
});

export type Paging = z.output<typeof pagingSchema>;

/** The same from the query string of a GET: `page[limit]=50&page[cursor]=…&sort=-timestamp`. */
export const pagingFromQuery = (query: Readonly<Record<string, string>>): unknown => ({
  sort: query["sort"],
  page: { cursor: query["page[cursor]"], limit: query["page[limit]"] === undefined ? undefined : Number(query["page[limit]"]) },
});

export const filterFromQuery = (query: Readonly<Record<string, string>>): unknown => ({
  query: query["filter[query]"],
  from: query["filter[from]"],
  to: query["filter[to]"],
});

/** `from` and `to` also as numbers: some clients send milliseconds bare. */
const timeField = z.union([z.string(), z.number().transform(String)]).optional();
export const filterSchema = z.object({ query: z.string().default("*"), from: timeField, to: timeField }).prefault({});

export type SearchFilter = z.output<typeof filterSchema>;

interface Found<T> {
  readonly items: readonly T[];
  /** Cursor of the next page, null on the last. */
  readonly after: string | null;
}

/** Index of the first item that is not before `at`, in items sorted by time. */
function firstIndexFrom<T>(items: readonly T[], at: number, timeOf: (item: T) => number): number {
  let [low, high] = [0, items.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    const item = items[middle];
    if (item !== undefined && timeOf(item) < at) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The items of a window (recording time), as a slice of a list sorted by time. */
export const within = <T>(items: readonly T[], { from, to }: TimeWindow, timeOf: (item: T) => number): readonly T[] =>
  items.slice(firstIndexFrom(items, from, timeOf), firstIndexFrom(items, to, timeOf));

const encodeCursor = (index: number): string => btoa(JSON.stringify({ after: index })).replaceAll("=", "");

function decodeCursor(cursor: string): number {
  try {
    const { after } = z.object({ after: z.number().int().nonnegative() }).parse(JSON.parse(atob(cursor)));
    return after;
  } catch {
    throw new BadRequestError("input_validation_error(Field 'page' is invalid: invalid cursor)");
  }
}

/**
 * One page of the items in a window that match, in the order asked for. A cursor is the place of the last item given in the whole list, so it
 * holds although "now" moves on between two pages.
 */
export function pageOf<T>(
  items: readonly T[],
  { from, to }: TimeWindow,
  timeOf: (item: T) => number,
  matches: (item: T) => boolean,
  { sort, page }: Paging,
): Found<T> {
  let low = firstIndexFrom(items, from, timeOf);
  let high = firstIndexFrom(items, to, timeOf);
  const found: T[] = [];
  const oldestFirst = sort === "timestamp";
  if (page.cursor !== undefined) {
    const last = decodeCursor(page.cursor);
    if (oldestFirst) low = Math.max(low, last + 1);
    else high = Math.min(high, last);
  }
  let place = -1;
  for (let step = 0; step < high - low; step++) {
    const index = oldestFirst ? low + step : high - 1 - step;
    const item = items[index];
    if (item === undefined || !matches(item)) continue;
    // One more than asked for shows that there is a next page.
    if (found.length === page.limit) return { items: found, after: encodeCursor(place) };
    found.push(item);
    place = index;
  }
  return { items: found, after: null };
}

/** `meta` and `links` of a search answer. `path` is the GET form of the search. */
export function pageAnswer(
  after: string | null,
  request: { readonly url: string; readonly path: string },
  filter: SearchFilter,
  { sort, page }: Paging,
): { meta: Record<string, unknown>; links?: { next: string } } {
  const meta = { elapsed: 1, request_id: "replay", status: "done" };
  if (after === null) return { meta };
  const next = new URL(request.path, request.url);
  next.searchParams.set("filter[query]", filter.query);
  if (filter.from !== undefined) next.searchParams.set("filter[from]", filter.from);
  if (filter.to !== undefined) next.searchParams.set("filter[to]", filter.to);
  next.searchParams.set("sort", sort);
  next.searchParams.set("page[cursor]", after);
  next.searchParams.set("page[limit]", String(page.limit));
  return { meta: { ...meta, page: { after } }, links: { next: next.href } };
}
