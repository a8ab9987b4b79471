import type { ModelRequest } from "../incident/model.ts";
import { IntegrationError } from "./errors.ts";
import type { Redaction, Redactor } from "./redact.ts";

type AnyFunction = (this: unknown, ...args: unknown[]) => unknown;

const isAnswer = (value: unknown): value is { raw: string; value: unknown; query: string; link: string | null; cut: string | null } =>
  typeof value === "object" && value !== null && "raw" in value && typeof value.raw === "string" && "value" in value && "query" in value;

/**
 * A vendor's client of which every answer comes redacted, the raw text and the parsed value alike, before anything is made of it: views and
 * samples are cut, and a key that was cut is no longer known by its shape. Words of its errors too.
 */
export function redactedClient<C extends object>(client: C, redactor: Redactor): C {
  const clean = (told: unknown): unknown => (isAnswer(told) ? redactor.answer(told) : redactor.deep(told));
  /** Callbacks that are handed answers as they come. */
  const listening = (argument: unknown): unknown => {
    if (typeof argument !== "object" || argument === null || Object.getPrototypeOf(argument) !== Object.prototype) return argument;
    const entries = Object.entries(argument);
    if (!entries.some(([, value]) => typeof value === "function")) return argument;
    return Object.fromEntries(
      entries.map(([name, value]: [string, unknown]) => [
        name,
        typeof value === "function" ? (...given: unknown[]) => (value as AnyFunction).apply(argument, given.map(clean)) : value,
      ]),
    );
  };
  const wrapped = (call: AnyFunction): AnyFunction =>
    function redacted(...args) {
      const told = call.apply(client, args.map(listening));
      if (!(told instanceof Promise)) return told;
      return told.then(clean, (error: unknown) => {
        if (error instanceof IntegrationError) error.message = redactor.text(error.message);
        throw error;
      });
    };
  return Object.fromEntries(
    Object.entries(client).map(([name, part]: [string, unknown]) => [
      name,
      typeof part === "function" ? wrapped(part as AnyFunction) : part,
    ]),
  ) as C;
}

/**
 * The last net before the model: what code says to it. Its own turns go back as they came, for they are signed; it has read nothing that they
 * could repeat.
 */
export const redactedRequest = (request: ModelRequest, { message }: Redaction): ModelRequest => ({
  ...request,
  messages: request.messages.map((one) => (one.role === "user" ? message(one) : one)),
});
