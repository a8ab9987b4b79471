import { IntegrationError } from "../guard/errors.ts";
import { shortSha } from "../incident/words.ts";
import type { GithubClient } from "../integrations/github/client.ts";
import type { Comparison } from "../integrations/github/history.ts";
import { isInside } from "../integrations/github/production-changes.ts";
import { MOST_FOLDERS_READ, MOST_KEPT_TEXT_BYTES, MOST_REVERTED_FILES, isMigration } from "./limits.ts";
import { type RevertAction, type Verdict, verdictOf } from "./revert-verdict.ts";
import { type Difference, TooManyFoldersError, differenceOfTrees } from "./tree-difference.ts";

/** One path that the revert changes. */
export interface RevertedFile {
  readonly path: string;
  readonly action: RevertAction;
  /**
   * Whole text on the default branch and after the revert, null where there is none there. null as a whole: too long to be kept, which does
   * not hinder the revert.
   */
  readonly texts: { readonly before: string | null; readonly after: string | null } | null;
  readonly mode: "100644" | "100755";
  /** Blob of the restored text, null to remove the path. Blobs of old commits are still there, so nothing is uploaded. */
  readonly sha: string | null;
  /** The other end of a rename that is undone. */
  readonly renamed: string | null;
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
  /** Paths that already hold what was live before. */
  readonly already: readonly string[];
  /** Paths of the whole change, skipped ones too, that are steps of a database migration. */
  readonly migrations: readonly string[];
  /** Commits of the change, newest first, at most 20. */
  readonly commits: readonly { readonly sha: string; readonly title: string }[];
  readonly moreCommits: number;
}

export interface DeclinedRevert {
  readonly status: "declined";
  /** Words for people. */
  readonly because: string;
  readonly skipped: readonly SkippedFile[];
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
/** Files of which the commit that changed them since is looked up. */
const MOST_TOUCHED_NAMED = 10;
const fullSha = /^[0-9a-f]{40}([0-9a-f]{24})?$/;
const declined = (because: string, skipped: readonly SkippedFile[] = []): DeclinedRevert => ({ status: "declined", because, skipped });

/** The comparison of the two commits, for titles and renames only; a repository that cannot compare them can still be reverted. */
async function compared(question: RevertQuestion, previousSha: string, signal: AbortSignal): Promise<Comparison | null> {
  const { github, repository, sha } = question;
  try {
    return (await github.compare({ repository, base: previousSha, head: sha }, signal)).value;
  } catch (error) {
    if (error instanceof IntegrationError && (error.status === 404 || error.status === 422)) return null;
    throw error;
  }
}

/** Old path → new path: what GitHub calls a rename, and equal contents that left one path for another. */
function renamesIn(differences: readonly Difference[], comparison: Comparison | null): Map<string, string> {
  const gone = new Map(differences.filter(({ after }) => after === null).map((difference) => [difference.path, difference]));
  const come = new Map(differences.filter(({ before }) => before === null).map((difference) => [difference.path, difference]));
  const renames = new Map<string, string>();
  for (const file of comparison?.files ?? []) {
    if (file.status !== "renamed" || file.previousPath === null) continue;
    renames.set(file.previousPath, file.path);
    come.delete(file.path);
  }
  for (const [path, { before }] of gone) {
    if (renames.has(path)) continue;
    const to = [...come.values()].find(({ after }) => after?.sha === before?.sha);
    if (to === undefined) continue;
    renames.set(path, to.path);
    come.delete(to.path);
  }
  return renames;
}

interface Judged {
  readonly difference: Difference;
  verdict: Verdict;
}

/** A rename is undone at both ends or not at all: half of it would leave the file twice or nowhere. */
function joinRenames(judged: ReadonlyMap<string, Judged>, renames: ReadonlyMap<string, string>, folder: string): void {
  const ends = [...renames].flatMap(([from, to]) => [[from, to] as const, [to, from] as const]);
  // A skipped end skips the other, and through a chain of renames the next one: until nothing changes any more.
  for (let changed = true; changed;) {
    changed = false;
    for (const [path, otherPath] of ends) {
      const one = judged.get(path);
      if (one?.verdict.kind !== "revert") continue;
      const because = isInside(otherPath, folder)
        ? judged.get(otherPath)?.verdict.kind === "skip"
          ? `renamed with ${otherPath}, which is skipped`
          : null
        : `renamed with ${otherPath}, which is outside ${folder}`;
      if (because === null) continue;
      one.verdict = { kind: "skip", because, touched: false };
      changed = true;
    }
  }
}

/** Runs at most `width` of the jobs at a time. */
async function inTurn<T, R>(items: readonly T[], width: number, job: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  let next = 0;
  const worker = async () => {
    for (let index = next++; index < items.length; index = next++) results[index] = await job(items[index] as T);
  };
  await Promise.all(Array.from({ length: Math.min(width, items.length) }, worker));
  return results;
}

const CALLS_AT_ONCE = 8;

/**
 * Plans to put back what a deploy changed, without a clone: of the files that differ between what was live before and what is deployed,
 * those that nobody has touched on the default branch since. It compares whole trees, so it does not matter how the change came to be
 * (several commits, squash, merge). It writes nothing.
 * @throws IntegrationError when GitHub cannot be read; that a revert makes no sense is an answer, not an error
 */
export async function planRevert(question: RevertQuestion, signal: AbortSignal): Promise<RevertPlan | DeclinedRevert> {
  const { github, repository, sha } = question;
  const folder = question.path?.replace(/^\.?\/+|\/+$/g, "") ?? "";
  if (!fullSha.test(sha) || (question.previousSha !== null && !fullSha.test(question.previousSha))) {
    return declined("The deploy names no full commit, so what it changed cannot be told.");
  }
  if (question.previousSha === sha) return declined(`The deploy of ${shortSha(sha)} changed no code: the same commit was live before.`);

  const [{ value: about }, deployed] = await Promise.all([
    github.repository({ repository }, signal),
    github.git.readCommit({ repository, sha }, signal),
  ]);
  if (about.archived) return declined(`${repository} is archived, so no change can be proposed there.`);
  if (deployed === null) return declined(`${repository} has no commit ${shortSha(sha)} (any more).`);
  const previousSha = question.previousSha ?? deployed.parents[0];
  if (previousSha === undefined) return declined(`${shortSha(sha)} is the first commit of ${repository}: there is nothing to go back to.`);

  const branch = about.defaultBranch;
  const [previous, head, comparison] = await Promise.all([
    github.git.readCommit({ repository, sha: previousSha }, signal),
    github.git.readBranch({ repository, branch }, signal),
    compared(question, previousSha, signal),
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

  const judged = new Map<string, Judged>(
    differences.map((difference) => [difference.path, { difference, verdict: verdictOf(difference) }]),
  );
  const renames = renamesIn(differences, comparison);
  joinRenames(judged, renames, folder);
  const toRevert = () => [...judged.values()].filter(({ verdict }) => verdict.kind === "revert");
  const count = toRevert().length;
  if (count > MOST_REVERTED_FILES) {
    return declined(`Reverting ${shortSha(sha)} would change ${count} files; midwatch drafts reverts of at most ${MOST_REVERTED_FILES}.`);
  }

  const left = [...judged.values()].filter(({ verdict }) => verdict.kind === "skip").length;
  if (left > MOST_REVERTED_FILES) {
    return declined(`${left} of the files that ${shortSha(sha)} changed cannot be put back, so a revert of the others would be a guess.`);
  }

  const texts = await readTexts(question, toRevert(), signal);
  joinRenames(judged, renames, folder);
  const renamedTo = new Map([...renames, ...[...renames].map(([from, to]) => [to, from] as const)]);
  const files = toRevert().flatMap(({ difference, verdict }) => {
    const text = texts.get(difference.path);
    if (verdict.kind !== "revert" || text === undefined) return [];
    const mode = (verdict.entry ?? difference.after)?.mode === "100755" ? ("100755" as const) : ("100644" as const);
    const blob = verdict.entry?.sha ?? null;
    return [
      { path: difference.path, action: verdict.action, texts: text, mode, sha: blob, renamed: renamedTo.get(difference.path) ?? null },
    ];
  });

  const skipped = await reasons(question, branch, [...judged.values()], signal);
  const elsewhere = (comparison?.files ?? []).filter((file) => !isInside(file.path, folder));
  skipped.push(
    ...elsewhere.map((file) => ({ path: file.path, because: `outside ${folder}, the service's folder`, elsewhere: true as const })),
  );
  const already = [...judged.values()].flatMap(({ difference, verdict }) => (verdict.kind === "already" ? [difference.path] : []));
  if (files.length === 0) return declined(nothingToRevert({ sha, previousSha, branch, folder }, already, skipped), skipped);

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
    files: withinTextBudget(files),
    skipped,
    already,
    migrations: changed.filter(isMigration),
    commits: known.slice(0, MOST_COMMITS_TOLD).map((commit) => ({ sha: commit.sha, title: commit.title })),
    moreCommits: Math.max(0, (comparison?.totalCommits ?? 0) - Math.min(known.length, MOST_COMMITS_TOLD)),
  };
}

/** Reads both texts of each file; what is binary is judged anew as skipped. */
async function readTexts(
  { github, repository }: RevertQuestion,
  judged: readonly Judged[],
  signal: AbortSignal,
): Promise<Map<string, { before: string | null; after: string | null }>> {
  const texts = new Map<string, { before: string | null; after: string | null }>();
  const read = async (sha: string | undefined) => (sha === undefined ? "" : await github.git.readBlob({ repository, sha }, signal));
  await inTurn(judged, CALLS_AT_ONCE, async (one) => {
    const { before: then, after: now } = one.difference;
    const [before, after] = await Promise.all([read(now?.sha), read(then?.sha)]);
    if (before === null || after === null)
      one.verdict = { kind: "skip", because: "binary, so it cannot be reviewed as text", touched: false };
    else texts.set(one.difference.path, { before: now === null ? null : before, after: then === null ? null : after });
  });
  return texts;
}

const encoder = new TextEncoder();
const bytesOf = ({ texts }: RevertedFile) =>
  [texts?.before, texts?.after].reduce((sum, text) => sum + encoder.encode(text ?? "").length, 0);

/** Keeps the texts of the shortest files while they fit. */
function withinTextBudget(files: readonly RevertedFile[]): RevertedFile[] {
  let left = MOST_KEPT_TEXT_BYTES;
  const kept = new Set<RevertedFile>();
  for (const [bytes, file] of files.map((one) => [bytesOf(one), one] as const).toSorted((a, b) => a[0] - b[0])) {
    if (bytes > left) break;
    left -= bytes;
    kept.add(file);
  }
  return files.map((file) => (kept.has(file) ? file : { ...file, texts: null }));
}

/** Why each skipped file is skipped; for those changed since, also by which commit. */
async function reasons(question: RevertQuestion, branch: string, judged: readonly Judged[], signal: AbortSignal): Promise<SkippedFile[]> {
  const { github, repository } = question;
  const skipped = judged.flatMap(({ difference, verdict }) => (verdict.kind === "skip" ? [{ path: difference.path, verdict }] : []));
  const named = new Set(skipped.filter(({ verdict }) => verdict.touched).slice(0, MOST_TOUCHED_NAMED));
  return inTurn(skipped, CALLS_AT_ONCE, async (one) => {
    const { path, verdict } = one;
    if (!named.has(one)) return { path, because: verdict.because };
    const last = await github.listCommits({ repository, path, from: branch, most: 1 }, signal).catch((error: unknown) => {
      // Who touched it is good to know, not needed.
      if (error instanceof IntegrationError) return null;
      throw error;
    });
    const commit = last?.value[0];
    return { path, because: commit === undefined ? verdict.because : `${verdict.because} by ${shortSha(commit.sha)} (${commit.title})` };
  });
}

function nothingToRevert(
  about: { readonly sha: string; readonly previousSha: string; readonly branch: string; readonly folder: string },
  already: readonly string[],
  skipped: readonly SkippedFile[],
): string {
  const { sha, previousSha, branch, folder } = about;
  const where = folder === "" ? "" : ` under ${folder}`;
  const own = skipped.filter((file) => isInside(file.path, folder));
  if (own.length === 0 && already.length > 0) return `The default branch ${branch} already holds what was live before ${shortSha(sha)}.`;
  if (own.length === 0) return `Between ${shortSha(previousSha)} and ${shortSha(sha)} nothing changed${where}.`;
  const told = own.slice(0, 5).map((file) => `${file.path} (${file.because})`);
  const more = own.length > told.length ? `, and ${own.length - told.length} more` : "";
  return `No file of ${shortSha(sha)}${where} can be put back: ${told.join(", ")}${more}.`;
}
