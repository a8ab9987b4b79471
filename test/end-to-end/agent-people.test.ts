import { afterAll, beforeAll, expect, test } from "vitest";
import type { Script } from "../../src/replay/anthropic/server.ts";
import { apiError } from "../../src/replay/anthropic/server.ts";
import { people } from "../../src/replay/people.ts";
import { calls, type Desk, type Incident, openScene, openingOf, readsDiff, says, type Scene, toldIn, turnsOf } from "./agent.ts";
import { eventsOf, freshDatabase, ORDERS_TIMEOUT } from "../support/bot.ts";

let scene: Scene;
beforeAll(async () => {
  scene = await openScene(ORDERS_TIMEOUT);
});
afterAll(() => scene?.[Symbol.asyncDispose]());

/** Pages a desk whose model waits, before its first word, for what people do. */
async function withPeople(first: (incident: Incident) => Promise<unknown>, then: Script, from = 0) {
  const paged = Promise.withResolvers<Incident>();
  const desk = await scene.start({
    script: async (request, turn) => {
      if (request.index === from) {
        await first(await paged.promise);
        return says(calls("read_evidence", { evidence: 1, find: "nothing like it" }));
      }
      return then(request, turn);
    },
  });
  const incident = await desk.page();
  paged.resolve(incident);
  return { desk, incident, [Symbol.asyncDispose]: () => desk.close() };
}

const submitsAfterReading =
  (from: number): Script =>
  (request, turn) =>
    readsDiff(request, turn <= from ? 0 : 1);

const rounds = (log: Awaited<ReturnType<Incident["log"]>>) => eventsOf(log, "investigation-started").map(({ round }) => round);
const spoken = (desk: Desk) => turnsOf(desk.model).length;

test("a reply, an ack and a resolve while the model works are in its next request", async () => {
  const [ana] = people;
  await using run = await withPeople(async (incident) => {
    await incident.reply("Please look at the route cache first, and at nothing else.");
    await incident.pager({ kind: "acknowledged", by: ana });
    await incident.pager({ kind: "resolved", by: ana });
  }, submitsAfterReading(1));
  await run.incident.finished();
  const [, second] = turnsOf(run.desk.model);
  const { results, notes } = toldIn(second!.body, -1);
  expect(results).toHaveLength(1);
  expect(notes).toEqual([
    expect.stringMatching(
      /^A person \(\w+\) wrote in the incident's thread at .*: Please look at the route cache first, and at nothing else\.$/,
    ),
    expect.stringMatching(new RegExp(`^The pager at .*acknowledged by ${ana.realName}`)),
    expect.stringMatching(new RegExp(`^The pager at .*resolved by ${ana.realName}`)),
  ]);
  expect(await run.incident.report()).toContain("*Cause");
  expect((await run.incident.slack())[0]?.text).toContain("Resolved");
});

test("“stop” ends it with triage's report, and “resume” goes on from what was read, in the same message", async () => {
  const [asks, resumed] = [submitsAfterReading(0), submitsAfterReading(0)];
  await using run = await withPeople(
    (incident) => incident.reply("stop"),
    (request, turn) => (request.index === 0 ? asks : resumed)(request, turn),
    1,
  );
  const { desk, incident } = run;
  expect(eventsOf(await incident.finished(), "investigation-closed")).toMatchObject([{ how: "stopped" }]);
  expect(spoken(desk)).toBe(2);
  const stopped = await incident.report();
  expect(stopped).toContain("From the data alone");
  expect(stopped).toContain("a person stopped it");

  await incident.reply("resume");
  const log = await incident.until(({ event }) => event.type === "finding-posted" && !event.text.includes("From the data alone"));
  expect(rounds(log)).toEqual([1, 2]);
  expect(openingOf(turnsOf(desk.model)[2]!.body)).toContain("WHAT WAS ALREADY LOOKED AT");
  const messages = await incident.slack();
  expect(messages).toHaveLength(2);
  expect(messages[0]?.versions.join("\n")).toContain("a person stopped it");
  expect(messages[1]?.text).toMatch(/^\*Why\*/);
  expect(messages[0]?.text).not.toContain("a person stopped it");
});

test("“stop” that is said while triage reads is heeded before the model is asked anything", async () => {
  const paged = Promise.withResolvers<Incident>();
  const whileTriage = async () => {
    const incident = await paged.promise;
    // There is nothing to reply to before.
    await incident.until(({ event }) => event.type === "status-posted");
    await incident.reply("Stop, please.");
  };
  await using desk = await scene.start({ script: readsDiff, whileTriage });
  paged.resolve(await desk.page());
  const incident = await paged.promise;
  await incident.finished();
  expect(desk.model.requests).toHaveLength(0);
  expect(await incident.report()).toContain("a person stopped it");
});

test("a finding that ended early and is resumed names the PR that its better one leads to", async () => {
  const early: Script = () =>
    says(
      calls("submit_finding", {
        ...{ verdict: "inconclusive", cause: "not known yet", service: "orders", instance: null, fault: null, change: null },
        ...{ confidence: 0.2, causal_path: [], claims: [], ruled_out: [], impact: null, do_now: [], fix: "none", missing: [] },
        claims: [{ text: "4,711 of them", evidence: [1], quotes: [] }],
      }),
    );
  await using run = await scene.run({
    settings: { MIDWATCH_TURNS: "2" },
    script: (request, turn) =>
      request.index < 1 ? early(request, turn) : request.index < 2 ? says(calls("read_evidence")) : readsDiff(request, turn),
  });
  const { incident } = run;
  expect(await incident.report()).toContain("ended early");
  expect(await incident.pullRequests()).toEqual([]);
  await incident.reply("go on");
  const log = await incident.until(({ event }) => event.type === "fix-proposed");
  const [fix] = eventsOf(log, "fix-proposed");
  await incident.until(({ event }) => event.type === "fix-told");
  expect(await incident.report()).toContain(`#${fix?.number}`);
});

const later = (retryAfterS: number) => ({
  status: 429,
  headers: { "retry-after": String(retryAfterS) },
  body: apiError("rate_limit_error", "This request would exceed your organization's rate limit"),
});
const MINUTE_MS = 60_000;

test("a provider that is down and comes back: the report says so, and becomes the finding when the next try succeeds", async () => {
  const database = freshDatabase();
  const before = await scene.run({ database, script: () => later(1_200) });
  const { id } = before.incident;
  const down = await before.incident.report();
  expect(down).toContain("From the data alone");
  expect(down).toMatch(/anthropic answered 429 \(rate-limited\).*It asks to wait 20 min/);
  expect(down).toMatch(/Next try at \d\d:\d\d UTC/);
  const ended = (await before.incident.log()).findLast(({ event }) => event.type === "investigation-closed");
  expect(ended?.event).toMatchObject({ how: "provider", retry: true, retryAfterMs: 20 * MINUTE_MS });
  await before.desk.close();

  // The alarm is kept, so a new process as much later is the same as one that has waited.
  await using desk = await scene.start({ database, script: readsDiff, instead: { now: () => Date.now() + 21 * MINUTE_MS } });
  const incident = desk.incident(id);
  const log = await incident.until(({ event }) => event.type === "finding-posted" && !event.text.includes("From the data alone"));
  expect(rounds(log)).toEqual([1, 2]);
  expect(new Set(eventsOf(log, "finding-posted").map(({ ts }) => ts)).size).toBe(1);
  const messages = await incident.slack();
  expect(messages).toHaveLength(2);
  expect(messages[0]?.versions.join("\n")).toContain("429");
  expect(messages[1]?.text).toMatch(/^\*Why\*/);
  expect(messages[0]?.text).not.toContain("answered 429");
});

test("“stop” while it waits for its next try ends the tries", async () => {
  const database = freshDatabase();
  const before = await scene.run({ database, script: () => later(120) });
  await before.incident.reply("stop");
  await before.incident.until(({ event }) => event.type === "status-edited" && event.text.includes("a person stopped it"));
  const { id } = before.incident;
  await before.desk.close();
  await using desk = await scene.start({ database, script: readsDiff, instead: { now: () => Date.now() + 60 * MINUTE_MS } });
  await desk.incident(id).pager({ kind: "acknowledged", by: people[0] });
  await desk.incident(id).until(({ event }) => event.type === "status-edited" && event.text.includes("acknowledged"));
  expect(desk.model.requests).toHaveLength(0);
});

test("a provider that asks to wait for a day is not asked again by itself", async () => {
  await using run = await scene.run({ script: () => later(86_400) });
  expect(run.desk.model.requests).toHaveLength(1);
  const report = await run.incident.report();
  expect(report).toMatch(/It asks to wait 24 h/);
  expect(report).not.toContain("Next try at");
});
