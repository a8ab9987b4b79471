import { type Oidc, SignInError } from "../access/oidc.ts";
import type { Catalog } from "../catalog.ts";
import { type Config, isLoopback } from "../config.ts";
import { IntegrationError } from "../guard/errors.ts";
import type { SlackClient } from "../integrations/slack/client.ts";
import { SlackRefusalError } from "../integrations/slack/client.ts";
import { standingOf } from "../slack/standing.ts";
import { refusalWords } from "../report/refusal-words.ts";
import type { Check } from "../integrations/doctor-check.ts";

/** Whether the provider answers and calls itself as the settings do. Its client id and secret are seen at the first sign-in only. */
export async function checkSignIn(config: Config, oidc: Oidc | null): Promise<Check> {
  const name = "Sign-in";
  if (oidc === null) {
    const detail = config.PROXY_LOGIN
      ? "none: PROXY_LOGIN says that a proxy in front of the pages has one"
      : "not configured: the pages are for this machine alone. Set OIDC_ISSUER (docs/setup.md), or go without";
    return { name, state: "warning", detail };
  }
  try {
    const { host } = await oidc.authorizationUrl({ state: "doctor", nonce: "doctor", verifier: "doctor" });
    return { name, state: "ok", detail: `at ${host}; register ${config.PUBLIC_URL}/sign-in/callback there as redirect URL` };
  } catch (error) {
    if (!(error instanceof SignInError)) throw error;
    return { name, state: "problem", detail: error.message };
  }
}

/** Where links in Slack lead. */
export const checkLinks = ({ PUBLIC_URL: url, HOST: host, PORT: port }: Config): Check =>
  url === undefined
    ? {
        name: "Links",
        state: "warning",
        detail: `PUBLIC_URL is not set, so links in Slack lead to http://${host}:${port}, which ${isLoopback(host) ? "opens on this machine alone" : "others may not reach"}. Set the address that people use (docs/setup.md)`,
      }
    : { name: "Links", state: "ok", detail: `links in Slack lead to ${url}` };

/** Whether the people can be looked up who click, and whether the catalog's responders are people who may. */
export async function checkResponders(slack: SlackClient, catalog: Catalog, signal: AbortSignal): Promise<Check[]> {
  const name = "Slack responders";
  const { value: home } = await slack.authTest(signal);
  // Any user shows whether the scope is there.
  await slack.user(home.botUserId, signal);
  const ids = [
    ...new Set([catalog.responders(null), ...catalog.services.map((service) => service.responders)].flatMap((one) => one ?? [])),
  ];
  if (ids.length === 0)
    return [
      { name, state: "ok", detail: "every full member of the workspace can approve; set `responders` in the catalog to narrow that" },
    ];
  const checks = await Promise.all(
    ids.map(async (id): Promise<Check | null> => {
      try {
        if (id.startsWith("S")) {
          const { length } = await slack.userGroup(id, signal);
          return length > 0 ? null : { name, state: "problem", detail: `the user group ${id} is empty` };
        }
        const standing = standingOf(await slack.user(id, signal), home);
        return standing === null
          ? null
          : { name, state: "problem", detail: `${id} of the catalog ${refusalWords(standing)}, and cannot approve anything` };
      } catch (error) {
        if (error instanceof SlackRefusalError) return { name, state: "problem", detail: `Slack does not know ${id} (${error.code})` };
        if (error instanceof IntegrationError) return { name, state: "problem", detail: error.message };
        throw error;
      }
    }),
  );
  const problems = checks.filter((check) => check !== null);
  return problems.length > 0 ? problems : [{ name, state: "ok", detail: `${ids.length} of the catalog, all found` }];
}
