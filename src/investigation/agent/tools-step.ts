import type { Step } from "../../store/incident-store.ts";
import type { IncidentEvent, LoggedEvent } from "../../incident/event.ts";
import { stepIds } from "../../incident/step-id.ts";
import type { ToolAnswer } from "../../incident/tool.ts";
import { viewOf } from "../../incident/view.ts";
import { newestOf } from "../../incident/newest-event.ts";
import { counted } from "../../report/tool-view.ts";
import type { CheckedFinding } from "../check/check-finding.ts";
import { roundBudget } from "./agent-budget.ts";
import { type AgentDependencies, allTools, questionOf } from "./agent-parts.ts";
import { problemText } from "./checked-work.ts";
import { askTools, MOST_READ, shownIn } from "./kept-round.ts";
import { roundNote } from "./next-move.ts";
import { answeredRound, ordersInAnswers } from "./outside-orders.ts";
import { patchNotTaken, PROPOSE } from "./propose-fix.ts";
import { roundsOf, SUBMIT, submissionIn } from "./rounds.ts";
import { checkHandIn, type HandIn, toldFinding } from "./outside-finding.ts";
import { transcriptStart } from "./transcript.ts";

const FINDING_FIRST = `Nothing was taken. Hand in the finding first (${SUBMIT}); with fix "patch" you are asked for the patch after it.`;

/** One round of the tools that the model asked for; a finding that is among them is checked. */
export const toolsStep = (deps: AgentDependencies, round: number): Step => ({
  id: stepIds.modelTools(round),
  attempts: 3,
  timeLimitMs: 240_000,
  run: async (context) => {
    const { log } = context;
    const view = viewOf(log);
    const turn = newestOf(log, "model-turn");
    if (turn === null) throw new Error("tools need a turn that asked for them");
    const question = questionOf(deps, log, view);
    const transcript = log.slice(transcriptStart(log));
    const room = Math.max(0, MOST_READ - (view.triage?.digest.length ?? 0) - shownIn(transcript, SUBMIT));
    const tools = allTools(deps, context, view, question, "finding");
    const asked = await askTools(context, turn.event.toolUses, { tools, question, room, orderSigns: view.orderSigns });
    const answers = asked.map((answer) => (deps.preparePatch === undefined ? answer : withoutPatch(answer)));
    const goesOn = (told: readonly ToolAnswer[]) =>
      answeredRound(
        log,
        view.orderSigns,
        told,
        roundNote(transcript, roundBudget(deps, log, view).state(turn.at), { turn: turn.event, answers: told, room, handIn: SUBMIT }),
      );
    // Several in one answer are one finding: the last word counts.
    const notRun = new Set(asked.flatMap(({ id, code }) => (code === "not-run" ? [id] : [])));
    const submission = turn.event.toolUses.findLast(({ id, name, whole }) => name === SUBMIT && whole && !notRun.has(id));
    const input = submissionIn(submission?.input);
    if (submission === undefined || input === null) return goesOn(answers);
    const handIn = await checkHandIn(deps, context, input, answers);
    const { checked } = handIn;
    const returned = timesReturned(transcript);
    // What does not hold may come back twice: the first correction often has a fault of its own.
    const accepted = returned >= MOST_RETURNS || checked.ok;
    const told = answers.map((answer) =>
      answer.id === submission.id ? { ...answer, ...verdictOn(checked, accepted, returned + 1 < MOST_RETURNS) } : answer,
    );
    return accepted ? acceptedRound(log, view.orderSigns, told, handIn) : goesOn(told);
  },
});

/** A patch that comes before its finding is not looked at. */
const withoutPatch = (answer: ToolAnswer): ToolAnswer =>
  answer.name === PROPOSE ? { ...answer, failed: true, view: FINDING_FIRST, ...patchNotTaken("it came before the finding") } : answer;

/** How often a finding is sent back at most. */
const MOST_RETURNS = 2;

/** How often a finding was sent back. An input that did not fit was never checked, so it counts for none. */
const timesReturned = (transcript: readonly LoggedEvent[]): number =>
  roundsOf(transcript)
    .flat()
    .filter(({ tool, input, error }) => tool === SUBMIT && error !== null && submissionIn(input) !== null).length;

const verdictOn = ({ problems }: CheckedFinding, accepted: boolean, again: boolean): Pick<ToolAnswer, "failed" | "view" | "fact"> => ({
  failed: !accepted,
  view: accepted ? "Accepted." : problemText(problems, again),
  fact: accepted ? "finding accepted" : `finding sent back: ${counted(problems.length, "problem")}`,
});

function acceptedRound(
  log: readonly LoggedEvent[],
  known: readonly string[],
  answers: readonly ToolAnswer[],
  handIn: HandIn,
): IncidentEvent[] {
  const signs = [...known, ...ordersInAnswers(log, answers).flatMap((one) => one.signs)];
  return [
    ...answeredRound(log, known, answers, null),
    { type: "finding-submitted", ...toldFinding(handIn, signs) },
    { type: "investigation-closed", how: "submitted", because: "the finding was handed in", retry: false },
  ];
}
