import type { Context, Hono } from "hono";
import { isObject, type Json, objectsIn } from "../json.ts";
import { outsideUrl } from "../outside-url.ts";
import { timeText } from "./recorded-pulls.ts";
import { pageOf, problem } from "./answers.ts";
import type { CommitStatus, GithubRepository } from "./repository.ts";

/** What GitHub adds to a commit: the pull requests that brought it, and its statuses. */
export function commitRoutes(repo: Hono, repository: GithubRepository): void {
  const { shas } = repository;
  const unknown = (c: Context) => problem(c, 422, `No commit found for SHA: ${c.req.param("ref")}`);
  repo.get("/commits/:ref/pulls", async (c) => {
    const sha = await repository.resolve(c.req.param("ref"));
    if (sha === null) return unknown(c);
    const open: Json[] = [];
    for (const found of await repository.openedPulls()) {
      const { pull, comparison } = await repository.current(found);
      if (objectsIn(comparison["commits"]).some((one) => one["sha"] === sha)) open.push(pull);
    }
    const merged = await repository.recordedPulls(c, (one) => shas.toInside(one.sha) === sha);
    return c.json(pageOf(c, [...merged, ...objectsIn(repository.show(c, open))]));
  });
  repo.get("/commits/:ref{.+}/status", async (c) => {
    const inside = await repository.resolve(c.req.param("ref"));
    if (inside === null) return unknown(c);
    const [sha, all] = [shas.toOutside(inside), repository.statuses.get(inside) ?? []];
    const url = `${outsideUrl(c)}${repository.path}/commits/${sha}`;
    return c.json({
      state: combined(all),
      statuses: pageOf(
        c,
        all.map((one, index) => statusJson(one, index, `${outsideUrl(c)}${repository.path}/statuses/${sha}`)),
      ),
      sha,
      total_count: all.length,
      repository: repository.show(c, await repository.get("")),
      commit_url: url,
      url: `${url}/status`,
    });
  });
  repo.get("/commits/:ref{.+}/statuses", async (c) => {
    const sha = await repository.resolve(c.req.param("ref"));
    return sha === null ? problem(c, 404, "Not Found") : c.json([]);
  });
  // The emulator wraps this list as GitHub wraps others.
  repo.get("/check-runs/:id{[0-9]+}/annotations", async (c) => {
    const answer = await repository.call("GET", `/check-runs/${c.req.param("id")}/annotations?per_page=100`);
    if (answer.status !== 200) return repository.reply(c, answer.status, answer.body);
    return c.json(pageOf(c, objectsIn(repository.show(c, isObject(answer.body) ? answer.body["check_annotations"] : null))));
  });
}

/** GitHub calls a commit without a status "pending". */
function combined(statuses: readonly CommitStatus[]): string {
  const states = statuses.map(({ state }) => state);
  if (states.includes("failure") || states.includes("error")) return "failure";
  return states.length === 0 || states.includes("pending") ? "pending" : "success";
}

const statusJson = ({ context, state, description, link, at }: CommitStatus, index: number, url: string): Json => ({
  id: index + 1,
  node_id: `S_${index + 1}`,
  context,
  state,
  description,
  target_url: link,
  avatar_url: null,
  url,
  created_at: timeText(at),
  updated_at: timeText(at),
});
