/** What figures measure, and the words for it: after a number, and in the key of an answer. */

/**
 * What a number measures; each has one base unit: ms, bytes, bytes per s, %, percentage points, ×, millicores, per min, pieces, s of the day.
 * `bare`: an answer does not tell.
 */
export type Dimension =
  | "time"
  | "bytes"
  | "byte-rate"
  | "percent"
  | "points"
  | "ratio"
  | "cpu"
  | "rate"
  | "count"
  | "bare"
  | "clock"
  | "minute"
  | "date";

export interface Unit {
  readonly dimension: Dimension;
  /** Base units in one of it. */
  readonly size: number;
}

export const unit = (dimension: Dimension, size: number): Unit => ({ dimension, size });
const named = (words: string, dimension: Dimension, size: number) => words.split(" ").map((word) => [word, unit(dimension, size)] as const);

/** As written after a number: case separates `m` from `M`. */
export const WRITTEN: ReadonlyMap<string, Unit> = new Map([
  ...named("ns nanosecond nanoseconds", "time", 1e-6),
  ...named("us µs μs microsecond microseconds", "time", 1e-3),
  ...named("ms msec msecs millisecond milliseconds", "time", 1),
  ...named("s sec secs second seconds", "time", 1000),
  ...named("m min mins minute minutes", "time", 60_000),
  ...named("h hr hrs hour hours", "time", 3_600_000),
  ...named("d day days", "time", 86_400_000),
  ...named("B byte bytes", "bytes", 1),
  ...named("kB KB", "bytes", 1e3),
  ...named("MB megabyte megabytes", "bytes", 1e6),
  ...named("GB gigabyte gigabytes", "bytes", 1e9),
  ...named("TB terabyte terabytes", "bytes", 1e12),
  ...named("KiB Ki kibibyte kibibytes", "bytes", 2 ** 10),
  ...named("MiB Mi mebibyte mebibytes", "bytes", 2 ** 20),
  ...named("GiB Gi gibibyte gibibytes", "bytes", 2 ** 30),
  ...named("TiB Ti tebibyte tebibytes", "bytes", 2 ** 40),
  ...named("% percent pct", "percent", 1),
  ...named("pp points", "points", 1),
  ...named("× x times", "ratio", 1),
  ...named("cores core vCPU vCPUs", "cpu", 1000),
  ...named("millicores millicore mCPU", "cpu", 1),
  ...named("rps qps", "rate", 60),
  ...named("rpm", "rate", 1),
]);

/** Words by which answers name the unit of a number: as the value of `unit`, or as the last word of a key. */
export const NAMED: ReadonlyMap<string, Unit> = new Map([
  ...[...WRITTEN]
    .filter(([word]) => word.length > 2 && !/^(?:min|times|points|core|cores)$/.test(word))
    .map(([word, one]) => [word.toLowerCase(), one] as const),
  ...named("ns nanos", "time", 1e-6),
  ...named("us micros", "time", 1e-3),
  ...named("ms millis", "time", 1),
  ...named("s", "time", 1000),
  ...named("bytes byte", "bytes", 1),
  ...named("fraction ratio share", "percent", 100),
  ...named("%", "percent", 1),
  ...named("cores core", "cpu", 1000),
  ...named("nanocore nanocores", "cpu", 1e-6),
]);

/** What counts things has no other unit, whatever is around it. */
const COUNTS = /(?:^|_)(?:counts?|total|hits|number|num|lines|restarts|replicas|retries|attempts?|status|code|port|id|line)$/;
const SHARES = /(?:error|failure|hit|miss|success)_?rate$/;

const keyWords = (key: string) =>
  key
    .slice(-80)
    .replaceAll(/(\p{Ll}|\d)(\p{Lu})/gu, "$1_$2")
    .replaceAll(/[.\-\s]/g, "_")
    .toLowerCase();

/** The unit in a key (`duration_ms`, `latencySeconds`, `cpu.pct`), `"count"` for one that counts, null for one without. */
export function unitOfKey(key: string): Unit | "count" | null {
  const known = unitsOfKeys.get(key);
  if (known !== undefined) return known;
  const read = readUnit(key);
  if (unitsOfKeys.size >= MOST_KEYS) unitsOfKeys.clear();
  if (key.length <= LONGEST_KEY) unitsOfKeys.set(key, read);
  return read;
}

/** An answer has few keys, each for many values. */
const MOST_KEYS = 5_000;
/** What is longer is text from outside, and no key of an API. */
const LONGEST_KEY = 200;
const unitsOfKeys = new Map<string, Unit | "count" | null>();

function readUnit(key: string): Unit | "count" | null {
  const words = keyWords(key);
  if (COUNTS.test(words)) return "count";
  if (SHARES.test(words)) return unit("percent", 100);
  const last = words.slice(words.lastIndexOf("_") + 1);
  // A key that is nothing but "s" or "ms" is a name, not a unit.
  return last === words && last.length < 3 ? null : (NAMED.get(last) ?? null);
}
