import type { Symptom } from "../incident/finding.ts";

/** How figures, times and durations are said, everywhere alike. */

/** `03:14:02` (UTC); people see the zone said once, at the top. */
export function clockTime(at: number): string {
  return Number.isFinite(at) ? new Date(Math.max(-8.64e15, Math.min(8.64e15, at))).toISOString().slice(-13, -5) : "unknown time";
}

/** `03:14` (UTC). */
export function minuteTime(at: number): string {
  return clockTime(at).slice(0, 5);
}

/** `2026-06-01 03:14` (UTC). */
export const dayTime = (at: number): string => `${new Date(at).toISOString().slice(0, 10)} ${minuteTime(at)}`;

/** How long something took, as a clock shows it: `45 s`, `2 min`, `3 min 10 s`, `1 h 5 min`. What was measured is a {@link quantity}. */
export function duration(ms: number): string {
  const seconds = Math.round(ms / 1000);
  if (Math.abs(ms) < 10_000) return `${(ms / 1000).toFixed(1)} s`;
  if (seconds < 120) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return seconds % 60 === 0 || minutes >= 10 ? `${minutes} min` : `${minutes} min ${seconds % 60} s`;
  return minutes % 60 === 0 ? `${Math.floor(minutes / 60)} h` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** Made at the first use: it takes as long as the rest of a short command's modules, which say no figure. */
const digits = (options: Intl.NumberFormatOptions) => {
  let made: Intl.NumberFormat | null = null;
  return (value: number) => (made ??= new Intl.NumberFormat("en-US", options)).format(value);
};
const threeDigits = digits({ maximumSignificantDigits: 3 });
const whole = digits({ maximumFractionDigits: 0 });

/** Three significant digits, of larger numbers all before the point, as evidence has them: `1,142`, `4.82`, `0.003`. */
export function figure(value: number): string {
  if (!Number.isFinite(value)) return "unknown";
  // -0 is 0.
  return (Math.abs(value) >= 100 ? whole : threeDigits)(value + 0);
}

/** A size that a value may be said in, and how many of the value's unit make one. Largest first. */
type Size = readonly [number, string];

const times = (second: number): Size[] => [
  [3_600 * second, "h"],
  [60 * second, "min"],
  [second, "s"],
  [second / 1e3, "ms"],
  [second / 1e6, "µs"],
];
const bytes = (one: number): Size[] => [
  [2 ** 30 * one, "GiB"],
  [2 ** 20 * one, "MiB"],
  [2 ** 10 * one, "KiB"],
  [one, "B"],
];
const cores = (one: number): Size[] => [
  [one, "cores"],
  [one / 1000, "millicores"],
];

const SCALES: readonly (readonly [RegExp, readonly Size[]])[] = [
  [/^(s|secs?|seconds?)$/, times(1)],
  [/^(ms|milliseconds?)$/, times(1e3)],
  [/^(us|µs|microseconds?)$/, times(1e6)],
  [/^(ns|nanoseconds?)$/, [...times(1e9), [1, "ns"]]],
  [/^(min|minutes?)$/, times(1 / 60)],
  [/^(h|hours?)$/, times(1 / 3_600)],
  [/^(b|bytes?)$/, bytes(1)],
  [/^(kibibytes?|ki|kib)$/, bytes(2 ** -10)],
  [/^(mebibytes?|mi|mib)$/, bytes(2 ** -20)],
  [/^(gibibytes?|gi|gib)$/, bytes(2 ** -30)],
  [/^(millicores?)$/, cores(1e3)],
  [/^(nanocores?)$/, cores(1e9)],
];
/** Of these one alone is said in the smaller size: "90 s", and "20.7 min" as in the reasons. */
const FROM_TWO = new Set(["min", "h"]);

/**
 * A value with its unit in the size a reader expects: 0.21 second → `210 ms`, 0.18 fraction → `18 %`.
 * @param unit as the vendor names it, or null
 */
export function quantity(value: number, unit: string | null): string {
  const name = unit?.toLowerCase() ?? "";
  if (name === "percent" || name === "%") return `${figure(value)} %`;
  if (name === "fraction" || name === "ratio") return `${figure(value * 100)} %`;
  const scale = SCALES.find(([pattern]) => pattern.test(name))?.[1];
  if (scale === undefined) return name === "" ? figure(value) : `${figure(value)} ${unit}`;
  // Nothing is said in the base unit: "0 s", not "0 µs".
  const [size, word] = (value === 0 ? scale.find(([one]) => one === 1) : undefined) ??
    scale.find(([one, unitWord]) => Math.abs(value) >= one * (FROM_TWO.has(unitWord) ? 2 : 1)) ??
    scale.at(-1) ?? [1, name];
  return `${figure(value / size)} ${word}`;
}

/** A level that was and is: what of a symptom its words need. */
interface Levels {
  readonly before: number;
  readonly now: number;
  readonly unit: string | null;
}

/** As bad all along, as it is shown. */
export const isSteady = ({ before, now, unit }: Levels): boolean => quantity(before, unit) === quantity(now, unit);

/** `0.3 % → 18 %`; one value where it was as bad all along. */
export const levelWords = (levels: Levels): string =>
  `${isSteady(levels) ? "" : `${quantity(levels.before, levels.unit)} → `}${quantity(levels.now, levels.unit)}`;

/** `since 03:12`; `since before 03:12` if no record shows when it began. @param at the beginning as a time of day */
export const sinceWords = (levels: Levels, at: string): string => `since ${isSteady(levels) ? "before " : ""}${at}`;

/** {@link sinceWords}, and `from 03:12 to 03:40` of what is over. @param clock an instant as a time of day */
export const spanWords = (symptom: Levels & Pick<Symptom, "since" | "until">, clock: (at: number) => string): string =>
  symptom.until === undefined ? sinceWords(symptom, clock(symptom.since)) : `from ${clock(symptom.since)} to ${clock(symptom.until)}`;

/** `also 3.12 min at 23:37, then recovered`, or "": a level that was there without this incident says less of it. */
export function earlierPeakWords({ earlierPeak, unit }: Pick<Symptom, "earlierPeak" | "unit">): string {
  return earlierPeak === undefined ? "" : `also ${quantity(earlierPeak.value, unit)} at ${minuteTime(earlierPeak.at)}, then recovered`;
}

/** A symptom with all that is known of its level, after the service's name: `errors 0.3 % → 18 % since 03:12:00`. */
export function symptomWords(symptom: Symptom): string {
  const earlier = earlierPeakWords(symptom);
  return `${symptom.what} ${levelWords(symptom)} ${spanWords(symptom, clockTime)}${earlier === "" ? "" : ` (${earlier})`}`;
}

/**
 * Query string with which an evidence page opens at the lines that hold a quote: of its first line, for too long a quote makes too long a URL.
 * @param longest characters of the quote
 */
export const quoteSearch = (quote: string, longest: number): string =>
  `?q=${encodeURIComponent((quote.split("\n")[0] ?? "").slice(0, longest).toWellFormed())}`;

/** Short form of a commit sha, as people write it. */
export const shortSha = (sha: string): string => sha.slice(0, 7);

/** A change's id as people say it: a commit sha in short, a version whole. */
export const changeMark = (id: string): string => (/^[0-9a-f]{8,40}$/i.test(id) ? shortSha(id) : id.slice(0, 60).toWellFormed());

/** `E3`, as people see evidence numbers. */
export const evidenceMark = (number: number): string => `E${number}`;

/** The mark that midwatch leaves on its own messages in Slack. */
export const OWN_MESSAGE = "midwatch_message";
