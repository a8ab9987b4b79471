import { fieldWords, wordsOf } from "./field-words.ts";
import type { Place } from "./place.ts";
import { looksChosen } from "./sensitive-shapes.ts";

/**
 * Passwords and codes in sentences: "the password for the jump host is …", "Ihr Bestätigungscode lautet …", "密码是…". A sentence says so with one
 * of a few links, and what it names must look as nobody writes words: prose that only speaks of a password stays.
 */

const spokenSecrets: readonly string[] = [
  ..."password passphrase passcode passwd pwd pass_word access_token auth_token api_token api_key apikey access_key secret_key client_secret".split(
    " ",
  ),
  ...(["password", "maybePassword", "secret"] as const).flatMap(wordsOf),
  ...wordsOf("maybeSecret"),
].map((word) => word.replaceAll("_", " "));

const spokenCodes: readonly string[] = [
  ...[
    "verification code",
    "confirmation code",
    "security code",
    "one-time code",
    "one time code",
    "one-time password",
    "one-time passcode",
    "login code",
    "sign-in code",
    "2fa code",
    "mfa code",
    "auth code",
    "authentication code",
    "otp",
  ],
  ...fieldWords.code
    .split(/\s+/)
    .filter((word) => word !== "" && !word.startsWith("pin"))
    .map((word) => word.replaceAll("_", " ")),
];

const plain = (word: string): string => word.toLowerCase();
const unaccented = (word: string): string =>
  /^[\0-\u024f]*$/.test(word) ? word.normalize("NFD").replaceAll(/\p{M}/gu, "").replaceAll("ł", "l").replaceAll("ı", "i") : word;
const spellings = (words: readonly string[]): readonly string[] => [
  ...new Set(words.flatMap((word) => [plain(word), unaccented(plain(word))])),
];

const secrets = spellings(spokenSecrets);
const codes = spellings(spokenCodes);
/** Words of a code that count only where the sentence gives it to somebody: "your code is", "никому не говорите код". */
const shortCodes = ["code", "código", "codigo", "codice", "kod", "код", "コード", "代码"];

/** For `beginningsOf`: where a sentence about a secret may hold its word. */
export const spokenBeginnings: readonly string[] = [...secrets, ...codes, ...shortCodes, "use "];

/** Lower case of each code: asking for it again and again takes longer than all else that is done with a text of another script. */
let lowerCodes: Uint16Array | undefined;
function makeLowerCodes(): Uint16Array {
  const table = Uint16Array.from({ length: 65_536 }, (_, code) => code);
  for (let code = 128; code < table.length; code++) {
    const letter = String.fromCharCode(code);
    const small = letter.toLowerCase();
    if (small !== letter) table[code] = small.charCodeAt(0);
  }
  return table;
}
const lower = (code: number): number =>
  code < 128 ? (code >= 65 && code <= 90 ? code + 32 : code) : ((lowerCodes ??= makeLowerCodes())[code] ?? code);
/** The first two characters as one number. */
const pairAt = (text: string, at: number): number => (lower(text.charCodeAt(at)) << 16) | lower(text.charCodeAt(at + 1));

/** Words that begin with the same two characters, each list longest first. */
interface Words {
  readonly codes: string[];
  readonly short: string[];
  readonly secrets: string[];
}
const wordsBy = new Map<number, Words>();
for (const [list, words] of Object.entries({ codes, short: shortCodes, secrets }) as [keyof Words, readonly string[]][])
  for (const word of [...words].toSorted((a, b) => b.length - a.length)) {
    const first = pairAt(word, 0);
    const known = wordsBy.get(first) ?? { codes: [], short: [], secrets: [] };
    wordsBy.set(first, known);
    known[list].push(word);
  }
const USE = pairAt("use", 0);

/** Up to five more words, then what links the word with its value. */
const link =
  /\p{L}{0,4}(?:[ ][\p{L}'’-]{1,20}){0,5}?\s{0,2}(?:[:：=＝→]|[—–-](?=\s)|(?<=\s)(?:is|was|es|é|è|est|ist|lautet|to|är|это|це)(?=\s)|是|为|為|は|는|은)[\s"'`「『“«([]{0,3}/uy;
const spokenValue = /[^\s,;"'`<>「」『』“”«»。、，；)\]}]{6,200}/uy;
const codeValue =
  /\p{L}{0,5}\s{0,2}(?:[:：=＝→#—–-]|(?<=\s)(?:is|was|es|é|è|est|ist|lautet|to|är|это|це)(?=[\s:])|是|为|為|は|는|은)?[\s:："'`「『“«([]{0,4}(\d{3}[ -]\d{3}|\d{4,8})(?![\d.:/-]?\d)(?![A-Za-z_])/duy;
const given =
  /(?:(?:^|[^\p{L}])(?:your|tu|su|seu|sua|votre|ton|ihr|dein|tuo|suo|tw[óo]j|din|ваш|твой|твій)(?:[ ][\p{L}-]{1,20}){0,2}|(?:не (?:говорите|сообщайте|передавайте|повідомляйте))|don't share|do not share|あなたの|您的|你的)\s?$/iu;
const BEFORE = 48;
/** "123456 is your code". */
const before =
  /(?<![\d.:/-])(\d{4,8}) (?:is|es|é|est|ist|è|to|är|—|-) (?:your|tu|su|seu|votre|ton|ihr|dein|il tuo|tw[óo]j|din|ваш|твой)(?:[ ][\p{L}-]{1,20}){0,3} $/diu;
const useCode = /use (\d{4,8}) (?:to|as|for) (?:sign|log|verif|your|confirm|complete|finish|reset)/diy;

/** What `looksChosen` asks for at least: where neither a digit nor one of these is, a sentence goes on, as most do. */
const telling = new Uint8Array(128);
for (const char of "0123456789!#$%&*@^~+?") telling[char.charCodeAt(0)] = 1;
const LONGEST_SPOKEN = 200;

/** Looks forward for what a chosen value has; each character once, however many values may begin before it. */
function createLookout(text: string): (from: number) => boolean {
  /** The next of them, and up to where there is none. */
  let next = -1;
  let clearTo = 0;
  return (from) => {
    const most = Math.min(text.length, from + LONGEST_SPOKEN);
    if (next >= from) return next < most;
    for (let at = Math.max(from, clearTo); at < most; at++)
      if (telling[text.charCodeAt(at)] === 1) {
        next = at;
        clearTo = at;
        return true;
      }
    clearTo = Math.max(clearTo, most);
    return false;
  };
}

/** A mark at the end closes the sentence, except where there is more of the kind in it. */
const withoutStop = (value: string): string => value.replace(/[.:?…]+$/u, "");

/** Which of the words begins there, whatever the case of its letters. */
function wordAt(text: string, at: number, words: readonly string[]): string | null {
  for (const word of words) {
    let same = 2;
    while (same < word.length && lower(text.charCodeAt(at + same)) === word.charCodeAt(same)) same++;
    if (same === word.length) return word;
  }
  return null;
}

const securityCode = (start: number, end: number): Place => ({ kind: "security-code", secret: true, start, end });

function codeAt(text: string, at: number, words: Words): Place | null {
  const lead = () => text.slice(Math.max(0, at - BEFORE), at);
  let word = wordAt(text, at, words.codes);
  if (word === null) {
    word = wordAt(text, at, words.short);
    if (word === null || !given.test(lead())) return null;
  }
  codeValue.lastIndex = at + word.length;
  const [start, end] = codeValue.exec(text)?.indices?.[1] ?? [];
  if (start !== undefined && end !== undefined) return securityCode(start, end);
  const [first, last] = before.exec(lead())?.indices?.[1] ?? [];
  const from = Math.max(0, at - BEFORE);
  return first === undefined || last === undefined ? null : securityCode(from + first, from + last);
}

function secretAt(text: string, at: number, words: Words, mayBeChosen: (from: number) => boolean): Place | null {
  const secret = wordAt(text, at, words.secrets);
  if (secret === null) return null;
  link.lastIndex = at + secret.length;
  if (!link.test(text) || !mayBeChosen(link.lastIndex)) return null;
  spokenValue.lastIndex = link.lastIndex;
  const found = spokenValue.exec(text);
  const value = withoutStop(found?.[0] ?? "");
  return found === null || !looksChosen(value)
    ? null
    : { kind: "password", secret: true, start: found.index, end: found.index + value.length };
}

function usedAt(text: string, at: number): Place | null {
  useCode.lastIndex = at;
  const [start, end] = useCode.exec(text)?.indices?.[1] ?? [];
  return start === undefined || end === undefined ? null : securityCode(start, end);
}

/** @param places where one of {@link spokenBeginnings} may begin, first to last */
export function* spokenValuesIn(text: string, places: readonly number[]): Generator<Place> {
  const mayBeChosen = createLookout(text);
  let done = 0;
  for (const at of places) {
    if (at < done) continue;
    const first = pairAt(text, at);
    const words = wordsBy.get(first);
    const found =
      (words === undefined ? null : (codeAt(text, at, words) ?? secretAt(text, at, words, mayBeChosen))) ??
      (first === USE ? usedAt(text, at) : null);
    if (found === null) continue;
    yield found;
    done = found.end;
  }
}
