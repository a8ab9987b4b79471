import type { IncidentLinks } from "../access/incident-link.ts";
import type { Catalog } from "../catalog.ts";
import type { Config } from "../config.ts";
import type { Fetch, OnCall } from "../guard/outgoing.ts";
import { APPROVE, judgePress, outcomeWords, REFUSE } from "../incident/approval.ts";
import type { IncidentEvent } from "../incident/event.ts";
import { INVESTIGATE, NOT_OFFERED, offersInvestigation } from "../incident/model-refusal.ts";
import { SPLIT } from "../incident/joining-state.ts";
import { isOldFeedback } from "../incident/feedback.ts";
import type { RefusalCode } from "../incident/refusal.ts";
import { refusalToYou, refusalWords } from "../report/refusal-words.ts";
import type { Queries } from "../durable/store.ts";
import type { IncidentStore } from "../store/incident-store.ts";
import { viewOf } from "../incident/view.ts";
import type { SlackClient } from "../integrations/slack/client.ts";
import { createAnywhere } from "./anywhere.ts";
import { createCalls } from "./calls.ts";
import { createGate } from "./gate.ts";
import { createFeedback } from "./feedback-handlers.ts";
import type { InboundOf } from "./inbound.ts";
import { createChannels } from "./channel-handlers.ts";
import { createProposals } from "./proposal-handlers.ts";
import { CONFIRM, DROP } from "./proposals.ts";
import { nameOfClicker } from "./said.ts";
import type { Lookup } from "./socket.ts";
import { releaseIn, RELEASE } from "./update-steps.ts";
import { createWhisper } from "./whisper.ts";
import { createSlackReceiver, type SlackHandlerOptions } from "./receiver.ts";

export interface SlackIntakeOptions<Q extends Queries> {
  readonly config: Config;
  readonly catalog: Pick<Catalog, "find" | "services" | "responders" | "incidentChannels">;
  readonly store: IncidentStore<Q>;
  /** Asks what the people are who click. */
  readonly slack: SlackClient;
  /** Where people reach the pages, or null. */
  readonly publicUrl: string | null;
  /** Links that show an incident without a sign-in, for answers that one person sees; null: plain ones. */
  readonly links: IncidentLinks | null;
  readonly now: () => number;
  readonly reportError: (error: unknown, where: string) => void;
}

/** Refused clicks that an incident keeps: endless clicking must not fill its log. */
const MOST_REFUSALS = 20;

type Action = InboundOf<"action">;

type Placed = InboundOf<"message" | "mention" | "action" | "edited" | "deleted">;

/** Which incident's thread an inbound belongs to: the address that its status message claimed. */
function addressOf(inbound: Placed): string | null {
  const ts = inbound.type === "action" ? (inbound.threadTs ?? inbound.messageTs) : inbound.threadTs;
  return ts === null ? null : `slack:${inbound.channel}:${ts}`;
}

const pressed = ({ action, value, user, channel }: Action, name: string): IncidentEvent => ({
  type: "slack-action-received",
  ...{ action, value, user: name, userId: user, channel },
});

/** What midwatch does with what people say: in an incident's thread it becomes an event of that incident, elsewhere it is not for us. */
function slackHandlers<Q extends Queries>(options: SlackIntakeOptions<Q>): SlackHandlerOptions {
  const { store, catalog, slack, now, reportError } = options;
  const gate = createGate(slack, now);
  const whisper = createWhisper(slack, (error) => reportError(error, "Slack"));

  /** Says why a click had no effect. The timeline has it too. */
  const tell = ({ channel, user, threadTs, messageTs }: Action, text: string): Promise<void> =>
    whisper({ channel, user, threadTs: threadTs ?? messageTs }, text);

  /** Why a full member may not give this answer; null where they may. */
  async function refusedResponder(incident: string, inbound: Action): Promise<RefusalCode | null> {
    if (inbound.action !== APPROVE && inbound.action !== REFUSE && inbound.action !== SPLIT && inbound.action !== INVESTIGATE) return null;
    const of = viewOf(await store.read(incident)).trigger?.service ?? null;
    const service = of === null ? null : ((catalog.find(of.id) ?? catalog.find(of.name))?.name ?? null);
    const responders = catalog.responders(service);
    return responders === null || (await gate.isAmong(inbound.user, responders)) ? null : "not-a-responder";
  }

  async function clicked(incident: string, inbound: Action): Promise<void> {
    const { action, value, user } = inbound;
    const key = `slack:${inbound.key}`;
    const code = (await gate.refusal(inbound)) ?? (await refusedResponder(incident, inbound));
    if (code !== null) {
      const refusals = (await store.read(incident)).filter(({ event }) => event.type === "slack-action-refused").length;
      if (refusals < MOST_REFUSALS)
        await store.tell(
          incident,
          [
            {
              type: "slack-action-refused",
              action,
              value,
              user: await nameOfClicker({ slack }, inbound),
              userId: user,
              code,
              because: refusalWords(code),
            },
          ],
          key,
        );
      // To somebody of another organisation midwatch says nothing.
      if (!inbound.fromOutside) await tell(inbound, `That click had no effect: ${refusalToYou(code)}.`);
      return;
    }
    // Endless clicking must not fill the log.
    if (isOldFeedback(await store.read(incident), user, action)) return feedback.saidAgain(incident, inbound);
    const isInVain = action === INVESTIGATE && !offersInvestigation(viewOf(await store.read(incident)));
    const outcome = action === APPROVE || action === REFUSE ? judgePress(await store.read(incident), { action, value }, now()) : null;
    // It is kept in any case: the log, and not this look, decides what a press comes to.
    if ((await store.tell(incident, [pressed(inbound, await nameOfClicker({ slack }, inbound))], key)) !== "stored") return;
    if (action === "wrong") await feedback.askWhatItWas(inbound);
    if (isInVain) await tell(inbound, `That click had no effect: ${NOT_OFFERED}.`);
    if (outcome !== null && outcome !== "released" && outcome !== "refused")
      await tell(inbound, `That click had no effect: it ${outcomeWords[outcome]}.`);
  }

  const channels = createChannels({ store, slack, catalog, gate, whisper });
  const feedback = createFeedback({ store, slack, gate, tell, reportError });
  const proposals = createProposals({ store, slack, gate, whisper });

  const anywhere = createAnywhere({ ...options, gate, decide: proposals.decide });
  const { answered, called } = createCalls({ ...options, gate, whisper });

  /** Somebody released a text that was shown to them alone: the press counts as one in the incident's thread. */
  async function released(inbound: Action): Promise<undefined> {
    const about = releaseIn(inbound.value);
    if (about !== null) await clicked(about.incident, { ...inbound, action: APPROVE, value: about.value });
    return undefined;
  }

  /** What happens in a thread or channel: where it is an incident's, it becomes an event of that one. */
  async function placed(inbound: Placed): Promise<undefined> {
    const address = addressOf(inbound);
    const thread = address === null ? null : await store.incidentAt(address);
    // A channel of its own has all that is said there.
    const incident = thread ?? (await store.incidentAt(`slack:${inbound.channel}`));
    if (incident === null) {
      if (inbound.type === "mention") await called(inbound, null);
      return undefined;
    }
    if (inbound.type === "action") await clicked(incident, inbound);
    // Words of another organisation are not heard; those of guests are: who let them into the channel wanted that.
    else if (inbound.fromOutside) return undefined;
    else if (inbound.type === "edited") await channels.edited(incident, inbound);
    else if (inbound.type === "deleted") await channels.deleted(incident, inbound);
    else await proposals.said(incident, inbound, thread === null);
    if (inbound.type === "mention") await called(inbound, incident);
    return undefined;
  }

  return {
    onInbound: async (inbound) => {
      if (inbound.type === "other") return undefined;
      if (inbound.type === "home-opened" || inbound.type === "home-action") return void (await anywhere.home(inbound));
      if (inbound.type === "shortcut") return void (await anywhere.shortcut(inbound));
      if (inbound.type === "channel") return void (await channels.seen(inbound));
      if (inbound.type === "command") return answered(inbound);
      if (inbound.type === "submission") return feedback.explained(inbound);
      if (inbound.type === "action" && (inbound.action === CONFIRM || inbound.action === DROP))
        return void (await proposals.answered(inbound));
      if (inbound.type === "action" && inbound.action === RELEASE) return released(inbound);
      return placed(inbound);
    },
    onError: (error) => reportError(error, "Slack"),
  };
}

/** The handler of /slack/events without Bolt, for Workers. null: no signing secret. */
export function createSlackHandler<Q extends Queries>(options: SlackIntakeOptions<Q>): ((request: Request) => Promise<Response>) | null {
  const { SLACK_SIGNING_SECRET: signingSecret } = options.config;
  return signingSecret === undefined ? null : createSlackReceiver({ ...slackHandlers(options), signingSecret });
}

/** Slack on Node: Bolt behind our route, or Socket Mode when an app token is set. */
export async function createSlackIntake<Q extends Queries>(
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
    const { startSocketMode } = await import("./socket.ts");
    const socket = await startSocketMode(
      { ...connection, lookup, appToken: config.SLACK_APP_TOKEN },
      { ...handlers, onBroken: (error) => options.reportError(error, "Socket Mode") },
    );
    return { handle: null, warm: () => Promise.resolve(), close: () => socket.stop() };
  }
  const { createBolt } = await import("./bolt.ts");
  const bolt = createBolt(connection, handlers);
  const handle = createSlackReceiver({ ...handlers, signingSecret: config.SLACK_SIGNING_SECRET ?? "", bolt: bolt.dispatch });
  return { handle, warm: () => bolt.warm(), close: () => Promise.resolve() };
}
