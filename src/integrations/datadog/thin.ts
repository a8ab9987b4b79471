import type { LogSample, SpanSample } from "./sample.ts";
import { MINUTE_MS } from "./sample-plan.ts";
import { count } from "./words.ts";

/**
 * So many of a larger number show what makes up a thousandth of it with 95 % certainty: of n that were drawn without a look, one of a share p is
 * missed with (1 - p)^n, below 5 % from n = 3 / p on (the rule of three; Hanley and Lippman-Hand, 1983).
 */
const ENOUGH = 3_000;
/** Of fewer than that at least this share, which shows what comes three times with 70 % certainty. */
const LEAST_SHARE = 1 / 3;

/** Why a sample is too little to rest on, or null: it is small, and only a part. @param what word for the items: "lines", "spans" */
export const smallWords = ({ total, value }: LogSample | SpanSample, what: string): string | null =>
  value.length < ENOUGH && value.length < total * LEAST_SHARE ? `only ${count(value.length)} of ${count(total)} ${what}` : null;

/** As {@link smallWords}, of the time under suspicion: what began in a minute that was not read cannot be seen, however much the others hold. */
export function gapWords(sample: LogSample | SpanSample, what: string): string | null {
  const { total, value, counts, slices } = sample;
  const minutes = [...new Set(counts.flatMap(({ points }) => points.filter((point) => point.value > 0).map(({ at }) => at)))];
  const read = minutes.filter((at) => slices.some(({ from, readTo }) => at + MINUTE_MS > from && at < Math.max(readTo, from + 1)));
  return read.length < minutes.length && value.length < total
    ? `${what} of only ${count(read.length)} of ${count(minutes.length)} minutes`
    : smallWords(sample, what);
}
