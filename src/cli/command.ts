import { CommandError } from "./command-error.ts";

export interface Arguments {
  readonly values: Readonly<Record<string, string | boolean | (string | boolean)[] | undefined>>;
  readonly positionals: readonly string[];
}

/** One command: a file of `commands/` and a line in `commands.ts`. Its code is loaded when it runs, so that `--help` and `serve` start at once. */
export interface Command {
  /** As it is typed: `doctor`, `eval agent`. */
  readonly name: string;
  readonly summary: string;
  /** How its positional arguments are shown: `DIR`. */
  readonly positionals?: string;
  readonly options: Readonly<Record<string, { readonly type: "string" | "boolean"; readonly hint?: string; readonly about: string }>>;
  readonly notes?: string;
  /** @returns the exit code */
  run(args: Arguments): Promise<number>;
}

/** A text option; null where it was not given. */
export const text = (args: Arguments, name: string): string | null => {
  const value = args.values[name];
  return typeof value === "string" ? value : null;
};

/** A number option. @throws CommandError when it is not one in its range */
export function number(args: Arguments, name: string, range: { min: number; max: number }): number | null {
  const value = text(args, name);
  if (value === null) return null;
  const parsed = Number(value);
  if (value.trim() === "" || !Number.isFinite(parsed) || parsed < range.min || parsed > range.max) {
    throw new CommandError(`--${name} must be a number from ${range.min} to ${range.max}, not "${value}".`);
  }
  return parsed;
}

/** The one positional argument. @throws CommandError when there is none, or more */
export function onePositional(args: Arguments, what: string): string {
  const [first, ...more] = args.positionals;
  if (first === undefined) throw new CommandError(`The ${what} is missing.`);
  if (more.length > 0) throw new CommandError(`Only one ${what} is understood; "${more.join(" ")}" is too much.`);
  return first;
}

/** Whether a yes-or-no option was given. */
export const flag = (args: Arguments, name: string): boolean => args.values[name] === true;
