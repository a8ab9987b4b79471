/** Fewer characters than this (blanks not counted) occur in any text, so they prove nothing. */
export const SHORTEST_QUOTE = 4;

/** Letters and digits of a quote that proves something; with a figure in it fewer do. */
const TELLING = { signs: 12, withFigure: 8 } as const;

/** Names of fields in JSON. */
const KEY = /[\w.@-]{1,100}["']\s?:/g;

/** Whether a quote says something: a word, or the name of a field, is in any answer of its kind. */
export function tells(quote: string): boolean {
  const said = quote.replaceAll(KEY, " ");
  const words = said.match(/[\p{L}\p{N}_]+/gu) ?? [];
  const signs = said.replaceAll(/[^\p{L}\p{N}]/gu, "").length;
  return words.length >= 2 && signs >= (/(?<![\p{L}\p{N}_])\d/u.test(said) ? TELLING.withFigure : TELLING.signs);
}

/** Places that are looked at more closely: a text that has more of them and fits at none does not fit. */
const MOST_PLACES = 100_000;

/** Characters of a needle by which the next place is looked for: few enough that `indexOf` takes linear time. */
const START = 8;

/**
 * Whether `needle` is anywhere in `haystack` where `accept` agrees. Knuth, Morris and Pratt: linear whatever the two texts are, which
 * `indexOf` is not, and both come from outside. Where nothing of the needle is matched, `indexOf` finds its next beginning many times sooner.
 */
function occurs(haystack: string, needle: string, accept: (start: number, end: number) => boolean): boolean {
  const length = needle.length;
  if (length === 0 || length > haystack.length) return false;
  const start = needle.slice(0, START);
  let at = haystack.indexOf(start);
  if (at < 0) return false;
  const borders = new Int32Array(length);
  for (let index = 1, border = 0; index < length; index++) {
    while (border > 0 && needle.charCodeAt(index) !== needle.charCodeAt(border)) border = borders[border - 1] ?? 0;
    if (needle.charCodeAt(index) === needle.charCodeAt(border)) border++;
    borders[index] = border;
  }
  let matched = 0;
  let places = 0;
  for (; at < haystack.length; at++) {
    if (matched === 0) {
      const next = haystack.indexOf(start, at);
      if (next < 0) return false;
      at = next + start.length - 1;
      matched = start.length;
    } else {
      const code = haystack.charCodeAt(at);
      while (matched > 0 && code !== needle.charCodeAt(matched)) matched = borders[matched - 1] ?? 0;
      if (code === needle.charCodeAt(matched)) matched++;
    }
    if (matched < length) continue;
    if (accept(at - length + 1, at + 1)) return true;
    places++;
    if (places === MOST_PLACES) return false;
    matched = borders[matched - 1] ?? 0;
  }
  return false;
}

/** Blanks, quotation marks and dashes that people and vendors write in several ways, written in one. */
const fold = (text: string) =>
  text
    .replaceAll(/[“”„]/g, '"')
    .replaceAll(/[‘’]/g, "'")
    .replaceAll(/[‐‑–—]/g, "-")
    .replaceAll(/\s+/g, " ")
    .trim();

const ESCAPES: Readonly<Record<string, string>> = { n: "\n", r: "\r", t: "\t", b: "\b", f: "\f" };

/** JSON's escapes read, in any text: what is not one stays as it is. */
function unescaped(text: string): string {
  return text.replaceAll(/\\(?:u([0-9a-fA-F]{4})|(["\\/bfnrt]))/g, (_, code?: string, sign?: string) =>
    code === undefined ? (ESCAPES[sign ?? ""] ?? sign ?? "") : String.fromCharCode(Number.parseInt(code, 16)),
  );
}

/**
 * The forms in which a raw answer is searched, blanks folded: as it came, with the escapes of its JSON strings read, and once more
 * for JSON in a string of JSON (log lines often do).
 */
export function readable(raw: string): readonly string[] {
  const forms = [raw];
  for (let last = raw; forms.length < 3 && last.includes("\\");) {
    last = unescaped(last);
    forms.push(last);
  }
  return forms.map(fold);
}

const isWord = (text: string, at: number) => /[\p{L}\p{N}_]/u.test(text.charAt(at));
const isDigit = (text: string, at: number) => /\d/.test(text.charAt(at));

/** Longest run of digits that is looked at: no figure is longer, and lists of an answer have no end. */
const LONGEST_NUMBER = 40;

/** Whether the comma at `at` is between two numbers of a list (`18.33,91.2,93.7`): all around it can't be one number. */
function parts(text: string, at: number): boolean {
  if (text.charAt(at) !== ",") return false;
  const [left = ""] = /[\d.,]*$/.exec(text.slice(Math.max(0, at - LONGEST_NUMBER), at)) ?? [];
  const [right = ""] = /^[\d.,]*/.exec(text.slice(at + 1, at + 1 + LONGEST_NUMBER)) ?? [];
  const run = `${left},${right}`.replace(/[.,]+$/, "");
  return !/^(?:\d{1,3}(?:,\d{3}){1,5}(?:\.\d+)?|\d{1,3}(?:\.\d{3})*,\d+|\d+,\d+)$/.test(run);
}

/** Whether a cut at `at` goes through a number: `4|800`, `4|.8`, `-|5`. */
function cutsNumber(text: string, at: number): boolean {
  if (isDigit(text, at - 1) && isDigit(text, at)) return true;
  for (const mark of [at, at - 1])
    if (/[.,]/.test(text.charAt(mark)) && isDigit(text, mark - 1) && isDigit(text, mark + 1) && !parts(text, mark)) return true;
  return /[-−]/.test(text.charAt(at - 1)) && isDigit(text, at) && !isWord(text, at - 2);
}

const cutsWord = (text: string, at: number) => isWord(text, at - 1) && isWord(text, at);

/** Characters before a quote that may turn its sense around. */
const CLAUSE = 90;
/** Where a clause, a field or a value begins. */
const BEGINS = /[.;!?{}[\]|](?=[\s"{}[\],|]|$)|[,:](?=[\s"{[])|["'](?=\s?[:,}\]])/g;
/** Left out before a quote, these turn its sense around: "no longer", "it is not true that", "0 payments". */
const NEGATION =
  /(?:^|[^\p{L}\p{N}_])(?:not|no|never|without|cannot|non|none|nothing|nobody|neither|nor|hardly|zero|\p{L}+n['’]t)(?![\p{L}\p{N}_])|(?:^|[\s"'(])0 $/iu;
/** So does this behind it: `"rollback succeeded": false`. */
const DENIED = /^["']?\s?[:=]\s?["']?(?:false|null|none|no|0(?:\.0+)?)(?![\p{L}\p{N}_.])/iu;

/** Whether the text around a quote reverses its sense. */
function isTurned(text: string, start: number, end: number): boolean {
  const before = text.slice(Math.max(0, start - CLAUSE), start);
  let clause = 0;
  for (const { 0: found, index } of before.matchAll(BEGINS)) clause = index + found.length;
  return NEGATION.test(before.slice(clause)) || DENIED.test(text.slice(end, end + 20));
}

const ELLIPSIS = /\s*(?:…|\.{3}|\[(?:…|\.{3})\])\s*/;

/**
 * Whether a quote is word for word in a raw answer; only blanks, quotation marks and dashes may differ. It begins and ends between words, never
 * within a number, and leaves out no negation of its clause. Where it has an ellipsis words may be left out, or cut at its end.
 * @param forms of the raw answer, from {@link readable}
 */
export function isVerbatim(forms: readonly string[], quote: string): boolean {
  const whole = fold(quote);
  // A sentence that begins with a quote gives it a capital.
  const begins = whole.charAt(0) === whole.charAt(0).toUpperCase() ? whole.charAt(0).toLowerCase() + whole.slice(1) : whole;
  if (isThere(forms, whole) || (begins !== whole && isThere(forms, begins))) return true;
  const pieces = whole.split(ELLIPSIS).filter((piece) => piece !== "");
  if (pieces.length > 1 && !pieces.every(tells)) return false;
  const ends = ELLIPSIS.test(whole.slice(-6));
  if (pieces.length > 1 || ends) return forms.some((form) => isInOrder(form, pieces, ends));
  // The full stop of the sentence that quotes it.
  return /[.,;]$/.test(whole) && isThere(forms, whole.slice(0, -1));
}

/** Whether a passage of a text is a quote: between words, no part of a number, and with the words that negate it. */
function isQuote(form: string, start: number, end: number, endsAnywhere: boolean): boolean {
  if (cutsNumber(form, start) || cutsNumber(form, end)) return false;
  if (cutsWord(form, start) || (!endsAnywhere && cutsWord(form, end))) return false;
  return !isTurned(form, start, end);
}

const isLong = (text: string) => text.replaceAll(" ", "").length >= SHORTEST_QUOTE;

const isThere = (forms: readonly string[], text: string): boolean =>
  isLong(text) && forms.some((form) => occurs(form, text, (start, end) => isQuote(form, start, end, false)));

/** Characters that an ellipsis may stand for: more are another place of the answer. */
const MOST_LEFT_OUT = 2_000;

/** Whether the pieces of a quote follow each other at one place of a text. @param ends whether the last may be cut at any sign */
function isInOrder(form: string, pieces: readonly string[], ends: boolean): boolean {
  let before: readonly number[] = [];
  for (const [index, piece] of pieces.entries()) {
    if (!isLong(piece)) return false;
    const here: number[] = [];
    const after = placeAfter(before);
    occurs(form, piece, (start, end) => {
      const gap = index === 0 ? 0 : start - after(start);
      if (gap >= 0 && gap <= MOST_LEFT_OUT && isQuote(form, start, end, ends && index === pieces.length - 1)) here.push(end);
      return false;
    });
    if (here.length === 0) return false;
    before = here;
  }
  return pieces.length > 0;
}

/** The last of some places that is not behind another one. Asked in order. @param places sorted */
function placeAfter(places: readonly number[]): (at: number) => number {
  let last = 0;
  return (at) => {
    while ((places[last + 1] ?? Infinity) <= at) last++;
    return places[last] ?? Infinity;
  };
}

/**
 * Looks for names in a text: `node-7` is not in `node-72`, `9f2c1e4` is in its full sha, `p95` in `LatencyP95_s`; case does not count.
 * @param form the most decoded of {@link readable}
 */
export function nameFinder(form: string): (name: string) => boolean {
  const lower = form.toLowerCase();
  // A few letters change their length in lower case; places then no longer fit, so the case counts.
  const folded = lower.length === form.length;
  const text = folded ? lower : form;
  return (name) => {
    const wanted = folded ? name.toLowerCase() : name;
    const isSha = /^[0-9a-f]{6,40}$/.test(wanted);
    return occurs(text, wanted, (start, end) => {
      // A short sha may end at any sign of the full one.
      const isCut = isSha && /[0-9a-f]/.test(text.charAt(end));
      if (cutsNumber(text, start) || (!isCut && cutsNumber(text, end))) return false;
      const before = /[\p{L}\p{N}]/u.test(form.charAt(start - 1));
      const camel = before && /\p{Lu}/u.test(form.charAt(start)) && /\p{Ll}/u.test(form.charAt(start - 1));
      if (before && !camel) return false;
      return isCut || !/[\p{L}\p{N}]/u.test(form.charAt(end));
    });
  };
}
