import type { z } from "zod";
import { IntegrationError } from "../../guard/errors.ts";
import { ACTIONS_APP, type Check, runState } from "./check.ts";
import type { Connection } from "./connection.ts";
import { jobsSchema, workflowRunsSchema } from "./schema.ts";

/** What GitHub Actions says of a commit. */
export interface WorkflowJobs {
  readonly checks: readonly Check[];
  readonly raw: string;
  /** What was not read. */
  readonly cuts: readonly string[];
}

/** Newest first. Of more runs than `MOST_RUNS_WITH_JOBS` the outcome is known, but no job. */
const RUNS_READ = 100;
const MOST_RUNS_WITH_JOBS = 20;
const JOBS_PER_PAGE = 100;
const MOST_PAGES_OF_JOBS = 3;

const PERMISSION = "actions: read";

/**
 * The jobs of a commit's workflow runs, as the check runs that they are: a job's id and name are those of its check run. For credentials that may
 * not read check runs, as GitHub's fine-grained tokens. Runs that have no job (yet) stand for themselves, by the workflow's name.
 * @param sha whole; GitHub finds nothing by a part of it
 * @throws ForbiddenError when the credential lacks "actions: read"
 * Source: docs.github.com, "List workflow runs for a repository", "List jobs for a workflow run".
 */
export async function readWorkflowJobs(
  connection: Connection,
  repository: string,
  sha: string,
  signal: AbortSignal,
): Promise<WorkflowJobs> {
  const runs = await connection
    .call(
      {
        route: "GET /repos/{owner}/{repo}/actions/runs",
        repository,
        parameters: { head_sha: sha, per_page: RUNS_READ },
        schema: workflowRunsSchema,
        what: `the workflow runs of ${sha}`,
        permission: PERMISSION,
      },
      signal,
    )
    .catch((error: unknown) => {
      // The repository is there, or its statuses were not: it has no Actions.
      if (error instanceof IntegrationError && error.status === 404) return null;
      throw error;
    });
  if (runs === null) return { checks: [], raw: "", cuts: [] };

  const jobsOf = async (id: number) => {
    const jobs: z.output<typeof jobsSchema>["jobs"] = [];
    const raws: string[] = [];
    for (let page = 1; ; page++) {
      const reply = await connection.call(
        {
          route: "GET /repos/{owner}/{repo}/actions/runs/{run_id}/jobs",
          repository,
          // Of a run that people started again, its last attempt.
          parameters: { run_id: id, filter: "latest", per_page: JOBS_PER_PAGE, page },
          schema: jobsSchema,
          what: `the jobs of workflow run ${id}`,
          permission: PERMISSION,
        },
        signal,
      );
      jobs.push(...reply.value.jobs);
      raws.push(reply.raw);
      if (!reply.more || page >= MOST_PAGES_OF_JOBS) return { jobs, total: reply.value.total_count, raw: raws.join("\n") };
    }
  };

  const all = runs.value.workflow_runs;
  const read = await Promise.all(
    all.map(async (run, index) => ({ run, ...(index < MOST_RUNS_WITH_JOBS ? await jobsOf(run.id) : { jobs: [], total: 0, raw: "" }) })),
  );
  const checks = read.flatMap(({ run, jobs }): Check[] => {
    const workflow = (run.name ?? null) === null ? {} : { workflow: run.name ?? "" };
    const common = { kind: "check-run", app: ACTIONS_APP, ...workflow } as const;
    if (jobs.length === 0)
      return [
        {
          ...common,
          name: run.name ?? `workflow run ${run.id}`,
          state: runState(run.status ?? "queued", run.conclusion),
          conclusion: run.conclusion ?? run.status ?? "queued",
          finishedAt: run.status === "completed" ? run.updated_at : null,
          link: run.html_url,
          id: null,
          summary: null,
        },
      ];
    return jobs.map((job) => {
      const broken = job.steps.filter(({ conclusion }) => conclusion === "failure").map(({ name }) => name);
      return {
        ...common,
        name: job.name,
        state: runState(job.status, job.conclusion),
        conclusion: job.conclusion ?? job.status,
        finishedAt: job.completed_at,
        link: job.html_url ?? null,
        id: job.id,
        summary: broken.length === 0 ? null : `failed at: ${broken.join(", ")}`,
      };
    });
  });
  const cutJobs = read.flatMap(({ run, jobs, total }) =>
    total > jobs.length ? [`${jobs.length} of ${total} jobs of workflow run ${run.id}`] : [],
  );
  const cuts = [
    ...(runs.value.total_count > all.length ? [`${all.length} of ${runs.value.total_count} workflow runs`] : []),
    ...(all.length > MOST_RUNS_WITH_JOBS
      ? [`jobs of the newest ${MOST_RUNS_WITH_JOBS} of ${all.length} workflow runs, the rest as wholes`]
      : []),
    ...cutJobs,
  ];
  return { checks, raw: [runs.raw, ...read.map(({ raw }) => raw).filter((raw) => raw !== "")].join("\n"), cuts };
}
