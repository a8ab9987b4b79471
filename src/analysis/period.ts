import type { Point, Telemetry, TimeWindow } from "../incident/telemetry.ts";
import { MIN_POINTS, within } from "./baseline.ts";
import { orderedPoints } from "./order.ts";

/**
 * A page follows its cause by minutes; signs older than an hour before the page are history to compare with. (Google's SRE book counts detection
 * in minutes; a slow leak that takes longer still shows its last hour.)
 */
export const LOOKBACK_MS = 60 * 60_000;

/**
 * The time under suspicion: what the caller names as the window, and as much before it as leaves twice that as history, at most the last hour
 * before the page; up to the latest data. History is what was recorded, not what was asked for: where logs or spans reach back less far than
 * series do, the shortest of them counts, or their only healthy minute would itself be under suspicion.
 */
export function suspectPeriod(telemetry: Telemetry): TimeWindow {
  const { page, window } = telemetry;
  const reach = Math.min(LOOKBACK_MS, shortestHistory(telemetry) / 3);
  return { from: Math.max(Math.min(window.from, page.at - reach), page.at - LOOKBACK_MS), to: window.to };
}

/** Calm time before a trouble that is looked at with it: what began minutes before belongs to it. */
const CALM_MS = 10 * 60_000;

/** The time under suspicion where trouble has stood since before it: from some calm minutes before that on, most of what is recorded staying history. */
export function suspectSince(since: number, { series }: Telemetry, { to }: TimeWindow): TimeWindow {
  let first = since;
  for (const { points } of series) for (const { at } of points) if (at < first) first = at;
  return { from: since - Math.min(CALM_MS, (since - first) / 3), to };
}

/** How long before the page the youngest of the three kinds of telemetry begins; kinds with nothing before the window have no say. */
function shortestHistory({ page, window, series, logs, spans }: Telemetry): number {
  let point = Infinity;
  for (const { points } of series) for (const { at } of points) if (at < point) point = at;
  let line = Infinity;
  for (const { at } of logs) if (at < line) line = at;
  let span = Infinity;
  for (const { start } of spans) if (start < span) span = start;
  const known = [point, line, span].filter((first) => first < window.from);
  return known.length === 0 ? 0 : Math.min(...known.map((first) => page.at - first));
}

export interface SplitPoints {
  readonly healthy: readonly Point[];
  readonly suspect: readonly Point[];
  /** There was no history: the first third of the suspect time replaces it. */
  readonly borrowed: boolean;
}

/**
 * Parts one series into its history and the time under suspicion. Points of known earlier incidents, doubles and values that are no number
 * are left out of the history; points are put in order of time if they are not.
 */
export function splitPoints(points: readonly Point[], suspect: TimeWindow, earlier: readonly TimeWindow[]): SplitPoints {
  const clean = orderedPoints(points);
  const healthy: Point[] = [];
  const late: Point[] = [];
  for (const point of clean) {
    if (point.at >= suspect.to) continue;
    if (point.at >= suspect.from) late.push(point);
    else if (!within(point.at, earlier)) healthy.push(point);
  }
  if (healthy.length < MIN_POINTS) {
    // Where earlier incidents cover nearly all of the history, a history with them is better than none.
    const all = clean.filter((point) => point.at < suspect.from);
    if (all.length >= MIN_POINTS) return { healthy: all, suspect: late, borrowed: false };
  }
  if (healthy.length >= MIN_POINTS) return { healthy, suspect: late, borrowed: false };
  const calm = late.filter((point) => !within(point.at, earlier));
  const count = Math.max(MIN_POINTS, Math.floor(calm.length / 3));
  return { healthy: [...healthy, ...calm.slice(0, Math.min(count, Math.max(0, calm.length - 2)))], suspect: late, borrowed: true };
}
