/** One check of a commit, whether it came as a check run, as a commit status or as a job of GitHub Actions. */
export interface Check {
  readonly name: string;
  readonly kind: "check-run" | "status";
  readonly state: "running" | "passed" | "failed" | "skipped";
  /** GitHub's own word. */
  readonly conclusion: string;
  /** Epoch milliseconds, null while it runs or where nothing is said. */
  readonly finishedAt: number | null;
  readonly link: string | null;
  /**
   * Id of a check run, by which its failure can be asked for; null for statuses and for a workflow run of which no job is known. Of GitHub
   * Actions' runs it is the job's, which has a log.
   */
  readonly id: number | null;
  /** Slug of the app that reported a check run (`github-actions`); null for statuses and where GitHub does not say. */
  readonly app: string | null;
  /** Name of the workflow of a job of GitHub Actions, if known; check runs do not say it. */
  readonly workflow?: string;
  /** What the check says of its outcome in a few words, where it does. Text from outside. */
  readonly summary: string | null;
}

/** Slug of the app whose check runs are jobs of GitHub Actions. */
export const ACTIONS_APP = "github-actions";

/** Check runs, workflow runs and their jobs use the same words. */
export function runState(status: string, conclusion: string | null): Check["state"] {
  if (status !== "completed") return "running";
  if (conclusion === "success") return "passed";
  return conclusion === "neutral" || conclusion === "skipped" ? "skipped" : "failed";
}
