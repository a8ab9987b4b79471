import { waitUntil } from "cloudflare:workers";
import { IntegrationError, ModelError } from "../../../src/guard/errors.ts";
import type { PatchedFile } from "../../../src/incident/fix.ts";
import { createModel } from "../../../src/integrations/anthropic/client.ts";
import { createMcpClient } from "../../../src/integrations/mcp/client.ts";
import { parseMcpServers } from "../../../src/integrations/mcp/servers.ts";
import { createSqlClient, type SqlClient } from "../../../src/integrations/postgres/sql-client.ts";
import { parseCode } from "../../../src/worker/code-parser.ts";
import { errorReports } from "../../../src/worker/report-errors.ts";
import { parseSql } from "../../../src/worker/sql-parser.ts";
import { problemsOf } from "../../fix/patch-problems.ts";
import { logsTool, question } from "../../integrations/anthropic/question.ts";
import { declaredTables } from "../../integrations/postgres/sql-catalog.ts";

interface Env {
  readonly MCP_SERVERS: string;
  readonly MCP_TOKEN: string;
  readonly MODEL_URL: string;
  readonly MODEL_KEY: string;
}

const databases = (url: string) => [{ name: "shop", url, tables: declaredTables }];
let sql: SqlClient | undefined;

/** Calls every tool that the file allows with this `q`: answers or errors. */
async function askMcp(env: Env, q: string, signal: AbortSignal): Promise<unknown[]> {
  const [server] = parseMcpServers(env.MCP_SERVERS, ["notes"]);
  if (server === undefined) throw new Error("no server");
  const client = createMcpClient({ server, token: env.MCP_TOKEN, fetch: (input, init) => fetch(input, init) });
  const told = server.tools.map(async (tool) => {
    try {
      return (await client.call(tool, tool.policy.input.parse({ q }), signal)).content;
    } catch (error) {
      if (error instanceof IntegrationError) return error.message;
      throw error;
    }
  });
  return Promise.all(told);
}

/** One turn of a model, or its error. */
async function askModel(env: Env, limits: Readonly<Record<string, number>>, signal: AbortSignal): Promise<unknown> {
  const model = createModel({
    ...{ baseUrl: env.MODEL_URL, apiKey: env.MODEL_KEY, model: "claude-opus-5-5" },
    fetch: (input, init) => fetch(input, init),
    ...limits,
  });
  try {
    return await model.turn({ ...question, tools: [logsTool] }, signal);
  } catch (error) {
    if (!(error instanceof ModelError)) throw error;
    const { kind, timeout, retryAfterMs } = error;
    return { kind, timeout, retryAfterMs };
  }
}

/** What the model, its SQL, an MCP server, programs of a patch and errors of midwatch's own come to in a Worker. */
async function answer(request: Request, env: Env): Promise<Response> {
  const url = new URL(request.url);
  switch (url.pathname) {
    case "/environment":
      return Response.json({ ...process.env });
    case "/mcp":
      return Response.json(await askMcp(env, url.searchParams.get("q") ?? "", request.signal));
    case "/model": {
      const limits = Object.fromEntries([...url.searchParams].map(([name, value]) => [name, Number(value)]));
      return Response.json(await askModel(env, limits, request.signal));
    }
    case "/sql": {
      sql ??= createSqlClient({ databases: databases(url.searchParams.get("database") ?? ""), parse: parseSql });
      const told: string[] = [];
      for (const statement of (await request.json()) as string[]) {
        const asked = sql.query({ database: "shop", sql: statement }, request.signal);
        told.push(
          await asked.then(
            ({ value }) => JSON.stringify(value.rows),
            (error: unknown) => String(error),
          ),
        );
      }
      return Response.json(told);
    }
    case "/report": {
      const report = errorReports({
        dsn: url.searchParams.get("dsn") ?? "",
        redact: (text) => text.replaceAll("Jane", "<person>"),
        fetch: (input, init) => fetch(input, init),
        waitUntil,
        now: () => 0,
      });
      report(new IntegrationError("datadog", "503 of a vendor"), "step");
      for (let index = 0; index < 25; index++) report(new TypeError(`Jane has no id, https://a.example/x?token=canary-${index}`), "step");
      return Response.json(null);
    }
    case "/patches": {
      const problems: (readonly string[])[] = [];
      for (const { file, blamed } of (await request.json()) as { file: PatchedFile; blamed: boolean }[])
        problems.push(await problemsOf({ file }, parseCode, blamed));
      return Response.json(problems);
    }
    default:
      return new Response("not found", { status: 404 });
  }
}

export default {
  fetch: (request: Request, env: Env): Promise<Response> =>
    answer(request, env).catch((error: unknown) => new Response(String((error as Error).stack), { status: 500 })),
};
