import { expect, test } from "vitest";
import { lineChanges } from "../../src/fix/line-changes.ts";

const text = (...lines: string[]) => lines.map((line) => `${line}\n`).join("");

test("a changed line counts as one removed and one added", () => {
  expect(lineChanges(text("a", "b", "c"), text("a", "B", "c"))).toEqual({
    removed: [{ line: 2, text: "b" }],
    added: [{ line: 2, text: "B" }],
    exact: true,
  });
});

test("lines put in and taken out far apart do not count those between", () => {
  const { added, removed } = lineChanges(text("a", "b", "c", "d", "e", "f"), text("x", "a", "b", "c", "e", "f", "y"));
  expect(added).toEqual([
    { line: 1, text: "x" },
    { line: 7, text: "y" },
  ]);
  expect(removed).toEqual([{ line: 4, text: "d" }]);
});

test("a moved line is removed and added", () => {
  const { added, removed } = lineChanges(text("a", "b", "c", "d"), text("b", "c", "d", "a"));
  expect([added.length, removed.length]).toEqual([1, 1]);
});

test("a new file adds all its lines, a deleted one removes them", () => {
  expect(lineChanges(null, "a\nb").added).toHaveLength(2);
  expect(lineChanges("a\nb\n", null).removed).toHaveLength(2);
  expect(lineChanges(null, "")).toEqual({ added: [], removed: [], exact: true });
});

test("line breaks alone are a change", () => {
  expect(lineChanges("a\nb", "a\nb\n").added).toEqual([{ line: 2, text: "b" }]);
  expect(lineChanges("a\r\nb\r\n", "a\nb\r\n").added).toEqual([{ line: 1, text: "a" }]);
});

test("equal texts have none", () => {
  expect(lineChanges("a\nb\n", "a\nb\n")).toEqual({ added: [], removed: [], exact: true });
});

test("the shortest way is found: the example of Myers' paper needs five lines", () => {
  const { added, removed } = lineChanges(text(..."ABCABBA"), text(..."CBABAC"));
  expect(added.length + removed.length).toBe(5);
});

test("texts that differ throughout are counted at once, and said to be counted roughly", () => {
  const lines = (word: string) => Array.from({ length: 20_000 }, (_, index) => `${word} ${index}\n`).join("");
  const { added, removed, exact } = lineChanges(lines("a"), lines("b"));
  expect([added.length, removed.length, exact]).toEqual([20_000, 20_000, false]);
});

test.each([
  ["lines that nearly match", (index: number, side: number) => `${"x".repeat(200)}${(index * (7 + side)) % 1_000}`],
  ["two lines in turn", (index: number, side: number) => (index % (2 + side) === 0 ? "a" : "b")],
  ["equal lines that are shifted", (index: number, side: number) => `${index + side * 5_000}`],
])("texts made to be slow are compared within the limit of a test: %s", (_, lineOf) => {
  const of = (side: number) => Array.from({ length: 100_000 }, (__, index) => `${lineOf(index, side)}\n`).join("");
  expect(lineChanges(of(0), of(1)).exact).toBe(false);
});
