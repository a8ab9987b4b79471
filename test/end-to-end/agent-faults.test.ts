import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import type { Json } from "../../src/incident/model.ts";
import { apiError, type Script, type ScriptedAnswer } from "../../src/replay/anthropic/server.ts";
import {
  calls,
  contract,
  MODEL_KEY,
  openingOf,
  openScene,
  readsDiff,
  says,
  type Scene,
  toldIn,
  turnsOf,
  type Case,
  type Incident,
} from "./agent.ts";
import { eventsOf, ORDERS_TIMEOUT } from "../support/bot.ts";

let scene: Scene;
beforeAll(async () => {
  scene = await openScene(ORDERS_TIMEOUT);
});
afterAll(() => scene?.[Symbol.asyncDispose]());

const fails = (status: number, type: string, message: string, headers: Readonly<Record<string, string>> = {}): ScriptedAnswer => ({
  status,
  headers,
  body: apiError(type, message),
});
const always =
  (answer: ScriptedAnswer): Script =>
  () =>
    answer;
/** Fails for so many requests, then works as it should. */
const atFirst =
  (answer: ScriptedAnswer, times = 1): Script =>
  (request, turn) =>
    request.index < times ? answer : readsDiff(request, turn === 0 || toldIn(request.body).results.length === 0 ? 0 : 1);
const onIt = { blocks: [{ text: "On it. ".repeat(100) }] };
const cut: ScriptedAnswer = { ...onIt, fault: { kind: "cut", afterBytes: 900 } };
const tooLong = fails(400, "invalid_request_error", "prompt is too long: 1000001 tokens > 1000000 maximum");
const PROMPT = "You are midwatch, the investigator on call";

/** However the model failed: status and brief, a model's finding below them, a verdict and a next step, and nowhere the key or the prompt. */
async function reportOf(incident: Incident, lines: readonly string[]): Promise<string> {
  const report = await incident.report();
  // A finding that says something else than the brief is news, and has a message of its own.
  expect([2, 3]).toContain((await incident.slack()).length);
  const said = (await incident.said()) + lines.join("\n");
  expect(said).not.toContain(MODEL_KEY);
  expect(said).not.toContain(PROMPT);
  expect(report).toContain("*Do now");
  return report;
}

describe.concurrent("what ends the model's work is said in words, with the report of the data", () => {
  const cases: Readonly<Record<string, { readonly about: Case; readonly says: RegExp; readonly again: boolean }>> = {
    "an error inside of streams": {
      about: { script: always({ ...onIt, fault: { kind: "error", type: "overloaded_error", message: "Overloaded" } }) },
      says: /overloaded/,
      again: true,
    },
    "nobody there": {
      about: { script: readsDiff, settings: { ANTHROPIC_BASE_URL: "http://127.0.0.1:9" } },
      says: /anthropic/,
      again: true,
    },
    "a key that its refusal repeats": {
      about: { script: ({ body }) => fails(401, "authentication_error", `${MODEL_KEY} may not ask: ${JSON.stringify(body.system)}`) },
      says: /401 \(auth\)/,
      again: false,
    },
    "no money left": {
      about: { script: always(fails(402, "billing_error", "Your credit balance is too low")) },
      says: /402 \(payment\)/,
      again: false,
    },
    "a refusal": {
      about: {
        script: always({ blocks: [], stopReason: "refusal", stopDetails: { type: "refusal", category: "cyber", explanation: "no" } }),
      },
      says: /the model refused to answer/,
      again: false,
    },
    "answers without a word": {
      about: { script: always(says()) },
      says: /the model ended its turns without handing anything in/,
      again: false,
    },
    "talk and no finding": { about: { script: always(says({ text: "All is well." })) }, says: /without handing anything in/, again: false },
    "a prompt that is too long however short": { about: { script: always(tooLong) }, says: /prompt is too long/, again: false },
  };
  test.each(Object.entries(cases))("%s", async (_name, { about, says: words, again }) => {
    await using run = await scene.run(about);
    const report = await reportOf(run.incident, run.desk.lines);
    expect(report).toContain("From the data alone");
    expect(report.split("\n").find((line) => line.startsWith("*No finding from the model:* "))).toMatch(words);
    expect(report.includes("Next try at")).toBe(again);
    expect(eventsOf(await run.incident.log(), "investigation-closed")).toHaveLength(1);
  });
});

describe.concurrent("what passes leads to the finding all the same", () => {
  const badInput: Json = { verdict: "sure" };
  const cases: Readonly<Record<string, { readonly script: Script; readonly told?: RegExp }>> = {
    "a stream that is cut once": { script: atFirst(cut) },
    "an answer cut at its token limit": {
      script: atFirst({ ...says({ text: "I would" }), stopReason: "max_tokens" }),
      told: /cut at its token limit/,
    },
    "an empty answer": { script: atFirst(says()), told: /Nothing was handed in/ },
    "an unknown tool": { script: atFirst(says(calls("rm", { path: "/" }))), told: /There is no tool rm\. There are: / },
    "an input that does not fit": {
      script: atFirst(says(calls("read_evidence", { evidence: "two" }))),
      told: /The input does not fit: evidence: /,
    },
    "a finding that does not fit": {
      script: atFirst(says(calls("submit_finding", { finding: badInput }))),
      told: /The input does not fit: /,
    },
    "forty calls at once": {
      script: atFirst(says(...Array.from({ length: 40 }, (_, index) => calls("read_evidence", { evidence: 1, offset: index })))),
      told: /at most 12 calls are run at once/,
    },
  };
  test.each(Object.entries(cases))("%s", async (_name, { script, told = /./ }) => {
    await using run = await scene.run({ script });
    const report = await reportOf(run.incident, run.desk.lines);
    expect(report).toContain("*Cause");
    expect(run.desk.model.requests.map(({ problem }) => problem).filter((problem) => problem !== null)).toEqual([]);
    const last = turnsOf(run.desk.model).at(-1)?.body;
    const { results, notes } = last === undefined ? { results: [], notes: [] } : toldIn(last);
    expect([...results.map(({ text }) => text), ...notes].filter((text) => told.test(text)).length).toBeGreaterThan(0);
  });
});

test.each([
  ["that the API refuses", tooLong],
  ["in the middle of an answer", { ...says({ text: "And so" }), stopReason: "model_context_window_exceeded" }],
] as const)("a context that is exceeded, %s, begins anew with the facts", async (_name, answer) => {
  await using run = await scene.run({
    script: (request, turn) => (request.index === 0 ? readsDiff(request, 0) : request.index === 1 ? answer : readsDiff(request, turn)),
  });
  expect(eventsOf(await run.incident.log(), "investigation-started").map(({ round }) => round)).toEqual([1, 1]);
  const anew = turnsOf(run.desk.model)[2]!.body;
  expect(anew.messages).toHaveLength(1);
  expect(openingOf(anew)).toMatch(/WHAT WAS ALREADY LOOKED AT[\s\S]*Commit [0-9a-f]{7} of .*\[E\d+\][\s\S]*H1 open/);
  expect(await run.incident.report()).toContain("*Cause");
});

const streams = z.object({ streams: z.record(z.string(), z.string()) }).safeParse(contract("sse-fixtures.json")).data?.streams ?? {};
const samples =
  z
    .object({
      samples: z.array(
        z.object({
          status: z.number(),
          headers: z.record(z.string(), z.string()).default({}),
          body: z.json().optional(),
          sse: z.string().optional(),
        }),
      ),
    })
    .safeParse(contract("errors-and-headers.json")).data?.samples ?? [];
/** One of each group: what all of them are to the client is in integrations/anthropic/contracts.test.ts. */
const oneOfEach = <T>(all: readonly T[], group: (one: T) => unknown): T[] =>
  [...Map.groupBy(all, group).values()].flatMap((alike) => alike.slice(0, 1));
const stopReasonOf = (stream: string) => /"stop_reason": ?"(\w+)"/.exec(stream)?.[1];
const kindsOfBlocks = (stream: string) => new Set(stream.match(/"content_block": ?\{"type": ?"\w+"/g)).size;
const published: readonly (readonly [string, ScriptedAnswer])[] = [
  // The richest stream for each way to end.
  ...oneOfEach(
    Object.entries(streams).toSorted(([, a], [, b]) => kindsOfBlocks(b) - kindsOfBlocks(a)),
    ([, body]) => stopReasonOf(body),
  ).map(([name, body]) => [name, { status: 200, body, headers: { "content-type": "text/event-stream" } }] as const),
  ...oneOfEach(samples, ({ status }) => status).map(({ status, headers, body, sse }) => {
    // A wait of seconds is waited for; nothing here does.
    const now = { ...headers, ...(headers["retry-after"] === undefined ? {} : { "retry-after": "0" }) };
    return [
      String(status),
      sse === undefined
        ? { status, headers: now, body: body ?? "" }
        : { status, headers: { ...now, "content-type": "text/event-stream" }, body: sse },
    ] as const;
  }),
];

describe.runIf(published.length > 0)("published answers that come for ever end in a report", () => {
  test.concurrent.each(published)("%s", async (_name, answer) => {
    await using run = await scene.run({ script: always(answer), settings: { GITHUB_TOKEN: "" } });
    const report = await reportOf(run.incident, run.desk.lines);
    expect(report).toMatch(/^\*No finding from the model:\* .{10,}/m);
  });
});
