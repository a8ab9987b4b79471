import type { LoggedEvent } from "./event.ts";
import { isSameAlert, type JoinPage } from "./joining.ts";
import { pagerEventKind } from "./pager-event.ts";

/** A page that the pager resolved by itself, soon and before anybody acknowledged it. Epoch milliseconds. */
export interface Flap {
  readonly at: number;
  readonly endedAt: number;
}

/** Flaps of one alert, each soon after the one before. */
export interface FlapPattern {
  readonly count: number;
  readonly since: number;
  /** When the newest ended. */
  readonly until: number;
  /** How long they lasted, ms. */
  readonly shortestMs: number;
  readonly longestMs: number;
}

/** What an incident lets others know of its page's flap. */
export interface FlapCard extends JoinPage {
  readonly flap?: Flap | null;
  /** Its thread names the pattern. */
  readonly namesFlaps?: boolean;
}

/** What lasts longer was no flap: PagerDuty holds a transient alert's page back for 15 minutes at most (`auto_pause_notifications_parameters`). */
const LONGEST_FLAP_MS = 15 * 60_000;
/** Flaps that are further apart are not one story. */
const APART_MS = 60 * 60_000;
/** From this one on the service is named. */
export const NAMED_FROM = 3;

/** The flap that a page was, by its log; null: it is open, lasted, or people had a hand in it. */
export function flapOf(log: readonly LoggedEvent[]): Flap | null {
  let at: number | null = null;
  let flap: Flap | null = null;
  for (const { event } of log) {
    if (event.type === "page-received") at ??= event.page.createdAt;
    if (event.type !== "pager-event-received") continue;
    const isPersons = event.by !== null && event.byTool !== true;
    if (isPersons && pagerEventKind(event) === "acknowledged") return null;
    if (event.page === null) continue;
    const isOver = event.page.status === "resolved" && event.page.mergedInto === undefined;
    const lastedMs = event.occurredAt - (at ?? Infinity);
    flap = isOver && !isPersons && at !== null && lastedMs <= LONGEST_FLAP_MS ? { at, endedAt: Math.max(at, event.occurredAt) } : null;
  }
  return flap;
}

/** The flaps of a page's alert that led up to it, oldest first, and the incident whose thread names them already. */
export function flapsBefore(
  page: JoinPage,
  others: readonly FlapCard[],
): { readonly flaps: readonly Flap[]; readonly home: string | null } {
  const flaps: Flap[] = [];
  let home: string | null = null;
  let next = page.createdAt;
  const newestFirst = others
    .flatMap((card) => (card.flap == null || card.incidentId === page.incidentId ? [] : [{ card, flap: card.flap }]))
    .toSorted((a, b) => b.flap.at - a.flap.at);
  for (const { card, flap } of newestFirst) {
    if (flap.at > page.createdAt || !isSameAlert(card, page)) continue;
    if (next - flap.at > APART_MS) break;
    flaps.unshift(flap);
    next = flap.at;
    if (card.namesFlaps === true) home ??= card.incidentId;
  }
  return { flaps, home };
}

/** @param flaps at least one, oldest first */
export function patternOf(flaps: readonly Flap[]): FlapPattern {
  const lasted = flaps.map(({ at, endedAt }) => endedAt - at);
  return {
    count: flaps.length,
    since: Math.min(...flaps.map(({ at }) => at)),
    until: Math.max(...flaps.map(({ endedAt }) => endedAt)),
    shortestMs: Math.min(...lasted),
    longestMs: Math.max(...lasted),
  };
}

/** What is known of an incident's flaps, by its log. */
export interface FlapState {
  /** What led up to its page, seen when it came; null: nothing that is a pattern. */
  readonly before: FlapPattern | null;
  /** Its own flap, and whether it was counted. */
  readonly own: Flap | null;
  readonly isCounted: boolean;
  /** The incident whose thread names them; null: none other. */
  readonly home: string | null;
  /** The pattern that this incident's thread names; null: it names none. */
  readonly named: FlapPattern | null;
  /** Whether the thread says less than is known. */
  readonly isUnsaid: boolean;
}

export function flapStateOf(log: readonly LoggedEvent[]): FlapState {
  let before: FlapPattern | null = null;
  let named: FlapPattern | null = null;
  let home: string | null = null;
  let [isCounted, isUnsaid] = [false, false];
  for (const { event } of log) {
    if (event.type === "stayed-apart") before = event.flaps ?? before;
    else if (event.type === "flap-counted") {
      [isCounted, home] = [true, event.home];
      if (event.home === null && event.pattern.count >= NAMED_FROM) [named, isUnsaid] = [event.pattern, true];
    } else if (event.type === "flapped") [named, isUnsaid] = [event.pattern, true];
    else if (event.type === "flaps-said") isUnsaid = false;
  }
  return { before, own: flapOf(log), isCounted, home, named, isUnsaid };
}
