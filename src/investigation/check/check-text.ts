import { isSameChange } from "./change-rules.ts";
import { levelThen, isShownAt, seriesOf, timesOf } from "./at-times.ts";
import { crossedIn } from "./crossed.ts";
import { isDerived, isOfPair } from "./derived.ts";
import type { Evidence, Opened } from "./evidence.ts";
import { type Claimed, scan } from "./figures.ts";
import { isInstant, isTime, type Look, lookFor, meansFigure, significant } from "./look-up.ts";
import { problemOf, type Unplaced } from "./problem.ts";
import { absenceOf, isDenied, isOf } from "./quoted-words.ts";
import { withoutPassages } from "./passages.ts";
import { SHORTEST_QUOTE, tells } from "./quotes.ts";
import { betterOwner, strangeId, strangeInstance } from "./rows.ts";
import { rangeEnds } from "./ranges.ts";
import { isInside } from "./spans.ts";
import { type About, aboutOf, isBoundedBy, namedTables, selectedIn } from "./selections.ts";
import { ownerName, ownersIn, servicesIn } from "./sightings.ts";
import { foreignFigure } from "./spelled-figures.ts";
import { isReversed } from "./turns.ts";

/** Figures and names in one text: each is looked for in whole answers. */
const MOST_TOKENS = 40;
/** Quotation marks and code spans: their content claims to be verbatim. */
const INLINE =
  /“([^”]{1,600})”|„([^“”]{1,600})[“”]|«([^»]{1,600})»|(?<![\p{L}\p{N}])‘([^’]{4,600})’(?!\p{L})|"([^"]{1,600})"|`([^`]{1,600})`/gu;

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

/** One text with the evidence that it cites, while it is checked. */
interface Checking {
  readonly text: string;
  readonly evidence: Evidence;
  readonly cited: number[];
  readonly answers: Opened[];
  /** The services of the catalog that the text names. */
  readonly services: readonly string[];
  /** They and their instances, and the service that the text is said of; empty where it names some only as the object: see {@link ownersIn}. */
  readonly owners: readonly string[];
  /** What it selects by, of each service that a figure of it is behind. */
  readonly abouts: Map<string, About>;
  /** Its figures that are an end of a range. */
  ends: ReadonlySet<Claimed>;
  /** Steps and wishes: their round figures are advice, not facts, and their code is to be typed, not quoted. */
  readonly isAdvice: boolean;
  readonly problems: Unplaced[];
  readonly unverified: string[];
  readonly wrong: [number, number][];
  resolved: number;
}

/** "1e+3": nobody writes so who does not copy it. */
const EXPONENT = /\d[eE][+-]?\d/;

const looksOf = (claim: Claimed, { raw, view, units }: Opened, services: readonly string[]): readonly Look[] => [
  lookFor(claim, view, services, true),
  lookFor(claim, raw, services, false, units),
];

const sizeOf = ({ raw, view }: Opened) => raw.values.length + view.values.length;

interface Said {
  readonly isAdvice?: boolean;
  /** The service that it is said of, beside those that it names. */
  readonly of?: string | null;
}

/** Words before a service that is only what something is done to or set against. */
const OBJECT = /\b(?:to|for|with|than|unlike|not)(?: the)? ["'`]?$/i;

/** The owners of a text's figures: what it names, and what it is said of; whose figures they are stays open where it names objects alone. */
function ownersOfText({ serviceNames }: Evidence, text: string, of: string | null): readonly string[] {
  const named = ownersIn(text, serviceNames);
  const [own] = of === null ? [] : ownersIn(of, serviceNames);
  if (named.length === 0) return named;
  if (own !== undefined) return [...new Set([...named, own])];
  return named.every((owner) => isObject(text, ownerName(owner))) ? [] : named;
}

/** Whether a text has a name only as the object of what it says. */
function isObject(text: string, name: string): boolean {
  const lower = text.toLowerCase();
  for (let at = lower.indexOf(name.toLowerCase()); at >= 0; at = lower.indexOf(name.toLowerCase(), at + name.length))
    if (!OBJECT.test(lower.slice(Math.max(0, at - 20), at))) return false;
  return true;
}

/** Looks for every figure, name and inline quote of a text in the evidence that it cites, and then in all other evidence. */
export async function checkText(evidence: Evidence, text: string, cited: readonly number[], said: Said = {}): Promise<CheckedText> {
  const { isAdvice = false, of = null } = said;
  const answers = [];
  for (const number of cited) answers.push(await evidence.open(number));
  const checking: Checking = {
    ...{ text, evidence, cited: [...cited], answers, isAdvice, problems: [], unverified: [], wrong: [], resolved: 0 },
    services: servicesIn(text, evidence.serviceNames),
    owners: ownersOfText(evidence, text, of),
    abouts: new Map(),
    ends: new Set(),
  };
  const rest = await checkInlineQuotes(checking);
  const foreign = foreignFigure(rest);
  if (foreign !== null) miss(checking, problemOf("foreign-figure", foreign), foreign);
  const { tokens, turns } = scan(rest);
  checking.ends = rangeEnds(rest, tokens);
  if (tokens.length > MOST_TOKENS) checking.problems.push(problemOf("too-many-tokens", tokens.length, MOST_TOKENS));
  await checkTokens(checking, tokens.slice(0, MOST_TOKENS));
  for (const { text: late } of tokens.slice(MOST_TOKENS)) checking.unverified.push(late);
  await checkCodeNames(checking, rest);
  await checkServices(checking, rest);
  if (!isAdvice) {
    await checkTogether(checking, rest, tokens);
    for (const [from, to] of turns) checkTurn(checking, tokens[from], tokens[to]);
    // What is not there can only be looked for.
    if (answers.length > 0 && ABSENT.test(text)) checking.resolved++;
    else if (answers.length > 0 && answers.every(({ isEmpty }) => isEmpty)) checkEmpty(checking);
    if (checking.resolved === 0 && (await isInItsWords(checking))) checking.resolved++;
  }
  const { problems, resolved, unverified, wrong } = checking;
  return { problems, resolved, unverified: [...new Set(unverified)], wrong, evidence: checking.cited };
}

/** Notes a value that was found nowhere. */
function miss({ problems, unverified }: Checking, problem: Unplaced, value: string): void {
  problems.push(problem);
  unverified.push(value);
}

/** Notes an entry that shows something of the text and was not cited. */
function cite({ cited, answers }: Checking, opened: Opened): void {
  if (cited.includes(opened.number)) return;
  cited.push(opened.number);
  answers.push(opened);
}

/** What is quoted in the text is word for word in an answer, or a name. @returns the text without what is quoted */
async function checkInlineQuotes(checking: Checking): Promise<string> {
  const { evidence, text, isAdvice } = checking;
  let rest = text;
  for (const found of text.matchAll(INLINE)) {
    const [whole, ...insides] = found;
    const quote = insides.find((one) => one !== undefined) ?? "";
    // Code in a step is to be typed.
    if (quote.replaceAll(/\s/g, "").length < SHORTEST_QUOTE || (isAdvice && whole.startsWith("`"))) continue;
    const isName = evidence.serviceNames.has(quote.toLowerCase()) || evidence.isKnown(quote);
    if (isName) continue;
    const end = found.index + whole.length;
    // The figures of a step's quoted words are looked up too.
    if (!isAdvice) rest = rest.slice(0, found.index) + " ".repeat(whole.length) + rest.slice(end);
    if (isDenied(text.slice(0, found.index))) checkAbsence(checking, quote);
    else await checkInlineQuote(checking, quote, found.index, end);
  }
  if (!isAdvice) await checkSettings(checking, rest);
  return rest;
}

/** `pressure=True`: who writes so copies it. */
const SETTING = /(?<![\p{L}\p{N}_.=])[\p{L}_][\p{L}\p{N}_.]*=[\p{L}\p{N}](?:[\p{L}\p{N}_.-]*[\p{L}\p{N}])?(?![\p{L}\p{N}_=])/gu;

async function checkSettings(checking: Checking, text: string): Promise<void> {
  for (const [setting] of text.matchAll(SETTING)) {
    const [key = "", value = ""] = setting.split("=");
    const ways = [setting, `"${key}":${value}`, `"${key}": ${value}`, `"${key}":"${value}"`, `"${key}": "${value}"`, `${key}: ${value}`];
    if ((await checking.evidence.namedIn(ways, checking.cited)) === null) miss(checking, problemOf("quote-unseen", setting), setting);
  }
}

async function checkInlineQuote(checking: Checking, quote: string, start: number, end: number): Promise<void> {
  const { evidence, text, cited, isAdvice } = checking;
  const holder = (await evidence.holderOf([quote], cited)) ?? (await nameHolder(checking, quote));
  if (holder === null && isAdvice) return miss(checking, problemOf("quote-unseen", quote), quote);
  if (holder === null) {
    checking.problems.push(problemOf("not-verbatim", quote, cited));
    checking.wrong.push([start, end]);
    return;
  }
  if (tells(quote)) checking.resolved++;
  const opened = await evidence.open(holder);
  cite(checking, opened);
  const others = servicesIn(text.slice(0, start) + text.slice(end), evidence.serviceNames);
  const isElsewhere =
    !isAdvice &&
    others.length > 0 &&
    isOf(opened, quote, namesOf(checking, others)) === false &&
    isOf(opened, quote, otherNames(checking, others));
  if (isElsewhere === true) miss(checking, problemOf("quote-of-another", quote, others, holder), quote);
}

const namesOf = ({ evidence }: Checking, services: readonly string[]): string[] => services.flatMap((one) => evidence.aliasesOf(one));

/** Names of all services but those. */
const otherNames = ({ evidence }: Checking, services: readonly string[]): string[] =>
  [...evidence.serviceNames].flatMap(([name, service]) => (services.includes(service) ? [] : [name]));

/** "No line says “connection refused”": that it is nowhere is a fact too. */
function checkAbsence(checking: Checking, quote: string): void {
  const { answers, cited, services } = checking;
  const absence = absenceOf(quote, answers, namesOf(checking, services));
  switch (absence.of) {
    case "searched":
      checking.resolved++;
      return;
    case "there":
      miss(checking, problemOf("is-there", quote, absence.number), quote);
      return;
    default:
      miss(checking, problemOf("absence-unread", quote, cited), quote);
  }
}

/** A quoted name (a metric, a setting, a host) may be in a query. */
const nameHolder = async ({ evidence, cited }: Checking, quote: string): Promise<number | null> =>
  /^[^\s]{2,120}$/.test(quote) ? evidence.namedIn([quote], cited) : null;

/** Figures of a text that one line of a view has together: code has computed that line, so what it says of them is so. */
function toldTogether(figures: readonly Claimed[], answers: readonly Opened[]): ReadonlySet<Claimed> {
  const told = new Set<Claimed>();
  for (const { view } of answers) {
    const inLine = new Map<number, Set<Claimed>>();
    for (const figure of figures) {
      for (const [at, value] of view.values.entries()) {
        const line = view.rowOf[at] ?? -1;
        if (line < 0 || !meansFigure(figure, view.dimensions[at] ?? "bare", value, view.written[at] ?? value)) continue;
        inLine.set(line, (inLine.get(line) ?? new Set()).add(figure));
      }
    }
    for (const together of inLine.values()) if (together.size > 1) for (const figure of together) told.add(figure);
  }
  return told;
}

async function checkTokens(checking: Checking, tokens: readonly Claimed[]): Promise<void> {
  const figures = tokens.filter(({ kind }) => kind === "figure");
  const found = new Set<Claimed>();
  const times = timesOf(checking.text, tokens);
  const about = aboutOf(checking.text, tokens, checking.owners);
  const open = new Map<Claimed, readonly Look[]>();
  const together = checking.isAdvice ? found : toldTogether(figures, checking.answers);
  // What a figure is true of proves the times that bound it.
  const isMultiple = ({ dimension }: Claimed) => dimension === "ratio";
  const inOrder = [
    ...tokens.filter((token) => !isTime(token) && !isMultiple(token)),
    ...figures.filter(isMultiple),
    ...figures.filter(isTime),
  ];
  for (const token of inOrder) {
    if (token.kind === "link") continue;
    if (token.kind !== "figure") await checkName(checking, token);
    else if (together.has(token)) found.add(token);
    else {
      const at = times.get(token);
      const shown = at === undefined || checking.isAdvice ? null : isShownAt(token, at, checking.answers, about);
      const level = shown !== null || checking.isAdvice ? null : levelThen(token, checking.text, tokens, checking.answers, about);
      for (const time of level?.proven ?? []) found.add(time);
      if (level?.isThere === false && select(checking, token, about, true) === null) {
        miss(checking, problemOf("figure-unseen", token.text, checking.cited), token.text);
        continue;
      }
      if (isTime(token) && figures.some((one) => found.has(one) && isBound(checking, token, one, about))) found.add(token);
      // At its time the answer shows another figure: that it shows this one at others proves nothing.
      if (shown === false) {
        miss(checking, problemOf("figure-unseen", token.text, checking.cited), token.text);
        continue;
      }
      if (shown === true) for (const time of at ?? []) found.add(time);
      if (found.has(token)) continue;
      const other = isMultiple(token) ? isOfPair(token, [...found]) === false : false;
      const looks = shown === true ? null : other ? [] : await lookUp(checking, token);
      const selected = looks === null || other ? null : select(checking, token, aboutOwn(checking, token, about));
      for (const time of selected ?? []) found.add(time);
      if (looks === null || selected !== null) found.add(token);
      else open.set(token, looks);
    }
  }
  for (const [token, looks] of open) {
    if (
      await isComputed(
        checking,
        token,
        looks,
        figures.filter((one) => found.has(one)),
      )
    )
      found.add(token);
    else judge(checking, token, looks);
  }
  checking.resolved += found.size;
}

/** The services that a figure may be of: the one whose name it follows ("cart 15 ms"), else those of the text. */
function ownersOf({ text, evidence, owners }: Checking, { start }: Claimed): readonly string[] {
  const before = /([\p{L}\p{N}_-]+)[:,]? $/u.exec(text.slice(Math.max(0, start - 60), start))?.[1];
  const own = before === undefined ? [] : ownersIn(before, evidence.serviceNames);
  return own.length > 0 ? own : owners;
}

/** Looks for a figure in what is cited. @returns null where it is there, else what was seen instead */
async function lookUp(checking: Checking, token: Claimed): Promise<readonly Look[] | null> {
  const { evidence, answers, isAdvice } = checking;
  const services = ownersOf(checking, token);
  if (isAdvice && isAdvised(checking, token)) return adviceUnit(checking, token);
  const all: Look[] = [];
  if (EXPONENT.test(token.text)) return (await evidence.isNamed([token.text], answers)) ? null : all;
  for (const answer of answers) {
    if (!(await evidence.mayLook(sizeOf(answer) * 4))) break;
    const looks = looksOf(token, answer, services);
    if (looks.some((look) => look.found === "shown")) return null;
    all.push(...looks);
  }
  return all;
}

/** Figures to aim at and times to look at, which need be in no evidence: what is round, or near a known instant. */
function isAdvised({ evidence, answers, ends }: Checking, token: Claimed): boolean {
  if (token.dimension === "clock" || token.dimension === "minute") {
    if (!ends.has(token)) return false;
    const instants = [...evidence.instants, ...answers.flatMap(({ window }) => window)];
    return instants.some((at) => isInside(token, [at - NEAR, at + NEAR]));
  }
  if (token.dimension === "date" || (token.dimension === "count" && token.text.includes("."))) return false;
  return !/^(?:percent|points|rate)$/.test(token.dimension) || Number.isInteger(token.value / token.size / 5);
}

/** Seconds around a known instant in which people should look. */
const NEAR = 1_800;

/** A step may name any figure, but not that of an answer in another unit. */
function adviceUnit({ answers, owners }: Checking, token: Claimed): readonly Look[] | null {
  if (token.dimension === "count") return null;
  const looks = answers.flatMap((answer) => looksOf(token, answer, owners));
  const isTurned = looks.some(({ otherUnit }) => otherUnit !== null) && !looks.some(({ found }) => found !== null);
  return isTurned ? looks : null;
}

/** Nothing came back, and the text does not say so. */
function checkEmpty(checking: Checking): void {
  const said = COUNTED.exec(checking.text)?.[0];
  if (said !== undefined) miss(checking, problemOf("figure-unseen", said, checking.cited), said);
}

/** Small counts in words. */
const COUNTED = /\b(?:one|two|three|four|five|six|seven|eight|nine|ten|some|several|an?)(?= \p{L})/iu;

/** With the service whose name a figure follows. */
function aboutOwn(checking: Checking, token: Claimed, about: About): About {
  const own = ownersOf(checking, token);
  if (own.join(" ") === about.services.join(" ")) return about;
  const known = checking.abouts.get(own.join(" ")) ?? { ...about, services: own };
  checking.abouts.set(own.join(" "), known);
  return known;
}

/** Finds a figure in what the text selects of rows and series that it cites. @returns the times of the text that bound it, null where it is not there */
function select(checking: Checking, token: Claimed, about: About, inLists = false): readonly Claimed[] | null {
  if (isTime(token)) return null;
  for (const { table, units } of tablesOf(checking, token, about)) {
    const found = inLists && !table.isList ? null : selectedIn(token, table, about, units);
    if (found !== null) return found.bounds;
  }
  return null;
}

/** The rows and the named series of what is cited. */
function tablesOf({ answers }: Checking, token: Claimed, about: About) {
  const tables = answers.flatMap((answer) => answer.tables.map((table) => ({ table, units: answer.units })));
  const named = new Set(
    namedTables(
      tables.map(({ table }) => table),
      token,
      about,
    ),
  );
  return tables.filter(({ table }) => named.has(table));
}

/** Whether a figure of the text is true of what one of its times bounds, and else is not. */
const isBound = (checking: Checking, time: Claimed, token: Claimed, about: About): boolean =>
  !isTime(token) &&
  time.dimension === "clock" &&
  tablesOf(checking, token, about).some(({ table, units }) => table.isList && isBoundedBy(time, token, table, about, units));

/** Whether a figure follows from others, from what is known of the incident, or is in evidence that was not cited. */
async function isComputed(checking: Checking, token: Claimed, looks: readonly Look[], beside: readonly Claimed[]): Promise<boolean> {
  const { evidence, answers, services, owners, cited } = checking;
  const instants = [...evidence.instants, ...answers.flatMap(({ window }) => window)];
  if (EXPONENT.test(token.text)) return false;
  if (isTime(token) && instants.some((at) => isInstant(token, at, "date"))) return true;
  const seen = answers.flatMap(({ raw, view }) => [
    { of: view, everyTells: true },
    { of: raw, everyTells: false },
  ]);
  // A share may be of figures in any unit.
  const whole: Claimed = token.dimension === "percent" ? { ...token, dimension: "ratio" } : token;
  const series = seriesOf(whole, answers, aboutOf(checking.text, [], owners)).map(({ table }) => table);
  const lists = answers.flatMap(({ tables }) => tables.filter(({ isList }) => isList));
  const windows = answers.map(({ window }) => window);
  const isAbsence = ABSENT.test(checking.text);
  // What is nowhere in a window is nowhere in any part of it.
  if (isAbsence && isTime(token) && checking.ends.has(token) && windows.some((window) => isInside(token, window))) return true;
  if (isDerived(token, beside, { seen, series, services: owners, instants, windows, lists, isAbsence }, checking.text)) return true;
  // The same digits in another unit are no reason to look for them elsewhere.
  if (looks.some(({ otherUnit }) => otherUnit !== null)) return false;
  // A small count is in any answer.
  if (token.dimension === "count" && token.value < 100) return false;
  const digits = /[\d.]{3,}/.exec(token.text)?.[0];
  for (const pieces of [[], ...(digits === undefined ? [] : [[digits]])])
    for await (const other of evidence.others(cited, pieces)) {
      if (!(await evidence.mayLook(sizeOf(other) * 4))) return false;
      const isShown = looksOf(token, other, owners).some((look) => look.found === "shown");
      if (!isShown || (services.length > 0 && !services.some((name) => evidence.aliasesOf(name).some(other.names)))) continue;
      cite(checking, other);
      return true;
    }
  return false;
}

/** What is said of a figure that was found nowhere. */
function judge(checking: Checking, token: Claimed, looks: readonly Look[]): void {
  const { evidence, answers, services, cited } = checking;
  if (evidence.isTired) return miss(checking, problemOf("not-looked-up", token.text), token.text);
  // A small count that an answer shows many of is neither proven nor refuted.
  if (token.dimension === "count" && token.value < 100 && looks.some(({ found }) => found === "dense")) return;
  const owned = looks.findIndex(({ owners }) => owners.length > 0);
  const named = (looks[owned]?.owners ?? []).map(ownerName);
  const numberAt = (index: number) => answers[Math.floor(index / 2)]?.number ?? 0;
  if (owned >= 0 && isTime(token)) {
    miss(checking, problemOf("time-of-another", token.text, named, numberAt(owned)), token.text);
    return;
  }
  if (owned >= 0) return miss(checking, problemOf("figure-of-another", token.text, named, numberAt(owned), services), token.text);
  const turned = looks.findIndex(({ otherUnit }) => otherUnit !== null);
  // Two digits are there by chance.
  if (turned >= 0 && significant(token.text) > 2) {
    checking.problems.push(problemOf("other-unit", token.text, looks[turned]?.otherUnit ?? "", numberAt(turned)));
    checking.wrong.push([token.start, token.end]);
    return;
  }
  miss(checking, problemOf("figure-unseen", token.text, cited), token.text);
}

/** "#405" may be the line of a class that the answer names with it: `BasicServiceImpl#405`. */
function isLineOfCode(text: string, line: string): boolean {
  for (let at = text.indexOf(line); at >= 0; at = text.indexOf(line, at + line.length))
    if (/[\p{L}\p{N}]/u.test(text.charAt(at - 1)) && !/\d/.test(text.charAt(at + line.length))) return true;
  return false;
}

async function checkName(checking: Checking, token: Claimed): Promise<void> {
  const { evidence, cited, answers } = checking;
  switch (token.kind) {
    case "evidence":
      if (!evidence.exists(token.value)) miss(checking, problemOf("unknown-mark", token.text), token.text);
      return;
    case "pull-request": {
      const number = token.value;
      const paths = [`/pull/${number}`, `/pulls/${number}`, `/issues/${number}`];
      const ways = [`#${number}`, ...paths, `PR ${number}`, `pull request ${number}`, `"number":${number}`, `"number": ${number}`];
      const isThere =
        evidence.isKnownPullRequest(number) ||
        (!/\/[^\s/]*$/.test(checking.text.slice(0, token.start)) &&
          answers.some(({ forms }) => isLineOfCode(forms.at(-1) ?? "", `#${number}`)));
      const holder = isThere ? (cited[0] ?? 0) : await evidence.namedIn(ways, cited);
      if (holder === null) return miss(checking, problemOf("unknown-pull-request", token.text), token.text);
      if (isThere) break;
      if (!cited.includes(holder)) cite(checking, await evidence.open(holder));
      break;
    }
    default: {
      const ways = [
        token.text,
        ...(/^v\d/i.test(token.text) ? [token.text.slice(1)] : /^\d+\.\d+\./.test(token.text) ? [`v${token.text}`] : []),
      ];
      if (evidence.isKnown(token.text)) {
        const owner = ownerOf(checking, token.text);
        if (owner !== null) miss(checking, problemOf("time-of-another", token.text, [owner.service], owner.evidence), token.text);
        break;
      }
      const holder = await evidence.namedIn(ways, cited);
      if (holder === null) return miss(checking, problemOf("unknown-name", token.text, cited), token.text);
      if (!cited.includes(holder)) cite(checking, await evidence.open(holder));
    }
  }
  checking.resolved++;
}

/** Hosts, paths of files, and names with underscores: nobody writes so who means a word. Those with digits are looked up as names. */
const CODE_NAME =
  /(?<![\p{L}\p{N}_./@-])(?:[\p{L}\p{N}_-]+(?:\.[\p{L}\p{N}_-]+){2,}|(?:[\p{L}\p{N}_.-]+\/)+[\p{L}\p{N}_-]+\.[a-z]{1,5}|[\p{L}\p{N}]+(?:_[\p{L}\p{N}]+)+)(?![\p{L}\p{N}_/@-])/gu;

async function checkCodeNames(checking: Checking, text: string): Promise<void> {
  const { evidence, cited, isAdvice } = checking;
  const plain = isAdvice ? text.replaceAll(INLINE, (quoted) => " ".repeat(quoted.length)) : text;
  const names = new Set([...plain.matchAll(CODE_NAME)].map(([name]) => name).filter((name) => !/\d/.test(name)));
  for (const name of [...names].slice(0, MOST_TOKENS)) {
    if (evidence.isKnown(name) || evidence.isOfChange(name)) continue;
    const holder = await evidence.namedIn([name], cited);
    if (holder === null) miss(checking, problemOf("unknown-name", name, cited), name);
    else if (!cited.includes(holder)) cite(checking, await evidence.open(holder));
  }
}

/** The service of a change that a text names, where the text says of another one that it runs, deployed or has it. */
function ownerOf({ evidence, services, text }: Checking, id: string): { readonly service: string; readonly evidence: number } | null {
  const all = evidence.changesOf((one) => isSameChange(one, id));
  const [first] = all;
  if (services.length === 0 || first === undefined || first.service === null || text === "") return null;
  return all.some(({ service }) => service === null || services.includes(service))
    ? null
    : { service: first.service, evidence: first.evidence };
}

/** Services and instances that a text names, beside what is cut of it, and that nothing that it cites names. @param rest without its quotes */
async function checkServices(checking: Checking, rest: string): Promise<void> {
  const { evidence, answers, cited, wrong } = checking;
  if (cited.length === 0) return;
  // What has no lines is named in none.
  const isAbsence = ABSENT.test(rest);
  const left = withoutPassages(rest, wrong) ?? "";
  for (const owner of ownersIn(left, evidence.serviceNames)) {
    const name = ownerName(owner);
    if (await evidence.isNamed(name === owner ? evidence.aliasesOf(owner) : [name], answers)) checking.resolved++;
    else if (!isAbsence && !isObject(left, name) && !evidence.isPaged(owner))
      miss(checking, problemOf("service-unseen", [name], cited), name);
  }
}

/** Names as code writes them: settings, metrics, classes, reasons. */
const IDENTIFIER = /[\p{L}\p{N}]+(?:[_./:-][\p{L}\p{N}]+)+|[\p{L}\p{N}]*\p{Ll}\p{Lu}[\p{L}\p{N}]*/gu;
/** Of so many words of some length, most have to be in one answer: then a sentence is about that answer, in its own words. */
const WORDS = { fewest: 3, length: 5, share: 0.6, most: 30 } as const;

/** Whether a text without figures names something that what it cites names, or has most of its words. */
async function isInItsWords({ text, evidence, answers }: Checking): Promise<boolean> {
  const identifiers = [...text.matchAll(IDENTIFIER)].map(([name]) => name).slice(0, WORDS.most);
  if (await evidence.isNamed(identifiers, answers)) return true;
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

const ABSENT = /\b(?:no|not|none|nothing|never|neither|nor|without|nobody|zero|empty|0|\p{L}+n['’]t)\b/iu;

/** Facts of a text of which it is checked that they are together. */
const MOST_TOGETHER = 10;

/** What a text says of a trace, a span, a commit, an instance or a service is together with it in an answer, and each figure with its own words. */
async function checkTogether(checking: Checking, rest: string, all: readonly Claimed[]): Promise<void> {
  const { answers, evidence, services, owners, cited } = checking;
  const tokens = all.slice(0, MOST_TOGETHER);
  const size = answers.reduce((sum, one) => sum + sizeOf(one), 0);
  if (tokens.length === 0 || !(await evidence.mayLook(size * tokens.length * 4))) return;
  const id = strangeId(tokens, answers) ?? strangeInstance(rest, tokens, answers);
  if (id !== null) miss(checking, problemOf("row-of-another", id, cited), id);
  const better = services.length === 1 ? betterOwner(tokens, answers, owners) : null;
  const [figure] = better?.figures ?? [];
  if (better !== null && figure !== undefined)
    miss(checking, problemOf("figure-of-another", figure.text, better.names.map(ownerName), better.number, services), figure.text);
  const crossed = crossedIn(rest, tokens, checking);
  if (crossed !== null) miss(checking, problemOf("crossed", crossed[0].text, crossed[1].text, cited), crossed[0].text);
}

/** "0.3 % → 18 %" of which the answers show the contrary. */
function checkTurn(checking: Checking, from: Claimed | undefined, to: Claimed | undefined): void {
  const { answers, cited, owners } = checking;
  if (from === undefined || to === undefined || from.dimension !== to.dimension || isTime(from)) return;
  if (isReversed(from, to, answers, owners)) miss(checking, problemOf("order-reversed", from.text, to.text, cited), from.text);
}
