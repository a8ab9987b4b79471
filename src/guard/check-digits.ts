import { validate as validateNir } from "stdnum/lib/cjs/fr/nir.js";
import { validate as validateDni } from "stdnum/lib/cjs/es/dni.js";
import { validate as validateNie } from "stdnum/lib/cjs/es/nie.js";
import { validate as validateFiscalCode } from "stdnum/lib/cjs/it/codicefiscale.js";
import { validate as validateBsn } from "stdnum/lib/cjs/nl/bsn.js";
import { validate as validatePesel } from "stdnum/lib/cjs/pl/pesel.js";
import { validate as validateCpf } from "stdnum/lib/cjs/br/cpf.js";
import { validate as validateAadhaar } from "stdnum/lib/cjs/in/aadhaar.js";
import { validate as validateRic } from "stdnum/lib/cjs/cn/ric.js";
import { validate as validateAhv } from "stdnum/lib/cjs/ch/ssn.js";

/**
 * Check digits of numbers that stand for people and accounts. All take digits (and letters) without separators. `stdnum` is asked for those that
 * it judges as we must; its files are named one by one, for the whole of it takes long to load. Luhn is our own because it runs for every number
 * of a text. See docs/decisions/libraries.md for the other exceptions.
 */

/** Luhn (ISO/IEC 7812-1). */
export function hasLuhnDigit(digits: string): boolean {
  let sum = 0;
  for (let index = 0; index < digits.length; index++) {
    const digit = Number(digits[digits.length - 1 - index]);
    const doubled = index % 2 === 1 ? digit * 2 : digit;
    sum += doubled > 9 ? doubled - 9 : doubled;
  }
  return sum % 10 === 0;
}

/** Germany, Identifikationsnummer: ISO 7064 MOD 11,10; of the first ten digits one occurs two or three times (Abgabenordnung § 139b). */
export function isGermanTaxId(digits: string): boolean {
  if (!/^[1-9]\d{10}$/.test(digits)) return false;
  const counts = new Map<string, number>();
  for (const digit of digits.slice(0, 10)) counts.set(digit, (counts.get(digit) ?? 0) + 1);
  const repeated = [...counts.values()].filter((count) => count > 1);
  if (repeated.length !== 1 || (repeated[0] ?? 0) > 3) return false;
  let product = 10;
  for (const digit of digits.slice(0, 10)) {
    const sum = (Number(digit) + product) % 10 || 10;
    product = (sum * 2) % 11;
  }
  return (11 - product) % 10 === Number(digits[10]);
}

/**
 * What is looked at first, for it costs little: the shape, and of numbers that texts are full of their check digit. `stdnum` makes an error with a
 * stack for each that is none.
 */
const checked =
  (shape: RegExp, validate: (text: string) => { readonly isValid: boolean }, hasDigit: (text: string) => boolean = () => true) =>
  (text: string): boolean =>
    shape.test(text) && hasDigit(text) && validate(text).isValid;

/** The key is what is left to 97; 2A and 2B count as 19 and 18. */
const hasNirKey = (text: string): boolean =>
  97 - (Number(text.slice(0, 13).replace("2A", "19").replace("2B", "18")) % 97) === Number(text.slice(13));
/** By the rest of the number divided by 23; X, Y and Z count as 0, 1 and 2. */
const hasSpanishLetter = (text: string): boolean => {
  const first = "XYZ".indexOf(text.charAt(0));
  return "TRWAGMYFPDXBNJZSQVHLCKE".charAt(Number((first < 0 ? text.charAt(0) : String(first)) + text.slice(1, 8)) % 23) === text.charAt(8);
};
/** ISO 7064 MOD 11-2: each digit counts by a power of two. */
const hasChineseDigit = (text: string): boolean => {
  let rest = 0;
  for (let index = 0; index < 17; index++) rest = ((rest + (text.charCodeAt(index) - 48)) * 2) % 11;
  return "10X98765432".charAt(rest) === text.charAt(17);
};

/** The first eight digits count nine times to twice, the last is taken away; eleven divides what is left. */
const hasBsnDigit = (text: string): boolean => {
  let sum = -(text.charCodeAt(8) - 48);
  for (let index = 0; index < 8; index++) sum += (9 - index) * (text.charCodeAt(index) - 48);
  return sum % 11 === 0;
};

/** France, numéro de sécurité sociale with its key; Corsica's departments have a letter. */
export const isFrenchNir = checked(/^[1-478]\d{4}(?:\d{2}|2[AB])\d{8}$/, validateNir, hasNirKey);
/** Spain, DNI (eight digits and a letter) and NIE (X, Y or Z, seven digits and a letter). */
export const isSpanishId = checked(/^[XYZ\d]\d{7}[A-Z]$/, (text) => (/^\d/.test(text) ? validateDni : validateNie)(text), hasSpanishLetter);
/** Italy, codice fiscale, without the letters that stand for digits where two people would have the same. */
export const isItalianFiscalCode = checked(/^[A-Z]{6}\d{2}[A-EHLMPRST]\d{2}[A-Z]\d{3}[A-Z]$/, validateFiscalCode);
/** The Netherlands, burgerservicenummer. */
export const isDutchBsn = checked(/^(?!0+$)\d{9}$/, validateBsn, hasBsnDigit);
/** Poland, PESEL. */
export const isPolishPesel = checked(/^\d{11}$/, validatePesel);
/** Brazil, CPF. */
export const isBrazilianCpf = checked(/^(?!(\d)\1*$)\d{11}$/, validateCpf);
/** India, Aadhaar. */
export const isAadhaar = checked(/^[2-9]\d{11}$/, validateAadhaar);
/** China, resident identity number. */
export const isChineseId = checked(/^[1-8]\d{5}(?:19|20)\d{9}[\dX]$/, validateRic, hasChineseDigit);
/** Switzerland, AHV number. */
export const isSwissAhv = checked(/^756\d{10}$/, validateAhv);

const isMonthDay = (month: number, day: number): boolean => month >= 1 && month <= 12 && day >= 1 && day <= 31;

/** South Korea, resident registration number; those given since October 2020 have no check digit, so only the date is looked at. */
export const isKoreanRrn = (digits: string): boolean =>
  /^\d{6}[1-8]\d{6}$/.test(digits) && isMonthDay(Number(digits.slice(2, 4)), Number(digits.slice(4, 6)));

/** United States, social security number: no check digit, but ranges that were never given (SSA, 2011). */
export const isUsSsn = (digits: string): boolean => /^(?!000|666|9)\d{3}(?!00)\d{2}(?!0000)\d{4}$/.test(digits);

/** United Kingdom, national insurance number (HMRC, NIM39110). */
export const isUkNino = (text: string): boolean => /^(?!BG|GB|NK|KN|TN|NT|ZZ)[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z]\d{6}[A-D]$/.test(text);
