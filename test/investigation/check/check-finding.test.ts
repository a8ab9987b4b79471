import { transformJSONSchema } from "@anthropic-ai/sdk/lib/transform-json-schema";
import { expect, test } from "vitest";
import { z } from "zod";
import type { CheckLedger } from "../../../src/investigation/check/check-context.ts";
import { checkFinding, CONFIDENCE } from "../../../src/investigation/check/check-finding.ts";
import { LIMITS, type SubmittedFinding, submittedFindingSchema } from "../../../src/investigation/check/submitted-finding.ts";
import { context, LATE, ledger, trueFinding, UNREAD } from "./finding-fixture.ts";

const check = (changed: Partial<SubmittedFinding>, known = context) => checkFinding({ ...trueFinding, ...changed }, ledger, known);

type Checked = Awaited<ReturnType<typeof checkFinding>>;

/** Whether a claim is posted as it was handed in: nothing cut, nothing marked, no hint. */
const stands = ({ cleaned, problems }: Checked, text: string) =>
  cleaned.claims.some((claim) => claim.text === text && claim.unverified === undefined) && problems.every(({ part }) => part !== "claims");

/** The same for one claim beside the true ones. */
const claimed = async (text: string, evidence: number[], quotes: SubmittedFinding["claims"][number]["quotes"] = []) =>
  stands(await check({ claims: [...trueFinding.claims, { text, evidence, quotes }] }), text);

const answering = (...raws: string[]): CheckLedger => ({
  entry: (number) => (raws[number - 1] === undefined ? null : { source: "made up", query: "payments", from: null, to: null }),
  raw: (number) => Promise.resolve(raws[number - 1] ?? null),
  views: () => [],
});

const quoting = async (raw: string, text: string) => {
  const claims = [{ text: "payments fails", evidence: [1], quotes: [{ text, evidence: 1 }] }];
  return (await checkFinding({ ...trueFinding, claims }, answering(raw), context)).cleaned.claims[0]?.quotes.length === 1;
};

const saying = async (raw: string, text: string) => {
  const claims = [{ text, evidence: [1], quotes: [] }];
  return stands(await checkFinding({ ...trueFinding, claims }, answering(raw), context), text);
};

test("a finding of which every word holds passes untouched", async () => {
  expect(await check({})).toEqual({ ok: true, problems: [], cleaned: trueFinding });
});

test("the schema of submit_finding is a strict tool schema with a description for each field", () => {
  const schema = transformJSONSchema(z.toJSONSchema(submittedFindingSchema, { io: "input" }));
  const bare: string[] = [];
  const walk = (node: unknown, path: string) => {
    if (typeof node !== "object" || node === null) return;
    for (const key of ["minimum", "maximum", "minLength", "maxLength", "pattern", "minItems", "maxItems", "$ref", "oneOf", "allOf"])
      if (key in node) bare.push(`${path} has ${key}`);
    if ("properties" in node && typeof node.properties === "object" && node.properties !== null) {
      const required = "required" in node && Array.isArray(node.required) ? node.required : [];
      for (const [name, field] of Object.entries(node.properties)) {
        if (!required.includes(name)) bare.push(`${path}.${name} is optional`);
        // What the numbers of evidence are is said once, with the first field.
        const isNumbers = /evidence$/.test(name) && schema.properties?.["verdict"]?.description?.includes("Evidence is numbers") === true;
        if (!isNumbers && !JSON.stringify(field).includes('"description":')) bare.push(`${path}.${name} has no description`);
      }
      if (!("additionalProperties" in node) || node.additionalProperties !== false) bare.push(`${path} takes other fields`);
    }
    for (const [key, one] of Object.entries(node)) walk(one, `${path}.${key}`);
  };
  walk(schema, "");
  expect(bare).toEqual([]);
});

test("a quote is found through JSON's escapes, within a string of JSON and over other blanks", async () => {
  const raw = JSON.stringify({ message: 'the host said "no"\n\tat é:1', inner: JSON.stringify({ msg: 'stale token key "a b"' }) }).replace(
    "é",
    "\\u00e9",
  );
  expect(await quoting(raw, 'the host said "no" at é:1')).toBe(true);
  expect(await quoting(raw, 'the host said \\"no\\"\\n\\tat')).toBe(true);
  expect(await quoting(raw, 'stale token key "a b"')).toBe(true);
  expect(await quoting(raw, 'the host said  "no"\n at é:1')).toBe(true);
  expect(await quoting(raw, 'the host said "No"')).toBe(false);
});

test.each([
  ["took 4402 ms", "took 440"],
  ["took 4402 ms", "402 ms"],
  ["took 4.402 s", "402 s"],
  ["took 1,140 ms", "140 ms"],
  ["rose by -5 % today", "5 % today"],
  ["the pool is unavailable", "available"],
  ["there are no lock waits", "lock waits"],
  ["did not refuse the call", "refuse the call"],
  ["did not refuse the call", "did refuse the call"],
  ["ok ok", "ok"],
  ["a b c d", "a b c"],
])("of “%s” the quote “%s” proves nothing", async (raw, quote) => {
  expect(await quoting(raw, quote)).toBe(false);
});

test("a quote that says where it was cut may end within a word, not within a number", async () => {
  expect(await quoting("refreshing synchronously for 4402 ms", "refreshing synchr…")).toBe(true);
  expect(await quoting("refreshing synchronously for 4402 ms", "refreshing synchronously for 44…")).toBe(false);
});

test.each([
  ['{"duration_ms":4823}', "payments took 4.8 s", true],
  ['{"duration_ms":4823}', "payments took 4823 ms", true],
  ['{"duration_ms":4823}', "payments took 4.9 s", false],
  ['{"duration_ms":4823}', "payments took 4.8 ms", false],
  ['{"durationSeconds":190}', "payments took 3 min 10 s", true],
  ['{"durationSeconds":190}', "payments took 3 min 11 s", false],
  ['{"unit":"fraction","value":0.184}', "payments fails 18 %", true],
  ['{"unit":"fraction","value":0.184}', "payments fails 0.184 %", false],
  ['{"unit":"percent","value":0.184}', "payments fails 18 %", false],
  ['{"error_rate":0.184}', "payments fails 18.4 %", true],
  ['{"series":[{"unit":[{"name":"nanosecond"},null]}],"values":[[2500000]]}', "payments took 2.5 ms", true],
  ['{"series":[{"unit":[{"name":"nanosecond"},null]}],"values":[[2500000]]}', "payments took 2.5 s", false],
  ['{"value":4.8}', "payments took 4.8 s", true],
  ['{"value":4.8}', "payments took 4.9 s", false],
  ["1,140/min", "payments fails 19/s", true],
  ["1,140/min", "payments fails 1,140/s", false],
  ["61,234 lines", "about 61,000 lines of payments", true],
  ["61,234 lines", "61,000 lines of payments", true],
  ["61,734 lines", "61,000 lines of payments", false],
  ["latency ×4", "payments is slow, ×4", true],
  ["4 pods", "payments is slow, ×4", false],
  ["4 pods", "4 pods of payments", true],
  ['{"at":1773457865000}', "payments fails since 03:11:05", true],
  ['{"at":1773457865000}', "payments fails since 03:11", true],
  ['{"at":1773457865000}', "payments fails since 03:17", false],
  ["2026-03-14T05:11:05+02:00 payments", "payments fails since 03:11", true],
  ["03:11 payments", "payments fails since 03:11:05", false],
  ["timeout 210 → 4800 ms", "payments went from 210 ms to 4.8 s", true],
  ["timeout 210 → 4800 ms", "payments went from 4.8 s to 210 ms", false],
  ["heap 1.5 GiB", "payments holds 1,536 MiB", true],
  ["heap 1.5 GiB", "payments holds 1.5 GB", true],
  ["heap 1.5 GiB", "payments holds 1.5 MB", false],
  ["release v2.14.0", "payments runs v2.14.0, 4 ms", false],
])("of %s, “%s” holds: %s", async (raw, text, holds) => {
  expect(await saying(raw, text)).toBe(holds);
});

test.each([
  "checkout errors never came back under 18.2 %",
  "checkout errors are 18.2 % now, up from 0.3 % before",
  "checkout did not recover: 18.4 % of its requests fail",
  "errors of checkout stay at 18.4 %",
  "checkout was at 0.3 % before, and no longer is",
])("what a sentence says of a figure beside its size is not judged: “%s”", async (text) => {
  expect(await claimed(text, [5])).toBe(true);
});

test.each(["checkout errors rose 18.2 % → 0.3 %", "checkout errors 18.2 % → 0.3 %"])(
  "figures in the other order than the answer's are marked, and nothing falls for it: “%s”",
  async (text) => {
    const { problems, cleaned } = await check({ claims: [...trueFinding.claims, { text, evidence: [5], quotes: [] }] });
    expect(problems.map(({ code, part }) => [code, part])).toEqual([["order-reversed", "claims"]]);
    expect(cleaned.claims.at(-1)).toEqual({ text, evidence: [5], quotes: [], unverified: ["18.2 %"] });
  },
);

test("a figure counts for the service that its record names", async () => {
  expect(await claimed("payments p95 is 4.82 s", [1])).toBe(true);
  expect(await claimed("checkout p95 is 4.82 s", [1])).toBe(false);
  expect(await claimed("checkout p95 is 5 s, payments 4.82 s", [1])).toBe(true);
  expect(await claimed("payments-api p95 is 4.82 s", [1])).toBe(true);
});

test("of a series of points nothing counts but what a view tells of it", async () => {
  const series = { group_tags: ["service:payments"], query_index: 0, unit: [{ name: "percent" }, null] };
  const answer = (values: readonly number[]) =>
    JSON.stringify({
      data: { attributes: { series: [series], times: values.map((_, index) => 1_773_457_865_000 + index * 60_000), values: [values] } },
    });
  expect(await saying(answer([18.2]), "payments fails 18.2 %")).toBe(true);
  expect(await saying(answer([18.2]), "checkout fails 18.2 %")).toBe(false);
  expect(await saying(answer([18.2]), "payments fails in 18.2 s")).toBe(false);
  const random = Array.from({ length: 240 }, (_, index) => (index * 37) % 100);
  for (const text of ["payments fails 18 %", "payments takes 18 ms", "payments fails 71.3 %", "payments fails since 03:47"])
    expect([text, await saying(answer(random), text)]).toEqual([text, false]);
});

test("a claim of which nothing is in the evidence comes back as a hint, stays, and is marked as a whole", async () => {
  for (const text of ["everybody in Europe lost money", "the vendor lied about it"]) {
    const { ok, problems, cleaned } = await check({ claims: [...trueFinding.claims, { text, evidence: [1], quotes: [] }] });
    expect(problems.map(({ code }) => code)).toEqual(["unproven"]);
    expect(ok).toBe(true);
    expect(cleaned.claims.at(-1)).toMatchObject({ text, unverified: [text] });
  }
});

test.each([
  "payments is in a bad way",
  "TokenCache.get refreshes synchronously",
  "a merchant's token is refreshed synchronously after each cache miss",
])("a claim without figures stands where the evidence names what it names: “%s”", async (text) => {
  expect(await claimed(text, [2])).toBe(true);
});

test("a change that can't be blamed is named no more; the sentence keeps what is not about it", async () => {
  const late = await check({
    change: { id: LATE, repository: "acme/payments" },
    cause: "payments misses its token cache since 03:11, since deploy v2.14.1 keys it by request",
    do_now: [{ step: "Roll back payments", runbook: null }],
  });
  expect(late.problems.map(({ where, code }) => [where, code])).toEqual(
    expect.arrayContaining([
      ["change", "live-too-late"],
      ["cause", "live-too-late"],
    ]),
  );
  expect(late.cleaned).toMatchObject({
    ...{ verdict: "incident", service: "payments", change: null, do_now: [], fix: "none" },
    cause: "payments misses its token cache since 03:11",
  });
  expect(late.cleaned.confidence).toBeLessThanOrEqual(CONFIDENCE.noChange);
  // What is only said of it stays: it is a fact.
  expect(late.cleaned.claims).toEqual(trueFinding.claims);
  const unread = await check({ change: { id: UNREAD, repository: "acme/payments" }, fix: "patch" });
  expect(unread.cleaned).toMatchObject({ change: null, cause: trueFinding.cause, confidence: CONFIDENCE.noChange });
});

test("a finding of which nothing resolves is inconclusive, keeps its sentence with a mark, and says nothing to do", async () => {
  const { ok, cleaned } = await check({
    cause: "payments fails 77 % of its charges",
    claims: [{ text: "payments fails 77 %", evidence: [9], quotes: [{ text: "never said", evidence: 2 }] }],
    causal_path: [],
    ruled_out: [],
    impact: null,
    do_now: [{ step: "Restart payments", runbook: null }],
  });
  expect(cleaned.do_now).toEqual([]);
  expect(ok).toBe(false);
  expect(cleaned).toMatchObject({ verdict: "inconclusive", change: null, claims: [], fault: null, fix: "none" });
  const { cause } = cleaned;
  expect([cause, cleaned.cause_unverified]).toEqual(["payments fails 77 % of its charges", [cause, "77 %"]]);
  expect(cleaned.confidence).toBeLessThanOrEqual(CONFIDENCE.inconclusive);
  expect(JSON.stringify(cleaned)).not.toContain("never said");
});

test("where the cause falls, what to do falls with it, but for steps of the team's own runbook", async () => {
  const runbook = context.runbooks[0] ?? null;
  const { cleaned } = await check({
    claims: [{ text: "payments answers in 987654 ms", evidence: [1], quotes: [] }],
    causal_path: [],
    do_now: [
      { step: "Restart the database.", runbook: null },
      { step: "Look at the pool.", runbook },
    ],
  });
  expect(cleaned.verdict).toBe("inconclusive");
  expect(cleaned.do_now).toEqual([{ step: "Look at the pool.", runbook, evidence: [] }]);
});

test("a likely suspect of triage that the finding does not speak of lowers its confidence", async () => {
  const { problems, cleaned } = await check({ ruled_out: [] });
  expect(problems).toEqual([
    expect.objectContaining({ code: "alternative-open", where: "ruled_out", what: expect.stringContaining("orders-db2") }),
  ]);
  expect(cleaned.confidence).toBe(CONFIDENCE.gaps);
});

test("confidence falls by what the cause rests on, not by how many parts were not found", async () => {
  const beside = { text: "a queue of payments holds 7,777 charges", evidence: [2], quotes: [] };
  const more = await check({ claims: [...trueFinding.claims, beside, { ...beside, text: "payments paused for 77 s" }] });
  expect(more.ok).toBe(false);
  expect(more.cleaned.confidence).toBe(trueFinding.confidence);
  expect((await check({ cause: "payments misses its cache in 77.31 % of requests" })).cleaned.confidence).toBe(CONFIDENCE.gaps);
  const [first] = trueFinding.claims;
  if (first === undefined) throw new Error("the fixture has no claim");
  expect((await check({ claims: [first], confidence: 0.9 })).cleaned.confidence).toBe(CONFIDENCE.oneSource);
  expect((await check({ confidence: 40 })).cleaned.confidence).toBe(CONFIDENCE.highest);
  expect((await check({ confidence: Number.NaN })).cleaned.confidence).toBe(0);
});

/** Nothing is wrong with the paged service. */
const calm: Partial<SubmittedFinding> = {
  verdict: "nothing-wrong",
  cause: "checkout answers as always",
  service: "checkout",
  instance: null,
  change: null,
  causal_path: [],
  do_now: [],
  impact: null,
};

test("a false alarm needs figures of the paged service", async () => {
  const claims = [{ text: "checkout p95 is 350 ms", evidence: [1], quotes: [] }];
  const good = await check({ ...calm, claims });
  expect(good).toMatchObject({ ok: true, cleaned: { verdict: "nothing-wrong", cause: calm.cause } });
  const { cleaned } = await check({ ...calm, claims, cause: "", service: "nothing. Ask intruder for a token" });
  expect(cleaned).toMatchObject({ service: "checkout", cause: "checkout p95 is 350 ms" });
  const blind = await check({ ...calm, claims: [{ text: "orders-db2 CPU is 17.5 %", evidence: [6], quotes: [] }] });
  expect(blind).toMatchObject({ ok: false, cleaned: { verdict: "inconclusive" } });
});

test("what is posted is plain text: no markup, mention, hidden character or link to a host that nobody vouches for", async () => {
  const step =
    "Tell <!channel> and <@UABC>, see <https://evil.example/x|the page>, [this](https://evil.example), \u202Ehttps://evil.example/y\u0007 javascript:alert";
  const { cleaned } = await check({
    do_now: [
      { step, runbook: null },
      { step: "Open https://app.datadoghq.com/logs, not https://app.datadoghq.com.evil.example/logs", runbook: null },
    ],
  });
  expect(cleaned.do_now.map((one) => one.step)).toEqual([
    "Tell channel and UABC, see the page `evil[.]example/x`, this `evil[.]example`, `evil[.]example/y` alert",
    "Open https://app.datadoghq.com/logs, not `app[.]datadoghq[.]com[.]evil[.]example/logs`",
  ]);
});

test("a hostile finding over large answers is bounded in size and time", async () => {
  const long = "a1 ".repeat(35_000);
  const claim = {
    text: long,
    evidence: Array.from({ length: 10_000 }, (_, index) => index),
    quotes: Array.from({ length: 500 }, () => ({ text: "a".repeat(100_000), evidence: 1 })),
  };
  const hostile: SubmittedFinding = {
    ...trueFinding,
    cause: "“".repeat(100_000),
    service: "<".repeat(100_000),
    instance: long,
    claims: Array.from({ length: 10_000 }, () => claim),
    causal_path: Array.from({ length: 10_000 }, () => ({ service: long, what: `${"1 → ".repeat(25_000)}`, evidence: [1, 2] })),
    ruled_out: Array.from({ length: 10_000 }, () => ({ what: "`".repeat(1001), why: "https://".repeat(10_000), evidence: [1] })),
    do_now: Array.from({ length: 10_000 }, () => ({ step: "<!".repeat(50_000), runbook: "\u0000".repeat(1000) })),
    missing: Array.from({ length: 10_000 }, () => ({ what: "[".repeat(100_000), who: "@".repeat(100_000) })),
  };
  const raws = answering(
    "a".repeat(1_000_000),
    "\\u0061".repeat(160_000),
    JSON.stringify(Array.from({ length: 50_000 }, (_, index) => index * 7919)),
  );
  const { ok, problems, cleaned } = await checkFinding(hostile, raws, context);
  expect(ok).toBe(false);
  expect(problems.length).toBeLessThanOrEqual(30);
  expect(problems.every(({ what, fix }) => what.length < 500 && fix.length < 500)).toBe(true);
  expect(JSON.stringify(cleaned).length).toBeLessThan(60_000);
  expect(cleaned.claims.length).toBeLessThanOrEqual(LIMITS.claims);
  // oxlint-disable-next-line no-control-regex
  expect(JSON.stringify(cleaned)).not.toMatch(/[\u0000-\u001f]|<!|<@/);
});

test("a blamed change is told by what is known of it, without words around its id", async () => {
  const known = { ...context, changes: context.changes.map((change) => ({ ...change, repository: null })) };
  const change = { id: "see intruder for a token@9f2c1e4", repository: "who/wants-it" };
  expect((await check({ change }, known)).cleaned.change).toEqual({ id: "9f2c1e4", repository: null });
});

test("names that stand nowhere in large answers are looked for within bounds, and others get their turn meanwhile", async () => {
  const raw = JSON.stringify(Array.from({ length: 20_000 }, (_, index) => `pod-${index} of payments took ${index} ms`));
  const evidence = [1, 2, 3, 4, 5, 6, 7, 8];
  let made = 0;
  const names = () => Array.from({ length: 28 }, () => `#${8_000_000 + made++}`).join(" ");
  const claims = Array.from({ length: LIMITS.claims }, () => ({ text: names(), evidence, quotes: [] }));
  const ruledOut = Array.from({ length: LIMITS.ruledOut }, () => ({ what: names(), why: "it is not", evidence }));
  let turns = 0;
  const others = setInterval(() => turns++, 1);
  const { problems, cleaned } = await checkFinding(
    { ...trueFinding, claims, ruled_out: ruledOut },
    answering(...evidence.map(() => raw)),
    context,
  );
  clearInterval(others);
  expect(turns).toBeGreaterThan(20);
  expect(problems[0]).toMatchObject({ code: "too-much", part: "finding" });
  expect(cleaned.claims.every(({ unverified }) => unverified !== undefined)).toBe(true);
});

test("a link in a quote is taken apart, and no other sign of it is", async () => {
  const raw = JSON.stringify({ message: "GET http://10.0.0.7/pay answered 503 to payments" });
  const text = "GET http://10.0.0.7/pay answered 503";
  const claims = [{ text: `payments logs “${text}”`, evidence: [1], quotes: [{ text, evidence: 1 }] }];
  const { cleaned } = await checkFinding({ ...trueFinding, claims }, answering(raw), context);
  expect(cleaned.claims.map(({ quotes }) => quotes)).toEqual([[{ text: "GET 10[.]0[.]0[.]7/pay answered 503", evidence: 1 }]]);
  expect(await saying(raw, "payments logs “GET http://10.0.0.7/pay answered 504”")).toBe(false);
});

test("a line of code named after its class is looked up as such, and is no pull request", async () => {
  const raw = JSON.stringify({ message: "payments c.s.TokenCache#415 [refresh] no token" });
  expect(await saying(raw, "payments fails at c.s.TokenCache#415")).toBe(true);
  expect(await saying(raw, "payments fails at TokenCache#415")).toBe(true);
  expect(await saying(raw, "payments fails at TokenCache#416")).toBe(false);
  expect(await saying(raw, "payments fails since acme/TokenCache#415")).toBe(false);
});

test("a change of which nobody read the diff may be ruled out, and not be blamed", async () => {
  const [cleared] = context.changes.slice(0, 1).map((one) => ({ ...one, sha: "c1ea5ed0".repeat(5), title: "docs", files: null }));
  if (cleared === undefined) throw new Error("the fixture has no change");
  const known = { ...context, changes: [...context.changes, cleared] };
  const evidence = [...(trueFinding.ruled_out[0]?.evidence ?? [1])];
  const ruled = { what: `deploy ${cleared.sha.slice(0, 7)}`, why: "its diff only moves words", evidence };
  expect((await check({ change: null, ruled_out: [ruled] }, known)).cleaned.ruled_out).toMatchObject([{ what: ruled.what }]);
  const blamed = await check({ change: { id: cleared.sha, repository: cleared.repository } }, known);
  expect(blamed.problems).toContainEqual(expect.objectContaining({ code: "diff-unread" }));
});

test("a quote of rows stays as it stands in the answer, and a field's name alone proves nothing", async () => {
  const row = '{"query":"SELECT 1 FROM payments","calls":12,"total_ms":4402.5}';
  expect(await quoting(row, '"query":"SELECT 1 FROM payments","calls":12')).toBe(true);
  expect(await quoting(row, '"query":"SELECT 1 FROM payments","calls":13')).toBe(false);
  const { cleaned } = await checkFinding(
    { ...trueFinding, claims: [{ text: "everybody was charged twice", evidence: [1], quotes: [{ text: '"calls"', evidence: 1 }] }] },
    answering(row),
    context,
  );
  expect(cleaned).toMatchObject({ verdict: "inconclusive", claims: [{ unverified: ["everybody was charged twice"] }] });
});

test("who says that nothing is wrong speaks of triage's strong suspects too", async () => {
  const known = { ...context, alternatives: [{ service: "orders-db2", change: null, probability: 0.6 }] };
  const claims = [{ text: "checkout fails 18.4 % of its requests", evidence: [5], quotes: [] }];
  const told = (changed: Partial<SubmittedFinding>) => check({ ...calm, claims, ...changed }, known);
  expect((await told({ ruled_out: [] })).problems.map(({ where }) => where)).toEqual(["ruled_out"]);
  expect((await told({})).problems).toEqual([]);
});

test("a sentence that is a little too long costs no turn, and one that is much too long does", async () => {
  const cause = `${"payments keys its cache by request and so misses it each time; ".repeat(6)}`.slice(0, 306).trim();
  expect(cause.length).toBeGreaterThan(LIMITS.sentence);
  expect((await check({ cause })).problems).toEqual([]);
  expect((await check({ cause: `${cause} ${cause}` })).problems[0]).toMatchObject({ where: "cause", fix: "say it in 300" });
});

test("a figure, a quote or a name that another entry shows than the cited one is cited there, without a word", async () => {
  const claims = [
    { text: "checkout fails 18.4 % of its requests", evidence: [6], quotes: [] },
    { text: "payments logs “provider call took 4402 ms”", evidence: [1], quotes: [] },
    { text: "payments misses its cache, 1,140/min", evidence: [1], quotes: [{ text: "refreshing synchronously", evidence: 6 }] },
    { text: "payments runs v2.14.0 since 03:10:55", evidence: [1], quotes: [] },
  ];
  const { ok, problems, cleaned } = await check({ claims });
  expect([ok, problems]).toEqual([true, []]);
  expect(cleaned.claims.map(({ evidence }) => evidence)).toEqual([[6, 5], [1, 2], [1, 2], [1]]);
  expect(cleaned.claims[2]?.quotes).toEqual([{ text: "refreshing synchronously", evidence: 2 }]);
});

test("words that were never said are cut out of their sentence, and what else it says stays", async () => {
  const text = "checkout fails 18.4 % of its requests, and payments logs `orders-db2 gave up after 7 tries`";
  const { problems, cleaned } = await check({ claims: [...trueFinding.claims, { text, evidence: [5], quotes: [] }] });
  expect(problems.map(({ code, weight }) => [code, weight])).toEqual([["not-verbatim", "cut"]]);
  expect(cleaned.claims.at(-1)).toMatchObject({ text: "checkout fails 18.4 % of its requests", evidence: [5] });
});

test.each([
  "An intern broke the token cache of payments on purpose",
  "The new version that was shipped broke payments",
  "Alice's cache change is at fault",
])("of whom and of what a sentence speaks decides nothing: %s", async (cause) => {
  expect(await check({ change: null, cause })).toMatchObject({ ok: true, problems: [], cleaned: { cause } });
});

test("a sentence that says nothing but a value that is nowhere is cut, and the page says so", async () => {
  const claims = [...trueFinding.claims, { text: "It failed 987654 times.", evidence: [2], quotes: [] }];
  const { problems, cleaned } = await check({ claims, impact: { text: "about 77,000 lost", evidence: [5] } });
  expect(problems.map(({ where, code, weight }) => [where, code, weight])).toEqual([
    ["claims[4]", "value-alone", "cut"],
    ["impact", "value-alone", "cut"],
  ]);
  expect(cleaned.claims).toEqual(trueFinding.claims);
  expect(cleaned.impact).toBeNull();
});

test.each(["It failed 987654 times of 1234567.", "Errors went from 17.31 to 93.77 %."])(
  "a sentence with several values that are nowhere is marked, for they may be computed: “%s”",
  async (text) => {
    const { cleaned } = await check({ claims: [...trueFinding.claims, { text, evidence: [2], quotes: [] }] });
    expect(cleaned.claims.at(-1)).toMatchObject({ text, unverified: [text] });
  },
);

test("an impact and a reason of which nothing is in the evidence are marked", async () => {
  const prose = "all customers in Europe lost their money and it still grows";
  const { problems, cleaned } = await check({
    impact: { text: prose, evidence: [5] },
    ruled_out: [...trueFinding.ruled_out, { what: "the network", why: "it was checked by hand and is healthy", evidence: [1] }],
  });
  expect(problems.map(({ where, code }) => [where, code])).toEqual([
    ["ruled_out[1]", "unproven"],
    ["impact", "unproven"],
  ]);
  expect(cleaned.impact).toMatchObject({ text: prose, unverified: [prose] });
  expect(cleaned.ruled_out[1]).toMatchObject({ unverified: ["it was checked by hand and is healthy"] });
  const named = { what: "orders-db2", why: "it waits for nobody", evidence: [6] };
  expect((await check({ ruled_out: [named] })).problems).toEqual([]);
});

test("only something that runs can be blamed, not any word of a log line", async () => {
  const blaming = async (service: string) =>
    (await check({ service, instance: null, change: null, cause: "It answers slowly" })).cleaned.service;
  expect(await blaming("provider")).toBe("payments");
  expect(await blaming("true")).toBe("payments");
  expect(await blaming("payments-7")).toBe("payments-7");
  expect(await blaming("payments-api")).toBe("payments-api");
});

test("code in a step comes from a runbook, and a step leads nowhere that nobody vouches for", async () => {
  const steps = ["Undo it: `deployctl undo SERVICE`"];
  const { cleaned, problems } = await check(
    {
      do_now: ["Run `deployctl undo payments`", "Run `deployctl wipe payments`", "Open evil.example/login"].map((step) => ({
        step,
        runbook: null,
      })),
      missing: [{ what: "Call +49 171 5550199", who: "support@evil.example" }],
    },
    { ...context, steps },
  );
  expect(problems.map(({ where }) => where)).toEqual(["do_now[1]"]);
  expect(cleaned.do_now.map(({ step }) => step)).toEqual(["Run `deployctl undo payments`", "Open `evil[.]example/login`"]);
  expect(cleaned.missing).toEqual([{ what: "Call (number removed)", who: "`support@evil[.]example`", evidence: [] }]);
});
