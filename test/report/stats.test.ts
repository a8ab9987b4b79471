import { expect, test } from "vitest";
import type { IncidentEvent, LoggedEvent } from "../../src/incident/event.ts";
import { feedbackOf } from "../../src/incident/feedback.ts";
import { statsOf } from "../../src/report/stats.ts";
import { logOf, logUntil, page } from "../support/example-log.ts";

const press = (action: string, user: string): readonly [string, IncidentEvent] => [
  "03:20:00",
  { type: "slack-action-received", action, value: "", user, userId: user, channel: "C1" },
];
const found = logUntil("finding-posted").map(({ at, event }) => [at, event] as const);
const judged = (...presses: readonly (readonly [string, IncidentEvent])[]): LoggedEvent[] => logOf([...found, ...presses]);

test("each person's newest word counts, and other buttons are none", () => {
  const log = judged(press("wrong", "ana"), press("right", "mei"), press("stop", "jonas"), press("right-area", "ana"));
  expect(feedbackOf(log).map(({ user, verdict }) => [user, verdict])).toEqual([
    ["mei", "right"],
    ["ana", "right-area"],
  ]);
});

test("answers are counted by service and by how sure they said they were, with those that nobody judged apart", () => {
  const logs = [judged(press("right", "ana")), judged(press("wrong", "ana")), judged(press("right-area", "mei")), judged()];
  const { incidents, byService, bySureness } = statsOf(logs);
  expect(incidents).toBe(4);
  expect(byService).toEqual([{ name: "checkout", right: 1, area: 1, wrong: 1, unsaid: 1 }]);
  expect(bySureness).toEqual([{ name: "likely", right: 1, area: 1, wrong: 1, unsaid: 1 }]);
});

test("an incident without an answer is none of the judged ones, and a page that joined is no incident", () => {
  const joined = logOf([
    ["03:12:20", { type: "page-received", page }],
    [
      "03:12:21",
      {
        type: "joined",
        lead: "pd-Q9",
        page: { name: "PagerDuty #1", service: "checkout", title: page.title, link: null, createdAt: page.createdAt },
        because: { code: "again", service: "checkout", since: page.createdAt },
      },
    ],
  ]);
  const { incidents, joined: count, byService, median } = statsOf([logUntil("page-received"), joined]);
  expect([incidents, count, byService]).toEqual([1, 1, []]);
  expect(median).toEqual({ firstWordsMs: null, briefMs: null, findingMs: null });
});

test("times are medians from the page's arrival", () => {
  // The story: first words 0.8 s, brief 5.5 s and finding 8 s after the webhook at 03:12:20.4.
  expect(statsOf([judged()]).median).toEqual({ firstWordsMs: 800, briefMs: 5_500, findingMs: 8_000 });
});
