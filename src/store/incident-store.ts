import type * as durable from "../durable/actor.ts";
import type { Delivery as DeliveryOf } from "../durable/directory.ts";
import { EventLog, type StoreRedaction } from "../durable/event-log.ts";
import type { EventRules } from "../durable/events.ts";
import type { Sql } from "../durable/sql.ts";
import type { Queries, Store } from "../durable/store.ts";
import type { IncidentEvent } from "../incident/event.ts";
import { readable } from "../incident/old-event.ts";
import { type Page, pageRank } from "../incident/page.ts";
import { decisionOf, isDecision } from "./decision.ts";

/** The durable store's parts, for the events of an incident. */
export type Step = durable.Step<IncidentEvent>;
export type StepContext = durable.StepContext<IncidentEvent>;
export type Plan = durable.Plan<IncidentEvent>;
export type Delivery = DeliveryOf<IncidentEvent>;
export type IncidentStore<Q extends Queries = Record<never, never>> = Store<IncidentEvent, Q>;

/** The logs of a database as they are read today. */
export const incidentLog = (sql: Sql, redaction?: StoreRedaction<IncidentEvent>): EventLog<IncidentEvent> =>
  new EventLog(sql, { redaction, readable });

const RANK: Readonly<Record<string, number>> = { triggered: 0, acknowledged: 1, resolved: 2 } satisfies Record<Page["status"], number>;

/** What the durable store must know of them. */
export const incidentEvents: EventRules<IncidentEvent> = {
  readable,
  failed: (failure) => ({ type: "step-failed", ...failure }),
  gaveUp: (event) => (event.type === "step-failed" && event.final ? event.step : null),
  isDecision,
  decisionOf,
  listed(event) {
    if (event.type === "trigger-received") {
      const { title, service, at } = event.trigger;
      return { title, service: service?.name ?? null, status: "triggered", urgency: null, createdAt: at };
    }
    const page = event.type === "page-received" || event.type === "pager-event-received" ? event.page : null;
    return page === null ? null : { ...page, service: page.service?.name ?? null };
  },
  standing(event) {
    const page = event.type === "page-received" || event.type === "pager-event-received" ? event.page : null;
    if (page !== null) return { rank: pageRank(page), kind: page.service?.id ?? "" };
    // A person waits for the answer.
    return event.type === "slack-message-received" || event.type === "slack-action-received" || event.type === "feedback-explained"
      ? { rank: 0, kind: "" }
      : null;
  },
  rank: (status) => RANK[status] ?? 0,
};
