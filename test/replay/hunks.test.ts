import { describe, expect, test } from "vitest";
import { unifiedPatch } from "../../src/replay/change-files.ts";
import { historyOfHunks, type HunkChange } from "../../src/replay/github/hunks.ts";

const modified = (path: string, patch: string | null): HunkChange => ({ path, status: "modified", patch });
const changedLines = (patch: string) => patch.split("\n").filter((line) => /^[-+]/.test(line));

/** Each commit's diff of one file, computed from the files that were built. */
function diffs(path: string, commits: readonly HunkChange[]): string[][] {
  const { initial, after } = historyOfHunks(commits.map((change, index) => ({ mark: `c${index}`, changes: [change] })));
  let before: string | null = initial.get(path) ?? null;
  return after.map((texts) => {
    const now = texts.get(path) ?? null;
    const lines = changedLines(unifiedPatch(before, now));
    before = now;
    return lines;
  });
}

describe("files made of hunks", () => {
  test("a commit's diff is the recorded hunk", () => {
    const patch = "@@ func open() {\n \tpool := newPool()\n-\tpool.max = 50\n+\tpool.max = 5\n \treturn pool";
    expect(diffs("db.go", [modified("db.go", patch)])).toEqual([["-\tpool.max = 50", "+\tpool.max = 5"]]);
  });
  test("a later hunk of the same lines goes on from what the earlier one left", () => {
    const commits = [modified("a", "@@ -1 +1 @@\n-one\n+two"), modified("a", "@@ -1 +1 @@\n-two\n+three")];
    expect(diffs("a", commits)).toEqual([
      ["-one", "+two"],
      ["-two", "+three"],
    ]);
    expect(historyOfHunks([{ mark: "c", changes: commits }]).initial.get("a")).not.toContain("two");
  });
  test("hunks of other places do not show in each other's diff", () => {
    const { initial, after } = historyOfHunks([
      { mark: "c0", changes: [modified("a", "@@\n-first\n+FIRST")] },
      { mark: "c1", changes: [modified("a", "@@\n-second\n+SECOND")] },
    ]);
    expect(unifiedPatch(initial.get("a") ?? null, after[0]?.get("a") ?? null)).not.toContain("second");
    expect(unifiedPatch(after[0]?.get("a") ?? null, after[1]?.get("a") ?? null)).not.toContain("FIRST");
  });
  test("two hunks of one commit, and lines that are only added", () => {
    expect(diffs("a", [modified("a", "@@ x\n-1\n+2\n@@ y\n+new line\n+another")])).toEqual([["-1", "+2", "+new line", "+another"]]);
  });
  test("a change of which no text is recorded changes one line that says so", () => {
    const [first, second] = diffs("web.css", [modified("web.css", null), modified("web.css", null)]);
    expect(first).toEqual(["-(text not recorded)", "+(text not recorded; changed by c0)"]);
    expect(second).toEqual(["-(text not recorded; changed by c0)", "+(text not recorded; changed by c1)"]);
  });
  test("an added file is not there before, a removed one not after", () => {
    const { initial, after } = historyOfHunks([
      { mark: "c0", changes: [{ path: "new.go", status: "added", patch: "@@ -0,0 +1,2 @@\n+one\n+two" }] },
      { mark: "c1", changes: [{ path: "new.go", status: "removed", patch: "@@ -1,2 +0,0 @@\n-one\n-two" }] },
    ]);
    expect(initial.has("new.go")).toBe(false);
    expect(after[0]?.get("new.go")).toBe("one\ntwo\n");
    expect(after[1]?.get("new.go")).toBeNull();
  });
});
