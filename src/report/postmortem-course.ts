import type { EventOf, LoggedEvent } from "../incident/event.ts";
import { feedbackOf } from "../incident/feedback.ts";
import { pagerEventKind } from "../incident/pager-event.ts";
import { coverageDetail, coverageWords, inOrder } from "./coverage-words.ts";
import { type Facts, type Sentence, sentence } from "./postmortem-facts.ts";
import { prose, say, strong, time, type Words } from "./text.ts";
import { HELD_UP_MS } from "./timeline-entry.ts";
import { counted } from "./tool-view.ts";
import { duration } from "./words.ts";

/** How a response went, from facts of the log alone: what came when, what was tried in vain, what could not be read. */

interface Course {
  readonly well: readonly Sentence[];
  readonly badly: readonly Sentence[];
}

type Logged<T extends LoggedEvent["event"]["type"]> = LoggedEvent & { readonly event: EventOf<T> };
const firstOf = <T extends LoggedEvent["event"]["type"]>({ log }: Facts, type: T): Logged<T> | undefined =>
  log.find((one): one is Logged<T> => one.event.type === type);

/** How long after the page something came: what came before it has no such time. */
const afterPage = (pagedAt: number, at: number): Words =>
  at < pagedAt ? say`before the page` : say`${duration(at - pagedAt)} after the page`;

function response(facts: Facts, pagedAt: number): Course {
  const { log, entriesOf, view, onset } = facts;
  const acknowledged = log.find(({ event }) => event.type === "pager-event-received" && pagerEventKind(event) === "acknowledged");
  const ack = acknowledged?.event.type === "pager-event-received" ? acknowledged.event : null;
  const words = firstOf(facts, "status-posted");
  const brief = firstOf(facts, "brief-posted");
  const finding = firstOf(facts, "finding-posted");
  const found = (view.investigation?.finding ?? view.analysis)?.verdict;
  const page = facts.entriesOfType("page-received", "trigger-received");
  const late = pagedAt - onset;
  const receivedAt = (firstOf(facts, "page-received") ?? firstOf(facts, "trigger-received"))?.at ?? pagedAt;
  const heldUp = receivedAt - pagedAt;
  const afterIt = (at: number): Words =>
    heldUp < HELD_UP_MS ? afterPage(pagedAt, at) : say`${duration(Math.max(0, at - receivedAt))} after midwatch received the page`;
  return {
    well: [
      ...(ack === null
        ? []
        : sentence(
            say`${ack.by ?? "Somebody"} acknowledged the page ${afterPage(pagedAt, ack.occurredAt)}.`,
            [],
            entriesOf(acknowledged?.seq),
          )),
      ...(words === undefined ? [] : sentence(say`The first message was in Slack ${afterIt(words.at)}.`, [], entriesOf(words.seq))),
      ...(brief === undefined ? [] : sentence(say`The first evidence was in Slack ${afterIt(brief.at)}.`, [], entriesOf(brief.seq))),
      ...(finding === undefined || found !== "incident"
        ? []
        : sentence(
            say`A ${view.investigation?.finding == null ? "suspect" : "cause"} was named ${afterIt(finding.at)}.`,
            [],
            entriesOf(finding.seq),
          )),
    ],
    badly: [
      ...(view.analysis !== null && late > 0
        ? sentence(say`The page came ${duration(late)} after the signals left their usual range.`, [], page)
        : []),
      ...(heldUp >= HELD_UP_MS ? sentence(say`The page reached midwatch ${duration(heldUp)} after it was triggered.`, [], page) : []),
      ...(ack === null && view.page !== null ? sentence(say`Nobody acknowledged the page.`, [], page) : []),
      ...(finding !== undefined && found === "inconclusive" ? sentence(say`No cause was found.`, [], entriesOf(finding.seq)) : []),
    ],
  };
}

/** What people made of it: mitigation, recovery, the fix, and whether the answer was right. */
function outcome(facts: Facts, pagedAt: number): Course {
  const { log, view, entriesOf, end, entriesOfType } = facts;
  const mitigated = log.find(
    ({ event }) => event.type === "desk-entry-made" && event.entry.what === "phase" && event.entry.phase === "mitigated",
  );
  const { belief, proof, fixChange } = view;
  const undone = belief?.undoneAt ?? null;
  const said = feedbackOf(log);
  const saidOf = (verdict: string) => said.filter((one) => one.verdict === verdict);
  const pressOf = (verdict: string) =>
    log.filter(({ event }) => event.type === "slack-action-received" && event.action === verdict).flatMap(({ seq }) => entriesOf(seq));
  const who = (verdict: string) =>
    saidOf(verdict)
      .map(({ user }) => user)
      .join(", ");
  const explained = log.flatMap(({ seq, event }) => (event.type === "feedback-explained" ? [{ seq, userId: event.userId }] : []));
  const answers = saidOf("wrong").flatMap(({ user, userId, was }) => {
    const seq = explained.findLast((one) => one.userId === userId)?.seq;
    const where = was !== null && was.service !== null && say` (${was.service})`;
    return was === null ? [] : sentence(say`${user} says it was: “${was.text}”${where}.`, [], entriesOf(seq));
  });
  const right = saidOf("right").length;
  const wrong = saidOf("wrong").length;
  return {
    well: [
      ...(mitigated === undefined
        ? []
        : sentence(say`It was mitigated ${afterPage(pagedAt, mitigated.at)}.`, [], entriesOf(mitigated.seq))),
      ...(undone === null || belief === null || belief.state === "withdrawn"
        ? []
        : sentence(say`The blamed change was rolled back ${afterPage(pagedAt, undone)}.`, belief.evidence)),
      ...(end?.by === "signals"
        ? sentence(say`The signals were back ${afterPage(pagedAt, end.at)}.`, end.evidence, entriesOf(end.seq))
        : []),
      ...(proof?.verdict === "proven"
        ? sentence(say`CI shows that the draft fix works: its test fails without it and passes with it.`, [], entriesOfType("checks-read"))
        : []),
      ...(fixChange?.what === "merged" ? sentence(say`The draft PR was merged.`, [], entriesOfType("fix-changed-by-people")) : []),
      ...(right === 0 ? [] : sentence(say`${who("right")} said that midwatch's answer is right.`, [], pressOf("right"))),
    ],
    badly: [
      ...(wrong === 0 ? [] : sentence(say`${who("wrong")} said that midwatch's answer is wrong.`, [], pressOf("wrong"))),
      ...answers,
      ...(proof?.verdict === "red-after" ? sentence(say`CI fails on the draft fix.`, [], entriesOfType("checks-read")) : []),
    ],
  };
}

/** What was believed and taken back, what came again, what could not be read. */
function setbacks({ log, view, entriesOf, entriesOfType }: Facts): Sentence[] {
  const again = log.filter(({ event }) => event.type === "pager-event-received" && pagerEventKind(event) === "reopened");
  const withdrawn = log.findLast(({ event }) => event.type === "belief-read" && event.state === "withdrawn");
  const worse = log.find(({ event }) => event.type === "belief-read" && event.state === "worse");
  const joined = log.filter(({ event }) => event.type === "page-joined");
  const unread = inOrder(view.coverage).filter(({ status }) => status === "failed" || status === "timed-out");
  const corrected = log.find(({ event }) => event.type === "brief-revised" && event.changed);
  return [
    ...(withdrawn?.event.type === "belief-read"
      ? sentence(
          say`Rolling back ${strong(withdrawn.event.service ?? "the suspect")} changed nothing.`,
          withdrawn.event.evidence,
          entriesOf(withdrawn.seq),
        )
      : []),
    ...(worse?.event.type === "belief-read"
      ? sentence(say`It got worse from ${time(worse.event.since)} on.`, worse.event.evidence, entriesOf(worse.seq))
      : []),
    ...(again.length === 0
      ? []
      : sentence(
          say`The page came again ${counted(again.length, "time")}.`,
          [],
          again.flatMap(({ seq }) => entriesOf(seq)),
        )),
    ...(joined.length === 0
      ? []
      : sentence(
          say`${counted(joined.length, "more page")} of the same trouble paged too.`,
          [],
          joined.flatMap(({ seq }) => entriesOf(seq)),
        )),
    ...(corrected === undefined ? [] : sentence(say`The first answer was corrected after late sources.`, [], entriesOf(corrected.seq))),
    ...sentence(say`The alert flaps.`, [], entriesOfType("flaps-said")),
    ...unread.flatMap((line) => {
      const detail = coverageDetail(line);
      return sentence(
        say`${line.source} ${coverageWords[line.status]}${detail !== null && say`: ${prose(detail.replace(/\.$/, ""))}`}.`,
        line.evidence,
        entriesOfType("triage-finished"),
      );
    }),
  ];
}

export function howItWent(facts: Facts): Course {
  const { view } = facts;
  const pagedAt = view.page?.createdAt ?? view.trigger?.at ?? view.openedAt;
  const [came, made] = [response(facts, pagedAt), outcome(facts, pagedAt)];
  return { well: [...came.well, ...made.well], badly: [...came.badly, ...made.badly, ...setbacks(facts)] };
}
