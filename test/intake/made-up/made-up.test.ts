import { incidentEvents } from "../../../src/store/incident-store.ts";
import { createHmac } from "node:crypto";
import { Hono } from "hono";
import { expect, test } from "vitest";
import { z } from "zod";
import { createOpenAccess } from "../../../src/access/access.ts";
import { createApp } from "../../../src/app.ts";
import { openNodeHost } from "../../../src/durable/node-host.ts";
import { intakes } from "../../../src/intake/index.ts";
import { toStatus } from "../../../src/report/status.ts";
import { toTimeline } from "../../../src/report/timeline.ts";
import { freshStore } from "../../approval/desk.ts";
import { madeUp } from "./made-up.ts";

const SECRET = "a bell's secret";
const T0 = Date.UTC(2026, 10, 3, 3, 12);

/** midwatch with one more pager in its list, and nothing else changed. */
function listening() {
  const store = openNodeHost({
    events: incidentEvents,
    path: freshStore(),
    plan: () => null,
    onError: (error) => expect.unreachable(String(error)),
  });
  const app = createApp({
    intakes: [...intakes, madeUp],
    settings: { PAGERDUTY_WEBHOOK_SECRET: ["another"], ...z.object(madeUp.settings).parse({ MADE_UP_SECRET: SECRET }) },
    receive: async (delivery) => ((await store.receive(delivery)).repeated ? "repeated" : "stored"),
    slack: null,
    web: new Hono(),
    access: createOpenAccess(),
    pageHosts: null,
    health: () => [],
    reportError: (error) => expect.unreachable(String(error)),
  });
  const send = (body: string, signature = createHmac("sha256", SECRET).update(body).digest("hex")) =>
    app.request(madeUp.path, { method: "POST", body, headers: { "x-bell-signature": signature } });
  return { store, send, [Symbol.asyncDispose]: () => store.close() };
}

const rings = (what: string, at: number, who: string | null = null) =>
  JSON.stringify({ id: `${what}-${at}`, what, at, who, call: { key: "C/7", about: "checkout fails", service: "checkout" } });

test("a pager that is one file and one entry of the list opens, acknowledges and resolves an incident under its own name", async () => {
  await using bell = listening();
  for (const body of [rings("calls", T0), rings("taken", T0 + 60_000, "Ana"), rings("over", T0 + 120_000, "Ana")]) {
    const answer = await bell.send(body);
    expect([answer.status, await answer.json()]).toEqual([202, { status: "stored" }]);
  }
  expect(await (await bell.send(rings("calls", T0))).json()).toEqual({ status: "repeated" });
  const { incidents } = await bell.store.list();
  expect(incidents).toMatchObject([{ id: "nb-C_2f_7", pagerId: "C/7", title: "checkout fails", service: "checkout", status: "resolved" }]);
  const log = await bell.store.read("nb-C_2f_7");
  expect(toStatus(log)).toMatchObject({ state: "resolved", by: "Ana", pager: { name: "Night Bell", status: "resolved" } });
  expect(toTimeline(log).map(({ at, kind, text, tone }) => ({ at, kind, text, tone }))).toEqual([
    { at: T0, kind: "page", text: "Night Bell", tone: "bad" },
    { at: T0 + 60_000, kind: "person", text: "Ana: taken", tone: "good" },
    { at: T0 + 120_000, kind: "person", text: "Ana: over", tone: "good" },
  ]);
});

test("a bad signature is refused with 401, a wrong shape with 400 and its place", async () => {
  await using bell = listening();
  expect((await bell.send(rings("calls", T0), "0".repeat(64))).status).toBe(401);
  const odd = await bell.send(JSON.stringify({ ...JSON.parse(rings("calls", T0)), at: "noon" }));
  expect([odd.status, await odd.json()]).toEqual([400, { error: expect.stringMatching(/^at: /) }]);
  expect((await bell.send("ring!")).status).toBe(400);
  expect((await bell.store.list()).incidents).toEqual([]);
});
