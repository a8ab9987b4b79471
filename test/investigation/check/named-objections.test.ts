import { expect, test } from "vitest";
import { checkFinding } from "../../../src/investigation/check/check-finding.ts";
import { context, ledger, trueFinding } from "./finding-fixture.ts";
import { at, series, stands, type Told } from "./told-answers.ts";

/**
 * True sentences of kinds that were once refused, and twins of them that one change makes false. Each stands, or falls, as one claim on the first
 * answer: a twin is marked, cut or sent back.
 */

interface Kind {
  readonly answers: readonly Told[];
  readonly holds: readonly string[];
  readonly falls: readonly string[];
}

const told = (view: string, raw = '{"service":"payments"}'): Told => ({ raw, view });
const SHAS = ["5ac1d38", "77aa8b0", "e1f2a39"].map((sha, index) => sha.padEnd(40, `${index + 1}c`));

const KINDS: Readonly<Record<string, Kind>> = {
  units: {
    answers: [told("payments: heap 1,610,612,736 bytes, queue wait 0.0042 s, oldest job 190 s, CPU 1,500 millicores, 19 calls/s")],
    holds: [
      "The heap of payments is 1.5 GiB",
      "payments holds 1,536 MiB of heap",
      "Jobs of payments wait 4.2 ms for the queue",
      "The oldest job of payments is 3 min 10 s old",
      "payments burns 1.5 cores",
      "payments takes 1,140 calls a minute",
    ],
    falls: [
      "The heap of payments is 1.5 MiB",
      "Jobs of payments wait 4.2 s for the queue",
      "The oldest job of payments is 190 min old",
      "payments burns 1,500 cores",
      "payments takes 1,140 calls a second",
    ],
  },
  "the kernel's kB, which has 1,024 bytes": {
    answers: [told("payments-7 killed: anon-rss:511200kB, file-rss:20480 kB; swap 97280 KB")],
    holds: [
      "payments-7 was killed with anon-rss near 499 MiB",
      "payments-7 had 499.2 MiB of anonymous memory, and 20 MiB of files",
      "payments-7 had 95 MiB in swap",
      "payments-7 was killed at 511,200 kB",
    ],
    falls: ["payments-7 was killed with anon-rss near 599 MiB", "payments-7 had 29 MiB of files", "payments-7 was killed at 499 GiB"],
  },
  rounding: {
    answers: [told("payments: 61,234 lines, p95 4.823 s, 10,080 calls, 512,480 reads, 13 retries, 318 times")],
    holds: [
      "payments wrote about 61,000 lines",
      "payments wrote over 60,000 lines",
      "payments needs 4.8 s at p95",
      "payments made ten thousand calls",
      "payments did half a million reads",
      "payments made about a dozen retries",
      "payments made some 10,000 calls",
    ],
    falls: [
      "payments wrote about 71,000 lines",
      "payments needs 4.9 s at p95",
      "payments made twenty thousand calls",
      "payments did a million reads",
      "payments did half a billion reads",
    ],
  },
  "percent and ratio": {
    answers: [told("payments: error share 0.634, 41 of 200 connections, hits 43 %, retries 2 → 6, CPU 0.92 cores of 1")],
    holds: [
      "63 % of the calls of payments fail",
      "payments fails 63.4 % of its calls",
      "payments uses a fifth of its connections, 41 of 200",
      "57 % of the reads of payments miss",
      "retries of payments tripled",
      "payments is at 92 % of a core",
    ],
    falls: [
      "36 % of the calls of payments fail",
      "payments fails 6.34 % of its calls",
      "payments uses half of its connections, 41 of 200",
      "75 % of the reads of payments miss",
      "retries of payments quadrupled",
    ],
  },
  "clock times in any form": {
    answers: [{ raw: JSON.stringify({ service: "payments", message: "pool exhausted", at: at("16:41:05") }) }],
    holds: [
      "payments ran out at 16:41",
      "payments ran out at 16:41:05",
      "payments ran out at 4:41 pm",
      "payments ran out at 4:41:05 p.m. UTC",
      "payments ran out at 16:41:05Z",
      "payments ran out at 2026-03-14T16:41:05Z",
      "payments ran out at 2026-03-14 16:41",
      "payments ran out on 14 March at 16:41",
      "payments ran out at 2026-03-14T18:41:05+02:00",
    ],
    falls: [
      "payments ran out at 16:47",
      "payments ran out at 16:41:50",
      "payments ran out at 4:41 am",
      "payments ran out at 2026-03-15T16:41:05Z",
      "payments ran out at 2026-03-14T16:41:05+02:00",
    ],
  },
  durations: {
    answers: [told("payments: errors since 03:11:40\npayments: pool exhausted at 03:23:10")],
    holds: [
      "payments began to fail 45 s after it went live at 03:10:55",
      "The pool of payments was exhausted 11 min 30 s after the first error",
      "payments failed 12 minutes later, at 03:23",
      "payments ran for 690 s before its pool was exhausted",
    ],
    falls: [
      "payments began to fail 75 s after it went live at 03:10:55",
      "payments failed 25 minutes later, at 03:23",
      "payments ran for 960 s before its pool was exhausted",
    ],
  },
  "when something began whose age was read": {
    answers: [
      { raw: '{"service":"payments"}', window: ["03:20:00", "03:39:55"], view: "payments: oldest transaction 24.8 min, lag 6 min" },
    ],
    holds: [
      "The oldest transaction of payments is open since about 03:15",
      "payments has a transaction from 3:15 am",
      "payments lags since 03:34",
    ],
    falls: [
      "The oldest transaction of payments is open since about 03:25",
      "payments has a transaction from 03:15:55",
      "payments lags since 03:29",
    ],
  },
  "short shas, also ending in a digit": {
    answers: [{ raw: JSON.stringify(SHAS.map((sha) => ({ service: "payments", sha }))) }],
    holds: [
      "payments runs 5ac1d38",
      "payments runs 77aa8b0",
      "payments went from 77aa8b0 to e1f2a39",
      `payments runs ${SHAS[0]?.slice(0, 12)}`,
    ],
    falls: ["payments runs 5ac1d39", "payments runs 77aa8b1", "payments went from 77aa8b0 to e1f2a30", "payments runs 5ac1d381c1d"],
  },
  "counting words": {
    answers: [
      told("payments: 12 restarts, 97 % of calls, 3 of 4 pods; asked for by every board about four times a second, two days before"),
    ],
    holds: [
      "payments restarted twelve times",
      "payments restarted a dozen times",
      "ninety-seven percent of the calls of payments fail",
      "Three of the four pods of payments are down",
      "Every board asks payments four times a second",
      "It happened to payments two days before",
    ],
    falls: [
      "payments restarted seventeen times",
      "seventy-nine percent of the calls of payments fail",
      "Every board asks payments nine times a second",
      "It happened to payments eleven days before",
    ],
  },
  "constants in diffs": {
    answers: [
      {
        raw: JSON.stringify({
          service: "payments",
          files: [
            { patch: "@@ -1,3 +1,4 @@\n-  ttl_seconds: 3600\n+  ttl_seconds: 60\n+  memory: 512Mi\n+  timeoutMs: 5000\n+  cpu: 250m" },
          ],
        }),
      },
    ],
    holds: [
      "payments keeps an entry for 60 s where it was an hour",
      "The ttl_seconds of payments went from 3600 to 60",
      "payments may use 512 MiB",
      "payments now waits 5 s at most",
      "payments may use a quarter of a core, 250m",
    ],
    falls: [
      "payments keeps an entry for 900 s where it was an hour",
      "The ttl_seconds of payments went from 60 to 3600",
      "payments may use 512 GiB",
      "payments now waits 5 min at most",
    ],
  },
  "names of metrics and pods that a view printed": {
    answers: [
      {
        raw: series("byte", [3.25, 4.5], "payments", "pod_name:payments-7d9f6c4b8-x2k8p"),
        query: "avg:jvm.heap_used9{service:payments} by {pod_name}",
        asked: ["avg:jvm.heap_used9{service:payments} by {pod_name}"],
        view: "jvm.heap_used9 of payments-7d9f6c4b8-x2k8p: 3.25 → 4.5",
      },
    ],
    holds: [
      "jvm.heap_used9 of payments grew",
      "payments-7d9f6c4b8-x2k8p grew",
      "The pod payments-7d9f6c4b8-x2k8p of payments ended at 4.5 by jvm.heap_used9",
    ],
    falls: [
      "jvm.heap_used8 of payments grew",
      "payments-7d9f6c4b8-x2k9p grew",
      "The pod payments-8d9f6c4b8-x2k8p of payments ended at 4.5",
    ],
  },
  "the bounds of the asked window, and nothing in it": {
    answers: [{ raw: '{"data":[]}', query: "service:payments timeout", window: ["03:00:00", "03:20:00"], view: "no line" }],
    holds: [
      "payments logged no timeout from 03:00 to 03:20",
      "No entry of payments matches between 03:00 and 03:20",
      "payments has nothing in the 20 minutes from 03:00 to 03:20",
      "Between 3:05 and 3:15 am payments logged no timeout",
      "payments logged none in the 20 minutes that were searched",
    ],
    falls: [
      "payments logged 77 timeouts from 03:00 to 03:20",
      "payments logged no timeout from 03:00 to 03:50",
      "payments logged no timeout in the 55 minutes from 03:00 on",
      "payments logged three timeouts from 03:00 to 03:20",
    ],
  },
  "names that are said to be nowhere": {
    answers: [told("payments: getaddrinfo ENOTFOUND vault.cards.internal, 5 lines", '{"service":"payments","error":"ENOTFOUND"}')],
    holds: [
      "ENOTFOUND of payments is a definite answer, and no line has EAI_AGAIN",
      "payments gets ENOTFOUND; an overloaded resolver would give EAI_AGAIN, which no line has",
      "payments gets ENOTFOUND; EAI_AGAIN would show, and none does",
      "No line of payments mentions pool_size",
      "payments never logged “connection refused”",
      "“connection refused”, which no line of payments has, would be another fault",
    ],
    falls: [
      "payments gets EAI_AGAIN, and no line has more",
      "payments gets EAI_AGAIN",
      "payments did not answer: it got EAI_AGAIN",
      "payments logged “connection refused”, which nobody saw in time",
      "No doubt payments gets EAI_AGAIN",
    ],
  },
  "a multiple of two points that are printed, of a series that the sentence does not repeat": {
    answers: [
      {
        raw: series("byte", [4_194_300, 4_190_000, 4_260_000, 9_000_000, 184_549_000, 210_100_000, 190_000_000, 205_000_000]),
        view: [
          "WAL of payments from 4,194,300 at 03:00, 184,549,000 at 03:04, most 210,100,000",
          "also 17.1 kB, 18.2 kB, 19.3 kB, 21.4 kB, 22.5 kB, 23.6 kB, 24.7 kB, 25.8 kB, 26.9 kB, 28.1 kB, 29.2 kB, 31.3 kB",
        ].join("\n"),
      },
    ],
    holds: [
      "payments writes WAL at 44 times its first rate",
      "payments writes almost 45 times as much WAL",
      "payments writes WAL at 50 times its first rate",
    ],
    falls: ["payments writes WAL at 34 times its first rate", "payments writes WAL at 88 times its first rate"],
  },
};

test.each([
  ["A commit of payments from two days before does not touch it", true],
  ["payments was changed 2 days earlier too", true],
  ["A commit of payments from four days before does not touch it", false],
  ["payments was changed 9 days earlier too", false],
])("the days between a dated line and what is known are a fact: “%s” %s", async (text, holds) => {
  const known = { ...context, changes: context.changes.slice(0, 2) };
  expect(await stands(text, [told("payments: 2026-03-12T05:30:00Z Allow more entries")], known)).toBe(holds);
});

test.each([
  ["payments was killed 17 s after its batch began", true],
  ["The batch of payments ran for 17 seconds before the kill", true],
  ["payments came back 4 minutes after its batch began", true],
  ["payments was killed 29 s after its batch began", false],
  ["The batch of payments ran for 49 seconds before the kill", false],
  ["payments came back 14 minutes after its batch began", false],
])("the time between instants of two entries is a fact: “%s” %s", async (text, holds) => {
  const answers = [told("payments: batch began at 16:30:36"), told("payments: killed at 16:30:53, back at 16:34:38")];
  expect(await stands(text, answers, context, [1, 2])).toBe(holds);
});

test.each([
  ["No “flushed batch” of payments was logged after 16:54", true],
  ["payments logged no “flushed batch” before 16:30", true],
  ["No line of payments between 16:40 and 16:50 mentions “flushed batch”", true],
  ["No line of payments after 16:54 has “flushed batch”", true],
  ["No line of payments from 16:30 to 16:50 mentions “flushed batch”", false],
  ["Between 16:40 and 16:50 no line of payments says “flushed batch”", true],
  ["Since 16:55 no line of payments says “flushed batch”", true],
  ["No “flushed batch” of payments was logged after 16:34", false],
  ["payments logged no “flushed batch” before 16:54", false],
  ["Between 16:30 and 16:50 no line of payments says “flushed batch”", false],
  ["No line of payments says “flushed batch”", false],
])("what is said to be nowhere in a part of the time is looked for there: “%s” %s", async (text, holds) => {
  const row = (clock: string, message: string) => ({ service: "payments", timestamp: new Date(at(clock)).toISOString(), message });
  const data = [row("16:35:10", "flushed batch 1"), row("16:53:20", "flushed batch 2"), row("16:58:00", "buffer full")];
  const window = ["16:20:00", "17:00:00"] as const;
  expect(await stands(text, [{ raw: JSON.stringify({ data }), query: "service:payments", window }])).toBe(holds);
});

test.each(Object.entries(KINDS))("%s", async (_, { answers, holds, falls }) => {
  const standing = async (texts: readonly string[]) => {
    const found: string[] = [];
    for (const text of texts) if (await stands(text, answers)) found.push(text);
    return found;
  };
  expect(await standing(holds)).toEqual(holds);
  expect(await standing(falls)).toEqual([]);
});

const beside = (text: string) => ({ text, evidence: [5], quotes: [] });

test.each([
  ["direction", "checkout errors fell from 18.2 % to 0.3 %", "checkout errors fell from 77.7 % to 0.3 %"],
  ["direction", "checkout errors went down: 18.2 % → 0.3 %", "checkout errors went down: 18.2 % → 4.4 %"],
  ["order", "checkout was at 18.2 % first and at 0.3 % after it", "checkout was at 18.2 % first and at 6.6 % after it"],
  ["order", "18.4 %, then 0.31 %: the errors of checkout", "18.4 %, then 9.31 %: the errors of checkout"],
  ["denial", "checkout does not fail 18.2 % of its requests any more", "checkout does not fail 71.2 % of its requests any more"],
  ["denial", "No minute of checkout is under 0.29 %", "No minute of checkout is under 5.29 %"],
  ["ownership", "payments makes checkout fail 18.2 % of its requests", "payments makes checkout fail 28.9 % of its requests"],
  ["ownership", "18.2 % of what checkout hands to orders-db2 fails", "68.2 % of what checkout hands to orders-db2 fails"],
  ["grammar", "checkout: errors, 18.2 %, whoever looks", "checkout: errors, 38.2 %, whoever looks"],
  ["grammar", "So it was, and so it is, at 18.2 % in checkout", "So it was, and so it is, at 88.2 % in checkout"],
])("what a sentence makes of its figures costs it nothing, a figure that is nowhere does: %s, “%s”", async (_, said, invented) => {
  const checked = (text: string) => checkFinding({ ...trueFinding, claims: [...trueFinding.claims, beside(text)] }, ledger, context);
  const { ok, cleaned } = await checked(said);
  expect([ok, cleaned.claims.at(-1)?.text, cleaned.confidence]).toEqual([true, said, trueFinding.confidence]);
  const twin = await checked(invented);
  expect(twin.ok && twin.cleaned.claims.at(-1)?.unverified === undefined).toBe(false);
});

test.each([
  ["cause", "payments takes 4.82 s at p95", 1, "payments takes 7.31 s at p95"],
  [
    "cause",
    "payments misses its token cache 1,140 times a minute since 03:11:40",
    2,
    "payments misses its token cache 6,140 times a minute",
  ],
  ["do_now", "Roll v2.14.0 of payments back, live since 03:10:55", 3, "Roll v2.14.7 of payments back, live since 03:10:55"],
  ["do_now", "Watch checkout, which fails 18.2 % of its requests", 5, "Watch checkout, which fails 37.6 % of its requests"],
  [
    "missing",
    "Why 159 of the 200 connections of orders-db2 are idle while 41 work",
    6,
    "Why 171 of the 200 connections of orders-db2 are idle",
  ],
  [
    "missing",
    "Whether the 2,300 failed requests of checkout were paid twice",
    5,
    "Whether the 5,700 failed requests of checkout were paid twice",
  ],
] as const)("cause, steps and gaps cite their evidence: in %s “%s”", async (part, said, number, invented) => {
  const holding = (text: string) =>
    ({
      cause: { cause: text, cause_evidence: [number] },
      do_now: { do_now: [{ step: text, runbook: null, evidence: [number] }] },
      missing: { missing: [{ what: text, who: null, evidence: [number] }] },
    })[part];
  const checked = async (text: string) => {
    const { ok, cleaned } = await checkFinding({ ...trueFinding, ...holding(text) }, ledger, context);
    const [step, gap] = [cleaned.do_now[0], cleaned.missing[0]];
    const kept = {
      cause: { text: cleaned.cause, evidence: cleaned.cause_evidence, unverified: cleaned.cause_unverified },
      do_now: { text: step?.step, evidence: step?.evidence, unverified: step?.unverified },
      missing: { text: gap?.what, evidence: gap?.evidence, unverified: gap?.unverified },
    }[part];
    return { ok, ...kept };
  };
  expect(await checked(said)).toEqual({ ok: true, text: said, evidence: [number], unverified: undefined });
  const twin = await checked(invented);
  expect(twin.ok && twin.unverified === undefined).toBe(false);
});

test.each([
  ["on the path", { causal_path: [...trueFinding.causal_path, { service: "orders-db2", what: "CPU 17.5 %", evidence: [6] }] }],
  ["in what a hop says", { causal_path: trueFinding.causal_path.map((hop) => ({ ...hop, what: `${hop.what}, while orders-db2 waits` })) }],
  ["in a claim", { claims: [...trueFinding.claims, { text: "orders-db2 uses 41 of 200 connections", evidence: [6], quotes: [] }] }],
  ["in the cause", { cause: "Deploy v2.14.0 of payments keys the token cache by request; orders-db2 only waits for it" }],
  ["in a gap", { missing: [{ what: "What orders-db2 waits for", who: null, evidence: [] }] }],
  ["nowhere", {}],
  ["by half of its name", { missing: [{ what: "What orders-db waits for", who: null, evidence: [] }] }],
])("a suspect of triage is spoken of %s", async (where, changed) => {
  const { problems } = await checkFinding({ ...trueFinding, ruled_out: [], ...changed }, ledger, context);
  expect(problems.some(({ code }) => code === "alternative-open")).toBe(/^(?:nowhere|by half)/.test(where));
});

test.each([
  ["connections to the vendor api.cards.example timed out", "connections to the vendor `api[.]cards[.]example` timed out"],
  ["calls to https://cards.example/v1/pay answer 503", "calls to `cards[.]example/v1/pay` answer 503"],
  ["cards.example:8443 refuses connections", "`cards[.]example:8443` refuses connections"],
  ["mails to ops@cards.example bounce", "mails to `ops@cards[.]example` bounce"],
  ["dashboards are on https://app.datadoghq.com/dash", "dashboards are on https://app.datadoghq.com/dash"],
])("a culprit's name stays, and leads nowhere that nobody vouches for: “%s”", async (said, shown) => {
  const { cleaned } = await checkFinding({ ...trueFinding, missing: [{ what: said, who: null, evidence: [] }] }, ledger, context);
  expect(cleaned.missing[0]?.what).toBe(shown);
});
