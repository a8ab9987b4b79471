import type { ReplayClock } from "../clock.ts";
import { deploysOf } from "../deploys.ts";
import type { Recording } from "../recorded.ts";

/** A deploy that names a commit. */
export interface Deployment {
  readonly id: number;
  readonly sha: string;
  /** What was asked for: the version's tag where it has one, else the branch. */
  readonly ref: string;
  readonly environment: string;
  readonly service: string | null;
  readonly version: string | null;
  /** "config" where the deploy only rolled out configuration. */
  readonly change: string | null;
  readonly creator: string | null;
  /** Served time, epoch milliseconds. */
  readonly at: number;
  /** Oldest first. */
  readonly statuses: readonly (readonly [state: string, at: number])[];
}

/**
 * Deploys up to the recording's end, newest first. Those without a commit are no affair of GitHub's. A recorded deploy is one that went live: it
 * has one status, and it is "success".
 */
export function recordedDeployments(recording: Recording, clock: ReplayClock): Deployment[] {
  return deploysOf(recording)
    .filter(({ sha }) => sha !== null)
    .map((row, index) => ({
      id: 1001 + index,
      sha: row.sha ?? "",
      ref: row.version ?? "main",
      environment: row.environment ?? "production",
      service: row.service,
      version: row.version,
      change: row.change,
      creator: row.author,
      at: clock.toServed(row.at),
      statuses: [["success", clock.toServed(row.at)]] as const,
    }))
    .toReversed();
}
