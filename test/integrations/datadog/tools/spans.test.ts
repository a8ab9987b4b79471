import { describe, expect, test } from "vitest";
import { asking, clockOf, lineWith, minutesFrom, span } from "./asking.ts";
import { secondsAt } from "../../../support/recording-folder.ts";

/** One request a minute: shop waits for cart's query, which takes 20 ms, and 400 ms from 12:20 on; then every second one fails. */
const requests = minutesFrom("12:00:00", 30).flatMap((time, i) => {
  const slow = i >= 20;
  const failed = slow && i % 2 === 1;
  const query = slow ? 400 : 20;
  const trace_id = `t${i}`;
  const error = failed ? { status: "error", attributes: { "error.message": "statement timeout" } } : {};
  return [
    span(time, `a${i}`, { trace_id, duration_ms: query + 60, ...error }),
    span(time, `b${i}`, {
      trace_id,
      parent_id: `a${i}`,
      service: "cart",
      operation: "cart.load",
      duration_ms: query + 10,
      start: secondsAt(time) + 0.01,
    }),
    span(time, `c${i}`, {
      trace_id,
      parent_id: `b${i}`,
      service: "cart",
      operation: "postgres.query",
      duration_ms: query,
      start: secondsAt(time) + 0.015,
      attributes: { "db.statement": "SELECT * FROM carts WHERE owner = 'ana@example.com'" },
    }),
  ];
});
const spansGz = requests.toSorted((a, b) => a.start + a.duration_ms / 1000 - b.start - b.duration_ms / 1000);

describe("datadog_spans", () => {
  test("tells own time from waiting, and puts first what adds most", async () => {
    await using datadog = await asking({ "spans.jsonl.gz": spansGz });
    const { view, result } = await datadog.ask("datadog_spans");
    // 12 requests in 12 minutes, 18 in the 18 before. In the window the query took 20 ms twice and 400 ms ten times.
    expect(view).toMatch(/^E1 E2 E3: 36 spans match \*, 13.9 % of them failing, in 3 operations; before 3 a minute, now 3/);
    const rows = view.split("\n").filter((line) => line.startsWith("- "));
    expect(rows.map((row) => row.slice(2, row.indexOf(":")))).toEqual(["cart · postgres.query", "shop · GET /cart", "cart · cart.load"]);
    // So few make no rate and no tail.
    expect(rows[0]).toContain(
      "failing 0 %, 18 spans, p50 20 ms, longest 20 ms → 12 spans, p50 400 ms, longest 400 ms, own time p50 20 ms → 400 ms",
    );
    expect(rows[0]).not.toMatch(/a minute|adds/);
    // The caller is as slow, but all of that is waiting: 80 ms - 30 ms and 460 ms - 410 ms are 50 ms of its own.
    expect(rows[1]).toContain(
      "failing 0 % → 41.7 %, 18 spans, p50 80 ms, longest 80 ms → 12 spans, p50 460 ms, longest 460 ms, own time p50 50 ms",
    );
    expect(rows[2]).toContain("own time p50 10 ms");
    expect(view).toContain("  | error ×5: statement timeout");
    expect(view).toContain("  | statement: SELECT * FROM carts WHERE owner = ?");
    expect(view).not.toContain("ana@example.com");
    expect(view).toMatch(new RegExp(`slowest 460 ms at ${clockOf("12:20:00").slice(0, 3)}\\d\\d:00 in trace t2\\d`));
    expect(result.fact).toContain("adds most: cart · postgres.query");
  });

  test("of one service alone own times rest on traces that are read whole", async () => {
    await using datadog = await asking({ "spans.jsonl.gz": spansGz });
    const { view, result } = await datadog.ask("datadog_spans", { service: "shop" });
    expect(lineWith(view, "shop · GET /cart")).toContain("own time p50 50 ms");
    expect(view).not.toContain("- cart");
    expect(view).toContain("own times rest on 12 traces that were read whole");
    expect(view).toContain(
      "E1: the window, E2: the quiet time, E3: whole traces of the window, E4: whole traces of the quiet time, E5: counts of all spans.",
    );
    expect(result.answers).toHaveLength(5);
  });

  test("more calls alone add nothing, and operations that are gone are named", async () => {
    const steady = minutesFrom("12:00:00", 30).flatMap((time, i) => [
      ...Array.from({ length: i < 18 ? 1 : 4 }, (_, n) => span(time, `s${i}.${n}`, { trace_id: `s${i}.${n}` })),
      ...(i < 18 ? [span(time, `r${i}`, { trace_id: `r${i}`, operation: "POST /refund" })] : []),
    ]);
    await using datadog = await asking({ "spans.jsonl.gz": steady });
    const { view } = await datadog.ask("datadog_spans");
    expect(lineWith(view, "GET /cart")).toContain("1 → 4 a minute");
    expect(lineWith(view, "GET /cart")).not.toContain("adds");
    expect(lineWith(view, "not in the window")).toContain("shop · POST /refund: before 18 spans, p50 100 ms");
    expect(view).toContain("1 operation of the quiet time is gone: shop · POST /refund (1 a minute)");
  });

  test("many spans have rates, tails and what they add", async () => {
    const many = [0, 10, 20, 30].flatMap((later) =>
      spansGz.map((one) => ({ ...one, start: one.start + later, trace_id: `${one.trace_id}.${later}` })),
    );
    await using datadog = await asking({ "spans.jsonl.gz": many.toSorted((a, b) => a.start - b.start) });
    const { view } = await datadog.ask("datadog_spans");
    // Mean of 2 × 20 and 10 × 400 is 336.7 ms, before 20: 316.7 ms more, four times a minute.
    expect(lineWith(view, "postgres.query")).toContain(
      "4 a minute, failing 0 %, p50 20 ms → 400 ms, p95 20 ms → 400 ms, own time p50 20 ms → 400 ms; adds 1.27 s a minute",
    );
  });

  test("with nothing to compare with nothing is more or only now, and a root whose children were not recorded has no own time", async () => {
    const late = spansGz.filter(({ trace_id }) => Number(trace_id.slice(1)) >= 20);
    const bare = Array.from({ length: 20 }, (_, i) => span("12:25:00", `z${i}`, { trace_id: `z${i}`, duration_ms: 5_000 }));
    await using datadog = await asking({
      "spans.jsonl.gz": [...late, ...bare].toSorted((a, b) => a.start + a.duration_ms / 1000 - b.start - b.duration_ms / 1000),
    });
    const { view, result } = await datadog.ask("datadog_spans", { compare_from: "-20m" });
    expect(view).not.toMatch(/adds|only in the window/);
    expect(result.fact).not.toContain("adds");
    expect(lineWith(view, "GET /cart")).toContain("own time p50 50 ms");
  });

  test("a search that finds nothing says what was searched", async () => {
    await using datadog = await asking({ "spans.jsonl.gz": spansGz });
    const { view } = await datadog.ask("datadog_spans", { service: "mail" });
    expect(view).toContain("0 spans match service:mail");
    expect(view).toContain("nothing matches in the window");
  });
});

describe("datadog_trace", () => {
  test("draws the slowest request of an operation with own times, errors and statements", async () => {
    const slowest = span("12:25:30", "x1", { trace_id: "slow", duration_ms: 900 });
    const below = span("12:25:30", "x2", {
      trace_id: "slow",
      parent_id: "x1",
      service: "cart",
      operation: "cart.load",
      duration_ms: 700,
      status: "error",
      attributes: { "error.message": "deadlock" },
    });
    await using datadog = await asking({
      "spans.jsonl.gz": [...spansGz.filter(({ start }) => start < secondsAt("12:25:00")), below, slowest],
    });
    const { view, result } = await datadog.ask("datadog_trace", { service: "shop", operation: "GET /cart" });
    const lines = view.split("\n");
    expect(lines[0]).toMatch(
      /^E1 E2 E3: trace slow \(slowest of .*\): 900 ms from 2026-06-01T07:55:30.000Z, 2 spans of 2 services, 1 failed$/,
    );
    expect(lines[1]).toMatch(/^most own time: cart · cart.load, 700 ms/);
    expect(lines.slice(2)).toEqual([
      "E1: longest duration, E2: the span it was found by, E3: the trace.",
      "- +0 ms shop · GET /cart: 900 ms, own 200 ms",
      "  - +0 ms cart · cart.load: 700 ms, own 700 ms FAILED",
      "    | error: deadlock",
    ]);
    expect(result.answers.at(-1)?.query).toBe("trace_id:slow");
  });

  test("finds one that failed", async () => {
    await using datadog = await asking({ "spans.jsonl.gz": spansGz });
    const { view } = await datadog.ask("datadog_trace", { pick: "failing" });
    expect(view).toMatch(/^E1 E2: trace t29 \(failing of service:shop-web status:error\): 460 ms/);
    expect(view).toContain("    - +15 ms cart · postgres.query: 400 ms, own 400 ms");
    expect(view).toContain("| statement: SELECT * FROM carts WHERE owner = ?");
  });

  test("finds a trace of the quiet time by its id", async () => {
    await using datadog = await asking({ "spans.jsonl.gz": spansGz });
    const { view } = await datadog.ask("datadog_trace", { trace_id: "t3" });
    expect(view).toMatch(/^E1: trace t3: 80 ms from 2026-06-01T07:33:00.000Z, 3 spans of 2 services, 0 failed/);
  });

  test("prunes a big trace to where its time is, and counts what it leaves out", async () => {
    const root = span("12:25:00", "root", { trace_id: "big", duration_ms: 10_000 });
    const loop = Array.from({ length: 400 }, (_, i) =>
      span("12:25:00", `n${i}`, {
        trace_id: "big",
        parent_id: "root",
        service: "cart",
        operation: "redis GET",
        start: secondsAt("12:25:00") + i * 0.01,
        duration_ms: 1,
      }),
    );
    const heavy = span("12:25:00", "heavy", {
      trace_id: "big",
      parent_id: "n399",
      service: "cart",
      operation: "render",
      start: secondsAt("12:25:05"),
      duration_ms: 3_000,
    });
    await using datadog = await asking({ "spans.jsonl.gz": [...loop, heavy, root] });
    const { view } = await datadog.ask("datadog_trace", { trace_id: "big", limit: 5 });
    expect(view.split("\n").filter((line) => /^ *- /.test(line))).toHaveLength(5);
    expect(view).toContain("cart · render: 3 s, own 3 s");
    expect(view).toContain("(left out below: 397 spans, own 397 ms; most: 397 × cart · redis GET 397 ms)");
    expect(view).toContain("397 of 402 spans are not shown, those with least own time; raise limit (at most 150)");
  });

  test("a trace as deep as it is long is still drawn, by its ends", async () => {
    const chain = Array.from({ length: 1_500 }, (_, i) =>
      span("12:25:00", `n${i}`, {
        trace_id: "deep",
        parent_id: i === 0 ? null : `n${i - 1}`,
        operation: `step ${i}`,
        start: secondsAt("12:25:00") + i * 0.001,
        duration_ms: 1_600 - i,
      }),
    );
    await using datadog = await asking({ "spans.jsonl.gz": chain.toReversed() });
    const { view } = await datadog.ask("datadog_trace", { trace_id: "deep", limit: 10 });
    expect(view).toContain("step 0: 1.6 s");
    // The innermost span has all the time that is left.
    expect(lineWith(view, "step 1499:")).toContain("101 ms, own 101 ms");
    expect(view).toContain("levels between");
  });

  test("spans that are each other's parents end nowhere, and are counted", async () => {
    const circle = ["p", "q"].map((id, i) => span("12:25:00", id, { trace_id: "ring", parent_id: ["q", "p"][i], duration_ms: 5 }));
    await using datadog = await asking({ "spans.jsonl.gz": circle });
    const { view } = await datadog.ask("datadog_trace", { trace_id: "ring" });
    expect(view).toContain("2 spans name each other as parents and are not shown");
  });

  test("an id that nobody knows is told, and so is an operation without spans", async () => {
    await using datadog = await asking({ "spans.jsonl.gz": spansGz });
    expect((await datadog.ask("datadog_trace", { trace_id: "none" })).view).toContain("no span of trace none");
    const { view, result } = await datadog.ask("datadog_trace", { operation: 'GET "x"', pick: "failing" });
    expect(view).toContain("no failing span matches");
    expect(result.answers).toHaveLength(1);
  });
});
