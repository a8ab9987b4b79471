import type { LoggedEvent } from "../incident/event.ts";
import { type CountedImpact, impactOf } from "../incident/impact.ts";
import { deskEntryWords } from "./desk-words.ts";
import { declaredFigureWords, errorImpactWords, requestImpactWords } from "./impact-words.ts";
import { howItWent } from "./postmortem-course.ts";
import { type Facts, factsOf, type Sentence, sentence } from "./postmortem-facts.ts";
import { joinedWords, prose, say, strong, time, type Words } from "./text.ts";
import type { TimelineEntry } from "./timeline.ts";
import { duration } from "./words.ts";

/**
 * The draft of a postmortem, from the incident's log alone. Every sentence names what it rests on: answers of the evidence ledger, or entries of the
 * timeline. What the log does not hold is no sentence; it is listed for people to fill in.
 */

const SECTIONS = ["summary", "impact", "cause", "tried", "well", "badly", "decisions", "actions"] as const;
export type SectionId = (typeof SECTIONS)[number];

export interface Section {
  readonly id: SectionId;
  readonly title: string;
  readonly sentences: readonly Sentence[];
  /** What only people know. */
  readonly toFillIn: readonly string[];
}

export interface Postmortem {
  readonly title: Words;
  /** Whether the incident is over: of an open one the draft says what is known so far. */
  readonly isOver: boolean;
  readonly sections: readonly Section[];
  /** What happened, without what midwatch read and said. */
  readonly timeline: readonly TimelineEntry[];
  /** What could not be checked, for people to look into. */
  readonly open: readonly Sentence[];
}

const pageEntries = ({ entriesOfType }: Facts) => entriesOfType("page-received", "trigger-received");

/** How it ended, in a sentence. */
function endSentence({ end, onset, entriesOf, view }: Facts): Sentence[] {
  if (end === null) return [];
  const after = end.at > onset ? say`, ${duration(end.at - onset)} after it began` : null;
  const how = {
    signals: say`The signals have been back in their usual range since ${time(end.at)}${after}.`,
    people: say`Its status was set to resolved at ${time(end.at)}${after}.`,
    pager: say`The page was resolved at ${time(end.at)}${view.by !== null && say` by ${view.by}`}${after}.`,
  };
  return sentence(how[end.by], end.evidence, entriesOf(end.seq));
}

const symptomSentences = ({ report }: Facts): Sentence[] =>
  (report.data?.symptoms ?? []).flatMap(({ service, what, level, since, evidence }) =>
    sentence(say`${strong(service)}: ${what} ${level} ${since}.`, evidence),
  );

/** The cause as it is believed, with what shows it. */
function causeSentence({ view, report, entriesOfType }: Facts): Sentence[] {
  const finding = view.investigation?.finding ?? null;
  const conclusion = report.answer?.conclusion ?? [];
  const evidence = finding?.cause_evidence ?? report.answer?.points.flatMap((point) => point.evidence) ?? [];
  return sentence(conclusion, evidence, finding === null ? entriesOfType("triage-finished") : entriesOfType("finding-submitted"));
}

/** A cause that was taken back, or a second one. */
function withdrawnSentence({ view, log, entriesOf }: Facts): Sentence[] {
  const { withdrawn } = view;
  if (withdrawn === null) return [];
  const seq = log.findLast(({ event }) => event.type === "belief-read" && event.state === "withdrawn")?.seq;
  const words = say`The change to ${strong(withdrawn.service ?? "the suspect")} was rolled back at ${time(withdrawn.since)}, with no clear improvement: it is withdrawn as the cause.`;
  return sentence(words, withdrawn.evidence, entriesOf(seq));
}

function summary(facts: Facts): Sentence[] {
  const { desk, view } = facts;
  const [worst] = symptomSentences(facts);
  const page = view.page ?? view.trigger;
  const paged =
    page === null ? [] : sentence(say`${view.trigger?.service?.name ?? "midwatch"} paged: ${page.title}.`, [], pageEntries(facts));
  const led = desk.commander === null ? [] : sentence(say`${desk.commander.value.user} led it.`, [], facts.entriesOf(desk.commander.seq));
  const level =
    desk.severity === null ? [] : sentence(say`Its severity was ${desk.severity.value}.`, [], facts.entriesOf(desk.severity.seq));
  return [
    ...(worst === undefined ? paged : [worst]),
    ...causeSentence(facts),
    ...withdrawnSentence(facts),
    ...endSentence(facts),
    ...level,
    ...led,
  ];
}

function impact(facts: Facts): Sentence[] {
  const { desk, report, log } = facts;
  const { answer } = report;
  const { requests, errors, declared } = impactOf(log);
  return [
    ...(requests === undefined ? [] : sentence(say`${requestImpactWords(requests)}.`, requests.evidence)),
    ...(errors === undefined ? [] : sentence(say`${errorImpactWords(errors)}.`, errors.evidence)),
    ...(declared?.figures ?? []).flatMap((figure) =>
      sentence(say`${declaredFigureWords(figure, declared as CountedImpact)}.`, "because" in figure ? [] : figure.evidence),
    ),
    ...(desk.impact === null ? [] : sentence(say`${desk.impact.value} (${desk.impact.by.user}).`, [], facts.entriesOf(desk.impact.seq))),
    ...(answer?.impact == null ? [] : sentence(answer.impact.words, answer.impact.evidence)),
    ...symptomSentences(facts),
  ];
}

function cause(facts: Facts): Sentence[] {
  const { report } = facts;
  const { answer } = report;
  if (answer === null) return [];
  const points = answer.points.flatMap((point) =>
    sentence(point.words, [...point.evidence, ...point.quotes.flatMap((quote) => quote.evidence ?? [])]),
  );
  const change = answer.blame?.change ?? null;
  return [
    ...causeSentence(facts),
    ...withdrawnSentence(facts),
    ...(change === null || change.evidence === null ? [] : sentence(say`The change: ${change.words}.`, [change.evidence])),
    ...points,
    ...answer.path.flatMap((hop) => sentence(say`${strong(hop.service)}: ${hop.what}`, hop.evidence)),
    ...answer.ruledOut.flatMap(({ what, why, evidence }) => sentence(say`Ruled out: ${strong(what)}, ${prose(why)}.`, evidence)),
  ];
}

/** What went live or was done after it began, oldest first, and what came of a rollback. A draft that nobody merged was not tried. */
function tried(facts: Facts): Sentence[] {
  const { timeline, onset, desk, view } = facts;
  const merged = view.fixChange?.what === "merged" ? facts.entriesOfType("fix-changed-by-people") : [];
  const done = timeline.filter(({ kind, at, key }) => (kind === "change" && at >= onset) || merged.includes(key));
  return [
    ...done.flatMap(({ at, service, text, evidence, key }) =>
      sentence(say`${time(at)} ${service !== null && !text.includes(service) && say`${strong(service)} `}${prose(text)}.`, evidence, [key]),
    ),
    ...desk.actions.flatMap(({ text, owner, done: end, seq }) =>
      end === null ? [] : sentence(say`${time(end.at)} done: ${text}${owner !== null && say` (${owner.user})`}.`, [], facts.entriesOf(seq)),
    ),
    ...withdrawnSentence(facts),
  ];
}

/** Place in the log of the message in which a proposal was found. */
function messageOf(log: readonly LoggedEvent[], proposal: string): number | undefined {
  const found = log.findIndex(({ event }) => event.type === "desk-entry-proposed" && event.id === proposal);
  return log.slice(0, Math.max(0, found)).findLast(({ event }) => event.type === "slack-message-received")?.seq;
}

function actions({ log, desk, view, report, entriesOf, entriesOfType }: Facts): Sentence[] {
  const { fix } = report;
  const listed = desk.actions.flatMap(({ text, owner, done, seq }) =>
    sentence(
      say`${owner === null ? "Owner to be named" : owner.user}: ${text}${done === null ? "" : ` (done ${duration(done.at - view.openedAt)} after the page)`}.`,
      [],
      entriesOf(seq),
    ),
  );
  const pull = fix?.pull ?? null;
  return [
    ...listed,
    ...(pull === null
      ? []
      : sentence(
          say`Owner to be named: ${fix?.heading ?? "PR"} #${pull.number}, ${pull.name}. ${joinedWords(fix?.sentences ?? [])}`,
          [],
          entriesOfType("fix-proposed"),
        )),
    ...desk.proposals.flatMap(({ id, entry, by }) =>
      entry.what === "action"
        ? sentence(say`${by.user} wrote, and nobody confirmed: ${deskEntryWords(entry)}.`, [], entriesOf(messageOf(log, id)))
        : [],
    ),
  ];
}

/** What people and changes did: midwatch's own steps are left out, and what is wrong with midwatch itself. */
const isTold = ({ kind, tone }: TimelineEntry): boolean => kind !== "midwatch" && !(kind === "note" && tone === "bad");

/** A draft of the postmortem, from the log alone. @param log oldest first */
export function skeletonOf(log: readonly LoggedEvent[]): Postmortem {
  const facts = factsOf(log);
  const { view, report, desk, timeline, end, entriesOfType } = facts;
  const { well, badly } = howItWent(facts);
  const asked = (id: string, sentences: readonly Sentence[], question: string) => (sentences.length > 0 ? [] : [`${id}: ${question}`]);
  const section = (id: SectionId, title: string, sentences: readonly Sentence[], toFillIn: readonly string[] = []): Section => ({
    ...{ id, title, sentences, toFillIn },
  });
  const decisions = desk.decisions.flatMap(({ value, by, at, seq }) =>
    sentence(say`${time(at)} ${value} (${by.user}).`, [], facts.entriesOf(seq)),
  );
  const list = actions(facts);
  const customers =
    desk.impact === null && report.answer?.impact == null ? ["How many customers were affected, and what they could not do"] : [];
  return {
    title: say`${view.trigger?.service?.name ?? "Incident"}: ${view.trigger?.title ?? "without a page"}`,
    isOver: end !== null || report.answer?.verdict === "nothing-wrong",
    sections: [
      section("summary", "Summary", summary(facts)),
      section("impact", "Impact", impact(facts), customers),
      section("cause", "Cause", cause(facts), report.answer?.blame == null ? ["The root cause: none is proven by the log"] : []),
      section("tried", "What was tried", tried(facts)),
      section("well", "What went well", well),
      section("badly", "What went badly", badly),
      section("decisions", "Decisions", decisions),
      section("actions", "Actions", list, asked("Actions", list, "what keeps this from happening again, and who does it by when")),
    ],
    timeline: timeline.filter(isTold),
    open: report.missing.flatMap((words) => sentence(words, [], entriesOfType("finding-submitted", "triage-finished"))),
  };
}
