import { describe, expect, test } from "vitest";
import type { Analysis, Suspect } from "../../src/incident/finding.ts";
import { dataAnswer } from "../../src/report/answer.ts";
import { plain } from "../../src/report/text.ts";
import { deploy } from "../support/example-log.ts";

const at = Date.UTC(2026, 4, 4, 3, 14);
const suspect: Suspect = { service: "cart", instance: null, fault: "memory", change: null, probability: 0.8, onset: at, reasons: [] };
const analysis: Analysis = {
  ...{
    verdict: "incident",
    because: "cart left its usual range",
    onset: at,
    symptoms: [],
    suspects: [suspect],
    ruledOut: [],
    consequences: [],
  },
};

describe("what the data alone say", () => {
  test("is a cause in words where there is one, not a service's name", () => {
    const known = { ...analysis, suspects: [{ ...suspect, cause: "ran out of memory since 03:14" }] };
    expect(plain(dataAnswer(known, "shop").conclusion)).toBe("Best suspect (likely, 0.80): cart: ran out of memory since 03:14");
    expect(plain(dataAnswer(analysis, "shop").conclusion)).toBe("Best suspect (likely, 0.80): cart");
  });

  const live = { code: "change-live", text: "", short: "`ttl` 60 → 0", evidence: [5], quote: null };
  const changed: Suspect = {
    ...suspect,
    change: { ...deploy, service: "cart" },
    cause: "cache hit rate 26 %, below 50 %",
    reasons: [live],
  };

  test("says with the change when it came and what it did, before how that shows", () => {
    const known = { ...analysis, suspects: [changed] };
    expect(plain(dataAnswer(known, "shop").conclusion)).toBe(
      "Best suspect (likely, 0.80): cart, deploy 9f2c1e4 at 03:10 (`ttl` 60 → 0): cache hit rate 26 %, below 50 %",
    );
  });

  test("leaves out how it shows where the headline is that, and never where it is all that is known", () => {
    const worst = { service: "cart", what: "cache hit rate (alarm at 50 %)", before: 85, now: 26, unit: "%", since: at, evidence: [1] };
    const short = (one: Suspect) => plain(dataAnswer({ ...analysis, symptoms: [worst], suspects: [one] }, "cart").conclusion);
    expect(short(changed)).toBe("Best suspect (likely, 0.80): cart, deploy 9f2c1e4 at 03:10 (`ttl` 60 → 0)");
    expect(short({ ...changed, reasons: [] })).toContain("at 03:10: cache hit rate 26 %, below 50 %");
  });

  test.each([
    ["CPU 1 % → 92 % at 03:14 in cart-1", "cart: CPU 1 % → 92 % at 03:14 in cart-1"],
    ["has logged `full`", "cart (cart-1): has logged `full`"],
    ["494 of 500 connections of cart are taken", "cart (cart-1): 494 of 500 connections are taken"],
    ["`copy of cart` takes 94 % of the time of database cart", "cart (cart-1): `copy of cart` takes 94 % of the time"],
    ["requests of cart-2 fail", "cart (cart-1): requests of cart-2 fail"],
  ])("names service and instance once: %s", (cause, expected) => {
    const one = { ...suspect, instance: "cart-1", cause };
    expect(plain(dataAnswer({ ...analysis, suspects: [one] }, "shop").conclusion)).toBe(`Best suspect (likely, 0.80): ${expected}`);
  });

  test.each([
    [2, "2nd"],
    [3, "3rd"],
    [4, "4th"],
    [11, "11th"],
    [21, "21st"],
    [112, "112th"],
  ])("says once which page of the same alert this is: %i", (count, ordinal) => {
    const again = { ...analysis, equalPages: { count, since: at - 64 * 60_000 } };
    const { conclusion, cause } = dataAnswer(again, "shop");
    expect(plain(conclusion)).toBe(`Best suspect (likely, 0.80): cart (${ordinal} page of this alert since 02:10)`);
    expect(plain(cause)).not.toContain("page");
  });

  test.each([
    ["new error, 8 times: upstream shop timeout after 5000ms", "its errors name shop, and no call between the two is on record"],
    ["new error, 8 times: upstream shop-db timeout", "nothing links it to shop"],
    ["errors 0 % → 40 %", "nothing links it to shop"],
  ])("tells trouble elsewhere apart: %s", (why, link) => {
    const [point] = dataAnswer({ ...analysis, elsewhere: [{ service: "basic", since: at, why, evidence: [7] }] }, "shop").elsewhere;
    expect(point?.text).toContain(`; ${link}.`);
  });
});
