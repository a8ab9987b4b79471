import { expect, test } from "vitest";
import { startReplay } from "../../src/replay/server.ts";
import { ORDERS_TIMEOUT } from "../support/bot.ts";
import { command } from "../support/command.ts";

test("investigate looks at a service that a person names, without a page, and posts nothing", async () => {
  await using replay = await startReplay({ folder: ORDERS_TIMEOUT });
  await using one = command(["investigate", "orders"], replay.settings);
  expect(await one.ended).toEqual({ code: 0, signal: null });
  expect(one.stdout()).toMatch(/^\*orders: /);
  expect(one.stdout()).toContain("Asked by you");
  expect(one.stdout()).toContain("From the data alone");
  expect(replay.messages().filter(({ byBot }) => byBot)).toEqual([]);
});
