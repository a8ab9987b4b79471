import { expect, test } from "vitest";
import type { IncidentEvent, LoggedEvent } from "../../src/incident/event.ts";
import { flapOf, type FlapCard, flapsBefore, patternOf } from "../../src/incident/flap.ts";
import { flapWords } from "../../src/report/flap-words.ts";
import { plain } from "../../src/report/text.ts";
import { page } from "../support/example-log.ts";

const minute = 60_000;
const from = page.createdAt;

const logOf = (events: readonly IncidentEvent[]): LoggedEvent[] =>
  events.map((event, index) => ({ seq: index + 1, at: from + index, event }));
const received: IncidentEvent = { type: "page-received", page };
const heard = (
  kind: "acknowledged" | "resolved",
  afterMs: number,
  over: Partial<Extract<IncidentEvent, { type: "pager-event-received" }>> = {},
) =>
  ({
    ...{ type: "pager-event-received", kind, eventType: `incident.${kind}`, occurredAt: from + afterMs, by: null, text: "" },
    page: { ...page, status: kind },
    ...over,
  }) satisfies IncidentEvent;

test("a page that its monitor resolved within a quarter of an hour is a flap", () => {
  expect(flapOf(logOf([received, heard("resolved", 3 * minute)]))).toEqual({ at: from, endedAt: from + 3 * minute });
  expect(flapOf(logOf([received, heard("resolved", 3 * minute, { by: "Datadog", byTool: true })]))).not.toBeNull();
});

test.each([
  ["is open", [received]],
  ["lasted longer", [received, heard("resolved", 16 * minute)]],
  ["a person resolved", [received, heard("resolved", minute, { by: "Ana" })]],
  ["a person acknowledged", [received, heard("acknowledged", minute, { by: "Ana" }), heard("resolved", 2 * minute)]],
  ["people merged", [received, heard("resolved", minute, { page: { ...page, status: "resolved", mergedInto: "P2" } })]],
  ["opened again", [received, heard("resolved", minute), heard("acknowledged", 2 * minute, { page: { ...page, status: "triggered" } })]],
  ["began before midwatch knew of it", [heard("resolved", minute)]],
] as const)("a page that %s is none", (_, events) => {
  expect(flapOf(logOf(events))).toBeNull();
});

const card = (id: string, atMinute: number, over: Partial<FlapCard> = {}): FlapCard => ({
  ...{ incidentId: id, pagerId: id, service: "web", names: ["web"], title: "Error rate of web above 5 %", details: "", priority: null },
  createdAt: from + atMinute * minute,
  flap: { at: from + atMinute * minute, endedAt: from + (atMinute + 2) * minute },
  ...over,
});
const timesOf = (others: readonly FlapCard[], own = card("own", 100)) =>
  flapsBefore(own, others).flaps.map(({ at }) => (at - from) / minute);

test("flaps of one alert count while each is within an hour of the next", () => {
  expect(timesOf([card("a", 0), card("b", 50), card("c", 70)])).toEqual([0, 50, 70]);
  expect(timesOf([card("a", 0), card("b", 65), card("c", 90)])).toEqual([65, 90]);
});

test("what is another alert, resource, service or no flap does not count, nor what came later", () => {
  expect(
    timesOf(
      [
        card("a", 80, { title: "Memory of web above 90 %" }),
        card("b", 81, { details: "host: web-1" }),
        card("c", 82, { service: "cart" }),
        card("d", 83, { flap: null }),
        card("e", 120),
      ],
      card("own", 100, { details: "host: web-2" }),
    ),
  ).toEqual([]);
});

test("the pager's key of an alert says more than its title", () => {
  const own = card("own", 100, { alertKey: "k1" });
  expect(
    timesOf([card("a", 80, { alertKey: "k1", title: "Error rate of web at 7 %, was 5" }), card("b", 90, { alertKey: "k2" })], own),
  ).toEqual([80]);
});

test("the incident whose thread names them is found", () => {
  expect(flapsBefore(card("own", 100), [card("a", 60), card("b", 80, { namesFlaps: true }), card("c", 90)]).home).toBe("b");
});

test.each([
  [
    [
      [0, 2],
      [20, 22],
      [38, 42],
    ],
    "web: third time in 42 min that this alert has resolved by itself, each time after 2 to 4 min. First at 03:12 UTC.",
  ],
  [
    [
      [0, 3],
      [10, 13],
      [20, 23],
      [30, 33],
    ],
    "web: 4th time in 33 min that this alert has resolved by itself, each time after 3 min. First at 03:12 UTC.",
  ],
  [
    [
      [0, 0.5],
      [50, 53],
      [100, 101],
    ],
    "web: third time in 1 h 41 min that this alert has resolved by itself, each time after 30 s to 3 min. First at 03:12 UTC.",
  ],
] as const)("a service that flaps is named in one line: %j", (flaps, words) => {
  const pattern = patternOf(flaps.map(([at, endedAt]) => ({ at: from + at * minute, endedAt: from + endedAt * minute })));
  expect(plain(flapWords("web", pattern))).toBe(words);
});
