import type { Page } from "../../incident/page.ts";
import { cut } from "../../report/cut.ts";
import type { Reference, RestIncident, WebhookIncident } from "./schema.ts";

const named = (reference: Reference): { id: string; name: string } | null =>
  reference.id === null ? null : { id: reference.id, name: reference.summary ?? reference.id };

const allNamed = (references: readonly Reference[]) => references.map(named).filter((found) => found !== null);

const UNTITLED = "(page without a title)";
/** Characters of a title that are kept: what PagerDuty's Events API takes of a summary. */
const LONGEST_TITLE = 1_024;
const titleOf = (title: string | null | undefined): string => cut(title ?? UNTITLED, LONGEST_TITLE);

/** @param details text of the page's alerts, "" where they are not read */
export function pageOfIncident(incident: RestIncident, details = ""): Page {
  return {
    pager: "pagerduty",
    pagerTitle: "PagerDuty",
    id: incident.id,
    number: incident.incident_number,
    title: titleOf(incident.title ?? incident.summary),
    details,
    status: incident.status,
    urgency: incident.urgency,
    priority: incident.priority?.summary ?? null,
    createdAt: incident.created_at,
    service: incident.service === null ? null : named(incident.service),
    assignees: allNamed(incident.assignments),
    link: incident.html_url,
  };
}

/**
 * A webhook has the page without its alerts' bodies, and small ones leave fields out.
 * @param otherwise what to take for a status or time of creation that the webhook does not tell
 */
export function pageOfWebhook(incident: WebhookIncident, otherwise: { status: Page["status"]; createdAt: number }): Page {
  return {
    pager: "pagerduty",
    pagerTitle: "PagerDuty",
    id: incident.id,
    number: incident.number,
    title: titleOf(incident.title),
    details: "",
    status: incident.status ?? otherwise.status,
    urgency: incident.urgency,
    priority: incident.priority?.summary ?? null,
    createdAt: incident.created_at ?? otherwise.createdAt,
    service: incident.service === null ? null : named(incident.service),
    assignees: allNamed(incident.assignees),
    link: incident.html_url,
    ...(incident.incident_key === null ? {} : { alertKey: incident.incident_key }),
    ...(incident.resolve_reason === null ? {} : { mergedInto: incident.resolve_reason.incident.id }),
  };
}
