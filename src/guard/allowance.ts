import { LONGEST_HELD_MS, type RateLimit } from "./rate-limit.ts";

/**
 * What midwatch takes of one limit: never more than its share of what it finds. What it finds is what is left and what it took itself, so others'
 * use makes its share smaller. Known from the first answer of a period on.
 */
export class Allowance {
  #until = 0;
  #taken = 0;
  #answered = 0;
  #underWay = 0;
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
    this.#underWay++;
  }

  heard(limit: Pick<RateLimit, "left" | "until">, now: number): void {
    this.#turn(now);
    // What was answered before belongs to no period that is known, as in an outage that took hours.
    if (this.#found === null) this.#taken = this.#underWay + 1;
    this.#answered++;
    this.#until = Math.min(limit.until, now + LONGEST_HELD_MS);
    this.#found = limit.left + this.#answered;
  }

  /** A call has ended, however it did; before {@link heard}. */
  ended(): void {
    this.#underWay = Math.max(0, this.#underWay - 1);
  }

  refused(until: number, now: number): void {
    this.#refusedUntil = Math.min(Math.max(this.#refusedUntil, until), now + LONGEST_HELD_MS);
  }

  /** A period that is over takes its figures with it. */
  #turn(now: number): void {
    if (this.#found === null || now < this.#until) return;
    this.#found = null;
    this.#taken = 0;
    this.#answered = 0;
  }
}
