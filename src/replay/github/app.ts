import { Hono } from "hono";
import type { ReplayClock } from "../clock.ts";
import { textIn } from "../json.ts";
import type { Recording } from "../recorded.ts";
import { botLogin, startBackend } from "./backend.ts";
import { branchRoutes } from "./branch-routes.ts";
import { createPeople, type PeopleOnGithub } from "./by-people.ts";
import { createCi } from "./ci/ci.ts";
import { checkRoutes, LOG_PATH, logRoutes, workflowRoutes } from "./ci/ci-routes.ts";
import { searchRoute } from "./code-search.ts";
import { commitRoutes } from "./commit-routes.ts";
import { deploymentRoutes } from "./deployment-routes.ts";
import { recordedDeployments } from "./deployments.ts";
import { filesIn } from "./diff-text.ts";
import { planHistory } from "./history.ts";
import { pullRoutes } from "./pull-routes.ts";
import { recordedPulls } from "./recorded-pulls.ts";
import { problem } from "./answers.ts";
import { GithubRepository } from "./repository.ts";
import { ShaBook } from "./shas.ts";
import { webRoutes } from "./web-routes.ts";
import { writeHistory } from "./write-history.ts";

export interface GithubReplayOptions {
  readonly token: string;
  /** Runs the recording's CI for each pushed commit. That executes the code of the recording and of pushes, so it is off by default. */
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

/** All that is answered below a repository's path: what is made here, and the rest as the emulator answers it. */
export function repositoryRoutes(repo: Hono, repository: GithubRepository): void {
  const { ci } = repository;
  branchRoutes(repo, repository);
  if (ci !== null) {
    checkRoutes(repo, repository, ci);
    workflowRoutes(repo, repository, ci);
  }
  deploymentRoutes(repo, repository);
  commitRoutes(repo, repository);
  pullRoutes(repo, repository);
}

/**
 * GitHub for one replay: git's objects and pull requests live in the emulator; this front gives commits their recorded shas, and adds what the
 * emulator lacks: deployments, merged pull requests, the pull requests of a commit, a pull request's files, commit statuses, code search with
 * matches, the diff and patch media types, CI, branches and refs with GitHub's refusals, and what people do with pull requests.
 */
export async function createGithubReplay(recording: Recording, clock: ReplayClock, options: GithubReplayOptions): Promise<GithubReplay> {
  const { token, repository: name = repositoryOf(recording), now = Date.now } = options;
  const [owner = "", repo = ""] = name.split("/");
  const empty = recording.access["github"]?.kind === "empty";
  const plan = planHistory(recording, clock, repo, empty);
  const backend = await startBackend({
    users: [{ login: botLogin, name: "midwatch" }],
    orgs: [{ login: owner, members: [{ login: botLogin, role: "admin" }] }],
    repos: [{ owner, name: repo, auto_init: false, private: true }],
  });
  const repository = new GithubRepository(backend, name, {
    shas: new ShaBook(),
    pulls: recordedPulls(plan, clock.toServed, recording.incident.window.to).toSorted((a, b) => b.mergedAt - a.mergedAt),
    deployments: empty ? [] : recordedDeployments(recording, clock),
    protectedBranches: ["main"],
    now,
  });
  try {
    await writeHistory(repository, plan);
  } catch (error) {
    await backend.close();
    throw error;
  }
  if (options.ci === true && recording.ci !== null && !empty) repository.ci = createCi(recording.ci, repository);
  return {
    app: replayApp(repository, token),
    repository: name,
    pullRequests: () => openedPullRequests(repository),
    people: createPeople(repository),
    checksDone: async () => repository.ci?.idle(),
    close: async () => {
      await repository.ci?.close();
      await backend.close();
    },
  };
}

function replayApp(repository: GithubRepository, token: string): Hono {
  const app = new Hono();
  app.use(async (c, next) => {
    if (c.req.path.startsWith(LOG_PATH)) return next();
    const given = /^(?:token|bearer)\s+(.+)$/i.exec(c.req.header("authorization") ?? "")?.[1];
    const forPeople = c.req.header("accept")?.includes("text/html") === true;
    if (given === token || (given === undefined && forPeople)) return next();
    return problem(c, 401, given === undefined ? "Requires authentication" : "Bad credentials");
  });
  const repo = new Hono();
  repositoryRoutes(repo, repository);
  if (repository.ci !== null) logRoutes(app, repo, repository, repository.ci);
  searchRoute(app, repository);
  webRoutes(app, repository);
  app.route(repository.path, repo);
  app.all("*", (c) => repository.passOn(c));
  return app;
}

async function openedPullRequests(repository: GithubRepository): Promise<OpenedPullRequest[]> {
  const all = (await repository.openedPulls()).toSorted((a, b) => Number(a["number"]) - Number(b["number"]));
  return Promise.all(
    all.map(async (one): Promise<OpenedPullRequest> => {
      const { pull, comparison } = await repository.current(one);
      const mergeBase = textIn(comparison["merge_base_commit"], "sha");
      const head = textIn(pull["head"], "sha");
      return {
        number: Number(pull["number"]) + repository.numberOffset,
        draft: pull["draft"] === true,
        state: textIn(pull, "state"),
        title: textIn(pull, "title"),
        body: textIn(pull, "body"),
        head: textIn(pull["head"], "ref"),
        base: textIn(pull["base"], "ref"),
        files: await Promise.all(
          filesIn(comparison).map(async (file) => {
            const path = textIn(file, "filename");
            const before = await repository.textAt(textIn(file, "previous_filename") || path, mergeBase);
            return { path, before, after: await repository.textAt(path, head) };
          }),
        ),
      };
    }),
  );
}
