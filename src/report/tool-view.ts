import type { Question } from "../incident/source.ts";
import type { TimeWindow } from "../incident/telemetry.ts";
import { LONGEST_VIEW } from "../incident/tool.ts";
import { evidenceMark } from "./words.ts";
import { unseenRuns } from "../guard/unseen.ts";

/**
 * Views of tools: facts first, then what they rest on, then what was cut and which input gets it. Text from outside is in them on one
 * line, or on lines that each begin with a mark, so that it can pose for nothing but itself.
 */

const LONGEST_FACT = 500;
const MOST_NOTES = 10;

const MOST_MARKS = 4;

/** White space as one blank; all else that is not seen as what it is (`\u{202e}`), so that nothing is hidden from a reader. */
function visible(run: string): string {
  const marks = [...run]
    .filter((character) => !/[\s\u0085]/.test(character))
    .map((character) => `\\u{${character.codePointAt(0)?.toString(16) ?? ""}}`);
  if (marks.length === 0) return " ";
  return marks.length <= MOST_MARKS ? marks.join("") : `${marks.slice(0, MOST_MARKS).join("")}(and ${marks.length - MOST_MARKS} more)`;
}

/** A whole text on one line, with all that is not seen shown as what it is; blanks stay as they are. */
export const onOneLine = (text: string): string => text.toWellFormed().replaceAll(unseenRuns, visible);

/** Text from outside on one line. @param longest characters, the rest is cut with "…" */
export function outsideLine(text: string, longest = 200): string {
  // Cut before it is looked through: a title may be megabytes.
  const line = text
    .slice(0, longest * 4)
    .toWellFormed()
    .replaceAll(unseenRuns, visible)
    .replaceAll(/\s+/g, " ")
    .trim();
  return line.length <= longest && text.length <= longest * 4 ? line : `${line.slice(0, longest - 1).toWellFormed()}…`;
}

/** Text from outside on one line and in quotes, which a quote inside it does not end. */
export const quotedLine = (text: string, longest = 200): string => `"${outsideLine(text, longest).replaceAll('"', '\\"')}"`;

/** `1 file`, `3 files`. */
export const counted = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? "" : "s"}`;

/** Text from outside, line by line, each under a mark that no line of ours begins with; indentation inside a line is kept. */
export function outsideLines(text: string, longestLine = 240): string[] {
  return text
    .replaceAll("\r\n", "\n")
    .split("\n")
    .map((line) => {
      const shown = line.slice(0, longestLine).toWellFormed().replaceAll("\t", "  ").replaceAll(unseenRuns, visible).trimEnd();
      return `  | ${shown}${line.length > longestLine ? `… (${line.length - longestLine} more characters)` : ""}`;
    });
}

/** `2026-05-01T10:00:00Z`, to the second. */
export const utc = (at: number): string => `${new Date(at).toISOString().slice(0, 19)}Z`;

/** Some lines that belong together; `cut` says how the rest of them is had where only the first ones fit. */
export interface ViewItem {
  readonly lines: readonly string[];
  readonly cut?: (left: number, shown: number) => string;
}

/** What a view is made of, in the order in which it is shown. */
export interface ViewParts {
  /** What a reader must know; all of it is shown. */
  readonly facts: readonly string[];
  /** In order of worth; shown while they fit. */
  readonly items: readonly ViewItem[];
  /** Said when the last of the items are not shown: how many, and which input gets them. */
  readonly rest: (left: number) => string;
  /** Said at the end: what the vendor cut, what was refused. */
  readonly notes: readonly string[];
}

/** Least room in which the beginning of an item that does not fit is worth showing, characters. */
const WORTH_CUTTING = 400;

/** One text of at most {@link LONGEST_VIEW} characters. @param evidence numbers of the answers it rests on */
export function composeView({ facts, items, rest, notes }: ViewParts, evidence: readonly number[]): string {
  const marks = evidence.map(evidenceMark).join(" ");
  const head = facts.map((fact, index) => (index === 0 && marks !== "" ? `${marks}: ${fact}` : fact).slice(0, LONGEST_FACT));
  const told = notes.slice(0, MOST_NOTES).map((note) => `Note: ${outsideLine(note, LONGEST_FACT - 10)}`);
  if (notes.length > MOST_NOTES) told.push(`Note: ${notes.length - MOST_NOTES} more notes of this kind are in the raw answers.`);
  const size = (lines: readonly string[]) => lines.reduce((sum, line) => sum + line.length + 1, 0);
  let room = LONGEST_VIEW - size(head) - size(told) - LONGEST_FACT;
  const body: string[] = [];
  let shown = 0;
  for (const { lines, cut } of items) {
    if (size(lines) <= room) {
      body.push(...lines);
      room -= size(lines);
      shown++;
      continue;
    }
    if (cut === undefined || room < WORTH_CUTTING) break;
    const part: string[] = [];
    // The note of what is missing needs its own room.
    for (const line of lines) {
      if (size(part) + line.length + 1 > room - 200) break;
      part.push(line);
    }
    if (part.length > 1) {
      body.push(...part, cut(lines.length - part.length, part.length).slice(0, 199));
      shown++;
    }
    break;
  }
  const left = items.length - shown;
  const missing = left === 0 ? [] : [rest(left).slice(0, LONGEST_FACT - 1)];
  return [...head, ...body, ...missing, ...told].join("\n").slice(0, LONGEST_VIEW);
}

const units: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** How a model may write a time; for the descriptions of inputs. */
export const TIME_WORDS = 'ISO 8601 (UTC where no zone is given), or relative to the page: "-2h", "+10m", "-7d", "page", "now"';

/** A time as a model writes it, epoch milliseconds; null when it is none. See {@link TIME_WORDS}. */
export function instantOf(text: string, pagedAt: number, now: number): number | null {
  const word = text.trim();
  if (word === "now") return now;
  if (word === "page") return pagedAt;
  const [, sign, amount, unit] = /^([+-])\s?(\d{1,5})\s?([smhd])(?:(?<=m)in)?$/.exec(word) ?? [];
  if (amount !== undefined && unit !== undefined) return pagedAt + (sign === "-" ? -1 : 1) * Number(amount) * (units[unit] ?? 0);
  const [, day, clock, zone] =
    /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?)(Z|[+-]\d{2}:?\d{2})?)?$/i.exec(word) ?? [];
  if (day === undefined) return null;
  const at = Date.parse(`${day}T${clock ?? "00:00"}${zone?.toUpperCase() ?? "Z"}`);
  return Number.isNaN(at) ? null : at;
}

/** A window as a model writes it, or what is wrong with it in words for the model. */
export function windowOf(
  asked: { readonly from?: string | undefined; readonly to?: string | undefined },
  otherwise: TimeWindow,
  question: Question,
  now: number,
): TimeWindow | string {
  const read = (text: string | undefined, fallback: number) => (text === undefined ? fallback : instantOf(text, question.trigger.at, now));
  const from = read(asked.from, otherwise.from);
  const to = read(asked.to, otherwise.to);
  const wrong = from === null ? asked.from : to === null ? asked.to : undefined;
  if (from === null || to === null) return `${quotedLine(wrong ?? "", 60)} is not a time. Write it as ${TIME_WORDS}.`;
  if (from >= to) return `The window ends (${utc(to)}) before it begins (${utc(from)}).`;
  return { from, to };
}
