import { confidenceWords } from "../incident/confidence.ts";
import type { CoverageLine, ModelFinding } from "../incident/finding.ts";
import { inTheWay } from "./analysis-report.ts";
import type { Belief } from "./report.ts";

/** Where the cause lies, in the words of the analysis' report. */
function placeOf({ confidence, service, instance, fault, change }: ModelFinding): string {
  const where = `${service}${instance === null || instance === service ? "" : ` (${instance})`}`;
  return `${confidenceWords(confidence)}: ${where}${fault === null ? "" : `, ${fault}`}${change === null ? "" : `, change ${change.id}`}. `;
}

/** What a model found, after code has checked it: one entry of evidence for each quote, or for the claim that has none. */
export function findingReport(finding: ModelFinding, coverage: readonly CoverageLine[]): Belief {
  const { verdict, cause, causal_path: path, impact, claims } = finding;
  const causes: Record<ModelFinding["verdict"], string> = {
    incident: `${placeOf(finding)}${cause}`,
    "nothing-wrong": `No incident: nothing looks wrong. ${cause}`,
    inconclusive: `Inconclusive. ${cause}${inTheWay(coverage)}`,
  };
  return {
    cause: causes[verdict].trim(),
    summary: [path.map(({ service, what }) => `${service}: ${what}`).join(" → "), impact === null ? "" : `Impact: ${impact.text}`]
      .filter((part) => part !== "")
      .join("\n"),
    confidence: finding.confidence,
    ruled_out: finding.ruled_out.map(({ what, why }) => `${what}: ${why}`),
    missing: finding.missing.map(({ what, who }) => `${what}${who === null ? "" : ` (${who})`}`),
    evidence: claims.flatMap(({ text, quotes }) =>
      quotes.length === 0 ? [{ claim: text }] : quotes.map((quote) => ({ quote: quote.text, claim: text })),
    ),
  };
}
