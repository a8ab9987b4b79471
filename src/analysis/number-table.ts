/** Slots of an empty table; a power of two, as all its sizes are. */
const LEAST_SLOTS = 1024;
/** No key is negative. */
const EMPTY = -1;
/** A key's lower bits are those of another hash: see `packed` of log-token.ts. */
const LOWER_BITS = 2 ** 21;

/**
 * Numbers by hashes of 53 bits: a `Map` of machine numbers. A map of half a million keeps an object for each key and value, which takes three times
 * the memory and the time. Open addressing: a key lies in the first free slot from its own on, and half of all slots stay free.
 */
export class NumberTable {
  size = 0;
  private keys = new Float64Array(LEAST_SLOTS).fill(EMPTY);
  private values = new Float64Array(LEAST_SLOTS);

  /** @param key a whole number below 2^53 whose upper 32 bits are a hash */
  get(key: number): number | undefined {
    const slot = this.slotOf(key);
    return this.keys[slot] === EMPTY ? undefined : this.values[slot];
  }

  set(key: number, value: number): void {
    let slot = this.slotOf(key);
    if (this.keys[slot] === EMPTY) {
      if (2 * (this.size + 1) > this.keys.length) {
        this.grow();
        slot = this.slotOf(key);
      }
      this.size += 1;
      this.keys[slot] = key;
    }
    this.values[slot] = value;
  }

  private slotOf(key: number): number {
    const { keys } = this;
    const mask = keys.length - 1;
    let slot = Math.floor(key / LOWER_BITS) & mask;
    while (keys[slot] !== key && keys[slot] !== EMPTY) slot = (slot + 1) & mask;
    return slot;
  }

  private grow(): void {
    const { keys, values } = this;
    this.keys = new Float64Array(2 * keys.length).fill(EMPTY);
    this.values = new Float64Array(2 * keys.length);
    for (const [place, key] of keys.entries()) {
      if (key === EMPTY) continue;
      const slot = this.slotOf(key);
      this.keys[slot] = key;
      this.values[slot] = values[place] ?? 0;
    }
  }
}
