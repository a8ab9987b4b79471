import { existsSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { withBaselines } from "../../../src/replay/baseline.ts";
import { replayClock } from "../../../src/replay/clock.ts";
import { createDatadogReplay } from "../../../src/replay/datadog/datadog-replay.ts";
import { loadRecording } from "../../../src/replay/recording.ts";
import { secondsAt } from "../../support/recording-folder.ts";
import { madeUp, replayedAt, serving } from "../../support/serving.ts";
import { connect, minute, never } from "./setup.ts";

/** Served time of a time of the made-up day. */
const served = (time: string) => replayedAt + (secondsAt(time) - secondsAt("12:30:00")) * 1000;
const window = { from: served("12:00:00"), to: replayedAt + 1 };
const sha = "9f2c1e0d4b5a69788796a5b4c3d2e1f001234567";

const log = (time: string, more: Record<string, unknown> = {}) => ({
  time: secondsAt(time),
  service: "shop",
  instance: "shop-1",
  severity: "INFO",
  message: `at ${time}`,
  trace_id: null,
  span_id: null,
  ...more,
});
const span = (time: string, span_id: string, more: Record<string, unknown> = {}) => ({
  trace_id: "t1",
  span_id,
  parent_id: null,
  service: "shop",
  instance: "shop-1",
  operation: "GET /cart",
  start: secondsAt(time),
  duration_ms: 12.5,
  status: "ok",
  ...more,
});

async function replayed() {
  const { recording, clock } = await madeUp(
    {
      "metrics.csv.gz": [
        ["time", "service", "instance", "metric", "value"],
        [secondsAt("12:10:00"), "shop", "shop-1", "CpuUsageRate(%)", 20],
        [secondsAt("12:11:00"), "shop", "shop-1", "CpuUsageRate(%)", 90],
        [secondsAt("12:10:00"), "cart", "cart-1", "CpuUsageRate(%)", 5],
      ],
      "logs.jsonl.gz": [
        log("12:05:00"),
        log("12:20:00", { severity: "ERROR", message: "no stock", trace_id: "t1", span_id: "s1" }),
        log("12:21:00"),
      ],
      "spans.jsonl.gz": [
        span("12:20:00", "s1"),
        span("12:20:01", "s2", { parent_id: "s1", service: "cart", status: "error", attributes: { "error.message": "no stock" } }),
      ],
      "changes.jsonl.gz": [{ kind: "deploy", time: secondsAt("12:19:00"), service: "shop", sha, environment: "production" }],
      "events.jsonl.gz": [
        {
          time: secondsAt("12:20:30"),
          source: "kubernetes",
          title: "Pod shop-1 restarted",
          text: "OOMKilled",
          service: "shop",
          instance: "shop-1",
          severity: "warning",
          tags: ["env:prod"],
        },
      ],
      "monitors.json": [
        {
          id: 7,
          name: "errors",
          type: "metric alert",
          query: "avg:errors{service:shop} > 1",
          message: "look",
          service: "shop",
          tags: ["service:shop"],
          state: "Alert",
          triggered_at: "2026-01-02T12:22:00Z",
        },
      ],
    },
    { services: ["shop", "cart"], dependencies: [{ from: "shop", to: "cart" }] },
  );
  const server = await serving(createDatadogReplay(recording, clock, { now: () => replayedAt }));
  return { datadog: connect(server.url, { now: () => replayedAt }).datadog, [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() };
}

describe("a replayed Datadog", () => {
  test("gives its series, by service and pod", async () => {
    await using replay = await replayed();
    const names = await replay.datadog.listActiveMetrics({ from: window.from }, never);
    const queries = names.value.map((name) => `avg:${name}{*} by {service,pod_name}`);
    const { value } = await replay.datadog.queryMetrics({ queries, window, intervalMs: minute }, never);
    const shop = value.find(({ tags }) => tags["service"] === "shop");
    expect(shop).toMatchObject({ tags: { pod_name: "shop-1" }, unit: "percent" });
    expect(shop?.points.map(({ value: figure }) => figure)).toEqual([20, 90]);
    expect(value).toHaveLength(2);
  });

  test("refuses a query it does not know, which costs only that one", async () => {
    await using replay = await replayed();
    const queries = ["avg:CpuUsageRate{*} by {service}", "this is no query"];
    const { value, failed } = await replay.datadog.queryMetrics({ queries, window }, never);
    expect([value.length > 0, failed.map(({ query }) => query)]).toEqual([true, ["this is no query"]]);
  });

  test("gives its log lines, searched, counted and sampled", async () => {
    await using replay = await replayed();
    const errors = await replay.datadog.searchLogs({ query: "service:shop status:error", window, limit: 10, sort: "timestamp" }, never);
    expect(errors.value).toEqual([
      {
        at: served("12:20:00"),
        service: "shop",
        instance: "shop-1",
        severity: "ERROR",
        message: "no stock",
        traceId: "t1",
        spanId: "s1",
        weight: 1,
        fields: {},
      },
    ]);
    const counts = await replay.datadog.aggregateLogs({ query: "*", window, groupBy: ["status"] }, never);
    expect(counts.value.map(({ by, total }) => [by["status"], total])).toEqual([
      ["info", 2],
      ["error", 1],
    ]);
    const sample = await replay.datadog.sampleLogs({ query: "*", window }, never);
    expect([sample.value.map(({ at }) => at), sample.cut]).toEqual([["12:05:00", "12:20:00", "12:21:00"].map(served), null]);
  });

  test("gives its spans, with what failed and why", async () => {
    await using replay = await replayed();
    const { value, cut } = await replay.datadog.sampleSpans({ query: "*", window }, never);
    expect(
      value.map(({ spanId, parentId, service, durationMs, error, errorMessage }) => [
        spanId,
        parentId,
        service,
        durationMs,
        error,
        errorMessage,
      ]),
    ).toEqual([
      ["s1", null, "shop", 12.5, false, null],
      ["s2", "s1", "cart", 12.5, true, "no stock"],
    ]);
    expect(cut).toBeNull();
    const slow = await replay.datadog.aggregateSpans(
      { query: "*", window, groupBy: ["service"], compute: { aggregation: "pc95", metric: "@duration" } },
      never,
    );
    expect(slow.value.map(({ total }) => total)).toEqual([12_500_000, 12_500_000]);
  });

  test("gives its events and tells the deploy among them", async () => {
    await using replay = await replayed();
    const { value } = await replay.datadog.searchEvents({ query: "*", window, limit: 100, sort: "timestamp" }, never);
    expect(value.changes).toEqual([expect.objectContaining({ kind: "deploy", service: "shop", sha, at: served("12:19:00") })]);
    expect(value.events).toEqual([expect.objectContaining({ title: "Pod shop-1 restarted", source: "kubernetes", severity: "warning" })]);
  });

  test("gives its monitors and its catalog, and takes its keys", async () => {
    await using replay = await replayed();
    const monitors = await replay.datadog.listMonitors({ service: "shop" }, never);
    expect(monitors.value).toEqual([expect.objectContaining({ id: 7, state: "Alert", service: "shop", triggeredAt: served("12:22:00") })]);
    const catalog = await replay.datadog.listCatalogServices({}, never);
    expect(catalog.value.find(({ name }) => name === "shop")?.dependsOn).toEqual(["cart"]);
    expect((await replay.datadog.validate({}, never)).filter(({ ok }) => !ok)).toEqual([]);
  });
});

const cases = new URL("../../../../shared/incidents/cases/", import.meta.url);
const recorded = new URL("nezha-tt-2023-01-30-01/", cases);
if (!existsSync(recorded)) console.log("shared/incidents is not there: the Datadog client is not checked against a recorded incident");

describe.runIf(existsSync(recorded))("a recorded incident of 46 services, served over HTTP", () => {
  test("is read whole where it fits, and weighs what it holds where it does not", async () => {
    const recording = await loadRecording(recorded.pathname);
    const clock = replayClock(recording.incident.window.to, replayedAt);
    await using server = await serving(createDatadogReplay(recording, clock, { now: () => replayedAt }));
    const { datadog } = connect(server.url, { now: () => replayedAt });
    const whole = { from: clock.toServed(recording.incident.window.from), to: replayedAt + 1 };
    const all = withBaselines(recording);
    const inside = all.logs.filter(({ at }) => at >= recording.incident.window.from);

    const logs = await datadog.sampleLogs({ query: "*", window: whole, maxLines: 15_000 }, never);
    expect([logs.value.length, logs.cut]).toEqual([inside.length, null]);
    const some = await datadog.sampleLogs({ query: "*", window: whole, maxLines: 2_000 }, never);
    expect(some.value.length).toBeLessThanOrEqual(2_000);
    expect(some.value.reduce((sum, { weight }) => sum + weight, 0)).toBeCloseTo(inside.length, 3);

    const spans = await datadog.sampleSpans({ query: "*", window: whole, maxSpans: 5_000 }, never);
    const known = new Map(all.spans.map((one) => [`${one.traceId}/${one.spanId}`, one]));
    expect(spans.cut).toContain(`of about ${spans.total.toLocaleString("en-US")} spans`);
    for (const read of spans.value) {
      const original = known.get(`${read.traceId}/${read.spanId}`);
      expect([read.service, read.operation, read.parentId]).toEqual([original?.service, original?.operation, original?.parentId]);
      expect(read.durationMs).toBeCloseTo(original?.durationMs ?? Number.NaN, 3);
    }
  }, 60_000);
});
