import { z } from "zod";
import { cutText, jsonText } from "./alert-text.ts";
import { type Reference, referenceSchema, type WebhookIncident } from "./schema.ts";

/** What a webhook's words are made of. `incident` is there when the event's data is a whole incident. */
export interface Told {
  /** Who did it: a person's or a tool's name; null when PagerDuty itself did. */
  readonly by: string | null;
  readonly data: Readonly<Record<string, unknown>>;
  readonly incident: WebhookIncident | null;
}

const LONGEST_QUOTE = 600;

const text = z.string().nullish().catch(null);
const customFields = z
  .array(z.object({ name: z.string(), value: z.unknown() }))
  .nullish()
  .catch(null);
/** What is read of the data of events that are not about a whole incident; every field may be missing. */
const otherData = z.object({
  content: text,
  message: text,
  name: text,
  summary: text,
  state: text,
  conference_url: text,
  user: referenceSchema.nullish().catch(null),
  escalation_policy: referenceSchema.nullish().catch(null),
  action: referenceSchema.nullish().catch(null),
  incident_workflow: referenceSchema.nullish().catch(null),
  assignees: z.array(referenceSchema).nullish().catch(null),
  custom_fields: customFields,
  changed_custom_fields: customFields,
  incident_role_assignments: z
    .array(z.object({ assignee: referenceSchema.nullish(), role: referenceSchema.nullish(), status: text }))
    .nullish()
    .catch(null),
});
type Other = z.output<typeof otherData>;

const quote = (value: string | null | undefined) =>
  value === null || value === undefined || value.trim() === "" ? "" : `: “${cutText(value.trim(), LONGEST_QUOTE)}”`;
const nameOf = (reference: Reference | null | undefined, otherwise: string) => reference?.summary ?? reference?.id ?? otherwise;
const namesOf = (references: readonly Reference[] | null | undefined, otherwise: string) =>
  references === null || references === undefined || references.length === 0
    ? otherwise
    : references.map((reference) => nameOf(reference, otherwise)).join(", ");

const valueText = (value: unknown): string =>
  Array.isArray(value) && value.every((item) => typeof item !== "object")
    ? value.join(", ")
    : typeof value === "object"
      ? jsonText(value)
      : String(value);

/** `changed_custom_fields` holds what was before, `custom_fields` what is now. */
function fieldWords(other: Other): string {
  const now = new Map((other.custom_fields ?? []).map(({ name, value }) => [name, valueText(value)]));
  const fields = (other.changed_custom_fields ?? []).map(
    ({ name, value }) => `${name}: ${valueText(value)} → ${now.get(name) ?? "(not told)"}`,
  );
  return fields.length === 0 ? "" : ` (${cutText(fields.join("; "), LONGEST_QUOTE)})`;
}

function roleWords(other: Other): string {
  const roles = (other.incident_role_assignments ?? []).map(({ assignee, role, status }) => {
    const what = nameOf(role, "a role");
    return assignee === null || assignee === undefined || status === "inactive"
      ? `nobody is ${what}`
      : `${nameOf(assignee, "somebody")} is ${what}`;
  });
  return roles.length === 0 ? "" : `: ${roles.join("; ")}`;
}

const answers: Readonly<Record<string, string>> = {
  accepted: "comes to help",
  declined: "declined to help",
  pending: "has not answered yet",
};

type Words = (who: string, told: Told, other: Other) => string;
const assigned = ({ incident }: Told) => namesOf(incident?.assignees, "nobody");

/** Every documented event type with its words for the timeline. */
const words: Readonly<Record<string, Words>> = {
  "incident.triggered": (who, { incident }) => `${who} paged ${namesOf(incident?.assignees, "nobody")}${quote(incident?.title)}`,
  "incident.acknowledged": (who) => `${who} acknowledged`,
  "incident.unacknowledged": (who, { by }) =>
    by === null ? "the acknowledgement ran out; the page calls again" : `${who} took the acknowledgement back`,
  "incident.resolved": (who) => `${who} resolved the page`,
  "incident.reopened": (who) => `${who} opened the page again`,
  "incident.reassigned": (who, told) => `${who} reassigned the page to ${assigned(told)}`,
  "incident.escalated": (who, told) => `${who} escalated the page to ${assigned(told)}`,
  "incident.delegated": (who, { incident }) =>
    `${who} moved the page to the escalation policy ${nameOf(incident?.escalation_policy, "(unnamed)")}`,
  "incident.priority_updated": (who, { incident }) =>
    incident?.priority === null || incident?.priority === undefined
      ? `${who} removed the priority`
      : `${who} set the priority to ${nameOf(incident.priority, "(unnamed)")}`,
  "incident.service_updated": (who, { incident }) => `${who} moved the page to the service ${nameOf(incident?.service, "(unnamed)")}`,
  "incident.incident_type.changed": (who, { incident }) =>
    `${who} changed the type of the incident to ${incident?.incident_type?.name ?? "(unnamed)"}`,
  "incident.annotated": (who, _told, { content }) => `${who} added a note${quote(content)}`,
  "incident.status_update_published": (who, _told, { message }) => `${who} published a status update${quote(message)}`,
  "incident.conference_bridge.updated": (who, _told, { conference_url: url }) =>
    `${who} changed the conference bridge${url === null || url === undefined || url === "" ? "" : `: ${url}`}`,
  "incident.custom_field_values.updated": (who, _told, other) => `${who} changed fields of the incident${fieldWords(other)}`,
  "incident.responder.added": (who, _told, { user, escalation_policy: policy, message }) =>
    `${who} asked ${nameOf(user, nameOf(policy, "somebody"))} to help${quote(message)}`,
  "incident.responder.replied": (_who, _told, { user, state, message }) =>
    `${nameOf(user, "a responder")} ${answers[state ?? ""] ?? `answered the request for help (${state ?? "no state"})`}${quote(message)}`,
  "incident.role.assigned": (who, _told, other) => `${who} changed the roles of the incident${roleWords(other)}`,
  "incident.task.created": (who, _told, { name, summary }) => `${who} added a task${quote(name ?? summary)}`,
  "incident.task.updated": (who, _told, { name, summary }) => `${who} changed a task${quote(name ?? summary)}`,
  "incident.task.completed": (who, _told, { name, summary }) => `${who} completed a task${quote(name ?? summary)}`,
  "incident.action_invocation.created": (who, _told, { action }) => `${who} started the automation action ${nameOf(action, "(unnamed)")}`,
  "incident.action_invocation.updated": (_who, _told, { action, state }) =>
    `the automation action ${nameOf(action, "(unnamed)")} is now ${state ?? "in an unknown state"}`,
  "incident.action_invocation.terminated": (_who, _told, { action, state }) =>
    `the automation action ${nameOf(action, "(unnamed)")} ended${state === null || state === undefined ? "" : ` (${state})`}`,
  "incident.workflow.started": (who, _told, { incident_workflow: workflow, summary }) =>
    `${who} started the workflow ${nameOf(workflow, summary ?? "(unnamed)")}`,
  "incident.workflow.completed": (_who, _told, { incident_workflow: workflow, summary }) =>
    `the workflow ${nameOf(workflow, summary ?? "(unnamed)")} is done`,
  "service.created": (who, _told, { summary }) => `${who} added the service ${summary ?? "(unnamed)"} to PagerDuty`,
  "service.updated": (who, _told, { summary }) => `${who} changed the service ${summary ?? "(unnamed)"} in PagerDuty`,
  "service.deleted": (who, _told, { summary }) => `${who} removed the service ${summary ?? "(unnamed)"} from PagerDuty`,
  "service.custom_field_values.updated": (who, _told, other) => `${who} changed fields of a service in PagerDuty${fieldWords(other)}`,
  "pagey.ping": () => "PagerDuty tested the webhook",
};

/** The event types that midwatch knows: all that PagerDuty documents, and the ping of a subscription's test. */
export const knownEventTypes: readonly string[] = Object.keys(words);

/** Plain words for the timeline: who did what. Names and quotes are text from outside. */
export function eventWords(eventType: string, told: Told): string {
  const say = Object.hasOwn(words, eventType) ? words[eventType] : undefined;
  const who = told.by ?? "PagerDuty";
  if (say === undefined) return `${who}: ${eventType} (an event that midwatch does not know)`;
  return say(who, told, otherData.catch(() => otherData.parse({})).parse(told.data));
}
