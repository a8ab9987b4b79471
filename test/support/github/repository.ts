import { Hono } from "hono";
import { repositoryRoutes } from "../../../src/replay/github/app.ts";
import { problem } from "../../../src/replay/github/answers.ts";
import type { Backend } from "../../../src/replay/github/backend.ts";
import { createPeople, type PeopleOnGithub } from "../../../src/replay/github/by-people.ts";
import { timeText } from "../../../src/replay/github/recorded-pulls.ts";
import { GithubRepository } from "../../../src/replay/github/repository.ts";
import { TestCi } from "./ci.ts";

// oxlint-disable-next-line typescript/no-explicit-any -- answers of a test server, looked into by tests only
export type Json = any;

/** Content of a path: text, bytes, or an entry with a mode of its own; null removes it. */
export type TestFile =
  | string
  | Uint8Array
  | { readonly executable: string }
  | { readonly symlink: string }
  | { readonly submodule: string }
  | null;

/** Where logs of jobs lie. */
interface Logs {
  put(path: string, log: string | Uint8Array): void;
  /** Signed address of a log, or null. */
  link(path: string): string | null;
}

/** A repository for a test: what clients see of it is the replay's, what is in it the test says. */
export class TestRepository {
  /** `owner/name`. */
  readonly name: string;
  /** Its API. */
  readonly app = new Hono();
  readonly merge: PeopleOnGithub["merge"];
  readonly close: PeopleOnGithub["close"];
  readonly reopen: PeopleOnGithub["reopen"];
  readonly #backend: Backend;
  readonly #inner: GithubRepository;
  readonly #ci = new TestCi();
  readonly #logs: Logs;
  readonly #rulesets: { readonly branch: string; readonly rule: Json; readonly ruleset: Json }[] = [];
  #nextId = 1000;

  constructor(backend: Backend, name: string, logs: Logs) {
    this.name = name;
    this.#backend = backend;
    this.#logs = logs;
    this.#inner = new GithubRepository(backend, name);
    this.#inner.ci = this.#ci;
    const people = createPeople(this.#inner);
    this.merge = people.merge;
    this.close = people.close;
    this.reopen = people.reopen;
    const repo = new Hono();
    repo.get("/rules/branches/:branch", (c) =>
      c.json(this.#rulesets.filter(({ branch }) => branch === c.req.param("branch")).map(({ rule }) => rule as unknown)),
    );
    repo.get("/rulesets/:id", (c) => {
      const found = this.#rulesets.find(({ ruleset }) => ruleset.id === Number(c.req.param("id")));
      return found === undefined ? problem(c, 404, "Not Found") : c.json(found.ruleset);
    });
    repo.get("/actions/jobs/:id/logs", (c) => {
      const location = logs.link(this.#logPath(c.req.param("id")));
      return location === null ? problem(c, 404, "Not Found") : c.redirect(location, 302);
    });
    repositoryRoutes(repo, this.#inner);
    this.app.route(this.#inner.path, repo);
    this.app.all("*", (c) => this.#inner.passOn(c));
  }

  readonly #logPath = (id: number | string) => `/actions-results/${this.name}/${id}`;

  /** Any call of the API, as the account that owns everything. */
  async api(method: string, path: string, body?: unknown): Promise<{ status: number; body: Json }> {
    return this.#backend.call(method, path, body);
  }

  /** Its JSON. */
  async described(base: string): Promise<Json> {
    return (await this.app.fetch(new Request(base + this.#inner.path))).json();
  }

  async #must(method: string, path: string, body?: unknown): Promise<Json> {
    const answer = await this.#inner.call(method, path, body);
    if (answer.status >= 300) throw new Error(`${method} ${path}: ${answer.status} ${JSON.stringify(answer.body)}`);
    return answer.body;
  }

  /** Head of a branch, or null. */
  head(branch: string): Promise<string | null> {
    return this.#inner.head(branch);
  }

  async #entryOf(path: string, file: TestFile): Promise<Json> {
    if (file === null) return { path, mode: "100644", type: "blob", sha: null };
    if (typeof file === "object" && "submodule" in file) return { path, mode: "160000", type: "commit", sha: file.submodule };
    if (typeof file === "object" && "symlink" in file) return { path, mode: "120000", type: "blob", content: file.symlink };
    if (typeof file === "object" && "executable" in file) return { path, mode: "100755", type: "blob", content: file.executable };
    const bytes = typeof file === "string" ? Buffer.from(file, "utf8") : Buffer.from(file);
    const blob = await this.#must("POST", "/git/blobs", { content: bytes.toString("base64"), encoding: "base64" });
    return { path, mode: "100644", type: "blob", sha: blob.sha };
  }

  /**
   * Writes a commit on top of `parents` (default: the branch's head) and moves the branch to it.
   * @param options.branch null leaves the commit on no branch
   */
  async commit(
    files: Readonly<Record<string, TestFile>>,
    options: {
      readonly message?: string;
      readonly at?: number;
      readonly parents?: readonly string[];
      readonly branch?: string | null;
    } = {},
  ): Promise<string> {
    const { message = "Change things", at = Date.parse("2026-01-01T00:00:00Z"), branch = "main" } = options;
    const current = branch === null ? null : await this.head(branch);
    const parents = options.parents ?? (current === null ? [] : [current]);
    const base = parents[0] === undefined ? null : (await this.#must("GET", `/git/commits/${parents[0]}`)).tree.sha;
    const tree = await Promise.all(Object.entries(files).map(([path, file]) => this.#entryOf(path, file)));
    const made =
      tree.length === 0 ? base : (await this.#must("POST", "/git/trees", { ...(base === null ? {} : { base_tree: base }), tree })).sha;
    const who = { name: "Ana Dev", email: "ana@example.com", date: timeText(at) };
    const { sha } = await this.#must("POST", "/git/commits", { message, tree: made, parents, author: who, committer: who });
    if (branch === null) return sha;
    if (current === null) await this.#must("POST", "/git/refs", { ref: `refs/heads/${branch}`, sha });
    else await this.#must("PATCH", `/git/refs/heads/${branch}`, { sha, force: true });
    return sha;
  }

  /** Records a deployment with its statuses, oldest first. */
  deploy(
    sha: string,
    options: {
      readonly at: number;
      readonly environment?: string;
      readonly service?: string;
      readonly ref?: string;
      readonly statuses?: readonly (readonly [state: string, at: number])[];
    },
  ): number {
    const { at, environment = "production", service = null, ref = "main", statuses = [["success", at]] } = options;
    const id = (this.#nextId += 100);
    this.#inner.deployments.unshift({ id, sha, ref, environment, service, version: null, change: null, creator: null, at, statuses });
    return id;
  }

  /** Records that a merged pull request brought a commit. */
  merged(sha: string, { number, title }: { readonly number: number; readonly title: string }): void {
    this.#inner.pulls.push({ number, title, body: "", mergedAt: 0, committedAt: 0, sha, baseSha: sha, author: "ana" });
  }

  /** Adds a check run, which takes the place of an earlier one of that name. @returns its id, which is that of its job */
  async check(...[sha, check]: Parameters<TestCi["check"]>): Promise<number> {
    const id = this.#ci.check(sha, check);
    if (check.log !== undefined) this.#logs.put(this.#logPath(id), check.log);
    return id;
  }

  /** Begins a workflow run of GitHub Actions that has no job (yet). */
  workflowRun(...of: Parameters<TestCi["workflowRun"]>): number {
    return this.#ci.workflowRun(...of);
  }

  /** Sets a commit status. */
  status(
    sha: string,
    context: string,
    state: string,
    { at = 0, description = null, link = null }: { at?: number; description?: string | null; link?: string | null } = {},
  ): void {
    const others = (this.#inner.statuses.get(sha) ?? []).filter((other) => other.context !== context);
    this.#inner.statuses.set(sha, [...others, { context, state, description, link, at }]);
  }

  /** Makes a label. */
  async label(name: string): Promise<void> {
    await this.#must("POST", "/labels", { name, color: "d73a4a", description: "" });
  }

  /** Protects a branch. */
  async protect(branch: string): Promise<void> {
    this.#inner.protectedBranches.add(branch);
  }

  /**
   * Adds a ruleset for a branch.
   * @param options.approvals that it asks of a pull request; null: it only forbids deleting the branch
   * @param options.bypass what GitHub says of the caller
   */
  ruleset(
    branch: string,
    options: { readonly name: string; readonly approvals: number | null; readonly bypass?: "always" | "pull_requests_only" | "never" },
  ): void {
    const { name, approvals, bypass = "never" } = options;
    const id = this.#nextId++;
    const asks =
      approvals === null
        ? { type: "deletion" }
        : {
            type: "pull_request",
            parameters: {
              dismiss_stale_reviews_on_push: false,
              require_code_owner_review: false,
              require_last_push_approval: false,
              required_approving_review_count: approvals,
              required_review_thread_resolution: false,
            },
          };
    this.#rulesets.push({
      branch,
      rule: { ...asks, ruleset_source_type: "Repository", ruleset_source: this.name, ruleset_id: id },
      ruleset: {
        ...{ id, name, target: "branch", source_type: "Repository", source: this.name, enforcement: "active" },
        ...{ current_user_can_bypass: bypass, rules: [asks] },
      },
    });
  }

  /** Whole tree of a branch or commit: `mode text` by path; bytes as Base64, submodules by their sha. */
  async tree(ref: string): Promise<Record<string, string>> {
    const commit = await this.#must("GET", `/git/commits/${(await this.head(ref)) ?? ref}`);
    const { tree } = await this.#must("GET", `/git/trees/${commit.tree.sha}?recursive=1`);
    const files = (tree as Json[]).filter((entry) => entry.type !== "tree");
    const told = await Promise.all(
      files.map(async (entry): Promise<[string, string]> => {
        if (entry.type === "commit") return [entry.path, `${entry.mode} ${entry.sha}`];
        const bytes = Buffer.from((await this.#must("GET", `/git/blobs/${entry.sha}`)).content, "base64");
        return [entry.path, `${entry.mode} ${bytes.includes(0) ? bytes.toString("base64") : bytes.toString("utf8")}`];
      }),
    );
    return Object.fromEntries(told.toSorted(([a], [b]) => (a < b ? -1 : 1)));
  }

  async branches(): Promise<string[]> {
    return (await this.#must("GET", "/git/matching-refs/heads/")).map((one: Json) => one.ref.replace("refs/heads/", ""));
  }

  async pulls(): Promise<Json[]> {
    return Promise.all((await this.#inner.openedPulls()).map(async (one) => (await this.#inner.current(one)).pull));
  }
}
