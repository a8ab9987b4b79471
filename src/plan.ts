import type { Plan, Step } from "./store/incident-store.ts";
import type { CiWaits } from "./fix/ci-watch.ts";
import type { Fixer } from "./fix/fix-parts.ts";
import { createFixPlan } from "./fix/fix-plan.ts";
import { nextLook, nextReading, unsaid } from "./incident/belief-log.ts";
import type { EventOf, IncidentEvent, LoggedEvent } from "./incident/event.ts";
import { isCardOld, isListOld, openSplit } from "./incident/joining-state.ts";
import { type IncidentView, viewOf } from "./incident/view.ts";
import type { Agent } from "./investigation/agent/agent.ts";
import { openAsk } from "./investigation/agent/follow-up.ts";
import { type JoinDependencies, joinStep, pinStep, splitStep, tellLeadStep } from "./investigation/join-steps.ts";
import { type NoteDependencies, noteStep } from "./investigation/note-steps.ts";
import { type Look, lookAndPack, type LookDependencies } from "./investigation/look.ts";
import { lookForChangesStep, tellsOfChanges } from "./investigation/look-for-changes.ts";
import { readAgainStep } from "./investigation/read-again.ts";
import { countFlapStep } from "./investigation/flap-step.ts";
import { LooksAhead } from "./investigation/looks-ahead.ts";
import { settleStep } from "./investigation/settle-step.ts";
import {
  FIRST_EVIDENCE,
  forgetReading,
  READ_ON_MS,
  readOnStep,
  startTriage,
  TRIAGE_DEADLINE_MS,
  triageStep,
} from "./investigation/triage-steps.ts";
import {
  finish,
  firstWords,
  paced,
  reviseBrief,
  reviseFinding,
  sayAnswer,
  sayFlaps,
  sayJoined,
  sayBelief,
  type Saying,
  sayStep,
  sayTriageFailed,
  unhurried,
  update,
  updateStatus,
} from "./slack/say-steps.ts";
import { IncidentThread, type ThreadDependencies } from "./slack/thread.ts";

export interface PlanDependencies extends LookDependencies, ThreadDependencies {
  /** Does what `lookAndPack` does, elsewhere: a host with threads keeps its own free for webhooks. Default: here. */
  readonly look?: Look;
  readonly fixer: Fixer;
  /** Which pages are one incident; not given: each has its own. */
  readonly joining?: JoinDependencies;
  /** Notes on the pager's pages; not given: none are written. */
  readonly notes?: NoteDependencies;
  /** How long CI is waited for, where the usual is not right. */
  readonly ciWaits?: CiWaits;
  /** The model's work between brief and finding; without it the finding is from the data alone. */
  readonly agent?: Agent;
  /** Time that all sources have together, ms. */
  readonly triageDeadlineMs?: number;
  /** Time that sources have after the brief which did not answer before it, ms; 0: none. */
  readonly readOnMs?: number;
}

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
    const note = deps.notes === undefined ? null : noteStep(deps.notes, log, view);
    const due = [
      ...(words === null ? [] : [paced(steps.thread, words, view)]),
      ...(beside === null ? [] : [beside]),
      ...(work === null ? [] : [work]),
      // Nothing waits for it.
      ...(note === null || moment.gaveUp(note) ? [] : [note]),
    ];
    if (due.length === 0 && waitMs === undefined) return null;
    return { ...(due.length === 0 ? {} : { steps: due }), ...(waitMs === undefined ? {} : { waitMs }) };
  };
}

/** One message at most, for one builds on another, and one piece of work, which does not wait for it. */
interface Due {
  readonly words: Saying | null;
  readonly work: Step | null;
  readonly waitMs?: number;
}

type Steps = ReturnType<typeof stepsOf>;

function stepsOf(deps: PlanDependencies) {
  const thread = new IncidentThread(deps);
  const look: Look = deps.look ?? ((...about) => lookAndPack(deps, ...about));
  const { triageDeadlineMs: deadlineMs = TRIAGE_DEADLINE_MS, readOnMs = READ_ON_MS } = deps;
  // Where no call outlives its step, no look begins in one step and ends in another.
  const ahead =
    deps.stillAsked === undefined
      ? undefined
      : new LooksAhead(look, FIRST_EVIDENCE, { deadlineMs, ...(readOnMs === 0 ? {} : { readOnMs }) });
  return {
    thread,
    firstWords: firstWords(
      thread,
      ({ incidentId, now }, { trigger, passed }) => passed || trigger === null || ahead?.start(incidentId, trigger, now),
    ),
    startTriage: startTriage(ahead),
    triage: triageStep({
      look,
      ...{ deadlineMs, readOnMs, ahead },
      progress: (context) =>
        thread.progress(
          context,
          deps.sources.map(({ name }) => name),
        ),
    }),
    sayTriageFailed: sayTriageFailed(thread),
    brief: sayStep(thread, "brief"),
    readOn: readOnStep({ look, readOnMs }),
    reviseBrief: reviseBrief(thread),
    sayJoined: sayJoined(thread),
    sayFlaps: sayFlaps(thread),
    finding: sayStep(thread, "finding"),
    reviseFinding: reviseFinding(thread),
    finish: forgetReading(finish(thread)),
    update: update(thread),
    updateStatus: updateStatus(thread),
    readAgain: (number: number) => readAgainStep(look, number),
    lookForChanges: (number: number) => lookForChangesStep(deps, number),
    tellsOfChanges: tellsOfChanges(deps),
    sayBelief: (reading: number) => sayBelief(thread, reading),
    sayAnswer: (ask: number) => sayAnswer(thread, ask),
    ...joinSteps(deps.joining ?? { serviceOf: deps.serviceOf, environment: null }),
    fix: createFixPlan({
      fixer: deps.fixer,
      writer: deps.agent?.fix ?? null,
      ...(deps.ciWaits === undefined ? {} : { waits: deps.ciWaits }),
    }),
  };
}

const joinSteps = (deps: JoinDependencies) => ({
  ...{ join: joinStep(deps), pin: pinStep(deps), tellLead: tellLeadStep(deps), countFlap: countFlapStep(deps) },
  split: splitStep,
});

/** What comes before all else: whether the page belongs to another incident. null: it leads, and goes on as any. */
function joinsFirst(steps: Steps, { log, view, now, gaveUp }: Moment): Due | null {
  const { joining, status, statusMessage, triage } = view;
  const { lead, untold, awaitsUntil, isDecided, isFinal, decidedAt } = joining;
  if (untold !== null && !gaveUp(steps.tellLead)) return { words: null, work: steps.tellLead };
  // Whom nobody could tell goes on by itself.
  if (lead !== null && untold === null) {
    const isNews = hasNews(log, ["joined", "lead-moved"]) || hasNews(log);
    const settle = settleStep(log, true);
    return {
      words: statusMessage !== null && isNews && !gaveUp(steps.updateStatus) ? steps.updateStatus : null,
      work: settle !== null && !gaveUp(settle) ? settle : null,
    };
  }
  if (gaveUp(steps.join)) return null;
  const isMerge = ({ event }: LoggedEvent) => event.type === "pager-event-received" && event.page?.mergedInto !== undefined;
  if (joining.split === null && (log.findLast(isMerge)?.seq ?? 0) > decidedAt) return { words: null, work: steps.join };
  if (status === "resolved" && eventOf(log, "page-received") === null) return null;
  if (awaitsUntil !== null)
    return now < awaitsUntil ? { words: null, work: null, waitMs: awaitsUntil - now } : { words: null, work: steps.join };
  const hasBegun = statusMessage !== null || eventOf(log, "triage-started") !== null;
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
  const status = hasNews(log) && !gaveUp(steps.updateStatus) ? steps.updateStatus : null;
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
  const begun = eventOf(log, "triage-started") !== null;
  return {
    words: view.statusMessage === null && !gaveUp(steps.firstWords) ? steps.firstWords : null,
    work: begun ? steps.triage : steps.startTriage,
  };
}

/** Whether the page was over before it was read, and no other is left; not where a person asks for an investigation all the same. */
const isOver = ({ status, passed, investigateAskedBy, joining }: IncidentView): boolean =>
  joining.pages.length === 0 && (passed || (status === "resolved" && investigateAskedBy === null));

/** Whether a page that is over was never named. */
const namesPassed = (steps: Steps, log: readonly LoggedEvent[], { passed, statusMessage, failures }: IncidentView): boolean =>
  passed && statusMessage === null && eventOf(log, "page-received") !== null && !failures.some(({ step }) => step === steps.firstWords.id);

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
    () => say(isBriefOld(log, view), steps.reviseBrief),
    () => say(isListOld(log), steps.sayJoined),
    () => say(view.flaps.isUnsaid, steps.sayFlaps),
    // A next round has what the one before left.
    () => work(settleStep(log)),
    () => work(investigate),
    () => say(view.finding === null, steps.finding),
    () => say(isNewer(view), steps.reviseFinding),
    // A patch takes minutes to write, and a word of theirs ends it.
    () => say(hasNews(log, ["fix-work-started"]) && !view.finished, steps.update),
    () => work(steps.fix.open(log, view, now)),
    () => say(!view.finished, steps.finish),
    () => say(hasNews(log, FIX_NEWS), steps.update),
    () => toldNow(steps, log, now),
    () => say(hasNews(log) || hasNews(log, ["model-refused"]) || isBegunAsAsked(log), steps.updateStatus),
    () => (agent === undefined ? null : answerStep(steps, agent, log)),
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

/** Whether late answers came after the brief was last said. */
function isBriefOld(log: readonly LoggedEvent[], { triage, brief }: IncidentView): boolean {
  const last = log.findLast(({ event: { type } }) => type === "triage-finished" || type === "brief-posted" || type === "brief-revised");
  return triage?.late !== undefined && brief !== null && last?.event.type === "triage-finished";
}

/** Whether the model's work ended after the finding was last said. */
const isNewer = ({ finding, findingAt, investigation }: IncidentView) =>
  finding !== null && findingAt !== null && (investigation?.closedAt ?? 0) > findingAt;

const eventOf = <T extends IncidentEvent["type"]>(log: readonly LoggedEvent[], type: T): EventOf<T> | null =>
  (log.findLast(({ event }) => event.type === type)?.event as EventOf<T> | undefined) ?? null;

/** Whether a model has begun that somebody asked for, and the status message does not say so yet. */
const isBegunAsAsked = (log: readonly LoggedEvent[]): boolean =>
  eventOf(log, "investigation-started")?.askedBy !== undefined && hasNews(log, ["investigation-started"]);

/** What shows in the finding and in the status message once it has happened. */
const FIX_NEWS: readonly IncidentEvent["type"][] = ["fix-proposed", "fix-offered", "fix-declined", "approval-expired", "fix-told"];

/** Whether something happened that the status message does not show yet: what came while it was edited is not in it. @param types default: news of the pager */
function hasNews(log: readonly LoggedEvent[], types: readonly IncidentEvent["type"][] | null = null): boolean {
  const seen = eventOf(log, "status-edited")?.seen ?? log.find(({ event }) => event.type === "status-posted")?.seq ?? 0;
  return log.some(
    ({ seq, event }) =>
      seq > seen &&
      (types?.includes(event.type) ?? (event.type === "page-received" || (event.type === "pager-event-received" && event.page !== null))),
  );
}
