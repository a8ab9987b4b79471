import type { Sql } from "../../durable/sql.ts";
import type { IncidentEvent, LoggedEvent } from "../../incident/event.ts";
import { readable } from "../../incident/old-event.ts";

/** A new event of any incident. */
export interface StoredEvent extends LoggedEvent {
  readonly incidentId: string;
}

const SOON_MS = 500;
/** Rows looked at in one turn: webhooks come between two turns. */
const AT_ONCE = 500;

/**
 * Reports events of all incidents that come from now on, half a second late and some at a time, so that pages that pour in are not slowed.
 * @param types the only ones that are read
 * @returns ends it
 */
export function followStore(
  store: { readonly sql: Sql; subscribe(listener: (incidentId: string) => void): () => void },
  types: readonly IncidentEvent["type"][],
  onEvent: (event: StoredEvent) => void,
  onError: (error: unknown) => void,
): () => void {
  const newest = () => store.sql.all<{ row: number }>("select coalesce(max(rowid), 0) row from event")[0]?.row ?? 0;
  const wanted = types.map(() => "?").join(", ");
  let seen = newest();
  let timer: NodeJS.Timeout | null = null;
  const look = () => {
    timer = null;
    try {
      const last = newest();
      // Where the newest rows were deleted, their numbers are given again.
      const from = Math.min(seen, last);
      const to = Math.min(last, from + AT_ONCE);
      const rows = store.sql.all<{ incident: string; seq: number; at: number; body: string }>(
        `select incident, seq, at, body from event where rowid > ? and rowid <= ? and json_extract(body, '$.type') in (${wanted}) order by rowid`,
        ...[from, to, ...types],
      );
      seen = to;
      for (const { incident, seq, at, body } of rows)
        onEvent({ incidentId: incident, seq, at, event: readable(JSON.parse(body) as IncidentEvent) });
      if (to < last) arm(0);
    } catch (error) {
      onError(error);
    }
  };
  const arm = (inMs: number) => (timer ??= setTimeout(look, inMs).unref());
  const unsubscribe = store.subscribe(() => arm(SOON_MS));
  return () => {
    unsubscribe();
    if (timer !== null) clearTimeout(timer);
  };
}
