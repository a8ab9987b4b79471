import type { ChangedFile } from "../incident/telemetry.ts";
import { SMALL_STEP } from "./diff-risk.ts";
import { hunksOf } from "./diff-hunk.ts";
import { sqlFacts } from "./sql-facts.ts";
import { hclPiece } from "./value-hcl.ts";
import { dockerfilePiece, envPiece, propertiesPiece, tomlPiece } from "./value-lines.ts";
import { jsonPiece, UNSEEN, type ValueTree } from "./value-tree.ts";
import { yamlPiece } from "./value-yaml.ts";
import { shorten } from "./words.ts";

/** One value that a diff changed. */
export interface ValueChange {
  readonly path: string;
  /** "`POOL_SIZE` 50 → 5", "env entry `DB_HOST` removed". */
  readonly text: string;
  /** What errors may speak of: keys, hosts, images, tables, columns. */
  readonly names: readonly string[];
  /** A number that moved by less than is commonly felt. */
  readonly isSmall?: boolean;
}

type Piece = (lines: readonly string[]) => ValueTree | null;

const FORMATS: readonly (readonly [path: RegExp, piece: Piece])[] = [
  [/\.ya?ml$/i, yamlPiece],
  [/\.json$/i, (lines) => jsonPiece(lines.join("\n"))],
  [/\.toml$/i, tomlPiece],
  [/(?:^|\/|\.)env(?:\.[\w.-]+)?$/i, envPiece],
  [/\.properties$/i, propertiesPiece],
  [/(?:^|\/)(?:Dockerfile|Containerfile)(?:\.[\w.-]+)?$|\.dockerfile$/i, dockerfilePiece],
  [/\.(?:tf|tfvars|hcl)$/i, hclPiece],
];
/** Written by package managers for themselves. */
const LOCK =
  /(?:^|\/)(?:package-lock\.json|npm-shrinkwrap\.json|pnpm-lock\.yaml|poetry\.lock|uv\.lock|Cargo\.lock|\.terraform\.lock\.hcl)$/i;
const SQL = /\.sql$/i;
/** The way back of a migration does not run when it goes live. */
const WAY_BACK = /(?:^|[./_-])(?:down|undo|rollback|revert)\.sql$|(?:^|\/)down\//i;

/** Whether a file holds settings or statements that act by their values, so that no likeness of its lines says that it acts as before. */
export const holdsValues = (path: string): boolean => SQL.test(path) || FORMATS.some(([own]) => own.test(path));

/** Hunks of a file, and values of all files, that are read: more than people read of them, too. */
const MOST_HUNKS = 40;
const MOST_CHANGES = 200;
const LONGEST_PATCH = 60_000;
/** Characters of all patches together. */
const LONGEST_IN_ALL = 300_000;
const LONGEST_LINE = 2_000;
const LONGEST_LIST = 500;
/** No setting is nested deeper. */
const DEEPEST = 40;

/** What the diffs of settings and migrations change in values, in the order of the files. What cannot be read with its surroundings says nothing. */
export function valueChanges(files: readonly ChangedFile[]): ValueChange[] {
  const found: ValueChange[] = [];
  let left = LONGEST_IN_ALL;
  for (const { path, status, patch } of files) {
    if (found.length >= MOST_CHANGES) break;
    if (patch === null || patch.length > LONGEST_PATCH || status === "removed" || LOCK.test(path)) continue;
    const piece = FORMATS.find(([own]) => own.test(path))?.[1];
    if (piece === undefined && !SQL.test(path)) continue;
    left -= patch.length;
    if (left < 0) break;
    for (const { before, now } of hunksOf(patch).slice(0, MOST_HUNKS)) {
      if ([...before, ...now].some((line) => line.length > LONGEST_LINE)) continue;
      if (SQL.test(path) && !WAY_BACK.test(path)) found.push(...sqlFacts(before, now).map((fact) => ({ path, ...fact })));
      // Every value of a new file is new: its name says more than a list of them.
      else if (piece !== undefined && status === "modified") found.push(...changesOf(piece, before, now).map((one) => ({ path, ...one })));
    }
  }
  return found.slice(0, MOST_CHANGES);
}

type Told = Omit<ValueChange, "path">;

function changesOf(piece: Piece, before: readonly string[], now: readonly string[]): Told[] {
  try {
    const was = piece(before);
    const is = piece(now);
    return was === null || is === null || isDeeper(was, DEEPEST) || isDeeper(is, DEEPEST) ? [] : compare(was, is, []);
  } catch (error) {
    // Nested so deep that it cannot even be read.
    if (error instanceof RangeError) return [];
    throw error;
  }
}

function isDeeper(tree: ValueTree, than: number): boolean {
  if (tree.kind === "scalar") return false;
  return than === 0 || [...(tree.kind === "list" ? tree.items : tree.entries.values())].some((inner) => isDeeper(inner, than - 1));
}

const isUnseen = (tree: ValueTree): boolean => tree.kind === "scalar" && tree.text === UNSEEN;
const isEmpty = (tree: ValueTree): boolean =>
  tree.kind === "list" ? tree.items.length === 0 : tree.kind === "map" ? tree.entries.size === 0 : /^(?:null|~)$/i.test(tree.text);

function compare(was: ValueTree, is: ValueTree, path: readonly string[]): Told[] {
  if (isUnseen(was) || isUnseen(is)) return [];
  if (was.kind !== "scalar" && !isEmpty(was) && isEmpty(is)) return path.length === 0 ? [] : [told(`${keyWords(path)} emptied`, path)];
  if (was.kind === "map" && is.kind === "map") return compareMaps(was.entries, is.entries, path);
  if (was.kind === "list" && is.kind === "list") return compareLists(was.items, is.items, path);
  if (was.kind === "scalar" && is.kind === "scalar") return was.text === is.text ? [] : [changed(was.text, is.text, path)];
  return [told(`${keyWords(path)} ${brief(was)} → ${brief(is)}`, path)];
}

function compareMaps(was: ReadonlyMap<string, ValueTree>, is: ReadonlyMap<string, ValueTree>, path: readonly string[]): Told[] {
  const found: Told[] = [];
  for (const [key, value] of was) {
    const now = is.get(key);
    if (now === undefined) found.push(entry(value, [...path, key], "removed"));
    else found.push(...compare(value, now, [...path, key]));
  }
  for (const [key, value] of is) if (!was.has(key)) found.push(entry(value, [...path, key], "added"));
  return found;
}

/** What distinguishes entries of a list. */
const IDENTITIES = ["name", "key", "id", "containerPort", "port", "host"];

function identified(items: readonly ValueTree[], identity: string): Map<string, ValueTree> | null {
  const found = new Map<string, ValueTree>();
  for (const item of items) {
    const own = item.kind === "map" ? item.entries.get(identity) : undefined;
    if (own?.kind !== "scalar" || found.has(own.text)) return null;
    found.set(own.text, item);
  }
  return found;
}

/** An entry that began above what the diff shows. */
const isCut = (tree: ValueTree | undefined): boolean => tree?.kind === "map" && tree.entries.has(UNSEEN);

function compareLists(was: readonly ValueTree[], is: readonly ValueTree[], path: readonly string[]): Told[] {
  if (was.length > LONGEST_LIST || is.length > LONGEST_LIST) return [];
  const [first, own] = [was[0], is[0]];
  if (first === undefined || own === undefined || !isCut(first) || !isCut(own)) return compareItems(was, is, path);
  return [...compare(first, own, [...path, UNSEEN]), ...compareItems(was.slice(1), is.slice(1), path)];
}

function compareItems(was: readonly ValueTree[], is: readonly ValueTree[], path: readonly string[]): Told[] {
  for (const identity of IDENTITIES) {
    const before = identified(was, identity);
    const now = identified(is, identity);
    if (before !== null && now !== null && before.size + now.size > 0) return compareMaps(before, now, path);
  }
  const texts = (items: readonly ValueTree[]) => items.map((item) => (item.kind === "scalar" ? item.text : JSON.stringify(shown(item))));
  const [before, now] = [texts(was), texts(is)];
  // Part of an entry, cut by the piece's edge, is no entry.
  if ([...before, ...now].some((text) => text.includes(UNSEEN))) return [];
  const gone = without(before, now);
  const come = without(now, before);
  if (gone.length === 0 && come.length === 0)
    return before.join("\n") === now.join("\n") ? [] : [told(`order of ${keyWords(path)} changed`, path)];
  // Items of one kind under one key: what differs in place is one change.
  if (gone.length === 1 && come.length === 1 && was.length === is.length) {
    const index = before.indexOf(gone[0] ?? "");
    const [own, other] = [was[index], is[index]];
    if (own !== undefined && other !== undefined && now[index] === come[0] && own.kind !== "scalar") return compare(own, other, path);
  }
  const nounOf = itemNoun(path);
  const each = (texts_: readonly string[], verb: string) => texts_.map((text) => told(`${nounOf(shortValue(text))} ${verb}`, path, [text]));
  return [...each(gone, "removed"), ...each(come, "added")];
}

const shown = (tree: ValueTree): unknown =>
  tree.kind === "scalar"
    ? tree.text
    : tree.kind === "list"
      ? tree.items.map(shown)
      : Object.fromEntries([...tree.entries].map(([key, value]) => [key, shown(value)]));

function without(all: readonly string[], others: readonly string[]): string[] {
  const left = [...others];
  return all.filter((one) => {
    const index = left.indexOf(one);
    if (index >= 0) left.splice(index, 1);
    return index < 0;
  });
}

const ARGUMENTS = /^(?:args|arguments|command|cmd|entrypoint)$/i;
const ENVIRONMENT = /^(?:env|environment|environment_variables|envvars|variables)$/i;

const keysOf = (path: readonly string[]): string[] => path.filter((key) => key !== UNSEEN);

/** The last two names of a path: one alone is often `value` or `cpu`. */
function keyWords(path: readonly string[]): string {
  const keys = keysOf(path);
  const [outer, key] = keys.length === 1 ? ["", keys[0]] : keys.slice(-2);
  if (key === undefined) return "an entry";
  if (outer === undefined || outer === "" || ENVIRONMENT.test(outer)) return `\`${key}\``;
  // The value of an entry that is known by its name.
  return key === "value" ? `\`${outer}\`` : `\`${outer}.${key}\``;
}

function itemNoun(path: readonly string[]): (item: string) => string {
  const key = keysOf(path).at(-1);
  if (key === undefined) return (item) => `entry ${item}`;
  return ARGUMENTS.test(key) ? (item) => `argument ${item}` : (item) => `${item} of \`${key}\``;
}

function entry(value: ValueTree, path: readonly string[], verb: "added" | "removed"): Told {
  const keys = keysOf(path);
  const outer = keys.at(-2);
  const inner = value.kind === "map" ? value.entries.get("value") : value;
  const names = inner?.kind === "scalar" ? [inner.text] : [];
  if (outer !== undefined && ENVIRONMENT.test(outer)) return told(`env entry \`${keys.at(-1) ?? ""}\` ${verb}`, path, names);
  const given =
    verb === "added" && value.kind === "scalar" && !isSecret(path) && value.text !== UNSEEN ? `: ${shortValue(value.text)}` : "";
  return told(`${keyWords(path)} ${verb}${given}`, path, names);
}

/** Names whose values nobody writes into a channel; a number or a switch is none. */
const isSecret = (path: readonly string[]): boolean =>
  /pass|secret|token|credential|private|api_?key|dsn/i.test(keysOf(path).slice(-2).join("."));
const isPlainSetting = (text: string): boolean => /^(?:-?[\d.]+\s?[a-z%]{0,3}|true|false|yes|no|on|off|null)$/i.test(text);

function changed(was: string, is: string, path: readonly string[]): Told {
  const key = keysOf(path).at(-1) ?? "";
  if (isSecret(path) && !(isPlainSetting(was) && isPlainSetting(is))) return told(`${keyWords(path)} changed`, path);
  const image = /^(?:image|from)$/i.test(key) ? imageWords(was, is) : null;
  const isSmall = image === null && isSmallStep(was, is);
  const change = told(image ?? `${keyWords(path)} ${bareValue(was)} → ${bareValue(is)}`, path, [was, is, ...imageTags(key, is)]);
  return isSmall ? { ...change, isSmall } : change;
}

/** Whether both are amounts of one unit and about the same. Switches (0 and 1) and codes are no amounts. */
function isSmallStep(was: string, is: string): boolean {
  const [, before, unit] = AMOUNT.exec(was.trim()) ?? [];
  const [, now, other] = AMOUNT.exec(is.trim()) ?? [];
  if (before === undefined || now === undefined || unit !== other) return false;
  const [low = 0, high = 0] = [Number(before), Number(now)].toSorted((a, b) => a - b);
  return low > 0 && high / low < SMALL_STEP;
}

const AMOUNT = /^([\d_]*\.?\d+)\s?([a-z%]{0,3})$/i;

const imageTags = (key: string, text: string): string[] => (/^(?:image|from)$/i.test(key) ? text.split(/[:@]/).slice(-1) : []);

function imageWords(was: string, is: string): string {
  const split = (image: string) => /^(.*?)(?::([^:/@]+))?(@.*)?$/.exec(image.replace(/\s+as\s.*$/i, ""));
  const [, before, from] = split(was) ?? [];
  const [, now, to] = split(is) ?? [];
  const isSame = before === now && from !== undefined && to !== undefined && from !== to;
  return isSame ? `image \`${shorten(now ?? "", 60)}\` ${from} → ${to}` : `image ${shortValue(was)} → ${shortValue(is)}`;
}

/** A number or a word stands by itself, all else in code. */
const bareValue = (text: string): string => (/^[\w.%+-]{1,24}$/.test(text.trim()) ? text.trim() : shortValue(text));
const shortValue = (text: string): string => `\`${shorten(text.replaceAll("`", "'"), 60)}\``;

function brief(tree: ValueTree): string {
  if (tree.kind === "scalar") return bareValue(tree.text);
  const [many, one] = tree.kind === "list" ? [tree.items.length, "entry"] : [tree.entries.size, "key"];
  return `${many} ${many === 1 ? one : one === "key" ? "keys" : "entries"}`;
}

const told = (text: string, path: readonly string[], values: readonly string[] = []): Told => ({
  text,
  names: [...new Set([...keysOf(path).slice(-2), ...values])],
});

/**
 * A name of a change that a text of the symptoms speaks of, or null. A host, a version, or a name of several words is hardly there by chance;
 * a plain word has to be in quotes in the text.
 * @param text of errors and the page
 */
export function sharedName(changes: readonly ValueChange[], text: string): string | null {
  const lower = text.toLowerCase();
  for (const { names } of changes) {
    for (const name of names) {
      const own = name.toLowerCase();
      if (own.length < 3 || own.length > 100) continue;
      const isFigure = /^[\d.]+[a-z]{0,3}$/.test(own) && own.split(".").length < 3;
      const isSpecial = !isFigure && own.length >= 5 && /[a-z\d][._:/-][a-z\d]/.test(own);
      if (isSpecial ? holds(lower, own) : /^[a-z]\w+$/.test(own) && isInQuotes(lower, own)) return name;
    }
  }
  return null;
}

/** Whether a text quotes a word. A key of JSON in a log line is no quotation. */
const isInQuotes = (text: string, word: string): boolean =>
  ['"', "'", "`"].some((mark) =>
    text
      .split(`${mark}${word}${mark}`)
      .slice(1)
      .some((rest) => !/^\s*[:=]/.test(rest)),
  );

/** Whether a text holds a name whole; `v2.9.1` holds `2.9.1`. */
function holds(text: string, name: string): boolean {
  for (let at = text.indexOf(name); at >= 0; at = text.indexOf(name, at + 1)) {
    const before = text.slice(Math.max(0, at - 2), at);
    const isStart = !/[\w]$/.test(before) || /(?:^|\W)v$/.test(before);
    if (isStart && !/^[\w-]/.test(text.slice(at + name.length))) return true;
  }
  return false;
}
