import type { GithubClient } from "../integrations/github/client.ts";
import type { GitCommit } from "../integrations/github/git-data.ts";
import type { OpenedPullRequest } from "../integrations/github/pull-requests.ts";

/** By what one of midwatch's commits is known. Branch names and messages alone anybody can write. */
export interface OwnCommit {
  readonly repository: string;
  /** The one commit that it stands on. */
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
