import type { Analysis, Suspect, Symptom } from "../incident/finding.ts";
import type { Telemetry } from "../incident/telemetry.ts";
import { clockTime, figure } from "../report/words.ts";
import { pagedKind } from "./contribution.ts";
import type { Candidate } from "./suspect.ts";
import type { TraceReading } from "./trace.ts";

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

/**
 * Whether something is wrong, and why we say so. A page is a claim: it holds where the paged service shows trouble, or where something it
 * depends on shows so much that it can't be chance. Between an incident and nothing lies one likely suspect that left its range just when paged:
 * that is said to be inconclusive. With nothing read there is nothing to say.
 * @param suspects of the candidates, in the same order
 * @param paged by the graph's name, as `canonical` gives it
 */
export function decideVerdict(
  telemetry: Telemetry,
  symptoms: readonly Symptom[],
  candidates: readonly Candidate[],
  suspects: readonly Suspect[],
  paged: string,
  traces: TraceReading,
  pagedMoved: number,
  hasHistory: boolean,
  canonical: (service: string) => string,
): Pick<Analysis, "verdict" | "because"> {
  const { series, logs, spans, events, issues, statements, sessions } = telemetry;
  const seen = [series, logs, spans, events, issues, statements, sessions].reduce((sum, { length }) => sum + length, 0);
  if (seen === 0) {
    return {
      verdict: "inconclusive",
      because: "no metrics, logs, traces or events were found or could be read, so the cause stays open; the coverage says what is missing",
    };
  }
  const [top] = candidates;
  const own = candidates.find((candidate) => candidate.service === paged);
  // Where nothing older was recorded, an alarm of the paged service is all there is to say that this is not how it always was.
  const alarmed = telemetry.monitors.some(
    (monitor) => monitor.state === "Alert" && monitor.service !== null && canonical(monitor.service) === paged,
  );
  const strongest = own?.clues.find((clue) => clue.family !== "own-time")?.weight ?? 0;
  const shown = (alarmed && !hasHistory) || strongest >= SHOWS || pagedMoved >= MOVED || traces.entry !== null || traces.failing !== null;
  const wanted = pagedKind(`${telemetry.page.title} ${telemetry.page.details}`);
  // Failures that began just before a page about failures bear it out, though the paged service hardly shows them. Slowness does not: single slow
  // minutes are common everywhere.
  const soon = top !== undefined && top.onset !== null && Math.abs(telemetry.page.at - top.onset) <= SOON_MS;
  const fits = wanted === "errors" && soon && top?.clues[0]?.family === "errors";
  if (top !== undefined && (top.score >= STRONG || (top.score >= FAIR && (shown || fits)))) {
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
  if (lead === undefined)
    return { verdict: "nothing-wrong", because: `every signal of ${paged} and of what it calls is in its usual range` };
  if (soon && lead.probability >= OPEN) {
    return {
      verdict: "inconclusive",
      because: `${paged} shows nothing unusual, but ${lead.service} left its usual range${top?.onset == null ? "" : ` at ${clockTime(top.onset)}`}`,
    };
  }
  return {
    verdict: "nothing-wrong",
    because:
      `${paged} shows nothing unusual, and nothing it calls is far enough from its usual range to blame` +
      (lead.onset !== null && lead.probability >= LEAST_LEAD ? `; furthest is ${lead.service} (${figure(lead.probability)})` : ""),
  };
}
