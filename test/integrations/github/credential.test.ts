import { beforeAll, expect, test } from "vitest";
import { beyondNeed, rolesBeyondNeed, scopesBeyondNeed } from "../../../src/integrations/github/permissions.ts";
import { githubForTests } from "../../support/github/client.ts";
import { neededPermissions, type TestRepository } from "../../support/github/github.ts";

const signal = AbortSignal.timeout(120_000);
const { github, client } = await githubForTests();
let repository: TestRepository;

beforeAll(async () => {
  repository = await github.createRepository("shop");
  await repository.commit({ "a.ts": "a\n" });
});

const missing = async () =>
  (await client.missingForProof({ repository: repository.name, branch: "main" }, signal)).map(({ permission }) => permission);

test("a credential that may read CI misses nothing", async () => {
  expect(await missing()).toEqual([]);
});

test("each read of CI that GitHub refuses is named with its permission", async () => {
  github.lacks = ["checks"];
  expect(await missing()).toEqual(["checks: read"]);
  github.lacks = ["statuses", "actions"];
  expect(await missing()).toEqual(["commit statuses: read", "actions: read"]);
});

test("without check runs, what is lost depends on whether jobs of Actions are seen instead", async () => {
  const checksLost = async () => (await client.missingForProof({ repository: repository.name, branch: "main" }, signal))[0];
  github.lacks = ["checks"];
  expect(await checksLost()).toEqual({
    permission: "checks: read",
    lost: "check runs of apps other than GitHub Actions",
    instead: "actions: read",
  });
  github.lacks = ["checks", "actions"];
  expect(await checksLost()).toEqual({ permission: "checks: read", lost: "whether CI passes on a fix", instead: null });
});

test("a repository without a commit or without Actions misses nothing by that", async () => {
  github.fault = ({ path }) => ({ status: path.includes("/actions/") ? 404 : 409, body: { message: "Git Repository is empty." } });
  expect(await missing()).toEqual([]);
});

test("an outage is not taken for a permission", async () => {
  github.fault = () => ({ status: 503 });
  await expect(missing()).rejects.toMatchObject({ status: 503 });
});

test("a token is no app; a classic one tells its scopes", async () => {
  expect(await client.app()).toBeNull();
  expect((await client.repository({ repository: repository.name }, signal)).value.scopes).toBeNull();
  github.scopes = ["repo", "workflow"];
  expect((await client.repository({ repository: repository.name }, signal)).value.scopes).toEqual(["repo", "workflow"]);
});

test("an app's permissions beyond what midwatch uses are named, by name and by level", () => {
  expect(beyondNeed(neededPermissions)).toEqual([]);
  expect(beyondNeed({ ...neededPermissions, contents: "read", checks: "none" })).toEqual([]);
  expect(
    beyondNeed({ ...neededPermissions, actions: "write", checks: "write", administration: "read", workflows: "write", secrets: "read" }),
  ).toEqual(["checks: write", "actions: write", "administration: read", "workflows: write", "secrets: read"]);
  expect(beyondNeed({ organization_projects: "admin" })).toEqual(["organization_projects: admin"]);
});

test("scopes and roles beyond need are named", () => {
  expect(scopesBeyondNeed(["repo", "repo:status", "repo_deployment", "public_repo"])).toEqual([]);
  expect(scopesBeyondNeed(["repo", "admin:org", "workflow", "delete_repo", "write:packages", "repo:invite"])).toEqual([
    "admin:org",
    "workflow",
    "delete_repo",
    "write:packages",
    "repo:invite",
  ]);
  expect(rolesBeyondNeed(["pull", "triage", "push"])).toEqual([]);
  expect(rolesBeyondNeed(["pull", "triage", "push", "maintain", "admin"])).toEqual(["admin", "maintain"]);
});
