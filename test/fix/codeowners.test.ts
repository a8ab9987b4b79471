import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ownersOf, parseCodeowners, readOwners } from "../../src/fix/codeowners.ts";
import { coversPath } from "../../src/fix/path-pattern.ts";
import { type GithubClient, createGithubClient } from "../../src/integrations/github/client.ts";
import { type EmulatedGithub, TOKEN, emulateGithub } from "../support/github/github.ts";

const signal = AbortSignal.timeout(120_000);

// The example of GitHub's documentation, "About code owners", with its own explanations as expectations.
const documented = `
# This is a comment.
*       @global-owner1 @global-owner2
*.js    @js-owner #This is an inline comment.
*.go docs@example.com
*.txt @octo-org/octocats
/build/logs/ @doctocat
docs/* docs@example.com @docs-direct
apps/ @octocat
/docs/ @doctocat
/scripts/ @doctocat @octocat
**/logs @log-owner
/apps/ @octocat
/apps/github
`;

test.each([
  ["README", ["@global-owner1", "@global-owner2"]],
  ["src/a.js", ["@js-owner"]],
  ["src/main.go", []],
  ["deep/er/a.txt", ["@octo-org/octocats"]],
  ["build/logs/x.bin", ["@log-owner"]],
  ["scripts/a/b.sh", ["@doctocat", "@octocat"]],
  ["build/logs", ["@log-owner"]],
  ["deeply/nested/logs/x.bin", ["@log-owner"]],
  ["apps/a/b.c", ["@octocat"]],
  ["apps/github/x.c", []],
  ["docs/build-app/x.md", ["@doctocat"]],
])("GitHub's own example gives %s its owners", (path, owners) => {
  expect(ownersOf(parseCodeowners(documented), [path])).toEqual(owners);
});

describe("a pattern", () => {
  test.each([
    ["docs/*", "docs/getting-started.md", true],
    ["docs/*", "docs/build-app/troubleshooting.md", false],
    ["/docs/", "other/docs/x.md", false],
    ["docs/", "other/docs/x.md", true],
    ["docs/", "docs", false],
    ["/src/pay", "src/pay/a/b.ts", true],
    ["/src/pay", "src/payments/a.ts", false],
    ["*.ts", "a/b/c.ts", true],
    ["/*.ts", "a/c.ts", false],
    ["a/**/z.ts", "a/z.ts", true],
    ["a/**/z.ts", "a/b/c/z.ts", true],
    ["src/?.ts", "src/a.ts", true],
    ["src/?.ts", "src/ab.ts", false],
    ["*", "any/thing.at.all", true],
    ["Src/", "src/a.ts", false],
    ["/", "a.ts", false],
  ])("%s covers %s: %s", (pattern, path, covers) => {
    expect(coversPath(pattern, path, true)).toBe(covers);
  });

  test("made to be slow takes no time", () => {
    expect(coversPath("**/a*a*a*a*a*b/**/a*a*b/**/x", `${"a".repeat(200)}/`.repeat(39).slice(0, -1), true)).toBe(false);
    expect(coversPath(Array.from({ length: 20 }, () => "**/a").join("/"), "a/".repeat(38).concat("b"), true)).toBe(true);
  });
});

test("lines that GitHub passes over are passed over, and addresses are not mentioned", () => {
  expect(parseCodeowners("\uFEFF*.ts @ana ana@acme.io @bad/team/name @-x\r\n!a @b\n[ab].ts @c\n\\#x @d\n\n# e\n/only\n")).toEqual([
    { pattern: "*.ts", owners: ["@ana"] },
    { pattern: "/only", owners: [] },
  ]);
});

test("a pattern with many ** is tried at each place once", () => {
  const path = `${"a/".repeat(38)}b`;
  expect(coversPath(`${"**/a/".repeat(12)}c`, path, false)).toBe(false);
  expect(coversPath(`${"**/a/".repeat(12)}b`, path, false)).toBe(true);
});

test("owners of most paths come first, each once", () => {
  const rules = parseCodeowners("a/ @one @one\nb/ @two @one\n");
  expect(ownersOf(rules, ["b/x", "a/x", "c/x"])).toEqual(["@one", "@two"]);
});

describe("over HTTP", () => {
  let github: EmulatedGithub;
  let client: GithubClient;
  beforeAll(async () => {
    github = await emulateGithub();
    client = createGithubClient({ baseUrl: github.url, auth: { token: TOKEN }, fetch, sleep: async () => undefined });
  });
  afterAll(async () => github[Symbol.asyncDispose]());

  test("the first of GitHub's three places counts, as it was at the commit", async () => {
    const repository = await github.createRepository("owned");
    const ref = await repository.commit({ "docs/CODEOWNERS": "* @docs\n", CODEOWNERS: "* @root\n" });
    await repository.commit({ ".github/CODEOWNERS": "* @later\n" });
    expect(await readOwners(client, { repository: repository.name, ref, paths: ["a.ts"] }, signal)).toEqual(["@root"]);
    expect(await readOwners(client, { repository: repository.name, ref: "main", paths: ["a.ts"] }, signal)).toEqual(["@later"]);
  });

  test("without the file there are no owners", async () => {
    const repository = await github.createRepository("unowned");
    const ref = await repository.commit({ "a.ts": "a\n" });
    expect(await readOwners(client, { repository: repository.name, ref, paths: ["a.ts"] }, signal)).toEqual([]);
  });
});
