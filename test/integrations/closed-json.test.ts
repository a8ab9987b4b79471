import * as fc from "fast-check";
import { expect, test } from "vitest";
import { closedJson } from "../../src/integrations/closed-json.ts";

const item = fc.record({ id: fc.string(), at: fc.integer(), inner: fc.array(fc.record({ words: fc.string() }), { maxLength: 3 }) });

test.each([
  ["a list", (items: readonly unknown[]) => items, (value: unknown) => value],
  ["a list in an object", (items: readonly unknown[]) => ({ data: items }), (value: { data: unknown }) => value.data],
  [
    "a list behind another",
    (items: readonly unknown[]) => ({ warnings: [{ title: "a" }, { title: "b" }], data: items }),
    (value: { data: unknown }) => value.data,
  ],
] as const)("%s that was cut anywhere behind its first item has the whole items before the cut", (_what, made, read) => {
  fc.assert(
    fc.property(fc.array(item, { minLength: 1, maxLength: 6 }), fc.nat(), (items, place) => {
      const whole = JSON.stringify(made(items));
      const first = JSON.stringify(made(items.slice(0, 1))).lastIndexOf("]");
      const at = first + (place % Math.max(1, whole.length - first));
      const value = JSON.parse(closedJson(whole.slice(0, at))) as never;
      const found = read(value) as unknown as readonly unknown[];
      expect(found.length).toBeGreaterThan(0);
      expect(found).toEqual(items.slice(0, found.length));
    }),
    { seed: 16, numRuns: 150 },
  );
});

test.each(["", "not JSON [", '{"a": 1', "[1, 2", '"[{}'])("%j has no whole object in a list and stays as it is", (text) => {
  expect(closedJson(text)).toBe(text);
});
