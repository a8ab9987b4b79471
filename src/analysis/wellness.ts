import type { Series } from "../incident/telemetry.ts";
import { clockTime, figure } from "../report/words.ts";
import { median } from "./baseline.ts";
import { typicalStep } from "./onset.ts";
import type { Reading } from "./reading.ts";
import { type Signal, valueWords, wholeOf } from "./signal.ts";
import type { Candidate } from "./suspect.ts";
import { metricWords } from "./words.ts";

/** A clue as strong as this at something the page depends on leaves the question open (about 3 to 1). */
const STRONG_CLUE = 1.2;
/** Fewer requests than this, before or now, show nothing. */
const FEWEST_REQUESTS = 5;
/** A series is current while its newest point is no older than this, or than three of its steps. */
const CURRENT_MS = 5 * 60_000;
/** From this share on, failures that were always there are worth a word. */
const CHRONIC = 0.02;

/**
 * Why it must not be said that nothing is wrong; null where it is proven: what the page claims was read, is current, and is in range; nothing that
 * the paged service calls left its range strongly; no service on the way logs a new error, and none fails all along.
 * @param wanted what the page speaks of, where it says so
 */
export function whyNotWell(read: Reading, candidates: readonly Candidate[], wanted: "latency" | "errors" | null): string | null {
  const { telemetry, paged, signals, graph, held, alarms } = read;
  const own = signals.filter((signal) => signal.service === paged && signal.edge === null);
  const spansNow = telemetry.spans.filter(
    ({ service, start }) => graph.canonical(service) === paged && start >= telemetry.window.from,
  ).length;
  const hasTraces = spansNow >= FEWEST_REQUESTS && read.traces.tracesBefore >= FEWEST_REQUESTS;
  if (own.length === 0 && !hasTraces && !telemetry.logs.some(({ service }) => graph.canonical(service) === paged))
    return `Nothing is known of ${paged}: no metrics, logs or traces under that name`;
  const chronic = failsAllAlong(read);
  if (chronic !== null) return chronic;
  const strong = candidates.find(({ clues }) => (clues[0]?.weight ?? 0) >= STRONG_CLUE);
  if (strong !== undefined) return `Furthest from usual: ${strong.clues[0]?.text ?? strong.service}`;
  const kinds = new Set(own.filter(({ borrowed }) => !borrowed).map(({ meaning }) => meaning.kind));
  const showsErrors = kinds.has("errors") || kinds.has("availability") || hasTraces;
  const showsLatency = kinds.has("latency") || hasTraces;
  const isClaimRead = held !== null || alarms.some(({ signal }) => signal.service === paged);
  const missing = [
    ...(wanted !== "latency" && !showsErrors ? ["errors"] : []),
    ...(wanted !== "errors" && !showsLatency ? ["latency"] : []),
  ];
  if (missing.length > 0 && !isClaimRead)
    return `The ${missing.join(" and ")} of ${paged} could not be read, so nobody can say that all is well`;
  const newest = Math.max(...own.map(({ series }) => series.points.at(-1)?.at ?? 0), hasTraces ? telemetry.window.to : 0);
  const step = Math.max(0, ...own.map(({ series }) => typicalStep(series.points)));
  if (newest < telemetry.window.to - Math.max(CURRENT_MS, 3 * step)) return `The newest data of ${paged} are from ${clockTime(newest)}`;
  return null;
}

/** Requests that fail at about the same share throughout the record, of the paged service or of what it calls; the deepest that does is named. */
function failsAllAlong({ signals, graph, paged, rates, telemetry }: Reading): string | null {
  const below = graph.distances(paged);
  const own = signals.filter(({ service, edge, meaning }) => service === paged && edge === null && !meaning.isClientSide);
  const shown = own.flatMap((signal) => failingShare(signal, signals) ?? []);
  // What fails below and never reaches those who call is how this system works.
  if (shown.length > 0 && Math.max(...shown) < CHRONIC) return null;
  const worst = signals
    .filter(({ service, edge, meaning }) => below.has(service) && edge === null && !meaning.isClientSide)
    .flatMap((signal) => {
      const share = failingShare(signal, signals);
      return share !== null && share >= CHRONIC ? [{ signal, share, depth: below.get(signal.service) ?? 0 }] : [];
    })
    .toSorted((a, b) => b.depth - a.depth || b.share - a.share)[0];
  if (worst === undefined) return null;
  const first = Math.min(...telemetry.series.map(({ points }) => points[0]?.at ?? Infinity), telemetry.baseline.to);
  const line = rates
    .filter(({ service, isTrouble }) => graph.canonical(service) === worst.signal.service && isTrouble)
    .toSorted((a, b) => b.now - a.now)[0];
  return `${worst.signal.service} fails ${figure(worst.share * 100)} % of its requests (${metricWords(worst.signal.series.metric)} ${valueWords(worst.signal, worst.signal.latest)}), unchanged since before our records at ${clockTime(first)}${line === undefined ? "" : `: \`${line.sample.slice(0, 120).replaceAll("`", "'")}\``}`;
}

/** Share of requests that fail by a series, before and now alike; null where the series does not say. */
function failingShare(signal: Signal, signals: readonly Signal[]): number | null {
  const { kind, resource, isShare } = signal.meaning;
  if (resource !== null) return null;
  const middle = (points: Series["points"]) => median(points.slice(-8).map(({ value }) => value));
  if (kind === "availability" && isShare) {
    const whole = wholeOf(signal);
    return whole <= 0 || signal.baseline.high <= 0 ? null : 1 - Math.max(signal.baseline.median, middle(signal.series.points)) / whole;
  }
  if (kind !== "errors") return null;
  if (signal.series.unit === "fraction" || (isShare && signal.baseline.high <= 1))
    return Math.min(signal.baseline.median, middle(signal.series.points));
  if (isShare) return Math.min(signal.baseline.median, middle(signal.series.points)) / 100;
  const traffic = signals.find(
    (one) => one.service === signal.service && one.edge === null && one.meaning.kind === "traffic" && one.meaning.resource === null,
  );
  if (traffic === undefined || !(traffic.baseline.median > 0)) return null;
  const share = Math.min(
    signal.baseline.median / traffic.baseline.median,
    middle(signal.series.points) / Math.max(1e-9, middle(traffic.series.points)),
  );
  return share <= 1 ? share : null;
}
