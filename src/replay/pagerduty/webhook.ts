import { createHmac, createHash } from "node:crypto";
import type { Fetch } from "../../guard/outgoing.ts";
import type { Json } from "../json.ts";
import type { Person } from "../people.ts";
import { type AccountIncident, idOf } from "./account.ts";
import { incidentReference, userReference, webhookIncidentJson } from "./shapes.ts";

/** PagerDuty gives an endpoint this long, then counts the delivery as failed. */
const WEBHOOK_TIMEOUT_MS = 5_000;

export interface WebhookEvent {
  readonly event_type: string;
  readonly body: Json;
}

export type PageEvent =
  | { readonly kind: "triggered" }
  | { readonly kind: "acknowledged" | "resolved"; readonly by: Person }
  | { readonly kind: "annotated"; readonly by: Person; readonly noteId: string; readonly content: string };

/** The same parts give the same UUID, so that what is sent again is known by its id. */
function uuidOf(...parts: readonly string[]): string {
  const hex = createHash("sha256").update(parts.join("\0")).digest("hex");
  return [hex.slice(0, 8), hex.slice(8, 12), `5${hex.slice(13, 16)}`, `a${hex.slice(17, 20)}`, hex.slice(20, 32)].join("-");
}

/**
 * A V3 delivery's body: one event in its envelope. Source: "Webhooks v3 overview", field by field as its samples.
 * @param base of `self` and `html_url`
 * @param at when it happened, epoch milliseconds
 */
export function webhookEvent(base: string, incident: AccountIncident, event: PageEvent, at: number): WebhookEvent {
  const type = `incident.${event.kind}`;
  const data =
    event.kind === "annotated"
      ? {
          incident: incidentReference(base, incident),
          id: event.noteId,
          content: event.content,
          trimmed: false,
          type: "incident_note",
        }
      : webhookIncidentJson(base, incident);
  return {
    event_type: type,
    body: {
      event: {
        id: uuidOf(incident.id, type, event.kind === "annotated" ? event.noteId : ""),
        event_type: type,
        resource_type: "incident",
        occurred_at: new Date(at).toISOString(),
        agent: event.kind === "triggered" ? null : userReference(base, event.by),
        client: event.kind === "triggered" ? { name: "Monitoring Service", url: "https://monitoring.example" } : { name: "PagerDuty" },
        data,
      },
    },
  };
}

/** What the receiver said to a delivery. */
export interface Delivery {
  readonly eventType: string;
  readonly eventId: string;
  /** null when there was no answer within five seconds. */
  readonly status: number | null;
  readonly tookMs: number;
}

/** `x-pagerduty-signature` of a body under one or several secrets (several while one is rotated). */
export const signPagerduty = (secrets: readonly string[], body: string): string =>
  secrets.map((secret) => `v1=${createHmac("sha256", secret).update(body).digest("hex")}`).join(",");

/**
 * Sends one event as PagerDuty does, once: the caller decides about sending it again.
 * @param secret the subscription's signing secret
 */
export async function deliverWebhook(url: string, secret: string, event: WebhookEvent, send: Fetch = fetch): Promise<Delivery> {
  const body = JSON.stringify(event.body);
  const inner = event.body["event"] as Json;
  const eventId = String(inner["id"]);
  const startedAt = performance.now();
  const outcome = (status: number | null): Delivery => ({
    eventType: event.event_type,
    eventId,
    status,
    tookMs: performance.now() - startedAt,
  });
  try {
    const response = await send(url, {
      method: "POST",
      headers: {
        "content-type": "application/json",
        accept: "application/json",
        "user-agent": "PagerDuty-Webhook/V3.0",
        "x-webhook-id": uuidOf("webhook", eventId),
        "x-webhook-subscription": idOf("P", 6, "subscription"),
        "x-pagerduty-signature": signPagerduty([secret], body),
      },
      body,
      redirect: "manual",
      signal: AbortSignal.timeout(WEBHOOK_TIMEOUT_MS),
    });
    await response.arrayBuffer();
    return outcome(response.status);
  } catch {
    return outcome(null);
  }
}
