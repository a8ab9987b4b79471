import type { Step, StepContext } from "../../store/incident-store.ts";
import { type PatchTask, patchText, taskLimits } from "../../fix/fix-text.ts";
import { ModelError } from "../../guard/errors.ts";
import { refusalReason } from "../../report/model-refusal-words.ts";
import { plain } from "../../report/text.ts";
import type { EventOf, LoggedEvent } from "../../incident/event.ts";
import type { PatchPlace } from "../../incident/fix.ts";
import { type FixWork, fixWorkOf } from "../../incident/fix-work.ts";
import { codeOf } from "../../incident/source.ts";
import { patchKey } from "../../incident/spending.ts";
import { stepIds } from "../../incident/step-id.ts";
import type { ToolAnswer } from "../../incident/tool.ts";
import { type IncidentView, viewOf } from "../../incident/view.ts";
import { newestOf } from "../../incident/newest-event.ts";
import { FIX_LIMITS, leftOfRound, patchBudget, setAside } from "./agent-budget.ts";
import { type AgentDependencies, allTools, questionOf } from "./agent-parts.ts";
import { fixWorkClosed, type Judgement, judgePatch, type PatchTarget, type PreparePatch } from "./judge-patch.ts";
import { askTools, MOST_READ, shownIn } from "./kept-round.ts";
import { askModel, TURN_MS, TURN_TRIES, WORTH_WAITING_MS } from "./model-turn.ts";
import { nextMove, roundNote } from "./next-move.ts";
import { answeredRound } from "./outside-orders.ts";
import { patchPlaceOf } from "./patch-place.ts";
import { ordersSinceEnd, STOPPED } from "./people-orders.ts";
import { patchNotTaken, PROPOSE } from "./propose-fix.ts";
import { transcriptStart } from "./transcript.ts";

/**
 * The model's work on a patch, as steps of an incident. It goes on in the transcript of the investigation, so that all that was read before is
 * read from the cache; the finding is posted by then, and nothing here changes it.
 */
export type PatchDependencies = AgentDependencies & { readonly preparePatch: PreparePatch };

const PASSED_OVER = "Passed over: another patch came in the same answer, and the last one counts.";
const TOO_LONG = "the transcript grew longer than the model can read";

/** Place in the log where the newest work on a patch begins, or -1. */
const fixStart = (log: readonly LoggedEvent[]) => log.findLastIndex(({ event }) => event.type === "fix-work-started");

export interface FixSteps {
  /** Where a patch for the finding belongs, by the catalog; null: nowhere. */
  place(log: readonly LoggedEvent[], view: IncidentView): PatchPlace | null;
  /** Begins an attempt, counted from 1. @param text what CI said of the one before (`redCiText`); default: what a patch needs to be */
  start(attempt: number, text?: string): Step;
  /** The next step of the work on a patch, from the log alone; null when none is under way. */
  next(log: readonly LoggedEvent[], view: IncidentView, now: number): Step | null;
}

export const createFixWork = (deps: PatchDependencies): FixSteps => ({
  place: (log, view) => placeOf(deps, log, view),
  start: (attempt, text) => beginStep(deps, attempt, text),
  next: (log, view, now) => nextStep(deps, log, view, now),
});

function placeOf(deps: PatchDependencies, log: readonly LoggedEvent[], view: IncidentView): PatchPlace | null {
  const finding = view.investigation?.finding ?? null;
  return finding === null ? null : patchPlaceOf(questionOf(deps, log, view), finding);
}

function targetOf(deps: PatchDependencies, log: readonly LoggedEvent[], view: IncidentView): PatchTarget | null {
  const place = placeOf(deps, log, view);
  if (place === null) return null;
  const { service: paged, services } = questionOf(deps, log, view);
  const own = services.find(({ name }) => name === paged);
  const usual = (own === undefined ? null : codeOf(own))?.repository ?? place.repository;
  return { place, askedByDefault: usual.toLowerCase() === place.repository.toLowerCase() };
}

/** Begins an attempt with the message to the model. Where it can't be asked, the attempt is closed at once, with the reason. */
const beginStep = (deps: PatchDependencies, attempt: number, given: string | undefined): Step => ({
  id: `begin-patch:${attempt}`,
  run: async (context) => {
    const { log } = context;
    const target = targetOf(deps, log, viewOf(log));
    if (target === null) {
      const because = "no repository of the service is in the catalog";
      return [{ type: "fix-work-started", attempt, text: "" }, fixWorkClosed({ attempt }, "declined", because)];
    }
    const { place, askedByDefault } = target;
    const task: PatchTask = {
      ...{ ...place, askedByDefault },
      ...{ timeMs: deps.limits.timeMs, turns: FIX_LIMITS.turns, characters: MOST_READ },
    };
    const text = given === undefined ? patchText(task) : `${given}\n${taskLimits(task)}`;
    const transcript = log[transcriptStart(log)]?.event;
    const mayPropose = transcript?.type === "investigation-started" && transcript.tools.some(({ name }) => name === PROPOSE);
    const late = fixWorkClosed({ attempt }, "declined", "the investigation began before patches could be written");
    if (!mayPropose) return [{ type: "fix-work-started", attempt, text }, late];
    const refused = await setAside(deps, context, patchKey(attempt), leftOfRound(deps, log));
    const spent = refused === null ? [] : [fixWorkClosed({ attempt }, "limit", plain(refusalReason(refused)))];
    return [{ type: "fix-work-started", attempt, text }, ...spent];
  },
});

const closeStep = (work: FixWork, how: EventOf<"fix-work-closed">["how"], because: string): Step => ({
  id: "close-patch",
  run: async () => [fixWorkClosed(work, how, because)],
});

const turnStep = (deps: PatchDependencies, work: FixWork): Step => ({
  id: stepIds.patchTurn(work.attempt),
  attempts: TURN_TRIES,
  timeLimitMs: TURN_MS,
  run: async (context) => {
    try {
      return [await askModel({ ...deps.model, prices: deps.prices }, context)];
    } catch (error) {
      if (!(error instanceof ModelError) || error.kind === "aborted") throw error;
      // With a new transcript, the model would have read nothing of what it is to change.
      if (error.kind === "context-exceeded" || error.kind === "too-large") return [fixWorkClosed(work, "limit", TOO_LONG)];
      if (error.retryable && (error.retryAfterMs ?? 0) <= WORTH_WAITING_MS) throw error;
      return [fixWorkClosed(work, "provider", error.message)];
    }
  },
});

const toolsStep = (deps: PatchDependencies, work: FixWork): Step => ({
  id: stepIds.patchTools(work.attempt),
  attempts: 3,
  timeLimitMs: 240_000,
  run: async (context) => {
    const { log } = context;
    const turn = newestOf(log, "model-turn");
    if (turn === null) throw new Error("tools need a turn that asked for them");
    const view = viewOf(log);
    const question = questionOf(deps, log, view);
    const begun = fixStart(log);
    const room = Math.max(0, MOST_READ - shownIn(log.slice(begun), PROPOSE));
    const tools = allTools(deps, context, view, question, "patch");
    const answers = await askTools(context, turn.event.toolUses, { tools, question, room, orderSigns: view.orderSigns });
    const { told, events } = await patchRound(deps, context, work, turn.event, answers);
    const ended = events.some(({ type }) => type === "fix-work-closed");
    const about = { turn: turn.event, answers: told, room, handIn: PROPOSE };
    const note = ended ? null : roundNote(log.slice(begun), patchBudget(deps, log, begun).state(turn.at), about);
    return [...answeredRound(log, view.orderSigns, told, note), ...events];
  },
});

/** The answers of a round, with what became of the patch among them. Several in one answer are one patch: the last word counts. */
async function patchRound(
  deps: PatchDependencies,
  context: StepContext,
  work: FixWork,
  { toolUses }: EventOf<"model-turn">,
  answers: readonly ToolAnswer[],
): Promise<{ readonly told: readonly ToolAnswer[]; readonly events: Judgement["events"] }> {
  const notRun = new Set(answers.flatMap(({ id, code }) => (code === "not-run" ? [id] : [])));
  const use = toolUses.findLast(({ id, name, whole }) => name === PROPOSE && whole && !notRun.has(id));
  const target = targetOf(deps, context.log, viewOf(context.log));
  const judged = use === undefined ? null : await judgePatch(deps.preparePatch, context, work, target, { input: use.input, answers });
  const told = answers.map((answer): ToolAnswer => {
    if (answer.name !== PROPOSE || notRun.has(answer.id)) return answer;
    if (judged !== null && answer.id === use?.id) return { ...answer, failed: judged.failed, view: judged.view, fact: judged.fact };
    const isWhole = toolUses.find(({ id }) => id === answer.id)?.whole === true;
    if (!isWhole) return { ...answer, ...patchNotTaken("it was cut off at the token limit") };
    if (answer.failed) return { ...answer, ...patchNotTaken(`its input does not fit the tool ${PROPOSE}`) };
    const because = "another one came in the same answer, and the last one counts";
    return { ...answer, failed: true, view: PASSED_OVER, ...patchNotTaken(because) };
  });
  return { told, events: judged?.events ?? [] };
}

function nextStep(deps: PatchDependencies, log: readonly LoggedEvent[], view: IncidentView, now: number): Step | null {
  const work = fixWorkOf(log);
  if (work === null || work.closed !== null) return null;
  if (ordersSinceEnd(log) === "stop") return closeStep(work, "stopped", STOPPED);
  const ids: readonly string[] = [stepIds.patchTurn(work.attempt), stepIds.patchTools(work.attempt)];
  const failed = view.failures.findLast(({ step }) => ids.includes(step));
  if (failed !== undefined) return closeStep(work, "provider", failed.error);
  const begun = fixStart(log);
  const move = nextMove(log.slice(begun + 1), patchBudget(deps, log, begun).state(now), PROPOSE);
  switch (move.kind) {
    case "turn":
      return turnStep(deps, work);
    case "tools":
      return toolsStep(deps, work);
    case "transcript-full":
      return closeStep(work, "limit", TOO_LONG);
    case "close":
      return closeStep(work, move.how, move.because);
  }
}
