import { describe, expect, test } from "vitest";
import { analyse } from "../../src/analysis/analyse.ts";
import { buildCallGraph } from "../../src/analysis/call-graph.ts";
import { innocentStatements, statementClues } from "../../src/analysis/statement-clue.ts";
import type { DatabaseSessions, SessionGroup, StatementLoad } from "../../src/incident/database.ts";
import type { Telemetry } from "../../src/incident/telemetry.ts";
import { empty, page, series, steady } from "./telemetry.ts";

const scan: StatementLoad = {
  service: "stock",
  database: "stock-db",
  query: "SELECT * FROM items WHERE colour = $1",
  effect: "reads",
  share: 0.9,
  calls: 1_000,
  totalMs: 900_000,
  meanMs: 900,
  rows: 20_000,
  blocksHit: 1_500_000,
  blocksRead: 500_000,
  walBytes: 0,
  walShare: 0,
  aggregates: false,
  unindexed: [{ table: "items", columns: ["colour"] }],
  evidence: 7,
};

const group = (given: Partial<SessionGroup>): SessionGroup => ({
  application: "shop",
  user: "shop_app",
  state: "active",
  wait: null,
  query: "SELECT * FROM items WHERE colour = ?",
  sessions: 10,
  longestMs: 800,
  ...given,
});

function sessionsOf(groups: readonly SessionGroup[], given: Partial<DatabaseSessions> = {}): DatabaseSessions {
  const of = (counts: (state: string) => boolean) => groups.reduce((sum, one) => sum + (counts(one.state) ? one.sessions : 0), 0);
  return {
    service: "stock",
    database: "stock-db",
    at: page,
    sessions: of(() => true),
    active: of((state) => state === "active"),
    idle: of((state) => state === "idle"),
    idleInTransaction: of((state) => state === "idle in transaction"),
    maxConnections: 500,
    groups,
    blockers: [],
    replicas: [],
    evidence: 8,
    ...given,
  };
}

const cluesOf = (given: Partial<Telemetry>) => {
  const telemetry = { ...empty, ...given };
  return statementClues(telemetry, buildCallGraph(telemetry.services, telemetry.calls, []));
};

describe("a statement that takes most of the time", () => {
  test("is named with its table, the column that no index begins with, and its figures, while sessions run it", () => {
    const [clue, ...more] = cluesOf({ statements: [scan], sessions: [sessionsOf([group({})])] });
    expect(more).toEqual([]);
    expect(clue).toMatchObject({ service: "stock", fault: "cpu", family: "statement", evidence: [7, 8], quote: scan.query });
    expect(clue?.weight).toBeGreaterThan(2.5);
    for (const words of [
      "`SELECT * FROM items WHERE colour = $1`",
      "90 % of the statement time",
      "table items",
      "colour",
      "index",
      "sequential scan",
      "1,000 calls of 900 ms",
      "2,000 blocks a call",
      "10 of 10 active sessions",
    ])
      expect(clue?.text).toContain(words);
  });

  test("weighs nothing where nobody runs it now: counters do not tell since when", () => {
    expect(cluesOf({ statements: [scan], sessions: [sessionsOf([group({ query: "SELECT 1" })])] })).toEqual([]);
  });

  test("weighs nothing with an index and a few blocks a row, however often it runs", () => {
    const fine = { ...scan, unindexed: [], blocksHit: 80_000, blocksRead: 0 };
    expect(cluesOf({ statements: [fine], sessions: [sessionsOf([group({ sessions: 30 })])] })).toEqual([]);
  });

  test("with an index but hundreds of blocks a row it weighs little, and only where sessions pile up on it", () => {
    const wasteful = { ...scan, unindexed: [], rows: 1_000 };
    const [piled] = cluesOf({ statements: [wasteful], sessions: [sessionsOf([group({ sessions: 20 })])] });
    expect(piled?.weight).toBeLessThan(1.5);
    expect(piled?.text).not.toContain("index");
    expect(cluesOf({ statements: [wasteful], sessions: [sessionsOf([group({ sessions: 3 })])] })).toEqual([]);
    expect(cluesOf({ statements: [{ ...wasteful, aggregates: true }], sessions: [sessionsOf([group({ sessions: 20 })])] })).toEqual([]);
  });

  test("speaks of what its sessions wait for", () => {
    const waiting = (wait: string) => cluesOf({ statements: [scan], sessions: [sessionsOf([group({ wait })])] })[0]?.fault;
    expect([waiting("IO:DataFileRead"), waiting("Lock:tuple")]).toEqual(["overload", "latency"]);
  });

  test("is not quoted word for word where a value was taken out of it", () => {
    const [clue] = cluesOf({
      statements: [{ ...scan, query: "SELECT * FROM items WHERE colour = ?" }],
      sessions: [sessionsOf([group({})])],
    });
    expect(clue?.quote).toBeNull();
  });

  test("makes its database the suspect of a page of a service that calls it", () => {
    const { suspects, verdict } = analyse({
      ...empty,
      series: [series("shop", "p95", "latency", "millisecond", steady(200))],
      statements: [scan],
      sessions: [sessionsOf([group({ sessions: 40 })])],
    });
    expect(verdict).toBe("incident");
    expect(suspects[0]).toMatchObject({ service: "stock", fault: "cpu" });
    expect(suspects[0]?.reasons[0]?.text).toContain("SELECT * FROM items");
  });
});

describe("the write-ahead log", () => {
  const writer: StatementLoad = {
    ...scan,
    query: "UPDATE items SET seen = $1 WHERE id IN (SELECT id FROM batch)",
    effect: "writes",
    share: 0.4,
    walBytes: 5e10,
    walShare: 0.97,
    unindexed: [],
  };
  const lagging = (lagMs: number) =>
    sessionsOf([group({ query: writer.query, wait: "LWLock:WALWrite" })], { replicas: [{ name: "copy", lagBytes: 1e9, lagMs }] });

  test("its writer is named where a replica lags, by the server's own word, an event or the page", () => {
    const [clue] = cluesOf({ statements: [writer], sessions: [lagging(600_000)] });
    expect(clue).toMatchObject({ service: "stock", fault: "overload", family: "statement" });
    expect(clue?.text).toMatch(
      /writes 97 % of the write-ahead log \(WAL\).*46\.6 GiB in 1,000 calls.*10 of them wait for the WAL.*replica copy is 10 min and .* behind/,
    );
    const said = {
      at: page - 60_000,
      source: "rds",
      service: "stock",
      instance: null,
      severity: "warning",
      title: "Replica lag has exceeded 900 s",
      text: "",
      tags: [],
      evidence: 9,
    } as const;
    expect(cluesOf({ statements: [writer], events: [said] })[0]).toMatchObject({ evidence: [7, 9] });
    expect(cluesOf({ statements: [writer], page: { ...empty.page, title: "Replication lag on stock" } })).toHaveLength(1);
  });

  test("where no replica lags nothing is said of it", () => {
    expect(cluesOf({ statements: [writer], sessions: [lagging(200)] })).toEqual([]);
  });

  test("a heavy reader beside the writer is told as innocent of the lag", () => {
    const reader = { ...scan, share: 0.3, unindexed: [] };
    const [told] = innocentStatements({ ...empty, statements: [writer, reader], sessions: [lagging(600_000)] });
    expect(told?.what).toContain("SELECT * FROM items");
    expect(told?.why).toContain("write-ahead log");
    expect(innocentStatements({ ...empty, statements: [writer, reader], sessions: [lagging(200)] })).toEqual([]);
  });
});

describe("connections", () => {
  const leaked = [
    group({ state: "idle in transaction", wait: "Client:ClientRead", sessions: 420, longestMs: 1_200_000 }),
    group({ sessions: 60 }),
  ];

  test("near their limit and mostly idle in transaction: who holds them, since when, of how many", () => {
    const [clue] = cluesOf({ sessions: [sessionsOf(leaked)] });
    expect(clue).toMatchObject({ service: "stock", fault: "overload", family: "sessions" });
    expect(clue?.weight).toBeGreaterThan(3);
    expect(clue?.text).toMatch(
      /^480 of 500 connections \(max_connections\) of stock-db are taken; 420 of these sessions are idle in transaction \(Client:ClientRead\), the oldest transaction for 20 min; most, 420, belong to application "shop", user shop_app/,
    );
  });

  test("the limit may be told by the page or an event where the server does not tell it", () => {
    const unknown = sessionsOf(leaked, { maxConnections: null });
    const details = "480 of 500 connections are used";
    expect(cluesOf({ sessions: [unknown], page: { ...empty.page, details } })[0]?.text).toMatch(/^480 of 500/);
    expect(cluesOf({ sessions: [unknown] })[0]?.text).toMatch(/^480 client sessions are connected/);
  });

  test("a pool of idle sessions far from the limit is everyday", () => {
    expect(cluesOf({ sessions: [sessionsOf([group({ state: "idle", sessions: 250 }), group({ sessions: 5 })])] })).toEqual([]);
  });
});

describe("locks", () => {
  const blocker = {
    pid: 41,
    application: "job",
    user: "batch",
    state: "idle in transaction",
    query: "UPDATE items SET a = ?",
    transactionMs: 300_000,
    behind: 12,
    waiting: "DELETE FROM items WHERE id = ?",
  };

  test("the session at the beginning of the queue is named, with how long and how many", () => {
    const [clue] = cluesOf({ sessions: [sessionsOf([group({ sessions: 2 })], { blockers: [blocker] })] });
    expect(clue).toMatchObject({ service: "stock", fault: "latency", family: "sessions" });
    expect(clue?.text).toMatch(
      /session 41 of application "job".*for 5 min \(idle in transaction, last ran `UPDATE items.*12 sessions wait behind it/,
    );
  });

  test("a wait of moments is everyday", () => {
    expect(cluesOf({ sessions: [sessionsOf([group({ sessions: 2 })], { blockers: [{ ...blocker, transactionMs: 40 }] })] })).toEqual([]);
  });

  test("where holders are not told, many who wait for locks still are, with the oldest open transaction", () => {
    const groups = [
      group({ wait: "Lock:transactionid", sessions: 9 }),
      group({ state: "idle in transaction", sessions: 1, longestMs: 600_000, query: "LOCK TABLE items" }),
    ];
    expect(cluesOf({ sessions: [sessionsOf(groups)] })[0]?.text).toMatch(
      /9 of 9 active sessions.*wait for locks.*idle for 10 min.*`LOCK TABLE items`/,
    );
  });
});
