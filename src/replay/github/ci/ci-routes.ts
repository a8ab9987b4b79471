import { createHmac, randomBytes, timingSafeEqual } from "node:crypto";
import type { Context, Hono } from "hono";
import { isObject, type Json, objectsIn, textIn } from "../../json.ts";
import { outsideUrl } from "../../outside-url.ts";
import { pageOf } from "../paging.ts";
import type { Ci, CiJob, CiRun } from "./ci.ts";
import { annotationJson, checkRunJson, checkSuiteJson, type CiNames, jobJson, logText, workflowRunJson } from "./ci-answers.ts";

export interface CiRoutesOptions {
  readonly ci: Ci;
  /** `owner/name`. */
  readonly repository: string;
  readonly toOutside: (sha: string) => string;
  /** The emulator's answer below the repository, or null. */
  readonly get: (path: string) => Promise<unknown>;
  /** An answer of the emulator as clients see it. */
  readonly show: (c: Context, value: unknown) => unknown;
  /** The emulator's sha of a branch or commit, or null. */
  readonly resolve: (ref: string) => Promise<string | null>;
  readonly notFound: (c: Context) => Response;
  readonly now: () => number;
}

/** Where logs are given out, to whoever has the link: outside the API, as GitHub's lie on another host. */
export const LOG_PATH = "/_logs/";
/** Source: docs.github.com, "Download job logs for a workflow run": the link expires after a minute. */
const LINK_MS = 60_000;

/** The routes below a repository that tell of its CI, and the one that gives out logs. */
export function ciRoutes(app: Hono, repo: Hono, options: CiRoutesOptions): void {
  const { ci, repository, toOutside, get, show, resolve, notFound, now } = options;
  const key = randomBytes(32);
  const names = (c: Context, run: CiRun): CiNames => ({ repository, base: outsideUrl(c), sha: toOutside(run.sha) });

  /** The default branch was pushed long ago; its CI runs when somebody first asks. */
  async function runsOf(sha: string): Promise<CiRun[]> {
    if (sha === (await resolve("main"))) ci.pushed("main", sha);
    return ci.runs.filter((run) => run.sha === sha);
  }
  const jobOf = (c: Context): { run: CiRun; job: CiJob } | null => {
    const id = Number(c.req.param("id"));
    for (const run of ci.runs) for (const job of run.jobs) if (job.id === id) return { run, job };
    return null;
  };
  const runOf = (c: Context): CiRun | null => ci.runs.find(({ id }) => id === Number(c.req.param("id"))) ?? null;
  const fits = (c: Context) => (check: Json) =>
    (c.req.query("check_name") ?? check["name"]) === check["name"] && (c.req.query("status") ?? check["status"]) === check["status"];

  repo.get("/commits/:ref{.+}/check-runs", async (c) => {
    const sha = await resolve(c.req.param("ref"));
    if (sha === null) return notFound(c);
    const own = (await runsOf(sha)).flatMap((run) => run.jobs.map((job) => checkRunJson(run, job, names(c, run))));
    // Others report to the emulator, by POST.
    const others = await get(`/commits/${sha}/check-runs?per_page=100`);
    const shown = show(c, isObject(others) ? others["check_runs"] : []);
    const all = [...own, ...objectsIn(shown)].filter(fits(c));
    return c.json({ total_count: all.length, check_runs: pageOf(c, all) });
  });
  repo.get("/commits/:ref{.+}/check-suites", async (c) => {
    const sha = await resolve(c.req.param("ref"));
    if (sha === null) return notFound(c);
    const suites = await Promise.all((await runsOf(sha)).map(async (run) => checkSuiteJson(run, names(c, run), await parts(c, run))));
    return c.json({ total_count: suites.length, check_suites: pageOf(c, suites) });
  });
  repo.get("/check-runs/:id{[0-9]+}", async (c, next) => {
    const found = jobOf(c);
    return found === null ? next() : c.json(checkRunJson(found.run, found.job, names(c, found.run)));
  });
  repo.get("/check-runs/:id{[0-9]+}/annotations", async (c, next) => {
    const found = jobOf(c);
    if (found === null) return next();
    return c.json(
      pageOf(
        c,
        found.job.annotations.map((one) => annotationJson(one, names(c, found.run))),
      ),
    );
  });

  async function parts(c: Context, run: CiRun): Promise<{ repository: Json; commit: Json }> {
    const [about, commit] = await Promise.all([get(""), get(`/git/commits/${run.sha}`)]);
    const shownAbout = show(c, about);
    const identity = (value: unknown): Json => ({ name: textIn(value, "name"), email: textIn(value, "email") });
    const { author, committer, tree } = isObject(commit) ? commit : {};
    return {
      repository: isObject(shownAbout) ? shownAbout : {},
      commit: {
        id: toOutside(run.sha),
        tree_id: textIn(tree, "sha"),
        message: textIn(commit, "message"),
        timestamp: textIn(committer, "date"),
        author: identity(author),
        committer: identity(committer),
      },
    };
  }
  const runJson = async (c: Context, run: CiRun) => workflowRunJson(run, names(c, run), await parts(c, run));
  repo.get("/actions/runs", async (c) => {
    const main = await resolve("main");
    if (main !== null) ci.pushed("main", main);
    const [branch, headSha, status] = [c.req.query("branch"), c.req.query("head_sha"), c.req.query("status")];
    const shown = await Promise.all(ci.runs.toReversed().map((run) => runJson(c, run)));
    const found = shown.filter(
      (run) =>
        (branch ?? run["head_branch"]) === run["head_branch"] &&
        (headSha ?? run["head_sha"]) === run["head_sha"] &&
        (status === undefined || status === run["status"] || status === run["conclusion"]),
    );
    return c.json({ total_count: found.length, workflow_runs: pageOf(c, found) });
  });
  repo.get("/actions/runs/:id{[0-9]+}", async (c) => {
    const run = runOf(c);
    return run === null ? notFound(c) : c.json(await runJson(c, run));
  });
  repo.get("/actions/runs/:id{[0-9]+}/jobs", (c) => {
    const run = runOf(c);
    if (run === null) return notFound(c);
    const jobs = run.jobs.map((job) => jobJson(run, job, names(c, run)));
    return c.json({ total_count: jobs.length, jobs: pageOf(c, jobs) });
  });
  repo.get("/actions/jobs/:id{[0-9]+}", (c) => {
    const found = jobOf(c);
    return found === null ? notFound(c) : c.json(jobJson(found.run, found.job, names(c, found.run)));
  });

  const signature = (id: string, until: string) => createHmac("sha256", key).update(`${id} ${until}`).digest("base64url");
  repo.get("/actions/jobs/:id{[0-9]+}/logs", (c) => {
    const found = jobOf(c);
    // There is no log before the job is over, nor of one that never began.
    if (found === null || found.job.status !== "completed" || found.job.log.length === 0) return notFound(c);
    const until = new Date(now() + LINK_MS).toISOString();
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
    if (given.length !== right.length || !timingSafeEqual(given, right) || !(Date.parse(until) > now()))
      return refused("AuthenticationFailed", "Signature not valid in the specified time frame.");
    const job = ci.runs.flatMap(({ jobs }) => jobs).find((one) => `${one.id}` === id);
    return job === undefined ? c.notFound() : c.body(logText(job), 200, { "content-type": "text/plain; charset=utf-8" });
  });

  // What a link to a run opens in a browser.
  app.get(`/${repository}/actions/runs/:run{[0-9]+}/:rest{.*}?`, (c) => {
    const run = ci.runs.find(({ id }) => id === Number(c.req.param("run")));
    if (run === undefined) return c.notFound();
    const job = run.jobs.find(({ id }) => c.req.path.endsWith(`/job/${id}`)) ?? run.jobs[0];
    return job === undefined ? c.notFound() : c.text(logText(job));
  });
}
