import type { ChangedFile } from "../incident/telemetry.ts";
import { shorten } from "./words.ts";

/** What reading a diff says about the harm it can do, whatever language it is in. */
export interface DiffReading {
  /** Weight for (positive) or against (negative) its being a cause, by its content alone. */
  readonly risk: number;
  /** What is dangerous in it, in words, worst first. */
  readonly says: readonly string[];
  /** Numbers that changed on otherwise equal lines. */
  readonly values: readonly { readonly before: number; readonly now: number }[];
  /** Text of the dangerous parts alone. */
  readonly core: string;
  /** It rewrites without changing literals, guards or calls: most likely does the same as before. */
  readonly neutral: boolean;
}

const UNITS: Readonly<Record<string, number>> = {
  nanosecond: 1e-6,
  microsecond: 1e-3,
  millisecond: 1,
  ms: 1,
  second: 1000,
  sec: 1000,
  s: 1000,
  minute: 60_000,
  min: 60_000,
  m: 60_000,
  hour: 3_600_000,
  h: 3_600_000,
  day: 86_400_000,
  d: 86_400_000,
};
/** A number with the unit that follows it: `15 * time.Minute`, `300ms`, `50`. */
const QUANTITY =
  /(?<![\w.])(\d[\d_]*(?:\.\d+)?)(?:\s*\*\s*(?:\w+\.)?|\s?)?(nanosecond|microsecond|millisecond|second|minute|hour|day|ms|sec|min|s|m|h|d)?s?(?![\w.])/gi;
const GUARD =
  /\b(nil|null|none|undefined|optional|limit|timeout|deadline|retry|retries|backoff|catch|except|rescue|recover|validate|assert|lock|mutex|where|defer|finally|throttle|max\w*|require\w*|authori[sz]e\w*|permission\w*|index|cache)\b/gi;
const COMMENT = /^(\/\/|#(?!\w+\()|\*|\/\*|--\s|<!--|"""|''')/;
const WATCHING = /\b(log|logger|logging|metric|metrics|counter|gauge|histogram|prometheus|trace|tracer|span|stats|debug|info|warn)\b/i;

const words = (text: string): string[] => text.match(/[A-Za-z_][A-Za-z0-9_]*/g) ?? [];
const calls = (lines: readonly string[]): Set<string> =>
  new Set((lines.join("\n").match(/[A-Za-z_]\w*\(?/g) ?? []).flatMap((word) => (word.endsWith("(") ? [word.slice(0, -1)] : [])));
const literals = (lines: readonly string[]): string[] =>
  (lines.join("\n").match(/"[^"\n]*"|'[^'\n]*'|`[^`]*`|(?<![\w.])-?\d[\d_.]*/g) ?? []).toSorted();

/** Characters of a diff that are read: more than people read of it, too. */
const DIFF_LIMIT = 100_000;
/** Values that are taken to have changed: what changes more is data. */
const VALUE_LIMIT = 1000;
/** A value that changed by less than this is rarely felt. */
export const SMALL_STEP = 1.5;
/** A rewrite takes about as many lines as before, twice as many with a helper and its comments. More is something new. */
const REWRITE = 2;
/** Many at once, in the words of most interfaces for it. */
const BULK = /batch|bulk|chunk|pipelin|executemany|insert_?many|multi_?(?:get|put|set)|\bm(?:get|set)\b/i;
const LOOP = /\b(?:for|foreach|while)\b|\.(?:forEach|each|map)\(/;
/** Lines that are held against each other to find what changed in place. */
const PAIR_LIMIT = 300;

/** Added and removed lines of a diff, without comments and blank lines. */
function changedLines(files: readonly ChangedFile[]): { readonly added: string[]; readonly removed: string[] } {
  const added: string[] = [];
  const removed: string[] = [];
  let left = DIFF_LIMIT;
  for (const file of files) {
    const patch = (file.patch ?? "").slice(0, left);
    left -= patch.length;
    for (const line of patch.split("\n")) {
      const text = line.slice(1).trim();
      if (text === "" || COMMENT.test(text)) continue;
      if (line.startsWith("+") && !line.startsWith("+++")) added.push(text);
      else if (line.startsWith("-") && !line.startsWith("---")) removed.push(text);
    }
  }
  return { added, removed };
}

function quantities(line: string): number[] {
  return [...line.matchAll(QUANTITY)].map(
    (match) => Number((match[1] ?? "0").replaceAll("_", "")) * (UNITS[(match[2] ?? "").toLowerCase()] ?? 1),
  );
}

/** A line without its numbers, to be held against others. */
interface Likeness {
  readonly line: string;
  readonly skeleton: string;
  readonly words: ReadonlySet<string>;
}

/** Characters of a line that tell whether it is like another. */
const LINE_LIMIT = 1000;

function likenessOf(line: string): Likeness {
  const bare = line.slice(0, LINE_LIMIT).replaceAll(QUANTITY, "#");
  return { line, skeleton: bare.replaceAll(/\s+/g, ""), words: new Set(words(bare)) };
}

/** How alike two lines are without their numbers, 0..1. */
function likeness(left: Likeness, right: Likeness): number {
  if (left.skeleton === right.skeleton) return 1;
  let both = 0;
  for (const word of left.words) if (right.words.has(word)) both += 1;
  return both / Math.max(1, left.words.size + right.words.size - both);
}

/** Whether a file lists releases of dependencies. */
export const isManifest = (path: string): boolean =>
  /(^|\/)(go\.(mod|sum)|package(-lock)?\.json|yarn\.lock|pnpm-lock\.yaml|requirements[\w-]*\.txt|pom\.xml|Cargo\.(toml|lock)|Gemfile(\.lock)?|poetry\.lock|pyproject\.toml|build\.gradle)$/i.test(
    path,
  );

/** Documents, tests and looks: little to fear, which is no proof (see `change-proof.ts`). */
const QUIET_PATHS = [
  /\.(md|rst|adoc|txt)$|(^|\/)(docs?\/|LICENSE|CODEOWNERS|\.github\/)/i,
  /(^|\/)(tests?|__tests__|spec|testdata|fixtures)\/|[._-](test|spec)\.[a-z]+$/i,
  /\.(css|scss|less|svg|png|jpe?g|ico|woff2?)$|(^|\/)(theme|styles?|palette)\.[a-z]+$/i,
];

/**
 * Reads a diff for what breaks things: a value changed in place, a guard or a call taken away, new queries; and for what does not: documents,
 * tests, looks, moved lines, patch releases of dependencies, counters and logs.
 */
export function readDiff(files: readonly ChangedFile[]): DiffReading {
  const quiet: DiffReading = { risk: -3, says: [], values: [], core: "", neutral: true };
  if (files.length === 0) return { ...quiet, risk: 0, neutral: false };
  const every = (test: (path: string) => boolean): boolean => files.every((file) => test(file.path));
  const isQuiet = (path: string): boolean => QUIET_PATHS.some((pattern) => pattern.test(path)) && !isManifest(path);
  if (every(isQuiet)) return quiet;
  const { added, removed } = changedLines(files);
  if (added.length + removed.length === 0) return files.some((file) => file.patch !== null) ? quiet : { ...quiet, risk: 0, neutral: false };
  const squeeze = (lines: readonly string[]): string =>
    lines
      .map((line) => line.replaceAll(/[\s;,(){}"'`]/g, ""))
      .toSorted()
      .join("\n");
  if (squeeze(added) === squeeze(removed)) return { ...quiet, risk: -2 };
  if (every(isManifest)) return readBump(added, removed);

  const says: string[] = [];
  const values: { before: number; now: number }[] = [];
  const core: string[] = [];
  let risk = 0;
  const unpaired = new Set([...new Set(added.slice(0, PAIR_LIMIT))].map(likenessOf));
  for (const own of removed.slice(0, PAIR_LIMIT).map(likenessOf)) {
    let twin: Likeness | null = null;
    let best = 0.6;
    for (const other of unpaired) {
      const like = likeness(own, other);
      if (like > best || (like === best && twin === null)) [twin, best] = [other, like];
    }
    if (twin === null) continue;
    unpaired.delete(twin);
    const { line } = own;
    const partner = twin.line;
    const before = quantities(line);
    const now = quantities(partner);
    if (before.length !== now.length || /version/i.test(line)) continue;
    if (before.some((value, index) => value !== now[index])) core.push(line, partner);
    for (let index = 0; index < before.length && values.length < VALUE_LIMIT; index += 1) {
      const from = before[index] ?? 0;
      const to = now[index] ?? 0;
      if (from === to) continue;
      values.push({ before: from, now: to });
      const ratio = Math.max(from, to) / Math.max(1e-9, Math.min(from, to));
      // What gets tighter breaks what fitted before; a wider limit rarely does.
      const size = (ratio >= 4 ? 3 : ratio >= SMALL_STEP ? 2 : 1) - (to > from ? 1 : 0);
      if (size > risk) risk = size;
      says.push(`it changes \`${shorten(line, 80)}\` to \`${shorten(partner, 80)}\``);
    }
  }
  const addedText = added.join("\n");
  const removedText = removed.join("\n");
  const count = (text: string): Map<string, number> => {
    const found = new Map<string, number>();
    for (const match of text.matchAll(GUARD)) found.set(match[0].toLowerCase(), (found.get(match[0].toLowerCase()) ?? 0) + 1);
    return found;
  };
  const guardsAfter = count(addedText);
  const lostGuards: string[] = [];
  for (const [guard, times] of count(removedText)) if (times > (guardsAfter.get(guard) ?? 0)) lostGuards.push(guard);
  const callsBefore = calls(removed);
  const callsAfter = calls(added);
  const lostCalls = [...callsBefore].filter((call) => !callsAfter.has(call));
  const newCalls = [...callsAfter].filter((call) => !callsBefore.has(call));
  // What a new helper took over is most likely still done.
  const replaced = newCalls.length > 0 && added.length > 0;
  if (lostGuards.length > 0 && !replaced) {
    risk = Math.max(risk, 2.5);
    says.push(
      `it removes ${lostGuards
        .slice(0, 3)
        .map((guard) => `\`${guard}\``)
        .join(", ")}`,
    );
    core.push(...removed.filter((line) => lostGuards.some((guard) => line.toLowerCase().includes(guard))));
  }
  if (lostCalls.length > 0 && !replaced) {
    risk = Math.max(risk, 2);
    says.push(`it no longer calls \`${lostCalls[0] ?? ""}()\``);
    core.push(...removed.filter((line) => lostCalls.some((call) => line.includes(call))));
  }
  const single = BULK.test(removedText) && !BULK.test(addedText) ? added.find((line) => LOOP.test(line)) : undefined;
  if (single !== undefined) {
    risk = Math.max(risk, 2);
    says.push(
      `it does one by one what it did in bulk: \`${shorten(removed.find((line) => BULK.test(line)) ?? "", 80)}\` is now \`${shorten(single, 80)}\``,
    );
    core.push(...removed, ...added);
  }
  const sameLiterals = literals(added).join("\n") === literals(removed).join("\n");
  const isRewrite = removed.length > 0 && added.length <= REWRITE * (removed.length + 1);
  const neutral = isRewrite && risk < 2 && values.length === 0 && (sameLiterals || replaced);
  // A rewrite is meant to do the same, and often does not.
  if (neutral) risk -= sameLiterals ? 0.8 : 0.3;
  if (removed.length === 0) {
    if (added.every((line) => WATCHING.test(line) || /^[)\]}]/.test(line))) risk -= 2;
    else if (/\bcreate (unique )?index\b/i.test(addedText)) risk -= 1;
    else if (asksAnew(addedText)) {
      risk += 1.5;
      const query = added.find((line) => /\b(select|insert|update|delete)\b|https?:\/\//i.test(line)) ?? "";
      says.push(`it adds \`${shorten(query.replaceAll("`", "'"), 120)}\`, a new query`);
      core.push(...added);
    }
  }
  if (!neutral) risk += sizeRisk(added.length + removed.length);
  return { risk, says, values, core: core.join("\n"), neutral };
}

/**
 * More lines hold more faults (the size of a change is among the best predictors of its being one to fix, Kamei et al. 2013), though far fewer a
 * line: 0.1 nats for each doubling up to 100 lines, so that size alone decides nothing.
 */
const sizeRisk = (lines: number): number => 0.1 * Math.log2(Math.min(100, Math.max(1, lines)));

/** Whether a text holds a query or an address. */
function asksAnew(text: string): boolean {
  const verb = /\b(select|insert|update|delete)\b/i.exec(text);
  return (verb !== null && /\b(from|into|set)\b/i.test(text.slice(verb.index + verb[0].length))) || /https?:\/\//i.test(text);
}

/** Releases of dependencies: a patch rarely breaks, a minor or major one may. */
function readBump(added: readonly string[], removed: readonly string[]): DiffReading {
  const version = /v?(\d{1,9})\.(\d{1,9})\.(\d{1,9})/;
  let large = false;
  const says: string[] = [];
  const before = removed.slice(0, PAIR_LIMIT).flatMap((line) => {
    const from = version.exec(line.slice(0, LINE_LIMIT));
    return from === null ? [] : [{ ...likenessOf(line), from }];
  });
  for (const line of added.slice(0, PAIR_LIMIT)) {
    const to = version.exec(line.slice(0, LINE_LIMIT));
    if (to === null) continue;
    const own = likenessOf(line);
    const [name = ""] = own.words;
    const from = before.find((other) => (other.words.values().next().value ?? "") === name || likeness(own, other) >= 0.6)?.from;
    if (from === undefined) continue;
    if (to[1] !== from[1] || to[2] !== from[2]) {
      large = true;
      says.push(`it uses \`${shorten(line, 80)}\` instead of ${from[0]}`);
    }
  }
  return { risk: large ? 0.5 : -1.5, says, values: [], core: large ? added.join("\n") : "", neutral: !large };
}

/** Things that one fault speaks of in many words: what a diff touches and what breaks rarely use the same one. */
const CONCEPTS: readonly (readonly [string, RegExp])[] = [
  ["connections and pools", /\bpool|\bconns?\b|connection|acquir/i],
  ["caching", /cache|\bttl|expir|\bmiss(es)?\b|evict|time.to.live/i],
  ["time limits", /time_?out|deadline|cancel|withtimeout/i],
  ["how much is read", /\blimit\b|rows|query|select\b|order by|sort|db_|database|slow.?quer/i],
  ["missing values", /\bnil\b|\bnull|none\b|undefined|dereference|nullpointer|typeerror|attributeerror/i],
  ["memory", /memory|heap|\boom|buffer|leak/i],
  ["retries", /retry|retries|backoff/i],
  ["names and addresses", /\bdns|resolv|lookup .{0,100}host|no such host|endpoint|hostname|enotfound/i],
  ["message formats", /schema|deseriali|decod|unmarshal|proto\b|parse/i],
  ["certificates", /\bcert|tls\b|ssl\b/i],
  ["permissions", /auth|token|permission|forbidden|credential|unauthori/i],
  ["tables and columns", /relation|column|table|migration|does not exist/i],
  ["registration", /regist|not found|lookup/i],
  ["concurrency", /lock|mutex|deadlock|concurren|semaphore|workers?\b|threads?\b/i],
  ["quotas and replicas", /quota|replica|resources?:|requests?:|limits?:|cpu|autoscal/i],
];

/** What both texts speak of, in words. */
export function sharedConcepts(left: string, right: string): string[] {
  return CONCEPTS.filter(([, test]) => test.test(left) && test.test(right)).map(([name]) => name);
}
