import type { CiWaits } from "./fix/ci-watch.ts";
import type { Fixer } from "./fix/fix-parts.ts";
import { createFixPlan } from "./fix/fix-plan.ts";
import type { Agent } from "./investigation/agent/agent.ts";
import { type ImpactDependencies, impactStep } from "./investigation/declared-impact.ts";
import { countFlapStep } from "./investigation/flap-step.ts";
import type { JoinDependencies } from "./investigation/incident-card.ts";
import { joinStep, pinStep, splitStep, tellLeadStep } from "./investigation/join-steps.ts";
import { type Look, lookAndPack, type LookDependencies } from "./investigation/look.ts";
import { lookForChangesStep, tellsOfChanges } from "./investigation/look-for-changes.ts";
import { LooksAhead } from "./investigation/looks-ahead.ts";
import type { NoteDependencies } from "./investigation/note-steps.ts";
import { readAgainStep } from "./investigation/read-again.ts";
import {
  FIRST_EVIDENCE,
  forgetReading,
  READ_ON_MS,
  readOnStep,
  startTriage,
  TRIAGE_DEADLINE_MS,
  triageStep,
} from "./investigation/triage-steps.ts";
import { type CanvasDependencies, canvasStep } from "./slack/canvas-steps.ts";
import type { HearDependencies } from "./slack/hear-channel.ts";
import type { MakeDependencies } from "./slack/make-channel.ts";
import {
  finish,
  firstWords,
  reviseBrief,
  reviseFinding,
  sayAnswer,
  sayBelief,
  sayFlaps,
  sayJoined,
  sayStep,
  sayTriageFailed,
  showFeedback,
  update,
  updateStatus,
} from "./slack/say-steps.ts";
import { updateStep } from "./slack/update-steps.ts";
import type { ChartDependencies } from "./slack/chart-steps.ts";
import { IncidentThread, type ThreadDependencies } from "./slack/thread.ts";

export interface PlanDependencies extends LookDependencies, ThreadDependencies {
  /** Does what `lookAndPack` does, elsewhere: a host with threads keeps its own free for webhooks. Default: here. */
  readonly look?: Look;
  readonly fixer: Fixer;
  /** Which pages are one incident; not given: each has its own. */
  readonly joining?: JoinDependencies;
  /** Channels of one incident each; not given: none are looked for. */
  readonly channels?: HearDependencies;
  /** Questions of the catalog's own about the impact; not given: it declares none. */
  readonly impact?: ImpactDependencies;
  /** A channel for each incident; not given: midwatch makes none. */
  readonly makeChannels?: MakeDependencies;
  /** Notes on the pager's pages; not given: none are written. */
  readonly notes?: NoteDependencies;
  /** Postmortem drafts as canvases; not given: there are none. */
  readonly canvases?: CanvasDependencies;
  /** Charts as images under the words; not given: there are none. */
  readonly charts?: ChartDependencies;
  /** How long CI is waited for, where the usual is not right. */
  readonly ciWaits?: CiWaits;
  /** The model's work between brief and finding; without it the finding is from the data alone. */
  readonly agent?: Agent;
  /** See LooksAhead. Default 2. */
  readonly looksAhead?: number;
  /** Time that all sources have together, ms. */
  readonly triageDeadlineMs?: number;
  /** Time that sources have after the brief which did not answer before it, ms; 0: none. */
  readonly readOnMs?: number;
}

export type Steps = ReturnType<typeof stepsOf>;

/** Every step of an incident, ready to run. In which order is the plan's. */
export function stepsOf(deps: PlanDependencies) {
  const thread = new IncidentThread(deps);
  const look: Look = deps.look ?? ((...about) => lookAndPack(deps, ...about));
  const { triageDeadlineMs: deadlineMs = TRIAGE_DEADLINE_MS, readOnMs = READ_ON_MS } = deps;
  // Where no call outlives its step, no look begins in one step and ends in another.
  const ahead =
    deps.stillAsked === undefined
      ? undefined
      : new LooksAhead(look, FIRST_EVIDENCE, { deadlineMs, ...(readOnMs === 0 ? {} : { readOnMs }) }, deps.looksAhead);
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
    showFeedback: showFeedback(thread),
    updateStatus: updateStatus(thread),
    readAgain: (number: number) => readAgainStep(look, number),
    lookForChanges: (number: number) => lookForChangesStep(deps, number),
    tellsOfChanges: tellsOfChanges(deps),
    sayBelief: (reading: number) => sayBelief(thread, reading),
    sayAnswer: (ask: number) => sayAnswer(thread, ask),
    countImpact: impactStep(deps.impact),
    canvas: canvasStep(deps.canvases, thread),
    postUpdate: updateStep(thread),
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
