import type { Step } from "../../store/incident-store.ts";
import { dataWithoutOrders } from "../../guard/untrusted.ts";
import type { IncidentEvent, LoggedEvent } from "../../incident/event.ts";
import { stepIds } from "../../incident/step-id.ts";
import type { ToolAnswer } from "../../incident/tool.ts";
import { viewOf } from "../../incident/view.ts";
import { counted } from "../../report/tool-view.ts";
import type { CheckedFinding } from "../check/check-finding.ts";
import { roundBudget } from "./agent-budget.ts";
import { type AgentDependencies, allTools, checkSubmitted, questionOf } from "./agent-parts.ts";
import { droppedWords, problemText } from "./checked-work.ts";
import { askTools, MOST_READ, shownIn } from "./kept-round.ts";
import { lastTurn, roundNote } from "./next-move.ts";
import { answeredRound, ordersInAnswers } from "./outside-orders.ts";
import { patchNotTaken, PROPOSE } from "./propose-fix.ts";
import { roundsOf, SUBMIT, submissionIn } from "./rounds.ts";
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
    const turn = lastTurn(log);
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
    const submission = turn.event.toolUses.findLast(({ name, whole }) => name === SUBMIT && whole);
    const input = submissionIn(submission?.input);
    if (submission === undefined || input === null) return goesOn(answers);
    const checked = await checkSubmitted(deps, context, input);
    const accepted = checked.ok || wasReturned(transcript);
    const told = answers.map((answer) => (answer.id === submission.id ? { ...answer, ...verdictOn(checked, accepted) } : answer));
    return accepted ? acceptedRound(log, view.orderSigns, told, checked) : goesOn(told);
  },
});

/** A patch that comes before its finding is not looked at. */
const withoutPatch = (answer: ToolAnswer): ToolAnswer =>
  answer.name === PROPOSE ? { ...answer, failed: true, view: FINDING_FIRST, ...patchNotTaken("it came before the finding") } : answer;

/** Whether a finding was sent back once. An input that did not fit was never checked, so it was not the one chance. */
const wasReturned = (transcript: readonly LoggedEvent[]): boolean =>
  roundsOf(transcript)
    .flat()
    .some(({ tool, input, error }) => tool === SUBMIT && error !== null && submissionIn(input) !== null);

const verdictOn = ({ problems }: CheckedFinding, accepted: boolean): Pick<ToolAnswer, "failed" | "view" | "fact"> => ({
  failed: !accepted,
  view: accepted ? "Accepted." : problemText(problems),
  fact: accepted ? "finding accepted" : `finding sent back: ${counted(problems.length, "problem")}`,
});

function acceptedRound(
  log: readonly LoggedEvent[],
  known: readonly string[],
  answers: readonly ToolAnswer[],
  checked: CheckedFinding,
): IncidentEvent[] {
  const signs = [...known, ...ordersInAnswers(log, answers).flatMap((one) => one.signs)];
  return [
    ...answeredRound(log, known, answers, null),
    { type: "finding-submitted", finding: dataWithoutOrders(checked.cleaned, signs), dropped: droppedWords(checked) },
    { type: "investigation-closed", how: "submitted", because: "the finding was handed in", retry: false },
  ];
}
