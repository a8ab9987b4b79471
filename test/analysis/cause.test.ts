import { describe, expect, test } from "vitest";
import { analyse } from "../../src/analysis/analyse.ts";
import { causeOf } from "../../src/analysis/cause.ts";
import type { Reason, Suspect } from "../../src/incident/finding.ts";
import type { ChangeEvent, PlatformEvent, Telemetry } from "../../src/incident/telemetry.ts";
import { begins, empty, minute, risen, series } from "./telemetry.ts";

const onset = Date.UTC(2026, 4, 4, 0, 40);
const reason = (code: string, text: string, more: Partial<Reason> = {}): Reason => ({
  code,
  about: [text],
  text,
  evidence: [1],
  quote: null,
  since: onset,
  ...more,
});
const event = (title: string, text: string, short = text): Reason =>
  reason("event", `Kubernetes event at 00:41:00: ${title}: ${text}`, { about: [title], quote: text, short });
const line = (quote: string): Reason =>
  reason("log-new", `new log pattern in cart, 0 → 6/min since 00:40:00: \`${quote}\``, { about: ["a"], quote });
const suspect = (fault: Suspect["fault"], reasons: readonly Reason[], change: ChangeEvent | null = null): Suspect => ({
  ...{ service: "cart", instance: null, fault, change, probability: 0.9, onset, reasons },
});
const deploy: ChangeEvent = {
  ...{ kind: "deploy", at: onset - minute, service: "cart", title: "tidy", sha: "ab12cd34".repeat(5), previousSha: null, version: null },
  ...{ repository: null, author: null, pullRequest: null, files: null, link: null, evidence: 3 },
};

describe("a cause in one clause, from the strongest fact", () => {
  test.each<[string, Suspect, string]>([
    [
      "a heap that grew until it was full",
      suspect("memory", [
        line("java.lang.OutOfMemoryError: Java heap space"),
        reason("grows", "heap used grows", { about: ["jvm.heap.used"] }),
      ]),
      "ran out of Java heap after growing since 00:40",
    ],
    [
      "a kill by the platform",
      suspect("error", [event("BackOff", "Back-off restarting failed container web (reason: OOMKilled, exit code: 137)")]),
      "ran out of memory (reason: OOMKilled, exit code: 137) since 00:40",
    ],
    [
      "a quota",
      suspect("config", [
        event("FailedCreate", 'Error creating: pods "cart-1" is forbidden: exceeded quota: team-budget', "exceeded quota: team-budget"),
      ]),
      "has been unable to start pods since 00:40: exceeded quota: team-budget",
    ],
    [
      "no room on any node",
      suspect("config", [event("FailedScheduling", "0/5 nodes are available: 5 Insufficient cpu")]),
      "has had pods that no node takes since 00:40: 0/5 nodes are available: 5 Insufficient cpu",
    ],
    [
      "a crash, with what the process says of it",
      suspect("config", [line("FATAL: DB_HOST is not set"), event("BackOff", "Back-off restarting failed container web")]),
      "has kept crashing since 00:40: `FATAL: DB_HOST is not set`",
    ],
    [
      "a crash that is older than the record",
      suspect("error", [event("BackOff", "Back-off restarting failed container web (x896 over 4h2m)")]),
      "keeps crashing (x896 over 4h2m)",
    ],
    [
      "an error line",
      suspect("dependency", [line("getaddrinfo ENOTFOUND db.internal")]),
      "has logged `getaddrinfo ENOTFOUND db.internal` since 00:40",
    ],
    ["a level", suspect("cpu", [reason("level-moved", "CPU usage 25 % → 99 % at 00:40:10")]), "CPU usage 25 % → 99 % at 00:40:10"],
    [
      "its own name once",
      suspect("code", [reason("run-stops", "cart stopped logging `paid`: 97 % → 0 % of its runs since 00:40:10")]),
      "stopped logging `paid`: 97 % → 0 % of its runs since 00:40:10",
    ],
    [
      "how it shows, not what a change did",
      suspect("code", [line("pool exhausted"), reason("change-live", "deploy cart went live", { short: "`POOL_SIZE` 50 → 5" })], deploy),
      "has logged `pool exhausted` since 00:40",
    ],
  ])("%s", (_, about, expected) => expect(causeOf(about)).toBe(expected));

  test("of a long one the first clauses, and no half of a quotation", () => {
    const facts = `97.7 % of the time is spent in \`${"select a; b: c ".repeat(8)}\` of cart; no record shows since when; ${"x".repeat(80)}`;
    const cause = causeOf(suspect("latency", [reason("slowest-requests", facts)])) ?? "";
    expect(cause).toMatch(/^97\.7 % of the time is spent in `[^`]+ …` of cart; no record shows since when$/);
    expect(cause.length).toBeLessThanOrEqual(200);
  });

  test("each fact with its own time, not the suspect's", () => {
    const late = { ...line("pool exhausted"), since: onset + 7 * minute };
    expect(causeOf(suspect("code", [late]))).toBe("has logged `pool exhausted` since 00:47");
    const old = { ...reason("grows", "heap grows", { about: ["jvm.heap.used"] }), since: onset - 60 * minute };
    expect(causeOf(suspect("memory", [event("OOMKilled", "killed"), old]))).toBe("ran out of memory after growing since 23:40");
  });

  test("none where there is no fact", () => expect(causeOf(suspect(null, []))).toBeNull());
});

describe("what a platform says around a fact does not push the fact out of sight", () => {
  const of = (title: string, text: string): string => {
    const one: PlatformEvent = {
      at: begins,
      source: "kubernetes",
      service: "stock",
      instance: null,
      severity: "warning",
      title,
      text,
      tags: [],
      evidence: 4,
    };
    const telemetry: Telemetry = {
      ...empty,
      page: { ...empty.page, service: "stock", title: "Errors on stock" },
      events: [one, { ...one, at: begins + minute }],
    };
    const all = { ...telemetry, series: [series("stock", "http.error_ratio", "errors", "fraction", risen(0.004, 0.6))] };
    return analyse(all).suspects[0]?.reasons.find(({ code }) => code === "event")?.text ?? "";
  };
  test.each([
    [
      "FailedCreate",
      `ReplicaSet/stock-9bc08cbe40: Error creating: pods "stock-9bc08cbe40-fc49l" is forbidden: exceeded quota: team-budget`,
      "FailedCreate: exceeded quota: team-budget",
    ],
    [
      "BackOff",
      "Pod/stock-4af9f640b0-9fdjx: Back-off restarting failed container stock in pod stock-4af9f640b0-9fdjx_shop(ab-12) (reason: OOMKilled)",
      "BackOff: Back-off restarting failed container stock (reason: OOMKilled)",
    ],
    ["OOMKilling", "Memory cgroup out of memory", "OOMKilling: Memory cgroup out of memory"],
  ])("%s", (title, text, fact) =>
    expect(of(title, text)).toMatch(new RegExp(`^Kubernetes event at [0-9:]+: ${fact.replaceAll(/[()]/g, "\\$&")}$`)),
  );
});

test("a latency of which nobody says the unit is said to have none", () => {
  const page = { ...empty.page, service: "stock", title: "stock is slow" };
  const what = (unit: string | null) =>
    analyse({ ...empty, page, series: [series("stock", "checkout_latency_p90", "latency", unit, risen(0.2, 0.9))] }).symptoms[0]?.what;
  expect(what(null)).toContain("(no unit)");
  expect(what("second")).not.toContain("unit");
});

test("a percentage of a disk that never passes one is given no unit, for nobody knows what it is", () => {
  const at = (unit: string, before: number, now: number) =>
    analyse({
      ...empty,
      page: { ...empty.page, service: "stock", title: "Disk of stock" },
      series: [series("stock", "disk.used", "saturation", unit, risen(before, now))],
    }).symptoms[0]?.unit;
  expect(at("percent", 0.42, 0.95)).toBeNull();
  expect(at("percent", 42, 95)).toBe("percent");
  expect(at("fraction", 0.42, 0.95)).toBe("fraction");
});
