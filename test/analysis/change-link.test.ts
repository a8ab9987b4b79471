import { describe, expect, test } from "vitest";
import { analyse } from "../../src/analysis/analyse.ts";
import type { DatabaseSessions } from "../../src/incident/database.ts";
import type { ChangeEvent, ChangedFile, Series, Telemetry } from "../../src/incident/telemetry.ts";
import { begins, empty, errorLines, minute, page, risen, series, steady, to } from "./telemetry.ts";

const file = (path: string, patch: string): ChangedFile[] => [{ path, status: "modified", additions: 1, deletions: 1, patch }];
const change = (about: Partial<ChangeEvent>): ChangeEvent => ({
  kind: "deploy",
  at: begins - 2 * minute,
  service: "shop",
  title: "Tidy up",
  sha: "a".repeat(40),
  previousSha: null,
  version: null,
  repository: "acme/shop",
  author: null,
  pullRequest: null,
  files: null,
  link: null,
  evidence: 6,
  ...about,
});
const blamed = (telemetry: Telemetry) => analyse(telemetry).suspects[0];

describe("a migration behind whose lock everything waits", () => {
  const database = (name: string): Series[] => [
    series(name, "request.count", "traffic", null, steady(900)),
    series(name, "request.errors", "errors", null, risen(1, 300)),
    series(name, "query.duration_ms", "latency", null, risen(4, 900)),
    series(name, "locks.waiting", "saturation", null, risen(0, 40)),
  ];
  const system = (name: string): Telemetry => ({
    ...empty,
    page: { ...empty.page, service: "web", title: "Errors on web" },
    services: ["web", "orders", name],
    calls: [
      { from: "web", to: "orders" },
      { from: "orders", to: name },
    ],
    series: [...database(name), series("web", "request.errors", "errors", null, risen(1, 250)), series("web", "request.count", "traffic", null, steady(900))],
  }); // prettier-ignore

  test.each<[string, string, string, string]>([
    ["SQL files", "orders-postgres", "migrations/0123_region.sql", "@@ -0,0 +1 @@\n+ALTER TABLE orders ADD COLUMN region text NOT NULL DEFAULT 'eu';"],
    ["Rails", "ordersdb", "db/migrate/20260301_add_region.rb", "@@ -0,0 +1,3 @@\n+  add_column :orders, :region, :string\n+  add_index :orders, :region"],
    ["Alembic", "orders_mysql", "alembic/versions/9f2_region.py", "@@ -0,0 +1 @@\n+    op.add_column('orders', sa.Column('region', sa.Text()))"],
  ])("is the change to blame, though another service than the database deployed it (%s)", (_, name, path, patch) => {
    const telemetry = system(name);
    const suspect = blamed({ ...telemetry, changes: [change({ service: "orders", title: "Add region", files: file(path, patch) })] });
    expect(suspect).toMatchObject({ service: name, change: { title: "Add region" } });
    expect(suspect?.reasons.some(({ text }) => text.includes(`orders uses ${name}`))).toBe(true);
  }); // prettier-ignore

  test("is not, where its service does not use that database", () => {
    const telemetry = system("orders-postgres");
    const migration = change({ service: "web", title: "Add region", files: file("migrations/1.sql", "@@ -0,0 +1 @@\n+ALTER TABLE visits ADD COLUMN region text;") }); // prettier-ignore
    expect(blamed({ ...telemetry, changes: [migration] })?.change).toBeNull();
  });
});

describe("the statement that a database shows", () => {
  const query = "SELECT * FROM offers WHERE region = $1 ORDER BY rank";
  const sessions: DatabaseSessions = {
    service: "offers-db", database: "offers", sessions: 40, active: 30, idle: 10, idleInTransaction: 0, maxConnections: 200, replicas: [], evidence: 11, blockers: [],
    groups: [{ query, state: "active", wait: "IO:DataFileRead", application: "offers", user: "app", sessions: 28, longestMs: 30_000 }],
  } as unknown as DatabaseSessions; // prettier-ignore
  const statement = {
    service: "offers-db", database: "offers", query, calls: 9_000, meanMs: 800, share: 0.9, rows: 9_000, blocksHit: 9e7, blocksRead: 1e6, walBytes: 0, walShare: 0,
    effect: "reads", aggregates: false, unindexed: [{ table: "offers", columns: ["region"] }], evidence: 10,
  } as unknown as Telemetry["statements"][number]; // prettier-ignore
  const telemetry: Telemetry = {
    ...empty,
    page: { ...empty.page, service: "web", title: "High latency on web" },
    services: ["web", "offers-db"],
    calls: [{ from: "web", to: "offers-db" }],
    statements: [statement],
    sessions: [sessions],
    series: [
      series("web", "request.duration_ms", "latency", null, risen(80, 900)),
      series("offers-db", "query.duration_ms", "latency", null, risen(4, 800)),
    ],
  };

  test.each<[string, string]>([
    ["one line of Go", '@@\n+\trows, err := db.Query("SELECT * FROM offers WHERE region = $1 ORDER BY rank", region)'],
    [
      "several lines of Python",
      '@@\n+    cursor.execute("""\n+      select * from offers\n+      where region = %s order by rank\n+    """, [region])',
    ],
    ["JavaScript with a value inside", "@@\n+  await sql(`SELECT * FROM offers WHERE region = ${region} ORDER BY rank`)"],
  ])("in the added lines of a deploy (%s) names that deploy", (_, patch) => {
    const suspect = blamed({
      ...telemetry,
      changes: [change({ service: "web", title: "Sort offers", files: file("src/offers.x", patch) })],
    });
    expect(suspect?.change?.title).toBe("Sort offers");
    expect(suspect?.reasons.some(({ text }) => text.includes("its diff adds the statement"))).toBe(true);
  });
});

describe("a revision that what reports the trouble names", () => {
  const system: Telemetry = { ...empty, page: { ...empty.page, title: "Errors on shop" }, series: [series("shop", "error_ratio", "errors", "fraction", risen(0.001, 0.4))] }; // prettier-ignore
  // Two deploys at the same time: only what is named tells them apart.
  const named = (version: string, sha = "a".repeat(40)) => [
    change({ title: "This one", version, sha, evidence: 6 }),
    change({ title: "The other", version: "v7.0.4", sha: "d".repeat(40), evidence: 7 }),
  ];
  test.each<[string, string, string]>([
    ["v2.9.1", "bad value in new revision v2.9.1: region is required", "a".repeat(40)],
    ["2.9.1", "error: release 2.9.1 rejected the payload", "a".repeat(40)],
    ["build-3", "panic in shop-91f3c2a7d0: nil map", "91f3c2a7d0b1c2d3e4f5a6b7c8d9e0f1a2b3c4d5"],
  ])("is blamed (%s)", (version, message, sha) => {
    expect(blamed({ ...system, logs: errorLines("shop", message), changes: named(version, sha) })?.change?.title).toBe("This one");
  });

  test("is not one that a service starts with: what fails runs the newest anyway", () => {
    const [start] = errorLines("shop", "starting shop v2.9.1");
    if (start === undefined) throw new Error("no line");
    const logs = [{ ...start, severity: "INFO" }, ...errorLines("shop", "error: no region")];
    expect(blamed({ ...system, logs, changes: named("v2.9.1") })?.change).toBeNull();
  });

  test("is not taken out of a longer number", () => {
    const logs = errorLines("shop", "error: peer 12.9.17 refused 2.9.10");
    expect(blamed({ ...system, logs, changes: named("v2.9.1") })?.change).toBeNull();
  });
});

describe("growth and the change at its foot", () => {
  const foot = page - 80 * minute;
  const heap = steady(0.4).map((point) => (point.at < foot ? point : { ...point, value: 0.4 + (0.58 * (point.at - foot)) / (to - foot) }));
  const leak = (at: number, title: string, patch: string) => change({ at, title, evidence: at, files: file("src/offers.ts", patch) });
  const keeps = "@@\n-  return load(id);\n+  const item = await load(id);\n+  seen.set(id + Date.now(), item);\n+  return item;";
  const telemetry: Telemetry = {
    ...empty,
    page: { ...empty.page, title: "Errors on shop" },
    series: [series("shop", "jvm.heap.utilization", "saturation", "fraction", heap), series("shop", "error_ratio", "errors", "fraction", risen(0.001, 0.3))],
  }; // prettier-ignore

  test.each([-6, -2, 3])("is found though the foot is known to some minutes only (%i min from it)", (minutes) => {
    const suspect = blamed({ ...telemetry, changes: [leak(foot + minutes * minute, "Cache offers", keeps)] });
    expect(suspect).toMatchObject({ fault: "memory", change: { title: "Cache offers" } });
  });

  test.each([
    ["a map", keeps],
    ["a list in Go", "@@\n-\treturn score(item)\n+\tresult := score(item)\n+\tscores = append(scores, result)\n+\treturn result"],
  ])("a later deploy that keeps things in memory too did not begin it, and is not blamed (%s)", (_, patch) => {
    const later = leak(begins - minute, "Keep recent items", keeps);
    expect(blamed({ ...telemetry, changes: [leak(foot - minute, "Cache offers", patch), later] })?.change?.title).toBe("Cache offers");
    expect(blamed({ ...telemetry, changes: [later] })?.change).toBeNull();
  });

  test("a deploy long after it began is not preferred to the one at the foot", () => {
    const suspect = blamed({
      ...telemetry,
      changes: [leak(foot - minute, "Cache offers", keeps), leak(begins - minute, "Show a label", "@@\n+  label: string;")],
    });
    expect(suspect?.change?.title).toBe("Cache offers");
  });
});

describe("what is no fault of a deploy", () => {
  const deploy = change({ title: "Bump a linter" });
  const shop = (calls: Series["points"]): Telemetry => ({
    ...empty,
    page: { ...empty.page, title: "Errors on shop" },
    series: [series("shop", "error_ratio", "errors", "fraction", risen(0.001, 0.4)), series("shop", "request.count", "traffic", null, calls)],
    changes: [deploy],
  }); // prettier-ignore

  test("a service that is asked for eight times as much, unless something in the deploy speaks of what broke", () => {
    expect(blamed(shop(steady(600)))?.change?.title).toBe("Bump a linter");
    expect(blamed(shop(risen(600, 5_000)))?.change).toBeNull();
  });
});

test("a diff full of openings that nothing closes is read in time that grows with length only", () => {
  const patch = `@@ -1 +1,2000 @@\n${`+${"${".repeat(490)}\n`.repeat(2_000)}`;
  const telemetry: Telemetry = {
    ...empty,
    series: [series("shop", "error_ratio", "errors", "fraction", risen(0.001, 0.4))],
    changes: [change({ files: file("src/shop.js", patch) })],
  };
  expect(blamed(telemetry)?.service).toBe("shop");
});
