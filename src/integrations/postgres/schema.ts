import { z } from "zod";

/** Rows as the fixed queries of `queries.ts` give them: figures as numbers, ages in milliseconds, texts as they are. */
const text = z
  .string()
  .nullable()
  .transform((value) => value ?? "");
const figure = z.number().nullable();
const count = z
  .number()
  .nullable()
  .transform((value) => value ?? 0);

export const aboutSchema = z.object({
  database: z.string(),
  role: z.string(),
  version: z.string(),
  standby: z.boolean(),
  reads_all: z.boolean(),
  path: z.array(z.string()),
  statements_schema: z.string().nullable(),
  statements_on_path: z.boolean(),
  reads_replication: z.boolean(),
});

export const sessionSchema = z.object({
  pid: z.number(),
  database: text,
  user_name: text,
  application: text,
  address: text,
  state: text,
  wait_type: z.string().nullable(),
  wait: z.string().nullable(),
  transaction_ms: figure,
  query_ms: figure,
  state_ms: figure,
  blocked_by: z.array(z.number()).nullable(),
  query: text,
});

export const limitSchema = z.object({ max_connections: figure });

export const replicaSchema = z.object({ name: text, address: text, state: text, sync_state: text, lag_bytes: figure, lag_ms: figure });

export const statementSchema = z.object({
  id: text,
  query: text,
  calls: count,
  total_ms: count,
  mean_ms: count,
  max_ms: count,
  rows: count,
  blocks_hit: count,
  blocks_read: count,
  temp_blocks: count,
  wal_bytes: count,
  all_ms: count,
  all_wal_bytes: count,
});

export const tableSchema = z.object({
  schema: z.string(),
  table: z.string(),
  seq_scans: figure,
  seq_rows: figure,
  index_scans: figure,
  rows: figure,
  dead_rows: figure,
  bytes: figure,
  last_vacuum: text,
  last_analyze: text,
});

export const indexSchema = z.object({
  schema: z.string(),
  table: z.string(),
  index: z.string(),
  /** `btree`, `gin`, … */
  method: z.string(),
  valid: z.boolean(),
  unique: z.boolean(),
  partial: z.boolean(),
  /** "" where there is an expression. */
  columns: z.array(z.string()),
  scans: figure,
  bytes: figure,
});

export const columnsSchema = z.object({ schema: z.string(), table: z.string(), columns: z.array(z.string()) });

export const lockSchema = z.object({ pid: z.number(), kind: text, mode: text, relation: text, granted: z.boolean() });

export const replicationSchema = z.object({
  standby: z.boolean(),
  replay_delay_ms: figure,
  wal_position: text,
});

export const maintenanceSchema = z.object({
  wal_bytes: figure,
  wal_buffers_full: figure,
  wal_since: text,
  max_wal_bytes: figure,
  archive_failures: figure,
  archive_failed_at: text,
  archive_failing: z.boolean().nullable(),
  autovacuum: text,
  vacuum_workers: figure,
  freeze_max_age: figure,
  xid_age: figure,
});

export const slotSchema = z.object({ name: z.string(), kind: text, active: z.boolean(), wal_status: text, kept_bytes: figure });

export const vacuumSchema = z.object({
  table: text,
  running_ms: figure,
  phase: text,
  blocks_done: figure,
  blocks_total: figure,
  query: text,
});

export const sqlAboutSchema = z.object({ role: z.string(), standby: z.boolean(), reads_only: z.boolean(), superuser: z.boolean() });

export const sqlColumnsSchema = z.object({
  schema: z.string(),
  table: z.string(),
  columns: z.array(z.string()),
  /** Those that may become several columns. */
  several: z.array(z.string()),
});

export const sqlRoleSchema = z.object({
  role: z.string(),
  powers: z.array(z.string()),
  member_of: z.array(z.string()),
  creates_in: z.array(z.string()),
});

export const sqlGrantedSchema = z.object({ schema: z.string(), table: z.string(), columns: z.array(z.string()), writes: z.boolean() });

export const sqlFunctionSchema = z.object({ function: z.string() });

/** One row of one JSON value. */
export const planSchema = z.array(z.tuple([z.array(z.object({ Plan: z.object({ "Total Cost": z.number() }) }))]));

export const sqlRowsSchema = z.array(z.array(z.string().nullable()));

export type SqlRole = z.output<typeof sqlRoleSchema>;
export type SqlGranted = z.output<typeof sqlGrantedSchema>;
export type SessionRow = z.output<typeof sessionSchema>;
export type StatementRow = z.output<typeof statementSchema>;
export type TableRow = z.output<typeof tableSchema>;
export type IndexRow = z.output<typeof indexSchema>;
export type ReplicaRow = z.output<typeof replicaSchema>;
export type LockRow = z.output<typeof lockSchema>;
export type ReplicationRow = z.output<typeof replicationSchema>;
export type About = z.output<typeof aboutSchema>;
