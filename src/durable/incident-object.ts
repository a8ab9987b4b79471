import { DurableObject, type DurableObjectState } from "cloudflare:workers";
import { Actor, actorMigrations } from "./actor.ts";
import { ASKS_AGAIN_MS } from "./admission.ts";
import { type AuditCheck, AuditLog, auditPage, type AuditRecord, type ChainedEntry, verifyAudit } from "./audit.ts";
import type { Others } from "./board.ts";
import { durableSqlite } from "./durable-sqlite.ts";
import { EventLog } from "./event-log.ts";
import type { Logged, Standing } from "./events.ts";
import { IncidentKeeping, incidentKeepingMigrations } from "./incident-keeping.ts";
import { measuredMigrations, type Measuring, outboxBacklog, type Sizes, takeNews } from "./measuring.ts";
import { ALARM_AGAIN_MS, alarmOf, DIRECTORY_NAME, type IncidentCalls, type ObjectBindings, type ObjectDeps } from "./object-calls.ts";
import { sleep } from "./sleep.ts";
import { migrate, type Sql } from "./sql.ts";
import { ask, type Queries } from "./store.ts";

/** Below the platform's six: a step that ends its object each time is given up while there is still an alarm to do it in. */
const LONGEST_CUT_ROW = 4;
const FOLLOW_MS = 60_000;
/** Of an incident whose log says nothing of it. */
const DEFAULT_STANDING: Standing = { rank: 3, kind: "" };
const NO_AUDIT: AuditCheck = { entries: 0, head: null, broken: null, cuts: [], unfinished: [], lost: 0 };

/** One incident: an actor with its own SQLite and alarm. */
export class IncidentOfOne<Env extends ObjectBindings<E>, E, Q extends Queries> extends DurableObject<Env> implements IncidentCalls<E> {
  readonly #sql: Sql;
  readonly #log: EventLog<E>;
  readonly #audit: AuditLog;
  readonly #deps: ObjectDeps<E, Q>;
  readonly #now: () => number;
  readonly #keeping: IncidentKeeping;
  readonly #setAlarm: (at: number | null) => void;
  /** The plan has nothing to do until something is received. */
  #isAtRest = false;
  /** Sizes that the directory knows, as text. */
  #reported: string | null = null;
  /** Ends the step under way as if it had never begun. */
  #step = new AbortController();
  #ready = false;
  #known: Actor<E> | null = null;
  /** Whether the directory gave it room for heavy work, and whether the plan asked for it at this alarm. */
  #room: "none" | "asked" | "given" | "used" = "none";

  constructor(ctx: DurableObjectState, env: Env, deps: ObjectDeps<E, Q>) {
    super(ctx, env);
    this.#deps = deps;
    this.#now = deps.now ?? Date.now;
    this.#sql = durableSqlite(ctx.storage);
    this.#log = new EventLog(this.#sql, { redaction: deps.redaction, readable: deps.events.readable });
    // Not held: an object may end without a word, and its writes are put together by the platform.
    this.#audit = new AuditLog({
      ...{ sql: this.#sql, now: this.#now, redact: deps.redact },
      onError: (error) => deps.onError(error, { incidentId: this.#id(), step: null }),
    });
    this.#setAlarm = alarmOf(ctx.storage);
    this.#keeping = new IncidentKeeping({
      ...{ sql: this.#sql, audit: this.#audit, keeping: deps.keeping, now: this.#now },
      forget: (incident, before) => env.DIRECTORY.getByName(DIRECTORY_NAME).forget(incident, before),
    });
  }

  receive(incidentId: string, events: readonly E[], sourceKey: string): boolean {
    this.#prepare();
    return this.#actor(incidentId).receive(events, sourceKey);
  }

  tell(events: readonly E[], sourceKey: string): "stored" | "repeated" | "unknown" {
    const id = this.#id();
    if (id === null) return "unknown";
    return this.receive(id, events, sourceKey) ? "stored" : "repeated";
  }

  audit(record: AuditRecord): void {
    const id = this.#id();
    if (id !== null) this.#audit.append(record, { incidentId: id, step: null });
  }

  auditPage(after: number): readonly ChainedEntry[] {
    return this.#isEmpty() ? [] : auditPage(this.#sql, after);
  }

  auditCheck(known: string | null): AuditCheck {
    return this.#isEmpty() ? NO_AUDIT : verifyAudit(this.#sql, known);
  }

  delete(by: string): "wanted" | "unknown" {
    if (this.#id() === null) return "unknown";
    this.#keeping.want(by);
    this.#wake(0);
    this.#step.abort(new Error(`${this.#id()} was stopped`));
    return "wanted";
  }

  keepingChanged(): void {
    if (!this.#isEmpty()) this.#wake(0);
  }

  read(sinceSeq: number): readonly Logged<E>[] {
    const id = this.#id();
    return id === null ? [] : this.#log.read(id, sinceSeq);
  }

  follow(sinceSeq: number): ReadableStream<Uint8Array> | null {
    const id = this.#id();
    if (id === null) return null;
    const end = new AbortController();
    // The platform does not always tell that a reader went away. One that is still there asks again; others do not keep the object awake.
    const timer = setTimeout(() => end.abort(), this.#deps.followMs ?? FOLLOW_MS);
    const events = this.#log.follow(id, sinceSeq, end.signal);
    const encoder = new TextEncoder();
    let isCancelled = false;
    return new ReadableStream({
      type: "bytes",
      async pull(controller) {
        const next = await events.next();
        if (next.done !== true) controller.enqueue(encoder.encode(`${JSON.stringify(next.value)}\n`));
        else if (!isCancelled) controller.close();
      },
      cancel: () => {
        isCancelled = true;
        clearTimeout(timer);
        end.abort();
      },
    });
  }

  query(name: string, argument: unknown): Promise<unknown> {
    return ask(this.#deps.queries, this.#sql, this.#id(), name, argument);
  }

  override async alarm(): Promise<void> {
    if (this.#isEmpty()) return;
    const id = this.#id();
    try {
      this.#isAtRest = id === null;
      if (this.#room === "asked") this.#room = "none";
      this.#step = new AbortController();
      if (id !== null && !this.#keeping.isWanted()) await this.#actor(id).alarm(this.#step.signal);
      if (id !== null) await this.#askForRoom(id);
      const lookAt = await this.#keeping.look(this.#isAtRest);
      // Else something was received meanwhile, and its alarm must stay.
      if (this.#isAtRest || this.#keeping.isWanted() || this.#id() === null) this.#setAlarm(lookAt);
    } catch (error) {
      this.#deps.onError(error, { incidentId: id, step: null });
      this.#setAlarm(this.#now() + ALARM_AGAIN_MS);
    }
    // The next step need not wait for it.
    if (id !== null)
      this.ctx.waitUntil(this.#report(id).catch((error: unknown) => this.#deps.onError(error, { incidentId: id, step: null })));
  }

  /** Counts what is new since the last alarm, and reports it to the directory with what else this isolate has counted. */
  async #report(id: string): Promise<void> {
    const { measuring } = this.#deps;
    if (measuring === undefined) return;
    const isThere = this.#id() !== null;
    measuring.happened(id, takeNews(this.#sql, this.#log, id), () => this.#log.read(id));
    const counted = await measuring.take();
    const sizes = isThere && measuring.wantsSizes ? this.#sizes(measuring) : null;
    const text = JSON.stringify(sizes);
    const isResized = measuring.wantsSizes && text !== this.#reported;
    if (counted === null && !isResized) return;
    await this.env.DIRECTORY.getByName(DIRECTORY_NAME).report(counted, isResized ? { incident: id, sizes } : null);
    this.#reported = text;
  }

  #sizes(measuring: Measuring<E>): Sizes {
    const { waiting, since } = outboxBacklog(this.#sql);
    return {
      evidenceBytes: measuring.evidenceBytes(this.#sql),
      databaseBytes: this.ctx.storage.sql.databaseSize,
      ...{ outboxWaiting: waiting, outboxSince: since },
    };
  }

  #wake(inMs: number | null): void {
    this.#isAtRest = inMs === null;
    const at = inMs === null ? this.#keeping.dueAt() : this.#now() + inMs;
    // Whatever the plan waits for, it is deleted first.
    this.#setAlarm(this.#keeping.isWanted() ? this.#now() : at);
  }

  admitted(): void {
    if (this.#room !== "used") this.#room = "given";
    this.#wake(0);
  }

  #mayBeHeavy(): boolean {
    const isGiven = this.#room === "given";
    this.#room = isGiven ? "used" : "asked";
    return isGiven;
  }

  /** After each alarm: asks the directory for the room that the plan wanted, or gives back what it had. */
  async #askForRoom(id: string): Promise<void> {
    const directory = this.env.DIRECTORY.getByName(DIRECTORY_NAME);
    if (this.#room === "asked") {
      // Set before the question: whatever is received meanwhile sets it to an earlier time.
      this.#wake(ASKS_AGAIN_MS);
      const standing = this.#log.read(id).map(({ event }) => this.#deps.events.standing(event));
      if (await directory.enter(id, standing.findLast((one) => one !== null) ?? DEFAULT_STANDING)) this.admitted();
    } else if (this.#room !== "none") {
      this.#room = "none";
      await directory.leaveRoom(id);
    }
  }

  /** Tables are made by the first event and not by a question: asking for an incident that never was must leave nothing behind. */
  #prepare(): void {
    if (!this.#ready)
      migrate(this.#sql, [...actorMigrations, incidentKeepingMigrations, measuredMigrations, ...(this.#deps.migrations ?? [])]);
    this.#ready = true;
  }

  /** Nothing ever came. */
  #isEmpty(): boolean {
    if (this.#ready) return false;
    if (this.#sql.all("select 1 from sqlite_master where name = 'migrations'").length === 0) return true;
    this.#prepare();
    return false;
  }

  /** null: it never was, or it was deleted. */
  #id(): string | null {
    if (this.#isEmpty()) return null;
    return this.#sql.all<{ incident: string }>("select incident from event limit 1")[0]?.incident ?? null;
  }

  #actor(id: string): Actor<E> {
    const { events, plan, onError, settleMs } = this.#deps;
    this.#known ??= new Actor(id, plan, {
      ...{ events, sql: this.#sql, log: this.#log, now: this.#now, sleep, audit: this.#audit, onError },
      wake: (inMs) => this.#wake(inMs),
      claim: (address) => this.env.DIRECTORY.getByName(DIRECTORY_NAME).claim(address, id),
      others: this.#others(id),
      mayBeHeavy: () => this.#mayBeHeavy(),
      longestCutRow: LONGEST_CUT_ROW,
      ...(settleMs === undefined ? {} : { settleMs }),
    });
    return this.#known;
  }

  #others(id: string): Others<E> {
    const board = () => this.env.DIRECTORY.getByName(DIRECTORY_NAME);
    return {
      pinned: (since) => board().pinned(id, since),
      pin: (card) => board().pin(id, card),
      follow: (lead) => board().follow(id, lead),
      leave: () => board().leave(id),
      claim: (key) => board().claimAlone(id, key),
      note: (key, note) => board().note(id, key, note),
      reserve: (asked) => board().reserve(id, asked),
      settle: (key, spent) => board().settle(id, key, spent),
      tell: (other, events, key) => this.env.INCIDENT.getByName(other).tell(events, key),
    };
  }
}
