import { type SlackClient, type SlackIdentity, SlackRefusalError } from "../integrations/slack/client.ts";
import type { RefusalCode } from "../incident/refusal.ts";
import type { SlackInbound } from "./inbound.ts";
import { standingOf } from "./standing.ts";

/** Who does something, and where: what a payload says of it. */
export interface Actor {
  readonly type: SlackInbound["type"];
  readonly fromOutside: boolean;
  readonly teamId: string | null;
  readonly enterpriseId: string | null;
  readonly user: string;
  /** Missing on midwatch's own page, which one person alone sees. */
  readonly channel?: string;
}

/** Whether somebody may act through Slack: what a click or command does. */
export interface Gate {
  /**
   * Why this person may not act here; null where they may.
   * @throws IntegrationError when Slack cannot be asked: then nobody may
   */
  refusal(inbound: Actor): Promise<RefusalCode | null>;
  /** Whether a person is among these users and user groups. @throws IntegrationError as above */
  isAmong(user: string, ids: readonly string[]): Promise<boolean>;
}

/** How long an answer of Slack's is believed, ms: short, for who was let go must not act. */
const KNOWN_MS = 60_000;

/**
 * Lets full members of the bot's own workspace act, in channels that no other organisation shares.
 * A signed payload says who clicked, not what they are: that is asked of Slack.
 */
export function createGate(slack: SlackClient, now: () => number): Gate {
  let workspace: Promise<SlackIdentity> | null = null;
  const known = new Map<string, { readonly at: number; readonly answer: Promise<unknown> }>();

  const identity = async (): Promise<SlackIdentity> => {
    workspace ??= slack.authTest().then(({ value }) => value);
    try {
      return await workspace;
    } catch (error) {
      workspace = null;
      throw error;
    }
  };

  function remembered<T>(key: string, ask: () => Promise<T>): Promise<T> {
    const before = known.get(key);
    if (before !== undefined && now() - before.at < KNOWN_MS) return before.answer as Promise<T>;
    if (known.size > 1_000) known.clear();
    const answer = ask();
    known.set(key, { at: now(), answer });
    answer.catch(() => known.delete(key));
    return answer;
  }

  async function isShared({ type, channel }: Actor): Promise<boolean> {
    if (channel === undefined) return false;
    try {
      return (await remembered(channel, () => slack.channelInfo(channel))).value.shared;
    } catch (error) {
      // A command may be typed, and a shortcut chosen, where midwatch is not. Its answer is shown to one person alone, so what is looked at is that one.
      if ((type === "command" || type === "shortcut") && error instanceof SlackRefusalError && error.code === "channel_not_found")
        return false;
      throw error;
    }
  }

  return {
    async refusal(inbound) {
      if (inbound.fromOutside) return "other-organisation";
      const home = await identity();
      if (inbound.user === home.botUserId) return "midwatch-itself";
      const isHome = inbound.teamId === null || inbound.teamId === home.teamId || inbound.teamId === home.enterpriseId;
      // A payload of another workspace of the same organisation is judged by the person's own list of workspaces.
      if (!isHome && (home.enterpriseId === null || inbound.enterpriseId !== home.enterpriseId)) return "other-workspace";
      const { user } = inbound;
      const standing = standingOf(await remembered(user, () => slack.user(user)), home);
      if (standing !== null) return standing;
      return (await isShared(inbound)) ? "shared-channel" : null;
    },
    async isAmong(user, ids) {
      if (ids.includes(user)) return true;
      const groups = await Promise.all(ids.filter((id) => id.startsWith("S")).map((id) => remembered(id, () => slack.userGroup(id))));
      return groups.some((people) => people.includes(user));
    },
  };
}
