import type { Analysis } from "../incident/finding.ts";
import { culpritOf } from "../incident/finding.ts";
import type { EndOfTrouble, Footprint } from "../incident/footprint.ts";
import type { SignalKind } from "../incident/telemetry.ts";
import type { Alike } from "./shared-layer.ts";
import type { CallGraph } from "./call-graph.ts";
import { deviation, median, typicalStep } from "./baseline.ts";
import type { Clue, ClueFamily } from "./clue.ts";
import { isSymptom } from "./excursion.ts";
import { isTrouble } from "./log-trouble.ts";
import type { Reading } from "./reading.ts";
import { certainty, type Signal } from "./signal.ts";
import { type Candidate, probabilities, rankCandidates } from "./suspect.ts";
import { MOVED } from "./wellness.ts";

/** Of a storm in a large system: the rest moved least. */
const MOST_MOVED = 200;
const MOST_ENDS = 5;
/** Less is chance. */
const LEAST_END = 0.02;
const MOST_CULPRITS = 3;
/** Evidence of about 2 to 1, from which on a clue alone shows that a service left its usual range. */
const FAIR = 0.8;

/** What callers feel; levels and lines of log come after. */
const FELT: ReadonlySet<SignalKind> = new Set(["errors", "availability", "latency"]);
const KIND_OF: Readonly<Partial<Record<ClueFamily, SignalKind>>> = {
  ...{ latency: "latency", "own-time": "latency", gap: "latency", errors: "errors", origin: "errors", log: "errors" },
  ...{ saturation: "saturation", sessions: "saturation", statement: "latency", traffic: "traffic", event: "other", shape: "other" },
};

/** An own cause sets a service apart from others that fail alike, unless most of them have it too. */
const OWN_CAUSES: ReadonlySet<ClueFamily> = new Set(["saturation", "statement", "sessions", "event", "shape", "gap"]);
const FEWEST_ALIKE = 3;
/** From this share on a service's failures are its own. */
const OWN = 0.6;
/** A new line of this weight says little by itself, and something where others log it too. */
const HINT = 0.4;
/** Evidence of about 3 to 1 for a cause of its own. */
const TELLING = 1.2;
/** Lines at which a new one is as likely as not more than chance. */
const FEW_LINES = 4;

interface Seen {
  readonly kind: SignalKind;
  readonly since: number;
  /** 0..1 */
  readonly sure: number;
}

/**
 * The footprint of a reading: every service that left its usual range, since when, how, and where its trouble ends. The end is what speaks most for
 * being the cause among all that the service's calls lead to by way of services that moved too. Who was paged does not matter.
 */
export function footprintOf(read: Reading, analysis: Analysis, together: Alike | null): Footprint {
  const { graph, clues, signals, telemetry, measured } = read;
  // Without a paged service: each service's end is looked for from its own side.
  const ranked = rankCandidates(clues, graph, "");
  const seen = seenOf(read, ranked, analysis.onset);
  const scores = new Map(ranked.map(({ service, score }) => [service, score]));
  const outside = outsideCalls(ranked);
  const isOnWay = (service: string) => seen.has(service) || !measured.has(service);
  const stepMs = signals.reduce((step, { shift, series }) => (shift === null ? step : Math.max(step, typicalStep(series.points))), 0);
  const dated = [...seen]
    .map(([service, all]) => datedOf(service, all))
    .toSorted((a, b) => b.sure - a.sure || (a.service < b.service ? -1 : 1));
  const causes = new Map(dated.map((one) => [one.service, one]));
  const scoreFor = (effect: Dated) => (service: string) => {
    const score = scores.get(service);
    const cause = causes.get(service);
    return score === undefined || cause === undefined ? score : score - misfit(effect, cause, stepMs);
  };
  const culprit = culpritOf(analysis);
  const blamed = analysis.verdict === "incident" || analysis.verdict === "recovered" ? analysis.suspects : [];
  return {
    asOf: telemetry.window.to,
    service: read.paged,
    onset: analysis.onset,
    stepMs,
    moved: dated.slice(0, MOST_MOVED).map((one) => ({
      ...{ service: one.service, since: one.since, fails: one.fails, kinds: one.kinds },
      ends: endsOf(one, graph, outside, scoreFor(one), isOnWay),
    })),
    alike: together === null ? [] : layerOf(together, ranked, stepMs),
    culprits: blamed.slice(0, MOST_CULPRITS).map(({ service, probability, change }, index) => ({
      ...{ service, probability },
      change:
        change === null || (index === 0 && culprit === null)
          ? null
          : { service: change.service, sha: change.sha, version: change.version, at: change.at },
    })),
    ...(telemetry.relatedPages?.length ? { related: telemetry.relatedPages.map(({ id }) => id) } : {}),
  };
}

/** A service with the onset of what its callers feel, where that moved. */
function datedOf(service: string, all: readonly Seen[]): Dated & { readonly sure: number; readonly kinds: readonly SignalKind[] } {
  const felt = all.filter(({ kind }) => FELT.has(kind));
  const surest = (felt.length > 0 ? felt : all).reduce((a, b) => (b.sure > a.sure || (b.sure === a.sure && b.since < a.since) ? b : a));
  return {
    ...{ service, since: Math.round(surest.since), sure: surest.sure },
    fails: all.some(({ kind }) => kind === "errors" || kind === "availability"),
    isSlow: all.some(({ kind }) => kind === "latency"),
    kinds: [...new Set(all.map(({ kind }) => kind))].toSorted(),
  };
}

/** What of each service left its usual range. */
function seenOf(
  { signals, patterns, graph, paged, telemetry }: Reading,
  ranked: readonly Candidate[],
  began: number | null,
): Map<string, Seen[]> {
  const seen = new Map<string, Seen[]>();
  const add = (service: string, one: Seen) => {
    const all = seen.get(service);
    if (all === undefined) seen.set(service, [one]);
    else all.push(one);
  };
  for (const signal of signals) {
    const { service, shift, edge, meaning } = signal;
    // A page says that its service moved, so less is needed to bear that out.
    if (shift === null && service === paged && began !== null && hasRisen(signal, began, telemetry.window.to))
      add(service, { kind: meaning.kind, since: began, sure: MOVED });
    if (shift === null || edge !== null || meaning.isNode || meaning.isClientSide) continue;
    const sure = certainty(signal, shift);
    if (sure >= MOVED) add(service, { kind: meaning.kind, since: shift.onset, sure });
  }
  // A line that names what the service calls says little of a cause, and all of its own requests.
  for (const { service, kind, severity, quote, sure, count, onset } of patterns) {
    const certain = sure * (count / (count + FEW_LINES));
    if ((kind === "new" || kind === "surged") && isTrouble(severity, quote) && certain >= MOVED)
      add(graph.canonical(service), { kind: "errors", since: onset, sure: certain });
  }
  for (const { service, clues } of ranked)
    for (const { family, weight, onset } of clues) {
      const kind = KIND_OF[family];
      if (kind !== undefined && onset !== null && weight >= FAIR) add(service, { kind, since: onset, sure: weight / (weight + 2) });
    }
  return seen;
}

/** What is as high by chance once in a hundred times (one side of a normal distribution). */
const RARE = 2.33;
const FEWEST_POINTS = 3;
/** As long before an onset a level is compared with: slow drift is no step. */
const JUST_BEFORE_MS = 30 * 60_000;

/** Whether what callers feel of a service rose with an onset, by so little that no point alone is out: its mean, against that of the time just before. */
function hasRisen(signal: Signal, onset: number, to: number): boolean {
  if (!isSymptom(signal) || signal.borrowed) return false;
  const { series, baseline, meaning } = signal;
  const away = (from: number, until: number) =>
    series.points.flatMap(({ at, value }) =>
      at >= from && at < until ? [deviation(baseline, value) * (meaning.worse === "down" ? -1 : 1)] : [],
    );
  const [before, now] = [away(onset - JUST_BEFORE_MS, onset), away(onset, to)];
  if (before.length < FEWEST_POINTS || now.length < FEWEST_POINTS) return false;
  const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const rise = (mean(now) - mean(before)) / Math.sqrt(1 / now.length + 1 / before.length);
  return mean(now) >= 1 && rise >= RARE;
}

/** Calls to parts outside, by the lines of those who make them. */
function outsideCalls(ranked: readonly Candidate[]): Map<string, string[]> {
  const calls = new Map<string, string[]>();
  for (const { service, clues } of ranked)
    for (const { code, about } of clues) {
      const [caller] = about;
      if (code === "outside-fails" && caller !== undefined) calls.set(caller, [...(calls.get(caller) ?? []), service]);
    }
  return calls;
}

/** One failing service in ten fails because of one that is only slow, or is slow because of one that only fails. */
const OTHER_KIND = Math.log(10);
/** Effects that are seen before their cause: onsets are uncertain, and not by much. */
const TOO_EARLY = Math.log(10);
/** Most trouble reaches the callers within a step of the data. */
const LATE = Math.log(4);
const ONSET_SLACK_MS = 30_000;

interface Dated {
  readonly service: string;
  readonly since: number;
  readonly fails: boolean;
  readonly isSlow: boolean;
}

/** What the evidence for a cause loses where its own trouble began at another time than the effect, or is of another kind; natural logarithm. */
function misfit(effect: Dated, cause: Dated, stepMs: number): number {
  if (effect.service === cause.service) return 0;
  const later = effect.since - cause.since;
  const slack = stepMs + ONSET_SLACK_MS;
  const byTime = later < -slack ? TOO_EARLY : later > slack ? LATE : 0;
  const isOther = (effect.fails && !cause.fails && cause.isSlow) || (!effect.fails && effect.isSlow && cause.fails && !cause.isSlow);
  return byTime + (isOther ? OTHER_KIND : 0);
}

function endsOf(
  from: Dated,
  graph: CallGraph,
  outside: ReadonlyMap<string, readonly string[]>,
  scoreFor: (service: string) => number | undefined,
  isOnWay: (service: string) => boolean,
): EndOfTrouble[] {
  const found = new Set([from.service]);
  for (const service of found)
    for (const callee of [...(graph.callees.get(service) ?? []), ...(outside.get(service) ?? [])]) if (isOnWay(callee)) found.add(callee);
  const reached = [...found].flatMap((service) => {
    const score = scoreFor(service);
    return score === undefined ? [] : [{ service, score }];
  });
  const chances = probabilities(reached.map(({ score }) => score));
  return reached
    .map(({ service }, index) => ({ service, probability: Number((chances[index] ?? 0).toFixed(3)) }))
    .filter(({ probability }) => probability >= LEAST_END)
    .toSorted((a, b) => b.probability - a.probability || (a.service < b.service ? -1 : 1))
    .slice(0, MOST_ENDS);
}

/**
 * The services of a layer that fails: those that fail alike within a step of the data, and others that began to log the same line. One with a cause of
 * its own, which most of the others lack, is none of them.
 */
function layerOf({ services }: Alike, ranked: readonly Candidate[], stepMs: number): string[] {
  const among = new Set(services);
  const isNewLine = ({ code, weight }: Clue) => code === "log-new" && weight >= HINT;
  const linesOf = ({ clues }: Candidate) => new Set(clues.flatMap((clue) => (isNewLine(clue) ? clue.about.slice(0, 1) : [])));
  const lines = countOf(ranked.filter(({ service }) => among.has(service)).flatMap((one) => [...linesOf(one)]));
  const tells = (one: Candidate) => [...linesOf(one)].some((line) => (lines.get(line) ?? 0) >= 2);
  const members = ranked.flatMap((one) => {
    const errors = one.clues.find(({ family, own }) => family === "errors" && (own ?? 0) >= OWN);
    const onset = errors?.onset ?? (tells(one) ? (one.onset ?? null) : null);
    return onset !== null && (among.has(one.service) || tells(one) || errors !== undefined) ? [{ one, onset }] : [];
  });
  const middle = median(members.filter(({ one }) => among.has(one.service)).map(({ onset }) => onset));
  const atOnce = members.filter(({ one, onset }) => Math.abs(onset - middle) <= stepMs || tells(one)).map(({ one }) => one);
  const isOwnCause = (clue: Clue) =>
    OWN_CAUSES.has(clue.family) || (clue.code === "log-new" && clue.about.slice(0, 1).every((line) => (lines.get(line) ?? 0) < 2));
  const causesOf = ({ clues }: Candidate) =>
    new Set(clues.flatMap((clue) => (isOwnCause(clue) && clue.weight >= TELLING ? [clue.family] : [])));
  const causes = countOf(atOnce.flatMap((one) => [...causesOf(one)]));
  const kept = atOnce.filter((one) => [...causesOf(one)].every((family) => (causes.get(family) ?? 0) > atOnce.length / 2));
  return kept.length >= FEWEST_ALIKE ? kept.map(({ service }) => service) : [];
}

function countOf<T>(items: readonly T[]): Map<T, number> {
  const counts = new Map<T, number>();
  for (const item of items) counts.set(item, (counts.get(item) ?? 0) + 1);
  return counts;
}
