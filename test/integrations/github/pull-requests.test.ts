import { describe, expect, test } from "vitest";
import { githubForTests } from "../../support/github/client.ts";
import type { Json } from "../../support/github/github.ts";

const signal = AbortSignal.timeout(120_000);
const at = Date.parse("2026-05-01T10:00:00Z");
const branch = "midwatch/Q1-fix";
const { github, client } = await githubForTests();
let count = 0;

async function withDraft() {
  const repository = await github.createRepository(`pulls-${++count}`);
  const main = await repository.commit({ "a.ts": "a\n" }, { at });
  const head = await repository.commit({ "a.ts": "b\n" }, { at, branch, parents: [main] });
  const opened = await client.pullRequests.openDraftPullRequest(
    { repository: repository.name, branch, base: "main", title: "Fix", body: "Because." },
    signal,
  );
  if (opened === null) throw new Error("no pull request");
  return { repository, about: { repository: repository.name, number: opened.number }, main, head };
}

describe("a pull request that is followed", () => {
  test("open: nobody did anything yet", async () => {
    const { about, head } = await withDraft();
    expect(await client.pullRequests.readPullRequest(about, signal)).toEqual({
      number: about.number,
      url: expect.stringContaining(`/${about.repository}/pull/${about.number}`),
      title: "Fix",
      body: "Because.",
      draft: true,
      state: "open",
      headSha: head,
      branch,
      updatedAt: expect.any(Number),
      mergedAt: null,
      closedAt: null,
      by: null,
    });
  });

  test("pushed to, renamed and made ready by people", async () => {
    const { repository, about } = await withDraft();
    const theirs = await repository.commit({ "a.ts": "c\n" }, { branch });
    await repository.api("PATCH", `/repos/${repository.name}/pulls/${about.number}`, { title: "Theirs", draft: false });
    const read = await client.pullRequests.readPullRequest(about, signal);
    expect(read).toMatchObject({ title: "Theirs", draft: false, headSha: theirs, state: "open", by: null });
  });

  test("merged: when and by whom", async () => {
    const { repository, about } = await withDraft();
    await repository.merge(about.number, { by: "mara", at: at + 60_000 });
    expect(await client.pullRequests.readPullRequest(about, signal)).toMatchObject({
      state: "merged",
      mergedAt: at + 60_000,
      closedAt: at + 60_000,
      updatedAt: at + 60_000,
      by: "mara",
    });
  });

  test("closed: by whom it was closed last", async () => {
    const { repository, about } = await withDraft();
    await repository.close(about.number, { by: "ana" });
    await repository.reopen(about.number, { by: "mara" });
    expect(await client.pullRequests.readPullRequest(about, signal)).toMatchObject({ state: "open", closedAt: null, by: null });
    await repository.close(about.number, { by: "jo" });
    const read = await client.pullRequests.readPullRequest(about, signal);
    expect(read).toMatchObject({ state: "closed", mergedAt: null, by: "jo" });
    expect(read.closedAt).toEqual(expect.any(Number));
  });

  test.each([403, 404, 410])("closed: nobody is named where GitHub answers %i", async (status) => {
    const { repository, about } = await withDraft();
    await repository.close(about.number);
    github.fault = ({ path }) => (path.includes("/timeline") ? { status, body: { message: "no" } } : null);
    expect(await client.pullRequests.readPullRequest(about, signal)).toMatchObject({ state: "closed", by: null });
  });

  test("a number that is not there is said", async () => {
    const { about } = await withDraft();
    await expect(client.pullRequests.readPullRequest({ ...about, number: 99 }, signal)).rejects.toThrow(/404 for pull request #99/);
  });
});

describe("rewriting", () => {
  const words = { branch, title: "Fix: key by merchant", body: "Now with proof.\n\nSecond paragraph." };

  test("changes title and body and sends nothing else", async () => {
    const { about, head } = await withDraft();
    const from = github.seen.length;
    expect(await client.pullRequests.rewritePullRequest({ ...about, ...words }, signal)).toMatchObject({
      number: about.number,
      title: words.title,
      body: words.body,
      draft: true,
      state: "open",
      headSha: head,
    });
    const sent = github.seen.slice(from).filter(({ method }) => method !== "GET");
    expect(sent.map(({ method, body }) => [method, body])).toEqual([["PATCH", { title: words.title, body: words.body }]]);
  });

  test("the same words again are taken", async () => {
    const { about } = await withDraft();
    await client.pullRequests.rewritePullRequest({ ...about, ...words }, signal);
    expect((await client.pullRequests.rewritePullRequest({ ...about, ...words }, signal)).title).toBe(words.title);
  });

  test("of a closed one leaves it closed", async () => {
    const { repository, about } = await withDraft();
    await repository.close(about.number);
    expect((await client.pullRequests.rewritePullRequest({ ...about, ...words }, signal)).state).toBe("closed");
  });

  const refused = async (over: (pull: Json) => Json, own = branch) => {
    const { repository, about } = await withDraft();
    const pull = (await repository.api("GET", `/repos/${repository.name}/pulls/${about.number}`)).body;
    github.fault = ({ method }) => (method === "GET" ? { status: 200, body: over(pull) } : null);
    const from = github.seen.length;
    const error: unknown = await client.pullRequests
      .rewritePullRequest({ ...about, ...words, branch: own }, signal)
      .catch((reason: unknown) => reason);
    expect(github.seen.slice(from).filter(({ method }) => method !== "GET")).toEqual([]);
    return String(error);
  };

  test("of a pull request of people is refused", async () => {
    expect(await refused((pull) => ({ ...pull, head: { ...pull.head, ref: "topic" } }))).toContain("is not that of midwatch's branch");
  });

  test("of another of midwatch's own is refused too", async () => {
    expect(await refused((pull) => pull, "midwatch/Q2-fix")).toContain("is not that of midwatch's branch midwatch/Q2-fix");
  });

  test("of a fork with a branch of that name is refused", async () => {
    expect(await refused((pull) => ({ ...pull, head: { ...pull.head, repo: { full_name: "mallory/pulls" } } }))).toContain(
      "is not that of",
    );
    expect(await refused((pull) => ({ ...pull, head: { ...pull.head, repo: null } }))).toContain("is not that of");
  });

  test("under a branch that is not midwatch's is refused before a call is made", async () => {
    const { about } = await withDraft();
    const from = github.seen.length;
    await expect(client.pullRequests.rewritePullRequest({ ...about, ...words, branch: "main" }, signal)).rejects.toThrow("writes only to");
    expect(github.seen.length).toBe(from);
  });
});

describe("labels", () => {
  const labelsOf = async (repository: { api: Function; name: string }, number: number): Promise<string[]> =>
    (await repository.api("GET", `/repos/${repository.name}/pulls/${number}`)).body.labels.map((label: Json) => label.name);

  test("that the repository has are added, in its own spelling; the others are not made up", async () => {
    const { repository, about } = await withDraft();
    await repository.label("Incident");
    await repository.label("needs review/a?b");
    const labels = ["incident", "midwatch", "needs review/a?b", "incident"];
    expect(await client.pullRequests.labelPullRequest({ ...about, labels }, signal)).toEqual(["Incident", "needs review/a?b"]);
    expect(await labelsOf(repository, about.number)).toEqual(["Incident", "needs review/a?b"]);
    const all = (await repository.api("GET", `/repos/${repository.name}/labels?per_page=100`)).body.map((label: Json) => label.name);
    expect(all).not.toContain("midwatch");
  });

  test("keep those that people gave it", async () => {
    const { repository, about } = await withDraft();
    await repository.label("incident");
    await repository.api("POST", `/repos/${repository.name}/issues/${about.number}/labels`, { labels: ["theirs"] });
    await client.pullRequests.labelPullRequest({ ...about, labels: ["incident"] }, signal);
    expect(await labelsOf(repository, about.number)).toEqual(["theirs", "incident"]);
  });

  test("of which none is there: nothing is written", async () => {
    const { about } = await withDraft();
    const from = github.seen.length;
    expect(await client.pullRequests.labelPullRequest({ ...about, labels: ["incident", " "] }, signal)).toEqual([]);
    expect(await client.pullRequests.labelPullRequest({ ...about, labels: [] }, signal)).toEqual([]);
    expect(github.seen.slice(from).filter(({ method }) => method !== "GET")).toEqual([]);
  });

  test.each([403, 404, 410])("are no matter when GitHub answers %i to them", async (status) => {
    const { repository, about } = await withDraft();
    await repository.label("incident");
    for (const method of ["GET", "POST"]) {
      github.fault = (call) => (call.method === method && call.path.includes("/labels") ? { status, body: { message: "no" } } : null);
      expect(await client.pullRequests.labelPullRequest({ ...about, labels: ["incident"] }, signal)).toEqual([]);
    }
    expect(await labelsOf(repository, about.number)).toEqual([]);
  });

  test("are an error when GitHub is down", async () => {
    const { about } = await withDraft();
    github.fault = (call) => (call.path.includes("/labels/") ? { status: 503 } : null);
    await expect(client.pullRequests.labelPullRequest({ ...about, labels: ["incident"] }, signal)).rejects.toMatchObject({ status: 503 });
  });

  test("are not given to a pull request of people", async () => {
    const { repository, about, main } = await withDraft();
    await repository.label("incident");
    await repository.commit({ "a.ts": "theirs\n" }, { branch: "topic", parents: [main] });
    const theirs = await repository.api("POST", `/repos/${repository.name}/pulls`, { head: "topic", base: "main", title: "Theirs" });
    const labelled = client.pullRequests.labelPullRequest({ ...about, number: theirs.body.number, labels: ["incident"] }, signal);
    await expect(labelled).rejects.toThrow("writes only to");
    expect(await labelsOf(repository, theirs.body.number)).toEqual([]);
  });
});

test("no call of the client merges, closes, reopens or marks ready: there is none", () => {
  expect(Object.keys(client.pullRequests).toSorted()).toEqual([
    "findPullRequests",
    "labelPullRequest",
    "openDraftPullRequest",
    "readPullRequest",
    "rewritePullRequest",
  ]);
});
