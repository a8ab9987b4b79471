import type { Hono } from "hono";
import { z } from "zod";
import type { RecordedMonitor } from "../recorded.ts";
import type { DatadogContext } from "./context.ts";
import { BadRequestError } from "./errors.ts";
import { validated } from "./input.ts";
import { matcher, parseSearchQuery, type Searchable, type SearchQuery } from "./search-query.ts";

const states = ["Alert", "Ignored", "No Data", "OK", "Skipped", "Unknown", "Warn"] as const;
type State = (typeof states)[number];
const stateOf = (state: string): State => states.find((known) => known.toLowerCase() === state.toLowerCase()) ?? "Unknown";

/** The states that `group_states` may name. */
const groupStates = ["all", "alert", "warn", "no data", "ok", "ignored", "skipped", "unknown"];

const seconds = (at: number): number => Math.floor(at / 1000);

const pageNumber = z.coerce.number().int().nonnegative();
const listQuery = z.object({
  group_states: z.string().optional(),
  name: z.string().optional(),
  tags: z.string().optional(),
  monitor_tags: z.string().optional(),
  id_offset: z.coerce.number().int().optional(),
  page: pageNumber.optional(),
  page_size: z.coerce.number().int().positive().max(1000).default(100),
});
const searchParameters = z.object({
  query: z.string().default(""),
  page: pageNumber.default(0),
  per_page: z.coerce.number().int().positive().max(1000).default(30),
  sort: z
    .string()
    .regex(/^(name|status|id|type|triggered)(,(asc|desc))?$/, "must be a field and a direction, such as name,asc")
    .optional(),
});

/** Values of every `status:` of a query; a word that is no state is an error, as Datadog has it. */
function statusesIn(query: SearchQuery): string[] {
  if (query.kind === "and" || query.kind === "or") return query.of.flatMap(statusesIn);
  if (query.kind === "not") return statusesIn(query.of);
  if (query.kind !== "term" || query.key.kind !== "field" || query.key.name !== "status") return [];
  return query.value.kind === "exact" ? [query.value.text] : [];
}

function served(monitor: RecordedMonitor, created: string, clock: DatadogContext["clock"]) {
  const threshold = Number(/[<>]=?\s*(-?\d+(?:\.\d+)?)\s*$/.exec(monitor.query)?.[1] ?? Number.NaN);
  const tagged = monitor.service === null || monitor.tags.includes(`service:${monitor.service}`) ? [] : [`service:${monitor.service}`];
  const triggeredAt = monitor.triggeredAt === null ? null : clock.toServed(monitor.triggeredAt);
  return {
    triggeredAt,
    state: stateOf(monitor.state),
    groupName: tagged[0] ?? "*",
    answer: {
      id: monitor.id,
      name: monitor.name,
      type: monitor.type,
      query: monitor.query,
      message: monitor.message,
      tags: [...tagged, ...monitor.tags],
      options: {
        notify_no_data: false,
        include_tags: true,
        silenced: {},
        ...(Number.isNaN(threshold) ? {} : { thresholds: { critical: threshold } }),
      },
      multi: /\bby\s*\{/.test(monitor.query),
      created,
      modified: created,
      deleted: null,
      restricted_roles: null,
      priority: null,
      overall_state: stateOf(monitor.state),
      overall_state_modified: triggeredAt === null ? null : new Date(triggeredAt).toISOString(),
    },
  };
}

type Monitor = ReturnType<typeof served>;

const detail = ({ answer, state, triggeredAt, groupName }: Monitor, asked: string | undefined) => {
  if (asked === undefined) return answer;
  const wanted = asked.split(",").map((word) => word.trim().toLowerCase());
  if (wanted.some((word) => !groupStates.includes(word))) throw new BadRequestError("Invalid group_state filters.");
  if (!wanted.includes("all") && !wanted.includes(state.toLowerCase())) return { ...answer, state: { groups: {} } };
  const group = { name: groupName, status: state, ...(triggeredAt === null ? {} : { last_triggered_ts: seconds(triggeredAt) }) };
  return { ...answer, state: { groups: { [groupName]: group } } };
};

const searchable: Searchable<Monitor> = {
  field({ answer, state }, name) {
    if (name === "status") return state;
    if (name === "title" || name === "name") return answer.name;
    if (name === "type" || name === "query" || name === "id") return answer[name];
    if (name === "muted") return false;
    if (name === "tag") return answer.tags;
    return answer.tags.filter((tag) => tag.startsWith(`${name}:`)).map((tag) => tag.slice(name.length + 1));
  },
  attribute: () => undefined,
  text: ({ answer }) => `${answer.name}\n${answer.tags.join("\n")}`,
  everything: ({ answer }) => `${answer.name}\n${answer.query}\n${answer.message}\n${answer.tags.join("\n")}`,
  anyCase: () => true,
};

/** `GET /api/v1/monitor`, `GET /api/v1/monitor/search`, `GET /api/v1/monitor/{id}`. */
export function monitorRoutes(app: Hono, recorded: readonly RecordedMonitor[], createdAt: number, { clock }: DatadogContext): void {
  const created = new Date(clock.toServed(createdAt)).toISOString();
  const monitors = recorded.map((monitor) => served(monitor, created, clock));
  app.get("/api/v1/monitor", (c) => {
    const query = validated(listQuery, c.req.query());
    const hasAll = (monitor: Monitor, list: string | undefined) =>
      (list ?? "").split(",").every((tag) => tag.trim() === "" || monitor.answer.tags.includes(tag.trim()));
    const found = monitors
      .filter((monitor) => monitor.answer.name.toLowerCase().includes((query.name ?? "").toLowerCase()))
      .filter((monitor) => hasAll(monitor, query.tags) && hasAll(monitor, query.monitor_tags))
      .filter((monitor) => query.id_offset === undefined || monitor.answer.id > query.id_offset);
    const from = (query.page ?? 0) * query.page_size;
    const page = query.page === undefined && query.id_offset === undefined ? found : found.slice(from, from + query.page_size);
    return c.json(page.map((monitor) => detail(monitor, query.group_states)));
  });

  searchRoute(app, monitors);
  app.get("/api/v1/monitor/:id{[0-9]+}", (c) => {
    const found = monitors.find(({ answer }) => answer.id === Number(c.req.param("id")));
    if (found === undefined) throw new BadRequestError("Monitor not found", 404);
    return c.json(detail(found, c.req.query("group_states")));
  });
}

function searchRoute(app: Hono, monitors: readonly Monitor[]): void {
  app.get("/api/v1/monitor/search", (c) => {
    const { query: text, page, per_page, sort } = validated(searchParameters, c.req.query());
    const query = parseSearchQuery(text);
    const wrong = statusesIn(query).find((word) => !states.some((state) => state.toLowerCase() === word.toLowerCase()));
    if (wrong !== undefined) throw new BadRequestError(`Query parsing error: '${wrong}' is not a valid monitor status`);
    const found = monitors.filter(matcher(query, searchable));
    if (sort !== undefined) {
      const [field = "", direction] = sort.split(",");
      const key = ({ answer, state, triggeredAt }: Monitor) =>
        field === "id"
          ? answer.id
          : field === "triggered"
            ? (triggeredAt ?? 0)
            : field === "status"
              ? state
              : field === "type"
                ? answer.type
                : answer.name;
      found.sort((a, b) => (key(a) === key(b) ? 0 : key(a) < key(b) ? -1 : 1) * (direction === "desc" ? -1 : 1));
    }
    const counted = (values: readonly string[]) =>
      [...new Set(values)]
        .map((name) => ({ name, count: values.filter((value) => value === name).length }))
        .sort((a, b) => b.count - a.count);
    return c.json({
      monitors: found.slice(page * per_page, (page + 1) * per_page).map(({ answer, state, triggeredAt }) => ({
        id: answer.id,
        name: answer.name,
        type: answer.type,
        query: answer.query,
        tags: answer.tags,
        status: state,
        classification: "metric",
        scopes: [],
        metrics: [...answer.query.matchAll(/:([A-Za-z][\w.]*)\{/g)].map(([, metric]) => metric ?? ""),
        notifications: [],
        org_id: 1,
        last_triggered_ts: triggeredAt === null ? null : seconds(triggeredAt),
      })),
      counts: {
        status: counted(found.map(({ state }) => state)),
        muted: [{ name: false, count: found.length }],
        tag: counted(found.flatMap(({ answer }) => answer.tags)),
        type: counted(found.map(({ answer }) => answer.type)),
      },
      metadata: { total_count: found.length, page_count: Math.ceil(found.length / per_page), page, per_page },
    });
  });
}
