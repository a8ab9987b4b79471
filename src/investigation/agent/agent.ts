import type { Step } from "../../store/incident-store.ts";
import type { LoggedEvent } from "../../incident/event.ts";
import { fixWorkOf } from "../../incident/fix-work.ts";
import { retryAt } from "../../incident/investigation.ts";
import { stepIds } from "../../incident/step-id.ts";
import type { IncidentView } from "../../incident/view.ts";
import { roundBudget } from "./agent-budget.ts";
import type { AgentDependencies } from "./agent-parts.ts";
import { lookForAnswer } from "./ask-step.ts";
import { createFixWork, type FixSteps } from "./fix-work.ts";
import type { LoggedAsk } from "./follow-up.ts";
import { nextMove } from "./next-move.ts";
import { ordersSinceEnd, STOPPED } from "./people-orders.ts";
import { readPeople, readPeopleAt } from "./read-people.ts";
import { beginStep, closeStep, refuseStep, restartStep, turnStep } from "./round-steps.ts";
import { SUBMIT } from "./rounds.ts";
import { toolsStep } from "./tools-step.ts";
import { transcriptStart } from "./transcript.ts";
import { openWording, wordPostmortem } from "./word-postmortem.ts";

/** The model's work as steps of an incident. */
export interface Agent {
  /** The next step of the investigation, from the log alone; null when there is none (any more). */
  next(log: readonly LoggedEvent[], view: IncidentView, now: number): Step | null;
  /** Notes that the catalog's rules leave the page out, or that its alert flaps; null: that is not so, or it is known. */
  refuse(view: IncidentView, now: number): Step | null;
  /** When a model that failed, or that waits for dollars, is asked again; null: not by itself. */
  retryAt(view: IncidentView): number | null;
  /** The work on a patch, after the finding; null: nobody checks patches, so none is asked for. */
  readonly fix: FixSteps | null;
  /** Finds the answer to what a person asked after the finding. */
  lookForAnswer(ask: LoggedAsk): Step;
  /** Reads what people say to each other; null: nobody said anything, or not long enough ago. */
  readPeople(log: readonly LoggedEvent[], now: number): { readonly step: Step } | { readonly at: number } | null;
  /** Words the postmortem draft that a person asked for; null: nobody did, or it is worded. */
  wordPostmortem(log: readonly LoggedEvent[]): Step | null;
}

export function createAgent(deps: AgentDependencies): Agent {
  const { preparePatch } = deps;
  return {
    next: (log, view, now) => nextStep(deps, log, view, now),
    refuse: (view, now) => {
      if (view.investigation !== null || view.refusal !== null || view.investigateAskedBy !== null) return null;
      const because = leftOutOf(deps, view);
      if (because !== null) return refuseStep(because, null);
      const { before } = view.flaps;
      const outlastsAt = before === null || view.page === null ? 0 : view.page.createdAt + before.longestMs;
      return before === null || outlastsAt <= now ? null : refuseStep({ code: "flaps", pattern: before }, outlastsAt);
    },
    retryAt: ({ investigation, refusal, status }) =>
      refusal === null ? retryAt(investigation, status) : status === "resolved" ? null : refusal.again,
    fix: preparePatch === undefined ? null : createFixWork({ ...deps, preparePatch }),
    lookForAnswer: (ask) => lookForAnswer(deps, ask),
    readPeople: (log, now) => {
      const at = readPeopleAt(log);
      if (at === null) return null;
      return at > now ? { at } : { step: readPeople(deps, log.filter(({ event }) => event.type === "messages-read").length + 1) };
    },
    wordPostmortem: (log) => {
      const asked = openWording(log);
      return asked === null ? null : wordPostmortem(deps, asked);
    },
  };
}

/** The rule that leaves an incident out; null: none does. One of its pages that may have a model is enough. */
const leftOutOf = ({ leftOut }: AgentDependencies, view: IncidentView) =>
  view.joining.pages.some(({ page }) => page.mayHaveModel === true) ? null : (leftOut?.(view) ?? null);

/** Whether the pager said something new of the page, such as a higher priority, or a page joined, and no rule leaves it out any more. */
function isLifted(deps: AgentDependencies, log: readonly LoggedEvent[], view: IncidentView): boolean {
  if (view.refusal?.because.code !== "rule") return false;
  const refusedAt = log.findLast(({ event }) => event.type === "model-refused")?.seq ?? 0;
  const isNews = log.some(
    ({ seq, event }) => seq > refusedAt && (event.type === "page-joined" || (event.type === "pager-event-received" && event.page !== null)),
  );
  return isNews && leftOutOf(deps, view) === null;
}

function nextStep(deps: AgentDependencies, log: readonly LoggedEvent[], view: IncidentView, now: number): Step | null {
  const { investigation, refusal } = view;
  const order = ordersSinceEnd(log);
  const begin = (asked: boolean) =>
    beginStep(deps, (investigation?.round ?? 0) + 1, true, asked ? (view.investigateAskedBy ?? "a person") : null);
  if (refusal !== null) {
    const isDue = (refusal.again !== null && refusal.again <= now) || isLifted(deps, log, view);
    return order === "resume" ? begin(true) : isDue && view.status !== "resolved" ? begin(false) : null;
  }
  if (investigation === null) return order === "resume" ? begin(true) : view.status === "resolved" ? null : begin(false);
  const { round, closed } = investigation;
  // While a patch is written for the finding there is no other round beside that.
  if (fixWorkOf(log)?.closed === null) return null;
  if (closed !== null) {
    // A person who stops it means the tries to come as well.
    if (order === "stop" && closed.retry) return closeStep(deps, "stopped", STOPPED, false);
    const again = order === "resume" && closed.how !== "submitted";
    const due = retryAt(investigation, view.status);
    return again || (due !== null && due <= now) ? begin(again) : null;
  }
  if (order === "stop") return closeStep(deps, "stopped", STOPPED, false);
  const ids: readonly string[] = [stepIds.modelTurn(round), stepIds.modelTools(round)];
  const failed = view.failures.findLast(({ step }) => ids.includes(step));
  if (failed !== undefined) return closeStep(deps, "provider", failed.error, failed.step === stepIds.modelTurn(round));
  const move = nextMove(log.slice(transcriptStart(log) + 1), roundBudget(deps, log, view).state(now), SUBMIT);
  switch (move.kind) {
    case "turn":
      return turnStep(deps, round);
    case "tools":
      return toolsStep(deps, round);
    case "transcript-full":
      return restartStep(deps, round);
    case "close":
      return closeStep(deps, move.how, move.because, false);
  }
}
