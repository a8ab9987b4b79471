import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { ConfigError, createRedactor, exampleEnv, parseConfig, secretSettings } from "../src/config.ts";

const enough = { PAGERDUTY_WEBHOOK_SECRET: "one, two", SLACK_BOT_TOKEN: "bot", SLACK_SIGNING_SECRET: "sign" };

function problemsOf(values: Record<string, string>): readonly string[] {
  try {
    parseConfig(values);
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
  return [];
}

test(".env.example lists every setting with its meaning", () => {
  expect(readFileSync(new URL("../.env.example", import.meta.url), "utf8")).toBe(exampleEnv());
});

test("the least that the main job needs is enough, and defaults fill the rest", () => {
  const config = parseConfig(enough);
  expect(config.PAGERDUTY_WEBHOOK_SECRET).toEqual(["one", "two"]);
  expect(config).toMatchObject({ PORT: 3000, HOST: "127.0.0.1", DD_SITE: "datadoghq.com" });
});

test("all problems are listed at once, wrong values and missing ones together", () => {
  const problems = problemsOf({ PORT: "many", SLACK_API_URL: "ftp://slack", DD_API_KEY: "key" });
  expect(problems.map((line) => line.split(" ")[0]).toSorted()).toEqual([
    "DD_APP_KEY",
    "PAGERDUTY_WEBHOOK_SECRET",
    "PORT",
    "SLACK_API_URL",
    "SLACK_BOT_TOKEN",
  ]);
});

test("settings that only work together are asked for together", () => {
  expect(problemsOf({ ...enough, SENTRY_AUTH_TOKEN: "token" })[0]).toMatch(/^SENTRY_ORG is missing/);
  expect(problemsOf({ ...enough, GITHUB_APP_ID: "1" })[0]).toMatch(/^GITHUB_APP_PRIVATE_KEY is missing/);
  expect(problemsOf({ PAGERDUTY_WEBHOOK_SECRET: "s", SLACK_BOT_TOKEN: "b", SLACK_APP_TOKEN: "xapp" })).toEqual([]);
});

test("an empty value counts as not set", () => {
  expect(problemsOf({ ...enough, SLACK_SIGNING_SECRET: "" })[0]).toMatch(/^SLACK_SIGNING_SECRET is missing/);
});

test("a base URL keeps its path and loses its last slash", () => {
  expect(parseConfig({ ...enough, GITHUB_API_URL: "https://git.example.com/api/v3/" }).GITHUB_API_URL).toBe(
    "https://git.example.com/api/v3",
  );
});

test("databases are told by the catalog's names, and a wrong one is not repeated", () => {
  const url = "postgres://reader:p%2Cw@db.example:5432/orders?sslmode=verify-full";
  expect(parseConfig({ ...enough, DATABASES: `orders-db=${url}, other = postgresql://h/o` }).DATABASES).toEqual([
    { name: "orders-db", url },
    { name: "other", url: "postgresql://h/o" },
  ]);
  for (const wrong of ["postgres://reader:canary-7@db.example/orders", "orders=mysql://u:canary-7@h/d", "orders=postgres://u:canary-7@h"]) {
    const [problem, ...more] = problemsOf({ ...enough, DATABASES: wrong });
    expect(more).toEqual([]);
    expect(problem).toMatch(/^DATABASES is wrong: must be name=postgres:/);
    expect(problem).not.toContain("canary");
  }
});

test("no message ever holds a value", () => {
  const canary = "canary-5f1c";
  const values = Object.fromEntries(secretSettings.map((name) => [name, canary]));
  const text = problemsOf({ ...values, PORT: canary, SLACK_API_URL: canary, SENTRY_ORG: "" }).join("\n");
  expect(text).not.toContain(canary);
});

test("no credential of ours survives in a text that is logged or reported", () => {
  const values = Object.fromEntries(secretSettings.map((name, index) => [name, `canary-value-${index}`]));
  const settings = {
    ...values,
    SENTRY_DSN: "https://canary-key@sentry.example/42",
    DATABASES: "orders=postgres://me:canary-value-db@db.example/orders",
  };
  const config = parseConfig({ ...settings, SENTRY_ORG: "acme", GITHUB_APP_ID: "1" });
  const text = `failed: ${JSON.stringify(settings)}`;
  expect(createRedactor(config)(text)).not.toContain("canary-value");
  expect(createRedactor(config)(text)).not.toContain("canary-key@");
});
