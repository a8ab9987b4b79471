import type { LoggedEvent } from "../incident/event.ts";
import { stepWords } from "./step-words.ts";
import { viewOf } from "../incident/view.ts";
import { analysisReport } from "./analysis-report.ts";
import { findingReport } from "./finding-report.ts";

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

/** What is believed of the cause: by the model where its finding was checked, else by the analysis. */
export type Belief = Omit<Report, "title" | "pr">;

/** Computes the report of a log; of an unfinished one, what is known so far. */
export function toReport(log: readonly LoggedEvent[]): Report {
  const { trigger, analysis, coverage, fix, fixTold, failures, investigation } = viewOf(log);
  const finding = investigation?.finding ?? null;
  const belief = finding === null ? analysisReport(analysis, coverage) : findingReport(finding, coverage);
  const closed = investigation?.closed ?? null;
  const unread = coverage.filter((line) => line.status === "failed" || line.status === "timed-out" || line.status === "not-configured");
  return {
    title: trigger?.title ?? "",
    ...belief,
    missing: [
      ...belief.missing,
      ...unread.map((line) => `${line.source}: ${line.detail ?? line.status}`),
      ...failures.map((failure) => `${stepWords(failure.step)}: ${failure.error}`),
      ...(closed === null || closed.how === "submitted" ? [] : [`The model did not finish: ${closed.because}`]),
    ],
    pr: fix?.type === "fix-proposed" ? { title: (fixTold ?? fix).title, body: (fixTold ?? fix).body, files: fix.files } : null,
  };
}
