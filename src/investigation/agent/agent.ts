import { ModelError } from "../../guard/errors.ts";
import { dataWithoutOrders } from "../../guard/untrusted.ts";
import type { IncidentEvent, LoggedEvent } from "../../incident/event.ts";
import type { Step, StepContext } from "../../store/incident-store.ts";
import type { CallModel, Effort, ModelTurn, ToolSchema } from "../../incident/model.ts";
import type { Page } from "../../incident/page.ts";
import type { Question } from "../../incident/source.ts";
import { defineTool, LONGEST_VIEW, type Tool } from "../../incident/tool.ts";
import { counted } from "../../report/tool-view.ts";
import { fixWorkOf } from "../../incident/fix-work.ts";
import { retryAt } from "../../incident/investigation.ts";
import { stepIds } from "../../incident/step-id.ts";
import { type IncidentView, viewOf } from "../../incident/view.ts";
import { type Budget, budgetOf, costOf, type Limits, type Prices, type Turn } from "./budget.ts";
import type { Problem } from "../check/check-context.ts";
import { checkContext, checkLedger, droppedWords, type FreshEvidence, problemText } from "./checked-work.ts";
import { checkFinding, type CheckedFinding } from "../check/check-finding.ts";
import { createEvidenceTool } from "./evidence-tool.ts";
import { listEvidence, readEvidence } from "../../store/evidence.ts";
import { createFixWork, FIX_LIMITS, type FixSteps, type PreparePatch } from "./fix-work.ts";
import { boardOf, boardText, HYPOTHESES, hypothesesInput, updateBoard } from "./hypotheses.ts";
import { askTools, MOST_READ, nextEvidence, shownIn } from "./kept-round.ts";
import { askModel, tokensOf, TURN_MS, TURN_TRIES, WORTH_WAITING_MS } from "./model-turn.ts";
import { openingMessage, systemPrompt } from "./prompt.ts";
import { answeredRound, ordersInAnswers } from "./outside-orders.ts";
import { patchNotTaken, PROPOSE, proposeFixTool } from "./propose-fix.ts";
import { repeatsIn, type Round } from "./repeats.ts";
import { spentToday } from "./spend.ts";
import { submittedFindingSchema, type SubmittedFinding } from "../check/submitted-finding.ts";
import { CHANGES_MS } from "../triage.ts";
import { readingNote } from "./tool-round.ts";
import { ordersSinceEnd, STOPPED } from "./people-orders.ts";
import { factsOf, roundOf, roundsOf, SUBMIT } from "./rounds.ts";
import { MOST_SILENT, newFence, transcriptStart } from "./transcript.ts";

type Of<T extends IncidentEvent["type"]> = Extract<IncidentEvent, { type: T }>;

/** What the investigation by a model needs. */
export interface AgentDependencies {
  readonly model: { readonly call: CallModel; readonly name: string; readonly effort: Effort };
  /** The cheaper model, for questions after the finding. */
  readonly followUpModel: string;
  /** Tools that read; the agent adds those of its own work. */
  readonly tools: (about: { readonly incidentId: string; readonly view: IncidentView; readonly question: Question }) => readonly Tool[];
  readonly toSchema: (tool: Pick<Tool, "name" | "description" | "input" | "strict">) => ToolSchema;
  readonly question: (page: Page, windows: Pick<Question, "window" | "baseline" | "changesFrom">) => Question;
  /** One line a skill, for the system prompt. */
  readonly skillIndex: () => string;
  /** Whole texts of the runbooks that fit, "" where none does. */
  readonly runbooks: (view: IncidentView) => string;
  readonly limits: Limits;
  readonly prices: Prices;
  /** Hosts that the model's words may link to, lower case. */
  readonly hosts: readonly string[];
  /** Makes a patch of what the model proposes, and checks it. Without it the model is not offered to write one. */
  readonly preparePatch?: PreparePatch;
}

/** How often the transcript is begun anew because it was too long. */
const MOST_RESTARTS = 2;
const FINDING_FIRST = `Nothing was taken. Hand in the finding first (${SUBMIT}); with fix "patch" you are asked for the patch after it.`;
const FINDING_STANDS = `The finding was accepted and posted, and stands. Hand in the patch with ${PROPOSE}.`;
/** A vendor that asks for a longer wait than all tries take together is not asked again by itself. */
const LONGEST_PAUSE_MS = 30 * 60_000;

const last = <T extends IncidentEvent["type"]>(log: readonly LoggedEvent[], type: T): (LoggedEvent & { event: Of<T> }) | null =>
  (log.findLast(({ event }) => event.type === type) as (LoggedEvent & { event: Of<T> }) | undefined) ?? null;

/** One investigation by a model as steps of an incident: begin, one turn, one round of tools, close. */
export function createAgent(deps: AgentDependencies) {
  /** The incident's question, with the windows that triage fixed. */
  function questionOf(log: readonly LoggedEvent[], view: IncidentView): Question {
    const started = last(log, "triage-started");
    if (view.page === null || started === null) throw new Error("an investigation needs a page and triage's windows");
    const { window, baseline } = started.event;
    return deps.question(view.page, { window, baseline, changesFrom: window.from - CHANGES_MS });
  }

  const ledgerOf = ({ sql, incidentId }: StepContext) => ({
    list: () => listEvidence(sql, incidentId),
    read: (number: number) => readEvidence(sql, incidentId, number),
  });

  const check = (context: StepContext, submitted: SubmittedFinding, fresh: FreshEvidence | null = null): Promise<CheckedFinding> => {
    const view = viewOf(context.log);
    return checkFinding(submitted, checkLedger(context, fresh), checkContext(context.log, view, questionOf(context.log, view), deps.hosts));
  };

  const turnsIn = (log: readonly LoggedEvent[]): Turn[] =>
    log.flatMap(({ event }) =>
      event.type === "model-turn" ? [{ model: event.model, tokens: tokensOf(event.usage), toolCalls: event.toolUses.length }] : [],
    );

  /** Where the newest round begins, and what the day had cost by then. */
  function roundStart(log: readonly LoggedEvent[], view: IncidentView): { place: number; spentToday: number } {
    const place = log.findIndex(({ event }) => event.type === "investigation-started" && event.round === view.investigation?.round);
    const first = log[place]?.event;
    return { place: Math.max(0, place), spentToday: first?.type === "investigation-started" ? first.spentToday : 0 };
  }

  function limitsOf(view: IncidentView, log: readonly LoggedEvent[]): Budget {
    const start = roundStart(log, view);
    return budgetOf(turnsIn(log.slice(start.place)), {
      limits: deps.limits,
      prices: deps.prices,
      startedAt: view.investigation?.startedAt ?? 0,
      spentToday: start.spentToday,
    });
  }

  /** The budget of the work on a patch that began at this place of the log: time, turns and calls of its own, tokens and dollars of both. */
  function fixLimitsOf(log: readonly LoggedEvent[], begun: number): Budget {
    const start = roundStart(log, viewOf(log));
    return budgetOf(turnsIn(log.slice(begun)), {
      limits: { ...deps.limits, ...FIX_LIMITS },
      prices: deps.prices,
      startedAt: log[begun]?.at ?? 0,
      spentToday: start.spentToday,
      before: turnsIn(log.slice(start.place, begun)),
      then: `Hand the patch in with ${PROPOSE}, or decline with the reason.`,
    });
  }

  /** Why nothing more may be spent today, or null. */
  const dayBudget = ({ sql, now }: StepContext): string | null => {
    const at = now();
    const state = budgetOf([], { limits: deps.limits, prices: deps.prices, startedAt: at, spentToday: spentToday(sql, at) }).state(at);
    return state.state === "closed" ? state.because : null;
  };

  /** Begins a round, or begins its transcript anew with no more than what was found. */
  const startStep = (round: number, strict = true): Step => ({
    id: "begin-investigation",
    run: async (context) => {
      const { log } = context;
      const view = viewOf(log);
      const question = questionOf(log, view);
      const tools = allTools(context, view, question, "finding");
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
          spentToday: spentToday(context.sql, context.now()),
        },
      ];
    },
  });

  /** @param work whether they are used for the finding or, after it, for a patch: the model sees the same ones */
  function allTools(context: StepContext, view: IncidentView, question: Question, work: "finding" | "patch"): Tool[] {
    const { board, newest } = boardOf(context.log);
    return [
      ...deps.tools({ incidentId: context.incidentId, view, question }),
      createEvidenceTool(ledgerOf(context)),
      defineTool({
        name: HYPOTHESES,
        source: "hypotheses",
        description:
          "The board of what may be wrong: add hypotheses, mark them supported or ruled out with the evidence that decides. People see it.",
        input: hypothesesInput,
        strict: true,
        run: async (input) => {
          const { board: next, problems } = updateBoard(board, input, (number) => number >= 1 && number <= newest);
          const text = [boardText(next), ...problems].join("\n").slice(0, LONGEST_VIEW);
          return { answers: [], view: () => text, fact: `${next.length} hypotheses` };
        },
      }),
      ...(deps.preparePatch === undefined ? [] : [proposeFixTool]),
      defineTool({
        name: SUBMIT,
        source: "finding",
        handsIn: true,
        description: "Hands in the finding and ends the investigation. Code checks it; what does not hold comes back once.",
        input: submittedFindingSchema,
        strict: true,
        // Checked where the round is known, below.
        run: async () => ({ answers: [], view: () => (work === "patch" ? FINDING_STANDS : ""), fact: "finding handed in" }),
      }),
    ];
  }

  const turnStep = (round: number): Step => ({
    id: stepIds.modelTurn(round),
    attempts: TURN_TRIES,
    timeLimitMs: TURN_MS,
    run: async (context) => {
      const { log } = context;
      const started = log[transcriptStart(log)]?.event;
      if (started?.type !== "investigation-started") throw new Error("a turn needs a transcript that was begun");
      // Others that work at the same time have spent since it began.
      const spent = dayBudget(context);
      if (spent !== null) return closeStep("limit", spent, false).run(context);
      try {
        return [await askModel({ ...deps.model, prices: deps.prices }, context)];
      } catch (error) {
        if (!(error instanceof ModelError) || error.kind === "aborted") throw error;
        // What the provider compiles of strict schemas has a limit that it does not publish: then without.
        if (error.kind === "too-strict" && started.tools.some((tool) => tool.strict)) return startStep(started.round, false).run(context);
        if (error.kind === "context-exceeded" || error.kind === "too-large") return tooLong(context, error.message);
        if (error.retryable && (error.retryAfterMs ?? 0) <= WORTH_WAITING_MS) throw error;
        const waitMs = error.retryAfterMs ?? 0;
        return [
          {
            ...{ type: "investigation-closed", how: "provider", because: error.message },
            retry: error.retryable && waitMs <= LONGEST_PAUSE_MS,
            ...(waitMs > 0 ? { retryAfterMs: waitMs } : {}),
          },
        ];
      }
    },
  });

  /** A transcript that the model can't take is begun anew from its facts; twice at most. */
  async function tooLong(context: StepContext, because: string): Promise<readonly IncidentEvent[]> {
    const round = viewOf(context.log).investigation?.round ?? 1;
    const begun = context.log.filter(({ event }) => event.type === "investigation-started" && event.round === round).length;
    if (begun > MOST_RESTARTS) return [{ type: "investigation-closed", how: "limit", because, retry: false }];
    return startStep(round).run(context);
  }

  const toolsStep = (round: number): Step => ({
    id: stepIds.modelTools(round),
    attempts: 3,
    timeLimitMs: 240_000,
    run: async (context) => {
      const { log } = context;
      const view = viewOf(log);
      const turn = last(log, "model-turn")?.event;
      if (turn === undefined) throw new Error("tools need a turn that asked for them");
      const question = questionOf(log, view);
      const start = transcriptStart(log);
      const rounds = roundsOf(log.slice(start));
      const room = Math.max(0, MOST_READ - (view.triage?.digest.length ?? 0) - shownIn(log.slice(start), SUBMIT));
      const tools = allTools(context, view, question, "finding");
      const answers = (await askTools(context, turn.toolUses, { tools, question, room, orderSigns: view.orderSigns })).map((answer) =>
        answer.name === PROPOSE && deps.preparePatch !== undefined
          ? { ...answer, failed: true, view: FINDING_FIRST, ...patchNotTaken("it came before the finding") }
          : answer,
      );
      // Several in one answer are one finding: the last word counts.
      const submission = turn.toolUses.findLast(({ name, whole }) => name === SUBMIT && whole);
      const input = submissionIn(submission?.input);
      if (submission === undefined || input === null)
        return answeredRound(log, view.orderSigns, answers, noteFor(log, rounds, turn, answers, room));
      const checked = await check(context, input);
      // An input that did not fit was never checked, so it was not the one chance to mend.
      const returned = rounds
        .flat()
        .some(({ tool, input: given, error }) => tool === SUBMIT && error !== null && submissionIn(given) !== null);
      const accepted = checked.ok || returned;
      const answered = answers.map((answer) =>
        answer.id === submission.id
          ? {
              ...answer,
              failed: !accepted,
              view: accepted ? "Accepted." : problemText(checked.problems),
              fact: accepted ? "finding accepted" : `finding sent back: ${counted(checked.problems.length, "problem")}`,
            }
          : answer,
      );
      if (!accepted) return answeredRound(log, view.orderSigns, answered, noteFor(log, rounds, turn, answered, room));
      const orders = ordersInAnswers(log, answered);
      const signs = [...view.orderSigns, ...orders.flatMap((one) => one.signs)];
      return [
        ...answeredRound(log, view.orderSigns, answered, null),
        { type: "finding-submitted", finding: dataWithoutOrders(checked.cleaned, signs), dropped: droppedWords(checked) },
        { type: "investigation-closed", how: "submitted", because: "the finding was handed in", retry: false },
      ];
    },
  });

  const submissionIn = (input: unknown): SubmittedFinding | null => {
    const parsed = submittedFindingSchema.safeParse(input);
    return parsed.success ? parsed.data : null;
  };

  /**
   * What the model is told beside the answers: what is left of its budget, and that it goes in circles.
   * @param room characters that it might have been shown before this round
   */
  function noteFor(
    log: readonly LoggedEvent[],
    rounds: readonly Round[],
    turn: Of<"model-turn">,
    answers: Of<"tools-answered">["answers"],
    room: number,
  ): string | null {
    const now = last(log, "model-turn")?.at ?? 0;
    const budget = limitsOf(viewOf(log), log).state(now);
    const repeats = repeatsIn([...rounds, roundOf(turn.toolUses, answers)]);
    const reading = readingNote(room - answers.reduce((length, { view }) => length + view.length, 0), MOST_READ);
    const words = [budget.state === "warn" ? budget.left : "", reading ?? "", repeats.state === "warn" ? repeats.words : ""].filter(
      (text) => text !== "",
    );
    return words.length === 0 ? null : words.join("\n");
  }

  /** Ends the work; of a finding that was sent back, what holds is kept. */
  const closeStep = (how: Of<"investigation-closed">["how"], because: string, retry: boolean): Step => ({
    id: "close-investigation",
    run: async (context) => {
      const { log } = context;
      const closed: IncidentEvent = { type: "investigation-closed", how, because, retry };
      const start = transcriptStart(log);
      const turn = log
        .slice(start)
        .findLast(({ event }) => event.type === "model-turn" && event.toolUses.some(({ name }) => name === SUBMIT));
      const use = turn?.event.type === "model-turn" ? turn.event.toolUses.findLast(({ name }) => name === SUBMIT) : undefined;
      const input = submissionIn(use?.input);
      if (input === null) return [closed];
      const checked = await check(context, input);
      const cleaned = dataWithoutOrders(checked.cleaned, viewOf(context.log).orderSigns);
      return [{ type: "finding-submitted", finding: cleaned, dropped: droppedWords(checked) }, closed];
    },
  });

  const work: AgentWork = {
    call: deps.model.call,
    toSchema: deps.toSchema,
    skillIndex: deps.skillIndex,
    about: (context, view) => {
      const question = questionOf(context.log, view);
      return {
        question,
        tools: [...deps.tools({ incidentId: context.incidentId, view, question }), createEvidenceTool(ledgerOf(context))],
        firstEvidence: nextEvidence(context),
        facts: factsOf(context.log),
      };
    },
    check,
    dayBudget,
    problemText,
    costOf: ({ model, usage }) => costOf({ model, tokens: tokensOf(usage) }, deps.prices).dollars,
  };

  const fix: FixSteps | null =
    deps.preparePatch === undefined
      ? null
      : createFixWork({
          preparePatch: deps.preparePatch,
          timeMs: deps.limits.timeMs,
          question: questionOf,
          tools: (context, view, question) => allTools(context, view, question, "patch"),
          ask: (context) => askModel({ ...deps.model, prices: deps.prices }, context),
          budget: (log, begun, now) => fixLimitsOf(log, begun).state(now),
          dayBudget,
        });

  return {
    work,
    /** The model's work on a patch, after the finding; null: nobody checks patches, so none is asked for. */
    fix,
    models: { first: deps.followUpModel, second: deps.model.name },

    /** When a model that failed is asked again; null: not by itself. */
    retryAt: ({ investigation, status }: IncidentView): number | null => retryAt(investigation, status),

    /** The next step of the model's work, from the log alone; null when there is none (any more). */
    next(log: readonly LoggedEvent[], view: IncidentView, now: number): Step | null {
      const { investigation } = view;
      if (investigation === null) return view.status === "resolved" ? null : startStep(1);
      const { round, closed } = investigation;
      // The finding stands while a patch is written for it: there is no other round beside that.
      if (fixWorkOf(log)?.closed === null) return null;
      if (closed !== null) {
        const order = ordersSinceEnd(log);
        // Whoever stops it means the tries to come as well.
        if (order === "stop" && closed.retry) return closeStep("stopped", STOPPED, false);
        const again = order === "resume" && closed.how !== "submitted";
        const due = retryAt(investigation, view.status);
        return again || (due !== null && due <= now) ? startStep(round + 1) : null;
      }
      const start = transcriptStart(log);
      if (ordersSinceEnd(log) === "stop") return closeStep("stopped", STOPPED, false);
      const failed = view.failures.findLast(({ step }) => step === stepIds.modelTurn(round) || step === stepIds.modelTools(round));
      if (failed !== undefined) return closeStep("provider", failed.error, failed.step === stepIds.modelTurn(round));
      const since = log.slice(start + 1);
      const turnAt = since.findLastIndex(({ event }) => event.type === "model-turn");
      const turn = since[turnAt]?.event;
      const answered = since.slice(Math.max(0, turnAt)).some(({ event }) => event.type === "tools-answered");
      const handedIn = turn?.type === "model-turn" && !answered && turn.toolUses.some(({ name }) => name === SUBMIT);
      const budget = limitsOf(view, log).state(now);
      // What was handed in with the last of it still counts: checking it costs nothing.
      if (budget.state === "closed" && !handedIn) return closeStep("limit", budget.because, false);
      if (turn?.type !== "model-turn") return turnStep(round);
      if (turn.toolUses.length > 0 && !answered) return toolsStep(round);
      if (turn.stopReason === "refusal") return closeStep("provider", "the model refused to answer", false);
      if (turn.stopReason === "model_context_window_exceeded") return restartStep(round);
      const silent = since.filter(
        ({ event }) => event.type === "model-turn" && event.toolUses.length === 0 && event.stopReason !== "pause_turn",
      );
      if (silent.length > MOST_SILENT) return closeStep("silent", "the model ended its turns without handing anything in", false);
      const repeats = repeatsIn(roundsOf(since));
      if (repeats.state === "stop") return closeStep("limit", repeats.because, false);
      return turnStep(round);
    },
  };

  function restartStep(round: number): Step {
    return { ...startStep(round), run: (context) => tooLong(context, "the transcript grew longer than the model can read") };
  }
}

export type Agent = ReturnType<typeof createAgent>;

/** What other work of the model beside the investigation shares with it. */
export interface AgentWork {
  readonly call: CallModel;
  readonly toSchema: AgentDependencies["toSchema"];
  skillIndex(): string;
  about(
    context: StepContext,
    view: IncidentView,
  ): { readonly tools: readonly Tool[]; readonly question: Question; readonly firstEvidence: number; readonly facts: string };
  check(context: StepContext, submitted: SubmittedFinding, fresh: FreshEvidence): Promise<CheckedFinding>;
  /** Why nothing more may be spent today, in words for people; null: more may be. */
  dayBudget(context: StepContext): string | null;
  problemText(problems: readonly Problem[]): string;
  costOf(turn: ModelTurn): number;
}
