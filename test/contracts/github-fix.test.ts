import { generateKeyPairSync } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type GithubClient, createGithubClient } from "../../src/integrations/github/client.ts";
import { type EmulatedGithub, TOKEN, emulateGithub } from "../support/github/github.ts";
import { contractFile, haveContracts } from "../support/contracts.ts";
import { type Contract, checkedFetch, loadContract } from "../support/openapi.ts";

const signal = AbortSignal.timeout(120_000);
const at = Date.parse("2026-05-01T10:00:00Z");

describe.runIf(haveContracts("github"))(
  "what a proven fix asks GitHub, and what the fake answers, keep to GitHub's OpenAPI document",
  () => {
    let contract: Contract;
    let github: EmulatedGithub;
    let client: GithubClient;
    let checked: ReturnType<typeof checkedFetch>;

    beforeAll(async () => {
      contract = loadContract(contractFile("github/openapi.json.gz"));
      github = await emulateGithub();
      // Where logs lie is GitHub's storage, which its document does not describe.
      checked = checkedFetch(github.fetch, (url) => (url.origin === github.url && url.pathname.startsWith("/repos/") ? contract : null));
      client = createGithubClient({ baseUrl: github.url, auth: { token: TOKEN }, fetch: checked.fetch });
    });
    afterAll(async () => github[Symbol.asyncDispose]());

    test("two commits on one branch, a draft, its CI, its words, its labels and its end", async () => {
      const repository = await github.createRepository("fix");
      const main = await repository.commit({ "src/a.ts": "a\n" }, { at });
      await repository.label("incident");
      await repository.protect("main");
      const about = { repository: repository.name };
      const branch = "midwatch/Q1-fix";
      const base = (await client.git.readCommit({ ...about, sha: main }, signal))?.tree ?? "";
      const commit = async (parent: string, path: string) => {
        const changes = [
          { path, mode: "100644", content: "x\n" },
          { path: `${path}.sh`, mode: "100755", content: "" },
        ] as const;
        const tree = await client.git.createTree({ ...about, base, changes }, signal);
        return client.git.createCommit({ ...about, message: "Fix", tree, parent }, signal);
      };
      const first = await commit(main, "test/a.test.ts");
      await client.git.createBranch({ ...about, branch, sha: first }, signal);
      const second = await commit(first, "src/a.ts");
      const aside = await commit(main, "src/aside.ts");
      expect(await client.git.advanceBranch({ ...about, branch, from: first, to: aside }, signal)).toBe(false);
      expect(await client.git.advanceBranch({ ...about, branch, from: first, to: second }, signal)).toBe(true);

      const words = { title: "Fix", body: "Because." };
      const opened = await client.pullRequests.openDraftPullRequest({ ...about, branch, base: "main", ...words }, signal);
      const number = opened?.number ?? 0;
      expect((await client.pullRequests.rewritePullRequest({ ...about, number, branch, ...words }, signal)).headSha).toBe(second);
      expect(await client.pullRequests.labelPullRequest({ ...about, number, labels: ["incident", "none"] }, signal)).toEqual(["incident"]);

      const job = await repository.check(first, { name: "test", state: "failure", title: "1 failed", summary: "of 412", log: "no\n" });
      await repository.check(first, { name: "preview", app: "vercel", state: "in_progress" });
      repository.status(first, "coverage", "success", { at, description: "81 %", link: "https://ci.example/1" });
      expect((await client.listChecks({ ...about, ref: first }, signal)).value).toHaveLength(3);
      await client.listChecks({ ...about, ref: second }, signal);
      const annotated = await repository.check(second, {
        name: "lint",
        state: "failure",
        annotations: [{ path: "src/a.ts", line: 1, message: "m" }],
      });
      expect((await client.checkFailure({ ...about, id: annotated }, signal)).value.annotations).toHaveLength(1);
      expect((await client.jobLog({ ...about, id: job, most: 100 }, signal))?.value).toBe("no\n");
      github.logs = "storage";
      expect((await client.jobLog({ ...about, id: job, most: 100 }, signal))?.value).toBe("no\n");

      expect(await client.branchProtection({ ...about, branch: "main" }, signal)).toEqual({ protected: true });
      expect(await client.branchProtection({ ...about, branch }, signal)).toEqual({ protected: false });
      repository.ruleset("main", { name: "Reviews", approvals: 1 });
      repository.ruleset("main", { name: "Kept", approvals: null });
      expect(await client.branchRules({ ...about, branch: "main" }, signal)).toEqual({
        count: 2,
        reviewed: [{ name: "Reviews", bypass: false }],
      });
      expect(await client.missingForProof({ ...about, branch: "main" }, signal)).toEqual([]);

      await client.pullRequests.readPullRequest({ ...about, number }, signal);
      await repository.close(number, { by: "mara", at });
      expect((await client.pullRequests.readPullRequest({ ...about, number }, signal)).by).toBe("mara");
      await repository.reopen(number);
      await repository.merge(number, { by: "jo", at });
      expect((await client.pullRequests.readPullRequest({ ...about, number }, signal)).by).toBe("jo");
      await client.pullRequests.findPullRequests({ ...about, branch }, signal);

      expect(checked.problems).toEqual([]);
      const asked = [...new Set(checked.checked.map((line) => line.replace(/\/[0-9a-f]{40}\b/, "/{sha}").replace(/\/\d+\b/g, "/{n}")))];
      expect(asked).toEqual(
        expect.arrayContaining([
          "PATCH /repos/acme/fix/git/refs/heads%2Fmidwatch%2FQ1-fix 422",
          "PATCH /repos/acme/fix/git/refs/heads%2Fmidwatch%2FQ1-fix 200",
          "GET /repos/acme/fix/pulls/{n} 200",
          "PATCH /repos/acme/fix/pulls/{n} 200",
          "GET /repos/acme/fix/labels/incident 200",
          "GET /repos/acme/fix/labels/none 404",
          "POST /repos/acme/fix/issues/{n}/labels 200",
          "GET /repos/acme/fix/issues/{n}/timeline 200",
          "GET /repos/acme/fix/commits/{sha}/check-runs 200",
          "GET /repos/acme/fix/commits/{sha}/status 200",
          "GET /repos/acme/fix/actions/jobs/{n}/logs 302",
          "GET /repos/acme/fix/actions/runs 200",
          "GET /repos/acme/fix/branches/main 200",
          "GET /repos/acme/fix/rules/branches/main 200",
          "GET /repos/acme/fix/rulesets/{n} 200",
        ]),
      );
    });

    test("CI read by jobs, where check runs are refused", async () => {
      const repository = await github.createRepository("jobs");
      const sha = await repository.commit({ "a.ts": "a\n" }, { at });
      await repository.check(sha, { name: "test", state: "failure", at });
      await repository.check(sha, { name: "e2e", workflow: "Slow", state: "in_progress" });
      repository.workflowRun(sha, { workflow: "Waits" });
      github.lacks = ["checks"];
      const from = [checked.problems.length, checked.checked.length] as const;
      expect((await client.listChecks({ repository: repository.name, ref: "main" }, signal)).value).toHaveLength(3);
      github.lacks = [];
      // The document names no refusal of any read.
      expect(checked.problems.slice(from[0]).filter((problem) => !problem.includes("/check-runs → 403"))).toEqual([]);
      expect(checked.checked.slice(from[1]).map((line) => line.replace(/\/\d+\b/, "/{n}"))).toEqual(
        expect.arrayContaining(["GET /repos/acme/jobs/actions/runs 200", "GET /repos/acme/jobs/actions/runs/{n}/jobs 200"]),
      );
    });

    test("an app's own page and its installation tokens", async () => {
      const { privateKey } = generateKeyPairSync("rsa", {
        modulusLength: 2048,
        privateKeyEncoding: { type: "pkcs8", format: "pem" },
        publicKeyEncoding: { type: "spki", format: "pem" },
      });
      await using own = await emulateGithub({
        id: 77,
        privateKey,
        installation: 5,
        permissions: { metadata: "read", contents: "write", checks: "read", statuses: "read", actions: "read", pull_requests: "write" },
      });
      await (await own.createRepository("shop")).commit({ "a.ts": "a\n" });
      const app = checkedFetch(fetch, (url) => (url.pathname.startsWith("/app") ? contract : null));
      const asApp = createGithubClient({ baseUrl: own.url, auth: { appId: 77, privateKey }, fetch: app.fetch });
      expect((await asApp.app())?.name).toBe("midwatch");
      expect(await asApp.missingForProof({ repository: "acme/shop", branch: "main" }, signal)).toEqual([]);
      expect(app.checked).toEqual(["GET /app 200", "POST /app/installations/5/access_tokens 201"]);
      expect(app.problems).toEqual([]);
    });
  },
);
