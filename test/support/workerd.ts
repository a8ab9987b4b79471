import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";

const CHILD = join(import.meta.dirname, "workerd-child.ts");

export interface Workerd extends AsyncDisposable {
  readonly url: string;
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
 */
export async function startWorkerd(
  config: string,
  folder: string,
  vars: Readonly<Record<string, string>>,
  outgoing: string | null = null,
  port = 0,
): Promise<Workerd> {
  const child: ChildProcess = spawn(
    process.execPath,
    [CHILD, JSON.stringify({ config, folder: join(folder, "state"), vars, outgoing, port })],
    {
      // A group of its own: workerd is a child of wrangler and must end with it.
      detached: true,
      stdio: ["ignore", "pipe", "pipe"],
      env: { ...process.env, WRANGLER_SEND_METRICS: "false", WRANGLER_LOG_PATH: join(folder, "logs"), XDG_CONFIG_HOME: folder, CI: "1" },
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
  return { url, group: child.pid ?? 0, output: () => output, kill, [Symbol.asyncDispose]: kill };
}
