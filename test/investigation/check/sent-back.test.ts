import { expect, test } from "vitest";
import { checkFinding } from "../../../src/investigation/check/check-finding.ts";
import { context, trueFinding } from "./finding-fixture.ts";
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
  ["payments p95 is 4.82 s, and its p50 was 917 ms", "figure-unseen"],
  ["payments answered 52,310 requests, 6,417 of them late", "figure-unseen"],
  ["payments p95 is 4.82 s since 03:44:19", "figure-unseen"],
  ["payments answers late, its p95 is 4823 s", "other-unit"],
  ["payments p95 is 4.82 s: “pool is poisoned”", "not-verbatim"],
  ["payments p95 is 4.82 s since 9f2c1e7", "unknown-name"],
])("a made-up value or quote goes back: “%s”", async (text, code) => {
  expect((await claimsOf(text)).back.map((one) => one.code)).toEqual([code]);
});
