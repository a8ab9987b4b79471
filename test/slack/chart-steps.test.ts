import { expect, test } from "vitest";
import { openNodeHost } from "../../src/durable/node-host.ts";
import type { EventOf, IncidentEvent } from "../../src/incident/event.ts";
import { viewOf } from "../../src/incident/view.ts";
import { createSlackClient } from "../../src/integrations/slack/client.ts";
import { createSlackReplay, type SlackReplay } from "../../src/replay/slack/app.ts";
import { chartStep } from "../../src/slack/chart-steps.ts";
import { incidentEvents } from "../../src/store/incident-store.ts";
import { freshDatabase } from "../support/bot.ts";
import { exampleTriage, page } from "../support/example-log.ts";
import { finding, handedIn, nightWith } from "../support/example-investigation.ts";

const TOKEN = "xoxb-of-this-test-alone";
const PNG = Uint8Array.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
const INCIDENT = "pd-Q1";

type Send = (url: URL, pass: () => Promise<Response>) => Promise<Response>;

/** An incident whose brief is in the thread; only its charts are left to be done. */
async function desk() {
  const slack = await createSlackReplay({ botToken: TOKEN });
  const path = freshDatabase();
  const clientWith = (send: Send) =>
    createSlackClient({
      ...{ baseUrl: "http://slack.test/api", token: TOKEN, sleep: async () => undefined },
      fetch: async (input, init) => send(new URL(String(input)), async () => slack.app.request(String(input), init)),
    });
  const root = await clientWith((_url, pass) => pass()).postMessage({ channel: slack.channelId, text: "root", key: "k" });
  const told: string[] = [];
  const begun: readonly IncidentEvent[] = [
    { type: "status-posted", channel: slack.channelId, ts: root.value.ts, link: null, text: "root" },
    exampleTriage,
    { type: "brief-posted", ts: "1.2", text: "brief" },
  ];
  const open = async (send: Send) => {
    const deps = {
      slack: clientWith(send),
      draw: async () => PNG,
      redactedFor: () => (text: string) => text.replaceAll("payments", "<service>"),
      tellOperator: (line: string) => void told.push(line),
    };
    const store = openNodeHost({
      ...{ events: incidentEvents, path, settleMs: 0, leaseMs: 200, closeGraceMs: 0, onError: () => undefined },
      plan: (log) => {
        const step = chartStep(deps, log, viewOf(log));
        return step === null ? null : { steps: [step] };
      },
    });
    await store.receive({
      ...{ deliveryId: "d1", eventId: "e1", eventType: "incident.triggered", occurredAt: Date.now() },
      incident: { id: INCIDENT, pagerId: "Q1", title: page.title, event: { type: "page-received", page: { ...page, id: "Q1" } } },
    });
    await store.tell(INCIDENT, begun, "begun");
    return store;
  };
  return { slack, root: root.value.ts, told, open, [Symbol.asyncDispose]: () => slack.close() };
}

const pictures = (slack: SlackReplay) =>
  slack.messages().flatMap(({ threadTs, versions }) => (versions.at(-1)?.files ?? []).map((file) => ({ threadTs, file })));
const outcome = async (store: Awaited<ReturnType<Awaited<ReturnType<typeof desk>>["open"]>>) => {
  for await (const { event } of store.follow(INCIDENT, 0, AbortSignal.timeout(120_000)))
    if (event.type === "chart-shared" || event.type === "chart-dropped") return event;
  throw new Error("neither shared nor dropped");
};

test.each(["unsent", "unanswered"])(
  "killed between upload and share, the next start shows the chart once: the share was %s",
  async (when) => {
    await using scene = await desk();
    const uploads: string[] = [];
    const counted: Send = (url, pass) => {
      if (url.pathname.startsWith("/upload/")) uploads.push(url.pathname);
      return pass();
    };
    const asked = Promise.withResolvers<void>();
    const dying = await scene.open(async (url, pass) => {
      if (!url.pathname.endsWith("files.completeUploadExternal")) return counted(url, pass);
      if (when === "unanswered") await pass();
      asked.resolve();
      return new Promise<never>(() => undefined);
    });
    await asked.promise;
    await dying.close();
    const next = await scene.open(counted);
    const shared = (await outcome(next)) as EventOf<"chart-shared">;
    await next.close();
    expect(uploads).toHaveLength(1);
    // What people read of it is redacted.
    expect(shared.alt).toMatch(/^Line chart of <service>, p95 latency, .* UTC: median .* Marked: deploy 03:10, onset 03:11\.$/);
    expect(pictures(scene.slack)).toMatchObject([
      { threadTs: scene.root, file: { id: shared.id, title: "<service>: p95 latency", alt_txt: shared.alt, mimetype: "image/png" } },
    ]);
    expect(Buffer.from((await (await scene.slack.file(shared.id))?.arrayBuffer()) ?? new ArrayBuffer())).toEqual(Buffer.from(PNG));
  },
);

test.each([
  ["files.getUploadURLExternal", { ok: false, error: "missing_scope", needed: "files:write" }, "", "files:write"],
  ["files.getUploadURLExternal", { ok: false, error: "file_uploads_disabled" }, "file_uploads_disabled", ""],
  ["files.completeUploadExternal", { ok: false, error: "not_in_channel" }, "invite @midwatch", ""],
])("what Slack refuses is dropped, and a missing scope is the operator's affair: %s %o", async (method, answer, because, operator) => {
  await using scene = await desk();
  const store = await scene.open((url, pass) => (url.pathname.endsWith(method) ? Promise.resolve(Response.json(answer)) : pass()));
  const dropped = (await outcome(store)) as EventOf<"chart-dropped">;
  const { failures } = viewOf(await store.read(INCIDENT));
  await store.close();
  expect(dropped.type).toBe("chart-dropped");
  const heard = [dropped.because ?? "", scene.told.join()];
  expect(heard).toEqual([expect.stringContaining(because), expect.stringContaining(operator)]);
  expect(heard.map((words) => words !== "")).toEqual([because !== "", operator !== ""]);
  expect([failures, pictures(scene.slack)]).toEqual([[], []]);
});

const due = (log: Parameters<typeof chartStep>[1]) => chartStep({} as Parameters<typeof chartStep>[0], log, viewOf(log))?.id ?? null;
const logWith = (...events: readonly IncidentEvent[]) => [
  ...nightWith([]),
  ...events.map((event, index) => ({ seq: 1_000 + index, at: page.createdAt + 600_000, event })),
];
const shown: IncidentEvent = { type: "chart-shared", service: "payments", id: "F1", alt: "" };

test("one chart an incident, and another once a finding that blames another service was said", () => {
  expect(due(logWith())).toBe("chart:1");
  expect(due(logWith(shown))).toBeNull();
  expect(due(logWith({ type: "chart-dropped", service: "payments", because: null }))).toBeNull();
  const found = nightWith(handedIn({ ...finding, service: "checkout", change: null })).map((logged) => ({
    ...logged,
    seq: logged.seq + 1,
  }));
  const said = [{ seq: 1, at: page.createdAt, event: shown }, ...found];
  expect(due(said.filter(({ event }) => event.type !== "finding-posted"))).toBeNull();
  expect(due(said)).toBe("chart:2");
});

test("no chart before the brief, while sources are read, or where the deciding fact has no series", () => {
  const triage = (more: Partial<EventOf<"triage-finished">>): IncidentEvent => ({ ...exampleTriage, ...more });
  const [coverage] = exampleTriage.coverage;
  if (coverage === undefined) throw new Error("the example has no coverage");
  expect(due(nightWith([]).filter(({ event }) => event.type !== "brief-posted"))).toBeNull();
  expect(due(logWith(triage({ coverage: [{ ...coverage, pending: true }] })))).toBeNull();
  expect(due(logWith(triage({ charts: exampleTriage.charts.filter(({ service }) => service !== "payments") })))).toBeNull();
});
