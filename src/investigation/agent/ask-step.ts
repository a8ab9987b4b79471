import type { Step, StepContext } from "../../store/incident-store.ts";
import { packAnswer, recordEvidence } from "../../store/evidence.ts";
import { ModelError } from "../../guard/errors.ts";
import { viewOf } from "../../incident/view.ts";
import { refusalReason } from "../../report/model-refusal-words.ts";
import { plain } from "../../report/text.ts";
import { setAside } from "./agent-budget.ts";
import type { AgentDependencies } from "./agent-parts.ts";
import { answerAsk, type CheckedReply, costOfTurn, type LoggedAsk } from "./follow-up.ts";

/** Questions of one incident that are answered: an end, should people or programs never stop asking. */
const MOST_ASKS = 20;
const ASK_TRIES = 3;
/** What is set aside for an answer, of what an investigation may cost: it takes a few turns. */
const ASK_SHARE = 0.1;

/** Finds the answer to what a person asked. A model that fails is reported in the thread too, for nobody who asks should wait in vain. */
export const lookForAnswer = (deps: AgentDependencies, ask: LoggedAsk): Step => ({
  id: `look-for-answer:${ask.seq}`,
  attempts: ASK_TRIES,
  timeLimitMs: 330_000,
  async run(context) {
    const reply = await replyTo(deps, context, ask);
    if (typeof reply === "string") return [{ type: "reply-made", question: ask.seq, claims: [], unknown: null, instead: reply, cost: 0 }];
    const packed = await Promise.all(reply.raw.map((answer) => packAnswer(answer)));
    context.atEnd((sql) => recordEvidence(sql, context.incidentId, reply.firstEvidence, packed, context.now()));
    const { claims, unknown } = reply;
    const cost = reply.turns.reduce((sum, turn) => sum + costOfTurn(deps, turn), 0);
    return [{ type: "reply-made", question: ask.seq, claims, unknown, instead: null, cost }];
  },
});

/** The cheaper model first; the better one where that finds nothing that passes the checks. */
async function replyTo(deps: AgentDependencies, context: StepContext, ask: LoggedAsk): Promise<CheckedReply | string> {
  const view = viewOf(context.log);
  const earlier = context.log.filter(({ event }) => event.type === "question-answered").length;
  if (earlier >= MOST_ASKS) return `midwatch answers ${MOST_ASKS} questions of one incident; the evidence is on its page.`;
  // Each try of its own: what one that failed had cost stays counted.
  const key = `ask:${ask.seq}:${context.attempt}`;
  const refused = await setAside(deps, context, key, deps.limits.dollars * ASK_SHARE, true);
  if (refused !== null) return `midwatch could not answer: ${plain(refusalReason(refused))}.`;
  let dollars = 0;
  const onTurn = (cost: number) => void (dollars += cost);
  try {
    const { followUpModel: first, model: second } = deps;
    const reply = await answerAsk(deps, context, view, ask.event, first, onTurn);
    if (reply.claims.length > 0 || reply.unknown !== null || first === second.name) return reply;
    const better = await answerAsk(deps, context, view, ask.event, second.name, onTurn);
    return { ...better, turns: [...reply.turns, ...better.turns] };
  } catch (error) {
    if (!(error instanceof ModelError) || error.kind === "aborted") throw error;
    if (error.retryable && context.attempt < ASK_TRIES) throw error;
    return `midwatch could not answer: ${error.message}`;
  } finally {
    await context.others.settle(key, dollars);
  }
}
