import { expect, test } from "vitest";
import { isVerbatim, readable } from "../../src/investigation/quotes.ts";

const quotes = (raw: string, quote: string) => isVerbatim(readable(raw), quote);

test("numbers may be quoted out of a list of numbers, at its commas", () => {
  const raw = '{"values":[[18.33,91.2,93.7,95.1],[158,162,164,167,163,161,159],[1.5,1.5]]}';
  expect(quotes(raw, "18.33,91.2,93.7")).toBe(true);
  expect(quotes(raw, "[18.33,91.2")).toBe(true);
  expect(quotes(raw, "162,164,167,163")).toBe(true);
  expect(quotes(raw, "8.33,91.2")).toBe(false);
  expect(quotes(raw, "18.33,91")).toBe(false);
});

test.each([
  ["it took 4,800 ms", "it took 4"],
  ["it took 4,800 ms", "800 ms"],
  ["it cost 1,204,800 rows", "1,204"],
  ["es dauerte 4,8 s", "dauerte 4"],
  ["it took 1,204.5 s", "204.5 s"],
])("of “%s” a part of the figure, “%s”, is no quote", (raw, quote) => {
  expect(quotes(raw, quote)).toBe(false);
});
