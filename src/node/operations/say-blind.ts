import { Outbox } from "../../durable/outbox.ts";
import { sleep } from "../../durable/sleep.ts";
import type { Sql } from "../../durable/sql.ts";
import { toMessage } from "../../integrations/slack/block-kit.ts";
import type { createSpeaker, Posted } from "../../slack/speaker.ts";
import type { Blind } from "../../operations/blindness.ts";

/** Rows of the outbox that belong to no incident. */
const OWN = "midwatch";

/**
 * Says in the catalog's default channel what midwatch may not see, each once, also over restarts: the outbox knows what was said.
 * @throws what the channel or Slack answered; it is tried again with the next call
 */
export async function sayBlind(
  blind: readonly Blind[],
  { sql, speaker, now, signal }: { sql: Sql; speaker: ReturnType<typeof createSpeaker>; now: () => number; signal: AbortSignal },
): Promise<void> {
  const outbox = new Outbox(sql, OWN, { now, sleep });
  for (const { key, text } of blind) {
    const since = now();
    const message = toMessage([{ text }]);
    const calls = {
      find: async (): Promise<Posted | null> => {
        const channel = await speaker.channelOf(null, signal);
        return speaker.find({ channel, threadTs: null, key, since }, signal);
      },
      act: async (): Promise<Posted> =>
        speaker.post(message, { channel: await speaker.channelOf(null, signal), threadTs: null, key }, signal),
    };
    await outbox.deliver(key, "slack-message", { text }, calls, signal);
  }
}
