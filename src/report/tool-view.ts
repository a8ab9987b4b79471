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
  /** Where an answer has several parts: what each of them is, in the order of the answers, so that each is cited for its own. */
  readonly parts?: readonly string[];
}

/** Characters of the line that says which part is which. */
const LONGEST_PARTS = 900;

/** `E7: the window, E8: the quiet time.`; none where there is but one part. */
function partLines(evidence: readonly number[], parts: readonly string[]): string[] {
  if (evidence.length < 2 || parts.length === 0) return [];
  const told = evidence.map((number, index) => `${evidenceMark(number)}: ${outsideLine(parts[index] ?? "see the raw answer", 80)}`);
  return [`${told.join(", ").slice(0, LONGEST_PARTS)}.`];
}

/** Least room in which the beginning of an item that does not fit is worth showing, characters. */
const WORTH_CUTTING = 400;

/** One text of at most {@link LONGEST_VIEW} characters. @param evidence numbers of the answers it rests on */
export function composeView({ facts, items, rest, notes, parts = [] }: ViewParts, evidence: readonly number[]): string {
  const marks = evidence.map(evidenceMark).join(" ");
  const head = [
    ...facts.map((fact, index) => (index === 0 && marks !== "" ? `${marks}: ${fact}` : fact).slice(0, LONGEST_FACT)),
    ...partLines(evidence, parts),
  ];
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
export const TIME_WORDS =
  'ISO 8601 or HH:MM[:SS] of the incident\'s day (UTC where no zone is given), or relative to the page: "-2h", "+10m", "-7d", "page", "now"';

const DAY_MS = 86_400_000;
/** A clock time that lies further ahead than this is of the day before: nothing is recorded of what comes. */
const AHEAD_MS = 2 * 3_600_000;

/** `14:03`, `14:03:20`, `14:03:20.5Z`: the one nearest to the page. */
function clockOf(word: string, pagedAt: number, now: number): number | null {
  const [, hours, minutes, seconds] = /^([01]?\d|2[0-3]):([0-5]\d)(?::([0-5]\d(?:\.\d{1,3})?))?\s?(?:Z|UTC)?$/i.exec(word) ?? [];
  if (hours === undefined) return null;
  const midnight = Math.floor(pagedAt / DAY_MS) * DAY_MS;
  const ofDay = (Number(hours) * 60 + Number(minutes)) * 60_000 + Math.round(Number(seconds ?? 0) * 1_000);
  const latest = Math.max(pagedAt, now) + AHEAD_MS;
  return [0, -DAY_MS, DAY_MS]
    .map((days) => midnight + days + ofDay)
    .filter((at) => at <= latest)
    .reduce((best, at) => (Math.abs(at - pagedAt) < Math.abs(best - pagedAt) ? at : best));
}

/** A time as a model writes it, epoch milliseconds; null when it is none. See {@link TIME_WORDS}. */
export function instantOf(text: string, pagedAt: number, now: number): number | null {
  const word = text.trim();
  if (word === "now") return now;
  if (word === "page") return pagedAt;
  const [, sign, amount, unit] = /^([+-])\s?(\d{1,5})\s?([smhd])(?:(?<=m)in)?$/.exec(word) ?? [];
  if (amount !== undefined && unit !== undefined) return pagedAt + (sign === "-" ? -1 : 1) * Number(amount) * (units[unit] ?? 0);
  const clock = clockOf(word, pagedAt, now);
  if (clock !== null) return clock;
  const [, day, time, zone] = /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?)(Z|[+-]\d{2}:?\d{2})?)?$/i.exec(word) ?? [];
  if (day === undefined) return null;
  const at = Date.parse(`${day}T${time ?? "00:00"}${zone?.toUpperCase() ?? "Z"}`);
  return Number.isNaN(at) ? null : at;
}

/** A window as a model asks for it: its ends, or the moment in its middle. */
export interface AskedWindow {
  readonly from?: string | undefined;
  readonly to?: string | undefined;
  readonly around?: string | undefined;
}

/** On both sides of a moment, where only that is asked for. */
const AROUND_MS = 15 * 60_000;

/** A window as a model writes it, or what is wrong with it in words for the model. An end that is given counts before `around`. */
export function windowOf(asked: AskedWindow, otherwise: TimeWindow, question: Question, now: number): TimeWindow | string {
  const read = (text: string) => instantOf(text, question.trigger.at, now);
  const wrong = [asked.from, asked.to, asked.around].find((text) => text !== undefined && read(text) === null);
  if (wrong !== undefined) return `${quotedLine(wrong, 60)} is not a time. Write it as ${TIME_WORDS}.`;
  const middle = asked.around === undefined ? null : read(asked.around);
  const usual = middle === null ? otherwise : { from: middle - AROUND_MS, to: middle + AROUND_MS };
  const from = (asked.from === undefined ? null : read(asked.from)) ?? usual.from;
  const to = (asked.to === undefined ? null : read(asked.to)) ?? usual.to;
  if (from >= to) return `The window ends (${utc(to)}) before it begins (${utc(from)}).`;
  return { from, to };
}
