import type { z } from "zod";
import { ForbiddenError, IntegrationError, type IntegrationName, UnexpectedAnswerError } from "../guard/errors.ts";

/** What was asked of whom, for the words of errors. */
export interface Asked {
  readonly vendor: IntegrationName;
  /** "the issues", "logs". */
  readonly what: string;
}

/** A vendor's value by our schema. @throws UnexpectedAnswerError that names the first three fields that do not fit */
export function bySchema<T>(schema: z.ZodType<T>, value: unknown, { vendor, what }: Asked): T {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.slice(0, 3).map((issue) => `${issue.path.join(".") || "the answer"}: ${issue.message}`);
  throw new UnexpectedAnswerError(vendor, what, problems.join("; "));
}

interface Reading extends Asked {
  /** What to do about a 4xx ("Check FLAGS_TOKEN and FLAGS_URL."), or the vendor's own error for an answer that is not a 2xx. */
  readonly refused: string | ((status: number, raw: string) => IntegrationError);
}

/**
 * An answer of JSON: its text as it came, for the ledger, and its value by our schema.
 * @throws ForbiddenError, UnexpectedAnswerError or IntegrationError
 */
export async function readJson<T>(
  response: Response,
  schema: z.ZodType<T>,
  reading: Reading,
): Promise<{ readonly raw: string; readonly value: T }> {
  const raw = await response.text();
  const { vendor, what, refused } = reading;
  if (!response.ok) throw typeof refused === "string" ? refusal(response.status, reading, refused) : refused(response.status, raw);
  let json: unknown;
  try {
    json = JSON.parse(raw);
  } catch {
    const type = response.headers.get("content-type") ?? "no content type";
    throw new UnexpectedAnswerError(vendor, what, `not JSON (${type}, ${raw.length} characters)`);
  }
  return { raw, value: bySchema(schema, json, reading) };
}

function refusal(status: number, { vendor, what }: Asked, todo: string): IntegrationError {
  if (status === 401 || status === 403) return new ForbiddenError(vendor, status, what, todo);
  const words = `${vendor} answered ${status} for ${what}.${status < 500 ? ` ${todo}` : ""}`;
  return new IntegrationError(vendor, words, { status, retryable: status >= 500 });
}
