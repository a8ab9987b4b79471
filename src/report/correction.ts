import { culpritOf, type RuledOut } from "../incident/finding.ts";
import type { IncidentView } from "../incident/view.ts";
import { changeRead } from "./suspect-words.ts";
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
