import type { Question } from "../../incident/source.ts";

type Windows = Pick<Question, "window" | "baseline">;

/** So much before an onset shows the level that it left; of one that is longer ago than this the model asks by itself. */
const ONSET_LEAD_MS = 5 * 60_000;
const LONGEST_REACH_MS = 60 * 60_000;

/**
 * Triage's windows, moved back so that the onset that it found is within the one, and not in the quiet time.
 * @param onset milliseconds; null where none was found
 */
export function windowsAround({ window, baseline }: Windows, onset: number | null): Windows {
  if (onset === null || onset < window.from - LONGEST_REACH_MS) return { window, baseline };
  const from = Math.min(window.from, onset - ONSET_LEAD_MS);
  return baseline.from < from
    ? { window: { ...window, from }, baseline: { ...baseline, to: Math.min(baseline.to, from) } }
    : { window, baseline };
}
