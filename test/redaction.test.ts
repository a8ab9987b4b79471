import { describe, expect, test } from "vitest";
import { IntegrationError } from "../src/guard/errors.ts";
import { createRedaction } from "../src/guard/redact.ts";
import type { IncidentEvent } from "../src/incident/event.ts";
import { EventLog } from "../src/incident/event-log.ts";
import { incidentMigrations } from "../src/incident/incident.ts";
import { openNodeSqlite } from "../src/incident/node-sqlite.ts";
import { migrate } from "../src/incident/sql.ts";
import { hiddenValueMigrations } from "../src/investigation/hidden-values.ts";
import { redactedClient, redactedRequest, storeRedaction } from "../src/redaction.ts";

const REVEAL_KEY = "reveal-key-of-this-test-0123456789abcdef";
const redaction = createRedaction({ own: [], labelSecret: "of this test alone", revealKey: REVEAL_KEY });
const redactor = redaction.forIncident("pd-P1");
const label = redactor.text("ana@acme.example");

function openLog(kept = redaction) {
  const { sql, close } = openNodeSqlite(":memory:");
  migrate(sql, [...incidentMigrations, hiddenValueMigrations]);
  const hidden = () =>
    sql.all<{ pseudonym: string; sealed: Uint8Array }>("select pseudonym, sealed from hidden_value where incident = 'pd-P1'");
  return { log: new EventLog(sql, storeRedaction(kept)), hidden, close };
}

const said = (text: string): IncidentEvent => ({
  type: "slack-message-received",
  channel: "C0123ABCD",
  ts: "1767225600.000100",
  threadTs: null,
  user: "U0123ABCD",
  text,
});

describe("the event log", () => {
  test("keeps every text without what must not be kept, and the value behind a pseudonym sealed beside it", () => {
    const { log, hidden, close } = openLog();
    const logged = log.append("pd-P1", said("ana@acme.example has password=hunter22"), 1, null);
    expect(logged?.event).toEqual(said(`${label} has password=<password>`));
    expect(log.read("pd-P1")).toEqual([logged]);
    const [row, ...more] = hidden();
    expect(more).toEqual([]);
    expect(row?.pseudonym).toBe(label);
    expect(Buffer.from(row?.sealed ?? []).toString("latin1")).not.toContain("ana");
    expect(redaction.unseal("pd-P1", row!)).toBe("ana@acme.example");
    // Bound to its incident.
    expect(redaction.unseal("pd-P2", row!)).toBeNull();
    close();
  });

  test("keeps nothing to reveal without a key", () => {
    const { log, hidden, close } = openLog(createRedaction({ own: [], labelSecret: "of this test alone" }));
    expect(log.append("pd-P1", said("ana@acme.example"), 1, null)?.event).toEqual(said(label));
    expect(hidden()).toEqual([]);
    close();
  });

  test("leaves the model's own turns as they came, for they go back signed", () => {
    const { log, close } = openLog();
    const content = [
      { type: "thinking", thinking: "ask ana@acme.example", signature: "EqQBCkYIBxgCKkA4111111111111111" },
      { type: "tool_use", id: "toolu_01ABCDE12345678Z", name: "slack_thread", input: { from: "ana@acme.example" } },
    ];
    const toolUses = [{ id: "toolu_01ABCDE12345678Z", name: "slack_thread", input: { from: "ana@acme.example" }, whole: true }];
    const usage = { inputTokens: 1, cacheReadTokens: 0, cacheWrite5mTokens: 0, cacheWrite1hTokens: 0, outputTokens: 1, thinkingTokens: 0 };
    const turn: IncidentEvent = {
      ...{ type: "model-turn", seen: 1, model: "m", content, toolUses, text: "ana@acme.example" },
      ...{ stopReason: "tool_use", usage, cost: 0, tookMs: 1 },
    };
    expect(log.append("pd-P1", turn, 1, null)?.event).toEqual({ ...turn, text: label });
    close();
  });
});

describe("a vendor's client", () => {
  const answer = (text: string) => ({
    source: "x",
    query: "q",
    window: null,
    link: null,
    value: [{ text }],
    raw: JSON.stringify([text]),
    cut: null,
  });
  const client = redactedClient(
    {
      names: ["kept"],
      read: async (text: string) => answer(text),
      name: async () => "ana@acme.example",
      fail: async () => Promise.reject(new IntegrationError("sentry", "no access for ana@acme.example")),
      look: async (take: { told(one: unknown): void }) => take.told(answer("ana@acme.example")),
    },
    redactor,
  );

  test("answers without what must not be read, raw and parsed alike", async () => {
    expect(await client.read("ana@acme.example\nghp_" + "aB3dE5fG7h".repeat(4))).toMatchObject({
      value: [{ text: `${label}\n<github-token>` }],
      raw: `["${label}\\n<github-token>"]`,
    });
    expect(await client.name()).toBe(label);
    expect(client.names).toEqual(["kept"]);
  });

  test("also what it hands to a callback, and the words of its errors", async () => {
    const told: unknown[] = [];
    await client.look({ told: (one) => void told.push(one) });
    expect(told).toMatchObject([{ value: [{ text: label }] }]);
    await expect(client.fail()).rejects.toThrow(`no access for ${label}`);
  });
});

test("what code says to a model passes the last net, the model's own turns do not", () => {
  const own = { role: "assistant", content: [{ type: "text", text: "bo@acme.example" }] } as const;
  const id = "toolu_4111111111111111";
  const { messages } = redactedRequest(
    {
      system: "s",
      tools: [],
      messages: [own, { role: "user", content: [{ type: "tool_result", tool_use_id: id, content: `${label} bo@acme.example` }] }],
    },
    redaction,
  );
  expect(messages).toEqual([own, { role: "user", content: [{ type: "tool_result", tool_use_id: id, content: `${label} <email>` }] }]);
});
