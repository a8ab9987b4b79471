import type { SignalKind } from "./telemetry.ts";

/** Where a service's trouble is likely to end: itself, or something that its calls lead to. */
export interface EndOfTrouble {
  readonly service: string;
  /** 0..1; what is missing to 1 is what nothing explains. */
  readonly probability: number;
}

/** A service that left its usual range. */
export interface MovedService {
  readonly service: string;
  /** When it did, epoch milliseconds: of what its callers feel, where that moved. */
  readonly since: number;
  /** Whether requests to it fail, rather than take long. */
  readonly fails: boolean;
  readonly kinds: readonly SignalKind[];
  /** Likeliest first. */
  readonly ends: readonly EndOfTrouble[];
}

/** A change that is held to blame, by what code knows it by. */
export interface BlamedChange {
  readonly service: string | null;
  readonly sha: string | null;
  readonly version: string | null;
  readonly at: number;
}

export interface Culprit {
  readonly service: string;
  readonly probability: number;
  readonly change: BlamedChange | null;
}

/**
 * What one triage saw of all services, in a few lines: by this another page is recognised as the same trouble. A triage reads every service of the
 * catalog, so its footprint speaks of services too that nobody was paged for.
 */
export interface Footprint {
  /** Up to when data were read, epoch milliseconds. */
  readonly asOf: number;
  /** The paged service. */
  readonly service: string;
  readonly onset: number | null;
  /** Coarsest step of the data, milliseconds: onsets are known no better. */
  readonly stepMs: number;
  readonly moved: readonly MovedService[];
  /** Services that fail alike at once: what they share is to blame. */
  readonly alike: readonly string[];
  /** Best first; none where nothing is to blame. */
  readonly culprits: readonly Culprit[];
  /** The pager's ids of pages that it relates to this one. Missing: none that was read. */
  readonly related?: readonly string[];
}
