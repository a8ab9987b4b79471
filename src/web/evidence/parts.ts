/** A raw answer as data. It is read by what it looks like, not by who sent it, so an answer of a vendor that comes later is drawn as well. */

/** More characters than this are not read again to be drawn: the answer itself is shown, line by line. */
const LONGEST_ANSWER = 24_000_000;

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** The JSON texts of an answer: one, or pages of one question that were joined by newlines; none where it is something else. */
export function partsOf(raw: string): readonly unknown[] {
  if (raw.length > LONGEST_ANSWER) return [];
  const whole = parsed(raw);
  if (whole !== undefined) return [whole];
  return raw.split("\n").flatMap((line) => (/^\s*[[{]/.test(line) ? (parsed(line) ?? []) : []));
}

/** Epoch milliseconds of an instant in ISO 8601 or as a number of seconds, milliseconds or nanoseconds; NaN where it is none. */
export function instantOf(value: string | number | null | undefined): number {
  if (typeof value === "string") return Date.parse(value);
  if (typeof value !== "number") return Number.NaN;
  // Seconds of this century have ten digits, milliseconds thirteen, nanoseconds nineteen.
  return value < 1e11 ? value * 1000 : value < 1e14 ? value : value / 1e6;
}

/** Whether a text holds what is looked for, whatever its case. */
export const holds = (text: string, query: string): boolean => query !== "" && text.toLowerCase().includes(query.toLowerCase());
