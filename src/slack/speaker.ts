import { IntegrationError, RateLimitedError } from "../guard/errors.ts";
import { StepTimedOutError } from "../durable/actor.ts";
import type { SlackClient } from "../integrations/slack/client.ts";
import type { SlackMessage } from "../integrations/slack/block-kit.ts";
import { createPace, type SlackPace } from "./pace.ts";

/** Where a posted message lives. */
export interface Posted {
  readonly channel: string;
  readonly ts: string;
  readonly link: string | null;
}

/** A call that took longer than this and then failed hung. */
const LONG_MS = 3_000;

/** Whether a failure says nothing of the message: Slack was not there, was too slow, or had enough of us. */
export const isOutage = (error: unknown): boolean =>
  error instanceof StepTimedOutError || (error instanceof IntegrationError && error.retryable);

/**
 * Says an incident's words in its one channel.
 * @param channelFor the catalog's channel of a service; destinations come from nowhere else
 * @param redacted the last look at what is said, before it leaves
 */
export function createSpeaker(
  slack: SlackClient,
  channelFor: (service: string | null) => string | null,
  redacted: (message: SlackMessage) => SlackMessage = (message) => message,
  { pace = createPace(), now = Date.now }: { readonly pace?: SlackPace; readonly now?: () => number } = {},
) {
  /** Lets the pace know whether Slack answers. */
  const asked = async <T>(work: Promise<T>, signal: AbortSignal): Promise<T> => {
    const startedAt = now();
    try {
      const value = await work;
      pace.answered();
      return value;
    } catch (error) {
      if (isOutage(error)) {
        const waitMs = error instanceof RateLimitedError ? error.retryAfterMs : 0;
        pace.failed(now(), now() - startedAt > LONG_MS ? "long" : "short", waitMs);
      } else if (!signal.aborted) pace.answered();
      throw error;
    }
  };
  return {
    pace,
    /** The name under which the catalog has the channel: posts are paced by it. */
    channelName: (service: string | null) => channelFor(service) ?? "",
    async channelOf(service: string | null, signal: AbortSignal): Promise<string> {
      const name = channelFor(service);
      if (name === null) {
        throw new IntegrationError(
          "slack",
          "No Slack channel is known. Set defaults.slack_channel in the catalog, or slack_channel of the service.",
        );
      }
      const channel = (await asked(slack.resolveChannel(name, signal), signal)).value;
      if (channel.shared) {
        throw new IntegrationError(
          "slack",
          `Slack channel ${name} is shared with another organisation; midwatch does not post there. Name another channel in the catalog.`,
        );
      }
      return channel.id;
    },
    async post(message: SlackMessage, to: { channel: string; threadTs: string | null; key: string }, signal: AbortSignal): Promise<Posted> {
      const sent = slack.postMessage({ ...redacted(message), channel: to.channel, threadTs: to.threadTs, key: to.key }, signal);
      const { value } = await asked(sent, signal);
      return { channel: value.channel, ts: value.ts, link: value.link };
    },
    async find(to: { channel: string; threadTs: string | null; key: string; since: number }, signal: AbortSignal): Promise<Posted | null> {
      return (await asked(slack.findByKey(to, signal), signal)).value;
    },
    async edit(message: SlackMessage, at: { channel: string; ts: string }, signal: AbortSignal): Promise<void> {
      await asked(slack.updateMessage({ ...redacted(message), channel: at.channel, ts: at.ts }, signal), signal);
    },
  };
}
