import { payloadHash, requestApproval } from "../guard/approval.ts";
import type { ApprovalRequest } from "../incident/approval-request.ts";
import { approvalsOf, newestApproval } from "../incident/approval.ts";
import { canonicalJson } from "../guard/canonical-json.ts";
import type { IncidentEvent, LoggedEvent } from "../incident/event.ts";
import type { Suspect } from "../incident/finding.ts";
import type { CheckQuestion, FixOffer, PatchDraft, PatchPlace, ReadChecks } from "../incident/fix.ts";
import { MOST_FIX_ATTEMPTS } from "../incident/fix-work.ts";
import type { Step, StepContext } from "../store/incident-store.ts";
import type { Effects } from "../durable/outbox.ts";
import { takenOver } from "../incident/proof.ts";
import { stepIds, stepKind } from "../incident/step-id.ts";
import { type IncidentView, viewOf } from "../incident/view.ts";
import { CI_WAITS, type CiWaits, createCiWatch } from "./ci-watch.ts";
import { chooseFix } from "./fix-choice.ts";
import { redCiText } from "./fix-text.ts";

type Of<T extends IncidentEvent["type"]> = Extract<IncidentEvent, { type: T }>;

/** What a fix is about. */
export interface AboutFix {
  readonly incidentId: string;
  readonly view: IncidentView;
  readonly title: string;
}

/** A pull request as it stands now. */
export interface LookedAt {
  readonly headSha: string;
  readonly updatedAt: number;
  readonly changes: readonly Of<"fix-changed-by-people">[];
}

/** Writes the one draft pull request of an incident, and reads what becomes of it. */
export interface Fixer {
  /** The pull request that an earlier run began to open and did not live to tell; null when there was none. */
  resume(effects: Effects, signal: AbortSignal): Promise<Of<"fix-proposed"> | Of<"fix-declined"> | null>;
  /**
   * @param about.doubt why a person must ask for it first, beside what speaks against the revert itself
   * @param about.approved hash of the payload that a person released, or null: nothing makes exactly that one wait
   */
  revert(
    about: AboutFix & { readonly suspect: Suspect; readonly doubt: string | null; readonly approved: string | null },
    effects: Effects,
    signal: AbortSignal,
  ): Promise<Of<"fix-proposed"> | Of<"fix-declined"> | FixOffer>;
  /** Opens the pull request of a patch with its first commit; on the branch of an earlier one, where there is one. */
  patch(
    about: AboutFix & { readonly draft: PatchDraft },
    effects: Effects,
    signal: AbortSignal,
  ): Promise<Of<"fix-proposed"> | Of<"fix-declined"> | Of<"fix-changed-by-people">>;
  /** Adds the next commit; declines by saying what people did with the branch. */
  commit(
    about: AboutFix & { readonly draft: PatchDraft; readonly role: "fix" | "improvement"; readonly number: number },
    effects: Effects,
    signal: AbortSignal,
  ): Promise<Of<"fix-committed"> | Of<"fix-changed-by-people">>;
  /** What CI says of a commit now: "running" while a check is, "none" where none is seen (yet), never "unfinished". */
  readChecks(question: CheckQuestion, signal: AbortSignal): Promise<ReadChecks>;
  /** Says in the pull request what is known by now; of words that people made their own only the part on the proof is replaced. */
  tell(about: AboutFix & { readonly log: readonly LoggedEvent[] }, signal: AbortSignal): Promise<Of<"fix-told">>;
  look(about: AboutFix & { readonly log: readonly LoggedEvent[] }, signal: AbortSignal): Promise<LookedAt>;
}

/** The model's part: a patch, and better ones where CI is red. */
export interface PatchWriter {
  /** Where a patch for the finding belongs, by the catalog; null: nowhere, so that none is written. */
  place(log: readonly LoggedEvent[], view: IncidentView): PatchPlace | null;
  /** Begins the work, or goes on with it: the next step, or null when it has ended or may not begin. */
  next(log: readonly LoggedEvent[], view: IncidentView, now: number): Step | null;
  /** @param text what the model is told; not given: the task of a first patch */
  start(attempt: number, text?: string): Step;
}

const LOOK = stepKind(stepIds.lookAtFix(1));
const LONGEST_LOOK_MS = 6 * 3_600_000;
const LOOKED_AFTER_MS = 7 * 24 * 3_600_000;

export interface FixPlanDependencies {
  readonly fixer: Fixer;
  readonly writer: PatchWriter | null;
  readonly waits?: CiWaits;
  /** Says in Slack what is known of the fix: edits the finding and the status message. */
  readonly announce: (context: StepContext, view: IncidentView) => Promise<readonly IncidentEvent[]>;
}

const lastIndex = (log: readonly LoggedEvent[], fits: (event: IncidentEvent) => boolean) => log.findLastIndex(({ event }) => fits(event));
/** Whether the newest event of one kind came before the newest of another. */
const isOlder = (log: readonly LoggedEvent[], one: IncidentEvent["type"], other: IncidentEvent["type"]) =>
  lastIndex(log, ({ type }) => type === one) < lastIndex(log, ({ type }) => type === other);
const aboutOf = (context: StepContext, view: IncidentView): AboutFix => ({
  incidentId: context.incidentId,
  view,
  title: view.trigger?.title ?? context.incidentId,
});

/** What a person released by the button of the newest offer, or null. A press of an older offer releases nothing any more. */
function releasedFix(log: readonly LoggedEvent[]): ApprovalRequest | null {
  const newest = newestApproval(log, "open-fix");
  return newest?.state === "released" ? newest.request : null;
}

/** What of a fix comes next, from the log alone. */
export function createFixPlan({ fixer, writer, waits = CI_WAITS, announce }: FixPlanDependencies) {
  const ci = createCiWatch((question, signal) => fixer.readChecks(question, signal), waits);

  /** Of a fix that comes after the end, nobody else says it. */
  const said = async (context: StepContext, events: readonly IncidentEvent[]): Promise<readonly IncidentEvent[]> => {
    const seq = context.log.at(-1)?.seq ?? 0;
    const view = viewOf([...context.log, ...events.map((event, index) => ({ seq: seq + index + 1, at: context.now(), event }))]);
    return view.finished ? [...events, ...(await announce(context, view))] : events;
  };

  const placeOf = (log: readonly LoggedEvent[], view: IncidentView) => writer?.place(log, view) ?? null;

  const openStep = (id: string): Step => ({
    id,
    attempts: 15,
    timeLimitMs: 120_000,
    run: async (context) => {
      const view = viewOf(context.log);
      const about = aboutOf(context, view);
      // What an earlier run began and did not live to tell is finished first, whatever would be chosen by now.
      const begun = view.fix === null ? await fixer.resume(context.effects, context.signal) : null;
      if (begun !== null) return said(context, [begun]);
      const place = placeOf(context.log, view);
      const choice = chooseFix(view, place !== null);
      if (choice.kind === "none")
        return said(context, [
          { type: "fix-declined", because: choice.because ?? "What is believed of the cause calls for none any more." },
        ]);
      const released = releasedFix(context.log);
      const offer = async ({ kind, because, payload, summary }: FixOffer): Promise<readonly IncidentEvent[]> => {
        const { approvals } = approvalsOf(context.log);
        const request = await requestApproval(
          { action: "open-fix", payload, summary, because },
          { earlier: approvals.length, now: context.now() },
        );
        return said(context, [
          { type: "approval-requested", request },
          { type: "fix-offered", kind, because, request: request.id },
        ]);
      };
      if (choice.kind === "patch") {
        const draft = view.fixWork?.draft ?? null;
        const { payload, summary } = patchOffer(context.incidentId, view, place);
        const isReleased = released !== null && released.hash === (await payloadHash(payload));
        if (choice.doubt !== null && !isReleased)
          return offer({ type: "fix-offer", kind: "patch", because: choice.doubt, payload, summary });
        if (draft === null) throw new Error("a patch needs a draft");
        return said(context, [await fixer.patch({ ...about, draft }, context.effects, context.signal)]);
      }
      // Who asked for a patch, or for a revert that came to other files, has not asked for this one.
      const reverted = await fixer.revert(
        { ...about, suspect: choice.suspect, doubt: choice.doubt, approved: released?.hash ?? null },
        context.effects,
        context.signal,
      );
      return reverted.type === "fix-offer" ? offer(reverted) : said(context, [reverted]);
    },
  });

  /** A person said no, or nobody said anything: told once, and the matter is closed. */
  const closeStep = (request: ApprovalRequest, how: { readonly refusedBy: string } | "expired"): Step => ({
    id: `offer-over:${request.id}`,
    attempts: 15,
    timeLimitMs: 30_000,
    run: async (context) =>
      said(
        context,
        how === "expired"
          ? [
              { type: "approval-expired", request: request.id },
              { type: "fix-declined", because: `Nobody asked for it in time (${request.summary}).` },
            ]
          : [{ type: "fix-declined", because: `${how.refusedBy} refused it in Slack (${request.summary}).` }],
      ),
  });

  const commitStep = (role: "fix" | "improvement", number: number): Step => ({
    id: stepIds.fixCommit(number),
    attempts: 15,
    timeLimitMs: 60_000,
    run: async (context) => {
      const view = viewOf(context.log);
      const draft = view.fixWork?.draft ?? null;
      if (draft === null) throw new Error("a commit needs a draft");
      return [await fixer.commit({ ...aboutOf(context, view), draft, role, number }, context.effects, context.signal)];
    },
  });

  /** People are told that a patch is being written as it begins: it takes minutes, and a word of theirs ends it. */
  const writingStep: Step = {
    id: "say-patch-begins",
    attempts: 5,
    timeLimitMs: 30_000,
    run: async (context) => announce(context, viewOf(context.log)),
  };

  const tellStep = (view: IncidentView): Step => ({
    id: `tell-fix:${view.proof?.verdict ?? ""}${view.fixChange === null ? "" : `:${view.fixChange.what}`}`,
    attempts: 15,
    timeLimitMs: 60_000,
    run: async (context) => {
      const now = viewOf(context.log);
      const told = await fixer.tell({ ...aboutOf(context, now), log: context.log }, context.signal);
      return [told, ...(await announce(context, now))];
    },
  });

  const lookStep = (times: number): Step => ({
    id: stepIds.lookAtFix(times),
    attempts: 3,
    timeLimitMs: 60_000,
    run: async (context) => {
      const view = viewOf(context.log);
      const { headSha, updatedAt, changes } = await fixer.look({ ...aboutOf(context, view), log: context.log }, context.signal);
      return [...changes, { type: "fix-looked-at", headSha, updatedAt }];
    },
  });

  /** The choice and the pull request itself: what the incident's end waits for. */
  function open(log: readonly LoggedEvent[], view: IncidentView, now: number): Step | null {
    if (view.fix !== null) return null;
    // Each press gives what was given up another chance.
    const approval = newestApproval(log, "open-fix");
    const presses = approvalsOf(log).approvals.reduce((sum, one) => sum + one.presses, 0);
    const opening = openStep(presses === 0 ? "fix" : `fix:${presses}`);
    const { fixWork, offered } = view;
    // A patch that was begun is written to its end, whatever has come up since.
    if (fixWork !== null && fixWork.closed === null) {
      const isSaid = isOlder(log, "fix-work-started", "status-edited") || view.failures.some(({ step }) => step === writingStep.id);
      return isSaid ? (writer?.next(log, view, now) ?? null) : writingStep;
    }
    const released = releasedFix(log);
    const place = placeOf(log, view);
    const choice = chooseFix(view, place !== null);
    if (offered !== null && released === null && !isOlder(log, "fix-offered", "finding-submitted")) {
      if (approval?.state === "refused") return closeStep(approval.request, { refusedBy: approval.by ?? "Somebody" });
      return approval !== null && approval.request.expiresAt <= now ? closeStep(approval.request, "expired") : null;
    }
    if (choice.kind === "none") return choice.because === null && offered === null ? null : opening;
    const isDrafted = fixWork?.closed?.how === "drafted";
    const isReleased =
      choice.kind === "patch" &&
      released !== null &&
      canonicalJson(released.payload) === canonicalJson(patchOffer(incidentOf(released), view, place).payload);
    if (choice.kind === "revert" || isDrafted || (choice.doubt !== null && !isReleased)) return opening;
    return fixWork === null ? (writer?.start(1) ?? null) : null;
  }

  /** Whether something happened that the pull request and Slack do not say yet. */
  function hasNews(log: readonly LoggedEvent[]): boolean {
    const told = log.findLast(({ event }) => event.type === "fix-told")?.event;
    const now = viewOf(log);
    if (told?.type !== "fix-told") return now.proof !== null;
    const before = viewOf(log.filter(({ seq }) => seq <= told.seen));
    const shown = (checks: ReadChecks | null | undefined) => [checks?.state, (checks?.checks.length ?? 0) > 0];
    const stateOf = ({ proof, fixChange, fixWork, status }: IncidentView) =>
      JSON.stringify([
        ...[
          proof?.verdict,
          proof?.commits,
          proof?.before?.namesTest,
          shown(proof?.base),
          shown(proof?.before),
          shown(proof?.after),
          fixChange,
          status === "resolved",
        ],
        ...[fixWork?.attempt, fixWork?.closed?.how],
      ]);
    return stateOf(before) !== stateOf(now);
  }

  /** What becomes of an opened pull request: its CI, better commits, what people do with it. */
  function follow(log: readonly LoggedEvent[], view: IncidentView, now: number): Step | { readonly waitMs: number } | null {
    const { fix, proof } = view;
    if (fix?.type !== "fix-proposed" || proof === null) return null;
    const gaveUp = new Set(view.failures.map(({ step }) => step));
    let waitMs = Infinity;
    const wait = (due: number) => {
      waitMs = Math.min(waitMs, due - now);
      return null;
    };
    for (const candidate of [
      () => ci.next(log, view, now, wait),
      () => (hasNews(log) ? tellStep(view) : null),
      () => next(log, view, now),
      () => better(log, view, now),
      () => look(log, view, now, wait),
    ]) {
      const step = candidate();
      if (step !== null && !gaveUp.has(step.id)) return step;
    }
    return Number.isFinite(waitMs) ? { waitMs: Math.max(0, waitMs) } : null;
  }

  /** A patch for the branch of a revert that was opened before the model found what is better. */
  function better(log: readonly LoggedEvent[], view: IncidentView, now: number): Step | null {
    const { fix, fixWork, status } = view;
    if (fix?.type !== "fix-proposed" || fix.kind !== "revert" || writer === null || status === "resolved" || takenOver(log) !== null)
      return null;
    const choice = chooseFix(view, placeOf(log, view) !== null);
    if (choice.kind !== "patch" || choice.doubt !== null || log.some(({ event }) => event.type === "fix-declined")) return null;
    if (fixWork === null) return writer.start(1);
    return fixWork.closed === null ? writer.next(log, view, now) : openStep("better-fix");
  }

  /** The next commit: the fix after the test alone, or a better one where CI is red. People who work on the branch are left alone. */
  function next(log: readonly LoggedEvent[], view: IncidentView, now: number): Step | null {
    const { fix, proof } = view;
    if (fix?.type !== "fix-proposed" || fix.kind !== "patch" || proof === null || takenOver(log) !== null) return null;
    if (proof.commits.at(-1)?.role === "test")
      return proof.before === null || proof.before.state === "running" ? null : commitStep("fix", proof.commits.length + 1);
    return proof.verdict === "red-after" ? improve(log, view, now) : null;
  }

  function improve(log: readonly LoggedEvent[], view: IncidentView, now: number): Step | null {
    const { proof, fixWork } = view;
    if (proof === null || fixWork === null || writer === null || proof.improvements + 1 >= MOST_FIX_ATTEMPTS) return null;
    const attempt = proof.improvements + 2;
    if (fixWork.attempt < attempt) {
      const { after } = proof;
      if (after === null || view.status === "resolved") return null;
      return writer.start(attempt, redCiText({ attempt, attempts: MOST_FIX_ATTEMPTS, red: after, proof }));
    }
    if (fixWork.closed === null) return writer.next(log, view, now);
    return fixWork.closed.how === "drafted" ? commitStep("improvement", proof.commits.length + 1) : null;
  }

  /** Looks at the pull request ever more rarely, until people have merged it: what was closed may be opened again. */
  function look(log: readonly LoggedEvent[], { fixChange }: IncidentView, now: number, wait: (due: number) => null): Step | null {
    const openedAt = log.findLast(({ event }) => event.type === "fix-proposed")?.at ?? now;
    if (fixChange?.what === "merged" || now - openedAt > LOOKED_AFTER_MS) return null;
    const looks = log.filter(
      ({ event }) => event.type === "fix-looked-at" || (event.type === "step-failed" && event.final && stepKind(event.step) === LOOK),
    );
    const last = looks.at(-1)?.at ?? openedAt;
    const due = last + Math.min(LONGEST_LOOK_MS, Math.max(waits.look, (last - openedAt) / 4));
    return due <= now ? lookStep(looks.length + 1) : wait(due);
  }

  /** When an offer that nobody answers will be over, epoch milliseconds; null: none waits. */
  function expiresAt(log: readonly LoggedEvent[], { offered }: IncidentView, now: number): number | null {
    const approval = offered === null ? null : newestApproval(log, "open-fix");
    return approval?.state === "waiting" && approval.request.expiresAt > now ? approval.request.expiresAt : null;
  }

  return { open, follow, expiresAt };
}

const incidentOf = ({ payload }: ApprovalRequest): string => String(payload["incident"]);

/** What a yes to a patch is a yes to: the finding that it is for, and where it goes. The patch itself is written after the yes, within its rules. */
function patchOffer(incident: string, view: IncidentView, place: PatchPlace | null): Pick<FixOffer, "payload" | "summary"> {
  const finding = view.investigation?.finding ?? null;
  const repository = place?.repository ?? null;
  const { service = null, fault = null, cause = null, change = null } = finding ?? {};
  return {
    payload: { incident, kind: "patch", repository, service, fault, cause, change },
    summary: `patch of ${service ?? "the service"} in ${repository ?? "its repository"}`,
  };
}
