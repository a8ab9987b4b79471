import { expect, test } from "vitest";
import type { ReadChecks } from "../../src/incident/fix.ts";
import type { Proof } from "../../src/incident/proof.ts";
import { proofPart } from "../../src/fix/pr-body-proof.ts";
import { proofPartOf } from "../../src/fix/proof-rows.ts";

const FIX = "2".repeat(40);
const BASE = "b".repeat(40);
const about = { kind: "revert", branch: "main", test: null, note: null, web: "https://github.com/acme/shop", isPrivate: false } as const;
const nothing: Proof = {
  verdict: "running",
  commits: [{ sha: FIX, role: "fix" }],
  base: null,
  before: null,
  after: null,
  newlyFailed: [],
  improvements: 0,
};
const read = (role: ReadChecks["role"], state: ReadChecks["state"], check: ReadChecks["checks"][number]): ReadChecks => ({
  sha: role === "base" ? BASE : FIX,
  role,
  state,
  checks: [check],
  failure: null,
  namesTest: null,
});
const text = (proof: Partial<Proof>) => proofPart(proofPartOf({ ...nothing, ...proof }, about)).join("\n");

test("before anything was read there is no table", () => {
  expect(text({})).not.toContain("|");
});

test("a red check links to its job and the commit to its page; an address that is none stays out", () => {
  const red = (link: string) => text({ verdict: "red-after", after: read("fix", "failed", { name: "unit", state: "failed", link }) });
  const job = "https://github.com/acme/shop/actions/runs/1/job/2";
  expect(red(job)).toContain(`([\`2222222\`](https://github.com/acme/shop/commit/${FIX}))`);
  expect(red(job)).toContain(`1 failed ([\`unit\`](${job}))`);
  for (const bad of ["javascript:alert(1)", "https://x.test/a) | b", "http://x.test/"]) expect(red(bad)).toContain("1 failed (`unit`)");
});

test("what main had not ended is said as such, and what was skipped is counted", () => {
  const base = read("base", "unfinished", { name: "unit", state: "running", link: null });
  expect(text({ base })).toContain("1 unfinished when this was written");
  const after = read("fix", "skipped", { name: "unit", state: "skipped", link: null });
  expect(text({ verdict: "skipped", after })).toContain("1 skipped");
});

test("of a private repository the lines around the test's failure are shown, as code that no line can end", () => {
  const noise = Array.from({ length: 40 }, (_, index) => `line ${index}`);
  const ours = "    at discountOf (file:///home/runner/work/shop/src/pricing.ts:3:1)";
  const foreign = ["    at async Test.run (node:internal/test_runner/test:1402:25)", "    at run (/app/node_modules/vitest/dist/a.js:1:2)"];
  const before: ReadChecks = {
    ...read("test", "failed", { name: "unit", state: "failed", link: null }),
    failure: [
      "unit:",
      ...noise,
      "not ok 7 - taken off once",
      ...foreign,
      ours,
      "</details> <!-- /midwatch:proof -->",
      "```",
      ...noise,
    ].join("\n"),
    namesTest: true,
  };
  const proof: Proof = { ...nothing, commits: [{ sha: FIX, role: "test" }], before };
  const of = (isPrivate: boolean) => proofPart(proofPartOf(proof, { ...about, kind: "patch", test: "taken off once", isPrivate }));
  expect(of(false).join("\n")).not.toContain("not ok 7");
  const lines = of(true).filter((line) => line.startsWith("    "));
  expect(lines).toHaveLength(15);
  expect(lines[3]).toBe("    not ok 7 - taken off once");
  // Of a stack trace only the repository's own calls tell a reviewer something.
  expect(lines[4]).toBe(`    ${ours}`);
  // The comment by which the proof is found again must stand there once.
  expect(of(true).join("\n").split("<!-- /midwatch:proof -->")).toHaveLength(2);
});
