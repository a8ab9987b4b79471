import type { Series } from "../incident/telemetry.ts";
import { clockTime, figure } from "../report/words.ts";
import { median } from "./baseline.ts";
import type { CallGraph } from "./call-graph.ts";
import { type Clue, saturating } from "./clue.ts";
import type { PatternRate } from "./log-reading.ts";
import { shownUnit, type Signal, wholeOf } from "./signal.ts";
import { metricWords } from "./words.ts";

/** From this share on, failures that were always there are worth a word. */
export const CHRONIC = 0.02;
/** A share between these parts of the older one is the same share. */
const UNCHANGED = [0.67, 1.5] as const;
/** So much of a service's failures must be its own, rather than those of what it calls. */
const OWN = 0.3;
/** Weight at most: below what makes an incident, for nothing says that it was ever otherwise. */
const MOST = 1.6;

/** A service that fails a share of its requests since before the record begins. */
export interface Chronic {
  readonly service: string;
  readonly signal: Signal;
  /** Shares of requests, 0..1: in the quiet time, and of late. */
  readonly before: number;
  readonly now: number;
  /** Part of the failures that no callee's own share accounts for, 0..1. */
  readonly own: number;
  /** Calls from the paged service down to it. */
  readonly depth: number;
  /** All on some way from the page to it fail all along too, as far as is known: its failures may be what the page is about. */
  readonly isPassedOn: boolean;
}

/**
 * Services on the way down from the page whose requests fail throughout the record, those with the most failures of their own first. They have no
 * onset, so nothing else finds them.
 */
export function chronicFailures(signals: readonly Signal[], graph: CallGraph, paged: string): readonly Chronic[] {
  const below = graph.distances(paged);
  const traffic = new Map<string, Signal>();
  for (const signal of signals)
    if (signal.edge === null && signal.meaning.kind === "traffic" && signal.meaning.resource === null && !traffic.has(signal.service))
      traffic.set(signal.service, signal);
  const shares = new Map<string, { signal: Signal; before: number; now: number }>();
  for (const signal of signals) {
    if (!below.has(signal.service) || signal.edge !== null || signal.meaning.isClientSide) continue;
    const share = failingShare(signal, traffic.get(signal.service) ?? null);
    const least = share === null ? 0 : Math.min(share.before, share.now);
    const known = shares.get(signal.service);
    if (share !== null && (known === undefined || least > Math.min(known.before, known.now)))
      shares.set(signal.service, { signal, ...share });
  }
  const passedOn = new Set<string>();
  const queue = [paged];
  for (const service of queue) {
    const share = shares.get(service);
    if (passedOn.has(service) || (share !== undefined && leastOf(share) < CHRONIC)) continue;
    passedOn.add(service);
    queue.push(...(graph.callees.get(service) ?? []));
  }
  return [...shares]
    .flatMap(([service, { signal, before, now }]) => {
      const least = Math.min(before, now);
      if (least < CHRONIC) return [];
      const callee = Math.max(0, ...[...(graph.callees.get(service) ?? [])].map((one) => leastOf(shares.get(one))));
      const own = Math.max(0, 1 - callee / least);
      return [{ service, signal, before, now, own, depth: below.get(service) ?? 0, isPassedOn: passedOn.has(service) }];
    })
    .toSorted((a, b) => b.own * leastOf(b) - a.own * leastOf(a) || b.depth - a.depth);
}

const leastOf = (share: { readonly before: number; readonly now: number } | undefined): number =>
  share === undefined ? 0 : Math.min(share.before, share.now);

/** Clues of {@link chronicFailures}, for who fails by itself. */
export function chronicClues(
  signals: readonly Signal[],
  graph: CallGraph,
  paged: string,
  wanted: "latency" | "errors" | null,
  rates: readonly PatternRate[],
): Clue[] {
  return chronicFailures(signals, graph, paged)
    .filter(({ own }) => own >= OWN)
    .map((one) => {
      const line = chronicLine(one.service, rates, graph);
      return {
        service: one.service,
        instance: null,
        fault: "error",
        family: "errors",
        code: "fails-all-along",
        about: [metricWords(one.signal.series.metric)],
        weight: saturating(leastOf(one) * one.own, 0.05, MOST) * (wanted === "latency" ? 0.5 : 1) * (one.isPassedOn ? 1 : 0.5),
        own: one.own,
        onset: null,
        text: chronicWords(one, one.signal.series.points[0]?.at ?? 0),
        evidence: [one.signal.series.evidence, ...(line === null ? [] : [line.evidence])],
        quote: line?.sample ?? null,
      };
    });
}

/** "cart fails 12 % of its requests (HTTP error ratio), unchanged since before our records begin at 09:13". */
export function chronicWords({ service, signal, before, now }: Chronic, since: number): string {
  const ratio = now / Math.max(before, 1e-9);
  const isSame = ratio >= UNCHANGED[0] && ratio <= UNCHANGED[1];
  const share = `${service} fails ${figure(now * 100)} % of its requests (${metricWords(signal.series.metric)})`;
  return isSame
    ? `${share}, unchanged since before our records begin at ${clockTime(since)}`
    : `${share}, ${figure(before * 100)} % in the baseline, and has failed some since before our records begin at ${clockTime(since)}`;
}

/** The line of trouble that a service logs most, before and now. */
export function chronicLine(service: string, rates: readonly PatternRate[], graph: CallGraph): PatternRate | null {
  return (
    rates
      .filter((rate) => rate.isTrouble && rate.now > 0 && graph.canonical(rate.service) === service)
      .toSorted((a, b) => b.now - a.now || (a.template < b.template ? -1 : 1))[0] ?? null
  );
}

/** Shares of requests that fail by a series, in the quiet time and of late; null where the series does not say. */
function failingShare(signal: Signal, traffic: Signal | null): { before: number; now: number } | null {
  const { kind, resource, isShare } = signal.meaning;
  if (resource !== null) return null;
  const middle = (points: Series["points"]) => median(points.slice(-8).map(({ value }) => value));
  const before = signal.baseline.median;
  const now = middle(signal.series.points);
  if (kind === "availability" && isShare) {
    const whole = wholeOf(signal);
    return whole <= 0 || signal.baseline.high <= 0 ? null : { before: 1 - before / whole, now: 1 - now / whole };
  }
  if (kind !== "errors") return null;
  const unit = shownUnit(signal);
  if (unit === "fraction") return { before, now };
  // 0.12 of a "percent" that never passes one may be 12 % or 0.12 %: nothing shows which.
  if (isShare) return unit === null ? null : { before: before / 100, now: now / 100 };
  if (traffic === null || !(traffic.baseline.median > 0)) return null;
  const shares = { before: before / traffic.baseline.median, now: now / Math.max(1e-9, middle(traffic.series.points)) };
  return Math.min(shares.before, shares.now) <= 1 ? shares : null;
}
