import { isWord, ONE_OF_VALUE, show, type Token, TWO_OF_VALUE, VALUE, VARIABLE } from "./log-token.ts";

/** The row of a line by which statements differ: the values of its keys, quotes and lists are taken out. */

/** A value in place of the tokens that make it. */
const valueOf = (inner: readonly Token[]): Token => ({
  text: VALUE,
  one: ONE_OF_VALUE,
  two: TWO_OF_VALUE,
  spaced: inner[0]?.spaced ?? false,
  kinds: inner.every(({ text }) => text === VARIABLE) ? inner.reduce((all, { kinds }) => all | kinds, 0) : 0,
  shown: inner.map((token, place) => show(place === inner.length - 1 ? { ...token, tail: "" } : token, token.kinds, place > 0)).join(""),
  tail: inner.at(-1)?.tail ?? "",
});

/** Most tokens in quotes that are one value. */
const LONGEST_QUOTED = 40;
/** Most items of a list that is one value. */
const LONGEST_LIST = 100;
/** The key under which structured logs (logfmt, JSON) have the statement's own text. */
const MESSAGE_KEY = /^(msg|message)$/i;

/** Where the value after `=` ends: at a space, `,` or `;` outside of quotes. */
function endOfValue(tokens: readonly Token[], start: number): number {
  let quoted = false;
  for (let index = start; index < tokens.length; index += 1) {
    const token = tokens[index];
    if (token === undefined || (!quoted && (token.spaced || token.text === "," || token.text === ";"))) return index;
    if (token.text === '"') quoted = !quoted;
  }
  return tokens.length;
}

/** Where the quotes close that open before `start`, if they hold a value; else -1. What is followed by `:` is a key of JSON. */
function endOfQuotes(tokens: readonly Token[], start: number): number {
  for (let close = start; close <= start + LONGEST_QUOTED && close < tokens.length; close += 1)
    if (tokens[close]?.text === '"') return tokens[close + 1]?.text === ":" ? -1 : close;
  return -1;
}

/** Where a list of single words closes that opens before `start`; else -1. */
function endOfList(tokens: readonly Token[], start: number): number {
  for (let index = start; index < start + 2 * LONGEST_LIST && index + 1 < tokens.length; index += 2) {
    const mark = tokens[index + 1]?.text;
    if (!isWord(tokens[index]?.text ?? "") && tokens[index]?.text !== VARIABLE) return -1;
    if (mark === "]" || mark === "}") return index > start ? index + 1 : -1;
    if (mark !== ",") return -1;
  }
  return -1;
}

/** Whether the marks at the end of a row follow the key of the statement's text. */
function followsMessageKey(row: readonly Token[]): boolean {
  const key = row.findLast(({ text }, place) => place < row.length - 4 || (text !== "=" && text !== ":" && text !== '"'));
  return key !== undefined && MESSAGE_KEY.test(key.text);
}

/** Tokens with the values of `key=value`, of quotes and of lists taken out. */
function withoutValues(tokens: readonly Token[]): Token[] {
  const out: Token[] = [];
  let index = 0;
  while (index < tokens.length) {
    const token = tokens[index];
    if (token === undefined) break;
    index += 1;
    out.push(token);
    const { text } = token;
    if (text === "=") {
      const end = endOfValue(tokens, index);
      if (followsMessageKey(out)) out.push(...tokens.slice(index, end));
      else out.push(valueOf(tokens.slice(index, end)));
      index = end;
    } else if (text === '"' || text === "[" || text === "{") {
      const end = text === '"' ? endOfQuotes(tokens, index) : endOfList(tokens, index);
      const mark = tokens[end];
      if (mark === undefined) continue;
      if (text === '"' && followsMessageKey(out)) out.push(...tokens.slice(index, end), mark);
      else out.push(valueOf(tokens.slice(index, end)), mark);
      index = end + 1;
    }
  }
  return out;
}

/** The row that distinguishes statements: without values, if anything else is left. */
export function rowOf(tokens: readonly Token[]): { readonly row: readonly Token[]; readonly hasValues: boolean } {
  const plain = withoutValues(tokens);
  const hasValues = plain.some(({ text }) => text === VALUE) && plain.some(({ text }) => text === VARIABLE || isWord(text));
  return { row: hasValues ? plain : tokens, hasValues };
}
