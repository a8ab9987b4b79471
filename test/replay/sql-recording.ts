import { incidentJson, type RecordingFiles, secondsAt } from "../support/recording-folder.ts";

/** A shop whose depot database is busy with one statement that has no index to use. Made up; paged at 12:28. */
export function depotRecording(more: RecordingFiles = {}): RecordingFiles {
  const statement = "SELECT * FROM parcels WHERE depot_code = $1 AND handed_over IS NULL";
  const counters = {
    userid: 10,
    dbid: 777,
    toplevel: true,
    min_exec_time: 1,
    max_exec_time: 9_000,
    stddev_exec_time: 5,
    shared_blks_dirtied: 0,
    temp_blks_written: 0,
    wal_records: 0,
    wal_bytes: 0,
  };
  const session = {
    datid: 777,
    datname: "depot-db",
    usename: "depot_app",
    application_name: "depot",
    client_addr: "10.0.0.7",
    backend_start: "2026-01-02 11:00:00+00",
    xact_start: "2026-01-02 12:27:58+00",
    query_start: "2026-01-02 12:27:58+00",
    state_change: "2026-01-02 12:27:58+00",
    wait_event_type: null,
    wait_event: null,
    state: "active",
    backend_type: "client backend",
    query: "SELECT * FROM parcels WHERE depot_code = 'BER-1' AND handed_over IS NULL",
  };
  const latency = Array.from({ length: 30 }, (_minute, index) => [
    secondsAt("12:00:00") + index * 60,
    "shop",
    "",
    "http.p95_s",
    index < 20 ? 0.2 : 4,
  ]);
  return {
    "incident.json": incidentJson({
      title: "latency of shop above 2s",
      services: ["shop", "depot-db"],
      dependencies: [{ from: "shop", to: "depot-db" }],
    }),
    "metrics.csv.gz": [["time", "service", "instance", "metric", "value"], ...latency],
    "sql/seed.sql":
      "create table parcels (id bigint primary key, depot_code text not null, handed_over timestamptz);\ninsert into parcels select i, 'D' || i % 9, null from generate_series(1, 500) i;\nanalyze;",
    "sql/statements.json": [
      {
        ...counters,
        queryid: "4611686018427387905",
        query: statement,
        calls: 900,
        total_exec_time: 1_800_000,
        mean_exec_time: 2_000,
        rows: 4_500,
        shared_blks_hit: 900_000,
        shared_blks_read: 900_000,
      },
      {
        ...counters,
        queryid: "2",
        query: "SELECT * FROM parcels WHERE id = $1",
        calls: 90_000,
        total_exec_time: 90_000,
        mean_exec_time: 1,
        rows: 90_000,
        shared_blks_hit: 360_000,
        shared_blks_read: 0,
      },
    ],
    "sql/activity.json": Array.from({ length: 40 }, (_session, index) => ({ ...session, pid: 900 + index })),
    ...more,
  };
}
