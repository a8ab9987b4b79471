import { patchAllowance } from "../guard/allowances.ts";
import { withoutSensitive } from "../guard/sensitive.ts";
import type { ChartSeries } from "../incident/chart.ts";
import type { Symptom } from "../incident/finding.ts";
import { evidenceMark, quantity } from "../report/words.ts";
import { outside, outsideCode, outsidePlain, outsideUrl } from "./outside-text.ts";
import { chartLines, isChartOf } from "./pr-body-chart.ts";
import { type ProofPart, proofPart } from "./pr-body-proof.ts";
import { withoutSensitiveAsSeen } from "./seen-text.ts";
import { controlsButTabRuns, shapelessOrLineEndRuns } from "../guard/unseen.ts";

/** What a reviewer must know beside the change itself, of a revert and of a patch alike. */
export interface ReviewContext {
  readonly incident: {
    readonly id: string;
    /** The pager, or what else started it, as people call it. */
    readonly startedBy: string;
    /** The pager's number that people know it by. */
    readonly number: number | null;
    readonly title: string;
    readonly link: string | null;
  };
  readonly symptom: Symptom | null;
  readonly timelineUrl: string | null;
  /** Where one piece of evidence opens, or null where there is no page of it. */
  readonly evidenceUrl?: (evidence: number) => string | null;
  /** Anyone may read the repository: log text and charts stay out, and evidence links, which only the team can open, replace them. */
  readonly publicRepository?: boolean;
  /** What midwatch could not look at, one sentence or name each. */
  readonly notChecked: readonly string[];
  /** The symptom's own series: that of another is not drawn. */
  readonly chart?: ChartSeries | null;
  /** Comes first, and can be replaced later. null: no proof is shown, then or later. */
  readonly proof?: ProofPart | null;
  /** `@login` or `@organisation/team`: mentioned, never assigned. */
  readonly owners?: readonly string[];
  /** Number of the pull request, once it is open. */
  readonly pullRequest?: number | null;
  /** Credentials of this process: no text that leaves holds them, wherever it came from. */
  readonly own?: readonly string[];
  /** By which orders from outside are known again: they are not repeated either. */
  readonly orderSigns?: readonly string[];
  /** The team's own texts: what they tell people to do is no order from outside. */
  readonly trusted?: readonly string[];
}

const MOST_LISTED = 25;
const MOST_OWNERS = 5;
/** GitHub takes 65,536 characters. */
const LONGEST_BODY = 60_000;

export const plural = (count: number, one: string): string => `${count} ${one}${count === 1 ? "" : "s"}`;
export const minute = (at: number): string => `${new Date(at).toISOString().slice(0, 16).replace("T", " ")} UTC`;

// Personal data and secrets are cut out first: made harmless, an address would no longer look like one.
/** Text from outside on one line of Markdown. */
export const said = (text: string, longest?: number): string => outside(withoutSensitiveAsSeen(text), longest);
/** Text from outside as a code span. */
export const code = (text: string, longest?: number): string => outsideCode(withoutSensitiveAsSeen(text), longest);
/** Text from outside where GitHub shows plain text. */
export const plain = (text: string, longest?: number): string => outsidePlain(withoutSensitiveAsSeen(text), longest);

export function cited(evidence: readonly number[], url: ReviewContext["evidenceUrl"]): string {
  if (evidence.length === 0) return "";
  const links = evidence.map((number) => {
    const address = outsideUrl(url?.(number) ?? null);
    return address === null ? `\`${evidenceMark(number)}\`` : `[${evidenceMark(number)}](${address})`;
  });
  return ` (${links.join(", ")})`;
}

export function list<T>(items: readonly T[], line: (item: T) => string): string[] {
  const told = items.slice(0, MOST_LISTED).map((item) => `- ${line(item)}`);
  return items.length > told.length ? [...told, `- and ${items.length - told.length} more`] : told;
}

/** `said` trims; the blanks around a code span must stay. */
const padded = (part: string, longest: number) => `${/^\s/.test(part) ? " " : ""}${said(part, longest)}${/\s$/.test(part) ? " " : ""}`;

/** One paragraph; text between backticks stays code. @param hideCode where code may be log text that must not be shown */
export function paragraph(text: string, longest: number, hideCode = false): string {
  const parts = withoutSensitiveAsSeen(text).split("`");
  if (parts.length % 2 === 0) return said(text, longest);
  return parts
    .map((part, index) => (part === "" ? "" : index % 2 === 1 ? (hideCode ? "(log text)" : code(part, 200)) : padded(part, longest)))
    .join("");
}

/** A longer text of a model: its paragraphs and its lists stay, all other markup is shown as it was typed. */
export function prose(text: string): string {
  const blocks = text.trim().split(/\n[^\S\n]*\n/);
  const lines = blocks.map((block) => {
    const items = block.split(/\n(?=[^\S\n]*[-*] )/);
    return items.map((item) => {
      const [, point] = /^\s*[-*] ([\s\S]*)$/.exec(item) ?? [];
      return point === undefined ? paragraph(item, 2_000) : `- ${paragraph(point, 500)}`;
    });
  });
  return lines.map((items) => items.join("\n")).join("\n\n");
}

/** A block of code that shows its lines as they are and does nothing: no fence in it can end it, no comment in it can pass for one of ours. */
export function codeBlock(lines: readonly string[], language = ""): string[] {
  // A private key spans several lines.
  const shown = withoutSensitiveAsSeen(lines.join("\n"))
    .split("\n")
    .map((line) => line.replace(controlsButTabRuns, " ").replace(shapelessOrLineEndRuns, "").replaceAll("<!--", "<! --"));
  const longestFence = Math.max(2, ...shown.flatMap((line) => (line.match(/`{3,}|~{3,}/g) ?? []).map(({ length }) => length)));
  const fence = "`".repeat(longestFence + 1);
  return [`${fence}${language}`, ...shown, fence];
}

/** Name of the incident as people know it; never "#4821", which GitHub would link to an issue of the repository. */
export const incidentName = ({ id, startedBy, number }: ReviewContext["incident"]): string =>
  `${plain(startedBy, 60)} ${number === null ? plain(id, 40) : `no. ${number}`}`;

export function symptomLines(context: ReviewContext): string[] {
  const { symptom, incident, evidenceUrl, chart = null, publicRepository = false } = context;
  const link = outsideUrl(incident.link);
  const name = link === null ? incidentName(incident) : `[${incidentName(incident)}](${link})`;
  const page = `${name}: ${said(incident.title)}`;
  const itsOwn = chart !== null && (symptom === null || isChartOf(chart, symptom));
  const drawn = !itsOwn || publicRepository ? [] : chartLines({ ...chart, unit: chart.unit ?? symptom?.unit ?? null });
  const below = drawn.length > 0 ? ["", ...drawn] : [];
  if (symptom === null) return [`*Symptom* ${page}`, ...below];
  const { service, what, before, now, unit, since, evidence } = symptom;
  const move = `${said(service, 80)}: ${said(what, 80)} ${said(`${quantity(before, unit)} → ${quantity(now, unit)}`, 80)} since ${minute(since)}`;
  return [`*Symptom* ${move}${cited(evidence, evidenceUrl)} · ${page}`, ...below];
}

/**
 * What nobody has looked at, or nothing. Where a proof is at the top it says what CI ran, then and later.
 * @param own what the fix itself leaves open, sentences of Markdown; "" for nothing
 */
export function notCheckedLines({ proof = null, notChecked }: ReviewContext, own = ""): string[] {
  const rest = [...(proof === null ? ["midwatch ran no tests"] : []), ...notChecked.map((item) => said(item, 200))].join("; ");
  const also = own !== "" && rest !== "" ? `${own} Also: ${rest}.` : rest === "" ? own : `${rest}.`;
  return also === "" ? [] : [`*Not checked* ${also}`];
}

/** The commands by which a reviewer looks at it. @param test the test's command, checked already; null for none */
export function commandLines(context: ReviewContext, branch: string, test: string | null): string[] {
  const which = context.pullRequest ?? null;
  const commands = [`gh pr checkout ${which === null ? branch : which}`, ...(test === null ? [] : [test])];
  return ["To try it locally:", "", ...codeBlock(commands, "sh")];
}

const mention = /^@[A-Za-z0-9][A-Za-z0-9-]{0,38}(?:\/[A-Za-z0-9._-]{1,100})?$/;

export function ownerLines({ owners = [] }: ReviewContext): string[] {
  const named = owners.filter((owner) => mention.test(owner));
  if (named.length === 0) return [];
  const more = named.length > MOST_OWNERS ? ` and ${named.length - MOST_OWNERS} more in CODEOWNERS` : "";
  return ["", `Owners of these files: ${named.slice(0, MOST_OWNERS).join(", ")}${more}. Nobody is assigned.`];
}

export function closingLine({ timelineUrl }: ReviewContext): string {
  const timeline = outsideUrl(timelineUrl);
  return `A draft by midwatch; a person decides.${timeline === null ? "" : ` [Timeline](${timeline})`}`;
}

/** The whole body: the proof first, where there is one, and no longer than GitHub takes. */
export function assembled(context: ReviewContext, lines: readonly string[]): string {
  const { proof = null, own = [] } = context;
  const whole = [...(proof === null ? [] : [...proofPart(proof), ""]), ...lines].join("\n");
  const clean = withoutSensitive(whole, { allowed: patchAllowance, own });
  return clean.length <= LONGEST_BODY ? clean : `${clean.slice(0, LONGEST_BODY).toWellFormed()}\n\n(cut; the timeline has the whole text)`;
}
