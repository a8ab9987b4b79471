import { z } from "zod";
import { hmacSha256Matches } from "../guard/hmac.ts";
import type { Delivery } from "../durable/directory.ts";
import type { IncidentEvent } from "../incident/event.ts";
import type { Page } from "../incident/page.ts";
import { eventWords, knownEventTypes } from "../integrations/pagerduty/event-words.ts";
import { pageOfWebhook } from "../integrations/pagerduty/page.ts";
import { webhookIdSchema, webhookIncidentSchema, webhookSchema } from "../integrations/pagerduty/schema.ts";

/** How every note of midwatch's begins, so that it is known again when PagerDuty sends it back. */
export const NOTE_MARKER = "midwatch:";

/** A webhook's body is not what PagerDuty documents. The message says where; it is the sender who must mend it. */
export class WrongShapeError extends Error {
  /** Path inside the body ("event.occurred_at"), or "body". */
  readonly where: string;
  constructor(where: string, problem: string) {
    super(`${where}: ${problem}`);
    this.name = "WrongShapeError";
    this.where = where;
  }
}

/** One webhook, read. */
export interface PagerdutyDelivery {
  /** `x-webhook-id`: the same on every try of one delivery; null where the header is missing. */
  readonly deliveryId: string | null;
  /** Opaque, the same on every try. */
  readonly eventId: string;
  readonly eventType: string;
  /** Whether the type is one that midwatch knows; others are accepted and noted. */
  readonly known: boolean;
  readonly occurredAt: number;
  /** Who did it; null when PagerDuty itself did. */
  readonly agent: { readonly id: string | null; readonly type: string | null; readonly name: string | null } | null;
  /** The incident that the event is about; null for services, pings and what midwatch can't place. */
  readonly pagerIncidentId: string | null;
  /** Whole text of the note, for `incident.annotated`. */
  readonly note: string | null;
  /** `page-received` for `incident.triggered`, else `pager-event-received`. */
  readonly event: Extract<IncidentEvent, { type: "page-received" | "pager-event-received" }>;
}

/**
 * Whether a webhook comes from PagerDuty: one of the header's `v1=` entries is the HMAC-SHA256 of the raw body under one of the secrets.
 * Several entries and several secrets are both there for rotation. Other versions are passed over.
 * @param rawBody the bytes (or their UTF-8 text) as they came, before any parsing
 * @param header `x-pagerduty-signature`, or null
 * Source: "Verifying signatures" of PagerDuty's webhook docs.
 */
export function verifyWebhook(rawBody: string | Uint8Array, header: string | null, secrets: readonly string[]): boolean {
  const entries = (header ?? "").split(",").map((entry) => entry.trim());
  const digests = entries.flatMap((entry) => (/^v1=[0-9a-f]{64}$/i.test(entry) ? [entry.slice(3)] : []));
  return hmacSha256Matches(secrets, rawBody, digests);
}

const orThrow = <T>(where: string, parsed: z.ZodSafeParseResult<T>): T => {
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const path = [where, ...(issue?.path ?? []).map(String)].filter((part) => part !== "").join(".");
  throw new WrongShapeError(path === "" ? "body" : path, (issue?.message ?? "is not as documented").replace(/^Invalid input: /, ""));
};

const reference = z.object({ id: webhookIdSchema });
/** Where events that are not about a whole incident name theirs. */
const incidentReferences = z.object({
  incident: reference.nullish().catch(null),
  incident_role_assignments: z
    .array(z.object({ incident: reference.nullish().catch(null) }))
    .nullish()
    .catch(null),
});

/** What a page's status must be after an event of this type, where the webhook does not tell it. */
const statusAfter: Readonly<Record<string, Page["status"]>> = { "incident.acknowledged": "acknowledged", "incident.resolved": "resolved" };

/**
 * Reads one V3 webhook. What PagerDuty documents in more than one way (null or missing, number or text) is taken either way, unknown event
 * types are accepted, and only what midwatch can't do without must be there: the event's id, type, time and data, and the page's id.
 * @param rawBody text as it came; verify its signature first
 * @throws WrongShapeError
 */
export function parseDelivery(rawBody: string, headers: Headers): PagerdutyDelivery {
  let body: unknown;
  try {
    body = JSON.parse(rawBody);
  } catch {
    throw new WrongShapeError("body", "is not JSON");
  }
  const { event } = orThrow("", webhookSchema.safeParse(body));
  const { data, agent, event_type: eventType, occurred_at: occurredAt } = event;
  const known = knownEventTypes.includes(eventType);
  const asIncident = webhookIncidentSchema.safeParse(data);
  const ofIncident = eventType === "incident.triggered" || (eventType.startsWith("incident.") && data.type === "incident");
  // Of an event type from the future nothing is demanded.
  const incident = ofIncident ? (known ? orThrow("event.data", asIncident) : (asIncident.data ?? null)) : null;
  const named = incidentReferences.safeParse(data).data;
  const page = incident === null ? null : pageOfWebhook(incident, { status: statusAfter[eventType] ?? "triggered", createdAt: occurredAt });
  const by = agent?.summary ?? null;
  return {
    deliveryId: headers.get("x-webhook-id"),
    eventId: event.id,
    eventType,
    known,
    occurredAt,
    agent: agent === null ? null : { id: agent.id, type: agent.type, name: agent.summary },
    pagerIncidentId:
      incident?.id ??
      named?.incident?.id ??
      named?.incident_role_assignments?.map((assignment) => assignment.incident?.id).find((id) => id !== undefined) ??
      null,
    note: eventType === "incident.annotated" && typeof data["content"] === "string" ? data["content"] : null,
    event:
      eventType === "incident.triggered" && page !== null
        ? { type: "page-received", page }
        : { type: "pager-event-received", eventType, occurredAt, by, text: eventWords(eventType, { by, data, incident }), page },
  };
}

/** What the directory of incidents keeps of a delivery. Without `x-webhook-id` (a hand-made request) the event's own id stands in. */
export function toDirectory(delivery: PagerdutyDelivery): Delivery {
  const { deliveryId, eventId, eventType, occurredAt, pagerIncidentId, event } = delivery;
  return {
    deliveryId: deliveryId ?? eventId,
    eventId,
    eventType,
    occurredAt,
    incident: pagerIncidentId === null ? null : { pagerId: pagerIncidentId, event },
    ...(event.type === "pager-event-received" ? { note: event.text } : {}),
  };
}

/**
 * Whether a delivery is the echo of midwatch's own note. Its words alone tell; the user id helps where midwatch writes notes as a PagerDuty
 * user of its own. Never give the id of a person there: that person's notes would go unheard.
 */
export function isOwnAnnotation(
  delivery: PagerdutyDelivery,
  own: { readonly userId?: string | null; readonly marker?: string } = {},
): boolean {
  if (delivery.eventType !== "incident.annotated") return false;
  const marker = own.marker ?? NOTE_MARKER;
  if (delivery.note?.trimStart().startsWith(marker) === true) return true;
  return own.userId !== undefined && own.userId !== null && delivery.agent?.id === own.userId;
}
