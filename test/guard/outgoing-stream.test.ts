import { once } from "node:events";
import { expect, test } from "vitest";
import { IntegrationError, StalledError } from "../../src/guard/errors.ts";
import { type OutgoingCall, type OutgoingOptions, outgoingFetch } from "../../src/guard/outgoing.ts";
import { openGate } from "../../src/guard/policy.ts";
import { anthropicPolicy } from "../../src/integrations/anthropic/policy.ts";
import { openToAll } from "./gates.ts";
import { listen } from "../support/loopback.ts";

function streaming(options: Partial<OutgoingOptions> = {}, stallMs = 5_000) {
  const calls: OutgoingCall[] = [];
  const fetch = outgoingFetch({
    vendor: "anthropic",
    fetch: globalThis.fetch,
    gate: openToAll,
    sleep: async () => undefined,
    onCall: (call) => calls.push(call),
    streams: { is: ({ headers }) => headers.get("content-type") === "text/event-stream", stallMs },
    ...options,
  });
  return { fetch, calls };
}

const events = { "content-type": "text/event-stream" };

test("a call that is not in the policy is refused before it leaves, and told to the audit", async () => {
  await using server = await listen((_request, response) => void response.end("x"));
  const { fetch, calls } = streaming({ gate: openGate(anthropicPolicy, server.url) });
  expect((await fetch(`${server.url}/v1/messages`, { method: "POST" })).status).toBe(200);
  for (const [method, path] of [
    ["GET", "/v1/messages"],
    ["POST", "/v1/files?secret=1"],
  ] as const) {
    const refused = fetch(server.url + path, { method });
    await expect(refused).rejects.toThrow(/nothing was sent/);
    await expect(refused).rejects.not.toThrow(/secret/);
  }
  expect(server.seen).toHaveLength(1);
  expect(calls).toMatchObject([
    { outcome: "answered", url: `${server.url}/v1/messages`, effect: "read", purpose: "one turn of the model", bytesIn: 1 },
    { outcome: "refused", method: "GET", url: `${server.url}/v1/messages`, effect: null, status: null, bytesOut: 0, attempt: 0 },
    { outcome: "refused", method: "POST", url: `${server.url}/v1/files`, effect: null, status: null, bytesOut: 0, attempt: 0 },
  ]);
});

test("a stream is handed on while it comes, and audited when it has ended", async () => {
  const release = Promise.withResolvers<void>();
  await using server = await listen(async (_request, response) => {
    response.writeHead(200, events).write("one");
    await release.promise;
    response.end("two");
  });
  const { fetch, calls } = streaming();
  const response = await fetch(server.url);
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  expect((await reader?.read())?.value).toBe("one");
  expect(calls).toEqual([]);
  release.resolve();
  expect((await reader?.read())?.value).toBe("two");
  expect((await reader?.read())?.done).toBe(true);
  expect(calls).toMatchObject([{ status: 200, attempt: 1 }]);
});

test("before its first byte a stream may be asked for again, after it not", async () => {
  await using server = await listen((_request, response) => {
    response.writeHead(200, events);
    if (server.seen.length === 1) response.flushHeaders();
    else response.write("begun", () => response.socket?.end());
  });
  const { fetch, calls } = streaming({ timeoutMs: 500 });
  const response = await fetch(server.url);
  await expect(response.text()).rejects.toThrow(/terminated|closed|aborted/);
  expect(server.seen).toHaveLength(2);
  expect(calls.map(({ status }) => status)).toEqual([null, null]);
});

test("a stream that stalls ends as such, and its connection is closed", async () => {
  const closed = Promise.withResolvers<void>();
  await using server = await listen((_request, response) => {
    response.writeHead(200, events).write("begun");
    void once(response, "close").then(() => closed.resolve());
  });
  const response = await streaming({}, 30).fetch(server.url);
  await expect(response.text()).rejects.toBeInstanceOf(StalledError);
  await closed.promise;
});

test("a stream may not be endless", async () => {
  await using server = await listen((_request, response) => void response.writeHead(200, events).end("x".repeat(100_000)));
  const response = await streaming({ largestAnswerBytes: 80_000 })
    .fetch(server.url)
    .catch((error: unknown) => error);
  // Where all of it comes in one piece, the first is too large already.
  const failed = response instanceof Response ? await response.text().catch((error: unknown) => error) : response;
  expect(failed).toBeInstanceOf(IntegrationError);
  expect(String(failed)).toContain("more than 80000 bytes");
});

test("whoever stops reading closes the connection", async () => {
  const closed = Promise.withResolvers<void>();
  await using server = await listen((_request, response) => {
    response.writeHead(200, events).write("begun");
    void once(response, "close").then(() => closed.resolve());
  });
  const { fetch, calls } = streaming();
  const response = await fetch(server.url);
  await response.body?.cancel();
  await closed.promise;
  expect(calls).toMatchObject([{ status: null }]);
});
