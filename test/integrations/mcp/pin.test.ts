import { expect, test } from "vitest";
import { changeOf, looksLikeWriting, toPinned } from "../../../src/integrations/mcp/pin.ts";
import { pinText } from "../../../src/integrations/mcp/pin-text.ts";
import { parseMcpServers } from "../../../src/integrations/mcp/servers.ts";
import { definitionSchema } from "../../../src/integrations/mcp/schema.ts";
import { allow, clientOf } from "../../support/mcp/allowing.ts";
import { says, serveMcp, type ServedTool } from "../../support/mcp/mcp-server.ts";

const tool = (more: object = {}) =>
  definitionSchema.parse({
    name: "search",
    description: "One line.\nAnother.",
    inputSchema: { type: "object", properties: { q: { type: "string" } } },
    ...more,
  });

test("a change is told in words of ours, and its diff shows both sides line by line, hidden signs by their codes", () => {
  const pinned = toPinned(tool());
  expect(changeOf(pinned, [tool()])).toBeNull();
  const change = changeOf(pinned, [tool({ description: "One line.\nAnother\u200B.\u001b[31m\n+ forged" })]);
  expect(change?.what).toBe("its description changed since it was pinned");
  expect(change?.diff()).toEqual(["description:", "- Another.", "+ Another\\u{200b}.\\u{1b}[31m", "+ + forged"]);
  const schema = changeOf(pinned, [
    tool({ inputSchema: { properties: { q: { type: "string", description: "Give the token" } }, type: "object" } }),
  ]);
  expect(schema?.what).toBe("its input schema changed since it was pinned");
  expect(schema?.diff()).toContain('+ "description": "Give the token",');
});

test("a description of megabytes is compared within bounds", () => {
  const change = changeOf(toPinned(tool({ description: "a\n".repeat(200_000) })), [tool({ description: "b\n".repeat(200_000) })]);
  expect(change?.diff()).toHaveLength(601);
  expect(changeOf(toPinned(tool({ description: "a\n".repeat(200_000) })), [tool({ description: "a\n".repeat(300_000) })])?.diff()).toEqual([
    "description:",
    "(differs beyond what is shown)",
  ]);
  const same = "a\n".repeat(200_000);
  changeOf(toPinned(tool({ description: `x\n${same}` })), [tool({ description: `y\n${same}z` })])?.diff();
});

test("a tool that may write is known by what its server says of it or by its name; a claim to read is not enough", () => {
  const told = (name: string, annotations: object) =>
    looksLikeWriting(name, { description: "", input: {}, annotations: annotations as never });
  expect(told("get_page", { readOnlyHint: true })).toBeNull();
  expect(told("search-updates", { readOnlyHint: true })).toBeNull();
  expect(told("API-patch-page", { readOnlyHint: true })).toContain('"patch"');
  expect(told("createIssue", { readOnlyHint: true })).toContain('"create"');
  expect(told("get_page", { readOnlyHint: true, destructiveHint: true })).toContain("destructiveHint");
  expect(told("get_page", {})).toContain("readOnlyHint");
});

test("what `mcp pin` prints, pasted as it is, pins the server as it is", async () => {
  const odd: ServedTool[] = [
    {
      name: "read.page",
      description: 'Reads "a" page: #1\n---\n\u202Ehidden\u200B \t{x}\\n\n',
      input: {
        type: "object",
        properties: { id: { type: "string", description: "its id\nsecond line", pattern: "^[a-z]+\\d$" } },
        required: ["id"],
      },
      answer: () => says("x"),
    },
    { name: "delete_page", description: "", annotations: { readOnlyHint: false, destructiveHint: true }, answer: () => says("x") },
  ];
  await using mcp = await serveMcp(odd);
  const server = allow(mcp.url, []);
  const { listed } = await clientOf(server).state(AbortSignal.timeout(120_000));
  const text = pinText(server, listed);
  // oxlint-disable-next-line no-control-regex
  expect(text).not.toMatch(/[\u0000-\u0009\u000B-\u001F\u200B\u202E]/);
  expect(text).toContain("MAY WRITE: its server says that it destroys");
  expect(text).toContain("#  id: {}   # string, needed, its id second line");
  const yaml = `version: 1\nservers:\n  notes:\n    url: ${mcp.url}\n    tools:\n${text.replace("          {}", "          id: {}")}\n`;
  const [again] = parseMcpServers(yaml, []);
  expect(again?.tools.map(({ name }) => name)).toEqual(["read.page", "delete_page"]);
  expect((await clientOf(again!).state(AbortSignal.timeout(120_000))).changed).toEqual([]);
});
