import type { Person } from "./desk.ts";
import { matchesGlob } from "./glob.ts";
import type { LoggedEvent } from "./event.ts";
import type { Page } from "./page.ts";
import type { IncidentView } from "./view.ts";

/** Channels in which people work on one incident alone (`#inc-4821`), made by a tool or by hand: what is said there is on its timeline. */

/** By what a channel is known as the incident's. */
export type ChannelClue = "page-link" | "name" | "topic" | "person" | "made";

/** The catalog's rule of such channels. */
export interface ChannelRule {
  /** Names, without "#"; `*` stands for anything. */
  readonly name: string;
  /** midwatch may join public ones by itself. */
  readonly join: boolean;
  /** midwatch makes one for each incident that has none. */
  readonly create: boolean;
}

export interface OwnChannel {
  readonly channel: string;
  readonly clue: ChannelClue;
  readonly by: Person | null;
  /** null: it was not looked at yet. */
  readonly heard: boolean | null;
}

/** The channels of an incident, oldest first. */
export function ownChannels(log: readonly LoggedEvent[]): readonly OwnChannel[] {
  const known = new Map<string, OwnChannel>();
  for (const { event } of log) {
    if (event.type === "channel-linked")
      known.set(event.channel, { channel: event.channel, clue: event.clue, by: event.by ?? null, heard: null });
    if (event.type === "channel-heard" || event.type === "channel-refused") {
      const before = known.get(event.channel) ?? { channel: event.channel, clue: "page-link" as const, by: null };
      known.set(event.channel, { ...before, heard: event.type === "channel-heard" });
    }
  }
  return [...known.values()];
}

/** So many channels that a page names are looked at. */
const MOST_LINKED = 2;
const CHANNEL_LINK = /https:\/\/[\w.-]{1,100}\.slack\.com\/archives\/([CG][A-Z0-9]{5,20})\b/g;

/** Channels whose addresses are in the page. What the page says comes from outside: the rule's name decides whether one is read. */
export const linkedIn = (page: Pick<Page, "title" | "details">): readonly string[] =>
  [...new Set([...`${page.title}\n${page.details}`.matchAll(CHANNEL_LINK)].flatMap(([, id]) => id ?? []))].slice(0, MOST_LINKED);

/** The next channel to look at; null: none. */
export function nextChannel(log: readonly LoggedEvent[], { page }: Pick<IncidentView, "page">): Omit<OwnChannel, "heard"> | null {
  const known = ownChannels(log);
  const open = known.find(({ heard }) => heard === null);
  if (open !== undefined) return open;
  const linked = page === null ? undefined : linkedIn(page).find((id) => !known.some(({ channel }) => channel === id));
  return linked === undefined ? null : { channel: linked, clue: "page-link", by: null };
}

export const isIncidentChannel = (rule: ChannelRule, name: string): boolean => matchesGlob(rule.name, name);

/**
 * Whether a channel is this page's: the pager's number is a part of its name, or its topic or purpose has the page's address or its number after "#".
 */
export function channelClue(
  channel: { readonly name: string; readonly about: string },
  page: Pick<Page, "number" | "link" | "id">,
): ChannelClue | null {
  const { number, link } = page;
  if (number !== null && channel.name.split(/[^\p{L}\p{N}]+/u).includes(String(number))) return "name";
  if (link !== null && channel.about.includes(link)) return "topic";
  return number !== null && new RegExp(`#${number}(?!\\d)`).test(channel.about) ? "topic" : null;
}
