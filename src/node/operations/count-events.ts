import type { Sql } from "../../durable/sql.ts";
import type { Metrics } from "../../operations/metrics.ts";
import type { StoredEvent } from "./follow-store.ts";

const MOST_REMEMBERED = 10_000;

/** Counts events of a store that holds all incidents. Which were acknowledged is remembered, as no log is read for it. */
export function eventCounter(metrics: Metrics, { sql }: { readonly sql: Sql }): (stored: StoredEvent) => void {
  const acknowledged = new Set<string>();
  return (stored) => {
    const { incidentId } = stored;
    metrics.happened({
      stored,
      openedAt: () => sql.all<{ at: number }>("select at from event where incident = ? and seq = 1", incidentId)[0]?.at ?? null,
      isFirstAcknowledgement() {
        if (acknowledged.has(incidentId)) return false;
        if (acknowledged.size >= MOST_REMEMBERED) acknowledged.clear();
        acknowledged.add(incidentId);
        return true;
      },
    });
  };
}
