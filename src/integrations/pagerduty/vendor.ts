import { z } from "zod";
import { type Check, ok, problem, warning } from "../doctor-check.ts";
import { textSetting, urlSetting } from "../setting.ts";
import { catalogPart, defineVendor } from "../vendor.ts";
import { createPagerdutyClient, type KeyOwner } from "./client.ts";
import { pagerdutyPolicy } from "./policy.ts";
import { pagerdutyIdSchema } from "./schema.ts";
import { pagerdutySource } from "./source.ts";
import { pagerdutyTools } from "./tools/index.ts";

/** Roles of PagerDuty whose people change no incident. */
const READING_ROLES: readonly (string | null)[] = ["read_only_user", "read_only_limited_user"];
/** Those who change none, but in teams that give them another role. */
const TEAM_ROLES: readonly (string | null)[] = ["observer", "restricted_access"];

/** PagerDuty reports a user's role, but not whether a key is read-only. Only an attempt to write would show that, and we make none. */
function rightsCheck(owner: KeyOwner): Check {
  const title = "PagerDuty";
  if (owner.kind === "account")
    return ok(title, "account key; PagerDuty does not tell whether it is read-only: see that Integrations → API Access Keys says so of it");
  const of = `key of ${owner.name} (${owner.role ?? "unknown role"})`;
  if (READING_ROLES.includes(owner.role)) return ok(title, of);
  const better = "Make an account key with Read-only API Key checked (docs/setup.md#pagerduty)";
  return TEAM_ROLES.includes(owner.role)
    ? warning(title, `${of}: PagerDuty does not tell whether a team lets that person change incidents. ${better}`)
    : problem(title, `${of}: a user's key can change whatever that person can, incidents among it, and midwatch only reads. ${better}`);
}

const name = z.string().trim().min(1);

export const pagerduty = defineVendor({
  id: "pagerduty",
  title: "PagerDuty",
  settings: {
    PAGERDUTY_API_TOKEN: textSetting().describe("read-only REST API key"),
    PAGERDUTY_API_URL: urlSetting().describe("default https://api.pagerduty.com; EU accounts: https://api.eu.pagerduty.com"),
  },
  secrets: ["PAGERDUTY_API_TOKEN"],
  addresses: ["PAGERDUTY_API_URL"],
  catalog: catalogPart({
    key: "pagerduty",
    // Ids or names of the service in PagerDuty; its own name always counts.
    schema: z.union([name.transform((one) => [one]), z.array(name)]),
    // A name in place of an id would be refused at the first call.
    names: (ids) => ({ id: ids.find((one) => pagerdutyIdSchema.safeParse(one).success) }),
    keys: (ids) => ids,
  }),
  policies: [pagerdutyPolicy],
  needs: "PAGERDUTY_API_TOKEN",
  without: "only the webhook was read",
  connect: ({ PAGERDUTY_API_TOKEN: token, PAGERDUTY_API_URL: baseUrl = "https://api.pagerduty.com" }, { calling }) =>
    token === undefined ? null : createPagerdutyClient({ ...calling, baseUrl, token }),
  sources: (client) => [pagerdutySource(client)],
  tools: (client) => pagerdutyTools(client),
  check: async (client, { signal }) => [rightsCheck((await client.me(signal)).value)],
});
