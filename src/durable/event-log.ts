import type { Logged } from "./events.ts";
import type { Migrations, Sql } from "./sql.ts";

export const eventLogMigrations: Migrations = {
  name: "event-log",
  statements: [
    `create table event(
      incident text not null, seq integer not null, at integer not null, body text not null, source_key text, primary key(incident, seq))`,
    "create unique index event_source on event(incident, source_key) where source_key is not null",
  ],
};

interface EventRow {
  seq: number;
  at: number;
  body: string;
}

/** Takes out of what is kept what must not be kept. Doing so twice changes nothing more. */
export interface StoreRedaction<E> {
  event(incidentId: string, event: E): E;
  /** Of no incident. */
  text(text: string): string;
  /** Writes what was taken out of the incident's events, if it is kept at all; called in the transaction that keeps the event. */
  keep(sql: Sql, incidentId: string): void;
}

const asItIs = { event: <E>(_incidentId: string, event: E): E => event, text: (text: string) => text, keep: () => undefined };

/** The append-only logs of all incidents in one store. Nothing here changes or removes an event. */
export class EventLog<E> {
  readonly #sql: Sql;
  readonly #redaction: StoreRedaction<E>;
  readonly #readable: (event: E) => E;
  readonly #listeners = new Set<(incidentId: string) => void>();
  #changed: Set<string> | null = null;

  /** @param options default: events are kept and read as they are */
  constructor(sql: Sql, options: { readonly redaction?: StoreRedaction<E> | undefined; readonly readable?: (event: E) => E } = {}) {
    this.#sql = sql;
    this.#redaction = options.redaction ?? asItIs;
    this.#readable = options.readable ?? ((event) => event);
  }

  /** A text of no event as it may be kept. */
  redacted(text: string): string {
    return this.#redaction.text(text);
  }

  /**
   * Adds an event at the end, under the next number without a gap.
   * @param at epoch milliseconds
   * @param sourceKey what identifies the event when it arrives twice (a webhook's event id, Slack's event_id), or null
   * @returns the event as it is kept, with its place, or null when the incident already has one with this key
   */
  append(incidentId: string, told: E, at: number, sourceKey: string | null): Logged<E> | null {
    if (sourceKey !== null && this.has(incidentId, sourceKey)) return null;
    const event = this.#redaction.event(incidentId, told);
    const row = this.#sql.all<{ seq: number }>(
      `insert into event select ?1, coalesce(max(seq), 0) + 1, ?2, ?3, ?4 from event where incident = ?1 on conflict do nothing returning seq`,
      incidentId,
      at,
      JSON.stringify(event),
      sourceKey,
    )[0];
    if (row === undefined) return null;
    this.#redaction.keep(this.#sql, incidentId);
    this.#tell(incidentId);
    return { seq: row.seq, at, event };
  }

  has(incidentId: string, sourceKey: string): boolean {
    return this.#sql.all("select 1 from event where incident = ? and source_key = ?", incidentId, sourceKey).length > 0;
  }

  /** All events after `sinceSeq`, oldest first. */
  read(incidentId: string, sinceSeq = 0): Logged<E>[] {
    return this.#sql
      .all<EventRow>("select seq, at, body from event where incident = ? and seq > ? order by seq", incidentId, sinceSeq)
      .map(({ seq, at, body }) => ({ seq, at, event: this.#readable(JSON.parse(body) as E) }));
  }

  /** Number of the last event, 0 when there is none. */
  lastSeq(incidentId: string): number {
    return this.#sql.all<{ seq: number }>("select coalesce(max(seq), 0) seq from event where incident = ?", incidentId)[0]?.seq ?? 0;
  }

  /**
   * Calls back with the id of an incident that has new events: a hint to read, which comes after the transaction has ended.
   * @returns ends the subscription
   */
  subscribe(listener: (incidentId: string) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** The events after `sinceSeq`, then each new one as it comes, until the signal is aborted. */
  async *follow(incidentId: string, sinceSeq: number, signal: AbortSignal): AsyncGenerator<Logged<E>, void, undefined> {
    let changed = false;
    let resume = (): void => undefined;
    const wake = () => {
      changed = true;
      resume();
    };
    const unsubscribe = this.subscribe((id) => {
      if (id === incidentId) wake();
    });
    signal.addEventListener("abort", wake, { once: true });
    try {
      let seq = sinceSeq;
      while (!signal.aborted) {
        changed = false;
        for (const logged of this.read(incidentId, seq)) {
          yield logged;
          if (signal.aborted) return;
          seq = logged.seq;
        }
        // oxlint-disable-next-line typescript/no-unnecessary-condition -- a listener sets it while a yield waits
        if (!changed) await new Promise<void>((resolve) => (resume = resolve));
      }
    } finally {
      unsubscribe();
      signal.removeEventListener("abort", wake);
    }
  }

  // Transactions are synchronous, so a microtask runs when the one that appended has ended: well, or undone, in which case a reader finds nothing.
  #tell(incidentId: string): void {
    if (this.#listeners.size === 0) return;
    if (this.#changed !== null) {
      this.#changed.add(incidentId);
      return;
    }
    this.#changed = new Set([incidentId]);
    queueMicrotask(() => {
      const changed = this.#changed ?? [];
      this.#changed = null;
      for (const id of changed) for (const listener of this.#listeners) listener(id);
    });
  }
}
