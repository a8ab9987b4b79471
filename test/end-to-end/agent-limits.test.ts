import { afterAll, beforeAll, expect, test } from "vitest";
import type { Json } from "../../src/incident/model.ts";
import { apiError, type Script, type ScriptedModel } from "../../src/replay/anthropic/server.ts";
import {
  calls,
  type Incident,
  openingOf,
  openScene,
  pressInvestigate,
  readsDiff,
  says,
  type Scene,
  toldIn,
  trueFinding,
  turnsOf,
} from "./agent.ts";
import { eventsOf, ORDERS_TIMEOUT } from "../support/bot.ts";

let scene: Scene;
beforeAll(async () => {
  scene = await openScene(ORDERS_TIMEOUT);
});
afterAll(() => scene?.[Symbol.asyncDispose]());

/** Asks something new in each turn, for ever; each answer is evidence. */
const asksOn: Script = (_request, turn) =>
  says({ thinking: `turn ${turn}` }, calls("datadog_log_lines", { query: `service:none-${turn}` }));

/** As dear as it can. */
const talksOn: Script = (request, turn) =>
  says({ text: "Well. ".repeat(1_000) }, ...[asksOn(request, turn)].flatMap((answer) => ("blocks" in answer ? answer.blocks : [])));

const notesTo = (model: ScriptedModel): string[] => turnsOf(model).flatMap(({ body }) => toldIn(body, -1).notes);

/** How a run ended, in the log and in the words that people read; and that the model was warned before. */
async function endOf(incident: Incident, model: ScriptedModel) {
  const log = await incident.log();
  const [closed] = eventsOf(log, "investigation-closed");
  const last = turnsOf(model).at(-1);
  return {
    how: closed?.how,
    because: closed?.because ?? "",
    report: await incident.report(),
    warned: last === undefined ? [] : toldIn(last.body, -1).notes,
  };
}

test("turns: the model is warned, then the run ends and the report names the limit", async () => {
  await using run = await scene.run({ script: asksOn, settings: { MIDWATCH_TURNS: "5" } });
  const end = await endOf(run.incident, run.desk.model);
  expect(turnsOf(run.desk.model)).toHaveLength(5);
  expect(end).toMatchObject({ how: "limit", because: "turn budget of 5 turns is used up" });
  expect(end.warned).toEqual([expect.stringMatching(/^Left of the budget: 1 turn of 5 turns/)]);
  expect(end.report).toContain("From the data alone");
  expect(end.report).toContain("turn budget of 5 turns is used up");
});

test("dollars: the model is warned, then the run ends near the limit and the report names it", async () => {
  await using run = await scene.run({ script: talksOn, settings: { MIDWATCH_DOLLARS: "0.2" } });
  const end = await endOf(run.incident, run.desk.model);
  expect(end).toMatchObject({ how: "limit", because: "cost budget of $0.20 is used up" });
  expect(end.warned.join("\n")).toMatch(/Left of the budget: .*of \$0\.20/);
  expect(end.report).toContain("cost budget of $0.20 is used up");
  const { investigation } = await run.incident.view();
  expect(investigation?.cost).toBeGreaterThanOrEqual(0.2);
  expect(investigation?.cost).toBeLessThan(0.3);
});

test("time: the model is warned, then the run ends and the report names the limit", async () => {
  let passedMs = 0;
  await using run = await scene.run({
    script: (request, turn) => {
      passedMs += 40_000;
      return asksOn(request, turn);
    },
    settings: { MIDWATCH_MINUTES: "3" },
    instead: { now: () => Date.now() + passedMs },
  });
  const end = await endOf(run.incident, run.desk.model);
  expect(end).toMatchObject({ how: "limit", because: "time budget of 3 min is used up" });
  expect(end.warned.join("\n")).toMatch(/Left of the budget: \d+(?:\.\d+)? s of 3 min/);
  expect(end.report).toContain("time budget of 3 min is used up");
});

test("tool calls: forty at once are answered one and all, a dozen of them run; then the limit ends the run", async () => {
  const many = (count: number, turn: number) =>
    Array.from({ length: count }, (_, index) => calls("read_evidence", { evidence: 1, find: `nothing ${turn} ${index}` }));
  const script: Script = (_request, turn) => says(...many(turn === 0 ? 40 : 25, turn));
  await using run = await scene.run({ script });
  const { desk, incident } = run;
  const [, second] = turnsOf(desk.model);
  const { results } = toldIn(second!.body, -1);
  expect(results).toHaveLength(40);
  expect(results.filter(({ failed }) => failed)).toHaveLength(28);
  expect(results.at(-1)?.text).toContain("at most 12 calls are run at once");
  const end = await endOf(incident, desk.model);
  expect(end).toMatchObject({ how: "limit", because: "tool call budget of 80 tool calls is used up" });
  expect(end.warned.join("\n")).toContain("Left of the budget: 15 tool calls of 80 tool calls");
  expect(end.report).toContain("tool call budget");
});

test("the day: what one incident has cost is missing to the next, which says so", async () => {
  await using desk = await scene.start({ script: talksOn, settings: { MIDWATCH_DOLLARS_PER_DAY: "0.2" } });
  const first = await desk.page("web-1");
  await first.finished();
  // No more is set aside for one than the day has.
  expect((await endOf(first, desk.model)).because).toBe("cost budget of $0.20 is used up");
  const asked = desk.model.requests.length;
  const second = await desk.page("web-2");
  await second.finished();
  expect(desk.model.requests).toHaveLength(asked);
  expect(await second.report()).toMatch(
    /\*Not investigated by the model:\* the model budget for today \(UTC\) \(\$0\.20\) has too little left: \$0\.2\d spent\./,
  );
  expect(await second.report()).toContain("From the data alone");
});

test("the day: a resumed investigation counts what it cost before, and a question is not asked of the model any more", async () => {
  await using desk = await scene.start({ script: talksOn, settings: { MIDWATCH_DOLLARS: "0.2", MIDWATCH_DOLLARS_PER_DAY: "0.2" } });
  const incident = await desk.page();
  await incident.finished();
  await incident.reply("resume");
  await incident.until(({ event }) => event.type === "model-refused" && event.because.code === "budget" && event.because.period === "day");
  expect((await incident.view()).investigation?.round).toBe(1);
  const asked = desk.model.requests.length;
  await incident.reply("midwatch, what failed first?");
  await incident.until(({ event }) => event.type === "question-answered");
  expect((await incident.slack()).at(-1)?.text).toMatch(/^midwatch could not answer: the model budget for today \(UTC\)/);
  expect(desk.model.requests).toHaveLength(asked);
});

test("one incident: its rounds together cost no more than it may", async () => {
  await using desk = await scene.start({ script: talksOn, settings: { MIDWATCH_DOLLARS: "0.2", MIDWATCH_DOLLARS_PER_INCIDENT: "0.35" } });
  const incident = await desk.page();
  await incident.finished();
  await incident.reply("resume");
  const log = await incident.until(({ event }) => event.type === "model-refused");
  expect(eventsOf(log, "model-refused")[0]?.because).toMatchObject({ code: "budget", period: "incident", most: 0.35 });
});

test("the day: the turns of a question that fails in the end are counted", async () => {
  let fails = false;
  const script: Script = (request, turn) => {
    if (!JSON.stringify(request.body.system).includes("a person asks about it"))
      return says(calls("submit_finding", trueFinding(request.body)));
    fails = !fails;
    return fails ? talksOn(request, turn) : { status: 401, body: apiError("authentication_error", "invalid key") };
  };
  const settings = { MIDWATCH_DOLLARS_PER_DAY: "0.2", MIDWATCH_FOLLOW_UP_MODEL: "claude-opus-5-5" };
  await using run = await scene.run({ script, settings });
  const { incident, desk } = run;
  let answered = -1;
  for (let asked = 1, told = ""; !told.includes("model budget for today"); asked++) {
    expect(asked).toBeLessThan(10);
    await incident.reply("midwatch, what failed first?");
    const log = await incident.until(({ seq, event }) => event.type === "question-answered" && seq > answered);
    answered = log.at(-1)?.seq ?? 0;
    told = (await incident.slack()).at(-1)?.text ?? "";
  }
  expect(desk.model.requests.length).toBeGreaterThan(2);
});

test("the hour: many at once can't spend more than all may; the one without room says so, and a person may start it", async () => {
  const settings = { MIDWATCH_DOLLARS: "0.2", MIDWATCH_DOLLARS_PER_HOUR: "0.4", MIDWATCH_DOLLARS_PER_DAY: "0.7" };
  await using desk = await scene.start({ script: talksOn, settings });
  const incidents = await Promise.all(["web-1", "web-2", "web-3"].map((host) => desk.page(host)));
  await Promise.all(incidents.map((incident) => incident.finished()));
  const views = await Promise.all(incidents.map((incident) => incident.view()));
  const costs = views.flatMap(({ investigation }) => investigation?.cost ?? []);
  expect(costs).toHaveLength(2);
  expect(costs.reduce((sum, cost) => sum + cost, 0)).toBeLessThan(0.6);
  const left = incidents[views.findIndex(({ investigation }) => investigation === null)]!;
  expect(await left.report()).toMatch(
    /\*Not investigated by the model:\* the model budget for this hour \(\$0\.40\) has too little left: /,
  );
  await pressInvestigate(scene, desk, left);
  await left.until(({ event }) => event.type === "investigation-closed");
  expect((await left.view()).investigation?.cost).toBeGreaterThan(0);
});

test("the best answer that was checked is kept when a limit ends the run", async () => {
  await using run = await scene.run({
    settings: { MIDWATCH_TURNS: "4" },
    script: (request, turn) => {
      if (turn === 0) return readsDiff(request, 0);
      const lie: { readonly [key: string]: Json } = { impact: { text: "4,711 orders were lost", evidence: [1] } };
      return turn === 1 ? says(calls("submit_finding", trueFinding(request.body, lie))) : asksOn(request, turn);
    },
  });
  const report = await run.incident.report();
  expect(report).toContain("*Cause");
  expect(report).toContain("turn budget of 4 turns is used up");
  expect(report).toContain("4,711 orders were lost (unverified: 4,711)");
});

test("the same call again and again is told to the model, then ends the run", async () => {
  await using run = await scene.run({ script: () => says(calls("read_evidence", { evidence: 2, find: "Failed" })) });
  const { desk, incident } = run;
  const notes = notesTo(desk.model);
  expect(notes.filter((note) => note.includes("You have made the same call of read_evidence"))).toHaveLength(2);
  expect(turnsOf(desk.model)).toHaveLength(4);
  const end = await endOf(incident, desk.model);
  expect(end).toMatchObject({ how: "limit", because: "the agent repeated one call of read_evidence 4 times" });
  expect(end.report).toContain("the agent repeated one call of read_evidence 4 times");
});

test("a call that fails in the same way is told with its words, then ends the run", async () => {
  await using run = await scene.run({ script: (_request, turn) => says(calls("shell", { command: `ls ${turn}` })) });
  const { desk, incident } = run;
  expect(toldIn(turnsOf(desk.model)[1]!.body, -1).results).toMatchObject([
    { failed: true, text: expect.stringContaining("There is no tool shell.") },
  ]);
  expect(notesTo(desk.model).join("\n")).toContain("shell failed 2 times in the same way");
  expect((await endOf(incident, desk.model)).how).toBe("limit");
});

test("reading: at most 12,000 characters a call and 60,000 in all, and what is cut says where the rest is", async () => {
  const script: Script = (_request, turn) =>
    says(
      ...[0, 1, 2, 3].map((index) => calls("read_evidence", { evidence: 2, offset: (turn * 4 + index) * 6_000 })),
      calls("datadog_log_lines", { limit: 60 + turn }),
      calls("datadog_log_lines", { limit: 160 + turn, order: "newest" }),
    );
  await using run = await scene.run({ script, settings: { MIDWATCH_TURNS: "6" } });
  const { desk, incident } = run;
  const { results } = toldIn(turnsOf(desk.model).at(-1)!.body);
  const lengths = results.map(({ text }) => text.length);
  expect(results.length).toBeGreaterThan(18);
  expect(Math.max(...lengths)).toBeLessThanOrEqual(12_000);
  const digest = eventsOf(await incident.log(), "triage-finished")[0]?.digest.length ?? 0;
  const views = eventsOf(await incident.log(), "tools-answered").flatMap(({ answers }) => answers.map(({ view }) => view.length));
  expect(digest + views.reduce((sum, length) => sum + length, 0)).toBeLessThanOrEqual(60_000);
  const cut = results.filter(({ text }) => text.includes("reading budget"));
  expect(cut.length).toBeGreaterThan(3);
  expect(cut.filter(({ text }) => /kept as E\d+/.test(text)).length).toBeGreaterThan(0);
});

test("the transcript: each request begins with the bytes of the one before, and every call has its answer", async () => {
  await using run = await scene.run({
    script: (request, turn) =>
      turn < 9
        ? says(
            { thinking: `What would tell? ${turn}` },
            { text: `Looking, ${turn}.` },
            calls("datadog_log_lines", { query: `service:none-${turn}` }),
            calls("hypotheses", { changes: [{ id: null, claim: `idea ${turn}`, status: "open", evidence: [], because: null }] }),
          )
        : readsDiff(request, 1),
  });
  const turns = turnsOf(run.desk.model);
  expect(turns).toHaveLength(12);
  expect(run.desk.model.requests.map(({ problem }) => problem).filter((problem) => problem !== null)).toEqual([]);
  let [same, all] = [0, 0];
  for (const [index, { text }] of turns.slice(1).entries()) {
    const before = turns[index]?.text ?? "";
    let at = 0;
    while (at < before.length && before[at] === text[at]) at++;
    same += at;
    all += before.length;
  }
  console.log(`share of each request that the next one begins with: ${((100 * same) / all).toFixed(3)} %`);
  expect(same / all).toBeGreaterThan(0.95);
  const { investigation } = await run.incident.view();
  console.log(
    `share of tokens read from the cache: ${((100 * (investigation?.tokens.cached ?? 0)) / (investigation?.tokens.read ?? 1)).toFixed(1)} %`,
  );
  for (const { body } of turns) {
    const asked = body.messages.flatMap(({ content }) =>
      (content as readonly { type?: unknown; id?: unknown }[]).flatMap(({ type, id }) => (type === "tool_use" ? [id] : [])),
    );
    expect(toldIn(body).results.map(({ id }) => id)).toEqual(asked);
  }
  expect(openingOf(turns[0]!.body)).toBe(openingOf(turns.at(-1)!.body));
});
