import { limits, type SlackMessage } from "../../src/integrations/slack/block-kit.ts";
import { lengthOf } from "../../src/integrations/slack/mrkdwn.ts";

/** Whether a message keeps to Slack's limits, as a whole and in each part. */
export const withinLimits = ({ text, blocks }: SlackMessage): boolean =>
  lengthOf(text) <= limits.messageText &&
  blocks.length <= limits.blocks &&
  lengthOf(JSON.stringify(blocks)) <= limits.allBlocks &&
  blocks.every((block) => block.type !== "section" || !("text" in block) || lengthOf(block.text.text) <= limits.section);
