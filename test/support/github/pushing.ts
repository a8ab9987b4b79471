import type { Octokit } from "octokit";

const repo = { owner: "acme", repo: "shop" };

/** Text of a path; null removes it. */
export type PushedFiles = Readonly<Record<string, string | null>>;

/** A commit on top of another, through the Git Data API, on no branch yet. @returns its sha */
export async function commitOn(octokit: Octokit, parent: string, files: PushedFiles, message = "Change"): Promise<string> {
  const { tree } = (await octokit.rest.git.getCommit({ ...repo, commit_sha: parent })).data;
  const entries = Object.entries(files).map(([path, content]) => ({
    path,
    mode: "100644" as const,
    type: "blob" as const,
    ...(content === null ? { sha: null } : { content }),
  }));
  const made = await octokit.rest.git.createTree({ ...repo, base_tree: tree.sha, tree: entries });
  return (await octokit.rest.git.createCommit({ ...repo, message, tree: made.data.sha, parents: [parent] })).data.sha;
}

/** Commit that a branch points to. */
export const headOf = async (octokit: Octokit, branch: string): Promise<string> =>
  (await octokit.rest.git.getRef({ ...repo, ref: `heads/${branch}` })).data.object.sha;

export const newBranch = (octokit: Octokit, branch: string, sha: string) =>
  octokit.rest.git.createRef({ ...repo, ref: `refs/heads/${branch}`, sha });

export const moveBranch = (octokit: Octokit, branch: string, sha: string, force = false) =>
  octokit.rest.git.updateRef({ ...repo, ref: `heads/${branch}`, sha, force });

export const checksOf = async (octokit: Octokit, ref: string) => (await octokit.rest.checks.listForRef({ ...repo, ref })).data.check_runs;

/** The log of a job, as a client with a token gets it: asked of GitHub with it, fetched from the link without it. */
export async function logOf(url: string, token: string, job: number): Promise<string> {
  const answer = await fetch(`${url}/repos/acme/shop/actions/jobs/${job}/logs`, {
    headers: { authorization: `Bearer ${token}` },
    redirect: "manual",
  });
  const link = answer.headers.get("location");
  if (answer.status !== 302 || link === null) throw new Error(`no link to the log of ${job}: ${answer.status}`);
  return (await fetch(link)).text();
}
