import { IntegrationError } from "../../../guard/errors.ts";
import type { Answer } from "../../../incident/answer.ts";

/** Answers of calls that may fail each on its own: what could be read counts, and the notes say what could not. */
export interface Gathered {
  readonly answers: Answer<unknown>[];
  /** What each of the answers is. */
  readonly parts: string[];
  readonly notes: string[];
  /** What was refused, for a caller to throw where nothing else is left. */
  readonly failures: IntegrationError[];
  /**
   * The answer's value, or null (and a note) where PagerDuty refused. What is not PagerDuty's refusal is thrown on. Answers and notes are in the
   * order of these calls, whichever came first: a round of tools that runs again numbers its evidence alike.
   */
  take<T>(what: string, asked: Promise<Answer<T>>): Promise<T | null>;
}

export function gather(): Gathered {
  const answers: Answer<unknown>[] = [];
  const parts: string[] = [];
  const notes: string[] = [];
  const failures: IntegrationError[] = [];
  let earlier: Promise<unknown> = Promise.resolve();

  async function settle<T>(what: string, asked: Promise<Answer<T>>, before: Promise<unknown>): Promise<T | null> {
    const [outcome] = await Promise.allSettled([asked, before]);
    if (outcome.status === "fulfilled") {
      const answer = outcome.value;
      answers.push(answer);
      parts.push(what);
      if (answer.cut !== null) notes.push(`${what}: ${answer.cut}`);
      return answer.value;
    }
    const error: unknown = outcome.reason;
    if (!(error instanceof IntegrationError)) throw error;
    failures.push(error);
    notes.push(`${what} not read: ${error.message}`);
    return null;
  }

  return {
    answers,
    parts,
    notes,
    failures,
    take(what, asked) {
      const taken = settle(what, asked, earlier);
      earlier = taken;
      return taken;
    },
  };
}
