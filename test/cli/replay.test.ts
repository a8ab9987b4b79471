import { join } from "node:path";
import { expect, test } from "vitest";
import { command } from "../support/command.ts";
import { checksOf } from "../support/github/pushing.ts";
import { octokitOf } from "../support/github/quiet-octokit.ts";

const recording = join(import.meta.dirname, "../scenarios/orders-bad-timeout");

test.each([
  { words: ["--ci"], checks: 1 },
  { words: [], checks: 0 },
])("replay $words serves a repository with $checks checks", async ({ words, checks }) => {
  await using replay = command(["replay", recording, "--json", ...words], {});
  await replay.said("stderr", /Ctrl-C ends it/);
  const settings = JSON.parse(replay.stdout()) as { GITHUB_API_URL: string; GITHUB_TOKEN: string };
  const octokit = octokitOf(settings.GITHUB_API_URL, settings.GITHUB_TOKEN);
  expect(await checksOf(octokit, "main")).toHaveLength(checks);
  // A check that runs is ended with it.
  replay.signal("SIGINT");
  expect((await replay.ended).code).toBe(0);
});
