import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { configSchema, parseConfig } from "../../src/config.ts";
import { settingSlips, settingTexts, WITHOUT_EFFECT } from "../../src/worker/settings.ts";

test("what TOML writes without quotes is a setting as well, and a binding of another kind stays what it is", () => {
  const directory: unknown = Object.create({ getByName: () => null });
  const prices = { "model-x": { input: 1, output: 2 } };
  expect(
    settingTexts({ PROXY_LOGIN: true, MIDWATCH_TURNS: 12, MIDWATCH_PRICES: prices, SLACK_BOT_TOKEN: "xoxb-1", DIRECTORY: directory }),
  ).toEqual({
    PROXY_LOGIN: "true",
    MIDWATCH_TURNS: "12",
    MIDWATCH_PRICES: JSON.stringify(prices),
    SLACK_BOT_TOKEN: "xoxb-1",
    DIRECTORY: directory,
  });
});

test("[vars] of a Worker that open its pages behind a proxy are understood", () => {
  const vars = { PROXY_LOGIN: true, MIDWATCH_TURNS: 12, PUBLIC_URL: "https://midwatch.example" };
  const secrets = {
    PAGERDUTY_WEBHOOK_SECRET: "canary-webhook-secret-1",
    SLACK_BOT_TOKEN: "xoxb-canary-of-a-token-1",
    SLACK_SIGNING_SECRET: "canary-signing-secret-1",
    DD_API_KEY: "canary-datadog-api-key-1",
    DD_APP_KEY: "canary-datadog-app-key-1",
  };
  expect(parseConfig(settingTexts({ ...vars, ...secrets }), "Set it.")).toMatchObject({ PROXY_LOGIN: true, MIDWATCH_TURNS: 12 });
});

test("settings that do nothing on Workers are those that the table of differences names, and their use is reported", () => {
  const operating = readFileSync(join(import.meta.dirname, "../../docs/operating.md"), "utf8");
  const row = operating.split("\n").find((line) => line.startsWith("| settings without effect |")) ?? "";
  for (const name of WITHOUT_EFFECT) {
    expect(Object.keys(configSchema.shape)).toContain(name);
    expect(row).toContain(`\`${name.startsWith("OTEL_") ? "OTEL_EXPORTER_OTLP_…" : name}\``);
  }
  const named = [...row.matchAll(/`([A-Z_]+)`/g)].map(([, name]) => name);
  expect(named.filter((name) => !(WITHOUT_EFFECT as readonly unknown[]).includes(name))).toEqual([]);
  const directory: unknown = Object.create({ getByName: () => null });
  const env = { DIRECTORY: directory, CATALOG: "services: []", MCP_SERVERS: "{}", LOG_FORMAT: "", PORT: 3000, MIDWATCH_DOLARS: "3" };
  expect(settingSlips({ ...env, SLACK_APP_TOKEN: "xapp-canary" })).toEqual([
    "PORT is set, but has no effect on Workers.",
    "SLACK_APP_TOKEN is set, but has no effect on Workers.",
    "MIDWATCH_DOLARS is set, but midwatch has no such setting: did you mean MIDWATCH_DOLLARS?",
  ]);
});

test("a token of Socket Mode does not stand in for Slack's signing secret, for a Worker holds no connection", () => {
  const env = {
    SLACK_APP_TOKEN: "xapp-canary-of-a-token-1",
    SLACK_BOT_TOKEN: "xoxb-canary-of-a-token-1",
    PAGERDUTY_WEBHOOK_SECRET: "canary-webhook-secret-1",
  };
  expect(() => parseConfig(settingTexts(env), "Set it.")).toThrow(/SLACK_SIGNING_SECRET is missing/);
});
