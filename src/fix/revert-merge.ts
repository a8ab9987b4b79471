import { diff3MergeRegions, diffIndices } from "node-diff3";

/** The same file three times: as deployed (the base of both others), on the default branch now, and as it was before the deploy. */
export interface ThreeTexts {
  readonly deployed: string;
  readonly ours: string;
  readonly theirs: string;
}

/** Neighbouring lines of one text. */
export interface Stretch {
  /** Number of lines above it. */
  readonly start: number;
  /** With their line ends. */
  readonly lines: readonly string[];
}

/** Lines that both sides changed in different ways, as each of the three texts has them. */
export interface Clash {
  readonly deployed: Stretch;
  readonly ours: Stretch;
  readonly theirs: Stretch;
}

export type MergeResult =
  | { readonly status: "merged"; readonly text: string }
  | { readonly status: "conflict"; readonly clashes: readonly [Clash, ...Clash[]] }
  /** `because`: words for people. */
  | { readonly status: "too-large"; readonly because: string };

/** A longer text is not merged: nobody would check the result by eye. Characters of one text. */
const LONGEST_MERGED_TEXT = 200_000;
/** Of one text. */
const MOST_MERGED_LINES = 10_000;
/**
 * Steps that aligning two stretches may take. The alignment grows with the square of their lines, and with the cube where one line (blank,
 * a brace) repeats; ten million take some tens of milliseconds.
 */
const MOST_STEPS = 10_000_000;

/** Lines with their ends: joined they are the text again, byte for byte, whatever its line ends and with or without one at its end. */
export const linesOf = (text: string): string[] => text.match(/[^\n]*\n|[^\n]+$/g) ?? [];

const sameLines = (a: readonly string[], b: readonly string[]) => a.length === b.length && a.every((line, index) => line === b[index]);

/**
 * Cuts texts at lines that are in each of them once and in the same order, so that only what differs between two such lines has to be
 * aligned. @returns per stretch, its part of each text; the stretches together are the whole texts
 */
function stretches(texts: readonly (readonly string[])[]): Stretch[][] {
  const once = texts.map((lines) => {
    const at = new Map<string, number | null>();
    for (const [index, line] of lines.entries()) at.set(line, at.has(line) ? null : index);
    return at;
  });
  const shared = [...(once[0] ?? [])].flatMap(([line, at]) =>
    at !== null && once.every((known) => typeof known.get(line) === "number") ? [line] : [],
  );
  const ranks = once.map((known) => {
    const ordered = shared.toSorted((a, b) => (known.get(a) ?? 0) - (known.get(b) ?? 0));
    return new Map(ordered.map((line, rank) => [line, rank] as const));
  });
  const anchors = shared.filter((line, index) => ranks.every((rank) => rank.get(line) === index));
  const cuts = [...anchors.map((line) => once.map((known) => known.get(line) ?? 0)), texts.map((lines) => lines.length)];
  const found: Stretch[][] = [];
  let from = texts.map(() => 0);
  for (const cut of cuts) {
    // The anchor itself begins the next stretch: equal in all, it keeps changes on both sides of it apart.
    found.push(texts.map((lines, text) => ({ start: from[text] ?? 0, lines: lines.slice(from[text], cut[text]) })));
    from = cut;
  }
  return found;
}

/** Upper bound of what aligning two stretches costs. */
function steps(a: readonly string[], b: readonly string[]): number {
  const counts = new Map<string, number>();
  for (const line of b) counts.set(line, (counts.get(line) ?? 0) + 1);
  return a.reduce((sum, line) => sum + 1 + (counts.get(line) ?? 0), 0) * Math.min(a.length, b.length);
}

/** One stretch, aligned from its start: merged lines in order, and what clashed. */
function align(deployed: readonly string[], ours: readonly string[], theirs: readonly string[]): { lines: string[]; clashes: Clash[] } {
  const lines: string[] = [];
  const clashes: Clash[] = [];
  // The same change on both sides is one change, unless it is made of lines that repeat here: then two changes may only look the same.
  const repeats = (line: string) => [deployed, ours, theirs].some((text) => text.indexOf(line) !== text.lastIndexOf(line));
  for (const region of diff3MergeRegions([...ours], [...deployed], [...theirs])) {
    if (region.stable) lines.push(...region.bufferContent);
    else if (sameLines(region.aContent, region.bContent) && ![...region.oContent, ...region.aContent].every(repeats))
      lines.push(...region.aContent);
    else {
      clashes.push({
        deployed: { start: region.oStart, lines: region.oContent },
        ours: { start: region.aStart, lines: region.aContent },
        theirs: { start: region.bStart, lines: region.bContent },
      });
    }
  }
  return { lines, clashes };
}

const mirrored = ({ start, lines }: Stretch, length: number): Stretch => ({
  start: length - start - lines.length,
  lines: lines.toReversed(),
});
const moved = (stretch: Stretch, by: Stretch): Stretch => ({ ...stretch, start: stretch.start + by.start });

/** Merges one stretch, or returns what clashes. Where repeated lines can be aligned in more than one way, both ways have to agree. */
function mergeStretch(deployed: Stretch, ours: Stretch, theirs: Stretch): { lines: readonly string[] } | { clashes: Clash[] } {
  const forth = align(deployed.lines, ours.lines, theirs.lines);
  const back = align(deployed.lines.toReversed(), ours.lines.toReversed(), theirs.lines.toReversed());
  const whole = { deployed, ours, theirs };
  if (forth.clashes.length === 0 && back.clashes.length === 0) {
    return sameLines(forth.lines, back.lines.toReversed()) ? { lines: forth.lines } : { clashes: [whole] };
  }
  const found =
    forth.clashes.length > 0
      ? forth.clashes
      : back.clashes.toReversed().map((clash) => ({
          deployed: mirrored(clash.deployed, deployed.lines.length),
          ours: mirrored(clash.ours, ours.lines.length),
          theirs: mirrored(clash.theirs, theirs.lines.length),
        }));
  return {
    clashes: found.map((clash) => ({
      deployed: moved(clash.deployed, deployed),
      ours: moved(clash.ours, ours),
      theirs: moved(clash.theirs, theirs),
    })),
  };
}

const tooLong = (because: string): MergeResult => ({ status: "too-large", because });

/**
 * Merges line by line what led from the deployed text to the one on the default branch with what leads from it to the one before the deploy.
 * Lines that both changed, or changes with no unchanged line between them, are a conflict, as in `git merge-file`; it is never resolved.
 * Source: diff3 as Khanna, Kunal and Pierce formalised it (FSTTCS 2007), from node-diff3.
 */
export function mergeTexts({ deployed, ours, theirs }: ThreeTexts): MergeResult {
  const longest = Math.max(deployed.length, ours.length, theirs.length);
  if (longest > LONGEST_MERGED_TEXT) return tooLong(`${longest} characters long`);
  const texts = [linesOf(deployed), linesOf(ours), linesOf(theirs)] as const;
  const most = Math.max(...texts.map((lines) => lines.length));
  if (most > MOST_MERGED_LINES) return tooLong(`${most} lines long`);

  const merged: string[] = [];
  const clashes: Clash[] = [];
  let work = 0;
  for (const [base, mine, old] of stretches(texts)) {
    if (base === undefined || mine === undefined || old === undefined) continue;
    if (sameLines(base.lines, mine.lines) || sameLines(mine.lines, old.lines)) merged.push(...old.lines);
    else if (sameLines(base.lines, old.lines)) merged.push(...mine.lines);
    else {
      work += steps(base.lines, mine.lines) + steps(base.lines, old.lines);
      if (work > MOST_STEPS) return tooLong("changed too widely on both sides");
      const result = mergeStretch(base, mine, old);
      if ("lines" in result) merged.push(...result.lines);
      else clashes.push(...result.clashes);
    }
  }
  const [first, ...others] = clashes;
  return first === undefined ? { status: "merged", text: merged.join("") } : { status: "conflict", clashes: [first, ...others] };
}

/** Lines removed and added between two texts; where aligning them would take too long, the most that it can be. */
export function countChangedLines(before: string, after: string): number {
  if (before === after) return 0;
  let count = 0;
  let work = 0;
  for (const [old, now] of stretches([linesOf(before), linesOf(after)])) {
    if (old === undefined || now === undefined || sameLines(old.lines, now.lines)) continue;
    work += steps(old.lines, now.lines);
    if (work > MOST_STEPS) count += old.lines.length + now.lines.length;
    else for (const { buffer1, buffer2 } of diffIndices([...old.lines], [...now.lines])) count += buffer1[1] + buffer2[1];
  }
  return count;
}

/** The part of two texts between what they begin and what they end with alike. */
export function differingPart(a: string, b: string): { readonly a: Stretch; readonly b: Stretch } {
  const [one, two] = [linesOf(a), linesOf(b)];
  const shorter = Math.min(one.length, two.length);
  let start = 0;
  while (start < shorter && one[start] === two[start]) start++;
  let end = 0;
  while (end < shorter - start && one[one.length - 1 - end] === two[two.length - 1 - end]) end++;
  return { a: { start, lines: one.slice(start, one.length - end) }, b: { start, lines: two.slice(start, two.length - end) } };
}
