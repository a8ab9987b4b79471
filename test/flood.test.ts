import { createHmac } from "node:crypto";
import { request } from "node:http";
import { serve } from "@hono/node-server";
import { Hono } from "hono";
import { expect, test } from "vitest";
import { createOpenAccess } from "../src/access/access.ts";
import { createApp, type Heard } from "../src/app.ts";
import { createBodyBudget } from "../src/intake/body-budget.ts";
import { createLateRefusal } from "../src/intake/late-refusal.ts";
import { intakes } from "../src/intake/index.ts";

const SECRET = "webhook-secret";
const MEGABYTE = 1_048_576;
const sign = (body: string) => `v1=${createHmac("sha256", SECRET).update(body).digest("hex")}`;
const page = JSON.stringify({
  event: { id: "E1", event_type: "service.updated", occurred_at: "2026-05-01T00:00:00Z", data: { id: "P1", type: "service" } },
});

const appHearing = (heard: Heard[]) =>
  createApp({
    intakes,
    settings: { PAGERDUTY_WEBHOOK_SECRET: [SECRET] },
    receive: async () => "stored",
    slack: async () => new Response("read"),
    web: new Hono(),
    access: createOpenAccess(),
    pageHosts: null,
    health: () => [],
    reportError: () => undefined,
    heard: (_, what) => void heard.push(what),
    now: () => 0,
    refusedAfterMs: 0,
  });

async function listening() {
  const heard: Heard[] = [];
  const app = appHearing(heard);
  const port = Promise.withResolvers<number>();
  const server = serve({ fetch: app.fetch, port: 0, hostname: "127.0.0.1" }, (info) => port.resolve(info.port));
  const url = `http://127.0.0.1:${await port.promise}`;
  return {
    url,
    heard,
    send: async (body: string, signature: string) => {
      const answer = await fetch(`${url}/webhooks/pagerduty`, { method: "POST", body, headers: { "x-pagerduty-signature": signature } });
      return answer.status;
    },
    async [Symbol.asyncDispose]() {
      server.close();
    },
  };
}

test("a body without a signature is answered before it has come, at pagers' paths and at Slack's", async () => {
  await using running = await listening();
  for (const path of ["/webhooks/pagerduty", "/slack/events"]) {
    const answered = Promise.withResolvers<number | undefined>();
    const sending = request(`${running.url}${path}`, { method: "POST", headers: { "content-length": 1_000_000 } }, (answer) => {
      answered.resolve(answer.statusCode);
      answer.resume();
    });
    sending.on("error", () => undefined);
    // The rest never comes.
    sending.write("x".repeat(100));
    expect(await answered.promise).toBe(401);
    sending.destroy();
  }
});

test("a flood of large bodies with a false signature leaves the health check and signed webhooks answered", async () => {
  await using running = await listening();
  const large = "x".repeat(MEGABYTE);
  const flood = await Promise.all(Array.from({ length: 40 }, async () => running.send(large, `v1=${"0".repeat(64)}`).catch(() => 0)));
  expect(flood.filter((status) => status === 401).length).toBeLessThanOrEqual(2);
  expect(flood.filter((status) => status === 429 || status === 0).length).toBeGreaterThanOrEqual(38);
  expect(running.heard).toContain("refused: flood");
  expect((await fetch(`${running.url}/healthz`)).status).toBe(200);
  expect(await running.send(page, sign(page))).toBe(202);
});

test("the rest of a refused body is not read: the connection ends with the answer, and goes on where the body was small", async () => {
  await using running = await listening();
  const refused = async (body: string) => {
    const answer = await fetch(`${running.url}/webhooks/pagerduty`, { method: "POST", body });
    return [answer.status, answer.headers.get("connection")];
  };
  expect(await refused("x".repeat(100_000))).toEqual([401, "close"]);
  expect(await refused(page)).toEqual([401, "keep-alive"]);
  expect(await refused("x".repeat(MEGABYTE + 1))).toEqual([413, "close"]);
});

test("refusals of a flood are held back up to a number, and no longer than their sender waits", async () => {
  const late = createLateRefusal(60_000, 2);
  const gone = new AbortController();
  const ended: string[] = [];
  const refuse = (who: string, signal: AbortSignal) => late(signal).then(() => void ended.push(who));
  const held = [refuse("first", gone.signal), refuse("second", gone.signal)];
  await refuse("third", new AbortController().signal);
  gone.abort();
  await Promise.all(held);
  expect(ended).toEqual(["third", "first", "second"]);
});

test.each([
  ["grow longer than any that is read", 413, "end"],
  ["break off", 400, "abort"],
] as const)("bodies of no length that %s count like those with a false signature", async (_, status, end) => {
  const app = appHearing([]);
  const statuses: number[] = [];
  for (let attempt = 0; attempt < 4; attempt++) {
    const gone = new AbortController();
    let sent = 0;
    const body = new ReadableStream<Uint8Array>({
      pull(controller) {
        sent += 1;
        controller.enqueue(new Uint8Array(100_000));
        if (end === "abort" && sent === 9) {
          gone.abort();
          controller.error(new Error("gone"));
        } else if (sent === 12) controller.close();
      },
    });
    const headers = { "x-pagerduty-signature": `v1=${"0".repeat(64)}` };
    const sending = { method: "POST", body, headers, signal: gone.signal, duplex: "half" } as const;
    statuses.push((await app.fetch(new Request("http://127.0.0.1/webhooks/pagerduty", sending))).status);
  }
  expect(statuses).toEqual([status, status, 429, 429]);
});

test("a sender that signs is never out of budget", async () => {
  await using running = await listening();
  const body = JSON.stringify({ ...JSON.parse(page), more: "x".repeat(600_000) });
  for (let index = 0; index < 8; index++) expect(await running.send(body, sign(body))).toBe(202);
});

test("the budget of an address fills again with time, that of all holds for many addresses", () => {
  let now = 0;
  const budget = createBodyBudget(() => now);
  expect([budget.take("a", MEGABYTE), budget.take("a", MEGABYTE), budget.take("a", MEGABYTE)]).toEqual([true, true, false]);
  expect(budget.take("a", 60_000)).toBe(true);
  now = 8_000;
  expect([budget.take("a", MEGABYTE), budget.take("a", MEGABYTE)]).toEqual([true, false]);
  now = 60_000;
  const taken = Array.from({ length: 30 }, (_, index) => budget.take(`b${index}`, MEGABYTE)).filter(Boolean);
  expect(taken).toHaveLength(8);
});
