import { lengthOf } from "../integrations/slack/mrkdwn.ts";

/** How much of a message a reader sees, and what is left out where that is too much: the incident's page has all of it. */

/** Characters that a reader sees: of a link its words, of an entity the sign. Marks of bold and code count, so this is never too few. */
export const visibleLength = (mrkdwn: string): number =>
  lengthOf(
    mrkdwn
      .replaceAll(/<([^<>|]*)(?:\|([^<>]*))?>/g, (_whole, target: string, label: string | undefined) => label ?? target)
      .replaceAll(/&(?:amp|lt|gt);/g, "&")
      .replaceAll("\u200B", ""),
  );

/** A line of a message. */
export interface Line {
  readonly text: string;
  /** The greater, the sooner it is left out; 0: never. */
  readonly spare: number;
}

/** A line that is always said. */
export const must = (text: string | false | null): Line => ({ text: text === false || text === null ? "" : text, spare: 0 });
/** A line that may be left out. */
export const may = (spare: number, text: string | false | null): Line => ({ ...must(text), spare });

/**
 * The lines that fit, in their order: of those that may go the most spare goes first, of several alike the last.
 * @param room visible characters
 */
export function fitting(lines: readonly Line[], room: number): readonly Line[] {
  const kept = new Set(lines.filter(({ text }) => text !== ""));
  const total = () => [...kept].reduce((sum, { text }) => sum + visibleLength(text) + 1, 0);
  const spares = [...kept].filter(({ spare }) => spare > 0).toReversed();
  for (const line of spares.toSorted((a, b) => b.spare - a.spare)) {
    if (total() <= room) break;
    kept.delete(line);
  }
  return lines.filter((line) => kept.has(line));
}
