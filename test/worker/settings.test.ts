import { expect, test } from "vitest";
import { parseConfig } from "../../src/config.ts";
import { settingTexts } from "../../src/worker/settings.ts";

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
