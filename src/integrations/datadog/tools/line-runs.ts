import { createPatternMiner } from "../../../analysis/log-pattern.ts";
import { outsideLine } from "../../../report/tool-view.ts";
import { clockTime } from "../../../report/words.ts";
import type { FieldedLine } from "../log-fields.ts";

/** A line and those after it that repeat it but for values. */
export interface LineRun {
  readonly first: FieldedLine;
  readonly rest: readonly FieldedLine[];
}

/** Repeats from which on they are folded: two lines are read as fast as a note about one. */
const LEAST_REPEATS = 2;
/** Repeats named by time and value, of the beginning and the end of a run. */
const FIRST_NAMED = 16;
const LAST_NAMED = 8;
const LONGEST_VALUES = 60;

/**
 * Lines in order, those of one pattern of one service, level and instance as one, at the place of the first: patterns take turns in most logs.
 * @param splitAt a moment at which a run ends, so that what lies before and after it stays apart
 */
export function runsOf(lines: readonly FieldedLine[], splitAt: number | null): LineRun[] {
  const miner = createPatternMiner();
  const ids = lines.map(({ message }) => miner.add(message));
  const keyOf = (line: FieldedLine, index: number) =>
    JSON.stringify([miner.resolve(ids[index] ?? 0), line.service, line.severity, line.instance, splitAt !== null && line.at >= splitAt]);
  const runs = [...Map.groupBy(lines.entries(), ([index, line]) => keyOf(line, index)).values()];
  return runs
    .flatMap((all): LineRun[] => {
      const [first, ...rest] = all.map(([, line]) => line);
      if (first === undefined) return [];
      return rest.length >= LEAST_REPEATS ? [{ first, rest }] : [first, ...rest].map((line) => ({ first: line, rest: [] }));
    })
    .toSorted((one, other) => one.first.at - other.first.at);
}

const wordsOf = (text: string): string[] => text.split(/\s+/).filter((word) => word !== "");

/** What a line has where another has something else; the line itself where the two can't be laid side by side. */
function varied(line: FieldedLine, first: FieldedLine): string {
  const [own, others] = [wordsOf(line.message), wordsOf(first.message)];
  if (own.length !== others.length) return outsideLine(line.message, LONGEST_VALUES);
  return outsideLine(own.filter((word, index) => word !== others[index]).join(" "), LONGEST_VALUES);
}

/** The lines that a run folds: `the same 12 times more, with what differs: 07:50:02 9; 07:50:03 10; …`. */
export function foldedWords({ first, rest }: LineRun): string {
  const named = rest.length <= FIRST_NAMED + LAST_NAMED ? rest : [...rest.slice(0, FIRST_NAMED), ...rest.slice(-LAST_NAMED)];
  const told = named.map((line) => {
    const values = varied(line, first);
    return `${clockTime(line.at)}${values === "" ? "" : ` ${values}`}`;
  });
  if (named.length < rest.length) told.splice(FIRST_NAMED, 0, `… (${rest.length - named.length} more) …`);
  return `  the same ${rest.length} times more, with what differs: ${told.join("; ")}`;
}
