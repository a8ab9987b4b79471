import type { PatchDraft, PatchProposal, PatchedFile } from "../incident/fix.ts";
import type { GithubClient } from "../integrations/github/client.ts";
import { applyEdits } from "./edit-blocks.ts";
import { codeProblems } from "./code/code-problems.ts";
import { type CodeParser, noCodeParser } from "./code/code-tree.ts";
import { MOST_EDITS, MOST_PATCHED_FILES } from "./limits.ts";
import { patchReader } from "./patch-files.ts";
import type { PatchAbout } from "./patch-about.ts";
import { changeProblems, proposalProblems, sensitiveTextProblems, wordsOf } from "./patch-rules.ts";
import { plainPath, shownPath, writablePaths } from "./where-to-write.ts";

export interface PatchQuestion {
  readonly github: GithubClient;
  readonly proposal: PatchProposal;
  readonly about: PatchAbout;
  /**
   * Where the pull request starts, for a change on a pull request that is open already: an improvement, a better idea than the
   * revert. null for a first patch: the head of the default branch.
   */
  readonly base: { readonly branch: string; readonly sha: string } | null;
  /** Credentials of this process, which must be nowhere in the patch. */
  readonly own?: readonly string[];
  /** Without it no program may be changed. */
  readonly parseCode?: CodeParser;
}

/** "refused": one sentence each, for people and for the model. */
export type PreparedPatch =
  | { readonly status: "drafted"; readonly draft: PatchDraft }
  | { readonly status: "refused"; readonly problems: readonly string[] };

const refused = (...problems: string[]): PreparedPatch => ({ status: "refused", problems });
const oneLine = (text: string) => text.replace(/\s+/g, " ").trim();

async function baseOf({ github, about, base }: PatchQuestion, signal: AbortSignal): Promise<PatchDraft["base"] | string> {
  const { repository } = about;
  const { value: described } = await github.repository({ repository }, signal);
  if (described.archived) return `${repository} is archived, so no change can be proposed there.`;
  const branch = base?.branch ?? described.defaultBranch;
  const sha = base?.sha ?? (await github.git.readBranch({ repository, branch }, signal));
  const commit = sha === null ? null : await github.git.readCommit({ repository, sha }, signal);
  return commit === null ? `The branch ${branch} of ${repository} cannot be read.` : { branch, sha: commit.sha, tree: commit.tree };
}

/**
 * Makes a patch of what the model hands in: reads the files as they are, applies the edits and looks at the outcome by every rule. All problems
 * are reported at once. It writes nothing.
 * @throws IntegrationError when GitHub cannot be read; that a proposal is no good is an answer, not an error
 */
export async function preparePatch(question: PatchQuestion, signal: AbortSignal): Promise<PreparedPatch> {
  const { github, about, own = [] } = question;
  const proposal = { ...question.proposal, edits: question.proposal.edits.map((edit) => ({ ...edit, path: plainPath(edit.path) })) };
  const problems = [...proposalProblems(proposal, about), ...sensitiveTextProblems(wordsOf(proposal), own)];
  const paths = writablePaths(proposal, about);
  // Nobody reads fifty files to say that fifty are too many.
  if (proposal.edits.length === 0 || proposal.edits.length > MOST_EDITS || paths.length > MOST_PATCHED_FILES) return refused(...problems);

  const base = await baseOf(question, signal);
  if (typeof base === "string") return refused(...problems, base);
  const reader = patchReader(github, about.repository, base.tree);
  const files: PatchedFile[] = [];
  for (const path of paths) {
    const target = await reader.read(path, signal);
    if (target.kind === "refused") {
      problems.push(`${shownPath(path)}: ${target.because}.`);
      continue;
    }
    const edits = proposal.edits.flatMap((edit, index) => (edit.path === path ? [{ ...edit, number: index + 1 }] : []));
    const before = target.kind === "text" ? target.text : null;
    const edited = applyEdits(before, edits);
    if (edited.status === "refused") problems.push(...edited.problems.map((problem) => `${shownPath(path)}: ${problem}`));
    else {
      const mode = target.kind === "text" ? target.mode : "100644";
      files.push({ path, role: edits[0]?.role ?? "fix", mode, before, after: edited.after });
    }
  }
  const all = [...(about.frozenTests ?? []), ...files];
  const {
    problems: more,
    lines,
    isTooLarge,
  } = changeProblems(all, {
    attributes: reader.attributes(),
    manifests: reader.manifests(),
    own,
    named: about.files,
  });
  // What is too large for a patch is not parsed: nobody bounds how long that takes.
  problems.push(...more, ...(isTooLarge ? [] : await codeProblems(files, question.parseCode ?? noCodeParser)));
  if (problems.length > 0) return refused(...problems);
  return {
    status: "drafted",
    draft: {
      repository: about.repository,
      base,
      service: about.service,
      title: oneLine(proposal.title),
      cause: proposal.cause,
      change: proposal.change,
      notChanged: proposal.not_changed,
      risk: proposal.risk,
      rollBack: proposal.roll_back,
      notChecked: proposal.not_checked,
      test: proposal.test === null ? null : { name: oneLine(proposal.test.name), command: proposal.test.command.trim() },
      noTestBecause: proposal.test === null ? proposal.no_test_because : null,
      files: all.toSorted((a, b) => (a.path < b.path ? -1 : 1)),
      lines,
      evidence: [...new Set(proposal.evidence)],
    },
  };
}
