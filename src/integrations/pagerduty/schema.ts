import { z } from "zod";

/**
 * The fields of PagerDuty's answers and webhooks that midwatch reads, tolerant of all others. Where PagerDuty's own documents disagree
 * (null or absent, number or text), both are taken. Source: REST v2 reference and "Webhooks v3 overview".
 */

/** Ids end up in paths: anything but capital letters and digits would be somebody else's path. */
export const pagerdutyIdSchema = z.string().regex(/^[A-Z0-9]{1,64}$/);

const text = z
  .string()
  .nullish()
  .transform((value) => value ?? null);
/** ISO 8601 with any offset → epoch milliseconds. */
const instantSchema = z.string().transform((value, context) => {
  const at = Date.parse(value);
  if (!Number.isNaN(at)) return at;
  context.addIssue({ code: "custom", message: "is not a time" });
  return z.NEVER;
});
const maybeInstant = z
  .string()
  .nullish()
  .transform((value) => {
    const at = Date.parse(value ?? "");
    return Number.isNaN(at) ? null : at;
  });

/** `summary` is null on several documented references, and `id` absent on some. */
export const referenceSchema = z.object({ id: text, type: text, summary: text, html_url: text });
export type Reference = z.output<typeof referenceSchema>;
const maybeReference = referenceSchema.nullish().transform((value) => value ?? null);
const references = z
  .array(referenceSchema)
  .nullish()
  .transform((value) => value ?? []);

const statusSchema = z.enum(["triggered", "acknowledged", "resolved"]);
const urgency = z
  .enum(["high", "low"])
  .nullish()
  .catch(null)
  .transform((value) => value ?? null);

/** An incident of the REST API. */
export const incidentSchema = z.object({
  id: z.string().min(1),
  incident_number: z
    .number()
    .nullish()
    .transform((value) => value ?? null),
  title: text,
  summary: text,
  status: statusSchema,
  urgency,
  created_at: instantSchema,
  resolved_at: maybeInstant,
  html_url: text,
  service: maybeReference,
  assignments: z
    .array(z.object({ assignee: referenceSchema }))
    .nullish()
    .transform((value) => (value ?? []).map(({ assignee }) => assignee)),
  acknowledgements: z
    .array(z.object({ at: maybeInstant, acknowledger: maybeReference }))
    .nullish()
    .transform((value) => value ?? []),
  escalation_policy: maybeReference,
  teams: references,
  priority: maybeReference,
});
export type RestIncident = z.output<typeof incidentSchema>;

/** An id inside a webhook. Documented as opaque, so only what could not be an id at all is refused. */
export const webhookIdSchema = z.string().regex(/^[\w-]{1,64}$/, "is not an id");

/** An incident inside a webhook: only its id is certain. */
export const webhookIncidentSchema = z.object({
  id: webhookIdSchema,
  number: z
    .number()
    .nullish()
    .transform((value) => value ?? null),
  title: text,
  status: statusSchema
    .nullish()
    .catch(null)
    .transform((value) => value ?? null),
  urgency,
  created_at: maybeInstant,
  html_url: text,
  service: maybeReference,
  assignees: references,
  escalation_policy: maybeReference,
  priority: maybeReference,
  /** Null where the incident has alerts: those have keys of their own. */
  incident_key: text.catch(null),
  incident_type: z
    .object({ name: text })
    .nullish()
    .transform((value) => value ?? null),
  /** The only reason that PagerDuty has is a merge. */
  resolve_reason: z
    .object({ type: z.literal("merge_resolve_reason"), incident: z.object({ id: webhookIdSchema }) })
    .nullish()
    .catch(null)
    .transform((value) => value ?? null),
});
export type WebhookIncident = z.output<typeof webhookIncidentSchema>;

export const alertSchema = z.object({
  id: z.string(),
  /** By which a monitor's alerts are the same one; not words for people. */
  alert_key: text,
  summary: text,
  status: text,
  severity: text,
  created_at: maybeInstant,
  html_url: text,
  integration: maybeReference,
  body: z
    .object({
      details: z.unknown(),
      contexts: z
        .array(z.object({ type: text, href: text, text, src: text }))
        .nullish()
        .catch(null)
        .transform((value) => value ?? []),
    })
    .nullish()
    .transform((value) => value ?? null),
});
export type RestAlert = z.output<typeof alertSchema>;

export const changeEventSchema = z.object({
  id: z.string(),
  summary: text,
  timestamp: instantSchema,
  source: text,
  services: references,
  integration: maybeReference,
  custom_details: z.unknown(),
  links: z
    .array(z.object({ href: text, text }))
    .nullish()
    .transform((value) => value ?? []),
  correlation_reason: z
    .object({ reason: text })
    .nullish()
    .transform((value) => value ?? null),
});
export type RestChangeEvent = z.output<typeof changeEventSchema>;

const similarIncident = z.object({ id: z.string(), title: text, created_at: maybeInstant, html_url: text, self: text });
export const pastIncidentSchema = z.object({
  incident: similarIncident,
  score: z
    .number()
    .nullish()
    .transform((value) => value ?? null),
});
export const relatedIncidentSchema = z.object({
  incident: similarIncident,
  relationships: z
    .array(z.object({ type: text }))
    .nullish()
    .transform((value) => value ?? []),
});

export const noteSchema = z.object({ id: z.string(), user: maybeReference, content: text, created_at: maybeInstant });
export const logEntrySchema = z.object({
  id: z.string(),
  type: z.string(),
  summary: text,
  created_at: maybeInstant,
  agent: maybeReference,
});
export const onCallSchema = z.object({
  user: maybeReference,
  schedule: maybeReference,
  escalation_policy: maybeReference,
  escalation_level: z.number(),
  start: maybeInstant,
  end: maybeInstant,
});
export const userSchema = z.object({ id: z.string(), name: text, email: text, role: text, html_url: text });
export const errorSchema = z.object({
  error: z.object({ message: text, code: z.number().nullish(), errors: z.array(z.string()).nullish().catch(null) }),
});

/** One V3 webhook. Its `data` is read by type afterwards. */
export const webhookSchema = z.object({
  event: z.object({
    id: z.string().min(1),
    event_type: z.string().min(1).max(200),
    resource_type: z.string().nullish(),
    occurred_at: instantSchema,
    agent: maybeReference,
    data: z.looseObject({ type: z.string().nullish() }),
  }),
});
