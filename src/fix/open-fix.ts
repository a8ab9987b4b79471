import { canonicalJson } from "../guard/canonical-json.ts";
import { payloadHash, requestApproval } from "../guard/approval.ts";
import type { ApprovalRequest } from "../incident/approval-request.ts";
import { approvalsOf, newestApproval } from "../incident/approval.ts";
import type { IncidentEvent, LoggedEvent } from "../incident/event.ts";
import type { FixOffer, PatchPlace } from "../incident/fix.ts";
import { type IncidentView, viewOf } from "../incident/view.ts";
import type { Step, StepContext } from "../store/incident-store.ts";
import { chooseFix } from "./fix-choice.ts";
import { noteShared, sharedElsewhere, unlessShared } from "./shared-fix.ts";
import { aboutOf, type FixParts } from "./fix-parts.ts";

/** The choice of a fix, the offer of it, and its pull request: what the incident's end waits for. */

const lastAt = (log: readonly LoggedEvent[], type: IncidentEvent["type"]) => log.findLastIndex(({ event }) => event.type === type);
/** Whether the newest event of one kind came before the newest of another. */
const isOlder = (log: readonly LoggedEvent[], one: IncidentEvent["type"], other: IncidentEvent["type"]) =>
  lastAt(log, one) < lastAt(log, other);

/** What a person released by the button of the newest offer, or null. A press of an older offer releases nothing any more. */
function releasedFix(log: readonly LoggedEvent[]): ApprovalRequest | null {
  const newest = newestApproval(log, "open-fix");
  return newest?.state === "released" ? newest.request : null;
}

/** The next step on the way to a pull request, or null. */
export function openFix(parts: FixParts, log: readonly LoggedEvent[], view: IncidentView, now: number): Step | null {
  const { fixWork, offered } = view;
  if (view.fix !== null) return null;
  // A patch that was begun is written to its end, whatever has come up since.
  if (fixWork !== null && fixWork.closed === null) return parts.writer?.next(log, view, now) ?? null;
  const released = releasedFix(log);
  if (offered !== null && released === null && !isOlder(log, "fix-offered", "finding-submitted")) return endOffer(log, now);
  // Each press gives what was given up another chance.
  const presses = approvalsOf(log).approvals.reduce((sum, one) => sum + one.presses, 0);
  const opening = openStep(parts, presses === 0 ? "fix" : `fix:${presses}`);
  const place = parts.writer?.place(log, view) ?? null;
  const choice = chooseFix(view, place !== null);
  if (choice.kind === "none") return choice.because === null && offered === null ? null : opening;
  const isDrafted = fixWork?.closed?.how === "drafted";
  const isReleased =
    choice.kind === "patch" &&
    released !== null &&
    canonicalJson(released.payload) === canonicalJson(patchOffer(incidentOf(released), view, place).payload);
  if (choice.kind === "revert" || isDrafted || (choice.doubt !== null && !isReleased)) return opening;
  return fixWork === null && parts.writer !== null ? unlessShared(parts.writer.start(1), view, choice) : null;
}

/** When an offer that nobody answers will be over, epoch milliseconds; null: none waits. */
export function offerEndsAt(log: readonly LoggedEvent[], { offered }: IncidentView, now: number): number | null {
  const approval = offered === null ? null : newestApproval(log, "open-fix");
  return approval?.state === "waiting" && approval.request.expiresAt > now ? approval.request.expiresAt : null;
}

/** A person said no, or nobody said anything: said once, and the matter is closed. */
function endOffer(log: readonly LoggedEvent[], now: number): Step | null {
  const approval = newestApproval(log, "open-fix");
  if (approval === null || (approval.state !== "refused" && approval.request.expiresAt > now)) return null;
  const { id, summary } = approval.request;
  const events: readonly IncidentEvent[] =
    approval.state === "refused"
      ? [{ type: "fix-declined", because: `${approval.by ?? "Somebody"} refused it in Slack (${summary}).` }]
      : [
          { type: "approval-expired", request: id },
          { type: "fix-declined", because: `Nobody asked for it in time (${summary}).` },
        ];
  return { id: `offer-over:${id}`, run: async () => events };
}

/** Opens the pull request that is chosen by now, offers it, or declines with the reason. */
export const openStep = (parts: FixParts, id: string): Step => ({
  id,
  attempts: 15,
  timeLimitMs: 120_000,
  run: async (context) => {
    const view = viewOf(context.log);
    // What an earlier run began and did not live to tell is finished first, whatever would be chosen by now.
    const begun = view.fix === null ? await parts.fixer.resume(context.effects, context.signal) : null;
    const choice = chooseFix(view, (parts.writer?.place(context.log, view) ?? null) !== null);
    const elsewhere = begun === null && view.fix === null ? await sharedElsewhere(context, view, choice) : null;
    if (elsewhere !== null) return [elsewhere];
    const events = begun === null ? await openChosen(parts, context, view) : [begun];
    await noteShared(context, view, choice, events);
    return events;
  },
});

async function openChosen(parts: FixParts, context: StepContext, view: IncidentView): Promise<readonly IncidentEvent[]> {
  const { fixer } = parts;
  const about = aboutOf(context, view);
  const place = parts.writer?.place(context.log, view) ?? null;
  const choice = chooseFix(view, place !== null);
  if (choice.kind === "none") {
    const because = choice.because ?? "What is believed of the cause calls for none any more.";
    return [{ type: "fix-declined", because }];
  }
  const released = releasedFix(context.log);
  if (choice.kind === "patch") {
    const { payload, summary } = patchOffer(context.incidentId, view, place);
    const isReleased = released !== null && released.hash === (await payloadHash(payload));
    if (choice.doubt !== null && !isReleased)
      return offer(context, { type: "fix-offer", kind: "patch", because: choice.doubt, payload, summary });
    const draft = view.fixWork?.draft ?? null;
    if (draft === null) throw new Error("a patch needs a draft");
    return [await fixer.patch({ ...about, draft }, context.effects, context.signal)];
  }
  // A yes to a patch, or to a revert that came to other files, is no yes to this one.
  const { suspect, doubt } = choice;
  const reverted = await fixer.revert({ ...about, suspect, doubt, approved: released?.hash ?? null }, context.effects, context.signal);
  return reverted.type === "fix-offer" ? offer(context, reverted) : [reverted];
}

async function offer(context: StepContext, { kind, because, payload, summary }: FixOffer): Promise<readonly IncidentEvent[]> {
  const { approvals } = approvalsOf(context.log);
  const request = await requestApproval(
    { action: "open-fix", payload, summary, because },
    { earlier: approvals.length, now: context.now() },
  );
  return [
    { type: "approval-requested", request },
    { type: "fix-offered", kind, because, request: request.id },
  ];
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
