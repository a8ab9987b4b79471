import { type AfterRollback, type Belief, type Course, HOME_MS, type Level, undoneAt } from "../incident/belief.ts";
import { LIKELY } from "../incident/confidence.ts";
import { type Analysis, culpritOf } from "../incident/finding.ts";
import { type DataKind, type Point, seriesName, type Telemetry, type TimeWindow } from "../incident/telemetry.ts";
import { weigh } from "./analyse.ts";
import { deviation } from "./baseline.ts";
import { excessOf, FEWEST_POINTS, isAway, isSettled, middle, type Own, signalsOf } from "./felt.ts";
import { LOOKBACK_MS } from "./period.ts";
import type { Reading } from "./reading.ts";
import type { Steps } from "./turns.ts";
import { endedAway } from "./stale.ts";
import { metricWords } from "./words.ts";

/** A rollback after which less than half is left took away most of it. */
const MOST_GONE = 0.5;
/** What is left after it is steady at this share of what it was, and long enough after it. */
const STEADY = 0.8;
const RESTS_AFTER_MS = 10 * 60_000;
/** Points out of range from which on a service that was back is in trouble again. */
const ENOUGH_AGAIN = 5;
/** Half as much again over the usual level is worse; less is how trouble wavers. */
const WORSE = 1.5;
/** A step may be summed up to its end: the first after a rollback holds both. */
const SETTLING_MS = 60_000;
/** Less than how long before a page trouble may be over and still be what it is about: see `excursion.ts`. */
const LATE_PAGE_MS = 12 * 60_000;

/**
 * How an incident went on: all of it is weighed again as if its page came now, against the quiet time before its first page.
 * @param telemetry from the first page's quiet time up to now; `page.at` is the first page's
 */
export function* courseOf(given: Telemetry, belief: Belief): Steps<Course> {
  const telemetry = withCounts(given, belief);
  const { to } = telemetry.window;
  const { read, analysis } = yield* weigh(asOfPage(telemetry, to));
  const onset = belief.onset ?? telemetry.window.from;
  const own = signalsOf(read, read.paged, onset);
  const undone = belief.change === null ? null : undoneAt(belief.change, telemetry.changes);
  const rollback = undone === null ? null : afterRollback(read, own, belief, onset, undone, to);
  const helped = rollback !== null && (rollback.isSuspectHome || rollback.restSince !== null);
  const first = belief.recoveredAt ?? (helped ? undone : overBetween(own, belief));
  // What rose after the rollback is another trouble only where the data blame another place.
  const rose = first === null && rollback !== null && rollback.points >= FEWEST_POINTS && rollback.most >= WORSE;
  const over = rose ? undone : first;
  const isOut = own.some(({ signal }) => signal.shift !== null);
  const found = new Set(read.signals.map(({ series }) => seriesName(series)));
  const isRead = !proofOf(belief).some((kind) => telemetry.unread?.includes(kind) === true);
  const proves =
    isRead &&
    own.every(({ signal }) => !endedAway(signal, to)) &&
    belief.series.every((name) => found.has(name)) &&
    !isNamedOut(read, belief);
  const recoveredAt = proves
    ? (recoveryOf(analysis) ?? (isOut || belief.recoveredAt !== null ? null : yield* earlierRecovery(telemetry, onset)))
    : null;
  let second: Course["second"] = null;
  if (over !== null && recoveredAt === null && (isOut || rollback?.isSuspectHome === true || belief.recoveredAt !== null)) {
    const { read: left, analysis: later } = yield* weigh(since(telemetry, { from: Math.min(onset, telemetry.window.from), to: over }));
    const candidate = secondOf(later, own, {
      ...{ over: Math.max(over, onset), suspect: belief.suspect },
      restSince: belief.recoveredAt === null ? (rollback?.restSince ?? null) : null,
    });
    // Where the page's own signals are well, only another place that is likely is worth a word.
    const isFelt = isOut || signalsOf(left, left.paged, over).some(({ signal }) => signal.shift !== null);
    second =
      (isFelt && !rose) || (candidate !== null && candidate.probability >= LIKELY && candidate.service !== belief.suspect)
        ? candidate
        : null;
  }
  return {
    asOf: to,
    stepMs: Math.max(0, ...own.map(({ stepMs }) => stepMs)),
    ...{ recoveredAt, isSettled: recoveredAt !== null && isSettled(own, recoveredAt, HOME_MS) },
    ...{ isOut, rollback, second, isOver: over !== null },
    worse: worst(own, belief),
    evidence: [...new Set(own.map(({ signal }) => signal.series.evidence))],
  };
}

/** Level that counts as out of the usual range at first: see `onset.ts`. */
const CLEARLY_AWAY = 3.5;

/** Whether anything that the finding names is out yet: what showed the trouble, and what of the suspect was out at first, be it full or slow. */
function isNamedOut({ signals, graph }: Reading, { series, suspect, asOf }: Belief): boolean {
  const blamed = suspect === null ? null : graph.canonical(suspect);
  return signals.some((signal) => {
    if (signal.shift === null || signal.meaning.worse === null) return false;
    if (series.includes(seriesName(signal.series))) return true;
    const first = signal.series.points.filter(({ at }) => at < asOf).slice(-FEWEST_POINTS);
    return signal.service === blamed && !signal.borrowed && Math.abs(deviation(signal.baseline, middle(first))) >= CLEARLY_AWAY;
  });
}

/** What must have been read to call trouble over: what was not read may be what is still bad. */
const proofOf = ({ series }: Belief): readonly DataKind[] => (series.length > 0 ? ["metrics"] : ["metrics", "logs", "traces"]);

/** Error lines and failing spans in the place of a metric of failures, where a service has none or the trouble shows in no metric. */
function withCounts(telemetry: Telemetry, belief: Belief): Telemetry {
  const { series, counts = [] } = telemetry;
  const measured = new Set(series.flatMap(({ service, kind }) => (kind === "errors" || kind === "availability" ? [service] : [])));
  const missing = counts.filter(({ service }) => belief.series.length === 0 || !measured.has(service));
  return missing.length === 0 ? telemetry : { ...telemetry, series: [...series, ...missing] };
}

/** What is over for longer than a page is late shows as of a page that came then. */
function* earlierRecovery(telemetry: Telemetry, onset: number): Steps<number | null> {
  const { to } = telemetry.window;
  for (let at = to - LATE_PAGE_MS; at >= Math.max(onset, to - LOOKBACK_MS); at -= LATE_PAGE_MS) {
    const found = recoveryOf((yield* weigh(asOfPage(telemetry, at))).analysis);
    if (found !== null) return found;
  }
  return null;
}

/** Trouble after the first was over: by its cause, or where that is open by the page's own signals. */
function secondOf(
  later: Analysis,
  own: readonly Own[],
  { over, suspect, restSince }: { over: number; suspect: string | null; restSince: number | null },
): Course["second"] {
  const culprit = culpritOf(later);
  const again = own.flatMap((one) => againSince(one, over) ?? []);
  const isAgain = again.length > 0;
  const isLikely = culprit !== null && culprit.probability >= LIKELY && culprit.service !== suspect;
  if (!isAgain && restSince !== null && !isLikely) return { service: null, probability: 0, onset: restSince, isRest: true };
  if (culprit !== null && later.onset !== null)
    return {
      ...{ service: culprit.service, probability: culprit.probability, onset: isAgain && !isLikely ? Math.min(...again) : later.onset },
      ...(isAgain ? { isAgain: true } : {}),
    };
  return isAgain ? { service: null, probability: 0, onset: Math.min(...again), isAgain: true } : null;
}

/** Since when a signal that was back for some points is out again, for more than a few; null: it is not, or it never was back. */
function againSince(one: Own, over: number): number | null {
  let start = 0;
  let home = 0;
  for (const [index, point] of one.points.entries()) {
    home = isAway(one, [point]) ? 0 : home + 1;
    if (home >= FEWEST_POINTS) start = index + 1;
  }
  const out = one.points.slice(start).filter((point, index, rest) => rest.slice(0, index + 1).some((earlier) => isAway(one, [earlier])));
  const [first] = out;
  const isOut = start > 0 && one.signal.shift !== null && out.length >= ENOUGH_AGAIN && isAway(one, out);
  return isOut && first !== undefined && first.at >= over + one.stepMs ? first.at : null;
}

const recoveryOf = ({ verdict, recoveredAt }: Analysis): number | null => (verdict === "recovered" ? (recoveredAt ?? null) : null);

/** The same telemetry as if the page came then. Trouble that is further back than what is looked at stays out of the quiet time. */
function asOfPage(telemetry: Telemetry, at: number): Telemetry {
  const { page, window, earlierIncidents } = telemetry;
  const from = at - LOOKBACK_MS;
  return {
    ...telemetry,
    page: { ...page, at },
    earlierIncidents: from <= window.from ? earlierIncidents : [...earlierIncidents, { from: window.from, to: from }],
  };
}

/** The same telemetry as if the page came at its end, without what a first fault left in it. */
function since(telemetry: Telemetry, first: TimeWindow): Telemetry {
  const now = asOfPage(telemetry, telemetry.window.to);
  const isLeft = (at: number) => at < first.from || at >= first.to;
  return {
    ...now,
    window: { from: Math.max(first.to, telemetry.window.from), to: telemetry.window.to },
    earlierIncidents: [...now.earlierIncidents, first],
    logs: telemetry.logs.filter(({ at }) => isLeft(at)),
    spans: telemetry.spans.filter(({ start }) => isLeft(start)),
    events: telemetry.events.filter(({ at }) => isLeft(at)),
    series: telemetry.series.map((one) => ({ ...one, points: one.points.filter(({ at }) => isLeft(at)) })),
    statements: [],
    sessions: [],
  };
}

/** When all that was out at first was back, for long enough to call it over, before what is out now: two looks may be far apart. */
function overBetween(own: readonly Own[], belief: Belief): number | null {
  const out = own.filter((one) => isAway(one, one.points.filter(({ at }) => at < belief.asOf).slice(-FEWEST_POINTS)));
  const starts = out.map((one) => {
    let start: number | null = null;
    let count = 0;
    for (const point of one.points) {
      if (point.at < belief.asOf || isAway(one, [point])) {
        start = null;
        count = 0;
        continue;
      }
      start ??= point.at;
      count += 1;
      if (count >= FEWEST_POINTS && point.at - start >= HOME_MS) return start;
    }
    return null;
  });
  return starts.length === 0 || starts.includes(null) ? null : Math.max(...starts.map((start) => start ?? 0));
}

/** Whether a signal was back for some points on end, whatever it is now. */
const wasHome = (one: Own, points: readonly Point[]) =>
  points.some((_, index) => {
    const some = points.slice(index, index + FEWEST_POINTS);
    return some.length === FEWEST_POINTS && some.every((point) => !isAway(one, [point]));
  });

function afterRollback(read: Reading, own: readonly Own[], belief: Belief, onset: number, at: number, to: number): AfterRollback {
  const before = ({ points }: Own) => points.filter((point) => point.at < at);
  const after = ({ points, stepMs }: Own) => points.filter((point) => point.at >= at + Math.max(stepMs, SETTLING_MS));
  const mine =
    belief.suspect === null ? [] : signalsOf(read, read.graph.canonical(belief.suspect), onset).filter((one) => isAway(one, before(one)));
  const shown = own.filter((one) => isAway(one, before(one)));
  // Where the page's own signals hardly show it, the suspect's do.
  const out = shown.length > 0 ? shown : mine;
  // What it was right before: trouble that grew or shrank by then is not what the rollback changed.
  const shares = out
    .map((one) => excessOf(one.signal, middle(after(one))) / excessOf(one.signal, middle(before(one).slice(-ENOUGH_AGAIN))))
    .map((share) => (Number.isFinite(share) ? share : 0));
  const isMineHome =
    mine.length > 0 && mine.every((one) => after(one).length >= FEWEST_POINTS && !isAway(one, after(one)) && one.signal.shift === null);
  // What only began after it rose from nothing.
  const isNew = out.length === 0 && own.some(({ signal: { shift } }) => shift !== null && shift.onset >= at);
  const rows = out.length > 0 ? out : isNew ? own : [];
  return {
    ...{ at, forMs: to - at },
    points: rows.length === 0 ? 0 : Math.min(...rows.map((one) => after(one).length)),
    left: out.length === 0 ? 0 : Math.min(...shares),
    most: isNew ? Infinity : Math.max(0, ...shares),
    restSince: to - at < RESTS_AFTER_MS ? null : restOf(shown, after, (index) => isMineHome || (shares[index] ?? 1) <= MOST_GONE),
    isSuspectHome: isMineHome || (out.length > 0 && out.every((one) => wasHome(one, after(one)))),
  };
}

/** Since when a signal is out without getting better although the rollback helped; null: none is. */
function restOf(shown: readonly Own[], after: (one: Own) => readonly Point[], hasHelped: (index: number) => boolean): number | null {
  const found = shown.flatMap((one, index) => {
    const points = after(one);
    const half = Math.floor(points.length / 2);
    const [early, late] = [points.slice(0, -half), points.slice(-half)];
    if (one.signal.shift === null || !hasHelped(index) || half < FEWEST_POINTS) return [];
    if (!late.every((point) => isAway(one, [point]))) return [];
    // Queues drain and caches fill: what falls yet may be over soon.
    const isFalling = excessOf(one.signal, middle(late)) < STEADY * excessOf(one.signal, middle(early));
    const last = points.findLast((point) => !isAway(one, [point]))?.at ?? -Infinity;
    return isFalling ? [] : (points.find(({ at }) => at > last)?.at ?? []);
  });
  return found.length === 0 ? null : Math.min(...found);
}

/** The level that rose furthest over what was said: all its newest points are beyond all that it showed then. */
function worst(own: readonly Own[], belief: Belief): Level | null {
  const found = own.flatMap((one) => {
    const { signal, points } = one;
    if (signal.shift === null) return [];
    // A first reading minutes after the onset has few points.
    const then = points.filter(({ at }, index) => at < belief.asOf || index < FEWEST_POINTS);
    const now = points.slice(Math.max(then.length, points.length - FEWEST_POINTS));
    if (now.length < FEWEST_POINTS || !isAway(one, then.slice(-FEWEST_POINTS))) return [];
    const most = Math.max(...then.map(({ value }) => excessOf(signal, value)));
    const isBeyond = ({ value }: Point) => excessOf(signal, value) > most;
    const times = excessOf(signal, middle(now)) / excessOf(signal, middle(then.slice(-FEWEST_POINTS)));
    if (!now.every(isBeyond) || times < WORSE) return [];
    const last = points.findLast((point) => !isBeyond(point))?.at ?? belief.asOf;
    const { service, series } = signal;
    const what = metricWords(series.metric, series.tags);
    const level: Level = {
      ...{ service, what, unit: series.unit, was: middle(then.slice(-FEWEST_POINTS)), now: middle(now) },
      ...{ since: points.find(({ at }) => at > last)?.at ?? last, evidence: series.evidence },
    };
    return [{ times, level }];
  });
  return found.toSorted((a, b) => b.times - a.times)[0]?.level ?? null;
}
