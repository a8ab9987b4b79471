import { allFields, type FieldedLine } from "../log-fields.ts";

/** Reads one text of a line; null where the line has none. */
export type ReadText = (line: FieldedLine) => string | null;

/** Characters between the words before a value and the value. */
const LEAD = /^[\s"'`:=[(]*/;
const NUMBER = /^([+-]?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?(?:[eE][+-]?\d{1,3})?)(\s?)([A-Za-zµ%/]{0,12})/;
const TOKEN = /^[^\s"'`,;()[\]{}]{1,120}/;
const LONGEST_TOKEN = 120;
/** Places of a line at which its words are looked for: thousands of lines are read, and all of one may be such places. */
const MOST_TRIES = 40;
/** Characters of a line in which a value is looked for. */
const SEARCHED = 4_000;

/**
 * How a value of log lines is read: a field's name (`duration_ms`, `@http.status_code`), or the line's own words with one `*` where the value is
 * (`took * ms`). No regular expression: the words come from a model, and its patterns could take for ever.
 * @returns what is wrong with it, in words for the model
 */
export function textReader(path: string): ReadText | string {
  const words = path.trim();
  const star = words.indexOf("*");
  if (star === -1) {
    const field = words.replace(/^@/, "");
    if (!/^[\w.-]{1,100}$/.test(field)) return "name one field, or give words of the line with one * where the value is";
    return (line) => {
      const fields = allFields(line);
      return (
        (Object.hasOwn(fields, field) ? fields[field] : null) ??
        (field === "service" ? line.service : field === "instance" || field === "host" ? line.instance : null)
      );
    };
  }
  if (words.includes("*", star + 1)) return "give one * only, where the value is";
  const [before, after] = [words.slice(0, star).trimEnd(), words.slice(star + 1).trimStart()];
  if (before === "" && after === "") return "give words of the line beside the *";
  return ({ message }) => {
    const text = message.slice(0, SEARCHED);
    if (before === "") {
      const end = text.indexOf(after);
      return end < 0 ? null : (/\S+$/.exec(text.slice(0, end).trimEnd().slice(-LONGEST_TOKEN))?.[0] ?? null);
    }
    for (let at = text.indexOf(before), tries = 0; at >= 0 && tries < MOST_TRIES; at = text.indexOf(before, at + 1), tries += 1) {
      const rest = text.slice(at + before.length).replace(LEAD, "");
      const value = NUMBER.exec(rest)?.[0] ?? TOKEN.exec(rest)?.[0];
      if (value !== undefined && (after === "" || rest.slice(0, value.length + after.length + 2).includes(after))) return value;
    }
    return null;
  };
}

/** Multiples of the smallest unit of a kind. */
const SCALES: readonly (readonly [unit: string, sizes: Readonly<Record<string, number>>])[] = [
  ["ms", { ns: 1e-6, us: 1e-3, µs: 1e-3, ms: 1, s: 1e3, sec: 1e3, m: 6e4, min: 6e4, h: 3.6e6 }],
  ["byte", { B: 1, KB: 1e3, KiB: 1024, MB: 1e6, MiB: 1024 ** 2, GB: 1e9, GiB: 1024 ** 3 }],
];

const UNITS: ReadonlySet<string> = new Set([
  "%",
  "percent",
  "seconds",
  "minutes",
  "hours",
  "bytes",
  ...SCALES.flatMap(([, sizes]) => Object.keys(sizes)),
]);

export interface ReadNumber {
  readonly value: number;
  /** As the line writes it, "" where it writes none. */
  readonly unit: string;
}

/** The number at the beginning of a text, with the unit behind it; null where there is none. */
export function numberIn(text: string): ReadNumber | null {
  const [, digits, blank = "", behind = ""] = NUMBER.exec(text.trim().replace(LEAD, "")) ?? [];
  if (digits === undefined) return null;
  // Behind a blank any word may follow: `offset=81 producer=feed`.
  const unit = blank === "" || UNITS.has(behind) ? behind : "";
  const value = Number(digits.replaceAll(",", ""));
  return Number.isFinite(value) ? { value, unit } : null;
}

/** Numbers in one unit: lines of one logger say `850ms` and `1.2s`. @returns unit null: they have none, or several that do not go together */
export function inOneUnit(numbers: readonly ReadNumber[]): { readonly values: readonly number[]; readonly unit: string | null } {
  const units = new Set(numbers.map(({ unit }) => unit));
  const [only] = units;
  const scale = SCALES.find(([, sizes]) => [...units].every((unit) => Object.hasOwn(sizes, unit)));
  if (units.size > 1 && scale !== undefined)
    return { values: numbers.map(({ value, unit }) => value * (scale[1][unit] ?? 1)), unit: scale[0] };
  return { values: numbers.map(({ value }) => value), unit: units.size === 1 && only !== "" ? (only ?? null) : null };
}
