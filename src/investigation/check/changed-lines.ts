import type { Token, Turn } from "./figures.ts";

/** What a diff changes: lines that it takes out, with those that it puts in their place. */

const CHANGED = /^((?:-(?!--).*\n)+)((?:\+(?!\+\+).*(?:\n|$))+)/gm;

/** Figures of which a diff makes others, as places in the tokens of its text: those of two lines that have as many. */
export function changedFigures(text: string, tokens: readonly Token[]): Turn[] {
  if (!text.includes("\n+")) return [];
  const figuresOf = (start: number, end: number) =>
    tokens.flatMap((token, place) => (token.kind === "figure" && token.start >= start && token.end <= end ? [place] : []));
  const linesOf = (block: string, start: number) => {
    let at = start;
    return block.split("\n").map((line) => {
      const figures = figuresOf(at, at + line.length);
      at += line.length + 1;
      return figures;
    });
  };
  return [...text.matchAll(CHANGED)].flatMap(({ index, 1: out = "", 2: put = "" }) => {
    const after = linesOf(put, index + out.length);
    return linesOf(out, index).flatMap((ones, line) => {
      const others = after[line] ?? [];
      return ones.length === others.length ? ones.map((one, place): Turn => [one, others[place] ?? one]) : [];
    });
  });
}
