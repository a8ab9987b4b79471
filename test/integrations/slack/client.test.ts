import { describe, expect, test } from "vitest";
import { ForbiddenError, IntegrationError, RateLimitedError, TimedOutError, UnexpectedAnswerError } from "../../../src/guard/errors.ts";
import type { OutgoingCall } from "../../../src/guard/outgoing.ts";
import { toMessage } from "../../../src/integrations/slack/block-kit.ts";
import { createSlackClient, MessageGoneError, SlackRefusalError } from "../../../src/integrations/slack/client.ts";
import { haveContracts, readContract } from "../../support/contracts.ts";
import { failureOf } from "../../support/failure.ts";
import { json, listen, type Loopback } from "../../support/loopback.ts";
import { loadArguments } from "../../support/slack-arguments.ts";

const CANARY = "xoxb-canary-0123456789";
const NOW = 1_760_000_000_000;
type Answer = object | ((parameters: URLSearchParams) => object);

/** A Slack that knows these answers by method; `ok: true` is added where nothing says otherwise. Several are given one after the other. */
const slack = (answers: Readonly<Record<string, Answer | readonly Answer[]>>, status = 200, headers: Record<string, string> = {}) => {
  const asked = new Map<string, number>();
  return listen((request, response) => {
    const method = request.url.replace("/api/", "");
    const turn = asked.get(method) ?? 0;
    asked.set(method, turn + 1);
    const known = answers[method] ?? { ok: false, error: "unknown_method" };
    const answer: Answer = Array.isArray(known) ? ((known[turn] ?? known.at(-1)) as Answer) : (known as Answer);
    json(
      response,
      status,
      { ok: true, ...(typeof answer === "function" ? answer(new URLSearchParams(request.body)) : answer) },
      { "x-oauth-scopes": "chat:write,channels:read", ...headers },
    );
  });
};

const clientOf = (
  server: Loopback,
  more: { waits?: number[]; calls?: OutgoingCall[]; timeoutMs?: number; now?: () => number; token?: string } = {},
) =>
  createSlackClient({
    baseUrl: `${server.url}/api`,
    token: more.token ?? CANARY,
    fetch: (input, init) => fetch(input, init),
    sleep: (ms) => Promise.resolve(void more.waits?.push(ms)),
    random: () => 0,
    now: more.now ?? (() => NOW),
    ...(more.calls === undefined ? {} : { onCall: (call) => void more.calls?.push(call) }),
    ...(more.timeoutMs === undefined ? {} : { timeoutMs: more.timeoutMs }),
  });

const fieldsOf = (server: Loopback, index: number) => Object.fromEntries(new URLSearchParams(server.seen[index]?.body));
const methodsOf = (server: Loopback) => server.seen.map(({ url }) => url.replace("/api/", ""));
const noLink = { "chat.getPermalink": { ok: false, error: "message_not_found" } };

describe("channels", () => {
  const channel = (id: string, name: string, more: object = {}) => ({ id, name, is_member: true, ...more });

  test("are found by name over several pages, and known for ten minutes", async () => {
    await using paged = await slack({
      "conversations.list": [
        { channels: [channel("C01", "general")], response_metadata: { next_cursor: "next" } },
        { channels: [channel("C02", "incidents")], response_metadata: { next_cursor: "" } },
      ],
    });
    let now = NOW;
    const client = clientOf(paged, { now: () => now });
    expect((await client.resolveChannel("#incidents")).value).toEqual({
      about: "",
      id: "C02",
      name: "incidents",
      shared: false,
      archived: false,
      private: false,
      member: true,
    });
    expect((await client.resolveChannel("#incidents")).value.id).toBe("C02");
    expect(paged.seen.map((_, index) => fieldsOf(paged, index)["cursor"])).toEqual([undefined, "next"]);
    now += 11 * 60_000;
    await client.resolveChannel("#incidents");
    expect(paged.seen).toHaveLength(3);
  });

  test("that were looked up ahead of a message cost it no call, names with one list for all", async () => {
    await using server = await slack({
      "conversations.list": { channels: [channel("C01", "general"), channel("C02", "incidents"), channel("C03", "payments")] },
      "conversations.info": { channel: channel("C0SEARCH", "search", { is_ext_shared: true }) },
    });
    let now = NOW;
    const client = clientOf(server, { now: () => now });
    const catalog = ["#incidents", "payments", "#nowhere", "C0SEARCH"];
    await client.knowChannels(catalog);
    expect(methodsOf(server)).toEqual(["conversations.list", "conversations.info"]);
    const found = await Promise.all(["#incidents", "payments", "C0SEARCH"].map((name) => client.resolveChannel(name)));
    expect(found.map(({ value: { id, shared } }) => [id, shared])).toEqual([
      ["C02", false],
      ["C03", false],
      ["C0SEARCH", true],
    ]);
    expect(server.seen).toHaveLength(2);
    // Who reads along is asked again, although it is known.
    now += 8 * 60_000;
    await client.knowChannels(catalog);
    now += 8 * 60_000;
    await client.resolveChannel("#incidents");
    expect(server.seen).toHaveLength(4);
    expect(await failureOf(client.resolveChannel("#nowhere"))).toMatchObject({ code: "channel_not_found" });
  });

  test("are looked up by id", async () => {
    await using server = await slack({
      "conversations.info": { channel: channel("C0INCIDENT", "incidents", { is_archived: true, is_private: true, is_member: false }) },
    });
    expect((await clientOf(server).resolveChannel("C0INCIDENT")).value).toEqual({
      about: "",
      id: "C0INCIDENT",
      name: "incidents",
      shared: false,
      archived: true,
      private: true,
      member: false,
    });
    expect(fieldsOf(server, 0)).toEqual({ channel: "C0INCIDENT" });
  });

  test.each([
    [{ is_ext_shared: true }, true],
    [{ is_pending_ext_shared: true }, true],
    [{ is_shared: true }, true],
    [{ is_shared: true, is_org_shared: true }, false],
    [{}, false],
  ])("tell whether another organisation reads along: %j", async (more, shared) => {
    await using server = await slack({ "conversations.info": { channel: channel("C01", "x", more) } });
    expect((await clientOf(server).channelInfo("C01")).value.shared).toBe(shared);
  });

  test("that nobody knows are an error that says what to do", async () => {
    await using server = await slack({ "conversations.list": { channels: [] } });
    const failure = await failureOf(clientOf(server).resolveChannel("#nowhere"));
    expect(failure).toBeInstanceOf(SlackRefusalError);
    expect(failure).toMatchObject({ code: "channel_not_found", message: expect.stringMatching(/#nowhere.*\/invite @midwatch/) });
  });

  test("are found without the scope for private ones, among the public ones", async () => {
    await using server = await slack({
      "conversations.list": (parameters: URLSearchParams) =>
        parameters.get("types") === "public_channel"
          ? { channels: [channel("C01", "incidents")] }
          : { ok: false, error: "missing_scope", needed: "groups:read", provided: "channels:read" },
    });
    expect((await clientOf(server).resolveChannel("incidents")).value.id).toBe("C01");
  });
});

describe("messages", () => {
  test("are posted with their key and without previews; a reply's address, which nobody shows, costs no call", async () => {
    await using server = await slack({
      "chat.postMessage": { channel: "C01", ts: "1760000000.000100" },
      "chat.getPermalink": { permalink: "https://acme.slack.test/archives/C01/p1760000000000100" },
    });
    const message = toMessage([{ text: "*checkout* is slow" }]);
    const { value } = await clientOf(server).postMessage({
      ...message,
      channel: "C01",
      threadTs: "1759999999.000001",
      key: "PPAGE1:brief",
    });
    expect(value).toEqual({ channel: "C01", ts: "1760000000.000100", link: null });
    expect(server.seen).toHaveLength(1);
    const first = await clientOf(server).postMessage({ ...message, channel: "C01", threadTs: null, key: "PPAGE1:status" });
    expect(first.value.link).toBe("https://acme.slack.test/archives/C01/p1760000000000100");
    const { blocks, metadata, ...rest } = fieldsOf(server, 0);
    expect(JSON.parse(blocks ?? "")).toEqual(message.blocks);
    expect(JSON.parse(metadata ?? "")).toMatchObject({ event_payload: { key: "PPAGE1:brief" } });
    expect(rest).toEqual({
      channel: "C01",
      text: "*checkout* is slow",
      thread_ts: "1759999999.000001",
      unfurl_links: "false",
      unfurl_media: "false",
      parse: "none",
      link_names: "false",
    });
  });

  test("without an address are posted all the same", async () => {
    await using server = await slack({ "chat.postMessage": { channel: "C01", ts: "1.1" }, ...noLink });
    expect((await clientOf(server).postMessage({ channel: "C01", threadTs: null, text: "x", key: "k" })).value.link).toBeNull();
    expect(fieldsOf(server, 0)).not.toHaveProperty("thread_ts");
  });

  test("are not posted twice when no answer comes, while an edit may be sent again", async () => {
    await using server = await slack({}, 503);
    const client = clientOf(server);
    expect(await failureOf(client.postMessage({ channel: "C01", text: "x", key: "k" }))).toMatchObject({ status: 503, retryable: true });
    expect(methodsOf(server)).toEqual(["chat.postMessage"]);
    expect(await failureOf(client.updateMessage({ channel: "C01", ts: "1.1", text: "x" }))).toMatchObject({ status: 503 });
    expect(methodsOf(server).filter((method) => method === "chat.update")).toHaveLength(3);
  });

  test("are edited in place; no blocks means none", async () => {
    await using server = await slack({ "chat.update": { channel: "C01", ts: "1.1", text: "x" } });
    expect((await clientOf(server).updateMessage({ channel: "C01", ts: "1.1", text: "x" })).value).toEqual({ channel: "C01", ts: "1.1" });
    expect(fieldsOf(server, 0)).toMatchObject({ channel: "C01", ts: "1.1", text: "x", blocks: "[]" });
    expect(fieldsOf(server, 0)).not.toHaveProperty("metadata");
  });

  test("that somebody deleted can be told from all other failures", async () => {
    await using server = await slack({
      "chat.update": { ok: false, error: "message_not_found" },
      "chat.postMessage": { ok: false, error: "thread_not_found" },
    });
    const client = clientOf(server);
    expect(await failureOf(client.updateMessage({ channel: "C01", ts: "1.1", text: "x" }))).toBeInstanceOf(MessageGoneError);
    expect(await failureOf(client.postMessage({ channel: "C01", threadTs: "1.1", text: "x", key: "k" }))).toBeInstanceOf(MessageGoneError);
  });

  test("are found again by their key, in the channel and in a thread", async () => {
    const marked = (ts: string, key: string, type?: string) => ({
      type: "message",
      ts,
      text: "x",
      metadata: { event_type: type ?? "midwatch_message", event_payload: { key } },
    });
    await using server = await slack({
      "conversations.history": [
        {
          messages: [{ type: "message", ts: "9.1", text: "k1" }, marked("9.2", "k1", "another_app"), marked("9.3", "k2")],
          has_more: true,
          response_metadata: { next_cursor: "n" },
        },
        { messages: [marked("9.4", "k1")], has_more: false },
      ],
      "conversations.replies": { messages: [marked("8.1", "root"), marked("8.2", "k1")], has_more: false },
      "chat.getPermalink": (parameters: URLSearchParams) => ({ permalink: `https://x.test/${parameters.get("message_ts")}` }),
    });
    const client = clientOf(server);
    expect((await client.findByKey({ channel: "C01", threadTs: null, key: "k1", since: NOW })).value).toEqual({
      channel: "C01",
      ts: "9.4",
      link: "https://x.test/9.4",
    });
    expect(fieldsOf(server, 0)).toEqual({
      channel: "C01",
      oldest: "1759999940.000000",
      inclusive: "true",
      include_all_metadata: "true",
      limit: "200",
    });
    expect((await client.findByKey({ channel: "C01", threadTs: "8.1", key: "k1", since: NOW })).value?.ts).toBe("8.2");
    expect((await client.findByKey({ channel: "C01", threadTs: "8.1", key: "k9", since: NOW })).value).toBeNull();
  });

  test("of a thread are read as their authors saw them", async () => {
    await using server = await slack({
      "conversations.replies": {
        messages: [
          {
            ts: "8.1",
            user: "U0BOT",
            bot_id: "B01",
            text: "status",
            metadata: { event_type: "midwatch_message", event_payload: { key: "k" } },
          },
          { ts: "8.2", user: "U01", text: "is it &lt;db&gt;?" },
        ],
      },
      "users.info": { user: { id: "U01", name: "ana", real_name: "Ana Q", profile: { display_name: "", real_name: "Ana Q" } } },
    });
    const client = clientOf(server);
    expect((await client.threadReplies({ channel: "C01", threadTs: "8.1", since: NOW })).value).toEqual([
      { ts: "8.1", user: "U0BOT", byBot: true, text: "status", key: "k" },
      { ts: "8.2", user: "U01", byBot: false, text: "is it <db>?", key: null },
    ]);
    expect([await client.userName("U01"), await client.userName("U01")]).toEqual(["Ana Q", "Ana Q"]);
    expect(methodsOf(server)).toEqual(["conversations.replies", "users.info"]);
  });
});

describe("refusals in words", () => {
  const refused = async (error: string, more: object = {}) => {
    await using server = await slack({ "chat.postMessage": { ok: false, error, ...more } });
    return await failureOf(clientOf(server).postMessage({ channel: "#incidents", text: "x", key: "k" }));
  };
  test.each([
    ["not_in_channel", {}, /not in channel #incidents.*\/invite @midwatch/],
    ["channel_not_found", {}, /no channel #incidents that midwatch can see/],
    ["is_archived", {}, /channel #incidents is archived/],
    ["msg_too_long", {}, /too long.*report/],
    [
      "invalid_blocks",
      { response_metadata: { messages: ["[ERROR] must be less than 3001 characters [json-pointer:/blocks/0/text/text]"] } },
      /not valid.*json-pointer:\/blocks\/0/,
    ],
    ["restricted_action", {}, /workspace's settings.*admin/],
    ["something_new", {}, /Slack refused it\. \(something_new\)/],
    ["__proto__", {}, /Slack refused it/],
  ])("%s", async (error, more, words) => {
    const failure = await refused(error, more);
    expect(failure).toBeInstanceOf(SlackRefusalError);
    expect(failure).toMatchObject({ vendor: "slack", code: error, message: expect.stringMatching(words) });
  });

  test.each(["invalid_auth", "not_authed", "account_inactive", "token_revoked"])("%s is about the token", async (error) => {
    const failure = await refused(error);
    expect(failure).toBeInstanceOf(ForbiddenError);
    expect(failure).toMatchObject({ status: 401, message: expect.stringContaining("SLACK_BOT_TOKEN") });
  });

  test("missing_scope names the scope", async () => {
    const failure = await refused("missing_scope", { needed: "chat:write", provided: "channels:read" });
    expect(failure).toMatchObject({ status: 403, message: expect.stringMatching(/the scope chat:write.*docs\/slack-manifest\.yaml/) });
  });

  test("a passing trouble of Slack's may be tried again, a refusal not", async () => {
    expect([await refused("internal_error"), await refused("invalid_blocks")]).toMatchObject([{ retryable: true }, { retryable: false }]);
    expect(await refused("ratelimited")).toBeInstanceOf(RateLimitedError);
  });
});

describe("the one way out", () => {
  test("waits as long as a 429 says, then posts once, every try in the audit", async () => {
    let turn = 0;
    await using server = await listen((_request, response) => {
      if (turn++ === 0) json(response, 429, { ok: false, error: "ratelimited" }, { "retry-after": "3" });
      else json(response, 200, { ok: true, user_id: "U0BOT", team_id: "T01" });
    });
    const waits: number[] = [];
    const calls: OutgoingCall[] = [];
    expect((await clientOf(server, { waits, calls }).authTest()).value.botUserId).toBe("U0BOT");
    expect(waits).toEqual([3_000]);
    expect(calls.map(({ vendor, status, url }) => [vendor, status, new URL(url).pathname])).toEqual([
      ["slack", 429, "/api/auth.test"],
      ["slack", 200, "/api/auth.test"],
    ]);
  });

  test("says how long when the wait is too long", async () => {
    await using server = await slack({}, 429, { "retry-after": "120" });
    const failure = await failureOf(clientOf(server).authTest());
    expect(failure).toBeInstanceOf(RateLimitedError);
    expect(failure).toMatchObject({ retryAfterMs: 120_000 });
  });

  test("names the token's owner and scopes", async () => {
    await using server = await slack({
      "auth.test": { user_id: "U0BOT", user: "midwatch", team_id: "T01", team: "Acme", url: "https://acme.slack.test/", bot_id: "B01" },
    });
    expect((await clientOf(server).authTest()).value).toEqual({
      teamId: "T01",
      team: "Acme",
      enterpriseId: null,
      url: "https://acme.slack.test/",
      botUserId: "U0BOT",
      botUser: "midwatch",
      botId: "B01",
      scopes: ["chat:write", "channels:read"],
    });
  });

  test("an answer that is no JSON, or of another shape, is named as such", async () => {
    await using server = await listen((_request, response) => json(response, 200, "<html>hello</html>"));
    expect(await failureOf(clientOf(server).authTest())).toBeInstanceOf(UnexpectedAnswerError);
    await using odd = await slack({ "auth.test": { user_id: 5 } });
    expect(await failureOf(clientOf(odd).authTest())).toMatchObject({ message: expect.stringContaining("user_id") });
  });

  test("a server that never answers is a timeout; an abort ends the call with its own reason", async () => {
    await using server = await listen(() => undefined);
    expect(await failureOf(clientOf(server, { timeoutMs: 50 }).authTest())).toBeInstanceOf(TimedOutError);
    const controller = new AbortController();
    const pending = failureOf(clientOf(server).authTest(controller.signal));
    controller.abort(new Error("the deadline passed"));
    expect(await pending).toMatchObject({ message: "the deadline passed" });
  });

  test("no error shows the token, not even one that HTTP does not allow", async () => {
    await using server = await slack({ "auth.test": { ok: false, error: "invalid_auth" } });
    for (const token of [CANARY, `${CANARY}\n`]) {
      const failure = await failureOf(clientOf(server, { token }).authTest());
      expect(failure).toBeInstanceOf(IntegrationError);
      expect(
        JSON.stringify(failure, Object.getOwnPropertyNames(failure)) + String(failure instanceof Error ? failure.cause : ""),
      ).not.toContain(CANARY);
    }
    expect(server.seen[0]?.headers.authorization).toBe(`Bearer ${CANARY}`);
  });
});

describe.runIf(haveContracts("slack"))("Slack's contract", () => {
  interface Methods {
    methods: Record<
      string,
      { scope: { bot?: string[] }; errors?: Record<string, unknown>; examples?: Record<string, { example?: object }> }
    >;
  }

  test("arguments keep to it, and its own examples are understood", async () => {
    const { methods } = readContract<Methods>("slack/api-ref-methods.json.gz");
    const example = (method: string, name: string) => methods[method]?.examples?.[name]?.example ?? {};
    await using server = await slack({
      "auth.test": example("auth.test", "success_with_bot_token"),
      "conversations.list": example("conversations.list", "success"),
      "conversations.info": example("conversations.info", "success"),
      "conversations.history": example("conversations.history", "success"),
      "conversations.replies": example("conversations.replies", "success"),
      "chat.postMessage": example("chat.postMessage", "success"),
      "chat.update": example("chat.update", "success"),
      "chat.getPermalink": example("chat.getPermalink", "success"),
      "users.info": example("users.info", "success"),
    });
    const client = clientOf(server);
    const message = toMessage([{ text: "x" }, { text: "y", small: true }]);
    expect((await client.authTest()).value.botId).toBe("BZYBOTHED");
    expect((await client.resolveChannel("#general")).value.id).toBe("C012AB3CD");
    expect((await client.channelInfo("C012AB3CD")).value.shared).toBe(false);
    expect((await client.postMessage({ ...message, channel: "C012AB3CD", threadTs: "1503435956.000247", key: "k" })).value.ts).toMatch(
      /^\d+\.\d+$/,
    );
    expect((await client.updateMessage({ ...message, channel: "C012AB3CD", ts: "1503435956.000247" })).value.ts).toMatch(/^\d+\.\d+$/);
    expect((await client.findByKey({ channel: "C012AB3CD", key: "k", since: 0 })).value).toBeNull();
    expect((await client.threadReplies({ channel: "C012AB3CD", threadTs: "1503435956.000247" })).value.length).toBeGreaterThan(1);
    expect((await client.permalink({ channel: "C012AB3CD", ts: "1503435956.000247" })).value).toMatch(/^https:/);
    const history = await client.channelHistory({ channel: "C012AB3CD", window: { from: 0, to: Date.parse("2026-01-01T00:00:00Z") } });
    expect(history.value.length).toBeGreaterThan(1);
    expect(await client.userName("W012A3CDE")).toBe("spengler");
    const { argumentProblems } = loadArguments();
    expect(server.seen.flatMap(({ url, body }) => argumentProblems(url.replace("/api/", ""), body))).toEqual([]);
    expect(argumentProblems("chat.postMessage", "text=x")).not.toEqual([]);
    expect(new Set(methodsOf(server)).size).toBe(9);
  });

  test("the refusals that are told apart are Slack's words", () => {
    const { methods } = readContract<Methods>("slack/api-ref-methods.json.gz");
    const documented = new Set(Object.values(methods).flatMap(({ errors }) => Object.keys(errors ?? {})));
    const told = [
      "channel_not_found",
      "not_in_channel",
      "is_archived",
      "missing_scope",
      "invalid_auth",
      "msg_too_long",
      "invalid_blocks",
      "message_not_found",
      "thread_not_found",
      "ratelimited",
      "rate_limited",
    ];
    expect(told.filter((code) => !documented.has(code))).toEqual([]);
  });
});
