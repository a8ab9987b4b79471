import { expect, test } from "vitest";
import { throughPatch } from "../../../../src/integrations/github/tools/line-range.ts";

// Before: lines 1 to 9 are "1" to "9", and 20 to 24. After: 2 is replaced, 5 is gone, "new" stands after 7, and line 22 is gone.
const patch = [
  "@@ -1,9 +1,9 @@",
  " 1",
  "-2",
  "+two",
  " 3",
  " 4",
  "-5",
  " 6",
  " 7",
  "+new",
  " 8",
  " 9",
  "@@ -20,4 +20,3 @@",
  " 20",
  " 21",
  "-22",
  " 23",
].join("\n");
const at = (first: number, last = first) => throughPatch(patch, { first, last });

test("a line that was added or replaced was changed", () => {
  expect(at(2)).toBe("changed");
  expect(at(7)).toBe("changed");
  expect(at(1, 3)).toBe("changed");
});

test("a range out of which lines were taken was changed, and its neighbours were not", () => {
  expect(at(4, 5)).toBe("changed");
  expect(at(4)).toEqual({ first: 4, last: 4 });
  expect(at(5)).toEqual({ first: 6, last: 6 });
  expect(at(21, 22)).toBe("changed");
});

test("other lines are where they were, less what came before them", () => {
  expect(at(1)).toEqual({ first: 1, last: 1 });
  expect(at(8, 9)).toEqual({ first: 8, last: 9 });
  expect(at(15, 16)).toEqual({ first: 15, last: 16 });
  expect(at(22, 40)).toEqual({ first: 23, last: 41 });
});

test("a file without its last line end changes nothing else", () => {
  const ends = ["@@ -1,2 +1,2 @@", " a", "-b", "\\ No newline at end of file", "+c"].join("\n");
  expect(throughPatch(ends, { first: 1, last: 1 })).toEqual({ first: 1, last: 1 });
  expect(throughPatch(ends, { first: 2, last: 2 })).toBe("changed");
});
