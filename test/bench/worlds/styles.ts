import type { Chance } from "./chance.ts";

/** What is measured of a part; each style of monitoring has names, units and scales of its own for it. */
export type Measure =
  | "rate"
  | "failed"
  | "p50"
  | "p99"
  | "cpu"
  | "memory"
  | "queue"
  | "connections"
  | "disk"
  | "lag"
  | "locks"
  | "restarts";

export interface Metric {
  readonly name: string;
  readonly unit: string | null;
  /** From the generator's own unit: requests a second, share failing, milliseconds, share of the limit, messages, share, share, seconds, sessions, count. */
  readonly scale: number;
  /** The value is the count in a step, not a rate. */
  readonly counts?: true;
}

export interface Style {
  readonly name: string;
  readonly metrics: Partial<Record<Measure, Metric>>;
  /** Seconds between points. */
  readonly steps: readonly number[];
  readonly traces: boolean;
  readonly perInstance: boolean;
}

const GIB = 1_073_741_824;

export const STYLES: readonly Style[] = [
  {
    name: "datadog-apm",
    steps: [20, 60],
    traces: true,
    perInstance: false,
    metrics: {
      rate: { name: "trace.http.request.hits", unit: "hit", scale: 1, counts: true },
      failed: { name: "trace.http.request.errors", unit: "error", scale: 1, counts: true },
      p50: { name: "p50:trace.http.request", unit: "second", scale: 0.001 },
      p99: { name: "p99:trace.http.request", unit: "second", scale: 0.001 },
      cpu: { name: "kubernetes.cpu.usage.total", unit: "nanocore", scale: 1e9 },
      memory: { name: "kubernetes.memory.usage", unit: "byte", scale: 2 * GIB },
      queue: { name: "kafka.consumer_lag", unit: "offset", scale: 1 },
      connections: { name: "postgresql.percent_usage_connections", unit: "fraction", scale: 1 },
      disk: { name: "system.disk.in_use", unit: "fraction", scale: 1 },
      lag: { name: "postgresql.replication_delay", unit: "second", scale: 1 },
      locks: { name: "postgresql.locks", unit: "lock", scale: 1 },
      restarts: { name: "kubernetes.containers.restarts", unit: null, scale: 1 },
    },
  },
  {
    name: "opentelemetry",
    steps: [10, 30, 60],
    traces: true,
    perInstance: true,
    metrics: {
      rate: { name: "http.server.request.count", unit: "request", scale: 1, counts: true },
      failed: { name: "http.server.errors", unit: "error", scale: 1, counts: true },
      p50: { name: "http.server.request.duration.p50", unit: "millisecond", scale: 1 },
      p99: { name: "http.server.request.duration.p99", unit: "millisecond", scale: 1 },
      cpu: { name: "container.cpu.utilization", unit: "fraction", scale: 1 },
      memory: { name: "container.memory.usage", unit: "byte", scale: GIB },
      queue: { name: "messaging.queue.messages", unit: "message", scale: 1 },
      connections: { name: "db.client.connections.usage", unit: "connection", scale: 40 },
      disk: { name: "system.filesystem.utilization", unit: "fraction", scale: 1 },
      lag: { name: "db.replication.lag", unit: "second", scale: 1 },
      restarts: { name: "k8s.container.restarts", unit: null, scale: 1 },
    },
  },
  {
    name: "prometheus",
    steps: [15, 30, 60],
    traces: false,
    perInstance: true,
    metrics: {
      rate: { name: "http_requests_per_second", unit: null, scale: 1 },
      failed: { name: "http_request_errors_per_second", unit: null, scale: 1 },
      p99: { name: "http_request_duration_seconds_p99", unit: null, scale: 0.001 },
      cpu: { name: "container_cpu_usage_cores", unit: null, scale: 2 },
      memory: { name: "container_memory_working_set_bytes", unit: null, scale: GIB },
      queue: { name: "rabbitmq_queue_messages_ready", unit: null, scale: 1 },
      connections: { name: "pg_stat_activity_count", unit: null, scale: 100 },
      disk: { name: "node_filesystem_used_percent", unit: null, scale: 100 },
      lag: { name: "pg_replication_lag_seconds", unit: null, scale: 1 },
      locks: { name: "pg_locks_waiting", unit: null, scale: 1 },
      restarts: { name: "kube_pod_container_status_restarts_total", unit: null, scale: 1 },
    },
  },
  {
    name: "cloudwatch",
    steps: [60, 300],
    traces: false,
    perInstance: false,
    metrics: {
      rate: { name: "RequestCount", unit: "Count", scale: 1, counts: true },
      failed: { name: "HTTPCode_Target_5XX_Count", unit: "Count", scale: 1, counts: true },
      p50: { name: "TargetResponseTime.p50", unit: "Seconds", scale: 0.001 },
      p99: { name: "TargetResponseTime.p99", unit: "Seconds", scale: 0.001 },
      cpu: { name: "CPUUtilization", unit: "Percent", scale: 100 },
      memory: { name: "MemoryUtilization", unit: "Percent", scale: 100 },
      queue: { name: "ApproximateNumberOfMessagesVisible", unit: "Count", scale: 1 },
      connections: { name: "DatabaseConnections", unit: "Count", scale: 90 },
      lag: { name: "ReplicaLag", unit: "Seconds", scale: 1 },
    },
  },
  {
    name: "statsd",
    steps: [10, 60],
    traces: false,
    perInstance: false,
    metrics: {
      rate: { name: "req.count", unit: null, scale: 1, counts: true },
      failed: { name: "req.err", unit: null, scale: 1, counts: true },
      p50: { name: "req.time.median", unit: "ms", scale: 1 },
      p99: { name: "req.time.99percentile", unit: "ms", scale: 1 },
      cpu: { name: "proc.cpu_pct", unit: null, scale: 100 },
      memory: { name: "proc.rss_mb", unit: null, scale: 1500 },
      queue: { name: "jobs.backlog", unit: null, scale: 1 },
      connections: { name: "db.pool.in_use", unit: null, scale: 20 },
    },
  },
  {
    name: "home-made",
    steps: [1, 30, 60],
    traces: false,
    perInstance: true,
    metrics: {
      rate: { name: "throughput_rps", unit: null, scale: 1 },
      failed: { name: "failure_ratio", unit: "fraction", scale: 1 },
      p99: { name: "resp_slowest_ms", unit: null, scale: 1 },
      cpu: { name: "CpuLoad(%)", unit: null, scale: 100 },
      memory: { name: "HeapUsed(MB)", unit: null, scale: 2048 },
      queue: { name: "PendingJobs", unit: null, scale: 1 },
      connections: { name: "PoolBusy(%)", unit: null, scale: 100 },
      restarts: { name: "ProcessRestarts", unit: null, scale: 1 },
    },
  },
];

export const pickStyle = (chance: Chance): Style => chance.pick(STYLES);
