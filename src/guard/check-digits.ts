/** Check digits of numbers that stand for people and accounts. All take digits (and letters) without separators. */

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

const weighted = (digits: string, weights: readonly number[]): number =>
  weights.reduce((sum, weight, index) => sum + weight * Number(digits[index]), 0);

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

/** France, numéro de sécurité sociale with its key; Corsica's departments have a letter. */
export function isFrenchNir(text: string): boolean {
  const [, body, key] = /^([1-478]\d{2}(?:0[1-9]|1[0-2]|[2-9]\d)(?:\d{2}|2[AB])\d{6})(\d{2})$/.exec(text) ?? [];
  if (body === undefined) return false;
  const number = BigInt(body.replace("2A", "19").replace("2B", "18"));
  return 97n - (number % 97n) === BigInt(key ?? 0);
}

const DNI_LETTERS = "TRWAGMYFPDXBNJZSQVHLCKE";
/** Spain, DNI (eight digits) and NIE (X, Y or Z and seven), with the letter that 23 leaves. */
export function isSpanishId(text: string): boolean {
  if (!/^[XYZ\d]\d{7}[A-Z]$/.test(text)) return false;
  const number = Number(text.slice(0, 8).replace("X", "0").replace("Y", "1").replace("Z", "2"));
  return DNI_LETTERS[number % 23] === text[8];
}

const ODD_VALUES = [1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23];
/** Italy, codice fiscale (Decreto 23 dicembre 1976), without the letters that stand for digits where two people would have the same. */
export function isItalianFiscalCode(text: string): boolean {
  if (!/^[A-Z]{6}\d{2}[A-EHLMPRST]\d{2}[A-Z]\d{3}[A-Z]$/.test(text)) return false;
  let sum = 0;
  for (let index = 0; index < 15; index++) {
    const code = text.charCodeAt(index);
    const value = code < 58 ? code - 48 : code - 65;
    sum += index % 2 === 0 ? (ODD_VALUES[value] ?? 0) : value;
  }
  return String.fromCharCode(65 + (sum % 26)) === text[15];
}

/** The Netherlands, burgerservicenummer: the test by eleven. */
export const isDutchBsn = (digits: string): boolean =>
  /^\d{9}$/.test(digits) && !/^0+$/.test(digits) && weighted(digits, [9, 8, 7, 6, 5, 4, 3, 2, -1]) % 11 === 0;

const isMonthDay = (month: number, day: number): boolean => month >= 1 && month <= 12 && day >= 1 && day <= 31;

/** Poland, PESEL: a date of birth, the month with its century, and a digit. */
export const isPolishPesel = (digits: string): boolean =>
  /^\d{11}$/.test(digits) &&
  isMonthDay(Number(digits.slice(2, 4)) % 20, Number(digits.slice(4, 6))) &&
  (10 - (weighted(digits, [1, 3, 7, 9, 1, 3, 7, 9, 1, 3]) % 10)) % 10 === Number(digits[10]);

/** Brazil, CPF: two digits. */
export function isBrazilianCpf(digits: string): boolean {
  if (!/^\d{11}$/.test(digits) || /^(\d)\1*$/.test(digits)) return false;
  const digitAfter = (length: number) => {
    const rest =
      (weighted(
        digits,
        Array.from({ length }, (_, index) => length + 1 - index),
      ) *
        10) %
      11;
    return rest === 10 ? 0 : rest;
  };
  return digitAfter(9) === Number(digits[9]) && digitAfter(10) === Number(digits[10]);
}

const DIHEDRAL = [
  "0123456789",
  "1234067895",
  "2340178956",
  "3401289567",
  "4012395678",
  "5987604321",
  "6598710432",
  "7659821043",
  "8765932104",
  "9876543210",
];
const PERMUTED = ["0123456789", "1576283094", "5803796142", "8916043527", "9453126870", "4286573901", "2793806415", "7046913258"];
/** India, Aadhaar: twelve digits, the last by Verhoeff. */
export function isAadhaar(digits: string): boolean {
  if (!/^[2-9]\d{11}$/.test(digits)) return false;
  let check = 0;
  for (let index = 0; index < 12; index++) {
    const permuted = Number(PERMUTED[index % 8]?.[Number(digits[11 - index])]);
    check = Number(DIHEDRAL[check]?.[permuted]);
  }
  return check === 0;
}

/** China, resident identity number: a region, a date of birth, and ISO 7064 MOD 11-2 (GB 11643). */
export function isChineseId(text: string): boolean {
  if (!/^[1-8]\d{5}(?:19|20)\d{9}[\dX]$/.test(text) || !isMonthDay(Number(text.slice(10, 12)), Number(text.slice(12, 14)))) return false;
  return "10X98765432"[weighted(text, [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2]) % 11] === text[17];
}

/** Switzerland, AHV number: EAN-13 behind 756. */
export const isSwissAhv = (digits: string): boolean =>
  /^756\d{10}$/.test(digits) && (10 - (weighted(digits, [1, 3, 1, 3, 1, 3, 1, 3, 1, 3, 1, 3]) % 10)) % 10 === Number(digits[12]);

/** South Korea, resident registration number; those given since October 2020 have no check digit, so only the date is looked at. */
export const isKoreanRrn = (digits: string): boolean =>
  /^\d{6}[1-8]\d{6}$/.test(digits) && isMonthDay(Number(digits.slice(2, 4)), Number(digits.slice(4, 6)));

/** United States, social security number: no check digit, but ranges that were never given (SSA, 2011). */
export const isUsSsn = (digits: string): boolean => /^(?!000|666|9)\d{3}(?!00)\d{2}(?!0000)\d{4}$/.test(digits);

/** United Kingdom, national insurance number (HMRC, NIM39110). */
export const isUkNino = (text: string): boolean => /^(?!BG|GB|NK|KN|TN|NT|ZZ)[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z]\d{6}[A-D]$/.test(text);
