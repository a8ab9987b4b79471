import * as check from "./check-digits.ts";
import { anyCardLength, anyPhoneLength, ibanLength } from "./sensitive-shapes.ts";

/**
 * Personal data in texts of any kind, by shape. Each pattern below is tried at a place where something like it begins, and is bounded, so the
 * time is linear in the text. Numbers that say too little by themselves count only behind a word that says what they are.
 */

export type PersonKind = "email" | "phone" | "card" | "iban" | "national-id" | "ip-address";

export interface PersonPlace {
  readonly kind: PersonKind;
  readonly start: number;
  readonly end: number;
}

const WORD = /[\p{L}\p{N}_]/u;
export const isDigit = (code: number): boolean => code >= 48 && code <= 57;
const isWordCode = (code: number): boolean =>
  isDigit(code) ||
  (code >= 65 && code <= 90) ||
  (code >= 97 && code <= 122) ||
  code === 95 ||
  (code > 127 && WORD.test(String.fromCharCode(code)));

/** Whether a character before a place belongs to the same word. The letter of an escape in JSON ("\n") does not. */
export function isWordBefore(text: string, at: number): boolean {
  if (at <= 0 || !isWordCode(text.charCodeAt(at - 1))) return false;
  return !(text.charCodeAt(at - 2) === 92 && "nrtbf".includes(text.charAt(at - 1)));
}

const isWordAfter = (text: string, at: number): boolean => at < text.length && isWordCode(text.charCodeAt(at));

/** What a sticky pattern matches at a place, or null. */
export function matchAt(pattern: RegExp, text: string, at: number): string | null {
  pattern.lastIndex = at;
  return pattern.exec(text)?.[0] ?? null;
}

// --- E-mail -----------------------------------------------------------------------------------------------------------------------------

const LONGEST_LOCAL = 64;
const domain = /(?:[\p{L}\p{N}](?:[\p{L}\p{N}-]{0,61}[\p{L}\p{N}])?\.){1,8}[\p{L}][\p{L}\p{N}-]{0,22}[\p{L}]/uy;
/** Names of machines, packages and files that have an at sign before them. */
const noMailDomain =
  /\.(?:internal|local|localdomain|lan|svc|cluster|consul|png|jpe?g|gif|svg|webp|avif|ico|css|[cm]?[jt]sx?|gserviceaccount\.com|amazonaws\.com(?:\.cn)?|cloudapp\.azure\.com|windows\.net)$/i;
const noPerson = /^(?:git|noreply|no-reply|do-not-reply|donotreply|mailer-daemon|postmaster)$/i;
const isLocal = (code: number): boolean => isWordCode(code) || code === 46 || code === 37 || code === 43 || code === 45 || code === 39;

function emailAt(text: string, at: number, sign: number): PersonPlace | null {
  let start = at;
  while (start > 0 && at - start < LONGEST_LOCAL && isLocal(text.charCodeAt(start - 1))) start--;
  // The letter of an escape, a quote around it, and what only joins words are no part of it.
  if (text.charCodeAt(start - 1) === 92 && "nrtbf".includes(text.charAt(start))) start++;
  while (start < at && /[.'%+-]/.test(text.charAt(start))) start++;
  const host = start < at ? matchAt(domain, text, at + sign) : null;
  if (host === null || noMailDomain.test(host) || noPerson.test(text.slice(start, at))) return null;
  // git@host:path and user@host:~ name repositories and machines.
  return { kind: "email", start, end: at + sign + host.length };
}

function* emails(text: string): Generator<PersonPlace> {
  for (let at = text.indexOf("@"); at >= 0; at = text.indexOf("@", at + 1)) {
    const found = emailAt(text, at, 1);
    if (found !== null) yield found;
  }
  for (let at = text.indexOf("%40"); at >= 0; at = text.indexOf("%40", at + 3)) {
    const found = emailAt(text, at, 3);
    if (found !== null) yield found;
  }
}

// --- Numbers ----------------------------------------------------------------------------------------------------------------------------

/** Words that may be between the word for a number's kind and the number. */
const fillers = new Set("number numbers nr no num id code ref is was to from value of for the sent".split(" "));
const among = (words: string): ReadonlySet<string> => new Set(words.split(" "));

const phoneWords = among(
  "phone phones telephone tel mobile mob cellphone handy msisdn fax sms whatsapp called caller callback dialed dialled texted telefon telefonnummer rufnummer telefono teléfono téléphone portable",
);
const cardWords = among("card cards pan cc ccn visa mastercard amex creditcard debitcard karte carte tarjeta");
const ssnWords = among("ssn security social sin tin tax taxpayer itin");
const germanWords = among("steuer steuerid steuernummer steueridentifikationsnummer idnr tax tin taxid identifikationsnummer");
const bsnWords = among("bsn burgerservicenummer sofi sofinummer");
const peselWords = among("pesel");
const cpfWords = among("cpf contribuinte");
const aadhaarWords = among("aadhaar aadhar uidai uid");
const panWords = among("pan account");

/** Characters looked at between a number and the words before it, and of each word. */
const MOST_MARKS = 10;
const LONGEST_WORD = 32;
const WORDS_BEFORE = 3;
const isLetter = (code: number): boolean =>
  (code >= 97 && code <= 122) || (code >= 65 && code <= 90) || (code > 191 && WORD.test(String.fromCharCode(code)));
const isMark = (code: number): boolean => code <= 64 || (code >= 91 && code <= 96);

/** What a word before a number may say: itself, and without what only says that a number follows. */
interface WordBefore {
  readonly forms: readonly string[];
  readonly isFiller: boolean;
}
const wordsBefore = new Map<string, WordBefore>();
const MOST_WORDS = 5_000;
const numberEnding = /(?:number|no|nr|num|id)$/;

/** The same few words are before all numbers of a log, so they are remembered. */
function readWord(written: string): WordBefore {
  const before = wordsBefore.get(written);
  if (before !== undefined) return before;
  const word = written.toLowerCase();
  // camelCase: the last word of it.
  const camel = /[a-zà-ÿ]([A-Z][a-zà-ÿ]+(?:Number|No|Nr|Num|Id)?)$/.exec(written)?.[1]?.toLowerCase();
  const forms = [word, word.replace(numberEnding, ""), ...(camel === undefined ? [] : [camel.replace(numberEnding, "")])];
  const read = { forms, isFiller: fillers.has(word) };
  if (wordsBefore.size >= MOST_WORDS) wordsBefore.clear();
  wordsBefore.set(written, read);
  return read;
}

/** Whether one of the words precedes a place, with no other number and nothing but marks and fillers between. */
function follows(text: string, at: number, words: ReadonlySet<string>): boolean {
  let end = at;
  for (let count = 0; count < WORDS_BEFORE; count++) {
    const least = Math.max(0, end - MOST_MARKS);
    while (end > least && isMark(text.charCodeAt(end - 1)) && !isDigit(text.charCodeAt(end - 1)) && text.charCodeAt(end - 1) !== 10) end--;
    let start = end;
    while (start > 0 && end - start < LONGEST_WORD && isLetter(text.charCodeAt(start - 1))) start--;
    if (start === end) return false;
    const { forms, isFiller } = readWord(text.slice(start, end));
    for (const form of forms) if (words.has(form)) return true;
    if (!isFiller) return false;
    end = start;
  }
  return false;
}

const CONTEXT = 48;
const contextOf = (text: string, at: number): string => text.slice(Math.max(0, at - CONTEXT), at).toLowerCase();
/** Names before a number that is none of a person: it counts something or names a thing. */
const ofThings =
  /(?:trace|span|parent|order|invoice|event|message|msg|offset|seq|sequence|batch|job|build|run|ts|time(?:stamp)?|at|epoch|ns|us|ms|size|bytes|count|total|pid|tid|thread|port|version|commit|lsn|xid|txid|transaction|request|req|correlation|shipment|tracking|sku|product|item|account|hash|checksum|crc|seed|snowflake|cursor|generation|revision|resourceversion)(?:[ _.-]?(?:id|ids|nr|no|num|number|key|unix|nano|nanos))?["'\\\]]{0,4}\s{0,2}[:=#]?\s{0,2}["'\\[(#]{0,4}$/;

const LONGEST_RUN = 60;
const dates = /(?:(?:19|20)\d\d([-/.])[01]\d\1[0-3]\d|[0-3]?\d[/.][0-3]?\d[/.](?:19|20)\d\d)(?!\d)/y;

interface Grouped {
  readonly kind: PersonKind;
  /** Digits that the first group may have. */
  readonly first: readonly number[];
  readonly pattern: RegExp;
  readonly holds?: (digits: string, text: string, at: number) => boolean;
  /** Where the number alone says too little. */
  readonly behind?: ReadonlySet<string>;
}

const groupedShapes: readonly Grouped[] = [
  {
    kind: "card",
    first: [4],
    pattern: /\d{4}([ -])(?:\d{4}\1\d{4}\1\d{1,4}(?:\1\d{1,3})?|\d{6}\1\d{4,5})(?![\d-])/y,
    holds: (digits) => anyCardLength(digits) === digits.length,
  },
  // A date may follow.
  {
    kind: "card",
    first: [4],
    pattern: /(?:\d{4}[ -]){3}\d{4}(?![\d-])/y,
    holds: (digits) => anyCardLength(digits) === digits.length,
  },
  { kind: "national-id", first: [3], pattern: /\d{3}-\d{2}-\d{4}(?![\d-])/y, holds: check.isUsSsn },
  { kind: "national-id", first: [3], pattern: /\d{3} \d{2} \d{4}(?![\d-])/y, holds: check.isUsSsn, behind: ssnWords },
  { kind: "national-id", first: [3], pattern: /\d{3}[ -]\d{3}[ -]\d{3}(?![\d-])/y, holds: check.hasLuhnDigit, behind: ssnWords },
  { kind: "national-id", first: [3], pattern: /\d{3}\.\d{3}\.\d{3}-\d{2}(?![\d-])/y, holds: check.isBrazilianCpf },
  { kind: "national-id", first: [3], pattern: /756\.\d{4}\.\d{4}\.\d{2}(?!\d)/y, holds: check.isSwissAhv },
  { kind: "national-id", first: [4], pattern: /\d{4}([ -])\d{4}\1\d{4}(?![ -]?\d)/y, holds: check.isAadhaar },
  { kind: "national-id", first: [6], pattern: /\d{6}-[1-8]\d{6}(?![\d-])/y, holds: check.isKoreanRrn },
  { kind: "national-id", first: [1], pattern: /[1-478] \d{2} \d{2} \d{2} \d{3} \d{3} \d{2}(?!\d)/y, holds: check.isFrenchNir },
  { kind: "national-id", first: [2], pattern: /\d{2} \d{3} \d{3} \d{3}(?!\d)/y, holds: check.isGermanTaxId, behind: germanWords },
  {
    kind: "national-id",
    first: [3, 4],
    pattern: /\d{3}[ .]?\d{3}[ .]?\d{3}(?!\d)|\d{4}\.\d{2}\.\d{3}(?!\d)/y,
    holds: check.isDutchBsn,
    behind: bsnWords,
  },
  // North America; Brazil; France; the United Kingdom; a country behind 00.
  { kind: "phone", first: [1, 3], pattern: /(?:1[ .-])?(?:[2-9]\d\d\) ?|[2-9]\d\d([.-]))[2-9]\d\d[ .-]\d{4}(?![\d.-]\d|\d)/y },
  { kind: "phone", first: [2], pattern: /[1-9]\d\) ?9?\d{4}-\d{4}(?!\d)/y },
  { kind: "phone", first: [2], pattern: /0[1-9]([ .-])\d\d(?:\1\d\d){3}(?![ .-]?\d)/y },
  { kind: "phone", first: [3, 4, 5], pattern: /0(?:7\d{3} (?:\d{6}|\d{3} \d{3})|20 \d{4} \d{4}|1\d{2} \d{3} \d{4}|1\d{3} \d{5,6})(?!\d)/y },
  {
    kind: "phone",
    first: [3, 4, 5],
    pattern: /00[1-9]\d{0,2}(?:[ ./-]{1,2}\d{2,12}){1,5}(?!\d)/y,
    holds: (digits) => digits.length >= 11 && digits.length <= 17,
  },
];

const LONGEST_FIRST = 6;
const groupedByFirst = Array.from({ length: LONGEST_FIRST + 1 }, (_, length) =>
  groupedShapes.filter(({ first }) => first.includes(length)),
);
const plain = /[ ()./-]/g;

/** @param first digits of the group that begins there */
function groupedAt(text: string, at: number, first: number): PersonPlace | null {
  for (const { kind, pattern, holds, behind } of groupedByFirst[first] ?? []) {
    const found = matchAt(pattern, text, at);
    if (found === null || isWordAfter(text, at + found.length)) continue;
    if (behind !== undefined && !follows(text, at, behind)) continue;
    if (holds?.(found.replace(plain, ""), text, at) === false) continue;
    // The bracket before an area code belongs to it.
    const start = kind === "phone" && found.includes(")") && text.charAt(at - 1) === "(" ? at - 1 : at;
    return { kind, start, end: at + found.length };
  }
  return null;
}

/** Digits without anything between them. */
function bareAt(text: string, start: number, end: number): PersonPlace | null {
  const length = end - start;
  if (length === 8 || length === 17) {
    const next = text.charAt(end);
    // A check letter may follow: Spain's DNI, China's X.
    const whole = text.slice(start, end + 1).toUpperCase();
    const holds = length === 8 ? /[A-Z]/.test(next) && check.isSpanishId(whole) : check.isChineseId(whole);
    if (holds && !isWordAfter(text, end + 1)) return { kind: "national-id", start, end: end + 1 };
    if (length === 8 && next === "-" && check.isSpanishId(text.slice(start, end) + text.charAt(end + 1)) && !isWordAfter(text, end + 2))
      return { kind: "national-id", start, end: end + 2 };
  }
  if (length > LONGEST_BARE || isWordAfter(text, end)) return null;
  const kind = bareKind(text, start, text.slice(start, end));
  return kind === null ? null : { kind, start, end };
}

const LONGEST_BARE = 19;

function bareKind(text: string, start: number, digits: string): PersonKind | null {
  const { length } = digits;
  if (length === 18) return check.isChineseId(digits) ? "national-id" : null;
  if (length === 15 && check.isFrenchNir(digits)) return "national-id";
  // Members of a list have no word before them.
  if ("[,".includes(text.charAt(start - 1) || ".")) return null;
  if (length >= 13 && anyCardLength(digits) === length) {
    // Ids of 64 bits have 19 digits, and times 13, so these must be called a card's.
    if (follows(text, start, cardWords)) return "card";
    return (length === 15 || length === 16 || length === 14) && !ofThings.test(contextOf(text, start)) ? "card" : null;
  }
  const isId =
    (length === 9 &&
      ((follows(text, start, ssnWords) && (check.isUsSsn(digits) || check.hasLuhnDigit(digits))) ||
        (follows(text, start, bsnWords) && check.isDutchBsn(digits)))) ||
    (length === 11 &&
      ((follows(text, start, cpfWords) && check.isBrazilianCpf(digits)) ||
        (follows(text, start, peselWords) && check.isPolishPesel(digits)) ||
        (follows(text, start, germanWords) && check.isGermanTaxId(digits)))) ||
    (length === 12 && follows(text, start, aadhaarWords) && check.isAadhaar(digits));
  if (isId) return "national-id";
  return length <= 15 && follows(text, start, phoneWords) ? "phone" : null;
}

const international = /\+[1-9]\d{0,14}(?:[ .()/-]{1,2}\d{1,14}){0,8}/y;

const isSeparator = (code: number): boolean => code === 32 || code === 45 || code === 46 || code === 40 || code === 41 || code === 47;

const isOfRun = (code: number): boolean => isDigit(code) || isSeparator(code);

/** Where the run ends that begins there: behind its last digit. */
function runEnd(text: string, start: number): number {
  let end = start;
  const most = Math.min(text.length, start + LONGEST_RUN);
  for (let at = start; at < most; at++) {
    const code = text.charCodeAt(at);
    if (isDigit(code)) end = at + 1;
    else if (!isSeparator(code)) break;
  }
  return end;
}

/** Whether a run is a date as logs begin with ("2026-03-02T", "2026-03-02 09:"): most runs of a log are. */
const isDateOfLog = (text: string, start: number): boolean =>
  text.charCodeAt(start + 4) === 45 &&
  text.charCodeAt(start + 7) === 45 &&
  (text.charCodeAt(start + 10) === 84 || (text.charCodeAt(start + 10) === 32 && text.charCodeAt(start + 13) === 58)) &&
  (text.charCodeAt(start) === 50 || text.charCodeAt(start) === 49);
const LENGTH_OF_DATE = 10;

/** The shortest number of a person has eight characters. */
const SHORTEST_RUN = 7;

/** Where the next run of digits begins, with what may separate them, or -1. Only every seventh character is looked at: no run is shorter. */
function nextRun(text: string, from: number): number {
  const { length } = text;
  for (let at = from + SHORTEST_RUN - 1; at < length; at += SHORTEST_RUN) {
    if (!isOfRun(text.charCodeAt(at))) continue;
    let start = at;
    while (start > from && at - start < SHORTEST_RUN - 1 && isOfRun(text.charCodeAt(start - 1))) start--;
    while (start <= at && !isDigit(text.charCodeAt(start))) start++;
    let end = at + 1;
    while (end < length && end - start < SHORTEST_RUN && isOfRun(text.charCodeAt(end))) end++;
    if (start <= at && end - start >= SHORTEST_RUN) return start;
  }
  return -1;
}

function internationalAt(text: string, plus: number): PersonPlace | null {
  if (isWordBefore(text, plus) || (plus > 0 && ".)]+".includes(text.charAt(plus - 1)))) return null;
  const length = anyPhoneLength(matchAt(international, text, plus) ?? "");
  return length === 0 || isWordAfter(text, plus + length) ? null : { kind: "phone", start: plus, end: plus + length };
}

/** @param first where the first run begins */
function* numbers(text: string, first: number): Generator<PersonPlace> {
  let next = 0;
  for (let start = first; start >= 0; start = nextRun(text, next)) {
    const end = runEnd(text, start);
    next = Math.max(end, start + 1);
    if (end - start < 8) continue;
    if (isDateOfLog(text, start)) {
      next = start + LENGTH_OF_DATE;
      continue;
    }
    if (text.charCodeAt(start - 1) === 43) {
      const found = internationalAt(text, start - 1);
      if (found !== null) {
        yield found;
        next = Math.max(end, found.end);
        continue;
      }
    }
    let at = start;
    while (end - at >= 8) {
      let to = at;
      while (to < end && isDigit(text.charCodeAt(to))) to++;
      const length = to - at;
      let found: PersonPlace | null = null;
      const previous = text.charCodeAt(at - 1);
      // Digits of a longer word or figure: `v1.2`, `a-3`, `a7`, the decimals of `0.4799269996583462`.
      const isPart =
        at === start
          ? previous === 46 || isWordBefore(text, at) || (previous === 45 && isWordBefore(text, at - 1))
          : previous !== 32 && previous !== 40;
      if (!isPart) {
        const date = length <= 4 ? matchAt(dates, text, at) : null;
        if (date !== null) to = at + date.length;
        else if (length >= 8) found = bareAt(text, at, to) ?? (at === start && to < end ? spelledAt(text, start, end) : null);
        else found = groupedAt(text, at, length) ?? (at === start ? spelledAt(text, start, end) : null);
      }
      if (found !== null) yield found;
      at = Math.max(to, found?.end ?? 0);
      while (at < end && !isDigit(text.charCodeAt(at))) at++;
    }
  }
}

/** A whole run of groups behind a word for phones. */
function spelledAt(text: string, start: number, end: number): PersonPlace | null {
  if (end - start > 26 || "[,".includes(text.charAt(start - 1) || ".")) return null;
  const run = text.slice(start, end);
  // A figure with decimals, or an address of a machine.
  if (/^\d+\.\d+$|^\d+\.\d+\.\d+\.\d+$/.test(run)) return null;
  const digits = run.replace(plain, "").length;
  if (digits < 7 || digits > 15 || isWordAfter(text, end) || !follows(text, start, phoneWords)) return null;
  return { kind: "phone", start: text.charAt(start - 1) === "(" ? start - 1 : start, end };
}

// --- Letters and digits -----------------------------------------------------------------------------------------------------------------

const UPPER = [..."ABCDEFGHIJKLMNOPQRSTUVWXYZ"];
/** For `beginningsOf`, exact: a letter and two digits behind it. A digit is any. */
export const mixedBeginnings: readonly string[] = UPPER.flatMap((letter) => [`${letter}00`, `${letter} 00`, `${letter}-00`]);
/** Letters before the first digits of any of them. */
const MOST_LETTERS = 6;
const iban = /[A-Z]{2}\d{2}(?:[ -]?[A-Z0-9]{4}){2,7}(?:[ -]?[A-Z0-9]{1,4})?(?![A-Za-z0-9])/y;
const nino = /[A-Z]{2}[ -]?\d\d[ -]?\d\d[ -]?\d\d[ -]?[A-D](?![A-Za-z0-9])/y;
const nie = /[XYZ]-?\d{7}-?[A-Z](?![A-Za-z0-9])/y;
const indianPan = /[A-Z]{3}[ABCFGHLJPT][A-Z]\d{4}[A-Z](?![A-Za-z0-9])/y;
const fiscalCode = /[A-Z]{6}\d{2}[A-Z]\d{2}[A-Z]\d{3}[A-Z](?![A-Za-z0-9])/y;
const corsican = /[12] ?\d\d ?\d\d ?2[AB] ?\d{3} ?\d{3} ?\d{2}(?!\d)/y;

function mixedAt(text: string, at: number): PersonPlace | null {
  const take = (kind: PersonKind, pattern: RegExp, length: (value: string) => number): PersonPlace | null => {
    const found = matchAt(pattern, text, at);
    const characters = found === null ? 0 : length(found);
    return characters === 0 ? null : { kind, start: at, end: at + characters };
  };
  const whole = (holds: (value: string) => boolean) => (value: string) => (holds(value.replace(/[ -]/g, "")) ? value.length : 0);
  return (
    take("iban", iban, (value) => ibanLength(value.replaceAll("-", " "))) ??
    take("national-id", nino, whole(check.isUkNino)) ??
    take("national-id", nie, whole(check.isSpanishId)) ??
    take("national-id", fiscalCode, whole(check.isItalianFiscalCode)) ??
    // The fourth letter of a person's is P.
    take("national-id", indianPan, (value) => (value[3] === "P" || follows(text, at, panWords) ? value.length : 0)) ??
    take("national-id", corsican, whole(check.isFrenchNir))
  );
}

function* mixedIds(text: string, begins: readonly number[]): Generator<PersonPlace> {
  let done = 0;
  for (const at of begins) {
    if (at < done) continue;
    let start = at;
    while (start > done && at - start < MOST_LETTERS && /[A-Z]/.test(text.charAt(start - 1))) start--;
    // Corsica's letter is within the number.
    if (start === at && text.charAt(start - 1) === "2" && /[AB]/.test(text.charAt(start)))
      while (start > done && at - start < 9 && /[\d ]/.test(text.charAt(start - 1))) start--;
    while (text.charAt(start) === " ") start++;
    if (isWordBefore(text, start)) continue;
    const found = mixedAt(text, start);
    if (found === null) continue;
    yield found;
    done = found.end;
  }
}

// --- Addresses of machines --------------------------------------------------------------------------------------------------------------

const ipv4 = /(?<![\d.])(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)\.){3}(?:25[0-5]|2[0-4]\d|1?\d?\d)(?![\d.]*\d)/g;
const ipv6 =
  /(?<![0-9A-Fa-f:.])(?=[0-9A-Fa-f]{0,4}:)(?:[0-9A-Fa-f]{1,4}(?::[0-9A-Fa-f]{1,4}){7}|(?:[0-9A-Fa-f]{1,4}:){0,6}[0-9A-Fa-f]{0,4}::(?:[0-9A-Fa-f]{1,4}:){0,6}[0-9A-Fa-f]{0,4})(?![0-9A-Fa-f:])/g;

function* ipAddresses(text: string): Generator<PersonPlace> {
  for (const pattern of [ipv4, ipv6])
    for (const { 0: found, index } of text.matchAll(pattern))
      if (found.length > 4) yield { kind: "ip-address", start: index, end: index + found.length };
}

/**
 * Personal data in a text, in no order; places may overlap.
 * @param mixed where one of {@link mixedBeginnings} may be, first to last
 * @param ip whether addresses of machines count
 */
export function personalDataIn(text: string, mixed: readonly number[], ip: boolean): readonly PersonPlace[] {
  const found: PersonPlace[] = [];
  if (text.includes("@") || text.includes("%40")) for (const one of emails(text)) found.push(one);
  const first = nextRun(text, 0);
  if (first >= 0) for (const one of numbers(text, first)) found.push(one);
  if (mixed.length > 0) for (const one of mixedIds(text, mixed)) found.push(one);
  if (ip) for (const one of ipAddresses(text)) found.push(one);
  return found;
}
