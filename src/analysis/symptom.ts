import type { Symptom } from "../incident/finding.ts";
import { type Point, type TimeWindow, seriesName } from "../incident/telemetry.ts";
import { quantity } from "../report/words.ts";
import { within } from "./baseline.ts";
import type { Alarm, HeldBound } from "./limit.ts";
import { fitOf } from "./monitor-query.ts";
import type { Shift } from "./onset.ts";
import { type SameHour, sameHourWords } from "./same-hour.ts";
import { shownUnit, type Signal, unitNote } from "./signal.ts";
import { stepStart } from "./step-start.ts";
import { metricWords } from "./words.ts";

const SYMPTOM_KINDS: readonly Signal["meaning"]["kind"][] = ["errors", "availability", "latency", "saturation"];
const MOST_SYMPTOMS = 4;
/** Share of the present level that a peak before the onset may have reached: from there on the level is nothing new. */
const SEEN_BEFORE = 0.8;

/** The part of the data that the page or its monitor names (`code:503`) goes before another. */
const OF_FIT = { same: 1000, unknown: 1, other: 0.001 } as const;

/** The latest point before the shift that was as bad as it is now and then recovered, outside of known incidents. */
function seenBefore({ series, meaning }: Signal, shift: Shift, earlier: readonly TimeWindow[]): { at: number; value: number } | null {
  if (meaning.worse === null || shift.now === shift.before) return null;
  const { points } = series;
  const share = (value: number) => (value - shift.before) / (shift.now - shift.before);
  const calm = points.findLastIndex(({ at, value }) => at < shift.onset && share(value) < 1 - SEEN_BEFORE);
  return points.slice(0, Math.max(0, calm)).findLast(({ at, value }) => !within(at, earlier) && share(value) >= SEEN_BEFORE) ?? null;
}

/** A caller's or a balancer's view of a service is not what the service shows itself: it has its own name. */
const measuredAs = ({ series }: Signal): string => series.service;
const isView = ({ series, service }: Signal): boolean => series.service !== service;

function fromShift(signal: Signal, shift: Shift, peak: { at: number; value: number } | null): Symptom {
  const { metric, tags, evidence, points } = signal.series;
  return {
    service: measuredAs(signal),
    what: `${metricWords(metric, tags)}${unitNote(signal)}`,
    now: shift.now,
    unit: shownUnit(signal),
    ...stepStart(points, { before: shift.before, now: shift.now, since: shift.onset }),
    evidence: [evidence],
    series: seriesName(signal.series),
    ...(peak === null ? {} : { earlierPeak: { at: peak.at, value: peak.value } }),
  };
}

/** A level that is as usual at this hour. */
function fromHour(signal: Signal, hour: SameHour): Symptom {
  const symptom = fromShift(signal, hour.shift, null);
  return { ...symptom, what: `${symptom.what} (${sameHourWords(signal, hour)})`, evidence: [...symptom.evidence, hour.evidence] };
}

/** Of points that passed a bound nearly all stay past it: one in ten may be missed. */
const NEARLY_ALL = 0.9;

/** The first value, where a record begins on the good side of a bound and stays past it from then on: its median then knows the trouble alone. */
function calmBeginning(points: readonly Point[], isBeyond: (value: number) => boolean): number | null {
  const passed = points.findIndex(({ value }) => isBeyond(value));
  const after = points.slice(passed);
  return passed > 0 && after.filter(({ value }) => isBeyond(value)).length >= NEARLY_ALL * after.length ? (points[0]?.value ?? null) : null;
}

/** A level that the page or its monitor is about: since it stepped, or since it passed the bound. */
function fromLevel(signal: Signal, { level, isBeyond }: Alarm | HeldBound, said: string, evidence: readonly number[]): Symptom {
  const { metric, tags, points } = signal.series;
  const { baseline, borrowed, sameHour } = signal;
  const shift = signal.shift ?? sameHour?.shift ?? null;
  const median = borrowed ? (points[0]?.value ?? baseline.median) : baseline.median;
  const calm = shift === null && isBeyond(median) ? calmBeginning(points, isBeyond) : null;
  const usual = calm ?? median;
  const before = shift?.before ?? (isBeyond(usual) ? level : usual);
  const home = calm === null ? points.findLastIndex(({ value }) => !isBeyond(value)) : points.findIndex(({ value }) => isBeyond(value)) - 1;
  const since = shift?.onset ?? points[isBeyond(before) ? 0 : home + 1]?.at ?? points[0]?.at ?? Number.NaN;
  const hour = sameHour === undefined ? "" : `, ${sameHourWords(signal, sameHour)}`;
  return {
    service: measuredAs(signal),
    what: `${metricWords(metric, tags)}${unitNote(signal)} (${said}${shift !== null && isBeyond(before) ? ", exceeded before as well" : ""}${hour})`,
    now: level,
    unit: shownUnit(signal),
    ...stepStart(points, { before, now: level, since }),
    evidence: [...new Set([signal.series.evidence, ...evidence])],
    series: seriesName(signal.series),
  };
}

const keyOf = ({ meaning }: Signal) => (meaning.kind === "saturation" ? `saturation ${meaning.resource ?? ""}` : meaning.kind);

/** Before whatever else moved: the page is about it. */
const OF_NAMED = 1e6;

/**
 * How the page shows. First what the page's monitor, its own bound or a metric that it names is about; then of the paged service's errors,
 * availability, latency and each worn resource the signal that left its range furthest, those that were calm before it first.
 * @param wanted tags that the page or its monitor names
 * @param isNamed whether the page's text names a metric
 */
export function symptomsOf(
  signals: readonly Signal[],
  paged: string,
  alarms: readonly Alarm[],
  held: HeldBound | null,
  earlier: readonly TimeWindow[],
  wanted: ReadonlyMap<string, string>,
  isNamed: (metric: string) => boolean,
): Symptom[] {
  const paging = new Map<string, Symptom>();
  const mine = alarms.filter(({ signal }) => signal.service === paged);
  for (const alarm of mine.toSorted((a, b) => Number(a.isInnocent || a.isUsual) - Number(b.isInnocent || b.isUsual))) {
    const { signal, bound, limit, evidence } = alarm;
    const said = limit === null ? `alarm at ${quantity(bound, shownUnit(signal))}` : `limit ${limit}`;
    if (!paging.has(keyOf(signal))) paging.set(keyOf(signal), fromLevel(signal, alarm, said, [evidence]));
  }
  if (held !== null && !paging.has(keyOf(held.signal)))
    paging.set(keyOf(held.signal), fromLevel(held.signal, held, `paged above ${held.bound}`, []));
  const isMeant = (signal: Signal) => !isView(signal) && isNamed(signal.series.metric);
  const found = new Map<string, { signal: Signal; shift: Shift; rank: number; peak: { at: number; value: number } | null }>();
  for (const signal of signals) {
    const { meaning, shift } = signal;
    if (signal.service !== paged || shift === null || signal.edge !== null || meaning.isNode) continue;
    if (!SYMPTOM_KINDS.includes(meaning.kind) && !isMeant(signal)) continue;
    const key = keyOf(signal);
    if (paging.has(key)) continue;
    const peak = seenBefore(signal, shift, earlier);
    // What the service answers is its symptom; what it waits for is only where nothing else was measured, and so is what was as bad before.
    const rank =
      Math.abs(shift.deviation) *
      (meaning.isClientSide || isView(signal) ? 0.1 : 1) *
      (peak === null ? 1 : 0.2) *
      OF_FIT[fitOf(signal.series.tags, wanted)] *
      (isMeant(signal) ? OF_NAMED : 1);
    const known = found.get(key);
    if (known === undefined || rank > known.rank) found.set(key, { signal, shift, rank, peak });
  }
  const stepped = [...found.values()].toSorted(
    (a, b) =>
      Number(isMeant(b.signal)) - Number(isMeant(a.signal)) ||
      Number(isView(a.signal)) - Number(isView(b.signal)) ||
      SYMPTOM_KINDS.indexOf(a.signal.meaning.kind) - SYMPTOM_KINDS.indexOf(b.signal.meaning.kind) ||
      b.rank - a.rank,
  );
  // What the hour explains is shown after what it does not.
  const hourly = signals.filter(
    (signal) => signal.service === paged && signal.edge === null && SYMPTOM_KINDS.includes(signal.meaning.kind),
  );
  return [
    ...paging.values(),
    ...stepped.map(({ signal, shift, peak }) => fromShift(signal, shift, peak)),
    ...hourly.flatMap((signal) => (signal.sameHour === undefined || paging.has(keyOf(signal)) ? [] : [fromHour(signal, signal.sameHour)])),
  ].slice(0, MOST_SYMPTOMS);
}
