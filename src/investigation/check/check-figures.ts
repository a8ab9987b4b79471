import { isShownAt, seriesOf, timesOf } from "./at-times.ts";
import { checkName } from "./check-names.ts";
import { cite, type Checking, miss } from "./checking.ts";
import { isDerived } from "./derived.ts";
import type { Opened } from "./evidence.ts";
import type { Claimed } from "./figures.ts";
import { isInstant, isTime, type Look, lookFor, significant } from "./look-up.ts";
import { problemOf } from "./problem.ts";
import { rangeEnds } from "./ranges.ts";
import { type About, aboutOf, isBoundedBy, namedTables, selectedIn } from "./selections.ts";
import { isBeginning, isInside, isSpan } from "./spans.ts";

/** Looks for each figure of a text: in what it cites, in what it selects of that, computed from others, in all other evidence. */

/** "1e+3": nobody writes so who does not copy it. */
const EXPONENT = /\d[eE][+-]?\d/;

const looksOf = (claim: Claimed, { raw, view, units }: Opened, services: readonly string[]): readonly Look[] => [
  lookFor(claim, view, services, true),
  lookFor(claim, raw, services, false, units),
];

const sizeOf = ({ raw, view }: Opened) => raw.values.length + view.values.length;

/** @param tokens the figures and names of the text */
export async function checkTokens(checking: Checking, tokens: readonly Claimed[]): Promise<void> {
  const { text, answers, isAdvice, cited } = checking;
  const figures = tokens.filter(({ kind }) => kind === "figure");
  const found = new Set<Claimed>();
  const ends = rangeEnds(text, tokens);
  const times = isAdvice ? new Map<Claimed, readonly Claimed[]>() : timesOf(text, tokens);
  const about = aboutOf(text, tokens, checking.owners);
  const open = new Map<Claimed, readonly Look[]>();
  // What a figure is true of proves the times that bound it, and a multiple is that of figures beside it.
  const isMultiple = ({ dimension }: Claimed) => dimension === "ratio";
  const isFirst = (token: Claimed) => !isTime(token) && !isMultiple(token);
  for (const token of [...tokens.filter(isFirst), ...figures.filter(isMultiple), ...figures.filter(isTime)]) {
    if (token.kind === "link") continue;
    if (token.kind !== "figure") {
      await checkName(checking, token);
      continue;
    }
    if (isTime(token) && figures.some((one) => found.has(one) && isBound(checking, token, one, about, ends))) found.add(token);
    if (found.has(token)) continue;
    const at = times.get(token);
    const isShown = at === undefined ? null : isShownAt(token, at, answers, about);
    if (isShown === false) {
      // At its time the answer shows another figure: that it shows this one at others proves nothing.
      miss(checking, problemOf("figure-unseen", token.text, cited), token.text);
      continue;
    }
    if (isShown === true) for (const one of [token, ...(at ?? [])]) found.add(one);
    if (isShown === true) continue;
    if (at !== undefined) checking.isOrderOpen = true;
    const looks = await lookUp(checking, token);
    const bounds = looks === null ? null : select(checking, token, about);
    if (looks === null || bounds !== null) for (const one of [token, ...(bounds ?? [])]) found.add(one);
    else open.set(token, looks);
  }
  for (const [token, looks] of open) {
    const beside = figures.filter((one) => found.has(one));
    const isFound = (await isInWords(checking, token)) || isComputed(checking, token, beside, about, ends);
    if (isFound || (await isElsewhere(checking, token, looks))) found.add(token);
    else judge(checking, token, looks);
  }
  checking.resolved += found.size;
}

/** Looks for a figure in what is cited. @returns null where it is there, else what was seen instead */
async function lookUp(checking: Checking, token: Claimed): Promise<readonly Look[] | null> {
  const { evidence, answers, isAdvice, owners } = checking;
  if (isAdvice && !checking.isGap && isAdvised(checking, token)) return adviceUnit(checking, token);
  const all: Look[] = [];
  if (EXPONENT.test(token.text)) return (await evidence.isNamed([token.text], answers)) ? null : all;
  for (const answer of answers) {
    if (!(await evidence.mayLook(sizeOf(answer) * 4))) break;
    const looks = looksOf(token, answer, owners);
    if (looks.some((look) => look.found === "shown")) return null;
    all.push(...looks);
  }
  return all;
}

/** Seconds around a known instant in which people should look. */
const NEAR = 1_800;
const DAY = 86_400;

/** Figures to aim at and times to look at, which need be in no evidence: what is round, or near a known instant. */
function isAdvised(checking: Checking, token: Claimed): boolean {
  if (token.dimension === "clock" || token.dimension === "minute")
    return instantsOf(checking).some((at) => isInside(token, [at - NEAR, at + NEAR]));
  // Days to aim at: "renew it before March 2027".
  if (token.dimension === "date") return token.slack >= DAY;
  if (token.dimension === "count" && token.text.includes(".")) return false;
  return !/^(?:percent|points|rate)$/.test(token.dimension) || Number.isInteger(token.value / token.size / 5);
}

/** A step may name any figure, but not that of an answer in another unit. */
function adviceUnit({ answers, owners }: Checking, token: Claimed): readonly Look[] | null {
  if (token.dimension === "count") return null;
  const looks = answers.flatMap((answer) => looksOf(token, answer, owners));
  const isTurned = looks.some(({ otherUnit }) => otherUnit !== null) && !looks.some(({ found }) => found !== null);
  return isTurned ? looks : null;
}

/** What is known of the incident, and the bounds of what was asked. */
const instantsOf = ({ evidence, answers }: Checking): number[] => [...evidence.instants, ...answers.flatMap(({ window }) => window)];

/** Finds a figure in what the text selects of rows and series that it cites. @returns the times of the text that bound it, null where it is not there */
function select(checking: Checking, token: Claimed, about: About): readonly Claimed[] | null {
  if (isTime(token)) return null;
  for (const { table, units } of tablesOf(checking, token, about)) {
    const found = selectedIn(token, table, about, units);
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
const isBound = (checking: Checking, time: Claimed, token: Claimed, about: About, ends: ReadonlySet<Claimed>): boolean =>
  !isTime(token) &&
  (time.dimension === "clock" || ends.has(time)) &&
  tablesOf(checking, token, about).some(
    ({ table, units }) => (table.isList || ends.has(time)) && isBoundedBy(time, token, table, about, units),
  );

/** Whether a figure follows from others, or from what is known of the incident and of what was asked. */
function isComputed(checking: Checking, token: Claimed, beside: readonly Claimed[], about: About, ends: ReadonlySet<Claimed>): boolean {
  const { answers, owners, isAbsence, text } = checking;
  const instants = instantsOf(checking);
  const windows = answers.map(({ window }) => window);
  if (EXPONENT.test(token.text)) return false;
  // What is nowhere in a window is nowhere in any part of it.
  if (isTime(token))
    return (
      instants.some((at) => isInstant(token, at, "date")) ||
      isBeginning(token, answers) ||
      ((checking.isSearched || (isAbsence && ends.has(token))) && windows.some((window) => isInside(token, window)))
    );
  // A share may be of figures in any unit.
  const whole: Claimed = token.dimension === "percent" ? { ...token, dimension: "ratio" } : token;
  const series = seriesOf(whole, answers, about).map(({ table }) => table);
  return (
    isDerived(token, beside, text, { answers, series, services: owners }) ||
    isSpan(token, beside, text, { seen: answers, services: owners, instants, windows, isAbsence })
  );
}

/** Whether a figure in several words is in what is cited, word for word: "four times a second". */
async function isInWords({ evidence, answers }: Checking, { text }: Claimed): Promise<boolean> {
  if (!/^\p{L}+[ -]/u.test(text)) return false;
  for (const { forms, viewForms } of answers) if (await evidence.hasAll([...forms, ...viewForms], [text])) return true;
  return false;
}

/** Whether a figure is in evidence that was not cited, which then is. */
async function isElsewhere(checking: Checking, token: Claimed, looks: readonly Look[]): Promise<boolean> {
  const { evidence, owners, services, cited, open } = checking;
  if (open === evidence.words) return false;
  // The same digits in another unit are no reason to look for them elsewhere; a small count is in any answer.
  if (EXPONENT.test(token.text) || looks.some(({ otherUnit }) => otherUnit !== null)) return false;
  if (token.dimension === "count" && token.value < 100) return false;
  const isOf = ({ names }: Opened) => services.length === 0 || services.some((name) => evidence.aliasesOf(name).some(names));
  for await (const other of evidence.others(cited)) {
    if (!(await evidence.mayLook(sizeOf(other) * 4))) return false;
    if (!looksOf(token, other, owners).some((look) => look.found === "shown") || !isOf(other)) continue;
    cite(checking, other);
    return true;
  }
  const digits = /[\d.]{3,}/.exec(token.text)?.[0];
  if (digits === undefined) return false;
  for await (const { number, near } of evidence.around(cited, digits)) {
    if (lookFor(token, near, owners).found !== "shown") continue;
    const other = await open(number);
    if (!isOf(other)) continue;
    cite(checking, other);
    return true;
  }
  return false;
}

/** Counts below this are counted by hand. */
const COUNTED = 1_000;
/** What people count and work out in their heads, roughly: it is worth a mark, and not a turn of the model. */
const isWorkedOut = ({ dimension, value, text }: Claimed): boolean =>
  dimension === "ratio" || dimension === "points" || (dimension === "count" ? value < COUNTED : significant(text) <= 2);

const unseen = (token: Claimed, cited: readonly number[]) =>
  problemOf(isWorkedOut(token) && !isTime(token) ? "not-computed" : "figure-unseen", token.text, cited);

/** What is said of a figure that was found nowhere. */
function judge(checking: Checking, token: Claimed, looks: readonly Look[]): void {
  const { evidence, answers, cited } = checking;
  if (evidence.isTired) return miss(checking, problemOf("not-looked-up", token.text), token.text);
  // A small count that an answer shows many of is neither proven nor refuted.
  if (token.dimension === "count" && token.value < 100 && looks.some(({ found }) => found === "dense")) return;
  const numberAt = (index: number) => answers[Math.floor(index / 2)]?.number ?? 0;
  const owned = looks.findIndex(({ owners }) => owners.length > 0);
  const owners = looks[owned]?.owners ?? [];
  if (owned >= 0) return miss(checking, problemOf("of-another", token.text, owners, numberAt(owned)), token.text);
  const turned = looks.findIndex(({ otherUnit }) => otherUnit !== null);
  // Two digits are there by chance.
  if (turned < 0 || significant(token.text) <= 2) return miss(checking, unseen(token, cited), token.text);
  checking.problems.push(problemOf("other-unit", token.text, looks[turned]?.otherUnit ?? "", numberAt(turned)));
  checking.wrong.push([token.start, token.end]);
}
