import { z } from "zod";
import { defineTool, type Tool } from "../../../incident/tool.ts";
import { composeView, outsideLine, outsideLines, utc, type ViewItem, quotedLine } from "../../../report/tool-view.ts";
import { duration } from "../../../report/words.ts";
import type { PagerdutyClient, PagerdutyIncident, PagerdutyLogEntry, PagerdutyNote, PlanFeature, SimilarIncident } from "../client.ts";
import { ownPage } from "../source.ts";
import { gather } from "./gather.ts";
import { serviceIdsOf } from "./service-id.ts";

const DAY_MS = 86_400_000;
const DAYS = 30;
/** Past incidents of which notes and log are read, two calls each. */
const MOST_READ = 3;
const NOTES_SHOWN = 3;
const RECENT_SHOWN = 30;

/** What people left on an incident that is over. */
interface Ending {
  readonly notes: readonly PagerdutyNote[] | null;
  readonly entries: readonly PagerdutyLogEntry[] | null;
}

function endingLines({ notes, entries }: Ending): string[] {
  const resolved = (entries ?? []).filter(({ type }) => type.startsWith("resolve")).at(-1);
  const told = (notes ?? []).slice(-NOTES_SHOWN);
  return [
    resolved === undefined
      ? entries === null
        ? "    how it ended was not read"
        : "    its log shows no end"
      : `    resolved ${resolved.at === null ? "" : utc(resolved.at)}${resolved.by === null ? "" : ` by ${outsideLine(resolved.by, 60)}`}: ${quotedLine(resolved.text, 160)}`,
    ...told.flatMap(({ at, by, text }) => [
      `    note${at === null ? "" : ` ${utc(at)}`}, ${outsideLine(by ?? "(unknown)", 60)}:`,
      ...outsideLines(text.slice(0, 2_000)).slice(0, 8),
    ]),
    ...(notes !== null && told.length === 0 ? ["    nobody wrote a note on it"] : []),
  ];
}

const listOf = (feature: PlanFeature<SimilarIncident> | null): readonly SimilarIncident[] =>
  feature?.available === true ? feature.items : [];

const similarLine = ({ id, title, at, score, because }: SimilarIncident) =>
  `- ${id} ${at === null ? "" : utc(at)} ${quotedLine(title, 160)}${score === null ? "" : `, likeness ${score}`}${
    because.length === 0 ? "" : `, because: ${outsideLine(because.join(", "), 80)}`
  }`;

const recentLine = ({ page, resolvedAt }: PagerdutyIncident) =>
  `- ${page.id} ${utc(page.createdAt)} ${page.status}${resolvedAt === null ? "" : ` after ${duration(resolvedAt - page.createdAt)}`}, ${page.urgency ?? "no"} urgency: ${quotedLine(page.title, 140)}`;

const section = (title: string, lines: readonly string[]): ViewItem[] =>
  lines.map((line, index) => ({ lines: index === 0 ? [title, line] : [line] }));

/** `pagerduty_related`: incidents like this one, with it, and before it. */
export function relatedTool(pagerduty: PagerdutyClient): Tool {
  return defineTool({
    name: "pagerduty_related",
    description:
      "Past incidents like this one and how they ended, open ones that may belong to it, and those of the same service in the last 30 days: did it happen before, what helped, does it come back at the same hour?",
    source: "PagerDuty",
    input: z.object({
      days: z
        .number()
        .int()
        .min(1)
        .max(180)
        .default(DAYS)
        .describe("How far back incidents of the same service are listed, days. Default 30."),
    }),
    async run({ days }, { question, signal, now }) {
      const id = ownPage(question);
      const { at } = question.trigger;
      const serviceIds = serviceIdsOf(question);
      const { take, answers, parts, notes, failures } = gather();
      // What comes after the page matters too.
      const window = { from: at - days * DAY_MS, to: Math.max(now(), at + 1_000) };
      const [past, open, listed] = await Promise.all([
        id === null ? null : take("past incidents", pagerduty.pastIncidents(id, signal)),
        id === null ? null : take("related incidents", pagerduty.relatedIncidents(id, signal)),
        serviceIds.length === 0 ? null : take("incidents of the service", pagerduty.listIncidents({ serviceIds, window }, signal)),
      ]);
      for (const feature of [past, open]) if (feature !== null && !feature.available) notes.push(feature.because);
      if (serviceIds.length === 0) notes.push("PagerDuty's id of the paged service is not known, so its other incidents were not listed");
      const similar = listOf(past);
      const endings = new Map<string, Ending>(
        await Promise.all(
          similar.slice(0, MOST_READ).map(async ({ id: of }): Promise<[string, Ending]> => {
            const [written, entries] = await Promise.all([
              take(`notes of ${of}`, pagerduty.notes(of, signal)),
              take(`log of ${of}`, pagerduty.logEntries(of, signal)),
            ]);
            return [of, { notes: written, entries }];
          }),
        ),
      );
      if (answers.length === 0 && failures[0] !== undefined) throw failures[0];
      const recent = (listed ?? []).filter(({ page }) => page.id !== id).toSorted((a, b) => b.page.createdAt - a.page.createdAt);
      const stillOpen = recent.filter(({ page }) => page.status !== "resolved").length;
      const related = listOf(open);
      const count = (known: boolean, number: number) => (known ? String(number) : "unknown");
      const words = `${count(past?.available === true, similar.length)} similar in the past, ${count(open?.available === true, related.length)} open and related, ${count(
        listed !== null,
        recent.length,
      )} more of the service in ${days} days${recent.length === 0 ? "" : ` (${stillOpen} not resolved)`}`;
      return {
        answers,
        fact: `PagerDuty around ${id ?? question.service}: ${words}${similar[0] === undefined ? "" : `; most alike ${similar[0].id} ${quotedLine(similar[0].title, 100)}`}`,
        view: (evidence) =>
          composeView(
            {
              facts: [
                `Around ${id ?? "the start"} of ${outsideLine(question.trigger.service?.name ?? question.service, 80)}, created ${utc(at)}: ${words}.`,
              ],
              items: [
                ...similar.map((one, index) => {
                  const ending = endings.get(one.id);
                  return {
                    lines: [
                      ...(index === 0 ? ["Similar past incidents, by PagerDuty:"] : []),
                      similarLine(one),
                      ...(ending === undefined ? [`    pagerduty_incident with incident_id=${one.id} has more`] : endingLines(ending)),
                    ],
                  };
                }),
                ...section("Open at the same time and related, by PagerDuty:", related.map(similarLine)),
                ...section(`The same service in ${days} days, newest first:`, recent.slice(0, RECENT_SHOWN).map(recentLine)),
              ],
              rest: (left) => `${left} more incidents are not shown: give fewer days, or ask pagerduty_incident for one by its id.`,
              parts,
              notes: [
                ...notes,
                ...(recent.length > RECENT_SHOWN
                  ? [`newest ${RECENT_SHOWN} of ${recent.length} incidents of the service; give fewer days`]
                  : []),
              ],
            },
            evidence,
          ),
      };
    },
  });
}
