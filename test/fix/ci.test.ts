import { afterEach, describe, expect, test } from "vitest";
import { readChecks } from "../../src/fix/ci.ts";
import { githubForTests } from "../support/github/client.ts";

const signal = AbortSignal.timeout(120_000);
const { github, client } = await githubForTests();
let count = 0;

async function commit() {
  const repository = await github.createRepository(`ci-${++count}`);
  return { repository, sha: await repository.commit({ "a.ts": "1\n" }) };
}

const TEST_NAME = "a discount is taken off once";
const log = (...lines: readonly string[]) => `${lines.join("\n")}\n`;

test("a commit without any check has none", async () => {
  const { repository, sha } = await commit();
  const read = await readChecks(client, { repository: repository.name, sha, role: "fix", test: null }, signal);
  expect(read).toEqual({ sha, role: "fix", state: "none", checks: [], failure: null, namesTest: null });
});

test("check runs and statuses count alike, and one that runs keeps the rest waiting", async () => {
  const { repository, sha } = await commit();
  await repository.check(sha, { name: "unit", state: "success" });
  repository.status(sha, "deploy/preview", "pending");
  const about = { repository: repository.name, sha, role: "fix", test: null } as const;
  expect(await readChecks(client, about, signal)).toMatchObject({
    state: "running",
    checks: [
      { name: "unit", state: "passed" },
      { name: "deploy/preview", state: "running" },
    ],
  });
  repository.status(sha, "deploy/preview", "success");
  expect(await readChecks(client, about, signal)).toMatchObject({ state: "passed", failure: null });
});

test("checks that were all skipped tested nothing, and one that passed beside them did", async () => {
  const { repository, sha } = await commit();
  await repository.check(sha, { name: "unit", state: "skipped" });
  const about = { repository: repository.name, sha, role: "fix", test: null } as const;
  expect(await readChecks(client, about, signal)).toMatchObject({ state: "skipped", checks: [{ name: "unit", state: "skipped" }] });
  await repository.check(sha, { name: "lint", state: "success" });
  expect(await readChecks(client, about, signal)).toMatchObject({ state: "passed" });
});

test("of a job that failed the log is read: whether it names the test, and the part around it", async () => {
  const { repository, sha } = await commit();
  const noise = Array.from({ length: 3_000 }, (_, index) => `ok ${index} - some other test`);
  await repository.check(sha, {
    name: "unit",
    state: "failure",
    log: log(...noise, `not ok 7 - ${TEST_NAME}`, "  expected: 9", "  actual: 18", ...noise),
  });
  const read = await readChecks(client, { repository: repository.name, sha, role: "test", test: TEST_NAME }, signal);
  expect(read.state).toBe("failed");
  expect(read.namesTest).toBe(true);
  expect(read.failure).toContain(`not ok 7 - ${TEST_NAME}\n  expected: 9\n  actual: 18`);
  expect(read.failure?.length).toBeLessThan(4_100);
});

test("a log that fails for something else does not name the test", async () => {
  const { repository, sha } = await commit();
  await repository.check(sha, { name: "lint", state: "failure", log: log("src/a.ts: unused variable") });
  const read = await readChecks(client, { repository: repository.name, sha, role: "test", test: TEST_NAME }, signal);
  expect(read).toMatchObject({ namesTest: false, failure: "lint:\nsrc/a.ts: unused variable" });
});

test("of several that failed, the one that names the test is told", async () => {
  const { repository, sha } = await commit();
  await repository.check(sha, { name: "lint", state: "failure", log: log("src/a.ts: unused variable") });
  await repository.check(sha, { name: "unit", state: "failure", log: log(`not ok 1 - ${TEST_NAME}`) });
  const read = await readChecks(client, { repository: repository.name, sha, role: "test", test: TEST_NAME }, signal);
  expect(read).toMatchObject({ namesTest: true, failure: `unit:\nnot ok 1 - ${TEST_NAME}` });
});

test.each<[string, readonly string[], boolean | null]>([
  ["node", [`✖ ${TEST_NAME} (1.2ms)`], true],
  ["vitest, in colours and with GitHub's time", [`2026-07-14T03:10:00.1234567Z \u001B[31m ×\u001B[39m cart > ${TEST_NAME} 3ms`], true],
  ["vitest's headings", [` FAIL  test/cart.test.ts > cart > ${TEST_NAME}`], true],
  ["jest", [`  ● cart › ${TEST_NAME}`], true],
  ["mocha", [`  1) ${TEST_NAME}:`], true],
  ["pytest", [`FAILED test_cart.py::${TEST_NAME} - assert 9 == 18`], true],
  ["pytest's headings", [`_____ ${TEST_NAME} _____`], true],
  ["rust", [`test ${TEST_NAME} ... FAILED`], true],
  ["gradle", [`CartTest > ${TEST_NAME}() FAILED`], true],
  ["an annotation", [`##[error]${TEST_NAME}`], true],
  ["it passes and another fails", [`✔ ${TEST_NAME}`, "✖ something else"], false],
  ["TAP says that it passes", [`ok 1 - ${TEST_NAME}`, "not ok 2 - something else"], false],
  ["it failed once and passed when tried again", [`✖ ${TEST_NAME}`, `✔ ${TEST_NAME}`], null],
  ["another test begins with the same words", [`✖ ${TEST_NAME} only per cart`], false],
  ["it is only spoken of", [`running ${TEST_NAME}`, "exit 1"], null],
  ["it was expected to fail", [`not ok 1 - ${TEST_NAME} # TODO`, "not ok 2 - other"], null],
  ["our own commit message is printed", [`Error: The test "${TEST_NAME}" is meant to fail on main`, "src/a.ts: no such type"], false],
])("a log says that the test failed only by a runner's mark: %s", async (_name, lines, names) => {
  const { repository, sha } = await commit();
  await repository.check(sha, { name: "unit", state: "failure", log: log(...lines) });
  const read = await readChecks(client, { repository: repository.name, sha, role: "test", test: TEST_NAME }, signal);
  expect(read.namesTest).toBe(names);
});

test.each([
  ["cache", null],
  ["TokenCache", true],
  ["discounts", null],
])("a name of one word tells nothing: %s", async (name, names) => {
  const { repository, sha } = await commit();
  await repository.check(sha, { name: "unit", state: "failure", log: log(`not ok 1 - ${name}`) });
  expect((await readChecks(client, { repository: repository.name, sha, role: "test", test: name }, signal)).namesTest).toBe(names);
});

test("a check of another CI tells what it can, and that does not say which test failed", async () => {
  const { repository, sha } = await commit();
  repository.status(sha, "jenkins", "failure", { description: "12 tests failed" });
  const read = await readChecks(client, { repository: repository.name, sha, role: "test", test: TEST_NAME }, signal);
  expect(read).toMatchObject({ state: "failed", namesTest: null, failure: "jenkins:\n12 tests failed" });
});

test("a log is read once, and again only when another check has failed", async () => {
  const { repository, sha } = await commit();
  await repository.check(sha, { name: "unit", state: "failure", log: log(`not ok 1 - ${TEST_NAME}`) });
  const about = { repository: repository.name, sha, role: "test", test: TEST_NAME } as const;
  const first = await readChecks(client, about, signal);
  const logsRead = async (known: typeof first) => {
    const before = github.seen.length;
    const read = await readChecks(client, { ...about, known }, signal);
    return { read, logs: github.seen.slice(before).filter(({ path }) => path.includes("/logs")).length };
  };
  expect(await logsRead(first)).toEqual({ read: first, logs: 0 });
  await repository.check(sha, { name: "lint", state: "failure", log: log("src/a.ts: unused variable") });
  const second = await logsRead(first);
  expect([second.logs > 0, second.read.namesTest, second.read.checks.length]).toEqual([true, true, 2]);
});

test("of a check that fails on the default branch too no log is told, but of the test's, where no other failed", async () => {
  const { repository, sha: onMain } = await commit();
  const failAlike = async (sha: string) => {
    for (const name of ["a", "b", "c"]) await repository.check(sha, { name, state: "failure", log: log(`not ok 1 - ${TEST_NAME}`) });
  };
  await failAlike(onMain);
  const base = await readChecks(client, { repository: repository.name, sha: onMain, role: "base", test: null }, signal);
  const read = (sha: string, role: "test" | "fix") =>
    readChecks(client, { repository: repository.name, sha, role, test: TEST_NAME, base }, signal);
  const alike = await repository.commit({ "a.ts": "2\n" });
  await failAlike(alike);
  expect(await read(alike, "fix")).toMatchObject({ state: "failed", failure: null, namesTest: null });
  expect(await read(alike, "test")).toMatchObject({ failure: expect.stringContaining(TEST_NAME), namesTest: true });
  // GitHub lists the newest first, and three logs are read at most: what is red anyhow takes none of them away.
  const worse = await repository.commit({ "a.ts": "3\n" });
  await repository.check(worse, { name: "unit", state: "failure", log: log("not ok 1 - prices are kept") });
  await failAlike(worse);
  for (const role of ["fix", "test"] as const)
    expect(await read(worse, role)).toMatchObject({ failure: "unit:\nnot ok 1 - prices are kept", namesTest: false });
});

test("the default branch is read without its logs", async () => {
  const { repository, sha } = await commit();
  await repository.check(sha, { name: "unit", state: "failure", log: log("not ok 1") });
  const before = github.seen.length;
  const read = await readChecks(client, { repository: repository.name, sha, role: "base", test: null }, signal);
  expect(read).toMatchObject({ state: "failed", failure: null });
  expect(github.seen.slice(before).some(({ path }) => path.includes("/logs"))).toBe(false);
});

describe("a credential that may not read check runs", () => {
  afterEach(() => {
    github.lacks = [];
  });

  test("reads the same of GitHub Actions by its jobs, with the log of the one that failed", async () => {
    const { repository, sha } = await commit();
    await repository.check(sha, { name: "lint", workflow: "Style" });
    await repository.check(sha, { name: "unit", state: "failure", log: log(`not ok 1 - ${TEST_NAME}`) });
    const about = { repository: repository.name, sha, role: "test", test: TEST_NAME } as const;
    const byCheckRuns = await readChecks(client, about, signal);
    github.lacks = ["checks"];
    const byJobs = await readChecks(client, about, signal);
    expect(byJobs).toMatchObject({ state: "failed", namesTest: true, failure: `unit:\nnot ok 1 - ${TEST_NAME}` });
    expect(byJobs.checks.map(({ key }) => key)).toContain("github-actions / Style / lint");
    expect(byJobs.checks.map(({ name, state }) => `${name} ${state}`).toSorted()).toEqual(
      byCheckRuns.checks.map(({ name, state }) => `${name} ${state}`).toSorted(),
    );
  });

  test("is told the step that failed where the job left no log", async () => {
    const { repository, sha } = await commit();
    await repository.check(sha, { name: "unit", state: "failure" });
    github.lacks = ["checks"];
    const read = await readChecks(client, { repository: repository.name, sha, role: "test", test: TEST_NAME }, signal);
    expect(read).toMatchObject({ state: "failed", namesTest: null, failure: "unit:\nfailed at: Run unit" });
  });

  test("waits for a workflow run that has no job yet", async () => {
    const { repository, sha } = await commit();
    repository.workflowRun(sha, { workflow: "Tests" });
    github.lacks = ["checks"];
    const read = await readChecks(client, { repository: repository.name, sha, role: "fix", test: null }, signal);
    expect(read).toMatchObject({ state: "running", checks: [{ name: "Tests", state: "running" }] });
  });

  test("nor jobs is told as such, with both ways to grant it", async () => {
    const { repository, sha } = await commit();
    github.lacks = ["checks", "actions"];
    const read = await readChecks(client, { repository: repository.name, sha, role: "fix", test: null }, signal);
    expect(read).toMatchObject({ state: "unreadable", checks: [] });
    expect(read.failure).toContain('"checks: read"');
    expect(read.failure).toContain('"actions: read"');
  });
});
