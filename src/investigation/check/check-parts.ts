import type { ModelFinding } from "../../incident/finding.ts";
import { adviceProblem } from "./advice.ts";
import { type Claim, type FindingCheck, type Hop, type Kept, keepEach, keepText, markOf, nameOf, note } from "./finding-check.ts";
import { type Place, placeOf, problemOf } from "./problem.ts";
import { cutWords } from "./plain.ts";
import { tells } from "./quotes.ts";
import { LIMITS, type SubmittedFinding } from "./submitted-finding.ts";

/** The parts of a finding that are checked by themselves: claims, path, what was ruled out, impact, steps, what is missing. */

type Quote = SubmittedFinding["claims"][number]["quotes"][number];

/** A quote as it may be posted, with the entry that has it; null where none has it word for word. */
async function checkQuote({ evidence, problems }: FindingCheck, at: Place, quote: Quote, cited: readonly number[]): Promise<Quote | null> {
  const own = evidence.existing(at, [quote.evidence], problems);
  const holder = await evidence.holderOf(
    [quote.text],
    [...own, ...cited.filter((number) => evidence.exists(number) && !own.includes(number))],
  );
  if (holder === null) {
    problems.push({ ...at, ...problemOf("not-verbatim", quote.text, own) });
    return null;
  }
  const text = cutWords(quote.text.replaceAll(/\s+/g, " ").trim(), LIMITS.quote);
  return { text, evidence: holder };
}

/** A claim that is kept; `isSupport`: something of it was found, so that a cause may rest on it. */
export interface KeptClaim {
  readonly claim: Claim;
  readonly isSupport: boolean;
}

export const checkClaims = (check: FindingCheck): Promise<KeptClaim[]> =>
  keepEach(check, "claims", async (claim, at, index) => {
    const quotes: Quote[] = [];
    for (const [place, quote] of claim.quotes.entries()) {
      const kept = await checkQuote(check, placeOf("claims", index, `.quotes[${place}]`), quote, claim.evidence);
      if (kept !== null) quotes.push(kept);
    }
    const cited = [...new Set([...claim.evidence, ...quotes.map(({ evidence }) => evidence)])];
    const resolved = quotes.filter(({ text }) => tells(text)).length;
    const kept = await keepText(check, at, claim.text, cited, {
      needsEvidence: "cite the evidence that shows it",
      needsProof: true,
      resolved,
    });
    if (claim.text === "") note(check, at, [problemOf("empty", "says nothing", "say the fact in one sentence")]);
    if (kept === null) return null;
    // What rested on a quote that was never said, and shows nothing else, goes with it.
    if (kept.resolved === 0 && claim.quotes.length > quotes.length) return null;
    const isSupport = kept.resolved > kept.unverified.length;
    return { claim: { text: kept.text, evidence: kept.evidence, quotes, ...markOf(kept) }, isSupport };
  });

/** Hops with evidence of their service. */
export const checkPath = (check: FindingCheck): Promise<Hop[]> =>
  keepEach(check, "causal_path", async (hop, at) => {
    const kept = await keepText(check, at, hop.what, hop.evidence, {
      of: hop.service,
      needsEvidence: "cite the evidence that shows this hop, or leave it out",
    });
    if (hop.what === "") note(check, at, [problemOf("empty", "does not say what happened", "say it in one sentence")]);
    if (kept === null) return null;
    // The page itself is what shows its service.
    const isPaged = nameOf(check, hop.service) === nameOf(check, check.context.pagedService);
    const isNamed = isPaged || (await check.evidence.mentionsService(hop.service, kept.evidence));
    if (!isNamed) note(check, at, [problemOf("service-unseen", hop.service, kept.evidence)]);
    const unverified = isNamed || kept.unverified.includes(hop.service) ? kept.unverified : [hop.service, ...kept.unverified];
    return { service: hop.service, what: kept.text, evidence: kept.evidence, ...markOf({ unverified }) };
  });

export const checkRuledOut = (check: FindingCheck) =>
  keepEach(check, "ruled_out", async (one, at): Promise<ModelFinding["ruled_out"][number] | null> => {
    if (one.what === "") return null;
    // Checked as one sentence: its reason is about what it names.
    const head = `${one.what}: `;
    const kept = await keepText(check, at, head + one.why, one.evidence, {
      needsEvidence: "cite what speaks against it, or move it to missing",
      needsProof: true,
    });
    if (kept === null || !kept.text.startsWith(head)) return null;
    const unverified = kept.unverified.map((value) => (value === kept.text ? kept.text.slice(head.length) : value));
    return { what: one.what, why: kept.text.slice(head.length), evidence: kept.evidence, ...markOf({ unverified }) };
  });

export async function checkImpact(check: FindingCheck): Promise<ModelFinding["impact"]> {
  const { impact } = check.finding;
  if (impact === null || impact.text === "") return null;
  const kept = await keepText(check, placeOf("impact"), impact.text, impact.evidence, {
    needsEvidence: "cite what shows it, or leave the impact out",
    needsProof: true,
  });
  return kept === null ? null : { text: kept.text, evidence: kept.evidence, ...markOf(kept) };
}

const UNDOES = /\b(?:roll\w* ?back|revert\w*)\b/i;

/** Why a step may not be posted, or null. */
function stepProblem({ context, changes, fallen }: FindingCheck, step: string, isFallen: boolean, runbook: string | null) {
  if (step === "") return problemOf("empty", "says nothing", "say the step in one sentence");
  const problem = adviceProblem(step, context.steps ?? []);
  if (problem !== null) return problem;
  if (fallen !== null && (UNDOES.test(step) || changes.names(step, fallen.id)))
    return problemOf("rests-on-fallen", "a change that can't be blamed");
  // What to do rests on the cause; a step of the team's own runbook does not.
  return isFallen && runbook === null ? problemOf("rests-on-fallen", "a cause of which nothing was confirmed") : null;
}

/** Whether what is left of a step may be posted: where a part of it was cut, the words around it may be a command now. */
function isTold(check: FindingCheck, at: Place, kept: Kept | null, whole: string, isGap = false): kept is Kept {
  if (kept === null || kept.text === whole) return kept !== null;
  const problem = adviceProblem(kept.text, check.context.steps ?? [], isGap);
  note(check, at, [problem]);
  return problem === null;
}

/** @param cited by what resolved. @param isFallen whether nothing of the cause was confirmed */
export const checkSteps = (check: FindingCheck, cited: readonly number[], isFallen: boolean) =>
  keepEach(check, "do_now", async ({ step, runbook, evidence }, at): Promise<ModelFinding["do_now"][number] | null> => {
    const { runbooks } = check.context;
    const known = runbook === null || runbooks.includes(runbook) ? runbook : null;
    if (known !== runbook && runbook !== null) note(check, at, [problemOf("unknown-runbook", runbook, runbooks)]);
    const problem = stepProblem(check, step, isFallen, known);
    note(check, at, [problem]);
    const kept = await keepText(check, at, step, evidence, { isAdvice: true, beside: cited });
    return problem !== null || !isTold(check, at, kept, step)
      ? null
      : { step: kept.text, runbook: known, evidence: kept.evidence, ...markOf(kept) };
  });

/** What people must not do. Parameters as of {@link checkSteps}. */
export async function checkDoNot(check: FindingCheck, cited: readonly number[], isFallen: boolean): Promise<ModelFinding["do_not"]> {
  const { do_not: text } = check.finding;
  if (text === null) return null;
  const at = placeOf("do_not");
  const problem = isFallen
    ? problemOf("rests-on-fallen", "a cause of which nothing was confirmed")
    : adviceProblem(text, check.context.steps ?? []);
  note(check, at, [problem]);
  const kept = await keepText(check, at, text, [], { isAdvice: true, beside: cited });
  return problem !== null || !isTold(check, at, kept, text) ? null : { text: kept.text, ...markOf(kept) };
}

/** @param cited by what resolved */
export const checkMissing = (check: FindingCheck, cited: readonly number[]) =>
  keepEach(check, "missing", async ({ what, who, evidence }, at): Promise<ModelFinding["missing"][number] | null> => {
    const problem = adviceProblem(what, check.context.steps ?? [], true) ?? adviceProblem(who ?? "", check.context.steps ?? [], true);
    note(check, at, [problem]);
    const kept = await keepText(check, at, what, evidence, { isAdvice: true, isGap: true, beside: cited });
    return problem !== null || !isTold(check, at, kept, what, true)
      ? null
      : { what: kept.text, who, evidence: kept.evidence, ...markOf(kept) };
  });
