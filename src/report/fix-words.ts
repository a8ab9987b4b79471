import type { Approval } from "../incident/approval.ts";
import type { EventOf } from "../incident/event.ts";
import { isEnded } from "../incident/fix.ts";
import { MOST_FIX_ATTEMPTS } from "../incident/fix-work.ts";
import type { IncidentView } from "../incident/view.ts";
import { changeByPeopleWords, proofWords } from "./proof-words.ts";
import { link, prose, say, strong, type Words } from "./text.ts";
import { dayTime } from "./words.ts";

/** What becomes of a fix. */
export interface FixReport {
  /** "Draft revert PR", "Patch PR, merged", "No PR yet", "No fix PR", "Draft revert PR, shared", "A patch is being written". */
  readonly heading: string;
  readonly pull: (EventOf<"fix-proposed"> & { readonly name: string }) | null;
  /** Sentences, in order: what CI shows, what midwatch does next, what people did or must do. */
  readonly sentences: readonly Words[];
  /** Of a pull request that waits for a person: that it does, for a place without its button. Else empty. */
  readonly short: Words;
}

/** Whether a model writes a patch at this moment. */
export const isWriting = ({ fixWork }: Pick<IncidentView, "fixWork">): boolean => fixWork !== null && fixWork.closed === null;

/** What the button of a pull request that waits does. */
const BUTTON_DOES = {
  patch: "starts a draft patch with a test, which takes a few minutes",
  revert: "opens the draft revert anyway",
} as const;

/** Why a pull request waits, what its button does, to what exactly and until when. */
function offeredWords({ kind, because }: Pick<EventOf<"fix-offered">, "kind" | "because">, approval: Approval | null): Words {
  const does = BUTTON_DOES[kind];
  if (approval === null) return say`${prose(because.replace(/\.$/, ""))}. The button in Slack ${does}.`;
  const { summary, expiresAt } = approval.request;
  return say`${prose(because.replace(/\.$/, ""))}. Slack button: ${summary} (until ${dayTime(expiresAt)} UTC).`;
}

const STATE_WORDS: Readonly<Record<string, string>> = { merged: "merged", closed: "closed", "ready-for-review": "ready for review" };

const WITHDRAWN = "The cause that it is for was withdrawn";
const MERGE_FIRST = "Nothing changes until someone merges it.";

/** What people did with the pull request, and what that means for production. */
function afterwardsWords({ fixChange }: Pick<IncidentView, "fixChange">): Words {
  if (fixChange === null) return say`${MERGE_FIRST}`;
  const did = changeByPeopleWords(fixChange.what, fixChange.by);
  switch (fixChange.what) {
    case "merged":
      return say`${did}. Merged is not deployed: production has it after your next deploy.`;
    case "closed":
    case "branch-deleted":
      return say`${did}; midwatch pushes nothing more.`;
    case "pushed":
      return say`${did}, so the branch is theirs: midwatch pushes nothing more. ${MERGE_FIRST}`;
    default:
      return say`${did}. ${MERGE_FIRST}`;
  }
}

/** What midwatch does next about a pull request that is open, or "". */
function nextTryWords(view: IncidentView): string {
  const { fix, fixWork, fixChange, proof, status } = view;
  if (fix?.type !== "fix-proposed" || (fixChange !== null && fixChange.what !== "edited" && fixChange.what !== "ready-for-review"))
    return "";
  const writing = isWriting(view);
  if (fix.kind === "revert" && writing) return "midwatch is writing a patch with a test, to replace this revert.";
  if (proof?.verdict !== "red-after") return "";
  if (writing) return `midwatch tries again (${fixWork?.attempt} of ${MOST_FIX_ATTEMPTS}).`;
  const over =
    fix.kind === "revert" ||
    status === "resolved" ||
    proof.improvements >= MOST_FIX_ATTEMPTS - 1 ||
    // An attempt that failed is the last one: no further commit comes.
    (fixWork !== null && fixWork.attempt > proof.improvements + 1 && fixWork.closed?.how !== "drafted");
  return over ? "midwatch stops here. Do not merge it." : "";
}

/** How merging the pull request would end the incident: words around its number; null where it would not. */
export function mergeWay({ fix, fixChange, proof, withdrawn }: IncidentView): { readonly before: string; readonly after: string } | null {
  if (withdrawn !== null || fix?.type !== "fix-proposed" || fixChange?.what === "closed" || fixChange?.what === "branch-deleted")
    return null;
  if (fixChange?.what === "merged") return { before: "or deploy ", after: ", which is merged" };
  switch (proof?.verdict ?? "running") {
    case "running":
      return { before: "or merge ", after: " once its checks pass, and deploy" };
    case "proven":
    case "green":
    case "passes-before":
    case "fails-otherwise":
    case "fails-unread":
      return { before: "or merge ", after: " (its CI passes) and deploy" };
    case "no-ci":
      return { before: "or review ", after: " with care (no CI ran on it), merge it and deploy" };
    default:
      return null;
  }
}

/** What becomes of the fix; null while there is none to speak of. */
export function fixReport(view: IncidentView): FixReport | null {
  const { fix, offered, approval, proof, fixChange, withdrawn } = view;
  if (fix === null && isWriting(view))
    return {
      heading: "A patch is being written",
      pull: null,
      sentences: [say`midwatch is writing a patch with a test; it will arrive as a draft PR. Reply “stop” in the Slack thread to end it.`],
      short: [],
    };
  if (fix === null && offered !== null)
    return {
      heading: "No PR yet",
      pull: null,
      sentences: [...(withdrawn === null ? [] : [say`${WITHDRAWN}.`]), offeredWords(offered, approval)],
      short:
        withdrawn === null
          ? say`${strong(`Draft ${offered.kind}:`)} button in the thread.`
          : say`${strong("No PR:")} the cause was withdrawn.`,
    };
  if (fix === null) return null;
  if (fix.type === "fix-declined" && fix.shared !== undefined) {
    const { kind, number, url } = fix.shared;
    return {
      heading: `Draft ${kind} PR, shared`,
      pull: null,
      sentences: [say`${link(`#${number}`, url)} serves this incident too: ${prose(fix.because)}`],
      short: [],
    };
  }
  if (fix.type === "fix-declined") return { heading: "No fix PR", pull: null, sentences: [say`${prose(fix.because)}`], short: [] };
  const state = fixChange === null ? undefined : STATE_WORDS[fixChange.what];
  const kind = fix.kind === "patch" ? "Patch" : "Revert";
  return {
    heading: state === undefined ? `${fix.draft ? "Draft" : "Open"} ${fix.kind} PR` : `${kind} PR, ${state}`,
    // Its incident is plain from the place, so the pager's number at the end of its title is left out.
    pull: { ...fix, name: fix.title.replace(/ \(PagerDuty [^()]+\)$/, "") },
    sentences: [
      withdrawn === null || isEnded(fixChange?.what ?? null) ? [] : say`${WITHDRAWN}: close it if you agree.`,
      proof === null ? [] : say`${proofWords(proof, fix.base.branch)}`,
      say`${nextTryWords(view)}`,
      afterwardsWords(view),
    ].filter((sentence) => sentence.length > 0),
    short: [],
  };
}
