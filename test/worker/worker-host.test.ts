import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createSqlClient } from "../../src/integrations/postgres/sql-client.ts";
import { parseCode } from "../../src/node/code-parser.ts";
import { parseSql } from "../../src/node/sql-parser.ts";
import { type ScriptedAnswer, type ScriptedModel, startScriptedModel } from "../../src/replay/anthropic/server.ts";
import { patchCases } from "../fix/patch-corpus.ts";
import { problemsOf } from "../fix/patch-problems.ts";
import { legitimate } from "../guard/legitimate-sql.ts";
import { refused } from "../guard/sql-attacks.ts";
import { declaredTables } from "../integrations/postgres/sql-catalog.ts";
import { startSqlShop } from "../integrations/postgres/sql-database.ts";
import { temporaryFolder } from "../support/files.ts";
import { listen } from "../support/loopback.ts";
import { fileOf } from "../support/mcp/allowing.ts";
import { says, serveMcp, type ServedMcp, type ServedTool } from "../support/mcp/mcp-server.ts";
import { startWorkerd, type Workerd } from "../support/workerd.ts";

const CONFIG = join(import.meta.dirname, "workerd", "wrangler.toml");

/** What a model's requests are answered, one after the other. */
const long = "word ".repeat(400);
const answers: readonly ScriptedAnswer[] = [
  {
    blocks: [
      { thinking: "hm" },
      { text: "I look." },
      { tool: "datadog_logs", input: { service: "checkout", from: "2026-06-01T03:12:00Z" } },
    ],
  },
  { blocks: [{ text: long }], fault: { kind: "cut", afterBytes: 2000 } },
  { blocks: [{ text: long }], fault: { kind: "stall", afterBytes: 2000 } },
  { blocks: [], delayMs: Number.POSITIVE_INFINITY },
  { status: 429, body: { type: "error", error: { type: "rate_limit_error", message: "x" } }, headers: { "retry-after": "86400" } },
];
/** Two tools of an MCP server; the second one is not what was pinned any more. */
const input = { type: "object", properties: { q: { type: "string" } } };
const search: ServedTool = { name: "search", description: "Searches.", input, answer: ({ q }) => says(`found ${String(q)}`) };
const page: ServedTool = { ...search, name: "page" };

let folder: ReturnType<typeof temporaryFolder>;
let model: ScriptedModel;
let mcp: ServedMcp;
let workerd: Workerd;

// One Worker for all: bundling and starting one takes seconds.
beforeAll(async () => {
  folder = temporaryFolder();
  model = await startScriptedModel({ script: ({ index }) => answers[index] ?? { blocks: [] } });
  mcp = await serveMcp([search, { ...page, description: "Reads a page." }]);
  const rules = { search: { q: { pattern: "[a-z ]+" } }, page: { q: {} } };
  workerd = await startWorkerd(CONFIG, folder.path, {
    MCP_SERVERS: fileOf(mcp.url, [search, page], { arguments: rules, server: { auth: { token: "notes" } } }),
    MCP_TOKEN: "a-token-of-the-worker",
    MODEL_URL: model.url,
    MODEL_KEY: model.apiKey,
  });
});

afterAll(async () => {
  await workerd.kill();
  await model.close();
  await mcp[Symbol.asyncDispose]();
  folder[Symbol.dispose]();
});

const get = async (route: string): Promise<unknown> => (await fetch(`${workerd.url}${route}`)).json();

async function post(route: string, body: unknown): Promise<unknown[]> {
  const response = await fetch(`${workerd.url}${route}`, { method: "POST", body: JSON.stringify(body) });
  if (!response.ok) throw new Error(`${route}: ${response.status} ${await response.text()}`);
  return (await response.json()) as unknown[];
}

describe("parsers, in WebAssembly that wrangler compiled", () => {
  test("SQL: every attack is refused before a database sees it, and what engineers ask is answered by a real PostgreSQL over a Worker's socket", async () => {
    await using shop = await startSqlShop();
    const sql = `/sql?database=${encodeURIComponent(shop.url)}`;
    const attacks = Object.values(refused).flat();
    // The first one shows the columns; of attacks it then depends on nothing but the statement.
    const [count, ...told] = await post(sql, ["select count(*) from orders", ...attacks]);
    expect(count).toBe('[["400"]]');
    expect(attacks.filter((_, index) => !String(told[index]).startsWith("IntegrationError: The statement was not run: "))).toEqual([]);
    // Each opens a connection of its own, so a few of each kind.
    const asked = legitimate.filter((_, index) => index % 10 === 0);
    const node = createSqlClient({ databases: [{ name: "shop", url: shop.url, tables: declaredTables }], parse: parseSql });
    const onNode: string[] = [];
    for (const statement of asked)
      onNode.push(
        await node.query({ database: "shop", sql: statement }, AbortSignal.timeout(120_000)).then(
          ({ value }) => JSON.stringify(value.rows),
          (error: unknown) => String(error),
        ),
      );
    expect(await post(sql, asked)).toEqual(onNode);
  });

  test("patches: as on Node, but for languages without a parser here, in which nothing may be changed", async () => {
    const cases = (["hostile", "good"] as const).flatMap((name) => patchCases(name).map(({ file }) => ({ file, blamed: name === "good" })));
    const here = await post("/patches", cases);
    const unparsed = /^.*: a fix may not change it, as midwatch has no parser of (?:bash|cpp|c-sharp|powershell) on this host\.$/;
    const differ: unknown[] = [];
    for (const [index, one] of cases.entries()) {
      const onNode = await problemsOf(one, parseCode, one.blamed);
      const inWorker = here[index] as readonly string[];
      if (JSON.stringify(inWorker) !== JSON.stringify(onNode) && !inWorker.some((problem) => unparsed.test(problem)))
        differ.push([one.file.path, inWorker, onNode]);
    }
    expect(differ).toEqual([]);
    expect(here.filter((problems) => (problems as string[]).length === 0).length).toBeGreaterThan(50);
  });
});

test("errors of midwatch's own reach Sentry from a Worker, scrubbed, and no flood of them", async () => {
  await using sentry = await listen((_request, response) => void response.end("{}"));
  const dsn = `${sentry.url.replace("://", "://public@")}/42`;
  await post(`/report?dsn=${encodeURIComponent(dsn)}`, null);
  await expect.poll(() => sentry.seen.length).toBe(20);
  const { exception, tags } = JSON.parse(sentry.seen[0]?.body.split("\n")[2] ?? "{}") as Record<string, { values?: unknown[] }>;
  expect(tags).toEqual({ where: "step" });
  expect(exception?.values).toMatchObject([{ type: "TypeError", value: "<person> has no id, https://a.example/x?<query>" }]);
  expect(sentry.seen.map(({ body }) => body).join()).not.toMatch(/canary|Jane|503 of a vendor|"request"|"user"|server_name/);
});

test("an MCP server is asked, a tool that changed is refused, no redirect is followed; credentials stand in no environment", async () => {
  expect(await get("/mcp?q=disk")).toEqual([
    [{ type: "text", text: "found disk" }],
    expect.stringContaining("notes_page is refused: its description changed since it was pinned"),
  ]);
  expect(mcp.seen[0]?.headers.get("authorization")).toBe("Bearer a-token-of-the-worker");
  expect(JSON.stringify(await get("/environment"))).not.toContain("a-token-of-the-worker");
  // What keeps it out is a flag, so the real Worker must have it too.
  const flagsOf = (config: string) => /^compatibility_flags = .*$/m.exec(readFileSync(config, "utf8"))?.[0];
  expect(flagsOf(join(import.meta.dirname, "../../wrangler.toml"))).toBe(flagsOf(CONFIG));
  mcp.instead = () => Response.redirect("http://127.0.0.1:1/elsewhere", 302);
  const elsewhere = expect.stringContaining("midwatch does not follow") as unknown;
  expect(await get("/mcp?q=disk")).toEqual([elsewhere, elsewhere]);
});

test("a model's turns come whole; a cut, a stall and a refusal to answer are seen for what they are", async () => {
  const ask = (limits = "") => get(`/model?${limits}`);
  expect(await ask()).toMatchObject({
    thinking: "hm",
    text: "I look.",
    stopReason: "tool_use",
    toolUses: [{ name: "datadog_logs", whole: true }],
  });
  expect(await ask()).toMatchObject({ kind: "cut-stream" });
  expect(await ask("stallMs=100")).toMatchObject({ kind: "timeout", timeout: "stall" });
  expect(await ask("firstByteMs=100&retries=0")).toMatchObject({ kind: "timeout", timeout: "first-byte" });
  expect(await ask()).toMatchObject({ kind: "rate-limited", retryAfterMs: 86_400_000 });
});
