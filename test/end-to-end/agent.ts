import { NO_LIMITS } from "../../src/slack/pace.ts";
import { readFileSync } from "node:fs";
import { z } from "zod";
import { parseConfig } from "../../src/config.ts";
import type { Fetch } from "../../src/guard/outgoing.ts";
import { incidentIdOf } from "../../src/incident/page.ts";
import type { Trigger } from "../../src/incident/trigger.ts";
import type { LoggedEvent } from "../../src/incident/event.ts";
import type { Json } from "../../src/incident/model.ts";
import { INVESTIGATE } from "../../src/incident/model-refusal.ts";
import { type IncidentView, viewOf } from "../../src/incident/view.ts";
import { lookAndPack, type Look, type Looked } from "../../src/investigation/look.ts";
import { drawPng } from "../../src/node/chart-png.ts";
import { loadCatalog } from "../../src/node/environment.ts";
import { type NodeOptions, type Running, startNode } from "../../src/node/node.ts";
import {
  type ModelApiRequest,
  type RecordedRequest,
  type Script,
  type ScriptedAnswer,
  type ScriptedBlock,
  type ScriptedModel,
  startScriptedModel,
} from "../../src/replay/anthropic/server.ts";
import { unfenced } from "../../src/replay/anthropic/fence.ts";
import type { OpenedPullRequest } from "../../src/replay/github/app.ts";
import type { PageEvent } from "../../src/replay/pagerduty/webhook.ts";
import { signPagerduty } from "../../src/replay/pagerduty/webhook.ts";
import { type Replay, startReplay } from "../../src/replay/server.ts";
import { freshDatabase, webhookOf } from "../support/bot.ts";

/** What stands in for the model's key; no report may ever show it. */
/** The trigger as if another page of the same pager had started it. */
export const pageAs = (trigger: Trigger, id: string): Trigger => ({
  ...trigger,
  by: id,
  page: trigger.page === null ? null : { ...trigger.page, id },
});

export const MODEL_KEY = "sk-ant-canary-93d1f7c02b";

export interface Case {
  readonly script: Script;
  readonly settings?: Readonly<Record<string, string>>;
  /** Default: one of its own. */
  readonly database?: string;
  readonly instead?: NodeOptions["instead"];
  readonly withoutKey?: boolean;
  /** What happens while triage reads. */
  readonly whileTriage?: () => Promise<unknown>;
}

/** A bot with a model of its own, at the scene's vendors. */
export interface Desk extends AsyncDisposable {
  readonly bot: Running;
  readonly model: ScriptedModel;
  /** Lines that the operator saw. */
  readonly lines: readonly string[];
  /** Sends a page as a new incident. */
  /** @param on what the alert is about: pages of the same alert on different hosts are different incidents */
  page(on?: string): Promise<Incident>;
  /** Takes up an incident of an earlier process. */
  incident(id: string): Incident;
  close(): Promise<void>;
}

/** One incident, as people and the event log have it. */
export interface Incident {
  readonly id: string;
  /** The log up to the first event that fits. */
  until(fits: (logged: LoggedEvent) => boolean): Promise<readonly LoggedEvent[]>;
  /** The log once the investigation has ended. */
  finished(): Promise<readonly LoggedEvent[]>;
  log(): Promise<readonly LoggedEvent[]>;
  view(): Promise<IncidentView>;
  /** What Slack shows now: the status message, then its thread; each with how often it was said anew. */
  slack(): Promise<readonly { readonly text: string; readonly blocks: string; readonly versions: readonly string[] }[]>;
  /** What people read once all is done: the finding, then the status above it. */
  report(): Promise<string>;
  pullRequests(): Promise<readonly OpenedPullRequest[]>;
  /** Everything that leaves for people: Slack with all that it ever said, page, export as JSON and Markdown, pull requests. */
  said(): Promise<string>;
  /** A person writes into the incident's thread. */
  reply(text: string): Promise<void>;
  pager(event: PageEvent): Promise<void>;
}

/** The vendors of one recorded incident, shared by any number of desks; triage reads them once for all. */
export interface Scene extends AsyncDisposable {
  readonly replay: Replay;
  start(about: Case): Promise<Desk>;
  /** A desk that was paged and has finished. */
  run(about: Case): Promise<{ readonly desk: Desk; readonly incident: Incident } & AsyncDisposable>;
}

const WAIT_MS = 150_000;
let drawn: Promise<Uint8Array<ArrayBuffer>> | null = null;
/** One picture for all: drawing costs as much as a turn of the model, and what is to be seen is not these tests' affair. */
const drawOnce: typeof drawPng = (svg) => (drawn ??= drawPng(svg));
const AS = "as";
const ON = "on";

/**
 * Webhooks of one recorded page as those of many incidents: who sends to `…?as=Q123` sends it under that id, signed anew. PagerDuty's own
 * repeats keep their event ids, so these change with it.
 */
const renaming =
  (recorded: () => string, secret: string): Fetch =>
  (input, init) => {
    const url = new URL(input instanceof Request ? input.url : input);
    const id = url.searchParams.get(AS);
    if (id === null || typeof init?.body !== "string") return fetch(input, init);
    const body = init.body.replaceAll(recorded(), id).replace(/"id":"[0-9a-f]{8}-/, `"id":"${id.slice(-8).padStart(8, "0")}-`);
    const on = url.searchParams.get(ON);
    for (const name of [AS, ON]) url.searchParams.delete(name);
    return fetch(url, {
      ...init,
      ...signedAnew(on === null ? body : body.replace(/("title":"[^"]*)"/, `$1 on ${on}"`), init.headers, id, secret),
    });
  };

function signedAnew(body: string, given: RequestInit["headers"], id: string, secret: string): { body: string; headers: Headers } {
  const headers = new Headers(given);
  headers.set("x-webhook-id", `${headers.get("x-webhook-id") ?? ""}-${id}`);
  headers.set("x-pagerduty-signature", signPagerduty([secret], body));
  return { body, headers };
}

let replies = 0;
/** An incident of a bot at a replay. */
function incidentOf(replay: Replay, bot: Running, pagerId: string): Incident {
  const id = incidentIdOf(pagerId, "pd");
  const until = async (fits: (logged: LoggedEvent) => boolean) => {
    const log: LoggedEvent[] = [];
    let toldAt: number | null = null;
    for await (const logged of bot.store.follow(id, 0, AbortSignal.timeout(WAIT_MS))) {
      log.push(logged);
      const { seq, event } = logged;
      if (toldAt !== null && event.type === "status-edited" && event.seen >= toldAt) return log;
      if (toldAt !== null || !fits(logged)) continue;
      if (event.type !== "fix-told") return log;
      // What GitHub knows is said in Slack right after it.
      toldAt = seq;
    }
    throw new Error(`not seen within ${WAIT_MS} ms; the last was ${JSON.stringify(log.at(-1) ?? "nothing").slice(0, 500)}`);
  };
  const log = () => bot.store.read(id);
  const slack = async () => {
    const root = viewOf(await log()).statusMessage?.ts;
    return replay
      .messages()
      .filter(
        ({ byBot, deleted, ts, threadTs, versions }) =>
          byBot && !deleted && versions.at(-1)?.files === undefined && (ts === root || threadTs === root),
      )
      .map(({ versions }) => ({
        text: versions.at(-1)?.text ?? "",
        blocks: JSON.stringify(versions.at(-1)?.blocks ?? []),
        versions: versions.map(({ text }) => text),
      }));
  };
  const pullRequests = async () => (await replay.pullRequests()).filter(({ head }) => head.toLowerCase().includes(pagerId.toLowerCase()));
  return {
    id,
    until,
    finished: () => until(({ event }) => event.type === "investigation-finished"),
    log,
    view: async () => viewOf(await log()),
    slack,
    report: async () => {
      const { finding, statusMessage } = viewOf(await log());
      const said = replay.messages().filter(({ ts }) => ts === finding?.ts || ts === statusMessage?.ts);
      return said
        .toReversed()
        .map(({ versions }) => versions.at(-1)?.text ?? "")
        .join("\n");
    },
    pullRequests,
    said: async () => {
      const pages = ["", ".json", ".md"].map(async (end) => (await fetch(`${bot.url}/incidents/${id}${end}`)).text());
      const root = viewOf(await log()).statusMessage?.ts;
      const messages = replay.messages().filter(({ byBot, ts, threadTs }) => byBot && (ts === root || threadTs === root));
      // A pull request's text is in its event.
      const proposed = (await log()).filter(({ event }) => event.type === "fix-proposed");
      return JSON.stringify([messages, await Promise.all(pages), proposed]);
    },
    reply: async (text) => {
      const message = {
        type: "message",
        channel: replay.slack.channelId,
        user: [...replay.slack.userIds.values()][0] ?? "",
        ts: `${Math.floor(Date.now() / 1000)}.${String(++replies).padStart(6, "0")}`,
        thread_ts: viewOf(await log()).statusMessage?.ts ?? "",
        text,
      };
      const answer = await replay.slack.inbound.event(`${bot.url}/slack/events`, message);
      if (answer.status !== 200) throw new Error(`the reply was answered ${answer.status}`);
    },
    pager: async (event) => {
      const { status } = await replay.deliver(`${webhookOf(bot.url)}?${AS}=${pagerId}`, event);
      if (status !== 202) throw new Error(`the pager's event was answered ${status}`);
    },
  };
}

/** Opens the scene: vendors on loopback, nothing paged yet. */
export async function openScene(folder: string, { ci = false }: { readonly ci?: boolean } = {}): Promise<Scene> {
  let replay: Replay | null = null;
  const recorded = () => replay?.pagerduty.incidentIds[0] ?? "";
  const opened = await startReplay({
    folder,
    ci,
    fetch: (input, init) => renaming(recorded, opened.settings.PAGERDUTY_WEBHOOK_SECRET)(input, init),
  });
  replay = opened;
  let looked: Promise<Looked> | null = null;
  let count = 0;

  async function start(about: Case): Promise<Desk> {
    const model = await startScriptedModel({ script: about.script, apiKey: MODEL_KEY });
    const config = parseConfig({
      ...opened.settings,
      ...(about.withoutKey === true ? {} : { ANTHROPIC_BASE_URL: model.url, ANTHROPIC_API_KEY: model.apiKey }),
      ...about.settings,
      PORT: "0",
      DATABASE_PATH: about.database ?? freshDatabase(),
    });
    const lines: string[] = [];
    const look: Look = async (trigger, windows, first, options) => {
      await about.whileTriage?.();
      const reading = (looked ??= lookAndPack(bot.midwatch.parts, pageAs(trigger, recorded()), windows, first, {
        ...options,
        deadlineMs: 60_000,
      }));
      // A desk that closes takes its reading with it: the next one reads anew.
      reading.catch(() => {
        if (looked === reading) looked = null;
      });
      return reading;
    };
    const bot: Running = await startNode({
      config,
      catalog: loadCatalog(config),
      log: (line) => void lines.push(line),
      // Waits between tries are the client's own affair, and tested there.
      instead: { look, sleep: () => Promise.resolve(), slackLimits: NO_LIMITS, drawPng: drawOnce, ...about.instead },
    });
    const close = async () => {
      await bot.close();
      await model.close();
    };
    return {
      bot,
      model,
      lines,
      page: async (on) => {
        const pagerId = `QAGENT${String(++count).padStart(8, "0")}`;
        const query = new URLSearchParams({ [AS]: pagerId, ...(on === undefined ? {} : { [ON]: on }) });
        const [delivery] = await opened.page(`${webhookOf(bot.url)}?${query}`);
        if (delivery?.status !== 202) throw new Error(`the page was answered ${delivery?.status}`);
        return incidentOf(opened, bot, pagerId);
      },
      incident: (id) => incidentOf(opened, bot, id.replace(/^pd-/, "")),
      close,
      [Symbol.asyncDispose]: close,
    };
  }

  async function run(about: Case) {
    const desk = await start(about);
    const incident = await desk.page();
    await incident.finished();
    return { desk, incident, [Symbol.asyncDispose]: () => desk.close() };
  }

  return {
    replay: opened,
    start,
    run,
    [Symbol.asyncDispose]: () => opened.close(),
  };
}

/** The model says this. */
/** A click on the button that starts the model's work, as Slack sends it. @throws where no message has the button */
export async function pressInvestigate({ replay: { slack } }: Scene, desk: Desk, incident: Incident): Promise<void> {
  const { statusMessage } = await incident.view();
  if (!(await incident.slack())[0]?.blocks.includes(`"action_id":"${INVESTIGATE}"`))
    throw new Error("the status message has no such button");
  const ts = statusMessage?.ts ?? "";
  const said = { user: [...slack.userIds.values()][0] ?? "", channel: slack.channelId, messageTs: ts, threadTs: ts };
  const { status } = await slack.inbound.action(`${desk.bot.url}/slack/events`, { ...said, actionId: INVESTIGATE, value: INVESTIGATE });
  if (status !== 200) throw new Error(`the click was answered ${status}`);
}

export const says = (...blocks: ScriptedBlock[]): ScriptedAnswer => ({ blocks });
/** It calls a tool. */
export const calls = (tool: string, input: { readonly [key: string]: Json } = {}): ScriptedBlock => ({ tool, input });

/** What a request tells the model beside the opening, newest message last. */
export interface Told {
  readonly results: readonly { readonly id: string; readonly text: string; readonly failed: boolean }[];
  readonly notes: readonly string[];
}

const resultBlock = z.object({
  type: z.literal("tool_result"),
  tool_use_id: z.string(),
  content: z.string(),
  is_error: z.boolean().default(false),
});
const textBlock = z.object({ type: z.literal("text"), text: z.string() });

/** What people's side said to the model: of all messages, or of one (0 the first, -1 the newest). */
export function toldIn(body: ModelApiRequest, index?: number): Told {
  const messages = body.messages.filter(({ role }) => role === "user");
  const content: unknown[] = (index === undefined ? messages : messages.slice(index).slice(0, 1)).flatMap((message) => [
    ...(message.content as readonly unknown[]),
  ]);
  return {
    results: content.flatMap((block) => {
      const found = resultBlock.safeParse(block).data;
      return found === undefined ? [] : [{ id: found.tool_use_id, text: unfenced(found.content), failed: found.is_error }];
    }),
    notes: content.flatMap((block) => textBlock.safeParse(block).data?.text ?? []),
  };
}

/** The first message: triage's digest and what goes with it. */
export const openingOf = (body: ModelApiRequest): string => toldIn(body, 0).notes.join("\n");

/** Requests that the API took, of turns alone. */
export const turnsOf = (model: ScriptedModel): (RecordedRequest & { readonly body: ModelApiRequest })[] =>
  model.requests.flatMap((request) =>
    request.body === null || request.path !== "/v1/messages" ? [] : [{ ...request, body: request.body }],
  );

/** Number of the evidence that a view begins with. */
function evidenceIn(view: string): number {
  const number = /\bE(\d+)\b/.exec(view)?.[1];
  if (number === undefined) throw new Error(`no evidence number in: ${view.slice(0, 200)}`);
  return Number(number);
}

/** A recorded file of the contracts, or null where they are not. */
export const contract = (name: string): unknown => {
  try {
    return JSON.parse(readFileSync(new URL(`../../../shared/contracts/anthropic/${name}`, import.meta.url), "utf8")) as unknown;
  } catch {
    return null;
  }
};

/** What the case tells, read from what a model is shown: nothing here is computed. */
export function seenIn(body: ModelApiRequest) {
  const opening = openingOf(body);
  const line = (pattern: RegExp) => {
    const found = pattern.exec(opening);
    if (found === null) throw new Error(`the opening has nothing like ${pattern}`);
    return found;
  };
  const [, cause = "", rate = "", patternAt = ""] = line(/new log pattern in (\S+), (0 → [\d.]+\/min) .*?\[E(\d+)[^\]]*\]/);
  const [, paged = "", symptom = "", symptomAt = ""] = line(/HOW THE PAGE SHOWS\n([^:\n]+): (.+?) since .*?\[E(\d+)[^\]]*\]/);
  const [, deployed = ""] = line(/deploy \S+?@([0-9a-f]{7,}) "/);
  const [, innocent = "", why = "", innocentAt = ""] = line(/(?:RULED OUT BY THE DATA|AS USUAL.*)\n(.+?): (.+?) \[E(\d+)[^\]]*\]/);
  return {
    cause,
    rate,
    patternAt: Number(patternAt),
    paged,
    symptom,
    symptomAt: Number(symptomAt),
    deployed,
    innocent: { what: innocent, why, evidence: [Number(innocentAt)] },
  };
}

export const readsDiff: Script = ({ body }, turn) => {
  const { deployed } = seenIn(body);
  if (turn === 0)
    return says(
      { thinking: "Triage blames a deploy; its diff and the service's log tell." },
      calls("hypotheses", { changes: [{ id: null, claim: `deploy ${deployed} broke it`, status: "open", evidence: [], because: null }] }),
      calls("github_diff", { commit: deployed }),
    );
  return says(calls("submit_finding", trueFinding(body)));
};

/** A finding of which all holds: copied from what was shown. */
export function trueFinding(body: ModelApiRequest, other: { readonly [key: string]: Json } = {}): { readonly [key: string]: Json } {
  const { cause, rate, patternAt, paged, symptom, symptomAt, deployed, innocent } = seenIn(body);
  const diff = toldIn(body).results.find(({ text }) => text.includes("Lines of the diff"));
  // A changed value alone is too short for a quote: the first line of some words, of the commit's message or of what it added.
  const line = diff?.text
    .split("\n")
    .find((one) => /^ {2}\| \+?.*(?:\p{L}{2,}\P{L}+){4}/u.test(one))
    ?.replace(/^ {2}\| \+?/, "")
    .trim();
  return {
    verdict: "incident",
    cause: `The code of ${cause} answers without asking its routes`,
    service: cause,
    instance: null,
    fault: "code",
    change: { id: deployed, repository: null },
    confidence: 0.9,
    causal_path: [
      { service: cause, what: `a new log pattern, ${rate}`, evidence: [patternAt] },
      { service: paged, what: symptom, evidence: [symptomAt] },
    ],
    claims: [
      { text: `${cause} logs a new pattern, ${rate}`, evidence: [patternAt], quotes: [] },
      ...(diff === undefined
        ? []
        : [
            {
              text: "Its deploy leaves early",
              evidence: [evidenceIn(diff.text)],
              quotes: [{ text: line ?? "", evidence: evidenceIn(diff.text) }],
            },
          ]),
    ],
    ruled_out: [innocent],
    impact: { text: `${paged}: ${symptom}`, evidence: [symptomAt] },
    fix: "revert",
    do_now: [{ step: `Roll ${cause} back`, runbook: null }],
    missing: [],
    ...other,
  };
}

/** A finding that says nothing and holds: for runs that are about something else. */
export const undecided: { readonly [key: string]: Json } = {
  verdict: "inconclusive",
  cause: "two causes are left",
  service: "web",
  instance: null,
  fault: null,
  change: null,
  confidence: 0.3,
  causal_path: [],
  claims: [],
  ruled_out: [],
  impact: null,
  do_now: [],
  fix: "none",
  missing: [],
};
