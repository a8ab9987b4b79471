import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { format } from "node:util";
import { setFlagsFromString } from "node:v8";
import { z } from "zod";
import { runCommandLine } from "../../src/cli/command-line.ts";
import { childEnvironment } from "./child-environment.ts";
import { type IncidentExport, incidentExportSchema } from "../../src/web/export.ts";

const MAIN = fileURLToPath(new URL("../../src/cli/main.ts", import.meta.url));

/** A command of midwatch's command line in a process of its own. */
export interface RunningCommand extends AsyncDisposable {
  readonly pid: number;
  stdout(): string;
  stderr(): string;
  /** The first match in what it printed on the given stream, waited for. @throws when it ends without that */
  said(stream: "stdout" | "stderr", pattern: RegExp): Promise<RegExpExecArray>;
  signal(name: NodeJS.Signals): void;
  /** How it ended. */
  readonly ended: Promise<{ readonly code: number | null; readonly signal: NodeJS.Signals | null }>;
}

// A run of tests that is broken off leaves nothing behind.
const alive = new Set<ChildProcess>();
process.once("exit", () => alive.forEach((child) => child.kill("SIGKILL")));

/** Starts `node src/cli/main.ts ...words` with these settings and nothing else of the environment, in a folder without a `.env`. */
export function command(words: readonly string[], settings: Readonly<Record<string, string>> = {}): RunningCommand {
  const child = spawn(process.execPath, [MAIN, ...words], {
    cwd: mkdtempSync(join(tmpdir(), "midwatch-command-")),
    env: { ...childEnvironment(), ...settings },
    stdio: ["ignore", "pipe", "pipe"],
  });
  alive.add(child);
  const output = { stdout: "", stderr: "" };
  const listeners = new Set<() => void>();
  for (const stream of ["stdout", "stderr"] as const) {
    child[stream].setEncoding("utf8").on("data", (chunk: string) => {
      output[stream] += chunk;
      for (const listener of listeners) listener();
    });
  }
  const ended = once(child, "close").then(([code, signal]: (number | NodeJS.Signals | null)[]) => {
    alive.delete(child);
    return { code: code as number | null, signal: signal as NodeJS.Signals | null };
  });
  return {
    pid: child.pid ?? 0,
    stdout: () => output.stdout,
    stderr: () => output.stderr,
    said: (stream, pattern) =>
      new Promise((resolve, reject) => {
        const look = () => {
          const match = pattern.exec(output[stream]);
          if (match === null) return;
          listeners.delete(look);
          resolve(match);
        };
        listeners.add(look);
        const giveUp = ({ code, signal }: { code: number | null; signal: NodeJS.Signals | null }) => {
          listeners.delete(look);
          const said = output.stdout + output.stderr;
          reject(new Error(`${words.join(" ")} ended (${code ?? signal}) before it said ${String(pattern)}:\n${said}`));
        };
        void ended.then(giveUp);
        look();
      }),
    signal: (name) => void child.kill(name),
    ended,
    [Symbol.asyncDispose]: async () => {
      child.kill("SIGKILL");
      await ended;
    },
  };
}

/** A command from its start to its end, and what it printed. */
export async function run(words: readonly string[], settings: Readonly<Record<string, string>> = {}) {
  await using running = command(words, settings);
  const { code } = await running.ended;
  return { code, stdout: running.stdout(), stderr: running.stderr() };
}

/**
 * As `run`, in this process: many times sooner, for tests of what a command says. One at a time. That a command's process ends, and how it starts, is
 * seen by `run`.
 */
export async function runHere(words: readonly string[], settings: Readonly<Record<string, string>> = {}) {
  const output = { stdout: "", stderr: "" };
  const { log, error, warn } = console;
  const writers = { stdout: process.stdout.write, stderr: process.stderr.write };
  const { env } = process;
  const folder = process.cwd();
  const to =
    (stream: keyof typeof output) =>
    (...said: readonly unknown[]) =>
      void (output[stream] += `${format(...said)}\n`);
  const writing = (stream: keyof typeof output) => (text: string | Uint8Array) => {
    output[stream] += typeof text === "string" ? text : Buffer.from(text).toString();
    return true;
  };
  try {
    Object.assign(console, { log: to("stdout"), error: to("stderr"), warn: to("stderr") });
    process.stdout.write = writing("stdout");
    process.stderr.write = writing("stderr");
    process.env = { ...childEnvironment(), ...settings };
    process.chdir(mkdtempSync(join(tmpdir(), "midwatch-command-")));
    return { code: await runCommandLine(words), ...output };
  } finally {
    Object.assign(console, { log, error, warn });
    process.stdout.write = writers.stdout;
    process.stderr.write = writers.stderr;
    process.env = env;
    process.chdir(folder);
    // `serve` asks for a small heap before it reads its settings; the tests' own process is to be fast.
    setFlagsFromString("--heap-growing-percent=0");
  }
}

/** What `serve` does not start without, and a catalog: one of no service, if none is given. */
export function leastSettings(catalog = "version: 1\n") {
  const path = join(mkdtempSync(join(tmpdir(), "midwatch-catalog-")), "catalog.yaml");
  writeFileSync(path, catalog);
  return {
    PAGERDUTY_WEBHOOK_SECRET: "a-secret-of-the-pager",
    SLACK_BOT_TOKEN: "xoxb-a-token-of-slack",
    SLACK_SIGNING_SECRET: "b-secret-of-slack-too",
    CATALOG_PATH: path,
  };
}

const doctorOutput = z.object({
  checks: z.array(z.object({ name: z.string(), state: z.enum(["ok", "warning", "problem"]), detail: z.string() })),
});

/** What `doctor --json` says with these settings and those of `leastSettings`. Nobody answers for Slack, unless they say who. */
export async function doctor(settings: Readonly<Record<string, string>>, catalog?: string) {
  const all = { ...leastSettings(catalog), SLACK_API_URL: "http://127.0.0.1:1", ...settings };
  const { code, stdout, stderr } = await runHere(["doctor", "--json"], all);
  const { checks } = doctorOutput.parse(JSON.parse(stdout));
  return { code, checks, printed: stdout + stderr };
}

/** `serve` with these settings, once it listens. */
export async function startServe(
  settings: Readonly<Record<string, string>>,
  databasePath: string,
): Promise<RunningCommand & { url: string }> {
  const serve = command(["serve"], { PORT: "0", LOG_FORMAT: "text", ...settings, DATABASE_PATH: databasePath });
  const [, url = ""] = await serve.said("stderr", /listens on (http:\/\/\S+)/);
  return { ...serve, url };
}

/** What a running midwatch tells of an incident, or null when it is gone or has not heard of it. */
export async function readExport(url: string): Promise<IncidentExport | null> {
  try {
    return incidentExportSchema.parse(await (await fetch(url)).json());
  } catch {
    return null;
  }
}

/** The same once the investigation has ended. */
export async function untilExported(url: string, withinMs = 150_000): Promise<IncidentExport> {
  const limit = performance.now() + withinMs;
  for (;;) {
    const exported = await readExport(url);
    if (exported?.status.finished === true) return exported;
    if (performance.now() > limit) throw new Error(`no end within ${withinMs} ms: ${JSON.stringify(exported?.status ?? null)}`);
    await sleep(100);
  }
}
