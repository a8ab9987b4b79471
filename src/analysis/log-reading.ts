import type { TimeWindow } from "../incident/telemetry.ts";

/** What is read from logs, before it is weighed. */

/** Lines read between two turns: a few milliseconds. */
export const SLICE = 2048;
/** Sources keep logs for part of the time only: a stretch of this length counts where anything at all was logged in it. */
export const BUCKET_MS = 10_000;

/** What changed in a service's logs. */
export interface PatternChange {
  readonly kind: "new" | "surged" | "broken-pair" | "missing-statement";
  readonly service: string;
  readonly instance: string | null;
  /** The pattern; of a broken pair, the one that no longer follows. */
  readonly template: string;
  readonly severity: string | null;
  /** Lines a minute, healthy and now; for broken pairs and missing statements the share that is followed or logged, 0..1. */
  readonly before: number;
  readonly now: number;
  readonly count: number;
  readonly onset: number;
  /** Nothing older was read to tell it from what always came: `onset` is only its first sight. */
  readonly isFirstSight?: boolean;
  /** Lines stand for others that were not read: it may have begun before `onset`. */
  readonly isSampled?: boolean;
  /** How sure it is that this is new and not merely rare, 0..1. */
  readonly sure: number;
  readonly quote: string;
  /** Some lines of it, the first of which is the quote: what varies in them may be a name. */
  readonly samples?: readonly string[];
  readonly evidence: number;
}

/** How often one service logged one pattern, whether that changed or not. Rates are lines a minute. */
export interface PatternRate {
  readonly service: string;
  readonly template: string;
  readonly severity: string | null;
  readonly isTrouble: boolean;
  readonly before: number;
  readonly now: number;
  /** Lines of the healthy time, and since the suspect time began; of sampled logs what they stand for. */
  readonly countBefore: number;
  readonly count: number;
  readonly first: number;
  readonly last: number;
  /** One line of it, verbatim. */
  readonly sample: string;
  readonly evidence: number;
}

/** What the logs say: what changed, and how often each pattern came at all. */
export interface LogReading {
  readonly changes: readonly PatternChange[];
  readonly rates: readonly PatternRate[];
  readonly stretches: readonly LogStretch[];
  /** A time without a line of any service that ends in the suspect time: what is first seen after it may have begun in it. */
  readonly hole: TimeWindow | null;
}

/** From when to when one service logged at all. */
export interface LogStretch {
  readonly service: string;
  readonly first: number;
  readonly last: number;
  /** Lines a minute of its own healthy time, and of how many patterns. */
  readonly before: number;
  readonly patterns: number;
  /** Its lines begin minutes after those of others, too late for chance. */
  readonly beginsLate: boolean;
  /** It has logged nothing for so long that chance does not explain it. */
  readonly fellSilent: boolean;
}
