import { describe, expect, test } from "vitest";
import { analyse } from "../../src/analysis/analyse.ts";
import { attribute } from "../../src/analysis/attribution.ts";
import { buildCallGraph } from "../../src/analysis/call-graph.ts";
import type { Candidate } from "../../src/analysis/suspect.ts";
import { LIKELY } from "../../src/incident/confidence.ts";
import type { ChangeEvent, LogLine, PlatformEvent, Series, Telemetry } from "../../src/incident/telemetry.ts";
import { begins, empty, errorLine, errorLines, from, minute, page, risen, series, steady, to } from "./telemetry.ts";

/** Requests, failures and latency of a service, all as usual. */
const well = (service: string) => [
  series(service, "http.request.count", "traffic", null, steady(600)),
  series(service, "http.error_ratio", "errors", "fraction", steady(0.001)),
  series(service, "http.request.duration.p99", "latency", "second", steady(0.2)),
];
const errors = (service: string, now: number) => series(service, "http.error_ratio", "errors", "fraction", risen(0.001, now));
/** Ordinary lines of the hours before, so that an error line is known to be new. */
const quiet = (service: string): LogLine[] =>
  Array.from({ length: 120 }, (_, index) => ({
    at: from + index * minute,
    service,
    instance: null,
    severity: "INFO",
    message: `handled order ${index}`,
    traceId: null,
    spanId: null,
    weight: 1,
    evidence: 5,
  })).filter(({ at }) => at < to);
const event = (at: number, title: string, text: string, severity: PlatformEvent["severity"] = "warning"): PlatformEvent => ({
  at,
  source: "kubernetes",
  service: "shop",
  instance: null,
  severity,
  title,
  text,
  tags: [],
  evidence: 7,
});
const healthy: Telemetry = {
  ...empty,
  page: { ...empty.page, title: "shop is unhealthy" },
  series: ["shop", "cart", "stock"].flatMap(well),
};

describe("blame needs a way from the page to the suspect", () => {
  const apart: Telemetry = {
    ...healthy,
    page: { ...healthy.page, service: "warehouse-db" },
    services: [...healthy.services, "warehouse-db", "ledger"],
    calls: [...healthy.calls, { from: "ledger", to: "warehouse-db" }],
    series: [...healthy.series, errors("stock", 0.6)],
    logs: [...quiet("stock"), ...errorLines("stock", "NullPointerException in reserve")],
  };

  test("trouble that nothing links to the page is reported apart and blamed for nothing", () => {
    const { verdict, because, suspects, elsewhere } = analyse(apart);
    expect(verdict).toBe("inconclusive");
    expect(because).toContain("Nothing is known of warehouse-db");
    expect(suspects).toEqual([]);
    expect(elsewhere).toMatchObject([{ service: "stock" }]);
  });

  test("the same trouble is blamed where the paged service calls it", () => {
    const { suspects, elsewhere } = analyse({ ...apart, calls: [...apart.calls, { from: "warehouse-db", to: "stock" }] });
    expect(suspects[0]?.service).toBe("stock");
    expect(elsewhere).toEqual([]);
  });

  test("where nobody knows who calls whom, another service than the paged one is never likely", () => {
    const { suspects } = analyse({ ...apart, calls: [], page: { ...apart.page, service: "ledger" } });
    expect(suspects.every(({ probability }) => probability < LIKELY)).toBe(true);
  });
});

describe("a page beside a larger outage", () => {
  // The shop calls the cart, which waits for the till; what it shows of offers beside that has nothing to do with it.
  const callers = ["shop", "kiosk", "app"];
  const waiting = ["cart", "gifts", "returns"];
  const outage: Telemetry = {
    ...healthy,
    page: { ...healthy.page, service: "offers", title: "offers is slow" },
    services: [...callers, ...waiting, "till", "offers", "offers-cache"],
    calls: [
      ...callers.flatMap((caller) => ["cart", "offers"].map((called) => ({ from: caller, to: called }))),
      ...waiting.map((caller) => ({ from: caller, to: "till" })),
      { from: "offers", to: "offers-cache" },
    ],
    series: [
      ...[...callers, ...waiting, "till"].flatMap((one) => [...well(one).slice(0, 1), errors(one, 0.4), ...well(one).slice(2)]),
      ...["offers", "offers-cache"].flatMap(well),
      series("till", "db.pool.used", "saturation", "percent", risen(20, 98)),
    ],
    logs: [
      ...["till", ...waiting, ...callers].flatMap((one) => quiet(one)),
      ...errorLines("till", "PoolTimeout: no connection"),
      ...[...waiting, ...callers].flatMap((one) => errorLines(one, "upstream answered 503")),
    ],
  };
  const slow = (service: string, now: number) => series(service, "http.request.duration.p99", "latency", "second", risen(0.2, now));
  const withSlow = (...services: string[]): Telemetry => ({
    ...outage,
    series: [
      ...outage.series.filter(({ service, kind }) => !(services.includes(service) && kind === "latency")),
      ...services.map((one) => slow(one, 2.5)),
    ],
  });

  test("its callers, which fail because of something else that they call, are not to blame for it", () => {
    const { suspects } = analyse(withSlow("offers"));
    expect(suspects.map(({ service }) => service)).toEqual(["offers"]);
  });

  test("a layer that others share is not what it is about, and its own cause is named", () => {
    const full = event(begins - minute, "Disk watermark exceeded", "offers-cache: disk is 95 % full");
    const beside = withSlow("offers", "offers-cache");
    const { together, suspects } = analyse({
      ...beside,
      // The till itself shows nothing, so that all who wait for it seem to fail by themselves.
      series: [
        ...beside.series.filter(({ service, kind }) => service !== "till" || kind === "traffic"),
        series("offers-cache", "system.cpu", "saturation", "percent", risen(20, 97)),
      ],
      logs: beside.logs.filter(({ service }) => service !== "till"),
      events: [{ ...full, service: "offers-cache" }],
    });
    expect(together).toBeUndefined();
    expect(suspects[0]).toMatchObject({ service: "offers-cache" });
    expect(suspects[0]?.probability).toBeGreaterThan(LIKELY);
  });

  test("a deploy of a service that neither calls its suspect nor is called by it is not blamed, whatever its words", () => {
    const deploy: ChangeEvent = {
      ...{ kind: "deploy", at: begins - 2 * minute, service: "till", title: "Less memory for the cache, smaller disk, slow offers" },
      ...{ sha: "d".repeat(40), previousSha: "e".repeat(40), version: null, repository: "acme/shop", author: null },
      ...{ pullRequest: null, link: null, evidence: 9 },
      files: [{ path: "till/cache.yaml", status: "modified", additions: 1, deletions: 1, patch: "@@ -1 +1 @@\n-cache: 512\n+cache: 16" }],
    };
    const beside = withSlow("offers", "offers-cache");
    const { suspects, unproven } = analyse({
      ...{ ...beside, changes: [deploy] },
      series: [...beside.series, series("offers-cache", "system.cpu", "saturation", "percent", risen(20, 97))],
    });
    expect(suspects[0]).toMatchObject({ service: "offers-cache", change: null });
    expect(unproven?.map(({ what }) => what)).toEqual([expect.stringContaining("till")]);
  });
});

describe("what several services share", () => {
  test("services that fail alike at once are not blamed one by one", () => {
    const message = "getaddrinfo EAI_AGAIN db.internal";
    const names = ["shop", "cart", "stock"];
    const { because, suspects } = analyse({
      ...healthy,
      calls: names.map((service) => ({ from: service, to: "db" })),
      series: [...healthy.series, ...names.map((service) => errors(service, 0.4))],
      logs: names.flatMap((service) => [...quiet(service), ...errorLines(service, message)]),
    });
    expect(because).toMatch(/^[^,]+, [^,]+ and [^,]+ have failed alike since \d\d:\d\d:\d\d\. Check .+ first, not one of them$/);
    expect(suspects[0]?.probability).toBeLessThan(LIKELY);
  });

  const line = "read tcp: i/o timeout";
  const twoOf = (calls: Telemetry["calls"]): Telemetry => ({
    ...healthy,
    ...{ services: ["shop", "cart", "stock", "tax"], calls },
    series: [...["shop", "tax"].flatMap(well), ...["cart", "stock"].flatMap((one) => [...well(one).slice(0, 1), errors(one, 0.4)])],
    logs: ["cart", "stock"].flatMap((service) => [...quiet(service), ...errorLines(service, line)]),
  });

  test("two are enough where their new errors read the same and neither calls the other", () => {
    const beside = twoOf(["cart", "stock"].map((called) => ({ from: "shop", to: called })));
    expect(analyse(beside).together?.toSorted()).toEqual(["cart", "stock"]);
    const below = twoOf([
      { from: "shop", to: "cart" },
      { from: "cart", to: "stock" },
    ]);
    expect(analyse(below).together).toBeUndefined();
  });

  test("callers that all say what the first suspect does to them are not alike", () => {
    const callers = ["shop", "cart", "tax"];
    const { together, suspects } = analyse({
      ...healthy,
      services: [...callers, "orders-db"],
      calls: [
        ...callers.map((service) => ({ from: service, to: "orders-db" })),
        ...["cart", "tax"].map((one) => ({ from: "shop", to: one })),
      ],
      series: [
        ...callers.flatMap((one) => [...well(one).slice(0, 1), errors(one, 0.3)]),
        ...well("orders-db").slice(0, 1),
        errors("orders-db", 0.5),
      ],
      logs: callers.flatMap((service) => [...quiet(service), ...errorLines(service, "could not extend file: No space left on device")]),
    });
    expect(suspects[0]?.service).toBe("orders-db");
    expect(together).toBeUndefined();
  });

  const on = (node: string, key: string, one: Series): Series => ({ ...one, tags: { [key]: node } });

  test.each([
    ["kube_node", "node ip-10-1-2-3"],
    ["host", "host ip-10-1-2-3"],
    ["availability-zone", "zone ip-10-1-2-3"],
  ])("the place on which alone they fail is named by its tag %s", (key, named) => {
    const telemetry = twoOf(["cart", "stock"].map((called) => ({ from: "shop", to: called })));
    const placed = (bad: string) => [
      ...["shop", "tax"].flatMap(well),
      ...["cart", "stock"].flatMap((one) => [
        ...well(one).slice(0, 1),
        on("ip-10-1-2-3", key, errors(one, 0.4)),
        on("ip-10-9-9-9", key, one === bad ? errors(one, 0.4) : (well(one)[1] ?? errors(one, 0))),
      ]),
    ];
    expect(analyse({ ...telemetry, series: placed("") }).because).toContain(`Check ${named} first`);
    expect(analyse({ ...telemetry, series: placed("stock") }).because).toContain("Check what they share first");
  });

  test("a line about a vendor that came long before the trouble does not make the vendor its cause", () => {
    const vendorLine = "POST https://api.paygate.example.com/v1/charges failed: 503 Service Unavailable";
    const rare = [0, 1, 2].map((index) => errorLine("shop", begins - (20 - index * 7) * minute, vendorLine));
    const { suspects } = analyse({
      ...healthy,
      series: [...healthy.series.slice(0, 1), errors("shop", 0.4)],
      logs: [...quiet("shop"), ...rare],
    });
    expect(suspects[0]?.service).toBe("shop");
  });

  test("what a caller loses at a vendor is not blamed for a page of another that it calls", () => {
    const { suspects } = analyse({
      ...healthy,
      page: { ...healthy.page, service: "cart", title: "cart needs attention" },
      series: [...well("cart"), ...well("shop").slice(0, 1), errors("shop", 0.4)],
      logs: [...quiet("shop"), ...errorLines("shop", "POST https://api.paygate.example.com/v1/charges failed: 503 Service Unavailable")],
    });
    expect(suspects.map(({ service }) => service)).not.toContain("api.paygate.example.com");
  });

  test("a vendor in which failing calls end is the suspect, not its caller", () => {
    const { suspects } = analyse({
      ...healthy,
      series: [...healthy.series, errors("shop", 0.4)],
      logs: [...quiet("shop"), ...errorLines("shop", "POST https://api.paygate.example.com/v1/charges failed: 503 Service Unavailable")],
    });
    expect(suspects[0]).toMatchObject({ service: "api.paygate.example.com", fault: "dependency" });
  });

  test("a caller that logs errors of its own beside those of a vendor stays the suspect", () => {
    const { suspects } = analyse({
      ...healthy,
      series: [...healthy.series, errors("shop", 0.4)],
      logs: [
        ...quiet("shop"),
        ...errorLines("shop", "POST https://api.paygate.example.com/v1/charges failed: 503 Service Unavailable").slice(0, 8),
        ...errorLines("shop", "TypeError: cannot read properties of undefined (reading 'id')"),
      ],
    });
    expect(suspects[0]?.service).toBe("shop");
  });

  test("who calls something that nothing measures, and shows no cause of its own, is possible at most", () => {
    const { suspects } = analyse({
      ...healthy,
      services: ["shop", "provider"],
      calls: [{ from: "shop", to: "provider" }],
      series: [...well("shop").slice(0, 1), errors("shop", 0.5)],
    });
    expect(suspects[0]?.service).toBe("shop");
    expect(suspects[0]?.probability).toBeLessThan(LIKELY);
    // What nothing measures is possible too, and says why.
    expect(suspects[1]).toMatchObject({ service: "provider", reasons: [{ code: "may-be-below" }] });
  });

  test("what nothing measures comes first where requests fail and nothing of their service's own changed", () => {
    const change = (at: number): ChangeEvent => ({
      ...{ kind: "deploy", at, service: "shop", title: "Round totals", sha: "a".repeat(40), previousSha: null, version: null },
      ...{ repository: null, author: null, pullRequest: null, files: null, link: null, evidence: 77 },
    });
    const failing = (changes: readonly ChangeEvent[]) =>
      analyse({
        ...{ ...healthy, changes, services: ["shop", "provider"], calls: [{ from: "shop", to: "provider" }] },
        series: [...well("shop").slice(0, 1), errors("shop", 0.5)],
      }).suspects.map(({ service }) => service);
    expect(failing([change(begins - 100 * minute)])).toEqual(["provider", "shop"]);
    expect(failing([change(begins - 2 * minute)])).toEqual(["shop", "provider"]);
    // Where no change at all is on record nobody knows whether there was one.
    expect(failing([])).toEqual(["shop", "provider"]);
  });
});

describe("two causes at once", () => {
  const two: Telemetry = {
    ...healthy,
    page: { ...healthy.page, title: "Errors on shop" },
    services: [...healthy.services, "tax"],
    calls: [...healthy.calls, { from: "shop", to: "tax" }],
    series: [...healthy.series, ...well("tax"), errors("stock", 0.4), errors("tax", 0.3), errors("shop", 0.6)],
    logs: [
      ...quiet("stock"),
      ...quiet("tax"),
      ...errorLines("stock", "NullPointerException in reserve"),
      ...errorLines("tax", "ValueError: unexpected end of data"),
    ],
  };

  test("the second is said beside the first, and the first does not explain all", () => {
    const { suspects, elsewhere = [] } = analyse(two);
    const named = [suspects[0]?.service, ...elsewhere.map(({ service }) => service)];
    expect(named.toSorted()).toEqual(["stock", "tax"]);
    expect(elsewhere[0]?.isLinked).toBe(true);
    expect(suspects[0]?.probability).toBeLessThan(0.9);
  });

  test("a new error line alone does not make the second failing, requests that fail do", () => {
    expect(analyse(two).elsewhere?.[0]).toMatchObject({ service: "tax", fails: false });
    const failing = {
      ...two,
      series: [
        ...["shop", "stock", "tax"].flatMap((one) => well(one).slice(0, 1)),
        errors("stock", 0.4),
        errors("tax", 0.3),
        errors("shop", 0.6),
      ],
    };
    expect(analyse(failing).elsewhere?.[0]).toMatchObject({ isLinked: true, fails: true });
  });

  test("the change just before the second is said with it", () => {
    const deploy: ChangeEvent = {
      ...{
        kind: "deploy",
        at: begins - 2 * minute,
        service: "tax",
        title: "Round totals",
        sha: "a".repeat(40),
        previousSha: null,
        version: null,
      },
      ...{ repository: null, author: null, pullRequest: null, files: null, link: null, evidence: 77 },
    };
    const [tax] = (analyse({ ...two, changes: [deploy] }).elsewhere ?? []).filter(({ service }) => service === "tax");
    expect(tax?.why).toContain("Round totals");
    expect(tax?.evidence).toContain(77);
    const [old] = (analyse({ ...two, changes: [{ ...deploy, at: begins - 40 * minute }] }).elsewhere ?? []).filter(
      ({ service }) => service === "tax",
    );
    expect(old?.why).not.toContain("Round totals");
  });

  test("one that only passes on what it calls is no second cause", () => {
    const { elsewhere } = analyse({
      ...two,
      series: [...healthy.series, ...well("tax"), errors("stock", 0.4), errors("cart", 0.4), errors("shop", 0.4)],
      logs: [...quiet("stock"), ...errorLines("stock", "NullPointerException in reserve")],
    });
    expect(elsewhere).toEqual([]);
  });

  test("trouble apart that is no failure is not called one", () => {
    const { elsewhere = [] } = analyse({
      ...healthy,
      services: [...healthy.services, "reports"],
      series: [...healthy.series, ...well("reports"), series("reports", "container.cpu.utilization", "saturation", "fraction", risen(0.1, 0.98))],
    }); // prettier-ignore
    expect(elsewhere).toMatchObject([{ service: "reports", fails: false, isLinked: false }]);
  });
});

describe("an old wobble", () => {
  test("does not date the trouble, so what went live after it is not cleared, and services that fail alike are seen", () => {
    const names = ["shop", "cart", "stock"];
    const { suspects, onset, together } = analyse({
      ...healthy,
      calls: [{ from: "shop", to: "cart" }],
      series: [...healthy.series, ...names.map((service) => errors(service, 0.4))],
      logs: [
        ...names.flatMap((service) => [...quiet(service), ...errorLines(service, "read tcp: i/o timeout")]),
        // One line in some minutes since three quarters of an hour.
        ...errorLines("shop", "failed to parse optional header", page - 45 * minute).filter((_, index) => index % 13 === 0),
      ],
    });
    expect(Math.abs((onset ?? 0) - begins)).toBeLessThan(2 * minute);
    expect(together).toHaveLength(3);
    expect(suspects[0]?.probability).toBeLessThan(LIKELY);
  });
});

describe("nothing is wrong only with proof", () => {
  test("requests, failures and latency of the paged service in range are proof", () => {
    expect(analyse(healthy).verdict).toBe("nothing-wrong");
  });

  test.each<[string, Telemetry, RegExp]>([
    ["a callee whose processor left its range", { ...healthy, series: [...healthy.series, series("stock", "container.cpu.utilization", "saturation", "fraction", risen(0.013, 0.92))] }, /stock|CPU/],
    ["a paged service without failures read", { ...healthy, series: well("shop").filter(({ kind }) => kind !== "errors") }, /^No data on the errors of shop were read/],
    ["a page about latency without latency read", { ...healthy, page: { ...healthy.page, title: "p99 latency of shop" }, series: well("shop").filter(({ kind }) => kind !== "latency") }, /^No data on the latency of shop were read/],
    ["data that ended half an hour ago", { ...healthy, series: healthy.series.map((one) => ({ ...one, points: one.points.filter(({ at }) => at < page - 5.5 * minute) })) }, /^The newest data on shop are from/],
    ["failures as old as the record", { ...healthy, series: [...well("shop").filter(({ kind }) => kind !== "errors"), series("shop", "http.error_ratio", "errors", "fraction", steady(0.12))] }, /shop fails 12(\.\d)? % of its requests.*unchanged since before our records/],
  ])("not with %s", (_, telemetry, because) => {
    const analysis = analyse(telemetry);
    expect(analysis.verdict).not.toBe("nothing-wrong");
    expect(`${analysis.because} ${analysis.suspects[0]?.service ?? ""}`).toMatch(because);
  }); // prettier-ignore
});

describe("events of the platform", () => {
  const at = page - 6 * minute;

  test.each<[string, PlatformEvent[]]>([
    ["a container that restarted once", [event(at, "BackOff", "Back-off restarting failed container"), event(at + 20_000, "Started", "Started container", "info")]],
    ["a pod that waited for a node", [event(at, "FailedScheduling", "0/9 nodes are available: 9 Insufficient cpu."), event(at + 2 * minute, "Scheduled", "Successfully assigned shop", "info")]],
    ["an old replica set that goes", [event(at, "ScalingReplicaSet", "Scaled down replica set shop-5d9c to 0", "info"), event(at, "Killing", "Stopping container shop", "info")]],
    ["one failed probe", [event(at, "Unhealthy", "Readiness probe failed: statuscode 503")]],
  ])("%s is no incident", (_, events) => {
    expect(analyse({ ...healthy, events }).verdict).not.toBe("incident");
  }); // prettier-ignore

  test("a container that crashes again and again is one", () => {
    const events = [0, 1, 2, 3].map((index) =>
      event(at + index * minute, "BackOff", "CrashLoopBackOff: back-off restarting failed container"),
    );
    expect(analyse({ ...healthy, events })).toMatchObject({ verdict: "incident", suspects: [{ service: "shop" }] });
  });
});

describe("slow growth", () => {
  /** A heap that fills from 80 minutes before the page. */
  const foot = page - 80 * minute;
  const leaking: Telemetry = {
    ...healthy,
    series: [
      ...healthy.series,
      series("shop", "jvm.heap.utilization", "saturation", "fraction", steady(0.4).map((point) => (point.at < foot ? point : { ...point, value: 0.4 + (0.58 * (point.at - foot)) / (to - foot) }))),
      errors("shop", 0.3),
    ],
    changes: [{ kind: "deploy", at: foot - 2 * minute, service: "shop", title: "Cache offers", sha: "c".repeat(40), previousSha: null, version: null, repository: "acme/shop", author: null, pullRequest: null, files: null, link: null, evidence: 9 }],
  }; // prettier-ignore

  test("is dated at its foot, and the deploy there is not cleared", () => {
    const { suspects, ruledOut } = analyse(leaking);
    expect(suspects[0]).toMatchObject({ service: "shop" });
    expect(suspects[0]?.reasons.some(({ code, text }) => code === "grows" && text.includes("has grown steadily"))).toBe(true);
    expect(Math.abs((suspects[0]?.onset ?? 0) - foot)).toBeLessThan(15 * minute);
    expect(ruledOut).toEqual([]);
  });
});

test.each([
  ["checkout-api", "call to checkout-api failed: 503", true],
  ["ledger-store", "upstream ledger-store: deadline exceeded", true],
  ["nobody", "printer out of paper", false],
])("errors that name the paged service, or what it calls, are a link: %s", (_, quote, isLinked) => {
  const graph = buildCallGraph(["checkout-api", "ledger-store", "mailer"], [{ from: "checkout-api", to: "ledger-store" }], []);
  const clue = { service: "mailer", instance: null, fault: "error", family: "log", weight: 4, onset: 1, code: "log-new", about: [], text: "", evidence: [], quote } as const; // prettier-ignore
  const mailer: Candidate = {
    service: "mailer",
    score: 4,
    fault: "error",
    instance: null,
    onset: 1,
    slackMs: 0,
    clues: [clue],
    explained: 0,
  };
  const { linked, elsewhere } = attribute([mailer], graph, "checkout-api");
  expect({ linked: linked.length, elsewhere: elsewhere.length }).toEqual(
    isLinked ? { linked: 1, elsewhere: 0 } : { linked: 0, elsewhere: 1 },
  );
});
