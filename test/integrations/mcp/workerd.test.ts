import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { temporaryFolder } from "../../support/files.ts";
import { startWorkerd } from "../../support/workerd.ts";
import { fileOf } from "../../support/mcp/allowing.ts";
import { says, serveMcp, type ServedTool } from "../../support/mcp/mcp-server.ts";

const CONFIG = join(import.meta.dirname, "workerd", "wrangler.toml");

test("a Worker asks a server, refuses what changed, and follows no redirect; its credentials stand in no environment", async () => {
  const input = { type: "object", properties: { q: { type: "string" } } };
  const search: ServedTool = { name: "search", description: "Searches.", input, answer: ({ q }) => says(`found ${String(q)}`) };
  const page: ServedTool = { ...search, name: "page" };
  await using mcp = await serveMcp([search, { ...page, description: "Reads a page." }]);
  using folder = temporaryFolder();
  const rules = { search: { q: { pattern: "[a-z ]+" } }, page: { q: {} } };
  await using workerd = await startWorkerd(CONFIG, folder.path, {
    MCP_SERVERS: fileOf(mcp.url, [search, page], { arguments: rules, server: { auth: { token: "notes" } } }),
    TOKEN: "a-token-of-the-worker",
  });
  const ask = async (): Promise<unknown> => (await fetch(`${workerd.url}/?q=disk`)).json();
  expect(await ask()).toEqual([
    [{ type: "text", text: "found disk" }],
    expect.stringContaining("notes_page is refused: its description changed since it was pinned"),
  ]);
  expect(mcp.seen[0]?.headers.get("authorization")).toBe("Bearer a-token-of-the-worker");
  const environment: unknown = await (await fetch(`${workerd.url}/environment`)).json();
  expect(JSON.stringify(environment)).not.toContain("a-token-of-the-worker");
  // What keeps it out is a flag, so the real Worker must have it too.
  const flagsOf = (config: string) => /^compatibility_flags = .*$/m.exec(readFileSync(config, "utf8"))?.[0];
  expect(flagsOf(join(import.meta.dirname, "../../../wrangler.toml"))).toBe(flagsOf(CONFIG));
  mcp.instead = () => Response.redirect("http://127.0.0.1:1/elsewhere", 302);
  expect(await ask()).toEqual([expect.stringContaining("midwatch does not follow"), expect.stringContaining("midwatch does not follow")]);
}, 60_000);
