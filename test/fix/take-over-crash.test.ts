import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { childEnvironment } from "../support/child-environment.ts";
import { openRevert, planRevert } from "../../src/fix/revert.ts";
import { createGithubClient } from "../../src/integrations/github/client.ts";
import { emulateGithub, TOKEN } from "../support/github/github.ts";
import { proposalOf } from "./proposal.ts";
import type { TakeOver } from "./take-over-child.ts";

const CHILD = fileURLToPath(new URL("./take-over-child.ts", import.meta.url));
const INCIDENT = "Q2ABC";
const signal = AbortSignal.timeout(120_000);

/** Every call of a take-over that changes something, in its order. */
const WRITES = [/^POST .*\/git\/trees$/, /^POST .*\/git\/commits$/, /^PATCH .*\/git\/refs\//, /^PATCH .*\/pulls\/\d+$/];

/** A process killed by the system keeps nothing but its store: SIGKILL, before GitHub has the call and after it has done it. */
test("a process that is killed at each write of a take-over leaves one branch, one draft and one commit of the patch", async () => {
  await using github = await emulateGithub();
  const repository = await github.createRepository("shop");
  const previousSha = await repository.commit({ "pay/a.ts": "good\n", "pay/b.ts": "kept\n" });
  const sha = await repository.commit({ "pay/a.ts": "bad\n" }, { message: "Break it" });
  const client = createGithubClient({ baseUrl: github.url, auth: { token: TOKEN }, fetch });
  const plan = await planRevert({ github: client, repository: repository.name, sha, previousSha, path: "pay" }, signal);
  if (plan.status === "declined") throw new Error(plan.because);
  const revert = await openRevert(client, proposalOf(plan, INCIDENT), signal);
  const base = await client.git.readCommit({ repository: repository.name, sha }, signal);
  const given: TakeOver = {
    ...{ githubUrl: github.url, token: TOKEN, incidentId: INCIDENT, log: [{ seq: 1, at: 0, event: revert }] },
    database: join(mkdtempSync(join(tmpdir(), "midwatch-take-over-")), "midwatch.db"),
    draft: {
      ...{ repository: repository.name, base: { branch: "main", sha, tree: base?.tree ?? "" }, service: "pay", title: "Mend pay" },
      ...{ cause: "It was broken.", change: "It is mended.", notChanged: "", risk: "None.", rollBack: "Revert it.", notChecked: "" },
      ...{ test: null, noTestBecause: "a value", lines: 2, evidence: [] },
      files: [{ path: "pay/a.ts", role: "fix", mode: "100644", before: "bad\n", after: "mended\n" }],
    },
  };

  const planned = WRITES.flatMap((call) => (["unreached", "lost"] as const).map((how) => ({ call, how })));
  const left = [...planned];
  let child: ChildProcess | null = null;
  github.fault = ({ method, path }) => {
    const [next] = left;
    if (next === undefined || !next.call.test(`${method} ${path}`)) return null;
    left.shift();
    child?.kill("SIGKILL");
    return next.how;
  };
  let killed = 0;
  let printed = "";
  for (let code: number | null = null; code !== 0 && killed <= planned.length;) {
    const running = spawn(process.execPath, [CHILD, JSON.stringify(given)], { env: childEnvironment() });
    child = running;
    printed = "";
    let failed = "";
    running.stderr.on("data", (chunk: Buffer) => (failed += chunk.toString()));
    running.stdout.on("data", (chunk: Buffer) => (printed += chunk.toString()));
    let name: string | null;
    [code, name] = (await once(running, "close")) as [number | null, string | null];
    if (name === "SIGKILL") killed += 1;
    else if (code !== 0) throw new Error(`the process failed: ${failed}`);
  }
  expect(
    left.map(({ call }) => call),
    "calls that never came",
  ).toEqual([]);
  expect(killed).toBe(planned.length);

  expect(JSON.parse(printed)).toMatchObject({ type: "fix-proposed", kind: "patch", number: revert.number, branch: revert.branch });
  expect(await repository.branches()).toEqual(["main", revert.branch]);
  expect(await repository.head("main")).toBe(sha);
  const pulls = await repository.pulls();
  expect(pulls.map(({ number, draft, state, title }) => [number, draft, state, title])).toEqual([
    [revert.number, true, "open", expect.stringMatching(/^Mend pay/)],
  ]);
  const { body: compared } = await repository.api("GET", `/repos/${repository.name}/compare/main...${encodeURIComponent(revert.branch)}`);
  const commits = (compared.commits as { commit: { message: string } }[]).map(({ commit }) => commit.message.split("\n")[0]);
  expect(commits).toEqual(["Revert pay", "Mend pay"]);
  expect((await repository.tree(revert.branch))["pay/a.ts"]).toBe("100644 mended\n");
});
