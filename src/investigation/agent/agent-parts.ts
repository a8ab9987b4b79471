import type { StepContext } from "../../store/incident-store.ts";
import { listEvidence, readEvidence } from "../../store/evidence.ts";
import type { LoggedEvent } from "../../incident/event.ts";
import { newestOf } from "../../incident/newest-event.ts";
import type { ModelRefusal } from "../../incident/model-refusal.ts";
import type { CallModel, Effort, ToolSchema } from "../../incident/model.ts";
import type { Trigger } from "../../incident/trigger.ts";
import type { Question } from "../../incident/source.ts";
import { defineTool, LONGEST_VIEW, type Tool } from "../../incident/tool.ts";
import { type IncidentView, viewOf } from "../../incident/view.ts";
import { checkFinding, type CheckedFinding } from "../check/check-finding.ts";
import { type SubmittedFinding, submittedFindingSchema } from "../check/submitted-finding.ts";
import { CHANGES_MS } from "../triage.ts";
import { windowsAround } from "./asked-windows.ts";
import type { Limits, Prices, SharedLimits } from "./budget.ts";
import { checkContext, checkLedger, type FreshEvidence, type ReadingContext } from "./checked-work.ts";
import { createEvidenceTool } from "./evidence-tool.ts";
import { boardOf, boardText, HYPOTHESES, hypothesesInput, updateBoard } from "./hypotheses.ts";
import type { PreparePatch } from "./judge-patch.ts";
import { PROPOSE, proposeFixTool } from "./propose-fix.ts";
import { SUBMIT } from "./rounds.ts";

/** What the investigation by a model needs. */
export interface AgentDependencies {
  readonly model: { readonly call: CallModel; readonly name: string; readonly effort: Effort };
  /** The cheaper model, for questions after the finding. */
  readonly followUpModel: string;
  /** Tools that read; the agent adds those of its own work. */
  readonly tools: (about: { readonly incidentId: string; readonly view: IncidentView; readonly question: Question }) => readonly Tool[];
  readonly toSchema: (tool: Pick<Tool, "name" | "description" | "input" | "strict">) => ToolSchema;
  readonly question: (trigger: Trigger, windows: Pick<Question, "window" | "baseline" | "changesFrom">) => Question;
  /** One line a skill, for the system prompt. */
  readonly skillIndex: () => string;
  /** Whole texts of the runbooks that fit, "" where none does. */
  readonly runbooks: (view: IncidentView) => string;
  readonly limits: Limits;
  /** What all the model's work may cost together. */
  readonly shared: SharedLimits;
  /** Why the catalog's rules leave a page out; null: they do not. Default: they leave none out. */
  readonly leftOut?: (view: IncidentView) => ModelRefusal | null;
  readonly prices: Prices;
  /** Hosts that the model's words may link to, lower case. */
  readonly hosts: readonly string[];
  /** Makes a patch of what the model proposes, and checks it. Without it the model is not offered to write one. */
  readonly preparePatch?: PreparePatch;
}

/** The incident's question, with the windows that triage fixed. */
export function questionOf(
  deps: Pick<AgentDependencies, "question">,
  log: readonly LoggedEvent[],
  { trigger, analysis }: IncidentView,
): Question {
  const started = newestOf(log, "triage-started")?.event;
  if (trigger === null || started === undefined) throw new Error("an investigation needs a trigger and triage's windows");
  return deps.question(trigger, { ...windowsAround(started, analysis?.onset ?? null), changesFrom: started.window.from - CHANGES_MS });
}

/** Checks what the model hands in, a finding or the claims of an answer. @param fresh evidence that is not in the ledger yet */
export function checkSubmitted(
  deps: Pick<AgentDependencies, "question" | "hosts" | "runbooks">,
  context: ReadingContext,
  submitted: SubmittedFinding,
  fresh: FreshEvidence | null = null,
): Promise<CheckedFinding> {
  const view = viewOf(context.log);
  const question = questionOf(deps, context.log, view);
  return checkFinding(submitted, checkLedger(context, fresh), checkContext(context.log, view, question, deps));
}

/** The tools that read: the vendors', and the ledger's own. */
export const readingTools = (deps: AgentDependencies, { sql, incidentId }: StepContext, view: IncidentView, question: Question): Tool[] => [
  ...deps.tools({ incidentId, view, question }),
  createEvidenceTool({ list: () => listEvidence(sql, incidentId), read: (number) => readEvidence(sql, incidentId, number) }),
];

const FINDING_STANDS = `The finding was accepted and posted, and does not change. Hand in the patch with ${PROPOSE}.`;

/** All tools of the investigation. @param work whether they are used for the finding or, after it, for a patch: the model sees the same ones */
export function allTools(
  deps: AgentDependencies,
  context: StepContext,
  view: IncidentView,
  question: Question,
  work: "finding" | "patch",
): Tool[] {
  return [
    ...readingTools(deps, context, view, question),
    hypothesesTool(context.log),
    ...(deps.preparePatch === undefined ? [] : [proposeFixTool]),
    defineTool({
      name: SUBMIT,
      source: "finding",
      handsIn: true,
      description: "Hands in the finding and ends the investigation. Code checks it; what does not hold comes back, twice at most.",
      input: submittedFindingSchema,
      strict: true,
      // Checked where the round is known: see tools-step.ts.
      run: async () => ({ answers: [], view: () => (work === "patch" ? FINDING_STANDS : ""), fact: "finding handed in" }),
    }),
  ];
}

function hypothesesTool(log: readonly LoggedEvent[]): Tool {
  const { board, newest } = boardOf(log);
  return defineTool({
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
  });
}
