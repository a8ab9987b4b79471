import { cite, type Checking, miss } from "./checking.ts";
import { problemOf } from "./problem.ts";
import { absenceOf, isDenied } from "./quoted-words.ts";
import { SHORTEST_QUOTE, tells } from "./quotes.ts";

/** Longer than any text of a finding, so that no quote of one is too long to be seen as such. */
const LONGEST = 800;
/** Marks that open and close a quote, in several languages. What nothing closes is a quote to its end. */
const PAIRS = ["“”|", "„“”|", "””", "«»", "»«", "‹›", "「」", '""', "``"].map(([open = "", ...ends]) => {
  const close = ends.filter((mark) => mark !== "|").join("");
  return `${open}([^${close}]{1,${LONGEST}})(?:[${close}]${ends.includes("|") ? "|$" : ""})`;
});
/** Single marks are apostrophes too: they open after no letter, close before none, and are none of both between two. */
const single = (open: string, close: string) =>
  String.raw`(?<![\p{L}\p{N}])${open}((?:[^${close}]|(?<=\p{L})${close}(?=\p{L})){4,${LONGEST}})${close}(?![\p{L}\p{N}])`;
/** Quotation marks and code spans: their content claims to be verbatim. */
const INLINE = new RegExp([...PAIRS, single("‘", "’"), single("'", "'")].join("|"), "gu");

/** What is quoted in a text is word for word in an answer, or a name. @returns the text without what is quoted */
export async function checkInlineQuotes(checking: Checking): Promise<string> {
  const { evidence, text, isAdvice } = checking;
  let rest = text;
  for (const found of text.matchAll(INLINE)) {
    const [whole, ...insides] = found;
    const quote = insides.find((one) => one !== undefined) ?? "";
    if (quote.replaceAll(/\s/g, "").length < SHORTEST_QUOTE) continue;
    if (isAdvice && whole.startsWith("`")) {
      await checkTyped(checking, quote);
      continue;
    }
    const isName = evidence.serviceNames.has(quote.toLowerCase()) || evidence.isKnown(quote);
    if (isName) continue;
    const end = found.index + whole.length;
    // The figures of a step's quoted words are looked up too.
    if (!isAdvice) rest = rest.slice(0, found.index) + " ".repeat(whole.length) + rest.slice(end);
    if (isDenied(text, found.index, end)) checkAbsence(checking, quote);
    else await checkInlineQuote(checking, quote, found.index, end);
  }
  return rest;
}

/** A setting, a key, a host, a path, an image: words of a language have no such signs in them. */
const CODE_NAME = /^\p{L}[\p{L}\p{N}]*(?:[._:/@-]+[\p{L}\p{N}]+)+$|^[\p{L}\p{N}]*\p{Ll}\p{Lu}[\p{L}\p{N}]*$/u;
/** An option or a setting with its value: what it is set to is advice. */
const WITH_VALUE = /^-{0,2}([^\s=]+)=\S*$/;

/** Code in a step is to be typed; a name in it that nothing of the incident and no runbook has is marked for people, and not worth a turn. */
async function checkTyped({ evidence, cited, unverified, isGap }: Checking, code: string): Promise<void> {
  // A command that only reads; another one that no runbook has falls. A gap says who could run it.
  if (/\s/.test(code)) {
    if (!isGap && !evidence.isWritten(code) && (await evidence.holderOf([code], cited)) === null) unverified.push(code);
    return;
  }
  const name = WITH_VALUE.exec(code)?.[1] ?? code;
  if (!CODE_NAME.test(name) || evidence.isKnown(name) || evidence.isOfChange(name) || evidence.isInSteps(name)) return;
  if ((await evidence.namedIn([name], cited)) === null) unverified.push(code);
}

/** A text without its code spans, of the same length. */
export const withoutCode = (text: string): string => text.replaceAll(INLINE, (quoted) => " ".repeat(quoted.length));

async function checkInlineQuote(checking: Checking, quote: string, start: number, end: number): Promise<void> {
  const { evidence, cited, isAdvice } = checking;
  const holder = (await evidence.holderOf([quote], cited)) ?? (await nameHolder(checking, quote));
  // One word in a sentence that denies something may be what is nowhere.
  const isMarked = isAdvice || (checking.isAbsence && !/\s/.test(quote.trim()));
  if (holder === null && isMarked) return miss(checking, problemOf("quote-unseen", quote), quote);
  if (holder === null) {
    checking.problems.push(problemOf("not-verbatim", quote, cited));
    checking.wrong.push([start, end]);
    return;
  }
  if (tells(quote)) checking.resolved++;
  cite(checking, await checking.open(holder));
}

/** A quoted name (a metric, a setting, a host) may be in a query. */
const nameHolder = async ({ evidence, cited }: Checking, quote: string): Promise<number | null> =>
  /^[^\s]{2,120}$/.test(quote) ? evidence.namedIn([quote], cited) : null;

/** "No line says “connection refused”": that it is nowhere is a fact too. */
function checkAbsence(checking: Checking, quote: string): void {
  const { answers, cited, services, evidence, text } = checking;
  const absence = absenceOf(
    quote,
    text,
    answers,
    services.flatMap((one) => evidence.aliasesOf(one)),
  );
  switch (absence.of) {
    case "searched":
      checking.resolved++;
      checking.isSearched = true;
      return;
    case "there":
      miss(checking, problemOf("is-there", quote, absence.number), quote);
      return;
    default:
      miss(checking, problemOf("absence-unread", quote, cited), quote);
  }
}
