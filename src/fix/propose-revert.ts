import { payloadHash } from "../guard/approval.ts";
import type { Suspect } from "../incident/finding.ts";
import type { FixOffer } from "../incident/fix.ts";
import type { Effects } from "../durable/outbox.ts";
import { shortSha } from "../report/words.ts";
import {
  type About,
  declined,
  EFFECT_KEY,
  EFFECT_KIND,
  type FixDeclined,
  type FixerDeps,
  isFinal,
  labelled,
  notInCatalog,
} from "./fixer-deps.ts";
import type { ProposedFix } from "./own-commit.ts";
import { findPatch, openPatch, type PatchToOpen } from "./patch.ts";
import { proposeRevert } from "./pr-body.ts";
import { proofPartOf } from "./proof-rows.ts";
import { noProofYet, reviewContext } from "./review-context.ts";
import { revertDoubts, revertPayload, revertSummary } from "./revert-offer.ts";
import { findRevert, openRevert, planRevert, type RevertProposal } from "./revert.ts";
import { worded, wordedPlan } from "./worded.ts";

/** What brought code or configuration into production. */
const revertible: ReadonlySet<string> = new Set(["deploy", "config", "migration"]);

/** Opens the pull request that reverts what is under suspicion, asks people for it first where that is in doubt, or says why it does not. */
export async function revert(
  deps: FixerDeps,
  about: About & { readonly suspect: Suspect; readonly doubt: string | null; readonly approved: string | null },
  effects: Effects,
  signal: AbortSignal,
): Promise<ProposedFix | FixDeclined | FixOffer> {
  const { github, placeOf, own } = deps;
  const { suspect } = about;
  const redacted = deps.redactedFor(about.incidentId);
  const { change } = suspect;
  if (change === null || change.sha === null) return declined("No deployed commit is under suspicion.");
  const { sha, previousSha } = change;
  // Whatever a vendor says that a change came from.
  const repository = deps.repositoryOf(change.repository ?? placeOf(suspect.service)?.repository ?? "");
  if (repository === null) return declined(notInCatalog(suspect.service));
  if (change.kind === "rollback") return declined(`The deploy of ${shortSha(sha)} was itself a rollback: it took changes away.`);
  if (!revertible.has(change.kind))
    return declined(`${shortSha(sha)} did not reach production by a deploy, so a revert of it changes nothing there.`);
  try {
    // What was deployed is put back, which need not be the service where it showed.
    const service = change.service ?? suspect.service;
    const planned = await planRevert({ github, repository, sha, previousSha, path: placeOf(service)?.path ?? "" }, signal);
    if (planned.status === "declined") return declined(planned.because);
    const plan = wordedPlan(planned, redacted);
    // The person who is asked sees all reasons at once.
    const payload = await revertPayload(about.incidentId, plan);
    const isApproved = about.approved === (await payloadHash(payload));
    const doubts = isApproved ? [] : [about.doubt, ...revertDoubts(plan, own)].filter((doubt) => doubt !== null);
    if (doubts.length > 0) return { type: "fix-offer", kind: "revert", because: doubts.join("; "), payload, summary: revertSummary(plan) };
    const { branch } = plan.base;
    const paths = plan.files.map(({ path }) => path);
    const context = await reviewContext(
      deps,
      {
        ...{ ...about, repository, ref: plan.base.sha, paths, service, pullRequest: null },
        proof: (of) => proofPartOf(noProofYet([]), { ...of, kind: "revert", branch, test: null, note: null }),
      },
      signal,
    );
    const proposal = worded(proposeRevert(plan, { ...context, suspect }), redacted);
    const opened = await effects.deliver(EFFECT_KEY, EFFECT_KIND, proposal, {
      find: (kept) => findRevert(github, kept, signal),
      act: (kept) => openRevert(github, kept, signal, own),
    });
    return await labelled(deps, opened, signal);
  } catch (error) {
    if (isFinal(error)) return declined(error.message);
    throw error;
  }
}

/** Goes on with what an earlier run meant to open, a revert or a patch, whatever people did with it since. */
export async function resume(deps: FixerDeps, effects: Effects, signal: AbortSignal): Promise<ProposedFix | FixDeclined | null> {
  if (!effects.wasMeant(EFFECT_KEY)) return null;
  const { github, own } = deps;
  // The payload of then is used, not this one.
  const meant = {} as RevertProposal | PatchToOpen;
  try {
    const opened = await effects.deliver(EFFECT_KEY, EFFECT_KIND, meant, {
      find: (kept) => ("draft" in kept ? findPatch(github, kept, signal) : findRevert(github, kept, signal)),
      act: (kept) => ("draft" in kept ? openPatch(github, kept, signal, own) : openRevert(github, kept, signal, own)),
    });
    return await labelled(deps, opened, signal);
  } catch (error) {
    if (isFinal(error)) return declined(error.message);
    throw error;
  }
}
