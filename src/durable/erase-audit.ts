import { canonicalJson } from "../guard/canonical-json.ts";
import { auditHead, type AuditEntry, type AuditLog } from "./audit.ts";
import { digested, emptyDigest } from "./audit-erasure.ts";
import type { Sql } from "./sql.ts";

/** A call that was under way at a deletion has ended by then, ms, and what it wrote into the audit is erased too: none has a longer time limit. */
export const LATE_MS = 5 * 60_000;

/** Entries that are erased at once: webhooks come between two times. */
const AT_ONCE = 5_000;

/** Who was shown a hidden value stays known: else an admin's deletion would hide what they looked at before. */
const NO_ACCESS = "json_extract(body, '$.record.kind') <> 'access'";
const NOT_ERASED = "json_extract(body, '$.record.kind') not in ('tombstone', 'erased')";

/** When the oldest entry behind a place was written that could be erased, epoch milliseconds; null: there is none. */
export const oldestNotErased = (sql: Sql, behind: number): number | null =>
  sql.all<{ at: number }>(`select at from audit where seq > ? and ${NOT_ERASED} order by seq limit 1`, behind)[0]?.at ?? null;

/**
 * Erases entries, but for those that report an erasure; see `audit-erasure.ts`. At most 5,000: call it until it erases none.
 * @param which of one incident, but for who was shown its hidden values; or those before an instant (epoch milliseconds) and behind a place
 * @param by who wanted it
 * @returns how many, and the place of the last
 * @throws StoreNotWritableError and then nothing was erased
 */
export function eraseAudit(
  sql: Sql,
  audit: AuditLog,
  which: { readonly incident: string } | { readonly before: number; readonly behind: number },
  { what, by }: { readonly what: string; readonly by: string },
): { readonly entries: number; readonly last: number } {
  return sql.tx(() => {
    audit.flush();
    const eraser = (auditHead(sql)?.seq ?? 0) + 1;
    const rows = sql.all<{ seq: number; at: number; incident: string | null; hash: string }>(
      `select seq, at, incident, hash from audit where ${"incident" in which ? `incident = ? and ${NO_ACCESS}` : "at < ? and seq > ?"}
      and ${NOT_ERASED} order by seq limit ${AT_ONCE}`,
      ...("incident" in which ? [which.incident] : [which.before, which.behind]),
    );
    if (rows.length === 0) return { entries: 0, last: 0 };
    const digest = emptyDigest();
    for (const { seq, at, incident, hash } of rows) {
      digested(digest, { seq, hash });
      const tombstone: AuditEntry = { seq, at, incident, step: null, record: { kind: "tombstone", eraser } };
      sql.all("update audit set body = ? where seq = ?", canonicalJson(tombstone), seq);
    }
    audit.append({ kind: "erased", what, entries: rows.length, digest: digest.digest("hex"), by }, null);
    return { entries: rows.length, last: rows.at(-1)?.seq ?? 0 };
  });
}
