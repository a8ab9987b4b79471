import type { LoggedEvent } from "../incident/event.ts";
import { postmortemOf } from "./postmortem-worded.ts";
import { plainUnlinked } from "./text.ts";
import { counted, outsideLine } from "./tool-view.ts";

const LONGEST = 300;

/** The answer to who asks for the draft: its summary, and what is for people to fill in. The whole of it is on its page. */
export function postmortemLines(log: readonly LoggedEvent[]): string[] {
  const { sections, isOver } = postmortemOf(log);
  const count = sections.reduce((sum, { sentences }) => sum + sentences.length, 0);
  const toFillIn = sections.flatMap((section) => section.toFillIn);
  const summary = sections.find(({ id }) => id === "summary")?.sentences ?? [];
  return [
    `Postmortem draft, made from the incident's log. Check it before you share it.${isOver ? "" : " The incident is still open: this is what is known so far."}`,
    ...summary.map(({ words }) => outsideLine(plainUnlinked(words), LONGEST)),
    `${counted(count, "sentence")}, each with a link to what it rests on.${toFillIn.length === 0 ? "" : ` To fill in: ${toFillIn.join("; ")}.`}`,
  ];
}
