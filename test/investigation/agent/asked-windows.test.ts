import { expect, test } from "vitest";
import { windowsAround } from "../../../src/investigation/agent/asked-windows.ts";

const minute = 60_000;
const page = Date.parse("2026-03-01T12:00:00Z");
const windows = {
  window: { from: page - 10 * minute, to: page + 20 * minute },
  baseline: { from: page - 250 * minute, to: page - 10 * minute },
};

test("tools look from before the onset that triage found, and hold it against the time before that", () => {
  const { window, baseline } = windowsAround(windows, page - 25 * minute);
  expect(window).toEqual({ from: page - 30 * minute, to: page + 20 * minute });
  expect(baseline).toEqual({ from: page - 250 * minute, to: page - 30 * minute });
});

test.each([
  ["none was found", null],
  ["it is well within the time under suspicion", page - 3 * minute],
  ["it was hours ago: a window of that length would hide what is new", page - 200 * minute],
])("triage's windows stay where %s", (_, onset) => {
  expect(windowsAround(windows, onset)).toEqual(windows);
});
