import type { ModelFinding } from "../../incident/finding.ts";
import { boundedFinding } from "./bounded-finding.ts";
import { createChangeRules, isMerge, isSameChange } from "./change-rules.ts";
import type { CheckContext, CheckLedger } from "./check-context.ts";
import { checkClaims, checkDoNot, checkImpact, checkMissing, checkPath, checkRuledOut, checkSteps, type KeptClaim } from "./check-parts.ts";
import { Evidence } from "./evidence.ts";
import { atMost, type FindingCheck, type Hop, keepText, type Kept, LONGEST_SENTENCE, nameOf, note } from "./finding-check.ts";
import { defanged } from "../../guard/defang.ts";
import { cutWords } from "./plain.ts";
import { placeOf, type Problem, problemOf } from "./problem.ts";
import { nameFinder } from "./quotes.ts";
import { isRunning } from "./running-lines.ts";
import type { SubmittedFinding } from "./submitted-finding.ts";

export interface CheckedFinding {
  /** Whether it goes back for nothing: hints may be left. */
  readonly ok: boolean;
  /** What weighs most comes first. */
  readonly problems: readonly Problem[];
  /** What may be posted: what contradicts the evidence is cut, what is in none is marked; bounded, in plain text. */
  readonly cleaned: ModelFinding;
}

/** The parts of the confidence rule; see `boundedConfidence`. */
export const CONFIDENCE = { highest: 0.95, oneSource: 0.8, gaps: 0.6, noChange: 0.5, inconclusive: 0.4 } as const;
const MOST_PROBLEMS = 30;
const WEIGHTS = ["cut", "open", "hint"] as const;

const evidenceOf = (parts: readonly { readonly evidence: readonly number[] }[]) => [...new Set(parts.flatMap(({ evidence }) => evidence))];

/**
 * Resolves what an agent submitted against the evidence of the incident. It reads facts, not sentences.
 *
 * Every quote is word for word in an answer; every figure, time and name is in one, in any unit and rounded at most, or is computed from
 * figures that do. What another entry shows than the cited one is cited there. What is nowhere is marked; what contradicts the evidence
 * (an invented quote, a figure in another unit) is cut. A blamed change was live before the onset and its diff was read. The path ends at the
 * paged service, and triage's likely suspects are spoken of. Whatever does not hold is a problem, for the model to correct. Time and memory are
 * bounded whatever is cited, and others get their turn in between.
 * @param submitted parsed by `submittedFindingSchema`; of any size
 */
export async function checkFinding(submitted: SubmittedFinding, ledger: CheckLedger, context: CheckContext): Promise<CheckedFinding> {
  const problems: Problem[] = [];
  const check: FindingCheck = {
    finding: boundedFinding(submitted, problems),
    context,
    evidence: new Evidence(ledger, context),
    changes: createChangeRules(context),
    problems,
    highest: CONFIDENCE.highest,
    fallen: null,
    running: [],
  };
  const { finding } = check;
  const kept = await checkClaims(check);
  const claims = kept.map(({ claim }) => claim);
  const path = await checkPath(check);
  const cited = evidenceOf([...claims, ...path]);
  await checkChange(check, cited);
  checkEnd(check, path);
  const ruledOut = await checkRuledOut(check);
  const impact = await checkImpact(check);
  const service = await checkService(check, cited, path);
  const instance = await checkInstance(check, cited);
  const verdict = await checkVerdict(check, kept);
  const isFallen = verdict !== finding.verdict;
  const cause = await checkCause(check, kept, path, cited);
  // A sentence under another verdict than its own was not confirmed.
  const open = isFallen && !cause.unverified.includes(cause.text) ? [cause.text, ...cause.unverified] : cause.unverified;
  checkAlternatives(check);
  const doNow = await checkSteps(check, cited, isFallen);
  const doNot = await checkDoNot(check, cited, isFallen);
  const missing = await checkMissing(check, cited);
  const change = verdict === "nothing-wrong" || isFallen || check.fallen !== null ? null : finding.change;
  const isFixed = verdict !== "incident" || !service.isSupported || (check.fallen !== null && finding.fix === "revert");
  const cleaned: ModelFinding = {
    verdict,
    cause: cause.text,
    cause_evidence: cause.evidence,
    ...(open.length === 0 ? {} : { cause_unverified: open }),
    service: service.name,
    instance: service.isSupported ? instance : null,
    fault: service.isSupported ? finding.fault : null,
    change: change === null ? null : check.changes.inKnownWords(change),
    confidence: boundedConfidence(check),
    causal_path: verdict === "nothing-wrong" ? [] : path,
    claims,
    ruled_out: ruledOut,
    impact,
    do_now: doNow,
    ...(doNot == null ? {} : { do_not: doNot }),
    // Nothing is changed for a cause that did not hold.
    fix: isFixed ? "none" : finding.fix,
    missing,
  };
  const tired: Problem[] = check.evidence.isTired ? [{ ...placeOf("finding"), ...problemOf("too-much") }] : [];
  const sorted = [...tired, ...WEIGHTS.flatMap((weight) => problems.filter((one) => one.weight === weight))];
  return {
    ok: sorted.every(({ weight }) => weight === "hint"),
    problems: sorted.slice(0, MOST_PROBLEMS),
    cleaned: shownFinding(cleaned, context.hosts),
  };
}

/** With links that lead nowhere, in all that people read. */
function shownFinding(finding: ModelFinding, hosts: readonly string[]): ModelFinding {
  const text = (words: string) => defanged(words, hosts);
  const marked = <Part extends { readonly unverified?: readonly string[] }>(part: Part): Part =>
    part.unverified === undefined ? part : { ...part, unverified: part.unverified.map(text) };
  return {
    ...finding,
    cause: text(finding.cause),
    ...(finding.cause_unverified === undefined ? {} : { cause_unverified: finding.cause_unverified.map(text) }),
    causal_path: finding.causal_path.map((hop) => marked({ ...hop, service: text(hop.service), what: text(hop.what) })),
    claims: finding.claims.map((claim) =>
      marked({ ...claim, text: text(claim.text), quotes: claim.quotes.map((one) => ({ ...one, text: defanged(one.text, hosts, false) })) }),
    ),
    ruled_out: finding.ruled_out.map((one) => marked({ ...one, what: text(one.what), why: text(one.why) })),
    impact: finding.impact === null ? null : marked({ ...finding.impact, text: text(finding.impact.text) }),
    do_now: finding.do_now.map((one) => marked({ ...one, step: text(one.step) })),
    ...(finding.do_not == null ? {} : { do_not: marked({ ...finding.do_not, text: text(finding.do_not.text) }) }),
    missing: finding.missing.map((one) => marked({ ...one, what: text(one.what), who: one.who === null ? null : text(one.who) })),
  };
}

/** A blamed change was live before the onset, by its record or by what runs, and its diff was read. */
async function checkChange(check: FindingCheck, cited: readonly number[]): Promise<void> {
  const { change } = check.finding;
  if (change === null) return;
  for (const one of check.changes.changesOf(change.id))
    if (isMerge(one) && (await isRunning(one, check.evidence, cited))) check.running = [...check.running, one];
  const problem = check.changes.blameProblem(change.id, change.repository, check.running);
  if (problem === null) return;
  note(check, placeOf("change"), [problem]);
  check.fallen = change;
  atMost(check, CONFIDENCE.noChange);
}

/** Whether the hops lead to the paged service; they may go on to whom it hits. */
function checkEnd(check: FindingCheck, path: readonly Hop[]): void {
  const { finding, context } = check;
  if (finding.verdict !== "incident") return;
  if (path.some(({ service }) => nameOf(check, service) === nameOf(check, context.pagedService))) return;
  note(check, placeOf("causal_path"), [problemOf("path-elsewhere", context.pagedService)]);
  atMost(check, CONFIDENCE.gaps);
}

/** The blamed service: known, and named by what resolved; else the first known one of the path, or the paged one. */
async function checkService(
  check: FindingCheck,
  cited: readonly number[],
  path: readonly Hop[],
): Promise<{ readonly name: string; readonly isSupported: boolean }> {
  const { evidence, finding, context } = check;
  const { service, verdict } = finding;
  const isSupported = service !== "" && (await evidence.mentionsService(service, cited)) && (await evidence.isRunning(service, cited));
  if (isSupported) return { name: service, isSupported };
  const isKnown = evidence.serviceNames.has(service.toLowerCase());
  if (verdict !== "incident") return { name: isKnown ? service : context.pagedService, isSupported };
  note(check, placeOf("service"), [problemOf("service-unsupported", service)]);
  atMost(check, CONFIDENCE.gaps);
  const first = path.find((hop) => evidence.serviceNames.has(hop.service.toLowerCase()));
  return { name: isKnown ? service : first === undefined ? context.pagedService : nameOf(check, first.service), isSupported };
}

async function checkInstance(check: FindingCheck, cited: readonly number[]): Promise<string | null> {
  const { evidence, context } = check;
  const { instance } = check.finding;
  if (instance === null || context.names.includes(instance) || (await evidence.namedIn([instance], cited)) !== null) return instance;
  note(check, placeOf("instance"), [problemOf("instance-unseen", instance)]);
  return null;
}

/** The verdict that what resolved bears out. */
async function checkVerdict(check: FindingCheck, claims: readonly KeptClaim[]): Promise<SubmittedFinding["verdict"]> {
  const { finding, context, evidence } = check;
  const support = evidenceOf(claims.flatMap(({ claim, isSupport }) => (isSupport ? [claim] : [])));
  let { verdict } = finding;
  if (verdict === "incident" && support.length === 0) {
    note(check, placeOf("claims"), [problemOf("no-claim-left")]);
    verdict = "inconclusive";
  }
  const isCalm = verdict === "nothing-wrong" || verdict === "recovered";
  if (isCalm && !(support.length > 0 && (await evidence.mentionsService(context.pagedService, support)))) {
    note(check, placeOf("verdict"), [problemOf("paged-unread", context.pagedService)]);
    verdict = "inconclusive";
  }
  if (verdict === "inconclusive") atMost(check, CONFIDENCE.inconclusive);
  else if (support.length === 1) atMost(check, CONFIDENCE.oneSource);
  return verdict;
}

/** The best supported claim that says something of the blamed service, as a sentence. */
function bestClaim({ finding, evidence }: FindingCheck, claims: readonly KeptClaim[]): Kept | null {
  const names = evidence.aliasesOf(finding.service);
  const support = claims.filter(({ claim, isSupport }) => isSupport && claim.unverified === undefined);
  const best = support.find(({ claim }) => names.some((name) => nameFinder(claim.text)(name))) ?? support[0];
  if (best === undefined) return null;
  return { text: cutWords(best.claim.text, LONGEST_SENTENCE), evidence: best.claim.evidence, unverified: [], resolved: 1, isSound: true };
}

/** The sentence of the cause as it may be posted: without what contradicts the evidence, else the best claim in its place. */
async function checkCause(
  check: FindingCheck,
  claims: readonly KeptClaim[],
  path: readonly Hop[],
  cited: readonly number[],
): Promise<Kept> {
  const { changes, context, finding } = check;
  const { cause } = finding;
  const at = placeOf("cause");
  const named = finding.verdict === "incident" ? changes.changesIn(cause) : [];
  const blamed = named.map((one) => ({ ...one, problem: changes.blameProblem(one.id, null, check.running) }));
  note(check, at, [
    ...blamed.map(({ problem }) => problem),
    cause === "" ? problemOf("empty", "it is empty", "say the cause in one sentence") : null,
  ]);
  // Whose diff was not read may still be spoken of.
  const wrong = blamed.flatMap(({ problem, start, end }) =>
    problem === null || problem.code === "diff-unread" ? [] : [[start, end] as const],
  );
  const kept = cause === "" ? null : await keepText(check, at, cause, finding.cause_evidence, { beside: cited, wrong });
  if (kept !== null && kept.text === cause && kept.isSound) return kept;
  atMost(check, CONFIDENCE.gaps);
  const [hop] = path;
  const said = kept ?? bestClaim(check, claims);
  if (said !== null) return said;
  if (hop !== undefined)
    return {
      text: cutWords(`${hop.service}: ${hop.what}`, LONGEST_SENTENCE),
      evidence: hop.evidence,
      unverified: hop.unverified ?? [],
      resolved: 0,
      isSound: true,
    };
  return {
    text: `Nothing that was said of the cause was found in the evidence of ${context.pagedService}.`,
    evidence: [],
    unverified: [],
    resolved: 0,
    isSound: true,
  };
}

/** Each likely suspect of triage is the cause, is on its path, or the finding speaks of it. */
function checkAlternatives(check: FindingCheck): void {
  const { finding, context, evidence } = check;
  const isIncident = finding.verdict === "incident";
  if (finding.verdict === "inconclusive") return;
  const spokenOf = [
    finding.cause,
    ...finding.ruled_out.map((one) => `${one.what} ${one.why}`),
    ...finding.causal_path.map((hop) => `${hop.service} ${hop.what}`),
    ...finding.claims.map(({ text }) => text),
    ...finding.missing.map(({ what }) => what),
  ];
  for (const { service, change: id, probability } of context.alternatives) {
    const isCause =
      isIncident &&
      nameOf(check, service) === nameOf(check, finding.service) &&
      (id === null || finding.change === null || isSameChange(finding.change.id, id));
    const names = [...evidence.aliasesOf(service), ...(id === null ? [] : [id, id.slice(0, 7)])];
    if (isCause || spokenOf.some((text) => names.some((name) => nameFinder(text)(name)))) continue;
    const name = id === null ? service : `${service}, change ${id.slice(0, 12)}`;
    note(check, placeOf("ruled_out"), [problemOf("alternative-open", name, probability, isIncident)]);
    atMost(check, CONFIDENCE.gaps);
  }
}

/**
 * The confidence rule: what the model said, and never above what its cause rests on: 0.95; 0.8 where all claims rest on one evidence entry; 0.6
 * where part of the cause's sentence was not found, its service is not named, the path does not reach the page, or a suspect was left open; 0.5
 * where the blamed change fell; 0.4 where the finding is inconclusive.
 */
const boundedConfidence = ({ finding: { confidence }, highest }: FindingCheck): number => Math.min(confidence, highest);
