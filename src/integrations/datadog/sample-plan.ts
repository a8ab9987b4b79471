import type { TimeWindow } from "../../incident/telemetry.ts";

export const MINUTE_MS = 60_000;

/** What one minute holds, by the aggregate call. `at` is its start. */
export interface MinuteCount {
  readonly at: number;
  readonly total: number;
}

/** A stretch of time to be read from its start, up to so many items, in one request per page. */
export interface Slice extends TimeWindow {
  readonly expected: number;
  readonly most: number;
  readonly pages: number;
}

export interface SliceBudget {
  /** Most items to read in all. */
  readonly most: number;
  /** Most requests. */
  readonly requests: number;
  /** Most slices; a slice may take several requests. */
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

/**
 * Spends a budget of requests on the minutes where data are. All of it when that fits; else slices that are evenly spread over the minutes
 * with data, so that no part of the window is left to chance.
 * @param minutes in any order; those without data are ignored
 */
export function planSlices(minutes: readonly MinuteCount[], window: TimeWindow, budget: SliceBudget): Slice[] {
  const withData = minutes.filter(({ total }) => total > 0).toSorted((a, b) => a.at - b.at);
  const total = withData.reduce((sum, minute) => sum + minute.total, 0);
  const requests = Math.max(1, budget.requests);
  const wanted = Math.max(1, Math.min(budget.slices, requests));
  const everything = pack(withData, budget.pageSize);
  const needed = everything.reduce((sum, run) => sum + Math.ceil(run.expected / budget.pageSize), 0);
  const whole = total <= budget.most && needed <= requests;
  const capacity = Math.max(1, Math.min(Math.floor(requests / wanted) * budget.pageSize, Math.floor(budget.most / wanted)));
  const runs = whole ? everything : spread(pack(withData, capacity), wanted);
  const most = whole
    ? runs.map(({ expected }) => expected)
    : shareOut(
        runs.map(({ expected }) => expected),
        { ...budget, requests },
      );
  return runs.map(({ from, to, expected }, i) => {
    const share = most[i] ?? 0;
    const pages = Math.ceil(share / budget.pageSize);
    // A slice that is to be read whole may hold some more than was counted.
    return {
      from: Math.max(from, window.from),
      to: Math.min(to, window.to),
      expected,
      most: share < expected ? share : pages * budget.pageSize,
      pages,
    };
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
