import type { IncidentEvent } from "../incident/event.ts";
import type { SlackClient } from "../integrations/slack/client.ts";
import type { Gate } from "./gate.ts";
import type { InboundOf } from "./inbound.ts";

/** What people say in an incident's thread, as an event of it. */

export type Said = InboundOf<"message" | "mention">;

interface People {
  readonly slack: Pick<SlackClient, "userName">;
  readonly gate: Pick<Gate, "refusal">;
}

/** How long a message waits for what Slack knows of its author and of those whom it names, ms: Slack gives us three seconds. */
const WITHIN_MS = 1_000;
const MOST_NAMES = 10;
/** A person's id as `plainText` leaves it. */
const mention = /@([UW][A-Z0-9]{2,20})\b/g;

/** Whom Slack does not name, or not in time: an id says nothing to people. The event keeps it beside the name. */
export const SOMEBODY = "somebody";

/** What people call somebody; {@link SOMEBODY} where Slack does not say, or takes too long. */
export const nameOf = ({ slack }: Pick<People, "slack">, id: string): Promise<string> =>
  slack.userName(id, AbortSignal.timeout(WITHIN_MS)).then(
    (name) => (name === id ? SOMEBODY : name),
    () => SOMEBODY,
  );

/** As {@link nameOf}, of somebody who clicked: while Slack does not say, by the name of their account. */
export async function nameOfClicker(
  people: Pick<People, "slack">,
  { user, userName }: { readonly user: string; readonly userName: string | null },
): Promise<string> {
  const name = await nameOf(people, user);
  return name === SOMEBODY ? (userName ?? name) : name;
}

/** Whether somebody may not act. Their words are kept as anybody's where Slack does not say in time. */
const mayNotAsk = ({ gate }: People, inbound: Said): Promise<boolean> =>
  Promise.race([
    gate.refusal(inbound).then(
      (code) => code !== null,
      () => false,
    ),
    new Promise<false>((resolve) => AbortSignal.timeout(WITHIN_MS).addEventListener("abort", () => resolve(false))),
  ]);

/** The name of an author, and their text with names for the people in it. */
export async function namedWords(
  people: Pick<People, "slack">,
  { user, text }: { readonly user: string; readonly text: string },
): Promise<{ readonly user: string; readonly text: string }> {
  const ids = [...new Set([user, ...[...text.matchAll(mention)].flatMap(([, id]) => id ?? [])])].slice(0, MOST_NAMES);
  const names = new Map(await Promise.all(ids.map(async (id) => [id, await nameOf(people, id)] as const)));
  return {
    user: names.get(user) ?? SOMEBODY,
    text: text.replaceAll(mention, (_whole, id: string) => `@${names.get(id) ?? SOMEBODY}`),
  };
}

/** Words as an event, with names for ids. @param inChannel said in the incident's own channel */
export async function wordsAsEvent(people: People, inbound: Said, inChannel = false): Promise<IncidentEvent> {
  const { channel, ts, threadTs, user: userId, toBot } = inbound;
  const [isBarred, named] = await Promise.all([mayNotAsk(people, inbound), namedWords(people, inbound)]);
  return {
    type: "slack-message-received",
    ...{ channel, ts, threadTs, ...named, userId },
    ...(toBot ? { toBot: true } : {}),
    ...(isBarred ? { mayNotAsk: true } : {}),
    ...(inChannel ? { inChannel: true } : {}),
  };
}
