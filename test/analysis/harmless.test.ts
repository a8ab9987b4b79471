import { describe, expect, test } from "vitest";
import { analyse } from "../../src/analysis/analyse.ts";
import { rollbackOf } from "../../src/incident/finding.ts";
import type { Telemetry } from "../../src/incident/telemetry.ts";
import { deploy, lines, measured, ordinary, podEvent, shopOf, since, styles } from "./styles.ts";
import { begins, errorLine, minute, page, requests, steady } from "./telemetry.ts";

describe.each(styles)("%s", (...style) => {
  test("old pods that go, while the new ones fail their first probe, are no incident, and the release is not to blame", () => {
    const probe = (host: string) => `Readiness probe failed: dial tcp ${host}:8080: connect: connection refused`;
    const analysis = analyse({
      ...shopOf(style, "shop is unhealthy"),
      changes: [deploy("shop", page - 9 * minute, "Round totals")],
      events: [
        podEvent(page - 8 * minute, "ScalingReplicaSet", "Scaled up replica set shop-7f6d to 3", "info"),
        podEvent(page - 7 * minute, "Unhealthy", probe("10.2.3.4")),
        podEvent(page - 6.5 * minute, "Unhealthy", probe("10.2.3.5")),
        podEvent(page - 6 * minute, "ScalingReplicaSet", "Scaled down replica set shop-5d9c to 0 from 3", "info"),
        podEvent(page - 6 * minute, "Killing", "Stopping container shop", "info"),
      ],
    });
    expect(analysis.verdict).not.toBe("incident");
    expect(rollbackOf(analysis)).toBeNull();
  });

  test("a rollout that was rolled back before the page is no incident, and neither release is to blame", () => {
    const [bad, back] = [page - 35 * minute, page - 22 * minute];
    const errors = steady(0).map((point) => ({ ...point, value: point.at >= bad && point.at < back ? 200 : 0 }));
    const analysis = analyse({
      ...shopOf(style, "shop is unhealthy", ...measured("shop", style, { errors }).slice(1, 2)),
      changes: [deploy("shop", bad - minute, "Read region"), deploy("shop", back, "Revert: Read region")],
      logs: [...ordinary("shop"), ...lines("shop", bad, "cannot read column region", 30_000).filter(({ at }) => at < back)],
      events: [
        ...[1, 2].map((index) => podEvent(bad + index * minute, "BackOff", "Back-off restarting failed container")),
        podEvent(back + minute, "Started", "Started container shop", "info"),
      ],
    });
    expect(analysis.verdict).not.toBe("incident");
    expect(rollbackOf(analysis)).toBeNull();
  });
});

/** Failures are counted in these, one for each that failed. */
const counted = styles.filter(([, errors]) => !errors.includes("per_second"));

test.each(counted)("%s: one failed request of hundreds is no incident, whenever it comes", (...style) => {
  for (const at of [begins, page - minute, page, page + minute]) {
    const errors = steady(0).map((point) => ({ ...point, value: point.at === at ? 1 : 0 }));
    expect(analyse(shopOf(style, "shop is unhealthy", ...measured("shop", style, { errors }).slice(1, 2))).verdict).not.toBe("incident");
  }
  expect(analyse(shopOf(style, "shop is unhealthy", ...measured("shop", style, { errors: since(begins, 0, 1) }).slice(1, 2))).verdict).toBe(
    "nothing-wrong",
  );
});

describe("one request of very many that a customer complains about", () => {
  test.each([
    [styles[0], "order failed for a customer of shop", "voucher SUMMER26 has no currency"],
    [styles[2], "Errors on shop: ticket 8231", "no fare for route ZRH-OSL"],
  ] as const)("is found by its error, and called no incident (%s)", (style, title, message) => {
    const { spans, logs } = requests({});
    const bad = spans.filter(({ start, service, operation }) => start < page && service === "cart" && operation === "basket").at(-8);
    if (bad === undefined) throw new Error("no request");
    const telemetry = shopOf(style, title);
    const analysis = analyse({
      ...telemetry,
      series: telemetry.series.map((one) => ({
        ...one,
        points: one.points.map((point) => {
          if (one.metric === style[0]) return { ...point, value: point.value * 170 };
          const isThen = one.metric === style[1] && one.service === "shop" && Math.abs(point.at - bad.start) < minute / 2;
          return isThen ? { ...point, value: 1 } : point;
        }),
      })),
      spans: spans.map((span) =>
        span.traceId === bad.traceId && span.service !== "stock" ? { ...span, error: true, errorMessage: message } : span,
      ),
      logs: [...logs, { ...errorLine("cart", bad.start + 5, message), traceId: bad.traceId, spanId: bad.spanId }],
    });
    expect(analysis.verdict).toBe("inconclusive");
    expect(analysis.because).toContain("a new error in cart");
    expect(analysis.suspects[0]).toMatchObject({ service: "cart", cause: expect.stringContaining(message) as string });
  });
});

describe("trouble that was over before the page is not over", () => {
  const over = page - 6 * minute;
  const between = (level: number, then: number) =>
    steady(level).map((point) => (point.at >= page - 14 * minute && point.at < over ? { ...point, value: then } : point));

  test.each(styles)("%s: with a series of the paged service that went silent while it was out of range", (...style) => {
    const all = (service: string) => measured(service, style, { errors: between(0, 200), latency: between(0.2, 2) });
    const told = (silent: boolean): Telemetry => {
      const telemetry = shopOf(style, "shop is unhealthy", ...["shop", "cart", "stock"].flatMap(all));
      return {
        ...telemetry,
        series: telemetry.series.map((one) =>
          silent && one.service === "shop" && one.metric === style[2]
            ? { ...one, points: one.points.filter(({ at }) => at < page - 8 * minute) }
            : one,
        ),
      };
    };
    expect(analyse(told(false)).verdict).toBe("recovered");
    expect(analyse(told(true)).verdict).not.toBe("recovered");
  });
});

describe("what was not read", () => {
  test.each(styles)("%s: makes nobody likely, and rules nothing out by its time", (...style) => {
    const failing = ["shop", "cart"].flatMap((service) => measured(service, style, { errors: since(begins, 0, 200) }).slice(1, 2));
    const telemetry: Telemetry = {
      ...shopOf(style, "Errors on shop", ...failing),
      changes: [deploy("cart", begins - 2 * minute, "Read region"), deploy("stock", begins + 2 * minute, "Sort shelves")],
    };
    expect(analyse(telemetry).suspects[0]?.probability).toBeGreaterThan(0.7);
    for (const kind of ["logs", "traces", "changes"] as const) {
      const { suspects, ruledOut } = analyse({ ...telemetry, unread: [kind] });
      expect(suspects[0]).toMatchObject({ service: "cart" });
      expect(suspects.every(({ probability }) => probability < 0.7)).toBe(true);
      expect(ruledOut).toEqual([]);
    }
  });
});
