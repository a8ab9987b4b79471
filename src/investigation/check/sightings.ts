import { changedFigures } from "./changed-lines.ts";
import { type Dimension, joined, NAMED, rawTokens, type Turn, type Unit, unitOfKey, withoutEnd } from "./figures.ts";

/** What figures a raw answer or a view holds, of which service, and whether a claim shows one of them. */

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
  /** What is beside it: the words around it in its line; else its key. */
  readonly labels: string[];
  /** The texts beside the numbers of each object, by record; of lines and of what has none nothing. */
  readonly words: Map<number, string>;
  /** One number among the many of a column or a series: that it is there proves nothing, see {@link selectedIn}. */
  readonly isSingle: boolean[];
  /** The services that each record names, as the catalog names them; empty where it names none. */
  readonly records: (readonly string[])[];
  /** Places in `values` of figures of which the text says that one became the other. */
  readonly turns: Turn[];
  /** The rows or lines in which each long id or name of an instance is: of a trace, a span, a commit, a pod, a node. */
  readonly ids: Map<string, Set<number>>;
  /** Places in `values` of figures that tell of many: extremes, means, counts. Among many single ones any figure is near some. */
  readonly telling: Set<number>;
  readonly series: (Points & { readonly record: number; readonly unit: Unit | null })[];
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
  /** Words of a series: its tags, and its metric where it names one. */
  readonly words: readonly string[];
  /** Which of the queries of its page it answers; -1: it does not say. */
  readonly query: number;
  /** Many queries are asked some at a time: its place among their answers. */
  readonly page: number;
  /** When, epoch seconds; NaN: it does not say. */
  readonly at: readonly number[];
  /** Of each row, lower case. */
  readonly texts: readonly string[];
  readonly owners: readonly (readonly string[])[];
  readonly columns: readonly { readonly values: readonly number[]; readonly dimension: Dimension; readonly size: number }[];
}

/** The points of a series: their times (epoch seconds) and values as written. */
interface Points {
  readonly times: readonly number[];
  readonly values: readonly number[];
}

/** Catalog name of each name (lower case) that a service has anywhere. */
export type ServiceNames = ReadonlyMap<string, string>;

const NO_SERVICES: readonly string[] = [];
const SERVICE_NAME = /[\p{L}\p{N}_][\p{L}\p{N}_-]*/gu;

/** The service of a name, or of its pod: `payments-7d9f6c-x2k8p` is of payments. */
function serviceOf(word: string, names: ServiceNames): string | undefined {
  const known = names.get(word) ?? names.get(withoutEnd(word, "-_"));
  if (known !== undefined) return known;
  let name = word;
  for (let cuts = 0; cuts < 2; cuts++) {
    const end = name.lastIndexOf("-");
    if (end < 1 || !POD_PART.test(name.slice(end + 1))) return undefined;
    name = name.slice(0, end);
    const service = names.get(name);
    if (service !== undefined) return service;
  }
  return undefined;
}

/** Words of three letters and more, and quantiles, as people and metrics write them. */
export const wordsOf = (text: string): string[] =>
  text
    .replaceAll(/(\p{Ll})(\p{Lu})/gu, "$1 $2")
    .toLowerCase()
    .match(/p\d{2,3}(?!\d)|\p{L}{3,}/gu) ?? [];

/** What a platform puts behind the name of a deployment. */
const POD_PART = /^(?:[a-z0-9]{5}|[a-f0-9]{6,10}|\d{1,3})$/;

/** The services that a text names, by themselves or by their pods. */
export const servicesIn = (text: string, names: ServiceNames): readonly string[] =>
  ownersIn(text, names).filter((owner) => !owner.includes(OF));

/** Between a service and one of its instances. */
const OF = "/";

/** The services that a text names, by themselves or by their pods, and those pods: `payments`, `payments/payments-7d9f6c-x2k8p`. */
export function ownersIn(text: string, names: ServiceNames): readonly string[] {
  if (names.size === 0) return NO_SERVICES;
  const found = new Set<string>();
  for (const [written] of text.matchAll(SERVICE_NAME)) {
    const word = written.toLowerCase();
    const name = serviceOf(word, names);
    if (name === undefined) continue;
    found.add(name);
    if (!names.has(word) && word.length > name.length + 1 && /\d/.test(word)) found.add(`${name}${OF}${withoutEnd(word, "-_")}`);
  }
  return found.size === 0 ? NO_SERVICES : [...found];
}

/** What people call an owner. */
export const ownerName = (owner: string): string => owner.slice(owner.indexOf(OF) + 1);

/**
 * Whether a record is of one of the owners in question: it names none, or a service of theirs, and where both name instances of it one of those.
 */
export function isOwnRecord(record: readonly string[], wanted: readonly string[]): boolean {
  if (wanted.length === 0 || record.length === 0) return true;
  const [theirServices, services] = [wanted, record].map((owners) => owners.filter((owner) => !owner.includes(OF)));
  // What is between two services is not between one of them and another.
  if (services?.length === 2 && theirServices?.length === 2 && !services.every((name) => theirServices.includes(name))) return false;
  return record.some((name) => {
    if (name.includes(OF) || !wanted.includes(name)) return false;
    const isInstance = (owner: string) => owner.startsWith(name + OF);
    const [theirs, own] = [wanted.filter(isInstance), record.filter(isInstance)];
    return theirs.length === 0 || own.length === 0 || own.some((one) => theirs.includes(one));
  });
}

/** What the value of a `unit` key names: a word, Datadog's `{ name, short_name }`, or a list of them (its second place is "per"). */
function unitNamed(value: unknown): Unit | null {
  if (Array.isArray(value)) {
    const [first, per] = value;
    return per === null || per === undefined ? unitNamed(first) : null;
  }
  if (typeof value === "object" && value !== null && "name" in value) return unitNamed(value.name);
  return typeof value === "string" ? (NAMED.get(value.toLowerCase()) ?? null) : null;
}

const isUnitKey = (key: string) => /^units?(?:_?name)?$/i.test(key);

/** An integer of this size that may be an instant: seconds, milliseconds or nanoseconds since 1970, from 2001 on. In seconds, or null. */
function epochSeconds(value: number): number | null {
  for (const perSecond of [1, 1e3, 1e6, 1e9]) {
    const seconds = value / perSecond;
    if (seconds >= 1e9 && seconds < 4.2e9) return seconds;
  }
  return null;
}

const NAMED_SPANS: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

export const LONG_ID = /^[0-9a-f]{16,40}$/;
/** What a platform calls a pod, a node, a host. */
const INSTANCE = /^(?=.*\d)(?=.{8})[\p{L}\p{N}]+(?:-[\p{L}\p{N}]+)+/u;

/** What of a name is unique: of a host the part before its domain. Empty: it is no id of one thing. */
export const idOf = (name: string): string => (LONG_ID.test(name) ? name : (INSTANCE.exec(name.toLowerCase())?.[0] ?? ""));

/** Characters on each side of a figure in a line that may say of what it is. */
const BESIDE = 40;

function addText(into: Sightings, text: string, keyed: Unit | "count" | null, record: number, row: number, key: string) {
  if (!/\d/.test(text)) return;
  const first = into.values.length;
  const { tokens, turns } = joined(text, rawTokens(text, keyed));
  const places = new Map<number, number>();
  for (const [index, token] of tokens.entries()) {
    // Monitors name the time that they look back on: `avg(last_20m)`.
    const [, amount, unit = ""] = token.kind === "name" ? (/_(\d{1,4})(s|m|h|d)$/.exec(token.text) ?? []) : [];
    if (amount !== undefined) add(into, Number(amount) * (NAMED_SPANS[unit] ?? 0), "time", record, Number(amount), row);
    const id = token.kind === "name" && row >= 0 ? idOf(token.text) : "";
    if (id !== "") {
      const rows = into.ids.get(id);
      if (rows === undefined) into.ids.set(id, new Set([row]));
      else rows.add(row);
    }
    if (token.kind !== "figure") continue;
    // In a line what is between its neighbours (what is before the first is about all of them), else its key and what is said with it.
    const [from, to] = [tokens[index - 1]?.end ?? token.start, tokens[index + 1]?.start ?? text.length];
    const label =
      row === record
        ? text.slice(Math.max(from, token.start - BESIDE), Math.min(to, token.end + BESIDE))
        : `${key} ${text.slice(0, LONGEST_KIND)}`;
    places.set(index, into.values.length);
    // An instant to the minute says nothing of its seconds.
    const minute = token.dimension === "date" && token.slack === 60;
    const epoch = token.dimension === "count" ? epochSeconds(token.value) : null;
    if (epoch !== null) add(into, epoch, "date", record, epoch, row, label);
    // "41 of 200 connections" counts, what is in a column may be anything.
    const isBare = token.dimension === "count" && !/^[ -]?\p{L}/u.test(text.slice(token.end, token.end + 2));
    const dimension = minute ? "minute" : isBare ? "bare" : token.dimension;
    add(into, minute ? token.value % 86_400 : token.value, dimension, record, token.value / token.size, row, label);
  }
  for (const [from, to] of [...turns, ...changedFigures(text, tokens)]) {
    const turn = [places.get(from), places.get(to)] as const;
    if (turn[0] !== undefined && turn[1] !== undefined && turn[0] >= first) into.turns.push([turn[0], turn[1]]);
  }
}

function add(
  into: Sightings,
  value: number,
  dimension: Dimension,
  record: number,
  written = value,
  row = -1,
  label = "",
  isSingle = false,
) {
  into.values.push(value);
  into.written.push(written);
  into.dimensions.push(dimension);
  into.recordOf.push(record);
  into.rowOf.push(row);
  into.labels.push(label);
  into.isSingle.push(isSingle);
}

/** Characters of lines, and values of JSON, after which others get their turn. */
const LINES_AT_ONCE = 100_000;
const VALUES_AT_ONCE = 10_000;

/** Characters of an object's words up to which they are remembered with the services that they name. */
const LONGEST_NAMES = 500;

type InTurns = Generator<void, void>;

/** A text in pieces that end at blanks: one line may be megabytes. */
function* addPieces(into: Sightings, text: string, keyed: Unit | "count" | null, record: number, row: number, key = ""): InTurns {
  for (let at = 0; at < text.length;) {
    const blank = text.length - at <= LINES_AT_ONCE ? -1 : text.indexOf(" ", at + LINES_AT_ONCE);
    const end = blank < 0 ? text.length : blank;
    addText(into, at === 0 && end === text.length ? text : text.slice(at, end), keyed, record, row, key);
    at = end;
    if (at < text.length) yield;
  }
}

function* addLines(into: Sightings, text: string, names: ServiceNames): InTurns {
  let read = 0;
  // An indented line goes on with what the line above it, which is indented less, is about.
  const above: { readonly indent: number; readonly line: string }[] = [];
  for (const line of text.split(/\r?\n/)) {
    read += line.length + 1;
    if (read > LINES_AT_ONCE) {
      yield;
      read = 0;
    }
    const indent = line.length - line.trimStart().length;
    while ((above.at(-1)?.indent ?? -1) >= indent) above.pop();
    if (/\d/.test(line)) {
      const around = above.map((one) => one.line.slice(0, LONGEST_NAMES)).join(" ");
      const own = ownersIn(line, names);
      const record = into.records.push(own.length > 0 || around === "" ? own : ownersIn(around, names)) - 1;
      yield* addPieces(into, line, null, record, record);
    }
    if (above.length < DEEPEST) above.push({ indent, line });
  }
}

const DEEPEST = 4;

interface Place {
  readonly value: unknown;
  readonly key: string;
  readonly unit: Unit | null;
  readonly record: number;
  readonly row: number;
  /** Of the object around it. */
  readonly words: string;
}

const isList = (value: unknown): value is readonly unknown[] => Array.isArray(value);
const numberOf = (value: unknown): number =>
  typeof value === "number" ? value : typeof value === "string" && /^-?\d+(?:\.\d+)?$/.test(value) ? Number(value) : Number.NaN;

/** Points `[instant, value]` as times and values; null: the list holds something else. */
function pointsIn(list: readonly unknown[]): Points | null {
  const [first] = list;
  if (list.length < 3 || !isList(first) || first.length !== 2 || epochSeconds(numberOf(first[0])) === null) return null;
  const pairs = list.flatMap((point) =>
    isList(point) ? [[epochSeconds(numberOf(point[0])) ?? Number.NaN, numberOf(point[1])] as const] : [],
  );
  const whole = pairs.filter(([at, value]) => Number.isFinite(at) && Number.isFinite(value));
  return { times: whole.map(([at]) => at), values: whole.map(([, value]) => value) };
}

/** The series of Datadog's `series` and `times` beside `values`; null: it is no such answer. */
function seriesIn(value: object): readonly { readonly about: unknown; readonly points: Points }[] | null {
  if (!("series" in value && "values" in value && isList(value.series) && isList(value.values))) return null;
  const { series, values } = value;
  const times = "times" in value && isList(value.times) ? value.times.map((at) => epochSeconds(numberOf(at)) ?? Number.NaN) : [];
  if (series.length !== values.length || !values.every(isList)) return null;
  return series.map((about, row) => {
    const own = isList(values[row]) ? values[row].map((one, index) => [times[index] ?? Number.NaN, numberOf(one)] as const) : [];
    const whole = own.filter(([, one]) => !Number.isNaN(one));
    return { about, points: { times: whole.map(([at]) => at), values: whole.map(([, one]) => one) } };
  });
}

const wordsIn = (value: object): string =>
  Object.values(value)
    .flatMap((one) => (typeof one === "string" || isTags(one) ? [one].flat() : []))
    .join(" ");

const unitIn = (value: object): Unit | null =>
  Object.entries(value).flatMap(([name, one]) => (isUnitKey(name) ? (unitNamed(one) ?? []) : []))[0] ?? null;

/** A step of a series is a change between neighbours of at least this share of its whole range; of more than so many none is one. */
const STEP = 0.25;
const MOST_STEPS = 12;
/** So often a series may reach its extreme for each of the times to tell something. */
const MOST_ALIKE = 4;

const mean = (values: readonly number[]) => values.reduce((sum, one) => sum + one, 0) / values.length;

/** The figures by which people tell a series: its ends, extremes, mean, median, the medians of its first and last third, and the ends of its largest step. */
export function levelsOf(values: readonly number[]): number[] {
  if (values.length === 0) return [];
  const median = (some: readonly number[]) => some.toSorted((one, other) => one - other)[Math.floor((some.length - 1) / 2)] ?? Number.NaN;
  const third = Math.max(1, Math.floor(values.length / 3));
  const most = values.reduce((one, other) => Math.max(one, other), -Infinity);
  const least = values.reduce((one, other) => Math.min(one, other), Infinity);
  const stepTo = (at: number) => Math.abs((values[at] ?? 0) - (values[at - 1] ?? values[at] ?? 0));
  const step = values.reduce((largest, _, at) => (stepTo(at) > stepTo(largest) ? at : largest), 0);
  const levels = [values[0] ?? 0, values.at(-1) ?? 0, most, least, mean(values), median(values)];
  return [...levels, median(values.slice(0, third)), median(values.slice(-third)), values[Math.max(0, step - 1)] ?? 0, values[step] ?? 0];
}

function addTelling(into: Sightings, adds: () => void) {
  const from = into.values.length;
  adds();
  for (let at = from; at < into.values.length; at++) into.telling.add(at);
}

function addSeries(into: Sightings, points: Points, unit: Unit | null, record: number, text = "", query = -1) {
  const { times, values } = points;
  into.series.push({ ...points, unit, record });
  into.tables.push({
    ...{ isList: false, words: wordsOf(text), query, page: into.pages - 1, at: times, texts: [] },
    owners: values.map(() => into.records[record] ?? NO_SERVICES),
    columns: [{ values, dimension: unit?.dimension ?? "bare", size: unit?.size ?? 1 }],
  });
  const most = values.reduce((one, other) => Math.max(one, other), -Infinity);
  const least = values.reduce((one, other) => Math.min(one, other), Infinity);
  const steps = values.flatMap((value, index) =>
    index > 0 && Math.abs(value - (values[index - 1] ?? value)) > STEP * (most - least) ? [index - 1, index] : [],
  );
  const extremes = [most, least].flatMap((value) => {
    const places = values.flatMap((one, index) => (one === value ? [index] : []));
    return places.length > MOST_ALIKE ? places.slice(0, 1) : places;
  });
  const telling = [0, values.length - 1, ...extremes, ...(steps.length > MOST_STEPS * 2 ? [] : steps)];
  for (const index of new Set(telling)) {
    const at = times[index];
    if (at !== undefined && Number.isFinite(at)) into.moments.push({ at, record });
  }
}

/** Rows that are counted, and values of one field up to which it sorts rows into kinds. */
const MOST_ROWS = 5_000;
const MOST_KINDS = 30;
const LONGEST_KIND = 80;
const LONGEST_ROW = 1_000;

interface Kind {
  count: number;
  first: number;
  last: number;
  /** The services that all its rows name, as one word; null: they differ. */
  of: string | null;
}

/**
 * How many rows of a list have the same value in a field, their share, and when the first and the last of them were; of fields with numbers
 * their levels.
 */
function addTallies(into: Sightings, rows: readonly unknown[], near: Unit | null, names: ServiceNames, record: number) {
  add(into, rows.length, "count", record);
  const numbers = new Map<string, number[]>();
  const fields = new Map<string, Map<string, Kind>>();
  const table = { at: [] as number[], texts: [] as string[], owners: [] as (readonly string[])[] };
  const columns = new Map<string, number[]>();
  for (const [index, row] of rows.slice(0, MOST_ROWS).entries()) {
    const texts: string[] = [];
    const flat: (readonly [string, string])[] = [];
    const figures: (readonly [string, number])[] = [];
    let at = Number.NaN;
    const walk = (value: unknown, path: string, depth: number) => {
      if (typeof value === "object" && value !== null && !isList(value) && depth < 4) {
        for (const [key, one] of Object.entries(value)) walk(one, `${path}.${key}`, depth + 1);
      } else if (isTags(value)) texts.push(value.join(" ").slice(0, LONGEST_ROW));
      else if (typeof value === "string" || typeof value === "number" || typeof value === "boolean") {
        const text = String(value);
        const instant = typeof value === "number" ? epochSeconds(value) : isoSeconds(text);
        if (instant !== null) at = Number.isNaN(at) ? instant : at;
        else if (text.length <= LONGEST_KIND) flat.push([path, text]);
        if (typeof value === "string" && instant === null) texts.push(text.slice(0, LONGEST_ROW));
        if (typeof value === "number" && instant === null) figures.push([path, value]);
      }
    };
    walk(row, "", 0);
    const owners = ownersIn(
      flat
        .map(([, text]) => text)
        .join(" ")
        .slice(0, LONGEST_ROW),
      names,
    );
    const of = owners.join(" ");
    table.at.push(at);
    table.texts.push(texts.join(" ").slice(0, LONGEST_ROW).toLowerCase());
    table.owners.push(owners);
    for (const [path, value] of figures) {
      let column = columns.get(path);
      if (column === undefined) columns.set(path, (column = []));
      column[index] = value;
    }
    for (const [path, value] of figures) {
      const key = `${path}\n${of}`;
      const others = numbers.get(key);
      if (others === undefined) numbers.set(key, [value]);
      else others.push(value);
    }
    for (const [path, text] of flat) {
      let kinds = fields.get(path);
      if (kinds === undefined) fields.set(path, (kinds = new Map()));
      const kind = kinds.get(text);
      if (kind === undefined) {
        if (kinds.size <= MOST_KINDS) kinds.set(text, { count: 1, first: at, last: at, of });
        continue;
      }
      kind.count++;
      if (kind.of !== of) kind.of = null;
      kind.first = Number.isNaN(kind.first) ? at : Math.min(kind.first, at);
      kind.last = Number.isNaN(kind.last) ? at : Math.max(kind.last, at);
    }
  }
  into.tables.push({
    ...{ isList: true, words: [], query: -1, page: -1, ...table },
    columns: [...columns].map(([path, values]) => ({ values, ...unitOfColumn(path, near) })),
  });
  for (const kinds of fields.values()) {
    if (kinds.size > MOST_KINDS) continue;
    for (const [text, { count, first, last, of }] of kinds) {
      const services = ownersIn(`${text} ${of ?? ""}`, names);
      const own = services.length === 0 ? record : into.records.push(services) - 1;
      add(into, count, "count", own, count, -1, text);
      if (count < rows.length) add(into, (100 * count) / rows.length, "percent", own, undefined, -1, text);
      for (const at of new Set([first, last])) if (Number.isFinite(at)) into.moments.push({ at, record: own });
    }
  }
  for (const [key, values] of numbers) {
    const [path = "", of = ""] = key.split("\n");
    const own = of === "" ? record : into.records.push(ownersIn(of, names)) - 1;
    for (const value of levelsOf(values)) addNumber(into, value, path.slice(path.lastIndexOf(".") + 1), near, own);
  }
}

function unitOfColumn(path: string, near: Unit | null): Unit {
  const keyed = unitOfKey(path.slice(path.lastIndexOf(".") + 1));
  if (keyed === "count") return { dimension: "count", size: 1 };
  return keyed ?? near ?? { dimension: "bare", size: 1 };
}

function isoSeconds(text: string): number | null {
  if (!/^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}/.test(text)) return null;
  const at = Date.parse(/(?:Z|[+-]\d{2}:?\d{2})$/.test(text) ? text : `${text.replace(" ", "T")}Z`);
  return Number.isFinite(at) ? at / 1000 : null;
}

const isRow = (value: unknown) => typeof value === "object" && value !== null && !isList(value);

/** Walks parsed JSON in the order of the document, with a stack of its own: answers may nest deeper than calls can. */
function* addJson(into: Sightings, json: unknown, names: ServiceNames): InTurns {
  let read = 0;
  // Rows of one answer name the same few services in the same words.
  const named = new Map<string, readonly string[]>();
  const servicesOf = (words: string): readonly string[] => {
    if (words.length > LONGEST_NAMES) return ownersIn(words, names);
    let services = named.get(words);
    if (services === undefined) named.set(words, (services = ownersIn(words, names)));
    return services;
  };
  const stack: Place[] = [{ value: json, key: "", unit: null, record: into.records.push(NO_SERVICES) - 1, row: -1, words: "" }];
  for (let place = stack.pop(); place !== undefined; place = stack.pop()) {
    read += 1;
    if (read > VALUES_AT_ONCE) {
      yield;
      read = 0;
    }
    const { value, key, unit: near, record, row, words } = place;
    if (typeof value === "number") {
      addNumber(into, value, key, near, record, row);
    } else if (typeof value === "string") {
      yield* addPieces(into, value, unitOfKey(key) ?? near, record, row, key);
    } else if (isList(value)) {
      const points = pointsIn(value);
      if (points !== null) {
        addSeries(into, points, near, record, words);
        continue;
      }
      const areRows = value.length > 1 && value.every(isRow);
      if (areRows) {
        addTelling(into, () => addTallies(into, value, near, names, record));
        read += value.length * 4;
        if (read > VALUES_AT_ONCE) {
          yield;
          read = 0;
        }
      }
      for (let index = value.length - 1; index >= 0; index--) {
        // Of rows within rows the outer one counts: a trace holds its spans.
        const own = areRows && row < 0 ? into.records.push(NO_SERVICES) - 1 : row;
        stack.push({ value: value[index], key, unit: near, record, row: own, words });
      }
    } else if (typeof value === "object" && value !== null) {
      const keyed = unitOfKey(key);
      const own = unitIn(value) ?? (keyed === "count" ? null : keyed) ?? near;
      const beside = wordsIn(value);
      const services = servicesOf(beside);
      const hasNumber = beside !== "" && Object.values(value).some((one) => typeof one === "number");
      const owners = services.length === 0 ? (into.records[record] ?? services) : services;
      const inner = services.length === 0 && !hasNumber ? record : into.records.push(owners) - 1;
      if (hasNumber) into.words.set(inner, beside.slice(0, LONGEST_NAMES));
      const series = seriesIn(value);
      if (series !== null) into.pages++;
      for (const { about, points } of series ?? []) {
        const seen = typeof about === "object" && about !== null ? about : {};
        const tags = wordsIn(seen);
        const of = into.records.push(servicesOf(tags)) - 1;
        into.words.set(of, tags.slice(0, LONGEST_NAMES));
        const query = "query_index" in seen && typeof seen.query_index === "number" ? seen.query_index : -1;
        addSeries(into, points, unitIn(seen), of, tags, query);
      }
      for (const [name, one] of Object.entries(value).toReversed())
        if (series === null || (name !== "values" && name !== "times" && name !== "series"))
          stack.push({ value: one, key: name, unit: own, record: inner, row, words: beside.slice(0, LONGEST_NAMES) });
    }
  }
}

const isTags = (value: unknown): value is string[] =>
  Array.isArray(value) && value.length < 100 && value.every((one) => typeof one === "string");

function addNumber(into: Sightings, value: number, key: string, near: Unit | null, record: number, row = -1, isSingle = row >= 0) {
  const epoch = epochSeconds(value);
  if (epoch !== null) add(into, epoch, "date", record, epoch, row, key);
  const keyed = unitOfKey(key);
  if (keyed !== null && keyed !== "count") return add(into, value * keyed.size, keyed.dimension, record, value, row, key, isSingle);
  if (keyed === null && near !== null) return add(into, value * near.size, near.dimension, record, value, row, key, isSingle);
  add(into, value, keyed === "count" ? "count" : "bare", record, value, row, key, isSingle);
}

function parsed(text: string): unknown {
  if (!/^\s{0,100}[[{]/.test(text)) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Collects every figure of a raw answer (JSON, lines of JSON, text) or of a view. Linear; yields now and then, for an answer may be megabytes. */
export function* sightingsInTurns(text: string, names: ServiceNames): Generator<void, Sightings> {
  const into: Sightings = {
    values: [],
    written: [],
    dimensions: [],
    recordOf: [],
    rowOf: [],
    labels: [],
    words: new Map(),
    isSingle: [],
    records: [],
    turns: [],
    ids: new Map(),
    telling: new Set(),
    series: [],
    tables: [],
    pages: 0,
    moments: [],
  };
  const whole = parsed(text);
  if (whole !== undefined) {
    yield* addJson(into, whole, names);
    return into;
  }
  let plain: string[] = [];
  const rows: unknown[] = [];
  let read = 0;
  for (const page of text.split("\n")) {
    const json = parsed(page);
    if (json === undefined) {
      plain.push(page);
      continue;
    }
    yield* addLines(into, plain.join("\n"), names);
    plain = [];
    rows.push(json);
    yield* addJson(into, json, names);
    read += page.length;
    if (read > LINES_AT_ONCE) {
      yield;
      read = 0;
    }
  }
  yield* addLines(into, plain.join("\n"), names);
  if (rows.length > 1) addTelling(into, () => addTallies(into, rows, null, names, into.records.push(NO_SERVICES) - 1));
  return into;
}
