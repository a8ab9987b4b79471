/** Where a sentence may be parted: between sentences and clauses, around what is in brackets. */
const BORDER = /\s*[([]|[)\]]\s*|[.;!?](?:\s+|$)|,\s+|\s+[—–-]\s+/g;
/** Words that begin a clause which has lost what it followed. */
const DANGLING = /^(?:so(?: that)?|and|but|which|while|because|since|as|then|whereas|or|with)\s+/i;
/** Fewer words are no statement. */
const FEWEST_WORDS = 3;

type Passage = readonly [start: number, end: number];

/** A text without the clauses that hold those passages; null where no statement is left. */
export function withoutPassages(text: string, passages: readonly Passage[]): string | null {
  if (passages.length === 0) return text;
  const isIn = (at: number) => passages.some(([start, end]) => at >= start && at < end);
  const pieces: { readonly start: number; readonly end: number; readonly next: number }[] = [];
  let start = 0;
  for (const { 0: mark, index } of text.matchAll(BORDER)) {
    if (isIn(index)) continue;
    pieces.push({ start, end: index, next: index + mark.length });
    start = index + mark.length;
  }
  pieces.push({ start, end: text.length, next: text.length });
  const kept = pieces.filter((piece) => !passages.some(([from, to]) => from < piece.end && piece.start < to));
  const words = kept
    .map(({ start: from, end, next }, index) => text.slice(from, index === kept.length - 1 ? end : next))
    .join("")
    .replace(DANGLING, "")
    .replaceAll(/\s+/g, " ")
    .trim();
  // A bracket whose other half went with what it held.
  const plain = words.replaceAll(/^[,;:)\]\s]+|[,;:([\s]+$/g, "");
  const opens = (plain.match(/[([]/g) ?? []).length === (plain.match(/[)\]]/g) ?? []).length;
  const whole = opens ? plain : plain.replaceAll(/\s*[([]\s*|\s*[)\]]/g, " ").trim();
  return (whole.match(/[\p{L}\p{N}]+/gu) ?? []).length < FEWEST_WORDS ? null : whole;
}
