import { IntegrationError } from "../guard/errors.ts";
import { patchAllowance } from "../guard/allowances.ts";
import { findSensitive, sensitiveWords } from "../guard/sensitive.ts";
import { unseenButTab } from "../guard/unseen.ts";
import type { PatchProposal, PatchedFile } from "../incident/fix.ts";
import { isInside } from "../integrations/github/production-changes.ts";
import { type LineChanges, lineChanges } from "./line-changes.ts";
import {
  LONGEST_ADDED_LINE,
  MOST_ADDED_CHARACTERS,
  MOST_BLANKS_BEFORE,
  MOST_BLANKS_INSIDE,
  MOST_CHANGED_LINES,
  MOST_EDITS,
  MOST_KEPT_TEXT_BYTES,
  MOST_PATCHED_FILES,
} from "./limits.ts";
import { isBuildCode, isLockFile, isRunnerConfig, isShellScript, isTestPath } from "./path-kinds.ts";
import { type FolderFile, manifestProblems, whyRunOnInstall } from "./manifest-rules.ts";
import { hostsNamed, outsideHosts, withoutComments } from "./outside-hosts.ts";
import type { PatchAbout } from "./patch-about.ts";
import { coversPath } from "./path-pattern.ts";
import { sensitiveAsSeen } from "./seen-text.ts";
import { whyNoTestCommand } from "./test-command.ts";
import { joined, understood } from "./understood-text.ts";
import { NOT_BLAMED, pathProblem, plainNewPath, rolesOf, sameOnDisk, shownPath, trimmedFolder } from "./where-to-write.ts";
import { switchedOff, weakerTests } from "./weaker-checks.ts";

/**
 * What a patch may be. Each function returns all problems that it sees, one sentence each, for the timeline and for the model that may fix them.
 * The rules look at data alone: no text of a model, a log or a source comment can talk them out of it.
 */

const MOST_TOLD_A_FILE = 5;
/** Longest texts of a proposal, characters. */
const LONGEST_TITLE = 150;
const LONGEST_TEXT = 4_000;
const LONGEST_NAME = 300;

const codePoint = (character: string) => `U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0")}`;

/** Without line breaks, and without the sign that asks for a coloured emoji: it hides nothing. */
const withoutPlainSigns = (text: string) => text.replace(/\r?\n|(?<=\p{Extended_Pictographic})\uFE0F/gu, " ");

/** What is wrong with a proposal before any file is read. */
export function proposalProblems(proposal: PatchProposal, about: PatchAbout): readonly string[] {
  const roles = rolesOf(proposal.edits);
  const carried = about.frozenTests?.map(({ path }) => path) ?? [];
  const paths = [...roles.keys()];
  const files = new Set([...paths, ...carried]).size;
  const tests = paths.some((path) => roles.get(path)?.has("test") === true) || carried.length > 0;
  const deletedTests = proposal.edits.filter((edit) => edit.delete === true && (edit.role === "test" || isTestPath(edit.path)));
  return [
    ...(proposal.edits.length === 0 ? ["There are no edits."] : []),
    ...(proposal.edits.length > MOST_EDITS ? [`There are ${proposal.edits.length} edits; at most ${MOST_EDITS} are taken.`] : []),
    ...(files > MOST_PATCHED_FILES ? [`It changes ${files} files; a patch may change ${MOST_PATCHED_FILES}.`] : []),
    ...paths.slice(0, MOST_EDITS).flatMap((path) => {
      const problem = pathProblem(path, roles.get(path) ?? new Set(), about);
      return problem === null ? [] : [`${shownPath(path)}: ${problem}.`];
    }),
    ...(tests ? paths.filter((path) => isRunnerConfig(path) && about.files.includes(path)).slice(0, MOST_TOLD_A_FILE) : []).map(
      (path) => `${shownPath(path)}: says how tests are run, so a patch with a test must leave it alone; else its test proves nothing.`,
    ),
    ...paths
      .slice(0, MOST_EDITS)
      .flatMap((path, index) => {
        const other = paths.slice(0, index).find((earlier) => sameOnDisk(earlier) === sameOnDisk(path));
        return other === undefined ? [] : [`${shownPath(path)}: the same file as ${shownPath(other)} on some disks.`];
      })
      .slice(0, MOST_TOLD_A_FILE),
    ...deletedTests.slice(0, MOST_TOLD_A_FILE).map(({ path }) => `${shownPath(path)}: a test, which a patch does not delete.`),
    ...(paths.length > 0 && paths.every((path) => roles.get(path)?.has("fix") !== true)
      ? ["It changes tests alone: there is no fix in it."]
      : []),
    ...(tests && proposal.test === null ? ["It changes tests but does not name the one that shows the fault."] : []),
    ...(!tests && proposal.test !== null ? ["It names a test, but no file of it."] : []),
    ...(proposal.test === null && (proposal.no_test_because ?? "").trim() === ""
      ? ["It has no test, and does not say why none can show the fault."]
      : []),
    ...textProblems(proposal),
  ];
}

function textProblems(proposal: PatchProposal): string[] {
  const { title, test } = proposal;
  const required = { title, cause: proposal.cause, change: proposal.change, risk: proposal.risk, "way to roll back": proposal.roll_back };
  const texts = {
    ...required,
    "part not changed": proposal.not_changed,
    "part not checked": proposal.not_checked,
    "reason for no test": proposal.no_test_because ?? "",
  };
  const longest = (name: string) => (name === "title" ? LONGEST_TITLE : LONGEST_TEXT);
  const command = test === null ? null : whyNoTestCommand(test.command);
  return [
    ...Object.entries(required).flatMap(([name, text]) => (text.trim() === "" ? [`The ${name} is missing.`] : [])),
    ...Object.entries(texts).flatMap(([name, text]) =>
      text.length > longest(name) ? [`The ${name} is longer than ${longest(name)} characters.`] : [],
    ),
    ...(test !== null && (test.name.trim() === "" || test.name.length > LONGEST_NAME)
      ? [`The test's name is missing, or longer than ${LONGEST_NAME} characters.`]
      : []),
    ...Object.entries(wordsOf(proposal)).flatMap(([name, text]) => {
      const found = name === "test's command" ? null : unseenButTab.exec(withoutPlainSigns(text));
      return found === null ? [] : [`The ${name} holds the unseen character ${codePoint(found[0])}.`];
    }),
    ...(command === null ? [] : [`The test's command is not shown to people: ${command}.`]),
  ];
}

/** Secrets and personal data in the words of a proposal, by which word. @param own credentials of this process */
export function sensitiveTextProblems(texts: Readonly<Record<string, string>>, own: readonly string[]): readonly string[] {
  return Object.entries(texts).flatMap(([name, text]) => {
    const kinds = new Set(Array.from(sensitiveAsSeen(text, own), (kind) => sensitiveWords(kind)));
    return [...kinds].map((kind) => `The ${name} holds ${kind}.`);
  });
}

/**
 * The last look at texts that are about to leave.
 * @param own credentials of this process
 * @throws IntegrationError when one holds a secret or personal data
 */
export function assertNothingSensitive(texts: Readonly<Record<string, string>>, own: readonly string[]): void {
  const problems = sensitiveTextProblems(texts, own);
  if (problems.length > 0) throw new IntegrationError("github", `Nothing was sent to GitHub. ${problems.join(" ")}`);
}

/** The proposal's words by their names, as {@link sensitiveTextProblems} takes them. */
export const wordsOf = (proposal: PatchProposal): Record<string, string> => ({
  title: proposal.title,
  cause: proposal.cause,
  change: proposal.change,
  "part not changed": proposal.not_changed,
  risk: proposal.risk,
  "way to roll back": proposal.roll_back,
  "part not checked": proposal.not_checked,
  "test's name": proposal.test?.name ?? "",
  "test's command": proposal.test?.command ?? "",
  "reason for no test": proposal.no_test_because ?? "",
});

const MOST_ATTRIBUTE_LINES = 5_000;
const LONGEST_ATTRIBUTE_LINE = 1_000;

/** Whether the repository itself calls a file generated or vendored. The last line that covers it counts, of the deepest folder. */
function isMarkedGenerated(path: string, attributes: readonly FolderFile[]): boolean {
  const marks = new Map<string, boolean>();
  for (const { folder, text } of attributes.toSorted((a, b) => a.folder.length - b.folder.length)) {
    if (!isInside(path, folder)) continue;
    const below = folder === "" ? path : path.slice(trimmedFolder(folder).length + 1);
    for (const line of text.split(/\r?\n/, MOST_ATTRIBUTE_LINES)) {
      if (!line.includes("linguist-") || line.length > LONGEST_ATTRIBUTE_LINE) continue;
      const [pattern = "", ...settings] = line.trim().split(/\s+/);
      if (pattern.startsWith("#") || !coversPath(pattern, below, false)) continue;
      for (const setting of settings) {
        const [, off, name, value] = /^([-!]?)(linguist-(?:generated|vendored))(?:=(.*))?$/.exec(setting) ?? [];
        if (name !== undefined) marks.set(name, off === "" && value !== "false");
      }
    }
  }
  return [...marks.values()].includes(true);
}

const generatedMarker = /\bcode generated\b|@generated\b|\bdo not (?:edit|modify)\b|\bauto-?generated\b/i;
const headOf = (text: string) => text.slice(0, 2_000).split("\n").slice(0, 10).join("\n");
const saysGenerated = ({ path, before, after }: PatchedFile) =>
  !isLockFile(path) && [before, after].some((text) => text !== null && generatedMarker.test(headOf(text)));

interface Changed {
  readonly file: PatchedFile;
  readonly changes: LineChanges;
}

function hiddenCharacters({ file, changes }: Changed): string[] {
  // A byte order mark that was there is no hidden character of the patch.
  const marked = file.before?.startsWith("\uFEFF") === true;
  return changes.added.flatMap(({ line, text }) => {
    const own = marked && line === 1 ? text.replace(/^\uFEFF/, "") : text;
    // The sign that asks for a coloured emoji hides nothing.
    const found = unseenButTab.exec(own.replace(/(?<=\p{Extended_Pictographic})\uFE0F/gu, "").replace(/\r$/, ""));
    if (found !== null) return [`${shownPath(file.path)} line ${line}: holds the unseen character ${codePoint(found[0])}.`];
    return own.isWellFormed() ? [] : [`${shownPath(file.path)} line ${line}: holds half a character.`];
  });
}

const longBlanks = new RegExp(`\\S[\\s\\u2800]{${MOST_BLANKS_INSIDE + 1}}|^[\\s\\u2800]{${MOST_BLANKS_BEFORE + 1}}`);

function outOfSight({ file, changes }: Changed): string[] {
  return changes.added.flatMap(({ line, text }) => {
    const where = `${shownPath(file.path)} line ${line}`;
    if (text.length > LONGEST_ADDED_LINE) return [`${where}: has ${text.length} characters; an added line may have ${LONGEST_ADDED_LINE}.`];
    return longBlanks.test(text.trimEnd()) ? [`${where}: has so many blanks that what follows is out of sight.`] : [];
  });
}

/** Fewer lines than before: a test was taken out, or no longer looks at what it did. */
const weakensTest = ({ file, changes }: Changed) =>
  isTestPath(file.path) && file.before !== null && file.after !== null && changes.removed.length > changes.added.length;

function sensitiveLines({ file, changes }: Changed, own: readonly string[]): string[] {
  const { after } = file;
  if (after === null || changes.added.length === 0) return [];
  const added = new Set(changes.added.map(({ line }) => line));
  // The whole text is read, so that a problem over several lines is seen; only what touches a line of the patch is reported.
  return findSensitive(after, { allowed: patchAllowance, own }).flatMap(({ kind, line, start, end }) => {
    const lines = after.slice(start, end).split("\n").length;
    const touched = Array.from({ length: lines }, (_, index) => line + index).find((at) => added.has(at));
    return touched === undefined ? [] : [`${shownPath(file.path)} line ${touched}: holds ${sensitiveWords(kind)}.`];
  });
}

/** Secrets and personal data of the added lines that only what runs them would see. */
function hiddenSensitive({ file, changes }: Changed, own: readonly string[]): string[] {
  const added = changes.added.map(({ text }) => text).join("\n");
  const kindsIn = (text: string) => findSensitive(text, { allowed: patchAllowance, own }).map(({ kind }) => kind);
  const seen = new Set(kindsIn(added));
  const hidden = new Set(kindsIn(joined(understood(added))).filter((kind) => !seen.has(kind)));
  return [...hidden].map((kind) => `${shownPath(file.path)}: hides ${sensitiveWords(kind)} in pieces or codes.`);
}

/** The path of a new file leaves with it. It is not reported, because the report would show it everywhere. An ending makes a file of what was an address. */
function sensitivePath({ path, before }: PatchedFile, own: readonly string[]): string[] {
  if (before !== null) return [];
  const kinds = [path, path.replace(/\.\w+$/, ""), path.replace(/(?:\.\w+){2}$/, "")].flatMap((reading) => [
    ...sensitiveAsSeen(reading, own),
  ]);
  return [...new Set(kinds)].map((kind) => `A file's path holds ${sensitiveWords(kind)}.`);
}

const words = /[\p{L}\p{M}\p{N}_]+/gu;
/** Letters of Cyrillic, Greek and full width that nobody can distinguish from Latin ones. */
const lookalike = /[АВЕЅІЈКМНОРСТУХаеорсухіјѕһԁԛԝӏΑΒΕΖΗΙΚΜΝΟΡΤΥΧον\uFF21-\uFF3A\uFF41-\uFF5A\u{1D400}-\u{1D7CB}]/u;

/** A word of Latin letters and such is another word than the one that a reviewer reads. */
function lookalikes({ file, changes }: Changed): string[] {
  return changes.added.flatMap(({ line, text }) => {
    const mixed = text.match(words)?.find((word) => /[A-Za-z]/.test(word) && lookalike.test(word));
    const found = lookalike.exec(mixed ?? "")?.[0];
    return found === undefined ? [] : [`${shownPath(file.path)} line ${line}: mixes letters that look alike (${codePoint(found)}).`];
  });
}

function newHosts(changed: readonly Changed[], before: readonly string[]): string[] {
  // A comment that names a host to its readers, agents among them, makes the code talk to nobody.
  const isKnown = hostsNamed(before.map(withoutComments).join("\n"));
  return changed.flatMap(({ file, changes }) =>
    outsideHosts(changes.added.map(({ text }) => text).join("\n"))
      .filter((host) => !isKnown(host))
      .slice(0, MOST_TOLD_A_FILE)
      .map(
        (host) => `${shownPath(file.path)}: names the outside host ${shownPath(host)}, which no code of the patch's files named before.`,
      ),
  );
}

/** What a changed text is looked at with. */
interface ChangeAbout {
  /** The repository's .gitattributes and package.json files, as far as they speak of the patch's files. */
  readonly attributes: readonly FolderFile[];
  readonly manifests: readonly FolderFile[];
  /** Credentials of this process, which must be nowhere. */
  readonly own: readonly string[];
  /** Files that the blamed change touched. */
  readonly named: readonly string[];
}

const settingsFile = /\.(?:ya?ml|json|toml|hcl|properties|conf)$/i;
const imageName = /^\s*(?:-\s+)?["']?(?:image|repository)["']?\s*[:=]\s*["']?([^\s"'@:]+(?::\d+\/[^\s"'@:]+)?)/gm;
const imagesIn = (text: string) => Array.from(text.matchAll(imageName), ([, name = ""]) => name);

/** What a cluster would run: an image needs no host in its name to be a stranger's. */
function newImages(changed: readonly Changed[]): string[] {
  const known = new Set(changed.flatMap(({ file }) => imagesIn(withoutComments(file.before ?? ""))));
  return changed.flatMap(({ file, changes }) => {
    if (!settingsFile.test(file.path)) return [];
    const named = imagesIn(changes.added.map(({ text }) => text).join("\n")).filter((name) => !known.has(name));
    return named
      .slice(0, MOST_TOLD_A_FILE)
      .map((name) => `${shownPath(file.path)}: names the image ${shownPath(name)}, which no code of the patch's files named before.`);
  });
}

function fileProblems(changed: Changed, { attributes, manifests, own, named }: ChangeAbout): string[] {
  const { file, changes } = changed;
  const { path, before, after } = file;
  if (before === after) return [`${shownPath(path)}: the edits change nothing.`];
  const onInstall = whyRunOnInstall(path, manifests);
  const lines = { added: changes.added.map(({ text }) => text), removed: changes.removed.map(({ text }) => text) };
  return [
    ...(isMarkedGenerated(path, attributes) ? [`${shownPath(path)}: generated or vendored, says .gitattributes.`] : []),
    ...([before, after].some((text) => text !== null && isShellScript(text)) && !isBuildCode(path) && !named.includes(path)
      ? [`${shownPath(path)}: ${NOT_BLAMED}.`]
      : []),
    ...(onInstall === null ? [] : [`${shownPath(path)}: ${onInstall}.`]),
    ...(saysGenerated(file) ? [`${shownPath(path)}: a generated file, say its first lines.`] : []),
    ...(after === null ? [] : manifestProblems(path, before, after, lines).map((problem) => `${shownPath(path)}: ${problem}.`)),
    ...(before === null && !plainNewPath.test(path) ? [`${shownPath(path)}: a new path with unusual characters.`] : []),
    ...(weakensTest(changed) ? [`${shownPath(path)}: loses more lines of a test than it gains; a patch takes no test away.`] : []),
    ...[...(isTestPath(path) && !weakensTest(changed) ? weakerTests(changes) : []), ...switchedOff(changes)]
      .slice(0, MOST_TOLD_A_FILE)
      .map((problem) => `${shownPath(path)}${problem}`),
    ...outOfSight(changed).slice(0, MOST_TOLD_A_FILE),
    ...hiddenCharacters(changed).slice(0, MOST_TOLD_A_FILE),
    ...sensitiveLines(changed, own).slice(0, MOST_TOLD_A_FILE),
    ...hiddenSensitive(changed, own),
    ...sensitivePath(file, own),
    ...lookalikes(changed).slice(0, MOST_TOLD_A_FILE),
  ];
}

const encoder = new TextEncoder();
const bytesOf = (text: string | null) => (text === null ? 0 : encoder.encode(text).length);

/** What is wrong with the texts that a patch makes. */
export function changeProblems(
  files: readonly PatchedFile[],
  about: ChangeAbout,
): { readonly problems: readonly string[]; readonly lines: number; readonly isTooLarge: boolean } {
  const kept = files.reduce((sum, { before, after }) => sum + bytesOf(before) + bytesOf(after), 0);
  const tooLong =
    kept > MOST_KEPT_TEXT_BYTES
      ? [`Its files are ${Math.ceil(kept / 1000)} kB long before and after; at most ${MOST_KEPT_TEXT_BYTES / 1000} kB are kept.`]
      : [];
  const changed = files.map((file) => ({ file, changes: lineChanges(file.before, file.after) }));
  const lines = changed.reduce((sum, { changes }) => sum + changes.added.length + changes.removed.length, 0);
  const exact = changed.every(({ changes }) => changes.exact);
  const characters = changed.reduce((sum, { changes }) => changes.added.reduce((all, { text }) => all + text.length, sum), 0);
  const sizes = [
    ...(lines > MOST_CHANGED_LINES || !exact
      ? [`It changes ${exact ? "" : "more than "}${lines} lines; a patch may change ${MOST_CHANGED_LINES}.`]
      : []),
    ...tooLong,
    ...(characters > MOST_ADDED_CHARACTERS ? [`It adds ${characters} characters; a patch may add ${MOST_ADDED_CHARACTERS}.`] : []),
  ];
  // The other rules read every line, some of them more than once: not of what is too large for a patch anyway.
  if (sizes.length > 0) return { problems: sizes, lines, isTooLarge: true };
  const problems = [
    ...changed.flatMap((one) => fileProblems(one, about)),
    ...newImages(changed),
    ...newHosts(
      changed,
      files.flatMap(({ before }) => (before === null ? [] : [before])),
    ),
  ];
  return { problems, lines, isTooLarge: false };
}
