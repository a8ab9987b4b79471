import { existsSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { commitOn, newBranch } from "../support/github/pushing.ts";
import { octokitOf } from "../support/github/quiet-octokit.ts";
import { replayedGithub } from "../support/github/replayed.ts";
import { changedFile, commitRow } from "../support/recording-folder.ts";
import { checkedFetch, loadContract } from "../support/openapi.ts";

const file = join(import.meta.dirname, "../../../shared/contracts/github/openapi.json.gz");
if (!existsSync(file)) console.log("GitHub's contract is not beside this repository; its tests are passed over");

const sha = "c0ffee".padEnd(40, "1");
const repo = { owner: "acme", repo: "shop" };

describe.runIf(existsSync(file))("the replayed GitHub's CI, branches and pull requests against GitHub's OpenAPI document", () => {
  test("from the push to a red check's log, and what people do to the pull request", async () => {
    await using github = await replayedGithub(
      {
        "repository/commits.json": [commitRow(sha, [changedFile("a.js", null, "process.exit(0);\n")])],
        "repository/ci.json": { checks: [{ name: "test", command: ["node", "a.js"] }] },
      },
      { ci: true },
    );
    const { replay, octokit: setUp } = github;
    const contract = loadContract(file);
    // Logs lie on another host at GitHub, which its document does not describe.
    const checked = checkedFetch(fetch, (url) => (url.pathname.startsWith("/_logs/") ? null : contract));
    const { rest } = octokitOf(github.url, "token", checked);

    await rest.checks.listForRef({ ...repo, ref: "main" });
    const red = await commitOn(setUp, sha, { "a.js": "process.exit(1);\n" });
    await newBranch(setUp, "midwatch/x", red);
    await rest.checks.listForRef({ ...repo, ref: red });
    await replay.checksDone();
    const [run] = (await rest.checks.listForRef({ ...repo, ref: red })).data.check_runs;
    expect(run?.conclusion).toBe("failure");
    const id = run?.id ?? 0;
    await rest.checks.get({ ...repo, check_run_id: id });
    await rest.checks.listAnnotations({ ...repo, check_run_id: id });
    await rest.checks.listSuitesForRef({ ...repo, ref: red });
    await rest.repos.getCombinedStatusForRef({ ...repo, ref: red });
    const [workflow] = (await rest.actions.listWorkflowRunsForRepo(repo)).data.workflow_runs;
    await rest.actions.getWorkflowRun({ ...repo, run_id: workflow?.id ?? 0 });
    await rest.actions.listJobsForWorkflowRun({ ...repo, run_id: workflow?.id ?? 0 });
    await rest.actions.getJobForWorkflowRun({ ...repo, job_id: id });
    const log = await checked.fetch(`${github.url}/repos/acme/shop/actions/jobs/${id}/logs`, {
      headers: { authorization: "Bearer token" },
      redirect: "manual",
    });
    expect(log.status).toBe(302);

    await rest.repos.getBranch({ ...repo, branch: "main" });
    await rest.repos.getBranch({ ...repo, branch: "midwatch/x" });
    await rest.repos.listBranches(repo);
    await rest.issues.listLabelsForRepo(repo);
    const pull = (await rest.pulls.create({ ...repo, head: "midwatch/x", base: "main", title: "t", body: "b", draft: true })).data;
    await rest.issues.addLabels({ ...repo, issue_number: pull.number, labels: ["bug"] });
    const next = await commitOn(setUp, red, { "a.js": "process.exit(0);\n" });
    await rest.git.updateRef({ ...repo, ref: "heads/midwatch/x", sha: next });
    await expect(rest.git.updateRef({ ...repo, ref: "heads/midwatch/x", sha })).rejects.toMatchObject({ status: 422 });
    await rest.pulls.update({ ...repo, pull_number: pull.number, title: "other", body: "proof" });
    await expect(rest.pulls.update({ ...repo, pull_number: pull.number, title: "" })).rejects.toMatchObject({ status: 422 });
    await expect(rest.pulls.merge({ ...repo, pull_number: pull.number })).rejects.toMatchObject({ status: 405 });
    await replay.people.merge(pull.number);
    await rest.pulls.get({ ...repo, pull_number: pull.number });
    await rest.pulls.list({ ...repo, state: "all" });
    await rest.issues.get({ ...repo, issue_number: pull.number });

    expect(checked.checked.length).toBeGreaterThan(20);
    expect(checked.problems).toEqual([]);
  });
});
