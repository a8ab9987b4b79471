import type { LoggedEvent } from "../../incident/event.ts";
import type { StepContext } from "../../store/incident-store.ts";
import type { ToolUse } from "../../incident/model.ts";
import type { ToolAnswer } from "../../incident/tool.ts";
import { nextEvidence, packAnswer, recordEvidence } from "../../store/evidence.ts";
import { runTools, type ToolRound } from "./tool-round.ts";

/** Characters of views that one piece of the model's work may put before it: the investigation, its digest included, and each patch. */
export const MOST_READ = 60_000;

/** Characters of views in a part of a log, but for those of the tool that hands in: what checks say is no reading. */
export const shownIn = (log: readonly LoggedEvent[], handIn: string): number =>
  log.reduce(
    (sum, { event }) =>
      sum +
      (event.type === "tools-answered"
        ? event.answers.reduce((length, { name, view }) => length + (name === handIn ? 0 : view.length), 0)
        : 0),
    0,
  );

/** Runs the tools that one answer of the model asks for, and keeps what they bring in the ledger with the step's events. */
export async function askTools(
  context: StepContext,
  uses: readonly ToolUse[],
  about: Pick<ToolRound, "tools" | "question" | "room" | "orderSigns">,
): Promise<readonly ToolAnswer[]> {
  const firstEvidence = nextEvidence(context.sql, context.incidentId);
  const { answers, raw } = await runTools(uses, { ...about, now: context.now, signal: context.signal, firstEvidence });
  const packed = await Promise.all(raw.map((answer) => packAnswer(answer)));
  context.atEnd((sql) => recordEvidence(sql, context.incidentId, firstEvidence, packed, context.now()));
  return answers;
}
