import type { SubmittedFinding } from "../../../src/investigation/check/submitted-finding.ts";
import { GUILTY, LATE, MERGED, trueFinding, UNREAD } from "./finding-fixture.ts";
import type { Random } from "../../support/random.ts";

/** A finding with one lie, and the words that must not be left of it. */
interface Lie {
  readonly kind: string;
  readonly finding: SubmittedFinding;
  /** Gone from the cleaned finding, or in a part that is marked. */
  readonly gone: readonly string[];
}

interface Fact {
  readonly say: string;
  readonly evidence: number;
  /** In the base unit. */
  readonly value: number;
  /** Every such value that the answer has of the service, so that a made-up one is not true by chance. */
  readonly all: readonly number[];
  /** Units with how many base units they hold. */
  readonly units: readonly [Unit, ...Unit[]];
}
type Unit = readonly [name: string, size: number];

const MS: Fact["units"] = [
  ["ms", 1],
  ["s", 1000],
];
const SHARE: Fact["units"] = [["%", 1]];

/** Figures of the made-up answers; of series of points those that their views tell. */
const facts: readonly Fact[] = [
  { say: "payments p95 is", evidence: 1, value: 4820, all: [210, 2509, 4820], units: MS },
  { say: "checkout p95 is", evidence: 1, value: 5000, all: [350, 1904, 5000], units: MS },
  { say: "orders-db2 p95 is", evidence: 1, value: 12.1, all: [12.1], units: MS },
  { say: "the longest lock wait of orders-db2 is", evidence: 6, value: 3.2, all: [3.2], units: MS },
  { say: "checkout fails", evidence: 5, value: 18.4, all: [0.31, 0.29, 18.2, 18.4, 0.3], units: SHARE },
  { say: "orders-db2 CPU is", evidence: 6, value: 17.5, all: [17.5, 99.4], units: SHARE },
  { say: "orders-db2 hits its buffers in", evidence: 6, value: 99.4, all: [17.5, 99.4], units: SHARE },
  {
    say: "orders-db2 has memory of",
    evidence: 6,
    value: 6_442_450_944,
    all: [6_442_450_944],
    units: [
      ["MiB", 2 ** 20],
      ["GiB", 2 ** 30],
      ["GB", 1e9],
      ["MB", 1e6],
    ],
  },
  {
    say: "payments misses its cache",
    evidence: 2,
    value: 1140,
    all: [1140, 3],
    units: [
      ["/min", 1],
      ["/s", 60],
      [" lines per minute", 1],
      [" requests/h", 1 / 60],
    ],
  },
  { say: "one provider call of payments took", evidence: 2, value: 4402, all: [4402, 5000], units: MS },
  { say: "orders-db2 has connections in use:", evidence: 6, value: 41, all: [41, 200], units: [["", 1]] },
];

const write = (value: number, decimals: number, grouped: boolean) =>
  value.toLocaleString("en-US", { minimumFractionDigits: decimals, maximumFractionDigits: decimals, useGrouping: grouped });

const glue = (unit: string, random: Random) => (/^[ /]|^$/.test(unit) ? unit : `${random.pick(["", " "])}${unit}`);

const withClaim = (claim: SubmittedFinding["claims"][number], finding = trueFinding): SubmittedFinding => ({
  ...finding,
  claims: [...finding.claims, claim],
});

/** A true fact in another unit, rounded to fewer digits than the answer has. */
export function honestVariant(random: Random): SubmittedFinding {
  const fact = random.pick(facts);
  const [unit, size] = random.pick(fact.units);
  const shown = fact.value / size;
  // At least one digit that is not zero is left.
  const least = Math.max(0, -Math.floor(Math.log10(shown)));
  const decimals = Math.min(6, least + random.below(4));
  return withClaim({
    text: `${fact.say} ${write(shown, decimals, random.next() < 0.5)}${glue(unit, random)}`,
    evidence: [fact.evidence],
    quotes: [],
  });
}

const replaceAt = (text: string, at: number, by: string) => text.slice(0, at) + by + text.slice(at + 1);

const quoted = trueFinding.claims.flatMap((claim, index) => claim.quotes.map((quote) => ({ index, quote })));

function withQuote(quote: { text: string; evidence: number }, index: number): SubmittedFinding {
  return { ...trueFinding, claims: trueFinding.claims.map((claim, place) => (place === index ? { ...claim, quotes: [quote] } : claim)) };
}

const hex = (random: Random, length: number) =>
  Array.from({ length }, (_, index) => (index === 0 ? "b" : "0123456789abcdef"[random.below(16)])).join("");

const lies: Readonly<Record<string, (random: Random) => Omit<Lie, "kind">>> = {
  "invented quote": (random) => {
    const text = Array.from({ length: 4 }, () =>
      random.pick(["pool", "exhausted", "refused", "token", "cache", "provider", "timed", "out", "merchant"]),
    ).join(" ");
    return { finding: withQuote({ text, evidence: 2 }, 1), gone: [text] };
  },
  "one character of a quote changed": (random) => {
    const { index, quote } = random.pick(quoted);
    const places = [...quote.text].flatMap((sign, at) => (/[a-z0-9]/.test(sign) ? [at] : []));
    const at = random.pick(places);
    const text = replaceAt(
      quote.text,
      at,
      /\d/.test(quote.text.charAt(at))
        ? String((Number(quote.text.charAt(at)) + 1 + random.below(9)) % 10)
        : quote.text.charAt(at) === "x"
          ? "q"
          : "x",
    );
    return { finding: withQuote({ text, evidence: quote.evidence }, index), gone: [JSON.stringify(text).slice(1, -1)] };
  },
  "a word of a quote left out": (random) => {
    const [text, left] = random.pick([
      ["retry attempted", "not"],
      ["provider took 4402 ms", "call"],
      ["token miss for merchant", "cache"],
      ["upstream timed after 5000 ms", "out"],
    ]);
    return { finding: withQuote({ text, evidence: 2 }, 1), gone: [text, `never ${left}`] };
  },
  "a number cut from a quote": (random) => {
    const text = random.pick([
      "provider call took 4402 ms, pool 5",
      "rovider call took 4402 ms",
      "provider call took 44",
      "402 ms, pool 50/50",
    ]);
    return { finding: withQuote({ text, evidence: 2 }, 1), gone: [`"${text}"`] };
  },
  "quote of evidence that does not exist": (random) => {
    const { index, quote } = random.pick(quoted);
    const evidence = random.pick([0, -1, 7, 99, 2.5, 1e9]);
    return { finding: withQuote({ text: quote.text, evidence }, index), gone: [JSON.stringify({ text: quote.text, evidence })] };
  },
  "numbers of another service": (random) => {
    const [text, evidence] = random.pick([
      ["payments p95 is at 350 ms", 1],
      ["payments p95 350 ms → 4.82 s", 1],
      ["orders-db2 p95 is at 4.82 s", 1],
      ["checkout p95 is at 12.1 ms", 1],
    ]);
    return { finding: withClaim({ text, evidence: [evidence], quotes: [] }), gone: [text] };
  },
  "changed unit": (random) => {
    const fact = random.pick(facts);
    const [unit, size] = fact.units[0];
    const others = ["ms", "s", "min", "h", "µs", "%", " GiB", " MiB", "/min", "/s", "/h", "×", " cores"].filter(
      (other) => other.trim() !== unit.trim(),
    );
    const text = `${fact.say} ${write(fact.value / size, fact.value % 1 === 0 ? 0 : 1, true)}${glue(random.pick(others), random)}`;
    return { finding: withClaim({ text, evidence: [fact.evidence], quotes: [] }), gone: [text] };
  },
  "rounded beyond the shown digits": (random) => {
    for (;;) {
      const fact = random.pick(facts);
      const [unit, size] = random.pick(fact.units);
      const shown = fact.value / size;
      const decimals = Math.max(0, -Math.floor(Math.log10(shown))) + random.below(3);
      const step = 10 ** -decimals;
      const said = Number(shown.toFixed(decimals)) + random.pick([-1, 1]) * step * (1 + random.below(3));
      if (said <= 0 || fact.all.some((value) => Math.abs(value / size - said) <= step * 0.51)) continue;
      const text = `${fact.say} ${write(said, decimals, true)}${glue(unit, random)}`;
      return { finding: withClaim({ text, evidence: [fact.evidence], quotes: [] }), gone: [text] };
    }
  },
  "a figure of its own": (random) => {
    for (;;) {
      const fact = random.pick(facts);
      const [unit, size] = random.pick(fact.units);
      const said = Number((((0.02 + random.next() * 40) * fact.value) / size).toFixed(2));
      if (said <= 0 || fact.all.some((value) => Math.abs(value / size - said) <= 0.02)) continue;
      const text = `${fact.say} ${write(said, 2, false)}${glue(unit, random)}`;
      return { finding: withClaim({ text, evidence: [fact.evidence], quotes: [] }), gone: [text] };
    }
  },
  "a figure in words, in another script or with its digits apart": (random) => {
    const wrong = random.pick([
      ...[
        "ninety-seven percent of checkouts fail",
        "half of all checkouts fail",
        "errors of checkout grew tenfold",
        "two dozen pods of checkout crashed",
      ],
      ...["three thousand checkouts failed", "thousands of checkouts failed", "twice the load on checkout", "checkout errors are ９７ %"],
      ...["checkout errors are ٩٧ %", "checkout errors are ⁹⁷ %", "checkout lost ½ of its traffic", "checkout lost 18 000 000 requests"],
      ...["checkout errors are 0,18 %", "checkout errors are 18·7 %", "checkout lost 18'4 requests", "checkout lost 1e+999 requests"],
      ...["checkout lost 0e+9 requests", "checkout errors are 0 %", "checkout lost about 10,000 requests"],
    ]);
    return { finding: withClaim({ text: `checkout fails 18.4 %; ${wrong}`, evidence: [5], quotes: [] }), gone: [wrong] };
  },
  "a time of day that is not there": (random) => {
    const clock = random.pick(["03:16", "03:11:41", "04:11", "15:11", "03:12:59", "23:10:55", "03:10:54"]);
    const text = random.pick([`payments logs the first miss at ${clock}`, `since ${clock} payments fails`]);
    return { finding: withClaim({ text, evidence: [2, 3], quotes: [] }), gone: [text] };
  },
  "invented sha": (random) => {
    const sha = hex(random, random.pick([7, 8, 12, 40]));
    const spots = [
      withClaim({ text: `${sha} is live in payments since 03:10:55`, evidence: [3], quotes: [] }),
      { ...trueFinding, cause: `Deploy ${sha} breaks the cache of payments` },
      { ...trueFinding, change: { id: sha, repository: "acme/payments" } },
      { ...trueFinding, do_now: [{ step: `Roll back payments to ${sha}`, runbook: null }] },
      { ...trueFinding, causal_path: [{ service: "payments", what: `${sha} went live`, evidence: [3] }, ...trueFinding.causal_path] },
    ];
    return { finding: random.pick(spots), gone: [sha] };
  },
  "invented version or pull request": (random) => {
    const name = random.pick([
      `v2.14.${1 + random.below(8)}1`,
      `#${3000 + random.below(900)}`,
      `PR ${4000 + random.below(900)}`,
      `payments-${10 + random.below(80)}`,
      "#991",
      "#88",
    ]);
    return { finding: withClaim({ text: `payments runs ${name} since 03:10:55`, evidence: [3], quotes: [] }), gone: [name] };
  },
  "change after the onset": (random) => {
    const id = random.pick([LATE, LATE.slice(0, 7), LATE.slice(0, 12), "v2.14.1"]);
    const cause = `Deploy ${id} of payments breaks the cache`;
    return {
      finding: { ...trueFinding, cause, change: { id, repository: random.pick(["acme/payments", null]) } },
      gone: [`"id":"${id}"`, cause],
    };
  },
  "change after the onset, in words alone": (random) => {
    const id = random.pick([LATE, LATE.slice(0, 7), "v2.14.1"]);
    const cause = `Deploy ${id} of payments breaks the cache`;
    return { finding: { ...trueFinding, cause, change: null }, gone: [cause] };
  },
  "diff that nobody read": (random) => {
    const id = random.pick([UNREAD, UNREAD.slice(0, 7), "v2.13.9"]);
    return { finding: { ...trueFinding, change: { id, repository: "acme/payments" } }, gone: [`"id":"${id}"`] };
  },
  "change that was merged, not deployed": (random) => {
    const id = random.pick([MERGED, MERGED.slice(0, 8), "v2.15.0"]);
    return { finding: { ...trueFinding, change: { id, repository: "acme/payments" } }, gone: [`"id":"${id}"`] };
  },
  "change of another repository": (random) => {
    const repository = random.pick(["acme/checkout", "evil/payments", "payments"]);
    return { finding: { ...trueFinding, change: { id: GUILTY.slice(0, 7), repository } }, gone: [`"repository":"${repository}"`] };
  },
  "hop without evidence": (random) => {
    const hop = {
      service: random.pick(["payments", "orders-db2", "checkout"]),
      what: random.pick(["waits for a lock", "runs out of connections", "drops packets"]),
      evidence: random.pick([[], [77], [0], [4.5]]),
    };
    return { finding: { ...trueFinding, causal_path: [hop, ...trueFinding.causal_path] }, gone: [hop.what] };
  },
  "hop with evidence of another service": (random) => {
    const hop = {
      service: "orders-db2",
      what: random.pick(["waits for a lock", "runs out of connections"]),
      evidence: [random.pick([2, 3, 4, 5])],
    };
    return { finding: { ...trueFinding, causal_path: [hop, ...trueFinding.causal_path] }, gone: [hop.what] };
  },
  "figure of its own in the cause, the impact, a reason or a step": (random) => {
    const wrong = `${20 + random.below(70)}.${random.below(10)} %`;
    const spots = [
      { ...trueFinding, cause: `payments misses its cache in ${wrong} of requests` },
      { ...trueFinding, impact: { text: `${wrong} of checkouts fail`, evidence: [5] } },
      { ...trueFinding, ruled_out: [{ what: "orders-db2", why: `CPU ${wrong}`, evidence: [6] }] },
      { ...trueFinding, do_now: [{ step: `Roll back: ${wrong} of checkouts fail`, runbook: null }] },
      { ...trueFinding, missing: [{ what: `why ${wrong} of payments still work`, who: null }] },
    ];
    return { finding: random.pick(spots), gone: [wrong] };
  },
  "quote of its own in the cause": (random) => {
    const quote = random.pick(["pool exhausted", "cache is disabled", "provider refused the token"]);
    const [open, close] = random.pick([
      ["“", "”"],
      ['"', '"'],
      ["`", "`"],
    ]);
    return { finding: { ...trueFinding, cause: `payments fails with ${open}${quote}${close}` }, gone: [quote] };
  },
  "invented instance or runbook": (random) => {
    const name = random.pick(["payments-77", "payments-70", "node-12", "payments/restart"]);
    const spots = name.includes("/")
      ? { ...trueFinding, do_now: [{ step: "Restart payments", runbook: name }] }
      : { ...trueFinding, instance: name };
    return { finding: spots, gone: [name] };
  },
  "prose that rests on nothing": (random) => {
    const prose = random.pick([
      "all customers in Europe lost their money",
      "it was checked by hand and is healthy",
      "everyone is charged twice, see E5",
    ]);
    const spots = [
      { ...trueFinding, impact: { text: prose, evidence: [5] } },
      { ...trueFinding, ruled_out: [{ what: "the network", why: prose, evidence: [5] }, ...trueFinding.ruled_out] },
      withClaim({ text: prose, evidence: [5], quotes: [] }),
      { ...trueFinding, do_now: [{ step: `Run \`wipe --${prose}\``, runbook: "payments/rollback" }] },
    ];
    return { finding: random.pick(spots), gone: [prose] };
  },
  "a word of a log line blamed as a service": (random) => {
    const service = random.pick(["true", "provider", "merchant", "upstream", "token"]);
    return {
      finding: { ...trueFinding, service, instance: null, change: null, cause: "It answers slowly" },
      gone: [`"service":"${service}"`],
    };
  },
  "false alarm without a look at the paged service": (random) => {
    const cause = random.pick(["Nothing is wrong, a backup ran", "The monitor is too strict"]);
    const claims = [{ text: "orders-db2 CPU is 17.5 %", evidence: [6], quotes: [] }];
    return {
      finding: { ...trueFinding, verdict: "nothing-wrong", cause, change: null, claims },
      gone: ['"verdict":"nothing-wrong"', cause],
    };
  },
  "alternative left out and evidence that does not exist": (random) => {
    const evidence = 7 + random.below(1000);
    return {
      finding: { ...trueFinding, ruled_out: [{ what: "orders-db2", why: "it is idle", evidence: [evidence] }] },
      gone: ["it is idle", `"evidence":[${evidence}]`],
    };
  },
};

export const kindsOfLies = Object.keys(lies);

export function lie(kind: string, random: Random): Lie {
  const made = lies[kind]?.(random);
  if (made === undefined) throw new Error(`no such lie: ${kind}`);
  return { kind, ...made };
}
