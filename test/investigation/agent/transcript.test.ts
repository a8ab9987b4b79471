import { expect, test } from "vitest";
import type { IncidentEvent, LoggedEvent } from "../../../src/incident/event.ts";
import { messagesOf } from "../../../src/investigation/agent/transcript.ts";

const started: IncidentEvent = {
  ...{ type: "investigation-started", round: 1, model: "model", system: "", tools: [], opening: "the digest" },
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

/** The texts of the opening, of a log whose transcript begins behind these events. */
const openingBehind = (...before: readonly IncidentEvent[]) => {
  const [first] = messagesOf([...before, started].map((event, seq) => ({ seq, at: seq * 1_000, event })));
  return (first?.role === "user" ? first.content : []).map((block) => (block.type === "text" ? block.text : ""));
};

test("what people and the pager said before the model began is told to it with the opening", () => {
  const acked: IncidentEvent = {
    ...{ type: "pager-event-received", eventType: "incident.acknowledged", occurredAt: 5_000 },
    ...{ by: "Ana Ruiz", text: "", page: null },
  };
  const asked = { ...said(1), text: "Look at the route cache first." } as IncidentEvent;
  expect(openingBehind(asked, acked)).toEqual([
    "the digest",
    "A person (U1) wrote in the incident's thread at 00:00:00: Look at the route cache first.",
    "The pager at 00:00:05: incident.acknowledged by Ana Ruiz",
  ]);
  // A transcript that is begun anew, and a later round, know it too.
  expect(openingBehind(started, asked, started)[1]).toMatch(/^A person .*: Look at the route cache first\.$/);
});

test("of very much that was said before it began the model is told the newest", () => {
  const [digest, cut, ...told] = openingBehind(...Array.from({ length: 50 }, (_, index) => said(index)));
  expect([digest, cut]).toEqual(["the digest", expect.stringContaining("slack_thread")]);
  // 10,000 characters hold five of them.
  expect(told.map((text) => /message (\d+) /.exec(text)?.[1])).toEqual(["45", "46", "47", "48", "49"]);
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
