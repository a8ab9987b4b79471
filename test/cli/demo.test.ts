import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { z } from "zod";
import { startScriptedModel } from "../../src/replay/anthropic/server.ts";
import { run, runHere } from "../support/command.ts";
import { incidentJson, recordingFolder } from "../support/recording-folder.ts";
import { scriptedInvestigator } from "../../src/replay/anthropic/scripted-investigator.ts";

/** The demo to its end, in the tests' own process. */
const play = (words: readonly string[], settings: Readonly<Record<string, string>>) => runHere(["demo", "--once", ...words], settings);

test("with --model the demo tells what the model asks, what it costs and how it ended", async () => {
  await using model = await startScriptedModel({ script: scriptedInvestigator });
  await using quiet = await recordingFolder({ "incident.json": incidentJson() });
  const settings = { ANTHROPIC_BASE_URL: model.url, ANTHROPIC_API_KEY: model.apiKey, MIDWATCH_MODEL: "claude-haiku-5-5" };
  const { code, stdout } = await play(["--model", "--incident", quiet.path], settings);
  expect(code).toBe(0);
  expect(stdout).toContain("claude-haiku-5-5 is asked for real, for at most $2.00 and 5 min");
  expect(stdout).toMatch(/ s {2}model {5}claude-haiku-5-5 investigates\n/);
  expect(stdout).toMatch(/ s {2}model {5}[^\n]*datadog_logs[^\n]* \([^\n]* s, \$0\.\d\d\)\n/);
  expect(stdout).toMatch(/ s {2}model {5}its finding is checked\n/);
  expect(stdout).toMatch(/\nThe model: [^\n]* tool calls · \$\d+\.\d\d · /);
});

test("without --model a key that is set stays unused, and the demo says so", async () => {
  await using model = await startScriptedModel({ script: scriptedInvestigator });
  await using quiet = await recordingFolder({ "incident.json": incidentJson() });
  const settings = { ANTHROPIC_BASE_URL: model.url, ANTHROPIC_API_KEY: model.apiKey };
  const { code, stdout } = await play(["--incident", quiet.path], settings);
  expect(code).toBe(0);
  expect(stdout).toContain("ANTHROPIC_API_KEY is left alone; with --model the model investigates too.");
  expect(model.requests).toEqual([]);
});

test("--model without a key ends at once and says what is missing", async () => {
  expect(await play(["--model"], {})).toEqual({
    code: 1,
    stdout: "",
    stderr: "--model needs ANTHROPIC_API_KEY, in the environment or in .env.\n",
  });
});

test("--scripted --ci shows a patch proven by the repository's own tests, without a key", async () => {
  const folder = fileURLToPath(new URL("../scenarios/orders-wrong-total", import.meta.url));
  const { code, stdout } = await run(["demo", "--once", "--json", "--ci", "--scripted", "--incident", folder]);
  expect(code).toBe(0);
  const { pullRequest, slackMessages } = z
    .object({
      pullRequest: z.object({ url: z.string(), draft: z.boolean(), proof: z.string() }),
      slackMessages: z.array(z.object({ text: z.string() })),
    })
    .parse(JSON.parse(stdout));
  const proof = "Its test fails on main and passes with the fix (CI: 1 check passed).";
  expect(pullRequest).toEqual({ url: expect.stringMatching(/\/acme\/shop\/pull\/\d+$/), draft: true, proof });
  const said = slackMessages.map(({ text }) => text).join("\n");
  expect(said).toContain(proof);
  expect(said).toMatch(/\*Do now:\* Roll back orders to the version before that change\./);
});

test("--model and --scripted are not taken together", async () => {
  const { code, stderr } = await play(["--model", "--scripted"], { ANTHROPIC_API_KEY: "sk-ant-none-of-sixteen-and-more" });
  expect([code, stderr]).toEqual([1, "--model and --scripted exclude each other: one takes the other's place.\n"]);
});
