import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { runbookFacts } from "../../src/analysis/trouble.ts";
import { type Analysis, culpritOf, type Reason, type Suspect } from "../../src/incident/finding.ts";
import type { ChangeEvent } from "../../src/incident/telemetry.ts";
import { matchRunbooks, readRunbook } from "../../src/skills/runbook.ts";

const folder = new URL("../../runbooks/", import.meta.url);
const runbooks = readdirSync(folder).flatMap(
  (file) => readRunbook(`runbooks/${file}`, readFileSync(new URL(file, folder), "utf8")).runbook ?? [],
);

const at = Date.UTC(2026, 4, 4, 3, 14);
const reason = (code: string, about: string, quote: string | null = null): Reason => ({
  code,
  about: [about],
  text: about,
  evidence: [1],
  quote,
});
const event = (title: string, text: string): Reason => ({
  code: "event",
  about: [title],
  text: `Kubernetes event: ${title}: ${text}`,
  evidence: [1],
  quote: text,
});
const line = (quote: string): Reason => reason("log-new", "a pattern", quote);
const change = (kind: ChangeEvent["kind"], about: Partial<ChangeEvent> = {}): ChangeEvent => ({
  ...{ kind, at: at - 120_000, service: "cart", title: "a change", sha: null, previousSha: null, version: "2", repository: null },
  ...{ author: null, pullRequest: null, files: null, link: null, evidence: 3 },
  ...about,
});
const suspect = (fault: Suspect["fault"], reasons: readonly Reason[], about: Partial<Suspect> = {}): Suspect => ({
  ...{ service: "cart", instance: null, fault, change: null, probability: 0.9, onset: at - 60_000, reasons },
  ...about,
});
const analysis = (suspects: readonly Suspect[], about: Partial<Analysis> = {}): Analysis => ({
  ...{ verdict: "incident", because: "", onset: at - 60_000, symptoms: [], suspects, ruledOut: [], consequences: [] },
  ...about,
});

/** Names of the runbooks that fit, best first. The paged service is cart. */
function fitting(found: Analysis, title = "cart: errors", changes: readonly ChangeEvent[] = []): string[] {
  const best = culpritOf(found);
  const about = { services: ["cart"], title, details: "", fault: best?.fault ?? null };
  return matchRunbooks(runbooks, { ...about, facts: runbookFacts(found, "cart", { title, at }, changes) }).map(({ name }) => name);
}

const deploy = change("deploy");
const grows = (metric: string) => reason("grows", metric);

describe("the runbook that fits what the analysis found", () => {
  test.each<[string, readonly Suspect[], string | null, readonly ChangeEvent[]]>([
    ["a container that was killed for its memory", [suspect("memory", [event("OOMKilled", "exit code 137")])], "memory-and-restarts", []],
    [
      "the same with a crash loop behind it",
      [suspect("error", [event("BackOff", "Back-off restarting"), event("OOMKilling", "oom-killer ended java")])],
      "memory-and-restarts",
      [],
    ],
    ["a heap that is full", [suspect("memory", [line("java.lang.OutOfMemoryError: Java heap space")])], "memory-and-restarts", []],
    ["memory that grows", [suspect("memory", [grows("container.memory.rss")])], "memory-growth", []],
    [
      "a crash at start",
      [suspect("error", [event("BackOff", "CrashLoopBackOff: back-off 5m restarting failed container")])],
      "pods-restarting",
      [],
    ],
    ["a probe that fails", [suspect("error", [event("Unhealthy", "Readiness probe failed: HTTP 503")])], "pods-restarting", []],
    [
      "a crash at start whose line speaks of a limit",
      [
        suspect("error", [
          event("BackOff", "Back-off restarting failed container"),
          line("fatal: limit exceeded: MAX_SIZE must be below 10"),
        ]),
      ],
      "pods-restarting",
      [],
    ],
    ["an image that is not there", [suspect("config", [event("Failed", "ErrImagePull: not found")])], "image-not-pulled", []],
    ["pods that no node takes", [suspect("config", [event("FailedScheduling", "0/5 nodes: Insufficient cpu")])], "quota-or-scheduling", []],
    [
      "a quota that is used up",
      [suspect("config", [event("FailedCreate", "forbidden: exceeded quota: team-budget")])],
      "quota-or-scheduling",
      [],
    ],
    ["a full disk", [suspect("overload", [line("write /data: no space left on device")])], "disk-full", []],
    ["a disk that fills", [suspect("overload", [grows("system.disk.used_percent")])], "disk-full", []],
    [
      "a database without free connections",
      [suspect("overload", [reason("connections-taken", "orders")], { service: "orders-db" })],
      "connections-exhausted",
      [],
    ],
    [
      "a pool that is used up",
      [suspect("overload", [line("FATAL: remaining connection slots are reserved")])],
      "connections-exhausted",
      [],
    ],
    ["a lock", [suspect("overload", [reason("lock-holder", "orders")], { service: "orders-db" })], "database-slow", []],
    ["a heavy statement", [suspect("overload", [reason("statement-heavy", "select 1")], { service: "orders-db" })], "database-slow", []],
    [
      "a replica that lags",
      [suspect("overload", [reason("level-moved", "postgres replication lag")], { service: "orders-db" })],
      "replica-lag",
      [],
    ],
    ["a queue that grows", [suspect("overload", [grows("kafka.consumer.lag.messages")], { service: "mailer" })], "queue-backlog", []],
    [
      "a cache that no longer hits",
      [suspect("overload", [reason("level-moved", "redis cache hit ratio")], { service: "cache" })],
      "cache-hit-rate",
      [],
    ],
    ["a certificate that ran out", [suspect("config", [line("x509: certificate has expired or is not yet valid")])], "certificate", []],
    ["a name that does not resolve", [suspect("dependency", [line("getaddrinfo ENOTFOUND db.internal")])], "dns", []],
    [
      "a vendor that fails",
      [suspect("dependency", [reason("outside-fails", "api.pay.example")], { service: "api.pay.example" })],
      "vendor-outage",
      [],
    ],
    ["CPU at its limit", [suspect("cpu", [reason("near-limit", "container cpu usage")])], "cpu-saturation", []],
    ["a fault of the CPU that no metric shows", [suspect("cpu", [reason("turns", "GET /cart")])], "cpu-saturation", []],
    [
      "CPU that moved most, with a disk behind it",
      [suspect("cpu", [reason("level-moved", "container cpu usage"), reason("level-moved", "system.disk.in_use")])],
      "cpu-saturation",
      [],
    ],
    [
      "a disk that moved most, with CPU behind it",
      [suspect("cpu", [reason("level-moved", "system.disk.in_use"), reason("level-moved", "container cpu usage")])],
      "disk-full",
      [],
    ],
    [
      "a callee that became slow",
      [suspect("latency", [reason("own-time-grew", "GET /stock")], { service: "stock" })],
      "slow-dependency",
      [],
    ],
    ["a callee's own code that became slow", [suspect("code", [reason("own-time-grew", "GET /stock")], { service: "stock" })], null, []],
    [
      "a deploy of a migration alone",
      [
        suspect("code", [reason("own-time-grew", "sql.query")], {
          service: "orders-db",
          change: change("deploy", {
            files: [{ path: "db/migrations/0042_region.sql", status: "added", additions: 1, deletions: 0, patch: null }],
          }),
        }),
      ],
      "migration-lock",
      [],
    ],
    [
      "availability that falls",
      [suspect("error", [reason("carries-trouble", "availability")], { service: "stock" })],
      "errors-without-a-change",
      [],
    ],
    ["a service's own slowness, which is no dependency", [suspect("latency", [reason("own-time-grew", "GET /cart")])], null, []],
    ["errors that nothing explains", [suspect("code", [line("TypeError: x is undefined")])], "errors-without-a-change", []],
    [
      "the same with a deploy 9 s before that is not blamed",
      [suspect("code", [line("TypeError: x is undefined")])],
      null,
      [change("deploy", { at: at - 69_000 })],
    ],
    [
      "errors with a deploy of the day before",
      [suspect("code", [line("TypeError: x is undefined")])],
      "errors-without-a-change",
      [change("deploy", { at: at - 86_400_000 })],
    ],
    [
      "errors with a deploy of a service far away",
      [suspect("code", [line("TypeError: x is undefined")])],
      "errors-without-a-change",
      [change("deploy", { service: "mailer" })],
    ],
    [
      "errors that a deploy brought",
      [suspect("code", [line("TypeError: x is undefined")], { change: deploy })],
      "errors-after-deploy",
      [deploy],
    ],
    [
      "slowness that a deploy brought",
      [suspect("latency", [reason("own-time-grew", "GET /cart")], { change: deploy })],
      "roll-back-a-deploy",
      [deploy],
    ],
    [
      "a leak that a deploy brought",
      [suspect("memory", [grows("container.memory.rss")], { change: deploy })],
      "roll-back-a-deploy",
      [deploy],
    ],
    [
      "a deploy that is only possible",
      [suspect("latency", [reason("own-time-grew", "GET /cart")], { change: deploy, probability: 0.45 })],
      null,
      [deploy],
    ],
    [
      "a setting",
      [suspect("latency", [reason("own-time-grew", "GET /stock")], { service: "stock", change: change("config") })],
      "config-change",
      [],
    ],
    ["a flag", [suspect("code", [line("TypeError")], { change: change("flag") })], "config-change", []],
    [
      "a migration",
      [suspect("overload", [reason("lock-waits", "orders")], { service: "orders-db", change: change("migration") })],
      "migration-lock",
      [],
    ],
  ])("%s", (_, suspects, expected, changes) => expect(fitting(analysis(suspects), "cart: errors", changes)[0] ?? null).toBe(expected));

  test("a memory kill is given no steps for errors without a change", () => {
    expect(fitting(analysis([suspect("error", [event("OOMKilled", "exit code 137")])]))).toEqual(["memory-and-restarts"]);
  });

  test.each<[string, string, Analysis, string | null]>([
    [
      "of a cause that is open, by what the page claims",
      "orders-db: replication lag 40 s",
      analysis([], { verdict: "inconclusive" }),
      "replica-lag",
    ],
    [
      "of a cause that is open, where the page claims what may have any cause",
      "cart: error rate 12 %",
      analysis([], { verdict: "inconclusive" }),
      null,
    ],
    ["of services that fail alike", "cart: errors", analysis([suspect("code", [line("TypeError")])], { together: ["cart", "mail"] }), null],
    [
      "of a cause that is known, whatever else the page claims",
      "cart: queue depth",
      analysis([suspect("memory", [event("OOMKilled", "exit code 137")])]),
      "memory-and-restarts",
    ],
  ])("%s", (_, title, found, expected) => expect(fitting(found, title)[0] ?? null).toBe(expected));

  test("a change that is proven innocent is none that may be the cause", () => {
    const innocent = { what: 'deploy cart@2 "a change"', why: "its diff changes documentation only", evidence: [3] };
    const found = analysis([suspect("code", [line("TypeError")])], { ruledOut: [innocent] });
    expect(fitting(found, "cart: errors", [deploy])[0]).toBe("errors-without-a-change");
  });
});
