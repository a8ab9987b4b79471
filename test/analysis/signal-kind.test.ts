import { describe, expect, test } from "vitest";
import { latencyUnitMs } from "../../src/analysis/words.ts";
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
    ["HTTPCode_Target_5XX_Count", "Count", "errors"],
    ["5XXError", null, "errors"],
    ["http_requests_per_second", null, "traffic"],
    ["http_server_request_duration_seconds", null, "latency"],
    ["req.count", null, "traffic"],
    ["req.time.median", "ms", "latency"],
    ["", null, "other"],
    ["widget_colour", null, "other"],
  ] as const)("%s (%s) is %s", (metric, unit, kind) => {
    expect(classifySignal(metric, unit)).toBe(kind);
  });

  test.each([
    // Rates: so many a second, which is no length of time.
    ["http_requests_per_second", null, "traffic"],
    ["req_per_min", null, "traffic"],
    ["msgs_per_second", null, "traffic"],
    ["disk_reads_per_second", null, "traffic"],
    ["http_request_errors_per_second", null, "errors"],
    // Counts of requests under the names of StatsD, gRPC, HAProxy and Micrometer.
    ["req.count", null, "traffic"],
    ["grpc_server_handled_total", null, "traffic"],
    ["haproxy_server_http_responses_total", null, "traffic"],
    ["http_server_requests_seconds_count", null, "traffic"],
    // Classes of status codes, and codes.
    ["HTTPCode_Target_5XX_Count", "Count", "errors"],
    ["HTTPCode_ELB_5XX_Count", "Count", "errors"],
    ["http.status.503", null, "errors"],
    ["UnHealthyHostCount", "Count", "errors"],
    ["HealthyHostCount", "Count", "availability"],
    // Times with their unit before the statistic, or by what takes them.
    ["http_server_requests_seconds_max", null, "latency"],
    ["envoy_cluster_upstream_rq_time", null, "latency"],
    ["response_time", null, "latency"],
    // What waits, and a replica's delay, are levels.
    ["ApproximateNumberOfMessagesVisible", "Count", "saturation"],
    ["requests_in_flight", null, "saturation"],
    ["postgresql.replication_delay", "second", "saturation"],
    ["pg_stat_activity_count", null, "saturation"],
  ] as const)("%s (%s) is %s, as its monitoring system documents it", (metric, unit, kind) => {
    expect(classifySignal(metric, unit)).toBe(kind);
  });

  test("a consumer's lag is a queue, a replica's is replication", () => {
    expect(readSignal("kafka.consumer_lag", "offset").resource).toBe("queue");
    expect(readSignal("aws.rds.replica_lag", "second").resource).toBe("replication");
  });

  test("the unit of a time is read before its percentile too", () => {
    expect(latencyUnitMs("http_request_duration_seconds_p99", null)).toBe(1000);
    expect(latencyUnitMs("render_ms_max", null)).toBe(1);
    expect(latencyUnitMs("http_request_p99", null)).toBeNull();
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
