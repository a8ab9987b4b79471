/** Letters that must be changed, added, left out or swapped with their neighbour to make one word of the other (optimal string alignment). */
function edits(a: string, b: string): number {
  let before: number[] = [];
  let row = Array.from({ length: b.length + 1 }, (_, at) => at);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const isSame = a[i - 1] === b[j - 1];
      const isSwap = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      const ways = [(row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1, (row[j - 1] ?? 0) + (isSame ? 0 : 1)];
      next.push(Math.min(...ways, isSwap ? (before[j - 2] ?? 0) + 1 : Infinity));
    }
    before = row;
    row = next;
  }
  return row[b.length] ?? 0;
}

/** A slip for every so many letters of a word; more make it another word. */
const LETTERS_PER_SLIP = 3;
/** Longer ones are not compared: the work grows with the square of the length. */
const LONGEST_NAME = 100;

const wordsOf = (name: string): string[] =>
  name
    .toLowerCase()
    .split(/[^\p{L}\p{N}]+/u)
    .filter((word) => word !== "");
const digitsOf = (name: string): string => name.replaceAll(/\D+/g, " ").trim();

/** How many slips lead from one name to the other; null where it is another name: another number, or another word. */
function slips(typed: string, known: string): number | null {
  if (digitsOf(typed) !== digitsOf(known)) return null;
  const [left, right] = [wordsOf(typed), wordsOf(known)];
  if (left.join("") === right.join("")) return 0;
  if (left.length !== right.length) return null;
  let sum = 0;
  for (const [at, word] of left.entries()) {
    const other = right[at] ?? "";
    const found = edits(word, other);
    if (found > Math.floor(Math.max(word.length, other.length) / LETTERS_PER_SLIP)) return null;
    sum += found;
  }
  return sum;
}

/**
 * The known name that was likely meant: it differs by slips of the keyboard within its words, or in how they are joined ("checkoutApi",
 * "checkout_api"). A name with another number or another word ("redis-2" beside "redis-1", "orders-db" beside "orders") is a name of its own.
 * @returns null where none is near
 */
export function nearestName(typed: string, known: readonly string[]): string | null {
  if (typed.length > LONGEST_NAME) return null;
  let best: { readonly name: string; readonly slips: number } | null = null;
  for (const name of known) {
    const found = name.length > LONGEST_NAME ? null : slips(typed, name);
    if (found !== null && (best === null || found < best.slips)) best = { name, slips: found };
  }
  return best?.name ?? null;
}
