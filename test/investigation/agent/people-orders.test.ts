import { expect, test } from "vitest";
import { ordersSinceEnd } from "../../../src/investigation/agent/people-orders.ts";

const order = (text: string, toBot = false) =>
  ordersSinceEnd([
    {
      ...{ seq: 1, at: 0 },
      event: {
        ...{ type: "slack-message-received", channel: "C1", ts: "1.1", threadTs: "1.0", user: "U1", text },
        ...(toBot ? { toBot } : {}),
      },
    },
  ]);

test.each(["stop", "Stop.", "please stop", "stop it now, please", "midwatch stop", "midwatch: please cancel", "@midwatch, halt!"])(
  "“%s” stops midwatch",
  (text) => {
    expect(order(text)).toBe("stop");
  },
);

test.each(["@bob stop it", "<@U123> stop", "stop @bob", "stop the deploy", "midwatch stop @bob", "don't stop", "stopping now", ""])(
  "“%s” is said to others, or no order",
  (text) => {
    expect(order(text)).toBeNull();
  },
);

test("a mention of midwatch by its id is one of midwatch", () => {
  expect(order("@U0BOT stop", true)).toBe("stop");
  expect(order("<@U0BOT> go on please", true)).toBe("resume");
  expect(order("@bob stop, @U0BOT says so", true)).toBeNull();
});

test.each([
  "stop" + " ".repeat(1_000_000) + "x",
  "resume" + "\n".repeat(1_000_000) + "x",
  "stop," + " ,".repeat(500_000) + "x",
  "@".repeat(1_000_000),
])("a message of a megabyte is no order, and is read in one pass", (text) => {
  expect(order(text)).toBeNull();
});

test("somebody who may not act can stop midwatch, and starts nothing", () => {
  const said = (text: string) => ({ type: "slack-message-received" as const, channel: "C1", ts: "1.1", threadTs: "1.0", user: "U1", text });
  const barred = (text: string) => ordersSinceEnd([{ seq: 1, at: 0, event: { ...said(text), mayNotAsk: true } }]);
  expect([barred("stop"), barred("resume"), barred("try again")]).toEqual(["stop", null, null]);
});
