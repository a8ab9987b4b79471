import type { FaultClass } from "../../incident/finding.ts";
import { BLAMES_CHANGE, personIn } from "./blame.ts";
import { boundedFinding } from "./bounded-finding.ts";
import { createChangeRules, isSameChange } from "./change-rules.ts";
import type { CheckContext, CheckLedger } from "./check-context.ts";
import { checkClaims, checkImpact, checkMissing, checkPath, checkRuledOut, checkSteps } from "./check-parts.ts";
import { checkText } from "./check-text.ts";
import { Evidence } from "./evidence.ts";
import { atMost, type FindingCheck, holds, nameOf, namesFallen } from "./finding-check.ts";
import { placeOf, type Problem, problemOf } from "./problem.ts";
import { nameFinder } from "./quotes.ts";
import { FAULT_WORDS, type SubmittedFinding } from "./submitted-finding.ts";

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

type Claims = SubmittedFinding["claims"];
type Path = SubmittedFinding["causal_path"];
const evidenceOf = (parts: readonly { readonly evidence: readonly number[] }[]) => [...new Set(parts.flatMap(({ evidence }) => evidence))];

/**
 * Resolves what an agent submitted against the evidence that it cites.
 *
 * Every cited number exists; every quote is in the raw answer that it cites; every figure is in a cited raw answer or a view of it, in
 * any unit and rounded at most; names with digits are there or are known; a blamed change was live before the onset and its diff was read;
 * each hop has evidence of its service and the path ends at the paged one; triage's likely suspects are the cause or ruled out.
 * What does not resolve is a problem, for the model to fix, and is missing from `cleaned`. Time and memory are bounded whatever is cited, and
 * others get their turn in between.
 * @param submitted parsed by `submittedFindingSchema`; of any size
 */
export async function checkFinding(submitted: SubmittedFinding, ledger: CheckLedger, context: CheckContext): Promise<CheckedFinding> {
  const problems: Problem[] = [];
  const check: FindingCheck = {
    finding: boundedFinding(submitted, context.hosts, problems),
    context,
    evidence: new Evidence(ledger, context),
    changes: createChangeRules(context),
    problems,
    given: 0,
    kept: 0,
    highest: CONFIDENCE.highest,
    fallen: null,
  };
  // The change first: what is said of one that can't be blamed falls with it.
  checkChange(check);
  const allClaims = await checkClaims(check);
  const claims = allClaims.filter((claim) => !namesFallen(check, claim.text));
  const allHops = await checkPath(check);
  const hops = allHops.filter((hop) => !namesFallen(check, hop.what));
  check.kept -= allClaims.length - claims.length + allHops.length - hops.length;
  const path = reachingPath(check, hops);
  const cited = evidenceOf([...claims, ...path]);
  const ruledOut = await checkRuledOut(check);
  const impact = await checkImpact(check);
  const supported = await checkService(check, cited);
  const instance = await checkInstance(check, cited);
  const causeHolds = await checkCause(check, cited);
  checkAlternatives(check, ruledOut, claims);
  const verdict = await checkVerdict(check, supported, claims);
  const doNow = await checkSteps(check, cited);
  const missing = await checkMissing(check, cited);
  if (check.evidence.isTired) problems.unshift({ ...placeOf("finding"), ...problemOf("too-much") });

  const { finding } = check;
  const fell = verdict !== finding.verdict;
  const isKnown = check.evidence.serviceNames.has(finding.service.toLowerCase());
  const service = supported || (finding.verdict === "nothing-wrong" && isKnown) ? finding.service : context.pagedService;
  const isChangeless = verdict === "nothing-wrong" || check.fallen !== null || fell || finding.change === null;
  const cleaned: SubmittedFinding = {
    verdict,
    cause: causeHolds && !fell ? finding.cause : plainCause(verdict, service, supported, finding.fault),
    service: finding.verdict === "inconclusive" && isKnown ? finding.service : service,
    instance: supported ? instance : null,
    fault: supported ? finding.fault : null,
    change: isChangeless || finding.change === null ? null : check.changes.inKnownWords(finding.change),
    confidence: boundedConfidence(check),
    causal_path: verdict === "nothing-wrong" ? [] : path,
    claims,
    ruled_out: ruledOut,
    impact,
    // What to do rests on the cause; a step of the team's own runbook does not.
    do_now: fell ? doNow.filter(({ runbook }) => runbook !== null) : doNow,
    // So does a fix: nothing is changed for a cause that did not hold.
    fix: fell || !supported || verdict !== "incident" ? "none" : finding.fix,
    missing,
  };
  return { ok: problems.length === 0, problems: problems.slice(0, MOST_PROBLEMS), cleaned };
}

function checkChange(check: FindingCheck): void {
  const { change } = check.finding;
  if (change === null || holds(check, placeOf("change"), [check.changes.blameProblem(change.id, change.repository)])) return;
  check.fallen = change;
  atMost(check, CONFIDENCE.noChange);
}

/** The hops, where they lead to the paged service; else none. */
function reachingPath(check: FindingCheck, hops: Path): Path {
  const { finding, context } = check;
  const ends = (path: Path) => path.length > 0 && nameOf(check, path.at(-1)?.service ?? "") === nameOf(check, context.pagedService);
  const isIncident = finding.verdict === "incident";
  holds(check, placeOf("causal_path"), [
    isIncident && !ends(finding.causal_path) ? problemOf("path-elsewhere", context.pagedService) : null,
  ]);
  const path = ends(hops) ? hops : [];
  if (isIncident && (path.length === 0 || path.length < finding.causal_path.length)) atMost(check, CONFIDENCE.gaps);
  return path;
}

/** Whether the blamed service is known, and named by what resolved. */
async function checkService(check: FindingCheck, cited: readonly number[]): Promise<boolean> {
  const { evidence, finding } = check;
  const { service, verdict } = finding;
  const supported = service !== "" && (await evidence.mentionsService(service, cited)) && (await evidence.isRunning(service, cited));
  if (!supported && verdict === "incident") holds(check, placeOf("service"), [problemOf("service-unsupported", service)]);
  return supported;
}

async function checkInstance(check: FindingCheck, cited: readonly number[]): Promise<string | null> {
  const { instance } = check.finding;
  if (instance === null || (await check.evidence.mentionsService(instance, cited)) || check.context.names.includes(instance))
    return instance;
  holds(check, placeOf("instance"), [problemOf("instance-unseen", instance)]);
  return null;
}

/** Whether the sentence of the cause may be posted. */
async function checkCause(check: FindingCheck, cited: readonly number[]): Promise<boolean> {
  const { evidence, changes, context, finding } = check;
  const { cause, change } = finding;
  const isIncident = finding.verdict === "incident";
  const named = changes.changesNamed(cause);
  const people = [...(context.people ?? []), ...context.changes.flatMap(({ author }) => author ?? [])];
  const person = personIn(cause, people, evidence.serviceNames);
  const isSound = holds(check, placeOf("cause"), [
    ...(await checkText(evidence, cause, cited)).problems,
    ...(isIncident ? named.map((id) => changes.blameProblem(id, null)) : []),
    isIncident && named.length === 0 && change === null && BLAMES_CHANGE.test(cause) ? problemOf("change-unnamed") : null,
    changes.unreadDiff(cause, change?.id ?? null),
    person === null ? null : problemOf("names-person", person),
    cause === "" ? problemOf("empty", "it is empty", "say the cause in one sentence") : null,
  ]);
  if (isSound && !namesFallen(check, cause)) return true;
  atMost(check, CONFIDENCE.gaps);
  return false;
}

/** Each likely suspect of triage is the cause, or the finding says what speaks against it. */
function checkAlternatives(check: FindingCheck, ruledOut: SubmittedFinding["ruled_out"], claims: Claims): void {
  const { finding, context, evidence } = check;
  const isIncident = finding.verdict === "incident";
  if (finding.verdict === "inconclusive") return;
  const spokenOf = [
    ...ruledOut.map((one) => `${one.what} ${one.why}`),
    // A finding that nothing is wrong says of each suspect how it is.
    ...(isIncident ? [] : claims.map(({ text }) => text)),
  ];
  for (const { service, change: id, probability } of context.alternatives) {
    const isCause =
      isIncident &&
      nameOf(check, service) === nameOf(check, finding.service) &&
      (id === null || finding.change === null || isSameChange(finding.change.id, id));
    const names = [...evidence.aliasesOf(service), ...(id === null ? [] : [id, id.slice(0, 7)])];
    if (isCause || spokenOf.some((text) => names.some((name) => nameFinder(text)(name)))) continue;
    const name = id === null ? service : `${service}, change ${id.slice(0, 12)}`;
    holds(check, placeOf("ruled_out"), [problemOf("alternative-open", name, probability, isIncident)]);
    atMost(check, CONFIDENCE.gaps);
  }
}

/** The verdict that what resolved bears out. */
async function checkVerdict(check: FindingCheck, supported: boolean, claims: Claims): Promise<SubmittedFinding["verdict"]> {
  const { finding, context, evidence } = check;
  const cited = evidenceOf(claims);
  let { verdict } = finding;
  if (verdict === "incident" && (!supported || claims.length === 0)) verdict = "inconclusive";
  if (
    (verdict === "nothing-wrong" || verdict === "recovered") &&
    !(claims.length > 0 && (await evidence.mentionsService(context.pagedService, cited)))
  ) {
    holds(check, placeOf("verdict"), [problemOf("paged-unread", context.pagedService)]);
    verdict = "inconclusive";
  }
  if (finding.verdict === "incident" && claims.length === 0) holds(check, placeOf("claims"), [problemOf("no-claim-left")]);
  if (verdict === "inconclusive") atMost(check, CONFIDENCE.inconclusive);
  else if (cited.length === 1) atMost(check, CONFIDENCE.oneSource);
  return verdict;
}

/**
 * The confidence rule. What the model said, times the share of claims, quotes and hops that resolved, and never above: 0.95; 0.8 where all
 * claims rest on one evidence entry; 0.6 where the cause's sentence, the path or an alternative was left open; 0.5 where the blamed change
 * fell; 0.4 where the finding is inconclusive. Two decimals, rounded down, unless nothing lowered it.
 */
function boundedConfidence({ finding: { confidence }, given, kept, highest }: FindingCheck): number {
  const bound = Math.min(confidence * (given === 0 ? 1 : kept / given), highest);
  return bound === confidence ? confidence : Math.floor(bound * 100 + 1e-9) / 100;
}

/** The cause in words that rest on what resolved alone. */
function plainCause(verdict: SubmittedFinding["verdict"], service: string, supported: boolean, fault: FaultClass | null): string {
  if (verdict === "nothing-wrong") return `Nothing looks wrong with ${service}.`;
  if (verdict === "recovered") return `It is over; where the cause lay could not be confirmed.`;
  if (verdict === "inconclusive")
    return supported
      ? `Inconclusive: what could be confirmed points to ${service}, and does not settle the cause.`
      : "Inconclusive: what was said about the cause could not be confirmed in the evidence.";
  return fault === null ? `The cause lies in ${service}.` : `The cause lies in ${service}: ${FAULT_WORDS[fault]}.`;
}
