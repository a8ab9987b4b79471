import type { FaultClass } from "../incident/finding.ts";
import type { ChangeEvent } from "../incident/telemetry.ts";
import type { CallGraph } from "./call-graph.ts";
import type { Clue } from "./clue.ts";
import { isStore } from "./contribution.ts";
import { shorten } from "./words.ts";

/** Who has to do with what broke. */
export interface Involved {
  /** Weight that a change on a service is given for its place, by the graph's names. */
  readonly places: ReadonlyMap<string, number>;
  /** When services beside the first suspect last began to fail by themselves, by the graph's names. */
  /** When the newest sign of each service's trouble began: what went live before it may have begun that much. */
  readonly newest: ReadonlyMap<string, number>;
  readonly failing: ReadonlyMap<string, number>;
  /** The first suspect; null where there is none. */
  readonly suspect: { readonly service: string; readonly fault: FaultClass | null; readonly clues: readonly Clue[] } | null;
  /** What reports trouble: the page, error lines, events, errors of the suspect. */
  readonly texts: readonly string[];
}

/** What ties one change to what broke, beyond its time, its service and its words. */
export interface Links {
  readonly weight: number;
  readonly says: readonly string[];
  /** Weight for its place at least; -Infinity where nothing is known of that. */
  readonly place: number;
}

const MIGRATION = /(?:^|\/)(?:migrations?|migrate|db\/changelog|flyway|liquibase|alembic)\/|\.sql$|\bschema\.(?:rb|prisma)$/i;
/** Statements that change the tables of a database take locks that others wait for. */
const DDL =
  /\b(?:alter|create|drop|rename|truncate|reindex|vacuum|cluster)\s+(?:unique\s+)?(?:table|index|column|type|sequence|view|full)\b|\b(?:add|drop|alter|rename)_(?:column|index|table|foreign_key|constraint)\b/i;
/** What keeps what is added to it for as long as the process lives. */
const KEEPS =
  /\bnew\s+\w*(?:Map|Set|List|Dict|Dictionary|Cache|Buffer|Queue|Array)\b|\b(?:make\(map|defaultdict|lru_cache|cached|memoi[sz]e\w*)\b|\bcache\b|\.(?:set|put|push|add|computeIfAbsent)\(|\bappend\(/i;
const LEAST_STATEMENT = 24;
const MOST_LINES = 2_000;
/** A name of a version or a hash that is shorter is a number like any other. */
const LEAST_NAME = 4;

const added = ({ files }: ChangeEvent): string[] =>
  (files ?? [])
    .flatMap(({ patch }) => (patch ?? "").split("\n"))
    .filter((line) => line.startsWith("+"))
    .slice(0, MOST_LINES)
    .map((line) => line.slice(1, 1_000));

/** A statement without its values and layout, so that the one in the code and the one that a database shows read the same. */
const bare = (text: string): string =>
  text
    .toLowerCase()
    .replaceAll(/\$\d+|:\w+|%\(\w+\)s|%s|\$\{[^{}]*\}|'[^']*'|\b\d+\b/g, "?")
    .replaceAll(/[\s"`;]+/g, " ")
    .trim();

/** Ties of a change to the first suspect and to what reports trouble. */
export function linksOf(change: ChangeEvent, { places, suspect, texts }: Involved, graph: CallGraph): Links {
  const service = change.service === null ? null : graph.canonical(change.service);
  const lines = added(change);
  const says: string[] = [];
  let weight = 0;
  let place = -Infinity;
  const isOwn = service === suspect?.service;
  const uses = service !== null && suspect !== null && graph.callees.get(service)?.has(suspect.service) === true;
  const isMigration =
    change.kind === "migration" || (change.files ?? []).some(({ path }) => MIGRATION.test(path)) || lines.some((line) => DDL.test(line));
  const isDatabase =
    suspect !== null && (isStore(suspect.service) || suspect.clues.some(({ family }) => family === "statement" || family === "sessions"));
  if (suspect !== null && isMigration && uses && isDatabase) {
    // Who deploys a migration runs it in the database that it uses.
    place = places.get(suspect.service) ?? place;
    says.push(`it changes the schema, and ${service} uses ${suspect.service}`);
    if (suspect.clues.some(({ code, about }) => LOCKED.has(code) || about.some((word) => /\block/i.test(word)))) weight += 1.5;
  }
  if (suspect?.fault === "memory" && isOwn && lines.some((line) => KEEPS.test(line))) {
    weight += 1.5;
    says.push("it adds something that is kept in memory");
  }
  const statement = statementIn(lines, suspect?.clues ?? []);
  if (statement !== null && (isOwn || uses)) {
    weight += 3;
    place = Math.max(place, uses ? (places.get(suspect?.service ?? "") ?? place) : place);
    says.push(`its diff adds the statement \`${shorten(statement, 100)}\``);
  }
  const version = versionIn(change, texts);
  if (version !== null) {
    // What fails runs the newest revision anyway: that it is named sets it apart from other deploys, and no more.
    weight += 1;
    says.push(`what reports the trouble names ${version}`);
  }
  return { weight: Math.min(4, weight), says, place };
}

const LOCKED: ReadonlySet<string> = new Set(["lock-holder", "lock-waits", "waits-for-lock"]);

/** The statement that clues speak of and that added lines hold, over several lines too; null where there is none. */
function statementIn(lines: readonly string[], clues: readonly Clue[]): string | null {
  if (lines.length === 0) return null;
  const code = bare(lines.join(" "));
  for (const { family, code: known, about } of clues) {
    if ((family !== "statement" && family !== "sessions") || known === "waits-for-lock") continue;
    for (const text of about) {
      const statement = bare(text).slice(0, 160);
      if (statement.length >= LEAST_STATEMENT && code.includes(statement)) return text;
    }
  }
  return null;
}

/** The version or the revision of a change, where a text about trouble names it as a word. */
function versionIn({ version, sha }: ChangeEvent, texts: readonly string[]): string | null {
  const names = [
    ...(version !== null && version.length >= LEAST_NAME && /\d/.test(version) ? [version] : []),
    ...(sha === null ? [] : [sha.slice(0, 7)]),
  ];
  for (const name of names) {
    const bareName = name.replace(/^v(?=\d)/i, "").toLowerCase();
    for (const text of texts) {
      const lower = text.slice(0, 2_000).toLowerCase();
      for (let at = lower.indexOf(bareName); at >= 0; at = lower.indexOf(bareName, at + 1)) {
        // Part of a longer number or hash it may be by chance; a hash goes on where it was cut.
        const before = lower[at - 1] ?? " ";
        const after = lower[at + bareName.length] ?? " ";
        const isCut = name === sha?.slice(0, 7);
        if (!/[\d.]/.test(before) && !(before !== "v" && /[a-z0-9]/.test(before)) && (isCut ? /[0-9a-f\W]/ : /[^\w.]|\.(?!\d)/).test(after))
          return name;
      }
    }
  }
  return null;
}
