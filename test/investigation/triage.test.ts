import { expect, test } from "vitest";
import { ForbiddenError, RateLimitedError } from "../../src/guard/errors.ts";
import { analyse } from "../../src/analysis/analyse.ts";
import { LIKELY } from "../../src/incident/confidence.ts";
import type { Analysis } from "../../src/incident/finding.ts";
import type { Source } from "../../src/incident/source.ts";
import type { ChangeEvent } from "../../src/incident/telemetry.ts";
import type { Asked } from "../../src/investigation/asking.ts";
import { packFacts, unpackFacts } from "../../src/investigation/kept-facts.ts";
import { gather, temper, toTelemetry, triageWindows } from "../../src/investigation/triage.ts";
import * as shop from "../analysis/telemetry.ts";
import { answerOf, factOf, NOW, page, question, telling } from "../support/telling.ts";

const options = (deadlineMs = 5_000, signal = new AbortController().signal) => ({ deadlineMs, now: Date.now, signal });
const statusOf = (lines: readonly { source: string; status: string }[]) =>
  Object.fromEntries(lines.map(({ source, status }) => [source, status]));

test("a source that fails costs only its own line, and what it had said counts", async () => {
  const failing: Source = {
    name: "Datadog logs",
    async ask(_question, emit) {
      emit(factOf("Datadog logs", "first page"));
      throw new ForbiddenError("datadog", 403, "logs_read_data", "Add the scope to the application key.");
    },
  };
  const { coverage, facts } = await gather([failing, telling("Sentry", factOf("Sentry", "boom"))], [], question, 1, options());
  expect(statusOf(coverage)).toEqual({ "Datadog logs": "failed", Sentry: "read" });
  expect(coverage[0]?.detail).toContain("Add the scope");
  expect(coverage[0]?.detail).toContain("The part that arrived is used.");
  expect(facts.map(({ evidence }) => evidence)).toEqual([1, 2]);
});

test("the deadline holds for a source that heeds no signal, and its late words are not heard", async () => {
  const late = Promise.withResolvers<void>();
  let say: () => void = () => undefined;
  const deaf: Source = {
    name: "GitHub",
    ask(_question, emit) {
      emit(factOf("GitHub", "in time"));
      say = () => emit(factOf("GitHub", "too late"));
      return late.promise;
    },
  };
  const { coverage, facts } = await gather([deaf, telling("Sentry", factOf("Sentry", "boom"))], [], question, 1, options(30));
  say();
  late.resolve();
  expect(statusOf(coverage)).toEqual({ GitHub: "timed-out", Sentry: "read" });
  expect(facts).toHaveLength(2);
});

test("numbers follow the order of the sources, whichever answers first", async () => {
  const gate = Promise.withResolvers<void>();
  const slow: Source = {
    name: "slow",
    async ask(_question, emit) {
      await gate.promise;
      emit(factOf("slow", "slow"));
    },
  };
  const quick: Source = {
    name: "quick",
    async ask(_question, emit) {
      emit(factOf("quick", "quick"));
      gate.resolve();
    },
  };
  const { facts } = await gather([slow, quick], [], question, 7, options());
  expect(facts.map(({ evidence, fact }) => [evidence, fact.answer.source])).toEqual([
    [7, "slow"],
    [8, "quick"],
  ]);
});

test("within a source numbers follow what was asked, whichever part answers first", async () => {
  const asked = (query: string, to: number) => ({
    answer: { ...answerOf("Datadog logs", "{}"), query, window: { from: 0, to } },
    telemetry: () => ({}),
  });
  const parts = [asked("baseline", NOW - 900_000), asked("window", NOW)];
  const orders = [parts, parts.toReversed()].map(async (facts) => {
    const gathered = await gather([telling("Datadog logs", ...facts)], [], question, 1, options());
    return gathered.facts.map(({ fact }) => fact.answer.query);
  });
  expect(await Promise.all(orders)).toEqual([
    ["window", "baseline"],
    ["window", "baseline"],
  ]);
});

test("coverage tells empty, sampled, rate limited and not configured apart", async () => {
  const sources: Source[] = [
    telling("empty", { answer: answerOf("empty", "{}"), telemetry: () => ({ events: [] }) }),
    telling("sampled", factOf("sampled", "x", "5,000 of about 61,000 lines")),
    {
      name: "limited",
      async ask() {
        throw new RateLimitedError("datadog", 60_000);
      },
    },
  ];
  const { coverage } = await gather(sources, [{ name: "Sentry", missing: "set SENTRY_AUTH_TOKEN" }], question, 1, options());
  expect(statusOf(coverage)).toEqual({ empty: "empty", sampled: "sampled", limited: "failed", Sentry: "not-configured" });
  expect(coverage[1]?.detail).toBe("5,000 of about 61,000 lines");
});

test("of cuts in several windows the coverage says which is which", async () => {
  const cut = (from: string, to: string, words: string) => {
    const fact = factOf("sampled", "x", words);
    return {
      ...fact,
      answer: { ...fact.answer, window: { from: Date.parse(`2026-05-01T${from}Z`), to: Date.parse(`2026-05-01T${to}Z`) } },
    };
  };
  const both = telling("logs", cut("09:50", "10:02", "6,571 of 8,775 lines"), cut("06:00", "09:50", "5,000 of 43,709 lines"));
  const { coverage } = await gather([both], [], question, 1, options());
  expect(coverage[0]?.detail).toBe("09:50 to 10:02: 6,571 of 8,775 lines; 06:00 to 09:50: 5,000 of 43,709 lines");
});

test("an aborted run ends with its reason instead of a half report", async () => {
  const stop = new AbortController();
  const waiting: Source = { name: "slow", ask: () => new Promise(() => undefined) };
  const running = gather([waiting], [], question, 1, options(5_000, stop.signal));
  stop.abort(new Error("midwatch is stopping"));
  await expect(running).rejects.toThrow("midwatch is stopping");
});

test("vendors' names for a service become the catalog's", async () => {
  const gathered = await gather([telling("Datadog events", factOf("Datadog events", "oom"))], [], question, 1, options());
  const named = { ...question, nameOf: (name: string) => (name === "checkout" ? "shop-checkout" : name) };
  const telemetry = toTelemetry(named, gathered, [{ from: "checkout", to: "payments" }]);
  expect(telemetry.events[0]?.service).toBe("shop-checkout");
  expect(telemetry.calls).toEqual([{ from: "shop-checkout", to: "payments" }]);
});

const deploy = (more: Partial<ChangeEvent>): ChangeEvent => ({
  kind: "deploy",
  at: NOW - 300_000,
  service: "checkout",
  title: "deploy",
  sha: null,
  previousSha: null,
  version: null,
  repository: null,
  author: null,
  pullRequest: null,
  files: null,
  link: null,
  evidence: 1,
  ...more,
});

test("one deploy that two vendors tell of is one change, with what the better teller knows", async () => {
  const sha = "9f2c1e0000000000000000000000000000000000";
  const told = (source: string, change: ChangeEvent) =>
    telling(source, { answer: answerOf(source, "{}"), telemetry: () => ({ changes: [change] }) });
  const sources = [
    told("Datadog events", deploy({ sha: "9f2c1e0", at: NOW - 290_000 })),
    told("GitHub", deploy({ sha, previousSha: "7ab0d2", repository: "acme/shop", files: [] })),
    told("PagerDuty", deploy({ service: "payments", at: NOW - 295_000 })),
  ];
  const telemetry = toTelemetry(question, await gather(sources, [], question, 1, options()), []);
  expect(telemetry.changes.map((change) => [change.service, change.sha])).toEqual([
    ["checkout", sha],
    ["payments", null],
  ]);
});

test("nothing is called well where what measures it could not be read", async () => {
  const calm = {
    verdict: "nothing-wrong",
    because: "all as usual",
    onset: null,
    symptoms: [],
    suspects: [],
    ruledOut: [],
    consequences: [],
  } as const;
  const measuring = (name: string, ask: Source["ask"]): Source => ({ name, brings: ["logs"], ask });
  const metrics = measuring("Datadog metrics", async (_question, emit) => emit(factOf("Datadog metrics", "flat")));
  const logs = measuring("Datadog logs", () => Promise.reject(new ForbiddenError("datadog", 403, "logs", "Add the scope.")));
  const verdictOf = async (sources: Source[]) => temper(calm, sources, (await gather(sources, [], question, 1, options())).coverage);
  expect(await verdictOf([metrics])).toEqual(calm);
  expect(await verdictOf([metrics, logs])).toMatchObject({
    verdict: "inconclusive",
    because: expect.stringContaining("Datadog logs could not be read in full"),
  });
  expect(await verdictOf([telling("Sentry", factOf("Sentry", "x"))])).toMatchObject({ verdict: "inconclusive" });
});

test("while logs are unread no suspect is likely and no change is ruled out by its time alone; which source it was is kept", async () => {
  const deployed = (at: number) => deploy({ service: "cart", at, title: "deploy cart", version: `at ${at - shop.page}` });
  const changes = [deployed(shop.page - shop.minute), deployed(shop.page + shop.minute)];
  const series = [
    shop.series("shop", "http.duration.p95", "latency", "second", shop.risen(0.2, 2)),
    shop.series("cart", "http.duration.p95", "latency", "second", shop.risen(0.1, 1.8)),
    shop.series("stock", "http.duration.p95", "latency", "second", shop.risen(0.05, 1.6)),
    shop.series("stock", "cpu.usage", "saturation", "percent", shop.risen(20, 97)),
  ];
  const measured = telling("metrics", { answer: answerOf("metrics", "{}"), telemetry: () => ({ series, changes }) });
  const { service, title, details, at } = shop.empty.page;
  const asked = {
    ...question,
    ...{ service, window: shop.empty.window, baseline: shop.empty.baseline },
    trigger: { ...question.trigger, title, details, at },
  };
  const found = async (logs: Source) => {
    const sources = [measured, { ...logs, brings: ["logs"] as const }];
    const gathered = await gather(sources, [], asked, 1, options(30));
    return temper(analyse(toTelemetry(asked, gathered, shop.empty.calls)), sources, gathered.coverage);
  };
  const late = (analysis: Analysis) => analysis.ruledOut.filter(({ why }) => why.includes("went live")).map(({ why }) => why);

  const whole = await found(telling("Datadog logs"));
  expect(whole.suspects[0]?.probability).toBeGreaterThan(LIKELY);
  expect(late(whole)).toHaveLength(2);
  const partial = await found({ name: "Datadog logs", ask: () => new Promise(() => undefined) });
  expect(partial).toMatchObject({ verdict: "incident", unread: ["Datadog logs"] });
  for (const { probability } of partial.suspects) expect(probability).toBeLessThan(LIKELY);
  expect(late(partial)).toEqual([expect.stringContaining("after the page")]);
});

test("windows do not turn around when the page's clock runs ahead", () => {
  const { window, baseline } = triageWindows(page.createdAt + 3_600_000, NOW);
  expect(window.from).toBeLessThan(window.to);
  expect(baseline.to).toBe(window.from);
});

test("a part that answered is kept and not asked again, and a source that goes on is waited for, not asked a second time", async () => {
  const released = Promise.withResolvers<void>();
  const asked: string[] = [];
  const part = (name: string) => ({ ...factOf("Datadog logs", name), part: name });
  const logs: Source = {
    name: "Datadog logs",
    brings: ["logs"],
    async ask({ answered }, emit) {
      for (const name of ["window", "baseline"].filter((one) => answered?.has(one) !== true)) {
        asked.push(name);
        if (name === "baseline") await released.promise;
        emit(part(name));
      }
    },
  };
  const sentry = telling("Sentry", factOf("Sentry", "boom"));
  const going = new Map<string, Asked>();
  const first = await gather([logs, sentry], [], question, 1, {
    ...options(30),
    readsOn: true,
    goOn: (one) => void going.set(one.source, one),
  });
  expect(first.coverage[0]).toMatchObject({ status: "timed-out", pending: true, unread: ["logs"], evidence: [1] });
  expect(first.unread).toEqual(["logs"]);
  const later = (underWay: (source: string) => Asked | null) => gather([logs, sentry], [], question, 3, { ...options(), underWay }, first);

  const goesOn = later((name) => going.get(name) ?? null);
  released.resolve();
  const whole = await goesOn;
  expect(asked).toEqual(["window", "baseline"]);
  expect(whole.coverage).toMatchObject([
    { source: "Datadog logs", status: "read", evidence: [1, 3] },
    { source: "Sentry", status: "read", evidence: [2] },
  ]);
  expect(whole.unread).toEqual([]);

  // After the end of the process nothing goes on: what is missing is asked, and numbered alike.
  const again = await later(() => null);
  expect(asked).toEqual(["window", "baseline", "baseline"]);
  expect(again.facts.map(({ evidence, fact }) => [evidence, fact.part ?? null])).toEqual([
    [1, "window"],
    [2, null],
    [3, "baseline"],
  ]);
});

test("what is kept of a reading is read the same from the store", async () => {
  const { facts } = await gather([telling("Sentry", factOf("Sentry", "boom"))], [], question, 1, options());
  const [kept] = await unpackFacts(await packFacts(facts));
  expect(kept).toMatchObject({ evidence: 1, from: "Sentry", fact: { answer: { source: "Sentry", query: "*", window: question.window } } });
  expect(kept?.fact.telemetry(1)).toEqual(facts[0]?.fact.telemetry(1));
});

test("what is unread is a kind, not a source: a part that brings none leaves nothing open", async () => {
  const pager = (failing: string): Source => ({
    name: "PagerDuty",
    brings: ["changes"],
    async ask(_question, emit) {
      if (failing !== "changes") emit({ ...factOf("PagerDuty", "deploy"), part: "changes", completes: ["changes"] });
      throw new ForbiddenError("datadog", 403, failing, "Add the scope.");
    },
  });
  const unreadOf = async (source: Source) => (await gather([source], [], question, 1, options())).unread;
  expect(await unreadOf(pager("changes"))).toEqual(["changes"]);
  expect(await unreadOf(pager("earlier incidents"))).toEqual([]);
});

test("a sample that is too thin counts as unread, and is said", async () => {
  const logs: Source = {
    ...telling("Datadog logs", { ...factOf("Datadog logs", "line", "sampled 200 of 9,000 lines"), thin: "lines of only 2 of 12 minutes" }),
    brings: ["logs"],
  };
  const { coverage, unread } = await gather([logs], [], question, 1, options());
  expect(unread).toEqual(["logs"]);
  expect(coverage).toMatchObject([{ status: "sampled", detail: "sampled 200 of 9,000 lines (too little to be sure)" }]);
});

test("what will not answer later is not read on", async () => {
  const failing = (reason: Error): Source => ({ name: "GitHub", brings: ["changes"], ask: () => Promise.reject(reason) });
  const pendingOf = async (reason: Error) =>
    (await gather([failing(reason)], [], question, 1, { ...options(), readsOn: true })).coverage[0]?.pending ?? false;
  expect(await pendingOf(new ForbiddenError("github", 403, "deployments", "Add the scope."))).toBe(false);
  expect(await pendingOf(new RateLimitedError("github", 60_000))).toBe(true);
});
