import { expect, test } from "vitest";
import type { CheckLedger } from "../../../src/investigation/check/check-context.ts";
import { stringsIn, withoutAsked } from "../../../src/investigation/check/asked-words.ts";
import { checkFinding } from "../../../src/investigation/check/check-finding.ts";
import { context, trueFinding } from "./finding-fixture.ts";
import { stands } from "./told-answers.ts";

/** What is posted of a claim on an answer that a call of a tool brought. */
async function posted(text: string, input: unknown, view: string, raw = "{}", query = "payments"): Promise<boolean> {
  const ledger: CheckLedger = {
    entry: () => ({ source: "made up", query, from: null, to: null }),
    raw: () => Promise.resolve(raw),
    views: () => [view],
    asked: () => stringsIn(input),
  };
  const claims = [{ text, evidence: [1], quotes: [] }];
  const [kept] = (await checkFinding({ ...trueFinding, claims }, ledger, context)).cleaned.claims;
  return kept?.text === text && kept.unverified === undefined;
}

test.each([
  ["97.3 % of payments failed", { query: '"97.3 % of payments failed"' }, 'E1: no line matches "97.3 % of payments failed" from 03:00'],
  ["4,815,162 payments were charged twice", { query: "4,815,162 charged" }, 'E1: code search for "4,815,162" "charged": no file'],
  ["payments fails 97.3 %", { queries: ["avg:errors.pct{share:97.3%}"] }, "E1: no data for avg:errors.pct{share:97.3%,service:payments}"],
  [
    "payments logs “every charge was lost today” now",
    { text: "every charge was lost today" },
    'E1: 0 messages that hold "every charge was lost today"',
  ],
  ["payments fails since 04:17:31", { from: "2026-03-14T04:17:31Z" }, "E1: window 2026-03-14T04:17:31Z to 2026-03-14T05:00:00Z"],
  ["payments runs b4dc0de1", { commit: "b4dc0de1" }, "E1: there is no commit b4dc0de1"],
])("what the model itself asked is no evidence: %s", async (text, input, view) => {
  expect(await posted(text, {}, view)).toBe(true);
  expect(await posted(text, input, view)).toBe(false);
});

test("the query that the model wrote names nothing but services of the catalog", async () => {
  const query = "service:payments pod-77";
  expect(await posted("payments-api pod-77 fails 18 %", {}, "E1: 18 % of payments", "{}", query)).toBe(true);
  expect(await posted("payments-api pod-77 fails 18 %", { query }, "E1: 18 % of payments", "{}", query)).toBe(false);
  expect(await posted("payments fails 18 %", { query }, "E1: 18 % of payments", "{}", query)).toBe(true);
});

test("what the answer itself has stays, though it was asked for", async () => {
  const raw = '{"message":"payments: provider call took 4402 ms, pool 50/50 in use"}';
  expect(await posted("a provider call of payments took 4402 ms", { query: "4402" }, "E1: 1 line of 4402", raw)).toBe(true);
  expect(await posted("payments logs “provider call took 4402 ms”", { query: "provider call took" }, "E1: 1 line", raw)).toBe(true);
});

test("names of the catalog and of measures stay in a view, relative times blank no figure", () => {
  const blanked = withoutAsked(["avg:trace.http{service:orders-db2} p95", "-2h"], ["orders-db2"]);
  expect(blanked("orders-db2 p95 2 s → 4.8 s")).toBe("orders-db2 p95 2 s → 4.8 s");
  expect(blanked("trace.http of orders-db2").trim()).toBe("of orders-db2");
});

test("what midwatch said in Slack itself is no evidence, what people said is", async () => {
  const own = {
    ts: "1773457865.000100",
    text: "payments fails 97.3 % “every charge was lost”",
    metadata: { event_type: "midwatch_message", event_payload: { key: "k" } },
  };
  const person = { ts: "1773457866.000100", user: "U1", text: "payments fails 18.2 %, I saw the pool at 50/50" };
  const ledger: CheckLedger = {
    entry: () => ({ source: "Slack", query: "thread 1", from: null, to: null }),
    raw: () =>
      Promise.resolve([JSON.stringify({ ok: true, messages: [own] }), JSON.stringify({ ok: true, messages: [person] })].join("\n")),
    views: () => ['- 2026-03-14T03:11:05Z midwatch: "payments fails 97.3 %"'],
  };
  const claims = [
    "payments fails 97.3 %",
    "payments says “every charge was lost”",
    "payments fails 18.2 %",
    "payments says “I saw the pool at 50/50”",
  ];
  const finding = { ...trueFinding, claims: claims.map((text) => ({ text, evidence: [1], quotes: [] })) };
  const { cleaned } = await checkFinding(finding, ledger, context);
  expect(cleaned.claims.flatMap(({ text, unverified }) => (unverified === undefined ? [text] : []))).toEqual(claims.slice(2));
  expect(JSON.stringify(cleaned)).not.toContain("every charge was lost");
});

test.each([
  ["payments holds 230 MB at 03:05", true],
  ["payments went from 212 MB at 03:02 to 230 MB at 03:05", true],
  ["payments holds 230 MB at 03:06", false],
  ["payments holds 212 MB at 03:05", false],
  ["payments went from 230 MB at 03:02 to 212 MB at 03:05", false],
])("a time that was asked for is that of the points that came back: “%s” %s", async (text, holds) => {
  const told = { raw: "rows", view: "payments memory: 212 MB at 03:02, 230 MB at 03:05", asked: ["03:05", "2026-03-14T03:02:00Z"] };
  expect(await stands(text, [told])).toBe(holds);
});

test("a time that was asked for, where nothing came back, is nobody's but the model's", async () => {
  const told = { raw: '{"data":[]}', view: "No lines around 03:44.", asked: ["03:44"] };
  expect(await stands("payments failed at 03:44", [told])).toBe(false);
});

test.each([
  ["payments logs “all 10:10 of the 10:11 cards 10:12 were 10:13 lost”", "all 10:10 of the 10:11 cards 10:12 were 10:13 lost"],
  ["payments logs “we 3:05 gave 3:06 out 3:07 keys”", "we 3:05 gave 3:06 out 3:07 keys"],
  ["payments logs “p95 leak p99 ed to p50 all”", "p95 leak p99 ed to p50 all"],
  ["payments logs “all payments keys payments leaked payments out”", "all payments keys payments leaked payments out"],
])("words that were asked for are the model's own, whatever times, measures and names are between them: %s", async (text, asked) => {
  const told = { raw: '{"message":"payments: pool 50/50"}', view: `1 line of payments matches "${asked}"`, asked: [asked] };
  expect(await stands(text, [{ ...told, asked: [] }])).toBe(true);
  expect(await stands(text, [told])).toBe(false);
});
