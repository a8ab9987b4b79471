import { describe, expect, test } from "vitest";
import { drawEvidence } from "../../src/web/evidence/drawing.ts";
import type { EvidenceEntry } from "../../src/store/evidence.ts";
import { at, HOSTILE } from "../support/example-log.ts";
import { readable } from "./readable.ts";

const entry: EvidenceEntry = {
  ...{
    number: 3,
    source: "made up",
    query: "avg:cpu.usage{env:prod,team:shop} by {service,pod}, p95:latency{*} by {service}",
    from: null,
    to: null,
  },
  ...{ link: null, cut: null, length: 0, at: 0 },
};
const draw = (parts: readonly unknown[] | string, query = "") => {
  const raw = typeof parts === "string" ? parts : parts.map((part) => JSON.stringify(part)).join("\n");
  const drawn = drawEvidence("Q1", { ...entry, raw }, { query, onset: at("03:02:00") });
  return drawn === null ? null : String(drawn);
};
const minutes = [0, 1, 2, 3].map((minute) => at("03:00:00") + minute * 60_000);
const instant = (minute: number) => new Date(at("03:00:00") + minute * 60_000).toISOString();

const columns = {
  data: {
    attributes: {
      series: ["cart", "payments"].flatMap((service) =>
        [0, 1].map((query_index) => ({ group_tags: [`service:${service}`, "pod:one"], query_index, unit: [{ name: "second" }, null] })),
      ),
      times: minutes,
      values: [
        [1, 1, 2, 2],
        [1, 2, 3, null],
        [5, 5, 5, 5],
        [0.2, 0.2, 4, 4.8],
      ],
    },
  },
};
const log = (minute: number, service: string, message: string, status = "info") => ({
  attributes: { timestamp: instant(minute), service, status, message },
});
const span = (id: string, parent: string | null, service: string, from: number, tookMs: number, trace = "t1", status = "ok") => ({
  attributes: {
    ...{ trace_id: trace, span_id: id, parent_id: parent, service, resource_name: `GET /${service}`, status },
    start_timestamp: new Date(minutes[0] ?? 0).toISOString().replace(".000Z", `.${String(from).padStart(3, "0")}Z`),
    end_timestamp: new Date((minutes[0] ?? 0) + from + tookMs).toISOString(),
  },
});

describe("series of points", () => {
  test("are drawn, what is cited first and marked, each named by its own question", () => {
    const drawn = draw([columns], "payments") ?? "";
    expect(readable(drawn)).toContain("4 of 4 series; the 2 cited ones come first.");
    expect(readable(drawn)).toMatch(/payments cpu\.usage one E3.*payments latency one E3.*cart cpu\.usage/);
    expect(drawn.match(/class="chart cited"/g)).toHaveLength(2);
    expect(drawn).toContain("onset 03:02");
    expect(drawn).toContain('aria-label="payments latency one: median 2.1 s, no change seen, 4.8 s at 03:03"');
  });

  test.each([
    [{ series: [{ metric: "errors", scope: "service:cart,env:prod", pointlist: minutes.map((minute, place) => [minute, place]) }] }],
    [
      {
        data: {
          buckets: [{ by: { service: "cart" }, computes: { c0: minutes.map((_, place) => ({ time: instant(place), value: place })) } }],
        },
      },
    ],
    [
      {
        data: [
          {
            attributes: {
              by: { service: "cart" },
              compute: { c0: minutes.map((_, place) => ({ time: instant(place), value: `${place}` })) },
            },
          },
        ],
      },
    ],
  ])("are read in other shapes too", (part) => {
    expect(draw([part])).toMatch(/<svg height[^>]*aria-label="cart [^"]*3 at 03:03"/);
  });
});

describe("log lines", () => {
  const pages = [
    { data: [log(2, "pay", "token cache miss for 8812", "warn"), log(0, "cart", "added"), log(1, "pay", "paid")] },
    { data: [log(3, "pay", "token cache miss for 8813", "error")] },
  ];

  test("are a table of the cited line's service in the order of time, with the cited ones marked", () => {
    const drawn = draw(pages, "cache miss") ?? "";
    expect(readable(drawn)).toContain("3 of 3 lines of pay; 2 lines hold the cited text, marked here.");
    expect(readable(drawn)).toMatch(/paid.*for 8812.*for 8813/);
    expect(drawn.match(/<tr class="cited"/g)).toHaveLength(2);
    expect(drawn).not.toContain("added");
  });

  test("without a cited text are those from the first on", () => {
    expect(readable(draw(pages) ?? "")).toContain("4 of 4 lines.");
  });
});

describe("spans", () => {
  test("are one trace as a tree, the cited before others, the failed before the slow", () => {
    const data = [
      span("b", "a", "pay", 5, 900),
      span("a", null, "checkout", 0, 1_000),
      span("c", "b", "bank", 10, 800, "t1", "error"),
      span("z", null, "checkout", 0, 5_000, "t2"),
    ];
    const drawn = draw([{ data }]) ?? "";
    expect(readable(drawn)).toContain("One of 2 traces: 3 spans");
    expect([...drawn.matchAll(/<li class="(d\d) (failed)?/g)].map(([, depth, failed]) => `${depth} ${failed ?? ""}`)).toEqual([
      "d0 ",
      "d1 ",
      "d2 failed",
    ]);
    expect(readable(draw([{ data }], "t2") ?? "")).toContain("1 spans");
  });

  test("that call each other in a circle, or themselves, end", () => {
    const data = [span("a", "b", "one", 0, 5), span("b", "a", "two", 0, 5), span("s", "s", "three", 0, 5)];
    expect(draw([{ data }])).toContain("three");
  });
});

test("changed files are diffs, the cited line marked", () => {
  const part = {
    files: [
      { filename: "README.md", patch: "@@ -1 +1 @@\n-a\n+b" },
      { filename: "cache.ts", patch: "@@ -1,2 +1,2 @@\n key\n+const key = 1;" },
    ],
  };
  const drawn = draw([{ some: "thing" }, part], "const key") ?? "";
  expect(drawn.indexOf("cache.ts")).toBeLessThan(drawn.indexOf("README.md"));
  expect(drawn).toContain("<mark>+const key = 1;</mark>");
  expect(drawn.match(/<li class="add">/g)).toHaveLength(2);
});

test("any other list of records is a table of the fields that say something", () => {
  const part = {
    incidents: [1, 2].map((one) => ({
      id: `Q${one}`,
      url: "https://x.example",
      title: `slow ${one}`,
      service: { summary: "cart", title: "x" },
    })),
  };
  const drawn = draw([part], "slow 2") ?? "";
  expect(readable(drawn)).toContain("title service summary slow 2 cart slow 1 cart");
  expect(drawn).not.toContain("x.example");
});

test("records name their fields as people write them, and show instants without their date format", () => {
  const part = [{ firstSeen: "2026-12-01T03:12:04.826Z", title: "token cache miss" }];
  const drawn = draw([part], "") ?? "";
  expect(readable(drawn)).toContain("first seen title 2026-12-01 03:12:04 token cache miss");
  // On a phone each value stands under its own name.
  expect(drawn).toContain('<td data-name="first seen">');
});

test.each(["", "plain text\nof two lines", "[]", "{}", '{"a":1}', "[1,2]", '{"data":null}', '{"series":"none"}', "{broken"])(
  "an answer that is nothing of that is not drawn: %s",
  (raw) => expect(draw(raw)).toBeNull(),
);

test("what comes from outside stays text in every drawing", () => {
  const series = {
    series: [
      {
        metric: HOSTILE,
        scope: HOSTILE,
        pointlist: [
          [minutes[0], 1],
          [minutes[1], 2],
        ],
      },
    ],
  };
  for (const part of [
    series,
    { data: [log(0, HOSTILE, HOSTILE, HOSTILE)] },
    { data: [span(HOSTILE, HOSTILE, HOSTILE, 0, 1, HOSTILE)] },
    { files: [{ filename: HOSTILE, patch: HOSTILE }] },
    [{ [HOSTILE]: HOSTILE, name: HOSTILE }],
  ])
    expect(draw([part], HOSTILE)).not.toMatch(/<(?:img|script)\b|\sstyle=/);
});
