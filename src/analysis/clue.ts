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

/** One observation that speaks for a service being the cause (not merely unwell). */
export interface Clue {
  readonly service: string;
  readonly instance: string | null;
  readonly fault: FaultClass;
  readonly family: ClueFamily;
  /** Weight of evidence, natural log of a likelihood ratio: 0 says nothing, 3 is about 20 to 1. */
  readonly weight: number;
  readonly onset: number | null;
  readonly text: string;
  readonly evidence: readonly number[];
  readonly quote: string | null;
}

/** `cap` times the share `effect / (effect + half)`: grows with the effect, half of it at `half`, and never passes `cap`. */
export function saturating(effect: number, half: number, cap: number): number {
  return effect > 0 && Number.isFinite(effect) ? (cap * effect) / (effect + half) : effect === Infinity ? cap : 0;
}
