import { sleep } from "../durable/sleep.ts";

/** So long a flood's connection waits for its refusal, ms: it sends nothing else meanwhile, and what it has sent lies unread. */
const LATE_MS = 1_000;
/** Of each 64 kB of a body are held. */
const MOST_HELD = 200;

/**
 * A refusal that comes late. Who floods sends the next body as soon as the last one is refused, so a quick no costs more than all that is refused.
 * @returns waits, unless so many wait already
 */
export function createLateRefusal(lateMs = LATE_MS, most = MOST_HELD): (gone: AbortSignal) => Promise<void> {
  let held = 0;
  return async (gone) => {
    if (held >= most) return;
    held += 1;
    try {
      await sleep(lateMs, gone);
    } catch {
      // Its sender is gone.
    } finally {
      held -= 1;
    }
  };
}
