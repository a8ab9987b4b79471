import { expect, test } from "vitest";
import type { IncidentEvent, LoggedEvent } from "../../src/incident/event.ts";
import { messagesOf } from "../../src/investigation/transcript.ts";

const started: IncidentEvent = {
  ...{ type: "investigation-started", round: 1, model: "model", system: "", tools: [], opening: "the digest", spentToday: 0 },
};
const said = (index: number): IncidentEvent => ({
  ...{ type: "slack-message-received", channel: "C1", ts: `1.${index}`, threadTs: "1.0", user: "U1" },
  text: `message ${index} ${"x".repeat(1_900)}`,
});
const logOf = (count: number): LoggedEvent[] =>
  [started, ...Array.from({ length: count }, (_, index) => said(index))].map((event, seq) => ({ seq, at: seq * 1_000, event }));

test("a thread with very many messages does not fill the model's window; it is told where the rest is", () => {
  const [few, many, more] = [logOf(5), logOf(500), logOf(501)].map((log) => JSON.stringify(messagesOf(log)));
  expect(few).toContain("message 4 ");
  expect(few).not.toContain("slack_thread");
  expect(many?.length).toBeLessThan(25_000);
  expect(many).toContain("slack_thread");
  // The same messages again, so that what was read once is read from the cache.
  expect(more).toBe(many);
});
