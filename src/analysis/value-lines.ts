import { parse } from "smol-toml";
import { list, mapOf, quoted, scalar, type ValueTree } from "./value-tree.ts";

/** A piece of TOML. What belongs to a table that began above has its own keys alone. null: it is no TOML as it is here. */
export function tomlPiece(lines: readonly string[]): ValueTree | null {
  try {
    return plainTree(parse(lines.join("\n"), { integersAsBigInt: "asNeeded" }));
  } catch {
    return null;
  }
}

function plainTree(value: unknown): ValueTree | null {
  if (typeof value === "string") return quoted(value);
  if (Array.isArray(value)) {
    const items = value.map(plainTree);
    return items.includes(null) ? null : list(items.filter((item) => item !== null));
  }
  if (typeof value !== "object" || value === null || value instanceof Date) return scalar(String(value));
  const entries: [string, ValueTree][] = [];
  for (const [key, inner] of Object.entries(value)) {
    const tree = plainTree(inner);
    if (tree === null) return null;
    entries.push([key, tree]);
  }
  return mapOf(entries);
}

/** Lines `KEY=value` as a shell or Docker reads them. null: a quote stays open, a line is something else, or a key comes twice. */
export function envPiece(lines: readonly string[]): ValueTree | null {
  const entries: [string, ValueTree][] = [];
  for (const line of lines) {
    const text = line.trim();
    if (text === "" || text.startsWith("#")) continue;
    const [, key, given] = /^(?:export\s+)?([A-Za-z_][\w.-]*)\s*=\s*(.*)$/.exec(text) ?? [];
    if (key === undefined || given === undefined) return null;
    const [, single, double] = /^(?:'([^']*)'|"((?:[^"\\]|\\.)*)")\s*(?:#.*)?$/.exec(given) ?? [];
    if (single === undefined && double === undefined && /^["'`]/.test(given)) return null;
    entries.push([key, scalar(single ?? double ?? given.replace(/\s#.*$/, ""))]);
  }
  return mapOf(entries);
}

/** Java properties: `key=value`, `key: value` or `key value`, a line that ends with an odd number of `\` goes on. null: a key comes twice. */
export function propertiesPiece(lines: readonly string[]): ValueTree | null {
  const entries: [string, ValueTree][] = [];
  let begun = "";
  for (const given of lines) {
    const text = given.trimStart();
    if (begun === "" && (text === "" || /^[#!]/.test(text))) continue;
    if (isContinued(text)) {
      begun += text.slice(0, -1);
      continue;
    }
    const line = begun + text;
    begun = "";
    const [, key = "", value = ""] = /^((?:\\.|[^\\\s:=])+)(?:\s*[:=]\s*|\s+|$)(.*)$/.exec(line) ?? [];
    if (key !== "") entries.push([unescaped(key), scalar(unescaped(value))]);
  }
  // What goes on below the diff is not known.
  return begun === "" ? mapOf(entries) : null;
}

/** Whether a line ends with an odd number of `\`. */
function isContinued(line: string): boolean {
  let signs = 0;
  while (line.at(-1 - signs) === "\\") signs += 1;
  return signs % 2 === 1;
}

const unescaped = (text: string): string =>
  text.replaceAll(/\\(?:u([0-9a-fA-F]{4})|(.))/g, (_, code: string | undefined, one: string | undefined) =>
    code === undefined ? ({ n: "\n", t: "\t", r: "\r", f: "\f" }[one ?? ""] ?? one ?? "") : String.fromCharCode(Number.parseInt(code, 16)),
  );

const INSTRUCTION =
  /^(FROM|RUN|CMD|LABEL|EXPOSE|ENV|ADD|COPY|ENTRYPOINT|VOLUME|USER|WORKDIR|ARG|ONBUILD|STOPSIGNAL|HEALTHCHECK|SHELL|MAINTAINER)\s+(.*)$/is;

/** A piece of a Dockerfile. null: it begins or ends within an instruction, holds a heredoc or a directive of the parser. */
export function dockerfilePiece(lines: readonly string[]): ValueTree | null {
  const found = instructionsOf(lines);
  if (found === null) return null;
  const pairs: Record<"ENV" | "ARG" | "LABEL", [string, ValueTree][]> = { ENV: [], ARG: [], LABEL: [] };
  const lists = new Map<string, ValueTree[]>();
  for (const [name, rest] of found) {
    if (name === "ENV" || name === "ARG" || name === "LABEL") {
      const given = assignments(rest, name);
      if (given === null) return null;
      pairs[name].push(...given);
    } else {
      const args = name === "CMD" || name === "ENTRYPOINT" ? argumentsOf(rest) : [rest];
      // Of several commands the last one counts.
      lists.set(name, [...(name === "CMD" || name === "ENTRYPOINT" ? [] : (lists.get(name) ?? [])), ...args.map(scalar)]);
    }
  }
  const entries: [string, ValueTree][] = [...lists].map(([name, items]) => [name, name === "FROM" ? imagesOf(items) : list(items)]);
  for (const [name, own] of Object.entries(pairs)) {
    const map = mapOf(own);
    if (map === null) return null;
    if (own.length > 0) entries.push([name, map]);
  }
  return mapOf(entries);
}

const imagesOf = (items: readonly ValueTree[]): ValueTree => (items.length === 1 ? (items[0] ?? list(items)) : list(items));

function instructionsOf(lines: readonly string[]): [string, string][] | null {
  const found: [string, string][] = [];
  let text = "";
  let goesOn = false;
  for (const line of lines) {
    const own = line.trim();
    if (/^#\s*(?:escape|syntax)\s*=/i.test(own)) return null;
    if (own === "" || own.startsWith("#")) continue;
    text = goesOn ? `${text} ${own}` : own;
    goesOn = text.endsWith("\\");
    if (goesOn) {
      text = text.slice(0, -1).trimEnd();
      continue;
    }
    const [, name, rest] = INSTRUCTION.exec(text) ?? [];
    if (name === undefined || rest === undefined || /<<-?["']?\w/.test(rest)) return null;
    found.push([name.toUpperCase(), rest.trim()]);
  }
  return goesOn ? null : found;
}

/** `A=1 B="two words"`, or the old `ENV A one value`. `ARG A` alone takes what the build gives. */
function assignments(text: string, name: string): [string, ValueTree][] | null {
  const found = [...text.matchAll(/([\w.-]+)=("(?:[^"\\]|\\.)*"|'[^']*'|(?:[^\s"'\\]|\\.)*)(?=\s|$)/g)];
  if (found.map(([whole]) => whole).join(" ") === text.replaceAll(/(?<=["'\w\\)/}.:,-])\s+(?=[\w.-]+=)/g, " "))
    return found.map(([, key = "", value = ""]) => [key, scalar(value.replace(/^(["'])(.*)\1$/, "$2"))]);
  const [, key, value] = /^([\w.-]+)(?:\s+(.*))?$/.exec(text) ?? [];
  if (key === undefined || (name !== "ARG" && value === undefined) || (name === "ARG" && value !== undefined)) return null;
  return [[key, scalar(value ?? "")]];
}

function argumentsOf(text: string): string[] {
  try {
    const value: unknown = JSON.parse(text);
    if (Array.isArray(value)) return value.map(String);
  } catch {
    // Written for a shell.
  }
  return text.split(/\s+/);
}
