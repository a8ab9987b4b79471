import { z } from "zod";
import type { LoggedEvent } from "../../incident/event.ts";
import type { ToolUse } from "../../incident/model.ts";
import { plainPath } from "../../fix/where-to-write.ts";
import type { ToolAnswer } from "../../incident/tool.ts";
import { outsideLine } from "../../report/tool-view.ts";
import { evidenceMark } from "../../report/words.ts";
import { anySubmittedFinding, type SubmittedFinding } from "../check/submitted-finding.ts";
import { boardOf, boardText, HYPOTHESES } from "./hypotheses.ts";
import { PROPOSE } from "./propose-fix.ts";
import type { Round } from "./repeats.ts";

/** One round of tools: what was asked for, and what came of it. */
export const roundOf = (uses: readonly ToolUse[], answers: readonly ToolAnswer[]): Round =>
  answers.map((answer) => ({
    tool: answer.name,
    input: uses.find(({ id }) => id === answer.id)?.input ?? null,
    error: answer.failed ? answer.view : null,
    newEvidence: answer.evidence,
  }));

/** Tool calls with their answers, round by round, of the part of a log that is given. */
export function roundsOf(log: readonly LoggedEvent[]): Round[] {
  const rounds: Round[] = [];
  let uses: readonly ToolUse[] = [];
  for (const { event } of log) {
    if (event.type === "model-turn") uses = event.toolUses;
    else if (event.type === "tools-answered") {
      rounds.push(roundOf(uses, event.answers));
    }
  }
  return rounds;
}

export const SUBMIT = "submit_finding";

/** The finding that a call of {@link SUBMIT} holds; null where its input does not fit. */
export function submissionIn(input: unknown): SubmittedFinding | null {
  return anySubmittedFinding.safeParse(input).data ?? null;
}

/** What was read as a diff: the changes of which lines were shown. A diff that was asked for may have none under a path, or be cut before them. */
export const diffsRead = (log: readonly LoggedEvent[]): string[] =>
  log.flatMap(({ event }) => (event.type === "tools-answered" ? event.answers.flatMap(({ shown }) => shown ?? []) : []));

const FILE = "github_file";
const fileInput = z.object({ path: z.string(), repository: z.string().optional(), ref: z.string().optional() });

/** A file that was read, as the call of the file tool asked for it; `repository` and `ref` are null where it named none. */
export interface FileRead {
  readonly path: string;
  readonly repository: string | null;
  readonly ref: string | null;
}

/** The files that were read: calls of the file tool that did not fail. */
export function filesRead(rounds: readonly Round[]): FileRead[] {
  return rounds.flat().flatMap(({ tool, input, error }) => {
    const asked = tool === FILE && error === null ? fileInput.safeParse(input).data : undefined;
    return asked === undefined ? [] : [{ path: plainPath(asked.path), repository: asked.repository ?? null, ref: asked.ref ?? null }];
  });
}

/** What tools brought so far, one line each: all that a new transcript keeps of them. */
export function factsOf(log: readonly LoggedEvent[]): string {
  const { board } = boardOf(log);
  const facts = log.flatMap(({ event }) =>
    event.type === "tools-answered"
      ? event.answers
          .filter(({ name, evidence }) => evidence.length > 0 || (name !== HYPOTHESES && name !== SUBMIT && name !== PROPOSE))
          .map(
            ({ fact, evidence }) =>
              `- ${outsideLine(fact, 300)}${evidence.length === 0 ? "" : ` [${evidence.map(evidenceMark).join(" ")}]`}`,
          )
      : [],
  );
  return `${facts.slice(-60).join("\n")}\n\nHypotheses\n${boardText(board)}`;
}
