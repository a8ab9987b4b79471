import type { IncidentEvent, LoggedEvent } from "./event.ts";
import { newestOf } from "./newest-event.ts";
import type { ApartReason, JoinedPage, JoinReason } from "./joining.ts";

/** A page that joined, or that others joined. */
export interface Joined {
  readonly incident: string;
  readonly page: JoinedPage;
  readonly because: JoinReason;
  readonly at: number;
}

/** A page that waits for this incident's triage. */
export interface Awaiting {
  readonly incident: string;
  /** null: an older log does not say. */
  readonly page: JoinedPage | null;
}

/** Which incident a page belongs to, computed from its log, and which pages belong to it. */
export interface JoiningState {
  /** Whom it follows, and why; null: it leads. */
  readonly lead: Joined | null;
  /** Whether it was looked at at all, and whether that is the last word. */
  readonly isDecided: boolean;
  readonly isFinal: boolean;
  /** Place in the log of the last look; 0: there was none. */
  readonly decidedAt: number;
  readonly apart: ApartReason | null;
  /** What another incident must know: place of the event that says so; null: nothing. */
  readonly untold: number | null;
  /** Until when it waits for another incident's triage; null: it does not. */
  readonly awaitsUntil: number | null;
  /** A person took it out of an incident. */
  readonly split: { readonly by: string; readonly from: string } | null;
  /** Pages that belong to it, oldest first. */
  readonly pages: readonly Joined[];
  /** Those that wait for its triage and have not heard of it yet, oldest first. */
  readonly awaiting: readonly Awaiting[];
}

/** Action of the control that takes a page out of its incident; its value is the page's incident. */
export const SPLIT = "split";

/** The oldest wish of a person to take a page out that was not carried out yet; null: there is none. */
export function openSplit(log: readonly LoggedEvent[]): { readonly seq: number; readonly incident: string; readonly by: string } | null {
  const joined = new Set(joiningOf(log).pages.map(({ incident }) => incident));
  const last = new Map<string, number>();
  for (const { seq, event } of log) if (event.type === "page-joined") last.set(event.incident, seq);
  for (const { seq, event } of log)
    if (event.type === "slack-action-received" && event.action === SPLIT && joined.has(event.value) && seq > (last.get(event.value) ?? 0))
      return { seq, incident: event.value, by: event.user };
  return null;
}

export function joiningOf(log: readonly LoggedEvent[]): JoiningState {
  let lead = null as JoiningState["lead"];
  let isDecided = false;
  let isFinal = false;
  let decidedAt = 0;
  let apart: ApartReason | null = null;
  let untold: number | null = null;
  let awaitsUntil: number | null = null;
  let split = null as JoiningState["split"];
  const pages = new Map<string, Joined>();
  const awaiting = new Map<string, Awaiting & { readonly asked: number }>();
  const decide = (seq: number, final: boolean): void => {
    [isDecided, isFinal, decidedAt, awaitsUntil] = [true, final, seq, null];
  };
  let triageEndedAt = Infinity;
  for (const { seq, at, event } of log) {
    if (endsTriage(event)) triageEndedAt = Math.min(triageEndedAt, seq);
    switch (event.type) {
      case "joined":
        decide(seq, true);
        lead = { incident: event.lead, page: event.page, because: event.because, at };
        [untold, split] = [seq, null];
        break;
      case "lead-moved":
        if (lead !== null) [lead, untold] = [{ ...lead, incident: event.lead, page: event.page }, seq];
        break;
      case "took-over":
        decide(seq, true);
        untold = seq;
        break;
      case "stayed-apart":
        decide(seq, event.isFinal);
        apart = event.because;
        break;
      case "join-awaited":
        awaitsUntil = event.until;
        break;
      case "lead-read":
        if (awaitsUntil !== null) awaitsUntil = 0;
        break;
      case "split":
        if (lead === null) break;
        decide(seq, true);
        split = { by: event.by, from: lead.incident };
        [lead, untold] = [null, seq];
        break;
      case "lead-told":
        untold = null;
        if (lead !== null) lead = event.lead === null ? null : { ...lead, incident: event.lead };
        break;
      case "page-joined":
        pages.set(event.incident, { incident: event.incident, page: event.page, because: event.because, at });
        break;
      case "page-left":
        pages.delete(event.incident);
        break;
      case "page-awaits":
        awaiting.set(event.incident, { incident: event.incident, page: event.page ?? null, asked: seq });
        break;
      case "card-pinned":
        if (triageEndedAt > event.seen) break;
        for (const { incident, asked } of [...awaiting.values()]) if (asked <= event.seen) awaiting.delete(incident);
        break;
    }
  }
  const waiting = [...awaiting.values()].map(({ incident, page }) => ({ incident, page }));
  return { lead, isDecided, isFinal, decidedAt, apart, untold, awaitsUntil, split, pages: [...pages.values()], awaiting: waiting };
}

/** Triage is over with it, well or badly. */
export const endsTriage = (event: IncidentEvent): boolean =>
  event.type === "triage-finished" || (event.type === "step-failed" && event.final && event.step === "triage");

/** After what others should know more of an incident. */
const NEWS: ReadonlySet<IncidentEvent["type"]> = new Set([
  "page-received",
  "page-read",
  "finding-submitted",
  "page-joined",
  "page-left",
  "lead-told",
  "flap-counted",
  "flapped",
]);

/** Whether others know less of an incident than they should. */
export function isCardOld(log: readonly LoggedEvent[]): boolean {
  const seen = newestOf(log, "card-pinned")?.event.seen ?? 0;
  const isOver = log.some(({ event }) => endsTriage(event));
  return log.some(({ seq, event }) => {
    if (seq <= seen) return false;
    const isPagers = event.type === "pager-event-received" && event.page !== null;
    return NEWS.has(event.type) || endsTriage(event) || isPagers || (event.type === "page-awaits" && isOver);
  });
}

/** Whether pages joined or left since the list in the thread was last said. */
export function isListOld(log: readonly LoggedEvent[]): boolean {
  const seen = newestOf(log, "joined-said")?.event.seen ?? 0;
  return log.some(({ seq, event }) => seq > seen && (event.type === "page-joined" || event.type === "page-left"));
}
