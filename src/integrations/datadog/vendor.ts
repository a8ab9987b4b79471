import { z } from "zod";
import { type Check, excessChecks, guarded, ok, problem, readChecks } from "../doctor-check.ts";
import { textSetting, urlSetting } from "../setting.ts";
import { catalogPart, defineVendor } from "../vendor.ts";
import { createDatadogClient, type DatadogClient } from "./client.ts";
import { datadogPolicy } from "./policy.ts";
import { revenueCount } from "./impact.ts";
import { datadogSources } from "./source.ts";
import { datadogTools } from "./tools/index.ts";

const name = z.string().trim().min(1);

async function rightsChecks(datadog: DatadogClient, signal: AbortSignal): Promise<Check[]> {
  const rights = await datadog.keyRights(signal);
  const todo = "Give DD_APP_KEY the scopes of docs/setup.md#datadog alone";
  switch (rights.state) {
    case "untold":
      return [
        ok(
          "Datadog",
          `Datadog shows the scopes of DD_APP_KEY only to keys that can manage keys (${rights.because}): compare them with docs/setup.md#datadog`,
        ),
      ];
    case "unscoped":
      return [problem("Datadog", `DD_APP_KEY has no scopes, so it can change whatever its owner can. ${todo}`)];
    case "scoped":
      return excessChecks("Datadog", "DD_APP_KEY has scopes", rights.excess, todo);
  }
}

/** One line for each read and what the key may do beyond; one for all where it opens nothing, for then it lacks more than a scope. */
async function keyLines(client: DatadogClient, signal: AbortSignal): Promise<readonly Check[]> {
  const checks = await client.validate({}, signal);
  const scoped = checks.filter(({ permission }) => permission !== null);
  if (!scoped.every(({ isRefused }) => isRefused))
    return [...readChecks("Datadog", checks), ...(await guarded("Datadog", () => rightsChecks(client, signal)))];
  const apart = checks.filter(({ permission }) => permission === null);
  const words = `DD_APP_KEY opens nothing: all ${scoped.length} reads are refused. Is it an application key (not its id, not an API key), of the organisation of DD_API_KEY and of this DD_SITE, and does it have the scopes of docs/setup.md#datadog?`;
  return [...readChecks("Datadog", apart), problem("Datadog", words)];
}

export const datadog = defineVendor({
  id: "datadog",
  title: "Datadog",
  settings: {
    DD_API_KEY: textSetting().describe("Datadog API key"),
    DD_APP_KEY: textSetting().describe("Datadog application key with read scopes only"),
    DD_SITE: z
      .string()
      .trim()
      .regex(/^(?!(?:app|api|www)\.)[a-z\d-]+(?:\.[a-z\d-]+)+$/i, { error: "must be the site alone, without https:// and without app." })
      .default("datadoghq.com")
      .describe("Datadog site, for example datadoghq.eu or us5.datadoghq.com"),
    DD_API_URL: urlSetting().describe("default https://api.<DD_SITE>"),
  },
  secrets: ["DD_API_KEY", "DD_APP_KEY"],
  addresses: ["DD_API_URL"],
  missing: ({ DD_API_KEY: api, DD_APP_KEY: app }) => [
    ...(api !== undefined && app === undefined ? [{ setting: "DD_APP_KEY", because: "; DD_API_KEY alone cannot read" }] : []),
    ...(app !== undefined && api === undefined ? [{ setting: "DD_API_KEY", because: "; DD_APP_KEY alone cannot read" }] : []),
  ],
  catalog: catalogPart({
    key: "datadog",
    schema: z.strictObject({ service: name.optional(), env: name.optional() }),
    names: ({ service, env }) => ({ name: service, env }),
    keys: ({ service }) => (service === undefined ? [] : [service]),
  }),
  policies: [datadogPolicy],
  needs: "DD_API_KEY and DD_APP_KEY",
  connect: ({ DD_API_KEY: apiKey, DD_APP_KEY: appKey, DD_SITE: site, DD_API_URL: baseUrl }, { calling, yieldNow }) =>
    apiKey === undefined || appKey === undefined ? null : createDatadogClient({ ...calling, apiKey, appKey, yieldNow, site, baseUrl }),
  sources: (client) => datadogSources(client),
  impact: { kind: "revenue", source: (client) => revenueCount(client) },
  tools: (client) => datadogTools(client),
  check: (client, { signal }) => keyLines(client, signal),
});
