import type { Token } from "./figures.ts";

/** What a text says of its figures beside their size: which came first, which are denied, which are said to be unchanged. */

const RISES =
  /\b(?:rose|rises|rising|risen|grew|grows|growing|climbed|climbs|increased|increases|jumped|jumps|went up|up from|worsened)\b/i;
const FALLS = /\b(?:fell|falls|falling|fallen|dropped|drops|decreased|decreases|shrank|sank|went down|down from|recovered|improved)\b/i;

/** Whether a sentence says that a figure went the other way. */
export const contradicts = (words: string, from: number, to: number): boolean =>
  (RISES.test(words) && !FALLS.test(words) && from > to) || (FALLS.test(words) && !RISES.test(words) && from < to);

const PAST_BEFORE = /\b(?:was|were|been|from|before|previously|earlier|after|instead of|used to be)[\s:(]{1,3}(?:at |about |~)?$/i;
const PAST_AFTER = /^[\s,)]{0,2}(?:before|earlier|previously|an? (?:second|minute|hour|day|while) (?:ago|before|earlier))\b/i;
const THEN = /^[\s,]{0,2}(?:became|becomes|turned (?:in)?to|grew to|rose to|fell to|dropped to|went to|then)\b/i;
/** Characters between two figures that one sentence compares. */
const APART = 60;

/** Pairs of figures (places in `tokens`) of which the words around them say which came first, beside those written as "210 → 4800 ms". */
export function saidTurns(text: string, tokens: readonly Token[]): (readonly [from: number, to: number])[] {
  const figures = tokens.flatMap((token, index) => (token.kind === "figure" ? [index] : []));
  const isPast = ({ start, end }: Token) =>
    PAST_BEFORE.test(text.slice(Math.max(0, start - 24), start)) || PAST_AFTER.test(text.slice(end, end + 24));
  return figures.slice(1).flatMap((next, index): (readonly [number, number])[] => {
    const [first, second] = [figures[index] ?? 0, next];
    const [one, other] = [tokens[first], tokens[second]];
    if (one === undefined || other === undefined || one.dimension !== other.dimension) return [];
    if (/^(?:clock|minute|date)$/.test(one.dimension) || other.start - one.end > APART) return [];
    const between = text.slice(one.end, other.start);
    if (/[.;]\s/.test(between)) return [];
    if (isPast(one) !== isPast(other)) return [isPast(one) ? [first, second] : [second, first]];
    return THEN.test(between) ? [[first, second]] : [];
  });
}

const DENIES = /(?:^|[^\p{L}])(?:not|never|no longer|nor|neither|cannot|without|hardly|barely|failed to|\p{L}+n['’]t)(?!\p{L})/giu;
const DENIED = /^\s{0,2}(?:(?:was|were|is|are|has|have|had|did|does|do)(?:n['’]t| not| never)|never|not)\b/i;

/**
 * The words of a clause that deny a figure of it, up to the figure; null where none do. Of times nothing is denied: "never hits since 03:11".
 * @param clause begins at `start` of the text
 */
export function denialOf(text: string, token: Token, start: number): string | null {
  if (/^(?:clock|minute|date)$/.test(token.dimension)) return null;
  const found = [...text.slice(start, token.start).matchAll(DENIES)].at(-1);
  if (found !== undefined) return text.slice(start + found.index, token.end).replace(/^[^\p{L}]/u, "");
  const behind = DENIED.exec(text.slice(token.end, token.end + 24));
  return behind === null ? null : text.slice(token.start, token.end + behind[0].length);
}

const STAYS = /\b(?:stay(?:s|ed)?|remain(?:s|ed)?)\b/i;
const AS_EVER = /\b(?:as (?:always|usual|ever|before)|unchanged|did(?:n['’]t| not) (?:change|move))\b/i;

/** At which end of a step a figure can't be of which a clause says that it did not move: what stays is what came, what is unchanged is what was. */
export const cannotBe = (clause: string): "from" | "to" | null => (AS_EVER.test(clause) ? "to" : STAYS.test(clause) ? "from" : null);
