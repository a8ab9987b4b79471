import type { Json } from "../../json.ts";
import { accountJson, timeText } from "../recorded-pulls.ts";
import { type CiAnnotation, type CiJob, type CiRun, outcomeOf } from "./ci-run.ts";

/** The names of a run. */
export interface CiNames {
  /** `owner/name`. */
  readonly repository: string;
  /** Base of URLs. */
  readonly base: string;
  /** The run's commit as clients know it. */
  readonly sha: string;
}

const WORKFLOW = { id: 161_335, path: ".github/workflows/ci.yml" } as const;
const workflowName = ({ workflow = "CI" }: CiRun) => workflow;

const timeOrNull = (at: number | null): string | null => (at === null ? null : timeText(at));
const api = ({ base, repository }: CiNames) => `${base}/repos/${repository}`;
const webOfRun = (run: CiRun, { base, repository }: CiNames) => `${base}/${repository}/actions/runs/${run.id}`;
const webOfJob = (run: CiRun, job: CiJob, names: CiNames) => `${webOfRun(run, names)}/job/${job.id}`;

/** The app that runs workflows, as GitHub shows it on every check of theirs. */
const actionsApp = (base: string): Json => ({
  id: 15_368,
  client_id: "Iv1.05c79e9ad1f6bdfa",
  slug: "github-actions",
  node_id: "MDM6QXBwMTUzNjg=",
  owner: accountJson("github", base, "Organization"),
  name: "GitHub Actions",
  description: "Automate your workflow from idea to production",
  external_url: "https://help.github.com/en/actions",
  html_url: `${base}/apps/github-actions`,
  created_at: "2018-07-30T09:30:17Z",
  updated_at: "2025-03-07T16:35:00Z",
  permissions: { actions: "write", checks: "write", contents: "read", metadata: "read" },
  events: ["check_run", "check_suite", "push", "pull_request", "workflow_dispatch"],
});

const otherApp = (slug: string, base: string): Json => ({
  ...actionsApp(base),
  id: slug.length,
  slug,
  name: slug,
  html_url: `${base}/apps/${slug}`,
});

export function checkRunJson(run: CiRun, job: CiJob, names: CiNames): Json {
  const url = `${api(names)}/check-runs/${job.id}`;
  return {
    id: job.id,
    name: job.name,
    node_id: `CR_${job.id}`,
    head_sha: names.sha,
    external_id: `${job.id}`,
    url,
    html_url: webOfJob(run, job, names),
    details_url: webOfJob(run, job, names),
    status: job.status,
    conclusion: job.conclusion,
    // A queued check has begun for GitHub: it counts from when it was asked for.
    started_at: timeText(job.startedAt ?? run.createdAt),
    completed_at: timeOrNull(job.completedAt),
    output: {
      title: job.title,
      summary: job.summary,
      text: null,
      annotations_count: job.annotations.length,
      annotations_url: `${url}/annotations`,
    },
    check_suite: { id: run.suiteId },
    app: run.app === undefined ? actionsApp(names.base) : otherApp(run.app, names.base),
    pull_requests: [],
  };
}

export const annotationJson = (annotation: CiAnnotation, { base, repository, sha }: CiNames): Json => ({
  path: annotation.path,
  blob_href: `${base}/${repository}/blob/${sha}/${annotation.path.split("/").map(encodeURIComponent).join("/")}`,
  start_line: annotation.line,
  start_column: null,
  end_line: annotation.line,
  end_column: null,
  annotation_level: annotation.level,
  title: annotation.title,
  message: annotation.message,
  raw_details: "",
});

/** @param parts the repository's own JSON, and the commit's as the workflow API shows it */
export function checkSuiteJson(run: CiRun, names: CiNames, parts: { readonly repository: Json; readonly commit: Json }): Json {
  const { status, conclusion, completedAt } = outcomeOf(run);
  const url = `${api(names)}/check-suites/${run.suiteId}`;
  return {
    id: run.suiteId,
    node_id: `CS_${run.suiteId}`,
    head_branch: run.branch,
    head_sha: names.sha,
    status,
    conclusion,
    url,
    before: null,
    after: names.sha,
    pull_requests: [],
    app: actionsApp(names.base),
    created_at: timeText(run.createdAt),
    updated_at: timeText(completedAt ?? run.createdAt),
    rerequestable: true,
    runs_rerequestable: false,
    latest_check_runs_count: run.jobs.length,
    check_runs_url: `${url}/check-runs`,
    head_commit: parts.commit,
    repository: parts.repository,
  };
}

export function workflowRunJson(run: CiRun, names: CiNames, parts: { readonly repository: Json; readonly commit: Json }): Json {
  const { status, conclusion, startedAt, completedAt } = outcomeOf(run);
  const url = `${api(names)}/actions/runs/${run.id}`;
  const message = typeof parts.commit["message"] === "string" ? parts.commit["message"] : "";
  const actor = accountJson("midwatch-bot", names.base, "User");
  return {
    id: run.id,
    name: workflowName(run),
    node_id: `WFR_${run.id}`,
    head_branch: run.branch,
    head_sha: names.sha,
    path: WORKFLOW.path,
    display_title: message.split("\n", 1)[0] ?? "",
    run_number: run.number,
    run_attempt: 1,
    event: "push",
    status,
    conclusion,
    workflow_id: WORKFLOW.id,
    check_suite_id: run.suiteId,
    check_suite_node_id: `CS_${run.suiteId}`,
    url,
    html_url: webOfRun(run, names),
    pull_requests: [],
    created_at: timeText(run.createdAt),
    updated_at: timeText(completedAt ?? startedAt ?? run.createdAt),
    actor,
    triggering_actor: actor,
    run_started_at: timeText(run.createdAt),
    jobs_url: `${url}/jobs`,
    logs_url: `${url}/logs`,
    check_suite_url: `${api(names)}/check-suites/${run.suiteId}`,
    artifacts_url: `${url}/artifacts`,
    cancel_url: `${url}/cancel`,
    rerun_url: `${url}/rerun`,
    previous_attempt_url: null,
    workflow_url: `${api(names)}/actions/workflows/${WORKFLOW.id}`,
    head_commit: parts.commit,
    repository: parts.repository,
    head_repository: parts.repository,
  };
}

export function jobJson(run: CiRun, job: CiJob, names: CiNames): Json {
  const url = `${api(names)}/actions/jobs/${job.id}`;
  const { status, conclusion } = job;
  return {
    id: job.id,
    run_id: run.id,
    workflow_name: workflowName(run),
    head_branch: run.branch,
    run_url: `${api(names)}/actions/runs/${run.id}`,
    run_attempt: 1,
    node_id: `J_${job.id}`,
    head_sha: names.sha,
    url,
    html_url: webOfJob(run, job, names),
    status,
    conclusion,
    created_at: timeText(run.createdAt),
    started_at: timeText(job.startedAt ?? run.createdAt),
    completed_at: timeOrNull(job.completedAt),
    name: job.name,
    steps: [
      {
        name: `Run ${job.command.join(" ")}`,
        status,
        conclusion,
        number: 1,
        started_at: timeOrNull(job.startedAt),
        completed_at: timeOrNull(job.completedAt),
      },
    ],
    check_run_url: `${api(names)}/check-runs/${job.id}`,
    labels: ["ubuntu-latest"],
    runner_id: job.startedAt === null ? null : 1,
    runner_name: job.startedAt === null ? null : "GitHub Actions 1",
    runner_group_id: job.startedAt === null ? null : 0,
    runner_group_name: job.startedAt === null ? null : "GitHub Actions",
  };
}

/** A job's log as GitHub gives it out: a byte order mark, then each line after its time with seven digits of the second. */
export const logText = ({ log }: CiJob): string =>
  `\uFEFF${log.map(({ at, text }) => `${new Date(at).toISOString().slice(0, -1)}0000Z ${text}\n`).join("")}`;
