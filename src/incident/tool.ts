import type { z } from "zod";
import type { Answer } from "./answer.ts";
import type { Question } from "./source.ts";

/** What a tool knows of the incident it is asked for. Windows default to those of the question; names are the catalog's. */
export interface ToolContext {
  readonly question: Question;
  readonly signal: AbortSignal;
  readonly now: () => number;
}

/** What a tool brings back: raw answers for the ledger, and a view of them for a reader who pays for each character. */
export interface ToolResult {
  /** Numbered by the ledger in this order; most tools have one. Empty where nothing was asked of anybody. */
  readonly answers: readonly Answer<unknown>[];
  /**
   * Facts first, with figures, units and times; then what was cut and how to get it. At most {@link LONGEST_VIEW} characters.
   * @param evidence numbers of the answers, in their order
   */
  readonly view: (evidence: readonly number[]) => string;
  /** What stays in the transcript once the view has been dropped from it: one line. */
  readonly fact: string;
  /**
   * Of a tool that shows diffs: ids (sha, `#number`) of the changes of which the view, as the model got it, has at least one changed line.
   * @param shown the view, which may have been cut
   */
  readonly shows?: (shown: string) => readonly string[];
  /** Name of the runbook of which this is a part. */
  readonly runbook?: string;
}

/** Most that one tool call may put before the model, characters. */
export const LONGEST_VIEW = 12_000;

/**
 * One read-only question that the agent may ask. The model sees name, description and input schema; it never sees a client or a credential.
 */
export interface Tool {
  /** `vendor_what`, as in `datadog_logs`: at most 64 of `a-z 0-9 _`. */
  readonly name: string;
  /** For the model: what it answers, when to use it rather than its neighbour, what its limits are. A few sentences. */
  readonly description: string;
  /** Words of the coverage line: "Datadog logs". */
  readonly source: string;
  /** The input. Every field has a description but those of a window; limits beyond types are checked by the schema when the tool is called. */
  readonly input: z.ZodObject;
  /**
   * The provider holds the model to the schema. For few tools: it compiles all of them into one grammar and refuses a request whose grammar is too
   * large. What the others are given is checked by the schema all the same.
   */
  readonly strict?: boolean;
  /** It takes what the model hands in and asks nobody: what is handed in is checked by those who take it. */
  readonly handsIn?: boolean;
  /** @param input parsed by {@link Tool.input}. @throws IntegrationError with words that the model can act on. */
  run(input: never, context: ToolContext): Promise<ToolResult>;
}

/** A tool whose `run` is typed by its schema. */
export function defineTool<S extends z.ZodObject>(
  tool: Omit<Tool, "input" | "run"> & { readonly input: S; run(input: z.output<S>, context: ToolContext): Promise<ToolResult> },
): Tool {
  return tool as Tool;
}

/**
 * What came of a call where more than that it failed matters: no tool has this name; code did not even look at the patch; it was one call too
 * many, so what it hands in has no effect either.
 */
export type ToolCode = "no-such-tool" | "patch-not-taken" | "not-run";

/** One tool call as the transcript keeps it. */
export interface ToolAnswer {
  /** The model's own id of the call. */
  readonly id: string;
  readonly name: string;
  /** Numbers of the raw answers in the ledger. */
  readonly evidence: readonly number[];
  readonly view: string;
  readonly fact: string;
  readonly failed: boolean;
  readonly tookMs: number;
  /** Ids of the changes of which lines of the diff were shown; see {@link ToolResult.shows}. */
  readonly shown?: readonly string[];
  readonly code?: ToolCode;
  /** See {@link ToolResult.runbook}. */
  readonly runbook?: string;
}
