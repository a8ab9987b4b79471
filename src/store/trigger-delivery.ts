import { incidentIdOf } from "../incident/page.ts";
import type { Trigger } from "../incident/trigger.ts";
import type { Delivery } from "./incident-store.ts";

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
