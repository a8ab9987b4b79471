import { addJson, addTallies } from "./json-sightings.ts";
import { type ServiceNames, servicesIn } from "./owners.ts";
import { addPieces, type InTurns, LINES_AT_ONCE, type Sightings } from "./sightings.ts";

/** Reads the figures of a text: JSON, lines of JSON, and plain lines. */

/** Characters of the lines above one that say whose it is, and how many of them. */
const LONGEST_ABOVE = 500;
const DEEPEST = 4;

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
      const around = above.map((one) => one.line.slice(0, LONGEST_ABOVE)).join(" ");
      const own = servicesIn(line, names);
      const record = into.records.push(own.length > 0 || around === "" ? own : servicesIn(around, names)) - 1;
      yield* addPieces(into, line, null, record, record);
    }
    if (above.length < DEEPEST) above.push({ indent, line });
  }
}

function parsed(text: string): unknown {
  if (!/^\s{0,100}[[{]/.test(text)) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Of a text without figures, or of which they were not read. */
export const noSightings = (): Sightings => ({
  ...{ values: [], written: [], dimensions: [], recordOf: [], rowOf: [], isSingle: [], records: [], turns: [], timed: [], tables: [] },
  ...{ pages: 0, moments: [] },
});

/** Collects every figure of a raw answer (JSON, lines of JSON, text) or of a view. Linear; yields now and then, for an answer may be megabytes. */
export function* sightingsInTurns(text: string, names: ServiceNames): Generator<void, Sightings> {
  const into = noSightings();
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
  if (rows.length > 1) addTallies(into, rows, null, names, into.records.push([]) - 1);
  return into;
}
