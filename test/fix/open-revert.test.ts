import { describe, expect, test } from "vitest";
import { IntegrationError } from "../../src/guard/errors.ts";
import { type RevertPlan, type RevertProposal, findRevert, openRevert, planRevert, revertBranch } from "../../src/fix/revert.ts";
import { dyingClient, githubForTests } from "../support/github/client.ts";
import { noDrafts, type TestRepository } from "../support/github/github.ts";
import { proposalOf } from "./proposal.ts";

const signal = AbortSignal.timeout(120_000);
const { github, client } = await githubForTests();
let count = 0;

async function planned(): Promise<{ repository: TestRepository; sha: string; plan: RevertPlan; main: string }> {
  const repository = await github.createRepository(`open-${++count}`);
  const previousSha = await repository.commit({ "src/pay.ts": "good\n", "src/old.ts": "old\n" });
  const sha = await repository.commit({ "src/pay.ts": "bad\n", "src/old.ts": null, "src/new.ts": "new\n" });
  const main = await repository.commit({ "README.md": "later\n" });
  const plan = await planRevert({ github: client, repository: repository.name, sha, previousSha }, signal);
  if (plan.status === "declined") throw new Error(plan.because);
  return { repository, sha, plan, main };
}

/** What must hold after any number of runs: one branch with one commit on the default branch's head, one draft, nothing else moved. */
async function expectOneOfEach(repository: TestRepository, main: string, branch: string): Promise<void> {
  expect(await repository.branches()).toEqual(["main", branch]);
  expect(await repository.head("main")).toBe(main);
  const { body: commit } = await repository.api("GET", `/repos/${repository.name}/git/commits/${await repository.head(branch)}`);
  expect(commit.parents.map((parent: { sha: string }) => parent.sha)).toEqual([main]);
  expect(await repository.tree(branch)).toEqual({
    "README.md": "100644 later\n",
    "src/old.ts": "100644 old\n",
    "src/pay.ts": "100644 good\n",
  });
  const pulls = await repository.pulls();
  expect(pulls.map(({ draft, state, head, base }) => [draft, state, head.ref, base.ref])).toEqual([[true, "open", branch, "main"]]);
}

test("a revert is one commit on one branch and one draft", async () => {
  const { repository, sha, plan, main } = await planned();
  const proposal: RevertProposal = { ...proposalOf(plan), title: "Revert pay", body: "Because of E3" };
  const opened = await openRevert(client, proposal, signal);
  const branch = `midwatch/Q2ABC-revert-${sha.slice(0, 7)}`;
  expect(opened).toEqual({
    type: "fix-proposed",
    kind: "revert",
    repository: repository.name,
    number: 1,
    url: expect.stringMatching(/\/pull\/1$/),
    branch,
    draft: true,
    title: "Revert pay",
    body: "Because of E3",
    files: [
      { path: "src/new.ts", before: "new\n", after: null },
      { path: "src/old.ts", before: null, after: "old\n" },
      { path: "src/pay.ts", before: "bad\n", after: "good\n" },
    ],
    base: { branch: "main", sha: main },
    commits: [{ sha: await repository.head(branch), role: "fix" }],
  });
  await expectOneOfEach(repository, main, branch);
});

test("a second run finds the first one's and opens nothing", async () => {
  const { repository, plan, main } = await planned();
  const first = await openRevert(client, proposalOf(plan), signal);
  const asked = github.seen.length;
  expect(await openRevert(client, proposalOf(plan), signal)).toEqual(first);
  expect(github.seen.slice(asked).map(({ method }) => method)).toEqual(["GET", "GET", "POST"]);
  expect(github.seen.at(-1)?.path).toMatch(/\/git\/trees$/);
  await expectOneOfEach(repository, main, first.branch);
});

test("nothing is found before the first run, and one thing after it", async () => {
  const { plan } = await planned();
  expect(await findRevert(client, proposalOf(plan), signal)).toBeNull();
  const opened = await openRevert(client, proposalOf(plan), signal);
  expect(await findRevert(client, proposalOf(plan), signal)).toEqual(opened);
});

test("somebody else's pull request is not taken for ours by a server that ignores the filter", async () => {
  const { repository, plan, main } = await planned();
  const theirs = {
    number: 3,
    title: "Theirs",
    state: "open",
    html_url: "https://x/3",
    head: { ref: "topic", sha: "5".repeat(40) },
    base: { ref: "main" },
  };
  github.fault = ({ method, path }) => (method === "GET" && path.includes("/pulls?") ? { status: 200, body: [theirs] } : null);
  const opened = await openRevert(client, proposalOf(plan), signal);
  expect(opened.number).not.toBe(3);
  await expectOneOfEach(repository, main, opened.branch);
});

test("a pull request that people closed is not opened again", async () => {
  const { repository, plan } = await planned();
  const { number, branch } = await openRevert(client, proposalOf(plan), signal);
  await repository.api("PATCH", `/repos/${repository.name}/pulls/${number}`, { state: "closed" });
  await repository.api("DELETE", `/repos/${repository.name}/git/refs/heads/${branch}`);
  expect((await openRevert(client, proposalOf(plan), signal)).number).toBe(number);
  expect(await repository.pulls()).toHaveLength(1);
  expect(await repository.branches()).toEqual(["main"]);
});

test("a proposal survives being stored as JSON", async () => {
  const { repository, plan, main } = await planned();
  const stored = JSON.parse(JSON.stringify(proposalOf(plan))) as RevertProposal;
  const opened = await openRevert(client, stored, signal);
  expect(opened.draft).toBe(true);
  await expectOneOfEach(repository, main, opened.branch);
});

test("a plan made before the default branch moved on is opened on the head it was made for", async () => {
  const { repository, plan, main } = await planned();
  const later = await repository.commit({ "src/pay.ts": "mended by a person\n" });
  const { branch } = await openRevert(client, proposalOf(plan), signal);
  expect(await repository.head("main")).toBe(later);
  const { body: commit } = await repository.api("GET", `/repos/${repository.name}/git/commits/${await repository.head(branch)}`);
  expect(commit.parents[0].sha).toBe(main);
});

// The number of calls is a fact of openRevert; a run without faults counts it, and each call is then cut in turn.
describe.each(["unreached", "lost"] as const)("cut off at any one call (%s) and run again", (how) => {
  test("there is one branch, one draft and an untouched default branch", async () => {
    const whole = await planned();
    const before = github.seen.length;
    await openRevert(client, proposalOf(whole.plan), signal);
    const calls = github.seen.length - before;
    expect(calls).toBeGreaterThanOrEqual(6);
    for (let cut = 0; cut < calls; cut++) {
      const { repository, plan, main, sha } = await planned();
      const start = github.seen.length;
      github.fault = (call, index) => (index === start + cut ? how : null);
      // A client that tries nothing again, so that the cut is the end of this run.
      const once = dyingClient(github);
      await expect(openRevert(once, proposalOf(plan), signal)).rejects.toThrow(IntegrationError);
      github.fault = null;
      const again = await openRevert(client, proposalOf(plan), signal);
      expect(again.draft).toBe(true);
      await expectOneOfEach(repository, main, `midwatch/Q2ABC-revert-${sha.slice(0, 7)}`);
    }
  });
});

test("two runs at the same time make one branch and one draft", async () => {
  const { repository, plan, main, sha } = await planned();
  const results = await Promise.allSettled([1, 2, 3].map(() => openRevert(client, proposalOf(plan), signal)));
  expect(results.map(({ status }) => status)).toEqual(["fulfilled", "fulfilled", "fulfilled"]);
  await expectOneOfEach(repository, main, `midwatch/Q2ABC-revert-${sha.slice(0, 7)}`);
});

describe("GitHub says no", () => {
  test("a branch of the name with somebody else's commit is left as it is", async () => {
    const { repository, plan, main } = await planned();
    const theirs = await repository.commit({ "src/theirs.ts": "x\n" }, { branch: revertBranch(proposalOf(plan)), parents: [main] });
    await expect(openRevert(client, proposalOf(plan), signal)).rejects.toThrow(/its commit is not midwatch's\. No pull request was opened/);
    expect(await repository.head(revertBranch(proposalOf(plan)))).toBe(theirs);
    expect(await repository.pulls()).toEqual([]);
  });

  test.each(["the planned head", "another commit"])("a commit with midwatch's last line and other files on %s is not ours", async (on) => {
    const { repository, plan, main, sha } = await planned();
    const branch = revertBranch(proposalOf(plan));
    const message = "Revert\n\nMidwatch-Incident: Q2ABC\n";
    const theirs = await repository.commit(
      { "src/pay.ts": "theirs\n" },
      { branch, message, parents: [on === "another commit" ? sha : main] },
    );
    await expect(openRevert(client, proposalOf(plan), signal)).rejects.toThrow(/its commit is not midwatch's/);
    await repository.api("POST", `/repos/${repository.name}/pulls`, { head: branch, base: "main", title: "Theirs" });
    expect(await findRevert(client, proposalOf(plan), signal)).toBeNull();
    await expect(openRevert(client, proposalOf(plan), signal)).rejects.toThrow(/its commit is not midwatch's/);
    expect(await repository.head(branch)).toBe(theirs);
    expect(await repository.pulls()).toHaveLength(1);
  });

  test("what people push on top of ours is not told as ours", async () => {
    const { repository, plan } = await planned();
    const opened = await openRevert(client, proposalOf(plan), signal);
    await repository.commit({ "src/pay.ts": "by hand\n" }, { branch: opened.branch, message: "by hand" });
    expect((await findRevert(client, proposalOf(plan), signal))?.commits).toEqual(opened.commits);
  });

  test("where drafts are not to be had, no other pull request is opened", async () => {
    const { repository, plan } = await planned();
    github.fault = noDrafts;
    await expect(openRevert(client, proposalOf(plan), signal)).rejects.toThrow(/has no draft pull requests .* midwatch opens no others/);
    expect(await repository.pulls()).toEqual([]);
  });

  test("an answer that is no draft is an error, not a success", async () => {
    const { plan, repository } = await planned();
    github.fault = ({ method, path }) => {
      if (method !== "POST" || !path.endsWith("/pulls")) return null;
      const pull = {
        number: 9,
        title: "t",
        state: "open",
        html_url: "https://x/9",
        head: { ref: "h", sha: "5".repeat(40) },
        base: { ref: "main" },
        draft: false,
      };
      return { status: 201, body: pull };
    };
    await expect(openRevert(client, proposalOf(plan), signal)).rejects.toThrow(/#9 is not a draft/);
    expect(await repository.pulls()).toEqual([]);
  });

  test("a missing permission is named", async () => {
    const { plan } = await planned();
    github.fault = ({ method, path }) =>
      method === "POST" && path.endsWith("/git/trees")
        ? {
            status: 403,
            body: { message: "Resource not accessible by integration" },
            headers: { "x-accepted-github-permissions": "contents=write" },
          }
        : null;
    await expect(openRevert(client, proposalOf(plan), signal)).rejects.toThrow(
      /403 for a new tree.*Give the token or app "contents: write"/,
    );
  });
});

describe("writes are bounded by code", () => {
  const elsewhere = [
    "main",
    "refs/heads/main",
    "feature/x",
    "midwatch",
    "midwatch/",
    "midwatch/../main",
    "midwatch/a/../../main",
    "midwatch/a.lock",
  ];

  test.each(elsewhere)("no branch %s is made and no pull request opened from it", async (branch) => {
    const { repository, main } = await planned();
    const asked = github.seen.length;
    const args = { repository: repository.name, branch, base: "main", title: "t", body: "b", sha: main };
    await expect(client.git.createBranch(args, signal)).rejects.toThrow(/midwatch writes only to branches under midwatch\//);
    await expect(client.pullRequests.openDraftPullRequest(args, signal)).rejects.toThrow(/only to branches under/);
    expect(github.seen.length).toBe(asked);
  });

  test("an incident id from outside cannot leave the namespace", async () => {
    const { plan } = await planned();
    const named = (incidentId: string) => revertBranch({ incidentId, plan });
    expect(named("../../heads/main")).toBe(`midwatch/heads-main-revert-${plan.sha.slice(0, 7)}`);
    expect(named("a b\nc:d")).toBe(`midwatch/a-b-c-d-revert-${plan.sha.slice(0, 7)}`);
    expect(() => named("///")).toThrow(/incident id/);
  });

  test("the calls of a revert are these and no others", async () => {
    const { plan } = await planned();
    const asked = github.seen.length;
    await openRevert(client, proposalOf(plan), signal);
    const writes = github.seen.slice(asked).filter(({ method }) => method !== "GET");
    expect(writes.map(({ method, path }) => `${method} ${path.split("/").slice(4).join("/")}`)).toEqual([
      "POST git/trees",
      "POST git/commits",
      "POST git/refs",
      "POST pulls",
    ]);
    expect(writes.at(-1)?.body).toMatchObject({ draft: true, base: "main" });
  });
});
