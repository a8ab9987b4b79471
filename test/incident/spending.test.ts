import { expect, test } from "vitest";
import type { IncidentEvent, LoggedEvent } from "../../src/incident/event.ts";
import { unsettled } from "../../src/incident/spending.ts";
import { closed, started, turn } from "../support/example-investigation.ts";

const logOf = (events: readonly IncidentEvent[]): LoggedEvent[] => events.map((event, index) => ({ seq: index + 1, at: index, event }));
const patchBegins: IncidentEvent = { type: "fix-work-started", attempt: 1, text: "" };
const patchEnds: IncidentEvent = { type: "fix-work-closed", attempt: 1, how: "drafted", because: "" };

test("each round and each work on a patch is one sum, until it is settled", () => {
  const run = [started(1), turn([], 0.25), turn([], 0.5)];
  expect(unsettled(logOf(run))).toEqual([{ key: "run:1", dollars: 0.75, isOver: false }]);
  const over = [...run, closed()];
  expect(unsettled(logOf(over))).toEqual([{ key: "run:1", dollars: 0.75, isOver: true }]);
  const settled: readonly IncidentEvent[] = [...over, { type: "spending-settled", key: "run:1", dollars: 0.75 }];
  expect(unsettled(logOf(settled))).toEqual([]);
  expect(unsettled(logOf([...settled, patchBegins, turn([], 0.125), patchEnds]))).toEqual([
    { key: "patch:1", dollars: 0.125, isOver: true },
  ]);
});

test("a round that begins its transcript again goes on with its sum", () => {
  expect(unsettled(logOf([started(1), turn([], 0.25), started(1), turn([], 0.5)]))).toEqual([
    { key: "run:1", dollars: 0.75, isOver: false },
  ]);
});

test("what nobody began or what a refusal ended leaves nothing to settle", () => {
  expect(unsettled(logOf([turn([], 0.25), closed()]))).toEqual([]);
});
