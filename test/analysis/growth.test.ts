import { describe, expect, test } from "vitest";
import { analyse } from "../../src/analysis/analyse.ts";
import { deploy, growing, measured, shopOf, since, styles } from "./styles.ts";
import { minute, page, risen, series } from "./telemetry.ts";

const foot = page - 80 * minute;

describe("what fills up for hours is growth from its foot, and the deploy there is not cleared", () => {
  test.each<[string, string, string | null, number, number]>([
    ["memory of a container", "container.memory.usage", "byte", 3e8, 9e8],
    ["memory of a pod", "kubernetes.memory.usage_pct", "fraction", 0.3, 0.96],
    ["a heap", "jvm_memory_used_bytes", "byte", 2e8, 9e8],
    ["a disk", "system.disk.in_use", "fraction", 0.55, 0.98],
    ["a volume", "kubelet_volume_stats_used_percent", "percent", 40, 97],
    ["a consumer's lag", "kafka.consumer.lag", null, 100, 90_000],
    ["a replica's lag", "aws.rds.replica_lag", "second", 0.5, 900],
    ["a queue of SQS", "ApproximateNumberOfMessagesVisible", "Count", 50, 40_000],
    ["a queue of RabbitMQ", "rabbitmq_queue_messages_ready", null, 20, 20_000],
    ["a pool", "db.client.connections.usage", null, 10, 99],
  ])("%s (%s)", (_, metric, unit, low, high) => {
    for (const style of styles) {
      const changes = [deploy("shop", foot - 2 * minute, "Keep offers"), deploy("shop", page - 10 * minute, "Round totals")];
      const { verdict, suspects, ruledOut, asUsual } = analyse({
        ...shopOf(style, "shop needs attention", series("shop", metric, "saturation", unit, growing(foot, low, high))),
        changes,
      });
      expect(verdict).not.toBe("nothing-wrong");
      const [first] = suspects;
      expect(first?.reasons[0]?.code === "grows" || first?.reasons[1]?.code === "grows").toBe(true);
      expect(Math.abs((first?.onset ?? 0) - foot)).toBeLessThan(10 * minute);
      expect([...ruledOut, ...(asUsual ?? [])].map(({ what }) => what).join()).not.toMatch(/Keep offers|Round totals/);
    }
  });
});

describe("a leak that keeps the processor busy", () => {
  test.each<[string, string, string, number, number]>([
    ["container.memory.usage", "container.cpu.usage", "core", 0.3, 0.95],
    ["jvm_memory_used_bytes", "process_cpu_usage", "fraction", 0.2, 0.9],
    ["MemoryUtilization", "CPUUtilization", "percent", 20, 90],
  ])("is one of memory, of which the processor's time is a consequence (%s)", (memory, cpu, unit, low, high) => {
    for (const style of styles) {
      const slow = ["shop", "cart"].flatMap((service) => measured(service, style, { latency: risen(0.2, 2) }).slice(2));
      const full = memory === "MemoryUtilization" ? growing(page - 60 * minute, 30, 97) : growing(page - 60 * minute, 3e8, 1.9e9);
      const { suspects } = analyse(
        shopOf(
          style,
          "High latency on shop",
          ...slow,
          series("cart", memory, "saturation", memory === "MemoryUtilization" ? "percent" : "byte", full),
          series("cart", cpu, "saturation", unit, growing(page - 20 * minute, low, high)),
        ),
      );
      expect(suspects[0]).toMatchObject({ service: "cart", fault: "memory" });
      expect(suspects[0]?.cause).toContain("has grown steadily");
    }
  });

  test("and a processor that was busy first, or memory that hardly grew, is one of the processor", () => {
    const [style] = styles;
    const told = (memoryFoot: number, grown: number) =>
      analyse(
        shopOf(
          style,
          "High latency on shop",
          ...measured("shop", style, { latency: risen(0.2, 2) }).slice(2),
          series("shop", "container.memory.usage", "saturation", "byte", growing(memoryFoot, 3e8, grown)),
          series("shop", "CPUUtilization", "saturation", "percent", since(page - 40 * minute, 20, 97)),
        ),
      ).suspects[0]?.fault;
    expect(told(page - 80 * minute, 3.6e8)).toBe("cpu");
    expect(told(page - 25 * minute, 1.2e9)).toBe("cpu");
    expect(told(page - 80 * minute, 1.9e9)).toBe("memory");
  });
});

test.each([
  ["db.client.connections.usage", null, 10, 16],
  ["PoolBusy(%)", "percent", 13, 21],
  ["pg_stat_activity_count", null, 7, 11],
])("%s that grows with the requests of the day is no growth of its own", (metric, unit, low, high) => {
  for (const style of styles) {
    const pool = series("shop", metric, "saturation", unit, growing(page - 100 * minute, low, high));
    const grows = (more: number) => {
      const busier = series("shop", style[0], "traffic", null, growing(page - 100 * minute, 600, 600 * more));
      const { suspects } = analyse(shopOf(style, "shop needs attention", pool, busier));
      return suspects.some(({ reasons }) => reasons.some(({ code }) => code === "grows"));
    };
    expect(grows(1.6)).toBe(false);
    expect(grows(1)).toBe(true);
  }
});
