import type { LoggedEvent } from "../incident/event.ts";
import type { IncidentView } from "../incident/view.ts";

export interface ChannelLink {
  /** "#inc-20261201-checkout-4821"; without a name that is known, "channel". */
  readonly title: string;
  readonly url: string;
}

/**
 * Where people work on an incident: its own channel, that midwatch made or found and reads. Slack's address of it follows from the status message's;
 * null: there is none, or that has another form.
 */
export function channelLink(
  log: readonly LoggedEvent[],
  { channel, statusMessage }: Pick<IncidentView, "channel" | "statusMessage">,
): ChannelLink | null {
  const workspace = /^(https?:\/\/[^/\s]+)\/archives\/[^/\s]+\/p\d+$/.exec(statusMessage?.link ?? "")?.[1];
  if (channel === null || workspace === undefined) return null;
  const named = log.findLast(
    ({ event }) => (event.type === "channel-heard" || event.type === "channel-made") && event.channel === channel,
  )?.event;
  const name = named?.type === "channel-heard" || named?.type === "channel-made" ? named.name : null;
  return { title: name === null ? "channel" : `#${name}`, url: `${workspace}/archives/${encodeURIComponent(channel)}` };
}
