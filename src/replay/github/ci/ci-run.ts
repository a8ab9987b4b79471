export interface CiAnnotation {
  readonly path: string;
  readonly line: number;
  readonly level: "failure" | "warning" | "notice";
  readonly title: string | null;
  readonly message: string;
}

/** One check of one run: a job in GitHub's words, and its check run, under one id. */
export interface CiJob {
  readonly id: number;
  readonly name: string;
  readonly command: readonly string[];
  readonly status: "queued" | "in_progress" | "completed";
  readonly conclusion: "success" | "failure" | "cancelled" | "neutral" | "skipped" | "timed_out" | "action_required" | null;
  /** Epoch milliseconds, as all times here. */
  readonly startedAt: number | null;
  readonly completedAt: number | null;
  readonly title: string | null;
  readonly summary: string | null;
  readonly annotations: readonly CiAnnotation[];
  readonly log: readonly { readonly at: number; readonly text: string }[];
}

/** All checks of one push. `sha` is the emulator's. */
export interface CiRun {
  readonly id: number;
  readonly suiteId: number;
  readonly number: number;
  readonly sha: string;
  readonly branch: string;
  readonly createdAt: number;
  readonly jobs: readonly CiJob[];
  /** Default "CI". */
  readonly workflow?: string;
  /** Slug of the app that reports it. Default: GitHub Actions, whose checks are jobs of workflow runs. */
  readonly app?: string;
  /** What it says of itself while it has no job. */
  readonly alone?: Outcome;
}

/** Whether a run is over, and how. */
export type Outcome = Pick<CiJob, "status" | "conclusion" | "startedAt" | "completedAt">;

export interface Ci {
  /** A commit became the head of a branch. Runs once a commit, whatever else becomes of it. */
  pushed(branch: string, sha: string): void;
  readonly runs: readonly CiRun[];
  /** Names of the checks that it runs for each commit. */
  readonly names: readonly string[];
  /** Resolves when nothing runs or waits any more. */
  idle(): Promise<void>;
  /** Kills what runs and takes its folders away. */
  close(): Promise<void>;
}

/** The worst of its jobs. */
export function outcomeOf({ jobs, alone }: CiRun): Outcome {
  if (jobs.length === 0 && alone !== undefined) return alone;
  const startedAt = Math.min(...jobs.map((job) => job.startedAt ?? Number.POSITIVE_INFINITY));
  const began = Number.isFinite(startedAt) ? startedAt : null;
  if (jobs.some((job) => job.status !== "completed"))
    return {
      status: jobs.every((job) => job.status === "queued") ? "queued" : "in_progress",
      conclusion: null,
      startedAt: began,
      completedAt: null,
    };
  const worst =
    (["failure", "timed_out", "action_required", "cancelled"] as const).find((one) => jobs.some((job) => job.conclusion === one)) ??
    "success";
  return { status: "completed", conclusion: worst, startedAt: began, completedAt: Math.max(...jobs.map((job) => job.completedAt ?? 0)) };
}
