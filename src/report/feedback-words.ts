import type { Feedback, FeedbackVerdict } from "../incident/feedback.ts";
import { joinedWords, prose, say, strong, type Words } from "./text.ts";

/** What people say of an answer, for people. */

export const VERDICT_WORDS: Readonly<Record<FeedbackVerdict, string>> = { right: "right", "right-area": "right area", wrong: "wrong" };

/** More are only counted: the timeline names them. */
const MOST_NAMED = 4;

function oneWords({ user, verdict, before, was }: Feedback): Words {
  const mind = before !== null && say` (before: ${VERDICT_WORDS[before]})`;
  const it = was !== null && say`, it was ${prose(was.text)}${was.service !== null && say` (${was.service})`}`;
  return say`${user} ${VERDICT_WORDS[verdict]}${mind}${it}`;
}

/** "Said of this: Ana wrong, it was the provider's DNS · Jonas right area (before: right)"; nothing where nobody said anything. */
export function feedbackWords(feedback: readonly Feedback[]): Words {
  if (feedback.length === 0) return [];
  const shown = feedback.slice(-MOST_NAMED);
  const more = feedback.length - shown.length;
  return joinedWords(
    [say`${strong("Feedback:")} ${joinedWords(shown.map(oneWords), " · ")}`, more > 0 && say`and ${String(more)} more`],
    " ",
  );
}
