import type { PageNotes } from "../../incident/page-notes.ts";
import type { PagerdutyClient } from "./client.ts";

const sameSpaces = (text: string) => text.replaceAll(/\s+/g, " ").trim();

/** Notes on PagerDuty's pages. They have no key, so a note is known again by its words; null: the settings allow none. */
export const pagerdutyNotes = (pagerduty: PagerdutyClient): PageNotes | null =>
  pagerduty.mayWriteNotes()
    ? {
        pager: "pagerduty",
        async find(pageId, text, signal) {
          const { value } = await pagerduty.notes(pageId, signal);
          return value.some((note) => sameSpaces(note.text) === sameSpaces(text));
        },
        write: (pageId, text, signal) => pagerduty.writeNote(pageId, text, signal),
      }
    : null;
