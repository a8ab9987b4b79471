import type { Answer } from "../incident/answer.ts";
import type { Migrations, Sql } from "../durable/sql.ts";
import { packText, unpackText } from "./gzip-parts.ts";

/** One numbered entry of an incident's evidence ledger, without its raw text. */
export interface EvidenceEntry {
  /** 1, 2, … within the incident; people see `E1`, `E2`. */
  readonly number: number;
  readonly source: string;
  readonly query: string;
  /** Epoch milliseconds, or null where the question has no window. */
  readonly from: number | null;
  readonly to: number | null;
  readonly link: string | null;
  readonly cut: string | null;
  /** Length of the raw answer, characters. */
  readonly length: number;
  readonly at: number;
}

/** An answer ready to be written: compressed beforehand, because the store is synchronous and compression is not. Plain data. */
export interface PackedAnswer {
  readonly answer: Omit<Answer<unknown>, "value" | "raw">;
  /** Of the raw answer, characters. */
  readonly length: number;
  readonly parts: readonly Uint8Array[];
}

/** The tables of the ledger, for the incident store. */
export const evidenceMigrations: Migrations = {
  name: "evidence",
  statements: [
    `create table evidence(
    incident text not null, number integer not null, source text not null, query text not null, window_from integer, window_to integer,
    link text, cut text, length integer not null, at integer not null, primary key(incident, number))`,
    `create table evidence_part(incident text not null, number integer not null, part integer not null, gzip blob not null, primary key(incident, number, part))`,
  ],
};

/** Compresses one raw answer for `recordEvidence`. */
export async function packAnswer(answer: Answer<unknown>): Promise<PackedAnswer> {
  const { source, query, window, link, cut, raw } = answer;
  return { answer: { source, query, window, link, cut }, length: raw.length, parts: await packText(raw) };
}

/** Number of the ledger's next entry, from 1. */
export function nextEvidence(sql: Sql, incident: string): number {
  const [row] = sql.all<{ newest: number | null }>("select max(number) as newest from evidence where incident = ?", incident);
  return (row?.newest ?? 0) + 1;
}

/** Writes answers under consecutive numbers from `first`, all or none. */
export function recordEvidence(sql: Sql, incident: string, first: number, packed: readonly PackedAnswer[], at: number): void {
  sql.tx(() => {
    for (const [index, { answer, length, parts }] of packed.entries()) {
      const number = first + index;
      sql.all(
        "insert into evidence values(?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        ...[incident, number, answer.source, answer.query, answer.window?.from ?? null, answer.window?.to ?? null],
        ...[answer.link, answer.cut, length, at],
      );
      for (const [part, bytes] of parts.entries()) sql.all("insert into evidence_part values(?, ?, ?, ?)", incident, number, part, bytes);
    }
  });
}

interface EvidenceRow {
  number: number;
  source: string;
  query: string;
  window_from: number | null;
  window_to: number | null;
  link: string | null;
  cut: string | null;
  length: number;
  at: number;
}

const toEntry = (row: EvidenceRow): EvidenceEntry => ({
  number: row.number,
  source: row.source,
  query: row.query,
  from: row.window_from,
  to: row.window_to,
  link: row.link,
  cut: row.cut,
  length: row.length,
  at: row.at,
});

const COLUMNS = "number, source, query, window_from, window_to, link, cut, length, at";

export function listEvidence(sql: Sql, incident: string): EvidenceEntry[] {
  return sql.all<EvidenceRow>(`select ${COLUMNS} from evidence where incident = ? order by number`, incident).map(toEntry);
}

const DELETED = "midwatch deleted this answer after RETENTION_EVIDENCE_DAYS.";

/** One entry with its whole raw answer, or null when there is no such number. */
export async function readEvidence(sql: Sql, incident: string, number: number): Promise<(EvidenceEntry & { raw: string }) | null> {
  const row = sql.all<EvidenceRow>(`select ${COLUMNS} from evidence where incident = ? and number = ?`, incident, number)[0];
  if (row === undefined) return null;
  const parts = sql.all<{ gzip: Uint8Array<ArrayBuffer> }>(
    "select gzip from evidence_part where incident = ? and number = ? order by part",
    incident,
    number,
  );
  // Of every answer there is at least one part, until its days are over.
  const raw = parts.length === 0 ? DELETED : await unpackText(parts.map(({ gzip }) => gzip));
  return { ...toEntry(row), raw };
}

/** What pages may ask an incident's store. */
export const evidenceQueries = {
  evidence: (sql: Sql, incident: string, number: number) => readEvidence(sql, incident, number),
  evidenceIndex: (sql: Sql, incident: string, _all: null) => listEvidence(sql, incident),
};

export type EvidenceQueries = typeof evidenceQueries;
