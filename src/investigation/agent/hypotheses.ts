import { z } from "zod";
import type { IncidentEvent, LoggedEvent } from "../../incident/event.ts";
import { evidenceMark } from "../../report/words.ts";
import { plainLine } from "../check/plain.ts";

/** A possible cause. Only evidence moves it. */
export type Hypothesis =
  | {
      readonly id: number;
      readonly claim: string;
      readonly status: "open";
      readonly evidence: readonly number[];
      readonly because: string | null;
    }
  | {
      readonly id: number;
      readonly claim: string;
      readonly status: "supported" | "ruled-out";
      readonly evidence: readonly [number, ...number[]];
      readonly because: string | null;
    };

/** Oldest first. */
export type Board = readonly Hypothesis[];

/** Name of the tool. */
export const HYPOTHESES = "hypotheses";

/** A board has to fit on a screen. */
const BOARD = { most: 8, claim: 160, because: 200, evidence: 8, changes: 12 } as const;

/** Input of the tool `hypotheses`. Ranges are checked by {@link updateBoard}: strict tool schemas have none. */
export const hypothesesInput = z.object({
  changes: z
    .array(
      z.object({
        id: z.number().describe("Number of a hypothesis on the board; null for a new one.").nullable(),
        claim: z
          .string()
          .describe(`What may have caused the page, one sentence of at most ${BOARD.claim} characters; null keeps the words it has.`)
          .nullable(),
        status: z.enum(["open", "supported", "ruled-out"]).describe("supported and ruled-out need evidence."),
        evidence: z.array(z.number()).describe(`Numbers of the evidence for or against it. At most ${BOARD.evidence}.`),
        because: z.string().describe(`What in that evidence decides, at most ${BOARD.because} characters; null while open.`).nullable(),
      }),
    )
    .describe(`New hypotheses and changed ones, at most ${BOARD.changes}. The board holds ${BOARD.most}.`),
});

export type HypothesesInput = z.output<typeof hypothesesInput>;
type Change = HypothesesInput["changes"][number];

export interface BoardUpdate {
  readonly board: Board;
  /** What was not taken over and why, for the model. */
  readonly problems: readonly string[];
}

const nonEmpty = (numbers: readonly number[]): numbers is readonly [number, ...number[]] => numbers.length > 0;

/**
 * The board after one call of the tool. What can't be taken over stays as it was and is reported.
 * @param exists whether the ledger has this evidence number
 */
export function updateBoard(board: Board, { changes }: HypothesesInput, exists: (evidence: number) => boolean): BoardUpdate {
  const problems: string[] = [];
  if (changes.length > BOARD.changes) problems.push(`Only the first ${BOARD.changes} of ${changes.length} changes were read.`);
  let next = board;
  for (const change of changes.slice(0, BOARD.changes)) {
    const done = applied(next, change, exists);
    if (typeof done === "string") problems.push(done);
    else next = done;
  }
  return { board: next, problems };
}

/** @returns the board with the change, or why it can't be made */
function applied(
  board: Board,
  change: Change,
  exists: (evidence: number) => boolean,
  nextId = 1 + Math.max(0, ...board.map((one) => one.id)),
): Board | string {
  const before = change.id === null ? null : (board.find(({ id }) => id === change.id) ?? null);
  if (change.id !== null && before === null) return `There is no hypothesis ${change.id}; leave the id null for a new one.`;
  const label = before === null ? "The new hypothesis" : `H${before.id}`;
  const claim = change.claim === null ? (before?.claim ?? "") : plainLine(change.claim, BOARD.claim, []);
  if (claim === "") return `${label} needs a claim.`;
  if (before === null && board.some((one) => one.claim.toLowerCase() === claim.toLowerCase()))
    return `“${claim}” is on the board already; change it by its id.`;
  const missing = change.evidence.find((number) => !Number.isInteger(number) || !exists(number));
  if (missing !== undefined) return `${label} cites ${evidenceMark(missing)}, which does not exist.`;
  // New evidence joins the old, newest kept: a change of mind rests on both.
  const evidence = [...new Set([...(before?.evidence ?? []), ...change.evidence.slice(0, BOARD.evidence)])].slice(-BOARD.evidence);
  const told = change.because === null ? "" : plainLine(change.because, BOARD.because, []);
  const because = told === "" ? (before?.because ?? null) : told;
  const { status } = change;
  if (before === null && board.length >= BOARD.most) {
    const out = board.find((one) => one.status === "ruled-out");
    if (out === undefined) return `The board holds ${BOARD.most} hypotheses and none is ruled out; decide one before you add “${claim}”.`;
    // A number is never given twice: the transcript still speaks of the one that went.
    return applied(
      board.filter((one) => one !== out),
      change,
      exists,
      nextId,
    );
  }
  const id = before?.id ?? nextId;
  if (status !== "open" && change.evidence.length === 0 && before?.status !== status)
    return `${label} can't be ${status} without evidence that decides it.`;
  if (status !== "open" && !nonEmpty(evidence)) return `${label} can't be ${status} without evidence.`;
  const changed: Hypothesis =
    status === "open" || !nonEmpty(evidence) ? { id, claim, status: "open", evidence, because } : { id, claim, status, evidence, because };
  return before === null ? [...board, changed] : board.map((one) => (one === before ? changed : one));
}

const SIGNS = { supported: "+", open: "?", "ruled-out": "-" } as const;
const ORDER = ["supported", "open", "ruled-out"] as const;

/** Supported first, then open, then ruled out; oldest first within each. */
export const sortedBoard = (board: Board): Board =>
  board.toSorted((one, other) => ORDER.indexOf(one.status) - ORDER.indexOf(other.status) || one.id - other.id);

/** The board on one screen, sorted; a line each. */
export function boardText(board: Board): string {
  if (board.length === 0) return "No hypotheses yet.";
  return sortedBoard(board)
    .map(({ id, claim, status, evidence, because }) => {
      const marks = evidence.length === 0 ? "" : ` (${evidence.map(evidenceMark).join(", ")})`;
      return `${SIGNS[status]} H${id} ${status}: ${claim}${because === null ? "" : ` — ${because}`}${marks}`;
    })
    .join("\n");
}

/** The board as a log has it, and the newest evidence number that there is. */
export function boardOf(log: readonly LoggedEvent[]): { board: Board; newest: number } {
  let board: Board = [];
  let newest = 0;
  let uses: Extract<IncidentEvent, { type: "model-turn" }>["toolUses"] = [];
  for (const { event } of log) {
    if (event.type === "triage-finished") newest = Math.max(0, ...event.coverage.flatMap(({ evidence }) => evidence));
    else if (event.type === "model-turn") uses = event.toolUses;
    else if (event.type === "tools-answered") {
      const known = newest;
      for (const { id, name, evidence, failed } of event.answers) {
        newest = Math.max(newest, ...evidence);
        // What was not run changed nothing.
        if (name !== HYPOTHESES || failed) continue;
        const input = hypothesesInput.safeParse(uses.find((use) => use.id === id)?.input);
        if (input.success) board = updateBoard(board, input.data, (number) => number >= 1 && number <= known).board;
      }
    }
  }
  return { board, newest };
}
