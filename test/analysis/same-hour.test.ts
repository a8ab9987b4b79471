import { describe, expect, test } from "vitest";
import { analyse } from "../../src/analysis/analyse.ts";
import type { LogLine, Point, Series, SignalKind, Telemetry } from "../../src/incident/telemetry.ts";
import { begins, empty, from, minute, page, series, steady, to } from "./telemetry.ts";

const day = 24 * 60 * minute;
/** Names and units by which systems report requests, failures and latency; whether failures are a running total. */
const styles = [
  { requests: "trace.http.request.hits", errors: "trace.http.request.errors", latency: "p99:trace.http.request", isTotal: false },
  {
    requests: "http_requests_per_second",
    errors: "http_request_errors_total",
    latency: "http_request_duration_seconds_p99",
    isTotal: true,
  },
  { requests: "RequestCount", errors: "HTTPCode_Target_5XX_Count", latency: "TargetResponseTime.p99", isTotal: false },
] as const;
type Style = (typeof styles)[number];

/** A level of `calm`, and of `busy` from when trouble begins on; of another day where `back` says so. */
function curve(calm: number, busy: number, back = 0): Point[] {
  const points: Point[] = [];
  for (let at = back === 0 ? from : page - 60 * minute, index = 0; at < to; at += minute, index += 1)
    points.push({ at: at - back, value: (at >= begins ? busy : calm) * (1 + 0.05 * Math.sin(index * 2.1 + back / day)) });
  return points;
}

function total(points: readonly Point[]): Point[] {
  let sum = 40_000;
  return points.map(({ at, value }) => ({ at, value: (sum += Math.round(value)) }));
}

/** Failures and latency of shop as they are at some day: `busy` since trouble began. */
function hours(style: Style, busy: { errors: number; latency: number }, back = 0): Series[] {
  const failing = curve(6, busy.errors, back);
  const of = (metric: string, kind: SignalKind, unit: string | null, points: readonly Point[]) =>
    series("shop", metric, kind, unit, points);
  return [
    of(style.requests, "traffic", null, curve(600, 600, back)),
    of(style.errors, "errors", null, style.isTotal ? total(failing) : failing),
    of(style.latency, "latency", "second", curve(0.2, busy.latency, back)),
  ];
}

const calm = { errors: 6, latency: 0.2 };
const busy = { errors: 60, latency: 0.9 };

function telemetry(style: Style, now: typeof calm, yesterday: typeof calm, weekAgo: typeof calm): Telemetry {
  const cart = [
    series("cart", style.requests, "traffic", null, steady(600)),
    series("cart", style.latency, "latency", "second", steady(0.1)),
  ];
  return {
    ...empty,
    page: { ...empty.page, title: "shop is unhealthy" },
    calls: [{ from: "shop", to: "cart" }],
    services: ["shop", "cart"],
    series: [...hours(style, now), ...cart],
    history: [...hours(style, yesterday, day), ...hours(style, weekAgo, 7 * day)],
  };
}

describe.each(styles)("$errors", (style) => {
  test("without earlier days the step is an incident", () => {
    const { history: _history, ...alone } = telemetry(style, busy, busy, busy);
    expect(analyse(alone).verdict).toBe("incident");
  });

  test("a daily curve is as usual for the hour, and that answers the page", () => {
    const { verdict, because, suspects } = analyse(telemetry(style, busy, busy, busy));
    expect(verdict).toBe("nothing-wrong");
    expect(because).toMatch(/of shop is .+, as at this hour yesterday and a week ago: /);
    expect(suspects).toEqual([]);
  });

  test("a weekly curve is told by the week alone", () => {
    const { verdict, because } = analyse(telemetry(style, busy, calm, busy));
    expect(verdict).toBe("nothing-wrong");
    expect(because).toContain(", as at this hour a week ago: ");
    expect(because).not.toContain("yesterday");
  });

  test("a fault on top of a curve stays", () => {
    const { verdict, because } = analyse(telemetry(style, { errors: 200, latency: 3 }, busy, busy));
    expect(verdict).toBe("incident");
    expect(because).not.toContain("hour");
  });

  test("what was so yesterday alone stays: that may have been an incident of its own", () => {
    expect(analyse(telemetry(style, busy, busy, calm)).verdict).toBe("incident");
  });

  test("of failures beyond the hour, usual latency says nothing", () => {
    const { verdict, symptoms, suspects } = analyse(telemetry(style, { errors: 200, latency: 0.9 }, busy, busy));
    expect(verdict).toBe("incident");
    expect(suspects[0]?.service).toBe("shop");
    expect(symptoms.map(({ what }) => /as at this hour yesterday and a week ago/.test(what))).toEqual([false, true]);
  });

  test("a new error line keeps the question open, however usual the hour is", () => {
    const line = (at: number, message: string, severity: string): LogLine => ({
      ...{ at, service: "shop", instance: null, severity, message, traceId: null, spanId: null, weight: 1, evidence: 5 },
    });
    const logs = [
      ...Array.from({ length: 130 }, (_, index) => line(from + index * minute, `handled order ${index}`, "INFO")),
      ...Array.from({ length: 8 }, (_, index) => line(begins + index * 30_000, "KeyError: 'region_v2'", "ERROR")),
    ];
    const { verdict, because } = analyse({ ...telemetry(style, busy, busy, busy), logs });
    expect(verdict).not.toBe("nothing-wrong");
    expect(because).toContain("KeyError");
  });
});

test("a count of five minutes is not held against one of a minute", () => {
  const [style] = styles;
  const coarse = hours(style, { errors: 60, latency: 0.9 }, 7 * day).map((one) => ({
    ...one,
    points: one.points.filter((_, index) => index % 5 === 0),
  }));
  expect(analyse({ ...telemetry(style, busy, busy, busy), history: coarse }).verdict).toBe("incident");
});

describe.each([
  ["container.cpu.utilization", "fraction", 0.2, 0.95],
  ["messaging.queue.messages", "message", 20, 60_000],
  ["kubernetes.memory.usage_pct", "fraction", 0.3, 0.9],
] as const)("%s of a nightly batch", (metric, unit, low, high) => {
  /** Grows from `low` to `high` over the last 40 minutes. */
  const nightly = (back: number): Series => {
    const points: Point[] = [];
    for (let at = back === 0 ? from : page - 60 * minute, index = 0; at < to; at += minute, index += 1) {
      const grown = Math.max(0, Math.min(1, (at - page + 40 * minute) / (40 * minute)));
      points.push({ at: at - back, value: (low + grown * (high - low)) * (1 + 0.01 * Math.sin(index * 2.1 + back / day)) });
    }
    return series("shop", metric, "saturation", unit, points);
  };
  const [style] = styles;
  const told = (back: readonly number[]) => {
    const base = telemetry(style, calm, calm, calm);
    return analyse({ ...base, series: [...base.series, nightly(0)], history: [...(base.history ?? []), ...back.map(nightly)] });
  };

  test("is as usual at this hour, and is trouble where no earlier night had it", () => {
    const usual = told([day, 7 * day]);
    expect(usual.verdict).toBe("nothing-wrong");
    expect(usual.because).toContain("as at this hour yesterday and a week ago");
    expect(told([]).verdict).not.toBe("nothing-wrong");
  });
});
