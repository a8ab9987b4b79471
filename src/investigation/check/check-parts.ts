import { adviceProblem } from "./advice.ts";
import { checkText } from "./check-text.ts";
import { type FindingCheck, holds, keepEach, namesFallen } from "./finding-check.ts";
import { LINK_REMOVED, plainLine } from "./plain.ts";
import { type Place, placeOf, problemOf, type Unplaced } from "./problem.ts";
import { tells } from "./quotes.ts";
import { LIMITS, type SubmittedFinding } from "./submitted-finding.ts";

/** The parts of a finding that are checked by themselves: claims, path, what was ruled out, impact, steps, what is missing. */

type Quote = SubmittedFinding["claims"][number]["quotes"][number];

/** A quote as it may be posted; null where it is not word for word in the entry that it cites. */
async function checkQuote(check: FindingCheck, at: Place, quote: Quote): Promise<Quote | null> {
  const { evidence, problems, context } = check;
  const [number] = evidence.existing(at, [quote.evidence], problems);
  if (number === undefined) return null;
  const fall = (problem: Unplaced) => {
    problems.push({ ...at, ...problem });
    return null;
  };
  if (evidence.isOwnForm(number, quote.text)) return fall(problemOf("own-form", quote.text));
  if (!tells(quote.text)) return fall(problemOf("quote-tells-nothing", quote.text));
  if (!(await evidence.hasAll((await evidence.open(number)).forms, [quote.text])))
    return fall(problemOf("not-verbatim", quote.text, number));
  // Our own words in a quote would pass for the vendor's.
  const text = plainLine(quote.text, LIMITS.quote, context.hosts).replaceAll(LINK_REMOVED, "…");
  return text === "" ? fall(problemOf("quote-unreadable")) : { text, evidence: number };
}

/** Claims of which every figure, name and quote resolves. */
export const checkClaims = (check: FindingCheck) =>
  keepEach(check, "claims", async (claim, at, index) => {
    const { evidence, changes, problems, finding } = check;
    check.given += 1 + claim.quotes.length;
    const cited = evidence.existing(at, claim.evidence, problems);
    const quotes: Quote[] = [];
    for (const [place, quote] of claim.quotes.entries()) {
      const kept = await checkQuote(check, placeOf("claims", index, `.quotes[${place}]`), quote);
      if (kept === null) continue;
      quotes.push(kept);
      if (!cited.includes(kept.evidence)) cited.push(kept.evidence);
    }
    check.kept += quotes.length;
    const { problems: unresolved, resolved } = await checkText(evidence, claim.text, cited);
    const wrong = [...unresolved, changes.unreadDiff(claim.text, finding.change?.id ?? null)];
    if (cited.length === 0) wrong.push(problemOf("no-evidence", "cite the evidence that shows it"));
    else if (claim.text === "") wrong.push(problemOf("empty", "says nothing", "say the fact in one sentence"));
    else if (quotes.length === 0 && resolved === 0 && !wrong.some((one) => one !== null)) wrong.push(problemOf("unproven-claim"));
    // What rested on a quote that is not there does not hold by its figures alone.
    if (!holds(check, at, wrong) || (claim.quotes.length > 0 && quotes.length === 0)) return null;
    check.kept++;
    return { text: claim.text, evidence: cited, quotes };
  });

/** Hops with evidence of their service. */
export const checkPath = (check: FindingCheck) =>
  keepEach(check, "causal_path", async (hop, at) => {
    const { evidence, changes, problems, finding } = check;
    check.given++;
    const cited = evidence.existing(at, hop.evidence, problems);
    const wrong = [
      ...(await checkText(evidence, `${hop.service}: ${hop.what}`, cited)).problems,
      changes.unreadDiff(hop.what, finding.change?.id ?? null),
      ...changes.changesNamed(hop.what).map((id) => changes.blameProblem(id, null)),
    ];
    if (cited.length === 0) wrong.push(problemOf("no-evidence", "cite the evidence that shows this hop, or leave it out"));
    else if (hop.what === "") wrong.push(problemOf("empty", "does not say what happened", "say it in one sentence"));
    else if (!(await evidence.mentionsService(hop.service, cited))) wrong.push(problemOf("hop-unnamed", hop.service, cited));
    if (!holds(check, at, wrong)) return null;
    check.kept++;
    return { ...hop, evidence: cited };
  });

export const checkRuledOut = (check: FindingCheck) =>
  keepEach(check, "ruled_out", async (one, at) => {
    const { evidence, changes, problems } = check;
    const cited = evidence.existing(at, one.evidence, problems);
    const { problems: wrong, resolved } = await checkText(evidence, `${one.what}: ${one.why}`, cited);
    const unproven =
      cited.length > 0 && wrong.length === 0 && resolved === 0 && !(await evidence.isAboutNamed(`${one.what} ${one.why}`, cited));
    const all = [
      ...wrong,
      unproven ? problemOf("unproven") : null,
      changes.unreadDiff(`${one.what} ${one.why}`, null),
      cited.length === 0 ? problemOf("no-evidence", "cite what speaks against it, or move it to missing") : null,
    ];
    return holds(check, at, all) && one.what !== "" ? { ...one, evidence: cited } : null;
  });

export async function checkImpact(check: FindingCheck): Promise<SubmittedFinding["impact"]> {
  const { evidence, problems } = check;
  const { impact } = check.finding;
  if (impact === null) return null;
  const at = placeOf("impact");
  const cited = evidence.existing(at, impact.evidence, problems);
  const { problems: wrong, resolved } = await checkText(evidence, impact.text, cited);
  const all = [
    ...wrong,
    cited.length > 0 && wrong.length === 0 && resolved === 0 ? problemOf("unproven") : null,
    cited.length === 0 ? problemOf("no-evidence", "cite what shows it, or leave the impact out") : null,
  ];
  return holds(check, at, all) && impact.text !== "" ? { text: impact.text, evidence: cited } : null;
}

/** Problems of a text that no evidence proves: a step or a wish. */
async function adviceProblems({ evidence, context }: FindingCheck, text: string, cited: readonly number[]): Promise<(Unplaced | null)[]> {
  return [...(await checkText(evidence, text, cited, true)).problems, adviceProblem(text, context.steps ?? [])];
}

const UNDOES = /\b(?:roll\w* ?back|revert\w*)\b/i;

/** @param cited by what resolved */
export const checkSteps = (check: FindingCheck, cited: readonly number[]) =>
  keepEach(check, "do_now", async ({ step, runbook }, at) => {
    const { runbooks } = check.context;
    const isSound = holds(check, at, await adviceProblems(check, step, cited));
    const isKnown = holds(check, at, [
      runbook === null || runbooks.includes(runbook) ? null : problemOf("unknown-runbook", runbook, runbooks),
    ]);
    // Steps that undo a change go with the blame that they rest on.
    const isFallen = namesFallen(check, step) || (check.fallen !== null && UNDOES.test(step));
    return isSound && step !== "" && !isFallen ? { step, runbook: isKnown ? runbook : null } : null;
  });

/** @param cited by what resolved */
export const checkMissing = (check: FindingCheck, cited: readonly number[]) =>
  keepEach(check, "missing", async (one, at) => {
    const wrong = await adviceProblems(check, `${one.what} ${one.who ?? ""}`, cited);
    return holds(check, at, wrong) && one.what !== "" ? one : null;
  });
