import type { Opened } from "./evidence.ts";
import type { Claimed } from "./figures.ts";
import { isInstant, isTime, meansFigure } from "./look-up.ts";
import { isOwnRecord, LONG_ID, type Sightings } from "./sightings.ts";

/** Which of two figures came first, and which figures are in a row with an id. */

/** Whether an arrow of a text, or the points of one series, show that one figure became the other. */
function becomes(from: Claimed, to: Claimed, { turns, values, records, recordOf, series }: Sightings, owners: readonly string[]): boolean {
  const isIn = (claim: Claimed, value: number) => value >= claim.low && value <= claim.high;
  return (
    turns.some(
      ([a, b]) => isIn(from, values[a] ?? 0) && isIn(to, values[b] ?? 0) && isOwnRecord(records[recordOf[a] ?? 0] ?? [], owners),
    ) ||
    series.some(({ record, unit, values: points }) => {
      if (!isOwnRecord(records[record] ?? [], owners)) return false;
      const is = (claim: Claimed) => (value: number) => meansFigure(claim, unit?.dimension ?? "bare", value * (unit?.size ?? 1), value);
      const first = points.findIndex(is(from));
      return first >= 0 && points.findLastIndex(is(to)) > first;
    })
  );
}

const escaped = (text: string) => text.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);

/** Whether a diff takes one figure out and puts the other in, in the next line. */
function isChanged(from: Claimed, to: Claimed, form: string): boolean {
  const figure = ({ value, size }: Claimed) => `(?<![\\p{N}.])${escaped(String(value / size))}(?![\\p{N}.])`;
  return new RegExp(`(?:^| )-[^+]{0,80}?${figure(from)}[^+]{0,40} \\+[^+]{0,80}?${figure(to)}`, "u").test(form);
}

/** Whether the answers show two figures in the other order than a text, and nowhere in this one. */
export function isReversed(from: Claimed, to: Claimed, answers: readonly Opened[], owners: readonly string[]): boolean {
  if (isTime(from) || from.dimension !== to.dimension || from.value === to.value) return false;
  const shows = (one: Claimed, other: Claimed) =>
    answers.some(
      ({ view, raw, forms }) =>
        becomes(one, other, view, owners) ||
        becomes(one, other, raw, owners) ||
        forms.some((form) => form.includes("@@ -") && isChanged(one, other, form)),
    );
  return !shows(from, to) && shows(to, from);
}

/** The one id of a text with whose rows in the answers none of its figures is; null where there is none such. */
export function strangeId(tokens: readonly Claimed[], answers: readonly Opened[]): string | null {
  const [id, ...others] = tokens.filter(({ kind, text }) => kind === "name" && LONG_ID.test(text));
  const figures = tokens.filter(({ kind, dimension }) => kind === "figure" && dimension !== "count" && dimension !== "minute");
  if (id === undefined || others.length > 0 || figures.length === 0) return null;
  let isThere = false;
  for (const { raw, view } of answers)
    for (const { ids, rowOf, values, written, dimensions } of [view, raw]) {
      const rows = ids.get(id.text);
      if (rows === undefined) continue;
      isThere = true;
      for (const [at, row] of rowOf.entries()) {
        if (!rows.has(row)) continue;
        const [value, dimension] = [values[at] ?? Number.NaN, dimensions[at] ?? "bare"];
        if (figures.some((one) => isBeside(one, dimension, value, written[at] ?? value))) return null;
      }
    }
  return isThere ? id.text : null;
}

const isBeside = (claim: Claimed, dimension: Claimed["dimension"], value: number, written: number): boolean =>
  isTime(claim) ? isTime({ dimension }) && isInstant(claim, value, dimension) : meansFigure(claim, dimension, value, written);
