import { waitUntil } from "cloudflare:workers";
import { IntegrationError } from "../../../src/guard/errors.ts";
import type { PatchedFile } from "../../../src/incident/fix.ts";
import { createSqlClient, type SqlClient } from "../../../src/integrations/postgres/sql-client.ts";
import { parseCode } from "../../../src/worker/code-parser.ts";
import { errorReports } from "../../../src/worker/report-errors.ts";
import { parseSql } from "../../../src/worker/sql-parser.ts";
import { problemsOf } from "../../fix/patch-problems.ts";
import { declaredTables } from "../../integrations/postgres/sql-catalog.ts";

const databases = (url: string) => [{ name: "shop", url, tables: declaredTables }];
let sql: SqlClient | undefined;

/** What the model's SQL, programs of a patch and errors of midwatch's own come to in a Worker. */
async function answer(request: Request): Promise<Response> {
  const url = new URL(request.url);
  switch (url.pathname) {
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
  fetch: (request: Request): Promise<Response> =>
    answer(request).catch((error: unknown) => new Response(String((error as Error).stack), { status: 500 })),
};
