import { spawn } from "node:child_process";
import { mkdir } from "node:fs/promises";
import { delimiter, dirname, join } from "node:path";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";

/** How a command ended. `code` is null where it was killed or never began. */
export interface CommandEnd {
  readonly how: "ended" | "timed-out" | "stopped" | "not-started";
  readonly code: number | null;
  readonly because: string | null;
}

export interface CommandOptions {
  /** Program and arguments, no shell; `node` is the Node that runs this. */
  readonly command: readonly string[];
  /** Where it runs. */
  readonly folder: string;
  /** A folder of its own for what programs keep beside their work. */
  readonly home: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
  /** Characters of output; what comes after is thrown away. */
  readonly mostOutput: number;
  readonly onLine: (line: string) => void;
  readonly signal: AbortSignal;
}

/** Groups of processes that run now. However this process ends in order, they end with it. */
const running = new Set<number>();
let watching = false;

function killGroup(pid: number): void {
  try {
    // It leads a group of its own, so what it started goes with it.
    process.kill(-pid, "SIGKILL");
  } catch {
    // Gone already.
  }
}

function watchOwnEnd(): void {
  if (watching) return;
  watching = true;
  process.on("exit", () => {
    for (const pid of running) killGroup(pid);
  });
}

/**
 * Runs one command with nothing of this process's environment: no settings, no credentials, no open input. Time and output are bounded, and
 * aborting kills it with all that it started.
 */
export async function runCommand(options: CommandOptions): Promise<CommandEnd> {
  const { command, folder, home, environment, timeoutMs, mostOutput, onLine, signal } = options;
  const [program = "", ...args] = command;
  await mkdir(home, { recursive: true });
  if (signal.aborted) return { how: "stopped", code: null, because: null };
  watchOwnEnd();
  const child = spawn(program === "node" ? process.execPath : program, args, {
    cwd: folder,
    env: {
      PATH: [dirname(process.execPath), "/usr/local/bin", "/usr/bin", "/bin"].join(delimiter),
      HOME: home,
      TMPDIR: home,
      TZ: "UTC",
      LANG: "C.UTF-8",
      NO_COLOR: "1",
      ...environment,
    },
    stdio: ["ignore", "pipe", "pipe"],
    detached: true,
  });
  const { pid } = child;
  if (pid !== undefined) running.add(pid);

  let left = mostOutput;
  const take = (line: string) => {
    if (left <= 0) return;
    left -= line.length + 1;
    onLine(line);
    if (left <= 0) onLine(`(output beyond ${mostOutput.toLocaleString("en")} characters is thrown away)`);
  };
  const read = (stream: Readable) =>
    new Promise<void>((done) => {
      createInterface({ input: stream, crlfDelay: Infinity }).on("line", take).once("close", done);
    });
  const outputs = Promise.all([read(child.stdout), read(child.stderr)]);

  let stoppedBy: "timed-out" | "stopped" | null = null;
  const stop = (how: "timed-out" | "stopped") => {
    stoppedBy ??= how;
    if (pid !== undefined) killGroup(pid);
  };
  const onAbort = () => stop("stopped");
  signal.addEventListener("abort", onAbort, { once: true });
  const timer = setTimeout(() => stop("timed-out"), timeoutMs);
  try {
    const ended = await new Promise<CommandEnd>((resolve) => {
      child.once("error", (error) => resolve({ how: "not-started", code: null, because: error.message }));
      child.once("exit", (code, by) => resolve({ how: stoppedBy ?? "ended", code, because: by === null ? null : `ended by ${by}` }));
    });
    // What it left running would hold its output open for ever.
    if (pid !== undefined) killGroup(pid);
    if (ended.how !== "not-started") await outputs;
    return ended;
  } finally {
    clearTimeout(timer);
    signal.removeEventListener("abort", onAbort);
    if (pid !== undefined) running.delete(pid);
  }
}

/** Folder for what a command keeps, beside its checkout. */
export const homeBeside = (folder: string): string => join(dirname(folder), "home");
