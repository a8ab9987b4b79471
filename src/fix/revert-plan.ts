import { IntegrationError } from "../guard/errors.ts";
import { isMigration } from "../incident/migration.ts";
import { shortSha } from "../report/words.ts";
import type { GithubClient } from "../integrations/github/client.ts";
import type { Comparison } from "../integrations/github/history.ts";
import { isInside } from "../integrations/github/production-changes.ts";
import { inTurn } from "./in-turn.ts";
import { MOST_FOLDERS_READ, MOST_KEPT_TEXT_BYTES, MOST_REVERTED_FILES } from "./limits.ts";
import type { ConflictedFile } from "./revert-conflict.ts";
import { countChangedLines } from "./revert-merge.ts";
import { joinLinked, linksOfPlaces, linksOfRenames, renamesIn, skipBlocked } from "./revert-renames.ts";
import { bytesOf, readConflicts, readContents } from "./revert-texts.ts";
import { type Judged, type Move, type RevertAction, judgePath, judgeRename } from "./revert-verdict.ts";
import { type Difference, TooManyFoldersError, differenceOfTrees, entryAt } from "./tree-difference.ts";
import { nothingRunsWords } from "./what-runs.ts";

/** One path that the revert changes. */
export interface RevertedFile {
  readonly path: string;
  readonly action: RevertAction;
  /**
   * Whole text on the default branch and after the revert, null where there is none there. null as a whole: binary, or too long to be kept,
   * which does not hinder the revert; never of a merged file. Both alike: only its mode goes back.
   */
  readonly texts: { readonly before: string | null; readonly after: string | null } | null;
  readonly mode: "100644" | "100755";
  /** Blob of the restored text, null to remove the path. Blobs of old commits are still there, so nothing is uploaded. null of a merged file. */
  readonly sha: string | null;
  /** People changed it since as well: `texts.after` holds their change and not the deploy's, and is uploaded as it is. */
  readonly merged: boolean;
  /** Of a binary file its bytes on the default branch and after the revert, null where there is none there. null as a whole: a text. */
  readonly binary: { readonly before: number | null; readonly after: number | null } | null;
  /** The other end of a rename that is undone. */
  readonly renamed: string | null;
  /** Path that it was deployed at, where people renamed it since; it keeps its new one. */
  readonly deployedAs: string | null;
}

export interface SkippedFile {
  readonly path: string;
  /** Words for people: "changed since by 1a2b3c4 (fix rounding)". */
  readonly because: string;
  /** Lies outside the service's folder: merged in the same time, but no part of what the service runs. */
  readonly elsewhere?: true;
}

export interface RevertPlan {
  readonly status: "planned";
  readonly repository: string;
  /** The deployed commit, and the one that was live before it. */
  readonly sha: string;
  readonly previousSha: string;
  /** What was live before is not on record: the deployed commit's parent was taken. */
  readonly previousAssumed: boolean;
  /** Where the revert starts: the default branch as it was read. */
  readonly base: { readonly branch: string; readonly sha: string; readonly tree: string };
  readonly files: readonly RevertedFile[];
  readonly skipped: readonly SkippedFile[];
  /** Those of the skipped files that people changed since in a way that excludes the revert, with the two sides. */
  readonly conflicts: readonly ConflictedFile[];
  /** Every file of the service's part of the change is put back: nothing is skipped but what lies elsewhere. */
  readonly clean: boolean;
  /** Lines added and removed, over all files that are texts; a file that is only renamed back counts none. */
  readonly lines: number;
  /** Paths that already hold what was live before. */
  readonly already: readonly string[];
  /** Paths of the whole change, skipped ones too, that are steps of a database migration. */
  readonly migrations: readonly string[];
  /** Commits of the change, newest first, at most 20. */
  readonly commits: readonly { readonly sha: string; readonly title: string }[];
  readonly moreCommits: number;
  /** Path of a text that is too long to be kept, and so was not looked through; null where all were. */
  readonly unread?: string | null;
}

export interface DeclinedRevert {
  readonly status: "declined";
  /** Words for people. */
  readonly because: string;
  readonly skipped: readonly SkippedFile[];
  readonly conflicts: readonly ConflictedFile[];
}

export interface RevertQuestion {
  readonly github: GithubClient;
  /** `owner/name`, from the catalog. */
  readonly repository: string;
  /** Full sha of what is deployed. */
  readonly sha: string;
  /** Full sha of what was live before; null where that is not on record. */
  readonly previousSha: string | null;
  /** Folder of the service; only files in it are put back. */
  readonly path?: string;
}

const MOST_COMMITS_TOLD = 20;
/** Files that are looked for where people renamed them to since. */
const MOST_MOVES_FOLLOWED = 20;
/** Files of which the commit that changed them since is looked up. */
const MOST_TOUCHED_NAMED = 10;
const fullSha = /^[0-9a-f]{40}([0-9a-f]{24})?$/;
const declined = (because: string, left: Partial<Pick<DeclinedRevert, "skipped" | "conflicts">> = {}): DeclinedRevert => ({
  status: "declined",
  because,
  skipped: [],
  conflicts: [],
  ...left,
});

/** A comparison of two commits, for titles and renames only; a repository that cannot compare them can still be reverted. */
async function compared(
  { github, repository }: RevertQuestion,
  { base, head }: { readonly base: string; readonly head: string },
  signal: AbortSignal,
): Promise<Comparison | null> {
  try {
    return (await github.compare({ repository, base, head }, signal)).value;
  } catch (error) {
    if (error instanceof IntegrationError && (error.status === 404 || error.status === 422)) return null;
    throw error;
  }
}

/** Where deployed files are now that are gone from their paths on the default branch, as far as GitHub sees renames. */
async function movesSince(
  question: RevertQuestion,
  now: { readonly sha: string; readonly tree: string },
  differences: readonly Difference[],
  signal: AbortSignal,
): Promise<Map<string, Move>> {
  const { github, repository, sha } = question;
  const gone = new Set(differences.flatMap((one) => (one.after !== null && one.now === null ? [one.path] : [])));
  if (gone.size === 0) return new Map();
  const comparison = await compared(question, { base: sha, head: now.sha }, signal);
  const renamed = (comparison?.files ?? []).flatMap(({ status, previousPath, path }) =>
    status === "renamed" && previousPath !== null && gone.has(previousPath) ? [{ from: previousPath, to: path }] : [],
  );
  const found = await inTurn(renamed.slice(0, MOST_MOVES_FOLLOWED), CALLS_AT_ONCE, async ({ from, to }) => {
    const entry = await entryAt(github, { repository, tree: now.tree, path: to }, signal);
    return entry === null ? [] : [[from, { path: to, entry }] as const];
  });
  return new Map(found.flat());
}

/** Judges all paths by the trees alone. */
function judgeAll(
  differences: readonly Difference[],
  renames: ReadonlyMap<string, string>,
  moves: ReadonlyMap<string, Move>,
  folder: string,
): Map<string, Judged> {
  const at = new Map(differences.map((difference) => [difference.path, difference]));
  const surroundings = { folder, differs: (path: string) => at.has(path) };
  // Of a chain of renames, a path that is old and new at once is judged by its own content.
  const pairs = [...renames].flatMap(([from, to]) => {
    const [old, current] = [at.get(from), at.get(to)];
    return old?.after === null && current?.before === null ? [[old, current] as const] : [];
  });
  const paired = new Set(pairs.flat());
  const judged = [
    ...pairs.flatMap(([old, current]) => judgeRename(old, current, moves.get(current.path) ?? null, surroundings)),
    ...differences.filter((one) => !paired.has(one)).flatMap((one) => judgePath(one, moves.get(one.path) ?? null, surroundings)),
  ];
  return new Map(judged.toSorted((a, b) => (a.path < b.path ? -1 : 1)).map((one) => [one.path, one]));
}

const CALLS_AT_ONCE = 8;

/**
 * Plans to put back what a deploy changed, without a clone: each file that differs between what was live before and what is deployed is
 * merged three ways with what people made of it on the default branch since. It compares whole trees, so it does not matter how the change
 * came to be (several commits, squash, merge). What people changed since stays; where that excludes the revert, the file is left alone and
 * reported as a conflict. It writes nothing.
 * @throws IntegrationError when GitHub cannot be read; that a revert makes no sense is an answer, not an error
 */
export async function planRevert(question: RevertQuestion, signal: AbortSignal): Promise<RevertPlan | DeclinedRevert> {
  const { github, repository, sha } = question;
  const folder = question.path?.replace(/^\.?\/+|\/+$/g, "") ?? "";
  if (!fullSha.test(sha) || (question.previousSha !== null && !fullSha.test(question.previousSha))) {
    return declined("The deploy names no full commit, so what it changed is unknown.");
  }
  if (question.previousSha === sha) return declined(`The deploy of ${shortSha(sha)} changed no code: the same commit was live before.`);

  const [{ value: home }, deployed] = await Promise.all([
    github.repository({ repository }, signal),
    github.git.readCommit({ repository, sha }, signal),
  ]);
  if (home.archived) return declined(`${repository} is archived, so no change can be proposed there.`);
  if (deployed === null) return declined(`${repository} has no commit ${shortSha(sha)} (any more).`);
  const previousSha = question.previousSha ?? deployed.parents[0];
  if (previousSha === undefined) return declined(`${shortSha(sha)} is the first commit of ${repository}: there is nothing to go back to.`);

  const branch = home.defaultBranch;
  const [previous, head, comparison] = await Promise.all([
    github.git.readCommit({ repository, sha: previousSha }, signal),
    github.git.readBranch({ repository, branch }, signal),
    compared(question, { base: previousSha, head: sha }, signal),
  ]);
  if (previous === null) return declined(`${repository} has no commit ${shortSha(previousSha)} (any more), which was live before.`);
  if (comparison?.status === "behind") {
    return declined(`The deploy of ${shortSha(sha)} was itself a rollback: it took changes away and brought none.`);
  }
  const current = head === null ? null : await github.git.readCommit({ repository, sha: head }, signal);
  if (current === null) return declined(`The default branch ${branch} of ${repository} cannot be read.`);

  let differences: Difference[];
  try {
    const trees = { before: previous.tree, after: deployed.tree, now: current.tree };
    differences = await differenceOfTrees(github, repository, trees, folder, signal);
  } catch (error) {
    if (!(error instanceof TooManyFoldersError)) throw error;
    return declined(
      `The change from ${shortSha(previousSha)} to ${shortSha(sha)} spans more than ${MOST_FOLDERS_READ} folders: too much to revert unseen.`,
    );
  }

  const renames = renamesIn(differences, comparison);
  const moves = await movesSince(question, current, differences, signal);
  const judged = judgeAll(differences, renames, moves, folder);
  const links = [...linksOfRenames(renames), ...linksOfPlaces(differences)];
  const join = () => {
    skipBlocked(judged, differences);
    joinLinked(judged, links, folder);
  };
  join();
  const toRevert = () => [...judged.values()].filter(({ verdict }) => verdict.kind === "revert" || verdict.kind === "merge");
  const count = toRevert().length;
  if (count > MOST_REVERTED_FILES) {
    return declined(`Reverting ${shortSha(sha)} would change ${count} files; midwatch drafts reverts of at most ${MOST_REVERTED_FILES}.`);
  }

  const left = [...judged.values()].filter(({ verdict }) => verdict.kind === "skip").length;
  if (left > MOST_REVERTED_FILES) {
    return declined(`${left} of the files that ${shortSha(sha)} changed cannot be put back, so a revert of the others would be a guess.`);
  }

  const { contents, clashes } = await readContents(question, judged, signal);
  join();
  const renamedTo = new Map([...renames, ...[...renames].map(([from, to]) => [to, from] as const)]);
  const files = toRevert().flatMap(({ path, verdict, deployedAs }): RevertedFile[] => {
    const found = contents.get(path);
    if (found === undefined || (verdict.kind !== "revert" && verdict.kind !== "merge")) return [];
    return [{ path, action: verdict.action, ...found, renamed: renamedTo.get(path) ?? null, deployedAs }];
  });

  const skipped = await reasons(question, current.sha, [...judged.values()], signal);
  const because = new Map(skipped.map((file) => [file.path, file.because]));
  const conflicts = await readConflicts(question, judged, clashes, (path) => because.get(path) ?? "", signal);
  const elsewhere = (comparison?.files ?? []).filter((file) => !isInside(file.path, folder));
  skipped.push(
    ...elsewhere.map((file) => ({ path: file.path, because: `outside ${folder}, the service's folder`, elsewhere: true as const })),
  );
  const already = [...judged.values()].flatMap(({ path, verdict }) => (verdict.kind === "already" ? [path] : []));
  const about = { sha, previousSha, branch, folder };
  if (files.length === 0) return declined(nothingToRevert(about, already, skipped), { skipped, conflicts });
  const kinds = nothingRunsWords(
    files.map(({ path }) => path),
    folder,
  );
  if (kinds !== null) return declined(nothingRuns(about, kinds, skipped), { skipped, conflicts });

  const kept = withinTextBudget(files);
  const commits = (comparison?.commits ?? []).toReversed();
  const known = commits.length > 0 ? commits : [{ sha, title: deployed.message.split("\n", 1)[0] ?? "" }];
  const changed = [...new Set([...differences.map(({ path }) => path), ...elsewhere.map(({ path }) => path)])];
  return {
    status: "planned",
    repository,
    sha,
    previousSha,
    previousAssumed: question.previousSha === null,
    base: { branch, sha: current.sha, tree: current.tree },
    files: kept,
    // A text that does not fit is not looked through.
    unread: files.find(({ texts }, index) => texts !== null && kept[index]?.texts === null)?.path ?? null,
    skipped,
    conflicts,
    clean: skipped.every((file) => file.elsewhere === true),
    lines: countLines(files),
    already,
    migrations: changed.filter(isMigration),
    commits: known.slice(0, MOST_COMMITS_TOLD).map((commit) => ({ sha: commit.sha, title: commit.title })),
    moreCommits: Math.max(0, (comparison?.totalCommits ?? 0) - Math.min(known.length, MOST_COMMITS_TOLD)),
  };
}

/** Lines that the revert removes and adds. What is renamed back counts by what else changes in it. */
function countLines(files: readonly RevertedFile[]): number {
  const at = new Map(files.map((file) => [file.path, file]));
  return files.reduce((sum, { texts, action, renamed }) => {
    const other = renamed === null ? undefined : at.get(renamed);
    if (texts === null || (action === "deleted" && other?.action === "re-created")) return sum;
    const before = action === "re-created" && other?.action === "deleted" ? other.texts?.before : texts.before;
    return sum + countChangedLines(before ?? "", texts.after ?? "");
  }, 0);
}

/** Keeps the texts of all merged files, which are nowhere else, and those of the shortest others while they fit. */
function withinTextBudget(files: readonly RevertedFile[]): RevertedFile[] {
  let left = MOST_KEPT_TEXT_BYTES;
  const kept = new Set<RevertedFile>();
  const sized = files.map((file) => ({ file, bytes: bytesOf(file.texts) }));
  for (const { file, bytes } of sized.toSorted((a, b) => Number(b.file.merged) - Number(a.file.merged) || a.bytes - b.bytes)) {
    if (bytes > left) break;
    left -= bytes;
    kept.add(file);
  }
  return files.map((file) => (kept.has(file) ? file : { ...file, texts: null }));
}

/** Why each skipped file is skipped; for those changed since, also by which commit. */
async function reasons(question: RevertQuestion, head: string, judged: readonly Judged[], signal: AbortSignal): Promise<SkippedFile[]> {
  const { github, repository } = question;
  const skipped = judged.flatMap(({ path, verdict }) => (verdict.kind === "skip" ? [{ path, verdict }] : []));
  const named = new Set(skipped.filter(({ verdict }) => verdict.touched).slice(0, MOST_TOUCHED_NAMED));
  return inTurn(skipped, CALLS_AT_ONCE, async (one) => {
    const { path, verdict } = one;
    if (!named.has(one)) return { path, because: verdict.because };
    const last = await github.listCommits({ repository, path, from: head, most: 1 }, signal).catch((error: unknown) => {
      // Who touched it is good to know, not needed.
      if (error instanceof IntegrationError) return null;
      throw error;
    });
    const commit = last?.value[0];
    return { path, because: commit === undefined ? verdict.because : `${verdict.because} by ${shortSha(commit.sha)} (${commit.title})` };
  });
}

interface About {
  readonly sha: string;
  readonly previousSha: string;
  readonly branch: string;
  readonly folder: string;
}

const SHOWN_SKIPPED = 5;

/** "src/pay.ts (changed since by 1a2b3c4)": the first of the service's skipped files. */
function skippedWords(own: readonly SkippedFile[]): string {
  const shown = own.slice(0, SHOWN_SKIPPED).map((file) => `${file.path} (${file.because})`);
  const more = own.length - shown.length;
  return `${shown.join(", ")}${more > 0 ? `, and ${more} more` : ""}`;
}

/** Why a revert that would put back nothing that runs is not drafted. @param kinds what it would put back */
function nothingRuns({ sha, folder }: About, kinds: string, skipped: readonly SkippedFile[]): string {
  const own = skipped.filter((file) => isInside(file.path, folder));
  const left = own.length === 0 ? "" : ` Not put back: ${skippedWords(own)}.`;
  return `A revert of ${shortSha(sha)} would put back ${kinds} only, and nothing that runs.${left}`;
}

function nothingToRevert(about: About, already: readonly string[], skipped: readonly SkippedFile[]): string {
  const { sha, previousSha, branch, folder } = about;
  const where = folder === "" ? "" : ` under ${folder}`;
  const own = skipped.filter((file) => isInside(file.path, folder));
  if (own.length === 0 && already.length > 0) return `The default branch ${branch} already holds what was live before ${shortSha(sha)}.`;
  if (own.length === 0) return `Between ${shortSha(previousSha)} and ${shortSha(sha)} nothing changed${where}.`;
  return `No file of ${shortSha(sha)}${where} can be put back: ${skippedWords(own)}.`;
}
