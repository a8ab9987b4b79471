import type { DeskEntry, IncidentDesk } from "../incident/desk.ts";

/** What people set of an incident, in words for people. The words in it are theirs: code that shows it escapes it. */

/** An entry in a few words: "commander: Ana", "decision: roll back payments". */
export function deskEntryWords(entry: DeskEntry): string {
  switch (entry.what) {
    case "commander":
      return `commander: ${entry.person.user}`;
    case "role":
      return `${entry.person.user} works on: ${entry.task}`;
    case "severity":
      return `severity: ${entry.level}`;
    case "phase":
      return `status: ${entry.phase}`;
    case "decision":
      return `decision: ${entry.text}`;
    case "action":
      return entry.owner === null ? `action: ${entry.text}` : `action for ${entry.owner.user}: ${entry.text}`;
    case "action-done":
      return `action ${entry.action} is done`;
    case "impact":
      return `impact: ${entry.text}`;
  }
}

/** Severity and status, as far as people have set them: "SEV1, identified". */
export const deskState = ({ severity, phase }: Pick<IncidentDesk, "severity" | "phase">): string =>
  [severity?.value, phase?.value].filter((word) => word !== undefined).join(", ");

/** Who leads it and who works on what: "commander Ana · Jonas: rollback"; "" where nobody is named. */
export const peopleWords = ({ commander, roles }: Pick<IncidentDesk, "commander" | "roles">): string =>
  [
    ...(commander === null ? [] : [`commander ${commander.value.user}`]),
    ...roles.map(({ value: { person, task } }) => `${person.user}: ${task}`),
  ].join(" · ");

/** Actions that are still to do, with their owners. */
export const openActions = ({ actions }: Pick<IncidentDesk, "actions">): string[] =>
  actions
    .filter(({ done }) => done === null)
    .map(({ number, text, owner }) => `${number}. ${owner === null ? "nobody" : owner.user}: ${text}`);
