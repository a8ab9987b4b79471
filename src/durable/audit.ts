import { createHash } from "node:crypto";
import { canonicalJson } from "../guard/canonical-json.ts";
import type { OutgoingCall } from "../guard/outgoing.ts";
import { ErasureCheck } from "./audit-erasure.ts";
import type { Migrations, Sql } from "./sql.ts";

/** What happened. Texts hold no credential and no query string. */
export type AuditRecord =
  /** A call that left or was refused: one entry a try; of an output one more before it leaves (`begun`). For Socket Mode: that the connection is open. */
  | ({ readonly kind: "call" } & OutgoingCall)
  /**
   * A request that waits for a person, and what became of it. `payload`: SHA-256 of exactly what was asked for, in hex; null: the press named none.
   * `void`: a press that counted for nothing, `because` why.
   */
  | {
      readonly kind: "approval";
      readonly what: string;
      readonly payload: string | null;
      readonly decision: "asked" | "approved" | "refused" | "expired" | "void";
      /** Of Slack "slack:" and the person's id. */
      readonly by: string;
      readonly because: string | null;
    }
  /** A person looked at something that is not everybody's to see, or changed a setting. */
  | { readonly kind: "access"; readonly what: string; readonly by: string }
  /** A process took the store, or let go of it in order. One that was killed has no `closed`. */
  | { readonly kind: "opened" | "closed" }
  /** Entries that could not be written, for the store took nothing. */
  | { readonly kind: "lost"; readonly entries: number }
  /** What is left of an erased entry. `eraser`: number of the entry that erased it. */
  | { readonly kind: "tombstone"; readonly eraser: number }
  /** Entries were erased; see audit-erasure.ts. */
  | { readonly kind: "erased"; readonly what: string; readonly entries: number; readonly digest: string; readonly by: string };

export interface AuditEntry {
  /** 1 for the first one of a store; no gaps. */
  readonly seq: number;
  readonly at: number;
  /** null: on behalf of no incident. */
  readonly incident: string | null;
  readonly step: string | null;
  readonly record: AuditRecord;
}

/** An entry with its place in the chain. */
export interface ChainedEntry extends AuditEntry {
  /** SHA-256 of the hash before it and its own text, in hex. */
  readonly hash: string;
  readonly previous: string;
}

/** The newest entry. Written down elsewhere (log, export) it shows later that nothing up to it was changed or cut off. */
export interface AuditHead {
  readonly seq: number;
  readonly hash: string;
}

export const auditMigrations: Migrations = {
  name: "audit",
  statements: [
    "create table audit(seq integer primary key, at integer not null, incident text, body text not null, hash text not null)",
    "create index audit_incident on audit(incident, seq)",
    // Kept beside the entries, so that missing ones at the end are seen.
    "create table audit_head(one integer primary key check(one = 1), seq integer not null, hash text not null)",
    "create trigger audit_not_changed before update on audit begin select raise(abort, 'the audit is only added to'); end",
    "create trigger audit_not_removed before delete on audit begin select raise(abort, 'the audit is only added to'); end",
    "drop trigger audit_not_changed",
    `create trigger audit_not_changed before update on audit
      when new.seq <> old.seq or new.at <> old.at or new.incident is not old.incident or new.hash <> old.hash
        or json_extract(new.body, '$.record.kind') is not 'tombstone'
      begin select raise(abort, 'the audit is only added to'); end`,
  ],
  oldest: 5,
};

/** The hash before the first entry. */
const BEGINNING = "midwatch-audit/1";

const hashOf = (previous: string, body: string): string => createHash("sha256").update(`${previous}\n${body}`).digest("hex");

/** The newest entry, or null where there is none. */
export function auditHead(sql: Sql): AuditHead | null {
  const row = sql.all<AuditHead>("select seq, hash from audit_head")[0];
  return row === undefined ? null : { seq: row.seq, hash: row.hash };
}

/** Longest text of an entry: what is longer came from outside, and is no reason to fill a disk. */
const LONGEST_TEXT = 1_000;
/** Entries that wait at most, while the store takes nothing. */
const MOST_WAITING = 5_000;
/** Waiting entries that are written without waiting longer. */
const BATCH = 100;

export interface AuditOptions {
  readonly sql: Sql;
  readonly now: () => number;
  /** Takes this process's own credentials out of a text. */
  readonly redact?: ((text: string) => string) | undefined;
  /**
   * How long reads may wait to be written together, ms; 0: not at all. Whatever changes something, was refused or decided by a person never waits.
   * Default 0.
   */
  readonly holdMs?: number;
  /** Called when entries could not be written; they are tried again with the next ones. */
  readonly onError?: (error: unknown) => void;
}

/** Who is behind an entry. */
export interface OnBehalf {
  readonly incidentId: string;
  readonly step: string | null;
}

/** Whether the call or decision must wait until its entry is stored. */
const mustStand = (record: AuditRecord): boolean => record.kind !== "call" || record.outcome === "begun";

const canWait = (record: AuditRecord): boolean =>
  record.kind === "call" && record.effect !== "output" && record.outcome !== "begun" && record.outcome !== "refused";

/**
 * The audit of one store: entries are added at the end, each with a hash over the one before. Committed entries survive the end of the process;
 * a power cut may take the last moments, as with all bookkeeping.
 */
export class AuditLog {
  readonly #options: AuditOptions;
  #waiting: Omit<AuditEntry, "seq">[] = [];
  #lost = 0;
  #timer: ReturnType<typeof setTimeout> | null = null;
  #closed = false;

  constructor(options: AuditOptions) {
    this.#options = options;
  }

  /**
   * Adds an entry.
   * @throws StoreNotWritableError when an entry that must not wait could not be written; the caller then must not make the call or decision
   */
  append(record: AuditRecord, who: OnBehalf | null): void {
    if (this.#closed && !mustStand(record)) return;
    const { now, holdMs = 0 } = this.#options;
    this.#waiting.push({ at: now(), incident: who?.incidentId ?? null, step: who?.step ?? null, record: this.#clean(record) });
    if (mustStand(record)) {
      try {
        this.#write();
      } catch (error) {
        // It will not take place, so nothing may say that it was about to.
        this.#waiting.pop();
        throw error;
      }
    } else if (!canWait(record) || holdMs === 0 || this.#waiting.length >= BATCH) this.flush();
    else this.#timer ??= setTimeout(() => this.flush(), holdMs);
  }

  /** Writes what waits. */
  flush(): void {
    try {
      this.#write();
    } catch (error) {
      if (!this.#closed) this.#options.onError?.(error);
    }
  }

  /** Writes what waits. From then on only entries are taken without which something would not be done. */
  close(): void {
    this.flush();
    this.#closed = true;
  }

  #write(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    const { sql, now } = this.#options;
    if (this.#waiting.length > MOST_WAITING) {
      this.#lost += this.#waiting.length - MOST_WAITING;
      this.#waiting = this.#waiting.slice(-MOST_WAITING);
    }
    const lost: Omit<AuditEntry, "seq">[] =
      this.#lost === 0 ? [] : [{ at: now(), incident: null, step: null, record: { kind: "lost", entries: this.#lost } }];
    const entries = [...lost, ...this.#waiting];
    if (entries.length === 0) return;
    sql.tx(() => {
      let { seq, hash } = auditHead(sql) ?? { seq: 0, hash: BEGINNING };
      for (const entry of entries) {
        seq++;
        const body = canonicalJson({ seq, ...entry });
        hash = hashOf(hash, body);
        sql.all("insert into audit values(?, ?, ?, ?, ?)", seq, entry.at, entry.incident, body, hash);
      }
      sql.all("insert into audit_head values(1, ?1, ?2) on conflict(one) do update set seq = ?1, hash = ?2", seq, hash);
    });
    this.#waiting = [];
    this.#lost = 0;
  }

  #clean(record: AuditRecord): AuditRecord {
    const { redact = (text: string) => text } = this.#options;
    const texts = Object.entries(record).map(([key, value]: [string, unknown]) => [
      key,
      // The entry must name the person, even where a sign-in knows people by their address.
      typeof value === "string" ? (key === "by" ? value : redact(value)).slice(0, LONGEST_TEXT) : value,
    ]);
    return Object.fromEntries(texts) as AuditRecord;
  }
}

interface AuditRow {
  seq: number;
  at: number;
  incident: string | null;
  body: string;
  hash: string;
}

const PAGE = 1_000;

/** All rows, in order, a thousand at a time. */
function* rowsOf(sql: Sql): Generator<AuditRow> {
  for (let after = Number.MIN_SAFE_INTEGER; ;) {
    const rows = sql.all<AuditRow>("select seq, at, incident, body, hash from audit where seq > ? order by seq limit ?", after, PAGE);
    yield* rows;
    const last = rows.at(-1);
    if (last === undefined || rows.length < PAGE) return;
    after = last.seq;
  }
}

export interface AuditCheck {
  readonly entries: number;
  readonly head: AuditHead | null;
  /** The first entry that is not what was written, and why; null: none. */
  readonly broken: { readonly seq: number; readonly why: string } | null;
  /** Entries after which a process ended without letting go of the store: calls that were under way then may have no entry of their end. */
  readonly cuts: readonly { readonly after: number; readonly at: number }[];
  /** Outputs that left, or were about to, and of which no end is known. */
  readonly unfinished: readonly AuditEntry[];
  /** Entries that the store did not take. */
  readonly lost: number;
}

/** Why a row is not what was written in its place, or null. */
function rowProblem(row: AuditRow, expected: number, previous: string): string | null {
  if (row.seq !== expected) return `entry ${expected} is missing`;
  let entry: Partial<AuditEntry>;
  try {
    entry = JSON.parse(row.body) as Partial<AuditEntry>;
  } catch {
    return "its text is no JSON";
  }
  // Of an erased entry the hash is what the next one rests on; that it may be erased, `ErasureCheck` looks at.
  if (entry.record?.kind !== "tombstone" && hashOf(previous, row.body) !== row.hash)
    return "its text or the hash of the entry before was changed";
  if (entry.seq !== row.seq || entry.at !== row.at || (entry.incident ?? null) !== row.incident) return "its columns do not fit its text";
  return null;
}

/**
 * Reads the whole chain and computes each hash again.
 * @param known hash of a head that was written down before (from the log or an export): it must be part of the chain. What was cut off together
 *   with the store's own note of its head shows by nothing else
 */
export function verifyAudit(sql: Sql, known: string | null = null): AuditCheck {
  const head = auditHead(sql);
  let [entries, lost, previous] = [0, 0, BEGINNING];
  let broken: AuditCheck["broken"] = null;
  let seen = known === null;
  let open: number | null = null;
  const cuts: { after: number; at: number }[] = [];
  const unfinished = new Map<string, AuditEntry[]>();
  const erasures = new ErasureCheck();
  for (const row of rowsOf(sql)) {
    const why = rowProblem(row, entries + 1, previous) ?? erasures.problem(JSON.parse(row.body) as AuditEntry, row.hash);
    if (why !== null) {
      broken = { seq: entries + 1, why };
      break;
    }
    [entries, previous] = [row.seq, row.hash];
    seen ||= row.hash === known;
    const entry = JSON.parse(row.body) as AuditEntry;
    const { record } = entry;
    if (record.kind === "opened") {
      if (open !== null) cuts.push({ after: row.seq - 1, at: row.at });
      open = row.seq;
    }
    if (record.kind === "closed") open = null;
    if (record.kind === "lost") lost += record.entries;
    if (record.kind === "call" && record.effect === "output") {
      const key = `${entry.incident ?? ""} ${record.method} ${record.url} ${record.attempt}`;
      const begun = unfinished.get(key) ?? [];
      if (record.outcome === "begun") unfinished.set(key, [...begun, entry]);
      else if (begun.length <= 1) unfinished.delete(key);
      else unfinished.set(key, begun.slice(1));
    }
  }
  const leftOver = erasures.leftOver();
  if (broken === null && leftOver !== null) broken = { seq: leftOver, why: "it was erased, and no entry says so" };
  if (broken === null && (head?.seq ?? 0) !== entries)
    broken = { seq: entries + 1, why: `the newest ${(head?.seq ?? 0) - entries} entries are missing` };
  else if (broken === null && head !== null && head.hash !== previous)
    broken = { seq: entries, why: "it is not the one that was written last" };
  else if (broken === null && !seen) broken = { seq: entries + 1, why: "the entry of the given hash is not there" };
  return { entries, head, broken, cuts, unfinished: [...unfinished.values()].flat(), lost };
}

/** Entries with their hashes behind a place in the chain (0: from the first on), a thousand at most; none behind the last. */
export function auditPage(sql: Sql, after: number): ChainedEntry[] {
  let previous = sql.all<{ hash: string }>("select hash from audit where seq = ?", after)[0]?.hash ?? BEGINNING;
  const rows = sql.all<AuditRow>("select seq, at, incident, body, hash from audit where seq > ? order by seq limit ?", after, PAGE);
  return rows.map(({ body, hash }) => {
    const entry = { ...(JSON.parse(body) as AuditEntry), hash, previous };
    previous = hash;
    return entry;
  });
}

/** Entries with their hashes, oldest first; of one incident, or from an instant on. */
export function* readAudit(
  sql: Sql,
  only: { readonly incident?: string | null; readonly since?: number | null } = {},
): Generator<ChainedEntry> {
  const { incident = null, since = null } = only;
  let previous = BEGINNING;
  for (const row of rowsOf(sql)) {
    if ((incident === null || row.incident === incident) && (since === null || row.at >= since))
      yield { ...(JSON.parse(row.body) as AuditEntry), hash: row.hash, previous };
    previous = row.hash;
  }
}

/** An entry as exports have it, one line of JSON. @param chain of which it is, where there are several */
export const auditLine = ({ seq, at, incident, step, record, previous, hash }: ChainedEntry, chain?: string): string =>
  JSON.stringify({
    ...(chain === undefined ? {} : { chain }),
    seq,
    at,
    time: new Date(at).toISOString(),
    incident,
    step,
    record,
    previous,
    hash,
  });

/** What an incident's page shows of the audit: reads in sum, all else entry by entry. */
export interface IncidentAudit {
  readonly head: AuditHead | null;
  readonly reads: readonly { readonly vendor: string; readonly calls: number; readonly failed: number; readonly bytesIn: number }[];
  readonly entries: readonly AuditEntry[];
}

export function incidentAudit(sql: Sql, incident: string): IncidentAudit {
  const all = sql
    .all<{ body: string }>("select body from audit where incident = ? order by seq", incident)
    .map(({ body }) => JSON.parse(body) as AuditEntry);
  const reads = new Map<string, { vendor: string; calls: number; failed: number; bytesIn: number }>();
  const entries = all.filter((entry) => {
    const { record } = entry;
    if (!canWait(record) || record.kind !== "call") return true;
    const sum = reads.get(record.vendor) ?? { vendor: record.vendor, calls: 0, failed: 0, bytesIn: 0 };
    sum.calls++;
    sum.bytesIn += record.bytesIn;
    if (record.outcome === "failed" || record.outcome === "cut off") sum.failed++;
    reads.set(record.vendor, sum);
    return false;
  });
  return { head: auditHead(sql), reads: [...reads.values()].toSorted((a, b) => (a.vendor < b.vendor ? -1 : 1)), entries };
}

/** What routes may ask an incident's store. */
export const auditQueries = { audit: (sql: Sql, incident: string, _all: null) => incidentAudit(sql, incident) };

export type AuditQueries = typeof auditQueries;
