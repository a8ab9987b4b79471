import { sha256 } from "../guard/approval.ts";
import { patchAllowance } from "../guard/allowances.ts";
import { findSensitive } from "../guard/sensitive.ts";
import type { FixOffer } from "../incident/fix.ts";
import { shortSha } from "../report/words.ts";
import { MOST_CHANGED_LINES, MOST_PATCHED_FILES } from "./limits.ts";
import type { RevertPlan } from "./revert-plan.ts";

/** Titles of commits that fix a vulnerability or take a secret out. */
const aboutSecurity =
  /\b(?:CVE-\d+|CWE-\d+|GHSA|security|vulnerab\w*|exploit\w*|malicious|xss|csrf|ssrf|rce|xxe|injections?|traversals?|bypass\w*|saniti[sz]\w*|privileges?|unauthori[sz]ed|secrets?|leak(?:s|ed|ing)?)\b/i;

/** What a revert would bring back that must not come back unasked: a secret that the change had taken out, or less safe code. */
function securityDoubt({ files, commits, moreCommits, unread = null, sha }: RevertPlan, own: readonly string[]): string | null {
  const exposed = files.find(({ texts }) => {
    const kinds = (text: string | null | undefined) =>
      new Set(findSensitive(text ?? "", { allowed: patchAllowance, own }).map(({ kind }) => kind));
    const before = kinds(texts?.before);
    return [...kinds(texts?.after)].some((kind) => !before.has(kind));
  });
  if (exposed !== undefined)
    return `reverting ${shortSha(sha)} would put back what looks like a secret or personal data in ${exposed.path}`;
  const mended = commits.find(({ title }) => aboutSecurity.test(title));
  if (mended !== undefined) return `${shortSha(mended.sha)} looks like a security fix (${mended.title}), which a revert takes away`;
  // What was not looked through may be either.
  if (unread !== null) return `${unread} is too long to be looked through for secrets that reverting ${shortSha(sha)} would put back`;
  return moreCommits > 0
    ? `${shortSha(sha)} brought ${moreCommits} more ${moreCommits === 1 ? "commit" : "commits"}, which midwatch did not check for security fixes`
    : null;
}

/**
 * Why a planned revert waits for a person. A part of a revert may fit no better than what is there.
 * @param own credentials of this process, which it must not put back either
 */
export function revertDoubts(plan: RevertPlan, own: readonly string[]): string[] {
  const doubts: (string | null)[] = [securityDoubt(plan, own)];
  const left = plan.skipped.filter((file) => file.elsewhere !== true);
  const [first] = left;
  if (first !== undefined) {
    const more = left.length > 1 ? ` and ${left.length - 1} more` : "";
    doubts.push(`only a part of ${shortSha(plan.sha)} can be put back: not ${first.path}${more}, ${first.because}`);
  }
  if (plan.migrations.length > 0)
    doubts.push(`a revert of ${shortSha(plan.sha)} does not undo its database migration (${plan.migrations[0]?.split("/").at(-1)})`);
  if (plan.files.length > MOST_PATCHED_FILES || plan.lines > MOST_CHANGED_LINES)
    doubts.push(
      `reverting ${shortSha(plan.sha)} changes ${plan.files.length} files and ${plan.lines} lines, over the limit of ${MOST_PATCHED_FILES} files or ${MOST_CHANGED_LINES} lines`,
    );
  return doubts.filter((doubt) => doubt !== null);
}

/** All that decides what a revert puts where. Another commit on the default branch that leaves these files alone changes nothing of it. */
export async function revertPayload(incidentId: string, plan: RevertPlan): Promise<FixOffer["payload"]> {
  const files = await Promise.all(
    plan.files.map(async ({ path, mode, sha, texts, merged }) => ({
      path,
      mode,
      becomes: merged ? { sha256: await sha256(texts?.after ?? "") } : { blob: sha },
    })),
  );
  return { incident: incidentId, kind: "revert", repository: plan.repository, onto: plan.base.branch, reverts: plan.sha, files };
}

const NAMED_FILES = 2;

/** "revert of 9f2c1e4 in acme/payments: src/cache.ts" */
export function revertSummary({ sha, repository, files }: RevertPlan): string {
  const more = files.length - NAMED_FILES;
  const names = files.slice(0, NAMED_FILES).map(({ path }) => path);
  return `revert of ${shortSha(sha)} in ${repository}: ${names.join(", ")}${more > 0 ? ` and ${more} more ${more === 1 ? "file" : "files"}` : ""}`;
}
