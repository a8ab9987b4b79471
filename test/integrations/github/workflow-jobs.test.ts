import { expect, test } from "vitest";
import { createGithubClient } from "../../../src/integrations/github/client.ts";
import { replayedGithub } from "../../support/github/replayed.ts";
import { changedFile, commitRow } from "../../support/recording-folder.ts";
import { githubForTests } from "../../support/github/client.ts";

const signal = AbortSignal.timeout(120_000);
const at = Date.parse("2026-05-01T10:00:00Z");
const { github, client } = await githubForTests();
let count = 0;

async function commit() {
  const repository = await github.createRepository(`jobs-${++count}`);
  return { repository, sha: await repository.commit({ "a.ts": "1\n" }) };
}

const OTHERS = "without check runs of apps other than GitHub Actions, for want of “checks: read”";

test("jobs of all workflows of a commit stand for their check runs, next to its statuses", async () => {
  const { repository, sha } = await commit();
  const unit = await repository.check(sha, { name: "unit (24)", at });
  const lint = await repository.check(sha, { name: "lint", workflow: "Style", state: "failure", at });
  const e2e = await repository.check(sha, { name: "e2e", state: "in_progress" });
  const skipped = await repository.check(sha, { name: "publish", state: "skipped", at });
  await repository.check(sha, { name: "preview", app: "vercel", state: "failure" });
  repository.status(sha, "coverage", "success", { at });
  github.lacks = ["checks"];
  const { value, cut } = await client.listChecks({ repository: repository.name, ref: sha }, signal);
  const job = (id: number, name: string) => ({ id, name, kind: "check-run", app: "github-actions" });
  expect(value).toHaveLength(5);
  expect(value).toEqual(
    expect.arrayContaining([
      expect.objectContaining({ ...job(unit, "unit (24)"), state: "passed", conclusion: "success", finishedAt: at, summary: null }),
      expect.objectContaining({ ...job(lint, "lint"), state: "failed", conclusion: "failure", summary: "failed at: Run lint" }),
      expect.objectContaining({ ...job(e2e, "e2e"), state: "running", conclusion: "in_progress", finishedAt: null }),
      expect.objectContaining({ ...job(skipped, "publish"), state: "skipped" }),
      expect.objectContaining({ name: "coverage", kind: "status", state: "passed", id: null }),
    ]),
  );
  expect(cut).toBe(OTHERS);
});

test("a branch's jobs are those of its newest commit", async () => {
  const { repository, sha } = await commit();
  await repository.check(sha, { name: "old" });
  const head = await repository.commit({ "a.ts": "2\n" });
  await repository.check(head, { name: "new" });
  github.lacks = ["checks"];
  const { value } = await client.listChecks({ repository: repository.name, ref: "main" }, signal);
  expect(value.map(({ name }) => name)).toEqual(["new"]);
});

test("a job that was started again counts as it ended last", async () => {
  const { repository, sha } = await commit();
  await repository.check(sha, { name: "unit", state: "failure" });
  const id = await repository.check(sha, { name: "unit", state: "success" });
  github.lacks = ["checks"];
  const from = github.seen.length;
  const { value } = await client.listChecks({ repository: repository.name, ref: sha }, signal);
  expect(value).toMatchObject([{ id, name: "unit", state: "passed" }]);
  expect(github.seen.slice(from).find(({ path }) => path.includes("/jobs?"))?.path).toContain("filter=latest");
});

test("a run without a job stands for itself: waiting, or refused as a whole", async () => {
  const { repository, sha } = await commit();
  repository.workflowRun(sha, { workflow: "Waits" });
  repository.workflowRun(sha, { workflow: "Broken", state: "failure", at });
  github.lacks = ["checks"];
  const { value } = await client.listChecks({ repository: repository.name, ref: sha }, signal);
  expect(value).toMatchObject([
    { name: "Broken", state: "failed", finishedAt: at, id: null },
    { name: "Waits", state: "running", finishedAt: null, id: null },
  ]);
});

test("a commit without runs, and a repository without Actions, have no check", async () => {
  const { repository, sha } = await commit();
  const read = async () => (await client.listChecks({ repository: repository.name, ref: sha }, signal)).value;
  github.lacks = ["checks"];
  expect(await read()).toEqual([]);
  github.fault = ({ path }) => (path.includes("/actions/") ? { status: 404 } : null);
  expect(await read()).toEqual([]);
});

test("jobs of a run are read to the 300th, in three pages, and what is more is said", async () => {
  const { repository, sha } = await commit();
  for (let index = 0; index < 301; index++) await repository.check(sha, { name: `unit ${index}` });
  github.lacks = ["checks"];
  const from = github.seen.length;
  const { value, cut } = await client.listChecks({ repository: repository.name, ref: sha }, signal);
  expect(new Set(value.map(({ name }) => name)).size).toBe(300);
  expect(cut).toMatch(new RegExp(`^${OTHERS}; 300 of 301 jobs of workflow run \\d+$`));
  expect(github.seen.slice(from).filter(({ path }) => path.includes("/jobs?"))).toHaveLength(3);
});

test("of many runs the newest 20 are asked for jobs, the others stand for themselves", async () => {
  const { repository, sha } = await commit();
  await repository.check(sha, { name: "unit", workflow: "Oldest", state: "failure" });
  for (let index = 0; index < 101; index++) repository.workflowRun(sha, { workflow: `Flow ${index}`, state: "success" });
  github.lacks = ["checks"];
  const from = github.seen.length;
  const { value, cut } = await client.listChecks({ repository: repository.name, ref: sha }, signal);
  expect(value).toHaveLength(100);
  expect(github.seen.slice(from).filter(({ path }) => path.includes("/jobs?"))).toHaveLength(20);
  expect(cut).toBe(`${OTHERS}; 100 of 102 workflow runs; jobs of the newest 20 of 100 workflow runs, the rest as wholes`);
});

test("where both are refused, the error names both ways to grant it", async () => {
  const { repository, sha } = await commit();
  github.lacks = ["checks", "actions"];
  await expect(client.listChecks({ repository: repository.name, ref: sha }, signal)).rejects.toMatchObject({
    name: "ForbiddenError",
    message: `github: 403 for the checks of ${sha} of ${repository.name}, and for its workflow runs. Give an app "checks: read", or a fine-grained token "actions: read" (GitHub Actions alone).`,
  });
});

test("only a refusal leads to the jobs: an outage and a bad credential do not", async () => {
  const { repository, sha } = await commit();
  for (const status of [401, 503]) {
    github.fault = ({ path }) => (path.includes("/check-runs") ? { status, body: { message: "no" } } : null);
    const from = github.seen.length;
    await expect(client.listChecks({ repository: repository.name, ref: sha }, signal)).rejects.toMatchObject({ status });
    expect(github.seen.slice(from).some(({ path }) => path.includes("/actions/"))).toBe(false);
  }
});

test("who may read check runs is never shown jobs", async () => {
  const { repository, sha } = await commit();
  await repository.check(sha, { name: "unit" });
  const from = github.seen.length;
  expect((await client.listChecks({ repository: repository.name, ref: sha }, signal)).cut).toBeNull();
  expect(github.seen.slice(from).some(({ path }) => path.includes("/actions/"))).toBe(false);
});

test("a replayed repository tells the same by jobs as by check runs", async () => {
  const sha = "c0ffee".padEnd(40, "1");
  await using replayed = await replayedGithub(
    {
      "repository/commits.json": [commitRow(sha, [changedFile("a.js", null, "process.exit(1);\n")])],
      "repository/ci.json": {
        checks: [
          { name: "test", command: ["node", "a.js"] },
          { name: "types", command: ["node", "--check", "a.js"] },
        ],
      },
    },
    { ci: true },
  );
  const { replay } = replayed;
  const clientOf = (fetching: typeof fetch) => createGithubClient({ baseUrl: replayed.url, auth: { token: "token" }, fetch: fetching });
  const refusing: typeof fetch = async (input, init) => {
    const { pathname } = new URL(input instanceof Request ? input.url : input);
    if (!pathname.endsWith("/check-runs")) return fetch(input, init);
    return Response.json({ message: "Resource not accessible by personal access token" }, { status: 403 });
  };
  const about = { repository: "acme/shop", ref: "main" };
  await clientOf(fetch).listChecks(about, signal);
  await replay.checksDone();
  const told = async (fetching: typeof fetch) =>
    (await clientOf(fetching).listChecks(about, signal)).value.map(({ summary: _summary, ...check }) => check);
  const byRuns = await told(fetch);
  expect(byRuns.map(({ name, state }) => [name, state])).toEqual([
    ["test", "failed"],
    ["types", "passed"],
  ]);
  // Jobs tell their workflow besides.
  expect(await told(refusing)).toEqual(byRuns.map((check) => ({ ...check, workflow: "CI" })));
});
