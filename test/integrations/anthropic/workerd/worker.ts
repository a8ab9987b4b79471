import { ModelError } from "../../../../src/guard/errors.ts";
import { createModel } from "../../../../src/integrations/anthropic/client.ts";
import { logsTool, question } from "../question.ts";

interface Env {
  readonly BASE_URL: string;
  readonly API_KEY: string;
}

/** One turn of a model, or its error, as JSON. */
export default {
  async fetch(request: Request, env: Env): Promise<Response> {
    const limits = Object.fromEntries([...new URL(request.url).searchParams].map(([name, value]) => [name, Number(value)]));
    const model = createModel({
      baseUrl: env.BASE_URL,
      apiKey: env.API_KEY,
      model: "claude-opus-5-5",
      fetch: (input, init) => globalThis.fetch(input, init),
      ...limits,
    });
    try {
      return Response.json(await model.turn({ ...question, tools: [logsTool] }, request.signal));
    } catch (error) {
      if (!(error instanceof ModelError)) throw error;
      const { kind, timeout, retryAfterMs } = error;
      return Response.json({ kind, timeout, retryAfterMs });
    }
  },
};
