/** Time that passes only when nothing is left to do at the moment. Epoch milliseconds, with fractions. */
export class VirtualTime {
  #now: number;
  readonly #waiting: { at: number; order: number; wake: () => void }[] = [];
  #order = 0;

  constructor(startsAt: number) {
    this.#now = startsAt;
  }

  now(): number {
    return this.#now;
  }

  /** Resolves at an instant, at the earliest now. */
  at(instant: number): Promise<void> {
    return new Promise((wake) => {
      const entry = { at: Math.max(instant, this.#now), order: this.#order++, wake };
      // Later instants stand further in front; of one instant, who asked first wakes first.
      let [low, high] = [0, this.#waiting.length];
      while (low < high) {
        const middle = (low + high) >> 1;
        const other = this.#waiting[middle];
        if (other !== undefined && (other.at > entry.at || (other.at === entry.at && other.order > entry.order))) low = middle + 1;
        else high = middle;
      }
      this.#waiting.splice(low, 0, entry);
    });
  }

  sleep(ms: number): Promise<void> {
    return this.at(this.#now + ms);
  }

  /** Lets time pass until an instant. What was to happen later never does. */
  async run(until: number): Promise<void> {
    for (;;) {
      // All that follows from what just happened, however many promises deep.
      await new Promise((resolve) => setImmediate(resolve));
      const next = this.#waiting.at(-1);
      if (next === undefined || next.at > until) break;
      this.#waiting.pop();
      this.#now = next.at;
      next.wake();
    }
    this.#now = until;
  }
}
