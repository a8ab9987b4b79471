import { expect, test } from "vitest";
import type { Question, Source } from "../../src/incident/source.ts";
import { datadogSources } from "../../src/integrations/datadog/source.ts";
import { createGithubClient } from "../../src/integrations/github/client.ts";
import { githubSource } from "../../src/integrations/github/source.ts";
import { createPagerdutyClient } from "../../src/integrations/pagerduty/client.ts";
import { pagerdutySource } from "../../src/integrations/pagerduty/source.ts";
import { exampleQuestion } from "../support/example-question.ts";
import { json, listen } from "../support/loopback.ts";
import { connect, never } from "./datadog/setup.ts";

const minute = 60_000;
const now = Date.parse("2026-05-04T03:30:00Z");
const iso = (at: number) => new Date(at).toISOString();
const code = (repository: string) => ({ github: { repository, path: "" } });
const question: Question = {
  ...exampleQuestion,
  services: [
    { name: "payments", names: code("acme/shop") },
    { name: "checkout", names: code("acme/shop") },
    { name: "web", names: code("acme/web") },
  ],
  nameOf: (name) => (name === "PPAY" ? "payments" : name),
  window: { from: now - 30 * minute, to: now },
  changesFrom: now - 3 * minute,
};

/** What a source tells of changes, and how many calls it made. @param answer body of every call */
async function changedAt(answer: unknown, sourcesOf: (url: string) => readonly Source[]) {
  await using server = await listen((_request, response) => json(response, 200, answer));
  const sources = sourcesOf(server.url).filter((source) => source.changedAt !== undefined);
  expect(sources).toHaveLength(1);
  const found = await sources[0]?.changedAt?.(question, never);
  return { found, calls: server.seen.length };
}

test("GitHub tells when a deployment to production was asked for and when it had news, in one call about the first service's repository", async () => {
  const deployment = (id: number, createdAt: number, updatedAt: number, over: object = {}) => ({
    ...{
      id,
      sha: "a".repeat(40),
      ref: "main",
      environment: "production",
      payload: {},
      created_at: iso(createdAt),
      updated_at: iso(updatedAt),
    },
    ...over,
  });
  const answer = [
    deployment(5, now - minute, now - minute, { payload: { service: "search" } }),
    deployment(4, now - minute, now - minute, { environment: "staging" }),
    deployment(3, now - 2 * minute, now - 2 * minute, { payload: '{"service":"Payments"}' }),
    deployment(2, now - 9 * minute, now - minute),
    deployment(1, now - 90 * minute, now - 80 * minute),
  ];
  const { found, calls } = await changedAt(answer, (url) => [
    githubSource(createGithubClient({ baseUrl: url, auth: { token: "t" }, fetch, sleep: async () => undefined })),
  ]);
  expect([...new Set(found)].toSorted()).toEqual([now - 2 * minute, now - minute]);
  expect(calls).toBe(1);
});

test("Datadog tells of deploys, flags and scaling of the services in question, in one call", async () => {
  const event = (minutesAgo: number, attributes: object, tags: readonly string[] = []) => ({
    ...{ id: `e${minutesAgo}`, type: "event" },
    attributes: { timestamp: iso(now - minutesAgo * minute), message: "", tags, attributes },
  });
  const answer = {
    data: [
      event(1, { title: "Deployed payments", service: "payments" }, ["source:argocd"]),
      event(2, { title: "Deployed search", service: "search" }, ["source:argocd"]),
      event(2.1, { title: "new-prices changed" }, ["source:launchdarkly"]),
      event(2.2, { title: "ScalingReplicaSet on Deployment/checkout", service: "checkout" }, ["source:kubernetes"]),
      event(2.3, { title: "BackOff on Pod/checkout-1", service: "checkout" }, ["source:kubernetes"]),
      event(2.4, { title: "SuccessfulRescale on Deployment/search", service: "search" }, ["source:kubernetes"]),
    ],
    meta: {},
  };
  const { found, calls } = await changedAt(answer, (url) => datadogSources(connect(url, { now: () => now }).datadog));
  expect(found?.map((at) => Math.round((now - at) / 6_000) / 10).toSorted()).toEqual([1, 2.1, 2.2]);
  expect(calls).toBe(1);
});

test("PagerDuty tells of change events of the services in question, in one call", async () => {
  const change = (minutesAgo: number, id: string) => ({
    ...{ id: `C${minutesAgo}`, summary: "deploy", timestamp: iso(now - minutesAgo * minute), source: "ci", links: [], custom_details: {} },
    services: [{ id, type: "service_reference", summary: id }],
  });
  const { found, calls } = await changedAt({ change_events: [change(1, "PPAY"), change(2, "PSEARCH")], more: false }, (url) => [
    pagerdutySource(createPagerdutyClient({ baseUrl: url, token: "t", fetch: (...call) => fetch(...call) })),
  ]);
  expect(found).toEqual([now - minute]);
  expect(calls).toBe(1);
});
