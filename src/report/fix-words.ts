import type { Approval } from "../incident/approval.ts";
import type { EventOf } from "../incident/event.ts";
import { MOST_FIX_ATTEMPTS } from "../incident/fix-work.ts";
import { changeByPeopleWords } from "./proof-words.ts";
import type { IncidentView } from "../incident/view.ts";
import { dayTime } from "./words.ts";

/** What becomes of a fix, in plain words for Slack and the page alike. Names come from outside: whoever shows them escapes them. */

/** Whether a model writes a patch at this moment. */
export const isWriting = ({ fixWork }: Pick<IncidentView, "fixWork">): boolean => fixWork !== null && fixWork.closed === null;

export const WRITING = "midwatch writes a patch with a test now; it comes as a draft PR. “stop” in the thread ends it.";

/** Why a pull request waits, what its button does, to what exactly and until when. @param button "The button", and where it is */
export function offeredWords(
  { kind, because }: Pick<EventOf<"fix-offered">, "kind" | "because">,
  approval: Approval | null,
  button: string,
): string {
  const does =
    kind === "patch" ? "has midwatch write a patch with a test, as a draft, in some minutes" : "opens the draft revert all the same";
  const exactly = approval === null ? "" : ` (${approval.request.summary}; until ${dayTime(approval.request.expiresAt)} UTC)`;
  return `${because.replace(/\.$/, "")}. ${button} ${does}${exactly}.`;
}

const STATE_WORDS: Readonly<Record<string, string>> = { merged: "merged", closed: "closed", "ready-for-review": "ready for review" };

/** "merged", "closed" or "ready for review" once people have made it so; null while it is what midwatch opened. */
export const fixState = ({ fixChange }: Pick<IncidentView, "fixChange">): string | null =>
  fixChange === null ? null : (STATE_WORDS[fixChange.what] ?? null);

const MERGE_FIRST = "It changes nothing until a person merges it.";

/** The pull request's title where its incident is plain from the place: without the pager's number at its end. */
export const fixTitle = ({ title }: Pick<EventOf<"fix-proposed">, "title">): string => title.replace(/ \(PagerDuty [^()]+\)$/, "");

/** What people did with the pull request, and what that means for production. */
export function afterwardsWords({ fixChange }: Pick<IncidentView, "fixChange">): string {
  if (fixChange === null) return MERGE_FIRST;
  const did = changeByPeopleWords(fixChange.what, fixChange.by);
  switch (fixChange.what) {
    case "merged":
      return `${did}. Merged is not deployed: production has it after your next deploy.`;
    case "closed":
    case "branch-deleted":
      return `${did}; midwatch pushes nothing more.`;
    case "pushed":
      return `${did}: it is theirs now, midwatch pushes nothing more. ${MERGE_FIRST}`;
    default:
      return `${did}. ${MERGE_FIRST}`;
  }
}

/** What midwatch does next about a pull request that is open, or "". */
export function nextTryWords(view: IncidentView): string {
  const { fix, fixWork, fixChange, proof, status } = view;
  if (fix?.type !== "fix-proposed" || (fixChange !== null && fixChange.what !== "edited" && fixChange.what !== "ready-for-review"))
    return "";
  const writing = isWriting(view);
  if (fix.kind === "revert" && writing) return "midwatch writes a patch with a test now; it takes the place of this revert.";
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

/** How merging the pull request is a way out: words around its number; null where it is none. */
export function mergeWay({ fix, fixChange, proof }: IncidentView): { readonly before: string; readonly after: string } | null {
  if (fix?.type !== "fix-proposed" || fixChange?.what === "closed" || fixChange?.what === "branch-deleted") return null;
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
