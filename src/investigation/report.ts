import { confidenceWords } from "../incident/confidence.ts";
import type { LoggedEvent } from "../incident/event.ts";
import { blamed, leadOf, type Suspect } from "../incident/finding.ts";
import { viewOf } from "../incident/view.ts";
import { clockTime, quantity, shortSha } from "../incident/words.ts";

/** The finding as plain data, for evaluation and for other programs. */
export interface Report {
  readonly title: string;
  readonly cause: string;
  readonly summary: string;
  /** 0..1 */
  readonly confidence: number;
  readonly ruled_out: readonly string[];
  /** What could not be looked at, and what to do about it. */
  readonly missing: readonly string[];
  readonly evidence: readonly { readonly quote?: string; readonly claim: string }[];
  readonly pr: {
    readonly title: string;
    readonly body: string;
    readonly files: readonly { readonly path: string; readonly before: string | null; readonly after: string | null }[];
  } | null;
}

const WITHOUT_SUSPECT = 0.1;

const leadText = (lead: Suspect) => `${lead.service}${lead.reasons[0] === undefined ? "" : ` (${lead.reasons[0].text})`}`;

/** Computes the report of a log; of an unfinished one, what is known so far. */
export function toReport(log: readonly LoggedEvent[]): Report {
  const { page, analysis, coverage, fix, failures } = viewOf(log);
  const first = blamed(analysis)[0];
  const lead = analysis === null ? null : leadOf(analysis);
  const symptoms = (analysis?.symptoms ?? []).map(
    (symptom) =>
      `${symptom.service}: ${symptom.what} ${quantity(symptom.before, symptom.unit)} → ${quantity(symptom.now, symptom.unit)} since ${clockTime(symptom.since)}`,
  );
  const change = first?.change ?? null;
  const changed =
    change === null
      ? ""
      : `, ${change.kind}${change.sha === null ? "" : ` ${shortSha(change.sha)}`} at ${clockTime(change.at)} (“${change.title}”)`;
  const named =
    first === undefined
      ? ""
      : `${confidenceWords(first.probability)}: ${first.service}${first.instance === null ? "" : ` (${first.instance})`}${first.fault === null ? "" : `, ${first.fault}`}${changed}. `;
  const failed = coverage.filter((line) => line.status === "failed").map((line) => `${line.source}: ${line.detail ?? "failed"}`);
  // Without a cause, what stood in the way is the finding.
  const inTheWay = failed.length === 0 ? "" : ` Could not be read: ${failed.join(" ")}`;
  const causes: Record<"incident" | "nothing-wrong" | "inconclusive", string> = {
    incident: `${named}${first?.reasons.map((reason) => reason.text).join("; ") ?? ""}`,
    "nothing-wrong": `No incident: nothing looks wrong. ${analysis?.because ?? ""}${lead === null ? "" : `. Furthest from usual: ${leadText(lead)}`}`,
    inconclusive: `Inconclusive. ${analysis?.because ?? ""}${inTheWay} ${named === "" ? "" : `Best guess, ${named}`}`.trim(),
  };
  const unread = coverage.filter((line) => line.status === "failed" || line.status === "timed-out" || line.status === "not-configured");
  return {
    title: page?.title ?? "",
    cause: analysis === null ? "Not investigated." : causes[analysis.verdict].trim(),
    summary: [analysis?.because ?? "", ...symptoms].filter((part) => part !== "").join(" "),
    confidence:
      analysis?.verdict === "nothing-wrong"
        ? 1 - Math.max(WITHOUT_SUSPECT, lead?.probability ?? 0)
        : (first?.probability ?? WITHOUT_SUSPECT),
    ruled_out: (analysis?.ruledOut ?? []).map((one) => `${one.what}: ${one.why}`),
    missing: [
      ...unread.map((line) => `${line.source}: ${line.detail ?? line.status}`),
      ...failures.map((failure) => `${failure.step}: ${failure.error}`),
    ],
    evidence: (first?.reasons ?? []).map((reason) => ({ ...(reason.quote === null ? {} : { quote: reason.quote }), claim: reason.text })),
    pr: fix?.type === "fix-proposed" ? { title: fix.title, body: fix.body, files: fix.files } : null,
  };
}
