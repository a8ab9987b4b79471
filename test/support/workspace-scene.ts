import { parseCatalog } from "../../src/catalog.ts";
import { parseConfig } from "../../src/config.ts";
import { openNodeHost } from "../../src/durable/node-host.ts";
import type { LoggedEvent } from "../../src/incident/event.ts";
import { viewOf } from "../../src/incident/view.ts";
import { createSlackClient } from "../../src/integrations/slack/client.ts";
import type { SlackReplay } from "../../src/replay/slack/app.ts";
import { createSlackInbound, messageEvent } from "../../src/replay/slack/inbound.ts";
import { hearStep } from "../../src/slack/hear-channel.ts";
import { type MakeDependencies, makeStep } from "../../src/slack/make-channel.ts";
import { createSlackHandler } from "../../src/slack/slack-intake.ts";
import { incidentEvents } from "../../src/store/incident-store.ts";
import { freshStore } from "../approval/desk.ts";
import { page } from "./example-log.ts";

export const WORKSPACE_TOKEN = "xoxb-test-of-sixteen-and-more";
const ADDRESS = "https://midwatch.example/slack/events";
const SECRET = "signing-secret-of-the-channels";
const INCIDENT = "pd-Q1";

/**
 * The real store and intake from Slack in front of an emulated workspace, with one open page.
 * @param catalog lines of it
 * @param around what happens to each call on its way; default: nothing
 */
export async function startWorkspaceScene(
  slack: SlackReplay,
  catalogLines: string,
  around: (method: string, call: () => Promise<Response>) => Promise<Response> = (_, call) => call(),
  make?: Omit<MakeDependencies, "slack">,
) {
  const catalog = parseCatalog(`version: 1\ndefaults: { slack_channel: incidents }\n${catalogLines}\n`);
  const client = createSlackClient({
    baseUrl: "http://slack.test/api",
    token: WORKSPACE_TOKEN,
    fetch: async (input, init) => {
      const request = new Request(input, init);
      return around(new URL(request.url).pathname.replace("/api/", ""), async () => slack.app.request(request));
    },
    sleep: async () => undefined,
  });
  const errors: unknown[] = [];
  const deps = { slack: client, rule: catalog.incidentChannels, shared: catalog.channels };
  const store = openNodeHost({
    events: incidentEvents,
    path: freshStore(),
    settleMs: 0,
    plan: (log) => (make === undefined ? null : makeStep({ ...make, slack: client }, log, viewOf(log))) ?? hearStep(deps, log, viewOf(log)),
    onError: (error) => void errors.push(error),
  });
  const handle = createSlackHandler({
    config: parseConfig({
      PAGERDUTY_WEBHOOK_SECRET: "s-of-sixteen-and-more",
      SLACK_BOT_TOKEN: WORKSPACE_TOKEN,
      SLACK_SIGNING_SECRET: SECRET,
    }),
    ...{ catalog, store, slack: client, publicUrl: null, links: null, now: Date.now },
    reportError: (error) => void errors.push(error),
  });
  const inbound = createSlackInbound({
    signingSecret: SECRET,
    trigger: (user, view) => slack.trigger(user, view),
    fetch: async (input, init) => (await handle?.(new Request(input, init))) ?? new Response(),
  });
  const own = { ...page, id: "Q1" };
  await store.receive({
    ...{ deliveryId: "d1", eventId: "e1", eventType: "incident.triggered", occurredAt: Date.now() },
    incident: { id: INCIDENT, pagerId: "Q1", title: page.title, event: { type: "page-received", page: own } },
  });
  const idOf = (person: string) => slack.userIds.get(person) ?? "";
  return {
    errors,
    log: () => store.read(INCIDENT),
    inbound,
    address: ADDRESS,
    store,
    event: (event: Readonly<Record<string, unknown>>) => inbound.event(ADDRESS, event),
    idOf,
    async says(channel: string, who: string, text: string, threadTs?: string): Promise<string> {
      const ts = await slack.say(who, text, threadTs, channel);
      await inbound.event(ADDRESS, messageEvent({ channel, user: idOf(who), text, ts, threadTs }));
      return ts;
    },
    command: async (channel: string, text: string): Promise<string> => {
      const answer = await inbound.command(ADDRESS, {
        ...{ user: idOf("ana"), userName: "ana", channel, channelName: "x", command: "/midwatch", text },
      });
      return ((await answer.json()) as { text: string }).text;
    },
    until: async (wanted: (log: readonly LoggedEvent[]) => boolean): Promise<readonly LoggedEvent[]> => {
      const log: LoggedEvent[] = [];
      for await (const logged of store.follow(INCIDENT, 0, AbortSignal.timeout(120_000))) {
        log.push(logged);
        if (wanted(log)) return log;
      }
      throw new Error(`not in time: ${errors.map(String).join("; ")}`);
    },
    [Symbol.asyncDispose]: () => store.close(),
  };
}
