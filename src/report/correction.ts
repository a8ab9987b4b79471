import { type Analysis, culpritOf, type RuledOut, type Suspect } from "../incident/finding.ts";
import type { ChangeEvent } from "../incident/telemetry.ts";
import type { IncidentView } from "../incident/view.ts";
import { changeRead, suspectWords, sureWords } from "./suspect-words.ts";
import { prose, say, strong, time, type Words } from "./text.ts";
import { changeMark, shortSha } from "./words.ts";

/** What a model's checked finding takes back of what the data alone said before it. */
export interface Correction {
  /** Whether something of it was listed as innocent that the finding blames. */
  readonly clears: (one: RuledOut) => boolean;
}

/** A deploy of one service may show in another: who blames the same one says the same, whichever of both they name. */
const isSameChange = (best: Suspect, read: ChangeEvent | undefined): boolean =>
  best.change !== null && read !== undefined && read.sha === best.change.sha && read.version === best.change.version;

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
    best !== null && !isSameChange(best, read) && (best.service !== finding.service || (best.change !== null && finding.change !== null));
  const isElsewhere = analysis.elsewhere?.some(({ service }) => service === finding.service) === true;
  return isOther || isElsewhere || analysis.verdict === "nothing-wrong" || [...analysis.ruledOut, ...(analysis.unproven ?? [])].some(clears)
    ? { clears }
    : null;
}

/** Whether a model's finding has people believe something else than the data alone did: another ending, another service, a change where none was blamed. */
export function isNewBelief(view: IncidentView): boolean {
  const { analysis, investigation } = view;
  const finding = investigation?.finding ?? null;
  if (finding === null) return false;
  if (analysis === null || finding.verdict !== analysis.verdict || correctionOf(view) !== null) return true;
  if (finding.verdict !== "incident") return false;
  const best = culpritOf(analysis);
  if (best !== null && isSameChange(best, changeRead(finding, view.triage?.changes ?? []))) return false;
  return best === null || best.service !== finding.service || (best.change === null && finding.change !== null);
}

/** What an analysis has people believe, to see whether another one differs. */
function beliefOf(analysis: Analysis): string {
  const best = culpritOf(analysis);
  const { verdict, together, elsewhere = [] } = analysis;
  const whom = best === null ? null : [best.service, best.change?.sha ?? best.change?.title ?? null, sureWords(best.probability)];
  return JSON.stringify([verdict, whom, together ?? [], elsewhere.map(({ service }) => service)]);
}

/** More of the sources that were late are only counted: the coverage names them. */
const MOST_NAMED = 2;

function believedWords(analysis: Analysis): Words {
  const best = culpritOf(analysis);
  if (best !== null) return say`the best suspect was ${suspectWords(best)} (${sureWords(best.probability)})`;
  if (analysis.verdict === "nothing-wrong") return say`nothing looked wrong`;
  return analysis.together === undefined ? say`no cause had been found` : say`${analysis.together.join(", ")} failed alike`;
}

/** Whether the blame stays where it was: people who read the first words believed nothing wrong. */
function isSameBlame(before: Analysis, after: Analysis): boolean {
  const [was, is] = [culpritOf(before), culpritOf(after)];
  return (
    was !== null &&
    is !== null &&
    was.service === is.service &&
    was.change?.sha === is.change?.sha &&
    was.change?.title === is.change?.title
  );
}

const noLongerRuledOut = (before: Analysis, after: Analysis) =>
  before.ruledOut.filter(({ what }) => !after.ruledOut.some((one) => one.what === what));

/** Whether late answers took back what was said, and not only made it more or less sure. */
export const isCorrection = ({ triage, earlier }: Pick<IncidentView, "triage" | "earlier">): boolean =>
  triage !== null &&
  earlier !== null &&
  (!isSameBlame(earlier.analysis, triage.analysis) || noLongerRuledOut(earlier.analysis, triage.analysis).length > 0);

/**
 * What late answers changed of what the brief first said: who answered, what was believed before, what is not ruled out any more. Empty where there
 * were none, or they changed nothing of it.
 */
export function revisionOf(view: Pick<IncidentView, "triage" | "earlier" | "triageAt">): Words {
  const { triage, earlier, triageAt } = view;
  if (triage === null || earlier === null) return [];
  const { analysis, late = [] } = triage;
  const cleared = noLongerRuledOut(earlier.analysis, analysis);
  const isSame = beliefOf(analysis) === beliefOf(earlier.analysis);
  if (isSame && cleared.length === 0) return [];
  const open = cleared.length === 0 ? [] : say` No longer ruled out: ${prose(cleared.map(({ what }) => what).join(", "))}.`;
  const stays = isSameBlame(earlier.analysis, analysis);
  const [was, is] = [earlier.analysis, analysis].map((one) => sureWords(culpritOf(one)?.probability ?? 0));
  const believed = stays ? was !== is && say`it was ${was ?? ""}` : believedWords(earlier.analysis);
  const before = !isSame && believed !== false && say` Before that, ${believed}.`;
  const who = late.length === 0 ? "sources" : late.length > MOST_NAMED ? `${late.length} sources` : late.join(" and ");
  return say`${strong(isCorrection(view) ? "Corrected" : "Updated")}${triageAt !== null && say` at ${time(triageAt)}`}: ${who} answered late.${before}${open}`;
}
