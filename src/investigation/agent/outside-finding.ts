import { MARKED_QUOTE, OUTSIDE_LEFT_OUT, type OutsideWords, outsideWords } from "../../guard/outside-sentences.ts";
import { dataWithoutOrders, findOrders, type IsTrusted, ORDER_LEFT_OUT, repeatsOrder, trustedWords } from "../../guard/untrusted.ts";
import type { LoggedEvent } from "../../incident/event.ts";
import { newestOf } from "../../incident/newest-event.ts";
import { viewOf } from "../../incident/view.ts";
import type { ModelFinding } from "../../incident/finding.ts";
import type { ToolAnswer } from "../../incident/tool.ts";
import { type CheckedFinding, CONFIDENCE } from "../check/check-finding.ts";
import { type Place, placeOf, type Problem, problemOf } from "../check/problem.ts";
import type { SubmittedFinding } from "../check/submitted-finding.ts";
import { type AgentDependencies, checkSubmitted } from "./agent-parts.ts";
import { droppedWords, type ReadingContext } from "./checked-work.ts";
import { transcriptStart } from "./transcript.ts";
import { ownTextsOf } from "./trusted-words.ts";

/** What a finding repeats of texts from outside, taken out before anybody reads it. */

/** All that the model was shown, but what people wrote and the team's own skills and runbooks. */
function shownTexts(log: readonly LoggedEvent[], answers: readonly ToolAnswer[]): readonly string[] {
  const ofTools = (all: readonly ToolAnswer[]) => all.filter(({ evidence }) => evidence.length > 0).map(({ view }) => view);
  const before = log.slice(Math.max(0, transcriptStart(log))).flatMap(({ event }) => {
    if (event.type === "investigation-started") return [event.opening];
    return event.type === "tools-answered" ? ofTools(event.answers) : [];
  });
  return [...before, ...ofTools(answers)];
}

/** What code says of sources that it could not read, and what to do about it. */
const coverageTexts = (log: readonly LoggedEvent[]): readonly string[] =>
  newestOf(log, "triage-finished")?.event.coverage.flatMap(({ detail }) => detail ?? []) ?? [];

/**
 * Triage's own sentences: a model that repeats them repeats nobody outside. Names, lines and titles that they quote are left out, for those are somebody
 * else's words.
 */
function triageTexts(log: readonly LoggedEvent[]): readonly string[] {
  const analysis = newestOf(log, "triage-finished")?.event.analysis;
  if (analysis === undefined) return [];
  const reasons = analysis.suspects.flatMap(({ reasons: all }) => all.map(({ text }) => text));
  const others = [...analysis.ruledOut, ...(analysis.asUsual ?? [])].map(({ why }) => why);
  return [analysis.because, ...reasons, ...others].map((text) => text.replaceAll(MARKED_QUOTE, "\n"));
}

/** A finding as it was checked, and whose words it may hold. */
export interface HandIn {
  readonly checked: CheckedFinding;
  readonly outside: OutsideWords;
  readonly isTrusted: IsTrusted;
}

/** Checks what the model hands in as its finding: its facts, and whose words it repeats. @param answers of the same round */
export async function checkHandIn(
  deps: AgentDependencies,
  context: ReadingContext,
  input: SubmittedFinding,
  answers: readonly ToolAnswer[] = [],
): Promise<HandIn> {
  const { log } = context;
  const own = ownTextsOf(deps, log, viewOf(log));
  const outside = outsideWords(shownTexts(log, answers), [...own, ...coverageTexts(log), ...triageTexts(log)]);
  const isTrusted = trustedWords(own);
  return { checked: withoutOutside(await checkSubmitted(deps, context, input), outside, isTrusted), outside, isTrusted };
}

/**
 * A checked finding whose steps repeat no sentence from outside, and whose cause repeats only short ones, marked as quotes. What that cuts is a
 * problem like any other: it goes back to the model first, and people see where something was cut.
 * @param isTrusted sentences of the team's own
 */
export function withoutOutside(checked: CheckedFinding, outside: OutsideWords, isTrusted: IsTrusted): CheckedFinding {
  const problems: Problem[] = [];
  const note = (at: Place, runs: readonly string[]) => {
    problems.push(...runs.map((words) => ({ ...at, ...problemOf("repeats-outside", words) })));
  };
  const step = (at: Place, text: string): string => {
    if (isTrusted(text)) return text;
    note(at, outside.repeated(text));
    return outside.without(text);
  };
  const { cleaned } = checked;
  const { do_not: doNot } = cleaned;
  note(placeOf("cause"), outside.leftOut(cleaned.cause));
  const finding: ModelFinding = {
    ...cleaned,
    cause: outside.quoted(cleaned.cause),
    do_now: cleaned.do_now.map((one, at) => ({ ...one, step: step(placeOf("do_now", at), one.step) })),
    missing: cleaned.missing.map((one, at) => ({ ...one, what: step(placeOf("missing", at), one.what) })),
    ...(doNot == null ? {} : { do_not: { ...doNot, text: step(placeOf("do_not"), doNot.text) } }),
  };
  return problems.length === 0
    ? { ...checked, cleaned: finding }
    : { ok: false, problems: [...problems, ...checked.problems], cleaned: finding };
}

/**
 * What is kept of a finding: none of it repeats an order. A sentence that is the model's own may say whatever a step must: "tell support, and say
 * exactly which routes are slow".
 * @param signs of orders that were read
 */
export function toldFinding(
  { checked, outside, isTrusted }: HandIn,
  signs: readonly string[],
): { readonly finding: ModelFinding; readonly dropped: readonly string[] } {
  // "Say exactly which routes are slow" dictates, as steps do. In words of the model's own it is none of an attacker's.
  const isOwn = (sentence: string): boolean =>
    !outside.touches(sentence) && !repeatsOrder(sentence, signs) && findOrders(sentence).every(({ kind }) => kind === "dictation");
  const kept = { finding: checked.cleaned, dropped: droppedWords(checked) };
  const said = dataWithoutOrders(kept, signs, (sentence) => isTrusted(sentence) || isOwn(sentence));
  return { ...said, finding: withCause(said.finding) };
}

/** Fewer words are no sentence. */
const FEWEST_WORDS = 3;
const leftOf = (text: string): string => text.replaceAll(ORDER_LEFT_OUT, "").replaceAll(OUTSIDE_LEFT_OUT, "");
const isSaid = (text: string): boolean => (leftOf(text).match(/[\p{L}\p{N}]+/gu) ?? []).length >= FEWEST_WORDS;

/** Where nothing of the cause may be said, the first claim that is whole takes its place, and the finding is as sure as one with such a gap. */
function withCause(finding: ModelFinding): ModelFinding {
  const best = isSaid(finding.cause) ? undefined : finding.claims.find(({ text }) => leftOf(text) === text);
  if (best === undefined) return finding;
  const { cause_unverified: _, ...rest } = finding;
  return {
    ...rest,
    ...{ cause: best.text, cause_evidence: best.evidence, confidence: Math.min(finding.confidence, CONFIDENCE.gaps) },
    ...(best.unverified === undefined ? {} : { cause_unverified: best.unverified }),
  };
}
