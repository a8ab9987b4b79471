import { readable } from "./quotes.ts";
import { type ServiceNames, type Sightings, sightingsInTurns } from "./sightings.ts";

/** A raw answer or a view, made ready for look-ups. The same answers are read at every hand-in, so those of the last ones are kept. */
export interface IndexedText {
  /** See {@link readable}. */
  readonly forms: readonly string[];
  readonly sightings: Sightings;
}

interface Remembered extends IndexedText {
  /** The catalog, by which the services of its records were found. */
  readonly names: string;
  readonly size: number;
}

/** Characters and figures that are kept, together: some tens of megabytes. */
const MOST_KEPT = 20_000_000;
/** A figure takes as much room as so many characters. */
const SIZE_OF_FIGURE = 20;
/** What is shorter is read again as fast. */
const SHORTEST_KEPT = 2_000;

const kept = new Map<string, Remembered>();
let size = 0;

const sizeOf = ({ values, tables }: Sightings) =>
  values.length * SIZE_OF_FIGURE +
  tables.reduce((sum, { at, texts }) => sum + at.length * SIZE_OF_FIGURE + texts.reduce((all, text) => all + text.length, 0), 0);

function forget(text: string, one: Remembered): void {
  kept.delete(text);
  size -= one.size;
}

/** The index of a text. Linear the first time; yields now and then. */
export function* indexOf(text: string, services: ServiceNames): Generator<void, IndexedText> {
  if (text.length < SHORTEST_KEPT) return { forms: readable(text), sightings: yield* sightingsInTurns(text, services) };
  const names = JSON.stringify([...services]);
  const known = kept.get(text);
  if (known !== undefined) forget(text, known);
  const index = known?.names === names ? known : { forms: readable(text), sightings: yield* sightingsInTurns(text, services) };
  const own = { ...index, names, size: index.forms.length * text.length + sizeOf(index.sightings) };
  const again = kept.get(text);
  if (again !== undefined) forget(text, again);
  kept.set(text, own);
  size += own.size;
  for (const [oldest, one] of kept) {
    if (size <= MOST_KEPT) break;
    forget(oldest, one);
  }
  return own;
}
