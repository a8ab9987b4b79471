import { IntegrationError } from "../guard/errors.ts";

/** One line of what `doctor` checked. */
export interface Check {
  readonly name: string;
  /** `warning`: midwatch works, with less, or with more rights than it should have. */
  readonly state: "ok" | "warning" | "problem";
  /** What was seen, or what is wrong and what to do. */
  readonly detail: string;
}

export const ok = (name: string, detail: string): Check => ({ name, state: "ok", detail });
export const warning = (name: string, detail: string): Check => ({ name, state: "warning", detail });
export const problem = (name: string, detail: string): Check => ({ name, state: "problem", detail });

/** A check that cannot throw: what it throws is its result. */
export async function guarded(name: string, work: () => Promise<Check | readonly Check[]>): Promise<readonly Check[]> {
  try {
    return [await work()].flat();
  } catch (error) {
    if (error instanceof IntegrationError || (error instanceof DOMException && error.name === "TimeoutError"))
      return [problem(name, error.message)];
    throw error;
  }
}

export const notConfigured = (name: string, settings: string): Check => warning(name, `not configured: set ${settings}, or go without`);

/** One line for each read that was tried. */
export const readChecks = (
  name: string,
  results: readonly {
    readonly source: string;
    readonly what: string;
    readonly works?: string | undefined;
    readonly ok: boolean;
    readonly problem: string | null;
  }[],
): Check[] =>
  results.map(({ source, what, works = `${what} can be read`, ok: can, problem: wrong }) =>
    can ? ok(source || name, works) : problem(source || name, wrong ?? "cannot be read"),
  );

/** What a credential could do that midwatch never does. */
export interface Excess {
  /** Changes something. */
  readonly writes: readonly string[];
  readonly reads: readonly string[];
}

/**
 * One line for what could be changed (a problem) and one for what could be read (a warning).
 * @param who "the token has scopes", "the role"
 * @param todo what to do about it, a sentence
 */
export const excessChecks = (name: string, who: string, { writes, reads }: Excess, todo: string): Check[] => [
  ...(writes.length === 0
    ? []
    : [problem(name, `${who} that midwatch never needs and that can change things: ${writes.join(", ")}. ${todo}`)]),
  ...(reads.length === 0 ? [] : [warning(name, `${who} that midwatch never needs: ${reads.join(", ")}. ${todo}`)]),
];
