import { existsSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { octokitOf } from "../support/github/quiet-octokit.ts";
import { replayedGithub } from "../support/github/replayed.ts";
import { changedFile, commitRow, secondsAt } from "../support/recording-folder.ts";
import { checkedFetch, loadContract } from "../support/openapi.ts";

const file = join(import.meta.dirname, "../../../shared/contracts/github/openapi.json.gz");
if (!existsSync(file)) console.log("GitHub's contract is not beside this repository; its tests are passed over");

const sha = "c0ffee".padEnd(40, "1");
const parent = "b".repeat(40);

describe.runIf(existsSync(file))("the replayed GitHub against GitHub's OpenAPI document", () => {
  test("every answer that midwatch reads, and a draft pull request from blob to files", async () => {
    const merged = { number: 9, title: "Two", body: "b", merged_at: "2026-01-02T12:20:00Z" };
    await using github = await replayedGithub({
      "repository/commits.json": [
        commitRow(parent, [changedFile("src/a.ts", null, "1\n")]),
        commitRow(sha, [changedFile("src/a.ts", "1\n", "2\n")], {
          parents: [parent],
          time: secondsAt("12:20:00"),
          message: "Two",
          pr: merged,
        }),
      ],
      "changes.jsonl.gz": [{ kind: "deploy", time: secondsAt("12:22:00"), service: "shop", sha, author: "Mara Linde" }],
    });
    const contract = loadContract(file);
    const checked = checkedFetch(fetch, () => contract);
    const octokit = octokitOf(github.url, "token", checked);
    const repo = { owner: "acme", repo: "shop" };
    const { rest } = octokit;
    await rest.repos.get(repo);
    await rest.repos.listCommits(repo);
    await rest.repos.getCommit({ ...repo, ref: sha });
    await rest.repos.compareCommitsWithBasehead({ ...repo, basehead: `${parent}...${sha}` });
    const [deployment] = (await rest.repos.listDeployments(repo)).data;
    expect(deployment?.creator?.login).toBe("mara-linde");
    await rest.repos.getDeployment({ ...repo, deployment_id: deployment?.id ?? 0 });
    await rest.repos.listDeploymentStatuses({ ...repo, deployment_id: deployment?.id ?? 0 });
    await rest.repos.listPullRequestsAssociatedWithCommit({ ...repo, commit_sha: sha });
    await rest.pulls.list({ ...repo, state: "closed" });
    await rest.pulls.get({ ...repo, pull_number: 9 });
    await rest.pulls.listFiles({ ...repo, pull_number: 9 });
    await rest.pulls.listCommits({ ...repo, pull_number: 9 });
    await rest.repos.getContent({ ...repo, path: "src/a.ts" });
    await rest.repos.getContent({ ...repo, path: "src" });
    await rest.checks.listForRef({ ...repo, ref: sha });
    await rest.repos.getCombinedStatusForRef({ ...repo, ref: sha });
    await rest.repos.listCommitStatusesForRef({ ...repo, ref: sha });
    const failed = await fetch(`${github.url}/repos/acme/shop/check-runs`, {
      method: "POST",
      headers: { authorization: "Bearer token", "content-type": "application/json" },
      body: JSON.stringify({
        name: "test",
        head_sha: sha,
        status: "completed",
        conclusion: "failure",
        output: {
          title: "t",
          summary: "s",
          annotations: [{ path: "src/a.ts", start_line: 1, end_line: 1, annotation_level: "failure", message: "m" }],
        },
      }),
    });
    const { id: check_run_id } = (await failed.json()) as { id: number };
    expect((await rest.checks.listAnnotations({ ...repo, check_run_id })).data).toHaveLength(1);
    await rest.search.code({ q: "2 repo:acme/shop", mediaType: { format: "text-match" } });
    await rest.rateLimit.get();
    await rest.users.getAuthenticated();
    await expect(rest.repos.getContent({ ...repo, path: "none" })).rejects.toMatchObject({ status: 404 });

    const { tree } = (await rest.git.getCommit({ ...repo, commit_sha: sha })).data;
    await rest.git.getTree({ ...repo, tree_sha: tree.sha });
    const blob = (await rest.git.createBlob({ ...repo, content: "1\n", encoding: "utf-8" })).data;
    await rest.git.getBlob({ ...repo, file_sha: blob.sha });
    const made = await rest.git.createTree({
      ...repo,
      base_tree: tree.sha,
      tree: [{ path: "src/a.ts", mode: "100644", type: "blob", sha: blob.sha }],
    });
    const commit = await rest.git.createCommit({ ...repo, message: "Revert", tree: made.data.sha, parents: [sha] });
    await rest.git.createRef({ ...repo, ref: "refs/heads/midwatch/x", sha: commit.data.sha });
    await rest.git.getRef({ ...repo, ref: "heads/midwatch/x" });
    const pull = (await rest.pulls.create({ ...repo, head: "midwatch/x", base: "main", title: "Revert", body: "b", draft: true })).data;
    await rest.pulls.get({ ...repo, pull_number: pull.number });
    await rest.pulls.list({ ...repo, head: "acme:midwatch/x" });
    await rest.pulls.listFiles({ ...repo, pull_number: pull.number });
    await expect(rest.pulls.create({ ...repo, head: "midwatch/x", base: "main", title: "again" })).rejects.toMatchObject({ status: 422 });

    expect(checked.checked.length).toBeGreaterThan(30);
    expect(checked.problems).toEqual([]);
  });
});
