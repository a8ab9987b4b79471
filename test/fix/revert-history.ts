import { type DeclinedRevert, type RevertPlan, openRevert, planRevert } from "../../src/fix/revert.ts";
import type { githubForTests } from "../support/github/client.ts";
import type { TestRepository } from "../support/github/github.ts";
import { proposalOf } from "./proposal.ts";
import type { History } from "./real-git.ts";

const signal = AbortSignal.timeout(240_000);

/** A plan as it is used: stored, and read again. */
export function planned(result: RevertPlan | DeclinedRevert): RevertPlan {
  if (result.status === "declined") throw new Error(`declined: ${result.because}`);
  return JSON.parse(JSON.stringify(result)) as RevertPlan;
}

/** Repositories with a deploy in their history, and reverts of it. */
export function revertHistory({ github, client }: Awaited<ReturnType<typeof githubForTests>>, prefix: string) {
  let count = 0;

  /** `before` was live, `deployed` (one or more commits) went live, and `since` was merged afterwards. */
  async function repositoryWith({ before, deployed, since }: History) {
    const repository = await github.createRepository(`${prefix}-${++count}`);
    const previousSha = await repository.commit(before, { message: "What was live" });
    let sha = previousSha;
    for (const [index, files] of deployed.entries()) sha = await repository.commit(files, { message: `Deployed change ${index + 1}` });
    for (const [index, files] of since.entries()) await repository.commit(files, { message: `Later change ${index + 1}` });
    return { repository, previousSha, sha };
  }

  const plan = (repository: TestRepository, sha: string, previousSha: string | null, path?: string) =>
    planRevert({ github: client, repository: repository.name, sha, previousSha, ...(path === undefined ? {} : { path }) }, signal);

  /** Plans and opens the revert; the tree of its branch. */
  async function reverted(repository: TestRepository, sha: string, previousSha: string | null, path?: string) {
    const made = planned(await plan(repository, sha, previousSha, path));
    const opened = await openRevert(client, proposalOf(made), signal);
    return { plan: made, opened, tree: await repository.tree(opened.branch) };
  }

  return { repositoryWith, plan, reverted };
}
