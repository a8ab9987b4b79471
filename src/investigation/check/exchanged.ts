import type { Opened } from "./evidence.ts";
import { type Claimed, joined, rawTokens, type Token } from "./figures.ts";
import { isTime, meansFigure } from "./look-up.ts";

/**
 * Two figures of a text that are at each other's places: "9 wait for IO, 8 are on the CPU" of a line with "8 wait for IO, 9 on the CPU". What
 * is around a figure says what it is of. Where the words around two figures are in an answer around the other one of them each, and
 * nowhere around their own, they are exchanged. Words that both have tell nothing, and of two
 * figures of one thing, before and after, their order does.
 */

/** Places of one figure that are compared, and lines that are looked through. */
const MOST_PLACES = 24;
const MOST_LINES = 4_000;
/** What of a line before its first colon says what all of it is of. */
const LONGEST_HEAD = 200;
const HEAD = /^[^:]{1,200}(?::\S[^:]{0,80})*:(?=\s)/;
const SEPARATOR = /[,;|()·→]/;
/** As long a beginning that two words have in common makes them one: "updating", `UPDATE`. */
const STEM = 5;
const SHORTEST = 4;

type Words = ReadonlySet<string>;

/** Words that may name something: long ones, and short ones in capitals. */
const namesIn = (text: string): string[] =>
  (text.replaceAll(/(\p{Ll})(\p{Lu})/gu, "$1 $2").match(/p\d{2,3}(?!\d)|\p{L}+/gu) ?? [])
    .filter((word) => word.length >= SHORTEST || /^(?:p\d|\p{Lu}{2})/u.test(word))
    .map((word) => word.toLowerCase());

const isAlike = (one: string, other: string): boolean =>
  one === other ||
  (one.length >= SHORTEST && other.startsWith(one)) ||
  (other.length >= SHORTEST && one.startsWith(other)) ||
  (one.length >= STEM && other.length >= STEM && one.slice(0, STEM) === other.slice(0, STEM));

const without = (own: Words, other: Words): string[] => [...own].filter((word) => ![...other].some((one) => isAlike(word, one)));
const shared = (own: readonly string[], other: readonly string[]): number =>
  own.filter((word) => other.some((one) => isAlike(word, one))).length;

/** The words around each figure of a line: up to the next one, or up to a sign that ends a part. */
function around(line: string, figures: readonly Token[]): Words[] {
  const head = HEAD.exec(line.slice(0, LONGEST_HEAD))?.[0] ?? "";
  return figures.map((figure, index) => {
    const before = line.slice(figures[index - 1]?.end ?? 0, figure.start);
    const after = line.slice(figure.end, figures[index + 1]?.start ?? line.length);
    const left = index === 0 ? before : (before.split(SEPARATOR).at(-1) ?? "");
    const right = index === figures.length - 1 ? after : (after.split(SEPARATOR)[0] ?? "");
    return new Set([...namesIn(head), ...namesIn(left), ...namesIn(right)]);
  });
}

interface Line {
  readonly figures: readonly Token[];
  readonly words: readonly Words[];
  readonly turns: readonly (readonly [Token, Token])[];
}

const known = new WeakMap<Opened, readonly Line[]>();

/** The lines that a model saw of an answer, and of an answer that is text its own. */
function linesOf(answer: Opened): readonly Line[] {
  const already = known.get(answer);
  if (already !== undefined) return already;
  const lines = answer.lines.slice(0, MOST_LINES).flatMap((line) => {
    const { tokens, turns } = joined(line, rawTokens(line, null));
    const figures = tokens.filter((token) => token.kind === "figure" && !isTime(token));
    return figures.length === 0
      ? []
      : [{ figures, words: around(line, figures), turns: turns.flatMap(([from, to]) => pairOf(tokens[from], tokens[to])) }];
  });
  known.set(answer, lines);
  return lines;
}

const pairOf = (one: Token | undefined, other: Token | undefined) =>
  one === undefined || other === undefined ? [] : [[one, other] as const];

const is = (claim: Claimed, { dimension, value, size }: Token) =>
  meansFigure(claim, dimension === "count" ? "bare" : dimension, value, value / size);

/** The first two figures of a text that are exchanged, or null. */
export function exchangedIn(text: string, tokens: readonly Claimed[], answers: readonly Opened[]): readonly [Claimed, Claimed] | null {
  const figures = tokens.filter((token) => token.kind === "figure" && !isTime(token));
  if (figures.length < 2) return null;
  const own = around(text, figures);
  const places = figures.map((figure) =>
    answers
      .flatMap((answer) =>
        linesOf(answer).flatMap(({ figures: those, words }) =>
          those.flatMap((one, at) => (is(figure, one) ? [words[at] ?? new Set<string>()] : [])),
        ),
      )
      .slice(0, MOST_PLACES),
  );
  for (const [index, one] of figures.entries())
    for (let next = index + 1; next < figures.length; next++) {
      const other = figures[next];
      if (other === undefined || other.dimension !== one.dimension || other.text === one.text || one.value === 0 || other.value === 0)
        continue;
      const isTurn = answers.some((answer) =>
        linesOf(answer).some(({ turns }) =>
          turns.some(([from, to]) => (is(one, from) && is(other, to)) || (is(one, to) && is(other, from))),
        ),
      );
      if (!isTurn && isCrossed([own[index], own[next]], places[index] ?? [], places[next] ?? [])) return [one, other];
    }
  return null;
}

const NONE: Words = new Set();

function isCrossed([one = NONE, other = NONE]: readonly (Words | undefined)[], ones: readonly Words[], others: readonly Words[]): boolean {
  const [first, second] = [without(one, other), without(other, one)];
  let crossed = 0;
  for (const a of ones)
    for (const b of others) {
      const [atFirst, atSecond] = [without(a, b), without(b, a)];
      if (shared(first, atFirst) + shared(second, atSecond) > 0) return false;
      crossed = Math.max(crossed, shared(first, atSecond) + shared(second, atFirst));
    }
  return crossed > 1;
}
