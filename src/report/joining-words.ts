import type { ApartReason, JoinedPage, JoinReason } from "../incident/joining.ts";
import type { Joined, JoiningState } from "../incident/joining-state.ts";
import { joinedWords as inOneLine, link, own, say, strong, type Words } from "./text.ts";
import { minuteTime } from "./words.ts";

/** Why a page joined, behind its name: "its failing calls end in payments too". */
export function joinedWords(reason: JoinReason): string {
  switch (reason.code) {
    case "merged":
      return "merged in the pager";
    case "related":
      return "the pager lists them as related, and both left their usual range at about the same time";
    case "again":
      return `paged again; first page at ${minuteTime(reason.since)}`;
    case "same-end":
      if (reason.end === reason.service) return `the ${reason.fails ? "failing" : "slow"} calls end in ${reason.end}`;
      return `its ${reason.fails ? "failing" : "slow"} calls end in ${reason.end} too`;
    case "alike":
      return `it fails in the same way as ${reason.count - 1} other services, at the same time`;
    case "same-change":
      return `${reason.change.slice(0, 7)} is the likely cause of both`;
  }
}

/** Pages of one service that joined an incident. */
export interface JoinedService {
  readonly service: string;
  /** Oldest first. */
  readonly pages: readonly JoinedPage[];
  readonly because: JoinReason;
  /** With the page that the incident began with, where that is of this service too. */
  readonly occurrences: number;
  readonly since: number;
}

/** The pages that joined, by service, in the order in which the services came. */
export function joinedServices(all: readonly Pick<Joined, "page" | "because">[]): JoinedService[] {
  return [...Map.groupBy(all, ({ page }) => page.service)].map(([service, joined]) => {
    const reasons = joined.map(({ because }) => because);
    const [first] = reasons;
    // A service of which each page came again is the incident's own.
    const isOwn = reasons.every(({ code }) => code === "again");
    const times = joined.map(({ page }) => page.createdAt);
    const earlier = reasons.flatMap((reason) => (reason.code === "again" ? [reason.since] : []));
    return {
      service,
      pages: joined.map(({ page }) => page),
      because: reasons.find(({ code }) => code !== "again") ?? first ?? { code: "merged" },
      occurrences: joined.length + (isOwn ? 1 : 0),
      since: Math.min(...times, ...earlier),
    };
  });
}

/** Why a service's pages joined, and how often it paged: "its failing calls end in payments too, occurrence 3 since 02:10". */
export function joinedServiceWords({ because, occurrences, since }: JoinedService): string {
  const often = occurrences > 1 ? [`occurrence ${occurrences} since ${minuteTime(since)}`] : [];
  return [...(because.code === "again" && often.length > 0 ? [] : [joinedWords(because)]), ...often].join(", ");
}

/** "checkout-api, PagerDuty #4824: its failing calls end in payments too". */
export const joinedLine = ({ service, name }: JoinedPage, because: JoinReason): string => `${service}, ${name}: ${joinedWords(because)}`;

/** Why a page stays apart, as a sentence without its first word's capital. */
export function apartWords(reason: ApartReason): string {
  switch (reason.code) {
    case "other-environment":
      return `it is about ${reason.environments[1]}, not ${reason.environments[0]}`;
    case "other-resource":
      return `the same alert, but about ${reason.names[1]}, not ${reason.names[0]}`;
    case "unexplained-resource":
      return `nothing read so far leads to the ${reason.kind} ${reason.name}`;
    case "ended":
      return "the incident was over";
    case "nothing-found":
      return "the triage of the open incident found no trouble that was going on, and this page came later";
    case "long-ago":
      return "the newest page of the open incident is more than 6 hours older";
    case "not-read":
      return "nothing has been read yet that could link them";
    case "not-moved":
      return `no signal of ${reason.service} clearly left its usual range`;
    case "other-onset":
      return `their onsets are ${reason.minutes} min apart`;
    case "other-end":
      return reason.ends[0] === null || reason.ends[1] === null || reason.ends[0] === reason.ends[1]
        ? "nothing shows that they have one cause"
        : `their trouble ends in different places: ${reason.ends[0]} and ${reason.ends[1]}`;
  }
}

/** Pages that are named while they wait. */
const MOST_NAMED = 5;

/** Pages that wait for the triage under way, for they may be of one cause: "Also paged: cart #4823 and 9 more. …". Nothing where none does. */
export function awaitingWords({ awaiting }: Pick<JoiningState, "awaiting">): Words {
  const pages = awaiting.flatMap(({ page }) => page ?? []);
  if (pages.length === 0) return [];
  const named = pages.slice(0, MOST_NAMED).map(({ service, name, link: url }) => say`${service} ${link(name, url)}`);
  const more = pages.length > MOST_NAMED && own(` and ${pages.length - MOST_NAMED} more`);
  const they = pages.length === 1 ? "it belongs" : "they belong";
  return say`${strong("Also paged:")} ${inOneLine(named, ", ")}${more}. This reading shows whether ${own(they)} here.`;
}
