import type { EventOf, LoggedEvent } from "./event.ts";
import { newestOf } from "./newest-event.ts";
import { linkedIn, ownChannels } from "./own-channel.ts";
import type { IncidentView } from "./view.ts";

/** The channel that midwatch makes for one incident, where the catalog asks for it (`incident_channels.create`). */

/** Slack takes 80 characters; a phone shows some 40. */
const LONGEST_SLUG = 40;
const UNIQUE = 6;

/** Small letters, digits and hyphens, as Slack has them in names. */
const slugOf = (words: string): string =>
  words
    .normalize("NFKC")
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}]+/gu, "-")
    .slice(0, LONGEST_SLUG)
    .replaceAll(/^-+|-+$/g, "");

/**
 * "inc-20261201-checkout-4821": the page's day (UTC), its service, and the pager's number; without a number the end of the incident's id.
 * @param attempt 1; from 2 on that number follows, where the name before is another channel's
 */
export function madeChannelName(incidentId: string, { page, trigger }: Pick<IncidentView, "page" | "trigger">, attempt: number): string {
  const day = new Date(page?.createdAt ?? trigger?.at ?? 0).toISOString().slice(0, 10).replaceAll("-", "");
  const own = page?.number ?? slugOf(incidentId).replaceAll("-", "").slice(-UNIQUE);
  const about = slugOf(page?.service?.name ?? trigger?.service?.name ?? "") || slugOf(page?.title ?? "");
  return ["inc", day, about, String(own), ...(attempt > 1 ? [String(attempt)] : [])].filter((part) => part !== "").join("-");
}

export interface MadeChannel {
  readonly made: EventOf<"channel-made">;
  /** null: topic, bookmark and invitations are still to come. */
  readonly furnished: EventOf<"channel-furnished"> | null;
}

export function madeChannel(log: readonly LoggedEvent[]): MadeChannel | null {
  const made = newestOf(log, "channel-made")?.event;
  return made === undefined ? null : { made, furnished: newestOf(log, "channel-furnished")?.event ?? null };
}

/**
 * Whether a channel is due: the page leads its incident, is still open once it was looked at, and nobody has made one. Other tools make theirs within
 * the seconds that the look takes, and a page that is over by then needs none.
 */
export function isChannelDue(log: readonly LoggedEvent[], view: IncidentView): boolean {
  const { page, joining, status, brief, passed } = view;
  if (page === null || passed || status === "resolved" || brief === null || joining.lead !== null) return false;
  if (madeChannel(log) !== null || newestOf(log, "channel-not-made") !== null) return false;
  return linkedIn(page).length === 0 && ownChannels(log).every(({ heard }) => heard === false);
}
