import type { Opened } from "./evidence.ts";
import type { Claimed } from "./figures.ts";
import { isInstant, isTime, meansFigure } from "./look-up.ts";
import { type About, withinOf, namedTables } from "./selections.ts";
import type { Sightings, Table } from "./sightings.ts";

/** Figures that a text gives a time: "225 ms at 04:27, 750 ms at 04:28 and 04:29". What an answer shows at that time decides, not what it shows at others. */

const AT = /^[ ,]{0,2}\(?(?:only |already |still )?at (?:about |~)?$/i;
const AND = /^(?:,| and|, and| to)? ?(?:at )?$/;

/** The figures that a text lists with its last one, in order: it alone where there is no list. */
function listBefore(text: string, tokens: readonly Claimed[]): Claimed[] {
  const listed = tokens.slice(-1);
  for (const token of tokens.slice(0, -1).toReversed()) {
    const [next] = listed;
    if (next === undefined || token.kind !== "figure" || isTime(token) || !AND.test(text.slice(token.end, next.start))) break;
    listed.unshift(token);
  }
  return listed;
}

/** The times that a text gives each of its figures, where it gives any. */
export function timesOf(text: string, tokens: readonly Claimed[]): ReadonlyMap<Claimed, readonly Claimed[]> {
  const found = new Map<Claimed, Claimed[]>();
  for (const [index, time] of tokens.entries()) {
    const next = tokens[index + 1];
    // "at 04:27:19, already took 239 ms": only a second is of one row.
    if (time.dimension !== "clock" || next?.kind !== "figure" || isTime(next) || !/\bat $/i.test(text.slice(0, time.start))) continue;
    if (/^(?:,? (?:and |already |it )*(?:took|takes|lasted|ran)) $/.test(text.slice(time.end, next.start))) found.set(next, [time]);
  }
  for (const [index, token] of tokens.entries()) {
    if (token.kind !== "figure" || isTime(token)) continue;
    const times: Claimed[] = [];
    let end = token.end;
    for (const next of tokens.slice(index + 1)) {
      if (!isTime(next) || !(times.length === 0 ? AT : AND).test(text.slice(end, next.start))) break;
      times.push(next);
      end = next.end;
    }
    const listed = listBefore(text, tokens.slice(0, index + 1));
    // "93.7, 95.7 and 95.2 % at 05:02, 05:03 and 05:04": each has its own; of other lists it stays open which has which.
    if (listed.length === times.length) for (const [place, one] of listed.entries()) found.set(one, times.slice(place, place + 1));
    else if (times.length > 0 && (listed.length === 1 || times.length === 1)) found.set(token, times);
  }
  return found;
}

/** The places of a series' points at a time. */
const placesAt = ({ at: times }: Table, time: Claimed): number[] =>
  times.flatMap((at, place) => (isInstant(time, at, "date") ? [place] : []));

/** Whether a row or a line has the figure beside the time; null: none has the time. */
function isBeside(claim: Claimed, time: Claimed, { values, written, dimensions, rowOf }: Sightings): boolean | null {
  const rows = new Set<number>();
  for (let at = 0; at < values.length; at++) {
    const dimension = dimensions[at] ?? "bare";
    if ((rowOf[at] ?? -1) >= 0 && isTime({ dimension }) && isInstant(time, values[at] ?? Number.NaN, dimension)) rows.add(rowOf[at] ?? -1);
  }
  if (rows.size === 0) return null;
  return values.some((value, at) => rows.has(rowOf[at] ?? -1) && meansFigure(claim, dimensions[at] ?? "bare", value, written[at] ?? value));
}

/** The series that a text names, of what it cites. */
export function seriesOf(claim: Claimed, answers: readonly Opened[], about: About) {
  const all = answers.flatMap(({ tables, units }) => tables.flatMap((table) => (table.isList ? [] : [{ table, units }])));
  const named = new Set(
    namedTables(
      all.map(({ table }) => table),
      claim,
      about,
    ),
  );
  return all.filter(({ table }) => named.has(table));
}

/** Words between a figure and the times of its level. */
const BEFORE = /^[^.;:()\d]{0,25}\b(?:until|till|before|up to) (?:about |~)?$/i;
const SINCE = /^[^.;:()\d]{0,25}\b(?:since|after|from) (?:about |~)?$/i;
const BETWEEN = /^[^.;:()\d]{0,25}\b(?:from|between) $/i;
const AND_THEN = /^ (?:to|and|until|through|-|–) $/;

/**
 * Of a figure's level "until 10:41", "since 04:11" or "from 04:06 to 04:13": whether the named series have it then, and the times that its being
 * their median then proves; null: it does not say.
 */
export function levelThen(
  claim: Claimed,
  text: string,
  tokens: readonly Claimed[],
  answers: readonly Opened[],
  about: About,
): { readonly isThere: boolean; readonly proven: readonly Claimed[] } | null {
  const index = tokens.indexOf(claim);
  const [time, next] = [tokens[index + 1], tokens[index + 2]];
  if (time === undefined || isTime(claim) || claim.dimension === "count" || !(time.dimension === "clock" || time.dimension === "minute"))
    return null;
  const words = text.slice(claim.end, time.start);
  const endOf = ({ value, dimension }: Claimed) => value + (dimension === "minute" ? 60 : 1);
  const isSpan = next !== undefined && next.dimension === time.dimension && AND_THEN.test(text.slice(time.end, next.start));
  let [from, to] = [0, 0];
  if (isSpan && BETWEEN.test(words)) [from, to] = [time.value, endOf(next)];
  else if (isSpan) return null;
  else if (BEFORE.test(words)) [from, to] = [-Infinity, endOf(time)];
  else if (SINCE.test(words)) [from, to] = [time.value, Infinity];
  else return null;
  const found = seriesOf(claim, answers, about).flatMap(({ table, units }) => withinOf(claim, table, from, to, units) ?? []);
  if (found.length === 0) return null;
  const isProven = found.some(({ isMedian }) => isMedian);
  return { isThere: found.some(({ isAmong }) => isAmong), proven: isProven ? (isSpan ? [time, next] : [time]) : [] };
}

/** Whether what is cited shows a figure at its times; null: it has no series there, so nothing is decided. */
export function isShownAt(claim: Claimed, times: readonly Claimed[], answers: readonly Opened[], about: About): boolean | null {
  let isKnown = true;
  for (const time of times) {
    let [hasPoint, isThere] = [false, false];
    for (const { table, units } of seriesOf(claim, answers, about))
      for (const place of placesAt(table, time))
        for (const { values, dimension, size } of table.columns) {
          hasPoint = true;
          const value = values[place] ?? Number.NaN;
          isThere ||= meansFigure(claim, dimension, value * size, value, units);
        }
    for (const { raw, view } of answers) {
      isThere ||= isBeside(claim, time, view) === true;
      // Rows that name a second tell of it as series do.
      const inRows = isThere ? null : isBeside(claim, time, raw);
      isThere ||= inRows === true;
      hasPoint ||= inRows === false && time.dimension === "clock";
      if (isThere) break;
    }
    if (isThere) continue;
    if (hasPoint) return false;
    isKnown = false;
  }
  return isKnown ? true : null;
}
