import { confidenceWords } from "../incident/confidence.ts";
import { type Analysis, blamed, type ModelFinding, type Suspect } from "../incident/finding.ts";
import type { ChangeEvent } from "../incident/telemetry.ts";
import { changeMark, shortSha } from "./words.ts";

/** Suspects, changes and verdicts in one line of plain text. Names come from outside: whoever shows them escapes them. */

/** A change in the words of people: "7ab0d2e → 9f2c1e4 deployed (#2210) by Ana". */
export function changeText(change: ChangeEvent): string {
  const number = change.pullRequest === null ? "" : ` (#${change.pullRequest.number})`;
  const by = change.author === null ? "" : ` by ${change.author}`;
  const to = change.sha === null ? change.version : shortSha(change.sha);
  const verb = { deploy: "deployed", rollback: "rolled back to", migration: "migrated" } as const;
  if (to !== null && (change.kind === "deploy" || change.kind === "rollback")) {
    const code =
      change.kind === "rollback"
        ? `rolled back to ${to}`
        : `${change.previousSha === null ? "" : `${shortSha(change.previousSha)} → `}${to} ${verb.deploy}`;
    return `${code}${number}${by}`;
  }
  const kind = { flag: "flag", config: "configuration", "pull-request": "pull request", other: "change" } as const;
  const label = change.kind in kind ? kind[change.kind as keyof typeof kind] : change.kind;
  return `${label}: ${change.title.replace(/\s+/g, " ").trim()}${number}${by}`;
}

/** "payments, deploy 9f2c1e4": who or what a suspect is, in few words. */
export function suspectName(suspect: Suspect): string {
  // A change is live on all instances, so it says more than the one where it showed most.
  if (suspect.change === null) return suspect.instance === null ? suspect.service : `${suspect.service} (${suspect.instance})`;
  const code = suspect.change.sha === null ? suspect.change.version : shortSha(suspect.change.sha);
  return `${suspect.service}, ${suspect.change.kind}${code === null ? "" : ` ${code}`}`;
}

/** What analysis holds for true, in one line: "payments, deploy 9f2c1e4 (likely, 0.86)". */
export function verdictText(analysis: Analysis): string {
  if (analysis.verdict === "nothing-wrong") return "nothing looks wrong";
  const best = blamed(analysis)[0];
  const named = best === undefined ? null : `${suspectName(best)} (${confidenceWords(best.probability)}, ${best.probability.toFixed(2)})`;
  if (analysis.verdict === "inconclusive") return named === null ? "inconclusive" : `inconclusive; best suspect ${named}`;
  return named === null ? "something is wrong, no suspect stands out" : `best suspect ${named}`;
}

/** What a checked finding of a model says, in one line. */
export function modelVerdict(finding: ModelFinding): string {
  if (finding.verdict === "nothing-wrong") return "nothing looks wrong";
  const sure = `${confidenceWords(finding.confidence)}, ${finding.confidence.toFixed(2)}`;
  if (finding.verdict === "inconclusive") return `inconclusive (${finding.confidence.toFixed(2)})`;
  return `${finding.service}${finding.change === null ? "" : `, ${changeMark(finding.change.id)}`} (${sure})`;
}
