import { DurableObject, type DurableObjectState } from "cloudflare:workers";
import { Admission, admissionMigrations, type Backlog } from "./admission.ts";
import { type AuditCheck, AuditLog, auditMigrations, auditPage, type AuditRecord, type ChainedEntry, verifyAudit } from "./audit.ts";
import { Board, boardMigrations, type Claim, type Following, type Pinned } from "./board.ts";
import { DirectoryKeeping, directoryKeepingMigrations } from "./directory-keeping.ts";
import { type Delivery, Directory, directoryMigrations, type ListOptions, type Received } from "./directory.ts";
import { durableSqlite } from "./durable-sqlite.ts";
import type { Standing } from "./events.ts";
import { Reported, reportedMigrations, type Sizes } from "./measuring.ts";
import {
  ALARM_AGAIN_MS,
  alarmOf,
  type DirectoryCalls,
  type DirectoryTotals,
  type ObjectBindings,
  type ObjectDeps,
} from "./object-calls.ts";
import { type Refused, type Reservation, SharedBudget, sharedBudgetMigrations } from "./shared-budget.ts";
import { migrate, type Sql } from "./sql.ts";
import type { Queries } from "./store.ts";

const directoryTables = [
  ...[directoryMigrations, boardMigrations, sharedBudgetMigrations, admissionMigrations],
  ...[auditMigrations, directoryKeepingMigrations, reportedMigrations],
];

const earlier = (one: number | null, other: number | null): number | null =>
  one === null || other === null ? (one ?? other) : Math.min(one, other);

/** The directory, with its own SQLite and alarm. */
export class DirectoryOfAll<Env extends ObjectBindings<E>, E, Q extends Queries> extends DurableObject<Env> implements DirectoryCalls<E> {
  readonly #directory: Directory<E>;
  readonly #board: Board;
  readonly #budget: SharedBudget;
  readonly #admission: Admission;
  readonly #keeping: DirectoryKeeping;
  readonly #reported: Reported;
  readonly #sql: Sql;
  readonly #audit: AuditLog;
  readonly #deps: ObjectDeps<E, Q>;

  constructor(ctx: DurableObjectState, env: Env, deps: ObjectDeps<E, Q>) {
    super(ctx, env);
    const { now = Date.now, events, redaction, schedules = [] } = deps;
    const sql = durableSqlite(ctx.storage);
    migrate(sql, directoryTables);
    this.#sql = sql;
    this.#deps = deps;
    this.#audit = new AuditLog({
      ...{ sql, now, redact: deps.redact },
      onError: (error) => deps.onError(error, { incidentId: null, step: null }),
    });
    this.#keeping = new DirectoryKeeping({
      ...{ sql, now, keeping: deps.keeping },
      look: (incident) => env.INCIDENT.getByName(incident).keepingChanged(),
    });
    this.#admission = new Admission(sql, now);
    this.#reported = new Reported(sql);
    this.#board = new Board(sql, now);
    this.#budget = new SharedBudget(sql, now);
    const setAlarm = alarmOf(ctx.storage);
    this.#directory = new Directory({
      ...{ sql, now, events, schedules },
      wake: (inMs) => setAlarm(earlier(inMs === null ? null : now() + inMs, this.#keeping.dueAt())),
      forward: (incidentId, event, key) => env.INCIDENT.getByName(incidentId).receive(incidentId, [event], key),
      ...(redaction === undefined ? {} : { redaction }),
      onError: (error, { incidentId }) => deps.onError(error, { incidentId, step: null }),
    });
    this.#directory.start();
    this.#directory.arm();
  }

  receive(delivery: Delivery<E>): Received {
    return this.#directory.receive(delivery);
  }
  claim(address: string, incidentId: string): void {
    this.#directory.claim(address, incidentId);
  }
  incidentAt(address: string) {
    return this.#directory.incidentAt(address);
  }
  list(options?: ListOptions) {
    return this.#directory.list(options);
  }
  find(incidentId: string) {
    return this.#directory.find(incidentId);
  }
  noted(limit?: number) {
    return this.#directory.noted(limit);
  }
  pinned(incidentId: string, since: number): readonly Pinned[] {
    return this.#board.pinned(incidentId, since);
  }
  pin(incidentId: string, card: unknown): void {
    this.#board.pin(incidentId, card);
  }
  follow(incidentId: string, lead: string): Following {
    return this.#board.follow(incidentId, lead);
  }
  leave(incidentId: string): void {
    this.#board.leave(incidentId);
  }
  claimAlone(incidentId: string, key: string): Claim {
    return this.#board.claim(incidentId, key);
  }
  note(incidentId: string, key: string, note: string | null): void {
    this.#board.note(incidentId, key, note);
  }
  reserve(incidentId: string, asked: Reservation): Refused {
    return this.#budget.reserve(incidentId, asked);
  }
  settle(incidentId: string, key: string, spent: number): void {
    this.#budget.settle(incidentId, key, spent);
  }
  enter(incidentId: string, standing: Standing): boolean {
    return this.#admission.enter(incidentId, standing);
  }
  backlog(): Backlog {
    return this.#admission.backlog();
  }
  forget(incident: string, before: number | null): boolean {
    return this.#keeping.forget(incident, before);
  }
  chains(after: string, limit: number): readonly string[] {
    return this.#keeping.chains(after, limit);
  }
  audit(record: AuditRecord): void {
    this.#audit.append(record, null);
  }
  report(counted: string | null, of: { readonly incident: string; readonly sizes: Sizes | null } | null): void {
    const { measuring } = this.#deps;
    if (counted !== null && measuring !== undefined) this.#reported.add(counted, measuring.add);
    if (of !== null) this.#reported.resize(of.incident, of.sizes);
  }
  totals(): DirectoryTotals {
    const totals = this.#reported.totals();
    const databaseBytes = totals.databaseBytes + this.ctx.storage.sql.databaseSize;
    return { ...totals, databaseBytes, running: this.#admission.backlog().running, queue: this.#admission.queue() };
  }
  auditPage(after: number): readonly ChainedEntry[] {
    return auditPage(this.#sql, after);
  }
  auditCheck(known: string | null): AuditCheck {
    return verifyAudit(this.#sql, known);
  }
  async leaveRoom(incidentId: string): Promise<void> {
    const next = this.#admission.leave(incidentId);
    // A call that is lost is made up for: who waits asks again.
    if (next !== null)
      await this.env.INCIDENT.getByName(next)
        .admitted()
        .catch((error: unknown) => this.#deps.onError(error, { incidentId: next, step: null }));
  }

  override async alarm(): Promise<void> {
    try {
      await this.#directory.alarm();
      await this.#keeping.alarm();
      this.#directory.arm();
    } catch (error) {
      this.#deps.onError(error, { incidentId: null, step: null });
      void this.ctx.storage.setAlarm((this.#deps.now ?? Date.now)() + ALARM_AGAIN_MS);
    }
  }
}
