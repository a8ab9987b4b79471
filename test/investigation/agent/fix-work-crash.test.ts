import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { childEnvironment } from "../../support/child-environment.ts";
import { incidentLog } from "../../../src/store/incident-store.ts";
import { openNodeSqlite } from "../../../src/durable/node-sqlite.ts";
import { type Script, startScriptedModel } from "../../../src/replay/anthropic/server.ts";
import { calls, says } from "../../end-to-end/agent.ts";
import { eventsOf } from "../../support/bot.ts";
import { emulateGithub } from "../../support/github/github.ts";
import { CACHE, FILES, finding, freshStore, proposal, TEST } from "./patch-desk.ts";

const CHILD = fileURLToPath(new URL("./patch-child.ts", import.meta.url));

const answers = [
  says(calls("github_file", { path: CACHE })),
  says(calls("submit_finding", finding)),
  says(calls("github_file", { path: "AGENTS.md" })),
  says(calls("github_file", { path: TEST })),
  says(calls("propose_fix", proposal)),
];

test("killed while a patch is written, the next start goes on: no finished turn is asked for again, one finding, one patch", async () => {
  await using github = await emulateGithub();
  await (await github.createRepository("shop")).commit(FILES);
  let child: ChildProcess | null = null;
  const kill = async () => {
    const ended = child === null ? null : once(child, "close");
    child?.kill("SIGKILL");
    await ended;
  };
  /** Moments that are still to come, each once: before a turn is answered, and while the tools of one run. */
  const beforeTurn = new Set([2, 4]);
  const atCall = new Set([`/contents/${TEST}`, "/repos/acme/shop"]);
  github.fault = ({ path }) => {
    const moment = [...atCall].find((end) => decodeURIComponent(path).endsWith(end));
    if (moment === undefined) return null;
    atCall.delete(moment);
    void kill();
    return "unreached";
  };
  const asked: number[] = [];
  const script: Script = async (_request, turn) => {
    asked.push(turn);
    if (beforeTurn.delete(turn)) await kill();
    return answers[turn] ?? says();
  };
  await using model = await startScriptedModel({ script });
  const database = freshStore();
  let starts = 0;
  for (let code: number | null = null; code !== 0 && starts < 10; starts++) {
    const given = { modelUrl: model.url, modelKey: model.apiKey, githubUrl: github.url, database };
    child = spawn(process.execPath, [CHILD, JSON.stringify(given)], { stdio: "ignore", env: childEnvironment() });
    [code] = (await once(child, "close")) as [number | null];
  }
  expect(starts).toBe(5);
  // A turn that was under way when the process died is asked for again; one that was answered never is.
  expect(asked).toEqual([0, 1, 2, 2, 3, 4, 4]);
  expect(model.requests.map(({ problem }) => problem).filter((problem) => problem !== null)).toEqual([]);
  const again = model.requests.map(({ text }) => text);
  expect(again[3]).toBe(again[2]);
  expect(again[6]).toBe(again[5]);

  const store = openNodeSqlite(database);
  const log = incidentLog(store.sql).read("pd-Q1");
  store.close();
  expect(eventsOf(log, "model-turn")).toHaveLength(answers.length);
  const expected = ["finding-submitted", "finding-posted", "fix-work-started", "fix-drafted", "fix-work-closed"] as const;
  expect(expected.map((type) => [type, eventsOf(log, type).length])).toEqual(expected.map((type) => [type, 1]));
});
