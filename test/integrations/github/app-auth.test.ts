import { generateKeyPairSync } from "node:crypto";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { createGithubClient } from "../../../src/integrations/github/client.ts";
import { type EmulatedGithub, type Json, emulateGithub } from "../../support/github/github.ts";

const pkcs8 = generateKeyPairSync("rsa", {
  modulusLength: 2048,
  privateKeyEncoding: { type: "pkcs8", format: "pem" },
  publicKeyEncoding: { type: "spki", format: "pem" },
}).privateKey;

const signal = AbortSignal.timeout(120_000);
const everything = {
  metadata: "read",
  contents: "write",
  pull_requests: "write",
  deployments: "write",
  checks: "write",
  statuses: "read",
  actions: "write",
  administration: "write",
  workflows: "write",
};
let github: EmulatedGithub;

beforeAll(async () => {
  github = await emulateGithub({ id: 77, privateKey: pkcs8, installation: 5, permissions: everything });
  for (const name of ["shop", "other"]) await (await github.createRepository(name)).commit({ "a.txt": "a\n" });
});
afterAll(async () => github[Symbol.asyncDispose]());
afterEach(() => {
  github.fault = null;
});

const tokenCalls = (from: number) =>
  github.seen.slice(from).filter(({ path }) => path.includes("/app/installations/") || path.endsWith("/installation"));

const clientOf = (over: { privateKey?: string; now?: () => number } = {}) =>
  createGithubClient({
    baseUrl: github.url,
    auth: { appId: 77, privateKey: over.privateKey ?? pkcs8 },
    fetch,
    sleep: async () => undefined,
    ...(over.now === undefined ? {} : { now: over.now }),
  });

test("a read asks for a token of one repository that can only read, and no more than midwatch uses", async () => {
  const from = github.seen.length;
  expect((await clientOf().repository({ repository: "acme/shop" }, signal)).value.defaultBranch).toBe("main");
  const [, created] = tokenCalls(from);
  expect(created?.body).toEqual({
    repositories: ["shop"],
    permissions: {
      metadata: "read",
      contents: "read",
      pull_requests: "read",
      deployments: "read",
      checks: "read",
      statuses: "read",
      actions: "read",
    },
  });
});

test("a write asks for another token, for that repository alone, without administration or workflows", async () => {
  const client = clientOf();
  const base = await client.git.readBranch({ repository: "acme/shop", branch: "main" }, signal);
  const tree = (await client.git.readCommit({ repository: "acme/shop", sha: base ?? "" }, signal))?.tree ?? "";
  const from = github.seen.length;
  await client.git.createTree({ repository: "acme/shop", base: tree, changes: [{ path: "a.txt", mode: "100644", sha: null }] }, signal);
  const [, created] = tokenCalls(from);
  expect(created?.body).toEqual({ repositories: ["shop"], permissions: { metadata: "read", contents: "write", pull_requests: "write" } });
});

test("a token is used again until shortly before it expires, also by calls at the same time", async () => {
  let now = Date.now();
  const client = clientOf({ now: () => now });
  const from = github.seen.length;
  const read = () => client.repository({ repository: "acme/shop" }, signal);
  await Promise.all([read(), read(), read()]);
  await read();
  expect(tokenCalls(from)).toHaveLength(2);
  now += 56 * 60_000;
  await read();
  expect(tokenCalls(from)).toHaveLength(4);
});

test("a token of one repository is not sent to another", async () => {
  const client = clientOf();
  const from = github.seen.length;
  await client.repository({ repository: "acme/shop" }, signal);
  await client.repository({ repository: "acme/other" }, signal);
  const reads = github.seen.slice(from).filter(({ path }) => /^\/repos\/acme\/(shop|other)$/.test(path));
  expect(new Set(reads.map(({ headers }) => headers.authorization)).size).toBe(2);
  expect(tokenCalls(from).flatMap(({ body }) => (body as Json)?.repositories ?? [])).toEqual(["shop", "other"]);
});

test("GitHub takes a token of one repository for no other, and one for reading for no write", async () => {
  const from = github.seen.length;
  await clientOf().repository({ repository: "acme/shop" }, signal);
  const { authorization = "" } = github.seen.slice(from).find(({ path }) => path === "/repos/acme/shop")?.headers ?? {};
  const ask = (path: string, init: RequestInit = {}) => fetch(github.url + path, { ...init, headers: { authorization } });
  expect((await ask("/repos/acme/shop/git/ref/heads/main")).status).toBe(200);
  expect((await ask("/repos/acme/other/git/ref/heads/main")).ok).toBe(false);
  const body = JSON.stringify({ content: "x", encoding: "utf-8" });
  expect((await ask("/repos/acme/shop/git/blobs", { method: "POST", body })).ok).toBe(false);
});

test("the whole of a fix is within what the tokens are narrowed to", async () => {
  const client = clientOf();
  const repository = await github.createRepository("fixes");
  const main = await repository.commit({ "a.ts": "a\n" });
  await repository.label("incident");
  const about = { repository: repository.name };
  const base = (await client.git.readCommit({ ...about, sha: main }, signal))?.tree ?? "";
  const commit = async (parent: string, content: string) => {
    const tree = await client.git.createTree({ ...about, base, changes: [{ path: "a.ts", mode: "100644", content }] }, signal);
    return client.git.createCommit({ ...about, message: "Fix", tree, parent }, signal);
  };
  const branch = "midwatch/Q1-fix";
  const [from, words] = [await commit(main, "b\n"), { title: "Fix", body: "Because." }];
  await client.git.createBranch({ ...about, branch, sha: from }, signal);
  const pull = await client.pullRequests.openDraftPullRequest({ ...about, branch, base: "main", ...words }, signal);
  const number = pull?.number ?? 0;
  const to = await commit(from, "c\n");
  expect(await client.git.advanceBranch({ ...about, branch, from, to }, signal)).toBe(true);
  expect(await client.pullRequests.labelPullRequest({ ...about, number, labels: ["incident"] }, signal)).toEqual(["incident"]);
  await client.pullRequests.rewritePullRequest({ ...about, number, branch, ...words }, signal);
  const id = await repository.check(to, { name: "test", state: "failure", log: "no\n" });
  expect((await client.listChecks({ ...about, ref: to }, signal)).value).toMatchObject([{ id, app: "github-actions", state: "failed" }]);
  expect((await client.jobLog({ ...about, id, most: 100 }, signal))?.value).toBe("no\n");
  await repository.close(number, { by: "mara" });
  expect((await client.pullRequests.readPullRequest({ ...about, number }, signal)).by).toBe("mara");
});

test("of all that a fix writes, no call carries a token for more than contents and pull requests of the one repository", async () => {
  const repository = await github.createRepository("narrow");
  const main = await repository.commit({ "a.ts": "a\n" });
  const [client, about, from] = [clientOf(), { repository: repository.name }, github.seen.length];
  const base = (await client.git.readCommit({ ...about, sha: main }, signal))?.tree ?? "";
  const tree = await client.git.createTree({ ...about, base, changes: [{ path: "a.ts", mode: "100644", content: "b\n" }] }, signal);
  const sha = await client.git.createCommit({ ...about, message: "Fix", tree, parent: main }, signal);
  const branch = "midwatch/Q2-fix";
  await client.git.createBranch({ ...about, branch, sha }, signal);
  await client.pullRequests.openDraftPullRequest({ ...about, branch, base: "main", title: "Fix", body: "Because." }, signal);
  const id = await repository.check(sha, { name: "test", state: "failure", log: "no\n" });
  await client.listChecks({ ...about, ref: sha }, signal);
  await client.jobLog({ ...about, id, most: 100 }, signal);

  const seen = github.seen.slice(from);
  const asked = tokenCalls(from).flatMap(({ body }) => (body === null ? [] : [body as Json]));
  expect(asked.map(({ repositories }) => repositories)).toEqual([["narrow"], ["narrow"]]);
  const writing = { metadata: "read", contents: "write", pull_requests: "write" };
  expect(asked.filter(({ permissions }) => Object.values(permissions).includes("write")).map(({ permissions }) => permissions)).toEqual([
    writing,
  ]);
  expect(asked.find(({ permissions }) => permissions.actions !== undefined)?.permissions).toMatchObject({
    actions: "read",
    checks: "read",
  });
  // Two tokens, and which of them a call carries follows from whether it writes.
  const carried = (writes: boolean) =>
    new Set(
      seen
        .filter(({ path, method }) => path.startsWith("/repos/") && !path.endsWith("/installation") && (method !== "GET") === writes)
        .map(({ headers }) => headers.authorization),
    );
  expect([carried(true).size, carried(false).size, new Set([...carried(true), ...carried(false)]).size]).toEqual([1, 1, 2]);
});

test("the app says what it was made with", async () => {
  expect(await clientOf().app()).toEqual({ name: "midwatch", permissions: everything });
});

test("permissions that the installation lacks are not asked for", async () => {
  await using small = await emulateGithub({
    id: 77,
    privateKey: pkcs8,
    installation: 5,
    permissions: { metadata: "read", contents: "read", pull_requests: "read" },
  });
  await (await small.createRepository("shop")).commit({ "a.txt": "a\n" });
  const client = createGithubClient({ baseUrl: small.url, auth: { appId: 77, privateKey: pkcs8 }, fetch });
  await client.repository({ repository: "acme/shop" }, signal);
  expect(small.seen.find(({ method }) => method === "POST")?.body).toEqual({
    repositories: ["shop"],
    permissions: { metadata: "read", contents: "read", pull_requests: "read" },
  });
});

test("a key with its line breaks written as two characters is read", async () => {
  const client = clientOf({ privateKey: pkcs8.replaceAll("\n", "\\n") });
  expect((await client.repository({ repository: "acme/shop" }, signal)).value.defaultBranch).toBe("main");
});

describe("in words for people", () => {
  test("an app that GitHub does not know by its key", async () => {
    github.fault = ({ path }) => (path === "/app" ? { status: 401, body: { message: "Bad credentials" } } : null);
    await expect(clientOf().app()).rejects.toThrow(/401 for the GitHub App itself\. Check GITHUB_APP_ID and GITHUB_APP_PRIVATE_KEY/);
    github.fault = ({ path }) => (path === "/app" ? { status: 404 } : null);
    await expect(clientOf().app()).rejects.toThrow(/no GitHub App of this GITHUB_APP_ID/);
  });

  test("a key that is none, without repeating it", async () => {
    const error: unknown = await clientOf({ privateKey: "-----BEGIN PRIVATE KEY-----\ncanary\n-----END PRIVATE KEY-----" })
      .repository({ repository: "acme/shop" }, signal)
      .catch((reason: unknown) => reason);
    expect(String(error)).toContain("GITHUB_APP_PRIVATE_KEY cannot be used to sign");
    expect(String(error)).toContain("PKCS#8");
    expect(`${String(error)} ${error instanceof Error ? `${error.stack} ${String(error.cause)}` : ""}`).not.toContain("canary");
  });

  test("an app that is not installed on the repository", async () => {
    await expect(clientOf().repository({ repository: "elsewhere/shop" }, signal)).rejects.toThrow(
      /The GitHub App is not installed on elsewhere\/shop/,
    );
  });

  test("a suspended installation", async () => {
    const suspended = { id: 5, permissions: everything, suspended_at: "2026-05-01T00:00:00Z" };
    github.fault = ({ path }) => (path.endsWith("/installation") ? { status: 200, body: suspended } : null);
    await expect(clientOf().repository({ repository: "acme/shop" }, signal)).rejects.toThrow(/installation on acme\/shop is suspended/);
  });

  test("a refused token, and the next call asks for a new one", async () => {
    const client = clientOf();
    await client.repository({ repository: "acme/shop" }, signal);
    github.fault = ({ path }) => (path === "/repos/acme/shop" ? { status: 401, body: { message: "Bad credentials" } } : null);
    await expect(client.repository({ repository: "acme/shop" }, signal)).rejects.toThrow(/^github: 401/);
    github.fault = null;
    const from = github.seen.length;
    await client.repository({ repository: "acme/shop" }, signal);
    expect(tokenCalls(from)).toHaveLength(2);
  });

  test("no token because of an outage: the next call asks again", async () => {
    const client = clientOf();
    github.fault = ({ path }) => (path.includes("access_tokens") ? { status: 503 } : null);
    await expect(client.repository({ repository: "acme/shop" }, signal)).rejects.toThrow(/503 for a token of the GitHub App on acme\/shop/);
    github.fault = null;
    expect((await client.repository({ repository: "acme/shop" }, signal)).value.defaultBranch).toBe("main");
  });
});
