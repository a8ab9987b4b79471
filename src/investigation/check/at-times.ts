import { restOf } from "./derived.ts";
import type { Opened } from "./evidence.ts";
import type { Claimed } from "./figures.ts";
import { isInstant, isTime, meansFigure } from "./look-up.ts";
import { type About, namedTables } from "./selections.ts";
import type { Sightings, Table } from "./sightings.ts";

/** Figures that a text gives a time: "225 ms at 04:27, 750 ms at 04:28 and 04:29". What an answer shows at that time decides, not what it shows at others. */

const AT = /^[ ,]{0,2}\(?(?:only |already |still )?at (?:about |~)?$/i;
const AND = /^(?:,| and|, and| to)? ?(?:at )?$/;

/** Whether a figure is the last of several that a text lists. */
function isListed(text: string, tokens: readonly Claimed[], index: number): boolean {
  const [before, token] = [tokens[index - 1], tokens[index]];
  return before?.kind === "figure" && !isTime(before) && token !== undefined && AND.test(text.slice(before.end, token.start));
}

/** The times that a text gives each of its figures, where it gives any. Of a list with several times it stays open which has which. */
export function timesOf(text: string, tokens: readonly Claimed[]): ReadonlyMap<Claimed, readonly Claimed[]> {
  const found = new Map<Claimed, Claimed[]>();
  for (const [index, token] of tokens.entries()) {
    if (token.kind !== "figure" || isTime(token)) continue;
    const times: Claimed[] = [];
    let end = token.end;
    for (const next of tokens.slice(index + 1)) {
      if (!isTime(next) || !(times.length === 0 ? AT : AND).test(text.slice(end, next.start))) break;
      times.push(next);
      end = next.end;
    }
    if (times.length === 1 || (times.length > 1 && !isListed(text, tokens, index))) found.set(token, times);
  }
  return found;
}

/** The places of a series' points at a time. */
const placesAt = ({ at: times }: Table, time: Claimed): number[] =>
  times.flatMap((at, place) => (isInstant(time, at, "date") ? [place] : []));

/** Whether a row or a line has the figure beside the time; `other`: it gives the figure another time; null: none has the time. */
function besideIn(claim: Claimed, time: Claimed, { values, written, dimensions, rowOf, timed }: Sightings): boolean | "other" | null {
  const rows = new Set<number>();
  const isThen = (at: number) => {
    const dimension = dimensions[at] ?? "bare";
    return isTime({ dimension }) && isInstant(time, values[at] ?? Number.NaN, dimension);
  };
  for (let at = 0; at < values.length; at++) if ((rowOf[at] ?? -1) >= 0 && isThen(at)) rows.add(rowOf[at] ?? -1);
  if (rows.size === 0) return null;
  const there = [...values.keys()].filter(
    (at) => rows.has(rowOf[at] ?? -1) && meansFigure(claim, dimensions[at] ?? "bare", values[at] ?? Number.NaN, written[at] ?? Number.NaN),
  );
  if (there.length === 0) return false;
  const times = new Map(timed);
  return there.some((at) => isThen(times.get(at) ?? -1) || !times.has(at)) ? true : "other";
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

/** Whether what is cited shows a figure at its times; null: it has no series there, so nothing is decided. */
export function isShownAt(claim: Claimed, times: readonly Claimed[], answers: readonly Opened[], about: About): boolean | null {
  let isKnown = true;
  const rest = claim.dimension === "percent" ? [restOf(claim)] : [];
  for (const time of times) {
    let [hasPoint, isThere] = [false, false];
    for (const { table, units } of seriesOf(claim, answers, about))
      for (const place of placesAt(table, time))
        for (const { values, dimension, size } of table.columns) {
          hasPoint = true;
          const value = values[place] ?? Number.NaN;
          isThere ||= [claim, ...rest].some((one) => meansFigure(one, dimension, value * size, value, units));
        }
    for (const { raw, view } of answers) {
      const inView = besideIn(claim, time, view);
      isThere ||= inView === true;
      // Rows that name a second tell of it as series do.
      const inRows = isThere ? null : besideIn(claim, time, raw);
      isThere ||= inRows === true;
      hasPoint ||= inView === "other" || inRows === "other" || (inRows === false && time.dimension === "clock");
      if (isThere) break;
    }
    if (isThere) continue;
    if (hasPoint) return false;
    isKnown = false;
  }
  return isKnown ? true : null;
}
