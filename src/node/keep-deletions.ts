import { setImmediate as nextTurn } from "node:timers/promises";
import type { NodeHost } from "../durable/node-host.ts";
import { eraseAudit, LATE_MS } from "../durable/erase-audit.ts";
import { ASKED_FOR_MS, answerDeletion, type Asked, askedDeletions, forgetDeletions, type Outcome } from "../store/deletion.ts";
import { deleteIncident } from "../store/delete-incident.ts";
import { emptyLog, giveBack, sizeOf } from "./give-back.ts";
import type { OperatorLog } from "./operations/operator-log.ts";

const LOOK_EVERY_MS = 1_000;

type DeletingHost = Pick<NodeHost<unknown>, "sql" | "auditLog" | "whileStopped">;

/** Deletes an incident in its own process: its step under way ends first, and no other begins. */
async function deleteOpen(host: DeletingHost, { incident, by }: Asked, signal: AbortSignal): Promise<Outcome> {
  const { sql, auditLog } = host;
  const before = sizeOf(sql).bytes;
  const deleted = await host.whileStopped(incident, () => {
    const overwrites = Object.values(sql.all<Record<string, number>>("pragma secure_delete")[0] ?? {})[0] ?? 0;
    sql.all("pragma secure_delete = on");
    try {
      return deleteIncident(sql, auditLog, incident, { by, withAudit: true });
    } finally {
      if (overwrites === 0) sql.all("pragma secure_delete = off");
    }
  });
  if (!deleted) return { outcome: "unknown", freed: 0 };
  await giveBack(sql, () => nextTurn(), signal);
  emptyLog(sql);
  return { outcome: "deleted", freed: Math.max(0, before - sizeOf(sql).bytes) };
}

/** Deletions that are asked for while midwatch runs. */
export class Deletions {
  readonly #host: DeletingHost;
  /** What was deleted a while ago. In memory: no call outlives the process. */
  readonly #deleted = new Map<string, { readonly by: string; readonly at: number }>();

  constructor(host: DeletingHost) {
    this.#host = host;
  }

  /**
   * Does what is asked for by now, and erases what calls of deleted incidents wrote into the audit after their end.
   * @returns lines for the log
   */
  async look(now: number, signal: AbortSignal): Promise<string[]> {
    const { sql } = this.#host;
    const lines: string[] = [];
    for (const asked of askedDeletions(sql, now)) {
      const outcome = await deleteOpen(this.#host, asked, signal);
      if (outcome.outcome === "deleted") {
        this.#deleted.set(asked.incident, { by: asked.by, at: now });
        lines.push(`${asked.incident} was deleted, as ${asked.by} asked`);
      }
      answerDeletion(sql, asked.incident, outcome);
    }
    for (const [incident, { by, at }] of this.#deleted) this.#eraseLate(incident, by, now - at > LATE_MS);
    forgetDeletions(sql, now - 2 * ASKED_FOR_MS);
    return lines;
  }

  #eraseLate(incident: string, by: string, isOver: boolean): void {
    const { sql, auditLog } = this.#host;
    // One that a webhook opened again has an audit of its own.
    const isBack = sql.all("select 1 from incident where id = ?", incident).length > 0;
    if (isBack || isOver) this.#deleted.delete(incident);
    if (!isBack) eraseAudit(sql, auditLog, { incident }, { what: incident, by });
  }
}

/** Looks each second, until the signal. */
export function keepDeletions(
  host: DeletingHost,
  { log, recount, signal }: { readonly log: OperatorLog; readonly recount: () => void; readonly signal: AbortSignal },
): void {
  const deletions = new Deletions(host);
  let running = false;
  const look = async () => {
    if (running || signal.aborted) return;
    running = true;
    try {
      const lines = await deletions.look(Date.now(), signal);
      for (const line of lines) log(line);
      if (lines.length > 0) recount();
    } catch (error) {
      log(`delete: ${error instanceof Error ? error.message : String(error)}`, { level: "error" });
    } finally {
      running = false;
    }
  };
  const timer = setInterval(() => void look(), LOOK_EVERY_MS).unref();
  signal.addEventListener("abort", () => clearInterval(timer), { once: true });
}
