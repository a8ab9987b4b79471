import { starterName } from "../incident/trigger.ts";
import { changeOfId } from "../incident/change-id.ts";
import type { EventOf } from "../incident/event.ts";
import type { PatchDraft } from "../incident/fix.ts";
import type { Effects } from "../durable/outbox.ts";
import type { Proof } from "../incident/proof.ts";
import {
  type About,
  type ChangedByPeople,
  declined,
  EFFECT_KEY,
  EFFECT_KIND,
  type FixDeclined,
  type FixerDeps,
  isFinal,
  labelled,
  notInCatalog,
} from "./fixer-deps.ts";
import type { ProposedFix } from "./own-commit.ts";
import { noteWords, wereNoted } from "./own-words.ts";
import { commitFix, findFix, findPatch, firstRole, openPatch } from "./patch.ts";
import { patchMessage, proposePatch } from "./pr-body.ts";
import { proofPartOf } from "./proof-rows.ts";
import { noProofYet, noteOf, reviewContext } from "./review-context.ts";
import { revertedOn } from "./revert.ts";
import { worded } from "./worded.ts";

const COMMIT_KIND = "commit";

/** The pull request's own words for a patch, and the part of them that says what is known of its proof. */
export async function patchWords(
  deps: FixerDeps,
  about: About & {
    readonly draft: PatchDraft;
    readonly proof: Proof;
    readonly fix: ProposedFix | null;
  },
  signal: AbortSignal,
) {
  const { draft, proof, fix } = about;
  const reverted = fix === null ? null : revertedOn(fix.branch);
  const { repository, base, service } = draft;
  const context = await reviewContext(
    deps,
    {
      ...about,
      repository,
      ref: base.sha,
      paths: draft.files.map(({ path }) => path),
      service,
      proof: (of) => proofPartOf(proof, { ...of, kind: "patch", branch: base.branch, test: draft.test?.name ?? null, note: noteOf(about) }),
      pullRequest: fix?.number ?? null,
    },
    signal,
  );
  const finding = about.view.investigation?.finding ?? null;
  const words = proposePatch(draft, {
    ...context,
    confidence: finding?.confidence ?? null,
    introducedBy: (finding?.change == null ? undefined : changeOfId(about.view.triage?.changes ?? [], finding.change)) ?? null,
    ...(fix === null || reverted === null ? {} : { tookOver: { branch: fix.branch, reverted } }),
  });
  return { words: worded(words, deps.redactedFor(about.incidentId)), part: context.proof };
}

/** Opens the pull request of a patch, or puts the patch on the branch of a revert that is open. */
export async function patch(
  deps: FixerDeps,
  about: About & { readonly draft: PatchDraft },
  effects: Effects,
  signal: AbortSignal,
): Promise<ProposedFix | FixDeclined | ChangedByPeople> {
  const { github, own } = deps;
  const { view } = about;
  if (deps.repositoryOf(about.draft.repository) === null) return declined(notInCatalog(about.draft.service));
  const earlier = view.fix?.type === "fix-proposed" ? view.fix : null;
  try {
    if (earlier !== null) return await takeOver(deps, { ...about, fix: earlier }, effects, signal);
    const { words: proposal } = await patchWords(
      deps,
      { ...about, proof: noProofYet([{ sha: "", role: firstRole(about.draft) }]), fix: null },
      signal,
    );
    const opened = await effects.deliver(EFFECT_KEY, EFFECT_KIND, proposal, {
      find: (kept) => findPatch(github, kept, signal),
      act: (kept) => openPatch(github, kept, signal, own),
    });
    return await labelled(deps, opened, signal);
  } catch (error) {
    if (!isFinal(error)) throw error;
    if (earlier === null) return declined(error.message);
    return { ...declined(`The patch could not be put on its branch. ${error.message}`), stays: earlier.number };
  }
}

/** Puts a patch on the branch of the revert that was opened before it: an incident has one pull request. */
async function takeOver(
  deps: FixerDeps,
  about: About & { readonly draft: PatchDraft; readonly fix: ProposedFix },
  effects: Effects,
  signal: AbortSignal,
): Promise<ProposedFix | ChangedByPeople> {
  const { draft, fix, view } = about;
  const commits = view.proof?.commits ?? fix.commits;
  const role = firstRole(draft);
  const committed = await push(deps, { ...about, role, number: commits.length + 1, commits }, effects, signal);
  if (committed.type === "fix-changed-by-people") return committed;
  const all = [...commits, committed.commit];
  const last = view.fixTold ?? fix;
  const written = await takeOverWords(deps, { ...about, commits: all, last }, effects, signal).catch((error: unknown) => {
    // The commit is on the branch by now, whatever becomes of the words: they are tried again with the proof.
    if (isFinal(error)) return last;
    throw error;
  });
  return {
    ...fix,
    kind: "patch",
    title: written.title,
    body: written.body,
    files: draft.files.map(({ path, before, after }) => ({ path, before, after })),
    base: { branch: draft.base.branch, sha: draft.base.sha },
    commits: all,
  };
}

/** Gives the pull request the patch's words. What people wrote into it stays; then only the branch says that it holds a patch by now. */
async function takeOverWords(
  deps: FixerDeps,
  about: About & {
    readonly draft: PatchDraft;
    readonly fix: ProposedFix;
    readonly commits: Proof["commits"];
    readonly last: { readonly title: string; readonly body: string };
  },
  effects: Effects,
  signal: AbortSignal,
): Promise<{ readonly title: string; readonly body: string }> {
  const { fix, commits, last } = about;
  const { repository, number, branch } = fix;
  const { words } = await patchWords(deps, { ...about, proof: noProofYet(commits) }, signal);
  const pull = await deps.github.pullRequests.readPullRequest({ repository, number }, signal);
  const isOurs = [last, words].some(({ title, body }) => pull.title === title && pull.body === body) || (await wereNoted(effects, pull));
  if (!isOurs) return pull;
  await noteWords(effects, words);
  return deps.github.pullRequests.rewritePullRequest({ repository, number, branch, title: words.title, body: words.body }, signal);
}

/** One more commit on the pull request's branch, or what people did with the branch. */
async function push(
  { github, own, now, redactedFor }: FixerDeps,
  about: About & {
    readonly draft: PatchDraft;
    readonly fix: ProposedFix;
    readonly role: "test" | "fix" | "improvement";
    readonly number: number;
    readonly commits: Proof["commits"];
  },
  effects: Effects,
  signal: AbortSignal,
): Promise<EventOf<"fix-committed"> | ChangedByPeople> {
  const { incidentId, draft, fix, role, number, commits, view, title } = about;
  const parent = commits.at(-1)?.sha ?? draft.base.sha;
  const pull = await github.pullRequests.readPullRequest({ repository: draft.repository, number: fix.number }, signal);
  if (pull.state !== "open")
    return { type: "fix-changed-by-people", what: pull.state, by: pull.by, when: pull.mergedAt ?? pull.closedAt ?? now() };
  const incident = {
    id: incidentId,
    startedBy: starterName(view.trigger),
    number: view.page?.number ?? null,
    title,
    link: view.page?.link ?? null,
  };
  const message = redactedFor(incidentId)(patchMessage(draft, role, incident, (view.proof?.improvements ?? 0) + 2));
  const wanted = { incidentId, draft, branch: fix.branch, parent, role, n: number, message };
  const made = await effects.deliver(`fix-commit-${number}`, COMMIT_KIND, wanted, {
    find: (kept) => findFix(github, kept, signal),
    act: (kept) => commitFix(github, kept, signal, own),
  });
  if (made.status === "declined") {
    const { head } = made;
    const what = head === null ? ({ what: "branch-deleted" } as const) : ({ what: "pushed", headSha: head } as const);
    return { type: "fix-changed-by-people", ...what, by: null, when: now() };
  }
  return { type: "fix-committed", commit: made.commit, files: draft.files.map(({ path, before, after }) => ({ path, before, after })) };
}

/** One more commit of midwatch, or what people did with the branch. */
export async function commit(
  deps: FixerDeps,
  about: About & { readonly draft: PatchDraft; readonly role: "fix" | "improvement"; readonly number: number },
  effects: Effects,
  signal: AbortSignal,
): Promise<EventOf<"fix-committed"> | ChangedByPeople> {
  const { fix, proof } = about.view;
  if (fix?.type !== "fix-proposed") throw new Error("a further commit needs an open pull request");
  return push(deps, { ...about, fix, commits: proof?.commits ?? fix.commits }, effects, signal);
}
