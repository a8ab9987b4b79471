import type { RuledOut } from "../incident/finding.ts";
import type { ChangeEvent, ChangeKind } from "../incident/telemetry.ts";
import { clockTime } from "../report/words.ts";
import type { CallGraph } from "./call-graph.ts";
import { type Involved, linksOf } from "./change-link.ts";
import { type Harmless, harmlessBecause } from "./change-proof.ts";
import { isManifest, readDiff, sharedConcepts } from "./diff-risk.ts";
import { holdsValues, sharedName, type ValueChange, valueChanges } from "./value-diff.ts";
import { duration, extract, shorten } from "./words.ts";

/** Kinds that reach production by themselves. */
const LIVE: ReadonlySet<ChangeKind> = new Set(["deploy", "rollback", "flag", "config", "migration", "other"]);

/** A change held against what broke. */
export interface JudgedChange {
  readonly change: ChangeEvent;
  /** Service it belongs to, by the graph's name. */
  readonly service: string | null;
  /** Natural log of how many times likelier the sight is if it is guilty; negative speaks for innocence. */
  readonly weight: number;
  /** Something in it speaks of what broke. */
  readonly speaks: boolean;
  readonly text: string;
  /** What its diff does, where that can be said; null: nothing is known. */
  readonly does: string | null;
  /** Why it is not the cause, should it turn out not to be. */
  readonly weak: string;
}

export interface ChangeReading {
  /** Live before the onset, likeliest first. */
  readonly judged: readonly JudgedChange[];
  /** Proven innocent: live only after the trouble was there, or with a diff that keeps behaviour. */
  readonly ruledOut: readonly RuledOut[];
  /** Live after the trouble was there, of services in which something new began since: neither suspects nor innocent. */
  readonly late: readonly RuledOut[];
}

/** What the symptoms say, to be held against diffs. */
export interface SymptomWords {
  /** Texts with their weight: the page's title, new log lines, names of signals that moved. */
  readonly texts: readonly { readonly text: string; readonly weight: number }[];
  /** Values between which signals stepped ("50" and "10"), as numbers. */
  readonly steps: readonly { readonly before: number; readonly now: number }[];
}

const STOP = new Set(
  "the and for with from into this that are was not null true false return func def class const let var import new int str string self err error errors if else try main src test tests pkg lib app service services config default value type name key get set add update remove fix feat chore use more all one two per via over under above below page alert high low on off in of to at by is it as or an be no do we".split(
    " ",
  ),
);

/** Onsets are known to the second at best: a change this close came with the onset. */
const NO_AGE_MS = 1_000;

/** A point of a series stands for the minute before it, and clocks differ. */
const SAME_TIME_MS = 60_000;

/** Lower-case words of a text, camel case and snake case taken apart and also kept whole. */
export function wordsOf(text: string): Set<string> {
  const words = new Set<string>();
  for (const match of text.slice(0, 20_000).matchAll(/[A-Za-z_][A-Za-z0-9_]{2,}/g)) {
    const whole = match[0];
    const lower = whole.toLowerCase();
    if (!STOP.has(lower)) words.add(stem(lower));
    for (const part of whole.replace(/([a-z0-9])([A-Z])/g, "$1 $2").split(/[\s_]+/)) {
      const piece = part.toLowerCase();
      if (piece.length >= 3 && !STOP.has(piece)) words.add(stem(piece));
    }
  }
  return words;
}

const stem = (word: string): string => word.replace(/(ies)$/, "y").replace(/(?<=[a-z]{3})(ing|ed|es|s)$/, "");

/** When the trouble began: the first sign of it, and when it was there beyond doubt (null: never). In between nobody knows. */
export interface Onsets {
  readonly first: number;
  /** How far off the first sign may be, milliseconds. */
  readonly slackMs: number;
  readonly firm: number | null;
}

const HARMLESS: Readonly<Record<Harmless, string>> = {
  documents: "its diff changes documentation only",
  tests: "its diff changes tests only",
  comments: "its diff changes comments only",
  layout: "its diff only reformats lines",
};

/**
 * Holds every change that went live before the onset against what broke: how long before, on whose path, and whether its diff speaks of the same
 * things. Commits and pull requests that no deploy carried are never guilty.
 */
export function judgeChanges(
  changes: readonly ChangeEvent[],
  { first: onset, slackMs, firm }: Onsets,
  page: number,
  involved: Involved,
  symptoms: SymptomWords,
  graph: CallGraph,
): ChangeReading {
  const ruledOut: RuledOut[] = [];
  const late: RuledOut[] = [];
  const unique = new Map<string, ChangeEvent>();
  for (const change of changes) {
    if (!Number.isFinite(change.at)) continue;
    unique.set(`${change.kind}\n${change.at}\n${change.service ?? ""}\n${change.sha ?? change.title}`, change);
  }
  const all = [...unique.values()];
  const live = all.filter((change) => LIVE.has(change.kind));
  const documents = all.map((change) => wordsOf(textOf(change)));
  const frequency = new Map<string, number>();
  for (const words of documents) for (const word of words) frequency.set(word, (frequency.get(word) ?? 0) + 1);
  const rarity = (word: string): number => Math.log((all.length + 1) / (frequency.get(word) ?? 1));
  const symptomWeights = new Map<string, number>();
  for (const { text, weight } of symptoms.texts) {
    for (const word of wordsOf(text)) symptomWeights.set(word, Math.max(symptomWeights.get(word) ?? 0, weight));
  }
  const symptomText = symptoms.texts
    .map(({ text }) => text.slice(0, 500))
    .join("\n")
    .slice(0, 40_000);
  const names = compounds(symptomText);
  const judged: JudgedChange[] = [];
  for (const change of live) {
    const service = change.service === null ? null : graph.canonical(change.service);
    const what = describe(change);
    const isAfter = firm !== null && change.at > Math.max(onset, firm) + SAME_TIME_MS;
    // Of two causes the second may have come after the first was beyond doubt.
    const isOfSecond = isAfter && service !== null && (involved.failing.get(service) ?? -Infinity) >= change.at - SAME_TIME_MS;
    const isLate = change.at > page || (isAfter && !isOfSecond);
    const harmless = change.files === null ? null : harmlessBecause(change.files);
    if (isLate || harmless !== null) {
      if (change.at > page + 3_600_000 || ruledOut.length >= 10) continue;
      const since =
        change.at > page && firm === null ? `the page at ${clockTime(page)}` : `the onset at ${clockTime(Math.max(onset, firm ?? 0))}`;
      const wentLive = `it went live at ${clockTime(change.at)}, after ${since}`;
      const isNews = change.at <= page && service !== null && (involved.newest.get(service) ?? -Infinity) >= change.at;
      if (harmless !== null) ruledOut.push({ what, why: HARMLESS[harmless], evidence: [change.evidence] });
      else if (isNews) late.push({ what, why: `${wentLive}; something new began in its service since`, evidence: [change.evidence] });
      else ruledOut.push({ what, why: wentLive, evidence: [change.evidence] });
      continue;
    }
    // What went live between the first sign and the firm one may be what turned a wobble into an outage.
    const isBetween = change.at > onset + Math.max(slackMs, NO_AGE_MS);
    const age = isBetween ? Math.max(0, Math.min(change.at - onset, (firm ?? page) - change.at)) : Math.max(0, onset - slackMs - change.at);
    const diff = change.files === null ? null : readDiff(change.files);
    const moved = valueChanges(change.files ?? []);
    const isNeutral = diff?.neutral === true && !(change.files ?? []).some(({ path }) => holdsValues(path));
    const text = textOf(change);
    const shared = sharedName(moved, symptomText);
    const named = [...(shared === null ? [] : [shared]), ...namesakes(text, names)];
    // A change speaks of its own service anyway: parts of that name, which errors and metrics are full of too, say nothing.
    const ownName = (change.service ?? "").toLowerCase();
    const scored = [...wordsOf(text)]
      .filter((word) => !ownName.includes(word))
      .map((word) => ({ word, score: (symptomWeights.get(word) ?? 0) * rarity(word) }))
      .filter(({ score }) => score > 0)
      .sort((a, b) => b.score - a.score || (a.word < b.word ? -1 : 1));
    const concepts = diff === null || diff.core === "" ? [] : sharedConcepts(diff.core, symptomText);
    const stepped =
      diff?.values.some((value) => symptoms.steps.some((step) => near(step.before, value.before) && near(step.now, value.now))) ?? false;
    const links = linksOf(change, involved, graph);
    const overlap =
      Math.min(2, 0.25 * scored.slice(0, 6).reduce((sum, { score }) => sum + score, 0)) +
      (named.length > 0 ? 2.5 : 0) +
      Math.min(2, 1.5 * concepts.length) +
      (stepped ? 3 : 0);
    const place = service === null ? 0 : Math.max(involved.places.get(service) ?? -2, links.place);
    // What grew before it went live was not begun by it.
    const timing = (isOfSecond || (isBetween && slackMs > 0) ? LATER : timingWeight(age)) - habit(all, change);
    const unknown = change.kind === "flag" ? 0 : 0.5;
    // Likeness of lines says nothing of values: those that moved far are never less to be feared than a diff that nobody read.
    const isFeared = moved.some(({ path, isSmall }) => isSmall !== true && !isManifest(path));
    const risk = diff === null ? unknown : isFeared ? Math.max(diff.risk, unknown) : diff.risk;
    const weight = timing + place + risk + overlap * (isNeutral ? 0.4 : 1) + links.weight;
    const said = [...moved.slice(0, 3).map((one) => one.text), ...codeSays(change, diff?.says ?? [], moved).slice(0, 2)];
    const says = [
      ...links.says,
      ...said,
      ...(stepped ? ["a signal changed by exactly that"] : []),
      ...(named.length > 0 ? [`the errors name \`${named[0] ?? ""}\` too`] : []),
    ];
    judged.push({
      change,
      service,
      weight,
      speaks: overlap > 0 || links.says.length > 0,
      does: said.length === 0 ? null : said.slice(0, 2).join("; "),
      text: `${what} went live at ${clockTime(change.at)}, ${whenWords(change.at - onset, slackMs, isBetween)}${says.length > 0 ? `: ${says.join("; ")}` : ""}`,
      weak: [
        ...moved.slice(0, 2).map((one) => one.text),
        weakness({ isNeutral: isNeutral && links.says.length === 0, age, place, overlap }),
      ].join("; "),
    });
  }
  judged.sort((a, b) => b.weight - a.weight || b.change.at - a.change.at);
  return { judged, ruledOut, late };
}

/** @param late milliseconds since the onset; negative: before it */
function whenWords(late: number, slackMs: number, isBetween: boolean): string {
  if (isBetween) return "after the first sign of trouble and before it was beyond doubt";
  if (late > -NO_AGE_MS) return "at the onset";
  return `${duration(-late)} before the onset${slackMs > 0 ? ", which is known only to within minutes" : ""}`;
}

/** Why little speaks for a change. */
function weakness({ isNeutral, age, place, overlap }: { isNeutral: boolean; age: number; place: number; overlap: number }): string {
  if (isNeutral) return "midwatch finds no changed value, guard or call in its diff";
  if (age > 3_600_000) return `it went live ${duration(age)} before the onset`;
  if (place < 0) return "nothing ties its service to what broke";
  return `${overlap > 0 ? "little" : "nothing"} in it points to what broke`;
}

/** What a diff's lines say of themselves, where its values do not say it better already. */
function codeSays({ files }: ChangeEvent, says: readonly string[], moved: readonly ValueChange[]): readonly string[] {
  if (moved.length === 0) return says;
  const movedPaths = new Set(moved.map(({ path }) => path));
  const others = (files ?? []).filter(({ path }) => !movedPaths.has(path));
  return others.length === 0 ? [] : readDiff(others).says;
}

/** Changes of one service in the hours that were read, beyond which another one near the onset is more and more likely chance. */
const SELDOM = 3;

/** What a service's habit of changing often takes off: nothing for the usual few in some hours. */
function habit(all: readonly ChangeEvent[], { service }: ChangeEvent): number {
  const count = service === null ? 0 : all.filter((other) => other.service === service && LIVE.has(other.kind)).length;
  return count <= SELDOM ? 0 : Math.log(count / SELDOM);
}

/** Weight for the time of a change that came when something had grown steadily for long: it neither began that nor made it steeper. */
const LATER = -2;

/** Most incidents follow their change within minutes; caches, pools and data take longer, days are rare. */
function timingWeight(ageMs: number): number {
  const minutes = ageMs / 60_000;
  if (minutes <= 5) return 3;
  if (minutes <= 10) return 2.5;
  if (minutes <= 30) return 1.2;
  if (minutes <= 60) return 0.5;
  if (minutes <= 240) return -0.5;
  return minutes <= 1440 ? -2 : -4;
}

const near = (left: number, right: number): boolean => Math.abs(left - right) <= 0.02 * Math.max(Math.abs(left), Math.abs(right));

/** Longer words are no names that people write: encoded data, minified code. */
const LONGEST_NAME = 100;

/** Names put together from several words, as code and error texts both write them: too long to be shared by chance. Lower case → as written. */
function compounds(text: string): Map<string, string> {
  const found = new Map<string, string>();
  for (const [word] of text.matchAll(/[A-Za-z0-9_-]+/g)) {
    if (word.length > LONGEST_NAME) continue;
    for (const [name] of word.matchAll(/[A-Za-z][A-Za-z0-9]*(?:[_-][A-Za-z0-9]+)+|[A-Z]?[a-z]+(?:[A-Z][a-z0-9]+)+/g)) {
      if (name.length >= 8) found.set(name.toLowerCase(), name);
    }
  }
  return found;
}

function namesakes(text: string, names: ReadonlyMap<string, string>): string[] {
  return [...compounds(text)].flatMap(([name, written]) => (names.has(name) ? [written] : []));
}

/** Characters of a change's text that are read. */
const TEXT_LIMIT = 60_000;

/** Title, paths and changed lines of a change. */
function textOf(change: ChangeEvent): string {
  let text = `${change.title}\n${change.pullRequest?.title ?? ""}`.slice(0, 2000);
  for (const file of change.files ?? []) {
    if (text.length >= TEXT_LIMIT) break;
    text += `\n${file.path.slice(0, 300)}`;
    for (const line of (file.patch ?? "").slice(0, 20_000).split("\n"))
      if (line.startsWith("+") || line.startsWith("-")) text += `\n${line}`;
  }
  return text.slice(0, TEXT_LIMIT);
}

/** `deploy payments@9f2c1e "cache provider tokens per merchant"`. */
export function describe(change: ChangeEvent): string {
  const version = change.sha === null ? change.version : change.sha.slice(0, 7);
  const name = `${change.service ?? "?"}${version === null ? "" : `@${version}`}`;
  const title = shorten(extract(change.title), 100);
  return `${change.kind} ${name}${title === "" ? "" : ` "${title}"`}`;
}
