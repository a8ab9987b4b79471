import { z } from "zod";
import { type Check, excessChecks, guarded, ok, problem, warning } from "../doctor-check.ts";
import { textSetting, urlSetting } from "../setting.ts";
import { defineVendor } from "../vendor.ts";
import { createSlackClient, type SlackClient } from "./client.ts";
import { slackFilePolicy, slackPolicy, slackSocketPolicy } from "./policy.ts";
import { makingScopes, scopesBeyondNeed } from "./scopes.ts";
import { slackTools } from "./tools/index.ts";

/** Without them an incident has no channel, or one without its link or people. */
function makingCheck(scopes: readonly string[]): Check[] {
  const lacking = Object.entries(makingScopes).filter(([scope]) => !scopes.includes(scope));
  if (lacking.length === 0) return [ok("Slack channels", "midwatch can make an incident's channel")];
  const each = lacking.map(([scope, why]) => `${scope} (${why})`).join(", ");
  return [
    problem(
      "Slack channels",
      `incident_channels.create is true, and the token lacks ${each}. Add ${lacking.length === 1 ? "it" : "them"} under OAuth & Permissions and install the app again, or set create: false`,
    ),
  ];
}

const rightsChecks = (scopes: readonly string[] | null, makes: boolean): Check[] =>
  scopes === null || scopes.length === 0
    ? [ok("Slack", "Slack did not report what the token can do: compare its scopes with docs/slack-manifest.yaml")]
    : [
        ...excessChecks(
          "Slack",
          "the token has scopes",
          scopesBeyondNeed(scopes, makes),
          "Remove them under OAuth & Permissions, and install the app again",
        ),
        ...(makes ? makingCheck(scopes) : []),
        ...(scopes.includes("files:write")
          ? []
          : [
              warning(
                "Slack",
                "without the scope files:write no chart is shown in the thread: add it and install the app again, or go without",
              ),
            ]),
      ];

/** Whether midwatch may post to a channel. */
async function checkChannel(slack: SlackClient, channel: string, signal: AbortSignal): Promise<Check> {
  const name = `Slack ${channel}`;
  const { value: found } = await slack.resolveChannel(channel, signal);
  if (found.shared)
    return problem(name, "is shared with another organisation; midwatch does not post there. Name another channel in the catalog.");
  if (found.archived) return problem(name, "is archived. Name another channel in the catalog.");
  return found.member ? ok(name, "midwatch is a member") : problem(name, "midwatch is not a member: type “/invite @midwatch” there");
}

/** The surface where people read and answer. */
export const slack = defineVendor({
  id: "slack",
  title: "Slack",
  settings: {
    SLACK_BOT_TOKEN: z
      .string()
      .trim()
      .regex(/^(?:xoxe\.)?xoxb-./, { error: "must begin with xoxb-; Slack's other tokens cannot post as the app" })
      .optional()
      .describe("bot token of the Slack app (xoxb-)"),
    SLACK_SIGNING_SECRET: textSetting().describe("signing secret of the Slack app; not needed with Socket Mode"),
    SLACK_APP_TOKEN: textSetting().describe("app-level token (xapp-): events come by Socket Mode instead of HTTP"),
    SLACK_API_URL: urlSetting().describe("default https://slack.com/api"),
  },
  secrets: ["SLACK_BOT_TOKEN", "SLACK_SIGNING_SECRET", "SLACK_APP_TOKEN"],
  addresses: ["SLACK_API_URL"],
  missing: ({ SLACK_BOT_TOKEN: bot, SLACK_SIGNING_SECRET: secret, SLACK_APP_TOKEN: app }) => [
    ...(bot === undefined ? [{ setting: "SLACK_BOT_TOKEN", because: "" }] : []),
    ...(secret === undefined && app === undefined
      ? [{ setting: "SLACK_SIGNING_SECRET", because: ", or on Node set SLACK_APP_TOKEN for Socket Mode" }]
      : []),
  ],
  policies: [slackPolicy, slackFilePolicy, slackSocketPolicy],
  connect: ({ SLACK_BOT_TOKEN: token = "", SLACK_API_URL: baseUrl = "https://slack.com/api" }, { calling }) =>
    createSlackClient({ ...calling, baseUrl, token }),
  tools: (client, { thread }) => slackTools(client, thread),
  warm: (client) => client.warm(),
  async check(client, { catalog, signal }) {
    const { value: identity } = await client.authTest(signal);
    const channels = await Promise.all(
      catalog.channels.map((channel) => guarded(`Slack ${channel}`, () => checkChannel(client, channel, signal))),
    );
    return [
      ok("Slack", `token of ${identity.botUser ?? identity.botUserId} in ${identity.team ?? identity.teamId}`),
      ...rightsChecks(identity.scopes, catalog.incidentChannels?.create === true),
      ...(channels.length === 0 ? [problem("Slack", "the catalog names no channel: set defaults.slack_channel")] : channels.flat()),
    ];
  },
});
