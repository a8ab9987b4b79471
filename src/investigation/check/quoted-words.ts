import type { Opened } from "./evidence.ts";
import { scan } from "./figures.ts";
import { isTime, secondOfDay } from "./look-up.ts";

/** What a sentence says of the words that it quotes: that they are nowhere, or whose they are. */

/** Words behind which a new thing is said, which a denial before them does not reach; or that make no denial of it. */
const APART =
  "and|but|yet|while|so|because|since|after|before|when|until|as|then|though|although|only|longer|just|from|by|due|despite|if|once|although|stop\\w*|instead|doubt|question|surprise|wonder|exception";
/** What is done with words that are looked for. */
const SAYING =
  "say|says|said|saying|mentions?|mentioned|contains?|contained|match(?:es|ed)?|reads?|has|have|had|shows?|showed|logs?|logged|with|of|for|like|as|named|called|about|prints?|printed|reports?|reported|holds?|is|are|was|were|writes?|wrote|includes?|included|names?";
/** "Without a mention of" denies what is behind it; "without warning cart logged" denies the warning. */
const WITHOUT = String.raw`\bwithout(?:\s+[\p{L}\p{N}_./-]+){0,3}?\s+(?:with|of|for|like|saying|mentioning|containing|matching|named|called)(?: the words?| any)?\s*$`;
const DENIAL = new RegExp(
  String.raw`\b(?:no|none|not|never|nothing|nobody|neither|nor|\p{L}+n['’]t)(?:\s+(?!(?:${APART})\b)[\p{L}\p{N}_./-]+){0,8}?\s+(?:${SAYING})(?: the words?| the text| a| any)?\s*$|\b(?:no|without|neither|nor)\s+(?:single |such |further |more )?$|${WITHOUT}`,
  "iu",
);

/** What is said of words behind them: "…, which no line has", "… would show, and none does". */
const DENIED_BEHIND =
  /^["”’'`]?(?: would \p{L}+)?,? (?:which|that|and|but|yet|while|though) (?:no (?!longer\b|doubt\b)\p{L}+|none|nothing|nobody)(?: \S+){0,4} (?:has|have|had|says?|shows?|names?|mentions?|logs?|logged|contains?|prints?|printed|reports?|do|does|did)(?: it)?(?:[.;,:]|$)|^["”’'`]? (?:is|was|are|were) (?:nowhere|in no\b|in none\b)/iu;

/** When: "no line between 09:45 and 10:20 mentions". */
const SPAN = /,? (?:(?:between|from) \d[\d:]* ?\p{L}{0,3} (?:and|to) \d[\d:]*|(?:after|since|before|until|at|by) \d[\d:]*)(?: UTC)?,? /giu;

/** Whether a sentence says of the words at a place that they are nowhere: "no line of cart says “…”". What a denial may not reach is not denied. */
export const isDenied = (text: string, start: number, end: number): boolean =>
  DENIAL.test(text.slice(Math.max(0, start - 120), start).replaceAll(SPAN, " ")) || DENIED_BEHIND.test(text.slice(end, end + 120));

/** Whether a sentence only says what would be: "an overloaded resolver would rather give EAI_AGAIN". */
export const isSupposed = (text: string, start: number): boolean =>
  /\bwould (?!have\b)[^.;:]{0,60}$/i.test(text.slice(Math.max(0, start - 80), start));

const plain = (text: string): string => text.toLowerCase().replaceAll(/\s+/g, " ").trim();

/** Characters around a place that are of the same row or line, roughly. */
const AROUND = 800;
const MOST_PLACES = 200;

/** Whether one of the names is near a place where an answer has the words; null: it has them nowhere. */
export function isOf({ forms }: Opened, words: string, names: readonly string[]): boolean | null {
  const wanted = plain(words);
  const text = plain(forms.at(-1) ?? "");
  let seen = false;
  for (
    let at = text.indexOf(wanted), places = 0;
    at >= 0 && places < MOST_PLACES;
    at = text.indexOf(wanted, at + wanted.length), places++
  ) {
    seen = true;
    const around = text.slice(Math.max(0, at - AROUND), at + wanted.length + AROUND);
    if (names.length === 0 || names.some((name) => around.includes(name.toLowerCase()))) return true;
  }
  return seen ? false : null;
}

/** What is found of words that are said to be nowhere. */
export type Absence = { readonly of: "searched" } | { readonly of: "there"; readonly number: number } | { readonly of: "unread" };

/** Words of a query that are no filter by field. */
const freeWords = (query: string): string =>
  query
    .replaceAll(/[\w.@-]+:(?:"[^"]*"|\([^)]*\)|\S+)/g, " ")
    .replaceAll(/[*"()]|\b(?:and|or|not|logs?|lines?|events?|search|of|in)\b/g, " ")
    .trim();

/** Words before a time that bound what is said: "after 09:54", "until 10:20". */
const BEGINS = /\b(after|since|from|between|past) (?:about |~)?$/i;
const ENDS = /\b(before|until|till|by|up to) (?:about |~)?$/i;

/** The time that a sentence speaks of, as a test of an instant (epoch seconds); null: it bounds none. */
function timeOf(text: string): ((at: number) => boolean) | null {
  const [first, second] = scan(text).tokens.filter((token) => token.kind === "figure" && isTime(token));
  if (first === undefined) return null;
  const before = text.slice(Math.max(0, first.start - 20), first.start);
  const clock = (at: number) => (first.dimension === "date" ? at : secondOfDay(at));
  const begins = BEGINS.exec(before)?.[1]?.toLowerCase();
  if (begins !== undefined) {
    const from = begins === "after" || begins === "past" ? first.value + first.slack : first.value;
    const to = second?.dimension === first.dimension && /^(?:from|between)$/.test(begins) ? second.value + second.slack : Infinity;
    return (at) => clock(at) >= from && clock(at) < to;
  }
  return ENDS.test(before) ? (at) => clock(at) < first.value : null;
}

/** Whether rows with words are all at other times; false: rows of that time have them, or it is not known when. */
const isAtOtherTimes = ({ tables }: Opened, words: string, isThen: (at: number) => boolean): boolean => {
  const times = tables.flatMap(({ at, texts }) => at.filter((_, row) => texts[row]?.includes(plain(words)) === true));
  return times.length > 0 && times.every((at) => Number.isFinite(at) && !isThen(at));
};

/**
 * Whether the answers show that words are nowhere: a search for them, or for anything, that found nothing, or rows without them.
 * @param text the sentence that says so
 * @param names of the services that it is about; empty: of any
 */
export function absenceOf(words: string, text: string, answers: readonly Opened[], names: readonly string[]): Absence {
  const isThen = timeOf(text);
  let isSearched = false;
  for (const answer of answers) {
    if (answer.isEmpty) isSearched ||= answer.query.includes(plain(words)) || freeWords(answer.query) === "";
    else {
      const there = isOf(answer, words, names) === true && !(isThen !== null && isAtOtherTimes(answer, words, isThen));
      if (there) return { of: "there", number: answer.number };
      isSearched = true;
    }
  }
  return { of: isSearched ? "searched" : "unread" };
}
