import { createHash } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { expect, test } from "vitest";
import { ForbiddenError } from "../../src/guard/errors.ts";
import type { OutgoingCall } from "../../src/guard/outgoing.ts";
import type { SlackInbound } from "../../src/slack/receiver.ts";
import { startSocketMode } from "../../src/slack/socket.ts";

/** The text of a client's frame (masked, below 64 KiB), or null for other frames. */
function textOf(frame: Buffer): string | null {
  const [kind = 0, second = 0] = frame;
  if (kind !== 0x81) return null;
  const short = second & 0x7f;
  const start = short === 126 ? 4 : 2;
  const length = short === 126 ? frame.readUInt16BE(2) : short;
  const mask = frame.subarray(start, start + 4);
  const masked = frame.subarray(start + 4, start + 4 + length);
  return Buffer.from(masked.map((byte, index) => byte ^ (mask[index % 4] ?? 0))).toString("utf8");
}

function frameOf(text: string): Buffer {
  const body = Buffer.from(text);
  const head = body.length < 126 ? Buffer.from([0x81, body.length]) : Buffer.from([0x81, 126, body.length >> 8, body.length & 0xff]);
  return Buffer.concat([head, body]);
}

/** As much of Slack as Socket Mode needs: the question for an address, and a WebSocket there. */
async function slackSockets(answer: (turn: number) => object | null) {
  const received: string[] = [];
  const sockets: Duplex[] = [];
  const waiting: (() => void)[] = [];
  const asked: string[] = [];
  const server = createServer((request: IncomingMessage, response) => {
    asked.push(`${request.url} ${request.headers.authorization}`);
    const { port } = server.address() as { port: number };
    const told = answer(asked.length);
    response.writeHead(told === null ? 503 : 200, { "content-type": "application/json" });
    response.end(JSON.stringify(told === null ? {} : { ok: true, url: `ws://127.0.0.1:${port}/link`, ...told }));
  });
  server.on("upgrade", (request: IncomingMessage, socket: Duplex) => {
    const accept = createHash("sha1")
      .update(`${request.headers["sec-websocket-key"]}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`)
      .digest("base64");
    socket.write(
      `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`,
    );
    socket.on("data", (frame: Buffer) => {
      const text = textOf(frame);
      if (text !== null) received.push(text);
      for (const wake of waiting.splice(0)) wake();
    });
    socket.on("error", () => undefined);
    sockets.push(socket);
    socket.write(frameOf(JSON.stringify({ type: "hello" })));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as { port: number };
  return {
    url: `http://127.0.0.1:${port}/api`,
    asked,
    sockets,
    send: (envelope: object) => void sockets.at(-1)?.write(frameOf(JSON.stringify(envelope))),
    /** The next acknowledgement, parsed. */
    async next(): Promise<unknown> {
      while (received.length === 0) await new Promise<void>((resolve) => waiting.push(resolve));
      return JSON.parse(received.shift() ?? "");
    },
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

const connectionTo = (baseUrl: string) => ({
  baseUrl,
  token: "xoxb-test",
  appToken: "xapp-test",
  fetch: (input: string | URL | Request, init?: RequestInit) => fetch(input, init),
});

test("events and commands come over a connection that midwatch opens, and are acknowledged there", async () => {
  await using slack = await slackSockets(() => ({}));
  const heard: SlackInbound[] = [];
  const taken = Promise.withResolvers<void>();
  const calls: OutgoingCall[] = [];
  const socket = await startSocketMode(
    { ...connectionTo(slack.url), onCall: (call) => void calls.push(call) },
    {
      onInbound: (inbound) => {
        heard.push(inbound);
        if (inbound.type === "message") taken.resolve();
        return Promise.resolve(inbound.type === "command" ? "nothing is open" : undefined);
      },
      onError: (error) => taken.reject(error),
      onBroken: (error) => taken.reject(error),
    },
  );
  expect(slack.asked).toEqual(["/api/apps.connections.open Bearer xapp-test"]);
  expect(calls).toMatchObject([
    { method: "POST", outcome: "answered", effect: "auth" },
    { method: "CONNECT", url: new URL(slack.url).host, outcome: "answered", effect: "read", attempt: 1 },
  ]);
  const event = { type: "message", channel: "C01", user: "U01", ts: "1760000000.000100", text: "look at the cache" };
  slack.send({
    type: "events_api",
    envelope_id: "e1",
    payload: { type: "event_callback", event_id: "Ev01", team_id: "T01", event },
    accepts_response_payload: false,
  });
  expect(await slack.next()).toMatchObject({ envelope_id: "e1" });
  await taken.promise;
  const payload = {
    command: "/midwatch",
    text: "",
    team_id: "T01",
    user_id: "U01",
    channel_id: "C01",
    trigger_id: "7.7.c",
    response_url: "http://127.0.0.1:1/r",
  };
  slack.send({ type: "slash_commands", envelope_id: "e2", payload, accepts_response_payload: true });
  expect(await slack.next()).toMatchObject({ envelope_id: "e2", payload: { text: "nothing is open" } });
  expect(heard).toMatchObject([
    { type: "message", key: "C01:1760000000.000100", text: "look at the cache", threadTs: null },
    { type: "command", key: "7.7.c" },
  ]);
  await socket.stop();
});

test("a token that Slack refuses is an error at the start, in words", async () => {
  await using slack = await slackSockets(() => ({ ok: false, error: "invalid_auth" }));
  const quiet = { onInbound: () => Promise.resolve(), onError: () => undefined, onBroken: () => undefined };
  const failure = await startSocketMode(connectionTo(slack.url), quiet).catch((error: unknown) => error);
  expect(failure).toBeInstanceOf(ForbiddenError);
});

test("no connection is opened to an address that is neither Slack's nor the setting's, whatever Slack's answer names", async () => {
  const reached: string[] = [];
  const elsewhere = createServer((request, response) => void response.end(reached.push(request.url ?? "")));
  elsewhere.on("upgrade", (request, socket: Duplex) => {
    reached.push(request.url ?? "");
    socket.destroy();
  });
  elsewhere.on("connection", () => reached.push("connected"));
  elsewhere.listen(0, "127.0.0.1");
  await once(elsewhere, "listening");
  const { port } = elsewhere.address() as { port: number };
  for (const url of [`ws://127.0.0.1:${port}/link`, `wss://wss.slack.com.evil.example/link`, `ws://wss-primary.slack.com/link`]) {
    await using slack = await slackSockets(() => ({ url }));
    const calls: OutgoingCall[] = [];
    const quiet = { onInbound: () => Promise.resolve(), onError: () => undefined, onBroken: () => undefined };
    const refused = Promise.withResolvers<void>();
    const starting = startSocketMode(
      {
        ...connectionTo(slack.url),
        onCall: (call) => {
          calls.push(call);
          if (call.outcome === "refused") refused.resolve();
        },
        // The library tries on; what it waits for is this test's word that it has seen enough.
        sleep: () => refused.promise,
      },
      quiet,
    );
    await expect(starting).rejects.toBeInstanceOf(Error);
    expect(calls).toContainEqual(
      expect.objectContaining({ vendor: "slack", method: "CONNECT", outcome: "refused", purpose: "the host is not in its policy" }),
    );
  }
  expect(reached).toEqual([]);
  elsewhere.close();
});

test("a connection that breaks is opened again, however often Slack fails meanwhile", async () => {
  // The second to fourth question (one call with its two repeats) fail, the fifth is answered.
  await using slack = await slackSockets((turn) => (turn >= 2 && turn <= 4 ? null : {}));
  const broken: unknown[] = [];
  const back = Promise.withResolvers<SlackInbound>();
  const waits: number[] = [];
  const socket = await startSocketMode(
    {
      ...connectionTo(slack.url),
      // Only the short waits pass at once: the long one is the limit of the first connection.
      sleep: (ms, signal) =>
        ms === 15_000
          ? new Promise((_, reject) => signal?.addEventListener("abort", () => reject(new Error("over"))))
          : Promise.resolve(void waits.push(ms)),
    },
    {
      onInbound: (inbound) => Promise.resolve(back.resolve(inbound)),
      onError: (error) => back.reject(error),
      onBroken: (error) => void broken.push(error),
      reconnectMs: 20,
      sleep: () => new Promise(() => undefined),
    },
  );
  slack.sockets[0]?.destroy();
  while (slack.sockets.length < 2) await new Promise((resolve) => setImmediate(resolve));
  const event = { type: "message", channel: "C01", user: "U01", ts: "1760000000.000200", text: "still there?" };
  slack.send({ type: "events_api", envelope_id: "e1", payload: { type: "event_callback", event_id: "Ev02", team_id: "T01", event } });
  expect(await back.promise).toMatchObject({ text: "still there?" });
  expect(broken).toMatchObject([{ vendor: "slack", status: 503 }]);
  expect(waits).toContain(30_000);
  await socket.stop();
});
