import { describe, expect, test } from "vitest";
import { stringify } from "yaml";
import { McpServersError, MOST_TOOLS, OWN_NAMES, parseMcpServers } from "../../../src/integrations/mcp/servers.ts";

const problemsOf = (yaml: string, tokens: readonly string[] = [], taken: readonly string[] = []): readonly string[] => {
  try {
    parseMcpServers(yaml, tokens, "mcp.yaml", taken);
  } catch (error) {
    if (error instanceof McpServersError) return error.message.split("\n");
    throw error;
  }
  return [];
};

const file = (
  rules: string,
  input = "{ type: object, properties: { q: { type: string }, n: { type: integer }, o: { type: object } } }",
) => `version: 1
servers:
  notes:
    url: https://mcp.example/mcp
    tools:
      search:
        pinned: { description: Searches, input: ${input} }
        arguments: ${rules}
`;

test("a file is read with its limits and names, and nothing is sent that says who asks unless it names a token", () => {
  const [server, ...more] = parseMcpServers(file("{ q: {}, n: { max: 5 } }"), []);
  expect(more).toEqual([]);
  expect(server).toMatchObject({ name: "notes", title: "MCP notes", auth: null, timeoutMs: 15_000, largestAnswerBytes: 1_048_576 });
  expect(server?.tools).toMatchObject([{ name: "search", shownAs: "notes_search", timeoutMs: 15_000, description: null }]);
  expect(parseMcpServers("", [])).toEqual([]);
});

test("a token is named, never written: the header's scheme is Bearer only where nothing else is said", () => {
  const withAuth = (auth: string) => parseMcpServers(file("{}").replace("    tools:", `    auth: ${auth}\n    tools:`), ["key"])[0]?.auth;
  expect(withAuth("{ token: key }")).toEqual({ token: "key", header: "authorization", scheme: "Bearer" });
  expect(withAuth("{ token: key, header: X-Api-Key }")).toEqual({ token: "key", header: "x-api-key", scheme: "" });
  expect(withAuth("{ token: key, scheme: Basic }")).toMatchObject({ scheme: "Basic" });
});

describe("is refused with its line", () => {
  const at = (line: number, words: string) => expect.stringMatching(new RegExp(`^mcp\\.yaml:${line}: .*${words}`));

  test.each([
    ["a rule for an argument that there is not", "{ x: {} }", "arguments\\.x: the pinned schema has no such argument"],
    ["an argument of more than plain values", "{ o: {} }", "arguments\\.o: takes more than"],
    ["a pattern with look-ahead", "{ q: { pattern: '(?=a)' } }", "arguments\\.q: pattern: .*RE2"],
    ["a pattern for a number", "{ n: { pattern: '1' } }", "arguments\\.n: pattern says nothing of a value of type integer"],
    ["a limit for a text", "{ q: { max: 3 } }", "arguments\\.q: max says nothing"],
    ["min above max", "{ n: { min: 3, max: 2 } }", "arguments\\.n: min is greater"],
    ["a choice of another type", "{ n: { one_of: [a] } }", 'arguments\\.n: one_of holds "a"'],
    ["a rule beside a fixed value", "{ q: { fixed: a, max_length: 3 } }", "arguments\\.q: must be"],
    ["an unknown rule", "{ q: { maximum: 3 } }", 'arguments\\.q: there is no key "maximum" here'],
    ["a name that the model cannot be told", '{ "a b": {} }', "an argument.s name has at most 64"],
  ])("%s", (_what, rules, words) => {
    expect(problemsOf(file(rules))).toEqual([at(8, words)]);
  });

  test("an argument that the server needs and nobody gives", () => {
    const needed = "{ type: object, properties: { q: { type: string } }, required: [q] }";
    expect(problemsOf(file("{}", needed))).toEqual([at(7, "the server needs the argument q")]);
    expect(problemsOf(file("{ q: { fixed: x } }", needed))).toEqual([]);
  });

  test("a credential in the file, and a token that is not set; no message repeats one", () => {
    const canary = "ghp_0123456789abcdefghijABCDEFGHIJ012345";
    for (const url of [`https://me:${canary}@mcp.example/`, `https://mcp.example/?key=${canary}`]) {
      const problems = problemsOf(file("{}").replace("https://mcp.example/mcp", url));
      expect(problems).toEqual([at(4, "holds a credential; put it into MCP_TOKENS")]);
      expect(problems.join()).not.toContain(canary);
    }
    const fixed = problemsOf(file(`{ q: { fixed: "${canary}" } }`));
    expect(fixed).toEqual([at(8, "arguments\\.q: holds what looks like a credential")]);
    expect(fixed.join()).not.toContain(canary);
    expect(problemsOf(file("{}").replace("    tools:", "    auth: { token: other }\n    tools:"), ["key"])).toEqual([
      at(5, "MCP_TOKENS has no token of this name"),
    ]);
    expect(
      problemsOf(file("{}").replace("    tools:", `    auth: { token: key, value: ${canary} }\n    tools:`), ["key"]).join(),
    ).not.toContain(canary);
  });

  test("a URL that is none of the web, a server's name that a tool of another could have, an unknown key", () => {
    expect(problemsOf(file("{}").replace("https://mcp", "file://mcp"))).toEqual([at(4, "must be an http")]);
    for (const name of ["my_notes", "Notes", "9notes"])
      expect(problemsOf(file("{}").replace("notes:", `${name}:`))[0]).toContain("a server's name begins with a letter");
    expect(problemsOf(file("{}").replace("    url:", "    command: npx\n    url:"))[0]).toContain('there is no key "command" here');
  });

  test("a server that would pose for midwatch's own tools, and two tools of one name", () => {
    const posing = (name: string, taken: readonly string[]) => problemsOf(file("{}").replace("notes:", `${name}:`), [], taken);
    for (const name of [...OWN_NAMES, "sql"]) expect(posing(name, ["sql"])[0]).toContain("give the server another name");
    expect(posing("sql", [])).toEqual([]);
    const twice = file("{}").replace("      search:", "      Search: { pinned: { description: a, input: {} } }\n      search:");
    expect(problemsOf(twice)).toEqual([at(8, 'as it does notes\\.Search; tell them apart with "as"')]);
    expect(problemsOf(file("{}").replace("search:", `"${"long".repeat(20)}":`))[0]).toContain("no name of at most 64");
    expect(problemsOf(file("{}").replace("search:", '"???":'))[0]).toContain('give it one with "as"');
  });

  test("more tools than a model should read in every turn", () => {
    const tool = { pinned: { description: "", input: {} } };
    const servers = (count: number) => ({
      version: 1,
      servers: {
        notes: { url: "https://mcp.example", tools: Object.fromEntries(Array.from({ length: count }, (_, index) => [`t${index}`, tool])) },
      },
    });
    expect(problemsOf(stringify(servers(MOST_TOOLS), { aliasDuplicateObjects: false }))).toEqual([]);
    expect(problemsOf(stringify(servers(MOST_TOOLS + 1), { aliasDuplicateObjects: false }))).toEqual([
      at(3, "26 tools are allowed, and at most 25 may be"),
    ]);
  });
});
