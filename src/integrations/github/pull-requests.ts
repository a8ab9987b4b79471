import { IntegrationError, UnexpectedAnswerError } from "../../guard/errors.ts";
import type { z } from "zod";
import type { Connection } from "./connection.ts";
import { assertOwnBranch } from "./git-data.ts";
import { pullRequestSchema } from "./schema.ts";

export interface OpenedPullRequest {
  readonly number: number;
  readonly url: string;
  readonly title: string;
  readonly body: string;
  readonly draft: boolean;
  readonly state: "open" | "closed" | "merged";
  /** Newest commit of its branch. */
  readonly headSha: string;
}

const toOpened = (from: z.output<typeof pullRequestSchema>): OpenedPullRequest => ({
  number: from.number,
  url: from.html_url,
  title: from.title,
  body: from.body ?? "",
  draft: from.draft ?? false,
  state: typeof from.merged_at === "string" ? "merged" : from.state === "open" ? "open" : "closed",
  headSha: from.head.sha,
});

/** midwatch's own pull requests: found by their branch, opened as drafts only. */
export function pullRequestCalls(connection: Connection) {
  return {
    /** The pull request of one of midwatch's branches, open or not; the first one where people opened more. null when there is none. */
    async findPullRequest(
      args: { readonly repository: string; readonly branch: string },
      signal: AbortSignal,
    ): Promise<OpenedPullRequest | null> {
      const { repository, branch } = args;
      assertOwnBranch(branch);
      const { owner } = connection.repository(repository);
      const { value } = await connection.call(
        {
          route: "GET /repos/{owner}/{repo}/pulls",
          repository,
          parameters: { head: `${owner}:${branch}`, state: "all", per_page: 100 },
          schema: pullRequestSchema.array(),
          what: `pull requests of branch ${branch}`,
          permission: "pull requests: read",
        },
        signal,
      );
      // An answer that ignored the filter must not pass somebody else's pull request off as ours.
      const ours = value.filter((pull) => pull.head.ref === branch).toSorted((a, b) => a.number - b.number);
      const first = ours.find((pull) => pull.state === "open") ?? ours[0];
      return first === undefined ? null : toOpened(first);
    },

    /** Opens a draft. @returns null when the branch has a pull request already */
    async openDraftPullRequest(
      args: {
        readonly repository: string;
        readonly branch: string;
        readonly base: string;
        readonly title: string;
        readonly body: string;
      },
      signal: AbortSignal,
    ): Promise<OpenedPullRequest | null> {
      const { repository, branch, base, title, body } = args;
      assertOwnBranch(branch);
      try {
        const { value } = await connection.call(
          {
            route: "POST /repos/{owner}/{repo}/pulls",
            repository,
            parameters: { head: branch, base, title, body, draft: true },
            schema: pullRequestSchema,
            what: "a draft pull request",
            permission: "pull requests: write",
            access: "write",
          },
          signal,
        );
        const opened = toOpened(value);
        if (!opened.draft) {
          throw new UnexpectedAnswerError(
            "github",
            `a draft pull request of ${repository}`,
            `#${opened.number} is not a draft; convert or close it`,
          );
        }
        return opened;
      } catch (error) {
        if (!(error instanceof IntegrationError) || error.status !== 422) throw error;
        if (/already exists/i.test(error.message)) return null;
        if (/draft/i.test(error.message)) {
          throw new IntegrationError(
            "github",
            `${repository} has no draft pull requests (GitHub: not in this plan), and midwatch opens no others. Branch ${branch} holds the change.`,
            { status: 422, cause: error },
          );
        }
        throw error;
      }
    },
  };
}
