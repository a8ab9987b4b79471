import type { Heard } from "../../app.ts";

const MINUTE_MS = 60_000;
const WINDOW_MINUTES = 10;

/** Deliveries that were refused: counted by the minute, so that a flood of them costs nothing but a number. */
export class Refusals {
  readonly #now: () => number;
  /** By minute since 1970, then by why. */
  readonly #minutes = new Map<number, Map<string, number>>();
  #loggedUntil: number;

  constructor(now: () => number) {
    this.#now = now;
    this.#loggedUntil = this.#minute();
  }

  heard(what: Heard): void {
    if (!what.startsWith("refused: ")) return;
    const minute = this.#minute();
    const counts = this.#minutes.get(minute) ?? new Map<string, number>();
    const why = what.slice("refused: ".length);
    counts.set(why, (counts.get(why) ?? 0) + 1);
    this.#minutes.set(minute, counts);
    for (const one of this.#minutes.keys()) if (one <= minute - WINDOW_MINUTES) this.#minutes.delete(one);
  }

  /** "3 refused in 10 min: signature", one line for each reason, most first. */
  lines(): string[] {
    const from = this.#minute() - WINDOW_MINUTES + 1;
    return linesOf(this.#sum(from, this.#minute()), `${WINDOW_MINUTES} min`);
  }

  /** The same of the minutes that are over and were not logged yet: at most one line a minute and reason. */
  toLog(): string[] {
    const [from, until] = [this.#loggedUntil, this.#minute()];
    this.#loggedUntil = until;
    return linesOf(this.#sum(from, until - 1), `${Math.max(1, until - from)} min`);
  }

  #minute(): number {
    return Math.floor(this.#now() / MINUTE_MS);
  }

  #sum(from: number, to: number): ReadonlyMap<string, number> {
    const sums = new Map<string, number>();
    for (const [minute, counts] of this.#minutes) {
      if (minute < from || minute > to) continue;
      for (const [why, count] of counts) sums.set(why, (sums.get(why) ?? 0) + count);
    }
    return sums;
  }
}

const linesOf = (sums: ReadonlyMap<string, number>, within: string): string[] =>
  [...sums].toSorted((one, other) => other[1] - one[1]).map(([why, count]) => `${count} refused in ${within}: ${why}`);
