import { IntegrationError } from "../guard/errors.ts";

/** One line of what was checked. */
export interface Check {
  readonly name: string;
  /** `warning`: midwatch works, with less, or with more rights than it should have. */
  readonly state: "ok" | "warning" | "problem";
  /** What was seen, or what is wrong and what to do. */
  readonly detail: string;
}

export const problem = (name: string, error: unknown): Check => ({
  name,
  state: "problem",
  detail: error instanceof Error ? error.message : String(error),
});

/** A check that cannot throw: what it throws is its result. */
export async function guarded(name: string, work: () => Promise<Check | readonly Check[]>): Promise<readonly Check[]> {
  try {
    return [await work()].flat();
  } catch (error) {
    if (error instanceof IntegrationError || (error instanceof DOMException && error.name === "TimeoutError"))
      return [problem(name, error)];
    throw error;
  }
}

export const notConfigured = (name: string, settings: string): Check => ({
  name,
  state: "warning",
  detail: `not configured: set ${settings}, or go without`,
});
