import type { Opened } from "./evidence.ts";
import type { Claimed } from "./figures.ts";
import { isInstant, isTime, meansFigure } from "./look-up.ts";
import { isOwnRecord, type SeenSeries, type Sightings } from "./sightings.ts";

/** Figures that a text gives a time: "225 ms at 04:27, 750 ms at 04:28 and 04:29". What an answer shows at that time decides, not what it shows at others. */

const AT = /^[ ,]{0,2}\(?(?:only |already |still )?at (?:about |~)?$/i;
const AND = /^(?:,| and|, and| to)? ?(?:at )?$/;

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
    if (times.length > 0) found.set(token, times);
  }
  return found;
}

/** The places of a series' points at a time. */
const placesAt = ({ times }: SeenSeries, time: Claimed): number[] =>
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

/** Whether what is cited shows a figure at its times; null: it has no series there, so nothing is decided. */
export function isShownAt(
  claim: Claimed,
  times: readonly Claimed[],
  answers: readonly Opened[],
  services: readonly string[],
): boolean | null {
  let isKnown = true;
  for (const time of times) {
    let [hasPoint, isThere] = [false, false];
    for (const { raw, view } of answers) {
      for (const series of raw.series) {
        if (!isOwnRecord(raw.records[series.record] ?? [], services)) continue;
        for (const place of placesAt(series, time)) {
          hasPoint = true;
          const value = series.values[place] ?? Number.NaN;
          const { unit } = series;
          isThere ||= meansFigure(claim, unit?.dimension ?? "bare", value * (unit?.size ?? 1), value);
        }
      }
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
