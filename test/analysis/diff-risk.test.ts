import { expect, test } from "vitest";
import { readDiff } from "../../src/analysis/diff-risk.ts";

const adding = (lines: number) =>
  readDiff([
    {
      path: "src/a.js",
      status: "modified",
      additions: lines,
      deletions: 0,
      patch: `@@ -1 +1 @@\n${"+total = total + item.price\n".repeat(lines)}`,
    },
  ]).risk;

test("a larger diff is riskier, a little, and no more from a hundred lines on", () => {
  expect(adding(8) - adding(4)).toBeCloseTo(0.1);
  expect(adding(100) - adding(1)).toBeLessThan(0.7);
  expect(adding(2_000)).toBe(adding(100));
});

const reading = (path: string, lines: readonly string[]) =>
  readDiff([{ path, status: "modified", additions: 1, deletions: 1, patch: `@@ -1 +1 @@\n${lines.join("\n")}\n` }]);

test.each<[string, string[]]>([
  ["rows.py", ["-    cursor.executemany(INSERT, rows)", "+    for row in rows:", "+        cursor.execute(INSERT, row)"]],
  ["Mailer.java", ["-  client.sendBatch(messages);", "+  for (Message message : messages) {", "+    client.send(message);", "+  }"]],
  ["keys.ts", ["-  const found = await redis.mget(keys);", "+  const found = await Promise.all(keys.map((key) => redis.get(key)));"]],
])("what was done in bulk and is done one by one now is no rewrite (%s)", (path, lines) => {
  const { neutral, risk, says } = reading(path, lines);
  expect({ neutral, isRisky: risk >= 2 }).toEqual({ neutral: false, isRisky: true });
  expect(says.join()).toContain("one by one");
});

test("a batch of another size is still a batch", () => {
  expect(reading("a.go", ["-for _, batch := range chunks(items) {", "+for _, chunk := range batches(items) {"]).says.join()).not.toContain("one by one");
}); // prettier-ignore

test("much more code than was taken out is something new, not the same written anew", () => {
  const added = Array.from({ length: 12 }, (_, index) => `+  history.record${index}(request.id);`);
  expect(reading("a.js", ["-  return answer(request);", "+  return answer(request);", ...added]).neutral).toBe(false);
  expect(reading("a.js", ["-  return a(b(c));", "+  const inner = b(c);", "+  return a(inner);"]).neutral).toBe(true);
});
