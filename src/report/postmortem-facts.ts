import { type IncidentDesk, incidentDesk } from "../incident/desk.ts";
import type { LoggedEvent } from "../incident/event.ts";
import { type IncidentView, viewOf } from "../incident/view.ts";
import { type IncidentReport, incidentReport } from "./incident-report.ts";
import { sayable } from "./sayable.ts";
import type { Words } from "./text.ts";
import { type TimelineEntry, toTimeline } from "./timeline.ts";

/** What a postmortem is made of. */

/** A sentence, and what shows it: at least one of both. */
export interface Sentence {
  readonly words: Words;
  /** Numbers of the evidence ledger. */
  readonly evidence: readonly number[];
  /** Keys of entries of the timeline. */
  readonly entries: readonly string[];
}

/** What the parts are made of. */
export interface Facts {
  readonly log: readonly LoggedEvent[];
  readonly view: IncidentView;
  readonly report: IncidentReport;
  readonly desk: IncidentDesk;
  readonly timeline: readonly TimelineEntry[];
  /** When it began: by the data, else when it was paged. */
  readonly onset: number;
  readonly end: IncidentEnd | null;
  /** Entries of the timeline that came of an event. */
  entriesOf(seq: number | undefined): readonly string[];
  /** Of the newest event of a type. */
  entriesOfType(...types: readonly LoggedEvent["event"]["type"][]): readonly string[];
}

interface IncidentEnd {
  readonly at: number;
  /** Signals back in range, people's word, or the pager's. */
  readonly by: "signals" | "people" | "pager";
  readonly evidence: readonly number[];
  readonly seq: number | undefined;
}

/** A sentence where something shows it; else none. */
export const sentence = (words: Words, evidence: readonly number[], entries: readonly string[] = []): Sentence[] =>
  words.length === 0 || evidence.length + entries.length === 0
    ? []
    : [{ words, evidence: [...new Set(evidence)], entries: [...new Set(entries)] }];

/** When it ended: by its signals, else by its people, else by its pager. */
function endOf(log: readonly LoggedEvent[], { belief, analysis, resolvedAt }: IncidentView, { phase }: IncidentDesk): IncidentEnd | null {
  if (belief?.state === "recovered") {
    const seq = log.findLast(({ event }) => event.type === "belief-read" && event.state === "recovered")?.seq;
    return { at: belief.since, by: "signals", evidence: belief.evidence, seq };
  }
  if (belief?.state === "still-bad") return null;
  if (analysis?.recoveredAt !== undefined) {
    const seq = log.findLast(({ event }) => event.type === "triage-finished")?.seq;
    return { at: analysis.recoveredAt, by: "signals", evidence: analysis.symptoms.flatMap(({ evidence }) => evidence), seq };
  }
  if (phase?.value === "resolved") return { at: phase.at, by: "people", evidence: [], seq: phase.seq };
  if (resolvedAt === null) return null;
  const seq = log.findLast(({ event }) => event.type === "pager-event-received" && event.page?.status === "resolved")?.seq;
  return { at: resolvedAt, by: "pager", evidence: [], seq };
}

export function factsOf(log: readonly LoggedEvent[]): Facts {
  const read = viewOf(log);
  const [view, timeline, desk] = sayable([read, toTimeline(log), incidentDesk(log)] as const, read);
  const entriesOf = (seq: number | undefined) => timeline.filter((entry) => entry.seq === seq).map(({ key }) => key);
  return {
    ...{ log, view, desk, timeline, entriesOf },
    report: incidentReport(view, null),
    onset: view.analysis?.onset ?? view.page?.createdAt ?? view.trigger?.at ?? view.openedAt,
    end: endOf(log, view, desk),
    entriesOfType: (...types) => entriesOf(log.findLast(({ event, seq }) => types.includes(event.type) && entriesOf(seq).length > 0)?.seq),
  };
}
