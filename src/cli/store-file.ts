import { chmodSync, copyFileSync, existsSync, mkdtempSync, renameSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { backup as copyDatabase, DatabaseSync } from "node:sqlite";
import { StoreInUseError } from "../durable/lease.ts";
import { readNodeSqlite } from "../durable/node-sqlite.ts";
import { type OwnedSqlite, openOwnedSqlite } from "../durable/owned-sqlite.ts";
import { migrate, migrationStates, type MigrationState } from "../durable/sql.ts";
import { readEnvironment } from "../node/environment.ts";
import { allTables } from "../node/store-tables.ts";
import { CommandError } from "./command-error.ts";

/** What operators do to the store's file: copy it, put a copy back, bring its tables up to date, make it smaller. */

const LEASE_MS = 5_000;
/** One step: the whole copy is of one instant, and what is written meanwhile does not begin it again. */
const ALL_PAGES = 2 ** 30;
export const MEGABYTE = 1_048_576;

/** By the setting; the other settings need not be there. */
export const storePath = (): string => readEnvironment()["DATABASE_PATH"]?.trim() || "midwatch.db";

function existing(path: string, what: string): string {
  if (!existsSync(path)) throw new CommandError(`There is no ${path}. ${what}`, 1);
  return path;
}

/** The path of a store that is there. @throws CommandError */
export const store = (path: string): string => existing(path, "Set DATABASE_PATH to the store's file.");

/** Takes the store for this process. @throws StoreInUseError while midwatch runs */
export const own = (path: string, migrations = allTables): OwnedSqlite =>
  openOwnedSqlite({ path, leaseMs: LEASE_MS, now: Date.now, migrations, flush: undefined });

/** Gives the store to the next process. */
export function released(file: OwnedSqlite): void {
  file.lease.release();
  file.close();
}

/** What is wrong with a file that should be a whole store of midwatch's; null: nothing. */
function wrongWith(path: string): string | null {
  let db: DatabaseSync;
  try {
    db = new DatabaseSync(path);
  } catch (error) {
    return (error as Error).message;
  }
  try {
    const check = db.prepare("pragma quick_check(1)").get()?.["quick_check"];
    if (check !== "ok") return String(check);
    const sql = {
      all: <T>(query: string) => db.prepare(query).all() as T[],
      tx: <T>(work: () => T) => work(),
      sync: async () => undefined,
    };
    const states = migrationStates(sql, allTables);
    if (states.find(({ name }) => name === "event-log")?.done === 0) return "it holds no incident logs, so it is not a midwatch store";
    const ahead = states.filter(({ usable }) => !usable).map(({ name }) => name);
    return ahead.length === 0 ? null : `a newer midwatch wrote it (${ahead.join(", ")})`;
  } catch (error) {
    return (error as Error).message;
  } finally {
    db.close();
  }
}

async function copyTo(path: string, to: string): Promise<void> {
  const source = new DatabaseSync(path, { readOnly: true });
  try {
    await copyDatabase(source, to, { rate: ALL_PAGES });
  } finally {
    source.close();
  }
  chmodSync(to, 0o600);
}

/** `backup FILE`: a copy of one instant, while midwatch runs or not. @returns what to say @throws CommandError */
export async function backup(path: string, to: string): Promise<string[]> {
  store(path);
  if (existsSync(to)) throw new CommandError(`${to} already exists; backup overwrites nothing.`, 1);
  const unfinished = `${to}.unfinished`;
  rmSync(unfinished, { force: true });
  try {
    await copyTo(path, unfinished);
    const wrong = wrongWith(unfinished);
    if (wrong !== null) throw new CommandError(`The copy of ${path} failed its check: ${wrong}.`, 1);
    renameSync(unfinished, to);
  } finally {
    for (const left of ["", "-wal", "-shm"]) rmSync(unfinished + left, { force: true });
  }
  return [`${to}: ${(statSync(to).size / MEGABYTE).toFixed(1)} MB, checked. It holds what midwatch knows: keep it as you keep the store.`];
}

/** `restore FILE`: puts a copy in the store's place. What was there is kept beside it. */
export function restore(path: string, from: string): string[] {
  existing(from, "Name a file that `backup` made.");
  const wrong = wrongWith(from);
  if (wrong !== null) throw new CommandError(`${from} cannot be restored: ${wrong}.`, 1);
  const aside = `${path}.before-${new Date().toISOString().replaceAll(/[-:]|\.\d+/g, "")}`;
  if (existsSync(path)) {
    try {
      // Nobody may be writing it. With no tables of its own: it may be newer than this midwatch.
      released(own(path, []));
    } catch (error) {
      // A file that is broken is why one restores.
      if (error instanceof StoreInUseError) throw error;
    }
  }
  const incoming = `${path}.incoming`;
  copyFileSync(from, incoming);
  chmodSync(incoming, 0o600);
  for (const part of ["", "-wal", "-shm"]) if (existsSync(path + part)) renameSync(path + part, aside + part);
  renameSync(incoming, path);
  // The owner of the store that was copied does not own this one.
  const db = new DatabaseSync(path);
  db.exec("delete from lease");
  db.close();
  return [
    `${path} is now a copy of ${from}.${existsSync(aside) ? ` The old store is ${aside}.` : ""}`,
    "At its next start midwatch continues every incident that was unfinished in the backup. It looks for a message or pull request before it makes it again.",
  ];
}

const stateLine = ({ name, done, known, state, usable }: MigrationState): string =>
  state === "current"
    ? `✓ ${name}: ${known}`
    : state === "behind"
      ? `→ ${name}: ${done} of ${known}, ${known - done} to run`
      : `${usable ? "!" : "✗"} ${name}: ${done}, known here: ${known}${usable ? "; this version can use it" : ""}`;

/** `migrate`: brings the tables up to date without starting midwatch. @param check only shows what there is to do, and tries it on a copy */
export async function migrateStore(path: string, { check }: { check: boolean }): Promise<string[]> {
  store(path);
  const reading = readNodeSqlite(path);
  const states = migrationStates(reading.sql, allTables);
  reading.close();
  const lines = states.map(stateLine);
  if (states.some(({ usable }) => !usable)) {
    const todo = "✗ A newer midwatch wrote this store. Start that version, or restore a backup from before the upgrade.";
    throw new CommandError([...lines, todo].join("\n"), 1);
  }
  if (states.every(({ state }) => state !== "behind")) return lines;
  if (!check) {
    released(own(path));
    return [...lines, "✓ The tables are up to date."];
  }
  const folder = mkdtempSync(join(tmpdir(), "midwatch-migrate-"));
  try {
    const copy = join(folder, "copy.db");
    await copyTo(path, copy);
    const db = new DatabaseSync(copy);
    db.exec("delete from lease");
    db.close();
    const startedAt = performance.now();
    const tried = own(copy, []);
    migrate(tried.sql, allTables);
    released(tried);
    return [...lines, `✓ On a copy this took ${((performance.now() - startedAt) / 1_000).toFixed(1)} s. Nothing was changed in ${path}.`];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** `compact`: writes the file again without its free room, while midwatch is stopped. */
export function compact(path: string): string[] {
  store(path);
  released(own(path));
  const before = statSync(path).size;
  const db = new DatabaseSync(path);
  db.exec("pragma auto_vacuum = incremental; vacuum; pragma wal_checkpoint(truncate)");
  db.close();
  return [`${path}: ${(before / MEGABYTE).toFixed(1)} → ${(statSync(path).size / MEGABYTE).toFixed(1)} MB`];
}
