import { Hono } from "hono";
import type { Octokit } from "octokit";
import { afterEach, describe, expect, test } from "vitest";
import { checksOf, commitOn, headOf, logOf, moveBranch, newBranch } from "../support/github/pushing.ts";
import { replayedGithub } from "../support/github/replayed.ts";
import { changedFile, commitRow } from "../support/recording-folder.ts";
import { serving } from "../support/serving.ts";

const repo = { owner: "acme", repo: "shop" };
const first = "a".repeat(40);

/** A check that passes or fails as a file says, and waits for the test where the file is an address. */
const check = `
import { readFileSync } from "node:fs";
const says = readFileSync("says.txt", "utf8").trim();
if (says.startsWith("http")) console.log(await (await fetch(says)).text());
else if (says === "environment") console.log("ENV " + JSON.stringify(Object.entries(process.env)));
else if (says === "loud") for (let i = 0; i < 30000; i++) console.log("x".repeat(100));
else if (says === "red") { console.error("it is red in " + process.cwd()); process.exit(3); }
else console.log("it is green");
`;
const unit = `
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
test("says is green", () => assert.equal(readFileSync("says.txt", "utf8").trim(), "green"));
test("arithmetic holds", () => assert.equal(1 + 1, 2));
`;

const files = [
  changedFile("check.js", null, check),
  changedFile("unit.test.js", null, unit),
  changedFile("package.json", null, '{ "type": "module" }\n'),
  changedFile("says.txt", null, "green\n"),
];
const started = (ci: unknown = { checks: [{ name: "test", command: ["node", "check.js"], timeoutS: 20 }] }, enabled = true) =>
  replayedGithub({ "repository/commits.json": [commitRow(first, files)], "repository/ci.json": ci }, { ci: enabled });

/** Holds checks up: each asks it for an address, and goes on when the test lets it. */
async function gate() {
  const asked = Promise.withResolvers<void>();
  const gone = Promise.withResolvers<void>();
  const open = Promise.withResolvers<void>();
  const app = new Hono();
  app.get("/", async (c) => {
    c.req.raw.signal.addEventListener("abort", () => gone.resolve());
    asked.resolve();
    await open.promise;
    return c.text("let through");
  });
  const server = await serving(app);
  return {
    url: server.url,
    asked: asked.promise,
    gone: gone.promise,
    open: () => open.resolve(),
    close: () => server[Symbol.asyncDispose](),
  };
}

const says = (octokit: Octokit, parent: string, text: string) => commitOn(octokit, parent, { "says.txt": `${text}\n` }, `says ${text}`);
const outcomes = async (octokit: Octokit, ref: string) =>
  (await checksOf(octokit, ref)).map(({ name, status, conclusion }) => [name, status, conclusion]);

/** Pushes a commit to a branch of its own. @returns it with its first check, once all have ended */
async function pushed({ octokit, replay }: Awaited<ReturnType<typeof started>>, text: string) {
  const sha = await says(octokit, first, text);
  await newBranch(octokit, "midwatch/x", sha);
  await replay.checksDone();
  const [run] = await checksOf(octokit, sha);
  return { sha, run };
}

const gates: Awaited<ReturnType<typeof gate>>[] = [];
const newGate = async () => {
  const made = await gate();
  gates.push(made);
  return made;
};
afterEach(async () => {
  for (const one of gates.splice(0)) {
    one.open();
    await one.close();
  }
});

describe("a pushed commit", () => {
  test("is run and answered as GitHub Actions does: red with its exit code, green without a word", async () => {
    await using github = await started();
    const { octokit, replay } = github;
    const red = await says(octokit, first, "red");
    await newBranch(octokit, "midwatch/red", red);
    await newBranch(octokit, "midwatch/green", await says(octokit, first, "green again"));
    await replay.checksDone();
    const [run] = await checksOf(octokit, red);
    expect(run).toMatchObject({ name: "test", head_sha: red, status: "completed", conclusion: "failure", app: { slug: "github-actions" } });
    expect(run?.html_url).toMatch(new RegExp(`^${github.url}/acme/shop/actions/runs/\\d+/job/${run?.id}$`));
    expect(run?.output).toMatchObject({ title: null, summary: null, annotations_count: 1 });
    const annotations = (await octokit.rest.checks.listAnnotations({ ...repo, check_run_id: run?.id ?? 0 })).data;
    expect(annotations).toMatchObject([{ annotation_level: "failure", path: ".github", message: "Process completed with exit code 3." }]);
    expect(await outcomes(octokit, "midwatch/green")).toEqual([["test", "completed", "success"]]);
  });

  test("has a log behind a signed link that takes no token, each line after its time", async () => {
    await using github = await started();
    const { run } = await pushed(github, "red");
    const log = await logOf(github.url, "token", run?.id ?? 0);
    const lines = log.trimEnd().split("\n");
    for (const line of lines) expect(line).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{7}Z /);
    expect(log).toContain("##[group]Run node check.js");
    expect(log).toContain("it is red in /home/runner/work/shop/shop\n");
    expect(log).toContain("##[error]Process completed with exit code 3.");

    const asked = await fetch(`${github.url}/repos/acme/shop/actions/jobs/${run?.id}/logs`, {
      headers: { authorization: "Bearer token" },
      redirect: "manual",
    });
    const link = asked.headers.get("location") ?? "";
    expect((await fetch(link, { headers: { authorization: "Bearer token" } })).status).toBe(403);
    expect((await fetch(link.replace(/sig=[^&]+/, "sig=x"))).status).toBe(403);
    expect((await fetch(link.replace(`${run?.id}`, `${(run?.id ?? 0) + 1}`))).status).toBe(403);
    expect((await fetch(`${github.url}/repos/acme/shop/actions/jobs/${run?.id}/logs`, { redirect: "manual" })).status).toBe(401);
  });

  test("tells counts, failed tests and their places where its tests tell them", async () => {
    await using github = await started({ checks: [{ name: "unit", command: ["node", "--test", "unit.test.js"] }] });
    const { octokit } = github;
    const { run } = await pushed(github, "red");
    expect(run?.output).toMatchObject({
      title: "1 failed, 1 passed",
      summary: "2 tests: 1 failed, 1 passed\n\nFailed:\n- says is green (unit.test.js:5)",
    });
    const annotations = (await octokit.rest.checks.listAnnotations({ ...repo, check_run_id: run?.id ?? 0 })).data;
    expect(annotations.map(({ path, start_line, title }) => [path, start_line, title])).toEqual([
      ["unit.test.js", 5, "says is green"],
      [".github", 1, ""],
    ]);
    expect(annotations[0]?.message).toMatch(/strictly equal[\s\S]*red[\s\S]*green/);
  });

  test("is not run when it is not the head of what was pushed", async () => {
    await using github = await started();
    const { octokit, replay } = github;
    const below = await says(octokit, first, "red");
    const top = await says(octokit, below, "green again");
    await newBranch(octokit, "midwatch/two", top);
    await replay.checksDone();
    expect(await checksOf(octokit, below)).toEqual([]);
    expect(await outcomes(octokit, top)).toEqual([["test", "completed", "success"]]);
  });

  test("is queued, then in progress, then completed; its log is there at the end", async () => {
    const checks = ["one", "two", "three"].map((name) => ({ name, command: ["node", "check.js"] }));
    await using github = await started({ checks });
    const { octokit, replay } = github;
    const door = await newGate();
    const sha = await says(octokit, first, door.url);
    await newBranch(octokit, "midwatch/slow", sha);
    await door.asked;
    const runs = await checksOf(octokit, sha);
    expect(runs.map(({ name, status, conclusion }) => [name, status, conclusion])).toEqual([
      ["one", "in_progress", null],
      ["two", "in_progress", null],
      ["three", "queued", null],
    ]);
    await expect(logOf(github.url, "token", runs[0]?.id ?? 0)).rejects.toThrow(/404/);
    const listed = await octokit.rest.actions.listWorkflowRunsForRepo({ ...repo, branch: "midwatch/slow" });
    expect(listed.data.workflow_runs.map(({ head_sha, status, event }) => [head_sha, status, event])).toEqual([
      [sha, "in_progress", "push"],
    ]);
    door.open();
    await replay.checksDone();
    expect((await outcomes(octokit, sha)).map(([, status, conclusion]) => [status, conclusion])).toEqual(
      Array.from({ length: 3 }, () => ["completed", "success"]),
    );
    expect(await logOf(github.url, "token", runs[2]?.id ?? 0)).toContain("let through");
  });
});

describe("a newer push to the same branch", () => {
  test("leaves what runs alone", async () => {
    await using github = await started();
    const { octokit, replay } = github;
    const door = await newGate();
    const older = await says(octokit, first, door.url);
    await newBranch(octokit, "midwatch/x", older);
    await door.asked;
    const newer = await says(octokit, older, "green again");
    await moveBranch(octokit, "midwatch/x", newer);
    door.open();
    await replay.checksDone();
    expect(await outcomes(octokit, older)).toEqual([["test", "completed", "success"]]);
    expect(await outcomes(octokit, newer)).toEqual([["test", "completed", "success"]]);
  });

  test("cancels it where ci.json says so", async () => {
    await using github = await started({ checks: [{ name: "test", command: ["node", "check.js"] }], cancelInProgress: true });
    const { octokit, replay } = github;
    const door = await newGate();
    const older = await says(octokit, first, door.url);
    await newBranch(octokit, "midwatch/x", older);
    await door.asked;
    const newer = await says(octokit, older, "green again");
    await moveBranch(octokit, "midwatch/x", newer);
    await replay.checksDone();
    expect(await outcomes(octokit, older)).toEqual([["test", "completed", "cancelled"]]);
    expect(await outcomes(octokit, newer)).toEqual([["test", "completed", "success"]]);
  });
});

test("the default branch's head is run when its checks are first asked for, and its history never", async () => {
  await using github = await started();
  const { octokit, replay } = github;
  expect(await checksOf(octokit, "main")).toHaveLength(1);
  await replay.checksDone();
  expect(await outcomes(octokit, first)).toEqual([["test", "completed", "success"]]);
  expect(await headOf(octokit, "main")).toBe(first);
  const suites = (await octokit.rest.checks.listSuitesForRef({ ...repo, ref: "main" })).data.check_suites;
  expect(suites.map(({ status, conclusion }) => [status, conclusion])).toEqual([["completed", "success"]]);
});

test("a check that takes too long is killed and told as cancelled", async () => {
  await using github = await started({ checks: [{ name: "test", command: ["node", "check.js"], timeoutS: 0.6 }] });
  const door = await newGate();
  const { run } = await pushed(github, door.url);
  expect(run).toMatchObject({ name: "test", status: "completed", conclusion: "cancelled" });
  expect(await logOf(github.url, "token", run?.id ?? 0)).toContain("##[error]The job has exceeded the maximum execution time of 1s");
});

test("a check that writes without end has a log that ends", async () => {
  await using github = await started();
  const { run } = await pushed(github, "loud");
  expect(run?.conclusion).toBe("success");
  const log = await logOf(github.url, "token", run?.id ?? 0);
  expect(log.length).toBeLessThan(1_500_000);
  expect(log).toContain("(output beyond 1,000,000 characters is thrown away)");
});

test("a program that is not there is a red check that says so", async () => {
  await using github = await started({ checks: [{ name: "test", command: ["no-such-program-here"] }] });
  const { octokit, replay } = github;
  await checksOf(octokit, "main");
  await replay.checksDone();
  const [run] = await checksOf(octokit, "main");
  expect(run?.conclusion).toBe("failure");
  expect(await logOf(github.url, "token", run?.id ?? 0)).toContain(
    "##[error]The job could not be started: spawn no-such-program-here ENOENT",
  );
});

test("a check sees nothing of the environment of the replay", async () => {
  process.env["REPLAY_TEST_SECRET"] = "hunter2-canary";
  try {
    await using github = await started();
    const { sha, run } = await pushed(github, "environment");
    const log = await logOf(github.url, "token", run?.id ?? 0);
    const entries = JSON.parse(/ENV (.*)/.exec(log)?.[1] ?? "[]") as [string, string][];
    expect(entries.map(([name]) => name).toSorted()).toEqual(
      ["CI", "GITHUB_ACTIONS", "GITHUB_REF", "GITHUB_SHA", "HOME", "LANG", "NO_COLOR", "PATH", "TMPDIR", "TZ"].toSorted(),
    );
    expect(Object.fromEntries(entries)).toMatchObject({
      GITHUB_SHA: sha,
      GITHUB_REF: "refs/heads/midwatch/x",
      HOME: "/home/runner/home",
    });
    expect(log).not.toContain("hunter2");
  } finally {
    delete process.env["REPLAY_TEST_SECRET"];
  }
});

test("closing the replay kills what still runs", async () => {
  const github = await started();
  const door = await newGate();
  await newBranch(github.octokit, "midwatch/x", await says(github.octokit, first, door.url));
  await door.asked;
  await github[Symbol.asyncDispose]();
  // Its connection breaks; the test would time out else.
  await expect(door.gone).resolves.toBeUndefined();
});

test("without being asked the replay runs nothing: the repository has no checks", async () => {
  await using github = await started(undefined, false);
  expect((await pushed(github, "red")).run).toBeUndefined();
  expect(await checksOf(github.octokit, "main")).toEqual([]);
});
