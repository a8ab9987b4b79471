import { describe, expect, test } from "vitest";
import { z } from "zod";
import { toToolSchema } from "../../../src/integrations/anthropic/client.ts";
import { apiError } from "../../../src/replay/anthropic/script.ts";
import { asking, failure, goOn, logsTool, never, printed, question, stream } from "./setup.ts";

const callLogs = { tool: "datadog_logs", input: { service: "checkout", from: "2026-06-01T03:12:00Z", limit: 20 } } as const;

describe("a turn", () => {
  test("brings thinking, text, calls, usage and the request's id", async () => {
    await using asked = await asking([{ blocks: [{ thinking: "Errors first. — Überall? 🔎" }, { text: "I read the logs." }, callLogs] }]);
    const turn = await asked.model.turn(question, never);
    expect(turn).toMatchObject({
      text: "I read the logs.",
      thinking: "Errors first. — Überall? 🔎",
      stopReason: "tool_use",
      stopDetails: null,
      model: "claude-opus-5-5",
      requestId: "req_scripted1",
    });
    expect(turn.toolUses).toEqual([{ id: expect.any(String), name: "datadog_logs", input: callLogs.input, whole: true }]);
    expect(turn.content.map(({ type }) => type)).toEqual(["thinking", "text", "tool_use"]);
    expect(turn.usage.thinkingTokens).toBeGreaterThan(0);
    expect(turn.usage.cacheWrite1hTokens).toBeGreaterThan(0);
    expect(turn.usage.cacheWrite5mTokens).toBeGreaterThan(0);
  });

  test("is plain JSON that can be stored and sent back, redacted thinking too", async () => {
    await using asked = await asking([
      { blocks: [{ redacted: "nobody reads this" }, { thinking: "hm" }, callLogs] },
      { blocks: [{ text: "It is the deploy." }] },
    ]);
    const first = await asked.model.turn(question, never);
    const stored = JSON.parse(JSON.stringify(first)) as typeof first;
    expect(stored).toEqual(first);
    const second = await asked.model.turn(goOn(question, stored), never);
    expect(second).toMatchObject({ text: "It is the deploy.", stopReason: "end_turn", toolUses: [] });
  });

  test("begins with the bytes of the turn before, and reads them from the cache", async () => {
    await using asked = await asking([{ blocks: [{ thinking: "hm" }, callLogs] }, { blocks: [callLogs] }, { blocks: [{ text: "done" }] }]);
    const first = await asked.model.turn(question, never);
    const next = goOn(question, first);
    const second = await asked.model.turn(next, never);
    await asked.model.turn(goOn(next, second), never);
    const sent = asked.server.requests.map(({ text }) => text);
    const common = (text: string) => text.replace(/\]\}$/, "");
    expect(sent).toHaveLength(3);
    expect(sent[1]?.startsWith(common(sent[0] ?? "?"))).toBe(true);
    expect(sent[2]?.startsWith(common(sent[1] ?? "?"))).toBe(true);
    const { usage } = first;
    expect(second.usage.cacheReadTokens).toBe(usage.cacheWrite1hTokens + usage.cacheWrite5mTokens);
    expect(second.usage.cacheWrite1hTokens).toBe(0);
  });

  test("sends back no half of a character and no text without a word, which the API would refuse", async () => {
    await using asked = await asking([{ blocks: [{ text: "\n\n" }, callLogs] }, { blocks: [{ text: "done" }] }]);
    const first = await asked.model.turn(question, never);
    const cut = "a line that was cut within 🔎".slice(0, -1);
    expect((await asked.model.turn({ ...goOn(question, first, cut), system: cut }, never)).text).toBe("done");
    const [, sent = ""] = asked.server.requests.map(({ text }) => text);
    expect(sent).not.toMatch(/\\ud[89a-f]/i);
    expect(sent).toContain("a line that was cut within \uFFFD");
    expect(sent).not.toContain('"text":"\\n\\n"');
    expect(sent).toContain('"type":"tool_use"');
  });

  test("with forty calls at once keeps them all, in order", async () => {
    const blocks = Array.from({ length: 40 }, (_, index) => ({ ...callLogs, input: { ...callLogs.input, limit: index + 1 } }));
    await using asked = await asking([{ blocks }, { blocks: [{ text: "all read" }] }]);
    const turn = await asked.model.turn(question, never);
    expect(turn.toolUses.map(({ input }) => input)).toEqual(blocks.map(({ input }) => input));
    expect(new Set(turn.toolUses.map(({ id }) => id)).size).toBe(40);
    expect((await asked.model.turn(goOn(question, turn), never)).text).toBe("all read");
  });

  test.each(["max_tokens", "pause_turn", "model_context_window_exceeded", "a_reason_of_tomorrow"])(
    "that ends with %s is data",
    async (stopReason) => {
      await using asked = await asking([{ blocks: [{ text: "half a" }], stopReason }]);
      expect(await asked.model.turn(question, never)).toMatchObject({ stopReason, text: "half a" });
    },
  );

  test("that is refused tells why", async () => {
    const stopDetails = { type: "refusal", category: "cyber", explanation: "not this" };
    await using asked = await asking([{ blocks: [], stopReason: "refusal", stopDetails }]);
    expect(await asked.model.turn(question, never)).toMatchObject({ stopReason: "refusal", stopDetails, content: [] });
  });

  test("cut by max_tokens in the middle of a call says that the call is not whole", async () => {
    const events = [
      {
        type: "message_start",
        message: {
          id: "m",
          type: "message",
          role: "assistant",
          model: "x",
          content: [],
          stop_reason: null,
          usage: { input_tokens: 1, output_tokens: 1 },
        },
      },
      { type: "content_block_start", index: 0, content_block: { type: "tool_use", id: "a", name: "datadog_logs", input: {} } },
      { type: "content_block_delta", index: 0, delta: { type: "input_json_delta", partial_json: '{"service":"che' } },
      { type: "content_block_stop", index: 0 },
      { type: "message_delta", delta: { stop_reason: "max_tokens" }, usage: { output_tokens: 5 } },
      { type: "message_stop" },
    ];
    await using asked = await asking([stream(events.map((one) => `event: ${one.type}\ndata: ${JSON.stringify(one)}\n\n`).join(""))]);
    const turn = await asked.model.turn(question, never);
    expect(turn.toolUses).toMatchObject([{ id: "a", whole: false }]);
    expect(turn.usage).toEqual({
      inputTokens: 1,
      cacheReadTokens: 0,
      cacheWrite5mTokens: 0,
      cacheWrite1hTokens: 0,
      outputTokens: 5,
      thinkingTokens: 0,
    });
  });

  test("never forces a tool nor switches thinking off", async () => {
    await using asked = await asking([{ blocks: [{ text: "ok" }] }], { effort: "high" });
    await asked.model.turn({ ...question, model: "claude-haiku-5-5", maxTokens: 500 }, never);
    expect(asked.server.requests[0]?.body).toMatchObject({
      model: "claude-haiku-5-5",
      max_tokens: 500,
      stream: true,
      thinking: { type: "adaptive", display: "summarized" },
      output_config: { effort: "high" },
      tool_choice: { type: "auto" },
      cache_control: { type: "ephemeral" },
      system: [{ cache_control: { type: "ephemeral", ttl: "1h" } }],
      tools: [{ name: "datadog_logs", strict: true }],
    });
    expect(asked.server.requests[0]?.headers.authorization).toBe(`Bearer ${asked.server.apiKey}`);
  });
});

describe("an error", () => {
  test.each([
    [400, "invalid_request_error", "max_tokens: Field required", "bad-request", false],
    [400, "invalid_request_error", "prompt is too long: 1048600 tokens > 1000000 maximum", "context-exceeded", false],
    [401, "authentication_error", "invalid x-api-key", "auth", false],
    [402, "billing_error", "no money", "payment", false],
    [403, "permission_error", "not this model", "permission", false],
    [404, "not_found_error", "model: claude-none", "bad-request", false],
    [413, "request_too_large", "too large", "too-large", false],
    [500, "api_error", "oops", "unavailable", true],
    [503, "api_error", "down", "unavailable", true],
    [529, "overloaded_error", "Overloaded", "overloaded", true],
  ])("%i %s (%s) is of kind %s", async (status, type, message, kind, retryable) => {
    await using asked = await asking([{ status, body: apiError(type, message), headers: { "request-id": "req_7" } }]);
    const error = await failure(asked.model.turn(question, never));
    expect(error).toMatchObject({ kind, status, retryable, requestId: "req_7" });
    expect(error.message).toContain(message);
  });

  test("529 again and again is tried three times and ends", async () => {
    await using asked = await asking([{ status: 529, body: apiError("overloaded_error", "Overloaded") }]);
    expect(await failure(asked.model.turn(question, never))).toMatchObject({ kind: "overloaded", retryable: true });
    expect(asked.server.requests).toHaveLength(3);
    expect(asked.waits).toHaveLength(2);
  });

  test("that passes within the tries is not seen", async () => {
    const busy = { status: 429, body: apiError("rate_limit_error", "slow down"), headers: { "retry-after": "2" } };
    await using asked = await asking([busy, { status: 500, body: "oops" }, { blocks: [{ text: "here" }] }]);
    expect((await asked.model.turn(question, never)).text).toBe("here");
    expect(asked.waits).toEqual([2000, 0]);
    expect(asked.calls.map(({ status, attempt }) => [status, attempt])).toEqual([
      [429, 1],
      [500, 2],
      [200, 3],
    ]);
  });

  test("a 429 that asks for a day is told at once, without waiting", async () => {
    await using asked = await asking([
      { status: 429, body: apiError("rate_limit_error", "daily limit"), headers: { "retry-after": "86400" } },
    ]);
    const error = await failure(asked.model.turn(question, never));
    expect(error).toMatchObject({ kind: "rate-limited", retryAfterMs: 86_400_000, retryable: true, status: 429 });
    expect(asked.waits).toEqual([]);
    expect(asked.server.requests).toHaveLength(1);
  });

  test("a 429 that goes on keeps the wait it names", async () => {
    await using asked = await asking([{ status: 429, body: apiError("rate_limit_error", "x"), headers: { "retry-after": "5" } }]);
    expect(await failure(asked.model.turn(question, never))).toMatchObject({ kind: "rate-limited", retryAfterMs: 5000 });
    expect(asked.waits).toEqual([5000, 5000]);
  });

  test("a spent budget is a matter of money, not of time", async () => {
    await using asked = await asking([
      { status: 429, body: apiError("rate_limit_error", "spend limit", { error_code: "enforced_spend_limit_reached" }) },
    ]);
    expect(await failure(asked.model.turn(question, never))).toMatchObject({ kind: "payment", retryable: false, retryAfterMs: null });
    expect(asked.server.requests).toHaveLength(1);
  });

  test("inside of a stream is the error it says", async () => {
    await using asked = await asking([
      { blocks: [{ text: "I" }], fault: { kind: "error", type: "overloaded_error", message: "Overloaded" } },
    ]);
    expect(await failure(asked.model.turn(question, never))).toMatchObject({ kind: "overloaded", status: null, retryable: true });
    expect(asked.server.requests).toHaveLength(1);
  });

  test("an answer that breaks off is cut, and is not asked for twice", async () => {
    await using asked = await asking([{ blocks: [{ text: "word ".repeat(200) }], fault: { kind: "cut", afterBytes: 2000 } }]);
    expect(await failure(asked.model.turn(question, never))).toMatchObject({ kind: "cut-stream", retryable: true });
    expect(asked.calls.map(({ status }) => status)).toEqual([null]);
  });

  test("an answer that ends cleanly before its end is cut too", async () => {
    const start = { type: "message_start", message: { id: "m", type: "message", role: "assistant", model: "x", content: [], usage: {} } };
    await using asked = await asking([stream(`event: message_start\ndata: ${JSON.stringify(start)}\n\n`)]);
    expect(await failure(asked.model.turn(question, never))).toMatchObject({ kind: "cut-stream", requestId: "req_recorded" });
  });

  test("only the mark of an answer's end may be missing: all of it is there", async () => {
    await using whole = await asking([{ blocks: [{ text: "It is the deploy." }] }]);
    await whole.model.turn(question, never);
    const sent = await fetch(`${whole.server.url}/v1/messages`, {
      method: "POST",
      headers: { authorization: `Bearer ${whole.server.apiKey}`, "anthropic-version": "2026-10-21" },
      body: whole.server.requests[0]?.text ?? "",
    });
    const events = await sent.text();
    const cut = stream(events.slice(0, events.indexOf("event: message_stop")));
    await using asked = await asking([cut]);
    expect(await asked.model.turn(question, never)).toMatchObject({ text: "It is the deploy.", stopReason: "end_turn" });
  });

  test.each([
    ["nothing", stream("")],
    ["a proxy's page", { status: 200, body: "<html>welcome</html>", headers: { "content-type": "text/html" } }],
    ["garbage", stream("event: message_start\ndata: {nonsense\n\n")],
    ["a message without content", stream('event: message_start\ndata: {"type":"message_start"}\n\n')],
    ["JSON of somebody else", { status: 200, body: { ok: true } }],
  ])("%s is no answer", async (_what, answer) => {
    await using asked = await asking([answer]);
    expect(await failure(asked.model.turn(question, never))).toMatchObject({ kind: "unexpected-answer", retryable: false });
  });

  test("no server at all is a connection", async () => {
    const asked = await asking([{ blocks: [] }]);
    await asked.server.close();
    const error = await failure(asked.model.turn(question, never));
    expect(error).toMatchObject({ kind: "connection", retryable: true });
    expect(error.message).toContain("ECONNREFUSED");
  });
});

describe("time", () => {
  test("a first byte that does not come is a timeout, after the tries", async () => {
    await using asked = await asking([{ blocks: [], delayMs: Number.POSITIVE_INFINITY }], { firstByteMs: 40, retries: 1 });
    expect(await failure(asked.model.turn(question, never))).toMatchObject({ kind: "timeout", timeout: "first-byte", retryable: true });
    expect(asked.calls.map(({ status, attempt }) => [status, attempt])).toEqual([
      [null, 1],
      [null, 2],
    ]);
  });

  test("an answer that stalls is a timeout, and is not asked for twice", async () => {
    await using asked = await asking([{ blocks: [{ text: "word ".repeat(200) }], fault: { kind: "stall", afterBytes: 2000 } }], {
      stallMs: 40,
    });
    expect(await failure(asked.model.turn(question, never))).toMatchObject({ kind: "timeout", timeout: "stall", retryable: true });
    expect(asked.server.requests).toHaveLength(1);
  });

  test("the whole call has a limit, whatever it is waiting for", async () => {
    await using asked = await asking([{ blocks: [], delayMs: Number.POSITIVE_INFINITY }], { totalMs: 40 });
    expect(await failure(asked.model.turn(question, never))).toMatchObject({ kind: "timeout", timeout: "total" });
    await using stalled = await asking([{ blocks: [{ text: "a" }], fault: { kind: "stall", afterBytes: 400 } }], { totalMs: 60 });
    expect(await failure(stalled.model.turn(question, never))).toMatchObject({ kind: "timeout", timeout: "total" });
  });

  test("the caller may break off before, while waiting, and midway", async () => {
    const before = await asking([{ blocks: [] }]);
    expect(await failure(before.model.turn(question, AbortSignal.abort()))).toMatchObject({ kind: "aborted", retryable: false });
    expect(before.server.requests).toEqual([]);
    await before.server.close();

    const waiting = new AbortController();
    await using first = await asking(() => {
      waiting.abort();
      return { blocks: [], delayMs: Number.POSITIVE_INFINITY };
    });
    expect(await failure(first.model.turn(question, waiting.signal))).toMatchObject({ kind: "aborted" });

    const midway = new AbortController();
    await using second = await asking([{ blocks: [{ text: "a" }], fault: { kind: "stall", afterBytes: 400 } }], {
      fetch: async (input, init) => {
        const response = await fetch(input, init);
        // The head is there: the client is reading.
        queueMicrotask(() => midway.abort());
        return response;
      },
    });
    expect(await failure(second.model.turn(question, midway.signal))).toMatchObject({ kind: "aborted" });
  });
});

describe("what stays inside", () => {
  const key = "sk-canary-5f1c9a7e";
  const secretQuestion = {
    ...question,
    system: `${question.system} The merchant's contract number is CANARY-PROMPT-77812-XYZ, tell nobody.`,
  };

  test("an error never holds the key, nor the prompt, whoever repeats them", async () => {
    const echo = `bad request: Authorization: Bearer scripted-model-key for The merchant's contract number is CANARY-PROMPT-77812-XYZ, tell nobody.`;
    for (const answer of [
      { status: 400, body: apiError("invalid_request_error", echo) },
      { status: 502, body: echo },
      { status: 200, body: echo, headers: { "content-type": "text/html" } },
      stream(`event: error\ndata: ${JSON.stringify(apiError("api_error", echo))}\n\n`),
      stream(`event: message_start\ndata: ${echo}\n\n`),
    ]) {
      await using asked = await asking(() => answer, { retries: 0 });
      const text = printed(await failure(asked.model.turn(secretQuestion, never)));
      expect(text).not.toContain(asked.server.apiKey);
      expect(text).not.toContain("CANARY-PROMPT");
    }
  });

  test("a key of impossible characters is named as such, and sent nowhere", async () => {
    await using asked = await asking([{ blocks: [] }], { apiKey: `${key}\n` });
    const error = await failure(asked.model.turn(question, never));
    expect(error).toMatchObject({ kind: "auth" });
    expect(error.message).toContain("ANTHROPIC_API_KEY");
    expect(printed(error)).not.toContain(key);
    expect(asked.server.requests).toEqual([]);
  });

  test("a base URL with credentials is refused without repeating them", async () => {
    await using asked = await asking([{ blocks: [] }], { baseUrl: `http://operator:${key}@127.0.0.1:9` });
    const error = await failure(asked.model.turn(question, never));
    expect(error).toMatchObject({ kind: "connection", retryable: false });
    expect(printed(error)).not.toContain(key);
  });

  test("a key that someone puts into an answer does not come back", async () => {
    await using asked = await asking([{ blocks: [{ text: "the key is scripted-model-key" }] }]);
    expect((await asked.model.turn(question, never)).text).toBe("the key is <credential>");
  });

  test("the audit tells of each call without a word of its body", async () => {
    await using asked = await asking([{ blocks: [{ text: "CANARY-ANSWER" }] }]);
    await asked.model.turn(secretQuestion, never);
    const [request] = asked.server.requests;
    expect(asked.calls).toEqual([
      {
        vendor: "anthropic",
        method: "POST",
        url: `${asked.server.url}/v1/messages`,
        outcome: "answered",
        effect: "read",
        purpose: "one turn of the model",
        status: 200,
        bytesOut: JSON.stringify(request?.body).length,
        bytesIn: expect.any(Number),
        tookMs: expect.any(Number),
        attempt: 1,
        seen: { lane: "POST /v1/messages" },
      },
    ]);
  });
});

describe("counting tokens", () => {
  test("asks for what the turn would be", async () => {
    await using asked = await asking([{ blocks: [] }]);
    expect(await asked.model.countTokens(question, never)).toBeGreaterThan(50);
    expect(asked.server.requests.map(({ path }) => path)).toEqual(["/v1/messages/count_tokens"]);
  });

  test("fails in the same words as a turn", async () => {
    await using asked = await asking([{ blocks: [] }], { apiKey: "another-key" });
    expect(await failure(asked.model.countTokens(question, never))).toMatchObject({ kind: "auth", status: 401 });
  });
});

describe("a tool's schema", () => {
  test("leaves bounds to descriptions and the tool itself, and is closed", () => {
    expect(logsTool).toEqual({
      name: "datadog_logs",
      description: "Log lines of one service in a window.",
      strict: true,
      input_schema: {
        type: "object",
        properties: {
          service: { type: "string", description: "as named in the page" },
          from: { type: "string", description: "start of the window", format: "date-time" },
          limit: { type: "integer", description: "most lines" },
        },
        required: ["service", "from"],
        additionalProperties: false,
      },
    });
  });

  test("of what JSON cannot say is refused when it is made", () => {
    const input = z.object({ at: z.date() });
    expect(() => toToolSchema({ name: "x", description: "x", input })).toThrow(/Date/);
  });
});
