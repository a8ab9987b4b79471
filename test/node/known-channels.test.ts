import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { keepChannelsKnown } from "../../src/node/known-channels.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const minute = 60_000;

test("channels of the catalog stay known while the process lives, whatever fails in between", async () => {
  const asked: (readonly string[])[] = [];
  let isDown = true;
  const slack = {
    knowChannels: async (names: readonly string[]) => {
      asked.push(names);
      if (isDown) throw new Error("slack is down");
    },
  };
  const ending = new AbortController();
  await keepChannelsKnown(slack, ["#incidents"], ending.signal);
  isDown = false;
  // Known for ten minutes: within each ten they are looked up again.
  for (let tens = 2; tens < 5; tens++) {
    await vi.advanceTimersByTimeAsync(10 * minute);
    expect(asked.length).toBeGreaterThanOrEqual(tens);
  }
  expect(new Set(asked.flat())).toEqual(new Set(["#incidents"]));
  const before = asked.length;
  ending.abort();
  await vi.advanceTimersByTimeAsync(60 * minute);
  expect(asked).toHaveLength(before);
});

test("without a channel in the catalog nothing is asked", async () => {
  const slack = { knowChannels: () => Promise.reject(new Error("asked")) };
  await keepChannelsKnown(slack, [], new AbortController().signal);
  expect(vi.getTimerCount()).toBe(0);
});
