import { expect, test } from "vitest";
import { statementFiles } from "../../support/statement-corpus.ts";

const cases = statementFiles();
const plain = (text: string) => text.replace(/\s+/g, " ").trim().toLowerCase();

test("each file of statements fits its schema and is named for its case", () => {
  expect(cases.length).toBeGreaterThan(0);
  for (const { name, file } of cases) expect(file.case).toBe(name);
});

test("no case says a sentence twice, true or false", () => {
  for (const { name, file } of cases) {
    const said = file.statements.flatMap(({ text, part, quotes, twin }) => [
      JSON.stringify([part, plain(text), quotes]),
      JSON.stringify([part, plain(twin.text), twin.quotes ?? quotes]),
    ]);
    const twice = said.filter((one, index) => said.indexOf(one) !== index);
    expect({ name, twice }).toEqual({ name, twice: [] });
  }
});

test("each twin differs from its statement, in words or in quotes", () => {
  for (const { name, file } of cases)
    for (const { text, quotes, twin } of file.statements)
      expect([name, twin.text, twin.quotes ?? quotes]).not.toEqual([name, text, quotes]);
});

test("each statement cites reads that its case makes", () => {
  const missing = cases.flatMap(({ name, file }) =>
    file.statements.flatMap(({ text, evidence, quotes = [], twin }) =>
      [...evidence, ...[...quotes, ...(twin.quotes ?? [])].map((quote) => quote.evidence)]
        .filter((cited) => typeof cited === "number" && cited >= file.reads.length)
        .map((cited) => `${name}: ${text} cites read ${cited}`),
    ),
  );
  expect(missing).toEqual([]);
});

test("sentences are no longer than a finding takes", () => {
  for (const { file } of cases)
    for (const { text, part, twin } of file.statements) {
      const most = part === "claim" ? 600 : part === "ruled-out" ? 140 : 300;
      expect(Math.max(text.length, twin.text.length)).toBeLessThanOrEqual(most);
    }
});
