import {
  responders,
  userId,
  serviceId,
  escalationPolicyId,
  integrationId,
  type AccountChange,
  type AccountIncident,
  idOf,
} from "./account.ts";
import type { Json } from "../json.ts";
import type { Person } from "../people.ts";

/** Seconds, as PagerDuty writes times. */
export const timeText = (at: number): string => `${new Date(at).toISOString().slice(0, 19)}Z`;

/** A reference as all of PagerDuty's answers and webhooks have them. `path` is both the API's and the web page's. */
function reference(base: string, path: string, id: string, type: string, summary: string): Json {
  return { id, type, summary, self: `${base}/${path}/${id}`, html_url: `${base}/${path}/${id}` };
}

const serviceReference = (base: string, service: string): Json =>
  reference(base, "services", serviceId(service), "service_reference", service);
export const userReference = (base: string, person: Person): Json =>
  reference(base, "users", userId(person), "user_reference", person.realName);
export const policyReference = (base: string): Json =>
  reference(base, "escalation_policies", escalationPolicyId, "escalation_policy_reference", "On call");
export const scheduleReference = (base: string): Json =>
  reference(base, "schedules", idOf("P", 6, "schedule"), "schedule_reference", "On-call rotation");
export const incidentReference = (base: string, incident: AccountIncident): Json =>
  reference(base, "incidents", incident.id, "incident_reference", `[#${incident.number}] ${incident.title}`);

const alertKey = (incident: AccountIncident) => idOf("", 32, "alert-key", incident.id).toLowerCase();

/** Who did what to an incident since it was triggered. */
export interface Act {
  readonly at: number;
  readonly kind: "acknowledged" | "resolved" | "annotated";
  readonly by: Person;
  readonly note: string | null;
}

/** `GET /incidents/{id}` → `incident`. */
export function incidentJson(base: string, incident: AccountIncident, acts: readonly Act[]): Json {
  const [onCall] = responders;
  const last = acts.filter(({ kind }) => kind !== "annotated").at(-1);
  const acknowledged = acts.filter(({ kind }) => kind === "acknowledged");
  const resolved = incident.status === "resolved";
  const changedAt = last?.at ?? incident.resolvedAt ?? incident.createdAt;
  return {
    ...reference(base, "incidents", incident.id, "incident", `[#${incident.number}] ${incident.title}`),
    incident_number: incident.number,
    title: incident.title,
    description: incident.title,
    created_at: timeText(incident.createdAt),
    updated_at: timeText(acts.at(-1)?.at ?? changedAt),
    status: incident.status,
    incident_key: alertKey(incident),
    service: serviceReference(base, incident.service),
    assignments: resolved ? [] : [{ at: timeText(incident.createdAt), assignee: userReference(base, onCall) }],
    assigned_via: "escalation_policy",
    last_status_change_at: timeText(changedAt),
    last_status_change_by: last === undefined ? serviceReference(base, incident.service) : userReference(base, last.by),
    ...(incident.resolvedAt === null ? {} : { resolved_at: timeText(incident.resolvedAt) }),
    first_trigger_log_entry: logEntryReference(base, incident),
    alert_counts: { all: 1, triggered: resolved ? 0 : 1, resolved: resolved ? 1 : 0 },
    is_mergeable: true,
    incident_type: { name: "incident_default" },
    escalation_policy: policyReference(base),
    teams: [],
    impacted_services: [serviceReference(base, incident.service)],
    pending_actions: [],
    acknowledgements: resolved ? [] : acknowledged.map(({ at, by }) => ({ at: timeText(at), acknowledger: userReference(base, by) })),
    urgency: incident.urgency,
  };
}

const logEntryId = (incident: AccountIncident, index: number) => idOf("R", 25, "log-entry", incident.id, String(index));
const logEntryReference = (base: string, incident: AccountIncident): Json => ({
  id: logEntryId(incident, 0),
  type: "trigger_log_entry_reference",
  summary: "Triggered through the API.",
  self: `${base}/log_entries/${logEntryId(incident, 0)}`,
  html_url: `${base}/incidents/${incident.id}/log_entries/${logEntryId(incident, 0)}`,
});

/** The one alert behind an incident. Its body is what the recording's page says. */
export function alertJson(base: string, incident: AccountIncident): Json {
  const id = idOf("Q", 13, "alert", incident.id);
  return {
    id,
    type: "alert",
    summary: incident.title,
    self: `${base}/incidents/${incident.id}/alerts/${id}`,
    html_url: `${base}/alerts/${id}`,
    created_at: timeText(incident.createdAt),
    status: incident.status === "resolved" ? "resolved" : "triggered",
    alert_key: alertKey(incident),
    service: serviceReference(base, incident.service),
    first_trigger_log_entry: logEntryReference(base, incident),
    incident: incidentReference(base, incident),
    suppressed: false,
    severity: incident.urgency === "high" ? "critical" : "warning",
    integration: {
      ...reference(
        base,
        `services/${serviceId(incident.service)}/integrations`,
        integrationId,
        "events_api_v2_inbound_integration_reference",
        "Monitoring",
      ),
    },
    body: {
      type: "alert_body",
      contexts: [],
      details: incident.details === "" ? {} : { description: incident.details },
    },
  };
}

/** Newest first, as PagerDuty lists them. */
export function logEntriesJson(base: string, incident: AccountIncident, acts: readonly Act[]): Json[] {
  const [onCall] = responders;
  const entry = (index: number, type: string, summary: string, at: number, agent: Json, more: Json = {}): Json => ({
    id: logEntryId(incident, index),
    type,
    summary,
    self: `${base}/log_entries/${logEntryId(incident, index)}`,
    html_url: `${base}/incidents/${incident.id}/log_entries/${logEntryId(incident, index)}`,
    created_at: timeText(at),
    agent,
    channel: { type: "auto" },
    service: serviceReference(base, incident.service),
    incident: incidentReference(base, incident),
    teams: [],
    contexts: [],
    ...more,
  });
  const service = serviceReference(base, incident.service);
  const entries = [
    entry(0, "trigger_log_entry", "Triggered through the API.", incident.createdAt, service, {
      channel: { type: "api", summary: incident.title },
      event_details: { description: incident.title },
    }),
    entry(1, "assign_log_entry", `Assigned to ${onCall.realName}.`, incident.createdAt, service, {
      assignees: [userReference(base, onCall)],
    }),
  ];
  const words = { acknowledged: "Acknowledged", resolved: "Resolved", annotated: "Note added" };
  const types = { acknowledged: "acknowledge_log_entry", resolved: "resolve_log_entry", annotated: "annotate_log_entry" };
  for (const { kind, at, by, note } of acts) {
    const more = { channel: note === null ? { type: "website" } : { type: "note", summary: note } };
    entries.push(entry(entries.length, types[kind], `${words[kind]} by ${by.realName}.`, at, userReference(base, by), more));
  }
  if (incident.resolvedAt !== null && !acts.some(({ kind }) => kind === "resolved"))
    entries.push(entry(entries.length, "resolve_log_entry", "Resolved.", incident.resolvedAt, service));
  return entries.toReversed();
}

/** @param commitUrl where people see a commit, or null */
export function changeJson(base: string, change: AccountChange, commitUrl: string | null): Json {
  return {
    id: change.id,
    type: "change_event",
    summary: change.summary,
    timestamp: timeText(change.at),
    source: change.source,
    integration: { id: integrationId, type: "inbound_integration_reference" },
    services: change.service === null ? [] : [serviceReference(base, change.service)],
    custom_details: change.details,
    links: commitUrl === null ? [] : [{ href: commitUrl, text: "Commit" }],
  };
}

export const serviceJson = (base: string, service: string, status: string): Json => ({
  ...serviceReference(base, service),
  type: "service",
  name: service,
  description: service,
  auto_resolve_timeout: 14_400,
  acknowledgement_timeout: 1_800,
  created_at: "2020-01-01T00:00:00Z",
  status,
  alert_creation: "create_alerts_and_incidents",
  integrations: [],
  escalation_policy: policyReference(base),
  teams: [],
  incident_urgency_rule: { type: "constant", urgency: "high" },
  scheduled_actions: [],
  auto_pause_notifications_parameters: { enabled: false, timeout: 0 },
});

export const userJson = (base: string, person: Person): Json => ({
  ...userReference(base, person),
  type: "user",
  name: person.realName,
  email: person.email,
  time_zone: "Etc/UTC",
  color: "green",
  role: "user",
  avatar_url: `https://pagerduty.example/avatars/${userId(person)}.png`,
  description: "",
  invitation_sent: false,
  job_title: "Engineer",
  teams: [],
  contact_methods: [],
  notification_rules: [],
  coordinated_incidents: [],
});

/** `event.data` of an incident's webhook: not the REST shape. Source: "Webhooks v3 overview". */
export function webhookIncidentJson(base: string, incident: AccountIncident): Json {
  const [onCall] = responders;
  return {
    id: incident.id,
    type: "incident",
    self: `${base}/incidents/${incident.id}`,
    html_url: `${base}/incidents/${incident.id}`,
    number: incident.number,
    status: incident.status,
    incident_key: alertKey(incident),
    created_at: timeText(incident.createdAt),
    title: incident.title,
    incident_type: { name: "incident_default" },
    service: serviceReference(base, incident.service),
    assignees: incident.status === "resolved" ? [] : [userReference(base, onCall)],
    escalation_policy: policyReference(base),
    teams: [],
    priority: null,
    urgency: incident.urgency,
    conference_bridge: null,
    resolve_reason: null,
  };
}
