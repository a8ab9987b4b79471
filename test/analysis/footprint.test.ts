import { expect, test } from "vitest";
import { analyseInTurns } from "../../src/analysis/analyse.ts";
import type { Telemetry } from "../../src/incident/telemetry.ts";
import { begins, empty, errorLines, minute, risen, series, steady } from "./telemetry.ts";

const footprintOf = async (over: Partial<Telemetry>) => (await analyseInTurns({ ...empty, ...over }, async () => undefined)).footprint;

const errors = (service: string, isBad: boolean) => series(service, "http.errors", "errors", null, isBad ? risen(10, 900) : steady(10));
const hits = (service: string) => series(service, "http.requests", "traffic", null, steady(3000));

test("every service that left its range is in the footprint with the end of its calls, whoever was paged", async () => {
  const services = ["shop", "cart", "stock", "admin", "mail"];
  const { moved, onset } = await footprintOf({
    services,
    calls: [...empty.calls, { from: "admin", to: "stock" }],
    series: services.flatMap((service) => [hits(service), errors(service, service !== "mail")]),
  });
  const ends = new Map(moved.map(({ service, ends: [first] }) => [service, first?.service]));
  expect(ends).toEqual(new Map(["stock", "shop", "cart", "admin"].map((service) => [service, "stock"])));
  expect(moved.every(({ fails, since }) => fails && Math.abs(since - begins) <= minute)).toBe(true);
  expect(Math.abs((onset ?? 0) - begins)).toBeLessThanOrEqual(minute);
});

test("trouble that no call links to the page ends by itself", async () => {
  const { moved } = await footprintOf({
    services: ["shop", "cart", "stock", "report"],
    series: ["shop", "cart", "stock", "report"].flatMap((service) => [
      hits(service),
      errors(service, service === "stock" || service === "report"),
    ]),
  });
  expect(moved.find(({ service }) => service === "report")?.ends[0]?.service).toBe("report");
});

test("new error lines show a service to fail of which no metric was read", async () => {
  const { moved } = await footprintOf({
    series: ["shop", "stock"].flatMap((service) => [hits(service), errors(service, service === "stock")]),
    logs: errorLines("cart", "call to stock failed: 503"),
  });
  const cart = moved.find(({ service }) => service === "cart");
  expect(cart).toMatchObject({ fails: true });
  expect(cart?.ends[0]?.service).toBe("stock");
});

/** A latency that wavers by 30 %, and is so many times as high since the trouble began. */
const noisy = (times: number) =>
  steady(0).map(({ at }, index) => ({ at, value: 400 * Math.exp(0.3 * Math.sin(index * 2.1)) * (at >= begins ? times : 1) }));

test.each([
  ["rose with the trouble, by less than shows in a single point", 1.45, "stock"],
  ["is as it was", 1, undefined],
])("whether a paged service has moved whose latency %s", async (_how, times, end) => {
  const over = {
    series: [
      ...["shop", "cart", "stock"].map(hits),
      ...["cart", "stock"].map((service) => errors(service, true)),
      series("shop", "p95:trace.http.request", "latency", "millisecond", noisy(times)),
    ],
  };
  expect((await footprintOf(over)).moved.find(({ service }) => service === "shop")?.ends[0]?.service).toBe(end);
  // Nobody was paged for it, so it needs evidence of its own.
  const other = { ...over, page: { ...empty.page, service: "stock" } };
  expect((await footprintOf(other)).moved.some(({ service }) => service === "shop")).toBe(false);
});

test("where nothing left its usual range nothing moved, and nobody is a culprit", async () => {
  const { moved, culprits, alike } = await footprintOf({
    series: ["shop", "cart", "stock"].flatMap((one) => [hits(one), errors(one, false)]),
  });
  expect({ moved, culprits, alike }).toEqual({ moved: [], culprits: [], alike: [] });
});
