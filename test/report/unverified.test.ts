import { expect, test } from "vitest";
import { plain } from "../../src/report/text.ts";
import { markedWords, shortenedMarked } from "../../src/report/unverified.ts";
import { wholeSentences } from "../../src/slack/markup.ts";

const long = "every node of the cluster lost its lease at the same moment and came back with another view of who leads it";
const shown = (text: string, values: readonly string[], longest: number) =>
  plain(shortenedMarked(markedWords(text, values), (sentence) => wholeSentences(sentence, longest)));

test.each([
  // Of a long value the mark has the beginning.
  [`Look for “${long}” in the log of orders. Then tell the team of payments about it.`, [`${long.slice(0, 60)}…`], 140],
  // Of a value that is cut in two half is shown.
  [`The worker says “${long}” since the rollout began, and nobody knows what that means for the orders`, [long], 80],
  ["Set pool_size_limit back to 50 on the primary. Then wait for 4,711 requests to pass.", ["pool_size_limit", "4,711"], 50],
])("a value of which a part is shown keeps its mark: %s", (text, values, longest) => {
  expect(shown(text, values, longest)).toMatch(/…? \(unverified: /);
});

test.each([
  ["Restart orders first. Then set pool_size_limit back to 50 on the primary.", ["pool_size_limit"], 30],
  [`Restart orders first. Then look for “${long}” in the log.`, [`${long.slice(0, 60)}…`], 30],
])("a value of which nothing is shown needs none: %s", (text, values, longest) => {
  expect(shown(text, values, longest)).toBe("Restart orders first.");
});
