import { IntegrationError, UnexpectedAnswerError } from "../../guard/errors.ts";
import { z } from "zod";
import type { Connection } from "./connection.ts";
import { assertOwnBranch } from "./git-data.ts";
import { labelSchema, pullRequestSchema, timelineEventSchema } from "./schema.ts";

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

/** A pull request as it is now, with what people did to it. Times are epoch milliseconds. */
export interface FollowedPullRequest extends OpenedPullRequest {
  /** Changes with its texts, comments, labels and state too. */
  readonly updatedAt: number | null;
  readonly mergedAt: number | null;
  /** A merged one is closed too. */
  readonly closedAt: number | null;
  /** Login of who merged it or else closed it; null while it is open, and where GitHub does not say. Text from outside. */
  readonly by: string | null;
  readonly branch: string;
}

const toOpened = (from: z.output<typeof pullRequestSchema>): OpenedPullRequest => ({
  number: from.number,
  url: from.html_url,
  title: from.title,
  body: from.body ?? "",
  draft: from.draft ?? false,
  state: from.merged_at !== null ? "merged" : from.state === "open" ? "open" : "closed",
  headSha: from.head.sha,
});

/** Answers of a small extra: nothing where it is not there, not permitted or switched off. */
async function orNothing<T>(ask: () => Promise<T>): Promise<T | null> {
  try {
    return await ask();
  } catch (error) {
    if (error instanceof IntegrationError && [403, 404, 410].includes(error.status ?? 0)) return null;
    throw error;
  }
}

const TIMELINE_PER_PAGE = 100;
const MOST_TIMELINE_PAGES = 3;

async function read(connection: Connection, repository: string, number: number, signal: AbortSignal) {
  const { value } = await connection.call(
    {
      route: "GET /repos/{owner}/{repo}/pulls/{pull_number}",
      repository,
      parameters: { pull_number: number },
      schema: pullRequestSchema,
      what: `pull request #${number}`,
      permission: "pull requests: read",
    },
    signal,
  );
  return value;
}

/** Refuses a pull request of people, and one whose branch of the same name lies in a fork. */
function assertOwn(pull: z.output<typeof pullRequestSchema>, repository: string, branch: string): void {
  assertOwnBranch(branch);
  const { ref, repo } = pull.head;
  if (ref === branch && repo?.full_name.toLowerCase() === repository.toLowerCase()) return;
  throw new IntegrationError(
    "github",
    `Pull request #${pull.number} of ${repository} is not that of midwatch's branch ${branch}; it is left as it is.`,
  );
}

/** Who closed it last. Of a pull request, `pull requests: read` opens the timeline, but not the issue, which would say it at once. */
async function closedBy(connection: Connection, repository: string, number: number, signal: AbortSignal): Promise<string | null> {
  const events = await orNothing(() =>
    connection.pages(
      {
        route: "GET /repos/{owner}/{repo}/issues/{issue_number}/timeline",
        repository,
        parameters: { issue_number: number },
        schema: timelineEventSchema.array(),
        what: `what happened to pull request #${number}`,
        permission: "pull requests: read",
      },
      { perPage: TIMELINE_PER_PAGE, most: MOST_TIMELINE_PAGES },
      signal,
    ),
  );
  return events?.value.findLast(({ event }) => event === "closed")?.actor?.login ?? null;
}

/** The label as the repository spells it, or null when it has none of that name. */
const existingLabel = (connection: Connection, repository: string, name: string, signal: AbortSignal): Promise<string | null> =>
  orNothing(async () => {
    const { value } = await connection.call(
      {
        route: "GET /repos/{owner}/{repo}/labels/{name}",
        repository,
        parameters: { name },
        schema: labelSchema,
        what: `label ${name}`,
        permission: "pull requests: read",
      },
      signal,
    );
    return value.name;
  });

/** midwatch's own pull requests: found by their branch, opened as drafts only. Nothing here merges, closes, reopens or retargets one. */
export const pullRequestCalls = (connection: Connection) => ({ ...openCalls(connection), ...editCalls(connection) });

function editCalls(connection: Connection) {
  return {
    /** A pull request by its number, and what people did to it. A closed one costs a second call: who closed it. */
    async readPullRequest(
      args: { readonly repository: string; readonly number: number },
      signal: AbortSignal,
    ): Promise<FollowedPullRequest> {
      const { repository, number } = args;
      const pull = await read(connection, repository, number, signal);
      const opened = toOpened(pull);
      const merged = opened.state === "merged" ? (pull.merged_by?.login ?? null) : null;
      return {
        ...opened,
        updatedAt: pull.updated_at,
        mergedAt: pull.merged_at,
        closedAt: pull.closed_at,
        by: opened.state === "closed" ? await closedBy(connection, repository, number, signal) : merged,
        branch: pull.head.ref,
      };
    },

    /**
     * Gives midwatch's own pull request another title and body; state, base and draft stay as they are.
     * @throws IntegrationError when it is not that of the given branch
     */
    async rewritePullRequest(
      args: {
        readonly repository: string;
        readonly number: number;
        readonly branch: string;
        readonly title: string;
        readonly body: string;
      },
      signal: AbortSignal,
    ): Promise<OpenedPullRequest> {
      const { repository, number, branch, title, body } = args;
      assertOwnBranch(branch);
      assertOwn(await read(connection, repository, number, signal), repository, branch);
      const { value } = await connection.call(
        {
          route: "PATCH /repos/{owner}/{repo}/pulls/{pull_number}",
          repository,
          parameters: { pull_number: number, title, body },
          schema: pullRequestSchema,
          what: `pull request #${number}`,
          permission: "pull requests: write",
          access: "write",
        },
        signal,
      );
      return toOpened(value);
    },

    /**
     * Adds labels to midwatch's own pull request, of those that the repository has: GitHub would make the others up.
     * @returns the labels that it has now of those asked for, as the repository spells them; none where labels are not permitted
     */
    async labelPullRequest(
      args: { readonly repository: string; readonly number: number; readonly labels: readonly string[] },
      signal: AbortSignal,
    ): Promise<readonly string[]> {
      const { repository, number, labels } = args;
      const wanted = [...new Set(labels.map((label) => label.trim()).filter((label) => label !== ""))];
      if (wanted.length === 0) return [];
      const pull = await orNothing(() => read(connection, repository, number, signal));
      if (pull === null) return [];
      assertOwn(pull, repository, pull.head.ref);
      const found = await Promise.all(wanted.map((label) => existingLabel(connection, repository, label, signal)));
      const existing = [...new Set(found.filter((label) => label !== null))];
      if (existing.length === 0) return [];
      const added = await orNothing(() =>
        connection.call(
          {
            route: "POST /repos/{owner}/{repo}/issues/{issue_number}/labels",
            repository,
            parameters: { issue_number: number, labels: existing },
            schema: z.array(labelSchema),
            what: `labels of pull request #${number}`,
            permission: "pull requests: write",
            access: "write",
          },
          signal,
        ),
      );
      const now = new Set(added?.value.map(({ name }) => name));
      return existing.filter((label) => now.has(label));
    },
  };
}

function openCalls(connection: Connection) {
  return {
    /**
     * The pull requests from a branch of midwatch's names, the open one first, then the oldest. Whose they are the name does not say: their
     * commits do.
     */
    async findPullRequests(
      args: { readonly repository: string; readonly branch: string },
      signal: AbortSignal,
    ): Promise<readonly OpenedPullRequest[]> {
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
      // An answer that ignored the filter must not pass somebody else's pull request off as ours, nor one of a fork.
      const ofBranch = value.filter(({ head }) => head.ref === branch && head.repo?.full_name.toLowerCase() === repository.toLowerCase());
      const closed = ({ state }: { readonly state: string }) => Number(state !== "open");
      return ofBranch.toSorted((a, b) => closed(a) - closed(b) || a.number - b.number).map(toOpened);
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
