import type { IncidentLinks } from "../access/incident-link.ts";
import type { Catalog } from "../catalog.ts";
import type { Config } from "../config.ts";
import { IntegrationError } from "../guard/errors.ts";
import type { Fetch, OnCall } from "../guard/outgoing.ts";
import { APPROVE, judgePress, outcomeWords, REFUSE } from "../incident/approval.ts";
import type { IncidentEvent } from "../incident/event.ts";
import { INVESTIGATE, NOT_OFFERED, offersInvestigation } from "../incident/model-refusal.ts";
import { SPLIT } from "../incident/joining-state.ts";
import { isOldFeedback } from "../incident/feedback.ts";
import type { RefusalCode } from "../incident/refusal.ts";
import { catchUp } from "../report/for-people.ts";
import { refusalToYou, refusalWords } from "../report/refusal-words.ts";
import type { Queries } from "../durable/store.ts";
import type { IncidentStore } from "../store/incident-store.ts";
import { viewOf } from "../incident/view.ts";
import type { SlackMessage } from "../integrations/slack/block-kit.ts";
import type { SlackClient } from "../integrations/slack/client.ts";
import { type CommandContext, isCommand, runCommand } from "./commands.ts";
import { cutMrkdwn, escapeLines } from "../integrations/slack/mrkdwn.ts";
import { createGate } from "./gate.ts";
import type { SlackInbound } from "./inbound.ts";
import { createProposals } from "./proposal-handlers.ts";
import { CONFIRM, DROP } from "./proposals.ts";
import { nameOf } from "./said.ts";
import type { Lookup } from "./socket.ts";
import { createSlackReceiver, LONGEST_REPLY, type SlackHandlerOptions } from "./receiver.ts";

export interface SlackIntakeOptions<Q extends Queries> {
  readonly config: Config;
  readonly catalog: Pick<Catalog, "find" | "services" | "responders">;
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

const MEMBERS_ONLY = "Only full members of this workspace can use midwatch.";
const ASK_WHAT_IT_WAS = "Noted. What was the cause? Reply in this thread: your answer goes on the timeline, and a model at work reads it.";
const NO_MODEL = "No model is configured, so nobody reads questions. What the data show:";
const ELSEWHERE = "midwatch answers questions in the thread of an incident. Here it knows these commands, also as “@midwatch status”:";

type Action = Extract<SlackInbound, { type: "action" }>;
type Mention = Extract<SlackInbound, { type: "mention" }>;

/** Which incident's thread an inbound belongs to: the address that its status message claimed. */
function addressOf(inbound: Extract<SlackInbound, { type: "message" | "mention" | "action" }>): string | null {
  const ts = inbound.type === "action" ? (inbound.threadTs ?? inbound.messageTs) : inbound.threadTs;
  return ts === null ? null : `slack:${inbound.channel}:${ts}`;
}

const pressed = ({ action, value, user, userName, channel }: Action): IncidentEvent => ({
  type: "slack-action-received",
  ...{ action, value, user: userName ?? user, userId: user, channel },
});

/** What midwatch does with what people say: in an incident's thread it becomes an event of that incident, elsewhere it is not for us. */
export function slackHandlers<Q extends Queries>(options: SlackIntakeOptions<Q>): SlackHandlerOptions {
  const { config, store, catalog, slack, publicUrl, links, now, reportError } = options;
  const gate = createGate(slack, now);

  /** To one person alone, where they clicked or wrote. */
  async function whisper(to: Pick<Mention, "channel" | "user" | "threadTs">, said: string | SlackMessage): Promise<void> {
    const { channel, user, threadTs } = to;
    const message = typeof said === "string" ? { text: cutMrkdwn(escapeLines(said), LONGEST_REPLY) } : said;
    try {
      await slack.postEphemeral({ channel, user, threadTs, ...message });
    } catch (error) {
      if (!(error instanceof IntegrationError)) throw error;
      reportError(error, "Slack");
    }
  }

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
              user: inbound.userName ?? user,
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
    if (isOldFeedback(await store.read(incident), user, action)) return;
    const isInVain = action === INVESTIGATE && !offersInvestigation(viewOf(await store.read(incident)));
    const outcome = action === APPROVE || action === REFUSE ? judgePress(await store.read(incident), { action, value }, now()) : null;
    // It is kept in any case: the log, and not this look, decides what a press comes to.
    if ((await store.tell(incident, [pressed(inbound)], key)) !== "stored") return;
    if (action === "wrong") await tell(inbound, ASK_WHAT_IT_WAS);
    if (isInVain) await tell(inbound, `That click had no effect: ${NOT_OFFERED}.`);
    if (outcome !== null && outcome !== "released" && outcome !== "refused")
      await tell(inbound, `That click had no effect: it ${outcomeWords[outcome]}.`);
  }

  const proposals = createProposals({ store, slack, gate, whisper });

  const run = (typed: string, by: Pick<CommandContext, "user" | "userName" | "key" | "here">): Promise<string> =>
    runCommand(typed, { store, catalog, publicUrl, links, now, nameOf: (id) => nameOf({ slack }, id), ...by });

  async function answered(inbound: Extract<SlackInbound, { type: "command" }>): Promise<string> {
    if ((await gate.refusal(inbound)) !== null) return MEMBERS_ONLY;
    const { user, userName, channel, key } = inbound;
    const here = await store.incidentAt(`slack:${channel}`);
    return run(inbound.text, { user, userName: userName ?? user, here, key: `slack:command:${key}` });
  }

  /** Anyone who calls midwatch by name gets an answer, also where no model reads the question. */
  async function called(inbound: Mention, incident: string | null): Promise<void> {
    // To somebody of another organisation midwatch says nothing.
    if (inbound.fromOutside) return;
    if ((await gate.refusal(inbound)) !== null) return whisper(inbound, MEMBERS_ONLY);
    const words = inbound.text.replace(/^\s*@\S+\s*/, "");
    const { user } = inbound;
    const by = { user, userName: await nameOf({ slack }, user), here: incident, key: `slack:command:${inbound.key}` };
    if (isCommand(words)) return whisper(inbound, await run(words, by));
    if (incident === null) return whisper(inbound, `${ELSEWHERE}\n${await run("help", by)}`);
    if (config.ANTHROPIC_API_KEY !== undefined) return undefined;
    const known = catchUp(await store.read(incident), now());
    return whisper(inbound, [NO_MODEL, ...known].join("\n"));
  }

  return {
    onInbound: async (inbound) => {
      if (inbound.type === "other") return undefined;
      if (inbound.type === "command") return answered(inbound);
      if (inbound.type === "action" && (inbound.action === CONFIRM || inbound.action === DROP))
        return void (await proposals.answered(inbound));
      const address = addressOf(inbound);
      const incident = address === null ? null : await store.incidentAt(address);
      if (incident === null) {
        if (inbound.type === "mention") await called(inbound, null);
        return undefined;
      }
      if (inbound.type === "action") await clicked(incident, inbound);
      // Words of another organisation are not heard; those of guests are: who let them into the channel wanted that.
      else if (!inbound.fromOutside) await proposals.said(incident, inbound);
      if (inbound.type === "mention") await called(inbound, incident);
      return undefined;
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
