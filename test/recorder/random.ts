import { createRandom, type Random as Draws } from "../support/random.ts";

/** Numbers that are the same for the same words: each request draws from its own stream, so that one drawing more shifts no other. */
export interface Random extends Draws {
  chance(share: number): boolean;
  /** Log-normal: half of the draws are below `median`; `spread` is the standard deviation of the logarithm. */
  logNormal(median: number, spread: number): number;
  hex(digits: number): string;
}

/** xmur3 for the seed (Bob Jenkins', public domain). */
export function randomOf(...words: readonly (string | number)[]): Random {
  let state = 1779033703;
  for (const character of words.join(" ")) state = Math.imul(state ^ (character.codePointAt(0) ?? 0), 3432918353);
  const draws = createRandom(state ^ (state >>> 16));
  const { next, below } = draws;
  return {
    ...draws,
    chance: (share) => next() < share,
    logNormal: (median, spread) => median * Math.exp(spread * Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next())),
    hex: (digits) => Array.from({ length: digits }, () => below(16).toString(16)).join(""),
  };
}
