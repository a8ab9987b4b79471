import type { LogLine, Point, Series, SignalKind, Span, Telemetry } from "../../src/incident/telemetry.ts";

/** Made-up telemetry of a small shop for the tests of analysis: shop calls cart, cart calls stock; nothing is wrong with it. */
export const minute = 60_000;
export const page = Date.parse("2026-03-01T12:00:00Z");
export const from = page - 130 * minute;
export const to = page + 2 * minute;
/** When trouble begins in the tests. */
export const begins = page - 3 * minute;

/** A steady series with a little regular noise. */
export function steady(level: number): Point[] {
  const points: Point[] = [];
  for (let at = from, index = 0; at < to; at += minute, index += 1) points.push({ at, value: level * (1 + 0.05 * Math.sin(index * 2.1)) });
  return points;
}

/** As {@link steady}, at `now` since trouble began. */
export const risen = (level: number, now: number): Point[] =>
  steady(level).map((point) => (point.at >= begins ? { ...point, value: now } : point));

export function series(service: string, metric: string, kind: SignalKind, unit: string | null, points: readonly Point[]): Series {
  return { service, instance: null, metric, kind, unit, tags: {}, points, evidence: 3 };
}

/** An error line, as any service logs it. */
export const errorLine = (service: string, at: number, message: string): LogLine => ({
  ...{ at, service, instance: null, severity: "ERROR", message, traceId: null, spanId: null, weight: 1, evidence: 5 },
});
/** The same line fifteen times a minute, 40 times or up to the end. */
export const errorLines = (service: string, message: string, since = begins): LogLine[] =>
  Array.from({ length: 40 }, (_, index) => errorLine(service, since + index * 4_000, message)).filter(({ at }) => at < to);

export const empty: Telemetry = {
  page: { service: "shop", title: "High latency on shop", details: "", at: page },
  window: { from: page - 10 * minute, to },
  baseline: { from, to: page - 10 * minute },
  services: ["shop", "cart", "stock"],
  calls: [
    { from: "shop", to: "cart" },
    { from: "cart", to: "stock" },
  ],
  series: [],
  logs: [],
  spans: [],
  changes: [],
  events: [],
  monitors: [],
  issues: [],
  statements: [],
  sessions: [],
  earlierIncidents: [],
};

/** Milliseconds of each call's stages, and whether stock's own step runs. */
export interface Request {
  readonly wayToStockMs?: number;
  readonly stockMs?: number;
  readonly stockEnds?: "early" | "failing";
}

/** One request every `everyMs` from 20 minutes before the page, as spans and log lines; `trouble` shapes those since it began. */
export function requests(trouble: Request, everyMs = 5_000): { spans: Span[]; logs: LogLine[] } {
  const spans: Span[] = [];
  const logs: LogLine[] = [];
  let count = 0;
  for (let at = page - 40 * minute; at < to - minute; at += everyMs) {
    count += 1;
    const late = at >= begins;
    const wobble = 1 + 0.1 * Math.sin(count);
    const way = (late ? (trouble.wayToStockMs ?? 2) : 2) * wobble;
    const stock = (late ? (trouble.stockMs ?? 20) : 20) * wobble;
    const ends = late ? trouble.stockEnds : undefined;
    const traceId = `t${count}`;
    const span = (
      spanId: string,
      parentId: string | null,
      service: string,
      operation: string,
      start: number,
      durationMs: number,
      error = false,
    ): void => {
      spans.push({ traceId, spanId: `${traceId}-${spanId}`, parentId: parentId === null ? null : `${traceId}-${parentId}`, service, instance: null, operation, start, durationMs, error, errorMessage: error ? "reserve failed" : null, statement: null, evidence: 4 }); // prettier-ignore
    };
    const line = (service: string, spanId: string, after: number, message: string, severity = "INFO"): void => {
      logs.push({
        at: at + after,
        service,
        instance: null,
        severity,
        message,
        traceId,
        spanId: `${traceId}-${spanId}`,
        weight: 1,
        evidence: 5,
      });
    };
    span("a", null, "shop", "GET /basket", at, stock + way + 20);
    span("b", "a", "cart", "basket", at + 2, stock + way + 12);
    span("c", "b", "cart", "call stock", at + 4, stock + way);
    span("d", "c", "stock", "reserve", at + 4 + way / 2, stock, ends === "failing");
    if (ends === undefined) span("e", "d", "stock", "SELECT items", at + 6 + way / 2, stock / 2);
    line("cart", "b", 3, `basket ${count} asked for`);
    line("stock", "d", 5, `reserving ${count % 7} items for basket ${count}`);
    if (ends === undefined) line("stock", "d", 10, `reserved basket ${count} in row ${count % 13}`);
    else if (ends === "failing") line("stock", "d", 8, `reserve failed: no row for basket ${count}`, "ERROR");
  }
  return { spans, logs };
}
