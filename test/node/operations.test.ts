import { mkdtempSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { parse } from "yaml";
import { openNodeHost } from "../../src/durable/node-host.ts";
import type { OutgoingCall } from "../../src/guard/outgoing.ts";
import { Traffic } from "../../src/guard/traffic.ts";
import { limitLeft } from "../../src/guard/rate-limit.ts";
import { openOperatorLog } from "../../src/node/operations/operator-log.ts";
import { openOperations, type OperationsOptions } from "../../src/node/operations/operations.ts";
import { Refusals } from "../../src/node/operations/refusals.ts";
import { incidentEvents, type Plan } from "../../src/store/incident-store.ts";
import { evidenceMigrations } from "../../src/store/evidence.ts";
import { page } from "../durable/pages.ts";
import { eventually } from "../support/eventually.ts";

const TOKEN = "a-token-of-prometheus-0123456789abcdef";
const HOUR_MS = 3_600_000;
const START = Date.UTC(2026, 10, 3, 3);

const calledWith = (status: number, vendor = "datadog"): OutgoingCall => ({
  ...{ vendor, method: "GET", url: "https://api.example/x", outcome: "answered", effect: "read", purpose: "", status },
  ...{ bytesOut: 0, bytesIn: 10, tookMs: 40, attempt: 1 },
});

/** Operations over a real store, with a channel that keeps what is said and a clock that stands. */
async function operating(settings: Partial<OperationsOptions["config"]> = {}, plan: Plan = () => null, path?: string) {
  const clock = { now: START };
  const file = path ?? join(mkdtempSync(join(tmpdir(), "midwatch-operations-")), "store.db");
  const store = openNodeHost({
    events: incidentEvents,
    path: file,
    plan,
    now: () => clock.now,
    onError: () => undefined,
    migrations: [evidenceMigrations],
  });
  const [said, lines]: [string[], string[]] = [[], []];
  const ending = new AbortController();
  const probe = { answers: [] as number[] };
  const operations = await openOperations({
    traffic: new Traffic(),
    config: { METRICS_TOKEN: TOKEN, BLIND_AFTER_HOURS: 24, DATABASE_PATH: file, ...settings },
    store,
    log: (line) => void lines.push(line),
    now: () => clock.now,
    signal: ending.signal,
    reportError: (error) => {
      throw error;
    },
    vendors: [
      {
        id: "datadog",
        title: "Datadog",
        probe: () => Promise.resolve(probe.answers.forEach((status) => operations.called(calledWith(status)))),
      },
    ],
    speaker: {
      ...({} as OperationsOptions["speaker"]),
      channelOf: () => Promise.resolve("C1"),
      find: () => Promise.resolve(null),
      post: ({ text }) => Promise.resolve((said.push(text), { channel: "C1", ts: "1.1", link: null })),
    },
  });
  return {
    ...{ clock, file, store, said, lines, probe, operations },
    metrics: (authorization = `Bearer ${TOKEN}`) => operations.routes.request("/metrics", { headers: { authorization } }),
    receive: (id: string, title: string) =>
      store.receive({
        ...{ deliveryId: id, eventId: id, eventType: "incident.triggered", occurredAt: clock.now },
        incident: { id: `pd-${id}`, pagerId: id, title, event: { type: "page-received", page: page({ id, title, priority: "P2" }) } },
      }),
    async [Symbol.asyncDispose]() {
      ending.abort();
      await store.close();
    },
  };
}

test("the figures are for who has the token alone; without one in the settings there are none", async () => {
  await using open = await operating();
  expect((await open.metrics()).status).toBe(200);
  for (const wrong of ["", "Bearer ", "Bearer another-token", `Basic ${TOKEN}x`]) expect((await open.metrics(wrong)).status).toBe(401);
  await using closed = await operating({ METRICS_TOKEN: undefined });
  expect((await closed.metrics()).status).toBe(404);
});

test("figures count pages, times, calls and the queue, and hold no word of an incident", async () => {
  await using open = await operating();
  await open.receive("one", "canary-title of a page");
  const told = (event: Parameters<typeof open.store.tell>[1][number], key: string) => open.store.tell("pd-one", [event], key);
  open.clock.now += 4_000;
  await told({ type: "status-posted", channel: "C1", ts: "1.1", link: null, text: "canary-words" }, "status");
  await told({ type: "step-failed", step: "read-again:17", error: "canary-error", attempt: 1, final: true }, "failed");
  const usage = { inputTokens: 900, cacheReadTokens: 0, cacheWrite5mTokens: 0, cacheWrite1hTokens: 0, outputTokens: 70, thinkingTokens: 0 };
  const turn = { content: [], toolUses: [], text: "", stopReason: null, tookMs: 1, seen: 1 };
  await told({ type: "model-turn", model: "model-x", usage, cost: 0.25, ...turn }, "turn");
  open.operations.called({ ...calledWith(200), seen: { lane: "GET /", limitLeft: 0.4 } });
  open.operations.called(calledWith(429));
  open.operations.heard("pagerduty", "stored");
  open.operations.heard("pagerduty", "refused: signature");
  const text = await eventually(async () => {
    const body = await (await open.metrics()).text();
    expect(body).toContain("midwatch_model_dollars_total");
    expect(body).toMatch(/midwatch_model_dollars_total\{model="model-x"\} 0.25/);
    return body;
  });
  for (const line of [
    'midwatch_pages_total{rank="1"} 1',
    'midwatch_page_seconds_sum{until="first_words"} 4',
    'midwatch_steps_failed_total{step="read-again",final="true"} 1',
    'midwatch_model_tokens_total{model="model-x",kind="input"} 900',
    'midwatch_vendor_calls_total{vendor="datadog",outcome="2xx"} 1',
    'midwatch_vendor_calls_total{vendor="datadog",outcome="rate_limited"} 1',
    'midwatch_vendor_limit_left_ratio{vendor="datadog"} 0.4',
    'midwatch_webhooks_total{from="pagerduty",outcome="stored"} 1',
    'midwatch_webhooks_total{from="pagerduty",outcome="refused_signature"} 1',
    "midwatch_store_writable 1",
  ])
    expect(text).toContain(`${line}\n`);
  expect(text).not.toContain("canary");
});

test("labels stay few, whatever names come", async () => {
  await using open = await operating();
  for (let index = 0; index < 200; index++) open.operations.called(calledWith(200, `server-${index}`));
  const text = await (await open.metrics()).text();
  expect(text.match(/^midwatch_vendor_calls_total\{/gm)).toHaveLength(51);
  expect(text).toContain('midwatch_vendor_calls_total{vendor="other",outcome="2xx"} 150');
});

test("readiness tells a backlog from a store that takes nothing: webhooks still come in over a backlog", async () => {
  const stuck = Promise.withResolvers<never>();
  stuck.promise.catch(() => undefined);
  await using open = await operating({}, () => ({ id: "stuck", run: () => stuck.promise }));
  for (let index = 0; index < 9; index++) await open.receive(`n${index}`, "x");
  open.clock.now += 90_000;
  const answer = await eventually(async () => {
    const ready = await open.operations.routes.request("/readyz");
    const body = (await ready.json()) as { backlog: { running: number; waiting: number; oldestSeconds: number }; ready: boolean };
    expect(body.backlog.running).toBe(4);
    return { status: ready.status, body };
  });
  expect(answer).toMatchObject({
    status: 200,
    body: { ready: true, store: { writable: true }, backlog: { waiting: 5, oldestSeconds: 90 } },
  });
  await open.store.close();
  const closed = await open.operations.routes.request("/readyz");
  expect(closed.status).toBe(503);
  expect(await closed.json()).toMatchObject({ ready: false, store: { writable: false } });
});

test("refused deliveries are shown for ten minutes by reason, and logged once a minute", () => {
  const clock = { now: START };
  const refusals = new Refusals(() => clock.now);
  for (let index = 0; index < 3; index++) refusals.heard("refused: signature");
  refusals.heard("refused: form");
  refusals.heard("stored");
  expect(refusals.lines()).toEqual(["3 refused in 10 min: signature", "1 refused in 10 min: form"]);
  expect(refusals.toLog()).toEqual([]);
  clock.now += 60_000;
  expect(refusals.toLog()).toEqual(["3 refused in 1 min: signature", "1 refused in 1 min: form"]);
  expect(refusals.toLog()).toEqual([]);
  clock.now += 9 * 60_000;
  expect(refusals.lines()).toEqual([]);
});

test("midwatch says once that no webhook came for long, also after a restart, and not before the limit", async () => {
  const first = await operating();
  await first.receive("one", "x");
  first.operations.heard("pagerduty", "stored");
  first.clock.now += 23 * HOUR_MS;
  await first.operations.look();
  expect(first.said).toEqual([]);
  first.clock.now += 2 * HOUR_MS;
  await first.operations.look();
  await first.operations.look();
  expect(first.said).toEqual([expect.stringContaining("no webhook for 25 h")]);
  await first[Symbol.asyncDispose]();
  await using second = await operating({}, () => null, first.file);
  second.clock.now += 26 * HOUR_MS;
  await second.operations.look();
  expect(second.said).toEqual([]);
  second.operations.heard("pagerduty", "repeated");
  second.clock.now += 25 * HOUR_MS;
  await second.operations.look();
  expect(second.said).toHaveLength(1);
});

test("a vendor is called blind when it refuses everything it is asked, and not for one right that is missing", async () => {
  await using open = await operating();
  open.probe.answers = [200, 403, 403, 403];
  for (let index = 0; index < 3; index++) open.operations.called(calledWith(403));
  await open.operations.look();
  expect(open.said).toEqual([]);
  open.probe.answers = [401, 401];
  for (let index = 0; index < 3; index++) open.operations.called(calledWith(401));
  await open.operations.look();
  await open.operations.look();
  expect(open.said).toEqual([expect.stringMatching(/cannot read Datadog: it refused every call \(401\)/)]);
  expect(await (await open.metrics()).text()).toContain('midwatch_blind{what="datadog"} 1\n');
  open.operations.called(calledWith(200));
  expect(await (await open.metrics()).text()).toContain('midwatch_blind{what="datadog"} 0\n');
});

test("the log is JSON with time, level and incident where no terminal reads it, one object a line", () => {
  const written: string[] = [];
  const stream = (isTTY: boolean) => ({ isTTY, write: (text: string) => written.push(text) > 0 }) as unknown as NodeJS.WriteStream;
  openOperatorLog("auto", stream(false))("error in pd-1, triage: it\nbroke", { level: "error", incident: "pd-1", step: "triage" });
  openOperatorLog("auto", stream(true))("as it is");
  openOperatorLog("text", stream(false))("as it is");
  const [json = "", ...plain] = written;
  expect(json.trimEnd().split("\n")).toHaveLength(1);
  const { time, ...line } = JSON.parse(json) as { time: string };
  expect(line).toEqual({ level: "error", incident: "pd-1", step: "triage", msg: "error in pd-1, triage: it\nbroke" });
  expect(new Date(time).toISOString()).toBe(time);
  expect(plain).toEqual(["as it is\n", "as it is\n"]);
});

test("what is left of a rate limit is read from each vendor's headers, the lowest of several", () => {
  const left = (headers: Record<string, string>) => limitLeft(new Headers(headers));
  expect(left({ "x-ratelimit-limit": "300", "x-ratelimit-remaining": "75" })).toBe(0.25);
  expect(left({ "ratelimit-limit": "960", "ratelimit-remaining": "480", "ratelimit-reset": "3" })).toBe(0.5);
  expect(left({ "x-sentry-rate-limit-limit": "40", "x-sentry-rate-limit-remaining": "0" })).toBe(0);
  const model = { "anthropic-ratelimit-requests-limit": "50", "anthropic-ratelimit-requests-remaining": "49" };
  expect(left({ ...model, "anthropic-ratelimit-tokens-limit": "1000", "anthropic-ratelimit-tokens-remaining": "100" })).toBe(0.1);
  for (const none of [{}, { "x-ratelimit-remaining": "3" }, { "x-ratelimit-limit": "0", "x-ratelimit-remaining": "0" }])
    expect(left(none)).toBeNull();
});

test("each alert asks for figures that midwatch has, and has its steps in the runbook", async () => {
  await using open = await operating();
  const text = await (await open.metrics()).text();
  const docs = (file: string) => readFileSync(new URL(`../../docs/${file}`, import.meta.url), "utf8");
  const rules = parse(docs("alerts.yaml")) as { groups: { rules: { alert: string; expr: string; annotations: { runbook: string } }[] }[] };
  const all = rules.groups.flatMap((group) => group.rules);
  expect(all.length).toBeGreaterThan(5);
  for (const { alert, expr, annotations } of all) {
    for (const name of expr.match(/\bmidwatch_\w+/g) ?? [])
      expect(text, `${alert} asks for ${name}`).toContain(`# TYPE ${name.replace(/_(?:bucket|count|sum)$/, "")} `);
    expect(docs("alerts.md")).toContain(`## ${alert}\n`);
    expect(annotations.runbook).toBe(`docs/alerts.md#${alert.toLowerCase()}`);
  }
});
