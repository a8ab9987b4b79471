import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { WebSocket } from "undici";
import { z } from "zod";
import { wholeEnvironment } from "./child-environment.ts";

const CHILD = join(import.meta.dirname, "workerd-child.ts");

/** What V8 holds of one isolate, MB. */
export interface HeapMb {
  /** Objects, dead ones that were not collected yet included. */
  readonly used: number;
  /** What V8 took from the system for them. */
  readonly total: number;
  /** Buffers beside the heap, those of WebAssembly included. */
  readonly buffers: number;
}

export interface Workerd extends AsyncDisposable {
  readonly url: string;
  /** Of the isolate that the Worker and its objects share. Only with `inspect`. */
  heap(): Promise<HeapMb>;
  /** Of its process group: wrangler and workerd. */
  readonly group: number;
  /** What wrangler and the Worker printed. */
  output(): string;
  /** As `kill -9` of the whole group. */
  kill(): Promise<void>;
}

/**
 * Starts a Worker in a real workerd, offline.
 * @param config its wrangler.toml
 * @param folder where its storage lives; it outlives the process
 * @param vars bindings of text
 * @param outgoing a file that notes every request that leaves it, one a line; null: none does
 * @param port default: a free one
 * @param inspect opens V8's inspector, for `heap`
 * @param v8Flags for workerd's V8, such as a limit of the heap
 */
export async function startWorkerd(
  config: string,
  folder: string,
  vars: Readonly<Record<string, string>>,
  outgoing: string | null = null,
  { port = 0, inspect = false, v8Flags = [] }: { port?: number; inspect?: boolean; v8Flags?: readonly string[] } = {},
): Promise<Workerd> {
  const child: ChildProcess = spawn(
    process.execPath,
    [CHILD, JSON.stringify({ config, folder: join(folder, "state"), vars, outgoing, port, inspect })],
    {
      // A group of its own: workerd is a child of wrangler and must end with it.
      detached: true,
      stdio: ["ignore", "pipe", "pipe"],
      env: {
        ...wholeEnvironment(),
        WRANGLER_SEND_METRICS: "false",
        WRANGLER_LOG_PATH: join(folder, "logs"),
        XDG_CONFIG_HOME: folder,
        CI: "1",
        ...(v8Flags.length === 0 ? {} : { MINIFLARE_WORKERD_V8_FLAGS: v8Flags.join(" ") }),
      },
    },
  );
  let output = "";
  const ready = Promise.withResolvers<string>();
  const listen = (text: Buffer) => {
    output += String(text);
    const url = /Ready on (http:\/\/[^\s/]+)/.exec(output)?.[1];
    if (url !== undefined) ready.resolve(url);
  };
  child.stdout?.on("data", listen);
  child.stderr?.on("data", listen);
  const exited = once(child, "exit");
  const killGroup = () => {
    if (child.pid !== undefined && child.exitCode === null && child.signalCode === null) process.kill(-child.pid, "SIGKILL");
  };
  // A run that is broken off leaves no workerd behind.
  process.once("exit", killGroup);
  void exited.then(() => ready.reject(new Error(`wrangler ended before it was ready:\n${output}`)));
  const url = await ready.promise;
  const kill = async () => {
    killGroup();
    await exited;
    process.off("exit", killGroup);
  };
  const inspector = /Inspector (http:\S+)/.exec(output)?.[1];
  return {
    ...{ url, group: child.pid ?? 0, output: () => output, kill, [Symbol.asyncDispose]: kill },
    heap: () => {
      if (inspector === undefined) throw new Error("started without `inspect`");
      return heapOf(inspector);
    },
  };
}

const MB = 1_048_576;
const usageSchema = z.object({ usedSize: z.number(), totalSize: z.number(), backingStorageSize: z.number() });

const answerSchema = z.object({ id: z.number().optional(), result: z.unknown().optional() });
const targetsSchema = z.tuple([z.object({ webSocketDebuggerUrl: z.string() })]);

/** Asks the inspector for its one isolate. */
async function heapOf(inspector: string): Promise<HeapMb> {
  const [{ webSocketDebuggerUrl: address }] = targetsSchema.parse(await (await fetch(new URL("/json", inspector))).json());
  // wrangler refuses a client that says nothing of where it comes from.
  const socket = new WebSocket(address, { headers: { origin: "http://127.0.0.1" } });
  try {
    await once(socket, "open");
    const answered = Promise.withResolvers<unknown>();
    socket.addEventListener("message", ({ data }) => {
      const { id, result } = answerSchema.parse(JSON.parse(String(data)));
      if (id === 1) answered.resolve(result);
    });
    socket.send(JSON.stringify({ id: 1, method: "Runtime.getHeapUsage" }));
    const { usedSize, totalSize, backingStorageSize } = usageSchema.parse(await answered.promise);
    return { used: usedSize / MB, total: totalSize / MB, buffers: backingStorageSize / MB };
  } finally {
    socket.close();
  }
}
