import type { Analysis, Suspect, Symptom } from "../incident/finding.ts";
import type { Telemetry } from "../incident/telemetry.ts";

/** Whether something is wrong, and why we say so. */
export function decideVerdict(
  telemetry: Telemetry,
  symptoms: readonly Symptom[],
  suspects: readonly Suspect[],
  topScore: number,
): Pick<Analysis, "verdict" | "because"> {
  const seen = telemetry.series.length + telemetry.logs.length + telemetry.spans.length + telemetry.events.length + telemetry.issues.length;
  if (seen === 0) return { verdict: "inconclusive", because: "no telemetry could be read, so nothing can be said about the cause" };
  const [first] = suspects;
  if (first !== undefined && topScore >= 2) {
    return {
      verdict: "incident",
      because: `${first.service} left its usual range${symptoms.length > 0 ? ` and ${symptoms[0]?.service ?? ""} shows it` : ""}`,
    };
  }
  return { verdict: "nothing-wrong", because: "no signal of the paged service or of those it calls left its usual range" };
}
