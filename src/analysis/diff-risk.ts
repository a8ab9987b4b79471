import type { ChangedFile } from "../incident/telemetry.ts";
import { shorten } from "./words.ts";

/** What reading a diff says about the harm it can do, whatever language it is in. */
export interface DiffReading {
  /** Why it can't have broken anything, or null where it could have. */
  readonly harmless: string | null;
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
const calls = (lines: readonly string[]): Set<string> => new Set(lines.join("\n").match(/[A-Za-z_]\w*(?=\()/g) ?? []);
const literals = (lines: readonly string[]): string[] =>
  (lines.join("\n").match(/"[^"\n]*"|'[^'\n]*'|`[^`]*`|(?<![\w.])-?\d[\d_.]*/g) ?? []).toSorted();

/** Characters of a diff that are read: more than people read of it, too. */
const DIFF_LIMIT = 100_000;
/** Lines that are held against each other to find what changed in place. */
const PAIR_LIMIT = 300;

/** Added and removed lines of a diff, without comments and blank lines. */
export function changedLines(files: readonly ChangedFile[]): { readonly added: string[]; readonly removed: string[] } {
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

const skeleton = (line: string): string => line.replaceAll(QUANTITY, "#").replaceAll(/\s+/g, "");

/** How alike two lines are without their numbers, 0..1. */
function likeness(left: string, right: string): number {
  if (skeleton(left) === skeleton(right)) return 1;
  const a = new Set(words(left.replaceAll(QUANTITY, "#")));
  const b = new Set(words(right.replaceAll(QUANTITY, "#")));
  let both = 0;
  for (const word of a) if (b.has(word)) both += 1;
  return both / Math.max(1, a.size + b.size - both);
}

const isManifest = (path: string): boolean =>
  /(^|\/)(go\.(mod|sum)|package(-lock)?\.json|yarn\.lock|pnpm-lock\.yaml|requirements[\w-]*\.txt|pom\.xml|Cargo\.(toml|lock)|Gemfile(\.lock)?|poetry\.lock|pyproject\.toml|build\.gradle)$/i.test(
    path,
  );

/**
 * Reads a diff for what breaks things: a value changed in place, a guard or a call taken away, new queries; and for what does not: documents,
 * tests, looks, moved lines, patch releases of dependencies, counters and logs.
 */
export function readDiff(files: readonly ChangedFile[]): DiffReading {
  const nothing = { risk: 0, says: [], values: [], core: "", neutral: false };
  if (files.length === 0) return { ...nothing, harmless: null };
  const every = (test: (path: string) => boolean): boolean => files.every((file) => test(file.path));
  if (every((path) => /\.(md|rst|adoc|txt)$|(^|\/)(docs?\/|LICENSE|CODEOWNERS|\.github\/)/i.test(path) && !isManifest(path))) {
    return { ...nothing, harmless: "it changes documentation only" };
  }
  if (every((path) => /(^|\/)(tests?|__tests__|spec|testdata|fixtures)\/|[._-](test|spec)\.[a-z]+$/i.test(path)))
    return { ...nothing, harmless: "it changes tests only" };
  if (every((path) => /\.(css|scss|less|svg|png|jpe?g|ico|woff2?)$|(^|\/)(theme|styles?|palette)\.[a-z]+$/i.test(path)))
    return { ...nothing, harmless: "it changes looks only" };
  const { added, removed } = changedLines(files);
  if (added.length + removed.length === 0)
    return { ...nothing, harmless: files.some((file) => file.patch !== null) ? "it changes comments only" : null };
  const squeeze = (lines: readonly string[]): string =>
    lines
      .map((line) => line.replaceAll(/[\s;,(){}"'`]/g, ""))
      .toSorted()
      .join("\n");
  if (squeeze(added) === squeeze(removed)) return { ...nothing, harmless: "it only moves or reformats lines" };
  if (every(isManifest)) return readBump(added, removed);

  const says: string[] = [];
  const values: { before: number; now: number }[] = [];
  const core: string[] = [];
  let risk = 0;
  const unpaired = new Set(added.slice(0, PAIR_LIMIT));
  for (const line of removed.slice(0, PAIR_LIMIT)) {
    let partner: string | null = null;
    let best = 0.6;
    for (const other of unpaired) {
      const like = likeness(line, other);
      if (like > best || (like === best && partner === null)) [partner, best] = [other, like];
    }
    if (partner === null) continue;
    unpaired.delete(partner);
    const before = quantities(line);
    const now = quantities(partner);
    if (before.length !== now.length || /version/i.test(line)) continue;
    for (let index = 0; index < before.length; index += 1) {
      const from = before[index] ?? 0;
      const to = now[index] ?? 0;
      if (from === to) continue;
      values.push({ before: from, now: to });
      core.push(line, partner);
      const ratio = Math.max(from, to) / Math.max(1e-9, Math.min(from, to));
      // What gets tighter breaks what fitted before; a wider limit rarely does.
      const size = (ratio >= 4 ? 3 : 2) - (to > from ? 1 : 0);
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
      `it takes away ${lostGuards
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
  const sameLiterals = literals(added).join("\n") === literals(removed).join("\n");
  const neutral = removed.length > 0 && risk < 2 && values.length === 0 && (sameLiterals || replaced);
  if (neutral) risk -= sameLiterals ? 1.5 : 0.5;
  if (removed.length === 0) {
    if (added.every((line) => WATCHING.test(line) || /^[)\]}]/.test(line))) risk -= 2;
    else if (/\bcreate (unique )?index\b/i.test(addedText)) risk -= 1;
    else if (/\b(select|insert|update|delete)\b.+\b(from|into|set)\b|https?:\/\//is.test(addedText)) {
      risk += 1.5;
      const query = added.find((line) => /\b(select|insert|update|delete)\b|https?:\/\//i.test(line)) ?? "";
      says.push(`it adds \`${shorten(query.replaceAll("`", "'"), 120)}\`, which was not asked before`);
      core.push(...added);
    }
  }
  return { harmless: null, risk, says, values, core: core.join("\n"), neutral };
}

/** Releases of dependencies: a patch rarely breaks, a minor or major one may. */
function readBump(added: readonly string[], removed: readonly string[]): DiffReading {
  const version = /v?(\d+)\.(\d+)\.(\d+)/;
  let large = false;
  const says: string[] = [];
  for (const line of added) {
    const name = words(line)[0] ?? "";
    const to = version.exec(line);
    const from = removed
      .map((other) => (words(other)[0] === name || likeness(line, other) >= 0.6 ? version.exec(other) : null))
      .find((match) => match !== null);
    if (to === null || from == null) continue;
    if (to[1] !== from[1] || to[2] !== from[2]) {
      large = true;
      says.push(`it takes \`${shorten(line, 80)}\` in place of ${from[0]}`);
    }
  }
  return { harmless: null, risk: large ? 0.5 : -1.5, says, values: [], core: large ? added.join("\n") : "", neutral: !large };
}

/** Things that one fault speaks of in many words: what a diff touches and what breaks rarely use the same one. */
const CONCEPTS: readonly (readonly [string, RegExp])[] = [
  ["connections and pools", /\bpool|\bconns?\b|connection|maxconns|acquir/i],
  ["caching", /cache|\bttl|expir|hit_?rat|\bmiss(es)?\b|evict|time.to.live/i],
  ["time limits", /time_?out|deadline|cancel|withtimeout/i],
  ["how much is read", /\blimit\b|rows|full.?scan|query|select\b|order by|sort|db_|database|slow.?quer/i],
  ["missing values", /\bnil\b|\bnull|none\b|undefined|dereference|nullpointer|typeerror|attributeerror/i],
  ["memory", /memory|heap|\boom|buffer|leak/i],
  ["retries", /retry|retries|backoff/i],
  ["names and addresses", /\bdns|resolv|lookup .*host|no such host|endpoint|hostname|enotfound/i],
  ["message formats", /schema|deseriali|decod|unmarshal|required field|proto\b|envelope|parse/i],
  ["certificates", /\bcert|tls\b|ssl\b/i],
  ["permissions", /auth|token|permission|forbidden|credential|unauthori/i],
  ["tables and columns", /relation|column|table|migration|does not exist/i],
  ["registration", /regist|not found|bootstrap|lookup/i],
  ["concurrency", /lock|mutex|deadlock|concurren|semaphore|workers?\b|threads?\b/i],
  ["quotas and replicas", /quota|replica|resources?:|requests?:|limits?:|cpu|autoscal/i],
];

/** What both texts speak of, in words. */
export function sharedConcepts(left: string, right: string): string[] {
  return CONCEPTS.filter(([, test]) => test.test(left) && test.test(right)).map(([name]) => name);
}
