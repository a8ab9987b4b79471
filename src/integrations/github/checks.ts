import { ForbiddenError } from "../../guard/errors.ts";
import { type Answer, answerOf } from "../../incident/answer.ts";
import { type Check, runState } from "./check.ts";
import type { Connection } from "./connection.ts";
import { annotationSchema, checkRunsSchema, combinedStatusSchema, repositorySchema } from "./schema.ts";
import { readWorkflowJobs } from "./workflow-jobs.ts";

/** Why a check run failed, as far as "checks: read" shows; `jobLog` has the words of an Actions job. */
export interface CheckFailure {
  /** Messages that the run left on lines of files; GitHub Actions puts errors of its steps there. Text from outside. */
  readonly annotations: readonly {
    readonly path: string;
    readonly line: number;
    readonly level: string;
    readonly title: string | null;
    readonly message: string;
  }[];
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

/** GitHub gives at most this many at once. */
const MOST_ANNOTATIONS = 50;
const RUNS_PER_PAGE = 100;
const MOST_PAGES_OF_RUNS = 3;

const statusStates: Readonly<Record<string, Check["state"]>> = {
  success: "passed",
  pending: "running",
  failure: "failed",
  error: "failed",
};

interface Runs {
  readonly checks: readonly Check[];
  readonly raw: string;
  readonly cuts: readonly string[];
}

async function checkRuns(connection: Connection, repository: string, ref: string, signal: AbortSignal): Promise<Runs> {
  const checks: Check[] = [];
  const raws: string[] = [];
  for (let page = 1; ; page++) {
    const reply = await connection.call(
      {
        route: "GET /repos/{owner}/{repo}/commits/{ref}/check-runs",
        repository,
        parameters: { ref, per_page: RUNS_PER_PAGE, page },
        schema: checkRunsSchema,
        what: `the checks of ${ref}`,
        permission: "checks: read",
      },
      signal,
    );
    checks.push(
      ...reply.value.check_runs.map((run): Check => ({
        name: run.name,
        kind: "check-run",
        state: runState(run.status, run.conclusion),
        conclusion: run.conclusion ?? run.status,
        finishedAt: run.completed_at,
        link: run.html_url ?? null,
        id: run.id,
        app: run.app?.slug ?? null,
        summary: [run.output?.title, run.output?.summary].filter((text) => (text ?? "") !== "").join(": ") || null,
      })),
    );
    raws.push(reply.raw);
    if (!reply.more || page >= MOST_PAGES_OF_RUNS) {
      const total = reply.value.total_count;
      return { checks, raw: raws.join("\n"), cuts: total > checks.length ? [`${checks.length} of ${total} check runs`] : [] };
    }
  }
}

const statuses = (connection: Connection, repository: string, ref: string, signal: AbortSignal) =>
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
  );

/** GitHub Actions by the other way, for a credential that may not read check runs. */
async function actionsRuns(connection: Connection, repository: string, sha: string, signal: AbortSignal): Promise<Runs> {
  try {
    const { checks, raw, cuts } = await readWorkflowJobs(connection, repository, sha, signal);
    return { checks, raw, cuts: ["without check runs of apps other than GitHub Actions, for want of “checks: read”", ...cuts] };
  } catch (error) {
    if (!(error instanceof ForbiddenError) || error.status !== 403) throw error;
    const what = `the checks of ${sha} of ${repository}, and for its workflow runs`;
    throw new ForbiddenError(
      "github",
      403,
      what,
      'Give an app "checks: read", or a fine-grained token "actions: read" (GitHub Actions alone).',
    );
  }
}

/** CI of a commit, and the repository itself. */
export function checkCalls(connection: Connection) {
  return {
    /**
     * Check runs and commit statuses of a branch, tag or commit. Empty: the repository runs no CI on it (yet). At most 300 runs. A credential that
     * may not read check runs is shown the jobs of GitHub Actions instead, which `cut` says.
     * @throws ForbiddenError where it may read neither
     */
    async listChecks(args: { readonly repository: string; readonly ref: string }, signal: AbortSignal): Promise<Answer<readonly Check[]>> {
      const { repository, ref } = args;
      const [allowed, told] = await Promise.all([
        checkRuns(connection, repository, ref, signal).catch((error: unknown) => {
          if (error instanceof ForbiddenError && error.status === 403) return null;
          throw error;
        }),
        statuses(connection, repository, ref, signal),
      ]);
      const runs = allowed ?? (await actionsRuns(connection, repository, told.value.sha, signal));
      const cuts = [
        ...runs.cuts,
        ...(told.value.total_count > told.value.statuses.length
          ? [`${told.value.statuses.length} of ${told.value.total_count} statuses`]
          : []),
      ];
      return answerOf("GitHub", {
        query: `checks of ${repository}@${ref}`,
        link: `${connection.web}/${repository}/commit/${ref}/checks`,
        value: [
          ...runs.checks,
          ...told.value.statuses.map((status): Check => {
            const state = statusStates[status.state] ?? "failed";
            return {
              name: status.context,
              kind: "status",
              state,
              conclusion: status.state,
              finishedAt: state === "running" ? null : status.updated_at,
              link: status.target_url ?? null,
              id: null,
              app: null,
              summary: status.description ?? null,
            };
          }),
        ],
        raw: [runs.raw, told.raw].join("\n"),
        cut: cuts.length === 0 ? null : cuts.join("; "),
      });
    },

    /** Why a check run failed: its annotations, the first 50. */
    async checkFailure(args: { readonly repository: string; readonly id: number }, signal: AbortSignal): Promise<Answer<CheckFailure>> {
      const { repository, id } = args;
      const annotations = await connection.call(
        {
          route: "GET /repos/{owner}/{repo}/check-runs/{check_run_id}/annotations",
          repository,
          parameters: { check_run_id: id, per_page: MOST_ANNOTATIONS },
          schema: annotationSchema.array(),
          what: `the annotations of check run ${id}`,
          permission: "checks: read",
        },
        signal,
      );
      return answerOf("GitHub", {
        query: `failure of check run ${id} of ${repository}`,
        link: `${connection.web}/${repository}/runs/${id}`,
        value: {
          annotations: annotations.value.map((one) => ({
            path: one.path,
            line: one.start_line,
            level: one.annotation_level ?? "notice",
            title: one.title ?? null,
            message: one.message ?? "",
          })),
        },
        raw: annotations.raw,
        cut: annotations.more ? `first ${annotations.value.length} annotations of the check run` : null,
      });
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
      return answerOf("GitHub", {
        query: `repository ${args.repository}`,
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
      });
    },
  };
}
