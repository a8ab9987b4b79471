import { expect, test } from "vitest";
import { parseCatalog } from "../../src/catalog.ts";
import { checkResponders, checkSignIn } from "../../src/cli/doctor-access.ts";
import { parseConfig } from "../../src/config.ts";
import { createSlackClient } from "../../src/integrations/slack/client.ts";
import { oidcOf } from "../../src/access/page-access.ts";
import { startProvider } from "../support/sign-in-provider.ts";
import { startSlackPeople } from "../support/slack-people.ts";

const enough = {
  PAGERDUTY_WEBHOOK_SECRET: "s-of-sixteen-and-more",
  SLACK_BOT_TOKEN: "xoxb-x-of-sixteen-and-more",
  SLACK_SIGNING_SECRET: "s-of-sixteen-and-more",
};

test("doctor asks the provider about itself, and says where people come back to", async () => {
  await using provider = await startProvider({ id: "midwatch", secret: "s", redirectUri: () => "" });
  const settings = {
    ...enough,
    ...{
      OIDC_CLIENT_ID: "midwatch",
      OIDC_CLIENT_SECRET: "canary-secret-of-sixteen-and-more",
      SESSION_SECRET: "x".repeat(32),
      ROLE_VIEWER: "*",
    },
    PUBLIC_URL: "https://midwatch.example",
  };
  const check = (issuer: string) => {
    const config = parseConfig({ ...settings, OIDC_ISSUER: issuer });
    return checkSignIn(config, oidcOf(config, { fetch: (input, init) => fetch(input, init) }));
  };
  expect(await check(provider.issuer)).toEqual({
    name: "Sign-in",
    state: "ok",
    detail: `at ${new URL(provider.issuer).host}; register https://midwatch.example/sign-in/callback there as redirect URL`,
  });
  expect(provider.calls).toEqual(["GET /.well-known/openid-configuration"]);
  provider.misbehave({ issuer: "https://other.example" });
  const other = await check(provider.issuer);
  expect(other).toMatchObject({ state: "problem", detail: expect.stringContaining("does not hold") });
  expect(JSON.stringify(other)).not.toContain("canary");
  const none = parseConfig(enough);
  expect(await checkSignIn(none, oidcOf(none, { fetch }))).toMatchObject({
    state: "warning",
    detail: expect.stringContaining("OIDC_ISSUER"),
  });
});

test("doctor names responders of the catalog who cannot approve anything", async () => {
  await using slack = await startSlackPeople();
  const client = createSlackClient({ baseUrl: slack.url, token: "xoxb-x", fetch: (input, init) => fetch(input, init) });
  const check = async (catalog: string) =>
    (await checkResponders(client, parseCatalog(catalog), AbortSignal.timeout(120_000))).map(({ state, detail }) => [state, detail]);
  expect(await check("version: 1")).toEqual([["ok", expect.stringContaining("every full member of the workspace")]]);
  expect(await check("{ version: 1, defaults: { responders: [U0ANA, S0SRE] } }")).toEqual([["ok", "2 of the catalog, all found"]]);
  expect(
    await check(
      "{ version: 1, defaults: { responders: U0ANA }, services: [{ name: a, responders: [U0GUEST, S0EMPTY] }, { name: b, responders: U0NOBODY }] }",
    ),
  ).toEqual([
    ["problem", "U0GUEST of the catalog is a guest of the workspace, and cannot approve anything"],
    ["problem", "the user group S0EMPTY is empty"],
    ["problem", "Slack does not know U0NOBODY (user_not_found)"],
  ]);
});
