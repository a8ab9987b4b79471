import { describe, expect, test } from "vitest";
import { createGithubClient, type GithubClient } from "../../../src/integrations/github/client.ts";
import { githubForTests } from "../../support/github/client.ts";
import { TOKEN, type TestRepository } from "../../support/github/github.ts";

const signal = AbortSignal.timeout(120_000);
const at = Date.parse("2026-05-01T10:00:00Z");
const minute = 60_000;
const hour = 60 * minute;
const { github, client } = await githubForTests();
let count = 0;

/** A repository with some commits, one a minute. */
async function repositoryWith(...changes: readonly Readonly<Record<string, string>>[]) {
  const repository = await github.createRepository(`deploys-${++count}`);
  const shas: string[] = [];
  for (const [index, files] of changes.entries()) {
    shas.push(await repository.commit(files, { at: at + index * minute, message: `Change ${index}\n\nWhy.` }));
  }
  return { repository, shas: shas as [string, string, string, string] };
}

const changesOf = (repository: TestRepository, over: Partial<Parameters<GithubClient["productionChanges"]>[0]> = {}) =>
  client.productionChanges(
    { repository: repository.name, services: [{ name: "pay" }], window: { from: at, to: at + hour }, ...over },
    signal,
  );

describe("deployments", () => {
  test("go live when they succeed, not when they are asked for", async () => {
    const { repository, shas } = await repositoryWith({ "a.ts": "a\n" });
    repository.deploy(shas[0], {
      at,
      statuses: [
        ["queued", at + minute],
        ["in_progress", at + 2 * minute],
        ["success", at + 9 * minute],
        ["inactive", at + 30 * minute],
      ],
    });
    const { value } = await changesOf(repository);
    expect(value).toMatchObject([{ kind: "deploy", sha: shas[0], at: at + 9 * minute }]);
  });

  test("asked for before the time and live within it count", async () => {
    const { repository, shas } = await repositoryWith({ "a.ts": "a\n" });
    repository.deploy(shas[0], { at: at - 2 * hour, statuses: [["success", at - 90 * minute]] });
    repository.deploy(shas[0], { at: at - hour, statuses: [["success", at + minute]] });
    const { value } = await changesOf(repository);
    expect(value.map((deployment) => deployment.at)).toEqual([at + minute]);
  });

  test("while an incident is open, what still rolls out waits until it is live", async () => {
    const { repository, shas } = await repositoryWith({ "a.ts": "a\n" }, { "a.ts": "b\n" });
    repository.deploy(shas[0], { at: at + minute, statuses: [["success", at + 2 * minute]] });
    repository.deploy(shas[1], { at: at + 3 * minute, statuses: [["in_progress", at + 4 * minute]] });
    const live = async () =>
      (await changesOf(repository, { live: true })).value.flatMap(({ kind, sha }) => (kind === "commit" ? [] : [sha]));
    expect(await live()).toEqual([shas[0]]);
    repository.deploy(shas[1], { at: at + 3 * minute, statuses: [["success", at + 9 * minute]] });
    expect(await live()).toEqual([shas[1], shas[0]]);
  });

  const [failed, running, unheard] = [" (deploy to production failed)", " (rollout in progress)", " (no outcome reported)"];
  test.each([
    ["in_progress@1 failure@2", failed, 2],
    ["error@1", failed, 1],
    ["failure@1 inactive@2", failed, 1],
    ["in_progress@1 in_progress@3", running, 1],
    ["queued@1", unheard, 0],
    ["", unheard, 0],
    ["failure@1 success@2 inactive@3", "", 2],
    ["inactive@3", unheard, 0],
  ])("after “%s” are told as such:%s", async (words, state, minutes) => {
    const { repository, shas } = await repositoryWith({ "a.ts": "a\n" });
    const statuses = [...words.matchAll(/(\w+)@(\d)/g)].map(([, word = "", after]) => [word, at + Number(after) * minute] as const);
    repository.deploy(shas[0], { at, statuses });
    const { value } = await changesOf(repository);
    expect(value.filter(({ kind }) => kind !== "commit")).toMatchObject([
      { kind: state === failed ? "other" : "deploy", title: `Change 0${state}`, at: at + minutes * minute },
    ]);
  });

  test("of one environment, and no more statuses than can be read for a page", async () => {
    const { repository, shas } = await repositoryWith({ "a.ts": "a\n" });
    for (let index = 0; index < 30; index++)
      repository.deploy(shas[0], { at: at + index * minute, environment: index === 0 ? "staging" : "prod" });
    const asked = github.seen.length;
    const answer = await changesOf(repository, { environment: "prod" });
    expect(answer.value).toHaveLength(24);
    expect(answer.cut).toContain("newest 24 of 29 deployments");
    expect(github.seen.slice(asked).filter(({ path }) => path.includes("/statuses"))).toHaveLength(24);
  });

  test("on several pages are read until they reach back far enough, three pages at most", async () => {
    const { repository, shas } = await repositoryWith({ "a.ts": "a\n" });
    for (let index = 0; index < 160; index++) repository.deploy(shas[0], { at: at + index * minute });
    const lists = () => github.seen.filter(({ path }) => path.includes(`${repository.name}/deployments?`)).length;
    await changesOf(repository, { window: { from: at + 24 * hour, to: at + 25 * hour } });
    expect(lists()).toBe(1);
    const answer = await changesOf(repository, { window: { from: at, to: at + 3 * hour } });
    expect(lists()).toBe(4);
    expect(answer.cut).toContain("newest 150 deployments");
  });
});

describe("changes to production", () => {
  test("join a deploy with the one before, its pull request and its diff", async () => {
    const { repository, shas } = await repositoryWith({ "a.ts": "a\n" }, { "b.ts": "b\n" }, { "a.ts": "A\n" });
    repository.deploy(shas[0], { at: at - 3 * 24 * hour });
    repository.deploy(shas[2], { at: at + 10 * minute, ref: "v1.4.0", statuses: [["success", at + 12 * minute]] });
    repository.merged(shas[2], { number: 31, title: "Shout" });
    const { value, cut, raw } = await changesOf(repository);
    expect(value).toEqual([
      {
        kind: "deploy",
        at: at + 12 * minute,
        service: "pay",
        title: "Shout (and 1 more commit)",
        sha: shas[2],
        previousSha: shas[0],
        version: "v1.4.0",
        repository: repository.name,
        author: "Ana Dev",
        pullRequest: { number: 31, title: "Shout", url: `${github.url}/${repository.name}/pull/31` },
        files: [
          { path: "a.ts", status: "modified", additions: 1, deletions: 1, patch: expect.stringContaining("-a\n+A") },
          { path: "b.ts", status: "added", additions: 1, deletions: 0, patch: expect.stringContaining("+b") },
        ],
        link: expect.stringContaining(`/compare/${shas[0]}...${shas[2]}`),
      },
    ]);
    expect(cut).toBeNull();
    expect(raw).toContain('"title":"Shout"');
    expect(raw).toContain(shas[2]);
  });

  test("merged and not deployed is a commit, which cannot be to blame", async () => {
    const { repository, shas } = await repositoryWith({ "a.ts": "a\n" }, { "a.ts": "b\n" }, { "a.ts": "c\n" });
    repository.deploy(shas[1], { at: at + 90_000 });
    const { value } = await changesOf(repository);
    expect(value.map(({ kind, sha, title, files }) => [kind, sha, title, files === null])).toEqual([
      ["commit", shas[2], "Change 2", true],
      ["deploy", shas[1], "Change 1", false],
    ]);
  });

  test("without any deployments on record merges are shown, and that nobody can tell what is live", async () => {
    const { repository } = await repositoryWith({ "a.ts": "a\n" }, { "a.ts": "b\n" });
    const { value, cut } = await changesOf(repository);
    expect(value.map(({ kind }) => kind)).toEqual(["commit", "commit"]);
    expect(cut).toBe("no deployments are on record in GitHub, so what of the merged commits reached production is unknown");
  });

  test("a quiet time is empty", async () => {
    const { repository, shas } = await repositoryWith({ "a.ts": "a\n" });
    repository.deploy(shas[0], { at });
    const { value } = await changesOf(repository, { window: { from: at + hour, to: at + 2 * hour } });
    expect(value).toEqual([]);
  });

  test("the first deploy on record has no commit before it, and is shown by its own diff", async () => {
    const { repository, shas } = await repositoryWith({ "a.ts": "a\n" }, { "a.ts": "b\n" });
    repository.deploy(shas[1], { at: at + 5 * minute });
    const { value, cut } = await changesOf(repository);
    expect(value[0]).toMatchObject({ kind: "deploy", previousSha: null, files: [{ path: "a.ts", additions: 1, deletions: 1 }] });
    expect(cut).toBe(`no deployment before ${shas[1].slice(0, 7)} is on record; its files are those of the commit alone`);
  });

  test("a rollback is one, and deploying the same commit again changes no file", async () => {
    const { repository, shas } = await repositoryWith({ "a.ts": "a\n" }, { "a.ts": "b\n" });
    repository.deploy(shas[0], { at: at - hour });
    repository.deploy(shas[1], { at: at + 10 * minute });
    repository.deploy(shas[0], { at: at + 20 * minute });
    repository.deploy(shas[0], { at: at + 30 * minute });
    const { value } = await changesOf(repository);
    expect(value.map(({ kind, title, files }) => [kind, title, files?.length ?? null])).toEqual([
      ["deploy", `${shas[0].slice(0, 7)} deployed again`, 0],
      ["rollback", `rolled back to ${shas[0].slice(0, 7)}`, null],
      ["deploy", "Change 1", 1],
      ["commit", "Change 1", null],
    ]);
  });

  test("a failed deploy changed nothing for good: it is no deploy, and not what the next one replaced", async () => {
    const { repository, shas } = await repositoryWith({ "a.ts": "a\n" }, { "a.ts": "b\n" }, { "a.ts": "c\n" });
    repository.deploy(shas[0], { at: at - hour });
    repository.deploy(shas[1], { at: at + 10 * minute, statuses: [["failure", at + 11 * minute]] });
    repository.deploy(shas[2], { at: at + 20 * minute });
    const { value } = await changesOf(repository);
    expect(value.map(({ kind, title, previousSha }) => [kind, title, previousSha])).toEqual([
      ["deploy", "Change 2 (and 1 more commit)", shas[0]],
      ["other", "Change 1 (deploy to production failed)", shas[0]],
    ]);
  });

  test("a rollout under way counts from its beginning", async () => {
    const { repository, shas } = await repositoryWith({ "a.ts": "a\n" }, { "a.ts": "b\n" });
    repository.deploy(shas[0], { at: at - hour });
    repository.deploy(shas[1], { at: at + 10 * minute, statuses: [["in_progress", at + 11 * minute]] });
    expect((await changesOf(repository)).value[0]).toMatchObject({
      kind: "deploy",
      at: at + 11 * minute,
      title: "Change 1 (rollout in progress)",
    });
  });

  describe("to production and to nowhere else", () => {
    test("by the name of the environment", async () => {
      const { repository, shas } = await repositoryWith({ "a.ts": "a\n" }, { "a.ts": "b\n" });
      for (const [index, environment] of ["staging", "preprod", "non-production", "eu-prod", "Production (eu)"].entries()) {
        repository.deploy(shas[0], { at: at + index * minute, environment });
      }
      const { value } = await changesOf(repository);
      expect(value.filter(({ kind }) => kind === "deploy").map((event) => event.at)).toEqual([at + 4 * minute, at + 3 * minute]);
    });

    test("of the environment that the catalog names, where it is there", async () => {
      const { repository, shas } = await repositoryWith({ "a.ts": "a\n" });
      repository.deploy(shas[0], { at: at + minute, environment: "blue" });
      repository.deploy(shas[0], { at: at + 2 * minute, environment: "production" });
      const named = await changesOf(repository, { environment: "Blue" });
      expect(named.value.filter(({ kind }) => kind === "deploy").map((event) => event.at)).toEqual([at + minute]);
      const unknown = await changesOf(repository, { environment: "green" });
      expect(unknown.value.filter(({ kind }) => kind === "deploy").map((event) => event.at)).toEqual([at + 2 * minute]);
    });

    test("or of all, and it is said, where none is known as production", async () => {
      const { repository, shas } = await repositoryWith({ "a.ts": "a\n" });
      repository.deploy(shas[0], { at: at + minute, environment: "cluster-7" });
      const { value, cut } = await changesOf(repository);
      expect(value.filter(({ kind }) => kind === "deploy")).toHaveLength(1);
      expect(cut).toContain("no environment is known as production; all are shown (cluster-7)");
    });
  });

  describe("of several services in one repository", () => {
    const services = [
      { name: "pay", path: "services/pay", aliases: ["pay-api"] },
      { name: "cart", path: "services/cart" },
    ];

    test("belong to the service that the deployment names, and replace what was live of that one", async () => {
      const { repository, shas } = await repositoryWith(
        { "services/pay/a.ts": "a\n" },
        { "services/cart/b.ts": "b\n" },
        { "services/pay/a.ts": "A\n" },
      );
      repository.deploy(shas[0], { at: at - 2 * hour, service: "pay-api" });
      repository.deploy(shas[1], { at: at - hour, service: "cart" });
      repository.deploy(shas[2], { at: at + 10 * minute, service: "Pay-API" });
      const { value } = await changesOf(repository, { services });
      expect(value).toHaveLength(1);
      expect(value[0]).toMatchObject({ service: "pay", previousSha: shas[0] });
      expect(value[0]?.files?.map(({ path }) => path)).toEqual(["services/pay/a.ts"]);
    });

    test("belong to those whose folder they touch, where the deployment names none", async () => {
      const { repository, shas } = await repositoryWith(
        { "services/pay/a.ts": "a\n" },
        { "services/cart/b.ts": "b\n" },
        { "docs/c.md": "c\n" },
      );
      repository.deploy(shas[0], { at: at - hour });
      repository.deploy(shas[1], { at: at + 10 * minute });
      repository.deploy(shas[2], { at: at + 20 * minute });
      const { value } = await changesOf(repository, { services });
      expect(value.filter(({ kind }) => kind === "deploy").map(({ service, sha }) => [service, sha])).toEqual([
        [null, shas[2]],
        ["cart", shas[1]],
      ]);
    });
  });

  test("a deploy that touches nothing in the service's folder says so", async () => {
    const { repository, shas } = await repositoryWith({ "services/pay/a.ts": "a\n" }, { "lib/b.ts": "b\n" });
    repository.deploy(shas[0], { at: at - hour });
    repository.deploy(shas[1], { at: at + 10 * minute });
    const { value } = await changesOf(repository, { services: [{ name: "pay", path: "services/pay" }] });
    expect(value[0]?.title).toBe("Change 1 (nothing under services/pay)");
  });

  test("are compared while it is asked how they ended, and no comparison is asked twice", async () => {
    const { repository, shas } = await repositoryWith({ "a.ts": "a\n" }, { "a.ts": "b\n" });
    for (const [index, sha] of shas.entries())
      repository.deploy(sha, { at: at + index * minute, statuses: [["success", at + index * minute]] });
    const { promise: compared, resolve } = Promise.withResolvers<void>();
    const holding: typeof fetch = async (input, init) => {
      const url = input instanceof Request ? input.url : String(input);
      if (url.includes("/compare/")) resolve();
      const response = await github.fetch(input, init);
      // No outcome is told before somebody has asked for a comparison.
      if (url.includes("/statuses")) await compared;
      return response;
    };
    const hasty = createGithubClient({ baseUrl: github.url, auth: { token: TOKEN }, fetch: holding });
    const from = github.seen.length;
    const { value } = await hasty.productionChanges(
      { repository: repository.name, services: [{ name: "pay" }], window: { from: at, to: at + hour } },
      signal,
    );
    expect(value.map(({ sha, previousSha }) => [sha, previousSha])).toEqual([
      [shas[1], shas[0]],
      [shas[0], null],
    ]);
    const reads = github.seen.slice(from).map(({ path }) => path);
    expect(reads).toEqual([...new Set(reads)]);
  });

  test("long diffs stay in the raw answer", async () => {
    const long = Array.from({ length: 1_000 }, (_, index) => `line ${index} ${"x".repeat(30)}\n`).join("");
    const { repository, shas } = await repositoryWith({ "a.ts": "a\n" }, { "a.ts": "b\n", "long-1.ts": long, "long-2.ts": `${long}!` });
    repository.deploy(shas[0], { at: at - hour });
    repository.deploy(shas[1], { at: at + 10 * minute });
    const { value, cut, raw } = await changesOf(repository);
    expect(value[0]?.files?.map(({ path, patch }) => [path, patch === null])).toEqual([
      ["a.ts", false],
      ["long-1.ts", false],
      ["long-2.ts", true],
    ]);
    expect(cut).toBe(`diffs of 1 of 3 files of ${shas[1].slice(0, 7)} are only in the raw answer`);
    expect(raw.split("line 999 ").length).toBeGreaterThan(2);
  });

  test("more deploys than a page can wait for are listed without their diffs", async () => {
    const { repository, shas } = await repositoryWith({ "a.ts": "a\n" }, { "a.ts": "b\n" });
    for (let index = 0; index < 12; index++) repository.deploy(shas[index % 2 === 0 ? 1 : 0], { at: at + index * minute });
    const asked = github.seen.length;
    const { value, cut } = await changesOf(repository);
    const deploys = value.filter(({ kind }) => kind !== "commit");
    expect(deploys).toHaveLength(12);
    expect(deploys.slice(8).every(({ files }) => files === null)).toBe(true);
    expect(cut).toContain("diffs of the newest 8 of 12 deploys");
    expect(github.seen.length - asked).toBeLessThan(40);
  });
});

describe("what GitHub refuses costs only itself", () => {
  const prepared = async () => {
    const { repository, shas } = await repositoryWith({ "a.ts": "a\n" }, { "a.ts": "b\n" });
    repository.deploy(shas[0], { at: at - hour });
    repository.deploy(shas[1], { at: at + 10 * minute });
    return repository;
  };
  const refuse = (part: RegExp, status = 403) => {
    github.fault = ({ path }) => (part.test(path) ? { status, body: { message: "Resource not accessible" } } : null);
  };

  test("pull requests", async () => {
    const repository = await prepared();
    refuse(/\/pulls/);
    const { value, cut } = await changesOf(repository);
    expect(value[0]).toMatchObject({ kind: "deploy", title: "Change 1", pullRequest: null });
    expect(cut).toContain('Give the token or app "pull requests: read"');
  });

  test("the comparison", async () => {
    const repository = await prepared();
    refuse(/\/compare\//, 404);
    const { value, cut } = await changesOf(repository);
    expect(value[0]).toMatchObject({ kind: "deploy", files: null, previousSha: expect.any(String) });
    expect(cut).toContain("404 for the comparison");
  });

  test("statuses: that it was asked for is still known", async () => {
    const repository = await prepared();
    refuse(/\/statuses/);
    expect((await changesOf(repository)).value[0]).toMatchObject({
      kind: "deploy",
      at: at + 10 * minute,
      title: "Change 1 (no outcome reported)",
    });
  });

  test("deployments: merges are still known", async () => {
    const repository = await prepared();
    refuse(/\/deployments/);
    const { value, cut } = await changesOf(repository);
    expect(value.map(({ kind }) => kind)).toEqual(["commit", "commit"]);
    expect(cut).toContain('Give the token or app "deployments: read"');
  });

  test("everything: an error, not an empty answer", async () => {
    const repository = await prepared();
    refuse(/./);
    await expect(changesOf(repository)).rejects.toThrow(/403 for the deployments/);
  });
});
