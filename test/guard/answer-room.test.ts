import { describe, expect, test } from "vitest";
import { createAnswerRoom } from "../../src/guard/answer-room.ts";

const MB = 1024 * 1024;

/** Whether a wait is over, once all that could end it has run. */
async function isOver(wait: Promise<void> | null): Promise<boolean> {
  let over = wait === null;
  void wait?.then(() => (over = true));
  for (let turn = 0; turn < 5; turn++) await Promise.resolve();
  return over;
}

describe("room for answers", () => {
  test("is taken only by long ones: any number of short ones pass while it is full", async () => {
    const room = createAnswerRoom(MB);
    room.enter().take(5 * MB);
    for (let count = 0; count < 1_000; count++) expect(await isOver(room.enter().take(1_000))).toBe(true);
    expect(await isOver(room.enter().take(2 * MB))).toBe(false);
  });

  test("makes a later answer wait until an earlier one was read, and not only until it came", async () => {
    const room = createAnswerRoom(4 * MB);
    const [first, second] = [room.enter(), room.enter()];
    expect(await isOver(first.take(3 * MB))).toBe(true);
    const wait = second.take(3 * MB);
    expect(await isOver(wait)).toBe(false);
    first.leave();
    expect(await isOver(wait)).toBe(true);
  });

  test("never stops all of them: the first that is still coming goes on, however much it takes", async () => {
    const room = createAnswerRoom(2 * MB);
    const places = Array.from({ length: 5 }, () => room.enter());
    const waits = places.map((place) => place.take(MB));
    expect(await Promise.all(waits.map(isOver))).toEqual([true, true, false, false, false]);
    expect(await isOver(places[0]?.take(9 * MB) ?? null)).toBe(true);
    // Each that has come lets the next go on, though nobody has read any of them yet.
    places[0]?.arrived();
    expect(await isOver(places[1]?.take(9 * MB) ?? null)).toBe(true);
    places[1]?.arrived();
    expect(await isOver(waits[2] ?? null)).toBe(true);
  });

  test("gives back once what leaves twice", async () => {
    const room = createAnswerRoom(2 * MB);
    const [first, second, third] = [room.enter(), room.enter(), room.enter()];
    first.take(2 * MB);
    first.leave();
    first.leave();
    second.take(2 * MB);
    expect(await isOver(third.take(MB))).toBe(false);
  });

  test("is given back by an answer that has come and that nobody reads, and not by one that is still coming", async () => {
    const room = createAnswerRoom(2 * MB, 1);
    const [coming, unread, waiting, last] = [room.enter(), room.enter(), room.enter(), room.enter()];
    coming.take(MB);
    unread.take(MB);
    const wait = waiting.take(MB);
    expect(await isOver(wait)).toBe(false);
    unread.arrived();
    await wait;
    expect(await isOver(last.take(MB))).toBe(false);
  });
});
