import type { Evidence, Opened } from "./evidence.ts";
import { scan, type Token } from "./figures.ts";
import { cannotBe, contradicts, denialOf, saidTurns } from "./movement.ts";
import { LINK_REMOVED } from "./plain.ts";
import { problemOf, type Unplaced } from "./problem.ts";
import { SHORTEST_QUOTE, tells } from "./quotes.ts";
import { placesOf, type ServiceNames, servicesIn, turned } from "./sightings.ts";
import { foreignFigure } from "./spelled-figures.ts";

/** Figures and names in one text: each is looked for in whole answers. */
const MOST_TOKENS = 30;
/** Quotation marks and code spans: their content claims to be verbatim. */
const INLINE = /“([^”]{1,600})”|"([^"]{1,600})"|`([^`]{1,600})`/g;
/** "1e+3": nobody writes so who does not copy it. */
const EXPONENT = /\d[eE][+-]?\d/;
const CLAUSE = /[;,](?=\s)|[.!?](?=\s|$)|\s(?:and|while|but|whereas|then)\s/g;

/** Where a text's clause lies that holds `at`; a figure is taken to be about the services of its clause. */
function clauseAt(text: string, at: number): { start: number; end: number } {
  let start = 0;
  for (const found of text.matchAll(CLAUSE)) {
    if (found.index >= at) return { start, end: found.index };
    start = found.index + found[0].length;
  }
  return { start, end: text.length };
}

/** The services that a figure is about: those of its clause, else of the last clause before it that names any, else of the whole text. */
function servicesAbout(text: string, token: Token, names: ServiceNames): readonly string[] {
  const { start, end } = clauseAt(text, token.start);
  const here = servicesIn(text.slice(start, end), names);
  if (here.length > 0) return here;
  for (let before = start; before > 0;) {
    const clause = clauseAt(text, Math.max(0, before - 2));
    const there = servicesIn(text.slice(clause.start, before), names);
    if (there.length > 0) return there;
    if (clause.start >= before) break;
    before = clause.start;
  }
  return servicesIn(text, names);
}

/** What a check of one text found. `resolved`: how many figures, names and quotes. */
interface TextCheck {
  readonly problems: readonly Unplaced[];
  readonly resolved: number;
}

/** One text with the evidence that it cites, while it is checked. */
interface Checked {
  readonly text: string;
  readonly evidence: Evidence;
  readonly cited: readonly number[];
  readonly answers: readonly Opened[];
  /** Steps and wishes: their round figures are advice, not facts, and their code is to be typed, not quoted. */
  readonly advice: boolean;
  /** The text without what is quoted in it. */
  rest: string;
  /** Where each figure was found, for each of the answers' sightings. */
  readonly places: Map<Token, number[][]>;
}

const sightingsOf = ({ answers }: Checked) => answers.flatMap(({ sightings }) => sightings);

/** Looks for every figure, name and inline quote of a text in the evidence that it cites. @param advice see {@link Checked} */
export async function checkText(evidence: Evidence, text: string, cited: readonly number[], advice = false): Promise<TextCheck> {
  const answers = await Promise.all(cited.map((number) => evidence.open(number)));
  const checked: Checked = { text, evidence, cited, answers, advice, rest: text, places: new Map() };
  const { problems, resolved } = await checkInlineQuotes(checked);
  const foreign = foreignFigure(checked.rest);
  if (foreign !== null) problems.push(problemOf("foreign-figure", foreign));
  const { tokens, turns } = scan(checked.rest);
  if (tokens.length > MOST_TOKENS) return { problems: [problemOf("too-many-tokens", tokens.length, MOST_TOKENS)], resolved: 0 };
  const figures = sightingsOf(checked).reduce((sum, { values }) => sum + values.length, 0);
  let found = resolved;
  for (const token of tokens) {
    if (token.kind === "figure") await evidence.mayLook(figures * 4);
    const problem = token.kind === "figure" ? await figureProblem(checked, token) : await nameProblem(checked, token);
    if (problem !== null) problems.push(problem);
    // A mark or a link says nothing of what it is beside.
    else if (token.kind !== "evidence" && token.kind !== "link") found++;
  }
  if (!advice) {
    const said = saidTurns(text, tokens).filter(([one, other]) => !turns.some(([a, b]) => a + b === one + other));
    problems.push(
      ...turns.flatMap(([one, other]) => turnProblem(checked, tokens[one], tokens[other]) ?? []),
      ...said.flatMap(([one, other]) => saidProblem(checked, tokens[one], tokens[other]) ?? []),
    );
    for (const token of tokens) {
      const problem = token.kind === "figure" ? ((await deniedProblem(checked, token)) ?? settledProblem(checked, token)) : null;
      if (problem !== null) problems.push(problem);
    }
  }
  return { problems, resolved: found };
}

/** What is quoted in the text is word for word in an answer, or names a service. What is found, or falls, is taken out of the rest. */
async function checkInlineQuotes(checked: Checked): Promise<{ problems: Unplaced[]; resolved: number }> {
  const problems: Unplaced[] = [];
  let resolved = 0;
  const { evidence, answers } = checked;
  for (const found of checked.advice ? [] : checked.text.matchAll(INLINE)) {
    const quote = found[1] ?? found[2] ?? found[3] ?? "";
    const isLong = (piece: string) => piece.replaceAll(/\s/g, "").length >= SHORTEST_QUOTE;
    if (!isLong(quote)) continue;
    // A link was taken out of it: what is left and right of it still has to be there.
    const pieces = quote.split(LINK_REMOVED).filter(isLong);
    let verbatim = false;
    for (const forms of pieces.length === 0 ? [] : answers.flatMap(({ forms: raw, viewForms }) => [raw, viewForms]))
      verbatim ||= await evidence.hasAll(forms, pieces);
    const isService = evidence.serviceNames.has(quote.toLowerCase());
    // The figures of what is not there fall with it, and are no figures of a service.
    if (!isService) {
      const end = found.index + found[0].length;
      checked.rest = checked.rest.slice(0, found.index) + " ".repeat(found[0].length) + checked.rest.slice(end);
    }
    if (verbatim && tells(quote)) resolved++;
    if (!verbatim && !isService) problems.push(problemOf("inline-not-verbatim", quote, checked.cited));
  }
  return { problems, resolved };
}

async function figureProblem(checked: Checked, token: Token): Promise<Unplaced | null> {
  const { evidence, answers, cited } = checked;
  if (EXPONENT.test(token.text) && !(await evidence.isNamed([token.text], answers))) return problemOf("figure-unseen", token.text, cited);
  if (evidence.isTired) return problemOf("not-looked-up", token.text);
  if (checked.advice && !/^(?:percent|points|ratio|rate|clock|minute|date)$/.test(token.dimension)) return null;
  const services = servicesAbout(checked.rest, token, evidence.serviceNames);
  const sightings = sightingsOf(checked);
  const seen = sightings.map((one) => placesOf(token, one, services));
  checked.places.set(token, seen);
  if (seen.some((one) => one.length > 0)) return null;
  if (services.length > 0 && sightings.some((one) => placesOf(token, one, []).length > 0))
    return problemOf("figure-of-another", token.text, cited, services);
  const holders = await holdersOf(checked, token, services);
  return holders.length > 0 ? problemOf("figure-elsewhere", token.text, cited, holders) : problemOf("figure-unseen", token.text, cited);
}

/** Other entries that the finding cites and that hold a figure. */
async function holdersOf({ evidence, cited }: Checked, token: Token, services: readonly string[]): Promise<number[]> {
  const found: number[] = [];
  for (const [number, other] of evidence.opened) {
    if (cited.includes(number)) continue;
    const { sightings } = await other;
    await evidence.mayLook(sightings.reduce((sum, { values }) => sum + values.length, 0));
    if (sightings.some((one) => placesOf(token, one, services).length > 0)) found.push(number);
  }
  return found;
}

async function nameProblem({ evidence, answers, cited }: Checked, token: Token): Promise<Unplaced | null> {
  switch (token.kind) {
    // Links were vouched for by their host when the text was made plain.
    case "link":
      return null;
    case "evidence":
      return evidence.exists(token.value) ? null : problemOf("unknown-mark", token.text);
    case "pull-request": {
      const number = token.value;
      const paths = [`/pull/${number}`, `/pulls/${number}`, `/issues/${number}`];
      const ways = [`#${number}`, ...paths, `PR ${number}`, `pull request ${number}`, `"number":${number}`, `"number": ${number}`];
      const there = evidence.isKnownPullRequest(number) || (await evidence.isNamed(ways, answers));
      return there ? null : problemOf("unknown-pull-request", token.text, cited);
    }
    default:
      return evidence.isKnown(token.text) || (await evidence.isNamed([token.text], answers))
        ? null
        : problemOf("unknown-name", token.text, cited);
  }
}

/** "0.3 % → 18 %": the evidence shows both in this order. */
function turnProblem(checked: Checked, from: Token | undefined, to: Token | undefined): Unplaced | null {
  const { text, places, cited } = checked;
  const [first, second] = [from === undefined ? undefined : places.get(from), to === undefined ? undefined : places.get(to)];
  if (from === undefined || to === undefined || first === undefined || second === undefined) return null;
  const { start, end } = clauseAt(text, from.start);
  const said = `${from.text} → ${to.text}`;
  if (from.dimension === to.dimension && contradicts(text.slice(start, end), from.value, to.value))
    return problemOf("arrow-other-way", said);
  // Figures that were not found at all are problems of their own.
  if (!first.some((one) => one.length > 0) || !second.some((one) => one.length > 0)) return null;
  const holds = sightingsOf(checked).some((one, index) => turned(first[index] ?? [], second[index] ?? [], one));
  return holds ? null : problemOf("order-unseen", said, cited);
}

/** Words that tell which figure came first are looser than an arrow: they fall where the evidence shows the opposite. */
function saidProblem(checked: Checked, from: Token | undefined, to: Token | undefined): Unplaced | null {
  if (from === undefined || to === undefined) return null;
  const { text, places, evidence } = checked;
  const [first, second] = [places.get(from) ?? [], places.get(to) ?? []];
  const [about, other] = [servicesAbout(text, from, evidence.serviceNames), servicesAbout(text, to, evidence.serviceNames)];
  if (about.join() !== other.join()) return null;
  const around = text.slice(Math.max(0, Math.min(from.start, to.start) - 30), Math.max(from.end, to.end));
  if (contradicts(around, from.value, to.value)) return problemOf("other-way", around.trim());
  const sightings = sightingsOf(checked);
  const shows = (a: readonly number[][], b: readonly number[][]) =>
    sightings.some((one, index) => turned(a[index] ?? [], b[index] ?? [], one));
  return shows(first, second) || !shows(second, first) ? null : problemOf("order-reversed", to.text, from.text, checked.cited);
}

async function deniedProblem({ text, evidence, answers }: Checked, token: Token): Promise<Unplaced | null> {
  const words = denialOf(text, token, clauseAt(text, token.start).start);
  if (words === null) return null;
  // The evidence itself may say so.
  for (const { forms, viewForms } of answers)
    if ((await evidence.hasAll(forms, [words])) || (await evidence.hasAll(viewForms, [words]))) return null;
  return problemOf("figure-denied", words);
}

/** "stays at 18 %" of a figure that the evidence shows to have moved. */
function settledProblem(checked: Checked, token: Token): Unplaced | null {
  const { start, end } = clauseAt(checked.text, token.start);
  const wrong = cannotBe(checked.text.slice(start, end));
  const seen = checked.places.get(token);
  if (wrong === null || seen === undefined) return null;
  const ends = (side: 0 | 1) => sightingsOf(checked).some(({ turns }, index) => turns.some((step) => seen[index]?.includes(step[side])));
  const [isFrom, isTo] = [ends(0), ends(1)];
  return (wrong === "from" ? isFrom && !isTo : isTo && !isFrom) ? problemOf("figure-moved", token.text, checked.cited) : null;
}
