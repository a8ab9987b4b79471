import { setTimeout as sleep } from "node:timers/promises";
import { AuditLog } from "../durable/audit.ts";
import { StoreInUseError } from "../durable/lease.ts";
import { openNodeSqlite } from "../durable/node-sqlite.ts";
import { migrationStates, type Sql } from "../durable/sql.ts";
import { sizeOf } from "../node/give-back.ts";
import { askDeletion, deletionMigrations, deletionOutcome, withdrawDeletion } from "../store/deletion.ts";
import { deleteIncident } from "../store/delete-incident.ts";
import { CommandError } from "./command-error.ts";
import { MEGABYTE, own, released, store } from "./store-file.ts";

/** A running midwatch looks each second, and ends a step first. */
const PATIENCE_MS = 30_000;
const LOOK_EVERY_MS = 100;

interface Deleted {
  readonly freed: number;
  /** Room in the file that the disk does not have back, bytes. */
  readonly free: number;
}

/** Deletes it here: nobody else has the store. @returns null: there is no such incident @throws StoreInUseError */
function deleteHere(path: string, incident: string, by: string): Deleted | null {
  const file = own(path);
  try {
    const before = sizeOf(file.sql);
    const audit = new AuditLog({ sql: file.sql, now: Date.now });
    file.sql.all("pragma secure_delete = on");
    if (!deleteIncident(file.sql, audit, incident, { by, withAudit: true })) return null;
    file.sql.all("pragma incremental_vacuum");
    const after = sizeOf(file.sql);
    return { freed: before.bytes - after.bytes, free: after.free };
  } finally {
    released(file);
  }
}

/** Waits for what the running midwatch makes of a request. */
async function answered(sql: Sql, incident: string, patienceMs: number) {
  for (const until = Date.now() + patienceMs; ;) {
    const outcome = deletionOutcome(sql, incident);
    if (outcome !== null || Date.now() >= until) return outcome;
    await sleep(LOOK_EVERY_MS);
  }
}

/** Asks the midwatch that owns the store. @returns null: there is no such incident */
async function deleteThere(
  path: string,
  incident: string,
  by: string,
  owned: StoreInUseError,
  patienceMs: number,
): Promise<Deleted | null> {
  const { sql, close } = openNodeSqlite(path);
  try {
    // The owner brings what is in the log into the file.
    sql.all("pragma wal_autocheckpoint = 0");
    if (migrationStates(sql, [deletionMigrations]).some(({ done }) => done === 0))
      throw new CommandError(`${owned.message} It runs a version that deletes nothing while it runs.`, 1);
    askDeletion(sql, { incident, by }, Date.now());
    let outcome = await answered(sql, incident, patienceMs);
    if (outcome === null && !withdrawDeletion(sql, incident)) outcome = deletionOutcome(sql, incident);
    if (outcome === null)
      throw new CommandError(
        `${owned.message}\nIt did not take up the request within ${patienceMs / 1000} s, so the request was withdrawn. Only \`serve\` takes one up.`,
        1,
      );
    return outcome.outcome === "unknown" ? null : { freed: outcome.freed, free: sizeOf(sql).free };
  } finally {
    close();
  }
}

/**
 * `delete ID`: one incident, with all that is kept of it. Where midwatch runs, it stops its work on the incident and deletes it itself.
 * @returns what to say
 * @throws CommandError
 */
export async function deleteOne(path: string, incident: string, by: string, patienceMs = PATIENCE_MS): Promise<string[]> {
  store(path);
  let deleted: Deleted | null;
  let running = false;
  try {
    deleted = deleteHere(path, incident, by);
  } catch (error) {
    if (!(error instanceof StoreInUseError)) throw error;
    running = true;
    deleted = await deleteThere(path, incident, by, error, patienceMs);
  }
  if (deleted === null) throw new CommandError(`${path} has no incident ${incident}.`, 1);
  const { freed, free } = deleted;
  return [
    `${incident} is deleted${running ? " by the running midwatch, which stopped its work on it" : ""}. Its audit entries are tombstones; the chain holds. ` +
      `${(freed / MEGABYTE).toFixed(1)} MB were given back to the disk.`,
    ...(free > MEGABYTE ? [`${(free / MEGABYTE).toFixed(1)} MB in the file are free; \`compact\` gives them back to the disk.`] : []),
    "Backups still have it. Slack, PagerDuty and GitHub still have what midwatch wrote there. A later webhook of it opens it again.",
  ];
}
