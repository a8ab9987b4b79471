import { ForbiddenError, IntegrationError } from "../guard/errors.ts";
import type { Person } from "../incident/desk.ts";
import type { IncidentEvent, LoggedEvent } from "../incident/event.ts";
import { isChannelDue, madeChannel, madeChannelName } from "../incident/made-channel.ts";
import type { Page } from "../incident/page.ts";
import type { PageResponders } from "../incident/page-responders.ts";
import { stepIds } from "../incident/step-id.ts";
import { triggerName } from "../incident/trigger.ts";
import { type IncidentView, viewOf } from "../incident/view.ts";
import { type SlackClient, SlackRefusalError } from "../integrations/slack/client.ts";
import { cutShort, escapeText } from "../integrations/slack/mrkdwn.ts";
import { headlineOf } from "../report/status.ts";
import type { Step, StepContext } from "../store/incident-store.ts";
import { unlinked } from "../report/text.ts";
import { channelKey } from "./hear-channel.ts";
import { standingOf } from "./standing.ts";

/** Makes an incident's own channel, with its topic, a bookmark to the page, and the paged people in it. Off unless the catalog asks for it. */

export interface MakeDependencies {
  readonly slack: SlackClient;
  /** Pagers that know their users' addresses. */
  readonly responders: readonly PageResponders[];
  /** The incident's page, or null where people cannot reach one. */
  readonly pageOf: (incidentId: string) => string | null;
  /** The last look at what is written, before it leaves. */
  readonly redactedFor: (incidentId: string) => (text: string) => string;
}

const TRIES = 10;
const LIMIT_MS = 60_000;
/** So many names are tried where others have them already. */
const MOST_NAMES = 5;
/** Slack's own limit. */
const LONGEST_TOPIC = 250;
const LONGEST_TITLE = 120;
const MOST_INVITED = 10;

/** The step that is due; null: none is. */
export function makeStep(deps: MakeDependencies, log: readonly LoggedEvent[], view: IncidentView): Step | null {
  if (isChannelDue(log, view))
    return { id: stepIds.makeChannel, attempts: TRIES, timeLimitMs: LIMIT_MS, run: (context) => make(deps, context) };
  return madeChannel(log)?.furnished === null
    ? { id: stepIds.furnishChannel, attempts: TRIES, timeLimitMs: LIMIT_MS, run: (context) => furnish(deps, context) }
    : null;
}

/** A refusal that no further try changes: a scope that the app lacks, a setting of the workspace. */
const isFinal = (error: unknown): error is IntegrationError =>
  error instanceof ForbiddenError || (error instanceof SlackRefusalError && !error.retryable);

/** Two pagers may give two pages of a day one number: what midwatch made for one incident stays that one's. */
async function isOfAnother({ others, incidentId }: StepContext, channel: string): Promise<boolean> {
  const { incidentId: owner } = await others.claim(channelKey(channel));
  if (owner !== incidentId) return true;
  await others.note(channelKey(channel), "made");
  return false;
}

async function make({ slack }: MakeDependencies, context: StepContext): Promise<IncidentEvent[]> {
  const { log, incidentId, effects, signal } = context;
  const view = viewOf(log);
  try {
    for (let attempt = 1; attempt <= MOST_NAMES; attempt++) {
      const { id, name } = await effects.deliver(
        `channel:${attempt}`,
        "slack-channel",
        { name: madeChannelName(incidentId, view, attempt) },
        // Names are unique in Slack: what was made before a crash is found when its name is asked for again.
        { find: async () => null, act: async (kept) => ({ name: kept.name, id: await slack.createChannel(kept.name, signal) }) },
      );
      if (id === null || (await isOfAnother(context, id))) continue;
      // Slack reports the new channel to midwatch too: from here on it is known whose it is.
      await context.claim(`slack:${id}`);
      const isLinked = log.some(({ event }) => event.type === "channel-linked" && event.channel === id);
      return [
        { type: "channel-made", channel: id, name },
        ...(isLinked ? [] : [{ type: "channel-linked" as const, channel: id, clue: "made" as const }]),
      ];
    }
    return [{ type: "channel-not-made", because: `${MOST_NAMES} possible names are taken in Slack` }];
  } catch (error) {
    if (!isFinal(error)) throw error;
    return [{ type: "channel-not-made", because: error.message }];
  }
}

/** What is wrong, whose page it is, and where more is: what people see at the top of the channel. */
function topicOf({ pageOf, redactedFor }: MakeDependencies, incidentId: string, view: IncidentView): string {
  const redacted = redactedFor(incidentId);
  const where = pageOf(incidentId) ?? view.page?.link ?? "";
  const head = `${escapeText(cutShort(unlinked(redacted(headlineOf(view).headline)), LONGEST_TITLE))} (${escapeText(triggerName(view.trigger))})`;
  return cutShort(where === "" || head.length + where.length + 3 > LONGEST_TOPIC ? head : `${head} · ${where}`, LONGEST_TOPIC);
}

async function furnish(deps: MakeDependencies, { log, incidentId, signal }: StepContext): Promise<IncidentEvent[]> {
  const known = madeChannel(log);
  if (known === null) throw new Error("there is no channel to furnish");
  const { slack, pageOf } = deps;
  const { channel } = known.made;
  const view = viewOf(log);
  const missed: string[] = [];
  /** What Slack refuses for good is named, and the rest goes on. */
  const tried = async <T>(what: string, work: () => Promise<T>): Promise<T | null> => {
    try {
      return await work();
    } catch (error) {
      if (!isFinal(error)) throw error;
      missed.push(`${what}: ${error.message}`);
      return null;
    }
  };
  await tried("topic", () => slack.setTopic(channel, topicOf(deps, incidentId, view), signal));
  const link = pageOf(incidentId) ?? view.page?.link ?? null;
  if (link !== null)
    await tried("bookmark", () => slack.addBookmark(channel, { title: "Incident: cause, evidence, timeline", link }, signal));
  const invited: Person[] = [];
  for (const { id, name } of (view.page?.assignees ?? []).slice(0, MOST_INVITED)) {
    const user = await tried(`invitation of ${name}`, () => inviteResponder(deps, channel, { page: view.page, id }, signal));
    if (typeof user === "string") invited.push({ user: name, userId: user });
    else if (user !== null) missed.push(`invitation of ${name}: ${user.because}`);
  }
  return [{ type: "channel-furnished", channel, invited, missed }];
}

/** @returns the Slack id of who is in the channel now, or why nobody is */
async function inviteResponder(
  { slack, responders }: MakeDependencies,
  channel: string,
  { page, id }: { readonly page: Page | null; readonly id: string },
  signal: AbortSignal,
): Promise<string | { readonly because: string }> {
  const email = (await responders.find(({ pager }) => pager === page?.pager)?.email(id, signal)) ?? null;
  if (email === null) return { because: "the pager gives no e-mail address" };
  const user = await slack.userByEmail(email, signal);
  if (user === null) return { because: "nobody in Slack has the pager's e-mail address" };
  // As for everything that midwatch does for people: full members of this workspace alone.
  if (standingOf(user, (await slack.authTest(signal)).value) !== null) return { because: "they are not a full member of the workspace" };
  await slack.inviteUser(channel, user.id, signal);
  return user.id;
}
