import { type Octokit, RequestError } from "octokit";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { octokitOf } from "../support/github/quiet-octokit.ts";
import { replayedGithub } from "../support/github/replayed.ts";
import { replayedAt } from "../support/serving.ts";
import { changedFile, commitRow, type RecordingFiles, secondsAt } from "../support/recording-folder.ts";

const sha = (digit: string) => digit.repeat(40);
const [first, second, third, late] = [sha("a"), sha("b"), `c0ffee${"1".repeat(34)}`, sha("d")];
const author = { name: "Mara Linde", email: "mara@example.com" };
const poolBefore = "export const pool = {\n  max: 50,\n  min: 1,\n};\n";
const poolAfter = "export const pool = {\n  max: 5,\n  min: 1,\n};\n";

const repository: RecordingFiles = {
  "repository/commits.json": [
    commitRow(first, [changedFile("src/pool.ts", null, poolBefore), changedFile("README.md", null, "# shop\n")], {
      time: secondsAt("10:00:00") - 86_400,
    }),
    commitRow(second, [changedFile("src/cache.ts", null, "export {};\n")], {
      parents: [first],
      time: secondsAt("11:00:00"),
      message: "Add a cache\n\nSaves calls.",
      pr: { number: 41, title: "Cache", body: "Saves calls.", merged_at: "2026-01-02T11:00:00Z" },
    }),
    commitRow(third, [changedFile("src/pool.ts", poolBefore, poolAfter), changedFile("src/cache.ts", "export {};\n", null)], {
      parents: [second],
      time: secondsAt("12:20:00"),
      message: "Tidy (#42)",
      pr: { number: 42, title: "Tidy", body: "Less is more", merged_at: "2026-01-02T12:20:00Z" },
    }),
    commitRow(late, [changedFile("late.txt", null, "x\n")], {
      parents: [third],
      time: secondsAt("12:45:00"),
      message: "After the recording",
    }),
  ],
  "changes.jsonl.gz": [
    { kind: "deploy", time: secondsAt("11:05:00"), service: "shop", sha: second, environment: "production" },
    { kind: "deploy", time: secondsAt("12:22:00"), service: "shop", sha: third, environment: "production", version: "v7" },
    { kind: "deploy", time: secondsAt("12:23:00"), service: "mail", sha: third, environment: "staging" },
    { kind: "deploy", time: secondsAt("12:24:00"), service: "other", version: "v1" },
    { kind: "deploy", time: secondsAt("12:50:00"), service: "shop", sha: late },
  ],
};

const statusOf = async (call: Promise<unknown>): Promise<unknown> => {
  try {
    await call;
    return "no error";
  } catch (error) {
    return error instanceof RequestError ? error.status : error;
  }
};
const minutesAgo = (text: string | undefined) => (replayedAt - Date.parse(text ?? "")) / 60_000;

describe("a recorded repository", () => {
  let github: Awaited<ReturnType<typeof replayedGithub>>;
  let octokit: Octokit;
  const repo = { owner: "acme", repo: "shop" };
  beforeAll(async () => {
    github = await replayedGithub(repository);
    octokit = github.octokit;
  });
  afterAll(() => github[Symbol.asyncDispose]());

  test("commits have their recorded shas and their times on the replay's clock, newest first", async () => {
    const { data } = await octokit.rest.repos.listCommits(repo);
    expect(data.map((commit) => commit.sha)).toEqual([third, second, first]);
    expect(data.map(({ commit }) => minutesAgo(commit.committer?.date))).toEqual([10, 90, 90 + 60 + 24 * 60]);
    expect(data[0]?.parents.map((parent) => parent.sha)).toEqual([second]);
    expect(data[0]?.commit.author).toMatchObject(author);
  });
  test("since, until, path and paging cut the list", async () => {
    const shas = async (parameters: Record<string, unknown>) =>
      (await octokit.rest.repos.listCommits({ ...repo, ...parameters })).data.map((one) => one.sha);
    const at = (minutes: number) => new Date(replayedAt - minutes * 60_000).toISOString();
    expect(await shas({ since: at(100) })).toEqual([third, second]);
    expect(await shas({ until: at(60) })).toEqual([second, first]);
    expect(await shas({ path: "src/pool.ts" })).toEqual([third, first]);
    expect(await shas({ sha: second.slice(0, 9) })).toEqual([second, first]);
    const pages = await octokit.paginate(octokit.rest.repos.listCommits, { ...repo, per_page: 1 });
    expect(pages.map((one) => one.sha)).toEqual([third, second, first]);
  });
  test("links of pages lead through a proxy when one stands between", async () => {
    const response = await fetch(`${github.url}/repos/acme/shop/commits?per_page=1&sha=${third}`, {
      headers: { authorization: "Bearer token", "x-forwarded-host": "proxy.test", "x-forwarded-proto": "https" },
    });
    expect(response.headers.get("link")).toContain(
      `<https://proxy.test/repos/acme/shop/commits?per_page=1&sha=${third}&page=2>; rel="next"`,
    );
    expect(await response.text()).not.toContain(github.url);
  });
  test("one commit by a short sha, with its files", async () => {
    const { data } = await octokit.rest.repos.getCommit({ ...repo, ref: "c0ffee1" });
    expect(data.sha).toBe(third);
    expect(data.files?.map(({ filename, status, additions, deletions }) => [filename, status, additions, deletions])).toEqual([
      ["src/cache.ts", "removed", 0, 1],
      ["src/pool.ts", "modified", 1, 1],
    ]);
    expect(data.files?.[1]?.patch).toContain("-  max: 50,\n+  max: 5,");
  });
  test("a comparison by recorded shas, as JSON and as a diff", async () => {
    const basehead = `${second}...${third}`;
    const { data } = await octokit.rest.repos.compareCommitsWithBasehead({ ...repo, basehead });
    expect(data).toMatchObject({ status: "ahead", ahead_by: 1, merge_base_commit: { sha: second } });
    expect(data.commits.map((one) => one.sha)).toEqual([third]);
    const diff = await octokit.rest.repos.compareCommitsWithBasehead({ ...repo, basehead, mediaType: { format: "diff" } });
    expect(String(diff.data)).toContain("diff --git a/src/cache.ts b/src/cache.ts\ndeleted file mode 100644");
    expect(String(diff.data)).toContain("--- a/src/pool.ts\n+++ b/src/pool.ts\n@@ -1,4 +1,4 @@");
    const patch = await octokit.rest.repos.getCommit({ ...repo, ref: third, mediaType: { format: "patch" } });
    expect(String(patch.data)).toContain(`From ${third} Mon Sep 17 00:00:00 2001\nFrom: Mara Linde <mara@example.com>`);
  });
  test("contents at a commit, raw and in JSON", async () => {
    const raw = await octokit.rest.repos.getContent({ ...repo, path: "src/pool.ts", ref: second, mediaType: { format: "raw" } });
    expect(raw.data).toBe(poolBefore);
    const { data } = await octokit.rest.repos.getContent({ ...repo, path: "src/pool.ts" });
    expect("content" in data && Buffer.from(data.content, "base64").toString()).toBe(poolAfter);
    expect(await statusOf(octokit.rest.repos.getContent({ ...repo, path: "late.txt" }))).toBe(404);
  });
  test("deployments of the commits that were deployed, newest first, with what became of them", async () => {
    const { data } = await octokit.rest.repos.listDeployments(repo);
    expect(data.map((one) => [one.sha, one.environment, (one.payload as { service?: string }).service])).toEqual([
      [third, "staging", "mail"],
      [third, "production", "shop"],
      [second, "production", "shop"],
    ]);
    expect(data[1]).toMatchObject({ ref: "v7", production_environment: true, payload: { version: "v7" } });
    const production = await octokit.rest.repos.listDeployments({ ...repo, environment: "production", sha: second });
    expect(production.data.map((one) => minutesAgo(one.created_at))).toEqual([85]);
    const statuses = await octokit.rest.repos.listDeploymentStatuses({ ...repo, deployment_id: data[1]?.id ?? 0 });
    expect(statuses.data.map(({ state, created_at }) => [state, minutesAgo(created_at)])).toEqual([["success", 8]]);
    expect(await statusOf(octokit.rest.repos.getDeployment({ ...repo, deployment_id: 1 }))).toBe(404);
  });
  test("merged pull requests: of a commit, in the list, by number, with their files", async () => {
    const ofCommit = await octokit.rest.repos.listPullRequestsAssociatedWithCommit({ ...repo, commit_sha: third });
    expect(ofCommit.data.map(({ number, merged_at }) => [number, minutesAgo(merged_at ?? "")])).toEqual([[42, 10]]);
    expect((await octokit.rest.repos.listPullRequestsAssociatedWithCommit({ ...repo, commit_sha: first })).data).toEqual([]);
    const closed = await octokit.rest.pulls.list({ ...repo, state: "closed", sort: "updated", direction: "desc" });
    expect(closed.data.map(({ number }) => number)).toEqual([42, 41]);
    expect((await octokit.rest.pulls.list(repo)).data).toEqual([]);
    const { data } = await octokit.rest.pulls.get({ ...repo, pull_number: 41 });
    expect(data).toMatchObject({
      title: "Cache",
      merged: true,
      merge_commit_sha: second,
      base: { ref: "main", sha: first },
      changed_files: 1,
    });
    expect((await octokit.rest.pulls.listFiles({ ...repo, pull_number: 42 })).data.map(({ filename }) => filename)).toEqual([
      "src/cache.ts",
      "src/pool.ts",
    ]);
    expect((await octokit.rest.pulls.listCommits({ ...repo, pull_number: 42 })).data.map((one) => one.sha)).toEqual([third]);
    expect(await statusOf(octokit.rest.pulls.get({ ...repo, pull_number: 7 }))).toBe(404);
  });
  test("no CI runs: checks and statuses are empty", async () => {
    expect((await octokit.rest.checks.listForRef({ ...repo, ref: third })).data).toEqual({ total_count: 0, check_runs: [] });
    expect((await octokit.rest.repos.getCombinedStatusForRef({ ...repo, ref: third })).data).toMatchObject({
      state: "pending",
      sha: third,
      total_count: 0,
    });
  });
  test("code search finds all words and shows where", async () => {
    const found = await octokit.rest.search.code({ q: `"max: 5" min repo:acme/shop path:"src"`, mediaType: { format: "text-match" } });
    expect(found.data.items.map(({ path }) => path)).toEqual(["src/pool.ts"]);
    const match = found.data.items[0]?.text_matches?.[0];
    const [from = 0, to = 0] = match?.matches?.[0]?.indices ?? [];
    expect(match?.fragment?.slice(from, to)).toBe("max: 5");
    expect((await octokit.rest.search.code({ q: "nowhere repo:acme/shop" })).data.total_count).toBe(0);
    expect((await octokit.rest.search.code({ q: "max repo:someone/else" })).data.total_count).toBe(0);
  });
  test("a wrong token is refused", async () => {
    expect(await statusOf(octokitOf(github.url, "other").rest.repos.get(repo))).toBe(401);
    expect((await fetch(`${github.url}/repos/acme/shop`)).status).toBe(401);
    expect(await statusOf(octokit.rest.repos.get({ owner: "acme", repo: "other" }))).toBe(404);
  });
});

describe("a draft revert", () => {
  test("goes all the way: blob, tree, commit, branch, draft pull request and its files", async () => {
    await using github = await replayedGithub(repository);
    const { octokit } = github;
    const repo = { owner: "acme", repo: "shop" };
    const head = (await octokit.rest.git.getRef({ ...repo, ref: "heads/main" })).data.object.sha;
    expect(head).toBe(third);
    const { tree } = (await octokit.rest.git.getCommit({ ...repo, commit_sha: head })).data;
    const blob = (await octokit.rest.git.createBlob({ ...repo, content: poolBefore, encoding: "utf-8" })).data.sha;
    const made = await octokit.rest.git.createTree({
      ...repo,
      base_tree: tree.sha,
      tree: [{ path: "src/pool.ts", mode: "100644", type: "blob", sha: blob }],
    });
    const commit = await octokit.rest.git.createCommit({ ...repo, message: `Revert ${third}`, tree: made.data.sha, parents: [head] });
    expect(commit.data.parents.map((parent) => parent.sha)).toEqual([third]);
    expect(commit.data.message).toBe(`Revert ${third}`);
    const branch = "midwatch/1-revert-c0ffee";
    const pull = { ...repo, head: branch, base: "main", title: "Revert: Tidy", body: `Reverts ${third} of #42`, draft: true };
    expect(await statusOf(octokit.rest.pulls.create(pull))).toBe(422);
    await octokit.rest.git.createRef({ ...repo, ref: `refs/heads/${branch}`, sha: commit.data.sha });
    expect(await statusOf(octokit.rest.git.createRef({ ...repo, ref: `refs/heads/${branch}`, sha: commit.data.sha }))).toBe(422);
    const created = await octokit.rest.pulls.create(pull);
    expect(created.data).toMatchObject({
      number: 43,
      draft: true,
      state: "open",
      body: pull.body,
      changed_files: 1,
      commits: 1,
      base: { sha: third },
    });
    expect(created.data.html_url).toBe(`${github.url}/acme/shop/pull/43`);
    await expect(octokit.rest.pulls.create(pull)).rejects.toThrow(/already exists/);
    const files = (await octokit.rest.pulls.listFiles({ ...repo, pull_number: 43 })).data;
    expect(files.map(({ filename, patch }) => [filename, patch?.includes("-  max: 5,\n+  max: 50,")])).toEqual([["src/pool.ts", true]]);
    const diff = await octokit.rest.pulls.get({ ...repo, pull_number: 43, mediaType: { format: "diff" } });
    expect(String(diff.data)).toMatch(/^diff --git a\/src\/pool\.ts b\/src\/pool\.ts\n/);
    const byHead = await octokit.rest.pulls.list({ ...repo, head: `acme:${branch}`, state: "all" });
    expect(byHead.data.map(({ number }) => number)).toEqual([43]);
    const ofCommit = await octokit.rest.repos.listPullRequestsAssociatedWithCommit({ ...repo, commit_sha: commit.data.sha });
    expect(ofCommit.data.map(({ number }) => number)).toEqual([43]);
    await octokit.rest.issues.createComment({ ...repo, issue_number: 43, body: "evidence" });
    expect((await octokit.rest.issues.listComments({ ...repo, issue_number: 43 })).data.map(({ body }) => body)).toEqual(["evidence"]);
    expect(await github.replay.pullRequests()).toEqual([
      {
        number: 43,
        draft: true,
        state: "open",
        title: "Revert: Tidy",
        body: pull.body,
        head: branch,
        base: "main",
        files: [{ path: "src/pool.ts", before: poolAfter, after: poolBefore }],
      },
    ]);
    const page = await (await fetch(created.data.html_url, { headers: { accept: "text/html" } })).text();
    expect(page).toContain("Revert: Tidy");
  });
  test("links to a comparison and to the deployments open a page for people", async () => {
    await using github = await replayedGithub(repository);
    const opened = async (path: string) => {
      const answer = await fetch(`${github.url}/acme/shop/${path}`, { headers: { accept: "text/html" } });
      return { status: answer.status, type: answer.headers.get("content-type"), text: await answer.text() };
    };
    const compared = await opened(`compare/${second}...${third}`);
    expect(compared).toMatchObject({ status: 200, type: expect.stringContaining("text/html") });
    expect(compared.text).toContain("1 commit<");
    expect(compared.text).toContain("src/pool.ts");
    const deployed = await opened("deployments");
    expect(deployed).toMatchObject({ status: 200, type: expect.stringContaining("text/html") });
    expect(deployed.text).toMatch(/mail c0ffee1 to staging\n.*shop c0ffee1 to production\n.*shop bbbbbbb to production/);
    expect((await opened("compare/nothing...here")).status).toBe(404);
  });
  test("a branch without a change of its own is no pull request", async () => {
    await using github = await replayedGithub(repository);
    const { octokit } = github;
    const repo = { owner: "acme", repo: "shop" };
    await octokit.rest.git.createRef({ ...repo, ref: "refs/heads/same", sha: third });
    await expect(octokit.rest.pulls.create({ ...repo, head: "same", base: "main", title: "t" })).rejects.toThrow(
      /No commits between main and same/,
    );
  });
});

test("a repository of which only diffs are recorded shows those diffs, and says so in its README", async () => {
  await using github = await replayedGithub({
    "changes.jsonl.gz": [
      {
        kind: "commit",
        time: secondsAt("12:10:00"),
        sha: first,
        author: "wei.zhang",
        message: "Tune the pool",
        files_changed: ["db/pool.go", "web.css"],
        diff: "@@ db/pool.go @@\n-\tmax := 50\n+\tmax := 5",
      },
      { kind: "deploy", time: secondsAt("12:12:00"), service: "shop", commit_sha: first, version: "v2" },
      { kind: "flag", time: secondsAt("12:13:00"), service: "shop", flag: "f", change: "off->on" },
    ],
  });
  const { octokit } = github;
  const repo = { owner: "acme", repo: "shop" };
  const { data } = await octokit.rest.repos.getCommit({ ...repo, ref: first });
  expect(data.commit).toMatchObject({ message: "Tune the pool", author: { name: "wei.zhang" } });
  expect(data.files?.map(({ filename, status }) => [filename, status])).toEqual([
    ["db/pool.go", "modified"],
    ["web.css", "modified"],
  ]);
  expect(data.files?.[0]?.patch).toContain("-\tmax := 50\n+\tmax := 5");
  const readme = await octokit.rest.repos.getContent({ ...repo, path: "README.md", mediaType: { format: "raw" } });
  expect(readme.data).toContain("not whole files");
  expect((await octokit.rest.repos.listDeployments(repo)).data.map((one) => one.sha)).toEqual([first]);
});

test("what stood in files before the first recorded commit is there before it", async () => {
  await using github = await replayedGithub({
    "repository/commits.json": [
      commitRow(second, [changedFile("a.txt", "old\n", "new\n")], { parents: [first], time: secondsAt("12:00:00") }),
    ],
  });
  const { octokit } = github;
  const { data } = await octokit.rest.repos.getCommit({ owner: "acme", repo: "shop", ref: second });
  expect(data.files?.map(({ status, patch }) => [status, patch])).toEqual([["modified", expect.stringContaining("-old\n+new")]]);
});

test.each([
  ["a recording without a repository", {}],
  ["a recording to which GitHub has nothing to say", { ...repository, "access.json": { github: "empty" } }],
])("%s has a README that says so and nothing that could be to blame", async (_name, files) => {
  await using github = await replayedGithub(files);
  const { octokit } = github;
  const repo = { owner: "acme", repo: "shop" };
  const since = new Date(replayedAt - 86_400_000).toISOString();
  expect((await octokit.rest.repos.listCommits({ ...repo, since })).data).toEqual([]);
  expect((await octokit.rest.repos.listDeployments(repo)).data).toEqual([]);
  expect((await octokit.rest.pulls.list({ ...repo, state: "all" })).data).toEqual([]);
  const readme = await octokit.rest.repos.getContent({ ...repo, path: "README.md", mediaType: { format: "raw" } });
  expect(readme.data).toContain("has no repository of this system");
});
