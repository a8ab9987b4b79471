import { z } from "zod";
import { IntegrationError } from "../../guard/errors.ts";
import { type Answer, answerOf } from "../../incident/answer.ts";
import type { Page } from "../../incident/page.ts";
import type { TimeWindow } from "../../incident/telemetry.ts";
import { bySchema } from "../read-json.ts";
import { alertText, detailsText } from "./alert-text.ts";
import { type Call, connect, type PagerdutyConnection } from "./call.ts";
import { type PagerdutyChange, toChange } from "./change.ts";
import { pageOfIncident } from "./page.ts";
import {
  alertSchema,
  changeEventSchema,
  incidentSchema,
  logEntrySchema,
  noteSchema,
  onCallSchema,
  pagerdutyIdSchema,
  pastIncidentSchema,
  type Reference,
  relatedIncidentSchema,
  type RestAlert,
  type RestIncident,
  userSchema,
} from "./schema.ts";

export type { PagerdutyChange } from "./change.ts";

interface Named {
  readonly id: string;
  readonly name: string;
}

export interface PagerdutyIncident {
  /** Without the alerts' bodies: `details` is "". */
  readonly page: Page;
  readonly escalationPolicy: Named | null;
  readonly teams: readonly Named[];
  readonly acknowledgements: readonly { readonly at: number | null; readonly by: string | null }[];
  readonly resolvedAt: number | null;
}

export interface PagerdutyAlert {
  readonly id: string;
  readonly at: number | null;
  readonly status: string | null;
  readonly severity: string | null;
  readonly summary: string;
  /** Summary, the monitor's payload as "key: value" lines, and links. Text from outside. */
  readonly text: string;
  /** The tool that raised it, as PagerDuty names the integration. */
  readonly integration: string | null;
  readonly link: string | null;
}

export interface SimilarIncident {
  readonly id: string;
  readonly title: string;
  readonly at: number | null;
  readonly link: string | null;
  /** Past incidents: how alike, PagerDuty's own measure. */
  readonly score: number | null;
  /** Related incidents: why PagerDuty relates them. */
  readonly because: readonly string[];
}

/** What only some plans have. Not to have it is an answer, not an error. */
export type PlanFeature<T> =
  | { readonly available: true; readonly items: readonly T[] }
  | { readonly available: false; readonly because: string };

export interface PagerdutyNote {
  readonly id: string;
  readonly at: number | null;
  readonly by: string | null;
  readonly text: string;
}

export interface PagerdutyLogEntry {
  readonly id: string;
  /** PagerDuty's word: "acknowledge_log_entry", … */
  readonly type: string;
  readonly at: number | null;
  readonly by: string | null;
  readonly text: string;
}

export interface OnCall {
  readonly user: Named;
  /** 1 is called first. */
  readonly level: number;
  readonly schedule: string | null;
  /** null: always on call. */
  readonly from: number | null;
  readonly to: number | null;
}

/** Whom a key belongs to. */
export type KeyOwner =
  | { readonly kind: "user"; readonly id: string; readonly name: string; readonly email: string | null; readonly role: string | null }
  | { readonly kind: "account"; readonly abilities: readonly string[] };

const SOURCE = "PagerDuty";
/** PagerDuty refuses larger pages, and offset + limit above 10,000. */
const PAGE_SIZE = 100;
/** Alert keys of one page that are looked for: each is a call. */
const MOST_KEYS = 3;
const LONGEST_LIST = 1_000;

const named = (reference: Reference | null): Named | null =>
  reference?.id === null || reference === null ? null : { id: reference.id, name: reference.summary ?? reference.id };

/** PagerDuty's pattern has no fractions of a second. */
const second = (at: number) => `${new Date(at).toISOString().slice(0, 19)}Z`;

function checkedId(id: string, of: string): string {
  if (pagerdutyIdSchema.safeParse(id).success) return id;
  throw new IntegrationError(
    "pagerduty",
    `${JSON.stringify(id.slice(0, 80))} is not the id of a PagerDuty ${of}: those are capital letters and digits.`,
  );
}

const parsed = <T>(schema: z.ZodType<T>, value: unknown, what: string): T => bySchema(schema, value, { vendor: "pagerduty", what });

interface Listed<T> {
  readonly items: T[];
  readonly raw: string;
  readonly cut: string | null;
}

/** All pages of a list, up to {@link LONGEST_LIST} items. */
async function list<T>(
  call: Call,
  path: string,
  key: string,
  item: z.ZodType<T>,
  query: Record<string, string | readonly string[]>,
  signal?: AbortSignal,
): Promise<Listed<T>> {
  const items: T[] = [];
  const raws: string[] = [];
  for (let offset = 0; ;) {
    const { data, raw } = await call({ path, query: { ...query, limit: String(PAGE_SIZE), offset: String(offset) } }, signal);
    raws.push(raw);
    const page = parsed(z.object({ [key]: z.array(z.unknown()), more: z.boolean().nullish() }), data, `GET ${path}`);
    const rows = parsed(z.array(item), page[key], `GET ${path}: ${key}`);
    items.push(...rows);
    const more = page["more"] === true && rows.length > 0;
    if (!more) return { items, raw: raws.join("\n"), cut: null };
    // By what came, not by what was asked for: the server may give smaller pages.
    offset += rows.length;
    if (items.length >= LONGEST_LIST) return { items, raw: raws.join("\n"), cut: `first ${items.length} of more; ask for a shorter time` };
  }
}

const answer = <T>(
  query: string,
  value: T,
  raw: string,
  more: { cut?: string | null; link?: string | null; window?: TimeWindow | null } = {},
) => answerOf(SOURCE, { query, value, raw, ...more });

async function incident(call: Call, id: string, signal?: AbortSignal) {
  const path = `/incidents/${checkedId(id, "incident")}`;
  const { data, raw } = await call({ path }, signal);
  return { path, raw, incident: parsed(z.object({ incident: incidentSchema }), data, `GET ${path}`).incident };
}

async function alerts(call: Call, id: string, signal?: AbortSignal): Promise<Listed<RestAlert>> {
  return list(call, `/incidents/${checkedId(id, "incident")}/alerts`, "alerts", alertSchema, {}, signal);
}

/** Features of larger plans answer 402, 403 or 404 where the account has them not. */
async function ofPlan<T>(
  feature: string,
  ask: () => Promise<{ items: T[]; raw: string }>,
): Promise<{ value: PlanFeature<T>; raw: string }> {
  try {
    const { items, raw } = await ask();
    return { value: { available: true, items }, raw };
  } catch (error) {
    if (!(error instanceof IntegrationError) || ![402, 403, 404].includes(error.status ?? 0)) throw error;
    return {
      value: {
        available: false,
        because: `${feature} are not available: this account's plan lacks them, or the key may not read them (${error.status})`,
      },
      raw: "",
    };
  }
}

async function changes(call: Call, path: string, window: TimeWindow, signal?: AbortSignal): Promise<Answer<readonly PagerdutyChange[]>> {
  const query = { since: second(window.from), until: second(Math.ceil(window.to / 1000) * 1000) };
  const { items, raw, cut } = await list(call, path, "change_events", changeEventSchema, query, signal);
  const inWindow = items.filter(({ timestamp }) => timestamp >= window.from && timestamp < window.to);
  return answer(`GET ${path}?since=${query.since}&until=${query.until}`, inWindow.map(toChange), raw, { cut, window });
}

export type PagerdutyClient = ReturnType<typeof createPagerdutyClient>;

/**
 * PagerDuty's REST API v2. All calls but `writeNote` read. Ids are checked before they become part of a path.
 * Every function throws IntegrationError (or ForbiddenError, RateLimitedError, TimedOutError, UnexpectedAnswerError) with words for people.
 */
export function createPagerdutyClient(options: PagerdutyConnection) {
  const call = connect(options);
  return {
    ...pageCalls(call),
    ...storyCalls(call),
    ...changeCalls(call),
    ...similarCalls(call),
    ...peopleCalls(call),
    ...noteCalls(call, options),
  };
}

function pageCalls(call: Call) {
  return {
    /** One page with who owns it, without its alerts. */
    async getIncident(id: string, signal?: AbortSignal): Promise<Answer<PagerdutyIncident>> {
      const { path, raw, incident: found } = await incident(call, id, signal);
      return answer(`GET ${path}`, toIncident(found), raw, { link: found.html_url });
    },

    /** The alerts behind a page, with the monitors' payloads as text. */
    async listAlerts(incidentId: string, signal?: AbortSignal): Promise<Answer<readonly PagerdutyAlert[]>> {
      const { items, raw, cut } = await alerts(call, incidentId, signal);
      const value = items.map((alert): PagerdutyAlert => {
        const summary = alert.summary ?? "(alert without a summary)";
        const { id, status, severity, created_at: at, html_url: link } = alert;
        return {
          id,
          at,
          status,
          severity,
          summary,
          text: [summary, alertText(alert, summary)].filter((part) => part !== "").join("\n"),
          integration: named(alert.integration)?.name ?? null,
          link,
        };
      });
      return answer(`GET /incidents/${incidentId}/alerts`, value, raw, { cut });
    },

    /** The page with its alerts' bodies in `details`. When the alerts can't be read, the page is there without them and `cut` says so. */
    async readPage(id: string, signal?: AbortSignal): Promise<Answer<Page>> {
      const read = await Promise.allSettled([incident(call, id, signal), alerts(call, id, signal)]);
      const [page, bodies] = read;
      if (page.status === "rejected") throw page.reason;
      signal?.throwIfAborted();
      const { incident: found, path } = page.value;
      if (bodies.status === "rejected") {
        if (!(bodies.reason instanceof IntegrationError)) throw bodies.reason;
        return answer(`GET ${path} and its alerts`, pageOfIncident(found), page.value.raw, {
          link: found.html_url,
          cut: `the alerts' bodies were not read: ${bodies.reason.message}`,
        });
      }
      const details = detailsText(bodies.value.items, found.title ?? found.summary ?? "");
      const cuts = [bodies.value.cut, details.cut].filter((cut) => cut !== null);
      return answer(`GET ${path} and its alerts`, pageOfIncident(found, details.text), `${page.value.raw}\n${bodies.value.raw}`, {
        link: found.html_url,
        cut: cuts.length === 0 ? null : cuts.join("; "),
      });
    },

    /** Pages of some services that began in a window, newest first: of the incidents that are over by now, when. */
    async listIncidents(
      asked: { readonly serviceIds?: readonly string[]; readonly window: TimeWindow },
      signal?: AbortSignal,
    ): Promise<Answer<readonly PagerdutyIncident[]>> {
      const { window, serviceIds = [] } = asked;
      const query = {
        since: second(window.from),
        until: second(Math.ceil(window.to / 1000) * 1000),
        "service_ids[]": serviceIds.map((id) => checkedId(id, "service")),
      };
      const { items, raw, cut } = await list(call, "/incidents", "incidents", incidentSchema, query, signal);
      return answer(`GET /incidents?since=${query.since}&until=${query.until}`, items.map(toIncident), raw, { cut, window });
    },

    /** Pages of a window with an alert of the same key as one of this page's, on its service and without it: the same monitor paged again. */
    async listEqualPages(id: string, window: TimeWindow, signal?: AbortSignal): Promise<Answer<readonly PagerdutyIncident[]>> {
      const read = await alerts(call, id, signal);
      // Hundreds of alerts in one page are grouped by something else than their monitor.
      const keys = [...new Set(read.items.flatMap(({ alert_key: key }) => key ?? []))].slice(0, MOST_KEYS);
      const during = { since: second(window.from), until: second(Math.ceil(window.to / 1000) * 1000) };
      const lists = await Promise.all(
        keys.map((key) => list(call, "/incidents", "incidents", incidentSchema, { ...during, incident_key: key }, signal)),
      );
      const found = new Map(lists.flatMap(({ items }) => items).map((one) => [one.id, one]));
      const own = found.get(id);
      const equal = [...found.values()].filter((one) => one.id !== id && own !== undefined && one.service?.id === own.service?.id);
      return answer(`GET /incidents with the alert keys of ${id}`, equal.map(toIncident), lists.map(({ raw }) => raw).join("\n"), {
        window,
      });
    },
  };
}

function storyCalls(call: Call) {
  return {
    /** What people (and midwatch) wrote on a page. */
    async notes(incidentId: string, signal?: AbortSignal): Promise<Answer<readonly PagerdutyNote[]>> {
      const path = `/incidents/${checkedId(incidentId, "incident")}/notes`;
      const { data, raw } = await call({ path }, signal);
      const { notes } = parsed(z.object({ notes: z.array(noteSchema) }), data, `GET ${path}`);
      return answer(`GET ${path}`, notes.map(toNote), raw);
    },

    /** What happened to a page, oldest first as PagerDuty keeps it. */
    async logEntries(incidentId: string, signal?: AbortSignal): Promise<Answer<readonly PagerdutyLogEntry[]>> {
      const path = `/incidents/${checkedId(incidentId, "incident")}/log_entries`;
      const { items, raw, cut } = await list(call, path, "log_entries", logEntrySchema, {}, signal);
      const value = items.map(({ id, type, created_at: at, agent, summary }): PagerdutyLogEntry => ({
        id,
        type,
        at,
        by: named(agent)?.name ?? null,
        text: summary ?? type,
      }));
      return answer(`GET ${path}`, value, raw, { cut });
    },
  };
}

function noteCalls(call: Call, { notesFrom }: PagerdutyConnection) {
  return {
    /** Whether the settings allow notes. */
    mayWriteNotes: () => notesFrom !== undefined,

    /** Writes on a page. PagerDuty knows no key of a note, so look for it (`notes`) before writing it again. */
    async writeNote(incidentId: string, content: string, signal?: AbortSignal): Promise<void> {
      if (notesFrom === undefined) throw new IntegrationError("pagerduty", "No note was written: PAGERDUTY_NOTES_FROM is not set.");
      const path = `/incidents/${checkedId(incidentId, "incident")}/notes`;
      await call({ method: "POST", path, body: { note: { content } }, headers: { From: notesFrom } }, signal);
    },

    /** Whether an account has a user of this e-mail address. */
    async hasUser(email: string, signal?: AbortSignal): Promise<Answer<boolean>> {
      const { items, raw } = await list(call, "/users", "users", userSchema, { query: email }, signal);
      const isIt = items.some((user) => user.email?.toLowerCase() === email.toLowerCase());
      return answer("GET /users", isIt, raw);
    },
  };
}

function changeCalls(call: Call) {
  return {
    /** Change events of one service, or of all that the key may see, in a window. Newest first, as PagerDuty lists them. */
    async listChangeEvents(
      asked: { readonly serviceId?: string; readonly window: TimeWindow },
      signal?: AbortSignal,
    ): Promise<Answer<readonly PagerdutyChange[]>> {
      const path = asked.serviceId === undefined ? "/change_events" : `/services/${checkedId(asked.serviceId, "service")}/change_events`;
      return changes(call, path, asked.window, signal);
    },

    /** Change events that PagerDuty itself relates to a page. */
    async relatedChangeEvents(incidentId: string, signal?: AbortSignal): Promise<Answer<PlanFeature<PagerdutyChange>>> {
      const path = `/incidents/${checkedId(incidentId, "incident")}/related_change_events`;
      const { value, raw } = await ofPlan("related change events", async () => {
        const told = await call({ path, query: { limit: String(PAGE_SIZE) } }, signal);
        return {
          items: parsed(z.object({ change_events: z.array(changeEventSchema) }), told.data, `GET ${path}`).change_events.map(toChange),
          raw: told.raw,
        };
      });
      return answer(`GET ${path}`, value, raw);
    },
  };
}

function similarCalls(call: Call) {
  return {
    /** Up to five earlier pages of the same service that look alike. */
    async pastIncidents(incidentId: string, signal?: AbortSignal): Promise<Answer<PlanFeature<SimilarIncident>>> {
      const path = `/incidents/${checkedId(incidentId, "incident")}/past_incidents`;
      const { value, raw } = await ofPlan("past incidents", async () => {
        const told = await call({ path, query: { limit: "5" } }, signal);
        const found = parsed(z.object({ past_incidents: z.array(pastIncidentSchema) }), told.data, `GET ${path}`).past_incidents;
        const items = found.map(({ incident: past, score }): SimilarIncident => ({
          id: past.id,
          title: past.title ?? past.id,
          at: past.created_at,
          link: past.html_url,
          score,
          because: [],
        }));
        return { items, raw: told.raw };
      });
      return answer(`GET ${path}`, value, raw);
    },

    /** Pages open at the same time that PagerDuty relates to this one. */
    async relatedIncidents(incidentId: string, signal?: AbortSignal): Promise<Answer<PlanFeature<SimilarIncident>>> {
      const path = `/incidents/${checkedId(incidentId, "incident")}/related_incidents`;
      const { value, raw } = await ofPlan("related incidents", async () => {
        const told = await call({ path }, signal);
        const found = parsed(z.object({ related_incidents: z.array(relatedIncidentSchema) }), told.data, `GET ${path}`).related_incidents;
        const items = found.map(({ incident: related, relationships }): SimilarIncident => ({
          id: related.id,
          title: related.title ?? related.id,
          at: related.created_at,
          link: related.html_url,
          score: null,
          because: relationships.flatMap(({ type }) => (type === null ? [] : [type.replaceAll("_", " ")])),
        }));
        return { items, raw: told.raw };
      });
      return answer(`GET ${path}`, value, raw);
    },
  };
}

function peopleCalls(call: Call) {
  return {
    /** Who is on call now for an escalation policy, first level first. */
    async onCall(asked: { readonly escalationPolicyId: string }, signal?: AbortSignal): Promise<Answer<readonly OnCall[]>> {
      const id = checkedId(asked.escalationPolicyId, "escalation policy");
      const { items, raw, cut } = await list(
        call,
        "/oncalls",
        "oncalls",
        onCallSchema,
        { "escalation_policy_ids[]": [id], earliest: "true" },
        signal,
      );
      const value = items.flatMap(({ user, schedule, escalation_level: level, start, end }): OnCall[] => {
        const who = named(user);
        return who === null ? [] : [{ user: who, level, schedule: named(schedule)?.name ?? null, from: start, to: end }];
      });
      return answer(
        `GET /oncalls?escalation_policy_ids[]=${id}&earliest=true`,
        value.toSorted((a, b) => a.level - b.level),
        raw,
        { cut },
      );
    },

    /** The e-mail address of a user; null: there is none, or no such user. */
    async userEmail(id: string, signal?: AbortSignal): Promise<Answer<string | null>> {
      const path = `/users/${checkedId(id, "user")}`;
      try {
        const { data, raw } = await call({ path }, signal);
        return answer(`GET ${path}`, parsed(z.object({ user: userSchema }), data, "GET /users/{id}").user.email, raw);
      } catch (error) {
        if (error instanceof IntegrationError && error.status === 404) return answer(`GET ${path}`, null, "");
        throw error;
      }
    },

    /** Whom the key belongs to. Account keys are nobody's: for them it says what the account can do. */
    async me(signal?: AbortSignal): Promise<Answer<KeyOwner>> {
      try {
        const { data, raw } = await call({ path: "/users/me" }, signal);
        const { user } = parsed(z.object({ user: userSchema }), data, "GET /users/me");
        return answer("GET /users/me", { kind: "user", id: user.id, name: user.name ?? user.id, email: user.email, role: user.role }, raw, {
          link: user.html_url,
        });
      } catch (error) {
        // An account key is refused here with 400 (documented) or 403/404 (seen): whether it is good shows in the next call.
        if (!(error instanceof IntegrationError) || ![400, 403, 404].includes(error.status ?? 0)) throw error;
        const { data, raw } = await call({ path: "/abilities" }, signal);
        const { abilities } = parsed(z.object({ abilities: z.array(z.string()) }), data, "GET /abilities");
        return answer("GET /abilities", { kind: "account", abilities }, raw);
      }
    },
  };
}

const toIncident = (found: RestIncident): PagerdutyIncident => ({
  page: pageOfIncident(found),
  escalationPolicy: named(found.escalation_policy),
  teams: found.teams.flatMap((team) => named(team) ?? []),
  acknowledgements: found.acknowledgements.map(({ at, acknowledger }) => ({ at, by: named(acknowledger)?.name ?? null })),
  resolvedAt: found.resolved_at,
});

const toNote = (note: z.output<typeof noteSchema>): PagerdutyNote => ({
  id: note.id,
  at: note.created_at,
  by: named(note.user)?.name ?? null,
  text: note.content ?? "",
});
