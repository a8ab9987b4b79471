/** Notes on the pages of one pager, written where the settings allow it. Every function throws IntegrationError. */
export interface PageNotes {
  /** Id of the pager: `Page.pager`. */
  readonly pager: string;
  /** Whether a note of these words is on the page already. @param pageId the pager's own */
  find(pageId: string, text: string, signal: AbortSignal): Promise<boolean>;
  /** Never sent again when no answer came: look for it first. */
  write(pageId: string, text: string, signal: AbortSignal): Promise<void>;
}

/** What a note on a page is about: what was found, that it is over, where the page went. One of each at most. */
export type NoteAbout = "finding" | "over" | "joined";

/** How every note of midwatch's begins, so that it is known again when the pager sends it back. */
export const NOTE_MARKER = "midwatch:";
