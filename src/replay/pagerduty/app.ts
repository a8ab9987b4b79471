import { type Context, Hono } from "hono";
import type { Fetch } from "../../guard/outgoing.ts";
import type { ReplayClock } from "../clock.ts";
import type { Json } from "../json.ts";
import { outsideUrl } from "../outside-url.ts";
import type { Person } from "../people.ts";
import type { Recording } from "../recorded.ts";
import { webPage } from "../web-page.ts";
import {
  type Account,
  type AccountChange,
  type AccountIncident,
  accountOf,
  botUser,
  idOf,
  responders,
  serviceId,
  userId,
  escalationPolicyId,
} from "./account.ts";
import {
  type Act,
  alertJson,
  changeJson,
  incidentJson,
  logEntriesJson,
  policyReference,
  scheduleReference,
  serviceJson,
  timeText,
  userJson,
  userReference,
} from "./shapes.ts";
import { type Delivery, deliverWebhook, type PageEvent, type WebhookEvent, webhookEvent } from "./webhook.ts";

export interface PagerdutyReplayOptions {
  readonly token: string;
  /** Signing secret of the webhook subscription. */
  readonly webhookSecret: string;
  /** `owner/name` that deployed commits belong to. */
  readonly repository?: string;
  /** Where people see a commit; null where there is no such page. */
  readonly commitUrl?: (sha: string) => string | null;
  readonly now?: () => number;
  readonly fetch?: Fetch;
}

export interface PagerdutyReplay {
  readonly app: Hono;
  /** Ids of the recording's pages, in order; the first is not always the incident's own. */
  readonly incidentIds: readonly string[];
  /**
   * Sends a page's webhook to a receiver, after which the incident is in that state; sending it again is a repeat with the same ids.
   * @param base under which the receiver's people see PagerDuty
   */
  deliver(url: string, base: string, event: PageEvent, page?: number): Promise<Delivery>;
  /** The body that `deliver` would send. */
  event(base: string, event: PageEvent, page?: number): WebhookEvent;
  /** Notes in the order they were written. */
  notes(): readonly { readonly incident: string; readonly by: string; readonly content: string }[];
}

interface Note {
  readonly id: string;
  readonly incident: string;
  readonly by: Person;
  readonly content: string;
  readonly at: number;
}

const MOST_PER_PAGE = 100;
const DEFAULT_PER_PAGE = 25;
const FARTHEST = 10_000;
const WEEK_MS = 7 * 86_400_000;
const knownUsers = [...responders, botUser];

const refuse = (c: Context, status: 400 | 401 | 404 | 406, message: string, code: number, errors: readonly string[] = []) =>
  c.json({ error: { message, code, ...(errors.length === 0 ? {} : { errors }) } }, status);
const invalid = (c: Context, error: string) => refuse(c, 400, "Invalid Input Provided", 2001, [error]);
const noService = (c: Context) => refuse(c, 404, "Service Not Found", 5002);

/** Classic paging; `total` only when asked for. */
const paged = (c: Context, key: string, items: readonly unknown[]) => {
  const number = (name: string, fallback: number) => {
    const text = c.req.query(name);
    return text === undefined || text === "" ? fallback : Number(text);
  };
  const limit = number("limit", DEFAULT_PER_PAGE);
  const offset = number("offset", 0);
  if (!Number.isInteger(limit) || limit < 1 || !Number.isInteger(offset) || offset < 0)
    return invalid(c, "Limit and offset must be whole numbers.");
  const perPage = Math.min(limit, MOST_PER_PAGE);
  if (offset + perPage > FARTHEST) return invalid(c, `Offset plus limit may not exceed ${FARTHEST}.`);
  const total = c.req.query("total") === "true" ? items.length : null;
  return c.json({ [key]: items.slice(offset, offset + perPage), limit: perPage, offset, more: offset + perPage < items.length, total });
};
/** `name[]=a&name[]=b`, and the plain name for callers that leave the brackets out. */
const list = (c: Context, name: string): string[] => [...(c.req.queries(`${name}[]`) ?? []), ...(c.req.queries(name) ?? [])];
/** [since, until) in milliseconds, or what is wrong with them. */
const timesOf = (c: Context): { from: number; to: number } | string => {
  const [since, until] = [c.req.query("since"), c.req.query("until")];
  const from = since === undefined ? Number.NEGATIVE_INFINITY : Date.parse(since);
  const to = until === undefined ? Number.POSITIVE_INFINITY : Date.parse(until);
  if (Number.isNaN(from) || Number.isNaN(to)) return "Since and until must be ISO 8601 times.";
  return from > to ? "Since must be before until." : { from, to };
};

/** The account as it is now: as recorded, with what people did since. */
class LiveAccount {
  readonly notes: Note[] = [];
  readonly #acts = new Map<string, Act[]>();
  readonly #sent = new Set<string>();
  readonly recorded: Account;
  /** The key may read nothing of it but its pages. */
  readonly empty: boolean;
  readonly now: () => number;

  constructor(recorded: Account, empty: boolean, now: () => number) {
    this.recorded = recorded;
    this.empty = empty;
    this.now = now;
  }

  actsOf({ id }: AccountIncident): readonly Act[] {
    return this.#acts.get(id) ?? [];
  }

  act(incident: AccountIncident, act: Act): void {
    this.#acts.set(incident.id, [...this.actsOf(incident), act]);
  }

  asItIs(incident: AccountIncident): AccountIncident {
    const last = this.actsOf(incident).findLast(({ kind }) => kind !== "annotated");
    if (last === undefined || last.kind === "annotated") return incident;
    return { ...incident, status: last.kind, resolvedAt: last.kind === "resolved" ? last.at : null };
  }

  /** The page's webhook goes out: from now on it exists. */
  sent({ id }: AccountIncident): void {
    this.#sent.add(id);
  }

  /** Those before the page, oldest first. */
  get earlier(): readonly AccountIncident[] {
    return this.empty ? [] : this.recorded.earlier;
  }

  /** Newest first. A page that is still to come does not exist until its webhook was sent. */
  incidents(): AccountIncident[] {
    return [...this.earlier, ...this.recorded.pages.filter(({ id, createdAt }) => createdAt <= this.now() || this.#sent.has(id))]
      .map((incident) => this.asItIs(incident))
      .toSorted((a, b) => b.createdAt - a.createdAt);
  }
}

/** Adds a route about the incident that its path names. */
const onIncident =
  (app: Hono, live: LiveAccount) =>
  (method: "GET" | "POST", path: string, answer: (c: Context, incident: AccountIncident) => Response | Promise<Response>) =>
    app.on(method, `/incidents/:id${path}`, (c) => {
      const key = c.req.param("id") ?? "";
      const found = live.incidents().find(({ id, number }) => id === key || (/^\d+$/.test(key) && number === Number(key)));
      return found === undefined ? refuse(c, 404, "Incident Not Found", 5001) : answer(c, found);
    });

const serviceOf = (live: LiveAccount, id: string) => live.recorded.services.find((service) => serviceId(service) === id);

function incidentRoutes(app: Hono, live: LiveAccount): void {
  const on = onIncident(app, live);
  app.get("/incidents", (c) => {
    const times = timesOf(c);
    if (typeof times === "string") return invalid(c, times);
    // Without a time PagerDuty looks back 30 days; `date_range=all` looks back for ever.
    const from = times.from === Number.NEGATIVE_INFINITY && c.req.query("date_range") !== "all" ? live.now() - 30 * 86_400_000 : times.from;
    const [statuses, services, urgencies] = [list(c, "statuses"), list(c, "service_ids"), list(c, "urgencies")];
    const wrong = statuses.find((status) => !["triggered", "acknowledged", "resolved"].includes(status));
    if (wrong !== undefined) return invalid(c, `Status ${wrong} is not valid.`);
    const key = c.req.query("incident_key");
    const found = live
      .incidents()
      .filter(({ createdAt }) => createdAt >= from && createdAt < times.to)
      .filter(({ status }) => statuses.length === 0 || statuses.includes(status))
      .filter(({ service }) => services.length === 0 || services.includes(serviceId(service)))
      .filter(({ urgency }) => urgencies.length === 0 || urgencies.includes(urgency))
      .map((incident) => incidentJson(outsideUrl(c), incident, live.actsOf(incident)))
      .filter((incident) => key === undefined || incident["incident_key"] === key);
    return paged(
      c,
      "incidents",
      /^created_at(:asc)?$|^incident_number:asc$/.test(c.req.query("sort_by") ?? "") ? found.toReversed() : found,
    );
  });
  on("GET", "", (c, incident) => {
    if (c.req.header("authorization") === undefined) return incidentPage(c, incident, live.notes);
    return c.json({ incident: incidentJson(outsideUrl(c), incident, live.actsOf(incident)) });
  });
  on("GET", "/alerts", (c, incident) => {
    const statuses = list(c, "statuses");
    const alert = alertJson(outsideUrl(c), incident);
    const shown = !live.empty && (statuses.length === 0 || statuses.includes(String(alert["status"])));
    return paged(c, "alerts", shown ? [alert] : []);
  });
  on("GET", "/log_entries", (c, incident) => {
    const times = timesOf(c);
    if (typeof times === "string") return invalid(c, times);
    const entries = logEntriesJson(outsideUrl(c), incident, live.actsOf(incident)).filter((entry) => {
      const at = Date.parse(String(entry["created_at"]));
      return at >= times.from && at < times.to;
    });
    return paged(c, "log_entries", live.empty ? [] : entries);
  });
}

const incidentPage = (c: Context, incident: AccountIncident, notes: readonly Note[]) =>
  c.html(
    webPage({
      title: `#${incident.number} ${incident.title}`,
      about: `${incident.status}, ${incident.urgency} urgency, ${incident.service}, ${timeText(incident.createdAt)}`,
      text: [
        incident.details,
        ...notes.filter(({ incident: of }) => of === incident.id).map(({ by, content }) => `${by.realName}: ${content}`),
      ].join("\n\n"),
      files: [],
    }),
  );
const noteJson = (c: Context, note: Note): Json => ({
  id: note.id,
  user: userReference(outsideUrl(c), note.by),
  channel: { summary: "The PagerDuty website or APIs" },
  content: note.content,
  created_at: timeText(note.at),
  updated_at: timeText(note.at),
});

function noteRoutes(app: Hono, live: LiveAccount): void {
  const { notes } = live;
  const on = onIncident(app, live);
  on("GET", "/notes", (c, incident) => {
    return c.json({ notes: notes.filter((note) => note.incident === incident.id).map((note) => noteJson(c, note)) });
  });
  on("POST", "/notes", async (c, incident) => {
    const from = c.req.header("from");
    if (from === undefined) return invalid(c, "The From header must be a valid email address of a user of this account.");
    const by = knownUsers.find(({ email }) => email === from);
    if (by === undefined) return refuse(c, 400, "Requester User Not Found", 1008);
    const body: unknown = await c.req.json().catch(() => null);
    const asked = typeof body === "object" && body !== null && "note" in body ? body.note : null;
    const content = typeof asked === "object" && asked !== null && "content" in asked ? asked.content : null;
    if (typeof content !== "string" || content.trim() === "") return invalid(c, "Note content cannot be empty.");
    const note = { id: idOf("P", 13, "note", incident.id, String(notes.length)), incident: incident.id, by, content, at: live.now() };
    notes.push(note);
    live.act(incident, { at: note.at, kind: "annotated", by, note: content });
    return c.json({ note: noteJson(c, note) }, 201);
  });
}

const short = (c: Context, { id, createdAt, title }: AccountIncident): Json => ({
  id,
  created_at: timeText(createdAt),
  self: `${outsideUrl(c)}/incidents/${id}`,
  title,
});

/** @param dependencies by which open pages are related: PagerDuty knows them from its service directory */
function similarRoutes(app: Hono, live: LiveAccount, dependencies: Recording["incident"]["dependencies"]): void {
  const on = onIncident(app, live);
  on("GET", "/past_incidents", (c, incident) => {
    const limit = Math.min(999, Math.max(1, Number(c.req.query("limit") ?? 5) || 5));
    const past = live.earlier.filter(({ id, service }) => id !== incident.id && service === incident.service).toReversed();
    const total = c.req.query("total") === "true" ? { total: past.length } : {};
    return c.json({ past_incidents: past.slice(0, limit).map((one) => ({ incident: short(c, one), score: 50 })), ...total, limit });
  });
  on("GET", "/related_incidents", (c, incident) => {
    const isNear = (service: string) =>
      service === incident.service ||
      dependencies.some(({ from, to }) => (from === service && to === incident.service) || (to === service && from === incident.service));
    const open = live.empty
      ? []
      : live.incidents().filter(({ id, status, service }) => id !== incident.id && status !== "resolved" && isNear(service));
    return c.json({
      related_incidents: open.map((one) => ({
        incident: short(c, one),
        relationships: [
          {
            type: "machine_learning_inferred",
            metadata: {
              grouping_classification: "prior_feedback",
              user_feedback: { positive_feedback_count: 0, negative_feedback_count: 0 },
            },
          },
        ],
      })),
    });
  });
}

function changeRoutes(
  app: Hono,
  live: LiveAccount,
  dependencies: Recording["incident"]["dependencies"],
  commitUrl: (sha: string) => string | null,
): void {
  const changes = () => (live.empty ? [] : live.recorded.changes.filter(({ at }) => at <= live.now()));
  const on = onIncident(app, live);
  const shownChange = (c: Context, change: AccountChange) =>
    changeJson(outsideUrl(c), change, change.sha === null ? null : commitUrl(change.sha));
  on("GET", "/related_change_events", (c, incident) => {
    const limit = Math.min(100, Math.max(1, Number(c.req.query("limit") ?? 10) || 10));
    const near = new Set(
      dependencies.flatMap(({ from, to }) => (from === incident.service ? [to] : to === incident.service ? [from] : [])),
    );
    const related = changes()
      .filter(({ at }) => at <= incident.createdAt)
      .flatMap((change) => {
        const reason = change.service === incident.service ? "most_recent" : near.has(change.service ?? "") ? "related_service" : null;
        return reason === null ? [] : [{ ...shownChange(c, change), correlation_reason: { reason } }];
      });
    return c.json({ change_events: related.slice(0, limit), limit: null, offset: null, total: null, more: false });
  });

  const changesBetween = (c: Context, of: (service: string | null) => boolean) => {
    const times = timesOf(c);
    if (typeof times === "string") return invalid(c, times);
    const found = changes().filter(({ service, at }) => of(service) && at >= times.from && at < times.to);
    return paged(
      c,
      "change_events",
      found.map((change) => shownChange(c, change)),
    );
  };
  app.get("/change_events", (c) => changesBetween(c, () => true));
  app.get("/services/:id/change_events", (c) => {
    const service = serviceOf(live, c.req.param("id"));
    return service === undefined ? noService(c) : changesBetween(c, (one) => one === service);
  });
}

function serviceRoutes(app: Hono, live: LiveAccount): void {
  const statusOf = (service: string) => {
    const open = live.incidents().filter((incident) => incident.service === service && incident.status !== "resolved");
    return open.some(({ status }) => status === "triggered") ? "critical" : open.length > 0 ? "warning" : "active";
  };
  app.get("/services", (c) => {
    const query = c.req.query("query")?.toLowerCase() ?? "";
    const found = live.recorded.services.filter((service) => service.toLowerCase().includes(query)).toSorted();
    return paged(
      c,
      "services",
      found.map((service) => serviceJson(outsideUrl(c), service, statusOf(service))),
    );
  });
  app.get("/services/:id", (c) => {
    const service = serviceOf(live, c.req.param("id"));
    return service === undefined ? noService(c) : c.json({ service: serviceJson(outsideUrl(c), service, statusOf(service)) });
  });
}

function peopleRoutes(app: Hono, live: LiveAccount): void {
  app.get("/oncalls", (c) => {
    const policies = list(c, "escalation_policy_ids");
    const users = list(c, "user_ids");
    const full = list(c, "include").includes("users");
    const base = outsideUrl(c);
    const shiftBegan = Math.floor(live.now() / WEEK_MS) * WEEK_MS;
    const found = responders
      .slice(0, 2)
      .filter((person) => users.length === 0 || users.includes(userId(person)))
      .map((person, index) => ({
        escalation_policy: policyReference(base),
        // The whole user, where asked for, still calls itself a reference here.
        user: full ? { ...userJson(base, person), type: "user_reference" } : userReference(base, person),
        schedule: scheduleReference(base),
        escalation_level: index + 1,
        start: timeText(shiftBegan),
        end: timeText(shiftBegan + WEEK_MS),
      }));
    return paged(c, "oncalls", policies.length === 0 || policies.includes(escalationPolicyId) ? found : []);
  });
  app.get("/users", (c) =>
    paged(
      c,
      "users",
      knownUsers.map((person) => userJson(outsideUrl(c), person)),
    ),
  );
  app.get("/users/me", (c) => c.json({ user: { ...userJson(outsideUrl(c), botUser), role: "read_only_user" } }));
  app.get("/users/:id", (c) => {
    const person = knownUsers.find((one) => userId(one) === c.req.param("id"));
    return person === undefined ? refuse(c, 404, "Not Found", 2100) : c.json({ user: userJson(outsideUrl(c), person) });
  });
}

/**
 * PagerDuty's REST API v2 for one recording: its pages as incidents, earlier faults as resolved ones, deploys and flags as change events.
 * Source of shapes, paging, errors and codes: PagerDuty's REST reference and its OpenAPI document.
 */
export function createPagerdutyReplay(recording: Recording, clock: ReplayClock, options: PagerdutyReplayOptions): PagerdutyReplay {
  const { token, webhookSecret, repository = null, commitUrl = () => null, now = Date.now, fetch: send = fetch } = options;
  const account = accountOf(recording, clock, repository);
  const live = new LiveAccount(account, recording.access["pagerduty"]?.kind === "empty", now);
  const app = new Hono();
  app.use(async (c, next) => {
    const given = c.req.header("authorization");
    const forPeople = given === undefined && c.req.header("accept")?.includes("text/html") === true;
    if (forPeople) return next();
    if (given !== `Token token=${token}` && given !== `Bearer ${token}`) return refuse(c, 401, "Authentication failed", 2006);
    const accept = c.req.header("accept") ?? "*/*";
    const understood = /\*\/\*|application\/(json|\*)|application\/vnd\.pagerduty\+json;\s*version=2/.test(accept);
    return understood
      ? next()
      : refuse(c, 406, `The Accept header ${accept} is not supported; use application/vnd.pagerduty+json;version=2`, 2013);
  });

  incidentRoutes(app, live);
  noteRoutes(app, live);
  similarRoutes(app, live, recording.incident.dependencies);
  changeRoutes(app, live, recording.incident.dependencies, commitUrl);
  serviceRoutes(app, live);
  peopleRoutes(app, live);
  app.get("/abilities", (c) => c.json({ abilities: ["teams", "urgencies", "event_rules"] }));
  app.notFound((c) => refuse(c, 404, "Not Found", 2100));

  const pageAt = (index: number): AccountIncident => {
    const page = account.pages[index];
    if (page === undefined) throw new RangeError(`the recording has ${account.pages.length} pages, not ${index + 1}`);
    return page;
  };
  const eventOf: PagerdutyReplay["event"] = (base, event, index = 0) => {
    const page = pageAt(index);
    const status = event.kind === "annotated" ? live.asItIs(page).status : event.kind;
    const done = live.actsOf(page).find(({ kind }) => kind === event.kind);
    return webhookEvent(base, { ...page, status }, event, event.kind === "triggered" ? page.createdAt : (done?.at ?? now()));
  };
  return {
    app,
    incidentIds: account.pages.map(({ id }) => id),
    event: eventOf,
    deliver: (url, base, event, index = 0) => {
      const page = pageAt(index);
      live.sent(page);
      if ((event.kind === "acknowledged" || event.kind === "resolved") && !live.actsOf(page).some(({ kind }) => kind === event.kind))
        live.act(page, { at: now(), kind: event.kind, by: event.by, note: null });
      return deliverWebhook(url, webhookSecret, eventOf(base, event, index), send);
    },
    notes: () => live.notes.map(({ incident, by, content }) => ({ incident, by: by.realName, content })),
  };
}
