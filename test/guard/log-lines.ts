import { readFileSync } from "node:fs";
import { createRandom, type Random } from "../support/random.ts";
import { hiddenSpans } from "./hidden-spans.ts";

/** One line of `corpora/log-lines.txt`: how engineers log in fourteen languages. */
export interface LogLine {
  readonly text: string;
  /** What must be hidden whole. Empty: nothing may be. */
  readonly marks: readonly { readonly start: number; readonly end: number }[];
  readonly language: string;
  /** Every other line is for measurements alone: no rule was made with it in sight. */
  readonly half: "developed" | "unseen";
}

const UPPER = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
const LOWER = UPPER.toLowerCase();
const DIGITS = "0123456789";
const LETTERS: Readonly<Record<string, string>> = {
  a: UPPER + LOWER + DIGITS,
  b: `${UPPER}${LOWER}${DIGITS}+/`,
  h: `${DIGITS}abcdef`,
  d: DIGITS,
  U: UPPER + DIGITS,
  L: LOWER + DIGITS,
  l: LOWER,
};

const filled = (template: string, { pick }: Random): string =>
  template
    .replaceAll("{u}", "{h8}-{h4}-{h4}-{h4}-{h12}")
    .replaceAll(/\{([abhdULl])(\d{1,3})\}/g, (_, kind: string, count: string) =>
      Array.from({ length: Number(count) }, () => pick([...(LETTERS[kind] ?? "")])).join(""),
    )
    .replaceAll(String.raw`\n`, "\n");

/** @param seed of the random characters in the values */
export function logLines(seed: number): readonly LogLine[] {
  const random = createRandom(seed);
  let language = "en";
  const lines: LogLine[] = [];
  for (const row of readFileSync(new URL("corpora/log-lines.txt", import.meta.url), "utf8")
    .trim()
    .split("\n")) {
    if (row.startsWith("# ")) {
      language = /^# ([a-z]{2})\b/.exec(row)?.[1] ?? language;
      continue;
    }
    const marks: { start: number; end: number }[] = [];
    let text = "";
    for (const part of filled(row, random).split(/(⟦.*?⟧)/s)) {
      const value = part.startsWith("⟦") ? part.slice(1, -1) : part;
      if (value !== part) marks.push({ start: text.length, end: text.length + value.length });
      text += value;
    }
    lines.push({ text, marks, language, half: lines.length % 2 === 0 ? "developed" : "unseen" });
  }
  return lines;
}

/** Marked values that are hidden whole, and hidden parts that touch a marked value. */
export function measured(lines: readonly Pick<LogLine, "text" | "marks">[], redact: (text: string) => string) {
  const counts = { marked: 0, found: 0, hidden: 0, rightly: 0, wrong: [] as string[] };
  for (const { text, marks } of lines) {
    const spans = hiddenSpans(text, redact(text));
    const missed = marks.filter(({ start, end }) => !spans.some(([from, to]) => from <= start && to >= end));
    const needless = spans.filter(([from, to]) => !marks.some(({ start, end }) => start < to && end > from));
    counts.marked += marks.length;
    counts.found += marks.length - missed.length;
    counts.hidden += spans.length;
    counts.rightly += spans.length - needless.length;
    counts.wrong.push(
      ...missed.map(({ start, end }) => `missed ${text.slice(start, end)} in: ${text}`),
      ...needless.map(([from, to]) => `needless ${text.slice(from, to)} in: ${text}`),
    );
  }
  return { ...counts, recall: counts.found / counts.marked, precision: counts.rightly / counts.hidden };
}
