import { LARGEST_TEXT_CHARACTERS, LONGEST_REPLACEMENT, LONGEST_SEARCH } from "./limits.ts";

/** One search/replace block of one file. */
export interface EditBlock {
  /** 1 for the first edit of the whole proposal: by it a refusal says which one is meant. */
  readonly number: number;
  /** "" to create the file. */
  readonly search: string;
  readonly replace: string;
  readonly delete?: boolean | undefined;
}

/** "refused": each problem is one sentence for people and for the model, without the name of the file. */
export type EditedText =
  | { readonly status: "edited"; readonly after: string | null }
  | { readonly status: "refused"; readonly problems: readonly string[] };

const MOST_MATCHES_COUNTED = 100;
const MOST_LINES_NAMED = 5;
/** A line that is in a file more often says nothing about the place. */
const MOST_TELLING_LINES = 50;
const MOST_WORDS_COMPARED = 30;
/** Blocks of one file for which the closest line is looked for, which takes time; a patch that misses more comes from somebody who has not read the file. */
const MOST_CLOSEST = 5;

const refused = (...problems: string[]): EditedText => ({ status: "refused", problems });

/** Knuth, Morris and Pratt: a text and a search that were made to be slow take no longer than others. */
function occurrences(text: string, search: string): number[] {
  const back = new Int32Array(search.length);
  for (let index = 1, length = 0; index < search.length; index++) {
    while (length > 0 && search[index] !== search[length]) length = back[length - 1] ?? 0;
    if (search[index] === search[length]) length++;
    back[index] = length;
  }
  const found: number[] = [];
  for (let index = 0, length = 0; index < text.length && found.length < MOST_MATCHES_COUNTED; index++) {
    while (length > 0 && text[index] !== search[length]) length = back[length - 1] ?? 0;
    if (text[index] === search[length]) length++;
    if (length !== search.length) continue;
    found.push(index - length + 1);
    length = back[length - 1] ?? 0;
  }
  return found;
}

const lineAt = (text: string, offset: number): number => {
  let line = 1;
  for (let at = text.indexOf("\n"); at >= 0 && at < offset; at = text.indexOf("\n", at + 1)) line++;
  return line;
};

interface Lines {
  readonly all: readonly string[];
  /** Where each line is, without white space around it. */
  readonly places: ReadonlyMap<string, readonly number[]>;
}

function linesOf(text: string): Lines {
  const all = text.split("\n");
  const places = new Map<string, number[]>();
  for (const [index, line] of all.entries()) {
    const key = line.trim();
    if (key === "") continue;
    const known = places.get(key);
    if (known === undefined) places.set(key, [index]);
    else if (known.length <= MOST_TELLING_LINES) known.push(index);
  }
  return { all, places };
}

/** Where most lines of the search are in their order, without white space; null if the file has none. */
function closestLine(lines: Lines, search: string): { readonly line: number; readonly sameLines: number } | null {
  const { all, places } = lines;
  const votes = new Map<number, number>();
  for (const [index, line] of search.split("\n").entries()) {
    const at = places.get(line.trim()) ?? [];
    if (at.length > MOST_TELLING_LINES) continue;
    for (const place of at) votes.set(place - index, (votes.get(place - index) ?? 0) + 1);
  }
  let best: { line: number; sameLines: number } | null = null;
  for (const [offset, sameLines] of votes) {
    const line = Math.max(0, offset) + 1;
    if (best === null || sameLines > best.sameLines || (sameLines === best.sameLines && line < best.line)) best = { line, sameLines };
  }
  return best ?? mostAlikeLine(all, search);
}

const wordsOf = (line: string) => new Set((line.match(/[\p{L}\p{N}_]+/gu) ?? []).slice(0, MOST_WORDS_COMPARED));

/** The line that shares most words with the first line of the search that has any. */
function mostAlikeLine(all: readonly string[], search: string): { readonly line: number; readonly sameLines: number } | null {
  const wanted = wordsOf(search.split("\n").find((line) => wordsOf(line).size > 0) ?? "");
  let best: { line: number; shared: number } | null = null;
  for (const [index, line] of all.entries()) {
    const words = wordsOf(line);
    const shared = [...wanted].filter((word) => words.has(word)).length / Math.max(wanted.size, words.size, 1);
    if (shared >= 0.3 && shared > (best?.shared ?? 0)) best = { line: index + 1, shared };
  }
  return best === null ? null : { line: best.line, sameLines: 0 };
}

function notFound(text: Lines, { number, search }: EditBlock): string {
  const closest = closestLine(text, search);
  const lines = search.split("\n").filter((line) => line.trim() !== "").length;
  if (closest === null) return `Edit ${number}: the search text matches 0 times, and the file has nothing like it.`;
  const spaces = closest.sameLines >= lines ? " All its lines are there, except for white space." : "";
  return `Edit ${number}: the search text matches 0 times; the closest is line ${closest.line}.${spaces}`;
}

function foundOften(text: string, { number }: EditBlock, found: readonly number[]): string {
  const many = found.length >= MOST_MATCHES_COUNTED ? `at least ${found.length}` : String(found.length);
  const lines = [...new Set(found.slice(0, MOST_LINES_NAMED).map((offset) => lineAt(text, offset)))];
  const more = found.length > MOST_LINES_NAMED ? ", …" : "";
  const where = `line${lines.length === 1 ? "" : "s"} ${lines.join(", ")}${more}`;
  return `Edit ${number}: the search text matches ${many} times (${where}); add lines around it until it matches once.`;
}

/** The text with "\n" alone, and for each of its characters where it is in the text with its own line breaks. */
function withPlainBreaks(text: string): { readonly plain: string; readonly offset: (at: number) => number; readonly lineBreak: string } {
  const plain = text.replaceAll("\r\n", "\n");
  if (plain.length === text.length) return { plain, offset: (at) => at, lineBreak: "\n" };
  const offsets = new Int32Array(plain.length + 1);
  let own = 0;
  for (let at = 0; at < plain.length; at++) {
    offsets[at] = own;
    own += text[own] === "\r" && text[own + 1] === "\n" ? 2 : 1;
  }
  offsets[plain.length] = own;
  const pairs = text.length - plain.length;
  const breaks = plain.split("\n").length - 1;
  return { plain, offset: (at) => offsets[at] ?? own, lineBreak: pairs * 2 >= breaks ? "\r\n" : "\n" };
}

/** How much two texts have in common at their beginning, and behind it at their end. */
function commonEnds(a: string, b: string): { readonly start: number; readonly end: number } {
  const most = Math.min(a.length, b.length);
  let start = 0;
  while (start < most && a[start] === b[start]) start++;
  let end = 0;
  while (end < most - start && a[a.length - 1 - end] === b[b.length - 1 - end]) end++;
  return { start, end };
}

const tooLong = ({ number, search, replace }: EditBlock): string[] => [
  ...(search.length > LONGEST_SEARCH ? [`Edit ${number}: the search text is longer than ${LONGEST_SEARCH} characters.`] : []),
  ...(replace.length > LONGEST_REPLACEMENT ? [`Edit ${number}: the new text is longer than ${LONGEST_REPLACEMENT} characters.`] : []),
];

/**
 * Applies the search/replace blocks of one file. Each block is looked for in the text as it was, must be there exactly once, and no two may
 * overlap; so no block can hit what another one wrote, and their order does not change the outcome. Line breaks of the blocks may be "\n"
 * whatever the file has; what is written gets the file's own.
 * @param before the whole text, or null where there is no such file
 */
export function applyEdits(before: string | null, blocks: readonly EditBlock[]): EditedText {
  const long = blocks.flatMap(tooLong);
  if (long.length > 0) return refused(...long);
  const [first] = blocks;
  if (first === undefined) return refused("There is no edit of it.");
  const deleting = blocks.find((block) => block.delete === true);
  if (deleting !== undefined) {
    if (before === null) return refused(`Edit ${deleting.number}: there is no such file to delete.`);
    if (blocks.length > 1) return refused(`Edit ${deleting.number}: a file that is deleted has no other edit.`);
    if (deleting.search !== "" || deleting.replace !== "")
      return refused(`Edit ${deleting.number}: a deletion has no search and no new text.`);
    return { status: "edited", after: null };
  }
  if (before === null) {
    const searching = blocks.filter((block) => block.search !== "");
    if (searching.length > 0) {
      return refused(...searching.map(({ number }) => `Edit ${number}: there is no such file; to create it, leave the search text empty.`));
    }
    if (blocks.length > 1) return refused(`Edit ${blocks[1]?.number ?? 0}: a new file is given whole, in one edit.`);
    return { status: "edited", after: first.replace };
  }
  return applyBlocks(before, blocks);
}

function applyBlocks(before: string, blocks: readonly EditBlock[]): EditedText {
  if (before.length > LARGEST_TEXT_CHARACTERS) return refused(`It is longer than ${LARGEST_TEXT_CHARACTERS} characters.`);
  const { plain, offset, lineBreak } = withPlainBreaks(before);
  const problems: string[] = [];
  let lines: Lines | null = null;
  let missing = 0;
  const placed: {
    readonly number: number;
    readonly from: number;
    readonly to: number;
    readonly search: string;
    readonly replace: string;
  }[] = [];
  for (const block of blocks) {
    const search = block.search.replaceAll("\r\n", "\n");
    const replace = block.replace.replaceAll("\r\n", "\n");
    if (search === "") {
      problems.push(`Edit ${block.number}: the file exists, so the search text must not be empty.`);
      continue;
    }
    const found = occurrences(plain, search);
    const [from] = found;
    if (from === undefined && ++missing > MOST_CLOSEST) problems.push(`Edit ${block.number}: the search text matches 0 times.`);
    else if (from === undefined) problems.push(notFound((lines ??= linesOf(plain)), { ...block, search }));
    else if (found.length > 1) problems.push(foundOften(plain, block, found));
    else placed.push({ number: block.number, from, to: from + search.length, search, replace });
  }
  const ordered = placed.toSorted((a, b) => a.from - b.from);
  for (const [index, block] of ordered.entries()) {
    const next = ordered[index + 1];
    if (next === undefined || next.from >= block.to) continue;
    const [one, other] = [block.number, next.number].toSorted((a, b) => a - b);
    problems.push(`Edits ${one} and ${other} overlap at line ${lineAt(plain, next.from)}; make one edit of them.`);
  }
  if (problems.length > 0) return refused(...problems);
  let after = "";
  let at = 0;
  for (const { from, to, search, replace } of ordered) {
    // Only what differs is written, so that lines given as context keep their bytes even where a file mixes its line breaks.
    const { start, end } = commonEnds(search, replace);
    after += before.slice(at, offset(from + start)) + replace.slice(start, replace.length - end).replaceAll("\n", lineBreak);
    at = offset(to - end);
  }
  return { status: "edited", after: after + before.slice(at) };
}
