import { expect, test } from "vitest";
import type { CheckLedger } from "../../../src/investigation/check/check-context.ts";
import { checkFinding } from "../../../src/investigation/check/check-finding.ts";
import { context, ledger, trueFinding } from "./finding-fixture.ts";

/** Figures as people say them: dates and fractions in words, means, slopes, bounds. Beside each true sentence stand twins that no answer bears out. */

interface Told {
  readonly raw: string;
  readonly view?: string;
}

/** Whether one claim on these answers stands without a mark. */
async function stands(text: string, answers: readonly Told[]): Promise<boolean> {
  const told: CheckLedger = {
    entry: (number) => (answers[number - 1] === undefined ? null : { source: "made up", query: "", from: null, to: null }),
    raw: (number) => Promise.resolve(answers[number - 1]?.raw ?? null),
    views: (number) => [answers[number - 1]?.view ?? ""],
  };
  const claims = [{ text, evidence: answers.map((_, index) => index + 1), quotes: [] }];
  const { cleaned } = await checkFinding({ ...trueFinding, claims }, told, context);
  const [kept] = cleaned.claims;
  return kept?.text === text && kept.unverified === undefined;
}

const expired = JSON.stringify({ service: "payments", message: "Certificate expired on 2025-12-10 17:00:08" });

test.each([
  ["The certificate of payments ran out on 10 December 2025", true],
  ["The certificate of payments ran out on the 10th of December 2025", true],
  ["Since December 10, 2025 the certificate of payments is no longer valid", true],
  ["payments has a certificate that ended on Dec 10 2025", true],
  ["payments has a certificate from before 2026, it ended in December 2025", false],
  ["The certificate of payments ended in December 2025", true],
  ["The certificate of payments ran out on 11 December 2025", false],
  ["The certificate of payments ran out on 10 December 2024", false],
  ["Since November 10, 2025 the certificate of payments is no longer valid", false],
  ["The certificate of payments ended in November 2025", false],
])("a date in words is a date: “%s” %s", async (text, holds) => {
  expect(await stands(text, [{ raw: expired }])).toBe(holds);
});

const spans = [7630, 254, 1, 0.09, 7370, 1.87, 201, 6750, 1.63, 200, 6550, 7010, 416, 2.02, 0.73].map(
  (duration) => `- span: ${duration} ms`,
);
const trace = { raw: JSON.stringify({ service: "payments", spans: "see view" }), view: ["trace of payments", ...spans].join("\n") };

test.each([
  ["The login of payments takes a quarter of a second", true],
  ["The login of payments takes about a quarter of a second", true],
  ["The login of payments takes a quarter of a second, 3 % of the request", true],
  ["The login of payments needs 254 ms, 3 % of all of it", true],
  ["The login of payments takes three quarters of a second", false],
  ["The login of payments takes half a second", false],
  ["The login of payments takes a quarter of a minute", false],
  ["The login of payments takes a quarter of a second, 8 % of the request", false],
  ["The login of payments needs 254 ms, 13 % of all of it", false],
])("a fraction of a second is a time, and a share is of the whole: “%s” %s", async (text, holds) => {
  expect(await stands(text, [trace])).toBe(holds);
});

const statement = {
  raw: JSON.stringify({ service: "payments" }),
  view: "payments: 10,080 calls, mean 702 ms, longest 1.9 s; 403,200 rows; 1,018 blocks a call (36.5 % not in the buffers); WAL 158 GiB",
};

test.each([
  ["Each call of payments touches 40 rows", true],
  ["payments changes 40 rows per call", true],
  ["payments writes 16 MiB of WAL with every call", true],
  ["On average payments updates 40 rows at a time", true],
  ["Each call of payments touches 48 rows", false],
  ["payments changes 25 rows per call", false],
  ["payments writes 24 MiB of WAL with every call", false],
])("a mean is computed from the totals of a record: “%s” %s", async (text, holds) => {
  expect(await stands(text, [statement])).toBe(holds);
});

const at = (minute: number) => Date.parse("2026-03-14T03:00:00Z") + minute * 60_000;
const growing = JSON.stringify({
  data: {
    attributes: {
      series: [{ group_tags: ["service:payments"], query_index: 0, unit: [{ name: "connection" }, null] }],
      times: Array.from({ length: 15 }, (_, index) => at(index)),
      values: [Array.from({ length: 15 }, (_, index) => 312 + index * 13 + (index > 0 && index < 14 ? index % 3 : 0))],
    },
  },
});

test.each([
  ["Connections of payments grow by 13 a minute", true],
  ["payments takes some 13 connections per minute more", true],
  ["Connections of payments grow by 31 a minute", false],
  ["payments takes some 18 connections per minute more", false],
])("a slope is computed from a series: “%s” %s", async (text, holds) => {
  expect(await stands(text, [{ raw: growing }])).toBe(holds);
});

const two = {
  raw: JSON.stringify({ service: "payments" }),
  view: "payments: board: 4,560 calls, mean 1.89 s, longest 5.12 s\npayments: list: 101,040 calls, mean 5.94 ms, longest 16 ms\n46 sessions, 45 active",
};

test.each([
  ["45 of the 46 sessions of payments are active; the other statement is 300 times faster, under 6 ms", true],
  ["payments has 45 active sessions of 46. Its list needs under 6 ms, 300 times less than the board", true],
  ["The board of payments takes 1.89 s, some 320 times the 5.94 ms of the list", true],
  ["45 of the 46 sessions of payments are active; the other statement is 500 times faster, under 6 ms", false],
  ["The board of payments takes 1.89 s, 200 times the 5.94 ms of the list", false],
  ["The board of payments takes 1.89 s, 400 times the 5.94 ms of the list", false],
])("a multiple is that of figures in its clause, and a round one is meant roughly: “%s” %s", async (text, holds) => {
  expect(await stands(text, [two])).toBe(holds);
});

const oldest = JSON.stringify({ service: "payments", oldest_transaction_ms: 48.1, lag_seconds: 1236 });

test.each([
  ["No transaction of payments is older than 50 ms", true],
  ["None of payments has been open for longer than 50 ms", true],
  ["A transaction of payments is older than 40 ms", true],
  ["payments is 20 minutes behind", true],
  ["payments is more than 20 minutes behind", true],
  ["No transaction of payments is older than 30 ms", false],
  ["A transaction of payments is older than 60 ms", false],
  ["payments is 30 minutes behind", false],
  ["payments is 23 minutes behind", false],
])("a bound and a round figure hold for what is near them: “%s” %s", async (text, holds) => {
  expect(await stands(text, [{ raw: oldest }])).toBe(holds);
});

const connections = JSON.stringify({ service: "payments", least: 1984, most: 2247 });
const monitor = JSON.stringify({ name: "Connections", message: "Above 55% of the maximum (3604)", thresholds: { warning: 1980 } });

test.each([
  ["payments holds between 1,984 and 2,247 connections, 1,357 below the limit", true],
  ["payments holds up to 2,247 connections, so 1,357 are left", true],
  ["payments holds between 1,984 and 2,247 connections, 1,537 below the limit", false],
])("what is left to a limit is computed: “%s” %s", async (text, holds) => {
  expect(await stands(text, [{ raw: connections }, { raw: monitor }])).toBe(holds);
});

test.each([
  ["Set idle_in_transaction_session_timeout for payments.", true, ["idle_in_transaction_session_timeout"]],
  ["Lower max_wal_size of payments.", true, ["max_wal_size"]],
  ["Send reads of payments to replica.two.internal.", false, ["replica.two.internal"]],
  ["Look at config/pools/main.yaml of payments.", false, ["config/pools/main.yaml"]],
])("a setting of a step is marked and does not come back, a host or file does: “%s”", async (step, isOk, marked) => {
  const { ok, cleaned } = await checkFinding({ ...trueFinding, do_now: [{ step, runbook: null, evidence: [3] }] }, ledger, context);
  expect({ ok, marked: cleaned.do_now[0]?.unverified }).toEqual({ ok: isOk, marked });
});
