import { describe, expect, test } from "vitest";
import { LONGEST_VIEW } from "../../src/incident/tool.ts";
import {
  composeView,
  instantOf,
  onOneLine,
  outsideLine,
  outsideLines,
  quotedLine,
  type ViewItem,
  windowOf,
} from "../../src/report/tool-view.ts";
import { exampleQuestion } from "../support/example-question.ts";

const paged = Date.parse("2026-05-01T10:00:00Z");
const now = Date.parse("2026-05-01T10:07:00Z");
const read = (text: string) => {
  const at = instantOf(text, paged, now);
  return at === null ? null : new Date(at).toISOString();
};

test("a line of the operator's log stays one, whatever an error says, and steers no terminal", () => {
  const told = onOneLine("error in triage: no such host\nmidwatch listens on http://evil.example\r\u001b[2J\u202e  kept");
  expect(told).toBe("error in triage: no such host midwatch listens on http://evil.example\\u{1b}[2J\\u{202e}  kept");
});

describe("a time as a model writes it", () => {
  test.each([
    ["-2h", "2026-05-01T08:00:00.000Z"],
    ["+10m", "2026-05-01T10:10:00.000Z"],
    ["-90min", "2026-05-01T08:30:00.000Z"],
    ["-7d", "2026-04-24T10:00:00.000Z"],
    ["- 30 s", "2026-05-01T09:59:30.000Z"],
    ["page", "2026-05-01T10:00:00.000Z"],
    [" now ", "2026-05-01T10:07:00.000Z"],
    ["2026-05-01", "2026-05-01T00:00:00.000Z"],
    ["2026-05-01T09:30", "2026-05-01T09:30:00.000Z"],
    ["2026-05-01 09:30:15", "2026-05-01T09:30:15.000Z"],
    ["2026-05-01T09:30:15.25Z", "2026-05-01T09:30:15.250Z"],
    ["2026-05-01T09:30:00+02:00", "2026-05-01T07:30:00.000Z"],
    ["09:30", "2026-05-01T09:30:00.000Z"],
    ["9:30:15.25Z", "2026-05-01T09:30:15.250Z"],
    ["10:20 UTC", "2026-05-01T10:20:00.000Z"],
    // Nothing of 23:50 of the page's day is known yet.
    ["23:50", "2026-04-30T23:50:00.000Z"],
  ])("%s", (text, at) => {
    expect(read(text)).toBe(at);
  });

  test.each([
    ["23:50", "2026-04-30T23:50:00.000Z"],
    ["00:10", "2026-05-01T00:10:00.000Z"],
    ["12:00", "2026-04-30T12:00:00.000Z"],
  ])("%s is the one nearest to a page just after midnight", (text, at) => {
    const midnight = Date.parse("2026-05-01T00:05:00Z");
    expect(new Date(instantOf(text, midnight, midnight) ?? 0).toISOString()).toBe(at);
  });

  test.each([
    "24:00",
    "10:60",
    "1000",
    "10:30pm",
    "",
    "2h",
    "-2",
    "-2w",
    "yesterday",
    "2026-13-01",
    "2026-05-01T25:00",
    "1700000000",
    "-999999d",
    "2026-05-01T10:00Z; now",
  ])("%j is none", (text) => {
    expect(read(text)).toBeNull();
  });
});

describe("a window as a model asks for it", () => {
  const question = { ...exampleQuestion, trigger: { ...exampleQuestion.trigger, at: paged } };
  const asked = (input: Parameters<typeof windowOf>[0]) => {
    const window = windowOf(input, { from: paged - 3_600_000, to: now }, question, now);
    return typeof window === "string" ? window : [window.from, window.to].map((at) => new Date(at).toISOString().slice(11, 16));
  };

  test.each([
    [{}, ["09:00", "10:07"]],
    [{ around: "08:30" }, ["08:15", "08:45"]],
    [{ around: "-3h" }, ["06:45", "07:15"]],
    [{ around: "08:30", from: "06:00" }, ["06:00", "08:45"]],
    [{ from: "08:00", to: "08:30:00" }, ["08:00", "08:30"]],
  ])("%j", (input, window) => {
    expect(asked(input)).toEqual(window);
  });

  test("says which of its times is none", () => {
    expect(asked({ around: "soon" })).toContain('"soon" is not a time');
    expect(asked({ from: "08:00", to: "later" })).toContain('"later" is not a time');
  });
});

describe("text from outside", () => {
  test("on one line shows what is not seen, and is cut", () => {
    expect(outsideLine("a\u0000\u202Eb\r\n\tc\u2028d\uD800")).toBe("a\\u{0}\\u{202e}b c d\uFFFD");
    expect(outsideLine("x".repeat(50), 10)).toBe(`${"x".repeat(9)}…`);
    expect(outsideLine(`ok${" ".repeat(5_000_000)}end`, 10)).toBe("ok…");
  });

  test("in quotes does not end them", () => {
    expect(quotedLine('a" by root')).toBe('"a\\" by root"');
  });

  test("on several lines stands behind a mark on each, with its indentation", () => {
    expect(outsideLines("  a\r\n\tb\rc\n\nd\u0085e")).toEqual(["  |   a", "  |   b c", "  | ", "  | d e"]);
    expect(outsideLines("x".repeat(300), 240)[0]).toBe(`  | ${"x".repeat(240)}… (60 more characters)`);
  });
});

describe("a view", () => {
  test("says of each part of an answer which number it has", () => {
    const parts = { facts: ["two reads"], items: [], rest: () => "", notes: [], parts: ["the window", "the quiet time"] };
    expect(composeView(parts, [7, 8])).toBe("E7 E8: two reads\nE7: the window, E8: the quiet time.");
    expect(composeView(parts, [7])).toBe("E7: two reads");
  });

  const items = (count: number, size: number): ViewItem[] =>
    Array.from({ length: count }, (_, index) => ({ lines: [`${index} ${"x".repeat(size)}`] }));
  const view = (list: readonly ViewItem[], notes: readonly string[] = []) =>
    composeView({ facts: ["facts"], items: list, rest: (left) => `${left} left`, notes }, [3, 4]);

  test("of what fits says no more than that", () => {
    expect(view(items(2, 1), ["cut\nby the vendor"])).toBe("E3 E4: facts\n0 x\n1 x\nNote: cut by the vendor");
  });

  test("never grows beyond its limit, and counts what is not in it", () => {
    for (const size of [1, 50, 900, 5_000, 50_000]) {
      const text = view(
        items(1_000, size),
        Array.from({ length: 40 }, () => "n".repeat(5_000)),
      );
      expect(text.length).toBeLessThanOrEqual(LONGEST_VIEW);
      const shown = text.split("\n").filter((line) => /^\d+ x/.test(line)).length;
      expect(text.includes(`${1_000 - shown} left`)).toBe(shown < 1_000);
      expect(text).toContain("Note: 30 more notes of this kind are in the raw answers.");
    }
  });

  test("shows the beginning of what does not fit whole, where that says how to get the rest", () => {
    const long = {
      lines: Array.from({ length: 3_000 }, (_, index) => `line ${index}`),
      cut: (left: number, shown: number) => `${left} after ${shown}`,
    };
    const lines = view([long, ...items(1, 1)]).split("\n");
    const shown = lines.filter((line) => line.startsWith("line ")).length;
    expect(shown).toBeGreaterThan(900);
    expect(lines.slice(-2)).toEqual([`${3_000 - shown} after ${shown}`, "1 left"]);
  });
});
