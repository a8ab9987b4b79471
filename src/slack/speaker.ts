import { IntegrationError } from "../guard/errors.ts";
import type { SlackClient } from "../integrations/slack/client.ts";
import type { SlackMessage } from "../integrations/slack/block-kit.ts";

/** Where a posted message lives. */
export interface Posted {
  readonly channel: string;
  readonly ts: string;
  readonly link: string | null;
}

/**
 * Says an incident's words in its one channel.
 * @param channelFor the catalog's channel of a service; destinations come from nowhere else
 * @param redacted the last look at what is said, before it leaves
 */
export function createSpeaker(
  slack: SlackClient,
  channelFor: (service: string | null) => string | null,
  redacted: (message: SlackMessage) => SlackMessage = (message) => message,
) {
  return {
    async channelOf(service: string | null, signal: AbortSignal): Promise<string> {
      const name = channelFor(service);
      if (name === null) {
        throw new IntegrationError(
          "slack",
          "No Slack channel is known. Set defaults.slack_channel in the catalog, or slack_channel of the service.",
        );
      }
      const channel = (await slack.resolveChannel(name, signal)).value;
      if (channel.shared) {
        throw new IntegrationError(
          "slack",
          `Slack channel ${name} is shared with another organisation; midwatch does not post there. Name another channel in the catalog.`,
        );
      }
      return channel.id;
    },
    async post(message: SlackMessage, to: { channel: string; threadTs: string | null; key: string }, signal: AbortSignal): Promise<Posted> {
      const { value } = await slack.postMessage({ ...redacted(message), channel: to.channel, threadTs: to.threadTs, key: to.key }, signal);
      return { channel: value.channel, ts: value.ts, link: value.link };
    },
    async find(to: { channel: string; threadTs: string | null; key: string; since: number }, signal: AbortSignal): Promise<Posted | null> {
      return (await slack.findByKey(to, signal)).value;
    },
    async edit(message: SlackMessage, at: { channel: string; ts: string }, signal: AbortSignal): Promise<void> {
      await slack.updateMessage({ ...redacted(message), channel: at.channel, ts: at.ts }, signal);
    },
  };
}
