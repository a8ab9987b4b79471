/** What happened to a page, whichever pager it is. */
export type PagerEventKind =
  | "triggered"
  | "acknowledged"
  | "unacknowledged"
  | "resolved"
  | "reopened"
  | "note"
  | "escalated"
  | "reassigned"
  | "priority-changed"
  | "other";

/** PagerDuty's own words. Logs from before events had a kind hold nothing else, so they are known here. */
const ofPagerduty: ReadonlyMap<string, PagerEventKind> = new Map([
  ["incident.triggered", "triggered"],
  ["incident.acknowledged", "acknowledged"],
  ["incident.unacknowledged", "unacknowledged"],
  ["incident.resolved", "resolved"],
  ["incident.reopened", "reopened"],
  ["incident.annotated", "note"],
  ["incident.status_update_published", "note"],
  ["incident.conference_bridge.updated", "note"],
  ["incident.custom_field_values.updated", "note"],
  ["incident.escalated", "escalated"],
  ["incident.reassigned", "reassigned"],
  ["incident.priority_updated", "priority-changed"],
]);

export const pagerdutyKind = (eventType: string): PagerEventKind => ofPagerduty.get(eventType) ?? "other";

/** The kind of a logged event. */
export const pagerEventKind = (event: { readonly kind?: PagerEventKind; readonly eventType: string }): PagerEventKind =>
  event.kind ?? pagerdutyKind(event.eventType);
