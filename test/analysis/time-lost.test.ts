import { describe, expect, test } from "vitest";
import { analyse } from "../../src/analysis/analyse.ts";
import type { Span, Telemetry } from "../../src/incident/telemetry.ts";
import { begins, empty, minute, page, to } from "./telemetry.ts";

/** Requests of a front to `callers`, each of which calls `to` once; milliseconds that a caller's span takes around that call, before and since. */
function spans(callers: readonly string[], callee: string, around: { readonly quiet: number; readonly late: number }, hasClientSpans: boolean): Span[] {
  const found: Span[] = [];
  let count = 0;
  for (let at = page - 40 * minute; at < to - minute; at += 5_000) {
    count += 1;
    const traceId = `t${count}`;
    const lost = (at >= begins ? around.late : around.quiet) * (1 + 0.1 * Math.sin(count));
    const push = (spanId: string, parentId: string | null, service: string, operation: string, start: number, durationMs: number) =>
      void found.push({ traceId, spanId: `${traceId}-${spanId}`, parentId: parentId === null ? null : `${traceId}-${parentId}`, service, instance: null, operation, start, durationMs, error: false, errorMessage: null, statement: null, evidence: 4 }); // prettier-ignore
    for (const [index, caller] of callers.entries()) {
      const own = `c${index}`;
      push(own, null, caller, "handle", at, lost + 20);
      if (hasClientSpans) push(`${own}x`, own, caller, `call ${callee}`, at + 1, lost + 19);
      push(`${own}y`, hasClientSpans ? `${own}x` : own, callee, "answer", at + lost / 2, 18);
    }
  }
  return found;
} // prettier-ignore

const incident = (callers: readonly string[], callee: string, hasClientSpans: boolean): Telemetry => ({
  ...empty,
  page: { ...empty.page, service: callers[0] ?? "", title: "High latency" },
  services: [...callers, callee],
  calls: callers.map((from) => ({ from, to: callee })),
  spans: spans(callers, callee, { quiet: 5, late: 200 }, hasClientSpans),
});

describe("time between a caller's span and its callee's", () => {
  test.each(["ledger", "eu1-stock-svc"])("is the way to %s where the caller has a span of its own for the call", (callee) => {
    expect(analyse(incident(["gateway"], callee, true)).suspects[0]).toMatchObject({ service: callee, fault: "network" });
  });

  test.each(["ledger", "eu1-stock-svc"])(
    "is first of all the caller's own work where its only span is the request itself (%s)",
    (callee) => {
      const { suspects } = analyse(incident(["gateway"], callee, false));
      expect(suspects[0]?.service).toBe("gateway");
      expect(suspects.find(({ service }) => service === callee)?.reasons[0]?.text ?? "").not.toContain("network time");
    },
  );

  test("is the way again where several callers lose it at once", () => {
    expect(analyse(incident(["gateway", "mobile-bff", "batch"], "ledger", false)).suspects[0]).toMatchObject({ service: "ledger" });
  });
});
