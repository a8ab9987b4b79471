/** So many tries in a row must fail before a vendor is left alone. */
const OPENS_AFTER = 5;
/** And the first of them must have begun so long ago, ms: a burst of calls into one short blip is no outage. */
const LEAST_OUTAGE_MS = 2_000;
/** How long it is left alone at first, ms; twice as long after each further try that fails. */
const FIRST_PAUSE_MS = 5_000;
const LONGEST_PAUSE_MS = 60_000;
/** A probe that is not heard of for this long counts as lost, ms. */
const LONGEST_PROBE_MS = 60_000;
/** While a probe is under way others look again after this long, ms. */
const LOOK_AGAIN_MS = 250;

/** A vendor that is left alone. Times are epoch milliseconds. */
export interface Outage {
  /** When the first of its failed tries began. */
  readonly since: number;
  /** When it is asked again. */
  readonly againAt: number;
  /** How the newest try ended: its status, or null without an answer. */
  readonly newest: number | null;
}

/**
 * Circuit breaker of one vendor: after `OPENS_AFTER` failed tries in a row, the first of which began `LEAST_OUTAGE_MS` ago or earlier, nothing is
 * sent for a while. Then one call goes, as the probe: an answer closes the circuit, a failure doubles the pause. Source of the pattern: M. Nygard,
 * "Release It!"; pauses are spread by half, so that several processes do not probe at once.
 */
export class Circuit {
  readonly #random: () => number;
  #failures = 0;
  #since = 0;
  #newest: number | null = null;
  #againAt: number | null = null;
  #probeUntil = 0;
  #pauses = 0;

  /** @param random from 0 to below 1 */
  constructor(random: () => number) {
    this.#random = random;
  }

  /** null: the vendor is asked as usual. */
  outage(): Outage | null {
    return this.#againAt === null ? null : { since: this.#since, againAt: this.#againAt, newest: this.#newest };
  }

  /** ms until a try may leave; 0: now, and while the circuit is open it is the probe. */
  waitMs(now: number): number {
    if (this.#againAt === null) return 0;
    if (now < this.#againAt) return this.#againAt - now;
    if (now < this.#probeUntil) return LOOK_AGAIN_MS;
    this.#probeUntil = now + LONGEST_PROBE_MS;
    return 0;
  }

  /** The vendor answered, if only to refuse. */
  answered(): void {
    this.#failures = 0;
    this.#againAt = null;
    this.#pauses = 0;
    this.#probeUntil = 0;
  }

  /** Nobody waited for how a try ended. */
  cutOff(): void {
    this.#probeUntil = 0;
  }

  /** @param status of a 5xx; null: no whole answer came */
  failed(startedAt: number, now: number, status: number | null): void {
    this.#newest = status;
    if (this.#failures++ === 0) this.#since = startedAt;
    // Tries that left before it opened say nothing new of it.
    if (this.#againAt !== null && startedAt < this.#againAt) return;
    if (this.#failures < OPENS_AFTER || now - this.#since < LEAST_OUTAGE_MS) return;
    const pauseMs = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** Math.min(this.#pauses++, 10));
    this.#againAt = now + Math.round(pauseMs * (1 - this.#random() / 2));
    this.#probeUntil = 0;
  }
}
