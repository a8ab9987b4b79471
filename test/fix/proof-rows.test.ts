import { expect, test } from "vitest";
import type { ReadChecks } from "../../src/incident/fix.ts";
import type { Proof } from "../../src/incident/proof.ts";
import { proofPart } from "../../src/fix/pr-body-proof.ts";
import { proofPartOf } from "../../src/fix/proof-rows.ts";

const FIX = "2".repeat(40);
const BASE = "b".repeat(40);
const about = { kind: "revert", branch: "main", test: null, note: null, web: "https://github.com/acme/shop" } as const;
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
  expect(text({ base })).toContain("1 not ended when this was written");
  const after = read("fix", "skipped", { name: "unit", state: "skipped", link: null });
  expect(text({ verdict: "skipped", after })).toContain("1 skipped");
});
