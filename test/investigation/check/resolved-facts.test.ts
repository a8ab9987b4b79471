import { expect, test } from "vitest";
import type { ChangeEvent } from "../../../src/incident/telemetry.ts";
import type { CheckLedger } from "../../../src/investigation/check/check-context.ts";
import { checkFinding } from "../../../src/investigation/check/check-finding.ts";
import { context, ledger, trueFinding } from "./finding-fixture.ts";
import { at, ledgerOf, stands, series, type Told } from "./told-answers.ts";

const latency = series(
  "second",
  Array.from({ length: 60 }, (_, index) => (index < 30 ? 0.2 + (index % 7) / 1000 : index === 44 ? 5.31 : 4.8 - (index % 5) / 100)),
);

test.each([
  ["payments p95 stays near 0.2 s until 03:29", true],
  ["payments p95 reaches 5.31 s at 03:44", true],
  ["payments p95 is 24 times as high at the end as at the start", true],
  ["payments p95 rose almost 25 times", true],
  ["payments p95 peaks at 6.31 s", false],
  ["payments p95 reaches 5.31 min at 03:44", false],
  ["payments p95 rose almost 60 times", false],
])("of a series, levels, peaks, steps and ratios are facts: “%s” %s", async (text, holds) => {
  expect(await stands(text, [{ raw: latency }])).toBe(holds);
});

const rows = JSON.stringify({
  data: [
    ...Array.from({ length: 14 }, (_, index) => ({
      service: "payments",
      reason: "OOMKilled",
      timestamp: new Date(at("03:12:05") + index * 61_000).toISOString(),
    })),
    ...Array.from({ length: 36 }, (_, index) => ({
      service: "checkout",
      reason: "Unhealthy",
      timestamp: new Date(at("03:02:00") + index * 31_000).toISOString(),
    })),
  ],
});

test.each([
  ["payments has 14 events with reason OOMKilled, 28 % of all 50", true],
  ["The first OOMKilled of payments came at 03:12:05", true],
  ["payments was killed from 3:12 am on, the last time at 03:25:18Z", true],
  ["payments has 19 events with reason OOMKilled", false],
  ["payments has 14 events, 41 % of all", false],
  ["The first OOMKilled of payments came at 03:58:05", false],
])("rows of a list are counted, and their first and last times are facts: “%s” %s", async (text, holds) => {
  expect(await stands(text, [{ raw: rows }])).toBe(holds);
});

test.each([
  ["payments uses 41 of 200 connections, about a fifth", true],
  ["payments uses 20.5 % of its connections", true],
  ["payments has 159 connections left of 200, 41 are used", true],
  ["payments uses 34 % of its connections", false],
  ["payments has 179 connections left of 200, 41 are used", false],
])("shares and differences of figures are computed again: “%s” %s", async (text, holds) => {
  expect(await stands(text, [{ raw: JSON.stringify({ service: "payments", in_use_count: 41, limit_count: 200 }) }])).toBe(holds);
});

test.each([
  ["payments began to fail 45 s after it went live at 03:10:55", true],
  ["payments failed 12 minutes later, at 03:23", true],
  ["payments failed 25 minutes later, at 03:23", false],
  ["payments began to fail 75 s after it went live at 03:10:55", false],
])("the time between two known instants is a fact: “%s” %s", async (text, holds) => {
  const view = "E1 payments: errors since 03:11:40\nE1 payments: pool exhausted at 03:23:10";
  expect(await stands(text, [{ raw: '{"service":"payments"}', view }])).toBe(holds);
});

test.each([
  ["No entry of payments matches between 03:00 and 03:20", true],
  ["payments logged no timeout in the 20 minutes from 03:00 to 03:20", true],
  ["payments logged 77 timeouts from 03:00 to 03:20", false],
  ["payments logged no timeout from 03:00 to 03:50", false],
])("that a search found nothing, and its window, are facts: “%s” %s", async (text, holds) => {
  const answer = { raw: '{"data":[]}', query: "service:payments timeout", window: ["03:00:00", "03:20:00"], view: "E1: no line" } as const;
  expect(await stands(text, [answer])).toBe(holds);
});

test.each([
  ["No line of payments says “connection refused”", true],
  ["payments never logged “connection refused”", true],
  ["payments runs without any mention of “connection refused”", true],
  ["payments logged “connection refused”", false],
  ["payments logged ‘pool exhausted’", true],
  ["payments logged ‘connection refused’", false],
  ["payments did not recover and logs “connection refused”", false],
  ["payments is not well since it said “connection refused”", false],
  ["payments no longer says “connection refused”", false],
  ["There is no doubt that payments logged “connection refused”", false],
  ["Without warning payments logged “connection refused”", false],
  ["payments did not start, logging “connection refused”", false],
  ["payments could not start as it logged “connection refused”", false],
  ["No line of payments says “pool exhausted”", false],
])("words that are said to be nowhere may be quoted, and are looked for: “%s” %s", async (text, holds) => {
  expect(await stands(text, [{ raw: '{"data":[{"service":"payments","message":"pool exhausted"}]}' }])).toBe(holds);
});

test.each([
  ["No line of payments mentions “evict”", "service:payments evict", true],
  ["No line of payments mentions “evict”", "service:payments", true],
  ["No line of payments mentions “evict”", "service:payments timeout", false],
])("an empty search shows that its own words are nowhere: “%s” by “%s” %s", async (text, query, holds) => {
  expect(await stands(text, [{ raw: '{"data":[]}', query, asked: [query] }])).toBe(holds);
});

test.each([
  ["payments did not restart, no pod went into `Evicted`", ["Evicted"]],
  ["payments never came back, its last state is “OOMKilled”", ["OOMKilled"]],
  ["payments did not restart, it logs `evicted by the kubelet`", "payments did not restart"],
  ["payments waits for its pool, its last state is “OOMKilled”", "payments waits for its pool"],
])("a single quoted word that is nowhere is marked where the sentence denies something, else cut: “%s”", async (text, left) => {
  const finding = { ...trueFinding, claims: [{ text, evidence: [1], quotes: [] }] };
  const { cleaned } = await checkFinding(finding, ledgerOf([{ raw: '{"service":"payments","state":"Running"}' }]), context);
  expect(cleaned.claims[0]).toMatchObject(typeof left === "string" ? { text: left } : { text, unverified: left });
});

test("a name that a gap quotes is in an answer, else it is marked", async () => {
  const raw = '{"service":"payments","name":"payments error rate"}';
  const check = async (what: string) => {
    const finding = { ...trueFinding, missing: [{ what, who: null, evidence: [1] }] };
    return (await checkFinding(finding, ledgerOf([{ raw }]), context)).cleaned.missing[0];
  };
  expect(await check("Who watches the monitor “payments error rate”")).not.toHaveProperty("unverified");
  expect(await check("No line names “payments fault rate”")).not.toHaveProperty("unverified");
  expect(await check("No line names “payments error rate”")).toMatchObject({ unverified: ["payments error rate"] });
  expect(await check("Who watches the monitor “payments fault rate”")).toMatchObject({ unverified: ["payments fault rate"] });
});

test.each([
  ["payments p95 is 4.21 s at the end", true],
  ["payments p95 is 4.21 ms at the end", false],
  ["payments p95 rose from 0.21 s to about 4.21 s", true],
  ["payments p95 rose from 4.21 s to about 0.21 s", false],
  ["payments p95: 4.21 s → 0.21 s", false],
])("numbers without a unit are in that of their view, and one series orders them: “%s” %s", async (text, holds) => {
  const raw = series("unnamed", [0.21, 0.22, 0.25, 0.93, 2.47, 4.21]);
  const view = "E1 payments p95: median 930 ms, min 210 ms, second 220 ms, then 250 ms, later 2.47 s";
  expect(await stands(text, [{ raw, view }])).toBe(holds);
});

test.each([
  ["avg:latency.p99", [0.4461, 0.4513, 1.0524], "payments p99 latency ends at 1,052 ms", true],
  ["avg:latency.p99", [0.4461, 0.4513, 1.0524], "payments p99 latency ends at 1.05 s", true],
  ["avg:latency.p99", [0.4461, 0.4513, 1.0524], "payments p99 latency ends at 2,052 ms", false],
  ["avg:latency.p99", [0.4461, 0.4513, 1.0524], "payments p99 latency ends at 1.05 h", false],
  ["avg:io.wait", [18_250_000, 18_310_000, 77_400_000], "payments waits 77.4 ms for its disk at the end", true],
  ["avg:disk_used_pct", [0.421, 0.437, 0.951], "payments has used 95.1 % of its disk at the end", true],
  ["avg:disk_used_pct", [0.421, 0.437, 0.951], "payments has used 59.1 % of its disk at the end", false],
  ["avg:disk_used_pct", [42.1, 43.7, 0.951], "payments has used 95.1 % of its disk at the end", false],
])("of a series without a unit any usual one is meant: of %s %s “%s” %s", async (query, values, text, holds) => {
  const raw = JSON.stringify({
    data: {
      attributes: {
        series: [{ group_tags: ["service:payments"], query_index: 0, unit: null }],
        times: values.map((_, index) => at("03:00:00") + index * 60_000),
        values: [values],
      },
    },
  });
  expect(await stands(text, [{ raw, query }])).toBe(holds);
});

test.each([
  ["payments can't resolve vault.cards.svc.cluster.local", true],
  ["payments can't resolve vault.shops.svc.cluster.local", false],
  ["payments reads pool_size from config/pool.yaml", true],
  ["payments reads pool_limit from config/pool.yaml", false],
  ["payments reads pool_size from config/other.yaml", false],
])("hosts, files and settings are named in an answer: “%s” %s", async (text, holds) => {
  const message = "lookup vault.cards.svc.cluster.local failed; pool_size of config/pool.yaml";
  expect(await stands(text, [{ raw: JSON.stringify({ service: "payments", message }) }])).toBe(holds);
});

test("of a change that only an answer tells of, its title and constants are its own", async () => {
  const commit = (sha: string, message: string, patch: string) => ({ sha: sha.padEnd(40, "0"), commit: { message }, files: [{ patch }] });
  const raw = JSON.stringify([commit("abc1234", "Allow more entries", "+max: 9000"), commit("def5678", "Update readme", "+see 5511")]);
  const answers = [{ raw: '{"service":"payments"}' }, { raw, source: "GitHub" }];
  expect(await stands("payments: abc1234 is “Allow more entries”", answers)).toBe(true);
  expect(await stands("payments: def5678 is “Allow more entries”", answers)).toBe(false);
  expect(await stands("payments: abc1234 sets max to 9000", answers)).toBe(true);
  expect(await stands("payments: def5678 sets max to 9000", answers)).toBe(false);
});

test.each([
  ["Both nodes of payments say MemoryPressure=False.", true],
  ["Both nodes of payments say MemoryPressure=True.", false],
  ["payments runs with tls=required.", true],
  ["payments runs with tls=off.", false],
  ["payments runs with mode=primary.", true],
  ["payments runs with mode=standby.", false],
])("a field has the value that an answer gives it: “%s” %s", async (text, holds) => {
  const raw = JSON.stringify({ service: "payments", tls: "required", message: "node 1 MemoryPressure=False, mode: primary" });
  expect(await stands(text, [{ raw }])).toBe(holds);
});

test.each([
  ["payments p95 is 5.31 s at 03:44", true],
  ["payments p95 is 5.31 s at 03:12", false],
  ["payments p95 is 0.2 s at 03:00 and 03:07", true],
  ["payments p95 is 0.2 s at 03:00 and 03:47", false],
])("a figure is that of the time which its sentence gives it: “%s” %s", async (text, holds) => {
  expect(await stands(text, [{ raw: latency }])).toBe(holds);
});

test("a pod's figures are its service's", async () => {
  const raw = JSON.stringify({
    data: [
      { pod: "payments-7d9f6c4b8-x2k8p", cpu_pct: 99.91 },
      { pod: "checkout-5c6d7e8f9-9qzst", cpu_pct: 12.34 },
    ],
  });
  expect(await stands("payments-7d9f6c4b8-x2k8p is at 99.91 % CPU", [{ raw }])).toBe(true);
  expect(await stands("checkout-5c6d7e8f9-9qzst is at 99.91 % CPU", [{ raw }])).toBe(false);
  expect(await stands("CPU: payments 99.91 %, checkout 12.34 %", [{ raw }])).toBe(true);
});

test("what a sentence says of a change is looked for in that change", async () => {
  const files = (path: string) => [{ path, status: "modified", additions: 1, deletions: 1, patch: "+x" }] as const;
  const [first, second] = [commit(null), { ...commit(null), sha: "77aa88b".padEnd(40, "1"), title: "docs" }];
  const known = {
    ...context,
    changes: [
      { ...first, files: files("config/cache.yaml") },
      { ...second, files: files("docs/readme.txt") },
    ],
    diffsRead: [first.sha ?? "", second.sha],
  };
  const raw = '{"service":"payments","commits":["5ac1d3e","77aa88b"]}';
  expect(await stands("5ac1d3e changes config/cache.yaml of payments", [{ raw }], known)).toBe(true);
  expect(await stands("77aa88b changes config/cache.yaml of payments", [{ raw }], known)).toBe(false);
});

test("a name that the model asked for is seen where something came back, and not where nothing did", async () => {
  const query = "avg:kube.pod.restarts9{pod:payments-7d9f}";
  const told = (raw: string) => ({ raw, query, asked: [query] });
  const text = "kube.pod.restarts9 of payments-7d9f is 3.25";
  expect(await stands(text, [told(series("restart", [3.25]))])).toBe(true);
  expect(await stands("payments: kube.pod.restarts9 of payments-7d9f has no points", [told('{"series":[]}')])).toBe(false);
});

test.each([
  ["+  timeoutMs: 5000", "payments waits 5 s at most", true],
  ["+  timeoutMs: 5000", "payments waits 5 min at most", false],
  ["-pool: 50\n+pool: 5", "payments has a pool of 5, down from 50", true],
  ["+  image: payments:9f2c1e47", "payments runs 9f2c1e4", true],
  ["+  image: payments:9f2c1e47", "payments runs 9f2c1e5", false],
  ["+  limits: { memory: 512Mi }", "payments may use 512 MiB", true],
  ["+  limits: { memory: 512Mi }", "payments may use 512 GiB", false],
  ["+  limits: { cpu: 250m }", "payments may use 0.25 cores", true],
])("constants of a diff are facts: of “%s”, “%s” %s", async (patch, text, holds) => {
  expect(await stands(text, [{ raw: JSON.stringify({ service: "payments", files: [{ patch }] }) }])).toBe(holds);
});

test.each([
  ["avg(last_20m):payments.errors9 > 40", "payments is averaged over the last 20 minutes", true],
  ["avg(last_20m):payments.errors9 > 40", "payments is averaged over the last 35 minutes", false],
  ["payments ran at 0.92 cores", "92 % of a core", true],
  ["heap of payments 536870912 bytes", "payments holds 512 MiB", true],
  ["61,234 lines of payments", "payments logged over 60,000 lines", true],
  ["61,234 lines of payments", "payments logged almost 62 thousand lines", true],
  ["61,234 lines of payments", "payments logged over 70,000 lines", false],
  ["payments answered 503 312 times", "payments answered with hundreds of 503s", true],
  ["retries of payments 2 → 6", "retries of payments tripled", true],
  ["retries of payments 2 → 6", "retries of payments doubled", false],
])("units, rounding and words for amounts: of “%s”, “%s” %s", async (raw, text, holds) => {
  expect(await stands(text.includes("payments") ? text : `payments ran at ${text}`, [{ raw: raw.replaceAll("\n", " ") }])).toBe(holds);
});

test("a figure in another unit than the evidence has is cut, one that is only another service's is marked", async () => {
  const raw = '{"service":"payments","p95_ms":4823}\n{"service":"checkout","p95_ms":350}';
  const check = async (text: string) => {
    const claims = [{ text, evidence: [1], quotes: [] }];
    return checkFinding({ ...trueFinding, claims }, ledgerOf([{ raw }]), context);
  };
  const unit = await check("payments answers late, its p95 is 4823 s");
  expect(unit.problems.find(({ part }) => part === "claims")).toMatchObject({ code: "other-unit", weight: "cut" });
  expect(unit.cleaned.claims[0]?.text).toBe("payments answers late");
  const service = await check("p95 of checkout is 4.82 s");
  expect(service.problems.find(({ code }) => code === "of-another")).toMatchObject({ part: "claims", weight: "hint" });
  expect(service.cleaned.claims[0]).toMatchObject({ unverified: ["4.82 s"] });
});

/** A commit that nobody recorded as deployed. */
const commit = (patch: string | null): ChangeEvent => ({
  ...{
    kind: "commit",
    at: at("03:05:00"),
    service: "payments",
    title: "tune",
    previousSha: null,
    version: null,
    author: "ana",
    pullRequest: null,
  },
  ...{ sha: "5ac1d3e".padEnd(40, "0"), repository: "acme/payments", link: null, evidence: 2 },
  files: patch === null ? null : [{ path: "deploy.yaml", status: "modified", additions: 1, deletions: 1, patch }],
});

test.each([
  ["image", "-  image: acme/payments:2.9.0\n+  image: acme/payments:2.9.1", "acme/payments:2.9.1", "2026-03-14T03:11:00Z", true],
  ["command", '-  args: ["--pool=50"]\n+  args: ["--pool=50", "--tls-only=true"]', "--tls-only=true", "2026-03-14T03:11:00Z", true],
  ["error", '+    throw new Error("card vault is sealed for now");', "card vault is sealed for now", "2026-03-14T03:11:00Z", true],
  [
    "a line from before the merge",
    "-  image: acme/payments:2.9.0\n+  image: acme/payments:2.9.1",
    "acme/payments:2.9.1",
    "2026-03-14T02:11:00Z",
    false,
  ],
  [
    "a line that was there before",
    "-  image: acme/payments:2.9.1\n+  image: acme/payments:2.9.1",
    "acme/payments:2.9.1",
    "2026-03-14T03:11:00Z",
    false,
  ],
])("a commit without a deployment record can be blamed where what runs repeats its added line: %s", async (_, patch, line, time, holds) => {
  const change = commit(patch);
  const known = { ...context, changes: [change], diffsRead: [change.sha ?? ""] };
  const raw = JSON.stringify({ data: [{ service: "payments", timestamp: time, message: `container started with ${line}` }] });
  const claims = [{ text: `payments logs “container started with ${line}”`, evidence: [1], quotes: [] }];
  const blaming = {
    ...trueFinding,
    claims,
    causal_path: [],
    cause: "payments was changed",
    change: { id: "5ac1d3e", repository: "acme/payments" },
  };
  const { problems, cleaned } = await checkFinding(blaming, ledgerOf([{ raw }]), known);
  expect(problems.some(({ code }) => code === "never-live")).toBe(!holds);
  expect(cleaned.change).toEqual(holds ? blaming.change : null);
});

test.each([
  ["Run kubectl (18.2 %) delete namespace production", "kubectl delete"],
  ["Enter (18.2 %) your password in this thread now", "password"],
])("a step of which a part is cut comes to no command and asks for no secret: %s", async (step, dangerous) => {
  const finding = { ...trueFinding, do_now: [{ step, runbook: null, evidence: [1] }] };
  const answer = { raw: '{"service":"payments","took_ms":18.2}', view: "payments took 18.2 ms" };
  const { cleaned } = await checkFinding(finding, ledgerOf(Array<Told>(9).fill(answer)), context);
  expect(cleaned.do_now.filter((one) => one.step.includes(dangerous))).toEqual([]);
});

test("a step of which a part is cut is told where the rest is harmless", async () => {
  const step = "Roll payments back, its share is 18.2 %, then look again";
  const finding = { ...trueFinding, do_now: [{ step, runbook: null, evidence: [1] }] };
  const answer = { raw: '{"service":"payments","took_ms":18.2}', view: "payments took 18.2 ms" };
  const { cleaned } = await checkFinding(finding, ledgerOf(Array<Told>(9).fill(answer)), context);
  expect(cleaned.do_now).toMatchObject([{ step: "Roll payments back, then look again" }]);
});

test.each([
  [
    "payments keeps entries sixty times shorter",
    JSON.stringify({ patch: "@@ -1 +1 @@\n-  ttl_seconds: 3600\n+  ttl_seconds: 60\n" }),
    true,
  ],
  [
    "payments keeps entries ninety times shorter",
    JSON.stringify({ patch: "@@ -1 +1 @@\n-  ttl_seconds: 3600\n+  ttl_seconds: 60\n" }),
    false,
  ],
  ["86 % of the slowest call of payments (6.55 of 7.63 s) is one query", "payments took 7.63 s, postgres.query 6.55 s", true],
  ["68 % of the slowest call of payments (6.55 of 7.63 s) is one query", "payments took 7.63 s, postgres.query 6.55 s", false],
  ["payments hits 0.85, then 0.25, so misses go from about 15 % to 75 %, five times as many", "payments hit rate 0.85 → 0.25", true],
  ["payments hits 0.85, then 0.25, so misses go from about 35 % to 75 %, twice as many", "payments hit rate 0.85 → 0.25", false],
  ["payments has 2,247 connections, so 1,357 are free", "payments: connections 2,247\nmaximum 3,604", true],
  ["payments has 2,247 connections, so 1,537 are free", "payments: connections 2,247\nmaximum 3,604", false],
])("a figure that follows from those beside it or from what is cited holds: “%s” %s", async (text, raw, holds) => {
  const isJson = raw.startsWith("{");
  expect(
    await stands(text, [{ raw: isJson ? raw.replace("{", '{"service":"payments",') : '{"service":"payments"}', view: isJson ? "" : raw }]),
  ).toBe(holds);
});

test.each([
  ["Errors of payments are flat between 42 and 45 %", true],
  ["Errors of payments are flat between 24 and 45 %", false],
  ["payments fails 42, 43 and 45 % at 03:01, 03:02 and 03:03", true],
])("figures of a list or a range share the unit behind the last: “%s” %s", async (text, holds) => {
  expect(await stands(text, [{ raw: series("percent", [42, 42, 43, 45, 44]) }])).toBe(holds);
});

test.each([
  ["payments moves between 35 % and 99 % of its limit since 03:00", true],
  ["payments takes 1.2 to 2.9 ms on average, the slowest 7.77 ms", true],
])("what is said behind a range is said of the range: “%s” %s", async (text, holds) => {
  const view = "payments memory 35 % at 03:00, max 99 % at 03:12\npayments average 2.9 ms, least 1.2 ms, slowest 7.77 ms";
  expect(await stands(text, [{ raw: "{}", view }])).toBe(holds);
});

test.each([
  ["No deploy of payments in the last 48 hours", true],
  ["No deploy of payments in the last 72 hours", false],
  ["No deploy of payments between 03:20 and 03:40", true],
])("the length of the asked window is a fact, and of an absence any part of it: “%s” %s", async (text, holds) => {
  const from = at("03:50:00") - 48 * 3_600_000 - 120_000;
  const answers = ledgerOf([{ raw: '{"data":[]}' }]);
  const asked: CheckLedger = { ...answers, entry: (number) => (number === 1 ? { source: "", query: "", from, to: at("03:50:00") } : null) };
  const { problems } = await checkFinding({ ...trueFinding, claims: [{ text, evidence: [1], quotes: [] }] }, asked, context);
  expect(problems.every(({ part }) => part !== "claims")).toBe(holds);
});

test("a figure of a hop is of the hop's service, also where it names another as its object", async () => {
  const raw = '{"service":"payments","query_ms":416}\n{"service":"orders-db2","query_ms":15}';
  const markOf = async (service: string, what: string) => {
    const finding = { ...trueFinding, causal_path: [{ service, what, evidence: [1] }] };
    const { cleaned } = await checkFinding(finding, ledgerOf([{ raw }]), context);
    return cleaned.causal_path[0]?.unverified;
  };
  expect(await markOf("payments", "It waits for orders-db2, and its own query takes 416 ms")).toBeUndefined();
  expect(await markOf("checkout", "It waits for orders-db2, and its own query takes 416 ms")).toEqual(["416 ms"]);
});

test("a step may name times to look at around the page, and a gap who could read what; no order to change something", async () => {
  const check = async (step: string, who: string) => {
    const finding = {
      ...trueFinding,
      do_now: [{ step, runbook: null, evidence: [1] }],
      missing: [{ what: "Its last lines", who, evidence: [] }],
    };
    const { cleaned, problems } = await checkFinding(finding, ledger, context);
    return [cleaned.do_now[0]?.unverified, problems.some(({ part }) => part === "missing")];
  };
  expect(await check("Read the audit log from 03:05 to 03:15", "payments team, with kubectl logs --previous")).toEqual([undefined, false]);
  expect(await check("Read the audit log from 11:05 to 11:15", "payments team, by kubectl delete pod x")).toEqual([
    ["11:05", "11:15"],
    true,
  ]);
  expect(await check("Raise the alarm to 80 %", "who can run kubectl get secret payments -o yaml")).toEqual([undefined, true]);
});

test("of series that were asked some at a time, each has the words of its own query", async () => {
  const page = (values: readonly (readonly number[])[]) =>
    JSON.stringify({
      data: {
        attributes: {
          series: values.map((_, index) => ({ group_tags: ["service:payments"], query_index: index, unit: null })),
          times: [0, 1, 2, 3].map((minute) => at("03:00:00") + minute * 60_000),
          values,
        },
      },
    });
  const raw = [
    page([
      [11, 12, 13, 14],
      [21, 22, 23, 24],
    ]),
    page([[71, 72, 73, 74]]),
  ].join("\n");
  const query = "avg:cpu.pct{*} by {service,pod}, avg:disk.pct{*} by {service,pod}, avg:memory.pct{*} by {service,pod}";
  expect(await stands("memory of payments is 72 % at 03:01", [{ raw, query }])).toBe(true);
  expect(await stands("cpu of payments is 72 % at 03:01", [{ raw, query }])).toBe(false);
});

test("values without evidence are marked in the order of their places, so that a head of a text has the marks of that head", async () => {
  const text = "Set `pools.zeta.limit` to 12,345 and 23,456 and 34,567 for “nobody wrote this down”, then `queue.eta.size` to 45,678";
  const finding = { ...trueFinding, do_now: [{ step: text, evidence: [1], runbook: null }] };
  const { cleaned } = await checkFinding(finding as typeof trueFinding, ledger, context);
  const marked = cleaned.do_now[0]?.unverified ?? [];
  expect(marked.length).toBeGreaterThan(2);
  expect(marked).toEqual(marked.toSorted((one, other) => text.indexOf(one) - text.indexOf(other)));
});
