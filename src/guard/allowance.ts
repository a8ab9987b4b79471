import type { RateLimit } from "./rate-limit.ts";

/**
 * What midwatch takes of one limit: never more than its share of what it finds. What it finds is what is left and what it took itself, so others'
 * use makes its share smaller. Known from the first answer of a period on.
 */
export class Allowance {
  #until = 0;
  #taken = 0;
  #answered = 0;
  /** Requests that midwatch has found in this period; null: no answer has said. */
  #found: number | null = null;
  /** Until when the vendor wants no calls. */
  #refusedUntil = 0;

  /** How many more may leave in this period; null: unknown. @param share from above 0 to 1 */
  left(share: number, now: number): number | null {
    this.#turn(now);
    // At least one: a limit of one request would never be used else.
    return this.#found === null ? null : Math.max(0, Math.max(1, Math.floor(this.#found * share)) - this.#taken);
  }

  /** Whether the vendor itself refused, or the share is used up, and until when; null: neither. */
  heldUntil(share: number, now: number): { readonly until: number; readonly by: "vendor" | "share" } | null {
    if (now < this.#refusedUntil) return { until: this.#refusedUntil, by: "vendor" };
    return this.left(share, now) === 0 ? { until: this.#until, by: "share" } : null;
  }

  /** A call leaves. */
  take(now: number): void {
    this.#turn(now);
    this.#taken++;
  }

  heard(limit: Pick<RateLimit, "left" | "until">, now: number): void {
    this.#turn(now);
    this.#answered++;
    this.#until = limit.until;
    this.#found = limit.left + this.#answered;
  }

  refused(until: number): void {
    this.#refusedUntil = Math.max(this.#refusedUntil, until);
  }

  /** A period that is over takes its figures with it. */
  #turn(now: number): void {
    if (this.#found === null || now < this.#until) return;
    this.#found = null;
    this.#taken = 0;
    this.#answered = 0;
  }
}
