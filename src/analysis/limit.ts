import type { FaultClass, RuledOut } from "../incident/finding.ts";
import type { MonitorState, PlatformEvent } from "../incident/telemetry.ts";
import { clockTime, figure } from "../report/words.ts";
import type { CallGraph } from "./call-graph.ts";
import type { Clue } from "./clue.ts";
import { median } from "./baseline.ts";
import { faultOfWords } from "./event-clue.ts";
import { type Signal, valueWords, wholeOf } from "./signal.ts";
import { metricTokens } from "./signal-kind.ts";
import { fitOf, readMonitorQuery } from "./monitor-query.ts";
import { metricsNamedIn } from "./named-metric.ts";
import { extract, latencyMs, metricWords, shorten } from "./words.ts";

/** From this share of a limit on a resource is short: queues grow without bound as utilisation nears one (M/M/1: five waiting at 0.83). */
const NEAR_LIMIT = 0.8;
/** Points of history of which a hundredth means anything. */
const LEAST_USUAL = 20;
/** Latest points that make the level of a series: one spike is no level. */
const LEVEL_POINTS = 5;

/** Level of a series now; of one that left its range the same figure that its shift is said by. */
function levelOf({ series, shift }: Signal, isBeyond: (value: number) => boolean = () => false): { level: number } | null {
  if (shift !== null && isBeyond(shift.now)) return { level: shift.now };
  const last = series.points.slice(-LEVEL_POINTS);
  return last.length === 0 ? null : { level: median(last.map((point) => point.value)) };
}

/** A number that a text calls a limit. Each part is bounded, so that a text costs no more than its length. */
const NAMED_LIMIT = /(?:\bof|max[a-z_]{0,24}|limit[a-z_]{0,24})(?![a-z_])\D{0,20}?(\d[\d,_]{0,20})(?![\d%.]|\s{0,3}%)/gi;

/** Limits of counted things that texts about them name, largest first: "469 of 500", "max_connections (500)", "the maximum (3604)". */
function limitsInTexts(texts: readonly string[]): number[] {
  const found = new Set<number>();
  for (const text of texts)
    for (const match of text.slice(0, 4000).matchAll(NAMED_LIMIT)) found.add(Number((match[1] ?? "").replaceAll(/[,_]/g, "")));
  return [...found].toSorted((a, b) => b - a);
}

const earlier = (one: number | null, other: number | null): number | null =>
  one === null || other === null ? (one ?? other) : Math.min(one, other);

/** When a level last passed its bound; null where it was beyond it from the first point on, or is not now. */
function passedAt({ series: { points } }: Signal, isBeyond: (value: number) => boolean): number | null {
  const home = points.findLastIndex(({ value }) => !isBeyond(value));
  return home < 0 ? null : (points[home + 1]?.at ?? null);
}

/** A monitor in alarm with the series that it watches, where its bound is passed. */
export interface Alarm {
  readonly signal: Signal;
  readonly level: number;
  readonly bound: number;
  readonly isBeyond: (value: number) => boolean;
  /** What the level can't pass, where that is known and no whole of a share. */
  readonly limit: string | null;
  /** Far from its limit. */
  readonly isInnocent: boolean;
  /** The bound was passed before as it is now: it says more of the monitor than of the service. */
  readonly isUsual: boolean;
  readonly triggeredAt: number | null;
  readonly evidence: number;
}

/** Whether a level is beyond its bound as it was before: it did not step, and the middle of its history, or a hundredth of it, was beyond as well. */
export function isUsuallyBeyond(signal: Signal, level: number, isBeyond: (value: number) => boolean): boolean {
  const { shift, borrowed, baseline, sameHour } = signal;
  if (sameHour !== undefined) return isBeyond(sameHour.weekAgo);
  if (borrowed || shift !== null || baseline.count < LEAST_USUAL) return false;
  const isInRange = level >= baseline.low && level <= baseline.high;
  return isBeyond(baseline.median) || (isInRange && (isBeyond(baseline.high) || isBeyond(baseline.low)));
}

/** The largest of some limits, where it is one for so much. */
const plausible = ([largest]: readonly number[], atLeast: number): number | null =>
  largest !== undefined && largest >= atLeast * 0.95 ? largest : null;

/** Largest plausible limit of a counted thing that texts about it name. */
export const limitInTexts = (texts: readonly string[], atLeast: number): number | null => plausible(limitsInTexts(texts), atLeast);

/**
 * Holds levels against the limits and alarm thresholds that are known: what was high all the time that was recorded leaves no baseline, but it
 * still is too high. What is in alarm and yet far from its limit is reported as innocent.
 */
export function limitClues(
  signals: readonly Signal[],
  monitors: readonly MonitorState[],
  events: readonly PlatformEvent[],
  graph: CallGraph,
  pageText: string,
): { readonly clues: Clue[]; readonly ruledOut: RuledOut[]; readonly bounded: ReadonlySet<string>; readonly alarms: readonly Alarm[] } {
  const clues: Clue[] = [];
  const ruledOut: RuledOut[] = [];
  const bounded = new Set<string>();
  const alarms: Alarm[] = [];
  const texts = [
    pageText,
    ...monitors.map((monitor) => `${monitor.name} ${monitor.message}`),
    ...events.slice(-200).map((event) => `${event.title} ${event.text}`),
  ];
  const limits = limitsInTexts(texts);
  const byMetric = Map.groupBy(signals, (signal) => signal.series.metric.toLowerCase());
  const shareOf = (signal: Signal, level: number): { share: number; limit: string } | null => {
    if (signal.meaning.kind !== "saturation" || signal.meaning.worse === "down") return null;
    if (signal.meaning.isShare) return { share: level / wholeOf(signal), limit: valueWords(signal, wholeOf(signal)) };
    if (signal.meaning.resource !== "connections") return null;
    const limit = plausible(limits, level);
    return limit === null ? null : { share: level / limit, limit: figure(limit) };
  };
  for (const monitor of monitors) {
    if (monitor.state !== "Alert" && monitor.state !== "Warn") continue;
    const query = readMonitorQuery(monitor.query);
    if (query === null || !query.isLevel || query.metric === null) continue;
    const { metric, bound, tags, rises: rising } = query;
    const candidates = (byMetric.get(metric) ?? []).filter(
      (signal) =>
        (monitor.service === null || graph.canonical(monitor.service) === signal.service) && fitOf(signal.series.tags, tags) !== "other",
    );
    // A scope that names one instance means that one.
    const named = candidates.filter(({ series }) => series.instance !== null && [...tags.values()].includes(series.instance.toLowerCase()));
    for (const signal of (named.length > 0 ? named : candidates).slice(0, 3)) {
      const isBeyond = (value: number) => (rising ? value > bound : value < bound);
      const now = levelOf(signal, isBeyond);
      if (now === null || !isBeyond(now.level)) continue;
      const side = rising ? "over" : "under";
      const part = shareOf(signal, now.level);
      bounded.add(`${signal.service}\n${signal.series.metric}`);
      const isUsual = (part === null || part.share < NEAR_LIMIT) && isUsuallyBeyond(signal, now.level, isBeyond);
      alarms.push({
        signal,
        level: now.level,
        bound,
        isBeyond,
        limit: part === null || signal.meaning.isShare ? null : part.limit,
        isInnocent: part !== null && part.share < NEAR_LIMIT,
        isUsual,
        triggeredAt: monitor.triggeredAt,
        evidence: monitor.evidence,
      });
      const words = `${metricWords(signal.series.metric, signal.series.tags)} ${valueWords(signal, now.level)}`;
      if (part !== null && part.share < NEAR_LIMIT) {
        ruledOut.push({
          what: words,
          why: `${side} its alarm threshold of ${valueWords(signal, bound)}, but only ${figure(part.share * 100)} % of the limit of ${part.limit}`,
          evidence: [signal.series.evidence, monitor.evidence],
        });
        continue;
      }
      if (isUsual) continue;
      const fault: FaultClass =
        signal.meaning.resource === "cpu"
          ? "cpu"
          : signal.meaning.resource === "memory"
            ? "memory"
            : faultOfWords(`${monitor.name} ${metric}`);
      clues.push({
        service: signal.service,
        instance: signal.series.instance,
        fault,
        family: "saturation",
        code: "over-threshold",
        about: [metricWords(signal.series.metric, signal.series.tags), monitor.name],
        weight: part === null ? 2 : 2 + 2 * Math.min(1, (part.share - NEAR_LIMIT) / (1 - NEAR_LIMIT)),
        // A monitor looks back over minutes or an hour: what it watches was bad before it said so.
        onset: earlier(monitor.triggeredAt, passedAt(signal, isBeyond)),
        text: `${words}, ${side} its alarm threshold of ${valueWords(signal, bound)}${part === null || signal.meaning.isShare ? "" : `: ${figure(part.share * 100)} % of the limit of ${part.limit}`} (monitor "${shorten(extract(monitor.name), 80)}"${monitor.triggeredAt === null ? "" : ` since ${clockTime(monitor.triggeredAt)}`})`,
        evidence: [signal.series.evidence, monitor.evidence],
        quote: null,
      });
    }
  }
  for (const signal of signals) {
    // Where there is a history, the shift against it says more than the level.
    if (bounded.has(`${signal.service}\n${signal.series.metric}`) || !signal.borrowed || signal.meaning.isNode) continue;
    const now = levelOf(signal);
    const part = now === null ? null : shareOf(signal, now.level);
    if (now === null || part === null || part.share < NEAR_LIMIT || part.share > 1.5) continue;
    bounded.add(`${signal.service}\n${signal.series.metric}`);
    clues.push({
      service: signal.service,
      instance: signal.series.instance,
      fault: signal.meaning.resource === "cpu" ? "cpu" : signal.meaning.resource === "memory" ? "memory" : "overload",
      family: "saturation",
      code: "near-limit",
      about: [metricWords(signal.series.metric, signal.series.tags)],
      weight: 1 + 2 * Math.min(1, (part.share - NEAR_LIMIT) / (1 - NEAR_LIMIT)),
      onset: null,
      text: `${metricWords(signal.series.metric, signal.series.tags)} is at ${valueWords(signal, now.level)}, ${figure(part.share * 100)} % of the limit of ${part.limit}, throughout our records`,
      evidence: [signal.series.evidence],
      quote: null,
    });
  }
  return { clues, ruledOut, bounded, alarms };
}

/** A bound that the page names, and the signal that is beyond it now. */
export interface HeldBound {
  readonly signal: Signal;
  readonly level: number;
  /** As the page writes it: "4 s", "88 %"; with the percentile that it names where the signal is another one: "0.3 s by p95". */
  readonly bound: string;
  readonly isBeyond: (value: number) => boolean;
}

/** Which percentile a page's words mean ("p95", "95th percentile"); null: none, or not one alone. */
function percentileIn(text: string): string | null {
  const found = text.matchAll(/\bp(\d{2,3})\b|\b(\d{2})(?:th|st|nd|rd)?[ -]percentile/gi);
  const named = new Set([...found].map(([, short, long]) => `p${short ?? long ?? ""}`));
  return named.size === 1 ? ([...named][0] ?? null) : null;
}

/** The percentile in a metric's name, or null. */
const percentileOf = (metric: string): string | null => metricTokens(metric).find((token) => /^p\d{2,3}$/.test(token)) ?? null;

/**
 * The bound that the page names ("> 4s 90th percentile", "above 88%") where a signal of the paged service is beyond it now. What was as bad all
 * along has no shift, and the page is true all the same. Of a percentile that the page names the same one comes first.
 */
export function pageHolds(signals: readonly Signal[], paged: string, pageText: string): HeldBound | null {
  const named = percentileIn(pageText.slice(0, 4000));
  const isNamed = metricsNamedIn(pageText);
  const own = signals.filter(({ service, edge }) => service === paged && edge === null);
  // The bound is of the metric beside it, where the page writes one that is measured.
  const byName = own.filter(({ series: { metric } }) => isNamed(metric));
  const isOther = ({ series: { metric } }: Signal) => named !== null && percentileOf(metric) !== named;
  const inOrder = (byName.length > 0 ? byName : own).toSorted((a, b) => Number(isOther(a)) - Number(isOther(b)));
  for (const match of pageText
    .slice(0, 4000)
    .matchAll(/(?:>=?|above|over|exceed(?:s|ed|ing)?)\s*(\d+(?:\.\d+)?)\s*(ms|sec(?:onds?)?|s\b|%)/gi)) {
    const bound = Number(match[1]);
    const unit = (match[2] ?? "").toLowerCase();
    for (const signal of inOrder) {
      if (signal.meaning.isNode || signal.meaning.worse === "down") continue;
      const { metric } = signal.series;
      const size = unit === "%" ? 100 / wholeOf(signal) : latencyMs(metric, signal.series.unit) / (unit === "ms" ? 1 : 1000);
      const isBeyond = (value: number) => value * size > bound;
      const now = levelOf(signal, isBeyond);
      if (now === null || !isBeyond(now.level)) continue;
      const isMeant =
        unit !== "%"
          ? signal.meaning.kind === "latency"
          : signal.meaning.isShare &&
            (signal.meaning.kind === "errors" ? /error|5xx|fail/i : new RegExp(signal.meaning.resource ?? "^$", "i")).test(pageText);
      if (!isMeant) continue;
      const by = unit !== "%" && percentileOf(metric) !== null && isOther(signal) ? ` by ${named}` : "";
      return { signal, level: now.level, bound: `${match[1] ?? ""} ${unit.startsWith("s") ? "s" : unit}${by}`, isBeyond };
    }
  }
  return null;
}
