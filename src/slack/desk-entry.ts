import { nearestName } from "../guard/nearest-name.ts";
import { type DeskEntry, type Person, PHASES } from "../incident/desk.ts";

/** What people type to set something of an incident, as an entry. The form decides, not what the words say. */

const LONGEST = 500;
const MOST_DIGITS = 3;

export interface DeskVerb {
  readonly name: string;
  readonly takes: string;
  readonly help: string;
  /** The entry, or what is wrong with the words. @param me who typed them */
  parse(words: string, me: Person): DeskEntry | string;
}

/** A person as they appear in typed text: "@U012" with Slack's id, or "@name". */
const NAMED = /^@([\p{L}\p{N}._-]{1,80}?)(?=[.,:;]?(?:\s|$))[.,:;]?/u;
const ID = /^[UW][A-Z0-9]{2,20}$/;

/** A person at the start of a text, and what follows; null where it begins with none. `me` is who typed it. */
function personAt(words: string, me: Person): { readonly person: Person; readonly rest: string } | null {
  const own = /^me\b[.,:;]?/i.exec(words);
  if (own !== null) return { person: me, rest: words.slice(own[0].length).trim() };
  const found = NAMED.exec(words);
  const name = found?.[1];
  if (found === null || name === undefined) return null;
  return { person: { user: name, userId: ID.test(name) ? name : null }, rest: words.slice(found[0].length).trim() };
}

const text = (words: string): string => words.replaceAll(/\s+/g, " ").trim().slice(0, LONGEST);

/** "1", "sev 1", "SEV-1", "P1". */
const LEVEL = /^(sev|s|p)?[\s-]?([0-5])$/i;

export const deskVerbs: readonly DeskVerb[] = [
  {
    name: "commander",
    takes: "@name",
    help: "names who leads the incident",
    parse: (words, me) => {
      const found = personAt(words, me);
      return found === null || found.rest !== ""
        ? "Name one person: /midwatch commander @name"
        : { what: "commander", person: found.person };
    },
  },
  {
    name: "assign",
    takes: "@name task",
    help: "says who works on what",
    parse: (words, me) => {
      const found = personAt(words, me);
      return found === null || found.rest === ""
        ? "Name a person and what they work on: /midwatch assign @name the rollback"
        : { what: "role", person: found.person, task: text(found.rest) };
    },
  },
  {
    name: "severity",
    takes: "SEV0 … SEV5, or P0 … P5",
    help: "sets how severe the incident is",
    parse: (words) => {
      const found = LEVEL.exec(words.trim());
      return found === null
        ? "Name a level: /midwatch severity SEV2"
        : { what: "severity", level: `${found[1]?.toLowerCase() === "p" ? "P" : "SEV"}${found[2]}` };
    },
  },
  {
    name: "status",
    takes: PHASES.join(" | "),
    help: "sets the incident's status; without one, shows each open incident: how bad, why and what to do",
    parse: (words) => {
      const typed = words.trim().toLowerCase();
      const phase = PHASES.find((one) => one === typed);
      if (phase !== undefined) return { what: "phase", phase };
      const near = nearestName(typed, PHASES);
      return near === null
        ? `A status is one of: ${PHASES.join(", ")}.`
        : `Did you mean ${near}? A status is one of: ${PHASES.join(", ")}.`;
    },
  },
  {
    name: "decision",
    takes: "what was decided",
    help: "puts a decision on the timeline",
    parse: (words) =>
      words.trim() === "" ? "Say what was decided: /midwatch decision roll back payments" : { what: "decision", text: text(words) },
  },
  {
    name: "action",
    takes: "@name what to do",
    help: "adds something to do, with its owner",
    parse: (words, me) => {
      const found = personAt(words, me);
      const rest = found === null ? words : found.rest;
      return rest.trim() === ""
        ? "Say who does what: /midwatch action @name roll back payments"
        : { what: "action", text: text(rest), owner: found?.person ?? null };
    },
  },
  {
    name: "done",
    takes: "number of the action",
    help: "marks an action as done",
    parse: (words) => {
      const typed = words.trim().replace(/^#/, "");
      return /^\d+$/.test(typed) && typed.length <= MOST_DIGITS && Number(typed) > 0
        ? { what: "action-done", action: Number(typed) }
        : "Name the action by its number: /midwatch done 1";
    },
  },
  {
    name: "impact",
    takes: "who is affected",
    help: "records who is affected, in your words",
    parse: (words) =>
      words.trim() === "" ? "Say who is affected: /midwatch impact customers cannot pay" : { what: "impact", text: text(words) },
  },
];

/** So many proposals of one message are shown. */
const MOST_PROPOSALS = 3;
/** Marks of a list before a line's own words. */
const BULLET = /^(?:[-*•]|\d+[.)])\s+/;
const COMMANDER_OF = /^(?:the |our )?(?:incident )?(?:commander|ic)\b\s*(?:is|:|=|→|->|now)?\s*(@\S+?)[.!]?$/i;
const IS_COMMANDER = /^(@\S+?),?\s+(?:is|as|=|you are|you're)?\s*(?:now )?(?:the |our )?(?:incident )?(?:commander|ic)(?: now)?[.!]?$/i;
const I_COMMAND = /^(?:i'm|i’m|i am|im)\s+(?:now )?(?:the |your )?(?:incident )?(?:commander|ic)(?: now)?[.!]?$/i;

/** A whole sentence at the start of a line: "I have this. Looks like payments", not "I have this error too". */
const I_TAKE =
  /^(?:i(?:['’]ve| have)(?: got)?|i(?:['’]ll| will)? take|i(?:['’]m| am) (?:taking|leading)|i(?:['’]ll| will)? lead) (?:this|it)(?: one| incident)?(?:[.!,;]|$)/i;

function lineEntry(line: string, me: Person): DeskEntry | null {
  const typed = line.trim().replace(BULLET, "");
  // A question or a quote of somebody sets nothing.
  if (typed.startsWith(">") || typed.endsWith("?")) return null;
  if (I_COMMAND.test(typed) || I_TAKE.test(typed)) return { what: "commander", person: me };
  const named = COMMANDER_OF.exec(typed)?.[1] ?? IS_COMMANDER.exec(typed)?.[1];
  const commander = named === undefined ? null : personAt(named, me);
  if (commander !== null) return { what: "commander", person: commander.person };
  const labelled = /^(\p{L}{2,12})\s*:\s*(\S.*)$/u.exec(typed);
  const verb = deskVerbs.find(({ name }) => name === labelled?.[1]?.toLowerCase());
  if (verb === undefined) return null;
  const entry = verb.parse(labelled?.[2] ?? "", me);
  return typeof entry === "string" ? null : entry;
}

/**
 * What a message may set: a line that begins with a command's name and a colon ("decision: roll back"), or that names a commander. Found by the
 * form of the line; a person's click decides whether it is so.
 * @param message plain text with people as "@U012"
 */
export const entriesIn = (message: string, me: Person): readonly DeskEntry[] =>
  message
    .split("\n")
    .map((line) => lineEntry(line, me))
    .filter((entry) => entry !== null)
    .slice(0, MOST_PROPOSALS);

const people = (entry: DeskEntry): readonly Person[] =>
  entry.what === "commander" || entry.what === "role"
    ? [entry.person]
    : entry.what === "action" && entry.owner !== null
      ? [entry.owner]
      : [];

/** An entry with names for ids, also where a text mentions somebody. @param nameOf how people call a Slack id */
export async function withNames(entry: DeskEntry, nameOf: (id: string) => Promise<string>): Promise<DeskEntry> {
  const mention = /@([UW][A-Z0-9]{2,20})\b/g;
  const texts = "text" in entry ? entry.text : "task" in entry ? entry.task : "";
  const ids = new Set([
    ...people(entry).flatMap(({ userId }) => userId ?? []),
    ...[...texts.matchAll(mention)].flatMap(([, id]) => id ?? []),
  ]);
  const names = new Map(await Promise.all([...ids].slice(0, 10).map(async (id) => [id, await nameOf(id)] as const)));
  const named = (one: Person): Person => (one.userId === null ? one : { ...one, user: names.get(one.userId) ?? one.user });
  const inText = (words: string): string => words.replaceAll(mention, (whole, id: string) => (names.has(id) ? `@${names.get(id)}` : whole));
  switch (entry.what) {
    case "commander":
      return { ...entry, person: named(entry.person) };
    case "role":
      return { ...entry, person: named(entry.person), task: inText(entry.task) };
    case "action":
      return { ...entry, text: inText(entry.text), owner: entry.owner === null ? null : named(entry.owner) };
    case "decision":
    case "impact":
      return { ...entry, text: inText(entry.text) };
    default:
      return entry;
  }
}
