import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Octokit } from "octokit";
import { describe, expect, test } from "vitest";
import { startReplay } from "../../src/replay/server.ts";
import { checksOf, commitOn, headOf, logOf, newBranch } from "../support/github/pushing.ts";
import { octokitOf } from "../support/github/quiet-octokit.ts";

interface Edit {
  readonly path: string;
  readonly role: "test" | "fix";
  readonly search: string;
  readonly replace: string;
  readonly delete: boolean;
}
interface Patch {
  readonly test: { readonly name: string; readonly command: string };
  readonly edits: readonly Edit[];
}

const scenario = (name: string) => join(import.meta.dirname, "../scenarios", name);
const patchOf = (name: string) => JSON.parse(readFileSync(join(scenario(name), "patch.json"), "utf8")) as Patch;

/** The files of a patch as they are with its edits of one role. */
async function edited(octokit: Octokit, ref: string, edits: readonly Edit[]): Promise<Record<string, string | null>> {
  const files: Record<string, string | null> = {};
  for (const { path, search, replace, delete: removed } of edits) {
    if (removed || search === "") {
      files[path] = removed ? null : replace;
      continue;
    }
    const asked = { owner: "acme", repo: "shop", path, ref, mediaType: { format: "raw" } };
    const before = files[path] ?? String((await octokit.rest.repos.getContent(asked)).data);
    expect(before.split(search), `${path} holds the search text once`).toHaveLength(2);
    files[path] = before.replace(search, () => replace);
  }
  return files;
}

describe.each(["orders-wrong-total", "orders-missing-index", "orders-bad-timeout"])("%s", (name) => {
  test("its patch is proven by its own CI: green before, red by the new test alone, green with the fix", async () => {
    const patch = patchOf(name);
    await using replay = await startReplay({ folder: scenario(name), ci: true });
    const { GITHUB_API_URL: url, GITHUB_TOKEN: token } = replay.settings;
    const octokit = octokitOf(url, token);
    const main = await headOf(octokit, "main");
    const onlyTest = await commitOn(
      octokit,
      main,
      await edited(
        octokit,
        main,
        patch.edits.filter(({ role }) => role === "test"),
      ),
    );
    const withFix = await commitOn(
      octokit,
      onlyTest,
      await edited(
        octokit,
        main,
        patch.edits.filter(({ role }) => role === "fix"),
      ),
    );
    await checksOf(octokit, main);
    await newBranch(octokit, "midwatch/test", onlyTest);
    await newBranch(octokit, "midwatch/fix", withFix);
    await replay.github.checksDone();

    const ended = async (ref: string) => {
      const [run, ...more] = await checksOf(octokit, ref);
      if (run === undefined || more.length > 0) throw new Error(`${ref} has not one check`);
      const log = await logOf(url, token, run.id);
      return { conclusion: run.conclusion, title: run.output.title ?? "", id: run.id, log };
    };
    const [before, red, green] = [await ended(main), await ended(onlyTest), await ended(withFix)];
    const count = Number(/^(\d+) passed$/.exec(before.title)?.[1]);
    expect(count).toBeGreaterThanOrEqual(10);
    expect(before.conclusion).toBe("success");
    expect([red.conclusion, red.title]).toEqual(["failure", `1 failed, ${count} passed`]);
    expect([green.conclusion, green.title]).toEqual(["success", `${count + 1} passed`]);
    const annotations = (await octokit.rest.checks.listAnnotations({ owner: "acme", repo: "shop", check_run_id: red.id })).data;
    expect(annotations.flatMap(({ title }) => (title === "" ? [] : [title]))).toEqual([patch.test.name]);
    expect(red.log).toContain(`✖ ${patch.test.name}`);
    expect(red.log).toContain("##[error]Process completed with exit code 1.");
    expect(green.log).toContain(`✔ ${patch.test.name}`);
  });
});
