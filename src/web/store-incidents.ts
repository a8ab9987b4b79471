import { type AuditQueries, auditQueries } from "../durable/audit.ts";
import type { IncidentStore } from "../store/incident-store.ts";
import { toStatus } from "../report/status.ts";
import { type EvidenceQueries, evidenceQueries } from "../store/evidence.ts";
import type { Incidents } from "./incidents.ts";

/** All that the pages ask an incident's store. */
export const pageQueries = { ...evidenceQueries, ...auditQueries };
export type PageQueries = EvidenceQueries & AuditQueries;

/** The pages' view of a store. The list shows the newest incidents; older ones keep their own address. */
export function storeIncidents(store: IncidentStore<PageQueries>, shown = 50): Incidents {
  return {
    async list() {
      const { incidents } = await store.list({ limit: shown });
      return Promise.all(incidents.map(async ({ id }) => ({ id, status: toStatus(await store.read(id)) })));
    },
    async log(id) {
      const log = await store.read(id);
      return log.length === 0 ? null : log;
    },
    async subscribe(id, listener) {
      // The number alone: what is listened to for hours must not hold the log.
      const since = (await store.read(id)).at(-1)?.seq ?? 0;
      const stop = new AbortController();
      void (async () => {
        try {
          for await (const event of store.follow(id, since, stop.signal)) listener(event);
        } catch (error) {
          if (!stop.signal.aborted) throw error;
        }
      })();
      return () => stop.abort();
    },
    evidence: (id, number) => store.query(id, "evidence", number),
    audit: (id) => store.query(id, "audit", null),
    evidenceIndex: async (id) => (await store.query(id, "evidenceIndex", null)) ?? [],
  };
}
