import { describe, expect, test } from "vitest";
import { secondsAt } from "../../../support/recording-folder.ts";
import { asking, clockOf, lineWith, log, minutesFrom, question } from "./asking.ts";

const header = ["time", "service", "instance", "metric", "value"];
/** One point a minute from 12:00 on. */
const series = (service: string, instance: string, metric: string, values: readonly number[]) =>
  minutesFrom("12:00:00", values.length).map((time, i) => [secondsAt(time), service, instance, metric, values[i]]);
const steady = (value: number, many: number) => Array.from({ length: many }, (_, i) => value + (i % 2 === 0 ? 0 : 1));

describe("datadog_metrics", () => {
  test("tells a step with its onset, both levels, and that it lasts", async () => {
    await using datadog = await asking({
      "metrics.csv.gz": [header, ...series("shop-web", "shop-1", "CpuUsageRate(%)", [...steady(20, 20), ...steady(90, 10)])],
    });
    const { view, result } = await datadog.ask("datadog_metrics");
    expect(view).toMatch(/^E1: 1 series of shop: 1 with a step \(0 back to normal\)/);
    const row = lineWith(view, "CpuUsageRate {pod_name:shop-1}");
    // Quiet: 18 points of 20 and 21; the window's own: two at 20.5 or so, ten at 90 and 91.
    expect(row).toContain(`step up 20.5 % → 90.5 % (×4.41) at ${clockOf("12:20:00")}; not back to normal, last 91 %`);
    expect(row).toContain("before: median 20.5 %");
    expect(row).toContain("(18 points)");
    expect(row).toContain(`max 91 % at ${clockOf("12:21:00")}, last 91 %`);
    expect(result.fact).toContain("shop · CpuUsageRate");
    expect(result.fact).not.toContain("\n");
    // Points stay in the raw answer.
    expect(result.answers[0]?.raw).toContain("values");
  });

  test.each([
    ["avg(last_5m):avg:pool.used{service:shop-web} / avg:pool.size{service:shop-web} > 0.95", "last 0.8"],
    ["avg:pool.size{service:shop-web} - avg:pool.used{service:shop-web}", "last 10"],
    ["100 * (avg:pool.used{service:shop-web} / avg:pool.size{service:shop-web})", "last 80"],
  ])("arithmetic over metrics is computed, as monitors have it: %s", async (query, last) => {
    const points = (metric: string, value: number) =>
      series(
        "shop-web",
        "shop-1",
        metric,
        Array.from({ length: 30 }, () => value),
      );
    await using datadog = await asking({ "metrics.csv.gz": [header, ...points("pool.used", 40), ...points("pool.size", 50)] });
    const { view } = await datadog.ask("datadog_metrics", { queries: [query, "avg:pool.used{service:shop-web}"] });
    expect(view).toMatch(/^E1: 2 series/);
    expect(view).toMatch(new RegExp(`${last}$|${last}[ ,|%]`, "m"));
    expect(view).toContain("last 40");
  });

  test("tells a step that is over", async () => {
    await using datadog = await asking({
      "metrics.csv.gz": [
        header,
        ...series("shop-web", "shop-1", "CpuUsageRate(%)", [...steady(20, 20), ...steady(90, 3), ...steady(20, 7)]),
      ],
    });
    const { view } = await datadog.ask("datadog_metrics");
    expect(lineWith(view, "CpuUsageRate")).toContain(`at ${clockOf("12:20:00")}; back to normal since ${clockOf("12:23:00")}`);
    expect(view).toContain("1 with a step (1 back to normal)");
  });

  test("without a quiet time tells the first point: the step may lie right behind it", async () => {
    await using datadog = await asking({
      "metrics.csv.gz": [header, ...series("shop-web", "shop-1", "CpuUsageRate(%)", [18, ...steady(92, 29)])],
    });
    const { view } = await datadog.ask("datadog_metrics", { from: "-28m", compare_from: "-2h" });
    const row = lineWith(view, "CpuUsageRate");
    expect(row).toContain(`: 18 % at ${clockOf("12:00:00").slice(0, 5)}, `);
    expect(row).toContain("no quiet time recorded, so what is usual is not known | window: median 92");
    expect(row).not.toMatch(/before:|step up|no step/);
  });

  test("without a quiet time tells a ramp by its foot, its end and points between, and calls nothing a step", async () => {
    const ramp = Array.from({ length: 30 }, (_, i) => 2 + i * 3 + (i % 3));
    await using datadog = await asking({
      "metrics.csv.gz": [header, ...series("shop-web", "shop-1", "CpuUsageRate(%)", [...ramp.slice(0, 28), 80, 70])],
    });
    const { view } = await datadog.ask("datadog_metrics", { from: "-28m", compare_from: "-2h" });
    const row = lineWith(view, "CpuUsageRate");
    expect(row).toMatch(
      new RegExp(
        `rises from 2 % at ${clockOf("12:00:00")} to 83 % at ${clockOf("12:27:00")}: [\\d.]+ % at \\d\\d:\\d\\d(, [\\d.]+ % at \\d\\d:\\d\\d){5} \\|`,
      ),
    );
    expect(row).not.toContain("step up");
    expect(view).toContain("0 without a step, 1 without a quiet time to compare with, 1 of which moved");
  });

  test("tells a first point that is far from the quiet time's usual: it began within that time", async () => {
    await using datadog = await asking({
      "metrics.csv.gz": [header, ...series("shop-web", "shop-1", "CpuUsageRate(%)", [18, ...steady(92, 29)])],
    });
    const { view } = await datadog.ask("datadog_metrics");
    expect(lineWith(view, "CpuUsageRate")).toMatch(new RegExp(`before: median 92.*points\\), first 18 % at ${clockOf("12:00:00")}`));
  });

  test.each([
    // Level until 12:10, then two a minute up to 12:29; it leaves its usual some minutes after it began.
    ["that goes on", (i: number) => 20 + 2 * Math.max(0, i - 10), "ramp up", "12:29:00", "not back to normal"],
    [
      "that is over",
      (i: number) => (i > 24 ? 20 : 20 + 4 * Math.max(0, Math.min(10, i - 10))),
      "ramp up",
      "12:21:00",
      "back to normal since",
    ],
    ["that falls", (i: number) => 90 - 3 * Math.max(0, i - 10), "ramp down", "12:29:00", "not back to normal"],
  ])("tells a ramp %s by its foot and points, not as a step", async (_, value, words, top, end) => {
    const values = Array.from({ length: 30 }, (_item, i) => value(i) + (i % 2) * 0.2);
    await using datadog = await asking({ "metrics.csv.gz": [header, ...series("shop-web", "shop-1", "CpuUsageRate(%)", values)] });
    const row = lineWith((await datadog.ask("datadog_metrics")).view, "CpuUsageRate") ?? "";
    const [, foot = "", to] = new RegExp(`${words} from (\\S+) to (\\S+): (?:[\\d.]+ % at \\d\\d:\\d\\d(?:, )?){6};`).exec(row) ?? [];
    expect(to).toBe(clockOf(top));
    expect(foot >= clockOf("12:09:00") && foot <= clockOf("12:12:00")).toBe(true);
    expect(row).toContain(end);
    expect(row).not.toContain("step");
  });

  test("calls a step a step, however restless it is afterwards", async () => {
    const restless = [52, 61, 55, 66, 58, 70, 63, 78, 66, 72];
    await using datadog = await asking({
      "metrics.csv.gz": [header, ...series("shop-web", "shop-1", "CpuUsageRate(%)", [...steady(1, 20), ...restless])],
    });
    const row = lineWith((await datadog.ask("datadog_metrics")).view, "CpuUsageRate") ?? "";
    expect(row).toContain(`step up 1.5 % → `);
    expect(row).toContain(`at ${clockOf("12:20:00")}`);
    expect(row).not.toContain("ramp");
  });

  test("begins a ramp before the point from which it is beyond its usual", async () => {
    const values = Array.from({ length: 40 }, (_item, i) => (i < 12 ? 24 + (i % 2) * 0.1 : 24 + 2.5 * (i - 11)));
    await using datadog = await asking({ "metrics.csv.gz": [header, ...series("shop-web", "shop-1", "CpuUsageRate(%)", values)] });
    const row = lineWith((await datadog.ask("datadog_metrics", { from: clockOf("12:10:00") })).view, "CpuUsageRate") ?? "";
    const [, foot = "", since = ""] = /ramp up from (\S+) to .*beyond its usual since (\S+?)[; ]/.exec(row) ?? [];
    // A tenth of the way, 31 %, is reached two points later.
    expect([foot, since]).toEqual([clockOf("12:12:00"), clockOf("12:13:00")]);
  });

  test("tells what a step ended: memory that grew until a kill", async () => {
    const grown = Array.from({ length: 26 }, (_item, i) => 200 + 12 * i + (i % 2));
    await using datadog = await asking({
      "metrics.csv.gz": [header, ...series("shop-web", "shop-1", "CpuUsageRate(%)", [...grown, 20, 20, 21, 20])],
    });
    const row = lineWith((await datadog.ask("datadog_metrics")).view, "CpuUsageRate") ?? "";
    expect(row).toMatch(/: rose from \S+ to \S+: (?:\d+ % at \d\d:\d\d(?:, )?){6}; then step down /);
    expect(row).toContain(`at ${clockOf("12:26:00")}`);
    expect(row).toContain("501 % at");
  });

  test("says the range of the quiet time, and what a query picks by where its answer has no tags", async () => {
    await using datadog = await asking({
      "metrics.csv.gz": [header, ...series("shop-web", "shop-1", "queue.depth", [...steady(20, 20), ...steady(90, 10)])],
    });
    const { view } = await datadog.ask("datadog_metrics", { queries: ["avg:queue.depth{service:shop-web}"] });
    expect(lineWith(view, "queue.depth {service:shop-web}")).toContain("before: median 20.5, from 20 to 21 (18 points)");
  });

  test("says how old the last point is where the series ends before the window", async () => {
    await using datadog = await asking({
      "metrics.csv.gz": [
        header,
        ...series("shop-web", "shop-1", "CpuUsageRate(%)", steady(20, 22)),
        ...series("shop-web", "shop-2", "CpuUsageRate(%)", steady(20, 30)),
      ],
    });
    const { view } = await datadog.ask("datadog_metrics");
    expect(lineWith(view, "shop-1")).toMatch(new RegExp(`last 21 % at ${clockOf("12:21:00")}, 9(?:\\.0)? min before the window's end`));
    expect(lineWith(view, "shop-2")).toMatch(/last 21 %$/);
  });

  test.each([
    ["disk.used_pct", 0.42, "disk.used_pct (no unit)", "median 0.42, steady"],
    ["disk.used_pct", 42, "disk.used_pct:", "median 42 %, steady"],
    ["cache.hit_ratio", 0.42, "cache.hit_ratio:", "median 42 %, steady"],
    ["system.cpu.utilization", 0.42, "system.cpu.utilization:", "median 42 %, steady"],
    ["queue.weight", 0.42, "queue.weight (no unit)", "median 0.42, steady"],
  ])("%s of %d is said in the unit that is known of it", async (metric, value, name, words) => {
    await using datadog = await asking({
      "metrics.csv.gz": [header, ...series("shop-web", "shop-1", metric, Array<number>(30).fill(value))],
    });
    const { view } = await datadog.ask("datadog_metrics", { queries: [`avg:${metric}{*} by {service}`] });
    expect(lineWith(view, metric)).toContain(name);
    expect(lineWith(view, name)).toContain(words);
  });

  test("names the queries without data that were asked for, and counts the catalog's own", async () => {
    await using datadog = await asking({ "metrics.csv.gz": [header, ...series("shop-web", "shop-1", "CpuUsageRate(%)", steady(20, 30))] });
    const [known, absent] = ["avg:CpuUsageRate{*} by {service,pod_name}", "avg:queue.depth{*}"];
    const catalog = question({ signals: [{ query: known }, { query: absent }] });
    const own = await datadog.ask("datadog_metrics", {}, catalog);
    expect(own.view).toContain("no data for 1 of 2 signals of the catalog");
    expect(own.view).not.toContain("queue.depth");
    const asked = await datadog.ask("datadog_metrics", { queries: [known, absent] });
    expect(asked.view).toContain("no data for 1 of 2 queries: avg:queue.depth{*}");
  });

  test("puts what moved most first, and says how many series are left out", async () => {
    const pods = Array.from({ length: 8 }, (_, i) =>
      series("shop-web", `shop-${i}`, "CpuUsageRate(%)", [...steady(20, 20), ...steady(20 + i * 10, 10)]),
    );
    await using datadog = await asking({ "metrics.csv.gz": [header, ...pods.flat()] });
    const { view } = await datadog.ask("datadog_metrics", { limit: 3 });
    expect(view.split("\n").flatMap((line) => /^- .*pod_name:(shop-\d)/.exec(line)?.[1] ?? [])).toEqual(["shop-7", "shop-6", "shop-5"]);
    expect(view).toContain("5 further series left out, 4 of them with a step");
  });

  test("tells a series that fell silent, which no step would show", async () => {
    await using datadog = await asking({ "metrics.csv.gz": [header, ...series("shop-web", "shop-1", "CpuUsageRate(%)", steady(20, 10))] });
    const { view } = await datadog.ask("datadog_metrics");
    expect(lineWith(view, "shop-1")).toContain("no points in the window; the last one before at 2026-06-01T07:39:00Z");
  });

  test("sees a hit rate fall that is given without a unit", async () => {
    await using datadog = await asking({
      "metrics.csv.gz": [
        header,
        ...series("shop-web", "shop-1", "cache.hit_rate", [...Array<number>(20).fill(0.84), ...Array<number>(10).fill(0.25)]),
      ],
    });
    const { view } = await datadog.ask("datadog_metrics", { queries: ["avg:cache.hit_rate{*} by {service}"] });
    expect(lineWith(view, "cache.hit_rate")).toContain(`step down 0.84 → 0.25 (×0.298) at ${clockOf("12:20:00")}`);
  });

  test("holds queries to the service that is named, under Datadog's name for it", async () => {
    await using datadog = await asking({
      "metrics.csv.gz": [
        header,
        ...series("shop-web", "shop-1", "CpuUsageRate(%)", steady(20, 30)),
        ...series("cart", "cart-1", "CpuUsageRate(%)", steady(50, 30)),
      ],
    });
    const { view, result } = await datadog.ask("datadog_metrics", {
      queries: ["avg:CpuUsageRate{*} by {pod_name}", "max:CpuUsageRate{pod_name:shop-1} by {pod_name}", "avg:nothing.of.it{*}"],
      service: "shop",
    });
    expect(result.answers[0]?.query).toBe(
      "avg:CpuUsageRate{service:shop-web} by {pod_name}, max:CpuUsageRate{pod_name:shop-1,service:shop-web} by {pod_name}, avg:nothing.of.it{service:shop-web}",
    );
    expect(view).not.toContain("cart-1");
    expect(view).toContain("no data for 1 of 3 queries: avg:nothing.of.it{service:shop-web}");
  });

  test.each([
    ["a threshold", "avg(last_5m):avg:CpuUsageRate{pod_name:shop-1} by {pod_name} > 80", "avg:CpuUsageRate{pod_name:shop-1} by {pod_name}"],
    ["a change", "pct_change(avg(last_5m),last_1h):avg:CpuUsageRate{*} by {pod_name} >= 0.5", "avg:CpuUsageRate{*} by {pod_name}"],
    ["none", "avg:CpuUsageRate{*} by {pod_name}", "avg:CpuUsageRate{*} by {pod_name}"],
  ])("runs a monitor's own query with %s", async (_, query, asked) => {
    await using datadog = await asking({ "metrics.csv.gz": [header, ...series("shop-web", "shop-1", "CpuUsageRate(%)", steady(20, 30))] });
    const { view, result } = await datadog.ask("datadog_metrics", { queries: [query] });
    expect(result.answers[0]?.query).toBe(asked);
    expect(view).toMatch(/^E1: 1 series/);
  });

  test("runs a monitor's own search of logs, minute by minute, and minutes without a line count zero", async () => {
    await using datadog = await asking({
      "logs.jsonl.gz": [
        ...minutesFrom("12:00:00", 30).map((time) => log(time, { service: "cart", message: "hello" })),
        ...["12:20:10", "12:20:20", "12:20:30", "12:24:05"].map((time) =>
          log(time, { service: "cart", severity: "ERROR", message: "no stock" }),
        ),
      ],
    });
    const query = 'logs("status:error \\"no stock\\"").index("*").rollup("count").last("5m") > 100';
    const { view, result } = await datadog.ask("datadog_metrics", { queries: [query] });
    expect(result.answers.map(({ query: asked }) => asked)).toEqual(['status:error "no stock"', "*"]);
    const row = lineWith(view, "logs.count");
    expect(row).toContain("before: median 0");
    expect(row).toMatch(new RegExp(`max 3 at ${clockOf("12:20:00")}, last 0`));
    expect(view).toContain('logs of status:error "no stock" a minute; the monitor adds up 5m; datadog_logs shows them');
  });

  test("says of a monitor that it cannot run that nothing runs it", async () => {
    await using datadog = await asking({});
    const { view, result } = await datadog.ask("datadog_metrics", { queries: ['rum("@type:error").rollup("count").last("5m") > 100'] });
    expect(result.answers).toEqual([]);
    expect(view).toContain("@type:error is not a metric query, and no tool runs it");
  });

  test("a series without the service's tag is shown all the same, and it is said", async () => {
    await using datadog = await asking({
      "metrics.csv.gz": [
        header,
        ...series("cart", "cart-1", "CpuUsageRate(%)", steady(50, 30)),
        ...series("shop-web", "shop-1", "MemoryUsageRate(%)", steady(20, 30)),
      ],
    });
    const queries = ["avg:CpuUsageRate{*} by {pod_name}", "avg:MemoryUsageRate{*} by {pod_name}"];
    const { view, result } = await datadog.ask("datadog_metrics", { queries, service: "shop" });
    expect(lineWith(view, "cart-1")).toMatch(/^- q1 /);
    expect(lineWith(view, "shop-1")).toMatch(/^- q2 /);
    expect(view).toContain("no series has service:shop-web here, so all services are shown: avg:CpuUsageRate{*} by {pod_name}");
    expect(view).toContain("E1: both windows, E2: both windows, all services.");
    expect(result.answers).toHaveLength(2);
  });

  test("a query that Datadog refuses is named, and costs only itself", async () => {
    await using datadog = await asking({ "metrics.csv.gz": [header, ...series("shop-web", "shop-1", "CpuUsageRate(%)", steady(20, 30))] });
    const { view } = await datadog.ask("datadog_metrics", { queries: ["avg:CpuUsageRate{*} by {service}", "this is no query"] });
    expect(view).toContain("refused: this is no query");
    expect(lineWith(view, "CpuUsageRate")).toBeDefined();
  });

  test("compares with another quiet time when asked to", async () => {
    await using datadog = await asking({
      "metrics.csv.gz": [header, ...series("shop-web", "shop-1", "CpuUsageRate(%)", [...steady(10, 8), ...steady(40, 22)])],
    });
    const { view, result } = await datadog.ask("datadog_metrics", { from: "-8m", to: "page", compare_from: "-28m", compare_to: "-20m" });
    expect(result.answers).toHaveLength(2);
    expect(lineWith(view, "CpuUsageRate")).toContain("before: median 10.5 %");
    expect(lineWith(view, "CpuUsageRate")).toContain("window: median 40.5 %");
  });

  test("a time that is none, and windows that overlap, are told instead of asked", async () => {
    await using datadog = await asking({});
    const wrong = await datadog.ask("datadog_metrics", { from: "yesterday" });
    expect(wrong.result.answers).toEqual([]);
    expect(wrong.view).toContain('"yesterday" is not a time. Write it as ISO 8601');
    const overlapping = await datadog.ask("datadog_metrics", { compare_from: "-20m", compare_to: "-5m" });
    expect(overlapping.view).toContain("overlaps");
  });

  test("without signals in the catalog asks for queries", async () => {
    await using datadog = await asking({});
    const { view } = await datadog.ask("datadog_metrics", {}, question({ signals: [] }));
    expect(view).toContain("give queries");
  });
});
