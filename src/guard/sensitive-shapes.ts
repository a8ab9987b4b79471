import { hasLuhnDigit } from "./check-digits.ts";

/** The second look at what a pattern matched: checksums, reserved examples, and whether a text is random. */

const ASCII = 128;
const counts = new Uint32Array(ASCII);

/** Bits per character. */
function entropy(text: string): number {
  counts.fill(0);
  let others: Map<string, number> | undefined;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code < ASCII) counts[code] = (counts[code] ?? 0) + 1;
    else {
      others ??= new Map();
      others.set(text.charAt(at), (others.get(text.charAt(at)) ?? 0) + 1);
    }
  }
  let bits = 0;
  const add = (count: number) => (bits -= (count / text.length) * Math.log2(count / text.length));
  for (const count of counts) if (count > 0) add(count);
  others?.forEach(add);
  return bits;
}

const SHORTEST_RANDOM = 12;
const LEAST_ENTROPY = 3;
/** Random letters of both cases alone have more than this from 20 characters on; words and camelCase names have less. */
const LEAST_ENTROPY_OF_LETTERS = 4.2;

/** "user-12345-session", "tokenCacheV2", "2026-05-01T03:12:00Z": words and numbers, one beside the other. */
function isWords(part: string): boolean {
  const runs = part.match(/[A-Z]+|[a-z]+|\d+/g) ?? [];
  if (runs.length === 1) return part.length <= (/\d/.test(part) ? 10 : 30);
  return (
    runs.length <= 12 && runs.every((run) => (/\d/.test(run) ? run.length <= 4 : /[a-z]/.test(run) ? run.length >= 2 : run.length <= 8))
  );
}

/** A text that a person would not write as words: digits among letters, or many different letters in no order. */
export function looksRandom(value: string): boolean {
  if (value.length < SHORTEST_RANDOM || /[\s<>{}()|]|^\$|%[sd]/.test(value) || entropy(value) < LEAST_ENTROPY) return false;
  if (/^(?:your|my|example|sample|dummy|fake|changeme|placeholder|test)[-_]|(?:example|placeholder|changeme)$/i.test(value)) return false;
  const parts = value.split(/[^A-Za-z0-9]+/).filter((part) => part !== "");
  if (!parts.every(isWords)) return /\d/.test(value) && /[A-Za-z]/.test(value);
  const mixed = parts.length === 1 && /[a-z]/.test(value) && /[A-Z]/.test(value);
  return mixed && value.length >= 20 && entropy(value) >= LEAST_ENTROPY_OF_LETTERS;
}

/**
 * A text that people choose for a password and would not write in a sentence: letters beside digits or signs. Not the name of a thing with a
 * number ("user_8812", "v2.4.1"), a path, a call or an address.
 */
export function looksChosen(value: string): boolean {
  if (value.length < 6 || !/\p{L}/u.test(value) || /[\s<>{}()|=]|:\/\/|^[/.]|^\$|%[sd]/.test(value)) return false;
  if (/[!#$%&*@^~+?]/.test(value.slice(0, -1)) || /\p{L}\p{L}[!#$%&*@^~+?]+$/u.test(value)) return /\d/.test(value) || value.length >= 8;
  return (
    /\d/.test(value) &&
    (looksRandom(value) || (/\p{Lu}/u.test(value) && /\p{Ll}/u.test(value)) || /^[a-z]{3,}\d{2,}$|^(?=.*\d[a-z])[a-z\d]{8,}$/i.test(value))
  );
}

/** Domains that never reach a person: RFC 2606 and RFC 6761. */
export const isReservedDomain = (domain: string): boolean =>
  /(?:^|\.)(?:example\.(?:com|net|org)|example|test|invalid|localhost)$/i.test(domain);

/** Published by card networks and payment providers for tests; no account has them. */
const testCards: ReadonlySet<string> = new Set([
  "4242424242424242",
  "4111111111111111",
  "4012888888881881",
  "4000000000000002",
  "4000056655665556",
  "5555555555554444",
  "5105105105105100",
  "2223003122003222",
  "378282246310005",
  "371449635398431",
  "6011111111111117",
  "6011000990139424",
  "3056930009020004",
  "30569309025904",
  "3566002020360505",
]);

// Visa, Mastercard (both ranges), American Express, Diners, Discover, JCB; with the lengths that they have.
const cardNumbers =
  /^(?:4\d{12}(?:\d{3}){0,2}|5[1-5]\d{14}|2(?:2[2-9]|[3-6]\d|7[01])\d{13}|3[47]\d{13}|3(?:0[0-5]|[68]\d)\d{11}|6(?:011|4[4-9]\d|5\d\d)\d{12}|35\d{14})$/;

/** Places in a text at which a number of several groups may end: before a separator, and at the end. */
const groupEnds = (text: string): number[] =>
  [...[...text.matchAll(/(?<=[A-Za-z0-9])[^A-Za-z0-9]/g)].map(({ index }) => index), text.length].toReversed();

/** How many characters of a text are a card's number: of a network's range, with its check digit. */
export function anyCardLength(text: string): number {
  if (/^\d+$/.test(text)) return cardNumbers.test(text) && hasLuhnDigit(text) ? text.length : 0;
  const end = groupEnds(text).find((at) => {
    const digits = text.slice(0, at).replace(/[ -]/g, "");
    return cardNumbers.test(digits) && hasLuhnDigit(digits);
  });
  return end ?? 0;
}

/** Whether networks and providers publish the number for tests. */
export const isTestCard = (text: string): boolean => testCards.has(text.replace(/[ -]/g, ""));

/** Characters of an IBAN by country. Source: SWIFT, IBAN registry. */
const ibanLengths: ReadonlyMap<string, number> = new Map(
  (
    "AD24 AE23 AL28 AT20 AZ28 BA20 BE16 BG22 BH22 BI27 BR29 BY28 CH21 CR22 CY28 CZ24 DE22 DJ27 DK18 DO28 EE20 EG29 ES24 FI18 FK18 FO18 " +
    "FR27 GB22 GE22 GI23 GL18 GR27 GT28 HR21 HU28 IE22 IL23 IQ23 IS26 IT27 JO30 KW30 KZ20 LB28 LC32 LI21 LT20 LU20 LV21 LY25 MC27 MD24 " +
    "ME22 MK19 MN20 MR27 MT31 MU30 NI28 NL18 NO15 OM23 PK24 PL28 PS29 PT25 QA29 RO24 RS22 RU33 SA24 SC31 SD18 SE24 SI19 SK24 SM27 SO23 " +
    "ST25 SV28 TL23 TN24 TR26 UA29 VA22 VG24 XK20"
  )
    .split(" ")
    .map((entry) => [entry.slice(0, 2), Number(entry.slice(2))]),
);

/** How many characters of a text are an IBAN: of its country's length, and leaving 1 when divided by 97 (ISO 13616; letters are 10 to 35). */
export function ibanLength(text: string): number {
  const plain = text.replaceAll(" ", "").slice(0, ibanLengths.get(text.slice(0, 2)) ?? 0);
  if (plain.length !== ibanLengths.get(text.slice(0, 2))) return 0;
  let rest = 0;
  for (const character of plain.slice(4) + plain.slice(0, 4)) {
    const value = Number.parseInt(character, 36);
    rest = (rest * (value > 9 ? 100 : 10) + value) % 97;
  }
  if (rest !== 1) return 0;
  let end = 0;
  for (let seen = 0; seen < plain.length; end++) if (text[end] !== " ") seen++;
  return end;
}

/** How many characters of a text are a phone number: 8 to 15 digits (ITU-T E.164). */
export function anyPhoneLength(text: string): number {
  const end = groupEnds(text).find((at) => {
    const digits = text.slice(0, at).replace(/\D/g, "").length;
    return digits >= 8 && digits <= 15;
  });
  return end ?? 0;
}

/** Reserved for films and examples: North America 555-0100 to 555-0199, the United Kingdom's numbers for drama (Ofcom). */
export const isExamplePhone = (digits: string): boolean =>
  /^(?:1?\d{3}55501\d{2}|(?:44|0)(?:2079460\d{3}|7700900\d{3}|1632960\d{3}))$/.test(digits);
