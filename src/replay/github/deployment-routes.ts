import type { Context, Hono } from "hono";
import type { Json } from "../json.ts";
import { outsideUrl } from "../outside-url.ts";
import { pageOf, problem } from "./answers.ts";
import type { Deployment } from "./deployments.ts";
import { accountJson, loginOf, timeText } from "./recorded-pulls.ts";
import type { GithubRepository } from "./repository.ts";

const creatorJson = ({ creator }: Deployment, base: string) =>
  accountJson(creator === null ? "deploy-bot" : loginOf(creator), base, creator === null ? "Bot" : "User");

function deploymentJson(deployment: Deployment, fullName: string, base: string): Json {
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
    creator: creatorJson(deployment, base),
    created_at: timeText(deployment.at),
    updated_at: timeText(deployment.at),
    statuses_url: `${api}/deployments/${id}/statuses`,
    repository_url: api,
    transient_environment: false,
    production_environment: environment === "production",
  };
}

/** Newest first. */
function statusesJson(deployment: Deployment, fullName: string, base: string): Json[] {
  const api = `${base}/repos/${fullName}`;
  const { id, environment, statuses } = deployment;
  const all = statuses.map(([state, at], index): Json => ({
    url: `${api}/deployments/${id}/statuses/${id + index}`,
    id: id + index,
    node_id: `DES_${id + index}`,
    state,
    creator: creatorJson(deployment, base),
    description: "",
    environment,
    target_url: `${base}/${fullName}/deployments`,
    created_at: timeText(at),
    updated_at: timeText(at),
    deployment_url: `${api}/deployments/${id}`,
    repository_url: api,
  }));
  return all.toReversed();
}

/** Deployments, their statuses and their environments. */
export function deploymentRoutes(repo: Hono, { name, path, deployments: recorded, now }: GithubRepository): void {
  const deployed = () => recorded.filter(({ at }) => at <= now());
  repo.get("/deployments", (c) => {
    const [sha, ref, task, environment] = (["sha", "ref", "task", "environment"] as const).map((key) => {
      const value = c.req.query(key);
      return value === "none" ? undefined : value;
    });
    const found = deployed().filter(
      (one) =>
        (sha ?? one.sha) === one.sha &&
        (ref ?? one.ref) === one.ref &&
        (task ?? "deploy") === "deploy" &&
        (environment ?? one.environment) === one.environment,
    );
    return c.json(
      pageOf(
        c,
        found.map((one) => deploymentJson(one, name, outsideUrl(c))),
      ),
    );
  });
  const deployment = (c: Context) => deployed().find(({ id }) => String(id) === c.req.param("id"));
  repo.get("/deployments/:id", (c) => {
    const found = deployment(c);
    return found === undefined ? problem(c, 404, "Not Found") : c.json(deploymentJson(found, name, outsideUrl(c)));
  });
  repo.get("/deployments/:id/statuses", (c) => {
    const found = deployment(c);
    return found === undefined ? problem(c, 404, "Not Found") : c.json(pageOf(c, statusesJson(found, name, outsideUrl(c))));
  });
  repo.get("/environments", (c) => {
    const environments = [...new Set(deployed().map(({ environment }) => environment))].map((environment, index): Json => ({
      id: index + 1,
      node_id: `EN_${index + 1}`,
      name: environment,
      url: `${outsideUrl(c)}${path}/environments/${environment}`,
      html_url: `${outsideUrl(c)}/${name}/deployments/${environment}`,
      created_at: "2020-01-01T00:00:00Z",
      updated_at: "2020-01-01T00:00:00Z",
    }));
    return c.json({ total_count: environments.length, environments });
  });
}
