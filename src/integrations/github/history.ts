import { type Answer, answerOf } from "../../incident/answer.ts";
import type { ChangedFile } from "../../incident/telemetry.ts";
import type { z } from "zod";
import type { Connection } from "./connection.ts";
import {
  type commitSchema,
  commitSchema as commit,
  commitWithFilesSchema,
  comparisonSchema,
  fileSchema as file,
  pullRequestSchema,
} from "./schema.ts";

export interface Commit {
  readonly sha: string;
  /** More than one: a merge. */
  readonly parents: readonly string[];
  /** When it was committed, which is when a squash or rebase was merged. */
  readonly at: number;
  /** First line of the message. Text from outside, as is the message. */
  readonly title: string;
  readonly message: string;
  readonly author: string | null;
  readonly link: string;
}

export interface FileDiff extends ChangedFile {
  /** Old path of a renamed file. */
  readonly previousPath: string | null;
}

export interface CommitWithFiles extends Commit {
  readonly files: readonly FileDiff[];
}

export interface Comparison {
  /** Of head, seen from base: "behind" when head is an ancestor of base. */
  readonly status: "ahead" | "behind" | "diverged" | "identical";
  /** In head and not in base, oldest first. GitHub gives at most 250. */
  readonly commits: readonly Commit[];
  readonly totalCommits: number;
  /** From the merge base to head. GitHub gives at most 300. */
  readonly files: readonly FileDiff[];
  readonly link: string;
}

/** One pull request with its files, seen against its base. */
export interface PullRequestWithFiles {
  readonly number: number;
  readonly title: string;
  /** Text from outside, as is the title. "" where there is none. */
  readonly body: string;
  readonly author: string | null;
  readonly state: "open" | "closed" | "merged";
  /** Epoch milliseconds, null while it is not merged. */
  readonly mergedAt: number | null;
  /** What its merge made of it on the base branch; null while it is not merged. */
  readonly mergeSha: string | null;
  readonly base: string;
  readonly head: string;
  readonly files: readonly FileDiff[];
  readonly link: string;
}

export interface PullRequest {
  readonly number: number;
  readonly title: string;
  readonly url: string;
  readonly author: string | null;
  readonly merged: boolean;
  readonly base: string;
}

const COMMITS_PER_PAGE = 100;
const MOST_COMMIT_PAGES = 3;
/** GitHub's own limits on a comparison and on a commit's first page. */
const MOST_FILES = 300;
const MOST_FILE_PAGES = 3;

function toCommit(from: z.output<typeof commitSchema>): Commit {
  const { message } = from.commit;
  return {
    sha: from.sha,
    parents: from.parents.map((parent) => parent.sha),
    at: from.commit.committer?.date ?? from.commit.author?.date ?? 0,
    title: message.split("\n", 1)[0]?.trim() ?? "",
    message,
    author: from.author?.login ?? from.commit.author?.name ?? null,
    link: from.html_url,
  };
}

const statuses = {
  added: "added",
  copied: "added",
  removed: "removed",
  renamed: "renamed",
  modified: "modified",
  changed: "modified",
  unchanged: "modified",
} as const;

const toFile = (from: z.output<typeof file>): FileDiff => ({
  path: from.filename,
  previousPath: from.previous_filename ?? null,
  status: statuses[from.status],
  additions: from.additions,
  deletions: from.deletions,
  patch: from.patch ?? null,
});

/** Commits, comparisons and the pull requests that brought them. */
export const historyCalls = (connection: Connection) => ({
  ...commitCalls(connection),
  ...comparisonCalls(connection),
  ...pullRequestReads(connection),
});

function commitCalls(connection: Connection) {
  const { web } = connection;
  return {
    /**
     * Commits of a branch (default: the default branch), newest first, by the time they were committed.
     * @param path only those that touched this file or folder
     */
    async listCommits(
      args: {
        readonly repository: string;
        readonly since?: number;
        readonly until?: number;
        readonly path?: string;
        /** Branch, tag or commit to start from. */
        readonly from?: string;
        /** Newest so many; default: as many as three pages hold. */
        readonly most?: number;
      },
      signal: AbortSignal,
    ): Promise<Answer<readonly Commit[]>> {
      const { repository, since, until, path, from, most } = args;
      const day = (at: number) => new Date(at).toISOString();
      const perPage = Math.min(COMMITS_PER_PAGE, most ?? COMMITS_PER_PAGE);
      const reply = await connection.pages(
        {
          route: "GET /repos/{owner}/{repo}/commits",
          repository,
          parameters: {
            ...(since === undefined ? {} : { since: day(since) }),
            ...(until === undefined ? {} : { until: day(until) }),
            ...(path === undefined || path === "" ? {} : { path }),
            ...(from === undefined ? {} : { sha: from }),
          },
          schema: commit.array(),
          what: "the commits",
          permission: "contents: read",
        },
        { perPage, most: most === undefined ? MOST_COMMIT_PAGES : 1 },
        signal,
      );
      const times = [...(since === undefined ? [] : [`since ${day(since)}`]), ...(until === undefined ? [] : [`until ${day(until)}`])];
      return answerOf("GitHub", {
        query: ["commits", repository, path ?? "", from === undefined ? "" : `of ${from}`, ...times]
          .filter((word) => word !== "")
          .join(" "),
        window: since === undefined || until === undefined ? null : { from: since, to: until },
        link: `${web}/${repository}/commits${from === undefined ? "" : `/${from}`}${path === undefined || path === "" ? "" : `/${path}`}`,
        value: reply.value.map(toCommit),
        raw: reply.raw,
        cut: reply.more ? `newest ${reply.value.length} commits; ask for a shorter time to see older ones` : null,
      });
    },

    /** One commit with its files, seen against its first parent. */
    async getCommit(args: { readonly repository: string; readonly sha: string }, signal: AbortSignal): Promise<Answer<CommitWithFiles>> {
      const { value, raw } = await connection.call(
        {
          route: "GET /repos/{owner}/{repo}/commits/{ref}",
          repository: args.repository,
          parameters: { ref: args.sha },
          schema: commitWithFilesSchema,
          what: `commit ${args.sha.slice(0, 12)}`,
          permission: "contents: read",
        },
        signal,
      );
      return answerOf("GitHub", {
        query: `commit ${args.repository}@${args.sha}`,
        link: value.html_url,
        value: { ...toCommit(value), files: value.files.map(toFile) },
        raw,
        cut: value.files.length >= MOST_FILES ? `first ${value.files.length} files of the commit` : null,
      });
    },
  };
}

function comparisonCalls(connection: Connection) {
  return {
    /** What head holds that base does not. */
    async compare(
      args: { readonly repository: string; readonly base: string; readonly head: string },
      signal: AbortSignal,
    ): Promise<Answer<Comparison>> {
      const { repository, base, head } = args;
      const { value, raw } = await connection.call(
        {
          route: "GET /repos/{owner}/{repo}/compare/{basehead}",
          repository,
          parameters: { basehead: `${base}...${head}` },
          schema: comparisonSchema,
          what: `the comparison ${base.slice(0, 12)}...${head.slice(0, 12)}`,
          permission: "contents: read",
        },
        signal,
      );
      const cuts = [
        ...(value.files.length >= MOST_FILES ? [`first ${value.files.length} files: GitHub compares no more at once`] : []),
        ...(value.commits.length < value.total_commits ? [`${value.commits.length} of ${value.total_commits} commits`] : []),
      ];
      return answerOf("GitHub", {
        query: `compare ${repository} ${base}...${head}`,
        link: value.html_url,
        value: {
          status: value.status,
          commits: value.commits.map(toCommit),
          totalCommits: value.total_commits,
          files: value.files.map(toFile),
          link: value.html_url,
        },
        raw,
        cut: cuts.length === 0 ? null : cuts.join("; "),
      });
    },
  };
}

function pullRequestReads(connection: Connection) {
  return {
    /** One pull request with its files; the first 300 of them. */
    async pullRequest(
      args: { readonly repository: string; readonly number: number },
      signal: AbortSignal,
    ): Promise<Answer<PullRequestWithFiles>> {
      const { repository, number } = args;
      const common = { repository, permission: "pull requests: read" };
      const [pull, files] = await Promise.all([
        connection.call(
          {
            ...common,
            route: "GET /repos/{owner}/{repo}/pulls/{pull_number}",
            parameters: { pull_number: number },
            schema: pullRequestSchema,
            what: `pull request #${number}`,
          },
          signal,
        ),
        connection.pages(
          {
            ...common,
            route: "GET /repos/{owner}/{repo}/pulls/{pull_number}/files",
            parameters: { pull_number: number },
            schema: file.array(),
            what: `the files of pull request #${number}`,
          },
          { perPage: MOST_FILES / MOST_FILE_PAGES, most: MOST_FILE_PAGES },
          signal,
        ),
      ]);
      const { value } = pull;
      const mergedAt = value.merged_at;
      const merged = mergedAt !== null;
      return answerOf("GitHub", {
        query: `pull request ${repository}#${number}`,
        link: value.html_url,
        value: {
          number: value.number,
          title: value.title,
          body: value.body ?? "",
          author: value.user?.login ?? null,
          state: merged ? "merged" : value.state === "open" ? "open" : "closed",
          mergedAt,
          mergeSha: merged ? (value.merge_commit_sha ?? null) : null,
          base: value.base.ref,
          head: value.head.ref,
          files: files.value.map(toFile),
          link: value.html_url,
        },
        raw: [pull.raw, files.raw].join("\n"),
        cut: files.more ? `first ${files.value.length} files of the pull request` : null,
      });
    },

    /** Pull requests that brought a commit into its branch; merged ones first. */
    async pullRequestsOfCommit(
      args: { readonly repository: string; readonly sha: string },
      signal: AbortSignal,
    ): Promise<Answer<readonly PullRequest[]>> {
      const { repository, sha } = args;
      const { value, raw, more } = await connection.call(
        {
          route: "GET /repos/{owner}/{repo}/commits/{commit_sha}/pulls",
          repository,
          parameters: { commit_sha: sha, per_page: 30 },
          schema: pullRequestSchema.array(),
          what: `the pull requests of ${sha.slice(0, 12)}`,
          permission: "pull requests: read",
        },
        signal,
      );
      const pulls = value.map((pull) => ({
        number: pull.number,
        title: pull.title,
        url: pull.html_url,
        author: pull.user?.login ?? null,
        merged: pull.merged_at !== null,
        base: pull.base.ref,
      }));
      return answerOf("GitHub", {
        query: `pull requests of ${repository}@${sha}`,
        link: `${connection.web}/${repository}/commit/${sha}`,
        value: pulls.toSorted((a, b) => Number(b.merged) - Number(a.merged)),
        raw,
        cut: more ? `first ${pulls.length} pull requests` : null,
      });
    },
  };
}
