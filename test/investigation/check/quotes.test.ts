import * as fc from "fast-check";
import { expect, test } from "vitest";
import { isVerbatim, readable, tells } from "../../../src/investigation/check/quotes.ts";
import { stands } from "./told-answers.ts";

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

test.each([
  ["health ok: no longer refusing connections", "refusing connections"],
  ["sync done, 0 payments were lost", "payments were lost"],
  ["it is not true that customers were charged twice", "customers were charged twice"],
  ["nothing was lost and never will be dropped", "be dropped"],
  ["the rollback succeeded: false", "the rollback succeeded"],
  ['{"pod was evicted":0,"x":1}', "pod was evicted"],
  ['{"message":"without any connection error"}', "connection error"],
])("of “%s” the half “%s” without its negation is no quote", (raw, quote) => {
  expect(quotes(raw, quote)).toBe(false);
});

test.each([
  ["did not answer in time, upstream timed out", "upstream timed out"],
  ["No instances available for ts-basic-service", "No instances available for ts-basic-service"],
  ['{"retry":"no","message":"connection refused by host"}', "connection refused by host"],
  ["could not connect: connection refused by host", "connection refused by host"],
  ["10 payments were lost", "payments were lost"],
  ["pool-0 refused the connection", "refused the connection"],
  ["the rollback succeeded: 03:11", "the rollback succeeded"],
])("a negation of another clause turns nothing: of “%s”, “%s”", (raw, quote) => {
  expect(quotes(raw, quote)).toBe(true);
});

test("a word, a field's name or a bare value tells nothing; a sentence or a line with a figure does", () => {
  const nothing = [
    "true",
    "error",
    "oom_killed",
    "errors found",
    'attributes":{"service',
    '"oom_killed":false,"retried":true',
    '"service":"checkout"',
    "…",
    "",
  ];
  expect(nothing.filter(tells)).toEqual([]);
  const something = ["took 4402 ms", "connection refused by host", '"reason":"OOMKilled","exitCode":137', "[Get Route By Ids Failed]"];
  expect(something.filter((quote) => !tells(quote))).toEqual([]);
});

test("whole words that stand in a text are found, and no others, however much the words are alike", () => {
  const words = (lengths: { minLength: number; maxLength: number }) =>
    fc.array(fc.constantFrom("aaaa", "aaab", "baaaa"), lengths).map((all) => all.join(" "));
  fc.assert(
    fc.property(words({ minLength: 0, maxLength: 9 }), words({ minLength: 1, maxLength: 3 }), (text, quote) => {
      expect(quotes(text, quote)).toBe(` ${text} `.includes(` ${quote} `));
    }),
    { seed: 1, numRuns: 500, examples: [["baaaa aaaa aaaa", "aaaa aaaa"]] },
  );
});

test.each([
  ["payments logs «pool gone»", true],
  ["payments logs «pool drained»", false],
  ["payments logs „pool gone“", true],
  ["payments logs „pool drained“", false],
])("words in quotation marks of other languages are quotes too: “%s” %s", async (text, holds) => {
  expect(await stands(text, [{ raw: JSON.stringify({ service: "payments", message: "pool gone" }) }])).toBe(holds);
});

const told = { raw: JSON.stringify({ service: "payments", message: "pool gone after it can't connect" }) };

test.each([
  "payments logs '…'",
  "payments logs ‘…’",
  'payments logs "…"',
  "payments logs `…`",
  "payments logs “…”",
  "payments logs ”…”",
  "payments logs „…”",
  "payments logs »…«",
  "payments logs ‹…›",
  "payments logs 「…」",
  "payments logs “…",
  "payments of the hosts' pools logs ('…'), and of the pods' disks nothing",
  "'…' is what payments logs",
])("whatever marks a quote, an invented one goes: %s", async (text) => {
  const say = (quote: string) => stands(text.replace("…", quote), [told]);
  expect(await say("pool gone")).toBe(true);
  expect(await say("pool lost")).toBe(false);
  expect(await say("gone after it can't connect")).toBe(true);
  expect(await say("gone after it won't connect")).toBe(false);
});

test.each([
  "the pods' pools of payments are gone, and the hosts' pools too",
  "payments can't connect, and doesn't say why it won't",
  "payments' pool is gone: the '90s are over",
  "Settings » payments » pool",
])("an apostrophe or an arrow quotes nothing: “%s”", async (text) => {
  expect(await stands(text, [told])).toBe(true);
});

test("a quote at the beginning of a sentence may have its capital, and no other letter in another case", () => {
  expect(quotes("job 7: pool gone after a minute", "Pool gone after a minute")).toBe(true);
  expect(quotes("job 7: pool gone after a minute", "Pool Gone after a minute")).toBe(false);
  expect(quotes("job 7: Pool gone after a minute", "pool gone after a minute")).toBe(false);
});

test.each([
  ["pool gone after 30 s … payments were stopped", true],
  ["payments were stopped … pool gone after 30 s", false],
  ["pool gone after 30 s … orders were stopped too", false],
])("what an ellipsis joins stands in this order at one place: “%s” %s", (quote, holds) => {
  const raw = `pool gone after 30 s, host node-7, and so payments were stopped${" x".repeat(2_000)} and orders were stopped too`;
  expect(quotes(raw, quote)).toBe(holds);
});
