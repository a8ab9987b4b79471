import { once } from "node:events";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { expect, test } from "vitest";
import { NotAnsweringError } from "../../../src/guard/errors.ts";
import type { OutgoingCall } from "../../../src/guard/outgoing.ts";
import { Traffic } from "../../../src/guard/traffic.ts";
import { createPostgresClient } from "../../../src/integrations/postgres/client.ts";
import { postgresSource } from "../../../src/integrations/postgres/source.ts";
import { refusalOf, startRefusingPostgres } from "../../../src/replay/postgres/refusing.ts";
import { exampleQuestion } from "../../support/example-question.ts";
import { failureOf } from "../../support/failure.ts";

const START = Date.parse("2026-11-23T03:12:00Z");
const { signal } = new AbortController();

/** A server on loopback that does to each connection what `behave` says. */
async function startServer(behave: (socket: Socket) => void) {
  const open = new Set<Socket>();
  const server = createServer((socket) => {
    open.add(socket.on("error", () => undefined));
    behave(socket);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    port: (server.address() as AddressInfo).port,
    async close() {
      for (const socket of open) socket.destroy();
      server.close();
      await once(server, "close");
    },
  };
}

/** Two databases on the server at this port, for clients that share their traffic on a clock of the test's. */
function setUp(port: number) {
  const clock = { now: START };
  const calls: OutgoingCall[] = [];
  // That of the thread which connects, and that of another, which hears of it.
  const [traffic, other] = [0, 0].map(() => new Traffic({ now: () => clock.now, random: () => 0 })) as [Traffic, Traffic];
  const url = (name: string) => `postgres://midwatch:not-a-real-password@127.0.0.1:${port}/${name}?sslmode=disable`;
  const client = createPostgresClient({
    ...{ traffic, connectTimeoutMs: 50, now: () => clock.now, onCall: (call) => (calls.push(call), other.heard(call)) },
    databases: ["orders-db", "stock-db"].map((name) => ({ name, url: url(name) })),
  });
  return { clock, calls, traffic, other, client, ask: (database = "orders-db") => failureOf(client.activity({ database }, signal)) };
}

test.each([
  ["refuses connections", null, "nothing listens at the address"],
  ["accepts and says nothing", () => undefined, "did not answer"],
  ["hangs up", (socket: Socket) => void socket.once("data", () => socket.end()), "the connection ended"],
] as const)(
  "a server that %s is left alone after five tries, said with since when, and asked again by one try alone",
  async (_what, behave, words) => {
    const server = await startServer(behave ?? (() => undefined));
    if (behave === null) await server.close();
    const { clock, calls, traffic, other, client, ask } = setUp(server.port);
    for (let tried = 0; tried < 5; tried++) {
      expect((await ask()).message).toContain(words);
      clock.now += 1_000;
    }
    expect(calls).toHaveLength(5);
    expect(traffic.outages().get("postgres")).toMatchObject({ newest: null });

    const left = await ask();
    expect(left).toBeInstanceOf(NotAnsweringError);
    expect(left.message).toMatch(/^PostgreSQL orders-db has not answered since 03:1[12]:\d\d; asked again at 03:12:09$/);
    // The other database is on the same server.
    expect((await ask("stock-db")).message).toMatch(/^PostgreSQL stock-db has not answered since/);
    // What the coverage says of a page meanwhile.
    const source = postgresSource(client, () => [{ name: "orders-db", service: "orders" }]);
    const nothing = () => undefined;
    expect((await failureOf(source.ask(exampleQuestion, nothing, signal))).message).toBe(left.message);
    expect(calls).toHaveLength(5);

    expect(other.outages().get("postgres")).toEqual(traffic.outages().get("postgres"));

    clock.now += 5_000;
    const [probe, beside] = await Promise.all([ask(), ask()]);
    expect([probe.message, beside.message].filter((said) => said.includes(words))).toHaveLength(1);
    expect(calls).toHaveLength(6);
    expect((await ask()).message).toContain("has not answered since");
    if (behave !== null) await server.close();
  },
);

test("a server that answers is not left alone, whatever it refuses; a call that is broken off says nothing of it", async () => {
  for (const status of [401, 403, 429, 503]) {
    const server = await startRefusingPostgres(refusalOf(status, "orders-db"));
    const { clock, calls, traffic, ask } = setUp(server.port);
    for (let tried = 0; tried < 8; tried++) {
      expect(await ask()).not.toBeInstanceOf(NotAnsweringError);
      clock.now += 1_000;
    }
    expect([calls.length, traffic.outages().get("postgres")]).toEqual([8, null]);
    await server.close();
  }
  const silent = await startServer(() => undefined);
  const { clock, client, traffic } = setUp(silent.port);
  for (let tried = 0; tried < 8; tried++) {
    const stop = new AbortController();
    const asked = failureOf(client.activity({ database: "orders-db" }, stop.signal));
    setImmediate(() => stop.abort(new Error("stopped")));
    await asked;
    clock.now += 1_000;
  }
  expect(traffic.outages().get("postgres")).toBeNull();
  await silent.close();
});

test("a server that is back is asked as before", async () => {
  const silent = await startServer((socket) => void socket.once("data", () => socket.destroy()));
  let behave: "down" | "up" = "down";
  const answering = await startRefusingPostgres(refusalOf(401, "orders-db"));
  const front = await startServer((socket) => {
    const there = new (socket.constructor as new () => Socket)().connect(behave === "up" ? answering.port : silent.port, "127.0.0.1");
    there.on("error", () => socket.destroy()).on("close", () => socket.destroy());
    socket.pipe(there).pipe(socket);
  });
  const { clock, traffic, ask } = setUp(front.port);
  for (let tried = 0; tried < 6; tried++, clock.now += 1_000) await ask();
  expect(traffic.outages().get("postgres")).not.toBeNull();
  behave = "up";
  clock.now += 60_000;
  expect((await ask()).message).toContain("wrong user or password");
  expect(traffic.outages().get("postgres")).toBeNull();
  for (const server of [front, silent, answering]) await server.close();
});
