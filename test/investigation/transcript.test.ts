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

const usage = { inputTokens: 1, cacheReadTokens: 0, cacheWrite5mTokens: 0, cacheWrite1hTokens: 0, outputTokens: 1, thinkingTokens: 0 };
const turn = (seq: number, toolUses: readonly string[], stopReason = "tool_use"): IncidentEvent => ({
  ...{ type: "model-turn", seen: seq, model: "model", text: "", stopReason, usage, cost: 0, tookMs: 1 },
  content: toolUses.map((id) => ({ type: "tool_use", id, name: "t", input: {} })),
  toolUses: toolUses.map((id) => ({ id, name: "t", input: {}, whole: true })),
});
const answered = (...ids: string[]): IncidentEvent => ({
  type: "tools-answered",
  answers: ids.map((id) => ({ id, name: "t", evidence: [], view: `view of ${id}`, fact: "", failed: false, tookMs: 1 })),
  note: null,
});
const patch: IncidentEvent = { type: "fix-work-started", attempt: 1, text: "write the patch" };
const numbered = (...events: readonly IncidentEvent[]): LoggedEvent[] => events.map((event, seq) => ({ seq, at: seq, event }));

test("a patch is asked for behind the last result, and what was sent before stays as it was", () => {
  const before = numbered(started, turn(0, ["a"]), answered("a"), turn(2, ["b"]), answered("b"));
  const after = [...before, ...numbered(patch).map((logged) => ({ ...logged, seq: 5 }))];
  const [old, now] = [messagesOf(before), messagesOf(after)];
  expect(now.slice(0, -1)).toEqual(old.slice(0, -1));
  expect(now.at(-1)).toEqual({
    role: "user",
    content: [
      { type: "tool_result", tool_use_id: "b", content: "view of b" },
      { type: "text", text: "write the patch" },
    ],
  });
});

test("calls that an ended piece of work left without an answer have one before the next is asked for", () => {
  const messages = messagesOf(numbered(started, turn(0, ["a", "b"]), patch));
  expect(messages.at(-1)?.content).toEqual([
    { type: "tool_result", tool_use_id: "a", content: expect.stringContaining("Not run"), is_error: true },
    { type: "tool_result", tool_use_id: "b", content: expect.stringContaining("Not run"), is_error: true },
    { type: "text", text: "write the patch" },
  ]);
});

test("a turn that ends without a call is told of the tool that its work ends with", () => {
  const told = (log: readonly LoggedEvent[]) => JSON.stringify(messagesOf(log).at(-1)?.content);
  for (const reason of ["end_turn", "max_tokens"]) {
    expect(told(numbered(started, turn(0, [], reason)))).not.toContain("patch");
    const onFix = told(numbered(started, turn(0, ["a"]), answered("a"), patch, turn(3, [], reason)));
    expect(onFix).toContain("patch");
    expect(onFix).not.toContain("submit_finding");
  }
});
