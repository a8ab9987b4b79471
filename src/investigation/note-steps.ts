import type { LoggedEvent } from "../incident/event.ts";
import type { NoteAbout, PageNotes } from "../incident/page-notes.ts";
import { stepIds } from "../incident/step-id.ts";
import { type IncidentView, viewOf } from "../incident/view.ts";
import { noteDue, noteText } from "../report/note-words.ts";
import { sayable } from "../report/sayable.ts";
import type { Step } from "../store/incident-store.ts";

/** Notes on the pager's own page, for people who read nothing else. */
export interface NoteDependencies {
  /** Pagers on whose pages the settings allow notes. */
  readonly pagers: readonly PageNotes[];
  /** The incident's page, or null where people cannot reach one. */
  readonly timelineUrl: (incidentId: string) => string | null;
  /** The last look at what is written, before it leaves. */
  readonly redactedFor: (incidentId: string) => (text: string) => string;
}

/** A pager that is down for minutes gets its note all the same. */
const TRIES = 10;

/** The note that is due; null: none is, or none is allowed. */
export function noteStep(deps: NoteDependencies, log: readonly LoggedEvent[], view: IncidentView): Step | null {
  const notes = deps.pagers.find(({ pager }) => pager === view.page?.pager);
  const about = notes === undefined ? null : noteDue(log, view);
  return notes === undefined || about === null ? null : stepOf(deps, notes, about);
}

const stepOf = ({ timelineUrl, redactedFor }: NoteDependencies, notes: PageNotes, about: NoteAbout): Step => ({
  id: stepIds.note(about),
  attempts: TRIES,
  timeLimitMs: 60_000,
  async run({ log, incidentId, effects, signal }) {
    const known = viewOf(log);
    const { page, joining } = known;
    if (page === null) throw new Error("a note needs a page");
    const view = sayable(known, known);
    const lead = joining.lead === null ? null : timelineUrl(joining.lead.incident);
    const text = redactedFor(incidentId)(noteText(about, log, view, { own: timelineUrl(incidentId), lead }));
    const written = await effects.deliver(
      `note:${about}`,
      "page-note",
      { pageId: page.id, text },
      {
        find: async (kept) => ((await notes.find(kept.pageId, kept.text, signal)) ? kept : null),
        async act(kept) {
          await notes.write(kept.pageId, kept.text, signal);
          return kept;
        },
      },
    );
    return [{ type: "note-written", about, text: written.text }];
  },
});
