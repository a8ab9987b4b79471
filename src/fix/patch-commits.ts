import type { FixCommit, PatchDraft, PatchedFile } from "../incident/fix.ts";
import type { GithubClient } from "../integrations/github/client.ts";
import { type TreeChange, assertOwnBranch } from "../integrations/github/git-data.ts";
import type { OpenedPullRequest } from "../integrations/github/pull-requests.ts";
import { type OwnCommit, type ProposedFix, findOwnCommit, findOwnPullRequest, incidentBranch, openOwnPullRequest } from "./own-commit.ts";
import { assertNothingSensitive } from "./patch-rules.ts";

/** Everything that opening a patch needs, as plain JSON: it can be stored before the first call and used again after a crash. */
export interface PatchToOpen {
  readonly incidentId: string;
  readonly draft: PatchDraft;
  readonly title: string;
  readonly body: string;
  /** Of the first commit; the lines that mark it as midwatch's are added. */
  readonly message: string;
}

/** A further commit on the branch of a pull request that midwatch opened, as plain JSON. */
export interface FixToCommit {
  readonly incidentId: string;
  readonly draft: PatchDraft;
  /** Of the open pull request: the patch's own, or the revert's that a better idea takes over. */
  readonly branch: string;
  /** Newest commit of the branch, as it was known when this was decided. */
  readonly parent: string;
  /** "test" commits the test files alone, all else the whole patch. */
  readonly role: FixCommit["role"];
  /** Which of midwatch's commits on this branch it is: 2 for the one after the first. Identifies it in a second run. */
  readonly n: number;
  readonly message: string;
}

/** "declined": people have moved the branch, which is then theirs. `head`: its newest commit by then; null: the branch is gone. */
export type CommittedFix =
  | { readonly status: "committed"; readonly commit: FixCommit }
  | { readonly status: "declined"; readonly head: string | null };

/** Branch of the patch: one per incident. */
export const patchBranch = (incidentId: string): string => incidentBranch(incidentId, "patch");

const trailers = (incidentId: string, n: number) => `Midwatch-Commit: ${n}\nMidwatch-Incident: ${incidentId.replace(/\s+/g, " ").trim()}`;

const toChange = ({ path, mode, after }: PatchedFile): TreeChange =>
  after === null ? { path, mode, sha: null } : { path, mode, content: after };

/** Files that a commit of this role holds, beside all of the base. */
const filesOf = ({ files }: PatchDraft, role: FixCommit["role"]) =>
  role === "test" ? files.filter((file) => file.role === "test") : files;

/** The role of the first commit: the test alone where there is one. */
export const firstRole = (draft: PatchDraft): "test" | "fix" => (draft.files.some(({ role }) => role === "test") ? "test" : "fix");

interface CommitToMake {
  readonly incidentId: string;
  readonly draft: PatchDraft;
  readonly role: FixCommit["role"];
  readonly n: number;
  readonly parent: string;
  readonly message: string;
}

function makeTree(github: GithubClient, { draft, role }: Pick<CommitToMake, "draft" | "role">, signal: AbortSignal): Promise<string> {
  const { repository, base } = draft;
  return github.git.createTree({ repository, base: base.tree, changes: filesOf(draft, role).map(toChange) }, signal);
}

async function makeCommit(github: GithubClient, about: CommitToMake, signal: AbortSignal): Promise<string> {
  const { incidentId, draft, n, parent } = about;
  const tree = await makeTree(github, about, signal);
  const message = `${about.message.trimEnd()}\n\n${trailers(incidentId, n)}\n`;
  return github.git.createCommit({ repository: draft.repository, message, tree, parent }, signal);
}

/** By what a commit is known that an earlier run made. */
const ownCommit = (github: GithubClient, about: Omit<CommitToMake, "message">, signal: AbortSignal): OwnCommit => ({
  repository: about.draft.repository,
  parent: about.parent,
  trailers: trailers(about.incidentId, about.n),
  makeTree: () => makeTree(github, about, signal),
});

const firstCommit = ({ incidentId, draft }: PatchToOpen) => ({ incidentId, draft, role: firstRole(draft), n: 1, parent: draft.base.sha });

/** @param sha of midwatch's commit, which need not be the newest: people may have pushed since */
function toEvent({ incidentId, draft }: PatchToOpen, pull: OpenedPullRequest, sha: string): ProposedFix {
  const { repository, base, files } = draft;
  return {
    type: "fix-proposed",
    kind: "patch",
    repository,
    number: pull.number,
    url: pull.url,
    branch: patchBranch(incidentId),
    draft: pull.draft,
    title: pull.title,
    body: pull.body,
    files: files.map(({ path, before, after }) => ({ path, before, after })),
    base: { branch: base.branch, sha: base.sha },
    commits: [{ sha, role: firstRole(draft) }],
  };
}

/**
 * The pull request that an earlier run opened, whatever people did with it since; null when there is none with midwatch's commit on it. This is
 * the outbox's `find`.
 */
export async function findPatch(github: GithubClient, proposal: PatchToOpen, signal: AbortSignal): Promise<ProposedFix | null> {
  const own = ownCommit(github, firstCommit(proposal), signal);
  const found = await findOwnPullRequest(github, own, patchBranch(proposal.incidentId), signal);
  return found === null ? null : toEvent(proposal, found.pull, found.sha);
}

/**
 * Opens the draft pull request of a patch with its first commit: the test files alone on the base, or without a test the whole patch. This is
 * the outbox's `act`. Cut off anywhere and run again it goes on where it was: a branch of its own is used as it is, a pull request is returned.
 * @throws IntegrationError when GitHub refuses, or when the branch holds a commit that midwatch did not make
 */
export async function openPatch(
  github: GithubClient,
  proposal: PatchToOpen,
  signal: AbortSignal,
  own: readonly string[] = [],
): Promise<ProposedFix> {
  const { incidentId, draft, title, body, message } = proposal;
  assertNothingSensitive({ title, body, "commit message": message }, own);
  const first = firstCommit(proposal);
  const opened = await openOwnPullRequest(
    github,
    {
      own: ownCommit(github, first, signal),
      branch: patchBranch(incidentId),
      base: draft.base.branch,
      title,
      body,
      makeCommit: () => makeCommit(github, { ...first, message }, signal),
    },
    signal,
  );
  return toEvent(proposal, opened.pull, opened.sha);
}

/** What an earlier run of {@link commitFix} committed, or null. This is the outbox's `find`. */
export async function findFix(github: GithubClient, fix: FixToCommit, signal: AbortSignal): Promise<CommittedFix | null> {
  const { draft, branch, role } = fix;
  const head = await github.git.readBranch({ repository: draft.repository, branch }, signal);
  const sha = await findOwnCommit(github, ownCommit(github, fix, signal), head, signal);
  return sha === null ? null : { status: "committed", commit: { sha, role } };
}

/**
 * Puts one more commit on the branch of an open pull request: the base's tree with the files of the patch, on top of the commit that was its
 * head. This is the outbox's `act`. Run again after a cut it finds what it did. Where people have pushed, moved or deleted the branch it is left
 * as it is, and said so.
 * @throws IntegrationError when GitHub refuses
 */
export async function commitFix(
  github: GithubClient,
  fix: FixToCommit,
  signal: AbortSignal,
  own: readonly string[] = [],
): Promise<CommittedFix> {
  const { draft, branch, parent, role } = fix;
  const { repository } = draft;
  assertOwnBranch(branch);
  assertNothingSensitive({ "commit message": fix.message }, own);
  const head = await github.git.readBranch({ repository, branch }, signal);
  if (head === null) return { status: "declined", head };
  if (head === parent) {
    const sha = await makeCommit(github, fix, signal);
    if (await github.git.advanceBranch({ repository, branch, from: parent, to: sha }, signal))
      return { status: "committed", commit: { sha, role } };
  }
  const found = await findFix(github, fix, signal);
  if (found !== null) return found;
  return { status: "declined", head: await github.git.readBranch({ repository, branch }, signal) };
}
