import { mkdtemp, readdir, readFile, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import type { ModelRequest } from "../../src/incident/model.ts";
import { createModel } from "../../src/integrations/anthropic/client.ts";
import { startModelByHand } from "../../src/replay/anthropic/by-hand.ts";
import { createPromptCache } from "../../src/replay/anthropic/cache.ts";
import { parseWrittenAnswer } from "../../src/replay/anthropic/written-answer.ts";
import { startScriptedModel } from "../../src/replay/anthropic/server.ts";
import { asking, failure, goOn, never, question } from "../integrations/anthropic/setup.ts";

const call = { tool: "datadog_logs", input: { service: "checkout", from: "2026-06-01T03:12:00Z" } } as const;

describe("requests that the API would refuse", () => {
  const user = { role: "user", content: "hello" };
  const plain = { model: "claude-opus-5-5", max_tokens: 100, messages: [user] };
  const tools = [{ name: "logs", input_schema: { type: "object", properties: {} } }];
  const closed = { name: "logs", strict: true, input_schema: { type: "object", properties: {}, additionalProperties: false } };
  const used = { role: "assistant", content: [{ type: "tool_use", id: "a", name: "logs", input: {} }] };
  const result = { type: "tool_result", tool_use_id: "a", content: "none" };

  test.each<[string, object, RegExp | null]>([
    ["a plain one is fine", plain, null],
    ["no max_tokens", { ...plain, max_tokens: undefined }, /^max_tokens: Field required$/],
    ["temperature", { ...plain, temperature: 0 }, /^temperature: Extra inputs are not permitted$/],
    ["an unknown field of a message", { ...plain, messages: [{ ...user, name: "x" }] }, /^messages\.0\.name: Extra inputs/],
    ["a forced tool", { ...plain, tools, tool_choice: { type: "any" } }, /^tool_choice: /],
    ["a forced tool by name", { ...plain, tools, tool_choice: { type: "tool", name: "logs" } }, /^tool_choice: /],
    ["thinking switched off", { ...plain, thinking: { type: "disabled" } }, /^thinking: /],
    [
      "both are fine with another model",
      { ...plain, model: "claude-haiku-5-5", tools, tool_choice: { type: "any" }, thinking: { type: "disabled" } },
      null,
    ],
    ["empty text", { ...plain, messages: [{ role: "user", content: [{ type: "text", text: "" }] }] }, /must be non-empty/],
    ["an assistant first", { ...plain, messages: [{ role: "assistant", content: "hi" }, user] }, /first message/],
    ["a prefilled answer", { ...plain, messages: [user, { role: "assistant", content: "It is" }] }, /prefilled/],
    ["two of the same role, which are put together", { ...plain, messages: [user, user] }, null],
    ["a call without a result", { ...plain, tools, messages: [user, used, user] }, /without `tool_result` blocks immediately after: a/],
    ["a result without a call", { ...plain, tools, messages: [{ role: "user", content: [result] }] }, /unexpected `tool_use_id`/],
    ["two results of one call", { ...plain, tools, messages: [user, used, { role: "user", content: [result, result] }] }, /single result/],
    [
      "words before a result",
      { ...plain, tools, messages: [user, used, { role: "user", content: [{ type: "text", text: "so" }, result] }] },
      /immediately after/,
    ],
    [
      "words after a result are fine",
      { ...plain, tools, messages: [user, used, { role: "user", content: [result, { type: "text", text: "so" }] }] },
      null,
    ],
    ["a call when no tool is defined", { ...plain, messages: [user, used, { role: "user", content: [result] }] }, /must define tools/],
    [
      "thinking that nobody signed",
      { ...plain, messages: [user, { role: "assistant", content: [{ type: "thinking", thinking: "x", signature: "y" }] }, user] },
      /Invalid `signature`/,
    ],
    [
      "bounds in a strict tool",
      {
        ...plain,
        tools: [
          {
            name: "logs",
            strict: true,
            input_schema: { type: "object", additionalProperties: false, properties: { n: { type: "integer", minimum: 1 } } },
          },
        ],
      },
      /'minimum' is not supported/,
    ],
    [
      "more strict tools than are compiled",
      { ...plain, tools: Array.from({ length: 21 }, (_, index) => ({ ...closed, name: `t${index}` })) },
      /Too many strict tools \(21\)/,
    ],
    [
      "more optional parameters in strict tools than are compiled",
      {
        ...plain,
        tools: [
          {
            ...closed,
            input_schema: {
              type: "object",
              properties: Object.fromEntries(Array.from({ length: 25 }, (_, index) => [`p${index}`, { type: "string" }])),
              additionalProperties: false,
            },
          },
        ],
      },
      /too many optional parameters \(25\)/,
    ],
    ["an open strict tool", { ...plain, tools: [{ ...tools[0], strict: true }] }, /additionalProperties/],
    ["a name twice", { ...plain, tools: [...tools, ...tools] }, /unique/],
    [
      "five marks",
      {
        ...plain,
        messages: [
          { role: "user", content: Array.from({ length: 5 }, () => ({ type: "text", text: "x", cache_control: { type: "ephemeral" } })) },
        ],
      },
      /maximum of 4/,
    ],
  ])("%s", async (_name, body, problem) => {
    await using server = await startScriptedModel({ script: () => ({ blocks: [{ text: "ok" }] }) });
    const headers = { authorization: `Bearer ${server.apiKey}`, "anthropic-version": "2026-10-21" };
    const response = await fetch(`${server.url}/v1/messages`, { method: "POST", headers, body: JSON.stringify(body) });
    expect(response.status).toBe(problem === null ? 200 : 400);
    const answer = (await response.json()) as { error?: { type: string; message: string } };
    expect(answer.error?.type).toBe(problem === null ? undefined : "invalid_request_error");
    expect(answer.error?.message ?? "").toMatch(problem ?? /^$/);
    expect(server.requests[0]?.problem ?? "").toMatch(problem ?? /^$/);
  });

  test("another key, another version, another path", async () => {
    await using server = await startScriptedModel({ script: () => ({ blocks: [] }) });
    const ask = async (path: string, headers: Record<string, string>) =>
      (await fetch(server.url + path, { method: "POST", headers, body: JSON.stringify(plain) })).status;
    const good = { authorization: `Bearer ${server.apiKey}`, "anthropic-version": "2026-10-21" };
    expect(await ask("/v1/messages", good)).toBe(200);
    expect(await ask("/v1/messages", { ...good, authorization: "Bearer other" })).toBe(401);
    expect(await ask("/v1/messages", { ...good, "anthropic-version": "2023-06-01" })).toBe(400);
    expect(await ask("/v1/complete", good)).toBe(404);
  });
});

describe("thinking on its way back", () => {
  const thought = { blocks: [{ thinking: "errors first" }, call] };
  type Edit = (request: ModelRequest) => ModelRequest;
  const editAnswer =
    (change: (block: ModelRequest["messages"][number]["content"][number]) => object[]): Edit =>
    (request) => ({
      ...request,
      messages: request.messages.map((message) =>
        message.role === "assistant"
          ? { ...message, content: message.content.flatMap((block) => change(block) as typeof message.content) }
          : message,
      ),
    });

  test.each<[string, Edit, boolean]>([
    ["unchanged", (request) => request, true],
    ["altered", editAnswer((block) => [block.type === "thinking" ? { ...block, thinking: "deploy first" } : block]), false],
    ["left out in the middle of calls", editAnswer((block) => (block.type === "thinking" ? [] : [block])), false],
    ["under another model", (request) => ({ ...request, model: "claude-sonnet-5-5" }), false],
    [
      "after another question",
      (request) => ({
        ...request,
        messages: [{ role: "user", content: [{ type: "text", text: "another" }] }, ...request.messages.slice(1)],
      }),
      false,
    ],
    [
      "left out once a person has spoken again",
      (request) => {
        const edited = editAnswer((block) => (block.type === "thinking" ? [] : [block]))(request);
        return { ...edited, messages: [...edited.messages, { role: "user", content: [{ type: "text", text: "look at the database" }] }] };
      },
      true,
    ],
  ])("%s", async (_name, edit, taken) => {
    await using asked = await asking((_request, turnIndex) => (turnIndex === 0 ? thought : { blocks: [{ text: "done" }] }));
    const next = edit(goOn(question, await asked.model.turn(question, never)));
    const ended = await asked.model.turn(next, never).then(
      ({ text }) => text,
      (error: unknown) => (error instanceof Error ? error.message : ""),
    );
    expect(ended).toMatch(taken ? /^done$/ : /signature|cannot be modified/);
  });
});

describe("the prompt cache", () => {
  const long = "x".repeat(8_000);
  const request = (texts: readonly string[], system = long) => ({
    model: "m",
    cache_control: { type: "ephemeral" as const },
    system: [{ type: "text" as const, text: system, cache_control: { type: "ephemeral" as const, ttl: "1h" as const } }],
    messages: texts.map((text) => ({ role: "user" as const, content: [{ type: "text" as const, text }] })),
  });

  test("reads what the request before wrote, and forgets each part in its time", () => {
    let at = 0;
    const cached = createPromptCache({ now: () => at });
    const first = cached(request(["a"]));
    expect(first.cache_creation.ephemeral_1h_input_tokens).toBeGreaterThan(2000);
    expect(first).toMatchObject({ cache_read_input_tokens: 0, input_tokens: 0 });
    const second = cached(request(["a", "b"]));
    expect(second.cache_read_input_tokens).toBe(first.cache_creation_input_tokens);
    expect(second.cache_creation.ephemeral_1h_input_tokens).toBe(0);
    at += 301_000;
    const late = cached(request(["a", "b", "c"]));
    expect(late.cache_read_input_tokens).toBe(first.cache_creation.ephemeral_1h_input_tokens);
    at += 3_601_000;
    expect(cached(request(["a", "b", "c"])).cache_read_input_tokens).toBe(0);
  });

  test("reads nothing after a change of the beginning, and keeps nothing short", () => {
    const cached = createPromptCache();
    cached(request(["a"]));
    expect(cached(request(["a"], `y${long}`)).cache_read_input_tokens).toBe(0);
    const short = cached(request(["a"], "short"));
    expect(short.cache_creation_input_tokens).toBe(0);
    expect(short.input_tokens).toBeGreaterThan(0);
  });
});

test("a script that fails is an error of the API, with its reason", async () => {
  await using asked = await asking(
    () => {
      throw new Error("no answer for this turn");
    },
    { retries: 0 },
  );
  const error = await failure(asked.model.turn(question, never));
  expect(error).toMatchObject({ kind: "unavailable" });
  expect(error.message).toContain("no answer for this turn");
});

describe("a model played by hand", () => {
  const start = async () => {
    const folder = await mkdtemp(join(tmpdir(), "midwatch-by-hand-"));
    const server = await startModelByHand({ folder, pollMs: 5 });
    onTestFinished(() => server.close());
    const model = createModel({ baseUrl: server.url, apiKey: server.apiKey, model: "claude-opus-5-5", fetch: globalThis.fetch });
    const file = (name: string) => vi.waitFor(() => readFile(join(folder, name), "utf8"), { timeout: 120_000, interval: 5 });
    const answer = (name: string, text: string) => writeFile(join(folder, name), text);
    return { folder, model, file, answer };
  };

  test("sees the request as text, answers in a file, and goes on", async () => {
    const { folder, model, file, answer } = await start();
    const first = model.turn(question, never);
    const seen = await file("001-request.md");
    expect(seen).toContain("You find out why checkout fails.");
    expect(seen).toContain("## datadog_logs\n\nLog lines of one service in a window.");
    expect(seen).toContain("as named in the page");
    expect(seen).toContain("Errors of checkout rose from 0.3 %");
    expect(seen).not.toMatch(/cache_control|scripted-model-key|max_tokens/);
    await answer(
      "001-answer.txt",
      '# thinking\nlogs first\n# call datadog_logs\n{"service": "checkout", "from": "2026-06-01T03:12:00Z", "limit": 5}\n',
    );
    const turn = await first;
    expect(turn).toMatchObject({ thinking: "logs first", stopReason: "tool_use" });

    const second = model.turn(goOn(question, turn, "1,140 lines: token cache miss"), never);
    expect(await file("002-new.md")).toContain("1,140 lines: token cache miss");
    expect(await file("002-new.md")).not.toContain("Errors of checkout rose");
    await answer("002-answer.yaml", "text: It is the deploy.\n");
    expect(await second).toMatchObject({ text: "It is the deploy.", stopReason: "end_turn" });
    expect((await readdir(folder)).toSorted()).toEqual([
      "001-answer.txt",
      "001-request.md",
      "002-answer.yaml",
      "002-new.md",
      "002-request.md",
    ]);
  });

  test("is told of a mistake and may correct it", async () => {
    const { model, file, answer } = await start();
    const turn = model.turn(question, never);
    await file("001-request.md");
    await answer("001-answer.json", JSON.stringify({ calls: [{ tool: "datadog_logs", input: { service: 7 } }] }));
    expect(await file("001-problem.txt")).toMatch(/datadog_logs, service: .*expected string/);
    await answer("001-answer.json", JSON.stringify({ text: "never mind", stop_reason: "max_tokens" }));
    expect(await turn).toMatchObject({ text: "never mind", stopReason: "max_tokens" });
  });

  test.each([
    ["{", "json", /neither JSON nor YAML/],
    ["txet: typo", "yaml", /txet/],
    ["calls: [{tool: rm_rf}]", "yaml", /no tool "rm_rf"; there are logs/],
    ["stray\n# text\nhello", "txt", /before the first heading/],
    ["", "txt", /empty/],
  ])("a mistake is named: %s", (text, extension, problem) => {
    const request = {
      model: "m",
      messages: [],
      tools: [{ name: "logs", input_schema: { type: "object" as const, properties: {} } }],
    };
    expect(() => parseWrittenAnswer(text, extension, request)).toThrow(problem);
  });
});
