import { expect, test } from "vitest";
import { checkFinding } from "../../../src/investigation/check/check-finding.ts";
import { context, ledger, trueFinding } from "./finding-fixture.ts";
import { ledgerOf } from "./told-answers.ts";

/** What a finding goes back for, and what is marked at once. */

const raw = [
  '{"service":"payments","p95_ms":4823,"requests":52310,"message":"pool is drained"}',
  '{"service":"checkout","p95_ms":350,"requests":61}',
].join("\n");

const claimsOf = async (text: string) => {
  const sure = { text: "payments answered 52,310 requests", evidence: [1], quotes: [] };
  const claims = [sure, { text, evidence: [1], quotes: [] }];
  const { cleaned, problems } = await checkFinding({ ...trueFinding, claims }, ledgerOf([{ raw }]), context);
  return { back: problems.filter(({ part, weight }) => part === "claims" && weight !== "hint"), kept: cleaned.claims[1] };
};

test.each([
  ["payments p95 is 4.82 s, after nine days of calm", ["nine days"]],
  ["payments answered 52,310 requests, seven times as many as usual", ["seven times"]],
  ["payments answered 52,310 requests, 640 of them late", ["640"]],
  ["payments took 4.82 s, and some 83 % of that in the pool", ["83 %"]],
  ["the p95 of checkout is 4.82 s, and its requests are 61", ["4.82 s"]],
])("what people count or work out is marked at once: “%s”", async (text, unverified) => {
  const { back, kept } = await claimsOf(text);
  expect(back).toEqual([]);
  expect(kept).toMatchObject({ text, unverified });
});

test.each([
  ["payments answered 52,310 requests, as p95 rose from 23 % to 41 %: 4.4 times as many", "payments went 156 → 680 (×4.35)"],
  ["payments takes more than four times the load of 11 % and 97 %", "payments load 11 % and 97 %: step up 156 → 680 (×4.35)"],
  ["some 57 % of the charges of payments miss the cache", "payments cache: 43 % hits"],
])("a multiple or a rest that follows from what is printed holds: “%s”", async (text, view) => {
  const claims = [{ text, evidence: [1], quotes: [] }];
  const { cleaned } = await checkFinding({ ...trueFinding, claims }, ledgerOf([{ raw, view: `${view}, 23 % and 41 %` }]), context);
  expect(cleaned.claims[0]?.unverified).toBe(undefined);
});

test("a path may go on behind the paged service", async () => {
  const beyond = { service: "payments", what: "p95 210 ms → 4.82 s at 03:11", evidence: [1] };
  const path = { causal_path: [...trueFinding.causal_path, beyond] };
  const { problems } = await checkFinding({ ...trueFinding, ...path }, ledger, context);
  expect(problems.filter(({ part }) => part === "causal_path")).toEqual([]);
  const short = await checkFinding({ ...trueFinding, causal_path: [beyond] }, ledger, context);
  expect(short.problems.map(({ code }) => code)).toContain("path-elsewhere");
});

test.each([
  ["Ask somebody with psql on the replica for its sessions", []],
  ["Look at payments around 03:05 and 03:25", []],
  ["Look at payments around 22:17", ["figure-unseen"]],
  ["Run psql --list on the replica", ["holds-command"]],
])("a step may name tools, and times around the page: “%s”", async (step, codes) => {
  const { problems } = await checkFinding({ ...trueFinding, do_now: [{ step, runbook: null, evidence: [] }] }, ledger, context);
  expect(problems.filter(({ part }) => part === "do_now").map(({ code }) => code)).toEqual(codes);
});

test.each([
  ["payments and checkout both run 9f2c1e4", true],
  ["The flag fast_checkout went on before 9f2c1e4", true],
  ["9f2c1e4 edits docs/readme.txt", false],
])("what is in another commit is not said of this one; services and flags may be named beside it: “%s” %s", async (text, holds) => {
  const [first] = context.changes;
  if (first === undefined) throw new Error("the fixture has no change");
  const files = [{ path: "docs/readme.txt", status: "modified", additions: 1, deletions: 1, patch: "+x" }] as const;
  const changes = [
    ...context.changes,
    { ...first, sha: null, version: null, title: "flag fast_checkout of payments and checkout: off → on" },
    { ...first, sha: "77aa88b".padEnd(40, "1"), version: null, title: "docs of checkout", files },
  ];
  const missing = [{ what: text, who: null, evidence: [] }];
  const { problems } = await checkFinding({ ...trueFinding, missing }, ledger, { ...context, changes });
  expect(problems.some(({ code }) => code === "change-of-another")).toBe(!holds);
});

test.each([
  ["payments p95 is 4.82 s, and its p50 was 917 ms", "figure-unseen"],
  ["payments answered 52,310 requests, 6,417 of them late", "figure-unseen"],
  ["payments p95 is 4.82 s since 03:44:19", "figure-unseen"],
  ["payments answers late, its p95 is 4823 s", "other-unit"],
  ["payments p95 is 4.82 s: “pool is poisoned”", "not-verbatim"],
  ["payments p95 is 4.82 s since 9f2c1e7", "unknown-name"],
])("a made-up value or quote goes back: “%s”", async (text, code) => {
  expect((await claimsOf(text)).back.map((one) => one.code)).toEqual([code]);
});
