/** Retries in a minute that need no calls beside them. */
const RETRIES_A_MINUTE = 20;
/** Further retries, for each call. */
const RETRIES_A_CALL = 0.2;
const MOST_SAVED = 100;

/**
 * Retries that all calls to one vendor may make together: a fifth of the calls and twenty a minute. So a vendor in trouble gets at most a fifth more
 * than it always does. Source: Finagle's RetryBudget (20 %, and a minimum per second); Google, "Site Reliability Engineering", ch. 21.
 */
export class RetryBudget {
  #saved = RETRIES_A_MINUTE;
  #at: number | null = null;

  /** A call leaves for the first time. */
  called(): void {
    this.#saved = Math.min(MOST_SAVED, this.#saved + RETRIES_A_CALL);
  }

  /** Whether a call may be sent again; true: it counts as sent. */
  take(now: number): boolean {
    const minutes = Math.max(0, now - (this.#at ?? now)) / 60_000;
    this.#at = now;
    // What time brings fills up to what a minute may have; what calls brought stays.
    this.#saved = Math.max(this.#saved, Math.min(RETRIES_A_MINUTE, this.#saved + minutes * RETRIES_A_MINUTE));
    if (this.#saved < 1) return false;
    this.#saved--;
    return true;
  }
}
