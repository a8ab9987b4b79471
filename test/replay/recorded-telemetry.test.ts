import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { withBaselines } from "../../src/replay/baseline.ts";
import { filesOfRow, unifiedPatch } from "../../src/replay/change-files.ts";
import { replayClock } from "../../src/replay/clock.ts";
import { recordedTelemetry } from "../../src/replay/recorded-telemetry.ts";
import { loadRecording } from "../../src/replay/recording.ts";
import { incidentJson, type RecordingFiles, recordingFolder, secondsAt } from "../support/recording-folder.ts";

const at = (time: string) => secondsAt(time) * 1000;
const header = ["time", "service", "instance", "metric", "value"];
const log = (time: number, message: string) => ({
  time,
  service: "shop",
  instance: null,
  severity: "info",
  message,
  trace_id: null,
  span_id: null,
});
const span = (start: number, span_id: string, more: Record<string, unknown> = {}) => ({
  trace_id: "t",
  span_id,
  parent_id: null,
  service: "shop",
  instance: "shop-1",
  operation: "GET /",
  start,
  duration_ms: 12.5,
  status: null,
  ...more,
});

async function load(files: RecordingFiles) {
  await using folder = await recordingFolder(files);
  return await loadRecording(folder.path);
}

test("the clock serves the recording's end as the start of the replay, and maps back", () => {
  const clock = replayClock(at("12:30:00"), 5_000_000);
  expect(clock.toServed(at("12:30:00"))).toBe(5_000_000);
  expect(clock.toServed(at("12:29:00"))).toBe(4_940_000);
  expect(clock.toRecorded(clock.toServed(123))).toBe(123);
});

describe("a healthy baseline", () => {
  const files: RecordingFiles = {
    "incident.json": incidentJson({ baselines: ["quiet"] }),
    "metrics.csv.gz": [header, [secondsAt("12:00:00"), "shop", "", "errors", 5], [secondsAt("12:01:00"), "shop", "", "errors", 6]],
    "logs.jsonl.gz": [log(secondsAt("12:20:00"), "during")],
    "quiet/baseline.json": {
      id: "quiet",
      metrics_window: { start: "2026-01-02T20:00:00Z", end: "2026-01-02T21:00:00Z" },
      spans_window: { start: "2026-01-01T03:00:00Z", end: "2026-01-01T03:01:00Z" },
    },
    "quiet/metrics.csv.gz": [
      header,
      [secondsAt("20:59:00"), "shop", "", "errors", 1],
      [secondsAt("21:00:00"), "shop", "", "errors", 99],
      [secondsAt("20:30:00"), "cart", "", "errors", 2],
    ],
    "quiet/logs.jsonl.gz": [log(secondsAt("03:00:30") - 86_400, "before")],
    "quiet/spans.jsonl.gz": [span(secondsAt("03:00:45") - 86_400, "s")],
  };

  test("ends at the recording's start, each kind by its own window, and one series holds both", async () => {
    const whole = withBaselines(await load(files));
    expect(whole.series.map(({ service, points }) => [service, points])).toEqual([
      [
        "shop",
        [
          { at: at("11:59:00"), value: 1 },
          { at: at("12:00:00"), value: 5 },
          { at: at("12:01:00"), value: 6 },
        ],
      ],
      ["cart", [{ at: at("11:30:00"), value: 2 }]],
    ]);
    expect(whole.logs.map(({ at: time, message }) => [time, message])).toEqual([
      [at("11:59:30"), "before"],
      [at("12:20:00"), "during"],
    ]);
    expect(whole.spans.map(({ start }) => start)).toEqual([at("11:59:45")]);
  });

  test("lies before the one named ahead of it", async () => {
    const second = { id: "older", metrics_window: { start: "2026-01-02T02:00:00Z", end: "2026-01-02T03:00:00Z" } };
    const whole = withBaselines(
      await load({
        ...files,
        "incident.json": incidentJson({ baselines: ["quiet", "older"] }),
        "older/baseline.json": second,
        "older/metrics.csv.gz": [header, [secondsAt("02:50:00"), "shop", "", "errors", 7]],
      }),
    );
    expect(whole.series[0]?.points[0]).toEqual({ at: at("10:50:00"), value: 7 });
  });

  test("without a window of its own ends with its last row", async () => {
    const whole = withBaselines(
      await load({
        "incident.json": incidentJson({ baselines: ["quiet"] }),
        "quiet/logs.jsonl.gz": [log(100, "a"), log(160, "b")],
      }),
    );
    expect(whole.logs.map(({ at: time }) => at("12:00:00") - time)).toEqual([60_001, 1]);
  });
});

describe("the plain telemetry of a recording", () => {
  const sha = (letter: string) => letter.repeat(40);
  const files: RecordingFiles = {
    "incident.json": incidentJson({ services: ["shop", "db"], dependencies: [{ from: "shop", to: "db" }] }),
    "metrics.csv.gz": [header, [secondsAt("12:05:00"), "shop", "shop-1", "PodServerLatencyP95(s)", 0.2]],
    "spans.jsonl.gz": [
      span(secondsAt("12:05:00"), "unknown"),
      span(secondsAt("12:05:01"), "ok", { status: "ok" }),
      span(secondsAt("12:05:02"), "bad", { status: "ERROR", attributes: { error: "no connection" } }),
    ],
    "changes.jsonl.gz": [
      {
        kind: "commit",
        time: 10,
        sha: sha("a"),
        author: "ana",
        message: "feat: a\n\nlong",
        files_changed: ["x.go", "y.go"],
        diff: "@@ x.go @@\n-1\n+2\n+3",
      },
      { kind: "deploy", time: 20, service: "shop", commit_sha: sha("a"), version: "v1" },
      { kind: "flag", time: 30, service: "shop", flag: "fast", change: "off->on", actor: "bo" },
      { kind: "deploy", time: 40, service: "shop", sha: sha("b"), environment: "production", change: "config" },
    ],
    "repository/commits.json": [
      {
        sha: sha("b"),
        parents: [sha("c")],
        time: 35,
        author: { name: "Bo", email: "b@x.example" },
        message: "ttl",
        pr: { number: 4, title: "TTL", body: "", merged_at: null },
        files: [{ path: "c.yaml", before: "ttl: 1\n", after: "ttl: 2\n" }],
      },
    ],
    "monitors.json": [
      { id: 1, name: "m", type: "query alert", query: "", message: "", service: "shop", tags: [], state: "Ignored", triggered_at: null },
    ],
  };

  test("splits the time ten minutes before the page", async () => {
    const telemetry = recordedTelemetry(await load(files));
    expect(telemetry.baseline).toEqual({ from: at("12:00:00"), to: at("12:18:00") });
    expect(telemetry.window).toEqual({ from: at("12:18:00"), to: at("12:30:00") + 1 });
    expect(telemetry.page).toEqual({ service: "shop", title: "errors on shop", details: "", at: at("12:28:00") });
    expect(telemetry.calls).toEqual([{ from: "shop", to: "db" }]);
  });

  test("classifies series and says which spans failed", async () => {
    const telemetry = recordedTelemetry(await load(files));
    expect(telemetry.series[0]).toMatchObject({
      metric: "PodServerLatencyP95_s",
      unit: "second",
      kind: "latency",
      instance: "shop-1",
      evidence: 0,
    });
    expect(telemetry.spans.map(({ spanId, error, errorMessage }) => [spanId, error, errorMessage])).toEqual([
      ["unknown", null, null],
      ["ok", false, null],
      ["bad", true, "no connection"],
    ]);
    expect(telemetry.monitors[0]?.state).toBe("Unknown");
  });

  test("joins a deploy with its commit's files, whether the commit is a row or of the repository", async () => {
    const { changes } = recordedTelemetry(await load(files));
    expect(changes.map(({ kind, title, previousSha, author }) => [kind, title, previousSha, author])).toEqual([
      ["commit", "feat: a", null, "ana"],
      ["deploy", "deploy of shop v1: feat: a", null, "ana"],
      ["flag", "flag fast on shop: off->on", null, "bo"],
      ["deploy", `config deploy of shop ${"b".repeat(7)}: ttl`, sha("a"), "Bo"],
    ]);
    expect(changes[1]?.files).toEqual([
      { path: "x.go", status: "modified", additions: 2, deletions: 1, patch: "@@ x.go @@\n-1\n+2\n+3" },
      { path: "y.go", status: "modified", additions: 0, deletions: 0, patch: null },
    ]);
    expect(changes[3]).toMatchObject({ pullRequest: { number: 4 }, files: [{ path: "c.yaml", patch: "@@ -1 +1 @@\n-ttl: 1\n+ttl: 2" }] });
  });

  test("has the error tracker's issues, made of error logs where none were recorded", async () => {
    const failure = (minute: string) => ({
      ...log(secondsAt(minute), "TimeoutError: no answer in 5000 ms"),
      service: "Tax Query",
      severity: "ERROR",
    });
    const telemetry = recordedTelemetry(
      await load({
        "incident.json": incidentJson(),
        "logs.jsonl.gz": [{ ...failure("12:05:00"), message: "OldError: gone" }, failure("12:25:00"), failure("12:26:00")],
      }),
    );
    expect(telemetry.issues).toMatchObject([
      { service: "Tax Query", title: "TimeoutError: no answer in 5000 ms", count: 2, firstSeen: at("12:25:00"), lastSeen: at("12:26:00") },
    ]);
  });

  test("ends with the recording: what files hold of later has not happened", async () => {
    const late = { time: secondsAt("12:30:01") };
    const telemetry = recordedTelemetry(
      await load({
        "incident.json": incidentJson(),
        "metrics.csv.gz": [header, [secondsAt("12:30:00"), "shop", "", "x", 1], [secondsAt("12:31:00"), "shop", "", "x", 2]],
        "logs.jsonl.gz": [log(secondsAt("12:30:00"), "last"), log(late.time, "late")],
        "spans.jsonl.gz": [span(late.time, "late")],
        "events.jsonl.gz": [{ ...late, source: "rds", title: "late", text: "", service: null, instance: null, severity: "info", tags: [] }],
        "changes.jsonl.gz": [{ ...late, kind: "deploy", service: "shop", version: "v2" }],
      }),
    );
    expect(telemetry.series[0]?.points).toEqual([{ at: at("12:30:00"), value: 1 }]);
    expect(telemetry.logs.map(({ message }) => message)).toEqual(["last"]);
    expect(telemetry).toMatchObject({ spans: [], events: [], changes: [] });
  });

  test("holds nothing of what access.json keeps back", async () => {
    const telemetry = recordedTelemetry(
      await load({ ...files, "access.json": { "datadog.metrics": "forbidden", "datadog.spans": "empty", "datadog.events": "error:500" } }),
    );
    expect(telemetry).toMatchObject({ series: [], spans: [], events: [] });
    expect(telemetry.changes.map(({ kind }) => kind)).toEqual(["commit"]);
    expect(telemetry.monitors).toHaveLength(1);
  });
});

describe("patches", () => {
  const numbered = (edit: (line: number) => string | null) =>
    Array.from({ length: 40 }, (_, line) => edit(line + 1))
      .filter((line) => line !== null)
      .join("\n") + "\n";

  test.each<[string, string, string]>([
    ["changes far apart", numbered(String), numbered((n) => (n === 3 || n === 30 ? `${n}!` : String(n)))],
    ["changes whose context touches", numbered(String), numbered((n) => (n === 10 ? null : n === 16 ? "new\n16" : String(n)))],
    ["changes at both ends", numbered(String), numbered((n) => (n === 1 || n === 40 ? `${n}!` : String(n)))],
    ["a new file", "", numbered(String)],
    ["an emptied file", numbered(String), ""],
  ])("of %s turn the old text into the new one with git apply", async (_what, before, after) => {
    await using folder = await recordingFolder({ f: before, p: `--- a/f\n+++ b/f\n${unifiedPatch(before, after)}\n` });
    execFileSync("git", ["apply", "--allow-empty", "p"], { cwd: folder.path, stdio: "pipe" });
    expect(readFileSync(join(folder.path, "f"), "utf8")).toBe(after);
  });

  test("of a row are cut where its text names the next file", () => {
    const diff = ["--- a/one.go", "+++ b/one.go", "@@ -1 +1 @@", "-a", "+b", "--- /dev/null", "+++ b/two.go", "@@ -0,0 +1 @@", "+c"].join(
      "\n",
    );
    expect(filesOfRow({ paths: ["one.go", "two.go"], diff })).toEqual([
      { path: "one.go", status: "modified", additions: 1, deletions: 1, patch: "@@ -1 +1 @@\n-a\n+b" },
      { path: "two.go", status: "added", additions: 1, deletions: 0, patch: "@@ -0,0 +1 @@\n+c" },
    ]);
  });

  test("of a row that names a function instead of a file belong to its first path", () => {
    expect(filesOfRow({ paths: ["one.go"], diff: "@@ func Rank() {\n+x" })).toEqual([
      { path: "one.go", status: "modified", additions: 1, deletions: 0, patch: "@@ func Rank() {\n+x" },
    ]);
  });
});
