import { IntegrationError } from "../../guard/errors.ts";
import type { Call, Connection } from "./connection.ts";
import { bytesOfBase64, textOfBytes } from "./contents.ts";
import { blobSchema, createdSchema, gitCommitSchema, refSchema, treeSchema } from "./schema.ts";

/** One entry of a folder in git. Modes: 100644 file, 100755 executable, 120000 symlink, 160000 submodule, 040000 folder. */
export interface TreeEntry {
  readonly name: string;
  readonly mode: string;
  readonly sha: string;
  /** Bytes, files only. */
  readonly size: number | null;
}

export interface GitCommit {
  readonly sha: string;
  readonly message: string;
  readonly tree: string;
  readonly parents: readonly string[];
}

/** A change of one path in a new tree: the file whose blob is known, `sha` null removes it; or a text, of which GitHub makes the blob. */
export type TreeChange = { readonly path: string; readonly mode: "100644" | "100755" } & (
  | { readonly sha: string | null }
  | { readonly content: string }
);

/** Every branch that midwatch makes lies under this. */
export const BRANCH_PREFIX = "midwatch/";
const ownBranch = /^midwatch\/[A-Za-z0-9](?:[A-Za-z0-9_-]|\.(?!\.|lock$|$)){0,180}$/;

/** @throws IntegrationError for any branch outside midwatch's own namespace */
export function assertOwnBranch(branch: string): void {
  if (ownBranch.test(branch)) return;
  throw new IntegrationError(
    "github",
    `midwatch writes only to branches under ${BRANCH_PREFIX}; it refuses ${JSON.stringify(branch.slice(0, 200))}.`,
  );
}

const read = { permission: "contents: read", access: "read" } as const;
const write = { permission: "contents: write", access: "write" } as const;

async function found<T>(connection: Connection, call: Call<T>, signal: AbortSignal): Promise<T | null> {
  try {
    return (await connection.call(call, signal)).value;
  } catch (error) {
    if (error instanceof IntegrationError && error.status === 404) return null;
    throw error;
  }
}

async function readBranch(
  connection: Connection,
  args: { readonly repository: string; readonly branch: string },
  signal: AbortSignal,
): Promise<string | null> {
  const { repository, branch } = args;
  const call = { repository, parameters: { ref: `heads/${branch}` }, schema: refSchema, what: `branch ${branch}`, ...read };
  return (await found(connection, { route: "GET /repos/{owner}/{repo}/git/ref/{ref}", ...call }, signal))?.object.sha ?? null;
}

/**
 * Git's own objects, so that a change needs no clone. What is made here hangs on nothing until `createBranch` or `advanceBranch` names it.
 * There is no way to force or delete a branch, and none to write to one outside `midwatch/`.
 */
export const gitCalls = (connection: Connection) => ({
  ...objectReads(connection),
  ...objectWrites(connection),
  ...branchCalls(connection),
});

function objectReads(connection: Connection) {
  return {
    /** null when the repository has no such commit (any more). */
    async readCommit(args: { readonly repository: string; readonly sha: string }, signal: AbortSignal): Promise<GitCommit | null> {
      const { repository, sha } = args;
      const call = { repository, parameters: { commit_sha: sha }, schema: gitCommitSchema, what: `commit ${sha.slice(0, 12)}`, ...read };
      const commit = await found(connection, { route: "GET /repos/{owner}/{repo}/git/commits/{commit_sha}", ...call }, signal);
      if (commit === null) return null;
      return { sha: commit.sha, message: commit.message, tree: commit.tree.sha, parents: commit.parents.map((parent) => parent.sha) };
    },

    /** Entries of one folder, not of those below it. */
    async readTree(args: { readonly repository: string; readonly sha: string }, signal: AbortSignal): Promise<readonly TreeEntry[]> {
      const { repository, sha } = args;
      const { value } = await connection.call(
        {
          route: "GET /repos/{owner}/{repo}/git/trees/{tree_sha}",
          repository,
          parameters: { tree_sha: sha },
          schema: treeSchema,
          what: `tree ${sha.slice(0, 12)}`,
          ...read,
        },
        signal,
      );
      if (value.truncated)
        throw new IntegrationError("github", `github lists only a part of a folder of ${repository}: it holds too many files.`);
      return value.tree.map((entry) => ({ name: entry.path, mode: entry.mode, sha: entry.sha, size: entry.size ?? null }));
    },

    /** Text of a blob, or null when it is binary. */
    async readBlob(args: { readonly repository: string; readonly sha: string }, signal: AbortSignal): Promise<string | null> {
      const { repository, sha } = args;
      const { value } = await connection.call(
        {
          route: "GET /repos/{owner}/{repo}/git/blobs/{file_sha}",
          repository,
          parameters: { file_sha: sha },
          schema: blobSchema,
          what: `blob ${sha.slice(0, 12)}`,
          ...read,
        },
        signal,
      );
      return value.encoding === "base64" ? textOfBytes(bytesOfBase64(value.content)) : value.content;
    },
  };
}

function objectWrites(connection: Connection) {
  return {
    /** A tree like `base` but for the changes. @returns its sha */
    async createTree(
      args: { readonly repository: string; readonly base: string; readonly changes: readonly TreeChange[] },
      signal: AbortSignal,
    ): Promise<string> {
      const { repository, base, changes } = args;
      const tree = changes.map((change) => {
        const { path, mode } = change;
        return { path, mode, type: "blob", ...("content" in change ? { content: change.content } : { sha: change.sha }) };
      });
      const call = { repository, parameters: { base_tree: base, tree }, schema: createdSchema, what: "a new tree", ...write };
      return (await connection.call({ route: "POST /repos/{owner}/{repo}/git/trees", ...call }, signal)).value.sha;
    },

    /** @returns its sha */
    async createCommit(
      args: { readonly repository: string; readonly message: string; readonly tree: string; readonly parent: string },
      signal: AbortSignal,
    ): Promise<string> {
      const { repository, message, tree, parent } = args;
      // No author is named: GitHub then signs the commit in the name of the app or user that made it.
      const call = { repository, parameters: { message, tree, parents: [parent] }, schema: createdSchema, what: "a new commit", ...write };
      return (await connection.call({ route: "POST /repos/{owner}/{repo}/git/commits", ...call }, signal)).value.sha;
    },
  };
}

function branchCalls(connection: Connection) {
  return {
    /** Commit a branch points to, or null when there is no such branch. */
    readBranch: (args: { readonly repository: string; readonly branch: string }, signal: AbortSignal) =>
      readBranch(connection, args, signal),

    /** Makes a branch. @returns false when there is a branch of that name already; it is left as it is */
    async createBranch(
      args: { readonly repository: string; readonly branch: string; readonly sha: string },
      signal: AbortSignal,
    ): Promise<boolean> {
      const { repository, branch, sha } = args;
      assertOwnBranch(branch);
      const parameters = { ref: `refs/heads/${branch}`, sha };
      const call = { repository, parameters, schema: refSchema, what: `new branch ${branch}`, ...write };
      try {
        await connection.call({ route: "POST /repos/{owner}/{repo}/git/refs", ...call }, signal);
        return true;
      } catch (error) {
        if (error instanceof IntegrationError && error.status === 422 && /already exists/i.test(error.message)) return false;
        throw error;
      }
    },

    /**
     * Moves one of midwatch's branches on to a commit that comes after the one it points to; run again after a cut answer it says true.
     * @returns false when people have pushed to the branch, moved or deleted it: it is left as it is
     */
    async advanceBranch(
      args: { readonly repository: string; readonly branch: string; readonly from: string; readonly to: string },
      signal: AbortSignal,
    ): Promise<boolean> {
      const { repository, branch, from, to } = args;
      assertOwnBranch(branch);
      const at = await readBranch(connection, { repository, branch }, signal);
      if (at === to) return true;
      if (at !== from) return false;
      // GitHub itself refuses what would drop a commit that was pushed since.
      const parameters = { ref: `heads/${branch}`, sha: to, force: false };
      const call = { repository, parameters, schema: refSchema, what: `branch ${branch}`, ...write };
      try {
        await connection.call({ route: "PATCH /repos/{owner}/{repo}/git/refs/{ref}", ...call }, signal);
        return true;
      } catch (error) {
        const overtaken = /not a fast.forward|reference does not exist/i;
        if (error instanceof IntegrationError && error.status === 422 && overtaken.test(error.message)) return false;
        throw error;
      }
    },
  };
}
