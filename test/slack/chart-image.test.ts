import { expect, test } from "vitest";
import type { ChartSeries } from "../../src/incident/chart.ts";
import { drawPng } from "../../src/node/chart-png.ts";
import { chartImage } from "../../src/slack/chart-image.ts";
import { at } from "../support/example-log.ts";

const MINUTE = 60_000;
const from = at("03:00:00");
const series = (values: readonly number[], more: Partial<ChartSeries> = {}): ChartSeries => ({
  ...{ service: "payments", instance: null, what: "p95 latency", kind: "latency", unit: "second", onset: null, evidence: 3 },
  points: values.map((value, minute) => ({ at: from + minute * MINUTE, value })),
  ...more,
});
const draw = (one: ChartSeries, markers: readonly { at: number; label: string }[] = []) => {
  const image = chartImage(one, { markers, from: null });
  if (image === null) throw new Error("nothing was drawn");
  return image;
};
const wordsIn = (svg: string) => [...svg.matchAll(/<text [^>]*>([^<]*)<\/text>/g)].map(([, text = ""]) => text);

test.each([
  ["a rise", series([1, 1, 1, 1, 5, 5], { onset: from + 4 * MINUTE }), "4 s", "median 1 s before 03:04, then up to 5 s; 5 s at 03:05"],
  [
    "a fall to zero",
    series([800, 800, 800, 800, 0, 0], { what: "requests", unit: "/min", onset: from + 4 * MINUTE }),
    "500 /min",
    "median 800 /min before 03:04, then down to 0 /min; 0 /min at 03:05",
  ],
  [
    "a ramp of bytes",
    series(
      [1, 2, 3, 4, 5, 6].map((times) => times * 2 ** 30),
      { what: "memory", unit: "byte", onset: from + 3 * MINUTE },
    ),
    "4 GiB",
    "median 2 GiB before 03:03, then up to 6 GiB; 6 GiB at 03:05",
  ],
])("%s has its onset and change, values with their unit and times with their zone, in picture and words", (_name, one, value, summary) => {
  const { svg, alt, title } = draw(one, [{ at: from + 3 * MINUTE, label: "deploy" }]);
  const onset = `onset 03:0${((one.onset ?? 0) - from) / MINUTE}`;
  expect(wordsIn(svg)).toEqual(
    expect.arrayContaining(["payments", one.what, "deploy 03:03", onset, value, "2026-11-23 03:00 to 03:05 UTC"]),
  );
  expect(alt).toBe(`Line chart of payments, ${one.what}, 2026-11-23 03:00 to 03:05 UTC: ${summary}. Marked: deploy 03:03, ${onset}.`);
  expect(title).toBe(`payments: ${one.what}`);
});

test("what did not happen in the drawn time is not marked, and no line is drawn of one value", () => {
  const { svg, alt } = draw(series([1, 2, 3]), [{ at: from - MINUTE, label: "deploy" }]);
  expect(svg + alt).not.toMatch(/deploy|onset|Marked/);
  for (const few of [[], [7]]) expect(chartImage(series(few), { markers: [], from: null })).toBeNull();
});

test("text from outside stays text: it makes no element, hides nothing and breaks no picture, however long", async () => {
  const hostile = `<script>x</script> & "a" \u202Egpj\u0000\uFFFE\uD83D ${"w".repeat(2_000)}`;
  const { svg, alt, title } = draw(series([1, 2, 3], { service: hostile, what: hostile, unit: "<b>" }), [
    { at: from + MINUTE, label: hostile },
  ]);
  for (const part of ["<script", "<b>", "\u202E", "\u0000"]) expect(svg).not.toContain(part);
  expect([alt.length <= 1_000, title.length <= 100]).toEqual([true, true]);
  expect((await drawPng(svg)).byteLength).toBeGreaterThan(1_000);
});

test("the PNG is three times as wide as a phone's picture, and its words are drawn with the font that comes along", async () => {
  const { svg } = draw(series([1, 1, 5, 5], { onset: from + 2 * MINUTE }));
  const png = Buffer.from(await drawPng(svg));
  expect([png.subarray(1, 4).toString(), png.readUInt32BE(16)]).toEqual(["PNG", 1_080]);
  const bare = await drawPng(svg.replaceAll(/<text [^>]*>[^<]*<\/text>/g, ""));
  expect(png.byteLength).toBeGreaterThan(1.5 * bare.byteLength);
});
