import type { FaultClass } from "../../incident/finding.ts";
import { evidenceMark } from "../../report/words.ts";
import { adviceProblem } from "./advice.ts";
import { ABOUT_CHANGE, BLAMES_CHANGE, meansChange, personIn } from "./blame.ts";
import { boundedFinding } from "./bounded-finding.ts";
import { type ChangeRules, createChangeRules, isSameChange } from "./change-rules.ts";
import { type CheckContext, type CheckLedger, type Problem, shown } from "./check-context.ts";
import { createEvidenceChecker, type EvidenceChecker, marks } from "./evidence-checker.ts";
import { LINK_REMOVED, plainLine } from "./plain.ts";
import { nameFinder, tells } from "./quotes.ts";
import { FAULT_WORDS, LIMITS, type SubmittedFinding } from "./submitted-finding.ts";

export interface CheckedFinding {
  /** Whether all of it resolved. */
  readonly ok: boolean;
  readonly problems: readonly Problem[];
  /** What may be posted: the finding without what does not resolve, bounded, in plain text. */
  readonly cleaned: SubmittedFinding;
}

/** The parts of the confidence rule; see `boundedConfidence`. */
export const CONFIDENCE = { highest: 0.95, oneSource: 0.8, gaps: 0.6, noChange: 0.5, inconclusive: 0.4 } as const;
const MOST_PROBLEMS = 30;

const UNPROVEN = {
  what: "nothing in it can be looked up",
  fix: "add a figure with its unit or a quote, or name the service that the evidence is about",
} as const;
type Claim = SubmittedFinding["claims"][number];

/** How much of a finding was given and how much of it resolved: claims, quotes and hops count alike. */
interface Tally {
  given: number;
  kept: number;
}

async function checkClaims(
  finding: SubmittedFinding,
  checker: EvidenceChecker,
  changes: ChangeRules,
  hosts: readonly string[],
  problems: Problem[],
  tally: Tally,
): Promise<Claim[]> {
  const kept: Claim[] = [];
  for (const [index, claim] of finding.claims.entries()) {
    const where = `claims[${index}]`;
    tally.given += 1 + claim.quotes.length;
    const evidence = checker.existing(where, claim.evidence, problems);
    const quotes: Claim["quotes"] = [];
    for (const [place, quote] of claim.quotes.entries()) {
      const at = `${where}.quotes[${place}]`;
      const [number] = checker.existing(at, [quote.evidence], problems);
      if (number === undefined) continue;
      if (checker.isOwnForm(number, quote.text)) {
        problems.push({
          where: at,
          what: `${shown(quote.text)} is the form of a raw answer, not words`,
          fix: "put the figure into the text, and quote words or leave the quote out",
        });
        continue;
      }
      if (!tells(quote.text) || !(await checker.stands((await checker.open(number)).forms, [quote.text]))) {
        problems.push({
          where: at,
          what: !tells(quote.text)
            ? `${shown(quote.text)} proves nothing: so few words stand in any answer`
            : `${shown(quote.text)} does not stand word for word in the raw answer ${evidenceMark(number)}`,
          fix: "copy a whole sentence or line from one place of the raw answer, with the words that negate it, cite the entry that it is in, or leave the quote out",
        });
        continue;
      }
      // Our own words in a quote would pass for the vendor's.
      const text = plainLine(quote.text, LIMITS.quote, hosts).replaceAll(LINK_REMOVED, "…");
      if (text === "") {
        problems.push({ where: at, what: "nothing readable is left of the quote", fix: "quote words, or leave it out" });
        continue;
      }
      quotes.push({ text, evidence: number });
      if (!evidence.includes(number)) evidence.push(number);
    }
    tally.kept += quotes.length;
    const { problems: unresolved, resolved } = await checker.checkText(claim.text, evidence);
    const diff = changes.unreadDiff(claim.text, finding.change?.id ?? null);
    const wrong = [...unresolved, ...(diff === null ? [] : [diff])];
    if (evidence.length === 0) wrong.push({ what: "cites no evidence that exists", fix: "cite the evidence that shows it" });
    else if (claim.text === "") wrong.push({ what: "says nothing", fix: "say the fact in one sentence" });
    else if (quotes.length === 0 && resolved === 0 && wrong.length === 0)
      wrong.push({ what: "nothing in it can be looked up", fix: "add a figure with its unit or a line quoted word for word" });
    problems.push(...wrong.map((one) => ({ where, ...one })));
    // What rested on a quote that is not there does not stand on its figures alone.
    if (wrong.length > 0 || (claim.quotes.length > 0 && quotes.length === 0)) continue;
    tally.kept++;
    kept.push({ text: claim.text, evidence, quotes });
  }
  return kept;
}

async function checkPath(
  finding: SubmittedFinding,
  checker: EvidenceChecker,
  changes: ChangeRules,
  problems: Problem[],
  tally: Tally,
): Promise<SubmittedFinding["causal_path"]> {
  const kept: SubmittedFinding["causal_path"] = [];
  for (const [index, hop] of finding.causal_path.entries()) {
    const where = `causal_path[${index}]`;
    tally.given++;
    const evidence = checker.existing(where, hop.evidence, problems);
    const wrong = [...(await checker.checkText(`${hop.service}: ${hop.what}`, evidence)).problems];
    const diff = changes.unreadDiff(hop.what, finding.change?.id ?? null);
    if (diff !== null) wrong.push(diff);
    for (const id of changes.changesNamed(hop.what)) {
      const blame = changes.blameProblem(id, null);
      if (blame !== null) wrong.push(blame);
    }
    if (evidence.length === 0)
      wrong.push({ what: "cites no evidence that exists", fix: "cite the evidence that shows this hop, or leave it out" });
    else if (hop.what === "") wrong.push({ what: "does not say what happened", fix: "say it in one sentence" });
    else if (!(await checker.mentionsService(hop.service, evidence)))
      wrong.push({ what: `${marks(evidence)} does not name ${shown(hop.service)}`, fix: "cite evidence of this service" });
    problems.push(...wrong.map((one) => ({ where, ...one })));
    if (wrong.length > 0) continue;
    tally.kept++;
    kept.push({ ...hop, evidence });
  }
  return kept;
}

/**
 * The confidence rule. What the model said, times the share of claims, quotes and hops that resolved, and never above: 0.95; 0.8 where all
 * claims rest on one evidence entry; 0.6 where the cause's sentence, the path or an alternative was left open; 0.5 where the blamed change
 * fell; 0.4 where the finding is inconclusive. Two decimals, rounded down, unless nothing lowered it.
 */
function boundedConfidence(said: number, tally: Tally, highest: number): number {
  const share = tally.given === 0 ? 1 : tally.kept / tally.given;
  const bound = Math.min(said * share, highest);
  return bound === said ? said : Math.floor(bound * 100 + 1e-9) / 100;
}

/**
 * Resolves what an agent submitted against the evidence that it cites.
 *
 * Every cited number exists; every quote stands in the raw answer that it cites; every figure stands in a cited raw answer or a view of it, in
 * any unit and rounded at most; names with digits stand there or are known; a blamed change was live before the onset and its diff was read;
 * each hop has evidence of its service and the path ends at the paged one; triage's likely suspects are the cause or ruled out.
 * What does not resolve is a problem, for the model to mend, and is missing from `cleaned`. Time and memory are bounded whatever is cited, and
 * others get their turn in between.
 * @param submitted parsed by `submittedFindingSchema`; of any size
 */
export async function checkFinding(submitted: SubmittedFinding, ledger: CheckLedger, context: CheckContext): Promise<CheckedFinding> {
  const problems: Problem[] = [];
  const checker = createEvidenceChecker(ledger, context);
  const changes = createChangeRules(context);
  const finding = boundedFinding(submitted, context.hosts, problems);
  const tally: Tally = { given: 0, kept: 0 };
  const paged = checker.serviceNames.get(context.pagedService.toLowerCase()) ?? context.pagedService;
  const nameOf = (service: string) => checker.serviceNames.get(service.toLowerCase()) ?? service;
  let highest: number = CONFIDENCE.highest;
  const atMost = (bound: number) => {
    highest = Math.min(highest, bound);
  };

  // The change first: what is said of one that can't be blamed falls with it.
  const { change } = finding;
  const blame = change === null ? null : changes.blameProblem(change.id, change.repository);
  if (blame !== null) {
    problems.push({ where: "change", ...blame });
    atMost(CONFIDENCE.noChange);
  }
  const fallen = blame === null ? null : change;
  const namesFallen = (text: string) =>
    fallen !== null &&
    (ABOUT_CHANGE.test(text) ||
      changes.changesNamed(text).length > 0 ||
      text.includes(fallen.id) ||
      changes.changesOf(fallen.id).some((one) => meansChange(text, one, checker.serviceNames)));

  const checkedClaims = await checkClaims(finding, checker, changes, context.hosts, problems, tally);
  const claims = checkedClaims.filter((claim) => !namesFallen(claim.text));
  const checkedPath = await checkPath(finding, checker, changes, problems, tally);
  let path = checkedPath.filter((hop) => !namesFallen(hop.what));
  tally.kept -= checkedClaims.length - claims.length + checkedPath.length - path.length;
  const lastHop = finding.causal_path.at(-1);
  if (finding.verdict === "incident" && (lastHop === undefined || nameOf(lastHop.service) !== paged)) {
    problems.push({
      where: "causal_path",
      what: `does not end at ${shown(context.pagedService)}`,
      fix: "lead from the cause to the paged service, hop by hop",
    });
  }
  const reaches = path.length > 0 && nameOf(path.at(-1)?.service ?? "") === paged;
  if (!reaches) path = [];
  if (finding.verdict === "incident" && (!reaches || path.length < finding.causal_path.length)) atMost(CONFIDENCE.gaps);

  const cited = [...new Set([...claims, ...path].flatMap((one) => one.evidence))];

  const ruledOut: SubmittedFinding["ruled_out"] = [];
  for (const [index, one] of finding.ruled_out.entries()) {
    const where = `ruled_out[${index}]`;
    const evidence = checker.existing(where, one.evidence, problems);
    const checked = await checker.checkText(`${one.what}: ${one.why}`, evidence);
    const wrong = [...checked.problems];
    if (
      evidence.length > 0 &&
      wrong.length === 0 &&
      checked.resolved === 0 &&
      !(await checker.isAboutNamed(`${one.what} ${one.why}`, evidence))
    )
      wrong.push(UNPROVEN);
    const diff = changes.unreadDiff(`${one.what} ${one.why}`, null);
    if (diff !== null) wrong.push(diff);
    if (evidence.length === 0)
      wrong.push({ what: "cites no evidence that exists", fix: "cite what speaks against it, or move it to missing" });
    problems.push(...wrong.map((problem) => ({ where, ...problem })));
    if (wrong.length === 0 && one.what !== "") ruledOut.push({ ...one, evidence });
  }

  let impact: SubmittedFinding["impact"] = null;
  if (finding.impact !== null) {
    const evidence = checker.existing("impact", finding.impact.evidence, problems);
    const checked = await checker.checkText(finding.impact.text, evidence);
    const wrong = [...checked.problems];
    if (evidence.length > 0 && wrong.length === 0 && checked.resolved === 0) wrong.push(UNPROVEN);
    if (evidence.length === 0) wrong.push({ what: "cites no evidence that exists", fix: "cite what shows it, or leave the impact out" });
    problems.push(...wrong.map((problem) => ({ where: "impact", ...problem })));
    if (wrong.length === 0 && finding.impact.text !== "") impact = { text: finding.impact.text, evidence };
  }

  // The service: known, and named by what resolved.
  const supported =
    finding.service !== "" && (await checker.mentionsService(finding.service, cited)) && (await checker.isRunning(finding.service, cited));
  if (!supported && finding.verdict !== "nothing-wrong" && finding.verdict !== "inconclusive")
    problems.push({
      where: "service",
      what: `no resolved claim or hop rests on evidence that names ${shown(finding.service)}`,
      fix: "blame the service that the evidence names",
    });

  let { instance } = finding;
  if (instance !== null && !(await checker.mentionsService(instance, cited)) && !context.names.includes(instance)) {
    problems.push({
      where: "instance",
      what: `${shown(instance)} is not in the cited evidence`,
      fix: "name an instance that the evidence names, or null",
    });
    instance = null;
  }

  // The sentence of cause.
  const causeProblems = [...(await checker.checkText(finding.cause, cited)).problems];
  const named = changes.changesNamed(finding.cause);
  if (finding.verdict === "incident") {
    for (const id of named) {
      const unblamable = changes.blameProblem(id, null);
      if (unblamable !== null) causeProblems.push(unblamable);
    }
    if (named.length === 0 && change === null && BLAMES_CHANGE.test(finding.cause))
      causeProblems.push({
        what: "it blames a change without naming one",
        fix: "fill in `change`, or leave the change out of the sentence",
      });
  }
  const diffOfCause = changes.unreadDiff(finding.cause, change?.id ?? null);
  if (diffOfCause !== null) causeProblems.push(diffOfCause);
  const person = personIn(
    finding.cause,
    [...(context.people ?? []), ...context.changes.flatMap(({ author }) => author ?? [])],
    checker.serviceNames,
  );
  if (person !== null) causeProblems.push({ what: `it speaks of a person (${shown(person)})`, fix: "say what happened, not who" });
  if (finding.cause === "") causeProblems.push({ what: "it is empty", fix: "say the cause in one sentence" });
  problems.push(...causeProblems.map((problem) => ({ where: "cause", ...problem })));
  const causeHolds = causeProblems.length === 0 && !namesFallen(finding.cause);
  if (!causeHolds) atMost(CONFIDENCE.gaps);

  const spokenOf = [
    ...ruledOut.map((one) => `${one.what} ${one.why}`),
    // Whoever says that nothing is wrong says of each suspect how it is.
    ...(finding.verdict === "nothing-wrong" ? claims.map(({ text }) => text) : []),
  ];
  for (const { service, change: id, probability } of finding.verdict === "inconclusive" ? [] : context.alternatives) {
    const isCause =
      finding.verdict === "incident" &&
      nameOf(service) === nameOf(finding.service) &&
      (id === null || change === null || isSameChange(change.id, id));
    const names = [...checker.aliasesOf(service), ...(id === null ? [] : [id, id.slice(0, 7)])];
    if (isCause || spokenOf.some((text) => names.some((name) => nameFinder(text)(name)))) continue;
    problems.push({
      where: "ruled_out",
      what: `triage holds ${shown(id === null ? service : `${service}, change ${id.slice(0, 12)}`)} possible (${probability.toFixed(2)}), and the finding does not speak of it`,
      fix:
        finding.verdict === "incident"
          ? "say what speaks against it, with evidence, or make it the cause"
          : "say what speaks against it, with evidence: a quiet figure elsewhere does not clear it",
    });
    atMost(CONFIDENCE.gaps);
  }

  let verdict = finding.verdict;
  if (verdict === "incident" && (!supported || claims.length === 0)) verdict = "inconclusive";
  if (
    verdict === "nothing-wrong" &&
    !(
      claims.length > 0 &&
      (await checker.mentionsService(
        context.pagedService,
        claims.flatMap((one) => one.evidence),
      ))
    )
  ) {
    problems.push({
      where: "verdict",
      what: `no resolved claim rests on evidence of ${shown(context.pagedService)}`,
      fix: "read how the paged service is, and cite it",
    });
    verdict = "inconclusive";
  }
  if (finding.verdict === "incident" && claims.length === 0)
    problems.push({
      where: "claims",
      what: "none of them resolved",
      fix: "state the facts that the cause rests on, with figures or quotes from the evidence",
    });
  if (verdict === "inconclusive") atMost(CONFIDENCE.inconclusive);
  else if (new Set(claims.flatMap((one) => one.evidence)).size === 1) atMost(CONFIDENCE.oneSource);

  const doNow: SubmittedFinding["do_now"] = [];
  for (const [index, { step, runbook }] of finding.do_now.entries()) {
    const where = `do_now[${index}]`;
    const advice = adviceProblem(step, context.steps ?? []);
    const wrong = [...(await checker.checkText(step, cited, true)).problems, ...(advice === null ? [] : [advice])];
    problems.push(...wrong.map((problem) => ({ where, ...problem })));
    const isKnown = runbook === null || context.runbooks.includes(runbook);
    if (!isKnown)
      problems.push({
        where,
        what: `there is no runbook ${shown(runbook)}`,
        fix: `${context.runbooks.length === 0 ? "none matches this page" : `of this page: ${context.runbooks.join(", ")}`}; another of the library counts once you have read it with read_runbook`,
      });
    // Steps that undo a change go with the blame that they rest on.
    if (wrong.length === 0 && step !== "" && !namesFallen(step) && !(fallen !== null && /\b(?:roll\w* ?back|revert\w*)\b/i.test(step)))
      doNow.push({ step, runbook: isKnown ? runbook : null });
  }
  const missing: SubmittedFinding["missing"] = [];
  for (const [index, one] of finding.missing.entries()) {
    const said = `${one.what} ${one.who ?? ""}`;
    const advice = adviceProblem(said, context.steps ?? []);
    const wrong = [...(await checker.checkText(said, cited, true)).problems, ...(advice === null ? [] : [advice])];
    problems.push(...wrong.map((problem) => ({ where: `missing[${index}]`, ...problem })));
    if (wrong.length === 0 && one.what !== "") missing.push(one);
  }

  if (checker.isTired())
    problems.unshift({
      where: "finding",
      what: "it says more than can be looked up in answers of this length, so the last of it was not",
      fix: "say less, and cite fewer and shorter answers",
    });
  const fell = verdict !== finding.verdict;
  const isKnown = checker.serviceNames.has(finding.service.toLowerCase());
  const service = supported || (finding.verdict === "nothing-wrong" && isKnown) ? finding.service : context.pagedService;
  const cleaned: SubmittedFinding = {
    verdict,
    cause: causeHolds && !fell ? finding.cause : plainCause(verdict, service, supported, finding.fault),
    service: finding.verdict === "inconclusive" && isKnown ? finding.service : service,
    instance: supported ? instance : null,
    fault: supported ? finding.fault : null,
    change: verdict === "nothing-wrong" || fallen !== null || fell || change === null ? null : changes.inKnownWords(change),
    confidence: boundedConfidence(finding.confidence, tally, highest),
    causal_path: verdict === "nothing-wrong" ? [] : path,
    claims,
    ruled_out: ruledOut,
    impact,
    // What to do rests on the cause; a step of the team's own runbook stands by itself.
    do_now: fell ? doNow.filter(({ runbook }) => runbook !== null) : doNow,
    // So does a fix: nothing is changed for a cause that did not hold.
    fix: fell || !supported || verdict !== "incident" ? "none" : finding.fix,
    missing,
  };
  return { ok: problems.length === 0, problems: problems.slice(0, MOST_PROBLEMS), cleaned };
}

/** The cause in words that rest on what resolved alone. */
function plainCause(verdict: SubmittedFinding["verdict"], service: string, supported: boolean, fault: FaultClass | null): string {
  if (verdict === "nothing-wrong") return `Nothing looks wrong with ${service}.`;
  if (verdict === "inconclusive")
    return supported
      ? `Inconclusive: what could be confirmed points to ${service}, and does not settle the cause.`
      : "Inconclusive: what was said about the cause could not be confirmed in the evidence.";
  return fault === null ? `The cause lies in ${service}.` : `The cause lies in ${service}: ${FAULT_WORDS[fault]}.`;
}
