import type { Point } from "../incident/telemetry.ts";
import { clockTime } from "../report/words.ts";
import { deviation } from "./baseline.ts";
import { findPastShift } from "./onset.ts";
import type { Reading } from "./reading.ts";
import { type Signal, valueWords, wholeOf } from "./signal.ts";
import { metricWords } from "./words.ts";

/** Most monitors page within minutes of what they watch: what was over longer before the page is not what it is about. */
export const SOON_MS = 15 * 60_000;
/** As far back as that goes. */
export const REACH_MS = 4 * SOON_MS;

/** Whether a signal shows what those who call its service feel: time, failures. */
export const isSymptom = ({ meaning, edge }: Signal): boolean =>
  edge === null &&
  !meaning.isNode &&
  !meaning.isClientSide &&
  (meaning.kind === "latency" || ((meaning.kind === "errors" || meaning.kind === "availability") && meaning.resource === null));

/** From when on what is over may still be what the page is about: a monitor that looks back over an hour pages late. */
export const pagedFrom = ({ telemetry: { page }, claim }: Reading): number =>
  page.at - Math.max(SOON_MS, Math.min(REACH_MS, claim.windowMs ?? 0));

/** Share of requests that begins to matter: see `contribution.ts`. */
const FEW_FAIL = 0.005;
/** So many failures where none are usual are beyond chance and worth a word. */
const FEWEST = 5;

/** Whether a level of failures is more than a few. Levels of time have a floor of their own. */
function isSome(signal: Signal, value: number, traffic: Signal | undefined): boolean {
  const { meaning, baseline } = signal;
  if (meaning.kind === "latency") return true;
  const excess = Math.abs(value - baseline.median);
  const isShare = meaning.isShare || signal.series.unit === "fraction";
  return excess >= (isShare ? FEW_FAIL * wholeOf(signal) : Math.max(FEWEST, FEW_FAIL * (traffic?.baseline.median ?? 0)));
}

/** A point is away from here on; one alone makes no shift unless it is twice as far (see `onset.ts`). */
const AWAY = 3.5;

/**
 * A symptom of the kind that the page is about whose newest point is out of its usual range: too little to call it trouble, and it is not in range.
 * @param wanted what the page speaks of, where it says so
 */
export function newestAway({ signals, paged, telemetry }: Reading, wanted: "latency" | "errors" | null): string | null {
  const traffic = signals.find(({ service, edge, meaning }) => service === paged && edge === null && meaning.kind === "traffic");
  for (const signal of signals) {
    const { series, baseline, meaning } = signal;
    const isWanted = wanted === null || (wanted === "latency") === (meaning.kind === "latency");
    if (signal.service !== paged || !isWanted || signal.borrowed || signal.sameHour !== undefined || !isSymptom(signal)) continue;
    const newest = series.points.findLast(({ at }) => at < telemetry.window.to);
    if (newest === undefined || newest.at < telemetry.page.at - SOON_MS || !isSome(signal, newest.value, traffic)) continue;
    if (deviation(baseline, newest.value) * (meaning.worse === "down" ? -1 : 1) < AWAY) continue;
    return (
      `${metricWords(series.metric, series.tags)} of ${paged} was ${valueWords(signal, newest.value)} at ${clockTime(newest.at)}, ` +
      `its newest point (usually about ${valueWords(signal, baseline.median)})`
    );
  }
  return null;
}

/**
 * A symptom of the paged service that left its usual range shortly before the page and is back: "p99 of cart was 4.2 s at 10:05:00, and is back in
 * its usual range since 10:10:00". null where there is none. Too short to call it over, and no proof that all is well.
 */
export function briefExcursion(read: Reading): string | null {
  const { signals, paged, telemetry, claim } = read;
  const { page, window } = telemetry;
  // A page about the last 24 hours is about all of them.
  const from = Math.min(pagedFrom(read), page.at - (claim.spanMs ?? 0));
  const begins = Math.min(from, page.at - REACH_MS);
  const traffic = signals.find(({ service, edge, meaning }) => service === paged && edge === null && meaning.kind === "traffic");
  for (const signal of signals) {
    const { series, baseline, meaning } = signal;
    if (signal.service !== paged || signal.borrowed || !isSymptom(signal)) continue;
    const points = series.points.filter(({ at }) => at >= begins && at < window.to);
    const past = findPastShift(points, baseline, meaning.worse);
    if (past === null || past.until < from) continue;
    const away = points.filter(({ at }) => at >= past.onset && at < past.until);
    const far = ({ value }: { value: number }) => Math.abs(deviation(baseline, value));
    const isMaterial = ({ value }: Point) => isSome(signal, value, traffic);
    if (!away.some(isMaterial)) continue;
    const furthest = away.reduce((most, point) => (far(point) > far(most) ? point : most), away[0] ?? { at: past.onset, value: NaN });
    return (
      `${metricWords(series.metric, series.tags)} of ${paged} was ${valueWords(signal, furthest.value)} at ${clockTime(furthest.at)} ` +
      `(usually about ${valueWords(signal, baseline.median)}), and has been back in its usual range since ${clockTime(past.until)}`
    );
  }
  return null;
}
