import { join } from "node:path";
import { expect, test } from "vitest";
import { type ScriptedAnswer, startScriptedModel } from "../../../src/replay/anthropic/server.ts";
import { temporaryFolder } from "../../support/files.ts";
import { startWorkerd } from "../../support/workerd.ts";

test("a Worker gets turns, and sees a cut, a stall and a refusal to answer for what they are", async () => {
  const long = "word ".repeat(400);
  const answers: ScriptedAnswer[] = [
    {
      blocks: [
        { thinking: "hm" },
        { text: "I look." },
        { tool: "datadog_logs", input: { service: "checkout", from: "2026-06-01T03:12:00Z" } },
      ],
    },
    { blocks: [{ text: long }], fault: { kind: "cut", afterBytes: 2000 } },
    { blocks: [{ text: long }], fault: { kind: "stall", afterBytes: 2000 } },
    { blocks: [], delayMs: Number.POSITIVE_INFINITY },
    { status: 429, body: { type: "error", error: { type: "rate_limit_error", message: "x" } }, headers: { "retry-after": "86400" } },
  ];
  await using server = await startScriptedModel({ script: ({ index }) => answers[index] ?? { blocks: [] } });
  using folder = temporaryFolder();
  await using workerd = await startWorkerd(join(import.meta.dirname, "workerd", "wrangler.toml"), folder.path, {
    BASE_URL: server.url,
    API_KEY: server.apiKey,
  });
  const ask = async (limits = ""): Promise<unknown> => (await fetch(`${workerd.url}/?${limits}`)).json();
  expect(await ask()).toMatchObject({
    thinking: "hm",
    text: "I look.",
    stopReason: "tool_use",
    toolUses: [{ name: "datadog_logs", whole: true }],
  });
  expect(await ask()).toMatchObject({ kind: "cut-stream" });
  expect(await ask("stallMs=100")).toMatchObject({ kind: "timeout", timeout: "stall" });
  expect(await ask("firstByteMs=100&retries=0")).toMatchObject({ kind: "timeout", timeout: "first-byte" });
  expect(await ask()).toMatchObject({ kind: "rate-limited", retryAfterMs: 86_400_000 });
}, 60_000);
