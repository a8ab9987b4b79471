import { changeOfId } from "../incident/change-id.ts";
import { confidenceWords, LIKELY } from "../incident/confidence.ts";
import { culpritOf, type ModelFinding, type Suspect } from "../incident/finding.ts";
import type { IncidentView } from "../incident/view.ts";

/** Below this nobody is even asked whether a pull request should be opened, and midwatch says nothing about it: it would only distract. */
const WORTH_ASKING = 0.45;

/** Which pull request serves an incident, by what is believed of its cause. */
export type FixChoice =
  /** `because`: words for people; null where nobody would expect a pull request. */
  | { readonly kind: "none"; readonly because: string | null }
  /** `doubt`: why a person must ask for it first; null where it is opened unasked. */
  | { readonly kind: "revert"; readonly suspect: Suspect; readonly doubt: string | null }
  | { readonly kind: "patch"; readonly doubt: string | null };

const NOTHING: FixChoice = { kind: "none", because: null };

/** The deployed change that a model's checked finding blames, as a suspect. */
function blamedByModel(finding: ModelFinding, triage: NonNullable<IncidentView["triage"]>): Suspect | undefined {
  const { change: named } = finding;
  if (finding.verdict !== "incident" || named === null) return undefined;
  const change = changeOfId(triage.changes, named);
  if (change === undefined) return undefined;
  const ranked = triage.analysis.suspects.find((suspect) => suspect.change?.sha != null && suspect.change.sha === change.sha);
  return {
    service: finding.service,
    instance: finding.instance,
    fault: finding.fault,
    change: ranked?.change ?? change,
    probability: finding.confidence,
    onset: ranked?.onset ?? triage.analysis.onset,
    reasons: finding.claims.map((claim) => ({ text: claim.text, evidence: claim.evidence, quote: claim.quotes[0]?.text ?? null })),
  };
}

const isDeployed = ({ change }: Suspect) =>
  change?.sha != null && change.repository !== null && change.kind !== "commit" && change.kind !== "pull-request";

/** @param blamed services: without a way from the page to one of them, a person must have seen it */
function doubtOf(
  confidence: number,
  { status, analysis }: Pick<IncidentView, "status" | "analysis">,
  blamed: readonly string[],
): string | null {
  if (status === "resolved") return "the incident is resolved";
  const apart = analysis?.elsewhere?.find(({ service }) => blamed.includes(service));
  if (apart !== undefined) return `nothing that was read links ${apart.service} to the page`;
  if (analysis?.unread !== undefined) return `${analysis.unread.join(", ")} could not be read in full`;
  return confidence >= LIKELY
    ? null
    : `the cause is only ${confidenceWords(confidence)} (${confidence.toFixed(2)}; a PR opens unasked from ${LIKELY.toFixed(2)})`;
}

/** A revert of the deployed change that is blamed, if there is one and it is likely enough. */
function revertOf(suspect: Suspect | null | undefined, view: IncidentView): FixChoice {
  if (suspect == null || !isDeployed(suspect) || suspect.probability < WORTH_ASKING) return NOTHING;
  return { kind: "revert", suspect, doubt: doubtOf(suspect.probability, view, [suspect.service, suspect.change?.service ?? ""]) };
}

/**
 * Chooses. The model's finding decides where there is one; a patch that could not be written falls back on the revert of the change that the
 * finding blames. From the data alone only the revert of the first suspect's deploy is possible.
 * @param canPatch whether a model is there that may write one
 */
export function chooseFix(view: IncidentView, canPatch: boolean): FixChoice {
  const { triage, investigation, fixWork } = view;
  if (triage === null) return NOTHING;
  const finding = investigation?.finding ?? null;
  if (finding === null) return revertOf(culpritOf(triage.analysis), view);
  if (finding.verdict !== "incident" || finding.fix === "none") return NOTHING;
  const revert = revertOf(blamedByModel(finding, triage), view);
  if (finding.fix === "revert") return revert;
  // An announced fix is always concluded.
  if (finding.confidence < WORTH_ASKING && fixWork === null) return NOTHING;
  const ended = fixWork?.closed ?? null;
  const why = !canPatch
    ? "no model may write a patch (GitHub is not configured, or the service has no repository in the catalog)"
    : investigation?.closed?.how !== "submitted"
      ? "the model's work had ended before it could write one"
      : ended !== null && ended.how !== "drafted"
        ? ended.because
        : null;
  if (why === null) return { kind: "patch", doubt: doubtOf(finding.confidence, view, [finding.service]) };
  // Who stopped the work on a patch wants no pull request.
  if (revert.kind === "revert" && ended?.how !== "stopped") return revert;
  return { kind: "none", because: `${why}.` };
}
