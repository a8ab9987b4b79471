import type { Step, StepContext } from "../store/incident-store.ts";
import { type IncidentView, viewOf } from "../incident/view.ts";
import type { IncidentThread } from "./thread.ts";

/** Tries of a message: with waits that grow to a minute they outlast an outage of some ten minutes. */
const MESSAGE_TRIES = 15;
const MESSAGE_MS = 30_000;
const message = (id: string, run: Step["run"]): Step => ({ id, attempts: MESSAGE_TRIES, timeLimitMs: MESSAGE_MS, run });

/** @param begin work that need not wait for Slack */
export const firstWords = (thread: IncidentThread, begin: (context: StepContext, view: IncidentView) => void): Step => ({
  id: "first-words",
  attempts: 3,
  timeLimitMs: MESSAGE_MS,
  async run(context) {
    const view = viewOf(context.log);
    begin(context, view);
    const posted = await thread.status(context, view);
    return [{ type: "status-posted", ...posted, text: thread.statusOf(view).text }];
  },
});

/** Says the brief or the finding in the thread, and updates the status message. */
export const sayStep = (thread: IncidentThread, kind: "brief" | "finding"): Step =>
  message(kind, async (context) => {
    const view = viewOf(context.log);
    const late = await thread.postedLate(context, view);
    // Side by side: neither message says what became of the other.
    const [posted, edited] = await Promise.all([
      kind === "brief" ? thread.sayBrief(context, view) : thread.sayFinding(context, view),
      thread.editStatus(context, { ...view, [kind]: { type: `${kind}-posted`, ts: "", text: "" } }),
      kind === "finding" && thread.shrinkBrief(context, view),
    ]);
    return [posted, ...late, edited];
  });

/** Sources that were late have answered since: the brief says all that is known by now, and what changed. */
export const reviseBrief = (thread: IncidentThread): Step => ({
  ...message("revised-brief", async (context) => {
    const view = viewOf(context.log);
    return [await thread.editBrief(context, view), await thread.editStatus(context, view)];
  }),
  // What comes next says the same, so it does not wait for an outage.
  attempts: 5,
});

/** A model that failed at first has said something since: the same message, edited. */
export const reviseFinding = (thread: IncidentThread): Step =>
  message("revised-finding", async (context) => {
    const view = viewOf(context.log);
    const edited = await thread.editFinding(context, view);
    if (edited === null) throw new Error("there is no finding to revise");
    await thread.shrinkBrief(context, view);
    return [edited, await thread.editStatus(context, view)];
  });

/** After the investigation: an ack, a resolve or a new page shows in the status message. */
export const updateStatus = (thread: IncidentThread): Step =>
  message("status", async (context) => [await thread.editStatus(context, viewOf(context.log))]);

/** Triage itself failed: say so to people. */
export const sayTriageFailed = (thread: IncidentThread): Step => ({
  ...message("say-triage-failed", async (context) => {
    const view = viewOf(context.log);
    return [
      ...(await thread.postedLate(context, view)),
      await thread.editStatus(context, view),
      { type: "investigation-finished", tookMs: context.now() - view.openedAt },
    ];
  }),
  attempts: 5,
});

/** Ends the investigation. A finding that was posted before its pull request now names it. */
export const finish = (thread: IncidentThread): Step =>
  message("finish", async (context) => {
    const view = viewOf(context.log);
    if (view.fix !== null || view.offered !== null) await thread.editFinding(context, view);
    return [
      { type: "investigation-finished", tookMs: context.now() - view.openedAt },
      await thread.editStatus(context, { ...view, finished: true }),
    ];
  });

/** Says the answer that was found. A step of its own: while Slack is down no model is asked again. @param ask place of what a person asked in the log */
export const sayAnswer = (thread: IncidentThread, ask: number): Step =>
  message(`answer:${ask}`, async (context) => {
    const view = viewOf(context.log);
    const made = context.log.findLast(({ event }) => event.type === "reply-made" && event.question === ask)?.event;
    if (made?.type !== "reply-made") throw new Error("an answer needs a reply");
    const text = thread.replyOf(made, view, context.incidentId);
    const posted = await thread.post(context, view, `answer:${ask}`, text);
    return [{ type: "question-answered", question: ask, ts: posted.ts, text: text.text }];
  });
