import { describe, expect, test } from "vitest";
import { secondsAt } from "../../../support/recording-folder.ts";
import { asking, lineWith, minutesFrom } from "./asking.ts";

const monitor = (id: number, more: Record<string, unknown> = {}) => ({
  id,
  name: `monitor ${id}`,
  type: "metric alert",
  query: "avg(last_5m):avg:errors{service:shop-web} > 1",
  message: "look at the runbook",
  service: "shop-web",
  tags: ["service:shop-web"],
  state: "OK",
  triggered_at: null,
  ...more,
});

describe("datadog_monitors", () => {
  const monitors = [
    monitor(1),
    monitor(2, { state: "Alert", triggered_at: "2026-01-02T12:22:00Z", name: "errors of shop", message: "page\n# the team" }),
    monitor(3, {
      state: "Warn",
      triggered_at: "2026-01-02T12:23:00Z",
      query: "avg(last_5m):avg:disk.in_use{service:cart} > 0.9",
      service: "cart",
      tags: ["service:cart"],
    }),
  ];

  test("lists those that fire first, with query and message", async () => {
    await using datadog = await asking({ "monitors.json": monitors });
    const { view, result } = await datadog.ask("datadog_monitors");
    const lines = view.split("\n");
    expect(lines[0]).toBe("E1: 3 monitors: 1 Alert, 1 Warn, 1 OK");
    expect(lines.slice(1, 4)).toEqual([
      "- Alert since 2026-06-01T07:52:00Z: errors of shop (id 2, shop)",
      "  | query: avg(last_5m):avg:errors{service:shop-web} > 1",
      "  | message: page # the team",
    ]);
    expect(lineWith(view, "- Warn")).toContain("(id 3, cart)");
    expect(result.fact).toBe("Datadog monitors: 3 monitors: 1 Alert, 1 Warn, 1 OK; first: Alert errors of shop");
  });

  test("keeps to a service, a text, to what fires, and counts the rest", async () => {
    await using datadog = await asking({ "monitors.json": monitors });
    expect((await datadog.ask("datadog_monitors", { service: "shop" })).view).toMatch(/^E1: 2 monitors of shop: 1 Alert, 1 OK/);
    expect((await datadog.ask("datadog_monitors", { text: "DISK" })).view).toMatch(/^E1: 1 monitor with "DISK": 1 Warn/);
    expect((await datadog.ask("datadog_monitors", { firing: true, limit: 1 })).view).toContain("1 further monitors left out; raise limit");
    const none = await datadog.ask("datadog_monitors", { text: "kafka" });
    expect(none.view).toContain('no monitors with "kafka"');
    expect(none.result.answers).toHaveLength(1);
  });
});

describe("datadog_events", () => {
  const event = (time: string, more: Record<string, unknown> = {}) => ({
    time: secondsAt(time),
    source: "kubernetes",
    title: "Pod shop-7f9c restarted",
    text: "OOMKilled",
    service: "shop-web",
    instance: "shop-7f9c",
    severity: "warning",
    tags: [],
    ...more,
  });
  const deploy = {
    kind: "deploy",
    time: secondsAt("12:19:00"),
    service: "shop-web",
    sha: "9f2c1e0d4b5a69788796a5b4c3d2e1f001234567",
    environment: "production",
  };
  const events = [
    ...minutesFrom("12:05:00", 3).map((time) => event(time)),
    ...minutesFrom("12:20:00", 2).map((time) => event(time)),
    event("12:21:30", { severity: "error", title: "Node lost", text: "NodeNotReady", service: null, instance: null }),
  ].toSorted((a, b) => a.time - b.time);

  test("of repeats the first is shown beside the last where it says something else", async () => {
    const restarts = ["12:20:00", "12:21:00", "12:22:00"].map((time, i) =>
      event(time, { text: i === 0 ? "OOMKilled" : "Error: config.yaml not found" }),
    );
    await using datadog = await asking({ "events.jsonl.gz": restarts });
    const { view } = await datadog.ask("datadog_events");
    const lines = view.split("\n");
    const first = lines.findIndex((line) => line.includes("×3"));
    expect(lines.slice(first + 1)).toEqual(
      expect.arrayContaining(["  | Error: config.yaml not found", "  the first of them, 2026-06-01T07:50:00Z:", "  | OOMKilled"]),
    );
  });

  test("tells changes first, and repeats as one line with their count", async () => {
    await using datadog = await asking({ "events.jsonl.gz": events, "changes.jsonl.gz": [deploy] });
    const { view, result } = await datadog.ask("datadog_events");
    expect(view).toMatch(/^E1: 1 change, 6 platform events of 2 kinds match \* from 2026-06-01T07:30:00Z to 2026-06-01T08:00:00Z/);
    const rows = view.split("\n").filter((line) => line.startsWith("- "));
    expect(rows[0]).toMatch(/^- 2026-06-01T07:49:00Z deploy of shop, code 9f2c1e0d4b5a69788796a5b4c3d2e1f001234567/);
    expect(rows[1]).toBe("- error kubernetes at 2026-06-01T07:51:30Z");
    expect(rows[2]).toBe(
      "- warning kubernetes of shop [shop-7f9c] ×5 from 2026-06-01T07:35:00Z to 2026-06-01T07:51:00Z, 2 of them in the time under suspicion",
    );
    expect(view).toContain("  | Pod shop-7f9c restarted\n  | OOMKilled");
    expect(result.fact).toContain("last change: 2026-06-01T07:49:00Z deploy of shop");
  });

  test("of few kinds of event the whole text is shown, of many its beginning; a title that the text repeats is not", async () => {
    const long = `Pod shop-7f9c waits on its volume. ${"State: waiting. ".repeat(20)}ConfigMap shop-files at /etc/shop/main.yaml.`;
    const own = event("12:20:00", { title: "Pod shop-7f9c waits", text: long });
    const others = ["node lost", "disk full", "probe failed", "image pulled", "quota reached", "volume mounted"].map((title, i) =>
      event(`12:2${i}:30`, { title, text: `seen: ${title}` }),
    );
    await using few = await asking({ "events.jsonl.gz": [own] });
    const { view } = await few.ask("datadog_events");
    expect(view).toContain("ConfigMap shop-files at /etc/shop/main.yaml.");
    expect(view.match(/Pod shop-7f9c waits/g)).toHaveLength(1);
    await using many = await asking({ "events.jsonl.gz": [own, ...others].toSorted((a, b) => a.time - b.time) });
    const { view: crowded } = await many.ask("datadog_events");
    expect(crowded).toContain("Pod shop-7f9c waits on its volume");
    expect(crowded).not.toContain("ConfigMap shop-files");
    expect(crowded).toMatch(/\| image pulled\n {2}\| seen: image pulled/);
  });

  test("keeps to changes, to platform events, to a service and a window, and counts the rest", async () => {
    await using datadog = await asking({ "events.jsonl.gz": events, "changes.jsonl.gz": [deploy] });
    expect((await datadog.ask("datadog_events", { kind: "changes" })).view).not.toContain("kubernetes");
    expect((await datadog.ask("datadog_events", { kind: "platform", limit: 1 })).view).toContain("1 further entries left out; raise limit");
    const own = await datadog.ask("datadog_events", { service: "shop", kind: "platform", from: "-8m" });
    expect(own.result.answers[0]?.query).toBe("service:shop-web");
    expect(own.view).toContain("2 platform events of 1 kind ");
    const none = await datadog.ask("datadog_events", { query: "source:rds", service: "cart" });
    expect(none.view).toContain("0 changes, 0 platform events of 0 kinds match service:cart (source:rds)");
    expect(none.view).toContain("events without a service tag are found only without service");
  });
});
