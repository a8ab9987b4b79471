import { isTrouble } from "../../../analysis/log-trouble.ts";
import { createPatternMiner } from "../../../analysis/log-pattern.ts";
import type { FieldedLine } from "../log-fields.ts";
import { countFields, type FieldShare, fieldShares } from "./field-shares.ts";

type Line = FieldedLine;

/**
 * `gone` was regular and is no more; `unclear` is twice as much or half, where lines or the time before are so few that chance may explain it.
 */
export type PatternTrend = "new" | "surged" | "gone" | "fell" | "unclear" | "steady";

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
  /** What its lines of the window have in their fields and others have not. */
  readonly shares: readonly FieldShare[];
}

/** Telling fields of one pattern. */
const SHARES = 4;

export interface PatternMinutes {
  readonly now: number;
  /** null: nothing was recorded before. */
  readonly before: number | null;
  /** When the time before ends: from a service's own first line to there it is compared. */
  readonly beforeEnds: number;
  readonly nowEnds: number;
}

/** A service whose own lines begin late in the time before, or end early in the window, by more than chance explains. */
export interface ServiceEnds {
  readonly service: string;
  readonly begins: number | null;
  readonly ended: number | null;
}

/** Lines expected in a silence from which on it is none by chance (Poisson, as `analysis/log-change.ts` has it), and of an end. */
const SILENT_LINES = 3;
const GONE_LINES = 10;
/** Less of its own history than this says nothing of how often a service logs. */
const LEAST_MINUTES = 10;
const MINUTE_MS = 60_000;

/** Where the lines of each service begin and end, and the minutes before that its rates rest on. */
function endsOf(
  now: readonly Line[],
  before: readonly Line[],
  minutes: PatternMinutes,
): Map<string, ServiceEnds & { readonly own: number | null }> {
  const ends = new Map<string, ServiceEnds & { readonly own: number | null }>();
  const [nowBy, beforeBy] = [Map.groupBy(now, ({ service }) => service), Map.groupBy(before, ({ service }) => service)];
  const weigh = (lines: readonly Line[]) => lines.reduce((sum, { weight }) => sum + weight, 0);
  for (const service of new Set([...nowBy.keys(), ...beforeBy.keys()])) {
    const early = beforeBy.get(service) ?? [];
    const late = nowBy.get(service) ?? [];
    const first = early.reduce((least, { at }) => Math.min(least, at), Infinity);
    const last = [...early, ...late].reduce((most, { at }) => Math.max(most, at), -Infinity);
    const sinceFirst = Math.max(1 / 6, (minutes.beforeEnds - first) / MINUTE_MS);
    const missing = (minutes.before ?? 0) - sinceFirst;
    const isLate = missing > 1 && ((weigh(early) - 1) / sinceFirst) * missing >= SILENT_LINES;
    const own = minutes.before === null ? null : isLate ? sinceFirst : minutes.before;
    const silent = (minutes.nowEnds - last) / MINUTE_MS;
    const fell = own !== null && own >= LEAST_MINUTES && (weigh(early) / own) * silent >= GONE_LINES && silent > minutes.now / 3;
    ends.set(service, { service, begins: isLate ? first : null, ended: fell ? last : null, own });
  }
  return ends;
}

/** The services of which the lines begin late or have ended, for a note. */
export const lateAndEnded = (now: readonly Line[], before: readonly Line[], minutes: PatternMinutes): ServiceEnds[] =>
  [...endsOf(now, before, minutes).values()].filter(({ begins, ended }) => begins !== null || ended !== null);

interface Tally {
  now: number;
  before: number;
  first: Line | null;
  last: Line | null;
  lastBefore: Line | null;
  firstBefore: Line | null;
  readonly severities: Map<string | null, number>;
  readonly instances: Set<string>;
  readonly lines: Line[];
}

/** More than chance and twice as many: the Poisson bound that `analysis/log-trouble.ts` holds rates to. */
const surged = (found: number, expected: number) => found > expected + 5 * Math.sqrt(expected + 1) && found > 2 * expected;

function trendOf(tally: Tally, minutes: PatternMinutes, own: number | null): PatternTrend {
  if (minutes.before === null || own === null) return "steady";
  if (tally.before === 0) return "new";
  const expected = (tally.before / own) * minutes.now;
  if (surged(tally.now, expected)) return own < LEAST_MINUTES ? "unclear" : "surged";
  // At five expected lines none at all is a chance of less than one in a hundred (Poisson).
  if (tally.now === 0) return expected >= 5 ? "gone" : "unclear";
  if (expected > 2 * tally.now) return expected > tally.now + 5 * Math.sqrt(tally.now + 1) ? "fell" : "unclear";
  return tally.now > 2 * expected ? "unclear" : "steady";
}

const order: readonly PatternTrend[] = ["new", "surged", "gone", "fell", "unclear", "steady"];

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
        lines: [],
      };
      tallies.set(key, tally);
    }
    return tally;
  };
  for (const [index, line] of now.entries()) {
    const tally = tallyOf(line.service, idsNow[index] ?? 0);
    tally.now += line.weight;
    tally.lines.push(line);
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
  const ends = endsOf(now, before, minutes);
  const everywhere = countFields([...now, ...before]);
  return [...tallies.values()]
    .flatMap((tally): PatternTally[] => {
      const sample = tally.first ?? tally.lastBefore;
      if (sample === null) return [];
      const own = ends.get(sample.service)?.own ?? minutes.before;
      const [severity = null] = [...tally.severities].toSorted(([, a], [, b]) => b - a)[0] ?? [];
      return [
        {
          service: sample.service,
          trend: trendOf(tally, minutes, own),
          severity,
          trouble: isTrouble(severity, sample.message),
          now: tally.now,
          before: tally.before,
          perMinute: tally.now / minutes.now,
          perMinuteBefore: own === null ? null : tally.before / own,
          first: (tally.first ?? tally.firstBefore ?? sample).at,
          last: (tally.last ?? tally.lastBefore ?? sample).at,
          sample,
          instances: tally.instances.size,
          shares: fieldShares(countFields(tally.lines), everywhere, SHARES),
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
