import type { BareUnits } from "./bare-units.ts";
import type { Claimed } from "./figures.ts";
import type { Dimension } from "./units.ts";
import { isOwnRecord } from "./owners.ts";
import type { Sightings } from "./sightings.ts";

/** Whether an answer shows a claim's figure: in its unit, in one that people take for it, or without any. */

/** What one answer, or a view of it, has of a figure. */
export interface Look {
  /** Shown as such in a record of the services in question, or of none. `dense`: so are most figures of its size, so it proves nothing. */
  readonly found: "shown" | "dense" | null;
  /** The services that it is shown of, where it is none of those in question. */
  readonly owners: readonly string[];
  /** The same digits in another unit. */
  readonly otherUnit: string | null;
}

const NOTHING: Look = { found: null, owners: [], otherUnit: null };

/** Share of the figures of a claim's size that an answer may show before one of them proves nothing. */
const DENSE = 0.25;
/** The same for one of the many values of a column or a series: how likely a wrong figure is among them by chance. */
const DENSE_SINGLES = 0.05;
/** So few near figures are never dense. */
const FEW = 3;
const DAY = 86_400;
const TIMES: ReadonlySet<Dimension> = new Set(["clock", "minute", "date"]);

export const isTime = ({ dimension }: { readonly dimension: Dimension }): boolean => TIMES.has(dimension);

const BINARY: Readonly<Record<number, number>> = { [1e3]: 2 ** 10, [1e6]: 2 ** 20, [1e9]: 2 ** 30, [1e12]: 2 ** 40 };
/** Units that answers leave away, in base units: a latency without one is in seconds as often as in milliseconds. */
const LEFT_OUT: Partial<Record<Dimension, readonly number[]>> = {
  time: [1e3, 1, 1e-6],
  bytes: [1, 1e3, 2 ** 10, 1e6, 2 ** 20, 1e9, 2 ** 30],
  "byte-rate": [1, 1e3, 2 ** 10, 1e6, 2 ** 20],
  cpu: [1e3, 1, 1e-6],
};

/** In which ways a number of an answer may be meant as a claim's figure: its values in the claim's base unit, put into `out`. */
function readings(claim: Claimed, dimension: Dimension, value: number, written: number, out: number[], units?: BareUnits): void {
  const { dimension: own, size } = claim;
  const about = Math.abs(value);
  const binary = own === "bytes" || own === "byte-rate" ? BINARY[size] : undefined;
  if (dimension === own) {
    out.push(about);
    if (binary !== undefined) out.push((about / binary) * size);
    // The "kB" of a kernel has 1,024 bytes.
    const kernel = own === "bytes" ? BINARY[Math.round(value / written)] : undefined;
    if (kernel !== undefined) out.push(Math.abs(written) * kernel);
  } else if (own === "count") {
    if (TIMES.has(dimension)) return;
    out.push(Math.abs(written));
    if (dimension === "percent" && claim.value < 1) out.push(about / 100);
  } else if (dimension === "bare") {
    if (own === "ratio") return;
    const known = units?.get(own);
    if (known !== undefined) {
      out.push(about * known);
      return;
    }
    const sizes = LEFT_OUT[own] ?? [size];
    // A whole number without a unit is rather a count, and one digit is there by chance in some unit.
    if (!Number.isInteger(written) || (own !== "percent" && about >= 10))
      for (const one of significant(claim.text) > 1 ? sizes : [size]) out.push(about * one);
    // "14.2k a second" of 14,200.
    if (claim.scale !== undefined) out.push((about * size) / claim.scale);
    if (own === "percent" && about <= 1) out.push(about * 100);
    if (binary !== undefined) out.push((about / binary) * size);
  } else if ((own === "percent" && dimension === "points") || (own === "points" && dimension === "percent")) out.push(about);
  else if (own === "percent" && dimension === "cpu") out.push(about / 10);
  // "250m" may be minutes or millicores.
  else if (own === "time" && dimension === "cpu" && size === 60_000 && /m$/.test(claim.text)) out.push(about * size);
  else if (own === "cpu" && dimension === "time" && value === written * 60_000) out.push(Math.abs(written));
}

/** Whether one number of an answer is what a claim's figure shows. */
export function meansFigure(claim: Claimed, dimension: Dimension, value: number, written: number, units?: BareUnits): boolean {
  const out: number[] = [];
  readings(claim, dimension, value, written, out, units);
  return claim.value === 0 ? value === 0 : out.some((one) => one >= claim.low && one <= claim.high);
}

/** Whether an answer names the unit of a figure. */
const hasUnit = (dimension: Dimension): boolean => dimension !== "bare" && dimension !== "count";

/** Digits of a figure that were measured. */
export const significant = (text: string): number => text.replaceAll(/[^\d]/g, "").replace(/^0+/, "").length;

/** How much of the space between half and twice a figure is within its range of one that is shown. */
function coverage(near: readonly number[], claim: Claimed): number {
  const width = claim.high - claim.low;
  let covered = 0;
  let last = -Infinity;
  for (const at of near.toSorted((one, other) => one - other)) {
    covered += Math.min(width, at - last);
    last = at;
  }
  return covered / (1.5 * Math.abs(claim.value));
}

/** @param services whose figure it is said to be; empty: anybody's. @param everyTells whether each figure of the text was computed to be shown, as in views. @param units in which the bare numbers are, where that is known */
export function lookFor(claim: Claimed, sightings: Sightings, services: readonly string[], everyTells = false, units?: BareUnits): Look {
  if (isTime(claim)) return lookForTime(claim, sightings, services, everyTells);
  const { values, written, dimensions, recordOf, records, isSingle } = sightings;
  const [low, high, value] = [claim.low, claim.high, Math.abs(claim.value)];
  if (!Number.isFinite(high)) return NOTHING;
  const near: number[] = [];
  const owners = new Set<string>();
  let [isTold, isShown, isAlone] = [false, false, false];
  let otherUnit: string | null = null;
  const out: number[] = [];
  // Two digits are in any answer with some unit, and in few lines of a view.
  const isExact = significant(claim.text) > (everyTells ? 1 : 2);
  const shown = claim.value / claim.size;
  const [from, to] = claim.value < 0 ? [-high, -low] : [low, high];
  const isSame = (number: number) => isExact && Math.abs(number - shown) <= Math.abs(shown) * 1e-9;
  for (let at = 0; at < values.length; at++) {
    const dimension = dimensions[at] ?? "count";
    const number = values[at] ?? Number.NaN;
    const digits = written[at] ?? number;
    out.length = 0;
    readings(claim, dimension, number, digits, out, units);
    // Nothing is not a rounded something.
    const isZero = number === 0 && (dimension === claim.dimension || (claim.dimension === "count" && dimension === "bare"));
    const isHere = value === 0 ? isZero : out.some((one) => one >= from && one <= to);
    if (!isHere && !TIMES.has(dimension) && isSingle[at] !== true && hasUnit(dimension) && isSame(digits))
      otherUnit = `${digits} (${dimension})`;
    if (!isHere && !out.some((one) => one >= value / 2 && one <= value * 2)) continue;
    const record = records[recordOf[at] ?? 0] ?? [];
    const isOwn = isOwnRecord(record, services);
    if (!isOwn) {
      if (isHere) for (const name of record) owners.add(name);
      continue;
    }
    near.push(...out);
    isShown ||= isHere;
    isAlone ||= isHere && isSingle[at] !== true;
    isTold ||= isHere && everyTells;
  }
  if (isTold) return { found: "shown", owners: [], otherUnit: null };
  if (isShown)
    return {
      found: near.length > FEW && coverage(near, claim) > (isAlone ? DENSE : DENSE_SINGLES) ? "dense" : "shown",
      owners: [],
      otherUnit: null,
    };
  return { found: null, owners: [...owners], otherUnit };
}

export const secondOfDay = (seconds: number): number => ((seconds % DAY) + DAY) % DAY;

/** Whether an instant (epoch seconds, or seconds of the day) is the one that a claim names, to what it shows; a minute may be rounded. */
export function isInstant(claim: Claimed, at: number, dimension: Dimension): boolean {
  const apart = (value: number) => {
    const difference = secondOfDay(value) - claim.value;
    return difference > DAY / 2 ? difference - DAY : difference < -DAY / 2 ? difference + DAY : difference;
  };
  switch (claim.dimension) {
    case "clock":
      return dimension !== "minute" && apart(at) >= -0.5 && apart(at) < 1;
    case "minute":
      return dimension === "minute" ? Math.floor(secondOfDay(at)) === claim.value : apart(at) >= -30 && apart(at) < 60;
    default:
      if (dimension !== "date") return false;
      return at >= claim.value - (claim.slack === 60 ? 30 : claim.slack === 1 ? 0.5 : 0) && at < claim.value + claim.slack;
  }
}

/** Times of the day of which so many lie so close that most times are among them. */
const MANY_TIMES = 12;

function lookForTime(
  claim: Claimed,
  { values, dimensions, recordOf, records, moments }: Sightings,
  services: readonly string[],
  everyTells: boolean,
): Look {
  const isOwn = (record: readonly string[]) => isOwnRecord(record, services);
  for (const { at, record } of moments)
    if (isInstant(claim, at, "date") && isOwn(records[record] ?? [])) return { found: "shown", owners: [], otherUnit: null };
  const owners = new Set<string>();
  const grain = claim.dimension === "clock" || claim.slack === 1 ? 1 : 60;
  const seen = new Set<number>();
  let [first, last, isShown] = [Infinity, -Infinity, false];
  for (let at = 0; at < values.length; at++) {
    const dimension = dimensions[at];
    if (dimension === undefined || !TIMES.has(dimension)) continue;
    const number = values[at] ?? Number.NaN;
    const record = records[recordOf[at] ?? 0] ?? [];
    const second = secondOfDay(number);
    seen.add(Math.floor(second / grain));
    first = Math.min(first, second);
    last = Math.max(last, second);
    if (!isInstant(claim, number, dimension)) continue;
    if (isOwn(record)) isShown = true;
    else for (const name of record) owners.add(name);
  }
  if (!isShown) return { found: null, owners: [...owners], otherUnit: null };
  const isDense = !everyTells && seen.size > MANY_TIMES && seen.size / ((last - first) / grain + 1) > DENSE;
  // A second that is there among many is one that somebody read; a minute is among any.
  return { found: isDense && grain > 1 ? "dense" : "shown", owners: [], otherUnit: null };
}
