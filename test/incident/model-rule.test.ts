import { expect, test } from "vitest";
import { type ModelRules, rulingOf } from "../../src/incident/model-rule.ts";

const page = (of: Partial<Parameters<typeof rulingOf>[1]> = {}) => ({
  ...{ urgency: "high" as const, priority: "P2", service: "checkout", createdAt: Date.parse("2026-11-10T12:00:00Z") },
  ...of,
});
const numberOf = (rules: ModelRules["rules"], about: Parameters<typeof page>[0], timeZone = "UTC") =>
  rulingOf({ timeZone, rules }, page(about))?.number ?? null;
const minutes = (hour: number) => hour * 60;

test("the first rule whose conditions all hold decides, and none where none fits", () => {
  const rules = [
    { investigate: true, priorities: ["p1", "SEV-1"] },
    { investigate: false, urgency: "low" as const, services: ["checkout"] },
  ];
  expect(numberOf(rules, { priority: "P1", urgency: "low" })).toBe(1);
  expect(numberOf(rules, { urgency: "low" })).toBe(2);
  expect(numberOf(rules, { urgency: "low", service: "cart" })).toBeNull();
  expect(numberOf(rules, {})).toBeNull();
});

test("a page without an urgency or a priority fits no condition on it", () => {
  expect(numberOf([{ investigate: false, urgency: "low" }], { urgency: null })).toBeNull();
  expect(numberOf([{ investigate: false, priorities: ["P5"] }], { priority: null })).toBeNull();
});

test("hours are of the time zone's clock, summer time included; the end is not among them", () => {
  const rules = [{ investigate: false, hours: { from: minutes(9), to: minutes(17) } }];
  const at = (instant: string) => numberOf(rules, { createdAt: Date.parse(instant) }, "Europe/Berlin");
  // Berlin is an hour ahead in winter, two in summer.
  expect(at("2026-01-14T07:59:59Z")).toBeNull();
  expect(at("2026-01-14T08:00:00Z")).toBe(1);
  expect(at("2026-07-14T07:00:00Z")).toBe(1);
  expect(at("2026-07-14T15:00:00Z")).toBeNull();
});

test("hours over midnight belong to the day on which they begin", () => {
  // 14 November 2026 is a Saturday.
  const rules = [{ investigate: false, hours: { from: minutes(22), to: minutes(6) }, days: ["fri"] as const }];
  const at = (instant: string) => numberOf(rules, { createdAt: Date.parse(instant) });
  expect(at("2026-11-13T23:00:00Z")).toBe(1);
  expect(at("2026-11-14T05:59:00Z")).toBe(1);
  expect(at("2026-11-13T05:59:00Z")).toBeNull();
  expect(at("2026-11-14T23:00:00Z")).toBeNull();
});
