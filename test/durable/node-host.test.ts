import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { IncidentEvent, LoggedEvent } from "../../src/incident/event.ts";
import type { Page } from "../../src/incident/page.ts";
import { incidentEvents, type Plan, type Step } from "../../src/store/incident-store.ts";
import type { Schedule } from "../../src/durable/directory.ts";
import { StoreInUseError } from "../../src/durable/lease.ts";
import { type NodeHost, type NodeHostOptions, openNodeHost } from "../../src/durable/node-host.ts";
import { type Sql, StoreNotWritableError } from "../../src/durable/sql.ts";
import type { Queries } from "../../src/durable/store.ts";
import { temporaryFolder } from "../support/files.ts";
import { delivery, pageReceived, posted, postedTexts, reply } from "./pages.ts";

let folder: ReturnType<typeof temporaryFolder>;
let path: string;
let hosts: { close(): Promise<void> }[];
let children: ChildProcess[];
let errors: unknown[];

beforeEach(() => {
  folder = temporaryFolder();
  path = join(folder.path, "data", "midwatch.db");
  hosts = [];
  children = [];
  errors = [];
});

afterEach(async () => {
  await Promise.all(hosts.map((host) => host.close()));
  for (const child of children) child.kill("SIGKILL");
  folder[Symbol.dispose]();
});

type Host<Q extends Queries = Record<never, never>> = NodeHost<IncidentEvent, Q>;

function open<Q extends Queries = Record<never, never>>(overrides: Partial<NodeHostOptions<IncidentEvent, Q>> = {}): Host<Q> {
  const host = openNodeHost<IncidentEvent, Q>({
    events: incidentEvents,
    path,
    plan: () => null,
    onError: (error) => errors.push(error),
    ...overrides,
  });
  hosts.push(host);
  return host;
}

/** Another process that owns the store; `say` asks it to store a delivery and answers with what became of it. */
async function owner(leaseMs = 5_000) {
  const child = spawn(process.execPath, [join(import.meta.dirname, "lease-child.ts"), path, String(leaseMs)], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  children.push(child);
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const line = async () => String((await lines.next()).value);
  expect(await line()).toBe("open");
  return {
    child,
    line,
    say: (number = 1_000) => {
      child.stdin.write(`${number}\n`);
      return line();
    },
  };
}

const step = (id: string, run: Step["run"] = async () => [posted(id)]): Step => ({ id, run });
const inOrder =
  (...steps: readonly Step[]): Plan =>
  (log) =>
    steps.find(({ id }) => !postedTexts(log).includes(id)) ?? null;

const texts = async (host: Host, id: string) => postedTexts(await host.read(id));

describe("one process owns the file", () => {
  test("a second process is refused with the file and the owner named, and let in as soon as the first ends", async () => {
    const { child } = await owner();
    expect(() => open()).toThrow(StoreInUseError);
    expect(() => open()).toThrow(new RegExp(`${path}.*process ${child.pid}.*DATABASE_PATH`));
    child.stdin?.end();
    await once(child, "exit");
    expect(await open().list()).toEqual({ incidents: [], next: null });
  });

  test("after kill -9 the next start does not wait", async () => {
    const { child, say } = await owner(60_000);
    expect(await say()).toBe("stored");
    child.kill("SIGKILL");
    await once(child, "exit");
    expect((await open().list()).incidents).toHaveLength(1);
  });

  test("the same process can't open it twice, and can again after closing it", async () => {
    const host = open();
    expect(() => open()).toThrow(StoreInUseError);
    await host.close();
    open();
  });

  test("an owner that is silent for longer than its lease is replaced, and writes nothing when it comes back", async () => {
    const { child, say, line } = await owner(900);
    expect(await say(1_001)).toBe("stored");
    let replacement: Host | null = null;
    await expect
      .poll(
        () => {
          child.kill("SIGSTOP");
          try {
            replacement = open({ leaseMs: 900 });
          } catch (error) {
            // Stopped within a transaction, it holds the file's lock as well: not the moment that this is about.
            if (error instanceof StoreNotWritableError) child.kill("SIGCONT");
            else if (!(error instanceof StoreInUseError)) throw error;
          }
          return replacement;
        },
        { interval: 50 },
      )
      .not.toBeNull();
    child.stdin?.write("1002\n");
    child.kill("SIGCONT");
    // It is told twice: by the delivery that it can't store and by its own heartbeat, in whichever order.
    expect([await line(), await line()].toSorted()).toEqual([
      expect.stringMatching(/StoreNotWritableError.*(closed|taken over)/),
      expect.stringMatching(/StoreNotWritableError.*taken over/),
    ]);
    expect((await (replacement as Host | null)?.list())?.incidents).toHaveLength(1);
  });
});

describe("a store that can't be written", () => {
  test("is a typed error when it is opened", () => {
    writeFileSync(join(folder.path, "data"), "a file where the folder should be");
    expect(() => open()).toThrow(StoreNotWritableError);
    expect(() => open()).toThrow(path);
  });

  test("a file that is not a database is told as such and left as it is", () => {
    const file = join(folder.path, "notes.txt");
    writeFileSync(file, "these are not the bytes of a database".repeat(100));
    expect(() => open({ path: file })).toThrow(/notes\.txt.*not a database/);
  });

  test.each([
    ["read-only", "pragma query_only = 1", "pragma query_only = 0"],
    ["full", "pragma max_page_count = 1", "pragma max_page_count = 1000000"],
  ])(
    "is a typed error for a delivery while the disk is %s, nothing is half kept, and it is taken when the disk is well again",
    async (_name, breakIt, mendIt) => {
      const host = open({ plan: inOrder(step("first words")) });
      await host.receive(delivery(1));
      await expect.poll(() => texts(host, "pd-P1")).toEqual(["first words"]);
      host.sql.all(breakIt);
      const outcomes = await Promise.allSettled(Array.from({ length: 200 }, (_, n) => host.receive(delivery(2 + n))));
      const refused = outcomes.flatMap((outcome, n) =>
        outcome.status === "rejected" ? [{ n: 2 + n, reason: outcome.reason as unknown }] : [],
      );
      expect(refused.length).toBeGreaterThan(0);
      expect(refused.every(({ reason }) => reason instanceof StoreNotWritableError)).toBe(true);
      const { n } = refused[0] ?? { n: 0 };
      expect(await host.find(`pd-P${n}`)).toBeNull();
      expect(await host.read(`pd-P${n}`)).toEqual([]);
      host.sql.all(mendIt);
      expect(await host.receive(delivery(n))).toEqual({ repeated: false, incidentId: `pd-P${n}` });
      await expect.poll(() => texts(host, `pd-P${n}`)).toEqual(["first words"]);
    },
  );

  test("after closing, deliveries are refused, so that the sender keeps them", async () => {
    const host = open();
    await host.close();
    await expect(host.receive(delivery(1))).rejects.toThrow(StoreNotWritableError);
    expect(host.health().writable).toBe(false);
  });
});

describe("steps", () => {
  test("closing aborts what runs, tells no failure, and the next start goes on from there", async () => {
    const started = Promise.withResolvers<AbortSignal>();
    const ran: string[] = [];
    const first = step("first words", async () => {
      ran.push("first words");
      return [posted("first words")];
    });
    const hanging = step("triage", async ({ signal }) => {
      started.resolve(signal);
      return new Promise(() => undefined);
    });
    const host = open({ plan: inOrder(first, hanging) });
    await host.receive(delivery(1));
    const signal = await started.promise;
    expect(host.health()).toEqual({ running: 1, waiting: 1, writable: true });
    await host.close();
    expect(signal.aborted).toBe(true);
    const next = open({ plan: inOrder(first, step("triage"), step("brief")) });
    await expect.poll(() => texts(next, "pd-P1")).toEqual(["first words", "triage", "brief"]);
    expect((await next.read("pd-P1")).map(({ event }) => event.type)).not.toContain("step-failed");
    expect(ran).toEqual(["first words"]);
    await expect.poll(() => next.health()).toEqual({ running: 0, waiting: 0, writable: true });
  });

  test("no more incidents than the limit run a step at once, and every incident gets its turn", async () => {
    let running = 0;
    let most = 0;
    const gate = Promise.withResolvers<void>();
    const work = step("work", async () => {
      most = Math.max(most, ++running);
      await gate.promise;
      running--;
      return [posted("work")];
    });
    const host = open({ plan: inOrder(work), concurrency: 3 });
    for (let n = 1; n <= 10; n++) await host.receive(delivery(n));
    await expect.poll(() => running).toBe(3);
    gate.resolve();
    await expect
      .poll(async () => Promise.all(Array.from({ length: 10 }, (_, n) => texts(host, `pd-P${n + 1}`))))
      .toEqual(Array(10).fill(["work"]));
    expect(most).toBe(3);
  });

  test("in a storm the first step of every incident comes before the second step of any that came later", async () => {
    const order: string[] = [];
    const noted = (name: string) =>
      step(name, async ({ incidentId }) => {
        order.push(`${name} ${incidentId}`);
        return [posted(name)];
      });
    const host = open({ plan: inOrder(noted("words"), noted("triage")), concurrency: 1 });
    await Promise.all([1, 2, 3, 4, 5].map((n) => host.receive(delivery(n))));
    await expect.poll(() => order.length).toBe(10);
    expect(order.slice(0, 5)).toEqual([1, 2, 3, 4, 5].map((n) => `words pd-P${n}`));
  });

  test("heavy steps run a few at once, one by one where more wait, and light ones do not wait for them", async () => {
    let heavy = 0;
    /** How many ran when each began, itself counted. */
    const atStart: number[] = [];
    const gates: (() => void)[] = [];
    const plan = inOrder(step("words"), {
      ...step("triage", async () => {
        atStart.push(++heavy);
        await new Promise<void>((go) => gates.push(go));
        heavy--;
        return [posted("triage")];
      }),
      heavy: true,
    });
    const host = open({ plan, concurrency: 2, heavyConcurrency: 2 });
    const finished = async (name: string) => {
      const all = await Promise.all((await host.list()).incidents.map(({ id }) => texts(host, id)));
      return all.filter((list) => list.includes(name)).length;
    };
    await Promise.all([host.receive(delivery(1)), host.receive(delivery(2))]);
    await expect.poll(() => gates.length).toBe(2);
    for (let number = 3; number <= 9; number++) await host.receive(delivery(number));
    await expect.poll(() => finished("words")).toBe(9);
    expect(atStart).toEqual([1, 2]);
    // Seven wait: from now on one at a time, until no more wait than may run.
    for (let ended = 1; ended <= 9; ended++) {
      await expect.poll(() => gates.length).toBeGreaterThan(0);
      gates.shift()?.();
      await expect.poll(() => finished("triage")).toBe(ended);
    }
    expect(atStart.slice(2, 6)).toEqual([1, 1, 1, 1]);
    expect(Math.max(...atStart)).toBe(2);
    expect(errors).toEqual([]);
  });

  test("a page waits for no step of a less urgent one, however long that takes", async () => {
    const order: string[] = [];
    const gate = Promise.withResolvers<void>();
    const plan = inOrder(
      step("words", async ({ incidentId }) => {
        order.push(incidentId);
        if (incidentId !== "pd-P9") await gate.promise;
        return [posted("words")];
      }),
    );
    const host = open({ plan, concurrency: 2 });
    const pageOf = (n: number, priority: string | null) => {
      const sent = delivery(n);
      return {
        ...sent,
        incident: sent.incident && { ...sent.incident, event: pageReceived({ id: `P${n}`, title: `page ${n}`, priority }) },
      };
    };
    for (let n = 1; n <= 6; n++) await host.receive(pageOf(n, null));
    await expect.poll(() => order.length).toBe(2);
    await host.receive(pageOf(9, "P1"));
    await expect.poll(() => texts(host, "pd-P9")).toEqual(["words"]);
    // Its room is not for others.
    expect(order).toHaveLength(3);
    gate.resolve();
    await expect.poll(() => order.length).toBe(7);
  });

  test("the most urgent page goes first, whatever waits and runs, and then services take turns", async () => {
    const order: string[] = [];
    const gates: (() => void)[] = [];
    const plan = inOrder({
      ...step("triage", async ({ incidentId }) => {
        order.push(incidentId);
        await new Promise<void>((go) => gates.push(go));
        return [posted("triage")];
      }),
      heavy: true,
    });
    const host = open({ plan, heavyConcurrency: 1 });
    const pageOf = (n: number, of: Partial<Page>) => {
      const sent = delivery(n);
      return { ...sent, incident: sent.incident && { ...sent.incident, event: pageReceived({ id: `P${n}`, title: `page ${n}`, ...of }) } };
    };
    const checkout = { priority: null, service: { id: "S1", name: "checkout" } };
    const search = { priority: null, service: { id: "S2", name: "search" } };
    for (let n = 1; n <= 6; n++) await host.receive(pageOf(n, checkout));
    await expect.poll(() => gates.length).toBe(1);
    await host.receive(pageOf(7, search));
    await host.receive(pageOf(8, { ...search, urgency: "low" }));
    await host.receive(pageOf(9, { ...checkout, priority: "P1" }));
    // All have asked for the heavy lane before the first gives it back.
    await expect.poll(() => host.sql.all<{ n: number }>("select count(*) n from alarm where heavy = 1")[0]?.n).toBe(9);
    await expect.poll(() => gates.length).toBe(2);
    for (let ended = 1; ended <= 9; ended++) {
      await expect.poll(() => gates.length).toBe(ended === 1 ? 2 : 1);
      gates.shift()?.();
    }
    await expect.poll(() => host.health().waiting).toBe(0);
    const turns = ["pd-P7", "pd-P2", "pd-P3", "pd-P4", "pd-P5", "pd-P6"];
    expect(order.slice(1)).toEqual(["pd-P9", ...turns, "pd-P8"]);
    expect(errors).toEqual([]);
  });

  test("a heavy step that waited for room when the process ended runs at the next start", async () => {
    let room = false;
    const plan = inOrder({
      ...step("triage", async ({ signal }) => {
        if (!room) await new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason as Error), { once: true }));
        return [posted("triage")];
      }),
      heavy: true,
    });
    const first = open({ plan, heavyConcurrency: 1 });
    await Promise.all([1, 2, 3].map((number) => first.receive(delivery(number))));
    await expect.poll(() => first.health().running).toBe(1);
    await first.close();
    room = true;
    const second = open({ plan, heavyConcurrency: 1 });
    const { incidents } = await second.list();
    expect(incidents).toHaveLength(3);
    for (const { id } of incidents) await expect.poll(() => texts(second, id)).toEqual(["triage"]);
  });

  test("a plan that throws for one incident is reported and does not hold up the others", async () => {
    const good = inOrder(step("first words"));
    const plan: Plan = (log, now) => {
      const first = log[0]?.event;
      if (first?.type === "page-received" && first.page.id === "P1") throw new Error("a bug of the plan");
      return good(log, now);
    };
    const host = open({ plan });
    await host.receive(delivery(1));
    await host.receive(delivery(2));
    await expect.poll(() => texts(host, "pd-P2")).toEqual(["first words"]);
    expect(errors.map(String)).toEqual(["Error: a bug of the plan"]);
  });

  test("a failing step is tried again by itself", async () => {
    const flaky = step("flaky", async ({ attempt }) => {
      if (attempt === 1) throw new Error("Datadog: 503");
      return [posted("flaky")];
    });
    const host = open({ plan: inOrder(flaky) });
    await host.receive(delivery(1));
    await expect.poll(() => texts(host, "pd-P1")).toEqual(["flaky"]);
    expect((await host.read("pd-P1")).map(({ event }) => event.type)).toEqual(["page-received", "step-failed", "brief-posted"]);
  });
});

test("schedules ring while the process runs and after the next start, each due time once", async () => {
  const rung: number[] = [];
  const due = (at: number) => (rung.push(at), [delivery(at, { deliveryId: `tick:${at}`, eventId: `tick:${at}` })]);
  const rings = async (schedules: readonly Schedule<IncidentEvent>[]) => {
    const host = open({ schedules });
    const before = rung.length;
    await expect.poll(() => rung.length).toBeGreaterThan(before + 1);
    await host.close();
  };
  await rings([{ id: "tick", everyMs: 20, due }]);
  await rings([{ id: "tick", everyMs: 20, due }]);
  expect(new Set(rung).size).toBe(rung.length);
  expect((await open().list({ limit: 200 })).incidents).toHaveLength(rung.length);
  expect(errors).toEqual([]);
});

describe("what routes ask", () => {
  test("a reply finds its incident by the address that a step claimed, counts once, and is acted on", async () => {
    const plan: Plan = (log) => {
      const answered = postedTexts(log);
      const asked = log.flatMap(({ event }) => (event.type === "slack-message-received" ? [event.text] : []));
      if (answered.length === 0) {
        return step("status", async ({ claim }) => {
          await claim("slack:C1:1.1");
          return [posted("status")];
        });
      }
      return asked.length >= answered.length ? step("answer", async () => [posted(`answer to ${asked.at(-1)}`)]) : null;
    };
    const host = open({ plan });
    await host.receive(delivery(1));
    await expect.poll(() => host.incidentAt("slack:C1:1.1")).toBe("pd-P1");
    expect(await host.tell("pd-P1", [reply("look at payments")], "Ev1")).toBe("stored");
    expect(await host.tell("pd-P1", [reply("look at payments")], "Ev1")).toBe("repeated");
    expect(await host.tell("pd-NONE", [reply("?")], "Ev2")).toBe("unknown");
    expect(await host.read("pd-NONE")).toEqual([]);
    await expect.poll(() => texts(host, "pd-P1")).toEqual(["status", "answer to look at payments"]);
    expect(await host.incidentAt("slack:C1:9.9")).toBeNull();
  });

  test("a follower sees each event once, in order, while it happens, and ends when the host closes", async () => {
    const host = open({ plan: inOrder(step("first words"), step("brief")) });
    await host.receive(delivery(1));
    const seen: LoggedEvent[] = [];
    const following = (async () => {
      for await (const logged of host.follow("pd-P1", 0, new AbortController().signal)) seen.push(logged);
    })();
    await expect.poll(() => postedTexts(seen)).toEqual(["first words", "brief"]);
    await host.tell("pd-P1", [reply("thanks")], "Ev1");
    await expect.poll(() => seen.length).toBe(4);
    const unknown = host.follow("pd-NONE", 0, new AbortController().signal)[Symbol.asyncIterator]();
    expect(await unknown.next()).toEqual({ done: true, value: undefined });
    await host.close();
    await following;
    expect(seen.map(({ seq }) => seq)).toEqual([1, 2, 3, 4]);
  });

  test("named queries read the incident's database, also tables of other parts", async () => {
    const queries = {
      noteOf: (sql: Sql, incidentId: string, number: number) =>
        sql.all<{ text: string }>("select text from note where incident = ? and number = ?", incidentId, number)[0]?.text ?? null,
    };
    const host = open({
      migrations: [{ name: "note", statements: ["create table note(incident text, number integer, text text)"] }],
      queries,
      plan: inOrder(
        step("take notes", async ({ atEnd, incidentId }) => {
          atEnd((sql) => sql.all("insert into note values(?, 1, 'raw answer')", incidentId));
          return [posted("take notes")];
        }),
      ),
    });
    await host.receive(delivery(1));
    await expect.poll(() => host.query("pd-P1", "noteOf", 1)).toBe("raw answer");
    expect(await host.query("pd-P1", "noteOf", 2)).toBeNull();
    expect(await host.query("pd-NONE", "noteOf", 1)).toBeNull();
  });

  test("a subscriber is told which incident has news", async () => {
    const host = open();
    const told: string[] = [];
    host.subscribe((id) => told.push(id));
    await host.receive(delivery(1));
    await host.receive(delivery(2));
    await expect.poll(() => told).toEqual(["pd-P1", "pd-P2"]);
  });
});
