import { createHmac, randomBytes, timingSafeEqual } from "node:crypto";
import type { Context, Hono } from "hono";
import { isObject, type Json, objectsIn, textIn } from "../../json.ts";
import { outsideUrl } from "../../outside-url.ts";
import { pageOf, problem } from "../answers.ts";
import type { GithubRepository } from "../repository.ts";
import type { Ci, CiJob, CiRun } from "./ci-run.ts";
import { annotationJson, checkRunJson, checkSuiteJson, type CiNames, jobJson, logText, workflowRunJson } from "./ci-answers.ts";

/** Where logs are served, to anyone with the link: outside the API, as GitHub's lie on another host. */
export const LOG_PATH = "/_logs/";
/** Source: docs.github.com, "Download job logs for a workflow run": the link expires after a minute. */
const LINK_MS = 60_000;

const names = ({ name, shas }: GithubRepository, c: Context, run: CiRun): CiNames => ({
  repository: name,
  base: outsideUrl(c),
  sha: shas.toOutside(run.sha),
});

/** Runs of GitHub Actions: other apps have check runs alone. */
const workflowRuns = ({ runs }: Ci) => runs.filter(({ app }) => app === undefined);

/** The default branch was pushed long ago; its CI runs when somebody first asks. */
async function runsOf(repository: GithubRepository, ci: Ci, sha: string): Promise<CiRun[]> {
  if (sha === (await repository.resolve("main"))) ci.pushed("main", sha);
  return ci.runs.filter((run) => run.sha === sha);
}

function jobOf(ci: Ci, c: Context): { run: CiRun; job: CiJob } | null {
  const id = Number(c.req.param("id"));
  for (const run of ci.runs) for (const job of run.jobs) if (job.id === id) return { run, job };
  return null;
}

const runOf = (ci: Ci, c: Context): CiRun | null => workflowRuns(ci).find(({ id }) => id === Number(c.req.param("id"))) ?? null;

const fits = (c: Context) => (check: Json) =>
  (c.req.query("check_name") ?? check["name"]) === check["name"] && (c.req.query("status") ?? check["status"]) === check["status"];

/** The check runs of a commit, its suites, and what failed checks say. */
export function checkRoutes(repo: Hono, repository: GithubRepository, ci: Ci): void {
  repo.get("/commits/:ref{.+}/check-runs", async (c) => {
    const sha = await repository.resolve(c.req.param("ref"));
    if (sha === null) return problem(c, 404, "Not Found");
    const own = (await runsOf(repository, ci, sha)).flatMap((run) =>
      run.jobs.map((job) => checkRunJson(run, job, names(repository, c, run))),
    );
    // Others report to the emulator, by POST.
    const others = await repository.get(`/commits/${sha}/check-runs?per_page=100`);
    const shown = repository.show(c, isObject(others) ? others["check_runs"] : []);
    const all = [...own, ...objectsIn(shown)].filter(fits(c));
    return c.json({ total_count: all.length, check_runs: pageOf(c, all) });
  });
  repo.get("/commits/:ref{.+}/check-suites", async (c) => {
    const sha = await repository.resolve(c.req.param("ref"));
    if (sha === null) return problem(c, 404, "Not Found");
    const suites = await Promise.all(
      (await runsOf(repository, ci, sha))
        .filter(({ app }) => app === undefined)
        .map(async (run) => checkSuiteJson(run, names(repository, c, run), await parts(repository, c, run))),
    );
    return c.json({ total_count: suites.length, check_suites: pageOf(c, suites) });
  });
  repo.get("/check-runs/:id{[0-9]+}", async (c, next) => {
    const found = jobOf(ci, c);
    return found === null ? next() : c.json(checkRunJson(found.run, found.job, names(repository, c, found.run)));
  });
  repo.get("/check-runs/:id{[0-9]+}/annotations", async (c, next) => {
    const found = jobOf(ci, c);
    if (found === null) return next();
    return c.json(
      pageOf(
        c,
        found.job.annotations.map((one) => annotationJson(one, names(repository, c, found.run))),
      ),
    );
  });
}

async function parts(repository: GithubRepository, c: Context, run: CiRun): Promise<{ repository: Json; commit: Json }> {
  const [about, commit] = await Promise.all([repository.get(""), repository.get(`/git/commits/${run.sha}`)]);
  const identity = (value: unknown): Json => ({ name: textIn(value, "name"), email: textIn(value, "email") });
  const { author, committer, tree } = isObject(commit) ? commit : {};
  return {
    repository: repository.showObject(c, about),
    commit: {
      id: repository.shas.toOutside(run.sha),
      tree_id: textIn(tree, "sha"),
      message: textIn(commit, "message"),
      timestamp: textIn(committer, "date"),
      author: identity(author),
      committer: identity(committer),
    },
  };
}

/** Workflow runs of GitHub Actions and their jobs. */
export function workflowRoutes(repo: Hono, repository: GithubRepository, ci: Ci): void {
  const runJson = async (c: Context, run: CiRun) => workflowRunJson(run, names(repository, c, run), await parts(repository, c, run));
  repo.get("/actions/runs", async (c) => {
    const main = await repository.resolve("main");
    if (main !== null) ci.pushed("main", main);
    const [branch, headSha, status] = [c.req.query("branch"), c.req.query("head_sha"), c.req.query("status")];
    const shown = await Promise.all(
      workflowRuns(ci)
        .toReversed()
        .map((run) => runJson(c, run)),
    );
    const found = shown.filter(
      (run) =>
        (branch ?? run["head_branch"]) === run["head_branch"] &&
        (headSha ?? run["head_sha"]) === run["head_sha"] &&
        (status === undefined || status === run["status"] || status === run["conclusion"]),
    );
    return c.json({ total_count: found.length, workflow_runs: pageOf(c, found) });
  });
  repo.get("/actions/runs/:id{[0-9]+}", async (c) => {
    const run = runOf(ci, c);
    return run === null ? problem(c, 404, "Not Found") : c.json(await runJson(c, run));
  });
  repo.get("/actions/runs/:id{[0-9]+}/jobs", (c) => {
    const run = runOf(ci, c);
    if (run === null) return problem(c, 404, "Not Found");
    const jobs = run.jobs.map((job) => jobJson(run, job, names(repository, c, run)));
    return c.json({ total_count: jobs.length, jobs: pageOf(c, jobs) });
  });
  repo.get("/actions/jobs/:id{[0-9]+}", (c) => {
    const found = jobOf(ci, c);
    return found === null ? problem(c, 404, "Not Found") : c.json(jobJson(found.run, found.job, names(repository, c, found.run)));
  });
}

/** Logs of jobs: the route that names the signed link, the one that gives them out, and what a link to a run opens in a browser. */
export function logRoutes(app: Hono, repo: Hono, repository: GithubRepository, ci: Ci): void {
  const key = randomBytes(32);
  const signature = (id: string, until: string) => createHmac("sha256", key).update(`${id} ${until}`).digest("base64url");
  repo.get("/actions/jobs/:id{[0-9]+}/logs", (c) => {
    const found = jobOf(ci, c);
    // There is no log before the job is over, nor of one that never began.
    if (found === null || found.job.status !== "completed" || found.job.log.length === 0) return problem(c, 404, "Not Found");
    const until = new Date(repository.now() + LINK_MS).toISOString();
    const query = new URLSearchParams({
      rsct: "text/plain",
      se: until,
      sig: signature(`${found.job.id}`, until),
      sp: "r",
      sr: "b",
      sv: "2025-01-05",
    });
    return c.redirect(`${outsideUrl(c)}${LOG_PATH}${found.job.id}.txt?${query}`, 302);
  });
  app.get(`${LOG_PATH}:file`, (c) => {
    const id = c.req.param("file").replace(/\.txt$/, "");
    const until = c.req.query("se") ?? "";
    const [given, right] = [Buffer.from(c.req.query("sig") ?? ""), Buffer.from(signature(id, until))];
    const refused = (code: string, message: string) =>
      c.body(`<?xml version="1.0" encoding="utf-8"?><Error><Code>${code}</Code><Message>${message}</Message></Error>`, 403, {
        "content-type": "application/xml",
      });
    // The storage behind GitHub knows the link alone, and refuses credentials of somebody else.
    if (c.req.header("authorization") !== undefined)
      return refused("InvalidAuthenticationInfo", "An authorization header came with a signed link.");
    if (given.length !== right.length || !timingSafeEqual(given, right) || !(Date.parse(until) > repository.now()))
      return refused("AuthenticationFailed", "Signature not valid in the specified time frame.");
    const job = ci.runs.flatMap(({ jobs }) => jobs).find((one) => `${one.id}` === id);
    return job === undefined ? c.notFound() : c.body(logText(job), 200, { "content-type": "text/plain; charset=utf-8" });
  });

  app.get(`/${repository.name}/actions/runs/:run{[0-9]+}/:rest{.*}?`, (c) => {
    const run = ci.runs.find(({ id }) => id === Number(c.req.param("run")));
    if (run === undefined) return c.notFound();
    const job = run.jobs.find(({ id }) => c.req.path.endsWith(`/job/${id}`)) ?? run.jobs[0];
    return job === undefined ? c.notFound() : c.text(logText(job));
  });
}
