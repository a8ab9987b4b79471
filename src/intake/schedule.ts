import type { Catalog } from "../catalog.ts";
import type { Schedule } from "../durable/directory.ts";
import type { IncidentEvent } from "../incident/event.ts";
import type { Trigger } from "../incident/trigger.ts";
import { triggerDelivery } from "../store/trigger-delivery.ts";

/**
 * Starts investigations by the clock, at each whole multiple of `everyMinutes` in UTC and `offsetMinutes` after it. Every day at 06:00 UTC is
 * `everyMinutes: 24 * 60, offsetMinutes: 6 * 60`. The store rings each due time once; of several missed ones, the first.
 */
export interface ScheduledTrigger {
  /** Letters, digits and "-": it is part of the incident's id, and people read "Scheduled check <id>". */
  readonly id: string;
  readonly everyMinutes: number;
  /** Default: 0. */
  readonly offsetMinutes?: number;
  /**
   * What to investigate, as of the instant at which it was due; nothing where there is nothing to look at. `service`: the catalog's
   * (`catalog.find`), with its name as id too.
   */
  due(at: number, catalog: Catalog): readonly Pick<Trigger, "title" | "details" | "service">[];
}

/** Every scheduled trigger. */
export const scheduledTriggers: readonly ScheduledTrigger[] = [];

/** The list as the store rings it. */
export const schedulesOf = (list: readonly ScheduledTrigger[], catalog: Catalog): Schedule<IncidentEvent>[] =>
  list.map((scheduled) => ({
    id: scheduled.id,
    everyMs: scheduled.everyMinutes * 60_000,
    offsetMs: (scheduled.offsetMinutes ?? 0) * 60_000,
    due: (at) =>
      scheduled
        .due(at, catalog)
        .map((about, index) => triggerDelivery(`${scheduled.id}-${at}-${index}`, { ...about, kind: "schedule", by: scheduled.id, at })),
  }));
