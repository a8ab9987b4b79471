import type { LogLine, TimeWindow } from "../incident/telemetry.ts";
import { within } from "./baseline.ts";
import { createPatternMiner } from "./log-pattern.ts";
import { BUCKET_MS, brokenPairs, missingStatements, SLICE } from "./log-sequence.ts";
import { isTrouble } from "./log-trouble.ts";
import type { SpanForest } from "./span-forest.ts";
import type { Steps } from "./turns.ts";
import { extract } from "./words.ts";

/** What changed in a service's logs. */
export interface PatternChange {
  readonly kind: "new" | "surged" | "broken-pair" | "missing-statement";
  readonly service: string;
  readonly instance: string | null;
  /** The pattern; of a broken pair, the one that no longer follows. */
  readonly template: string;
  readonly severity: string | null;
  /** Lines a minute, healthy and now; for broken pairs and missing statements the share that is followed or logged, 0..1. */
  readonly before: number;
  readonly now: number;
  readonly count: number;
  readonly onset: number;
  /** How sure it is that this is new and not merely rare, 0..1. */
  readonly sure: number;
  readonly quote: string;
  readonly evidence: number;
}

/** How often one service logged one pattern, whether that changed or not. Rates are lines a minute. */
export interface PatternRate {
  readonly service: string;
  readonly template: string;
  readonly severity: string | null;
  readonly isTrouble: boolean;
  readonly before: number;
  readonly now: number;
  /** Lines since the suspect time began; of sampled logs what they stand for. */
  readonly count: number;
  readonly first: number;
  readonly last: number;
  /** One line of it, verbatim. */
  readonly sample: string;
  readonly evidence: number;
}

/** What the logs say: what changed, and how often each pattern came at all. */
export interface LogReading {
  readonly changes: readonly PatternChange[];
  readonly rates: readonly PatternRate[];
  readonly stretches: readonly LogStretch[];
}

/** From when to when one service logged at all. */
export interface LogStretch {
  readonly service: string;
  readonly first: number;
  readonly last: number;
  /** Lines a minute of its own healthy time, and of how many patterns. */
  readonly before: number;
  readonly patterns: number;
  /** Its lines begin minutes after those of others, too late for chance. */
  readonly beginsLate: boolean;
  /** It has logged nothing for so long that chance does not explain it. */
  readonly fellSilent: boolean;
}

/** Lines expected in a silence from which on it is none by chance: less than one in twenty where lines come independently (Poisson). */
const SILENT_LINES = 3;
/** As {@link SILENT_LINES}, of one that is told by itself: services log in bursts. */
const GONE_LINES = 10;

/** Less of its own history than this says nothing of how often a service logs. */
const LEAST_HISTORY_MINUTES = 10;

interface Tally {
  readonly service: string;
  readonly id: number;
  healthy: number;
  late: number;
  firstLate: number;
  lastLate: number;
  sample: LogLine;
  troubled: boolean;
}
/** Lines of one request come within seconds; what began just before the recording ends has no end yet. */
const CENSOR_MS = 5_000;

/**
 * Compares the logs of the suspect time with the healthy ones: per service and pattern against the healthy rate of the same pattern; statements
 * that used to be followed by another in the same span and no longer are; statements that an operation's spans always logged and no longer do.
 */
export function* compareLogs(
  logs: readonly LogLine[],
  forest: SpanForest,
  suspect: TimeWindow,
  earlier: readonly TimeWindow[],
): Steps<LogReading> {
  if (logs.length === 0) return { changes: [], rates: [], stretches: [] };
  const ordered = inOrder(logs);
  const miner = createPatternMiner();
  const ids = new Int32Array(ordered.length);
  for (let index = 0; index < ordered.length; index += 1) {
    ids[index] = miner.add(ordered[index]?.message ?? "");
    if (index % SLICE === SLICE - 1) yield;
  }
  for (let index = 0; index < ordered.length; index += 1) ids[index] = miner.resolve(ids[index] ?? 0);
  // Sources keep logs for part of the time only: rates are held against the time in which anything at all was logged.
  const buckets = new Set<number>();
  const ends = new Map<string, { readonly first: number; last: number; bucket: number; longestGap: number }>();
  for (const line of ordered) {
    buckets.add(Math.floor(line.at / BUCKET_MS));
    if (line.at >= suspect.to) continue;
    const known = ends.get(line.service);
    // Gaps are counted in stretches in which anything was logged at all.
    const bucket = buckets.size;
    if (known === undefined) ends.set(line.service, { first: line.at, last: line.at, bucket, longestGap: 0 });
    else {
      known.longestGap = Math.max(known.longestGap, bucket - known.bucket);
      known.last = line.at;
      known.bucket = bucket;
    }
  }
  const lateBuckets = [...buckets]
    .filter((bucket) => bucket * BUCKET_MS + BUCKET_MS > suspect.from && bucket * BUCKET_MS < suspect.to)
    .sort((a, b) => a - b);
  const minutes = (count: number): number => (count * BUCKET_MS) / 60_000;
  const healthyBuckets = [...buckets]
    .filter((bucket) => bucket * BUCKET_MS + BUCKET_MS <= suspect.from && !within(bucket * BUCKET_MS, earlier))
    .sort((a, b) => a - b);
  const healthyMinutes = minutes(healthyBuckets.length);
  const lateMinutes = minutes(lateBuckets.length);
  /** Covered minutes of the suspect time before an instant. */
  const calmMinutes = (at: number): number => {
    let count = 0;
    for (const bucket of lateBuckets) if ((bucket + 1) * BUCKET_MS <= at) count += 1;
    return minutes(count);
  };
  const tallies = new Map<string, Map<number, Tally>>();
  for (let index = 0; index < ordered.length; index += 1) {
    const line = ordered[index];
    const id = ids[index] ?? 0;
    if (index % SLICE === SLICE - 1) yield;
    if (line === undefined || line.at >= suspect.to) continue;
    let row = tallies.get(line.service);
    if (row === undefined) tallies.set(line.service, (row = new Map()));
    let tally = row.get(id);
    if (tally === undefined)
      row.set(
        id,
        (tally = {
          service: line.service,
          id,
          healthy: 0,
          late: 0,
          firstLate: Infinity,
          lastLate: -Infinity,
          sample: line,
          troubled: false,
        }),
      );
    if (line.at >= suspect.from) {
      if (tally.late === 0) {
        tally.firstLate = line.at;
        tally.sample = line;
        tally.troubled = isTrouble(line.severity, line.message);
      }
      tally.late += line.weight;
      tally.lastLate = line.at;
    } else if (!within(line.at, earlier)) tally.healthy += line.weight;
  }
  const changes: PatternChange[] = [];
  const rates: PatternRate[] = [];
  const stretches: LogStretch[] = [];
  for (const [service, row] of tallies) {
    const { first, last, longestGap } = ends.get(service) ?? { first: -Infinity, last: Infinity, longestGap: Infinity };
    const lines = [...row.values()].reduce((sum, { healthy }) => sum + healthy, 0);
    // Before a service's own first line nothing says how often it logged what; a rare line has no beginning.
    const begins = firstFrom(healthyBuckets, Math.floor(first / BUCKET_MS));
    const sinceFirst = minutes(healthyBuckets.length - begins);
    const beginsLate =
      begins > 0 && (lines === 0 ? begins === healthyBuckets.length : ((lines - 1) / sinceFirst) * minutes(begins) >= SILENT_LINES);
    const ownHealthy = beginsLate ? sinceFirst : healthyMinutes;
    const ownLate = beginsLate ? minutes(lateBuckets.length - firstFrom(lateBuckets, Math.floor(first / BUCKET_MS))) : lateMinutes;
    const usual = ownHealthy > 0 ? lines / ownHealthy : 0;
    const silence = lateBuckets.length - firstFrom(lateBuckets, Math.floor(last / BUCKET_MS) + 1);
    stretches.push({
      service,
      first,
      last,
      before: usual,
      patterns: [...row.values()].filter(({ healthy }) => healthy > 0).length,
      beginsLate: beginsLate && lines > 0 && minutes(begins) >= LEAST_HISTORY_MINUTES,
      fellSilent: silence > 2 * longestGap && usual * minutes(silence) >= GONE_LINES,
    });
    for (const tally of row.values()) {
      rates.push({
        service: tally.service,
        template: miner.template(tally.id).slice(0, 300),
        severity: tally.sample.severity,
        isTrouble: isTrouble(tally.sample.severity, tally.sample.message),
        before: ownHealthy > 0 ? tally.healthy / ownHealthy : 0,
        now: ownLate > 0 ? tally.late / ownLate : 0,
        count: tally.late,
        first: tally.firstLate,
        last: tally.lastLate,
        sample: extract(tally.sample.message),
        evidence: tally.sample.evidence,
      });
      if (tally.late === 0) continue;
      const base = {
        service: tally.service,
        instance: tally.sample.instance,
        template: miner.template(tally.id).slice(0, 300),
        severity: tally.sample.severity,
        count: tally.late,
        onset: tally.firstLate,
        quote: extract(tally.sample.message),
        evidence: tally.sample.evidence,
      };
      const calm = calmMinutes(tally.firstLate);
      const since = Math.max(1 / 6, lateMinutes - calm);
      const rate = tally.late / since;
      if (tally.healthy === 0) {
        // Had it always been there at this rate, so long a silence would have this chance (Poisson).
        const silent = 1 - Math.exp((-rate * (healthyMinutes + calm)) / 3);
        // What has fallen silent again for longer than its rate allows is over.
        const goesOn = Math.exp(-Math.max(0, rate * Math.max(0, lateMinutes - calmMinutes(tally.lastLate) - 1 / 6) - 1) / 2);
        const seenToBegin = 0.35 + 0.65 * (1 - Math.exp(-rate * calm));
        if (healthyMinutes + calm === 0 && !tally.troubled) continue;
        changes.push({
          ...base,
          kind: "new",
          before: 0,
          now: rate,
          sure: (healthyMinutes + calm === 0 ? 0.5 : silent * seenToBegin) * goesOn,
        });
        continue;
      }
      if (ownHealthy < LEAST_HISTORY_MINUTES) continue;
      const before = tally.healthy / ownHealthy;
      const expected = before * lateMinutes;
      if (tally.late > expected + 5 * Math.sqrt(expected + 1) && tally.late > 2 * expected) {
        changes.push({ ...base, kind: "surged", before, now: tally.late / Math.max(1 / 6, lateMinutes), sure: 0.7 });
      }
    }
  }
  const end = Math.min(suspect.to, ordered.at(-1)?.at ?? suspect.to) - CENSOR_MS;
  yield;
  // Of sampled logs a span's lines are never whole, so what is missing in them says nothing.
  const sampled = ordered.reduce((sum, line) => sum + line.weight, 0) > 1.01 * ordered.length;
  if (sampled) return { changes, rates, stretches };
  const template = (id: number) => miner.template(id);
  changes.push(...(yield* brokenPairs(ordered, ids, template, suspect, end, earlier)));
  yield;
  changes.push(...(yield* missingStatements(ordered, ids, template, forest, buckets, suspect, end, earlier)));
  return { changes, rates, stretches };
}
/** Place of the first that is not less, in ascending numbers. */
function firstFrom(sorted: readonly number[], least: number): number {
  const found = sorted.findIndex((one) => one >= least);
  return found < 0 ? sorted.length : found;
}

function inOrder(logs: readonly LogLine[]): readonly LogLine[] {
  let last = -Infinity;
  for (const line of logs) {
    if (!(line.at >= last)) {
      return logs
        .filter((one) => Number.isFinite(one.at))
        .sort(
          (a, b) =>
            a.at - b.at ||
            (a.service < b.service ? -1 : a.service > b.service ? 1 : a.message < b.message ? -1 : a.message > b.message ? 1 : 0),
        );
    }
    last = line.at;
  }
  return logs;
}
