import { IntegrationError } from "../guard/errors.ts";
import type { SlackMessage } from "../integrations/slack/block-kit.ts";
import type { SlackClient } from "../integrations/slack/client.ts";
import { cutMrkdwn, escapeLines } from "../integrations/slack/mrkdwn.ts";
import { LONGEST_REPLY } from "./receiver.ts";

/** Says something to one person alone, where they clicked or wrote. A plain text is escaped here. */
export type Whisper = (
  to: { readonly channel: string; readonly user: string; readonly threadTs: string | null },
  said: string | SlackMessage,
) => Promise<void>;

/** @param onError a whisper that Slack does not take costs nothing else */
export const createWhisper =
  (slack: SlackClient, onError: (error: IntegrationError) => void): Whisper =>
  async ({ channel, user, threadTs }, said) => {
    const message = typeof said === "string" ? { text: cutMrkdwn(escapeLines(said), LONGEST_REPLY) } : said;
    try {
      await slack.postEphemeral({ channel, user, threadTs, ...message });
    } catch (error) {
      if (!(error instanceof IntegrationError)) throw error;
      onError(error);
    }
  };
