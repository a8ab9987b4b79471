import { expect, test } from "vitest";
import { ConfigError, configSchema, exampleEnv, misspeltSettings, parseConfig, parseGiven, secretSettings } from "../src/config.ts";
import { settingByOtherName } from "../src/integrations/other-names.ts";
import { redactionOf } from "../src/redaction.ts";

const enough = {
  PAGERDUTY_WEBHOOK_SECRET: "one-of-sixteen-and-more, two-of-sixteen-and-more",
  SLACK_BOT_TOKEN: "xoxb-bot-of-sixteen-and-more",
  SLACK_SIGNING_SECRET: "sign-of-sixteen-and-more",
};

function problemsOf(values: Record<string, string>): readonly string[] {
  try {
    parseConfig(values);
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
  return [];
}

test(".env.example lists every setting with its meaning (-u writes it)", async () => {
  await expect(exampleEnv()).toMatchFileSnapshot("../.env.example");
});

test("the least that the main job needs is enough, and defaults fill the rest", () => {
  const config = parseConfig(enough);
  expect(config.PAGERDUTY_WEBHOOK_SECRET).toEqual(["one-of-sixteen-and-more", "two-of-sixteen-and-more"]);
  expect(config).toMatchObject({ PORT: 3000, HOST: "127.0.0.1", DD_SITE: "datadoghq.com" });
});

test("all problems are listed at once, wrong values and missing ones together", () => {
  const problems = problemsOf({ PORT: "many", SLACK_API_URL: "ftp://slack", DD_API_KEY: "key-of-sixteen-and-more" });
  expect(problems.map((line) => line.split(" ")[0]).toSorted()).toEqual([
    "DD_APP_KEY",
    "PAGERDUTY_WEBHOOK_SECRET",
    "PORT",
    "SLACK_API_URL",
    "SLACK_BOT_TOKEN",
    "SLACK_SIGNING_SECRET",
  ]);
});

test("a value of a wrong form is told in the words of a person, once", () => {
  const problems = problemsOf({
    ...enough,
    ...{
      PORT: "many",
      SLACK_BOT_TOKEN: "xoxp-user-of-sixteen-and-more",
      DD_SITE: "https://app.datadoghq.eu",
      MIDWATCH_EFFORT: "huge",
      DATABASES: "a,b",
    },
  });
  expect(problems).toEqual([
    "PORT is wrong: must be a whole number from 0 to 65535 (port to listen on).",
    expect.stringMatching(/^DD_SITE is wrong: must be the site alone, without https:/),
    expect.stringMatching(/^DATABASES is wrong: each entry must have the form that follows \(PostgreSQL databases/),
    expect.stringMatching(/^SLACK_BOT_TOKEN is wrong: must begin with xoxb-/),
    "MIDWATCH_EFFORT is wrong: must be one of the words that follow (how hard the model thinks: low, medium, high, xhigh or max; a higher level costs more and takes longer).",
  ]);
  expect(problems.join("\n").match(/postgres:\/\//g)).toHaveLength(1);
  for (const PORT of ["-1", "70000", "1.5", "NaN"]) expect(problemsOf({ ...enough, PORT })[0]).toMatch(/^PORT is wrong: must be a whole/);
  for (const DD_SITE of ["datadoghq.eu", "us5.datadoghq.com", "ddog-gov.com"]) expect(problemsOf({ ...enough, DD_SITE })).toEqual([]);
});

test.each([
  ["SLACK_BOT_TOKN", "SLACK_BOT_TOKEN"],
  ["SLCK_BOT_TOKEN", "SLACK_BOT_TOKEN"],
  ["SLACKBOT_TOKEN", "SLACK_BOT_TOKEN"],
  ["slack_bot_token", "SLACK_BOT_TOKEN"],
])("a variable that looks like the missing setting is named beside it, without its value: %s", (typed, meant) => {
  const problems = problemsOf({ ...enough, SLACK_BOT_TOKEN: "", [typed]: "canary-of-sixteen-and-more" });
  expect(problems.map((line) => line.split(" ")[0])).toEqual([meant, typed]);
  expect(problems[1]).toContain(`did you mean ${meant}?`);
  expect(problems.join("\n")).not.toContain("canary");
});

test("a slip in an optional setting's name is told, and other programs' variables are not", () => {
  expect(misspeltSettings({ ...enough, DD_APP_KY: "x", MIDWATCH_MODLE: "y" })).toEqual([
    "DD_APP_KY is set, but midwatch has no such setting: did you mean DD_APP_KEY?",
    "MIDWATCH_MODLE is set, but midwatch has no such setting: did you mean MIDWATCH_MODEL?",
  ]);
  // A setting that is set was not misspelt elsewhere; what is empty is not set.
  expect(misspeltSettings({ ...enough, DD_APP_KY: "x", DD_APP_KEY: "y", OIDC_ISUER: "" })).toEqual([]);
  const others = [
    "HOME",
    "PATH",
    "HOSTNAME",
    "USER",
    "DD_ENV",
    "DD_SERVICE",
    "DD_AGENT_HOST",
    "DATABASE_URL",
    "GITHUB_ACTIONS",
    "GITHUB_SHA",
  ];
  const more = ["GITHUB_WORKSPACE", "SENTRY_ENVIRONMENT", "SESSION_MANAGER", "NODE_ENV", "ANTHROPIC_MODEL", "SLACK_CHANNEL", "HTTPS_PROXY"];
  expect(misspeltSettings(Object.fromEntries([...others, ...more].map((name) => [name, "set"])))).toEqual([]);
});

test("the name that another tool has for a setting is told with midwatch's own, without its value", () => {
  for (const [typed, meant] of Object.entries({
    DATADOG_API_KEY: "DD_API_KEY",
    DATADOG_APP_KEY: "DD_APP_KEY",
    GH_TOKEN: "GITHUB_TOKEN",
    PAGERDUTY_API_KEY: "PAGERDUTY_API_TOKEN",
    SENTRY_TOKEN: "SENTRY_AUTH_TOKEN",
  })) {
    const values = { ...enough, [typed]: "canary-of-sixteen-and-more" };
    expect(misspeltSettings(values)).toEqual([`${typed} is set, but midwatch has no such setting: did you mean ${meant}?`]);
    expect(misspeltSettings({ ...values, [meant]: "set" })).toEqual([]);
  }
  expect(problemsOf({ ...enough, SLACK_BOT_TOKEN: "", SLACK_TOKEN: "canary" })[1]).toContain("did you mean SLACK_BOT_TOKEN?");
  const settings = Object.keys(configSchema.shape);
  for (const [other, setting] of settingByOtherName) expect([settings.includes(other), settings.includes(setting)]).toEqual([false, true]);
});

test.each(["x-key=canary-50%", "x-key=%zz-canary", "canary-x-key", "=canary", "x key=canary", "x-key=canary%0Ab"])(
  "headers for the collector that cannot be sent stop the start by the setting's name, unprinted: %s",
  (OTEL_EXPORTER_OTLP_HEADERS) => {
    const [problem, ...more] = problemsOf({ ...enough, OTEL_EXPORTER_OTLP_HEADERS });
    expect(problem).toMatch(/^OTEL_EXPORTER_OTLP_HEADERS is wrong: must be name=value with commas between/);
    expect(problem).not.toContain("canary");
    expect(more).toEqual([]);
  },
);

test("headers for the collector may be percent-encoded, and values may hold an equals sign", () => {
  for (const OTEL_EXPORTER_OTLP_HEADERS of ["x-key=a%20key%25of%20sixteen", "a=1, authorization=Basic%20dTpw==,"])
    expect(problemsOf({ ...enough, OTEL_EXPORTER_OTLP_HEADERS })).toEqual([]);
});

test("what to do about a missing setting is what its host understands", () => {
  expect(problemsOf({})[0]).toMatch(/Set it in \.env\.$/);
  expect(problemsOf({}).join("\n")).not.toContain("wrangler");
  expect(() => parseConfig({}, "Set it with `wrangler secret put`.")).toThrow(/Set it with `wrangler secret put`\./);
});

test("an address with a password in it is refused, unprinted", () => {
  for (const name of ["PUBLIC_URL", "DD_API_URL", "ANTHROPIC_BASE_URL"])
    for (const wrong of ["https://ana:pw-canary@h.example", "https://pw-canary@h.example"]) {
      const [problem, ...more] = problemsOf({ ...enough, [name]: wrong });
      expect([problem, more]).toEqual([expect.stringMatching(`^${name} is wrong: must hold no user name or password`), []]);
      expect(problem).not.toContain("canary");
    }
});

test("prices of models are read as JSON, and what is none is told", () => {
  const MIDWATCH_PRICES = '{"my-model":{"input":1,"output":5,"cacheRead":0.1},"other":{"input":2,"output":3}}';
  expect(parseConfig({ ...enough, MIDWATCH_PRICES }).MIDWATCH_PRICES).toEqual({
    "my-model": { input: 1, output: 5, cacheRead: 0.1 },
    other: { input: 2, output: 3 },
  });
  expect(parseConfig(enough).MIDWATCH_PRICES).toEqual({});
  for (const wrong of ["free", "[]", '{"m":{"input":-1,"output":5}}', '{"m":{"input":1}}', '{"m":{"input":1,"output":2,"cached":3}}'])
    expect(problemsOf({ ...enough, MIDWATCH_PRICES: wrong })).toEqual([
      expect.stringMatching(/^MIDWATCH_PRICES is wrong: must be JSON like/),
    ]);
});

test("settings that only work together are asked for together", () => {
  expect(problemsOf({ ...enough, SENTRY_AUTH_TOKEN: "token-of-sixteen-and-more" })[0]).toMatch(/^SENTRY_ORG is missing/);
  expect(problemsOf({ ...enough, GITHUB_APP_ID: "1" })[0]).toMatch(/^GITHUB_APP_PRIVATE_KEY is missing/);
  expect(
    problemsOf({
      PAGERDUTY_WEBHOOK_SECRET: "s-of-sixteen-and-more",
      SLACK_BOT_TOKEN: "xoxb-b-of-sixteen-and-more",
      SLACK_APP_TOKEN: "xapp-of-sixteen-and-more",
    }),
  ).toEqual([]);
});

test("an empty value counts as not set", () => {
  expect(problemsOf({ ...enough, SLACK_SIGNING_SECRET: "" })[0]).toMatch(/^SLACK_SIGNING_SECRET is missing/);
});

test("a base URL keeps its path and loses its last slash", () => {
  expect(parseConfig({ ...enough, GITHUB_API_URL: "https://git.example.com/api/v3/" }).GITHUB_API_URL).toBe(
    "https://git.example.com/api/v3",
  );
});

test("a credential that could occur in a text by chance starts nothing, and is not repeated", () => {
  for (const [name, value] of [
    ["DD_API_KEY", "prod-key"],
    ["PAGERDUTY_WEBHOOK_SECRET", "one-of-sixteen-and-more,canary-short"],
    ["DATABASES", "orders=postgres://reader:canary-short@db.example/orders"],
    ["MCP_TOKENS", "notes=canary-short"],
  ] as const) {
    const problems = problemsOf({ ...enough, DD_APP_KEY: "an-app-key-of-datadog", [name]: value });
    expect(problems.filter((line) => line.startsWith(name))).toEqual([
      expect.stringContaining("a credential must have at least 16 characters"),
    ]);
    expect(problems.join()).not.toMatch(/canary|prod-key/);
  }
});

test("databases are told by the catalog's names, and a wrong one is not repeated", () => {
  const url = "postgres://reader:p%2Cw-of-sixteen-and-more@db.example:5432/orders?sslmode=verify-full";
  expect(parseConfig({ ...enough, DATABASES: `orders-db=${url}, other = postgresql://h/o` }).DATABASES).toEqual([
    { name: "orders-db", url },
    { name: "other", url: "postgresql://h/o" },
  ]);
  for (const wrong of ["postgres://reader:canary-7@db.example/orders", "orders=mysql://u:canary-7@h/d", "orders=postgres://u:canary-7@h"]) {
    const [problem, ...more] = problemsOf({ ...enough, DATABASES: wrong });
    expect(more).toEqual([]);
    expect(problem).toMatch(/^DATABASES is wrong: each entry must have the form/);
    expect(problem).not.toContain("canary");
  }
});

test("tokens of MCP servers are told by name, and a wrong one is not repeated", () => {
  expect(parseConfig({ ...enough, MCP_TOKENS: "notes=abc=defgh-0123456789, k8s-prod=1234567812345678" }).MCP_TOKENS).toEqual([
    { name: "notes", token: "abc=defgh-0123456789" },
    { name: "k8s-prod", token: "1234567812345678" },
  ]);
  for (const wrong of ["canary-7f00", "Notes=canary-7f00", "notes=canary 7f00", "notes=canary"]) {
    const [problem, ...more] = problemsOf({ ...enough, MCP_TOKENS: wrong });
    expect(more).toEqual([]);
    expect(problem).toMatch(/^MCP_TOKENS is wrong: each entry must be name=token/);
    expect(problem).not.toContain("canary");
  }
});

test("every setting that is called a credential's name is one of those that are never shown", () => {
  const called = Object.keys(configSchema.shape).filter((name) => /(?:TOKENS?|KEY|SECRET|DSN|DATABASES|PASSWORD|HEADERS)$/.test(name));
  expect(called.toSorted()).toEqual([...secretSettings].toSorted());
});

test("no message ever holds a value", () => {
  const canary = "canary-5f1c";
  const values = Object.fromEntries(secretSettings.map((name) => [name, canary]));
  const text = problemsOf({ ...values, PORT: canary, SLACK_API_URL: canary, SENTRY_ORG: "" }).join("\n");
  expect(text).not.toContain(canary);
});

test("no credential of ours survives in a text that is logged or reported", () => {
  const values = Object.fromEntries(secretSettings.map((name, index) => [name, `canary-value-${index}-${"x".repeat(32)}`]));
  const settings = {
    ...values,
    SENTRY_DSN: "https://canary-key@sentry.example/42",
    SLACK_BOT_TOKEN: "xoxb-canary-value-bot",
    REDACTION_KEY: "canary-value-key-0123456789abcdef01",
    DATABASES: "orders=postgres://me:canary-value-db@db.example/orders",
    SQL_DATABASES: "orders=postgres://me:canary-value-sql@db.example/orders",
    OTEL_EXPORTER_OTLP_HEADERS: "x-key=canary-value%20of-the-collector, authorization=Basic canary-value-basic",
    MCP_TOKENS: "notes=canary-value-notes, more=canary-value=more",
  };
  const config = parseGiven(settings);
  const text = `failed: ${JSON.stringify(settings)}; sent x-key: canary-value of-the-collector, then canary-value-basic`;
  const clean = redactionOf(config).plain(text);
  expect(clean).not.toContain("canary-value");
  expect(clean).not.toContain("canary-key@");
});

const signIn = {
  ...enough,
  OIDC_ISSUER: "https://login.example",
  OIDC_CLIENT_ID: "id",
  OIDC_CLIENT_SECRET: "client-secret-of-sixteen-and-more",
  SESSION_SECRET: "x".repeat(32),
  PUBLIC_URL: "https://midwatch.example",
  ROLE_VIEWER: "@example.com",
};

test("pages without a sign-in are for this machine alone, unless the operator says that a proxy has one", () => {
  for (const HOST of ["0.0.0.0", "::", "10.1.2.3", "midwatch.internal", "127.0.0.1.evil.example"]) {
    expect(problemsOf({ ...enough, HOST })).toEqual([expect.stringMatching(/^HOST is .*other machines could read the pages/)]);
    expect(problemsOf({ ...enough, HOST, PROXY_LOGIN: "true" })).toEqual([]);
    expect(problemsOf({ ...signIn, HOST })).toEqual([]);
  }
  for (const HOST of ["127.0.0.1", "localhost", "::1"]) expect(problemsOf({ ...enough, HOST })).toEqual([]);
  expect(problemsOf({ ...enough, PROXY_LOGIN: "maybe" })).toEqual([expect.stringMatching(/^PROXY_LOGIN is wrong: must be true or false/)]);
  expect(problemsOf({ ...enough, SLACK_LINK_MINUTES: "5" })).toEqual([expect.stringMatching(/^OIDC_ISSUER is missing/)]);
});

test("a sign-in is set up whole and safe, or nothing starts", () => {
  expect(problemsOf(signIn)).toEqual([]);
  for (const name of ["OIDC_CLIENT_ID", "OIDC_CLIENT_SECRET", "SESSION_SECRET", "PUBLIC_URL", "ROLE_VIEWER"])
    expect(problemsOf({ ...signIn, [name]: "" })).toEqual([expect.stringMatching(new RegExp(`^${name} is missing`))]);
  const wrong: [string, string, RegExp][] = [
    ["OIDC_ISSUER", "http://login.example", /must be an https URL/],
    ["PUBLIC_URL", "http://midwatch.example", /must be an https URL/],
    ["PUBLIC_URL", "https://example.com/midwatch", /must have no path/],
    ["SESSION_SECRET", "short", /at least 32 characters/],
    ["SESSION_SECRET", `${"x".repeat(32)},short`, /at least 32 characters/],
    ["OIDC_SCOPES", "email", /must begin with openid/],
    ["OIDC_REQUIRE", "@example.com", /must be claim=value/],
    ["ROLE_VIEWER", "ana", /entry 1 is none of/],
    ["ROLE_VIEWER", "@example.com, @", /entry 2 is none of/],
    ["ROLE_RESPONDER", "*", /is for ROLE_VIEWER only/],
    ["ROLE_ADMIN", "ana@example.com, *", /is for ROLE_VIEWER only/],
    ["SLACK_LINK_MINUTES", "1440", /at most 60/],
  ];
  for (const [name, value, words] of wrong)
    expect([name, value, problemsOf({ ...signIn, [name]: value })]).toEqual([name, value, [expect.stringMatching(words)]]);
  expect(problemsOf({ ...signIn, OIDC_ISSUER: "http://127.0.0.1:8080", PUBLIC_URL: "http://localhost:3000" })).toEqual([]);
});

test("with Slack as the provider the workspace must be named: anybody may make a workspace and set addresses in it", () => {
  const slack = { ...signIn, OIDC_ISSUER: "https://slack.com" };
  for (const OIDC_REQUIRE of ["", "hd=example.com"])
    expect(problemsOf({ ...slack, OIDC_REQUIRE })).toEqual([
      expect.stringMatching(/^OIDC_REQUIRE is missing .*https:\/\/slack\.com\/team_id=T0123/),
    ]);
  expect(problemsOf({ ...slack, OIDC_REQUIRE: "https://slack.com/team_id=T0HOME" })).toEqual([]);
});
