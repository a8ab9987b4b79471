import type { Analysed } from "./analysis/analyse.ts";
import { ModelError } from "./guard/errors.ts";
import { dataWithoutOrders } from "./guard/untrusted.ts";
import type { Answer } from "./incident/answer.ts";
import type { Plan, Step, StepContext } from "./durable/actor.ts";
import { incidentIdOf } from "./incident/page.ts";
import type { EventOf, IncidentEvent, LoggedEvent } from "./incident/event.ts";
import type { Analysis } from "./incident/finding.ts";
import type { Page } from "./incident/page.ts";
import type { Question, Source, UnconfiguredSource } from "./incident/source.ts";
import type { Call, Telemetry } from "./incident/telemetry.ts";
import { type IncidentView, viewOf } from "./incident/view.ts";
import type { Agent } from "./investigation/agent/agent.ts";
import { answerQuestion, type CheckedReply, openQuestion } from "./investigation/agent/follow-up.ts";
import { chartsOf } from "./investigation/charts.ts";
import type { CiWaits } from "./fix/ci-watch.ts";
import { createFixPlan, type Fixer } from "./fix/fix-plan.ts";
import { packAnswer, type PackedAnswer, recordEvidence } from "./durable/evidence.ts";
import type { SealedValue } from "./guard/pseudonym.ts";
import { recordHidden } from "./durable/hidden-values.ts";
import { ordersIn } from "./investigation/agent/outside-orders.ts";
import { CHANGES_MS, gather, type GatherOptions, temper, toTelemetry, triageWindows } from "./investigation/triage.ts";

/** A message as Slack takes it. `text` is what notifications show. */
export interface Message {
  readonly text: string;
  readonly blocks: readonly unknown[];
}

/** Where a posted message lives. */
export interface Posted {
  readonly channel: string;
  readonly ts: string;
  readonly link: string | null;
}

/** The incident's one channel. Destinations come from the catalog, never from text that was read. */
export interface Speaker {
  /** @throws when no channel is known for the service, or it is shared with another organisation */
  channelOf(service: string | null, signal: AbortSignal): Promise<string>;
  post(message: Message, to: { channel: string; threadTs: string | null; key: string }, signal: AbortSignal): Promise<Posted>;
  /** The message that was posted under this key, or null. `since` is epoch milliseconds. */
  find(to: { channel: string; threadTs: string | null; key: string; since: number }, signal: AbortSignal): Promise<Posted | null>;
  edit(message: Message, at: { channel: string; ts: string }, signal: AbortSignal): Promise<void>;
}

/** Words for people, from what is known. */
export interface Messages {
  status(view: IncidentView, progress?: { answered: number; of: number; sources: readonly string[] }): Message;
  brief(view: IncidentView, incidentId: string): Message;
  finding(view: IncidentView, incidentId: string): Message;
  /** The answer to a question after the finding, or a text that stands for itself. */
  reply(reply: Pick<EventOf<"reply-made">, "claims" | "unknown"> | string, incidentId: string): Message;
}

export interface PlanDependencies {
  readonly question: (page: Page, windows: Pick<Question, "window" | "baseline" | "changesFrom">) => Question;
  /** The paged service, as the catalog names it. */
  readonly serviceOf: (page: Page) => string;
  /** Who calls whom, by the catalog. */
  readonly calls: readonly Call[];
  readonly sources: readonly Source[];
  /** The same ones as one incident asks them: what they say comes redacted under the incident's own labels. Default: `sources`. */
  readonly sourcesFor?: (incidentId: string) => readonly Source[];
  /** What was hidden in one incident's answers since it was last asked, sealed. Default: nothing. */
  readonly takeHidden?: (incidentId: string) => readonly SealedValue[];
  readonly unconfigured: readonly UnconfiguredSource[];
  readonly analyse: (telemetry: Telemetry) => Promise<Analysed>;
  readonly runbooksFor: (page: Page, analysis: Analysis) => readonly { name: string; title: string; steps: readonly string[] }[];
  /** Lets other work in between pieces of work that keep the processor busy. */
  readonly yieldNow?: () => Promise<void>;
  /** Does what `lookAndPack` does, elsewhere: a host with threads keeps its own free for webhooks. Default: here. */
  readonly look?: Look;
  readonly speaker: Speaker;
  readonly messages: Messages;
  readonly fixer: Fixer;
  /** How long CI is waited for, where the usual is not right. */
  readonly ciWaits?: CiWaits;
  /** The model's work between brief and finding; without it the finding is from the data alone. */
  readonly agent?: Agent;
  /** Time that all sources have together, ms. */
  readonly triageDeadlineMs?: number;
}

/** Time that sources have together; the brief is due some seconds after the page. */
const TRIAGE_DEADLINE_MS = 9_000;
const STATUS_EDIT_EVERY_MS = 1_000;
/** Triage is what the ledger begins with. */
const FIRST_EVIDENCE = 1;
/** Tries of a message: with waits that grow to a minute they outlast an outage of some ten minutes. */
const MESSAGE_TRIES = 15;
/** Questions of one incident that are answered: an end, should people or programs never stop asking. */
const MOST_QUESTIONS = 20;
const ASK_TRIES = 3;

/** What a look brings: the events of a triage and its answers for the ledger. Plain data. */
export interface Looked {
  /** See PlanDependencies.takeHidden. */
  readonly hidden: readonly SealedValue[];
  readonly events: readonly IncidentEvent[];
  readonly packed: readonly PackedAnswer[];
}

export interface LookOptions extends GatherOptions {
  /** Default: that of the page. */
  readonly incidentId?: string;
}

export type Look = (page: Page, windows: Pick<Question, "window" | "baseline">, first: number, options: LookOptions) => Promise<Looked>;

/**
 * Asks all sources once and analyses what they say, without a word to anyone: the events of a triage and the raw answers behind them.
 * @param first number of the first answer in the evidence ledger
 */
export async function lookOnce(
  deps: Pick<
    PlanDependencies,
    "question" | "sources" | "sourcesFor" | "takeHidden" | "unconfigured" | "calls" | "analyse" | "runbooksFor" | "yieldNow"
  >,
  page: Page,
  windows: Pick<Question, "window" | "baseline">,
  first: number,
  options: LookOptions,
): Promise<{ events: IncidentEvent[]; answers: Answer<unknown>[] }> {
  const startedAt = options.now();
  const { window, baseline } = windows;
  const question = deps.question(page, { window, baseline, changesFrom: window.from - CHANGES_MS });
  const { yieldNow = () => Promise.resolve() } = deps;
  const sources = deps.sourcesFor?.(options.incidentId ?? incidentIdOf(page.id)) ?? deps.sources;
  const gathered = await gather(sources, deps.unconfigured, question, first, { ...options, yieldNow });
  const telemetry = toTelemetry(question, gathered, deps.calls);
  await yieldNow();
  const { analysis: found, digest } = await deps.analyse(telemetry);
  const analysis = temper(found, deps.sources, gathered.coverage);
  const paged = gathered.page ?? page;
  const answers = gathered.facts.map(({ fact }) => fact.answer);
  const links = answers.flatMap(({ link, source }) => (link === null ? [] : [{ title: source, url: link }]));
  return {
    events: [
      ...(gathered.page === null ? [] : [{ type: "page-read", page: gathered.page } as const]),
      {
        type: "triage-finished",
        analysis,
        digest,
        coverage: gathered.coverage,
        tookMs: options.now() - startedAt,
        calls: answers.length,
        links: [...new Map(links.map((link) => [link.title, link])).values()],
        charts: chartsOf(telemetry, analysis),
        runbooks: deps.runbooksFor(gathered.page ?? page, analysis),
        changes: telemetry.changes.map((change) => ({ ...change, files: change.files?.map((file) => ({ ...file, patch: null })) ?? null })),
      },
      ...ordersIn(
        [
          { source: "the page", evidence: [], text: `${paged.title}\n${paged.details.replaceAll(/\s+/g, " ")}` },
          { source: "what triage read", evidence: [], text: digest },
        ],
        [],
      ),
    ],
    answers,
  };
}

/** As `lookOnce`, with the answers packed. */
export async function lookAndPack(
  deps: Parameters<typeof lookOnce>[0],
  page: Page,
  windows: Pick<Question, "window" | "baseline">,
  first: number,
  options: LookOptions,
): Promise<Looked> {
  const { events, answers } = await lookOnce(deps, page, windows, first, options);
  const packed = await Promise.all(
    answers.map(async (answer) => {
      await deps.yieldNow?.();
      return packAnswer(answer);
    }),
  );
  return { events, packed, hidden: deps.takeHidden?.(options.incidentId ?? incidentIdOf(page.id)) ?? [] };
}

/** What orders from outside say is not said by midwatch: neither as they came nor repeated by a model. */
const withoutOutsideOrders = (messages: Messages): Messages => ({
  status: (view, progress) => messages.status(dataWithoutOrders(view, view.orderSigns), progress),
  brief: (view, incidentId) => messages.brief(dataWithoutOrders(view, view.orderSigns), incidentId),
  finding: (view, incidentId) => messages.finding(dataWithoutOrders(view, view.orderSigns), incidentId),
  reply: (reply, incidentId) => messages.reply(reply, incidentId),
});

/** The steps of an incident: first words, triage, brief, finding, fix, and then whatever people or the pager say. */
export function createPlan(given: PlanDependencies): Plan {
  const deps = { ...given, messages: withoutOutsideOrders(given.messages) };
  const deadlineMs = deps.triageDeadlineMs ?? TRIAGE_DEADLINE_MS;

  /** The one status message; whichever step comes first to it posts it. */
  async function statusMessage(context: StepContext, view: IncidentView): Promise<Posted> {
    if (view.statusMessage !== null) return view.statusMessage;
    const to = {
      channel: await deps.speaker.channelOf(view.page === null ? null : deps.serviceOf(view.page), context.signal),
      threadTs: null,
    };
    const key = keyOf(context, "status");
    const posted = await context.effects.deliver(
      "status",
      "slack-message",
      { ...to, message: deps.messages.status(view) },
      {
        find: ({ channel }) => deps.speaker.find({ channel, threadTs: null, key, since: view.openedAt }, context.signal),
        act: ({ channel, message }) => deps.speaker.post(message, { channel, threadTs: null, key }, context.signal),
      },
    );
    // Replies in its thread belong to this incident from now on.
    await context.claim(`slack:${posted.channel}:${posted.ts}`);
    return posted;
  }

  async function inThread(context: StepContext, view: IncidentView, key: string, message: Message): Promise<Posted> {
    const { channel, ts } = await statusMessage(context, view);
    const to = { channel, threadTs: ts, key: keyOf(context, key) };
    return context.effects.deliver(key, "slack-message", message, {
      find: () => deps.speaker.find({ ...to, since: view.openedAt }, context.signal),
      act: (kept) => deps.speaker.post(kept, to, context.signal),
    });
  }

  /** Edits may be repeated without harm, so they need no intent. */
  async function editStatus(context: StepContext, view: IncidentView): Promise<IncidentEvent> {
    const posted = await statusMessage(context, view);
    const message = deps.messages.status(view);
    await deps.speaker.edit(message, posted, context.signal);
    return { type: "status-edited", text: message.text, seen: context.log.at(-1)?.seq ?? 0 };
  }

  const firstWords: Step = {
    name: "first words",
    attempts: 3,
    timeLimitMs: 15_000,
    async run(context) {
      const view = viewOf(context.log);
      const posted = await statusMessage(context, view);
      return [{ type: "status-posted", ...posted, text: deps.messages.status(view).text }];
    },
  };

  const startTriage: Step = {
    name: "start triage",
    run: async (context) => {
      const pageAt = viewOf(context.log).page?.createdAt ?? context.now();
      return [{ type: "triage-started", asOf: context.now(), ...triageWindows(pageAt, context.now()) }];
    },
  };

  const look: Look = deps.look ?? ((page, windows, first, options) => lookAndPack(deps, page, windows, first, options));

  const triage: Step = {
    name: "triage",
    heavy: true,
    attempts: 3,
    timeLimitMs: deadlineMs + 30_000,
    async run(context) {
      const view = viewOf(context.log);
      const started = eventOf(context.log, "triage-started");
      if (view.page === null || started === null) throw new Error("triage needs a page and its windows");
      const editing = progressEditor(context, view);
      const { window, baseline } = started;
      const { events, packed, hidden } = await look(view.page, { window, baseline }, FIRST_EVIDENCE, {
        incidentId: context.incidentId,
        deadlineMs,
        now: context.now,
        signal: context.signal,
        onProgress: editing.progress,
      });
      await editing.done();
      // With the events that cite it, or not at all: a run that was cut off must not leave numbers behind.
      context.atEnd((sql) => {
        recordEvidence(sql, context.incidentId, FIRST_EVIDENCE, packed, context.now());
        recordHidden(sql, context.incidentId, hidden);
      });
      return events;
    },
  };

  /** Tells how many sources have answered, at most once a second and never in the way of the work. */
  function progressEditor(context: StepContext, view: IncidentView) {
    const sources = deps.sources.map((source) => source.name);
    let busy: Promise<void> = Promise.resolve();
    let lastAt = context.now();
    return {
      progress: (answered: number, of: number) => {
        if (view.statusMessage === null || answered === of || context.now() - lastAt < STATUS_EDIT_EVERY_MS) return;
        lastAt = context.now();
        const { channel, ts } = view.statusMessage;
        const message = deps.messages.status(view, { answered, of, sources });
        // A failed edit is not worth a word: the brief replaces it.
        busy = busy.then(() => deps.speaker.edit(message, { channel, ts }, context.signal)).catch(() => undefined);
      },
      done: () => busy,
    };
  }

  /** Says the brief or the finding in the thread, and the status message with it. */
  const threadStep = (name: "brief" | "finding"): Step => ({
    name,
    attempts: MESSAGE_TRIES,
    timeLimitMs: 30_000,
    async run(context) {
      const view = viewOf(context.log);
      const message = deps.messages[name](view, context.incidentId);
      const posted = await inThread(context, view, name, message);
      const said = { type: `${name}-posted` as const, ts: posted.ts, text: message.text };
      return [said, ...(await postedLate(context, view)), await editStatus(context, { ...view, [name]: said })];
    },
  });
  const brief = threadStep("brief");
  const finding = threadStep("finding");

  async function reviseFinding(context: StepContext, view: IncidentView, { ts }: { readonly ts: string }): Promise<IncidentEvent[]> {
    const { channel } = await statusMessage(context, view);
    const message = deps.messages.finding(view, context.incidentId);
    await deps.speaker.edit(message, { channel, ts }, context.signal);
    return [{ type: "finding-posted", ts, text: message.text }, await editStatus(context, view)];
  }

  /** A model that failed at first has said something since: the same message, edited. */
  const revised: Step = {
    name: "revised finding",
    attempts: MESSAGE_TRIES,
    timeLimitMs: 30_000,
    async run(context) {
      const view = viewOf(context.log);
      if (view.finding === null) throw new Error("there is no finding to revise");
      return reviseFinding(context, view, view.finding);
    },
  };

  /** Finds the answer to a person's question; a model that fails is told there too, for a question must not end in silence. */
  const askStep = (asked: AskedQuestion, agent: Agent): Step => ({
    name: `look for answer ${asked.seq}`,
    attempts: ASK_TRIES,
    timeLimitMs: 330_000,
    async run(context) {
      const reply = await replyTo(context, viewOf(context.log), asked, agent);
      if (typeof reply === "string")
        return [{ type: "reply-made", question: asked.seq, claims: [], unknown: null, instead: reply, cost: 0 }];
      const packed = await Promise.all(reply.raw.map((answer) => packAnswer(answer)));
      context.atEnd((sql) => recordEvidence(sql, context.incidentId, reply.firstEvidence, packed, context.now()));
      const { claims, unknown } = reply;
      const cost = reply.turns.reduce((sum, turn) => sum + agent.work.costOf(turn), 0);
      return [{ type: "reply-made", question: asked.seq, claims, unknown, instead: null, cost }];
    },
  });

  /** Says it in the thread. A step of its own: while Slack is down nothing is asked anew. */
  const answerStep = (asked: AskedQuestion): Step => ({
    name: `answer ${asked.seq}`,
    attempts: MESSAGE_TRIES,
    timeLimitMs: 30_000,
    async run(context) {
      const view = viewOf(context.log);
      const made = context.log.findLast(({ event }) => event.type === "reply-made" && event.question === asked.seq)?.event;
      if (made?.type !== "reply-made") throw new Error("an answer needs a reply");
      const message = deps.messages.reply(dataWithoutOrders(made.instead ?? made, view.orderSigns), context.incidentId);
      const posted = await inThread(context, view, `answer:${asked.seq}`, message);
      return [{ type: "question-answered", question: asked.seq, ts: posted.ts, text: message.text }];
    },
  });

  /** The cheaper model first; the better one where that finds nothing that holds. */
  async function replyTo(context: StepContext, view: IncidentView, asked: AskedQuestion, agent: Agent): Promise<CheckedReply | string> {
    const earlier = context.log.filter(({ event }) => event.type === "question-answered").length;
    if (earlier >= MOST_QUESTIONS) return `midwatch answers ${MOST_QUESTIONS} questions of one incident; the evidence is on its page.`;
    const spent = agent.work.dayBudget(context);
    if (spent !== null) return `midwatch could not answer: the ${spent}.`;
    try {
      const reply = await answerQuestion(agent.work, context, view, asked.event, agent.models.first);
      if (reply.claims.length > 0 || reply.unknown !== null || agent.models.first === agent.models.second) return reply;
      const better = await answerQuestion(agent.work, context, view, asked.event, agent.models.second);
      return { ...better, turns: [...reply.turns, ...better.turns] };
    } catch (error) {
      if (!(error instanceof ModelError) || error.kind === "aborted") throw error;
      if (error.retryable && context.attempt < ASK_TRIES) throw error;
      return `midwatch could not answer: ${error.message}`;
    }
  }

  const finish: Step = {
    name: "finish",
    attempts: MESSAGE_TRIES,
    timeLimitMs: 30_000,
    async run(context) {
      const view = viewOf(context.log);
      // The finding now names its PR, or offers it: the same message, edited.
      if ((view.fix !== null || view.offered !== null) && view.finding !== null) {
        const { channel } = await statusMessage(context, view);
        await deps.speaker.edit(deps.messages.finding(view, context.incidentId), { channel, ts: view.finding.ts }, context.signal);
      }
      return [
        { type: "investigation-finished", tookMs: context.now() - view.openedAt },
        await editStatus(context, { ...view, finished: true }),
      ];
    },
  };

  const fixPlan = createFixPlan({
    fixer: deps.fixer,
    writer: deps.agent?.fix ?? null,
    ...(deps.ciWaits === undefined ? {} : { waits: deps.ciWaits }),
    announce: async (context, view) => {
      if (view.finding !== null) {
        const { channel } = await statusMessage(context, view);
        await deps.speaker.edit(deps.messages.finding(view, context.incidentId), { channel, ts: view.finding.ts }, context.signal);
      }
      return [await editStatus(context, view)];
    },
  });

  /** After the investigation: an ack, a resolve or a new page shows in the status message. */
  const followUp: Step = {
    name: "status",
    attempts: MESSAGE_TRIES,
    timeLimitMs: 30_000,
    run: async (context) => [await editStatus(context, viewOf(context.log))],
  };

  /** The status message came with a later step because the first words could not be said. */
  async function postedLate(context: StepContext, view: IncidentView): Promise<IncidentEvent[]> {
    return view.statusMessage === null
      ? [{ type: "status-posted", ...(await statusMessage(context, view)), text: deps.messages.status(view).text }]
      : [];
  }

  /** Triage itself failed: never in silence. */
  const sayFailed: Step = {
    name: "say that triage failed",
    attempts: 5,
    timeLimitMs: 30_000,
    async run(context) {
      const view = viewOf(context.log);
      return [
        ...(await postedLate(context, view)),
        await editStatus(context, view),
        { type: "investigation-finished", tookMs: context.now() - view.openedAt },
      ];
    },
  };

  return (log, now) => {
    const view = viewOf(log);
    if (view.page === null) return null;
    const gaveUp = new Set(view.failures.map((failure) => failure.step));
    const status = hasNews(log) && !gaveUp.has(followUp.name) ? followUp : null;
    // A resolved incident of which nothing else was heard needs no investigation; whoever was told of it is told of its end.
    if (view.status === "resolved" && view.triage === null && eventOf(log, "triage-started") === null)
      return view.statusMessage === null ? null : status;
    if (view.statusMessage === null && !gaveUp.has(firstWords.name)) return firstWords;
    if (view.triage === null) {
      if (eventOf(log, "triage-started") === null) return startTriage;
      if (!gaveUp.has(triage.name)) return triage;
      return view.finished || gaveUp.has(sayFailed.name) ? status : sayFailed;
    }
    if (view.brief === null && !gaveUp.has(brief.name)) return brief;
    const work = deps.agent?.next(log, view, now) ?? null;
    if (work !== null && !gaveUp.has(work.name)) return work;
    if (view.finding === null && !gaveUp.has(finding.name)) return finding;
    if (isNewer(view) && !gaveUp.has(revised.name)) return revised;
    const opening = fixPlan.open(log, view, now);
    if (opening !== null && !gaveUp.has(opening.name)) return opening;
    if (!view.finished && !gaveUp.has(finish.name)) return finish;
    if (status !== null) return status;
    const asked = deps.agent === undefined ? null : openQuestion(log);
    if (asked !== null && deps.agent !== undefined) {
      const step = isReplyMade(log, asked.seq) ? answerStep(asked) : askStep(asked, deps.agent);
      if (!gaveUp.has(step.name)) return step;
    }
    const following = fixPlan.follow(log, view, now);
    if (following !== null && !("waitMs" in following) && !gaveUp.has(following.name)) return following;
    // Work that was given up is not waited for: it would be due at once, for ever.
    const retryAt = work === null ? (deps.agent?.retryAt(view) ?? null) : null;
    const offerEndsAt = fixPlan.expiresAt(log, view, now);
    const waitMs = Math.min(
      retryAt === null ? Infinity : Math.max(0, retryAt - now),
      following !== null && "waitMs" in following ? following.waitMs : Infinity,
      offerEndsAt === null ? Infinity : offerEndsAt - now,
    );
    return Number.isFinite(waitMs) ? { waitMs } : null;
  };
}

const isReplyMade = (log: readonly LoggedEvent[], question: number) =>
  log.some(({ event }) => event.type === "reply-made" && event.question === question);

type AskedQuestion = NonNullable<ReturnType<typeof openQuestion>>;

/** Whether the model's work ended after the finding was last said. */
const isNewer = ({ finding, findingAt, investigation }: IncidentView) =>
  finding !== null && findingAt !== null && (investigation?.closedAt ?? 0) > findingAt;

const keyOf = (context: StepContext, key: string) => `${context.incidentId}:${key}`;

function eventOf<T extends IncidentEvent["type"]>(log: readonly LoggedEvent[], type: T): Extract<IncidentEvent, { type: T }> | null {
  return (log.findLast(({ event }) => event.type === type)?.event as Extract<IncidentEvent, { type: T }> | undefined) ?? null;
}

/** Whether the pager said something that the status message does not tell yet: what came while it was being edited is not in it. */
function hasNews(log: readonly LoggedEvent[]): boolean {
  const seen = eventOf(log, "status-edited")?.seen ?? log.find(({ event }) => event.type === "status-posted")?.seq ?? 0;
  return log.some(
    ({ seq, event }) => seq > seen && (event.type === "page-received" || (event.type === "pager-event-received" && event.page !== null)),
  );
}
