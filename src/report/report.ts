import type { LoggedEvent } from "../incident/event.ts";
import { confidenceWords } from "../incident/confidence.ts";
import type { CoverageLine } from "../incident/finding.ts";
import { viewOf } from "../incident/view.ts";
import type { Answer, Blame } from "./answer.ts";
import { coverageDetail, coverageWords, lostSources } from "./coverage-words.ts";
import { incidentReport } from "./incident-report.ts";
import { stepWords } from "./step-words.ts";
import { plain } from "./text.ts";

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

/** What is blamed, for programs: "likely: payments (payments-7), code, change 9f2c1e4. ". */
function blamedText(blame: Blame | null): string {
  if (blame === null) return "";
  const { service, instance, fault, probability, change } = blame;
  const where = `${service}${instance === null || instance === service ? "" : ` (${instance})`}${fault === null ? "" : `, ${fault}`}`;
  return `${confidenceWords(probability)}: ${where}${change === null ? "" : `, ${plain(change.words)}`}. `;
}

function causeText(answer: Answer, coverage: readonly CoverageLine[]): string {
  const { verdict, lead, points } = answer;
  const cause = plain(answer.cause);
  const fromModel = answer.by === "model";
  if (verdict === "incident") {
    const first = answer.blame === null && !fromModel ? `${cause}. ` : blamedText(answer.blame);
    return `${first}${fromModel ? cause : points.map(({ text }) => text).join("; ")}`;
  }
  if (verdict === "nothing-wrong") {
    const first = lead?.points[0];
    return `No incident: nothing looks wrong. ${cause}${first === undefined ? "" : `: ${first.text}`}`;
  }
  if (verdict === "recovered") {
    const then = lead === null ? "" : ` ${answer.heading}, ${blamedText(lead)}${points.map(({ text }) => text).join("; ")}`;
    return `${plain(answer.conclusion)}${fromModel ? "" : then}`;
  }
  // Without a cause, what could not be read is the finding.
  const lost = lostSources(coverage).map((line) => `${line.source}: ${coverageDetail(line) ?? coverageWords[line.status]}`);
  const guess = lead === null ? "" : ` ${answer.heading}, ${blamedText(lead)}`;
  return `Inconclusive. ${cause}${lost.length === 0 ? "" : ` Could not be read: ${lost.join(" ")}`}${guess}`;
}

/** What is believed of the cause: by the model where its finding was checked, else by the analysis. */
function beliefOf(answer: Answer | null, coverage: readonly CoverageLine[]): Omit<Report, "title" | "missing" | "pr"> {
  if (answer === null) return { cause: "Not investigated.", summary: "", confidence: WITHOUT_SUSPECT, ruled_out: [], evidence: [] };
  const { path, impact, symptoms, blame, lead, points, ruledOut, unproven, elsewhere, limits, asUsual } = answer;
  const parts =
    answer.by === "model"
      ? [path.map(({ service, what }) => `${service}: ${plain(what)}`).join(" → "), impact === null ? "" : `Impact: ${impact.text}`]
      : [
          plain(answer.cause),
          ...symptoms.map(({ service, what, level, since }) => `${service}: ${what} ${level} ${plain(since)}`),
          unproven.length === 0 ? "" : `Not ruled out: ${unproven.map(({ what, why }) => `${what} (${why})`).join("; ")}.`,
          ...elsewhere.map(({ text }) => `Separately, ${text}`),
          plain(limits),
        ];
  const calm = answer.by === "data" && answer.verdict === "nothing-wrong";
  return {
    cause: causeText(answer, coverage).trim(),
    summary: parts.filter((part) => part !== "").join(answer.by === "model" ? "\n" : " "),
    confidence: calm
      ? 1 - Math.max(WITHOUT_SUSPECT, lead?.probability ?? 0)
      : (answer.confidence ?? (blame ?? lead)?.probability ?? WITHOUT_SUSPECT),
    ruled_out: [...ruledOut.map(({ what, why }) => `${what}: ${why}`), ...asUsual.map(({ what, why }) => `as usual: ${what}: ${why}`)],
    evidence: points.flatMap(({ text, quotes }) =>
      quotes.length === 0 ? [{ claim: text }] : quotes.map((quote) => ({ quote: quote.text, claim: text })),
    ),
  };
}

/** Computes the report of a log; of an unfinished one, what is known so far. */
export function toReport(log: readonly LoggedEvent[]): Report {
  const view = viewOf(log);
  const { trigger, coverage, fix, fixTold, failures, investigation } = view;
  const report = incidentReport(view, null);
  const closed = investigation?.closed ?? null;
  return {
    title: trigger?.title ?? "",
    ...beliefOf(report.answer, coverage),
    missing: [
      ...report.missing.map(plain),
      ...failures.map((failure) => `${stepWords(failure.step)}: ${failure.error}`),
      ...(closed === null || closed.how === "submitted" ? [] : [`The model did not finish: ${closed.because}`]),
    ],
    pr: fix?.type === "fix-proposed" ? { title: (fixTold ?? fix).title, body: (fixTold ?? fix).body, files: fix.files } : null,
  };
}
