import { describe, expect, test } from "vitest";
import type { DeclinedRevert, RevertPlan } from "../../src/fix/revert.ts";
import { githubForTests } from "../support/github/client.ts";
import type { Files } from "./real-git.ts";
import { planned, revertHistory } from "./revert-history.ts";

const shared = await githubForTests();
const { github } = shared;
const { plan, reverted, ...histories } = revertHistory(shared, "case");
const repositoryWith = (before: Files, deployed: readonly Files[], since: readonly Files[] = []) =>
  histories.repositoryWith({ before, deployed, since });

const base: Files = {
  "src/pay.ts": "export const timeoutMs = 5_000;\n",
  "src/cart.ts": "export const cart = [];\n",
  "README.md": "# Shop\n",
};

describe("a revert puts back", () => {
  test("a modified file, and leaves what was merged since alone", async () => {
    const { repository, sha, previousSha } = await repositoryWith(
      base,
      [{ "src/pay.ts": "export const timeoutMs = 50;\n" }],
      [{ "README.md": "# The shop\n" }],
    );
    const { tree } = await reverted(repository, sha, previousSha);
    expect(tree).toEqual({
      "README.md": "100644 # The shop\n",
      "src/cart.ts": "100644 export const cart = [];\n",
      "src/pay.ts": "100644 export const timeoutMs = 5_000;\n",
    });
  });

  test("an added file by deleting it, its folder too", async () => {
    const { repository, sha, previousSha } = await repositoryWith(base, [{ "src/deep/er/token.ts": "export {};\n" }]);
    const { tree, plan: made } = await reverted(repository, sha, previousSha);
    expect(Object.keys(tree)).toEqual(["README.md", "src/cart.ts", "src/pay.ts"]);
    expect(made.files).toEqual([expect.objectContaining({ action: "deleted", texts: { before: "export {};\n", after: null } })]);
  });

  test("a deleted file by making it again", async () => {
    const { repository, sha, previousSha } = await repositoryWith(base, [{ "src/cart.ts": null }]);
    const { tree, plan: made } = await reverted(repository, sha, previousSha);
    expect(tree["src/cart.ts"]).toBe("100644 export const cart = [];\n");
    expect(made.files).toEqual([
      expect.objectContaining({ action: "re-created", texts: { before: null, after: "export const cart = [];\n" } }),
    ]);
  });

  test("a renamed file under its old name", async () => {
    const { repository, sha, previousSha } = await repositoryWith(base, [
      { "src/cart.ts": null, "src/basket.ts": "export const cart = [];\n" },
    ]);
    const { tree, plan: made } = await reverted(repository, sha, previousSha);
    expect(Object.keys(tree)).toEqual(["README.md", "src/cart.ts", "src/pay.ts"]);
    expect(made.files.map(({ path, renamed }) => [path, renamed])).toEqual([
      ["src/basket.ts", "src/cart.ts"],
      ["src/cart.ts", "src/basket.ts"],
    ]);
  });

  test("a file renamed and changed in one go", async () => {
    const { repository, sha, previousSha } = await repositoryWith(base, [
      { "src/cart.ts": null, "src/basket.ts": "export const cart = [1];\n" },
    ]);
    expect((await reverted(repository, sha, previousSha)).tree).toEqual(await repository.tree(previousSha));
  });

  test("the executable bit of a script", async () => {
    const script = "#!/bin/sh\nexec node .\n";
    const { repository, sha, previousSha } = await repositoryWith({ ...base, "bin/start": { executable: script } }, [
      { "bin/start": script },
    ]);
    const { tree } = await reverted(repository, sha, previousSha);
    expect(tree["bin/start"]).toBe(`100755 ${script}`);
  });

  test("the content of an executable file, with its bit", async () => {
    const { repository, sha, previousSha } = await repositoryWith({ ...base, "bin/start": { executable: "#!/bin/sh\nold\n" } }, [
      { "bin/start": { executable: "#!/bin/sh\nnew\n" } },
    ]);
    expect((await reverted(repository, sha, previousSha)).tree["bin/start"]).toBe("100755 #!/bin/sh\nold\n");
  });

  test("every commit of a deploy that brought several", async () => {
    const { repository, sha, previousSha } = await repositoryWith(base, [
      { "src/pay.ts": "first\n" },
      { "src/pay.ts": "second\n", "src/new.ts": "new\n" },
      { "src/cart.ts": null },
    ]);
    const { tree, plan: made } = await reverted(repository, sha, previousSha);
    expect(tree).toEqual(await repository.tree(previousSha));
    expect(made.commits.map(({ title }) => title)).toEqual(["Deployed change 3", "Deployed change 2", "Deployed change 1"]);
  });

  test("what a merge commit brought, both sides of it", async () => {
    const repository = await github.createRepository("plan-1");
    const previousSha = await repository.commit(base);
    const topic = await repository.commit({ "src/pay.ts": "topic\n" }, { parents: [previousSha], branch: null });
    const main = await repository.commit({ "src/cart.ts": "main\n" });
    const sha = await repository.commit({ "src/pay.ts": "topic\n" }, { parents: [main, topic], message: "Merge topic" });
    const { tree, opened } = await reverted(repository, sha, previousSha);
    expect(tree).toEqual(await repository.tree(previousSha));
    expect(opened.files.map(({ path }) => path)).toEqual(["src/cart.ts", "src/pay.ts"]);
  });

  test("a squashed pull request", async () => {
    const { repository, sha, previousSha } = await repositoryWith(base, [
      { "src/pay.ts": "squashed\n", "src/cart.ts": "squashed\n", "src/c.ts": "squashed\n" },
    ]);
    expect((await reverted(repository, sha, previousSha)).tree).toEqual(await repository.tree(previousSha));
  });

  test("a deploy of a release branch that the default branch never had", async () => {
    const repository = await github.createRepository("plan-2");
    const previousSha = await repository.commit(base);
    const sha = await repository.commit({ "src/pay.ts": "hotfix\n" }, { branch: null, parents: [previousSha] });
    await repository.commit({ "src/pay.ts": "hotfix\n", "README.md": "# Docs\n" });
    const { tree } = await reverted(repository, sha, previousSha);
    expect(tree).toEqual({ ...(await repository.tree(previousSha)), "README.md": "100644 # Docs\n" });
  });

  test("an empty file, and a text without a line break at its end", async () => {
    const { repository, sha, previousSha } = await repositoryWith({ ...base, "src/empty.ts": "", "src/tail.ts": "no newline" }, [
      { "src/empty.ts": "full\n", "src/tail.ts": "newline\n" },
    ]);
    const { tree, plan: made } = await reverted(repository, sha, previousSha);
    expect(tree).toEqual(await repository.tree(previousSha));
    expect(made.files.map(({ texts }) => texts?.after)).toEqual(["", "no newline"]);
  });

  test("names with blanks, umlauts and signs, byte for byte, with their byte order mark and line ends", async () => {
    const odd = "src/Größe #1 [x] %20.ts";
    const { repository, sha, previousSha } = await repositoryWith({ ...base, [odd]: "\ufeffeins\r\nzwei\r\n" }, [{ [odd]: "drei\n" }]);
    const { tree, plan: made } = await reverted(repository, sha, previousSha);
    expect(tree[odd]).toBe("100644 \ufeffeins\r\nzwei\r\n");
    expect(made.files[0]?.texts?.after).toBe("\ufeffeins\r\nzwei\r\n");
  });

  test("a folder that became a file", async () => {
    const { repository, sha, previousSha } = await repositoryWith({ ...base, "conf/a.yml": "a: 1\n", "conf/b.yml": "b: 1\n" }, [
      { "conf/a.yml": null, "conf/b.yml": null },
      { conf: "all in one\n" },
    ]);
    const { tree, plan: made } = await reverted(repository, sha, previousSha);
    expect(tree).toEqual(await repository.tree(previousSha));
    expect(made.skipped).toEqual([]);
  });

  test("the deployed commit alone, where what was live before is not on record", async () => {
    const { repository, sha, previousSha } = await repositoryWith(base, [{ "src/cart.ts": "stays\n" }, { "src/pay.ts": "goes\n" }]);
    const { plan: made, tree } = await reverted(repository, sha, null);
    expect(made.previousAssumed).toBe(true);
    expect(made.previousSha).not.toBe(previousSha);
    expect(tree).toMatchObject({ "src/cart.ts": "100644 stays\n", "src/pay.ts": "100644 export const timeoutMs = 5_000;\n" });
  });
});

describe("a revert leaves alone, and says why,", () => {
  const change: Files = { "src/pay.ts": "broken\n", "src/cart.ts": "broken\n" };

  test("a file changed since, naming the commit", async () => {
    const { repository, sha, previousSha } = await repositoryWith(base, [change], [{ "src/cart.ts": "mended\n" }]);
    const later = await repository.head("main");
    const { tree, plan: made } = await reverted(repository, sha, previousSha);
    expect(made.skipped).toEqual([{ path: "src/cart.ts", because: `changed since by ${later?.slice(0, 7)} (Later change 1)` }]);
    expect(tree).toMatchObject({ "src/cart.ts": "100644 mended\n", "src/pay.ts": "100644 export const timeoutMs = 5_000;\n" });
  });

  test("a file deleted since", async () => {
    const { repository, sha, previousSha } = await repositoryWith(base, [change], [{ "src/cart.ts": null }]);
    const { tree, plan: made } = await reverted(repository, sha, previousSha);
    expect(made.skipped).toEqual([
      { path: "src/cart.ts", because: expect.stringMatching(/^deleted since by [0-9a-f]{7} \(Later change 1\)$/) },
    ]);
    expect(Object.keys(tree)).not.toContain("src/cart.ts");
  });

  test("a file that was deleted, and made anew since with other content", async () => {
    const { repository, sha, previousSha } = await repositoryWith(
      base,
      [{ "src/cart.ts": null, "src/pay.ts": "x\n" }],
      [{ "src/cart.ts": "rewritten\n" }],
    );
    const { tree, plan: made } = await reverted(repository, sha, previousSha);
    expect(made.skipped[0]?.because).toMatch(/^created again since by /);
    expect(tree["src/cart.ts"]).toBe("100644 rewritten\n");
  });

  test("a file that is a folder now", async () => {
    const { repository, sha, previousSha } = await repositoryWith(
      base,
      [{ "src/cart.ts": null, "src/pay.ts": "x\n" }],
      [{ "src/cart.ts/index.ts": "folder\n" }],
    );
    const { tree, plan: made } = await reverted(repository, sha, previousSha);
    expect(made.skipped[0]).toEqual({ path: "src/cart.ts", because: expect.stringMatching(/^a folder now/) });
    expect(tree["src/cart.ts/index.ts"]).toBe("100644 folder\n");
  });

  test("both ends of a rename when one was deleted since", async () => {
    const { repository, sha, previousSha } = await repositoryWith(
      base,
      [{ "src/cart.ts": null, "src/basket.ts": "export const cart = [];\n", "src/pay.ts": "x\n" }],
      [{ "src/basket.ts": null }],
    );
    const { tree, plan: made } = await reverted(repository, sha, previousSha);
    expect(made.skipped).toEqual([
      { path: "src/basket.ts", because: expect.stringMatching(/^deleted since by /) },
      { path: "src/cart.ts", because: "renamed with src/basket.ts, which is skipped" },
    ]);
    expect(Object.keys(tree)).toEqual(["README.md", "src/pay.ts"]);
  });

  test("a binary file changed since", async () => {
    const logo = (byte: number) => new Uint8Array([137, 80, 0, byte]);
    const { repository, sha, previousSha } = await repositoryWith(
      { ...base, "logo.png": logo(1) },
      [{ ...change, "logo.png": logo(2) }],
      [{ "logo.png": logo(3) }],
    );
    const made = planned(await plan(repository, sha, previousSha));
    expect(made.skipped).toEqual([{ path: "logo.png", because: expect.stringMatching(/^binary, and changed since by /) }]);
  });

  test("bytes that are no UTF-8 and changed since, as if they were binary", async () => {
    const { repository, sha, previousSha } = await repositoryWith(
      { ...base, "latin.txt": new Uint8Array([0x47, 0xfc]) },
      [{ ...change, "latin.txt": "x\n" }],
      [{ "latin.txt": "y\n" }],
    );
    expect(planned(await plan(repository, sha, previousSha)).skipped.map(({ path }) => path)).toEqual(["latin.txt"]);
  });

  test("a text of more than a megabyte", async () => {
    const { repository, sha, previousSha } = await repositoryWith({ ...base, "big.json": "x".repeat(1_000_001) }, [
      { ...change, "big.json": "{}\n" },
    ]);
    expect(planned(await plan(repository, sha, previousSha)).skipped).toEqual([
      { path: "big.json", because: "too large to be shown for review (1001 kB)" },
    ]);
  });

  test("symlinks and submodules", async () => {
    const { repository, sha, previousSha } = await repositoryWith(
      { ...base, link: { symlink: "src/pay.ts" }, vendored: { submodule: "a".repeat(40) } },
      [{ ...change, link: { symlink: "src/cart.ts" }, vendored: { submodule: "b".repeat(40) } }],
    );
    const { tree, plan: made } = await reverted(repository, sha, previousSha);
    expect(made.skipped).toEqual([
      { path: "link", because: "a symlink, which midwatch does not change" },
      { path: "vendored", because: "a submodule, which midwatch does not change" },
    ]);
    expect(tree).toMatchObject({ link: "120000 src/cart.ts", vendored: `160000 ${"b".repeat(40)}` });
  });

  test("a file that became a symlink", async () => {
    const { repository, sha, previousSha } = await repositoryWith(base, [
      { "src/pay.ts": "x\n", "README.md": { symlink: "../../etc/passwd" } },
    ]);
    expect(planned(await plan(repository, sha, previousSha)).skipped.map(({ path }) => path)).toEqual(["README.md"]);
  });

  test("workflows, CODEOWNERS, CI configuration and files that may hold credentials", async () => {
    const touchy = { ".github/workflows/ci.yml": "on: push\n", CODEOWNERS: "* @acme/all\n", ".gitlab-ci.yml": "a: 1\n", ".env": "A=1\n" };
    const { repository, sha, previousSha } = await repositoryWith(base, [{ ...change, ...touchy }]);
    const { tree, plan: made } = await reverted(repository, sha, previousSha);
    expect(made.skipped.map(({ path }) => path)).toEqual([".env", ".github/workflows/ci.yml", ".gitlab-ci.yml", "CODEOWNERS"]);
    expect(tree).toMatchObject({ ".github/workflows/ci.yml": "100644 on: push\n", CODEOWNERS: "100644 * @acme/all\n" });
  });

  test("files outside the service's folder", async () => {
    const mono: Files = { "services/pay/a.ts": "a\n", "services/payments/b.ts": "b\n", "lib/c.ts": "c\n" };
    const { repository, sha, previousSha } = await repositoryWith(mono, [
      { "services/pay/a.ts": "A\n", "services/payments/b.ts": "B\n", "lib/c.ts": "C\n" },
    ]);
    const { tree, plan: made } = await reverted(repository, sha, previousSha, "/services/pay/");
    expect(made.skipped).toEqual([
      { path: "lib/c.ts", because: "outside services/pay, the service's folder", elsewhere: true },
      { path: "services/payments/b.ts", because: "outside services/pay, the service's folder", elsewhere: true },
    ]);
    expect(tree).toEqual({ "lib/c.ts": "100644 C\n", "services/pay/a.ts": "100644 a\n", "services/payments/b.ts": "100644 B\n" });
  });

  test("a file renamed into the service's folder from outside it", async () => {
    const { repository, sha, previousSha } = await repositoryWith({ "lib/c.ts": "c\n", "pay/a.ts": "a\n" }, [
      { "lib/c.ts": null, "pay/c.ts": "c\n", "pay/a.ts": "A\n" },
    ]);
    const made = planned(await plan(repository, sha, previousSha, "pay"));
    expect(made.files.map(({ path }) => path)).toEqual(["pay/a.ts"]);
    expect(made.skipped).toContainEqual({ path: "pay/c.ts", because: "renamed with lib/c.ts, which is outside pay" });
  });
});

describe("a revert is declined", () => {
  const because = async (result: Promise<RevertPlan | DeclinedRevert>) => {
    const made = await result;
    return made.status === "declined" ? made.because : `planned ${made.files.length} files`;
  };

  test("when nobody left a file untouched, with the reasons", async () => {
    const { repository, sha, previousSha } = await repositoryWith(base, [{ "src/pay.ts": "x\n" }], [{ "src/pay.ts": "y\n" }]);
    expect(await because(plan(repository, sha, previousSha))).toMatch(
      /^No file of [0-9a-f]{7} can be put back: src\/pay\.ts \(changed since by /,
    );
  });

  test("when the default branch was reverted already", async () => {
    const { repository, sha, previousSha } = await repositoryWith(
      base,
      [{ "src/pay.ts": "x\n", "src/n.ts": "n\n" }],
      [{ "src/pay.ts": base["src/pay.ts"] ?? null, "src/n.ts": null }],
    );
    expect(await because(plan(repository, sha, previousSha))).toBe(
      `The default branch main already holds what was live before ${sha.slice(0, 7)}.`,
    );
  });

  test("when the deploy was a rollback", async () => {
    const { repository, sha, previousSha } = await repositoryWith(base, [{ "src/pay.ts": "x\n" }]);
    expect(await because(plan(repository, previousSha, sha))).toMatch(/was itself a rollback/);
  });

  test("when the same commit was deployed again", async () => {
    const { repository, sha } = await repositoryWith(base, [{ "src/pay.ts": "x\n" }]);
    expect(await because(plan(repository, sha, sha))).toMatch(/changed no code/);
  });

  test("when nothing changed under the service's folder", async () => {
    const { repository, sha, previousSha } = await repositoryWith(base, [{ "README.md": "x\n" }]);
    expect(await because(plan(repository, sha, previousSha, "src"))).toMatch(
      /^Between [0-9a-f]{7} and [0-9a-f]{7} nothing changed under src\.$/,
    );
  });

  test.each([
    ["documentation", { "README.md": "# The shop\n" }],
    ["documentation", { "docs/how-to.rst": "Read this.\n", LICENSE: "MIT\n" }],
    ["tests", { "src/pay.test.ts": "test();\n" }],
    ["documentation and tests", { "CHANGELOG.md": "1.2\n", "tests/pay_test.py": "assert True\n" }],
  ] satisfies [string, Files][])("when it would put back %s only: nothing that runs is restored", async (kinds, deployed) => {
    const { repository, sha, previousSha } = await repositoryWith(base, [deployed]);
    expect(await because(plan(repository, sha, previousSha))).toBe(
      `A revert of ${sha.slice(0, 7)} would put back ${kinds} only, and nothing that runs.`,
    );
  });

  test("when what ran was changed since, and a README is all that is left to put back", async () => {
    const { repository, sha, previousSha } = await repositoryWith(
      base,
      [{ "src/pay.ts": "export const timeoutMs = 50;\n", "README.md": "# The shop\n" }],
      [{ "src/pay.ts": "export const timeoutMs = 70;\n" }],
    );
    expect(await plan(repository, sha, previousSha)).toMatchObject({
      status: "declined",
      because: expect.stringMatching(
        /would put back documentation only, and nothing that runs\. Not put back: src\/pay\.ts \(changed since by /,
      ),
      conflicts: [expect.objectContaining({ path: "src/pay.ts" })],
    });
  });

  test("when it would change more than 100 files, before their texts are read", async () => {
    const many = Object.fromEntries(Array.from({ length: 101 }, (_, index) => [`gen/${index}.ts`, "x\n"]));
    const { repository, sha, previousSha } = await repositoryWith(base, [many]);
    const asked = github.seen.length;
    expect(await because(plan(repository, sha, previousSha))).toMatch(/would change 101 files.* at most 100/);
    expect(github.seen.slice(asked).filter(({ path }) => path.includes("/git/blobs/"))).toEqual([]);
  });

  test("when the commit is gone, is the first one, or is no commit", async () => {
    const { repository, previousSha } = await repositoryWith(base, []);
    expect(await because(plan(repository, "f".repeat(40), previousSha))).toMatch(/has no commit fffffff/);
    expect(await because(plan(repository, previousSha, null))).toMatch(/is the first commit/);
    expect(await because(plan(repository, "main", previousSha))).toMatch(/names no full commit/);
  });

  test("when the change holds only files that are never written", async () => {
    const { repository, sha, previousSha } = await repositoryWith(base, [{ ".github/workflows/ci.yml": "on: push\n" }]);
    expect(await because(plan(repository, sha, previousSha))).toContain("under .github/, which midwatch never writes");
  });

  test("when the repository is archived", async () => {
    const { repository, sha, previousSha } = await repositoryWith(base, [{ "src/pay.ts": "x\n" }]);
    await repository.api("PATCH", `/repos/${repository.name}`, { archived: true });
    expect(await because(plan(repository, sha, previousSha))).toMatch(/is archived/);
  });
});

test("a migration is told of even when its file is not the service's", async () => {
  const { repository, sha, previousSha } = await repositoryWith({ "pay/a.ts": "a\n" }, [
    { "pay/a.ts": "A\n", "db/migrations/0007_drop_total.sql": "alter table o drop column total;\n" },
  ]);
  expect(planned(await plan(repository, sha, previousSha, "pay")).migrations).toEqual(["db/migrations/0007_drop_total.sql"]);
});

test("long texts are put back without being kept", async () => {
  const lock = "x".repeat(600_000);
  const { repository, sha, previousSha } = await repositoryWith({ ...base, "package-lock.json": lock }, [
    { "package-lock.json": `${lock}y`, "src/pay.ts": "x\n" },
  ]);
  const { tree, opened } = await reverted(repository, sha, previousSha);
  expect(tree["package-lock.json"] === `100644 ${lock}`).toBe(true);
  expect(opened.files.map(({ path }) => path)).toEqual(["src/pay.ts"]);
});

test("folders outside the service's are not read", async () => {
  const wide = Object.fromEntries(Array.from({ length: 20 }, (_, index) => [`svc-${index}/a.ts`, `${index}\n`]));
  const { repository, sha, previousSha } = await repositoryWith(wide, [Object.fromEntries(Object.keys(wide).map((path) => [path, "x\n"]))]);
  const asked = github.seen.length;
  expect(planned(await plan(repository, sha, previousSha, "svc-7")).files).toHaveLength(1);
  expect(github.seen.slice(asked).filter(({ path }) => path.includes("/git/trees/")).length).toBeLessThanOrEqual(5);
});

test("a small change in a large repository is found with few calls", async () => {
  const wide = Object.fromEntries(Array.from({ length: 40 }, (_, index) => [`svc-${index}/src/main.ts`, `${index}\n`]));
  const { repository, sha, previousSha } = await repositoryWith(wide, [{ "svc-7/src/main.ts": "x\n" }]);
  const asked = github.seen.length;
  expect(planned(await plan(repository, sha, previousSha)).files).toHaveLength(1);
  expect(github.seen.slice(asked).filter(({ path }) => path.includes("/git/trees/")).length).toBeLessThanOrEqual(9);
});
