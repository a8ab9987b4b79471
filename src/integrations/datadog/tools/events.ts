import { z } from "zod";
import type { Unnumbered } from "../../../incident/answer.ts";
import { notAsked, windowInput } from "../../../report/compared-windows.ts";
import type { ChangeEvent } from "../../../incident/telemetry.ts";
import { composeView, counted, outsideLine, utc, windowOf } from "../../../report/tool-view.ts";
import { defineTool } from "../../../incident/tool.ts";
import type { DatadogClient } from "../client.ts";
import { count } from "../words.ts";
import { repeatedEvents, type RepeatedEvent } from "./repeated-events.ts";
import { datadogService, searchValue } from "./scope.ts";

const EVENTS = 2_000;

function describeChange(change: Unnumbered<ChangeEvent>, nameOf: (service: string) => string): string[] {
  const code =
    change.sha === null
      ? ""
      : `, code ${change.previousSha === null ? "" : `${outsideLine(change.previousSha, 40).slice(0, 12)} → `}${outsideLine(change.sha, 40)}`;
  const parts = [
    change.version === null ? "" : `, version ${outsideLine(change.version, 80)}`,
    code,
    change.author === null ? "" : `, by ${outsideLine(change.author, 60)}`,
    change.pullRequest === null ? "" : `, PR #${change.pullRequest.number}`,
    change.repository === null ? "" : ` in ${outsideLine(change.repository, 80)}`,
  ];
  return [
    `- ${utc(change.at)} ${change.kind} of ${change.service === null ? "no named service" : outsideLine(nameOf(change.service), 80)}${parts.join("")}`,
    `  | ${outsideLine(change.title, 200)}`,
  ];
}

/** The first of several, where it says something else than the last. */
function openingLines({ count: times, sample, opening }: RepeatedEvent): string[] {
  if (times === 1 || (opening.title === sample.title && opening.text === sample.text)) return [];
  const words = [opening.title, opening.text].filter((part, index, all) => part.trim() !== "" && all.indexOf(part) === index);
  return [`  the first of them, ${utc(opening.at)}:`, ...words.map((part) => `  | ${outsideLine(part, 300)}`)];
}

/** Characters of an event's text: of few kinds of event all that matters is shown (which volume, which exit code), of many what they are. */
const LONGEST_TEXT = { few: 700, many: 300 } as const;
const FEW_KINDS = 5;

function describeEvent(event: RepeatedEvent, nameOf: (service: string) => string, longest: number): string[] {
  const { sample, instances } = event;
  const often =
    event.count === 1
      ? `at ${utc(event.last)}`
      : `×${count(event.count)} from ${utc(event.first)} to ${utc(event.last)}, ${event.since === event.count ? "all" : `${count(event.since)} of them`} in the time under suspicion`;
  const where =
    instances.length === 0
      ? ""
      : ` [${instances
          .slice(0, 3)
          .map((one) => outsideLine(one, 60))
          .join(", ")}${instances.length > 3 ? ` and ${count(instances.length - 3)} more` : ""}]`;
  const text = outsideLine(sample.text, longest);
  const title = outsideLine(sample.title, 200);
  return [
    `- ${event.severity} ${outsideLine(event.source, 40)}${event.service === null ? "" : ` of ${outsideLine(nameOf(event.service), 80)}`}${where} ${often}`,
    // A text that begins with its title says it all.
    ...(title !== "" && text.startsWith(title.replace(/…$/, "")) ? [] : [`  | ${title}`]),
    ...(text === "" ? [] : [`  | ${text}`]),
    ...openingLines(event),
  ];
}

/** Deploys and what the platform did. */
export const eventsTool = (datadog: DatadogClient) =>
  defineTool({
    name: "datadog_events",
    source: "Datadog events",
    description:
      "Deploys, flags and configuration as Datadog knows them, and what the platform did (restarts, OOM kills, failed probes, failovers, scaling), from a day before the page on. Repeats are one line.",
    input: z.object({
      query: z.string().max(2_000).optional().describe("Datadog event search: source:kubernetes OOMKilled. Default: every event"),
      service: z.string().min(1).max(200).optional().describe("Only events tagged with this service of the catalog. Default: all"),
      kind: z.enum(["all", "changes", "platform"]).default("all").describe("Only changes, only platform events, or both (default)"),
      ...windowInput,
      limit: z.int().min(1).max(100).default(30).describe("Most entries, 1 to 100; default 30"),
    }),
    async run(input, { question, signal, now }) {
      const window = windowOf(input, { from: question.changesFrom, to: question.window.to }, question, now());
      if (typeof window === "string") return notAsked(window);
      const service = input.service === undefined ? "" : `service:${searchValue(datadogService(question, input.service))}`;
      const own = input.query?.trim() ?? "";
      // Like triage, in all environments: what the platform reports seldom carries the tag.
      const query =
        [service, own === "" || own === "*" ? "" : service === "" ? own : `(${own})`].filter((part) => part !== "").join(" ") || "*";
      const answer = await datadog.searchEvents({ query, window, limit: EVENTS, sort: "-timestamp" }, signal);
      const changes = input.kind === "platform" ? [] : answer.value.changes.toSorted((a, b) => b.at - a.at);
      const events = input.kind === "changes" ? [] : repeatedEvents(answer.value.events, question.window.from);
      const platform = events.reduce((sum, event) => sum + event.count, 0);
      const summary =
        `${counted(changes.length, "change")}, ${counted(platform, "platform event")} of ${counted(events.length, "kind")} match ${outsideLine(query, 160)} ` +
        `from ${utc(window.from)} to ${utc(window.to)}`;
      const entries = [
        ...changes.map((change) => ({ lines: describeChange(change, question.nameOf) })),
        ...events.map((event) => ({
          lines: describeEvent(event, question.nameOf, events.length <= FEW_KINDS ? LONGEST_TEXT.few : LONGEST_TEXT.many),
        })),
      ];
      const [lastChange] = changes;
      return {
        answers: [answer],
        view: (evidence) =>
          composeView(
            {
              facts: [
                summary,
                `Changes first, newest first; then platform events, those since ${utc(question.window.from)} first. Times are UTC.`,
              ],
              items: entries.slice(0, input.limit),
              rest: (left) => `${count(left)} more entries do not fit here: narrow with service, query, kind, from or to.`,
              notes: [
                ...(entries.length > input.limit
                  ? [
                      `${count(entries.length - input.limit)} further entries left out; raise limit, or narrow with service, query, kind, from or to`,
                    ]
                  : []),
                ...(answer.cut === null ? [] : [answer.cut]),
                ...(entries.length === 0 && input.service !== undefined
                  ? ["events without a service tag are found only without service"]
                  : []),
              ],
            },
            evidence,
          ),
        fact: outsideLine(
          `Datadog events: ${summary}${lastChange === undefined ? "" : `; last change: ${describeChange(lastChange, question.nameOf)[0]?.slice(2) ?? ""}`}`,
          400,
        ),
      };
    },
  });
