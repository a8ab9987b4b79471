import { describe, expect, test } from "vitest";
import { createGithubClient } from "../../src/integrations/github/client.ts";
import { openRevert, planRevert } from "../../src/fix/revert.ts";
import { githubForTests } from "../support/github/client.ts";
import { TOKEN, type TestFile } from "../support/github/github.ts";
import { proposalOf } from "./proposal.ts";
import { type Files, type History, haveGit, noGit, revertWithGit } from "./real-git.ts";
import { planned, revertHistory } from "./revert-history.ts";
import { withSimilarRenames } from "./similar-renames.ts";

const signal = AbortSignal.timeout(240_000);
const shared = await githubForTests(withSimilarRenames(fetch));
const { github, client } = shared;
const { repositoryWith, plan, reverted } = revertHistory(shared, "revert");

/** Files as `tree` of a repository tells them. */
function told(files: Files): Record<string, string> {
  const tell = (file: TestFile): string => {
    if (file === null) throw new Error("nothing to tell of a file that is not there");
    if (typeof file === "string") return `100644 ${file}`;
    if (file instanceof Uint8Array) return `100644 ${Buffer.from(file).toString(file.includes(0) ? "base64" : "utf8")}`;
    if ("executable" in file) return `100755 ${file.executable}`;
    return "symlink" in file ? `120000 ${file.symlink}` : `160000 ${file.submodule}`;
  };
  return Object.fromEntries(Object.entries(files).map(([path, file]) => [path, tell(file)]));
}

/** Nine lines, some of them others. */
const lines = (changed: Readonly<Record<number, string>> = {}) =>
  Array.from({ length: 9 }, (_, index) => changed[index + 1] ?? `line ${index + 1}\n`).join("");

/** A history in which the deploy also changed a file that nobody touched since: what can be put back is, whatever else happens. */
const history = (before: Files, deployed: Files, ...since: readonly Files[]): History => ({
  before: { "other.ts": "old\n", ...before },
  deployed: [{ "other.ts": "new\n", ...deployed }],
  since,
});

/** The outcome of `git revert`; null where there is no git, which is said. */
function ofGit(past: History) {
  if (haveGit) return revertWithGit(past);
  console.warn(noGit);
  return null;
}

interface Case {
  readonly name: string;
  readonly history: History;
  /** The whole tree afterwards, but for other.ts, which is always put back. */
  readonly after: Files;
}

const png = (byte: number) => new Uint8Array([137, 80, 78, 71, 0, byte]);
const script = (text: string) => `#!/bin/sh\nset -e\n${text}`;
const oddNames = ["Größe & Maß #1 [x] %20.ts", "日本/支払い.ts", "-rf", "a \"b\" 'c'.ts", "__proto__/constructor", "tab\there.ts", "👩‍🚒.md"];

const clean: readonly Case[] = [
  {
    name: "a file changed since at other lines keeps that change",
    history: history({ "a.ts": lines() }, { "a.ts": lines({ 2: "bad\n" }) }, { "a.ts": lines({ 2: "bad\n", 7: "later\n" }) }),
    after: { "a.ts": lines({ 7: "later\n" }) },
  },
  {
    name: "several changes of a deploy are undone around several later ones",
    history: history(
      { "a.ts": lines() },
      { "a.ts": lines({ 1: "bad\n", 5: "", 9: "line 9\nbad\n" }) },
      { "a.ts": lines({ 1: "bad\n", 3: "later\n", 5: "", 7: "", 9: "line 9\nbad\n" }) },
    ),
    after: { "a.ts": lines({ 3: "later\n", 7: "" }) },
  },
  {
    name: "what people have already undone in a part stays undone, and the rest goes",
    history: history(
      { "a.ts": lines() },
      { "a.ts": lines({ 2: "bad\n", 8: "bad too\n" }) },
      { "a.ts": lines({ 8: "bad too\n" }) },
      { "a.ts": lines({ 5: "later\n", 8: "bad too\n" }) },
    ),
    after: { "a.ts": lines({ 5: "later\n" }) },
  },
  {
    name: "a file that people put back and then changed elsewhere is left as it is",
    history: history({ "a.ts": lines() }, { "a.ts": lines({ 2: "bad\n" }) }, { "a.ts": lines() }, { "a.ts": lines({ 8: "later\n" }) }),
    after: { "a.ts": lines({ 8: "later\n" }) },
  },
  {
    name: "a file that is as before already needs nothing",
    history: history({ "a.ts": lines() }, { "a.ts": lines({ 2: "bad\n" }) }, { "a.ts": lines() }),
    after: { "a.ts": lines() },
  },
  {
    name: "Windows line ends and a byte order mark survive a merge",
    history: history(
      { "a.cs": `\ufeff${lines().replaceAll("\n", "\r\n")}` },
      { "a.cs": `\ufeff${lines({ 2: "bad\n" }).replaceAll("\n", "\r\n")}` },
      { "a.cs": `\ufeff${lines({ 2: "bad\n", 8: "later\n" }).replaceAll("\n", "\r\n")}` },
    ),
    after: { "a.cs": `\ufeff${lines({ 8: "later\n" }).replaceAll("\n", "\r\n")}` },
  },
  {
    name: "a missing line end at the end of a file survives a merge",
    history: history(
      { "a.ts": lines({ 9: "end" }) },
      { "a.ts": lines({ 2: "bad\n", 9: "end" }) },
      { "a.ts": lines({ 2: "bad\n", 6: "later\n", 9: "end" }) },
    ),
    after: { "a.ts": lines({ 6: "later\n", 9: "end" }) },
  },
  {
    name: "a line end that the deploy added at the end of a file goes, a later change stays",
    history: history({ "a.ts": lines({ 9: "end" }) }, { "a.ts": lines({ 9: "end\n" }) }, { "a.ts": lines({ 1: "later\n", 9: "end\n" }) }),
    after: { "a.ts": lines({ 1: "later\n", 9: "end" }) },
  },
  {
    name: "an empty file is empty again, and one that the deploy emptied is full again",
    history: history({ "a.ts": "", "b.ts": "full\n" }, { "a.ts": "full\n", "b.ts": "" }),
    after: { "a.ts": "", "b.ts": "full\n" },
  },
  {
    name: "a deleted file comes back, an added one goes",
    history: history({ "dir/a.ts": "a\n" }, { "dir/a.ts": null, "new/b.ts": "b\n" }),
    after: { "dir/a.ts": "a\n" },
  },
  {
    name: "a renamed file goes back under its old name with what was changed in it since",
    history: history({ "a.ts": lines() }, { "a.ts": null, "lib/b.ts": lines() }, { "lib/b.ts": lines({ 5: "later\n" }) }),
    after: { "a.ts": lines({ 5: "later\n" }) },
  },
  {
    name: "a file renamed and changed by the deploy goes back with what was changed at other lines since",
    history: history({ "a.ts": lines() }, { "a.ts": null, "b.ts": lines({ 2: "bad\n" }) }, { "b.ts": lines({ 2: "bad\n", 8: "later\n" }) }),
    after: { "a.ts": lines({ 8: "later\n" }) },
  },
  {
    name: "a file that people renamed since is put back where it is now",
    history: history({ "a.ts": lines() }, { "a.ts": lines({ 2: "bad\n" }) }, { "a.ts": null, "moved/c.ts": lines({ 2: "bad\n" }) }),
    after: { "moved/c.ts": lines() },
  },
  {
    name: "a file that people renamed and changed since is merged where it is now",
    history: history(
      { "a.ts": lines() },
      { "a.ts": lines({ 2: "bad\n" }) },
      { "a.ts": null, "moved/c.ts": lines({ 2: "bad\n", 8: "later\n" }) },
    ),
    after: { "moved/c.ts": lines({ 8: "later\n" }) },
  },
  {
    name: "a rename that people took back, with a change of theirs, loses only what the deploy changed in it",
    history: history(
      { "a.ts": lines() },
      { "a.ts": null, "b.ts": lines({ 2: "bad\n" }) },
      { "b.ts": null, "a.ts": lines({ 2: "bad\n", 8: "later\n" }) },
    ),
    after: { "a.ts": lines({ 8: "later\n" }) },
  },
  {
    name: "a file renamed by the deploy whose mode people changed since keeps that mode",
    history: history(
      { "run.sh": script("a\n") },
      { "run.sh": null, "bin/run": script("a\n") },
      { "bin/run": { executable: script("a\n") } },
    ),
    after: { "run.sh": { executable: script("a\n") } },
  },
  {
    name: "the executable bit alone goes back, and a later text stays",
    history: history({ "run.sh": { executable: script("a\n") } }, { "run.sh": script("a\n") }, { "run.sh": script("later\n") }),
    after: { "run.sh": { executable: script("later\n") } },
  },
  {
    name: "a text goes back, and an executable bit set since stays",
    history: history({ "run.sh": script("a\n") }, { "run.sh": script("bad\n") }, { "run.sh": { executable: script("bad\n") } }),
    after: { "run.sh": { executable: script("a\n") } },
  },
  {
    name: "text and executable bit go back together, around a later change",
    history: history(
      { "run.sh": { executable: lines() } },
      { "run.sh": lines({ 2: "bad\n" }) },
      { "run.sh": lines({ 2: "bad\n", 8: "later\n" }) },
    ),
    after: { "run.sh": { executable: lines({ 8: "later\n" }) } },
  },
  {
    name: "a binary file that nobody touched since is restored, an added one removed, a deleted one made again",
    history: history({ "a.png": png(1), "gone.png": png(2) }, { "a.png": png(3), "gone.png": null, "new.png": png(4) }),
    after: { "a.png": png(1), "gone.png": png(2) },
  },
  {
    name: "a folder that became a file is a folder again",
    history: {
      before: { "conf/a.yml": "a: 1\n", "conf/deep/b.yml": "b: 1\n", "other.ts": "old\n" },
      deployed: [
        { "conf/a.yml": null, "conf/deep/b.yml": null },
        { conf: "all in one\n", "other.ts": "new\n" },
      ],
      since: [],
    },
    after: { "conf/a.yml": "a: 1\n", "conf/deep/b.yml": "b: 1\n" },
  },
  {
    name: "a file that became a folder is a file again",
    history: history({ "lib/conf": "all in one\n" }, { "lib/conf": null, "lib/conf/a.yml": "a: 1\n", "lib/conf/deep/b.yml": "b: 1\n" }),
    after: { "lib/conf": "all in one\n" },
  },
  {
    name: "two files that changed places change back",
    history: history({ "a.ts": "one\n", "b.ts": "two\n" }, { "a.ts": "two\n", "b.ts": "one\n" }),
    after: { "a.ts": "one\n", "b.ts": "two\n" },
  },
  {
    name: "a chain of renames is undone to its start",
    history: history({ "a.ts": lines({ 1: "a\n" }), "b.ts": "b\nb\n" }, { "a.ts": null, "b.ts": lines({ 1: "a\n" }), "c.ts": "b\nb\n" }),
    after: { "a.ts": lines({ 1: "a\n" }), "b.ts": "b\nb\n" },
  },
  {
    name: "a deploy of several commits that touch the same file is undone as a whole, around later changes",
    history: {
      before: { "a.ts": lines(), "other.ts": "old\n" },
      deployed: [
        { "a.ts": lines({ 2: "first\n" }), "b.ts": "b\n" },
        { "a.ts": lines({ 2: "second\n", 5: "third\n" }), "other.ts": "new\n" },
        { "b.ts": null, "c.ts": "c\n" },
      ],
      since: [{ "a.ts": lines({ 2: "second\n", 5: "third\n", 8: "later\n" }) }, { "d.ts": "d\n" }],
    },
    after: { "a.ts": lines({ 8: "later\n" }), "d.ts": "d\n" },
  },
  {
    name: "a revert that was deployed is reverted itself, around a later change",
    history: history(
      { "a.ts": lines({ 3: "feature\n" }), "feature.ts": "on\n" },
      { "a.ts": lines(), "feature.ts": null },
      { "a.ts": lines({ 8: "later\n" }) },
    ),
    after: { "a.ts": lines({ 3: "feature\n", 8: "later\n" }), "feature.ts": "on\n" },
  },
  {
    name: "names of all kinds are merged like any other",
    history: history(
      Object.fromEntries(oddNames.map((name) => [name, lines()])),
      Object.fromEntries(oddNames.map((name) => [name, lines({ 2: "bad\n" })])),
      Object.fromEntries(oddNames.map((name) => [name, lines({ 2: "bad\n", 8: "später 🚒\n" })])),
    ),
    after: Object.fromEntries(oddNames.map((name) => [name, lines({ 8: "später 🚒\n" })])),
  },
];

describe("the whole change goes back:", () => {
  test.each(clean)("$name", async ({ history: past, after }) => {
    const expected = told({ ...after, "other.ts": "old\n" });
    expect(ofGit(past) ?? { tree: expected }, "what git itself makes of it").toEqual({ tree: expected });
    const { repository, sha, previousSha } = await repositoryWith(past);
    const { tree, plan: made } = await reverted(repository, sha, previousSha);
    expect(tree).toEqual(expected);
    expect([made.skipped, made.conflicts, made.clean]).toEqual([[], [], true]);
  });
});

interface Conflict extends Case {
  /** Skipped paths with their reasons. */
  readonly skipped: Readonly<Record<string, RegExp>>;
  /** The two sides as the plan shows them. */
  readonly conflicts: readonly unknown[];
  /** Paths that git names; none given: those of `skipped`. */
  readonly git?: readonly string[];
}

const side = (line: number, ...shown: readonly string[]) => ({ line, lines: shown, more: 0 });
const by = (words: string) => new RegExp(`^${words} by [0-9a-f]{7} \\(Later change \\d\\)$`);
const conflictAt = (path: string, at: number, deployed: unknown, ours: unknown, theirs: unknown) => ({
  path,
  because: expect.any(String),
  conflict: [{ at, deployed, ours, theirs }],
  moreHunks: 0,
});

const conflicts: readonly Conflict[] = [
  {
    name: "a line changed since",
    history: history({ "a.ts": lines() }, { "a.ts": lines({ 5: "bad\n" }) }, { "a.ts": lines({ 1: "up\nhere\n", 5: "mended\n" }) }),
    after: { "a.ts": lines({ 1: "up\nhere\n", 5: "mended\n" }) },
    skipped: { "a.ts": by("changed since") },
    conflicts: [conflictAt("a.ts", 6, side(5, "bad"), side(6, "mended"), side(5, "line 5"))],
  },
  {
    name: "a line next to one changed since",
    history: history({ "a.ts": lines() }, { "a.ts": lines({ 5: "bad\n" }) }, { "a.ts": lines({ 5: "bad\n", 6: "later\n" }) }),
    after: { "a.ts": lines({ 5: "bad\n", 6: "later\n" }) },
    skipped: { "a.ts": by("changed since") },
    conflicts: [conflictAt("a.ts", 5, side(5, "bad", "line 6"), side(5, "bad", "later"), side(5, "line 5", "line 6"))],
  },
  {
    name: "one line of several, so that none of the file is put back",
    history: history(
      { "a.ts": lines() },
      { "a.ts": lines({ 1: "bad\n", 8: "bad\n" }) },
      { "a.ts": lines({ 1: "mended\n", 4: "later\n", 8: "bad\n" }) },
    ),
    after: { "a.ts": lines({ 1: "mended\n", 4: "later\n", 8: "bad\n" }) },
    skipped: { "a.ts": by("changed since") },
    conflicts: [conflictAt("a.ts", 1, side(1, "bad"), side(1, "mended"), side(1, "line 1"))],
  },
  {
    name: "an added file changed since",
    history: history({}, { "a.ts": lines() }, { "a.ts": lines({ 4: "later\n" }) }),
    after: { "a.ts": lines({ 4: "later\n" }) },
    skipped: { "a.ts": by("changed since") },
    conflicts: [conflictAt("a.ts", 4, side(4, "line 4"), side(4, "later"), null)],
  },
  {
    name: "a deleted file that somebody made anew since",
    history: history({ "a.ts": "one\ntwo\n" }, { "a.ts": null }, { "a.ts": "one\nother\n" }),
    after: { "a.ts": "one\nother\n" },
    skipped: { "a.ts": by("created again since") },
    conflicts: [conflictAt("a.ts", 2, null, side(2, "other"), side(2, "two"))],
  },
  {
    name: "a changed file that somebody deleted since",
    history: history({ "a.ts": lines() }, { "a.ts": lines({ 4: "bad\n" }) }, { "a.ts": null }),
    after: {},
    skipped: { "a.ts": by("deleted since") },
    conflicts: [conflictAt("a.ts", 4, side(4, "bad"), null, side(4, "line 4"))],
  },
  {
    name: "a file that was empty, and grew further since",
    history: history({ "a.ts": "" }, { "a.ts": "one\n" }, { "a.ts": "one\ntwo\n" }),
    after: { "a.ts": "one\ntwo\n" },
    skipped: { "a.ts": by("changed since") },
    conflicts: [conflictAt("a.ts", 1, side(1, "one"), side(1, "one", "two"), side(1))],
  },
  {
    name: "line ends that the deploy changed everywhere, and a line since",
    history: history({ "a.ts": "one\ntwo\n" }, { "a.ts": "one\r\ntwo\r\n" }, { "a.ts": "one\r\n2\r\n" }),
    after: { "a.ts": "one\r\n2\r\n" },
    skipped: { "a.ts": by("changed since") },
    conflicts: [conflictAt("a.ts", 1, side(1, "one\r", "two\r"), side(1, "one\r", "2\r"), side(1, "one", "two"))],
  },
  {
    name: "a renamed and changed file of which the same line was changed since, at both its names",
    history: history({ "a.ts": lines() }, { "a.ts": null, "b.ts": lines({ 5: "bad\n" }) }, { "b.ts": lines({ 5: "mended\n" }) }),
    after: { "b.ts": lines({ 5: "mended\n" }) },
    skipped: { "a.ts": /^renamed with b\.ts, which is skipped$/, "b.ts": by("changed since") },
    conflicts: [conflictAt("b.ts", 5, side(5, "bad"), side(5, "mended"), side(5, "line 5"))],
    git: ["a.ts"],
  },
  {
    name: "a file that the deploy and then people renamed",
    history: history({ "a.ts": lines() }, { "a.ts": null, "b.ts": lines() }, { "b.ts": null, "c.ts": lines() }),
    after: { "c.ts": lines() },
    skipped: { "a.ts": /^renamed with b\.ts, which is skipped$/, "b.ts": by("renamed to c\\.ts since") },
    conflicts: [expect.objectContaining({ path: "b.ts" })],
    git: ["a.ts", "b.ts", "c.ts"],
  },
  {
    name: "a renamed file that people deleted since",
    history: history({ "a.ts": lines() }, { "a.ts": null, "b.ts": lines({ 2: "bad\n" }) }, { "b.ts": null }),
    after: {},
    skipped: { "a.ts": /^renamed with b\.ts, which is skipped$/, "b.ts": by("deleted since") },
    conflicts: [conflictAt("b.ts", 2, side(2, "bad"), null, side(2, "line 2"))],
    git: ["a.ts"],
  },
  {
    name: "a renamed file whose old name somebody gave to another since",
    history: history({ "a.ts": lines() }, { "a.ts": null, "b.ts": lines({ 2: "bad\n" }) }, { "a.ts": "another\n" }),
    after: { "a.ts": "another\n", "b.ts": lines({ 2: "bad\n" }) },
    skipped: { "a.ts": by("created again since"), "b.ts": /^renamed with a\.ts, which is skipped$/ },
    conflicts: [expect.objectContaining({ path: "a.ts" })],
    git: ["a.ts"],
  },
  {
    name: "an added file that people renamed since",
    history: history({}, { "a.ts": lines() }, { "a.ts": null, "b.ts": lines() }),
    after: { "b.ts": lines() },
    skipped: { "a.ts": /^renamed to b\.ts since, and added by the deploy$/ },
    conflicts: [expect.objectContaining({ path: "a.ts" })],
    git: ["b.ts"],
  },
  {
    name: "a file that people renamed since, changing the same line",
    history: history({ "a.ts": lines() }, { "a.ts": lines({ 5: "bad\n" }) }, { "a.ts": null, "c.ts": lines({ 5: "mended\n" }) }),
    after: { "c.ts": lines({ 5: "mended\n" }) },
    skipped: { "c.ts": by("changed since") },
    conflicts: [conflictAt("c.ts", 5, side(5, "bad"), side(5, "mended"), side(5, "line 5"))],
  },
  {
    name: "a binary file changed since, which is never merged",
    history: history({ "a.png": png(1) }, { "a.png": png(2) }, { "a.png": png(3) }),
    after: { "a.png": png(3) },
    skipped: { "a.png": by("binary, and changed since") },
    conflicts: [{ path: "a.png", because: expect.any(String), conflict: [], moreHunks: 0 }],
  },
  {
    name: "a text that is binary since",
    history: history({ "a.bin": lines() }, { "a.bin": lines({ 5: "bad\n" }) }, { "a.bin": png(3) }),
    after: { "a.bin": png(3) },
    skipped: { "a.bin": by("binary, and changed since") },
    conflicts: [{ path: "a.bin", because: expect.any(String), conflict: [], moreHunks: 0 }],
  },
  {
    name: "a folder that became a file, which was changed since",
    history: {
      before: { "conf/a.yml": "a: 1\n", "conf/b.yml": "b: 1\n", "other.ts": "old\n" },
      deployed: [
        { "conf/a.yml": null, "conf/b.yml": null },
        { conf: "one\n", "other.ts": "new\n" },
      ],
      since: [{ conf: "two\n" }],
    },
    after: { conf: "two\n" },
    skipped: {
      conf: by("changed since"),
      "conf/a.yml": /^the folder it was in is a file now/,
      "conf/b.yml": /^the folder it was in is a file now/,
    },
    conflicts: [conflictAt("conf", 1, side(1, "one"), side(1, "two"), null)],
    // Beside the folder, which git then brings back.
    git: ["conf~HEAD"],
  },
];

describe("a conflict is told with its sides, and the file left alone:", () => {
  test.each(conflicts)("$name", async ({ history: past, after, skipped, conflicts: shown, git }) => {
    const named = { conflicts: git ?? Object.keys(skipped) };
    expect(ofGit(past) ?? named, "what git finds").toEqual(named);
    const { repository, sha, previousSha } = await repositoryWith(past);
    const { tree, plan: made } = await reverted(repository, sha, previousSha);
    expect(tree).toEqual(told({ ...after, "other.ts": "old\n" }));
    const because = Object.fromEntries(made.skipped.map((file) => [file.path, file.because]));
    expect(because).toEqual(Object.fromEntries(Object.entries(skipped).map(([path, words]) => [path, expect.stringMatching(words)])));
    expect(made.conflicts).toEqual(shown);
    for (const file of made.conflicts) expect(file.because).toBe(because[file.path]);
    expect(made.clean).toBe(false);
  });
});

describe("what a deploy was made of does not matter:", () => {
  let count = 0;
  /** Main with two merged pull requests, of several commits each, and one commit of its own between them. */
  async function twoPullRequests() {
    const repository = await github.createRepository(`pull-requests-${++count}`);
    const start = await repository.commit({ "a.ts": lines(), "b.ts": lines() });
    const first = await repository.commit({ "a.ts": lines({ 2: "first\n" }) }, { parents: [start], branch: null });
    const firstMore = await repository.commit({ "a.ts": lines({ 2: "first\n", 4: "first\n" }) }, { parents: [first], branch: null });
    const merge1 = await repository.commit(
      { "a.ts": lines({ 2: "first\n", 4: "first\n" }) },
      { parents: [start, firstMore], message: "Merge #1" },
    );
    const between = await repository.commit({ "c.ts": "c\n" });
    const second = await repository.commit({ "b.ts": lines({ 9: "second\n" }), "new.ts": "new\n" }, { parents: [merge1], branch: null });
    const merge2 = await repository.commit(
      { "b.ts": lines({ 9: "second\n" }), "new.ts": "new\n" },
      { parents: [between, second], message: "Merge #2" },
    );
    await repository.commit({ "a.ts": lines({ 2: "first\n", 4: "first\n", 8: "later\n" }) });
    return { repository, start, merge1, between, merge2 };
  }

  test("several pull requests at once go back together", async () => {
    const { repository, start, merge2 } = await twoPullRequests();
    const { tree, plan: made } = await reverted(repository, merge2, start);
    expect(tree).toEqual(told({ "a.ts": lines({ 8: "later\n" }), "b.ts": lines() }));
    expect(made.commits.map(({ title }) => title)).toContain("Merge #1");
  });

  test("of a merge commit, where what was live before is known, all that came since then goes back", async () => {
    const { repository, merge1, merge2 } = await twoPullRequests();
    const { tree } = await reverted(repository, merge2, merge1);
    expect(tree).toEqual(told({ "a.ts": lines({ 2: "first\n", 4: "first\n", 8: "later\n" }), "b.ts": lines() }));
  });

  test("of a merge commit, where it is not known, what it merged goes back: its first parent is taken", async () => {
    const { repository, between, merge2 } = await twoPullRequests();
    const { tree, plan: made } = await reverted(repository, merge2, null);
    expect([made.previousSha, made.previousAssumed]).toEqual([between, true]);
    expect(tree).toEqual(told({ "a.ts": lines({ 2: "first\n", 4: "first\n", 8: "later\n" }), "b.ts": lines(), "c.ts": "c\n" }));
  });

  test("a squashed pull request of many files goes back around later changes in some", async () => {
    const files = Array.from({ length: 12 }, (_, index) => `src/f${index}.ts`);
    const all = (text: string) => Object.fromEntries(files.map((path) => [path, text]));
    const { repository, sha, previousSha } = await repositoryWith(
      history(all(lines()), all(lines({ 3: "bad\n" })), { "src/f4.ts": lines({ 3: "bad\n", 7: "later\n" }) }),
    );
    const { tree, plan: made } = await reverted(repository, sha, previousSha);
    expect(tree).toEqual(told({ ...all(lines()), "src/f4.ts": lines({ 7: "later\n" }), "other.ts": "old\n" }));
    expect(made.files.flatMap(({ path, merged }) => (merged ? [path] : []))).toEqual(["src/f4.ts"]);
  });

  test("the default branch moves while it is read: the plan is of one commit, and says which", async () => {
    const { repository, sha, previousSha } = await repositoryWith(
      history({ "a.ts": lines() }, { "a.ts": lines({ 2: "bad\n" }) }, { "a.ts": lines({ 2: "bad\n", 8: "later\n" }) }),
    );
    const head = await repository.head("main");
    const busy = createGithubClient({
      baseUrl: github.url,
      auth: { token: TOKEN },
      fetch: async (input, init) => {
        const answer = await fetch(input, init);
        if (String(input).includes("/git/ref/")) await repository.commit({ "a.ts": "all new\n", "other.ts": "newer\n" });
        return answer;
      },
    });
    const made = planned(await planRevert({ github: busy, repository: repository.name, sha, previousSha }, signal));
    expect(await repository.head("main")).not.toBe(head);
    expect(made.base.sha).toBe(head);
    const { branch } = await openRevert(client, proposalOf(made), signal);
    expect(await repository.tree(branch)).toEqual(told({ "a.ts": lines({ 8: "later\n" }), "other.ts": "old\n" }));
  });
});

describe("left alone, whatever changed since:", () => {
  test("workflows, CODEOWNERS and CI configuration", async () => {
    const guarded = [".github/workflows/ci.yml", ".gitlab-ci.yml", "CODEOWNERS", "docs/CODEOWNERS"];
    const all = (text: string) => Object.fromEntries(guarded.map((path) => [path, text]));
    const later = all(lines({ 2: "bad\n", 8: "later\n" }));
    const { repository, sha, previousSha } = await repositoryWith(history(all(lines()), all(lines({ 2: "bad\n" })), later));
    const { tree, plan: made } = await reverted(repository, sha, previousSha);
    expect(tree).toEqual(told({ ...later, "other.ts": "old\n" }));
    expect(made.skipped.map(({ path }) => path)).toEqual(guarded);
    expect(made.skipped.every(({ because }) => because.endsWith("which midwatch never writes"))).toBe(true);
    expect([made.conflicts, made.clean]).toEqual([[], false]);
  });

  test("a deployed file that people moved to where midwatch never writes, or out of the service's folder", async () => {
    const bad = lines({ 2: "bad\n" });
    const { repository, sha, previousSha } = await repositoryWith({
      before: { "pay/a.yml": lines(), "pay/b.yml": lines({ 9: "b\n" }), "pay/c.ts": "old\n" },
      deployed: [{ "pay/a.yml": bad, "pay/b.yml": `${bad}b\n`, "pay/c.ts": "new\n" }],
      since: [{ "pay/a.yml": null, "pay/.github/a.yml": bad, "pay/b.yml": null, "lib/b.yml": `${bad}b\n` }],
    });
    const { tree, plan: made } = await reverted(repository, sha, previousSha, "pay");
    expect(tree).toEqual(told({ "pay/.github/a.yml": bad, "lib/b.yml": `${bad}b\n`, "pay/c.ts": "old\n" }));
    expect(made.skipped).toEqual([
      { path: "pay/a.yml", because: "renamed to pay/.github/a.yml since: under .github/, which midwatch never writes" },
      { path: "pay/b.yml", because: "renamed to lib/b.yml since: outside pay" },
    ]);
  });

  test("a file that became a symlink since, and symlinks and submodules that the deploy changed", async () => {
    const { repository, sha, previousSha } = await repositoryWith(
      history(
        { "a.ts": lines(), link: { symlink: "a.ts" }, sub: { submodule: "a".repeat(40) } },
        { "a.ts": lines({ 2: "bad\n" }), link: { symlink: "b.ts" }, sub: { submodule: "b".repeat(40) } },
        { "a.ts": { symlink: "/etc/passwd" } },
      ),
    );
    const { tree, plan: made } = await reverted(repository, sha, previousSha);
    expect(made.skipped).toEqual([
      { path: "a.ts", because: expect.stringMatching(by("a symlink now")) },
      { path: "link", because: "a symlink, which midwatch does not change" },
      { path: "sub", because: "a submodule, which midwatch does not change" },
    ]);
    expect(tree).toMatchObject({ "a.ts": "120000 /etc/passwd", link: "120000 b.ts", "other.ts": "100644 old\n" });
  });

  test("both sides of a folder that took a file's place, when people put more into it", async () => {
    const { repository, sha, previousSha } = await repositoryWith({
      before: { conf: "one\n", "other.ts": "old\n" },
      deployed: [{ conf: null }, { "conf/a.yml": "a\n", "other.ts": "new\n" }],
      since: [{ "conf/b.yml": "b\n" }],
    });
    const { tree, plan: made } = await reverted(repository, sha, previousSha);
    expect(tree).toEqual(told({ "conf/a.yml": "a\n", "conf/b.yml": "b\n", "other.ts": "old\n" }));
    expect(made.skipped.map(({ path, because }) => [path, because.replace(/ by .*/, "")])).toEqual([
      ["conf", "a folder now"],
      ["conf/a.yml", "in the place of conf, which is skipped"],
    ]);
  });

  test("a folder that a file took the place of, when one file in it may hold credentials", async () => {
    const { repository, sha, previousSha } = await repositoryWith({
      before: { "conf/.env": "A=1\n", "conf/a.yml": "a\n", "other.ts": "old\n" },
      deployed: [
        { "conf/.env": null, "conf/a.yml": null },
        { conf: "one\n", "other.ts": "new\n" },
      ],
      since: [],
    });
    const { tree, plan: made } = await reverted(repository, sha, previousSha);
    expect(tree).toEqual(told({ conf: "one\n", "other.ts": "old\n" }));
    expect(made.skipped.map(({ path }) => path)).toEqual(["conf", "conf/.env", "conf/a.yml"]);
  });

  test("texts too long to be merged, with the reason", async () => {
    const long = (changed: Readonly<Record<number, string>>) => `${lines(changed)}${"x".repeat(200_000)}\n`;
    const many = (first: string) => `${first}${"y\n".repeat(10_000)}`;
    const { repository, sha, previousSha } = await repositoryWith(
      history(
        { "long.ts": long({}), "many.ts": many(lines()) },
        { "long.ts": long({ 2: "bad\n" }), "many.ts": many(lines({ 2: "bad\n" })) },
        { "long.ts": long({ 2: "bad\n", 8: "later\n" }), "many.ts": many(lines({ 2: "bad\n", 8: "later\n" })) },
      ),
    );
    const made = planned(await plan(repository, sha, previousSha));
    expect(made.skipped.map(({ path, because }) => [path, because.replace(/ by .*/, "")])).toEqual([
      ["long.ts", "too much to be merged (200064 characters long), and changed since"],
      ["many.ts", "too much to be merged (10009 lines long), and changed since"],
    ]);
  });

  test("what is over a megabyte on any side", async () => {
    const { repository, sha, previousSha } = await repositoryWith(
      history({ "a.json": lines() }, { "a.json": lines({ 2: "bad\n" }) }, { "a.json": `${lines({ 2: "bad\n" })}${"x".repeat(1_000_000)}` }),
    );
    expect(planned(await plan(repository, sha, previousSha)).skipped).toEqual([
      { path: "a.json", because: "too large to be shown for review (1001 kB)" },
    ]);
  });

  test("merged texts that together are too long to be kept until the pull request is opened; the shortest are merged", async () => {
    const long = (size: number, changed: Readonly<Record<number, string>> = {}) => `${lines(changed)}${"x".repeat(size)}\n`;
    const sizes = { "a.ts": 150_000, "b.ts": 90_000, "c.ts": 90_000 };
    const all = (changed: Readonly<Record<number, string>>) =>
      Object.fromEntries(Object.entries(sizes).map(([path, size]) => [path, long(size, changed)]));
    const later = all({ 2: "bad\n", 8: "later\n" });
    const { repository, sha, previousSha } = await repositoryWith(history(all({}), all({ 2: "bad\n" }), later));
    const { tree, plan: made } = await reverted(repository, sha, previousSha);
    expect(made.skipped.map(({ path, because }) => [path, because.replace(/ by .*/, "")])).toEqual([
      ["a.ts", "too long to be merged beside the others, and changed since"],
    ]);
    expect(tree).toEqual(told({ ...all({ 8: "later\n" }), "a.ts": later["a.ts"] ?? null, "other.ts": "old\n" }));
  });
});

test("two empty files are no rename, so one that people filled since is not put in the other's place", async () => {
  const { repository, sha, previousSha } = await repositoryWith(
    history({ "a/__init__.py": "" }, { "a/__init__.py": null, "b/__init__.py": "" }, { "b/__init__.py": "import b\n" }),
  );
  const { tree, plan: made } = await reverted(repository, sha, previousSha);
  expect(tree).toEqual(told({ "a/__init__.py": "", "b/__init__.py": "import b\n", "other.ts": "old\n" }));
  expect(made.conflicts.map(({ path }) => path)).toEqual(["b/__init__.py"]);
});

test("migrations are told, merged or not, in the service's folder or not", async () => {
  const paths = ["pay/db/migrations/0007_drop_total.sql", "pay/sql/V7__drop_total.sql", "shared/migrate/20260101_totals.sql"];
  const all = (text: string) => Object.fromEntries(paths.map((path) => [path, text]));
  const { repository, sha, previousSha } = await repositoryWith({
    before: { ...all(lines()), "pay/migrations.md": "old\n" },
    deployed: [{ ...all(lines({ 2: "bad;\n" })), "pay/migrations.md": "new\n" }],
    since: [{ "pay/sql/V7__drop_total.sql": lines({ 2: "bad;\n", 8: "later;\n" }) }],
  });
  const { tree, plan: made } = await reverted(repository, sha, previousSha, "pay");
  expect(made.migrations).toEqual(paths);
  expect(tree["pay/sql/V7__drop_total.sql"]).toBe(`100644 ${lines({ 8: "later;\n" })}`);
  expect(made.skipped).toEqual([
    { path: "shared/migrate/20260101_totals.sql", because: expect.stringContaining("outside pay"), elsewhere: true },
  ]);
  expect(made.clean).toBe(true);
});

test("a plan tells what of it is merged, binary, renamed and moved, and counts the lines of its texts", async () => {
  const { repository, sha, previousSha } = await repositoryWith(
    history(
      { "a.ts": lines(), "old.ts": lines({ 1: "o\n" }), "stays.ts": lines({ 1: "s\n" }), "logo.png": png(1), "gone.png": png(7) },
      {
        "a.ts": lines({ 2: "bad\n" }),
        "old.ts": null,
        "new.ts": lines({ 1: "o\n" }),
        "stays.ts": lines({ 1: "s\n", 3: "bad\n", 4: "" }),
        "logo.png": new Uint8Array([0, 1, 2]),
        "gone.png": null,
      },
      { "a.ts": lines({ 2: "bad\n", 8: "later\n" }), "stays.ts": null, "moved.ts": lines({ 1: "s\n", 3: "bad\n", 4: "" }) },
    ),
  );
  const { tree, opened, plan: made } = await reverted(repository, sha, previousSha);
  const alone = { merged: false, binary: null, renamed: null, deployedAs: null, mode: "100644" };
  const blob = expect.stringMatching(/^[0-9a-f]{40}$/);
  const texts = (before: string | null, after: string | null) => ({ texts: { before, after } });
  expect(made.files).toEqual([
    {
      ...alone,
      path: "a.ts",
      action: "restored",
      sha: null,
      merged: true,
      ...texts(lines({ 2: "bad\n", 8: "later\n" }), lines({ 8: "later\n" })),
    },
    { ...alone, path: "gone.png", action: "re-created", sha: blob, texts: null, binary: { before: null, after: 6 } },
    { ...alone, path: "logo.png", action: "restored", sha: blob, texts: null, binary: { before: 3, after: 6 } },
    {
      ...alone,
      path: "moved.ts",
      action: "restored",
      sha: blob,
      deployedAs: "stays.ts",
      ...texts(lines({ 1: "s\n", 3: "bad\n", 4: "" }), lines({ 1: "s\n" })),
    },
    { ...alone, path: "new.ts", action: "deleted", sha: null, renamed: "old.ts", ...texts(lines({ 1: "o\n" }), null) },
    { ...alone, path: "old.ts", action: "re-created", sha: blob, renamed: "new.ts", ...texts(null, lines({ 1: "o\n" })) },
    { ...alone, path: "other.ts", action: "restored", sha: blob, ...texts("new\n", "old\n") },
  ]);
  // a.ts and other.ts one line each, out and in; moved.ts one out and two in; the rename none.
  expect(made.lines).toBe(2 + 2 + 3);
  expect(made.clean).toBe(true);
  expect(tree).toEqual(
    told({
      "a.ts": lines({ 8: "later\n" }),
      "gone.png": png(7),
      "logo.png": png(1),
      "moved.ts": lines({ 1: "s\n" }),
      "old.ts": lines({ 1: "o\n" }),
      "other.ts": "old\n",
    }),
  );
  // What cannot be shown as text is not in the event.
  expect(opened.files.map(({ path }) => path)).toEqual(["a.ts", "moved.ts", "new.ts", "old.ts", "other.ts"]);
});

test("only merged texts are uploaded, everything else is named by its blob", async () => {
  const { repository, sha, previousSha } = await repositoryWith(
    history({ "a.ts": lines() }, { "a.ts": lines({ 2: "bad\n" }) }, { "a.ts": lines({ 2: "bad\n", 8: "later\n" }) }),
  );
  const made = planned(await plan(repository, sha, previousSha));
  const asked = github.seen.length;
  await openRevert(client, proposalOf(made), signal);
  const trees = github.seen.slice(asked).filter(({ method, path }) => method === "POST" && path.endsWith("/git/trees"));
  expect(trees.map(({ body }) => body)).toEqual([
    {
      base_tree: made.base.tree,
      tree: [
        { path: "a.ts", mode: "100644", type: "blob", content: lines({ 8: "later\n" }) },
        { path: "other.ts", mode: "100644", type: "blob", sha: made.files[1]?.sha },
      ],
    },
  ]);
});

test("many and long conflicts are shown in part, and what is left out is counted", async () => {
  const many = (word: string) =>
    Array.from({ length: 5 }, (_, index) => `${word} ${index} ${"é".repeat(200)}\n${`${word}\n`.repeat(14)}keep ${index}\n`).join("");
  const paths = Array.from({ length: 12 }, (_, index) => `f${String(index).padStart(2, "0")}.ts`);
  const all = (word: string) => Object.fromEntries(paths.map((path) => [path, many(word)]));
  const { repository, sha, previousSha } = await repositoryWith(history(all("old"), all("bad"), all("mended")));
  const made = planned(await plan(repository, sha, previousSha));
  expect(made.conflicts.map(({ path, conflict, moreHunks }) => [path, conflict.length, moreHunks])).toEqual(
    paths.map((path, index) => (index < 10 ? [path, 3, 2] : [path, 0, 5])),
  );
  const [first] = made.conflicts[0]?.conflict ?? [];
  expect(first?.ours).toEqual({ line: 1, lines: [`mended 0 ${"é".repeat(110)}…`, ...Array.from({ length: 9 }, () => "mended")], more: 5 });
  expect(JSON.stringify(made.conflicts).length).toBeLessThan(100_000);
});

test("a revert that nothing is left of is declined with its conflicts", async () => {
  const { repository, sha, previousSha } = await repositoryWith({
    before: { "a.ts": lines() },
    deployed: [{ "a.ts": lines({ 5: "bad\n" }) }],
    since: [{ "a.ts": lines({ 5: "mended\n" }) }],
  });
  expect(await plan(repository, sha, previousSha)).toEqual({
    status: "declined",
    because: expect.stringMatching(/^No file of [0-9a-f]{7} can be put back: a\.ts \(changed since by /),
    skipped: [{ path: "a.ts", because: expect.stringMatching(by("changed since")) }],
    conflicts: [conflictAt("a.ts", 5, side(5, "bad"), side(5, "mended"), side(5, "line 5"))],
  });
});
