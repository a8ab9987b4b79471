import type { Analysis, Suspect, Symptom } from "../incident/finding.ts";
import { clockTime, figure } from "../report/words.ts";
import type { Alike } from "./attribution.ts";
import { pagedKind } from "./contribution.ts";
import type { Candidate } from "./suspect.ts";
import type { Reading } from "./reading.ts";
import { whyNotWell } from "./wellness.ts";

/** Evidence of a cause that stands by itself, though the paged service may not show it (natural log of the odds: about 20 to 1). */
const STRONG = 3;
/** Evidence that is enough where the paged service shows trouble too (about 3 to 1). */
const FAIR = 1.2;
/** Less likely than one in four is what quiet hours show: not worth a word. */
export const LEAST_LEAD = 0.25;
/** Most monitors page within minutes of what they watch. */
const SOON_MS = 15 * 60_000;
/**
 * A suspect that is about as likely as not and moved just when paged leaves the question open. One healthy half hour in twenty-five shows as much,
 * so that is said to be inconclusive and no more.
 */
const OPEN = 0.4;
/** What counts as the paged service showing trouble. */
const SHOWS = 1;
/** Certainty that the paged service spends or fails more than it used to, from which on that counts as trouble. */
const MOVED = 0.3;

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
      because: "No metrics, logs, traces or events were found or could be read, so the cause stays open; the coverage says what is missing",
    };
  }
  const [top] = candidates;
  const own = candidates.find((candidate) => candidate.service === paged);
  // Where nothing older was recorded, an alarm of the paged service is all there is to say that this is not how it always was.
  const alarmed = telemetry.monitors.some(
    (monitor) => monitor.state === "Alert" && monitor.service !== null && graph.canonical(monitor.service) === paged,
  );
  const strongest = own?.clues.find(({ family, code }) => family !== "own-time" && code !== "fails-all-along")?.weight ?? 0;
  const shown = (alarmed && !hasHistory) || strongest >= SHOWS || pagedMoved >= MOVED || traces.entry !== null || traces.failing !== null;
  const wanted = pagedKind(`${telemetry.page.title} ${telemetry.page.details}`);
  // Failures that began just before a page about failures bear it out, though the paged service hardly shows them. Slowness does not: single slow
  // minutes are common everywhere.
  const soon = top !== undefined && top.onset !== null && Math.abs(telemetry.page.at - top.onset) <= SOON_MS;
  const fits = wanted === "errors" && soon && top?.clues[0]?.family === "errors";
  // What always failed explains a page, and is no news: see `wellness.ts`.
  const isOld = top?.clues[0]?.code === "fails-all-along";
  if (top !== undefined && (top.score >= STRONG || (top.score >= FAIR && !isOld && (shown || fits)))) {
    if (together !== null) {
      const { services, shared } = together;
      const names = `${services.slice(0, 3).join(", ")}${services.length > 3 ? ` and ${services.length - 3} more` : ""}`;
      const since = clockTime(top.onset ?? telemetry.page.at);
      return {
        verdict: "incident",
        because: `${names} fail alike since ${since}: suspect ${shared ?? "what they share"}, not one of them`,
      };
    }
    // Without an onset nothing says that it was ever otherwise.
    const left =
      top.onset === null
        ? `is far from usual${hasHistory ? "" : ", and no record shows since when"}`
        : `left its usual range at ${clockTime(top.onset)}`;
    const shows = top.service !== paged && symptoms.length > 0 ? `, and ${symptoms[0]?.service ?? paged} shows the effect` : "";
    return { verdict: "incident", because: `${top.service} ${left}${shows}` };
  }
  if (own !== undefined && shown && own.score >= SHOWS)
    return { verdict: "incident", because: `${paged} left its usual range; the data do not show why` };
  const [lead] = suspects;
  if (lead !== undefined && soon && lead.probability >= OPEN) {
    return {
      verdict: "inconclusive",
      because: `${paged} shows nothing unusual, but ${lead.service} left its usual range${top?.onset == null ? "" : ` at ${clockTime(top.onset)}`}`,
    };
  }
  const doubt = whyNotWell(read, candidates, wanted);
  if (doubt !== null) return { verdict: "inconclusive", because: doubt };
  if (lead === undefined)
    return { verdict: "nothing-wrong", because: `Every signal of ${paged} and of what it calls is in its usual range` };
  return {
    verdict: "nothing-wrong",
    because:
      `${paged} shows nothing unusual, and nothing it calls is far enough from its usual range to blame` +
      (lead.onset !== null && lead.probability >= LEAST_LEAD ? `; furthest is ${lead.service} (${figure(lead.probability)})` : ""),
  };
}
