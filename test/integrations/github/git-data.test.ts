import { describe, expect, test } from "vitest";
import { githubForTests } from "../../support/github/client.ts";
import type { TestRepository } from "../../support/github/github.ts";

const signal = AbortSignal.timeout(120_000);
const { github, client } = await githubForTests();
let count = 0;

const branch = "midwatch/Q1-fix";

/** A repository with midwatch's branch one commit ahead of the default branch. */
async function repositoryWithBranch() {
  const repository = await github.createRepository(`git-${++count}`);
  const main = await repository.commit({ "src/a.ts": "a\n", "bin/run": { executable: "run\n" } });
  const first = await next(repository, main, { "test/a.test.ts": "test\n" });
  await client.git.createBranch({ repository: repository.name, branch, sha: first }, signal);
  const advance = (to: string) => client.git.advanceBranch({ repository: repository.name, branch, from: first, to }, signal);
  return { repository, main, first, fixed: () => next(repository, first, { "src/a.ts": "fixed\n" }), advance };
}

/** An answer to who reads where the branch is, from before people touched it. */
const readAt =
  (sha: string): typeof github.fault =>
  ({ method, path }) =>
    method === "GET" && path.includes("/git/ref/")
      ? { status: 200, body: { ref: `refs/heads/${branch}`, object: { type: "commit", sha } } }
      : null;

/** A commit of midwatch's with these texts on top of another one, on no branch. */
async function next(repository: TestRepository, parent: string, texts: Readonly<Record<string, string>>) {
  const base = (await client.git.readCommit({ repository: repository.name, sha: parent }, signal))?.tree ?? "";
  const changes = Object.entries(texts).map(([path, content]) => ({ path, mode: "100644" as const, content }));
  const tree = await client.git.createTree({ repository: repository.name, base, changes }, signal);
  return client.git.createCommit({ repository: repository.name, message: "Next", tree, parent }, signal);
}

const patches = (from: number) => github.seen.slice(from).filter(({ method }) => method === "PATCH");

describe("a tree", () => {
  test("takes texts, known blobs and removals together; what it does not name stays", async () => {
    const { repository, main } = await repositoryWithBranch();
    const base = (await client.git.readCommit({ repository: repository.name, sha: main }, signal))?.tree ?? "";
    const [entry] = await client.git.readTree({ repository: repository.name, sha: base }, signal);
    const bin = await client.git.readTree({ repository: repository.name, sha: entry?.sha ?? "" }, signal);
    const tree = await client.git.createTree(
      {
        repository: repository.name,
        base,
        changes: [
          { path: "src/new.ts", mode: "100644", content: "ä “quoted”\n\tend without a line break" },
          { path: "src/empty.ts", mode: "100644", content: "" },
          { path: "bin/other", mode: "100755", sha: bin[0]?.sha ?? "" },
          { path: "bin/run", mode: "100644", sha: null },
        ],
      },
      signal,
    );
    const sha = await client.git.createCommit({ repository: repository.name, message: "Change", tree, parent: main }, signal);
    expect(await repository.tree(sha)).toEqual({
      "bin/other": "100755 run\n",
      "src/a.ts": "100644 a\n",
      "src/empty.ts": "100644 ",
      "src/new.ts": "100644 ä “quoted”\n\tend without a line break",
    });
  });
});

describe("midwatch's branch", () => {
  test("moves on to a commit after it, and running that again changes nothing", async () => {
    const { repository, fixed, advance } = await repositoryWithBranch();
    const to = await fixed();
    const from = github.seen.length;
    expect(await advance(to)).toBe(true);
    expect(await advance(to)).toBe(true);
    expect(await repository.head(branch)).toBe(to);
    expect(patches(from).map(({ body }) => body)).toEqual([{ sha: to, force: false }]);
  });

  test("moves on when the answer was lost and it is asked again", async () => {
    const { repository, fixed, advance } = await repositoryWithBranch();
    const to = await fixed();
    github.fault = ({ method }) => (method === "PATCH" ? "lost" : null);
    await expect(advance(to)).rejects.toThrow("could not be reached");
    github.fault = null;
    expect(await advance(to)).toBe(true);
    expect(await repository.head(branch)).toBe(to);
  });

  test("on which people pushed stays theirs, and nothing is sent", async () => {
    const { repository, fixed, advance } = await repositoryWithBranch();
    const to = await fixed();
    const theirs = await repository.commit({ "src/a.ts": "theirs\n" }, { branch });
    const from = github.seen.length;
    expect(await advance(to)).toBe(false);
    expect(patches(from)).toEqual([]);
    expect(await repository.head(branch)).toBe(theirs);
  });

  test("on which people push in the same moment stays theirs", async () => {
    const { repository, first, fixed, advance } = await repositoryWithBranch();
    const to = await fixed();
    const theirs = await repository.commit({ "src/a.ts": "theirs\n" }, { branch });
    // It was read before they pushed.
    github.fault = readAt(first);
    expect(await advance(to)).toBe(false);
    expect(await repository.head(branch)).toBe(theirs);
  });

  test("that people deleted is not made again", async () => {
    const { repository, first, fixed, advance } = await repositoryWithBranch();
    const to = await fixed();
    await repository.api("DELETE", `/repos/${repository.name}/git/refs/heads/${branch}`);
    expect(await advance(to)).toBe(false);
    // Or between the read and the write.
    github.fault = readAt(first);
    expect(await advance(to)).toBe(false);
    expect(await repository.branches()).toEqual(["main"]);
  });

  test("is not moved back or aside: a commit that does not follow is refused by GitHub", async () => {
    const { repository, main, first, advance } = await repositoryWithBranch();
    const aside = await next(repository, main, { "src/a.ts": "aside\n" });
    expect(await advance(aside)).toBe(false);
    expect(await advance(main)).toBe(false);
    expect(await repository.head(branch)).toBe(first);
  });

  test("any other refusal is an error in GitHub's words", async () => {
    const { fixed, advance } = await repositoryWithBranch();
    const to = await fixed();
    github.fault = ({ method }) => (method === "PATCH" ? { status: 422, body: { message: "Object does not exist" } } : null);
    await expect(advance(to)).rejects.toThrow("Object does not exist");
  });

  test.each([
    "main",
    "midwatch",
    "midwatch/",
    "midwatch/../main",
    "midwatch/a/b",
    "refs/heads/midwatch/x",
    "Midwatch/x",
    "midwatch/x.lock",
  ])("is never %s: refused before a call is made", async (other) => {
    const { repository, main, first } = await repositoryWithBranch();
    const from = github.seen.length;
    const moved = client.git.advanceBranch({ repository: repository.name, branch: other, from: main, to: first }, signal);
    await expect(moved).rejects.toThrow(/writes only to branches under midwatch\//);
    expect(github.seen.length).toBe(from);
  });

  test("no call of the client forces or deletes: there is none", () => {
    expect(Object.keys(client.git).toSorted()).toEqual([
      "advanceBranch",
      "createBranch",
      "createCommit",
      "createTree",
      "readBlob",
      "readBranch",
      "readCommit",
      "readTree",
    ]);
  });
});
