import { anyUnseenEach, unseenButTab } from "../guard/unseen.ts";
import type { PatchProposal, ProposedEdit } from "../incident/fix.ts";
import { isInside } from "../integrations/github/production-changes.ts";
import { cut } from "../report/cut.ts";
import type { PatchAbout } from "./patch-about.ts";
import { isBuildCode, isRunnerConfig, isTestPath, whyGenerated, whyNeverPatched, whyUntouchable } from "./path-kinds.ts";

/**
 * Where midwatch may write: in a repository of the catalog (`repositoryOf` of the fixer), on a branch of its own, and there on the paths that this
 * file allows. Kinds of paths are in path-kinds.ts. The rules look at data alone: no text of a model or a log can talk them out of it.
 */

const LONGEST_PATH = 400;

/** A path from its repository's root, as it is compared and written: people and models put `./`, `/` or blanks before it, and a slash behind. */
export const plainPath = (path: string): string =>
  path
    .trim()
    .replace(/^(?:\.?\/)+/, "")
    .replace(/\/+$/, "");

/** Shown in problems, and so cut and on one line. */
export const shownPath = (path: string): string => cut(path.replace(anyUnseenEach, "?").toWellFormed(), 160);

export const trimmedFolder = (folder: string) => folder.replace(/^\.?\/+|\/+$/g, "");

/**
 * Folders of a repository that mirror a service's folder and hold its tests: `src/payments` → `test/payments`, `test/src/payments`,
 * `payments/src/main` → `payments/src/test`.
 */
function testMirrors(folder: string): string[] {
  const inner = folder.split("/").slice(1).join("/");
  const under = ["test", "tests", "spec"].flatMap((root) => [`${root}/${folder}`, ...(inner === "" ? [] : [`${root}/${inner}`])]);
  return folder.includes("src/main") ? [...under, folder.replace("src/main", "src/test")] : under;
}

/**
 * Whether a patch may write to a path: below one of the folders given, or one of the files that the blamed change or the finding names. A test may also lie where the
 * repository keeps the tests of such a folder ({@link testMirrors}), and nowhere else.
 */
function isAllowed(path: string, role: ProposedEdit["role"], about: PatchAbout): boolean {
  const folders = about.paths.map(trimmedFolder);
  if (about.files.includes(path) || about.cited?.includes(path) === true || folders.some((folder) => isInside(path, folder))) return true;
  return role === "test" && folders.some((folder) => folder !== "" && testMirrors(folder).some((mirror) => isInside(path, mirror)));
}

function whyNoPath(path: string): string | null {
  if (path.length > LONGEST_PATH) return "a path longer than 400 characters";
  if (unseenButTab.test(path) || !path.isWellFormed() || /[\\\t]|^\s|\s$|[\s.]\//.test(path)) return "not a path that a change may have";
  return whyUntouchable(path);
}

/** What a new path may be made of: nothing that shells, globs or a reviewer's eye read as something else. */
export const plainNewPath = /^[\w./@+~()[\]-]+$/;
/** Paths that are one file on some disks, or look like one. */
export const sameOnDisk = (path: string) => path.normalize("NFKC").toLowerCase();

export const NOT_BLAMED = "run or read by builds or CI, so a patch may change it only where the blamed change did";

export function rolesOf(edits: readonly ProposedEdit[]): Map<string, Set<ProposedEdit["role"]>> {
  const roles = new Map<string, Set<ProposedEdit["role"]>>();
  for (const { path, role } of edits) roles.set(path, (roles.get(path) ?? new Set()).add(role));
  return roles;
}

const MOST_CITED_TOLD = 5;

/** `, beside a.ts and b.ts, which the finding cites` */
function citedWords({ cited = [] }: PatchAbout): string {
  const told = cited.slice(0, MOST_CITED_TOLD).map(shownPath);
  return told.length === 0 ? "" : `, beside ${told.join(" and ")}, which the finding cites`;
}

export function pathProblem(path: string, roles: ReadonlySet<ProposedEdit["role"]>, about: PatchAbout): string | null {
  const malformed = whyNoPath(path);
  if (malformed !== null) return malformed;
  if (roles.size > 1) return "has edits as a test and edits as the fix; what shows the fault needs a file of its own";
  const isTest = roles.has("test");
  const folders = about.paths.map((folder) => trimmedFolder(folder) || "the repository");
  if (!isAllowed(path, isTest ? "test" : "fix", about))
    return `outside ${folders.join(" and ") || "what the service owns"}, where this patch may write${citedWords(about)}`;
  const never = whyNeverPatched(path) ?? whyGenerated(path);
  if (never !== null) return never;
  if ((isBuildCode(path) || isRunnerConfig(path)) && !about.files.includes(path)) return NOT_BLAMED;
  if ((about.frozenTests ?? []).length > 0 && (isTest || isTestPath(path)))
    return "a test, and the test of this patch has been seen to fail: correct the fix, not the tests";
  if (isTest && !isTestPath(path)) return "no test by its path, so it cannot be committed as one";
  if (!isTest && isTestPath(path)) return "a test by its path, so it must be committed as one";
  return null;
}

/** The paths that a proposal may write to, each once; the others are among its problems. */
export function writablePaths(proposal: PatchProposal, about: PatchAbout): readonly string[] {
  const roles = rolesOf(proposal.edits);
  const paths = [...roles.keys()];
  return paths.filter((path) => pathProblem(path, roles.get(path) ?? new Set(), about) === null);
}

/** Why a revert leaves a path alone, or null. @param folder of the service, "" for the whole repository */
export function whyNoRevert(path: string, folder: string): string | null {
  return isInside(path, folder) ? whyUntouchable(path) : `outside ${folder}`;
}
