import { isTrouble } from "../../../analysis/log-trouble.ts";
import { createPatternMiner } from "../../../analysis/log-pattern.ts";
import type { Unnumbered } from "../../../incident/answer.ts";
import type { LogLine } from "../../../incident/telemetry.ts";

type Line = Unnumbered<LogLine>;

/** `gone` was regular and is no more; `steady` is all that did not change so that chance could not explain it. */
export type PatternTrend = "new" | "surged" | "steady" | "fell" | "gone";

/** Lines of one statement of one service, in the window and before it. */
export interface PatternTally {
  readonly service: string;
  readonly trend: PatternTrend;
  /** The most frequent one of its lines. */
  readonly severity: string | null;
  /** By severity or words. */
  readonly trouble: boolean;
  /** Lines, weighted where the source was sampled. */
  readonly now: number;
  readonly before: number;
  /** Lines a minute; before, null where nothing at all was recorded. */
  readonly perMinute: number;
  readonly perMinuteBefore: number | null;
  /** In the window, or, of what is gone, before it. */
  readonly first: number;
  readonly last: number;
  /** The first line of the window (or the last before it). */
  readonly sample: Line;
  /** Different instances that logged it in the window. */
  readonly instances: number;
}

export interface PatternMinutes {
  readonly now: number;
  /** null: nothing was recorded before. */
  readonly before: number | null;
}

interface Tally {
  now: number;
  before: number;
  first: Line | null;
  last: Line | null;
  lastBefore: Line | null;
  firstBefore: Line | null;
  readonly severities: Map<string | null, number>;
  readonly instances: Set<string>;
}

/** More than chance and twice as many: the Poisson bound that `analysis/log-trouble.ts` holds rates to. */
const surged = (found: number, expected: number) => found > expected + 5 * Math.sqrt(expected + 1) && found > 2 * expected;

function trendOf(tally: Tally, minutes: PatternMinutes): PatternTrend {
  if (minutes.before === null) return "steady";
  if (tally.before === 0) return "new";
  const expected = (tally.before / minutes.before) * minutes.now;
  if (surged(tally.now, expected)) return "surged";
  // At five expected lines none at all is a chance of less than one in a hundred (Poisson).
  if (tally.now === 0) return expected >= 5 ? "gone" : "steady";
  return expected > tally.now + 5 * Math.sqrt(tally.now + 1) && expected > 2 * tally.now ? "fell" : "steady";
}

const order: readonly PatternTrend[] = ["new", "surged", "gone", "fell", "steady"];

/**
 * Groups lines by service and statement and compares the window with the time before it. What is new comes first, then what surged; trouble before
 * other lines, frequent before rare ones.
 */
export function tallyPatterns(now: readonly Line[], before: readonly Line[], minutes: PatternMinutes): PatternTally[] {
  const miner = createPatternMiner();
  const idsNow = now.map((line) => miner.add(line.message));
  const idsBefore = before.map((line) => miner.add(line.message));
  const tallies = new Map<string, Tally>();
  const tallyOf = (service: string, id: number): Tally => {
    const key = `${miner.resolve(id)}\n${service}`;
    let tally = tallies.get(key);
    if (tally === undefined) {
      tally = {
        now: 0,
        before: 0,
        first: null,
        last: null,
        lastBefore: null,
        firstBefore: null,
        severities: new Map(),
        instances: new Set(),
      };
      tallies.set(key, tally);
    }
    return tally;
  };
  for (const [index, line] of now.entries()) {
    const tally = tallyOf(line.service, idsNow[index] ?? 0);
    tally.now += line.weight;
    tally.first ??= line;
    tally.last = line;
    tally.severities.set(line.severity, (tally.severities.get(line.severity) ?? 0) + 1);
    if (line.instance !== null) tally.instances.add(line.instance);
  }
  for (const [index, line] of before.entries()) {
    const tally = tallyOf(line.service, idsBefore[index] ?? 0);
    tally.before += line.weight;
    tally.firstBefore ??= line;
    tally.lastBefore = line;
    if (tally.now === 0) tally.severities.set(line.severity, (tally.severities.get(line.severity) ?? 0) + 1);
  }
  return [...tallies.values()]
    .flatMap((tally): PatternTally[] => {
      const sample = tally.first ?? tally.lastBefore;
      if (sample === null) return [];
      const [severity = null] = [...tally.severities].toSorted(([, a], [, b]) => b - a)[0] ?? [];
      return [
        {
          service: sample.service,
          trend: trendOf(tally, minutes),
          severity,
          trouble: isTrouble(severity, sample.message),
          now: tally.now,
          before: tally.before,
          perMinute: tally.now / minutes.now,
          perMinuteBefore: minutes.before === null ? null : tally.before / minutes.before,
          first: (tally.first ?? tally.firstBefore ?? sample).at,
          last: (tally.last ?? tally.lastBefore ?? sample).at,
          sample,
          instances: tally.instances.size,
        },
      ];
    })
    .toSorted(
      (a, b) =>
        order.indexOf(a.trend) - order.indexOf(b.trend) ||
        Number(b.trouble) - Number(a.trouble) ||
        b.now - a.now ||
        b.before - a.before ||
        a.first - b.first,
    );
}
