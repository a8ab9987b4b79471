import { NAMED, type Unit, unitOfKey } from "./units.ts";
import { type ServiceNames, servicesIn } from "./owners.ts";
import { add, addPieces, epochSeconds, type InTurns, type Sightings, wordsOf } from "./sightings.ts";

/** Figures of parsed JSON: numbers by their keys and units, rows of lists, points of series. */

/** What the value of a `unit` key names: a word, Datadog's `{ name, short_name }`, or a list of them (its second place is "per"). */
function unitNamed(value: unknown): Unit | null {
  if (Array.isArray(value)) {
    const [first, per] = value;
    return per === null || per === undefined ? unitNamed(first) : null;
  }
  if (typeof value === "object" && value !== null && "name" in value) return unitNamed(value.name);
  return typeof value === "string" ? (NAMED.get(value.toLowerCase()) ?? null) : null;
}

const LONGEST_UNIT_KEY = 10;
const isUnitKey = (key: string) => /^units?(?:_?name)?$/i.test(key);

/** The points of a series: their times (epoch seconds) and values as written. */
interface Points {
  readonly times: readonly number[];
  readonly values: readonly number[];
}

/** Values of JSON after which others get their turn. */
const VALUES_AT_ONCE = 10_000;
/** Characters of an object's words up to which they are remembered with the services that they name. */
const LONGEST_NAMES = 500;
const NO_SERVICES: readonly string[] = [];
const LETTER = /\p{L}/u;

interface Place {
  readonly value: unknown;
  readonly key: string;
  readonly unit: Unit | null;
  readonly record: number;
  readonly row: number;
  /** The object around it, whose words are those of a series in it. */
  readonly around: object;
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

/** Up to so many characters, which is what the words of a series are looked for in. */
const wordsIn = (value: object): string =>
  Object.values(value)
    .flatMap((one) => (typeof one === "string" || isTags(one) ? [one].flat() : []))
    .join(" ")
    .slice(0, LONGEST_NAMES);

/** The services that the strings and tags of an object name: of each string by itself, for rows have the same ones. */
function servicesOf(value: object, names: ServiceNames): readonly string[] {
  let found = NO_SERVICES;
  for (const one of Object.values(value))
    for (const text of typeof one === "string" ? [one] : isTags(one) ? one : NO_SERVICES) {
      const own = LETTER.test(text) ? servicesIn(text, names) : NO_SERVICES;
      if (own.length > 0) found = found.length === 0 ? own : [...new Set([...found, ...own])];
    }
  return found;
}

function unitIn(value: object): Unit | null {
  for (const [name, one] of Object.entries(value)) {
    const unit = name.length <= LONGEST_UNIT_KEY && isUnitKey(name) ? unitNamed(one) : null;
    if (unit !== null) return unit;
  }
  return null;
}

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

function addSeries(into: Sightings, points: Points, unit: Unit | null, record: number, text = "", query = -1) {
  const { times, values } = points;
  into.tables.push({
    ...{ isList: false, kind: "", words: wordsOf(text), query, page: into.pages - 1, at: times, texts: [] },
    owners: values.map(() => into.records[record] ?? NO_SERVICES),
    columns: [{ path: "", values, dimension: unit?.dimension ?? "bare", size: unit?.size ?? 1 }],
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
export function addTallies(into: Sightings, rows: readonly unknown[], near: Unit | null, names: ServiceNames, record: number) {
  add(into, rows.length, "count", record);
  const numbers = new Map<string, number[]>();
  const fields = new Map<string, Map<string, Kind>>();
  const table = { at: [] as number[], texts: [] as string[], owners: [] as (readonly string[])[] };
  const columns = new Map<string, number[]>();
  const paths = new Map<string, Map<string, string>>();
  // Rows have the same fields: each path is one string, which maps find at once.
  const pathTo = (path: string, key: string): string => {
    const own = paths.get(path) ?? new Map<string, string>();
    const known = own.get(key) ?? `${path}.${key}`;
    paths.set(path, own.set(key, known));
    return known;
  };
  for (const [index, row] of rows.slice(0, MOST_ROWS).entries()) {
    const texts: string[] = [];
    const flat: (readonly [string, string])[] = [];
    const figures: (readonly [string, number])[] = [];
    let at = Number.NaN;
    const walk = (value: unknown, path: string, depth: number) => {
      if (typeof value === "object" && value !== null && !isList(value) && depth < 4) {
        for (const [key, one] of Object.entries(value)) walk(one, pathTo(path, key), depth + 1);
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
    const owners = [...new Set(flat.flatMap(([, text]) => (LETTER.test(text) ? servicesIn(text, names) : [])))];
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
    ...{ isList: true, kind: [...fields.keys()].toSorted().join(" "), words: [], query: -1, page: -1, ...table },
    columns: [...columns].map(([path, values]) => ({ path, values, ...unitOfColumn(path, near) })),
  });
  for (const kinds of fields.values()) {
    if (kinds.size > MOST_KINDS) continue;
    for (const [text, { count, first, last, of }] of kinds) {
      const services = servicesIn(`${text} ${of ?? ""}`, names);
      const own = services.length === 0 ? record : into.records.push(services) - 1;
      add(into, count, "count", own);
      if (count < rows.length) add(into, (100 * count) / rows.length, "percent", own);
      for (const at of new Set([first, last])) if (Number.isFinite(at)) into.moments.push({ at, record: own });
    }
  }
  for (const [key, values] of numbers) {
    const [path = "", of = ""] = key.split("\n");
    const own = of === "" ? record : into.records.push(servicesIn(of, names)) - 1;
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
export function* addJson(into: Sightings, json: unknown, names: ServiceNames): InTurns {
  let read = 0;
  const stack: Place[] = [{ value: json, key: "", unit: null, record: into.records.push(NO_SERVICES) - 1, row: -1, around: {} }];
  for (let place = stack.pop(); place !== undefined; place = stack.pop()) {
    read += 1;
    if (read > VALUES_AT_ONCE) {
      yield;
      read = 0;
    }
    const { value, key, unit: near, record, row, around } = place;
    if (typeof value === "number") {
      addNumber(into, value, key, near, record, row);
    } else if (typeof value === "string") {
      yield* addPieces(into, value, unitOfKey(key) ?? near, record, row);
    } else if (isList(value)) {
      const points = pointsIn(value);
      if (points !== null) {
        addSeries(into, points, near, record, wordsIn(around));
        continue;
      }
      const areRows = value.length > 1 && value.every(isRow);
      if (areRows) {
        addTallies(into, value, near, names, record);
        read += value.length * 4;
        if (read > VALUES_AT_ONCE) {
          yield;
          read = 0;
        }
      }
      for (let index = value.length - 1; index >= 0; index--) {
        // Of rows within rows the outer one counts: a trace holds its spans.
        const own = areRows && row < 0 ? into.records.push(NO_SERVICES) - 1 : row;
        stack.push({ value: value[index], key, unit: near, record, row: own, around });
      }
    } else if (typeof value === "object" && value !== null) {
      const keyed = unitOfKey(key);
      const own = unitIn(value) ?? (keyed === "count" ? null : keyed) ?? near;
      const services = servicesOf(value, names);
      const hasNumber = Object.values(value).some((one) => typeof one === "number");
      const owners = services.length === 0 ? (into.records[record] ?? services) : services;
      const inner = services.length === 0 && !hasNumber ? record : into.records.push(owners) - 1;
      const series = seriesIn(value);
      if (series !== null) into.pages++;
      for (const { about, points } of series ?? []) {
        const seen = typeof about === "object" && about !== null ? about : {};
        const of = into.records.push(servicesOf(seen, names)) - 1;
        const query = "query_index" in seen && typeof seen.query_index === "number" ? seen.query_index : -1;
        addSeries(into, points, unitIn(seen), of, wordsIn(seen), query);
      }
      for (const [name, one] of Object.entries(value).toReversed())
        if (series === null || (name !== "values" && name !== "times" && name !== "series"))
          stack.push({ value: one, key: name, unit: own, record: inner, row, around: value });
    }
  }
}

const isTags = (value: unknown): value is string[] =>
  Array.isArray(value) && value.length < 100 && value.every((one) => typeof one === "string");

function addNumber(into: Sightings, value: number, key: string, near: Unit | null, record: number, row = -1) {
  const isSingle = row >= 0;
  const epoch = epochSeconds(value);
  if (epoch !== null) add(into, epoch, "date", record, epoch, row);
  const keyed = unitOfKey(key);
  if (keyed !== null && keyed !== "count") return add(into, value * keyed.size, keyed.dimension, record, value, row, isSingle);
  if (keyed === null && near !== null) return add(into, value * near.size, near.dimension, record, value, row, isSingle);
  add(into, value, keyed === "count" ? "count" : "bare", record, value, row, isSingle);
}
