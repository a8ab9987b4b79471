import type { z } from "zod";
import { BadRequestError } from "./errors.ts";

/**
 * The body of a request as JSON; an empty one is `{}`, as some searches need none.
 * @throws BadRequestError when it is something else
 */
export async function readJson(request: { text(): Promise<string> }): Promise<unknown> {
  const text = await request.text();
  if (text.trim() === "") return {};
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw new BadRequestError("API input validation failed: the body is not JSON");
  }
}

/** @throws BadRequestError in the words of Datadog's input validation */
export function validated<T>(schema: z.ZodType<T>, value: unknown): T {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const [first] = parsed.error.issues;
  throw new BadRequestError(`input_validation_error(Field '${first?.path.join(".") ?? ""}' is invalid: ${first?.message ?? "invalid"})`);
}
