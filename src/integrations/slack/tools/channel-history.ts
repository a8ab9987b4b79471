import { z } from "zod";
import { IntegrationError } from "../../../guard/errors.ts";
import { defineTool, type Tool } from "../../../incident/tool.ts";
import { composeView, counted, outsideLine, outsideLines, utc, type ViewItem, windowOf, quotedLine } from "../../../report/tool-view.ts";
import { aroundInput } from "../../../report/compared-windows.ts";
import type { SlackClient } from "../client.ts";
import type { ChannelMessage } from "../posted-messages.ts";
import { namesOf } from "./people.ts";
import type { PlaceOf } from "./place.ts";

/** Of one message; all of it where a start is given. */
const LINES_OF_PERSON = 20;
const MOST_LINES = 400;
const HOUR_MS = 3_600_000;

/** Messages in order; adjacent ones of bots are one group. */
function groups(messages: readonly ChannelMessage[]): ChannelMessage[][] {
  const made: ChannelMessage[][] = [];
  for (const message of messages) {
    const last = made.at(-1);
    if (message.byBot && last?.[0]?.byBot === true) last.push(message);
    else made.push([message]);
  }
  return made;
}

const nameOfBot = ({ key, botName }: ChannelMessage) => (key !== null ? "midwatch" : outsideLine(botName ?? "a bot", 40));
const at = ({ ts }: Pick<ChannelMessage, "ts">) => utc(Number(ts) * 1000);

/** Several messages of bots in two lines; one of them as it is. */
function botItem(group: readonly ChannelMessage[]): ViewItem {
  const [first] = group;
  const last = group.at(-1);
  if (first === undefined || last === undefined) return { lines: [] };
  const text = (message: ChannelMessage) => outsideLine(message.text, 160);
  if (group.length === 1) return { lines: [`- ${at(first)} bot ${nameOfBot(first)}: "${text(first)}"`] };
  const counts = Object.entries(Object.groupBy(group, nameOfBot)).map(([name, of]) => `${of?.length ?? 0} of ${name}`);
  return {
    lines: [
      `- ${at(first)} to ${at(last)} ${group.length} messages of bots (${counts.slice(0, 5).join(", ")}); first: "${text(first)}"`,
      `    last: "${text(last)}"`,
    ],
  };
}

/** `slack_channel_history`: what was said in the incident's channel. */
export function channelHistoryTool(slack: SlackClient, placeOf: PlaceOf): Tool {
  return defineTool({
    name: "slack_channel_history",
    description:
      "What was said in the incident's channel outside of threads in a window: announcements of deploys, maintenance or tests. text= keeps messages that hold some words.",
    source: "Slack",
    input: z.object({
      from: z.string().max(40).optional().describe("Start. Default: two hours before the page."),
      to: z.string().max(40).optional().describe("End, like from. Default: now."),
      around: aroundInput,
      text: z
        .string()
        .min(1)
        .max(100)
        .optional()
        .describe("Only messages that hold this text, in any letter case; those of bots too, each by itself"),
    }),
    async run({ text, ...asked }, { question, signal, now }) {
      const place = await placeOf(question, signal);
      if (place === null) throw new IntegrationError("slack", "No Slack channel of this incident is known, so nothing can be read there.");
      const paged = question.trigger.at;
      const window = windowOf(asked, { from: paged - 2 * HOUR_MS, to: Math.max(now(), paged) }, question, now());
      if (typeof window === "string") throw new IntegrationError("slack", window);
      const answer = await slack.channelHistory({ channel: place.channel, window }, signal);
      const wanted = text?.toLowerCase();
      const messages = wanted === undefined ? answer.value : answer.value.filter((message) => message.text.toLowerCase().includes(wanted));
      const people = messages.filter(({ byBot }) => !byBot);
      const names = await namesOf(
        slack,
        people.map(({ user }) => user),
        people.map((message) => message.text),
        signal,
      );
      const most = asked.from === undefined ? LINES_OF_PERSON : MOST_LINES;
      const who = (user: string | null) => outsideLine(names.of(user), 60);
      const holding = text === undefined ? "" : ` that hold ${JSON.stringify(outsideLine(text, 100))} (of ${answer.value.length})`;
      const head = `Slack channel of the incident, ${utc(window.from)} to ${utc(window.to)}: ${counted(people.length, "message")} of people and ${
        messages.length - people.length
      } of bots${holding}`;
      const latest = people.at(-1);
      const grouped = wanted === undefined ? groups(messages) : messages.map((message) => [message]);
      return {
        answers: [answer],
        fact: `${head}${latest === undefined ? "" : `; last ${at(latest)} ${who(latest.user)}: ${quotedLine(names.inText(latest.text), 120)}`}`,
        view: (evidence) =>
          composeView(
            {
              facts: [`${head}. Their words are after "|".`, ...(messages.length === 0 ? ["Nothing found there."] : [])],
              items: grouped.map((group): ViewItem => {
                const [message] = group;
                if (message === undefined || message.byBot) return botItem(group);
                const lines = outsideLines(names.inText(message.text), 500);
                const more = lines.length - most;
                return {
                  lines: [
                    `- ${at(message)} ${who(message.user)}${message.replies === 0 ? "" : ` (${message.replies} replies in a thread)`}:`,
                    ...lines.slice(0, most),
                    ...(more > 0 ? [`  (${more} more lines of this message: from=${at(message)})`] : []),
                  ],
                };
              }),
              rest: (left) => `${left} later entries are not shown: give from= the time of the last one above, or text= words to look for.`,
              notes: [answer.cut, names.note].filter((note) => note !== null),
            },
            evidence,
          ),
      };
    },
  });
}
