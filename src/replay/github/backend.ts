import { createEmulator } from "emulate";
import { type Json, textIn } from "../json.ts";
import type { PlannedCommit } from "./history.ts";
import { ShaBook } from "./shas.ts";

export interface BackendAnswer {
  readonly status: number;
  readonly headers: Headers;
  /** Parsed JSON, or text where it is none, or null. */
  readonly body: unknown;
}

/** The emulated GitHub, which holds git's objects and the pull requests that clients open. */
export interface Backend {
  /** Base of URLs that the emulator writes into its answers. */
  readonly ownUrl: string;
  readonly shas: ShaBook;
  call(method: string, path: string, body?: unknown, headers?: Readonly<Record<string, string>>): Promise<BackendAnswer>;
  close(): Promise<void>;
}

/** Login of the account that the token belongs to. */
export const botLogin = "midwatch-bot";
/** The emulator answers 5,000 calls an hour for each token and takes any token for this account's, so a new one is used in time. */
const CALLS_PER_TOKEN = 4_000;

/** What every new repository begins with. Source: docs.github.com, "Managing labels". */
const newRepositoryLabels = [
  { name: "bug", color: "d73a4a", description: "Something isn't working" },
  { name: "documentation", color: "0075ca", description: "Improvements or additions to documentation" },
  { name: "duplicate", color: "cfd3d7", description: "This issue or pull request already exists" },
  { name: "enhancement", color: "a2eeef", description: "New feature or request" },
  { name: "good first issue", color: "7057ff", description: "Good for newcomers" },
  { name: "help wanted", color: "008672", description: "Extra attention is needed" },
  { name: "invalid", color: "e4e669", description: "This doesn't seem right" },
  { name: "question", color: "d876e3", description: "Further information is requested" },
  { name: "wontfix", color: "ffffff", description: "This will not be worked on" },
];

/**
 * Starts the emulator with one repository and writes the planned history into it, commit by commit, through the Git Data API.
 * @throws Error when the emulator refuses an object, which is a mistake in the plan
 */
export async function startBackend(owner: string, name: string, plan: readonly PlannedCommit[]): Promise<Backend> {
  const emulator = await createEmulator({
    service: "github",
    port: 0,
    seed: {
      // None of these is used: an unknown token stands for the first user, with all that is needed.
      tokens: { unused: { login: botLogin } },
      github: {
        users: [{ login: botLogin, name: "midwatch" }],
        orgs: [{ login: owner, members: [{ login: botLogin, role: "admin" }] }],
        repos: [{ owner, name, auto_init: false, private: true }],
      },
    },
  });
  const inside = `http://127.0.0.1:${new URL(emulator.url).port}`;
  let calls = 0;
  const call: Backend["call"] = async (method, path, body, headers = {}) => {
    const insideToken = `inside-${Math.floor(calls++ / CALLS_PER_TOKEN)}`;
    const response = await fetch(inside + path, {
      method,
      headers: {
        ...headers,
        authorization: `Bearer ${insideToken}`,
        ...(body === undefined ? {} : { "content-type": "application/json" }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      redirect: "manual",
    });
    const text = await response.text();
    const isJson = response.headers.get("content-type")?.includes("json") === true;
    return { status: response.status, headers: response.headers, body: text === "" ? null : isJson ? (JSON.parse(text) as unknown) : text };
  };
  const shas = new ShaBook();
  const repository = `/repos/${owner}/${name}`;
  const made = async (path: string, body: unknown): Promise<string> => {
    const answer = await call("POST", repository + path, body);
    if (answer.status !== 201) throw new Error(`the GitHub emulator refused ${path}: ${textIn(answer.body, "message")}`);
    return textIn(answer.body, "sha");
  };
  try {
    const present = new Set<string>();
    let tree: string | null = null;
    let parent: string | null = null;
    for (const commit of plan) {
      const entries: Json[] = [];
      for (const [path, text] of commit.files) {
        if (text === null && !present.has(path)) continue;
        entries.push({ path, mode: "100644", type: "blob", ...(text === null ? { sha: null } : { content: text }) });
        if (text === null) present.delete(path);
        else present.add(path);
      }
      if (entries.length > 0 || tree === null)
        tree = await made("/git/trees", { ...(tree === null ? {} : { base_tree: tree }), tree: entries });
      // One second, as git keeps it.
      const date = `${new Date(commit.at).toISOString().slice(0, 19)}Z`;
      const identity = { ...commit.author, date };
      const sha: string = await made("/git/commits", {
        message: commit.message,
        tree,
        parents: parent === null ? [] : [parent],
        author: identity,
        committer: identity,
      });
      if (commit.sha !== null) shas.pair(commit.sha, sha);
      parent = sha;
    }
    if (parent !== null) await made("/git/refs", { ref: "refs/heads/main", sha: parent });
    for (const label of newRepositoryLabels) await made("/labels", label);
  } catch (error) {
    await emulator.close();
    throw error;
  }
  return { ownUrl: emulator.url, shas, call, close: () => emulator.close() };
}
