/**
 * Digits and letters that keyboards of East Asia and other scripts write in forms of their own: "４１１１", "ａｄｍｉｎ＠", "١٢٣٤". A password, a card or an
 * address is the same in them.
 */

/** Wide forms of ASCII's signs, digits and letters begin so far from their narrow ones. */
const APART = 0xfee0;
/** Signs alone are in every sentence of some languages. */
const IS_WRITTEN_WIDE = /[\uff10-\uff19\uff20-\uff3a\uff41-\uff5a]|[\p{Nd}--[0-9\u{10000}-\u{10ffff}]]/v;
/** Ranges that hold all of those, looked for six times as fast. Quotes, arrows and the letters of most languages are in none. Source: as `digitsOfScripts`. */
const MAY_BE_WIDE = /[\u0660-\u1c59\ua620-\uabf9\uff10-\uff5a]/;
/** Digits beyond the first plane take two places each, and stay. */
const WIDE = /[\uff01-\uff5e]|[\p{Nd}--[0-9\u{10000}-\u{10ffff}]]/gv;

/** Digits of scripts by their characters, ten of each one after the other. Source: Unicode, general category Nd. */
let digits: ReadonlyMap<string, string> | undefined;
function digitsOfScripts(): ReadonlyMap<string, string> {
  const found = [...Array(0x10_000).keys()].map((code) => String.fromCharCode(code)).filter((char) => /\p{Nd}/u.test(char));
  return new Map(found.map((char, at) => [char, String(at % 10)]));
}

function narrow(char: string): string {
  const code = char.charCodeAt(0);
  if (code >= 0xff01 && code <= 0xff5e) return String.fromCharCode(code - APART);
  return (digits ??= digitsOfScripts()).get(char) ?? char;
}

/** The text with each such form as its narrow one, so that places are the same in both; null: it has none. */
export const narrowed = (text: string): string | null =>
  MAY_BE_WIDE.test(text) && IS_WRITTEN_WIDE.test(text) ? text.replaceAll(WIDE, narrow) : null;
