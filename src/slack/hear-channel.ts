import type { IncidentEvent, EventOf, LoggedEvent } from "../incident/event.ts";
import { type ChannelRule, isIncidentChannel, nextChannel } from "../incident/own-channel.ts";
import { stepIds } from "../incident/step-id.ts";
import type { IncidentView } from "../incident/view.ts";
import { type SlackClient, SlackRefusalError } from "../integrations/slack/client.ts";
import type { ChannelMessage } from "../integrations/slack/posted-messages.ts";
import type { Step, StepContext } from "../store/incident-store.ts";
import { namedWords } from "./said.ts";

/** Begins to hear an incident's own channel: joins it where the catalog allows, and reads what was said there before. */

export interface HearDependencies {
  readonly slack: SlackClient;
  readonly rule: ChannelRule;
  /** Channels of the catalog, in which many incidents are: by name, or id. */
  readonly shared: readonly string[];
}

const TRIES = 3;
const LIMIT_MS = 30_000;
/** A channel may be made, and talked in, before the page reaches midwatch. */
const BEFORE_MS = 30 * 60_000;
/** Threads whose replies are read, newest first: each costs a call. */
const MOST_THREADS = 20;

/** The step that is due; null: none is. */
export function hearStep(deps: HearDependencies, log: readonly LoggedEvent[], view: IncidentView): Step | null {
  const next = nextChannel(log, view);
  if (next === null) return null;
  return {
    id: stepIds.hear(next.channel),
    attempts: TRIES,
    timeLimitMs: LIMIT_MS,
    run: async (context) => {
      const { channel, clue } = next;
      const linked: IncidentEvent[] =
        context.log.some(({ event }) => event.type === "channel-linked" && event.channel === channel) || clue === "person"
          ? []
          : [{ type: "channel-linked", channel, clue }];
      const refused = await refusalOf(deps, context, next);
      if (refused !== null) return [...linked, { type: "channel-refused", channel, because: refused }];
      const { value } = await deps.slack.channelInfo(channel, context.signal);
      // From here on what is said there comes to this incident, so that nothing falls between that and what is read.
      await context.claim(`slack:${channel}`);
      return [...linked, { type: "channel-heard", channel, name: value.name ?? channel }, ...(await saidBefore(deps, context, channel))];
    },
  };
}

/** Others that lead are looked for among those of so long, ms. */
const OPEN_MS = 24 * 3_600_000;

/** What an incident claims whose channel it is. */
export const channelKey = (channel: string): string => `channel:${channel}`;

/** Whether another incident that is open hears this channel. What a page says comes from outside, and takes no channel away. */
async function isOfAnother({ others, incidentId, now }: StepContext, channel: string): Promise<boolean> {
  const key = channelKey(channel);
  const { incidentId: owner } = await others.claim(key);
  if (owner !== incidentId) return (await others.pinned(now() - OPEN_MS)).some((one) => one.incidentId === owner);
  await others.note(key, "heard");
  return false;
}

const NOT_MEMBER = "midwatch is not a member: type “/invite @midwatch” there";

/** Why a channel is not read; null: it is, and midwatch is in it. */
async function refusalOf(
  { slack, rule, shared }: HearDependencies,
  context: StepContext,
  { channel, clue }: { readonly channel: string; readonly clue: string },
): Promise<string | null> {
  const { signal } = context;
  try {
    const { value } = await slack.channelInfo(channel, signal);
    const { name, member } = value;
    if (value.shared) return "it is shared with another organisation";
    if (value.archived) return "it is archived";
    if (shared.some((one) => one === channel || one.replace(/^#/, "") === name)) return "the catalog names it for many incidents";
    if (clue !== "person" && clue !== "made" && (name === null || !isIncidentChannel(rule, name)))
      return "its name does not match incident_channels.name in the catalog";
    if (!member) {
      if (value.private || !rule.join) return NOT_MEMBER;
      await slack.joinChannel(channel, signal);
    }
    return (await isOfAnother(context, channel)) && clue === "page-link" ? "another open incident listens there" : null;
  } catch (error) {
    if (error instanceof SlackRefusalError && error.code === "channel_not_found") return NOT_MEMBER;
    throw error;
  }
}

/** What people said there since shortly before midwatch knew of the incident, with replies. */
async function saidBefore({ slack }: HearDependencies, { log, now, signal }: StepContext, channel: string): Promise<IncidentEvent[]> {
  const from = (log[0]?.at ?? now()) - BEFORE_MS;
  const { value: messages } = await slack.channelHistory({ channel, window: { from, to: now() } }, signal);
  const threads = messages.filter(({ replies }) => replies > 0).slice(-MOST_THREADS);
  const replies: (readonly [string, Pick<ChannelMessage, "ts" | "user" | "byBot" | "text">])[] = [];
  for (const { ts } of threads) {
    const { value } = await slack.threadReplies({ channel, threadTs: ts }, signal);
    replies.push(...value.filter((reply) => reply.ts !== ts).map((reply) => [ts, reply] as const));
  }
  const all = [...messages.map((message) => [null, message] as const), ...replies].toSorted(([, a], [, b]) => Number(a.ts) - Number(b.ts));
  const events: IncidentEvent[] = [];
  for (const [threadTs, { ts, user, byBot, text }] of all) {
    if (byBot || user === null || text === "") continue;
    const said: EventOf<"slack-message-received"> = {
      type: "slack-message-received",
      ...{ channel, ts, threadTs, ...(await namedWords({ slack }, { user, text })), userId: user },
      // What was said before midwatch was there was not said to it.
      ...{ inChannel: true, mayNotAsk: true },
    };
    events.push(said);
  }
  return events;
}
