import { setImmediate as nextTurn } from "node:timers/promises";
import type { AuditLog } from "../durable/audit.ts";
import type { Sql } from "../durable/sql.ts";
import { applyRetention, type Retention } from "../store/retention.ts";
import { giveBack } from "./give-back.ts";
import type { OperatorLog } from "./operations/operator-log.ts";

const EVERY_MS = 3_600_000;
const FIRST_MS = 5 * 60_000;

/** What is deleted is overwritten with zeros while this works. */
async function overwriting<T>(sql: Sql, work: () => Promise<T>): Promise<T> {
  sql.all("pragma secure_delete = on");
  try {
    return await work();
  } finally {
    sql.all("pragma secure_delete = off");
  }
}

/** Deletes what is kept for too long, once, and gives its room back to the disk. @returns a line for the log, or null where nothing was deleted */
export async function retainOnce(
  store: { readonly sql: Sql; readonly auditLog: AuditLog },
  retention: Retention,
  { now = Date.now, signal }: { readonly now?: () => number; readonly signal: AbortSignal },
): Promise<string | null> {
  const { sql, auditLog } = store;
  const yieldNow = () => nextTurn();
  const done = await overwriting(sql, () => applyRetention(sql, auditLog, retention, { now, yieldNow, signal }));
  const parts = [
    [done.incidents, "incidents"],
    [done.evidence, "incidents' raw answers"],
    [done.sealed, "incidents' sealed values"],
    [done.audit, "audit entries"],
  ] as const;
  const said = parts.filter(([count]) => count > 0).map(([count, what]) => `${count} ${what}`);
  if (said.length === 0) return null;
  await giveBack(sql, yieldNow, signal);
  return `retention: deleted ${said.join(", ")}`;
}

/** Does that five minutes after the start and then each hour, until the signal. */
export function keepRetention(
  store: { readonly sql: Sql; readonly auditLog: AuditLog },
  retention: Retention,
  { log, recount, signal }: { readonly log: OperatorLog; readonly recount: () => void; readonly signal: AbortSignal },
): void {
  let running = false;
  const run = async () => {
    if (running || signal.aborted) return;
    running = true;
    try {
      const line = await retainOnce(store, retention, { signal });
      if (line === null) return;
      recount();
      log(line);
    } catch (error) {
      log(`retention: ${error instanceof Error ? error.message : String(error)}`, { level: "error" });
    } finally {
      running = false;
    }
  };
  const first = setTimeout(() => void run(), FIRST_MS).unref();
  const timer = setInterval(() => void run(), EVERY_MS).unref();
  signal.addEventListener(
    "abort",
    () => {
      clearTimeout(first);
      clearInterval(timer);
    },
    { once: true },
  );
}
