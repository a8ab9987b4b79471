import { expect, test } from "vitest";
import { openIncidentLink } from "../../src/access/incident-link.ts";
import { createSealer } from "../../src/access/seal.ts";
import { parseConfig } from "../../src/config.ts";
import { incidentLinksOf } from "../../src/access/page-access.ts";

const SECRET = "session-secret-of-more-than-32-characters";
const configOf = (more: Record<string, string> = {}) =>
  parseConfig({
    PAGERDUTY_WEBHOOK_SECRET: "s-of-sixteen-and-more",
    SLACK_BOT_TOKEN: "xoxb-1-of-sixteen-and-more",
    SLACK_SIGNING_SECRET: "s-of-sixteen-and-more",
    PUBLIC_URL: "https://midwatch.example",
    OIDC_ISSUER: "https://id.example",
    OIDC_CLIENT_ID: "c",
    OIDC_CLIENT_SECRET: "s-of-sixteen-and-more",
    ROLE_VIEWER: "*",
    SESSION_SECRET: SECRET,
    ...more,
  });

test("links that open without a sign-in are off unless their minutes are set, and open no longer than these", async () => {
  expect(incidentLinksOf(configOf(), () => 0)).toBeNull();
  const url = await incidentLinksOf(configOf({ SLACK_LINK_MINUTES: "10" }), () => 0)?.url("pd-Q1", "U0ANA");
  const token = /^https:\/\/midwatch\.example\/link\/([^/]+)$/.exec(url ?? "")?.[1] ?? "";
  const openedAt = (ms: number) =>
    openIncidentLink(
      createSealer([SECRET], () => ms),
      token,
    );
  expect(await openedAt(599_000)).toEqual({ incident: "pd-Q1", by: "U0ANA" });
  expect(await openedAt(601_000)).toBeNull();
});
