import type { Context, Hono } from "hono";
import { isObject, type Json, objectsIn, textIn } from "../json.ts";
import { outsideUrl } from "../outside-url.ts";
import { botLogin } from "./backend.ts";
import { diffText, patchText, textFormOf } from "./diff-text.ts";
import { accountJson, issueJson, timeText } from "./recorded-pulls.ts";
import { encodePath, pageOf, problem } from "./answers.ts";
import type { GithubRepository } from "./repository.ts";

const numbered = (c: Context) => Number(c.req.param("number"));
const invalidPull = (c: Context, field: string) =>
  problem(c, 422, "Validation Failed", [{ resource: "PullRequest", field, code: "invalid" }]);

/** Pull requests: the recorded ones and those that clients open. */
export function pullRoutes(repo: Hono, repository: GithubRepository): void {
  const { fates, numberOffset } = repository;
  repo.get("/pulls", (c) => listPulls(c, repository));
  repo.post("/pulls", (c) => openPull(c, repository));
  repo.patch("/pulls/:number{[0-9]+}", (c) => changePull(c, repository));
  repo.get("/pulls/:number{[0-9]+}", async (c) => {
    const found = await repository.pullWithParts(c, numbered(c));
    if (found === null) return problem(c, 404, "Not Found");
    const form = textFormOf(c.req.header("accept"));
    if (form === "diff") return c.text(diffText(found.files));
    if (form === "patch") return c.text(patchText(found.commits.at(-1) ?? {}, found.files));
    return c.json(found.pull);
  });
  for (const part of ["files", "commits"] as const)
    repo.get(`/pulls/:number{[0-9]+}/${part}`, async (c) => {
      const found = await repository.pullWithParts(c, numbered(c));
      return found === null ? problem(c, 404, "Not Found") : c.json(pageOf(c, found[part]));
    });
  repo.put("/pulls/:number{[0-9]+}/merge", async (c) => {
    const found = await repository.opened(numbered(c));
    if (found === null) return problem(c, 404, "Not Found");
    // midwatch never merges, so nothing here does it for a token; people do it in the browser (`people.merge`).
    return problem(c, 405, found["draft"] === true ? "Pull Request is still a draft" : "Pull Request is not mergeable");
  });
  const isRecorded = (c: Context) => repository.pulls.some(({ number }) => number === numbered(c));
  repo.get("/pulls/:number{[0-9]+}/merge", (c) =>
    isRecorded(c) || fates.isMerged(numbered(c) - numberOffset) ? c.body(null, 204) : problem(c, 404, "Not Found"),
  );
  // Every pull request is an issue too; that is where GitHub says who closed it.
  repo.get("/issues/:number{[0-9]+}", async (c, next) => {
    const found = await repository.pullWithParts(c, numbered(c));
    if (found === null) return next();
    const { pull } = found;
    const closedBy = isRecorded(c) ? textIn(pull["user"], "login") : fates.closedBy(numbered(c) - numberOffset);
    return c.json(issueJson(pull, closedBy === null || pull["state"] === "open" ? null : accountJson(closedBy, outsideUrl(c))));
  });
  repo.get("/issues/:number{[0-9]+}/timeline", (c) => {
    const events = fates.events(numbered(c) - numberOffset).map(({ event, by, at }, index): Json => {
      const id = numbered(c) * 1000 + index;
      const url = `${outsideUrl(c)}${repository.path}/issues/events/${id}`;
      const more = { commit_id: null, commit_url: null, created_at: timeText(at), performed_via_github_app: null };
      return { id, node_id: `E_${id}`, url, actor: accountJson(by, outsideUrl(c)), event, ...more };
    });
    return c.json(pageOf(c, events));
  });
  // GitHub's labels are the same whatever their letter case.
  repo.get("/labels/:name", async (c) => {
    const wanted = c.req.param("name").toLowerCase();
    const found = objectsIn(await repository.get("/labels?per_page=100")).find((label) => textIn(label, "name").toLowerCase() === wanted);
    return found === undefined ? problem(c, 404, "Not Found") : repository.reply(c, 200, found);
  });
  // What a recorded pull request's thread said is not recorded.
  repo.on("GET", ["/issues/:number{[0-9]+}/comments", "/pulls/:number{[0-9]+}/comments", "/pulls/:number{[0-9]+}/reviews"], (c, next) =>
    isRecorded(c) ? c.json([]) : next(),
  );
}

async function listPulls(c: Context, repository: GithubRepository): Promise<Response> {
  const state = c.req.query("state") ?? "open";
  const [head, base, sort = "created"] = [c.req.query("head"), c.req.query("base"), c.req.query("sort")];
  const direction = c.req.query("direction") ?? (sort === "created" ? "desc" : "asc");
  const merged = await repository.recordedPulls(c);
  const mine = await Promise.all((await repository.openedPulls()).map(async (one) => (await repository.current(one)).pull));
  const key = (pull: Json) => textIn(pull, sort === "updated" ? "updated_at" : "created_at");
  const found = [...objectsIn(repository.show(c, mine)), ...merged]
    .filter((pull) => state === "all" || pull["state"] === state)
    .filter((pull) => base === undefined || textIn(pull["base"], "ref") === base)
    .filter((pull) => head === undefined || textIn(pull["head"], head.includes(":") ? "label" : "ref") === head)
    .toSorted((a, b) => key(a).localeCompare(key(b)) * (direction === "asc" ? 1 : -1));
  return c.json(pageOf(c, found));
}

async function openPull(c: Context, repository: GithubRepository): Promise<Response> {
  const asked: unknown = await c.req.json().catch(() => null);
  const custom = (message: string) => problem(c, 422, "Validation Failed", [{ resource: "PullRequest", code: "custom", message }]);
  const head = textIn(asked, "head").replace(`${repository.owner}:`, "");
  const base = textIn(asked, "base");
  const [headSha, baseSha] = await Promise.all([repository.head(head), repository.head(base)]);
  if (headSha === null) return invalidPull(c, "head");
  if (baseSha === null) return invalidPull(c, "base");
  if ((await repository.openOf(head)).length > 0) return custom(`A pull request already exists for ${repository.owner}:${head}.`);
  const comparison = await repository.get(`/compare/${encodePath(base)}...${encodePath(head)}`);
  if (!isObject(comparison) || Number(comparison["ahead_by"] ?? 0) === 0) return custom(`No commits between ${base} and ${head}`);
  const answer = await repository.call("POST", "/pulls", asked);
  if (answer.status !== 201 || !isObject(answer.body)) return repository.reply(c, answer.status, answer.body);
  return repository.reply(c, 201, (await repository.current(answer.body)).pull);
}

async function changePull(c: Context, repository: GithubRepository): Promise<Response> {
  const asked: unknown = await c.req.json().catch(() => null);
  const found = await repository.opened(numbered(c));
  if (found === null || !isObject(asked)) return problem(c, 404, "Not Found");
  const { title, body, state, base } = asked;
  if (title !== undefined && (typeof title !== "string" || title.trim() === "")) return invalidPull(c, "title");
  if (state !== undefined && state !== "open" && state !== "closed") return invalidPull(c, "state");
  const own = Number(found["number"]);
  // What is merged, or has lost its branch, is not opened again.
  if (state === "open" && (repository.fates.isMerged(own) || (await repository.head(textIn(found["head"], "ref"))) === null))
    return invalidPull(c, "state");
  if (state === "closed" && found["state"] === "open") await repository.keepHead(found);
  const answer = await repository.call("PATCH", `/pulls/${own}`, { title, body, state, base });
  if (answer.status !== 200 || !isObject(answer.body)) return repository.reply(c, answer.status, answer.body);
  if (state === "closed" && found["state"] === "open") repository.fates.closed(own, { by: botLogin });
  return repository.reply(c, 200, (await repository.current(answer.body)).pull);
}
