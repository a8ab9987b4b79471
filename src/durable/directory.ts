import type { EventRules, Listing } from "./events.ts";
import type { StoreRedaction } from "./event-log.ts";
import type { Migrations, Sql } from "./sql.ts";

/** One delivery of the pager's webhook, verified and parsed. */
export interface Delivery<E> {
  /** The delivery's own id, the same when it is sent again. */
  readonly deliveryId: string;
  /** The event's id, the same when another subscription delivers it too. */
  readonly eventId: string;
  /** The pager's own word for what happened. */
  readonly eventType: string;
  /** When it happened by the pager's clock, epoch milliseconds. */
  readonly occurredAt: number;
  /**
   * The incident with what happened to it, or null for what belongs to no incident (pings, service events, unknown types).
   * `id`: midwatch's own; `pagerId`: the pager's. `title`: what the list calls it until a page comes.
   */
  readonly incident: { readonly id: string; readonly pagerId: string; readonly title: string; readonly event: E } | null;
  /** What people should know of a delivery that belongs to no incident; text from outside. */
  readonly note?: string;
}

/** Something that starts incidents by the clock, at each whole multiple of `everyMs` since 1970 in UTC, moved by `offsetMs`. */
export interface Schedule<E> {
  readonly id: string;
  readonly everyMs: number;
  /** Default: 0. */
  readonly offsetMs?: number;
  /** What it brings at the instant it was due. The same instant must give the same ids of deliveries. Pure, and at once. */
  due(at: number): readonly Delivery<E>[];
}

export interface Received {
  /** True when this delivery, or its event, was here before: nothing was done. */
  readonly repeated: boolean;
  readonly incidentId: string | null;
}

/** One line of the list of incidents. Instants are epoch milliseconds by the pager's clock. */
export interface ListedIncident extends Listing {
  readonly id: string;
  readonly pagerId: string;
  readonly updatedAt: number;
}

export interface IncidentList {
  /** Newest first. */
  readonly incidents: readonly ListedIncident[];
  /** Give it as `before` for the page that follows; null on the last one. */
  readonly next: string | null;
}

export interface ListOptions {
  /** 1 to 200. Default 50. */
  readonly limit?: number;
  readonly before?: string | null;
}

/** A delivery that belongs to no incident. */
export interface NotedDelivery {
  readonly deliveryId: string;
  readonly eventId: string;
  readonly eventType: string;
  readonly occurredAt: number;
  readonly receivedAt: number;
  readonly note: string;
}

export interface DirectoryHost<E> {
  readonly events: EventRules<E>;
  readonly sql: Sql;
  now(): number;
  /**
   * Hands an event to its incident, which counts it once by `key`. A host that can do so at once returns nothing, and it happens within the
   * delivery's own transaction; another returns a promise, and what fails is handed over again later.
   */
  forward(incidentId: string, event: E, key: string): Promise<unknown> | undefined;
  /** Sets the directory's only alarm; null: none. */
  wake(inMs: number | null): void;
  /** Of what the directory itself keeps; the incident is handed the event as it came. */
  readonly redaction?: StoreRedaction<E>;
  /** Default: none. */
  readonly schedules?: readonly Schedule<E>[];
  onError(error: unknown, where: { readonly incidentId: string | null }): void;
}

export const directoryMigrations: Migrations = {
  name: "directory",
  statements: [
    // `event` is kept only until the incident has it. `tries` and `retry_at` are of the handing over.
    `create table delivery(
      id text primary key, event_id text not null unique, event_type text not null, occurred_at integer not null, received_at integer not null,
      incident text, event text, note text not null, tries integer not null, retry_at integer not null)`,
    "create index delivery_waiting on delivery(retry_at) where event is not null",
    "create index delivery_noted on delivery(received_at) where incident is null",
    `create table incident(
      id text primary key, pager_id text not null, title text not null, service text, status text not null, urgency text,
      created_at integer not null, updated_at integer not null, told_at integer)`,
    "create index incident_newest on incident(created_at desc, id desc)",
    "create table address(address text primary key, incident text not null)",
    "create table schedule(id text primary key, due_at integer not null)",
  ],
};

const FORWARD_AGAIN_MS = 5_000;
const LONGEST_BACKOFF_MS = 60_000;

interface IncidentRow {
  id: string;
  pager_id: string;
  title: string;
  service: string | null;
  status: string;
  urgency: string | null;
  created_at: number;
  updated_at: number;
  /** When what the row says of the page was true; null while no event brought a page. */
  told_at: number | null;
}

const toListed = (row: IncidentRow): ListedIncident => ({
  id: row.id,
  pagerId: row.pager_id,
  title: row.title,
  service: row.service,
  status: row.status,
  urgency: row.urgency,
  createdAt: row.created_at,
  updatedAt: row.updated_at,
});

const COLUMNS = "id, pager_id, title, service, status, urgency, created_at, updated_at, told_at";

/**
 * Every delivery that came, each once, and every incident they opened. One event is enough to open an incident, whichever comes first; what
 * the list says of it follows the pager's clock and not the order of arrival.
 */
export class Directory<E> {
  readonly #host: DirectoryHost<E>;

  constructor(host: DirectoryHost<E>) {
    this.#host = host;
  }

  /**
   * Stores a delivery and hands its event to the incident. It may be answered once the host's store has it on the disk, see `Sql.sync`.
   * @throws StoreNotWritableError and then nothing was stored: the sender must send it again
   */
  receive(delivery: Delivery<E>): Received {
    const { sql } = this.#host;
    return sql.tx(() => {
      const { deliveryId, eventId, eventType, occurredAt, incident } = delivery;
      const known = sql.all<{ incident: string | null }>(
        "select incident from delivery where id = ? or event_id = ?",
        deliveryId,
        eventId,
      )[0];
      if (known !== undefined) return { repeated: true, incidentId: known.incident };
      const now = this.#host.now();
      const incidentId = incident?.id ?? null;
      let waiting: string | null = null;
      const { redaction } = this.#host;
      if (incident !== null && incidentId !== null) {
        const kept = redaction?.event(incidentId, incident.event) ?? incident.event;
        this.#list(incident, kept, occurredAt);
        const handing = this.#host.forward(incidentId, incident.event, keyOf(eventId));
        if (handing !== undefined) {
          waiting = JSON.stringify(kept);
          this.#settle(handing, deliveryId, incidentId).catch((error: unknown) => this.#host.onError(error, { incidentId }));
        }
      }
      sql.all(
        "insert into delivery values(?, ?, ?, ?, ?, ?, ?, ?, 0, ?)",
        ...[
          deliveryId,
          eventId,
          eventType,
          occurredAt,
          now,
          incidentId,
          waiting,
          redaction?.text(delivery.note ?? "") ?? delivery.note ?? "",
          now + FORWARD_AGAIN_MS,
        ],
      );
      // The alarm is for what the promise does not live to see.
      if (waiting !== null) this.arm();
      return { repeated: false, incidentId };
    });
  }

  /** Sets the alarm for the first schedule. For the host's start. */
  start(): void {
    const { schedules = [], sql } = this.#host;
    const ids = new Set(schedules.map(({ id }) => id));
    const kept = sql.all<{ id: string }>("select id from schedule");
    if (kept.length === 0 && ids.size === 0) return;
    sql.tx(() => {
      for (const { id } of kept) if (!ids.has(id)) sql.all("delete from schedule where id = ?", id);
      for (const schedule of schedules) {
        // A due time that a process slept through stays; one to come may be of a rhythm that was changed since.
        sql.all(
          "insert into schedule values(?1, ?2) on conflict(id) do update set due_at = ?2 where due_at > ?3",
          ...[schedule.id, this.#nextDue(schedule), this.#host.now()],
        );
      }
    });
    this.arm();
  }

  #nextDue({ everyMs, offsetMs = 0 }: Schedule<E>): number {
    return (Math.floor((this.#host.now() - offsetMs) / everyMs) + 1) * everyMs + offsetMs;
  }

  /** What a schedule brings and its next due time are one transaction: each due time counts once. Of several missed ones the first alone does. */
  #ring(schedule: Schedule<E>): void {
    const { sql } = this.#host;
    const { id } = schedule;
    sql.tx(() => {
      const dueAt = sql.all<{ due_at: number }>("select due_at from schedule where id = ?", id)[0]?.due_at;
      if (dueAt === undefined || dueAt > this.#host.now()) return;
      let deliveries: readonly Delivery<E>[] = [];
      try {
        deliveries = schedule.due(dueAt);
      } catch (error) {
        this.#host.onError(error, { incidentId: null });
      }
      for (const delivery of deliveries) this.receive(delivery);
      sql.all("update schedule set due_at = ? where id = ?", this.#nextDue(schedule), id);
    });
  }

  /** Rings the schedules, and hands over again what has not reached its incident. For the host's alarm. */
  async alarm(): Promise<void> {
    const { sql, schedules = [] } = this.#host;
    for (const schedule of schedules) this.#ring(schedule);
    const due = sql.all<{ id: string; event_id: string; incident: string; event: string }>(
      "select id, event_id, incident, event from delivery where event is not null and retry_at <= ? order by retry_at limit 100",
      this.#host.now(),
    );
    await Promise.all(
      due.map(({ id, event_id, incident, event }) =>
        this.#settle(this.#tryForward(incident, JSON.parse(event) as E, keyOf(event_id)), id, incident),
      ),
    );
    this.arm();
  }

  /** From now on what arrives at this address belongs to this incident. */
  claim(address: string, incidentId: string): void {
    this.#host.sql.tx(() => this.#host.sql.all("insert or replace into address values(?, ?)", address, incidentId));
  }

  /** Whose address this is, or null. */
  incidentAt(address: string): string | null {
    return this.#host.sql.all<{ incident: string }>("select incident from address where address = ?", address)[0]?.incident ?? null;
  }

  find(incidentId: string): ListedIncident | null {
    const row = this.#row(incidentId);
    return row === null ? null : toListed(row);
  }

  list(options: ListOptions = {}): IncidentList {
    const limit = Math.min(200, Math.max(1, Math.trunc(options.limit ?? 50)));
    const before = parseCursor(options.before ?? null);
    const rows =
      before === null
        ? this.#host.sql.all<IncidentRow>(`select ${COLUMNS} from incident order by created_at desc, id desc limit ?`, limit + 1)
        : this.#host.sql.all<IncidentRow>(
            `select ${COLUMNS} from incident where (created_at, id) < (?, ?) order by created_at desc, id desc limit ?`,
            before.createdAt,
            before.id,
            limit + 1,
          );
    const shown = rows.slice(0, limit);
    const last = shown.at(-1);
    return { incidents: shown.map(toListed), next: rows.length > limit && last !== undefined ? `${last.created_at}.${last.id}` : null };
  }

  /** Deliveries that belong to no incident, newest first. */
  noted(limit = 50): NotedDelivery[] {
    return this.#host.sql
      .all<{ id: string; event_id: string; event_type: string; occurred_at: number; received_at: number; note: string }>(
        "select id, event_id, event_type, occurred_at, received_at, note from delivery where incident is null order by received_at desc limit ?",
        limit,
      )
      .map((row) => ({
        deliveryId: row.id,
        eventId: row.event_id,
        eventType: row.event_type,
        occurredAt: row.occurred_at,
        receivedAt: row.received_at,
        note: row.note,
      }));
  }

  #row(incidentId: string): IncidentRow | null {
    return this.#host.sql.all<IncidentRow>(`select ${COLUMNS} from incident where id = ?`, incidentId)[0] ?? null;
  }

  #list({ id, pagerId, title }: NonNullable<Delivery<E>["incident"]>, event: E, occurredAt: number): void {
    const known = this.#row(id);
    const { events } = this.#host;
    const page = events.listed(event);
    const isNews =
      page !== null &&
      (known === null ||
        known.told_at === null ||
        occurredAt > known.told_at ||
        (occurredAt === known.told_at && events.rank(page.status) > events.rank(known.status)));
    const told = isNews ? page : null;
    this.#host.sql.all(
      "insert or replace into incident values(?, ?, ?, ?, ?, ?, ?, ?, ?)",
      ...[id, pagerId],
      ...[told?.title ?? known?.title ?? page?.title ?? title],
      ...[told?.service ?? known?.service ?? null, told?.status ?? known?.status ?? "triggered", told?.urgency ?? known?.urgency ?? null],
      ...[page?.createdAt ?? known?.created_at ?? occurredAt, Math.max(occurredAt, known?.updated_at ?? occurredAt)],
      isNews ? occurredAt : (known?.told_at ?? null),
    );
  }

  /** As `forward`, but an error is always the promise's. */
  async #tryForward(incidentId: string, event: E, key: string): Promise<void> {
    await this.#host.forward(incidentId, event, key);
  }

  async #settle(handing: Promise<unknown>, deliveryId: string, incidentId: string): Promise<void> {
    const { sql } = this.#host;
    try {
      await handing;
      sql.tx(() => sql.all("update delivery set event = null where id = ?", deliveryId));
    } catch (error) {
      this.#host.onError(error, { incidentId });
      sql.tx(() =>
        sql.all(
          "update delivery set tries = tries + 1, retry_at = ?2 + min(?3, 1000 * (1 << min(tries, 10))) where id = ?1 and event is not null",
          ...[deliveryId, this.#host.now(), LONGEST_BACKOFF_MS],
        ),
      );
      this.arm();
    }
  }

  /** Sets the alarm for what is due next. */
  arm(): void {
    const next =
      this.#host.sql.all<{ at: number | null }>(
        "select min(at) at from (select min(retry_at) at from delivery where event is not null union all select min(due_at) from schedule)",
      )[0]?.at ?? null;
    this.#host.wake(next === null ? null : Math.max(0, next - this.#host.now()));
  }
}

/** Source keys of events that a delivery brought begin so. */
export const DELIVERED = "pager:";

const keyOf = (eventId: string): string => `${DELIVERED}${eventId}`;

function parseCursor(text: string | null): { createdAt: number; id: string } | null {
  const found = text === null ? null : /^(\d+)\.(.+)$/s.exec(text);
  return found?.[1] === undefined || found[2] === undefined ? null : { createdAt: Number(found[1]), id: found[2] };
}
