import { expect, test } from "vitest";
import { doctor } from "../support/command.ts";
import { json, listen } from "../support/loopback.ts";
import { botScopes } from "../../src/replay/slack/workspace.ts";
import { startReplay } from "../../src/replay/server.ts";
import { ORDERS_TIMEOUT } from "../support/bot.ts";

const APP_KEY = "canary-app-key-0123456789abcdefa1b2";

/** What each vendor tells of our credential. Reads that are not about rights are answered with nothing. */
interface Told {
  readonly slack: readonly string[];
  /** Status and answer of `GET /api/v2/current_user/application_keys`. */
  readonly datadog: readonly [number, unknown];
  readonly sentry: readonly [number, unknown];
  readonly pagerduty: readonly [number, unknown];
  /** In whose name notes are written. Default: none are. */
  readonly notesFrom?: string;
  /** Further lines of the catalog. */
  readonly catalog?: string;
}

async function told(answers: Told) {
  const writes: string[] = [];
  await using server = await listen(({ method, url }, response) => {
    const path = url.replace(/\?.*$/, "");
    // Slack's Web API takes reads as POST too; Datadog's searches are POST.
    if (method !== "GET" && !/^\/(slack\/(auth\.test|conversations\.info|users\.info)|dd\/api\/v2\/)/.test(path))
      writes.push(`${method} ${path}`);
    const scopes = { "x-oauth-scopes": answers.slack.join(",") };
    if (path === "/slack/auth.test") return json(response, 200, { ok: true, user_id: "U1", team_id: "T1", user: "midwatch" }, scopes);
    if (path === "/slack/conversations.info")
      return json(response, 200, { ok: true, channel: { id: "C0INC", name: "inc", is_member: true } }, scopes);
    if (path === "/slack/users.info") return json(response, 200, { ok: true, user: { id: "U1", name: "midwatch", team_id: "T1" } }, scopes);
    if (path === "/dd/api/v2/current_user/application_keys") return json(response, ...answers.datadog);
    if (path === "/dd/api/v1/validate") return json(response, 200, { valid: true });
    if (path === "/dd/api/v1/monitor") return json(response, 200, []);
    if (path.startsWith("/dd/")) return json(response, 200, { data: [], metrics: [] });
    if (path === "/sentry/api/0/") return json(response, ...answers.sentry);
    if (path.startsWith("/sentry/")) return json(response, 200, []);
    if (path === "/pd/users") return json(response, 200, { users: [{ id: "P2", name: "bot", email: "Bot@acme.example" }], more: false });
    if (path === "/pd/users/me") return json(response, ...answers.pagerduty);
    return json(response, 200, { abilities: ["teams"] });
  });
  const settings = {
    SLACK_API_URL: `${server.url}/slack`,
    DD_API_KEY: "canary-api-key-of-sixteen-and-more",
    DD_APP_KEY: APP_KEY,
    DD_API_URL: `${server.url}/dd`,
    SENTRY_AUTH_TOKEN: "canary-sentry-token",
    SENTRY_ORG: "acme",
    SENTRY_API_URL: `${server.url}/sentry`,
    PAGERDUTY_API_TOKEN: "canary-pagerduty-token",
    PAGERDUTY_API_URL: `${server.url}/pd`,
    ...(answers.notesFrom === undefined ? {} : { PAGERDUTY_NOTES_FROM: answers.notesFrom }),
  };
  const { code, checks, printed } = await doctor(settings, `version: 1\ndefaults: { slack_channel: C0INC }\n${answers.catalog ?? ""}`);
  expect(printed).not.toContain("canary");
  // Nothing is written to find out.
  expect(writes).toEqual([]);
  const of = (name: string) => checks.filter((check) => check.name === name).map(({ state, detail }) => `${state}: ${detail}`);
  return { code, of };
}

const key = (last4: string, scopes: readonly string[] | null) => ({
  id: "1",
  type: "application_keys",
  attributes: { last4, name: "k", scopes },
});
test("a credential that could change what midwatch never changes is a problem, one that could read more a warning", async () => {
  const { code, of } = await told({
    slack: [...botScopes, "files:read", "channels:manage", "chat:write.customize", "team:read"],
    datadog: [
      200,
      { data: [key("zzzz", ["monitors_write"]), key("a1b2", ["logs_read_data", "monitors_write", "user_app_keys", "dashboards_read"])] },
    ],
    sentry: [
      200,
      {
        version: "0",
        auth: { scopes: ["org:read", "event:read", "project:read", "project:releases", "event:admin", "team:read"] },
        user: null,
      },
    ],
    pagerduty: [200, { user: { id: "P1", name: "Ana", email: "ana@acme.test", role: "limited_user" } }],
  });
  expect(code).toBe(1);
  expect(of("Slack")).toEqual([
    "ok: token of midwatch in T1",
    expect.stringMatching(/^problem: .*can change things: channels:manage, chat:write\.customize\. /),
    expect.stringMatching(/^warning: .*: files:read, team:read\. /),
  ]);
  expect(of("Datadog").slice(1)).toEqual([
    expect.stringMatching(/^problem: .*: monitors_write, user_app_keys\. /),
    expect.stringMatching(/^warning: .*: dashboards_read\. /),
  ]);
  expect(of("Sentry").slice(-2)).toEqual([
    expect.stringMatching(/^problem: .*: project:releases, event:admin\. /),
    expect.stringMatching(/^warning: .*: team:read\. /),
  ]);
  expect(of("PagerDuty")).toEqual([expect.stringMatching(/^problem: key of Ana \(limited_user\): .*Read-only API Key/)]);
});

test("where midwatch is to make channels, doctor names the scopes that it lacks", async () => {
  const { of } = await told({
    slack: [...botScopes, "channels:manage", "bookmarks:read"],
    datadog: [200, { data: [key("a1b2", null)] }],
    sentry: [404, { detail: "The requested resource does not exist" }],
    pagerduty: [400, { error: { message: "account-level token", code: 1 } }],
    catalog: "incident_channels: { create: true }\n",
  });
  expect(of("Slack channels")).toEqual([
    expect.stringMatching(/^problem: .*lacks bookmarks:write \(.*\), users:read\.email \(.*\)\. Add them .*create: false$/),
  ]);
  // Scopes that it needs are none too many.
  expect(of("Slack")).toEqual(["ok: token of midwatch in T1"]);
});

test("an application key without scopes is a problem; what a vendor does not tell is said, with where to look", async () => {
  const { of } = await told({
    slack: [...botScopes, "usergroups:read"],
    datadog: [200, { data: [key("a1b2", null)] }],
    sentry: [404, { detail: "The requested resource does not exist" }],
    pagerduty: [400, { error: { message: "account-level token", code: 1 } }],
  });
  expect(of("Slack")).toEqual(["ok: token of midwatch in T1"]);
  expect(of("Datadog").at(-1)).toMatch(/^problem: DD_APP_KEY has no scopes, so it can change whatever its owner can\./);
  expect(of("Sentry").at(-1)).toMatch(/^ok: Sentry did not report what SENTRY_AUTH_TOKEN can do: compare .*docs\/setup\.md#sentry/);
  expect(of("PagerDuty")).toEqual([
    expect.stringMatching(/^ok: account key; PagerDuty does not report whether it is read-only: check it /),
  ]);
});

test("credentials as docs/setup.md says are no problem, and a Datadog key that may not list keys is told so", async () => {
  await using replay = await startReplay({ folder: ORDERS_TIMEOUT });
  const { code, checks } = await doctor(replay.settings);
  expect([checks.filter(({ state }) => state === "problem"), code]).toEqual([[], 0]);
  expect(checks.filter(({ name }) => name === "Datadog").at(-1)).toMatchObject({
    state: "ok",
    detail: expect.stringContaining("user_app_keys"),
  });
  for (const name of ["Slack", "Sentry", "PagerDuty"])
    expect(checks.filter((check) => check.name === name && check.state !== "ok")).toEqual([]);
});

test("an application key that opens nothing is one problem and not one for each read", async () => {
  await using replay = await startReplay({ folder: ORDERS_TIMEOUT });
  const { checks } = await doctor({ ...replay.settings, DD_APP_KEY: "canary-of-another-organisation" });
  const lines = checks.filter(({ name }) => name.startsWith("Datadog")).map(({ state, detail }) => `${state}: ${detail}`);
  expect(lines).toEqual([
    "ok: the API key works",
    expect.stringMatching(/^problem: DD_APP_KEY opens nothing: all \d+ reads are refused\./),
  ]);
});

test("with notes allowed, a key whose person may write none is a problem, and so is an address that nobody has; without, it may only read", async () => {
  const ofUser = (role: string, notesFrom?: string) =>
    told({
      ...{ slack: [...botScopes, "usergroups:read"], datadog: [403, {}], sentry: [403, {}] },
      pagerduty: [200, { user: { id: "P1", name: "Ana", email: "ana@acme.example", role } }],
      ...(notesFrom === undefined ? {} : { notesFrom }),
    });
  const writer = await ofUser("limited_user", "bot@acme.example");
  expect(writer.of("PagerDuty")).toEqual([expect.stringMatching(/^warning: key of Ana /)]);
  expect(writer.of("PagerDuty notes")).toEqual(["ok: in the name of bot@acme.example"]);
  const reader = await ofUser("read_only_user", "nobody@acme.example");
  expect(reader.of("PagerDuty")).toEqual([expect.stringMatching(/^problem: .*may not write notes/)]);
  expect(reader.of("PagerDuty notes")).toEqual([expect.stringMatching(/^problem: PagerDuty has no user nobody@acme\.example/)]);
  const off = await ofUser("read_only_user");
  expect([off.of("PagerDuty"), off.of("PagerDuty notes")]).toEqual([["ok: key of Ana (read_only_user)"], []]);
});
