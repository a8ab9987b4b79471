import { IntegrationError } from "../../guard/errors.ts";
import type { Answer, Unnumbered } from "../../incident/answer.ts";
import type { Span, TimeWindow } from "../../incident/telemetry.ts";
import type { FieldedLine } from "./log-fields.ts";
import type { Aggregate, CountBucket } from "./counts.ts";
import { type MinuteCount, MINUTE_MS, planSlices, type Slice, type SliceBudget, weightsByMinute } from "./sample-plan.ts";
import type { Urgency } from "./transport.ts";
import { cutAnswers, joinPages, type Page, PAGE_SIZE, type ReadPage } from "./search.ts";
import { count, joinCuts, STOPPED_EARLY } from "./words.ts";

/** Datadog's list APIs allow about 300 requests an hour: one call of a sampler makes at most so many, the count among them. */
const MOST_REQUESTS = 16;

/** Of all answers of a sample, characters; what comes beyond is dropped. Fifteen answers of a thousand lines have fifteen to thirty million. */
const LONGEST_SAMPLE = 40_000_000;

export interface LogSampleArguments {
  readonly query: string;
  readonly window: TimeWindow;
  /** Default 8,000. */
  readonly maxLines?: number | undefined;
  /** Stretches of time to spread the lines over when they can't all be read; one request each. Default and most: 15. */
  readonly slices?: number | undefined;
  /** Default: first. */
  readonly urgency?: Urgency | undefined;
}

export interface SpanSampleArguments {
  readonly query: string;
  readonly window: TimeWindow;
  /** Default 8,000. */
  readonly maxSpans?: number | undefined;
  /** Stretches of time that are read without gaps, so that traces stay whole in them. Default 5. */
  readonly slices?: number | undefined;
  /** Default: first. */
  readonly urgency?: Urgency | undefined;
}

/** A stretch that was read from its start to `readTo`. */
export interface ReadSlice extends TimeWindow {
  /** `to` when all of it was read. */
  readonly readTo: number;
  readonly read: number;
}

interface Sample {
  /** How many match in the window, by the count. */
  readonly total: number;
  /** Counts per minute and service. */
  readonly counts: readonly CountBucket[];
  readonly slices: readonly ReadSlice[];
}

/** Lines, oldest first, each with the weight that makes up for what was not read. */
export type LogSample = Answer<readonly FieldedLine[]> & Sample;
/** Spans of whole stretches of time, oldest first. */
export type SpanSample = Answer<readonly Unnumbered<Span>[]> & Sample;

export interface SampleReader<T> {
  readonly counts: Aggregate;
  readonly readPage: ReadPage<T>;
  /** Requests that Datadog still allows, or null when it has not said. */
  readonly remaining: () => number | null;
  /** Time by which Datadog orders and filters. */
  readonly atOf: (item: T) => number;
  /** Word for the items: "lines", "spans". */
  readonly what: string;
}

/** Sums of all groups per minute. Minutes are Datadog's buckets: a proxy that shifts time may begin them at any second. */
function perMinute(buckets: readonly CountBucket[]): MinuteCount[] {
  const totals = new Map<number, number>();
  for (const { points } of buckets) {
    for (const { at, value } of points) totals.set(at, (totals.get(at) ?? 0) + value);
  }
  return [...totals].map(([at, total]) => ({ at, total }));
}

/** Start of the bucket that holds an instant. */
function minuteOf(at: number, minutes: readonly MinuteCount[]): number {
  const phase = (minutes[0]?.at ?? 0) % MINUTE_MS;
  return Math.floor((at - phase) / MINUTE_MS) * MINUTE_MS + phase;
}

interface SliceOutcome<T> {
  readonly slice: Slice;
  readonly pages: readonly Page<T>[];
  /** All that matches in the slice was read. */
  readonly complete: boolean;
}

interface Reading<T> {
  readonly counted: Awaited<ReturnType<Aggregate>>;
  readonly minutes: readonly MinuteCount[];
  readonly total: number;
  readonly outcomes: readonly SliceOutcome<T>[];
  /** What else people should know; null where there is nothing to say. */
  readonly notes: readonly (string | null)[];
}

async function readSlices<T>(
  reader: SampleReader<T>,
  args: { query: string; window: TimeWindow; urgency: Urgency | undefined },
  budget: Omit<SliceBudget, "requests" | "pageSize">,
  signal: AbortSignal,
): Promise<Reading<T>> {
  const { query, window, urgency } = args;
  const counted = await reader.counts({ query, window, groupBy: ["service"], intervalMs: MINUTE_MS, groups: 1_000, urgency }, signal);
  const minutes = perMinute(counted.value);
  const allowed = reader.remaining();
  const requests = Math.max(1, Math.min(MOST_REQUESTS - 1, allowed ?? Infinity));
  const slices = planSlices(minutes, window, { ...budget, requests, pageSize: PAGE_SIZE });
  // Where a part of a minute holds more than its share, a second page of it.
  let spare = requests - slices.length;
  let characters = 0;
  const readSlice = async (slice: Slice): Promise<SliceOutcome<T>> => {
    const pages: Page<T>[] = [];
    let left = slice.most;
    let cursor: string | null = null;
    do {
      const limit = Math.min(left, PAGE_SIZE);
      const asked = { query, window: slice, limit, sort: "timestamp" as const, cursor: cursor ?? undefined, urgency };
      const page: Page<T> = await reader.readPage(asked, signal);
      characters += page.text.length;
      if (characters > LONGEST_SAMPLE)
        throw new IntegrationError("datadog", `with it the ${reader.what} are longer than ${LONGEST_SAMPLE / 1e6} MB together`);
      // Datadog counts the end in: an item on the border belongs to the next slice, which may not be read.
      pages.push({ ...page, items: page.items.filter(({ item }) => reader.atOf(item) < slice.to) });
      left -= page.items.length;
      cursor = page.cursor;
    } while (cursor !== null && left > 0 && slice.most === Infinity && spare-- > 0);
    return { slice, pages, complete: cursor === null && !pages.some(({ isCut }) => isCut) };
  };
  const settled = await Promise.allSettled(slices.map(readSlice));
  signal.throwIfAborted();
  const outcomes = settled.flatMap((outcome) => (outcome.status === "fulfilled" ? [outcome.value] : []));
  const failures = settled.flatMap((outcome): unknown[] => (outcome.status === "rejected" ? [outcome.reason] : []));
  const bug = failures.find((failure) => !(failure instanceof IntegrationError));
  if (bug !== undefined) throw bug;
  if (outcomes.length === 0 && failures.length > 0) throw failures[0];
  const why = failures[0];
  return {
    counted,
    minutes,
    total: minutes.reduce((sum, minute) => sum + minute.total, 0),
    outcomes,
    notes: [
      counted.cut === null ? null : `counts of ${counted.cut}`,
      why instanceof Error ? `${failures.length} of ${slices.length} reads failed (${why.message})` : null,
      allowed === null || allowed >= MOST_REQUESTS - 1 ? null : `Datadog allows only ${allowed} more requests of this kind for now`,
      outcomes.some(({ pages }) => pages.some((page) => page.stoppedEarly)) ? STOPPED_EARLY : null,
      cutAnswers(outcomes.flatMap(({ pages }) => pages)),
    ],
  };
}

const rawOf = <T>({ counted, outcomes }: Reading<T>) =>
  [counted.raw, ...outcomes.flatMap(({ pages }) => pages.map((page) => page.text))].join("\n");

function readTo<T>({ slice, pages, complete }: SliceOutcome<T>, atOf: (item: T) => number): number {
  const last = pages.at(-1)?.items.at(-1);
  return complete || last === undefined ? slice.to : atOf(last.item);
}

/** Minutes with data that a slice was read in, at least in part. */
const touchedBy = ({ from, readTo: to }: ReadSlice, minutes: readonly MinuteCount[]) =>
  minutes.filter(({ at, total }) => total > 0 && at + MINUTE_MS > from && at < Math.max(to, from + 1));

/** "sampled 8,000 of about 61,000 lines", with where, or null when everything was read. */
function cutOf<T>(
  reader: SampleReader<T>,
  { minutes, total, outcomes, notes }: Reading<T>,
  read: number,
  slices: readonly ReadSlice[],
): string | null {
  const withData = minutes.filter((minute) => minute.total > 0);
  const touched = new Set(slices.flatMap((slice) => touchedBy(slice, withData))).size;
  // A count may be some lines ahead of the list without anything having been left out.
  const missed = read < total && (touched < withData.length || outcomes.some(({ complete }) => !complete));
  const where = touched < withData.length ? `, from ${touched} of the ${withData.length} minutes that have any` : "";
  return joinCuts([missed ? `sampled ${count(read)} of about ${count(total)} ${reader.what}${where}` : null, ...notes]);
}

function readSlicesOf<T>(reader: SampleReader<T>, reading: Reading<T>): ReadSlice[] {
  return reading.outcomes
    .map((outcome) => ({
      from: outcome.slice.from,
      to: outcome.slice.to,
      readTo: readTo(outcome, reader.atOf),
      read: outcome.pages.reduce((sum, page) => sum + page.items.length, 0),
    }))
    .toSorted((a, b) => a.from - b.from);
}

/**
 * Log lines of a window within a budget of requests: one count per minute and service, then one read per slice of the minutes that have lines,
 * side by side. All lines when they fit; else a sample whose weights add up to the whole.
 */
export function logSampler(reader: SampleReader<FieldedLine>) {
  return async ({ query, window, maxLines = 8_000, slices = 15, urgency }: LogSampleArguments, signal: AbortSignal): Promise<LogSample> => {
    const reading = await readSlices(reader, { query, window, urgency }, { most: maxLines, slices }, signal);
    const lines = joinPages(reading.outcomes.flatMap(({ pages }) => pages));
    const minute = (at: number) => minuteOf(at, reading.minutes);
    const read = new Map<number, number>();
    for (const { at } of lines) read.set(minute(at), (read.get(minute(at)) ?? 0) + 1);
    // In a slice that was cut, the minute of its last line is the one that was read in part.
    const partly = new Set(reading.outcomes.filter(({ complete }) => !complete).map((outcome) => minute(readTo(outcome, reader.atOf))));
    const weights = weightsByMinute(reading.minutes, read, (at) => !partly.has(at));
    const readParts = readSlicesOf(reader, reading);
    return {
      source: reading.counted.source,
      query,
      window,
      link: reading.counted.link,
      value: lines.map((line) => ({ ...line, weight: weights.get(minute(line.at)) ?? 1 })).toSorted((a, b) => a.at - b.at),
      raw: rawOf(reading),
      cut: cutOf(reader, reading, lines.length, readParts),
      total: reading.total,
      counts: reading.counted.value,
      slices: readParts,
    };
  };
}

/**
 * Spans of a window within a budget of requests. What does not fit is cut by whole stretches of time, because a trace is made of its spans
 * together: a few seconds read without gaps say more than the same number of spans picked from everywhere.
 */
export function spanSampler(reader: SampleReader<Unnumbered<Span>>) {
  return async (
    { query, window, maxSpans = 8_000, slices = 5, urgency }: SpanSampleArguments,
    signal: AbortSignal,
  ): Promise<SpanSample> => {
    const reading = await readSlices(reader, { query, window, urgency }, { most: maxSpans, slices }, signal);
    const spans = joinPages(reading.outcomes.flatMap(({ pages }) => pages));
    const known = spans.some((span) => span.error === true);
    const readParts = readSlicesOf(reader, reading);
    return {
      source: reading.counted.source,
      query,
      window,
      link: reading.counted.link,
      // One answer marks a failed span: then the unmarked ones of the others are fine too.
      value: spans.map((span) => (known && span.error === null ? { ...span, error: false } : span)).toSorted((a, b) => a.start - b.start),
      raw: rawOf(reading),
      cut: cutOf(reader, reading, spans.length, readParts),
      total: reading.total,
      counts: reading.counted.value,
      slices: readParts,
    };
  };
}
