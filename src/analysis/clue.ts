import type { FaultClass } from "../incident/finding.ts";

/**
 * Where a clue comes from. Clues of one family repeat each other (five percentiles of one latency), so only the strongest of a family counts
 * in full; families are taken as independent witnesses.
 */
export type ClueFamily =
  | "saturation"
  | "latency"
  | "errors"
  | "traffic"
  | "gap"
  | "own-time"
  | "origin"
  | "shape"
  | "log"
  | "event"
  | "monitor"
  | "statement"
  | "sessions";

/** What a clue says of its service; with `about`, what code knows it by. Its words are for people alone. */
const clueCodes = [
  "outside-fails", "may-be-below", "grows", "fails-all-along",
  "level-moved", "calls-rose", "calls-stopped", "time-lost", "cut-off", "own-time-grew", "slowest-requests", "ends-early", "calls-less", "errors-begin",
  "carries-trouble", "over-threshold", "near-limit", "main-part", "run-stops", "log-missing", "log-new", "log-surged", "named-in-errors", "event",
  "error-new", "error-seen", "monitor-alarm", "statement-heavy", "log-writer", "connections-taken", "lock-holder", "lock-waits",
  "waits-for-lock", "change-live",
] as const; // prettier-ignore
export type ClueCode = (typeof clueCodes)[number];

/** One observation that speaks for a service being the cause (not merely unwell). */
export interface Clue {
  readonly service: string;
  readonly instance: string | null;
  readonly fault: FaultClass;
  readonly family: ClueFamily;
  /** Weight of evidence, natural log of a likelihood ratio: 0 says nothing, 3 is about 20 to 1. */
  readonly weight: number;
  readonly onset: number | null;
  /** It may have been there before, when the record begins or between the lines of a sample: `onset` is only the first sight of it. */
  readonly isOlder?: boolean;
  /** How far off the onset may be, milliseconds, where that is more than a step of the data: growth has no sharp beginning. */
  readonly slackMs?: number;
  /** How far apart the points are that show it, milliseconds; a minute where it is not said. */
  readonly stepMs?: number;
  readonly code: ClueCode;
  /** Names of what it speaks of, as the data have them: metric, log pattern, operation, statement, service. */
  readonly about: readonly string[];
  /** Share of the symptom that nothing measured below accounts for, where that was reckoned. */
  readonly own?: number;
  /** Clues of one service that have it in common say one thing twice. */
  readonly same?: string;
  readonly text: string;
  /** See {@link Reason.short}. */
  readonly short?: string;
  readonly evidence: readonly number[];
  readonly quote: string | null;
}

/** `cap` times the share `effect / (effect + half)`: grows with the effect, half of it at `half`, and never passes `cap`. */
export function saturating(effect: number, half: number, cap: number): number {
  return effect > 0 && Number.isFinite(effect) ? (cap * effect) / (effect + half) : effect === Infinity ? cap : 0;
}
