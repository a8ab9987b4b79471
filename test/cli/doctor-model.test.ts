import { expect, test } from "vitest";
import { startScriptedModel } from "../../src/replay/anthropic/server.ts";
import { doctor } from "../support/command.ts";

/** What `doctor` says of models, with no other vendor to ask but one that knows nothing. */
async function modelChecks(settings: Record<string, string>) {
  const { checks } = await doctor(settings);
  return checks.filter(({ name }) => name.startsWith("Model"));
}

test("doctor asks each model for a count and says what failed", async () => {
  await using server = await startScriptedModel({ script: () => ({ blocks: [] }) });
  const settings = { ANTHROPIC_BASE_URL: server.url, ANTHROPIC_API_KEY: server.apiKey, MIDWATCH_EFFORT: "high" };
  expect(await modelChecks(settings)).toEqual([
    { name: "Model claude-opus-5-5", state: "ok", detail: "this key can use it, effort high" },
    { name: "Model claude-haiku-5-5", state: "ok", detail: "this key can use it, effort high" },
  ]);
  expect(server.requests.map(({ path }) => path)).toEqual(["/v1/messages/count_tokens", "/v1/messages/count_tokens"]);

  const [refused] = await modelChecks({ ...settings, ANTHROPIC_API_KEY: "canary-wrong-key" });
  expect(refused).toMatchObject({ state: "problem" });
  expect(refused?.detail).toContain("Check ANTHROPIC_API_KEY.");
  expect(refused?.detail).not.toContain("canary");

  expect(await modelChecks({})).toEqual([{ name: "Model", state: "warning", detail: expect.stringContaining("ANTHROPIC_API_KEY") }]);
});

test("doctor names the setting and the host of an address that does not exist", async () => {
  const [unknown] = await modelChecks({ ANTHROPIC_BASE_URL: "https://models.invalid", ANTHROPIC_API_KEY: "canary-key-long-enough" });
  expect(unknown?.state).toBe("problem");
  expect(unknown?.detail).toContain("no address for the host models.invalid");
  expect(unknown?.detail).toContain("Check ANTHROPIC_BASE_URL");
});

test("doctor shows a wrong rule of which pages get a model with its line", async () => {
  const catalog = "version: 1\nservices: [{ name: web }]\nmodel:\n  rules:\n    - { service: wbe, investigate: false }\n";
  const { code, printed } = await doctor({}, catalog);
  expect(code).toBe(1);
  expect(printed).toContain('catalog.yaml:5: \\"wbe\\" is not a service of this catalog: did you mean web?');
});
