/** Characters of the pieces that are looked up. */
const PIECE = 3;
const TABLE_BITS = 14;
/** Shorter values than this occur by chance, and hiding them would hurt more than it protects. */
const SHORTEST_OWN = 8;

/** From so many characters on a credential occurs nowhere by chance; shorter ones are refused at start (`config.ts`). */
export const SURE_OWN = 16;
const inWord = /[\p{L}\p{N}_]/u;

/** Whether what is found is part of a longer word: "prod-4711" of a short credential in "prod-47110". */
const isInsideWord = (text: string, start: number, end: number): boolean =>
  (inWord.test(text.charAt(start - 1)) && inWord.test(text.charAt(start))) ||
  (inWord.test(text.charAt(end)) && inWord.test(text.charAt(end - 1)));

const hash = (a: number, b: number, c: number): number => (Math.imul(a * 961 + b * 31 + c, 0x9e3779b1) >>> (32 - TABLE_BITS)) | 0;
const hashAt = (text: string, at: number): number => hash(text.charCodeAt(at), text.charCodeAt(at + 1), text.charCodeAt(at + 2));

/** The base64 of a value anywhere within what was encoded: without the characters that its neighbours have a part in. */
function base64Forms(value: string): string[] {
  const bytes = new TextEncoder().encode(value);
  return [0, 1, 2].flatMap((shift) => {
    const coded = btoa(String.fromCharCode(...new Uint8Array(shift), ...bytes));
    const whole = coded.slice(Math.ceil((shift * 8) / 6), Math.floor(((shift + bytes.length) * 8) / 6));
    return [whole, whole.replaceAll("+", "-").replaceAll("/", "_")];
  });
}

const inHtml: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };
const byCode = (sign: string): string => `\\u00${sign.charCodeAt(0).toString(16)}`;
const toHex = (value: string): string => [...new TextEncoder().encode(value)].map((byte) => byte.toString(16).padStart(2, "0")).join("");

/**
 * A value as texts may hold it: as it is, in JSON (of PHP with `\/`, of Go with `\u0026`, JSON within JSON), in a URL (of Python with `%21` and
 * a plain slash, in lower case, twice), in HTML, in hexadecimal, in base64 (alone or as a part, as in Basic authorization).
 */
export function formsOf(value: string): string[] {
  const inJson = JSON.stringify(value).slice(1, -1);
  const inUrl = encodeURIComponent(value);
  const strict = inUrl.replaceAll(/[!'()*]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`);
  const urls = [inUrl, encodeURI(value), inUrl.replaceAll("%20", "+"), strict, strict.replaceAll("%2F", "/"), encodeURIComponent(inUrl)];
  const lower = urls.map((url) => url.replaceAll(/%[0-9A-F]{2}/g, (code) => code.toLowerCase()));
  const json = [inJson, inJson.replaceAll("/", "\\/"), inJson.replaceAll(/[<>&]/g, byCode), JSON.stringify(inJson).slice(1, -1)];
  const others = [value.replaceAll(/[&<>"']/g, (sign) => inHtml[sign] ?? sign), toHex(value), toHex(value).toUpperCase()];
  return [...new Set([value, ...json, ...urls, ...lower, ...others, ...base64Forms(value)])].filter((form) => form.length >= SHORTEST_OWN);
}

/** Where one of the values is. */
export interface OwnPlace {
  readonly start: number;
  readonly end: number;
}

/**
 * Finds values in a text. All have at least eight characters, so only every sixth piece of three has to be looked at: the cost hardly grows
 * with their number. Linear: what fits at a place is jumped over.
 */
export function ownValueFinder(values: readonly string[]): (text: string) => OwnPlace[] {
  const forms = [...new Set(values.filter((value) => value.length >= SHORTEST_OWN).flatMap(formsOf))].toSorted(
    (a, b) => b.length - a.length,
  );
  if (forms.length === 0) return () => [];
  const step = SHORTEST_OWN - PIECE + 1;
  const known = new Uint8Array(1 << TABLE_BITS);
  const candidates = new Map<number, { readonly form: string; readonly offset: number }[]>();
  for (const form of forms) {
    for (let offset = 0; offset < step; offset++) {
      const key = hashAt(form, offset);
      known[key] = 1;
      const list = candidates.get(key) ?? [];
      list.push({ form, offset });
      candidates.set(key, list);
    }
  }
  return (text) => {
    const found: OwnPlace[] = [];
    for (let at = 0; at + PIECE <= text.length; at += step) {
      const key = hashAt(text, at);
      if (known[key] === 0) continue;
      for (const { form, offset } of candidates.get(key) ?? [])
        if (text.startsWith(form, at - offset)) {
          const place = { start: at - offset, end: at - offset + form.length };
          if (form.length >= SURE_OWN || !isInsideWord(text, place.start, place.end)) found.push(place);
        }
    }
    return found;
  };
}
