import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { basename, join } from "node:path";
import { gunzipSync } from "node:zlib";
import { z } from "zod";
import type { DoneCase } from "./done-case.ts";
import { FAULT_CLASS } from "./eval-incidents.ts";

/** The judge of `eval agent`: reads the truth beside a case once its report is written. Neither bot nor replay ever opens these files. */

const truthSchema = z.object({
  root_cause: z.object({ service: z.string(), fault_type: z.string().nullish(), commit: z.string().nullish() }),
  decoy_deploy_commits: z.array(z.string()).default([]),
});
const words = z.array(z.array(z.string()));
const answerSchema = z.object({
  nothing_wrong: z.boolean(),
  inconclusive_ok: z.boolean(),
  required: words,
  forbidden: z.array(z.string()),
  ruled_out: words,
  must_say_missing: words,
  fix: z.object({ kind: z.string() }),
});
type Answer = z.output<typeof answerSchema>;
const datasetSchema = z.object({ dataset: z.string().optional() });

/** Files that only a judge reads. */
const KEYS = new Set(["answer.json", "truth.json", "injection.json"]);

/** One case, judged. null: the case has no truth about it. */
export interface AgentScore {
  readonly case: string;
  readonly dataset: string;
  readonly verdict: string | null;
  readonly service: string | null;
  readonly serviceRight: boolean | null;
  readonly faultRight: boolean | null;
  /** Of a case in which no change is guilty: whether none was blamed. */
  readonly commitRight: boolean | null;
  /** Whether the path from cause to symptom holds the true service. */
  readonly pathRight: boolean | null;
  readonly verdictRight: boolean | null;
  /** First word of each group that the report should say and does not. */
  readonly requiredMissing: readonly string[] | null;
  readonly forbiddenSaid: readonly string[] | null;
  readonly ruledOutMissing: readonly string[] | null;
  readonly gapsMissing: readonly string[] | null;
  /** Quotes that no file of the recording holds. */
  readonly invented: readonly string[];
  readonly run: DoneCase["run"];
}

const readJson = <S extends z.ZodType>(path: string, schema: S): z.output<S> | null => {
  if (!existsSync(path)) return null;
  const parsed = schema.safeParse(JSON.parse(readFileSync(path, "utf8")));
  return parsed.success ? parsed.data : null;
};

/** One form for what looks alike: quotation marks, dashes, blanks, case. As `score.py` of the third-party cases has it. */
function fold(text: string): string {
  return text
    .replaceAll(/[\u2019\u2018]/g, "'")
    .replaceAll(/[\u201c\u201d]/g, '"')
    .replaceAll("\u2013", "-")
    .replaceAll("\u2014", " - ")
    .replaceAll("\u2011", "-")
    .replaceAll("**", "")
    .replaceAll("`", "")
    .replaceAll(/\s+/g, " ")
    .toLowerCase()
    .trim();
}

/** Places at which a phrase begins in folded text; it begins where a word does, and one of up to three letters is a whole word. */
function placesOf(phrase: string, text: string): number[] {
  const wanted = fold(phrase);
  const found: number[] = [];
  if (wanted === "") return found;
  const isShort = /^[a-z]{1,3}$/.test(wanted);
  for (let at = text.indexOf(wanted); at >= 0; at = text.indexOf(wanted, at + 1)) {
    const startsWord = !/^[a-z0-9]/.test(wanted) || !/[a-z0-9]/.test(text.charAt(at - 1));
    if (startsWord && !(isShort && /[a-z]/.test(text.charAt(at + wanted.length)))) found.push(at);
  }
  return found;
}

const says = (group: readonly string[], text: string) => group.some((phrase) => placesOf(phrase, text).length > 0);

const DENIES =
  /\bnot?\b|\bnor\b|n't\b|\bnever\b|\bwithout\b|\brather than\b|\binstead of\b|\brul(?:ed?|ing) out\b|\bunrelated\b|\bunlikely\b|\bexclud\w+|\bneither\b/;
const DENIED_AFTER = /^.{0,30}(?:ruled out|(?:is|was|are|were) not|(?:is|was)n't|can be excluded|unrelated|did not)/;

/** Whether a phrase is said, and not denied in its own clause. */
const claims = (phrase: string, text: string) =>
  placesOf(phrase, text).some((at) => {
    const clause = Math.max(...[".", ";", ":", "!", "?", "("].map((sign) => text.lastIndexOf(sign, at - 1))) + 1;
    const rest = text.slice(at + phrase.length).split(/[.;!?)]/, 1)[0] ?? "";
    return !DENIES.test(text.slice(Math.max(clause, at - 60), at)) && !DENIED_AFTER.test(rest);
  });

const firstOf = (groups: readonly (readonly string[])[], text: string) =>
  groups.filter((group) => !says(group, text)).map((group) => group[0] ?? "");

/** Everything that the recording holds, as a quote would show it. */
function recordedText(folder: string): string {
  const texts: string[] = [];
  for (const name of readdirSync(folder, { recursive: true, encoding: "utf8" })) {
    const path = join(folder, name);
    if (KEYS.has(basename(name)) || basename(name).startsWith(".") || !statSync(path).isFile()) continue;
    const bytes = readFileSync(path);
    const text = (name.endsWith(".gz") ? gunzipSync(bytes) : bytes).toString("utf8");
    texts.push(text, text.replaceAll('\\"', '"').replaceAll("\\n", "\n").replaceAll("\\t", "\t"));
  }
  return fold(texts.join("\n"));
}

/** Quotes that no file holds. Each part around an ellipsis is looked for on its own. */
function inventedQuotes(quotes: readonly string[], folder: string): string[] {
  if (quotes.length === 0) return [];
  // Views show a backtick within code as an apostrophe; `fold` leaves backticks out.
  const plain = (text: string) => text.replaceAll("'", "");
  const recorded = plain(recordedText(folder));
  return quotes.filter((quote) =>
    quote
      .split(/\.\.\.|…/)
      .filter((part) => part.trim().length > 3)
      .some((part) => !recorded.includes(plain(fold(part)))),
  );
}

/** Whether the blamed change is the guilty one; null where the truth does not say which that is. */
function commitRight(change: string | null, guilty: string | null | undefined, answer: Answer | null): boolean | null {
  if (guilty != null && guilty !== "none") return change !== null && change.length >= 7 && guilty.startsWith(change.slice(0, 40));
  if (guilty === "none") return change === null;
  // A fix in the repository means that something there is to blame, and only the fix's text says what.
  if (answer !== null && answer.fix.kind !== "none" && answer.fix.kind !== "config") return change === null ? false : null;
  return change === null;
}

const wantedVerdict = (answer: Answer) => (answer.nothing_wrong ? "nothing-wrong" : answer.inconclusive_ok ? "inconclusive" : "incident");

/** Judges one report by the truth of its case. */
export function judge(folder: string, report: DoneCase): AgentScore {
  const { run } = report;
  const truth = readJson(join(folder, "truth.json"), truthSchema);
  const answer = readJson(join(folder, "answer.json"), answerSchema);
  const told = fold(`${report.cause}\n${report.summary}`);
  const cause = ` ${told} ${fold(report.evidence.map(({ claim }) => claim).join("\n"))} `;
  const denied = told
    .split(/(?<=[.;!?])\s/)
    .filter((sentence) => DENIES.test(sentence))
    .join(" ");
  const guilty = answer === null || (!answer.nothing_wrong && !answer.inconclusive_ok) ? truth : null;
  const wantedFault = guilty === null ? undefined : FAULT_CLASS[guilty.root_cause.fault_type ?? ""];
  return {
    case: basename(folder),
    dataset: readJson(join(folder, "incident.json"), datasetSchema)?.dataset ?? basename(join(folder, "..")),
    verdict: run.verdict,
    service: run.service,
    serviceRight: guilty === null ? null : run.verdict !== "nothing-wrong" && run.service === guilty.root_cause.service,
    faultRight:
      guilty === null || wantedFault === undefined ? null : run.service === guilty.root_cause.service && run.fault === wantedFault,
    commitRight: truth === null ? null : commitRight(run.change, truth.root_cause.commit, answer),
    pathRight: guilty === null ? null : run.path.includes(guilty.root_cause.service),
    verdictRight: answer !== null ? run.verdict === wantedVerdict(answer) : truth === null ? null : run.verdict === "incident",
    requiredMissing: answer === null ? null : firstOf(answer.required, cause),
    forbiddenSaid: answer === null ? null : answer.forbidden.filter((phrase) => claims(phrase, told)),
    ruledOutMissing: answer === null ? null : firstOf(answer.ruled_out, `${fold(report.ruled_out.join("\n"))} ${denied}`),
    gapsMissing: answer === null ? null : firstOf(answer.must_say_missing, `${fold(report.missing.join("\n"))} ${denied}`),
    invented: inventedQuotes(
      report.evidence.flatMap(({ quote }) => quote ?? []),
      folder,
    ),
    run,
  };
}

const mark = (right: boolean | null) => (right === null ? "-" : right ? "yes" : "NO");

/** One case on a line. */
export function scoreLine(score: AgentScore): string {
  const { run } = score;
  const faults = [
    ["not said", score.requiredMissing],
    ["claimed", score.forbiddenSaid],
    ["not ruled out", score.ruledOutMissing],
    ["gap not named", score.gapsMissing],
    ["INVENTED", score.invented.map((quote) => quote.slice(0, 60))],
    ["dropped", run.dropped.length === 0 ? [] : [String(run.dropped.length)]],
  ] as const;
  const told = faults.flatMap(([what, list]) => (list === null || list.length === 0 ? [] : [`${what}: ${list.join(" / ")}`]));
  const rights = `service ${mark(score.serviceRight)} fault ${mark(score.faultRight)} commit ${mark(score.commitRight)} path ${mark(score.pathRight)} verdict ${mark(score.verdictRight)}`;
  const cost = `$${run.dollars.toFixed(2)} ${run.tokens.read + run.tokens.written} tokens ${run.turns} turns ${run.toolCalls} calls ${run.seconds.toFixed(1)} s ${run.characters.tools} characters (longest ${run.characters.longest})`;
  return `${score.case.padEnd(28)} ${(score.verdict ?? "none").padEnd(13)} ${rights}  ${cost}${told.length === 0 ? "" : `  ${told.join("; ")}`}`;
}

/** Of the cases for which there is a truth, how many are right: `9/10`. */
const share = (rights: readonly (boolean | null)[]) => {
  const judged = rights.filter((right) => right !== null);
  return judged.length === 0 ? "-" : `${judged.filter(Boolean).length}/${judged.length}`;
};
const none = (list: readonly string[] | null) => (list === null ? null : list.length === 0);
const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);

/** Totals by data set, and of all. */
export function scoreTotals(scores: readonly AgentScore[]): Record<string, string | number>[] {
  const row = (name: string, of: readonly AgentScore[]) => ({
    "data set": name,
    n: of.length,
    service: share(of.map((one) => one.serviceRight)),
    fault: share(of.map((one) => one.faultRight)),
    commit: share(of.map((one) => one.commitRight)),
    path: share(of.map((one) => one.pathRight)),
    verdict: share(of.map((one) => one.verdictRight)),
    required: share(of.map((one) => none(one.requiredMissing))),
    "no forbidden": share(of.map((one) => none(one.forbiddenSaid))),
    "ruled out": share(of.map((one) => none(one.ruledOutMissing))),
    gaps: share(of.map((one) => none(one.gapsMissing))),
    "no finding": of.filter(({ run }) => !run.found).length,
    invented: of.reduce((sum, one) => sum + one.invented.length, 0),
    "$ mean": mean(of.map(({ run }) => run.dollars)).toFixed(3),
    tokens: Math.round(mean(of.map(({ run }) => run.tokens.read + run.tokens.written))),
    turns: mean(of.map(({ run }) => run.turns)).toFixed(1),
    calls: mean(of.map(({ run }) => run.toolCalls)).toFixed(1),
    "s mean": mean(of.map(({ run }) => run.seconds)).toFixed(1),
    "characters max": Math.max(0, ...of.map(({ run }) => run.characters.tools)),
    "one call max": Math.max(0, ...of.map(({ run }) => run.characters.longest)),
  });
  const sets = [...new Set(scores.map(({ dataset }) => dataset))].toSorted();
  const rows = sets.map((name) =>
    row(
      name,
      scores.filter(({ dataset }) => dataset === name),
    ),
  );
  return sets.length > 1 ? [...rows, row("all", scores)] : rows;
}
