import { type Investigation, noModelWords, retryAt, tokenWords } from "../incident/investigation.ts";
import type { IncidentView } from "../incident/view.ts";
import { outsideLine, counted } from "./tool-view.ts";
import { refusalReason } from "./model-refusal-words.ts";
import { joinedWords, own, plain, prose, say, strong, time, type Words } from "./text.ts";
import { duration } from "./words.ts";

/** The model's work: what it took, how it ended, what comes next. */

/** "41 s · 3 turns · 7 tool calls · $0.06 · 62k tokens, 90 % from the cache · claude-x". */
export function tookWords(investigation: Investigation): Words {
  const { startedAt, closedAt, round, turns, toolCalls, cost, model } = investigation;
  const took = closedAt === null ? null : say`${`${duration(closedAt - startedAt)}${round > 1 ? ` (round ${round})` : ""}`}`;
  const rest = [counted(turns, "turn"), counted(toolCalls, "tool call"), `$${cost.toFixed(2)}`, tokenWords(investigation), model];
  return joinedWords([took, ...rest], " · ");
}

/** Why the work ended, as a part of a sentence: "the provider answers 529". */
const because = ({ closed }: Investigation) => prose((closed?.because ?? "").trim().replace(/\.$/, ""));

/** What happens after work that ended without a finding: another try by itself, or one that a person asks for; empty for neither. */
export function nextTry({ investigation, status }: Pick<IncidentView, "investigation" | "status">): Words {
  if (investigation === null || investigation.closed === null || investigation.closed.how === "submitted") return [];
  const at = retryAt(investigation, status);
  if (at !== null) return say`Next try at ${time(at, "minute")} UTC.`;
  return status === "resolved" ? [] : say`Reply “resume” in the Slack thread to ask the model again.`;
}

/** How the work ended where it ended early, and what comes next; empty where it goes on or ended with a finding handed in. */
export function endedWords(view: IncidentView): Words {
  const { investigation, refusal } = view;
  if (refusal !== null) {
    const again = refusal.again === null || view.status === "resolved" ? null : say`Next try at ${time(refusal.again, "minute")} UTC.`;
    return joinedWords([say`${NOT_INVESTIGATED} ${refusalReason(refusal.because)}.`, again]);
  }
  if (investigation === null || investigation.closed === null || investigation.closed.how === "submitted") return [];
  const ended =
    investigation.finding === null
      ? say`${strong("No finding from the model:")} ${because(investigation)}.`
      : say`${strong("The model ended early:")} ${because(investigation)}. This is what it had found by then.`;
  return joinedWords([ended, nextTry(view)]);
}

const NOT_INVESTIGATED = strong("Not investigated by the model:");

/** Why no model was asked of a page that is over. */
export const resolvedFirst = say`${NOT_INVESTIGATED} the page was resolved first.`;

/** Of a page that was over before it was read: one line. */
export function passedWords({ page, status, by, resolvedAt }: Pick<IncidentView, "page" | "status" | "by" | "resolvedAt">): Words {
  if (page === null || status !== "resolved") return [];
  const after = resolvedAt === null ? "" : ` after ${duration(Math.max(0, resolvedAt - page.createdAt))}`;
  return say`Over${own(after)}${own(by === null ? ", by itself" : "")}, before midwatch had read anything: not investigated.`;
}

/**
 * That a model works, or will; empty where none does.
 * @param expected whether a model takes part that was not asked yet
 */
export function workingWords({ investigation, refusal, finding, finished, status }: IncidentView, expected: boolean): Words {
  if (refusal !== null) return [];
  if (investigation === null) {
    const soon = expected && finding === null && !finished && status !== "resolved";
    return soon ? say`A model is investigating; its finding will follow in the thread.` : [];
  }
  if (investigation.closed !== null) return [];
  const again = investigation.round > 1 ? ` again (round ${investigation.round})` : "";
  return say`${investigation.model} is investigating${again} …`;
}

/** Why no model takes part, as a part of a sentence; null where one did or still will. @param withoutModel why none does by the settings of today */
export function noModelReason(view: IncidentView, withoutModel: string | null): string | null {
  const { refusal, findingAt, resolvedAt } = view;
  const known = noModelWords(view, withoutModel);
  if (known === null || withoutModel !== null) return known;
  if (refusal !== null) return plain(refusalReason(refusal.because));
  return findingAt !== null && resolvedAt !== null && resolvedAt <= findingAt ? "the page was resolved first" : known;
}

/** Why a report comes from the data alone, as a part of a sentence. @param noModel why no model takes part */
export function dataAloneWords(investigation: Investigation | null, noModel: string | null): Words {
  if (investigation === null) return say`no model took part because ${noModel ?? "it was not asked"}`;
  return investigation.closed === null ? say`the model is still working` : say`no finding from the model: ${because(investigation)}`;
}

const PARTS: Readonly<Record<string, string>> = {
  claims: "claim",
  causal_path: "hop",
  ruled_out: "ruled out",
  do_now: "step",
  missing: "could not check",
};

const placeWords = (place: string): string =>
  outsideLine(place, 80).replace(
    /^([a-z_]{1,20})\[(\d{1,3})\](?:\.quotes\[(\d{1,3})\])?/,
    (whole, part: string, index: string, quote?: string) =>
      Object.hasOwn(PARTS, part)
        ? `${PARTS[part]} ${Number(index) + 1}${quote === undefined ? "" : `, quote ${Number(quote) + 1}`}`
        : whole,
  );

/**
 * Which parts of a finding the checks cut: "claim 3, quote 1".
 * @param dropped as the checks write it: the place in the data, a colon, why
 */
export const droppedParts = (dropped: readonly string[]): readonly string[] => [
  ...new Set(dropped.map((one) => placeWords(one.split(":", 1)[0] ?? ""))),
];

/** What the checks cut, in one sentence; empty for nothing. */
export const droppedWords = (dropped: readonly string[]): Words => (dropped.length === 0 ? [] : say`${droppedParts(dropped).join("; ")}.`);

/** Each thing that the checks cut, with why: "claim 3: “4.8 ms” has another unit in E1". */
export const droppedReasons = (dropped: readonly string[]): readonly Words[] =>
  [...new Set(dropped)].map((one) => {
    const [place = "", ...why] = one.split(":");
    return say`${placeWords(place)}: ${prose(outsideLine(why.join(":").trim(), 300))}.`;
  });
