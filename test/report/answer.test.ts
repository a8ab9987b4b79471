import { describe, expect, test } from "vitest";
import type { Analysis, Suspect } from "../../src/incident/finding.ts";
import { dataAnswer } from "../../src/report/answer.ts";
import { plain } from "../../src/report/text.ts";

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
