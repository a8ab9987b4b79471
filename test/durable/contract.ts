import assert from "node:assert/strict";
import { Admission, admissionMigrations } from "../../src/durable/admission.ts";
import { SharedBudget, sharedBudgetMigrations } from "../../src/durable/shared-budget.ts";
import { Board, boardMigrations } from "../../src/durable/board.ts";
import { Directory, directoryMigrations, type Schedule } from "../../src/durable/directory.ts";
import type { IncidentEvent, LoggedEvent } from "../../src/incident/event.ts";
import { type Delivery, incidentEvents, type Plan, type Step, type StepContext } from "../../src/store/incident-store.ts";
import { listEffects, Outbox } from "../../src/durable/outbox.ts";
import { migrate, type Sql } from "../../src/durable/sql.ts";
import { auditCases } from "./audit-cases.ts";
import { keepingCases } from "./keeping-cases.ts";
import { measuringCases } from "./measuring-cases.ts";
import { Bench, settled } from "./bench.ts";
import { delivery, page, pageReceived, posted, postedTexts, reply } from "./pages.ts";

/** What must hold on every kind of storage. Each case is given an empty one; assertions are Node's, which workerd has too. */
export type Case = (sql: Sql) => Promise<void> | void;

const never = new AbortController().signal;

const step = (id: string, overrides: Partial<Step> = {}): Step => ({ id, run: async () => [posted(id)], ...overrides });

/** Does the steps in order, each until it has posted or was given up. */
const inOrder =
  (...steps: readonly Step[]): Plan =>
  (log) => {
    const past = new Set([
      ...postedTexts(log),
      ...log.flatMap(({ event }) => (event.type === "step-failed" && event.final ? [event.step] : [])),
    ]);
    return steps.find(({ id }) => !past.has(id)) ?? null;
  };

const failures = (log: readonly LoggedEvent[]) => log.flatMap(({ event }) => (event.type === "step-failed" ? [event] : []));

const outboxOn = (bench: Bench) => new Outbox(bench.sql, "pd-1", { now: () => bench.time, sleep: bench.sleep });

interface Handed {
  incidentId: string;
  event: IncidentEvent;
  key: string;
}

function directoryOn(
  sql: Sql,
  forward?: (handed: Handed) => Promise<void>,
  { schedules = [], time = 1_000_000 }: { readonly schedules?: readonly Schedule<IncidentEvent>[]; readonly time?: number } = {},
) {
  migrate(sql, [directoryMigrations]);
  const clock = { time, alarmAt: null as number | null };
  const handed: Handed[] = [];
  const errors: unknown[] = [];
  const directory = new Directory({
    events: incidentEvents,
    sql,
    schedules,
    now: () => clock.time,
    forward: (incidentId, event, key) => {
      handed.push({ incidentId, event, key });
      return forward?.({ incidentId, event, key });
    },
    wake: (inMs) => (clock.alarmAt = inMs === null ? null : clock.time + inMs),
    onError: (error) => errors.push(error),
  });
  return { directory, handed, errors, clock };
}

const pagerEvent = (status: "acknowledged" | "resolved", occurredAt: number): IncidentEvent => ({
  type: "pager-event-received",
  eventType: `incident.${status}`,
  occurredAt,
  by: "Ana",
  text: "",
  page: page({ status }),
});

const about = (n: number, event: IncidentEvent, occurredAt: number): Delivery =>
  delivery(n, {
    eventType: "incident.other",
    occurredAt,
    incident: { id: "pd-PGR0VU2", pagerId: "PGR0VU2", title: "PagerDuty incident PGR0VU2", event },
  });

export const contract: Readonly<Record<string, Case>> = {
  "storage: a transaction that throws leaves nothing, one within it is undone alone": (sql) => {
    sql.all("create table t(a integer)");
    assert.throws(() =>
      sql.tx(() => {
        sql.all("insert into t values(1)");
        throw new Error("no");
      }),
    );
    sql.tx(() => {
      sql.all("insert into t values(2)");
      assert.throws(() =>
        sql.tx(() => {
          sql.all("insert into t values(3)");
          throw new Error("no");
        }),
      );
      sql.tx(() => sql.all("insert into t values(4)"));
    });
    assert.deepEqual(
      sql.all<{ a: number }>("select a from t order by a").map((row) => row.a),
      [2, 4],
    );
  },

  "storage: text, numbers, null and bytes come back as they went in": (sql) => {
    sql.all("create table t(a text, b integer, c real, d blob, e text)");
    const bytes = new Uint8Array([9, 0, 255, 7]).subarray(1);
    sql.all("insert into t values(?, ?, ?, ?, ?)", "Zoë 🚨", 1_793_589_120_123, 0.25, bytes, null);
    const row = sql.all<{ a: string; b: number; c: number; d: Uint8Array; e: null }>("select * from t")[0];
    assert.ok(row);
    assert.equal(row.a, "Zoë 🚨");
    assert.equal(row.b, 1_793_589_120_123);
    assert.equal(row.c, 0.25);
    assert.ok(row.d instanceof Uint8Array);
    assert.deepEqual([...row.d], [0, 255, 7]);
    assert.equal(row.e, null);
  },

  "board: an incident follows a lead that follows nobody, and those that followed it move along": (sql) => {
    migrate(sql, [boardMigrations]);
    const board = new Board(sql, () => 1);
    for (const id of ["a", "b", "c"]) board.pin(id, { id });
    assert.deepEqual(board.follow("c", "b"), { lead: "b", moved: [] });
    assert.deepEqual(board.follow("b", "a"), { lead: "a", moved: ["c"] });
    // A step that was cut off asks again, and gets the same answer.
    assert.deepEqual(board.follow("b", "a"), { lead: "a", moved: ["c"] });
    assert.equal(board.leadOf("c"), "a");
    assert.deepEqual(
      board.pinned("d", 0).map(({ incidentId }) => incidentId),
      ["a"],
    );
    board.leave("c");
    assert.deepEqual(board.pinned("a", 0), [{ incidentId: "c", card: { id: "c" } }]);
  },

  "board: of two that would follow each other the second leads": (sql) => {
    migrate(sql, [boardMigrations]);
    const board = new Board(sql, () => 1);
    assert.deepEqual(board.follow("a", "b"), { lead: "b", moved: [] });
    assert.deepEqual(board.follow("b", "a"), { lead: null, moved: [] });
    assert.deepEqual([board.leadOf("a"), board.leadOf("b")], ["b", null]);
  },

  "board: what one incident has claimed no other has, until it says that it does not do it": (sql) => {
    migrate(sql, [boardMigrations]);
    const board = new Board(sql, () => 1);
    assert.deepEqual(board.claim("a", "fix"), { incidentId: "a", note: null });
    assert.deepEqual(board.claim("b", "fix"), { incidentId: "a", note: null });
    board.note("b", "fix", "mine");
    board.note("a", "fix", "PR 1");
    assert.deepEqual(board.claim("b", "fix"), { incidentId: "a", note: "PR 1" });
    board.note("a", "fix", null);
    assert.deepEqual(board.claim("b", "fix"), { incidentId: "b", note: null });
  },

  "board: nobody waits for a claim without a note whose incident follows another, nor for longer than an hour": (sql) => {
    migrate(sql, [boardMigrations]);
    let now = 1;
    const board = new Board(sql, () => now);
    board.claim("low", "fix");
    board.claim("low", "done");
    board.note("low", "done", "PR 1");
    board.follow("low", "urgent");
    assert.deepEqual(board.claim("urgent", "fix"), { incidentId: "urgent", note: null });
    assert.deepEqual(board.claim("low", "fix"), { incidentId: "urgent", note: null });
    assert.deepEqual(board.claim("urgent", "done"), { incidentId: "low", note: "PR 1" });
    now += 3_600_000;
    assert.deepEqual(board.claim("third", "fix"), { incidentId: "urgent", note: null });
    now += 1;
    assert.deepEqual(board.claim("third", "fix"), { incidentId: "third", note: null });
    assert.deepEqual(board.claim("third", "done"), { incidentId: "low", note: "PR 1" });
  },

  "admission: one works at a time, then the most urgent, then kinds in turn, then who asked first": (sql) => {
    migrate(sql, [admissionMigrations]);
    let now = 1_000;
    const admission = new Admission(sql, () => now++);
    const enter = (id: string, rank: number, kind: string) => admission.enter(id, { rank, kind });
    assert.equal(enter("a1", 3, "a"), true);
    for (const [id, rank, kind] of [
      ["a2", 3, "a"],
      ["a3", 3, "a"],
      ["low", 4, "c"],
      ["b1", 3, "b"],
    ] as const)
      assert.equal(enter(id, rank, kind), false);
    // Who works or waits asks again after a new start, and is where it was.
    assert.equal(enter("a1", 3, "a"), true);
    assert.equal(enter("a2", 3, "a"), false);
    const order = [];
    for (let last: string | null = "a1"; last !== null; last = admission.leave(last)) order.push(last);
    assert.deepEqual(order, ["a1", "b1", "a2", "a3", "low"]);
  },

  "admission: what is more urgent than the one that works begins beside it, and a third waits": (sql) => {
    migrate(sql, [admissionMigrations]);
    const admission = new Admission(sql, () => 1_000);
    assert.equal(admission.enter("low", { rank: 3, kind: "a" }), true);
    assert.equal(admission.enter("urgent", { rank: 0, kind: "b" }), true);
    assert.equal(admission.enter("urgent too", { rank: 0, kind: "c" }), false);
    assert.equal(admission.leave("low"), null);
    assert.equal(admission.leave("urgent"), "urgent too");
  },

  "admission: who ended without a word keeps nobody waiting for ever, and who waits no more is not called": (sql) => {
    migrate(sql, [admissionMigrations]);
    let now = 1_000;
    const admission = new Admission(sql, () => now);
    const enter = (id: string) => admission.enter(id, { rank: 3, kind: "" });
    assert.equal(enter("ended"), true);
    assert.equal(enter("waits"), false);
    assert.equal(enter("gone"), false);
    now += 100_000;
    assert.equal(enter("waits"), false);
    now += 80_000;
    // Three minutes are the longest that a step may take.
    assert.equal(enter("waits"), true);
    assert.equal(admission.leave("waits"), null);
    // Who is called must come: else the next one is let in.
    assert.equal(enter("first"), true);
    assert.equal(enter("silent"), false);
    assert.equal(enter("waits"), false);
    assert.equal(admission.leave("first"), "silent");
    now += 30_000;
    assert.equal(enter("waits"), true);
  },

  "admission: what waits and what works is counted, and who has not asked for long is not": (sql) => {
    migrate(sql, [admissionMigrations]);
    let now = 1_000;
    const admission = new Admission(sql, () => now);
    assert.deepEqual(admission.backlog(), { waiting: 0, oldestSeconds: 0, running: 0 });
    for (const id of ["a", "b", "c"]) {
      admission.enter(id, { rank: 3, kind: "" });
      now += 10_000;
    }
    assert.deepEqual(admission.backlog(), { waiting: 2, oldestSeconds: 20, running: 1 });
    now += 80_000;
    // c asks again, b does not.
    admission.enter("c", { rank: 3, kind: "" });
    now += 30_000;
    assert.deepEqual(admission.backlog(), { waiting: 1, oldestSeconds: 120, running: 1 });
    now += 60_000;
    assert.equal(admission.backlog().running, 0);
  },

  "shared budget: what is set aside counts as spent until the work is over, once for each key": (sql) => {
    migrate(sql, [sharedBudgetMigrations]);
    let now = 1_000;
    const budget = new SharedBudget(sql, () => now);
    const ask = (incident: string, key: string, amount = 2, since = 0) =>
      budget.reserve(incident, { key, amount, periods: [{ name: "day", since, most: 5 }] });
    assert.equal(ask("a", "run"), null);
    // A step that was cut off asks again.
    assert.equal(ask("a", "run"), null);
    assert.equal(ask("b", "run"), null);
    assert.deepEqual(ask("c", "run"), { period: "day", spent: 0, reserved: 4 });
    budget.settle("a", "run", 0.5);
    budget.settle("a", "run", 0.5);
    assert.equal(ask("c", "run"), null);
    assert.deepEqual(ask("d", "run"), { period: "day", spent: 0.5, reserved: 4 });
    now = 2_000;
    assert.equal(ask("d", "run", 2, 2_000), null);
  },

  "shared budget: an incident's own limit does not count what others spend": (sql) => {
    migrate(sql, [sharedBudgetMigrations]);
    const budget = new SharedBudget(sql, () => 1);
    const ask = (incident: string, key: string) =>
      budget.reserve(incident, { key, amount: 2, periods: [{ name: "incident", since: 0, most: 3, own: true }] });
    assert.equal(ask("a", "run:1"), null);
    assert.equal(ask("b", "run:1"), null);
    budget.settle("a", "run:1", 1.5);
    assert.deepEqual(ask("a", "run:2"), { period: "incident", spent: 1.5, reserved: 0 });
  },

  "storage: sync ends once what was committed is on the disk": async (sql) => {
    await sql.sync();
    sql.tx(() => sql.all("create table t(a integer)"));
    await Promise.all([sql.sync(), sql.sync()]);
    assert.deepEqual(sql.all("select a from t"), []);
  },

  "storage: each migration runs once, and a store of a newer version is refused": (sql) => {
    const one = "create table one(a integer)";
    const two = "insert into one values(1)";
    migrate(sql, [{ name: "part", statements: [one] }]);
    migrate(sql, [{ name: "part", statements: [one, two] }]);
    migrate(sql, [{ name: "part", statements: [one, two] }]);
    assert.equal(sql.all("select * from one").length, 1);
    assert.throws(() => migrate(sql, [{ name: "part", statements: [one] }]), /newer midwatch/);
  },

  "storage: migrations that fail half-way leave nothing": (sql) => {
    const parts = [{ name: "part", statements: ["create table one(a integer)", "create table one(a integer)"] }];
    assert.throws(() => migrate(sql, parts));
    migrate(sql, [{ name: "part", statements: ["create table one(a integer)"] }]);
  },

  "event log: events are numbered from 1 without gaps, each incident for itself": (sql) => {
    const { log } = new Bench(sql);
    log.append("a", posted("one"), 5, null);
    log.append("b", posted("other"), 6, null);
    log.append("a", posted("two"), 7, null);
    assert.deepEqual(log.read("a"), [
      { seq: 1, at: 5, event: posted("one") },
      { seq: 2, at: 7, event: posted("two") },
    ]);
    assert.deepEqual(
      log.read("a", 1).map(({ seq }) => seq),
      [2],
    );
    assert.equal(log.lastSeq("b"), 1);
    assert.equal(log.lastSeq("c"), 0);
  },

  "event log: the same source key counts once, also after a restart, and leaves no gap": (sql) => {
    const { log } = new Bench(sql);
    assert.equal(log.append("a", posted("one"), 1, "Ev1")?.seq, 1);
    assert.equal(log.append("a", posted("again"), 2, "Ev1"), null);
    assert.equal(new Bench(sql).log.append("a", posted("again"), 3, "Ev1"), null);
    assert.equal(log.append("b", posted("another incident's"), 4, "Ev1")?.seq, 1);
    assert.equal(log.append("a", posted("two"), 5, "Ev2")?.seq, 2);
    assert.deepEqual(postedTexts(log.read("a")), ["one", "two"]);
  },

  "event log: a reader is told after the transaction, and of nothing that was undone": async (sql) => {
    const { log } = new Bench(sql);
    const seen: string[][] = [];
    const unsubscribe = log.subscribe((id) => seen.push(postedTexts(log.read(id))));
    sql.tx(() => {
      log.append("a", posted("one"), 1, null);
      log.append("a", posted("two"), 1, null);
      assert.equal(seen.length, 0);
    });
    await settled();
    assert.deepEqual(seen, [["one", "two"]]);
    assert.throws(() =>
      sql.tx(() => {
        log.append("a", posted("undone"), 2, null);
        throw new Error("no");
      }),
    );
    await settled();
    assert.deepEqual(seen.at(-1), ["one", "two"]);
    unsubscribe();
    const told = seen.length;
    log.append("a", posted("three"), 3, null);
    await settled();
    assert.equal(seen.length, told);
  },

  "event log: a follower gets what there is, then what comes, and ends when it goes away": async (sql) => {
    const { log } = new Bench(sql);
    log.append("a", posted("one"), 1, null);
    log.append("a", posted("two"), 1, null);
    const gone = new AbortController();
    const events = log.follow("a", 1, gone.signal);
    const first = await events.next();
    assert.equal(first.done === true ? 0 : first.value.seq, 2);
    const next = events.next();
    log.append("b", posted("elsewhere"), 2, null);
    await settled();
    log.append("a", posted("three"), 2, null);
    const second = await next;
    assert.equal(second.done === true ? 0 : second.value.seq, 3);
    // What comes while the follower is busy with the one before is not missed either.
    log.append("a", posted("four"), 3, null);
    await settled();
    const third = await events.next();
    assert.equal(third.done === true ? 0 : third.value.seq, 4);
    const last = events.next();
    gone.abort();
    assert.equal((await last).done, true);
  },

  "outbox: an effect that is done is not asked for again": async (sql) => {
    const bench = new Bench(sql);
    let acted = 0;
    const calls = { find: async () => assert.fail("not needed"), act: async (text: string) => ({ ts: `${++acted}:${text}` }) };
    assert.deepEqual(await outboxOn(bench).deliver("status", "slack-message", "hello", calls, never), { ts: "1:hello" });
    assert.deepEqual(await outboxOn(bench).deliver("status", "slack-message", "hello", calls, never), { ts: "1:hello" });
    assert.equal(acted, 1);
    assert.equal(listEffects(sql, "pd-1")[0]?.state, "done");
  },

  "outbox: after a cut, the effect is looked for by the first payload, and not done again where it is found": async (sql) => {
    const bench = new Bench(sql);
    const cut = outboxOn(bench).deliver(
      "pr",
      "pull-request",
      "branch-1",
      { find: async () => null, act: () => new Promise(() => undefined) },
      never,
    );
    cut.catch(() => undefined);
    await settled();
    bench.time += 60_000;
    const lookedFor: string[] = [];
    const found = await outboxOn(bench).deliver(
      "pr",
      "pull-request",
      "branch-2",
      {
        find: async (payload) => {
          lookedFor.push(payload);
          return { number: 7 };
        },
        act: async () => assert.fail("it is there already"),
      },
      never,
    );
    assert.deepEqual(found, { number: 7 });
    assert.deepEqual(lookedFor, ["branch-1"]);
  },

  "outbox: 'not found' is believed only once a call that was cut off had time to arrive; then the first payload is sent": async (sql) => {
    const bench = new Bench(sql);
    outboxOn(bench)
      .deliver("status", "slack-message", "first words", { find: async () => null, act: () => new Promise(() => undefined) }, never)
      .catch(() => undefined);
    await settled();
    const order: string[] = [];
    const again = outboxOn(bench).deliver(
      "status",
      "slack-message",
      "other words",
      {
        find: async () => {
          order.push("looked");
          return null;
        },
        act: async (text) => {
          order.push(`sent ${text}`);
          return 1;
        },
      },
      never,
    );
    await settled();
    await bench.advance(1_900);
    assert.deepEqual(order, []);
    await bench.advance(200);
    assert.equal(await again, 1);
    assert.deepEqual(order, ["looked", "sent first words"]);
  },

  "outbox: where it can't look, it does not act; the error and the tries are kept": async (sql) => {
    const bench = new Bench(sql);
    const fail = async () => Promise.reject(new Error("slack: channel_not_found"));
    await assert.rejects(
      outboxOn(bench).deliver("status", "slack-message", "hello", { find: async () => null, act: fail }, never),
      /channel_not_found/,
    );
    bench.time += 10_000;
    const blind = { find: async () => Promise.reject(new Error("slack: 503")), act: async () => assert.fail("acted without looking") };
    await assert.rejects(outboxOn(bench).deliver("status", "slack-message", "hello", blind, never), /503/);
    const [effect] = listEffects(sql, "pd-1");
    assert.equal(effect?.state, "intent");
    assert.equal(effect.attempts, 2);
    assert.equal(effect.lastError, "slack: 503");
  },

  "outbox: nothing goes out whose intent does not reach the disk, and a later run looks for it first": async (sql) => {
    const bench = new Bench(sql);
    let isBroken = true;
    const store = { ...bench.sql, sync: async () => (isBroken ? Promise.reject(new Error("the disk is gone")) : undefined) };
    const outbox = new Outbox(store, "pd-1", { now: () => bench.time, sleep: bench.sleep });
    const order: string[] = [];
    const calls = {
      find: async () => {
        order.push("looked");
        return null;
      },
      act: async () => order.push("sent"),
    };
    await assert.rejects(outbox.deliver("k", "note", {}, calls, never), /the disk is gone/);
    assert.deepEqual(order, []);
    isBroken = false;
    bench.time += 60_000;
    await outbox.deliver("k", "note", {}, calls, never);
    assert.deepEqual(order, ["looked", "sent"]);
  },

  "outbox: two who ask for the same effect at once get one": async (sql) => {
    const bench = new Bench(sql);
    const outbox = outboxOn(bench);
    let acted = 0;
    const calls = { find: async () => null, act: async () => ++acted };
    const both = await Promise.all([outbox.deliver("k", "note", {}, calls, never), outbox.deliver("k", "note", {}, calls, never)]);
    assert.deepEqual(both, [1, 1]);
  },

  "outbox: a key that is used for another kind of effect is a mistake": async (sql) => {
    const bench = new Bench(sql);
    const calls = { find: async () => null, act: async () => 1 };
    await outboxOn(bench).deliver("k", "note", {}, calls, never);
    await assert.rejects(outboxOn(bench).deliver("k", "slack-message", {}, calls, never), /was a note/);
  },

  "incident: each alarm does one step, and the last one sets no other": async (sql) => {
    const bench = new Bench(sql);
    const incident = bench.incident(inOrder(step("brief"), step("finding")));
    incident.receive([pageReceived()], "pager:1");
    await bench.ring(incident);
    assert.deepEqual(postedTexts(bench.log.read("pd-1")), ["brief"]);
    await bench.ring(incident);
    assert.deepEqual(postedTexts(bench.log.read("pd-1")), ["brief", "finding"]);
    await bench.ring(incident);
    assert.equal(bench.alarmAt, null);
    assert.deepEqual(
      bench.log.read("pd-1").map(({ seq }) => seq),
      [1, 2, 3],
    );
  },

  "incident: what is told twice counts once, and a part of it never alone": async (sql) => {
    const bench = new Bench(sql);
    const incident = bench.incident(() => null);
    assert.equal(incident.receive([reply("look at payments"), reply("and cart")], "Ev1"), true);
    await bench.ringAll(incident);
    assert.equal(incident.receive([reply("look at payments"), reply("and cart")], "Ev1"), false);
    assert.equal(bench.alarmAt, null);
    assert.equal(bench.log.lastSeq("pd-1"), 2);
  },

  "incident: what comes during a step is seen by the next one, and leads to it": async (sql) => {
    const bench = new Bench(sql);
    const seen: number[] = [];
    const incident: { current?: { receive(events: readonly IncidentEvent[], key: string): boolean } } = {};
    const plan: Plan = (log) => {
      const replies = log.filter(({ event }) => event.type === "slack-message-received").length;
      const answers = postedTexts(log).length;
      if (answers > replies) return null;
      return step(`answer ${answers}`, {
        run: async (context) => {
          seen.push(context.log.length);
          if (answers === 0) incident.current?.receive([reply("wait")], "Ev1");
          return [posted(`answer ${answers}`)];
        },
      });
    };
    const actor = bench.incident(plan);
    incident.current = actor;
    actor.receive([pageReceived()], "pager:1");
    await bench.ringAll(actor);
    assert.deepEqual(seen, [1, 3]);
    assert.deepEqual(postedTexts(bench.log.read("pd-1")), ["answer 0", "answer 1"]);
  },

  "incident: what comes at the last moment of a run still leads to another alarm": async (sql) => {
    const bench = new Bench(sql);
    const incident = bench.incident((log) => (log.length === 1 ? step("brief") : log.length === 3 ? step("answer") : null));
    incident.receive([pageReceived()], "pager:1");
    await bench.ring(incident);
    incident.receive([reply("and now?")], "Ev1");
    await bench.ringAll(incident);
    assert.deepEqual(postedTexts(bench.log.read("pd-1")), ["brief", "answer"]);
  },

  "incident: a step that fails is tried with growing waits, each failure told, then the plan goes past it": async (sql) => {
    const bench = new Bench(sql);
    const triedAt: number[] = [];
    const bad = step("read datadog", {
      attempts: 4,
      run: async ({ attempt }) => {
        triedAt.push(bench.time);
        throw new Error(`Datadog: 503, try ${attempt}`);
      },
    });
    const incident = bench.incident(inOrder(bad, step("finding")));
    incident.receive([pageReceived()], "pager:1");
    await bench.ringAll(incident);
    const log = bench.log.read("pd-1");
    assert.deepEqual(
      failures(log).map(({ error, attempt, final }) => [error, attempt, final]),
      [1, 2, 3, 4].map((n) => [`Datadog: 503, try ${n}`, n, n === 4]),
    );
    assert.deepEqual(
      triedAt.slice(1).map((at, index) => at - (triedAt[index] ?? 0)),
      [500, 1_000, 2_000],
    );
    assert.deepEqual(postedTexts(log), ["finding"]);
    assert.equal(bench.errors.length, 4);
  },

  "incident: tries are counted anew for a step of the same id that comes later": async (sql) => {
    const bench = new Bench(sql);
    let runs = 0;
    const attempts: number[] = [];
    const plan: Plan = (log) =>
      postedTexts(log).length < 2
        ? step("turn", {
            run: async ({ attempt }) => {
              attempts.push(attempt);
              if (++runs % 2 === 1) throw new Error("busy");
              return [posted("turn")];
            },
          })
        : null;
    const incident = bench.incident(plan);
    incident.receive([pageReceived()], "pager:1");
    await bench.ringAll(incident);
    assert.deepEqual(attempts, [1, 2, 1, 2]);
  },

  "incident: a wait that a vendor names is kept": async (sql) => {
    const bench = new Bench(sql);
    const limited = step("read", {
      run: async ({ attempt, now }) => {
        if (attempt === 1) throw Object.assign(new Error("429"), { retryAfterMs: 90_000 });
        return [posted("read"), posted(String(now()))];
      },
    });
    const incident = bench.incident(inOrder(limited));
    incident.receive([pageReceived()], "pager:1");
    await bench.ringAll(incident);
    assert.deepEqual(postedTexts(bench.log.read("pd-1")), ["read", String(1_000_000 + 90_000)]);
  },

  "incident: events that come while a step waits for its next try don't use its tries up": async (sql) => {
    const bench = new Bench(sql);
    let runs = 0;
    const bad = step("read", {
      run: async () => {
        runs++;
        throw new Error("down");
      },
    });
    const incident = bench.incident(inOrder(bad, step("finding")));
    incident.receive([pageReceived()], "pager:1");
    await bench.ring(incident);
    for (let n = 0; n < 20; n++) {
      incident.receive([reply("hello?")], `Ev${n}`);
      await bench.ring(incident);
    }
    assert.equal(runs, 1);
    await bench.ringAll(incident);
    assert.equal(runs, 5);
    assert.deepEqual(postedTexts(bench.log.read("pd-1")), ["finding"]);
  },

  "incident: an event that changes the plan is heeded while a step waits for its next try": async (sql) => {
    const bench = new Bench(sql);
    const bad = step("read", { run: async () => Promise.reject(new Error("down")) });
    const stopped = (log: readonly LoggedEvent[]) => log.some(({ event }) => event.type === "slack-message-received");
    const incident = bench.incident((log, now) => (stopped(log) ? null : inOrder(bad)(log, now)));
    incident.receive([pageReceived()], "pager:1");
    await bench.ring(incident);
    incident.receive([reply("stop")], "Ev1");
    await bench.ringAll(incident);
    assert.equal(failures(bench.log.read("pd-1")).length, 1);
  },

  "incident: another step that is due meanwhile does not wait for the failed one, nor share its tries": async (sql) => {
    const bench = new Bench(sql);
    const bad = step("read", { run: async () => Promise.reject(new Error("down")) });
    const answer = step("answer", { run: async ({ attempt }) => [posted("answer"), posted(`try ${attempt}`)] });
    const incident = bench.incident((log, now) =>
      log.some(({ event }) => event.type === "slack-message-received") ? inOrder(answer)(log, now) : inOrder(bad)(log, now),
    );
    incident.receive([pageReceived()], "pager:1");
    await bench.ring(incident);
    incident.receive([reply("what about cart?")], "Ev1");
    await bench.ring(incident);
    assert.deepEqual(postedTexts(bench.log.read("pd-1")), ["answer", "try 1"]);
  },

  "incident: what stands behind a step that waits for its next try, or for room, is done meanwhile": async (sql) => {
    const bench = new Bench(sql);
    let room = 3_000;
    let isDown = true;
    const message = step("message", {
      readyIn: ({ incidentId, now }) => (incidentId === "pd-1" && now >= 1_000_000 ? room : -1),
      run: async () => {
        if (isDown) throw new Error("Slack: 503");
        return [posted("message")];
      },
    });
    const plan: Plan = (log) => {
      const done = postedTexts(log);
      const steps = [message, step("triage"), step("fix")].filter(({ id }) => !done.includes(id));
      return { steps: steps.filter((one) => one === message || one === steps.find((other) => other !== message)), waitMs: 60_000 };
    };
    const incident = bench.incident(plan);
    incident.receive([pageReceived()], "k1");
    await bench.ring(incident);
    await bench.ring(incident);
    assert.deepEqual(postedTexts(bench.log.read("pd-1")), ["triage", "fix"]);
    // Nothing else is left, so it waits for the room that was named, and then tries.
    await bench.ring(incident);
    assert.equal(bench.alarmAt, bench.time + 3_000);
    room = 0;
    await bench.ring(incident);
    assert.equal(failures(bench.log.read("pd-1")).length, 1);
    isDown = false;
    // Each failure asks the plan at once, and the wait for the next try stands.
    await bench.ring(incident);
    assert.ok((bench.alarmAt ?? 0) > bench.time);
    await bench.ring(incident);
    assert.deepEqual(postedTexts(bench.log.read("pd-1")), ["triage", "fix", "message"]);
    await bench.ring(incident);
    assert.equal(bench.alarmAt, bench.time + 60_000);
  },

  "incident: a short wait for room holds up what comes after the step, a longer one does not": async (sql) => {
    const bench = new Bench(sql);
    let room = 900;
    const message = step("message", { readyIn: () => room, shortWaitMs: 1_000 });
    const plan: Plan = (log) => ({ steps: [message, step("triage")].filter(({ id }) => !postedTexts(log).includes(id)) });
    const incident = bench.incident(plan);
    incident.receive([pageReceived()], "k1");
    await bench.ring(incident);
    assert.deepEqual(postedTexts(bench.log.read("pd-1")), []);
    assert.equal(bench.alarmAt, bench.time + 900);
    room = 1_100;
    await bench.ring(incident);
    assert.deepEqual(postedTexts(bench.log.read("pd-1")), ["triage"]);
    room = 0;
    await bench.ringAll(incident);
    assert.deepEqual(postedTexts(bench.log.read("pd-1")), ["triage", "message"]);
  },

  "incident: an outage uses up no try, and the log tells of it once": async (sql) => {
    const bench = new Bench(sql);
    let isDown = true;
    let tries = 0;
    const message = step("message", {
      attempts: 2,
      outlasts: (error) => error instanceof Error && error.message.includes("503"),
      run: async () => {
        tries++;
        if (isDown) throw new Error("Slack: 503");
        throw new Error("Slack: not_in_channel");
      },
    });
    const incident = bench.incident(inOrder(message));
    incident.receive([pageReceived()], "k1");
    for (let ring = 0; ring < 40; ring++) await bench.ring(incident);
    const before = tries;
    assert.ok(before > 10);
    assert.deepEqual(
      failures(bench.log.read("pd-1")).map(({ error, final }) => ({ error, final })),
      [{ error: "Slack: 503", final: false }],
    );
    isDown = false;
    await bench.ringAll(incident);
    assert.equal(tries, before + 2);
    assert.deepEqual(
      failures(bench.log.read("pd-1")).map(({ error, final }) => ({ error, final })),
      [
        { error: "Slack: 503", final: false },
        { error: "Slack: not_in_channel", final: false },
        { error: "Slack: not_in_channel", final: true },
      ],
    );
  },

  "incident: a step cut by the end of the process runs again, those before it do not": async (sql) => {
    const bench = new Bench(sql);
    const ran: string[] = [];
    const counted = (name: string) =>
      step(name, {
        run: async () => {
          ran.push(name);
          return [posted(name)];
        },
      });
    const hanging = step("triage", {
      run: async ({ append }) => {
        ran.push("triage cut");
        append(reply("progress"));
        return new Promise(() => undefined);
      },
    });
    const first = bench.incident(inOrder(counted("first words"), hanging));
    first.receive([pageReceived()], "pager:1");
    await bench.ring(first);
    void bench.ring(first);
    await settled();
    bench.alarmAt = bench.time; // what the host keeps of an alarm whose step did not end
    const second = bench.incident(inOrder(counted("first words"), counted("triage"), counted("finding")));
    await bench.ringAll(second);
    assert.deepEqual(ran, ["first words", "triage cut", "triage", "finding"]);
    assert.deepEqual(postedTexts(bench.log.read("pd-1")), ["first words", "triage", "finding"]);
    assert.equal(failures(bench.log.read("pd-1")).length, 0);
  },

  "incident: a step in which the process ends again and again is given up": async (sql) => {
    const bench = new Bench(sql);
    const deadly = step("deadly", { run: () => new Promise(() => undefined) });
    bench.incident(inOrder(deadly, step("finding"))).receive([pageReceived()], "pager:1");
    for (let crash = 0; crash < 4; crash++) {
      void bench.incident(inOrder(deadly, step("finding"))).alarm();
      await settled();
    }
    await bench.ringAll(bench.incident(inOrder(deadly, step("finding"))));
    const log = bench.log.read("pd-1");
    assert.match(failures(log)[0]?.error ?? "", /process ended 4 times/);
    assert.deepEqual(postedTexts(log), ["finding"]);
  },

  "incident: a step past its time limit fails, and can write no more": async (sql) => {
    const bench = new Bench(sql);
    const late: unknown[] = [];
    let context: StepContext | undefined;
    const slow = step("slow", {
      attempts: 1,
      timeLimitMs: 30_000,
      run: (given) => {
        context = given;
        return new Promise(() => undefined);
      },
    });
    const incident = bench.incident(inOrder(slow, step("finding")));
    incident.receive([pageReceived()], "pager:1");
    const ringing = bench.ring(incident);
    await settled();
    await bench.advance(30_000);
    await ringing;
    assert.equal(context?.signal.aborted, true);
    for (const write of [() => context?.append(reply("late")), () => context?.sql.all("select 1"), () => context?.sql.tx(() => 1)]) {
      try {
        write();
      } catch (error) {
        late.push(error);
      }
    }
    assert.equal(late.length, 3);
    await assert.rejects(context?.effects.deliver("k", "note", {}, { find: async () => null, act: async () => 1 }) ?? Promise.resolve());
    await bench.ringAll(incident);
    assert.deepEqual(failures(bench.log.read("pd-1")), [
      { type: "step-failed", step: "slow", error: "slow did not end within 30 s", attempt: 1, final: true },
    ]);
    assert.deepEqual(postedTexts(bench.log.read("pd-1")), ["finding"]);
  },

  "incident: an effect of a step that was given up is awaited by the next try, not repeated": async (sql) => {
    const bench = new Bench(sql);
    let acted = 0;
    let arrive: (ts: string) => void = () => undefined;
    const calls = {
      find: async () => null,
      act: () => {
        acted++;
        return new Promise<string>((resolve) => (arrive = resolve));
      },
    };
    const post = step("post", {
      timeLimitMs: 1_000,
      run: async ({ effects }) => [posted(await effects.deliver("status", "slack-message", "hello", calls))],
    });
    const incident = bench.incident((log) => (postedTexts(log).length === 0 ? post : null));
    incident.receive([pageReceived()], "pager:1");
    const first = bench.ring(incident);
    await settled();
    await bench.advance(1_000);
    await first;
    await bench.ring(incident);
    const second = bench.ring(incident);
    await settled();
    arrive("1.1");
    await second;
    assert.equal(acted, 1);
    assert.deepEqual(postedTexts(bench.log.read("pd-1")), ["1.1"]);
  },

  "incident: a plan can wait, and an event ends the wait": async (sql) => {
    const bench = new Bench(sql);
    const plan: Plan = (log) =>
      log.some(({ event }) => event.type === "slack-message-received") && postedTexts(log).length === 0
        ? step("answer")
        : postedTexts(log).length > 0
          ? null
          : { waitMs: 600_000 };
    const incident = bench.incident(plan);
    incident.receive([pageReceived()], "pager:1");
    await bench.ring(incident);
    assert.equal(bench.alarmAt, bench.time + 600_000);
    incident.receive([reply("now")], "Ev1");
    assert.equal(bench.alarmAt, bench.time);
    await bench.ringAll(incident);
    assert.deepEqual(postedTexts(bench.log.read("pd-1")), ["answer"]);
  },

  "incident: a step that tells nothing, or a plan that does not go past a given-up step, does not run for ever": async (sql) => {
    const bench = new Bench(sql);
    let runs = 0;
    const silent = step("silent", {
      run: async () => {
        runs++;
        return [];
      },
    });
    const incident = bench.incident(() => silent);
    incident.receive([pageReceived()], "pager:1");
    await bench.ringAll(incident);
    assert.equal(runs, 5);
    assert.match(failures(bench.log.read("pd-1")).at(-1)?.error ?? "", /without an event/);
    assert.match(String(bench.errors.at(-1)), /given up/);
  },

  "incident: events of a step and its alarm are kept together or not at all": async (sql) => {
    const bench = new Bench(sql);
    const circular: Record<string, unknown> = {};
    circular["self"] = circular;
    const bad = step("bad", { attempts: 1, run: async () => [posted("half"), circular as unknown as IncidentEvent] });
    const incident = bench.incident(inOrder(bad));
    incident.receive([pageReceived()], "pager:1");
    await bench.ringAll(incident);
    assert.deepEqual(postedTexts(bench.log.read("pd-1")), []);
    assert.equal(failures(bench.log.read("pd-1")).length, 1);
  },

  "incident: what a step writes at its end is kept with its events or not at all": async (sql) => {
    const bench = new Bench(sql);
    sql.all("create table note(text text)");
    const good = step("good", {
      run: async ({ atEnd, attempt }) => {
        atEnd((within) => within.all("insert into note values(?)", `try ${attempt}`));
        if (attempt === 1) throw new Error("after the write was asked for");
        assert.equal(sql.all("select * from note").length, 0);
        return [posted("good")];
      },
    });
    const bad = step("bad", {
      attempts: 1,
      run: async ({ atEnd }) => {
        atEnd((within) => within.all("insert into note values('of bad')"));
        atEnd(() => assert.fail("the second write fails"));
        return [posted("bad")];
      },
    });
    const incident = bench.incident(inOrder(good, bad));
    incident.receive([pageReceived()], "pager:1");
    await bench.ringAll(incident);
    assert.deepEqual(
      sql.all<{ text: string }>("select text from note").map(({ text }) => text),
      ["try 2"],
    );
    assert.deepEqual(postedTexts(bench.log.read("pd-1")), ["good"]);
  },

  "incident: a step that is stopped with its process is no failure and runs again": async (sql) => {
    const bench = new Bench(sql);
    const stop = new AbortController();
    let signal: AbortSignal | undefined;
    const hanging = step("triage", {
      run: (context) => {
        signal = context.signal;
        return new Promise(() => undefined);
      },
    });
    const incident = bench.incident(inOrder(hanging));
    incident.receive([pageReceived()], "pager:1");
    const running = incident.alarm(stop.signal);
    stop.abort(new Error("stopping"));
    await running;
    assert.equal(signal?.aborted, true);
    assert.equal(bench.log.lastSeq("pd-1"), 1);
    await bench.ringAll(
      bench.incident(inOrder(step("triage", { run: async ({ attempt }) => [posted("triage"), posted(`try ${attempt}`)] }))),
    );
    assert.deepEqual(postedTexts(bench.log.read("pd-1")), ["triage", "try 1"]);
  },

  "incident: a step claims the address under which people will answer": async (sql) => {
    const bench = new Bench(sql);
    const post = step("post", {
      run: async ({ claim }) => {
        await claim("slack:C1:1.1");
        return [posted("post")];
      },
    });
    const incident = bench.incident(inOrder(post));
    incident.receive([pageReceived()], "pager:1");
    await bench.ringAll(incident);
    assert.deepEqual(bench.claims, ["slack:C1:1.1"]);
  },

  "directory: a repeated delivery, and the same event by another delivery, count once": (sql) => {
    const { directory, handed } = directoryOn(sql);
    assert.deepEqual(directory.receive(delivery(1)), { repeated: false, incidentId: "pd-P1" });
    assert.deepEqual(directory.receive(delivery(1)), { repeated: true, incidentId: "pd-P1" });
    assert.deepEqual(directory.receive(delivery(1, { deliveryId: "other" })), { repeated: true, incidentId: "pd-P1" });
    assert.equal(handed.length, 1);
    assert.equal(directory.list().incidents.length, 1);
  },

  "directory: an event that comes before the page opens the incident; the pager's time, not arrival, says what is true": (sql) => {
    const { directory, handed } = directoryOn(sql);
    directory.receive(about(1, pagerEvent("acknowledged", 2_000), 2_000));
    assert.equal(directory.list().incidents[0]?.status, "acknowledged");
    directory.receive(about(2, pageReceived({ createdAt: 1_000 }), 1_000));
    directory.receive(about(3, pagerEvent("resolved", 9_000), 9_000));
    directory.receive(about(4, pagerEvent("acknowledged", 5_000), 5_000));
    const { incidents } = directory.list();
    assert.equal(incidents.length, 1);
    assert.deepEqual([incidents[0]?.id, incidents[0]?.status, incidents[0]?.updatedAt], ["pd-PGR0VU2", "resolved", 9_000]);
    assert.equal(handed.length, 4);
    assert.deepEqual(directory.find("pd-PGR0VU2"), incidents[0]);
    assert.equal(directory.find("pd-NONE"), null);
  },

  "directory: an event that tells nothing of the page opens the incident too, and is named once the page is known": (sql) => {
    const { directory } = directoryOn(sql);
    const note: IncidentEvent = {
      type: "pager-event-received",
      eventType: "incident.annotated",
      occurredAt: 5_000,
      by: null,
      text: "hm",
      page: null,
    };
    directory.receive(about(1, note, 5_000));
    assert.match(directory.find("pd-PGR0VU2")?.title ?? "", /PGR0VU2/);
    directory.receive(about(2, pageReceived({ createdAt: 1_000 }), 1_000));
    assert.equal(directory.find("pd-PGR0VU2")?.title, page().title);
    assert.equal(directory.find("pd-PGR0VU2")?.createdAt, 1_000);
  },

  "directory: what belongs to no incident is kept and opens none": (sql) => {
    const { directory, handed, clock } = directoryOn(sql);
    const ping = delivery(1, { eventType: "pagey.ping", incident: null, note: "Hello from your friend Pagey!" });
    assert.deepEqual(directory.receive(ping), { repeated: false, incidentId: null });
    assert.deepEqual(directory.receive(ping), { repeated: true, incidentId: null });
    assert.equal(handed.length, 0);
    assert.deepEqual(directory.noted(), [
      {
        deliveryId: "delivery-1",
        eventId: "event-1",
        eventType: "pagey.ping",
        occurredAt: ping.occurredAt,
        receivedAt: clock.time,
        note: "Hello from your friend Pagey!",
      },
    ]);
    assert.deepEqual(directory.list(), { incidents: [], next: null });
  },

  "directory: the list is newest first, in pages that miss and repeat nothing": (sql) => {
    const { directory } = directoryOn(sql);
    // Two of each instant, so that the order of equals matters too.
    for (let n = 0; n < 7; n++) {
      const createdAt = 1_000 * Math.floor(n / 2);
      directory.receive(
        delivery(n, {
          occurredAt: createdAt,
          incident: { id: `pd-P${n}`, pagerId: `P${n}`, title: "", event: pageReceived({ createdAt }) },
        }),
      );
    }
    const pages: string[][] = [];
    let before: string | null = null;
    do {
      const list = directory.list({ limit: 3, before });
      pages.push(list.incidents.map(({ pagerId }) => pagerId));
      before = list.next;
    } while (before !== null);
    assert.deepEqual(pages, [["P6", "P5", "P4"], ["P3", "P2", "P1"], ["P0"]]);
    assert.equal(directory.list({ before: "nonsense" }).incidents.length, 7);
  },

  "directory: what could not be handed over is handed over later, by the same key, and the sender need not wait": async (sql) => {
    let down = true;
    const arrived: string[] = [];
    const { directory, clock, errors } = directoryOn(sql, async ({ incidentId, key }) => {
      if (down) throw new Error("no such machine");
      arrived.push(`${incidentId} ${key}`);
    });
    assert.equal(directory.receive(delivery(1)).repeated, false);
    await settled();
    assert.equal(errors.length, 1);
    assert.notEqual(clock.alarmAt, null);
    for (let n = 0; n < 3; n++) {
      clock.time = clock.alarmAt ?? clock.time;
      await directory.alarm();
    }
    down = false;
    clock.time = clock.alarmAt ?? clock.time;
    await directory.alarm();
    assert.deepEqual(arrived, ["pd-P1 pager:event-1"]);
    assert.equal(clock.alarmAt, null);
    await directory.alarm();
    assert.equal(arrived.length, 1);
  },

  "directory: what was on its way when the process ended is handed over at the next alarm": async (sql) => {
    const first = directoryOn(sql, () => new Promise(() => undefined));
    first.directory.receive(delivery(1));
    const { directory, handed, clock } = directoryOn(sql, async () => undefined);
    clock.time = first.clock.alarmAt ?? 0;
    await directory.alarm();
    assert.deepEqual(
      handed.map(({ incidentId, key }) => [incidentId, key]),
      [["pd-P1", "pager:event-1"]],
    );
    assert.deepEqual(handed[0]?.event, delivery(1).incident?.event);
  },

  "directory: one storm does not keep what failed before it from being handed over": async (sql) => {
    let down = true;
    const { directory, clock } = directoryOn(sql, async () => {
      if (down) throw new Error("down");
    });
    directory.receive(delivery(1));
    await settled();
    down = false;
    const due = clock.alarmAt ?? 0;
    for (let n = 2; n < 30; n++) {
      clock.time += 10;
      directory.receive(delivery(n));
      await settled();
    }
    assert.ok((clock.alarmAt ?? Number.POSITIVE_INFINITY) <= due);
  },

  "directory: a schedule rings once for each due time, across restarts, and once for all that were missed": async (sql) => {
    const rung: number[] = [];
    const due = (at: number) => (rung.push(at), [delivery(at / 60_000, { deliveryId: `tick:${at}`, eventId: `tick:${at}` })]);
    /** A process that begins at this minute. */
    const begun = (minute: number, ...schedules: readonly Schedule<IncidentEvent>[]) => {
      const one = directoryOn(sql, undefined, { schedules, time: minute * 60_000 });
      one.directory.start();
      return one;
    };
    const tick: Schedule<IncidentEvent> = { id: "tick", everyMs: 60_000, due };
    const first = begun(100.5, tick);
    assert.equal(first.clock.alarmAt, 101 * 60_000);
    await first.directory.alarm();
    assert.deepEqual(rung, []);
    first.clock.time = 101 * 60_000;
    await first.directory.alarm();
    await first.directory.alarm();
    assert.deepEqual([rung, first.clock.alarmAt], [[101 * 60_000], 102 * 60_000]);
    // It slept through four minutes.
    const second = begun(106.5, tick);
    await second.directory.alarm();
    assert.deepEqual([rung.slice(1), second.clock.alarmAt], [[102 * 60_000], 107 * 60_000]);
    assert.deepEqual(
      [...first.handed, ...second.handed].map(({ incidentId }) => incidentId),
      ["pd-P101", "pd-P102"],
    );
    // One that throws is reported and does not hold up the others; one that is gone from the list rings no more.
    const broken: Schedule<IncidentEvent> = { ...tick, id: "broken", due: () => assert.fail("a test") };
    const third = begun(107.5, broken);
    third.clock.time = 108 * 60_000;
    await third.directory.alarm();
    assert.deepEqual([rung.length, third.errors.length, third.clock.alarmAt], [2, 1, 109 * 60_000]);
    assert.equal(begun(109, ...[]).clock.alarmAt, null);
  },

  "directory: a schedule may ring at an hour of the day, and a rhythm that was changed holds from the next start": async (sql) => {
    const HOUR = 3_600_000;
    const rung: number[] = [];
    const daily = (hour: number): Schedule<IncidentEvent> => ({
      ...{ id: "daily", everyMs: 24 * HOUR, offsetMs: hour * HOUR },
      due: (at) => (rung.push(at / HOUR), []),
    });
    /** A process that begins at this hour after the epoch, which was a midnight in UTC. */
    const begun = (hour: number, schedule: Schedule<IncidentEvent>) => {
      const one = directoryOn(sql, undefined, { schedules: [schedule], time: hour * HOUR });
      one.directory.start();
      return one;
    };
    assert.equal(begun(48 + 5, daily(6)).clock.alarmAt, (48 + 6) * HOUR);
    const { clock, directory } = begun(48 + 5, daily(6));
    clock.time = (48 + 6) * HOUR;
    await directory.alarm();
    assert.deepEqual([rung, clock.alarmAt], [[48 + 6], (72 + 6) * HOUR]);
    // Sooner or later than what was due.
    assert.equal(begun(48 + 7, daily(9)).clock.alarmAt, (48 + 9) * HOUR);
    assert.equal(begun(48 + 7, daily(10)).clock.alarmAt, (48 + 10) * HOUR);
    // What it slept through is rung all the same.
    await begun(48 + 11, daily(12)).directory.alarm();
    assert.deepEqual(rung, [48 + 6, 48 + 10]);
  },

  "directory: addresses lead to their incident, the last claim counts": (sql) => {
    const { directory } = directoryOn(sql);
    assert.equal(directory.incidentAt("slack:C1:1.1"), null);
    directory.claim("slack:C1:1.1", "pd-1");
    directory.claim("slack:C1:1.1", "pd-2");
    assert.equal(directory.incidentAt("slack:C1:1.1"), "pd-2");
  },

  ...auditCases,
  ...keepingCases,
  ...measuringCases,
};
