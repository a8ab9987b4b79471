import { once } from "node:events";
import { createServer, type AddressInfo, type Socket } from "node:net";
import { refusalOf, startRefusingPostgres } from "../../src/replay/postgres/refusing.ts";
import type { FaultName, FaultProxy } from "./fault-proxy.ts";

/** What a database's wire can have of the faults; it knows no pages, no clock and no headers. */
export const postgresFaults: readonly FaultName[] = ["429 bare", "5xx", "hang", "drip", "cut", "malformed", "html", "expired", "10 MB"];

const LARGE = Buffer.alloc(10 * 1024 * 1024, "x");
const refused: Partial<Record<FaultName, number>> = { "429 bare": 429, "5xx": 503, expired: 401 };

/** A database in trouble on loopback. */
export async function startFaultPostgres(fault: FaultName): Promise<FaultProxy> {
  let calls = 0;
  const status = refused[fault];
  const refusing = status === undefined ? null : await startRefusingPostgres(refusalOf(status, "shop"));
  const open = new Set<Socket>();
  const server = createServer((socket) => {
    calls++;
    open.add(socket);
    socket.on("error", () => undefined);
    if (refusing !== null) {
      const there = socket.pipe(new (socket.constructor as new () => Socket)().connect(refusing.port, "127.0.0.1"));
      there.on("error", () => socket.destroy());
      there.pipe(socket);
      return;
    }
    const timer = setInterval(() => fault === "drip" && socket.write("R"), 100);
    socket.on("close", () => clearInterval(timer));
    socket.once("data", () => {
      if (fault === "cut") socket.end("R");
      if (fault === "malformed") socket.write("\0\0\0\0malformed\0\0");
      if (fault === "html") socket.end("HTTP/1.1 200 OK\r\ncontent-type: text/html\r\n\r\n<title>Sign in</title>");
      if (fault === "10 MB") socket.end(LARGE);
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `postgres://midwatch:not-a-real-password@127.0.0.1:${(server.address() as AddressInfo).port}/shop?sslmode=disable`,
    calls: () => calls,
    [Symbol.asyncDispose]: async () => {
      for (const socket of open) socket.destroy();
      server.close();
      await refusing?.close();
    },
  };
}
