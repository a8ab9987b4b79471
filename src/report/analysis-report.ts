import { confidenceWords } from "../incident/confidence.ts";
import { type Analysis, blamed, type CoverageLine, leadOf, lookedAt } from "../incident/finding.ts";
import { coverageDetail, coverageWords, lostSources } from "./coverage-words.ts";
import { clockTime, shortSha, symptomWords } from "./words.ts";
import type { Belief } from "./report.ts";

const WITHOUT_SUSPECT = 0.1;

/** What failed, in words; "" where nothing did. Without a cause, what stood in the way is the finding. */
export function inTheWay(coverage: readonly CoverageLine[]): string {
  const failed = lostSources(coverage).map((line) => `${line.source}: ${coverageDetail(line) ?? coverageWords[line.status]}`);
  return failed.length === 0 ? "" : ` Could not be read: ${failed.join(" ")}`;
}

/** What the data alone say. */
export function analysisReport(analysis: Analysis | null, coverage: readonly CoverageLine[]): Belief {
  const first = blamed(analysis)[0];
  const lead = analysis === null ? null : leadOf(analysis);
  const symptoms = (analysis?.symptoms ?? []).map((symptom) => `${symptom.service}: ${symptomWords(symptom)}`);
  const change = first?.change ?? null;
  const changed =
    change === null
      ? ""
      : `, ${change.kind}${change.sha === null ? "" : ` ${shortSha(change.sha)}`} at ${clockTime(change.at)} (“${change.title}”)`;
  const named =
    first === undefined
      ? ""
      : `${confidenceWords(first.probability)}: ${first.service}${first.instance === null ? "" : ` (${first.instance})`}${first.fault === null ? "" : `, ${first.fault}`}${changed}. `;
  const causes: Record<Analysis["verdict"], string> = {
    incident: `${named}${first?.reasons.map((reason) => reason.text).join("; ") ?? ""}`,
    "nothing-wrong": `No incident: nothing looks wrong. ${analysis?.because ?? ""}${lead?.reasons[0] === undefined ? "" : `: ${lead.reasons[0].text}`}`,
    inconclusive: `Inconclusive. ${analysis?.because ?? ""}${inTheWay(coverage)} ${named === "" ? "" : `Best guess, ${named}`}`.trim(),
  };
  return {
    cause: analysis === null ? "Not investigated." : causes[analysis.verdict].trim(),
    summary: [analysis?.because ?? "", ...symptoms].filter((part) => part !== "").join(" "),
    confidence:
      analysis?.verdict === "nothing-wrong"
        ? 1 - Math.max(WITHOUT_SUSPECT, lead?.probability ?? 0)
        : (first?.probability ?? WITHOUT_SUSPECT),
    ruled_out: [
      ...(analysis?.ruledOut ?? []).map((one) => `${one.what}: ${one.why}`),
      ...(analysis === null ? [] : lookedAt(analysis)).map((one) => `as usual: ${one.what}: ${one.why}`),
    ],
    missing: [],
    evidence: (first?.reasons ?? []).map((reason) => ({ ...(reason.quote === null ? {} : { quote: reason.quote }), claim: reason.text })),
  };
}
