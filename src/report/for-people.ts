import { isSuspectPast } from "../incident/belief.ts";
import { type IncidentDesk, incidentDesk, messageOf, type Phase } from "../incident/desk.ts";
import type { LoggedEvent } from "../incident/event.ts";
import { impactOf, type KnownImpact, type RequestImpact } from "../incident/impact.ts";
import { triggerName } from "../incident/trigger.ts";
import { type IncidentView, viewOf } from "../incident/view.ts";
import { beliefWords } from "./belief-words.ts";
import { deskEntryWords, deskState, openActions, peopleWords } from "./desk-words.ts";
import { impactFigures, MORE_THAN_USUAL, uncountedWords } from "./impact-words.ts";
import { OWN_ADVICE } from "./do-now.ts";
import { doneSince, entryLine } from "./done-since.ts";
import { type IncidentReport, incidentReport } from "./incident-report.ts";
import { type LastWord, lastWordOf, lastWordWords } from "./last-word.ts";
import { sayable } from "./sayable.ts";
import { beganAt, headlineOf } from "./status.ts";
import { joinedWords, own, plainUnlinked, prose, say, unlinked, type Words } from "./text.ts";
import { type TimelineEntry, toTimeline } from "./timeline.ts";
import { counted, outsideLine } from "./tool-view.ts";
import { duration, figure, levelWords, minuteTime } from "./words.ts";

/**
 * What one person asks for in the middle of an incident: to catch up, to tell others, to hand over. Made from the log alone, so each line is in it.
 * Where the log does not have an answer, the line says so.
 */

/** So many things that people did are named, newest last. */
const MOST_ACTIONS = 8;
const MOST_OPEN = 4;
const LONGEST_ACTION = 90;
const LONGEST_SENTENCE = 240;

interface Known {
  readonly view: IncidentView;
  readonly report: IncidentReport;
  /** Oldest first. */
  readonly timeline: readonly TimelineEntry[];
  /** What was done since it began, oldest first. */
  readonly done: readonly string[];
  /** What people set. */
  readonly desk: IncidentDesk;
  /** What was counted. */
  readonly impact: KnownImpact;
  /** Who would lead it by a message, which nobody has confirmed. */
  readonly claim: { readonly by: string; readonly text: string } | null;
  readonly lastWord: LastWord | null;
  readonly now: number;
}

/** The newest message that proposes a commander, where none is set. */
function claimOf(log: readonly LoggedEvent[]): Known["claim"] {
  const { commander, proposals } = incidentDesk(log);
  const found = commander === null ? proposals.findLast(({ entry }) => entry.what === "commander") : undefined;
  if (found === undefined) return null;
  const { channel, ts } = messageOf(found);
  const message = log.findLast(
    ({ event }) => event.type === "slack-message-received" && event.channel === channel && event.ts === ts,
  )?.event;
  return { by: found.by.user, text: message?.type === "slack-message-received" ? message.text : deskEntryWords(found.entry) };
}

const known = (log: readonly LoggedEvent[], now: number): Known => {
  const read = viewOf(log);
  const [view, timeline, desk, claim, lastWord] = sayable(
    [read, toTimeline(log), incidentDesk(log), claimOf(log), lastWordOf(log, read)] as const,
    read,
  );
  return {
    view,
    report: incidentReport(view, null),
    timeline,
    done: doneSince(log, view, MOST_ACTIONS, timeline),
    desk,
    impact: impactOf(log),
    claim,
    lastWord,
    now,
  };
};

const outsideWords = (text: string, longest: number): string => unlinked(outsideLine(text, longest));
const line = (words: Words, longest = LONGEST_SENTENCE): string => outsideLine(plainUnlinked(words), longest);
const titled = (title: string, words: Words | string, longest = LONGEST_SENTENCE): string[] => {
  const said = typeof words === "string" ? words : line(words, longest);
  return said === "" ? [] : [`${title}: ${said}`];
};

/** Who leads it and who works on what, then the page, how urgent it is and whether anyone has it. */
const whoWords = (all: Known): Words => {
  const { desk, claim, view } = all;
  const people = outsideWords(peopleWords(desk), LONGEST_SENTENCE);
  const said = claim !== null && say`${outsideWords(claim.by, 60)} wrote “${outsideWords(claim.text, LONGEST_ACTION)}” (not confirmed)`;
  const nobody = desk.commander === null && said === false && view.page !== null && "nobody is named commander";
  return joinedWords([pageWords(all), said, nobody, people], " · ");
};

function pageWords({ view }: Known): Words {
  const { page, trigger, status, by, joining } = view;
  const state = status === "triggered" ? "nobody has acknowledged it" : `${status}${by === null ? "" : ` by ${by}`}`;
  const people = page?.assignees.map(({ name }) => name).join(", ") ?? "";
  const more = joining.pages.length === 0 ? "" : `${counted(joining.pages.length, "more page")} joined it`;
  return joinedWords(
    [triggerName(trigger), page?.priority ?? "", page === null ? "" : state, people === "" ? "" : say`on call: ${people}`, more],
    ", ",
  );
}

const MINUTE_MS = 60_000;
/** Seconds say nothing to somebody who comes minutes later. */
const agoWords = (ms: number): string => (ms < MINUTE_MS ? "just now" : `${duration(ms - (ms % MINUTE_MS))} ago`);

function sinceWords({ view, now }: Known): Words {
  const { trigger, page } = view;
  const onset = beganAt(view);
  const paged = page?.createdAt ?? trigger?.at ?? view.openedAt;
  const from = onset ?? paged;
  const how = onset === null ? "from the page; the onset is not known" : `from the data; paged at ${minuteTime(paged)}`;
  return say`${minuteTime(from)} UTC (${agoWords(now - from)}), ${how}`;
}

/** Whom it hurts by people's words and by what was counted, else by a model's sentence, else that nobody measured it. */
function impactWords(all: Known): Words {
  const { report, view, desk, impact } = all;
  const { answer } = report;
  const said =
    desk.impact === null ? null : say`${outsideWords(desk.impact.value, LONGEST_ACTION)} (${outsideWords(desk.impact.by.user, 60)})`;
  const figures = impactFigures(impact);
  const uncounted = uncountedWords(impact);
  const rest = uncounted === "" ? null : [own(uncounted)];
  if (said !== null || figures.length > 0) return joinedWords([joinedWords([said, ...figures], "; "), rest], " · ");
  if (answer?.impact != null) return joinedWords([answer.impact.words, rest], " · ");
  const levels = (view.analysis?.symptoms ?? []).slice(0, 2).map((one) => say`${one.service} ${one.what} ${levelWords(one)}`);
  const seen = joinedWords(levels, "; ");
  const readAt = view.triageAt === null ? null : say` (read at ${minuteTime(view.triageAt)})`;
  return seen.length === 0 ? say`not known` : say`${seen}${readAt}. How many customers are affected, and what it costs, is not known`;
}

/** How it is by the newest reading; before there is one, what is believed of the cause. */
function causeWords({ view, report }: Known): Words {
  const past = view.belief !== null && isSuspectPast(view.belief.state);
  const now = beliefWords(view);
  const conclusion = report.answer?.conclusion ?? [];
  if (past) return now;
  if (conclusion.length === 0) return say`the first reading has not finished`;
  return now.length === 0 ? conclusion : say`${now} ${conclusion}`;
}

/** The one step to take, where there is one. */
function nextWords({ view, report }: Known): Words {
  const { belief, status } = view;
  // What is over needs no step, unless the signals say that it is not.
  if (status === "resolved" && belief?.state !== "still-bad") return [];
  if (belief !== null && isSuspectPast(belief.state)) return [];
  const { order, steps, books } = report.doNow;
  return order ?? steps[0]?.words ?? (report.answer?.verdict === "incident" ? (books[0]?.steps[0] ?? []) : []);
}

/** What people decided last, while the incident is open. */
const decidedWords = ({ view, report }: Known): Words =>
  view.status === "resolved" && view.belief?.state !== "still-bad" ? [] : (report.doNow.decided ?? []);

/** midwatch's step, marked as its own where people have decided. */
const adviceWords = (all: Known): Words => {
  const next = nextWords(all);
  return decidedWords(all).length === 0 || next.length === 0 ? next : say`${OWN_ADVICE}: ${next}`;
};

const openQuestions = ({ report }: Known): readonly Words[] => report.missing.slice(0, MOST_OPEN);

/** What to do next: what people decided, said last and have taken on; midwatch's own step only where they have decided nothing. */
function toDoWords(all: Known): Words {
  const open = openActions(all.desk)
    .slice(0, MOST_OPEN)
    .map((one) => prose(outsideWords(one, LONGEST_ACTION)));
  const actions = open.length === 0 ? null : say`open actions: ${joinedWords(open, "; ")}`;
  const decided = decidedWords(all);
  const word = all.lastWord === null ? null : say`${prose(lastWordWords(all.lastWord))}`;
  return joinedWords(decided.length === 0 ? [word, nextWords(all), actions] : [decided, word, actions], " · ");
}

/** How severe and how far it is by its people, then what is broken. */
const firstLine = ({ view, desk }: Known): string => {
  const state = deskState(desk);
  return `${state === "" ? "" : `[${outsideWords(state, 60)}] `}${outsideWords(headlineOf(view).whole, LONGEST_SENTENCE)}`;
};

/** For who joins late, in eight lines: what, since when, how bad, who, what was tried, why, what next, what nobody knows. */
export const catchUp = (log: readonly LoggedEvent[], now: number): string[] => catchUpLines(known(log, now));

/** A model's conclusion is headed by what it is already. */
function causeLine(all: Known): string[] {
  const { view, report } = all;
  const isPast = view.belief !== null && isSuspectPast(view.belief.state);
  const isHeaded = report.answer?.by === "model" && report.answer.verdict === "incident";
  if (isPast || !isHeaded) return titled("Cause", causeWords(all));
  return [line(joinedWords([report.answer.conclusion, beliefWords(view)]))];
}

/** What, since when, how bad, who does what. */
const situationLines = (all: Known): string[] => [
  firstLine(all),
  ...titled("Since", sinceWords(all)),
  ...titled("How bad", impactWords(all), 2 * LONGEST_SENTENCE),
  ...titled("Who", whoWords(all)),
];

function catchUpLines(all: Known): string[] {
  const [open] = openQuestions(all);
  return [
    ...situationLines(all),
    ...titled("Done since then", all.done.length === 0 ? "nothing that midwatch knows of" : all.done.join(" · ")),
    ...causeLine(all),
    ...titled("Next", toDoWords(all), 3 * LONGEST_SENTENCE),
    ...titled("Could not check", open ?? []),
  ];
}

/** Whether more requests failed than usual, by count. */
const isCounted = (requests: RequestImpact | undefined): requests is RequestImpact =>
  requests !== undefined && requests.share > (requests.usualShare ?? 0) * MORE_THAN_USUAL;

/** A whole sentence: a capital letter first, a stop last. */
const sentence = (words: string): string => `${words.slice(0, 1).toUpperCase()}${words.slice(1)}${/[.!?…]$/.test(words) ? "" : "."}`;

/** The incident's status as its people set it, for those outside. */
const PHASE_WORDS: Readonly<Record<Phase, string>> = {
  investigating: "We are investigating the cause.",
  identified: "We have identified the cause and are working on it.",
  mitigated: "A measure is in place, and we are working on a full fix.",
  monitoring: "A fix is in place, and we are watching it.",
  resolved: "The incident is resolved.",
};

/** What to write to people outside the team: the pager's own name of the service, and nothing from within. A person reads it before it goes anywhere. */
export function stakeholderUpdate(log: readonly LoggedEvent[], now: number): string[] {
  const all = known(log, now);
  const { view, report } = all;
  const { belief, analysis, trigger, status, resolvedAt } = view;
  const { phase, impact } = all.desk;
  const { requests } = all.impact;
  const what = outsideWords(trigger?.service?.name ?? "one of our services", 60);
  const since = minuteTime(beganAt(view) ?? view.page?.createdAt ?? view.openedAt);
  const verdict = report.answer?.verdict ?? null;
  const first = `${minuteTime(now)} UTC.`;
  if (belief?.state === "recovered" || verdict === "recovered") {
    const over = belief?.state === "recovered" ? belief.since : (analysis?.recoveredAt ?? null);
    return [
      `${first} The problem with ${what} ${over === null ? "is over" : `has been over since ${minuteTime(over)} UTC`}. It began at ${since} UTC.`,
    ];
  }
  if (verdict === "nothing-wrong") return [`${first} We were alerted about ${what} and have seen no problem so far.`];
  if (status === "resolved" && resolvedAt !== null) {
    const open = belief?.state === "still-bad" ? " Our measurements are not back to normal yet." : "";
    return [`${first} ${what} had a problem that began at ${since} UTC. The alert was closed at ${minuteTime(resolvedAt)} UTC.${open}`];
  }
  const isKnown = verdict === "incident" && report.answer?.blame != null && !(belief !== null && isSuspectPast(belief.state));
  return [
    `${first} ${what} has had a problem since ${since} UTC.`,
    // What the responders say of it is meant for people.
    impact === null
      ? isCounted(requests)
        ? null
        : "How many customers are affected is not known yet."
      : sentence(outsideWords(impact.value, LONGEST_SENTENCE)),
    isCounted(requests) ? `About ${figure(requests.share * 100)} % of requests failed until ${minuteTime(requests.to)} UTC.` : null,
    phase === null ? (isKnown ? "A likely cause is known." : "The cause is not known yet.") : PHASE_WORDS[phase.value],
    status === "acknowledged" ? "An engineer has acknowledged the alert." : null,
  ].filter((one) => one !== null);
}

/** For who takes over: how it is, what waits for a person, what to watch, what could not be checked. */
export function handOver(log: readonly LoggedEvent[], now: number): string[] {
  const all = known(log, now);
  const { view, report } = all;
  const { fix } = report;
  const { desk } = all;
  const lines = (texts: readonly string[]): Words[] => texts.map((text) => say`${outsideWords(text, LONGEST_SENTENCE)}`);
  const waits: Words[] = [
    ...lines(desk.proposals.map(({ entry, by }) => `${deskEntryWords(entry)}: proposed in a message from ${by.user}, not confirmed`)),
    ...(view.status === "triggered" && view.page !== null ? [say`nobody has acknowledged the page`] : []),
    ...(fix?.pull == null ? [] : [say`${fix.heading} #${fix.pull.number}: ${joinedWords(fix.sentences)}`]),
    ...(fix !== null && fix.short.length > 0 ? [fix.short] : []),
  ];
  const watch = (view.analysis?.symptoms ?? [])
    .slice(0, 3)
    .map((one) => say`${one.service} ${one.what} (first reading: ${levelWords(one)})`);
  const questions = openQuestions(all);
  const list = (title: string, items: readonly Words[], none: string): string[] => [
    `${title}:${items.length === 0 ? ` ${none}` : ""}`,
    ...items.map((item) => `• ${line(item)}`),
  ];
  return [
    ...situationLines(all),
    ...causeLine(all),
    ...titled("Next", joinedWords([decidedWords(all), adviceWords(all)], " · "), 2 * LONGEST_SENTENCE),
    ...list(
      "Decisions",
      lines(desk.decisions.map(({ value, by, at }) => `${minuteTime(at)} ${value} (${by.user})`)),
      "none on the timeline",
    ),
    ...list("Open actions", lines(openActions(desk)), "none on the timeline"),
    ...list("Waits for a person", waits, "nothing that midwatch knows of"),
    ...list("Watch", watch, "no signal is known to be out of range"),
    ...list("Could not check", questions, "nothing that midwatch knows of"),
  ];
}

/** One line: how it is, why, what next. */
export function standing(log: readonly LoggedEvent[], now: number): string {
  const all = known(log, now);
  const decided = decidedWords(all);
  const next = decided.length > 0 ? decided : nextWords(all);
  // The cause says itself that none is found.
  const { headline, whole } = headlineOf(all.view);
  const state = deskState(all.desk);
  const head = `${state === "" ? "" : `[${outsideWords(state, 60)}] `}${all.report.answer?.verdict === "inconclusive" ? headline : whole}`;
  const cause = all.report.answer === null ? say`The first reading has not finished` : causeWords(all);
  return line(joinedWords([prose(head), cause, next.length === 0 ? null : say`Next: ${next}`], ". "), 2 * LONGEST_SENTENCE);
}

/** The newest entries of the timeline, oldest first. */
export const lastEntries = (log: readonly LoggedEvent[], most: number): string[] =>
  known(log, 0)
    .timeline.slice(-most)
    .map((entry) => entryLine(entry, LONGEST_SENTENCE));
