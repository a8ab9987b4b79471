import type { RuledOut } from "../incident/finding.ts";
import type { ChangedFile, ChangeEvent, ChangeKind } from "../incident/telemetry.ts";
import type { CallGraph } from "./call-graph.ts";
import { clock, duration, extract } from "./words.ts";

/** Kinds that reach production by themselves. */
const LIVE: ReadonlySet<ChangeKind> = new Set(["deploy", "rollback", "flag", "config", "migration", "other"]);

/** A change held against what broke. */
export interface JudgedChange {
  readonly change: ChangeEvent;
  /** Service it belongs to, by the graph's name. */
  readonly service: string | null;
  /** Natural log of how many times likelier the sight is if it is guilty; negative speaks for innocence. */
  readonly weight: number;
  /** Words it shares with the symptoms, most telling first. */
  readonly shared: readonly string[];
  readonly harmless: string | null;
  readonly text: string;
}

export interface ChangeReading {
  /** Live before the onset, likeliest first. */
  readonly judged: readonly JudgedChange[];
  readonly ruledOut: readonly RuledOut[];
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

/** Added and removed lines of a diff. */
export function changedLines(files: readonly ChangedFile[]): { readonly added: string[]; readonly removed: string[] } {
  const added: string[] = [];
  const removed: string[] = [];
  for (const file of files.slice(0, 100)) {
    for (const line of (file.patch ?? "").slice(0, 50_000).split("\n")) {
      if (line.startsWith("+") && !line.startsWith("+++")) added.push(line.slice(1));
      else if (line.startsWith("-") && !line.startsWith("---")) removed.push(line.slice(1));
    }
  }
  return { added, removed };
}

/** Why a diff can't have broken anything, or null where it could have. */
export function harmlessBecause(files: readonly ChangedFile[]): string | null {
  if (files.length === 0) return null;
  const every = (test: (path: string) => boolean): boolean => files.every((file) => test(file.path));
  if (every((path) => /\.(md|rst|adoc|txt)$|(^|\/)(docs?|LICENSE|CODEOWNERS|\.github)(\/|$)/i.test(path)))
    return "it changes documentation only";
  if (every((path) => /(^|\/)(tests?|__tests__|spec|testdata|fixtures)\/|[._-](test|spec)\.[a-z]+$|_test\.go$/i.test(path)))
    return "it changes tests only";
  if (every((path) => /\.(css|scss|less|svg|png|jpg|ico)$|theme\.[a-z]+$/i.test(path))) return "it changes looks only";
  const { added, removed } = changedLines(files);
  if (files.some((file) => file.patch !== null) && added.length + removed.length > 0) {
    const code = (lines: readonly string[]): string[] =>
      lines.map((line) => line.trim()).filter((line) => line !== "" && !/^(\/\/|#|\*|\/\*|--|<!--)/.test(line));
    const plus = code(added);
    const minus = code(removed);
    if (plus.length === 0 && minus.length === 0) return "it changes comments only";
    const squeeze = (lines: readonly string[]): string =>
      lines
        .map((line) => line.replace(/[\s;,(){}"']/g, ""))
        .sort()
        .join("");
    if (squeeze(plus) === squeeze(minus)) return "it only moves or reformats lines";
  }
  return null;
}

/**
 * Holds every change that went live before the onset against what broke: how long before, on whose path, and whether its diff speaks of the same
 * things. Commits and pull requests that no deploy carried are never guilty.
 */
export function judgeChanges(
  changes: readonly ChangeEvent[],
  onset: number,
  page: number,
  involved: ReadonlyMap<string, number>,
  symptoms: SymptomWords,
  graph: CallGraph,
): ChangeReading {
  const ruledOut: RuledOut[] = [];
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
  const judged: JudgedChange[] = [];
  for (const change of live) {
    const service = change.service === null ? null : graph.canonical(change.service);
    const what = describe(change);
    // Clocks and metric steps differ by a minute or two.
    if (change.at > onset + 120_000) {
      if (change.at <= page + 3_600_000 && ruledOut.length < 10) {
        ruledOut.push({
          what,
          why: `it went live at ${clock(change.at)}, after the onset at ${clock(onset)}`,
          evidence: [change.evidence],
        });
      }
      continue;
    }
    const age = Math.max(0, onset - change.at);
    const harmless = change.files === null ? null : harmlessBecause(change.files);
    const words = wordsOf(textOf(change));
    const scored = [...words]
      .map((word) => ({ word, score: (symptomWeights.get(word) ?? 0) * rarity(word) }))
      .filter(({ score }) => score > 0)
      .sort((a, b) => b.score - a.score || (a.word < b.word ? -1 : 1));
    const overlap = scored.slice(0, 6).reduce((sum, { score }) => sum + score, 0);
    const place = service === null ? 0 : (involved.get(service) ?? -2);
    const timing = 2 - Math.log2(1 + age / 300_000);
    const weight = timing + place + Math.min(4, overlap * 0.4) - (harmless === null ? 0 : 5);
    judged.push({
      change,
      service,
      weight,
      shared: scored.slice(0, 4).map(({ word }) => word),
      harmless,
      text: `${what} went live at ${clock(change.at)}, ${duration(age)} before the onset`,
    });
    if (harmless !== null && ruledOut.length < 10) ruledOut.push({ what, why: `read its diff: ${harmless}`, evidence: [change.evidence] });
  }
  judged.sort((a, b) => b.weight - a.weight || b.change.at - a.change.at);
  return { judged, ruledOut };
}

const textOf = (change: ChangeEvent): string =>
  [
    change.title,
    change.pullRequest?.title ?? "",
    ...(change.files ?? []).flatMap((file) => [
      file.path,
      ...(file.patch ?? "")
        .slice(0, 20_000)
        .split("\n")
        .filter((line) => /^[+-]/.test(line)),
    ]),
  ].join("\n");

/** `deploy payments@9f2c1e "cache provider tokens per merchant"`. */
export function describe(change: ChangeEvent): string {
  const version = change.sha === null ? change.version : change.sha.slice(0, 7);
  const name = `${change.service ?? "?"}${version === null ? "" : `@${version}`}`;
  const title = extract(change.title).slice(0, 100);
  return `${change.kind} ${name}${title === "" ? "" : ` "${title}"`}`;
}
