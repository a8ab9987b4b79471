import type { Step, StepContext } from "../store/incident-store.ts";
import type { EventOf, IncidentEvent } from "../incident/event.ts";
import type { Trigger } from "../incident/trigger.ts";
import { pageRank } from "../incident/page.ts";
import { type IncidentView, viewOf } from "../incident/view.ts";
import type { SlackMessage } from "../integrations/slack/block-kit.ts";
import { SlackRefusalError } from "../integrations/slack/errors.ts";
import { isNewBelief, revisionOf } from "../report/correction.ts";
import { sayable } from "../report/sayable.ts";
import type { Asking } from "./pace.ts";
import { type createSpeaker, isOutage, type Posted } from "./speaker.ts";

/** Words for people, from what is known. */
export interface Messages {
  status(view: IncidentView, progress?: { answered: number; of: number; sources: readonly string[] }): SlackMessage;
  brief(view: IncidentView, incidentId: string): SlackMessage;
  finding(view: IncidentView, incidentId: string): SlackMessage;
  joined(view: IncidentView, incidentId: string): SlackMessage;
  flaps(view: IncidentView): SlackMessage;
  /** How it is by a later reading. */
  belief(view: IncidentView): SlackMessage;
  /** The answer to what a person asked, or a whole text in its place. */
  reply(reply: Pick<EventOf<"reply-made">, "claims" | "unknown"> | string, incidentId: string): SlackMessage;
}

export interface ThreadDependencies {
  /** The incident's one channel. Destinations come from the catalog, never from text that was read. */
  readonly speaker: ReturnType<typeof createSpeaker>;
  readonly messages: Messages;
  /** The service that it is about, as the catalog names it. */
  readonly serviceOf: (trigger: Trigger) => string;
}

type Asked = Parameters<NonNullable<Step["readyIn"]>>[0];

const STATUS_EDIT_EVERY_MS = 1_000;
const LONGEST_POST_MS = 30_000;

/** What midwatch says of an incident: one status message, and the thread under it. What orders from outside say is not said. */
export class IncidentThread {
  readonly #deps: ThreadDependencies;
  /** Edits of a status message that show progress and are still under way, by incident: what is known comes after them. */
  readonly #progress = new Map<string, Promise<void>>();
  /** What status messages say beside it: pages may come while their incident is read. */
  readonly #beside = new Map<string, IncidentView>();

  constructor(deps: ThreadDependencies) {
    this.#deps = deps;
  }

  /** As {@link status}. While it takes too long, others do not try. */
  async firstWords(context: StepContext, view: IncidentView): Promise<Posted> {
    const { pace } = this.#deps.speaker;
    const onAbort = () => isOutage(context.signal.reason) && pace.failed(context.now(), "long");
    context.signal.addEventListener("abort", onAbort, { once: true });
    try {
      return await this.status(context, view);
    } finally {
      context.signal.removeEventListener("abort", onAbort);
    }
  }

  /** ms until an incident may say so much. */
  readyIn({ trigger, page, openedAt }: IncidentView, says: Pick<Asking, "posts" | "edits">, { incidentId: who, now }: Asked): number {
    const { speaker, serviceOf } = this.#deps;
    const channel = speaker.channelName(trigger === null ? null : serviceOf(trigger));
    return speaker.pace.readyIn({ ...says, who, now, channel, since: openedAt, rank: page === null ? 0 : pageRank(page) });
  }

  /** See `PaceLimits`. */
  get patienceMs(): number {
    return this.#deps.speaker.pace.patienceMs;
  }

  /** The one status message; the first step that needs it posts it. */
  async status(context: StepContext, view: IncidentView): Promise<Posted> {
    if (view.statusMessage !== null) return view.statusMessage;
    const { speaker, serviceOf } = this.#deps;
    const channel = await speaker.channelOf(view.trigger === null ? null : serviceOf(view.trigger), context.signal);
    const at = { threadTs: null, key: `${context.incidentId}:status` };
    const posted = await context.effects.deliver(
      "status",
      "slack-message",
      { channel, threadTs: null, message: this.statusOf(view) },
      {
        find: (kept) => speaker.find({ ...at, channel: kept.channel, since: view.openedAt }, context.signal),
        // Not of the step: where it was left behind, the next one waits for this very call.
        act: (kept) => speaker.post(kept.message, { ...at, channel: kept.channel }, AbortSignal.timeout(LONGEST_POST_MS)),
      },
    );
    // Replies in its thread belong to this incident from now on.
    await context.claim(`slack:${posted.channel}:${posted.ts}`);
    return posted;
  }

  statusOf(view: IncidentView, progress?: Parameters<Messages["status"]>[1]): SlackMessage {
    return this.#deps.messages.status(sayable(view, view), progress);
  }

  beliefOf(view: IncidentView): SlackMessage {
    return this.#deps.messages.belief(sayable(view, view));
  }

  textOf(kind: "brief" | "finding", view: IncidentView, incidentId: string): SlackMessage {
    return this.#deps.messages[kind](sayable(view, view), incidentId);
  }

  replyOf(made: EventOf<"reply-made">, view: IncidentView, incidentId: string): SlackMessage {
    return this.#deps.messages.reply(sayable(made.instead ?? made, view), incidentId);
  }

  /** Posts under the status message, once. */
  async post(context: StepContext, view: IncidentView, key: string, message: SlackMessage): Promise<Posted> {
    return this.#posted(context, view, key, message, true);
  }

  /** Posts in the channel of the status message, once: for all who are there. */
  async postInChannel(context: StepContext, view: IncidentView, key: string, message: SlackMessage): Promise<Posted> {
    return this.#posted(context, view, key, message, false);
  }

  async #posted(context: StepContext, view: IncidentView, key: string, message: SlackMessage, isBelow: boolean): Promise<Posted> {
    const { channel, ts } = await this.status(context, view);
    const { speaker } = this.#deps;
    const to = { channel, threadTs: isBelow ? ts : null, key: `${context.incidentId}:${key}` };
    return context.effects.deliver(key, "slack-message", message, {
      find: () => speaker.find({ ...to, since: view.openedAt }, context.signal),
      act: (kept) => speaker.post(kept, to, context.signal),
    });
  }

  /** Edits may be repeated without harm, so they need no intent. */
  async editStatus(context: StepContext, view: IncidentView): Promise<IncidentEvent> {
    const posted = await this.status(context, view);
    const message = this.statusOf(view);
    if (view.triage === null) this.#beside.set(context.incidentId, view);
    await this.#progress.get(context.incidentId);
    await this.#deps.speaker.edit(message, posted, context.signal);
    return { type: "status-edited", text: message.text, seen: context.log.at(-1)?.seq ?? 0 };
  }

  /** The posted finding, edited to say what is known now; null before there is one. */
  async editFinding(context: StepContext, view: IncidentView): Promise<EventOf<"finding-posted"> | null> {
    if (view.finding === null) return null;
    const { channel } = await this.status(context, view);
    const message = this.textOf("finding", view, context.incidentId);
    await this.#deps.speaker.edit(message, { channel, ts: view.finding.ts }, context.signal);
    return { type: "finding-posted", ts: view.finding.ts, text: message.text };
  }

  /** The list of joined pages: posted once, then edited. */
  async sayJoined(context: StepContext, view: IncidentView, before: string | null): Promise<EventOf<"joined-said">> {
    const message = this.#deps.messages.joined(sayable(view, view), context.incidentId);
    const seen = context.log.at(-1)?.seq ?? 0;
    if (before !== null && (await this.#edited(context, view, before, message)))
      return { type: "joined-said", ts: before, text: message.text, seen };
    const { ts } = await this.post(context, view, before === null ? "joined" : `joined:${seen}`, message);
    return { type: "joined-said", ts, text: message.text, seen };
  }

  /** That the alert flaps: posted once, then edited. */
  async sayFlaps(context: StepContext, view: IncidentView, before: string | null): Promise<EventOf<"flaps-said">> {
    const message = this.#deps.messages.flaps(sayable(view, view));
    // Where somebody deleted it, it is not said again.
    if (before !== null) await this.#edited(context, view, before, message);
    const ts = before ?? (await this.post(context, view, "flaps", message)).ts;
    return { type: "flaps-said", ts, text: message.text };
  }

  async sayBrief(context: StepContext, view: IncidentView): Promise<EventOf<"brief-posted">> {
    const message = this.textOf("brief", view, context.incidentId);
    const { ts } = await this.post(context, view, "brief", message);
    return { type: "brief-posted", ts, text: message.text };
  }

  /** Says the finding: the brief becomes it, unless a model believes something else. That is news, and has a message of its own. */
  async sayFinding(context: StepContext, view: IncidentView): Promise<EventOf<"finding-posted">> {
    const message = this.textOf("finding", view, context.incidentId);
    if (view.brief !== null && !isNewBelief(view) && (await this.#edited(context, view, view.brief.ts, message)))
      return { type: "finding-posted", ts: view.brief.ts, text: message.text };
    const { ts } = await this.post(context, view, "finding", message);
    return { type: "finding-posted", ts, text: message.text };
  }

  /** Shrinks the posted brief once a model's finding is below it, or will be. */
  async shrinkBrief(context: StepContext, view: IncidentView): Promise<void> {
    if (view.brief === null || !isNewBelief(view) || view.finding?.ts === view.brief.ts) return;
    await this.editBrief(context, view);
  }

  /** The posted brief, edited to say what is known now. */
  async editBrief(context: StepContext, view: IncidentView): Promise<EventOf<"brief-revised">> {
    if (view.brief === null) throw new Error("there is no brief to revise");
    const { ts } = view.brief;
    const message = this.textOf(view.finding?.ts === ts ? "finding" : "brief", view, context.incidentId);
    await this.#edited(context, view, ts, message);
    return { type: "brief-revised", ts, text: message.text, changed: revisionOf(view).length > 0 };
  }

  /** Edits a message of the thread. A brief that somebody deleted, or that may not be edited, must not cost what comes after it: false. */
  async #edited(context: StepContext, view: IncidentView, ts: string, message: SlackMessage): Promise<boolean> {
    const { channel } = await this.status(context, view);
    try {
      await this.#deps.speaker.edit(message, { channel, ts }, context.signal);
      return true;
    } catch (error) {
      if (!(error instanceof SlackRefusalError) || error.retryable) throw error;
      return false;
    }
  }

  /** The answer's message, edited to show what people say of it. */
  async showFeedback(context: StepContext, view: IncidentView): Promise<IncidentEvent> {
    const seen = context.log.at(-1)?.seq ?? 0;
    const ts = view.finding?.ts ?? view.brief?.ts;
    const kind = view.finding === null ? "brief" : "finding";
    if (ts !== undefined) await this.#edited(context, view, ts, this.textOf(kind, view, context.incidentId));
    return { type: "feedback-shown", seen };
  }

  /** Brings the finding and the status message up to what is known. */
  async update(context: StepContext, view: IncidentView): Promise<IncidentEvent> {
    await this.editFinding(context, view);
    return this.editStatus(context, view);
  }

  /** The event of a status message that a later step posted, because the first words could not be said. */
  async postedLate(context: StepContext, view: IncidentView): Promise<IncidentEvent[]> {
    if (view.statusMessage !== null) return [];
    return [{ type: "status-posted", ...(await this.status(context, view)), text: this.statusOf(view).text }];
  }

  /** Shows how many sources have answered, at most once a second and without holding up the work. */
  progress(context: StepContext, sources: readonly string[]) {
    const view = viewOf(context.log);
    const { incidentId } = context;
    let lastAt = context.now();
    return (answered: number, of: number): void => {
      const latest = this.#beside.get(incidentId) ?? view;
      if (answered === of) this.#beside.delete(incidentId);
      if (view.statusMessage === null || answered === of || context.now() - lastAt < STATUS_EDIT_EVERY_MS) return;
      if (!this.#deps.speaker.pace.spareEdit(context.now())) return;
      lastAt = context.now();
      const { channel, ts } = view.statusMessage;
      const message = this.statusOf(latest, { answered, of, sources });
      const before = this.#progress.get(incidentId) ?? Promise.resolve();
      // A failed edit needs no report: the brief replaces it.
      const edited = before.then(() => this.#deps.speaker.edit(message, { channel, ts }, context.signal)).catch(() => undefined);
      this.#progress.set(incidentId, edited);
      void edited.then(() => this.#progress.get(incidentId) === edited && this.#progress.delete(incidentId));
    };
  }
}
