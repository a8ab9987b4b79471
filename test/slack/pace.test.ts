import { expect, test } from "vitest";
import { type Asking, createPace, SLACK_LIMITS } from "../../src/slack/pace.ts";

const asking = (who: string, overrides: Partial<Asking> = {}): Asking => ({
  ...{ who, rank: 2, since: 0, channel: "#inc", posts: 1, edits: 0, now: 0 },
  ...overrides,
});

/** Lets each incident ask again when it was told to, until all have said theirs. @returns who spoke when, ms */
function spoken(incidents: readonly (Omit<Partial<Asking>, "now"> & { readonly who: string })[], limits = SLACK_LIMITS) {
  const pace = createPace(limits);
  const due = new Map(incidents.map((one) => [one.who, 0]));
  const said: { who: string; at: number }[] = [];
  let asked = 0;
  while (due.size > 0) {
    const at = Math.min(...due.values());
    for (const one of incidents) {
      if (due.get(one.who) !== at) continue;
      asked++;
      const waitMs = pace.readyIn(asking(one.who, { ...one, now: at }));
      if (waitMs > 0) due.set(one.who, at + waitMs);
      else {
        due.delete(one.who);
        said.push({ who: one.who, at });
      }
    }
  }
  return { said, asked };
}

test("sixty incidents in one channel speak one a second, and none asks over and over", () => {
  const { said, asked } = spoken(Array.from({ length: 60 }, (_, n) => ({ who: `pd-${n}`, since: n })));
  const gaps = said.slice(1).map(({ at }, n) => at - (said[n]?.at ?? 0));
  expect(Math.min(...gaps)).toBeGreaterThanOrEqual(1_000);
  expect(said.at(-1)?.at).toBeLessThan(60 * 1_200);
  expect(asked).toBeLessThan(60 * 4);
  expect(said.map(({ who }) => who)).toEqual(Array.from({ length: 60 }, (_, n) => `pd-${n}`));
});

test("edits stay below fifty in any minute, and the first of them come at once", () => {
  const { said } = spoken(Array.from({ length: 120 }, (_, n) => ({ who: `pd-${n}`, since: n, posts: 0, edits: 1 })));
  const times = said.map(({ at }) => at);
  for (const from of times) expect(times.filter((at) => at >= from && at < from + 60_000).length).toBeLessThanOrEqual(50);
  expect(times.slice(0, 10)).toEqual(Array.from({ length: 10 }, () => 0));
});

test("what is urgent is said before what waited longer, and channels do not wait for each other", () => {
  const waiting = Array.from({ length: 20 }, (_, n) => ({ who: `pd-${n}`, since: n }));
  const { said } = spoken([...waiting, { who: "pd-urgent", rank: 0, since: 99 }, { who: "pd-other", since: 99, channel: "#search" }]);
  expect(said.find(({ who }) => who === "pd-urgent")?.at).toBeLessThan(3_000);
  expect(said.find(({ who }) => who === "pd-other")?.at).toBe(0);
});

test("while Slack does not answer one asks at a time, ever more rarely, and the first answer lets all through", () => {
  const pace = createPace(SLACK_LIMITS);
  expect(pace.readyIn(asking("pd-1"))).toBe(0);
  pace.failed(100, "short");
  const tries: number[] = [];
  for (let now = 200; now < 120_000; now += 100) {
    const ready = ["pd-1", "pd-2", "pd-3"].filter((who) => pace.readyIn(asking(who, { now, channel: who })) === 0);
    expect(ready.length).toBeLessThanOrEqual(1);
    if (ready.length === 0) continue;
    tries.push(now);
    pace.failed(now, "short");
  }
  const gaps = tries.slice(1).map((at, n) => at - (tries[n] ?? 0));
  expect(gaps.toSorted((a, b) => a - b)).toEqual(gaps);
  expect(gaps.at(-1)).toBeLessThanOrEqual(15_100);
  pace.answered();
  expect(pace.readyIn(asking("pd-2", { now: 120_000, channel: "pd-2" }))).toBe(0);
  expect(pace.readyIn(asking("pd-3", { now: 120_000, channel: "pd-3" }))).toBe(0);
});

test("an edit that nobody waits for is left out while others wait or room is short", () => {
  const pace = createPace(SLACK_LIMITS);
  const made = Array.from({ length: 10 }, () => pace.spareEdit(0)).filter(Boolean).length;
  expect(made).toBeGreaterThan(0);
  expect(made).toBeLessThan(10);
  expect(pace.readyIn(asking("pd-1", { posts: 0, edits: 1 }))).toBe(0);
});
