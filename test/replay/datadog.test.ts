import { describe, expect, test } from "vitest";
import { type Errors, isoAt, keys, replayedDatadog, servedAt } from "./datadog-fixture.ts";
import { incidentJson, secondsAt } from "../support/recording-folder.ts";

const sha = (letter: string) => letter.repeat(40);
const event = (time: string, source: string, title: string, more: Record<string, unknown> = {}) => ({
  time: secondsAt(time),
  source,
  title,
  text: `${title}, in full`,
  service: "shop",
  instance: null,
  severity: "info",
  tags: ["kube_namespace:web"],
  ...more,
});

const files = {
  "incident.json": incidentJson({
    services: ["shop", "db"],
    dependencies: [
      { from: "shop", to: "db" },
      { from: "shop", to: "mail" },
    ],
  }),
  "events.jsonl.gz": [
    event("12:05:00", "kubernetes", "Back-off restarting", { severity: "warning", instance: "shop-1" }),
    event("12:10:20", "deploy", "Shop was deployed"),
    event("12:11:00", "rds", "Failover", { service: null, severity: "error" }),
  ],
  "changes.jsonl.gz": [
    {
      kind: "commit",
      time: secondsAt("12:01:00"),
      sha: sha("a"),
      author: "ana",
      message: "feat: faster",
      files_changed: ["a.ts"],
      diff: null,
    },
    { kind: "deploy", time: secondsAt("12:10:00"), service: "shop", commit_sha: sha("a"), version: "v7" },
    { kind: "deploy", time: secondsAt("12:15:00"), service: "db", sha: sha("b"), environment: "production" },
    { kind: "flag", time: secondsAt("12:16:00"), service: "shop", flag: "new-cart", change: "off->on", actor: "bo" },
  ],
  "monitors.json": [
    {
      id: 1,
      name: "Shop errors",
      type: "query alert",
      query: "avg(last_5m):avg:errors{service:shop} by {pod_name} > 0.5",
      message: "m",
      service: "shop",
      tags: ["team:web"],
      state: "Alert",
      triggered_at: "2026-01-02T12:27:00Z",
    },
    {
      id: 2,
      name: "Disk of db",
      type: "metric alert",
      query: "",
      message: "",
      service: "db",
      tags: ["service:db"],
      state: "OK",
      triggered_at: null,
    },
  ],
};

interface Events {
  readonly data: readonly {
    readonly attributes: {
      readonly tags: readonly string[];
      readonly timestamp: string;
      readonly message: string;
      readonly attributes: Readonly<Record<string, unknown>>;
    };
  }[];
}

describe("events", () => {
  const whole = { from: String(servedAt("12:00:00")), to: "now" };
  async function found(query: string) {
    const { body } = await (
      await replayedDatadog(files)
    ).post<Events>("/api/v2/events/search", { filter: { query, ...whole }, sort: "timestamp", page: { limit: 100 } });
    return body.data.map(({ attributes }) => attributes.attributes["title"]);
  }

  test("are those of the platform, and the changes but for commits; a deploy that both tell of is one", async () => {
    expect(await found("*")).toEqual([
      "Back-off restarting",
      "Shop was deployed",
      "Failover",
      "deploy of db bbbbbbb",
      "flag new-cart on shop: off->on",
    ]);
  });

  test.each([
    ["source:deploy", ["Shop was deployed", "deploy of db bbbbbbb"]],
    ["source:feature_flag", ["flag new-cart on shop: off->on"]],
    ["source:(deploy OR feature_flag) service:shop", ["Shop was deployed", "flag new-cart on shop: off->on"]],
    ["source:kubernetes status:warning", ["Back-off restarting"]],
    ["pod_name:shop-1", ["Back-off restarting"]],
    ["status:error", ["Failover"]],
    ["failover", ["Failover"]],
    ["kube_namespace:web -service:shop", ["Failover"]],
    ["source:nothing", []],
  ])("are found by %s", async (query, expected) => {
    expect(await found(query)).toEqual(expected);
  });

  test("tell which code a deploy put live, where it is, and who did it", async () => {
    const datadog = await replayedDatadog(files, { repositoryUrl: (service) => `https://github.example/acme/${service}` });
    const { body } = await datadog.get<Events>("/api/v2/events", {
      "filter[query]": "source:deploy service:shop",
      "filter[from]": whole.from,
      "filter[to]": "now",
    });
    expect(body.data[0]?.attributes).toMatchObject({
      timestamp: isoAt("12:10:20"),
      message: "Shop was deployed, in full",
      attributes: { service: "shop", timestamp: servedAt("12:10:20"), status: "info" },
      tags: [
        "source:deploy",
        "service:shop",
        "kube_namespace:web",
        "version:v7",
        `git.commit.sha:${sha("a")}`,
        "git.repository_url:https://github.example/acme/shop",
        "author:ana",
      ],
    });
  });
});

describe("monitors", () => {
  interface Monitor {
    readonly id: number;
    readonly overall_state: string;
    readonly state?: unknown;
  }

  test("are listed with their state and since when", async () => {
    const { body } = await (await replayedDatadog(files)).get<Monitor[]>("/api/v1/monitor");
    expect(body).toMatchObject([
      {
        id: 1,
        name: "Shop errors",
        overall_state: "Alert",
        overall_state_modified: isoAt("12:27:00"),
        multi: true,
        tags: ["service:shop", "team:web"],
        options: { thresholds: { critical: 0.5 } },
      },
      { id: 2, overall_state: "OK", overall_state_modified: null, multi: false, tags: ["service:db"] },
    ]);
  });

  test.each([
    [{ name: "disk" }, [2]],
    [{ monitor_tags: "service:shop,team:web" }, [1]],
    [{ page: 1, page_size: 1 }, [2]],
    [{ page: 2, page_size: 1 }, []],
    [{ id_offset: 1 }, [2]],
  ])("are filtered and paged: %o", async (query, expected) => {
    const { body } = await (await replayedDatadog(files)).get<Monitor[]>("/api/v1/monitor", query);
    expect(body.map(({ id }) => id)).toEqual(expected);
  });

  test("show the groups of the states asked for", async () => {
    const datadog = await replayedDatadog(files);
    const state = async (id: number, states: string) =>
      (await datadog.get<Monitor>(`/api/v1/monitor/${id}`, { group_states: states })).body.state;
    const last_triggered_ts = Math.floor(servedAt("12:27:00") / 1000);
    expect(await state(1, "alert,warn")).toEqual({
      groups: { "service:shop": { name: "service:shop", status: "Alert", last_triggered_ts } },
    });
    expect(await state(2, "alert,warn")).toEqual({ groups: {} });
    expect((await datadog.get("/api/v1/monitor", { group_states: "broken" })).body).toEqual({ errors: ["Invalid group_state filters."] });
    expect(await datadog.get("/api/v1/monitor/99")).toEqual({ status: 404, body: { errors: ["Monitor not found"] } });
  });

  test("are searched by state, tag and words", async () => {
    const datadog = await replayedDatadog(files);
    const search = async (query: string) =>
      (await datadog.get<{ monitors: { id: number; status: string }[] } & Errors>("/api/v1/monitor/search", { query })).body;
    const ids = async (query: string) => (await search(query)).monitors.map(({ id }) => id);
    expect(await ids("")).toEqual([1, 2]);
    expect(await ids("status:alert")).toEqual([1]);
    expect(await ids("status:(alert OR ok) service:db")).toEqual([2]);
    expect(await ids('tag:"team:web"')).toEqual([1]);
    expect(await ids("disk")).toEqual([2]);
    expect(await search("status:notastatus")).toEqual({ errors: ["Query parsing error: 'notastatus' is not a valid monitor status"] });
    expect(await search("status:alert")).toMatchObject({
      monitors: [{ last_triggered_ts: Math.floor(servedAt("12:27:00") / 1000), metrics: ["errors"] }],
      counts: { status: [{ name: "Alert", count: 1 }] },
      metadata: { total_count: 1, page_count: 1, page: 0, per_page: 30 },
    });
  });
});

describe("the software catalog", () => {
  interface Catalog {
    readonly data: readonly { readonly attributes: { readonly name: string } }[];
    readonly included: readonly {
      readonly attributes: {
        readonly schema: { readonly metadata: { readonly name: string }; readonly spec: { readonly dependsOn: readonly string[] } };
      };
    }[];
    readonly links: { readonly next?: string };
  }

  test("has each service with what it calls", async () => {
    const { body } = await (
      await replayedDatadog(files)
    ).get<Catalog>("/api/v2/catalog/entity", { "filter[kind]": "service", include: "schema" });
    expect(body.included.map(({ attributes: { schema } }) => [schema.metadata.name, schema.spec.dependsOn])).toEqual([
      ["db", []],
      ["mail", []],
      ["shop", ["service:default/db", "service:default/mail"]],
    ]);
  });

  test("is filtered and paged", async () => {
    const datadog = await replayedDatadog(files);
    const names = async (query: Record<string, string | number>) =>
      (await datadog.get<Catalog>("/api/v2/catalog/entity", query)).body.data.map(({ attributes }) => attributes.name);
    expect(await names({ "filter[name]": "shop" })).toEqual(["shop"]);
    expect(await names({ "filter[ref]": "service:default/db" })).toEqual(["db"]);
    expect(await names({ "filter[kind]": "datastore" })).toEqual([]);
    const { body } = await datadog.get<Catalog>("/api/v2/catalog/entity", { "page[limit]": 2 });
    const next = (await (await datadog.app.request(body.links.next ?? "", { headers: keys })).json()) as Catalog;
    expect([body.data.length, next.data.map(({ attributes }) => attributes.name), next.links.next]).toEqual([2, ["shop"], undefined]);
  });
});

describe("access", () => {
  const ask = async (path: string, headers: Record<string, string>, options = {}) => {
    const { app } = await replayedDatadog(files, options);
    const response = await app.request(path, { headers });
    return [response.status, await response.json()];
  };

  test("needs both keys, but for the validation of the API key", async () => {
    expect(await ask("/api/v1/monitor", {})).toEqual([403, { errors: ["Forbidden"] }]);
    expect(await ask("/api/v1/monitor", { "dd-api-key": "a" })).toEqual([403, { errors: ["Forbidden"] }]);
    expect(await ask("/api/v2/events", { "dd-application-key": "b" })).toEqual([403, { errors: ["Forbidden"] }]);
    expect(await ask("/api/v2/query/timeseries", {})).toEqual([401, { errors: ["Unauthorized"] }]);
    expect(await ask("/api/v2/spans/events", {})).toEqual([
      403,
      { errors: [{ title: "Generic Error", detail: "Forbidden", status: "403" }] },
    ]);
    expect(await ask("/api/v1/validate", {})).toEqual([403, { errors: ["API key required"] }]);
    expect(await ask("/api/v1/validate", { "dd-api-key": "a" })).toEqual([200, { valid: true }]);
  });

  test("can be kept to certain keys", async () => {
    const only = { apiKey: "api", appKey: "application" };
    expect((await ask("/api/v1/monitor", keys, only))[0]).toBe(200);
    expect(await ask("/api/v1/monitor", { ...keys, "dd-application-key": "other" }, only)).toEqual([403, { errors: ["Forbidden"] }]);
    expect(await ask("/api/v1/monitor", { ...keys, "dd-api-key": "other" }, only)).toEqual([403, { errors: ["Forbidden"] }]);
    expect(await ask("/api/v1/validate", { "dd-api-key": "other" }, only)).toEqual([403, { errors: ["Forbidden"] }]);
  });

  test("is as access.json says, tool by tool", async () => {
    const datadog = await replayedDatadog({
      ...files,
      "metrics.csv.gz": [
        ["time", "service", "instance", "metric", "value"],
        [secondsAt("12:20:00"), "shop", "", "errors", 1],
      ],
      "access.json": {
        "datadog.logs": "forbidden",
        "datadog.events": "empty",
        "datadog.spans": "error:503",
        "datadog.metrics": "empty",
        "datadog.monitors": "forbidden",
      },
    });
    const statuses = await Promise.all([
      datadog.post("/api/v2/logs/events/search", {}),
      datadog.post("/api/v2/logs/analytics/aggregate", {}),
      datadog.post("/api/v2/spans/events/search", { data: {} }),
      datadog.get("/api/v1/monitor/search"),
      datadog.get("/api/v2/catalog/entity"),
    ]);
    expect(statuses.map(({ status }) => status)).toEqual([403, 403, 503, 403, 200]);
    expect(await datadog.post("/api/v2/events/search", { filter: { from: "now-1h" } })).toMatchObject({ status: 200, body: { data: [] } });
    const from = Math.floor(servedAt("12:00:00") / 1000);
    expect(await datadog.get("/api/v1/query", { from, to: from + 3600, query: "avg:errors{*}" })).toMatchObject({
      status: 200,
      body: { series: [] },
    });
  });

  test("to what is not served is refused by name", async () => {
    expect(await ask("/api/v2/incidents", keys)).toEqual([
      404,
      { errors: ["Not found: GET /api/v2/incidents is not served by this replay"] },
    ]);
  });
});
