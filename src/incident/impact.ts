import type { LoggedEvent } from "./event.ts";
import type { DeclaredKind } from "./impact-source.ts";

/** How much an incident hurts, in figures that code counted. What is missing is not known; nothing here is a guess. */

/** Requests of one service over a time, counted from the series that were read. */
export interface RequestImpact {
  readonly service: string;
  /** What was counted: from the onset, or from where the series begin, to the end of their last whole step. Epoch milliseconds. */
  readonly from: number;
  readonly to: number;
  /** Requests; null where the series do not say whether they count or are rates. */
  readonly failed: number | null;
  readonly all: number | null;
  /** Failed of all, 0 to 1. */
  readonly share: number;
  /** The same before it began; null: nothing was read of that time. */
  readonly usualShare: number | null;
  /** The metrics that were counted: failed ones, then all. */
  readonly metrics: readonly [string, string];
  /** Numbers of the raw answers. */
  readonly evidence: readonly number[];
}

/** What an error tracker has of it. */
export interface ErrorImpact {
  /** Issues of the service that were seen since it began, and those of them that are new. */
  readonly issues: number;
  readonly fresh: number;
  /** Users whom one of them hit, at least: they are not added up, for one user may meet several. null: the tracker does not say. */
  readonly users: number | null;
  readonly evidence: readonly number[];
}

/** What of the impact the telemetry shows; what it does not show is missing. */
export interface MeasuredImpact {
  readonly requests?: RequestImpact;
  readonly errors?: ErrorImpact;
}

/** A figure that the catalog declares: counted, or why it is not known. */
export type DeclaredFigure = { readonly kind: DeclaredKind; readonly unit: string } & (
  | {
      readonly value: number;
      /** There may be more. */
      readonly isLeast: boolean;
      /** The same a week before; null: not known. */
      readonly weekBefore: number | null;
      /** Numbers of the raw answers: of now, then of the week before. */
      readonly evidence: readonly number[];
    }
  | { readonly because: string }
);

/** What the catalog's own questions gave, over a time. Epoch milliseconds. */
export interface CountedImpact {
  readonly service: string;
  readonly from: number;
  readonly to: number;
  readonly figures: readonly DeclaredFigure[];
}

export interface KnownImpact extends MeasuredImpact {
  /** Missing: nothing is declared, or nothing was counted yet. */
  readonly declared?: CountedImpact;
}

/** The newest figures of an incident. From the log alone; {} while nothing was counted. */
export function impactOf(log: readonly LoggedEvent[]): KnownImpact {
  let known: KnownImpact = {};
  for (const { event } of log) {
    if (event.type === "triage-finished" || event.type === "belief-read") known = { ...known, ...event.impact };
    if (event.type === "impact-counted") known = { ...known, declared: event };
  }
  return known;
}
