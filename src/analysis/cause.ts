import type { Reason, Suspect } from "../incident/finding.ts";
import type { TroubleKind } from "../incident/trouble.ts";
import { minuteTime } from "../report/words.ts";
import { kindOf } from "./trouble.ts";
import { shorten } from "./words.ts";

/** Longest line of a log or event within a cause, characters. */
const LONGEST_LINE = 160;
/** Longest clause. */
const LONGEST = 200;
/** Longest piece of code in a clause that is cut. */
const LONGEST_CODE = 80;
/** Facts below these say more of what follows from the trouble than of the trouble. */
const STRONGEST = 3;

/** How each trouble of a platform is said of a service, before what the platform gives as the reason: by itself, and with the time it began. */
const SAID = {
  quota: ["cannot start pods", "has been unable to start pods"],
  scheduling: ["has pods that no node takes", "has had pods that no node takes"],
  image: ["cannot pull its image", "has been unable to pull its image"],
  probe: ["fails its probe", "has failed its probe"],
} satisfies Partial<Record<TroubleKind, readonly [now: string, since: string]>>;

const quoted = (line: string): string => `\`${shorten(line.replaceAll("`", "'"), LONGEST_LINE)}\``;

/** A limit or code in brackets behind what the platform says: "(reason: OOMKilled, exit code: 137)". */
const detailOf = (line: string): string => /\((?:reason|exit)[^()]{0,80}\)/i.exec(line)?.[0] ?? "";

/**
 * What is wrong with a suspect in one clause that follows its name: how it fails, since when, because of what. It comes from the strongest fact.
 * What a blamed change did is a reason of its own. null: there is no fact.
 */
export function causeOf(suspect: Suspect): string | null {
  const facts = suspect.reasons.filter(({ code }) => code !== "change-live");
  const [first] = facts;
  if (first === undefined) return null;
  return firstClauses(howOf(suspect, facts.slice(0, STRONGEST)) ?? withoutName(first, suspect.service));
}

/** When a fact began: another one of the same service may have begun earlier or later. */
const sinceOf = ({ since }: Reason): string => (since === undefined ? "" : ` since ${minuteTime(since)}`);

function howOf(suspect: Suspect, facts: readonly Reason[]): string | null {
  const kinds = facts.map((fact) => kindOf(fact, suspect.fault));
  const grew = facts.find(({ code }, index) => code === "grows" && kinds[index] === "memory");
  // A process that was ended for its memory crashes too, and its own error line says why it does.
  const memory = facts[kinds.indexOf("out-of-memory")];
  if (memory !== undefined) {
    const detail = detailOf(memory.text);
    const what = facts.some(({ quote }) => /java heap space/i.test(quote ?? "")) ? "Java heap" : "memory";
    return `ran out of ${what}${detail === "" ? "" : ` ${detail}`}${grew === undefined ? sinceOf(memory) : ` after growing${sinceOf(grew)}`}`;
  }
  const crash = facts[kinds.indexOf("crash")];
  // A count of restarts says by itself how many there were: one is no crash that goes on.
  if (crash !== undefined && crash.code !== "level-moved") {
    // How long it has gone on is known better by an event that counts itself than by what was read.
    const counted = /\(x\d{1,9} over [\dhms]{1,20}\)/.exec(crash.text)?.[0];
    const why = facts.find(({ code, quote }) => (code === "log-new" || code === "error-new") && quote !== null);
    const since = sinceOf(crash);
    const how = counted !== undefined ? `keeps crashing ${counted}` : since === "" ? "keeps crashing" : `has kept crashing${since}`;
    return `${how}${why?.quote == null ? "" : `: ${quoted(why.quote)}`}`;
  }
  const [first] = facts;
  const [kind] = kinds;
  if (first !== undefined && kind != null && kind in SAID)
    return `${SAID[kind as keyof typeof SAID][first.since === undefined ? 0 : 1]}${sinceOf(first)}: ${shorten(first.short ?? first.quote ?? first.text, LONGEST_LINE)}`;
  // What a line says comes before how often it came.
  if (first?.quote != null && (first.code === "log-new" || first.code === "error-new"))
    return `${first.since === undefined ? "logs" : "has logged"} ${quoted(first.quote)}${sinceOf(first)}`;
  return null;
}

/** A reason's text behind the name of its service. */
const withoutName = ({ short, text }: Reason, service: string): string => {
  const words = short ?? text;
  return words.startsWith(`${service} `) ? words.slice(service.length + 1) : words;
};

/** Ends of clauses, outside of code. */
const CLAUSE_END = /`[^`]*`|(; |: | — )/g;

/** The first clauses of a text, as many as fit: what follows is in the reasons. */
function firstClauses(whole: string): string {
  if (whole.length <= LONGEST) return whole;
  const text = whole.replaceAll(/`([^`]*)`/g, (_, code: string) => `\`${shorten(code, LONGEST_CODE)}\``);
  if (text.length <= LONGEST) return text;
  const ends = [...text.matchAll(CLAUSE_END)].flatMap(({ 1: mark, index }) => (mark === undefined || index > LONGEST ? [] : [index]));
  const end = ends.at(-1) ?? 0;
  return end < LONGEST / 3 ? shorten(text, LONGEST) : text.slice(0, end);
}
