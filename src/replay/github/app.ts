import { type Context, Hono } from "hono";
import type { ReplayClock } from "../clock.ts";
import { isObject, type Json, objectsIn, textIn } from "../json.ts";
import { outsideUrl } from "../outside-url.ts";
import type { Recording } from "../recorded.ts";
import { type Backend, botLogin, startBackend } from "./backend.ts";
import { branchRoutes } from "./branch-routes.ts";
import { createPeople, type PeopleOnGithub } from "./by-people.ts";
import { createCi } from "./ci/ci.ts";
import { ciRoutes, LOG_PATH } from "./ci/ci-routes.ts";
import { parseCodeQuery, searchCode } from "./code-search.ts";
import { deploymentJson, deploymentStatusJson, recordedDeployments } from "./deployments.ts";
import { diffText, filesIn, patchText, textFormOf } from "./diff-text.ts";
import { planHistory } from "./history.ts";
import { outwardLink, outwardValue, type Outward } from "./outward.ts";
import { pageOf } from "./paging.ts";
import { PullFates } from "./pull-fates.ts";
import { accountJson, issueJson, recordedPullJson, recordedPulls, timeText } from "./recorded-pulls.ts";
import { webPage } from "../web-page.ts";

export interface GithubReplayOptions {
  readonly token: string;
  /** Runs the recording's CI for each pushed commit. That executes what the recording and whoever pushes hold, so it is off by default. */
  readonly ci?: boolean;
  readonly now?: () => number;
  /** `owner/name`. Default `acme/<the recorded system's name>`. */
  readonly repository?: string;
}

/** A pull request that a client opened during the replay, with its files whole. */
export interface OpenedPullRequest {
  readonly number: number;
  readonly draft: boolean;
  readonly state: string;
  readonly title: string;
  readonly body: string;
  readonly head: string;
  readonly base: string;
  readonly files: readonly { readonly path: string; readonly before: string | null; readonly after: string | null }[];
}

export interface GithubReplay {
  readonly app: Hono;
  /** `owner/name`. */
  readonly repository: string;
  pullRequests(): Promise<readonly OpenedPullRequest[]>;
  readonly people: PeopleOnGithub;
  /** Resolves when no check runs or waits; at once without CI. */
  checksDone(): Promise<void>;
  close(): Promise<void>;
}

const slugOf = (name: string) =>
  name
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, "-")
    .replaceAll(/^-|-$/g, "") || "system";

/** The repository that a recording's system is served as. */
export const repositoryOf = (recording: Recording): string => `acme/${slugOf(recording.incident.system ?? recording.incident.id)}`;

const docs = "https://docs.github.com/rest";
const encodePath = (path: string) => path.split("/").map(encodeURIComponent).join("/");

/**
 * GitHub for one replay: git's objects and pull requests live in the emulator; this front gives commits their recorded shas, and adds what the
 * emulator lacks: deployments, merged pull requests, the pull requests of a commit, a pull request's files, commit statuses, code search with
 * matches, the diff and patch media types, CI, branches and refs with GitHub's refusals, and what people do with pull requests.
 */
export async function createGithubReplay(recording: Recording, clock: ReplayClock, options: GithubReplayOptions): Promise<GithubReplay> {
  const { token, repository = repositoryOf(recording), now = Date.now } = options;
  const [owner = "", name = ""] = repository.split("/");
  const empty = recording.access["github"]?.kind === "empty";
  const plan = planHistory(recording, clock, name, empty);
  const pulls = recordedPulls(plan, clock.toServed, recording.incident.window.to).toSorted((a, b) => b.mergedAt - a.mergedAt);
  const deployments = empty ? [] : recordedDeployments(recording, clock);
  const backend: Backend = await startBackend(owner, name, plan);
  const { shas } = backend;
  // The emulator counts pull requests from 1; outside they follow the recorded ones.
  const numberOffset = Math.max(0, ...pulls.map(({ number }) => number));
  const inside = `/repos/${owner}/${name}`;
  const outward = (c: Context): Outward => ({ from: backend.ownUrl, to: outsideUrl(c), shas, numberOffset });

  const problem = (c: Context, status: 401 | 404 | 405 | 422, message: string, errors: readonly Json[] = []) =>
    c.json({ message, ...(errors.length === 0 ? {} : { errors }), documentation_url: docs, status: String(status) }, status);
  const call = (method: string, path: string, body?: unknown) => backend.call(method, inside + path, body);
  const get = async (path: string): Promise<unknown> => {
    const answer = await call("GET", path);
    return answer.status === 200 ? answer.body : null;
  };
  const must = async (method: string, path: string, body?: unknown): Promise<Json> => {
    const answer = await call(method, path, body);
    if (answer.status >= 300) throw new Error(`${method} ${path}: ${answer.status} ${textIn(answer.body, "message")}`);
    return isObject(answer.body) ? answer.body : {};
  };
  const headOf = async (branch: string): Promise<string | null> => {
    const ref = await get(`/git/ref/heads/${encodePath(branch)}`);
    return isObject(ref) ? textIn(ref["object"], "sha") : null;
  };
  const fates = new PullFates(now);
  const ci =
    options.ci === true && recording.ci !== null && !empty
      ? createCi({ config: recording.ci, repository, read: get, toOutside: (sha) => shas.toOutside(sha), now })
      : null;

  const listed = (c: Context, items: readonly unknown[]) => c.json(pageOf(c, items));

  /** The emulator's JSON of a pull request, with head, counts and files as they are now. */
  const current = async (emulated: Json): Promise<{ pull: Json; comparison: Json }> => {
    const pull = fates.shown(emulated, backend.ownUrl);
    const head = isObject(pull["head"]) ? pull["head"] : {};
    const base = isObject(pull["base"]) ? pull["base"] : {};
    const ref = await get(`/git/ref/heads/${encodePath(textIn(head, "ref"))}`);
    const lastHead = fates.lastHead(Number(pull["number"])) ?? textIn(head, "sha");
    const headSha = isObject(ref) && isObject(ref["object"]) ? textIn(ref["object"], "sha") : lastHead;
    const compared = await get(`/compare/${textIn(base, "sha")}...${headSha}`);
    const comparison = isObject(compared) ? compared : {};
    const files = filesIn(comparison);
    const sum = (key: string) => files.reduce((total, file) => total + Number(file[key] ?? 0), 0);
    return {
      comparison,
      pull: {
        ...pull,
        active_lock_reason: null,
        head: { ...head, sha: headSha },
        commits: Number(comparison["total_commits"] ?? 0),
        additions: sum("additions"),
        deletions: sum("deletions"),
        changed_files: files.length,
      },
    };
  };
  const openedPulls = async (): Promise<Json[]> => {
    const found: Json[] = [];
    for (let page = 1; ; page++) {
      const list = objectsIn(await get(`/pulls?state=all&per_page=100&page=${page}`));
      found.push(...list);
      if (list.length < 100) return found;
    }
  };
  const openOf = async (branch: string) =>
    (await openedPulls()).filter((pull) => pull["state"] === "open" && textIn(pull["head"], "ref") === branch);
  const pushed = async (branch: string, sha: string): Promise<void> => {
    ci?.pushed(branch, sha);
    for (const pull of await openOf(branch)) fates.touched(Number(pull["number"]));
  };
  const people = createPeople({ get, must, fates, numberOffset, openOf, head: headOf, pushed, now });
  const opened = async (number: number): Promise<Json | null> => {
    const pull = number > numberOffset ? await get(`/pulls/${number - numberOffset}`) : null;
    return isObject(pull) ? pull : null;
  };
  const recordedJson = async (c: Context, number: number): Promise<{ pull: Json; commit: Json } | null> => {
    const recorded = pulls.find((one) => one.number === number);
    if (recorded === undefined) return null;
    const [about, commit] = await Promise.all([get(""), get(`/commits/${shas.toInside(recorded.sha)}`)]);
    const shown = outwardValue(commit, outward(c));
    const commitJson = isObject(shown) ? shown : {};
    const aboutJson = outwardValue(about, outward(c));
    return {
      commit: commitJson,
      pull: recordedPullJson(recorded, isObject(aboutJson) ? aboutJson : {}, outsideUrl(c), filesIn(commitJson)),
    };
  };
  /** Any pull request, with its commits and files as answers show them. */
  const pullWithParts = async (c: Context, number: number): Promise<{ pull: Json; files: Json[]; commits: Json[] } | null> => {
    const recorded = await recordedJson(c, number);
    if (recorded !== null) return { pull: recorded.pull, files: filesIn(recorded.commit), commits: [withoutFiles(recorded.commit)] };
    const found = await opened(number);
    if (found === null) return null;
    const { pull, comparison } = await current(found);
    const show = (value: unknown) => outwardValue(value, outward(c));
    const shown = show(pull);
    return {
      pull: isObject(shown) ? shown : {},
      files: objectsIn(show(filesIn(comparison))),
      commits: objectsIn(show(comparison["commits"])),
    };
  };
  const withoutFiles = ({ files: _files, stats: _stats, ...commit }: Json): Json => commit;

  const app = new Hono();
  app.use(async (c, next) => {
    if (c.req.path.startsWith(LOG_PATH)) return next();
    const given = /^(?:token|bearer)\s+(.+)$/i.exec(c.req.header("authorization") ?? "")?.[1];
    const forPeople = c.req.header("accept")?.includes("text/html") === true;
    if (given === token || (given === undefined && forPeople)) return next();
    return problem(c, 401, given === undefined ? "Requires authentication" : "Bad credentials");
  });

  const repo = new Hono();
  const show = (c: Context, value: unknown) => outwardValue(value, outward(c));
  branchRoutes(repo, {
    repository,
    call,
    toInside: (ref) => shas.toInside(ref),
    show,
    reply: (c, status, body) => reply(c, status, body),
    problem,
    requiredChecks: ci === null ? [] : (recording.ci?.checks ?? []).map(({ name: check }) => check),
    pushed,
  });
  if (ci !== null) {
    ciRoutes(app, repo, {
      ci,
      repository,
      toOutside: (sha) => shas.toOutside(sha),
      get,
      show,
      resolve: async (ref) => textIn(await get(`/commits/${encodePath(shas.toInside(ref))}`), "sha") || null,
      notFound: (c) => problem(c, 404, "Not Found"),
      now,
    });
  }
  repo.get("/deployments", (c) => {
    const wanted = (key: "sha" | "ref" | "task" | "environment") => {
      const value = c.req.query(key);
      return value === undefined || value === "none" ? null : value;
    };
    const [sha, ref, task, environment] = [wanted("sha"), wanted("ref"), wanted("task"), wanted("environment")];
    const found = deployments.filter(
      (one) =>
        (sha === null || one.sha === sha) &&
        (ref === null || one.ref === ref) &&
        (task === null || task === "deploy") &&
        (environment === null || one.environment === environment),
    );
    return listed(
      c,
      found.map((one) => deploymentJson(one, repository, outsideUrl(c))),
    );
  });
  const deployment = (c: Context) => deployments.find(({ id }) => String(id) === c.req.param("id"));
  repo.get("/deployments/:id", (c) => {
    const found = deployment(c);
    return found === undefined ? problem(c, 404, "Not Found") : c.json(deploymentJson(found, repository, outsideUrl(c)));
  });
  repo.get("/deployments/:id/statuses", (c) => {
    const found = deployment(c);
    return found === undefined ? problem(c, 404, "Not Found") : listed(c, [deploymentStatusJson(found, repository, outsideUrl(c))]);
  });
  repo.get("/environments", (c) => {
    const names = [...new Set(deployments.map(({ environment }) => environment))];
    return c.json({ total_count: names.length, environments: names.map((environment, index) => environmentJson(environment, index, c)) });
  });
  const environmentJson = (environment: string, index: number, c: Context): Json => ({
    id: index + 1,
    node_id: `EN_${index + 1}`,
    name: environment,
    url: `${outsideUrl(c)}/repos/${repository}/environments/${environment}`,
    html_url: `${outsideUrl(c)}/${repository}/deployments/${environment}`,
    created_at: "2020-01-01T00:00:00Z",
    updated_at: "2020-01-01T00:00:00Z",
  });

  repo.get("/commits/:sha/pulls", async (c) => {
    const sha = shas.toInside(c.req.param("sha"));
    const commit = await get(`/commits/${encodePath(sha)}`);
    if (commit === null) return problem(c, 422, `No commit found for SHA: ${c.req.param("sha")}`);
    const full = textIn(commit, "sha");
    const merged = await Promise.all(
      pulls.filter((one) => shas.toInside(one.sha) === full).map(async (one) => (await recordedJson(c, one.number))?.pull),
    );
    const open: Json[] = [];
    for (const found of await openedPulls()) {
      const { pull, comparison } = await current(found);
      if (objectsIn(comparison["commits"]).some((one) => one["sha"] === full)) open.push(pull);
    }
    return listed(c, [...merged.filter((one) => one !== undefined), ...objectsIn(outwardValue(open, outward(c)))]);
  });
  repo.get("/commits/:ref/status", async (c) => {
    const commit = await get(`/commits/${encodePath(shas.toInside(c.req.param("ref")))}`);
    if (commit === null) return problem(c, 422, `No commit found for SHA: ${c.req.param("ref")}`);
    const sha = shas.toOutside(textIn(commit, "sha"));
    const about = outwardValue(await get(""), outward(c));
    const url = `${outsideUrl(c)}/repos/${repository}/commits/${sha}`;
    // No CI reports by statuses here; GitHub calls that "pending".
    return c.json({ state: "pending", statuses: [], sha, total_count: 0, repository: about, commit_url: url, url: `${url}/status` });
  });
  repo.get("/commits/:ref/statuses", async (c) => {
    const commit = await get(`/commits/${encodePath(shas.toInside(c.req.param("ref")))}`);
    return commit === null ? problem(c, 404, "Not Found") : listed(c, []);
  });

  // The emulator wraps this list as GitHub wraps others.
  repo.get("/check-runs/:id{[0-9]+}/annotations", async (c) => {
    const answer = await backend.call("GET", `${inside}/check-runs/${c.req.param("id")}/annotations?per_page=100`);
    if (answer.status !== 200) return reply(c, answer.status, answer.body);
    return listed(c, objectsIn(outwardValue(isObject(answer.body) ? answer.body["check_annotations"] : null, outward(c))));
  });

  repo.get("/pulls", async (c) => {
    const state = c.req.query("state") ?? "open";
    const [head, base, sort = "created"] = [c.req.query("head"), c.req.query("base"), c.req.query("sort")];
    const direction = c.req.query("direction") ?? (sort === "created" ? "desc" : "asc");
    const merged = await Promise.all(pulls.map(async (one) => (await recordedJson(c, one.number))?.pull));
    const mine = await Promise.all((await openedPulls()).map(async (one) => (await current(one)).pull));
    const key = (pull: Json) => textIn(pull, sort === "updated" ? "updated_at" : "created_at");
    const found = [...objectsIn(outwardValue(mine, outward(c))), ...merged.filter((one) => one !== undefined)]
      .filter((pull) => state === "all" || pull["state"] === state)
      .filter((pull) => base === undefined || textIn(pull["base"], "ref") === base)
      .filter((pull) => head === undefined || textIn(pull["head"], head.includes(":") ? "label" : "ref") === head)
      .toSorted((a, b) => key(a).localeCompare(key(b)) * (direction === "asc" ? 1 : -1));
    return listed(c, found);
  });
  repo.post("/pulls", async (c) => {
    const asked: unknown = await c.req.json().catch(() => null);
    const invalid = (message: string, field: string) =>
      problem(c, 422, "Validation Failed", [
        { resource: "PullRequest", code: field === "" ? "custom" : "invalid", ...(field === "" ? { message } : { field }) },
      ]);
    const head = textIn(asked, "head").replace(`${owner}:`, "");
    const base = textIn(asked, "base");
    const [headRef, baseRef] = await Promise.all([get(`/git/ref/heads/${encodePath(head)}`), get(`/git/ref/heads/${encodePath(base)}`)]);
    if (headRef === null) return invalid("", "head");
    if (baseRef === null) return invalid("", "base");
    if ((await openOf(head)).length > 0) return invalid(`A pull request already exists for ${owner}:${head}.`, "");
    const comparison = await get(`/compare/${encodePath(base)}...${encodePath(head)}`);
    if (!isObject(comparison) || Number(comparison["ahead_by"] ?? 0) === 0) return invalid(`No commits between ${base} and ${head}`, "");
    const answer = await backend.call("POST", `${inside}/pulls`, asked);
    if (answer.status !== 201 || !isObject(answer.body)) return reply(c, answer.status, answer.body);
    return reply(c, 201, (await current(answer.body)).pull);
  });
  const numbered = (c: Context) => Number(c.req.param("number"));
  repo.get("/pulls/:number{[0-9]+}", async (c) => {
    const found = await pullWithParts(c, numbered(c));
    if (found === null) return problem(c, 404, "Not Found");
    const form = textFormOf(c.req.header("accept"));
    if (form === "diff") return c.text(diffText(found.files));
    if (form === "patch") return c.text(patchText(found.commits.at(-1) ?? {}, found.files));
    return c.json(found.pull);
  });
  const invalidPull = (c: Context, field: string) =>
    problem(c, 422, "Validation Failed", [{ resource: "PullRequest", field, code: "invalid" }]);
  repo.patch("/pulls/:number{[0-9]+}", async (c) => {
    const asked: unknown = await c.req.json().catch(() => null);
    const found = await opened(numbered(c));
    if (found === null || !isObject(asked)) return problem(c, 404, "Not Found");
    const { title, body, state, base } = asked;
    if (title !== undefined && (typeof title !== "string" || title.trim() === "")) return invalidPull(c, "title");
    if (state !== undefined && state !== "open" && state !== "closed") return invalidPull(c, "state");
    const own = Number(found["number"]);
    // What is merged, or has lost its branch, is not opened again.
    if (state === "open" && (fates.isMerged(own) || (await headOf(textIn(found["head"], "ref"))) === null)) return invalidPull(c, "state");
    const answer = await call("PATCH", `/pulls/${own}`, { title, body, state, base });
    if (answer.status !== 200 || !isObject(answer.body)) return reply(c, answer.status, answer.body);
    if (state === "closed" && found["state"] === "open") fates.closed(own, botLogin);
    return reply(c, 200, (await current(answer.body)).pull);
  });
  repo.put("/pulls/:number{[0-9]+}/merge", async (c) => {
    const found = await opened(numbered(c));
    if (found === null) return problem(c, 404, "Not Found");
    // midwatch never merges, so nothing here does it for a token; people do it in the browser (`people.merge`).
    return problem(c, 405, found["draft"] === true ? "Pull Request is still a draft" : "Pull Request is not mergeable");
  });
  // Every pull request is an issue too; that is where GitHub says who closed it.
  repo.get("/issues/:number{[0-9]+}", async (c, next) => {
    const found = await pullWithParts(c, numbered(c));
    if (found === null) return next();
    const { pull } = found;
    const closedBy = numbered(c) > numberOffset ? fates.closedBy(numbered(c) - numberOffset) : textIn(pull["user"], "login");
    return c.json(issueJson(pull, closedBy === null || pull["state"] === "open" ? null : accountJson(closedBy, outsideUrl(c))));
  });
  repo.get("/pulls/:number{[0-9]+}/files", async (c) => {
    const found = await pullWithParts(c, numbered(c));
    return found === null ? problem(c, 404, "Not Found") : listed(c, found.files);
  });
  repo.get("/pulls/:number{[0-9]+}/commits", async (c) => {
    const found = await pullWithParts(c, numbered(c));
    return found === null ? problem(c, 404, "Not Found") : listed(c, found.commits);
  });
  repo.get("/pulls/:number{[0-9]+}/merge", (c) => {
    const merged = pulls.some(({ number }) => number === numbered(c)) || fates.isMerged(numbered(c) - numberOffset);
    return merged ? c.body(null, 204) : problem(c, 404, "Not Found");
  });
  // What a recorded pull request's thread said is not recorded.
  repo.on("GET", ["/issues/:number{[0-9]+}/comments", "/pulls/:number{[0-9]+}/comments", "/pulls/:number{[0-9]+}/reviews"], (c, next) =>
    pulls.some(({ number }) => number === numbered(c)) ? listed(c, []) : next(),
  );

  const filesOfDefaultBranch = async (): Promise<{ path: string; sha: string; text: string }[]> => {
    const tree = await get("/git/trees/main?recursive=1");
    const blobs = objectsIn(isObject(tree) ? tree["tree"] : null).filter((entry) => entry["type"] === "blob");
    return Promise.all(
      blobs.map(async (entry) => {
        const sha = textIn(entry, "sha");
        const blob = await get(`/git/blobs/${sha}`);
        return { path: textIn(entry, "path"), sha, text: Buffer.from(textIn(blob, "content"), "base64").toString("utf8") };
      }),
    );
  };
  app.get("/search/code", async (c) => {
    const q = c.req.query("q") ?? "";
    const query = parseCodeQuery(q);
    if (query.words.length === 0) return problem(c, 422, "Validation Failed", [{ resource: "Search", field: "q", code: "missing" }]);
    const here = query.repositories.length === 0 || query.repositories.some((one) => one.toLowerCase() === repository.toLowerCase());
    const found = here ? searchCode(await filesOfDefaultBranch(), query) : [];
    const base = outsideUrl(c);
    const about = outwardValue(await get(""), outward(c));
    const head = shas.toOutside(textIn(await get("/commits/main"), "sha"));
    const withMatches = c.req.header("accept")?.includes("text-match") === true;
    const perPage = Math.min(100, Number(c.req.query("per_page") ?? 30) || 30);
    const page = Math.max(1, Number(c.req.query("page") ?? 1) || 1);
    return c.json({
      total_count: found.length,
      incomplete_results: false,
      items: found.slice((page - 1) * perPage, page * perPage).map(({ path, sha, matches }) => {
        const url = `${base}/repos/${repository}/contents/${encodePath(path)}?ref=${head}`;
        return {
          name: path.split("/").at(-1),
          path,
          sha,
          url,
          git_url: `${base}/repos/${repository}/git/blobs/${sha}`,
          html_url: `${base}/${repository}/blob/${head}/${encodePath(path)}`,
          repository: about,
          score: 1,
          ...(withMatches
            ? {
                text_matches: matches.map(({ fragment, word, indices }) => ({
                  object_url: url,
                  object_type: "FileContent",
                  property: "content",
                  fragment,
                  matches: [{ text: word, indices }],
                })),
              }
            : {}),
        };
      }),
    });
  });

  // What a link opens in a browser.
  app.get(`/${repository}/pull/:number{[0-9]+}`, async (c) => {
    const found = await pullWithParts(c, numbered(c));
    if (found === null) return c.notFound();
    const { pull, files } = found;
    return c.html(
      webPage({
        title: `#${numbered(c)} ${textIn(pull, "title")}`,
        about: `${pull["draft"] === true ? "Draft. " : ""}${textIn(pull["head"], "ref")} into ${textIn(pull["base"], "ref")}, ${textIn(pull, "state")}.`,
        text: textIn(pull, "body"),
        files: files.map((file) => ({ path: textIn(file, "filename"), patch: textIn(file, "patch") })),
      }),
    );
  });
  app.get(`/${repository}/commit/:sha`, async (c) => {
    const commit = outwardValue(await get(`/commits/${encodePath(shas.toInside(c.req.param("sha")))}`), outward(c));
    if (!isObject(commit) || !isObject(commit["commit"])) return c.notFound();
    return c.html(
      webPage({
        title: textIn(commit["commit"], "message").split("\n", 1)[0] ?? "",
        about: `${textIn(commit["commit"]["author"], "name")}, ${textIn(commit["commit"]["author"], "date")}, ${textIn(commit, "sha")}`,
        text: textIn(commit["commit"], "message"),
        files: filesIn(commit).map((file) => ({ path: textIn(file, "filename"), patch: textIn(file, "patch") })),
      }),
    );
  });
  app.get(`/${repository}/compare/:range`, async (c) => {
    const [base = "", head = ""] = c.req.param("range").split("...");
    const comparison = await get(`/compare/${encodePath(shas.toInside(base))}...${encodePath(shas.toInside(head))}`);
    if (!isObject(comparison)) return c.notFound();
    const commits = objectsIn(outwardValue(comparison["commits"], outward(c)));
    return c.html(
      webPage({
        title: `${base.slice(0, 7)}...${head.slice(0, 7)}`,
        about: `${commits.length} ${commits.length === 1 ? "commit" : "commits"}`,
        text: commits.map((one) => `${textIn(one, "sha").slice(0, 7)} ${textIn(one["commit"], "message").split("\n", 1)[0]}`).join("\n"),
        files: filesIn(comparison).map((file) => ({ path: textIn(file, "filename"), patch: textIn(file, "patch") })),
      }),
    );
  });
  app.get(`/${repository}/deployments/:environment?`, (c) => {
    const environment = c.req.param("environment");
    const shown = deployments.filter((one) => environment === undefined || one.environment === environment);
    return c.html(
      webPage({
        title: `Deployments of ${repository}`,
        about: `${shown.length}, newest first`,
        text: shown
          .map((one) => `${timeText(one.at)}  ${one.service ?? repository} ${one.sha.slice(0, 7)} to ${one.environment}`)
          .join("\n"),
        files: [],
      }),
    );
  });

  app.route(inside, repo);
  app.all("*", async (c) => {
    const url = new URL(c.req.url);
    const body: unknown = c.req.method === "GET" || c.req.method === "HEAD" ? undefined : await c.req.json().catch(() => undefined);
    const accept = c.req.header("accept");
    const form = textFormOf(accept);
    const answer = await backend.call(
      c.req.method,
      inwardPath(url),
      inwardBody(body),
      accept === undefined || form !== null ? {} : { accept },
    );
    if (form !== null && answer.status === 200 && isObject(answer.body)) {
      const shown = outwardValue(answer.body, outward(c));
      const json = isObject(shown) ? shown : {};
      if (form === "sha") return c.text(textIn(json, "sha"));
      const last = objectsIn(json["commits"]).at(-1) ?? json;
      return c.text(form === "diff" ? diffText(filesIn(json)) : patchText(last, filesIn(json)));
    }
    const link = answer.headers.get("link");
    if (link !== null) c.header("link", outwardLink(link, outward(c)));
    return reply(c, answer.status, answer.body);
  });

  const reply = (c: Context, status: number, body: unknown): Response => {
    if (body === null) return c.body(null, status as 204);
    // A type that ends in this charset makes octokit hand out text instead of bytes, as GitHub's own does.
    if (typeof body === "string") return c.body(body, status as 200, { "content-type": "application/vnd.github.raw+json; charset=utf-8" });
    const shown = outwardValue(body, outward(c));
    // The emulator's error pages point at its own documentation.
    const told = isObject(shown) && status >= 400 ? { ...shown, documentation_url: docs, status: String(status) } : shown;
    return c.json(told, status as 200);
  };
  const inwardBody = (body: unknown): unknown => {
    if (!isObject(body)) return body;
    const mapped: Json = { ...body };
    for (const key of ["sha", "head_sha", "base_tree", "object", "ref", "target_commitish", "commit_id"])
      if (typeof mapped[key] === "string") mapped[key] = shas.toInside(mapped[key]);
    if (Array.isArray(mapped["parents"]))
      mapped["parents"] = mapped["parents"].map((sha) => (typeof sha === "string" ? shas.toInside(sha) : sha));
    return mapped;
  };
  /** Recorded shas and pull request numbers in a path become the emulator's. */
  const inwardPath = (url: URL): string => {
    for (const key of ["sha", "ref"]) {
      const value = url.searchParams.get(key);
      if (value !== null) url.searchParams.set(key, shas.toInside(value));
    }
    const rest = url.pathname.startsWith(`${inside}/`) ? url.pathname.slice(inside.length) : null;
    if (rest === null) return url.pathname + url.search;
    const mapped = rest
      .replace(/^(\/(?:git\/)?(?:commits|trees)\/)([^/]+)/, (_whole, before: string, ref: string) => before + shas.toInside(ref))
      .replace(
        /^(\/compare\/)(.+?)(?:\.\.\.|%2E%2E%2E)(.+)$/i,
        (_whole, before: string, base: string, head: string) => `${before}${shas.toInside(base)}...${shas.toInside(head)}`,
      )
      .replace(/^(\/(?:pulls|issues)\/)(\d+)/, (_whole, before: string, number: string) => before + (Number(number) - numberOffset));
    return inside + mapped + url.search;
  };

  const textAt = async (path: string, sha: string): Promise<string | null> => {
    const answer = await backend.call("GET", `${inside}/contents/${encodePath(path)}?ref=${sha}`, undefined, {
      accept: "application/vnd.github.raw+json",
    });
    return answer.status === 200 && typeof answer.body === "string"
      ? answer.body
      : answer.status === 200 && answer.body === null
        ? ""
        : null;
  };
  return {
    app,
    repository,
    pullRequests: async () =>
      Promise.all(
        (await openedPulls())
          .toSorted((a, b) => Number(a["number"]) - Number(b["number"]))
          .map(async (one): Promise<OpenedPullRequest> => {
            const { pull, comparison } = await current(one);
            const mergeBase = textIn(comparison["merge_base_commit"], "sha");
            const head = textIn(pull["head"], "sha");
            return {
              number: Number(pull["number"]) + numberOffset,
              draft: pull["draft"] === true,
              state: textIn(pull, "state"),
              title: textIn(pull, "title"),
              body: textIn(pull, "body"),
              head: textIn(pull["head"], "ref"),
              base: textIn(pull["base"], "ref"),
              files: await Promise.all(
                filesIn(comparison).map(async (file) => {
                  const path = textIn(file, "filename");
                  return {
                    path,
                    before: await textAt(textIn(file, "previous_filename") || path, mergeBase),
                    after: await textAt(path, head),
                  };
                }),
              ),
            };
          }),
      ),
    people,
    checksDone: async () => ci?.idle(),
    close: async () => {
      await ci?.close();
      await backend.close();
    },
  };
}

export { botLogin };
