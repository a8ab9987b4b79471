/** A clock that goes as this machine's does, and may be set forward. Epoch milliseconds. */
export interface StoryClock {
  readonly now: () => number;
  /** Skips time in which nothing happens. */
  forward(ms: number): void;
}

export function createStoryClock(startsAt: number): StoryClock {
  let behindMs = Date.now() - startsAt;
  return {
    now: () => Date.now() - behindMs,
    forward(ms) {
      behindMs -= Math.ceil(ms);
    },
  };
}
