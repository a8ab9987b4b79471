import {
  type Analysis,
  blamed,
  causeWords,
  culpritOf,
  type Elsewhere,
  lookedAt,
  type ModelFinding,
  type Reason,
  type RuledOut,
  type Suspect,
  type Symptom,
} from "../incident/finding.ts";
import type { ChangeEvent } from "../incident/telemetry.ts";
import { blamedWords, changeLine, changeRead, suspectWords, sureWords } from "./suspect-words.ts";
import { code, own, plain, prose, say, strong, time, type Words } from "./text.ts";
import { markedWords } from "./unverified.ts";
import { changeMark, earlierPeakWords, levelWords, minuteTime, shortSha, sinceWords } from "./words.ts";

/** Something that is so, with what shows it. */
export interface Point {
  readonly words: Words;
  /** Its own text, to see whether it holds a quote already. */
  readonly text: string;
  readonly evidence: readonly number[];
  /** Verbatim lines. `evidence`: the answer that holds it; null where any of the point's may. */
  readonly quotes: readonly { readonly text: string; readonly evidence: number | null }[];
}

/** What an answer blames, or might. */
export interface Blame {
  readonly name: Words;
  readonly service: string;
  readonly instance: string | null;
  readonly fault: string | null;
  readonly probability: number;
  readonly onset: number | null;
  /** What is wrong with it in one clause, or null. */
  readonly cause: string | null;
  /** What the blamed change did, as its diff shows it, or null. */
  readonly changed: string | null;
  readonly change: { readonly words: Words; readonly link: string | null; readonly evidence: number | null } | null;
  readonly points: readonly Point[];
}

/** A level that changed. */
export interface SymptomLine {
  readonly service: string;
  readonly what: string;
  readonly level: string;
  readonly since: Words;
  readonly evidence: readonly number[];
}

/** A conclusion in its parts. */
export interface ConclusionParts {
  /** How sure, where something is blamed; else null. */
  readonly sure: string | null;
  /** Who is blamed with its change, or the whole sentence. */
  readonly what: Words;
  /** The same without the instance, where it names one; else null. */
  readonly bare: Words | null;
  /** What the blamed change did, as its diff shows it, or null. */
  readonly changed: string | null;
  /** How it shows, or null. */
  readonly how: string | null;
  /** How often the same alert has paged; empty where it is the first time. */
  readonly equal: Words;
}

/** One answer to "what is wrong and why": of the data alone, or of a model whose finding code has checked. */
export interface Answer {
  readonly by: "model" | "data";
  readonly verdict: Analysis["verdict"];
  /** A model's, 0..1; the data give a probability of each suspect instead. */
  readonly confidence: number | null;
  readonly title: string;
  /** The answer in one line. */
  readonly conclusion: Words;
  /** The same in its parts, for a place with less room. */
  readonly parts: ConclusionParts;
  /** Its cause, or why there is none. */
  readonly cause: Words;
  readonly blame: Blame | null;
  /** Less likely suspects, or behind a lead what is less far from usual. */
  readonly others: readonly Blame[];
  /** Where nothing is blamed: what is furthest from usual, or of several services that fail alike the first. */
  readonly lead: Blame | null;
  /** What `blame` or `lead` and `others` are. */
  readonly heading: "Best suspect" | "Furthest from usual" | "Fail alike" | "Likeliest cause then";
  /** Whether the lead is worth a line of its own: neither too weak for a word nor in the cause already. */
  readonly showsLead: boolean;
  /** What it rests on. */
  readonly points: readonly Point[];
  /** From the cause to the symptom. */
  readonly path: readonly { readonly service: string; readonly what: Words; readonly evidence: readonly number[] }[];
  readonly impact: Point | null;
  readonly symptoms: readonly SymptomLine[];
  readonly consequences: Analysis["consequences"];
  /** Proven innocent. */
  readonly ruledOut: readonly RuledOut[];
  /** Went live before, neither blamed nor proven innocent. */
  readonly unproven: readonly RuledOut[];
  /** Trouble that nothing links to the page. */
  readonly elsewhere: readonly Point[];
  /** What is not said because of what was not read; empty where all was. */
  readonly limits: Words;
  /** Looked at, and in its usual range. */
  readonly asUsual: readonly RuledOut[];
}

const point = (text: string, evidence: readonly number[], quotes: Point["quotes"] = []): Point => ({
  words: say`${prose(text)}`,
  text,
  evidence,
  quotes,
});

/** A claim of a model. */
export const claimPoint = ({ text, evidence, quotes, unverified }: ModelFinding["claims"][number]): Point => ({
  ...point(text, evidence, quotes),
  words: markedWords(text, unverified),
});

const reasonPoint = ({ text, evidence, quote }: Reason): Point =>
  point(text, evidence, quote === null ? [] : [{ text: quote, evidence: null }]);

function symptomLine(symptom: Symptom): SymptomLine {
  const { service, what, since, until, evidence } = symptom;
  const earlier = earlierPeakWords(symptom);
  const begins = until === undefined ? say`${own(sinceWords(symptom, ""))}${time(since)}` : say`from ${time(since)} to ${time(until)}`;
  const words = say`${begins}${earlier !== "" && own(` (${earlier})`)}`;
  return { service, what, level: levelWords(symptom), since: words, evidence };
}

function suspectBlame(suspect: Suspect): Blame {
  const { service, instance, fault, probability, onset, change, reasons, cause = null } = suspect;
  // An instance that the cause names needs no second mention.
  const name = suspectWords(instance !== null && cause?.includes(instance) === true ? { ...suspect, instance: null } : suspect);
  const changed = change === null ? null : (reasons.find(({ code: kind }) => kind === "change-live")?.short ?? null);
  return {
    ...{ name, service, instance, fault, probability, onset, cause, changed },
    change: change === null ? null : { words: changeLine(change), link: change.link, evidence: change.evidence },
    points: reasons.map(reasonPoint),
  };
}

const TITLES = { "nothing-wrong": "Nothing looks wrong", recovered: "It is over", inconclusive: "No cause found yet" } as const;

/** What is known of a link: a service whose own errors name the paged one is hardly unlinked, though nobody knows who calls whom. */
function linkWords(paged: string | null, why: string): Words {
  if (paged !== null && why.split(/[^\w.-]+/).includes(paged))
    return say`its errors name ${paged}, and no call between the two is on record`;
  return say`nothing links it to ${paged ?? "the page"}`;
}

/** @param paged the paged service, or null where the page names none */
function elsewherePoint({ service, since, why, evidence, fails, isLinked }: Elsewhere, paged: string | null): Point {
  const at = since !== null && time(since, "minute");
  const state =
    fails === false
      ? say`left its usual range${at !== false && say` at ${at}`}`
      : at === false
        ? say`is failing`
        : say`has been failing since ${at}`;
  const link = isLinked === true ? say`the suspect does not account for that` : linkWords(paged, why);
  const words = say`${strong(service)} ${state}${why !== "" && say` (${prose(why)})`}; ${link}.`;
  return { words, text: plain(words), evidence, quotes: [] };
}

/** Less likely than one in four is what quiet hours show. */
const WORTH_A_WORD = 0.25;

function headingOf({ verdict, together }: Analysis): Answer["heading"] {
  if (verdict === "recovered") return "Likeliest cause then";
  if (verdict !== "incident") return "Furthest from usual";
  return together === undefined ? "Best suspect" : "Fail alike";
}

const ENDINGS = { zero: "th", one: "st", two: "nd", few: "rd", many: "th", other: "th" } as const;

/** " (3rd page of this alert since 02:10)"; nothing where it is the first. */
function equalWords({ equalPages }: Analysis): Words {
  if (equalPages === undefined) return [];
  const { count, since } = equalPages;
  return say` (${String(count)}${ENDINGS[new Intl.PluralRules("en", { type: "ordinal" }).select(count)]} page of this alert since ${time(since, "minute")})`;
}

/** A cause without the service's own name behind "of" or "in", for it follows that name; a name within code stays. */
function withoutOwnName(cause: string, service: string): string {
  const name = RegExp.escape(service);
  return cause.replaceAll(new RegExp(`\`[^\`]*\`| (?:of|in)(?: database)? ${name}(?=[\\s:;,.)]|$)`, "g"), (found) =>
    found.startsWith("`") ? found : "",
  );
}

/** Whether a cause says again what the headline begins with: the same level of the same service. */
const isHeadline = ({ service, cause }: Blame, [worst]: Analysis["symptoms"]): boolean =>
  worst !== undefined && worst.service === service && cause?.startsWith(`${worst.what.replace(/ \([^()]*\)$/, "")} `) === true;

/** "payments, deploy 9f2c1e4 at 03:10", what changed, then how it shows. */
function blamedParts(blame: Blame, analysis: Analysis): ConclusionParts {
  const { cause, changed, name, probability, service } = blame;
  const change = analysis.suspects[0]?.change ?? null;
  return {
    sure: sureWords(probability),
    what: say`${name}${change !== null && say` at ${time(change.at, "minute")}`}`,
    bare: change === null && plain(name) !== service ? say`${strong(service)}` : null,
    changed,
    // Without what changed it is all that there is to say.
    how: cause === null || (changed !== null && isHeadline(blame, analysis.symptoms)) ? null : withoutOwnName(cause, service),
    equal: equalWords(analysis),
  };
}

function dataParts(analysis: Analysis, blame: Blame | null): ConclusionParts {
  if (blame !== null && analysis.recoveredAt === undefined) return blamedParts(blame, analysis);
  return { sure: null, what: say`${prose(analysis.because)}`, bare: null, changed: null, how: null, equal: equalWords(analysis) };
}

/** What is written before a conclusion that blames nobody. */
function openLabel({ verdict, together, recoveredAt }: Analysis, title: string): string {
  if (recoveredAt !== undefined) return `Over since ${minuteTime(recoveredAt)}.`;
  if (together !== undefined) return "No single suspect:";
  return verdict === "incident" ? "No clear suspect." : `${title}.`;
}

function dataConclusion({ sure, what, changed, how, equal }: ConclusionParts, label: string): Words {
  const did = changed !== null && say` (${prose(changed)})`;
  return say`${strong(sure === null ? label : `Best suspect (${sure}):`)} ${what}${did}${how !== null && say`: ${prose(how)}`}${equal}`;
}

/** What the data alone say. @param paged the paged service, or null where the page names none */
export function dataAnswer(analysis: Analysis, paged: string | null): Answer {
  const { verdict, because, symptoms, suspects, consequences, ruledOut, together, unproven = [], elsewhere = [], unread = [] } = analysis;
  const title = verdict === "incident" ? "What is wrong" : TITLES[verdict];
  // Of several that fail alike no one's change is to blame.
  const shown =
    together === undefined ? suspects : suspects.flatMap((one) => (together.includes(one.service) ? [{ ...one, change: null }] : []));
  const [first = null, ...rest] = shown.map(suspectBlame);
  const blame = culpritOf(analysis) === null ? null : first;
  const lead = blame === null ? first : null;
  const cause = say`${prose(because)}`;
  const said = plain(cause);
  const isSaid = suspects.some(({ reasons }) => reasons.some(({ text }) => text !== "" && said.includes(text)));
  const calm = verdict === "nothing-wrong";
  const parts = dataParts(analysis, blame);
  return {
    ...{ by: "data", verdict, confidence: null, title, blame, path: [], impact: null, consequences, ruledOut, unproven, lead },
    conclusion: dataConclusion(parts, openLabel(analysis, title)),
    parts,
    cause,
    others: calm ? [] : rest,
    heading: headingOf(analysis),
    showsLead: lead !== null && verdict !== "incident" && (calm || (lead.probability >= WORTH_A_WORD && !isSaid)),
    points: calm ? [] : (first?.points ?? []),
    symptoms: symptoms.map(symptomLine),
    asUsual: lookedAt(analysis),
    elsewhere: elsewhere.map((one) => elsewherePoint(one, paged)),
    limits:
      unread.length === 0 || calm
        ? []
        : say`Until ${unread.join(" and ")} can be read in full, no suspect is called likely, and no change is ruled out by its time alone.`,
  };
}

/** What a model found. @param changes that triage has read */
export function modelAnswer(finding: ModelFinding, changes: readonly ChangeEvent[]): Answer {
  const { verdict, service, instance, fault, change, confidence, causal_path: path, claims, impact, ruled_out: ruledOut } = finding;
  const { cause_unverified: unverified } = finding;
  // Marked as a whole, or by what is in it.
  const cause = markedWords(causeWords(finding), unverified?.includes(finding.cause) === true ? [causeWords(finding)] : unverified);
  const points = claims.map(claimPoint);
  const read = changeRead(finding, changes);
  const mark = change === null || verdict !== "incident" ? null : changeMark(change.id);
  // Who reads one line must see what changed, also where the sentence says only how it shows.
  const names = [mark, read?.pullRequest == null ? null : `#${read.pullRequest.number}`];
  const what =
    mark === null || names.some((name) => name !== null && finding.cause.includes(name))
      ? cause
      : say`${read?.kind ?? "change"} ${code(mark)}: ${cause}`;
  const title = verdict === "incident" ? "Cause" : TITLES[verdict];
  const named = change && say`change ${code(changeMark(change.id))}${change.repository !== null && say` of ${change.repository}`}`;
  return {
    ...{
      by: "model",
      verdict,
      confidence,
      title,
      cause,
      others: [],
      lead: null,
      heading: "Best suspect",
      showsLead: false,
      points,
      symptoms: [],
      consequences: [],
      ruledOut: ruledOut.map((one) => ({ ...one, why: plain(markedWords(one.why, one.unverified)) })),
      unproven: [],
      elsewhere: [],
      limits: [],
      asUsual: [],
      parts: { sure: verdict === "incident" ? sureWords(confidence) : null, what, bare: null, changed: null, how: null, equal: [] },
    },
    conclusion:
      verdict === "incident"
        ? say`${strong(`Cause (${sureWords(confidence)}):`)} ${what}`
        : // A model that says the verdict itself has it said once.
          /^nothing (?:looks|is) wrong/i.test(finding.cause)
          ? cause
          : say`${strong(`${title}.`)} ${cause}`,
    blame:
      verdict !== "incident"
        ? null
        : {
            ...{ name: blamedWords(finding, changes), service, instance, fault, probability: confidence, onset: null },
            ...{ cause: null, changed: null, points },
            change:
              named === null ? null : { words: read === undefined ? named : changeLine(read), link: read?.link ?? null, evidence: null },
          },
    path: path.map((hop) => ({ service: hop.service, what: markedWords(hop.what, hop.unverified), evidence: hop.evidence })),
    impact: impact === null ? null : { ...point(impact.text, impact.evidence), words: markedWords(impact.text, impact.unverified) },
  };
}

/**
 * Whom the data alone blame, where a model's finding blames nothing or another and does not rule that one out; else empty.
 * @param shown as many of the finding's ruled out as a reader sees
 */
export function dataSuspect(found: ModelFinding, analysis: Analysis | null, shown: number): Words {
  const best = blamed(analysis)[0];
  if (best === undefined || (found.verdict === "incident" && found.service === best.service)) return [];
  // What the analysis itself leaves open is said only where the finding does too.
  if (found.verdict !== "inconclusive" && analysis?.verdict !== "incident") return [];
  if (analysis?.together !== undefined) return [];
  const names = [best.service, ...(best.change?.sha == null ? [] : [shortSha(best.change.sha)])];
  if (found.ruled_out.slice(0, shown).some(({ what }) => names.some((name) => what.includes(name)))) return [];
  return say`The data alone point to ${suspectWords(best)} (${sureWords(best.probability)})`;
}
