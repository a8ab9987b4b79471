import { expect, test } from "vitest";
import { NumberTable } from "../../src/analysis/number-table.ts";
import { createRandom } from "../support/random.ts";

test("a table of numbers holds what a map does: many, changed ones, and keys that begin alike", () => {
  const { next } = createRandom(7);
  const table = new NumberTable();
  const map = new Map<number, number>();
  const keys: number[] = [];
  for (let index = 0; index < 20_000; index += 1) {
    // Every fourth shares its upper bits, by which a key is looked up, with the one before it.
    const key = index % 4 === 3 ? (keys.at(-1) ?? 0) + 1 : Math.floor(next() * 2 ** 32) * 2 ** 21;
    keys.push(key);
    table.set(key, index);
    map.set(key, index);
    const again = keys[Math.floor(next() * keys.length)] ?? 0;
    table.set(again, -index);
    map.set(again, -index);
  }
  expect(table.size).toBe(map.size);
  expect(keys.filter((key) => table.get(key) !== map.get(key))).toEqual([]);
  expect(table.get(5)).toBeUndefined();
});
