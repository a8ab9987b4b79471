import { beforeAll, describe, expect, test } from "vitest";
import { createGithubClient } from "../../../src/integrations/github/client.ts";
import { webRoot } from "../../../src/integrations/github/connection.ts";
import { githubForTests } from "../../support/github/client.ts";
import { TOKEN, type TestRepository } from "../../support/github/github.ts";

const signal = AbortSignal.timeout(120_000);
const at = Date.parse("2026-05-01T10:00:00Z");
const minute = 60_000;
const { github, client } = await githubForTests();
let repository: TestRepository;
let shas: { readonly start: string; readonly merge: string; readonly topic: string; readonly last: string };

beforeAll(async () => {
  repository = await github.createRepository("shop");
  const start = await repository.commit(
    {
      "src/pay.ts": "export const timeoutMs = 5_000;\n",
      "src/näme x.ts": "ä\n",
      "logo.png": new Uint8Array([0, 1, 2]),
      link: { symlink: "nowhere" },
      vendored: { submodule: "a".repeat(40) },
    },
    { at, message: "Start\n\nThe first one." },
  );
  const topic = await repository.commit(
    { "src/pay.ts": "export const timeoutMs = 50;\n" },
    { at: at + minute, parents: [start], branch: null },
  );
  const merge = await repository.commit(
    { "src/pay.ts": "export const timeoutMs = 50;\n", "README.md": "# Shop\n" },
    { at: at + 2 * minute, parents: [start, topic], message: "Merge topic" },
  );
  const last = await repository.commit({ "src/cart.ts": "cart\n" }, { at: at + 3 * minute, message: "Add the cart" });
  shas = { start, topic, merge, last };
  repository.merged(merge, { number: 12, title: "Faster timeouts" });
});

const name = "acme/shop";

describe("commits", () => {
  test("of a time and a path, newest first, with the words of the answer", async () => {
    const answer = await client.listCommits({ repository: name, since: at, until: at + minute, path: "src/pay.ts" }, signal);
    expect(answer.value).toEqual([
      {
        sha: shas.topic,
        parents: [shas.start],
        at: at + minute,
        title: "Change things",
        message: "Change things",
        author: "Ana Dev",
        link: expect.stringContaining(`/acme/shop/commit/${shas.topic}`),
      },
      expect.objectContaining({ sha: shas.start, title: "Start", message: "Start\n\nThe first one.", parents: [] }),
    ]);
    expect(answer).toMatchObject({
      source: "GitHub",
      query: "commits acme/shop src/pay.ts since 2026-05-01T10:00:00.000Z until 2026-05-01T10:01:00.000Z",
      window: { from: at, to: at + minute },
      cut: null,
    });
    expect(answer.raw).toContain(shas.topic);
  });

  test("cut to the newest, and it is said", async () => {
    const answer = await client.listCommits({ repository: name, most: 2 }, signal);
    expect(answer.value.map(({ sha }) => sha)).toEqual([shas.last, shas.merge]);
    expect(answer.cut).toBe("newest 2 commits; ask for a shorter time to see older ones");
  });

  test("several pages are read and kept whole", async () => {
    const many = await github.createRepository("many-commits");
    for (let index = 0; index < 103; index++)
      await many.commit({ "n.txt": `${index}\n` }, { at: at + index * minute, message: `Commit ${index}` });
    const answer = await client.listCommits({ repository: many.name }, signal);
    expect(answer.value.map(({ title }) => title)).toEqual(Array.from({ length: 103 }, (_, index) => `Commit ${102 - index}`));
    expect(answer.raw.split("\n").map((page) => (JSON.parse(page) as unknown[]).length)).toEqual([100, 3]);
    expect(answer.cut).toBeNull();
  });

  test("one with its files and patches", async () => {
    const { value } = await client.getCommit({ repository: name, sha: shas.topic }, signal);
    expect(value.files).toEqual([
      {
        path: "src/pay.ts",
        previousPath: null,
        status: "modified",
        additions: 1,
        deletions: 1,
        patch: expect.stringContaining("-export const timeoutMs = 5_000;\n+export const timeoutMs = 50;"),
      },
    ]);
  });
});

describe("comparisons", () => {
  test("hold commits and files of what is ahead", async () => {
    const { value, cut } = await client.compare({ repository: name, base: shas.start, head: shas.last }, signal);
    expect(value.status).toBe("ahead");
    expect(new Set(value.commits.map(({ sha }) => sha))).toEqual(new Set([shas.topic, shas.merge, shas.last]));
    expect(value.files.map(({ path, status }) => [path, status])).toEqual([
      ["README.md", "added"],
      ["src/cart.ts", "added"],
      ["src/pay.ts", "modified"],
    ]);
    expect(cut).toBeNull();
  });

  test("say that a head lies behind", async () => {
    expect((await client.compare({ repository: name, base: shas.last, head: shas.start }, signal)).value.status).toBe("behind");
  });

  test("of more files than GitHub shows say so", async () => {
    const wide = await github.createRepository("wide");
    const base = await wide.commit({ "a.txt": "a\n" });
    const head = await wide.commit(Object.fromEntries(Array.from({ length: 301 }, (_, index) => [`f/${index}.txt`, "x\n"])));
    const answer = await client.compare({ repository: wide.name, base, head }, signal);
    expect(answer.value.files).toHaveLength(300);
    expect(answer.cut).toBe("first 300 files: GitHub compares no more at once");
  });
});

test("pull requests of a commit, the merged one first", async () => {
  repository.merged(shas.last, { number: 14, title: "Add the cart" });
  const { value } = await client.pullRequestsOfCommit({ repository: name, sha: shas.merge }, signal);
  expect(value).toEqual([
    { number: 12, title: "Faster timeouts", url: `${github.url}/acme/shop/pull/12`, author: "ana", merged: true, base: "main" },
  ]);
});

describe("contents", () => {
  const read = async (path: string, more: { ref?: string; maxChars?: number } = {}) =>
    client.getContents({ repository: name, path, ...more }, signal);

  test("of a text file at a ref; the raw answer is the text, so quotes can be found in it", async () => {
    const answer = await read("src/pay.ts", { ref: shas.start });
    expect(answer.value).toMatchObject({ kind: "text", text: "export const timeoutMs = 5_000;\n", size: 32 });
    expect(answer.raw).toBe("export const timeoutMs = 5_000;\n");
    expect(answer.query).toBe(`acme/shop src/pay.ts at ${shas.start}`);
  });

  test("of a path with blanks and umlauts", async () => {
    expect((await read("src/näme x.ts")).value).toMatchObject({ kind: "text", text: "ä\n" });
  });

  test("of a long text are cut at a line, and it is said", async () => {
    const long = await github.createRepository("long");
    await long.commit({ "log.txt": "0123456789\n".repeat(10) });
    const answer = await client.getContents({ repository: long.name, path: "log.txt", maxChars: 25 }, signal);
    expect(answer.value).toMatchObject({ kind: "text", text: "0123456789\n0123456789\n" });
    expect(answer.cut).toBe("first 22 of 110 characters of log.txt");
  });

  test("that are no text are named for what they are", async () => {
    expect((await read("logo.png")).value).toMatchObject({ kind: "binary", size: 3 });
    expect((await read("link")).value).toEqual({ kind: "symlink", target: "nowhere" });
    expect((await read("vendored")).value).toEqual({ kind: "submodule", sha: "a".repeat(40) });
    expect((await read("gone.ts")).value).toEqual({ kind: "missing" });
    expect((await read("src")).value).toMatchObject({
      kind: "directory",
      entries: expect.arrayContaining([{ name: "pay.ts", type: "file", size: 29 }]),
    });
  });

  test("of more than a megabyte come without text", async () => {
    github.fault = () => ({
      status: 200,
      body: { type: "file", path: "big.json", sha: "b".repeat(40), size: 2_000_000, encoding: "none", content: "" },
    });
    const answer = await read("big.json");
    expect(answer.value).toEqual({ kind: "too-large", sha: "b".repeat(40), size: 2_000_000 });
    expect(answer.cut).toBe("the text of big.json: 2000000 bytes, GitHub sends at most 1 MB");
  });
});

describe("code search", () => {
  const asked = () => new URL(github.seen.at(-1)?.path ?? "", github.url).searchParams.get("q");

  test("finds files of the one repository", async () => {
    const { value } = await client.searchCode({ repository: name, words: ["timeoutMs"] }, signal);
    expect(value.map(({ path }) => path)).toEqual(["src/pay.ts"]);
  });

  test("cannot be turned to another repository by its words", async () => {
    await client.searchCode({ repository: name, words: ['x" repo:acme/secret "', "org:other", "\\"], path: 'a" repo:b/c' }, signal);
    expect(asked()).toBe('"x  repo:acme/secret" "org:other" repo:acme/shop path:"a  repo:b/c"');
  });

  test("hits of other repositories are dropped", async () => {
    const item = (repo: string) => ({ path: "a.ts", sha: "1", html_url: "https://x", repository: { full_name: repo } });
    github.fault = () => ({
      status: 200,
      body: { total_count: 40, incomplete_results: true, items: [item("acme/secret"), item("Acme/Shop")] },
    });
    const answer = await client.searchCode({ repository: name, words: ["x"] }, signal);
    expect(answer.value).toHaveLength(1);
    expect(answer.cut).toBe("first 2 of 40 files; add a word or a path; GitHub stopped this search before it had seen every file");
  });
});

describe("checks", () => {
  test("of a commit are check runs and statuses in the same words", async () => {
    const add = (body: object) => repository.api("POST", `/repos/${name}/check-runs`, { head_sha: shas.last, ...body });
    await add({ name: "build", status: "completed", conclusion: "success", completed_at: "2026-05-01T10:05:00Z" });
    await add({ name: "test", status: "in_progress" });
    await add({ name: "optional", status: "completed", conclusion: "skipped", completed_at: "2026-05-01T10:05:00Z" });
    repository.status(shas.last, "coverage", "error");
    const { value } = await client.listChecks({ repository: name, ref: shas.last }, signal);
    expect(Object.fromEntries(value.map((check) => [check.name, [check.kind, check.state, check.conclusion, check.finishedAt]]))).toEqual({
      build: ["check-run", "passed", "success", at + 5 * minute],
      test: ["check-run", "running", "in_progress", null],
      optional: ["check-run", "skipped", "skipped", at + 5 * minute],
      coverage: ["status", "failed", "error", 0],
    });
  });

  test("tell who reported them, and by which number their log is asked for", async () => {
    const own = await github.createRepository("reported");
    const sha = await own.commit({ "a.ts": "a\n" });
    const id = await own.check(sha, { name: "test", state: "failure", at, title: "1 failed", summary: "of 412" });
    await own.check(sha, { name: "deploy preview", app: "vercel", state: "neutral" });
    own.status(sha, "coverage", "pending");
    own.status(sha, "coverage", "success", { at, description: "81 %", link: "https://ci.example/1" });
    const { value } = await client.listChecks({ repository: own.name, ref: sha }, signal);
    expect(value.toSorted((a, b) => (a.name < b.name ? -1 : 1))).toEqual([
      {
        name: "coverage",
        kind: "status",
        state: "passed",
        conclusion: "success",
        finishedAt: at,
        link: "https://ci.example/1",
        id: null,
        app: null,
        summary: "81 %",
      },
      expect.objectContaining({ name: "deploy preview", app: "vercel", state: "skipped" }),
      expect.objectContaining({ id, name: "test", app: "github-actions", state: "failed", finishedAt: at, summary: "1 failed: of 412" }),
    ]);
  });

  test("run again count as they ended last", async () => {
    const own = await github.createRepository("again");
    const sha = await own.commit({ "a.ts": "a\n" });
    await own.check(sha, { name: "test", state: "failure" });
    const id = await own.check(sha, { name: "test", state: "in_progress" });
    const { value } = await client.listChecks({ repository: own.name, ref: "main" }, signal);
    expect(value).toMatchObject([{ id, name: "test", state: "running", finishedAt: null }]);
  });

  test("are read to the 300th, and what is more is said", async () => {
    const own = await github.createRepository("matrix");
    const sha = await own.commit({ "a.ts": "a\n" });
    for (let index = 0; index < 101; index++) await own.check(sha, { name: `test ${index}` });
    const whole = await client.listChecks({ repository: own.name, ref: sha }, signal);
    expect(new Set(whole.value.map((check) => check.name)).size).toBe(101);
    expect(whole.cut).toBeNull();
    for (let index = 101; index < 302; index++) await own.check(sha, { name: `test ${index}` });
    const from = github.seen.length;
    const cut = await client.listChecks({ repository: own.name, ref: sha }, signal);
    expect(cut.value).toHaveLength(300);
    expect(cut.cut).toBe("300 of 302 check runs");
    expect(github.seen.slice(from).filter(({ path }) => path.includes("/check-runs"))).toHaveLength(3);
  });

  test("that failed tell the lines that they noted", async () => {
    const own = await github.createRepository("noted");
    const sha = await own.commit({ "a.ts": "a\n" });
    const annotations = [{ path: "a.ts", line: 3, message: "expected 1 to be 2" }];
    const id = await own.check(sha, { name: "test", state: "failure", annotations });
    expect((await client.checkFailure({ repository: own.name, id }, signal)).value.annotations).toEqual([
      { path: "a.ts", line: 3, level: "failure", title: null, message: "expected 1 to be 2" },
    ]);
  });

  test("of a commit without CI are none", async () => {
    expect((await client.listChecks({ repository: name, ref: shas.start }, signal)).value).toEqual([]);
  });
});

test("the repository tells what the credential may do", async () => {
  const { value } = await client.repository({ repository: name }, signal);
  expect(value).toMatchObject({ defaultBranch: "main", private: true, archived: false });
  expect(value.permissions).toContain("push");
});

describe("a branch", () => {
  const protection = (branch: string) => client.branchProtection({ repository: name, branch }, signal);

  test("tells whether it is protected", async () => {
    expect(await protection("main")).toEqual({ protected: false });
    await repository.protect("main");
    expect(await protection("main")).toEqual({ protected: true });
  });

  test("that is not there, or of which GitHub says nothing, is neither", async () => {
    expect(await protection("none")).toEqual({ protected: null });
    github.fault = () => ({ status: 200, body: { name: "main" } });
    expect(await protection("main")).toEqual({ protected: null });
  });
});

describe("the rules of a branch", () => {
  test("name each ruleset that asks for an approval, and whether the credential may pass by it", async () => {
    const guarded = await github.createRepository("ruled");
    const rules = () => client.branchRules({ repository: guarded.name, branch: "release/1" }, signal);
    expect(await rules()).toEqual({ count: 0, reviewed: [] });
    guarded.ruleset("release/1", { name: "Kept", approvals: null });
    guarded.ruleset("release/1", { name: "Unread", approvals: 0 });
    guarded.ruleset("main", { name: "Of another branch", approvals: 1 });
    expect(await rules()).toEqual({ count: 2, reviewed: [] });
    guarded.ruleset("release/1", { name: "Two", approvals: 2 });
    guarded.ruleset("release/1", { name: "One", approvals: 1, bypass: "pull_requests_only" });
    expect(await rules()).toEqual({
      count: 4,
      reviewed: [
        { name: "Two", bypass: false },
        { name: "One", bypass: true },
      ],
    });
  });

  test("are not known of a server that tells none", async () => {
    github.fault = () => ({ status: 404 });
    expect(await client.branchRules({ repository: name, branch: "main" }, signal)).toBeNull();
  });
});

describe("names of repositories", () => {
  const bad = [
    "shop",
    "acme/",
    "/shop",
    "acme/shop/pulls",
    "acme/..",
    "acme/.",
    "../shop",
    "acme/sh op",
    "acme/shop?x=1",
    "acme/shop#1",
    "acme\\shop/x",
  ];

  test.each(bad)("%s is refused before a call is made", async (wrong) => {
    const asked = github.seen.length;
    await expect(client.repository({ repository: wrong }, signal)).rejects.toThrow(/is not a repository name\. Write it as owner\/name/);
    expect(github.seen.length).toBe(asked);
  });

  test("outside the catalog are refused in every call, whatever their letter case", async () => {
    const narrow = createGithubClient({ baseUrl: github.url, auth: { token: TOKEN }, fetch, repositories: ["Acme/Shop"] });
    const asked = github.seen.length;
    const other = { repository: "acme/other" };
    const calls = [
      narrow.repository(other, signal),
      narrow.listCommits(other, signal),
      narrow.getContents({ ...other, path: "a" }, signal),
      narrow.searchCode({ ...other, words: ["x"] }, signal),
      narrow.productionChanges({ ...other, services: [], window: { from: 0, to: 1 } }, signal),
      narrow.git.readBranch({ ...other, branch: "main" }, signal),
      narrow.branchProtection({ ...other, branch: "main" }, signal),
      narrow.branchRules({ ...other, branch: "main" }, signal),
      narrow.missingForProof({ ...other, branch: "main" }, signal),
      narrow.git.advanceBranch({ ...other, branch: "midwatch/x", from: "a".repeat(40), to: "b".repeat(40) }, signal),
      narrow.pullRequests.findPullRequests({ ...other, branch: "midwatch/x" }, signal),
      narrow.pullRequests.readPullRequest({ ...other, number: 1 }, signal),
      narrow.pullRequests.rewritePullRequest({ ...other, number: 1, branch: "midwatch/x", title: "t", body: "b" }, signal),
      narrow.pullRequests.labelPullRequest({ ...other, number: 1, labels: ["x"] }, signal),
    ];
    for (const result of await Promise.allSettled(calls)) {
      expect(result).toMatchObject({
        status: "rejected",
        reason: { message: expect.stringContaining("acme/other is not in the catalog") },
      });
    }
    expect(github.seen.length).toBe(asked);
    expect((await narrow.repository({ repository: name }, signal)).value.defaultBranch).toBe("main");
  });
});

test("links lead to the web pages of the host that was asked", () => {
  expect(webRoot("https://api.github.com")).toBe("https://github.com");
  expect(webRoot("https://ghe.acme.example/api/v3")).toBe("https://ghe.acme.example");
});
