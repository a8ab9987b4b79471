import type { Effects } from "../durable/outbox.ts";
import type { EventOf, LoggedEvent } from "../incident/event.ts";
import type { Suspect } from "../incident/finding.ts";
import type { CheckQuestion, FixOffer, PatchDraft, PatchPlace, ReadChecks } from "../incident/fix.ts";
import type { IncidentView } from "../incident/view.ts";
import type { Step, StepContext } from "../store/incident-store.ts";

/** What a fix is about. */
export interface AboutFix {
  readonly incidentId: string;
  readonly view: IncidentView;
  readonly title: string;
}

/** A pull request as it is now. */
export interface LookedAt {
  readonly headSha: string;
  readonly updatedAt: number;
  readonly changes: readonly EventOf<"fix-changed-by-people">[];
}

/** Writes the one draft pull request of an incident, and reads what becomes of it. */
export interface Fixer {
  /** The pull request that an earlier run began to open and did not live to tell; null when there was none. */
  resume(effects: Effects, signal: AbortSignal): Promise<EventOf<"fix-proposed"> | EventOf<"fix-declined"> | null>;
  /**
   * @param about.doubt why a person must ask for it first, beside what speaks against the revert itself
   * @param about.approved hash of the payload that a person released, or null: nothing makes exactly that one wait
   */
  revert(
    about: AboutFix & { readonly suspect: Suspect; readonly doubt: string | null; readonly approved: string | null },
    effects: Effects,
    signal: AbortSignal,
  ): Promise<EventOf<"fix-proposed"> | EventOf<"fix-declined"> | FixOffer>;
  /** Opens the pull request of a patch with its first commit; on the branch of an earlier one, where there is one. */
  patch(
    about: AboutFix & { readonly draft: PatchDraft },
    effects: Effects,
    signal: AbortSignal,
  ): Promise<EventOf<"fix-proposed"> | EventOf<"fix-declined"> | EventOf<"fix-changed-by-people">>;
  /** Adds the next commit; declines by saying what people did with the branch. */
  commit(
    about: AboutFix & { readonly draft: PatchDraft; readonly role: "fix" | "improvement"; readonly number: number },
    effects: Effects,
    signal: AbortSignal,
  ): Promise<EventOf<"fix-committed"> | EventOf<"fix-changed-by-people">>;
  /** What CI says of a commit now: "running" while a check is, "none" where none is seen (yet), never "unfinished". */
  readChecks(question: CheckQuestion, signal: AbortSignal): Promise<ReadChecks>;
  /** Says in the pull request what is known by now; of words that people made their own only the part on the proof is replaced. */
  tell(about: AboutFix & { readonly log: readonly LoggedEvent[] }, effects: Effects, signal: AbortSignal): Promise<EventOf<"fix-told">>;
  look(about: AboutFix & { readonly log: readonly LoggedEvent[] }, signal: AbortSignal): Promise<LookedAt>;
}

/** The model's part: a patch, and better ones where CI is red. */
export interface PatchWriter {
  /** Where a patch for the finding belongs, by the catalog; null: nowhere, so that none is written. */
  place(log: readonly LoggedEvent[], view: IncidentView): PatchPlace | null;
  /** Begins the work, or goes on with it: the next step, or null when it has ended or may not begin. */
  next(log: readonly LoggedEvent[], view: IncidentView, now: number): Step | null;
  /** @param text the message to the model; not given: the task of a first patch */
  start(attempt: number, text?: string): Step;
}

export interface FixParts {
  readonly fixer: Fixer;
  readonly writer: PatchWriter | null;
}

export const aboutOf = (context: StepContext, view: IncidentView): AboutFix => ({
  incidentId: context.incidentId,
  view,
  title: view.trigger?.title ?? context.incidentId,
});
