import { describe, expect, test } from "vitest";
import { NotAnsweringError, RateLimitedError } from "../../src/guard/errors.ts";
import { type OutgoingCall, outgoingFetch } from "../../src/guard/outgoing.ts";
import type { Gate } from "../../src/guard/policy.ts";
import { rateLimitIn } from "../../src/guard/rate-limit.ts";
import { Traffic } from "../../src/guard/traffic.ts";
import { urgency } from "../../src/guard/urgency.ts";
import { failureOf } from "../support/failure.ts";
import { createRandom } from "../support/random.ts";

const START = Date.parse("2026-11-23T03:12:00Z");
const gate: Gate = ({ url }) => ({ allowed: { method: "GET", path: url.pathname, effect: "read", purpose: "a test" } });

/** A vendor that answers by the fake clock, and clients at it that share their traffic; waits pass on that clock. */
function setUp(answer: (path: string, at: number) => Response | Promise<Response>, share?: number) {
  let now = START;
  const sent: { readonly path: string; readonly at: number }[] = [];
  const calls: OutgoingCall[] = [];
  const waits: number[] = [];
  const { next: random } = createRandom(7);
  const traffic = new Traffic({ now: () => now, random, share });
  const fetch = outgoingFetch({
    ...{ vendor: "datadog", limitHeader: "x-limit-name", gate, traffic, random, now: () => now, onCall: (call) => calls.push(call) },
    sleep: async (ms) => {
      waits.push(ms);
      now += ms;
    },
    fetch: async (input) => {
      const { pathname } = new URL(String(input));
      sent.push({ path: pathname, at: now });
      return answer(pathname, now);
    },
  });
  const ask = (path = "/a") => fetch(`https://vendor.example${path}`);
  return { ask, sent, calls, waits, traffic, pass: (ms: number) => void (now += ms) };
}
const broken = () => new Response("", { status: 503 });
const fine = () => new Response("{}");
const ended = (work: Promise<Response>) =>
  work.then(
    ({ status }) => String(status),
    (error: Error) => error.name,
  );

describe("a vendor that fails", () => {
  test("is left alone after five tries in a row over two seconds, said with since when, and asked again by one call alone", async () => {
    let answer = broken;
    const vendor = setUp(() => answer());
    while (vendor.traffic.outages().get("datadog") == null) {
      vendor.pass(1_000);
      await ended(vendor.ask());
    }
    // Three tries a call; the third call is past the two seconds.
    expect(vendor.sent.length).toBeLessThanOrEqual(9);
    const before = vendor.sent.length;
    const error = await failureOf(vendor.ask());
    expect(error).toBeInstanceOf(NotAnsweringError);
    expect(error.message).toMatch(/^datadog has answered nothing but errors \(503\) since 03:12:01; asked again at 03:12:\d\d$/);
    expect(vendor.sent).toHaveLength(before);
    vendor.pass(60_000);
    answer = fine;
    expect(await Promise.all([ended(vendor.ask()), ended(vendor.ask("/b"))])).toEqual(["200", "NotAnsweringError"]);
    expect(vendor.sent).toHaveLength(before + 1);
    expect(vendor.traffic.outages().get("datadog")).toBeNull();
    expect(await ended(vendor.ask("/b"))).toBe("200");
  });

  test("for one moment, with however many calls at once, is asked again as usual", async () => {
    const until = START + 200;
    const vendor = setUp((_path, at) => (at < until ? broken() : fine()));
    expect(new Set(await Promise.all(Array.from({ length: 15 }, () => ended(vendor.ask()))))).toEqual(new Set(["200"]));
  });

  test("on one path alone is no outage", async () => {
    const vendor = setUp((path) => (path === "/bad" ? broken() : fine()));
    for (let turn = 0; turn < 10; turn++) {
      vendor.pass(1_000);
      await Promise.all([ended(vendor.ask("/bad")), ended(vendor.ask("/good"))]);
    }
    expect(await ended(vendor.ask("/good"))).toBe("200");
  });

  test("is left alone longer each time, up to a minute", async () => {
    const vendor = setUp(broken);
    for (let second = 0; second < 600; second++) {
      vendor.pass(1_000);
      await ended(vendor.ask());
    }
    const late = vendor.sent.filter(({ at }) => at > START + 300_000).map(({ at }) => at);
    const gaps = late.slice(1).map((at, index) => at - (late[index] ?? 0));
    expect(Math.min(...gaps)).toBeGreaterThanOrEqual(30_000);
    expect(Math.max(...gaps)).toBeLessThan(70_000);
  });

  test("gets at most a fifth more calls, and twenty, for all retries together", async () => {
    const vendor = setUp(broken);
    await Promise.all(Array.from({ length: 200 }, (_, index) => ended(vendor.ask(`/${index}`))));
    expect(vendor.sent.length).toBeGreaterThan(200);
    expect(vendor.sent.length).toBeLessThanOrEqual(200 + 40 + 20);
  });
});

test("waits between tries are by chance, within bounds that double", async () => {
  const vendor = setUp(broken);
  for (let call = 0; call < 8; call++) await ended(vendor.ask());
  const bounds = [250, 500];
  expect(vendor.waits.slice(0, 4).every((ms, index) => ms >= 0 && ms <= (bounds[index % 2] ?? 0))).toBe(true);
  expect(new Set(vendor.waits.slice(0, 4)).size).toBe(4);
});

describe("a rate limit", () => {
  /** A vendor that counts a limit in periods of an hour, and others who use it as well. */
  const counting = (most: number, othersTake = 0, name = "search") => {
    let left = most;
    return () => {
      left -= 1 + othersTake;
      const headers = { "x-ratelimit-limit": `${most}`, "x-ratelimit-remaining": `${Math.max(0, left)}`, "x-ratelimit-reset": "3600" };
      return new Response("{}", { headers: { ...headers, "x-limit-name": name } });
    };
  };

  test.each([
    [2, 0.5, 1],
    [10, 0.5, 5],
    [301, 0.5, 150],
    [300, 0.1, 30],
    [40, 1, 40],
  ])("of %i is used up to a share of %d and no further: %i calls", async (most, share, expected) => {
    const vendor = setUp(counting(most), share);
    for (let call = 0; call < most + 5; call++) await ended(vendor.ask());
    expect(vendor.sent).toHaveLength(expected);
    const error = await failureOf(vendor.ask());
    expect(error).toBeInstanceOf(RateLimitedError);
    expect(error.message).toMatch(
      share === 1
        ? /rate limit to others|limits our rate/
        : /^datadog: midwatch leaves \d+ % of its rate limit to others; next try in \d+ s$/,
    );
  });

  test("that others use as well leaves midwatch a share of the rest", async () => {
    const vendor = setUp(counting(100, 3));
    for (let call = 0; call < 60; call++) await ended(vendor.ask());
    // After n calls of ours others took 3n: ours are half of what is left and ours at n = 100 / 5.
    expect(vendor.sent.length).toBeGreaterThanOrEqual(18);
    expect(vendor.sent.length).toBeLessThanOrEqual(21);
  });

  test("is the same for all paths that count to it, and another's is another", async () => {
    const [search, other] = [counting(20), counting(20, 0, "other")];
    const vendor = setUp((path) => (path === "/other" ? other() : search()));
    for (let call = 0; call < 20; call++) await ended(vendor.ask(call % 2 === 0 ? "/a" : "/b"));
    expect(vendor.sent.length).toBeLessThanOrEqual(11);
    expect(await ended(vendor.ask("/other"))).toBe("200");
  });

  test("keeps the last fifth of midwatch's share for the most urgent pages", async () => {
    const vendor = setUp(counting(100));
    const asRank = (rank: number) => urgency.run({ rank }, () => ended(vendor.ask()));
    for (let call = 0; call < 60; call++) await asRank(3);
    expect(vendor.sent).toHaveLength(40);
    for (let call = 0; call < 60; call++) await asRank(0);
    expect(vendor.sent).toHaveLength(50);
  });

  test("begins again with the next period", async () => {
    const vendor = setUp(counting(4));
    for (let call = 0; call < 4; call++) await ended(vendor.ask());
    expect(vendor.sent).toHaveLength(2);
    vendor.pass(3_600_000);
    expect(await ended(vendor.ask())).toBe("200");
  });

  test("that refused one call holds back the others of its kind as long as it said", async () => {
    const vendor = setUp((_path, at) =>
      at < START + 60_000 ? new Response("", { status: 429, headers: { "retry-after": "60" } }) : fine(),
    );
    expect(await ended(vendor.ask())).toBe("RateLimitedError");
    expect(await Promise.all(Array.from({ length: 20 }, () => ended(vendor.ask())))).toEqual(Array(20).fill("RateLimitedError"));
    expect(vendor.sent).toHaveLength(1);
    vendor.pass(60_000);
    expect(await ended(vendor.ask())).toBe("200");
  });

  test.each([
    ["wait for years", { status: 429, headers: { "retry-after": "1000000000" } }],
    ["wait for longer than numbers go", { status: 429, headers: { "retry-after": "1e305" } }],
    ["wait until a date far away", { status: 429, headers: { "retry-after": "Fri, 31 Dec 9999 23:59:59 GMT" } }],
    ["have nothing left for years", { headers: { "x-ratelimit-remaining": "0", "x-ratelimit-reset": "900000000" } }],
    ["have nothing left until a date far away", { headers: { "x-ratelimit-remaining": "0", "x-ratelimit-reset": "253402300799" } }],
    [
      "be in another century",
      { headers: { "x-ratelimit-remaining": "0", "x-ratelimit-reset": `${START / 1000 + 60}`, date: "Thu, 01 Jan 1970 00:00:00 GMT" } },
    ],
  ] as const)("of a vendor that claims to %s is believed for an hour; then one call asks again", async (_claim, init) => {
    let answer = () => new Response("{}", init);
    const vendor = setUp(() => answer());
    await ended(vendor.ask());
    for (let call = 0; call < 5; call++) {
      const error = await failureOf(vendor.ask());
      expect(error).toBeInstanceOf(RateLimitedError);
      expect((error as RateLimitedError).retryAfterMs).toBeLessThanOrEqual(3_600_000);
    }
    expect(vendor.sent).toHaveLength(1);
    vendor.pass(3_600_000);
    answer = fine;
    expect(await ended(vendor.ask())).toBe("200");
  });

  test("takes nothing from what was tried in an outage before, of which no answer told a limit", async () => {
    let answer: () => Response = broken;
    const vendor = setUp(() => answer());
    for (let minute = 0; minute < 300; minute++) {
      vendor.pass(60_000);
      await ended(vendor.ask());
    }
    const before = vendor.sent.length;
    expect(before).toBeGreaterThan(150);
    vendor.pass(120_000);
    answer = counting(200);
    for (let call = 0; call < 150; call++) await ended(vendor.ask());
    expect(vendor.sent.length - before).toBe(100);
  });

  test("counts calls that were under way when it was first told", async () => {
    const next = counting(20);
    const waiting: (() => void)[] = [];
    const vendor = setUp(() => new Promise((resolve) => waiting.push(() => resolve(next()))));
    const asked = Array.from({ length: 8 }, () => ended(vendor.ask()));
    await expect.poll(() => waiting.length).toBe(8);
    waiting.forEach((go) => go());
    await Promise.all(asked);
    const more = Array.from({ length: 10 }, () => ended(vendor.ask()));
    await expect.poll(() => waiting.length).toBe(10);
    waiting.slice(8).forEach((go) => go());
    await Promise.all(more);
    expect(vendor.sent).toHaveLength(10);
  });

  test("counts what another thread called", async () => {
    const [here, there] = [setUp(counting(20)), setUp(counting(20))];
    for (let call = 0; call < 10; call++) await ended(there.ask());
    for (const call of there.calls) here.traffic.heard(call);
    expect(await ended(here.ask())).toBe("RateLimitedError");
  });

  test.each([
    ["seconds", { "ratelimit-remaining": "7", "ratelimit-limit": "10", "ratelimit-reset": "30" }, 30_000, null],
    ["an epoch", { "x-ratelimit-remaining": "7", "x-ratelimit-reset": `${START / 1000 + 30}`, "x-limit-name": "core" }, 30_000, "core"],
    [
      "of a clock that is an hour ahead",
      { "x-ratelimit-remaining": "7", "x-ratelimit-reset": `${START / 1000 + 3_630}`, date: new Date(START + 3_600_000).toUTCString() },
      30_000,
      null,
    ],
    ["Sentry's", { "x-sentry-rate-limit-remaining": "7", "x-sentry-rate-limit-reset": `${START / 1000 + 1}` }, 1_000, null],
    [
      "a date, beside limits of tokens",
      {
        "anthropic-ratelimit-requests-remaining": "7",
        "anthropic-ratelimit-requests-reset": "2026-11-23T03:12:30Z",
        "anthropic-ratelimit-tokens-remaining": "1",
        "anthropic-ratelimit-tokens-reset": "2026-11-23T03:12:30Z",
      },
      30_000,
      null,
    ],
  ])("is read from its headers: %s", (_name, headers, inMs, name) => {
    expect(rateLimitIn(new Headers(headers as Record<string, string>), START, "x-limit-name")).toEqual({
      name,
      left: 7,
      until: START + inMs,
    });
  });
});
