import { confidenceWords } from "../incident/confidence.ts";
import type { FixCommit, PatchDraft, PatchedFile } from "../incident/fix.ts";
import { isMigration } from "../incident/migration.ts";
import type { ChangeEvent } from "../incident/telemetry.ts";
import { shortSha } from "../report/words.ts";
import { lineChanges } from "./line-changes.ts";
import { type PatchToOpen, firstRole, patchBranch } from "./patch-commits.ts";
import {
  type ReviewContext,
  assembled,
  cited,
  closingLine,
  code,
  commandLines,
  incidentName,
  list,
  minute,
  notCheckedLines,
  ownerLines,
  plain,
  plural,
  prose,
  said,
  symptomLines,
} from "./pr-body-parts.ts";
import { withoutOwn } from "./seen-text.ts";
import { whyNoTestCommand } from "./test-command.ts";

/** What a reviewer must know of a patch beside the change itself. */
export interface PatchContext extends ReviewContext {
  /** Of the finding that the patch rests on, 0 to 1; null where none is shown. */
  readonly confidence: number | null;
  /** The deployed change that brought the fault, where the finding blames one. */
  readonly introducedBy?: ChangeEvent | null;
  /** Where it is not on its own branch: that of the revert whose pull request it takes over. */
  readonly tookOver?: { readonly branch: string; readonly reverted: string } | null;
}

const titleOf = (draft: PatchDraft, { incident }: ReviewContext) => `${plain(draft.title, 150)} (${incidentName(incident)})`;

/** A sentence that ends as one. */
const ended = (text: string) => (/[.!?)`]$/.test(text) ? text : `${text}.`);

function fileLine({ path, role, before, after }: PatchedFile): string {
  const { added, removed } = lineChanges(before, after);
  const what =
    before === null
      ? `new, ${plural(added.length, "line")}`
      : after === null
        ? `deleted, ${plural(removed.length, "line")}`
        : `+${added.length} −${removed.length}`;
  return `${code(path)} ${what}${role === "test" ? " (test)" : ""}`;
}

function migrationLines({ files }: PatchDraft): string[] {
  const migrations = files.filter(({ path }) => isMigration(path)).map(({ path }) => code(path));
  if (migrations.length === 0) return [];
  return [
    `**This holds a database migration: ${migrations.join(", ")}.** It runs on deploy; a later revert of this pull request does not undo it.`,
    "",
  ];
}

/** A test that was weakened in the right words is for people to see. */
function changedTestLines({ files }: PatchDraft): string[] {
  const changed = files.flatMap(({ path, role, before, after }) => {
    const { length } = lineChanges(before, after).removed;
    return role === "test" && before !== null && length > 0 ? [{ path, length }] : [];
  });
  if (changed.length === 0) return [];
  const lines = changed.reduce((sum, { length }) => sum + length, 0);
  const where = changed.map(({ path }) => code(path)).join(", ");
  return [
    "",
    `**${plural(lines, "line")} of existing tests ${lines === 1 ? "is" : "are"} changed or removed, in ${where}: read ${lines === 1 ? "it" : "them"} first.**`,
  ];
}

function testLines(draft: PatchDraft): string[] {
  const { test, noTestBecause, files } = draft;
  if (test === null) return [`*No test* ${ended(prose(noTestBecause ?? "no reason was given"))}`];
  const paths = files.filter(({ role }) => role === "test").map(({ path }) => code(path));
  return [
    `*Test* ${code(test.name, 200)} in ${paths.join(", ")}; the first commit has only this test, so that CI shows it failing without the fix. Squash both commits if each must pass.`,
    ...changedTestLines(draft),
  ];
}

/** The deploy that brought the fault, by its code: its author recognises it at once. */
function introducedLine({ repository }: PatchDraft, { introducedBy: change = null }: PatchContext): string | null {
  if (change === null) return null;
  const what = change.sha === null ? change.version : shortSha(change.sha);
  if (what === null) return null;
  const from = change.previousSha === null ? "" : `${code(shortSha(change.previousSha))} → `;
  const pull = change.pullRequest;
  // Of another repository GitHub would link the number to one of this.
  const number = pull === null || change.repository !== repository ? "" : ` from #${pull.number}`;
  const name = pull === null ? "" : ` (${said(pull.title, 160)})`;
  return `*Introduced by* ${change.kind} ${said(change.service ?? "", 80)} ${from}${code(what, 60)}${number}${name}, live since ${minute(change.at)}`;
}

function bodyOf(draft: PatchDraft, context: PatchContext): string {
  const { confidence, tookOver = null, evidenceUrl } = context;
  const likely = confidence === null ? "" : ` (${confidenceWords(confidence)}, ${confidence.toFixed(2)})`;
  const command = draft.test !== null && whyNoTestCommand(draft.test.command) === null ? draft.test.command : null;
  const open = draft.notChecked.trim() === "" ? "" : ended(prose(draft.notChecked));
  const introduced = introducedLine(draft, context);
  const unchecked = notCheckedLines(context, open);
  return assembled(context, [
    ...migrationLines(draft),
    ...symptomLines(context),
    "",
    `*Cause${likely}* ${prose(draft.cause)}${cited(draft.evidence, evidenceUrl)}`,
    "",
    ...(introduced === null ? [] : [introduced, ""]),
    `*Change* ${prose(draft.change)}`,
    "",
    `${plural(draft.files.length, "file")}, ${plural(draft.lines, "line")}, on ${code(draft.base.branch, 100)} at ${shortSha(draft.base.sha)}:`,
    "",
    ...list(draft.files, fileLine),
    "",
    ...(tookOver === null
      ? []
      : [`This pull request was a revert of ${shortSha(tookOver.reverted)}. The patch replaces it: the revert itself is undone.`, ""]),
    ...(draft.notChanged.trim() === "" ? [] : [`*Not changed* ${prose(draft.notChanged)}`, ""]),
    ...testLines(draft),
    "",
    `*Risk* ${prose(draft.risk)}`,
    "",
    `*Roll back* ${prose(draft.rollBack)}`,
    "",
    ...(unchecked.length === 0 ? [] : [...unchecked, ""]),
    ...commandLines(context, tookOver?.branch ?? patchBranch(context.incident.id), command),
    ...ownerLines(context),
    "",
    closingLine(context),
  ]);
}

const LONGEST_LINE = 100;

/** Paragraphs in lines of at most 100 characters, as `git log` shows them. */
function wrapped(text: string): string {
  const lines: string[] = [];
  for (const block of text.trim().split(/\n\s*\n/)) {
    let line = "";
    for (const word of plain(block, 1_500).split(" ")) {
      if (line !== "" && line.length + 1 + word.length > LONGEST_LINE) {
        lines.push(line);
        line = word;
      } else line = line === "" ? word : `${line} ${word}`;
    }
    lines.push(line, "");
  }
  return lines.join("\n").trimEnd();
}

const ORDINALS: Readonly<Record<number, string>> = { 2: "2nd", 3: "3rd" };

/**
 * Message of one commit of a patch; the lines that mark it as midwatch's are added where it is made. Only the fix has the cause.
 * @param attempt of an improvement: 2 for the one after the first fix
 */
export function patchMessage(draft: PatchDraft, role: FixCommit["role"], incident: ReviewContext["incident"], attempt = 2): string {
  const title = plain(draft.title, 120);
  const seen = `Seen in ${incidentName(incident)}.`;
  if (role === "test") {
    // The beginning of a title comes before the test's name too, once.
    const prefix = `${/^([\w./-]{1,60}): /.exec(title)?.[1] ?? plain(draft.service, 60)}: `;
    const name = plain(draft.test?.name ?? "", 200);
    const shown = name.startsWith(prefix) ? name.slice(prefix.length) : name;
    const where = `${plain(draft.base.branch, 80)} at ${shortSha(draft.base.sha)}`;
    return `${prefix}test that ${shown} (fails until the next commit)\n\n${wrapped(`It is meant to fail on ${where}. The next commit makes it pass and says why. ${seen}`)}\n`;
  }
  if (role === "improvement") {
    return `${title} (${ORDINALS[attempt] ?? `${attempt}th`} try)\n\n${wrapped(`CI was red on the previous one.\n\n${draft.change}\n\n${seen}`)}\n`;
  }
  return `${title}\n\n${wrapped(`${draft.change}\n\n${seen}\n\n${draft.cause}`)}\n`;
}

/** Writes the pull request of a patch, with the message of its first commit. Pure; all text from outside is made harmless. */
export function proposePatch(draft: PatchDraft, context: PatchContext): PatchToOpen {
  const { trusted, ...others } = context;
  const words = withoutOwn({ draft, context: others }, context.own ?? [], context.orderSigns, trusted);
  // What masks must not itself be masked.
  const clean = { ...words.context, own: context.own ?? [] };
  return {
    incidentId: context.incident.id,
    draft,
    title: titleOf(words.draft, clean),
    body: bodyOf(words.draft, clean),
    message: patchMessage(words.draft, firstRole(draft), clean.incident),
  };
}
