import { generateKeyPairSync } from "node:crypto";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { guarded } from "../../../src/integrations/doctor-check.ts";
import { checkGithub } from "../../../src/integrations/github/doctor.ts";
import type { GithubAuth } from "../../../src/integrations/github/auth.ts";
import { createGithubClient } from "../../../src/integrations/github/client.ts";
import { doctor } from "../../support/command.ts";
import { type EmulatedGithub, TOKEN, type TestRepository, emulateGithub, neededPermissions } from "../../support/github/github.ts";

const catalog = `version: 1
services:
  - { name: shop, github: { repository: acme/shop } }
  - { name: pay, github: { repository: acme/pay } }
  - { name: gone, github: { repository: acme/gone } }
`;

const privateKey = generateKeyPairSync("rsa", {
  modulusLength: 2048,
  privateKeyEncoding: { type: "pkcs8", format: "pem" },
  publicKeyEncoding: { type: "spki", format: "pem" },
}).privateKey;

const repositories = ["acme/shop", "acme/pay", "acme/gone"];

/** What `doctor` checks of GitHub. */
const asked = (baseUrl: string, auth: GithubAuth) =>
  guarded("GitHub", () =>
    checkGithub(createGithubClient({ fetch: globalThis.fetch, baseUrl, auth, repositories }), repositories, AbortSignal.timeout(120_000)),
  );

/** What `doctor` prints of GitHub. */
async function printed(settings: Readonly<Record<string, string>>) {
  const { checks, printed: all } = await doctor(settings, catalog);
  expect(all).not.toContain(TOKEN);
  return checks.filter(({ name }) => name.startsWith("GitHub"));
}

const of = (checks: readonly { name: string; state: string; detail: string }[], name: string) =>
  checks.filter((check) => check.name === name).map(({ state, detail }) => `${state}: ${detail}`);

describe("doctor with a token", () => {
  let github: EmulatedGithub;
  const checks = () => asked(github.url, { token: TOKEN });

  beforeAll(async () => {
    github = await emulateGithub();
    for (const name of ["shop", "pay"]) await (await github.createRepository(name)).commit({ "a.txt": "a\n" });
    const pay = await github.createRepository("protected");
    await pay.commit({ "a.txt": "a\n" });
  });
  afterAll(async () => github[Symbol.asyncDispose]());
  afterEach(() => {
    github.scopes = null;
    github.role = "admin";
    github.lacks = [];
  });

  test("that is classic and of an administrator: names the scopes, the role and the unguarded branch, and goes on to read", async () => {
    github.scopes = ["repo", "admin:org", "workflow", "delete_repo"];
    const told = await printed({ GITHUB_API_URL: github.url, GITHUB_TOKEN: TOKEN });
    expect(told).toEqual(await checks());
    expect(of(told, "GitHub")).toEqual([
      "problem: a classic token with scopes that midwatch never needs: admin:org, workflow, delete_repo. Make a GitHub App (better) or a fine-grained token for the catalog's repositories",
    ]);
    expect(of(told, "GitHub acme/shop")).toEqual([
      "ok: readable, default branch main",
      "warning: the token's account has the role admin here, which midwatch never needs: use a GitHub App, or a token of an account with the role write",
      "warning: the default branch main is not protected, so this credential could push to it or merge into it: protect it by a rule that asks for a reviewed pull request",
    ]);
    expect(of(told, "GitHub acme/gone")).toEqual([expect.stringMatching(/^problem: github: 404 for the repository of acme\/gone/)]);
  });

  test("that is classic with the one scope it needs: still says that it reaches every repository", async () => {
    github.scopes = ["repo"];
    github.role = "maintain";
    const told = await checks();
    expect(of(told, "GitHub")).toEqual([expect.stringMatching(/^warning: a classic token: its scope lets it write to every repository/)]);
    expect(of(told, "GitHub acme/pay")[1]).toContain("the role maintain");
  });

  test("that is fine-grained: what it lacks for a proof is said once an owner, and what GitHub cannot give it", async () => {
    github.role = "write";
    github.lacks = ["checks", "statuses", "actions"];
    const told = await checks();
    expect(of(told, "GitHub")).toEqual([expect.stringMatching(/^ok: a token; GitHub does not report/)]);
    expect(of(told, "GitHub acme/shop").filter((line) => line.includes("missing"))).toEqual([
      "warning: “checks: read” is missing, so midwatch does not see whether CI passes on a fix. GitHub has no such permission for fine-grained tokens: give this one “actions: read”, which shows CI of GitHub Actions, or use a GitHub App",
      "warning: “commit statuses: read” is missing, so midwatch does not see CI that reports by commit statuses. Give it to the token",
      "warning: “actions: read” is missing, so midwatch does not see the log of a job that failed. Give it to the token",
    ]);
    expect(of(told, "GitHub acme/pay").filter((line) => line.includes("missing"))).toEqual([]);
    expect(told.filter(({ detail }) => detail.includes("the role"))).toEqual([]);
  });

  test("that is fine-grained and may read Actions: is told by what CI is read, and what stays unseen", async () => {
    github.role = "read";
    github.lacks = ["checks"];
    expect(of(await checks(), "GitHub acme/shop")).toEqual([
      "ok: readable, default branch main",
      "warning: “checks: read” is missing: CI of GitHub Actions is read by “actions: read” instead, but midwatch does not see check runs of apps other than GitHub Actions. GitHub has no such permission for fine-grained tokens: use a GitHub App if such apps test your code",
    ]);
  });

  test("that can only read: no branch needs a guard from it; no call of doctor writes", async () => {
    github.role = "read";
    const from = github.seen.length;
    const told = await checks();
    expect(of(told, "GitHub acme/shop")).toEqual(["ok: readable, default branch main"]);
    const sent = github.seen.slice(from);
    expect(sent.length).toBeGreaterThan(4);
    expect(sent.every(({ method }) => method === "GET")).toBe(true);
  });
});

describe("doctor with a GitHub App", () => {
  const askedByApp = (baseUrl: string) => asked(baseUrl, { appId: 77, privateKey });
  const checks = async (
    permissions: Readonly<Record<string, string>>,
    isGuarded: boolean,
    rule: (repository: TestRepository) => void = () => undefined,
    ask: typeof askedByApp = askedByApp,
  ) => {
    await using github = await emulateGithub({ id: 77, privateKey, installation: 5, permissions });
    for (const name of ["shop", "pay"]) {
      const repository = await github.createRepository(name);
      await repository.commit({ "a.txt": "a\n" });
      if (isGuarded) await repository.protect("main");
      rule(repository);
    }
    return await ask(github.url);
  };

  test("of just these permissions and guarded branches has nothing to warn of", async () => {
    const told = await checks(neededPermissions, true, undefined, (url) =>
      printed({ GITHUB_API_URL: url, GITHUB_APP_ID: "77", GITHUB_APP_PRIVATE_KEY: privateKey }),
    );
    expect(of(told, "GitHub")).toEqual(["ok: app “midwatch”, without a permission that midwatch does not use"]);
    expect(of(told, "GitHub acme/shop")).toEqual(["ok: readable, default branch main"]);
    expect(of(told, "GitHub acme/pay")).toEqual(["ok: readable, default branch main"]);
    expect(of(told, "GitHub acme/gone")).toEqual([expect.stringMatching(/^problem: The GitHub App is not installed on acme\/gone/)]);
  });

  test("that could merge into a protected branch is told so: by a bypass of all that asks for a review, or where no ruleset asks for one", async () => {
    const told = await checks(neededPermissions, true, (repository) => {
      repository.ruleset("main", { name: "Kept", approvals: null });
      if (repository.name === "acme/pay") repository.ruleset("main", { name: "Reviews", approvals: 1, bypass: "always" });
    });
    expect(of(told, "GitHub acme/shop")[1]).toBe(
      "warning: no ruleset asks for an approved pull request on the default branch main: unless its classic protection does, this credential could merge into it",
    );
    expect(of(told, "GitHub acme/pay")[1]).toBe(
      "warning: this credential may bypass what asks for an approved pull request on the default branch main (“Reviews”), so it could merge into it: take it off that bypass list",
    );
    const reviewed = await checks(neededPermissions, true, (repository) => {
      repository.ruleset("main", { name: "Reviews", approvals: 1, bypass: "always" });
      repository.ruleset("main", { name: "Of the organisation", approvals: 1 });
    });
    expect(of(reviewed, "GitHub acme/shop")).toEqual(["ok: readable, default branch main"]);
  });

  test("that may more is told what to take away, and that may less what to give it", async () => {
    const { actions: _actions, ...rest } = neededPermissions;
    const told = await checks({ ...rest, administration: "write", workflows: "write", checks: "write" }, false);
    expect(of(told, "GitHub")).toEqual([
      "problem: app “midwatch” has permissions that midwatch never uses: checks: write, administration: write, workflows: write. Remove them on the app's page, under Permissions & events",
    ]);
    expect(of(told, "GitHub acme/shop")).toEqual([
      "ok: readable, default branch main",
      expect.stringMatching(/^warning: the default branch main is not protected/),
      "warning: “actions: read” is missing, so midwatch does not see the log of a job that failed. Give it to the app, and accept it for its installation",
    ]);
  });
});
