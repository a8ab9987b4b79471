import { incidentEvents } from "../../src/store/incident-store.ts";
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { z } from "zod";
import type { IncidentLinks } from "../../src/access/incident-link.ts";
import { parseCatalog } from "../../src/catalog.ts";
import { parseConfig } from "../../src/config.ts";
import { payloadHash } from "../../src/guard/approval.ts";
import { APPROVE, approvalsOf, buttonValue } from "../../src/incident/approval.ts";
import { incidentIdOf } from "../../src/incident/page.ts";
import type { IncidentEvent, LoggedEvent } from "../../src/incident/event.ts";
import { fixProposed } from "../support/example-fix.ts";
import type { Plan } from "../../src/store/incident-store.ts";
import { openNodeHost } from "../../src/durable/node-host.ts";
import { viewOf } from "../../src/incident/view.ts";
import { createSlackClient } from "../../src/integrations/slack/client.ts";
import type { Fixer } from "../../src/fix/fix-parts.ts";
import { createFixPlan } from "../../src/fix/fix-plan.ts";
import { signSlack } from "../../src/replay/slack/inbound.ts";
import { createSlackHandler } from "../../src/slack/slack-intake.ts";
import { closed, finding, started, submitted } from "../support/example-investigation.ts";
import { exampleTriage, page } from "../support/example-log.ts";
import { CHANNEL, HOME } from "../support/slack-people.ts";

const SECRET = "signing-secret-of-the-desk";
export const THREAD = "1700000000.000100";
export const INCIDENT = incidentIdOf("Q1", "pd");

export const freshStore = (): string => join(mkdtempSync(join(tmpdir(), "midwatch-approval-")), "store.db");

/** A doubtful finding: its revert waits for a person. */
const night: readonly IncidentEvent[] = [
  exampleTriage,
  started(),
  submitted({ ...finding, fix: "revert", confidence: 0.55 }),
  closed("submitted", "handed in"),
  { type: "finding-posted", ts: "1", text: "" },
  { type: "investigation-finished", tookMs: 1 },
];

const proposed = (number: number) => fixProposed({ kind: "revert", number, url: `https://github.test/pull/${number}` });

/** Makes the revert of a fixed content, and opens it at the vendor. */
function standInFixer(vendorUrl: string, content: () => string): Fixer {
  const vendor = async (method: "GET" | "POST", body?: object): Promise<number | null> => {
    const answer = await fetch(vendorUrl, { method, ...(body === undefined ? {} : { body: JSON.stringify(body) }) });
    return ((await answer.json()) as { number: number | null }).number;
  };
  const open = (effects: Parameters<Fixer["revert"]>[1], payload: object) =>
    effects.deliver("fix-pr", "draft-pull-request", payload, {
      find: async () => {
        const number = await vendor("GET");
        return number === null ? null : proposed(number);
      },
      act: async (kept) => proposed((await vendor("POST", kept)) ?? 0),
    });
  const unused = () => Promise.reject(new Error("not a part of this"));
  return {
    resume: async (effects) => (effects.wasMeant("fix-pr") ? open(effects, {}) : null),
    async revert({ incidentId, approved, doubt }, effects) {
      const payload = { incident: incidentId, kind: "revert", repository: "acme/shop", files: [{ path: "a.ts", becomes: content() }] };
      if (approved !== (await payloadHash(payload)))
        return { type: "fix-offer", kind: "revert", because: doubt ?? "doubt", payload, summary: "revert of 9f2c1e4 in acme/shop: a.ts" };
      return open(effects, payload);
    },
    patch: unused,
    commit: unused,
    readChecks: unused,
    tell: unused,
    look: unused,
  };
}

/** The fix of a doubtful finding, and nothing else. */
function planOf(fixer: Fixer): Plan {
  const fixPlan = createFixPlan({ fixer, writer: null });
  return (log, at) => {
    const view = viewOf(log);
    if (view.finding === null) {
      const step = {
        id: "a doubtful finding",
        run: async (context: Parameters<Extract<ReturnType<Plan>, { run: unknown }>["run"]>[0]) => {
          await context.claim(`slack:${CHANNEL}:${THREAD}`);
          return night;
        },
      };
      return step;
    }
    const step = fixPlan.open(log, view, at);
    if (step !== null) return step;
    const ends = fixPlan.expiresAt(log, view, at);
    return ends === null ? null : { waitMs: ends - at };
  };
}

export interface DeskOptions {
  readonly slackUrl: string;
  /** Where the pull request is opened: POST makes one, GET tells whether one is there. */
  readonly vendorUrl: string;
  readonly database: string;
  readonly catalog?: string;
  readonly now?: () => number;
  readonly links?: IncidentLinks | null;
  /** Of the page. */
  readonly title?: string;
  /** Content that the revert comes to. */
  readonly content?: () => string;
}

/** The real store, plan of a fix and intake from Slack; only Slack, the vendor and how a revert is made are stand-ins. */
export function openApprovalDesk({
  slackUrl,
  vendorUrl,
  database,
  catalog = "version: 1",
  now = Date.now,
  links = null,
  title = page.title,
  content = () => "good",
}: DeskOptions) {
  const errors: unknown[] = [];
  const plan = planOf(standInFixer(vendorUrl, content));
  const store = openNodeHost({
    events: incidentEvents,
    path: database,
    plan,
    now,
    settleMs: 0,
    onError: (error) => void errors.push(error),
  });
  const config = parseConfig({
    PAGERDUTY_WEBHOOK_SECRET: "s-of-sixteen-and-more",
    SLACK_BOT_TOKEN: "xoxb-test-of-sixteen-and-more",
    SLACK_SIGNING_SECRET: SECRET,
  });
  const handle = createSlackHandler({
    config,
    catalog: parseCatalog(catalog),
    store,
    slack: createSlackClient({
      baseUrl: slackUrl,
      token: "xoxb-test",
      fetch: (input, init) => fetch(input, init),
      sleep: async () => undefined,
    }),
    publicUrl: "https://midwatch.example",
    links,
    now,
    reportError: (error) => void errors.push(error),
  });
  if (handle === null) throw new Error("no signing secret");

  let trigger = 0;
  const post = (body: string, headers: Record<string, string> = {}): Promise<Response> =>
    handle(
      new Request("https://midwatch.example/slack/events", {
        method: "POST",
        body,
        headers: { "content-type": "application/x-www-form-urlencoded", ...signSlack(SECRET, body, Date.now()), ...headers },
      }),
    );
  const send = async (body: string, headers?: Record<string, string>) => (await post(body, headers)).status;
  /** What `/midwatch` answers this person. */
  const command = async (user: string, more: Readonly<Record<string, string>> = {}): Promise<string> => {
    const fields = { command: "/midwatch", text: "", user_id: user, user_name: user, channel_id: CHANNEL, team_id: HOME.team_id };
    const answer = await post(new URLSearchParams({ ...fields, trigger_id: `3.4.${++trigger}`, ...more }).toString());
    return z.object({ response_type: z.literal("ephemeral"), text: z.string() }).parse(await answer.json()).text;
  };
  const bodyOf = (
    user: string,
    value: string,
    more: { readonly action?: string; readonly payload?: object; readonly threadTs?: string } = {},
  ) =>
    new URLSearchParams({
      payload: JSON.stringify({
        type: "block_actions",
        trigger_id: `1.2.${process.pid}.${++trigger}`,
        team: { id: HOME.team_id },
        enterprise: null,
        user: { id: user, username: user.toLowerCase(), team_id: HOME.team_id },
        channel: { id: CHANNEL },
        container: { type: "message", message_ts: "1700000001.000100", channel_id: CHANNEL, thread_ts: more.threadTs ?? THREAD },
        actions: [{ type: "button", action_id: more.action ?? APPROVE, action_ts: "1.1", value }],
        ...more.payload,
      }),
    }).toString();

  const until = async (wanted: (log: readonly LoggedEvent[]) => boolean, withinMs = 20_000): Promise<readonly LoggedEvent[]> => {
    const log: LoggedEvent[] = [];
    if (wanted(log)) return log;
    for await (const logged of store.follow(INCIDENT, 0, AbortSignal.timeout(withinMs))) {
      log.push(logged);
      if (wanted(log)) return log;
    }
    throw new Error(`not within ${withinMs} ms; errors: ${errors.map(String).join("; ")}`);
  };

  return {
    store,
    errors,
    send,
    command,
    bodyOf,
    until,
    begin: () =>
      store.receive({
        deliveryId: "d1",
        eventId: "e1",
        eventType: "incident.triggered",
        occurredAt: now(),
        incident: { id: INCIDENT, pagerId: "Q1", title, event: { type: "page-received", page: { ...page, title } } },
      }),
    click: (user: string, value: string, more: Parameters<typeof bodyOf>[2] = {}) => send(bodyOf(user, value, more)),
    /** What the button of the nth request carries, once it was asked. */
    async button(nth = 1): Promise<string> {
      const log = await until((seen) => seen.filter(({ event }) => event.type === "fix-offered").length >= nth);
      const request = approvalsOf(log).approvals[nth - 1]?.request;
      if (request === undefined) throw new Error("no request");
      return buttonValue(request);
    },
    log: () => store.read(INCIDENT),
    [Symbol.asyncDispose]: () => store.close(),
  };
}
