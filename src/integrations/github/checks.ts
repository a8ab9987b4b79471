import type { Answer } from "../../incident/answer.ts";
import type { Connection } from "./connection.ts";
import { checkRunsSchema, combinedStatusSchema, repositorySchema } from "./schema.ts";

/** One check of a commit, whether it came as a check run or as a commit status. */
export interface Check {
  readonly name: string;
  readonly kind: "check-run" | "status";
  readonly state: "running" | "passed" | "failed" | "skipped";
  /** GitHub's own word. */
  readonly conclusion: string;
  /** Epoch milliseconds, null while it runs or where nothing is said. */
  readonly finishedAt: number | null;
  readonly link: string | null;
}

export interface Repository {
  readonly defaultBranch: string;
  readonly private: boolean;
  readonly archived: boolean;
  readonly link: string;
  /** Names of what the credential's user may do ("pull", "push", "admin"); empty where GitHub does not say, as to apps. */
  readonly permissions: readonly string[];
  /** Scopes of a classic token, or null for a fine-grained one and for apps. */
  readonly scopes: readonly string[] | null;
}

const instant = (text: string | null | undefined): number | null => {
  const at = typeof text === "string" ? Date.parse(text) : Number.NaN;
  return Number.isNaN(at) ? null : at;
};

function runState(status: string, conclusion: string | null): Check["state"] {
  if (status !== "completed") return "running";
  if (conclusion === "success") return "passed";
  return conclusion === "neutral" || conclusion === "skipped" ? "skipped" : "failed";
}

const statusStates: Readonly<Record<string, Check["state"]>> = {
  success: "passed",
  pending: "running",
  failure: "failed",
  error: "failed",
};

/** CI of a commit, and the repository itself. */
export function checkCalls(connection: Connection) {
  return {
    /** Check runs and commit statuses of a branch, tag or commit. Empty: the repository runs no CI on it (yet). */
    async listChecks(args: { readonly repository: string; readonly ref: string }, signal: AbortSignal): Promise<Answer<readonly Check[]>> {
      const { repository, ref } = args;
      const [runs, statuses] = await Promise.all([
        connection.call(
          {
            route: "GET /repos/{owner}/{repo}/commits/{ref}/check-runs",
            repository,
            parameters: { ref, per_page: 100 },
            schema: checkRunsSchema,
            what: `the checks of ${ref}`,
            permission: "checks: read",
          },
          signal,
        ),
        connection.call(
          {
            route: "GET /repos/{owner}/{repo}/commits/{ref}/status",
            repository,
            parameters: { ref, per_page: 100 },
            schema: combinedStatusSchema,
            what: `the commit statuses of ${ref}`,
            permission: "commit statuses: read",
          },
          signal,
        ),
      ]);
      const cuts = [
        ...(runs.value.total_count > runs.value.check_runs.length
          ? [`${runs.value.check_runs.length} of ${runs.value.total_count} check runs`]
          : []),
        ...(statuses.value.total_count > statuses.value.statuses.length
          ? [`${statuses.value.statuses.length} of ${statuses.value.total_count} statuses`]
          : []),
      ];
      return {
        source: "GitHub",
        query: `checks of ${repository}@${ref}`,
        window: null,
        link: `${connection.web}/${repository}/commit/${ref}/checks`,
        value: [
          ...runs.value.check_runs.map((run): Check => ({
            name: run.name,
            kind: "check-run",
            state: runState(run.status, run.conclusion),
            conclusion: run.conclusion ?? run.status,
            finishedAt: instant(run.completed_at),
            link: run.html_url ?? null,
          })),
          ...statuses.value.statuses.map((status): Check => {
            const state = statusStates[status.state] ?? "failed";
            return {
              name: status.context,
              kind: "status",
              state,
              conclusion: status.state,
              finishedAt: state === "running" ? null : instant(status.updated_at),
              link: status.target_url ?? null,
            };
          }),
        ],
        raw: [runs.raw, statuses.raw].join("\n"),
        cut: cuts.length === 0 ? null : cuts.join("; "),
      };
    },

    /** The repository and what the credential may do with it. */
    async repository(args: { readonly repository: string }, signal: AbortSignal): Promise<Answer<Repository>> {
      const { value, raw, headers } = await connection.call(
        {
          route: "GET /repos/{owner}/{repo}",
          repository: args.repository,
          schema: repositorySchema,
          what: "the repository",
          permission: "metadata: read",
        },
        signal,
      );
      const scopes = headers["x-oauth-scopes"];
      return {
        source: "GitHub",
        query: `repository ${args.repository}`,
        window: null,
        link: value.html_url,
        value: {
          defaultBranch: value.default_branch,
          private: value.private,
          archived: value.archived,
          link: value.html_url,
          permissions: Object.entries(value.permissions ?? {}).flatMap(([name, has]) => (has ? [name] : [])),
          scopes: scopes === undefined ? null : scopes.split(",").flatMap((scope) => (scope.trim() === "" ? [] : [scope.trim()])),
        },
        raw,
        cut: null,
      };
    },
  };
}
