import type { EventOf, IncidentEvent, LoggedEvent } from "./event.ts";

interface LoggedOf<T extends IncidentEvent["type"]> extends LoggedEvent {
  readonly event: EventOf<T>;
}

/** The newest event of one type, with its place in the log and its time; null: there is none. */
export const newestOf = <T extends IncidentEvent["type"]>(log: readonly LoggedEvent[], type: T): LoggedOf<T> | null =>
  log.findLast((logged): logged is LoggedOf<T> => logged.event.type === type) ?? null;
