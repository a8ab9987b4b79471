import type { Effects } from "../durable/outbox.ts";
import { payloadHash } from "../guard/approval.ts";

/** What a pull request says of itself. */
interface Words {
  readonly title: string;
  readonly body: string;
}

const keyOf = async ({ title, body }: Words): Promise<string> => `fix-words-${await payloadHash({ title, body })}`;

/**
 * Notes words before they are sent. A run that is cut off behind that leaves words at GitHub that the log does not have, and by the next run CI may
 * have gone on, so that it would write others: without this note it took its own words for a person's.
 */
export async function noteWords(effects: Effects, words: Words): Promise<void> {
  const noted = async () => true;
  await effects.deliver(await keyOf(words), "pull-request-words", null, { find: noted, act: noted });
}

/** Whether midwatch ever sent, or was about to send, exactly these. */
export const wereNoted = async (effects: Effects, words: Words): Promise<boolean> => effects.wasMeant(await keyOf(words));
