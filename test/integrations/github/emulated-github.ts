import { createEmulator } from "emulate";
import {
  type EmulatedAnswer,
  type Json,
  type SeenCall,
  account,
  completed,
  iso,
  json,
  listen,
  paged,
  parsed,
  problem,
} from "./emulated-answer.ts";
import { type EmulatedCi, emulateCi } from "./emulated-ci.ts";
import { type EmulatedPulls, emulatePulls } from "./emulated-pulls.ts";
import { type EmulatedStorage, emulateStorage, signed } from "./emulated-storage.ts";

export type { Json, SeenCall } from "./emulated-answer.ts";

/**
 * GitHub for tests: the `emulate` package's, which keeps git's objects, branches and pull requests, behind a small front that adds what it
 * lacks (deployments and their statuses, what people do with pull requests, CI with its logs on a second host, protection, permissions,
 * GitHub's own refusals) and can fail on purpose.
 */
export interface EmulatedGithub extends AsyncDisposable {
  /** Base URL for clients. */
  readonly url: string;
  /** What clients asked, in order. Calls that set a test up are not among them. */
  readonly seen: SeenCall[];
  /** Fails calls on purpose: return an answer to give instead of the real one, `"lost"` to do the work and break the connection, or null. */
  fault: ((call: SeenCall, index: number) => Fault | null) | null;
  /** Where logs of jobs lie. */
  readonly storage: EmulatedStorage;
  /** Where an answer sends to for a log: "here", the API's own host as on Enterprise Server (default), or GitHub's storage. */
  logs: "here" | "storage";
  /** A fetch that reaches the storage by its name. */
  readonly fetch: typeof fetch;
  /** Role of the token's account in every repository. Default "admin". */
  role: "read" | "write" | "maintain" | "admin";
  /** Scopes of the token where it is a classic one; null, the default: it is fine-grained. */
  scopes: readonly string[] | null;
  /** Permissions of CI that a fine-grained token lacks: `["checks", "actions"]`. Default none. */
  lacks: readonly string[];
  /** A new, empty repository with a default branch "main" after its first commit. */
  createRepository(name: string): Promise<TestRepository>;
}

export type Fault = "lost" | "unreached" | { readonly status: number; readonly body?: unknown; readonly headers?: Record<string, string> };

/** Content of a path: text, bytes, or an entry with a mode of its own; null removes it. */
export type TestFile =
  | string
  | Uint8Array
  | { readonly executable: string }
  | { readonly symlink: string }
  | { readonly submodule: string }
  | null;

export interface TestRepository {
  /** `owner/name`. */
  readonly name: string;
  /**
   * Writes a commit on top of `parents` (default: the branch's head) and moves the branch to it.
   * @param options.branch null leaves the commit on no branch
   */
  commit(
    files: Readonly<Record<string, TestFile>>,
    options?: { readonly message?: string; readonly at?: number; readonly parents?: readonly string[]; readonly branch?: string | null },
  ): Promise<string>;
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
  ): number;
  /** Records that a merged pull request brought a commit. */
  readonly merged: EmulatedPulls["merged"];
  /** People merge a pull request, draft or not. @returns sha of the merge commit */
  readonly merge: EmulatedPulls["merge"];
  readonly close: EmulatedPulls["close"];
  readonly reopen: EmulatedPulls["reopen"];
  /** Adds a check run, which takes the place of an earlier one of that name. @returns its id, which is that of its job */
  readonly check: EmulatedCi["check"];
  /** Begins a workflow run of GitHub Actions that has no job (yet). */
  readonly workflowRun: EmulatedCi["workflowRun"];
  /** Sets a commit status. */
  readonly status: EmulatedCi["status"];
  /** Makes a label. */
  label(name: string): Promise<void>;
  /** Protects a branch. */
  protect(branch: string): Promise<void>;
  /**
   * Adds a ruleset for a branch.
   * @param options.approvals that it asks of a pull request; null: it only forbids deleting the branch
   * @param options.bypass what GitHub says of the caller
   */
  ruleset(
    branch: string,
    options: { readonly name: string; readonly approvals: number | null; readonly bypass?: "always" | "pull_requests_only" | "never" },
  ): void;
  /** Whole tree of a branch or commit: `mode text` by path; bytes as Base64, submodules by their sha. */
  tree(ref: string): Promise<Record<string, string>>;
  /** Head of a branch, or null. */
  head(branch: string): Promise<string | null>;
  branches(): Promise<string[]>;
  pulls(): Promise<Json[]>;
  /** Any call of the API, as the account that owns everything. */
  api(method: string, path: string, body?: unknown): Promise<{ status: number; body: Json }>;
}

const OWNER = "acme";
export const TOKEN = "test-token";

interface Gaps {
  readonly deployments: Json[];
  readonly statuses: Map<number, Json[]>;
  readonly rulesets: { readonly branch: string; readonly rule: Json; readonly ruleset: Json }[];
  readonly pulls: EmulatedPulls;
  readonly ci: EmulatedCi;
}

/** Starts it. `app` brings a GitHub App that is installed on the owner's repositories. */
export async function emulateGithub(app?: {
  readonly id: number;
  readonly privateKey: string;
  readonly installation: number;
  readonly permissions: Readonly<Record<string, string>>;
}): Promise<EmulatedGithub> {
  const emulator = await createEmulator({
    service: "github",
    port: 0,
    seed: {
      tokens: { [TOKEN]: { login: "octocat", scopes: ["repo", "admin:org"] } },
      github: {
        users: [{ login: "octocat", name: "Octo Cat", email: "octocat@example.com" }],
        orgs: [{ login: OWNER, members: [{ login: "octocat", role: "admin" }] }],
        ...(app === undefined
          ? {}
          : {
              apps: [
                {
                  app_id: app.id,
                  slug: "midwatch",
                  name: "midwatch",
                  private_key: app.privateKey,
                  permissions: app.permissions,
                  installations: [{ installation_id: app.installation, account: OWNER, repository_selection: "all" }],
                },
              ],
            }),
      },
    },
  });
  const inside = `http://127.0.0.1:${new URL(emulator.url).port}`;
  const gaps = new Map<string, Gaps>();
  const seen: SeenCall[] = [];
  const front: Pick<EmulatedGithub, "fault" | "logs" | "role" | "scopes" | "lacks"> = {
    fault: null,
    logs: "here",
    role: "admin",
    scopes: null,
    lacks: [],
  };
  /** What installation tokens may do, as they were handed out. */
  const granted = new Map<string, { readonly permissions: Record<string, string>; readonly repositories: readonly string[] }>();
  const storage = await emulateStorage();

  const server = await listen((request, response) => {
    void (async () => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk as Buffer);
      const text = Buffer.concat(chunks).toString("utf8");
      const call: SeenCall = {
        method: request.method ?? "GET",
        path: request.url ?? "/",
        headers: request.headers,
        body: text === "" ? null : (JSON.parse(text) as unknown),
      };
      seen.push(call);
      const fault = front.fault?.(call, seen.length - 1) ?? null;
      if (fault === "unreached") return request.socket.destroy();
      if (fault !== null && fault !== "lost") {
        response.writeHead(fault.status, { "content-type": "application/json; charset=utf-8", ...fault.headers });
        return response.end(JSON.stringify(fault.body ?? { message: "failed on purpose" }));
      }
      const answer = await fromGaps(call);
      if (fault === "lost") return request.socket.destroy();
      const scopes = front.scopes === null || !byToken(call) ? {} : { "x-oauth-scopes": front.scopes.join(", ") };
      response.writeHead(answer.status, { ...answer.headers, ...scopes });
      const told = answer.headers["content-type"]?.startsWith("application/json") === true && answer.body.length > 0;
      return response.end(told ? JSON.stringify(completed(parsed(answer))) : answer.body);
    })().catch((error: unknown) => {
      response.writeHead(500, { "content-type": "application/json" });
      response.end(JSON.stringify({ message: String(error) }));
    });
  });
  const { url } = server;

  const tokenOf = (call: SeenCall) => /^(?:token|bearer) (.+)$/i.exec(call.headers.authorization ?? "")?.[1] ?? "";
  const byToken = (call: SeenCall) => tokenOf(call) === TOKEN;

  /** GitHub's refusal of a caller without a permission; for what the emulator does not guard, or guards by another one. */
  function refusal(call: SeenCall, repository: string, permission: string, level: "read" | "write" = "read"): EmulatedAnswer | null {
    const forbidden = (who: string) => {
      const refused = problem(403, `Resource not accessible by ${who}`);
      return { ...refused, headers: { ...refused.headers, "x-accepted-github-permissions": `${permission}=${level}` } };
    };
    if (byToken(call)) return front.lacks.includes(permission) ? forbidden("personal access token") : null;
    const known = granted.get(tokenOf(call));
    if (known === undefined) return problem(401, "Bad credentials");
    if (!known.repositories.includes(repository)) return problem(404, "Not Found");
    const has = known.permissions[permission];
    return has === "write" || has === level ? null : forbidden("integration");
  }

  async function forward(call: SeenCall): Promise<EmulatedAnswer> {
    const text = call.body === null ? "" : JSON.stringify(call.body);
    const answer = await fetch(inside + call.path, {
      method: call.method,
      headers: {
        accept: String(call.headers.accept ?? "application/json"),
        ...(call.headers.authorization === undefined ? {} : { authorization: call.headers.authorization }),
        ...(text === "" ? {} : { "content-type": "application/json" }),
      },
      ...(text === "" ? {} : { body: text }),
      redirect: "manual",
    });
    const headers: Record<string, string> = {};
    for (const name of ["content-type", "link", "x-ratelimit-remaining", "x-ratelimit-reset"]) {
      const value = answer.headers.get(name);
      if (value !== null) headers[name] = value;
    }
    return { status: answer.status, headers, body: Buffer.from(await answer.arrayBuffer()) };
  }

  /** Answers of the emulator that say less than GitHub's, or say it in other words. */
  async function mended(call: SeenCall, answer: EmulatedAnswer): Promise<EmulatedAnswer> {
    const { pathname } = new URL(call.path, url);
    if (pathname.endsWith("/access_tokens") && answer.status === 201) {
      const { token, permissions, repositories = [] } = parsed(answer);
      granted.set(token, { permissions, repositories: (repositories as Json[]).map((one) => one.full_name as string) });
      const whole = await Promise.all((repositories as Json[]).map(async (one) => (await api("GET", `/repos/${one.full_name}`)).body));
      return json(201, { ...parsed(answer), repositories: whole });
    }
    if (pathname === "/app" && answer.status === 200) return json(200, { ...parsed(answer), owner: account(OWNER) });
    if (/^\/repos\/[^/]+\/[^/]+$/.test(pathname) && call.method === "GET" && answer.status === 200 && byToken(call)) {
      const roles = ["read", "triage", "write", "maintain", "admin"];
      const has = (role: string) => roles.indexOf(front.role) >= roles.indexOf(role);
      const permissions = { admin: has("admin"), maintain: has("maintain"), push: has("write"), triage: has("triage"), pull: true };
      return json(200, { ...parsed(answer), permissions });
    }
    if (call.method === "PATCH" && /\/git\/refs\//.test(pathname)) {
      if (answer.status === 404) return problem(422, "Reference does not exist");
      if (answer.status === 422 && /fast-forward/.test(String(answer.body))) return problem(422, "Update is not a fast forward");
    }
    return answer;
  }

  /** A branch with its newest commit and what guards it; the emulator tells no more than the name. */
  async function branchAnswer(call: SeenCall, name: string): Promise<EmulatedAnswer> {
    const answer = await forward(call);
    if (answer.status !== 200) return answer;
    const branch = parsed(answer);
    const commit = (await api("GET", `/repos/${name}/commits/${branch.commit.sha}`)).body;
    const self = `${url}/repos/${name}/branches/${branch.name}`;
    return json(200, {
      ...branch,
      commit,
      _links: { self, html: `${url}/${name}/tree/${branch.name}` },
      protection: branch.protection ?? { enabled: false, required_status_checks: { enforcement_level: "off", contexts: [], checks: [] } },
      protection_url: `${self}/protection`,
    });
  }

  async function fromGaps(call: SeenCall): Promise<EmulatedAnswer> {
    const { pathname, searchParams } = new URL(call.path, url);
    if (pathname.startsWith("/actions-results/")) {
      const { status, body } = storage.answer(call.path, call.headers.authorization);
      return { status, headers: { "content-type": "text/plain" }, body: Buffer.from(body) };
    }
    const [, name, rest] = /^\/repos\/([^/]+\/[^/]+)\/(.+)$/.exec(pathname) ?? [];
    const own = name === undefined ? undefined : gaps.get(name);
    if (name === undefined || own === undefined || rest === undefined) return mended(call, await forward(call));
    if (rest === "deployments") {
      const environment = searchParams.get("environment");
      const all = own.deployments.filter((one) => environment === null || one.environment === environment);
      return paged(url, call, all);
    }
    const [, deployment] = /^deployments\/(\d+)\/statuses$/.exec(rest) ?? [];
    if (deployment !== undefined) return json(200, own.statuses.get(Number(deployment))?.toReversed() ?? []);
    const [, ruled] = /^rules\/branches\/([^/]+)$/.exec(rest) ?? [];
    if (ruled !== undefined) {
      const inForce = own.rulesets.filter(({ branch }) => branch === decodeURIComponent(ruled));
      return json(
        200,
        inForce.map(({ rule }) => rule),
      );
    }
    const [, ruleset] = /^rulesets\/(\d+)$/.exec(rest) ?? [];
    if (ruleset !== undefined) {
      const found = own.rulesets.find((one) => one.ruleset.id === Number(ruleset));
      return found === undefined ? problem(404, "Not Found") : json(200, found.ruleset);
    }
    if (/^branches\/[^/]+$/.test(rest) && call.method === "GET") return branchAnswer(call, name);
    return (await own.ci.answer(call, rest)) ?? (await own.pulls.answer(call, rest)) ?? mended(call, await forward(call));
  }

  const api: TestRepository["api"] = async (method, path, body) => {
    const answer = await fetch(inside + path, {
      method,
      headers: { authorization: `token ${TOKEN}`, "content-type": "application/json" },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await answer.text();
    return { status: answer.status, body: text === "" ? null : (JSON.parse(text) as Json) };
  };

  const must = async (method: string, path: string, body?: unknown): Promise<Json> => {
    const answer = await api(method, path, body);
    if (answer.status >= 300) throw new Error(`${method} ${path}: ${answer.status} ${JSON.stringify(answer.body)}`);
    return answer.body;
  };

  async function createRepository(name: string): Promise<TestRepository> {
    await must("POST", `/orgs/${OWNER}/repos`, { name, private: true, auto_init: false });
    const fullName = `${OWNER}/${name}`;
    const root = `/repos/${fullName}`;
    let nextId = 1000;

    const head = async (branch: string): Promise<string | null> => {
      const answer = await api("GET", `${root}/git/ref/heads/${branch}`);
      return answer.status === 200 ? String(answer.body.object.sha) : null;
    };

    const own: Gaps = {
      deployments: [],
      statuses: new Map(),
      rulesets: [],
      pulls: emulatePulls({ name: fullName, url, api, must, forward, head, refusal }),
      ci: emulateCi({
        name: fullName,
        url,
        must,
        forward,
        resolve: async (ref) => (await head(ref)) ?? ref,
        refusal,
        storeLog: (path, log) => storage.put(path, log),
        signedLog: (path) => (storage.has(path) ? (front.logs === "here" ? url : `https://${storage.host}`) + signed(path) : null),
      }),
    };
    gaps.set(fullName, own);

    async function entryOf(path: string, file: TestFile): Promise<Json> {
      if (file === null) return { path, mode: "100644", type: "blob", sha: null };
      if (typeof file === "object" && "submodule" in file) return { path, mode: "160000", type: "commit", sha: file.submodule };
      if (typeof file === "object" && "symlink" in file) return { path, mode: "120000", type: "blob", content: file.symlink };
      if (typeof file === "object" && "executable" in file) return { path, mode: "100755", type: "blob", content: file.executable };
      const bytes = typeof file === "string" ? Buffer.from(file, "utf8") : Buffer.from(file);
      const blob = await must("POST", `${root}/git/blobs`, { content: bytes.toString("base64"), encoding: "base64" });
      return { path, mode: "100644", type: "blob", sha: blob.sha };
    }

    return {
      name: fullName,
      api,
      head,
      async commit(files, options = {}) {
        const { message = "Change things", at = Date.parse("2026-01-01T00:00:00Z"), branch = "main" } = options;
        const current = branch === null ? null : await head(branch);
        const parents = options.parents ?? (current === null ? [] : [current]);
        const base = parents[0] === undefined ? null : (await must("GET", `${root}/git/commits/${parents[0]}`)).tree.sha;
        const tree = await Promise.all(Object.entries(files).map(([path, file]) => entryOf(path, file)));
        const made =
          tree.length === 0 ? base : (await must("POST", `${root}/git/trees`, { ...(base === null ? {} : { base_tree: base }), tree })).sha;
        const who = { name: "Ana Dev", email: "ana@example.com", date: iso(at) };
        const commit = await must("POST", `${root}/git/commits`, { message, tree: made, parents, author: who, committer: who });
        if (branch === null) return commit.sha;
        if (current === null) await must("POST", `${root}/git/refs`, { ref: `refs/heads/${branch}`, sha: commit.sha });
        else await must("PATCH", `${root}/git/refs/heads/${branch}`, { sha: commit.sha, force: true });
        return commit.sha;
      },
      deploy(sha, { at, environment = "production", service, ref = "main", statuses = [["success", at]] }) {
        const id = nextId++;
        const link = `${url}${root}/deployments/${id}`;
        const common = { repository_url: `${url}${root}`, created_at: iso(at), updated_at: iso(at), creator: null, description: null };
        own.deployments.unshift({
          ...common,
          id,
          node_id: `D${id}`,
          url: link,
          sha,
          ref,
          task: "deploy",
          payload: service === undefined ? {} : { service },
          original_environment: environment,
          environment,
          statuses_url: `${link}/statuses`,
        });
        own.statuses.set(
          id,
          statuses.map(([state, when], index) => ({
            ...common,
            id: id * 100 + index,
            node_id: `S${id}${index}`,
            url: `${link}/statuses/${index}`,
            state,
            description: "",
            environment,
            target_url: "",
            deployment_url: link,
            created_at: iso(when),
            updated_at: iso(when),
          })),
        );
        return id;
      },
      merged: own.pulls.merged,
      merge: own.pulls.merge,
      close: own.pulls.close,
      reopen: own.pulls.reopen,
      check: own.ci.check,
      workflowRun: own.ci.workflowRun,
      status: own.ci.status,
      label: async (label) => void (await must("POST", `${root}/labels`, { name: label, color: "d73a4a", description: "" })),
      protect: async (branch) =>
        void (await must("PUT", `${root}/branches/${branch}/protection`, {
          required_status_checks: null,
          enforce_admins: false,
          required_pull_request_reviews: null,
          restrictions: null,
        })),
      ruleset(branch, { name: called, approvals, bypass = "never" }) {
        const id = nextId++;
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
        const source = { source_type: "Repository", source: fullName };
        own.rulesets.push({
          branch,
          rule: { ...asks, ruleset_source_type: source.source_type, ruleset_source: source.source, ruleset_id: id },
          ruleset: { id, name: called, target: "branch", ...source, enforcement: "active", current_user_can_bypass: bypass, rules: [asks] },
        });
      },
      async tree(ref) {
        const sha = (await head(ref)) ?? ref;
        const commit = await must("GET", `${root}/git/commits/${sha}`);
        const { tree } = await must("GET", `${root}/git/trees/${commit.tree.sha}?recursive=1`);
        const files = (tree as Json[]).filter((entry) => entry.type !== "tree");
        const told = await Promise.all(
          files.map(async (entry): Promise<[string, string]> => {
            if (entry.type === "commit") return [entry.path, `${entry.mode} ${entry.sha}`];
            const blob = await must("GET", `${root}/git/blobs/${entry.sha}`);
            const bytes = Buffer.from(blob.content, "base64");
            return [entry.path, `${entry.mode} ${bytes.includes(0) ? bytes.toString("base64") : bytes.toString("utf8")}`];
          }),
        );
        return Object.fromEntries(told.toSorted(([a], [b]) => (a < b ? -1 : 1)));
      },
      branches: async () => (await must("GET", `${root}/git/matching-refs/heads/`)).map((one: Json) => one.ref.replace("refs/heads/", "")),
      pulls: async () => Promise.all((await must("GET", `${root}/pulls?state=all&per_page=100`)).map(own.pulls.shown)),
    };
  }

  const reachStorage: typeof fetch = (input, init) => {
    const asked = new URL(input instanceof Request ? input.url : String(input));
    if (asked.hostname !== storage.host) return fetch(input, init);
    const there = storage.url + asked.pathname + asked.search;
    return fetch(input instanceof Request ? new Request(there, input) : there, init);
  };

  return Object.assign(front, {
    url,
    seen,
    storage,
    fetch: reachStorage,
    createRepository,
    async [Symbol.asyncDispose]() {
      await server[Symbol.asyncDispose]();
      await storage[Symbol.asyncDispose]();
      await emulator.close();
    },
  });
}
