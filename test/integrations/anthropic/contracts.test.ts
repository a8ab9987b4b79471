import { Ajv, type ValidateFunction } from "ajv";
import { describe, expect, test } from "vitest";
import { haveContracts, readContract } from "../../support/contracts.ts";
import { asking, failure, goOn, never, question, stream } from "./setup.ts";

const there = haveContracts("anthropic");

interface Sample {
  readonly status: number;
  readonly headers?: Record<string, string>;
  readonly body?: never;
  readonly sse?: string;
}
const streams = there ? readContract<{ streams: Record<string, string> }>("anthropic/sse-fixtures.json").streams : {};
const samples = there ? readContract<{ samples: readonly Sample[] }>("anthropic/errors-and-headers.json").samples : [];

/** A type of the contract's JSON Schema. */
function typeOf(name: string): ValidateFunction {
  const schema = readContract<{ definitions: object }>("anthropic/messages.schema.json.gz");
  const ajv = new Ajv({ strict: false, allErrors: true, logger: false });
  return ajv.compile({ $ref: `#/definitions/${name}`, definitions: schema.definitions });
}

const problems = (validate: ValidateFunction, value: unknown) => (validate(value) ? [] : validate.errors);

describe.runIf(there)("recorded streams of the vendor", () => {
  test.each(Object.entries(streams))("%s ends in a whole turn", async (_name, body) => {
    await using asked = await asking([stream(body)]);
    const turn = await asked.model.turn(question, never);
    // What the stream itself says, read without the SDK.
    const events = body.split(/\n\n+/).flatMap((part) => /^data: (.*)$/m.exec(part)?.[1] ?? []);
    const said = events.map(
      (text) =>
        JSON.parse(text) as {
          type: string;
          delta?: Record<string, string>;
          content_block?: { type: string };
          usage?: { output_tokens: number };
        },
    );
    const end = said.findLast(({ type }) => type === "message_delta");
    expect(turn.stopReason).toBe(end?.delta?.["stop_reason"]);
    expect(turn.stopDetails).toEqual(end?.delta?.["stop_details"] ?? null);
    expect(turn.content.map(({ type }) => type)).toEqual(said.flatMap(({ content_block: block }) => block?.type ?? []));
    expect(turn.text).toBe(said.flatMap(({ delta }) => delta?.["text"] ?? []).join(""));
    expect(turn.thinking).toBe(said.flatMap(({ delta }) => delta?.["thinking"] ?? []).join(""));
    expect(turn.usage.outputTokens).toBe(end?.usage?.output_tokens);
    expect(JSON.parse(JSON.stringify(turn))).toEqual(turn);
    expect(turn.toolUses.map(({ whole }) => whole)).toEqual(turn.toolUses.map(() => turn.stopReason === "tool_use"));
  });
});

/** The kind that each type of error means here; a spent budget is told by its code. */
const kinds: Readonly<Record<number, string>> = {
  400: "bad-request",
  401: "auth",
  413: "too-large",
  429: "rate-limited",
  500: "unavailable",
  504: "unavailable",
  529: "overloaded",
};

describe.runIf(there)("errors of the vendor", () => {
  test.each(samples.map((sample, index) => [`${index}: ${sample.status}`, sample] as const))("%s is of its kind", async (_name, sample) => {
    await using asked = await asking([
      sample.sse === undefined ? { status: sample.status, body: sample.body ?? null, headers: sample.headers ?? {} } : stream(sample.sse),
    ]);
    const error = await failure(asked.model.turn(question, never));
    const spent = JSON.stringify(sample.body ?? "").includes("spend_limit");
    expect(error.kind).toBe(spent ? "payment" : sample.sse === undefined ? kinds[sample.status] : "overloaded");
    const named = sample.headers?.["retry-after"];
    expect(error.retryAfterMs).toBe(named === undefined ? null : Number(named) * 1000);
    expect(error.requestId).toMatch(sample.headers?.["request-id"] ?? /^req_/);
  });
});

describe.runIf(there)("the contract's types", () => {
  const conversation = async () => {
    const call = { tool: "datadog_logs", input: { service: "checkout", from: "2026-06-01T03:12:00Z" } };
    const asked = await asking([
      { blocks: [{ thinking: "hm" }, { redacted: "x" }, { text: "I look" }, call] },
      { blocks: [{ text: "done" }] },
    ]);
    const first = await asked.model.turn(question, never);
    await asked.model.turn(goOn(question, first), never);
    await asked.model.countTokens(question, never);
    await asked.server.close();
    return asked.server.requests.map(({ text }) => JSON.parse(text) as object);
  };

  test("hold for every request as it is sent", async () => {
    const [first, second, count] = await conversation();
    const message = typeOf("X_MessageCreateParamsStreaming");
    expect(problems(message, first)).toEqual([]);
    expect(problems(message, second)).toEqual([]);
    expect(problems(typeOf("X_MessageCountTokensParams"), count)).toEqual([]);
    // And would not for another.
    expect(problems(message, { ...first, temperature: 1 })).not.toEqual([]);
  });

  test("hold for what the scripted model answers, streamed and plain", async () => {
    const call = { tool: "datadog_logs", input: { service: "checkout", from: "2026-06-01T03:12:00Z" } };
    const refusal = { stopReason: "refusal", stopDetails: { type: "refusal", category: null, explanation: null } };
    await using asked = await asking([{ blocks: [{ thinking: "hm" }, { redacted: "x" }, { text: "I look" }, call], ...refusal }]);
    await asked.model.turn(question, never);
    const sent = asked.server.requests[0]?.text ?? "";
    const ask = async (body: string) => {
      const headers = { authorization: `Bearer ${asked.server.apiKey}`, "anthropic-version": "2026-10-21" };
      return (await fetch(`${asked.server.url}/v1/messages`, { method: "POST", headers, body })).text();
    };
    const event = typeOf("X_RawMessageStreamEvent");
    const events = (await ask(sent)).split("\n\n").flatMap((part) => /^data: (.*)$/m.exec(part)?.[1] ?? []);
    expect(events.length).toBeGreaterThan(10);
    const said = events.map((text) => JSON.parse(text) as { type: string }).filter(({ type }) => type !== "ping");
    expect(said.map((one) => problems(event, one))).toEqual(said.map(() => []));
    const plain: unknown = JSON.parse(await ask(JSON.stringify({ ...(JSON.parse(sent) as object), stream: false })));
    expect(problems(typeOf("X_Message"), plain)).toEqual([]);
  });
});
