import { type FieldMeaning, type FieldNames, LONGEST_NAME, isNameEnd, maybeSecret } from "./field-names.ts";
import { isDigit, isWordBefore, matchAt } from "./personal-data.ts";

/**
 * Values known by the name of their field: in JSON (also in a string of JSON), `key=value`, headers, URLs' query strings, YAML, XML and commands.
 */

export interface FieldPlace {
  readonly meaning: FieldMeaning;
  readonly start: number;
  readonly end: number;
}

/** What stands for a value: nothing, a type, a variable, stars, a label of ours. */
const placeholder =
  /^(?:[^\p{L}\p{N}]*|<[^>]*>|\[[^\]]*\]|[$%{(].*|[*x.•#-]+|(?:string|number|boolean|null|nil|none|undefined|true|false|yes|no|n\/a|empty|missing|invalid|required|redacted|masked|hidden|filtered|removed|expired|unset|not[ _-]?set|changed|set|ok|failed|rejected|accepted|wrong|incorrect|denied|is|was|must|cannot|not|and|or|for|the|from|of|to|in|with|has|\?)[.!]?)$/iu;

/** Longest value that is taken for one; the rest of a longer one is looked at by its shapes. */
const LONGEST_VALUE = 4_000;
const LETTER = /[\p{L}\p{M}\p{N}]/u;
const isLetterCode = (code: number): boolean =>
  (code >= 65 && code <= 90) || (code >= 97 && code <= 122) || (code > 127 && LETTER.test(String.fromCharCode(code)));
const isNameCode = (code: number): boolean => isLetterCode(code) || (code >= 48 && code <= 57) || code === 95 || code === 45 || code === 46;
/** Words of a name that is written with blanks: "mot de passe", "секретный ключ". */
const MOST_WORDS = 4;

/** Blanks, quotes, brackets and backslashes between a name and its mark. */
const isAroundName = (code: number): boolean => code === 32 || code === 34 || code === 39 || code === 92 || code === 93 || code === 96;
const looseNames = /(?:pass|word|passwd|phrase|secret|token|key|bearer|session|sid|pin) (?=\S)/iy;
/** For `beginningsOf`: names without a mark behind them. */
export const looseNameBeginnings: readonly string[] = "pass word phra secr toke key bear sess sid pin".split(" ");
const separator = /[\\"'`\]]{0,6}\s{0,4}(?:=>|:=|=|:|>|[：＝→])[\s\u3000]{0,4}\[?\s{0,2}/y;
const pairOfNameAndValue =
  /[\\]{0,3}["']\s{0,4},\s{0,4}(?:[\\]{0,3}["'](?:value|val|v|content)[\\]{0,3}["']\s{0,4}[:=]\s{0,4})?(?=[\\]{0,3}["'])/iy;
/** The same two lines in YAML, as in the environment of a pod; also within a diff. */
const linesOfNameAndValue = /\bname:[ \t]{1,4}["']?([A-Za-z_][\w.-]{0,63})["']?[ \t]{0,4}(?:\r?\n|\\n)[ \t+-]{0,40}value:[ \t]{1,4}/g;
/** `=` or `:` of a URL within a URL, and what a value in there is made of. */
const codedMark = /%3[ad]/iy;
const codedValue = /(?:%(?!2[0267c]|3b|7d)|[^%\s,;&"'`<>)\]}|\\]){1,4000}/iy;
/** Escapes that give a terminal colours, in logs that are written for one. */
const ESCAPE = String.raw`(?:\u001b|\\u001b|\\x1b|\\033|\\e)\[`;
const colourEnd = new RegExp(String.raw`${ESCAPE}[\d;]{0,12}m$`, "i");
const colour = new RegExp(String.raw`${ESCAPE}[\d;]{0,12}m`, "iy");
/** What of an escape looks like the beginning of the name behind it: of `%3F`, and of a colour. */
const codeRest = /[0-9a-f]{2}/iy;
const colourRest = new RegExp(String.raw`(?<=${ESCAPE})[\d;]{0,12}m`, "iy");
const nothing = /(?!)/y;
/** Of strings of Python: `b'…'`. */
const stringPrefix = /[bruf]{1,2}(?=["'])/iy;
const blank = /[ \t]{1,3}(?=\S)/y;
const scheme = /(?:bearer|basic|digest|token|apikey|negotiate|aws4-hmac-sha256)[ \t]{1,4}(?:token=)?/iy;
const bare = /[^\s,;&"'`<>)\]}|\\、。，；「」『』（）【】]{1,4000}/y;
/** What a program reads or calls: `os.environ[`, `readSecret(`. */
const reads = /^[A-Za-z_]\w*(?:\.\w+)*[[(]/;
const wordOnly = /^\p{L}+[.!?]?$/u;
const prose = /^ \p{L}/u;
const element = /[^<>]{1,4000}<\//y;
const toLineEnd = /[^\r\n"'`\\]{1,4000}/y;
const words =
  /\p{Lu}[\p{L}'’.-]{0,40}(?: (?:(?:van|von|de|der|den|da|dos|du|la|le|bin|al|el) )?\p{Lu}[\p{L}'’.-]{0,40}){0,4}(?![\p{L}\p{N}])|[\p{scx=Han}\p{scx=Hira}\p{scx=Kana}]{1,8}[ \u3000][\p{scx=Han}\p{scx=Hira}\p{scx=Kana}]{1,8}(?=$|[\s,;"'、，。])|[^\s,;&"'`<>)\]}|\\、。，；「」『』（）【】]{1,200}/uy;
/** Numbers in groups. */
const groups = /[\p{L}\d]{1,12}(?:[ -][\p{L}\d]{0,3}\d[\p{L}\d]{0,8}){1,8}(?![\p{L}\d])/uy;

/** Where a quoted value ends: at the next quote with no more backslashes before it than the first has. */
function quotedEnd(text: string, quote: number): number {
  const sign = text.charAt(quote);
  let depth = 0;
  while (text.charCodeAt(quote - 1 - depth) === 92) depth++;
  const most = Math.min(text.length, quote + 1 + LONGEST_VALUE);
  for (let at = text.indexOf(sign, quote + 1); at >= 0 && at < most; at = text.indexOf(sign, at + 1)) {
    let slashes = 0;
    while (text.charCodeAt(at - 1 - slashes) === 92) slashes++;
    if (slashes <= depth) return at - slashes;
  }
  return -1;
}

function valueAt(text: string, at: number, meaning: FieldMeaning, isLoose: boolean): FieldPlace | null {
  at += matchAt(stringPrefix, text, at)?.length ?? 0;
  let start = at;
  while (text.charCodeAt(start) === 92) start++;
  const first = text.charAt(start);
  if (first === '"' || first === "'" || first === "`") {
    const end = quotedEnd(text, start);
    if (end < 0) return null;
    start += 1;
    if (meaning.kind === "credential") start += matchAt(scheme, text, start)?.length ?? 0;
    return place(text, start, end, meaning);
  }
  if (start > at) return null;
  if (meaning.kind === "credential") start += matchAt(scheme, text, start)?.length ?? 0;
  const pattern = meaning.kind === "cookie" && !isLoose ? toLineEnd : meaning.secret ? bare : words;
  const value = (meaning.kind === "national-id" ? matchAt(groups, text, start) : null) ?? matchAt(pattern, text, start);
  // "password: please try again", "cluster-secret: it changed outside of a rollout".
  if (
    value === null ||
    (meaning.secret && reads.test(value)) ||
    (meaning.secret && !isLoose && wordOnly.test(value) && prose.test(text.slice(start + value.length, start + value.length + 3)))
  )
    return null;
  return place(text, start, start + value.length, meaning);
}

function place(text: string, start: number, end: number, meaning: FieldMeaning): FieldPlace | null {
  const value = text.slice(start, end);
  return value === "" || placeholder.test(value) || !meaning.holds(value) ? null : { meaning, start, end };
}

/** Of the words up to there, the last alone first unless they say more together. */
function meaningInPhrase({ meaningOf }: FieldNames, text: string, start: number, end: number, after: number): FieldMeaning | null {
  const alone = meaningOf(text.slice(start, end));
  let from = start;
  for (let count = 1; count < MOST_WORDS && from - 1 > after; count++) {
    const gap = text.charCodeAt(from - 1);
    if ((gap !== 32 && gap !== 39 && gap !== 0x2019) || !isLetterCode(text.charCodeAt(from - 2))) break;
    let word = from - 1;
    while (word > after && isNameCode(text.charCodeAt(word - 1))) word--;
    from = word;
  }
  return from === start || end - from > LONGEST_NAME ? alone : (meaningOf(text.slice(from, end)) ?? alone);
}

/**
 * The value of the field whose name ends there, or null.
 * @param markAt where the mark behind the name begins; a colour may be between
 * @param loose a name without a mark behind it: only what looks random counts
 */
function behindName(names: FieldNames, text: string, last: number, after: number, loose: boolean, markAt = last + 1): FieldPlace | null {
  let start = last;
  while (start > after && last - start < LONGEST_NAME && isNameCode(text.charCodeAt(start - 1))) start--;
  if (text.charCodeAt(start - 1) === 92 && "nrtbf".includes(text.charAt(start))) start++;
  const end = last + 1;
  const isOption = text.startsWith("-", start) && text.charCodeAt(start - 1) <= 32;
  const escape = matchAt(text.charAt(start - 1) === "%" ? codeRest : text.charAt(start - 1) === "[" ? colourRest : nothing, text, start);
  start += escape?.length ?? 0;
  while (start < end && !isNameEnd(text.charCodeAt(start))) start++;
  const meaning = meaningInPhrase(names, text, start, end, after);
  if (meaning === null || (escape === null && isWordBefore(text, start))) return null;
  if (loose) {
    const gap = meaning.secret ? matchAt(blank, text, end) : null;
    if (gap === null) return null;
    const found = valueAt(text, end + gap.length, isOption || meaning.kind === "cookie" ? meaning : maybeSecret, true);
    return found !== null && (isOption || /\d/.test(text.slice(found.start, found.end))) ? found : null;
  }
  const coded = matchAt(codedMark, text, end);
  if (coded !== null) {
    const value = meaning.secret ? matchAt(codedValue, text, end + coded.length) : null;
    return value === null ? null : place(text, end + coded.length, end + coded.length + value.length, meaning);
  }
  const mark = matchAt(separator, text, markAt) ?? matchAt(pairOfNameAndValue, text, markAt);
  if (mark === null) return null;
  // ["authorization", "…"] and { "name": "authorization", "value": "…" }, but not two neighbours of a list or two fields.
  if (mark.includes(",") && !/\[[\\"'\s]{1,6}$/.test(text.slice(Math.max(0, start - 7), start)) && !/[a-z]/.test(mark)) return null;
  const at = markAt + mark.length + (matchAt(colour, text, markAt + mark.length)?.length ?? 0);
  if (mark.trimStart().startsWith(">")) {
    // An element is known by its end as well: `<password>` alone is a label of ours.
    const inside = text.charAt(start - 1) === "<" ? matchAt(element, text, at) : null;
    return inside === null ? null : place(text, at, at + inside.length - 2, meaning);
  }
  // `a::b`, `x == y`, `key: {`.
  return /^[=:{[]/.test(text.charAt(at)) ? null : valueAt(text, at, meaning, mark.includes("="));
}

/** `<add key="SmtpPassword" value="…"/>`. */
const attributes = /\b(?:key|name)=\\?["']([\w.:-]{2,64})\\?["'][ \t]{1,4}value=(?=\\?["'])/g;

/** Whether a quote follows, behind blanks and backslashes. */
function isQuoteNext(text: string, at: number): boolean {
  let next = at;
  while (next < text.length && next - at < 8 && (text.charCodeAt(next) === 32 || text.charCodeAt(next) === 92)) next++;
  const code = next < text.length ? text.charCodeAt(next) : 0;
  return code === 34 || code === 39 || code === 10 || code === 13 || code === 9 || next - at >= 8;
}

/** Values in a text. @param marks, loose where marks are (`beginnings.ts`), and where one of {@link looseNameBeginnings} may be, first to last */
export function fieldValuesIn(text: string, names: FieldNames, marks: Uint32Array, loose: readonly number[]): FieldPlace[] {
  const { mayMatter, meaningOf } = names;
  const found: FieldPlace[] = [];
  let after = 0;
  // By index: a loop over a typed array's values is slow until it is compiled.
  for (let index = 0; index < marks.length; index++) {
    const at = marks[index] ?? 0;
    if (at < after || at === 0) continue;
    const code = text.charCodeAt(at);
    // `,` counts behind a quote, `%` where it is the code of `=` or `:`.
    if (code === 37 && (text.charCodeAt(at + 1) !== 51 || !/[ad]/i.test(text.charAt(at + 2)))) continue;
    // Most colons of a log are of times; a comma parts two names only before a quote.
    if (code === 58 && isDigit(text.charCodeAt(at - 1)) && at + 1 < text.length && isDigit(text.charCodeAt(at + 1))) continue;
    if (code === 44 && !isQuoteNext(text, at + 1)) continue;
    let last = at - 1;
    let markAt: number | undefined;
    if (text.charCodeAt(last) === 109) {
      const shown = colourEnd.exec(text.slice(Math.max(after, at - 20), at));
      if (shown !== null) [last, markAt] = [last - shown[0].length, at];
    }
    const least = Math.max(after, at - 12);
    while (last > least && isAroundName(text.charCodeAt(last))) last--;
    if (code === 44 && last === at - 1) continue;
    if (last < after || !mayMatter(text, last)) continue;
    const one = behindName(names, text, last, after, false, markAt);
    if (one === null) continue;
    found.push(one);
    // What may be a thing's name may also be the name of the field beside it: `{"name": "x-api-key", "value": …}`.
    if (one.meaning.besides !== true) after = one.end;
  }
  for (const match of text.includes("value:") ? text.matchAll(linesOfNameAndValue) : []) {
    const meaning = meaningOf(match[1] ?? "");
    const one = meaning === null ? null : valueAt(text, match.index + match[0].length, meaning, true);
    if (one !== null) found.push(one);
  }
  for (const match of text.includes("value=") ? text.matchAll(attributes) : []) {
    const meaning = meaningOf(match[1] ?? "");
    const one = meaning === null ? null : valueAt(text, match.index + match[0].length, meaning, true);
    if (one !== null) found.push(one);
  }
  let least = 0;
  for (const at of loose) {
    if (at < least) continue;
    looseNames.lastIndex = at;
    const match = looseNames.exec(text);
    if (match === null) continue;
    least = looseNames.lastIndex;
    const one = behindName(names, text, match.index + match[0].length - 2, 0, true);
    if (one === null) continue;
    found.push(one);
    least = Math.max(least, one.end);
  }
  return found.some(({ meaning }) => meaning.besides === true) ? besidesPersons(found) : found;
}

/** Characters around a name that may be a thing's, in which another field of a person must be. */
const BESIDES = 160;

function besidesPersons(found: readonly FieldPlace[]): FieldPlace[] {
  const persons = found.filter(({ meaning }) => !meaning.secret && meaning.besides !== true).toSorted((a, b) => a.start - b.start);
  const kept: FieldPlace[] = [];
  let next = 0;
  for (const one of found.toSorted((a, b) => a.start - b.start)) {
    while (next < persons.length && (persons[next]?.start ?? 0) <= one.start - BESIDES) next++;
    if (one.meaning.besides !== true || (persons[next]?.start ?? Number.POSITIVE_INFINITY) < one.end + BESIDES) kept.push(one);
  }
  return kept;
}
