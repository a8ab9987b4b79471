import { checkTokens } from "./check-figures.ts";
import { checkCodeNames, checkFields } from "./check-names.ts";
import { checkInlineQuotes } from "./check-quotes.ts";
import { type Checking, miss } from "./checking.ts";
import type { Evidence, Opened } from "./evidence.ts";
import { type Claimed, scan } from "./figures.ts";
import { isTime } from "./look-up.ts";
import { servicesIn } from "./owners.ts";
import { problemOf, type Unplaced } from "./problem.ts";
import { foreignFigure } from "./spelled-figures.ts";
import { isReversed } from "./turns.ts";

/** Figures and names in one text: each is looked for in whole answers. */
const MOST_TOKENS = 40;

/** What a check of one text found. */
export interface CheckedText {
  readonly problems: readonly Unplaced[];
  /** How many figures, names and quotes were found in evidence. */
  readonly resolved: number;
  /** What was cited and exists, and entries in which more of the text was found. */
  readonly evidence: readonly number[];
  /** Values that were found nowhere. */
  readonly unverified: readonly string[];
  /** Places of what contradicts the evidence or was never said. */
  readonly wrong: readonly (readonly [start: number, end: number])[];
}

interface Said {
  readonly isAdvice?: boolean;
  readonly isGap?: boolean;
  /** The service that it is said of, beside those that it names. */
  readonly of?: string | null;
}

const ABSENT = /\b(?:no|not|none|nothing|never|neither|nor|without|nobody|zero|empty|0|\p{L}+n['’]t)\b/iu;

/**
 * Looks for every figure, name and inline quote of a text in the evidence that it cites, and then in all other evidence. What the views show needs
 * no look at the figures of raw answers, which may be megabytes; but for what of them was when, which views seldom say.
 */
export async function checkText(evidence: Evidence, text: string, cited: readonly number[], said: Said = {}): Promise<CheckedText> {
  const seen = await checkIn(evidence, text, cited, said, evidence.words);
  const isSure = seen.problems.length === 0 && seen.resolved > 0 && !seen.isOrderOpen;
  return isSure ? seen : checkIn(evidence, text, cited, said, evidence.whole);
}

async function checkIn(
  evidence: Evidence,
  text: string,
  cited: readonly number[],
  said: Said,
  open: (number: number) => Promise<Opened>,
): Promise<CheckedText & Pick<Checking, "isOrderOpen">> {
  const { isAdvice = false, isGap = false, of = null } = said;
  const answers: Opened[] = [];
  for (const number of cited) answers.push(await open(number));
  const services = servicesIn(text, evidence.serviceNames);
  const own = of === null || services.length === 0 ? [] : servicesIn(of, evidence.serviceNames);
  const checking: Checking = {
    ...{ text, evidence, cited: [...cited], answers, services, isAdvice, isGap, problems: [], unverified: [], wrong: [], resolved: 0 },
    isOrderOpen: false,
    isSearched: false,
    owners: [...new Set([...services, ...own])],
    isAbsence: ABSENT.test(text),
    open,
  };
  const rest = await checkInlineQuotes(checking);
  const foreign = foreignFigure(rest);
  if (foreign !== null) miss(checking, problemOf("foreign-figure", foreign), foreign);
  const { tokens, turns } = scan(rest);
  if (tokens.length > MOST_TOKENS) checking.problems.push(problemOf("too-many-tokens", tokens.length, MOST_TOKENS));
  await checkTokens(checking, tokens.slice(0, MOST_TOKENS));
  for (const { text: late } of tokens.slice(MOST_TOKENS)) checking.unverified.push(late);
  await checkCodeNames(checking, rest);
  if (!isAdvice) await checkFields(checking, rest);
  if (!isAdvice) {
    if (turns.length > 0) checking.isOrderOpen = true;
    for (const [from, to] of turns) checkTurn(checking, tokens[from], tokens[to]);
    // What is not there can only be looked for.
    if (answers.length > 0 && checking.isAbsence) checking.resolved++;
    else if (answers.length > 0 && answers.every(({ isEmpty }) => isEmpty)) checkEmpty(checking);
    if (checking.resolved === 0 && (await isInItsWords(checking))) checking.resolved++;
  }
  const { problems, resolved, unverified, wrong, isOrderOpen } = checking;
  return { problems, resolved, unverified: [...new Set(unverified)], wrong, evidence: checking.cited, isOrderOpen };
}

/** Small counts in words. */
const COUNTED = /\b(?:one|two|three|four|five|six|seven|eight|nine|ten|some|several|an?)(?= \p{L})/iu;

/** Nothing came back, and the text does not say so. */
function checkEmpty(checking: Checking): void {
  const said = COUNTED.exec(checking.text)?.[0];
  if (said !== undefined) miss(checking, problemOf("figure-unseen", said, checking.cited), said);
}

/** Names as code writes them: settings, metrics, classes, reasons. */
const IDENTIFIER = /[\p{L}\p{N}]+(?:[_./:-][\p{L}\p{N}]+)+|[\p{L}\p{N}]*\p{Ll}\p{Lu}[\p{L}\p{N}]*/gu;
/** Of so many words of some length, most have to be in one answer: then a sentence is about that answer, in its own words. */
const WORDS = { fewest: 3, length: 5, share: 0.6, most: 30 } as const;

/** Whether a text without figures names something that what it cites names, or has most of its words. */
async function isInItsWords({ text, evidence, answers, services }: Checking): Promise<boolean> {
  const identifiers = [...text.matchAll(IDENTIFIER)].map(([name]) => name).slice(0, WORDS.most);
  const names = services.flatMap((service) => evidence.aliasesOf(service));
  if (await evidence.isNamed([...names, ...identifiers], answers)) return true;
  const words = [...new Set(text.toLowerCase().match(/\p{L}+/gu) ?? [])]
    .filter(({ length }) => length >= WORDS.length)
    .slice(0, WORDS.most);
  if (words.length < WORDS.fewest) return false;
  for (const answer of answers) {
    let seen = 0;
    for (const word of words) if ((await evidence.mayLook(0)) && answer.names(word)) seen++;
    if (seen >= words.length * WORDS.share) return true;
  }
  return false;
}

/** "0.3 % → 18 %" of which the answers show the contrary. */
function checkTurn(checking: Checking, from: Claimed | undefined, to: Claimed | undefined): void {
  const { answers, cited, owners } = checking;
  if (from === undefined || to === undefined || from.dimension !== to.dimension || isTime(from)) return;
  if (isReversed(from, to, answers, owners)) miss(checking, problemOf("order-reversed", from.text, to.text, cited), from.text);
}
