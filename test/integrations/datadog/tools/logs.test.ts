import { describe, expect, test } from "vitest";
import { textReader } from "../../../../src/integrations/datadog/tools/line-values.ts";
import { asking, clockOf, lineWith, log, minutesFrom, question } from "./asking.ts";

/** A line a minute all the time; from 12:20 on two refusals a minute. */
const routine = minutesFrom("12:00:00", 30).map((time, i) => log(time, { message: `cart ${i} loaded` }));
const refusals = minutesFrom("12:20:00", 10).flatMap((time, i) =>
  [0, 1].map((n) =>
    log(time, { severity: "ERROR", message: `connection refused by db-${i}${n}`, trace_id: `t${i}${n}`, instance: `shop-${n}` }),
  ),
);

describe("datadog_logs", () => {
  test("counts each pattern before and now, new trouble first, with one line as it stands", async () => {
    await using datadog = await asking({ "logs.jsonl.gz": [...routine, ...refusals] });
    const { view, result } = await datadog.ask("datadog_logs", { service: "shop" });
    // 12 routine lines and 20 refusals in 12 minutes; 18 routine lines in the 18 minutes before.
    expect(view).toMatch(
      /^E1 E2 E3: 32 lines match service:shop-web \(2\.67 a minute; before 1 a minute\), in 2 patterns: 1 new, 0 surged/,
    );
    const lines = view.split("\n");
    const first = lines.findIndex((line) => line.startsWith("- "));
    expect(lines[first]).toBe(
      `- NEW ERROR shop: 0 → 1.67 a minute (0 → 20 lines), ${clockOf("12:20:00")} to ${clockOf("12:29:00")}, 2 instances, trace t00`,
    );
    expect(lines[first + 1]).toBe("  | connection refused by db-00");
    expect(lines[first + 2]).toContain("as before INFO shop: 1 → 1 a minute (18 → 12 lines)");
    expect(result.answers[0]?.raw).toContain("connection refused by db-00");
  });

  test("tells a surge and what is gone", async () => {
    const heartbeats = minutesFrom("12:00:00", 18).map((time) => log(time, { message: "heartbeat sent" }));
    const retries = [
      ...minutesFrom("12:00:00", 18).map((time) => log(time, { message: "retrying payment" })),
      ...minutesFrom("12:18:00", 12).flatMap((time) => Array.from({ length: 5 }, () => log(time, { message: "retrying payment" }))),
    ];
    await using datadog = await asking({ "logs.jsonl.gz": [...heartbeats, ...retries].toSorted((a, b) => a.time - b.time) });
    const { view } = await datadog.ask("datadog_logs");
    expect(lineWith(view, "- SURGED")).toContain("1 → 5 a minute (18 → 60 lines)");
    expect(lineWith(view, "- GONE")).toContain("1 → 0 a minute (18 → 0 lines), last at 2026-06-01T07:47:00Z");
  });

  test("shows a line as it stands, with the error beside it, and says what of it is cut", async () => {
    const message = `request  failed\tid=7\nCaused by: no stock\n  at a.b.c\n${"z".repeat(500)}`;
    await using datadog = await asking({ "logs.jsonl.gz": [...routine.slice(0, 20), log("12:20:00", { severity: "ERROR", message })] });
    const { view } = await datadog.ask("datadog_logs");
    // 52 characters before the z's; the view reads 400 of the 552.
    expect(view).toContain(
      "  | request  failed  id=7\n  | Caused by: no stock\n  (line cut: 2 more rows, 152 more characters; datadog_log_lines has it whole)",
    );
  });

  test("says how many patterns are left out and how to get them", async () => {
    const words = ["apple", "pear", "plum", "fig", "lime", "kiwi"];
    await using datadog = await asking({
      "logs.jsonl.gz": words.map((word, i) => log(`12:2${i}:00`, { message: `${word} ${"very ".repeat(i)}rotten` })),
    });
    const { view } = await datadog.ask("datadog_logs", { limit: 2 });
    expect(view.split("\n").filter((line) => line.startsWith("- "))).toHaveLength(2);
    expect(view).toContain("4 further patterns left out; raise limit, or narrow the query");
  });

  test("a search that finds nothing says what was searched", async () => {
    await using datadog = await asking({ "logs.jsonl.gz": routine });
    const { view, result } = await datadog.ask("datadog_logs", { query: "status:emergency", service: "cart" });
    expect(view).toContain("0 lines match service:cart (status:emergency)");
    expect(view).toContain("nothing matches in the window");
    expect(result.answers.length).toBeGreaterThan(0);
  });

  test("keeps to the environment of the page", async () => {
    await using datadog = await asking({ "logs.jsonl.gz": routine });
    const { result } = await datadog.ask(
      "datadog_logs",
      { query: "cart OR shop" },
      question({ services: [{ name: "shop", names: { datadog: { env: "prod" } } }] }),
    );
    expect(result.answers[0]?.query).toBe("env:prod (cart OR shop)");
    expect(result.answers[2]?.query).toBe("env:prod");
  });

  test("counts what was sampled as estimates, and says so", async () => {
    const flood = minutesFrom("12:18:00", 12).flatMap((time) => Array.from({ length: 700 }, (_, i) => log(time, { message: `tick ${i}` })));
    await using datadog = await asking({ "logs.jsonl.gz": [...routine, ...flood].toSorted((a, b) => a.time - b.time) });
    const { view } = await datadog.ask("datadog_logs");
    expect(view).toMatch(/^E1 E2 E3: 8,412 lines match \*/);
    expect(view).toMatch(/Note: window: sampled [\d,]+ of about 8,412 lines/);
  });

  test("rates before rest on the time from which logs are kept", async () => {
    await using datadog = await asking({ "logs.jsonl.gz": routine.slice(12) });
    const { view } = await datadog.ask("datadog_logs");
    // Six lines in the six minutes from 12:12 on, not in the eighteen of the quiet time.
    expect(lineWith(view, "as before")).toContain("1 → 1 a minute (6 → 12 lines)");
    expect(view).toContain("logs are kept from 2026-06-01T07:42:00Z on; rates before rest on those 6 minutes");
  });

  test("a service whose lines begin late is compared with its own time, and one that fell silent is told", async () => {
    const late = minutesFrom("12:12:00", 18).flatMap((time, i) =>
      Array.from({ length: i < 6 ? 2 : 20 }, () => log(time, { service: "cart", message: "basket loaded" })),
    );
    const ended = minutesFrom("12:00:00", 19).flatMap((time) => [0, 1].map(() => log(time, { service: "mail", message: "mail sent" })));
    await using datadog = await asking({ "logs.jsonl.gz": [...routine, ...late, ...ended].toSorted((a, b) => a.time - b.time) });
    const { view } = await datadog.ask("datadog_logs");
    expect(lineWith(view, " cart: ")).toContain("too little to tell INFO cart: 2 → 20 a minute (12 → 240 lines)");
    expect(view).not.toContain("- SURGED");
    expect(view).toMatch(/logs of cart begin \S+; its rates before rest on the time from then on/);
    expect(view).toMatch(/logs of mail end \S+; its rates of the window are thinned/);
  });

  test.each([
    [3, 0, "too little to tell"],
    [2, 4, "too little to tell"],
    [2, 1, "as before"],
    [4, 3, "as before"],
  ])("%i lines before and %i now are called so only where chance would keep them apart", async (before, now, said) => {
    const some = (from: string, many: number, minutes: number) =>
      minutesFrom(from, minutes)
        .slice(0, many)
        .map((time) => log(time, { service: "cart", message: "basket lost" }));
    const lines = [...routine, ...some("12:02:00", before, 18), ...some("12:20:00", now, 10)];
    await using datadog = await asking({ "logs.jsonl.gz": lines.toSorted((a, b) => a.time - b.time) });
    const { view } = await datadog.ask("datadog_logs");
    expect(lineWith(view, " cart: ")).toContain(`- ${said} `);
  });

  test("nothing is called new where nothing was recorded before", async () => {
    await using datadog = await asking({ "logs.jsonl.gz": refusals });
    const { view } = await datadog.ask("datadog_logs");
    expect(view).not.toContain("- NEW");
    expect(lineWith(view, "- SEEN ERROR shop")).toContain("? → 1.67 a minute (? → 20 lines)");
    expect(view).toContain("in 1 patterns: nothing to compare with");
    expect(view).toContain("nothing at all was recorded in the quiet time");
  });
});

describe("fields of a pattern", () => {
  const logins = (ip: (i: number) => string, more: (i: number) => object) =>
    minutesFrom("12:00:00", 30).flatMap((time, i) => [
      log(time, { message: `login of user ${i} ok`, attributes: { client_ip: `10.0.0.${i % 9}`, region: "eu" } }),
      ...(i < 20
        ? []
        : [
            log(time, {
              severity: "WARN",
              message: `login of user ${i} refused`,
              attributes: { client_ip: ip(i), region: "eu" },
              ...more(i),
            }),
          ]),
    ]);

  test("say what its lines have in common and others have not", async () => {
    await using datadog = await asking({
      "logs.jsonl.gz": logins(
        () => "10.1.2.3",
        () => ({}),
      ),
    });
    const { view } = await datadog.ask("datadog_logs");
    expect(lineWith(view, "client_ip")).toBe("  its lines have client_ip 10.1.2.3 100 %, elsewhere 0 %");
    expect(view).not.toContain("region");
  });

  test("are told with their share where not all lines have the value, also of pairs in the words and of instances", async () => {
    const lines = logins(
      (i) => (i < 28 ? "10.1.2.3" : "10.9.9.9"),
      (i) => ({ instance: "shop-7", message: `login refused code=${i < 28 ? "E42" : "E7"} after ${i} ms` }),
    );
    await using datadog = await asking({ "logs.jsonl.gz": lines });
    const { view } = await datadog.ask("datadog_logs");
    expect(view).toContain("client_ip 10.1.2.3 80 %, elsewhere 0 %");
    expect(view).toContain("code E42 80 %");
    expect(view).toContain("instance shop-7 100 %, elsewhere 0 %");
  });

  test("are left out where each line has its own value", async () => {
    await using datadog = await asking({
      "logs.jsonl.gz": logins(
        (i) => `10.1.2.${i}`,
        () => ({}),
      ),
    });
    expect((await datadog.ask("datadog_logs")).view).not.toContain("its lines have");
  });
});

describe("datadog_log_values", () => {
  const waits = ["850ms", "1.2s", "300ms", "2.5s"];
  const lines = waits.map((wait, i) =>
    log(`12:2${i * 2}:00`, {
      message: `job ${i} took ${wait} on ${i % 2 === 0 ? "blue" : "green"}`,
      attributes: { queue: { depth: 10 * (i + 1) } },
    }),
  );

  test("reads a number from the words of lines, in one unit, over time", async () => {
    await using datadog = await asking({ "logs.jsonl.gz": lines });
    const { view, result } = await datadog.ask("datadog_log_values", { value: "took * on", by: "on *" });
    expect(view).toContain("took * on in 4 of 4 lines read");
    expect(view).toMatch(/4 lines: min 300 ms, median 1.03 s, max 2.5 s at 07:56:00, last 2.5 s/);
    expect(lineWith(view, "- blue")).toContain("2 lines: min 300 ms, median 575 ms, max 850 ms at 07:50:00");
    expect(lineWith(view, "- green")).toContain("max 2.5 s at 07:56:00");
    expect(lineWith(view, "- 07:52:00")).toContain("1 line: min 1.2 s");
    expect(result.answers).toHaveLength(1);
  });

  test("reads a field, and says that it has no unit", async () => {
    await using datadog = await asking({ "logs.jsonl.gz": lines });
    const { view } = await datadog.ask("datadog_log_values", { value: "@queue.depth" });
    expect(view).toContain("min 10, median 25, max 40 at 07:56:00, last 40 (no unit)");
  });

  test.each([
    ["offset=*", "offset=81 producer=feed", "last 81 (no unit)"],
    ["waited *", "waited 12 while blocked", "last 12 (no unit)"],
    ["waited *", "waited 12 ms, then went on", "last 12 ms"],
    ["used *", "used 81 % of the disk", "last 81 %"],
  ])("takes no other word behind the number for its unit: %s in %j", async (value, message, last) => {
    await using datadog = await asking({ "logs.jsonl.gz": [log("12:28:00", { message }), log("12:29:00", { message })] });
    expect((await datadog.ask("datadog_log_values", { value })).view).toContain(last);
  });

  test("of a sample it tells what was read, not how many lines an interval has", async () => {
    const many = minutesFrom("12:00:00", 30).flatMap((time, i) =>
      Array.from({ length: 200 }, (_, n) => log(time, { message: `job ${i} took ${n + 1}ms on blue` })),
    );
    await using datadog = await asking({ "logs.jsonl.gz": many });
    const { view } = await datadog.ask("datadog_log_values", { value: "took * on", from: "-28m" });
    const rows = view.split("\n").filter((line) => /^- \d\d:/.test(line));
    expect(rows.length).toBeGreaterThan(1);
    for (const row of rows) expect(row).toMatch(/ [\d,]+ lines? read: min /);
    expect(view).toContain("How many lines an interval has is not known");
  });

  test("where no line has it, one of them is shown", async () => {
    await using datadog = await asking({ "logs.jsonl.gz": lines });
    const { view } = await datadog.ask("datadog_log_values", { value: "waited * ms" });
    expect(view).toContain("in 0 of 4 lines read");
    expect(view).toContain("no line has it; one of them reads: job 0 took 850ms on blue");
  });

  test.each(["constructor", "__proto__", "@toString"])("a name that every object has is no field of a line: %s", async (value) => {
    await using datadog = await asking({ "logs.jsonl.gz": lines });
    const { view } = await datadog.ask("datadog_log_values", { value, by: value });
    expect(view).toContain("in 0 of 4 lines read");
  });

  test("a word that every object has is no unit", async () => {
    const odd = [...lines, log("12:28:00", { message: "job 9 took 7 constructor on blue" })];
    await using datadog = await asking({ "logs.jsonl.gz": odd });
    const { view } = await datadog.ask("datadog_log_values", { value: "took * on" });
    expect(view).toContain("in 5 of 5 lines read");
    expect(view).not.toContain("NaN");
    expect(view).toContain("(no unit)");
  });

  test.each(["a * z", "* z"])("thousands of lines that nearly have it are read soon: %s", (value) => {
    const read = textReader(value);
    const message = `${"a".repeat(3_900)}! z`;
    const line = { at: 0, service: "shop", instance: null, severity: null, message, traceId: null, spanId: null, weight: 1, fields: {} };
    for (let at = 0; at < 5_000; at += 1) expect(typeof read === "string" ? read : (read(line)?.length ?? 0)).toBeLessThanOrEqual(120);
  });

  test.each(["two * and *", "*", "no field at all"])("asks nobody for %j", async (value) => {
    await using datadog = await asking({});
    const { view, result } = await datadog.ask("datadog_log_values", { value });
    expect([result.answers, view]).toEqual([[], expect.stringContaining("Nothing was asked. value: ")]);
  });
});

describe("datadog_log_lines", () => {
  test("gives lines in order of time, from the given moment on, and says that there are more", async () => {
    await using datadog = await asking({ "logs.jsonl.gz": [...routine, ...refusals].toSorted((a, b) => a.time - b.time) });
    const { view, result } = await datadog.ask("datadog_log_lines", { query: "status:error", limit: 3, from: "2026-06-01T07:50:00Z" });
    expect(view.split("\n").filter((line) => line.startsWith("  | "))).toEqual([
      "  | connection refused by db-00",
      "  | connection refused by db-01",
      "  | connection refused by db-10",
    ]);
    expect(lineWith(view, "trace t00")).toBe("- 2026-06-01T07:50:00.000Z shop [shop-0] trace t00");
    expect(view).toContain("more lines match: raise limit");
    expect(result.fact).toContain("3 lines of status:error");
  });

  test("without a moment to begin at the newest lines are read", async () => {
    await using datadog = await asking({ "logs.jsonl.gz": routine });
    const shown = (view: string) =>
      view
        .split("\n")
        .filter((line) => line.startsWith("- "))
        .map((line) => line.slice(2, 26));
    const newest = await datadog.ask("datadog_log_lines", { limit: 2 });
    const oldest = await datadog.ask("datadog_log_lines", { limit: 2, order: "oldest" });
    expect(shown(newest.view)).toEqual(shown(newest.view).toSorted());
    expect((shown(newest.view)[0] ?? "") > (shown(oldest.view)[1] ?? "")).toBe(true);
  });

  test("what all lines share stands once above them", async () => {
    const one = { instance: "shop-0", trace_id: "t77" };
    await using datadog = await asking({
      "logs.jsonl.gz": [log("12:20:00", { ...one, message: "asked" }), log("12:20:01", { ...one, message: "refused" })],
    });
    const { view } = await datadog.ask("datadog_log_lines");
    expect(lineWith(view, "Window asked for")).toContain("All lines are INFO, of shop-0, of trace t77.");
    expect(lineWith(view, "- 2026-06-01T07:50:01")).toBe("- 2026-06-01T07:50:01.000Z shop");
  });

  test("gives the lines on both sides of a moment, each once", async () => {
    await using datadog = await asking({ "logs.jsonl.gz": routine });
    const { view, result } = await datadog.ask("datadog_log_lines", { around: "2026-06-01T07:40:00Z", limit: 4 });
    expect(result.answers).toHaveLength(2);
    // 07:40 is 12:10 of the recorded day: lines 8 and 9 before it, 10 and 11 from it on.
    expect(view.split("\n").flatMap((line) => /\| cart (\d+) loaded/.exec(line)?.[1] ?? [])).toEqual(["8", "9", "10", "11"]);
  });

  test("cuts a long line where it shows, and many rows too", async () => {
    const stack = [
      "java.lang.IllegalStateException: no",
      ...Array.from({ length: 30 }, (_, i) => `\tat com.acme.Shop.call(Shop.java:${i})`),
    ].join("\n");
    await using datadog = await asking({
      "logs.jsonl.gz": [log("12:20:00", { message: "x".repeat(2_000) }), log("12:21:00", { message: stack })],
    });
    const { view } = await datadog.ask("datadog_log_lines", { longest_line: 1_200 });
    expect(view).toContain(`  | ${"x".repeat(1_200)}\n  (line cut: 800 more characters; raise longest_line)`);
    expect(view).toContain("  |   at com.acme.Shop.call(Shop.java:0)");
    expect(view).toMatch(/\(line cut: \d+ more rows/);
  });

  test("a moment outside of the window that is asked for is told instead of asked, and one without a window is asked wherever it lies", async () => {
    await using datadog = await asking({ "logs.jsonl.gz": routine });
    const { result, view } = await datadog.ask("datadog_log_lines", { around: "-2d", from: "-1h" });
    expect([result.answers, view]).toEqual([[], expect.stringContaining("lies outside of")]);
    // The lines nearest to it come half an hour and more after it.
    const early = await datadog.ask("datadog_log_lines", { around: "-1h", limit: 2 });
    expect(early.view).toContain("cart 0 loaded");
  });

  test("folds a run of one pattern with the time and the values of each line, and no run goes across the moment", async () => {
    await using datadog = await asking({ "logs.jsonl.gz": routine });
    const { view } = await datadog.ask("datadog_log_lines", { around: "2026-06-01T07:40:00Z", limit: 8 });
    expect(view.split("\n").filter((line) => line.startsWith("  "))).toEqual([
      "  | cart 6 loaded",
      "  the same 3 times more, with what differs: 07:37:00 7; 07:38:00 8; 07:39:00 9",
      "  | cart 10 loaded",
      "  the same 3 times more, with what differs: 07:41:00 11; 07:42:00 12; 07:43:00 13",
    ]);
    expect(view).toContain("E1: lines before the moment, E2: lines from it on.");
  });

  test.each([
    ["another level", { severity: "WARN" }],
    ["another instance", { instance: "shop-2" }],
    ["other words", { message: "basket of 7 is empty" }],
  ])("%s is folded apart, also in between", async (_, more) => {
    const lines = minutesFrom("12:20:00", 7).map((time, i) => log(time, { message: `cart ${i} loaded`, ...(i === 3 ? more : {}) }));
    await using datadog = await asking({ "logs.jsonl.gz": lines });
    const { view } = await datadog.ask("datadog_log_lines");
    expect(view.match(/the same 5 times more/g)).toHaveLength(1);
    expect(view.split("\n").filter((line) => line.startsWith("  | "))).toHaveLength(2);
  });
});
