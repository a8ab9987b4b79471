import { expect, test } from "vitest";
import { levelWords, quantity, sinceWords, symptomWords } from "../../src/report/words.ts";

test("times are said in the size a reader expects, whatever unit they were measured in", () => {
  const second = (value: number) => quantity(value, "second");
  expect([second(0), second(0.21), second(90), second(1_240), second(9_000)]).toEqual(["0 s", "210 ms", "90 s", "20.7 min", "2.5 h"]);
  expect([quantity(300, "millisecond"), quantity(900_000, "ms"), quantity(5e11, "nanosecond")]).toEqual(["300 ms", "15 min", "8.33 min"]);
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
    "latency p99 2.31 s → 3.32 min since 23:46:29 (as bad before: 3.12 min at 23:35, then calm again)",
  );
});
