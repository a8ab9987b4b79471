import type { Step, StepContext } from "../../store/incident-store.ts";
import { ModelError } from "../../guard/errors.ts";
import type { ModelRefusal } from "../../incident/model-refusal.ts";
import type { EventOf, IncidentEvent } from "../../incident/event.ts";
import { runKey } from "../../incident/spending.ts";
import { stepIds } from "../../incident/step-id.ts";
import { viewOf } from "../../incident/view.ts";
import { setAside } from "./agent-budget.ts";
import { type AgentDependencies, allTools, questionOf } from "./agent-parts.ts";
import { MOST_READ } from "./kept-round.ts";
import { askModel, TURN_MS, TURN_TRIES, WORTH_WAITING_MS } from "./model-turn.ts";
import { openingMessage, systemPrompt } from "./prompt.ts";
import { factsOf, roundsOf, SUBMIT, submissionIn } from "./rounds.ts";
import { newFence, transcriptStart } from "./transcript.ts";
import { checkHandIn, toldFinding } from "./outside-finding.ts";

/** How often the transcript is begun again because it was too long. */
const MOST_RESTARTS = 2;
/** A vendor that asks for a longer wait than all tries take together is not asked again by itself. */
const LONGEST_PAUSE_MS = 30 * 60_000;

type Closed = EventOf<"investigation-closed">;

/** How often work is looked at again that only waits for dollars which other work has set aside and may not need. */
const MOST_WAITS = 10;
const WAIT_MS = 60_000;

/** The rules of the catalog leave the page out, or its alert flaps. @param again when it is looked at again by itself */
export const refuseStep = (because: ModelRefusal, again: number | null): Step => ({
  id: "refuse-investigation",
  run: async () => [{ type: "model-refused", because, again }],
});

/**
 * Begins a round, or begins its transcript again with no more than what was found.
 * @param strict whether tools are held to their schemas
 * @param askedBy who asks for it, where it would not begin by itself
 */
export const beginStep = (deps: AgentDependencies, round: number, strict = true, askedBy: string | null = null): Step => ({
  id: "begin-investigation",
  run: async (context) => {
    const { log } = context;
    const view = viewOf(log);
    const because = await setAside(deps, context, runKey(round), deps.limits.dollars, askedBy !== null);
    if (because !== null) {
      const waits = log.filter(({ event }) => event.type === "model-refused" && event.because.code === "budget").length;
      // What was spent stays spent; what is set aside is mostly free again soon.
      const isHeld = because.spent + deps.limits.dollars <= because.most && waits < MOST_WAITS;
      return [{ type: "model-refused", because, again: isHeld ? context.now() + WAIT_MS : null }];
    }
    const tools = allTools(deps, context, view, questionOf(deps, log, view), "finding");
    const before = roundsOf(log).length === 0 ? "" : factsOf(log);
    const fence = newFence();
    return [
      {
        type: "investigation-started",
        round,
        model: deps.model.name,
        system: systemPrompt({
          skills: deps.skillIndex(),
          minutes: Math.round(deps.limits.timeMs / 60_000),
          characters: MOST_READ,
          turns: deps.limits.turns,
          patches: deps.preparePatch !== undefined,
        }),
        tools: tools.map((tool) => deps.toSchema(strict ? tool : { ...tool, strict: false })),
        opening: openingMessage(view, deps.runbooks(view), before, fence),
        fence,
        ...(askedBy === null ? {} : { askedBy }),
      },
    ];
  },
});

/** Begins the transcript again because the model said that it is full. */
export const restartStep = (deps: AgentDependencies, round: number): Step => ({
  ...beginStep(deps, round),
  run: (context) => shortened(deps, context, "the transcript grew longer than the model can read"),
});

/** A transcript that the model can't take is begun again from its facts; twice at most. */
async function shortened(deps: AgentDependencies, context: StepContext, because: string): Promise<readonly IncidentEvent[]> {
  const round = viewOf(context.log).investigation?.round ?? 1;
  const begun = context.log.filter(({ event }) => event.type === "investigation-started" && event.round === round).length;
  if (begun > MOST_RESTARTS) return [{ type: "investigation-closed", how: "limit", because, retry: false }];
  return beginStep(deps, round).run(context);
}

export const turnStep = (deps: AgentDependencies, round: number): Step => ({
  id: stepIds.modelTurn(round),
  attempts: TURN_TRIES,
  timeLimitMs: TURN_MS,
  run: async (context) => {
    try {
      return [await askModel({ ...deps.model, prices: deps.prices }, context)];
    } catch (error) {
      if (!(error instanceof ModelError) || error.kind === "aborted") throw error;
      return afterModelError(deps, context, error);
    }
  },
});

/** @throws the error where the step is to be tried again */
async function afterModelError(deps: AgentDependencies, context: StepContext, error: ModelError): Promise<readonly IncidentEvent[]> {
  const started = context.log[transcriptStart(context.log)]?.event;
  if (error.kind === "too-strict" && started?.type === "investigation-started" && started.tools.some((tool) => tool.strict))
    return beginStep(deps, started.round, false).run(context);
  if (error.kind === "context-exceeded" || error.kind === "too-large") return shortened(deps, context, error.message);
  const waitMs = error.retryAfterMs ?? 0;
  if (error.retryable && waitMs <= WORTH_WAITING_MS) throw error;
  return [
    {
      ...{ type: "investigation-closed", how: "provider", because: error.message },
      retry: error.retryable && waitMs <= LONGEST_PAUSE_MS,
      ...(waitMs > 0 ? { retryAfterMs: waitMs } : {}),
    },
  ];
}

/** Ends the work; of a finding that was sent back, what passes the checks is kept. */
export const closeStep = (deps: AgentDependencies, how: Closed["how"], because: string, retry: boolean): Step => ({
  id: "close-investigation",
  run: async (context) => {
    const { log } = context;
    const closed: Closed = { type: "investigation-closed", how, because, retry };
    const uses = log.slice(transcriptStart(log)).flatMap(({ event }) => (event.type === "model-turn" ? event.toolUses : []));
    const input = submissionIn(uses.findLast(({ name }) => name === SUBMIT)?.input);
    if (input === null) return [closed];
    const handIn = await checkHandIn(deps, context, input);
    return [{ type: "finding-submitted", ...toldFinding(handIn, viewOf(log).orderSigns) }, closed];
  },
});
