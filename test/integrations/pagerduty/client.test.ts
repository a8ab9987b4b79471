import { describe, expect, test } from "vitest";
import { ForbiddenError, IntegrationError, RateLimitedError, TimedOutError, UnexpectedAnswerError } from "../../../src/guard/errors.ts";
import type { OutgoingCall } from "../../../src/guard/outgoing.ts";
import { connect } from "../../../src/integrations/pagerduty/call.ts";
import { createPagerdutyClient } from "../../../src/integrations/pagerduty/client.ts";
import { contractFile, haveContracts, readContract } from "../../support/contracts.ts";
import { loadContract } from "../../support/openapi.ts";
import { failureOf } from "../../support/failure.ts";
import { json, listen, type Loopback, type SeenRequest } from "../../support/loopback.ts";

const CANARY = "canary-key-0123456789";
type Answer = readonly [status: number, body: unknown, headers?: Record<string, string>];

/** A PagerDuty that knows these answers by method and path; several for one are given one after the other, the last one for good. */
const pagerduty = (answers: Readonly<Record<string, readonly Answer[]>>) => {
  const asked = new Map<string, number>();
  return listen((request, response) => {
    const what = `${request.method} ${request.url.split("?")[0]}`;
    const turn = asked.get(what) ?? 0;
    asked.set(what, turn + 1);
    const known = answers[what] ?? [];
    const [status, body, headers] = known[turn] ?? known.at(-1) ?? [404, { error: { message: "Not Found", code: 2100 } }];
    json(response, status, body, headers);
  });
};

const clientOf = (server: Loopback, more: { waits?: number[]; calls?: OutgoingCall[]; timeoutMs?: number; token?: string } = {}) =>
  createPagerdutyClient({
    baseUrl: `${server.url}/`,
    token: more.token ?? CANARY,
    fetch: (input, init) => fetch(input, init),
    sleep: (ms) => Promise.resolve(void more.waits?.push(ms)),
    random: () => 0,
    ...(more.calls === undefined ? {} : { onCall: (call) => void more.calls?.push(call) }),
    ...(more.timeoutMs === undefined ? {} : { timeoutMs: more.timeoutMs }),
  });

const incident = {
  id: "PPAGE1",
  type: "incident",
  incident_number: 1234,
  title: "checkout is slow",
  status: "acknowledged",
  urgency: "high",
  created_at: "2026-01-02T03:04:05-05:00",
  html_url: "https://acme.pagerduty.com/incidents/PPAGE1",
  service: { id: "PSERV1", summary: "Checkout" },
  assignments: [{ at: "2026-01-02T03:04:05Z", assignee: { id: "PUSER1", summary: "Ana" } }],
  acknowledgements: [{ at: "2026-01-02T08:06:05Z", acknowledger: { id: "PUSER1", summary: "Ana" } }],
  escalation_policy: { id: "PEP1", summary: "Shop" },
  teams: [{ id: "PTEAM1", summary: "Shop" }],
  priority: { id: "PPRIO1", summary: "P2" },
};
const alert = (details: unknown, more: object = {}) => ({
  id: "QALERT1",
  type: "alert",
  summary: "checkout is slow",
  status: "triggered",
  severity: "critical",
  created_at: "2026-01-02T08:04:05Z",
  body: { type: "alert_body", contexts: [], details },
  ...more,
});
const page = [[200, { incident }]] as const;

describe("a page", () => {
  test("is read with who has it and what the monitors said", async () => {
    await using server = await pagerduty({
      "GET /incidents/PPAGE1": page,
      "GET /incidents/PPAGE1/alerts": [
        [
          200,
          {
            alerts: [
              alert(
                {
                  title: "p95 above 2 s",
                  tags: ["env:prod", "service:checkout"],
                  query: { metric: "p95", over: 2 },
                  body: '{"host":"web-1"}',
                  note: "one\ntwo: three",
                  none: null,
                },
                {
                  body: {
                    details: {
                      title: "p95 above 2 s",
                      tags: ["env:prod", "service:checkout"],
                      query: { metric: "p95", over: 2 },
                      body: '{"host":"web-1"}',
                      note: "one\ntwo: three",
                      none: null,
                    },
                    contexts: [{ type: "link", href: "https://grafana.test/d/1", text: "graph" }],
                  },
                },
              ),
              alert("plain text", { summary: "another alert" }),
            ],
            more: false,
          },
        ],
      ],
    });
    const answer = await clientOf(server).readPage("PPAGE1");
    expect(answer).toMatchObject({
      source: "PagerDuty",
      query: "GET /incidents/PPAGE1 and its alerts",
      cut: null,
      link: incident.html_url,
    });
    expect(answer.value).toEqual({
      pager: "pagerduty",
      pagerTitle: "PagerDuty",
      id: "PPAGE1",
      number: 1234,
      title: "checkout is slow",
      details: [
        "title: p95 above 2 s",
        "tags: env:prod, service:checkout",
        "query.metric: p95",
        "query.over: 2",
        "body.host: web-1",
        "note: one",
        "  two: three",
        "link: https://grafana.test/d/1 (graph)",
        "",
        "another alert",
        "plain text",
      ].join("\n"),
      status: "acknowledged",
      urgency: "high",
      priority: "P2",
      createdAt: Date.UTC(2026, 0, 2, 8, 4, 5),
      service: { id: "PSERV1", name: "Checkout" },
      assignees: [{ id: "PUSER1", name: "Ana" }],
      link: incident.html_url,
    });
    expect(answer.raw).toContain('"p95 above 2 s"');
    expect(answer.raw).toContain('"incident_number":1234');
  });

  test("is there without its alerts when those can't be read, and says so", async () => {
    await using server = await pagerduty({
      "GET /incidents/PPAGE1": page,
      "GET /incidents/PPAGE1/alerts": [[403, { error: { message: "Access Denied", code: 2010 } }]],
    });
    const { value, cut } = await clientOf(server).readPage("PPAGE1");
    expect(value).toMatchObject({ id: "PPAGE1", details: "" });
    expect(cut).toMatch(/alerts' bodies were not read: .*403.*PAGERDUTY_API_TOKEN.*Access Denied/);
  });

  test("with endless alerts is cut between characters, and says how much is missing", async () => {
    const monster = Object.fromEntries(Array.from({ length: 40 }, (_, index) => [`key${index}`, "🔥".repeat(1_000)]));
    await using server = await pagerduty({
      "GET /incidents/PPAGE1": page,
      "GET /incidents/PPAGE1/alerts": [[200, { alerts: [alert(monster)] }]],
    });
    const { value, cut } = await clientOf(server).readPage("PPAGE1");
    expect([...value.details]).toHaveLength(20_000);
    expect(value.details.isWellFormed()).toBe(true);
    expect(cut).toMatch(/^first 20000 of 4\d{4} characters/);
  });

  test("that PagerDuty does not have is an error that says so", async () => {
    await using server = await pagerduty({});
    const failure = await failureOf(clientOf(server).readPage("PNONE"));
    expect(failure).toBeInstanceOf(IntegrationError);
    expect(failure).toMatchObject({
      status: 404,
      retryable: false,
      message: "pagerduty has nothing at /incidents/PNONE (404). PagerDuty says: Not Found.",
    });
  });

  test("has an owner and a history that can be asked for", async () => {
    await using server = await pagerduty({
      "GET /incidents/PPAGE1": page,
      "GET /oncalls": [
        [
          200,
          {
            oncalls: [
              {
                escalation_level: 2,
                user: { id: "PUSER2", summary: "Ben" },
                schedule: null,
                escalation_policy: null,
                start: null,
                end: null,
              },
              {
                escalation_level: 1,
                user: { id: "PUSER1", summary: "Ana" },
                schedule: { id: "PS", summary: "Days" },
                start: "2026-01-02T00:00:00Z",
                end: "2026-01-03T00:00:00Z",
              },
            ],
          },
        ],
      ],
      "GET /incidents/PPAGE1/log_entries": [
        [
          200,
          {
            log_entries: [
              {
                id: "R1",
                type: "acknowledge_log_entry",
                summary: "Acknowledged by Ana",
                created_at: "2026-01-02T08:06:05Z",
                agent: { id: "PUSER1", summary: "Ana" },
              },
            ],
          },
        ],
      ],
    });
    const client = clientOf(server);
    const { value: owner } = await client.getIncident("PPAGE1");
    expect(owner).toMatchObject({
      escalationPolicy: { id: "PEP1" },
      teams: [{ name: "Shop" }],
      acknowledgements: [{ by: "Ana" }],
      resolvedAt: null,
    });
    const { value: called } = await client.onCall({ escalationPolicyId: "PEP1" });
    expect(called.map(({ user, level, schedule }) => [level, user.name, schedule])).toEqual([
      [1, "Ana", "Days"],
      [2, "Ben", null],
    ]);
    expect(new URL(server.seen.at(-1)?.url ?? "", server.url).searchParams.getAll("escalation_policy_ids[]")).toEqual(["PEP1"]);
    expect((await client.logEntries("PPAGE1")).value).toEqual([
      { id: "R1", type: "acknowledge_log_entry", at: Date.UTC(2026, 0, 2, 8, 6, 5), by: "Ana", text: "Acknowledged by Ana" },
    ]);
  });
});

describe("change events", () => {
  const change = (more: object) => ({
    id: "01C",
    type: "change_event",
    summary: "something",
    timestamp: "2026-01-02T03:04:05Z",
    source: "ci",
    services: [{ id: "PSERV1", summary: null }],
    links: [],
    custom_details: {},
    ...more,
  });
  const window = { from: Date.UTC(2026, 0, 2, 3), to: Date.UTC(2026, 0, 2, 4) };
  const read = async (more: object) => {
    await using server = await pagerduty({ "GET /services/PSERV1/change_events": [[200, { change_events: [change(more)], more: false }]] });
    const { value } = await clientOf(server).listChangeEvents({ serviceId: "PSERV1", window });
    return value[0];
  };

  test("tell what went live, where the sender says so in the usual words", async () => {
    const custom_details = {
      git: { "Commit-SHA": "9f2c1e0aa", previous_sha: "7ab0d2e11" },
      version: "2026.1.2",
      author: "ana",
      repo: "acme/payments",
      build_state: "passed",
    };
    const links = [
      { href: "https://ci.test/1", text: "build" },
      { href: "https://github.com/acme/payments/pull/2210", text: "cache tokens" },
    ];
    expect(await read({ summary: "Deployed payments to production", custom_details, links })).toEqual({
      id: "01C",
      kind: "deploy",
      at: Date.UTC(2026, 0, 2, 3, 4, 5),
      service: null,
      title: "Deployed payments to production",
      sha: "9f2c1e0aa",
      previousSha: "7ab0d2e11",
      version: "2026.1.2",
      repository: "acme/payments",
      author: "ana",
      pullRequest: { number: 2210, title: "cache tokens", url: "https://github.com/acme/payments/pull/2210" },
      files: null,
      link: "https://ci.test/1",
      pagerdutyServiceIds: ["PSERV1"],
      correlation: null,
    });
  });

  test.each([
    ["Rolled back payments to 1.2", "rollback"],
    ["Revert 'cache tokens'", "rollback"],
    ["Feature flag new-cart enabled for 10 %", "flag"],
    ["Migrated table orders", "migration"],
    ["Released shop 4.2", "deploy"],
    ["Config of nginx updated", "config"],
    ["Lunch menu published", "other"],
  ])("are named by their kind: %s", async (summary, kind) => {
    expect((await read({ summary }))?.kind).toBe(kind);
  });

  test("without details, with hostile links and with details as text are still changes", async () => {
    expect(
      await read({ summary: null, custom_details: "sha: nope", links: [{ href: "javascript:alert(1)", text: "x" }, { href: null }] }),
    ).toMatchObject({
      title: "(change without a summary)",
      sha: null,
      link: null,
      pullRequest: null,
    });
  });

  test("are asked for by whole seconds, and cut to the window", async () => {
    const events = [change({ id: "IN" }), change({ id: "AFTER", timestamp: "2026-01-02T04:00:00.000Z" })];
    await using server = await pagerduty({
      "GET /change_events": [[200, { change_events: events, limit: null, offset: null, more: false }]],
    });
    const { value, query } = await clientOf(server).listChangeEvents({ window: { from: window.from + 123, to: window.to - 1 } });
    expect(value.map(({ id }) => id)).toEqual(["IN"]);
    expect(query).toBe("GET /change_events?since=2026-01-02T03:00:00Z&until=2026-01-02T04:00:00Z");
    const asked = new URL(server.seen[0]?.url ?? "", server.url).searchParams;
    expect([asked.get("since"), asked.get("until"), asked.get("limit"), asked.get("offset")]).toEqual([
      "2026-01-02T03:00:00Z",
      "2026-01-02T04:00:00Z",
      "100",
      "0",
    ]);
  });

  test("on several pages are all read; a list without end is cut and says so", async () => {
    const many = (from: number, count: number) => Array.from({ length: count }, (_, index) => change({ id: `C${from + index}` }));
    await using server = await pagerduty({
      "GET /services/PSERV1/change_events": [
        [200, { change_events: many(0, 50), limit: 50, more: true }],
        [200, { change_events: many(50, 7), limit: 50, more: false }],
      ],
      "GET /change_events": [[200, { change_events: many(0, 100), limit: 100, more: true }]],
    });
    const client = clientOf(server);
    const all = await client.listChangeEvents({ serviceId: "PSERV1", window });
    expect(all.value.map(({ id }) => id)).toEqual(many(0, 57).map(({ id }) => id));
    expect(all.cut).toBeNull();
    expect(server.seen.map(({ url }) => new URL(url, server.url).searchParams.get("offset"))).toEqual(["0", "50"]);
    expect(all.raw.split("\n")).toHaveLength(2);
    const endless = await client.listChangeEvents({ window });
    expect(endless.value).toHaveLength(1_000);
    expect(endless.cut).toMatch(/first 1000/);
  });
});

describe("what only some plans have", () => {
  test("is an answer where the plan has it", async () => {
    await using server = await pagerduty({
      "GET /incidents/PPAGE1/past_incidents": [
        [
          200,
          {
            past_incidents: [
              { incident: { id: "P0", title: "checkout is slow", created_at: "2025-12-01T00:00:00Z", self: "s" }, score: 46.8 },
            ],
          },
        ],
      ],
      "GET /incidents/PPAGE1/related_incidents": [
        [
          200,
          {
            related_incidents: [
              {
                incident: { id: "P2", title: "cart is slow", created_at: "2026-01-02T00:00:00Z" },
                relationships: [{ type: "service_dependency", metadata: {} }],
              },
            ],
          },
        ],
      ],
    });
    const client = clientOf(server);
    expect((await client.pastIncidents("PPAGE1")).value).toMatchObject({
      available: true,
      items: [{ id: "P0", title: "checkout is slow", score: 46.8 }],
    });
    expect((await client.relatedIncidents("PPAGE1")).value).toMatchObject({
      available: true,
      items: [{ id: "P2", because: ["service dependency"] }],
    });
    expect(server.seen[0]?.url).toBe("/incidents/PPAGE1/past_incidents?limit=5");
  });

  test.each([402, 403, 404])("is not available, and no error, where PagerDuty answers %i", async (status) => {
    const refused = [[status, { error: { message: "no", code: 1 } }]] as const;
    await using server = await pagerduty({
      "GET /incidents/PPAGE1/past_incidents": refused,
      "GET /incidents/PPAGE1/related_incidents": refused,
      "GET /incidents/PPAGE1/related_change_events": refused,
    });
    const client = clientOf(server);
    const answers = [
      await client.pastIncidents("PPAGE1"),
      await client.relatedIncidents("PPAGE1"),
      await client.relatedChangeEvents("PPAGE1"),
    ];
    for (const { value } of answers) expect(value).toEqual({ available: false, because: expect.stringContaining(`(${status})`) });
  });

  test("is an error where PagerDuty fails otherwise", async () => {
    await using server = await pagerduty({ "GET /incidents/PPAGE1/past_incidents": [[401, {}]] });
    expect(await failureOf(clientOf(server).pastIncidents("PPAGE1"))).toBeInstanceOf(ForbiddenError);
  });
});

test("notes of people are read", async () => {
  const written = { id: "PNOTE1", user: { id: "PUSER1", summary: "Ana" }, content: "rolled back", created_at: "2026-01-02T03:04:05Z" };
  await using server = await pagerduty({ "GET /incidents/PPAGE1/notes": [[200, { notes: [written] }]] });
  const { value } = await clientOf(server).notes("PPAGE1");
  expect(value).toEqual([{ id: "PNOTE1", at: Date.UTC(2026, 0, 2, 3, 4, 5), by: "Ana", text: "rolled back" }]);
});

describe("whose key it is", () => {
  test("a user's", async () => {
    await using server = await pagerduty({
      "GET /users/me": [[200, { user: { id: "PUSER1", name: "Ana", email: "ana@acme.test", role: "observer" } }]],
    });
    expect((await clientOf(server).me()).value).toEqual({
      kind: "user",
      id: "PUSER1",
      name: "Ana",
      email: "ana@acme.test",
      role: "observer",
    });
  });
  test("the account's", async () => {
    await using server = await pagerduty({
      "GET /users/me": [[400, { error: { message: "account-level token", code: 1 } }]],
      "GET /abilities": [[200, { abilities: ["teams"] }]],
    });
    expect((await clientOf(server).me()).value).toEqual({ kind: "account", abilities: ["teams"] });
  });
  test("nobody's: what to do is said", async () => {
    await using server = await pagerduty({ "GET /users/me": [[401, { error: { message: "Authentication failed", code: 2006 } }]] });
    expect(await failureOf(clientOf(server).me())).toMatchObject({
      status: 401,
      message: expect.stringContaining("Check PAGERDUTY_API_TOKEN"),
    });
  });
});

describe("what pdjs lacks", () => {
  test("a 429 waits as long as its headers say, then asks again, every try in the audit", async () => {
    await using server = await pagerduty({
      "GET /incidents/PPAGE1": [
        [429, { error: { message: "Rate Limit Exceeded", code: 2020 } }, { "ratelimit-reset": "7", "ratelimit-limit": "960" }],
        [429, "busy", {}],
        [200, { incident }],
      ],
    });
    const waits: number[] = [];
    const calls: OutgoingCall[] = [];
    expect((await clientOf(server, { waits, calls }).getIncident("PPAGE1")).value.page.id).toBe("PPAGE1");
    expect(waits[0]).toBe(7_000);
    expect(waits).toHaveLength(2);
    expect(calls.map(({ vendor, status, attempt }) => [vendor, status, attempt])).toEqual([
      ["pagerduty", 429, 1],
      ["pagerduty", 429, 2],
      ["pagerduty", 200, 3],
    ]);
  });

  test("a wait longer than a page can wait is an error at once", async () => {
    await using server = await pagerduty({ "GET /incidents/PPAGE1": [[429, {}, { "ratelimit-reset": "59" }]] });
    const failure = await failureOf(clientOf(server).getIncident("PPAGE1"));
    expect(failure).toBeInstanceOf(RateLimitedError);
    expect(failure).toMatchObject({ retryAfterMs: 59_000 });
    expect(server.seen).toHaveLength(1);
  });

  test("a 5xx is asked again, and in the end an error that may pass", async () => {
    await using server = await pagerduty({
      "GET /incidents/PPAGE1": [
        [502, "<html>bad gateway</html>"],
        [500, "{}"],
        [503, { error: { message: "down", errors: ["try later"] } }],
      ],
    });
    const failure = await failureOf(clientOf(server).getIncident("PPAGE1"));
    expect(failure).toMatchObject({ status: 503, retryable: true, message: expect.stringContaining("PagerDuty says: down: try later") });
    expect(server.seen).toHaveLength(3);
  });

  test("an answer that is no JSON, or of another shape, is named as such", async () => {
    await using server = await pagerduty({
      "GET /incidents/PHTML": [[200, "<html>welcome</html>"]],
      "GET /incidents/PODD": [[200, { incident: { id: "PODD", status: "asleep", created_at: "x" } }]],
    });
    const client = clientOf(server);
    const [html, odd] = [await failureOf(client.getIncident("PHTML")), await failureOf(client.getIncident("PODD"))];
    expect(html).toBeInstanceOf(UnexpectedAnswerError);
    expect(odd).toMatchObject({ message: expect.stringContaining("incident.status") });
  });

  test("a server that never answers is a timeout; an abort ends the call with its own reason", async () => {
    await using server = await listen(() => undefined);
    expect(await failureOf(clientOf(server, { timeoutMs: 50 }).getIncident("PPAGE1"))).toBeInstanceOf(TimedOutError);
    const controller = new AbortController();
    const pending = failureOf(clientOf(server).readPage("PPAGE1", controller.signal));
    controller.abort(new Error("the deadline passed"));
    expect(await pending).toMatchObject({ message: "the deadline passed" });
  });

  test("a failed call leaves no timer behind that would keep the process alive", async () => {
    const timers = () => process.getActiveResourcesInfo().filter((name) => name === "Timeout").length;
    await using server = await pagerduty({ "GET /incidents/PPAGE1": [[404, {}]] });
    const refused = createPagerdutyClient({
      baseUrl: server.url,
      token: CANARY,
      fetch: () => Promise.reject(new TypeError("fetch failed")),
      sleep: () => Promise.resolve(),
    });
    const before = timers();
    expect(await failureOf(refused.getIncident("PPAGE1"))).toMatchObject({ retryable: true });
    expect(timers()).toBeLessThanOrEqual(before);
  });

  test("no error shows the key, not even a key that HTTP does not allow", async () => {
    await using server = await pagerduty({ "GET /incidents/PPAGE1": [[403, { error: { message: "no" } }]] });
    const failures = [
      await failureOf(clientOf(server).getIncident("PPAGE1")),
      await failureOf(clientOf(server, { token: `${CANARY}\n` }).getIncident("PPAGE1")),
    ];
    for (const failure of failures) {
      expect(failure).toBeInstanceOf(IntegrationError);
      expect(
        JSON.stringify(failure, Object.getOwnPropertyNames(failure)) + String(failure instanceof Error ? failure.cause : ""),
      ).not.toContain(CANARY);
    }
    expect(server.seen[0]?.headers.authorization).toBe(`Token token=${CANARY}`);
  });

  test("an id that is none never becomes a path", async () => {
    await using server = await pagerduty({});
    const client = clientOf(server);
    const window = { from: 0, to: 1 };
    for (const bad of ["", "../users", "P1/notes", "p1", "P1?x", "P%2F", "P".repeat(65)]) {
      const failures = await Promise.all(
        [
          client.getIncident(bad),
          client.readPage(bad),
          client.notes(bad),
          client.listChangeEvents({ serviceId: bad, window }),
          client.onCall({ escalationPolicyId: bad }),
        ].map(failureOf),
      );
      for (const failure of failures) expect(failure).toMatchObject({ message: expect.stringContaining("is not the id of a PagerDuty") });
    }
    expect(server.seen).toHaveLength(0);
  });
});

describe.runIf(haveContracts("pagerduty"))("PagerDuty's contract", () => {
  interface OpenApi {
    components: Record<string, Record<string, unknown>>;
    paths: Record<
      string,
      Record<
        string,
        { responses: Record<string, { content?: { "application/json"?: { examples?: Record<string, { value: unknown }> } } }> }
      >
    >;
  }

  test("requests keep to it, and its own examples are understood", async () => {
    const { paths } = readContract<OpenApi>("pagerduty/rest-openapi.json.gz");
    const example = (path: string, method = "get"): readonly Answer[] => {
      const answers = paths[path]?.[method]?.responses ?? {};
      const status = Object.keys(answers).find((code) => code.startsWith("2")) ?? "200";
      const [first] = Object.values(answers[status]?.content?.["application/json"]?.examples ?? {});
      return [[Number(status), { ...(first?.value as object), more: false }]];
    };
    await using server = await pagerduty({
      "GET /incidents/PT4KHLK": example("/incidents/{id}"),
      "GET /incidents/PT4KHLK/alerts": example("/incidents/{id}/alerts"),
      "GET /incidents/PT4KHLK/notes": example("/incidents/{id}/notes"),
      "POST /incidents/PT4KHLK/notes": example("/incidents/{id}/notes", "post"),
      "GET /incidents/PT4KHLK/log_entries": example("/incidents/{id}/log_entries"),
      "GET /incidents/PT4KHLK/past_incidents": example("/incidents/{id}/past_incidents"),
      "GET /incidents/PT4KHLK/related_incidents": example("/incidents/{id}/related_incidents"),
      "GET /incidents/PT4KHLK/related_change_events": example("/incidents/{id}/related_change_events"),
      "GET /services/PSERV1/change_events": example("/services/{id}/change_events"),
      "GET /change_events": example("/change_events"),
      "GET /oncalls": example("/oncalls"),
      "GET /users/me": example("/users/me"),
      "GET /abilities": example("/abilities"),
    });
    const client = clientOf(server);
    const all = { from: 0, to: Date.UTC(2030, 0) };
    expect((await client.readPage("PT4KHLK")).value.details).toBe("customKey: Server is on fire!\ncustomKey2: Other stuff!");
    expect((await client.getIncident("PT4KHLK")).value.page.priority).toBe("P2");
    expect((await client.listAlerts("PT4KHLK")).value).toMatchObject([{ severity: "critical", integration: "Email Integration" }]);
    const counts = [
      (await client.notes("PT4KHLK")).value.length,
      (await client.logEntries("PT4KHLK")).value.length,
      (await client.listChangeEvents({ serviceId: "PSERV1", window: all })).value.length,
      (await client.listChangeEvents({ window: all })).value.length,
      (await client.onCall({ escalationPolicyId: "PT20YPA" })).value.length,
    ];
    expect(counts).toEqual([2, 1, 2, 2, 1]);
    expect((await client.pastIncidents("PT4KHLK")).value).toMatchObject({ available: true, items: [{}, {}, {}] });
    expect((await client.relatedIncidents("PT4KHLK")).value).toMatchObject({
      available: true,
      items: [{ because: ["machine learning inferred", "service dependency"] }],
    });
    expect((await client.relatedChangeEvents("PT4KHLK")).value).toMatchObject({
      available: true,
      items: [{ correlation: "most_recent" }, {}],
    });
    expect((await client.me()).value).toMatchObject({ kind: "user", name: "Earline Greenholt" });
    const contract = loadContract(contractFile("pagerduty/rest-openapi.json.gz"));
    const problems = server.seen.flatMap((request: SeenRequest) =>
      contract.requestProblems({
        method: request.method,
        path: request.url,
        body: request.body === "" ? undefined : JSON.parse(request.body),
      }),
    );
    // The document gives a picture of a time as the regular expression of `since` and `until`: no time at all matches it.
    expect(problems.filter((problem) => !problem.includes('"YYYY-MM-DDThh:mm:ssZ"'))).toEqual([]);
    for (const { headers } of server.seen) {
      expect(headers).toMatchObject({
        accept: "application/vnd.pagerduty+json;version=2",
        "content-type": "application/json",
        "user-agent": "midwatch",
      });
    }
  });
});

test("a note is refused before it leaves where the settings do not allow notes", async () => {
  await using server = await pagerduty({});
  const calls: OutgoingCall[] = [];
  const off = connect({ baseUrl: server.url, token: CANARY, fetch: (...call) => fetch(...call), onCall: (call) => void calls.push(call) });
  const note = { method: "POST", path: "/incidents/PPAGE1/notes", body: { note: { content: "midwatch: x" } }, headers: {} } as const;
  expect(await failureOf(off(note))).toMatchObject({ name: "PolicyError" });
  expect(await failureOf(clientOf(server).writeNote("PPAGE1", "midwatch: x"))).toBeInstanceOf(IntegrationError);
  expect(server.seen).toEqual([]);
  expect(calls.map(({ outcome }) => outcome)).toEqual(["refused"]);
});
