import { describe, expect, test } from "vitest";
import { planSlices, weightsByMinute } from "../../../src/integrations/datadog/sample-plan.ts";
import { json, listen, type Loopback, type SeenRequest } from "../../support/loopback.ts";
import { bodyOf, connect, minute, never, window } from "./setup.ts";

interface Item {
  readonly id: string;
  readonly at: number;
  readonly service: string;
}

/** `perMinute[i]` items in the i-th minute of the window, evenly spread, services in turn. */
function items(perMinute: readonly number[], services: readonly string[] = ["cart"]): Item[] {
  return perMinute.flatMap((total, m) =>
    Array.from({ length: total }, (_, i) => ({
      id: `${m}.${i}`,
      at: window.from + m * minute + Math.floor((i * minute) / total),
      service: services[i % services.length] ?? "",
    })),
  );
}

interface Filter {
  readonly filter: { readonly from: string; readonly to: string };
  readonly page?: { readonly limit: number; readonly cursor?: string };
}
const filterOf = (request: SeenRequest): Filter => {
  const body = bodyOf(request) as Filter & { data?: { attributes: Filter } };
  return body.data?.attributes ?? body;
};
const isCount = (request: SeenRequest) => request.url.endsWith("/aggregate");

/** Answers logs and spans as Datadog does, from a list in the order of time. `refuse` may turn a read away. */
function serve(
  list: readonly Item[],
  refuse: (request: SeenRequest, n: number) => number | null = () => null,
  message: (at: number) => string = (at) => `at ${at}`,
): Promise<Loopback> {
  let n = 0;
  return listen((request, response) => {
    const status = refuse(request, n++);
    if (status !== null) return json(response, status, { errors: ["no"] });
    const { filter, page } = filterOf(request);
    const [from, to] = [Date.parse(filter.from), Date.parse(filter.to)];
    // The end is counted in, as Datadog does.
    const inside = list.filter(({ at }) => at >= from && at <= to);
    const ofLogs = request.url.includes("/logs/");
    if (isCount(request)) {
      const byService = Map.groupBy(inside, ({ service }) => service);
      const buckets = [...byService].map(([service, members]) => {
        const counts = Map.groupBy(members, ({ at }) => Math.floor(at / minute) * minute);
        return {
          by: { service },
          computes: { c0: [...counts].map(([at, some]) => ({ time: new Date(at).toISOString(), value: some.length })) },
        };
      });
      return json(response, 200, ofLogs ? { data: { buckets } } : { data: buckets.map((bucket) => ({ attributes: bucket })) });
    }
    const start = Number(page?.cursor ?? 0);
    const part = inside.slice(start, start + (page?.limit ?? 10));
    const data = part.map(({ id, at, service }) => {
      const when = new Date(at).toISOString();
      return ofLogs
        ? { id, attributes: { timestamp: when, service, message: message(at) } }
        : {
            attributes: { trace_id: `t${id}`, span_id: service, service, resource_name: "op", start_timestamp: when, end_timestamp: when },
          };
    });
    json(response, 200, { data, meta: { page: { after: String(start + part.length) } } });
  });
}

const sum = (numbers: readonly number[]) => numbers.reduce((total, n) => total + n, 0);
const flat = (minutes: number, each: number) => Array.from({ length: minutes }, () => each);

describe("a sample of log lines", () => {
  test("has the first lines of an answer that is too long, says so, and weighs them as a sample", async () => {
    // Two minutes of 900 lines of 10 kB each: an answer of nine megabytes for each.
    const long = "x".repeat(10_000);
    await using server = await serve(
      items([900, 900]),
      () => null,
      (at) => `${at} ${long}`,
    );
    const sample = await connect(server.url).datadog.sampleLogs({ query: "*", window }, never);
    expect(sample.value.length).toBeGreaterThan(2 * 700);
    expect(sample.value.length).toBeLessThan(2 * 900);
    expect(sample.cut).toContain("2 of 2 answers were longer than 8 MB");
    expect(sample.cut).toMatch(/sampled 1,\d{3} of about 1,800 lines/);
    expect(Math.round(sum(sample.value.map(({ weight }) => weight)))).toBe(1_800);
  });

  test("is all of them when they fit, with few requests and nothing said to be cut", async () => {
    await using server = await serve(items(flat(120, 30), ["cart", "pay"]));
    const sample = await connect(server.url).datadog.sampleLogs({ query: "*", window }, never);
    expect(sample.value).toHaveLength(3_600);
    expect(new Set(sample.value.map(({ weight }) => weight))).toEqual(new Set([1]));
    expect([sample.total, sample.cut]).toEqual([3_600, null]);
    expect(server.seen.length).toBeLessThanOrEqual(5);
    expect(sample.value.map(({ at }) => at)).toEqual(sample.value.map(({ at }) => at).toSorted((a, b) => a - b));
  });

  test("spends its reads on the minutes that have lines", async () => {
    const perMinute = flat(120, 0).with(17, 400).with(88, 500);
    await using server = await serve(items(perMinute));
    const sample = await connect(server.url).datadog.sampleLogs({ query: "*", window }, never);
    expect(sample.value).toHaveLength(900);
    expect(server.seen).toHaveLength(2);
  });

  test("asks nothing more when there are no lines", async () => {
    await using server = await serve([]);
    const sample = await connect(server.url).datadog.sampleLogs({ query: "*", window }, never);
    expect([sample.value.length, sample.total, sample.cut, server.seen.length]).toEqual([0, 0, null, 1]);
  });

  test("of a minute that was cut weighs what that minute held", async () => {
    await using server = await serve(items(flat(120, 0).with(3, 100).with(60, 9_000).with(61, 100)));
    const sample = await connect(server.url).datadog.sampleLogs({ query: "*", window, maxLines: 1_200, slices: 3 }, never);
    const ofMinute = (m: number) => sample.value.filter(({ at }) => Math.floor((at - window.from) / minute) === m);
    expect(ofMinute(3).map(({ weight }) => weight)).toEqual(flat(100, 1));
    const busy = ofMinute(60);
    expect(busy.length).toBeLessThan(9_000);
    expect(busy[0]?.weight).toBeCloseTo(9_000 / busy.length, 6);
    expect(sample.value).toHaveLength(1_200);
    expect(sample.cut).toBe("sampled 1,200 of about 9,200 lines");
  });

  test("weighs as much as all lines together, however many there are", async () => {
    for (const perMinute of [flat(120, 400), flat(120, 3_000), flat(120, 5).with(50, 40_000), flat(120, 900).with(119, 20_000)]) {
      await using server = await serve(items(perMinute, ["cart", "pay", "ship"]));
      const sample = await connect(server.url).datadog.sampleLogs({ query: "*", window, maxLines: 5_000 }, never);
      expect(sum(sample.value.map(({ weight }) => weight))).toBeCloseTo(sum(perMinute), 3);
      expect(sample.value.length).toBeLessThanOrEqual(5_000);
      expect(server.seen.length).toBeLessThanOrEqual(16);
      expect(sample.cut).toMatch(/^sampled [\d,]+ of about [\d,]+ lines/);
    }
  }, 30_000);

  test("covers the window from its first to its last minute", async () => {
    await using server = await serve(items(flat(120, 1_500)));
    const sample = await connect(server.url).datadog.sampleLogs({ query: "*", window, maxLines: 6_000, slices: 12 }, never);
    expect(sample.slices).toHaveLength(12);
    expect(sample.slices[0]?.from).toBe(window.from);
    expect(sample.slices.at(-1)?.to).toBe(window.to);
    expect(sample.cut).toBe("sampled 6,000 of about 180,000 lines, from 12 of the 120 minutes that have any");
  });

  test("has the counts per service and minute too", async () => {
    await using server = await serve(items(flat(120, 10), ["cart", "pay"]));
    const { counts } = await connect(server.url).datadog.sampleLogs({ query: "*", window }, never);
    expect(counts.map(({ by, total }) => [by["service"], total])).toEqual([
      ["cart", 600],
      ["pay", 600],
    ]);
  });

  test("keeps the answers of all its requests", async () => {
    await using server = await serve(items(flat(120, 30)));
    const { raw } = await connect(server.url).datadog.sampleLogs({ query: "*", window }, never);
    expect(raw.split("\n").map((part) => Object.keys(JSON.parse(part) as object))).toHaveLength(server.seen.length);
  });

  test("asks for no page that waits for another, whether a busy minute is read whole or in part", async () => {
    for (const busy of [2_600, 40_000]) {
      await using server = await serve(items(flat(10, 300).with(4, busy)));
      await connect(server.url).datadog.sampleLogs({ query: "*", window }, never);
      expect(server.seen.length).toBeGreaterThan(5);
      expect(server.seen.filter((request) => filterOf(request).page?.cursor !== undefined)).toEqual([]);
    }
  });

  test("reads on where a part of a busy minute holds more than a page", async () => {
    // All in the minute's first third.
    const list = Array.from({ length: 2_300 }, (_, i) => ({ id: `b${i}`, at: window.from + minute + i * 8, service: "cart" }));
    await using server = await serve(list);
    const sample = await connect(server.url).datadog.sampleLogs({ query: "*", window }, never);
    expect([sample.value.length, sample.cut]).toEqual([2_300, null]);
    expect(new Set(sample.value.map(({ weight }) => weight))).toEqual(new Set([1]));
  });

  test("goes on without a read that failed, and says so; its lines are made up for", async () => {
    let reads = 0;
    await using server = await serve(items(flat(120, 90)), (request) => (!isCount(request) && ++reads === 2 ? 400 : null));
    const sample = await connect(server.url).datadog.sampleLogs({ query: "*", window, maxLines: 20_000 }, never);
    expect(sample.cut).toMatch(/sampled [\d,]+ of about 10,800 lines.*; 1 of \d+ reads failed \(datadog answered 400 for logs: no\)/);
    expect(sum(sample.value.map(({ weight }) => weight))).toBeCloseTo(10_800, 3);
  });

  test("fails when no read succeeds", async () => {
    await using server = await serve(items(flat(120, 90)), (request) => (isCount(request) ? null : 403));
    await expect(connect(server.url).datadog.sampleLogs({ query: "*", window }, never)).rejects.toThrow("`logs_read_data` (logs)");
  });

  test("keeps to what Datadog still allows", async () => {
    const list = items(flat(120, 400));
    let reads = 0;
    await using server = await listen((request, response) => {
      const headers = isCount(request) ? {} : { "x-ratelimit-remaining": "3", "x-ratelimit-reset": "900", "x-ratelimit-period": "3600" };
      if (!isCount(request)) reads++;
      const time = (at: number) => new Date(at).toISOString();
      const points = Array.from({ length: 120 }, (_, m) => ({ time: time(window.from + m * minute), value: 400 }));
      const line = list[0];
      json(
        response,
        200,
        isCount(request)
          ? { data: { buckets: [{ by: { service: "cart" }, computes: { c0: points } }] } }
          : { data: [{ id: `l${reads}`, attributes: { timestamp: time(line?.at ?? 0) } }] },
        headers,
      );
    });
    const { datadog } = connect(server.url);
    await datadog.searchLogs({ query: "*", window, limit: 10, sort: "timestamp" }, never);
    reads = 0;
    const sample = await datadog.sampleLogs({ query: "*", window }, never);
    expect(reads).toBe(3);
    expect(sample.cut).toContain("Datadog allows only 3 more requests of this kind for now");
  });
});

describe("a sample of spans", () => {
  test("is all of them when they fit", async () => {
    await using server = await serve(items(flat(120, 20), ["cart", "pay"]));
    const sample = await connect(server.url).datadog.sampleSpans({ query: "*", window }, never);
    expect([sample.value.length, sample.cut]).toEqual([2_400, null]);
  });

  test("is cut by stretches of time in which none is missing", async () => {
    const list = items(flat(120, 2_000), ["cart"]);
    await using server = await serve(list);
    const sample = await connect(server.url).datadog.sampleSpans({ query: "*", window, maxSpans: 5_000, slices: 5 }, never);
    expect(sample.slices).toHaveLength(5);
    for (const { from, readTo, read } of sample.slices) {
      expect(readTo).toBeGreaterThan(from);
      expect(list.filter(({ at }) => at >= from && at <= readTo)).toHaveLength(read);
    }
    expect(sample.value).toHaveLength(5_000);
    expect(sample.cut).toBe("sampled 5,000 of about 240,000 spans, from 5 of the 120 minutes that have any");
    expect(server.seen.length).toBeLessThanOrEqual(16);
  });
});

describe("a plan of slices", () => {
  const minutes = (totals: readonly number[]) => totals.map((total, m) => ({ at: window.from + m * minute, total }));
  const budget = { most: 8_000, requests: 15, slices: 15, pageSize: 1_000 };

  test("never takes more than its budget, and never leaves the window", () => {
    const shapes = [flat(120, 1), flat(120, 999), flat(120, 1_001), flat(3, 100_000), flat(1, 8_000), flat(120, 0), flat(16, 1_000)];
    for (const shape of shapes) {
      for (const limits of [budget, { ...budget, most: 100 }, { ...budget, requests: 1 }, { ...budget, slices: 4 }]) {
        const short = { from: window.from + 20_000, to: window.to };
        const slices = planSlices(minutes(shape), short, limits);
        expect(slices.length).toBeLessThanOrEqual(limits.requests);
        expect(Math.min(...slices.map(({ from }) => from), Infinity)).toBeGreaterThanOrEqual(short.from);
        expect(Math.max(...slices.map(({ to }) => to), -Infinity)).toBeLessThanOrEqual(short.to);
        expect(Math.round(sum(slices.map(({ most, expected }) => Math.min(most, expected))))).toBeLessThanOrEqual(limits.most);
      }
    }
  });

  test("gives what quiet minutes leave to the busy one", () => {
    const slices = planSlices(minutes(flat(120, 5).with(50, 40_000)), window, { ...budget, most: 5_000 });
    const busy = slices.filter(({ expected }) => expected >= 1_000);
    expect(sum(busy.map(({ expected }) => expected))).toBe(40_000);
    expect(sum(busy.map(({ most }) => most))).toBe(5_000 - 595);
    expect(sum(slices.filter((slice) => !busy.includes(slice)).map(({ expected }) => expected))).toBe(595);
  });

  test("reads a busy minute in parts of time that fit a page, with room for what is unevenly spread", () => {
    const all = planSlices(minutes([5_500]), window, budget);
    expect(all.map(({ from }) => from)).toEqual([window.from, ...all.slice(0, -1).map(({ to }) => to)]);
    expect(all.at(-1)?.to).toBe(window.from + minute);
    expect(all.every(({ expected, most }) => expected < 667 && most === Infinity)).toBe(true);
    // Without requests to spare the pages are full.
    expect(planSlices(minutes([5_500]), window, { ...budget, requests: 6 })).toHaveLength(6);
  });
});

describe("weights", () => {
  test("of minutes not read go to the nearest one that was", () => {
    const minutes = [10, 20, 30, 40].map((total, m) => ({ at: m * minute, total }));
    const read = new Map([
      [0, 10],
      [3 * minute, 8],
    ]);
    const weights = weightsByMinute(minutes, read, (at) => at === 0);
    expect(weights.get(0)).toBe((10 + 20) / 10);
    expect(weights.get(3 * minute)).toBe((40 + 30) / 8);
  });

  test("are never below one, whatever the count said", () => {
    expect(weightsByMinute([{ at: 0, total: 3 }], new Map([[0, 10]]), () => false).get(0)).toBe(1);
  });
});
