import { expect, test } from "vitest";
import { scan } from "../../../src/investigation/check/figures.ts";
import { lookFor } from "../../../src/investigation/check/look-up.ts";
import { sightingsInTurns } from "../../../src/investigation/check/read-sightings.ts";

/** What is seen once all turns are over, and how many there were. */
function seenIn(text: string, names: ReadonlyMap<string, string> = new Map()) {
  const turns = sightingsInTurns(text, names);
  for (let times = 0; ; times++) {
    const { done, value } = turns.next();
    if (done === true) return { times, sightings: value };
  }
}

/** Whether the only figure of a claim is in an answer. */
function stands(claim: string, answer: string): boolean {
  const { tokens } = scan(claim);
  expect(tokens).toHaveLength(1);
  const { sightings } = seenIn(answer);
  return tokens.every((token) => lookFor(token, sightings, []).found === "shown");
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
  ["it fails 6.3 times a minute", "new error, 6.3 a minute"],
  ["each retries 4 times per second", "retries: 240 a minute"],
])("so many times a minute is a rate: “%s” of “%s”", (claim, answer) => {
  expect(stands(claim, answer)).toBe(true);
  expect(stands(claim, "step up ×6.3, ×4, 6.3 s, 4 s")).toBe(false);
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
  seenIn(JSON.stringify({ message: line }), names);
  seenIn(line, names);
  expect(scan(line).tokens.every(({ end: last }) => last <= line.length)).toBe(true);
});

test.each([
  ["ninety-seven percent of requests fail", '{"failed_pct": 97}'],
  ["three hundred and five thousand orders", '{"count": 305000}'],
  ["half of all users", "50 % of users"],
  ["two thirds of the pods", "67 % of the pods"],
  ["errors grew tenfold", "0.3 → 3 (×10)"],
  ["load doubled", "step up 1 → 2.1 (×2.1)"],
  ["a dozen pods crashed", '{"count": 12}'],
  ["for half an hour", "duration 30 min"],
  ["18 000 000 orders", '{"count": 18000000}'],
  ["0,18 % of requests", "0.18 % of requests"],
  ["18·18 % of requests", "18.18 % of requests"],
  ["4'711 orders", '{"count": 4711}'],
  ["about 5,000 orders", '{"count": 5400}'],
  ["thousands of orders", '{"count": 4000}'],
])("a figure in another form is one figure: “%s” is in %s", (claim, answer) => {
  expect(stands(claim, answer)).toBe(true);
});

test.each([
  ["seven percent of requests fail", '{"failed_pct": 97, "count": 7}'],
  ["half of all users", '{"count": 50}'],
  ["thousands of orders", '{"count": 400}'],
  ["18 000 000 orders", "18 orders, 0 lost, 000"],
  ["4711 000 orders", "order 4711, 0 lost"],
  ["0,18 % of requests", "0 of 18 %"],
  ["18·18 % of requests", "18 %"],
  ["4711'18 orders", "order 4711, 18 times"],
  ["about 20 %", "18 % of orders, 22.5 %".replace("18", "17.9")],
  ["about 100 orders", '{"count": 111}'],
  ["1e+999 orders", '{"count": 4711}'],
  ["0 h", '{"duration_ms": 4800}'],
  ["0 million orders", '{"count": 4711}'],
  ["0.0 %", "0.03 % of orders"],
])("a figure is no other one: “%s” is not in %s", (claim, answer) => {
  expect(stands(claim, answer)).toBe(false);
});

test("words of prose are no figures", () => {
  const prose =
    "one of the two causes: a half-open breaker, the second try, a third-party call, zero-copy reads, the first half of the window";
  expect(scan(prose).tokens).toEqual([]);
});

test.each([
  ["one line", "checkout order 4711 took 12 ms id=node-77 ".repeat(25_000)],
  ["many lines", "checkout order 4711 took 12 ms id=node-77\n".repeat(25_000)],
  ["JSON", JSON.stringify(Array.from({ length: 50_000 }, (_, index) => ({ service: "checkout", duration_ms: index % 1_000 })))],
  ["lines of JSON", `${JSON.stringify({ service: "checkout", duration_ms: 12, text: "order 4711" })}\n`.repeat(15_000)],
])("while a megabyte of %s is read others get their turn", (_, answer) => {
  const names = new Map([["checkout", "checkout"]]);
  const { times, sightings } = seenIn(answer, names);
  expect(times).toBeGreaterThan(5);
  expect(lookFor(scan("checkout took 12 ms").tokens[0]!, sightings, ["checkout"]).found).not.toBeNull();
});

test("a sha without a digit is a name that must stand somewhere, and a word of the same letters is none", () => {
  const names = (text: string) => scan(text).tokens.flatMap(({ kind, text: told }) => (kind === "name" ? [told] : []));
  expect(names("Deploy befdaff is live, and the defaced facade acceded")).toEqual(["befdaff"]);
});
