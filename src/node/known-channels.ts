import { CHANNEL_KNOWN_MS } from "../integrations/slack/channels.ts";
import type { SlackClient } from "../integrations/slack/client.ts";

/** What was looked up so long ago is looked up again before it is forgotten. */
const EVERY_MS = CHANNEL_KNOWN_MS * 0.8;

/**
 * Keeps the catalog's channels known until the signal, so that first words cost one call: who reads a channel is checked before a page, not between
 * the page and the message. A channel that cannot be looked up is looked up by the message, which says what is wrong.
 * @returns when they were looked up for the first time
 */
export async function keepChannelsKnown(
  slack: Pick<SlackClient, "knowChannels">,
  channels: readonly string[],
  signal: AbortSignal,
): Promise<void> {
  if (channels.length === 0 || signal.aborted) return;
  const know = () => slack.knowChannels(channels, signal).catch(() => undefined);
  const timer = setInterval(() => void know(), EVERY_MS).unref();
  signal.addEventListener("abort", () => clearInterval(timer), { once: true });
  await know();
}
