/** Small wordings that answers share. */

export const iso = (at: number): string => new Date(at).toISOString();

/** 61000 → "61,000". */
export const count = (n: number): string => Math.round(n).toLocaleString("en-US");

export const STOPPED_EARLY = "Datadog stopped before it had looked at everything";

/** What was cut, or null when nothing was. */
export const joinCuts = (cuts: readonly (string | null)[]): string | null => cuts.filter((cut) => cut !== null).join("; ") || null;
