import { describe, expect, test } from "vitest";
import { analyse, analyseInTurns } from "../../src/analysis/analyse.ts";
import { blamed } from "../../src/incident/finding.ts";
import type { ChangeEvent, Telemetry, Span } from "../../src/incident/telemetry.ts";
import { begins, empty, minute, page, requests, risen, series, steady, to } from "./telemetry.ts";

const cpuStorm: Telemetry = {
  ...empty,
  series: [
    series("shop", "http.duration.p95", "latency", "second", risen(0.2, 2)),
    series("cart", "http.duration.p95", "latency", "second", risen(0.1, 1.8)),
    series("stock", "http.duration.p95", "latency", "second", risen(0.05, 1.6)),
    series("stock", "cpu.usage", "saturation", "percent", risen(20, 97)),
  ],
};

describe("analyse", () => {
  test("nothing to read is inconclusive", () => {
    expect(analyse(empty)).toMatchObject({ verdict: "inconclusive", suspects: [], symptoms: [] });
  });

  test("steady signals under a page end in nothing wrong", () => {
    const calm = { ...empty, series: [series("shop", "http.duration.p95", "latency", "second", steady(0.2))] };
    expect(analyse(calm)).toMatchObject({ verdict: "nothing-wrong", suspects: [] });
  });

  test("the deepest service with its own trouble is the suspect, its callers are not", () => {
    const found = analyse(cpuStorm);
    expect(found.verdict).toBe("incident");
    expect(found.suspects[0]).toMatchObject({ service: "stock", fault: "cpu" });
    expect(found.suspects[0]?.reasons[0]?.text).toMatch(/CPU usage 20\S* % → 97 % at 11:57:00/);
    expect(found.suspects[0]?.reasons[0]?.evidence).toEqual([3]);
    expect(found.symptoms[0]).toMatchObject({ service: "shop" });
  });

  test("taken in turns it says the same, and gives way in between", async () => {
    let turns = 0;
    const found = await analyseInTurns(cpuStorm, async () => void (turns += 1));
    expect(found.analysis).toEqual(analyse(cpuStorm));
    expect(turns).toBeGreaterThan(2);
  });

  test("time lost on the way to one service is the network's, and its service is named", () => {
    const found = analyse({ ...empty, ...requests({ wayToStockMs: 900 }) });
    expect(found.verdict).toBe("incident");
    expect(found.suspects[0]).toMatchObject({ service: "stock", fault: "network" });
    expect(found.suspects[0]?.reasons[0]?.text).toMatch(/network time to stock: 2.* ms → 9\d\d ms per call since/);
    expect(Math.abs((found.suspects[0]?.onset ?? 0) - begins)).toBeLessThan(30_000);
  });

  test("a service that becomes slow by itself is told from those that wait for it", () => {
    const found = analyse({ ...empty, ...requests({ stockMs: 1500 }) });
    expect(found.suspects[0]).toMatchObject({ service: "stock", fault: "latency" });
  });

  test("a step that no longer runs points at the code that ends early", () => {
    const found = analyse({ ...empty, ...requests({ stockEnds: "early" }) });
    expect(found.suspects[0]).toMatchObject({ service: "stock", fault: "code" });
  });

  test("errors are charged to the service where they begin, with the line that tells", () => {
    const found = analyse({ ...empty, ...requests({ stockEnds: "failing" }) });
    expect(found.suspects[0]).toMatchObject({ service: "stock" });
    const quotes = found.suspects[0]?.reasons.map((reason) => reason.quote).join("\n");
    expect(quotes).toContain("reserve failed: no row for basket");
  });

  test("healthy requests under a page end in nothing wrong", () => {
    expect(analyse({ ...empty, ...requests({}) })).toMatchObject({ verdict: "nothing-wrong", suspects: [], onset: null });
  });

  test("slow requests of another service's own are no trouble of the paged one", () => {
    const { spans, logs } = requests({});
    const report = (start: number, index: number): Span => ({ traceId: `r${index}`, spanId: `r${index}`, parentId: null, service: "reports", instance: null, operation: "nightly", start, durationMs: start >= begins ? 900 : 50 + (index % 3), error: false, errorMessage: null, statement: null, evidence: 6 }); // prettier-ignore
    const reports = Array.from({ length: 2_500 }, (_, index) => report(page - 40 * minute + index * 1_000, index)).filter(
      ({ start }) => start < to,
    );
    // Nothing leads from shop to reports, so it is no suspect.
    const apart = analyse({ ...empty, spans: [...spans, ...reports], logs });
    expect(apart.verdict).not.toBe("incident");
    expect(apart.suspects.map(({ service }) => service)).not.toContain("reports");
    // The same of the paged service is.
    const own = reports.map((span) => ({ ...span, service: "shop" }));
    expect(analyse({ ...empty, spans: [...spans, ...own], logs }).verdict).toBe("incident");
  });

  test("the further a called service is from usual while the paged one shows nothing, the surer the answer: a lead, inconclusive, an incident", () => {
    const delayed = (wayToStockMs: number) => analyse({ ...empty, ...requests({ wayToStockMs }) });
    const lead = delayed(3.4);
    expect(lead).toMatchObject({ verdict: "nothing-wrong", onset: null, symptoms: [], consequences: [] });
    expect(lead.because).toMatch(/^shop shows nothing unusual, .*; furthest is stock \(0\.\d+\)$/);
    expect(lead.suspects.map(({ service, change }) => ({ service, change }))).toEqual([{ service: "stock", change: null }]);
    expect(blamed(lead)).toEqual([]);
    const unsure = delayed(5);
    expect(unsure).toMatchObject({
      verdict: "inconclusive",
      because: "shop shows nothing unusual, but stock left its usual range at 11:57:00",
    });
    expect(blamed(unsure).map(({ service }) => service)).toEqual(["stock"]);
    expect(delayed(20).verdict).toBe("incident");
  });

  test("a deploy is not to blame for a lead", () => {
    const deploy: ChangeEvent = {
      kind: "deploy",
      at: begins - 60_000,
      service: "stock",
      title: "stock: retry reservations",
      version: "2.0.0",
      sha: "5a1c3d5e7f9012345678901234567890abcdef12",
      previousSha: null,
      repository: "shop/stock",
      author: null,
      link: null,
      pullRequest: null,
      files: null,
      evidence: 8,
    };
    const found = analyse({ ...empty, ...requests({ wayToStockMs: 3.4 }), changes: [deploy] });
    expect(found.verdict).toBe("nothing-wrong");
    expect(found.suspects[0]).toMatchObject({ service: "stock", change: null });
  });

  test("requests without any history tell who holds their time, and not since when", () => {
    const { spans } = requests({ stockMs: 6_000, stockEnds: "early" }, 60_000);
    const found = analyse({
      ...empty,
      page: { ...empty.page, title: "p90 of shop above 4 seconds" },
      spans: spans.filter(({ start }) => start >= begins && start < page),
      monitors: [{ id: 1, name: "slow shop", query: "", message: "", service: "shop", state: "Alert", triggeredAt: page, evidence: 7 }],
    });
    expect(found).toMatchObject({ verdict: "incident", onset: null, because: "stock stands out, and no record shows since when" });
    expect(found.suspects[0]).toMatchObject({ service: "stock", onset: null });
    expect(found.suspects[0]?.reasons[0]?.text).toMatch(/slowest requests.*of stock.*; no record shows since when$/);
  });

  test("trouble that was over before the page is another incident's", () => {
    const { spans, logs } = requests({ wayToStockMs: 900 });
    const over = { from: begins, to: page - 90_000 };
    const calm = requests({});
    const mixed = {
      spans: calm.spans.map((span, index) => (span.start >= over.from && span.start < over.to ? (spans[index] ?? span) : span)),
      logs,
    };
    expect(analyse({ ...empty, ...mixed }).verdict).toBe("nothing-wrong");
  });

  test("a level over its alarm threshold but far from its limit is told as innocent", () => {
    const found = analyse({
      ...empty,
      page: { ...empty.page, service: "stock", title: "Connections on stock", details: "Connections above 55 % of the maximum (3604)" },
      series: [
        series(
          "stock",
          "postgres.connections",
          "saturation",
          null,
          steady(2050).filter((point) => point.at >= page - 20 * 60_000),
        ),
      ],
      monitors: [
        {
          id: 1,
          name: "Connections on stock",
          query: "avg(last_20m):avg:postgres.connections{db:stock} > 1980",
          message: "",
          service: "stock",
          state: "Alert",
          triggeredAt: page,
          evidence: 9,
        },
      ],
    });
    expect(found.verdict).toBe("nothing-wrong");
    // What the page is about answers it, so it comes first.
    expect(found.because).toMatch(
      /^postgres connections 2,\d+: over its alarm threshold of 1,980, but only 5\d.* % of the limit of 3,604\. Otherwise stock shows nothing unusual/,
    );
    expect(found.ruledOut).toContainEqual(
      expect.objectContaining({
        why: expect.stringMatching(/^over its alarm threshold of 1,980, but only 5\d.* % of the limit of 3,604/),
        evidence: [3, 9],
      }),
    );
  });

  test("began when its level passed the alarm's bound, not when the alarm said so", () => {
    const passed = page - 30 * minute;
    const falling = steady(0.85).map((point) => (point.at >= passed ? { ...point, value: 0.26 } : point));
    const found = analyse({
      ...empty,
      page: { ...empty.page, title: "shop misses its cache" },
      series: [series("shop", "cache.hits", "availability", null, falling)],
      monitors: [{ id: 1, name: "Cache", query: "avg(last_30m):avg:cache.hits{service:shop} < 0.5", message: "", service: "shop", state: "Alert", triggeredAt: page, evidence: 9 }], // prettier-ignore
    });
    expect(found).toMatchObject({ verdict: "incident", onset: passed, suspects: [{ service: "shop" }], symptoms: [{ since: passed }] });
  });

  test("what the cause is about is never told as usual, and what is carries since when", () => {
    const recent = (level: number, spread: number) =>
      steady(level)
        .filter((point) => point.at >= page - 50 * minute)
        .map((point, index) => ({ ...point, value: level * (1 + (index % 2 === 0 ? spread : -spread)) }));
    const found = analyse({
      ...empty,
      page: { ...empty.page, service: "stock", title: "Pods of stock restart" },
      series: [
        series("stock", "memory.usage", "saturation", "percent", recent(35, 0.3)),
        series("stock", "cpu.usage", "saturation", "percent", recent(20, 0.2)),
        series("stock", "queue.depth", "saturation", null, recent(100, 0.9)),
      ],
      events: [{ at: begins, source: "kubernetes", service: "stock", instance: null, severity: "error", title: "BackOff", text: "last state: OOMKilled", tags: [], evidence: 9 }], // prettier-ignore
    });
    expect(found.suspects[0]).toMatchObject({ service: "stock", fault: "memory" });
    expect(found.ruledOut).toEqual([]);
    expect(found.asUsual?.map(({ what, why }) => `${what}: ${why}`)).toEqual([
      "CPU usage of stock: 16 %, usually between 16 % and 24 % since 11:10",
    ]);
  });

  test("a level over the page's own bound is not told as usual, whatever it was before", () => {
    const slow = series("shop", "http.duration.p90", "latency", "second", steady(4.7));
    const about = (title: string) => analyse({ ...empty, page: { ...empty.page, title }, series: [slow] }).asUsual ?? [];
    expect(about("shop is slow")).toHaveLength(1);
    expect(about("shop p90 above 4 seconds")).toEqual([]);
  });

  test("what is near its limit for as long as anything was recorded is wrong all the same", () => {
    const high = steady(93).filter((point) => point.at >= page - 15 * 60_000);
    const found = analyse({
      ...empty,
      page: { ...empty.page, service: "stock", title: "CPU on stock" },
      series: [series("stock", "system.cpu.utilization", "saturation", "percent", high)],
      monitors: [
        {
          id: 1,
          name: "CPU",
          query: "avg(last_5m):avg:system.cpu.utilization{*} > 85",
          message: "",
          service: "stock",
          state: "Alert",
          triggeredAt: page,
          evidence: 9,
        },
      ],
    });
    expect(found).toMatchObject({ verdict: "incident", suspects: [{ service: "stock", fault: "cpu" }] });
  });

  test("an alarm of the paged service counts under each of its names", () => {
    const high = steady(91).filter((point) => point.at >= page - 8 * 60_000);
    const told = (service: string) =>
      analyse({
        ...empty,
        services: [...empty.services, "shop_client"],
        series: [series("cart", "system.cpu.utilization", "saturation", "percent", high)],
        monitors: [{ id: 1, name: "shop is slow", query: "", message: "", service, state: "Alert", triggeredAt: page, evidence: 9 }],
      }).verdict;
    expect(told("shop")).toBe("incident");
    expect(told("shop_client")).toBe("incident");
    expect(told("stock")).not.toBe("incident");
  });

  test("an event of the platform names the fault", () => {
    const found = analyse({
      ...empty,
      events: [
        { at: page - 60_000, source: "kubernetes", service: "cart", instance: "cart-1", severity: "warning", title: "OOMKilled: Pod/cart-1", text: "Container cart was OOMKilled, exit code 137", tags: [], evidence: 8 },
      ], // prettier-ignore
    });
    expect(found.suspects[0]).toMatchObject({
      service: "cart",
      instance: "cart-1",
      fault: "memory",
      reasons: [{ quote: "Container cart was OOMKilled, exit code 137" }],
    });
  });

  test("the main part of a load is named where a tag tells the parts apart", () => {
    const wait = (event: string, now: number) => ({
      ...series("stock", "db.load.by_wait", "saturation", null, risen(2, now)),
      tags: { wait_event: event },
    });
    const found = analyse({
      ...empty,
      series: [
        series("stock", "system.cpu.utilization", "saturation", "percent", risen(20, 96)),
        wait("Client:ClientRead", 40),
        wait("CPU:user", 3),
        wait("IO:DataFileRead", 2),
      ],
    });
    const told = found.suspects[0]?.reasons.map((reason) => reason.text).join("\n");
    expect(told).toMatch(/8\d\.?\d* % of .*load by wait of stock is Client:ClientRead: 40 of 45/);
  });

  test("sampled logs never tell of a missing step: their spans are not whole", () => {
    const { spans, logs } = requests({});
    const thinned = logs.filter((_, index) => index % 3 === 0).map((line) => ({ ...line, weight: 3 }));
    const halved = thinned.filter((line) => line.at < begins || !line.message.startsWith("reserved"));
    expect(analyse({ ...empty, spans, logs: halved }).verdict).toBe("nothing-wrong");
  });

  test("a service that began to log a few minutes ago has no surge: nothing is known of how often it logged before", () => {
    const { spans, logs } = requests({});
    const line = { service: "cart", instance: null, severity: "ERROR", message: "retry failed", traceId: null, spanId: null, weight: 1, evidence: 5 }; // prettier-ignore
    const busy = (begin: number) => {
      const own = logs.filter(({ service, at }) => service !== "cart" || at >= begin);
      for (let at = begin; at < to; at += at < begins ? minute : 4_000) own.push({ ...line, at });
      return analyse({ ...empty, spans, logs: own })
        .suspects.flatMap(({ reasons }) => reasons.map(({ text }) => text))
        .join("\n");
    };
    expect(busy(page - 40 * minute)).toContain("log pattern surged in cart");
    expect(busy(page - 18 * minute)).not.toContain("surged");
  });

  test("every suspect's probability is one, and they go down the list", () => {
    const cartToo = series("cart", "cpu.usage", "saturation", "percent", risen(20, 90));
    const { suspects } = analyse({ ...cpuStorm, series: [...cpuStorm.series, cartToo] });
    const chances = suspects.map((suspect) => suspect.probability);
    expect(chances.length).toBeGreaterThan(1);
    expect(chances).toEqual(chances.toSorted((a, b) => b - a));
    expect(chances.every((chance) => chance >= 0 && chance <= 1)).toBe(true);
    expect(chances.reduce((sum, chance) => sum + chance, 0)).toBeLessThanOrEqual(1.001);
  });
});

test("earlier pages of the same alert are counted with this one", () => {
  const [first, second] = [page - 64 * minute, page - 20 * minute];
  expect(analyse({ ...empty, equalPages: [second, first, second] }).equalPages).toEqual({ count: 3, since: first });
  expect(analyse({ ...empty, equalPages: [] })).not.toHaveProperty("equalPages");
});
