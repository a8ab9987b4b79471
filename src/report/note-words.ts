import { resolvedAt } from "../incident/belief-log.ts";
import type { LoggedEvent } from "../incident/event.ts";
import { newestOf } from "../incident/newest-event.ts";
import { nextReading } from "../incident/reading-schedule.ts";
import { NOTE_MARKER, type NoteAbout } from "../incident/page-notes.ts";
import type { IncidentView } from "../incident/view.ts";
import { beliefWords } from "./belief-words.ts";
import { cut } from "./cut.ts";
import { OWN_ADVICE } from "./do-now.ts";
import { incidentReport } from "./incident-report.ts";
import { joinedWords } from "./joining-words.ts";
import { headlineOf } from "./status.ts";
import { own, plainUnlinked, say, unlinked } from "./text.ts";
import { minuteTime } from "./words.ts";

/** Longest line: a note is read on a phone, and the incident's page has the rest. */
const LONGEST_LINE = 400;

const noteOf = (lines: readonly (string | null | false)[]): string =>
  lines
    .flatMap((line) => (line === null || line === false || line === "" ? [] : [cut(line.replaceAll(/\s+/g, " ").trim(), LONGEST_LINE)]))
    .join("\n");

/** Which note is due; null: none is. What was resolved before anything was found needs none. */
export function noteDue(log: readonly LoggedEvent[], view: IncidentView): NoteAbout | null {
  const { page, joining, finished, finding, belief, status } = view;
  const isWritten = (about: NoteAbout) => log.some(({ event }) => event.type === "note-written" && event.about === about);
  if (page === null) return null;
  if (joining.lead !== null) return joining.untold === null && !isWritten("joined") ? "joined" : null;
  if (finding === null || !finished) return null;
  const isOver = belief?.state === "recovered" || isEnded(log, view);
  if (!isWritten("finding")) return status === "resolved" ? null : "finding";
  return isOver && !isWritten("over") ? "over" : null;
}

/** Whether the page is resolved, its signals are not known to be bad, and nobody looks at them again. */
function isEnded(log: readonly LoggedEvent[], view: IncidentView): boolean {
  const verdict = (view.investigation?.finding ?? view.analysis)?.verdict;
  if (view.status !== "resolved" || (verdict !== "incident" && verdict !== "inconclusive")) return false;
  return newestOf(log, "belief-read")?.event.isOut !== true && nextReading(log, view) === null;
}

/**
 * A note in plain text. A finding says when it was so: what comes later is on the incident's page.
 * @param links pages of this incident and of the one that it joined; null where people cannot reach any
 */
export function noteText(
  about: NoteAbout,
  log: readonly LoggedEvent[],
  view: IncidentView,
  links: { readonly own: string | null; readonly lead: string | null },
): string {
  const { joining } = view;
  const rest = links.own === null ? null : `Evidence and timeline: ${links.own}`;
  if (about === "joined") {
    if (joining.lead === null) throw new Error("the page has joined no other");
    const { page, because } = joining.lead;
    const where = links.lead ?? page.link;
    return noteOf([
      `${NOTE_MARKER} joined to ${unlinked(`${page.name} (${page.service}): ${joinedWords(because)}`)}. Follow it there${where === null ? "." : `: ${where}`}`,
    ]);
  }
  if (about === "over") {
    const resolved = resolvedAt(log, view);
    const words =
      view.belief?.state === "recovered"
        ? plainUnlinked(beliefWords(view))
        : `Resolved${resolved === null ? "" : ` at ${minuteTime(resolved)}`}. midwatch has stopped watching it.`;
    const isPast = log.some(({ event }) => event.type === "belief-read" && event.state === "withdrawn");
    return noteOf([
      `${NOTE_MARKER} ${words} Times are UTC.`,
      isPast && "The change that was named first is withdrawn as the cause: it was rolled back, with no clear improvement.",
      rest,
    ]);
  }
  const { answer, doNow, fix } = incidentReport(view, null);
  const first = doNow.order ?? doNow.steps[0]?.words ?? [];
  const at = view.findingAt === null ? "" : ` (as of ${minuteTime(view.findingAt)} UTC)`;
  return noteOf([
    `${NOTE_MARKER} ${unlinked(headlineOf(view).headline)}${at}`,
    joining.split !== null && `${unlinked(joining.split.by)} split this page off: it is an incident of its own.`,
    answer !== null && plainUnlinked(answer.conclusion),
    doNow.decided !== null && plainUnlinked(doNow.decided),
    first.length > 0 && plainUnlinked(say`${doNow.decided === null ? own("Do now") : own(OWN_ADVICE)}: ${first}`),
    fix?.pull != null && `${fix.heading} ${fix.pull.url}`,
    rest,
  ]);
}
