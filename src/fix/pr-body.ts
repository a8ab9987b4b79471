import { confidenceWords } from "../incident/confidence.ts";
import type { Suspect, Symptom } from "../incident/finding.ts";
import { evidenceMark, quantity, shortSha } from "../incident/words.ts";
import { outside, outsideCode, outsidePlain, outsideUrl } from "./outside-text.ts";
import type { RevertPlan } from "./revert-plan.ts";
import type { RevertProposal } from "./revert.ts";

/** What a reviewer must know beside the change itself. */
export interface RevertContext {
  readonly incident: {
    readonly id: string;
    /** The pager's number that people know it by. */
    readonly number: number | null;
    readonly title: string;
    readonly link: string | null;
  };
  readonly suspect: Suspect;
  readonly symptom: Symptom | null;
  readonly timelineUrl: string | null;
  /** Where one piece of evidence opens, or null where there is no page of it. */
  readonly evidenceUrl?: (evidence: number) => string | null;
  /** Anyone may read the repository: log text stays out, and the evidence links, which only the team can open, stand for it. */
  readonly publicRepository?: boolean;
  /** What midwatch could not look at, one sentence or name each. */
  readonly notChecked: readonly string[];
}

const MOST_FILES_LISTED = 25;
const MOST_ELSEWHERE_NAMED = 5;
const MOST_REASONS = 6;
/** GitHub takes 65,536 characters. */
const LONGEST_BODY = 60_000;

const plural = (count: number, one: string) => `${count} ${one}${count === 1 ? "" : "s"}`;
const minute = (at: number) => `${new Date(at).toISOString().slice(0, 16).replace("T", " ")} UTC`;

function cited(evidence: readonly number[], url: RevertContext["evidenceUrl"]): string {
  if (evidence.length === 0) return "";
  const links = evidence.map((number) => {
    const address = outsideUrl(url?.(number) ?? null);
    return address === null ? `\`${evidenceMark(number)}\`` : `[${evidenceMark(number)}](${address})`;
  });
  return ` (${links.join(", ")})`;
}

function list<T>(items: readonly T[], line: (item: T) => string): string[] {
  const told = items.slice(0, MOST_FILES_LISTED).map((item) => `- ${line(item)}`);
  return items.length > told.length ? [...told, `- and ${items.length - told.length} more`] : told;
}

/** Name of the incident as people know it; never "#4821", which GitHub would link to an issue of the repository. */
const incidentName = ({ id, number }: RevertContext["incident"]) => `PagerDuty ${number === null ? outsidePlain(id, 40) : `no. ${number}`}`;

const subjectOf = (plan: RevertPlan, { suspect }: RevertContext) =>
  suspect.change?.pullRequest?.title ?? plan.commits[0]?.title ?? suspect.change?.title ?? "";

/** What the service runs of the change and the revert leaves in place. */
const left = (plan: RevertPlan) => plan.skipped.filter((file) => file.elsewhere !== true);
const isPartial = (plan: RevertPlan) => left(plan).length > 0;

/** Title of the pull request, plain text. */
function titleOf(plan: RevertPlan, context: RevertContext): string {
  const subject = outsidePlain(subjectOf(plan, context), 110);
  const what = `${isPartial(plan) ? "Revert part of" : "Revert"} ${outsidePlain(context.suspect.service, 60)} ${shortSha(plan.sha)}`;
  return `${what}${subject === "" ? "" : `: ${subject}`} (${incidentName(context.incident)})`;
}

function symptomLine({ symptom, incident, evidenceUrl }: RevertContext): string {
  const link = outsideUrl(incident.link);
  const name = link === null ? incidentName(incident) : `[${incidentName(incident)}](${link})`;
  const page = `${name}: ${outside(incident.title)}`;
  if (symptom === null) return `*Symptom* ${page}`;
  const { service, what, before, now, unit, since, evidence } = symptom;
  const move = `${outside(service, 80)}: ${outside(what, 80)} ${outside(`${quantity(before, unit)} → ${quantity(now, unit)}`, 80)} since ${minute(since)}`;
  return `*Symptom* ${move}${cited(evidence, evidenceUrl)} · ${page}`;
}

/** Text of the analysis: log patterns in it stand between backticks, and stay code. */
function reasonText(text: string, publicRepository: boolean): string {
  const parts = text.split("`");
  if (parts.length % 2 === 0) return outside(text, 400);
  return parts
    .map((part, index) => (part === "" ? "" : index % 2 === 1 ? (publicRepository ? "(log text)" : outsideCode(part, 200)) : padded(part)))
    .join("");
}

/** `outside` trims; the blanks around a code span must stay. */
const padded = (part: string) => `${/^\s/.test(part) ? " " : ""}${outside(part, 400)}${/\s$/.test(part) ? " " : ""}`;

function causeLines(plan: RevertPlan, { suspect, evidenceUrl, publicRepository = false }: RevertContext): string[] {
  const { change } = suspect;
  const deployed = change === null ? "" : `, live since ${minute(change.at)}`;
  const pull = change?.pullRequest ?? null;
  const number = pull !== null && change?.repository === plan.repository ? ` from #${pull.number}` : "";
  const from = plan.previousAssumed ? "" : `${shortSha(plan.previousSha)} → `;
  const what = `deploy ${outside(suspect.service, 80)} ${from}${shortSha(plan.sha)}${number}${deployed}`;
  const reasons = suspect.reasons.slice(0, MOST_REASONS).map(({ text, evidence, quote }) => {
    const said = quote === null || publicRepository ? "" : `: ${outsideCode(quote, 240)}`;
    return `- ${reasonText(text, publicRepository)}${cited(evidence, evidenceUrl)}${said}`;
  });
  const commits = list(plan.commits.length > 1 ? plan.commits : [], ({ sha, title }) => `${shortSha(sha)} ${outside(title, 160)}`);
  return [
    `*Cause (${confidenceWords(suspect.probability)}, ${suspect.probability.toFixed(2)})* ${what}`,
    ...(reasons.length > 0 ? ["", ...reasons] : []),
    ...(commits.length > 0
      ? ["", `It brought ${plural(plan.commits.length + plan.moreCommits, "commit")}, newest first:`, "", ...commits]
      : []),
  ];
}

function changeLines(plan: RevertPlan): string[] {
  const words = { restored: "as before", deleted: "deleted: the change had added it", "re-created": "back: the change had deleted it" };
  const file = ({ path, action, renamed }: RevertPlan["files"][number]) =>
    `${outsideCode(path)} ${renamed === null ? words[action] : `${action === "deleted" ? "renamed back to" : "renamed back from"} ${outsideCode(renamed)}`}`;
  const where = plan.previousAssumed
    ? `its parent ${shortSha(plan.previousSha)} (what was live before is not on record)`
    : `${shortSha(plan.previousSha)}, which was live before`;
  const unseen = plan.files.filter(({ texts }) => texts === null).length;
  return [
    `*Change* ${plural(plan.files.length, "file")} back to ${where}; one commit on ${outsideCode(plan.base.branch, 100)} at ${shortSha(plan.base.sha)}.`,
    "",
    ...list(plan.files, file),
    ...(unseen > 0 ? [`- ${plural(unseen, "file")} of these are too long for the timeline; see the diff here`] : []),
  ];
}

function unchangedLines(plan: RevertPlan): string[] {
  const elsewhere = plan.skipped.filter((file) => file.elsewhere === true);
  const named = elsewhere.slice(0, MOST_ELSEWHERE_NAMED).map(({ path }) => outsideCode(path));
  const more = elsewhere.length > named.length ? ` and ${elsewhere.length - named.length} more` : "";
  const notes = [
    ...(plan.already.length > 0 ? [`${plural(plan.already.length, "file")} of the change already hold what was live before.`] : []),
    ...(elsewhere.length > 0
      ? [`Merged in the same time, but outside the service's folder, so left as it is: ${named.join(", ")}${more}.`]
      : []),
  ];
  if (!isPartial(plan)) return [`*Not changed* ${notes.length > 0 ? notes.join(" ") : "nothing of the deploy is left out."}`];
  return [
    `*Not changed* ${plural(left(plan).length, "file")} of the same deploy, so this is a part of a revert: check that both halves fit.`,
    "",
    ...list(left(plan), ({ path, because }) => `${outsideCode(path)}: ${outside(because, 200)}`),
    ...notes.map((line) => `- ${line}`),
  ];
}

function migrationLines({ migrations }: RevertPlan): string[] {
  if (migrations.length === 0) return [];
  const files = migrations.slice(0, 10).map((path) => outsideCode(path));
  const more = migrations.length > files.length ? ` and ${migrations.length - files.length} more` : "";
  return [
    `**The change holds a database migration: ${files.join(", ")}${more}.** A code revert does not undo data: what it did to the schema and the rows stays.`,
    "Check first that the older code runs on the schema as it is now, and that your migration tool allows a step it has run to go missing.",
    "",
  ];
}

function bodyOf(plan: RevertPlan, context: RevertContext): string {
  const timeline = outsideUrl(context.timelineUrl);
  const risk = [
    ...(plan.migrations.length > 0 ? ["the migration, see the top"] : ["a code revert does not undo data that the deploy has written"]),
    ...(isPartial(plan) ? ["what stays of the change may need what goes"] : []),
    ...(plan.commits.length + plan.moreCommits > 1 ? ["the other commits of the deploy go too, as far as they touch these files"] : []),
    "code merged since may use what goes: CI tells",
  ];
  const notChecked = [
    "midwatch ran no tests; the repository's own CI runs on this draft",
    ...context.notChecked.map((item) => outside(item, 200)),
  ];
  return [
    ...migrationLines(plan),
    `**${outside(titleOf(plan, context), 300)}**`,
    "",
    symptomLine(context),
    "",
    ...causeLines(plan, context),
    "",
    ...changeLines(plan),
    "",
    ...unchangedLines(plan),
    "",
    `*Risk* ${risk.join("; ")}.`,
    `*Roll back* close this pull request; once merged, revert its one commit.`,
    `*Not checked* ${notChecked.join("; ")}.`,
    "",
    `Opened as a draft by midwatch; a person decides.${timeline === null ? "" : ` [Timeline](${timeline})`}`,
  ].join("\n");
}

/** Writes the pull request of a planned revert. Pure; all text from outside is made harmless. */
export function proposeRevert(plan: RevertPlan, context: RevertContext): RevertProposal {
  const title = titleOf(plan, context);
  const body = bodyOf(plan, context);
  const what = `${plural(plan.files.length, "file")} back to ${plan.previousSha}`;
  return {
    incidentId: context.incident.id,
    plan,
    title,
    body: body.length <= LONGEST_BODY ? body : `${body.slice(0, LONGEST_BODY)}\n\n(cut: the whole text is on the timeline)`,
    message: `${title}\n\nPuts ${what}, ${plan.previousAssumed ? "the parent of" : "live before"} ${plan.sha}.\n`,
  };
}
