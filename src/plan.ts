import { openAsk } from "./investigation/agent/follow-up.ts";
import type { Agent } from "./investigation/agent/agent.ts";
import { noteStep } from "./investigation/note-steps.ts";
import { settleStep } from "./investigation/settle-step.ts";
import { unsaid } from "./incident/belief-log.ts";
import type { LoggedEvent } from "./incident/event.ts";
import { isCardOld, isListOld, openSplit } from "./incident/joining-state.ts";
import { isFeedbackUnshown } from "./incident/feedback.ts";
import { newestOf } from "./incident/newest-event.ts";
import { nextLook, nextReading } from "./incident/reading-schedule.ts";
import { FIX_NEWS, hasUnshown, isBegunAsAsked, isBriefOld, isDecisionUnshown, isFindingOld } from "./incident/unshown.ts";
import { type IncidentView, viewOf } from "./incident/view.ts";
import { type PlanDependencies, type Steps, stepsOf } from "./plan-steps.ts";
import { askProposalsStep } from "./slack/ask-proposals.ts";
import { chartStep } from "./slack/chart-steps.ts";
import { hearStep } from "./slack/hear-channel.ts";
import { makeStep } from "./slack/make-channel.ts";
import { paced, type Saying, unhurried } from "./slack/say-steps.ts";
import type { Plan, Step } from "./store/incident-store.ts";

/** What the order of steps is made from at one moment. */
interface Moment {
  readonly log: readonly LoggedEvent[];
  readonly view: IncidentView;
  readonly now: number;
  /** Whether a step has failed for good: the plan goes past it. */
  gaveUp(step: Step): boolean;
}

/**
 * The steps of an incident: first words, triage, brief, finding, fix, and then what people or the pager say. Work waits for no message: while Slack
 * does not answer or has no room, the investigation goes on, and what could not be said is said later as it is known by then.
 */
export function createPlan(deps: PlanDependencies): Plan {
  const steps = stepsOf(deps);
  return (log, now) => {
    const view = viewOf(log);
    if (view.trigger === null) return null;
    const failed = new Set(view.failures.map((failure) => failure.step));
    const moment: Moment = { log, view, now, gaveUp: (step) => failed.has(step.id) };
    const joining = deps.joining === undefined || view.page === null ? null : joinsFirst(steps, moment);
    const { words, work, waitMs } =
      joining ?? (view.triage === null ? untilTriaged(steps, moment) : afterTriage(steps, deps.agent, moment));
    const beside = deps.joining === undefined || view.page === null || joining !== null ? null : besideJoining(steps, moment);
    const chart = deps.charts === undefined ? null : chartStep(deps.charts, log, view);
    const note = deps.notes === undefined ? null : noteStep(deps.notes, log, view);
    const make = deps.makeChannels === undefined ? null : makeStep(deps.makeChannels, log, view);
    const hear = deps.channels === undefined || view.joining.lead !== null ? null : hearStep(deps.channels, log, view);
    // Beside all other work: it reads no evidence, and costs no time of an investigation.
    const people = view.triage === null || view.joining.lead !== null ? null : peopleStep(deps, log, now, moment);
    const due = [
      ...(words === null ? [] : [paced(steps.thread, words, view)]),
      ...(beside === null ? [] : [beside]),
      // A second or two: a model's work takes minutes.
      ...(chart === null || moment.gaveUp(chart) ? [] : [chart]),
      ...(work === null ? [] : [work]),
      ...(people !== null && "step" in people ? [people.step] : []),
      // Nothing waits for it.
      ...(note === null || moment.gaveUp(note) ? [] : [note]),
      ...(make === null || moment.gaveUp(make) ? [] : [make]),
      ...(hear === null || moment.gaveUp(hear) ? [] : [hear]),
    ];
    const laterMs = people !== null && "at" in people ? people.at - now : Infinity;
    const waits = Math.min(waitMs ?? Infinity, laterMs);
    if (due.length === 0 && !Number.isFinite(waits)) return null;
    return { ...(due.length === 0 ? {} : { steps: due }), ...(Number.isFinite(waits) ? { waitMs: waits } : {}) };
  };
}

/** What people said is read by a model, where there is one, and what it found is shown to its authors. */
function peopleStep(
  { agent, channels }: PlanDependencies,
  log: readonly LoggedEvent[],
  now: number,
  { gaveUp }: Moment,
): { readonly step: Step } | { readonly at: number } | null {
  const ask = channels === undefined ? null : askProposalsStep(channels.slack, log);
  if (ask !== null && !gaveUp(ask)) return { step: ask };
  const read = agent?.readPeople(log, now) ?? null;
  return read !== null && "step" in read && gaveUp(read.step) ? null : read;
}

/** One message at most, for one builds on another, and one piece of work, which does not wait for it. */
interface Due {
  readonly words: Saying | null;
  readonly work: Step | null;
  readonly waitMs?: number;
}

/** What comes before all else: whether the page belongs to another incident. null: it leads, and goes on as any. */
function joinsFirst(steps: Steps, { log, view, now, gaveUp }: Moment): Due | null {
  const { joining, status, statusMessage, triage } = view;
  const { lead, untold, awaitsUntil, isDecided, isFinal, decidedAt } = joining;
  if (untold !== null && !gaveUp(steps.tellLead)) return { words: null, work: steps.tellLead };
  // Whom nobody could tell goes on by itself.
  if (lead !== null && untold === null) {
    const isNews = hasUnshown(log, ["joined", "lead-moved"]) || hasUnshown(log);
    const settle = settleStep(log, true);
    return {
      words: statusMessage !== null && isNews && !gaveUp(steps.updateStatus) ? steps.updateStatus : null,
      work: settle !== null && !gaveUp(settle) ? settle : null,
    };
  }
  if (gaveUp(steps.join)) return null;
  const isMerge = ({ event }: LoggedEvent) => event.type === "pager-event-received" && event.page?.mergedInto !== undefined;
  if (joining.split === null && (log.findLast(isMerge)?.seq ?? 0) > decidedAt) return { words: null, work: steps.join };
  if (status === "resolved" && newestOf(log, "page-received") === null) return null;
  if (awaitsUntil !== null)
    return now < awaitsUntil ? { words: null, work: null, waitMs: awaitsUntil - now } : { words: null, work: steps.join };
  const hasBegun = statusMessage !== null || newestOf(log, "triage-started") !== null;
  if (!isDecided) return hasBegun ? null : { words: null, work: steps.join };
  // What its own triage saw may say more; before the brief, which a joined page does not have.
  const readAt = log.find(({ event }) => event.type === "triage-finished")?.seq ?? 0;
  return !isFinal && triage !== null && view.brief === null && readAt > decidedAt ? { words: null, work: steps.join } : null;
}

/** What an incident that leads does for others beside its own work. */
function besideJoining(steps: Steps, { log, view, gaveUp }: Moment): Step | null {
  const wish = view.joining.pages.length === 0 ? null : openSplit(log);
  const split = wish === null ? null : steps.split(wish.seq, wish.incident, wish.by);
  if (split !== null && !gaveUp(split)) return split;
  if (!view.joining.isDecided) return null;
  if (isCardOld(log) && !gaveUp(steps.pin)) return steps.pin;
  return isUncounted(view) && !gaveUp(steps.countFlap) ? steps.countFlap : null;
}

/** Whether the page resolved by itself, and nobody knows yet how often its alert has. */
const isUncounted = ({ flaps: { own, isCounted }, joining }: IncidentView): boolean =>
  own !== null && !isCounted && joining.isDecided && joining.pages.length === 0;

/** What comes until triage has ended, or in its place. */
function untilTriaged(steps: Steps, { log, view, gaveUp }: Moment): Due {
  const status = hasUnshown(log) && !gaveUp(steps.updateStatus) ? steps.updateStatus : null;
  if (gaveUp(steps.triage)) {
    const isSaid = view.finished || gaveUp(steps.sayTriageFailed);
    const list = isListOld(log) && !gaveUp(steps.sayJoined) ? steps.sayJoined : null;
    return { words: isSaid ? (list ?? status) : steps.sayTriageFailed, work: null };
  }
  // What is over needs no investigation, but it is named; of what began before midwatch knew it nothing is said. Pages that joined may be open still.
  if (isOver(view)) {
    const flaps = view.flaps.isUnsaid && !gaveUp(steps.sayFlaps) ? steps.sayFlaps : null;
    // Of an alert that flaps a line is there already, or will be.
    const isNamed = (isUncounted(view) && !gaveUp(steps.countFlap)) || view.flaps.home !== null;
    if (view.statusMessage === null && (isNamed || !namesPassed(steps, log, view))) return { words: null, work: null };
    return { words: view.statusMessage === null ? steps.firstWords : (status ?? flaps), work: null };
  }
  const begun = newestOf(log, "triage-started") !== null;
  // A page that waits for this triage says nothing itself: people read of it here.
  const awaited = hasUnshown(log, ["page-awaits"]) && !gaveUp(steps.updateStatus) ? steps.updateStatus : null;
  return {
    words: view.statusMessage !== null ? awaited : gaveUp(steps.firstWords) ? null : steps.firstWords,
    work: begun ? steps.triage : steps.startTriage,
  };
}

/** Whether the page was over before it was read, and no other is left; not where a person asks for an investigation all the same. */
const isOver = ({ status, passed, investigateAskedBy, joining }: IncidentView): boolean =>
  joining.pages.length === 0 && (passed || (status === "resolved" && investigateAskedBy === null));

/** Whether a page that is over was never named. */
const namesPassed = (steps: Steps, log: readonly LoggedEvent[], { passed, statusMessage, failures }: IncidentView): boolean =>
  passed && statusMessage === null && newestOf(log, "page-received") !== null && !failures.some(({ step }) => step === steps.firstWords.id);

type Candidate = { readonly say: Saying } | { readonly do: Step } | null;
const say = (isDue: boolean, step: Saying): Candidate => (isDue ? { say: step } : null);
const work = (step: Step | null): Candidate => (step === null ? null : { do: step });

function afterTriage(steps: Steps, agent: Agent | undefined, moment: Moment): Due {
  const { log, view, now, gaveUp } = moment;
  if (view.passed && isOver(view)) return untilTriaged(steps, moment);
  const investigate = agent?.next(log, view, now) ?? null;
  let words: Saying | null = null;
  let following = null as ReturnType<Steps["fix"]["follow"]>;
  let again: Again = { reading: null, look: null };
  for (const candidate of [
    () => say(view.statusMessage === null, unhurried(steps.firstWords)),
    // Before words that would promise its work.
    () => work(agent?.refuse(view, now) ?? null),
    () => say(view.brief === null, steps.brief),
    // Words come first; a model begins with all that is known.
    () => work(isPending(view) ? steps.readOn : null),
    // Seconds, and before the model's minutes.
    () => work(steps.countImpact(log, view)),
    () => say(isBriefOld(log, view), steps.reviseBrief),
    () => say(isListOld(log), steps.sayJoined),
    () => say(view.brief !== null && isFeedbackUnshown(log), steps.showFeedback),
    () => say(view.flaps.isUnsaid, steps.sayFlaps),
    // A next round has what the one before left.
    () => work(settleStep(log)),
    () => work(investigate),
    () => say(view.finding === null, steps.finding),
    () => say(isFindingOld(view), steps.reviseFinding),
    // A patch takes minutes to write, and a word of theirs ends it.
    () => say(hasUnshown(log, ["fix-work-started"]) && !view.finished, steps.update),
    () => work(steps.fix.open(log, view, now)),
    () => say(!view.finished, steps.finish),
    () => say(hasUnshown(log, FIX_NEWS), steps.update),
    () => toldNow(steps, log, now),
    () =>
      say(
        hasUnshown(log) || hasUnshown(log, ["model-refused", "channel-heard"]) || isBegunAsAsked(log) || isDecisionUnshown(log, view),
        steps.updateStatus,
      ),
    () => (agent === undefined ? null : answerStep(steps, agent, log)),
    () => {
      const wording = agent?.wordPostmortem(log) ?? null;
      return work(wording !== null && !gaveUp(wording) ? wording : steps.canvas(log));
    },
    () => work(steps.postUpdate(log)),
    () => {
      following = steps.fix.follow(log, view, now);
      return following === null || "waitMs" in following ? null : work(following);
    },
    () => {
      again = againAt(steps, log, view);
      const { reading, look } = again;
      if (reading !== null && reading.at <= now) return work(steps.readAgain(reading.number));
      return look === null || look.at > now ? null : work(steps.lookForChanges(look.number));
    },
  ]) {
    const found = candidate();
    if (found === null || gaveUp("say" in found ? found.say : found.do)) continue;
    if ("do" in found) return { words, work: found.do };
    words ??= found.say;
  }
  return { words, work: null, ...waitOf(steps, agent, moment, { investigate, following, again }) };
}

/** When an open incident is read again, and when it is looked whether that should be sooner. */
interface Again {
  readonly reading: ReturnType<typeof nextReading>;
  readonly look: ReturnType<typeof nextLook>;
}

function againAt(steps: Steps, log: readonly LoggedEvent[], view: IncidentView): Again {
  const reading = nextReading(log, view);
  return { reading, look: reading === null || !steps.tellsOfChanges ? null : nextLook(log, view) };
}

/** How the incident is by the newest reading, where people do not know yet and may hear of it. */
function toldNow(steps: Steps, log: readonly LoggedEvent[], now: number): Candidate {
  const news = unsaid(log);
  return news === null || news.from > now ? null : { say: steps.sayBelief(news.seq) };
}

/** When the plan is asked again although nothing has happened. @param asked what was asked for already */
function waitOf(
  steps: Steps,
  agent: Agent | undefined,
  { log, view, now }: Moment,
  {
    investigate,
    following,
    again: { reading, look },
  }: { readonly investigate: Step | null; readonly following: ReturnType<Steps["fix"]["follow"]>; readonly again: Again },
): { waitMs?: number } {
  // Work that was given up is not waited for: it would be due at once, for ever.
  const retryAt = investigate === null ? (agent?.retryAt(view) ?? null) : null;
  const saying = unsaid(log);
  const offerEndsAt = steps.fix.expiresAt(log, view, now);
  const waitMs = Math.min(
    retryAt === null ? Infinity : Math.max(0, retryAt - now),
    following !== null && "waitMs" in following ? following.waitMs : Infinity,
    offerEndsAt === null ? Infinity : offerEndsAt - now,
    reading === null ? Infinity : Math.max(0, reading.at - now),
    look === null ? Infinity : Math.max(0, look.at - now),
    saying === null || saying.from <= now ? Infinity : saying.from - now,
  );
  return Number.isFinite(waitMs) ? { waitMs } : {};
}

/** The oldest question of a person that has no answer yet: the answer is found in one step and said in another. */
function answerStep(steps: Steps, agent: Agent, log: readonly LoggedEvent[]): Candidate {
  const ask = openAsk(log);
  if (ask === null) return null;
  const isFound = log.some(({ event }) => event.type === "reply-made" && event.question === ask.seq);
  return isFound ? { say: steps.sayAnswer(ask.seq) } : { do: agent.lookForAnswer(ask) };
}

/** Whether sources are still read. */
const isPending = ({ coverage }: IncidentView) => coverage.some(({ pending }) => pending === true);
