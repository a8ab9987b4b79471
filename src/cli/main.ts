import { parseArgs } from "node:util";
import { CatalogError } from "../catalog.ts";
import { ConfigError } from "../config.ts";
import { type Command, CommandError, commands } from "./commands.ts";

/** The command line. `--help` everywhere; bad input is one clear line and exit code 2; a problem someone must mend is exit code 1. */

function usage(): string {
  const width = Math.max(...Object.keys(commands).map((name) => name.length));
  const lines = Object.entries(commands).map(([name, command]) => `  ${name.padEnd(width)}  ${command.summary}`);
  return `midwatch: reads a page's telemetry, names the suspect, opens a draft fix PR\n\nnpm run midwatch -- <command> [options]\n\n${lines.join("\n")}\n\n<command> --help tells its options.`;
}

function commandUsage(name: string, command: Command): string {
  const options = Object.entries(command.options).map(([option, { type, hint, about }]) => {
    const shown = type === "boolean" ? `--${option}` : `--${option} ${hint ?? "VALUE"}`;
    return `  ${shown.padEnd(24)}${about}`;
  });
  return `${command.summary}\n\nnpm run midwatch -- ${name}${command.positionals === undefined ? "" : ` ${command.positionals}`}${options.length > 0 ? " [options]" : ""}\n${
    options.length > 0 ? `\n${options.join("\n")}\n` : ""
  }${command.notes === undefined ? "" : `\n${command.notes}\n`}`;
}

async function run(argv: readonly string[]): Promise<number> {
  const words = argv.filter((word) => !word.startsWith("-"));
  const name = words[0];
  const wantsHelp = argv.includes("--help") || argv.includes("-h");
  if (name === undefined || name === "help") {
    console.log(usage());
    return name === undefined && !wantsHelp ? 2 : 0;
  }
  // Commands of two words ("eval incidents") come before those of one.
  const two = `${name} ${words[1] ?? ""}`;
  const chosen = two in commands ? two : name;
  const command = commands[chosen];
  if (command === undefined) {
    console.error(`There is no command "${name}". Commands: ${Object.keys(commands).join(", ")}.`);
    return 2;
  }
  if (wantsHelp) {
    console.log(commandUsage(chosen, command));
    return 0;
  }
  let skipped = 0;
  const rest = argv.filter((word) => word.startsWith("-") || skipped++ >= chosen.split(" ").length);
  try {
    const options = Object.fromEntries(Object.entries(command.options).map(([option, { type }]) => [option, { type }] as const));
    const { values, positionals } = parseArgs({ args: rest, options, allowPositionals: true, strict: true });
    return await command.run({ values, positionals });
  } catch (error) {
    if (error instanceof CommandError || error instanceof ConfigError || error instanceof CatalogError) {
      console.error(error.message);
      return error instanceof CommandError ? error.exitCode : 1;
    }
    if (error instanceof TypeError && "code" in error && String(error.code).startsWith("ERR_PARSE_ARGS")) {
      console.error(`${error.message}\nSee: npm run midwatch -- ${chosen} --help`);
      return 2;
    }
    throw error;
  }
}

process.exitCode = await run(process.argv.slice(2));
