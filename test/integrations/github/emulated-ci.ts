import { type EmulatedAnswer, type Json, type SeenCall, account, iso, paged, parsed, problem } from "./emulated-answer.ts";

/** What a check run says. */
export interface TestCheck {
  readonly name: string;
  /** Default "success". */
  readonly state?: "queued" | "in_progress" | "success" | "failure" | "neutral" | "cancelled" | "skipped" | "timed_out" | "action_required";
  /** Slug of the app that reports it. Default "github-actions", whose runs are jobs. */
  readonly app?: string;
  /** Name of the workflow whose job it is; all jobs of one on a commit are one run. Default "CI". */
  readonly workflow?: string;
  /** When it ended. */
  readonly at?: number;
  readonly title?: string;
  readonly summary?: string;
  readonly annotations?: readonly { readonly path: string; readonly line: number; readonly message: string }[];
  /** Log of the job, as GitHub stores it. Without one the job has none (yet). */
  readonly log?: string | Uint8Array;
}

/** CI of one repository of the fake, as tests set it and as GitHub tells it. */
export interface EmulatedCi {
  check(sha: string, check: TestCheck): Promise<number>;
  /** Begins a workflow run that has no job (yet). @returns its id */
  workflowRun(sha: string, run: Pick<TestCheck, "state" | "at"> & { readonly workflow: string }): number;
  status(
    sha: string,
    context: string,
    state: string,
    more?: { readonly at?: number; readonly description?: string; readonly link?: string },
  ): void;
  /** Null: not one of these. */
  answer(call: SeenCall, rest: string): Promise<EmulatedAnswer | null>;
}

interface Around {
  /** `owner/name`. */
  readonly name: string;
  readonly url: string;
  readonly must: (method: string, path: string, body?: unknown) => Promise<Json>;
  readonly forward: (call: SeenCall) => Promise<EmulatedAnswer>;
  /** Sha of a branch or sha. */
  readonly resolve: (ref: string) => Promise<string>;
  /** GitHub's refusal of a caller without a permission, or null. */
  readonly refusal: (call: SeenCall, repository: string, permission: string) => EmulatedAnswer | null;
  /** Puts a log away and answers the signed address where it lies. */
  readonly signedLog: (path: string) => string | null;
  readonly storeLog: (path: string, log: string | Uint8Array) => void;
}

const appJson = (slug: string): Json => ({
  id: slug.length,
  slug,
  node_id: `A_${slug}`,
  owner: account("github"),
  name: slug,
  description: null,
  external_url: "https://example.com",
  html_url: `https://github.com/apps/${slug}`,
  created_at: iso(0),
  updated_at: iso(0),
  permissions: {},
  events: [],
});

interface WorkflowRun {
  readonly id: number;
  readonly sha: string;
  readonly workflow: string;
  /** Ids of its jobs, which are those of their check runs. */
  readonly jobs: Set<number>;
  /** What it says of itself while it has no job. */
  readonly alone: { readonly status: string; readonly conclusion: string | null; readonly at: number };
}

const stateJson = (state: NonNullable<TestCheck["state"]>) =>
  state === "queued" || state === "in_progress" ? { status: state, conclusion: null } : { status: "completed", conclusion: state };

export function emulateCi({ name, url, must, forward, resolve, refusal, signedLog, storeLog }: Around): EmulatedCi {
  const apps = new Map<number, string>();
  const workflowRuns: WorkflowRun[] = [];
  const statuses = new Map<string, Json[]>();
  const logPath = (id: number | string) => `/actions-results/${name}/${id}`;

  const runJson = (run: Json): Json => {
    const slug = apps.get(run.id);
    const annotations_url = `${url}/repos/${name}/check-runs/${run.id}/annotations`;
    return { ...run, app: slug === undefined ? null : appJson(slug), output: { ...run.output, annotations_url } };
  };

  async function combinedStatus(call: SeenCall, ref: string): Promise<EmulatedAnswer> {
    const sha = await resolve(ref);
    // GitHub tells the newest of each context.
    const latest = [...new Map((statuses.get(sha) ?? []).map((one) => [one.context, one])).values()];
    const states = latest.map((one) => one.state);
    const repository = await must("GET", `/repos/${name}`);
    const link = `${url}/repos/${name}/commits/${sha}`;
    return paged(url, call, latest, (page) => ({
      state:
        states.includes("failure") || states.includes("error")
          ? "failure"
          : states.length === 0 || states.includes("pending")
            ? "pending"
            : "success",
      sha,
      total_count: latest.length,
      statuses: page,
      repository,
      commit_url: link,
      url: `${link}/status`,
    }));
  }

  /** The run of a workflow on a commit, which begins with its first job. */
  function runOf(sha: string, workflow: string, alone: WorkflowRun["alone"]): WorkflowRun {
    const known = workflowRuns.find((run) => run.sha === sha && run.workflow === workflow);
    if (known !== undefined) return known;
    const run = { id: 7_000 + workflowRuns.length, sha, workflow, jobs: new Set<number>(), alone };
    workflowRuns.push(run);
    return run;
  }

  /** The check runs of a workflow run, as they are now: one that was started again takes the place of the one before. */
  async function jobsOf(run: WorkflowRun): Promise<Json[]> {
    // The emulator tells all of them at once.
    const { check_runs } = await must("GET", `/repos/${name}/commits/${run.sha}/check-runs`);
    return (check_runs as Json[]).filter(({ id }) => run.jobs.has(id));
  }

  const runUrl = (run: WorkflowRun) => `${url}/repos/${name}/actions/runs/${run.id}`;

  function jobJson(run: WorkflowRun, check: Json): Json {
    const { id, name: job, status, conclusion, started_at, completed_at } = check;
    return {
      id,
      run_id: run.id,
      run_url: runUrl(run),
      run_attempt: 1,
      node_id: `J_${id}`,
      head_sha: run.sha,
      url: `${url}/repos/${name}/actions/jobs/${id}`,
      html_url: `${url}/${name}/actions/runs/${run.id}/job/${id}`,
      status,
      conclusion,
      created_at: started_at ?? iso(0),
      started_at: started_at ?? iso(0),
      completed_at: completed_at ?? null,
      name: job,
      steps: [
        { name: "Set up job", status: "completed", conclusion: "success", number: 1 },
        { name: `Run ${job}`, status: status === "completed" ? "completed" : "in_progress", conclusion, number: 2 },
      ],
      check_run_url: `${url}/repos/${name}/check-runs/${id}`,
      labels: ["ubuntu-latest"],
      runner_id: 1,
      runner_name: "GitHub Actions 1",
      runner_group_id: 0,
      runner_group_name: "GitHub Actions",
      workflow_name: run.workflow,
      head_branch: "main",
    };
  }

  async function workflowRunJson(run: WorkflowRun): Promise<Json> {
    const jobs = await jobsOf(run);
    const running = jobs.find(({ status }) => status !== "completed");
    const worst = jobs.find(({ conclusion }) => conclusion !== "success" && conclusion !== "skipped" && conclusion !== "neutral");
    const state =
      jobs.length === 0
        ? run.alone
        : running === undefined
          ? { status: "completed", conclusion: worst?.conclusion ?? "success" }
          : { status: running.status, conclusion: null };
    const repository = await must("GET", `/repos/${name}`);
    const commit = await must("GET", `/repos/${name}/git/commits/${run.sha}`);
    const identity = ({ name: who, email }: Json) => ({ name: who, email });
    const self = runUrl(run);
    return {
      id: run.id,
      name: run.workflow,
      node_id: `WFR_${run.id}`,
      head_branch: "main",
      head_sha: run.sha,
      path: ".github/workflows/ci.yml",
      display_title: String(commit.message).split("\n", 1)[0],
      run_number: run.id - 6_999,
      run_attempt: 1,
      event: "push",
      status: state.status,
      conclusion: state.conclusion,
      workflow_id: 1,
      check_suite_id: run.id,
      url: self,
      html_url: `${url}/${name}/actions/runs/${run.id}`,
      pull_requests: [],
      created_at: iso(0),
      updated_at: iso(run.alone.at),
      jobs_url: `${self}/jobs`,
      logs_url: `${self}/logs`,
      check_suite_url: `${url}/repos/${name}/check-suites/${run.id}`,
      artifacts_url: `${self}/artifacts`,
      cancel_url: `${self}/cancel`,
      rerun_url: `${self}/rerun`,
      workflow_url: `${url}/repos/${name}/actions/workflows/1`,
      head_commit: {
        id: run.sha,
        tree_id: commit.tree.sha,
        message: commit.message,
        timestamp: commit.committer.date,
        author: identity(commit.author),
        committer: identity(commit.committer),
      },
      repository,
      head_repository: repository,
    };
  }

  return {
    workflowRun: (sha, { workflow, state = "queued", at = 0 }) => runOf(sha, workflow, { ...stateJson(state), at }).id,
    async check(
      sha,
      { name: check, state = "success", app = "github-actions", workflow = "CI", at = 0, title, summary, annotations = [], log },
    ) {
      const ended = state !== "queued" && state !== "in_progress";
      const run = await must("POST", `/repos/${name}/check-runs`, {
        name: check,
        head_sha: sha,
        ...(ended ? { ...stateJson(state), completed_at: iso(at) } : { status: state }),
        output: {
          title: title ?? null,
          summary: summary ?? null,
          annotations: annotations.map(({ path, line, message }) => ({
            path,
            start_line: line,
            end_line: line,
            annotation_level: "failure",
            message,
          })),
        },
      });
      apps.set(run.id, app);
      if (app === "github-actions") runOf(sha, workflow, { ...stateJson(state), at }).jobs.add(run.id);
      if (log !== undefined) storeLog(logPath(run.id), log);
      return run.id as number;
    },
    status(sha, context, state, { at = 0, description, link } = {}) {
      const all = statuses.get(sha) ?? [];
      const one = {
        id: all.length + 1,
        node_id: `S_${all.length + 1}`,
        context,
        state,
        description: description ?? null,
        target_url: link ?? null,
        avatar_url: null,
        url: `${url}/repos/${name}/statuses/${sha}`,
        created_at: iso(at),
        updated_at: iso(at),
      };
      statuses.set(sha, [...all.filter((other) => other.context !== context), one]);
    },
    async answer(call, rest) {
      const [, runsOf] = /^commits\/([^/]+)\/check-runs$/.exec(rest) ?? [];
      if (runsOf !== undefined) {
        const refused = refusal(call, name, "checks");
        if (refused !== null) return refused;
        const all = await forward(call);
        if (all.status !== 200) return all;
        const runs = (parsed(all).check_runs as Json[]).map(runJson);
        return paged(url, call, runs, (page) => ({ total_count: runs.length, check_runs: page }));
      }
      const [, noted] = /^check-runs\/(\d+)\/annotations$/.exec(rest) ?? [];
      if (noted !== undefined) {
        const refused = refusal(call, name, "checks");
        if (refused !== null) return refused;
        const all = await forward(call);
        // The emulator wraps this list as GitHub wraps others.
        return all.status === 200 ? paged(url, call, parsed(all).check_annotations as Json[]) : all;
      }
      const [, statusOf] = /^commits\/([^/]+)\/status$/.exec(rest) ?? [];
      if (statusOf !== undefined) return refusal(call, name, "statuses") ?? combinedStatus(call, decodeURIComponent(statusOf));
      const [, job] = /^actions\/jobs\/(\d+)\/logs$/.exec(rest) ?? [];
      if (job !== undefined) {
        const refused = refusal(call, name, "actions");
        if (refused !== null) return refused;
        const location = signedLog(logPath(job));
        return location === null ? problem(404, "Not Found") : { status: 302, headers: { location }, body: "" };
      }
      const runs = /^actions\/runs(?:\/(\d+)\/jobs)?$/.exec(rest);
      if (runs === null) return null;
      const jobsOfRun = runs[1];
      const refused = refusal(call, name, "actions");
      if (refused !== null) return refused;
      if (jobsOfRun === undefined) {
        const sha = new URL(call.path, url).searchParams.get("head_sha");
        const found = workflowRuns.filter((run) => sha === null || run.sha === sha).toReversed();
        const shown = await Promise.all(found.map(workflowRunJson));
        return paged(url, call, shown, (page) => ({ total_count: shown.length, workflow_runs: page }));
      }
      const run = workflowRuns.find(({ id }) => id === Number(jobsOfRun));
      if (run === undefined) return problem(404, "Not Found");
      const jobs = (await jobsOf(run)).map((one) => jobJson(run, one));
      return paged(url, call, jobs, (page) => ({ total_count: jobs.length, jobs: page }));
    },
  };
}
