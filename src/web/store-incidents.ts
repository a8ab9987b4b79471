import type { IncidentStore } from "../incident/store.ts";
import { toStatus } from "../incident/status.ts";
import type { EvidenceQueries } from "../investigation/evidence.ts";
import type { Incidents } from "./incidents.ts";

/** The pages' view of a store. The list shows the newest incidents; older ones keep their own address. */
export function storeIncidents(store: IncidentStore<EvidenceQueries>, shown = 50): Incidents {
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
      const log = await store.read(id);
      const stop = new AbortController();
      void (async () => {
        try {
          for await (const event of store.follow(id, log.at(-1)?.seq ?? 0, stop.signal)) listener(event);
        } catch (error) {
          if (!stop.signal.aborted) throw error;
        }
      })();
      return () => stop.abort();
    },
    evidence: (id, number) => store.query(id, "evidence", number),
    evidenceIndex: async (id) => (await store.query(id, "evidenceIndex", null)) ?? [],
  };
}
