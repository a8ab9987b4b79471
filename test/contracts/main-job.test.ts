import { describe, expect, test } from "vitest";
import type { Fetch } from "../../src/guard/outgoing.ts";
import { incidentIdOf } from "../../src/incident/page.ts";
import { startReplay } from "../../src/replay/server.ts";
import { freshDatabase, ORDERS_TIMEOUT, startBot, untilFinished, webhookOf } from "../support/bot.ts";
import { contractFile, haveContracts } from "../support/contracts.ts";
import { loadArguments } from "../support/slack-arguments.ts";
import { checkedFetch, type Contract, loadContract } from "../support/openapi.ts";

const vendors = ["datadog", "github", "pagerduty", "sentry", "slack"];
/** Where the documents, not we, are wrong. */
const known = [
  // A gap of a series is null in the one list of times that all series share; the contract, rebuilt from the client's types, has numbers only.
  /^POST \/api\/v2\/query\/timeseries → 200: \/data(?:\/attributes(?:\/values.*)?)? must (?:be number; it is null|be null; it is [{[]|match a schema in anyOf; it is [{[])/,
  // Of a monitor it leaves out when its state changed, which Datadog answers.
  /^GET \/api\/v1\/monitor → 200: \/\d+ must NOT have additional properties \(overall_state_modified\);/,
  // PagerDuty writes a date's format where a pattern belongs, which no date can match.
  /must match pattern "YYYY-MM-DDThh:mm:ssZ"/,
];

const present = vendors.every((vendor) => haveContracts(vendor));

describe.runIf(present)("the whole job against the vendors' contracts", () => {
  test("every request and answer from the page to the draft PR keeps to them", async () => {
    await using replay = await startReplay({ folder: ORDERS_TIMEOUT });
    const { settings } = replay;
    const contracts: readonly (readonly [string | undefined, Contract])[] = [
      [settings.PAGERDUTY_API_URL, loadContract(contractFile("pagerduty/rest-openapi.json.gz"))],
      [settings.SENTRY_API_URL, loadContract(contractFile("sentry/openapi.json.gz"))],
      [settings.GITHUB_API_URL, loadContract(contractFile("github/openapi.json.gz"))],
    ];
    const datadog = {
      v1: loadContract(contractFile("datadog/openapi-v1.official.json.gz"), { closed: true }),
      v2: loadContract(contractFile("datadog/openapi-v2.rebuilt.json.gz"), { closed: true }),
    };
    const watched = checkedFetch(globalThis.fetch, (url) => {
      if (url.origin === settings.DD_API_URL) return url.pathname.startsWith("/api/v1/") ? datadog.v1 : datadog.v2;
      return contracts.find(([base]) => base === url.origin)?.[1] ?? null;
    });
    const slack = loadArguments();
    const slackProblems: string[] = [];
    const slackMethods: string[] = [];
    const fetch: Fetch = async (input, init) => {
      const url = new URL(input instanceof Request ? input.url : input);
      if (url.href.startsWith(settings.SLACK_API_URL)) {
        const method = url.pathname.split("/").at(-1) ?? "";
        slackMethods.push(method);
        slackProblems.push(...slack.argumentProblems(method, await new Request(input, init).text()));
      }
      return watched.fetch(input, init);
    };
    await using bot = await startBot(settings, freshDatabase(), fetch);
    await replay.page(webhookOf(bot.url));
    await untilFinished(bot, incidentIdOf(replay.pagerduty.incidentIds[0] ?? "", "pd"));

    expect(await replay.pullRequests()).toHaveLength(1);
    expect(slackMethods).toEqual(expect.arrayContaining(["chat.postMessage", "chat.update"]));
    for (const path of [
      "POST /api/v2/query/timeseries",
      "POST /api/v2/logs/events/search",
      "GET /api/0/organizations/",
      "GET /incidents/",
      "POST /repos/",
    ])
      expect(watched.checked.filter((call) => call.startsWith(path)).length).toBeGreaterThan(0);
    const problems = [...watched.problems, ...slackProblems].filter((problem) => !known.some((mistake) => mistake.test(problem)));
    expect([...new Set(problems)]).toEqual([]);
  });
});
