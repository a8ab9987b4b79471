import { type IncidentDesk, incidentDesk, type Kept } from "../incident/desk.ts";
import type { LoggedEvent } from "../incident/event.ts";
import { impactOf } from "../incident/impact.ts";
import type { IncidentView } from "../incident/view.ts";
import { impactFigures } from "../report/impact-words.ts";
import type { IncidentReport } from "../report/incident-report.ts";
import type { IncidentStatus } from "../report/status.ts";
import { outsideLine } from "../report/tool-view.ts";
import { type Html, elapsed, html, severityChip, time } from "./html.ts";
import { wordsAsHtml } from "./words.ts";

/** Longest words of a person in the head, characters. */
const LONGEST = 300;
const LONGEST_NAME = 60;

/** One fact of the incident's head: what it is called, and its value; null: nobody has said or measured it. */
export interface IncidentFact {
  readonly name: string;
  readonly value: Html | string | null;
  /** What is shown while there is no value. */
  readonly none: string;
  /** Beside the value: who said so, or since when. */
  readonly note?: Html | string | null;
  readonly tone?: "bad" | "warn" | "good";
}

/** Whether someone has taken the page, and who. */
export function heldText(status: IncidentStatus): string {
  if (status.pager.status === "triggered") return "not acknowledged";
  return status.by === null ? status.pager.status : `${status.pager.status} by ${status.by}`;
}

const capitalized = (text: string) => `${text.charAt(0).toUpperCase()}${text.slice(1)}`;

const TONES = { triggered: "bad", acknowledged: "warn", resolved: "good" } as const;

/** How far people say it is; while nobody says, what the pager knows. */
function statusFact({ phase }: IncidentDesk, status: IncidentStatus): IncidentFact {
  const pager = status.pager.status;
  const value = phase === null ? (pager === "resolved" ? "Resolved" : "Open") : capitalized(phase.value);
  const note = phase === null && pager === "resolved" ? (status.by === null ? null : `by ${status.by}`) : heldText(status);
  return { ...{ name: "Status", value, none: "not set", note }, tone: phase?.value === "resolved" ? "good" : TONES[pager] };
}

/** Whom a message names, while nobody has confirmed it; null: nobody is named. */
function proposedCommander({ proposals }: IncidentDesk): string | null {
  const found = proposals.findLast(({ entry }) => entry.what === "commander");
  return found?.entry.what === "commander" ? `proposed: ${outsideLine(found.entry.person.user, LONGEST_NAME)}` : null;
}

const saidBy = <T>({ by, at }: Kept<T>): Html => html`${by.user}, ${time(at, "minute")}`;

function durationFact(view: IncidentView, status: IncidentStatus, now: number): IncidentFact {
  const from = time(status.since, "minute");
  return {
    ...{ name: "Duration", none: "not known" },
    value: elapsed(status.since, view.resolvedAt, now),
    note:
      view.resolvedAt === null
        ? html`${status.onset === null ? "paged" : "since"} ${from}`
        : html`${from} to ${time(view.resolvedAt, "minute")}`,
  };
}

/** What a commander asks first, in the order in which it is asked: all that the head of a page shows as a fact. */
export function incidentFacts(
  log: readonly LoggedEvent[],
  view: IncidentView,
  status: IncidentStatus,
  { answer }: Pick<IncidentReport, "answer">,
  now: number,
): readonly IncidentFact[] {
  const desk = incidentDesk(log);
  const { severity, commander, impact } = desk;
  const modelSays = answer?.impact?.words ?? null;
  const [counted = modelSays] = impactFigures(impactOf(log));
  const onCall = status.assignees.length === 0 ? null : `on call: ${status.assignees.join(", ")}`;
  return [
    statusFact(desk, status),
    {
      ...{ name: "Severity", none: "not set" },
      value: severityChip(severity === null ? status.severity : severity.value),
      note: severity === null ? null : saidBy(severity),
    },
    {
      name: "Commander",
      none: proposedCommander(desk) ?? "not set",
      value: commander === null ? null : commander.value.user,
      note: onCall,
    },
    impact === null
      ? { name: "Impact", none: "not known", value: counted === null ? null : wordsAsHtml(counted) }
      : { name: "Impact", none: "not known", value: outsideLine(impact.value, LONGEST), note: saidBy(impact) },
    durationFact(view, status, now),
  ];
}

/** The facts as a strip: each a name and its value. */
export const factStrip = (facts: readonly IncidentFact[]): Html =>
  html`<dl class="strip">
    ${facts.map(
      ({ name, value, none, note = null, tone }) =>
        html`<div class="fact f-${name.toLowerCase()} ${tone ?? ""}">
          <dt>${name}</dt>
          <dd>
            ${value === null ? html`<span class="none">${none}</span>` : html`<span class="value">${value}</span>`}
            ${note === null ? null : html`<span class="note">${note}</span>`}
          </dd>
        </div>`,
    )}
  </dl>`;
