import { changedFigures } from "./changed-lines.ts";
import { joined, rawTokens, type Token, type Turn } from "./figures.ts";
import type { Dimension, Unit } from "./units.ts";

/** The figures that a raw answer or a view holds, with their units, rows and services. `read-sightings.ts` reads them. */

/** Every number of an answer, by column: a raw answer may hold a million. */
export interface Sightings {
  /** In the base unit of the dimension. */
  readonly values: number[];
  /** The number as it is written. */
  readonly written: number[];
  readonly dimensions: Dimension[];
  /** Place in `records` of the object or line that holds it. */
  readonly recordOf: number[];
  /** The row of a list, or the line, that holds it; -1: none does. */
  readonly rowOf: number[];
  /** One number among the many of a column or a series: that it is there proves nothing, see {@link selectedIn}. */
  readonly isSingle: boolean[];
  /** The services that each record names, as the catalog names them; empty where it names none. */
  readonly records: (readonly string[])[];
  /** Places in `values` of figures of which the text says that one became the other. */
  readonly turns: Turn[];
  /** Places in `values` of figures and of the times that the text gives them: "max 2.62 % at 09:15". */
  readonly timed: Turn[];
  /** Lists of rows, and series of points: what may be said of them is what {@link selectedIn} finds. */
  readonly tables: Table[];
  /** Answers with series that are in it, one after the other. */
  pages: number;
  /** Instants (epoch seconds) at which rows of one kind begin or end, or a series steps or peaks, each with its record. */
  readonly moments: { readonly at: number; readonly record: number }[];
}

/** Rows of one list, or points of one series, by column. */
export interface Table {
  /** Rows can be counted; points can't. */
  readonly isList: boolean;
  /** Of a list the fields of its rows that have figures: rows with the same ones are of one kind. Of a series empty. */
  readonly kind: string;
  /** Words of a series: its tags, and its metric where it names one. */
  readonly words: readonly string[];
  /** Which of the queries of its page it answers; -1: it does not say. */
  readonly query: number;
  /** Many queries are asked some at a time: its place among their answers. */
  readonly page: number;
  /** When, epoch seconds; NaN: it does not say. */
  readonly at: readonly number[];
  /** Of each row, lower case; of points none. */
  readonly texts: readonly string[];
  readonly owners: readonly (readonly string[])[];
  readonly columns: readonly {
    readonly path: string;
    readonly values: readonly number[];
    readonly dimension: Dimension;
    readonly size: number;
  }[];
}

/** Words of three letters and more, and quantiles, as people and metrics write them. */
export const wordsOf = (text: string): string[] =>
  text
    .replaceAll(/(\p{Ll})(\p{Lu})/gu, "$1 $2")
    .toLowerCase()
    .match(/p\d{2,3}(?!\d)|\p{L}{3,}/gu) ?? [];

/** An integer of this size that may be an instant: seconds, milliseconds or nanoseconds since 1970, from 2001 on. In seconds, or null. */
export function epochSeconds(value: number): number | null {
  for (const perSecond of [1, 1e3, 1e6, 1e9]) {
    const seconds = value / perSecond;
    if (seconds >= 1e9 && seconds < 4.2e9) return seconds;
  }
  return null;
}

const NAMED_SPANS: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

interface Read {
  readonly tokens: readonly Token[];
  readonly turns: readonly Turn[];
  readonly timed: readonly Turn[];
}

const TIME = /^(?:clock|minute|date)$/;
const AT = /^,? at $/;

/** Figures with the times behind them, as places in the tokens of a text. */
const timedIn = (text: string, tokens: readonly Token[]): Turn[] =>
  tokens.flatMap((token, index): Turn[] => {
    const next = tokens[index + 1];
    const isPair = token.kind === "figure" && !TIME.test(token.dimension) && next?.kind === "figure" && TIME.test(next.dimension);
    return isPair && AT.test(text.slice(token.end, next.start)) ? [[index, index + 1]] : [];
  });

/** Rows of an answer have the same tags, ids and paths, so the last of these are read once, by the unit of their key. */
const LONGEST_READ = 200;
const MOST_READ = 10_000;
const alreadyRead = new Map<Unit | "count" | null, Map<string, Read>>();
let countRead = 0;

function read(text: string, keyed: Unit | "count" | null): Read {
  const known = alreadyRead.get(keyed)?.get(text);
  if (known !== undefined) return known;
  const { tokens, turns } = joined(text, rawTokens(text, keyed));
  const found = { tokens, turns: [...turns, ...changedFigures(text, tokens)], timed: timedIn(text, tokens) };
  if (text.length > LONGEST_READ) return found;
  if (++countRead > MOST_READ) {
    alreadyRead.clear();
    countRead = 1;
  }
  const own = alreadyRead.get(keyed) ?? new Map<string, Read>();
  alreadyRead.set(keyed, own.set(text, found));
  return found;
}

function addText(into: Sightings, text: string, keyed: Unit | "count" | null, record: number, row: number) {
  if (!/\d/.test(text)) return;
  const { tokens, turns, timed } = read(text, keyed);
  const places = new Map<number, number>();
  for (const [index, token] of tokens.entries()) {
    // Monitors name the time that they look back on: `avg(last_20m)`.
    const [, amount, unit = ""] = token.kind === "name" ? (/_(\d{1,4})(s|m|h|d)$/.exec(token.text) ?? []) : [];
    if (amount !== undefined) add(into, Number(amount) * (NAMED_SPANS[unit] ?? 0), "time", record, Number(amount), row);
    if (token.kind !== "figure") continue;
    places.set(index, into.values.length);
    // An instant to the minute says nothing of its seconds.
    const minute = token.dimension === "date" && token.slack === 60;
    const epoch = token.dimension === "count" ? epochSeconds(token.value) : null;
    if (epoch !== null) add(into, epoch, "date", record, epoch, row);
    // "41 of 200 connections" counts, what is in a column may be anything.
    const isBare = token.dimension === "count" && !/^[ -]?\p{L}/u.test(text.slice(token.end, token.end + 2));
    const dimension = minute ? "minute" : isBare ? "bare" : token.dimension;
    add(into, minute ? token.value % 86_400 : token.value, dimension, record, token.value / token.size, row);
  }
  const placed = (pairs: readonly Turn[]): Turn[] =>
    pairs.flatMap(([one, other]): Turn[] => {
      const [at, next] = [places.get(one), places.get(other)];
      return at === undefined || next === undefined ? [] : [[at, next]];
    });
  into.turns.push(...placed(turns));
  into.timed.push(...placed(timed));
}

export function add(into: Sightings, value: number, dimension: Dimension, record: number, written = value, row = -1, isSingle = false) {
  into.values.push(value);
  into.written.push(written);
  into.dimensions.push(dimension);
  into.recordOf.push(record);
  into.rowOf.push(row);
  into.isSingle.push(isSingle);
}

/** Characters of lines after which others get their turn. */
export const LINES_AT_ONCE = 100_000;
export type InTurns = Generator<void, void>;

/** A text in pieces that end at blanks: one line may be megabytes. */
export function* addPieces(into: Sightings, text: string, keyed: Unit | "count" | null, record: number, row: number): InTurns {
  for (let at = 0; at < text.length;) {
    const blank = text.length - at <= LINES_AT_ONCE ? -1 : text.indexOf(" ", at + LINES_AT_ONCE);
    const end = blank < 0 ? text.length : blank;
    addText(into, at === 0 && end === text.length ? text : text.slice(at, end), keyed, record, row);
    at = end;
    if (at < text.length) yield;
  }
}
