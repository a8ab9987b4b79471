import type { Point, SignalKind } from "./telemetry.ts";

/** The same hour of an earlier day. */
export interface EarlierHour {
  readonly days: 1 | 7;
  /** Moved to the time of the incident, oldest first. */
  readonly points: readonly Point[];
  readonly evidence: number;
}

/** One line worth showing to a person: a series that speaks for or against a suspect, over the baseline and the window. */
export interface ChartSeries {
  readonly service: string;
  readonly instance: string | null;
  /** Words for people: "p95 latency", "errors", "CPU". Not the metric's raw name unless nothing better is known. */
  readonly what: string;
  readonly kind: SignalKind;
  /** As the vendor names it, or null. */
  readonly unit: string | null;
  /** Oldest first; a gap is a missing point. */
  readonly points: readonly Point[];
  /** When this series left its baseline, or null if it did not. */
  readonly onset: number | null;
  /** Number of the evidence entry that holds the raw answer. */
  readonly evidence: number;
  /** `seriesName` of it, by which a symptom finds its chart; missing in what was recorded before it was kept. */
  readonly series?: string;
  /** The same hour yesterday and a week before, where it was read. Missing: it was not. */
  readonly earlier?: readonly EarlierHour[];
  /** It is of the first reason for the first suspect: `what` says so in its words. */
  readonly decides?: true;
}
