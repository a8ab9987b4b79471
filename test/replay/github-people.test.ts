import { RequestError, type Octokit } from "octokit";
import { describe, expect, test } from "vitest";
import { commitOn, headOf, moveBranch, newBranch } from "../support/github/pushing.ts";
import { replayedGithub } from "../support/github/replayed.ts";
import { changedFile, commitRow } from "../support/recording-folder.ts";

const repo = { owner: "acme", repo: "shop" };
const first = "a".repeat(40);
const startedAt = Date.parse("2026-06-01T08:00:00Z");

async function started() {
  const time = { at: startedAt };
  const row = commitRow(
    first,
    [changedFile("a.txt", null, "1\n"), changedFile("b.txt", null, "1\n"), changedFile(".github/CODEOWNERS", null, "* @acme/shop\n")],
    { message: "Start (#4)", pr: { number: 4, title: "Start", body: "", merged_at: "2026-01-02T10:00:00Z" } },
  );
  const github = await replayedGithub({ "repository/commits.json": [row] }, { now: () => time.at });
  return { ...github, people: github.replay.people, time };
}

const branch = "midwatch/fix";
/** A draft pull request of one commit that changes a.txt. */
async function draft(octokit: Octokit): Promise<{ number: number; sha: string }> {
  const sha = await commitOn(octokit, first, { "a.txt": "2\n" }, "Fix a");
  await newBranch(octokit, branch, sha);
  const asked = { ...repo, head: branch, base: "main", title: "Fix a", body: "b", draft: true };
  return { number: (await octokit.rest.pulls.create(asked)).data.number, sha };
}
const read = async (octokit: Octokit, number: number) => (await octokit.rest.pulls.get({ ...repo, pull_number: number })).data;
const refusal = async (call: Promise<unknown>): Promise<[number, string]> => {
  const error: unknown = await call.then(
    () => new Error("it was not refused"),
    (reason: unknown) => reason,
  );
  if (!(error instanceof RequestError)) throw error;
  return [error.status, error.message.split(" - ")[0] ?? ""];
};
const textOf = async (octokit: Octokit, path: string, ref: string) =>
  String((await octokit.rest.repos.getContent({ ...repo, path, ref, mediaType: { format: "raw" } })).data);

describe("what people do to a pull request", () => {
  test("a merge: ready, closed, merged by a person, its commit on the default branch", async () => {
    await using github = await started();
    const { octokit, people, time } = github;
    const { number, sha } = await draft(octokit);
    time.at = startedAt + 90_000;
    const merge = await people.merge(number);
    expect(await headOf(octokit, "main")).toBe(merge);
    const pull = await read(octokit, number);
    expect(pull).toMatchObject({ state: "closed", merged: true, draft: false, merge_commit_sha: merge, merged_at: "2026-06-01T08:01:30Z" });
    expect(pull.merged_by?.login).toBe("ana");
    const commit = (await octokit.rest.git.getCommit({ ...repo, commit_sha: merge })).data;
    expect(commit.parents.map((parent) => parent.sha)).toEqual([first, sha]);
    expect(commit.author.name).toBe("Ana Ruiz");
    expect(await textOf(octokit, "a.txt", "main")).toBe("2\n");
    expect((await octokit.rest.pulls.checkIfMerged({ ...repo, pull_number: number })).status).toBe(204);
    expect((await octokit.rest.issues.get({ ...repo, issue_number: number })).data.closed_by?.login).toBe("ana");
  });
  test("a merge after the default branch moved keeps what both sides changed", async () => {
    await using github = await started();
    const { octokit, people } = github;
    const { number } = await draft(octokit);
    await people.push("main", { "b.txt": "other\n" }, "Meanwhile");
    await people.merge(number);
    expect([await textOf(octokit, "a.txt", "main"), await textOf(octokit, "b.txt", "main")]).toEqual(["2\n", "other\n"]);
  });
  test("a merge is refused where both sides changed the same file", async () => {
    await using github = await started();
    const { octokit, people } = github;
    const { number } = await draft(octokit);
    await people.push("main", { "a.txt": "other\n" }, "Meanwhile");
    await expect(people.merge(number)).rejects.toThrow("both sides changed a.txt");
    expect((await read(octokit, number)).merged).toBe(false);
  });
  test("closed and opened again", async () => {
    await using github = await started();
    const { octokit, people } = github;
    const { number } = await draft(octokit);
    await people.close(number);
    expect(await read(octokit, number)).toMatchObject({ state: "closed", merged: false, merged_by: null });
    expect((await octokit.rest.issues.get({ ...repo, issue_number: number })).data.closed_by?.login).toBe("ana");
    await people.reopen(number);
    expect(await read(octokit, number)).toMatchObject({ state: "open", closed_at: null });
  });
  test("edited and marked ready", async () => {
    await using github = await started();
    const { octokit, people } = github;
    const { number } = await draft(octokit);
    await people.edit(number, { title: "Better words", body: "by hand" });
    await people.ready(number);
    expect(await read(octokit, number)).toMatchObject({ title: "Better words", body: "by hand", draft: false });
  });
  test("a push to its branch moves its head and the time of its last change", async () => {
    await using github = await started();
    const { octokit, people, time } = github;
    const { number } = await draft(octokit);
    time.at = Date.now() + 3_600_000;
    const sha = await people.push(branch, { "c.txt": "more\n", "b.txt": null }, "By hand");
    const pull = await read(octokit, number);
    expect(pull).toMatchObject({ commits: 2, changed_files: 3, head: { sha } });
    expect(Date.parse(pull.updated_at)).toBe(Math.floor(time.at / 1000) * 1000);
    expect((await octokit.rest.git.getCommit({ ...repo, commit_sha: sha })).data.author.email).toBe("ana@acme.example");
  });
  test("a deleted branch closes it, and it is not opened again", async () => {
    await using github = await started();
    const { octokit, people } = github;
    const { number, sha } = await draft(octokit);
    await people.deleteBranch(branch);
    expect(await read(octokit, number)).toMatchObject({ state: "closed", head: { sha } });
    const again = octokit.rest.pulls.update({ ...repo, pull_number: number, state: "open" });
    expect((await refusal(again))[0]).toBe(422);
  });
});

describe("what a token may do", () => {
  test("the title and body of a pull request are changed, and the answer shows its branch as it is now", async () => {
    await using github = await started();
    const { octokit } = github;
    const { number, sha } = await draft(octokit);
    const next = await commitOn(octokit, sha, { "a.txt": "3\n" });
    await moveBranch(octokit, branch, next);
    const { data } = await octokit.rest.pulls.update({ ...repo, pull_number: number, title: "Fix a well", body: "proof" });
    expect(data).toMatchObject({ title: "Fix a well", body: "proof", draft: true, commits: 2, head: { sha: next } });
    const wrong = octokit.rest.pulls.update({ ...repo, pull_number: number, title: "" });
    expect((await refusal(wrong))[0]).toBe(422);
  });
  test("a draft stays one: the REST API has no word for ready, and a draft is not merged", async () => {
    await using github = await started();
    const { octokit } = github;
    const { number } = await draft(octokit);
    await octokit.request("PATCH /repos/{owner}/{repo}/pulls/{pull_number}", { ...repo, pull_number: number, draft: false });
    expect((await read(octokit, number)).draft).toBe(true);
    expect(await refusal(octokit.rest.pulls.merge({ ...repo, pull_number: number }))).toEqual([405, "Pull Request is still a draft"]);
  });
  test("a branch moves forward alone, unless it is forced", async () => {
    await using github = await started();
    const { octokit } = github;
    const { sha } = await draft(octokit);
    const aside = await commitOn(octokit, first, { "a.txt": "aside\n" });
    expect(await refusal(moveBranch(octokit, branch, aside))).toEqual([422, "Update is not a fast forward"]);
    expect(await headOf(octokit, branch)).toBe(sha);
    await moveBranch(octokit, branch, aside, true);
    expect(await headOf(octokit, branch)).toBe(aside);
  });
  test("a ref that is not there, and a commit that is not there, are refused in GitHub's words", async () => {
    await using github = await started();
    const { octokit } = github;
    const nothing = "e".repeat(40);
    expect(await refusal(moveBranch(octokit, "midwatch/none", first))).toEqual([422, "Reference does not exist"]);
    await newBranch(octokit, branch, first);
    expect(await refusal(moveBranch(octokit, branch, nothing))).toEqual([422, "Object does not exist"]);
    expect(await refusal(newBranch(octokit, "midwatch/y", nothing))).toEqual([422, "Object does not exist"]);
    expect(await refusal(newBranch(octokit, branch, first))).toEqual([422, "Reference already exists"]);
  });
  test("the default branch is protected, others are not", async () => {
    await using github = await started();
    const { octokit } = github;
    const sha = await commitOn(octokit, first, { "a.txt": "2\n" });
    await newBranch(octokit, branch, sha);
    expect(await refusal(moveBranch(octokit, "main", sha))).toEqual([422, "Changes must be made through a pull request."]);
    const main = (await octokit.rest.repos.getBranch({ ...repo, branch: "main" })).data;
    expect([main.protected, main.commit.sha]).toEqual([true, first]);
    expect((await octokit.rest.repos.getBranch({ ...repo, branch })).data).toMatchObject({
      name: branch,
      protected: false,
      commit: { sha },
    });
    const list = (await octokit.rest.repos.listBranches(repo)).data;
    expect(list.map((one) => [one.name, one.protected])).toEqual([
      ["main", true],
      [branch, false],
    ]);
    const none = octokit.rest.repos.getBranch({ ...repo, branch: "none" });
    expect((await refusal(none))[0]).toBe(404);
  });
  test("the labels of a new repository are there and can be put on a pull request", async () => {
    await using github = await started();
    const { octokit } = github;
    const { number } = await draft(octokit);
    const names = (await octokit.rest.issues.listLabelsForRepo(repo)).data.map(({ name }) => name);
    expect(names).toContain("bug");
    await octokit.rest.issues.addLabels({ ...repo, issue_number: number, labels: ["bug"] });
    expect((await read(octokit, number)).labels.map(({ name }) => name)).toEqual(["bug"]);
  });
  test("CODEOWNERS is a file like others", async () => {
    await using github = await started();
    const { octokit } = github;
    expect(await textOf(octokit, ".github/CODEOWNERS", "main")).toBe("* @acme/shop\n");
  });
});
