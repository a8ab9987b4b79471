import { describe, expect, test } from "vitest";
import { parseConfig } from "../../src/config.ts";
import { IntegrationError } from "../../src/guard/errors.ts";
import { createRedaction } from "../../src/guard/redact.ts";
import type { ApprovalRequest } from "../../src/incident/approval-request.ts";
import { APPROVE, approvalsOf, buttonValue } from "../../src/incident/approval.ts";
import type { IncidentEvent } from "../../src/incident/event.ts";
import { incidentLog } from "../../src/store/incident-store.ts";
import { actorMigrations } from "../../src/durable/actor.ts";
import { openNodeSqlite } from "../../src/durable/node-sqlite.ts";
import { migrate } from "../../src/durable/sql.ts";
import { hiddenValueMigrations } from "../../src/store/hidden-values.ts";
import { storeRedaction } from "../../src/store/redaction.ts";
import { redactedClient, redactedRequest } from "../../src/guard/redacted-client.ts";
import { redactionOf } from "../../src/redaction.ts";

const REVEAL_KEY = "reveal-key-of-this-test-0123456789abcdef";
const redaction = createRedaction({ own: [], labelSecret: "of this test alone", revealKey: REVEAL_KEY });
const redactor = redaction.forIncident("pd-P1");
const label = redactor.text("ana@acme.example");

function openLog(kept = redaction) {
  const { sql, close } = openNodeSqlite(":memory:");
  migrate(sql, [...actorMigrations, hiddenValueMigrations]);
  const hidden = () =>
    sql.all<{ pseudonym: string; sealed: Uint8Array }>("select pseudonym, sealed from hidden_value where incident = 'pd-P1'");
  return { log: incidentLog(sql, storeRedaction(kept)), hidden, close };
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

  test("keeps a pull request's words without what people wrote into them, and its files as they are", () => {
    const { log, close } = openLog();
    const told: IncidentEvent = { type: "fix-told", title: "Revert", body: "as ana@acme.example said", byPeople: true, seen: 1 };
    expect(log.append("pd-P1", told, 1, null)?.event).toEqual({ ...told, body: `as ${label} said` });
    const proposed: IncidentEvent = {
      ...{ type: "fix-proposed", kind: "revert", repository: "acme/shop", number: 7, url: "https://github.com/acme/shop/pull/7" },
      ...{ branch: "midwatch/Q1-revert-1", draft: true, title: "Revert", body: "for ana@acme.example", commits: [] },
      files: [{ path: "owners", before: "ana@acme.example", after: "" }],
      base: { branch: "main", sha: "b".repeat(40) },
    };
    expect(log.append("pd-P1", proposed, 1, null)?.event).toEqual({ ...proposed, body: `for ${label}` });
    close();
  });

  test("leaves what a person released to the byte, and who looked at a hidden value by name", () => {
    const { log, close } = openLog();
    const request: ApprovalRequest = {
      ...{ id: "a1", action: "open-fix", requester: "midwatch", expiresAt: 2 },
      payload: { kind: "revert", files: [{ path: "people/ana@acme.example.json", becomes: { blob: "4111111111111111" } }] },
      // A hash may hold what looks like a card's number.
      hash: "4111111111111111 4111 1111 1111 1111",
      summary: "revert for ana@acme.example",
      because: "ana@acme.example is not sure",
    };
    const asked = log.append("pd-P1", { type: "approval-requested", request }, 1, null);
    expect(asked?.event).toEqual({
      type: "approval-requested",
      request: { ...request, summary: `revert for ${label}`, because: `${label} is not sure` },
    });
    const click: IncidentEvent = {
      ...{ type: "slack-action-received", action: APPROVE, user: "U0123ABCD", userId: "U0123ABCD", channel: "C0123ABCD" },
      value: buttonValue(request),
    };
    const pressed = log.append("pd-P1", click, 1, null);
    expect(pressed?.event).toEqual(click);
    expect(approvalsOf([asked, pressed].filter((one) => one !== null)).approvals[0]?.state).toBe("released");
    const look: IncidentEvent = { type: "value-revealed", pseudonym: label, by: "bo@acme.example (1)" };
    expect(log.append("pd-P1", look, 1, null)?.event).toEqual(look);
    close();
  });
});

test("the settings of the sign-in are hidden by value, each of several", () => {
  const [now, before] = ["session secret of now: 0123456789ab", "session secret of before: 0123456789"];
  const { plain } = redactionOf(
    parseConfig({
      ...{
        PAGERDUTY_WEBHOOK_SECRET: "s-of-sixteen-and-more",
        SLACK_BOT_TOKEN: "xoxb-1-of-sixteen-and-more",
        SLACK_SIGNING_SECRET: "s-of-sixteen-and-more",
      },
      OIDC_CLIENT_SECRET: "plain words of the client",
      SESSION_SECRET: `${now},${before}`,
    }),
  );
  for (const value of [now, before, "plain words of the client"]) expect(plain(`it was ${value} then`)).toBe("it was <own-secret> then");
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
