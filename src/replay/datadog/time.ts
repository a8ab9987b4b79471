import type { TimeWindow } from "../../incident/telemetry.ts";
import { BadRequestError } from "./errors.ts";

const unitMs: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 };

/**
 * A time as the search endpoints take it: `now`, `now-15m` (s, m, h, d, w), ISO 8601, or epoch milliseconds.
 * @returns epoch milliseconds on the served clock
 */
function parseTime(text: string, field: string, now: number): number {
  const relative = /^now(?:([+-])(\d+)([smhdw]))?$/.exec(text.replaceAll(/\s/g, ""));
  if (relative !== null) {
    const [, sign, count = "0", unit = "s"] = relative;
    return now + (sign === "-" ? -1 : 1) * Number(count) * (unitMs[unit] ?? 0);
  }
  if (/^\d{9,}$/.test(text)) return Number(text);
  const parsed = /^\d{4}-\d{2}-\d{2}/.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(parsed)) throw new BadRequestError(`input_validation_error(Field '${field}' is invalid: '${text}' is not a time)`);
  return parsed;
}

/** The window of a search filter; without one, the last fifteen minutes, as Datadog has it. Half-open but for its last millisecond. */
export function parseWindow(
  filter: { readonly from?: string | undefined; readonly to?: string | undefined },
  now: number,
  wrongStatus: 400 | 422,
): TimeWindow {
  const from = parseTime(filter.from ?? "now-15m", "filter.from", now);
  const to = parseTime(filter.to ?? "now", "filter.to", now);
  if (from > to)
    throw new BadRequestError("invalid_argument(Field 'filter.from,to' is invalid: 'from' should be anterior to 'to')", wrongStatus);
  // Both ends of a search are inclusive. What is recorded of the time to come does not exist yet.
  return { from, to: Math.min(to, Math.max(from, now)) + 1 };
}

/** An interval such as `5m`, `30s`, `1h` in milliseconds. */
export function parseInterval(text: string, field: string): number {
  const [, count = "", unit = ""] = /^(\d+)([smhdw])$/.exec(text) ?? [];
  const interval = Number(count) * (unitMs[unit] ?? Number.NaN);
  if (!(interval > 0))
    throw new BadRequestError(`input_validation_error(Field '${field}' is invalid: '${text}' is not an interval such as 5m)`);
  return interval;
}
