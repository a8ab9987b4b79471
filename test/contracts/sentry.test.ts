import { existsSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { createSentryReplay } from "../../src/replay/sentry/app.ts";
import { madeUp, replayedAt } from "../support/serving.ts";
import { secondsAt } from "../support/recording-folder.ts";
import { checkedFetch, loadContract } from "../support/openapi.ts";

const file = join(import.meta.dirname, "../../../shared/contracts/sentry/openapi.json.gz");
if (!existsSync(file)) console.log("Sentry's contract is not beside this repository; its tests are passed over");

describe.runIf(existsSync(file))("the replayed Sentry against Sentry's OpenAPI document", () => {
  const changes = [{ kind: "deploy", time: secondsAt("12:05:00"), service: "shop", sha: "a".repeat(40), version: "shop@2" }];
  const log = {
    time: secondsAt("12:06:00"),
    service: "shop",
    instance: "shop-1",
    severity: "ERROR",
    message: "boom",
    trace_id: null,
    span_id: null,
  };
  const issue = {
    short_id: "SHOP-1",
    title: "TypeError: x",
    culprit: "a.ts",
    type: "TypeError",
    value: "x",
    level: "error",
    first_seen: "2026-01-02T12:10:00Z",
    last_seen: "2026-01-02T12:29:00Z",
    count: 4,
    release: "shop@2",
    project: "shop",
    stacktrace: [{ filename: "a.ts", function: "f", lineno: 3, in_app: true }],
  };
  test.each([
    ["recorded issues", { "changes.jsonl.gz": changes, "sentry.json": [issue] }],
    ["issues made of error lines", { "changes.jsonl.gz": changes, "logs.jsonl.gz": [log] }],
  ])("every answer, with %s", async (_name, files) => {
    const { recording, clock } = await madeUp(files);
    const app = createSentryReplay(recording, clock, { token: "key", organisation: "acme", now: () => replayedAt });
    const contract = loadContract(file);
    const checked = checkedFetch(
      async (input, init) => app.fetch(new Request(input, init)),
      () => contract,
    );
    const base = "http://sentry.test/api/0/organizations/acme";
    const headers = { authorization: "Bearer key" };
    const get = (path: string) => checked.fetch(base + path, { headers });
    const listed = await get("/issues/?query=is%3Aunresolved&statsPeriod=24h&sort=freq&limit=25");
    const [{ id }] = (await listed.json()) as [{ id: string }];
    const paths = [
      `/issues/${id}/`,
      `/issues/${id}/events/latest/`,
      `/issues/${id}/events/`,
      `/issues/${id}/tags/environment/`,
      `/issues/${id}/tags/environment/values/`,
      "/projects/",
      "/releases/?per_page=20",
      "/releases/shop%402/",
      "/releases/shop%402/deploys/",
    ];
    for (const path of paths) {
      const { status } = await get(path);
      expect([path, status]).toEqual([path, 200]);
    }
    expect((await get("/issues/?query=colour%3Ared")).status).toBe(400);
    expect((await get("/issues/1/")).status).toBe(404);
    expect(checked.problems).toEqual([]);
    expect(checked.checked).toHaveLength(paths.length + 3);
  });
});
