import type { TimeWindow } from "../../incident/telemetry.ts";

export const MINUTE_MS = 60_000;

/** What one minute holds, by the aggregate call. `at` is its start. */
export interface MinuteCount {
  readonly at: number;
  readonly total: number;
}

/** A stretch of time to be read from its start, in one request. */
export interface Slice extends TimeWindow {
  readonly expected: number;
  /** Items to read; Infinity: all, also where they are more than were counted and take another request. */
  readonly most: number;
}

export interface SliceBudget {
  /** Most items to read in all. */
  readonly most: number;
  /** Most requests. */
  readonly requests: number;
  /** Most stretches of time; one that takes several requests is read in as many parts. */
  readonly slices: number;
  readonly pageSize: number;
}

/** Consecutive minutes joined while they fit; a minute that does not fit is alone. Minutes without data join nothing and split nothing. */
function pack(minutes: readonly MinuteCount[], capacity: number): { from: number; to: number; expected: number }[] {
  const runs: { from: number; to: number; expected: number }[] = [];
  for (const { at, total } of minutes) {
    const run = runs.at(-1);
    if (run !== undefined && run.expected + total <= capacity) {
      run.to = at + MINUTE_MS;
      run.expected += total;
    } else runs.push({ from: at, to: at + MINUTE_MS, expected: total });
  }
  return runs;
}

/** `n` of the items, evenly spread, first and last among them. */
function spread<T>(items: readonly T[], n: number): T[] {
  if (items.length <= n) return [...items];
  if (n === 1) return items.slice(-1);
  return Array.from({ length: n }, (_, i) => items[Math.round((i * (items.length - 1)) / (n - 1))]).filter((item) => item !== undefined);
}

/** Of a page, so much is filled where time is cut below the minute that was counted: its halves are seldom equal. */
const FILLED = 2 / 3;

/** A stretch in equal parts of time. */
function cut({ from, to, expected }: Omit<Slice, "most">, parts: number): Omit<Slice, "most">[] {
  const border = (part: number) => Math.round(from + ((to - from) * part) / parts);
  return Array.from({ length: parts }, (_, part) => ({ from: border(part), to: border(part + 1), expected: expected / parts }));
}

/** Stretches that are read whole, with some room where requests allow it. */
function allOf(runs: readonly Omit<Slice, "most">[], { requests, pageSize }: SliceBudget): Slice[] {
  const partsOf = (filled: number) => runs.map(({ expected }) => (expected <= pageSize ? 1 : Math.ceil(expected / (pageSize * filled))));
  const roomy = partsOf(FILLED);
  const parts = roomy.reduce((sum, n) => sum + n, 0) <= requests ? roomy : partsOf(1);
  return runs.flatMap((run, i) => cut(run, parts[i] ?? 1).map((part) => ({ ...part, most: Infinity })));
}

/**
 * Spends a budget of requests on the minutes where data are. All of it when that fits; else slices that are evenly spread over the minutes
 * with data, so that no part of the window is left to chance. No slice needs a second page: it would have to wait for the first.
 * @param minutes in any order; those without data are ignored
 */
export function planSlices(minutes: readonly MinuteCount[], window: TimeWindow, budget: SliceBudget): Slice[] {
  const withData = minutes.filter(({ total }) => total > 0).toSorted((a, b) => a.at - b.at);
  const total = withData.reduce((sum, minute) => sum + minute.total, 0);
  const requests = Math.max(1, budget.requests);
  const wanted = Math.max(1, Math.min(budget.slices, requests));
  const inWindow = ({ from, to, expected }: Omit<Slice, "most">) => ({
    from: Math.max(from, window.from),
    to: Math.min(to, window.to),
    expected,
  });
  const everything = pack(withData, budget.pageSize).map(inWindow);
  const needed = everything.reduce((sum, run) => sum + Math.ceil(run.expected / budget.pageSize), 0);
  if (total <= budget.most && needed <= requests) return allOf(everything, { ...budget, requests });
  const capacity = Math.max(1, Math.min(Math.floor(requests / wanted) * budget.pageSize, Math.floor(budget.most / wanted)));
  const runs = spread(pack(withData, capacity), wanted).map(inWindow);
  const shares = shareOut(
    runs.map(({ expected }) => expected),
    { ...budget, requests },
  );
  return runs.flatMap((run, i) => {
    const share = shares[i] ?? 0;
    const parts = cut(run, Math.max(1, Math.ceil(share / budget.pageSize)));
    // Thirds of ten are three, three and four.
    const upTo = (part: number) => Math.floor((share * part) / parts.length);
    return parts.map((part, at) => ({ ...part, most: upTo(at + 1) - upTo(at) }));
  });
}

/** Divides items and requests among slices: what a small one does not need goes to the larger ones. */
function shareOut(expected: readonly number[], { most, requests, pageSize }: SliceBudget): number[] {
  const shares = expected.map(() => 0);
  let itemsLeft = most;
  let requestsLeft = requests;
  const bySize = [...expected.entries()].toSorted(([, a], [, b]) => a - b);
  for (const [place, [i, wanted]] of bySize.entries()) {
    const others = bySize.length - place;
    const share = Math.max(1, Math.min(wanted, Math.floor(itemsLeft / others), Math.floor(requestsLeft / others) * pageSize));
    shares[i] = share;
    itemsLeft -= share;
    requestsLeft -= Math.ceil(share / pageSize);
  }
  return shares;
}

/**
 * How many items each read one stands for, by its minute, so that the weights of all add up to the total: a minute that was read in part
 * counts whole, and a minute that was not read at all counts with the nearest one that was.
 * @param read items read per minute
 * @param complete whether all items of that minute were read
 */
export function weightsByMinute(
  minutes: readonly MinuteCount[],
  read: ReadonlyMap<number, number>,
  complete: (minute: number) => boolean,
): Map<number, number> {
  const represented = new Map<number, number>();
  const seen = [...read.keys()].toSorted((a, b) => a - b);
  for (const minute of seen) represented.set(minute, complete(minute) ? (read.get(minute) ?? 0) : 0);
  for (const { at, total } of minutes) {
    if (read.has(at)) {
      if (!complete(at)) represented.set(at, (represented.get(at) ?? 0) + total);
      continue;
    }
    let nearest: number | undefined;
    for (const minute of seen) if (nearest === undefined || Math.abs(minute - at) < Math.abs(nearest - at)) nearest = minute;
    if (nearest !== undefined) represented.set(nearest, (represented.get(nearest) ?? 0) + total);
  }
  return new Map(seen.map((minute) => [minute, Math.max(1, (represented.get(minute) ?? 0) / (read.get(minute) ?? 1))]));
}
