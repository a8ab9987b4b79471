import type { Alike } from "./shared-layer.ts";

/** What limits how sure a suspect may be said to be. */
export interface Limits {
  /** Something was not read: it may clear the first suspect. */
  readonly isPartial: boolean;
  /** Nobody knows who calls whom. */
  readonly isBlind: boolean;
  /** What the first suspect shows may be that of something below or beside it of which nothing was read. */
  readonly isBelow: boolean;
  /** The first suspect calls the paged service, and shows only what a caller shows of what it calls. */
  readonly isCaller: boolean;
  /** Another suspect has a cause of its own too. */
  readonly isOneOfTwo: boolean;
  /** The first suspect is the paged service, no change to it is blamed, and nothing shows but its failures and time. */
  readonly isSeenAlone: boolean;
  /** Less speaks for the first suspect than is enough for an incident where the paged service shows trouble. */
  readonly isThin: boolean;
  /** Services that fail alike at once. */
  readonly together: Alike | null;
}

/** Below "likely": more data, or a look at what nothing measures, may well name another. */
const UNSURE = 0.68;
/** The first explains a part of the page. */
const ONE_OF_TWO = 0.89;
/** In about one of six worlds for development it was something that nobody had traced. */
const SEEN_ALONE = 0.85;

/**
 * Most that any suspect is given. Of n services that fail alike one is to blame at most, and that it is one of them is no likelier than that it is what
 * they share: half of 1/n.
 */
export function mostSure({ isPartial, isBlind, isBelow, isCaller, isThin, isOneOfTwo, isSeenAlone, together }: Limits): number {
  const isUnsure = isPartial || isBlind || isBelow || isCaller || isThin || together !== null;
  const most = isUnsure ? UNSURE : isSeenAlone ? SEEN_ALONE : isOneOfTwo ? ONE_OF_TWO : 1;
  return together === null ? most : Math.min(most, 0.5 / together.services.length);
}

/**
 * Logarithm of how much the odds of a suspect grow once it is established that something is wrong: the scores are weighed against "nothing at all"
 * too. Each recorded set, and worlds for development, would set it to 2.3 to 3 for the others (`npm run bench -- calibration`). Systems that nobody
 * has seen are harder, and "likely" must not be wrong, so it is far less.
 */
const GIVEN_AN_INCIDENT = 0.8;
/** Weights of clues saturate, so above evens the scores understate. */
const STEEPER = 1.3;

/** The probability of a suspect, given that there is an incident. Keeps the order. */
export function givenIncident(probability: number): number {
  const raw = Math.log(Math.max(1e-9, probability) / Math.max(1e-9, 1 - probability));
  const logit = GIVEN_AN_INCIDENT + raw * (raw > 0 ? STEEPER : 1);
  return 1 / (1 + Math.exp(-logit));
}

/** Of changes that little more than time and place speak for about one in seven is innocent, and what is left then is nobody's. */
const BY_TIME_ALONE = 0.85;

/** What a blamed change leaves of its suspect's probability. @param share how much speaks for the change, 0..1 */
export const withChange = (probability: number, share: number): number => probability * (BY_TIME_ALONE + (1 - BY_TIME_ALONE) * share);
