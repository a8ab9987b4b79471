import { expect, test } from "vitest";
import { lookForChangesAt, readAgainAt } from "../../src/incident/reading-schedule.ts";

const minute = 60_000;
const paged = Date.UTC(2026, 9, 6, 9, 15);

test("an incident is read again after 2, 5, 15 and 30 minutes, then hourly for a day", () => {
  const times: number[] = [];
  for (let at: number | null = paged; at !== null; at = readAgainAt(paged, { asOf: at, state: "same", since: paged }, []))
    times.push((at - paged) / minute);
  expect(times.slice(0, 7)).toEqual([0, 2, 5, 15, 30, 60, 120]);
  expect(times.at(-1)).toBe(24 * 60);
});

test("nobody waits an hour to hear whether it is over, or whether a rollback helped", () => {
  const asOf = paged + 60 * minute;
  expect(readAgainAt(paged, { asOf, state: "recovering", since: asOf - 2 * minute }, [])).toBe(asOf + 3 * minute);
  expect(readAgainAt(paged, { asOf, state: "same", since: asOf }, [asOf - minute])).toBe(asOf + 6 * minute);
});

test("what is heard is read at once, several within a minute together, and what it did some minutes later", () => {
  const asOf = paged + 60 * minute;
  const last = { asOf, state: "same", since: asOf } as const;
  expect(readAgainAt(paged, last, [], [asOf + 10 * minute])).toBe(asOf + 10 * minute);
  expect(readAgainAt(paged, last, [], [asOf + 10_000, asOf + 20_000])).toBe(asOf + minute);
  // A reading that began after it has seen it.
  expect(readAgainAt(paged, last, [], [asOf - 1])).toBe(paged + 120 * minute);
  const changed = asOf + 9 * minute;
  expect(readAgainAt(paged, { ...last, asOf: changed + minute }, [changed], [changed + minute])).toBe(changed + 7 * minute);
});

test("changes are looked for each minute for half an hour, then every five minutes for some hours, and each minute after the draft was merged", () => {
  const timesFrom = (start: number, mergedAt: number | null) => {
    const times: number[] = [];
    for (let at = lookForChangesAt(paged, start, mergedAt); at !== null; at = lookForChangesAt(paged, at, mergedAt))
      times.push((at - paged) / minute);
    return times;
  };
  const alone = timesFrom(paged, null);
  expect(alone.slice(0, 32)).toEqual([...Array.from({ length: 30 }, (_, index) => index + 1), 35, 40]);
  expect(alone.at(-1)).toBe(240);
  const merged = timesFrom(paged + 300 * minute, paged + 300 * minute);
  expect([merged[0], merged[1], merged.at(-1)]).toEqual([301, 302, 330]);
});
