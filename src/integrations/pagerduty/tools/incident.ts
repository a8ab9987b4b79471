import { z } from "zod";
import { IntegrationError } from "../../../guard/errors.ts";
import { defineTool, type Tool } from "../../../incident/tool.ts";
import { composeView, outsideLine, outsideLines, utc, type ViewItem, quotedLine } from "../../../report/tool-view.ts";
import type { OnCall, PagerdutyAlert, PagerdutyClient, PagerdutyIncident, PagerdutyLogEntry, PagerdutyNote } from "../client.ts";
import { ownPage } from "../source.ts";
import { gather } from "./gather.ts";

const LINES_OF_ALERT = 40;
const ALL_LINES_OF_ALERT = 400;
const ALERTS_FIRST = 3;
const ENTRIES_SHOWN = 25;

const when = (at: number | null) => (at === null ? "(time unknown)" : utc(at));

function headLines({ page, acknowledgements, resolvedAt, teams }: PagerdutyIncident): string[] {
  const { number, title, status, urgency, priority, createdAt, service, assignees, link } = page;
  return [
    `PagerDuty ${page.id}${number === null ? "" : ` (#${number})`}, ${status}, ${urgency ?? "no"} urgency${priority === null ? "" : `, ${outsideLine(priority, 20)}`}: ${quotedLine(title, 200)}`,
    `Service ${outsideLine(service?.name ?? "(none)", 80)}${service === null ? "" : ` (${service.id})`}, created ${utc(createdAt)}${
      resolvedAt === null ? "" : `, resolved ${utc(resolvedAt)}`
    }. Assigned to ${
      assignees
        .map(({ name }) => outsideLine(name, 60))
        .slice(0, 8)
        .join(", ") || "nobody"
    }.${
      acknowledgements.length === 0
        ? " Not acknowledged."
        : ` Acknowledged ${acknowledgements
            .slice(0, 4)
            .map(({ at, by }) => `${when(at)} by ${outsideLine(by ?? "(unknown)", 60)}`)
            .join("; ")}.`
    }${
      teams.length === 0
        ? ""
        : ` Teams: ${teams
            .slice(0, 5)
            .map(({ name }) => outsideLine(name, 40))
            .join(", ")}.`
    }${link === null ? "" : ` ${outsideLine(link, 150)}`}`,
  ];
}

function onCallLine(onCall: readonly OnCall[] | null): string {
  if (onCall === null) return "On call: not read.";
  const told = onCall.slice(0, 8).map(({ user, level, schedule, to }) => {
    const where = schedule === null ? "always" : `schedule ${outsideLine(schedule, 50)}`;
    return `level ${level} ${outsideLine(user.name, 60)} (${where}${to === null ? "" : `, until ${utc(to)}`})`;
  });
  return `On call now: ${told.length === 0 ? "nobody" : told.join("; ")}.`;
}

const alertItem = (alert: PagerdutyAlert, index: number, of: number, mostLines: number): ViewItem => {
  const lines = outsideLines(alert.text);
  const shown = lines.slice(0, mostLines);
  const more = (left: number) => `  (${left} more lines of this alert: only="alerts" first=${index + 1})`;
  return {
    lines: [
      `Alert ${index + 1} of ${of}: ${when(alert.at)} ${outsideLine(alert.severity ?? "no severity", 20)}, ${outsideLine(alert.status ?? "no status", 20)}${
        alert.integration === null ? "" : `, by ${outsideLine(alert.integration, 60)}`
      }:`,
      ...shown,
      ...(lines.length > shown.length ? [more(lines.length - shown.length)] : []),
    ],
    cut: more,
  };
};

const noteItem = ({ at, by, text }: PagerdutyNote): ViewItem => ({
  lines: [`Note, ${when(at)}, ${outsideLine(by ?? "(unknown)", 60)}:`, ...outsideLines(text.slice(0, 25_000), 500)],
  cut: (left) => `  (${left} more lines of this note: only="notes")`,
});

const entryLine = ({ at, type, by, text }: PagerdutyLogEntry) =>
  `- ${when(at)} ${outsideLine(type.replace(/_log_entry$/, ""), 40)}${by === null ? "" : ` by ${outsideLine(by, 60)}`}: ${quotedLine(text, 160)}`;

/** The latest entries as one item, oldest first. */
function logItem(entries: readonly PagerdutyLogEntry[]): ViewItem[] {
  const latest = entries.slice(-ENTRIES_SHOWN);
  if (latest.length === 0) return [];
  const older = entries.length - latest.length;
  return [
    {
      lines: [
        `Log, oldest first${older === 0 ? "" : ` (newest ${latest.length} of ${entries.length}; only="log" shows all)`}:`,
        ...latest.map(entryLine),
      ],
      cut: (left) => `  (${left} later entries: only="log")`,
    },
  ];
}

interface Parts {
  readonly alerts: readonly PagerdutyAlert[];
  readonly notes: readonly PagerdutyNote[];
  /** Oldest first. */
  readonly log: readonly PagerdutyLogEntry[];
}

/** What of the parts is shown: the first alerts, then what people wrote and did, then further alerts; or one part from an item on. */
function itemsOf({ alerts, notes, log }: Parts, only: keyof Parts | undefined, first: number): ViewItem[] {
  const lines = only === undefined ? LINES_OF_ALERT : ALL_LINES_OF_ALERT;
  const alertItems = alerts.map((alert, index) => alertItem(alert, index, alerts.length, lines));
  switch (only) {
    case undefined:
      return [...alertItems.slice(0, ALERTS_FIRST), ...notes.map(noteItem), ...logItem(log), ...alertItems.slice(ALERTS_FIRST)];
    case "alerts":
      return alertItems.slice(first - 1);
    case "notes":
      return notes.slice(first - 1).map(noteItem);
    case "log":
      return log.slice(first - 1).map((entry) => ({ lines: [entryLine(entry)] }));
  }
}

/** `pagerduty_incident`: one page with all that PagerDuty holds of it. */
export function incidentTool(pagerduty: PagerdutyClient): Tool {
  return defineTool({
    name: "pagerduty_incident",
    description:
      "A PagerDuty incident with its alerts' bodies (thresholds, values, links), people's notes, its log, and who is on call now.",
    source: "PagerDuty",
    input: z.object({
      incident_id: z
        .string()
        .regex(/^[A-Z0-9]{1,64}$/)
        .optional()
        .describe("PagerDuty's id, as pagerduty_related names it. Default: the incident under investigation."),
      only: z.enum(["alerts", "notes", "log"]).optional().describe("Show one part only, with long texts whole. Default: the head of each."),
      first: z
        .number()
        .int()
        .positive()
        .max(10_000)
        .default(1)
        .describe("With only: number of the first alert, note or log entry to show, the oldest log entry being 1"),
    }),
    async run({ incident_id: asked, only, first }, { question, signal }) {
      const id = asked ?? ownPage(question);
      if (id === null) throw new IntegrationError("pagerduty", "No PagerDuty incident started this investigation. Name one: incident_id.");
      const { take, answers, parts: told, notes } = gather();
      // Without the incident itself there is nothing to tell.
      const incident = await pagerduty.getIncident(id, signal);
      answers.push(incident);
      told.push("the incident");
      const policy = incident.value.escalationPolicy;
      const [alerts, written, entries, onCall] = await Promise.all([
        take("the alerts", pagerduty.listAlerts(id, signal)),
        take("the notes", pagerduty.notes(id, signal)),
        take("the log", pagerduty.logEntries(id, signal)),
        policy === null ? [] : take("who is on call", pagerduty.onCall({ escalationPolicyId: policy.id }, signal)),
      ]);
      const { page } = incident.value;
      const number = (list: readonly unknown[] | null, one: string, several: string) =>
        list === null ? `${several} not read` : `${list.length} ${list.length === 1 ? one : several}`;
      const counts = [
        number(alerts, "alert", "alerts"),
        number(written, "note", "notes"),
        number(entries, "log entry", "log entries"),
      ].join(", ");
      const called = onCall?.[0];
      const parts = { alerts: alerts ?? [], notes: written ?? [], log: (entries ?? []).toSorted((a, b) => (a.at ?? 0) - (b.at ?? 0)) };
      const items = itemsOf(parts, only, first);
      return {
        answers,
        fact: `PagerDuty ${page.id} ${quotedLine(page.title, 120)} ${page.status}, created ${utc(page.createdAt)}: ${counts}${
          called === undefined ? "" : `; on call ${outsideLine(called.user.name, 60)} (level ${called.level})`
        }`,
        view: (evidence) =>
          composeView(
            {
              facts: [...headLines(incident.value), `${onCallLine(onCall)} ${counts}.`],
              items,
              rest: (left) =>
                only === undefined
                  ? `${left} more parts do not fit here: only="alerts", "notes" or "log" shows one of them.`
                  : `${left} more ${only} do not fit here: first=${first + items.length - left}.`,
              notes,
              parts: told,
            },
            evidence,
          ),
      };
    },
  });
}
