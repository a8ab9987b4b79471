import { createHmac } from "node:crypto";
import { serve } from "@hono/node-server";
import { Hono } from "hono";
import { describe, expect, test } from "vitest";
import { createBolt } from "../../src/slack/bolt.ts";
import { createSlackReceiver, type SlackHandlerOptions, type SlackInbound } from "../../src/slack/receiver.ts";
import { haveContracts, readContract } from "../support/contracts.ts";

const SECRET = "made-up-signing-secret";
const NOW = 1_760_000_000_000;

const signed = (body: string, at = NOW / 1000, secret = SECRET) => ({
  "x-slack-request-timestamp": String(at),
  "x-slack-signature": `v0=${createHmac("sha256", secret).update(`v0:${at}:${body}`).digest("hex")}`,
});
const formOf = (fields: Record<string, string>) => new URLSearchParams(fields).toString();

type Ask = (body: string, contentType: string, headers?: Record<string, string>) => Promise<Response>;
interface Receiver {
  readonly ask: Ask;
  readonly event: (event: object, more?: object, headers?: Record<string, string>) => Promise<Response>;
  readonly heard: SlackInbound[];
  readonly errors: unknown[];
}

/** A receiver that remembers what it heard; waits are not waited for, `slow` ones never end first. */
function receiverWith(through: "bolt" | "itself", options: Partial<SlackHandlerOptions> = {}): Receiver {
  const heard: SlackInbound[] = [];
  const errors: unknown[] = [];
  const handler: SlackHandlerOptions = {
    onInbound: (inbound) => Promise.resolve(void heard.push(inbound)),
    onError: (error) => void errors.push(error),
    ...options,
  };
  const connection = { baseUrl: "http://127.0.0.1:1/api", token: "xoxb-test", fetch: () => Promise.reject(new Error("nothing is asked")) };
  const app = new Hono();
  const receive = createSlackReceiver({
    ...handler,
    signingSecret: SECRET,
    now: () => NOW,
    ...(through === "bolt" ? { bolt: createBolt(connection, handler).dispatch } : {}),
  });
  app.all("/slack/events", (c) => receive(c.req.raw));
  const ask: Ask = async (body, contentType, headers) =>
    app.request("/slack/events", { method: "POST", body, headers: { "content-type": contentType, ...signed(body), ...headers } });
  return {
    ask,
    event: (event, more = {}, headers = {}) =>
      ask(JSON.stringify({ type: "event_callback", event_id: "Ev01", team_id: "T01", event, ...more }), "application/json", headers),
    heard,
    errors,
  };
}

const said = {
  type: "message",
  channel: "C01",
  user: "U01",
  ts: "1760000000.000100",
  thread_ts: "1759999999.000001",
  text: "is it &lt;payments&gt;?",
  team: "T01",
};
const click = {
  type: "block_actions",
  trigger_id: "13.37.abc",
  team: { id: "T01", domain: "acme" },
  user: { id: "U01", username: "ana", team_id: "T01" },
  channel: { id: "C01", name: "incidents" },
  container: { type: "message", message_ts: "1760000000.000100", channel_id: "C01", thread_ts: "1759999999.000001" },
  actions: [{ type: "button", action_id: "finding-right", block_id: "b", value: "PPAGE1", action_ts: "1760000001.1" }],
};
const command = {
  command: "/midwatch",
  text: " status PPAGE1 ",
  team_id: "T01",
  user_id: "U01",
  user_name: "ana",
  channel_id: "C01",
  trigger_id: "7.7.c",
  response_url: "http://127.0.0.1:1/r",
};
const FORM = "application/x-www-form-urlencoded";

describe.each(["itself", "bolt"] as const)("what people do is heard through %s", (through) => {
  test("a reply in a thread", async () => {
    const { event, heard } = receiverWith(through);
    const response = await event(said);
    expect([response.status, await response.text()]).toEqual([200, ""]);
    expect(heard).toEqual([
      {
        type: "message",
        key: "C01:1760000000.000100",
        eventId: "Ev01",
        teamId: "T01",
        enterpriseId: null,
        fromOutside: false,
        retry: null,
        channel: "C01",
        ts: "1760000000.000100",
        threadTs: "1759999999.000001",
        user: "U01",
        text: "is it <payments>?",
        toBot: false,
      },
    ]);
  });

  test("a mention, with the same key as the message event of the same post", async () => {
    const { event, heard } = receiverWith(through);
    await event({ ...said, thread_ts: undefined });
    await event({ ...said, type: "app_mention", thread_ts: undefined, text: "<@U0BOT> look" }, { event_id: "Ev02" });
    expect(heard.map(({ type, key }) => [type, key])).toEqual([
      ["message", "C01:1760000000.000100"],
      ["mention", "C01:1760000000.000100"],
    ]);
    expect(heard[1]).toMatchObject({ threadTs: null, text: "@U0BOT look", eventId: "Ev02" });
  });

  test("whom a post calls: midwatch, by the user that Slack tells, or somebody else", async () => {
    const { event, heard } = receiverWith(through);
    const authorizations = [{ user_id: "U0BOT", team_id: "T01", is_bot: true }];
    await event({ ...said, text: "<@U0BOT> why?" }, { authorizations });
    await event({ ...said, text: "<@U02> why?", ts: "1760000000.000200" }, { authorizations, event_id: "Ev02" });
    await event({ ...said, text: "<@U0BOT> why?", ts: "1760000000.000300" }, { event_id: "Ev03" });
    expect(heard.map((one) => "toBot" in one && one.toBot)).toEqual([true, false, false]);
  });

  test("a picture that midwatch shared is nobody's word, also where Slack names no app", async () => {
    const { event, heard } = receiverWith(through);
    const authorizations = [{ user_id: "U0BOT", team_id: "T01", is_bot: true }];
    await event({ ...said, subtype: "file_share", user: "U0BOT", text: "" }, { authorizations });
    await event({ ...said, subtype: "file_share", text: "see this", ts: "1760000000.000200" }, { authorizations, event_id: "Ev02" });
    expect(heard.map(({ type }) => type)).toEqual(["message"]);
  });

  test("a click on a button", async () => {
    const { ask, heard } = receiverWith(through);
    const response = await ask(formOf({ payload: JSON.stringify(click) }), FORM);
    expect([response.status, await response.text()]).toEqual([200, ""]);
    expect(heard).toEqual([
      {
        type: "action",
        key: "13.37.abc",
        eventId: null,
        teamId: "T01",
        enterpriseId: null,
        fromOutside: false,
        retry: null,
        action: "finding-right",
        value: "PPAGE1",
        user: "U01",
        userName: "ana",
        channel: "C01",
        messageTs: "1760000000.000100",
        threadTs: "1759999999.000001",
        trigger: "13.37.abc",
      },
    ]);
  });

  test("a command, which may be answered at once", async () => {
    const heard: SlackInbound[] = [];
    const { ask } = receiverWith(through, {
      onInbound: (inbound) => Promise.resolve(heard.push(inbound) > 0 ? "open: <!channel> & more" : undefined),
    });
    const response = await ask(formOf(command), FORM);
    expect(await response.json()).toEqual({ response_type: "ephemeral", text: "open: &lt;!channel&gt; &amp; more" });
    expect(heard).toMatchObject([
      { type: "command", key: "7.7.c", command: "/midwatch", text: "status PPAGE1", user: "U01", userName: "ana", channel: "C01" },
    ]);
    const quiet = receiverWith(through);
    const silent = await quiet.ask(formOf({ ...command, text: "" }), FORM);
    expect([silent.status, await silent.text()]).toEqual([200, ""]);
  });

  test("that it comes again is told", async () => {
    const { event, heard } = receiverWith(through);
    await event(said, {}, { "x-slack-retry-num": "2", "x-slack-retry-reason": "http_timeout" });
    expect(heard[0]?.retry).toEqual({ num: 2, reason: "http_timeout" });
  });

  test("people and channels of another organisation are marked", async () => {
    const { event, ask, heard } = receiverWith(through);
    await event({ ...said, user_team: "T99" });
    await event(said, { is_ext_shared_channel: true });
    await ask(formOf({ payload: JSON.stringify({ ...click, user: { ...click.user, team_id: "T99" } }) }), FORM);
    // Whose organisation nobody tells is nobody's of ours.
    await ask(formOf({ payload: JSON.stringify({ ...click, user: { id: "U01", username: "ana" } }) }), FORM);
    expect(heard.map(({ fromOutside }) => fromOutside)).toEqual([true, true, true, true]);
  });

  test("in an organisation of several workspaces a colleague of another one is no outsider where the channel is shared with nobody else", async () => {
    const { event, ask, heard } = receiverWith(through);
    const ours = { enterprise_id: "E01", is_ext_shared_channel: false };
    await event({ ...said, user_team: "E01" }, ours);
    await event({ ...said, user_team: "T02", ts: "1760000000.000200" }, ours);
    await event({ ...said, user_team: "T02", ts: "1760000000.000300" }, { ...ours, is_ext_shared_channel: true });
    await event({ ...said, user_team: "T02", ts: "1760000000.000400" }, { enterprise_id: "E01" });
    const colleague = { ...click, enterprise: { id: "E01", name: "Acme" }, user: { ...click.user, team_id: "T02" } };
    await ask(formOf({ payload: JSON.stringify(colleague) }), FORM);
    expect(heard.map(({ fromOutside, enterpriseId }) => [fromOutside, enterpriseId])).toEqual([
      [false, "E01"],
      [false, "E01"],
      [true, "E01"],
      [true, "E01"],
      // Who clicks is looked up by whoever obeys.
      [false, "E01"],
    ]);
  });

  test.each([
    ["a message of an app", { ...said, bot_id: "B01" }],
    [
      "a link that was unfolded",
      { type: "message", subtype: "message_changed", channel: "C01", ts: "1.2", message: said, previous_message: said },
    ],
    ["somebody joined", { ...said, subtype: "channel_join" }],
    ["a kind of event that nobody asked for", { type: "reaction_added", user: "U01", item: {} }],
    ["a message without an author", { type: "message", channel: "C01", ts: "1.2", text: "x" }],
    ["a message whose channel is no id", { ...said, channel: "../x" }],
  ])("%s is accepted and passed over", async (_what, event) => {
    const receiver = receiverWith(through);
    expect((await receiver.event(event)).status).toBe(200);
    expect([receiver.heard, receiver.errors]).toEqual([[], []]);
  });

  test("what can't be stored is asked for again: 500 for events and clicks, words for a command", async () => {
    const full = new Error("disk full");
    const { event, ask, errors } = receiverWith(through, { onInbound: () => Promise.reject(full) });
    expect((await event(said)).status).toBe(500);
    expect((await ask(formOf({ payload: JSON.stringify(click) }), FORM)).status).toBe(500);
    expect(await (await ask(formOf(command), FORM)).json()).toMatchObject({
      response_type: "ephemeral",
      text: expect.stringContaining("try again"),
    });
    expect(errors).toEqual([full, full, full]);
  });

  test("a signed body that is not as Slack documents it is heard or passed over, and no error", async () => {
    const { ask, event, heard } = receiverWith(through);
    // Names that every object has, and nesting that recursion does not come down to.
    expect((await event(said, { team_id: "__proto__" })).status).toBe(200);
    const deep = `${"[".repeat(20_000)}${"]".repeat(20_000)}`;
    const body = JSON.stringify({
      type: "event_callback",
      event_id: "Ev02",
      team_id: "T01",
      event: { ...said, ts: "1760000000.000200" },
      x: 0,
    });
    expect((await ask(body.replace('"x":0', `"x":${deep}`), "application/json")).status).toBe(200);
    expect(heard.map(({ key }) => key)).toEqual(["C01:1760000000.000100", "C01:1760000000.000200"]);
    const nameless = { ...click, actions: [{ ...click.actions[0], action_id: null }] };
    expect((await ask(formOf({ payload: JSON.stringify(nameless) }), FORM)).status).toBe(200);
    expect(heard).toHaveLength(2);
  });

  test("slow work is answered in time and goes on", async () => {
    const { promise: release, resolve: finish } = Promise.withResolvers<void>();
    const kept: Promise<unknown>[] = [];
    const done: string[] = [];
    const waits: number[] = [];
    const slow: Partial<SlackHandlerOptions> = {
      onInbound: async ({ type }) => {
        await release;
        done.push(type);
      },
      sleep: (ms) => Promise.resolve(void waits.push(ms)),
      waitUntil: (work) => void kept.push(work),
    };
    const { event, ask } = receiverWith(through, slow);
    expect((await event(said)).status).toBe(200);
    expect(await (await ask(formOf(command), FORM)).json()).toMatchObject({ text: expect.stringContaining("on it") });
    expect(done).toEqual([]);
    finish();
    await Promise.all(kept);
    expect(done).toEqual(["message", "command"]);
    expect(Math.max(...waits)).toBeLessThan(3_000);
  });

  test("the handshake and the certificate check are answered without waking anybody", async () => {
    const { ask, heard } = receiverWith(through);
    const handshake = JSON.stringify({ type: "url_verification", token: "t", challenge: "3eZbrw" });
    expect(await (await ask(handshake, "application/json")).json()).toEqual({ challenge: "3eZbrw" });
    expect((await ask("ssl_check=1&token=x", FORM)).status).toBe(200);
    expect(heard).toEqual([]);
  });
});

describe("who may ask, and how", () => {
  const { ask, heard } = receiverWith("itself");
  const body = JSON.stringify({ type: "event_callback", event: said });
  test("a wrong or old signature is 401, whatever the body", async () => {
    expect((await ask(body, "application/json", signed(body, NOW / 1000, "other"))).status).toBe(401);
    expect((await ask(body, "application/json", signed(body, NOW / 1000 - 301))).status).toBe(401);
    expect((await ask(body, "application/json", signed(body, NOW / 1000 + 301))).status).toBe(401);
    expect((await ask(`${body} `, "application/json", signed(body))).status).toBe(401);
    expect((await ask("not json", "application/json", signed("x"))).status).toBe(401);
    expect(heard).toEqual([]);
  });

  test.each([
    ["JSON that is none", "{", "application/json"],
    ["JSON that is no object", "[1]", "application/json"],
    ["nothing", "", "application/json"],
    ["a payload that is no JSON", "payload=%7B", FORM],
    ["a form of something else", "a=1", FORM],
    ["a handshake without a challenge", JSON.stringify({ type: "url_verification" }), "application/json"],
  ])("%s is 400", async (_what, raw, contentType) => {
    expect((await ask(raw, contentType)).status).toBe(400);
  });

  test("a browser learns nothing; Slack's look at the certificate is answered", async () => {
    const receive = createSlackReceiver({ signingSecret: SECRET, onInbound: () => Promise.resolve(), onError: () => undefined });
    expect((await receive(new Request("http://x.test/slack/events"))).status).toBe(405);
    expect((await receive(new Request("http://x.test/slack/events?ssl_check=1"))).status).toBe(200);
  });
});

interface Vector {
  readonly name: string;
  readonly secret: string;
  readonly timestamp_header: string | null;
  readonly body: string;
  readonly signature_header: string | null;
  readonly now: number;
  readonly valid: boolean;
}

describe.runIf(haveContracts("slack"))("Slack's contract", () => {
  test("every signing vector is answered as it should be, over real HTTP", async () => {
    const { vectors } = readContract<{ vectors: Vector[] }>("slack/signing-vectors.json");
    let receive = (_request: Request): Promise<Response> => Promise.resolve(new Response(null, { status: 503 }));
    const server = serve({ fetch: (request) => receive(request), port: 0, hostname: "127.0.0.1" });
    await new Promise<void>((resolve) => server.once("listening", () => resolve()));
    const address = server.address();
    const port = typeof address === "object" && address !== null ? address.port : 0;
    const wrong: object[] = [];
    for (const { name, secret, timestamp_header: timestamp, body, signature_header: signature, now, valid } of vectors) {
      receive = createSlackReceiver({
        signingSecret: secret,
        now: () => now * 1000,
        onInbound: () => Promise.resolve(),
        onError: () => undefined,
      });
      const headers = {
        "content-type": body.startsWith("{") ? "application/json" : FORM,
        ...(timestamp === null ? {} : { "x-slack-request-timestamp": timestamp }),
        ...(signature === null ? {} : { "x-slack-signature": signature }),
      };
      const { status } = await fetch(`http://127.0.0.1:${port}/slack/events`, { method: "POST", headers, body });
      if (status !== (valid ? 200 : 401)) wrong.push({ name, valid, status });
    }
    await new Promise<void>((resolve) => server.close(() => resolve()));
    expect(vectors.length).toBeGreaterThan(10);
    expect(wrong).toEqual([]);
  });

  // The samples hold every field ever seen with empty values: a body of that shape must be readable, whatever it is about.
  const filled = (sample: unknown): unknown => {
    if (Array.isArray(sample)) return sample.map(filled);
    if (typeof sample !== "object" || sample === null) return sample;
    return Object.fromEntries(
      Object.entries(sample).map(([name, value]) => {
        if (value !== "") return [name, filled(value)];
        if (name === "ts" || name.endsWith("_ts")) return [name, "1760000000.000100"];
        return [name, name === "id" || ["user", "channel", "team", "user_id", "channel_id", "team_id"].includes(name) ? "X01" : ""];
      }),
    );
  };

  test.each(["itself", "bolt"] as const)("every documented event and payload is accepted through %s", async (through) => {
    const { events } = readContract<{ events: Record<string, { event?: { type?: string } }> }>("slack/event-payloads.json");
    const { payloads } = readContract<{ payloads: Record<string, Record<string, unknown>> }>("slack/app-backend-payloads.json");
    const receiver = receiverWith(through);
    const statuses: (readonly [string, number])[] = [];
    for (const [name, payload] of Object.entries(events)) {
      const body = JSON.stringify({ ...(filled(payload) as object), type: "event_callback", event_id: `Ev-${name}` });
      statuses.push([name, (await receiver.ask(body, "application/json")).status]);
    }
    for (const [name, payload] of Object.entries(payloads)) {
      const isCommand = name.includes("slash-commands");
      const whole = filled(payload) as Record<string, string>;
      const body = isCommand
        ? formOf({ ...whole, command: "/midwatch", is_enterprise_install: "false" })
        : formOf({ payload: JSON.stringify(whole) });
      statuses.push([name, (await receiver.ask(body, FORM)).status]);
    }
    expect(statuses.filter(([, status]) => status !== 200)).toEqual([]);
    expect(statuses.length).toBeGreaterThan(90);
    expect(receiver.errors).toEqual([]);
    expect([...new Set(receiver.heard.map(({ type }) => type))].toSorted()).toEqual([
      ...["action", "channel", "command", "deleted", "home-opened", "mention", "message", "shortcut", "submission"],
    ]);
  });

  test.each(["itself", "bolt"] as const)(
    "every one of them is answered within three seconds through %s, however busy midwatch is",
    async (through) => {
      const { events } = readContract<{ events: Record<string, object> }>("slack/event-payloads.json");
      const { payloads } = readContract<{ payloads: Record<string, object> }>("slack/app-backend-payloads.json");
      const waits: number[] = [];
      const busy = receiverWith(through, { onInbound: () => new Promise(() => undefined), sleep: async (ms) => void waits.push(ms) });
      const answers: (readonly [string, number])[] = [];
      for (const [name, payload] of Object.entries(events)) {
        const body = JSON.stringify({ ...(filled(payload) as object), type: "event_callback", event_id: `Ev-${name}` });
        answers.push([name, (await busy.ask(body, "application/json")).status]);
      }
      for (const [name, payload] of Object.entries(payloads)) {
        const whole = filled(payload) as Record<string, string>;
        const fields = name.includes("slash-commands") ? { ...whole, command: "/midwatch" } : { payload: JSON.stringify(whole) };
        answers.push([name, (await busy.ask(formOf(fields), FORM)).status]);
      }
      expect(answers.filter(([, status]) => status !== 200)).toEqual([]);
      // What midwatch has a use for waited for its work, and not for long.
      expect(waits.length).toBeGreaterThan(8);
      expect(Math.max(...waits)).toBeLessThan(3_000);
    },
  );
});
