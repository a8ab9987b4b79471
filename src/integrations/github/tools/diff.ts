import { z } from "zod";
import { IntegrationError } from "../../../guard/errors.ts";
import type { Answer } from "../../../incident/answer.ts";
import { defineTool, type Tool, type ToolContext } from "../../../incident/tool.ts";
import { composeView, outsideLine, outsideLines, utc, type ViewItem, quotedLine } from "../../../report/tool-view.ts";
import { shortSha } from "../../../report/words.ts";
import type { GithubClient } from "../client.ts";
import type { FileDiff } from "../history.ts";
import { isInside } from "../production-changes.ts";
import { byWorth, countsOf, fileLine, filesWord, noiseOf } from "./file-words.ts";
import { checkedPath, checkedRef, pathInput, refInput, repositoryInput, repositoryOf } from "./input.ts";

/** What was asked for, in words, with its files. */
interface Diff {
  readonly answer: Answer<unknown>;
  readonly what: string;
  /** Lines about it: who, when, what its author said. */
  readonly about: readonly string[];
  readonly files: readonly FileDiff[];
  /** Shas and `#number` by which it is blamed. */
  readonly ids: readonly string[];
}

const FILES_LISTED = 40;
const COMMITS_LISTED = 30;
const LINES_OF_MESSAGE = 12;
/** Of each file where there are several, so that a long one does not hide the others. */
const LINES_OF_FILE = 120;

const input = z.object({
  repository: repositoryInput,
  commit: refInput
    .optional()
    .describe("Sha of one commit (at least 7 digits), seen against its parent. Give this, or pull_request, or base and head."),
  pull_request: z.number().int().positive().optional().describe("Number of a pull request"),
  base: refInput.optional().describe("Compare from this commit, branch or tag; for a deploy: what was live before"),
  head: refInput.optional().describe("Compare to this one; for a deploy: what was deployed"),
  path: pathInput
    .optional()
    .describe("Only files under this path (a file or folder). With it lock files, generated and vendored files are shown too."),
  skip_lines: z
    .number()
    .int()
    .min(0)
    .max(100_000)
    .default(0)
    .describe("Leave out so many first lines of each file's diff: the way to the rest of a long one, with path."),
});

async function read(github: GithubClient, asked: z.output<typeof input>, { question, signal }: ToolContext): Promise<Diff> {
  const repository = repositoryOf(question, asked.repository);
  const { commit, pull_request: number, base, head } = asked;
  const ways = [commit !== undefined, number !== undefined, base !== undefined || head !== undefined].filter(Boolean).length;
  if (ways !== 1 || (base === undefined) !== (head === undefined))
    throw new IntegrationError("github", "Give exactly one of: commit; pull_request; base and head together.");
  if (commit !== undefined) {
    const answer = await github.getCommit({ repository, sha: checkedRef(commit) }, signal);
    const { sha, at, author, message, files, parents } = answer.value;
    const merge = parents.length > 1 ? ", a merge, seen against its first parent" : "";
    return {
      answer,
      what: `Commit ${shortSha(sha)} of ${repository}`,
      about: [`${sha}${merge}, committed ${utc(at)} by ${outsideLine(author ?? "(unknown)", 60)}. Its message:`, ...messageLines(message)],
      files,
      ids: [sha],
    };
  }
  if (number !== undefined) {
    const answer = await github.pullRequest({ repository, number }, signal);
    const { state, mergedAt, mergeSha, author, base: into, head: from, title, body, files } = answer.value;
    const merged = mergedAt === null ? state : `merged ${utc(mergedAt)}${mergeSha === null ? "" : ` as ${shortSha(mergeSha)}`}`;
    return {
      answer,
      what: `Pull request #${number} of ${repository}`,
      about: [
        `${merged}, ${outsideLine(from, 80)} into ${outsideLine(into, 80)}, by ${outsideLine(author ?? "(unknown)", 60)}. Its title and text:`,
        ...messageLines(`${title}\n${body}`),
      ],
      files,
      ids: [`#${number}`, ...(mergeSha === null ? [] : [mergeSha])],
    };
  }
  const answer = await github.compare({ repository, base: checkedRef(base ?? ""), head: checkedRef(head ?? "") }, signal);
  const { status, commits, totalCommits, files } = answer.value;
  const shown = commits.toReversed().slice(0, COMMITS_LISTED);
  const relation = {
    ahead: "head holds all of base and more",
    behind: "head is older than base: going from base to head takes commits away, which this comparison does not show; swap them to see",
    diverged: "each holds commits that the other lacks; shown is what head adds since they parted",
    identical: "both are the same commit",
  }[status];
  return {
    answer,
    what: `Comparison ${outsideLine(base ?? "", 60)}...${outsideLine(head ?? "", 60)} of ${repository}`,
    about: [
      `${relation}. ${totalCommits} commit${totalCommits === 1 ? "" : "s"} in head and not in base${shown.length < totalCommits ? `, newest ${shown.length}` : ""}:`,
      ...shown.map(
        (one) => `- ${utc(one.at)} ${shortSha(one.sha)} ${quotedLine(one.title, 140)} by ${outsideLine(one.author ?? "(unknown)", 60)}`,
      ),
    ],
    files,
    ids: status === "ahead" || status === "diverged" ? [head ?? "", commits.at(-1)?.sha ?? ""].filter((id) => id !== "") : [],
  };
}

/** Whether a view, which may have been cut, has a changed line. Those of messages come before the first file. */
function hasChangedLine(view: string): boolean {
  const lines = view.split("\n");
  const first = lines.findIndex((line) => line.startsWith("File "));
  return first >= 0 && lines.slice(first).some((line) => /^ {2}\| [+-]/.test(line));
}

function messageLines(message: string): string[] {
  const lines = outsideLines(message.trim().slice(0, 20_000));
  return lines.length <= LINES_OF_MESSAGE
    ? lines
    : [...lines.slice(0, LINES_OF_MESSAGE), `  (${lines.length - LINES_OF_MESSAGE} more lines of it)`];
}

function fileItem(file: FileDiff, skip: number, most: number): ViewItem {
  const renamed = file.previousPath === null ? "" : ` (was ${outsideLine(file.previousPath, 200)})`;
  const title = `File ${fileLine(file)}${renamed}`;
  if (file.patch === null)
    return { lines: [`${title}: GitHub gives no diff of it (binary, too large, or renamed only); github_file shows it.`] };
  const lines = outsideLines(file.patch);
  const skipped = Math.min(skip, lines.length);
  const shown = lines.slice(skipped, skipped + most);
  const more = (left: number, upTo: number) =>
    `(${left} more lines of this file's diff: path="${outsideLine(file.path, 100)}" skip_lines=${upTo})`;
  const cut = lines.length - skipped - shown.length;
  return {
    lines: [
      skipped === 0 ? title : `${title}, from line ${skipped + 1} of its diff`,
      ...shown,
      ...(cut > 0 ? [more(cut, skipped + shown.length)] : []),
    ],
    cut: (_left, told) => more(lines.length - skipped - told + 1, skipped + told - 1),
  };
}

/** `github_diff`: what a commit, a pull request or a deploy changes. */
export function diffTool(github: GithubClient): Tool {
  return defineTool({
    name: "github_diff",
    description:
      "The diff of a commit, a pull request, or base...head (for a deploy: the commit before and the deployed one, as github_changes shows them). Read it before you blame a change. path and skip_lines get what was cut.",
    source: "GitHub",
    input,
    async run(asked, context) {
      const path = asked.path === undefined ? "" : checkedPath(asked.path);
      const { answer, what, about, files, ids } = await read(github, asked, context);
      const inside = files.filter((file) => isInside(file.path, path));
      const ordered = path === "" ? byWorth(inside) : inside;
      const shown = ordered.filter((file) => path !== "" || noiseOf(file.path) === null);
      const hidden = ordered.filter((file) => !shown.includes(file));
      const total = `${filesWord(inside.length)} ${countsOf(inside)}${path === "" ? "" : ` under ${outsideLine(path, 120)} (of ${files.length})`}`;
      const listed = ordered.slice(0, FILES_LISTED);
      const items: ViewItem[] = [
        { lines: about },
        ...(ordered.length > 1
          ? [
              {
                lines: [
                  "Files:",
                  ...listed.map((file) => `- ${fileLine(file)}`),
                  ...(ordered.length > listed.length ? [`- and ${ordered.length - listed.length} more; path= a folder lists its own`] : []),
                ],
              },
            ]
          : []),
        ...shown.map((file) => fileItem(file, asked.skip_lines, shown.length === 1 ? Number.POSITIVE_INFINITY : LINES_OF_FILE)),
      ];
      const notes = [
        ...(answer.cut === null ? [] : [answer.cut]),
        ...(hidden.length === 0 ? [] : [`${filesWord(hidden.length)} (lock, generated or vendored) not shown; path= one of them shows it`]),
        ...(path !== "" && inside.length === 0 ? [`no file of this change lies under ${outsideLine(path, 120)}`] : []),
      ];
      return {
        answers: [answer],
        fact: `${what}: ${total}${
          inside.length === 0
            ? ""
            : ` (${ordered
                .slice(0, 3)
                .map((file) => outsideLine(file.path, 80))
                .join(", ")}${ordered.length > 3 ? ", …" : ""})`
        }`,
        shows: (view) => (hasChangedLine(view) ? ids : []),
        view: (evidence) =>
          composeView(
            {
              facts: [`${what}: ${total}. Lines of the diff are after "|".`],
              items,
              rest: (left) => `The diffs of ${filesWord(left)} are not shown: ask again with path= a file or folder of the list.`,
              notes,
            },
            evidence,
          ),
      };
    },
  });
}
