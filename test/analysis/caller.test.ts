import { describe, expect, test } from "vitest";
import { analyse } from "../../src/analysis/analyse.ts";
import { LIKELY } from "../../src/incident/confidence.ts";
import { culpritOf, rollbackOf } from "../../src/incident/finding.ts";
import type { Telemetry } from "../../src/incident/telemetry.ts";
import { deploy, lines, measured, ordinary, shopOf, styles } from "./styles.ts";
import { begins, minute, page, risen, series } from "./telemetry.ts";

/** A page for the cart, of which nothing read is out of range; the shop calls it. */
const paged = (telemetry: Telemetry, title: string): Telemetry => ({ ...telemetry, page: { ...telemetry.page, service: "cart", title } });

describe.each(styles)("%s: who calls the paged service", (...style) => {
  const failing = measured("shop", style, { errors: risen(0, 300) }).slice(1, 2);

  test.each(["Pods of cart are OOMKilled", "cart is down"])("and fails of it is not its likely cause: %s", (title) => {
    const logs = [...ordinary("shop"), ...lines("shop", begins, "upstream unavailable")];
    const analysis = analyse({
      ...paged(shopOf(style, title, ...failing), title),
      logs,
      changes: [deploy("shop", begins - 2 * minute, "Sort offers")],
    });
    expect(analysis.suspects.every(({ probability }) => probability < LIKELY)).toBe(true);
    expect(rollbackOf(analysis)).toBeNull();
  });

  test("and is busier than before troubles nobody that it calls", () => {
    const cpu = series("shop", "container.cpu.utilization", "saturation", "fraction", risen(0.4, 0.97));
    expect(culpritOf(analyse(paged(shopOf(style, "cart needs attention", cpu), "cart needs attention")))).toBeNull();
  });
});

test("lines of one statement that name now this and now that service are about none of them", () => {
  const names = [
    "cart-api",
    ...["ledger", "tariff", "wallet", "claims", "parcel", "ticket", "seating", "pricing", "voucher"].map((name) => `${name}-api`),
  ];
  const logs = [
    ...ordinary("shop"),
    ...lines("shop", begins, "").map((line, index) => ({ ...line, message: `error from ${names[index % names.length] ?? ""}: internal` })),
  ];
  const telemetry = shopOf(styles[0], "Alert on cart-api", ...measured("shop", styles[0], { errors: risen(0, 90) }).slice(1, 2));
  const analysis = analyse({
    ...telemetry,
    page: { ...telemetry.page, service: "cart-api" },
    services: ["shop", ...names],
    calls: names.map((to) => ({ from: "shop", to })),
    series: telemetry.series.filter(({ service }) => service === "shop"),
    logs,
  });
  expect(analysis.suspects.flatMap(({ reasons }) => reasons).some(({ code }) => code === "outside-fails")).toBe(false);
});

test("what a service adds to the page's trouble is said only where the paged service calls it", () => {
  const slow = ["shop", "cart"].flatMap((service) => measured(service, styles[0], { latency: risen(0.2, 4) }).slice(2));
  const telemetry = shopOf(styles[0], "High latency on shop", ...slow);
  const text = (calls: Telemetry["calls"]) => JSON.stringify(analyse({ ...telemetry, calls }).suspects);
  expect(text([{ from: "shop", to: "cart" }])).toContain("accounts for all added time of shop");
  expect(text(["shop", "cart"].map((caller) => ({ from: caller, to: "stock" })))).not.toContain("accounts for");
  expect(page).toBeGreaterThan(begins);
});
