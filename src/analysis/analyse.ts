import { typicalStep } from "./baseline.ts";
import type { Analysis, Elsewhere, RuledOut, Suspect } from "../incident/finding.ts";
import type { Footprint } from "../incident/footprint.ts";
import type { ChangeEvent, Telemetry } from "../incident/telemetry.ts";
import { clockTime } from "../report/words.ts";
import { type CallGraph, haveNoWay } from "./call-graph.ts";
import { causeOf } from "./cause.ts";
import { mostSure } from "./certainty.ts";
import { describe, judgeChanges, type JudgedChange } from "./change.ts";
import type { Involved } from "./change-link.ts";
import { digestOf } from "./digest.ts";
import { isTrouble } from "./log-trouble.ts";
import { looksNormal } from "./normal.ts";
import { footprintOf } from "./footprint.ts";
import { type Reading, readTelemetry } from "./reading.ts";
import type { Signal } from "./signal.ts";
import { type Candidate, datedAfter, probabilities, rankCandidates, toSuspects } from "./suspect.ts";
import { metricsNamedIn } from "./named-metric.ts";
import { symptomsOf } from "./symptom.ts";
import { attribute, failsSince, hasOwnCause, isOnlyCaller, isOnlyWay, mayBeBelow, showsEffectsAlone, withDark } from "./attribution.ts";
import { type Alike, alike, mayBeShared } from "./shared-layer.ts";
import { asOf, recoveredSince, toRecovered } from "./recovery.ts";
import { pagedKind } from "./contribution.ts";
import { finish, type Steps } from "./turns.ts";
import { decideVerdict, FAIR, LEAST_LEAD } from "./verdict.ts";
import { duration } from "./words.ts";

/**
 * What the data alone say about an incident: whether there is one, since when, who is to blame and why, who is not. Pure: the same telemetry
 * gives the same analysis whatever the order of its rows.
 */
export function analyse(telemetry: Telemetry): Analysis {
  return finish(weigh(telemetry)).analysis;
}

/** What analysis says, and what it says it from. */
export interface Analysed {
  readonly analysis: Analysis;
  /** For a model: see {@link digestOf}. */
  readonly digest: string;
  /** By what another page is recognised as the same trouble. */
  readonly footprint: Footprint;
}

/** As {@link analyse} and with the digest, giving way to other work (`yieldNow`) between all steps, of a few milliseconds each. */
export async function analyseInTurns(telemetry: Telemetry, yieldNow: () => Promise<void>): Promise<Analysed> {
  const steps = weigh(telemetry);
  for (;;) {
    const step = steps.next();
    await yieldNow();
    if (step.done !== true) continue;
    const { read, analysis, footprint } = step.value;
    return { analysis, footprint, digest: digestOf(read, analysis) };
  }
}

/** @param isPast the telemetry ends before the page's present, so whether it is over is not asked */
export function* weigh(given: Telemetry, isPast = false): Steps<{ read: Reading; analysis: Analysis; footprint: Footprint }> {
  const read = yield* readTelemetry(given);
  const { telemetry, graph, paged, signals, traces, patterns, clues, innocent, bounded, alarms, held } = read;
  const { page } = telemetry;
  yield;
  const ranked = rankCandidates(clues, graph, paged);
  const { linked, elsewhere, isBlind } = attribute(ranked, graph, paged);
  const since = isPast ? null : recoveredSince(read, linked, pagedKind(`${page.title} ${page.details}`));
  if (since !== null) {
    // Of what is over the end shows most: the same data as they were then say what was wrong, and why.
    const past = yield* weigh(asOf(given, since), true);
    if (past.analysis.verdict === "incident") return { read, analysis: toRecovered(past.analysis, read, since), footprint: past.footprint };
  }
  const layer = alike(ranked, graph, read.measured, signals);
  const together = layer !== null && isOnWay(layer, graph, paged) ? layer : null;
  const isDark = linked[0] !== undefined && mayBeBelow(linked[0], graph, read.measured);
  const isBelow =
    isDark || (linked[0] !== undefined && (isOnlyWay(linked[0], elsewhere, read.measured) || mayBeShared(linked[0], linked, elsewhere)));
  let candidates = isDark ? withDark(linked, graph, read.measured, telemetry.changes) : linked;
  yield;
  // What was not read may clear the first suspect, and may show an onset of which nothing is known.
  const isPartial = (given.unread ?? []).length > 0;
  const isOneOfTwo = linked.slice(1).some((candidate) => hasOwnCause(candidate));
  const [top] = candidates;
  const symptoms = symptomsOf(
    signals,
    paged,
    alarms,
    held,
    telemetry.earlierIncidents,
    read.claim.tags,
    metricsNamedIn(`${page.title} ${page.details}`),
  );
  const ruledOut: RuledOut[] = [...innocent];
  const unproven: RuledOut[] = [];
  let guilty: JudgedChange | null = null;
  let guiltyShare = 0;
  if (telemetry.changes.length > 0) {
    const first = earliestOnset(candidates, paged) ?? page.at;
    // Of two causes each has an onset of its own: what came after the one may have begun the other.
    const firm = isPartial || isOneOfTwo ? null : firmOnset(signals, paged, top?.service ?? null);
    const shifted = signals.filter((signal) => signal.shift !== null);
    const quotes = patterns
      .filter((pattern) => isTrouble(pattern.severity, pattern.quote))
      .slice(0, 50)
      .map((pattern) => pattern.quote);
    const metrics = shifted.slice(0, 50).map((signal) => signal.series.metric);
    const pageText = `${page.title} ${page.details}`;
    const withoutNames = nameRemover(telemetry.services, [pageText, ...quotes, ...metrics]);
    const reading = judgeChanges(
      telemetry.changes,
      { first, slackMs: top !== undefined && top.onset === first ? top.slackMs : 0, firm },
      page.at,
      involvedIn(candidates, paged, [pageText, ...quotes]),
      {
        texts: [
          { text: withoutNames(pageText), weight: 1 },
          ...quotes.map((quote) => ({ text: withoutNames(quote), weight: 0.8 })),
          ...metrics.map((metric) => ({ text: withoutNames(metric), weight: 0.6 })),
        ],
        steps: shifted.map((signal) => ({ before: signal.shift?.before ?? 0, now: signal.shift?.now ?? 0 })),
      },
      graph,
    );
    ruledOut.push(...reading.ruledOut);
    unproven.push(...reading.late);
    const [best, second] = reading.judged;
    if (best !== undefined && mayBeginIt(best, top ?? null, graph) && isSure(best, second)) {
      // What its suspect shows most must have begun after it. Then that dates the trouble, and not an earlier wobble.
      const dated = top === undefined ? null : datedAfter(top, best.change.at);
      if (dated !== null) {
        candidates = [dated, ...candidates.slice(1)];
        guilty = best;
        guiltyShare = Math.min(1, (best.weight - GUILTY + 1) / 4);
      }
    }
    for (const judged of reading.judged.slice(0, 10)) {
      if (judged !== guilty) unproven.push({ what: describe(judged.change), why: judged.weak, evidence: [judged.change.evidence] });
    }
  }
  const first = candidates[0]?.onset ?? null;
  const onset = first === null ? null : Math.round(first);
  const hasHistory = signals.some((signal) => signal.service === paged && !signal.borrowed) || traces.tracesBefore >= 5;
  const isCaller = top !== undefined && isOnlyCaller(top, graph, paged);
  const isSeenAlone = top?.service === paged && guilty === null && showsEffectsAlone(top);
  const most = mostSure({ isPartial, isBlind, isBelow, isCaller, isThin: (top?.score ?? 0) < FAIR, isOneOfTwo, isSeenAlone, together });
  const open = toSuspects(candidates, guilty, guiltyShare, most);
  const verdict = decideVerdict({ read, symptoms, candidates, suspects: open, hasHistory, together });
  const isIncident = verdict.verdict === "incident";
  const suspects = (isIncident ? toSuspects(candidates, guilty, guiltyShare, most, true) : open).map((suspect) => {
    const cause = causeOf(suspect);
    return cause === null ? suspect : { ...suspect, cause };
  });
  const calm = verdict.verdict === "nothing-wrong";
  const blamed = calm ? null : (suspects[0] ?? null);
  const analysis: Analysis = {
    ...verdict,
    ...equalPages(given),
    ...(together === null || !isIncident ? {} : { together: together.services }),
    onset: calm ? null : onset,
    symptoms: calm ? [] : symptoms,
    // A lead is no culprit, so no change is to blame for it.
    suspects: calm ? leads(toSuspects(candidates, null, 0, most)) : suspects,
    ruledOut,
    unproven,
    elsewhere: elsewhere.map((one) => withChangeBefore(one, telemetry.changes, graph)),
    asUsual: looksNormal(
      signals,
      blamed === null ? [paged] : [blamed.service, paged],
      bounded,
      blamed === null ? null : { ...blamed, texts: blamed.reasons.flatMap(({ about, quote }) => [...(about ?? []), quote ?? ""]) },
      held?.signal ?? null,
      telemetry.window.from,
      telemetry.window.to,
    ),
    consequences: calm ? [] : consequencesOf(candidates, signals, onset),
  };
  yield;
  return { read, analysis, footprint: footprintOf(read, analysis, layer) };
}

/** Whether enough speaks for a change, and clearly more than for the next one. */
const isSure = ({ weight }: JudgedChange, second: JudgedChange | undefined): boolean =>
  weight >= SURELY_GUILTY || (weight >= GUILTY && weight - (second?.weight ?? -Infinity) >= APART);

/** What services share is what a page is about where its own is one of them, or one that it calls is. */
function isOnWay({ services }: Alike, graph: CallGraph, paged: string): boolean {
  const below = graph.distances(paged);
  return graph.edges === 0 || services.some((service) => below.has(service));
}

/**
 * Whether a change may have begun the trouble of a suspect. What another service deployed must speak of what broke, for its time alone says nothing of
 * this one; and words alone do not lead from one service to another between which no call leads. So must one on a service that is asked for more than
 * before, for no deploy of its own does that.
 */
function mayBeginIt({ service, speaks }: JudgedChange, top: Candidate | null, graph: CallGraph): boolean {
  const isApart = service !== null && top !== null && haveNoWay(graph, service, top.service);
  return (speaks && !isApart) || ((service === null || service === top?.service) && !isAskedForMore(top));
}

/** Services that moved later, and because of the first. */
const consequencesOf = (candidates: readonly Candidate[], signals: readonly Signal[], onset: number | null): Analysis["consequences"] =>
  candidates
    .slice(1)
    .filter((candidate) => candidate.onset !== null && candidate.explained >= 0.3)
    // What moved a step of the data or more before the cause did is none of its consequences.
    .filter((candidate) => onset !== null && (candidate.onset ?? 0) > onset - stepOf(signals, candidate.service))
    .slice(0, 8)
    .map((candidate) => ({ service: candidate.service, onset: Math.round(candidate.onset ?? 0) }));

/** Which page of the same alert this one is. */
function equalPages({ equalPages: before = [] }: Telemetry): Pick<Analysis, "equalPages"> {
  const times = new Set(before);
  return times.size === 0 ? {} : { equalPages: { count: times.size + 1, since: Math.min(...times) } };
}

/** The coarsest step of the series in which a service was seen to move, milliseconds: onsets are known no better. */
function stepOf(signals: readonly Signal[], service: string): number {
  const steps = signals
    .filter((signal) => signal.service === service && signal.shift !== null)
    .map(({ series }) => typicalStep(series.points));
  return Math.max(60_000, ...steps);
}

/** What left its usual range while nothing is wrong. An error as old as the hills did not. */
const leads = (suspects: readonly Suspect[]) => suspects.filter(({ onset, probability }) => onset !== null && probability >= LEAST_LEAD);

/**
 * From this weight on a change is blamed. One that went live on the suspect's own service minutes before weighs 4 to 4.5 by that alone: chance puts a
 * deploy there once in some thirty times. A diff that looks harmless, or a service that shows less, takes it below.
 */
const GUILTY = 3.9;
/** Most incidents follow their change within minutes. */
const SHORTLY_MS = 10 * 60_000;
/** So much needs no distance from the next one. */
const SURELY_GUILTY = 5.5;
/** Two changes closer than this are both possible, so none of them is blamed. */
const APART = 0.8;

/** Weight for the place of a change on the first suspect; on others by how likely they are, at least that of one that shows trouble. */
const PLACE = 1.5;
const PLACE_BESIDE = 1;
const SHOWS_TROUBLE = 0.5;

function involvedIn(candidates: readonly Candidate[], paged: string, texts: readonly string[]): Involved {
  const [top] = candidates;
  const shown = candidates.slice(0, 8);
  const chances = probabilities(shown.map(({ score }) => score));
  const places = new Map(
    shown.map(({ service }, index) => [
      service,
      index === 0
        ? PLACE
        : Math.max(SHOWS_TROUBLE, PLACE_BESIDE + 0.5 * Math.log(Math.max(1e-9, chances[index] ?? 0) / Math.max(1e-9, chances[0] ?? 1))),
    ]),
  );
  places.set(paged, Math.max(places.get(paged) ?? 0, 0.5));
  // Events and errors of the suspect report trouble as log lines do. That a line is new does not make it one: a service says which version starts.
  const ofClues = (top?.clues ?? []).flatMap(({ family, code, quote, text }) =>
    family === "event" || code === "error-new" ? [quote ?? text] : [],
  );
  const failing = new Map(
    shown.slice(1).flatMap((one) => {
      const at = failsSince(one);
      return at === null ? [] : [[one.service, at] as const];
    }),
  );
  const newest = new Map(
    shown.flatMap(({ service, clues }) => {
      const begins = clues.flatMap(({ onset, isOlder }) => (onset === null || isOlder === true ? [] : [onset]));
      return begins.length === 0 ? [] : [[service, Math.max(...begins)] as const];
    }),
  );
  return { places, failing, newest, suspect: top ?? null, texts: [...texts, ...ofClues] };
}

/** A change of a second cause's own service minutes before: chance puts one there once in some thirty times. */
function withChangeBefore(one: Elsewhere, changes: readonly ChangeEvent[], graph: CallGraph): Elsewhere {
  const { since, service, isLinked } = one;
  if (isLinked !== true || since === null) return one;
  const change = changes.findLast(
    ({ at, kind, service: of }) =>
      kind !== "commit" &&
      kind !== "pull-request" &&
      of !== null &&
      graph.canonical(of) === service &&
      at <= since &&
      since - at <= SHORTLY_MS,
  );
  return change === undefined
    ? one
    : {
        ...one,
        why: `${one.why}; ${describe(change)} went live at ${clockTime(change.at)}, ${duration(since - change.at)} before`,
        evidence: [...one.evidence, change.evidence],
      };
}

/** Weight of a rise in requests from which on it explains trouble by itself. */
const MORE = 0.5;

const isAskedForMore = (top: Candidate | null): boolean =>
  top?.clues.some(({ family, weight }) => family === "traffic" && weight >= MORE) === true;

/** When the first of the services that matter left its usual range: changes after that are no cause. */
function earliestOnset(candidates: readonly Candidate[], paged: string): number | null {
  const top = candidates[0]?.score ?? 0;
  let first: number | null = null;
  for (const candidate of candidates.slice(0, 5)) {
    if (candidate.onset === null || (candidate.service !== paged && candidate.score < 0.3 * top)) continue;
    first = Math.min(first ?? Infinity, candidate.onset);
  }
  return first;
}

/** Of a growing signal this share of its rise must be there before it is beyond doubt. */
const FIRM_SHARE = 0.5;

/**
 * When both the paged service and the first suspect were in trouble beyond doubt: the later of their onsets, each where half of the rise was there,
 * so that an early wobble dates nothing. null: one of them was never seen to leave its range.
 */
function firmOnset(signals: readonly Signal[], paged: string, suspect: string | null): number | null {
  const of = (service: string): number | null => {
    const times = signals.flatMap(({ service: own, shift, series, meaning }) => {
      const isSymptom = meaning.kind === "latency" || meaning.kind === "errors" || meaning.kind === "availability";
      if (own !== service || shift === null || shift.healthyUntil === null || shift.points < 2) return [];
      if (service === paged && !isSymptom) return [];
      const half = shift.before + FIRM_SHARE * (shift.now - shift.before);
      const rises = shift.now > shift.before;
      const at = series.points.find((point) => point.at >= shift.onset && (rises ? point.value >= half : point.value <= half))?.at;
      return at === undefined ? [] : [at];
    });
    return times.length === 0 ? null : Math.max(...times);
  };
  const shown = of(paged);
  const own = suspect === null || suspect === paged ? shown : of(suspect);
  return shown === null || own === null ? null : Math.max(shown, own);
}

/** Takes service names out of some texts: that both a diff and an error name their own service says nothing. */
function nameRemover(services: readonly string[], texts: readonly string[]): (text: string) => string {
  const all = texts.map((text) => text.slice(0, 2000).toLowerCase()).join("\n");
  const names = services
    .filter((service) => service !== "" && all.includes(service.toLowerCase()))
    .map((service) => RegExp.escape(service));
  if (names.length === 0) return (text) => text;
  const pattern = new RegExp(names.toSorted((a, b) => b.length - a.length).join("|"), "gi");
  return (text) => text.slice(0, 2000).replaceAll(pattern, " ");
}
