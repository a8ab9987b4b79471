import { allFields, type FieldedLine } from "../log-fields.ts";

/** A field whose values are telling of some lines: what most of them have there, and others have not. */
export interface FieldShare {
  readonly field: string;
  readonly value: string;
  /** Of the lines that have the field, 0..1. */
  readonly share: number;
  /** The same share of all other lines, before and now; null where none of them has the field. */
  readonly elsewhere: number | null;
}

/** Fewer lines than these make no share. */
const LEAST_LINES = 3;
/** Part of the lines that must have the field, and of these that must have the value: half of them is what two instances have by themselves. */
const MOST_HAVE = 0.8;
const MOST_SHARE = 0.6;
/** By so much more than elsewhere a value must be there: what all lines say sets none apart. */
const TELLING = 0.2;

/** Lines by field and value, weighted. */
export interface FieldCounts {
  readonly lines: number;
  readonly weight: number;
  readonly fields: ReadonlyMap<string, ReadonlyMap<string, number>>;
}

/** Counts fields of lines; the instance counts as one. */
export function countFields(lines: readonly FieldedLine[]): FieldCounts {
  const fields = new Map<string, Map<string, number>>();
  let weight = 0;
  for (const line of lines) {
    weight += line.weight;
    const own = { ...allFields(line), ...(line.instance === null ? {} : { instance: line.instance }) };
    for (const [field, value] of Object.entries(own)) {
      const values = fields.get(field) ?? new Map<string, number>();
      values.set(value, (values.get(value) ?? 0) + line.weight);
      fields.set(field, values);
    }
  }
  return { lines: lines.length, weight, fields };
}

const sum = (values: ReadonlyMap<string, number> | undefined): number => [...(values?.values() ?? [])].reduce((all, one) => all + one, 0);

/**
 * Fields in which some lines differ from all: `client_ip 10.1.2.3 100 %, elsewhere 4 %`. The most telling first.
 * @param all the same lines and the others
 */
export function fieldShares(some: FieldCounts, all: FieldCounts, most: number): FieldShare[] {
  if (some.lines < LEAST_LINES) return [];
  const found = [...some.fields].flatMap(([field, values]): FieldShare[] => {
    const own = sum(values);
    const [top] = [...values].toSorted(([a, x], [b, y]) => y - x || (a < b ? -1 : 1));
    if (top === undefined || own < MOST_HAVE * some.weight) return [];
    const [value, times] = top;
    const everywhere = all.fields.get(field);
    const others = sum(everywhere) - own;
    const elsewhere = others <= 0 ? null : ((everywhere?.get(value) ?? 0) - times) / others;
    const share = times / own;
    return share >= MOST_SHARE && share - (elsewhere ?? 0) >= TELLING ? [{ field, value, share, elsewhere }] : [];
  });
  return found
    .toSorted((a, b) => b.share - (b.elsewhere ?? 0) - (a.share - (a.elsewhere ?? 0)) || (a.field < b.field ? -1 : 1))
    .slice(0, most);
}
