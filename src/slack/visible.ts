import { lengthOf } from "../integrations/slack/mrkdwn.ts";

/** How much of a message a reader sees, and what is left out where that is too much: the thread or the incident's page has it. */

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
  /** The greater, the sooner it gets shorter, or is left out where it has no shorter form; 0: never. */
  readonly spare: number;
  /** What takes its place. */
  readonly shorter?: Line;
}

/** A line that is always said. */
export const must = (text: string | false | null): Line => ({ text: text === false || text === null ? "" : text, spare: 0 });
/** A line that may be left out. */
export const may = (spare: number, text: string | false | null): Line => ({ ...must(text), spare });

/**
 * A line that is always said, in the longest of its forms for which there is room.
 * @param forms the longest first, each with how willingly it gives way to the next one
 */
export function inForms<L extends Line>(forms: readonly [L, ...L[]]): L {
  const [last] = forms.slice(-1);
  return forms.slice(0, -1).reduceRight<L>((shorter, form) => ({ ...form, shorter }), { ...(last ?? forms[0]), spare: 0 });
}

/**
 * Each line in the form that fits, in their order; null where it is left out. The most spare gives way first, of several alike the last. Where the
 * last one to give way left room, longer forms of the others come back, the least spare first.
 * @param room visible characters
 */
export function fitted<L extends Line>(lines: readonly L[], room: number): readonly (L | null)[] {
  const sizeOf = (line: Line | null) => (line === null || line.text === "" ? 0 : visibleLength(line.text) + 1);
  const kept: (L | null)[] = lines.map((line) => (line.text === "" ? null : line));
  const gaveWay: { readonly at: number; readonly form: L }[] = [];
  let total = kept.reduce((sum, line) => sum + sizeOf(line), 0);
  while (total > room) {
    let next = -1;
    for (const [at, line] of kept.entries()) if (line !== null && line.spare > 0 && line.spare >= (kept[next]?.spare ?? 0)) next = at;
    const form = kept[next];
    if (form == null) break;
    const shorter = (form.shorter as L | undefined) ?? null;
    gaveWay.push({ at: next, form });
    kept[next] = shorter;
    total += sizeOf(shorter) - sizeOf(form);
  }
  for (const { at, form } of gaveWay.toReversed()) {
    const shown = kept[at] ?? null;
    const longer = total + sizeOf(form) - sizeOf(shown);
    if (shown === null || longer > room) continue;
    kept[at] = form;
    total = longer;
  }
  return kept;
}

/** The lines that fit, in their order: of those that may go the most spare goes first, of several alike the last. */
export function fitting(lines: readonly Line[], room: number): readonly Line[] {
  const kept = fitted(lines, room);
  return lines.filter((_, at) => kept[at] !== null);
}
