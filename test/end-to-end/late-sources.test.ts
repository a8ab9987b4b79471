import { NO_LIMITS } from "../../src/slack/pace.ts";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parseConfig } from "../../src/config.ts";
import { LIKELY } from "../../src/incident/confidence.ts";
import type { LoggedEvent } from "../../src/incident/event.ts";
import { incidentIdOf } from "../../src/incident/page.ts";
import { type Look, lookAndPack } from "../../src/investigation/look.ts";
import { loadCatalog } from "../../src/node/environment.ts";
import { type Running, startNode } from "../../src/node/node.ts";
import { type Replay, startReplay } from "../../src/replay/server.ts";
import { copyOf, eventsOf, freshDatabase, ORDERS_TIMEOUT, shown, untilFinished, webhookOf } from "../support/bot.ts";
import { type Proxy, startProxy } from "./proxy.ts";

/** Long enough for what is not held on a busy machine; what is held waits until it is released, however long that takes. */
const DEADLINE_MS = 2_500;

/** Logs and traces of Datadog wait until the brief is out. */
const isHeld = ({ vendor, path }: { vendor: string; path: string }) => vendor === "datadog" && /\/(logs|spans)\//.test(path);

async function startBot(settings: Readonly<Record<string, string>>, database: string): Promise<Running> {
  const config = parseConfig({ ...settings, PORT: "0", DATABASE_PATH: database });
  const look: Look = (trigger, windows, first, options) =>
    lookAndPack(bot.midwatch.parts, trigger, windows, first, {
      ...options,
      ...(options.earlier === undefined ? { deadlineMs: DEADLINE_MS } : {}),
    });
  const bot: Running = await startNode({
    config,
    catalog: loadCatalog(config),
    log: () => undefined,
    instead: { look, slackLimits: NO_LIMITS },
  });
  return bot;
}

async function until(bot: Running, incident: string, type: LoggedEvent["event"]["type"]): Promise<void> {
  for await (const { event } of bot.store.follow(incident, 0, AbortSignal.timeout(120_000))) if (event.type === type) return;
}

/** By method and path, for Datadog with what was asked. */
const asked = (proxy: Proxy) =>
  proxy.calls.filter(({ vendor }) => vendor !== "slack").map(({ vendor, method, path, body }) => `${vendor} ${method} ${path} ${body}`);

interface Told {
  readonly replay: Replay;
  readonly log: readonly LoggedEvent[];
  readonly briefAtFirst: string;
  readonly earlyCalls: readonly string[];
  readonly lateCalls: readonly string[];
  readonly evidence: readonly number[];
}

/** @param crash whether the process dies once the brief is out, and another goes on from its store */
async function tell(crash: boolean, stack: AsyncDisposableStack): Promise<Told> {
  const replay = stack.use(await startReplay({ folder: ORDERS_TIMEOUT }));
  const released = Promise.withResolvers<void>();
  const proxy = stack.use(
    await startProxy(replay.settings, async (call, forward) => {
      if (isHeld(call)) await released.promise;
      return forward();
    }),
  );
  const database = freshDatabase();
  let bot = await startBot(proxy.settings, database);
  stack.defer(() => bot.close());
  await replay.page(webhookOf(bot.url));
  const incident = incidentIdOf(replay.pagerduty.incidentIds[0] ?? "", "pd");
  await until(bot, incident, "brief-posted");
  const briefAtFirst = shown(replay)[1]?.text ?? "";
  let earlyCalls = asked(proxy);
  if (crash) {
    const left = copyOf(database);
    await bot.close();
    earlyCalls = asked(proxy);
    bot = await startBot(proxy.settings, left);
  }
  released.resolve();
  const log = await untilFinished(bot, incident);
  const evidence = ((await bot.store.query(incident, "evidenceIndex", null)) ?? []).map(({ number }) => number);
  return { replay, log, briefAtFirst, earlyCalls, lateCalls: asked(proxy).slice(earlyCalls.length), evidence };
}

describe.each([
  ["in one process", false],
  ["in a process that goes on from the store of one that died", true],
])("logs and traces that answer after the brief, %s", (_name, crash) => {
  const stack = new AsyncDisposableStack();
  let told: Told;
  beforeAll(async () => {
    told = await tell(crash, stack);
  }, 120_000);
  afterAll(() => stack.disposeAsync());

  test("the brief went out without them: nobody is likely, the guilty deploy is not ruled out, and it says what is still read", () => {
    const [first] = eventsOf(told.log, "triage-finished");
    for (const { probability } of first?.analysis.suspects ?? []) expect(probability).toBeLessThan(LIKELY);
    expect(first?.analysis.ruledOut.map(({ what }) => what).join("\n")).not.toContain("orders");
    expect(first?.coverage.flatMap(({ source, pending }) => (pending === true ? [source] : []))).toEqual(
      expect.arrayContaining(["Datadog logs", "Datadog traces"]),
    );
    expect(told.briefAtFirst).toContain("Still reading.");
  });

  test("then all is weighed again: the guilty service is likely, with its deploy, and the pull request opens unasked", () => {
    const [, late, ...more] = eventsOf(told.log, "triage-finished");
    expect(more).toEqual([]);
    expect(late?.late).toEqual(expect.arrayContaining(["Datadog logs", "Datadog traces"]));
    expect(late?.coverage.some(({ pending }) => pending === true)).toBe(false);
    expect(late?.analysis.unread).toBeUndefined();
    expect(late?.analysis.suspects[0]).toMatchObject({ service: "orders", change: { kind: "deploy" } });
    expect(late?.analysis.suspects[0]?.probability).toBeGreaterThanOrEqual(LIKELY);
    expect(eventsOf(told.log, "fix-offered")).toEqual([]);
    expect(eventsOf(told.log, "fix-proposed")).toMatchObject([{ draft: true }]);
  });

  test("the brief is corrected where it stands, and nothing is said twice", () => {
    const [status, ...thread] = shown(told.replay);
    expect(status?.text).toMatch(/Cause \((?:very )?likely, .*\*orders\*/);
    expect(thread).toHaveLength(1);
    const [brief] = thread;
    expect(brief?.versions).toBeGreaterThan(1);
    expect(brief?.text).not.toContain("Still reading.");
    expect(brief?.text).toContain("*Why*");
    expect(eventsOf(told.log, "brief-posted")).toHaveLength(1);
    expect(eventsOf(told.log, "brief-revised")).toMatchObject([{ changed: true }]);
  });

  test("what had answered is not asked again, and the ledger has each answer once", () => {
    const isQuestion = (call: string) => /timeseries|events\/search|monitor|catalog|issues|change_events|deployments\?/.test(call);
    const known = new Set(told.earlyCalls.filter((call) => isQuestion(call) && !/\/(logs|spans)\//.test(call)));
    expect(told.lateCalls.filter((call) => known.has(call))).toEqual([]);
    expect(told.evidence).toEqual(told.evidence.map((_, index) => index + 1));
    // What a process still waits for it does not ask a second time.
    const again = told.lateCalls.filter((call) => told.earlyCalls.includes(call) && call.startsWith("datadog"));
    expect(again.length > 0).toBe(crash);
  });
});
