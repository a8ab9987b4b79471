import type { ReplayClock } from "../clock.ts";
import { deploysOf } from "../deploys.ts";
import type { Json } from "../json.ts";
import type { Recording } from "../recorded.ts";
import { accountJson, timeText } from "./recorded-pulls.ts";

/** A deploy of the recording that names a commit. */
export interface RecordedDeployment {
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
}

/** Deploys up to the recording's end, newest first. Those without a commit are no affair of GitHub's. */
export function recordedDeployments(recording: Recording, clock: ReplayClock): RecordedDeployment[] {
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
    }))
    .toReversed();
}

export function deploymentJson(deployment: RecordedDeployment, fullName: string, base: string): Json {
  const api = `${base}/repos/${fullName}`;
  const { id, sha, ref, environment, service, version, change } = deployment;
  return {
    url: `${api}/deployments/${id}`,
    id,
    node_id: `DE_${id}`,
    sha,
    ref,
    task: "deploy",
    payload: Object.fromEntries(Object.entries({ service, version, change }).filter(([, value]) => value !== null)),
    original_environment: environment,
    environment,
    description: service === null ? null : `${service} to ${environment}`,
    creator: accountJson(deployment.creator ?? "deploy-bot", base, deployment.creator === null ? "Bot" : "User"),
    created_at: timeText(deployment.at),
    updated_at: timeText(deployment.at),
    statuses_url: `${api}/deployments/${id}/statuses`,
    repository_url: api,
    transient_environment: false,
    production_environment: environment === "production",
  };
}

/** A recorded deploy is one that went live: it has one status, and it is "success". */
export function deploymentStatusJson(deployment: RecordedDeployment, fullName: string, base: string): Json {
  const api = `${base}/repos/${fullName}`;
  const { id, environment } = deployment;
  return {
    url: `${api}/deployments/${id}/statuses/${id}`,
    id,
    node_id: `DES_${id}`,
    state: "success",
    creator: accountJson(deployment.creator ?? "deploy-bot", base, deployment.creator === null ? "Bot" : "User"),
    description: "",
    environment,
    target_url: `${base}/${fullName}/deployments`,
    created_at: timeText(deployment.at),
    updated_at: timeText(deployment.at),
    deployment_url: `${api}/deployments/${id}`,
    repository_url: api,
  };
}
