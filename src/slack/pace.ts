/**
 * How fast Slack may be spoken to, and whether it answers at all: one for all incidents of a process. Slack takes one message a second in a channel and
 * some fifty edits a minute in a workspace, and refuses the rest. Source: "Rate limits" of Slack's docs (chat.postMessage is of a tier of its own,
 * chat.update of tier 3).
 */

/** What a step is about to say, and for whom. */
export interface Asking {
  /** Who asks: the incident. */
  readonly who: string;
  /** 0 comes first, see `pageRank`. */
  readonly rank: number;
  /** Of two with the same rank the older one comes first, epoch milliseconds. */
  readonly since: number;
  /** Where it posts. */
  readonly channel: string;
  readonly posts: number;
  readonly edits: number;
  readonly now: number;
}

export interface SlackPace {
  /** See PaceLimits. */
  readonly patienceMs: number;
  /** ms until it may be said; 0: now, and then it counts as said. */
  readyIn(asking: Asking): number;
  /** Whether there is room for an edit that nobody waits for; true: it counts as made. */
  spareEdit(now: number): boolean;
  /** Slack answered, if only to refuse. */
  answered(): void;
  /** Slack did not answer, or could not: until the wait is over only one asks whether it does again. @param waitMs what Slack named, where it did */
  failed(now: number, took: "long" | "short", waitMs?: number): void;
}

export interface PaceLimits {
  /** Between two messages in one channel, ms. */
  readonly postEveryMs: number;
  /** Between two edits in the long run, ms; `editBurst` of them may come at once. */
  readonly editEveryMs: number;
  readonly editBurst: number;
  /** Work waits so long for the first words, ms, and then goes on without them: the call goes on as well. */
  readonly patienceMs: number;
}

/** A little slower than Slack allows: its clock and ours differ. 10 at once and then one each 1.5 s are 50 in any minute. */
export const SLACK_LIMITS: PaceLimits = { postEveryMs: 1_050, editEveryMs: 1_500, editBurst: 10, patienceMs: 6_000 };

/** A workspace that takes everything at once: emulated ones do. */
export const NO_LIMITS: PaceLimits = { postEveryMs: 0, editEveryMs: 0, editBurst: 1_000, patienceMs: 30_000 };

/** Who was asked to wait and has not come back for this long does not wait any more. */
const FORGOTTEN_AFTER_MS = 5_000;
const FIRST_WAIT_MS = 1_000;
/** After a call that hung: the next one would hang as well, and hold up what it is for. */
const LONG_WAIT_MS = 5_000;
const LONGEST_WAIT_MS = 15_000;

interface Waiting {
  readonly rank: number;
  readonly since: number;
  readonly until: number;
}

/** Room for so many calls at once, which comes back one by one. Of those who wait, the most urgent goes first. */
class Room {
  readonly #everyMs: number;
  readonly #most: number;
  readonly #waiting = new Map<string, Waiting>();
  #left: number;
  #at = Number.NEGATIVE_INFINITY;

  constructor(everyMs: number, most: number) {
    this.#everyMs = everyMs;
    this.#most = most;
    this.#left = most;
  }

  /** ms until there is room for so many, once those before have had theirs. */
  readyIn({ who, rank, since, now }: Asking, calls: number): number {
    if (calls === 0) return 0;
    this.#refill(now);
    for (const [other, { until }] of this.#waiting) if (until + FORGOTTEN_AFTER_MS < now) this.#waiting.delete(other);
    const before = [...this.#waiting].filter(
      ([other, it]) => other !== who && (it.rank < rank || (it.rank === rank && (it.since < since || (it.since === since && other < who)))),
    ).length;
    const short = before + Math.min(calls, this.#most) - this.#left;
    const waitMs = short <= 0 ? 0 : Math.max(1, Math.ceil(short * this.#everyMs - (now - this.#at)));
    if (waitMs === 0) this.#waiting.delete(who);
    else this.#waiting.set(who, { rank, since, until: now + waitMs });
    return waitMs;
  }

  take(calls: number, now: number): void {
    this.#refill(now);
    this.#left -= calls;
  }

  /** Whether more than half is left and nobody waits. */
  isSpare(now: number): boolean {
    this.#refill(now);
    return this.#waiting.size === 0 && this.#left > this.#most / 2;
  }

  #refill(now: number): void {
    if (this.#left >= this.#most || this.#at === Number.NEGATIVE_INFINITY || now < this.#at) this.#at = now;
    const back = this.#everyMs === 0 ? this.#most : Math.floor((now - this.#at) / this.#everyMs);
    if (back <= 0) return;
    this.#left = Math.min(this.#most, this.#left + back);
    this.#at = this.#left === this.#most ? now : this.#at + back * this.#everyMs;
  }
}

export function createPace({ postEveryMs, editEveryMs, editBurst, patienceMs }: PaceLimits = SLACK_LIMITS): SlackPace {
  const channels = new Map<string, Room>();
  const edits = new Room(editEveryMs, editBurst);
  let failures = 0;
  let downUntil = 0;
  const waitAfterFailure = (took: "long" | "short") =>
    Math.min(LONGEST_WAIT_MS, (took === "long" ? LONG_WAIT_MS : FIRST_WAIT_MS) * 2 ** Math.min(failures - 1, 10));
  let lastTook: "long" | "short" = "short";
  return {
    patienceMs,
    readyIn(asking) {
      const { now, channel } = asking;
      if (failures > 0 && now < downUntil) return downUntil - now;
      const posts = channels.get(channel) ?? new Room(postEveryMs, 1);
      channels.set(channel, posts);
      const waitMs = Math.max(posts.readyIn(asking, asking.posts), edits.readyIn(asking, asking.edits));
      if (waitMs > 0) return waitMs;
      posts.take(asking.posts, now);
      edits.take(asking.edits, now);
      // This one finds out; the others wait for what it finds.
      if (failures > 0) downUntil = now + waitAfterFailure(lastTook);
      return 0;
    },
    spareEdit(now) {
      if (failures > 0 || !edits.isSpare(now)) return false;
      edits.take(1, now);
      return true;
    },
    answered() {
      failures = 0;
    },
    failed(now, took, waitMs = 0) {
      failures += 1;
      lastTook = took;
      downUntil = now + Math.max(waitMs, waitAfterFailure(took));
    },
  };
}
