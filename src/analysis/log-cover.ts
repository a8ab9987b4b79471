import type { LogLine, TimeWindow } from "../incident/telemetry.ts";
import { median, within } from "./baseline.ts";
import { BUCKET_MS } from "./log-reading.ts";

/**
 * Buckets of `BUCKET_MS` with lines in them, oldest first, and the time that they stand for: each up to the next one, unless the record has a
 * hole there, and as much of what was not read as their lines stand for.
 */
export interface Kept {
  readonly buckets: readonly number[];
  /** Buckets of time before each, one more at the end. */
  readonly sums: readonly number[];
}

/** In which time anything at all was logged: rates are held against that alone. */
export interface Cover {
  readonly buckets: ReadonlySet<number>;
  readonly healthy: Kept;
  readonly late: Kept;
  /** The newest time without a line of any service, between lines, that ends in the suspect time; null: none, or lines were left out. */
  readonly hole: TimeWindow | null;
  /** By service: when its lines begin and end, and the longest gap between two of them, in buckets. */
  readonly ends: ReadonlyMap<string, { readonly first: number; readonly last: number; readonly longestGap: number }>;
}

/** Sources keep logs for part of the time only. Where lines come by chance, one gap in e^10 is this many times the usual one. */
const HOLE = 10;

/** @param ordered lines, oldest first */
export function coverOf(ordered: readonly LogLine[], suspect: TimeWindow, earlier: readonly TimeWindow[]): Cover {
  const held: { readonly bucket: number; weight: number; lines: number }[] = [];
  const ends = new Map<string, { readonly first: number; last: number; bucket: number; longestGap: number }>();
  for (const line of ordered) {
    const newest = held.at(-1);
    const at = Math.floor(line.at / BUCKET_MS);
    if (newest?.bucket === at) {
      newest.weight += line.weight;
      newest.lines += 1;
    } else held.push({ bucket: at, weight: line.weight, lines: 1 });
    if (line.at >= suspect.to) continue;
    const end = ends.get(line.service);
    // Gaps are counted in stretches in which anything was logged at all.
    const bucket = held.length;
    if (end === undefined) ends.set(line.service, { first: line.at, last: line.at, bucket, longestGap: 0 });
    else {
      end.longestGap = Math.max(end.longestGap, bucket - end.bucket);
      end.last = line.at;
      end.bucket = bucket;
    }
  }
  const hole = HOLE * median(held.slice(1).map(({ bucket }, index) => bucket - (held[index]?.bucket ?? bucket)));
  const kept = (isOf: (bucket: number) => boolean): Kept => {
    const those = held.filter(({ bucket }) => isOf(bucket));
    const sums = [0];
    for (const [index, { bucket, weight, lines }] of those.entries()) {
      const gap = (those[index + 1]?.bucket ?? bucket + 1) - bucket;
      sums.push((sums[index] ?? 0) + (gap > hole ? 1 : gap) * (weight / lines));
    }
    return { buckets: those.map(({ bucket }) => bucket), sums };
  };
  const after = held.findLastIndex(
    ({ bucket }, index) => bucket - (held[index - 1]?.bucket ?? bucket) > hole && bucket * BUCKET_MS >= suspect.from,
  );
  const [last, first] = [held[after - 1], held[after]];
  const isWhole = held.every(({ weight, lines }) => weight === lines);
  return {
    hole:
      last === undefined || first === undefined || !isWhole ? null : { from: (last.bucket + 1) * BUCKET_MS, to: first.bucket * BUCKET_MS },
    buckets: new Set(held.map(({ bucket }) => bucket)),
    ends,
    late: kept((bucket) => bucket * BUCKET_MS + BUCKET_MS > suspect.from && bucket * BUCKET_MS < suspect.to),
    healthy: kept((bucket) => bucket * BUCKET_MS + BUCKET_MS <= suspect.from && !within(bucket * BUCKET_MS, earlier)),
  };
}

/** Minutes that the buckets from one place to before another stand for: never more than passed from the one to the other. */
export function minutesOf({ buckets, sums }: Kept, start = 0, end = buckets.length): number {
  if (end <= start) return 0;
  const passed = (buckets[end] ?? (buckets[end - 1] ?? 0) + 1) - (buckets[start] ?? 0);
  return (Math.min(passed, (sums[end] ?? 0) - (sums[start] ?? 0)) * BUCKET_MS) / 60_000;
}

/** Minutes of it that lie before an instant. */
export const minutesBefore = (kept: Kept, at: number): number => {
  const end = kept.buckets.findIndex((bucket) => (bucket + 1) * BUCKET_MS > at);
  return minutesOf(kept, 0, end < 0 ? kept.buckets.length : end);
};

/** Place of the first bucket that is not before the one of an instant. */
export function placeOf({ buckets }: Kept, at: number): number {
  const found = buckets.findIndex((bucket) => bucket >= Math.floor(at / BUCKET_MS));
  return found < 0 ? buckets.length : found;
}
