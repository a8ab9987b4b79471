import { NO_LIMITS } from "../../../src/slack/pace.ts";
import { incidentEvents } from "../../../src/store/incident-store.ts";
import { createHmac } from "node:crypto";
import { Hono } from "hono";
import { expect, test } from "vitest";
import { createOpenAccess } from "../../../src/access/access.ts";
import { createApp } from "../../../src/app.ts";
import { parseConfig } from "../../../src/config.ts";
import { openNodeHost } from "../../../src/durable/node-host.ts";
import { pagerduty } from "../../../src/intake/pagerduty.ts";
import { redactionOf } from "../../../src/redaction.ts";
import { loadCatalog } from "../../../src/node/environment.ts";
import { startNode } from "../../../src/node/node.ts";
import { startReplay } from "../../../src/replay/server.ts";
import { toStatus } from "../../../src/report/status.ts";
import { toTimeline } from "../../../src/report/timeline.ts";
import { freshStore } from "../../approval/desk.ts";
import { freshDatabase, ORDERS_TIMEOUT } from "../../support/bot.ts";
import { madeUp } from "./made-up.ts";

const SECRET = "a bell's longer secret";
const intakes = [pagerduty, madeUp];
const configOf = (values: Readonly<Record<string, string>>) => parseConfig(values, undefined, undefined, intakes);
const slack = { SLACK_BOT_TOKEN: "xoxb-bot-of-sixteen-and-more", SLACK_SIGNING_SECRET: "sign-of-sixteen-and-more" };
const T0 = Date.UTC(2026, 10, 3, 3, 12);

const signatureOf = (body: string) => createHmac("sha256", SECRET).update(body).digest("hex");

/** midwatch with one more pager in its list, and nothing else changed. */
function listening() {
  const store = openNodeHost({
    events: incidentEvents,
    path: freshStore(),
    plan: () => null,
    now: () => T0,
    onError: (error) => expect.unreachable(String(error)),
  });
  const app = createApp({
    intakes,
    settings: configOf({ ...slack, MADE_UP_SECRET: SECRET }),
    receive: async (delivery) => ((await store.receive(delivery)).repeated ? "repeated" : "stored"),
    slack: null,
    web: new Hono(),
    access: createOpenAccess(),
    pageHosts: null,
    health: () => [],
    reportError: (error) => expect.unreachable(String(error)),
  });
  const send = (body: string, signature = signatureOf(body)) =>
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
    { at: T0 + 120_000, kind: "midwatch", text: "time after the page: acknowledged 60 s, resolved 2 min", tone: null },
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

test("its secret alone is enough to start, is never shown, and is named where every pager's is missing", () => {
  const config = configOf({ ...slack, MADE_UP_SECRET: SECRET });
  expect(redactionOf(config, null, undefined, intakes).plain(`it is ${SECRET}`)).not.toContain(SECRET);
  expect(() => configOf(slack)).toThrow(/^PAGERDUTY_WEBHOOK_SECRET is missing \(.+\), or that of another pager: MADE_UP_SECRET\. Set it/);
});

test("a running midwatch hears it, and the empty list says how to connect it", async () => {
  await using replay = await startReplay({ folder: ORDERS_TIMEOUT });
  const config = configOf({ ...replay.settings, PORT: "0", DATABASE_PATH: freshDatabase(), MADE_UP_SECRET: SECRET });
  const running = await startNode({
    config,
    catalog: loadCatalog(config),
    intakes,
    log: () => undefined,
    fetch,
    instead: { slackLimits: NO_LIMITS },
  });
  try {
    expect(await (await fetch(`${running.url}/incidents`)).text()).toContain(`${running.url}${madeUp.path}`);
    const body = rings("calls", T0);
    const sent = await fetch(running.url + madeUp.path, { method: "POST", body, headers: { "x-bell-signature": signatureOf(body) } });
    expect([sent.status, await sent.json()]).toEqual([202, { status: "stored" }]);
    expect((await running.store.list()).incidents).toMatchObject([{ id: "nb-C_2f_7" }]);
  } finally {
    await running.close();
  }
});
