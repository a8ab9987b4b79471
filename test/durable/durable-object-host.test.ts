import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { AuditCheck, ChainedEntry } from "../../src/durable/audit.ts";
import type { LoggedEvent } from "../../src/incident/event.ts";
import { contract } from "./contract.ts";
import { STEPS } from "./crash-plan.ts";
import { temporaryFolder } from "../support/files.ts";
import { postedTexts } from "./pages.ts";
import { startWorkerd } from "../support/workerd.ts";
import { listenAsVendor } from "./vendor.ts";

const CONFIG = join(import.meta.dirname, "workerd", "wrangler.toml");
const KILLS = 2;
/** How often the schedule rings, ms. */
const TICK_MS = 500;

/** Starts workerd with the objects of workerd/worker.ts on a folder that outlives it. */
async function startObjects(folder: string, vendor: string, run: number) {
  const workerd = await startWorkerd(CONFIG, folder, { VENDOR: vendor, RUN: String(run), TICK_MS: String(TICK_MS) });
  return {
    ...workerd,
    ask: async (route: string, init?: RequestInit): Promise<unknown> => {
      const response = await fetch(`${workerd.url}${route}`, init);
      if (!response.ok) throw new Error(`${route}: ${response.status} ${await response.text()}`);
      return response.json();
    },
  };
}

let folder: ReturnType<typeof temporaryFolder>;
let vendor: Awaited<ReturnType<typeof listenAsVendor>>;
let workerd: Awaited<ReturnType<typeof startObjects>>;

beforeAll(async () => {
  folder = temporaryFolder();
  vendor = await listenAsVendor();
  workerd = await startObjects(folder.path, vendor.url, 0);
});

afterAll(async () => {
  await workerd.kill();
  await vendor[Symbol.asyncDispose]();
  folder[Symbol.dispose]();
});

describe("on a Durable Object's SQLite, in workerd", () => {
  test.each(Object.keys(contract))("%s", async (name) => {
    expect(await workerd.ask(`/contract?id=${encodeURIComponent(name)}`)).toBeNull();
  });
});

const logOf = async (id: string) => (await workerd.ask(`/read?id=${id}`)) as LoggedEvent[];

describe("objects", () => {
  test("a delivery opens an incident that works by its alarms, is listed, and counts once when it is repeated", async () => {
    expect(await workerd.ask("/receive?id=1")).toEqual({ repeated: false, incidentId: "pd-P1" });
    expect(await workerd.ask("/receive?id=1")).toEqual({ repeated: true, incidentId: "pd-P1" });
    await expect.poll(async () => postedTexts(await logOf("pd-P1"))).toEqual(STEPS);
    expect(await workerd.ask("/list")).toMatchObject({ incidents: [{ id: "pd-P1", title: "page 1", status: "triggered" }], next: null });
    expect(await workerd.ask("/count?id=pd-P1")).toBe(STEPS.length);
    expect(await workerd.ask(`/at?id=${encodeURIComponent(`pd-P1:${STEPS[0]}`)}`)).toBe("pd-P1");
    expect(vendor.messages).toHaveLength(STEPS.filter((step) => step.startsWith("post")).length);
  });

  test("of many incidents at once one does heavy work, and each gets its turn", async () => {
    const ids = [11, 12, 13, 14, 15, 16];
    await Promise.all(ids.map((id) => workerd.ask(`/receive?id=${id}`)));
    for (const id of ids) await expect.poll(async () => postedTexts(await logOf(`pd-P${id}`))).toEqual(STEPS);
    expect(vendor.mostReaders()).toBe(1);
    expect(workerd.output()).not.toContain("OBJECT ERROR");
  });

  test("a person's reply is kept once, and told to nobody where there is no such incident", async () => {
    expect(await workerd.ask("/tell?id=pd-P1")).toBe("stored");
    expect(await workerd.ask("/tell?id=pd-P1")).toBe("repeated");
    expect(await workerd.ask("/tell?id=pd-NONE")).toBe("unknown");
    expect(await workerd.ask("/read?id=pd-NONE")).toEqual([]);
    expect(await workerd.ask("/count?id=pd-NONE")).toBeNull();
    expect((await logOf("pd-P1")).at(-1)?.event.type).toBe("slack-message-received");
  });

  test("a follower sees each event once and in order as it comes", async () => {
    expect(await workerd.ask("/receive?id=2")).toMatchObject({ repeated: false });
    await expect.poll(async () => (await logOf("pd-P2")).length).toBeGreaterThan(0);
    const gone = new AbortController();
    const response = await fetch(`${workerd.url}/follow?id=pd-P2`, { signal: gone.signal });
    const seen: LoggedEvent[] = [];
    if (response.body === null) throw new Error("no body");
    const reader = response.body.getReader();
    const decoder = new TextDecoder();
    let rest = "";
    while (postedTexts(seen).length < STEPS.length) {
      const { value } = await reader.read();
      const lines = (rest + decoder.decode(value, { stream: true })).split("\n");
      rest = lines.pop() ?? "";
      seen.push(...lines.map((line) => JSON.parse(line) as LoggedEvent));
    }
    gone.abort();
    expect(seen.map(({ seq }) => seq)).toEqual(Array.from({ length: STEPS.length + 1 }, (_, index) => index + 1));
    expect(postedTexts(seen)).toEqual(STEPS);
  });

  test("figures of all objects are read from the directory, with the token", async () => {
    const figures = async () => {
      const answer = await fetch(`${workerd.url}/metrics`, { headers: { authorization: "Bearer a-token" } });
      return (await answer.text()).split("\n").filter((line) => !line.startsWith("#"));
    };
    const valueOf = (lines: readonly string[], name: string) => Number(lines.find((line) => line.startsWith(`${name} `))?.split(" ")[1]);
    // Pages 1, 2 and 11 to 16, each paged once.
    await expect.poll(figures).toContain('midwatch_pages_total{rank="0"} 8');
    const lines = await figures();
    expect(valueOf(lines, 'midwatch_page_seconds_count{until="brief"}')).toBe(8 * STEPS.length);
    expect(valueOf(lines, "midwatch_database_bytes")).toBeGreaterThan(8 * 50_000);
    expect([valueOf(lines, "midwatch_outbox_waiting"), valueOf(lines, "midwatch_steps_running")]).toEqual([0, 0]);
    expect(valueOf(lines, "midwatch_last_webhook_timestamp_seconds")).toBeGreaterThan(1_700_000_000);
    expect((await fetch(`${workerd.url}/metrics`)).status).toBe(401);
  });

  const listed = async () => ((await workerd.ask("/list")) as { incidents: { id: string }[] }).incidents.map(({ id }) => id);
  const audited = async (chain: string) => (await workerd.ask(`/audit?id=${chain}`)) as [ChainedEntry[], AuditCheck];

  test("an incident that is deleted while it works is gone from everywhere but the audit; a new delivery opens it again", async () => {
    expect(await workerd.ask("/receive?id=21")).toMatchObject({ repeated: false });
    await expect.poll(async () => (await logOf("pd-P21")).length).toBeGreaterThan(2);
    const [before] = await audited("pd-P21");
    expect(before.length).toBeGreaterThan(1);
    expect(await workerd.ask("/delete?id=pd-P21")).toBe("wanted");
    await expect.poll(() => listed(), { timeout: 15_000 }).not.toContain("pd-P21");
    await expect.poll(() => logOf("pd-P21")).toEqual([]);
    expect(await workerd.ask("/delete?id=pd-P21")).toBe("unknown");
    expect(await workerd.ask("/delete?id=pd-NONE")).toBe("unknown");
    expect(await workerd.ask(`/at?id=${encodeURIComponent(`pd-P21:${STEPS[0]}`)}`)).toBeNull();
    const [after, check] = await audited("pd-P21");
    expect(after[0]).toMatchObject({ hash: before[0]?.hash, record: { kind: "tombstone" } });
    expect(after.at(-1)?.record).toEqual({ kind: "access", what: "pd-P21 was deleted", by: "ana" });
    expect([check.broken, check.unfinished]).toEqual([null, []]);
    expect(await workerd.ask("/receive?id=21")).toMatchObject({ repeated: true });
    expect(await logOf("pd-P21")).toEqual([]);
  });

  const rung = async () => ((await workerd.ask("/noted")) as { deliveryId: string }[]).map(({ deliveryId }) => deliveryId);

  test("a schedule rings by the directory's alarm", async () => {
    await expect.poll(async () => (await rung()).length).toBeGreaterThan(1);
  });

  test(`killed ${KILLS} times, an incident goes on by itself with what it had not finished, and posts nothing twice`, async () => {
    const messagesBefore = vendor.messages.length;
    const finishedBefore: string[][] = [[]];
    expect(await workerd.ask("/receive?id=3")).toMatchObject({ repeated: false });
    for (let run = 0; run < KILLS; run++) {
      const from = vendor.requests.length;
      await expect.poll(() => vendor.requests.length, { interval: 5 }).toBeGreaterThan(from + 3);
      await workerd.kill();
      const step = vendor.requests.at(-1)?.step ?? "";
      finishedBefore.push(STEPS.slice(0, Math.max(0, STEPS.indexOf(step) - 1)));
      workerd = await startObjects(folder.path, vendor.url, run + 1);
    }
    await expect.poll(async () => postedTexts(await logOf("pd-P3"))).toEqual(STEPS);
    expect(vendor.messages.slice(messagesBefore).map(({ key }) => key)).toEqual(
      STEPS.filter((step) => step.startsWith("post")).map((step) => `pd-P3:${step}`),
    );
    // The step before the one that was cut had ended: no later run asks for it, or for any before it.
    expect(vendor.requests.filter(({ run, step }) => Number(run) > 0 && finishedBefore[Number(run)]?.includes(step))).toEqual([]);
    expect(workerd.output()).not.toContain("OBJECT ERROR");
  }, 120_000);

  test("after a kill the schedule rings on by itself, each due time once", async () => {
    const before = new Set(await rung());
    await expect.poll(async () => (await rung()).filter((id) => !before.has(id)).length).toBeGreaterThan(1);
    const all = await rung();
    expect(new Set(all).size).toBe(all.length);
  });

  test("where the days to keep are set, incidents at rest hear of it and go; their audit stays, whole", async () => {
    const chains = await workerd.ask("/chains");
    expect(chains).toEqual(["pd-P1", "pd-P11", "pd-P12", "pd-P13", "pd-P14", "pd-P15", "pd-P16", "pd-P2", "pd-P21", "pd-P3"]);
    expect(await listed()).toHaveLength(9);
    await workerd.ask("/keep?id=0.00001");
    await expect.poll(() => listed(), { timeout: 30_000 }).toEqual([]);
    await expect.poll(() => logOf("pd-P3")).toEqual([]);
    expect(await workerd.ask("/chains")).toEqual(chains);
    const [entries, { broken }] = await audited("pd-P3");
    expect([entries.some(({ record }) => record.kind === "call"), broken]).toEqual([true, null]);
    expect(entries.at(-1)?.record).toEqual({ kind: "access", what: "pd-P3 was deleted", by: "retention" });
    expect(workerd.output()).not.toContain("OBJECT ERROR");
  });
});
