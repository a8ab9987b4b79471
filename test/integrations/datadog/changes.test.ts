import { describe, expect, test } from "vitest";
import type { Unnumbered } from "../../../src/incident/answer.ts";
import type { ChangeEvent, PlatformEvent } from "../../../src/incident/telemetry.ts";
import { json, listen } from "../../support/loopback.ts";
import { connect, never, search } from "./setup.ts";

const sha = "9f2c1e0d4b5a69788796a5b4c3d2e1f001234567";
const older = "7ab0d2e1f0012345679f2c1e0d4b5a69788796a5";

interface Given {
  readonly title?: string;
  readonly text?: string;
  readonly source?: string;
  readonly tags?: string[];
  readonly attributes?: Record<string, unknown>;
}

async function read(
  ...given: Given[]
): Promise<{ events: readonly Unnumbered<PlatformEvent>[]; changes: readonly Unnumbered<ChangeEvent>[] }> {
  const data = given.map(({ title = "t", text = "", source, tags = [], attributes = {} }, i) => ({
    id: `e${i}`,
    type: "event",
    attributes: {
      timestamp: "2026-11-23T10:05:00Z",
      message: text,
      tags: [...(source === undefined ? [] : [`source:${source}`]), ...tags],
      attributes: { title, ...attributes },
    },
  }));
  await using server = await listen((_request, response) => json(response, 200, { data }));
  return (await connect(server.url).datadog.searchEvents(search, never)).value;
}

const kindOf = async (given: Given) => (await read(given)).changes[0]?.kind ?? null;

describe("an event is a change", () => {
  test.each<[Given, ChangeEvent["kind"]]>([
    [{ source: "deploy", title: "checkout v42" }, "deploy"],
    [{ source: "Argo CD", title: "checkout synced to 9f2c1e0" }, "deploy"],
    [{ source: "deploy", title: "Rolled back checkout to v41" }, "rollback"],
    [{ source: "launchdarkly", title: "new-cart" }, "flag"],
    [{ source: "config", title: "Configuration of checkout rolled out" }, "config"],
    [{ source: "terraform", title: "Apply complete: 2 changed" }, "config"],
    [{ source: "flyway", title: "V12__orders.sql" }, "migration"],
    [{ source: "change_tracking", title: "Something else" }, "other"],
  ])("by its source: %j is a %s", async (given, kind) => {
    expect(await kindOf(given)).toBe(kind);
  });

  test.each<[Given, ChangeEvent["kind"]]>([
    [{ source: "github", title: "Deployed acme/checkout to production" }, "deploy"],
    [{ source: "jenkins", title: "Deployment of checkout succeeded" }, "deploy"],
    [{ source: "kubernetes", title: "Deployment checkout: image changed to checkout:42" }, "deploy"],
    [{ source: "kubernetes", title: 'deployment "checkout" successfully rolled out' }, "deploy"],
    [{ source: "jenkins", title: "Rollback of checkout to v41 started" }, "rollback"],
    [{ source: "my_apps", title: "Feature flag new-cart turned on for 50 %" }, "flag"],
    [{ source: "my_apps", title: "Enabled kill switch for recommendations" }, "flag"],
    [{ source: "kubernetes", title: "ConfigMap checkout-env updated" }, "config"],
    [{ source: "amazon_rds", title: "Parameter group prod-pg modified" }, "config"],
    [{ source: "my_apps", title: "Ran 3 migrations on orders" }, "migration"],
  ])("by its title: %j is a %s", async (given, kind) => {
    expect(await kindOf(given)).toBe(kind);
  });

  test.each<[Given, ChangeEvent["kind"]]>([
    [{ tags: ["event_type:deployment"], title: "checkout" }, "deploy"],
    [{ tags: ["change_type:feature_flag"], title: "new-cart" }, "flag"],
    [{ attributes: { evt: { category: "change" }, changed_resource: { name: "new-cart", type: "feature_flag" } } }, "flag"],
    [{ attributes: { evt: { category: "change" }, changed_resource: { name: "limits", type: "configuration" } } }, "config"],
    [{ attributes: { evt: { category: "change" } }, title: "Deployed checkout" }, "deploy"],
  ])("by what it says of itself: %j is a %s", async (given, kind) => {
    expect(await kindOf(given)).toBe(kind);
  });
});

describe("an event is no change", () => {
  test.each<Given>([
    { source: "kubernetes", title: "Pod checkout-6ed8-kh: Running, Ready" },
    { source: "kubernetes", title: "Deployment checkout does not have minimum availability" },
    { source: "kubernetes", title: "Back-off restarting failed container" },
    { source: "kubernetes", title: "Scaled up replica set checkout-6ed8 to 3" },
    { source: "rds", title: "Automatic backup for DB instance orders completed successfully." },
    { source: "rds", title: "DB instance orders is approaching max_connections limit" },
    { source: "argocd", title: "Application checkout is Degraded" },
    { source: "alert", title: "[Triggered] Errors after a deployment of checkout finished" },
    { source: "my_apps", title: "[Recovered] flag service is on" },
    { source: "github", title: "acme/checkout: pull request #12 opened" },
    { source: "my_apps", title: "Nightly report sent" },
    { source: "kubernetes", title: "Rollout of checkout is stuck" },
  ])("%j", async (given) => {
    const { events, changes } = await read(given);
    expect([events.length, changes.length]).toEqual([1, 0]);
  });
});

describe("a change", () => {
  test("says what, when, where, by whom and what is live since", async () => {
    const tags = [
      "service:checkout",
      "version:v42",
      `git.commit.sha:${sha}`,
      `previous_sha:${older}`,
      "git.repository_url:git@github.com:acme/checkout.git",
      "deployed_by:ana",
    ];
    expect((await read({ source: "deploy", title: "checkout v42", tags })).changes).toEqual([
      {
        kind: "deploy",
        at: Date.parse("2026-11-23T10:05:00Z"),
        service: "checkout",
        title: "checkout v42",
        sha,
        previousSha: older,
        version: "v42",
        repository: "acme/checkout",
        author: "ana",
        pullRequest: null,
        files: null,
        link: null,
      },
    ]);
  });

  test("with a short commit has it as its version, for a revert needs the whole one", async () => {
    expect((await read({ source: "deploy", tags: ["commit:9f2c1e"] })).changes[0]).toMatchObject({ sha: null, version: "9f2c1e" });
  });

  test("finds the commit in its words", async () => {
    expect((await read({ source: "deploy", text: `now at ${sha.toUpperCase()}.` })).changes[0]?.sha).toBe(sha);
  });

  test("of Datadog's own kind names the service it hits and its author", async () => {
    const attributes = {
      evt: { category: "change" },
      changed_resource: { name: "new-cart", type: "feature_flag" },
      impacted_resources: [{ name: "cart", type: "service" }],
      author: { name: "ana@acme.example", type: "user" },
    };
    expect((await read({ title: "new-cart on", attributes })).changes[0]).toMatchObject({
      kind: "flag",
      service: "cart",
      author: "ana@acme.example",
    });
  });

  test.each([
    ["https://github.com/acme/checkout", "acme/checkout"],
    ["https://github.com/acme/checkout.git/", "acme/checkout"],
    ["acme/check.out", "acme/check.out"],
    ["checkout", null],
  ])("reads the repository %s as %s", async (given, repository) => {
    expect((await read({ source: "deploy", tags: [`repository:${given}`] })).changes[0]?.repository).toBe(repository);
  });
});

describe("a platform event", () => {
  test("says source, place, severity and words", async () => {
    const attributes = { status: "warning", service: "undefined", hostname: "node-1" };
    const { events } = await read({
      source: "kubernetes",
      title: "Pod restarted",
      text: "OOMKilled",
      tags: ["pod_name:cart-1", "env:prod"],
      attributes,
    });
    expect(events).toEqual([
      {
        at: Date.parse("2026-11-23T10:05:00Z"),
        source: "kubernetes",
        service: null,
        instance: "cart-1",
        severity: "warning",
        title: "Pod restarted",
        text: "OOMKilled",
        tags: ["source:kubernetes", "pod_name:cart-1", "env:prod"],
      },
    ]);
  });

  test.each([
    ["error", "error"],
    ["failure", "error"],
    ["warn", "warning"],
    ["ok", "info"],
    [undefined, "info"],
  ])("of status %s is of severity %s", async (status, severity) => {
    expect((await read({ attributes: { status } })).events[0]?.severity).toBe(severity);
  });

  test("without a title is named by its first line", async () => {
    expect((await read({ text: "first line\nsecond", attributes: { title: null } })).events[0]?.title).toBe("first line");
  });
});
