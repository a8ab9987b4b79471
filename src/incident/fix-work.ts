import type { EventOf, LoggedEvent } from "./event.ts";
import type { PatchDraft } from "./fix.ts";

/** How often a patch is written at most: the first one, then again each time that CI is red. */
export const MOST_FIX_ATTEMPTS = 3;

/** The model's newest work on a patch. */
export interface FixWork {
  /** 1 for the first patch, then one more each time that CI was red. */
  readonly attempt: number;
  /** Epoch milliseconds. */
  readonly startedAt: number;
  /** How it ended; null while it goes on. */
  readonly closed: EventOf<"fix-work-closed"> | null;
  /** What code let pass in this attempt. */
  readonly draft: PatchDraft | null;
  /** What the branch holds from earlier attempts. */
  readonly earlier: PatchDraft | null;
  /** How often code refused what the model proposed in this attempt. */
  readonly refused: number;
}

/** Computes it from the log; null while no patch was asked for. */
export function fixWorkOf(log: readonly LoggedEvent[]): FixWork | null {
  let found = null as { -readonly [K in keyof FixWork]: FixWork[K] } | null;
  for (const { event, at } of log) {
    if (event.type === "fix-work-started")
      found = {
        attempt: event.attempt,
        startedAt: at,
        closed: null,
        draft: null,
        earlier: found?.draft ?? found?.earlier ?? null,
        refused: 0,
      };
    else if (found === null) continue;
    else if (event.type === "fix-drafted") found.draft = event.draft;
    // What is refused after the work has ended was not the model's in this attempt.
    else if (event.type === "fix-refused" && found.closed === null) found.refused += 1;
    else if (event.type === "fix-work-closed") found.closed = event;
  }
  return found;
}

/** The patch on the branch; not a better one that was drafted and never pushed. */
export function committedDraft(log: readonly LoggedEvent[]): PatchDraft | null {
  let drafted: PatchDraft | null = null;
  let committed: PatchDraft | null = null;
  for (const { event } of log) {
    if (event.type === "fix-drafted") drafted = event.draft;
    else if (event.type === "fix-committed" || (event.type === "fix-proposed" && event.kind === "patch")) committed = drafted;
  }
  return committed;
}
