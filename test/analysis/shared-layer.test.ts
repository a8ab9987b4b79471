import { describe, expect, test } from "vitest";
import { analyse } from "../../src/analysis/analyse.ts";
import { LIKELY } from "../../src/incident/confidence.ts";
import { rollbackOf } from "../../src/incident/finding.ts";
import type { Series, Telemetry } from "../../src/incident/telemetry.ts";
import { deploy, lines, measured, ordinary, shopOf, styles } from "./styles.ts";
import { begins, minute, risen, series } from "./telemetry.ts";

const failing = (service: string, style: (typeof styles)[number], now = 200) =>
  measured(service, style, { errors: risen(0, now) }).slice(1, 2);

describe("a resolver that does not answer", () => {
  const messages = [
    "getaddrinfo EAI_AGAIN stock.internal",
    "dial tcp: lookup stock on 10.0.0.2:53: server misbehaving",
    "Temporary failure in name resolution",
  ];

  test.each(messages)("of two services that log it neither is to blame, though one calls the other: %s", (message) => {
    for (const style of styles) {
      const telemetry = shopOf(style, "cart is failing", ...failing("cart", style), ...failing("shop", style, 400));
      const analysis = analyse({
        ...telemetry,
        page: { ...telemetry.page, service: "cart" },
        logs: ["shop", "cart"].flatMap((service) => [...ordinary(service), ...lines(service, begins, message)]),
        changes: [deploy("cart", begins - 4 * minute, "Add a badge")],
      });
      expect(analysis.together?.toSorted()).toEqual(["cart", "shop"]);
      expect(analysis.because).toContain("Check name resolution first");
      expect(rollbackOf(analysis)).toBeNull();
    }
  });

  test.each(messages)("one that logs it alone is not the likely cause: %s", (message) => {
    const [style] = styles;
    const telemetry = shopOf(style, "Errors on shop", ...failing("shop", style));
    const told = (line: string) => analyse({ ...telemetry, logs: [...ordinary("shop"), ...lines("shop", begins, line)] }).suspects[0];
    expect(told(message)).toMatchObject({ service: "shop" });
    expect(told(message)?.probability).toBeLessThan(LIKELY);
    expect(told("getaddrinfo ENOTFOUND stcok.internal")?.probability).toBeGreaterThan(LIKELY);
  });
});

describe("two services that fail by themselves in the same minute", () => {
  const beside = (calls: Telemetry["calls"], placeOf: (service: string) => Record<string, string> = () => ({})): Telemetry => {
    const [, , style] = styles;
    const telemetry = shopOf(style, "Errors on shop", ...failing("shop", style), ...failing("cart", style));
    const placed = telemetry.series.map((one): Series => ({ ...one, tags: placeOf(one.service) }));
    return { ...telemetry, services: ["shop", "cart", "stock", "geocoder"], calls, series: placed };
  };
  const apart = [{ from: "stock", to: "shop" }, { from: "stock", to: "cart" }]; // prettier-ignore

  test.each(["kube_node", "host", "availability_zone"])("on the one %s where anything fails: that is what to check", (key) => {
    const { together, because } = analyse(beside(apart, (service) => ({ [key]: service === "stock" ? "one-a" : "one-b" })));
    expect(together?.toSorted()).toEqual(["cart", "shop"]);
    expect(because).toMatch(/Check (node|host|zone) one-b first/);
  });

  test("and call the one part that nothing measures: that is what to check", () => {
    const { together, because } = analyse(beside([...apart, ...["shop", "cart"].map((service) => ({ from: service, to: "geocoder" }))]));
    expect(together?.toSorted() ?? because).toEqual(["cart", "shop"]);
    expect(because).toContain("Check geocoder first");
  });

  test("and have no known link: neither is likely", () => {
    const { suspects } = analyse(beside([{ from: "stock", to: "shop" }]));
    expect(suspects[0]).toMatchObject({ service: "shop" });
    expect(suspects[0]?.probability).toBeLessThan(LIKELY);
  });

  test("and one of them calls the other, which accounts for half of its failures: none is likely", () => {
    const told = (ofCaller: number) => {
      const [, style] = styles;
      const telemetry = shopOf(style, "Errors on cart", ...failing("cart", style, 100), ...failing("shop", style, ofCaller));
      return analyse({ ...telemetry, page: { ...telemetry.page, service: "cart" } }).suspects[0];
    };
    expect(told(100)).toMatchObject({ service: "cart" });
    expect(told(100)?.probability).toBeGreaterThan(LIKELY);
    expect(told(190)).toMatchObject({ service: "cart" });
    expect(told(190)?.probability).toBeLessThan(LIKELY);
  });
});

test("a few lines say as much where another service is full of them", () => {
  const [style] = styles;
  const names = ["shop", "cart", "stock"];
  const telemetry = shopOf(style, "High latency on shop", ...measured("shop", style, { latency: risen(0.2, 1) }).slice(2));
  const analysis = analyse({
    ...telemetry,
    calls: [{ from: "cart", to: "shop" }],
    logs: names.flatMap((name) => [...ordinary(name), ...lines(name, begins, "read tcp: i/o timeout", name === "shop" ? 45_000 : 4_000)]),
  });
  expect(analysis.together?.toSorted()).toEqual(["cart", "shop", "stock"]);
  expect(analysis.suspects.every(({ probability }) => probability < LIKELY)).toBe(true);
});

test("who has a cause of its own is not one of those that fail alike, though it logs what its callers log", () => {
  const [, style] = styles;
  const telemetry = shopOf(
    style,
    "Errors on cart",
    ...failing("cart", style),
    series("cart", "container.cpu.utilization", "saturation", "fraction", risen(0.2, 0.98)),
  );
  const { together, suspects } = analyse({
    ...telemetry,
    page: { ...telemetry.page, service: "cart" },
    calls: ["shop", "stock"].map((service) => ({ from: service, to: "cart" })),
    logs: ["shop", "cart", "stock"].flatMap((name) => [
      ...ordinary(name),
      ...lines(name, begins, "read tcp: i/o timeout", name === "cart" ? 45_000 : 4_000),
    ]),
  });
  expect(together).toBeUndefined();
  expect(suspects[0]).toMatchObject({ service: "cart", fault: "cpu" });
  expect(suspects[0]?.probability).toBeGreaterThan(LIKELY);
});
