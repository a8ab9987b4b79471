import type { Ci, CiJob, CiRun, Outcome } from "../../../src/replay/github/ci/ci-run.ts";

type State = "queued" | "in_progress" | NonNullable<CiJob["conclusion"]>;

/** What a check run says. */
export interface TestCheck {
  readonly name: string;
  /** Default "success". */
  readonly state?: State;
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

type Run = CiRun & { readonly jobs: CiJob[] };

const outcome = (state: State, at: number): Outcome =>
  state === "queued" || state === "in_progress"
    ? { status: state, conclusion: null, startedAt: null, completedAt: null }
    : { status: "completed", conclusion: state, startedAt: null, completedAt: at };

/** CI of one repository, as a test sets it. */
export class TestCi implements Ci {
  readonly runs: Run[] = [];
  readonly names = [];
  #jobs = 0;

  pushed(): void {}
  async idle(): Promise<void> {}
  async close(): Promise<void> {}

  /** Adds a check run, which takes the place of an earlier one of that name. @returns its id, which is that of its job */
  check(sha: string, { name, state = "success", app = "github-actions", workflow, at = 0, ...more }: TestCheck): number {
    const jobs = this.#runOf(sha, app, workflow, outcome(state, at)).jobs;
    const job: CiJob = {
      ...outcome(state, at),
      id: 51_000 + this.#jobs++,
      name,
      command: [name],
      title: more.title ?? null,
      summary: more.summary ?? null,
      annotations: (more.annotations ?? []).map((one) => ({ ...one, level: "failure", title: null })),
      log: [],
    };
    const earlier = jobs.findIndex((one) => one.name === name);
    if (earlier >= 0) jobs.splice(earlier, 1);
    jobs.push(job);
    return job.id;
  }

  /** Begins a workflow run that has no job (yet). @returns its id */
  workflowRun(
    sha: string,
    { workflow, state = "queued", at = 0 }: Pick<TestCheck, "state" | "at"> & { readonly workflow: string },
  ): number {
    return this.#runOf(sha, "github-actions", workflow, outcome(state, at)).id;
  }

  /** The run of a workflow on a commit, which begins with its first job. */
  #runOf(sha: string, slug: string, workflow: string | undefined, alone: Outcome): Run {
    const app = slug === "github-actions" ? {} : { app: slug };
    const named = workflow === undefined ? {} : { workflow };
    const known = this.runs.find((one) => one.sha === sha && one.app === app.app && (one.workflow ?? "CI") === (workflow ?? "CI"));
    if (known !== undefined) return known;
    const number = this.runs.length + 1;
    const run: Run = {
      id: 7_000 + number,
      suiteId: 9_000 + number,
      number,
      sha,
      branch: "main",
      createdAt: 0,
      jobs: [],
      alone,
      ...app,
      ...named,
    };
    this.runs.push(run);
    return run;
  }
}
