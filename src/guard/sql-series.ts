import { isNode, listOf, type SqlNode, textOf } from "./sql-tree.ts";

/** Most rows that one generate_series may make. */
export const MOST_STEPS = 10_000;

const UNITS: Readonly<Record<string, number>> = {
  second: 1_000,
  minute: 60_000,
  hour: 3_600_000,
  day: 86_400_000,
  week: 604_800_000,
  month: 2_419_200_000,
  year: 31_536_000_000,
};

/** What else PostgreSQL calls a unit of an interval. Each whole word: "ms" is a millisecond and not several minutes. */
const UNIT_WORDS: ReadonlyMap<string, string> = new Map([
  ...Object.keys(UNITS).flatMap((unit): [string, string][] => [
    [unit, unit],
    [`${unit}s`, unit],
  ]),
  ...["s", "sec", "secs"].map((word): [string, string] => [word, "second"]),
  ...["m", "min", "mins"].map((word): [string, string] => [word, "minute"]),
  ...["h", "hr", "hrs"].map((word): [string, string] => [word, "hour"]),
  ["d", "day"],
]);

/** The one kind of a wrapped node. */
const opened = (value: unknown): readonly [string, SqlNode] | null => {
  const [first] = isNode(value) ? Object.entries(value) : [];
  return first !== undefined && isNode(first[1]) ? [first[0], first[1]] : null;
};

const lastName = (names: unknown): string => {
  const [, node] = opened(listOf(names).at(-1)) ?? [];
  return textOf(node?.["sval"]);
};

function constant(value: unknown): string | number | null {
  const [kind, node] = opened(value) ?? [];
  if (kind !== "A_Const" || node === undefined || node["isnull"] === true) return null;
  if (isNode(node["ival"])) return Number(node["ival"]["ival"] ?? 0);
  return isNode(node["sval"]) ? textOf(node["sval"]["sval"]) : null;
}

const typed = (value: unknown, types: readonly string[]): string | null => {
  const [kind, node] = opened(value) ?? [];
  if (kind !== "TypeCast" || node === undefined) return null;
  const text = constant(node["arg"]);
  const type = isNode(node["typeName"]) ? lastName(node["typeName"]["names"]) : "";
  return typeof text === "string" && types.includes(type) ? text : null;
};

/** A written interval of one unit, ms: `interval '5 minutes'`, `'1h'::interval`. */
function intervalOf(value: unknown): number | null {
  const [, amount, word = ""] = /^\s*(\d{1,6})\s*([a-z]+)\s*$/i.exec(typed(value, ["interval"]) ?? "") ?? [];
  const ms = UNITS[UNIT_WORDS.get(word.toLowerCase()) ?? ""];
  return amount === undefined || ms === undefined ? null : Number(amount) * ms;
}

/** Earliest and latest that a written time may be, epoch ms: now, a literal, one of them truncated, one of them more or less an interval. */
function timeOf(value: unknown, now: number): readonly [number, number] | null {
  const literal = typed(value, ["timestamptz", "timestamp", "date"]);
  if (literal !== null) {
    const at = /^\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2})?)?(?:Z|[+-]\d{2}(?::?\d{2})?)?$/.test(literal)
      ? Date.parse(literal.slice(0, 10))
      : Number.NaN;
    return Number.isNaN(at) ? null : [at - UNITS["day"]!, at + 2 * UNITS["day"]!];
  }
  const [kind, node] = opened(value) ?? [];
  if (node === undefined) return null;
  if (kind === "SQLValueFunction" && /CURRENT_(DATE|TIMESTAMP)|LOCALTIMESTAMP/.test(textOf(node["op"])))
    return [now - UNITS["day"]!, now + UNITS["day"]!];
  if (kind === "FuncCall") {
    const name = lastName(node["funcname"]);
    const args = listOf(node["args"]);
    if (name === "now" && args.length === 0) return [now, now];
    const unit = constant(args[0]);
    const ms = typeof unit === "string" ? UNITS[unit.toLowerCase()] : undefined;
    const inner = name === "date_trunc" && ms !== undefined ? timeOf(args[1], now) : null;
    return inner === null || ms === undefined ? null : [inner[0] - 1.2 * ms, inner[1]];
  }
  if (kind !== "A_Expr" || node["kind"] !== "AEXPR_OP") return null;
  const sign = lastName(node["name"]);
  const at = timeOf(node["lexpr"], now);
  const by = intervalOf(node["rexpr"]);
  if (at === null || by === null || (sign !== "+" && sign !== "-")) return null;
  // A month of up to 31 days, a year of up to 366.
  return sign === "+" ? [at[0] + by, at[1] + by * 1.2] : [at[0] - by * 1.2, at[1] - by];
}

/**
 * Most rows that a generate_series with these arguments makes, or null where that is not written in the statement: bounds must be whole numbers,
 * or times computed from literals and now().
 */
export function stepsOf(args: readonly unknown[], now: number): number | null {
  const [from, to, step] = args;
  const start = constant(from);
  const end = constant(to);
  if (typeof start === "number" && typeof end === "number") {
    const by = args.length === 3 ? constant(step) : 1;
    return typeof by === "number" && by !== 0 ? Math.max(0, (end - start) / by) + 1 : null;
  }
  const first = timeOf(from, now);
  const last = timeOf(to, now);
  const by = intervalOf(step);
  return first === null || last === null || by === null || by === 0 ? null : Math.max(0, (last[1] - first[0]) / by) + 1;
}
