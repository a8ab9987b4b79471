import type { LogLine, TimeWindow } from "../incident/telemetry.ts";
import { within } from "./baseline.ts";
import { type Cover, coverOf, minutesBefore, minutesOf, placeOf } from "./log-cover.ts";
import { createPatternMiner, type PatternMiner } from "./log-pattern.ts";
import { BUCKET_MS, type LogReading, type LogStretch, type PatternChange, type PatternRate, SLICE } from "./log-reading.ts";
import { brokenPairs, missingStatements } from "./log-sequence.ts";
import { isTrouble } from "./log-trouble.ts";
import type { SpanForest } from "./span-forest.ts";
import type { Steps } from "./turns.ts";
import { extract } from "./words.ts";

/** Lines expected in a silence from which on it is none by chance: less than one in twenty where lines come independently (Poisson). */
const SILENT_LINES = 3;
/** As {@link SILENT_LINES}, for one that is reported alone: services log in bursts. */
const GONE_LINES = 10;

/** Less of its own history than this says nothing of how often a service logs. */
const LEAST_HISTORY_MINUTES = 10;

interface Tally {
  readonly service: string;
  readonly id: number;
  healthy: number;
  late: number;
  /** Squares of the weights: of sampled lines one stands for many, so that a count of them strays by more than its root. */
  healthySquares: number;
  lateLines: number;
  firstLate: number;
  lastLate: number;
  sample: LogLine;
  /** Of the suspect time. */
  samples: string[];
  troubled: boolean;
}
/** Lines of one pattern that are looked at for what varies in them. */
const MOST_SAMPLES = 8;

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
  if (logs.length === 0) return { changes: [], rates: [], stretches: [], hole: null };
  const ordered = inOrder(logs);
  const miner = createPatternMiner();
  const ids = new Int32Array(ordered.length);
  for (let index = 0; index < ordered.length; index += 1) {
    ids[index] = miner.add(ordered[index]?.message ?? "");
    if (index % SLICE === SLICE - 1) yield;
  }
  for (let index = 0; index < ordered.length; index += 1) ids[index] = miner.resolve(ids[index] ?? 0);
  const covered = coverOf(ordered, suspect, earlier);
  const tallies = yield* tallyLines(ordered, ids, suspect, earlier);
  const changes: PatternChange[] = [];
  const rates: PatternRate[] = [];
  const stretches: LogStretch[] = [];
  for (const [service, row] of tallies) {
    const { stretch, healthyMinutes, lateMinutes } = stretchOf(service, [...row.values()], covered);
    stretches.push(stretch);
    // How many lines one of the healthy time stands for.
    const all = [...row.values()];
    const healthyWeight =
      all.reduce((sum, { healthySquares }) => sum + healthySquares, 0) / all.reduce((sum, { healthy }) => sum + healthy, 0);
    for (const tally of all) {
      rates.push(rateOf(tally, miner, healthyMinutes, lateMinutes));
      const change = changeOf(tally, miner, covered, healthyMinutes, Number.isFinite(healthyWeight) ? healthyWeight : 1);
      if (change !== null) changes.push(change);
    }
  }
  const end = Math.min(suspect.to, ordered.at(-1)?.at ?? suspect.to) - CENSOR_MS;
  yield;
  // Of sampled logs a span's lines are never whole, so what is missing in them says nothing.
  const sampled = ordered.reduce((sum, line) => sum + line.weight, 0) > 1.01 * ordered.length;
  if (sampled) return { changes, rates, stretches, hole: covered.hole };
  const template = (id: number) => miner.template(id);
  changes.push(...(yield* brokenPairs(ordered, ids, template, suspect, end, earlier)));
  yield;
  changes.push(...(yield* missingStatements(ordered, ids, template, forest, covered.buckets, suspect, end, earlier)));
  return { changes, rates, stretches, hole: covered.hole };
}

/** How often each service logged each pattern. */
function* tallyLines(
  ordered: readonly LogLine[],
  ids: Int32Array,
  suspect: TimeWindow,
  earlier: readonly TimeWindow[],
): Steps<Map<string, Map<number, Tally>>> {
  const tallies = new Map<string, Map<number, Tally>>();
  for (let index = 0; index < ordered.length; index += 1) {
    const line = ordered[index];
    const id = ids[index] ?? 0;
    if (index % SLICE === SLICE - 1) yield;
    if (line === undefined || line.at >= suspect.to) continue;
    const { service } = line;
    let row = tallies.get(service);
    if (row === undefined) tallies.set(service, (row = new Map()));
    let tally = row.get(id);
    if (tally === undefined) {
      tally = {
        service,
        id,
        healthy: 0,
        late: 0,
        healthySquares: 0,
        lateLines: 0,
        firstLate: Infinity,
        lastLate: -Infinity,
        sample: line,
        samples: [],
        troubled: false,
      };
      row.set(id, tally);
    }
    if (line.at >= suspect.from) {
      if (tally.late === 0) {
        tally.firstLate = line.at;
        tally.sample = line;
        tally.troubled = isTrouble(line.severity, line.message);
      }
      if (tally.samples.length < MOST_SAMPLES) tally.samples.push(line.message);
      tally.late += line.weight;
      tally.lateLines += 1;
      tally.lastLate = line.at;
    } else if (!within(line.at, earlier)) {
      tally.healthy += line.weight;
      tally.healthySquares += line.weight ** 2;
    }
  }
  return tallies;
}

/** From when to when a service logged, and the minutes of healthy and of suspect time in which it could have. */
function stretchOf(
  service: string,
  row: readonly Tally[],
  { healthy, late, ends }: Cover,
): { stretch: LogStretch; healthyMinutes: number; lateMinutes: number } {
  const { first, last, longestGap } = ends.get(service) ?? { first: -Infinity, last: Infinity, longestGap: Infinity };
  const lines = row.reduce((sum, tally) => sum + tally.healthy, 0);
  // Before a service's own first line nothing says how often it logged what; a rare line has no beginning.
  const begins = placeOf(healthy, first);
  const sinceFirst = minutesOf(healthy, begins);
  const beforeFirst = minutesOf(healthy, 0, begins);
  const beginsLate =
    begins > 0 && (lines === 0 ? begins === healthy.buckets.length : ((lines - 1) / sinceFirst) * beforeFirst >= SILENT_LINES);
  const healthyMinutes = beginsLate ? sinceFirst : minutesOf(healthy);
  const lateMinutes = minutesOf(late, beginsLate ? placeOf(late, first) : 0);
  const usual = healthyMinutes > 0 ? lines / healthyMinutes : 0;
  const ended = placeOf(late, last + BUCKET_MS);
  const silence = late.buckets.length - ended;
  const stretch = {
    service,
    first,
    last,
    before: usual,
    patterns: row.filter((tally) => tally.healthy > 0).length,
    beginsLate: beginsLate && lines > 0 && beforeFirst >= LEAST_HISTORY_MINUTES,
    fellSilent: silence > 2 * longestGap && usual * minutesOf(late, ended) >= GONE_LINES,
  };
  return { stretch, healthyMinutes, lateMinutes };
}

/** @param healthyMinutes and `lateMinutes` in which its service could have logged */
function rateOf(tally: Tally, miner: PatternMiner, healthyMinutes: number, lateMinutes: number): PatternRate {
  const { sample } = tally;
  return {
    service: tally.service,
    template: miner.template(tally.id).slice(0, 300),
    severity: sample.severity,
    isTrouble: isTrouble(sample.severity, sample.message),
    before: healthyMinutes > 0 ? tally.healthy / healthyMinutes : 0,
    now: lateMinutes > 0 ? tally.late / lateMinutes : 0,
    countBefore: tally.healthy,
    count: tally.late,
    first: tally.firstLate,
    last: tally.lastLate,
    sample: extract(sample.message),
    evidence: sample.evidence,
  };
}

/**
 * What changed in how often a pattern comes, if anything.
 * @param ownHealthy minutes in which its service could have logged while all was well
 * @param healthyWeight how many lines one that was read of that time stands for
 */
function changeOf(tally: Tally, miner: PatternMiner, covered: Cover, ownHealthy: number, healthyWeight: number): PatternChange | null {
  if (tally.late === 0) return null;
  const healthyMinutes = minutesOf(covered.healthy);
  const lateMinutes = minutesOf(covered.late);
  const { sample } = tally;
  const base = {
    service: tally.service,
    instance: sample.instance,
    template: miner.template(tally.id).slice(0, 300),
    severity: sample.severity,
    count: tally.lateLines,
    onset: tally.firstLate,
    quote: extract(sample.message),
    samples: tally.samples,
    evidence: sample.evidence,
    ...(tally.late > 1.01 * tally.lateLines ? { isSampled: true } : {}),
  };
  if (tally.healthy === 0) {
    const calm = minutesBefore(covered.late, tally.firstLate);
    if (healthyMinutes + calm === 0 && !tally.troubled) return null;
    const rate = tally.late / Math.max(1 / 6, lateMinutes - calm);
    // Had it always been there at this rate, so long a silence would have this chance (Poisson of the lines that were read).
    const silent = 1 - Math.exp((-rate * (healthyMinutes / healthyWeight + calm)) / 3);
    // What has fallen silent again for longer than its rate allows is over.
    const goesOn = Math.exp(-Math.max(0, rate * Math.max(0, lateMinutes - minutesBefore(covered.late, tally.lastLate) - 1 / 6) - 1) / 2);
    const seenToBegin = 0.35 + 0.65 * (1 - Math.exp(-rate * calm));
    const sure = (healthyMinutes + calm === 0 ? 0.5 : silent * seenToBegin) * goesOn;
    // The record begins with the trouble, and before its first line is too short to have held one.
    const isFirstSight = healthyMinutes === 0 && (tally.late / Math.max(1 / 6, lateMinutes)) * calm < SILENT_LINES;
    return { ...base, kind: "new", before: 0, now: rate, sure, ...(isFirstSight ? { isFirstSight } : {}) };
  }
  if (ownHealthy < LEAST_HISTORY_MINUTES) return null;
  const before = tally.healthy / ownHealthy;
  const expected = before * lateMinutes;
  // Poisson of the lines that were read, and what the expectation itself may be wrong by: one more line might have been read.
  const squares = tally.healthySquares + healthyWeight ** 2;
  const variance = (tally.late / tally.lateLines) * (expected + 1) + (lateMinutes / ownHealthy) ** 2 * squares;
  const surged = tally.late > expected + 5 * Math.sqrt(variance) && tally.late > 2 * expected;
  return surged ? { ...base, kind: "surged", before, now: tally.late / Math.max(1 / 6, lateMinutes), sure: 0.7 } : null;
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
