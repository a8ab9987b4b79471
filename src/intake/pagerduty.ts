import { z } from "zod";
import type { Delivery } from "../store/incident-store.ts";
import { hmacSha256Matches } from "../guard/hmac.ts";
import { incidentIdOf, type Page } from "../incident/page.ts";
import { NOTE_MARKER } from "../incident/page-notes.ts";
import { pagerdutyKind } from "../incident/pager-event.ts";
import { eventWords, knownEventTypes } from "../integrations/pagerduty/event-words.ts";
import { pageOfWebhook } from "../integrations/pagerduty/page.ts";
import { commaList } from "../integrations/setting.ts";
import { webhookIdSchema, webhookIncidentSchema, webhookSchema } from "../integrations/pagerduty/schema.ts";
import { type Intake, orWrongShape, parseJson } from "./intake.ts";

/**
 * Whether a webhook comes from PagerDuty: one of the header's `v1=` entries is the HMAC-SHA256 of the raw body under one of the secrets.
 * Several entries and several secrets are both there for rotation. Other versions are passed over.
 * @param rawBody the bytes (or their UTF-8 text) as they came, before any parsing
 * @param header `x-pagerduty-signature`, or null
 * Source: "Verifying signatures" of PagerDuty's webhook docs.
 */
export const verifyWebhook = (rawBody: string | Uint8Array, header: string | null, secrets: readonly string[]): boolean =>
  hmacSha256Matches(secrets, rawBody, digestsOf(header));

function digestsOf(header: string | null): readonly string[] {
  const entries = (header ?? "").split(",").map((entry) => entry.trim());
  return entries.flatMap((entry) => (/^v1=[0-9a-f]{64}$/i.test(entry) ? [entry.slice(3)] : []));
}

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
 * @returns null for a note of midwatch's own. Its first word alone says so
 * @throws WrongShapeError
 */
export function parseDelivery(rawBody: string, headers: Headers): Delivery | null {
  const { event } = orWrongShape("", webhookSchema.safeParse(parseJson(rawBody)));
  const { id: eventId, data, agent, event_type: eventType, occurred_at: occurredAt } = event;
  const note = eventType === "incident.annotated" ? data["content"] : null;
  if (typeof note === "string" && note.trimStart().startsWith(NOTE_MARKER)) return null;
  const asIncident = webhookIncidentSchema.safeParse(data);
  const ofIncident = eventType === "incident.triggered" || (eventType.startsWith("incident.") && data.type === "incident");
  // Of an event type from the future nothing is demanded.
  const isKnown = knownEventTypes.includes(eventType);
  const incident = ofIncident ? (isKnown ? orWrongShape("event.data", asIncident) : (asIncident.data ?? null)) : null;
  const page = incident === null ? null : pageOfWebhook(incident, { status: statusAfter[eventType] ?? "triggered", createdAt: occurredAt });
  const by = agent?.summary ?? null;
  // Monitors resolve by their integration, whose name is no person's.
  const isTool = agent !== null && agent.type !== "user_reference";
  const text = eventWords(eventType, { by, data, incident });
  const named = incidentReferences.safeParse(data).data;
  const pagerId =
    incident?.id ??
    named?.incident?.id ??
    named?.incident_role_assignments?.map((assignment) => assignment.incident?.id).find((id) => id !== undefined) ??
    null;
  return {
    // The same on every try of one delivery. A request made by hand has none.
    deliveryId: headers.get("x-webhook-id") ?? eventId,
    eventId,
    eventType,
    occurredAt,
    note: text,
    incident:
      pagerId === null
        ? null
        : {
            id: incidentIdOf(pagerId, "pd"),
            pagerId,
            title: `PagerDuty incident ${pagerId}`,
            event:
              eventType === "incident.triggered" && page !== null
                ? { type: "page-received", page }
                : {
                    type: "pager-event-received",
                    kind: pagerdutyKind(eventType),
                    eventType,
                    occurredAt,
                    by,
                    ...(isTool ? { byTool: true } : {}),
                    text,
                    page,
                  },
          },
  };
}

const settings = {
  PAGERDUTY_WEBHOOK_SECRET: commaList
    .default([])
    .describe("signing secret of the webhook subscription; during a rotation give both, separated by a comma"),
};

export const pagerduty = {
  name: "pagerduty",
  title: "PagerDuty",
  menu: "Integrations → Generic Webhooks (v3)",
  path: "/webhooks/pagerduty",
  settings,
  secrets: ["PAGERDUTY_WEBHOOK_SECRET"],
  verify: (rawBody, headers, { PAGERDUTY_WEBHOOK_SECRET: secrets }) =>
    verifyWebhook(rawBody, headers.get("x-pagerduty-signature"), secrets)
      ? null
      : "no v1 signature of x-pagerduty-signature fits this body and a secret of PAGERDUTY_WEBHOOK_SECRET",
  isSigned: (headers) => digestsOf(headers.get("x-pagerduty-signature")).length > 0,
  parse: parseDelivery,
} satisfies Intake<typeof settings>;
