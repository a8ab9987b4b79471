import type { ConflictSide } from "./revert-conflict.ts";
import type { RevertPlan } from "./revert-plan.ts";

/** Words for people as they may leave, and as the event log keeps them; files stay as they are. */

type Redacted = (text: string) => string;

export function worded<P extends { readonly title: string; readonly body: string; readonly message?: string }>(
  proposal: P,
  redacted: Redacted,
): P {
  const { title, body, message } = proposal;
  return { ...proposal, title: redacted(title), body: redacted(body), ...(message === undefined ? {} : { message: redacted(message) }) };
}

/** What a plan says to people about commits and conflicts: the outbox keeps the plan. */
export function wordedPlan(plan: RevertPlan, redacted: Redacted): RevertPlan {
  return {
    ...plan,
    commits: plan.commits.map((one) => ({ ...one, title: redacted(one.title) })),
    skipped: plan.skipped.map((file) => ({ ...file, because: redacted(file.because) })),
    conflicts: plan.conflicts.map((file) => ({
      ...file,
      because: redacted(file.because),
      conflict: file.conflict.map((hunk) => ({
        ...hunk,
        deployed: wordedSide(hunk.deployed, redacted),
        ours: wordedSide(hunk.ours, redacted),
        theirs: wordedSide(hunk.theirs, redacted),
      })),
    })),
  };
}

const wordedSide = (side: ConflictSide | null, redacted: Redacted): ConflictSide | null =>
  side === null ? null : { ...side, lines: side.lines.map(redacted) };
