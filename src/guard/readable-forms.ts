/**
 * What a text says in its other forms: inside a string of JSON, by the codes of a URL, in base64, with signs that nobody sees within
 * its words. Who reads it may decode it, so the search for words must as well.
 */

const LONGEST = 200_000;
const escapes = /\\u([0-9a-f]{4})|\\([nrt"\\/])/gi;
const BASE64 = /[A-Za-z0-9+/_-]{24,8000}={0,2}/g;
const MOST_CODED = 200;
/** Signs without shape, as they came or as views show them: they part a word for a program and for nobody else. */
const shapeless = /\\u\{[0-9a-f]{1,6}\}|\p{Cf}/giu;
/** Letters, digits and marks: what somebody meant to be read. */
const READABLE = /^[\p{L}\p{N}\p{P}\p{S}\s]*$/u;

const unescaped = (text: string): string =>
  text.replaceAll(escapes, (_, code: string | undefined, sign: string | undefined) =>
    code === undefined
      ? sign === "n" || sign === "r" || sign === "t"
        ? " "
        : (sign ?? "")
      : String.fromCharCode(Number.parseInt(code, 16)),
  );

function fromBase64(coded: string): string | null {
  try {
    const bytes = Uint8Array.from(atob(coded.replaceAll("-", "+").replaceAll("_", "/")), (char) => char.charCodeAt(0));
    const text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    return READABLE.test(text) && /\p{L}{3}/u.test(text) && /\s/.test(text) ? text : null;
  } catch {
    return null;
  }
}

/** The texts within, without the text itself. */
export function decodedForms(text: string): readonly string[] {
  const read = text.slice(0, LONGEST);
  const forms: string[] = [];
  if (/\\(?:u[0-9a-f]{4}|[nrt"\\/])/i.test(read)) forms.push(unescaped(read));
  if (/%[0-9a-f]{2}/i.test(read))
    forms.push(
      read.replaceAll(/%([2-7][0-9a-f])/gi, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16))).replaceAll("+", " "),
    );
  const seen = read.replaceAll(shapeless, "");
  if (seen !== read) forms.push(seen);
  let count = 0;
  for (const { 0: coded } of read.matchAll(BASE64)) {
    if (count++ >= MOST_CODED) break;
    const decoded = fromBase64(coded);
    if (decoded !== null) forms.push(decoded);
  }
  return forms;
}

/** The text and what is in it. */
export const readableForms = (text: string): readonly string[] => [text, ...decodedForms(text)];
