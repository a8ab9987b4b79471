import { describe, expect, test } from "vitest";
import { classifySignal, readSignal } from "../../src/analysis/signal-kind.ts";

describe("what a metric's name and unit say", () => {
  test.each([
    ["trace.http.request.errors", null, "errors"],
    ["trace.http.request.hits", null, "traffic"],
    ["trace.http.request.duration.by.service.99p", "second", "latency"],
    ["PodServerLatencyP95_s", "second", "latency"],
    ["http_server_duration_p99_ms", null, "latency"],
    ["aws.rds.cpuutilization", "percent", "saturation"],
    ["aws.rds.freeable_memory", "byte", "saturation"],
    ["aws.rds.replica_lag", "second", "saturation"],
    ["aws.rds.database_connections", "connection", "saturation"],
    ["aws.rds.db_load.by_wait", null, "saturation"],
    ["kubernetes.containers.restarts", null, "errors"],
    ["NetworkReceiveBytes", null, "traffic"],
    ["availability.Average", null, "availability"],
    ["cache.hit_rate", null, "availability"],
    ["db_pool_max_conns", null, "other"],
    ["", null, "other"],
    ["widget_colour", null, "other"],
  ] as const)("%s (%s) is %s", (metric, unit, kind) => {
    expect(classifySignal(metric, unit)).toBe(kind);
  });

  test("free memory is worse when it falls, used memory when it rises", () => {
    expect(readSignal("aws.rds.freeable_memory", "byte").worse).toBe("down");
    expect(readSignal("MemoryUsage_Mi", "mebibyte").worse).toBe("up");
  });

  test("a limit is no measurement", () => {
    expect(readSignal("kubernetes_state.resourcequota.cpu_limits.hard", null).isLimit).toBe(true);
    expect(readSignal("aws.rds.database_connections.maximum", null).isLimit).toBe(false);
  });

  test("a name of a megabyte is read in bounded time", () => {
    expect(classifySignal("a".repeat(1_000_000), null)).toBe("other");
  });
});
