import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createRequire } from "node:module";
import { join } from "node:path";
import { childEnvironment } from "../child-environment.ts";

const MANIFEST = createRequire(import.meta.url).resolve("@modelcontextprotocol/server-everything/package.json");
const MAIN = join(MANIFEST, "../dist/index.js");

/** The server listens on every address and names no free port: this, loaded before it, keeps it to loopback and says which port it got. */
const ON_LOOPBACK = `data:text/javascript,${encodeURIComponent(`
  import { Server } from "node:net";
  const { listen } = Server.prototype;
  Server.prototype.listen = function (port, ...rest) {
    this.once("listening", () => console.log("port " + this.address().port + ";"));
    return listen.call(this, Number(port), "127.0.0.1", ...rest);
  };
`)}`;

// A run of tests that is broken off leaves nothing behind.
const alive = new Set<ChildProcess>();
process.once("exit", () => alive.forEach((child) => child.kill("SIGKILL")));

/** Starts the process. @returns it and its port, once it listens. @throws when it ends before */
async function start(port: number) {
  const child = spawn(process.execPath, ["--import", ON_LOOPBACK, MAIN, "streamableHttp"], {
    env: { ...childEnvironment(), PORT: String(port) },
    stdio: ["ignore", "pipe", "pipe"],
  });
  alive.add(child);
  const ended = once(child, "close").then(() => void alive.delete(child));
  let said = "";
  const listening = Promise.withResolvers<number>();
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding("utf8").on("data", (chunk: string) => {
      said += chunk;
      const [, got] = /port (\d+);/.exec(said) ?? [];
      if (got !== undefined) listening.resolve(Number(got));
    });
  void ended.then(() => listening.reject(new Error(`the server ended before it listened: ${said}`)));
  return {
    port: await listening.promise,
    async stop() {
      child.kill("SIGKILL");
      await ended;
    },
  };
}

/** `@modelcontextprotocol/server-everything` over Streamable HTTP, a process of its own on loopback. */
export async function startEverything() {
  let running = await start(0);
  const { port } = running;
  return {
    url: `http://127.0.0.1:${port}/mcp`,
    /** Ends it at once, as a crash does: its sessions are gone. */
    goAway: () => running.stop(),
    /** Starts it again on the same port. */
    async comeBack() {
      running = await start(port);
    },
    [Symbol.asyncDispose]: () => running.stop(),
  };
}
