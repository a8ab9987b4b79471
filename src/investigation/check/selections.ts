import type { BareUnits } from "./bare-units.ts";
import type { Claimed } from "./figures.ts";
import { isTime, meansFigure, secondOfDay, significant } from "./look-up.ts";
import { isOwnRecord } from "./owners.ts";
import { type Table, wordsOf } from "./sightings.ts";

/**
 * What may be said of rows and points: not any one of them, but how many there are, their extremes, means and quantiles, where they begin and end;
 * of all of them or of those that a sentence selects, by names and by times. One that the sentence points to by its time may be said by itself.
 */

/** What a sentence selects by. */
export interface About {
  /** Names as code writes them, lower case. */
  readonly keys: readonly string[];
  /** All words, lower case. */
  readonly words: ReadonlySet<string>;
  readonly times: readonly Claimed[];
  readonly services: readonly string[];
}

/** A figure that was found in a selection, with the times of the sentence that bound it. */
export interface Selected {
  readonly bounds: readonly Claimed[];
}

/** Identifiers, paths, numbered lines, words in capitals, and what is quoted. */
const KEY =
  /"([^"\n]{3,120})"|“([^”\n]{3,120})”|`([^`\n]{3,120})`|(\/?[\p{L}\p{N}_]+(?:[/._:-][\p{L}\p{N}_{}]+)+|#\d{2,6}|\p{Lu}{4,12}(?![\p{L}])|\p{L}*\p{Ll}\p{Lu}[\p{L}\p{N}]*)/gu;
const MOST_KEYS = 8;
const MOST_TIMES = 6;
const FEW = 3;

/** Names that may select rows: those of services do by themselves. */
function keysIn(text: string, services: readonly string[]): string[] {
  const names = services.map((name) => name.toLowerCase());
  const keys = [...text.matchAll(KEY)].map(([, ...parts]) => (parts.find((part) => part !== undefined) ?? "").toLowerCase());
  return [...new Set(keys.filter((key) => !names.includes(key) && !/^[\d:.-]+z?$/.test(key)))].slice(0, MOST_KEYS);
}

export const aboutOf = (text: string, tokens: readonly Claimed[], services: readonly string[]): About => ({
  keys: keysIn(text, services),
  words: new Set(wordsOf(text)),
  times: tokens.filter((token) => token.kind === "figure" && isTime(token)).slice(0, MOST_TIMES),
  services,
});

/** Begin and end (excluded) of what a time names, seconds of the day, or epoch seconds of a date. */
const spanOf = ({ dimension, value, slack }: Claimed, at: number): readonly [number, number] => {
  if (dimension === "date") return [value, value + slack];
  const day = at - secondOfDay(at);
  return [day + value, day + value + (dimension === "minute" ? 60 : 1)];
};

interface Window {
  readonly from: number;
  readonly to: number;
  readonly bounds: readonly Claimed[];
  /** One minute or second alone: each row in it may be said. */
  readonly isPoint: boolean;
}

const WHOLE: Window = { from: -Infinity, to: Infinity, bounds: [], isPoint: false };

/** All of the time, and the parts of it that the times of a sentence bound. @param at any instant of the table, whose day counts */
function windowsOf(times: readonly Claimed[], at: number): Window[] {
  const all: Window[] = [WHOLE];
  if (!Number.isFinite(at)) return all;
  for (const [index, time] of times.entries()) {
    const [begin, end] = spanOf(time, at);
    const beside = end - begin;
    all.push({ from: begin - beside, to: end + beside, bounds: [time], isPoint: true });
    all.push({ from: begin, to: Infinity, bounds: [time], isPoint: false }, { from: end, to: Infinity, bounds: [time], isPoint: false });
    all.push({ from: -Infinity, to: begin, bounds: [time], isPoint: false }, { from: -Infinity, to: end, bounds: [time], isPoint: false });
    for (const other of times.slice(index + 1)) {
      const [first, second] = [spanOf(other, at), [begin, end] as const].toSorted(([one], [two]) => one - two);
      if (first === undefined || second === undefined) continue;
      for (const to of new Set(second)) all.push({ from: first[0], to, bounds: [time, other], isPoint: false });
    }
  }
  return all;
}

const median = (values: readonly number[]) =>
  values.toSorted((one, other) => one - other)[Math.floor((values.length - 1) / 2)] ?? Number.NaN;

const QUANTILES = [0.5, 0.75, 0.9, 0.95, 0.99] as const;

/** Figures by which people tell a column of values: ends, extremes, mean, sum, quantiles. */
function statsOf(values: readonly number[]): number[] {
  const sorted = values.toSorted((one, other) => one - other);
  const sum = sorted.reduce((total, one) => total + one, 0);
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN;
  const middle = (sorted[Math.floor((sorted.length - 1) / 2)] ?? 0) / 2 + (sorted[Math.floor(sorted.length / 2)] ?? 0) / 2;
  const lower = sorted[Math.floor((sorted.length - 1) / 2)] ?? Number.NaN;
  const ends = [...sorted.slice(0, FEW), ...sorted.slice(-FEW)];
  // Before and after a step.
  const third = Math.max(1, Math.floor(values.length / 3));
  const levels = [median(values.slice(0, third)), median(values.slice(-third))];
  return [...levels, values[0] ?? 0, values.at(-1) ?? 0, ...ends, sum / sorted.length, sum, middle, lower, ...QUANTILES.map(at)];
}

/** The rows that a name selects, for each name that some have and not all, and those that all of them do; without such a name all rows. */
function chosen(table: Table, { keys, services }: About): readonly (readonly number[])[] {
  const own = [...table.at.keys()].filter((row) => isOwnRecord(table.owners[row] ?? [], services));
  const having = keys
    .map((key) => own.filter((row) => (table.texts[row] ?? "").includes(key)))
    .filter((rows) => rows.length > 0 && rows.length < own.length);
  if (having.length === 0) return [own];
  const sets = having.map((rows) => new Set(rows));
  const common = own.filter((row) => sets.every((rows) => rows.has(row)));
  return common.length > 0 && having.length > 1 ? [...having, common] : having;
}

const instantOf = ({ at }: Table) => at.find(Number.isFinite) ?? Number.NaN;

/** A part of a table that a sentence selects, with what may be said of it. */
interface Part {
  readonly window: Window;
  readonly count: number;
  readonly shown: readonly { readonly values: readonly number[]; readonly dimension: Claimed["dimension"]; readonly size: number }[];
}

const parts = new WeakMap<About, Map<Table, readonly Part[]>>();

/** All parts of a table that a sentence selects, the widest first: the same for each of its figures. */
function partsOf(table: Table, about: About): readonly Part[] {
  const known = parts.get(about) ?? new Map<Table, readonly Part[]>();
  parts.set(about, known);
  const already = known.get(table);
  if (already !== undefined) return already;
  const groups = chosen(table, about);
  const found = windowsOf(about.times, instantOf(table)).flatMap((window) => groups.flatMap((group) => partOf(table, group, window) ?? []));
  known.set(table, found);
  return found;
}

function partOf(table: Table, group: readonly number[], window: Window): Part | null {
  const isInside = (at: number) => at >= window.from && at < window.to;
  const rows = window === WHOLE ? group : group.filter((row) => isInside(table.at[row] ?? Number.NaN));
  if (rows.length === 0) return null;
  const shown = table.columns.flatMap(({ values: all, dimension, size }) => {
    const values = rows.map((row) => all[row] ?? Number.NaN).filter((value) => !Number.isNaN(value));
    if (values.length === 0) return [];
    return [
      { values: values.length <= FEW || (window.isPoint && values.length <= MOST_AT_ONCE) ? values : statsOf(values), dimension, size },
    ];
  });
  return { window, count: rows.length, shown };
}

/** Rows of one second or minute that count one by one. */
const MOST_AT_ONCE = 60;

/** Finds a figure in what a sentence selects of a table; the widest part that shows it. */
export const selectedIn = (claim: Claimed, table: Table, about: About, units?: BareUnits): Selected | null =>
  partsOf(table, about).find((part) => isIn(claim, table, part, units))?.window ?? null;

/** Whether a figure is true of a part of the table that a time bounds. */
export const isBoundedBy = (time: Claimed, claim: Claimed, table: Table, about: About, units?: BareUnits): boolean =>
  partsOf(table, about).some((part) => !part.window.isPoint && part.window.bounds.includes(time) && isIn(claim, table, part, units));

function isIn(claim: Claimed, table: Table, { count, shown }: Part, units?: BareUnits): boolean {
  if (table.isList && claim.dimension === "count" && meansFigure(claim, "count", count, count)) return true;
  if (table.isList && claim.dimension === "percent" && meansFigure(claim, "percent", (100 * count) / table.at.length, Number.NaN))
    return true;
  // Three digits of one point are hardly there by chance.
  if (!table.isList && significant(claim.text) > 2)
    for (const { values, dimension, size } of table.columns)
      if (values.some((value) => meansFigure(claim, dimension, value * size, value, units))) return true;
  return shown.some(({ values, dimension, size }) => values.some((value) => meansFigure(claim, dimension, value * size, value, units)));
}

/** Counts, multiples and shares are of values in any unit. */
const ANY_UNIT: ReadonlySet<Claimed["dimension"]> = new Set(["count", "ratio", "percent", "points"]);

/** Of the tables of answers those whose own words the text has, where words tell them apart; else all. */
export function namedTables(tables: readonly Table[], claim: Claimed, { words, services }: About): readonly Table[] {
  const all = tables.filter(
    ({ columns, isList, owners }) =>
      (isList || owners.some((record) => isOwnRecord(record, services))) &&
      (isList || columns.some(({ dimension }) => dimension === "bare" || dimension === claim.dimension || ANY_UNIT.has(claim.dimension))),
  );
  const sameUnit =
    claim.dimension === "ratio"
      ? []
      : all.filter(({ columns, isList }) => !isList && columns.some(({ dimension }) => dimension === claim.dimension));
  const fit = sameUnit.length === 0 ? all : [...sameUnit, ...all.filter(({ isList }) => isList)];
  const own = fit.map((table) => new Set(table.words));
  const distinct = [...words].filter((word) => {
    const having = own.filter((has) => isWordOf(word, has)).length;
    return having > 0 && having < fit.length;
  });
  const named = fit.filter((table, index) => table.isList || distinct.some((word) => isWordOf(word, own[index] ?? new Set())));
  return named.some(({ isList }) => !isList) ? named : fit;
}

/** "cpu" names `cpuutilization`, "connection" `connections`. */
const isWordOf = (word: string, own: ReadonlySet<string>): boolean =>
  own.has(word) || own.has(word.replace(/s$/, "")) || [...own].some((one) => one.startsWith(word));
