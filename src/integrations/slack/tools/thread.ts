import { z } from "zod";
import { IntegrationError } from "../../../guard/errors.ts";
import { defineTool, type Tool } from "../../../incident/tool.ts";
import { composeView, counted, outsideLine, outsideLines, TIME_WORDS, utc, instantOf, quotedLine } from "../../../report/tool-view.ts";
import type { SlackClient } from "../client.ts";
import { namesOf } from "./people.ts";
import type { PlaceOf } from "./place.ts";

/** Of one message; all of it where a time is given. */
const LINES_OF_PERSON = 30;
const MOST_LINES = 400;

/** `slack_thread`: what was said in the incident's own thread. */
export function threadTool(slack: SlackClient, placeOf: PlaceOf): Tool {
  return defineTool({
    name: "slack_thread",
    description: "What people said in this incident's own Slack thread, oldest first: what responders saw, tried or asked.",
    source: "Slack",
    input: z.object({
      from: z.string().max(40).optional().describe("Only messages since then. Default: the whole thread."),
    }),
    async run({ from }, { question, signal, now }) {
      const place = await placeOf(question, signal);
      if (place === null || place.threadTs === null)
        throw new IntegrationError("slack", "This incident has no thread in Slack yet, so nothing was said in it.");
      const since = from === undefined ? 0 : instantOf(from, question.trigger.at, now());
      if (since === null) throw new IntegrationError("slack", `${quotedLine(from ?? "", 60)} is not a time. Write it as ${TIME_WORDS}.`);
      const answer = await slack.threadReplies(
        { channel: place.channel, threadTs: place.threadTs, ...(from === undefined ? {} : { since }) },
        signal,
      );
      // Slack gives a thread's first message whatever time is asked for.
      const messages = answer.value.filter(({ ts }) => Number(ts) * 1000 >= since);
      const people = messages.filter(({ byBot }) => !byBot);
      const names = await namesOf(
        slack,
        people.map(({ user }) => user),
        people.map(({ text }) => text),
        signal,
      );
      const most = from === undefined ? LINES_OF_PERSON : MOST_LINES;
      const said = (user: string | null) => outsideLine(names.of(user), 60);
      const speakers = [...new Set(people.map(({ user }) => said(user)))];
      const head = `Slack thread of the incident${from === undefined ? "" : ` since ${utc(since)}`}: ${counted(people.length, "message")} of people${
        speakers.length === 0 ? "" : ` (${speakers.slice(0, 6).join(", ")})`
      }, ${messages.length - people.length} of bots`;
      const latest = people.at(-1);
      return {
        answers: [answer],
        fact: `${head}${latest === undefined ? "" : `; last ${utc(Number(latest.ts) * 1000)} ${said(latest.user)}: ${quotedLine(names.inText(latest.text), 120)}`}`,
        view: (evidence) =>
          composeView(
            {
              facts: [`${head}. Their words are after "|".`, ...(people.length === 0 ? ["Nobody has written in it."] : [])],
              items: messages.flatMap(({ ts, user, byBot, text, key }) => {
                const at = utc(Number(ts) * 1000);
                if (byBot) {
                  // A picture alone says nothing here.
                  if (text === "") return [];
                  const who = key === null ? "a bot" : "midwatch";
                  return { lines: [`- ${at} ${who}: ${quotedLine(text, 160)}`] };
                }
                const lines = outsideLines(names.inText(text), 500);
                const more = lines.length - most;
                return {
                  lines: [
                    `- ${at} ${said(user)}:`,
                    ...lines.slice(0, most),
                    ...(more > 0 ? [`  (${more} more lines of this message: from=${at})`] : []),
                  ],
                };
              }),
              rest: (left) => `${left} later messages are not shown: give from= the time of the last one above.`,
              notes: [answer.cut, names.note].filter((note) => note !== null),
            },
            evidence,
          ),
      };
    },
  });
}
