import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { doctor, leastSettings, runHere } from "../support/command.ts";
import { fileOf } from "../support/mcp/allowing.ts";
import { says, serveMcp, type ServedTool } from "../support/mcp/mcp-server.ts";

const folder = mkdtempSync(join(tmpdir(), "midwatch-cli-"));
const token = "mcp-canary-token-71";
const search: ServedTool = { name: "search", description: "Searches.", answer: () => says("") };
const remove: ServedTool = { name: "delete_page", description: "Deletes.", annotations: { destructiveHint: true }, answer: () => says("") };

function settingsFor(yaml: string): Record<string, string> {
  const path = join(folder, "mcp.yaml");
  writeFileSync(path, yaml);
  return { ...leastSettings(), MCP_SERVERS_PATH: path, MCP_TOKENS: `notes=${token},spare=another-token-4711` };
}

async function told(words: readonly string[], settings: Readonly<Record<string, string>>) {
  const { code, stdout, stderr } = await runHere(words, settings);
  expect(stdout + stderr).not.toContain("canary");
  return { code, stdout };
}

test("doctor tells of each server whether it answers as pinned, and warns of tools that may write", async () => {
  await using mcp = await serveMcp([{ ...search, description: "Searches all." }, remove, { ...search, name: "other" }]);
  const settings = settingsFor(fileOf(mcp.url, [search, remove], { server: { auth: { token: "notes" } } }));
  const { code, checks, printed } = await doctor(settings);
  expect(code).toBe(1);
  expect(printed).not.toContain("canary");
  expect(checks.filter(({ name }) => name.startsWith("MCP"))).toEqual([
    { name: "MCP notes", state: "ok", detail: "answers; 1 tool as pinned, 1 other not allowed" },
    {
      name: "MCP notes",
      state: "problem",
      detail:
        "notes_search: its description changed since it was pinned, so it is refused (npm run midwatch -- mcp check notes) description: - Searches. + Searches all.",
    },
    {
      name: "MCP notes",
      state: "warning",
      detail: expect.stringContaining("notes_delete_page may write: its server says that it destroys"),
    },
    { name: "MCP", state: "warning", detail: 'no server uses the token "spare" of MCP_TOKENS: remove it' },
  ]);
  expect(mcp.seen[0]?.headers.get("authorization")).toBe(`Bearer ${token}`);
});

test("mcp check shows what differs and fails; what mcp pin prints mends it", async () => {
  await using mcp = await serveMcp([{ ...search, description: "Searches all." }]);
  const changed = await told(["mcp", "check"], settingsFor(fileOf(mcp.url, [search])));
  expect(changed.code).toBe(1);
  expect(changed.stdout.split("\n").slice(1, 4)).toEqual(["  description:", "  - Searches.", "  + Searches all."]);
  const pinned = await told(["mcp", "pin", "notes"], settingsFor(fileOf(mcp.url, [])));
  expect(pinned.code).toBe(0);
  const yaml = `version: 1\nservers:\n  notes:\n    url: ${mcp.url}\n    tools:\n${pinned.stdout}`;
  // A server is looked at before there are keys of anything else.
  const { MCP_SERVERS_PATH = "" } = settingsFor(yaml);
  expect(await told(["mcp", "check", "notes"], { MCP_SERVERS_PATH })).toMatchObject({ code: 0, stdout: "MCP notes: 1 tool as pinned\n" });
});

test("a wrong file is told with its line before anything starts", async () => {
  const { code, stdout, stderr } = await runHere(["serve"], settingsFor("version: 1\nservers:\n  notes:\n    url: x\n"));
  expect(code).toBe(1);
  expect(stdout + stderr).toMatch(/mcp\.yaml:4: servers\.notes\.url: must be an http\(s\) URL/);
});
