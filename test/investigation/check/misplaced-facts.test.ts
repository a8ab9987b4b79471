import { expect, test } from "vitest";
import { checkFinding } from "../../../src/investigation/check/check-finding.ts";
import { context, trueFinding } from "./finding-fixture.ts";
import { ledgerOf, series, stands, type Told } from "./told-answers.ts";

const sessions: Told = {
  raw: "rows",
  view: "payments sessions: 23 in all\nActive sessions: 14 wait for IO, 6 on the CPU.\nRequests by route: /pay 312, /refund 48",
};
const statements: Told = {
  raw: "rows",
  view: [
    "payments: the 3 heaviest statements",
    "- 31 % of the time: `UPDATE carts SET seen_at = $1`",
    "- 48.3 % of the time: `SELECT id FROM carts WHERE id = $1`",
  ].join("\n"),
};
const spans: Told = { raw: "rows", view: "- payments · GetCart: 251 spans, p50 16.5 ms, p95 501 ms, longest 2.4 s" };

const yaml = (out: string, put: string): Told => ({
  raw: JSON.stringify({
    files: [{ filename: "config/cache.yaml", patch: `@@ -1,3 +1,3 @@\n cache:\n-${out}\n+${put}\n   eviction: lru` }],
  }),
});

test.each([
  [yaml("  ttl_seconds: 3600", "  ttl_seconds: 60"), "Its ttl_seconds went from 3600 to 60.", "Its ttl_seconds went from 60 to 3600."],
  [yaml("  wait_ms: 250", "  wait_ms: 900"), "Its wait_ms was changed: 250 → 900.", "Its wait_ms was changed: 900 → 250."],
  [yaml("  heap: 512MiB", "  heap: 384MiB"), "The heap went from 512 MiB to 384 MiB.", "The heap went from 384 MiB to 512 MiB."],
])("a diff says which figure came first, in whatever unit its key is (%#)", async (answer, said, reversed) => {
  expect(await stands(said, [answer])).toBe(true);
  expect(await stands(reversed, [answer])).toBe(false);
});

test.each(["so the 460 sessions can't be set against it", "and whether the other 1,720 calls failed is open"])(
  "a gap's figures are facts: %s",
  async (words) => {
    const missing = [{ what: `max_connections of payments was not read, ${words}.`, who: null, evidence: [] }];
    const { cleaned } = await checkFinding({ ...trueFinding, missing }, ledgerOf([sessions, spans, statements]), context);
    expect(cleaned.missing[0]?.unverified ?? []).not.toEqual([]);
  },
);

test.each([
  ["Set `cache.ttl_seconds` back.", ["cache.ttl_seconds"]],
  ["Raise `worker_pool_size` by half.", ["worker_pool_size"]],
  ["Set `ttl_seconds` back.", []],
  ["Set `entryLifetime` back.", ["entryLifetime"]],
  ["Set `--cache-ttl=3600` again.", ["--cache-ttl=3600"]],
  ["Set `ttl_seconds=3600` again.", []],
  ["Look at `config/cache.yaml` first.", []],
  ["Look at `config/store.yaml` first.", ["config/store.yaml"]],
  ["Put `payments:canary` back.", ["payments:canary"]],
  ["Run `kubectl describe pod cart` and read its last state.", ["kubectl describe pod cart"]],
  ["Run `explain select lru from cache` on the replica.", ["explain select lru from cache"]],
])("what a step has typed and nothing shows is marked, and costs no turn: %s", async (step, unverified) => {
  const answers = [yaml("  ttl_seconds: 3600", "  ttl_seconds: 60")];
  const claims = [{ text: "Its ttl_seconds went from 3600 to 60.", evidence: [1], quotes: [] }];
  const finding = { ...trueFinding, claims, do_now: [{ step, runbook: null, evidence: [] }] };
  const { cleaned, problems } = await checkFinding(finding, ledgerOf(answers), context);
  expect(cleaned.do_now.map((one) => [one.step, one.unverified ?? []])).toEqual([[step, unverified]]);
  expect(problems.filter(({ part }) => part === "do_now")).toEqual([]);
});

test.each([
  ["Calls of payments rose by 13 more per minute.", true],
  ["Calls of payments: 31 more a minute.", false],
])("a difference of counts by minute is a rate: %s", async (text, isTrue) => {
  expect(await stands(text, [{ raw: "rows", view: "calls of payments: 29 → 42 since 03:11:00" }])).toBe(isTrue);
});

test.each([
  ["payments p95 reached 5.31 s at 03:44", true],
  ["payments p95 reached 5.31 s at 03:30", false],
  ["On 4 pods, payments p95 stood at 4.8 s at 03:04", false],
  ["payments p95 went 0.2 s → 4.8 s", true],
  ["payments p95 went 4.8 s → 0.2 s", false],
])("a view that has a figure and a time apart does not put them together: “%s” %s", async (text, holds) => {
  const raw = series(
    "second",
    Array.from({ length: 60 }, (_, index) => (index < 30 ? 0.2 : index === 44 ? 5.31 : 4.8)),
  );
  const view = "payments p95: highest 5.31 s\nusual 0.2 s\nnow 4.8 s\nasked from 03:04\nit left its level at 03:30\n4 pods of payments";
  expect(await stands(text, [{ raw, view }])).toBe(holds);
});
