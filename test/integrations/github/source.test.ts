import { exampleQuestion } from "../../support/example-question.ts";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createGithubClient } from "../../../src/integrations/github/client.ts";
import { githubSource } from "../../../src/integrations/github/source.ts";
import type { Fact, Question } from "../../../src/incident/source.ts";
import { type EmulatedGithub, TOKEN, emulateGithub } from "../../support/github/github.ts";

const at = Date.parse("2026-05-01T10:00:00Z");
const hour = 3_600_000;
let github: EmulatedGithub;

beforeAll(async () => {
  github = await emulateGithub();
  for (const name of ["shop", "web"]) {
    const repository = await github.createRepository(name);
    const before = await repository.commit({ "pay/a.ts": "a\n" }, { at: at - hour });
    const sha = await repository.commit({ "pay/a.ts": "b\n" }, { at: at - hour });
    repository.deploy(before, { at: at - 10 * hour });
    repository.deploy(sha, { at: at - hour });
  }
});
afterAll(async () => github[Symbol.asyncDispose]());

const service = (name: string, repository: string | null, path = "") => ({
  name,
  names: repository === null ? {} : { github: { repository, path } },
});

const question = (services: Question["services"]): Question => ({
  trigger: { ...exampleQuestion.trigger, title: "t", at: at, service: null },
  service: "pay",
  services,
  nameOf: (vendorName) => vendorName,
  kindOf: () => "other",
  environment: null,
  signals: [],
  window: { from: at - 15 * 60_000, to: at },
  baseline: { from: at - 2 * hour, to: at - 15 * 60_000 },
  changesFrom: at - 2 * hour,
});

const ask = async (services: Question["services"]) => {
  const client = createGithubClient({ baseUrl: github.url, auth: { token: TOKEN }, fetch, sleep: async () => undefined });
  const facts: Fact[] = [];
  const source = githubSource(client);
  const failure: unknown = await source
    .ask(question(services), (fact) => void facts.push(fact), AbortSignal.timeout(120_000))
    .then(
      () => null,
      (error: unknown) => error,
    );
  return { brings: source.brings, facts, failure, changes: facts.flatMap((fact, index) => fact.telemetry(index + 1).changes ?? []) };
};

test("one fact per repository, however many services live in it, with numbered changes of the time asked for", async () => {
  const asked = github.seen.length;
  const { facts, changes } = await ask([
    service("pay", "acme/shop", "pay"),
    service("cart", "acme/shop", "cart"),
    service("web", "acme/web"),
  ]);
  expect(facts).toHaveLength(2);
  expect(new Set(changes.map(({ evidence }) => evidence))).toEqual(new Set([1, 2]));
  expect(
    changes
      .filter(({ kind }) => kind === "deploy")
      .map((change) => [change.repository, change.service])
      .toSorted(),
  ).toEqual([
    ["acme/shop", "pay"],
    ["acme/web", "web"],
  ]);
  expect(github.seen.slice(asked).filter(({ path }) => path.includes("/acme/shop/deployments?"))).toHaveLength(1);
});

test("services without a repository ask nothing", async () => {
  const asked = github.seen.length;
  expect(await ask([service("pay", null)])).toMatchObject({ facts: [], failure: null });
  expect(github.seen.length).toBe(asked);
});

test("a repository that cannot be read does not hide the others, and the failure is told", async () => {
  const { brings, facts, failure } = await ask([service("gone", "acme/gone"), service("web", "acme/web")]);
  expect(brings).toEqual(["changes"]);
  expect(facts).toHaveLength(1);
  expect(String(failure)).toContain("404 for the deployments of acme/gone");
});
