import { expect, test } from "vitest";
import { clockTime, figure, levelWords, quantity, sinceWords, symptomWords } from "../../src/report/words.ts";

test("times are said in the size a reader expects, whatever unit they were measured in", () => {
  const second = (value: number) => quantity(value, "second");
  expect([second(0), second(0.21), second(90), second(1_240), second(9_000)]).toEqual(["0 s", "210 ms", "90 s", "20.7 min", "2.5 h"]);
  expect([quantity(440, "us"), quantity(0.44, "ms"), quantity(1.5, "minute"), quantity(36, "hour")]).toEqual([
    "440 µs",
    "440 µs",
    "90 s",
    "36 h",
  ]);
  expect([quantity(300, "millisecond"), quantity(900_000, "ms"), quantity(5e11, "nanosecond")]).toEqual(["300 ms", "15 min", "8.33 min"]);
});

test("sizes and processor time are said alike, whatever unit they were measured in", () => {
  const mebibyte = 1_048_576;
  expect([quantity(1.5 * mebibyte, "byte"), quantity(1536, "kibibyte"), quantity(1.5, "Mi")]).toEqual(["1.5 MiB", "1.5 MiB", "1.5 MiB"]);
  expect([quantity(0.25, "gibibyte"), quantity(0, "mebibyte"), quantity(12, "byte")]).toEqual(["256 MiB", "0 MiB", "12 B"]);
  expect([quantity(250, "millicore"), quantity(2.5e9, "nanocore")]).toEqual(["250 millicores", "2.5 cores"]);
});

test("a figure has three significant digits, and all before the point: evidence has them too", () => {
  expect([0, -0, 0.0012345, 4.8249, 48.249, 99.96].map(figure)).toEqual(["0", "0", "0.00123", "4.82", "48.2", "100"]);
  expect([1_142, 1_142.6, -98_765.4, 1e6].map(figure)).toEqual(["1,142", "1,143", "-98,765", "1,000,000"]);
  expect([Number.NaN, Infinity].map(figure)).toEqual(["unknown", "unknown"]);
});

test("a time that is none is said so, and one beyond all calendars breaks nothing", () => {
  expect(clockTime(Date.UTC(2026, 5, 1, 3, 14, 2, 999))).toBe("03:14:02");
  expect([clockTime(Number.NaN), clockTime(1e20)]).toEqual(["unknown time", "00:00:00"]);
});

test("a level that was as bad all along is said once, and to have begun before what was recorded", () => {
  const steady = { before: 92.41, now: 92.4, unit: "percent" };
  expect(`${levelWords(steady)} ${sinceWords(steady, "20:20")}`).toBe("92.4 % since before 20:20");
  const stepped = { before: 0.02, now: 0.43, unit: "fraction" };
  expect(`${levelWords(stepped)} ${sinceWords(stepped, "20:32")}`).toBe("2 % → 43 % since 20:32");
});

test("a level that was there before and went away again is said with when, behind the level", () => {
  const at = (time: string) => Date.parse(`2026-11-23T${time}Z`);
  const tail = { service: "gateway", what: "latency p99", before: 2.31, now: 199, unit: "second", since: at("23:46:29"), evidence: [1] };
  expect(symptomWords(tail)).toBe("latency p99 2.31 s → 3.32 min since 23:46:29");
  expect(symptomWords({ ...tail, earlierPeak: { at: at("23:35:10"), value: 187 } })).toBe(
    "latency p99 2.31 s → 3.32 min since 23:46:29 (also 3.12 min at 23:35, then recovered)",
  );
});
