import type { AuditRecord } from "./audit.ts";
import type { Delivery, IncidentList, ListedIncident, ListOptions, NotedDelivery, Received, Schedule } from "./directory.ts";
import type { Plan } from "./actor.ts";
import type { StoreRedaction } from "./event-log.ts";
import type { EventRules, Logged } from "./events.ts";
import type { Migrations, Sql } from "./sql.ts";

/**
 * Questions that routes may ask an incident's own database, by name: the evidence ledger's, for example. The database may be in another
 * machine, so arguments and answers are plain data.
 */
export type Queries = Readonly<Record<string, (sql: Sql, incidentId: string, argument: never) => unknown>>;

/**
 * Asks a query by its name; null for an unknown incident.
 * @throws Error when there is no such query
 */
export async function ask(
  queries: Queries | undefined,
  sql: Sql,
  incidentId: string | null,
  name: string,
  argument: unknown,
): Promise<unknown> {
  const query = queries?.[name];
  if (query === undefined) throw new Error(`There is no query named ${name}.`);
  return incidentId === null ? null : query(sql, incidentId, argument as never);
}

export type QueryArgument<Q extends Queries, N extends keyof Q> = Parameters<Q[N]>[2];
export type QueryAnswer<Q extends Queries, N extends keyof Q> = Awaited<ReturnType<Q[N]>>;

/** What both hosts are given. */
export interface HostOptions<E, Q extends Queries = Record<never, never>> {
  readonly events: EventRules<E>;
  readonly plan: Plan<E>;
  /** Errors that people who run midwatch should see. `incidentId` is null for those of the host itself. */
  readonly onError: (error: unknown, where: { readonly incidentId: string | null; readonly step: string | null }) => void;
  /** Tables of other parts that live in the same database. */
  readonly migrations?: readonly Migrations[];
  readonly queries?: Q;
  /** Default: everything is kept as it is. */
  readonly redaction?: StoreRedaction<E>;
  /** What the directory rings by itself; on Workers from the first request on. */
  readonly schedules?: readonly Schedule<E>[];
  readonly now?: () => number;
  /** Takes this process's own credentials out of what the audit keeps. */
  readonly redact?: (text: string) => string;
  /** See OutboxOptions. */
  readonly settleMs?: number;
}

/** What routes see of all incidents, wherever they live: one SQLite file on Node, a Durable Object each on Cloudflare. */
export interface Store<E, Q extends Queries = Record<never, never>> {
  /**
   * Stores a pager's delivery; when the promise is fulfilled it is safe and may be answered.
   * @throws StoreNotWritableError: it is not known to be stored, answer 503 so that it is sent again; the same delivery counts once
   */
  receive(delivery: Delivery<E>): Promise<Received>;
  /**
   * Delivers an event to an incident: a person's reply, a button.
   * @param sourceKey counts once however often it arrives (Slack's event_id)
   * @throws StoreNotWritableError: it is not known to be stored
   */
  tell(incidentId: string, events: readonly E[], sourceKey: string): Promise<"stored" | "repeated" | "unknown">;
  /** Whose address this is ("slack:C0123:1712345678.000100"), or null. */
  incidentAt(address: string): Promise<string | null>;
  /** Newest first. */
  list(options?: ListOptions): Promise<IncidentList>;
  find(incidentId: string): Promise<ListedIncident | null>;
  /** Deliveries that belong to no incident, newest first. */
  noted(limit?: number): Promise<readonly NotedDelivery[]>;
  /** The log after `sinceSeq` (0: whole), oldest first; empty for an unknown incident. */
  read(incidentId: string, sinceSeq?: number): Promise<readonly Logged<E>[]>;
  /** The log after `sinceSeq`, then each new event as it comes; ends when the signal is aborted or the store closes, at once for an unknown incident. */
  follow(incidentId: string, sinceSeq: number, signal: AbortSignal): AsyncIterable<Logged<E>>;
  /**
   * Adds to the audit that an incident is part of: a person's decision, a look at what is not everybody's to see.
   * @throws StoreNotWritableError: then the call or decision must not happen
   */
  audit(incidentId: string, record: AuditRecord): Promise<void>;
  /** Asks an incident's database; null for an unknown incident. */
  query<N extends keyof Q & string>(incidentId: string, name: N, argument: QueryArgument<Q, N>): Promise<QueryAnswer<Q, N> | null>;
}
