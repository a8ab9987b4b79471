import type { z } from "zod";
import type { Connection } from "./connection.ts";
import { deploymentSchema, deploymentStatusSchema } from "./schema.ts";

export type DeploymentState = "succeeded" | "failed" | "in-progress" | "unknown";

export interface Deployment {
  readonly id: number;
  readonly sha: string;
  /** What was asked to be deployed: a branch, a tag or the sha itself. */
  readonly ref: string;
  readonly environment: string;
  /** GitHub's own flag, null where it says nothing. */
  readonly production: boolean | null;
  /** The service it deploys, where the deployment says so itself. */
  readonly service: string | null;
  readonly createdAt: number;
  /** When it was asked for, or its newest status came. */
  readonly updatedAt: number;
  /** "unknown": nobody reported a status, so only that it was asked for is known. */
  readonly state: DeploymentState;
  /** When it went into that state; for "unknown" when it was asked for. */
  readonly at: number;
  readonly description: string | null;
  readonly creator: string | null;
}

const PER_PAGE = 50;
const MOST_PAGES = 3;
/** A deployment may be asked for long before it succeeds. */
const LONGEST_ROLLOUT_MS = 6 * 3_600_000;
/** Statuses are one call each. */
export const MOST_STATUSES = 24;

const text = (value: unknown): string | null => (typeof value === "string" && value.trim() !== "" ? value.trim() : null);

/** Deploy tools put what they deploy into the payload, some of them as JSON text. */
function serviceOf(payload: unknown): string | null {
  let fields = payload;
  if (typeof payload === "string" && payload.trimStart().startsWith("{")) {
    try {
      fields = JSON.parse(payload);
    } catch {
      return null;
    }
  }
  if (typeof fields !== "object" || fields === null) return null;
  const { service, app, application, component } = fields as Record<string, unknown>;
  return text(service) ?? text(app) ?? text(application) ?? text(component);
}

type Status = z.output<typeof deploymentStatusSchema>;

/**
 * The state a deployment came to, from its statuses in any order. GitHub adds "inactive" to each older deployment of an environment, which
 * says nothing of how it went, so it is passed over.
 */
function outcomeOf(statuses: readonly Status[], createdAt: number): { state: DeploymentState; at: number } {
  const told = statuses.filter((status) => status.state !== "inactive").toSorted((a, b) => a.created_at - b.created_at);
  const success = told.find((status) => status.state === "success");
  if (success !== undefined) return { state: "succeeded", at: success.created_at };
  const last = told.at(-1);
  if (last === undefined) return { state: "unknown", at: createdAt };
  if (last.state === "failure" || last.state === "error") return { state: "failed", at: last.created_at };
  if (last.state !== "in_progress") return { state: "unknown", at: createdAt };
  // The first pods change when the rollout begins.
  const begun = told.find((status) => status.state === "in_progress");
  return { state: "in-progress", at: begun?.created_at ?? last.created_at };
}

/** A deployment that was asked for; what became of it is another call. */
export type RequestedDeployment = Omit<Deployment, "state" | "at">;

export interface DeploymentRequests {
  /** Newest first, the oldest of them older than asked where there are such: they tell what was live before. */
  readonly value: readonly RequestedDeployment[];
  readonly raw: string;
  /** Older ones were not read although they are within the time asked for. */
  readonly incomplete: boolean;
}

const toRequested = (from: z.output<typeof deploymentSchema>): RequestedDeployment => ({
  id: from.id,
  sha: from.sha,
  ref: from.ref,
  environment: from.environment,
  production: from.production_environment ?? null,
  service: serviceOf(from.payload),
  createdAt: from.created_at,
  updatedAt: from.updated_at ?? from.created_at,
  description: text(from.description),
  creator: from.creator?.login ?? null,
});

const listOf = (repository: string) => ({
  ...{ route: "GET /repos/{owner}/{repo}/deployments" as const, repository, parameters: {}, schema: deploymentSchema.array() },
  ...{ what: "the deployments", permission: "deployments: read" },
});

/** The newest deployments without their statuses, in one call. */
export async function newestDeployments(
  connection: Connection,
  repository: string,
  signal: AbortSignal,
): Promise<readonly RequestedDeployment[]> {
  const { value } = await connection.pages(listOf(repository), { perPage: PER_PAGE, most: 1 }, signal);
  return value.map(toRequested);
}

/** Deployments without their statuses, in one to three calls. A rollout may take hours, so it starts that much before `since`. */
export async function requestedDeployments(
  connection: Connection,
  { repository, since }: { readonly repository: string; readonly since: number },
  signal: AbortSignal,
): Promise<DeploymentRequests> {
  const horizon = since - LONGEST_ROLLOUT_MS;
  const reachesBack = (items: readonly { created_at: number }[]) => items.some((item) => item.created_at < horizon);
  const list = await connection.pages(listOf(repository), { perPage: PER_PAGE, most: MOST_PAGES, enough: reachesBack }, signal);
  return {
    value: list.value.toSorted((a, b) => b.created_at - a.created_at || b.id - a.id).map(toRequested),
    raw: list.raw,
    incomplete: list.more && !reachesBack(list.value),
  };
}

/** What became of one deployment. */
export async function deploymentOutcome(
  connection: Connection,
  repository: string,
  deployment: RequestedDeployment,
  signal: AbortSignal,
): Promise<{ readonly value: Deployment; readonly raw: string }> {
  const { value, raw } = await connection.call(
    {
      route: "GET /repos/{owner}/{repo}/deployments/{deployment_id}/statuses",
      repository,
      parameters: { deployment_id: deployment.id, per_page: 100 },
      schema: deploymentStatusSchema.array(),
      what: `the statuses of deployment ${deployment.id}`,
      permission: "deployments: read",
    },
    signal,
  );
  return { value: { ...deployment, ...outcomeOf(value, deployment.createdAt) }, raw };
}

/** Those that may have come through after `since`, whenever they were asked for. */
export const possiblySince = (deployments: readonly RequestedDeployment[], since: number, rolloutMs = LONGEST_ROLLOUT_MS) =>
  deployments.filter((deployment) => deployment.createdAt >= since - rolloutMs);
