import { z } from "zod";
import { type Check, ok, problem, warning } from "../doctor-check.ts";
import { textSetting, urlSetting } from "../setting.ts";
import { catalogPart, defineVendor } from "../vendor.ts";
import { createPagerdutyClient, type KeyOwner, type PagerdutyClient } from "./client.ts";
import { pagerdutyNotes } from "./notes.ts";
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
    return ok(title, "account key; PagerDuty does not report whether it is read-only: check it under Integrations → API Access Keys");
  const of = `key of ${owner.name} (${owner.role ?? "unknown role"})`;
  if (READING_ROLES.includes(owner.role)) return ok(title, of);
  const better = "Make an account key with Read-only API Key checked (docs/setup.md#pagerduty)";
  return TEAM_ROLES.includes(owner.role)
    ? warning(title, `${of}: PagerDuty does not report whether a team lets that person change incidents. ${better}`)
    : problem(title, `${of}: a user's key can change whatever that person can, incidents included, and midwatch only reads. ${better}`);
}

/** The key of one who may write notes. Whether an account key may, PagerDuty does not report, and nothing is written to find out. */
function writesCheck(owner: KeyOwner): Check {
  const title = "PagerDuty";
  const because = "PAGERDUTY_NOTES_FROM is set";
  if (owner.kind === "account")
    return ok(
      title,
      `account key; ${because}, so it must not be read-only. PagerDuty does not report that: check it under Integrations → API Access Keys`,
    );
  const of = `key of ${owner.name} (${owner.role ?? "unknown role"})`;
  if (READING_ROLES.includes(owner.role))
    return problem(title, `${of}: ${because}, and this person may not write notes. Use another key, or unset it (docs/setup.md#pagerduty)`);
  return warning(title, `${of}: it can change whatever that person can; midwatch only reads and writes notes. An account key is better`);
}

/** In whose name notes are written: PagerDuty refuses each note of somebody it does not know. */
async function notesCheck(client: PagerdutyClient, from: string, signal: AbortSignal): Promise<Check> {
  const title = "PagerDuty notes";
  return (await client.hasUser(from, signal)).value
    ? ok(title, `in the name of ${from}`)
    : problem(title, `PagerDuty has no user ${from}: set PAGERDUTY_NOTES_FROM to the e-mail address of one (docs/setup.md#pagerduty)`);
}

const name = z.string().trim().min(1);

export const pagerduty = defineVendor({
  id: "pagerduty",
  title: "PagerDuty",
  settings: {
    PAGERDUTY_API_TOKEN: textSetting().describe("REST API key, read-only unless PAGERDUTY_NOTES_FROM is set"),
    PAGERDUTY_API_URL: urlSetting().describe("default https://api.pagerduty.com; EU accounts: https://api.eu.pagerduty.com"),
    PAGERDUTY_NOTES_FROM: z
      .email()
      .optional()
      .describe(
        "allows notes on pages (finding, end, where it joined): e-mail address of the PagerDuty user in whose name they are written",
      ),
  },
  secrets: ["PAGERDUTY_API_TOKEN"],
  addresses: ["PAGERDUTY_API_URL"],
  missing: ({ PAGERDUTY_API_TOKEN: token, PAGERDUTY_NOTES_FROM: from }) =>
    from !== undefined && token === undefined
      ? [{ setting: "PAGERDUTY_API_TOKEN", because: "; PAGERDUTY_NOTES_FROM alone cannot write notes" }]
      : [],
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
  connect: (
    { PAGERDUTY_API_TOKEN: token, PAGERDUTY_API_URL: baseUrl = "https://api.pagerduty.com", PAGERDUTY_NOTES_FROM: notesFrom },
    { calling },
  ) => (token === undefined ? null : createPagerdutyClient({ ...calling, baseUrl, token, notesFrom })),
  sources: (client) => [pagerdutySource(client)],
  tools: (client) => pagerdutyTools(client),
  notes: (client) => pagerdutyNotes(client),
  responders: (client) => ({ pager: "pagerduty", email: async (id, signal) => (await client.userEmail(id, signal)).value }),
  check: async (client, { signal, config: { PAGERDUTY_NOTES_FROM: from } }) => {
    const owner = (await client.me(signal)).value;
    return from === undefined ? [rightsCheck(owner)] : [writesCheck(owner), await notesCheck(client, from, signal)];
  },
});
