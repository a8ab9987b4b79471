import { once } from "node:events";
import { type IncomingMessage, type Server, createServer } from "node:http";
import { createEmulator } from "emulate";

/**
 * GitHub for tests: the `emulate` package's, which keeps git's objects, branches and pull requests, behind a small front that adds what it
 * lacks (deployments and their statuses, pull requests of a commit, commit statuses, the refusal of a second pull request of a branch) and
 * can fail on purpose.
 */
export interface EmulatedGithub extends AsyncDisposable {
  /** Base URL for clients. */
  readonly url: string;
  /** What clients asked, in order. Calls that set a test up are not among them. */
  readonly seen: SeenCall[];
  /** Fails calls on purpose: return an answer to give instead of the real one, `"lost"` to do the work and break the connection, or null. */
  fault: ((call: SeenCall, index: number) => Fault | null) | null;
  /** A new, empty repository with a default branch "main" after its first commit. */
  createRepository(name: string): Promise<TestRepository>;
}

export interface SeenCall {
  readonly method: string;
  /** Path with query string. */
  readonly path: string;
  readonly headers: IncomingMessage["headers"];
  readonly body: unknown;
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
  merged(sha: string, pull: { readonly number: number; readonly title: string }): void;
  /** Adds a commit status. */
  status(sha: string, context: string, state: string): void;
  /** Whole tree of a branch or commit: `mode text` by path; bytes as Base64, submodules by their sha. */
  tree(ref: string): Promise<Record<string, string>>;
  /** Head of a branch, or null. */
  head(branch: string): Promise<string | null>;
  branches(): Promise<string[]>;
  pulls(): Promise<Json[]>;
  /** Any call of the API, as the account that owns everything. */
  api(method: string, path: string, body?: unknown): Promise<{ status: number; body: Json }>;
}

// oxlint-disable-next-line typescript/no-explicit-any -- answers of a test server, looked into by tests only
export type Json = any;

const OWNER = "acme";
export const TOKEN = "test-token";

interface Gaps {
  readonly deployments: Json[];
  readonly statuses: Map<number, Json[]>;
  readonly pulls: Map<string, Json[]>;
  readonly commitStatuses: Map<string, Json[]>;
}

const iso = (at: number) => `${new Date(at).toISOString().slice(0, 19)}Z`;

async function listen(handler: Parameters<typeof createServer>[1] & object): Promise<{ server: Server; url: string }> {
  const server = createServer(handler);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  return { server, url: `http://127.0.0.1:${address.port}` };
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
  const front: { fault: EmulatedGithub["fault"] } = { fault: null };

  const { server, url } = await listen((request, response) => {
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
      const answer = (await fromGaps(call)) ?? (await forward(call, text));
      if (fault === "lost") return request.socket.destroy();
      response.writeHead(answer.status, answer.headers);
      return response.end(answer.body);
    })().catch((error: unknown) => {
      response.writeHead(500, { "content-type": "application/json" });
      response.end(JSON.stringify({ message: String(error) }));
    });
  });

  const json = (status: number, body: unknown) => ({
    status,
    headers: { "content-type": "application/json; charset=utf-8", "x-oauth-scopes": "repo" },
    body: JSON.stringify(body),
  });

  async function forward(call: SeenCall, text: string) {
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

  async function fromGaps(call: SeenCall) {
    const { pathname, searchParams } = new URL(call.path, url);
    const [, name, rest] = /^\/repos\/([^/]+\/[^/]+)\/(.+)$/.exec(pathname) ?? [];
    const own = name === undefined ? undefined : gaps.get(name);
    if (own === undefined || rest === undefined) return null;
    if (rest === "deployments") {
      const environment = searchParams.get("environment");
      const all = own.deployments.filter((one) => environment === null || one.environment === environment);
      const page = Number(searchParams.get("page") ?? 1);
      const size = Number(searchParams.get("per_page") ?? 30);
      const answer = json(200, all.slice((page - 1) * size, page * size));
      const more = all.length > page * size;
      return more ? { ...answer, headers: { ...answer.headers, link: `<${url}${pathname}?page=${page + 1}>; rel="next"` } } : answer;
    }
    const [, deployment] = /^deployments\/(\d+)\/statuses$/.exec(rest) ?? [];
    if (deployment !== undefined) return json(200, own.statuses.get(Number(deployment))?.toReversed() ?? []);
    const [, pulled] = /^commits\/([0-9a-f]{40})\/pulls$/.exec(rest) ?? [];
    if (pulled !== undefined) return json(200, own.pulls.get(pulled) ?? []);
    const [, checked] = /^commits\/([^/]+)\/status$/.exec(rest) ?? [];
    if (checked !== undefined) {
      const statuses = own.commitStatuses.get(checked) ?? [];
      const repository = (await api("GET", `/repos/${name}`)).body;
      return json(200, { state: "pending", sha: checked, total_count: statuses.length, statuses, repository, commit_url: url, url });
    }
    if (rest === "pulls" && call.method === "POST") {
      const { head } = call.body as { head: string };
      const open = (await api("GET", `/repos/${name}/pulls?state=open&head=${OWNER}:${encodeURIComponent(head)}`)).body;
      if (open.length > 0) {
        const message = `A pull request already exists for ${OWNER}:${head}.`;
        return json(422, {
          message: "Validation Failed",
          errors: [{ resource: "PullRequest", code: "custom", message }],
          documentation_url: "https://docs.github.com/rest/pulls/pulls#create-a-pull-request",
        });
      }
    }
    return null;
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
    const own: Gaps = { deployments: [], statuses: new Map(), pulls: new Map(), commitStatuses: new Map() };
    gaps.set(fullName, own);
    let nextId = 1000;

    const head = async (branch: string): Promise<string | null> => {
      const answer = await api("GET", `${root}/git/ref/heads/${branch}`);
      return answer.status === 200 ? String(answer.body.object.sha) : null;
    };

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
      merged(sha, { number, title }) {
        const web = `${url}/${fullName}/pull/${number}`;
        const pull = {
          number,
          title,
          body: null,
          state: "closed",
          html_url: web,
          draft: false,
          merged_at: iso(0),
          user: { login: "ana" },
          head: { ref: `topic-${number}`, sha },
          base: { ref: "main" },
        };
        own.pulls.set(sha, [...(own.pulls.get(sha) ?? []), pull]);
      },
      status(sha, context, state) {
        const one = { context, state, target_url: null, created_at: iso(0), updated_at: iso(0) };
        own.commitStatuses.set(sha, [...(own.commitStatuses.get(sha) ?? []), one]);
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
      pulls: async () => must("GET", `${root}/pulls?state=all&per_page=100`),
    };
  }

  return {
    url,
    seen,
    get fault() {
      return front.fault;
    },
    set fault(fault) {
      front.fault = fault;
    },
    createRepository,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
      await emulator.close();
    },
  };
}
