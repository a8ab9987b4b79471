import { describe, expect, test } from "vitest";
import { analyse } from "../../src/analysis/analyse.ts";
import { buildCallGraph } from "../../src/analysis/call-graph.ts";
import { givenIncident, mostSure } from "../../src/analysis/certainty.ts";
import type { JudgedChange } from "../../src/analysis/change.ts";
import type { Clue } from "../../src/analysis/clue.ts";
import type { PatternChange } from "../../src/analysis/log-reading.ts";
import { logClues } from "../../src/analysis/log-clue.ts";
import { rankCandidates, toSuspects } from "../../src/analysis/suspect.ts";
import { confidenceWords, LIKELY } from "../../src/incident/confidence.ts";
import type { ChangeEvent } from "../../src/incident/telemetry.ts";
import { begins, empty, minute, page, risen, series, steady } from "./telemetry.ts";

const graph = buildCallGraph(["shop", "cart"], [{ from: "shop", to: "cart" }], []);
const clue = (service: string, weight: number, rest: Partial<Clue> = {}): Clue => ({
  ...{
    service,
    instance: null,
    fault: "error",
    family: "errors",
    weight,
    onset: begins,
    code: "level-moved",
    about: [],
    text: "errors rise",
    evidence: [1],
    quote: null,
  },
  ...rest,
});
const suspects = (clues: readonly Clue[], guilty: JudgedChange | null = null, share = 0) =>
  toSuspects(rankCandidates(clues, graph, "shop"), guilty, share);

describe("a request that makes fewer calls than before", () => {
  const early = (service: string, weight: number) => clue(service, weight, { family: "shape", code: "calls-less" });
  const first = (...clues: Clue[]) => suspects(clues)[0]?.service;

  test("is the doing of the service that ends it, whatever what it calls says that is new", () => {
    const lines = [0.5, 0.5, 0.5].map((weight) => clue("cart", weight, { family: "log", code: "log-new" }));
    expect(first(early("shop", 2), ...lines, clue("cart", 0.9, { family: "latency" }))).toBe("shop");
  });

  test("is that of the deepest of several, and of a callee that fails", () => {
    expect(first(early("shop", 2.2), early("cart", 1.6))).toBe("cart");
    expect(first(early("shop", 1.8), clue("cart", 1.7))).toBe("cart");
  });
});

describe("how sure a suspect is said to be", () => {
  const limits = {
    isPartial: false,
    isBlind: false,
    isBelow: false,
    isCaller: false,
    isThin: false,
    isOneOfTwo: false,
    isSeenAlone: false,
    together: null,
  };

  test.each([3, 5, 12])("of %i services that fail alike each is right in one of so many at most", (count) => {
    const services = Array.from({ length: count }, (_, index) => `s${index}`);
    expect(mostSure({ ...limits, together: { services, shared: null } })).toBeLessThan(1 / count);
  });

  test.each(["isPartial", "isBlind", "isBelow", "isCaller", "isThin"] as const)("is below likely: %s", (limit) => {
    expect(mostSure({ ...limits, [limit]: true })).toBeLessThan(LIKELY);
  });

  test("is likely, and not very likely, where only failures and time of the paged service are seen", () => {
    expect(confidenceWords(mostSure({ ...limits, isSeenAlone: true }))).toBe("likely");
  });

  test("is more once it is established that something is wrong, in the same order, and never more than all", () => {
    const clues = [clue("cart", 2, { family: "saturation" }), clue("shop", 1.5, { family: "saturation" })];
    const ranked = rankCandidates(clues, graph, "shop");
    const [open, sure] = [false, true].map((isIncident) =>
      toSuspects(ranked, null, 0, 1, isIncident).map(({ probability }) => probability),
    );
    expect(sure?.[0]).toBeGreaterThan(open?.[0] ?? 1);
    expect(sure?.[0]).toBeGreaterThan(sure?.[1] ?? 1);
    expect((sure ?? []).reduce((sum, one) => sum + one, 0)).toBeLessThan(1);
    const stated = Array.from({ length: 99 }, (_, index) => givenIncident((index + 1) / 100));
    expect(stated).toEqual(stated.toSorted((a, b) => a - b));
  });
});

describe("suspects", () => {
  test("go down in probability, also where the first one's change is not sure to be guilty", () => {
    const change: ChangeEvent = { kind: "deploy", at: begins - minute, service: "cart", title: "cart", sha: null, previousSha: null, version: "2", repository: null, author: null, pullRequest: null, files: null, link: null, evidence: 2 }; // prettier-ignore
    const guilty: JudgedChange = { change, service: "cart", weight: 4.6, text: "", speaks: true, does: null, weak: "" };
    const clues = [clue("cart", 3, { family: "saturation" }), clue("shop", 2.9, { family: "saturation" })];
    const [first, second] = suspects(clues, guilty, 0.1);
    expect(first).toMatchObject({ service: "cart", change });
    expect(first?.probability).toBeGreaterThanOrEqual(second?.probability ?? 1);
    expect(first?.probability).toBeLessThan(suspects(clues)[0]?.probability ?? 0);
  });

  test("give first the reason that names the cause, not the one that says how it shows", () => {
    const texts = (...clues: Clue[]) => suspects(clues)[0]?.reasons.map(({ text }) => text);
    const backOff = clue("cart", 3, { family: "event", text: "BackOff" });
    const certificate = clue("cart", 2, { family: "log", fault: "config", text: "certificate has expired" });
    const quiet = clue("cart", 0.5, { family: "log", fault: "config", text: "certificate has expired" });
    const oom = clue("cart", 3, { family: "event", fault: "memory", text: "OOMKilled" });
    expect(texts(backOff, certificate)).toEqual(["certificate has expired", "BackOff"]);
    expect(texts(backOff, quiet)).toEqual(["BackOff", "certificate has expired"]);
    expect(texts(backOff, quiet, { ...quiet, text: "ExpiredCertException" })?.[0]).toBe("certificate has expired");
    expect(texts(oom, certificate)).toEqual(["OOMKilled", "certificate has expired"]);
  });

  test("name a guilty change before how it shows, and behind what it broke", () => {
    const change: ChangeEvent = { kind: "deploy", at: begins - minute, service: "cart", title: "cart", sha: null, previousSha: null, version: "2", repository: null, author: null, pullRequest: null, files: null, link: null, evidence: 2 }; // prettier-ignore
    const guilty: JudgedChange = {
      change,
      service: "cart",
      weight: 6,
      text: "deploy of 2: it lowers a limit",
      speaks: true,
      does: null,
      weak: "",
    };
    const texts = (one: Clue) => suspects([one], guilty, 1)[0]?.reasons.map(({ text }) => text);
    expect(texts(clue("cart", 3, { text: "errors rise" }))).toEqual([guilty.text, "errors rise"]);
    expect(texts(clue("cart", 3, { family: "statement", text: "a scan" }))).toEqual(["a scan", guilty.text]);
  });

  test("tell one step of a series once, where its share of the page's is known too", () => {
    const share = clue("cart", 3, { family: "errors", code: "carries-trouble", same: "errors 12:00:52", text: "100 % of what shop shows" });
    const texts = (...clues: Clue[]) => suspects(clues)[0]?.reasons.map(({ text }) => text);
    expect(texts(share, clue("cart", 2, { same: "errors 12:00:52", text: "errors 0 → 64.5" }))).toEqual([share.text]);
    const later = clue("cart", 2, { same: "errors 12:01:52", text: share.text });
    expect(texts(share, later)).toEqual([share.text, later.text]);
    expect(texts(clue("cart", 2), clue("cart", 1))).toHaveLength(2);
  });

  test("tell a log line that is missing in words, and once, in whichever two ways it was seen", () => {
    const missing = (kind: PatternChange["kind"], now: number, template = "charged <*>"): PatternChange => ({
      ...{ kind, service: "cart", instance: null, template, severity: "info", before: 1, now, count: 40, onset: begins, sure: 1 },
      ...{ quote: "about to charge 17", evidence: 1 },
    });
    const texts = (...changes: PatternChange[]) =>
      suspects(logClues(changes, graph, [], new Set()))[0]?.reasons.map(({ text }) => text.replace(/ since .*/, ""));
    const stops = "fewer runs of cart reach the log line `charged <*>`: 100 % → 0 %";
    expect(texts(missing("broken-pair", 0))).toEqual([stops]);
    expect(texts(missing("missing-statement", 0))).toEqual(["cart stopped logging `charged <*>`: 100 % → 0 % of its runs"]);
    expect(texts(missing("missing-statement", 0.4))).toEqual(["cart logs `charged <*>` less often: 100 % → 40 % of its runs"]);
    expect(texts(missing("broken-pair", 0), missing("missing-statement", 0), missing("missing-statement", 0.4))).toEqual([stops]);
    expect(texts(missing("broken-pair", 0), missing("missing-statement", 0, "sent <*>"))).toHaveLength(2);
  });

  test("have no consequence that moved before they did", () => {
    const early = (level: number, now: number) =>
      steady(level).map((one) => (one.at >= begins - 6 * minute ? { ...one, value: now } : one));
    const consequences = (shop: typeof early) =>
      analyse({
        ...empty,
        series: [
          series("shop", "http.duration.p50", "latency", "second", shop(0.2, 2)),
          series("cart", "http.duration.p50", "latency", "second", risen(0.1, 1.4)),
          series("cart", "cpu.usage", "saturation", "percent", risen(20, 97)),
        ],
      }).consequences.map(({ service }) => service);
    expect(consequences(risen)).toEqual(["shop"]);
    expect(consequences(early)).toEqual([]);
  });

  test("tell amounts in words that are true: the step's length, no unit that nobody gave, one span that is one", () => {
    const wide = (level: number, now: number) =>
      Array.from({ length: 60 }, (_, index) => page - (59 - index) * 5 * minute).map((at, index) => ({
        at,
        value: at >= page - 10 * minute ? now : level * (1 + 0.05 * Math.sin(index * 2.1)),
      }));
    const told = (metric: string, kind: "latency" | "traffic", now: number) => [
      series("shop", metric, "latency", null, wide(0.2, now)),
      series("shop", "requests", kind, null, wide(100, 400)),
    ];
    const texts = analyse({ ...empty, series: told("latency", "traffic", 0.9) }).suspects[0]?.reasons.map(({ text }) => text) ?? [];
    expect(texts[0]).toMatch(/^latency \(no unit\) 0\.\d+ → 0\.9 at/);
    expect(texts.join("\n")).not.toMatch(/a step| ms|shop: /);
  });
});
