import type { FittingRunbook } from "../incident/trouble.ts";
import { prose, say } from "../report/text.ts";
import { joined, numbered, slackMarkup } from "./markup.ts";

/** A runbook's steps in Slack's markup, for those who write it: a message shows the first of them, and what not to do. */
export function runbookInSlack({ steps, doNot }: Pick<FittingRunbook, "steps" | "doNot">): string {
  const { write } = slackMarkup(null);
  const lines = steps.map((step) => write(say`${prose(step)}`));
  return joined([numbered(lines), doNot !== undefined && `*Do not* ${write(say`${prose(doNot)}`)}`], "\n");
}
