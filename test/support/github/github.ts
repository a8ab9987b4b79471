import type { IncomingHttpHeaders, ServerResponse } from "node:http";
import { accountJson } from "../../../src/replay/github/recorded-pulls.ts";
import { type Backend, startBackend } from "../../../src/replay/github/backend.ts";
import { listen } from "../loopback.ts";
import { type Json, TestRepository } from "./repository.ts";
import { type LogStorage, logStorage, signed } from "./storage.ts";

export type { Json, TestFile } from "./repository.ts";
export { TestRepository } from "./repository.ts";

/** A fault of a repository that has no draft pull requests. */
export const noDrafts: EmulatedGithub["fault"] = ({ method, path }) =>
  method === "POST" && path.endsWith("/pulls")
    ? {
        status: 422,
        body: { message: "Validation Failed", errors: [{ message: "Draft pull requests are not supported in this repository." }] },
      }
    : null;

/** What midwatch needs of an app in a repository, and no more. */
export const neededPermissions = {
  metadata: "read",
  contents: "write",
  pull_requests: "write",
  deployments: "read",
  checks: "read",
  statuses: "read",
  actions: "read",
};

export interface SeenCall {
  readonly method: string;
  /** Path with query string. */
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: unknown;
}

export type Fault = "lost" | "unreached" | { readonly status: number; readonly body?: unknown; readonly headers?: Record<string, string> };

const OWNER = "acme";
export const TOKEN = "test-token-of-the-emulated-github";

type Level = "read" | "write";

/** What GitHub asks of a credential, by method and path below a repository; the first that fits. */
const needed: readonly (readonly [RegExp, permission: string, Level])[] = [
  [/^GET (commits\/.+\/check-runs$|check-runs\/)/, "checks", "read"],
  [/^GET commits\/.+\/status$/, "statuses", "read"],
  [/^GET actions\//, "actions", "read"],
  [/^GET deployments/, "deployments", "read"],
  [/^GET (pulls|issues\/\d+\/timeline|labels\/|commits\/[^/]+\/pulls$)/, "pull_requests", "read"],
  [/^(POST|PATCH) (pulls|issues)/, "pull_requests", "write"],
  [/^(POST|PATCH) git\//, "contents", "write"],
  [/^GET (git|contents|commits|compare|branches)\//, "contents", "read"],
];

interface App {
  readonly id: number;
  readonly privateKey: string;
  readonly installation: number;
  readonly permissions: Readonly<Record<string, string>>;
}

const appSeed = ({ id, privateKey, installation, permissions }: App) => ({
  app_id: id,
  slug: "midwatch",
  name: "midwatch",
  private_key: privateKey,
  permissions,
  installations: [{ installation_id: installation, account: OWNER, repository_selection: "all" }],
});

/** Starts GitHub for a test. `app` brings a GitHub App that is installed on the owner's repositories. */
export async function emulateGithub(app?: App): Promise<EmulatedGithub> {
  const backend = await startBackend({
    users: [{ login: "octocat", name: "Octo Cat", email: "octocat@example.com" }],
    orgs: [{ login: OWNER, members: [{ login: "octocat", role: "admin" }] }],
    ...(app === undefined ? {} : { apps: [appSeed(app)] }),
  });
  const github = new EmulatedGithub(backend, await logStorage());
  await github.listen();
  return github;
}

/**
 * GitHub for tests: the replay's repositories, empty, behind a front that knows what credentials may do, keeps what clients ask, has logs on a
 * second host and can fail on purpose.
 */
export class EmulatedGithub implements AsyncDisposable {
  /** Base URL for clients. */
  url = "";
  /** What clients asked, in order. Calls that set a test up are not among them. */
  readonly seen: SeenCall[] = [];
  /** Fails calls on purpose: return an answer to give instead of the real one, `"lost"` to do the work and break the connection, or null. */
  fault: ((call: SeenCall, index: number) => Fault | null) | null = null;
  /** Where logs of jobs lie. */
  readonly storage: LogStorage;
  /** Where an answer sends to for a log: "here", the API's own host as on Enterprise Server (default), or GitHub's storage. */
  logs: "here" | "storage" = "here";
  /** Role of the token's account in every repository. Default "admin". */
  role: "read" | "write" | "maintain" | "admin" = "admin";
  /** Scopes of the token where it is a classic one; null, the default: it is fine-grained. */
  scopes: readonly string[] | null = null;
  /** Permissions that a fine-grained token lacks: `["checks", "actions"]`. Default none. */
  lacks: readonly string[] = [];
  readonly #backend: Backend;
  readonly #repositories = new Map<string, TestRepository>();
  /** What installation tokens may do, as they were handed out. */
  readonly #granted = new Map<string, { readonly permissions: Record<string, string>; readonly repositories: readonly string[] }>();
  readonly #closers: AsyncDisposable[] = [];

  constructor(backend: Backend, storage: LogStorage) {
    this.#backend = backend;
    this.storage = storage;
  }

  /** Takes back what a test made it fail or refuse. */
  behave(): void {
    Object.assign(this, { fault: null, logs: "here", role: "admin", scopes: null, lacks: [] });
  }

  /** A fetch that reaches the storage by its name. */
  get fetch(): typeof fetch {
    return this.storage.fetch;
  }

  async listen(): Promise<void> {
    const server = await listen(async ({ method, url, headers, body }, response) => {
      const call = { method, path: url, headers, body: body === "" ? null : (JSON.parse(body) as unknown) };
      this.seen.push(call);
      try {
        await this.#serve(call, response);
      } catch (error) {
        response.writeHead(500, { "content-type": "application/json" });
        response.end(JSON.stringify({ message: String(error) }));
      }
    }, false);
    this.url = server.url;
    this.#closers.push(server, this.storage);
  }

  /** A new, empty repository with a default branch "main" after its first commit. */
  async createRepository(name: string): Promise<TestRepository> {
    const made = await this.#backend.call("POST", `/orgs/${OWNER}/repos`, { name, private: true, auto_init: false });
    if (made.status >= 300) throw new Error(`no repository ${name}: ${JSON.stringify(made.body)}`);
    const repository = new TestRepository(this.#backend, `${OWNER}/${name}`, {
      put: (path, log) => this.storage.put(path, log),
      link: (path) => (this.storage.has(path) ? (this.logs === "here" ? this.url : `https://${this.storage.host}`) + signed(path) : null),
    });
    this.#repositories.set(repository.name, repository);
    return repository;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const closer of this.#closers) await closer[Symbol.asyncDispose]();
    await this.#backend.close();
  }

  async #serve(call: SeenCall, response: ServerResponse): Promise<unknown> {
    const fault = this.fault?.(call, this.seen.length - 1) ?? null;
    if (fault === "unreached") return response.destroy();
    if (fault !== null && fault !== "lost") {
      response.writeHead(fault.status, { "content-type": "application/json; charset=utf-8", ...fault.headers });
      return response.end(JSON.stringify(fault.body ?? { message: "failed on purpose" }));
    }
    const answer = await this.#answer(call);
    if (fault === "lost") return response.destroy();
    const scopes = this.scopes === null || tokenOf(call) !== TOKEN ? {} : { "x-oauth-scopes": this.scopes.join(", ") };
    response.writeHead(answer.status, { ...Object.fromEntries(answer.headers), ...scopes });
    return response.end(Buffer.from(await answer.arrayBuffer()));
  }

  async #answer(call: SeenCall): Promise<Response> {
    const { pathname } = new URL(call.path, this.url);
    if (pathname.startsWith("/actions-results/")) {
      const { status, body } = this.storage.answer(call.path, call.headers.authorization);
      return new Response(Buffer.from(body), { status, headers: { "content-type": "text/plain" } });
    }
    const [, name = "", rest = ""] = /^\/repos\/([^/]+\/[^/]+)\/?(.*)$/.exec(pathname) ?? [];
    const repository = rest === "installation" ? undefined : this.#repositories.get(name);
    if (repository === undefined) return this.#ofAccount(call, pathname);
    const refused = this.#refusal(call, name, rest);
    if (refused !== null) return refused;
    const headers = { accept: call.headers.accept ?? "application/json" };
    const body = call.body === null ? {} : { body: JSON.stringify(call.body) };
    const answer = await repository.app.fetch(new Request(this.url + call.path, { method: call.method, headers, ...body }));
    if (rest !== "" || call.method !== "GET" || answer.status !== 200 || tokenOf(call) !== TOKEN) return answer;
    const roles = ["read", "triage", "write", "maintain", "admin"];
    const has = (role: string) => roles.indexOf(this.role) >= roles.indexOf(role);
    const permissions = { admin: has("admin"), maintain: has("maintain"), push: has("write"), triage: has("triage"), pull: true };
    return Response.json({ ...((await answer.json()) as object), permissions });
  }

  /** What is asked above repositories, with the caller's own credential. */
  async #ofAccount(call: SeenCall, pathname: string): Promise<Response> {
    const { authorization = "" } = call.headers;
    const answer = await this.#backend.call(call.method, call.path, call.body ?? undefined, { authorization });
    const body = answer.body as Json;
    if (answer.status === 201 && pathname.endsWith("/access_tokens")) {
      const names = (body.repositories ?? []).map((one: Json) => one.full_name as string);
      this.#granted.set(body.token, { permissions: body.permissions, repositories: names });
      const whole = names.map(async (name: string) => this.#repositories.get(name)?.described(this.url));
      return Response.json({ ...body, repositories: await Promise.all(whole) }, { status: 201 });
    }
    const told = answer.status === 200 && pathname === "/app" ? { ...body, owner: accountJson(OWNER, this.url) } : body;
    return Response.json(told, { status: answer.status });
  }

  /** GitHub's refusal of a caller without a permission, or null. */
  #refusal(call: SeenCall, repository: string, rest: string): Response | null {
    const [, permission = "metadata", level = "read"] = needed.find(([asked]) => asked.test(`${call.method} ${rest}`)) ?? [];
    const refused = (status: number, message: string) =>
      Response.json(
        { message, documentation_url: "https://docs.github.com/rest", status: String(status) },
        { status, headers: status === 403 ? { "x-accepted-github-permissions": `${permission}=${level}` } : {} },
      );
    if (tokenOf(call) === TOKEN)
      return this.lacks.includes(permission) ? refused(403, "Resource not accessible by personal access token") : null;
    const known = this.#granted.get(tokenOf(call));
    if (known === undefined) return refused(401, "Bad credentials");
    if (!known.repositories.includes(repository)) return refused(404, "Not Found");
    const has = known.permissions[permission];
    return has === "write" || has === level ? null : refused(403, "Resource not accessible by integration");
  }
}

const tokenOf = ({ headers }: SeenCall) => /^(?:token|bearer) (.+)$/i.exec(headers.authorization ?? "")?.[1] ?? "";
