import { IntegrationError } from "../guard/errors.ts";
import type { EventOf } from "../incident/event.ts";
import type { GithubClient } from "../integrations/github/client.ts";
import { BRANCH_PREFIX, type GitCommit } from "../integrations/github/git-data.ts";
import type { OpenedPullRequest } from "../integrations/github/pull-requests.ts";

/** What the event log keeps of a pull request that was opened, a revert's or a patch's. */
export type ProposedFix = EventOf<"fix-proposed">;

/** By what one of midwatch's commits is known. Branch names and messages alone anybody can write. */
export interface OwnCommit {
  readonly repository: string;
  /** Its one parent commit. */
  readonly parent: string;
  /** The lines that its message ends with. */
  readonly trailers: string;
  /** Makes the tree that it holds: the same files make the same tree, however often. Asked for only where all else fits. */
  readonly makeTree: () => Promise<string>;
}

/** Commits that are looked through for one of midwatch's, from the newest back: what people push on top of it. */
const MOST_COMMITS_LOOKED_AT = 30;

const fits = (commit: GitCommit, { parent, trailers }: OwnCommit): boolean =>
  commit.parents.length === 1 && commit.parents[0] === parent && commit.message.trimEnd().endsWith(`\n\n${trailers}`);

/**
 * The commit that an earlier run made, at a head or below what people pushed on top of it; null when there is none.
 * @param head null for a branch that is not there
 */
export async function findOwnCommit(
  github: GithubClient,
  own: OwnCommit,
  head: string | null,
  signal: AbortSignal,
): Promise<string | null> {
  const { repository, parent } = own;
  let sha = head;
  for (let looked = 0; sha !== null && sha !== parent && looked < MOST_COMMITS_LOOKED_AT; looked++) {
    const commit: GitCommit | null = await github.git.readCommit({ repository, sha }, signal);
    if (commit === null) return null;
    if (fits(commit, own)) return commit.tree === (await own.makeTree()) ? commit.sha : null;
    sha = commit.parents[0] ?? null;
  }
  return null;
}

/** The pull request of a branch that has such a commit on it, open or not, and that commit; null when there is none. */
export async function findOwnPullRequest(
  github: GithubClient,
  own: OwnCommit,
  branch: string,
  signal: AbortSignal,
): Promise<{ readonly pull: OpenedPullRequest; readonly sha: string } | null> {
  const pulls = await github.pullRequests.findPullRequests({ repository: own.repository, branch }, signal);
  for (const pull of pulls) {
    // A branch that people deleted leaves its commits to the pull request.
    const sha = await findOwnCommit(github, own, pull.headSha, signal);
    if (sha !== null) return { pull, sha };
  }
  return null;
}

/** A branch of midwatch's own for an incident. It does not change, so that a second run meets the first one's. */
export function incidentBranch(incidentId: string, ending: string): string {
  const incident = incidentId.replace(/[^A-Za-z0-9]+/g, "-").replace(/^-+|-+$/g, "");
  if (incident === "") throw new Error("A branch needs an incident id with at least one letter or digit");
  return `${BRANCH_PREFIX}${incident.slice(0, 80)}-${ending}`;
}

/** What a draft pull request of midwatch's is opened with. */
export interface OwnPullRequest {
  readonly own: OwnCommit;
  readonly branch: string;
  /** Branch that it asks to be merged into. */
  readonly base: string;
  readonly title: string;
  readonly body: string;
  /** Makes the commit that {@link OwnPullRequest.own} describes and returns its sha. Asked for only where the branch is not there. */
  readonly makeCommit: () => Promise<string>;
}

/**
 * Opens a draft pull request with midwatch's commit on a branch of its own. Cut off anywhere and run again it goes on where it was: a branch of
 * its own is used as it is, a pull request is returned.
 * @throws IntegrationError when GitHub refuses, when the branch holds a commit that midwatch did not make, or when people have pushed to it
 *   before there was a pull request
 */
export async function openOwnPullRequest(
  github: GithubClient,
  { own, branch, base, title, body, makeCommit }: OwnPullRequest,
  signal: AbortSignal,
): Promise<{ readonly pull: OpenedPullRequest; readonly sha: string }> {
  const { repository } = own;
  const earlier = await findOwnPullRequest(github, own, branch, signal);
  if (earlier !== null) return earlier;
  let head = await github.git.readBranch({ repository, branch }, signal);
  let sha: string | null = null;
  if (head === null) {
    const commit = await makeCommit();
    // False when another run was quicker; what it made is then looked at like any earlier branch.
    if (await github.git.createBranch({ repository, branch, sha: commit }, signal)) sha = commit;
    else head = await github.git.readBranch({ repository, branch }, signal);
  }
  sha ??= await findOwnCommit(github, own, head, signal);
  if (sha === null) {
    // A branch of this name with somebody else's commit on it must not become a pull request in midwatch's words.
    throw new IntegrationError(
      "github",
      `Branch ${branch} of ${repository} already exists and its commit is not midwatch's. No pull request was opened; rename or delete the branch.`,
    );
  }
  if (head !== null && head !== sha)
    throw new IntegrationError(
      "github",
      `People have pushed to branch ${branch} of ${repository} before midwatch opened its pull request, so it is theirs. No pull request was opened.`,
    );
  const pull = await github.pullRequests.openDraftPullRequest({ repository, branch, base, title, body }, signal);
  if (pull !== null) return { pull, sha };
  const other = await findOwnPullRequest(github, own, branch, signal);
  if (other !== null) return other;
  throw new IntegrationError("github", `github says that ${branch} of ${repository} has a pull request, and shows none of midwatch's.`);
}
