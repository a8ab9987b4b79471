import { type SpelledFigure, spelledFigures } from "./spelled-figures.ts";
import { type Dimension, unit, type Unit, unitOfKey, WRITTEN } from "./units.ts";

/**
 * Figures and names as a text writes them. A figure is a number with what it measures; two are the same when, in one unit, they agree to the
 * digits that the claim shows. Names that hold digits (shas, versions, `node-7`, `p95`, `#2210`) are not figures.
 */

export type TokenKind = "figure" | "name" | "pull-request" | "evidence" | "link";

/** One piece of a text that has to be true: a figure, or a name with digits in it. */
export interface Token {
  readonly kind: TokenKind;
  readonly text: string;
  readonly start: number;
  readonly end: number;
  /** Of a figure: its value in the base unit, and how far from it the shown digits allow the true one to lie. */
  readonly value: number;
  readonly slack: number;
  readonly dimension: Dimension;
  /** Base units in one of the unit that it is written in: `value / size` is the number as written. */
  readonly size: number;
  /** What "k" or "million" makes of its number; none where it has no such word. */
  readonly scale?: number;
}

/** Two figures of which a text says that one became the other: places in its list of tokens. */
export type Turn = readonly [from: number, to: number];

const EVIDENCE = /E\d{1,6}(?![\p{L}\p{N}_])/uy;
const LINK = /(?:https?:\/\/|www\.)[^\s<>"'|)\]]+/iy;
const ISO = /\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(?::\d{2}(?:[.,]\d{1,9})?)?(?: ?(?:Z|UTC)|[+-]\d{2}:?\d{2})?/y;
const DATE = /\d{4}-\d{2}-\d{2}(?![\p{L}\p{N}])/uy;
const TIME = /(?:[01]?\d|2[0-3]):[0-5]\d(?::[0-5]\d(?:[.,]\d{1,9})?)?Z?(?![\p{L}\p{N}]|:\d)/uy;
const HALF_DAY = /(1[0-2]|0?[1-9])(?:[:.]([0-5]\d)(?::([0-5]\d))?)?[ \u00a0\u202f]?([ap])\.?m\b\.?/iy;
// Ten groups at most: a list of numbers has no end, and is looked at from each of its commas.
const NUMBER = /(?:\d{1,3}(?:[,_]\d{3}){1,10}(?!\d)|\d+)(?:\.\d+(?:[eE][+-]?\d+)?|[eE][+-]\d+)?/y;
const UNIT = /([ \u00a0\u202f]{0,2}|-)(%|×|[\p{L}µμ]+)/uy;
const MAGNITUDE = /(?:(k|M)(?![\p{L}\p{N}])|[ \u00a0\u202f]?(thousand|million|billion)(?![\p{L}\p{N}]))/uy;
const PER =
  /((?:[ \u00a0\u202f]{0,2}\p{L}{1,20})?)[ \u00a0\u202f]?(?:\/ ?|per |an? )(s|sec|second|min|minute|h|hr|hour|d|day)(?![\p{L}\p{N}])/uy;
const PULL = /#(\d{1,7})(?![\p{L}\p{N}])/uy;
const PULL_WORD = /(?:PR|MR|pull request|merge request)s? ?#?(\d{1,7})(?![\p{L}\p{N}])/iuy;
/** A line of code after a class or file: `BasicServiceImpl#415` is no pull request. */
const CODE_LINE = /#\d{1,7}(?![\p{L}\p{N}])/uy;
const CODE = /\p{Ll}\p{Lu}|[^.]\.[^.]/u;
const NAME = /[\p{L}\p{N}_][\p{L}\p{N}_.+-]*/uy;
const BEGINS = /[\p{L}\p{N}_#×]/gu;
/** Numbers that are words: protocols, formats, classes of status codes, percentiles. */
const WORDS = /^(?:p\d{2,3}|k8s|s3|ec2|https?[123]|h2|ipv[46]|oauth2|utf-?8|sha-?\d+|md5|base64|e2e|[1-5]xx|\d+(?:st|nd|rd|th))$/i;

/** One sha in some thousands has no digit in it; the words beside it are all that English has. */
const SHA_OF_LETTERS = /^[a-f]{7,40}$/;
const HEX_WORDS: ReadonlySet<string> = new Set(["acceded", "defaced", "effaced", "fabaceae"]);
const isShaOfLetters = (word: string): boolean => SHA_OF_LETTERS.test(word) && !HEX_WORDS.has(word);

const MAGNITUDES: Readonly<Record<string, number>> = { k: 1e3, M: 1e6, thousand: 1e3, million: 1e6, billion: 1e9 };

/** A word longer than this is one opaque piece: nobody writes figures or names of that length. */
const LONGEST_WORD = 200;

/** The text without those signs at its end. A pattern that is bound to the end would be tried from each of them. */
export function withoutEnd(text: string, signs: string): string {
  let end = text.length;
  while (end > 0 && signs.includes(text.charAt(end - 1))) end--;
  return text.slice(0, end);
}

const match = (pattern: RegExp, text: string, at: number) => {
  pattern.lastIndex = at;
  return pattern.exec(text);
};

const plainToken = (kind: TokenKind, text: string, start: number): Token => ({
  ...{ kind, text, start, end: start + text.length, value: Number.NaN, slack: 0, dimension: "count", size: 1 },
});

function instant(text: string): number {
  const iso = text.trim().replace(" UTC", "Z").replace(" ", "T").replace(",", ".").replaceAll(" ", "");
  return Date.parse(/(?:Z|[+-]\d{2}:?\d{2})$/.test(iso) ? iso : `${iso}Z`);
}

/** A clock time: seconds of the day, or of `hh:mm` the minute that it names. */
function clockToken(text: string, start: number, seconds: number, shownSeconds: boolean): Token {
  const dimension: Dimension = shownSeconds ? "clock" : "minute";
  return { kind: "figure", text, start, end: start + text.length, value: seconds, slack: shownSeconds ? 1 : 60, dimension, size: 1 };
}

function timeToken(text: string, start: number): Token {
  const [hours = 0, minutes = 0, seconds = 0] = text.split(":").map((part) => Number(part.replace(",", ".").replace("Z", "")));
  return clockToken(text, start, hours * 3600 + minutes * 60 + seconds, text.split(":").length === 3);
}

/** "3:41 am". */
function halfDayToken(found: RegExpExecArray, start: number): Token {
  const [whole, hours, minutes = "0", seconds, half = ""] = found;
  const hour = (Number(hours) % 12) + (half.toLowerCase() === "p" ? 12 : 0);
  return clockToken(whole, start, hour * 3600 + Number(minutes) * 60 + Number(seconds ?? 0), seconds !== undefined);
}

/** "77 times" and "34 x active" count; "3x", "3 times its usual" and "3 times higher" compare. */
const COUNTING = /^\s+(?:times|x)$/;
const COMPARING =
  / (?:as \p{L}{2,12}|(?:fast|slow|high|low|long|short|larg|bigg|small|great|heavi)e?r|than|the|its|their|that|what|usual|normal|baseline|more|less|fewer)(?!\p{L})/uy;

/** Words before a figure that leave it room, and how far below and above it the true one may then lie, as shares of it. */
const ROOM: readonly (readonly [RegExp, below: number, above: number])[] = [
  [/(?:[~≈]|(?:^|[^\p{L}])(?:about|around|some|roughly|approximately|approx\.|circa|ca\.)) ?$/iu, 0.1, 0.1],
  [
    /(?:<|≤|(?:^|[^\p{L}])(?:almost|nearly|close to|just under|not quite|under|below|less than|fewer than|at most|up to|(?:young|short|fast|small|low)er than)) ?$/iu,
    0.2,
    0,
  ],
  [
    /(?:>|≥|(?:^|[^\p{L}])(?:over|above|more than|(?:old|long|slow|larg|bigg|high)er than|at least|just over|well over|upwards of)) ?$/iu,
    0,
    0.25,
  ],
];

/** In the clause before a bound: "nothing is older than 50 ms" leaves less. */
const DENIED = /\b(?:no|not|none|nothing|never|neither|nor|nobody|without)\b(?:(?!\b(?:and|but|yet|while|with)\b)[^.;,:])*$/i;

interface Scanned {
  readonly tokens: Token[];
  readonly turns: Turn[];
}

/** The number that begins at `start`, with its unit; null where it is part of a name (`7ab0d2e`, `1.2.3`). */
function numberToken(text: string, start: number, keyed: Unit | "count" | null): Token | null {
  const found = match(NUMBER, text, start)?.[0];
  if (found === undefined) return null;
  let end = start + found.length;
  if (/^\.\d/.test(text.slice(end, end + 2)) || text.charAt(end) === "_") return null;
  let begin = start;
  if (/[-−]/.test(text.charAt(start - 1)) && !/[\p{L}\p{N}_)\]]/u.test(text.charAt(start - 2))) begin = start - 1;
  const sign = begin < start ? -1 : 1;
  const digits = found.replaceAll(/[,_]/g, "");
  const [mantissa = "", exponent] = digits.split(/[eE]/);
  const decimals = (mantissa.split(".")[1] ?? "").length - Number(exponent ?? 0);
  let factor = 1;
  const magnitude = match(MAGNITUDE, text, end);
  const word = magnitude?.[1] ?? magnitude?.[2];
  if (magnitude !== null && word !== undefined) {
    factor = MAGNITUDES[word] ?? 1;
    end += magnitude[0].length;
  }
  const shown = 10 ** -decimals;
  const token = (one: Unit): Token => ({
    ...{ kind: "figure", text: text.slice(begin, end), start: begin, end, dimension: one.dimension, size: factor * one.size },
    value: sign * Number(digits) * factor * one.size,
    slack: (shown / 2) * factor * one.size,
    ...(factor === 1 ? {} : { scale: factor }),
  });
  const per = match(PER, text, end);
  const spaced = match(UNIT, text, end);
  if (per !== null) {
    const noun = WRITTEN.get((per[1] ?? "").trim());
    const minutes = (WRITTEN.get(per[2] ?? "")?.size ?? 60_000) / 60_000;
    // "6.3 times a minute" is how often.
    const isRate = noun === undefined || noun.dimension === "ratio";
    if (isRate || noun.dimension === "bytes") {
      end += per[0].length;
      return token(isRate ? unit("rate", 1 / minutes) : unit("byte-rate", noun.size / (minutes * 60)));
    }
  }
  const written = WRITTEN.get(spaced?.[2] ?? "");
  if (spaced !== null) {
    const after = text.charAt(end + spaced[0].length);
    // "a burst of 503s" is no time.
    const isStatus = spaced[0] === "s" && /^[1-5]\d\d$/.test(found);
    if (written !== undefined && !isStatus && !/[\p{N}_]/u.test(after)) {
      end += spaced[0].length;
      const counts =
        written.dimension === "ratio" && !found.includes(".") && COUNTING.test(spaced[0]) && match(COMPARING, text, end) === null;
      return token(counts ? unit("count", 1) : written);
    }
    if (spaced[1] === "" && factor === 1 && !isStatus) return null;
  }
  if (text.charAt(begin - 1) === "×" || FACTOR.test(text.slice(Math.max(0, begin - 12), begin))) return token(unit("ratio", 1));
  if (keyed !== null && keyed !== "count") return token(keyed);
  return token(unit("count", 1));
}

const FACTOR = /\bfactor (?:of )?$/i;
const KEY = /([\p{L}_][\p{L}\p{N}_.-]*)["']?\s{0,2}[:=]\s{0,2}["']?$/u;

/** Beginnings of what tokenAt knows beside numbers: answers hold a million words, most with another first letter. */
const LINK_BEGINS = "hHwW";
const PULL_BEGINS = "#pPmM";

function tokenAt(text: string, at: number, keyed: Unit | "count" | null): Token | null {
  const first = text.charAt(at);
  const link = LINK_BEGINS.includes(first) ? match(LINK, text, at) : null;
  if (link !== null) return plainToken("link", withoutEnd(link[0], ".,;:!?"), at);
  const pull = PULL_BEGINS.includes(first) ? (match(PULL, text, at) ?? match(PULL_WORD, text, at)) : null;
  if (pull !== null) return { ...plainToken("pull-request", pull[0], at), value: Number(pull[1]) };
  const evidence = first === "E" ? match(EVIDENCE, text, at) : null;
  if (evidence !== null) return { ...plainToken("evidence", evidence[0], at), value: Number(evidence[0].slice(1)) };
  if (!(first >= "0" && first <= "9")) return null;
  const iso = match(ISO, text, at);
  if (iso !== null) {
    const seconds = /:\d{2}:/.test(iso[0]);
    const when = instant(iso[0]);
    if (Number.isFinite(when)) return { ...clockToken(iso[0], at, when / 1000, seconds), dimension: "date" };
  }
  const date = match(DATE, text, at);
  if (date !== null && Number.isFinite(Date.parse(date[0])))
    return { ...plainToken("figure", date[0], at), value: Date.parse(date[0]) / 1000, slack: 86_400, dimension: "date" };
  const half = match(HALF_DAY, text, at);
  if (half !== null) return halfDayToken(half, at);
  const time = match(TIME, text, at);
  if (time !== null) return timeToken(time[0], at);
  const around = /[=:"']/.test(text.charAt(at - 1)) || /[=:] $/.test(text.slice(Math.max(0, at - 2), at));
  const key = around ? KEY.exec(text.slice(Math.max(0, at - 60), at))?.[1] : undefined;
  return numberToken(text, at, key === undefined ? keyed : unitOfKey(key));
}

const BETWEEN = /^\s?(→|->|=>|–|—|-|to|and|or|of|\/)(?: (?:about|some|almost|nearly|roughly|only))?\s?$/;

/** "3 min 10 s" is one figure; "210 → 4800 ms" are two of one unit. */
export function joined(text: string, tokens: readonly Token[]): Scanned {
  const merged: Token[] = [];
  for (const token of tokens) {
    const last = merged.at(-1);
    const apart = last === undefined ? "x" : text.slice(last.end, token.start);
    if (
      last?.kind === "figure" &&
      token.kind === "figure" &&
      last.dimension === "time" &&
      token.dimension === "time" &&
      /^ ?$/.test(apart) &&
      token.value > 0 &&
      token.slack < last.slack &&
      token.value < last.slack * 2
    ) {
      merged[merged.length - 1] = { ...token, text: text.slice(last.start, token.end), start: last.start, value: last.value + token.value };
    } else merged.push(token);
  }
  const turns: Turn[] = [];
  let isListed = false;
  for (let index = merged.length - 2; index >= 0; index--) {
    const [one, next] = [merged[index], merged[index + 1]];
    if (one?.kind !== "figure" || next?.kind !== "figure" || next.start - one.end > 14) continue;
    const between = text.slice(one.end, next.start);
    // "581, 594 and 585 ms": the comma of a list that ended so.
    const word: string | undefined = BETWEEN.exec(between)?.[1] ?? (isListed && between === ", " ? "and" : undefined);
    isListed = word === "and" || word === "or";
    if (word === undefined) continue;
    if (
      /^(?:→|->|=>)$/.test(word) ||
      (word === "to" && /from (?:(?:about|some|almost|nearly|roughly|only) |~)?$/i.test(text.slice(Math.max(0, one.start - 14), one.start)))
    )
      turns.push([index, index + 1]);
    if (
      one.dimension !== "count" ||
      next.dimension === "count" ||
      /^(?:clock|minute|date|ratio)$/.test(next.dimension) ||
      word === "/" ||
      (word === "of" && !`${one.text}${next.text}`.includes("."))
    )
      continue;
    const { size } = next;
    merged[index] = { ...one, dimension: next.dimension, value: one.value * size, slack: one.slack * size, size };
  }
  return { tokens: merged, turns };
}

/** "one of the pods", "all three replicas": small counts in words are too common in prose to be looked up. */
const isProse = (token: Token) => token.dimension === "count" && token.value <= 10 && /^\p{L}/u.test(token.text);

/** A figure that is spelled out, with the unit that follows it. */
function spelledToken(text: string, { start, end, digits, dimension }: SpelledFigure): Token {
  const number = digits === null ? null : numberToken(`${digits}${dimension === null ? text.slice(end, end + 60) : ""}`, 0, null);
  if (digits === null || number === null) return { ...plainToken("figure", text.slice(start, end), start) };
  const through = end + number.end - digits.length;
  return { ...number, text: text.slice(start, through), start, end: through, dimension: dimension ?? number.dimension };
}

/** A figure or name of a claim, with the range in which the true value lies, in the base unit. Of times of the day there is none. */
export interface Claimed extends Token {
  readonly low: number;
  readonly high: number;
}

const PLENTY: Readonly<Record<string, number>> = { tens: 10, dozens: 12, hundreds: 100, thousands: 1e3, millions: 1e6, billions: 1e9 };
/** "hundreds" are at least this many times a hundred, and at most that many. */
const PLENTY_RANGE = [1.5, 20] as const;
/** Shares, multiples and times in words ("a third", "doubled", "a quarter of an hour") are meant roughly. */
const WORDED = 0.12;
/** "20 minutes", "50 ms": of one digit and zeros, people round as far as that. */
const ROUND = 0.05;
const DOZEN = 0.1;
const SCALED = /^\p{L}.*(?:hundred|thousand|million|billion)/iu;
const ROUGH =
  /^\p{L}.*(?:half|halv|third|quarter|fifth|sixth|eighth|tenth|fold|doubl|twice|tripl|thrice|quadrupl)|^(?:half|halv|doubl|twice|tripl|thrice|quadrupl)/iu;

/** The range that a figure's digits, and the words before it, leave to the true value. */
function claimed(text: string, token: Token): Claimed {
  const { value, slack, size, dimension } = token;
  const plenty = Number.isNaN(value) ? PLENTY[token.text.toLowerCase()] : undefined;
  if (plenty !== undefined) return { ...token, value: plenty, low: plenty * PLENTY_RANGE[0], high: plenty * PLENTY_RANGE[1] };
  const digits = /^[\d,]+/.exec(token.text)?.[0].replaceAll(",", "") ?? "";
  const measured = withoutEnd(digits, "0");
  // "61,000": zeros behind two digits or more need not have been measured.
  const zeros = measured.length > 1 && !token.text.includes(".") ? 10 ** (digits.length - measured.length) : 1;
  let [low, high] = [value - slack * zeros, value + slack * zeros];
  const widen = (below: number, above: number) => {
    low = Math.min(low, value - Math.abs(value) * below);
    high = Math.max(high, value + Math.abs(value) * above);
  };
  if (ROUGH.test(token.text) && /^(?:percent|ratio|time)$/.test(dimension)) widen(WORDED, WORDED);
  if (measured.length === 1 && digits.length > 1 && !token.text.includes(".") && /^(?:time|bytes|byte-rate)$/.test(dimension))
    widen(ROUND, ROUND);
  // "Ten thousand" of 10,080, "a dozen" of 13.
  if (SCALED.test(token.text) && withoutEnd(String(Math.round(value / size)), "0").length === 1) widen(ROUND, ROUND);
  if (/dozen$/i.test(token.text)) widen(DOZEN, DOZEN);
  // "300 times faster" of 318 is as rough as a multiple in words.
  if (measured.length === 1 && digits.length > 1 && !token.text.includes(".") && dimension === "ratio") widen(WORDED, WORDED);
  const before = text.slice(Math.max(0, token.start - 60), token.start);
  // "More than halved" leaves less.
  const shrinks = dimension === "ratio" && value < 1;
  for (const [words, below, above] of ROOM) {
    const bound = words.exec(before);
    if (bound === null) continue;
    const turns = shrinks !== DENIED.test(before.slice(0, bound.index + 1));
    widen(turns ? above : below, turns ? below : above);
  }
  const grain = Math.max(Math.abs(value) * 1e-9, size * 1e-9);
  return { ...token, low: low - grain, high: high + grain };
}

const MONTHS =
  "January|February|March|April|May|June|July|August|September|October|November|December|Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept?|Oct|Nov|Dec";
const MONTH = new RegExp(
  String.raw`(?<![\p{L}\p{N}])(?:(\d{1,2})(?:st|nd|rd|th)?(?: of)? )?(${MONTHS})\.?(?: (\d{1,2})(?:st|nd|rd|th)?(?=,? \d{4}))?,? ((?:19|20)\d\d)(?![\p{L}\p{N}]|[.,:]\d)`,
  "gu",
);

/** Days and months with their year, in words: "10 December 2025", "Dec 10, 2025", "in December 2025". */
function wordedDates(text: string): Token[] {
  return [...text.matchAll(MONTH)].flatMap(({ 0: whole, 1: before, 2: month = "", 3: after, 4: year, index }) => {
    const day = before ?? after;
    const start = Date.parse(`${day ?? 1} ${month.slice(0, 3)} ${year} UTC`) / 1000;
    if (!Number.isFinite(start)) return [];
    const days = day === undefined ? new Date(Date.UTC(Number(year), new Date(start * 1000).getUTCMonth() + 1, 0)).getUTCDate() : 1;
    return [{ ...plainToken("figure", whole, index), value: start, slack: days * 86_400, dimension: "date" as const }];
  });
}

const DAYS = String.raw`\d{1,2}(?:st|nd|rd|th)?`;
/** Days of a month are no figures: "on 14 March", "of 10 and 17 September". */
const DAY = new RegExp(String.raw`\b(?:(?:${DAYS}(?:,| and| to|–|-) ?){0,3}${DAYS} )?(?:${MONTHS})\.?(?: ${DAYS}\b(?!:))?`, "g");

/** What must be true in a claim: figures in order, names with digits, and which figure turned into which. Linear. */
export function scan(text: string): { readonly tokens: readonly Claimed[]; readonly turns: readonly Turn[] } {
  const spelled = spelledFigures(text).map((one) => spelledToken(text, one));
  const dates = wordedDates(text);
  let rest = text;
  for (const { start, end } of dates) rest = rest.slice(0, start) + " ".repeat(end - start) + rest.slice(end);
  rest = rest.replaceAll(DAY, (day) => " ".repeat(day.length));
  for (const { start, end } of spelled) rest = rest.slice(0, start) + " ".repeat(end - start) + rest.slice(end);
  const all = [...rawTokens(rest, null), ...dates, ...spelled.filter((token) => !isProse(token))];
  const { tokens, turns } = joined(
    text,
    all.toSorted((one, other) => one.start - other.start),
  );
  return { tokens: tokens.map((token) => claimed(text, token)), turns };
}

export function rawTokens(text: string, keyed: Unit | "count" | null): Token[] {
  const tokens: Token[] = [];
  BEGINS.lastIndex = 0;
  for (let at = 0; at < text.length;) {
    const begins = match(BEGINS, text, at);
    if (begins === null) break;
    at = begins.index;
    const found = tokenAt(text, at, keyed);
    if (found !== null) {
      tokens.push(found);
      at = Math.max(found.end, at + 1);
      continue;
    }
    const word = match(NAME, text, at)?.[0];
    if (word === undefined) {
      at++;
      continue;
    }
    const begin = at;
    at += word.length;
    if (word.length > LONGEST_WORD) {
      tokens.push(plainToken("name", word, begin));
      continue;
    }
    const line = text.charAt(begin - 1) !== "/" && CODE.test(word) ? match(CODE_LINE, text, at) : null;
    at += line?.[0].length ?? 0;
    const name = line === null ? withoutEnd(word, ".+_-") : word + line[0];
    if ((/\d/.test(name) && !WORDS.test(name)) || isShaOfLetters(name)) tokens.push(plainToken("name", name, begin));
  }
  return tokens;
}
