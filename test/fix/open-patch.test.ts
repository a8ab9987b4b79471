import { describe, expect, test } from "vitest";
import { IntegrationError } from "../../src/guard/errors.ts";
import { type FixToCommit, type PatchToOpen, commitFix, findFix, findPatch, openPatch, patchBranch } from "../../src/fix/patch.ts";
import type { PatchDraft, PatchedFile } from "../../src/incident/fix.ts";
import type { GithubClient } from "../../src/integrations/github/client.ts";
import { dyingClient, githubForTests } from "../support/github/client.ts";
import { noDrafts, type TestRepository } from "../support/github/github.ts";

const signal = AbortSignal.timeout(240_000);
const { github, client } = await githubForTests();
let count = 0;

const BRANCH = "midwatch/Q2ABC-patch";
const fixed: PatchedFile = { path: "src/pay.ts", role: "fix", mode: "100644", before: "bad\n", after: "good\n" };
const shown: PatchedFile = { path: "test/pay.test.ts", role: "test", mode: "100644", before: null, after: "test\n" };
const better: PatchedFile = { ...fixed, after: "better\n" };
const trees = {
  base: { "README.md": "100644 later\n", "src/pay.ts": "100644 bad\n" },
  test: { "README.md": "100644 later\n", "src/pay.ts": "100644 bad\n", "test/pay.test.ts": "100644 test\n" },
  fix: { "README.md": "100644 later\n", "src/pay.ts": "100644 good\n", "test/pay.test.ts": "100644 test\n" },
  improvement: { "README.md": "100644 later\n", "src/pay.ts": "100644 better\n", "test/pay.test.ts": "100644 test\n" },
};

interface Case {
  readonly repository: TestRepository;
  readonly main: string;
  readonly draft: PatchDraft;
  readonly proposal: PatchToOpen;
}

async function drafted(files: readonly PatchedFile[] = [fixed, shown]): Promise<Case> {
  const repository = await github.createRepository(`fix-${++count}`);
  await repository.commit({ "src/pay.ts": "bad\n" });
  const main = await repository.commit({ "README.md": "later\n" });
  const commit = await client.git.readCommit({ repository: repository.name, sha: main }, signal);
  const draft: PatchDraft = {
    repository: repository.name,
    base: { branch: "main", sha: main, tree: commit?.tree ?? "" },
    service: "pay",
    title: "Mend pay",
    cause: "c",
    change: "c",
    notChanged: "n",
    risk: "r",
    rollBack: "r",
    notChecked: "n",
    test: files.includes(shown) ? { name: "pays", command: "npm test" } : null,
    noTestBecause: files.includes(shown) ? null : "none",
    files,
    lines: 3,
    evidence: [1],
  };
  return {
    repository,
    main,
    draft,
    proposal: { incidentId: "Q2ABC", draft, title: "Mend pay", body: "Because of E3", message: "Show it" },
  };
}

const second = ({ draft }: Case, parent: string, more: Partial<FixToCommit> = {}): FixToCommit => ({
  incidentId: "Q2ABC",
  draft,
  branch: BRANCH,
  parent,
  role: "fix",
  n: 2,
  message: "Mend it",
  ...more,
});

/** Opens, commits the fix, commits an improvement. Each step is told what the step before said, as the event log would. */
async function wholeRun(by: GithubClient, one: Case): Promise<string[]> {
  const opened = await openPatch(by, one.proposal, signal);
  const first = opened.commits[0]?.sha ?? "";
  const fix = await commitFix(by, second(one, first), signal);
  if (fix.status === "declined") throw new Error("the branch was moved");
  const improved = { ...one, draft: { ...one.draft, files: [better, shown] } };
  const third = await commitFix(by, second(improved, fix.commit.sha, { role: "improvement", n: 3, message: "Mend it better" }), signal);
  if (third.status === "declined") throw new Error("the branch was moved");
  return [first, fix.commit.sha, third.commit.sha];
}

/** Commits of a branch down to the base, newest first: subject and tree. */
async function historyOf({ repository, main }: Case, branch = BRANCH): Promise<[string, Record<string, string>][]> {
  const found: [string, Record<string, string>][] = [];
  for (let sha = await repository.head(branch); sha !== null && sha !== main;) {
    const { body } = await repository.api("GET", `/repos/${repository.name}/git/commits/${sha}`);
    expect(body.parents).toHaveLength(1);
    found.push([body.message, await repository.tree(sha)]);
    sha = body.parents[0].sha as string;
  }
  return found;
}

const trailer = (n: number) => `\n\nMidwatch-Commit: ${n}\nMidwatch-Incident: Q2ABC\n`;
const wholeHistory: [string, Record<string, string>][] = [
  [`Mend it better${trailer(3)}`, trees.improvement],
  [`Mend it${trailer(2)}`, trees.fix],
  [`Show it${trailer(1)}`, trees.test],
];

/** What must hold after any number of runs: one branch with these commits, one draft, nothing else moved. */
async function expectOneOfEach(one: Case, history: [string, Record<string, string>][]): Promise<void> {
  const { repository, main } = one;
  expect(await repository.branches()).toEqual(["main", BRANCH]);
  expect(await repository.head("main")).toBe(main);
  expect(await historyOf(one)).toEqual(history);
  const pulls = await repository.pulls();
  expect(pulls.map(({ draft, state, head, base }) => [draft, state, head.ref, base.ref])).toEqual([[true, "open", BRANCH, "main"]]);
}

describe("a patch with its test", () => {
  test("is opened as a draft with the test alone", async () => {
    const one = await drafted();
    const opened = await openPatch(client, one.proposal, signal);
    expect(opened).toEqual({
      type: "fix-proposed",
      kind: "patch",
      repository: one.repository.name,
      number: 1,
      url: expect.stringMatching(/\/pull\/1$/),
      branch: BRANCH,
      draft: true,
      title: "Mend pay",
      body: "Because of E3",
      files: [
        { path: "src/pay.ts", before: "bad\n", after: "good\n" },
        { path: "test/pay.test.ts", before: null, after: "test\n" },
      ],
      base: { branch: "main", sha: one.main },
      commits: [{ sha: await one.repository.head(BRANCH), role: "test" }],
    });
    await expectOneOfEach(one, wholeHistory.slice(2));
  });

  test("gets the fix as a second commit, and a better one as a third", async () => {
    const one = await drafted();
    const shas = await wholeRun(client, one);
    expect(shas[2]).toBe(await one.repository.head(BRANCH));
    await expectOneOfEach(one, wholeHistory);
  });

  test("is done again by a second run without a write", async () => {
    const one = await drafted();
    const shas = await wholeRun(client, one);
    const asked = github.seen.length;
    expect(await wholeRun(client, one)).toEqual(shas);
    // A tree shows whether the commit is ours; it hangs on nothing.
    const writes = github.seen.slice(asked).filter(({ method, path }) => method !== "GET" && !path.endsWith("/git/trees"));
    expect(writes).toEqual([]);
    await expectOneOfEach(one, wholeHistory);
  });

  test("survives being stored as JSON", async () => {
    const one = await drafted();
    const shas = await wholeRun(client, JSON.parse(JSON.stringify({ ...one, repository: null })) as Case);
    expect(shas).toHaveLength(3);
    await expectOneOfEach(one, wholeHistory);
  });
});

test("a patch without a test has the whole of it in one commit", async () => {
  const one = await drafted([fixed]);
  const opened = await openPatch(client, one.proposal, signal);
  expect(opened.commits.map(({ role }) => role)).toEqual(["fix"]);
  expect(await one.repository.tree(BRANCH)).toEqual({ ...trees.base, "src/pay.ts": "100644 good\n" });
});

test("nothing is found before the first run, and what it did after it", async () => {
  const one = await drafted();
  expect(await findPatch(client, one.proposal, signal)).toBeNull();
  const opened = await openPatch(client, one.proposal, signal);
  expect(await findPatch(client, one.proposal, signal)).toEqual(opened);
  const fix = second(one, opened.commits[0]?.sha ?? "");
  expect(await findFix(client, fix, signal)).toBeNull();
  const committed = await commitFix(client, fix, signal);
  expect(await findFix(client, fix, signal)).toEqual(committed);
});

// The number of calls is a fact of the code; a run without faults counts it, and each call is then cut in turn.
describe.each(["unreached", "lost"] as const)("cut off at any one call (%s) and run again", (how) => {
  test("there is one branch, one draft and exactly the three commits", async () => {
    const whole = await drafted();
    const before = github.seen.length;
    await wholeRun(client, whole);
    const calls = github.seen.length - before;
    expect(calls).toBeGreaterThanOrEqual(15);
    for (let cut = 0; cut < calls; cut++) {
      const one = await drafted();
      const start = github.seen.length;
      github.fault = (_call, index) => (index === start + cut ? how : null);
      // A client that tries nothing again, so that the cut is the end of this run.
      const once = dyingClient(github);
      await expect(wholeRun(once, one)).rejects.toThrow(IntegrationError);
      github.fault = null;
      await wholeRun(client, one);
      await expectOneOfEach(one, wholeHistory);
    }
  }, 120_000);
});

test("two runs at the same time make one branch and one draft", async () => {
  const one = await drafted();
  const opened = await Promise.all([1, 2, 3].map(() => openPatch(client, one.proposal, signal)));
  expect(new Set(opened.map(({ commits }) => commits[0]?.sha))).toHaveProperty("size", 1);
  await expectOneOfEach(one, wholeHistory.slice(2));
});

describe("what people push is theirs:", () => {
  test("a further commit is not put on a head that people moved", async () => {
    const one = await drafted();
    const first = (await openPatch(client, one.proposal, signal)).commits[0]?.sha ?? "";
    const theirs = await one.repository.commit({ "src/pay.ts": "by hand\n" }, { branch: BRANCH, message: "by hand" });
    expect(await commitFix(client, second(one, first), signal)).toEqual({
      status: "declined",
      head: theirs,
    });
    expect(await one.repository.head(BRANCH)).toBe(theirs);
  });

  test("nor on one that is moved in the very moment", async () => {
    const one = await drafted();
    const first = (await openPatch(client, one.proposal, signal)).commits[0]?.sha ?? "";
    let theirs: Promise<string> | null = null;
    github.fault = ({ method }) => {
      if (method === "POST") theirs ??= one.repository.commit({ "src/pay.ts": "by hand\n" }, { branch: BRANCH, message: "by hand" });
      return null;
    };
    const answer = await commitFix(client, second(one, first), signal);
    github.fault = null;
    expect(answer.status).toBe("declined");
    expect(await one.repository.head(BRANCH)).toBe(await theirs);
  });

  test("nor on a branch that people deleted", async () => {
    const one = await drafted();
    const first = (await openPatch(client, one.proposal, signal)).commits[0]?.sha ?? "";
    await one.repository.api("DELETE", `/repos/${one.repository.name}/git/refs/heads/${BRANCH}`);
    expect(await commitFix(client, second(one, first), signal)).toEqual({
      status: "declined",
      head: null,
    });
    expect(await one.repository.branches()).toEqual(["main"]);
  });

  test("a commit that people pushed on top of is found below theirs", async () => {
    const one = await drafted();
    const opened = await openPatch(client, one.proposal, signal);
    const first = opened.commits[0]?.sha ?? "";
    const committed = await commitFix(client, second(one, first), signal);
    await one.repository.commit({ "src/pay.ts": "by hand\n" }, { branch: BRANCH, message: `by hand${trailer(2)}` });
    expect(await commitFix(client, second(one, first), signal)).toEqual(committed);
    expect((await findPatch(client, one.proposal, signal))?.commits).toEqual(opened.commits);
  });

  test("a commit that only calls itself midwatch's is not taken for one", async () => {
    const one = await drafted();
    const first = (await openPatch(client, one.proposal, signal)).commits[0]?.sha ?? "";
    await one.repository.commit(
      { "a.ts": "a\n" },
      { branch: BRANCH, message: "Midwatch-Commit: 2\nMidwatch-Incident: Q2ABC\n\nnot quite" },
    );
    expect(await findFix(client, second(one, first), signal)).toBeNull();
  });

  test("nor is one with its place and its last lines, but other files", async () => {
    const one = await drafted();
    const first = (await openPatch(client, one.proposal, signal)).commits[0]?.sha ?? "";
    const theirs = await one.repository.commit({ "src/pay.ts": "theirs\n" }, { branch: BRANCH, message: `Mend it${trailer(2)}` });
    expect(await findFix(client, second(one, first), signal)).toBeNull();
    expect((await commitFix(client, second(one, first), signal)).status).toBe("declined");
    expect(await one.repository.head(BRANCH)).toBe(theirs);
  });

  test.each([
    ["with midwatch's last lines", `Show it${trailer(1)}`],
    ["without them", "Work of theirs"],
  ])("somebody else's commit on the branch %s is neither opened nor taken for ours, with a pull request or without", async (_, message) => {
    const one = await drafted();
    const theirs = await one.repository.commit({ "src/pay.ts": "theirs\n" }, { branch: BRANCH, parents: [one.main], message });
    await expect(openPatch(client, one.proposal, signal)).rejects.toThrow(/its commit is not midwatch's\. No pull request was opened/);
    expect(await one.repository.pulls()).toEqual([]);
    await one.repository.api("POST", `/repos/${one.repository.name}/pulls`, { head: BRANCH, base: "main", title: "Theirs" });
    expect(await findPatch(client, one.proposal, signal)).toBeNull();
    await expect(openPatch(client, one.proposal, signal)).rejects.toThrow(/its commit is not midwatch's/);
    expect(await one.repository.head(BRANCH)).toBe(theirs);
    expect(await one.repository.pulls()).toHaveLength(1);
  });

  test("what they push before there is a pull request makes it theirs: none is opened in midwatch's words", async () => {
    const one = await drafted();
    github.fault = ({ method, path }) => (method === "POST" && path.endsWith("/pulls") ? "unreached" : null);
    await expect(openPatch(client, one.proposal, signal)).rejects.toThrow(/could not be reached/);
    github.fault = null;
    const theirs = await one.repository.commit({ "src/pay.ts": "by hand\n" }, { branch: BRANCH, message: "by hand" });
    await expect(openPatch(client, one.proposal, signal)).rejects.toThrow(
      `People have pushed to branch ${BRANCH} of ${one.repository.name} before midwatch opened its pull request, so it is theirs.`,
    );
    expect(await one.repository.head(BRANCH)).toBe(theirs);
    expect(await one.repository.pulls()).toEqual([]);
    // Theirs to open, too: then midwatch goes on saying what CI shows of its own commit.
    await one.repository.api("POST", `/repos/${one.repository.name}/pulls`, { head: BRANCH, base: "main", title: "Theirs" });
    expect((await findPatch(client, one.proposal, signal))?.title).toBe("Theirs");
  });

  test("an older pull request of theirs, closed since, does not hide ours", async () => {
    const one = await drafted();
    await one.repository.commit({ "src/pay.ts": "theirs\n" }, { branch: BRANCH, parents: [one.main] });
    const { body } = await one.repository.api("POST", `/repos/${one.repository.name}/pulls`, {
      head: BRANCH,
      base: "main",
      title: "Theirs",
    });
    await one.repository.api("PATCH", `/repos/${one.repository.name}/pulls/${body.number}`, { state: "closed" });
    await one.repository.api("DELETE", `/repos/${one.repository.name}/git/refs/heads/${BRANCH}`);
    const ours = await openPatch(client, one.proposal, signal);
    expect(ours.number).not.toBe(body.number);
    await one.repository.api("PATCH", `/repos/${one.repository.name}/pulls/${ours.number}`, { state: "closed" });
    expect((await findPatch(client, one.proposal, signal))?.number).toBe(ours.number);
  });

  test("a branch of the name with somebody else's commit is left as it is", async () => {
    const one = await drafted();
    const theirs = await one.repository.commit({ "src/theirs.ts": "x\n" }, { branch: BRANCH, parents: [one.main] });
    await expect(openPatch(client, one.proposal, signal)).rejects.toThrow(/its commit is not midwatch's\. No pull request was opened/);
    expect(await one.repository.head(BRANCH)).toBe(theirs);
    expect(await one.repository.pulls()).toEqual([]);
  });

  test("a pull request that people closed is not opened again", async () => {
    const one = await drafted();
    const { number } = await openPatch(client, one.proposal, signal);
    await one.repository.api("PATCH", `/repos/${one.repository.name}/pulls/${number}`, { state: "closed" });
    await one.repository.api("DELETE", `/repos/${one.repository.name}/git/refs/heads/${BRANCH}`);
    expect((await openPatch(client, one.proposal, signal)).number).toBe(number);
    expect(await one.repository.pulls()).toHaveLength(1);
    expect(await one.repository.branches()).toEqual(["main"]);
  });
});

test("a better idea than the revert stands on the revert's own branch and takes the revert back", async () => {
  const one = await drafted();
  const branch = "midwatch/Q2ABC-revert-1234567";
  const revert = await one.repository.commit(
    { "src/pay.ts": "old\n", "src/gone.ts": "old\n" },
    { branch, parents: [one.main], message: "Revert" },
  );
  const showing = await commitFix(client, second(one, revert, { branch, role: "test", n: 2, message: "Show it" }), signal);
  if (showing.status === "declined") throw new Error("the branch was moved");
  const fix = await commitFix(client, second(one, showing.commit.sha, { branch, n: 3 }), signal);
  expect(fix).toMatchObject({ status: "committed", commit: { role: "fix" } });
  expect(await historyOf(one, branch)).toEqual([
    [`Mend it${trailer(3)}`, trees.fix],
    [`Show it${trailer(2)}`, trees.test],
    ["Revert", { ...trees.base, "src/pay.ts": "100644 old\n", "src/gone.ts": "100644 old\n" }],
  ]);
  expect(await one.repository.branches()).toEqual(["main", branch]);
});

describe("writes are bounded by code", () => {
  test("the calls of a whole run are these and no others: never a force, a ready or a merge", async () => {
    const one = await drafted();
    const asked = github.seen.length;
    await wholeRun(client, one);
    const writes = github.seen.slice(asked).filter(({ method }) => method !== "GET");
    const step = (ref: string) => ["POST git/trees", "POST git/commits", ref];
    expect(writes.map(({ method, path }) => `${method} ${decodeURIComponent(path.split("/").slice(4).join("/"))}`)).toEqual([
      ...step("POST git/refs"),
      "POST pulls",
      ...step(`PATCH git/refs/heads/${BRANCH}`),
      ...step(`PATCH git/refs/heads/${BRANCH}`),
    ]);
    expect(writes.find(({ path }) => path.endsWith("/pulls"))?.body).toMatchObject({ draft: true, base: "main", head: BRANCH });
    expect(writes.filter(({ method }) => method === "PATCH").map(({ body }) => (body as { force: boolean }).force)).toEqual([false, false]);
  });

  test.each(["main", "feature/x", "midwatch/../main", "refs/heads/main"])("no commit is put on %s", async (branch) => {
    const one = await drafted();
    const asked = github.seen.length;
    await expect(commitFix(client, second(one, one.main, { branch }), signal)).rejects.toThrow(/midwatch writes only to branches under/);
    expect(github.seen.length).toBe(asked);
    expect(await one.repository.head("main")).toBe(one.main);
  });

  test("an incident id from outside cannot leave the namespace", () => {
    expect(patchBranch("../../heads/main")).toBe("midwatch/heads-main-patch");
    expect(patchBranch("a b\nc:d")).toBe("midwatch/a-b-c-d-patch");
    expect(() => patchBranch("///")).toThrow(/incident id/);
  });

  test.each([
    ["title", { title: "call +49 170 1234567" }, "The title holds a phone number."],
    ["body", { body: `see AKIA${"ABCDEFGHIJKLMNOP"}` }, "The body holds an AWS key."],
    ["message", { message: "ask ana@acme.io" }, "The commit message holds an e-mail address."],
  ])("a secret in the %s is not sent", async (_name, more, because) => {
    const one = await drafted();
    const asked = github.seen.length;
    await expect(openPatch(client, { ...one.proposal, ...more }, signal)).rejects.toThrow(`Nothing was sent to GitHub. ${because}`);
    expect(github.seen.length).toBe(asked);
  });

  test("where drafts are not to be had, no other pull request is opened", async () => {
    const one = await drafted();
    github.fault = noDrafts;
    await expect(openPatch(client, one.proposal, signal)).rejects.toThrow(/has no draft pull requests .* midwatch opens no others/);
    expect(await one.repository.pulls()).toEqual([]);
  });
});
