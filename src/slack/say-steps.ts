import { isDecisionUnshown } from "../incident/unshown.ts";
import type { Step, StepContext } from "../store/incident-store.ts";
import { newestOf } from "../incident/newest-event.ts";
import { type IncidentView, viewOf } from "../incident/view.ts";
import { isNewBelief } from "../report/correction.ts";
import type { Asking } from "./pace.ts";
import { isOutage } from "./speaker.ts";
import type { IncidentThread } from "./thread.ts";

/** Tries of a message that Slack answers and refuses; while it does not answer, none is used up. */
const MESSAGE_TRIES = 15;
const MESSAGE_MS = 30_000;
/** The next message of a channel has room within about a second: what is said at once is worth that to those who wait for it. */
const SHORT_WAIT_MS = 1_200;
/** A step that says something: what does not wait for it goes on while Slack has no room or does not answer. */
export interface Saying extends Step {
  /** Messages and edits that it sends at most. */
  readonly says: Says | ((view: IncidentView) => Says);
}

type Says = Pick<Asking, "posts" | "edits">;

const message = (id: string, says: Saying["says"], run: Step["run"]): Saying => ({
  ...{ id, says, run },
  attempts: MESSAGE_TRIES,
  timeLimitMs: MESSAGE_MS,
  shortWaitMs: SHORT_WAIT_MS,
  outlasts: isOutage,
});

/** The first words once nothing else is to be done: no work waits for them. */
export const unhurried = (step: Saying): Saying => ({ ...step, timeLimitMs: MESSAGE_MS });

/** As it may be said for this incident now. */
export const paced = (thread: IncidentThread, step: Saying, view: IncidentView): Step => ({
  ...step,
  readyIn: (asked) => thread.readyIn(view, typeof step.says === "function" ? step.says(view) : step.says, asked),
});

/** @param begin work that need not wait for Slack */
export const firstWords = (thread: IncidentThread, begin: (context: StepContext, view: IncidentView) => unknown): Saying => ({
  ...message("first-words", { posts: 1, edits: 0 }, async (context) => {
    const view = viewOf(context.log);
    begin(context, view);
    const posted = await thread.firstWords(context, view);
    return [{ type: "status-posted", ...posted, text: thread.statusOf(view).text, seen: context.log.at(-1)?.seq ?? 0 }];
  }),
  attempts: 3,
  timeLimitMs: thread.patienceMs,
});

/** Whether the finding is the posted brief, edited. */
const isBriefEdited = (view: IncidentView): boolean => view.brief !== null && !isNewBelief(view);

/** Says the brief or the finding in the thread, and updates the status message. */
export const sayStep = (thread: IncidentThread, kind: "brief" | "finding"): Saying =>
  message(
    kind,
    (view) => (kind === "brief" ? { posts: 1, edits: 1 } : { posts: isBriefEdited(view) ? 0 : 1, edits: 2 }),
    async (context) => {
      const view = viewOf(context.log);
      const late = await thread.postedLate(context, view);
      // Side by side: neither message says what became of the other.
      const [posted, edited] = await Promise.all([
        kind === "brief" ? thread.sayBrief(context, view) : thread.sayFinding(context, view),
        thread.editStatus(context, { ...view, [kind]: { type: `${kind}-posted`, ts: "", text: "" } }),
        kind === "finding" && thread.shrinkBrief(context, view),
      ]);
      return [posted, ...late, edited];
    },
  );

/** The pages that joined, in one message of the thread. */
export const sayJoined = (thread: IncidentThread): Saying =>
  message("joined", { posts: 1, edits: 1 }, async (context) => {
    return [await thread.sayJoined(context, viewOf(context.log), newestOf(context.log, "joined-said")?.event.ts ?? null)];
  });

/** That the alert flaps, in one line of the thread. */
export const sayFlaps = (thread: IncidentThread): Saying =>
  message("flaps", { posts: 1, edits: 1 }, async (context) => {
    return [await thread.sayFlaps(context, viewOf(context.log), newestOf(context.log, "flaps-said")?.event.ts ?? null)];
  });

/** Sources that were late have answered since: the brief says all that is known by now, and what changed. */
export const reviseBrief = (thread: IncidentThread): Saying =>
  message("revised-brief", { posts: 0, edits: 2 }, async (context) => {
    const view = viewOf(context.log);
    return [await thread.editBrief(context, view), await thread.editStatus(context, view)];
  });

/** A model that failed at first has said something since: the same message, edited. */
export const reviseFinding = (thread: IncidentThread): Saying =>
  message("revised-finding", { posts: 0, edits: 3 }, async (context) => {
    const view = viewOf(context.log);
    const edited = await thread.editFinding(context, view);
    if (edited === null) throw new Error("there is no finding to revise");
    await thread.shrinkBrief(context, view);
    return [edited, await thread.editStatus(context, view)];
  });

/** What people say of the answer, in its message. */
export const showFeedback = (thread: IncidentThread): Saying =>
  message("feedback", { posts: 0, edits: 1 }, async (context) => [await thread.showFeedback(context, viewOf(context.log))]);

/** After the investigation: an ack, a resolve or a new page shows in the status message. */
export const updateStatus = (thread: IncidentThread): Saying =>
  message("status", { posts: 0, edits: 2 }, async (context) => {
    const view = viewOf(context.log);
    // What midwatch advises is called otherwise once people have decided.
    if (isDecisionUnshown(context.log, view)) await thread.editFinding(context, view);
    return [await thread.editStatus(context, view)];
  });

/** Triage itself failed: say so to people. */
export const sayTriageFailed = (thread: IncidentThread): Saying =>
  message("say-triage-failed", { posts: 1, edits: 1 }, async (context) => {
    const view = viewOf(context.log);
    return [
      ...(await thread.postedLate(context, view)),
      await thread.editStatus(context, view),
      { type: "investigation-finished", tookMs: context.now() - view.openedAt },
    ];
  });

/** Ends the investigation. A finding that was posted before its pull request now names it. */
export const finish = (thread: IncidentThread): Saying =>
  message("finish", { posts: 0, edits: 2 }, async (context) => {
    const view = viewOf(context.log);
    if (view.fix !== null || view.offered !== null) await thread.editFinding(context, view);
    return [
      { type: "investigation-finished", tookMs: context.now() - view.openedAt },
      await thread.editStatus(context, { ...view, finished: true }),
    ];
  });

/** What has become of the fix since. */
export const update = (thread: IncidentThread): Saying =>
  message("update", { posts: 0, edits: 2 }, async (context) => [await thread.update(context, viewOf(context.log))]);

/** Says how the incident stands by a later reading: one line in the thread, and the status message. @param reading place of it in the log */
export const sayBelief = (thread: IncidentThread, reading: number): Saying =>
  message(`belief:${reading}`, { posts: 1, edits: 2 }, async (context) => {
    const view = viewOf(context.log.filter(({ seq, event }) => event.type !== "belief-read" || seq <= reading));
    const text = thread.beliefOf(view);
    const { ts } = await thread.post(context, view, `belief:${reading}`, text);
    // Its steps and its button are no longer what they were.
    if (view.withdrawn !== null) await thread.editFinding(context, view);
    return [{ type: "belief-said", reading, ts, text: text.text }, await thread.editStatus(context, view)];
  });

/** Says the answer that was found. A step of its own: while Slack is down no model is asked again. @param ask place of what a person asked in the log */
export const sayAnswer = (thread: IncidentThread, ask: number): Saying =>
  message(`answer:${ask}`, { posts: 1, edits: 0 }, async (context) => {
    const view = viewOf(context.log);
    const made = context.log.findLast(({ event }) => event.type === "reply-made" && event.question === ask)?.event;
    if (made?.type !== "reply-made") throw new Error("an answer needs a reply");
    const text = thread.replyOf(made, view, context.incidentId);
    const posted = await thread.post(context, view, `answer:${ask}`, text);
    return [{ type: "question-answered", question: ask, ts: posted.ts, text: text.text }];
  });
