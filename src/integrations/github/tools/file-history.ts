import { z } from "zod";
import { IntegrationError } from "../../../guard/errors.ts";
import type { Answer } from "../../../incident/answer.ts";
import { defineTool, type Tool } from "../../../incident/tool.ts";
import { composeView, outsideLine, utc, quotedLine } from "../../../report/tool-view.ts";
import { shortSha } from "../../../report/words.ts";
import type { GithubClient } from "../client.ts";
import type { Commit } from "../history.ts";
import { aroundInput } from "../../../report/compared-windows.ts";
import { checkedPath, checkedRef, checkedWindow, pathInput, refInput, repositoryInput, repositoryOf } from "./input.ts";
import { type LineRange, throughPatch } from "./line-range.ts";

const COMMITS = 20;
/** Commits of which the diff is read to find who last changed some lines, one call each. */
const MOST_READ = 8;

/** What is known of who last changed a range of lines. */
interface LastChange {
  readonly words: string;
  readonly answers: readonly Answer<unknown>[];
}

/**
 * Follows lines back through the commits of their file until one changed them. GitHub's REST API has no blame; for a history without
 * renames this comes to the same.
 */
async function lastChange(
  github: GithubClient,
  asked: { readonly repository: string; readonly path: string; readonly lines: LineRange },
  commits: readonly Commit[],
  signal: AbortSignal,
): Promise<LastChange> {
  const { repository, path } = asked;
  const answers: Answer<unknown>[] = [];
  const of = `Lines ${asked.lines.first} to ${asked.lines.last}`;
  let lines = asked.lines;
  for (const commit of commits.slice(0, MOST_READ)) {
    const answer = await github.getCommit({ repository, sha: commit.sha }, signal);
    answers.push(answer);
    const file = answer.value.files.find((one) => one.path === path);
    if (file === undefined) continue;
    const who = `${shortSha(commit.sha)} (${utc(commit.at)}, ${quotedLine(commit.title, 120)}, by ${outsideLine(commit.author ?? "(unknown)", 60)})`;
    if (file.status === "added") return { words: `${of} were last changed by ${who}, which added the file.`, answers };
    if (file.patch === null) return { words: `${of}: not changed after ${who}, whose diff GitHub does not give.`, answers };
    const before = throughPatch(file.patch, lines);
    if (before === "changed") return { words: `${of} were last changed by ${who}.`, answers };
    lines = before;
  }
  const read = Math.min(commits.length, MOST_READ);
  return { words: `${of} were not changed by the newest ${read} commits of this file that were read.`, answers };
}

/** `github_file_history`: commits that touched a path. */
export function fileHistoryTool(github: GithubClient): Tool {
  return defineTool({
    name: "github_file_history",
    description:
      "Commits that touched a file or folder, newest first; with start_line and end_line which commit last changed those lines. A commit here may not be deployed.",
    source: "GitHub",
    input: z.object({
      repository: repositoryInput,
      path: pathInput.describe("Path of a file or folder inside the repository"),
      ref: refInput
        .optional()
        .describe("Commit, branch or tag to look back from; the deployed commit for what runs. Default: the default branch."),
      from: z.string().max(40).optional().describe("No commits before this. Default: all of its history."),
      to: z.string().max(40).optional().describe("No commits after this. Default: now."),
      around: aroundInput,
      start_line: z
        .number()
        .int()
        .positive()
        .max(10_000_000)
        .optional()
        .describe("First of the lines to follow, as they are numbered at ref"),
      end_line: z.number().int().positive().max(10_000_000).optional().describe("Last of the lines to follow. Default: start_line."),
    }),
    async run({ repository, path, ref, start_line: first, end_line: end, ...times }, context) {
      const { question, signal, now } = context;
      const name = repositoryOf(question, repository);
      const clean = checkedPath(path);
      const at = ref === undefined ? undefined : checkedRef(ref);
      const last = end ?? first;
      if (last !== undefined && (first === undefined || last < first))
        throw new IntegrationError("github", "Give start_line with end_line, and end_line not before it.");
      const from = times.from ?? times.around;
      const to = times.to ?? times.around;
      const window = from === undefined && to === undefined ? null : checkedWindow(times, { from: 0, to: now() }, context);
      if (first !== undefined && window !== null && to !== undefined)
        throw new IntegrationError("github", "Lines are numbered as at ref: give ref a commit of that time, and leave out to.");
      const answer = await github.listCommits(
        {
          repository: name,
          path: clean,
          most: COMMITS,
          ...(at === undefined ? {} : { from: at }),
          ...(window === null || from === undefined ? {} : { since: window.from }),
          ...(window === null || to === undefined ? {} : { until: window.to }),
        },
        signal,
      );
      const commits = answer.value;
      const blamed =
        first === undefined || last === undefined || commits.length === 0
          ? null
          : await lastChange(github, { repository: name, path: clean, lines: { first, last } }, commits, signal);
      const where = `${outsideLine(clean === "" ? "/" : clean, 250)} of ${name}${at === undefined ? "" : ` at ${at}`}`;
      const head = `${commits.length}${answer.cut === null ? "" : " newest"} commit${commits.length === 1 ? "" : "s"} touched ${where}${
        from === undefined ? "" : ` since ${utc(window?.from ?? 0)}`
      }${to === undefined ? "" : ` until ${utc(window?.to ?? 0)}`}`;
      const none = commits.length === 0 ? ["Nothing found: check the path (github_search_code finds files), or give an earlier from."] : [];
      return {
        answers: [answer, ...(blamed?.answers ?? [])],
        fact: `${head}${blamed === null ? "" : `. ${blamed.words}`}`,
        view: (evidence) =>
          composeView(
            {
              facts: [`${head}.`, ...(blamed === null ? [] : [blamed.words]), ...none],
              items: commits.map((commit) => ({
                lines: [
                  `- ${utc(commit.at)} ${shortSha(commit.sha)} ${quotedLine(commit.title, 140)} by ${outsideLine(commit.author ?? "(unknown)", 60)}${
                    commit.parents.length > 1 ? " (merge)" : ""
                  }`,
                ],
              })),
              rest: (left) => `${left} older commits are not shown: give to= the time of the last one above.`,
              parts: ["commits", ...(blamed === null ? [] : blamed.answers.map(() => "which commit changed the lines"))],
              notes: answer.cut === null ? [] : [`newest ${commits.length} commits; to= the time of the last one shows older ones`],
            },
            evidence,
          ),
      };
    },
  });
}
