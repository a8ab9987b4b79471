import type { LoggedEvent } from "./event.ts";

/**
 * How people run an incident: who leads it, who works on what, how bad it is, how far it is, what was decided and who does it. All of it is set by
 * people; what midwatch or a message proposes counts only once a person has confirmed it.
 */

/** As Slack knows them; `userId` is null where only a name was given. */
export interface Person {
  readonly user: string;
  readonly userId: string | null;
}

/** How far the incident is, by its people. The pager's status is another thing. */
export const PHASES = ["investigating", "identified", "mitigated", "monitoring", "resolved"] as const;
export type Phase = (typeof PHASES)[number];

/** Something that a person sets or adds. */
export type DeskEntry =
  | { readonly what: "commander"; readonly person: Person }
  /** Who works on what. */
  | { readonly what: "role"; readonly person: Person; readonly task: string }
  /** "SEV1", "P2". */
  | { readonly what: "severity"; readonly level: string }
  | { readonly what: "phase"; readonly phase: Phase }
  | { readonly what: "decision"; readonly text: string }
  | { readonly what: "action"; readonly text: string; readonly owner: Person | null }
  /** `action`: its number, counted from 1 in the order in which they were added. */
  | { readonly what: "action-done"; readonly action: number }
  /** Whom it hurts, in people's words. */
  | { readonly what: "impact"; readonly text: string };

/** What a person set, and when. */
export interface Kept<T> {
  readonly value: T;
  readonly by: Person;
  readonly at: number;
  /** Place of it in the log. */
  readonly seq: number;
}

export interface DeskAction {
  readonly number: number;
  readonly text: string;
  readonly owner: Person | null;
  readonly by: Person;
  readonly at: number;
  readonly seq: number;
  /** null: it is open. */
  readonly done: { readonly by: Person; readonly at: number } | null;
}

/** Waits for one click that confirms or drops it. */
export interface Proposal {
  /** Channel and time of its message, then which of that message's it is: see {@link messageOf}. */
  readonly id: string;
  readonly entry: DeskEntry;
  /** Whose message it was found in. */
  readonly by: Person;
  readonly at: number;
}

/** Where the message of a proposal is. */
export function messageOf({ id }: Pick<Proposal, "id">): { readonly channel: string; readonly ts: string } {
  const [channel = "", ts = ""] = id.split(":");
  return { channel, ts };
}

export interface IncidentDesk {
  /** null: nobody has set it; so for each of these. */
  readonly phase: Kept<Phase> | null;
  readonly severity: Kept<string> | null;
  readonly commander: Kept<Person> | null;
  readonly impact: Kept<string> | null;
  /** The newest task of each person, in the order in which they were given. */
  readonly roles: readonly Kept<{ readonly person: Person; readonly task: string }>[];
  /** Oldest first. */
  readonly decisions: readonly Kept<string>[];
  readonly actions: readonly DeskAction[];
  readonly proposals: readonly Proposal[];
}

const same = (one: Person, other: Person): boolean =>
  one.userId !== null && other.userId !== null ? one.userId === other.userId : one.user.toLowerCase() === other.user.toLowerCase();

/** What people have set by now. From the log alone; of a proposal only the first answer counts. */
export function incidentDesk(log: readonly LoggedEvent[]): IncidentDesk {
  let phase: IncidentDesk["phase"] = null;
  let severity: IncidentDesk["severity"] = null;
  let commander: IncidentDesk["commander"] = null;
  let impact: IncidentDesk["impact"] = null;
  let roles: IncidentDesk["roles"] = [];
  const decisions: Kept<string>[] = [];
  const actions: DeskAction[] = [];
  const open = new Map<string, Proposal>();
  for (const { seq, at, event } of log) {
    if (event.type === "desk-entry-proposed") {
      const { id, entry, by } = event;
      open.set(id, { id, entry, by, at });
    } else if (event.type === "desk-entry-dropped") open.delete(event.proposal);
    if (event.type !== "desk-entry-made") continue;
    const { entry, by, proposal } = event;
    // Of two answers the first in the log counts.
    if (proposal !== undefined && !open.delete(proposal)) continue;
    const kept = <T>(value: T): Kept<T> => ({ value, by, at, seq });
    switch (entry.what) {
      case "commander":
        commander = kept(entry.person);
        break;
      case "role":
        roles = [...roles.filter(({ value }) => !same(value.person, entry.person)), kept({ person: entry.person, task: entry.task })];
        break;
      case "severity":
        severity = kept(entry.level);
        break;
      case "phase":
        phase = kept(entry.phase);
        break;
      case "decision":
        decisions.push(kept(entry.text));
        break;
      case "action":
        actions.push({ number: actions.length + 1, text: entry.text, owner: entry.owner, by, at, seq, done: null });
        break;
      case "action-done": {
        const one = actions[entry.action - 1];
        if (one !== undefined && one.done === null) actions[entry.action - 1] = { ...one, done: { by, at } };
        break;
      }
      case "impact":
        impact = kept(entry.text);
        break;
      default:
        entry satisfies never;
    }
  }
  return { phase, severity, commander, impact, roles, decisions, actions, proposals: [...open.values()] };
}
