import { IntegrationError } from "../guard/errors.ts";
import type { GithubClient } from "../integrations/github/client.ts";
import type { TreeChange } from "../integrations/github/git-data.ts";
import { type OwnCommit, type ProposedFix, findOwnPullRequest, incidentBranch, openOwnPullRequest } from "./own-commit.ts";
import { assertNothingSensitive } from "./patch-rules.ts";
import type { RevertPlan, RevertedFile } from "./revert-plan.ts";

export { planRevert } from "./revert-plan.ts";
export type { ConflictSide } from "./revert-conflict.ts";
export type { DeclinedRevert, RevertPlan, RevertedFile } from "./revert-plan.ts";

/** Everything that opening a revert needs, as plain JSON: it can be stored before the first call and used again after a crash. */
export interface RevertProposal {
  readonly incidentId: string;
  readonly plan: RevertPlan;
  readonly title: string;
  readonly body: string;
  /** Of the one commit; the line that marks it as midwatch's is added. */
  readonly message: string;
}

/** Branch of the revert: one per incident and deployed commit. */
export const revertBranch = ({ incidentId, plan }: Pick<RevertProposal, "incidentId" | "plan">): string =>
  incidentBranch(incidentId, `revert-${plan.sha.slice(0, 7)}`);

/** Short sha of the commit that a branch was made to revert; null for any other branch. */
export const revertedOn = (branch: string): string | null => /-revert-([0-9a-f]{7})$/.exec(branch)?.[1] ?? null;

const trailer = (incidentId: string) => `Midwatch-Incident: ${incidentId.replace(/\s+/g, " ").trim()}`;

/** @param sha of midwatch's commit, which need not be the newest: people may have pushed since */
function toEvent(
  proposal: RevertProposal,
  pull: {
    readonly number: number;
    readonly url: string;
    readonly draft: boolean;
    readonly title: string;
    readonly body: string;
  },
  sha: string,
): ProposedFix {
  return {
    type: "fix-proposed",
    kind: "revert",
    repository: proposal.plan.repository,
    number: pull.number,
    url: pull.url,
    branch: revertBranch(proposal),
    draft: pull.draft,
    title: pull.title,
    body: pull.body,
    // Long ones are left out here; the pull request has them.
    files: proposal.plan.files.flatMap(({ path, texts }) => (texts === null ? [] : [{ path, ...texts }])),
    base: { branch: proposal.plan.base.branch, sha: proposal.plan.base.sha },
    commits: [{ sha, role: "fix" }],
  };
}

async function makeTree(github: GithubClient, plan: RevertPlan, signal: AbortSignal): Promise<string> {
  let { tree } = plan.base;
  for (const changes of treeSteps(plan)) tree = await github.git.createTree({ repository: plan.repository, base: tree, changes }, signal);
  return tree;
}

/** By what the commit is known that an earlier run made. */
const ownCommit = (github: GithubClient, { plan, incidentId }: RevertProposal, signal: AbortSignal): OwnCommit => ({
  repository: plan.repository,
  parent: plan.base.sha,
  trailers: trailer(incidentId),
  makeTree: () => makeTree(github, plan, signal),
});

/**
 * The pull request that an earlier run opened, whatever people did with it since; null when there is none with midwatch's commit on it. This is
 * the outbox's `find`.
 */
export async function findRevert(github: GithubClient, proposal: RevertProposal, signal: AbortSignal): Promise<ProposedFix | null> {
  // A plan without files makes no commit that could be distinguished from anybody's.
  if (proposal.plan.files.length === 0) return null;
  const found = await findOwnPullRequest(github, ownCommit(github, proposal, signal), revertBranch(proposal), signal);
  return found === null ? null : toEvent(proposal, found.pull, found.sha);
}

/**
 * Opens the draft pull request: one tree, one commit on the default branch's head as it was planned, one branch, one draft. This is the
 * outbox's `act`. Cut off anywhere and run again it goes on where it was: a branch of its own is used as it is, a pull request is returned.
 * @throws IntegrationError when GitHub refuses, or when the branch holds a commit that midwatch did not make
 */
export async function openRevert(
  github: GithubClient,
  proposal: RevertProposal,
  signal: AbortSignal,
  own: readonly string[] = [],
): Promise<ProposedFix> {
  const { plan, title, body, incidentId } = proposal;
  const { repository, base } = plan;
  if (plan.files.length === 0) throw new IntegrationError("github", `There is nothing to revert of ${plan.sha} in ${repository}.`);
  assertNothingSensitive({ title, body, "commit message": proposal.message }, own);
  const makeCommit = async () => {
    const tree = await makeTree(github, plan, signal);
    const message = `${proposal.message.trimEnd()}\n\n${trailer(incidentId)}\n`;
    return github.git.createCommit({ repository, message, tree, parent: base.sha }, signal);
  };
  const opened = await openOwnPullRequest(
    github,
    { own: ownCommit(github, proposal, signal), branch: revertBranch(proposal), base: base.branch, title, body, makeCommit },
    signal,
  );
  return toEvent(proposal, opened.pull, opened.sha);
}

/**
 * The changes of the new tree. A file cannot come back in one step while what is in its place goes: a folder that became a file, or the
 * other way round, takes two, of which the first makes room.
 */
function treeSteps({ files }: RevertPlan): TreeChange[][] {
  const toChange = ({ path, mode, sha, merged, texts }: RevertedFile): TreeChange => {
    if (!merged) return { path, mode, sha };
    const content = texts?.after ?? null;
    // Without its text it would be written empty, or removed.
    if (content === null) throw new Error(`The plan of a revert holds no text for ${path}, which is merged`);
    return { path, mode, content };
  };
  const goes = ({ action }: RevertedFile) => action === "deleted";
  const inPlace = (one: string, other: string) => one.startsWith(`${other}/`) || other.startsWith(`${one}/`);
  const coming = files.filter((file) => !goes(file));
  const room = new Set(files.filter((file) => goes(file) && coming.some(({ path }) => inPlace(path, file.path))));
  return [files.filter((file) => room.has(file)), files.filter((file) => !room.has(file))]
    .filter((step) => step.length > 0)
    .map((step) => step.map(toChange));
}
