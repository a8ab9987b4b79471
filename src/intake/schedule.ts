import type { Catalog } from "../catalog.ts";
import type { Schedule } from "../durable/directory.ts";
import type { IncidentEvent } from "../incident/event.ts";
import { incidentIdOf } from "../incident/page.ts";
import type { Trigger } from "../incident/trigger.ts";
import type { Delivery } from "../store/incident-store.ts";

/** Starts investigations by the clock, at each whole multiple of `everyMinutes`. The store rings each due time once. */
export interface ScheduledTrigger {
  readonly id: string;
  readonly everyMinutes: number;
  /** What to investigate, as of the instant at which it was due. */
  due(at: number, catalog: Catalog): readonly Pick<Trigger, "title" | "details" | "service">[];
}

/** Every scheduled trigger. */
export const scheduledTriggers: readonly ScheduledTrigger[] = [];

/**
 * A trigger that is no page, as the store takes it.
 * @param key the same when the same trigger comes again: it counts once
 */
export function triggerDelivery(key: string, trigger: Omit<Trigger, "page">): Delivery {
  const { kind, title, at } = trigger;
  return {
    ...{ deliveryId: key, eventId: key, eventType: kind, occurredAt: at },
    incident: { id: incidentIdOf(key, kind), pagerId: key, title, event: { type: "trigger-received", trigger } },
  };
}

/** The list as the store rings it. */
export const schedulesOf = (list: readonly ScheduledTrigger[], catalog: Catalog): Schedule<IncidentEvent>[] =>
  list.map((scheduled) => ({
    id: scheduled.id,
    everyMs: scheduled.everyMinutes * 60_000,
    due: (at) =>
      scheduled
        .due(at, catalog)
        .map((about, index) => triggerDelivery(`${scheduled.id}-${at}-${index}`, { ...about, kind: "schedule", by: scheduled.id, at })),
  }));
