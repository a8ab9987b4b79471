import { expect, test } from "vitest";
import { firstClause, saysLess, shortened, withoutLastClause, withoutRemarks } from "../../src/slack/shorter.ts";

test("side remarks go, those of code stay", () => {
  expect(withoutRemarks("ran out of memory (reason: OOMKilled, exit code: 137) since 19:43")).toBe("ran out of memory since 19:43");
  expect(withoutRemarks("`load(x)` takes 4.4 s (p50) of each call")).toBe("`load(x)` takes 4.4 s of each call");
});

test("a text gets shorter by what weighs least: ends of code, remarks, its last clauses", () => {
  const statement = "SELECT id, total, state FROM orders WHERE customer_id = $1 AND state = 'open' ORDER BY id";
  const text = `\`${statement}\` takes 93.5 % (p95) of the time; no index begins with customer_id; seen since 03:11`;
  expect(shortened.whole(text)).toBe(text);
  expect(shortened.code(text)).toMatch(/^`SELECT id, total[^`]*…` takes 93\.5 % \(p95\) of the time; no index/);
  expect(shortened.remarks(text)).toContain("takes 93.5 % of the time; no index begins with customer_id; seen since 03:11");
  expect(shortened.tail(text)).toMatch(/…` takes 93\.5 % of the time; no index begins with customer_id$/);
  expect(shortened.tails(text)).toMatch(/…` takes 93\.5 % of the time$/);
  const lengths = Object.values(shortened).map((stage) => stage(text).length);
  expect(lengths).toEqual(lengths.toSorted((one, other) => other - one));
});

test("only the end of code counts as said", () => {
  const text = "has logged `getaddrinfo ENOTFOUND pgmain.storage.svc.cluster.local` since 10:42";
  expect(saysLess(text, shortened.code(text))).toBe(false);
  expect(saysLess("took 4 s (p50)", "took 4 s")).toBe(true);
  expect(saysLess(text, null)).toBe(true);
});

test.each([
  ["flush the cache: that causes the same incident again.", 15, "flush the cache."],
  ["delete the last good pod. Take a heap dump first.", 15, "delete the last good pod."],
  [
    "Look at the certificate that is sent: `openssl s_client -connect HOST:443`.",
    30,
    "Look at the certificate that is sent: `openssl s_client -connect HOST:443`.",
  ],
  ["Free room at once: scale down a batch job.", 30, "Free room at once: scale down a batch job."],
  ["Pause the job.", 5, "Pause the job."],
])("the clause of %s", (text, least, expected) => {
  expect(firstClause(text, least)).toBe(expected);
});

test.each([
  ["Do not restart the agent, as that fills the volume again", 15, "Do not restart the agent …"],
  [
    "Put the limit back, or roll search back to the build before it, which takes 4f3740c back too.",
    30,
    "Put the limit back, or roll search back to the build before it …",
  ],
  ["Stop it, now", 15, "Stop it, now"],
  ["Pause the writers, with `pause --all, --wait`.", 10, "Pause the writers, with `pause --all, --wait`."],
  ["Drain the node and wait.", 10, "Drain the node and wait."],
])("without its last clause: %s", (text, least, expected) => {
  expect(withoutLastClause(text, least)).toBe(expected);
});
