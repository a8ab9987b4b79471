import { once } from "node:events";
import { type AuditCheck, auditLine, readAudit, verifyAudit } from "../durable/audit.ts";
import { CommandError } from "./command-error.ts";
import { openStore } from "./open-store.ts";

const dateOf = (at: number): string => new Date(at).toISOString();

function inWords({ entries, head, broken, cuts, unfinished, lost }: AuditCheck): string[] {
  return [
    ...(broken === null
      ? [`✓ ${entries} entries, none changed or missing; the newest has hash ${head?.hash ?? "–"}`]
      : [`✗ entry ${broken.seq} is broken: ${broken.why}. Everything before it is as it was written.`]),
    ...cuts.map(
      ({ after, at }) =>
        `! after entry ${after} a process ended without closing the store (next start ${dateOf(at)}): reads under way then may be missing`,
    ),
    ...unfinished.map(({ seq, at, record }) =>
      record.kind === "call"
        ? `! entry ${seq} (${dateOf(at)}): ${record.method} ${record.url} was about to leave, and no end is known`
        : "",
    ),
    ...(lost === 0 ? [] : [`! ${lost} entries were lost while the store took nothing`]),
  ];
}

/** `audit verify`: exit code 1 when an entry is not what was written. @param head hash of an entry that was written down before */
export function verify({ head, json }: { head: string | null; json: boolean }): number {
  if (head !== null && !/^[0-9a-f]{64}$/.test(head)) throw new CommandError("--head must be a hash of 64 hexadecimal digits.");
  const store = openStore();
  try {
    const check = verifyAudit(store.sql, head);
    console.log(json ? JSON.stringify({ ok: check.broken === null, ...check }) : inWords(check).join("\n"));
    return check.broken === null ? 0 : 1;
  } finally {
    store.close();
  }
}

/** `audit export`: one JSON line an entry, oldest first, each with its hash and the one before, so that a line can be checked by itself. */
export async function exportEntries({ incident, since }: { incident: string | null; since: string | null }): Promise<number> {
  const from = since === null ? null : Date.parse(since);
  if (from !== null && Number.isNaN(from)) throw new CommandError(`--since must be a time like 2026-01-31T09:00:00Z, not "${since}".`);
  const store = openStore();
  try {
    for (const entry of readAudit(store.sql, { incident, since: from }))
      if (!process.stdout.write(`${auditLine(entry)}\n`)) await once(process.stdout, "drain");
    return 0;
  } finally {
    store.close();
  }
}
