import { IntegrationError } from "./errors.ts";

/** A part of an answer that the rest can do without, or why it is missing. */
export type Secondary<T> = { readonly value: T; readonly problem: null } | { readonly value: null; readonly problem: string };

/** Waits for a part that the rest can do without. @throws what is no IntegrationError: a bug, or the signal's reason */
export async function secondary<T>(asked: Promise<T>): Promise<Secondary<T>> {
  try {
    return { value: await asked, problem: null };
  } catch (error) {
    if (error instanceof IntegrationError) return { value: null, problem: error.message };
    throw error;
  }
}
