import { afterAll, beforeAll, expect, test } from "vitest";
import type { Json } from "../../src/incident/model.ts";
import { apiError, type Script } from "../../src/replay/anthropic/server.ts";
import { calls, openScene, says, type Scene, undecided } from "./agent.ts";
import { eventsOf, ORDERS_TIMEOUT } from "../support/bot.ts";

let scene: Scene;
beforeAll(async () => {
  scene = await openScene(ORDERS_TIMEOUT);
});
afterAll(() => scene[Symbol.asyncDispose]());

const isQuestion = (system: unknown) => JSON.stringify(system).includes("a person asks about it");
/** Investigates in one turn; then answers questions as `answer` says. */
const investigator =
  (answer: Script): Script =>
  (request, turn) =>
    isQuestion(request.body.system) ? answer(request, turn) : says(calls("submit_finding", undecided));

const claim = (text: string, evidence: number[], quotes: { text: string; evidence: number }[] = []): Json => ({ text, evidence, quotes });

test("a question that calls midwatch by name is answered in the thread from evidence that code has checked, by the cheaper model", async () => {
  await using run = await scene.run({
    settings: { MIDWATCH_MODEL: "claude-opus-5-5", MIDWATCH_FOLLOW_UP_MODEL: "claude-haiku-5-5" },
    script: investigator((_request, turn) =>
      turn === 0
        ? says(calls("datadog_log_lines", { query: '"did not answer within"', limit: 5 }))
        : says(
            calls("reply", {
              claims: [
                claim(
                  "The service logged that payments did not answer.",
                  [],
                  [{ text: "payments did not answer within 2 ms", evidence: 2 }],
                ),
                claim("It failed 987654 times.", [2]),
              ],
              unknown: "Which routes were asked for is not in the logs.",
            }),
          ),
    ),
  });
  const { incident, desk } = run;
  await incident.reply("looks like the cache to me, no?");
  await incident.reply("midwatch, what did the service log when it failed?");
  const log = await incident.until(({ event }) => event.type === "question-answered");
  const told = (await incident.slack()).at(-1)?.text ?? "";
  expect(told).toContain("The service logged that payments did not answer.");
  expect(told).toContain("Which routes were asked for is not in the logs.");
  expect(told).not.toContain("987654");
  expect(eventsOf(log, "question-answered")).toHaveLength(1);
  const asked = desk.model.requests.filter(({ body }) => isQuestion(body?.system));
  expect(new Set(asked.map(({ body }) => body?.model))).toEqual(new Set(["claude-haiku-5-5"]));
  // What was read anew is kept as evidence after the finding's own.
  const evidence = await fetch(`${desk.bot.url}/incidents/${incident.id}.json`).then(
    (answer) => answer.json() as Promise<{ evidence: { source: string }[] }>,
  );
  expect(evidence.evidence.length).toBeGreaterThan(13);
});

test("a question that the model can't answer is told so, with the reason", async () => {
  await using run = await scene.run({
    script: investigator(() => ({ status: 401, body: apiError("authentication_error", "invalid key") })),
  });
  await run.incident.reply("@midwatch how many requests failed?");
  await run.incident.until(({ event }) => event.type === "question-answered");
  const told = (await run.incident.slack()).at(-1)?.text ?? "";
  expect(told).toMatch(/^midwatch could not answer: .*key/);
});

test("where nothing of the cheaper model's answer holds, the better one is asked", async () => {
  await using run = await scene.run({
    settings: { MIDWATCH_MODEL: "claude-opus-5-5", MIDWATCH_FOLLOW_UP_MODEL: "claude-haiku-5-5" },
    script: investigator(({ body }) =>
      says(
        calls("reply", {
          claims: [
            body.model === "claude-haiku-5-5"
              ? claim("It failed 987654 times.", [2])
              : claim("It failed.", [], [{ text: "payments did not answer within 2 ms", evidence: 2 }]),
          ],
          unknown: null,
        }),
      ),
    ),
  });
  await run.incident.reply("midwatch did it really fail?");
  await run.incident.until(({ event }) => event.type === "question-answered");
  const told = (await run.incident.slack()).at(-1)?.text ?? "";
  expect(told).toContain("It failed.");
  expect(told).not.toContain("987654");
});
