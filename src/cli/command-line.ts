import { parseArgs } from "node:util";
import { IntegrationError, SetupError } from "../guard/errors.ts";
import type { Command } from "./command.ts";
import { CommandError } from "./command-error.ts";
import { commands } from "./commands.ts";

/** The command line. `--help` everywhere; bad input is one clear line and exit code 2; a problem that someone must fix is exit code 1. */

/** Why midwatch cannot listen at the configured address, in words; null for any other error. */
function portProblem(error: unknown): string | null {
  if (!(error instanceof Error) || !("code" in error)) return null;
  const { code, syscall, address, hostname, port } = error as Error &
    Partial<Record<"code" | "syscall" | "address" | "hostname" | "port", unknown>>;
  if (syscall === "getaddrinfo")
    return `HOST is ${String(hostname)}, which is not an address of this machine (${String(code)}). Set HOST, for example to 127.0.0.1.`;
  if (syscall !== "listen") return null;
  switch (code) {
    case "EADDRINUSE":
      return `Port ${String(port)} of ${String(address)} is taken by another process. Stop that one, or choose another port (PORT).`;
    case "EACCES":
      return `This user may not listen on port ${String(port)} of ${String(address)}. Choose a port above 1023 (PORT), and put a proxy in front.`;
    case "EADDRNOTAVAIL":
      return `HOST is ${String(address)}, which is not an address of this machine. Set HOST, for example to 127.0.0.1.`;
    default:
      return `Cannot listen on port ${String(port)} of ${String(address)}: ${String(code)}. Check HOST and PORT.`;
  }
}

function usage(): string {
  const width = Math.max(...commands.map(({ name }) => name.length));
  const lines = commands.map(({ name, summary }) => `  ${name.padEnd(width)}  ${summary}`);
  return `midwatch: reads a page's telemetry, names the suspect, opens a draft fix PR\n\nnpm run midwatch -- <command> [options]\n\n${lines.join("\n")}\n\n<command> --help lists its options.`;
}

function commandUsage(command: Command): string {
  const options = Object.entries(command.options).map(([option, { type, hint, about }]) => {
    const shown = type === "boolean" ? `--${option}` : `--${option} ${hint ?? "VALUE"}`;
    return `  ${shown.padEnd(24)}${about}`;
  });
  return `${command.summary}\n\nnpm run midwatch -- ${command.name}${command.positionals === undefined ? "" : ` ${command.positionals}`}${options.length > 0 ? " [options]" : ""}\n${
    options.length > 0 ? `\n${options.join("\n")}\n` : ""
  }${command.notes === undefined ? "" : `\n${command.notes}\n`}`;
}

/** Runs one command from its words. @returns the exit code */
export async function runCommandLine(argv: readonly string[]): Promise<number> {
  const all = argv.filter((word) => !word.startsWith("-"));
  const asksHelp = all[0] === "help";
  const words = asksHelp ? all.slice(1) : all;
  const name = words[0];
  const wantsHelp = asksHelp || argv.includes("--help") || argv.includes("-h");
  if (name === undefined) {
    console.log(usage());
    return wantsHelp ? 0 : 2;
  }
  // Commands of two words ("eval incidents") come before those of one.
  const two = `${name} ${words[1] ?? ""}`;
  const command = commands.find((known) => known.name === two) ?? commands.find((known) => known.name === name);
  if (command === undefined) {
    const group = commands.filter((known) => known.name.startsWith(`${name} `));
    if (group.length > 0) {
      console[wantsHelp ? "log" : "error"](group.map(commandUsage).join("\n"));
      return wantsHelp ? 0 : 2;
    }
    console.error(`There is no command "${name}". Commands: ${commands.map((known) => known.name).join(", ")}.`);
    return 2;
  }
  if (wantsHelp) {
    console.log(commandUsage(command));
    return 0;
  }
  let skipped = 0;
  const rest = argv.filter((word) => word.startsWith("-") || skipped++ >= command.name.split(" ").length);
  try {
    const options = Object.fromEntries(Object.entries(command.options).map(([option, { type }]) => [option, { type }] as const));
    const { values, positionals } = parseArgs({ args: rest, options, allowPositionals: true, strict: true });
    if (command.positionals === undefined && positionals.length > 0)
      throw new CommandError(`"${positionals.join(" ")}" is not understood.\nSee: npm run midwatch -- ${command.name} --help`);
    return await command.run({ values, positionals });
  } catch (error) {
    // Their messages say what to fix; a stack beside them would hide it.
    if (error instanceof CommandError || error instanceof SetupError || error instanceof IntegrationError) {
      console.error(error.message);
      return error instanceof CommandError ? error.exitCode : 1;
    }
    const port = portProblem(error);
    if (port !== null) {
      console.error(port);
      return 1;
    }
    if (error instanceof TypeError && "code" in error && String(error.code).startsWith("ERR_PARSE_ARGS")) {
      // What Node adds about options that look like arguments helps nobody here.
      console.error(`${error.message.split(". To specify")[0]}\nSee: npm run midwatch -- ${command.name} --help`);
      return 2;
    }
    throw error;
  }
}
