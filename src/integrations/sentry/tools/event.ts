import { z } from "zod";
import { composeView, outsideLine, utc } from "../../../report/tool-view.ts";
import { defineTool } from "../../../incident/tool.ts";
import type { SentryClient } from "../client.ts";
import type { Frame, SentryException } from "../to-event.ts";

const MOST_EXCEPTIONS = 8;

function describeFrame({ filename, module, function: name, line }: Frame): string {
  const file = filename ?? module ?? "unknown file";
  return `  | ${outsideLine(name ?? "(anonymous)", 160)} at ${outsideLine(file, 200)}${line === null ? "" : `:${line}`}`;
}

function describe({ type, value, frames }: SentryException, index: number): string[] {
  const word = index === 0 ? "Thrown" : "Caused by";
  return [
    `- ${word}: ${outsideLine(type ?? "no type", 160)}; ${frames.length === 0 ? "no frames" : `${frames.length} frames, innermost first`}`,
    ...(value === null || value === "" ? [] : [`  | ${outsideLine(value, 600)}`]),
    ...frames.map(describeFrame),
  ];
}

/** One event of an issue, with its stack. */
export const eventTool = (sentry: SentryClient) =>
  defineTool({
    name: "sentry_event",
    source: "Sentry",
    description:
      "Where in the code was it thrown: the latest event of one Sentry issue with its exceptions and own frames (file, line), release, tags. No user data.",
    input: z.object({
      issue_id: z
        .string()
        .regex(/^[\w-]{1,60}$/, { error: "an id as sentry_issues names it, for example 4817" })
        .describe("Id of the issue as sentry_issues names it"),
    }),
    async run({ issue_id: issueId }, { signal }) {
      const answer = await sentry.latestEvent({ issueId }, signal);
      const event = answer.value;
      const exceptions = event.exceptions.slice(0, MOST_EXCEPTIONS);
      const [thrown] = event.exceptions;
      const [frame] = thrown?.frames ?? [];
      const title = outsideLine(event.title, 300);
      const facts = [
        `latest event of issue ${issueId}${event.at === null ? "" : `, ${utc(event.at)}`}, release ${outsideLine(event.release ?? "unknown", 120)}, environment ` +
          `${outsideLine(event.environment ?? "unknown", 60)}, ${event.exceptions.length} exceptions in the chain`,
      ];
      const tags = Object.entries(event.tags)
        .filter(([key]) => key !== "release" && key !== "environment")
        .map(([key, value]) => `${outsideLine(key, 40)}=${outsideLine(value, 120)}`);
      return {
        answers: [answer],
        view: (evidence) =>
          composeView(
            {
              facts,
              items: [
                { lines: [`  | ${title}`, ...(event.culprit === null ? [] : [`  | culprit: ${outsideLine(event.culprit, 200)}`])] },
                ...exceptions.map((exception, index) => ({
                  lines: describe(exception, index),
                  cut: (left: number) => `  (${left} more frames of this exception do not fit)`,
                })),
                ...(tags.length === 0 ? [] : [{ lines: [`  | tags: ${tags.join(", ")}`] }]),
              ],
              rest: (left) => `${left} more parts of the event do not fit here; open the issue in Sentry for them.`,
              notes: [
                ...(event.exceptions.length > MOST_EXCEPTIONS
                  ? [`${event.exceptions.length - MOST_EXCEPTIONS} further causes left out; open the issue in Sentry for them`]
                  : []),
                ...(event.exceptions.length === 0 ? ["the event carries no exception: it is a message or another kind of issue"] : []),
                "frames are those of your own code where any is marked so, at most 20 of each exception; requests, users and variables are never read",
              ],
            },
            evidence,
          ),
        fact: outsideLine(
          `Sentry event of issue ${issueId}: ${title}${frame === undefined ? "" : `, thrown in ${frame.function ?? "?"} at ${frame.filename ?? frame.module ?? "?"}:${frame.line ?? "?"}`}`,
          400,
        ),
      };
    },
  });
