import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { analyse } from "../../src/analysis/analyse.ts";
import { recordedTelemetry } from "../../src/replay/recorded-telemetry.ts";
import { loadRecording } from "../../src/replay/recording.ts";
import { readHistory } from "../recorder/repository.ts";
import { randomOf } from "../recorder/random.ts";
import { VirtualTime } from "../recorder/virtual-time.ts";

const scenario = (name: string) => join(import.meta.dirname, "../scenarios", name);
const mergeOf = (name: string, pull: number) =>
  readHistory(join(scenario(name), "repository/commits.json")).find(({ pr }) => pr?.number === pull)?.sha;

describe.each([
  { name: "orders-wrong-total", guilty: 118 },
  { name: "orders-missing-index", guilty: 131 },
  { name: "orders-bad-timeout", guilty: 142 },
])("$name", ({ name, guilty }) => {
  test("is small enough to live in the repository", () => {
    const files = readdirSync(scenario(name), { recursive: true, encoding: "utf8" }).map((file) => statSync(join(scenario(name), file)));
    expect(files.reduce((sum, file) => sum + (file.isFile() ? file.size : 0), 0)).toBeLessThan(400_000);
  });

  test("points at orders and at its deploy, which came one to two minutes before the onset", async () => {
    const recording = await loadRecording(scenario(name));
    const [suspect] = analyse(recordedTelemetry(recording)).suspects;
    expect([suspect?.service, suspect?.change?.sha]).toEqual(["orders", mergeOf(name, guilty)]);
    const deployed = suspect?.change?.at ?? 0;
    expect(recording.incident.detectedAt - deployed).toBe(4 * 60_000);
  });
});

test("a wrong total: orders refuses what the cart showed, by some cents, with coupons alone and from the deploy on", async () => {
  const { logs, changes } = await loadRecording(scenario("orders-wrong-total"));
  const refused = logs.flatMap(({ at, message }) => {
    const [, coupon, total, expected] = /^total_mismatch \S+ coupon=(\w+) totalCents=(\d+) expectedTotalCents=(\d+)/.exec(message) ?? [];
    return coupon === undefined ? [] : [{ at, coupon, off: Number(total) - Number(expected) }];
  });
  expect(refused.length).toBeGreaterThan(10);
  const deployed = changes.at(-1)?.at ?? 0;
  for (const { at, coupon, off } of refused) {
    expect(at).toBeGreaterThan(deployed + 60_000);
    expect(coupon).not.toBe("none");
    expect(off).not.toBe(0);
  }
});

test("a missing index: the statement of the account page takes a hundred times as long, and the others do not", async () => {
  const { spans } = await loadRecording(scenario("orders-missing-index"));
  const median = (fits: (statement: string) => boolean, from: string, to: string) => {
    const took = spans
      .filter(
        ({ start, attributes }) => start >= Date.parse(from) && start < Date.parse(to) && fits(String(attributes?.["db.statement"] ?? "")),
      )
      .map(({ durationMs }) => durationMs)
      .toSorted((a, b) => a - b);
    return took[Math.floor(took.length / 2)] ?? 0;
  };
  const [before, after] = [
    ["2026-10-14T10:00:00Z", "2026-10-14T10:45:00Z"] as const,
    ["2026-10-14T10:45:06Z", "2026-10-14T10:49:00Z"] as const,
  ];
  const account = (statement: string) => statement.includes("WHERE customer_id = ?");
  const order = (statement: string) => statement.includes("WHERE id = ?");
  expect(median(account, ...after) / median(account, ...before)).toBeGreaterThan(100);
  expect(median(order, ...after) / median(order, ...before)).toBeLessThan(3);
});

test("a bad timeout: payments is asked twice as often, answers as fast as ever, and no order is paid any more", async () => {
  const { logs, spans } = await loadRecording(scenario("orders-bad-timeout"));
  const since = Date.parse("2026-10-14T10:45:33Z");
  expect(logs.filter(({ at, message }) => at >= since && /is paid/.test(message))).toEqual([]);
  const calls = (from: number, to: number) => spans.filter(({ service, start }) => service === "payments" && start >= from && start < to);
  const [now, before] = [calls(since, since + 180_000), calls(since - 1_800_000, since - 60_000)];
  expect(now.length / 3 / (before.length / 29)).toBeGreaterThan(1.5);
  const longest = Math.max(...now.map(({ durationMs }) => durationMs));
  expect(longest).toBeLessThan(2_000);
});

test("the recorder draws the same numbers for the same words, and its time passes in order", async () => {
  expect([randomOf("a", 1).hex(8), randomOf("a", 2).hex(8)]).toEqual([randomOf("a", 1).hex(8), randomOf("a", 2).hex(8)]);
  expect(randomOf("a", 1).hex(8)).not.toBe(randomOf("a", 2).hex(8));
  const time = new VirtualTime(1_000);
  const order: string[] = [];
  const waits = async (name: string, ...times: number[]) => {
    for (const ms of times) {
      await time.sleep(ms);
      order.push(`${name} at ${time.now()}`);
    }
  };
  void waits("late", 20, 5);
  void waits("early", 10);
  await time.run(1_100);
  expect(order).toEqual(["early at 1010", "late at 1020", "late at 1025"]);
  expect(time.now()).toBe(1_100);
});
