import { ModelError } from "../../../src/guard/errors.ts";
import type { OutgoingCall } from "../../../src/guard/outgoing.ts";
import type { ModelRequest, ModelTurn } from "../../../src/incident/model.ts";
import { createModel, type Model, type ModelOptions } from "../../../src/integrations/anthropic/client.ts";
import { type Raw, type Script, type ScriptedAnswer, inOrder } from "../../../src/replay/anthropic/script.ts";
import { type ScriptedModel, startScriptedModel } from "../../../src/replay/anthropic/server.ts";

export { logsTool, question } from "./question.ts";

export const never = new AbortController().signal;

/** The transcript with an answer and the results of its calls behind it, as the loop would go on. */
export function goOn(request: ModelRequest, turn: ModelTurn, result = "no lines"): ModelRequest {
  return {
    ...request,
    messages: [
      ...request.messages,
      { role: "assistant", content: turn.content },
      {
        role: "user",
        content: turn.toolUses.map(({ id }) => ({ type: "tool_result" as const, tool_use_id: id, content: result })),
      },
    ],
  };
}

export interface Asking extends AsyncDisposable {
  readonly model: Model;
  readonly server: ScriptedModel;
  readonly calls: OutgoingCall[];
  readonly waits: number[];
}

/** A client in front of a scripted model; its waits are noted instead of slept. */
export async function asking(
  script: Script | readonly [ScriptedAnswer, ...ScriptedAnswer[]],
  options: Partial<ModelOptions> = {},
): Promise<Asking> {
  const server = await startScriptedModel({ script: typeof script === "function" ? script : inOrder(script), minimumCacheTokens: 0 });
  const calls: OutgoingCall[] = [];
  const waits: number[] = [];
  const model = createModel({
    baseUrl: server.url,
    apiKey: server.apiKey,
    model: "claude-opus-5-5",
    fetch: globalThis.fetch,
    sleep: async (ms) => void waits.push(ms),
    random: () => 0,
    onCall: (call) => calls.push(call),
    ...options,
  });
  return { model, server, calls, waits, [Symbol.asyncDispose]: () => server.close() };
}

/** An event stream as it is. */
export const stream = (body: string, rest: Partial<Raw> = {}): Raw => ({
  status: 200,
  body,
  headers: { "content-type": "text/event-stream", "request-id": "req_recorded" },
  ...rest,
});

export async function failure(promise: Promise<unknown>): Promise<ModelError> {
  const error = await promise.then(
    () => new Error("it did not fail"),
    (cause: unknown) => cause,
  );
  if (error instanceof ModelError) return error;
  throw error;
}

/** Everything that a logger could print of an error. */
export function printed(error: unknown): string {
  let text = "";
  for (let at = error; at instanceof Error; at = at.cause)
    text += `${at.message}\n${at.stack}\n${JSON.stringify(at, Object.getOwnPropertyNames(at))}\n`;
  return text;
}
