import { type Analysis, culpritOf, type RuledOut } from "../incident/finding.ts";
import type { IncidentView } from "../incident/view.ts";
import { changeRead, suspectWords, sureWords } from "./suspect-words.ts";
import { prose, say, strong, time, type Words } from "./text.ts";
import { changeMark, shortSha } from "./words.ts";

/** What a model's checked finding takes back of what the data alone said before it. */
export interface Correction {
  /** Whether something of it was listed as innocent that the finding blames. */
  readonly clears: (one: RuledOut) => boolean;
}

/** null where no finding contradicts the data: it blames what they do, or leaves open whom. */
export function correctionOf({ analysis, investigation, triage }: IncidentView): Correction | null {
  const finding = investigation?.finding ?? null;
  if (finding === null || analysis === null || finding.verdict === "inconclusive") return null;
  const best = culpritOf(analysis);
  if (finding.verdict === "nothing-wrong") return best === null ? null : { clears: () => false };
  const read = changeRead(finding, triage?.changes ?? []);
  const marks =
    finding.change === null ? [] : [changeMark(finding.change.id), read?.sha == null ? null : shortSha(read.sha), read?.version ?? null];
  const clears = ({ what }: RuledOut) => marks.some((mark) => mark !== null && mark !== "" && what.includes(mark));
  const isOther =
    best !== null &&
    (best.service !== finding.service ||
      (best.change !== null && finding.change !== null && (read === undefined || read.sha !== best.change.sha)));
  const isElsewhere = analysis.elsewhere?.some(({ service }) => service === finding.service) === true;
  return isOther || isElsewhere || analysis.verdict === "nothing-wrong" || [...analysis.ruledOut, ...(analysis.unproven ?? [])].some(clears)
    ? { clears }
    : null;
}

/** What an analysis has people believe, to see whether another one differs. */
function beliefOf(analysis: Analysis): string {
  const best = culpritOf(analysis);
  const { verdict, together, elsewhere = [] } = analysis;
  const whom = best === null ? null : [best.service, best.change?.sha ?? best.change?.title ?? null, sureWords(best.probability)];
  return JSON.stringify([verdict, whom, together ?? [], elsewhere.map(({ service }) => service)]);
}

function believedWords(analysis: Analysis): Words {
  const best = culpritOf(analysis);
  if (best !== null) return say`the best suspect was ${suspectWords(best)} (${sureWords(best.probability)})`;
  if (analysis.verdict === "nothing-wrong") return say`nothing looked wrong`;
  return analysis.together === undefined ? say`no cause had been found` : say`${analysis.together.join(", ")} failed alike`;
}

/**
 * What late answers changed of what the brief first said: who answered, what was believed before, what is not ruled out any more. Empty where there
 * were none, or they changed nothing of it.
 */
export function revisionOf({ triage, earlier, triageAt }: Pick<IncidentView, "triage" | "earlier" | "triageAt">): Words {
  if (triage === null || earlier === null) return [];
  const { analysis, late = [] } = triage;
  const cleared = earlier.analysis.ruledOut.filter(({ what }) => !analysis.ruledOut.some((one) => one.what === what));
  const isSame = beliefOf(analysis) === beliefOf(earlier.analysis);
  if (isSame && cleared.length === 0) return [];
  const who = late.length === 0 ? "sources" : late.join(" and ");
  const before = isSame ? [] : say` Before that, ${believedWords(earlier.analysis)}.`;
  const open = cleared.length === 0 ? [] : say` No longer ruled out: ${prose(cleared.map(({ what }) => what).join(", "))}.`;
  return say`${strong("Corrected")}${triageAt !== null && say` at ${time(triageAt)}`}: ${who} answered after this was first said.${before}${open}`;
}
