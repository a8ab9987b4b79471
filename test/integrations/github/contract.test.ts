import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { proposeRevert } from "../../../src/fix/pr-body.ts";
import { openRevert, planRevert } from "../../../src/fix/revert.ts";
import { type GithubClient, createGithubClient } from "../../../src/integrations/github/client.ts";
import { type Contract, checkedFetch, loadContract } from "../../support/openapi.ts";
import { contractFile, haveContracts } from "../../support/contracts.ts";
import { type EmulatedGithub, TOKEN, emulateGithub } from "../../support/github/github.ts";

const signal = AbortSignal.timeout(120_000);
const at = Date.parse("2026-05-01T10:00:00Z");

describe.runIf(haveContracts("github"))("every request that midwatch sends keeps to GitHub's OpenAPI description", () => {
  let github: EmulatedGithub;
  let client: GithubClient;
  let contract: Contract;
  let checked: ReturnType<typeof checkedFetch>;

  beforeAll(async () => {
    contract = loadContract(contractFile("github/openapi.json.gz"));
    github = await emulateGithub();
    checked = checkedFetch(fetch, () => contract);
    client = createGithubClient({ baseUrl: github.url, auth: { token: TOKEN }, fetch: checked.fetch });
  });
  afterAll(async () => github[Symbol.asyncDispose]());

  // The answers are the emulator's, which has its own gaps; they are held against the contract where replay serves them.
  const sent = () => checked.problems.filter((problem) => !problem.includes(" → "));

  test("reads", async () => {
    const repository = await github.createRepository("reads");
    const first = await repository.commit({ "src/a.ts": "a\n" }, { at });
    const second = await repository.commit({ "src/a.ts": "b\n" }, { at: at + 60_000 });
    repository.deploy(first, { at });
    repository.deploy(second, { at: at + 120_000 });
    const about = { repository: repository.name };
    await client.repository(about, signal);
    await client.listCommits({ ...about, since: at, until: at + 60_000, path: "src", from: "main" }, signal);
    await client.getCommit({ ...about, sha: second }, signal);
    await client.compare({ ...about, base: first, head: second }, signal);
    await client.pullRequestsOfCommit({ ...about, sha: second }, signal);
    await client.getContents({ ...about, path: "src/a.ts", ref: "main" }, signal);
    await client.searchCode({ ...about, words: ["a"], path: "src" }, signal);
    await client.listChecks({ ...about, ref: second }, signal);
    // Neither is there; what was asked is what counts.
    await expect(client.pullRequest({ ...about, number: 404 }, signal)).rejects.toThrow("404");
    await expect(client.checkFailure({ ...about, id: 404 }, signal)).rejects.toThrow("404");
    await client.productionChanges({ ...about, services: [{ name: "reads" }], window: { from: at, to: at + 600_000 } }, signal);
    expect(sent()).toEqual([]);
    expect(checked.checked.length).toBeGreaterThan(15);
  });

  test("a draft revert", async () => {
    const repository = await github.createRepository("writes");
    const previousSha = await repository.commit({ "src/a.ts": "a\n", "bin/x": { executable: "x\n" } }, { at });
    const sha = await repository.commit({ "src/a.ts": "b\n", "src/b.ts": "new\n", "bin/x": null }, { at });
    const plan = await planRevert({ github: client, repository: repository.name, sha, previousSha }, signal);
    if (plan.status === "declined") throw new Error(plan.because);
    const suspect = { service: "x", instance: null, fault: null, change: null, probability: 0.8, onset: null, reasons: [] };
    const incident = { id: "Q1", startedBy: "PagerDuty", number: null, title: "t", link: null };
    const proposal = proposeRevert(plan, { incident, suspect, symptom: null, timelineUrl: null, notChecked: [] });
    await openRevert(client, proposal, signal);
    await openRevert(client, proposal, signal);
    expect(sent()).toEqual([]);
    // Tree, commit, branch and draft; and the tree again, by which the second run knows the commit for its own.
    expect(checked.checked.filter((line) => line.startsWith("POST"))).toHaveLength(5);
  });

  test("the wrong request would be seen", async () => {
    await checked.fetch(`${github.url}/repos/acme/reads/commits?per_page=many`, { headers: { authorization: `token ${TOKEN}` } });
    expect(sent().length).toBe(1);
  });
});
