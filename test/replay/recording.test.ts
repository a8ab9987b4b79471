import { existsSync, readdirSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { describe, expect, test } from "vitest";
import { RecordingError } from "../../src/replay/recording-files.ts";
import { loadRecording } from "../../src/replay/recording.ts";
import { changedFile, commitRow, incidentJson, recordingFolder, secondsAt } from "../support/recording-folder.ts";

const at = (time: string) => secondsAt(time) * 1000;
const header = ["time", "service", "instance", "metric", "value"];

describe("a recording", () => {
  test("of only an incident.json has everything else empty and its one page", async () => {
    await using folder = await recordingFolder({ "incident.json": incidentJson({ details: "5xx above 4 %", urgency: "low" }) });
    const recording = await loadRecording(folder.path);
    expect(recording).toMatchObject({ series: [], logs: [], spans: [], changes: [], events: [], monitors: [], commits: [], sentry: [] });
    expect(recording).toMatchObject({ sql: null, access: {}, baselines: [] });
    expect(recording.incident).toMatchObject({ detectedAt: at("12:28:00"), window: { from: at("12:00:00"), to: at("12:30:00") } });
    expect(recording.pages).toEqual([{ offsetMs: 0, title: "errors on shop", service: "shop", urgency: "low", details: "5xx above 4 %" }]);
  });

  test("shows the alert's fields as details where it has no text of its own", async () => {
    await using folder = await recordingFolder({ "incident.json": incidentJson({ alert: { metric: "errors", observed: 0.7 } }) });
    expect((await loadRecording(folder.path)).incident.details).toBe("metric: errors\nobserved: 0.7");
  });

  test("says how its repository is tested, with defaults", async () => {
    const command = ["node", "--test", "orders/test/*.test.ts"];
    await using folder = await recordingFolder({
      "incident.json": incidentJson(),
      "repository/ci.json": { checks: [{ name: "test", command }] },
    });
    expect((await loadRecording(folder.path)).ci).toEqual({
      checks: [{ name: "test", command, timeoutMs: 60_000 }],
      cancelInProgress: false,
    });
  });

  test.each([
    [{ checks: [] }, "name at least one check"],
    [{ checks: [{ name: "test", command: "npm test" }] }, "checks.0.command"],
    [{ checks: [{ name: "test", command: [] }] }, "name the program to run"],
    [{ checks: [{ name: "test", command: ["node"], timeout: 5 }] }, 'Unrecognized key: "timeout"'],
    [{ checks: [{ name: "test", command: ["node"], timeoutS: 0 }] }, "checks.0.timeoutS"],
    [
      {
        checks: [
          { name: "a", command: ["node"] },
          { name: "a", command: ["node"] },
        ],
      },
      "two checks have the same name",
    ],
  ])("with a wrong ci.json is refused with the place of the mistake: %j", async (ci, words) => {
    await using folder = await recordingFolder({ "incident.json": incidentJson(), "repository/ci.json": ci });
    await expect(loadRecording(folder.path)).rejects.toThrow(RecordingError);
    await expect(loadRecording(folder.path)).rejects.toThrow(words);
    await expect(loadRecording(folder.path)).rejects.toThrow(join("repository", "ci.json"));
  });

  test("reads every optional file", async () => {
    await using folder = await recordingFolder({
      "incident.json": incidentJson(),
      "events.jsonl.gz": [
        { time: 2, source: "rds", title: "failover", text: "t", service: null, instance: "db-1", severity: "warning", tags: ["a:b"] },
      ],
      "monitors.json": [
        {
          id: 7,
          name: "m",
          type: "query alert",
          query: "",
          message: "",
          service: "shop",
          tags: [],
          state: "Alert",
          triggered_at: "2026-01-02T12:27:00Z",
        },
      ],
      "changes.jsonl.gz": [
        { kind: "flag", time: 3, service: "shop", flag: "new-cart", change: "off->on", actor: "ana" },
        { kind: "deploy", time: 2, service: "shop", commit_sha: "b".repeat(40), version: "v2" },
        { kind: "commit", time: 1, sha: "b".repeat(40), author: "bo", message: "fix", files_changed: ["a.ts"], diff: "@@ a.ts @@\n+x" },
      ],
      "repository/commits.json": [commitRow("c".repeat(40), [changedFile("a", null, "1\n")])],
      "sentry.json": [
        {
          short_id: "SHOP-1",
          title: "T",
          culprit: "c",
          type: "TypeError",
          value: "v",
          level: "error",
          first_seen: "2026-01-02T12:20:00Z",
          last_seen: "2026-01-02T12:21:00Z",
          count: 3,
          release: null,
          project: "shop",
          stacktrace: [],
        },
      ],
      "sql/seed.sql": "create table t ();",
      "sql/statements.json": [{ queryid: "1", calls: 2 }],
      "access.json": { "datadog.logs": "forbidden", sentry: "error:503", github: "empty" },
      "pages.json": [{ offset_s: -30, title: "p", service: "shop", urgency: "high", details: "" }],
    });
    const recording = await loadRecording(folder.path);
    expect(recording.events[0]).toMatchObject({ at: 2000, source: "rds", instance: "db-1" });
    expect(recording.monitors[0]).toMatchObject({ id: 7, triggeredAt: at("12:27:00") });
    expect(recording.changes.map(({ kind, sha, author }) => ({ kind, sha, author }))).toEqual([
      { kind: "commit", sha: "b".repeat(40), author: "bo" },
      { kind: "deploy", sha: "b".repeat(40), author: null },
      { kind: "flag", sha: null, author: "ana" },
    ]);
    expect(recording.commits[0]?.files).toEqual([{ path: "a", before: null, after: "1\n" }]);
    expect(recording.sentry[0]).toMatchObject({ shortId: "SHOP-1", count: 3, firstSeen: at("12:20:00") });
    expect(recording.sql).toEqual({ seed: "create table t ();", statements: [{ queryid: "1", calls: 2 }], activity: [] });
    expect(recording.access).toEqual({
      "datadog.logs": { kind: "forbidden" },
      sentry: { kind: "error", status: 503 },
      github: { kind: "empty" },
    });
    expect(recording.pages).toEqual([{ offsetMs: -30_000, title: "p", service: "shop", urgency: "high", details: "" }]);
  });

  test("never opens the answer or the truth", async () => {
    await using folder = await recordingFolder({
      "incident.json": incidentJson(),
      "answer.json": "not { json",
      "truth.json": "not { json",
    });
    await expect(loadRecording(folder.path)).resolves.toMatchObject({ incident: { id: "made-up" } });
  });

  test("groups metric rows into series, oldest point first, with unit and tags from the name", async () => {
    await using folder = await recordingFolder({
      "incident.json": incidentJson(),
      "metrics.csv.gz": [
        header,
        [120, "shop", "shop-1", "CpuUsageRate(%)", 2],
        [60, "shop", "shop-1", "CpuUsageRate(%)", 1],
        [60, "shop", "shop-2", "CpuUsageRate(%)", 9],
        [60, "shop", "", "edge_p50_s{shop->cart,reporter=source}", 0.5],
        [60, "db", "db", "aws.rds.db_load.by_wait{wait_event=Client:ClientRead}", 4],
      ],
    });
    const { series } = await loadRecording(folder.path);
    expect(series.map(({ service, instance, metric, unit, tags }) => ({ service, instance, metric, unit, tags }))).toEqual([
      { service: "shop", instance: "shop-1", metric: "CpuUsageRate", unit: "percent", tags: {} },
      { service: "shop", instance: "shop-2", metric: "CpuUsageRate", unit: "percent", tags: {} },
      {
        service: "shop",
        instance: null,
        metric: "edge_p50_s",
        unit: "second",
        tags: { caller: "shop", callee: "cart", reporter: "source" },
      },
      { service: "db", instance: "db", metric: "aws.rds.db_load.by_wait", unit: null, tags: { wait_event: "Client:ClientRead" } },
    ]);
    expect(series[0]?.points).toEqual([
      { at: 60_000, value: 1 },
      { at: 120_000, value: 2 },
    ]);
  });

  test.each([
    ["CpuUsage(m)", "CpuUsage_m", "millicore"],
    ["MemoryUsage(Mi)", "MemoryUsage_Mi", "mebibyte"],
    ["PodServerLatencyP90(s)", "PodServerLatencyP90_s", "second"],
    ["http_server_duration_p99_ms", "http_server_duration_p99_ms", "millisecond"],
    ["db_pool_wait_seconds_p99", "db_pool_wait_seconds_p99", "second"],
    ["NetworkReceiveBytes", "NetworkReceiveBytes", "byte"],
    ["error_rate_5xx_ratio", "error_rate_5xx_ratio", "fraction"],
    ["weird  name//x", "weird_name_x", null],
    ["records_per_min", "records_per_min", null],
    ["s", "s", null],
  ])("knows %s as %s in %s", async (source, metric, unit) => {
    await using folder = await recordingFolder({ "incident.json": incidentJson(), "metrics.csv.gz": [header, [60, "a", "", source, 1]] });
    expect((await loadRecording(folder.path)).series[0]).toMatchObject({ source, metric, unit });
  });

  test("finds its baseline in the nearest folder above it that has the path", async () => {
    await using root = await recordingFolder({
      "baseline/quiet/baseline.json": { id: "quiet", metrics_window: { start: "2026-01-01T00:00:00Z", end: "2026-01-01T01:00:00Z" } },
      "baseline/quiet/metrics.csv.gz": [header, [60, "shop", "", "x", 1]],
      "cases/one/incident.json": incidentJson({ baselines: ["baseline/quiet"] }),
      "cases/two/incident.json": incidentJson({ baselines: ["baseline/own"] }),
      "cases/two/baseline/own/metrics.csv.gz": [header, [60, "shop", "", "y", 1]],
    });
    const [one, two] = await Promise.all([loadRecording(join(root.path, "cases/one")), loadRecording(join(root.path, "cases/two"))]);
    expect(one.baselines.map(({ id, series }) => [id, series.map(({ metric }) => metric)])).toEqual([["quiet", ["x"]]]);
    expect(two.baselines.map(({ series }) => series.map(({ metric }) => metric))).toEqual([["y"]]);
  });
});

describe("a recording that breaks the format is refused with file, line and what to do", () => {
  const log = { time: 1, service: "shop", instance: null, severity: "INFO", message: "m", trace_id: null, span_id: null };
  test.each<[string, Record<string, unknown>, RegExp]>([
    ["no incident.json", {}, /incident\.json: no such file\. Name the folder of one recorded incident/],
    ["a missing field", { "incident.json": incidentJson({ entry_service: undefined }) }, /incident\.json: entry_service: /],
    ["a bad time", { "incident.json": incidentJson({ detected_at: "yesterday" }) }, /incident\.json: detected_at: /],
    [
      "a log line that is not JSON",
      { "incident.json": incidentJson(), "logs.jsonl.gz": `${JSON.stringify(log)}\n\n{"time":` },
      /logs\.jsonl\.gz, line 3: not JSON/,
    ],
    [
      "a log line without message",
      { "incident.json": incidentJson(), "logs.jsonl.gz": [log, { ...log, message: undefined }] },
      /logs\.jsonl\.gz, line 2: message: /,
    ],
    [
      "a metric value that is no number",
      { "incident.json": incidentJson(), "metrics.csv.gz": [header, [1, "a", "", "m", "much"]] },
      /metrics\.csv\.gz, line 2: /,
    ],
    [
      "a metric header without value",
      { "incident.json": incidentJson(), "metrics.csv.gz": "time,service,instance,metric\n" },
      /line 1: the header lacks value/,
    ],
    [
      "a file that is not gzip",
      { "incident.json": incidentJson(), "spans.jsonl.gz/x": "a folder" },
      /spans\.jsonl\.gz: cannot be unpacked/,
    ],
    [
      "an unknown access word",
      { "incident.json": incidentJson(), "access.json": { sentry: "maybe" } },
      /access\.json: sentry: "maybe" is not one of forbidden, empty, error:NNN/,
    ],
    [
      "a baseline that is not there",
      { "incident.json": incidentJson({ baselines: ["baseline/none-such"] }) },
      /no folder "baseline\/none-such" in or above/,
    ],
    ["a baseline that climbs out", { "incident.json": incidentJson({ baselines: ["../../etc"] }) }, /leaves the recordings' folder/],
  ])("%s", async (_what, files, message) => {
    await using folder = await recordingFolder(files);
    const failure = await loadRecording(folder.path).then(
      () => null,
      (error: unknown) => error,
    );
    expect(failure).toBeInstanceOf(RecordingError);
    expect((failure as RecordingError).message).toMatch(message);
  });
});

const shared = join(import.meta.dirname, "../../../shared");
if (!existsSync(shared)) console.log("recordings of ../shared are not here: their loading is passed over");
describe.runIf(existsSync(shared))("published recordings", () => {
  const folders = (below: string) =>
    // The body of a suite is read also where it does not run.
    !existsSync(shared)
      ? []
      : readdirSync(join(shared, below), { withFileTypes: true })
          .filter((entry) => entry.isDirectory() && entry.name !== "baseline")
          .map((entry) => join(shared, below, entry.name));
  // Every eighth of the many alike, to save time.
  const sample = [...folders("incidents/cases").filter((_folder, index) => index % 8 === 0), ...folders("cases/recorded")];

  test.each(sample.map((folder) => [basename(folder), folder]))(
    "%s loads with as many rows as its incident.json says",
    async (_name, folder) => {
      const { telemetry } = JSON.parse(await readFile(join(folder, "incident.json"), "utf8")) as {
        telemetry: Partial<Record<"metrics" | "logs" | "spans" | "changes", { rows?: number }>>;
      };
      const recording = await loadRecording(folder);
      const loaded = {
        metrics: recording.series.reduce((sum, { points }) => sum + points.length, 0),
        logs: recording.logs.length,
        spans: recording.spans.length,
        changes: recording.changes.length,
      };
      const said = {
        metrics: telemetry.metrics?.rows ?? loaded.metrics,
        logs: telemetry.logs?.rows ?? loaded.logs,
        spans: telemetry.spans?.rows ?? loaded.spans,
        changes: telemetry.changes?.rows ?? loaded.changes,
      };
      expect(loaded).toEqual(said);
    },
  );
});
