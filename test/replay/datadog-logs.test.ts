import { describe, expect, test } from "vitest";
import { type Errors, isoAt, keys, replayedDatadog, servedAt } from "./datadog-fixture.ts";
import { secondsAt } from "../support/recording-folder.ts";

interface Logs {
  readonly data: readonly {
    readonly id: string;
    readonly attributes: {
      readonly message: string;
      readonly timestamp: string;
      readonly status: string;
      readonly tags: readonly string[];
      readonly attributes: Readonly<Record<string, unknown>>;
    };
  }[];
  readonly meta: { readonly page?: { readonly after: string } };
  readonly links?: { readonly next: string };
}

const line = (time: string, service: string, severity: string | null, message: string, more: Record<string, unknown> = {}) => ({
  time: secondsAt(time),
  service,
  instance: `${service}-1`,
  severity,
  message,
  trace_id: null,
  span_id: null,
  ...more,
});

const files = {
  "logs.jsonl.gz": [
    line("12:20:00", "shop", "INFO", "a: order placed", {
      attributes: { http: { status_code: 200, method: "POST" }, "db.rows": 3, env: "prod" },
    }),
    line("12:21:00", "shop", "ERROR", "b: payment failed (timeout after 5000 ms)", {
      trace_id: "t1",
      span_id: "s1",
      attributes: { http: { status_code: 503 }, "db.rows": 40 },
    }),
    line("12:22:00", "cart", "WARNING", "c: cache-miss for user-17", { instance: null, attributes: { reasons: ["cold", "evicted"] } }),
    line("12:23:00", "cart", "FATAL", 'd: said "no way" (again) * done', { attributes: { path: "/api/v1/cart" } }),
    line("12:24:00", "Tax Query::Y", null, "e: nothing of note", {}),
  ],
};

const whole = { from: String(servedAt("12:00:00")), to: String(servedAt("12:30:00")) };

async function found(query: string, window: Record<string, string> = whole): Promise<string> {
  const datadog = await replayedDatadog(files);
  const { status, body } = await datadog.post<Logs & Errors>("/api/v2/logs/events/search", {
    filter: { query, ...window },
    sort: "timestamp",
    page: { limit: 100 },
  });
  return status === 200 ? body.data.map(({ attributes }) => attributes.message[0]).join("") : `${status} ${body.errors.join()}`;
}

describe("a log search", () => {
  test.each<[string, string]>([
    ["*", "abcde"],
    ["", "abcde"],
    ["service:shop", "ab"],
    ["service:SHOP", "ab"],
    ["service:sh*", "ab"],
    ["service:?hop", "ab"],
    ["service:(shop OR cart)", "abcd"],
    ["service:(shop OR cart) -status:error", "acd"],
    ['service:"Tax Query::Y"', "e"],
    ["service:Tax\\ Query::Y", "e"],
    ["status:error", "b"],
    ["status:warn", "c"],
    ["status:emergency", "d"],
    ["status:info", "ae"],
    ["service:shop AND status:error", "b"],
    ["service:shop status:error", "b"],
    ["service:cart OR status:error", "bcd"],
    ["service:cart status:warn OR status:error", "bc"],
    ["service:shop (status:error OR status:info)", "ab"],
    ["NOT service:shop", "cde"],
    ["-service:shop -service:cart", "e"],
    ["NOT (service:shop OR service:cart)", "e"],
    ["payment", "b"],
    ["PAYMENT", "b"],
    ["pay", ""],
    ["pay*", "b"],
    ["*ment", "b"],
    ['"payment failed"', "b"],
    ['"failed payment"', ""],
    ['"no way"', "d"],
    ['"said \\"no way\\""', "d"],
    ["cache-miss", "c"],
    ["user-17", "c"],
    ["message:*timeout*", "b"],
    ["@http.status_code:503", "b"],
    ["@http.status_code:5*", "b"],
    ["@http.status_code:[200 TO 299]", "a"],
    ["@http.status_code:>=500", "b"],
    ["@http.status_code:<500", "a"],
    ["@db.rows:{3 TO *}", "b"],
    ["@db.rows:[* TO 3]", "a"],
    ["@http.method:POST", "a"],
    ["@http.method:post", ""],
    ["@http.method:*", "a"],
    ["-@http.status_code:*", "cde"],
    ["@reasons:evicted", "c"],
    ["@path:/api/v1/*", "d"],
    ["trace_id:t1", "b"],
    ["@trace_id:t1", "b"],
    ["@span_id:s1", "b"],
    ["pod_name:shop-1", "ab"],
    ["@pod_name:cart-1", "d"],
    ["env:prod", "a"],
    ["nothing:here", ""],
    ["*:evicted", "c"],
    ["service:shop AND", "400 Invalid query at character 17: a term is missing. The query was: service:shop AND"],
    ["OR service:shop", "400 Invalid query at character 3: OR joins nothing. The query was: OR service:shop"],
  ])("%s", async (query, expected) => {
    expect(await found(query)).toBe(expected);
  });

  test.each([
    ["(service:shop", /"\)" is missing/],
    ["service:shop)", /"\)" is not expected/],
    ['"open', /closing quote is missing/],
    ["service:", /a value is missing/],
    ["@http.status_code", /@http.status_code has no value/],
    ["@http.status_code:[1 2]", /a range is \[from TO to\]/],
    ["@http.status_code:[1 TO", /"\]" is missing/],
    ["@http.status_code:>many", /only numbers can be compared/],
    ["ser*ice:shop", /a name cannot hold wildcards/],
    [":shop", /a name is missing/],
  ])("that is broken is refused with the reason: %s", async (query, reason) => {
    expect(await found(query)).toMatch(reason);
  });

  test.each<[string, Record<string, string>, string]>([
    ["relative to now", { from: "now-9m", to: "now-7m" }, "bcd"],
    ["in ISO 8601", { from: isoAt("12:22:00"), to: isoAt("12:23:30") }, "cd"],
    ["in epoch milliseconds", { from: String(servedAt("12:23:30")), to: String(servedAt("12:29:00")) }, "e"],
    ["left out, which is the last 15 minutes", {}, "abcde"],
    ["after the recording's end", { from: "now", to: "now+1h" }, ""],
    [
      "that is no time",
      { from: "yesterday", to: "now" },
      "400 input_validation_error(Field 'filter.from' is invalid: 'yesterday' is not a time)",
    ],
    [
      "that ends before it begins",
      { from: "now", to: "now-1h" },
      "400 invalid_argument(Field 'filter.from,to' is invalid: 'from' should be anterior to 'to')",
    ],
  ])("takes a window %s", async (_what, window, expected) => {
    expect(await found("*", window)).toBe(expected);
  });

  test("shows a line with its served time, status, tags and attributes", async () => {
    const datadog = await replayedDatadog(files);
    const { body } = await datadog.post<Logs>("/api/v2/logs/events/search", { filter: { query: "trace_id:t1", ...whole } });
    expect(body.data[0]).toMatchObject({
      attributes: {
        service: "shop",
        status: "error",
        timestamp: isoAt("12:21:00"),
        message: "b: payment failed (timeout after 5000 ms)",
        tags: ["service:shop", "pod_name:shop-1"],
        attributes: { http: { status_code: 503 }, trace_id: "t1", span_id: "s1", pod_name: "shop-1" },
      },
    });
  });
});

describe("pages of logs", () => {
  const messages = ({ data }: Logs) => data.map(({ attributes }) => attributes.message[0]);
  async function pages(sort: string | undefined) {
    const datadog = await replayedDatadog(files);
    const all: (string | undefined)[][] = [];
    let cursor: string | undefined;
    do {
      const page: { limit: number; cursor?: string } = { limit: 2, ...(cursor === undefined ? {} : { cursor }) };
      const { body } = await datadog.post<Logs>("/api/v2/logs/events/search", {
        filter: { query: "*", ...whole },
        page,
        ...(sort === undefined ? {} : { sort }),
      });
      all.push(messages(body));
      cursor = body.meta.page?.after;
    } while (cursor !== undefined);
    return all;
  }

  test("follow each other without gap or double, in either order, newest first by default", async () => {
    expect(await pages("timestamp")).toEqual([["a", "b"], ["c", "d"], ["e"]]);
    expect(await pages("-timestamp")).toEqual([["e", "d"], ["c", "b"], ["a"]]);
    expect(await pages(undefined)).toEqual([["e", "d"], ["c", "b"], ["a"]]);
  });

  test("are linked by an address that answers too", async () => {
    const datadog = await replayedDatadog(files);
    const { body } = await datadog.post<Logs>("/api/v2/logs/events/search", {
      filter: { query: "service:(shop OR cart)", ...whole },
      sort: "timestamp",
      page: { limit: 3 },
    });
    const next = await datadog.app.request(body.links?.next ?? "", { headers: keys });
    expect(messages((await next.json()) as Logs)).toEqual(["d"]);
  });

  test.each([
    ["a made-up cursor", { cursor: "bm9uc2Vuc2U" }, /invalid cursor/],
    ["more than a thousand", { limit: 1001 }, /'page.limit' is invalid: must be at most 1000/],
  ])("are refused for %s", async (_what, page, reason) => {
    const { status, body } = await (await replayedDatadog(files)).post<Errors>("/api/v2/logs/events/search", { filter: whole, page });
    expect([status, body.errors[0]]).toEqual([400, expect.stringMatching(reason)]);
  });
});

interface Aggregate {
  readonly data: {
    readonly buckets: readonly { readonly by: Readonly<Record<string, unknown>>; readonly computes: Readonly<Record<string, unknown>> }[];
  };
}

describe("a log aggregation", () => {
  async function buckets(request: Record<string, unknown>) {
    const datadog = await replayedDatadog(files);
    const { status, body } = await datadog.post<Aggregate & Errors>("/api/v2/logs/analytics/aggregate", {
      filter: { query: "*", ...whole },
      ...request,
    });
    return status === 200
      ? body.data.buckets.map(({ by, computes }) => [...Object.values(by), ...Object.values(computes)])
      : body.errors[0];
  }
  const count = [{ aggregation: "count", type: "total" }];

  test("counts all in one bucket", async () => {
    expect(await buckets({ compute: count })).toEqual([[5]]);
    expect(await buckets({})).toEqual([[5]]);
  });

  test("groups by facets, the largest first, only so many", async () => {
    const byService = (more: Record<string, unknown> = {}) => buckets({ compute: count, group_by: [{ facet: "service", ...more }] });
    expect(await byService()).toEqual([
      ["cart", 2],
      ["shop", 2],
      ["Tax Query::Y", 1],
    ]);
    expect(await byService({ limit: 1 })).toEqual([["cart", 2]]);
    expect(await byService({ sort: { type: "measure", aggregation: "count", order: "asc" } })).toEqual([
      ["Tax Query::Y", 1],
      ["cart", 2],
      ["shop", 2],
    ]);
    expect(await byService({ sort: { type: "alphabetical", order: "desc" } })).toEqual([
      ["shop", 2],
      ["cart", 2],
      ["Tax Query::Y", 1],
    ]);
  });

  test("groups by several facets in turn, and by attributes", async () => {
    expect(await buckets({ compute: count, group_by: [{ facet: "service", limit: 2 }, { facet: "status" }] })).toEqual([
      ["cart", "emergency", 1],
      ["cart", "warn", 1],
      ["shop", "error", 1],
      ["shop", "info", 1],
    ]);
    expect(await buckets({ compute: count, group_by: [{ facet: "@http.status_code" }] })).toEqual([
      [200, 1],
      [503, 1],
    ]);
    expect(await buckets({ compute: count, group_by: [{ facet: "@http.status_code", missing: "none" }] })).toEqual([
      ["none", 3],
      [200, 1],
      [503, 1],
    ]);
  });

  test("computes figures of a measure, and how many values there are", async () => {
    const of = (aggregation: string, metric: string) => buckets({ compute: [{ aggregation, metric }] });
    expect(await of("sum", "@db.rows")).toEqual([[43]]);
    expect(await of("avg", "@db.rows")).toEqual([[21.5]]);
    expect(await of("max", "@db.rows")).toEqual([[40]]);
    expect(await of("min", "@db.rows")).toEqual([[3]]);
    expect(await of("median", "@db.rows")).toEqual([[21.5]]);
    expect(await of("pc75", "@db.rows")).toEqual([[30.75]]);
    expect(await of("cardinality", "service")).toEqual([[3]]);
    expect(await of("sum", "@nothing")).toEqual([[]]);
  });

  test("lays counts out over time", async () => {
    const timeseries = [{ aggregation: "count", type: "timeseries", interval: "2m" }];
    expect(await buckets({ compute: timeseries, filter: { query: "service:(shop OR cart)", ...whole } })).toEqual([
      [
        [
          { time: isoAt("12:20:00"), value: 2 },
          { time: isoAt("12:22:00"), value: 2 },
        ],
      ],
    ]);
  });

  test.each<[string, Record<string, unknown>, RegExp]>([
    ["an unknown aggregation", { compute: [{ aggregation: "stddev" }] }, /compute\.0\.aggregation/],
    ["a measure left out", { compute: [{ aggregation: "sum" }] }, /sum needs a metric/],
    [
      "an interval that is none",
      { compute: [{ aggregation: "count", type: "timeseries", interval: "often" }] },
      /'often' is not an interval/,
    ],
    ["totals", { compute: count, group_by: [{ facet: "service", total: true }] }, /total is not served/],
    [
      "histograms",
      { compute: count, group_by: [{ facet: "@db.rows", histogram: { interval: 1, min: 0, max: 9 } }] },
      /histogram is not served/,
    ],
    ["a broken query", { compute: count, filter: { query: "(" } }, /Invalid query/],
  ])("with %s is refused", async (_what, request, reason) => {
    expect(await buckets(request)).toMatch(reason);
  });
});
