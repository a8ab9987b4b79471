import { expect, test } from "vitest";
import { analyse } from "../../src/analysis/analyse.ts";
import type { Series } from "../../src/incident/telemetry.ts";
import { lines, measured, ordinary, shopOf, since, styles } from "./styles.ts";
import { from, minute, page, series } from "./telemetry.ts";

/** The processor of a service two calls below the page, from hardly used to nearly one core, as its monitoring reports it. */
const busy = (at: number): readonly (readonly [name: string, cpu: Series])[] => [
  ["Datadog, in nanocores", series("stock", "container.cpu.usage", "saturation", "nanocore", since(at, 13e6, 920e6))],
  ["Prometheus, in cores", series("stock", "container_cpu_usage_seconds_rate", "saturation", null, since(at, 0.013, 0.92))],
];

test.each(busy(page - 25 * minute))("a processor that rose 70 times well before the page leaves it open (%s)", (_, cpu) => {
  for (const style of styles)
    for (const title of ["Errors on shop", "High latency on shop", "shop is unhealthy"]) {
      const { verdict, because } = analyse(shopOf(style, title, cpu));
      expect(verdict).toBe("inconclusive");
      expect(because).toMatch(/^Furthest from usual: stock: .+ at 11:35:00$/);
    }
});

test.each([
  ["Datadog", styles[0], "checkout failed: card was refused by the bank"],
  ["CloudWatch", styles[2], "could not reserve: seat map is locked"],
])("an error line throughout the record, while failures are not measured, is no all-clear and is quoted (%s)", (_, style, message) => {
  const telemetry = shopOf(style, "shop is unhealthy");
  const logs = [...ordinary("shop"), ...lines("shop", from, message)];
  const { verdict, because } = analyse({ ...telemetry, series: telemetry.series.filter(({ kind }) => kind !== "errors"), logs });
  expect(verdict).toBe("inconclusive");
  expect(because).toMatch(
    /^No data on the errors of shop were read, so nothing shows that all is well; shop logs an error \S+ times a minute \(6 before\)/,
  );
  expect(because).toContain(message);
});

test.each([
  ["node_filesystem_usage_percent", "percent", 55, 98],
  ["node.disk.utilization", "fraction", 0.5, 0.97],
])("%s that runs full on the machine of the paged service is no all-clear", (metric, unit, low, high) => {
  const disk = series("shop", metric, "saturation", unit, since(from, low, high).map((point, index, all) => ({ ...point, value: low + ((high - low) * index) / all.length }))); // prettier-ignore
  const { verdict, because } = analyse(shopOf(styles[1], "shop needs attention", disk));
  expect(verdict).toBe("inconclusive");
  expect(because).toMatch(/has grown steadily .+ → 9\d(\.\d)? %/);
});

/** Every fifth point of a minute, the last of them at the page: the only one since the trouble began. */
const ofFiveMinutes = (one: Series): Series => ({ ...one, points: one.points.filter(({ at }) => (page - at) % (5 * minute) === 0) });

test.each(styles)("%s: the newest point of what the page is about, out of range, leaves it open", (...style) => {
  const told = (now: number, title: string) => {
    const slow = measured("shop", style, { latency: since(page, 0.2, now) }).slice(2);
    const telemetry = shopOf(style, title, ...slow);
    return analyse({ ...telemetry, series: telemetry.series.map((one) => ofFiveMinutes(one)) });
  };
  const open = told(0.32, "p99 latency of shop is high");
  expect(open.verdict).toBe("inconclusive");
  expect(open.because).toMatch(/ of shop was 320 ms at 12:00:00, its newest point \(usually about \d+ ms\)$/);
  expect(told(0.22, "p99 latency of shop is high").verdict).toBe("nothing-wrong");
  expect(told(0.32, "Errors on shop").verdict).toBe("nothing-wrong");
});
