import { confidenceWords } from "../incident/confidence.ts";
import type { Suspect } from "../incident/finding.ts";
import { shortSha } from "../report/words.ts";
import {
  type ReviewContext,
  assembled,
  cited,
  closingLine,
  code,
  codeBlock,
  commandLines,
  incidentName,
  list,
  minute,
  notCheckedLines,
  ownerLines,
  paragraph,
  plain,
  plural,
  said,
  symptomLines,
} from "./pr-body-parts.ts";
import { type ConflictSide, type RevertPlan, type RevertProposal, type RevertedFile, revertBranch } from "./revert.ts";
import { withoutOwn } from "./seen-text.ts";

/** What a reviewer must know of a revert beside the change itself. */
export interface RevertContext extends ReviewContext {
  readonly suspect: Suspect;
}

const MOST_ELSEWHERE_NAMED = 5;
const MOST_REASONS = 6;

const subjectOf = (plan: RevertPlan, { suspect }: RevertContext) =>
  suspect.change?.pullRequest?.title ?? plan.commits[0]?.title ?? suspect.change?.title ?? "";

/** What the service runs of the change and the revert leaves in place. */
const left = (plan: RevertPlan) => plan.skipped.filter((file) => file.elsewhere !== true);
const isPartial = (plan: RevertPlan) => left(plan).length > 0;

/** Title of the pull request, plain text. */
function titleOf(plan: RevertPlan, context: RevertContext): string {
  const subject = plain(subjectOf(plan, context), 110);
  const what = `${isPartial(plan) ? "Revert part of" : "Revert"} ${plain(context.suspect.service, 60)} ${shortSha(plan.sha)}`;
  return `${what}${subject === "" ? "" : `: ${subject}`} (${incidentName(context.incident)})`;
}

function causeLines(plan: RevertPlan, { suspect, evidenceUrl, publicRepository = false }: RevertContext): string[] {
  const { change } = suspect;
  const deployed = change === null ? "" : `, live since ${minute(change.at)}`;
  const pull = change?.pullRequest ?? null;
  const number = pull !== null && change?.repository === plan.repository ? ` from #${pull.number}` : "";
  const from = plan.previousAssumed ? "" : `${shortSha(plan.previousSha)} → `;
  const what = `Deploy ${said(suspect.service, 80)} ${from}${shortSha(plan.sha)}${number}${deployed}`;
  const distinct = suspect.reasons.filter(({ text }, index, all) => all.findIndex((one) => one.text === text) === index);
  const reasons = distinct.slice(0, MOST_REASONS).map(({ text, evidence, quote }) => {
    const quoted = quote === null || publicRepository || text.includes(quote) ? "" : `: ${code(quote, 160)}`;
    return `- ${paragraph(text, 400, publicRepository)}${cited(evidence, evidenceUrl)}${quoted}`;
  });
  const commits = list(plan.commits.length > 1 ? plan.commits : [], ({ sha, title }) => `${shortSha(sha)} ${said(title, 160)}`);
  return [
    `*Cause (${confidenceWords(suspect.probability)}, ${suspect.probability.toFixed(2)})* ${what}`,
    ...(reasons.length > 0 ? ["", ...reasons] : []),
    ...(commits.length > 0
      ? ["", `It brought ${plural(plan.commits.length + plan.moreCommits, "commit")}, newest first:`, "", ...commits]
      : []),
  ];
}

function fileLine({ path, action, renamed, merged, deployedAs }: RevertedFile): string {
  const words = { restored: "as before", deleted: "deleted: the change had added it", "re-created": "back: the change had deleted it" };
  const what = merged
    ? "without the deploy's change; later changes stay"
    : renamed === null
      ? words[action]
      : `${action === "deleted" ? "renamed back to" : "renamed back from"} ${code(renamed)}`;
  return `${code(path)} ${what}${deployedAs === null ? "" : ` (deployed as ${code(deployedAs)}, renamed since)`}`;
}

function changeLines(plan: RevertPlan): string[] {
  const where = plan.previousAssumed
    ? `its parent ${shortSha(plan.previousSha)} (what was live before is not on record)`
    : `${shortSha(plan.previousSha)}, which was live before`;
  const unseen = plan.files.filter(({ texts, binary }) => texts === null && binary === null);
  return [
    `*Change* ${plural(plan.files.length, "file")} back to ${where}; one commit on ${code(plan.base.branch, 100)} at ${shortSha(plan.base.sha)}.`,
    "",
    ...list(plan.files, fileLine),
    ...(unseen.length > 0 ? [`- ${plural(unseen.length, "file")} of these are too long for the timeline; see the diff`] : []),
  ];
}

function unchangedLines(plan: RevertPlan): string[] {
  const elsewhere = plan.skipped.filter((file) => file.elsewhere === true);
  const named = elsewhere.slice(0, MOST_ELSEWHERE_NAMED).map(({ path }) => code(path));
  const more = elsewhere.length > named.length ? ` and ${elsewhere.length - named.length} more` : "";
  const notes = [
    ...(plan.already.length > 0 ? [`${plural(plan.already.length, "file")} of the change are already as they were before it.`] : []),
    ...(elsewhere.length > 0
      ? [`Merged at the same time, but outside the service's folder, so not reverted: ${named.join(", ")}${more}.`]
      : []),
  ];
  if (!isPartial(plan)) return [`*Not changed* ${notes.length > 0 ? notes.join(" ") : "Nothing: the whole deploy is reverted."}`];
  return [
    `*Not changed* ${plural(left(plan).length, "file")} of the same deploy, so this is a partial revert: check that the two halves fit.`,
    "",
    ...list(left(plan), ({ path, because }) => `${code(path)}: ${said(because, 200)}`),
    ...notes.map((line) => `- ${line}`),
  ];
}

function migrationLines({ migrations }: RevertPlan): string[] {
  if (migrations.length === 0) return [];
  const files = migrations.slice(0, 10).map((path) => code(path));
  const more = migrations.length > files.length ? ` and ${migrations.length - files.length} more` : "";
  return [
    `**The change holds a database migration: ${files.join(", ")}${more}.** A code revert does not undo data: its changes to the schema and the rows remain.`,
    "Check first that the older code works with the current schema, and that your migration tool accepts that a step it has run is gone.",
    "",
  ];
}

/** Files of which both sides are shown. */
const MOST_CONFLICTS_SHOWN = 5;

function sideLines(title: string, side: ConflictSide | null): string[] {
  if (side === null) return [`${title}: no such file`];
  const more = side.more > 0 ? [`    … ${plural(side.more, "more line")}`] : [];
  return [`${title}, line ${side.line}:`, ...side.lines.map((line) => `    ${line}`), ...more];
}

/** Where people's later change and the revert exclude each other: both sides, so that a reviewer can decide without looking them up. */
function conflictLines({ conflicts, base }: RevertPlan, { publicRepository = false }: RevertContext): string[] {
  if (conflicts.length === 0) return [];
  if (publicRepository) {
    const many = plural(conflicts.length, "file");
    return [`*Conflicts* ${many} changed since, in conflict with the revert:`, "", ...list(conflicts, ({ path }) => code(path)), ""];
  }
  const shown = conflicts.slice(0, MOST_CONFLICTS_SHOWN).flatMap(({ path, conflict, moreHunks }) => {
    const hunks = conflict.flatMap(({ ours, theirs }, index) => [
      ...(index > 0 ? [""] : []),
      ...sideLines(`now on ${base.branch}`, ours),
      ...sideLines("before the deploy", theirs),
    ]);
    const more = moreHunks > 0 ? ["", `… and ${plural(moreHunks, "more place")}`] : [];
    const block = hunks.length > 0 ? [...codeBlock([...hunks, ...more], "text"), ""] : [];
    return [`${code(path)}:`, "", ...block];
  });
  const others = conflicts.length - MOST_CONFLICTS_SHOWN;
  return [
    `*Conflicts* ${plural(conflicts.length, "file")} changed since, in conflict with the revert; both sides:`,
    "",
    ...shown,
    ...(others > 0 ? [`and ${plural(others, "more file")}`, ""] : []),
  ];
}

function bodyOf(plan: RevertPlan, context: RevertContext): string {
  const risk = [
    ...(plan.migrations.length > 0 ? ["The migration, see above"] : ["A code revert does not undo data that the deploy wrote"]),
    ...(isPartial(plan) ? ["what remains of the change may need what this removes"] : []),
    ...(plan.commits.length + plan.moreCommits > 1 ? ["other commits of the deploy are reverted too, where they touch these files"] : []),
    "code merged since may use what this removes: CI shows that",
  ];
  const unchecked = notCheckedLines(context);
  return assembled(context, [
    ...migrationLines(plan),
    ...symptomLines(context),
    "",
    ...causeLines(plan, context),
    "",
    ...changeLines(plan),
    "",
    ...unchangedLines(plan),
    "",
    ...conflictLines(plan, context),
    `*Risk* ${risk.join("; ")}.`,
    "",
    `*Roll back* Close this pull request; once merged, revert its one commit.`,
    "",
    ...(unchecked.length === 0 ? [] : [...unchecked, ""]),
    ...commandLines(context, revertBranch({ incidentId: context.incident.id, plan }), null),
    ...ownerLines(context),
    "",
    closingLine(context),
  ]);
}

/** Writes the pull request of a planned revert. Pure; all text from outside is made harmless. */
export function proposeRevert(plan: RevertPlan, context: RevertContext): RevertProposal {
  const { trusted, ...others } = context;
  const words = withoutOwn({ plan, context: others }, context.own ?? [], context.orderSigns, trusted);
  // What masks must not itself be masked.
  const clean = { ...words.context, own: context.own ?? [] };
  const title = titleOf(words.plan, clean);
  const what = `${plural(plan.files.length, "file")} back to ${plan.previousSha}`;
  return {
    incidentId: context.incident.id,
    plan,
    title,
    body: bodyOf(words.plan, clean),
    message: `${title}\n\nPuts ${what}, ${plan.previousAssumed ? "the parent of" : "live before"} ${plan.sha}.\n`,
  };
}
