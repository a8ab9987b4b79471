import { z } from "zod";
import { verdicts } from "../incident/finding.ts";

/** What a run cost and concluded, beside its report. Kept in the report's file, so a later call need not run it again. */
const agentRunSchema = z.object({
  verdict: z.enum(verdicts).nullable(),
  service: z.string().nullable(),
  fault: z.string().nullable(),
  /** Sha or version of the blamed change. */
  change: z.string().nullable(),
  /** Services from the cause to the symptom. */
  path: z.array(z.string()),
  /** Whether there is a finding of the model; without one, this is what the data alone say. */
  found: z.boolean().default(true),
  /** How the model's work ended: `submitted`, or why it did not come to a finding. */
  ended: z.string(),
  /** Whether asking again would help: the provider failed. */
  retry: z.boolean(),
  /** Parts of the finding that did not hold and were dropped. */
  dropped: z.array(z.string()),
  /** Findings that were sent back. */
  sentBack: z.number(),
  dollars: z.number(),
  tokens: z.object({ read: z.number(), cached: z.number(), written: z.number() }),
  turns: z.number(),
  toolCalls: z.number(),
  failedCalls: z.number(),
  /** From the page to the end, seconds. */
  seconds: z.number(),
  characters: z.object({
    /** Triage's digest. */
    digest: z.number(),
    /** All that tools showed. */
    tools: z.number(),
    /** The longest answer of one call. */
    longest: z.number(),
  }),
});
export type AgentRun = z.output<typeof agentRunSchema>;

/** A file of `--out`: a report, and beside it the run. */
export const doneSchema = z.looseObject({
  cause: z.string(),
  summary: z.string(),
  confidence: z.number(),
  ruled_out: z.array(z.string()),
  missing: z.array(z.string()),
  evidence: z.array(z.object({ quote: z.string().optional(), claim: z.string() })),
  run: agentRunSchema,
});
export type DoneCase = z.output<typeof doneSchema>;
