import { createHmac } from "node:crypto";
import * as fc from "fast-check";
import { APPROVE, REFUSE } from "../../src/incident/approval.ts";
import { signPagerduty } from "../../src/replay/pagerduty/webhook.ts";
import { CHANNEL, everybody, HOME } from "../support/slack-people.ts";

/** Signing secrets of the bot that is fuzzed. */
export const secrets = { pagerduty: "fuzz-webhook-secret", slack: "fuzz-signing-secret" };

type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/** One request as it goes over the wire, but for its signature, which is made when it is sent. */
export interface HostileRequest {
  readonly path: "/webhooks/pagerduty" | "/slack/events";
  readonly body: Uint8Array;
  /** Names and values byte by byte (latin1), line breaks among them. */
  readonly headers: readonly (readonly [string, string])[];
  /** `right`: of this body, now; others are not to be let in. */
  readonly signature: "right" | "of another body" | "by another secret" | "old" | "missing" | { readonly text: string };
  /** How the body is framed: as HTTP says, or as it must not be. */
  readonly framing: "length" | "chunked" | "both" | "too short" | "bad chunk" | "cut";
}

/** Pages, so that some meet and most are new; a pool, so that a log grows to some hundred events and no further. */
const pagerId = fc.integer({ min: 0, max: 299 }).map((n) => `QFUZZ${n}`);
const eventId = fc.integer({ min: 0, max: 49_999 }).map((n) => `01FUZZ${n}`);
/** Threads that the bot has begun, for the fake Slack counts its messages so. */
const threadTs = fc.integer({ min: 1, max: 200 }).map((n) => `1700000000.${String(n).padStart(6, "0")}`);
const user = fc.constantFrom(...Object.keys(everybody));
const words = fc.constantFrom("ready?", "stop", "what changed?", `<@${HOME.user_id}> why`, "it is back", "");
const unique = fc.integer({ min: 0, max: 1_000_000 });

const pagerEventType = fc.constantFrom(
  "incident.triggered",
  "incident.acknowledged",
  "incident.resolved",
  "incident.annotated",
  "incident.priority_updated",
  "incident.responder.added",
  "service.updated",
  "pagey.ping",
);

/** Deliveries as "Webhooks v3 overview" has them. */
const pagerdutyBody = fc
  .record({ type: pagerEventType, id: pagerId, event: eventId, note: words })
  .map(({ type, id, event, note }): Json => ({
    event: {
      id: event,
      event_type: type,
      resource_type: type.split(".")[0] ?? "",
      occurred_at: "2026-01-01T10:00:00.000Z",
      agent: type === "incident.triggered" ? null : { id: "PUSER1", type: "user_reference", summary: "Ana", html_url: null },
      client: { name: "Monitoring Service" },
      data:
        type === "incident.annotated"
          ? { id: "PNOTE1", type: "incident_note", content: note, incident: { id, type: "incident_reference", summary: null } }
          : {
              id,
              type: "incident",
              number: 12,
              title: "High error rate",
              status: type === "incident.resolved" ? "resolved" : "triggered",
              urgency: "high",
              created_at: "2026-01-01T09:59:58Z",
              html_url: `https://acme.pagerduty.test/incidents/${id}`,
              service: { id: "PSVC1", type: "service_reference", summary: "checkout", html_url: null },
              assignees: [{ id: "PUSER1", type: "user_reference", summary: "Ana" }],
              escalation_policy: { id: "PEP1", type: "escalation_policy_reference", summary: "On call" },
              teams: [],
              priority: null,
              conference_bridge: null,
              incident_type: { name: "incident_default" },
            },
    },
  }));

const slackEvent = fc
  .record({ user, thread: threadTs, text: words, n: unique, type: fc.constantFrom("message", "app_mention") })
  .map(({ user: by, thread, text, n, type }): Json => ({
    token: "t",
    team_id: HOME.team_id,
    api_app_id: "A1",
    type: "event_callback",
    event_id: `Ev${n}`,
    event_time: 1_700_000_000,
    authorizations: [{ enterprise_id: null, team_id: HOME.team_id, user_id: HOME.user_id, is_bot: true }],
    is_ext_shared_channel: false,
    event: {
      type,
      channel: CHANNEL,
      user: by,
      text,
      ts: `1700000100.${String(n).padStart(6, "0")}`,
      thread_ts: thread,
      team: HOME.team_id,
    },
  }));
const slackVerification = fc.string().map((challenge): Json => ({ type: "url_verification", token: "t", challenge }));
const slackClick = fc
  .record({
    user,
    thread: threadTs,
    n: unique,
    action: fc.constantFrom(APPROVE, REFUSE, "other"),
    value: fc.constantFrom("1:ab", "", "{}"),
  })
  .map(({ user: by, thread, n, action, value }): Json => ({
    type: "block_actions",
    user: { id: by, username: by.toLowerCase(), team_id: HOME.team_id },
    api_app_id: "A1",
    container: { type: "message", message_ts: thread, channel_id: CHANNEL, thread_ts: thread },
    trigger_id: `1.2.${n}`,
    team: { id: HOME.team_id, domain: "acme" },
    enterprise: null,
    channel: { id: CHANNEL, name: "incidents" },
    message: { type: "message", ts: thread, thread_ts: thread },
    response_url: "https://hooks.slack.test/actions/1",
    actions: [{ type: "button", action_id: action, block_id: "b", value, action_ts: "1.1" }],
  }));
const slackCommand = fc.record({ user, n: unique, text: words }).map(({ user: by, n, text }): Json => ({
  token: "t",
  team_id: HOME.team_id,
  team_domain: "acme",
  channel_id: CHANNEL,
  user_id: by,
  user_name: by.toLowerCase(),
  command: "/midwatch",
  text,
  trigger_id: `3.4.${n}`,
}));

/** Values that software trips over. */
const hostileValue: fc.Arbitrary<Json> = fc.oneof(
  fc.constantFrom<Json>(
    ...[
      null,
      true,
      "",
      " ",
      "\u0000",
      "\ud800",
      "\u202e",
      "__proto__",
      "constructor",
      "toString",
      "../../etc/passwd",
      "'; drop table event; --",
    ],
    ...[0, -0, -1, 1e308, Number.MAX_SAFE_INTEGER, 4_294_967_296, 0.1],
    ...[
      "9999-99-99T99:99:99Z",
      "+275760-09-13T00:00:00Z",
      "-000001-01-01T00:00:00Z",
      "1700000000.000001",
      "javascript:alert(1)",
      "http://[::1",
    ],
    ...[
      "<!channel> <@U1|x> <https://evil.test|a>",
      "${7*7}{{7*7}}",
      "%00%ff",
      "a".repeat(20_000),
      "\u0301".repeat(2_000),
      "🏴󠁧󠁢".repeat(500),
    ],
    [],
    {},
  ),
  fc.string({ unit: "binary", maxLength: 40 }),
  fc.jsonValue({ maxDepth: 3 }) as fc.Arbitrary<Json>,
  fc.integer({ min: 100, max: 20_000 }).map((depth) => `~deep~${depth}~`),
);

/** JSON as text. What is nested deeper than a program could write down by recursion is put in here. */
const written = (value: Json): string =>
  JSON.stringify(value).replace(/"~deep~(\d+)~"/g, (_, depth: string) => "[".repeat(Number(depth)) + "]".repeat(Number(depth)));

type Step = { readonly at: number; readonly how: "replace" | "remove" | "wrap" | "rename"; readonly by: Json };

/** Places of a value, itself first. */
function placesOf(value: Json, path: readonly string[] = []): (readonly string[])[] {
  if (value === null || typeof value !== "object" || path.length > 20) return [path];
  return [path, ...Object.entries(value).flatMap(([key, inner]) => placesOf(inner, [...path, key]))];
}

function changed(value: Json, path: readonly string[], step: Step): Json {
  const [key, ...rest] = path;
  if (key === undefined) return step.how === "wrap" ? [value, step.by] : step.by;
  const entries = Object.entries(value as object) as [string, Json][];
  const next = entries.flatMap(([name, inner]): [string, Json][] => {
    if (name !== key) return [[name, inner]];
    if (rest.length > 0) return [[name, changed(inner, rest, step)]];
    if (step.how === "remove") return [];
    if (step.how === "rename") return [[typeof step.by === "string" ? step.by : "__proto__", inner]];
    return [[name, step.how === "wrap" ? [inner, step.by] : step.by]];
  });
  return Array.isArray(value) ? next.map(([, inner]) => inner) : Object.fromEntries(next);
}

function mutated(value: Json, steps: readonly Step[]): Json {
  return steps.reduce((so, step) => {
    const places = placesOf(so);
    return changed(so, places[step.at % places.length] ?? [], step);
  }, value);
}

const steps = fc.oneof(
  { weight: 2, arbitrary: fc.constant<Step[]>([]) },
  {
    weight: 8,
    arbitrary: fc.array(
      fc.record({
        at: fc.nat({ max: 10_000 }),
        how: fc.constantFrom("replace" as const, "replace" as const, "remove" as const, "wrap" as const, "rename" as const),
        by: hostileValue,
      }),
      { minLength: 1, maxLength: 4 },
    ),
  },
);
const asJson = (sample: fc.Arbitrary<Json>): fc.Arbitrary<string> =>
  fc.tuple(sample, steps).map(([value, how]) => written(mutated(value, how)));
const field = (value: Json): string => (typeof value === "string" ? value.toWellFormed() : JSON.stringify(value));
const asForm = (sample: fc.Arbitrary<Json>): fc.Arbitrary<string> =>
  fc.tuple(sample, steps).map(([value, how]) => {
    const fields = mutated(value, how);
    const pairs = fields !== null && typeof fields === "object" ? Object.entries(fields) : [["text", fields] as const];
    return new URLSearchParams(pairs.map(([name, inner]): [string, string] => [name.toWellFormed(), field(inner as Json)])).toString();
  });

/** Bytes that were hurt on the way. */
const hurt = (text: fc.Arbitrary<string>): fc.Arbitrary<Uint8Array> =>
  fc.oneof(
    { weight: 8, arbitrary: text.map((whole) => Buffer.from(whole)) },
    { weight: 1, arbitrary: fc.tuple(text, fc.nat()).map(([whole, at]) => Buffer.from(whole).subarray(0, at % (whole.length + 1))) },
    {
      weight: 1,
      arbitrary: fc
        .tuple(text, fc.array(fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 })), { minLength: 1, maxLength: 6 }))
        .map(([whole, flips]) => {
          const bytes = Buffer.from(whole);
          for (const [at, byte] of flips) if (bytes.length > 0) bytes[at % bytes.length] = byte;
          return bytes;
        }),
    },
  );
const junk = fc.oneof(
  fc.uint8Array({ maxLength: 400 }),
  fc.string({ unit: "binary", maxLength: 400 }).map((text) => Buffer.from(text)),
  fc
    .constantFrom(
      "",
      "null",
      "[]",
      "0",
      '"',
      "{}",
      "payload=",
      "payload=%",
      "payload=null",
      "command=",
      "ssl_check=1",
      "\ufeff{}",
      "{".repeat(50_000),
    )
    .map((text) => Buffer.from(text)),
  // Larger than what is taken. Rare, for it costs as much as all the others together.
  fc.nat({ max: 60 }).map((n) => (n === 0 ? Buffer.alloc(1_200_000, "a") : Buffer.from("a=b"))),
);

const json = "application/json";
const form = "application/x-www-form-urlencoded";
type Sent = Pick<HostileRequest, "path" | "body"> & { readonly type: string };
const sent = (path: HostileRequest["path"], type: string, body: fc.Arbitrary<Uint8Array>): fc.Arbitrary<Sent> =>
  body.map((bytes) => ({ path, type, body: bytes }));
const wrapped = (text: fc.Arbitrary<string>) => text.map((payload) => new URLSearchParams({ payload: payload.toWellFormed() }).toString());
const anySent: fc.Arbitrary<Sent> = fc.oneof(
  { weight: 10, arbitrary: sent("/webhooks/pagerduty", json, hurt(asJson(pagerdutyBody))) },
  { weight: 4, arbitrary: sent("/slack/events", json, hurt(asJson(slackEvent))) },
  { weight: 1, arbitrary: sent("/slack/events", json, hurt(asJson(slackVerification))) },
  { weight: 4, arbitrary: sent("/slack/events", form, hurt(wrapped(asJson(slackClick)))) },
  { weight: 2, arbitrary: sent("/slack/events", form, hurt(asForm(slackCommand))) },
  { weight: 1, arbitrary: sent("/webhooks/pagerduty", json, junk) },
  { weight: 1, arbitrary: sent("/slack/events", form, junk) },
);

const headerText = fc.oneof(
  fc.string({ unit: "grapheme-ascii", maxLength: 60 }),
  fc.uint8Array({ maxLength: 60 }).map((bytes) => Buffer.from(bytes).toString("latin1")),
  fc.constantFrom(
    "",
    " ",
    "-1",
    "NaN",
    "1e999",
    "0x10",
    "a".repeat(7_000),
    "v1=",
    `v1=${"0".repeat(64)}`,
    `v0=${"f".repeat(64)}`,
    "é",
    "a\r\nx-more: 1",
  ),
);
const headerName = fc.constantFrom(
  ...[
    "x-webhook-id",
    "x-slack-retry-num",
    "x-slack-retry-reason",
    "content-type",
    "content-encoding",
    "accept",
    "cookie",
    "origin",
    "expect",
  ],
  ...[
    "x-forwarded-for",
    "x-forwarded-host",
    "x-forwarded-proto",
    "forwarded",
    "x-http-method-override",
    "user-agent",
    "authorization",
    "__proto__",
  ],
  ...["content-length", "transfer-encoding", "connection", "upgrade", "host", "range", "if-none-match", "te", "trailer"],
);
const hostileHeaders = fc.oneof(
  { weight: 3, arbitrary: fc.constant([]) },
  { weight: 2, arbitrary: fc.array(fc.tuple(headerName, headerText), { minLength: 1, maxLength: 4 }) },
  {
    weight: 1,
    arbitrary: fc.integer({ min: 1, max: 3_000 }).map((n) => Array.from({ length: n }, (_, at): [string, string] => [`x-${at}`, "1"])),
  },
);

const inShort = (text: string) => (text.length > 300 ? `${text.slice(0, 150)} … (${text.length}) … ${text.slice(-150)}` : text);

/** One request to either endpoint: about half of them signed, most of those of a shape that is nearly right. */
export const hostileRequest: fc.Arbitrary<HostileRequest> = fc
  .record({
    sent: anySent,
    more: hostileHeaders,
    signature: fc.oneof(
      { weight: 12, arbitrary: fc.constant("right" as const) },
      {
        weight: 4,
        arbitrary: fc.constantFrom("of another body" as const, "by another secret" as const, "old" as const, "missing" as const),
      },
      { weight: 1, arbitrary: headerText.map((text) => ({ text })) },
    ),
    type: fc.oneof(
      { weight: 9, arbitrary: fc.constant(null) },
      { weight: 1, arbitrary: fc.constantFrom(json, form, "text/plain", "multipart/form-data") },
    ),
    delivery: fc.option(unique, { freq: 4 }),
    framing: fc.oneof(
      { weight: 16, arbitrary: fc.constant("length" as const) },
      { weight: 2, arbitrary: fc.constant("chunked" as const) },
      { weight: 1, arbitrary: fc.constantFrom("both" as const, "too short" as const, "bad chunk" as const, "cut" as const) },
    ),
  })
  .map(({ sent: { path, body, type: usual }, more, signature, type, delivery, framing }): HostileRequest => ({
    path,
    body,
    signature,
    framing,
    headers: [["content-type", type ?? usual], ...(delivery === null ? [] : [["x-webhook-id", `d-${delivery}`] as const]), ...more],
  }))
  .map((request) => ({
    ...request,
    // So that a person can read a counterexample.
    [fc.toStringMethod]: () => {
      const { path, signature, framing, headers, body } = request;
      const named = headers.map(([name, value]) => `${name}: ${inShort(value)}`).slice(0, 8);
      return `POST ${path} signature ${JSON.stringify(signature)}, framing ${framing}, headers ${JSON.stringify(named)}, body ${JSON.stringify(inShort(Buffer.from(body).toString("latin1")))}`;
    },
  }));

/** The headers that say who sent a body. @param now epoch milliseconds */
export function signatureHeaders({ path, body, signature }: HostileRequest, now: number): (readonly [string, string])[] {
  if (signature === "missing") return [];
  const of = signature === "of another body" ? Buffer.concat([body, Buffer.from(" ")]) : body;
  // PagerDuty signs no time, so a webhook of theirs is never too old; it is known by its ids.
  const wrong = signature === "by another secret" || (signature === "old" && path === "/webhooks/pagerduty");
  const secret = wrong ? "another secret" : path === "/slack/events" ? secrets.slack : secrets.pagerduty;
  if (path === "/webhooks/pagerduty") {
    const text = typeof signature === "object" ? signature.text : signPagerduty([secret], Buffer.from(of).toString());
    return [["x-pagerduty-signature", text]];
  }
  const timestamp = String(Math.floor(now / 1_000) - (signature === "old" ? 3_600 : 0));
  const digest = createHmac("sha256", secret).update(`v0:${timestamp}:`).update(of).digest("hex");
  const text = typeof signature === "object" ? signature.text : `v0=${digest}`;
  return [
    ["x-slack-request-timestamp", typeof signature === "object" ? signature.text : timestamp],
    ["x-slack-signature", text],
  ];
}
