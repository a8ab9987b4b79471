import { unseenInSlack } from "../../guard/unseen.ts";

/**
 * Slack's own markup ("mrkdwn"). Text from outside becomes part of a message only through this file: escaped, so that it can call nobody, link
 * nowhere and format nothing beyond itself. Lengths are counted in code points, as Slack counts them.
 * Source: docs.slack.dev "Formatting message text".
 */

export const lengthOf = (text: string): number => {
  let length = 0;
  for (const _ of text) length++;
  return length;
};

// Invisible on purpose (U+200B): it parts "@" from a word that Slack would take for a mention of everybody.
const PART = "\u200B";
/** Looks like a backtick (U+02CB), ends no code. */
const BACKTICK = "ˋ";

const printable = (text: string) => text.toWellFormed().replaceAll("\r\n", "\n").replaceAll("\r", "\n").replaceAll(unseenInSlack, "");

/** Text from outside on one line, for places where Slack reads no markup: titles and buttons. */
export const plainLine = (text: string): string => printable(text).replaceAll(/\s+/g, " ").trim();

const entities = (text: string) => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
const defused = (text: string) => text.replaceAll(/@(?=(?:here|channel|everyone|group)\b)/gi, `@${PART}`);

/** `*`, `_` or `~` that would open something bold, italic or struck out: a sign at the start of a word with its like at the end of one. */
const openers = /(?<![\p{L}\p{N}*_~])([*_~])(?=\S)(?=[^\n]{0,1000}?\S\1(?![\p{L}\p{N}*_~]))/gu;
/** Slack does not take a sign before white space for an opening one; U+200B is white space to it, and none to the eye. */
const unformatted = (text: string) => text.replaceAll(openers, `$1${PART}`);

/** Text from outside, on one line: nothing in it is a mention, a link, an entity, a line end, the start of code or of bold words. */
export function escapeText(text: string): string {
  return defused(entities(unformatted(printable(text).replaceAll(/\s+/g, " ")).replaceAll("`", BACKTICK)));
}

/** Text from outside that may show code, with its line ends. */
export function escapeLines(text: string): string {
  return printable(text).split("\n").map(escapeWithCode).join("\n");
}

/**
 * Text from outside as inline code, on one line; backticks in it survive as look-alikes. "" stays "".
 * @param longest code points of the text that are shown; the rest is said to be missing
 */
export function inlineCode(text: string, longest = 400): string {
  const line = plainLine(text);
  return line === "" ? "" : `\`${entities(cutPlain(line, longest).replaceAll("`", BACKTICK))}\``;
}

/** One span of code: a backtick on each side, none beside it and none within. */
const CODE_SPAN = /(?<!`)`([^`\n]+)`(?!`)/g;
// Of the private use area, so that no text means it.
const HELD = "\uE000";

/** As {@link escapeText}, for texts that may show code: text between single backticks is inline code. */
export function escapeWithCode(text: string): string {
  const spans: string[] = [];
  // Escaped as one text: a sign before a span and its like after it would else pair around it.
  const held = printable(text)
    .replaceAll(HELD, "")
    .replaceAll(CODE_SPAN, (whole, inside: string) => {
      if (inside.trim() === "") return whole;
      spans.push(inlineCode(inside));
      return HELD;
    });
  return escapeText(held).replaceAll(HELD, () => spans.shift() ?? "");
}

/** Longer ones are cut by mail and chat programs on their way; and a link must fit into one section beside its words. */
const LONGEST_URL = 2_000;

/** A link under our own words. Only http(s) addresses become links; for others, or null, the words are alone. */
export function link(url: string | null, label: string): string {
  const words = escapeText(label);
  if (url === null || !/^https?:\/\//i.test(url) || !URL.canParse(url)) return words;
  const href = entities(new URL(url).href.replaceAll("|", "%7C").replaceAll("<", "%3C").replaceAll(">", "%3E"));
  return lengthOf(href) > LONGEST_URL ? words : `<${href}|${words}>`;
}

const decoded = (text: string) => text.replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&amp;", "&");

/** A message as its author saw it: mentions as "@U012", channels as "#name", links as "words (address)", entities decoded. */
export function plainText(mrkdwn: string): string {
  return decoded(
    mrkdwn.replaceAll(/<([^<>|]*)(?:\|([^<>]*))?>/g, (_whole, target: string, label: string | undefined) => {
      if (target.startsWith("@")) return label === undefined ? target : `@${label.replace(/^@/, "")}`;
      if (target.startsWith("#")) return `#${label === undefined || label === "" ? target.slice(1) : label}`;
      if (target.startsWith("!")) return label ?? `@${target.slice(1).split("^")[0]}`;
      return label === undefined || label === "" || label === target ? target : `${label} (${target})`;
    }),
  );
}

const CUT_NOTE = 40;

/** A cut goes back to the last space where that costs no more than this share of what is shown. */
const WORTH_A_WORD = 1 / 8;

/** The beginning of a plain text that is too long, cut between words, or where there are none between characters as people see them. */
function headOf(text: string, room: number): string {
  let head = "";
  let taken = 0;
  for (const { segment } of new Intl.Segmenter().segment(text)) {
    const size = lengthOf(segment);
    if (taken + size > room) break;
    head += segment;
    taken += size;
  }
  const space = head.lastIndexOf(" ");
  return space > 0 && head.length - space <= room * WORTH_A_WORD ? head.slice(0, space) : head;
}

/** Plain text (no markup) cut between words, with how much is missing where there is room to say it. */
export function cutPlain(text: string, longest: number): string {
  const length = lengthOf(text);
  if (length <= longest) return text;
  if (longest < CUT_NOTE * 2) return cutShort(text, longest);
  const head = headOf(text, longest - CUT_NOTE);
  return `${head}… (${length - lengthOf(head)} more characters)`;
}

/** As {@link cutPlain}, with "…" alone: where the whole text is visible elsewhere. */
export const cutShort = (text: string, longest: number): string => (lengthOf(text) <= longest ? text : `${headOf(text, longest - 1)}…`);

/** As {@link cutShort}, for plain text with code between single backticks: code that the cut falls into ends at the cut. */
export function cutShortWithCode(text: string, longest: number): string {
  const cut = cutShort(text, longest);
  if (cut === text || (cut.match(/`/g)?.length ?? 0) % 2 === 0) return cut;
  const shorter = cutShort(text, longest - 1);
  return (shorter.match(/`/g)?.length ?? 0) % 2 === 0 ? shorter : `${shorter.slice(0, -1)}\`…`;
}

/** What may not be cut apart at `at`: a tag `<…>`, an entity, or one character as people see it. */
function atomAt(text: string, at: number, graphemes: Intl.Segments): string {
  const first = text[at];
  if (first === "<" || first === "&") {
    const whole = /<[^<>\n]*>|&(?:amp|lt|gt);/y;
    whole.lastIndex = at;
    const found = whole.exec(text)?.[0];
    if (found !== undefined) return found;
  }
  const cluster = graphemes.containing(at);
  const grapheme = cluster === undefined || cluster.index !== at ? String.fromCodePoint(text.codePointAt(at) ?? 0) : cluster.segment;
  // "\r\n" is one character to Unicode; here a line end is a line end.
  return grapheme.startsWith("\n") || grapheme.startsWith("\r") ? grapheme.slice(0, 1) : grapheme;
}

interface Cut {
  readonly head: string;
  readonly rest: string;
  /** What was put before `rest` to open again what the cut had closed. */
  readonly opened: string;
}

/** The longest head of `text` that ends at a line end, else at a space, else between two characters. */
function takeHead(text: string, longest: number): Cut {
  const graphemes = new Intl.Segmenter().segment(text);
  let inCode = false;
  /** Whether the open code holds anything: an empty one would show as bare backticks. */
  let filled = false;
  let begun = false;
  let length = 0;
  const best: { line: Cut | null; space: Cut | null; any: Cut | null } = { line: null, space: null, any: null };
  for (let at = 0; at < text.length;) {
    const atom = atomAt(text, at, graphemes);
    const next = at + atom.length;
    if (atom === "`") {
      const lineEnd = text.indexOf("\n", next);
      const closing = text.indexOf("`", next);
      if (inCode) inCode = false;
      else if (closing !== -1 && (lineEnd === -1 || closing < lineEnd)) [inCode, filled] = [true, false];
    } else if (atom === "\n") {
      inCode = false;
    } else if (/\S/.test(atom)) {
      filled = true;
    }
    length += lengthOf(atom);
    // Code that is open at a cut is closed before it, and opened again after it.
    const mark = inCode ? "`" : "";
    const isSpace = /^\s$/.test(atom);
    // White space at a cut is dropped, so it takes no room.
    const headLength = isSpace ? length - 1 : length;
    if (headLength > longest) break;
    if (headLength + mark.length <= longest && (!inCode || filled)) {
      const cut: Cut = { head: text.slice(0, isSpace ? at : next) + mark, rest: mark + text.slice(next), opened: mark };
      if (!isSpace) best.any = cut;
      else if (begun) best[atom === "\n" ? "line" : "space"] = cut;
    }
    begun ||= !isSpace;
    at = next;
  }
  const cut = best.line ?? best.space ?? best.any;
  // The code that was opened again must not be all there is, or the rest would never get shorter.
  if (cut !== null && lengthOf(cut.rest) < lengthOf(text)) return cut;
  return withoutAtoms(text, longest);
}

/** The first atom alone is too long: a link keeps its words only, a pile of combining marks is cut between code points. */
function withoutAtoms(text: string, longest: number): Cut {
  const tag = /^<[^<>\n]*>/.exec(text)?.[0];
  if (tag !== undefined)
    return { head: "", rest: escapeText([...plainText(tag)].slice(0, longest).join("")) + text.slice(tag.length), opened: "" };
  const points = [...text];
  return { head: points.slice(0, longest).join(""), rest: points.slice(longest).join(""), opened: "" };
}

/**
 * Mrkdwn in pieces of at most `longest` code points, cut at line ends where there are any. No piece ends inside a tag, an entity or a
 * character; code that is cut is closed before and opened again after. White space alone makes no piece.
 */
export function splitMrkdwn(text: string, longest: number): string[] {
  const pieces: string[] = [];
  for (let rest = text; rest !== "";) {
    if (lengthOf(rest) <= longest) {
      pieces.push(rest);
      break;
    }
    const cut = takeHead(rest, longest);
    pieces.push(cut.head);
    rest = cut.rest;
  }
  return pieces.filter((piece) => piece.trim() !== "");
}

/** Mrkdwn cut as {@link splitMrkdwn} cuts, to `longest` code points with a note of how much is missing. */
export function cutMrkdwn(text: string, longest: number): string {
  if (lengthOf(text) <= longest) return text;
  const { head, rest, opened } = takeHead(text, longest - CUT_NOTE);
  return `${head}\n… (${lengthOf(rest) - lengthOf(opened)} more characters)`;
}
