import { z } from "zod";
import { confidenceWords } from "../incident/confidence.ts";
import type { LoggedEvent } from "../incident/event.ts";
import { type ModelFinding, verdicts } from "../incident/finding.ts";
import { retryAt, workOf } from "../incident/investigation.ts";
import { outsideLine } from "../report/tool-view.ts";
import { droppedParts } from "../report/work-words.ts";
import type { IncidentView } from "../incident/view.ts";
import { boardOf } from "../investigation/agent/hypotheses.ts";
import { iso } from "./html.ts";

const instant = z.iso.datetime();
const evidence = z.array(z.number().int().positive());
const count = z.number().int().nonnegative();

/** Values of a text that code found in no evidence. */
const values = z.array(z.string());

const modelFindingSchema = z.object({
  verdict: z.enum(verdicts),
  cause: z.string(),
  causeEvidence: evidence,
  causeUnverified: values,
  service: z.string(),
  instance: z.string().nullable(),
  fault: z.string().nullable(),
  change: z.object({ id: z.string(), repository: z.string().nullable() }).nullable(),
  confidence: z.number().min(0).max(1),
  likelihood: z.string(),
  /** From the cause to the symptom. */
  path: z.array(z.object({ service: z.string(), what: z.string(), evidence, unverified: values })),
  claims: z.array(
    z.object({
      text: z.string(),
      evidence,
      unverified: values,
      quotes: z.array(z.object({ text: z.string(), evidence: z.number().int().positive() })),
    }),
  ),
  ruledOut: z.array(z.object({ what: z.string(), why: z.string(), evidence, unverified: values })),
  impact: z.object({ text: z.string(), evidence, unverified: values }).nullable(),
  doNot: z.string().nullable(),
  doNow: z.array(z.object({ step: z.string(), runbook: z.string().nullable(), evidence, unverified: values })),
  missing: z.array(z.object({ what: z.string(), who: z.string().nullable(), evidence, unverified: values })),
});

/** A model's work on an incident, as the export has it. */
export const investigationExportSchema = z.object({
  model: z.string(),
  /** 1, and one more each time that the model was asked again. Times are those of the newest round, figures those of all. */
  round: z.number().int().positive(),
  startedAt: instant.nullable(),
  closedAt: instant.nullable(),
  /** How the newest round ended; null while it goes on. */
  ended: z
    .object({
      how: z.enum(["submitted", "limit", "provider", "stopped", "silent"]),
      because: z.string(),
      /** When the model is asked again by itself. */
      retryAt: instant.nullable(),
    })
    .nullable(),
  turns: count,
  toolCalls: count,
  dollars: z.number().nonnegative(),
  /** `cached` is the part of `read` that came from the provider's cache. */
  tokens: z.object({ read: count, cached: count, written: count }),
  /** What the model found, without what contradicts the evidence. */
  finding: modelFindingSchema.nullable(),
  /** Which parts contradicted the evidence and were cut: "claim 3, quote 1". */
  dropped: z.array(z.string()),
  hypotheses: z.array(
    z.object({
      claim: z.string(),
      status: z.enum(["open", "supported", "ruled-out"]),
      because: z.string().nullable(),
      evidence,
    }),
  ),
  /** Turn by turn: what was asked and what that brought. */
  work: z.array(
    z.object({
      round: z.number().int().positive(),
      turn: z.number().int().positive(),
      at: instant.nullable(),
      calls: z.array(z.object({ tool: z.string(), fact: z.string(), failed: z.boolean(), tookMs: z.number(), evidence })),
    }),
  ),
});

export type InvestigationExport = z.infer<typeof investigationExportSchema>;
type FindingExport = z.infer<typeof modelFindingSchema>;

const words = (text: string) => outsideLine(text, 1_000);

/** What a part rests on, and what of it was found nowhere; parts of earlier versions say neither. */
const proof = (part: { readonly evidence?: readonly number[]; readonly unverified?: readonly string[] }) => ({
  evidence: [...(part.evidence ?? [])],
  unverified: (part.unverified ?? []).map(words),
});

function exportFinding(finding: ModelFinding): FindingExport {
  const { verdict, service, instance, fault, change, confidence, impact } = finding;
  return {
    verdict,
    cause: words(finding.cause),
    causeEvidence: [...(finding.cause_evidence ?? [])],
    causeUnverified: (finding.cause_unverified ?? []).map(words),
    service,
    instance,
    fault,
    change: change === null ? null : { ...change },
    confidence,
    likelihood: confidenceWords(confidence),
    path: finding.causal_path.map((hop) => ({ service: hop.service, what: words(hop.what), ...proof(hop) })),
    claims: finding.claims.map((claim) => ({
      text: words(claim.text),
      ...proof(claim),
      quotes: claim.quotes.map((quote) => ({ text: words(quote.text), evidence: quote.evidence })),
    })),
    ruledOut: finding.ruled_out.map((one) => ({ what: words(one.what), why: words(one.why), ...proof(one) })),
    impact: impact === null ? null : { text: words(impact.text), ...proof(impact) },
    doNot: finding.do_not == null ? null : words(finding.do_not.text),
    doNow: finding.do_now.map((one) => ({ step: words(one.step), runbook: one.runbook, ...proof(one) })),
    missing: finding.missing.map((one) => ({ what: words(one.what), who: one.who === null ? null : words(one.who), ...proof(one) })),
  };
}

/** A model's work for other programs; null where no model was asked. */
export function exportInvestigation(view: IncidentView, log: readonly LoggedEvent[]): InvestigationExport | null {
  const { investigation } = view;
  if (investigation === null) return null;
  const { model, round, startedAt, closedAt, closed, turns, toolCalls, cost, tokens, finding, dropped } = investigation;
  return {
    model: words(model),
    round,
    startedAt: iso(startedAt),
    closedAt: iso(closedAt),
    ended: closed === null ? null : { how: closed.how, because: words(closed.because), retryAt: iso(retryAt(investigation, view.status)) },
    turns,
    toolCalls,
    dollars: cost,
    tokens: { ...tokens },
    finding: finding === null ? null : exportFinding(finding),
    dropped: [...droppedParts(dropped)],
    hypotheses: boardOf(log).board.map(({ claim, status, because, evidence: numbers }) => ({
      claim,
      status,
      because,
      evidence: [...numbers],
    })),
    work: workOf(log).map(({ calls, at, ...one }) => ({
      ...one,
      at: iso(at),
      calls: calls.map(({ name, fact, failed, tookMs, evidence: numbers }) => ({
        tool: words(name),
        fact: words(fact),
        failed,
        tookMs,
        evidence: [...numbers],
      })),
    })),
  };
}
