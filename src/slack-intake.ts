import type { Config } from "./config.ts";
import type { Fetch, OnCall } from "./guard/outgoing.ts";
import type { IncidentEvent } from "./incident/event.ts";
import type { IncidentQueries, IncidentStore } from "./incident/store.ts";
import type { SlackInbound } from "./integrations/slack/inbound.ts";
import type { Lookup } from "./integrations/slack/socket.ts";
import { createSlackReceiver, type SlackHandlerOptions } from "./integrations/slack/receiver.ts";

export interface SlackIntakeOptions<Q extends IncidentQueries> {
  readonly config: Config;
  readonly store: IncidentStore<Q>;
  /** Where people reach the pages, or null. */
  readonly publicUrl: string | null;
  readonly reportError: (error: unknown, where: string) => void;
}

const LISTED = 5;

/** Which incident's thread an inbound belongs to: the address that its status message claimed. */
function addressOf(inbound: Extract<SlackInbound, { type: "message" | "mention" | "action" }>): string | null {
  const ts = inbound.type === "action" ? (inbound.threadTs ?? inbound.messageTs) : inbound.threadTs;
  return ts === null ? null : `slack:${inbound.channel}:${ts}`;
}

function toEvent(inbound: Extract<SlackInbound, { type: "message" | "mention" | "action" }>): IncidentEvent {
  const { channel, user } = inbound;
  return inbound.type === "action"
    ? { type: "slack-action-received", action: inbound.action, value: inbound.value, user: inbound.userName ?? user, channel }
    : {
        type: "slack-message-received",
        channel,
        ts: inbound.ts,
        threadTs: inbound.threadTs,
        user,
        text: inbound.text,
        ...(inbound.toBot ? { toBot: true } : {}),
      };
}

/** What midwatch does with what people say: in an incident's thread it becomes an event of that incident, elsewhere it is not for us. */
export function slackHandlers<Q extends IncidentQueries>(options: SlackIntakeOptions<Q>): SlackHandlerOptions {
  const { store, publicUrl, reportError } = options;
  return {
    onInbound: async (inbound) => {
      // Somebody of another organisation is not a responder.
      if (inbound.fromOutside || inbound.type === "other") return undefined;
      if (inbound.type === "command") {
        const { incidents } = await store.list({ limit: LISTED });
        if (incidents.length === 0) return "midwatch has had no page yet.";
        const lines = incidents.map(
          ({ id, title, status }) =>
            `• ${status}: ${title}${publicUrl === null ? "" : ` ${publicUrl}/incidents/${encodeURIComponent(id)}`}`,
        );
        return ["Latest incidents:", ...lines].join("\n");
      }
      const address = addressOf(inbound);
      const incident = address === null ? null : await store.incidentAt(address);
      if (incident !== null) await store.tell(incident, [toEvent(inbound)], `slack:${inbound.key}`);
      return undefined;
    },
    onError: (error) => reportError(error, "Slack"),
  };
}

/** The handler of /slack/events without Bolt, for Workers. null: no signing secret. */
export function createSlackHandler<Q extends IncidentQueries>(
  options: SlackIntakeOptions<Q>,
): ((request: Request) => Promise<Response>) | null {
  const { SLACK_SIGNING_SECRET: signingSecret } = options.config;
  return signingSecret === undefined ? null : createSlackReceiver({ ...slackHandlers(options), signingSecret });
}

/** Slack on Node: Bolt behind our route, or Socket Mode when an app token is set. */
export async function createSlackIntake<Q extends IncidentQueries>(
  options: SlackIntakeOptions<Q> & { readonly fetch: Fetch; readonly lookup: Lookup; readonly onCall?: OnCall },
): Promise<{ handle: ((request: Request) => Promise<Response>) | null; warm(): Promise<void>; close(): Promise<void> }> {
  const { config, fetch, lookup, onCall } = options;
  const connection = {
    baseUrl: config.SLACK_API_URL ?? "https://slack.com/api",
    token: config.SLACK_BOT_TOKEN ?? "",
    fetch,
    ...(onCall === undefined ? {} : { onCall }),
  };
  const handlers = slackHandlers(options);
  if (config.SLACK_APP_TOKEN !== undefined) {
    const { startSocketMode } = await import("./integrations/slack/socket.ts");
    const socket = await startSocketMode(
      { ...connection, lookup, appToken: config.SLACK_APP_TOKEN },
      { ...handlers, onBroken: (error) => options.reportError(error, "Socket Mode") },
    );
    return { handle: null, warm: () => Promise.resolve(), close: () => socket.stop() };
  }
  const { createBolt } = await import("./integrations/slack/bolt.ts");
  const bolt = createBolt(connection, handlers);
  const handle = createSlackReceiver({ ...handlers, signingSecret: config.SLACK_SIGNING_SECRET ?? "", bolt: bolt.dispatch });
  return { handle, warm: () => bolt.warm(), close: () => Promise.resolve() };
}
