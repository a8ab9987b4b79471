import { type Dimension, joined, NAMED, rawTokens, type Token, type Turn, type Unit, unitOfKey, withoutEnd } from "./figures.ts";

/** What figures a raw answer or a view holds, of which service, and whether a claim shows one of them. */

/** Every number of an answer, by column: a raw answer may hold a million. */
export interface Sightings {
  readonly values: number[];
  readonly dimensions: Dimension[];
  /** Place in `records` of the object or line that holds it. */
  readonly recordOf: number[];
  /** The services that each record names, as the catalog names them; empty where it names none. */
  readonly records: (readonly string[])[];
  /** Places in `values` of figures of which the text says that one became the other. */
  readonly turns: Turn[];
}

/** Catalog name of each name (lower case) that a service has anywhere. */
export type ServiceNames = ReadonlyMap<string, string>;

const NO_SERVICES: readonly string[] = [];
const SERVICE_NAME = /[\p{L}\p{N}_][\p{L}\p{N}_-]*/gu;

/** The services that a text names. */
export function servicesIn(text: string, names: ServiceNames): readonly string[] {
  if (names.size === 0) return NO_SERVICES;
  const found = new Set<string>();
  for (const [word] of text.matchAll(SERVICE_NAME)) {
    const name = names.get(word.toLowerCase()) ?? names.get(withoutEnd(word.toLowerCase(), "-_"));
    if (name !== undefined) found.add(name);
  }
  return found.size === 0 ? NO_SERVICES : [...found];
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

function addText(into: Sightings, text: string, keyed: Unit | "count" | null, record: number) {
  if (!/\d/.test(text)) return;
  const first = into.values.length;
  const { tokens, turns } = joined(text, rawTokens(text, keyed));
  const places = new Map<number, number>();
  for (const [index, token] of tokens.entries()) {
    if (token.kind !== "figure") continue;
    places.set(index, into.values.length);
    // An instant to the minute says nothing of its seconds.
    const minute = token.dimension === "date" && token.slack === 60;
    const epoch = token.dimension === "count" ? epochSeconds(token.value) : null;
    if (epoch !== null) add(into, epoch, "date", record);
    add(into, minute ? token.value % 86_400 : token.value, minute ? "minute" : token.dimension, record);
  }
  for (const [from, to] of turns) {
    const turn = [places.get(from), places.get(to)] as const;
    if (turn[0] !== undefined && turn[1] !== undefined && turn[0] >= first) into.turns.push([turn[0], turn[1]]);
  }
}

function add(into: Sightings, value: number, dimension: Dimension, record: number) {
  into.values.push(value);
  into.dimensions.push(dimension);
  into.recordOf.push(record);
}

/** Characters of lines, and values of JSON, after which others get their turn. */
const LINES_AT_ONCE = 100_000;
const VALUES_AT_ONCE = 10_000;

/** Characters of an object's words up to which they are remembered with the services that they name. */
const LONGEST_NAMES = 500;

type InTurns = Generator<void, void>;

/** A text in pieces that end at blanks: one line may be megabytes. */
function* addPieces(into: Sightings, text: string, keyed: Unit | "count" | null, record: number): InTurns {
  for (let at = 0; at < text.length;) {
    const blank = text.length - at <= LINES_AT_ONCE ? -1 : text.indexOf(" ", at + LINES_AT_ONCE);
    const end = blank < 0 ? text.length : blank;
    addText(into, at === 0 && end === text.length ? text : text.slice(at, end), keyed, record);
    at = end;
    if (at < text.length) yield;
  }
}

function* addLines(into: Sightings, text: string, names: ServiceNames): InTurns {
  let read = 0;
  for (const line of text.split(/\r?\n/)) {
    read += line.length + 1;
    if (read > LINES_AT_ONCE) {
      yield;
      read = 0;
    }
    if (!/\d/.test(line)) continue;
    yield* addPieces(into, line, null, into.records.push(servicesIn(line, names)) - 1);
  }
}

interface Place {
  readonly value: unknown;
  readonly key: string;
  readonly unit: Unit | null;
  readonly record: number;
}

/** Points of one series up to which each of them counts. */
const MOST_POINTS = 2;

const isList = (value: unknown): value is readonly unknown[] => Array.isArray(value);

/** The series of a metrics answer with their values: Datadog's `series` beside `values`, or `pointlist` in each; null: it is no such answer. */
function seriesIn(value: object): readonly { readonly about: unknown; readonly values: readonly unknown[] }[] | null {
  if ("pointlist" in value && isList(value.pointlist))
    return [{ about: { ...value, pointlist: null }, values: value.pointlist.map((point) => (isList(point) ? point[1] : null)) }];
  if (!("series" in value && "values" in value && isList(value.series) && isList(value.values))) return null;
  const { series, values } = value;
  if (series.length !== values.length || !values.every(isList)) return null;
  return series.map((about, row) => ({ about, values: isList(values[row]) ? values[row] : [] }));
}

const wordsIn = (value: object): string =>
  Object.values(value)
    .flatMap((one) => (typeof one === "string" || isTags(one) ? [one].flat() : []))
    .join(" ");

/**
 * Series of points: hundreds of values of one unit lie so dense that any figure is near one of them, so a long series shows nothing by its points.
 * What a tool computed from it is in the view.
 */
function addSeries(into: Sightings, series: NonNullable<ReturnType<typeof seriesIn>>, names: ServiceNames) {
  for (const { about, values } of series) {
    if (values.length > MOST_POINTS || typeof about !== "object" || about === null) continue;
    const unit = Object.entries(about).flatMap(([name, one]) => (isUnitKey(name) ? (unitNamed(one) ?? []) : []))[0] ?? null;
    const record = into.records.push(servicesIn(wordsIn(about), names)) - 1;
    for (const value of values) if (typeof value === "number") addNumber(into, value, "", unit, record);
  }
}

/** Walks parsed JSON in the order of the document, with a stack of its own: answers may nest deeper than calls can. */
function* addJson(into: Sightings, json: unknown, names: ServiceNames): InTurns {
  let read = 0;
  // Rows of one answer name the same few services in the same words.
  const named = new Map<string, readonly string[]>();
  const servicesOf = (words: string): readonly string[] => {
    if (words.length > LONGEST_NAMES) return servicesIn(words, names);
    let services = named.get(words);
    if (services === undefined) named.set(words, (services = servicesIn(words, names)));
    return services;
  };
  const stack: Place[] = [{ value: json, key: "", unit: null, record: into.records.push(NO_SERVICES) - 1 }];
  for (let place = stack.pop(); place !== undefined; place = stack.pop()) {
    read += 1;
    if (read % VALUES_AT_ONCE === 0) yield;
    const { value, key, unit: near, record } = place;
    if (typeof value === "number") {
      addNumber(into, value, key, near, record);
    } else if (typeof value === "string") {
      yield* addPieces(into, value, unitOfKey(key) ?? near, record);
    } else if (Array.isArray(value)) {
      for (let index = value.length - 1; index >= 0; index--) stack.push({ value: value[index], key, unit: near, record });
    } else if (typeof value === "object" && value !== null) {
      const series = seriesIn(value);
      if (series !== null) {
        addSeries(into, series, names);
        continue;
      }
      const entries = Object.entries(value);
      const own = entries.flatMap(([name, one]) => (isUnitKey(name) ? (unitNamed(one) ?? []) : []))[0] ?? near;
      const services = servicesOf(wordsIn(value));
      const inner = services.length === 0 ? record : into.records.push(services) - 1;
      for (const [name, one] of entries.toReversed()) stack.push({ value: one, key: name, unit: own, record: inner });
    }
  }
}

const isTags = (value: unknown): value is string[] =>
  Array.isArray(value) && value.length < 100 && value.every((one) => typeof one === "string");

function addNumber(into: Sightings, value: number, key: string, near: Unit | null, record: number) {
  const epoch = epochSeconds(value);
  if (epoch !== null) add(into, epoch, "date", record);
  const keyed = unitOfKey(key);
  if (keyed !== null && keyed !== "count") return add(into, value * keyed.size, keyed.dimension, record);
  if (keyed === null && near !== null) return add(into, value * near.size, near.dimension, record);
  add(into, value, "count", record);
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
  const into: Sightings = { values: [], dimensions: [], recordOf: [], records: [], turns: [] };
  const whole = parsed(text);
  if (whole !== undefined) {
    yield* addJson(into, whole, names);
    return into;
  }
  let plain: string[] = [];
  let read = 0;
  for (const page of text.split("\n")) {
    const json = parsed(page);
    if (json === undefined) {
      plain.push(page);
      continue;
    }
    yield* addLines(into, plain.join("\n"), names);
    plain = [];
    yield* addJson(into, json, names);
    read += page.length;
    if (read > LINES_AT_ONCE) {
      yield;
      read = 0;
    }
  }
  yield* addLines(into, plain.join("\n"), names);
  return into;
}

/** Whether a number that was seen is what a claim shows, to its last digit. */
function agrees(claim: Token, value: number, dimension: Dimension): boolean {
  // Without an end everything is near it.
  if (!Number.isFinite(claim.value) || !Number.isFinite(claim.slack)) return false;
  const day = (seconds: number) => ((Math.floor(seconds) % 86_400) + 86_400) % 86_400;
  switch (claim.dimension) {
    case "clock":
      return (dimension === "clock" || dimension === "date") && day(value) === claim.value;
    case "minute":
      return /^(?:clock|date|minute)$/.test(dimension) && Math.floor(day(value) / 60) * 60 === claim.value;
    case "date":
      return dimension === "date" && value >= claim.value && value < claim.value + claim.slack;
    default:
      // Nothing is not a rounded something.
      if (claim.value === 0 && value !== 0) return false;
      return dimension === claim.dimension && Math.abs(value - claim.value) <= claim.slack * (1 + 1e-9) + Math.abs(claim.value) * 1e-12;
  }
}

const MOST_PLACES = 10_000;

/**
 * Places where a claim's figure was seen, in records that name one of `services` or none; `services` empty: anywhere. Of very many the first
 * ones and the last.
 */
export function placesOf(claim: Token, sightings: Sightings, services: readonly string[]): number[] {
  const places: number[] = [];
  for (let at = 0; at < sightings.values.length; at++) {
    if (!agrees(claim, sightings.values[at] ?? Number.NaN, sightings.dimensions[at] ?? "count")) continue;
    const record = sightings.records[sightings.recordOf[at] ?? 0] ?? NO_SERVICES;
    if (services.length === 0 || record.length === 0 || record.some((name) => services.includes(name)))
      places[Math.min(places.length, MOST_PLACES - 1)] = at;
  }
  return places;
}

/**
 * Whether an answer shows that the first figure became the second: it says so itself, or, where it says no such thing of the two, the first
 * comes before the second.
 */
export function turned(from: readonly number[], to: readonly number[], sightings: Sightings): boolean {
  const [first, second] = [new Set(from), new Set(to)];
  if (sightings.turns.some(([one, other]) => first.has(one) && second.has(other))) return true;
  if (sightings.turns.some(([one, other]) => second.has(one) && first.has(other))) return false;
  const [earliest, latest] = [from[0], to.at(-1)];
  return earliest !== undefined && latest !== undefined && earliest < latest;
}
