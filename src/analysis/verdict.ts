import type { Analysis, Suspect, Symptom } from "../incident/finding.ts";
import { clockTime, figure } from "../report/words.ts";
import type { Alike } from "./shared-layer.ts";
import { pagedKind } from "./contribution.ts";
import type { ClueFamily } from "./clue.ts";
import type { Candidate } from "./suspect.ts";
import type { Reading } from "./reading.ts";
import { isUsuallyBeyond } from "./limit.ts";
import { sameHourWords } from "./same-hour.ts";
import { type Signal, valueWords } from "./signal.ts";
import { metricWords } from "./words.ts";
import { MOVED, whyNotWell } from "./wellness.ts";

/** Evidence of a cause that stands by itself, though the paged service may not show it (natural log of the odds: about 20 to 1). */
const STRONG = 3;
/** Evidence that is enough where the paged service shows trouble too (about 3 to 1). */
export const FAIR = 1.2;
/** Less likely than one in four is what quiet hours show: not worth a word. */
export const LEAST_LEAD = 0.25;
/** Most monitors page within minutes of what they watch. */
const SOON_MS = 15 * 60_000;
/**
 * A suspect that is about as likely as not and moved just when paged leaves the question open. One healthy half hour in twenty-five shows as much,
 * so that is said to be inconclusive and no more.
 */
const OPEN = 0.4;
/** What people ask about, in that order. */
const HOURLY: readonly Signal["meaning"]["kind"][] = ["errors", "availability", "latency", "saturation", "traffic"];
/** What counts as the paged service showing trouble. */
const SHOWS = 1;

/** What the ranking multiplies the paged service with where nobody knows what it calls. */
const BLIND = 1.5;
/** Families that the service's callers feel by themselves. New lines, alarms, events and levels within their limits do not say so alone. */
const FELT: ReadonlySet<ClueFamily> = new Set(["latency", "errors", "origin", "shape", "gap", "statement", "sessions"]);

/** Whether the paged service's own data bear the page out: something that its callers feel, or two kinds of evidence that agree. */
function showsTrouble({ clues }: Candidate): boolean {
  const telling = clues.filter(
    ({ family, code, weight }) => weight >= SHOWS && family !== "own-time" && family !== "monitor" && code !== "fails-all-along",
  );
  return (
    telling.some(({ family, code }) => FELT.has(family) || code === "over-threshold" || code === "near-limit") ||
    new Set(telling.map(({ family }) => family)).size > 1
  );
}

/** What the verdict rests on. */
export interface VerdictGrounds {
  readonly read: Reading;
  readonly symptoms: readonly Symptom[];
  /** Linked to the page; best first. */
  readonly candidates: readonly Candidate[];
  /** Of the candidates, in the same order. */
  readonly suspects: readonly Suspect[];
  readonly hasHistory: boolean;
  /** Services that fail alike at once. */
  readonly together: Alike | null;
}

/**
 * Whether something is wrong, and why we say so. A page is a claim: it holds where the paged service shows trouble, or where something it depends on
 * shows so much that chance does not explain it. "Nothing is wrong" needs proof (see `wellness.ts`); all that is short of either is inconclusive.
 */
export function decideVerdict(grounds: VerdictGrounds): Pick<Analysis, "verdict" | "because"> {
  const { read, symptoms, candidates, suspects, hasHistory, together } = grounds;
  const { telemetry, paged, traces, pagedMoved, graph } = read;
  const { series, logs, spans, events, issues, statements, sessions } = telemetry;
  const seen = [series, logs, spans, events, issues, statements, sessions].reduce((sum, { length }) => sum + length, 0);
  if (seen === 0) {
    return {
      verdict: "inconclusive",
      because: "No metrics, logs, traces or events were found or could be read, so the cause is not known",
    };
  }
  const [top] = candidates;
  // Where nobody knows what the paged service calls, the ranking prefers it for that alone: this is a place to look, and no evidence.
  const isBlind = (graph.callees.get(paged)?.size ?? 0) === 0;
  const score = (top?.score ?? 0) / (isBlind && top?.service === paged ? BLIND : 1);
  const own = candidates.find((candidate) => candidate.service === paged);
  // Where nothing older was recorded, an alarm of the paged service is all there is to say that this is not how it always was.
  const alarmed = telemetry.monitors.some(
    (monitor) => monitor.state === "Alert" && monitor.service !== null && graph.canonical(monitor.service) === paged,
  );
  // A threshold alone proves nothing. What also left its usual range is the page's own claim, borne out.
  const claimMoved = read.alarms.some(
    ({ signal, isInnocent, isUsual }) => signal.service === paged && signal.shift !== null && !isInnocent && !isUsual,
  );
  const shown =
    (alarmed && !hasHistory) ||
    claimMoved ||
    pagedMoved >= MOVED ||
    traces.entry !== null ||
    traces.failing !== null ||
    (own !== undefined && showsTrouble(own));
  const wanted = pagedKind(`${telemetry.page.title} ${telemetry.page.details}`);
  // Failures that began just before a page about failures bear it out, though the paged service hardly shows them. Slowness does not: single slow
  // minutes are common everywhere.
  const soon = top !== undefined && top.onset !== null && Math.abs(telemetry.page.at - top.onset) <= SOON_MS;
  const fits = wanted === "errors" && soon && top?.clues[0]?.family === "errors";
  // What always failed explains a page, and is no news: see `wellness.ts`.
  const isOld = top?.clues[0]?.code === "fails-all-along";
  // What happens to a caller troubles no one that it calls: then the paged service must show that something is wrong.
  const isCaller = top !== undefined && !graph.distances(paged).has(top.service) && graph.reaching(paged).has(top.service);
  if (top !== undefined && ((score >= STRONG && (!isCaller || shown)) || (score >= FAIR && !isOld && (shown || fits)))) {
    if (together !== null) {
      const { services, shared } = together;
      const names = services.length > 3 ? [...services.slice(0, 3), `${services.length - 3} more`] : services;
      const fail = top.onset === null ? "fail alike" : `have failed alike since ${clockTime(top.onset)}`;
      return {
        verdict: "incident",
        because: `${names.slice(0, -1).join(", ")} and ${names.at(-1) ?? ""} ${fail}. Check ${shared ?? "what they share"} first, not one of them`,
      };
    }
    // Without an onset nothing says that it was ever otherwise.
    const left = top.onset === null ? "stands out, and no record shows since when" : `left its usual range at ${clockTime(top.onset)}`;
    const shows = top.service !== paged && symptoms.length > 0 ? `, and ${symptoms[0]?.service ?? paged} shows the effect` : "";
    return { verdict: "incident", because: `${top.service} ${left}${shows}` };
  }
  if (own !== undefined && shown && own.score >= SHOWS)
    return { verdict: "incident", because: `${paged} left its usual range; the data do not show why` };
  const [lead] = suspects;
  const [clue] = top?.clues ?? [];
  if (lead !== undefined && clue !== undefined && soon && lead.probability >= OPEN && clue.weight >= SHOWS) {
    const since = top?.onset == null ? "" : ` at ${clockTime(top.onset)}`;
    return {
      verdict: "inconclusive",
      because:
        lead.service === paged
          ? `Furthest from usual, though nothing else bears it out: ${clue.text}`
          : `${paged} shows nothing unusual, but ${lead.service} left its usual range${since}`,
    };
  }
  const doubt = whyNotWell(read, candidates, wanted);
  if (doubt !== null) return { verdict: "inconclusive", because: doubt };
  const claim = harmlessClaim(read) ?? usualAtThisHour(read) ?? usuallyBeyond(read);
  if (lead === undefined)
    return {
      verdict: "nothing-wrong",
      because: `${claim === null ? "Every" : `${claim}. Every other`} signal of ${paged} and of what it calls is in its usual range`,
    };
  return {
    verdict: "nothing-wrong",
    because:
      `${claim === null ? "" : `${claim}. Otherwise `}${paged} shows nothing unusual, and nothing it calls is far enough from its usual range to blame` +
      (lead.onset !== null && lead.probability >= LEAST_LEAD ? `; furthest is ${lead.service} (${figure(lead.probability)})` : ""),
  };
}

/** What the page's monitor is in alarm about and yet does no harm: that answers the page, so it comes first. null: there is no such thing. */
function harmlessClaim({ alarms, innocent, paged }: Reading): string | null {
  const index = alarms.filter(({ isInnocent }) => isInnocent).findIndex(({ signal }) => signal.service === paged);
  const claim = index < 0 ? undefined : innocent[index];
  return claim === undefined ? null : `${claim.what}: ${claim.why}`;
}

/** What left the range of its last hours and is as usual at this hour: of failures first, then of time, then of requests. */
function usualAtThisHour({ signals, paged, alarms, held }: Reading): string | null {
  const hourly = signals.flatMap((signal) =>
    signal.sameHour === undefined || signal.service !== paged || signal.edge !== null ? [] : [{ signal, hour: signal.sameHour }],
  );
  const isClaimed = (signal: Signal) => signal === held?.signal || alarms.some((alarm) => alarm.signal === signal);
  const rank = ({ signal }: { signal: Signal }) => (isClaimed(signal) ? -1 : HOURLY.indexOf(signal.meaning.kind));
  const [found] = hourly.filter(({ signal }) => HOURLY.includes(signal.meaning.kind)).toSorted((a, b) => rank(a) - rank(b));
  if (found === undefined) return null;
  const { signal, hour } = found;
  return `${metricWords(signal.series.metric, signal.series.tags)} of ${paged} is ${valueWords(signal, hour.now)}, ${sameHourWords(signal, hour)}`;
}

/** What is beyond its monitor's threshold, or beyond the bound that the page names, as it was before: with where it usually lies. */
function usuallyBeyond({ alarms, held, paged }: Reading): string | null {
  const alarm = alarms.find(({ signal, isUsual }) => isUsual && signal.service === paged);
  const isHeld = held !== null && isUsuallyBeyond(held.signal, held.level, held.isBeyond);
  const found = alarm ?? (isHeld ? held : null);
  if (found === null) return null;
  const { signal, level } = found;
  const words = (value: number) => valueWords(signal, value);
  const bound = alarm === undefined ? `the ${held?.bound ?? ""} of the page` : `its alarm threshold of ${words(alarm.bound)}`;
  const { low, high } = signal.baseline;
  const since = clockTime(signal.series.points[0]?.at ?? 0).slice(0, 5);
  return `${metricWords(signal.series.metric, signal.series.tags)} of ${paged} is ${words(level)}, beyond ${bound} as usual: between ${words(low)} and ${words(high)} since our records begin at ${since}`;
}
