import { expect, test } from "vitest";
import { scan } from "../../src/investigation/figures.ts";
import { placesOf, sightingsOf } from "../../src/investigation/sightings.ts";

/** Whether the only figure of a claim is in an answer. */
function stands(claim: string, answer: string): boolean {
  const { tokens } = scan(claim);
  expect(tokens).toHaveLength(1);
  const sightings = sightingsOf(answer, new Map());
  return tokens.every((token) => placesOf(token, sightings, []).length > 0);
}

test.each([
  ["it logs the failure 77 times", '{"count": 77}'],
  ["77 lines", "new error, 77 times since 03:07:27"],
  ["34 sessions run it", "- 34 x active, user web: `select`"],
  ["it failed 34 times after the deploy", "34 sessions are active"],
])("what happened so often is a count: “%s” of “%s”", (claim, answer) => {
  expect(stands(claim, answer)).toBe(true);
});

test.each([
  ["requests are 3 times as many", '{"count": 3}'],
  ["latency is 3 times its usual", '{"count": 3}'],
  ["it is 3 times slower", '{"count": 3}'],
  ["it rose 3x", '{"count": 3}'],
])("what compares is no count: “%s” is not in “%s”", (claim, answer) => {
  expect(stands(claim, answer)).toBe(false);
});

test("a comparison is found where an answer compares", () => {
  expect(stands("latency is 3.2 times its usual", "step up 1 s → 3.2 s (×3.2)")).toBe(true);
});

test.each([
  ["a word of dashes", "a", "-", "b"],
  ["a word of dots", "a", ".", "b"],
  ["a link of dots", "http://", ".", "b"],
  ["groups of digits", "", "111,", "111_"],
  ["groups of digits before letters", "", "111,", "111abc"],
  ["digits", "", "1", "_x"],
  ["figures apart", "", "1.", "x"],
  ["blanks", "1", " ", "x"],
])("of a line of 1 MB, %s, figures are read in linear time", (_, begin, piece, end) => {
  const line = begin + piece.repeat(1_000_000 / piece.length) + end;
  const names = new Map([["checkout", "checkout"]]);
  const started = performance.now();
  sightingsOf(JSON.stringify({ message: line }), names);
  sightingsOf(line, names);
  scan(line);
  expect(performance.now() - started).toBeLessThan(8_000);
});
