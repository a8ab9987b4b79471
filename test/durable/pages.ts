import type { Delivery } from "../../src/store/incident-store.ts";
import type { IncidentEvent, LoggedEvent } from "../../src/incident/event.ts";
import type { Page } from "../../src/incident/page.ts";

const T0 = Date.UTC(2026, 10, 2, 3, 12);

export function page(overrides: Partial<Page> = {}): Page {
  return {
    pager: "pagerduty",
    id: "PGR0VU2",
    number: 4821,
    title: "checkout: error rate above 5 %",
    details: "",
    status: "triggered",
    urgency: "high",
    priority: "P1",
    createdAt: T0,
    service: { id: "PF9KMXH", name: "checkout" },
    assignees: [],
    link: null,
    ...overrides,
  };
}

export const pageReceived = (overrides: Partial<Page> = {}): IncidentEvent => ({ type: "page-received", page: page(overrides) });

/** An event that stands for a finished piece of work, told apart by its text. */
export const posted = (text: string): IncidentEvent => ({ type: "brief-posted", ts: "0", text });

export const reply = (text: string): IncidentEvent => ({
  type: "slack-message-received",
  channel: "C1",
  ts: "1.2",
  threadTs: "1.1",
  user: "U1",
  text,
});

/** Texts of the finished pieces of work in a log, in order. */
export const postedTexts = (log: readonly LoggedEvent[]): string[] =>
  log.flatMap(({ event }) => (event.type === "brief-posted" ? [event.text] : []));

/** The n-th page of a storm: its own incident, its own delivery. */
export function delivery(n: number, overrides: Partial<Delivery> = {}): Delivery {
  const occurredAt = T0 + n * 1_000;
  return {
    deliveryId: `delivery-${n}`,
    eventId: `event-${n}`,
    eventType: "incident.triggered",
    occurredAt,
    incident: {
      ...{ id: `pd-P${n}`, pagerId: `P${n}`, title: `PagerDuty incident P${n}` },
      event: pageReceived({ id: `P${n}`, title: `page ${n}`, createdAt: occurredAt }),
    },
    ...overrides,
  };
}
