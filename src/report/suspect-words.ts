import { confidenceWords } from "../incident/confidence.ts";
import { type Analysis, changedElsewhere, culpritOf, type ModelFinding, type Suspect } from "../incident/finding.ts";
import type { ChangeEvent } from "../incident/telemetry.ts";
import { code, link, plain, say, strong, time, type Words } from "./text.ts";
import { changeMark, minuteTime, shortSha } from "./words.ts";

/** Suspects, changes and verdicts, in few words. */

/** "likely, 0.86". */
export const sureWords = (probability: number): string => `${confidenceWords(probability)}, ${probability.toFixed(2)}`;

/** A change in the words of people: "7ab0d2e → 9f2c1e4 deployed (#2210) by Ana". */
export function changeText(change: ChangeEvent): string {
  const number = change.pullRequest === null ? "" : ` (#${change.pullRequest.number})`;
  const by = change.author === null ? "" : ` by ${change.author}`;
  const to = change.sha === null ? change.version : shortSha(change.sha);
  if (to !== null && change.kind === "rollback") return `rolled back to ${to}${number}${by}`;
  if (to !== null && change.kind === "deploy")
    return `${change.previousSha === null ? "" : `${shortSha(change.previousSha)} → `}${to} deployed${number}${by}`;
  const kind = { flag: "flag", config: "configuration", "pull-request": "pull request", other: "change" } as const;
  const label = change.kind in kind ? kind[change.kind as keyof typeof kind] : change.kind;
  return `${label}: ${change.title.replace(/\s+/g, " ").trim()}${number}${by}`;
}

/** A change with whose it is and when it came. */
export function changeLine(change: ChangeEvent): Words {
  const pull = change.pullRequest;
  const text = changeText(change);
  const title = pull === null ? (text.includes(change.title.trim()) ? null : say`: ${change.title}`) : say`: ${link(pull.title, pull.url)}`;
  return say`${change.service !== null && say`${strong(change.service)} `}${text} at ${time(change.at)}${title}`;
}

interface Named {
  readonly service: string;
  readonly instance: string | null;
  /** `mark`: its commit or version. `owner`: whose change it is, where that is another service. */
  readonly change: { readonly kind: string; readonly mark: string | null; readonly owner: string | null } | null;
}

function nameOf({ service, instance, change }: Named): Words {
  // A change is live on all instances, so it says more than the one where it showed most.
  if (change === null) return say`${strong(service)}${instance !== null && instance !== service && say` (${instance})`}`;
  const { kind, mark, owner } = change;
  return say`${strong(service)}, ${kind}${mark !== null && say` ${code(mark)}`}${owner !== null && say` of ${strong(owner)}`}`;
}

/** "payments", "payments, deploy 9f2c1e4" or "checkout, deploy 9f2c1e4 of payments": a suspect in as few words as name it. */
export function suspectWords(suspect: Suspect): Words {
  const { change } = suspect;
  if (change === null) return nameOf({ ...suspect, change });
  const mark = change.sha === null ? change.version : shortSha(change.sha);
  return nameOf({ ...suspect, change: { kind: change.kind, mark, owner: changedElsewhere(suspect) } });
}

export const suspectName = (suspect: Suspect): string => plain(suspectWords(suspect));

/** The change that a model blames, as triage has read it; undefined where it has not. */
export const changeRead = ({ change }: Pick<ModelFinding, "change">, changes: readonly ChangeEvent[]): ChangeEvent | undefined =>
  change === null ? undefined : changes.find(({ sha, version }) => sha?.startsWith(change.id) === true || version === change.id);

/** The same for what a model blames. @param changes that triage has read */
export function blamedWords(finding: ModelFinding, changes: readonly ChangeEvent[] = []): Words {
  const { change } = finding;
  const kind = changeRead(finding, changes)?.kind ?? "change";
  return nameOf({ ...finding, change: change === null ? null : { kind, mark: changeMark(change.id), owner: null } });
}

/** What analysis holds for true, in one line: "best suspect payments, deploy 9f2c1e4 (likely, 0.86)". */
export function verdictText(analysis: Analysis): string {
  if (analysis.verdict === "nothing-wrong") return "nothing looks wrong";
  if (analysis.verdict === "recovered")
    return analysis.recoveredAt === undefined ? "it is over" : `it has been over since ${minuteTime(analysis.recoveredAt)}`;
  if (analysis.verdict === "inconclusive") return "no cause found yet";
  if (analysis.together !== undefined) return `${analysis.together.join(", ")} fail alike`;
  const best = culpritOf(analysis);
  return best === null ? "something is wrong, no clear suspect" : `best suspect ${suspectName(best)} (${sureWords(best.probability)})`;
}

/** What a checked finding of a model says, in one line. */
export function modelVerdict(finding: ModelFinding, changes: readonly ChangeEvent[] = []): string {
  if (finding.verdict === "nothing-wrong") return "nothing looks wrong";
  if (finding.verdict === "recovered") return "it is over";
  if (finding.verdict === "inconclusive") return "no cause found yet";
  return `cause ${plain(blamedWords(finding, changes))} (${sureWords(finding.confidence)})`;
}
