import { describe, expect, test } from "vitest";
import { findLines, readableLines } from "../../src/web/evidence-text.ts";
import { createWeb } from "../../src/web/web.ts";
import { at, exampleEvidence, exampleLog, memoryIncidents } from "../support/example-log.ts";

describe("readable lines", () => {
  test("JSON is laid out without losing or changing anything", () => {
    const value = {
      a: [1, 2.5, null, true],
      "b\n": { c: "x".repeat(200), d: [], e: {} },
      f: [
        [1, 2],
        [3, { g: "“<>”" }],
      ],
      empty: "",
    };
    const lines = readableLines(JSON.stringify(value));
    expect(JSON.parse(lines.join("\n"))).toEqual(value);
    expect(lines.length).toBeGreaterThan(5);
  });

  test("a small answer that is nested deeply does not grow to a large page", () => {
    const raw = `${'{"a":'.repeat(1_500)}[${'{"b":[{}]},'.repeat(2_000)}1]${"}".repeat(1_500)}`;
    expect(readableLines(raw).join("\n").length).toBeLessThan(10 * raw.length);
  });

  test("a point of a series takes one line", () => {
    const points = Array.from({ length: 50 }, (_, minute) => [at("01:00:00") + minute * 60_000, minute / 3]);
    const lines = readableLines(JSON.stringify({ pointlist: points }));
    for (const [time] of points) expect(lines.filter((line) => line.includes(String(time)))).toHaveLength(1);
    expect(lines).toHaveLength(50 + 4);
  });

  test("plain values share lines, and none is lost", () => {
    const values = Array.from({ length: 1_000 }, (_, index) => (index % 7 === 0 ? null : index / 3));
    const lines = readableLines(JSON.stringify({ values: [values] }));
    expect(JSON.parse(lines.join("\n"))).toEqual({ values: [values] });
    expect(lines.length).toBeLessThan(250);
    for (const line of lines) expect(line.length).toBeLessThan(130);
  });

  test("answers joined by newlines are laid out one by one, other text is left as it came", () => {
    const lines = readableLines('{"page":1}\n{"page":2}\nnot json {\r\n[1,');
    expect(lines).toEqual(['{"page": 1}', '{"page": 2}', "not json {", "[1,"]);
  });

  test("JSON nested too deep to lay out is shown as it came", () => {
    const deep = `${"[".repeat(50_000)}${"]".repeat(50_000)}`;
    expect(readableLines(deep)).toEqual([deep]);
  });

  test("an empty answer has one empty line", () => expect(readableLines("")).toEqual([""]));
});

describe("search", () => {
  const lines = ['"message": "say \\"no\\" to A\\nB"', "plain", "PLAIN too"];
  test.each([
    ["plain", [2, 3]],
    ['say "no"', [1]],
    ["a\nb", [1]],
    ["nothing like it", []],
    ["", [1, 2, 3]],
  ])("%j finds the lines %j", (query, numbers) => {
    expect(findLines(lines, query).map((line) => line.number)).toEqual(numbers);
  });
});

describe("GET /incidents/:id/evidence/:n", () => {
  const web = createWeb({ incidents: memoryIncidents({ Q1: exampleLog() }), now: () => at("03:16:40") });
  const get = async (path: string) => (await web.request(`/incidents/Q1/evidence/${path}`)).text();
  const rows = (body: string) => [...body.matchAll(/<li id="L(\d+)" value="\1">/g)].map((match) => Number(match[1]));

  test("says what was asked, where, for which time, and what was left out", async () => {
    const body = await get("9");
    for (const words of [
      "Datadog logs",
      "service:payments status:(warn OR error)",
      "2026-11-23 01:12",
      "first 5,000 of about 61,000 lines",
    ])
      expect(body).toContain(words);
    expect(body).toContain('href="https://app.datadoghq.com/x?e=9"');
    expect(body).toContain('href="/incidents/Q1"');
  });

  test("a question without a window says so", async () => expect(await get("5")).toContain("no window"));

  test("a large answer comes in pages that hold every line once", async () => {
    const raw = exampleEvidence().find((entry) => entry.number === 9)?.raw ?? "";
    const total = readableLines(raw).length;
    const seen: number[] = [];
    for (let page = 1; page <= Math.ceil(total / 500); page += 1) seen.push(...rows(await get(`9?page=${page}`)));
    expect(seen).toEqual(Array.from({ length: total }, (_, index) => index + 1));
    expect(rows(await get("9?page=99999")).at(-1)).toBe(total);
    expect(rows(await get("9?page=nonsense"))[0]).toBe(1);
  });

  test("a search shows the lines that match, with their numbers, and marks the place", async () => {
    const body = await get("9?q=MERCHANT+8123");
    expect(rows(body)).toHaveLength(1);
    expect(body).toContain("<mark>merchant 8123</mark>");
    expect(body).toContain('value="MERCHANT 8123"');
    expect(body).toMatch(/href="[^"]*\/evidence\/9\?page=\d+#L\d+"[^>]*>around it</);
    const none = await get("9?q=nowhere-to-be-found");
    expect(none).toContain("No line");
    expect(rows(none)).toHaveLength(rows(await get("9")).length);
    expect(none).not.toContain("around it");
  });

  test("a long question is folded, the numbers of a symptom and of a chart open at its service", async () => {
    const [, second = expect.fail()] = exampleEvidence();
    const long = [{ ...second, query: `avg:cpu{*} by {service}, ${"avg:memory{*}, ".repeat(40)}` }];
    const other = createWeb({ incidents: memoryIncidents({ Q1: exampleLog() }, long), now: () => at("03:16:40") });
    expect(await (await other.request("/incidents/Q1/evidence/2")).text()).toContain('<details id="asked">');
    expect(await get("9")).not.toContain('id="asked"');
    const page = await (await other.request("/incidents/Q1")).text();
    expect(page).toContain("/evidence/2?q=checkout");
    expect(page.slice(page.indexOf('class="deciding"'))).toContain("/evidence/3?q=payments");
  });

  test("pages of a search keep the search", async () => {
    const body = await get("9?q=refreshing");
    const next = /href="([^"]*page=2[^"]*)"/.exec(body)?.[1]?.replaceAll("&amp;", "&") ?? "";
    const second = await (await web.request(next)).text();
    expect(second).toContain('value="refreshing"');
    expect(rows(second)).toHaveLength(500);
  });

  test("the raw answer is served as text, untouched", async () => {
    const response = await web.request("/incidents/Q1/evidence/9.txt");
    expect(response.headers.get("content-type")).toContain("text/plain");
    expect(await response.text()).toBe(exampleEvidence()[8]?.raw);
  });

  test("the number may be written as people write it", async () => {
    expect((await web.request("/incidents/Q1/evidence/E9")).status).toBe(200);
  });

  test("a line of many characters is cut on the page and says how much is missing", async () => {
    const raw = "y".repeat(10_000);
    const long = exampleEvidence().map((entry) => ({ ...entry, raw }));
    const other = createWeb({ incidents: memoryIncidents({ Q1: exampleLog() }, long), now: () => at("03:16:40") });
    const body = await (await other.request("/incidents/Q1/evidence/1")).text();
    expect(body).toContain("6,000 more characters");
    expect(body.match(/y{100,}/g)?.[0]).toHaveLength(4_000);
  });

  test("a hostile answer stays text, marked or not", async () => {
    const raw = '</code><script>alert(1)</script> İ <img src=x onerror="alert(2)">';
    const evil = exampleEvidence().map((entry) => ({ ...entry, raw }));
    const other = createWeb({ incidents: memoryIncidents({ Q1: exampleLog() }, evil), now: () => at("03:16:40") });
    for (const query of ["", "?q=%3Cscript%3E", "?q=i", "?q=%3Cimg"]) {
      const body = await (await other.request(`/incidents/Q1/evidence/1${query}`)).text();
      expect(body.match(/<script\b/g)).toHaveLength(1);
      expect(body).not.toContain("<img");
    }
  });
});
