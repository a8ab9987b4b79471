import { describe, expect, test } from "vitest";
import { type Belief, beliefAfter, type Course, judgeCourse, undoneAt } from "../../src/incident/belief.ts";
import { deploy } from "../support/example-log.ts";

const minute = 60_000;
const paged = deploy.at + 3 * minute;
const belief: Belief = {
  ...{
    state: "same",
    asOf: paged + minute,
    onset: deploy.at + minute,
    suspect: "payments",
    recoveredAt: null,
    worseSince: null,
    isStillBad: false,
  },
  change: { service: "payments", sha: deploy.sha, version: deploy.version, at: deploy.at },
  series: [],
};
const bad: Course = {
  ...{
    asOf: paged + 15 * minute,
    stepMs: minute,
    recoveredAt: null,
    isSettled: false,
    isOut: true,
    isOver: false,
    worse: null,
    rollback: null,
    second: null,
    evidence: [],
  },
};
const rollback = { at: paged + 5 * minute, points: 8, forMs: 10 * minute, left: 1, most: 1, isSuspectHome: false, restSince: null };

describe("recovered", () => {
  test("is said once the signals are back for long enough, and until then only seen", () => {
    const back = { ...bad, isOut: false, recoveredAt: paged + 12 * minute };
    expect(judgeCourse(belief, back)).toMatchObject({ state: "recovering" });
    expect(judgeCourse(belief, { ...back, isSettled: true })).toMatchObject({ state: "recovered", since: paged + 12 * minute });
  });
  test("is no more than the absence of bad levels", () => {
    expect(judgeCourse(belief, { ...bad, isOut: false })).toMatchObject({ state: "same" });
  });
});

describe("withdrawn", () => {
  test("is a change that was rolled back while all of the trouble is left", () => {
    expect(judgeCourse(belief, { ...bad, rollback })).toMatchObject({ state: "withdrawn", since: rollback.at, service: "payments" });
  });
  test.each([
    ["too few minutes have passed", { ...rollback, forMs: 3 * minute }],
    ["too few points came since", { ...rollback, points: 2 }],
    ["some of it is gone", { ...rollback, left: 0.5 }],
    ["it is far worse since", { ...rollback, most: 2 }],
    ["the suspect itself is well again", { ...rollback, isSuspectHome: true }],
  ])("is none where %s", (_why, after) => {
    expect(judgeCourse(belief, { ...bad, rollback: after })).toMatchObject({ state: "same" });
  });
  test("is said once, for then no change is blamed", () => {
    const after = beliefAfter(belief, { state: "withdrawn", since: rollback.at, service: "payments" }, bad.asOf);
    expect(judgeCourse(after, { ...bad, rollback })).toMatchObject({ state: "same" });
  });
});

describe("a second fault", () => {
  const second = { service: "stock", probability: 0.9, onset: paged + 10 * minute };
  test("is trouble of another place once the suspect is well after the roll-back", () => {
    expect(judgeCourse(belief, { ...bad, second, isOver: true, rollback: { ...rollback, isSuspectHome: true } })).toMatchObject({
      state: "second-fault",
      service: "stock",
    });
    expect(judgeCourse(belief, { ...bad, second, rollback })).not.toMatchObject({ state: "second-fault" });
  });
  test("is new trouble after the recovery, and its place is not named where it is only possible", () => {
    const over = { ...belief, recoveredAt: paged + 5 * minute };
    expect(judgeCourse(over, { ...bad, isOver: true, second: { ...second, probability: 0.5 } })).toMatchObject({
      state: "second-fault",
      service: null,
    });
    expect(judgeCourse(over, { ...bad, isOver: true, second: { ...second, probability: 0.3 } })).toMatchObject({ state: "same" });
  });
});

test("trouble that is back at the suspect may be the first fault, so no second one is named", () => {
  const back = { service: "payments", probability: 0.9, onset: paged + 10 * minute };
  const over = { ...belief, recoveredAt: paged + 5 * minute };
  expect(judgeCourse(over, { ...bad, isOver: true, second: back })).toMatchObject({ state: "second-fault", service: null });
});

test("worse is said once", () => {
  const worse = { service: "checkout", what: "errors", unit: null, was: 10, now: 40, since: paged + 6 * minute, evidence: 1 };
  const judged = judgeCourse(belief, { ...bad, worse });
  expect(judged).toMatchObject({ state: "worse", since: paged + 6 * minute });
  expect(judgeCourse(beliefAfter(belief, judged, bad.asOf), { ...bad, worse })).toMatchObject({ state: "same" });
});

test("a page that is resolved while its signals are bad is said once, minutes later", () => {
  expect(judgeCourse(belief, bad, bad.asOf - minute)).toMatchObject({ state: "same" });
  const judged = judgeCourse(belief, bad, bad.asOf - 5 * minute);
  expect(judged).toMatchObject({ state: "still-bad" });
  expect(judgeCourse(beliefAfter(belief, judged, bad.asOf), bad, bad.asOf - 5 * minute)).toMatchObject({ state: "same" });
  expect(judgeCourse(belief, { ...bad, isOut: false }, bad.asOf - 5 * minute)).toMatchObject({ state: "same" });
});

test.each([
  ["a roll-back of the pager's or the host's", { kind: "rollback", sha: "1".repeat(40) }, true],
  ["a deploy of what ran before", { kind: "deploy", sha: deploy.previousSha }, true],
  ["a deploy of something else", { kind: "deploy", sha: "1".repeat(40) }, false],
  ["a roll-back of another service", { kind: "rollback", service: "cart" }, false],
] as const)("%s undoes the blamed change: %#", (_what, over, isUndone) => {
  const later = { ...deploy, ...over, version: null, at: deploy.at + 9 * minute };
  const blamed = belief.change;
  expect(blamed === null ? null : undoneAt(blamed, [deploy, later])).toBe(isUndone ? later.at : null);
});
