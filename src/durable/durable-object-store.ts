import type { Backlog } from "./admission.ts";
import type { AuditRecord } from "./audit.ts";
import type { Logged } from "./events.ts";
import { type AuditCalls, DIRECTORY_NAME, type ObjectBindings, type Stub } from "./object-calls.ts";
import { StoreNotWritableError } from "./sql.ts";
import type { Queries, Store } from "./store.ts";

/* The Durable Objects as the Worker's routes use them. */

async function* readLines(stream: ReadableStream<Uint8Array>, signal: AbortSignal): AsyncGenerator<string, void, undefined> {
  const reader = stream.getReader();
  const onAbort = () => void reader.cancel().catch(() => undefined);
  if (signal.aborted) onAbort();
  else signal.addEventListener("abort", onAbort, { once: true });
  const decoder = new TextDecoder();
  let rest = "";
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      const lines = (rest + decoder.decode(value, { stream: true })).split("\n");
      rest = lines.pop() ?? "";
      yield* lines;
    }
  } finally {
    signal.removeEventListener("abort", onAbort);
    onAbort();
  }
}

/** Heavy work that waits. @throws an error where the directory's object does not answer */
export const backlogOf = <E>(env: ObjectBindings<E>): Promise<Backlog> => env.DIRECTORY.getByName(DIRECTORY_NAME).backlog();

/** A chain of the audit: an incident's by its id, or the directory's own. */
export type Chain = string | null;

/** What people who run midwatch may do with all objects, through the two bindings. */
export function upkeepOf<E>(env: ObjectBindings<E>) {
  const directory = () => env.DIRECTORY.getByName(DIRECTORY_NAME);
  const of = (chain: Chain): Stub<AuditCalls> => (chain === null ? directory() : env.INCIDENT.getByName(chain));
  return {
    /** Ends an incident's step under way, and deletes it. */
    delete: (incident: string, by: string) => env.INCIDENT.getByName(incident).delete(by),
    /** See `DirectoryKeeping`. */
    chains: (after: string, limit: number) => directory().chains(after, limit),
    auditPage: (chain: Chain, after: number) => of(chain).auditPage(after),
    auditCheck: (chain: Chain, known: string | null) => of(chain).auditCheck(known),
    /** Adds to the directory's audit. */
    audit: (record: AuditRecord) => directory().audit(record),
    /** Reports what this isolate has counted. */
    report: (counted: string) => directory().report(counted, null),
    totals: () => directory().totals(),
  };
}

export type Upkeep = ReturnType<typeof upkeepOf>;

/** All incidents as routes see them, through the two bindings. */
export function durableStore<E, Q extends Queries = Record<never, never>>(env: ObjectBindings<E>): Store<E, Q> {
  const directory = () => env.DIRECTORY.getByName(DIRECTORY_NAME);
  const incident = (id: string) => env.INCIDENT.getByName(id);
  // An error loses its class on its way here, and any failure means that nothing is known to be stored.
  const stored = async <T>(work: Promise<T>): Promise<T> => {
    try {
      return await work;
    } catch (cause) {
      throw new StoreNotWritableError(`The Durable Object did not store it: ${cause instanceof Error ? cause.message : String(cause)}`, {
        cause,
      });
    }
  };
  return {
    receive: (delivery) => stored(directory().receive(delivery)),
    tell: (id, events, sourceKey) => stored(incident(id).tell(events, sourceKey)),
    audit: (id, record) => stored(incident(id).audit(record)),
    incidentAt: (address) => directory().incidentAt(address),
    list: (options) => directory().list(options),
    find: (id) => directory().find(id),
    noted: (limit) => directory().noted(limit),
    read: (id, sinceSeq) => incident(id).read(sinceSeq ?? 0),
    async *follow(id, sinceSeq, signal) {
      let seq = sinceSeq;
      while (!signal.aborted) {
        const stream = await incident(id).follow(seq);
        if (stream === null) return;
        for await (const line of readLines(stream, signal)) {
          const logged = JSON.parse(line) as Logged<E>;
          yield logged;
          seq = logged.seq;
        }
      }
    },
    query: async (id, name, argument) => (await incident(id).query(name, argument)) as never,
  };
}
