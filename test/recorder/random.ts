/** Numbers that are the same for the same words: each request draws from its own stream, so that one drawing more shifts no other. */
export interface Random {
  /** From 0 to below 1. */
  next(): number;
  below(limit: number): number;
  chance(share: number): boolean;
  pick<T>(items: readonly T[]): T;
  /** Log-normal: half of the draws are below `median`; `spread` is the standard deviation of the logarithm. */
  logNormal(median: number, spread: number): number;
  hex(digits: number): string;
}

/** xmur3 for the seed, mulberry32 for the stream (Bob Jenkins' and Tommy Ettinger's, public domain). */
export function randomOf(...words: readonly (string | number)[]): Random {
  let state = 1779033703;
  for (const character of words.join(" ")) state = Math.imul(state ^ (character.codePointAt(0) ?? 0), 3432918353);
  state ^= state >>> 16;
  const next = (): number => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
  return {
    next,
    below: (limit) => Math.floor(next() * limit),
    chance: (share) => next() < share,
    pick<T>(items: readonly T[]): T {
      const picked = items[Math.floor(next() * items.length)];
      if (picked === undefined) throw new Error("there is nothing to pick from");
      return picked;
    },
    logNormal: (median, spread) => median * Math.exp(spread * Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next())),
    hex: (digits) => Array.from({ length: digits }, () => Math.floor(next() * 16).toString(16)).join(""),
  };
}
