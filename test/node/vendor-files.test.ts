import { expect, test } from "vitest";
import { parseConfig } from "../../src/config.ts";
import { mcp as vendor } from "../../src/integrations/mcp/vendor.ts";
import { loadVendorFiles } from "../../src/node/vendor-files.ts";
import { allow, clientOf } from "../support/mcp/allowing.ts";
import { says, serveMcp, type ServedTool } from "../support/mcp/mcp-server.ts";

const enough = {
  PAGERDUTY_WEBHOOK_SECRET: "one-of-sixteen-and-more",
  SLACK_BOT_TOKEN: "xoxb-bot-of-sixteen-and-more",
  SLACK_SIGNING_SECRET: "sign-of-sixteen-and-more",
};

test("without the setting there is no server; a file that is not there is told", () => {
  expect(loadVendorFiles(parseConfig(enough))).toEqual({});
  expect(() => loadVendorFiles(parseConfig({ ...enough, MCP_SERVERS_PATH: "/not-there.yaml" }))).toThrow(
    "/not-there.yaml cannot be read. Write the file of MCP servers",
  );
});

test("the start tells the operator what is refused, with its difference, and what cannot be asked; what is as pinned says nothing", async () => {
  const search: ServedTool = { name: "search", description: "Searches.", answer: () => says("") };
  await using mcp = await serveMcp([search]);
  const client = clientOf(allow(mcp.url, [search]));
  const told = async () => {
    const lines: string[] = [];
    await vendor.report?.([client], (line) => void lines.push(line));
    return lines;
  };
  expect(await told()).toEqual([]);
  mcp.tools = [{ ...search, description: "Searches and\nsends." }];
  expect(await told()).toEqual([
    "MCP notes: notes_search: its description changed since it was pinned; it is refused. Read it again, then: npm run midwatch -- mcp pin notes",
    "  description:",
    "  - Searches.",
    "  + Searches and",
    "  + sends.",
  ]);
  mcp.instead = () => new Response("", { status: 500 });
  expect(await told()).toEqual([expect.stringMatching(/^MCP notes cannot be asked: mcp answered 500/)]);
});
