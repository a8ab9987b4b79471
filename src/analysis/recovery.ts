import type { Analysis } from "../incident/finding.ts";
import { LIKELY } from "../incident/confidence.ts";
import { seriesName, type Telemetry } from "../incident/telemetry.ts";
import { clockTime, levelWords } from "../report/words.ts";
import { AT_HOME, deviation, median, typicalStep } from "./baseline.ts";
import type { ClueFamily } from "./clue.ts";
import { isSymptom, pagedFrom, REACH_MS } from "./excursion.ts";
import { isTrouble } from "./log-trouble.ts";
import { findPastShift } from "./onset.ts";
import type { Reading } from "./reading.ts";
import { valueWords } from "./signal.ts";
import { endedAway } from "./stale.ts";
import type { Candidate } from "./suspect.ts";
import { isDoubt } from "./wellness.ts";

/** Points back at home from which on a series has returned, and is not between two bad points. */
const ENOUGH_POINTS = 3;
/** Evidence with a time of its own, which may be past: lines, events, alarms. All else is said of the newest data. */
const MAY_BE_PAST: ReadonlySet<ClueFamily> = new Set(["log", "event", "monitor"]);

/**
 * Since when the paged service is back in its usual range; null where it was not seen to leave it, has not returned for long enough to say so, or
 * something still speaks against it: a level beyond the page's own bound, an error line that goes on, requests that fail, a cause that is still out.
 * @param wanted what the page speaks of, where it says so
 */
export function recoveredSince(read: Reading, candidates: readonly Candidate[], wanted: "latency" | "errors" | null): number | null {
  const { signals, paged, held, alarms, telemetry } = read;
  const { page, window } = telemetry;
  if (held !== null || alarms.some(({ signal, isInnocent }) => signal.service === paged && !isInnocent)) return null;
  const present = candidates.map(({ service, clues }) => ({ service, clues: clues.filter(({ family }) => !MAY_BE_PAST.has(family)) }));
  if (present.some((candidate) => isDoubt(candidate, read))) return null;
  const own = signals.filter((signal) => signal.service === paged && isSymptom(signal));
  if (own.some((signal) => signal.shift !== null || endedAway(signal, window.to))) return null;
  let since: number | null = null;
  for (const signal of own) {
    const { series, baseline, meaning } = signal;
    const points = series.points.filter(({ at }) => at >= page.at - REACH_MS && at < window.to);
    const past = findPastShift(points, baseline, meaning.worse);
    const isClaimed = wanted === null || (wanted === "latency") === (meaning.kind === "latency");
    if (past === null || past.until < pagedFrom(read)) continue;
    const isHome =
      past.since.length >= ENOUGH_POINTS && Math.abs(median(past.since.map(({ value }) => deviation(baseline, value)))) <= AT_HOME;
    if (!isHome || (past.since.at(-1)?.at ?? 0) < window.to - Math.max(5 * 60_000, 3 * typicalStep(series.points))) return null;
    if (isClaimed || since !== null) since = Math.max(since ?? 0, past.until);
  }
  return since === null || stillFails(read, since) ? null : since;
}

/** Whether lines of trouble that are not usual, or failing requests, went on after the metrics were back. */
function stillFails({ patterns, telemetry, graph, paged, rates }: Reading, since: number): boolean {
  // A line comes with its request, a point up to a step before or after it.
  const after = since + 60_000;
  const isOn = (template: string) =>
    rates.some((rate) => rate.template === template && graph.canonical(rate.service) === paged && rate.last > after);
  const news = patterns.filter(({ kind, service }) => (kind === "new" || kind === "surged") && graph.canonical(service) === paged);
  if (news.some(({ severity, quote, template }) => isTrouble(severity, quote) && isOn(template))) return true;
  const spans = telemetry.spans.filter(({ service, error }) => error !== null && graph.canonical(service) === paged);
  const share = (from: number, to: number): number => {
    const all = spans.filter(({ start }) => start >= from && start < to);
    return all.length === 0 ? 0 : all.filter(({ error }) => error === true).length / all.length;
  };
  const late = spans.filter(({ start, error }) => start > after && error === true).length;
  return late >= 2 && share(after, Infinity) > 2 * share(-Infinity, telemetry.window.from);
}

/** The same telemetry as it was at an instant; what says nothing of its time is left out. */
export function asOf(telemetry: Telemetry, at: number): Telemetry {
  const before = <T extends { readonly at: number }>(items: readonly T[]): readonly T[] => items.filter((item) => item.at < at);
  const { page, window, baseline } = telemetry;
  const shift = Math.max(0, page.at - at);
  const from = window.from - shift;
  return {
    ...telemetry,
    page: { ...page, at: Math.min(page.at, at) },
    window: { from, to: at },
    baseline: { from: baseline.from, to: from },
    series: telemetry.series.map((one) => ({ ...one, points: before(one.points) })),
    logs: before(telemetry.logs),
    spans: telemetry.spans.filter(({ start }) => start < at),
    changes: before(telemetry.changes),
    events: before(telemetry.events),
    monitors: [],
    issues: telemetry.issues.filter(({ firstSeen }) => firstSeen < at),
    statements: [],
    sessions: [],
  };
}

/** What an incident's analysis, as of its end, says once it is over. @param since when the paged service was back in its usual range */
export function toRecovered(past: Analysis, { signals, paged }: Reading, since: number): Analysis {
  const [symptom] = past.symptoms;
  const [first] = past.suspects;
  const now = signals.find(({ series }) => seriesName(series) === symptom?.series);
  const was =
    symptom === undefined
      ? `${paged} was out of its usual range from ${clockTime(past.onset ?? since)} to ${clockTime(since)}`
      : `${symptom.service} ${symptom.what} ${levelWords(symptom)} from ${clockTime(symptom.since)} to ${clockTime(since)}`;
  const level = now === undefined ? "" : ` (now ${valueWords(now, now.latest)})`;
  const why =
    past.together !== undefined || first === undefined || first.probability < LIKELY
      ? ""
      : `; the likeliest cause was ${first.service}${first.reasons[0] === undefined ? "" : `: ${first.reasons[0].text}`}`;
  return {
    ...past,
    verdict: "recovered",
    recoveredAt: since,
    because: `${was}, and back in its usual range since then${level}${why}`,
    symptoms: past.symptoms.map((one) => ({ ...one, until: since })),
  };
}
