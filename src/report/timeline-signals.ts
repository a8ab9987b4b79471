import type { EventOf } from "../incident/event.ts";
import { type Analysis, blamed, type CoverageLine, type Suspect, type Symptom } from "../incident/finding.ts";
import type { ChangeEvent } from "../incident/telemetry.ts";
import { changeText, verdictText } from "./suspect-words.ts";
import { type Draft, link, oneLine, orNull } from "./timeline-entry.ts";
import { duration, levelWords } from "./words.ts";

/** Signals of one service that lie closer than this are one thing to a reader. */
const SAME_MOMENT_MS = 90_000;

/** A suspect less likely than this is of no use on the timeline; the list of suspects has it. */
const WORTH_A_WORD = 0.1;

const symptomText = (symptom: Symptom) => `${symptom.what} ${levelWords(symptom)}`;

export function changeEntry(change: ChangeEvent): Draft {
  const text = changeText(change);
  const title = oneLine(change.pullRequest?.title ?? change.title);
  return {
    at: change.at,
    kind: "change",
    service: change.service,
    text,
    detail: text.includes(title) ? null : orNull(title),
    links: [
      ...(change.pullRequest === null ? [] : link(`#${change.pullRequest.number}`, change.pullRequest.url)),
      ...link(change.kind, change.link),
    ],
    evidence: [change.evidence],
  };
}

/** Reasons' evidence of a suspect, each number once. */
const evidenceOf = (suspect: Suspect) => [...new Set(suspect.reasons.flatMap((reason) => reason.evidence))];

type SignalDraft = Draft & { readonly at: number; readonly service: string };

/** @param before what the timeline has of an earlier analysis: that a service moved is said once */
function signalEntries(analysis: Analysis, before: readonly SignalDraft[] = []): SignalDraft[] {
  const entries: SignalDraft[] = [];
  const [best] = blamed(analysis);
  const others = [
    ...analysis.symptoms.filter((symptom) => symptom.service !== best?.service).map((symptom) => symptom.since),
    ...analysis.consequences.map((consequence) => consequence.onset),
  ];
  // Said of the best suspect only: among weak ones, something always moved a little earlier by chance.
  const first = (service: string, at: number) =>
    service === best?.service && others.length > 0 && others.every((other) => at < other) ? ", first to move" : "";
  const told = (service: string, at: number) =>
    [...before, ...entries].some((entry) => entry.service === service && Math.abs(entry.at - at) <= SAME_MOMENT_MS);
  for (const symptom of analysis.symptoms) {
    const text = `${symptomText(symptom)}${first(symptom.service, symptom.since)}`;
    entries.push({ at: symptom.since, kind: "signal", service: symptom.service, text, tone: "bad", evidence: symptom.evidence });
  }
  for (const [rank, suspect] of blamed(analysis).entries()) {
    if (suspect.onset === null || (rank > 0 && suspect.probability < WORTH_A_WORD) || told(suspect.service, suspect.onset)) continue;
    const text = `leaves its usual range${first(suspect.service, suspect.onset)}`;
    const detail = suspect.reasons[0]?.text ?? null;
    entries.push({ at: suspect.onset, kind: "signal", service: suspect.service, text, detail, tone: "bad", evidence: evidenceOf(suspect) });
  }
  const [symptom] = analysis.symptoms;
  if (analysis.recoveredAt !== undefined && symptom !== undefined)
    entries.push({ at: analysis.recoveredAt, kind: "signal", service: symptom.service, text: "is back in its usual range", tone: "good" });
  for (const { service, onset } of analysis.consequences) {
    if (!told(service, onset)) entries.push({ at: onset, kind: "signal", service, text: "leaves its usual range, as a consequence" });
  }
  return entries;
}

function readText(coverage: readonly CoverageLine[], tookMs: number): string {
  const asked = coverage.filter((line) => line.status !== "not-asked" && line.status !== "not-configured");
  const missed = asked.filter((line) => line.status === "failed" || line.status === "timed-out");
  const failed = missed.length === 0 ? "" : `, ${missed.length} failed (${missed.map((line) => line.source).join(", ")})`;
  return `read ${asked.length - missed.length} of ${asked.length} sources in ${duration(tookMs)}${failed}`;
}

/** What the data say: changes, signals, and what analysis makes of them. @param earlier what was made of them before late answers; null: nothing */
export function triageEntries(event: EventOf<"triage-finished">, at: number, earlier: Analysis | null): Draft[] {
  const changes = blamed(event.analysis).flatMap((suspect) => suspect.change ?? []);
  return [
    ...changes.map(changeEntry),
    ...signalEntries(event.analysis, earlier === null ? [] : signalEntries(earlier)),
    {
      at,
      kind: "midwatch",
      text: `${event.late === undefined ? "" : "after the brief: "}${readText(event.coverage, event.tookMs)}: ${verdictText(event.analysis)}`,
      detail: orNull(event.analysis.because),
    },
  ];
}
