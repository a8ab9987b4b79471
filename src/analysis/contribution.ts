import type { FaultClass } from "../incident/finding.ts";
import type { Point, TimeWindow } from "../incident/telemetry.ts";
import { clockTime, figure } from "../report/words.ts";
import { ascending, describeBaseline, medianDistance, sortedQuantile, typicalStep } from "./baseline.ts";
import type { CallGraph } from "./call-graph.ts";
import { type Clue, saturating } from "./clue.ts";
import { datedBack, findShift, type Shift } from "./onset.ts";
import { splitPoints } from "./period.ts";
import { shownUnit, type Signal, stepOf, unitNote, valueWords, wholeOf } from "./signal.ts";
import { metricTokens } from "./signal-kind.ts";
import { duration, latencyMs, latencyUnitMs, metricWords, times } from "./words.ts";

/** How much more one service spends or fails in each step of time than it used to. */
interface Burden {
  readonly service: string;
  readonly kind: "latency" | "errors";
  /** Milliseconds spent, or calls failed, in one step; per call where no traffic is known. */
  readonly before: number;
  readonly now: number;
  readonly perCall: boolean;
  readonly stepMs: number;
  readonly shift: Shift;
  readonly sure: number;
  readonly signal: Signal;
}

const STORE =
  /\b(table|database|dynamodb|sql|rds|redis|cache|memcached|queue|bucket|postgres\w*|mysql|mongo\w*|elasticsearch|opensearch|cassandra|kafka|\w*db)\b/i;

/** Share of calls that begins to matter: objectives for availability lie at 99.5 % and above. What fails less counts less, however sure it is. */
const FEW_FAIL = 0.005;

/** A store runs none of our code: when it slows down, it has more to do than it can. */
export const isStore = (service: string): boolean => STORE.test(service.replaceAll(/[_:/-]+/g, " ").replace(/([a-z])([A-Z])/g, "$1 $2"));

const QUEUE = /\b(?:queue|events|topic|stream|sqs|kafka|kinesis|rabbitmq|pubsub|nats|broker)$/i;

/** Whether a service's name ends as those of queues and topics do. */
export const isQueue = (service: string): boolean => QUEUE.test(service.replaceAll(/[_:/-]+/g, " "));

/** Prefers the mean, whose product with the number of calls is time really spent, then the middle, then the tails. */
function latencyRank(signal: Signal): number {
  const tokens = metricTokens(signal.series.metric);
  if (tokens.some((token) => token === "average" || token === "avg" || token === "mean")) return 0;
  if (tokens.includes("p50") || tokens.includes("median")) return 1;
  const percentile = tokens.find((token) => /^p\d{2,3}$/.test(token));
  return percentile === undefined ? 2 : 2 + Number(percentile.slice(1, 3)) / 100;
}

interface Sources {
  latency: Signal | null;
  traffic: Signal | null;
  availability: Signal | null;
  errors: Signal | null;
}

/** Whose view a series is: a name that was merged into another is the caller's view and yields to the service's own series. */
const ownView = (signal: Signal): boolean => signal.series.service === signal.service;

function sourcesOf(signals: readonly Signal[]): Map<string, Sources> {
  const found = new Map<string, Sources>();
  const better = (next: Signal, known: Signal | null, rank: (signal: Signal) => number): boolean =>
    known === null || (ownView(next) && !ownView(known)) || (ownView(next) === ownView(known) && rank(next) < rank(known));
  for (const signal of signals) {
    if (signal.edge !== null || signal.meaning.isNode || signal.meaning.isClientSide) continue;
    let sources = found.get(signal.service);
    if (sources === undefined) found.set(signal.service, (sources = { latency: null, traffic: null, availability: null, errors: null }));
    const { kind, resource } = signal.meaning;
    // Constant nought is no measurement of availability.
    const alive = signal.baseline.high > 0;
    if (kind === "latency" && better(signal, sources.latency, latencyRank)) sources.latency = signal;
    else if (kind === "availability" && resource === null && alive && better(signal, sources.availability, () => 0))
      sources.availability = signal;
    else if (kind === "errors" && resource === null && better(signal, sources.errors, () => 0)) sources.errors = signal;
    else if (
      kind === "traffic" &&
      resource === null &&
      !/syscall|byte/i.test(signal.series.metric) &&
      better(signal, sources.traffic, () => 0)
    ) {
      sources.traffic = signal;
    }
  }
  return found;
}

/** Points of two series multiplied; traffic changes slowly, so where its point is missing the one next to it replaces it. */
function product(left: readonly Point[], right: readonly Point[], combine: (a: number, b: number) => number): Point[] {
  const points: Point[] = [];
  const reach = 1.5 * typicalStep(right);
  let at = 0;
  for (const point of left) {
    while (at + 1 < right.length && Math.abs((right[at + 1]?.at ?? 0) - point.at) <= Math.abs((right[at]?.at ?? 0) - point.at)) at += 1;
    const other = right[at];
    if (other !== undefined && Math.abs(other.at - point.at) <= reach)
      points.push({ at: point.at, value: combine(point.value, other.value) });
  }
  return points;
}

function burdenOf(
  service: string,
  kind: Burden["kind"],
  sources: Sources,
  suspect: TimeWindow,
  page: number,
  earlier: readonly TimeWindow[],
): Burden | null {
  const signal = kind === "latency" ? sources.latency : (sources.availability ?? sources.errors);
  if (signal === null) return null;
  const { traffic } = sources;
  // As much as at this hour of other days: of itself, or of the requests that it is counted in.
  if (signal.sameHour !== undefined || (signal.shift === null && traffic?.sameHour !== undefined)) return null;
  const whole = wholeOf(signal);
  const unit = latencyMs(signal.series.metric, signal.series.unit);
  const failing = (value: number): number => (signal.meaning.kind === "availability" ? Math.max(0, 1 - value / whole) : value / whole);
  // Failures that are counted need no traffic: each is a call that failed.
  const isCount = kind === "errors" && signal.meaning.kind === "errors" && !isShare(signal);
  const perCall = traffic === null && !isCount;
  const scale = isCount ? callsPerStep(signal) : traffic === null ? 1 : callsPerStep(traffic);
  const size = kind === "latency" ? (value: number): number => value * unit : failing;
  const points =
    traffic === null || isCount
      ? signal.series.points.map(({ at, value }) => ({ at, value: isCount ? value * scale : size(value) }))
      : product(signal.series.points, traffic.series.points, (value, calls) => size(value) * calls * scale);
  const split = splitPoints(points, suspect, earlier);
  if (split.healthy.length === 0) return null;
  const baseline = describeBaseline(split.healthy, kind === "latency" ? "latency" : "traffic", false);
  // Few failures are counted, not measured: their spread is at least that of a Poisson count.
  const counted =
    kind === "errors"
      ? {
          ...baseline,
          scale: "linear" as const,
          spread: Math.max(spreadLinear(split.healthy), perCall ? 0.01 : Math.sqrt(baseline.median + 1)),
          counts: ascending(split.healthy.map((point) => point.value)),
        }
      : baseline;
  const found = findShift(split.suspect, counted, page, "up", earlier);
  if (found === null) return null;
  const shift = datedBack(found, points, counted, earlier);
  if (traffic !== null && signal.shift === null && isOfRequests(shift, traffic)) return null;
  const size2 = Math.abs(shift.deviation);
  const calls = perCall ? 1 : traffic === null ? null : traffic.baseline.median * callsPerStep(traffic);
  const share = kind === "latency" || calls === null ? null : (shift.now - shift.before) / Math.max(1e-9, calls);
  const material = share === null ? 1 : share / (share + FEW_FAIL);
  const sure = (size2 / (size2 + 3.5)) * (shift.points / (shift.points + 0.5)) * (shift.healthyUntil === null ? 0.35 : 1) * material;
  return { service, kind, before: shift.before, now: shift.now, perCall, stepMs: typicalStep(points), shift, sure, signal };
}

/** What a person notices of a request's time, or of how many fail. */
const MATERIAL = 1.1;
/** More requests than this are no drift of the day (as in `signal.ts`). */
const DRIFT = 1.3;

/** Whether a burden grew only as the day's requests did: each takes as long, or fails as often, as before. */
function isOfRequests(shift: Shift, { series, baseline }: Signal): boolean {
  const now = sortedQuantile(ascending(series.points.filter(({ at }) => at >= shift.onset).map(({ value }) => value)), 0.5);
  const more = now / baseline.median;
  return shift.before > 0 && more < DRIFT && shift.now / shift.before < MATERIAL * Math.max(1, more);
}

/** Whether the values of a series are parts of a whole, by its unit or name. */
const isShare = (signal: Signal): boolean => signal.meaning.isShare || /^(fraction|percent)/.test(shownUnit(signal) ?? "");

/** Factor from a traffic series to calls in one step: rates are per second, minute or hour by their words, all else counts. */
function callsPerStep(traffic: Signal): number {
  const tokens = metricTokens(traffic.series.metric);
  const step = typicalStep(traffic.series.points);
  const has = (...words: string[]): boolean => words.some((word) => tokens.includes(word));
  if (has("min", "minute", "rpm")) return step / 60_000;
  if (has("hour")) return step / 3_600_000;
  return has("ops", "rps", "qps", "tps", "sec", "second", "rate", "throughput") ? step / 1000 : 1;
}

function spreadLinear(points: readonly Point[]): number {
  const values = ascending(points.map((point) => point.value));
  return medianDistance(values, sortedQuantile(values, 0.5)) * 1.4826;
}

/** What the page itself speaks of; symptoms of the other kind weigh half. */
export function pagedKind(text: string): Burden["kind"] | null {
  const slow = /latenc|slow|duration|response time|p9\d|timeout/i.test(text);
  const failing = speaksOfFailures(text);
  return slow === failing ? null : slow ? "latency" : "errors";
}

/** Whether a page speaks of failures, be it of slowness too. */
export const speaksOfFailures = (text: string): boolean => /availab|error|5xx|fail|unavailable|exception/i.test(text);

/**
 * @returns the clues, and how sure it is (0..1) that the paged service itself spends or fails more than it used to
 *
 * Charges each service with the part of the paged symptom that is its own: the time it spends (or the calls it fails) more than it used to, less
 * what the services it calls spend (or fail) more. Absolute amounts, so that a call made rarely can't explain a page however much slower it is.
 */
export function contributionClues(
  signals: readonly Signal[],
  graph: CallGraph,
  paged: string,
  pageText: string,
  suspect: TimeWindow,
  page: number,
  earlier: readonly TimeWindow[],
  hasTraces: boolean,
): { readonly clues: Clue[]; readonly pagedMoved: number } {
  const sources = sourcesOf(signals);
  const wanted = pagedKind(pageText);
  const clues: Clue[] = [];
  let pagedMoved = 0;
  const reach = graph.distances(paged);
  for (const kind of ["latency", "errors"] as const) {
    const burdens = new Map<string, Burden>();
    for (const [service, one] of sources) {
      const burden = burdenOf(service, kind, one, suspect, page, earlier);
      if (burden !== null) burdens.set(service, burden);
    }
    if (burdens.size === 0) continue;
    const entry = burdens.get(paged);
    if (entry !== undefined) pagedMoved = Math.max(pagedMoved, entry.sure);
    const reachable = [...burdens.values()].filter((burden) => reach.has(burden.service));
    const largest = Math.max(...(reachable.length > 0 ? reachable : [...burdens.values()]).map((burden) => burden.now - burden.before));
    const whole = entry === undefined ? largest : Math.max(entry.now - entry.before, largest);
    for (const burden of burdens.values()) {
      const added = burden.now - burden.before;
      let below = 0;
      let measured = 0;
      const seen = new Set([burden.service]);
      for (const callee of graph.callees.get(burden.service) ?? []) {
        if (seen.has(callee)) continue;
        seen.add(callee);
        const read = sources.get(callee);
        if (read?.[kind] != null || (kind === "errors" && read?.availability != null)) measured += 1;
        const other = burdens.get(callee);
        if (other !== undefined && other.perCall === burden.perCall) below += other.now - other.before;
      }
      const own = Math.max(0, added - below);
      const share = whole > 0 ? Math.min(1, own / whole) : 0;
      const ownPart = added > 0 ? own / added : 0;
      const weight =
        saturating(share * ownPart, 0.3, 6.5) *
        burden.sure *
        (wanted === null || wanted === kind ? 1 : 0.5) *
        (burden.perCall ? 0.7 : 1) *
        (kind === "latency" && latencyRank(burden.signal) >= 2 ? 0.7 : 1);
      if (weight < 0.1) continue;
      const { series } = burden.signal;
      // With traces at hand, failures that no call below shows begin in the service's own code.
      const fault: FaultClass = kind === "errors" ? (hasTraces ? "code" : "error") : isStore(burden.service) ? "overload" : "latency";
      const raw = burden.signal.shift;
      // What is said by the levels of a series is dated as they are, wherever else they are shown.
      const onset = raw?.onset ?? burden.shift.onset;
      const each = burden.perCall ? "a call" : burden.stepMs === 60_000 ? "a minute" : `per ${duration(burden.stepMs)}`;
      const figures =
        raw !== null
          ? `${metricWords(series.metric)}${unitNote(burden.signal)} ${valueWords(burden.signal, raw.before)} → ${valueWords(burden.signal, raw.now)}`
          : kind === "errors"
            ? burden.perCall
              ? `failing ${figure(burden.before * 100)} % → ${figure(burden.now * 100)} % of calls`
              : `failed calls ${figure(burden.before)} → ${figure(burden.now)} ${each}`
            : latencyUnitMs(series.metric, series.unit) === null
              ? `time spent ${times(burden.now / burden.before)}`
              : burden.perCall
                ? `time spent ${duration(burden.before)} → ${duration(burden.now)} a call`
                : // The time of all calls in some time is how many are in progress at once (Little's law).
                  `${metricWords(series.metric)} times its rate ${figure(burden.before / burden.stepMs)} → ${figure(burden.now / burden.stepMs)} in progress on average`;
      clues.push({
        service: burden.service,
        instance: null,
        fault,
        family: kind,
        code: "carries-trouble",
        about: [metricWords(series.metric)],
        ...(raw === null ? {} : { same: stepOf(burden.signal, onset) }),
        stepMs: burden.stepMs,
        weight,
        own: ownPart,
        onset,
        text:
          `${figures} at ${clockTime(onset)}` +
          // Of callees that nobody measured nothing is said.
          (measured === 0
            ? ""
            : ownPart > 0.95
              ? ", not explained by its dependencies"
              : `, ${figure(ownPart * 100)} % of it not explained by its dependencies`) +
          (entry === undefined || burden === entry || !reach.has(burden.service)
            ? ""
            : `; ${partWords(added / Math.max(entry.now - entry.before, 1e-9), kind, paged)}`),
        evidence: [series.evidence],
        quote: null,
      });
    }
  }
  return { clues, pagedMoved };
}

/** How much of what the paged service lost a service below it accounts for. */
function partWords(share: number, kind: "errors" | "latency", paged: string): string {
  const what = kind === "errors" ? "failures" : "time";
  return share >= 0.95
    ? `accounts for all added ${what} of ${paged}`
    : `accounts for ${figure(share * 100)} % of the added ${what} of ${paged}`;
}
