import { outsideWords } from "../../guard/outside-sentences.ts";
import { dataWithoutOrders, findOrders, type IsTrusted, repeatsOrder } from "../../guard/untrusted.ts";
import type { LoggedEvent } from "../../incident/event.ts";
import type { ModelFinding } from "../../incident/finding.ts";
import type { ToolAnswer } from "../../incident/tool.ts";
import { transcriptStart } from "./transcript.ts";

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

/** A finding and what else is said with it. */
interface Told {
  readonly finding: ModelFinding;
}

/**
 * Steps repeat no sentence from outside, the cause only short ones, marked as quotes; and none repeats an order. A sentence that is the model's
 * own may say whatever a step must: "tell support, and say exactly which routes are slow".
 * @param signs of orders that were read
 * @param isTrusted sentences of the team's own
 */
export function withoutOutside<T extends Told>(
  told: T,
  {
    log,
    answers = [],
    signs,
    isTrusted,
  }: { log: readonly LoggedEvent[]; answers?: readonly ToolAnswer[]; signs: readonly string[]; isTrusted: IsTrusted },
): T {
  const outside = outsideWords(shownTexts(log, answers));
  const step = (text: string): string => (isTrusted(text) ? text : outside.without(text));
  const { finding } = told;
  const { do_not: doNot } = finding;
  const cleaned: ModelFinding = {
    ...finding,
    cause: outside.quoted(finding.cause),
    do_now: finding.do_now.map((one) => ({ ...one, step: step(one.step) })),
    missing: finding.missing.map((one) => ({ ...one, what: step(one.what) })),
    ...(doNot == null ? {} : { do_not: { ...doNot, text: step(doNot.text) } }),
  };
  // "Say exactly which routes are slow" dictates, as steps do. In words of the model's own it is none of an attacker's.
  const isOwn = (sentence: string): boolean =>
    !outside.touches(sentence) && !repeatsOrder(sentence, signs) && findOrders(sentence).every(({ kind }) => kind === "dictation");
  return dataWithoutOrders({ ...told, finding: cleaned }, signs, (sentence) => isTrusted(sentence) || isOwn(sentence));
}
