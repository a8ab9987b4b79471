import { describe, expect, test } from "vitest";
import { analyse } from "../../src/analysis/analyse.ts";
import type { ChangeEvent, Telemetry } from "../../src/incident/telemetry.ts";
import { begins, empty, errorLine, errorLines, from, minute, page, risen, series, steady } from "./telemetry.ts";

const deploy = (at: number): ChangeEvent => ({
  ...{ kind: "deploy", at, service: "shop", title: "Round totals", sha: "a".repeat(40), previousSha: "b".repeat(40), version: null },
  ...{ repository: "acme/shop", author: "ana", pullRequest: null, files: null, link: null, evidence: 77 },
});
const usual = Array.from({ length: 120 }, (_, index) => ({
  ...errorLine("shop", from + index * minute, `order ${index}`),
  severity: "INFO",
}));

describe("a cause and the change that is blamed for it", () => {
  const told = (early: Telemetry["logs"], at: number) =>
    analyse({
      ...empty,
      page: { ...empty.page, title: "Errors on shop" },
      series: [
        series("shop", "http.request.count", "traffic", null, steady(600)),
        series("shop", "http.error_ratio", "errors", "fraction", risen(0.001, 0.4)),
      ],
      logs: [...usual, ...early, ...errorLines("shop", "TypeError: total of undefined")].toSorted((a, b) => a.at - b.at),
      changes: [deploy(at)],
    });

  test("the cause is dated after the change, whatever came before it", () => {
    const old = [0, 1, 2, 3, 4, 5].map((index) => errorLine("shop", begins - (28 - index * 3) * minute, "cannot parse header x-trace"));
    const { suspects, onset } = told(old, begins - minute);
    expect(suspects[0]?.change?.evidence).toBe(77);
    expect(onset).toBeGreaterThanOrEqual(begins - 2 * minute);
    expect(suspects[0]?.onset).toBe(onset);
  });

  test("a change is not blamed for what was there minutes before it", () => {
    const { suspects } = told([], begins + 2.5 * minute);
    expect(suspects[0]?.change ?? null).toBeNull();
  });
});

test("a level is said by one figure, in the symptom and in the reason", () => {
  const climbing = steady(0.01).map(({ at, value }) => ({
    at,
    value: at < page - 8 * minute ? value : 0.55 + 0.02 * ((at - page) / minute),
  }));
  const { symptoms, suspects } = analyse({
    ...empty,
    page: { ...empty.page, title: "Errors on shop above 5%" },
    series: [series("shop", "http.error_ratio", "errors", "fraction", climbing)],
  });
  const [symptom] = symptoms;
  const said = suspects[0]?.reasons.find(({ text }) => text.includes("error ratio"))?.text ?? "";
  expect(said).toContain(`→ ${Number((100 * (symptom?.now ?? Number.NaN)).toPrecision(3))} %`);
});
